#include "dtype/equal.h"
#include "dtype/facts.h"
#include "dtype/repr.h"
#include "dtype/unit.h"

#include <npickle.h>

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include <complex.h>
#include <string.h>

/* dtype.str of every built-in type in both orders, itemsize and alignment: from NumPy on x86-64, f12 and c24 on
 * 32-bit x86. */
static const struct {
    npk_type type;
    const char *little, *big;
    int64_t itemsize, alignment;
} builtin[] = {
    {NPK_BOOL, "|b1", "|b1", 1, 1},          {NPK_INT8, "|i1", "|i1", 1, 1},
    {NPK_UINT8, "|u1", "|u1", 1, 1},         {NPK_INT16, "<i2", ">i2", 2, 2},
    {NPK_UINT16, "<u2", ">u2", 2, 2},        {NPK_INT32, "<i4", ">i4", 4, 4},
    {NPK_UINT32, "<u4", ">u4", 4, 4},        {NPK_INT64, "<i8", ">i8", 8, 8},
    {NPK_UINT64, "<u8", ">u8", 8, 8},        {NPK_FLOAT16, "<f2", ">f2", 2, 2},
    {NPK_FLOAT32, "<f4", ">f4", 4, 4},       {NPK_FLOAT64, "<f8", ">f8", 8, 8},
    {NPK_FLOAT96, "<f12", ">f12", 12, 4},    {NPK_FLOAT128, "<f16", ">f16", 16, 16},
    {NPK_COMPLEX64, "<c8", ">c8", 8, 4},     {NPK_COMPLEX128, "<c16", ">c16", 16, 8},
    {NPK_COMPLEX192, "<c24", ">c24", 24, 4}, {NPK_COMPLEX256, "<c32", ">c32", 32, 16},
    {NPK_OBJECT, "|O", "|O", 8, 8},
};

Test(dtype, builtin)
{
    char text[16];
    for (size_t i = 0; i < sizeof builtin / sizeof *builtin; i++) {
        const npk_dtype *little = npk_dtype_ordered(builtin[i].type, '<'),
                        *big = npk_dtype_ordered(builtin[i].type, '>');
        cr_assert_eq(npk_dtype_str(little, text, sizeof text), strlen(builtin[i].little));
        cr_assert_str_eq(text, builtin[i].little);
        npk_dtype_str(big, text, sizeof text);
        cr_assert_str_eq(text, builtin[i].big);
        cr_assert_eq(npk_dtype_type(big), builtin[i].type);
        cr_assert_eq(npk_dtype_kind(big), builtin[i].big[1]);
        cr_assert_eq(npk_dtype_byteorder(big), builtin[i].big[0]);
        cr_assert_eq(npk_dtype_itemsize(big), builtin[i].itemsize);
        cr_assert_eq(npk_dtype_alignment(little), builtin[i].alignment);
        cr_assert_eq(npk_dtype_has_object(little), builtin[i].type == NPK_OBJECT);
        cr_assert_not(npk_dtype_is_struct(little));
        cr_assert_null(npk_dtype_subarray(little, NULL, NULL));
        cr_assert_eq(npk_dtype_fields(little, NULL), 0);
        cr_assert_eq(npk_dtype_equal(little, big), builtin[i].little[0] == '|');
        npk_dtype_free(little); /* does nothing */
    }
}

Test(dtype, without_builtin)
{
    static const npk_type none[] = {NPK_BYTES,       NPK_STR,      NPK_VOID,    NPK_DATETIME64,
                                    NPK_TIMEDELTA64, (npk_type)99, (npk_type)-1};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        cr_assert_null(npk_dtype_native(none[i]));
    cr_assert_null(npk_dtype_ordered(NPK_INT16, '!'));
    cr_assert_null(npk_dtype_ordered(NPK_BOOL, '\0'));
    cr_assert_eq(npk_dtype_ordered(NPK_INT16, '='), npk_dtype_native(NPK_INT16));
    cr_assert_eq(npk_dtype_ordered(NPK_INT16, '|'), npk_dtype_native(NPK_INT16));
    npk_dtype_free(NULL);
}

Test(dtype, of_c_types)
{
    _Bool b = 0;
    unsigned char u1 = 0;
    short i2 = 0;
    float f4 = 0;
    double f8 = 0;
    const double constant = 0;
    double _Complex c16 = 0;
    int64_t i8 = 0;
    uint32_t u4 = 0;
    cr_assert_eq(NPK_DTYPE_OF(&b), npk_dtype_native(NPK_BOOL));
    cr_assert_eq(NPK_DTYPE_OF(&u1), npk_dtype_native(NPK_UINT8));
    cr_assert_eq(NPK_DTYPE_OF(&i2), npk_dtype_native(NPK_INT16));
    cr_assert_eq(NPK_DTYPE_OF(&f4), npk_dtype_native(NPK_FLOAT32));
    cr_assert_eq(NPK_DTYPE_OF(&f8), npk_dtype_native(NPK_FLOAT64));
    cr_assert_eq(NPK_DTYPE_OF(&constant), npk_dtype_native(NPK_FLOAT64));
    cr_assert_eq(NPK_DTYPE_OF(&c16), npk_dtype_native(NPK_COMPLEX128));
    cr_assert_eq(NPK_DTYPE_OF(&i8), npk_dtype_native(NPK_INT64));
    cr_assert_eq(NPK_DTYPE_OF(&u4), npk_dtype_native(NPK_UINT32));
}

Test(dtype, intern)
{
    npk_dtype copy = *npk_dtype_ordered(NPK_INT32, '>');
    copy.storage = NPKI_STORED_INSIDE;
    cr_assert_eq(npki_dtype_intern(&copy), npk_dtype_ordered(NPK_INT32, '>'));
    copy.metadata = (const struct npk_value *)&copy;
    cr_assert_eq(npki_dtype_intern(&copy), &copy);
    npk_dtype bytes = {.type = NPK_BYTES, .byteorder = '|', .itemsize = 5, .multiple = 1, .alignment = 1};
    cr_assert_eq(npki_dtype_intern(&bytes), &bytes);
    cr_assert(npki_dtype_is_native(npk_dtype_native(NPK_INT32)));
    cr_assert(npki_dtype_is_native(npk_dtype_native(NPK_BOOL)));
    cr_assert_neq(npki_dtype_is_native(npk_dtype_ordered(NPK_INT32, '<')),
                  npki_dtype_is_native(npk_dtype_ordered(NPK_INT32, '>')));
}

Test(dtype, units)
{
    cr_assert_eq(npki_unit_of("us", 2), NPK_UNIT_MICROSECOND);
    cr_assert_eq(npki_unit_of("generic", 7), NPK_UNIT_GENERIC);
    cr_assert_eq(npki_unit_of("as]", 2), NPK_UNIT_ATTOSECOND);
    cr_assert_eq(npki_unit_of("\xce\xbcs", 3), NPK_UNIT_MICROSECOND);
    cr_assert_eq(npki_unit_of("B", 1), NPKI_UNITS);
    cr_assert_eq(npki_unit_of("", 0), NPKI_UNITS);
}

/* np.dtype('M8[7s/8]').str and so on */
Test(dtype, divisors)
{
    static const struct {
        npk_unit unit;
        int32_t multiple, divisor;
        npk_unit becomes;
        int32_t count; /* 0: NumPy refuses */
    } rows[] = {
        {NPK_UNIT_SECOND, 1, 2, NPK_UNIT_MILLISECOND, 500},
        {NPK_UNIT_SECOND, 1, 64, NPK_UNIT_MICROSECOND, 15625},
        {NPK_UNIT_SECOND, 3, 1, NPK_UNIT_SECOND, 3},
        {NPK_UNIT_YEAR, 1, 13, NPK_UNIT_WEEK, 4},
        {NPK_UNIT_YEAR, 1, 73, NPK_UNIT_DAY, 5},
        {NPK_UNIT_MONTH, 1, 48, NPK_UNIT_HOUR, 15},
        {NPK_UNIT_WEEK, 1, 5, NPK_UNIT_MINUTE, 2016},
        {NPK_UNIT_DAY, 1, 25, NPK_UNIT_SECOND, 3456},
        {NPK_UNIT_HOUR, 1, 8, NPK_UNIT_SECOND, 450},
        {NPK_UNIT_MINUTE, 1, 96, NPK_UNIT_MILLISECOND, 625},
        {NPK_UNIT_FEMTOSECOND, 1, 8, NPK_UNIT_ATTOSECOND, 125},
        {NPK_UNIT_SECOND, 7, 3, NPK_UNIT_SECOND, 0},
        {NPK_UNIT_ATTOSECOND, 1, 2, NPK_UNIT_SECOND, 0},
        {NPK_UNIT_GENERIC, 1, 2, NPK_UNIT_SECOND, 0},
        {NPK_UNIT_SECOND, 1, 0, NPK_UNIT_SECOND, 0},
        {NPK_UNIT_SECOND, INT32_MAX, 2, NPK_UNIT_SECOND, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_unit unit = rows[i].unit;
        int32_t multiple = rows[i].multiple;
        cr_assert_eq(npki_unit_divide(&unit, &multiple, rows[i].divisor), rows[i].count != 0, "row %zu", i);
        if (rows[i].count != 0)
            cr_assert(unit == rows[i].becomes && multiple == rows[i].count, "row %zu: %d", i, multiple);
    }
}

#define TEXT(text) text, sizeof text - 1
#define STRUCT(members, size)                                                                                          \
    {                                                                                                                  \
        .type = NPK_VOID, .byteorder = '|', .is_struct = true, .multiple = 1, .itemsize = (size), .alignment = 1,      \
        .field_count = sizeof(members) / sizeof(npk_field), .fields = (members), .depth = 1                            \
    }

static const npk_dtype i1 = {.type = NPK_INT8, .byteorder = '|', .multiple = 1, .itemsize = 1, .alignment = 1};
static const npk_dtype i4 = {.type = NPK_INT32, .byteorder = '<', .multiple = 1, .itemsize = 4, .alignment = 4};
static const npk_dtype f4 = {.type = NPK_FLOAT32, .byteorder = '<', .multiple = 1, .itemsize = 4, .alignment = 4};
static const npk_dtype s5 = {.type = NPK_BYTES, .byteorder = '|', .multiple = 1, .itemsize = 5, .alignment = 1};
static const npk_dtype u3 = {.type = NPK_STR, .byteorder = '>', .multiple = 1, .itemsize = 12, .alignment = 4};
static const npk_dtype us = {.type = NPK_DATETIME64,
                             .byteorder = '<',
                             .unit = NPK_UNIT_MICROSECOND,
                             .multiple = 25,
                             .itemsize = 8,
                             .alignment = 8};
static npk_dtype f4_2_3 = {.type = NPK_VOID,
                           .byteorder = '|',
                           .multiple = 1,
                           .itemsize = 24,
                           .alignment = 4,
                           .base = &f4,
                           .base_ndim = 2,
                           .base_shape = (const int64_t[]){2, 3},
                           .depth = 1};
static const npk_field pair_fields[] = {{TEXT("x"), NULL, 0, &f4, 0}, {TEXT("y"), NULL, 0, &f4_2_3, 4}};
static npk_dtype pair = STRUCT(pair_fields, 28);
static npk_dtype two_pairs = {.type = NPK_VOID,
                              .byteorder = '|',
                              .multiple = 1,
                              .itemsize = 56,
                              .alignment = 1,
                              .base = &pair,
                              .base_ndim = 1,
                              .base_shape = (const int64_t[]){2},
                              .depth = 2};
static npk_dtype nested = {.type = NPK_VOID, /* a subarray of subarrays, which only a pickle can say */
                           .byteorder = '|',
                           .multiple = 1,
                           .itemsize = 48,
                           .alignment = 4,
                           .base = &f4_2_3,
                           .base_ndim = 1,
                           .base_shape = (const int64_t[]){2},
                           .depth = 2};
static const npk_field padded_fields[] = {{TEXT("a"), NULL, 0, &i1, 0}, {TEXT("b"), NULL, 0, &i4, 4}};
static npk_dtype padded = STRUCT(padded_fields, 12);
static const npk_field titled_fields[] = {
    {TEXT("n"), TEXT("the title"), &i4, 0}, {TEXT("in"), NULL, 0, &two_pairs, 4}, {TEXT("u"), NULL, 0, &u3, 60}};
static npk_dtype titled = STRUCT(titled_fields, 72);
static npk_dtype empty = {.type = NPK_VOID, .byteorder = '|', .is_struct = true, .multiple = 1, .alignment = 1};
static npk_dtype hollow = {
    .type = NPK_VOID, .byteorder = '|', .is_struct = true, .multiple = 1, .itemsize = 5, .alignment = 1};
static const npk_field overlapping_fields[] = {{TEXT("a"), NULL, 0, &i4, 0}, {TEXT("b"), NULL, 0, &i4, 2}};
static npk_dtype overlapping = STRUCT(overlapping_fields, 6);
static const npk_field outer_fields[] = {{TEXT("o"), NULL, 0, &overlapping, 0}};
static npk_dtype outer = STRUCT(outer_fields, 6);
static const npk_field odd_fields[] = {{TEXT("it's"), NULL, 0, &s5, 0},
                                       {TEXT("quote\"back\\"), NULL, 0, &us, 5},
                                       {TEXT("tab\t\xc2\xb5\xed\xb2\x80"), NULL, 0, &i1, 13}};
static npk_dtype odd = STRUCT(odd_fields, 14);
static const npk_field late_fields[] = {{TEXT("a"), NULL, 0, &i4, 3}};
static npk_dtype late = STRUCT(late_fields, 7);
static const npk_field deep_fields[] = {{TEXT("d"), NULL, 0, &nested, 0}};
static npk_dtype deep = STRUCT(deep_fields, 48);

/* What makes a dtype works out its facts: here that is us. */
static void learn(void)
{
    npk_dtype *const made[] = {&f4_2_3, &pair,        &two_pairs, &nested, &padded, &titled, &empty,
                               &hollow, &overlapping, &outer,     &odd,    &late,   &deep};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        npki_dtype_learn(made[i]);
}

/* From np.lib.format.dtype_to_descr, and json.dumps of that. */
static const struct {
    const npk_dtype *dtype;
    const char *code, *python, *json;
} described[] = {
    {&pair, "|V28", "[('x', '<f4'), ('y', '<f4', (2, 3))]", "[[\"x\", \"<f4\"], [\"y\", \"<f4\", [2, 3]]]"},
    {&padded, "|V12", "[('a', '|i1'), ('', '|V3'), ('b', '<i4'), ('', '|V4')]",
     "[[\"a\", \"|i1\"], [\"\", \"|V3\"], [\"b\", \"<i4\"], [\"\", \"|V4\"]]"},
    {&titled, "|V72", "[(('the title', 'n'), '<i4'), ('in', [('x', '<f4'), ('y', '<f4', (2, 3))], (2,)), ('u', '>U3')]",
     "[[[\"the title\", \"n\"], \"<i4\"], [\"in\", [[\"x\", \"<f4\"], [\"y\", \"<f4\", [2, 3]]], [2]], [\"u\", "
     "\">U3\"]]"},
    {&empty, "|V0", "[]", "[]"},
    {&hollow, "|V5", "[('', '|V5')]", "[[\"\", \"|V5\"]]"},
    {&late, "|V7", "[('', '|V3'), ('a', '<i4')]", "[[\"\", \"|V3\"], [\"a\", \"<i4\"]]"},
    {&odd, "|V14", "[(\"it's\", '|S5'), ('quote\"back\\\\', '<M8[25us]'), ('tab\\t\xc2\xb5\\udc80', '|i1')]",
     "[[\"it's\", \"|S5\"], [\"quote\\\"back\\\\\", \"<M8[25us]\"], [\"tab\\u0009\xc2\xb5\\udc80\", \"|i1\"]]"},
    {&deep, "|V48", "[('d', ('<f4', (2, 3)), (2,))]", "[[\"d\", [\"<f4\", [2, 3]], [2]]]"},
    {&overlapping, "|V6", "'|V6'", "\"|V6\""}, /* NumPy has no list for these two */
    {&outer, "|V6", "'|V6'", "\"|V6\""},
    {&f4_2_3, "|V24", "'|V24'", "\"|V24\""},
    {&us, "<M8[25us]", "'<M8[25us]'", "\"<M8[25us]\""},
    {&u3, ">U3", "'>U3'", "\">U3\""},
};
enum { DESCRIBED = sizeof described / sizeof *described };

ParameterizedTestParameters(dtype, describe)
{
    static int indices[DESCRIBED];
    for (int i = 0; i < DESCRIBED; i++)
        indices[i] = i;
    return cr_make_param_array(int, indices, DESCRIBED);
}

ParameterizedTest(int *index, dtype, describe)
{
    const npk_dtype *dtype = described[*index].dtype;
    char text[256];
    learn();
    cr_assert_eq(npk_dtype_str(dtype, text, sizeof text), strlen(described[*index].code));
    cr_assert_str_eq(text, described[*index].code);
    cr_assert_eq(npk_dtype_descr(dtype, false, NULL, 0), strlen(described[*index].python));
    npk_dtype_descr(dtype, false, text, sizeof text);
    cr_assert_str_eq(text, described[*index].python);
    cr_assert_eq(npk_dtype_descr(dtype, true, text, sizeof text), strlen(described[*index].json));
    cr_assert_str_eq(text, described[*index].json);
    for (size_t size = 1; size < strlen(described[*index].json); size++) {
        memset(text, '#', sizeof text);
        npk_dtype_descr(dtype, true, text, size);
        cr_assert_eq(strlen(text), size - 1);
        cr_assert_eq(text[size], '#');
        cr_assert_eq(strncmp(text, described[*index].json, size - 1), 0);
        memset(text, '#', sizeof text);
        npk_dtype_descr(dtype, false, text, size);
        cr_assert_eq(text[size], '#');
        cr_assert_eq(strncmp(text, described[*index].python, strlen(text)), 0);
    }
}

Test(dtype, equal)
{
    for (size_t i = 0; i < DESCRIBED; i++)
        for (size_t j = 0; j < DESCRIBED; j++) {
            npk_dtype copy = *described[j].dtype;
            cr_assert_eq(npk_dtype_equal(described[i].dtype, &copy), i == j, "%zu %zu", i, j);
        }
}

Test(dtype, equal_looks_inside)
{
    npk_field fields[2] = {pair_fields[0], pair_fields[1]};
    npk_dtype inner = f4_2_3, twin = STRUCT(fields, 28);
    fields[1].dtype = &inner;
    cr_assert(npk_dtype_equal(&pair, &twin));
    inner.base_shape = (const int64_t[]){2, 4};
    cr_assert_not(npk_dtype_equal(&pair, &twin));
    inner.base_shape = f4_2_3.base_shape;
    inner.base = &i4;
    cr_assert_not(npk_dtype_equal(&pair, &twin));
    inner.base = &f4;
    fields[0].title = "x";
    fields[0].title_size = 1;
    cr_assert_not(npk_dtype_equal(&pair, &twin));
    fields[0].title = NULL;
    fields[1].name = "z";
    cr_assert_not(npk_dtype_equal(&pair, &twin));
    fields[1].name = "y";
    fields[1].offset = 5;
    cr_assert_not(npk_dtype_equal(&pair, &twin));
}

/* 63 structs, each with the one before it twice, and nothing in the innermost: 2^63 ways through it, at no cost in
 * bytes. */
Test(dtype, shared_parts)
{
    enum { LEVELS = 63 };
    static npk_field fields[2][LEVELS][2];
    static npk_dtype levels[2][LEVELS];
    char text[64];
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < LEVELS; i++) {
            const npk_dtype *inner = i > 0 ? &levels[k][i - 1] : &empty;
            fields[k][i][0] = (npk_field){TEXT("a"), NULL, 0, inner, 0};
            fields[k][i][1] = (npk_field){TEXT("b"), NULL, 0, inner, 0};
            levels[k][i] = (npk_dtype)STRUCT(fields[k][i], 0);
            levels[k][i].depth = (uint32_t)i + 1;
            npki_dtype_learn(&levels[k][i]);
        }
    cr_assert(npk_dtype_equal(&levels[0][LEVELS - 1], &levels[1][LEVELS - 1]));
    cr_assert(npk_dtype_equal(&levels[0][9], &levels[1][9]));
    cr_assert_eq(npk_dtype_hash(&levels[0][LEVELS - 1]), npk_dtype_hash(&levels[1][LEVELS - 1]));
    fields[1][0][1].offset = 1;
    cr_assert_not(npk_dtype_equal(&levels[0][LEVELS - 1], &levels[1][LEVELS - 1]));
    npk_dtype_descr(&levels[0][LEVELS - 1], false, text, sizeof text);
    cr_assert_str_eq(text, "'|V0'");
}

enum { MADE_FIELDS = 12, MADE_TYPES = 6 };

/* Of the types described above, every other time of such as have a descr; some with holes before them or with
 * titles. */
static void make_fields(npk_field *fields, size_t from)
{
    static const char name[] = "the first field and not the other", title[] = "a title that it has";
    int64_t offset = 0;
    for (size_t i = 0; i < MADE_FIELDS; i++) {
        size_t at = (from + i * (from % 3 + 1)) % DESCRIBED;
        while (from % 2 == 1 && !npki_dtype_facts_of(described[at].dtype).has_descr)
            at = (at + 1) % DESCRIBED;
        const npk_dtype *of = described[at].dtype;
        offset += (int64_t)(from % 4 == 0 && i == 5 ? 3 : 0);
        const bool titled_one = from % 5 == 0 && i % 4 == 1;
        fields[i] = (npk_field){.name = name,
                                .name_size = sizeof name - 1 - i,
                                .title = titled_one ? title : NULL,
                                .title_size = titled_one ? sizeof title - 1 - i : 0,
                                .dtype = of,
                                .offset = offset};
        offset += of->itemsize;
    }
}

/* As they are, in larger items, aligned, as a subarray, in another struct, in a subarray of that. */
static void make_types(npk_dtype *types, npk_field *fields, npk_field *outer)
{
    const npk_field *last = &fields[MADE_FIELDS - 1];
    const npk_dtype whole = {.type = NPK_VOID,
                             .byteorder = '|',
                             .is_struct = true,
                             .multiple = 1,
                             .alignment = 1,
                             .itemsize = last->offset + last->dtype->itemsize,
                             .field_count = MADE_FIELDS,
                             .fields = fields,
                             .depth = 3};
    static const int64_t two[] = {2};
    for (size_t i = 0; i < MADE_TYPES; i++)
        types[i] = whole;
    types[1].itemsize += 7;
    types[2].aligned = true;
    *outer = (npk_field){TEXT("outer"), NULL, 0, &types[0], 0};
    types[4].fields = outer;
    types[4].field_count = 1;
    types[4].depth = 4;
    for (size_t i = 0; i < MADE_TYPES; i++) {
        if (i == 3 || i == 5) {
            types[i].is_struct = false;
            types[i].field_count = 0;
            types[i].base = &types[i - 1];
            types[i].base_ndim = 1;
            types[i].base_shape = two;
            types[i].itemsize *= 2;
            types[i].depth = types[i - 1].depth + 1;
        }
        npki_dtype_learn(&types[i]);
    }
}

static void print_as(npki_sink *out, const npk_dtype *dtype, size_t form)
{
    static const npki_dtype_form forms[] = {NPKI_DTYPE_REPR, NPKI_DTYPE_STR, NPKI_DTYPE_VOID, NPKI_DTYPE_SHORT};
    if (form < 4)
        npki_dtype_print(out, dtype, forms[form]);
    else
        npki_print_descr(out, dtype, form == 4 ? NPKI_LITERAL_PYTHON : NPKI_LITERAL_JSON);
}

/* What was printed of fields comes again as it would be printed anew. */
Test(dtype, fields_again)
{
    static npk_field fields[DESCRIBED][MADE_FIELDS], outer[DESCRIBED];
    static npk_dtype types[DESCRIBED][MADE_TYPES];
    static char text[1 << 16];
    npki_sink out;
    learn();
    npki_sink_start(&out, NULL, NULL, NULL, NPK_UNLIMITED);
    for (size_t i = 0; i < DESCRIBED; i++) {
        make_fields(fields[i], i);
        make_types(types[i], fields[i], &outer[i]);
    }
    for (size_t k = 0; k < 2 * 6 * DESCRIBED * MADE_TYPES; k++) {
        const npk_dtype *dtype = &types[k / MADE_TYPES % DESCRIBED][k * 5 % MADE_TYPES];
        const size_t form = k / DESCRIBED / MADE_TYPES % 6, before = out.size;
        npki_sink alone;
        print_as(&out, dtype, form);
        npki_sink_start_fixed(&alone, text, sizeof text);
        print_as(&alone, dtype, form);
        cr_assert_eq(npki_sink_finish(&alone), NPK_OK);
        cr_assert_eq(out.size - before, alone.added, "%zu", k);
        cr_assert_lt(alone.added, sizeof text);
        cr_assert(memcmp(out.bytes + before, text, alone.size) == 0, "%zu: %s", k, text);
    }
    cr_assert_not_null(out.kept);
    npki_sink_drop(&out);
}

/* Many dtypes of a pickle may have the same fields, which are compared once. */
Test(dtype, shared_fields, .timeout = 20)
{
    enum { FIELDS = 60000, TIMES = 100000 };
    static npk_field fields[2][FIELDS];
    static npki_equal_pairs known;
    npk_dtype made[2], other;
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < FIELDS; i++)
            fields[k][i] = (npk_field){TEXT("a"), NULL, 0, &f4, (int64_t)i};
        made[k] = (npk_dtype)STRUCT(fields[k], FIELDS + 4);
        npki_dtype_learn(&made[k]);
    }
    for (int64_t i = 0; i < TIMES; i++) {
        npk_dtype a = made[0], b = made[1];
        a.itemsize = b.itemsize = FIELDS + 4 + i;
        cr_assert(npki_dtype_equal(&a, &b, &known));
        b.itemsize++;
        cr_assert_not(npki_dtype_equal(&a, &b, &known));
    }
    other = made[1];
    other.field_count--;
    cr_assert_not(npki_dtype_equal(&made[0], &other, &known));
}

/* Deeper than a limit may ever be set: no list, and equal to itself only. */
Test(dtype, too_deep)
{
    enum { LEVELS = 70 };
    static npk_field fields[2][LEVELS][1];
    static npk_dtype levels[2][LEVELS];
    static char text[4096];
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < LEVELS; i++) {
            fields[k][i][0] = (npk_field){TEXT("a"), NULL, 0, i > 0 ? &levels[k][i - 1] : &i1, 0};
            levels[k][i] = (npk_dtype)STRUCT(fields[k][i], 1);
            levels[k][i].depth = (uint32_t)i + 1;
            npki_dtype_learn(&levels[k][i]);
        }
    cr_assert(npk_dtype_equal(&levels[0][63], &levels[1][63]));
    cr_assert_not(npk_dtype_equal(&levels[0][69], &levels[1][69]));
    cr_assert(npk_dtype_equal(&levels[0][69], &levels[0][69]));
    cr_assert_eq(npk_dtype_descr(&levels[0][63], false, text, sizeof text), 64 * strlen("[('a', )]") + strlen("'|i1'"));
    npk_dtype_descr(&levels[0][69], false, text, sizeof text);
    cr_assert_str_eq(text, "'|V1'");
}

Test(dtype, getters_of_a_struct)
{
    const npk_field *fields;
    const int64_t *shape;
    int ndim;
    int32_t multiple;
    cr_assert_eq(npk_dtype_fields(&titled, &fields), 3);
    cr_assert_str_eq(fields[0].title, "the title");
    cr_assert_eq(fields[2].offset, 60);
    cr_assert_eq(npk_dtype_subarray(fields[1].dtype, &ndim, &shape), &pair);
    cr_assert(ndim == 1 && shape[0] == 2);
    cr_assert(npk_dtype_is_struct(&empty));
    cr_assert_not(npk_dtype_is_aligned_struct(&titled));
    cr_assert_eq(npk_dtype_unit(&us, &multiple), NPK_UNIT_MICROSECOND);
    cr_assert_eq(multiple, 25);
}

/* NumPy 1.21 and 1.26 give a struct without fields no alignment if it is aligned, whatever its size: pickle.dumps(dtype, 2).
 * One with a field has its field's. */
Test(dtype, aligned_without_fields)
{
#define STATE(size, rest) "\x80\2cnumpy\ndtype\nq\0X\2\0\0\0V" size rest
#define EMPTY(code, size)                                                                                              \
    STATE(code, "q\1\x89\x88\x87q\2Rq\3(K\3X\1\0\0\0|q\4N)}q\5K" size "K\0J\x90\xff\xff\xfftq\6b.")
    static const char none[] = EMPTY("0", "\0"), eight[] = EMPTY("8", "\x8"),
                      one[] = STATE("1", "\x89\x88\x87R(K\3X\1\0\0\0|NX\1\0\0\0x\x85}X\1\0\0\0xcnumpy\ndtype\n"
                                         "X\2\0\0\0u1\x89\x88\x87RK\0\x86sK\1K\0J\x90\xff\xff\xfftb.");
    static const struct {
        const char *pickle;
        size_t size;
        int64_t itemsize;
    } rows[] = {{none, sizeof none - 1, 0}, {eight, sizeof eight - 1, 8}, {one, sizeof one - 1, -1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const npk_write_options options = {
            .protocol_given = true, .protocol = 2, .dialect = NPK_CPYTHON(3, 11) | NPK_NUMPY(1, 26)};
        npk_doc *doc = NULL;
        npk_error error = {.status = NPK_OK};
        uint8_t *bytes = NULL;
        size_t size = 0;
        npk_status status = npk_doc_load_memory(rows[i].pickle, rows[i].size, NULL, &doc, &error);
        cr_assert_eq(status, rows[i].itemsize < 0 ? NPK_ERR_DTYPE : NPK_OK, "%zu: %s", i, error.message);
        if (status != NPK_OK)
            continue;
        const npk_dtype *dtype = npk_value_dtype(npk_doc_root(doc));
        cr_expect_eq(npk_dtype_itemsize(dtype), rows[i].itemsize);
        cr_expect_eq(npk_dtype_alignment(dtype), 1);
        cr_expect(npk_dtype_is_aligned_struct(dtype));
        cr_assert_eq(npk_doc_save_memory(doc, &options, &bytes, &size, &error), NPK_OK, "%s", error.message);
        cr_expect(size == rows[i].size && memcmp(bytes, rows[i].pickle, size) == 0, "%zu", i);
        npk_bytes_free(NULL, bytes, size);
        npk_doc_free(doc);
    }
}
