/* An order by numbers: places of a timeline, or offsets in a file, of which it has few digits. */
#ifndef NPKI_COMPARE_PLACING_H
#define NPKI_COMPARE_PLACING_H

#include <stddef.h>
#include <stdint.h>

typedef struct npki_placing {
    uint64_t number;
    size_t index; /* of what has that */
} npki_placing;

/* So much memory it takes to sort so many. */
size_t npki_placing_size(size_t count);

/* Sorts the first `count` in such memory; what has the same number stays in its order. Where they are then: in it,
 * too. */
npki_placing *npki_placing_sort(npki_placing *all, size_t count);

#endif
