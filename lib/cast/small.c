/* The numbers that ml_dtypes adds to NumPy. Their rows say how they are made, so that none needs code of its own. */
#include "cast/small.h"

#include "cast/block.h"

typedef uint8_t bits_1;
typedef uint16_t bits_2;

#define LOAD(name, size, member, expression)                                                                           \
    static void load_##name(const uint8_t *from, size_t count, npki_block *block)                                      \
    {                                                                                                                  \
        for (size_t i = 0; i < count; i++) {                                                                           \
            bits_##size x;                                                                                             \
            memcpy(&x, from + i * sizeof x, sizeof x);                                                                 \
            block->as.member[i] = (expression);                                                                        \
        }                                                                                                              \
    }

#define STORE(name, size, member, expression)                                                                          \
    static void store_##name(const npki_block *block, size_t count, uint8_t *to)                                       \
    {                                                                                                                  \
        for (size_t i = 0; i < count; i++) {                                                                           \
            bits_##size x = (bits_##size)(expression);                                                                 \
            memcpy(to + i * sizeof x, &x, sizeof x);                                                                   \
        }                                                                                                              \
    }
#define X(member) block->as.member[i]

/* --- floats: each is made out of a float --- */

#define FLOAT(type, size, exponent, mantissa, bias, special)                                                           \
    static const npki_small format_##type = {exponent, mantissa, bias, NPKI_SPECIAL_##special};                        \
    LOAD(type, size, r, npki_double_of_small(format_##type, x))                                                        \
    STORE(type##_of_int, size, i, npki_small_of_float(format_##type, (float)X(i)))                                     \
    STORE(type##_of_uint, size, u, npki_small_of_float(format_##type, (float)X(u)))                                    \
    STORE(type##_of_real, size, r, npki_small_of_float(format_##type, (float)X(r)))                                    \
    STORE(type##_of_extended, size, e, npki_small_of_float(format_##type, npki_float_of_extended(X(e))))

/* --- ints: the lower bits of a byte, cut out of an int --- */

#define ONES(bits) (((uint32_t)1 << (bits)) - 1)

static int64_t sign_extend(uint32_t value, int bits)
{
    int64_t sign = (int64_t)1 << (bits - 1);
    return ((int64_t)value ^ sign) - sign;
}

/* What lies between the highest int and the next is too large. */
static int32_t int_of_real(double x)
{
    return x > INT32_MAX ? INT32_MIN : npki_int32_of(x);
}

static int32_t int_of_extended(npki_extended x)
{
    return npki_double_of_extended(x) > INT32_MAX ? INT32_MIN : (int32_t)npki_int_of_extended(x, 32);
}

#define STORE_INT(type, size, bits)                                                                                    \
    STORE(type##_of_int, size, i, (uint64_t)X(i) & ONES(bits))                                                         \
    STORE(type##_of_uint, size, u, X(u) & ONES(bits))                                                                  \
    STORE(type##_of_real, size, r, (uint32_t)int_of_real(X(r)) & ONES(bits))                          \
    STORE(type##_of_extended, size, e, (uint32_t)int_of_extended(X(e)) & ONES(bits))

#define INT(type, size, exponent, mantissa, bias, special)                                                             \
    LOAD(type, size, i, sign_extend(x &ONES((mantissa) + 1), (mantissa) + 1))                                          \
    STORE_INT(type, size, (mantissa) + 1)

#define UINT(type, size, exponent, mantissa, bias, special)                                                            \
    LOAD(type, size, i, x &ONES(mantissa))                                                                             \
    STORE_INT(type, size, mantissa)

#define ROW(type, value, kind, itemsize, swap, align, letter, number, exponent, mantissa, bias, special, name, module) \
    number(type, itemsize, exponent, mantissa, bias, special)
NPK_ML_DTYPE_ROWS(ROW)
#undef ROW
#undef FLOAT
#undef INT
#undef UINT
#undef X

/* --- the rows --- */

#define FLOAT NPKI_CARRY_REAL
#define INT NPKI_CARRY_INT
#define UINT NPKI_CARRY_INT

const npki_number_row npki_small_rows[NPKI_TYPES] = {
#define ROW(type, value, kind, itemsize, swap, align, letter, number, exponent, mantissa, bias, special, name, module) \
    [NPK_##                                                                                                            \
        type] = {number, load_##type, NPKI_STORES(type##_of_int, type##_of_uint, type##_of_real, type##_of_extended)},
    NPK_ML_DTYPE_ROWS(ROW)
#undef ROW
};

/* --- floats of one byte to ints --- */

static void drop_nan(npki_block *block, size_t count, const npki_conversion *conversion)
{
    (void)conversion;
    for (size_t i = 0; i < count; i++)
        block->as.r[i] = block->as.r[i] == block->as.r[i] ? block->as.r[i] : 0.0;
}

/* Their finite numbers fit 32 bits. */
static void saturate(npki_block *block, size_t count, const npki_conversion *conversion)
{
    for (size_t i = 0; i < count; i++) {
        double value = block->as.r[i];
        bool finite = value - value == 0.0;
        int64_t limit = value > 0 ? conversion->highest : value < 0 ? conversion->lowest : 0;
        block->as.i[i] = finite ? npki_int32_of(value) : limit;
    }
}

npki_adapt *npki_small_adapt(npki_conversion *conversion, const npki_dtype_row *from, const npki_dtype_row *to,
                             npki_carrier *carried)
{
    bool is_int = to->number == NPKI_NUMBER_INT || to->number == NPKI_NUMBER_UINT;
    if (from->module == NULL || from->itemsize != 1 || from->number != NPKI_NUMBER_FLOAT || !is_int)
        return NULL;
    if (from->special != NPKI_SPECIAL_IEEE)
        return drop_nan;
    int bits = to->module != NULL ? 31 : to->mantissa;                           /* a narrow int is cut out of an int */
    conversion->highest = bits < 64 ? (int64_t)((UINT64_C(1) << bits) - 1) : -1; /* as bits */
    conversion->lowest = to->number == NPKI_NUMBER_INT ? -(conversion->highest) - 1 : 0;
    *carried = NPKI_CARRY_INT;
    return saturate;
}
