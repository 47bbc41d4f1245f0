/* The numbers of ml_dtypes, as that converts and pickles them: tests/data/mldtypes.inc and mldtypes.golden, made by
 * tests/gen/mldtypes.py, where the words are explained. */
#include "golden.h"

#include <npickle/array.h>
#include <npickle/reader.h>
#include <npickle/writer.h>

static const struct {
    enum { OUT, IN, CAN } is;
    const char *from, *to, *rules;
    uint64_t hash;
} rows[] = {
#define OUT(from, to, hash) {OUT, from, to, NULL, hash},
#define IN(from, to, hash) {IN, from, to, NULL, hash},
#define CAN(from, to, rules) {CAN, from, to, rules, 0},
#include "data/mldtypes.inc"
#undef OUT
#undef IN
#undef CAN
};

enum { ROWS = sizeof rows / sizeof *rows };

static const npk_dtype *dtype_of(const char *text)
{
    const npk_dtype *dtype;
    cr_assert_eq(npk_dtype_parse(text, NULL, &dtype, NULL), NPK_OK, "%s", text);
    return dtype;
}

/* The sum that mldtypes.py says; what is behind the ten bytes of a long double does not count. Least significant byte first. */
static uint64_t hash_of(const uint8_t *bytes, size_t count, const npk_dtype *dtype)
{
    size_t size = (size_t)npk_dtype_itemsize(dtype), i = 0;
    bool is_complex = npk_dtype_kind(dtype) == 'c',
         is_raw = npk_dtype_class(dtype, &(const char *){0}, &(size_t){0}, &(const char *){0}, &(size_t){0});
    size_t width = is_complex ? size / 2 : size, kept = width == 16 && !is_raw ? 10 : width;
    uint64_t sum = 0;
    for (size_t at = 0; at < count * size; at += width)
        for (size_t k = 0; k < kept; k++, i++) {
            size_t place = mirror_is_needed() ? at + width - 1 - k : at + k;
            sum += ((uint64_t)bytes[place] + 1) * (i * UINT64_C(0x9e3779b97f4a7c15) | 1);
        }
    return sum;
}

static uint8_t *convert(const void *data, const npk_dtype *from, size_t count, const npk_dtype *to)
{
    int64_t shape[] = {(int64_t)count};
    npk_array array = {.dtype = from, .data = data, .ndim = 1, .shape = shape};
    uint8_t *out = malloc(count * (size_t)npk_dtype_itemsize(to));
    npk_error error;
    cr_assert_not_null(out);
    cr_assert_eq(npk_array_read_as(&array, to, NPK_CAST_UNSAFE, out, count, &error), NPK_OK, "%s", error.message);
    return out;
}

Test(small, every_pattern_of_bits)
{
    static uint16_t words[65536];
    static uint8_t bytes[256];
    size_t seen = 0;
    for (size_t i = 0; i < 65536; i++)
        words[i] = (uint16_t)i, bytes[i & 255] = (uint8_t)i;
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].is != OUT)
            continue;
        const npk_dtype *from = dtype_of(rows[i].from), *to = dtype_of(rows[i].to);
        bool is_word = npk_dtype_itemsize(from) == 2;
        size_t count = is_word ? 65536 : 256;
        uint8_t *out = convert(is_word ? (const void *)words : bytes, from, count, to);
        cr_expect_eq(hash_of(out, count, to), rows[i].hash, "%s -> %s", rows[i].from, rows[i].to);
        free(out);
        seen++;
    }
    cr_expect_geq(seen, 500);
}

/* --- numbers of NumPy --- */

enum { FLOATS = 2 * 65536, DOUBLES = 3 * FLOATS, SEVENTH = (DOUBLES + 6) / 7, INTS = 1200 * 55 * 3 };

static float floats[FLOATS];
static double doubles[DOUBLES], seventh[SEVENTH];
static int64_t ints[INTS];
static uint16_t halves[65536];

static void make_sources(void)
{
    for (uint32_t i = 0; i < FLOATS; i++) {
        uint32_t bits = i >> 1 << 16 | (i & 1) << 15;
        memcpy(&floats[i], &bits, sizeof bits);
        halves[i & 65535] = (uint16_t)i;
    }
    double *wide =
        (double *)(void *)convert(floats, npk_dtype_native(NPK_FLOAT32), FLOATS, npk_dtype_native(NPK_FLOAT64));
    for (size_t i = 0; i < DOUBLES; i++) {
        uint64_t bits;
        memcpy(&bits, &wide[i / 3], sizeof bits);
        bits = bits + i % 3 - 1;
        memcpy(&doubles[i], &bits, sizeof bits);
    }
    free(wide);
    for (size_t i = 0; i < SEVENTH; i++)
        seventh[i] = doubles[7 * i];
    for (size_t i = 0; i < INTS; i++)
        ints[i] = (int64_t)((uint64_t)((int64_t)(i / 165) - 600) << (i % 165 / 3)) + (int64_t)(i % 3) - 1;
}

Test(small, numbers_of_numpy)
{
    static const struct {
        const char *name;
        const void *data;
        npk_type type;
        size_t count;
    } sources[] = {
        {"f2", halves, NPK_FLOAT16, 65536},     {"f4", floats, NPK_FLOAT32, FLOATS},
        {"f8", doubles, NPK_FLOAT64, DOUBLES},  {"f16", seventh, NPK_FLOAT64, SEVENTH},
        {"c16", seventh, NPK_FLOAT64, SEVENTH}, {"i8", ints, NPK_INT64, INTS},
        {"u8", ints, NPK_UINT64, INTS},         {"i2", ints, NPK_INT64, INTS},
        {"b1", ints, NPK_INT64, INTS},
    };
    size_t seen = 0;
    make_sources();
    for (size_t s = 0; s < sizeof sources / sizeof *sources; s++) {
        const npk_dtype *from = dtype_of(sources[s].name);
        uint8_t *data = convert(sources[s].data, npk_dtype_native(sources[s].type), sources[s].count, from);
        for (size_t i = 0; i < ROWS; i++) {
            if (rows[i].is != IN || strcmp(rows[i].from, sources[s].name) != 0)
                continue;
            const npk_dtype *to = dtype_of(rows[i].to);
            uint8_t *out = convert(data, from, sources[s].count, to);
            cr_expect_eq(hash_of(out, sources[s].count, to), rows[i].hash, "%s -> %s", rows[i].from, rows[i].to);
            free(out);
            seen++;
        }
        free(data);
    }
    cr_expect_eq(seen, 9 * 18);
}

Test(small, rules)
{
    for (size_t i = 0; i < ROWS; i++)
        for (int casting = 0; rows[i].is == CAN && casting < 4; casting++)
            cr_expect_eq(npk_dtype_can_cast(dtype_of(rows[i].from), dtype_of(rows[i].to), (npk_casting)casting),
                         rows[i].rules[casting] == '1', "%s -> %s by rule %d", rows[i].from, rows[i].to, casting);
}

/* --- pickles --- */

static void expect_values(const npk_array *array, golden_bytes doubles_of, const char *name)
{
    size_t count = (size_t)npk_array_count(array);
    double *out = malloc(count * sizeof *out + 1);
    cr_assert_eq(count * sizeof *out, doubles_of.size, "%s", name);
    cr_expect_eq(npk_array_read_as(array, npk_dtype_native(NPK_FLOAT64), NPK_CAST_SAFE, out, count, NULL), NPK_OK, "%s",
                 name);
    cr_expect_arr_eq(out, doubles_of.bytes, doubles_of.size, "%s", name);
    free(out);
}

/* Made from the built-in descriptor and the bits. */
static void write_made(npk_writer *w, const char *kind, const npk_dtype *dtype, golden_bytes bits)
{
    int64_t size = npk_dtype_itemsize(dtype), shape[] = {(int64_t)bits.size / size}, two[] = {2};
    npk_array array = {.dtype = dtype, .data = bits.bytes, .ndim = 1, .shape = shape};
    if (strcmp(kind, "array") == 0) {
        npk_write_array(w, &array);
    } else if (strcmp(kind, "scalar") == 0) {
        array.ndim = 0;
        npk_write_scalar(w, &array);
    } else if (strcmp(kind, "twice") == 0) {
        npk_write_begin_list(w, 2);
        npk_write_array(w, &array);
        array.shape = two;
        npk_write_array(w, &array);
        npk_write_end(w);
    } else {
        const npk_field fields[] = {{"n", 1, NULL, 0, npk_dtype_native(NPK_INT32), NPK_AUTO},
                                    {"x", 1, NULL, 0, dtype, NPK_AUTO}};
        const npk_dtype *made;
        uint8_t items[18] = {0};
        cr_assert_eq(npk_dtype_new_struct(fields, 2, NPK_AUTO, false, NULL, &made, NULL), NPK_OK);
        for (int i = 0; i < 3; i++)
            memcpy(items + i * (4 + size) + 4, bits.bytes + i * size, (size_t)size);
        array.dtype = made;
        array.data = items;
        npk_write_array(w, &array);
        npk_dtype_free(made);
    }
}

static void expect_case(const golden *g, const char *kind, const npk_dtype *dtype, const golden_bytes pickles[],
                        golden_bytes bits, golden_bytes numbers)
{
    for (int protocol = 0; protocol < GOLDEN_PROTOCOLS; protocol++) {
        npk_doc *doc;
        npk_array array;
        npk_writer *w;
        uint8_t *bytes;
        size_t size;
        const npk_write_options options = {.protocol_given = true, .protocol = protocol, .dialect = NPK_DIALECT_NUMPY2};
        cr_assert_eq(npk_doc_load_memory(pickles[protocol].bytes, pickles[protocol].size, NULL, &doc, NULL), NPK_OK);
        const npk_value *root = npk_doc_root(doc);
        if (strcmp(kind, "twice") == 0)
            root = npk_value_item(root, 0);
        cr_assert_eq(strcmp(kind, "scalar") == 0 ? npk_scalar_of(root, &array, NULL) : npk_array_of(root, &array, NULL),
                     NPK_OK);
        if (strcmp(kind, "struct") != 0) {
            expect_values(&array, numbers, g->name);
            cr_expect_eq(npk_dtype_type(array.dtype), npk_dtype_type(dtype), "%s", g->name);
            cr_expect(npk_dtype_equal(array.dtype, dtype), "%s", g->name);
        }
        npk_doc_free(doc);
        cr_assert_eq(npk_writer_memory(&options, &w, NULL), NPK_OK);
        write_made(w, kind, dtype, bits);
        cr_assert_eq(npk_writer_finish_memory(w, &bytes, &size, NULL), NPK_OK);
        cr_expect(size == pickles[protocol].size && memcmp(bytes, pickles[protocol].bytes, size) == 0,
                  "%s at protocol %d: other bytes", g->name, protocol);
        npk_bytes_free(NULL, bytes, size);
    }
}

Test(small, pickles_of_ml_dtypes)
{
    golden g;
    golden_bytes pickles[GOLDEN_PROTOCOLS], one;
    size_t cases = 0;
    if (mirror_is_needed()) /* native there is '>' */
        cr_skip_test();
    golden_open(&g, "mldtypes.golden");
    for (; golden_case(&g); cases++) {
        char *words = strdup(g.words), *rest = words, *kind = strdup(g.name);
        *strchr(kind, '/') = '\0';
        const npk_dtype *dtype = dtype_of(golden_word(&rest));
        golden_bytes bits = golden_unquote(golden_word(&rest)), numbers = golden_unquote(golden_word(&rest));
        for (int protocol; golden_pickle(&g, &protocol, &one);)
            pickles[protocol] = one;
        cr_assert_eq(dtype, npk_dtype_native(npk_dtype_type(dtype)));
        expect_case(&g, kind, dtype, pickles, bits, numbers);
        free(bits.bytes);
        free(numbers.bytes);
        free(kind);
        free(words);
    }
    cr_expect_eq(cases, 4 * 18);
    golden_close(&g);
}

/* --- classes --- */

static void expect_class(const npk_dtype *dtype, const char *name)
{
    const char *module, *class_name;
    size_t module_size, name_size;
    cr_assert(npk_dtype_class(dtype, &module, &module_size, &class_name, &name_size));
    cr_expect(module_size == 9 && memcmp(module, "ml_dtypes", 9) == 0);
    cr_expect(name_size == strlen(name) && memcmp(class_name, name, name_size) == 0);
}

Test(small, builtin)
{
    static const struct {
        npk_type type;
        int value;
        const char *name, *str;
    } builtin[] = {{NPK_BFLOAT16, 25, "bfloat16", "V2"},
                   {NPK_FLOAT8_E4M3FN, 29, "float8_e4m3fn", "V1"},
                   {NPK_FLOAT8_E5M2, 31, "float8_e5m2", "f1"},
                   {NPK_INT4, 37, "int4", "V1"}};
    for (size_t i = 0; i < sizeof builtin / sizeof *builtin; i++) {
        const npk_dtype *dtype = npk_dtype_native(builtin[i].type), *raw, *made, *again;
        char text[64];
        cr_expect_eq((int)builtin[i].type, builtin[i].value);
        cr_expect_eq(npk_dtype_kind(dtype), builtin[i].str[0]);
        npk_dtype_str(dtype, text, sizeof text);
        cr_expect_str_eq(text + 1, builtin[i].str);
        cr_expect_eq(text[0], npk_dtype_byteorder(npk_dtype_native(NPK_INT16)));
        expect_class(dtype, builtin[i].name);
        /* A V that is said to be of the class is it; and no other size. */
        cr_assert_eq(npk_dtype_new_sized(NPK_VOID, npk_dtype_itemsize(dtype), '|', NULL, &raw, NULL), NPK_OK);
        cr_assert_eq(npk_dtype_with_class(raw, "ml_dtypes", builtin[i].name, NULL, &made, NULL), NPK_OK);
        cr_expect_eq(made, dtype);
        cr_assert_eq(npk_dtype_with_class(made, "ml_dtypes", "other", NULL, &again, NULL), NPK_OK);
        cr_expect_eq(npk_dtype_type(again), NPK_VOID);
        expect_class(again, "other");
        npk_dtype_free(again);
        npk_dtype_free(raw);
        cr_assert_eq(npk_dtype_new_sized(NPK_VOID, 3, '|', NULL, &raw, NULL), NPK_OK);
        cr_assert_eq(npk_dtype_with_class(raw, "ml_dtypes", builtin[i].name, NULL, &made, NULL), NPK_OK);
        cr_expect_eq(npk_dtype_type(made), NPK_VOID);
        cr_expect_eq(npk_dtype_itemsize(made), 3);
        npk_dtype_free(made);
        npk_dtype_free(raw);
        cr_assert_eq(npk_dtype_copy(dtype, NULL, &made, NULL), NPK_OK);
        expect_class(made, builtin[i].name);
        npk_dtype_free(made);
    }
    const npk_dtype *made; /* the codes of these are not theirs alone: np.dtype('<f1') is an error */
    cr_expect_eq(npk_dtype_parse("<f1", NULL, &made, NULL), NPK_ERR_DTYPE);
}

/* The state of a pickled dtype says what it is; where that is not what the class has, the items are raw bytes. */
Test(small, states)
{
    static const struct {
        const char *state;
        npk_type type;
        int64_t itemsize;
        char byteorder;
    } states[] = {
        {"(I3\nV<\nNNNI2\nI2\nI64\ntb", NPK_BFLOAT16, 2, '<'}, {"(I3\nV>\nNNNI2\nI2\nI80\ntb", NPK_BFLOAT16, 2, '>'},
        {"(I3\nV|\nNNNI2\nI2\nI64\ntb", NPK_BFLOAT16, 2, '|'}, {"(I3\nV<\nNNNI4\nI2\nI64\ntb", NPK_VOID, 4, '<'},
        {"(I3\nV<\nNNNI2\nI1\nI64\ntb", NPK_VOID, 2, '<'},
    };
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        char pickle[128];
        int size =
            snprintf(pickle, sizeof pickle, "cnumpy\ndtype\n(cml_dtypes\nbfloat16\nI00\nI01\ntR%s.", states[i].state);
        npk_doc *doc;
        cr_assert_eq(npk_doc_load_memory(pickle, (size_t)size, NULL, &doc, NULL), NPK_OK, "%zu", i);
        const npk_dtype *dtype = npk_value_dtype(npk_doc_root(doc));
        cr_assert_not_null(dtype);
        cr_expect_eq(npk_dtype_type(dtype), states[i].type, "%zu", i);
        cr_expect_eq(npk_dtype_itemsize(dtype), states[i].itemsize, "%zu", i);
        cr_expect_eq(npk_dtype_byteorder(dtype), states[i].byteorder, "%zu", i);
        expect_class(dtype, "bfloat16");
        npk_doc_free(doc);
    }
}
