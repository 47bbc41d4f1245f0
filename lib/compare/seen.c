/* A second walk, from what sees something, notes which pair of values holds which, and when each came there in either
 * pickle. Then each call goes through what it was given, as far as it was there in both: there it finds what is there
 * in one of them only. */
#include "compare/seen.h"

#include "compare/placing.h"
#include "compare/state.h"
#include "compare/stays.h"

#include <string.h>

#define WORK_PER_ITEM 8 /* what remembering one costs */

typedef enum item_kind {
    ITEM_PART,   /* of what is there at once */
    ITEM_MAKING, /* a part that an object is made of */
    ITEM_STATE,  /* whether an object has its state yet is not compared: of two in a cycle either may be first */
    ITEM_GROWTH  /* of a list, dict or set, or an object */
} item_kind;

/* What a pair holds: the next of it, the pair that it is, or 0 for none that holds anything; when it came, in each, or
 * 0 for at once. Numbers are from 1 on. */
typedef struct item {
    uint32_t next, pair;
    uint32_t times[2];
    item_kind kind;
} item;

typedef struct pair {
    const npk_value *values[2]; /* of what is added to objects, these */
    uint32_t items;             /* the last that was noted */
    uint32_t deed;              /* the last that came here */
    uint32_t group;      /* another of those that hold what grows, and hold each other; 0: it stands for all of them */
    uint32_t first, end; /* if it does: the deeds that come from them */
    bool watched;        /* it holds, however deep, what some deed may see in one only */
} pair;

typedef struct npki_seen {
    npki_compare *c;
    const npki_timeline *t; /* two */
    npki_dynbuf deeds;      /* npki_deed: those that see something */
    npki_dynbuf pairs, items;
    npki_map numbers;       /* of two values -> that of their pair */
    npki_map grown[2];      /* number of a value -> 1 + where its times begin, or 0: all of it was there at once */
    npki_dynbuf times[2];   /* uint32_t */
    npki_dynbuf left;       /* uint32_t: pairs to go through */
    uint64_t *least, *most; /* in the second: the first of a group to come from each deed on, and the last up to it */
    bool grouped;           /* until then all is one group */
} npki_seen;

static size_t deed_count(const npki_seen *s)
{
    return s->deeds.size / sizeof(npki_deed);
}

static npki_deed *deed_at(const npki_seen *s, size_t index)
{
    return (npki_deed *)(void *)s->deeds.bytes + index;
}

static pair *pair_at(const npki_seen *s, uint32_t number)
{
    return (pair *)(void *)s->pairs.bytes + number - 1;
}

static item *item_at(const npki_seen *s, uint32_t number)
{
    return (item *)(void *)s->items.bytes + number - 1;
}

/* --- who sees something --- */

static bool holds(const npk_value *value)
{
    return value != NULL && npki_own_children(value) > 0;
}

/* Whether a call is given more than names, numbers and texts. */
static bool is_given(npki_compare *c, const npk_value *call)
{
    if (call->kind != NPK_KIND_OBJECT)
        return call->kind == NPK_KIND_PERSID && holds(call->u.id);
    const npki_object *object = call->u.object;
    const npk_value *args = object->args;
    bool given = holds(object->callable) || holds(object->kwargs) || (args != NULL && args->kind != NPK_KIND_TUPLE);
    for (size_t i = 0; !given && i < npki_count_of(args) && npki_compare_charge(c, 1); i++)
        given = holds(npki_item_of(args, i));
    return given;
}

/* Whether a class without __setstate__ may take it: Python does that itself then, and nothing is called. */
static bool is_of_attributes(const npk_value *state)
{
    const bool two = npki_is_tuple_of(state, 2);
    bool attributes = true;
    for (size_t i = 0; attributes && i < (two ? 2 : 1); i++) {
        const npk_value *part = two ? npki_item_of(state, i) : state;
        attributes = part->kind == NPK_KIND_DICT || part->kind == NPK_KIND_NONE;
    }
    return attributes;
}

static bool is_seer(npki_compare *c, const npki_deed *deed)
{
    if (deed->kind == NPKI_MOMENT_MADE)
        return is_given(c, deed->values[0]) || is_given(c, deed->values[1]);
    const npki_object *object = deed->values[0]->u.object;
    return object->later != NULL || (object->state != NULL && !is_of_attributes(object->state));
}

/* --- what holds what, and since when --- */

/* The number of a pair; 0: it holds nothing, or there is no memory. */
static uint32_t number_of(npki_seen *s, const npk_value *a, const npk_value *b)
{
    bool added;
    if (!holds(a) || !holds(b))
        return 0;
    const npki_met_value *left = npki_met_put(&s->c->numbers[0], a);
    const npki_met_value *right = left == NULL ? NULL : npki_met_put(&s->c->numbers[1], b);
    uint64_t *number =
        right == NULL
            ? NULL
            : npki_map_put(&s->numbers,
                           (uint64_t)npki_met_of(&s->c->numbers[0], left) << 32 | npki_met_of(&s->c->numbers[1], right),
                           &added);
    const pair new = {.values = {a, b}};
    if (number != NULL && !added)
        return (uint32_t)*number;
    if (number == NULL || !npki_dynbuf_add(&s->pairs, &new, sizeof new)) {
        npki_compare_fail(s->c, NPK_ERR_MEMORY);
        return 0;
    }
    *number = s->pairs.size / sizeof new;
    return npki_compare_charge(s->c, WORK_PER_ITEM) ? (uint32_t)*number : 0;
}

/* A time as these numbers have it: 0 is before all. */
static uint32_t time_of(const npki_moment *moment)
{
    return (uint32_t)moment->time + 1;
}

/* What has the history of a container, of this kind: itself, or the object to which it was added. */
static const npk_value *grower(const npk_value *value, npki_trail at, npki_moment_kind *kind)
{
    const npki_object *object =
        at.part != NPKI_PART_NONE && at.owner != NULL && at.owner->kind == NPK_KIND_OBJECT ? at.owner->u.object : NULL;
    *kind = value->kind == NPK_KIND_DICT ? NPKI_MOMENT_KEYS : NPKI_MOMENT_ITEMS;
    if (object != NULL && value == object->later)
        *kind = NPKI_MOMENT_STATE;
    return object != NULL && (value == object->listitems || value == object->dictitems || value == object->later)
               ? at.owner
               : value;
}

/* Since when a container has its items: those of one number in times[side]. What it had before anything else had it, or
 * before anything was called then, was there at once. */
static uint64_t note_times(npki_seen *s, size_t side, const npk_value *value, const npk_value *of,
                           npki_moment_kind kind)
{
    const size_t count = npki_count_of(value) / (kind == NPKI_MOMENT_KEYS ? 2 : 1), start = s->times[side].size;
    uint32_t *times = NULL;
    const npki_moments among = npki_moments_of(kind);
    for (npki_moment *m = npki_timeline_last(&s->t[side], of, among); m != NULL && npki_compare_charge(s->c, 1);
         m = npki_timeline_before(&s->t[side], m, among)) {
        if (m->kind != (unsigned)kind || m->all || m->event == NPKI_MOMENT_EVENTS)
            continue;
        npki_event event = npki_event_of(of, (size_t)m->event);
        if (kind == NPKI_MOMENT_STATE)
            event = (npki_event){.first = event.first == 0 ? count : event.first - 1, .end = event.first, .offset = 1};
        if (event.offset == 0 || event.unseen)
            continue;
        if (times == NULL) {
            times = npki_compare_charge(s->c, count)
                        ? (uint32_t *)(void *)npki_dynbuf_room(&s->times[side], count * sizeof *times)
                        : NULL;
            if (times == NULL) {
                npki_compare_fail(s->c, NPK_ERR_MEMORY);
                return 0;
            }
            memset(times, 0, count * sizeof *times);
            s->times[side].size += count * sizeof *times;
        }
        for (size_t i = (size_t)event.first; i < event.end && i < count && npki_compare_charge(s->c, 1); i++)
            times[i] = time_of(m);
    }
    return times == NULL ? 0 : start / sizeof *times + 1;
}

static uint32_t grown_at(npki_seen *s, size_t side, const npk_value *value, const npk_value *of, npki_moment_kind kind,
                         size_t child)
{
    bool added;
    if (npki_events_of(of) == NULL)
        return 0;
    const npki_met_value *number = npki_met_put(&s->c->numbers[side], value);
    uint64_t *start =
        number == NULL ? NULL : npki_map_put(&s->grown[side], npki_met_of(&s->c->numbers[side], number), &added);
    if (start == NULL) {
        npki_compare_fail(s->c, NPK_ERR_MEMORY);
        return 0;
    }
    if (added)
        *start = note_times(s, side, value, of, kind);
    if (*start == 0)
        return 0;
    const size_t index = (size_t)*start - 1 + child / (kind == NPKI_MOMENT_KEYS ? 2 : 1);
    return ((const uint32_t *)(const void *)s->times[side].bytes)[index];
}

/* When an object got its first state. */
static uint32_t built_at(npki_seen *s, size_t side, const npk_value *value)
{
    npki_moment *m = npki_timeline_last(&s->t[side], value, NPKI_MOMENTS_CALLS);
    while (m != NULL && npki_compare_charge(s->c, 1) &&
           (m->kind != NPKI_MOMENT_STATE || npki_event_of(value, (size_t)m->event).first != 0))
        m = npki_timeline_before(&s->t[side], m, NPKI_MOMENTS_CALLS);
    return m == NULL ? 0 : time_of(m);
}

static item_kind kind_of(const npki_compare_frame *frame)
{
    const npk_value *value = frame->a;
    if ((frame->makings != NULL && frame->makings->on_the_way) || value->kind == NPK_KIND_PERSID)
        return ITEM_MAKING;
    if (frame->at[0].part == NPKI_PART_STATES)
        return ITEM_STATE;
    if (value->kind != NPK_KIND_OBJECT)
        return value->kind == NPK_KIND_LIST || value->kind == NPK_KIND_DICT || value->kind == NPK_KIND_SET ? ITEM_GROWTH
                                                                                                           : ITEM_PART;
    if (value->u.object->array != NULL || value->u.object->dtype != NULL)
        return ITEM_PART;
    return frame->child < NPKI_SLOTS_MAKING ? ITEM_MAKING : frame->child == NPKI_SLOT_STATE ? ITEM_STATE : ITEM_PART;
}

/* Of the two that are met now. */
static void note_item(npki_seen *s, const npki_compare_frame *frame)
{
    const uint32_t in = number_of(s, frame->a, frame->b),
                   number = number_of(s, npki_compare_as(s->c, s->c->a), npki_compare_as(s->c, s->c->b));
    item new = {.pair = number, .kind = kind_of(frame)};
    if (in == 0 || s->c->status != NPK_OK)
        return;
    for (size_t side = 0; side < 2; side++) {
        const npk_value *value = side == 0 ? frame->a : frame->b;
        const size_t child = side == 0 ? frame->child : frame->other;
        npki_moment_kind kind;
        const npk_value *of = grower(value, frame->at[side], &kind);
        pair_at(s, in)->values[side] = of;
        if (new.kind == ITEM_GROWTH || (new.kind == ITEM_STATE &&npki_is_container(value)))
            new.times[side] = grown_at(s, side, value, of, kind, child);
        else if (new.kind == ITEM_STATE)
            new.times[side] = built_at(s, side, value);
    }
    const uint32_t last = pair_at(s, in)->items;
    const bool same = last != 0 && memcmp(item_at(s, last)->times, new.times, sizeof new.times) == 0;
    if (number == 0 && (same || (new.times[0] == 0 && new.times[1] == 0)))
        return; /* it says nothing more */
    new.next = last;
    if (!npki_dynbuf_add(&s->items, &new, sizeof new))
        npki_compare_fail(s->c, NPK_ERR_MEMORY);
    else
        pair_at(s, in)->items = (uint32_t)(s->items.size / sizeof new);
    npki_compare_charge(s->c, WORK_PER_ITEM);
}

/* What one walk has met is met anew. */
static void forget_met(npki_compare *c)
{
    for (size_t side = 0; side < 2; side++)
        for (size_t i = npki_met_count(&c->numbers[side]); i > 0 && npki_compare_charge(c, 1); i--)
            npki_met_at(&c->numbers[side], i)->partner = 0;
    npki_map_clear(&c->pairs);
}

/* What has been compared is so again, but for elements: it is known how that ends. */
static void walk_again(npki_seen *s)
{
    npki_compare *c = s->c;
    const npk_compare_options options = c->options;
    const size_t happened = c->happened.size;
    const bool in_runs = c->in_runs;
    forget_met(c);
    c->options.report = NULL;
    c->in_runs = false;
    c->again = true;
    for (size_t i = 0; i < deed_count(s) && c->status == NPK_OK; i++)
        npki_compare_again(c, note_item, s, deed_at(s, i)->values);
    c->metadata.pairs.size = 0;
    c->options = options;
    c->in_runs = in_runs;
    c->again = false;
    c->differences = 0;
    c->happened.size = happened;
}

/* --- what may be seen in one of the two only --- */

static uint32_t group_of(const npki_seen *s, uint32_t number)
{
    while (number != 0 && pair_at(s, number)->group != 0) {
        pair *one = pair_at(s, number);
        const uint32_t next = pair_at(s, one->group)->group;
        one->group = next != 0 ? next : one->group;
        number = one->group;
    }
    return number;
}

static uint32_t group_of_deed(npki_seen *s, size_t index)
{
    const npki_deed *deed = deed_at(s, index);
    return s->grouped ? group_of(s, number_of(s, deed->values[0], deed->values[1])) : 0;
}

/* The deeds of a group stand together, in their order. */
static void note_bounds(npki_seen *s)
{
    const size_t count = deed_count(s);
    uint32_t last = 0;
    for (size_t i = 0; i < count; i++) {
        const uint64_t rank = deed_at(s, i)->ranks[1];
        const uint32_t group = group_of_deed(s, i);
        const bool first = i == 0 || group != last;
        s->most[i] = first || s->most[i - 1] < rank ? rank : s->most[i - 1];
        if (group != 0 && first)
            pair_at(s, group)->first = (uint32_t)i;
        if (group != 0)
            pair_at(s, group)->end = (uint32_t)i + 1;
        last = group;
    }
    for (size_t i = count; i-- > 0;) {
        const uint64_t rank = deed_at(s, i)->ranks[1];
        const uint32_t group = group_of_deed(s, i);
        s->least[i] = i + 1 == count || group != last || s->least[i + 1] > rank ? rank : s->least[i + 1];
        last = group;
    }
}

/* Whether something of the group is done after the one time and before the other. Ranks here have 1 added to them, as
 * times have. */
static bool is_between(const npki_seen *s, uint32_t number, const uint32_t times[2])
{
    const pair *group = s->grouped ? pair_at(s, group_of(s, number)) : NULL;
    const size_t first = group == NULL ? 0 : group->first, end = group == NULL ? deed_count(s) : group->end;
    size_t low = first, high = end;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const bool before = deed_at(s, middle)->ranks[0] < times[0];
        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    return (low < end && s->least[low] < times[1]) || (low > first && s->most[low - 1] >= times[1]);
}

/* Those that hold what is watched are. The last first, as they come after what holds them, but in a cycle. */
static bool watch(npki_seen *s)
{
    bool any = false, changed = true;
    for (size_t round = 0; changed && s->c->status == NPK_OK; round++) {
        changed = false;
        for (uint32_t n = (uint32_t)(s->pairs.size / sizeof(pair)); n > 0; n--) {
            bool watched = pair_at(s, n)->watched;
            for (uint32_t i = pair_at(s, n)->items; i != 0 && !watched && npki_compare_charge(s->c, 1);
                 i = item_at(s, i)->next) {
                const item *one = item_at(s, i);
                watched = (round == 0 && one->kind == ITEM_GROWTH && is_between(s, n, one->times)) ||
                          (one->pair != 0 && pair_at(s, one->pair)->watched);
            }
            changed = changed || watched != pair_at(s, n)->watched;
            pair_at(s, n)->watched = watched;
        }
        any = any || changed;
    }
    return any;
}

/* What is watched and holds each other is one group. */
static void join(npki_seen *s)
{
    for (uint32_t n = 1; n <= s->pairs.size / sizeof(pair); n++)
        for (uint32_t i = pair_at(s, n)->items; i != 0 && pair_at(s, n)->watched && npki_compare_charge(s->c, 1);
             i = item_at(s, i)->next) {
            const uint32_t held = item_at(s, i)->pair;
            const uint32_t one = group_of(s, n), other = held == 0 ? one : group_of(s, held);
            if (one != other && pair_at(s, held)->watched)
                pair_at(s, one > other ? one : other)->group = one > other ? other : one;
        }
    s->grouped = true;
}

/* Puts the deeds of each group together. */
static void sort_by_group(npki_seen *s)
{
    const size_t count = deed_count(s), size = npki_placing_size(count);
    npki_placing *all = npki_compare_allocate(s->c, size);
    npki_deed *copy = all == NULL ? NULL : npki_compare_allocate(s->c, s->deeds.size);
    if (copy != NULL) {
        memcpy(copy, s->deeds.bytes, s->deeds.size);
        for (size_t i = 0; i < count; i++)
            all[i] = (npki_placing){group_of_deed(s, i), i};
        const npki_placing *sorted = npki_placing_sort(all, count);
        for (size_t i = 0; i < count; i++)
            *deed_at(s, i) = copy[sorted[i].index];
    }
    npki_free(&s->c->allocator, copy, s->deeds.size);
    npki_free(&s->c->allocator, all, size);
}

/* Finds what may be seen in one only; false where there is nothing. At first whoever does something between may see it,
 * then only those that hold it somehow: others come in another order for good reason. */
static bool find_watched(npki_seen *s)
{
    s->least = npki_compare_allocate(s->c, 2 * deed_count(s) * sizeof *s->least);
    if (s->least == NULL)
        return false;
    s->most = s->least + deed_count(s);
    note_bounds(s);
    if (!watch(s) || s->c->status != NPK_OK)
        return false;
    join(s);
    sort_by_group(s);
    note_bounds(s);
    for (uint32_t n = 1; n <= s->pairs.size / sizeof(pair); n++)
        pair_at(s, n)->watched = false;
    return watch(s) && s->c->status == NPK_OK;
}

/* --- what each sees --- */

static void go_to(npki_seen *s, uint32_t number, uint32_t deed)
{
    if (number == 0 || pair_at(s, number)->deed == deed || !pair_at(s, number)->watched)
        return;
    pair_at(s, number)->deed = deed;
    if (!npki_dynbuf_add(&s->left, &number, sizeof number))
        npki_compare_fail(s->c, NPK_ERR_MEMORY);
}

/* From a pair to what it held in both. False where something was there in one only, which is seen. */
static bool go_through(npki_seen *s, uint32_t number, const npki_deed *deed, uint32_t index)
{
    for (uint32_t i = pair_at(s, number)->items; i != 0 && npki_compare_charge(s->c, 1); i = item_at(s, i)->next) {
        const item one = *item_at(s, i);
        const bool a = one.times[0] <= deed->ranks[0], b = one.times[1] <= deed->ranks[1];
        if (one.kind == ITEM_GROWTH && a != b)
            return false;
        if (a && b)
            go_to(s, one.pair, index);
    }
    return true;
}

/* A call sees what it is given, and a state's what was made before, too. */
static bool sees_the_same(npki_seen *s, const npki_deed *deed, uint32_t index)
{
    const uint32_t number = number_of(s, deed->values[0], deed->values[1]);
    uint32_t next = 0;
    s->left.size = 0;
    if (number == 0)
        return true;
    if (deed->kind == NPKI_MOMENT_STATE)
        go_to(s, number, index);
    for (uint32_t i = pair_at(s, number)->items; i != 0 && npki_compare_charge(s->c, 1); i = item_at(s, i)->next)
        if (deed->kind == NPKI_MOMENT_MADE && item_at(s, i)->kind == ITEM_MAKING)
            go_to(s, item_at(s, i)->pair, index);
    while (s->left.size > 0 && s->c->status == NPK_OK) {
        s->left.size -= sizeof next;
        memcpy(&next, s->left.bytes + s->left.size, sizeof next);
        if (!go_through(s, next, deed, index)) {
            npki_compare_say_at(s->c, pair_at(s, next)->values[0], pair_at(s, next)->values[1],
                                "items come before or after other calls");
            return false;
        }
    }
    return true;
}

/* --- all of it --- */

static void begin(npki_seen *s, npki_compare *c, const npki_timeline t[2])
{
    *s = (npki_seen){.c = c, .t = t};
    npki_dynbuf_init(&s->deeds, &c->allocator, npki_met_most(sizeof(npki_deed)));
    npki_dynbuf_init(&s->pairs, &c->allocator, npki_met_most(sizeof(pair)));
    npki_dynbuf_init(&s->items, &c->allocator, npki_met_most(sizeof(item)));
    npki_dynbuf_init(&s->left, &c->allocator, SIZE_MAX / 2);
    npki_map_init(&s->numbers, &c->allocator);
    for (size_t side = 0; side < 2; side++) {
        npki_map_init(&s->grown[side], &c->allocator);
        npki_dynbuf_init(&s->times[side], &c->allocator, SIZE_MAX / 2);
    }
}

static void end(npki_seen *s)
{
    npki_free(&s->c->allocator, s->least, 2 * deed_count(s) * sizeof *s->least);
    for (size_t side = 0; side < 2; side++) {
        npki_map_free(&s->grown[side]);
        npki_dynbuf_free(&s->times[side]);
    }
    npki_map_free(&s->numbers);
    npki_dynbuf_free(&s->left);
    npki_dynbuf_free(&s->items);
    npki_dynbuf_free(&s->pairs);
    npki_dynbuf_free(&s->deeds);
}

void npki_compare_seen(npki_compare *c, const npki_timeline t[2], const npki_dynbuf *deeds)
{
    npki_seen s;
    begin(&s, c, t);
    for (size_t i = 0; c->status == NPK_OK && i < deeds->size / sizeof(npki_deed); i++) {
        npki_deed one;
        memcpy(&one, deeds->bytes + i * sizeof one, sizeof one);
        one.ranks[0]++;
        one.ranks[1]++;
        if (is_seer(c, &one) && !npki_dynbuf_add(&s.deeds, &one, sizeof one))
            npki_compare_fail(c, NPK_ERR_MEMORY);
    }
    if (deed_count(&s) > 0 && c->status == NPK_OK) {
        walk_again(&s);
        const bool any = c->status == NPK_OK && find_watched(&s);
        for (size_t i = 0; any && c->status == NPK_OK && i < deed_count(&s); i++)
            if (!sees_the_same(&s, deed_at(&s, i), (uint32_t)i + 1))
                break;
    }
    end(&s);
}
