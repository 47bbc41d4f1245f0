/* Descriptors made from their parts: lib/dtype/new.c, struct.c and seal.c. */
#include "dtype/dtype.h"

#include "counted.h"
#include <criterion/criterion.h>
#include <npickle/array.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(text) text, sizeof text - 1
#define FIELD(name, dtype, offset)                                                                                     \
    {                                                                                                                  \
        TEXT(name), NULL, 0, dtype, offset                                                                             \
    }

static const npk_dtype *made, *parts[4];
static npk_error error;

static void free_all(void)
{
    npk_dtype_free(made);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        npk_dtype_free(parts[i]);
}

static const npk_dtype *of(npk_type type)
{
    return npk_dtype_ordered(type, '<');
}

static void expect(const npk_dtype *dtype, int64_t itemsize, int64_t alignment, const char *descr)
{
    char text[512];
    npk_dtype_descr(dtype, false, text, sizeof text);
    cr_assert_str_eq(text, descr);
    cr_assert_eq(npk_dtype_itemsize(dtype), itemsize);
    cr_assert_eq(npk_dtype_alignment(dtype), alignment);
}

static npk_status make(npk_field *fields, size_t count, int64_t itemsize, bool aligned)
{
    return npk_dtype_new_struct(fields, count, itemsize, aligned, NULL, &made, &error);
}

/* np.dtype({...}, align=aligned): .descr, .itemsize and .alignment of NumPy 2.4 */
Test(make, struct_offsets, .fini = free_all)
{
    npk_field fields[] = {FIELD("a", of(NPK_UINT8), NPK_AUTO), FIELD("b", of(NPK_FLOAT64), NPK_AUTO),
                          FIELD("c", of(NPK_INT16), NPK_AUTO)};
    cr_assert_eq(make(fields, 3, NPK_AUTO, false), NPK_OK);
    expect(made, 11, 1, "[('a', '|u1'), ('b', '<f8'), ('c', '<i2')]");
    cr_assert_not(npk_dtype_is_aligned_struct(made));
    npk_dtype_free(made);
    cr_assert_eq(make(fields, 3, NPK_AUTO, true), NPK_OK);
    expect(made, 24, 8, "[('a', '|u1'), ('', '|V7'), ('b', '<f8'), ('c', '<i2'), ('', '|V6')]");
    cr_assert(npk_dtype_is_aligned_struct(made));
    cr_assert_eq(fields[1].offset, NPK_AUTO); /* the caller's stay as they were */
}

Test(make, struct_given_offsets, .fini = free_all)
{
    npk_field fields[] = {FIELD("a", of(NPK_INT32), 4), FIELD("b", of(NPK_INT32), 0),
                          FIELD("c", of(NPK_INT16), NPK_AUTO)};
    const npk_field *own;
    cr_assert_eq(make(fields, 3, 12, false), NPK_OK);
    cr_assert_eq(npk_dtype_fields(made, &own), 3);
    cr_assert(own[0].offset == 4 && own[1].offset == 0 && own[2].offset == 8);
    expect(made, 12, 1, "'|V12'"); /* out of order: no list */
}

Test(make, struct_empty, .fini = free_all)
{
    cr_assert_eq(npk_dtype_new_struct(NULL, 0, NPK_AUTO, false, NULL, &made, &error), NPK_OK);
    expect(made, 0, 1, "[]");
    npk_dtype_free(made);
    cr_assert_eq(npk_dtype_new_struct(NULL, 0, 5, false, NULL, &made, &error), NPK_OK);
    expect(made, 5, 1, "[('', '|V5')]");
}

Test(make, refused)
{
    const npk_dtype *object = npk_dtype_native(NPK_OBJECT), *i4 = of(NPK_INT32), *f8 = of(NPK_FLOAT64);
    struct {
        npk_field fields[2];
        int64_t itemsize;
        bool aligned;
        npk_status status;
        const char *message;
    } rows[] = {
        {{FIELD("a", i4, 0), FIELD("a", i4, 4)}, NPK_AUTO, false, NPK_ERR_DTYPE, "comes twice"},
        {{{TEXT("a"), TEXT("a"), i4, 0}, FIELD("b", i4, 4)}, NPK_AUTO, false, NPK_ERR_DTYPE, "comes twice"},
        {{{TEXT("a"), TEXT("b"), i4, 0}, FIELD("b", i4, 4)}, NPK_AUTO, false, NPK_ERR_DTYPE, "comes twice"},
        {{FIELD("a", object, 0), FIELD("b", i4, 4)}, NPK_AUTO, false, NPK_ERR_DTYPE, "overlaps"},
        {{FIELD("a", f8, 0), FIELD("b", object, 0)}, NPK_AUTO, false, NPK_ERR_DTYPE, "overlaps"},
        {{FIELD("a", i4, 0), FIELD("b", f8, 4)}, NPK_AUTO, true, NPK_ERR_DTYPE, "alignment 8 at offset 4"},
        {{FIELD("a", i4, 0), FIELD("b", f8, 8)}, 20, true, NPK_ERR_DTYPE, "20 bytes with an alignment of 8"},
        {{FIELD("a", i4, 0), FIELD("b", f8, 4)}, 11, false, NPK_ERR_DTYPE, "fields of 12 bytes in an item of 11"},
        {{FIELD("a", i4, 0), FIELD("b", f8, INT32_MAX - 7)}, NPK_AUTO, false, NPK_ERR_DTYPE, "more than 2147483647"},
        {{FIELD("a", i4, 0), FIELD("b", f8, INT64_MAX)}, NPK_AUTO, false, NPK_ERR_DTYPE, "more than 2147483647"},
        {{FIELD("a", i4, 0), FIELD("b", i4, NPK_AUTO)}, INT64_MAX, false, NPK_ERR_DTYPE, "more than 2147483647"},
        {{FIELD("a", i4, -2), FIELD("b", i4, 4)}, NPK_AUTO, false, NPK_ERR_USAGE, "field 0"},
        {{FIELD("a", i4, 0), FIELD("b", NULL, 4)}, NPK_AUTO, false, NPK_ERR_USAGE, "field 1"},
        {{FIELD("a", i4, 0), {NULL, 0, NULL, 0, i4, 4}}, NPK_AUTO, false, NPK_ERR_USAGE, "field 1"},
        {{FIELD("a", i4, 0), FIELD("\xff", i4, 4)}, NPK_AUTO, false, NPK_ERR_USAGE, "in UTF-8, found other bytes"},
        {{FIELD("a", i4, 0), {TEXT("b"), TEXT("\x80"), i4, 4}}, NPK_AUTO, false, NPK_ERR_USAGE, "in UTF-8, found other bytes"},
        {{FIELD("a", i4, 0), FIELD("b", i4, 4)}, -2, false, NPK_ERR_USAGE, "itemsize"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const npk_dtype *dtype = i4;
        cr_expect_eq(npk_dtype_new_struct(rows[i].fields, 2, rows[i].itemsize, rows[i].aligned, NULL, &dtype, &error),
                     rows[i].status, "row %zu", i);
        cr_expect(strstr(error.message, rows[i].message) != NULL, "row %zu: %s", i, error.message);
        cr_expect_eq(dtype, i4);
    }
}

/* Exactly up to the edge: the last byte of the largest item, neighbours of an object, a field without bytes at its start. */
Test(make, edges, .fini = free_all)
{
    npk_field far[] = {FIELD("a", of(NPK_INT32), INT32_MAX - 4)};
    cr_assert_eq(make(far, 1, NPK_AUTO, false), NPK_OK);
    cr_assert_eq(npk_dtype_itemsize(made), INT32_MAX);
    npk_dtype_free(made);
    cr_assert_eq(npk_dtype_new_sized(NPK_VOID, 0, '|', NULL, &parts[0], &error), NPK_OK);
    npk_field around[] = {FIELD("a", of(NPK_INT32), 0), FIELD("o", of(NPK_OBJECT), 4), FIELD("b", of(NPK_INT32), 12),
                          FIELD("z", parts[0], 4)};
    cr_assert_eq(make(around, 4, NPK_AUTO, false), NPK_OK);
    cr_assert(npk_dtype_has_object(made));
    npk_dtype_free(made);
    around[3].offset = 5; /* NumPy refuses this one, and takes the one at 4 */
    made = NULL;
    cr_assert_eq(make(around, 4, NPK_AUTO, false), NPK_ERR_DTYPE);
}

Test(make, array_of, .fini = free_all)
{
    const int64_t shape[] = {2, 3}, negative[] = {-1}, large[] = {1 << 15, 1 << 14}, huge[] = {INT64_MAX, INT64_MAX},
                  none[] = {0, INT64_MAX};
    const int64_t *own;
    int ndim;
    cr_assert_eq(npk_dtype_new_subarray(of(NPK_FLOAT32), 2, shape, NULL, &made, &error), NPK_OK);
    cr_assert_eq(npk_dtype_subarray(made, &ndim, &own), of(NPK_FLOAT32));
    cr_assert(ndim == 2 && own[0] == 2 && own[1] == 3 && own != shape);
    expect(made, 24, 4, "'|V24'");
    cr_assert_eq(npk_dtype_new_subarray(of(NPK_FLOAT32), 0, NULL, NULL, &parts[0], &error), NPK_OK);
    cr_assert_eq(parts[0], of(NPK_FLOAT32));
    cr_assert_eq(npk_dtype_new_subarray(made, 1, shape, NULL, &parts[1], &error),
                 NPK_OK); /* one inside the other, as NumPy has it */
    cr_assert(npk_dtype_equal(npk_dtype_subarray(parts[1], &ndim, &own), made));
    cr_assert(ndim == 1 && npk_dtype_itemsize(parts[1]) == 48);
    cr_assert_eq(npk_dtype_new_subarray(made, 1, negative, NULL, &parts[2], &error), NPK_ERR_DTYPE);
    cr_assert_str_eq(error.message, "a subarray with a length of -1");
    cr_assert_eq(npk_dtype_new_subarray(of(NPK_FLOAT32), 2, large, NULL, &parts[2], &error), NPK_ERR_DTYPE);
    cr_assert_str_eq(error.message, "a subarray of more than 2147483647 bytes");
    cr_assert_eq(npk_dtype_new_subarray(of(NPK_INT8), 2, large, NULL, &parts[2], &error), NPK_OK);
    cr_assert_eq(npk_dtype_new_subarray(made, 2, huge, NULL, &parts[3], &error), NPK_ERR_DTYPE);
    cr_assert_eq(npk_dtype_new_subarray(made, 2, none, NULL, &parts[3], &error), NPK_ERR_DTYPE);
    cr_assert_eq(npk_dtype_new_subarray(made, NPK_MAXDIMS + 1, shape, NULL, &parts[3], &error), NPK_ERR_LIMIT);
    cr_assert_eq(npk_dtype_new_subarray(made, -1, shape, NULL, &parts[3], &error), NPK_ERR_USAGE);
}

Test(make, sized, .fini = free_all)
{
    cr_assert_eq(npk_dtype_new_sized(NPK_STR, 20, '>', NULL, &made, &error), NPK_OK);
    expect(made, 20, 4, "'>U5'");
    cr_assert_eq(npk_dtype_new_sized(NPK_BYTES, 5, '=', NULL, &parts[0], &error), NPK_OK);
    expect(parts[0], 5, 1, "'|S5'");
    cr_assert_eq(npk_dtype_new_sized(NPK_STR, 21, '<', NULL, &parts[1], &error), NPK_ERR_DTYPE);
    cr_assert_eq(npk_dtype_new_sized(NPK_VOID, -1, '|', NULL, &parts[1], &error), NPK_ERR_DTYPE);
    cr_assert_eq(npk_dtype_new_sized(NPK_VOID, INT64_C(1) + INT32_MAX, '|', NULL, &parts[1], &error), NPK_ERR_DTYPE);
    cr_assert_eq(npk_dtype_new_sized(NPK_INT32, 4, '|', NULL, &parts[1], &error), NPK_ERR_USAGE);
    cr_assert_eq(npk_dtype_new_sized(NPK_BYTES, 4, '!', NULL, &parts[1], &error), NPK_ERR_USAGE);
    cr_assert_eq(npk_dtype_new_sized((npk_type)99, 4, '|', NULL, &parts[1], &error), NPK_ERR_USAGE);
}

Test(make, time, .fini = free_all)
{
    cr_assert_eq(npk_dtype_new_time(NPK_DATETIME64, NPK_UNIT_MICROSECOND, 25, '<', NULL, &made, &error), NPK_OK);
    expect(made, 8, 8, "'<M8[25us]'");
    cr_assert_eq(npk_dtype_new_time(NPK_TIMEDELTA64, NPK_UNIT_GENERIC, 7, '>', NULL, &parts[0], &error), NPK_OK);
    expect(parts[0], 8, 8, "'>m8'");
    cr_assert_eq(npk_dtype_new_time(NPK_DATETIME64, NPKI_UNITS, 1, '<', NULL, &parts[1], &error), NPK_ERR_DTYPE);
    cr_assert_eq(npk_dtype_new_time(NPK_DATETIME64, NPK_UNIT_DAY, 0, '<', NULL, &parts[1], &error), NPK_ERR_DTYPE);
    cr_assert_eq(npk_dtype_new_time(NPK_INT64, NPK_UNIT_DAY, 1, '<', NULL, &parts[1], &error), NPK_ERR_USAGE);
    cr_assert_eq(npk_dtype_new_time(NPK_DATETIME64, NPK_UNIT_DAY, 1, '\0', NULL, &parts[1], &error), NPK_ERR_USAGE);
}

/* p and q are of one descriptor; parts[0] is what is inside. */
static void make_nested(void)
{
    npk_field inner[] = {FIELD("x", npk_dtype_ordered(NPK_FLOAT32, '>'), NPK_AUTO),
                         {TEXT("y"), TEXT("t"), NULL, NPK_AUTO}};
    cr_assert_eq(npk_dtype_new_sized(NPK_BYTES, 3, '|', NULL, &parts[1], &error), NPK_OK);
    inner[1].dtype = parts[1];
    cr_assert_eq(npk_dtype_new_struct(inner, 2, NPK_AUTO, false, NULL, &parts[0], &error), NPK_OK);
    const int64_t shape[] = {2, 3};
    cr_assert_eq(npk_dtype_new_subarray(parts[0], 2, shape, NULL, &parts[2], &error), NPK_OK);
    cr_assert_eq(npk_dtype_new_time(NPK_DATETIME64, NPK_UNIT_MICROSECOND, 25, '<', NULL, &parts[3], &error), NPK_OK);
    npk_field outer[] = {FIELD("p", parts[2], NPK_AUTO), FIELD("q", parts[0], NPK_AUTO), FIELD("r", parts[0], NPK_AUTO),
                         FIELD("o", npk_dtype_native(NPK_OBJECT), NPK_AUTO), FIELD("z", parts[3], NPK_AUTO)};
    cr_assert_eq(make(outer, 5, NPK_AUTO, false), NPK_OK);
}

#define NESTED(f, us)                                                                                                  \
    "[('p', [('x', '" f "'), (('t', 'y'), '|S3')], (2, 3)), ('q', [('x', '" f "'), (('t', 'y'), '|S3')]), "            \
    "('r', [('x', '" f "'), (('t', 'y'), '|S3')]), ('o', '|O'), ('z', '" us "')]"

Test(make, parts_stay_one, .init = make_nested)
{
    const npk_field *fields, *inner;
    npk_dtype_free(parts[0]); /* nothing of them is in the whole */
    npk_dtype_free(parts[1]);
    npk_dtype_free(parts[2]);
    npk_dtype_free(parts[3]);
    expect(made, 72, 1, NESTED(">f4", "<M8[25us]"));
    npk_dtype_fields(made, &fields);
    cr_assert_eq(fields[1].dtype, fields[2].dtype);
    cr_assert_neq(fields[1].dtype, fields[3].dtype);
    npk_dtype_fields(fields[1].dtype, &inner);
    cr_assert_eq(inner[0].dtype, npk_dtype_ordered(NPK_FLOAT32, '>'));
    cr_assert_eq(fields[3].dtype, npk_dtype_native(NPK_OBJECT));
    npk_dtype_free(fields[1].dtype); /* does nothing: it belongs to the whole */
    npk_dtype_free(made);
}

Test(make, with_order, .init = make_nested, .fini = free_all)
{
    const npk_dtype *little, *big, *same;
    const npk_field *fields, *inner;
    cr_assert_eq(npk_dtype_with_byteorder(made, '<', NULL, &little, &error), NPK_OK);
    expect(little, 72, 1, NESTED("<f4", "<M8[25us]"));
    npk_dtype_fields(little, &fields);
    npk_dtype_fields(fields[1].dtype, &inner);
    cr_assert_eq(inner[0].dtype, npk_dtype_ordered(NPK_FLOAT32, '<'));
    cr_assert_eq(npk_dtype_with_byteorder(little, '>', NULL, &big, &error), NPK_OK);
    expect(big, 72, 1, NESTED(">f4", ">M8[25us]"));
    cr_assert_eq(npk_dtype_with_byteorder(made, '|', NULL, &same, &error), NPK_OK);
    cr_assert(npk_dtype_equal(made, same));
    npk_dtype_free(little);
    npk_dtype_free(big);
    npk_dtype_free(same);
    cr_assert_eq(npk_dtype_with_byteorder(npk_dtype_ordered(NPK_INT32, '>'), '=', NULL, &same, &error), NPK_OK);
    cr_assert_eq(same, npk_dtype_native(NPK_INT32));
    cr_assert_eq(npk_dtype_with_byteorder(made, 'S', NULL, &same, &error), NPK_ERR_USAGE);
}

Test(make, copy_and_hash, .init = make_nested, .fini = free_all)
{
    const npk_dtype *copy, *other;
    cr_assert_eq(npk_dtype_copy(made, NULL, &copy, &error), NPK_OK);
    cr_assert_neq(copy, made);
    cr_assert(npk_dtype_equal(copy, made));
    cr_assert_eq(npk_dtype_hash(copy), npk_dtype_hash(made));
    cr_assert_eq(npk_dtype_with_byteorder(made, '<', NULL, &other, &error), NPK_OK);
    cr_assert_not(npk_dtype_equal(other, made));
    cr_assert_neq(npk_dtype_hash(other), npk_dtype_hash(made)); /* differs two levels down only */
    cr_assert_neq(npk_dtype_hash(of(NPK_INT32)), npk_dtype_hash(of(NPK_UINT32)));
    npk_dtype_free(copy);
    npk_dtype_free(other);
    cr_assert_eq(npk_dtype_copy(of(NPK_INT32), NULL, &copy, &error), NPK_OK);
    cr_assert_eq(copy, of(NPK_INT32));
}

Test(make, with_class, .init = make_nested, .fini = free_all)
{
    const npk_dtype *record, *copy;
    const char *module, *name;
    size_t module_size, name_size;
    cr_assert_not(npk_dtype_class(made, &module, &module_size, &name, &name_size));
    cr_assert_eq(npk_dtype_with_class(made, "numpy", "record", NULL, &record, &error), NPK_OK);
    cr_assert_eq(npk_dtype_copy(record, NULL, &copy, &error), NPK_OK);
    npk_dtype_free(record);
    cr_assert(npk_dtype_class(copy, &module, &module_size, &name, &name_size));
    cr_assert(module_size == 5 && memcmp(module, "numpy", 5) == 0 && name_size == 6 && memcmp(name, "record", 6) == 0);
    npk_dtype_free(copy);
    cr_assert_eq(npk_dtype_with_class(of(NPK_INT32), "numpy", "record", NULL, &record, &error), NPK_ERR_DTYPE);
    cr_assert_eq(npk_dtype_with_class(made, NULL, "record", NULL, &record, &error), NPK_ERR_USAGE);
}

/* repr(numpy.ma.make_mask_descr(numpy.dtype(text))), and its itemsize: NumPy 1.26 and 2.5. */
static const struct {
    const char *text, *mask;
    int64_t itemsize;
} masks[] = {
    {"<f8", "dtype('bool')", 1},
    {"M8[us]", "dtype('bool')", 1},
    {"U5", "dtype('bool')", 1},
    {"V3", "dtype('bool')", 1},
    {"O", "dtype('bool')", 1},
    {"i4,f8", "dtype([('f0', '?'), ('f1', '?')])", 2},
    {"[('a','<i4'),('b',[('c','<f8'),('d','S3',(2,3))])]", "dtype([('a', '?'), ('b', [('c', '?'), ('d', '?', (2, 3))])])", 8},
    {"[('a','<i4',(2,)),('b','V4')]", "dtype([('a', '?', (2,)), ('b', '?')])", 3},
    {"{'names':['b','a'],'formats':['<f8','<i2'],'offsets':[8,2],'itemsize':32}", "dtype([('b', '?'), ('a', '?')])", 2},
    {"[(('title','name'),'<f4'),('x',[],(2,))]", "dtype([(('title', 'name'), '?'), ('x', [], (2,))])", 1},
    {"[]", "dtype([])", 0},
    {"[('p','<f4'),('q',[('p','<f4'),('q','<f4')],(3,))]", "dtype([('p', '?'), ('q', [('p', '?'), ('q', '?')], (3,))])", 7},
};

Test(make, of_mask)
{
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        const npk_dtype *dtype, *mask;
        char text[256];
        cr_assert_eq(npk_dtype_parse(masks[i].text, NULL, &dtype, &error), NPK_OK, "%s: %s", masks[i].text, error.message);
        cr_assert_eq(npk_dtype_of_mask(dtype, NULL, &mask, &error), NPK_OK, "%s: %s", masks[i].text, error.message);
        npk_dtype_free(dtype);
        npk_dtype_repr(mask, text, sizeof text);
        cr_assert_str_eq(text, masks[i].mask);
        cr_assert_eq(npk_dtype_itemsize(mask), masks[i].itemsize);
        npk_dtype_free(mask);
    }
}

/* Two of the level below at one offset, 40 levels: no mask has 2^40 bools in an item. */
Test(make, of_mask_without_end)
{
    const npk_dtype *deep = of(NPK_INT8), *next;
    for (int level = 0; level < 40; level++) {
        const npk_field both[2] = {FIELD("a", deep, 0), FIELD("b", deep, 0)};
        cr_assert_eq(npk_dtype_new_struct(both, 2, NPK_AUTO, false, NULL, &next, &error), NPK_OK);
        npk_dtype_free(deep);
        deep = next;
    }
    next = NULL;
    cr_assert_eq(npk_dtype_of_mask(deep, NULL, &next, &error), NPK_ERR_DTYPE);
    cr_assert_null(next);
    npk_dtype_free(deep);
}

/* As deep as options.h allows, and one deeper; as many fields, and one more. */
Test(make, limits, .fini = free_all)
{
    const npk_dtype *deep = of(NPK_INT8);
    for (int level = 0; level < 64; level++) {
        npk_field field = FIELD("a", deep, NPK_AUTO);
        const npk_dtype *next;
        cr_assert_eq(npk_dtype_new_struct(&field, 1, NPK_AUTO, false, NULL, &next, &error), NPK_OK, "level %d", level);
        npk_dtype_free(deep);
        deep = next;
    }
    npk_field field = FIELD("a", deep, NPK_AUTO);
    cr_assert_eq(make(&field, 1, NPK_AUTO, false), NPK_ERR_LIMIT);
    cr_assert_eq(npk_dtype_new_subarray(deep, 1, &(int64_t){2}, NULL, &made, &error), NPK_ERR_LIMIT);
    npk_dtype_free(deep);
    enum { MOST = 65535 };
    npk_field *fields = malloc((MOST + 1) * sizeof *fields);
    char(*names)[8] = malloc((MOST + 1) * sizeof *names);
    for (int i = 0; i <= MOST; i++) {
        snprintf(names[i], sizeof *names, "%d", i);
        fields[i] = (npk_field){names[i], strlen(names[i]), NULL, 0, of(NPK_INT16), NPK_AUTO};
    }
    cr_assert_eq(make(fields, MOST + 1, NPK_AUTO, false), NPK_ERR_LIMIT);
    cr_assert_eq(make(fields, MOST, NPK_AUTO, false), NPK_OK);
    cr_assert_eq(npk_dtype_itemsize(made), 2 * MOST);
    free(fields);
    free(names);
}
