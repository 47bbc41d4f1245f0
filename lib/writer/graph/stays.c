/* Calls that npickle knows and that stay calls, as something in them is what only a call has: whether a reader would
 * keep them so again. */
#include "writer/graph/walk.h"

#include "known/known.h"
#include "value/event.h"

static bool never(const void *context, const npk_value *value)
{
    (void)context;
    (void)value;
    return false;
}

static bool is_begun(const void *context, const npk_value *container)
{
    return npki_way_of(context, container) != NULL;
}

/* Not while what it is dropped over is being made, nor where it has been made elsewhere: then it is no more than
 * fetched. */
static bool drops_now(const void *context, const npk_value *over, const npk_value *dropped)
{
    const npki_walk *k = context;
    int64_t number;
    return npki_way_of(k, over) == NULL && (!npki_known(k->w, npki_value_key(k->w, dropped), &number) ||
                                            npki_known(k->w, npki_value_key(k->w, over), &number));
}

/* As above, of what comes out of the memo there: it may have been over the one before that is complete. */
static bool happens_now(const void *context, const npk_value *over, const npk_value *dropped, size_t event)
{
    return npki_way_of(context, over) == NULL || npki_order_has_happened(context, dropped, event);
}

/* Of what is called, which means nothing while the call stays one. */
static const npki_rule *rule_of(const npki_object *call)
{
    return &npki_rules[npki_meaning_of(call->construction, call->callable, call->args)];
}

/* Whether the items of what is being written wait on the stack, to be added to it: of a tuple all, else those of the
 * first batch. */
static bool has_waiting(const npki_walk *k, const npki_stop *way)
{
    const npk_kind kind = npk_value_kind(way->value);
    const bool in_batch = (kind == NPK_KIND_LIST || kind == NPK_KIND_DICT) && way->next_item <= NPKI_LEAST_BATCH &&
                          k->w->protocol > 0 && npki_events_of(way->value) == NULL;
    return way->items != NULL && (in_batch || kind == NPK_KIND_TUPLE);
}

/* The outermost is kept: it is the last to be left, and comes to no other item while the walk is inside it. */
void npki_note_holder(npki_walk *k, const npki_stop *way, const npk_value *dtype)
{
    bool added;
    uint64_t *holder = npki_map_put(&k->index->holders, (uint64_t)(uintptr_t)dtype, &added);
    if (holder == NULL) {
        npki_writer_fail(k->w, NPK_ERR_MEMORY, "an allocation failed");
        return;
    }
    const npki_stop *outermost = npki_way_by_serial(k, *holder);
    if (outermost == NULL || !has_waiting(k, outermost))
        *holder = way->serial;
}

/* Whether a dtype is one of the items that wait. What the memo does not have is written anew, and waits as another. */
static bool waits(const npki_walk *k, const npk_value *dtype)
{
    int64_t number;
    const uint64_t *holder = npki_known(k->w, npki_value_key(k->w, dtype), &number)
                                 ? npki_map_get(&k->index->holders, (uint64_t)(uintptr_t)dtype)
                                 : NULL;
    const npki_stop *way = holder == NULL ? NULL : npki_way_by_serial(k, *holder);
    return way != NULL && has_waiting(k, way);
}

/* Whether a part of a call, or of a state, is a dtype that may get its own state yet: npki_has_open_dtype. */
static bool has_open_dtype(const npki_walk *k, const npk_value *parts)
{
    const size_t count = parts->kind == NPK_KIND_TUPLE ? npki_count_of(parts) : 0;
    bool open = false;
    for (size_t i = 0; i < count && i < NPKI_MOST_GIVEN && !open; i++) {
        const npk_value *part = npki_item_of(parts, i);
        const bool known = npk_value_dtype(part) != NULL && part->u.object->meaning == NPKI_DTYPE;
        if (known || npki_is_left_dtype(part)) /* for what its state has, but till then it was known */
            open = npki_way_of(k, part) != NULL || (known && part->u.object->state == NULL && waits(k, part));
    }
    return open;
}

/* A reader asks for it only where the call, or its state, looks malformed. */
static bool has_outside(const npki_object *call, const npki_object *parts, const npki_now *now)
{
    return call->stays_call == NPKI_STAYS_FOR_OUTSIDE && npki_has_outside(parts, now);
}

/* Whether a call that stays one is there with all that makes it so: while it is being made only its arguments may
 * be. */
static bool is_made(const void *context, const npk_value *value)
{
    static const npki_now in_arguments = {.is_made = never};
    const npki_walk *k = context;
    const npki_object arguments = {.args = value->u.object->args};
    return value->u.object->stays_call == NPKI_STAYS_BY_ITSELF || !npki_order_is_open(k, value) ||
           has_outside(value->u.object, &arguments, &in_arguments) || has_open_dtype(k, arguments.args) ||
           npki_has_dropped(arguments.args, rule_of(value->u.object), NULL);
}

/* Once its arguments are written: what came out of the memo to be dropped was no more than fetched. */
static bool has_dropped(const void *context, const npk_value *over, const npk_value *dropped)
{
    (void)dropped;
    return npki_order_has_dropped(context, over);
}

static bool has_happened(const void *context, const npk_value *over, const npk_value *dropped, size_t event)
{
    (void)over;
    return npki_order_has_happened(context, dropped, event) && npki_order_was_seen(context, dropped);
}

/* Whether a reader would keep it as a call: for its arguments; or it takes those, which are frozen then, and keeps it
 * for its state. */
static bool stays_call(const npki_walk *k, const npki_object *call, const npki_now *now)
{
    const npki_now later = {k, is_made, is_begun, drops_now, happens_now};
    const npki_object arguments = {.args = call->args};
    const npki_rule *rule = rule_of(call);
    if (call->stays_call == NPKI_STAYS_BY_ITSELF || has_outside(call, &arguments, now) ||
        has_open_dtype(k, call->args) || npki_has_dropped(call->args, rule, now))
        return true;
    return call->state != NULL && rule->build != NULL && (call->args->flags & NPKI_IS_FROZEN) != 0 &&
           (has_outside(call, call, &later) || has_open_dtype(k, call->state) ||
            npki_has_dropped(call->state, rule, &later));
}

static bool check(npki_walk *k, const npki_object *call, const npki_now *now)
{
    const bool stays = stays_call(k, call, now);
    if (!stays)
        npki_writer_fail(
            k->w, NPK_ERR_UNSUPPORTED,
            "a call that npickle knows, kept for a persistent id or a dropped call in it that is there no more");
    return stays;
}

void npki_check_stayed(npki_walk *k, const npki_stop *way)
{
    (void)check(k, way->call, &(npki_now){k, is_made, is_begun, has_dropped, has_happened});
}

void npki_check_stays(npki_walk *k, npki_stop *way)
{
    const bool inside = npki_order_over(k, way);
    const npki_now now = {k, is_made, is_begun, drops_now, happens_now};
    if (check(k, way->call, &now) && inside && npki_has_dropped(way->call->args, rule_of(way->call), NULL) &&
        !npki_is_made_inside(way->value))
        npki_writer_fail(k->w, NPK_ERR_UNSUPPORTED,
                         "a call that npickle knows, to which what is dropped over its arguments leads back");
}
