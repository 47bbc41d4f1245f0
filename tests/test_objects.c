/* NumPy's family from C: tests/gen/family.py says where the bytes come from. */
#include "counted.h"
#include "golden.h"

#include <npickle.h>

static npk_writer *writer(int protocol, npk_dialect dialect)
{
    npk_writer *w = NULL;
    npk_write_options options = {.protocol_given = true, .protocol = protocol, .dialect = dialect};
    cr_assert(npk_writer_memory(&options, &w, NULL) == NPK_OK);
    return w;
}

static void write_masked(npk_writer *w, const npk_value *root)
{
    npk_array data, mask, filler;
    const npk_value *fill;
    cr_assert_eq(npk_masked_of(root, &data, &mask, &fill, NULL), NPK_OK);
    cr_assert_eq(mask.dtype, npk_dtype_native(NPK_BOOL));
    cr_assert_eq(mask.ndim, data.ndim + npk_dtype_is_struct(data.dtype));
    cr_assert_eq(memcmp(mask.shape, data.shape, (size_t)data.ndim * sizeof *data.shape), 0);
    if (npk_value_kind(fill) != NPK_KIND_NONE)
        cr_assert_eq(npk_array_of(fill, &filler, NULL), NPK_OK);
    npk_write_masked(w, &data, &mask, npk_value_kind(fill) != NPK_KIND_NONE ? &filler : NULL);
}

static void write_root(npk_writer *w, const npk_value *root, const char *word, char *rest)
{
    npk_array array;
    if (strcmp(word, "dtype") == 0) {
        npk_write_dtype(w, npk_value_dtype(root));
    } else if (strcmp(word, "scalar") == 0) {
        cr_assert_eq(npk_scalar_of(root, &array, NULL), NPK_OK);
        npk_write_scalar(w, &array);
    } else if (strcmp(word, "masked") == 0) {
        write_masked(w, root);
    } else if (strcmp(word, "subclass") == 0) {
        const char *module = golden_word(&rest), *name = golden_word(&rest);
        cr_assert_eq(npk_array_of(root, &array, NULL), NPK_OK);
        npk_write_subclass(w, module, name, &array);
    } else {
        cr_assert_eq(npk_array_of(root, &array, NULL), NPK_OK);
        npk_write_array(w, &array);
    }
}

static bool same_bytes(const golden *g, npk_writer *w, golden_bytes expected, int from, int to)
{
    uint8_t *bytes = NULL;
    size_t size = 0, at = 0;
    npk_error error;
    npk_status status = npk_writer_finish_memory(w, &bytes, &size, &error);
    bool same = status == NPK_OK && size == expected.size && memcmp(bytes, expected.bytes, size) == 0;
    while (status == NPK_OK && at < size && at < expected.size && bytes[at] == expected.bytes[at])
        at++;
    cr_expect(same, "%s, read at protocol %d, written at %d: %s, first difference at byte %zu of %zu, expected %zu",
              g->name, from, to, status == NPK_OK ? "other bytes" : error.message, at, size, expected.size);
    if (status == NPK_OK)
        npk_bytes_free(NULL, bytes, size);
    return same;
}

/* Every case, read from every protocol and written at every protocol. */
static void write_family_way(const char *file, npk_dialect dialect, int at_least, int way)
{
    golden g;
    int same = 0, foreign = 0, protocol;
    golden_open_way(&g, file, way);
    while (golden_case(&g)) {
        char *words = strdup(g.words), *rest = words;
        const char *word = golden_word(&rest);
        golden_bytes pickles[GOLDEN_PROTOCOLS];
        int protocols = 0;
        for (golden_bytes next; golden_pickle(&g, &protocol, &next); protocols++)
            pickles[protocol] = next;
        for (int from = 0; from < protocols; from++) {
            npk_doc *doc = NULL;
            npk_error error;
            cr_assert_eq(npk_doc_load_memory(pickles[from].bytes, pickles[from].size, NULL, &doc, &error), NPK_OK,
                         "%s: %s", g.name, error.message);
            for (int to = 0; to < protocols; to++) {
                if (golden_is_foreign(&g)) {
                    foreign++;
                    continue;
                }
                char *copy = strdup(rest);
                npk_writer *w = writer(to, dialect);
                write_root(w, npk_doc_root(doc), word, copy);
                same += same_bytes(&g, w, pickles[to], from, to);
                free(copy);
            }
            npk_doc_free(doc);
        }
        free(words);
    }
    golden_close(&g);
    cr_log_info("%s: %d pickles the same\n", file, same);
    cr_expect_geq(same + foreign, at_least);
    cr_expect_leq(foreign, 8 * 36);
}

static void write_family(const char *file, npk_dialect dialect, int at_least)
{
    for (int way = 0; way < golden_ways(); way++)
        write_family_way(file, dialect, at_least, way);
}

Test(family, of_numpy1)
{
    write_family("family-numpy1.golden", NPK_NUMPY(1, 26), 36 * 140);
}

Test(family, of_cpython311)
{
    write_family("family-cpython311.golden", NPK_CPYTHON(3, 11), 36 * 14);
    write_family("family-cpython311.golden", NPK_CPYTHON(3, 12) | NPK_NUMPY(1, 26), 36 * 14);
}

Test(family, of_python2)
{
    write_family("family-python2.golden", NPK_DIALECT_PYTHON2, 9 * 100);
}

Test(family, of_numpy2)
{
    write_family("family-numpy2.golden", NPK_DIALECT_NUMPY2, 36 * 140);
}

/* --- values that no document had before --- */

/* The pickle of a case at a protocol; the caller frees it. */
static golden_bytes pickle_of(const char *file, const char *name, int protocol)
{
    golden g;
    int at;
    golden_bytes found = {NULL, 0};
    golden_open(&g, file);
    while (golden_case(&g))
        for (golden_bytes next; golden_pickle(&g, &at, &next);)
            if (strcmp(g.name, name) == 0 && at == protocol)
                golden_add(&found, next.bytes, next.size);
    golden_close(&g);
    cr_assert(found.bytes != NULL, "there is no %s in %s", name, file);
    return found;
}

static void expect_case(const char *file, const char *name, int protocol, npk_writer *w)
{
    golden_bytes expected = pickle_of(file, name, protocol);
    golden g = {.name = (char *)name};
    same_bytes(&g, w, expected, protocol, protocol);
    free(expected.bytes);
}

Test(family, objects_from_c)
{
    static const int64_t three[] = {3}, two_three[] = {2, 3}, two[] = {2}, four[] = {4};
    const npk_dtype *object = npk_dtype_native(NPK_OBJECT), *strings = npk_dtype_native(NPK_VSTRING);
    const npk_field fields[] = {
        {.name = "n", .name_size = 1, .dtype = npk_dtype_ordered(NPK_INT32, '<'), .offset = NPK_AUTO},
        {.name = "o", .name_size = 1, .dtype = object, .offset = NPK_AUTO}};
    const npk_dtype *record;
    cr_assert_eq(npk_dtype_new_struct(fields, 2, NPK_AUTO, false, NULL, &record, NULL), NPK_OK);
    for (int protocol = 0; protocol <= 5; protocol++) {
        npk_writer *w = writer(protocol, NPK_DIALECT_DEFAULT);
        npk_write_begin_objects(w, &(npk_array){.dtype = object, .ndim = 1, .shape = three});
        npk_write_int(w, 1);
        npk_write_str(w, "two");
        npk_write_float(w, 3.5);
        npk_write_end(w);
        expect_case("family-numpy1.golden", "objects/3", protocol, w);
        w = writer(protocol, NPK_DIALECT_DEFAULT);
        npk_write_begin_objects(w, &(npk_array){.dtype = object, .ndim = 2, .shape = two_three, .order = 'F'});
        for (int i = 1; i <= 6; i++)
            npk_write_int(w, i);
        npk_write_end(w);
        expect_case("family-numpy1.golden", "objects/F", protocol, w);
        w = writer(protocol, NPK_DIALECT_DEFAULT);
        npk_write_begin_objects(w, &(npk_array){.dtype = record, .ndim = 1, .shape = two});
        for (int i = 1; i <= 2; i++) {
            npk_write_begin_tuple(w, 2);
            npk_write_int(w, i);
            if (i == 1)
                npk_write_str(w, "a");
            else
                npk_write_none(w);
            npk_write_end(w);
        }
        npk_write_end(w);
        expect_case("family-numpy1.golden", "objects/struct", protocol, w);
        w = writer(protocol, NPK_DIALECT_NUMPY2);
        npk_write_begin_objects(w, &(npk_array){.dtype = strings, .ndim = 1, .shape = four});
        npk_write_str(w, "one");
        npk_write_str(w, "deux et trois");
        npk_write_str(w, "");
        npk_write_str(w, "\xe4\xbd\xa0");
        npk_write_end(w);
        expect_case("family-numpy2.golden", "strings/T", protocol, w);
    }
    npk_dtype_free(record);
}

Test(family, masks_and_no_mask)
{
    static const int64_t one[] = {1}, none[] = {0};
    static const uint8_t zero[8], masked[] = {1};
    for (int protocol = 0; protocol <= 5; protocol++) {
        npk_array array = {.dtype = npk_dtype_ordered(NPK_FLOAT64, '<'), .data = zero, .ndim = 1, .shape = none};
        npk_writer *w = writer(protocol, NPK_DIALECT_DEFAULT);
        npk_write_masked(w, &array, NULL, NULL);
        expect_case("family-numpy1.golden", "masked/none", protocol, w);
        array = (npk_array){.dtype = npk_dtype_native(NPK_UINT8), .data = zero, .ndim = 1, .shape = one};
        w = writer(protocol, NPK_DIALECT_DEFAULT);
        npk_write_masked(w, &array,
                         &(npk_array){.dtype = npk_dtype_native(NPK_BOOL), .data = masked, .ndim = 1, .shape = one},
                         NULL);
        expect_case("family-numpy1.golden", "masked/one", protocol, w);
    }
}

/* numpy.ma counts a bool for each plain value: 9 + 2 + 2 x 2 + 2 in this struct. */
Test(family, mask_of_a_struct)
{
    static const uint8_t zeros[2 * 104], bools[2 * 17];
    static const int64_t two[] = {2}, wide[] = {2, 17}, narrow[] = {2, 16};
    golden_bytes pickle = pickle_of("family-numpy1.golden", "array/subarrays/3C", 4);
    npk_doc *doc;
    npk_array loaded;
    cr_assert_eq(npk_doc_load_memory(pickle.bytes, pickle.size, NULL, &doc, NULL), NPK_OK);
    cr_assert_eq(npk_array_of(npk_doc_root(doc), &loaded, NULL), NPK_OK);
    cr_assert_eq(npk_dtype_itemsize(loaded.dtype), 104);
    npk_array data = {.dtype = loaded.dtype, .data = zeros, .ndim = 1, .shape = two};
    npk_array mask = {.dtype = npk_dtype_native(NPK_BOOL), .data = bools, .ndim = 2, .shape = wide};
    uint8_t *bytes[2];
    size_t size[2];
    for (int i = 0; i < 2; i++) {
        npk_writer *w = writer(4, NPK_DIALECT_DEFAULT);
        npk_write_masked(w, &data, i == 0 ? NULL : &mask, NULL);
        cr_assert_eq(npk_writer_finish_memory(w, &bytes[i], &size[i], NULL), NPK_OK);
    }
    cr_assert(size[0] == size[1] && memcmp(bytes[0], bytes[1], size[0]) == 0);
    npk_bytes_free(NULL, bytes[0], size[0]);
    npk_bytes_free(NULL, bytes[1], size[1]);
    npk_writer *w = writer(4, NPK_DIALECT_DEFAULT);
    mask.shape = narrow;
    npk_error error;
    cr_assert_eq(npk_write_masked(w, &data, &mask, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_writer_finish(w, &error), NPK_ERR_USAGE);
    cr_assert_str_eq(error.message, "a mask of 32 bytes on data that takes 34");
    npk_doc_free(doc);
    free(pickle.bytes);
}

/* --- calls --- */

Test(family, new_with_keywords)
{
    static uint8_t expected[] =
        "\x80\x04\x95\x1a\0\0\0\0\0\0\0\x8c\1m\x94\x8c\1A\x94\x93\x94K\1\x85\x94}\x94\x8c\1k\x94K\2s\x92\x94.";
    char name[] = "NEWOBJ_EX";
    golden g = {.name = name};
    npk_writer *w = writer(4, NPK_DIALECT_DEFAULT);
    npk_write_begin_new_ex(w);
    npk_write_global(w, "m", "A");
    npk_write_begin_tuple(w, 1);
    npk_write_int(w, 1);
    npk_write_end(w);
    npk_write_begin_dict(w, 1);
    npk_write_str(w, "k");
    npk_write_int(w, 2);
    npk_write_end(w);
    npk_write_end(w);
    same_bytes(&g, w, (golden_bytes){expected, sizeof expected - 1}, 4, 4);
    w = writer(3, NPK_DIALECT_DEFAULT);
    npk_error error;
    cr_assert_eq(npk_write_begin_new_ex(w), NPK_ERR_UNSUPPORTED);
    cr_assert_eq(npk_writer_finish(w, &error), NPK_ERR_UNSUPPORTED);
    cr_assert_str_eq(error.message, "protocol 3 has no NEWOBJ_EX; protocol 4 has");
    w = writer(4, NPK_DIALECT_DEFAULT);
    npk_write_begin_new_ex(w);
    npk_write_global(w, "m", "A");
    npk_write_begin_tuple(w, 0);
    npk_write_end(w);
    cr_assert_eq(npk_write_begin_list(w, 0), NPK_ERR_USAGE);
    cr_assert_eq(npk_writer_finish(w, &error), NPK_ERR_USAGE);
    cr_assert_str_eq(error.message, "the keywords of a call are a dict");
}

/* Names of what NumPy 1 and 2 have in different places, as pickle.dumps(thing, 2) of NumPy 1.26 and 2.5 has them. */
static const struct {
    const char *module1, *name1, *module2, *name2;
    bool only_to2;
} moved[] = {
    {"numpy", "bool_", "numpy", "bool", false},
    {"numpy", "float64", "numpy", "float64", false},
    {"numpy", "sum", "numpy", "sum", false},
    {"numpy", "string_", "numpy", "bytes_", true},
    {"numpy.core._multiarray_umath", "add", "numpy", "add", false},
    {"numpy.core._multiarray_umath", "trunc", "numpy", "trunc", false},
    {"numpy.core.numeric", "asarray_of_mine", "numpy._core.numeric", "asarray_of_mine", false},
    {"numpy", "recarray", "numpy.rec", "recarray", false},
    {"numpy.ma.core", "MaskedArray", "numpy.ma", "MaskedArray", false},
    {"numpy.random._generator", "default_rng", "numpy.random", "default_rng", false},
    {"numpy.linalg", "norm", "numpy.linalg", "norm", false},
};

static void expect_name(npk_dialect dialect, const char *module, const char *name, const char *new_module,
                        const char *new_name)
{
    char expected[200];
    uint8_t *bytes;
    size_t size;
    snprintf(expected, sizeof expected, "\x80\2c%s\n%s\nq%c.", new_module, new_name, 0);
    npk_writer *w = writer(2, dialect);
    npk_write_global(w, module, name);
    cr_assert_eq(npk_writer_finish_memory(w, &bytes, &size, NULL), NPK_OK);
    size_t length = strlen(expected) + 2;
    cr_expect(size == length && memcmp(bytes, expected, strlen(expected)) == 0, "%s.%s became %.*s", module, name,
              (int)size, bytes);
    npk_bytes_free(NULL, bytes, size);
}

Test(family, names_of_both_numpys)
{
    for (size_t i = 0; i < sizeof moved / sizeof *moved; i++) {
        expect_name(NPK_DIALECT_NUMPY2, moved[i].module1, moved[i].name1, moved[i].module2, moved[i].name2);
        expect_name(NPK_DIALECT_NUMPY2, moved[i].module2, moved[i].name2, moved[i].module2, moved[i].name2);
        if (!moved[i].only_to2)
            expect_name(NPK_DIALECT_DEFAULT, moved[i].module2, moved[i].name2, moved[i].module1, moved[i].name1);
        expect_name(NPK_DIALECT_DEFAULT, moved[i].module1, moved[i].name1, moved[i].module1, moved[i].name1);
    }
}

/* A list and a dict that hold themselves: x = []; x.append(x) and y = {}; y[1] = y. */
Test(family, holds_itself)
{
    static const char *const lists[] = {"(lp0\ng0\na.", "]q\0h\0a.", "\x80\2]q\0h\0a."};
    static const size_t list_sizes[] = {10, 7, 9};
    static const char *const dicts[] = {"(dp0\nI1\ng0\ns.", "}q\0K\1h\0s.", "\x80\2}q\0K\1h\0s."};
    static const size_t dict_sizes[] = {13, 9, 11};
    char name[] = "holds itself";
    golden g = {.name = name};
    for (int protocol = 0; protocol < 3; protocol++) {
        npk_writer *w = writer(protocol, NPK_DIALECT_DEFAULT);
        npk_write_begin_list(w, 1);
        npk_write_again(w, npk_writer_last(w));
        npk_write_end(w);
        same_bytes(&g, w, (golden_bytes){(uint8_t *)(uintptr_t)lists[protocol], list_sizes[protocol]}, protocol,
                   protocol);
        w = writer(protocol, NPK_DIALECT_DEFAULT);
        npk_write_begin_dict(w, 1);
        int64_t itself = npk_writer_last(w);
        npk_write_int(w, 1);
        npk_write_again(w, itself);
        npk_write_end(w);
        same_bytes(&g, w, (golden_bytes){(uint8_t *)(uintptr_t)dicts[protocol], dict_sizes[protocol]}, protocol,
                   protocol);
    }
}

/* --- what can't be written --- */

static void expect_refused(npk_writer *w, npk_status expected, const char *message)
{
    npk_error error = {.status = NPK_OK};
    cr_expect_eq(npk_writer_finish(w, &error), expected, "%s", message);
    cr_expect_str_eq(error.message, message);
}

Test(family, refused)
{
    static const int64_t two[] = {2};
    static const uint8_t data[16];
    const npk_dtype *sub;
    cr_assert_eq(npk_dtype_new_subarray(npk_dtype_native(NPK_FLOAT32), 1, two, NULL, &sub, NULL), NPK_OK);
    npk_array one = {.dtype = npk_dtype_native(NPK_FLOAT64), .data = data};
    npk_array many = {.dtype = npk_dtype_native(NPK_FLOAT64), .data = data, .ndim = 1, .shape = two};
    npk_writer *w = writer(2, NPK_DIALECT_DEFAULT);
    npk_write_scalar(w, &many);
    expect_refused(w, NPK_ERR_USAGE, "expected an array without dimensions that is not a Python object");
    w = writer(2, NPK_DIALECT_DEFAULT);
    one.dtype = sub;
    npk_write_array(w, &one);
    expect_refused(w, NPK_ERR_USAGE, "an array of subarrays: their dimensions are those of the array");
    w = writer(2, NPK_DIALECT_DEFAULT);
    npk_write_begin_objects(w, &many);
    expect_refused(w, NPK_ERR_USAGE, "expected a dtype of Python objects, or a struct with some");
    w = writer(2, NPK_DIALECT_DEFAULT);
    npk_write_array(w, &(npk_array){.dtype = npk_dtype_native(NPK_OBJECT), .data = data, .ndim = 1, .shape = two});
    expect_refused(w, NPK_ERR_USAGE, "an array of Python objects is written with npk_write_begin_objects");
    w = writer(2, NPK_DIALECT_DEFAULT);
    npk_write_masked(w, &many, NULL, &many);
    expect_refused(w, NPK_ERR_USAGE, "a fill value of 1 dimension");
    w = writer(2, NPK_DIALECT_DEFAULT);
    npk_write_begin_objects(w, &(npk_array){.dtype = npk_dtype_native(NPK_OBJECT), .ndim = 1, .shape = two});
    npk_write_none(w);
    npk_write_end(w);
    expect_refused(w, NPK_ERR_USAGE, "1 item in a list whose count says 2");
    npk_dtype_free(sub);
}

static uint8_t *put(uint8_t *at, const void *bytes, size_t size)
{
    memcpy(at, bytes, size);
    return at + size;
}

/* NumPy writes a scalar in the order of its machine, and loads either: both of these are numpy.float64(1.5). The bytes are what
 * pickle.dumps(x, 2) makes of an x whose __reduce__ returns (scalar, (np.dtype('>f8'), b'?\xf8\0\0\0\0\0\0')). */
Test(family, scalars_of_either_order)
{
    static const struct {
        char order;
        const uint8_t data[8];
        const char *text; /* the same as UTF-8 */
    } rows[] = {{'>', {'?', 0xf8}, "?\xc3\xb8\0\0\0\0\0\0"}, {'<', {[6] = 0xf8, '?'}, "\0\0\0\0\0\0\xc3\xb8?"}};
    static const char before[] =
        "\x80\2cnumpy.core.multiarray\nscalar\nq\0cnumpy\ndtype\nq\1X\2\0\0\0f8q\2\x89\x88\x87q\3Rq\4(K\3X\1\0\0\0";
    static const char between[] = "q\5NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tq\6"
                                  "bc_codecs\nencode\nq\7X\x09\0\0\0";
    static const char after[] = "q\x08X\6\0\0\0latin1q\x09\x86q\nRq\x0b\x86q\x0cRq\r.";
    char name[] = "scalar";
    golden g = {.name = name};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t expected[sizeof before + sizeof between + sizeof after + 10], *at = expected;
        at = put(at, before, sizeof before - 1);
        at = put(at, &rows[i].order, 1);
        at = put(at, between, sizeof between - 1);
        at = put(at, rows[i].text, 9);
        at = put(at, after, sizeof after - 1);
        npk_array scalar = {.dtype = npk_dtype_ordered(NPK_FLOAT64, rows[i].order), .data = rows[i].data};
        npk_writer *w = writer(2, NPK_DIALECT_DEFAULT);
        npk_write_scalar(w, &scalar);
        same_bytes(&g, w, (golden_bytes){expected, (size_t)(at - expected)}, 2, 2);
    }
}

static void expect_ml_dtypes(const npk_array *array, golden_bytes expected)
{
    char name[] = "bfloat16";
    golden g = {.name = name};
    npk_writer *w = writer(2, NPK_DIALECT_NUMPY2);
    npk_write_array(w, array);
    same_bytes(&g, w, expected, 2, 2);
}

/* A type that somebody added to NumPy. The bytes are those of NumPy 2.2 with ml_dtypes 0.5, of an array and of its
 * view(dtype.newbyteorder('>')): NumPy keeps the byte order, and swaps the items as it loads them where that is not the machine's. */
Test(family, type_of_ml_dtypes)
{
    static const int64_t two[] = {2};
    static const uint8_t data[] = {0x80, 0x3f, 0x00, 0x40};
    static uint8_t expected[] = "\x80\2cnumpy._core.multiarray\n_reconstruct\nq\0cnumpy\nndarray\nq\1K\0\x85q\2c_"
                                "codecs\nencode\nq\3X\1\0\0\0bq\4"
                                "X\6\0\0\0latin1q\5\x86q\6Rq\7\x87q\x08Rq\x09(K\1K\2\x85q\x0a"
                                "cnumpy\ndtype\nq\x0b"
                                "cml_dtypes\nbfloat16\nq\x0c"
                                "\x89\x88\x87q\x0dRq\x0e(K\3X\1\0\0\0<q\x0fNNNK\2K\2K@tq\x10"
                                "b\x89h\3X\5\0\0\0\xc2\x80?\0@q\x11h\5\x86q\x12Rq\x13tq\x14"
                                "b.";
    uint8_t *order = memchr(expected, '<', sizeof expected);
    golden_bytes pickle = {expected, sizeof expected - 1};
    const npk_dtype *raw, *native, *bfloat16;
    cr_assert_eq(npk_dtype_new_sized(NPK_VOID, 2, '|', NULL, &raw, NULL), NPK_OK);
    cr_assert_eq(npk_dtype_with_class(raw, "ml_dtypes", "bfloat16", NULL, &native, NULL), NPK_OK);
    cr_expect_eq(npk_dtype_byteorder(native), npk_dtype_byteorder(npk_dtype_native(NPK_INT16)));
    char text[64];
    for (const char *orders = "<>"; *orders != '\0'; orders++) {
        *order = (uint8_t)*orders;
        cr_assert_eq(npk_dtype_with_byteorder(native, *orders, NULL, &bfloat16, NULL), NPK_OK);
        expect_ml_dtypes(&(npk_array){.dtype = bfloat16, .data = data, .ndim = 1, .shape = two}, pickle);
        cr_expect_eq(npk_dtype_repr(bfloat16, text, sizeof text), strlen("dtype(bfloat16)"));
        cr_expect_str_eq(text, "dtype(bfloat16)");
        npk_dtype_str(bfloat16, text, sizeof text);
        cr_expect_str_eq(text, *orders == '<' ? "<V2" : ">V2");
        npk_doc *doc; /* and back */
        npk_array view;
        uint8_t out[sizeof data];
        cr_assert_eq(npk_doc_load_memory(pickle.bytes, pickle.size, NULL, &doc, NULL), NPK_OK);
        cr_assert_eq(npk_array_of(npk_doc_root(doc), &view, NULL), NPK_OK);
        cr_expect(npk_dtype_equal(view.dtype, bfloat16));
        expect_ml_dtypes(&view, pickle);
        cr_expect_eq(npk_array_read_as(&view, raw, NPK_CAST_UNSAFE, out, 2, NULL), NPK_OK);
        cr_expect_arr_eq(out, data, sizeof data);
        /* As numbers they are swapped: 1.0 and 2.0, or what their bytes say in the other order. */
        double numbers[2];
        static const double other[2] = {-5.7856362579534463e-39, 5.877471754111438e-39};
        cr_expect_eq(npk_array_read_as(&view, npk_dtype_native(NPK_FLOAT64), NPK_CAST_SAFE, numbers, 2, NULL), NPK_OK);
        for (int i = 0; i < 2; i++)
            cr_expect_float_eq(numbers[i], *orders == '<' ? i + 1.0 : other[i], 1e-50);
        npk_doc_free(doc);
        npk_dtype_free(bfloat16);
    }
    npk_dtype_free(native);
    npk_dtype_free(raw);
}

Test(family, titles_need_a_memo)
{
    golden_bytes pickle = pickle_of("family-numpy1.golden", "dtype/titles", 2);
    npk_write_options options = {.memo = NPK_MEMO_NONE};
    npk_doc *doc;
    npk_writer *w;
    cr_assert_eq(npk_doc_load_memory(pickle.bytes, pickle.size, NULL, &doc, NULL), NPK_OK);
    cr_assert_eq(npk_writer_memory(&options, &w, NULL), NPK_OK);
    npk_write_dtype(w, npk_value_dtype(npk_doc_root(doc)));
    expect_refused(w, NPK_ERR_UNSUPPORTED, "the field 'name' stands under its title too, which takes a memo");
    npk_doc_free(doc);
    free(pickle.bytes);
}

/* --- memory --- */

/* Fails every allocation of the writing in turn. */
static void exhaust(const golden *g, int protocol, const npk_value *root, const char *word, const char *rest)
{
    bool done = false;
    for (size_t fail = 1; !done; fail++) {
        counted counter = {.fail = fail};
        npk_allocator allocator = {resize_counted, &counter};
        npk_write_options options = {.protocol_given = true, .protocol = protocol, .allocator = &allocator};
        npk_writer *w = NULL;
        npk_error error = {.status = NPK_OK};
        npk_status status = npk_writer_memory(&options, &w, &error);
        if (status == NPK_OK) {
            char *copy = strdup(rest);
            uint8_t *bytes;
            size_t size;
            write_root(w, root, word, copy);
            status = npk_writer_finish_memory(w, &bytes, &size, &error);
            if (status == NPK_OK)
                npk_bytes_free(&allocator, bytes, size);
            free(copy);
        }
        done = counter.calls < fail;
        cr_assert(counter.held == 0 && !counter.wrong, "%s: a leak after failure %zu", g->name, fail);
        cr_assert_eq(status, done ? NPK_OK : NPK_ERR_MEMORY, "%s: %s after failure %zu", g->name,
                     npk_status_name(status), fail);
    }
}

Test(family, every_allocation_fails)
{
    golden g;
    int protocol;
    golden_open(&g, "family-numpy1.golden");
    while (golden_case(&g)) {
        char *words = strdup(g.words), *rest = words;
        const char *word = golden_word(&rest);
        for (golden_bytes next; golden_pickle(&g, &protocol, &next);) {
            npk_doc *doc = NULL;
            if (protocol % 2 == 0) { /* 0, 2, 4 */
                cr_assert_eq(npk_doc_load_memory(next.bytes, next.size, NULL, &doc, NULL), NPK_OK);
                exhaust(&g, protocol, npk_doc_root(doc), word, rest);
            }
            npk_doc_free(doc);
        }
        free(words);
    }
    golden_close(&g);
}

/* A list of 2,000 ints, and calls over it: what a call takes that another took before costs 128 bytes of the memory's
 * limit an item. */
static npk_status load_takers(const char *global, const char *before, unsigned calls)
{
    golden_bytes pickle = {NULL, 0};
    const char *const call[] = {"h\1", before, before[0] == '\0' ? "h\2\205R" : "h\2\206R"};
    golden_add(&pickle, "\200\2c", 3);
    golden_add(&pickle, global, strlen(global));
    golden_add(&pickle, "q\1](", 4);
    for (unsigned i = 0; i < 2000; i++)
        golden_add(&pickle, (const char[]){'M', (char)i, (char)(i >> 8)}, 3);
    golden_add(&pickle,
               "eq\2"
               "00](",
               7);
    for (unsigned i = 0; i < calls; i++)
        for (size_t part = 0; part < 3; part++)
            golden_add(&pickle, call[part], strlen(call[part]));
    golden_add(&pickle, "e.", 2);
    npk_doc *doc = NULL;
    npk_status status = npk_doc_load_memory(pickle.bytes, pickle.size, NULL, &doc, NULL);
    npk_doc_free(doc);
    free(pickle.bytes);
    return status;
}

Test(objects, a_list_that_many_calls_take)
{
    static const struct {
        const char *global, *before;
    } takers[] = {{"__builtin__\nset\n", ""}, {"__builtin__\nfrozenset\n", ""}, {"array\narray\n", "U\1l"}};
    const unsigned most = 1 + (64 << 20) / (2000 * 128);
    for (size_t i = 0; i < sizeof takers / sizeof *takers; i++) {
        cr_expect_eq(load_takers(takers[i].global, takers[i].before, 50), NPK_OK, "%s", takers[i].global);
        cr_expect_eq(load_takers(takers[i].global, takers[i].before, most + 1), NPK_ERR_LIMIT, "%s", takers[i].global);
    }
    cr_expect_eq(load_takers(takers[0].global, takers[0].before, most), NPK_OK);
}
