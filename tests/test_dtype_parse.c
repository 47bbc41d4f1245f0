#include "dtype/dtype.h"

#include "mirror.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the tables say of a little-endian machine, of this one. */
static const char *mirrored(const char *text, char *room, size_t size)
{
    if (!mirror_is_needed())
        return text;
    cr_assert_lt(strlen(text), size);
    strcpy(room, text);
    mirror_text(room);
    return room;
}

/* np.dtype(text).str and itemsize, by NumPy on x86-64. */
static const struct {
    const char *text, *code;
    int64_t itemsize;
} good[] = {
#define GOOD(text, code, itemsize) {text, code, itemsize},
#define BAD(text)
#include "data/notation.inc"
#undef GOOD
#undef BAD
    {"n", "<i8", 8},                           /* since NumPy 2 */
    {"N", "<u8", 8},      {"f12", "<f12", 12}, /* known everywhere, not only where C has such a type */
    {">c24", ">c24", 24}, {"float96", "<f12", 12}, {"complex192", "<c24", 24},
};
enum { GOOD_TEXTS = sizeof good / sizeof *good };

Test(notation, good)
{
    for (size_t i = 0; i < GOOD_TEXTS; i++) {
        const npk_dtype *dtype;
        npk_error error;
        char text[40], rooms[2][40];
        const char *from = mirrored(good[i].text, rooms[0], sizeof rooms[0]);
        const char *code = mirrored(good[i].code, rooms[1], sizeof rooms[1]);
        cr_assert_eq(npk_dtype_parse(from, NULL, &dtype, &error), NPK_OK, "%s: %s", from, error.message);
        npk_dtype_str(dtype, text, sizeof text);
        cr_expect_str_eq(text, code, "%s: %s, not %s", from, text, code);
        cr_expect_eq(npk_dtype_itemsize(dtype), good[i].itemsize, "%s", good[i].text);
        const npk_dtype *builtin = npk_dtype_ordered(npk_dtype_type(dtype), npk_dtype_byteorder(dtype));
        bool native = npki_dtype_is_native(dtype); /* of the others each call makes a new one, as in NumPy */
        cr_expect(builtin == NULL || (builtin == dtype) == native, "%s is%s the built-in one", good[i].text,
                  native ? " not" : "");
        npk_dtype_free(dtype);
    }
}

/* What NumPy refuses, and at the end the few texts that some NumPy accepts: negative sizes, multiples of 0, blanks
 * and signs in numbers, sizes that overflow, a divisor that crashes it. */
static const char *const bad[] = {
#define GOOD(text, code, itemsize)
#define BAD(text) text,
#include "data/notation.inc"
#undef GOOD
#undef BAD
    "S-1",
    "S 5",
    "S+5",
    "f 8",
    "f+8",
    "M8[0us]",
    "m8[+1s]",
    "S2147483648",
    "U536870912",
    "M8[us/0]",
    "M8[W/52]",
    "S99999999999999999999999999",
    "M8[99999999999999999999s]",
    "T16",
    "StringDType()",
    "StringDType128",
};

Test(notation, bad)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const npk_dtype *dtype = npk_dtype_native(NPK_BOOL);
        npk_error error;
        cr_expect_eq(npk_dtype_parse(bad[i], NULL, &dtype, &error), NPK_ERR_DTYPE, "'%s'", bad[i]);
        cr_expect_eq(dtype, npk_dtype_native(NPK_BOOL));
        cr_expect(strstr(error.message, "expected a") != NULL, "%s", error.message);
    }
}

/* Subarrays and structs, as text and as literals: repr, descr, itemsize, alignment and offsets by NumPy 2. */
static const struct {
    const char *text, *repr, *descr;
    int64_t itemsize, alignment;
    const char *offsets;
} composed[] = {
#define GOOD(text, repr, descr, itemsize, alignment, offsets) {text, repr, descr, itemsize, alignment, offsets},
#define BAD(text)
#include "data/composed.inc"
#undef GOOD
#undef BAD
};
enum { COMPOSED = sizeof composed / sizeof *composed };

static void offsets_of(const npk_dtype *dtype, char *text, size_t size)
{
    const npk_field *fields;
    size_t used = 0, count = npk_dtype_fields(dtype, &fields);
    *text = '\0';
    for (size_t i = 0; i < count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%lld", i > 0 ? "," : "", (long long)fields[i].offset);
}

Test(notation, composed)
{
    static char text[2048], rooms[3][2048];
    for (size_t i = 0; i < COMPOSED; i++) {
        const npk_dtype *dtype;
        npk_error error;
        const char *from = mirrored(composed[i].text, rooms[0], sizeof rooms[0]);
        const char *repr = mirrored(composed[i].repr, rooms[1], sizeof rooms[1]);
        const char *descr = mirrored(composed[i].descr, rooms[2], sizeof rooms[2]);
        cr_assert(npk_dtype_parse(from, NULL, &dtype, &error) == NPK_OK, "%s: %s", from, error.message);
        /* The repr of a number has its byte order only where that is '>', on every machine. */
        bool plain = !npk_dtype_is_struct(dtype) && npk_dtype_subarray(dtype, NULL, NULL) == NULL;
        size_t size = npk_dtype_repr(dtype, text, sizeof text);
        cr_expect_eq(size, strlen(text));
        cr_expect(strcmp(text, repr) == 0 || (plain && mirror_is_needed()), "%s: %s, not %s", from, text, repr);
        npk_dtype_descr(dtype, false, text, sizeof text);
        cr_expect_str_eq(text, descr, "%s: %s, not %s", from, text, descr);
        cr_expect_eq(npk_dtype_itemsize(dtype), composed[i].itemsize, "%s", composed[i].text);
        cr_expect_eq(npk_dtype_alignment(dtype), composed[i].alignment, "%s", composed[i].text);
        offsets_of(dtype, text, sizeof text);
        cr_expect_str_eq(text, composed[i].offsets, "%s: %s", composed[i].text, text);
        npk_dtype_free(dtype);
    }
}

static const char *const not_composed[] = {
#define GOOD(text, repr, descr, itemsize, alignment, offsets)
#define BAD(text) text,
#include "data/composed.inc"
#undef GOOD
#undef BAD
    /* what some NumPy takes: sizes that overflow, numbers with zeros in front, lists in quotes */
    "[('a','V2147483647'),('b','i4')]",
    "{'names':['a'],'formats':['V2147483647'],'offsets':[1]}",
    "{'names':['a'],'formats':['i1'],'offsets':[9223372036854775807]}",
    "{'names':['a'],'formats':['i1'],'itemsize':2147483648}",
    "{'x':('i4',2147483644)}",
    "('S',-1)",
    "('U','i2')",
    "(('i4',(0,)),3)",
    "('0u8','i2')",
    "{'names':'ab','formats':['i4','f4']}",
    "{-1:['x'],'x':('i4',0)}",
    "{'x':('i4',0),'x':('f4',8)}",
    "[('x','f4' 'x')]",
    "T,i4",
};

Test(notation, not_composed)
{
    for (size_t i = 0; i < sizeof not_composed / sizeof *not_composed; i++) {
        const npk_dtype *dtype = npk_dtype_native(NPK_BOOL);
        npk_error error;
        char room[2048];
        const char *text = mirrored(not_composed[i], room, sizeof room);
        cr_expect_eq(npk_dtype_parse(text, NULL, &dtype, &error), NPK_ERR_DTYPE, "'%s'", text);
        cr_expect_eq(dtype, npk_dtype_native(NPK_BOOL));
    }
}

Test(notation, unsupported)
{
    static const char *const texts[] = {"[((5, 'x'), 'f4')]", "('i4', [('a', 'i2'), ('b', 'i2')])"};
    npk_error error;
    const npk_dtype *dtype;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cr_expect_eq(npk_dtype_parse(texts[i], NULL, &dtype, &error), NPK_ERR_UNSUPPORTED, "'%s'", texts[i]);
    cr_assert_eq(npk_dtype_parse(NULL, NULL, &dtype, &error), NPK_ERR_USAGE);
    cr_assert_eq(npk_dtype_parse_descr(NULL, NULL, &dtype, &error), NPK_ERR_USAGE);
}

/* Where, what was expected, what is there. */
Test(notation, messages)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"flaot", "expected a dtype such as <f8, int16 or S5, found 'flaot'"},
        {"M8[parsec]", "expected a unit of time such as M8[25us], found 'M8[parsec]'"},
        {"[('x', 'flaot')]", "character 7 of the dtype: expected a dtype such as <f8, int16 or S5, found 'flaot')]"},
        {"[('x', 'f4'), ('x', 'f8')]", "character 0 of the dtype: the name or title 'x' of a field comes twice"},
        {"[('x', 'f4', (2, -3))]", "character 13 of the dtype: a subarray with a length of -3"},
        {"[('x', 'f4'", "character 11 of the dtype: expected more, found its end"},
        {"i4,f8,x", "character 0 of the dtype: expected a dtype such as <f8, int16 or S5, found i4,f8,x"},
        {"{'names': ['a'], 'formats': ['i4'], 'offsets': [-4]}",
         "character 48 of the dtype: expected an offset, an int from 0 up, found -4]}"},
    };
    npk_error error;
    const npk_dtype *dtype;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cr_assert_eq(npk_dtype_parse(rows[i].text, NULL, &dtype, &error), NPK_ERR_DTYPE, "%s", rows[i].text);
        cr_expect_str_eq(error.message, rows[i].message, "%s", error.message);
        cr_expect_eq(error.offset, NPK_NO_OFFSET);
    }
}

/* np.lib.format.descr_to_dtype: what npk_dtype_descr prints comes back, padding too. */
Test(notation, descr)
{
    static const char *const same[] = {"'<f8'",
                                       "[('a', '|u1'), ('', '|V3'), ('b', '<i4'), ('', '|V8')]",
                                       "[(('t', 'a'), '<f4', (2, 3)), ('b', [('', '|V2'), ('c', '>M8[25us]')], (2,))]",
                                       "[('d', ('<f4', (2, 3)), (2,))]",
                                       "[]",
                                       "[('', '|V5')]",
                                       "[('', [('x', '|i1')])]"};
    static const char *const bad[] = {"{'names': ['a'], 'formats': ['i4']}", "[('a', None)]",
                                      "[('', '|V2147483647'), ('', '|V1')]", "[('a',)]", "[('', '|V3')"};
    const npk_dtype *dtype;
    npk_error error;
    char text[256];
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        cr_assert(npk_dtype_parse_descr(same[i], NULL, &dtype, &error) == NPK_OK, "%s: %s", same[i], error.message);
        npk_dtype_descr(dtype, false, text, sizeof text);
        cr_expect_str_eq(text, same[i]);
        npk_dtype_free(dtype);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_eq(npk_dtype_parse_descr(bad[i], NULL, &dtype, &error), NPK_ERR_DTYPE, "%s", bad[i]);
}

/* As many levels and fields as options.h allows, and one more. */
Test(notation, limits)
{
    enum { LEVELS = 64, FIELDS = 65535 };
    char *text = malloc(4 * (FIELDS + 1));
    const npk_dtype *dtype;
    npk_error error;
    for (int more = 0; more < 2; more++) {
        char *at = text;
        for (int i = 0; i < LEVELS + more; i++, at += 6)
            memcpy(at, "[('a',", 6);
        memcpy(at, "'u1'", 4);
        at += 4;
        for (int i = 0; i < LEVELS + more; i++, at += 2)
            memcpy(at, ")]", 2);
        *at = '\0';
        cr_assert_eq(npk_dtype_parse(text, NULL, &dtype, &error), more == 0 ? NPK_OK : NPK_ERR_LIMIT);
        if (more == 0)
            npk_dtype_free(dtype);
        for (int i = 0; i < FIELDS + more; i++)
            memcpy(text + 3 * i, "u1,", 3);
        text[3 * (FIELDS + more) - 1] = '\0';
        cr_assert_eq(npk_dtype_parse(text, NULL, &dtype, &error), more == 0 ? NPK_OK : NPK_ERR_LIMIT);
        if (more == 0)
            npk_dtype_free(dtype);
    }
    free(text);
}

Test(notation, keys)
{
    npk_dtype dtype = {.storage = NPKI_STORED_INSIDE};
    cr_assert(npki_dtype_of_key("a3x", 2, &dtype));
    cr_assert(dtype.type == NPK_BYTES && dtype.itemsize == 3 && dtype.alignment == 1 && dtype.byteorder == '|');
    cr_assert_eq(dtype.storage, NPKI_STORED_INSIDE);
    cr_assert(npki_dtype_of_key("U5", 2, &dtype));
    cr_assert(dtype.type == NPK_STR && dtype.itemsize == 20 && dtype.alignment == 4 && dtype.byteorder != '|');
    cr_assert(npki_dtype_of_key("V", 1, &dtype));
    cr_assert(dtype.type == NPK_VOID && dtype.itemsize == 0);
    cr_assert(npki_dtype_of_key("O4", 2, &dtype));
    cr_assert(dtype.type == NPK_OBJECT && dtype.has_object && dtype.itemsize == 8);
    cr_assert(npki_dtype_of_key("|b1", 3, &dtype));
    cr_assert_eq(dtype.type, NPK_BOOL);
    cr_assert(npki_dtype_of_key("c", 1, &dtype));
    cr_assert(dtype.type == NPK_BYTES && dtype.itemsize == 1);
    cr_assert(npki_dtype_of_key("M8", 2, &dtype));
    cr_assert(dtype.type == NPK_DATETIME64 && dtype.unit == NPK_UNIT_GENERIC && dtype.multiple == 1);
    cr_assert_not(npki_dtype_of_key("", 0, &dtype));
    cr_assert_not(npki_dtype_of_key("i4\0x", 3, &dtype));
    cr_assert_not(npki_dtype_of_key("i3", 2, &dtype));
}

static void try_both(const char *text, size_t size)
{
    npk_dtype plain;
    const npk_dtype *dtype;
    char *own = malloc(size + 1); /* of its own, so that ASan sees one byte too many */
    memcpy(own, text, size);
    own[size] = '\0';
    npki_dtype_parse_into(own, size, &plain);
    if (npk_dtype_parse(own, NULL, &dtype, NULL) == NPK_OK)
        npk_dtype_free(dtype);
    if (npk_dtype_parse_descr(own, NULL, &dtype, NULL) == NPK_OK)
        npk_dtype_free(dtype);
    free(own);
}

/* Every prefix of a good notation, and every one-byte change, is read without a stray access (run under ASan). */
Test(notation, hostile)
{
    static const char *const whole[] = {
        "<datetime64[25us/4]", ">(2,3)f4, 3<S5,()M8[us]", "[(('t','x'),'<f4',(3,)),('',u'V3')]",
        "{'names':['a'],'formats':[('V4',{'x':('i4',0,'t')})],'offsets':(8,)}", "('\\x41\\u20ac',b'a')"};
    static const char bytes[] = "'\"[](){},:\\0129<>=| ifVOSMLTNbu\x80\xff";
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        for (size_t size = 0; size <= strlen(whole[i]); size++) {
            char text[128];
            memcpy(text, whole[i], size);
            try_both(text, size);
            for (size_t at = 0; at < size; at++)
                for (size_t k = 0; k < sizeof bytes; k++) {
                    text[at] = bytes[k];
                    try_both(text, size);
                    text[at] = whole[i][at];
                }
        }
}

static void *refuse(void *context, void *old, size_t old_size, size_t new_size)
{
    (void)context;
    (void)old;
    (void)old_size;
    (void)new_size;
    return NULL;
}

Test(notation, memory)
{
    npk_allocator none = {refuse, NULL};
    const npk_dtype *dtype = NULL;
    cr_assert_eq(npk_dtype_parse("S5", &none, &dtype, NULL), NPK_ERR_MEMORY);
    cr_assert_null(dtype);
    cr_assert_eq(npk_dtype_parse("f8", &none, &dtype, NULL), NPK_OK); /* built in */
}
