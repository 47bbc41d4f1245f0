/* What two pickles made and dropped: what of the one goes with what of the other. Which of the two is the first makes
 * no difference to that. */
#include "compare/state.h"

#include "compare/timeline.h"

#include <string.h>

#define NEAR 64 /* so far a partner is looked for at first */

/* Of a value that was dropped, or made for one that was. */
typedef struct gone {
    const npk_value *value;
    uint64_t as_met, content; /* its hashes, if it has these: */
    /* 1 + the index of the one before it that may be equal to it, or 0, as far as partners are looked for */
    uint32_t before;
    bool has_as_met, has_content;
    bool met;   /* it was compared */
    bool alone; /* nothing of the other list goes with it */
} gone;

/* What of one side has gone, and where it is by its hash. */
typedef struct gone_list {
    npki_dynbuf all;
    size_t left; /* up to the last that has not been met */
    size_t from; /* in the map are those from there on */
    /* 1 + the index of the last of a hash, and of the first: in 32 bits each, as values have numbers */
    npki_map partners;
} gone_list;

static gone *gone_at(const gone_list *list, size_t index)
{
    return (gone *)(void *)list->all.bytes + index;
}

static size_t gone_count(const gone_list *list)
{
    return list->all.size / sizeof(gone);
}

static void add_gone(npki_compare *c, gone_list *list, const npk_value *value)
{
    const gone one = {.value = value};
    if (!npki_dynbuf_add(&list->all, &one, sizeof one))
        npki_compare_fail(c, NPK_ERR_MEMORY);
}

/* What npickle knows, in the order of the walk; parts of objects are compared with these. */
static void list_known(npki_compare *c, const npki_timeline *t, gone_list *list)
{
    for (size_t i = 0; c->status == NPK_OK && i < t->known.size / sizeof(const npk_value *); i++) {
        const npk_value *value;
        memcpy(&value, t->known.bytes + i * sizeof value, sizeof value);
        if (npki_timeline_only_dropped(t, value) && !npki_timeline_in_object(t, value))
            add_gone(c, list, value);
    }
}

/* All other calls, in their own order: each has a place of its own. The parts of objects come before all others, as
 * these are compared with them. */
static void list_calls(npki_compare *c, const npki_timeline *t, gone_list *list)
{
    const size_t count = npki_timeline_count(t);
    const npk_value **calls = count == 0 ? NULL : npki_compare_allocate(c, count * sizeof *calls);
    if (calls == NULL)
        return;
    memset(calls, 0, count * sizeof *calls);
    for (size_t i = 0; i < count; i++) {
        const npki_moment *moment = npki_timeline_at(t, i);
        if (moment->kind == NPKI_MOMENT_MADE && npki_timeline_only_dropped(t, moment->value))
            calls[moment->time] = moment->value;
    }
    for (size_t i = 0; c->status == NPK_OK && i < 2 * count; i++) {
        const npk_value *call = calls[i % count];
        if (call != NULL && npki_timeline_in_object(t, call) == (i < count))
            add_gone(c, list, call);
    }
    npki_free(&c->allocator, calls, count * sizeof *calls);
}

/* --- which goes with which --- */

typedef struct dropped {
    npki_compare *c;
    const npki_timeline *t; /* two */
    gone_list of[2];
    size_t near;
} dropped;

static bool was_met(const dropped *d, int side, const gone *one)
{
    return one->met || npki_compare_number(d->c, side, one->value) != 0 || npki_timeline_has(&d->t[!side], one->value);
}

/* The last one that has not been met; NULL for none. */
static gone *last_of(dropped *d, int side)
{
    gone_list *list = &d->of[side];
    while (list->left > 0 && npki_compare_charge(d->c, 1) && was_met(d, side, gone_at(list, list->left - 1)))
        list->left--;
    return list->left == 0 ? NULL : gone_at(list, list->left - 1);
}

/* As what was met on the walk from the roots makes it, which says most. */
static uint64_t hash_of(npki_compare *c, int side, gone *one)
{
    if (!one->has_as_met)
        one->as_met = npki_compare_hash_as_met(c, side, one->value) ^ (uint64_t)npk_value_kind(one->value);
    one->has_as_met = true;
    return one->as_met;
}

/* By all that is in it, as the one may have of the roots what the other has made anew. */
static uint64_t content_of(npki_compare *c, gone *one)
{
    if (!one->has_content)
        one->content = npki_compare_hash(c, one->value) ^ (uint64_t)npk_value_kind(one->value);
    one->has_content = true;
    return one->content;
}

static bool may_be_equal(dropped *d, gone *const two[2])
{
    return hash_of(d->c, 0, two[0]) == hash_of(d->c, 1, two[1]) || content_of(d->c, two[0]) == content_of(d->c, two[1]);
}

/* Puts those into the map that are near, the last first. */
static void find_partners(dropped *d, int side)
{
    npki_compare *c = d->c;
    gone_list *list = &d->of[side];
    const size_t end = list->left > d->near ? list->left - d->near : 0;
    while (list->from > end && npki_compare_charge(c, 1)) {
        bool added;
        gone *one = gone_at(list, --list->from);
        uint64_t *found = npki_map_put(&list->partners, hash_of(c, side, one), &added);
        if (found == NULL) {
            npki_compare_fail(c, NPK_ERR_MEMORY);
            return;
        }
        const uint64_t number = (uint64_t)list->from + 1, first = *found & UINT32_MAX;
        if (first != 0)
            gone_at(list, (size_t)first - 1)->before = (uint32_t)number;
        *found = (first == 0 ? number << 32 : *found ^ first) | number;
    }
}

/* The last on a side that may be equal to one of the other, and has not been met; NULL for none that is near. */
static gone *partner_of(dropped *d, int side, gone *one)
{
    gone_list *list = &d->of[side];
    find_partners(d, side);
    uint64_t *found = npki_map_get(&list->partners, hash_of(d->c, !side, one));
    gone *last = NULL;
    while (found != NULL && *found != 0 && npki_compare_charge(d->c, 1)) {
        last = gone_at(list, (size_t)(*found >> 32) - 1);
        if (!was_met(d, side, last))
            break;
        *found = last->before == 0 ? 0 : (uint64_t)last->before << 32 | (*found & UINT32_MAX);
    }
    return d->c->status != NPK_OK || found == NULL || *found == 0 ? NULL : last;
}

/* The same by all that is in it, where what was met tells nothing. */
static gone *alike(dropped *d, int side, gone *one)
{
    const gone_list *list = &d->of[side];
    const uint64_t content = content_of(d->c, one);
    for (size_t far = 0; far < NEAR && far < list->left && npki_compare_charge(d->c, 1); far++) {
        gone *other = gone_at(list, list->left - 1 - far);
        if (content_of(d->c, other) == content && !was_met(d, side, other))
            return other;
    }
    return NULL;
}

/* How far it is from one to the last that is left. */
static size_t distance(const dropped *d, int side, const gone *one)
{
    return (size_t)(gone_at(&d->of[side], d->of[side].left - 1) - one);
}

/* Which of the last two goes with its partner first, where they are not equal and both have one: that of the shorter
 * list, as the other may have what goes with nothing; else the one whose partner is nearer to the end. */
static size_t first_of(const dropped *d, gone *const last[2], gone *const with[2])
{
    const size_t left[2] = {d->of[0].left, d->of[1].left};
    const size_t far[2] = {distance(d, 1, with[0]), distance(d, 0, with[1])};
    if (left[0] != left[1])
        return left[1] < left[0];
    if (far[0] != far[1])
        return far[1] < far[0];
    return hash_of(d->c, 1, last[1]) < hash_of(d->c, 0, last[0]);
}

/* The next that go together, as either side sees it: the last two, if they may be equal, or nothing else does; else one
 * of them with its partner, or with one that is alike; else the last two, whatever they are. One is NULL where nothing
 * is left on its side; false: nothing is left. */
static bool next_pair(dropped *d, gone *pair[2])
{
    gone *const last[2] = {last_of(d, 0), last_of(d, 1)};
    const bool both = last[0] != NULL && last[1] != NULL, only = d->of[0].left <= 1 && d->of[1].left <= 1;
    pair[0] = last[0];
    pair[1] = last[1];
    if (!both || only || may_be_equal(d, last))
        return last[0] != NULL || last[1] != NULL;
    gone *with[2] = {partner_of(d, 1, last[0]), partner_of(d, 0, last[1])};
    if (with[0] == NULL && with[1] == NULL) {
        with[0] = alike(d, 1, last[0]);
        with[1] = alike(d, 0, last[1]);
    }
    if (with[0] != NULL && (with[1] == NULL || first_of(d, last, with) == 0))
        pair[1] = with[0];
    else if (with[1] != NULL)
        pair[0] = with[1];
    else if (d->near < SIZE_MAX / 2)
        d->near *= 2;
    return true;
}

/* The last first, as it may hold those before it. */
static void pair_gone(dropped *d)
{
    gone *pair[2];
    while (next_pair(d, pair) && d->c->status == NPK_OK) {
        if (pair[0] != NULL && pair[1] != NULL) {
            npki_compare_from(d->c, pair[0]->value, pair[1]->value);
            pair[0]->met = pair[1]->met = true;
            continue;
        }
        const size_t side = pair[0] == NULL;
        pair[side]->alone = true;
        d->of[side].left--;
    }
}

static void say_alone(const dropped *d, int side)
{
    for (size_t i = 0; d->c->status == NPK_OK && i < gone_count(&d->of[side]); i++) {
        const gone *one = gone_at(&d->of[side], i);
        if (one->alone && !was_met(d, side, one))
            npki_compare_from(d->c, side == 0 ? one->value : NULL, side == 0 ? NULL : one->value);
    }
}

typedef void list_function(npki_compare *c, const npki_timeline *t, gone_list *list);

/* What stands alone in one list may be met in what is in the other. */
void npki_compare_dropped(npki_compare *c, const npki_timeline t[2])
{
    static list_function *const kinds[] = {list_known, list_calls};
    enum { KINDS = sizeof kinds / sizeof *kinds };
    dropped lists[KINDS];
    for (size_t i = 0; i < KINDS; i++) {
        lists[i] = (dropped){.c = c, .t = t, .near = NEAR};
        for (size_t side = 0; side < 2; side++) {
            gone_list *list = &lists[i].of[side];
            npki_dynbuf_init(&list->all, &c->allocator, SIZE_MAX / 2);
            npki_map_init(&list->partners, &c->allocator);
            kinds[i](c, &t[side], list);
            list->left = list->from = gone_count(list);
        }
        pair_gone(&lists[i]);
    }
    for (size_t i = 0; i < KINDS; i++)
        for (int side = 0; side < 2; side++) {
            say_alone(&lists[i], side);
            npki_dynbuf_free(&lists[i].of[side].all);
            npki_map_free(&lists[i].of[side].partners);
        }
}
