#include "cast/numbers.h"

#include "base/bytes.h"
#include "base/scratch.h"
#include "cast/block.h"
#include "cast/kernels.h"
#include "cast/small.h"
#include "cast/swap.h"

/* --- source -> carrier --- */

#define LOAD(name, type, member, expression)                                                                           \
    static void load_##name(const uint8_t *from, size_t count, npki_block *block)                                      \
    {                                                                                                                  \
        for (size_t i = 0; i < count; i++) {                                                                           \
            type x;                                                                                                    \
            memcpy(&x, from + i * sizeof x, sizeof x);                                                                 \
            block->as.member[i] = (expression);                                                                        \
        }                                                                                                              \
    }
LOAD(bool, uint8_t, i, x != 0)
LOAD(int8, int8_t, i, x)
LOAD(uint8, uint8_t, i, x)
LOAD(int16, int16_t, i, x)
LOAD(uint16, uint16_t, i, x)
LOAD(int32, int32_t, i, x)
LOAD(uint32, uint32_t, i, x)
LOAD(int64, int64_t, i, x)
LOAD(uint64, uint64_t, u, x)
LOAD(float16, uint16_t, r, npki_double_of_half(x))
LOAD(float32, float, r, (double)x)
LOAD(float64, double, r, x)
#undef LOAD

#define LOAD_EXTENDED(bytes)                                                                                           \
    static void load_extended_##bytes(const uint8_t *from, size_t count, npki_block *block)                            \
    {                                                                                                                  \
        for (size_t i = 0; i < count; i++)                                                                             \
            block->as.e[i] = npki_extended_load(from + i * (bytes));                                                   \
    }
LOAD_EXTENDED(12)
LOAD_EXTENDED(16)
#undef LOAD_EXTENDED

/* --- carrier -> target --- */

static uint64_t uint64_of(double x)
{
    const double half = 9223372036854775808.0;
    return x >= half ? (uint64_t)npki_int64_of(x - half) ^ (uint64_t)1 << 63 : (uint64_t)npki_int64_of(x);
}

#define STORE(name, type, member, expression)                                                                          \
    static void store_##name(const npki_block *block, size_t count, uint8_t *to)                                       \
    {                                                                                                                  \
        for (size_t i = 0; i < count; i++) {                                                                           \
            type x = (expression);                                                                                     \
            memcpy(to + i * sizeof x, &x, sizeof x);                                                                   \
        }                                                                                                              \
    }
#define X(member) block->as.member[i]

/* Ints wrap around; signed ones are written as the unsigned of their size. A half goes by way of a float, as in
 * NumPy. */
STORE(bool_of_int, uint8_t, i, X(i) != 0)
STORE(int8_of_int, uint8_t, i, (uint8_t)X(i))
STORE(int16_of_int, uint16_t, i, (uint16_t)X(i))
STORE(int32_of_int, uint32_t, i, (uint32_t)X(i))
STORE(int64_of_int, int64_t, i, X(i))
STORE(float16_of_int, uint16_t, i, npki_half_of_double((double)(float)X(i)))
STORE(float32_of_int, float, i, (float)X(i))
STORE(float64_of_int, double, i, (double)X(i))

/* Out of a uint64: only what looks at the top bit differs. */
STORE(float16_of_uint, uint16_t, u, npki_half_of_double((double)(float)X(u)))
STORE(float32_of_uint, float, u, (float)X(u))
STORE(float64_of_uint, double, u, (double)X(u))

/* (float)double beyond the range of a float is an infinity: C11 Annex F, which npickle takes for granted. */
STORE(bool_of_real, uint8_t, r, X(r) != 0.0)
STORE(int8_of_real, uint8_t, r, (uint8_t)npki_int32_of(X(r)))
STORE(int16_of_real, uint16_t, r, (uint16_t)npki_int32_of(X(r)))
STORE(int32_of_real, uint32_t, r, (uint32_t)npki_int32_of(X(r)))
STORE(uint32_of_real, uint32_t, r, (uint32_t)npki_int64_of(X(r)))
STORE(int64_of_real, int64_t, r, npki_int64_of(X(r)))
STORE(uint64_of_real, uint64_t, r, uint64_of(X(r)))
STORE(float16_of_real, uint16_t, r, npki_half_of_double(X(r)))
STORE(float32_of_real, float, r, (float)X(r))
STORE(float64_of_real, double, r, X(r))

/* FISTP has 16, 32 and 64 bits: the smallest that holds the target. */
STORE(bool_of_extended, uint8_t, e, !npki_extended_is_zero(X(e)))
STORE(int8_of_extended, uint8_t, e, (uint8_t)npki_int_of_extended(X(e), 16))
STORE(int16_of_extended, uint16_t, e, (uint16_t)npki_int_of_extended(X(e), 16))
STORE(uint16_of_extended, uint16_t, e, (uint16_t)npki_int_of_extended(X(e), 32))
STORE(int32_of_extended, uint32_t, e, (uint32_t)npki_int_of_extended(X(e), 32))
STORE(uint32_of_extended, uint32_t, e, (uint32_t)npki_int_of_extended(X(e), 64))
STORE(int64_of_extended, int64_t, e, npki_int_of_extended(X(e), 64))
STORE(uint64_of_extended, uint64_t, e, npki_uint64_of_extended(X(e)))
STORE(float16_of_extended, uint16_t, e, npki_half_of_double((double)npki_float_of_extended(X(e))))
STORE(float32_of_extended, float, e, npki_float_of_extended(X(e)))
STORE(float64_of_extended, double, e, npki_double_of_extended(X(e)))
#undef STORE

/* The bytes behind the ten are zero. */
#define STORE_EXTENDED(name, bytes, expression)                                                                        \
    static void store_extended_##bytes##_of_##name(const npki_block *block, size_t count, uint8_t *to)                 \
    {                                                                                                                  \
        memset(to, 0, count *(bytes));                                                                                 \
        for (size_t i = 0; i < count; i++)                                                                             \
            npki_extended_store((expression), to + i * (bytes));                                                       \
    }
#define STORE_EXTENDED_OF(name, expression)                                                                            \
    STORE_EXTENDED(name, 12, expression)                                                                               \
    STORE_EXTENDED(name, 16, expression)
STORE_EXTENDED_OF(int, npki_extended_of_int64(X(i)))
STORE_EXTENDED_OF(uint, npki_extended_of_uint64(X(u)))
STORE_EXTENDED_OF(real, npki_extended_of_double(X(r)))
STORE_EXTENDED_OF(extended, X(e))
#undef STORE_EXTENDED_OF
#undef STORE_EXTENDED
#undef X

/* --- the rows --- */

static const npki_number_row rows[NPKI_TYPES] = {
    [NPK_BOOL] = {NPKI_CARRY_INT, load_bool, NPKI_STORES(bool_of_int, bool_of_int, bool_of_real, bool_of_extended)},
    [NPK_INT8] = {NPKI_CARRY_INT, load_int8, NPKI_STORES(int8_of_int, int8_of_int, int8_of_real, int8_of_extended)},
    [NPK_UINT8] = {NPKI_CARRY_INT, load_uint8, NPKI_STORES(int8_of_int, int8_of_int, int8_of_real, int8_of_extended)},
    [NPK_INT16] = {NPKI_CARRY_INT, load_int16,
                   NPKI_STORES(int16_of_int, int16_of_int, int16_of_real, int16_of_extended)},
    [NPK_UINT16] = {NPKI_CARRY_INT, load_uint16,
                    NPKI_STORES(int16_of_int, int16_of_int, int16_of_real, uint16_of_extended)},
    [NPK_INT32] = {NPKI_CARRY_INT, load_int32,
                   NPKI_STORES(int32_of_int, int32_of_int, int32_of_real, int32_of_extended)},
    [NPK_UINT32] = {NPKI_CARRY_INT, load_uint32,
                    NPKI_STORES(int32_of_int, int32_of_int, uint32_of_real, uint32_of_extended)},
    [NPK_INT64] = {NPKI_CARRY_INT, load_int64,
                   NPKI_STORES(int64_of_int, int64_of_int, int64_of_real, int64_of_extended)},
    [NPK_UINT64] = {NPKI_CARRY_UINT, load_uint64,
                    NPKI_STORES(int64_of_int, int64_of_int, uint64_of_real, uint64_of_extended)},
    [NPK_FLOAT16] = {NPKI_CARRY_REAL, load_float16,
                     NPKI_STORES(float16_of_int, float16_of_uint, float16_of_real, float16_of_extended)},
    [NPK_FLOAT32] = {NPKI_CARRY_REAL, load_float32,
                     NPKI_STORES(float32_of_int, float32_of_uint, float32_of_real, float32_of_extended)},
    [NPK_FLOAT64] = {NPKI_CARRY_REAL, load_float64,
                     NPKI_STORES(float64_of_int, float64_of_uint, float64_of_real, float64_of_extended)},
    [NPK_FLOAT96] = {NPKI_CARRY_EXTENDED, load_extended_12,
                     NPKI_STORES(extended_12_of_int, extended_12_of_uint, extended_12_of_real,
                                 extended_12_of_extended)},
    [NPK_FLOAT128] = {NPKI_CARRY_EXTENDED, load_extended_16,
                      NPKI_STORES(extended_16_of_int, extended_16_of_uint, extended_16_of_real,
                                  extended_16_of_extended)},
};

static const npki_number_row *row_of(npk_type type)
{
    return npki_dtype_rows[type].module != NULL ? &npki_small_rows[type] : &rows[type];
}

static npk_type component_of(npk_type type)
{
    static const npk_type other[NPKI_TYPES] = {
        [NPK_COMPLEX64] = NPK_FLOAT32,   [NPK_COMPLEX128] = NPK_FLOAT64, [NPK_COMPLEX192] = NPK_FLOAT96,
        [NPK_COMPLEX256] = NPK_FLOAT128, [NPK_DATETIME64] = NPK_INT64,   [NPK_TIMEDELTA64] = NPK_INT64,
    };
    return other[type] != NPK_BOOL ? other[type] : type; /* nothing has components that are bools */
}

/* Of a NaN no more than its sign is kept. */
static uint16_t half_of_bfloat16(uint16_t bits)
{
    const npki_small format = {8, 7, 127, NPKI_SPECIAL_IEEE};
    bool is_nan = npki_small_is_nan(format, bits);
    return is_nan ? (uint16_t)((bits & 0x8000) | 0x7e00) : npki_half_of_double(npki_double_of_small(format, bits));
}

/* Loops of their own for the pairs that are met most; those of two complex types are those of their halves.
 * A bfloat16 becomes a float bit by bit, NaNs too. */
#define DIRECT_ROWS(X)                                                                                                 \
    X(INT8, int8_t, FLOAT64, double, (double)x)                                                                        \
    X(UINT8, uint8_t, FLOAT64, double, (double)x)                                                                      \
    X(INT16, int16_t, FLOAT64, double, (double)x)                                                                      \
    X(UINT16, uint16_t, FLOAT64, double, (double)x)                                                                    \
    X(INT32, int32_t, FLOAT64, double, (double)x)                                                                      \
    X(UINT32, uint32_t, FLOAT64, double, (double)x)                                                                    \
    X(INT64, int64_t, FLOAT64, double, (double)x)                                                                      \
    X(FLOAT32, float, FLOAT64, double, (double)x)                                                                      \
    X(FLOAT64, double, FLOAT32, float, (float)x)                                                                       \
    X(UINT8, uint8_t, FLOAT32, float, (float)x)                                                                        \
    X(INT16, int16_t, FLOAT32, float, (float)x)                                                                        \
    X(UINT16, uint16_t, FLOAT32, float, (float)x)                                                                      \
    X(INT32, int32_t, FLOAT32, float, (float)x)                                                                        \
    X(INT64, int64_t, FLOAT32, float, (float)x)                                                                        \
    X(UINT8, uint8_t, INT32, int32_t, (int32_t)x)                                                                      \
    X(INT16, int16_t, INT32, int32_t, (int32_t)x)                                                                      \
    X(UINT16, uint16_t, INT32, int32_t, (int32_t)x)                                                                    \
    X(UINT8, uint8_t, INT64, int64_t, (int64_t)x)                                                                      \
    X(INT32, int32_t, INT64, int64_t, (int64_t)x)                                                                      \
    X(FLOAT64, double, INT32, int32_t, npki_int32_of(x))                                                               \
    X(FLOAT64, double, INT64, int64_t, npki_int64_of(x))                                                               \
    X(FLOAT32, float, INT32, int32_t, npki_int32_of((double)x))                                                        \
    X(BFLOAT16, uint16_t, FLOAT32, uint32_t, (uint32_t)x << 16)                                                        \
    X(BFLOAT16, uint16_t, FLOAT16, uint16_t, half_of_bfloat16(x))

#define DIRECT(from_type, from_c, to_type, to_c, expression)                                                           \
    static void direct_##from_type##_##to_type(const uint8_t *from, size_t count, uint8_t *to)                         \
    {                                                                                                                  \
        for (size_t i = 0; i < count; i++) {                                                                           \
            from_c x;                                                                                                  \
            memcpy(&x, from + i * sizeof x, sizeof x);                                                                 \
            to_c y = (expression);                                                                                     \
            memcpy(to + i * sizeof y, &y, sizeof y);                                                                   \
        }                                                                                                              \
    }
DIRECT_ROWS(DIRECT)
#undef DIRECT

static npki_direct *direct_of(npk_type from, npk_type to)
{
    static npki_direct *const direct[NPKI_TYPES][NPKI_TYPES] = {
#define ROW(from_type, from_c, to_type, to_c, expression)                                                              \
    [NPK_##from_type][NPK_##to_type] = direct_##from_type##_##to_type,
        DIRECT_ROWS(ROW)
#undef ROW
    };
    return direct[from][to];
}

/* --- complex and real --- */

/* Ints and doubles have 8 bytes and a zero of all zero bits, so these do for three of the carriers. */
static void drop_imaginary(npki_block *block, size_t count, const npki_conversion *conversion)
{
    (void)conversion;
    for (size_t i = 1; i < count; i++)
        block->as.r[i] = block->as.r[2 * i];
}

static void drop_imaginary_extended(npki_block *block, size_t count, const npki_conversion *conversion)
{
    (void)conversion;
    for (size_t i = 1; i < count; i++)
        block->as.e[i] = block->as.e[2 * i];
}

static void add_imaginary(npki_block *block, size_t count, const npki_conversion *conversion)
{
    (void)conversion;
    for (size_t i = count; i-- > 0;) {
        block->as.u[2 * i] = block->as.u[i];
        block->as.u[2 * i + 1] = 0;
    }
}

static void add_imaginary_extended(npki_block *block, size_t count, const npki_conversion *conversion)
{
    (void)conversion;
    for (size_t i = count; i-- > 0;) {
        block->as.e[2 * i] = block->as.e[i];
        block->as.e[2 * i + 1] = (npki_extended){0, 0};
    }
}

/* A complex is true if either half is. */
static void either(npki_block *block, size_t count, const npki_conversion *conversion)
{
    (void)conversion;
    for (size_t i = 0; i < count; i++)
        block->as.r[i] = block->as.r[2 * i] != 0.0 ? 1.0 : block->as.r[2 * i + 1];
}

static void either_extended(npki_block *block, size_t count, const npki_conversion *conversion)
{
    (void)conversion;
    for (size_t i = 0; i < count; i++)
        block->as.e[i] = block->as.e[2 * i + (npki_extended_is_zero(block->as.e[2 * i]) ? 1 : 0)];
}

static npki_adapt *adapt_of(size_t from_components, size_t to_components, bool to_bool, bool extended)
{
    if (from_components == to_components)
        return NULL;
    if (from_components < to_components)
        return extended ? add_imaginary_extended : add_imaginary;
    if (to_bool)
        return extended ? either_extended : either;
    return extended ? drop_imaginary_extended : drop_imaginary;
}

/* --- numbers and times --- */

/* Ints and floats are taken as this machine has them; the extended format, least significant byte first everywhere. */
static size_t swap_of(const npk_dtype *dtype)
{
    char wanted = row_of(component_of(dtype->type))->carried == NPKI_CARRY_EXTENDED ? '<' : npki_native_order();
    return dtype->byteorder == '|' || dtype->byteorder == wanted ? 1 : npki_dtype_rows[dtype->type].swap;
}

static bool run_same(const npki_conversion *conversion, const uint8_t *from, size_t count, uint8_t *to)
{
    if (conversion->from_swap == conversion->to_swap)
        memcpy(to, from, count * conversion->from_size);
    else
        npki_swap(from, conversion->from_width, count * conversion->from_components, to);
    return true;
}

/* At most NPKI_BLOCK elements. */
static bool convert_block(const npki_conversion *conversion, const uint8_t *from, size_t count, uint8_t *to)
{
    NPKI_SCRATCH uint8_t native[NPKI_BLOCK * 32];
    NPKI_SCRATCH npki_block block;
    bool is_good = true;
    size_t from_count = count * conversion->from_components, to_count = count * conversion->to_components;
    if (conversion->from_swap > 1) {
        npki_swap(from, conversion->from_swap, from_count, native);
        from = native;
    }
    if (conversion->direct != NULL) {
        conversion->direct(from, from_count, to);
    } else {
        conversion->load(from, from_count, &block);
        if (conversion->adapt != NULL)
            conversion->adapt(&block, count, conversion);
        if (conversion->scale.is != NPKI_SCALE_NONE)
            is_good = npki_scale_apply(&conversion->scale, block.as.i, count);
        conversion->store(&block, to_count, to);
    }
    if (conversion->to_swap > 1)
        npki_swap(to, conversion->to_swap, to_count, to);
    return is_good;
}

static bool run_blocks(const npki_conversion *conversion, const uint8_t *from, size_t count, uint8_t *to)
{
    if (conversion->step_count > 0 &&
        !npki_overlap(from, count * conversion->from_size, to, count * conversion->to_size)) {
        npki_chain_run(conversion, from, count, to);
        return true;
    }
    while (count > 0) {
        size_t now = count < NPKI_BLOCK ? count : NPKI_BLOCK;
        if (!convert_block(conversion, from, now, to))
            return false;
        from += now * conversion->from_size;
        to += now * conversion->to_size;
        count -= now;
    }
    return true;
}

static bool init_numbers(npki_conversion *conversion, const npk_dtype *from, const npk_dtype *to)
{
    npk_type from_type = component_of(from->type), to_type = component_of(to->type);
    bool as_bits = from_type == NPK_FLOAT32 && to_type == NPK_FLOAT32; /* which keeps the bits of a NaN */
    const npki_number_row *from_row = row_of(as_bits ? NPK_UINT32 : from_type);
    const npki_number_row *to_row = row_of(as_bits ? NPK_UINT32 : to_type);
    bool extended = from_row->carried == NPKI_CARRY_EXTENDED,
         times = npki_dtype_rows[from->type].number == NPKI_NUMBER_TIME;
    if (times && from->type == to->type && !npki_scale_init(&conversion->scale, from, to))
        return false;
    bool is_same = from->type == to->type && conversion->scale.is == NPKI_SCALE_NONE;
    conversion->loop = is_same && to->type != NPK_BOOL ? run_same : run_blocks; /* a bool comes out as 0 or 1 */
    conversion->direct = conversion->from_components == conversion->to_components
                             ? direct_of(from_type, to_type)
                             : NULL;
    npki_carrier carried = from_row->carried;
    conversion->load = from_row->load;
    conversion->adapt =
        adapt_of(conversion->from_components, conversion->to_components, to->type == NPK_BOOL, extended);
    if (conversion->adapt == NULL)
        conversion->adapt =
            npki_small_adapt(conversion, &npki_dtype_rows[from->type], &npki_dtype_rows[to->type], &carried);
    conversion->store = to_row->store[carried];
    if (conversion->loop == run_blocks && conversion->scale.is == NPKI_SCALE_NONE)
        npki_chain_init(conversion, from_type, to_type);
    return true;
}

bool npki_conversion_init(npki_conversion *conversion, const npk_dtype *from, const npk_dtype *to)
{
    bool numbers =
        npki_dtype_rows[from->type].number != NPKI_NUMBER_NONE && npki_dtype_rows[to->type].number != NPKI_NUMBER_NONE;
    *conversion = (npki_conversion){.from_size = (size_t)from->itemsize,
                                    .to_size = (size_t)to->itemsize,
                                    .from_swap = swap_of(from),
                                    .to_swap = swap_of(to),
                                    .from_width = npki_dtype_rows[from->type].swap,
                                    .to_width = npki_dtype_rows[to->type].swap};
    conversion->from_components = conversion->from_size / conversion->from_width;
    conversion->to_components = conversion->to_size / conversion->to_width;
    if (numbers)
        return init_numbers(conversion, from, to);
    conversion->loop = npki_recoding(from, to);
    if (conversion->loop == NULL && npk_dtype_equal(from, to) && !from->has_object)
        conversion->loop = run_same;
    return conversion->loop != NULL;
}

size_t npki_conversion_swaps(const npki_conversion *conversion)
{
    bool swaps = conversion->loop == run_same && conversion->from_swap != conversion->to_swap;
    return swaps && conversion->from_components == 1 ? conversion->from_width : 0;
}

bool npki_convert(const npki_conversion *conversion, const uint8_t *from, size_t count, uint8_t *to)
{
    return conversion->loop(conversion, from, count, to);
}
