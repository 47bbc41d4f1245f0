/* The values of one type as another's: numbers, times, texts. */
#ifndef NPKI_CAST_NUMBERS_H
#define NPKI_CAST_NUMBERS_H

#include "cast/times.h"

#include <npickle/array.h>

struct npki_block;
struct npki_conversion;

/* Reads components (halves of a complex, else whole elements) into a block; writes them out of one. */
typedef void npki_load(const uint8_t *from, size_t count, struct npki_block *block);
typedef void npki_store(const struct npki_block *block, size_t count, uint8_t *to);
/* Both in one, for the pairs that are met most. */
typedef void npki_direct(const uint8_t *from, size_t count, uint8_t *to);
/* Makes one component out of two, or two out of one; or changes what is in a block before it is written. */
typedef void npki_adapt(struct npki_block *block, size_t count, const struct npki_conversion *conversion);

/* All of it; false where an element has no value of the target type. */
typedef bool npki_loop(const struct npki_conversion *conversion, const uint8_t *from, size_t count, uint8_t *to);

/* A loop over the whole of a block, which `per_item` components of each element go through. */
typedef struct npki_cast_step {
    npki_direct *run;
    size_t per_item;
} npki_cast_step;

enum { NPKI_STEPS = 8 };

typedef struct npki_conversion {
    npki_loop *loop;
    size_t from_size, to_size;   /* of an element */
    size_t from_swap, to_swap;   /* of a component that is to be swapped; 1: none is */
    size_t from_width, to_width; /* of a component: half of a complex, a character of a text */
    size_t from_components;      /* of an element */
    size_t to_components;
    npki_direct *direct;
    npki_load *load;
    npki_adapt *adapt;
    npki_scale scale; /* between two times */
    npki_store *store;
    int64_t lowest, highest; /* of an int that infinities become: npki_small_adapt() */
    size_t step_count;       /* of what npki_chain_run() does instead of load, adapt and store; 0: it can't */
    npki_cast_step steps[NPKI_STEPS];
} npki_conversion;

/* False where there is no conversion between the two: there is one between any two numbers or times (but for times too
 * far apart: npki_scale_init), from S, U and V to S, U and V of any size (but not from V to the others, or back), and
 * between the numbers of ml_dtypes and V (their bytes), and between equal dtypes without objects. Casting rules are not
 * asked. Values become what ndarray.astype makes of them on x86-64. What C leaves undefined there, a float beyond the
 * range of the int, is here what the instruction gives that NumPy's loop over one element runs. */
bool npki_conversion_init(npki_conversion *conversion, const npk_dtype *from, const npk_dtype *to);

/* The width of the elements where bytes in the other order are all the conversion does; 0 for any other. */
size_t npki_conversion_swaps(const npki_conversion *conversion);

/* False where an element has no value of the target type: a time beyond its 64 bits, a character of a U that is none
 * of an S, or a byte of an S that is no ASCII. Then some of `to` is written. Between numbers it is always true. */
bool npki_convert(const npki_conversion *conversion, const uint8_t *from, size_t count, uint8_t *to);

/* A conversion that a casting rule allows. Errors: NPK_ERR_CAST, NPK_ERR_USAGE for a rule there is not. */
npk_status npki_check_cast(const npk_dtype *from, const npk_dtype *to, npk_casting casting, npki_conversion *conversion,
                           npk_error *error);

/* A V that is neither a struct nor a subarray, and what ml_dtypes adds: a number that was one before its row was
 * known. */
bool npki_is_raw(const npk_dtype *dtype);

/* What runs from S, U or V to another of them; NULL for any other pair. */
npki_loop *npki_recoding(const npk_dtype *from, const npk_dtype *to);

#endif
