/* Casts give the same bytes at every level of the machine as with the plain loops: any two types of numbers, both byte orders, at any
 * address, any number of elements, at any distance. */
#include "base/bytes.h"
#include "base/cpu.h"
#include "cast/numbers.h"
#include "dtype/dtype.h"

#include <npickle/array.h>
#include <npickle/cstruct.h>

#include <criterion/criterion.h>

#include <float.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 700, WIDEST = 32 };

static uint64_t next_random(void)
{
    static uint64_t state = UINT64_C(88172645463325252);
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static const char *const codes[] = {"|b1", "|i1", "|u1", "<i2",  "<u2",  "<i4",  "<u4", "<i8", "<u8", "<f2",
                                    "<f4", "<f8", "<c8", "<c16", ">i2",  ">u2",  ">i4", ">u4", ">i8", ">u8",
                                    ">f2", ">f4", ">f8", ">c8",  ">c16", "<f16", "<m8", ">m8"};
enum { CODES = sizeof codes / sizeof *codes };
static const npk_dtype *dtypes[CODES];

static void setup(void)
{
    npk_error error;
    for (size_t i = 0; i < CODES; i++)
        cr_assert_eq(npk_dtype_parse(codes[i], NULL, &dtypes[i], &error), NPK_OK, "%s: %s", codes[i], error.message);
}

static void teardown(void)
{
    for (size_t i = 0; i < CODES; i++)
        npk_dtype_free(dtypes[i]);
}

/* Around the limits of the ints, of half floats and of floats, what lies halfway, and what is no number. */
static double special(void)
{
    static const double values[] = {0.0,
                                    -0.0,
                                    1.0,
                                    -1.0,
                                    0.5,
                                    -0.5,
                                    1.5,
                                    127.0,
                                    128.0,
                                    -128.0,
                                    -129.0,
                                    255.0,
                                    256.0,
                                    32767.0,
                                    32768.0,
                                    -32769.0,
                                    65535.0,
                                    65536.0,
                                    65504.0,
                                    65519.999,
                                    65520.0,
                                    2147483647.0,
                                    2147483647.5,
                                    2147483648.0,
                                    -2147483648.0,
                                    -2147483648.5,
                                    -2147483649.0,
                                    4294967295.0,
                                    4294967296.0,
                                    9223372036854775807.0,
                                    9223372036854774784.0,
                                    -9223372036854775808.0,
                                    -9223372036854777856.0,
                                    18446744073709549568.0,
                                    18446744073709551616.0,
                                    0x1p-14,
                                    0x1p-24,
                                    0x1p-25,
                                    0x1.8p-25,
                                    0x1.00000001p-25,
                                    0x1p-126,
                                    0x1p-149,
                                    0x1p-150,
                                    0x1p-1074,
                                    2049.0,
                                    2051.0,
                                    0x1.002p0,
                                    0x1.00200000000001p0,
                                    0x1.006p0,
                                    16777217.0,
                                    0x1.fffffefp127,
                                    0x1.ffffffp127,
                                    0x1p128,
                                    1e300,
                                    9007199254740993.0};
    uint64_t r = next_random() >> 11;
    switch (r % 8) {
    case 0:
        return npki_double_of((r >> 4 & 1) << 63 | UINT64_C(0x7ff) << 52 |
                              (r >> 5 & UINT64_C(0x3ff)) << 42); /* infinities, NaNs */
    case 1:
        return npki_double_of(next_random());
    case 2:
        return (double)(int64_t)next_random();
    case 3:
        return ((double)(int64_t)(r >> 8) - 0x1p44) * (1.0 / 1024.0);
    case 4: /* of a half float's range, ties among them */
        return npki_double_of((r >> 3 & 1) << 63 | (995 + (r >> 4) % 48) << 52 | (r >> 10 & 0x1fff) << 39 |
                              ((r >> 24) % 3 == 0));
    default:
        return (r >> 3 & 1) != 0 ? -values[(r >> 4) % (sizeof values / sizeof *values)]
                                 : values[(r >> 4) % (sizeof values / sizeof *values)];
    }
}

/* Any bytes of a float or complex number. The x87 makes a quiet NaN of every other one that it moves, and moves some as it likes:
 * there are none for it. */
static void quieten(const npk_dtype *dtype, uint8_t *bytes)
{
    const char kind = npk_dtype_kind(dtype);
    const size_t size = (size_t)npk_dtype_itemsize(dtype), part = kind == 'c' ? size / 2 : size;
    const uint8_t quiet = part == 8 ? 0x08 : 0x40;
    for (size_t i = 0; FLT_EVAL_METHOD == 2 && (kind == 'f' || kind == 'c') && (part == 4 || part == 8) && i < size; i += part)
        bytes[i + (npk_dtype_byteorder(dtype) == '>' ? 1 : part - 2)] |= quiet;
}

/* Numbers of the type, or any bytes. */
static void fill(const npk_dtype *dtype, uint8_t *bytes, size_t count)
{
    npki_conversion conversion;
    size_t size = (size_t)npk_dtype_itemsize(dtype);
    npki_cpu_limit(NPKI_CPU_PLAIN);
    bool any = !npki_conversion_init(&conversion, npk_dtype_native(NPK_FLOAT64), dtype);
    for (size_t i = 0; i < count; i++, bytes += size) {
        if (any || next_random() >> 20 & 1) {
            for (size_t k = 0; k < size; k++)
                bytes[k] = (uint8_t)(next_random() >> 30);
            quieten(dtype, bytes);
        } else {
            double x = special();
            cr_assert(npki_convert(&conversion, (const uint8_t *)&x, 1, bytes));
        }
    }
}

static size_t next_count(int round)
{
    return round < 4 ? (size_t)round : next_random() >> 20 & 1 ? next_random() % 201 : next_random() % (MOST + 1);
}

static void compare(size_t from, size_t to)
{
    static uint8_t in[MOST * WIDEST + 16], plain[MOST * WIDEST + 16], other[MOST * WIDEST + 16];
    const npk_dtype *from_type = dtypes[from], *to_type = dtypes[to];
    npki_conversion conversion;
    size_t to_size = (size_t)npk_dtype_itemsize(to_type);
    for (int round = 0; round < 12; round++) {
        size_t count = next_count(round), at = next_random() >> 20 & 7, out = next_random() >> 20 & 7;
        fill(from_type, in + at, count);
        memset(plain, 0x5a, sizeof plain);
        npki_cpu_limit(NPKI_CPU_PLAIN);
        cr_assert(npki_conversion_init(&conversion, from_type, to_type));
        bool good = npki_convert(&conversion, in + at, count, plain + out);
        for (npki_cpu level = NPKI_CPU_BASE; level < NPKI_CPUS; level++) {
            npki_cpu_limit(level);
            memset(other, 0x5a, sizeof other);
            cr_assert(npki_conversion_init(&conversion, from_type, to_type));
            cr_assert_eq(npki_convert(&conversion, in + at, count, other + out), good);
            for (size_t i = 0; i < count; i++)
                cr_assert_eq(memcmp(plain + out + i * to_size, other + out + i * to_size, to_size), 0,
                             "%s -> %s, level %d: element %zu of %zu", codes[from], codes[to], (int)level, i, count);
            cr_assert_eq(memcmp(plain, other, sizeof plain), 0, "%s -> %s, level %d: beyond the elements", codes[from],
                         codes[to], (int)level);
        }
    }
}

TestSuite(levels_cast, .init = setup, .fini = teardown);

Test(levels_cast, every_pair)
{
    npki_conversion conversion;
    for (size_t from = 0; from < CODES; from++)
        for (size_t to = 0; to < CODES; to++)
            if (npki_conversion_init(&conversion, dtypes[from], dtypes[to]))
                compare(from, to);
}

/* What comes out lies where what goes in does, or a little before or behind it: as with the plain loops. */
Test(levels_cast, in_place)
{
    static uint8_t in[MOST * WIDEST + 16], plain[MOST * WIDEST + 16], other[MOST * WIDEST + 16];
    npki_conversion conversion;
    for (int round = 0; round < 4000; round++) {
        const npk_dtype *from = dtypes[next_random() % CODES], *to = dtypes[next_random() % CODES];
        size_t count = next_count(round), at = next_random() >> 20 & 7, out = next_random() >> 20 & 7;
        if (!npki_conversion_init(&conversion, from, to))
            continue;
        fill(from, in + at, count);
        memcpy(plain, in, sizeof in);
        if (!npki_conversion_init(&conversion, from, to) || conversion.loop == NULL)
            continue;
        if (npk_dtype_type(from) == npk_dtype_type(to) && at != out) /* memcpy may be what does it */
            continue;
        (void)npki_convert(&conversion, plain + at, count, plain + out);
        for (npki_cpu level = NPKI_CPU_BASE; level < NPKI_CPUS; level++) {
            npki_cpu_limit(level);
            memcpy(other, in, sizeof in);
            cr_assert(npki_conversion_init(&conversion, from, to));
            (void)npki_convert(&conversion, other + at, count, other + out);
            cr_assert_eq(memcmp(plain, other, sizeof plain), 0, "level %d, round %d", (int)level, round);
        }
    }
}

/* Elements at any distance, backwards too, in up to four dimensions. */
static npk_array random_array(const npk_dtype *dtype, uint8_t *bytes, size_t room, int64_t *shape, int64_t *strides)
{
    int64_t itemsize = npk_dtype_itemsize(dtype), first = 0, reach = itemsize;
    int ndim = (int)(next_random() >> 20) & 3, order[4] = {0, 1, 2, 3};
    ndim++;
    for (int i = ndim; i-- > 1;) {
        int k = (int)(next_random() >> 20 & 0xff) % (i + 1), kept = order[i];
        order[i] = order[k];
        order[k] = kept;
    }
    for (int i = 0; i < ndim; i++) {
        int axis = order[i];
        int64_t most = (int64_t)room / 2 / reach;
        shape[axis] = 1 + (int64_t)(next_random() >> 20) % (most < 1 ? 1 : most < 40 ? most : 40);
        strides[axis] = next_random() >> 20 & 1 ? reach : reach + (int64_t)(next_random() >> 20 & 15);
        if (strides[axis] * (shape[axis] - 1) + reach > (int64_t)room)
            shape[axis] = 1;
        reach = strides[axis] * (shape[axis] - 1) + reach;
        if ((next_random() >> 20 & 7) == 0) {
            first += strides[axis] * (shape[axis] - 1);
            strides[axis] = -strides[axis];
        }
    }
    return (npk_array){
        .dtype = dtype, .data = bytes + first, .ndim = ndim, .shape = shape, .strides = strides, .order = 'C'};
}

enum { ROOM = 60000 };

static void compare_arrays(const npk_array *array, const npk_dtype *to, const char *what)
{
    static uint8_t plain[ROOM * WIDEST + 8], other[ROOM * WIDEST + 8];
    npk_error error;
    size_t count = (size_t)npk_array_count(array), size = (size_t)npk_array_nbytes(array), at = next_random() >> 20 & 7;
    size_t used = count * (size_t)npk_dtype_itemsize(to) + 8;
    used = used > size + 8 ? used : size + 8;
    cr_assert(used <= sizeof plain);
    for (int mode = 0; mode < 3; mode++) /* read as another type; copied in one order, in the other */
        for (npki_cpu level = NPKI_CPU_PLAIN; level < NPKI_CPUS; level++) {
            uint8_t *out = level == NPKI_CPU_PLAIN ? plain : other;
            memset(out, 0x5a, used);
            npki_cpu_limit(level);
            npk_status status = mode == 0 ? npk_array_read_as(array, to, NPK_CAST_UNSAFE, out + at, count, &error)
                                          : npk_array_copy(array, mode == 1 ? 'C' : 'F', out + at, size, &error);
            cr_assert_eq(status, NPK_OK, "%s", error.message);
            cr_assert_eq(memcmp(plain, out, used), 0, "%s, level %d", what, (int)level);
        }
}

Test(levels_cast, distances)
{
    static uint8_t bytes[ROOM + 8];
    int64_t shape[4], strides[4];
    npki_conversion conversion;
    for (int round = 0; round < 3000; round++) {
        const npk_dtype *from = dtypes[next_random() % CODES], *to = dtypes[next_random() % CODES];
        char what[200];
        if (!npki_conversion_init(&conversion, from, to))
            to = from;
        npk_array array = random_array(from, bytes + (next_random() >> 20 & 7), ROOM, shape, strides);
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)(i * 0x9e3779b1u >> 13);
        snprintf(what, sizeof what, "round %d: %d dimensions, %d x %d", round, array.ndim, (int)shape[0],
                 array.ndim > 1 ? (int)shape[1] : 0);
        compare_arrays(&array, to, what);
    }
}

/* What NumPy makes of signalling NaNs: between floats of the same size their bits stay. */
Test(levels_cast, nan_bits)
{
    static const uint32_t nans[2] = {0x7f800001, 0xffa00001}, expected[4] = {0x7f800001, 0, 0xffa00001, 0};
    uint32_t complexes[4], floats[2];
    npki_conversion there, back;
    for (npki_cpu level = NPKI_CPU_PLAIN; level < NPKI_CPUS; level++) {
        npki_cpu_limit(level);
        cr_assert(npki_conversion_init(&there, npk_dtype_native(NPK_FLOAT32), npk_dtype_native(NPK_COMPLEX64)));
        cr_assert(npki_conversion_init(&back, npk_dtype_native(NPK_COMPLEX64), npk_dtype_native(NPK_FLOAT32)));
        cr_assert(npki_convert(&there, (const uint8_t *)nans, 2, (uint8_t *)complexes));
        cr_assert_eq(memcmp(complexes, expected, sizeof expected), 0);
        cr_assert(npki_convert(&back, (const uint8_t *)complexes, 2, (uint8_t *)floats));
        cr_assert_eq(memcmp(floats, nans, sizeof nans), 0);
    }
}

/* Fields by their names: copied, swapped, converted. */
Test(levels_cast, fields)
{
    static uint8_t in[300 * 24 + 8], plain[300 * 32 + 8], other[300 * 32 + 8];
    const npk_dtype *from, *to;
    npk_error error;
    int64_t shape;
    cr_assert_eq(
        npk_dtype_parse("[('a', '>i2'), ('b', '<f8'), ('c', '>f8'), ('d', '>i4'), ('e', '|u1')]", NULL, &from, &error),
        NPK_OK);
    cr_assert_eq(
        npk_dtype_parse("[('e', '<f4'), ('d', '<i4'), ('c', '<f8'), ('b', '<f8'), ('a', '<i2')]", NULL, &to, &error),
        NPK_OK);
    for (size_t i = 0; i < sizeof in; i++)
        in[i] = (uint8_t)(next_random() >> 30);
    for (shape = 0; shape <= 300; shape++) {
        size_t at = next_random() >> 20 & 7, out = next_random() >> 20 & 7;
        npk_array array = {.dtype = from, .data = in + at, .ndim = 1, .shape = &shape, .order = 'C'};
        for (npki_cpu level = NPKI_CPU_PLAIN; level < NPKI_CPUS; level++) {
            uint8_t *bytes = level == NPKI_CPU_PLAIN ? plain : other;
            npki_cpu_limit(level);
            memset(bytes, 0x5a, sizeof plain);
            cr_assert_eq(npk_array_read_fields(&array, to, NULL, bytes + out, (size_t)shape, &error), NPK_OK, "%s",
                         error.message);
            cr_assert_eq(memcmp(plain, bytes, sizeof plain), 0, "level %d, %d items", (int)level, (int)shape);
        }
    }
    npk_dtype_free(from);
    npk_dtype_free(to);
}
