/* What came to two objects: items, keys and states in the same order, and how much of what calls took was there. */
#include "compare/state.h"

#include "compare/growth.h"
#include "compare/timeline.h"
#include "known/known.h"
#include "value/event.h"

void npki_compare_events(npki_compare *c, const npk_value *a, const npk_value *b)
{
    npki_growth_room rooms[2];
    if (npki_events_of(a) == NULL && npki_events_of(b) == NULL)
        return;
    const npki_growth *left = npki_growth_of(c, a, &rooms[0]), *right = npki_growth_of(c, b, &rooms[1]);
    if (left == NULL || right == NULL)
        return;
    bool same = left->step_count == right->step_count;
    for (size_t i = 0; same && i < left->step_count && npki_compare_charge(c, 1); i++) {
        const npki_growth_step *one = &left->steps[i], *other = &right->steps[i];
        same = one->kind == other->kind && one->first == other->first && one->end == other->end;
    }
    if (!same)
        npki_compare_say(c, "items, keys and states in another order");
}

/* --- objects of which the order of keys counts --- */

/* What has its keys set one by one, but is equal to another whatever their order. */
static const char *const in_any_order[][2] = {
    {"builtins", "dict"}, {"collections", "defaultdict"}, {"collections", "Counter"}};

/* All else: an OrderedDict, and what no pickle tells more of than its name, however it is made. It may be a subclass of
 * that or of dict, and nobody knows what its __setitem__ does: two that are told to be equal are. */
static bool is_ordered(const npk_value *value)
{
    npki_made made;
    const npk_value *class_ = npki_made_of(value, &made) ? made.callable : value->u.object->callable;
    bool any_order = false;
    for (size_t i = 0; class_ != NULL && class_->kind == NPK_KIND_GLOBAL && !any_order &&
                       i < sizeof in_any_order / sizeof *in_any_order;
         i++)
        any_order = npki_is_global(class_, in_any_order[i][0], in_any_order[i][1]);
    return !any_order;
}

void npki_compare_key_order(npki_compare *c, const npki_compare_frame *keys)
{
    const npki_compare_frame *of = c->depth > c->floor + 1 ? keys - 1 : NULL;
    const bool in_object = keys->match != NULL && of != NULL && of->a->kind == NPK_KIND_OBJECT &&
                           of->b->kind == NPK_KIND_OBJECT && of->a->u.object->dictitems == keys->a &&
                           of->b->u.object->dictitems == keys->b;
    if (!in_object || !is_ordered(of->a) || !is_ordered(of->b))
        return;
    const size_t count = keys->count / 2;
    size_t i = 0, end = 0; /* behind the last partner */
    for (; i < count && (keys->match[i] == NPKI_COMPARE_NONE || keys->match[i] >= end); i++)
        end = keys->match[i] == NPKI_COMPARE_NONE ? end : keys->match[i] + 1;
    if (i == count)
        return;
    const size_t depth = c->depth;
    c->depth -= 2;
    c->a = of->a;
    c->b = of->b;
    npki_compare_say(c, "keys in another order");
    c->depth = depth;
}

/* --- what a call that npickle knows takes out of what it is given ---
 *
 * It has no moment of its own (timeline.h): what else is called sees nothing of it. */

#define ANY UINT64_MAX /* nothing tells how many */

static bool is_edited(const npki_order *order)
{
    return order != NULL && (order->lost || order->edited != NULL);
}

/* How many items, or pairs, something had when it was taken. What nothing else may have got no more. */
static uint64_t items_at(npki_compare *c, const npk_value *value, npki_called_at taken)
{
    const size_t own = npki_own_children(value);
    const bool had = (value->flags & NPKI_IS_SHARED) != 0 || (value->history & NPKI_WAS_PUT) != 0;
    uint64_t all = value->kind == NPK_KIND_DICT ? own / 2 : own;
    if (!npki_can_grow(value) || (had && taken.order == NULL) || is_edited(taken.order) ||
        is_edited(npki_order_of(value)))
        return ANY;
    if (value->kind == NPK_KIND_OBJECT) {
        const npki_object *object = value->u.object;
        all = (object->listitems == NULL ? 0 : npki_count_of(object->listitems)) +
              (object->dictitems == NULL ? 0 : npki_count_of(object->dictitems) / 2);
    }
    npki_growth_room room;
    const npki_growth *growth = npki_events_of(value) == NULL ? NULL : npki_growth_of(c, value, &room);
    const uint64_t later = growth == NULL ? 0 : npki_growth_after(growth, taken.offset).count;
    return later > all ? ANY : all - later;
}

/* `there`: how many both had, NULL where nobody asks. */
static bool took_other(npki_compare *c, const npk_value *const values[2], const npki_called_at taken[2],
                       uint64_t *there)
{
    const uint64_t a = items_at(c, values[0], taken[0]), b = items_at(c, values[1], taken[1]);
    if (there != NULL)
        *there = a < b ? a : b;
    if (a == ANY || b == ANY || a == b)
        return false;
    npki_compare_say_numbers(c, "items there when it took them", (int64_t)a, (int64_t)b);
    return true;
}

/* What came into a container later was not taken out of it. Where nothing tells how many there were, all were. */
static void take_only(npki_taken *at, const npk_value *value, uint64_t there)
{
    const uint64_t end = there == ANY || value->kind != NPK_KIND_DICT ? there : 2 * there;
    if (at->item == 0 && at->end > end)
        at->end = (size_t)end;
}

/* When an object got its first state, if an event says so. */
static npki_called_at built_at(npki_compare *c, const npk_value *value)
{
    npki_growth_room room;
    const npki_growth *growth = npki_events_of(value) == NULL ? NULL : npki_growth_of(c, value, &room);
    const bool known = growth != NULL && growth->built != 0;
    return known ? (npki_called_at){npki_order_of(value), growth->built} : (npki_called_at){NULL, 0};
}

static void compare_state_then(npki_compare *c, const npk_value *a, const npk_value *b)
{
    const npk_value *const states[2] = {a->u.object->state, b->u.object->state};
    const npki_called_at taken[2] = {built_at(c, a), built_at(c, b)};
    if (states[0] == NULL || states[1] == NULL || took_other(c, states, taken, NULL))
        return;
    for (size_t i = 0; npki_is_tuple_of(states[0], 2) && npki_is_tuple_of(states[1], 2) && i < 2; i++) {
        const npk_value *const parts[2] = {npki_item_of(states[0], i), npki_item_of(states[1], i)};
        if (took_other(c, parts, taken, NULL))
            return;
    }
}

void npki_compare_taken(npki_compare *c, const npk_value *a, const npk_value *b)
{
    const npki_object *left = a->u.object, *right = b->u.object;
    if (npki_is_unknown(left) || npki_is_unknown(right) || left->meaning != right->meaning)
        return;
    const npki_called_at taken[2] = {npki_timeline_called_at(a), npki_timeline_called_at(b)};
    npki_taken at[2] = {{.args = left->args, .reads = npki_rules[left->meaning].reads},
                        {.args = right->args, .reads = npki_rules[right->meaning].reads}};
    const npk_value *items[2] = {npki_take_next(&at[0]), npki_take_next(&at[1])};
    uint64_t there;
    for (; items[0] != NULL && items[1] != NULL && npki_compare_charge(c, 1);
         items[0] = npki_take_next(&at[0]), items[1] = npki_take_next(&at[1])) {
        if (took_other(c, items, taken, &there))
            return;
        for (size_t i = 0; i < 2; i++)
            take_only(&at[i], items[i], there);
    }
    compare_state_then(c, a, b);
}
