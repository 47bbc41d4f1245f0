/* The elements of an array one by one. */
#ifndef NPKI_ARRAY_ELEMENTS_H
#define NPKI_ARRAY_ELEMENTS_H

#include "array/scatter.h"

#define NPKI_ITEM_ROOM 8192

typedef struct npki_items {
    npki_gather gather;
    npki_run run; /* what is left of the last one */
    bool encoded;
    uint8_t scratch[NPKI_ITEM_ROOM]; /* decoded elements */
} npki_items;

/* In C order. Errors: NPK_ERR_USAGE, NPK_ERR_UNSUPPORTED. */
npk_status npki_items_start(npki_items *items, const npk_array *array, npk_error *error);

/* NULL at the end, or where a payload ends too early. */
const uint8_t *npki_items_next(npki_items *items);

/* The element at `index`; it lies in the array itself, or in `items`. Errors: NPK_ERR_USAGE, NPK_ERR_UNSUPPORTED,
 * NPK_ERR_ARRAY.
 */
npk_status npki_item_at(npki_items *items, const npk_array *array, const int64_t *index, const uint8_t **out,
                        npk_error *error);

#endif
