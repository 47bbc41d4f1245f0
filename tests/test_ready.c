/* An array that is put together from one before it is the one that the plain way writes: containers of arrays, and pickles of one each, written by both. */
#include "base/cpu.h"

#include <npickle/reader.h>
#include <npickle/writer.h>

#include <criterion/criterion.h>

#include <string.h>

enum { ROUNDS = 3000, BYTES = 5000, PICKLES = 4 };

static uint64_t next_random(void)
{
    static uint64_t state = UINT64_C(88172645463325252);
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static size_t below(size_t count)
{
    return (size_t)(next_random() >> 20) % count;
}

static const char *const texts[] = {"f8", "i4", "u1", "?", "c16", ">f8", ">i2", "S5", "U3", "V7", "M8[s]", "m8[25us]", "g",
                                    "[('a', '<i2'), ('b', '<f8')]", "{'names': ['x'], 'formats': ['u1'], 'offsets': [3], 'itemsize': 9}"};

#define DTYPES (sizeof texts / sizeof *texts)

/* Everything that one container is written with, so that it can be written again. */
typedef struct plan {
    npk_write_options options;
    int kind, strings;   /* PICKLES: each array is one, all by one writer */
    size_t count, kinds; /* arrays, and dtypes among them */
    bool shapes;         /* differ */
    size_t longest;      /* an axis */
    uint64_t seed;
} plan;

static uint64_t state_of_plan;

static size_t pick(size_t count)
{
    state_of_plan = state_of_plan * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(state_of_plan >> 33) % count;
}

static void write_one(npk_writer *w, const plan *p, const npk_dtype **dtypes, const uint8_t *bytes)
{
    int64_t shape[5], strides[5];
    const npk_dtype **place = &dtypes[pick(p->kinds)], *dtype = *place;
    npk_array array = {.dtype = dtype, .data = bytes + pick(64), .ndim = p->shapes ? (int)pick(6) : 1, .shape = shape};
    int64_t size = npk_dtype_itemsize(dtype);
    for (int i = 0; i < array.ndim; i++) {
        shape[i] = p->shapes ? (int64_t)pick(array.ndim == 1 ? p->longest : 4) : 10;
        strides[i] = size;
        size *= shape[i] > 0 ? shape[i] : 1;
    }
    array.order = pick(3) == 0 ? 'F' : 'C';
    array.readonly = pick(8) == 0;
    if (pick(4) == 0) {
        array.strides = strides;
        if (array.ndim > 1 && pick(2) == 0)
            strides[0] = strides[1];
    }
    if (size + 64 > BYTES)
        array.ndim = 0;
    npk_write_array(w, &array);
    if (pick(16) == 0) /* another descriptor, perhaps where the last one was */
        for (size_t i = 0; i < p->kinds; i++)
            if (place == &dtypes[i] && npk_dtype_native(npk_dtype_type(dtype)) != dtype) {
                npk_error error;
                npk_dtype_free(dtype);
                cr_assert_eq(npk_dtype_parse(texts[pick(DTYPES)], NULL, place, &error), NPK_OK);
            }
}

static npk_status write_plan(const plan *p, const uint8_t *bytes, uint8_t **out, size_t *size)
{
    npk_writer *w = NULL;
    npk_error error;
    const npk_dtype *dtypes[DTYPES];
    state_of_plan = p->seed;
    for (size_t i = 0; i < p->kinds; i++)
        cr_assert_eq(npk_dtype_parse(texts[pick(DTYPES)], NULL, &dtypes[i], &error), NPK_OK);
    cr_assert_eq(npk_writer_memory(&p->options, &w, &error), NPK_OK, "%s", error.message);
    if (p->kind == 0)
        npk_write_begin_list(w, NPK_UNKNOWN);
    else if (p->kind == 1)
        npk_write_begin_dict(w, (int64_t)p->count);
    else if (p->kind != PICKLES)
        npk_write_begin_tuple(w, p->kind == 2 ? NPK_UNKNOWN : (int64_t)p->count);
    for (size_t i = 0; i < p->count; i++) {
        if (p->kind == 1)
            npk_write_int(w, (int64_t)i);
        if (p->kind == PICKLES && i > 0)
            npk_writer_next(w);
        if (p->strings > 0 && pick((size_t)p->strings) == 0)
            npk_write_str(w, i % 2 == 0 ? "name" : "b");
        else
            write_one(w, p, dtypes, bytes);
    }
    if (p->kind != PICKLES)
        npk_write_end(w);
    npk_status status = npk_writer_finish_memory(w, out, size, &error);
    for (size_t i = 0; i < p->kinds; i++)
        npk_dtype_free(dtypes[i]);
    return status;
}

static void make_plan(plan *p, int round)
{
    static const npk_dialect dialects[] = {0, NPK_DIALECT_PYTHON2, NPK_DIALECT_NUMPY2, NPK_CPYTHON(3, 4) | NPK_NUMPY(1, 8), NPK_NUMPY(1, 18)};
    memset(p, 0, sizeof *p);
    p->options.protocol_given = true;
    p->options.protocol = 2 + (int)below(4);
    p->options.dialect = dialects[below(5)];
    if (round % 8 == 0 || p->options.dialect == NPK_DIALECT_PYTHON2)
        p->options.protocol = (int)below(3);
    else if (p->options.dialect == dialects[3])
        p->options.protocol = 2 + (int)below(3);
    p->options.keep_padding = below(4) == 0;
    p->options.memo = below(16) == 0 ? NPK_MEMO_NONE : NPK_MEMO_PYTHON;
    p->kind = (int)below(5);
    p->strings = below(3) == 0 ? 7 : 0;
    p->count = below(round % 64 == 0 ? 3000 : 40) + (p->kind == PICKLES);
    p->kinds = 1 + below(below(2) == 0 ? 2 : 6);
    p->shapes = below(2) == 0;
    p->longest = round % 32 == 0 ? 2000 : 20;
    p->seed = next_random();
}

/* Numbers behind a dtype inside the dtype, which are no lengths of the array. */
Test(ready, pickles_of_structs)
{
    static const char *const structs[] = {"[('a', '<i4', (2,))]",
                                          "{'names': ['a'], 'formats': ['<i4'], 'offsets': [4], 'itemsize': 8}"};
    static const int64_t lengths[] = {4, 4, 3, 2, 2, 3};
    static const uint8_t elements[64];
    for (int i = 0; i < 12; i++) {
        const npk_dtype *dtype;
        npk_write_options options = {
            .protocol_given = true, .protocol = i % 6, .dialect = NPK_DIALECT_NUMPY2, .keep_padding = true};
        cr_assert_eq(npk_dtype_parse(structs[i / 6], NULL, &dtype, NULL), NPK_OK);
        uint8_t *bytes[2];
        size_t sizes[2];
        for (int level = 0; level < 2; level++) {
            npk_writer *w = NULL;
            npki_cpu_limit(level == 0 ? NPKI_CPU_PLAIN : NPKI_CPUS - 1);
            cr_assert_eq(npk_writer_memory(&options, &w, NULL), NPK_OK);
            for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
                npk_array array = {.dtype = dtype, .data = elements, .ndim = 1, .shape = &lengths[k]};
                if (k > 0)
                    npk_writer_next(w);
                npk_write_array(w, &array);
            }
            cr_assert_eq(npk_writer_finish_memory(w, &bytes[level], &sizes[level], NULL), NPK_OK);
        }
        cr_expect(sizes[0] == sizes[1] && memcmp(bytes[0], bytes[1], sizes[0]) == 0, "%s at protocol %d",
                  structs[i / 6], i % 6);
        npk_bytes_free(NULL, bytes[0], sizes[0]);
        npk_bytes_free(NULL, bytes[1], sizes[1]);
        npk_dtype_free(dtype);
    }
}

Test(ready, is_as_the_plain_way)
{
    static uint8_t bytes[2 * BYTES];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(next_random() >> 30);
    for (int round = 0; round < ROUNDS; round++) {
        plan p;
        uint8_t *plain = NULL, *quick = NULL;
        size_t plain_size = 0, quick_size = 0;
        make_plan(&p, round);
        npki_cpu_limit(NPKI_CPU_PLAIN);
        npk_status expected = write_plan(&p, bytes, &plain, &plain_size);
        npki_cpu_limit(NPKI_CPUS - 1);
        npk_status found = write_plan(&p, bytes, &quick, &quick_size);
        cr_assert_eq(found, expected, "round %d: %d and %d", round, (int)found, (int)expected);
        cr_assert_eq(quick_size, plain_size, "round %d, protocol %d: %zu and %zu bytes", round, p.options.protocol, quick_size, plain_size);
        cr_assert(plain_size == 0 || memcmp(plain, quick, plain_size) == 0, "round %d, protocol %d", round, p.options.protocol);
        npk_bytes_free(NULL, plain, plain_size);
        npk_bytes_free(NULL, quick, quick_size);
    }
}
