/* What calls see of lists, dicts and sets that are not whole yet, where items of dicts and sets come in another order:
 * then the calls do too, and only what each of them saw can be compared. */
#ifndef NPKI_COMPARE_SEEN_H
#define NPKI_COMPARE_SEEN_H

#include "compare/timeline.h"

/* Something that both do. */
typedef struct npki_deed {
    uint64_t ranks[2];
    const npk_value *values[2];
    npki_moment_kind kind; /* MADE, STATE */
} npki_deed;

/* Of all that both do, in the order of the first: whether something had as much in it when it was called. A difference
 * at the first that had not. Only for two graphs that are equal but for this. */
void npki_compare_seen(struct npki_compare *c, const npki_timeline t[2], const npki_dynbuf *deeds);

#endif
