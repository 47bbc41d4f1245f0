#include "every.h"
#include "golden.h"

#include <npickle.h>

#define I64(...) ((const int64_t[]){__VA_ARGS__})

/* --- descriptors --- */

/* "<f4" with the machine's own order. */
static const char *native(const char *code)
{
    static char text[16];
    const uint16_t one = 1;
    snprintf(text, sizeof text, "%c%s", *(const uint8_t *)&one == 1 ? '<' : '>', code);
    return text;
}

static const npk_dtype *dtype_of(const npk_struct *structure)
{
    const npk_dtype *dtype = NULL;
    npk_error error;
    cr_assert(npk_struct_dtype(structure, NULL, &dtype, &error) == NPK_OK, "%s", error.message);
    return dtype;
}

static void expect_code(const npk_dtype *dtype, const char *code)
{
    char text[32];
    npk_dtype_str(dtype, text, sizeof text);
    cr_expect_str_eq(text, code[0] == '|' ? code : native(code), "%s, not %s", text, code);
}

struct mixed {
    char one;
    double d;
    char name[3];
    char lines[2][7];
    short grid[2][3][4];
    struct point p;
    struct point q[5];
    unsigned char last[1];
};

NPK_STRUCT(mixed, struct mixed, NPK_NAMED(one, "first one", "Title"), d, NPK_NAMED(name, "n\xc3\xa4me", NULL), lines,
           grid, NPK_NESTED(p, point), NPK_NESTED_NAMED(q, point, "points", "the points"), last);

/* code "" is a struct; the shape ends at 0 */
static const struct {
    const char *name, *title, *code;
    size_t offset;
    int64_t shape[4];
} fields_of_mixed[] = {
    {"first one", "Title", "|S1", offsetof(struct mixed, one), {0}},
    {"d", NULL, "f8", offsetof(struct mixed, d), {0}},
    {"n\xc3\xa4me", NULL, "|S3", offsetof(struct mixed, name), {0}},
    {"lines", NULL, "|S7", offsetof(struct mixed, lines), {2}},
    {"grid", NULL, "i2", offsetof(struct mixed, grid), {2, 3, 4}},
    {"p", NULL, "", offsetof(struct mixed, p), {0}},
    {"points", "the points", "", offsetof(struct mixed, q), {5}},
    {"last", NULL, "|u1", offsetof(struct mixed, last), {1}},
};

Test(cstruct, descriptor)
{
    const npk_dtype *dtype = dtype_of(&mixed), *first_point = NULL;
    const npk_field *fields;
    cr_assert_eq(npk_dtype_fields(dtype, &fields), sizeof fields_of_mixed / sizeof *fields_of_mixed);
    cr_expect_eq(npk_dtype_itemsize(dtype), (int64_t)sizeof(struct mixed));
    cr_expect_not(npk_dtype_is_aligned_struct(dtype));
    for (size_t i = 0; i < sizeof fields_of_mixed / sizeof *fields_of_mixed; i++) {
        const int64_t *shape = NULL;
        int ndim = 0;
        const npk_dtype *inner = npk_dtype_subarray(fields[i].dtype, &ndim, &shape);
        cr_expect_str_eq(fields[i].name, fields_of_mixed[i].name);
        cr_expect((fields[i].title == NULL) == (fields_of_mixed[i].title == NULL));
        if (fields[i].title != NULL)
            cr_expect_str_eq(fields[i].title, fields_of_mixed[i].title);
        cr_expect_eq(fields[i].offset, (int64_t)fields_of_mixed[i].offset, "%s", fields[i].name);
        for (int k = 0; k < ndim; k++)
            cr_expect_eq(shape[k], fields_of_mixed[i].shape[k], "%s", fields[i].name);
        cr_expect_eq(fields_of_mixed[i].shape[ndim], 0, "%s", fields[i].name);
        inner = inner != NULL ? inner : fields[i].dtype;
        if (fields_of_mixed[i].code[0] != '\0') {
            expect_code(inner, fields_of_mixed[i].code);
            continue;
        }
        cr_expect(npk_dtype_is_struct(inner) && npk_dtype_itemsize(inner) == (int64_t)sizeof(struct point));
        cr_expect(first_point == NULL || first_point == inner, "the same struct has two descriptors");
        first_point = inner;
    }
    npk_dtype_free(dtype);
}

/* Numbers of either name are the built-in descriptors, whatever their names in C. */
Test(cstruct, types)
{
    const npk_dtype *dtype = dtype_of(&every);
    const npk_field *fields;
    size_t count = npk_dtype_fields(dtype, &fields);
    static const char *const codes[] = {"|b1", "|i1", "|u1", "|S1", "i2", "u2", "i4", "u4",  "",   "",
                                        "i8",  "u8",  "|i1", "|u1", "f4", "f8", "c8", "c16", "u4", "|S8"};
    cr_assert_geq(count, 27);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        const npk_dtype *inner = npk_dtype_subarray(fields[i].dtype, NULL, NULL);
        if (codes[i][0] != '\0')
            expect_code(inner != NULL ? inner : fields[i].dtype, codes[i]);
    }
    expect_code(fields[8].dtype, sizeof(long) == 8 ? "i8" : "i4");
    expect_code(fields[9].dtype, sizeof(long) == 8 ? "u8" : "u4");
    cr_expect_eq(fields[6].dtype, npk_dtype_native(NPK_INT32));
    cr_expect_eq(npk_dtype_itemsize(dtype), (int64_t)sizeof(struct every));
    npk_dtype_free(dtype);
}

#define EIGHT(x) x##0, x##1, x##2, x##3, x##4, x##5, x##6, x##7
struct long_one {
    int EIGHT(a), EIGHT(b), EIGHT(c), EIGHT(d), EIGHT(e), EIGHT(f), EIGHT(g), EIGHT(h);
};
EVERY_STRUCT(long_one, struct long_one, EIGHT(a), EIGHT(b), EIGHT(c), EIGHT(d), EIGHT(e), EIGHT(f), EIGHT(g), EIGHT(h));

Test(cstruct, most_members)
{
    const npk_dtype *dtype = dtype_of(&long_one);
    const npk_field *fields;
    cr_assert_eq(npk_dtype_fields(dtype, &fields), 64);
    for (size_t i = 0; i < 64; i++)
        cr_expect(fields[i].offset == (int64_t)(i * sizeof(int)) && fields[i].name[0] == "abcdefgh"[i / 8] &&
                  fields[i].name[1] == "01234567"[i % 8]);
    npk_dtype_free(dtype);
}

/* Members of a union share bytes; those of a struct without a name have their own names. */
struct shared {
    union {
        float f;
        uint32_t bits;
    };
    const int fixed;
    volatile short now;
};
NPK_STRUCT(shared, struct shared, f, bits, fixed, now);

Test(cstruct, shared_bytes)
{
    const npk_dtype *dtype = dtype_of(&shared);
    const npk_field *fields;
    cr_assert_eq(npk_dtype_fields(dtype, &fields), 4);
    cr_expect(fields[0].offset == 0 && fields[1].offset == 0 && fields[2].offset == 4 && fields[3].offset == 8);
    expect_code(fields[0].dtype, "f4");
    expect_code(fields[1].dtype, "u4");
    npk_dtype_free(dtype);
}

Test(cstruct, bad_descriptions)
{
    static const npk_member twice[] = {{"x", NULL, NULL, NPK_INT8, 0, {1, 1, 1, 1}, 0, NULL},
                                       {"x", NULL, NULL, NPK_INT8, 0, {1, 1, 1, 1}, 1, NULL}};
    npk_member bad = twice[0];
    npk_struct structure = {twice, 2, 2}, inside = {&bad, 1, 1};
    const npk_dtype *dtype = NULL;
    npk_error error;
    cr_expect_eq(npk_struct_dtype(&structure, NULL, &dtype, &error), NPK_ERR_DTYPE, "%s", error.message);
    cr_expect_eq(npk_struct_dtype(NULL, NULL, &dtype, &error), NPK_ERR_USAGE);
    cr_expect_eq(npk_struct_dtype(&structure, NULL, NULL, &error), NPK_ERR_USAGE);
    structure.count = 0;
    cr_expect_eq(npk_struct_dtype(&structure, NULL, &dtype, &error), NPK_ERR_USAGE);
    structure = (npk_struct){&bad, 1, 1};
    bad.sizes[0] = 2;
    cr_expect_eq(npk_struct_dtype(&structure, NULL, &dtype, &error), NPK_ERR_USAGE);
    bad.ndim = 4;
    cr_expect_eq(npk_struct_dtype(&structure, NULL, &dtype, &error), NPK_ERR_USAGE);
    static const npk_member wrong[] = {
        {"x", NULL, NULL, NPK_BYTES, 0, {SIZE_MAX}, 0, NULL},
        {"x", NULL, NULL, NPK_BYTES, 1, {SIZE_MAX, 1}, 0, NULL},
        {"x", NULL, NULL, NPK_BYTES, 1, {0, SIZE_MAX}, 0, NULL},
        {"x", NULL, NULL, NPK_INT8, 0, {1}, SIZE_MAX, NULL},
        {NULL, NULL, NULL, NPK_INT8, 0, {1}, 0, NULL},
        {"x", NULL, NULL, (npk_type)-1, 0, {1}, 0, NULL},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        bad = wrong[i];
        cr_expect_eq(npk_struct_dtype(&structure, NULL, &dtype, &error), NPK_ERR_USAGE, "row %zu", i);
    }
    structure = (npk_struct){twice, 1, SIZE_MAX};
    cr_expect_eq(npk_struct_dtype(&structure, NULL, &dtype, &error), NPK_ERR_USAGE);
    structure = (npk_struct){NULL, 1, 1};
    cr_expect_eq(npk_struct_dtype(&structure, NULL, &dtype, &error), NPK_ERR_USAGE);
    structure = (npk_struct){&bad, 1, 1};
    bad = twice[0];
    bad.type = NPK_STR;
    cr_expect_eq(npk_struct_dtype(&structure, NULL, &dtype, &error), NPK_ERR_USAGE);
    bad.nested = &inside; /* which holds itself */
    bad.type = NPK_VOID;
    cr_expect_eq(npk_struct_dtype(&structure, NULL, &dtype, &error), NPK_ERR_LIMIT);
    cr_expect_null(dtype);
}

/* --- what NumPy wrote --- */

/* The goldens come from a machine whose struct is this one's. */
static bool is_like_x86_64(void)
{
    return sizeof(long) == 8 && LDBL_MANT_DIG == 64 && sizeof(long double) == 16 && native("")[0] == '<';
}

typedef struct wanted {
    int items, wide;
    npk_casting casting;
    const char *missing; /* "-": nothing */
    const char *extra;
} wanted;

static wanted take_words(char *words)
{
    static const char *const rules[] = {"safe", "same", "same-kind"};
    wanted w = {.items = 1, .casting = NPK_CAST_UNSAFE};
    int64_t shape[4];
    int ndim = golden_numbers(golden_word(&words), shape);
    for (int i = 0; i < ndim; i++)
        w.items *= (int)shape[i];
    w.wide = golden_word(&words)[0] == '1';
    const char *rule = golden_word(&words);
    for (int i = 0; i < 3; i++)
        if (strcmp(rules[i], rule) == 0)
            w.casting = (npk_casting)i;
    w.missing = golden_word(&words);
    w.extra = golden_word(&words);
    if (!is_like_x86_64() && w.casting == NPK_CAST_SAME) /* another long, another long double or none */
        w.casting = NPK_CAST_SAME_KIND;
    return w;
}

static bool is_missing(const wanted *w, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = w->missing; (at = strstr(at, name)) != NULL; at++)
        if ((at == w->missing || at[-1] == ',') && (at[size] == ',' || at[size] == '\0'))
            return true;
    return false;
}

/* The items as they should be: bytes that nothing is read into are 0xee. */
static struct every *expected_items(const wanted *w, bool zero_missing)
{
    struct every *items = malloc((size_t)(w->items + 1) * sizeof *items), filled;
    memset(items, 0xee, (size_t)(w->items + 1) * sizeof *items);
    for (int i = 0; i < w->items; i++) {
        fill_every(&filled, i, w->wide);
        for (size_t k = 0; k < every.count; k++) {
            const npk_member *member = &every.members[k];
            if (!is_missing(w, member->name))
                memcpy((char *)&items[i] + member->offset, (char *)&filled + member->offset, member->sizes[0]);
            else if (zero_missing)
                memset((char *)&items[i] + member->offset, 0, member->sizes[0]);
        }
    }
    return items;
}

static void expect_items(const char *name, const wanted *w, const struct every *got, bool zero_missing)
{
    struct every *expected = expected_items(w, zero_missing);
    for (int i = 0; i < w->items; i++) {
        const char *other = differing_member(&every, &got[i], &expected[i]);
        cr_expect(other == NULL, "%s: item %d: %s", name, i, other);
        cr_expect_eq(memcmp(&got[i].left_out, &expected[i].left_out, sizeof(int)), 0, "%s: padding was written", name);
    }
    cr_expect_eq(memcmp(&got[w->items], &expected[w->items], sizeof *got), 0, "%s: written past the end", name);
    free(expected);
}

/* One pickle, under every option that its words say something about. */
static void read_case(const char *name, const wanted *w, const npk_array *array)
{
    static struct every got[8];
    bool missing = w->missing[0] != '-';
    npk_fields_options options = {.casting = w->casting};
    npk_error error = {.status = NPK_OK};
    memset(got, 0xee, sizeof got);
    npk_status status = npk_array_read_structs(array, &every, &options, got, (size_t)w->items, &error);
    cr_expect_eq(status, missing ? NPK_ERR_NOT_FOUND : NPK_OK, "%s: %s", name, error.message);
    for (int zero = 0; zero < 2; zero++) {
        options.missing = zero ? NPK_MISSING_ZERO : NPK_MISSING_LEAVE;
        memset(got, 0xee, sizeof got);
        status = npk_array_read_structs(array, &every, &options, got, (size_t)w->items, &error);
        cr_expect_eq(status, NPK_OK, "%s: %s", name, error.message);
        expect_items(name, w, got, zero);
    }
    if (!is_like_x86_64())
        return;
    options.refuse_extra = true;
    status = npk_array_read_structs(array, &every, &options, got, (size_t)w->items, &error);
    cr_expect_eq(status, w->extra[0] == '-' ? NPK_OK : NPK_ERR_CAST, "%s: %s", name, error.message);
    options.refuse_extra = false;
    options.casting = w->casting == NPK_CAST_SAFE ? NPK_CAST_SAME : NPK_CAST_SAFE;
    status = npk_array_read_structs(array, &every, &options, got, (size_t)w->items, &error);
    cr_expect_eq(status, w->casting == NPK_CAST_SAME ? NPK_OK : NPK_ERR_CAST, "%s: %s", name, error.message);
}

static int read_goldens(const char *file)
{
    golden g;
    golden_bytes pickle;
    int protocol, pickles = 0;
    golden_open(&g, file);
    while (golden_case(&g)) {
        wanted w = take_words(g.words);
        while (golden_pickle(&g, &protocol, &pickle)) {
            npk_doc *doc = NULL;
            npk_array array;
            npk_error error;
            cr_assert(npk_doc_load_memory(pickle.bytes, pickle.size, NULL, &doc, &error) == NPK_OK, "%s: %s", g.name,
                      error.message);
            cr_assert_eq(npk_array_of(npk_doc_root(doc), &array, NULL), NPK_OK);
            read_case(g.name, &w, &array);
            npk_doc_free(doc);
            pickles++;
        }
    }
    golden_close(&g);
    return pickles;
}

Test(cstruct, goldens)
{
    cr_expect_eq(read_goldens("cstruct-numpy1.golden"), 40);
    cr_expect_eq(read_goldens("cstruct-numpy2.golden"), 18);
}

/* The descriptor is NumPy's for the same struct, where the machine is the one that wrote it. */
Test(cstruct, descriptor_of_numpy)
{
    golden g;
    golden_bytes pickle;
    int protocol;
    golden_open(&g, "cstruct-numpy1.golden");
    cr_assert(golden_case(&g) && strcmp(g.name, "c") == 0 && golden_pickle(&g, &protocol, &pickle));
    npk_doc *doc = NULL;
    npk_array array;
    cr_assert_eq(npk_doc_load_memory(pickle.bytes, pickle.size, NULL, &doc, NULL), NPK_OK);
    cr_assert_eq(npk_array_of(npk_doc_root(doc), &array, NULL), NPK_OK);
    const npk_dtype *dtype = dtype_of(&every);
    if (is_like_x86_64())
        cr_expect(npk_dtype_equal(dtype, array.dtype));
    npk_dtype_free(dtype);
    npk_doc_free(doc);
    golden_close(&g);
}

/* What was written is what is read, at every protocol, and the bytes between members are zeros. */
Test(cstruct, written_and_read)
{
    static struct every given[6], got[6];
    const npk_dtype *dtype = dtype_of(&every);
    for (int i = 0; i < 6; i++) {
        memset(&given[i], 0xee, sizeof given[i]);
        fill_numbers(&given[i], i, 1);
        fill_every(&given[i], i, 1);
        given[i].left_out = 0x5ec2e7;
    }
    for (int protocol = 0; protocol <= 5; protocol++) {
        npk_write_options options = {.protocol_given = true, .protocol = protocol};
        npk_writer *writer = NULL;
        npk_doc *doc = NULL;
        npk_array array;
        npk_error error;
        uint8_t *bytes = NULL;
        size_t size = 0;
        cr_assert_eq(npk_writer_memory(&options, &writer, &error), NPK_OK);
        npk_write_array(writer, &NPK_ARRAY_OF(dtype, given, 2, 3));
        cr_assert(npk_writer_finish_memory(writer, &bytes, &size, &error) == NPK_OK, "%s", error.message);
        cr_assert(npk_doc_load_memory(bytes, size, NULL, &doc, &error) == NPK_OK, "%s", error.message);
        cr_assert_eq(npk_array_of(npk_doc_root(doc), &array, &error), NPK_OK);
        cr_expect(array.ndim == 2 && npk_dtype_equal(array.dtype, dtype));
        memset(got, 0, sizeof got);
        cr_assert(NPK_ARRAY_READ_STRUCTS(&array, every, NULL, got, 6, &error) == NPK_OK, "%s", error.message);
        for (int i = 0; i < 6; i++) {
            const char *other = differing_member(&every, &got[i], &given[i]);
            cr_expect(other == NULL, "protocol %d, item %d: %s", protocol, i, other);
        }
        cr_assert_eq(npk_array_copy(&array, 'C', got, sizeof got, &error), NPK_OK);
        cr_expect_eq(got[5].left_out, 0, "protocol %d: memory of the program is in the pickle", protocol);
        npk_doc_free(doc);
        npk_bytes_free(NULL, bytes, size);
    }
    npk_dtype_free(dtype);
}

/* --- fields of other dtypes --- */

/* One item of raw bytes, of a dtype that is made here, read as one of another. */
enum { MOST = 6 };

typedef struct shape_of_field {
    const char *name, *code;
    int64_t shape[3];                   /* ends at 0 */
    const struct shape_of_field *inner; /* code NULL: a struct of these */
} shape_of_field;

static const npk_dtype *made[256], *fresh;
static size_t made_count;

/* Keeps the dtype that the call given has put in `fresh`. */
static const npk_dtype *keep(npk_status status)
{
    cr_assert(status == NPK_OK && made_count < 256);
    return made[made_count++] = fresh;
}

static void free_made(void)
{
    while (made_count > 0)
        npk_dtype_free(made[--made_count]);
}

/* Packed; the list ends at a field without name. */
static const npk_dtype *make(const shape_of_field *list)
{
    npk_field fields[MOST];
    size_t count = 0;
    for (; list[count].name != NULL; count++) {
        const shape_of_field *f = &list[count];
        const npk_dtype *inner = f->code != NULL ? NULL : make(f->inner);
        int ndim = 0;
        if (inner == NULL)
            inner = keep(npk_dtype_parse(f->code, NULL, &fresh, NULL));
        while (ndim < 3 && f->shape[ndim] != 0)
            ndim++;
        if (ndim > 0)
            inner = keep(npk_dtype_new_subarray(inner, ndim, f->shape, NULL, &fresh, NULL));
        fields[count] = (npk_field){.name = f->name, .name_size = strlen(f->name), .dtype = inner, .offset = NPK_AUTO};
    }
    return keep(npk_dtype_new_struct(fields, count, NPK_AUTO, false, NULL, &fresh, NULL));
}

#define FIELDS(...) ((const shape_of_field[]){__VA_ARGS__, {NULL, NULL, {0}, NULL}})
#define FIELD(name, code)                                                                                              \
    {                                                                                                                  \
        name, code, {0}, NULL                                                                                          \
    }
#define SUBARRAY(name, code, ...)                                                                                      \
    {                                                                                                                  \
        name, code, {__VA_ARGS__}, NULL                                                                                \
    }
#define STRUCT(name, ...)                                                                                              \
    {                                                                                                                  \
        name, NULL, {0}, FIELDS(__VA_ARGS__)                                                                           \
    }

static void expect_refusal(const npk_dtype *from, const npk_dtype *to, npk_fields_options options, npk_status status,
                           const char *message)
{
    static const uint8_t bytes[512] = {0};
    uint8_t out[512];
    npk_error error = {.status = NPK_OK};
    npk_array array = {.dtype = from, .data = bytes};
    memset(out, 0xee, sizeof out);
    cr_expect_eq(npk_array_read_fields(&array, to, &options, out, 1, &error), status, "%s: %s", message, error.message);
    cr_expect_str_eq(error.message, message, "'%s', not '%s'", error.message, message);
    cr_expect_eq(out[0], 0xee, "%s: something was written", message);
}

Test(cstruct, refusals)
{
    const npk_dtype *to =
        make(FIELDS(FIELD("x", "<f4"), SUBARRAY("m", "<f8", 2, 3), STRUCT("p", FIELD("y", "<i2"), FIELD("s", "S4"))));
    const npk_fields_options none = {.casting = NPK_CAST_SAFE};
    expect_refusal(
        make(FIELDS(FIELD("x", "<f8"), SUBARRAY("m", "<f8", 2, 3), STRUCT("p", FIELD("y", "<i2"), FIELD("s", "S4")))),
        to, none, NPK_ERR_CAST, "['x']: <f8 -> <f4 is not a safe cast");
    expect_refusal(make(FIELDS(FIELD("x", "<f4"), SUBARRAY("m", "<f8", 6))), to, none, NPK_ERR_CAST,
                   "['m']: expected <f8 (2, 3), found <f8 (6,)");
    expect_refusal(make(FIELDS(FIELD("x", "<f4"), FIELD("m", "<f8"))), to, none, NPK_ERR_CAST,
                   "['m']: expected <f8 (2, 3), found <f8");
    expect_refusal(make(FIELDS(FIELD("x", "<f4"), SUBARRAY("m", ">f8", 2, 3), FIELD("p", "<i2"))), to, none,
                   NPK_ERR_CAST, "['p']: expected a struct, found <i2");
    expect_refusal(make(FIELDS(STRUCT("x", FIELD("x", "<f4")))), to, none, NPK_ERR_CAST,
                   "['x']: expected <f4, found a struct");
    expect_refusal(make(FIELDS(FIELD("x", "S4"))), to, none, NPK_ERR_CAST, "['x']: expected <f4, found |S4");
    expect_refusal(
        make(FIELDS(FIELD("x", "<i2"), SUBARRAY("m", "<f2", 2, 3), STRUCT("p", FIELD("s", "S4"), FIELD("y", "<i4")))),
        to, none, NPK_ERR_CAST, "['p']['y']: <i4 -> <i2 is not a safe cast");
    expect_refusal(make(FIELDS(FIELD("x", "<i2"), SUBARRAY("m", "<f2", 2, 3), STRUCT("p", FIELD("s", "S4")))), to, none,
                   NPK_ERR_NOT_FOUND, "['p']['y']: expected a field <i2, found none of this name");
    expect_refusal(
        make(FIELDS(FIELD("x", "<i2"), SUBARRAY("m", "<f2", 2, 3), STRUCT("p", FIELD("y", "<i2"), FIELD("s", "<f4")))),
        to, none, NPK_ERR_CAST, "['p']['s']: expected |S4, found <f4");
    expect_refusal(make(FIELDS(FIELD("x", "<i2"), SUBARRAY("m", "<f2", 2, 3),
                               STRUCT("p", FIELD("y", "<i2"), FIELD("s", "S4"), SUBARRAY("z", "<U2", 4)))),
                   to, (npk_fields_options){.refuse_extra = true}, NPK_ERR_CAST,
                   "['p']['z']: expected no field of this name, found <U2 (4,)");
    expect_refusal(npk_dtype_ordered(NPK_FLOAT32, '<'), to, none, NPK_ERR_CAST,
                   "the item: expected a struct, found <f4");
    expect_refusal(make(FIELDS(FIELD("a", "V3"))), make(FIELDS(FIELD("a", "V4"))), none, NPK_ERR_CAST,
                   "['a']: expected |V4, found |V3");
    expect_refusal(make(FIELDS(FIELD("a", "<M8[s]"))), make(FIELDS(FIELD("a", "<M8[h]"))), none, NPK_ERR_CAST,
                   "['a']: <M8[s] -> <M8[h] is not a safe cast");
    expect_refusal(make(FIELDS(FIELD("a", "O"))), to, none, NPK_ERR_UNSUPPORTED,
                   "the items hold Python objects, which have no bytes to read");
    expect_refusal(to, make(FIELDS(FIELD("a", "O"))), none, NPK_ERR_UNSUPPORTED,
                   "the items hold Python objects, which have no bytes to read");
    expect_refusal(to, to, (npk_fields_options){.casting = (npk_casting)9}, NPK_ERR_USAGE,
                   "expected a casting rule, found 9");
    expect_refusal(to, to, (npk_fields_options){.missing = (npk_missing)3}, NPK_ERR_USAGE,
                   "expected a rule for missing fields, found 3");
    free_made();
}

/* A field whose name is longer than a message. */
Test(cstruct, long_names)
{
    char name[600];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    npk_error error;
    npk_array array = {.dtype = make(FIELDS(FIELD("x", "u1"))), .data = name};
    const npk_dtype *to = make(FIELDS(STRUCT("outer", FIELD(name, "u1"))));
    array.dtype = make(FIELDS(STRUCT("outer", FIELD("x", "u1"))));
    cr_assert_eq(npk_array_read_fields(&array, to, NULL, name, 1, &error), NPK_ERR_NOT_FOUND);
    cr_expect_eq(strncmp(error.message, "['outer']['nnnnn", 16), 0, "%s", error.message);
    cr_expect_not_null(strstr(error.message, ": expected a field |u1, found none of this name"), "%s", error.message);
    free_made();
}

Test(cstruct, usage)
{
    const npk_dtype *dtype = make(FIELDS(FIELD("x", "<i4")));
    int32_t items[4] = {1, 2, 3, 4}, out[4] = {0};
    npk_array array = NPK_ARRAY_OF(dtype, items, 2, 2);
    npk_error error;
    cr_expect_eq(npk_array_read_fields(&array, dtype, NULL, out, 3, &error), NPK_ERR_USAGE);
    cr_expect_str_eq(error.message, "expected room for 4 items, found 3");
    cr_expect_eq(npk_array_read_fields(&array, dtype, NULL, NULL, 4, &error), NPK_ERR_USAGE);
    cr_expect_eq(npk_array_read_fields(&array, NULL, NULL, out, 4, &error), NPK_ERR_USAGE);
    cr_expect_eq(npk_array_read_fields(NULL, dtype, NULL, out, 4, &error), NPK_ERR_USAGE);
    cr_expect_eq(npk_array_read_fields(&array, dtype, NULL, out, 4, &error), NPK_OK);
    cr_expect_arr_eq(out, items, sizeof items);
    array.shape = I64(2, 0);
    cr_expect_eq(npk_array_read_fields(&array, dtype, NULL, NULL, 0, &error), NPK_OK);
    cr_expect_eq(npk_array_read_fields(&array, make(FIELDS(FIELD("y", "<i4"))), NULL, NULL, 0, &error),
                 NPK_ERR_NOT_FOUND, "no items are no excuse for other fields");
    free_made();
}

/* --- texts --- */

/* expected "": refused, with the message */
static const struct {
    const char *from, *to;
    const char *bytes;
    size_t size;
    bool cut;
    const char *expected;
    const char *message;
} texts[] = {
    {"S5", "S8", "hello", 5, false, "hello\0\0\0", NULL},
    {"S5", "S5", "hello", 5, false, "hello", NULL},
    {"S5", "S4", "hell\0", 5, false, "hell", NULL},
    {"S5", "S4", "hello", 5, false, "", "['s'] of item 0: a text that is longer than its place of 4 bytes"},
    {"S5", "S4", "hello", 5, true, "hell", NULL},
    {"S5", "S4", "a\0b\0\0", 5, false, "a\0b\0", NULL},
    {"S3", "S4", "\0\0\0", 3, false, "\0\0\0\0", NULL},
    {"V3", "V0", "\1\2\3", 3, true, "", "['s']: expected |V0, found |V3"},
    {"<i4", "S0", "\0\0\0\0", 4, true, "", "['s']: expected |S0, found <i4"},
    {"<U3", "S4", "a\0\0\0\xe4\0\0\0\0\0\0\0", 12, false, "a\xc3\xa4\0", NULL},
    {">U3", "S4", "\0\0\0a\0\0\0\xe4\0\0\0\0", 12, false, "a\xc3\xa4\0", NULL},
    {"<U2", "S4", "\x00\xf6\x01\0\0\0\0\0", 8, false, "\xf0\x9f\x98\x80", NULL},
    {"<U2", "S4", "\x00\xf6\x01\0b\0\0\0", 8, false, "",
     "['s'] of item 0: a text that is longer than its place of 4 bytes"},
    {"<U2", "S4", "\x00\xf6\x01\0b\0\0\0", 8, true, "\xf0\x9f\x98\x80", NULL},
    {"<U2", "S4", "ab\0\0\0\0\0\0", 8, true, "\xe6\x89\xa1\0", NULL},
    {"<U3", "S4", "b\0\0\0\xe4\0\0\0\xac\x20\0\0", 12, true, "b\xc3\xa4\0", NULL}, /* the euro has three bytes */
    {"<U1", "S4", "\0\0\x11\0", 4, true, "", "['s'] of item 0: a character beyond U+10FFFF in a text of 4 bytes"},
    {"<U1", "S4", "\0\xd8\0\0", 4, false, "\xed\xa0\x80\0", NULL}, /* a lone surrogate */
    {"<U2", ">U1", "a\0\0\0\0\0\0\0", 8, false, "\0\0\0a", NULL},
    {"<U2", ">U1", "a\0\0\0b\0\0\0", 8, false, "", "['s'] of item 0: a text that is longer than its place of 4 bytes"},
    {"<U2", "<U1", "a\0\0\0b\0\0\0", 8, true, "a\0\0\0", NULL},
    {"<U1", "<U2", "\xe4\0\0\0", 4, false, "\xe4\0\0\0\0\0\0\0", NULL},
    {"V3", "V3", "\1\2\0", 3, false, "\1\2\0", NULL},
};

Test(cstruct, texts)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const npk_dtype *from = make(FIELDS(FIELD("s", texts[i].from))), *to = make(FIELDS(FIELD("s", texts[i].to)));
        npk_array array = {.dtype = from, .data = texts[i].bytes};
        npk_fields_options options = {.cut_text = texts[i].cut};
        npk_error error = {.status = NPK_OK};
        char out[16];
        memset(out, 0xee, sizeof out);
        cr_assert_eq(npk_dtype_itemsize(from), (int64_t)texts[i].size, "row %zu", i);
        npk_status status = npk_array_read_fields(&array, to, &options, out, 1, &error);
        cr_expect_eq(status, texts[i].message == NULL ? NPK_OK : NPK_ERR_CAST, "row %zu: %s", i, error.message);
        if (texts[i].message != NULL)
            cr_expect_str_eq(error.message, texts[i].message, "row %zu: %s", i, error.message);
        else
            cr_expect_eq(memcmp(out, texts[i].expected, (size_t)npk_dtype_itemsize(to)), 0, "row %zu", i);
        cr_expect_eq((uint8_t)out[npk_dtype_itemsize(to)], 0xee, "row %zu", i);
        free_made();
    }
}

/* Which item, counted in C order, and in which field. */
Test(cstruct, place_of_a_text)
{
    static char items[600][2][4];
    static char out[600][2][2];
    const npk_dtype *from = make(FIELDS(STRUCT("p", SUBARRAY("s", "S4", 2)))),
                    *to = make(FIELDS(STRUCT("p", SUBARRAY("s", "S2", 2))));
    npk_array array = {.dtype = from, .data = items, .ndim = 2, .shape = I64(20, 30), .order = 'F'};
    npk_error error;
    memcpy(items[7 + 20 * 13][1], "long", 4); /* [7, 13] */
    cr_assert_eq(npk_array_read_fields(&array, to, NULL, out, 600, &error), NPK_ERR_CAST);
    cr_expect_str_eq(error.message, "['p']['s'] of item 223: a text that is longer than its place of 2 bytes", "%s",
                     error.message);
    free_made();
}

/* --- numbers --- */

Test(cstruct, bools_are_0_or_1)
{
    static const uint8_t bytes[4] = {0, 1, 2, 0xff};
    const npk_dtype *dtype = make(FIELDS(FIELD("b", "?")));
    npk_array array = {.dtype = dtype, .data = bytes, .ndim = 1, .shape = I64(4)};
    uint8_t out[4];
    cr_assert_eq(npk_array_read_fields(&array, dtype, NULL, out, 4, NULL), NPK_OK);
    cr_expect(out[0] == 0 && out[1] == 1 && out[2] == 1 && out[3] == 1);
    free_made();
}

/* numpy: np.array([2**62]).astype('M8[s]').astype('M8[ns]') does not say so, and gives another time. */
Test(cstruct, times)
{
    const npk_dtype *from = make(FIELDS(FIELD("u", "u1"), FIELD("t", "<M8[s]"))),
                    *to = make(FIELDS(FIELD("t", "<M8[ns]")));
    static const uint8_t bytes[27] = {0, 1, [9] = 0, [10] = 2, [18] = 0, [26] = 0x40};
    static const uint8_t seconds[16] = {0x00, 0xca, 0x9a, 0x3b, [8] = 0x00, 0x94, 0x35, 0x77};
    npk_array array = {.dtype = from, .data = bytes, .ndim = 1, .shape = I64(2)};
    uint8_t out[24];
    npk_error error;
    cr_assert(npk_array_read_fields(&array, to, NULL, out, 3, &error) == NPK_OK, "%s", error.message);
    cr_expect_arr_eq(out, seconds, 16);
    array.shape = I64(3);
    cr_assert_eq(npk_array_read_fields(&array, to, NULL, out, 3, &error), NPK_ERR_CAST);
    cr_expect_str_eq(error.message, "['t'] of item 2: a value that does not fit its place of 8 bytes", "%s",
                     error.message);
    free_made();
}

/* --- layouts --- */

/* Subarrays of structs in one another, some with many elements; the other way round on the other side. */
Test(cstruct, nested_subarrays)
{
    const npk_dtype *innermost = make(FIELDS(FIELD("a", "u1"), SUBARRAY("b", "<u2", 40)));
    const npk_dtype *other = make(FIELDS(SUBARRAY("b", ">i4", 40), FIELD("pad", "V3"), FIELD("a", "<f8")));
    const npk_dtype *from, *to;
    npk_field field = {.name = "f", .name_size = 1};
    static uint8_t out[2 * 3 * 5 * 2 * 171];
    static uint8_t bytes[2 * 3 * 5 * 2 * 81];
    field.dtype = keep(npk_dtype_new_subarray(innermost, 2, I64(5, 2), NULL, &fresh, NULL));
    from = keep(npk_dtype_new_struct(&field, 1, NPK_AUTO, false, NULL, &fresh, NULL));
    field.dtype = keep(npk_dtype_new_subarray(from, 1, I64(3), NULL, &fresh, NULL));
    from = keep(npk_dtype_new_struct(&field, 1, NPK_AUTO, false, NULL, &fresh, NULL));
    field.dtype = keep(npk_dtype_new_subarray(other, 2, I64(5, 2), NULL, &fresh, NULL));
    to = keep(npk_dtype_new_struct(&field, 1, NPK_AUTO, false, NULL, &fresh, NULL));
    field.dtype = keep(npk_dtype_new_subarray(to, 1, I64(3), NULL, &fresh, NULL));
    to = keep(npk_dtype_new_struct(&field, 1, NPK_AUTO, false, NULL, &fresh, NULL));
    cr_assert(npk_dtype_itemsize(from) == 30 * 81 && npk_dtype_itemsize(to) == 30 * 171);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 251);
    npk_array array = {.dtype = from, .data = bytes, .ndim = 1, .shape = I64(2)};
    npk_error error;
    memset(out, 0xee, sizeof out);
    cr_assert(npk_array_read_fields(&array, to, &(npk_fields_options){.missing = NPK_MISSING_LEAVE}, out, 2, &error) ==
                  NPK_OK,
              "%s", error.message);
    for (size_t i = 0; i < 60; i++) {
        const uint8_t *was = bytes + i * 81, *is = out + i * 171;
        double a;
        for (size_t k = 0; k < 40; k++)
            cr_assert(is[4 * k] == 0 && is[4 * k + 1] == 0 && is[4 * k + 2] == was[2 + 2 * k] &&
                          is[4 * k + 3] == was[1 + 2 * k],
                      "%zu, %zu", i, k);
        cr_assert(is[160] == 0xee && is[162] == 0xee);
        uint8_t bits[8];
        for (int k = 0; k < 8; k++)
            bits[k] = is[163 + (native("")[0] == '<' ? k : 7 - k)];
        memcpy(&a, bits, sizeof a);
        cr_assert_eq(a, was[0]);
    }
    free_made();
}

/* From strides of any kind; item i has the number i. */
Test(cstruct, strides)
{
    struct {
        int16_t number;
        char rest[5];
    } items[24];
    struct point_of {
        int64_t number;
    } out[24];
    const npk_dtype *to = make(FIELDS(FIELD("n", native("i8"))));
    const npk_dtype *two = keep(npk_dtype_parse(native("i2"), NULL, &fresh, NULL));
    npk_field field = {.name = "n", .name_size = 1, .dtype = two};
    const npk_dtype *from = keep(npk_dtype_new_struct(&field, 1, 6, false, NULL, &fresh, NULL));
    for (int i = 0; i < 24; i++)
        items[i].number = (int16_t)(i - 12);
    const int64_t size = (int64_t)sizeof *items;
    const struct {
        int first;
        int64_t shape[3], strides[3];
    } rows[] = {
        {0, {2, 3, 4}, {12 * size, 4 * size, size}},
        {0, {2, 3, 4}, {size, 2 * size, 6 * size}},
        {23, {2, 3, 4}, {-12 * size, -4 * size, -size}},
        {3, {2, 3, 4}, {12 * size, 4 * size, -size}},
        {5, {2, 3, 4}, {0, 0, 0}},
        {1, {1, 3, 4}, {99, 0, 2 * size}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_array array = {.dtype = from,
                           .data = &items[rows[i].first],
                           .ndim = 3,
                           .shape = rows[i].shape,
                           .strides = rows[i].strides};
        cr_assert_eq(npk_array_read_fields(&array, to, NULL, out, 24, NULL), NPK_OK);
        struct point_of *at = out;
        for (int64_t a = 0; a < rows[i].shape[0]; a++)
            for (int64_t b = 0; b < rows[i].shape[1]; b++)
                for (int64_t c = 0; c < rows[i].shape[2]; c++, at++)
                    cr_expect_eq(at->number,
                                 rows[i].first - 12 +
                                     (a * rows[i].strides[0] + b * rows[i].strides[1] + c * rows[i].strides[2]) / size);
    }
    free_made();
}

/* Items encoded, small and larger than any buffer inside, in either order. */
Test(cstruct, encodings)
{
    enum { ITEMS = 6 };
    static const int64_t lengths[] = {3, 20000};
    static uint8_t payload[2 * ITEMS * 20001], out[ITEMS * 40000];
    for (int k = 0; k < 4; k++) {
        const int64_t length = lengths[k / 2], width = length + 1;
        bool fortran = k % 2 == 1;
        const npk_dtype *from = make(FIELDS(FIELD("n", "u1"), SUBARRAY("v", "u1", length)));
        const npk_dtype *to = make(FIELDS(SUBARRAY("v", "<u2", length)));
        for (int64_t i = 0; i < ITEMS * width; i++) { /* bytes from 0x80 to 0xbf: two bytes each in UTF-8 */
            payload[2 * i] = 0xc2;
            payload[2 * i + 1] = (uint8_t)(0x80 + i % 64);
        }
        npk_array array = {.dtype = from,
                           .ndim = 2,
                           .shape = I64(2, 3),
                           .strides = fortran ? I64(width, 2 * width) : I64(3 * width, width),
                           .order = fortran ? 'F' : 'C',
                           .encoding = NPK_ENCODING_LATIN1_UTF8,
                           .payload = payload,
                           .payload_size = (size_t)(2 * ITEMS * width)};
        npk_error error;
        cr_assert(npk_array_read_fields(&array, to, NULL, out, ITEMS, &error) == NPK_OK, "%s", error.message);
        for (size_t i = 0; i < ITEMS; i++) {
            size_t lies = fortran ? i % 3 * 2 + i / 3 : i; /* [i / 3, i % 3] */
            for (int64_t j = 0; j < length; j++) {
                const uint8_t *element = out + (i * (size_t)length + (size_t)j) * 2;
                cr_assert(element[0] == 0x80 + ((int64_t)lies * width + 1 + j) % 64 && element[1] == 0, "%d %zu %d", k,
                          i, (int)j);
            }
        }
        array.payload_size -= 4;
        cr_expect_eq(npk_array_read_fields(&array, to, NULL, out, ITEMS, &error), NPK_ERR_ARRAY);
        array.strides = I64(width, 9 * width);
        cr_expect_eq(npk_array_read_fields(&array, to, NULL, out, ITEMS, &error), NPK_ERR_USAGE);
        free_made();
    }
}

/* No fields, no bytes. */
Test(cstruct, nothing_in_it)
{
    const npk_dtype *none = keep(npk_dtype_new_struct(NULL, 0, NPK_AUTO, false, NULL, &fresh, NULL));
    const npk_dtype *some = make(FIELDS(FIELD("a", "<u2"), FIELD("s", "S2")));
    uint8_t bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8}, out[8];
    npk_array array = {.dtype = none, .data = bytes, .ndim = 1, .shape = I64(2)};
    npk_fields_options options = {.missing = NPK_MISSING_ZERO};
    cr_expect_eq(npk_array_read_fields(&array, none, NULL, out, 2, NULL), NPK_OK);
    cr_expect_eq(npk_array_read_fields(&array, some, NULL, out, 2, NULL), NPK_ERR_NOT_FOUND);
    memset(out, 0xee, sizeof out);
    cr_expect_eq(npk_array_read_fields(&array, some, &options, out, 2, NULL), NPK_OK);
    for (size_t i = 0; i < 8; i++)
        cr_expect_eq(out[i], 0);
    array.dtype = some;
    cr_expect_eq(npk_array_read_fields(&array, none, NULL, out, 2, NULL), NPK_OK);
    cr_expect_eq(npk_array_read_fields(&array, none, &(npk_fields_options){.refuse_extra = true}, out, 2, NULL),
                 NPK_ERR_CAST);
    free_made();
}

/* A place of no bytes is one too, for what has no bytes either. */
Test(cstruct, texts_into_nothing)
{
    static const char in[2][4] = {"\0\0\0\7", "\0a\0\7"};
    static const char *const types[] = {"S3", "<U0", "S0"};
    const npk_dtype *to = make(FIELDS(FIELD("s", "S0"), FIELD("n", "u1")));
    npk_error error;
    uint8_t out[2] = {0};
    npk_array array = {
        .dtype = make(FIELDS(FIELD("s", "S3"), FIELD("n", "u1"))), .data = in, .ndim = 1, .shape = I64(2)};
    cr_expect_eq(npk_array_read_fields(&array, to, NULL, out, 2, &error), NPK_ERR_CAST);
    cr_expect_str_eq(error.message, "['s'] of item 1: a text that is longer than its place of 0 bytes");
    cr_expect_eq(npk_array_read_fields(&array, to, &(npk_fields_options){.cut_text = true}, out, 2, NULL), NPK_OK);
    cr_expect(out[0] == 7 && out[1] == 7);
    array.shape = I64(1);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        array.dtype = make(FIELDS(FIELD("s", types[i]), FIELD("n", "u1")));
        cr_expect_eq(npk_array_read_fields(&array, to, NULL, out, 1, &error), NPK_OK, "%s: %s", types[i],
                     error.message);
    }
    free_made();
}

/* A missing field of no bytes, of 2^62 structs: there is nothing to fill with zeros, one by one. */
Test(cstruct, nothing_without_end)
{
    const npk_dtype *from = make(FIELDS(FIELD("x", "S0"))), *to = make(FIELDS(FIELD("x", "S0"), FIELD("y", "S0")));
    const npk_dtype **const both[] = {&from, &to};
    npk_fields_options options = {.missing = NPK_MISSING_ZERO};
    for (size_t i = 0; i < 2; i++) {
        npk_field fields[] = {{"f", 1, NULL, 0, *both[i], NPK_AUTO},
                              {"n", 1, NULL, 0, npk_dtype_native(NPK_UINT8), NPK_AUTO}};
        for (int level = 0; level < 2; level++)
            fields[0].dtype = keep(npk_dtype_new_subarray(fields[0].dtype, 1, I64(INT32_MAX), NULL, &fresh, NULL));
        *both[i] = keep(npk_dtype_new_struct(fields, 2, NPK_AUTO, false, NULL, &fresh, NULL));
    }
    uint8_t in = 7, out = 0;
    npk_array array = {.dtype = from, .data = &in};
    cr_expect_eq(npk_array_read_fields(&array, to, &options, &out, 1, NULL), NPK_OK);
    cr_expect_eq(out, 7);
    free_made();
}

/* A struct of `count` fields called a0, a1, ...; a last one, without a struct inside, if `odd`. */
static const npk_dtype *make_wide(const npk_dtype *inner, size_t count, bool odd)
{
    static char names[300][24];
    npk_field fields[300];
    cr_assert_lt(count, 300);
    for (size_t i = 0; i < count + odd; i++) {
        snprintf(names[i], sizeof names[i], "a%zu", i);
        fields[i] = (npk_field){.name = names[i], .name_size = strlen(names[i]), .offset = NPK_AUTO};
        fields[i].dtype = i < count ? inner : npk_dtype_native(NPK_UINT8);
    }
    return keep(npk_dtype_new_struct(fields, count + odd, NPK_AUTO, false, NULL, &fresh, NULL));
}

Test(cstruct, most_fields)
{
    const npk_dtype *inner = make_wide(npk_dtype_native(NPK_UINT8), 255, false);
    const npk_dtype *on = make_wide(inner, 256, false), *past = make_wide(inner, 256, true);
    static uint8_t bytes[256 * 255 + 1], out[256 * 255 + 1];
    npk_error error = {.status = NPK_OK};
    npk_array array = {.dtype = past, .data = bytes};
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i + i / 256);
    cr_assert(npk_array_read_fields(&array, on, NULL, out, 1, &error) == NPK_OK, "%s", error.message);
    cr_expect_eq(memcmp(out, bytes, 256 * 255), 0);
    cr_assert_eq(npk_array_read_fields(&array, past, NULL, out, 1, &error), NPK_ERR_LIMIT);
    cr_expect_str_eq(error.message, "more than 65536 fields, with those of the structs inside", "%s", error.message);
    free_made();
}

/* Each level twice in the same bytes: 2^40 fields. */
Test(cstruct, fields_without_end)
{
    const npk_dtype *dtype = npk_dtype_native(NPK_UINT8);
    uint8_t bytes[1] = {7}, out[1];
    npk_error error = {.status = NPK_OK};
    for (int i = 0; i < 40; i++) {
        npk_field both[2] = {{"a", 1, NULL, 0, dtype, 0}, {"b", 1, NULL, 0, dtype, 0}};
        dtype = keep(npk_dtype_new_struct(both, 2, NPK_AUTO, false, NULL, &fresh, NULL));
    }
    npk_array array = {.dtype = dtype, .data = bytes};
    cr_expect_eq(npk_array_read_fields(&array, dtype, NULL, out, 1, &error), NPK_ERR_LIMIT, "%s", error.message);
    free_made();
}

/* Plain dtypes on both sides: what npk_array_read_as does. */
Test(cstruct, without_fields)
{
    static const int16_t bytes[3] = {1, -2, 300};
    npk_array array = NPK_ARRAY(bytes, 3);
    double out[3];
    cr_assert_eq(npk_array_read_fields(&array, npk_dtype_native(NPK_FLOAT64), NULL, out, 3, NULL), NPK_OK);
    cr_expect(out[0] == 1.0 && out[1] == -2.0 && out[2] == 300.0);
}
