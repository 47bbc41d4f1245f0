/* Opcodes that make objects: calls, which the rules of lib/known may turn into values. */
#include "reader/build.h"

#include "dtype/dtype.h"
#include "value/event.h"
#include "value/step.h"

static npk_status new_object(npki_builder *b, npk_construction construction, npk_value *callable, npk_value *args,
                             npk_value **out)
{
    if (!npki_is_callable(callable))
        return npki_build_fail(b, NPK_ERR_TYPE, "%s can't be called", npk_kind_name(npk_value_kind(callable)));
    if (args->kind != NPK_KIND_TUPLE && !npki_may_be_any(args))
        return npki_wrong_kind(b, args, "the arguments of a call are a tuple");
    npki_called_object *made = npki_arena_take(b->site.arena, sizeof *made);
    if (made == NULL)
        return npki_site_full(&b->site);
    made->object = (npki_object){
        .construction = construction,
        .opcode = (uint8_t)b->site.opcode,
        .meaning = npki_meaning_of(construction, callable, args),
        .callable = callable,
        .args = args,
        .offset = b->site.offset,
    };
    made->called = (npki_called){
        .value = {.kind = NPK_KIND_OBJECT, .history = NPKI_WAS_CALLED, .u.object = &made->object},
        .call = &made->object,
    };
    npk_value *value = &made->called.value;
    *out = value;
    npk_value *const parts[2] = {callable, args};
    npk_status status = npki_adopt(b, value, parts, 2);
    value->flags &= (uint8_t)~NPKI_UNHASHABLE;
    return status;
}

/* Whether nothing was dropped over it, and it is no dtype. */
static inline bool is_plain(const npk_value *value)
{
    return npki_events_of(value) == NULL && (value->kind != NPK_KIND_OBJECT || value->u.object->dtype == NULL);
}

#define FEW_ITEMS 3

/* Few items like that. */
static inline bool are_plain(const npki_items *items)
{
    size_t plain = 0;
    while (plain < FEW_ITEMS && plain < items->count && is_plain(items->at[plain]))
        plain++;
    return plain == items->count;
}

/* Whether this is quickly seen of all that npki_has_dropped and npki_has_open_dtype look at. */
static bool is_plain_tuple(const npk_value *part)
{
    if (part->kind != NPK_KIND_TUPLE || part->u.items == NULL)
        return part->kind == NPK_KIND_TUPLE;
    bool plain = !part->u.items->has_events && are_plain(part->u.items);
    for (size_t i = 0; plain && i < part->u.items->count; i++) {
        const npk_value *item = npki_item_of(part, i);
        const bool is_entered = item->kind == NPK_KIND_TUPLE || item->kind == NPK_KIND_DICT;
        plain = !is_entered || item->u.items == NULL || are_plain(item->u.items);
    }
    return plain;
}

/* What a rule makes of a call, or of its state, has no place for what was dropped over these, and of a dtype that waits
 * for its own state nothing is made. A dtype that is in use already stays what it is. */
static void leave(npki_builder *b, npk_value *value, const npk_value *part)
{
    if (is_plain_tuple(part))
        return;
    const npki_rule *rule = &npki_rules[value->u.object->meaning];
    const bool ruled = npki_rule_reads(rule) && !rule->inline_data && (value->flags & NPKI_IS_FROZEN) == 0;
    const bool taken = ruled && (part == value->u.object->args || rule->build != NULL);
    if (taken && ((b->doc->drops && npki_has_dropped(part, rule, NULL)) ||
                  (value->u.object->state == NULL && npki_has_open_dtype(b, part))))
        npki_leave_as_call(b, value, NPKI_STAYS_FOR_PARTS);
}

/* Whether an array may be in its arguments or its state: those of a call that stays one mean something else. */
static bool is_searched(const npki_object *object)
{
    return npki_is_unknown(object) && object->stays_call == NPKI_STAYS_NOT;
}

/* The object after its call: a value of another kind, where a rule says so. */
static npk_status called(npki_builder *b, npk_value *value)
{
    leave(b, value, value->u.object->args);
    const npki_rule *rule = &npki_rules[value->u.object->meaning];
    b->site.first_put = npki_first_put(b);
    npk_value *args = value->u.object->args; /* it may be an object no more */
    npk_status status = rule->call != NULL             ? rule->call(&b->site, value)
                        : is_searched(value->u.object) ? npki_look_into_arguments(&b->site, value)
                                                       : NPK_OK;
    if (status == NPK_OK)
        status = npki_freeze_arguments(&b->site, value, args, rule);
    return status == NPK_OK ? NPK_OK : npki_keep_malformed(b, value, status);
}

/* What a call made; its parts, the first of which was put on the stack at an offset, are gone. */
static npk_status push_made(npki_builder *b, npk_value *value, uint32_t from)
{
    b->last_made = value;
    b->last_made_from = from;
    npk_status status = value->kind == NPK_KIND_OBJECT ? npki_made_now(b, value->u.object) : NPK_OK;
    return status == NPK_OK ? npki_push_begun(b, value, from) : status;
}

npk_status npki_call(npki_builder *b, npk_value *value, size_t at, uint32_t from)
{
    npk_status status = called(b, value);
    b->height = at;
    return status == NPK_OK ? push_made(b, value, from) : status;
}

npk_status npki_do_reduce(npki_builder *b, const npk_instruction *in)
{
    (void)in;
    npk_value *value = NULL;
    npk_status status = npki_need(b, 2);
    if (status == NPK_OK && npki_is_addition(b))
        return npki_do_addition(b);
    if (status == NPK_OK)
        status = new_object(b, NPK_BY_CALL, npki_peek(b, 1), npki_peek(b, 0), &value);
    if (status == NPK_OK)
        status = called(b, value);
    if (status != NPK_OK)
        return status;
    b->height -= 2;
    return push_made(b, value, npki_begin_of(b, b->height));
}

npk_status npki_do_new(npki_builder *b, const npk_instruction *in)
{
    size_t given = in->opcode->detail; /* arguments, or arguments and keywords */
    npk_value *value = NULL;
    npk_status status = npki_need(b, given + 1);
    if (status == NPK_OK && given == 2 && npki_peek(b, 0)->kind != NPK_KIND_DICT &&
        !npki_may_be_any(npki_peek(b, 0)))
        return npki_wrong_kind(b, npki_peek(b, 0), "keyword arguments are a dict");
    if (status == NPK_OK)
        status = new_object(b, NPK_BY_NEW, npki_peek(b, given), npki_peek(b, given - 1), &value);
    if (status != NPK_OK)
        return status;
    if (given == 2) {
        value->u.object->kwargs = npki_peek(b, 0);
        status = npki_adopt(b, value, &value->u.object->kwargs, 1);
        value->flags &= (uint8_t)~NPKI_UNHASHABLE;
        if (status != NPK_OK)
            return status;
    }
    npki_note_spread(npki_peek(b, given - 1), in->opcode);
    leave(b, value, value->u.object->args);
    if (is_searched(value->u.object))
        status = npki_look_into_arguments(&b->site, value);
    else if (npki_rules[value->u.object->meaning].call != NULL)
        status = npki_rules[value->u.object->meaning].call(&b->site, value);
    if (status != NPK_OK)
        status = npki_keep_malformed(b, value, status);
    if (status != NPK_OK)
        return status;
    b->height -= given + 1;
    return push_made(b, value, npki_begin_of(b, b->height));
}

/* The tuple of all above the mark but the first `skip` values; mark and values go. */
static npk_status take_arguments(npki_builder *b, const npk_opcode *row, size_t skip, npk_value **out)
{
    size_t count = b->height - b->marks[b->mark_count - 1].height - skip;
    npk_value *args = npki_value_new(b->site.arena, NPK_KIND_TUPLE);
    if (args == NULL || !npki_items_add(b->site.arena, &args->u.items, npki_top(b, count), count))
        return npki_site_full(&b->site);
    npk_status status = npki_adopt(b, args, npki_top(b, count), count);
    npki_note_spread(args, row);
    b->height -= count + skip;
    b->mark_count--;
    *out = args;
    return status;
}

npk_status npki_do_inst(npki_builder *b, const npk_instruction *in)
{
    npk_value *class_ = NULL, *args = NULL, *value = NULL;
    npk_status status = npki_need_mark(b);
    const uint32_t from = status == NPK_OK ? b->marks[b->mark_count - 1].from : 0;
    if (status == NPK_OK)
        status = npki_keep_input(b);
    if (status == NPK_OK)
        status = npki_make_global(b, in->argument, in->size, in->second, in->second_size, &class_);
    if (status == NPK_OK)
        status = take_arguments(b, in->opcode, 0, &args);
    if (status == NPK_OK)
        status = new_object(b, NPK_BY_CALL, class_, args, &value);
    return status == NPK_OK ? npki_call(b, value, b->height, from) : status;
}

npk_status npki_do_obj(npki_builder *b, const npk_instruction *in)
{
    npk_value *args = NULL, *value = NULL;
    npk_status status = npki_need_mark(b);
    if (status != NPK_OK)
        return status;
    if (npki_above(b) == 0)
        return npki_build_fail(b, NPK_ERR_STACK, "OBJ finds no class above the mark");
    npk_value *class_ = b->stack[b->marks[b->mark_count - 1].height];
    uint32_t from = npki_begin_of(b, b->marks[b->mark_count - 1].height);
    status = take_arguments(b, in->opcode, 1, &args);
    if (status == NPK_OK)
        status = new_object(b, NPK_BY_CALL, class_, args, &value);
    return status == NPK_OK ? npki_call(b, value, b->height, from) : status;
}

/* --- BUILD --- */

/* An object that npickle does not know may be given more than one state. */
static npk_status keep_later(npki_builder *b, npki_object *object, npk_value *state)
{
    if (object->later == NULL) {
        object->later = npki_value_new(b->site.arena, NPK_KIND_LIST);
        if (object->later == NULL)
            return npki_site_full(&b->site);
        object->later->flags = NPKI_UNHASHABLE;
        object->later->history = NPKI_IS_SIZED; /* the events say how many there are */
    }
    if (!npki_items_add(b->site.arena, &object->later->u.items, &state, 1))
        return npki_site_full(&b->site);
    return npki_adopt(b, object->later, &state, 1);
}

/* The rule takes the state that the object has now. One that it refuses, and that came after another, is a further
 * one. */
static npk_status take_state(npki_builder *b, npk_value *value, npk_value *before)
{
    npki_object *object = value->u.object;
    npk_value *state = object->state;
    const npki_rule *rule = &npki_rules[object->meaning];
    npk_status status = rule->build(&b->site, value);
    if (status == NPK_OK)
        return NPK_OK;
    if (rule->inline_data) {
        object->state = before == NULL ? state : before;
        return status;
    }
    status = npki_keep_malformed(b, value, status);
    if (status != NPK_OK || before == NULL)
        return status;
    object->state = before;
    return keep_later(b, object, state);
}

/* What npickle knows has no order of its own, but where a call may have seen it without its state. */
static npk_status note_state(npki_builder *b, npk_value *value, const npki_event *event)
{
    if (event->offset == 0 || npki_is_unknown(value->u.object))
        return npki_event_note(b->site.arena, value, event, 0) ? NPK_OK : npki_site_full(&b->site);
    if (!npki_event_add(b->site.arena, value, event))
        return npki_site_full(&b->site);
    npk_status status = npki_begin_order(b);
    npki_events_are_of(value, b->order);
    return status;
}

/* Whether something may come later to a value, or to what is in it. */
static bool may_get_more(const npk_value *value)
{
    return value->kind >= NPK_KIND_TUPLE && ((value->history & NPKI_WAS_PUT) != 0 || npki_children(value) > 0);
}

npk_status npki_do_build(npki_builder *b, const npk_instruction *in)
{
    (void)in;
    npk_status status = npki_need(b, 2);
    if (status != NPK_OK)
        return status;
    npk_value *value = npki_peek(b, 1);
    npk_value *state = npki_peek(b, 0);
    if (npki_earlier_has(&b->earlier, value))
        return npki_refuse_earlier(b, value);
    if (value->kind != NPK_KIND_OBJECT)
        return npki_wrong_kind(b, value, "BUILD gives a state to an object");
    leave(b, value, state);
    npki_object *object = value->u.object;
    npk_value *before = object->state;
    object->built = before == NULL ? 0 : object->built;
    const npki_rule *rule = &npki_rules[object->meaning];
    bool again = object->state != NULL && (rule->build == NULL || (object->array == NULL && object->dtype == NULL));
    size_t states = npki_state_count(object);
    /* something is made of it as it was */
    const bool known = !npki_is_unknown(object), frozen = (value->flags & NPKI_IS_FROZEN) != 0,
               seen = !known || frozen || b->last_call > object->offset;
    const bool shared = (value->flags & NPKI_IS_SHARED) != 0 && seen;
    uint32_t *late = shared ? npki_late_from(b, value, b->height - 2) : NULL;
    b->last_late = late != NULL ? npki_here(b) : b->last_late;
    status = npki_built_now(b, object, state, b->height - 2);
    const bool times = known ? late != NULL || object->order != NULL : shared || states == 0 || may_get_more(state);
    const npki_event event = {.kind = NPKI_EVENT_STATE,
                              .first = states,
                              .end = states + 1,
                              .offset = times ? b->site.offset : 0,
                              .apart = late != NULL && *late == NPKI_NOT_LATE,
                              .elsewhere = late != NULL && (value->flags & NPKI_PLACED) != 0};
    if (status == NPK_OK)
        status = note_state(b, value, &event);
    if (status != NPK_OK)
        return status;
    if (event.apart)
        *late = (uint32_t)npki_event_count(value) - 1;
    if (again)
        status = keep_later(b, object, state);
    else
        object->state = state;
    uint8_t hashable = value->flags & NPKI_UNHASHABLE;
    if (status == NPK_OK)
        status = npki_adopt(b, value, again ? &object->later : &state, 1);
    value->flags = (uint8_t)((value->flags & ~NPKI_UNHASHABLE) | hashable);
    if (status == NPK_OK && rule->build != NULL && !again)
        status = take_state(b, value, before);
    if (status != NPK_OK && rule->inline_data && before == NULL && object->array != NULL)
        return npki_keep_joblib(b, value, status);
    if (status == NPK_OK && !again && is_searched(object)) {
        status = npki_look_into_state(&b->site, value);
        status = status == NPK_OK ? NPK_OK : npki_keep_malformed(b, value, status);
    }
    if (status != NPK_OK)
        return status;
    b->height--;
    return rule->inline_data ? npki_take_joblib(b, value) : NPK_OK;
}
