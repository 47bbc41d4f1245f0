/* Walks over the elements of an array in runs, and elements laid down in another order than they come. */
#ifndef NPKI_ARRAY_SCATTER_H
#define NPKI_ARRAY_SCATTER_H

#include "array/copy_items.h"
#include "array/layout.h"

/* Elements that lie at equal distances. */
typedef struct npki_run {
    const uint8_t *at;
    int64_t stride; /* bytes */
    size_t count;
} npki_run;

/* The next up to `most` elements of a gather over plain memory; false at the end. */
bool npki_gather_run(npki_gather *gather, size_t most, npki_run *run);

typedef struct npki_scatter {
    npki_gather walk; /* over the output, in the order in which elements come */
    npk_array view;   /* the output */
    int64_t strides[NPK_MAXDIMS];
    uint8_t *out;
} npki_scatter;

/* The output: contiguous in `order`, of `itemsize` bytes an element, of the shape of `array`. Elements come in
 * `from_order`. The scatter must stay where it is until the last npki_scatter_put. */
void npki_scatter_start(npki_scatter *scatter, const npk_array *array, const npk_dtype *dtype, char from_order,
                        char order, void *out);
void npki_scatter_put(npki_scatter *scatter, const uint8_t *items, size_t count);

/* The order in which the payload of an encoded array lies, as its strides tell. */
char npki_payload_order(const npk_array *array);

#endif
