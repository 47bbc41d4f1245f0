/* Whether two pickles call in the same order what their graphs have in the same places. */
#include "compare/state.h"

#include <stdlib.h>
#include <string.h>

#define PAIR (2 * sizeof(uint64_t))

static void pair_at(const npki_compare *c, size_t index, uint64_t out[2])
{
    memcpy(out, c->ordered.bytes + index * PAIR, PAIR);
}

void npki_compare_called(npki_compare *c, const npki_called_at places[2])
{
    uint64_t pair[2], last[2];
    for (int side = 0; side < 2; side++) {
        const npki_called_at *place = &places[side];
        if (place->order == NULL || place->order->lost || place->offset == 0)
            return;
        if (c->orders[side] == NULL)
            c->orders[side] = place->order;
        if (c->orders[side] != place->order) /* as an edit brought it */
            return;
        pair[side] = place->offset;
    }
    const size_t count = c->ordered.size / PAIR;
    if (count > 0) {
        pair_at(c, count - 1, last);
        c->reordered = c->reordered || pair[0] < last[0] || pair[1] < last[1];
    }
    if (!npki_dynbuf_add(&c->ordered, pair, PAIR))
        npki_compare_fail(c, NPK_ERR_MEMORY);
}

static int by_first(const void *a, const void *b)
{
    uint64_t left, right;
    memcpy(&left, a, sizeof left);
    memcpy(&right, b, sizeof right);
    return (left > right) - (left < right);
}

void npki_compare_calls(npki_compare *c)
{
    const size_t count = c->ordered.size / PAIR;
    if (!c->reordered || c->by_key || c->status != NPK_OK || !npki_compare_charge(c, 4 * (uint64_t)count))
        return;
    qsort(c->ordered.bytes, count, PAIR, by_first);
    for (size_t i = 1; i < count; i++) {
        uint64_t before[2], pair[2];
        pair_at(c, i - 1, before);
        pair_at(c, i, pair);
        if (before[0] < pair[0] && before[1] > pair[1]) {
            npki_compare_say(c, "calls in another order");
            return;
        }
    }
}
