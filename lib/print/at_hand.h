/* The elements of an array, decoded where that is needed. */
#ifndef NPKI_PRINT_AT_HAND_H
#define NPKI_PRINT_AT_HAND_H

#include "text/sink.h"

#include <npickle/view.h>

typedef struct npki_at_hand {
    npk_view view; /* with data, also where there are no bytes */
    void *room;    /* what was decoded; or NULL */
    size_t size;
} npki_at_hand;

/* Not for Python objects. What is decoded takes no more memory than the pickle has bytes, but costs time, and a pickle
 * may hold an array many times: it counts as text. False after a failure of the sink. Ownership: until
 * npki_at_hand_free, also after a failure. */
bool npki_at_hand_start(npki_at_hand *hand, const npk_array *array, npki_sink *out);
void npki_at_hand_free(npki_at_hand *hand, npki_sink *out);

/* Bytes from one place of an axis to the next; 0 for an axis that the array has not. */
int64_t npki_at_hand_stride(const npki_at_hand *hand, int axis);

#endif
