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

static bool always(const void *context, const npk_value *over, const npk_value *dropped)
{
    (void)context;
    (void)over;
    (void)dropped;
    return true;
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

/* Of what is called, which means nothing while the call stays one. */
static const npki_rule *rule_of(const npki_object *call)
{
    return &npki_rules[npki_meaning_of(call->construction, call->callable, call->args)];
}

/* Whether a call that stays one is there with all that makes it so: while it is being made only its arguments may
 * be. */
static bool is_made(const void *context, const npk_value *value)
{
    static const npki_now in_arguments = {NULL, never, always};
    const npki_walk *k = context;
    const npki_object arguments = {.args = value->u.object->args};
    return value->u.object->stays_call == NPKI_STAYS_BY_ITSELF || !npki_order_is_open(k, value) ||
           npki_has_outside(&arguments, &in_arguments) ||
           npki_has_dropped(arguments.args, rule_of(value->u.object), NULL);
}

/* Once its arguments are written: what came out of the memo to be dropped was no more than fetched. */
static bool has_dropped(const void *context, const npk_value *over, const npk_value *dropped)
{
    (void)dropped;
    return npki_order_has_dropped(context, over);
}

/* Whether a reader would keep it as a call: for its arguments; or it takes those, which are frozen then, and keeps it
 * for its state. */
static bool stays_call(const npki_walk *k, const npki_object *call, const npki_now *now)
{
    const npki_now later = {k, is_made, drops_now};
    const npki_object arguments = {.args = call->args};
    const npki_rule *rule = rule_of(call);
    if (call->stays_call == NPKI_STAYS_BY_ITSELF || npki_has_outside(&arguments, now) ||
        npki_has_dropped(call->args, rule, now))
        return true;
    return call->state != NULL && (call->args->flags & NPKI_IS_FROZEN) != 0 &&
           (npki_has_outside(call, &later) || npki_has_dropped(call->state, rule, &later));
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
    (void)check(k, way->call, &(npki_now){k, is_made, has_dropped});
}

void npki_check_stays(npki_walk *k, npki_stop *way)
{
    const bool inside = npki_order_over(k, way);
    const npki_now now = {k, is_made, drops_now};
    if (check(k, way->call, &now) && inside && npki_has_dropped(way->call->args, rule_of(way->call), NULL) &&
        !npki_is_made_inside(way->value))
        npki_writer_fail(k->w, NPK_ERR_UNSUPPORTED,
                         "a call that npickle knows, to which what is dropped over its arguments leads back");
}
