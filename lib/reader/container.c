/* Opcodes that make containers and add to them. */
#include "reader/build.h"

#include "known/known.h"
#include "value/event.h"

static npk_status refuse_key(npki_builder *b, const npk_value *key)
{
    if (key->kind == NPK_KIND_BUFFER && (key->flags & NPKI_IS_READONLY) != 0)
        return npki_build_fail(b, NPK_ERR_UNSUPPORTED,
                               "a read-only buffer as a key: what the program gives for it may be hashable, or not");
    return npki_build_fail(b, NPK_ERR_TYPE, "%s is unhashable: it can't be a key or in a set",
                           npk_kind_name(npk_value_kind(key)));
}

static npk_status check_keys(npki_builder *b, npk_value *const *items, size_t count, size_t step)
{
    for (size_t i = 0; i < count; i += step)
        if ((items[i]->flags & NPKI_UNHASHABLE) != 0)
            return refuse_key(b, items[i]);
    return NPK_OK;
}

/* npickle made something of the container and kept what was in it then. What Python makes of one in a call that stays
 * one is another thing: that comes between the items again. */
static npk_status check_growth(const npki_builder *b, const npk_value *container)
{
    if (!npki_is_frozen(container))
        return NPK_OK;
    return npki_build_fail(b, NPK_ERR_UNSUPPORTED, "%s %s of which %s was made grows afterwards",
                           container->kind == NPK_KIND_OBJECT ? "an" : "a", npk_kind_name(npk_value_kind(container)),
                           (container->history & NPKI_IS_SIZED) != 0 ? "an array" : "something");
}

/* Whether a container of this kind can have them. The keys of an object are what its class takes: npickle does not know
 * it. */
static npk_status check_items(npki_builder *b, npk_kind kind, bool of_object, npk_value *const *items, size_t count)
{
    if (kind == NPK_KIND_DICT && count % 2 != 0)
        return npki_build_fail(b, NPK_ERR_STACK, "expected as many keys as values of a dict, found %zu of both", count);
    return of_object || kind == NPK_KIND_LIST || kind == NPK_KIND_TUPLE ? NPK_OK
                                                           : check_keys(b, items, count, kind == NPK_KIND_DICT ? 2 : 1);
}

/* Adds to a list, dict or set what it can have. What they hold does not make a dict's values or a list unhashable
 * twice: they are so anyway. */
static npk_status add(npki_builder *b, npk_value *container, npk_value *const *items, size_t count)
{
    if (count == 0)
        return NPK_OK;
    npk_status status = npki_adopt(b, container, items, count);
    if (status == NPK_OK && !npki_container_add(b->site.arena, container, items, count))
        status = npki_site_full(&b->site);
    return status;
}

npk_status npki_do_make(npki_builder *b, const npk_instruction *in)
{
    const npk_opcode *row = in->opcode;
    npk_status status = row->to_mark ? npki_need_mark(b) : npki_need(b, row->detail);
    if (status != NPK_OK)
        return status;
    size_t count = row->to_mark ? npki_above(b) : row->detail;
    npk_value *value = npki_value_new(b->site.arena, (npk_kind)row->kind);
    if (value == NULL)
        return npki_site_full(&b->site);
    value->depth = 1;
    if (row->kind == NPK_KIND_LIST || row->kind == NPK_KIND_DICT || row->kind == NPK_KIND_SET)
        value->flags = NPKI_UNHASHABLE;
    status = check_items(b, (npk_kind)row->kind, false, npki_top(b, count), count);
    if (status == NPK_OK)
        status = add(b, value, npki_top(b, count), count);
    b->height -= count;
    b->mark_count -= row->to_mark;
    return status != NPK_OK ? status : npki_push(b, value);
}

/* Where the items of an object go: a list or dict of its own. */
static npk_status items_of_object(npki_builder *b, npk_value *object, npk_kind kind, npk_value **out)
{
    npk_value **items = kind == NPK_KIND_DICT ? &object->u.object->dictitems : &object->u.object->listitems;
    npk_status status = NPK_OK;
    if (object->u.object->array != NULL || object->u.object->dtype != NULL)
        status = npki_keep_malformed(b, object,
                                     npki_build_fail(b, NPK_ERR_UNSUPPORTED, "items are added to %s",
                                                     object->u.object->array != NULL ? "an array" : "a dtype"));
    if (status != NPK_OK)
        return status;
    if (*items == NULL) {
        *items = npki_value_new(b->site.arena, kind);
        if (*items == NULL)
            return npki_site_full(&b->site);
        (*items)->flags = NPKI_UNHASHABLE | NPKI_IS_ADDED;
        (*items)->depth = 1;
    }
    *out = *items;
    return NPK_OK;
}

/* Whether there is anything behind the first entry that may have to be made. */
static bool has_made(npk_value *const *items, size_t count, size_t per_entry)
{
    size_t i = per_entry;
    while (i < count && items[i]->kind < NPK_KIND_TUPLE)
        i++;
    return i < count;
}

/* That these items, or keys and values, are added to it now, which waited on the stack since `from`. When that is
 * says something where something else may have the container already. */
static npk_status note_added(npki_builder *b, npk_value *container, const npk_opcode *row, npk_value *const *waited,
                             size_t count, uint32_t from)
{
    const bool keys = row->kind == NPK_KIND_DICT, is_object = container->kind == NPK_KIND_OBJECT;
    const bool shared = (container->flags & NPKI_IS_SHARED) != 0;
    const bool others =
        b->last_call > b->doc->info.offset + from || b->last_late > from; /* something happened meanwhile */
    uint32_t *late = shared && b->last_call != 0 ? npki_late_from(b, container, b->height - 1) : NULL;
    b->last_late = late != NULL ? npki_here(b) : b->last_late;
    if (!is_object && (!shared || container->kind != row->kind))
        return NPK_OK;
    const npk_value *items = !is_object ? container
                             : keys     ? container->u.object->dictitems
                                        : container->u.object->listitems;
    const size_t per_entry = keys ? 2 : 1, first = items == NULL ? 0 : npki_count_of(items) / per_entry;
    npki_event event = {
        .kind = keys ? NPKI_EVENT_KEYS : NPKI_EVENT_ITEMS, .first = first, .end = first + count / per_entry};
    event.offset = shared ? b->site.offset : 0;
    event.unseen = shared && container == b->last_shared && b->call_at_shared == b->last_call;
    event.at_once =
        shared && count > per_entry && (others || (b->last_call != 0 && has_made(waited, count, per_entry)));
    const uint64_t call = b->last_call;
    npk_status status = is_object ? npki_called_now(b, container->u.object, b->height - 1) : npki_begin_order(b);
    if (status != NPK_OK)
        return status;
    event.apart = late != NULL && *late == NPKI_NOT_LATE;
    event.elsewhere = late != NULL && (container->flags & NPKI_PLACED) != 0;
    bool good = is_object ? npki_event_note(b->site.arena, container, &event, call)
                          : npki_event_grow(b->site.arena, container, b->order, event, call);
    if (good && event.apart)
        *late = (uint32_t)npki_event_count(container) - 1;
    if (!good)
        return npki_site_full(&b->site);
    if (event.elsewhere) /* what npickle knows has no order of its own, and calls may have seen it all the same */
        npki_events_are_of(container, b->order);
    return NPK_OK;
}

static const char *const adds_to[NPKI_KINDS] = {
    [NPK_KIND_LIST] = "items are appended to a list",
    [NPK_KIND_DICT] = "keys are set in a dict",
    [NPK_KIND_SET] = "items are added to a set",
};

/* Adds what was taken off the stack to what is at the top of it. `row`: of the opcode that does so, here or by another
 * spelling. */
static npk_status add_to_top(npki_builder *b, const npk_opcode *row, npk_value *const *items, size_t count,
                             uint32_t from)
{
    npk_status status = NPK_OK;
    npk_value *container = npki_peek(b, 0), *target = container;
    const bool is_object = container->kind == NPK_KIND_OBJECT;
    if (is_object && count == 0)
        return NPK_OK; /* it was given nothing */
    if (count > 0 && npki_earlier_has(&b->earlier, container))
        return npki_refuse_earlier(b, container);
    if (container->kind == row->kind || is_object)
        status = check_items(b, (npk_kind)row->kind, is_object, items, count);
    if (status == NPK_OK && (container->kind == row->kind || is_object) && count > 0)
        status = check_growth(b, container);
    if (status != NPK_OK)
        return status;
    if (is_object && row->kind == NPK_KIND_SET)
        return npki_build_fail(b, NPK_ERR_UNSUPPORTED, "items are added to an object as if it were a set");
    if (count > 0)
        status = note_added(b, container, row, items, count, from);
    if (is_object && status == NPK_OK)
        status = items_of_object(b, container, (npk_kind)row->kind, &target);
    else if (container->kind == NPK_KIND_BYTEARRAY && row->kind == NPK_KIND_LIST)
        return npki_build_fail(
            b, NPK_ERR_UNSUPPORTED,
            "bytes are added to a bytearray, as Python does it: npickle leaves its bytes where they are");
    else if (container->kind != row->kind)
        return npki_wrong_kind(b, container, adds_to[row->kind]);
    if (container->kind == NPK_KIND_SET && count > 0)
        npki_forget_call(container);
    if (status == NPK_OK)
        status = add(b, target, items, count);
    if (status == NPK_OK && target != container) {
        uint8_t hashable = container->flags & NPKI_UNHASHABLE;
        status = npki_adopt(b, container, &target, 1);
        container->flags = (uint8_t)((container->flags & ~NPKI_UNHASHABLE) | hashable);
    }
    return status;
}

npk_status npki_do_add(npki_builder *b, const npk_instruction *in)
{
    const npk_opcode *row = in->opcode;
    npk_status status = row->to_mark ? npki_need_mark(b) : npki_need(b, (size_t)row->detail + 1);
    if (status != NPK_OK)
        return status;
    size_t count = row->to_mark ? npki_above(b) : row->detail;
    const uint32_t from = row->to_mark ? b->marks[b->mark_count - 1].from : npki_here(b);
    npk_value *const *items = npki_top(b, count);
    b->height -= count;
    b->mark_count -= row->to_mark;
    status = npki_need(b, 1);
    return status != NPK_OK ? status : add_to_top(b, row, items, count, from);
}

/* Whether nothing else has the value: so what is in it is paid for once. */
static bool is_new_set(const npk_value *value)
{
    return value->kind == NPK_KIND_SET && (value->flags & NPKI_IS_SHARED) == 0;
}

bool npki_is_addition(const npki_builder *b)
{
    if (npki_above(b) < 3)
        return false;
    const npk_value *set = npki_top(b, 3)[0], *callable = npki_top(b, 3)[1], *args = npki_top(b, 3)[2];
    return npki_is_tuple_of(args, 2) && (args->flags & NPKI_IS_SHARED) == 0 && set->kind == NPK_KIND_SET &&
           npki_item_of(args, 0) == set && is_new_set(npki_item_of(args, 1)) &&
           npki_rules[npki_meaning_of(NPK_BY_CALL, callable, args)].adds;
}

npk_status npki_do_addition(npki_builder *b)
{
    const npk_value *more = npki_item_of(npki_peek(b, 0), 1);
    const size_t count = npki_count_of(more);
    const uint32_t from = npki_begin_of(b, b->height - 1);
    b->height -= 2;
    npk_status status =
        count == 0 ? NPK_OK : add_to_top(b, &npki_opcodes[NPKI_ROW_ADDITEMS], more->u.items->at, count, from);
    return status == NPK_OK ? npki_push_fetched(b, npki_peek(b, 0)) : status;
}
