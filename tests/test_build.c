/* Values built in memory: whatever is sent to a writer of values and written from there is, at every protocol and in every dialect, what the
 * same calls give where they are sent straight. (What those give is CPython's: test_writer.c.) */
#include "full.h"
#include "golden.h"

#include <npickle.h>

static const char *name_of(npk_dialect dialect)
{
    static char text[64];
    npk_dialect_str(dialect, text, sizeof text);
    return text;
}

typedef void program(npk_writer *w, uint64_t seed);

static golden_bytes finish(npk_writer *w, npk_status *status, npk_error *error)
{
    golden_bytes out = {NULL, 0};
    *status = npk_writer_finish_memory(w, &out.bytes, &out.size, error);
    return out;
}

static npk_doc *build(program *send, uint64_t seed, const npk_write_options *options, npk_status *status,
                      npk_error *error)
{
    npk_writer *w = NULL;
    npk_doc *doc = NULL;
    cr_assert_eq(npk_writer_doc(options, &w, NULL), NPK_OK);
    send(w, seed);
    *status = npk_writer_finish_doc(w, &doc, error);
    return doc;
}

/* Straight and by way of a document. (What can't be sent straight, as an array in parts before protocol 3, a document may well have.) */
static void compare(const char *name, program *send, uint64_t seed, int *equal)
{
    npk_status status, other;
    npk_error error = {.message = ""}, other_error = {.message = ""};
    npk_doc *doc = build(send, seed, NULL, &status, &error);
    cr_assert(status == NPK_OK, "%s %d: %s", name, (int)seed, error.message);
    npk_dialect dialect;
    for (size_t i = 0; npk_dialect_at(i, &dialect); i++)
        for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol++) {
            npk_write_options options = {.protocol_given = true, .protocol = protocol, .dialect = dialect};
            npk_writer *straight = NULL, *again = NULL;
            if (npk_writer_memory(&options, &straight, NULL) != NPK_OK)
                continue; /* the dialect has no such protocol */
            cr_assert_eq(npk_writer_memory(&options, &again, NULL), NPK_OK);
            send(straight, seed);
            npk_write_value(again, npk_doc_root(doc));
            golden_bytes a = finish(straight, &status, &error), b = finish(again, &other, &other_error);
            cr_expect(status != NPK_OK || other == NPK_OK, "%s %d, %s at %d: %s (%s), %s (%s)", name, (int)seed,
                      name_of(dialect), protocol, npk_status_name(status), error.message, npk_status_name(other),
                      other_error.message);
            bool same =
                status == NPK_OK && other == NPK_OK && a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0;
            cr_expect(same || status != NPK_OK || other != NPK_OK, "%s %d, %s at %d: other bytes", name, (int)seed,
                      name_of(dialect), protocol);
            *equal += same;
            if (a.bytes != NULL)
                npk_bytes_free(NULL, a.bytes, a.size);
            if (b.bytes != NULL)
                npk_bytes_free(NULL, b.bytes, b.size);
        }
    npk_doc_free(doc);
}

/* --- one thing after another --- */

static void send_numbers(npk_writer *w, uint64_t seed)
{
    static const int64_t numbers[] = {0,         1,         -1,         255,         256,       65535,     65536,  -129,
                                      INT32_MAX, INT32_MIN, 2147483648, -2147483649, INT64_MAX, INT64_MIN, 1000000};
    uint8_t large[300];
    (void)seed;
    memset(large, 0x5a, sizeof large);
    npk_write_begin_list(w, NPK_UNKNOWN);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        npk_write_int(w, numbers[i]);
    npk_write_uint(w, UINT64_MAX);
    npk_write_long(w, large, sizeof large);
    npk_write_bool(w, true);
    npk_write_bool(w, false);
    npk_write_none(w);
    npk_write_float(w, 0.1);
    npk_write_float(w, -0.0);
    npk_write_complex(w, 1, -0.0);
    npk_write_complex(w, 1, -0.0);
    npk_write_end(w);
}

static void send_texts(npk_writer *w, uint64_t seed)
{
    (void)seed;
    npk_write_begin_tuple(w, NPK_UNKNOWN);
    npk_write_str(w, "");
    npk_write_str(w, "");
    npk_write_str(w, "a");
    npk_write_str(w, "a");
    npk_write_str(w, "\xc3\xa9");
    npk_write_str(w, "\xc3\xa9");
    npk_write_str(w, "ab\n\\\xe2\x82\xac");
    npk_write_str(w, "ab\n\\\xe2\x82\xac");
    npk_write_str_size(w, "a\0\xed\xb2\x80", 5);
    npk_write_bytes(w, "", 0);
    npk_write_bytes(w, "", 0);
    npk_write_bytes(w, "b", 1);
    npk_write_bytes(w, "b", 1);
    npk_write_bytes(w, "\0\xff'\"\n", 5);
    npk_write_bytes(w, "\0\xff'\"\n", 5);
    npk_write_bytearray(w, "", 0);
    npk_write_bytearray(w, "", 0);
    npk_write_bytearray(w, "b", 1);
    npk_write_bytearray(w, "\xff\0", 2);
    npk_write_str(w, "latin1");
    npk_write_end(w);
}

static void send_containers(npk_writer *w, uint64_t seed)
{
    static const int64_t counts[] = {0, 1, 2, 3, 4, 999, 1000, 1001, 2000, 2001};
    (void)seed;
    npk_write_begin_list(w, NPK_UNKNOWN);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (int kind = 0; kind < 5; kind++) {
            npk_status (*const begin[])(npk_writer *, int64_t) = {npk_write_begin_list, npk_write_begin_tuple,
                                                                  npk_write_begin_dict, npk_write_begin_set,
                                                                  npk_write_begin_frozenset};
            begin[kind](w, counts[i]);
            for (int64_t k = 0; k < counts[i]; k++) {
                npk_write_int(w, k);
                if (kind == 2)
                    npk_write_str(w, "value");
            }
            npk_write_end(w);
        }
    npk_write_end(w);
}

static void send_sharing(npk_writer *w, uint64_t seed)
{
    (void)seed;
    npk_write_begin_list(w, NPK_UNKNOWN);
    npk_write_begin_list(w, 0);
    npk_write_end(w);
    int64_t list = npk_writer_last(w);
    npk_write_again(w, list);
    npk_write_str(w, "shared");
    int64_t text = npk_writer_last(w);
    npk_write_again(w, text);
    npk_write_begin_tuple(w, 2);
    npk_write_again(w, list);
    npk_write_again(w, text);
    npk_write_end(w);
    npk_write_again(w, npk_writer_last(w));
    npk_write_begin_set(w, 1);
    npk_write_again(w, text);
    npk_write_end(w);
    npk_write_again(w, npk_writer_last(w));
    npk_write_complex(w, 1, 2);
    npk_write_again(w, npk_writer_last(w));
    npk_write_bytearray(w, "abc", 3);
    npk_write_again(w, npk_writer_last(w));
    npk_write_end(w);
}

static void send_objects(npk_writer *w, uint64_t seed)
{
    (void)seed;
    npk_write_begin_list(w, NPK_UNKNOWN);
    npk_write_global(w, "builtins", "range");
    npk_write_global(w, "builtins", "range");
    npk_write_global(w, "builtins", "complex");
    npk_write_global(w, "numpy", "ndarray");
    npk_write_global(w, "numpy.core.multiarray", "_reconstruct");
    npk_write_global(w, "module", "name.of.it");
    npk_write_persid(w, "outside");
    npk_write_begin_call(w);
    npk_write_global(w, "builtins", "range");
    npk_write_begin_tuple(w, 1);
    npk_write_int(w, 5);
    npk_write_end(w);
    npk_write_end(w);
    int64_t range = npk_writer_last(w);
    npk_write_begin_call(w);
    npk_write_global(w, "collections", "OrderedDict");
    npk_write_begin_tuple(w, 0);
    npk_write_end(w);
    npk_write_begin_appended(w, 3);
    for (int i = 0; i < 3; i++)
        npk_write_int(w, i);
    npk_write_end(w);
    npk_write_begin_assigned(w, 1001);
    for (int i = 0; i < 1001; i++) {
        npk_write_int(w, i);
        npk_write_again(w, range);
    }
    npk_write_end(w);
    npk_write_begin_dict(w, 1);
    npk_write_str(w, "attribute");
    npk_write_complex(w, 3, 4);
    npk_write_end(w);
    npk_write_end(w);
    /* what the library knows, but spelled by hand */
    npk_write_begin_call(w);
    npk_write_global(w, "builtins", "complex");
    npk_write_begin_tuple(w, 2);
    npk_write_float(w, 1);
    npk_write_float(w, 2);
    npk_write_end(w);
    npk_write_end(w);
    npk_write_begin_call(w);
    npk_write_global(w, "builtins", "bytearray");
    npk_write_begin_tuple(w, 1);
    npk_write_bytes(w, "by hand", 7);
    npk_write_end(w);
    npk_write_end(w);
    npk_write_begin_call(w);
    npk_write_global(w, "numpy", "dtype");
    npk_write_begin_tuple(w, 1);
    npk_write_str(w, "f8");
    npk_write_end(w);
    npk_write_end(w);
    npk_write_end(w);
}

static void send_new_objects(npk_writer *w, uint64_t seed)
{
    (void)seed;
    npk_write_begin_new(w);
    npk_write_global(w, "__main__", "C");
    npk_write_begin_tuple(w, 0);
    npk_write_end(w);
    npk_write_begin_dict(w, 1);
    npk_write_str(w, "a");
    npk_write_begin_new(w);
    npk_write_global(w, "__main__", "C");
    npk_write_begin_tuple(w, 1);
    npk_write_str(w, "a");
    npk_write_end(w);
    npk_write_end(w);
    npk_write_end(w);
    npk_write_end(w);
}

/* --- arrays: every dtype, every layout --- */

static uint8_t memory[8192];

static void send_arrays(npk_writer *w, uint64_t seed)
{
    static const char *const codes[] = {"?",    "<i1",       ">i2",    "<i2", "<f2", "<f4", ">f4", "<f8",
                                        "<c16", ">c8",       "<g",     ">g",  "S3",  "<U2", ">U2", "S1",
                                        "V4",   "<M8[25us]", ">m8[D]", "<m8", "i1",  "S2"};
    static const int64_t shape[3] = {2, 3, 2};
    const npk_dtype *dtype = NULL;
    cr_assert(npk_dtype_parse(codes[seed], NULL, &dtype, NULL) == NPK_OK, "%s", codes[seed]);
    for (size_t i = 0; i < sizeof memory; i++)
        memory[i] = (uint8_t)(i * 37);
    int64_t item = npk_dtype_itemsize(dtype);
    npk_array a = {.dtype = dtype, .data = memory, .ndim = 3, .shape = shape};
    npk_write_begin_list(w, NPK_UNKNOWN);
    npk_write_array(w, &a);
    int64_t first = npk_writer_last(w);
    a.order = 'F';
    npk_write_array(w, &a);
    a.readonly = true;
    npk_write_array(w, &a);
    a.order = 'C';
    npk_write_array(w, &a);
    npk_write_again(w, first);
    a.readonly = false;
    a.strides = (const int64_t[]){item, 2 * item, 6 * item}; /* F */
    npk_write_array(w, &a);
    a.strides = (const int64_t[]){3 * item, item, 6 * item}; /* the axes in another order */
    npk_write_array(w, &a);
    a.strides = (const int64_t[]){20 * item, 4 * item, item}; /* with gaps */
    npk_write_array(w, &a);
    a.strides = (const int64_t[]){-6 * item, 2 * item, item}; /* backwards */
    a.data = memory + 6 * item;
    npk_write_array(w, &a);
    a.strides = NULL;
    for (int ndim = 0; ndim < 3; ndim++) { /* one element, or none */
        a.ndim = ndim;
        a.shape = (const int64_t[]){1, 0, 3};
        npk_write_array(w, &a);
    }
    npk_write_str(w, "|");
    npk_write_bytes(w, "b", 1);
    npk_write_global(w, "numpy", "dtype");
    npk_write_end(w);
    npk_dtype_free(dtype);
}

static void send_parts(npk_writer *w, uint64_t seed)
{
    static const int64_t shape[2] = {3, 4};
    npk_array a = {.dtype = npk_dtype_native(seed == 0 ? NPK_FLOAT64 : NPK_INT16),
                   .ndim = 2,
                   .shape = shape,
                   .order = seed == 1 ? 'F' : 'C'};
    npk_write_begin_array(w, &a);
    for (int i = 0; i < 3; i++)
        npk_write_part(w, memory + 100 * i, (size_t)npk_array_nbytes(&a) / 3);
    npk_write_end(w);
}

/* Those of all dialects together, from one on. */
static int protocols(int from)
{
    npk_dialect dialect;
    int count = 0;
    for (size_t i = 0; npk_dialect_at(i, &dialect); i++)
        for (int protocol = from; protocol <= NPK_PROTOCOL_MAX; protocol++) {
            npk_writer *w = NULL;
            npk_write_options options = {.protocol_given = true, .protocol = protocol, .dialect = dialect};
            count += npk_writer_memory(&options, &w, NULL) == NPK_OK;
            npk_writer_abandon(w);
        }
    return count;
}

/* array.array, in the form that each dialect has. */
static void send_pyarrays(npk_writer *w, uint64_t seed)
{
    static const int64_t numbers[] = {1, -2, 3};
    static const double reals[] = {0.5, 1e300};
    static const int8_t bytes[] = {7};
    (void)seed;
    npk_write_begin_list(w, 4);
    npk_write_pyarray(w, 'l', NPK_PYARRAY_DEFAULT, &NPK_ARRAY(numbers, 3));
    npk_write_pyarray(w, 'd', NPK_PYARRAY_DEFAULT, &NPK_ARRAY(reals, 2));
    npk_write_pyarray(w, 'b', NPK_PYARRAY_DEFAULT, &NPK_ARRAY(bytes, 1));
    npk_write_pyarray(w, 'b', NPK_PYARRAY_LIST, &NPK_ARRAY(bytes, 1));
    npk_write_end(w);
}

Test(values, as_if_sent_straight)
{
    int equal = 0;
    compare("numbers", send_numbers, 0, &equal);
    compare("texts", send_texts, 0, &equal);
    compare("containers", send_containers, 0, &equal);
    compare("sharing", send_sharing, 0, &equal);
    compare("objects", send_objects, 0, &equal);
    compare("array.array", send_pyarrays, 0, &equal);
    cr_expect_eq(equal, 6 * protocols(0) - 12, "%d",
                 equal); /* four dialects of Python 2 have no name for a class inside another */
}

Test(values, what_old_protocols_have_not)
{
    int equal = 0;
    compare("new objects", send_new_objects, 0, &equal);
    cr_expect_eq(equal, protocols(2), "%d", equal);
    for (uint64_t seed = 0; seed < 3; seed++)
        compare("parts", send_parts, seed, &equal);
}

/* --- NumPy's family --- */

static void send_family(npk_writer *w, uint64_t seed)
{
    static const int64_t shape[2] = {2, 3};
    static const uint8_t mask[6] = {1, 0, 0, 1, 0, 0};
    static const double fill = -1;
    const npk_dtype *dtype = NULL, *pair;
    const npk_field fields[2] = {
        {.name = "x", .name_size = 1, .dtype = npk_dtype_native(NPK_INT8), .offset = NPK_AUTO},
        {.name = "why", .name_size = 3, .dtype = npk_dtype_native(NPK_FLOAT64), .offset = NPK_AUTO}};
    cr_assert(npk_dtype_parse("O", NULL, &dtype, NULL) == NPK_OK &&
              npk_dtype_new_struct(fields, 2, NPK_AUTO, true, NULL, &pair, NULL) == NPK_OK);
    npk_array a = {.dtype = npk_dtype_native(NPK_FLOAT64),
                   .data = memory,
                   .ndim = 2,
                   .shape = shape,
                   .order = seed == 1 ? 'F' : 'C'};
    npk_array scalar = {.dtype = npk_dtype_native(NPK_FLOAT64), .data = &fill};
    npk_array masks = {.dtype = npk_dtype_native(NPK_BOOL), .data = mask, .ndim = 2, .shape = shape};
    npk_write_begin_list(w, NPK_UNKNOWN);
    npk_write_dtype(w, npk_dtype_native(NPK_FLOAT64));
    npk_write_scalar(w, &scalar);
    npk_write_again(w, npk_writer_last(w));
    npk_write_scalar(w, &(npk_array){.dtype = npk_dtype_native(NPK_INT8), .data = mask});
    npk_write_subclass(w, "numpy", "matrix", &a);
    npk_write_subclass(w, "module", "Class", &a);
    npk_write_masked(w, &a, &masks, &scalar);
    npk_write_masked(w, &a, NULL, NULL);
    a.dtype = pair;
    npk_write_array(w, &a);
    npk_write_dtype(w, pair);
    a.dtype = dtype;
    npk_write_begin_objects(w, &a);
    for (int i = 0; i < 6; i++)
        npk_write_str(w, i % 2 == 0 ? "a" : "text");
    npk_write_end(w);
    npk_write_again(w, npk_writer_last(w));
    npk_write_end(w);
    npk_dtype_free(pair);
    npk_dtype_free(dtype);
}

Test(values, family_as_if_sent_straight)
{
    int equal = 0;
    for (uint64_t seed = 0; seed < 2; seed++)
        compare("family", send_family, seed, &equal);
    cr_expect_eq(equal, 2 * protocols(0), "%d", equal);
}

Test(values, arrays_as_if_sent_straight)
{
    int equal = 0;
    for (uint64_t i = 0; i < 22; i++)
        compare("array", send_arrays, i, &equal);
    cr_expect_eq(equal, 22 * protocols(0), "%d", equal);
}

/* --- anything the alphabet can say, by a seed --- */

static uint64_t next(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

#define MOST_REFERENCES 16

typedef struct gathered {
    int64_t references[MOST_REFERENCES];
    bool hashable[MOST_REFERENCES];
    size_t count;
    bool state; /* the next one is an object's: once it has it, Python 2's cPickle has no number for it any more */
} gathered;

/* A text, bytes or number; `hashable`: no bytearray. */
static void send_atom(npk_writer *w, uint64_t *state, bool hashable)
{
    static const char *const texts[] = {"", "a", "b", "name", "\xc3\xbc", "\xe2\x82\xac uro", "line\nline"};
    uint64_t which = next(state) % (hashable ? 6 : 9);
    if (which == 0)
        npk_write_int(w, (int64_t)(next(state) << (next(state) % 40)) - 100);
    else if (which == 1)
        npk_write_float(w, (double)next(state) / 8);
    else if (which == 2)
        npk_write_bytes(w, texts[next(state) % 7], 1);
    else if (which == 3)
        npk_write_bool(w, true);
    else if (which < 6)
        npk_write_str(w, texts[next(state) % 7]);
    else if (which == 6)
        npk_write_bytearray(w, "bytes", next(state) % 6);
    else if (which == 7)
        npk_write_complex(w, 1, 2);
    else
        npk_write_global(w, next(state) % 2 == 0 ? "builtins" : "os.path", next(state) % 2 == 0 ? "range" : "join");
}

static void send_any(npk_writer *w, uint64_t *state, gathered *g, int depth);

static void send_key(npk_writer *w, uint64_t *state, gathered *g)
{
    size_t which = g->count == 0 ? 0 : next(state) % g->count;
    if (next(state) % 4 == 0 && which < g->count && g->hashable[which])
        npk_write_again(w, g->references[which]);
    else
        send_atom(w, state, true);
}

static void send_container(npk_writer *w, uint64_t *state, gathered *g, int depth)
{
    npk_status (*const begin[])(npk_writer *, int64_t) = {npk_write_begin_list, npk_write_begin_tuple,
                                                          npk_write_begin_dict, npk_write_begin_set,
                                                          npk_write_begin_frozenset};
    size_t kind = next(state) % 5;
    int64_t count = (int64_t)(next(state) % 6);
    if (kind == 1 && count == 0)
        count =
            1; /* whether npk_writer_last has a number for an empty tuple depends on the Python: send_containers() has some */
    begin[kind](w, next(state) % 2 == 0 || count == 0 ? count
                                                      : NPK_UNKNOWN); /* cPickle of Python 2 numbers no empty list */
    for (int64_t i = 0; i < count; i++) {
        if (kind >= 2)
            send_key(w, state, g);
        if (kind <= 2)
            send_any(w, state, g, depth);
    }
    npk_write_end(w);
}

static void send_object(npk_writer *w, uint64_t *state, gathered *g, int depth)
{
    npk_write_begin_call(w);
    npk_write_global(w, "module", next(state) % 2 == 0 ? "Class" : "Other");
    npk_write_begin_tuple(w, 1);
    send_any(w, state, g, depth);
    npk_write_end(w);
    if (next(state) % 2 == 0) {
        npk_write_begin_appended(w, 1);
        send_any(w, state, g, depth);
        npk_write_end(w);
    }
    if (next(state) % 2 == 0) {
        g->state = true;
        send_any(w, state, g, depth);
    }
    npk_write_end(w);
}

/* Levels are entered a few deep; the tests may recurse. */
static void send_any(npk_writer *w, uint64_t *state, gathered *g, int depth)
{
    static const int64_t shape[2] = {2, 2};
    static const npk_type types[] = {NPK_FLOAT64, NPK_INT8, NPK_BOOL, NPK_COMPLEX64};
    uint64_t which = next(state) % 8;
    bool asks = !g->state;
    g->state = false;
    if (which < 3 && depth < 5) {
        send_container(w, state, g, depth + 1);
    } else if (which == 3 && depth < 5) {
        send_object(w, state, g, depth + 1);
    } else if (which == 4) {
        npk_array a = {.dtype = npk_dtype_ordered(types[next(state) % 4], next(state) % 2 == 0 ? '<' : '>'),
                       .data = memory,
                       .ndim = (int)(next(state) % 3),
                       .shape = shape,
                       .order = next(state) % 2 == 0 ? 'C' : 'F'};
        npk_write_array(w, &a);
    } else if (which == 5 && g->count > 0) {
        npk_write_again(w, g->references[next(state) % g->count]);
    } else {
        send_atom(w, state, false);
        return;
    }
    if (g->count < MOST_REFERENCES && which < 5 && asks && npk_writer_last(w) != NPK_UNKNOWN) {
        g->hashable[g->count] = false;
        g->references[g->count++] = npk_writer_last(w);
    }
}

static void send_random(npk_writer *w, uint64_t seed)
{
    uint64_t state = seed * 77;
    gathered g = {.count = 0};
    npk_write_begin_list(w, 8);
    for (int i = 0; i < 8; i++)
        send_any(w, &state, &g, 0);
    npk_write_end(w);
}

Test(values, random_programs)
{
    int equal = 0;
    const int seeds = (int)full_tests(50, 300);
    for (int seed = 1; seed <= seeds; seed++)
        compare("random", send_random, (uint64_t)seed, &equal);
    cr_expect_eq(equal, seeds * protocols(0), "%d", equal);
}

/* --- values of another document are copied with what is known of how they were pickled --- */

static void copy_all(const char *file, npk_dialect dialect, int expected)
{
    golden g;
    int equal = 0, protocol;
    golden_bytes pickle;
    golden_open(&g, file);
    while (golden_case(&g))
        while (golden_pickle(&g, &protocol, &pickle)) {
            npk_doc *doc = NULL, *copy = NULL;
            npk_writer *w = NULL;
            npk_status status;
            npk_error error = {.message = ""};
            npk_write_options options = {.protocol_given = true, .protocol = protocol, .dialect = dialect};
            cr_assert_eq(npk_doc_load_memory(pickle.bytes, pickle.size, NULL, &doc, NULL), NPK_OK);
            cr_assert_eq(npk_writer_doc(NULL, &w, NULL), NPK_OK);
            npk_write_value(w, npk_doc_root(doc));
            status = npk_writer_finish_doc(w, &copy, &error);
            cr_assert(status == NPK_OK, "%s %s at %d: %s", file, g.name, protocol, error.message);
            npk_doc_free(doc); /* the copy does without it */
            cr_assert_eq(npk_writer_memory(&options, &w, NULL), NPK_OK);
            npk_write_value(w, npk_doc_root(copy));
            golden_bytes out = finish(w, &status, &error);
            cr_assert(status == NPK_OK, "%s %s at %d: %s", file, g.name, protocol, error.message);
            bool same = out.size == pickle.size && memcmp(out.bytes, pickle.bytes, out.size) == 0;
            cr_expect(same, "%s %s at %d: other bytes", file, g.name, protocol);
            equal += same;
            npk_bytes_free(NULL, out.bytes, out.size);
            npk_doc_free(copy);
        }
    golden_close(&g);
    cr_expect_eq(equal, expected, "%s: %d", file, equal);
}

Test(values, copies)
{
    copy_all("values.golden", NPK_DIALECT_DEFAULT, 1266);
    copy_all("mixed-numpy1.golden", NPK_DIALECT_DEFAULT, 162);
    copy_all("mixed-numpy2.golden", NPK_DIALECT_NUMPY2, 162);
    copy_all("plain-python2.golden", NPK_DIALECT_PYTHON2, 1623);
}

/* --- borrowed payloads --- */

static bool take(void *context, const npk_buffer *buffer)
{
    *(size_t *)context += buffer->size;
    return true;
}

static void send_large(npk_writer *w, uint64_t seed)
{
    static const int64_t shape[1] = {1000};
    npk_array a = {
        .dtype = npk_dtype_native(NPK_FLOAT64), .data = memory, .ndim = 1, .shape = shape, .readonly = seed == 1};
    npk_write_array(w, &a);
}

Test(values, borrowed_payloads)
{
    for (uint64_t seed = 0; seed < 2; seed++) {
        size_t borrowed = 0;
        npk_status status;
        npk_write_options options = {.buffer = take, .buffer_context = &borrowed};
        npk_doc *doc = build(send_large, seed, &options, &status, NULL),
                *copied = build(send_large, seed, NULL, &status, NULL);
        npk_array a, b;
        cr_assert(npk_array_of(npk_doc_root(doc), &a, NULL) == NPK_OK &&
                  npk_array_of(npk_doc_root(copied), &b, NULL) == NPK_OK);
        cr_expect(borrowed == 8000 && a.data == memory && b.data != memory && memcmp(b.data, memory, 8000) == 0);
        cr_expect(a.readonly == (seed == 1) && b.readonly == (seed == 1));
        npk_doc_free(copied);
        for (int protocol = 0; protocol <= 5; protocol++) {
            npk_write_options at = {.protocol_given = true, .protocol = protocol};
            npk_writer *w, *straight;
            npk_status other;
            cr_assert(npk_writer_memory(&at, &w, NULL) == NPK_OK && npk_writer_memory(&at, &straight, NULL) == NPK_OK);
            npk_write_value(w, npk_doc_root(doc));
            send_large(straight, seed);
            golden_bytes out = finish(w, &status, NULL), expected = finish(straight, &other, NULL);
            cr_assert(status == NPK_OK && other == NPK_OK);
            cr_expect(out.size == expected.size && memcmp(out.bytes, expected.bytes, out.size) == 0, "%d", protocol);
            npk_bytes_free(NULL, out.bytes, out.size);
            npk_bytes_free(NULL, expected.bytes, expected.size);
        }
        npk_doc_free(doc);
    }
}

/* --- misuse, and what a reader refuses --- */

Test(values, ends_that_do_not_fit)
{
    npk_writer *w;
    npk_doc *doc = NULL;
    const npk_value *value;
    uint8_t *bytes;
    size_t size;
    npk_error error;
    cr_assert_eq(npk_writer_doc(NULL, &w, NULL), NPK_OK);
    npk_write_none(w);
    cr_expect_eq(npk_writer_finish(w, &error), NPK_ERR_USAGE);
    cr_assert_eq(npk_writer_doc(NULL, &w, NULL), NPK_OK);
    npk_write_none(w);
    cr_expect_eq(npk_writer_finish_memory(w, &bytes, &size, &error), NPK_ERR_USAGE);
    cr_assert_eq(npk_writer_memory(NULL, &w, NULL), NPK_OK);
    npk_write_none(w);
    cr_expect_eq(npk_writer_finish_doc(w, &doc, &error), NPK_ERR_USAGE);
    cr_assert_eq(npk_writer_doc(NULL, &w, NULL), NPK_OK);
    npk_write_none(w);
    cr_expect_eq(npk_edit_finish(w, &value, &error), NPK_ERR_USAGE);
    cr_assert_eq(npk_writer_doc(NULL, &w, NULL), NPK_OK);
    cr_expect_eq(npk_writer_finish_doc(w, &doc, &error), NPK_ERR_USAGE); /* nothing was written */
    cr_assert_eq(npk_writer_doc(NULL, &w, NULL), NPK_OK);
    npk_write_none(w);
    cr_assert_eq(npk_writer_finish_doc(w, &doc, &error), NPK_OK);
    cr_assert_eq(npk_edit_begin(doc, NULL, &w, &error), NPK_OK);
    npk_write_begin_dict(w, 1);
    npk_write_begin_list(w, 0);
    npk_write_end(w);
    npk_write_none(w);
    npk_write_end(w);
    cr_expect_eq(npk_edit_finish(w, &value, &error), NPK_ERR_TYPE);
    cr_expect(error.offset == NPK_NO_OFFSET && strstr(error.message, "unhashable") != NULL, "%s",
              error.message);
    cr_expect_eq(npk_value_kind(npk_doc_root(doc)), NPK_KIND_NONE);
    npk_doc_free(doc);
}

/* A value of the document is that value; of another it is a copy. */
Test(values, references)
{
    static const char bytes[] = "\x80\2]q\0(X\1\0\0\0aq\1]q\2h\2e.";
    npk_doc *doc, *other;
    npk_writer *w;
    const npk_value *value;
    cr_assert(npk_doc_load_memory(bytes, sizeof bytes - 1, NULL, &doc, NULL) == NPK_OK &&
              npk_doc_load_memory(bytes, sizeof bytes - 1, NULL, &other, NULL) == NPK_OK);
    cr_assert_eq(npk_edit_begin(doc, NULL, &w, NULL), NPK_OK);
    npk_write_begin_list(w, 4);
    npk_write_value(w, npk_value_item(npk_doc_root(doc), 1));
    npk_write_value(w, npk_doc_root(doc));
    npk_write_value(w, npk_value_item(npk_doc_root(doc), 1));
    npk_write_value(w, npk_doc_root(other));
    npk_write_end(w);
    cr_assert_eq(npk_edit_finish(w, &value, NULL), NPK_OK);
    npk_doc_free(other);
    cr_expect(npk_value_item(value, 0) == npk_value_item(npk_doc_root(doc), 1) &&
              npk_value_item(value, 1) == npk_doc_root(doc) && npk_value_item(value, 2) == npk_value_item(value, 0));
    const npk_value *copy = npk_value_item(value, 3);
    cr_expect(copy != npk_doc_root(doc) && npk_value_size(copy) == 3 &&
              npk_value_item(copy, 1) == npk_value_item(copy, 2));
    npk_doc_free(doc);
}
