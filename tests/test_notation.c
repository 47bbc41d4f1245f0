#include "numpy/dtype.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include <stdlib.h>
#include <string.h>

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
        char text[40];
        cr_assert_eq(npk_dtype_parse(good[i].text, NULL, &dtype, &error), NPK_OK, "%s: %s", good[i].text,
                     error.message);
        npk_dtype_str(dtype, text, sizeof text);
        cr_expect_str_eq(text, good[i].code, "%s: %s, not %s", good[i].text, text, good[i].code);
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
};

Test(notation, bad)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const npk_dtype *dtype = npk_dtype_of(NPK_BOOL);
        npk_error error;
        cr_expect_eq(npk_dtype_parse(bad[i], NULL, &dtype, &error), NPK_DTYPE, "'%s'", bad[i]);
        cr_expect_eq(dtype, npk_dtype_of(NPK_BOOL));
        cr_expect(strstr(error.message, "expected a") != NULL, "%s", error.message);
    }
}

Test(notation, not_plain)
{
    static const char *const texts[] = {"i4,f8",          "(2,)i4",           "3f8", "i4,",          "<2i4",
                                        "[('x', '<f4')]", "{'names': ['x']}"};
    npk_error error;
    const npk_dtype *dtype;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cr_expect_eq(npk_dtype_parse(texts[i], NULL, &dtype, &error), NPK_UNSUPPORTED, "'%s'", texts[i]);
    cr_assert_eq(npk_dtype_parse("i4,f8", NULL, &dtype, &error), NPK_UNSUPPORTED);
    cr_assert_str_eq(error.message, "expected one plain type, found the structured dtype 'i4,f8'");
    cr_assert_eq(npk_dtype_parse("flaot", NULL, &dtype, &error), NPK_DTYPE);
    cr_assert_str_eq(error.message, "expected a dtype such as <f8, int16 or S5, found 'flaot'");
    cr_assert_eq(npk_dtype_parse("M8[parsec]", NULL, &dtype, &error), NPK_DTYPE);
    cr_assert_str_eq(error.message, "expected a unit of time such as M8[25us], found 'M8[parsec]'");
    cr_assert_eq(npk_dtype_parse(NULL, NULL, &dtype, &error), NPK_USAGE);
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

/* Every prefix and every one-byte change of a good notation is read without a stray access (run under ASan). */
Test(notation, hostile)
{
    static const char whole[] = "<datetime64[25us/4]";
    npk_dtype dtype;
    for (size_t size = 0; size < sizeof whole; size++) {
        char *text = malloc(size + (size == 0));
        memcpy(text, whole, size);
        npki_dtype_parse_into(text, size, &dtype);
        for (size_t i = 0; i < size; i++)
            for (int byte = 0; byte < 256; byte++) {
                text[i] = (char)byte;
                npki_dtype_parse_into(text, size, &dtype);
                text[i] = whole[i];
            }
        free(text);
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
    cr_assert_eq(npk_dtype_parse("S5", &none, &dtype, NULL), NPK_MEMORY);
    cr_assert_null(dtype);
    cr_assert_eq(npk_dtype_parse("<f8", &none, &dtype, NULL), NPK_OK); /* built in */
}
