/* Whether two pickles call the same in the same order, what was dropped too, and give the calls as much of a list, a
 * dict or an object as the other does. */
#include "compare/state.h"

#include "compare/placing.h"
#include "compare/seen.h"

#include <string.h>

typedef struct both {
    npki_timeline of[2];
} both;

/* --- their order --- */

static npki_deed *deed_at(const npki_dynbuf *deeds, size_t index)
{
    return (npki_deed *)(void *)deeds->bytes + index;
}

static void pair_at(const npki_compare *c, size_t index, const npk_value *pair[2])
{
    memcpy(pair, c->happened.bytes + index * 2 * sizeof *pair, 2 * sizeof *pair);
}

/* The calls of a pair of values. What one of the two graphs has twice where the other has it once counts once. */
static void add_deeds(npki_compare *c, const both *t, const npk_value *const pair[2], npki_dynbuf *deeds)
{
    npki_moment *a = npki_timeline_last(&t->of[0], pair[0], NPKI_MOMENTS_CALLS);
    npki_moment *b = npki_timeline_last(&t->of[1], pair[1], NPKI_MOMENTS_CALLS);
    while (a != NULL && b != NULL && npki_compare_charge(c, 1)) {
        const npki_deed one = {{a->time, b->time}, {pair[0], pair[1]}, (npki_moment_kind)a->kind};
        if (!a->taken && !b->taken && !npki_dynbuf_add(deeds, &one, sizeof one))
            npki_compare_fail(c, NPK_ERR_MEMORY);
        a->taken = b->taken = true;
        a = npki_timeline_before(&t->of[0], a, NPKI_MOMENTS_CALLS);
        b = npki_timeline_before(&t->of[1], b, NPKI_MOMENTS_CALLS);
    }
}

/* Those of the first as it does them: most come so. */
static void put_in_order(npki_compare *c, npki_dynbuf *deeds)
{
    const size_t count = deeds->size / sizeof(npki_deed), size = npki_placing_size(count);
    size_t i = 1;
    while (i < count && deed_at(deeds, i - 1)->ranks[0] <= deed_at(deeds, i)->ranks[0])
        i++;
    if (i >= count)
        return;
    npki_placing *all = npki_compare_allocate(c, size);
    npki_deed *copy = all == NULL ? NULL : npki_compare_allocate(c, deeds->size);
    if (copy != NULL) {
        memcpy(copy, deeds->bytes, deeds->size);
        for (i = 0; i < count; i++)
            all[i] = (npki_placing){copy[i].ranks[0], i};
        const npki_placing *sorted = npki_placing_sort(all, count);
        for (i = 0; i < count; i++)
            *deed_at(deeds, i) = copy[sorted[i].index];
    }
    npki_free(&c->allocator, copy, deeds->size);
    npki_free(&c->allocator, all, size);
}

/* False, and a difference, where they come in another order. */
static bool are_ordered(npki_compare *c, const npki_dynbuf *deeds)
{
    const size_t count = deeds->size / sizeof(npki_deed);
    for (size_t i = 1; i < count; i++)
        if (deed_at(deeds, i - 1)->ranks[1] > deed_at(deeds, i)->ranks[1]) {
            npki_compare_say_at(c, deed_at(deeds, i)->values[0], deed_at(deeds, i)->values[1],
                                "calls in another order");
            return false;
        }
    return true;
}

/* How many of them one of the two does before this. */
static size_t done_before(const npki_dynbuf *deeds, size_t side, uint64_t rank)
{
    size_t low = 0, high = deeds->size / sizeof(npki_deed);
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const bool before = deed_at(deeds, middle)->ranks[side] < rank;
        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    return low;
}

/* Whether calls may have seen that items came to the one of two before and to the other after them: where nothing had
 * the other before they came to it, none of those did. */
static bool is_seen(const npki_dynbuf *deeds, const npki_moment *a, const npki_moment *b, bool unseen_a, bool unseen_b)
{
    const size_t before_a = done_before(deeds, 0, a->time), before_b = done_before(deeds, 1, b->time);
    return before_a != before_b && !(before_a > before_b ? unseen_a : unseen_b);
}

/* Whether what comes to both of a pair comes between the same calls, as far as both tell when it does: items or keys. */
static bool grow_alike(npki_compare *c, const both *t, const npk_value *const pair[2], npki_moments among,
                       const npki_dynbuf *deeds)
{
    npki_moment *a = npki_timeline_last(&t->of[0], pair[0], among);
    npki_moment *b = npki_timeline_last(&t->of[1], pair[1], among);
    while (a != NULL && b != NULL && npki_compare_charge(c, 1)) {
        const npki_event left = npki_timeline_growth(a), right = npki_timeline_growth(b);
        const uint64_t first = left.first > right.first ? left.first : right.first,
                       end = left.end < right.end ? left.end : right.end;
        if (first < end && is_seen(deeds, a, b, left.unseen, right.unseen))
            return false;
        const bool next_a = left.first >= right.first, next_b = right.first >= left.first;
        a = next_a ? npki_timeline_before(&t->of[0], a, among) : a;
        b = next_b ? npki_timeline_before(&t->of[1], b, among) : b;
    }
    return true;
}

/* Whether one of a pair was compared with another value first. */
static bool has_other(npki_compare *c, const npk_value *const pair[2])
{
    bool other = false;
    for (size_t side = 0; side < 2 && !other; side++) {
        const npki_met_value *one = npki_met_find(&c->numbers[side], pair[side]),
                             *with = npki_met_find(&c->numbers[!side], pair[!side]);
        other = one != NULL && with != NULL && one->partner != 0 && one->partner != NPKI_NO_PARTNER &&
                one->partner != npki_met_of(&c->numbers[!side], with);
    }
    return other;
}

/* Whether a call made a set inside its own arguments: what is called there finds it whole. */
static bool is_made_inside(const npk_value *value)
{
    return value->kind == NPK_KIND_SET && npki_last_return(value) > 0;
}

/* Whether they come in the same order, and what grows comes between the same of them. Where they are known to differ,
 * what one of two has got is not gone through for each that the other could be. */
static void compare_order(npki_compare *c, const both *t, const npki_dynbuf *deeds)
{
    const size_t count = c->happened.size / (2 * sizeof(const npk_value *));
    const npk_value *pair[2];
    const bool differ = c->differences > 0, good = are_ordered(c, deeds);
    for (size_t i = 0; good && i < count && c->status == NPK_OK; i++) {
        pair_at(c, i, pair);
        const bool told = npki_events_of(pair[0]) != NULL || npki_events_of(pair[1]) != NULL; /* when it came */
        const bool grow = told && !(differ && has_other(c, pair));
        if ((grow && (!grow_alike(c, t, pair, NPKI_MOMENTS_ITEMS, deeds) ||
                      !grow_alike(c, t, pair, NPKI_MOMENTS_KEYS, deeds))) ||
            (deeds->size > 0 && is_made_inside(pair[0]) != is_made_inside(pair[1])))
            npki_compare_say_at(c, pair[0], pair[1], "items come before or after other calls");
    }
}

/* Where items of dicts and sets come in another order, so do their calls; what these saw is looked at if nothing else
 * differs. */
static void compare_deeds(npki_compare *c, const both *t)
{
    const size_t count = c->happened.size / (2 * sizeof(const npk_value *));
    const npk_value *pair[2];
    npki_dynbuf deeds;
    npki_dynbuf_init(&deeds, &c->allocator, SIZE_MAX / 2);
    for (size_t i = 0; i < count && c->status == NPK_OK; i++) {
        pair_at(c, i, pair);
        add_deeds(c, t, pair, &deeds);
    }
    put_in_order(c, &deeds);
    if (c->status == NPK_OK && !c->by_key)
        compare_order(c, t, &deeds);
    else if (c->status == NPK_OK && c->differences == 0)
        npki_compare_seen(c, t->of, &deeds);
    npki_dynbuf_free(&deeds);
}

/* --- where nothing happens but what a pickler does anyway --- */

/* When both of a pair were made, and got their states. False where that can't be told: of another pickle, or after an
 * edit. */
static bool add_offsets(npki_compare *c, const npk_value *const pair[2], const npki_order *orders[2],
                        npki_dynbuf *deeds)
{
    npki_deed made = {{0, 0}, {pair[0], pair[1]}, NPKI_MOMENT_MADE}, built = made;
    for (size_t side = 0; side < 2; side++) {
        const npki_called_at called = npki_timeline_called_at(pair[side]);
        const uint64_t state = pair[side]->kind == NPK_KIND_OBJECT ? npki_built_at(pair[side]->u.object) : 0;
        if (called.order == NULL) /* a persistent id that is looked up in no order */
            return true;
        orders[side] = orders[side] == NULL ? called.order : orders[side];
        if (called.order != orders[side] || !npki_timeline_tells(called.order, c->roots[side]))
            return false;
        made.ranks[side] = called.offset;
        built.ranks[side] = state;
    }
    const bool good = npki_dynbuf_add(deeds, &made, sizeof made) &&
                      (built.ranks[0] == 0 || built.ranks[1] == 0 || npki_dynbuf_add(deeds, &built, sizeof built));
    if (!good)
        npki_compare_fail(c, NPK_ERR_MEMORY);
    return true;
}

/* The offsets say all of the order. */
static void compare_offsets(npki_compare *c)
{
    const size_t sizes[2] = {npki_met_count(&c->numbers[0]) + 1, npki_met_count(&c->numbers[1]) + 1},
                 count = c->happened.size / (2 * sizeof(const npk_value *));
    bool *taken[2] = {npki_compare_allocate(c, sizes[0]), npki_compare_allocate(c, sizes[1])}, told = !c->by_key;
    const npki_order *orders[2] = {NULL, NULL};
    npki_dynbuf deeds;
    npki_dynbuf_init(&deeds, &c->allocator, SIZE_MAX / 2);
    for (size_t side = 0; c->status == NPK_OK && side < 2; side++)
        memset(taken[side], 0, sizes[side]);
    for (size_t i = 0; told && i < count && c->status == NPK_OK; i++) {
        const npk_value *pair[2];
        pair_at(c, i, pair);
        const size_t a = npki_compare_number(c, 0, pair[0]), b = npki_compare_number(c, 1, pair[1]);
        if (!taken[0][a] && !taken[1][b])
            told = add_offsets(c, pair, orders, &deeds);
        taken[0][a] = taken[1][b] = true;
    }
    if (told && deeds.size > 0 && npki_compare_charge(c, 4 * (uint64_t)count)) {
        put_in_order(c, &deeds);
        (void)are_ordered(c, &deeds);
    }
    npki_dynbuf_free(&deeds);
    for (size_t side = 0; side < 2; side++)
        npki_free(&c->allocator, taken[side], sizes[side]);
}

/* Of a pair of which the one may have got, after something else had it, what the other had before. */
static void note_timed(npki_compare *c, size_t index)
{
    const npk_value *pair[2];
    pair_at(c, index, pair);
    for (size_t side = 0; side < 2 && npki_is_container(pair[0]); side++) {
        npki_met_value *number = npki_met_put(&c->numbers[side], pair[side]);
        if (number == NULL)
            npki_compare_fail(c, NPK_ERR_MEMORY);
        else
            number->met |= NPKI_MET_TIMED;
    }
}

void npki_compare_calls(npki_compare *c, const npk_value *a, const npk_value *b)
{
    both t;
    const npk_value *const roots[2] = {a, b};
    const bool happens = a != NULL && b != NULL &&
                         (c->happened.size > 0 || c->eventful || npki_dropped_count(a) + npki_dropped_count(b) > 0);
    if (!happens || c->status != NPK_OK)
        return;
    if (!c->eventful && npki_dropped_count(a) + npki_dropped_count(b) == 0) {
        compare_offsets(c);
        return;
    }
    for (size_t i = 0; i < c->happened.size / (2 * sizeof(const npk_value *)) && c->status == NPK_OK; i++)
        note_timed(c, i);
    for (size_t side = 0; side < 2; side++) {
        npki_timeline_init(&t.of[side], c, roots[side], &c->numbers[side]);
        npki_timeline_walk(&t.of[side]);
    }
    if (c->status == NPK_OK)
        npki_compare_dropped(c, t.of);
    /* Where an edit has moved something, what it calls comes where it is now. */
    if (c->status == NPK_OK && !t.of[0].by_walk && !t.of[1].by_walk)
        compare_deeds(c, &t);
    for (size_t side = 0; side < 2; side++) {
        npki_timeline_free(&t.of[side]);
    }
}
