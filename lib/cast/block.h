/* A block of elements on their way. Every source type is read into one of four carriers, which holds all of its
 * values, and every target type is made out of each of the four: rows instead of pairs. */
#ifndef NPKI_CAST_BLOCK_H
#define NPKI_CAST_BLOCK_H

#include "cast/extended.h"
#include "cast/numbers.h"

enum { NPKI_BLOCK = 256 };

typedef enum npki_carrier {
    NPKI_CARRY_INT,
    NPKI_CARRY_UINT,
    NPKI_CARRY_REAL,
    NPKI_CARRY_EXTENDED,
    NPKI_CARRIERS
} npki_carrier;

typedef struct npki_block {
    union {
        int64_t i[2 * NPKI_BLOCK];
        uint64_t u[2 * NPKI_BLOCK];
        double r[2 * NPKI_BLOCK];
        npki_extended e[2 * NPKI_BLOCK];
    } as;
} npki_block;

/* A type of components: its carrier, how it is read, how it is made out of each carrier. A complex has the row of
 * its halves. */
typedef struct npki_number_row {
    npki_carrier carried;
    npki_load *load;
    npki_store *store[NPKI_CARRIERS];
} npki_number_row;

#define NPKI_STORES(int, uint, real, extended)                                                                         \
    {                                                                                                                  \
        [NPKI_CARRY_INT] = store_##int, [NPKI_CARRY_UINT] = store_##uint, [NPKI_CARRY_REAL] = store_##real,            \
        [NPKI_CARRY_EXTENDED] = store_##extended                                                                       \
    }

/* Those of ml_dtypes; of the others nothing. */
extern const npki_number_row npki_small_rows[NPKI_TYPES];

/* CVTTSD2SI of 32 and of 64 bits: towards zero; the lowest int for NaN and for what does not fit. */
static inline int32_t npki_int32_of(double x)
{
    return x > -2147483649.0 && x < 2147483648.0 ? (int32_t)x : INT32_MIN;
}

static inline int64_t npki_int64_of(double x)
{
    return x >= -9223372036854775808.0 && x < 9223372036854775808.0 ? (int64_t)x : INT64_MIN;
}

/* How a float of one byte becomes an int, done before: it comes out of here as an int, or as a number that the float of
 * the same value would be. NULL where nothing is to be done; *carried is what comes. */
npki_adapt *npki_small_adapt(npki_conversion *conversion, const npki_dtype_row *from, const npki_dtype_row *to,
                             npki_carrier *carried);

#endif
