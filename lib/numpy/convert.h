/* The values of one numeric type as another's. */
#ifndef NPKI_NUMPY_CONVERT_H
#define NPKI_NUMPY_CONVERT_H

#include "numpy/dtype.h"

struct npki_block;

/* Reads components (halves of a complex, else whole elements) into a block; writes them out of one. */
typedef void npki_load(const uint8_t *from, size_t count, struct npki_block *block);
typedef void npki_store(const struct npki_block *block, size_t count, uint8_t *to);
/* Both in one, for the pairs that are met most. */
typedef void npki_direct(const uint8_t *from, size_t count, uint8_t *to);
/* Makes one component out of two, or two out of one. */
typedef void npki_adapt(struct npki_block *block, size_t count);

typedef struct npki_conversion {
    size_t from_size, to_size; /* of an element */
    size_t from_swap, to_swap; /* of a component that is to be swapped; 1: none is */
    size_t from_components;    /* of an element */
    size_t to_components;
    bool same; /* the same type; bytes are copied, or swapped */
    npki_direct *direct;
    npki_load *load;
    npki_adapt *adapt;
    npki_store *store;
} npki_conversion;

/* Both numeric or times. Values become what ndarray.astype makes of them on x86-64. What C leaves undefined there,
 * a float beyond the range of the int, is here what the instruction gives that NumPy's loop over one element runs. */
void npki_conversion_init(npki_conversion *conversion, const npk_dtype *from, const npk_dtype *to);

void npki_convert(const npki_conversion *conversion, const uint8_t *from, size_t count, uint8_t *to);

#endif
