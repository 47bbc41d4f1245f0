/* One value in the place of another, wherever the graph refers to it. First the places are found, then all of them
 * change, then the graph is looked at; if it is none that Python could have, they change back. */
#include "edit/edit.h"

#include "base/dynbuf.h"
#include "base/error.h"
#include "value/event.h"
#include "value/lookup.h"
#include "value/step.h"

#include <string.h>

typedef struct replacement {
    npk_doc *doc;
    npk_value *old, *value;
    npki_dynbuf places; /* npk_value ** */
    npki_dynbuf before; /* npk_value *: what stood there, the old value or its twin */
    npki_dynbuf tuples; /* npk_value *: all that the graph has, in the order of a walk */
    npki_dynbuf sets;   /* npk_value *: those that a place lies in */
    npki_dynbuf keys;   /* npk_value *: dicts of which a place is a key */
    npki_dynbuf calls;  /* npki_object *: those that call another thing then */
    npki_dynbuf drops;  /* npk_value *: over each a place is that of a call that was dropped */
    npki_dynbuf names;  /* renamed: arrays whose class is another */
    npki_map known;     /* the places, as far as know_places has been there */
    bool formed;        /* a place lies in the items of an array, whose dtype says what they are */
    npk_error *error;
} replacement;

typedef struct renamed {
    npki_array_state *array;
    const char *class_name;
} renamed;

static size_t count_of(const npki_dynbuf *list)
{
    return list->size / sizeof(void *);
}

static void *item_of(const npki_dynbuf *list, size_t index)
{
    void *item;
    memcpy(&item, list->bytes + index * sizeof item, sizeof item);
    return item;
}

static npk_status add(replacement *r, npki_dynbuf *list, void *item)
{
    return npki_dynbuf_add(list, &item, sizeof item) ? NPK_OK : npki_no_memory(r->error);
}

static npk_status know_places(replacement *r)
{
    bool added;
    for (size_t i = 0; i < count_of(&r->places); i++)
        if (npki_map_put(&r->known, (uint64_t)(uintptr_t)item_of(&r->places, i), &added) == NULL)
            return npki_no_memory(r->error);
    return NPK_OK;
}

static bool is_place(const replacement *r, npk_value *const *place)
{
    return npki_map_get(&r->known, (uint64_t)(uintptr_t)place) != NULL;
}

/* Whether a list or dict is no more than its items: what was added to an object is no value of its own, so that nothing
 * else has it, no call made it, and nothing was dropped over it. */
static bool is_only_items(const replacement *r, const npk_value *value)
{
    return value != npki_self_of(r->doc->root) && (value->flags & NPKI_PLACED) == 0 && npki_events_of(value) == NULL &&
           npki_call_of(value) == NULL;
}

/* What npickle knows of a call, also of one that stays a call. */
static const npki_rule *rule_of(const npki_object *object)
{
    const bool stays = object->stays_call != NPKI_STAYS_NOT;
    return &npki_rules[stays ? npki_meaning_of(object->construction, object->callable, object->args) : object->meaning];
}

/* What may stand where an object has its parts. Of a call that stays one for its state the writer sees whether a new
 * one keeps it so. */
static npk_status check_part(replacement *r, const npki_object *object, npk_value *const *place)
{
    const npki_rule *rule = rule_of(object);
    const npk_value *new = r->value;
    bool part = place == &object->callable || place == &object->args || place == &object->kwargs ||
                (place == &object->state && (object->stays_call == NPKI_STAYS_NOT || npki_is_left_by_state(object)));
    npk_kind kind = place == &object->args                                    ? NPK_KIND_TUPLE
                    : place == &object->kwargs || place == &object->dictitems ? NPK_KIND_DICT
                                                                              : NPK_KIND_LIST;
    if (part && (rule->call != NULL || rule->build != NULL))
        return npki_fail(r->error, NPK_ERR_UNSUPPORTED, "the value is a part of a call that npickle knows");
    if (place == &object->state)
        return NPK_OK;
    if (place == &object->later)
        return npki_fail(r->error, NPK_ERR_UNSUPPORTED, "the states of an object are changed one by one");
    if (place == &object->args && npki_meaning_of(object->construction, object->callable, new) != object->meaning)
        return npki_fail(r->error, NPK_ERR_UNSUPPORTED,
                         "a call that npickle knows is made anew, not of other arguments");
    const bool in_parts = place == &object->args && npk_opcode_row(object->opcode)->to_mark;
    const bool for_any = (place == &object->args || place == &object->kwargs) && !in_parts && npki_may_be_any(new);
    if (new->kind == kind && (place == &object->listitems || place == &object->dictitems) && !is_only_items(r, new))
        return npki_fail(r->error, NPK_ERR_UNSUPPORTED,
                         "what was added to an object is part of that alone, found a %s that is elsewhere too",
                         npk_kind_name(kind));
    if (place == &object->args)
        npki_note_spread(r->value, npk_opcode_row(object->opcode));
    if (place != &object->callable)
        return new->kind == kind || for_any ? NPK_OK
                                 : npki_fail(r->error, NPK_ERR_TYPE, "this part of an object is a %s, found %s",
                                             npk_kind_name(kind), npk_kind_name(npk_value_kind(new)));
    if (npki_row_of(new) != NULL)
        rule = &npki_rules[npki_row_of(new)->meaning];
    if (rule->call != NULL || rule->build != NULL)
        return npki_fail(r->error, NPK_ERR_UNSUPPORTED, "a call that npickle knows is made anew, not of another");
    if (!npki_is_callable(new))
        return npki_fail(r->error, NPK_ERR_TYPE, "%s can't be called", npk_kind_name(npk_value_kind(new)));
    if (object->opcode == npki_opcodes[NPKI_ROW_INST].byte && new->kind != NPK_KIND_GLOBAL)
        return npki_fail(r->error, NPK_ERR_TYPE, "expected a class by its name, as INST has it, found %s",
                         npk_kind_name(npk_value_kind(new)));
    return NPK_OK;
}

/* The list of an array's items, if the child is one of them: they come first. */
static const npk_value *list_of(const npk_value *holder, size_t child)
{
    const npki_array_state *array = holder->kind == NPK_KIND_OBJECT ? holder->u.object->array : NULL;
    const npk_value *list = array != NULL ? array->payload : NULL;
    return list != NULL && list->kind == NPK_KIND_LIST && child < npki_count_of(list) ? list : NULL;
}

/* Of two places, at which the two calls have the same: whether that of the call that was dropped would change alone. */
static npk_status check_twin_place(const replacement *r, const npk_value *kept, npk_value *const *dropped)
{
    return kept == r->old || !is_place(r, dropped)
               ? NPK_OK
               : npki_fail(r->error, NPK_ERR_UNSUPPORTED,
                           "an object is made once more of this %s, and inside its own arguments of another one that "
                           "would not change",
                           npk_kind_name(npk_value_kind(r->old)));
}

/* The parts of a call that has, in the place of the value, that or one of its own. */
static npk_status find_twin_parts(replacement *r, const npki_object *kept, npki_object *dropped)
{
    npk_value *const parts[] = {kept->callable, kept->args, kept->kwargs, kept->state};
    npk_value **const places[] = {&dropped->callable, &dropped->args, &dropped->kwargs, &dropped->state};
    npk_status status = NPK_OK;
    for (size_t i = 0; status == NPK_OK && i < sizeof parts / sizeof *parts; i++) {
        status = check_twin_place(r, parts[i], places[i]);
        if (status != NPK_OK || parts[i] != r->old)
            continue;
        status = check_part(r, dropped, places[i]);
        if (status == NPK_OK)
            status = add(r, &r->places, places[i]);
    }
    return status;
}

/* The same in the calls that make the object once more, which may have some of the parts that it has. */
static npk_status find_in_makings(replacement *r, const npk_value *holder)
{
    npk_status status = NPK_OK;
    const size_t count =
        holder->kind == NPK_KIND_OBJECT && npki_events_of(holder) != NULL ? npki_event_count(holder) : 0;
    for (size_t i = 0; status == NPK_OK && i < count; i++) {
        npki_object *call = (npki_object *)npki_event_of(holder, i).call; /* of the same document */
        if (call == NULL)
            continue;
        status = find_twin_parts(r, holder->u.object, call);
        if (status == NPK_OK && holder->u.object->callable == r->old)
            status = add(r, &r->calls, call);
    }
    return status;
}

/* And in what they have of their own. */
static npk_status find_in_twin(replacement *r, npki_twin twin)
{
    npk_value *dropped = twin.dropped;
    npk_status status = dropped->kind == NPK_KIND_TUPLE ? add(r, &r->tuples, dropped) : NPK_OK;
    if (dropped->kind == NPK_KIND_OBJECT)
        return find_twin_parts(r, twin.kept->u.object, dropped->u.object);
    const size_t count = npki_own_children(twin.kept);
    bool found = false;
    for (size_t i = 0; status == NPK_OK && i < count && count == npki_own_children(dropped); i++) {
        status = check_twin_place(r, npki_child(twin.kept, i), npki_place_of(dropped, i));
        if (status != NPK_OK || npki_child(twin.kept, i) != r->old)
            continue;
        status = add(r, &r->places, npki_place_of(dropped, i));
        found = true;
    }
    if (status == NPK_OK && found && (dropped->kind == NPK_KIND_SET || dropped->kind == NPK_KIND_FROZENSET))
        status = add(r, &r->sets, dropped);
    return status == NPK_OK && found && dropped->kind == NPK_KIND_DICT ? add(r, &r->keys, dropped) : status;
}

static npk_status find_in_twins(replacement *r)
{
    npki_dynbuf twins;
    npk_status status = npki_edit_twins(r->doc, NULL, &twins, r->error);
    for (size_t i = 0; status == NPK_OK && i < npki_twin_count(&twins); i++)
        status = find_in_twin(r, npki_twin_at(&twins, i));
    npki_dynbuf_free(&twins);
    return status;
}

static npk_status find_places(replacement *r, npk_value *holder)
{
    npk_status status = holder->kind == NPK_KIND_TUPLE ? add(r, &r->tuples, holder) : NPK_OK;
    for (size_t i = 0; status == NPK_OK && i < npki_children(holder); i++) {
        if (npki_child(holder, i) != r->old)
            continue;
        npk_value **place = npki_place_of(holder, i);
        const npk_value *list = list_of(holder, i);
        if (place == NULL || !npki_edit_may_set(list != NULL ? list : holder, r->old, r->value))
            return npki_fail(r->error, NPK_ERR_UNSUPPORTED,
                             "an array, a dtype or a set is made of the value, so it cannot be changed");
        r->formed = r->formed || ((list != NULL ? list : holder)->history & NPKI_IS_FORMED) != 0;
        if (i >= npki_own_children(holder))
            status = add(r, &r->drops, holder);
        else if (holder->kind == NPK_KIND_OBJECT && list == NULL)
            status = check_part(r, holder->u.object, place);
        if (status == NPK_OK && holder->kind == NPK_KIND_OBJECT && place == &holder->u.object->callable)
            status = add(r, &r->calls, holder->u.object);
        if (status == NPK_OK)
            status = add(r, &r->places, place);
        if (status == NPK_OK && (holder->kind == NPK_KIND_SET || holder->kind == NPK_KIND_FROZENSET))
            status = add(r, &r->sets, holder);
        if (status == NPK_OK && holder->kind == NPK_KIND_DICT && i % 2 == 0 && i < npki_own_children(holder))
            status = add(r, &r->keys, holder);
    }
    return status == NPK_OK ? find_in_makings(r, holder) : status;
}

/* An array whose state lies in what a class made of it keeps all of it that is NumPy's; what is beside that may
 * change. */
static npk_status check_state(replacement *r, npk_value *holder)
{
    const npki_array_state *array = holder->kind == NPK_KIND_OBJECT ? holder->u.object->array : NULL;
    bool good = true;
    for (size_t i = 0; array != NULL && array->holders != NULL && i < array->holder_count; i++) {
        npk_value *const *items = array->holders[i]->u.items->at;
        bool last = i + 1u == array->holder_count;
        for (size_t k = 0; k < npki_count_of(array->holders[i]); k++)
            if (last ? k >= array->start && k < array->end : items[k] == array->holders[i + 1])
                good = good && !is_place(r, &items[k]);
    }
    return good ? NPK_OK
                : npki_fail(r->error, NPK_ERR_UNSUPPORTED, "an array is made of the value, so it cannot be changed");
}

/* The class of an array that was found in an object is a part of the object. */
static npk_status name_class(replacement *r, npk_value *holder)
{
    npki_array_state *array = holder->kind == NPK_KIND_OBJECT ? holder->u.object->array : NULL;
    npk_error scratch;
    npki_site site = {.arena = &r->doc->arena,
                      .limits = &r->doc->limits,
                      .error = r->error != NULL ? r->error : &scratch,
                      .opcode = NPKI_NO_OPCODE,
                      .offset = NPK_NO_OFFSET};
    renamed found = {.array = array};
    if (array == NULL || !array->of_unknown)
        return NPK_OK;
    npk_status status = npki_found_class(&site, holder, &found.class_name);
    if (status != NPK_OK || strcmp(found.class_name, array->class_name) == 0)
        return status;
    return npki_dynbuf_add(&r->names, &found, sizeof found) ? NPK_OK : npki_no_memory(r->error);
}

static void name_classes(const replacement *r)
{
    renamed found;
    for (size_t at = 0; at < r->names.size; at += sizeof found) {
        memcpy(&found, r->names.bytes + at, sizeof found);
        found.array->class_name = found.class_name;
    }
}

/* Whether a call adds one set to another, which it did not before: read again that is no call. */
static bool adds_now(const replacement *r, const npki_object *call)
{
    const npk_value *set = npk_value_item(call->args, 0), *more = npk_value_item(call->args, 1);
    return npki_rules[call->meaning].adds && npk_value_kind(set) == NPK_KIND_SET &&
           npk_value_kind(more) == NPK_KIND_SET && (set == r->value || more == r->value);
}

/* The value may be an argument that says what a call means: which class it is that copyreg._reconstructor makes. */
static npk_status check_meaning(replacement *r, npk_value *holder)
{
    const npki_object *call = holder->kind == NPK_KIND_OBJECT ? holder->u.object : NULL;
    if (call == NULL || call->fault != NULL || call->stays_call != NPKI_STAYS_NOT ||
        (npki_meaning_of(call->construction, call->callable, call->args) == call->meaning && !adds_now(r, call)))
        return NPK_OK;
    return npki_fail(r->error, NPK_ERR_UNSUPPORTED, "a call that npickle knows is made anew, not of other arguments");
}

/* What the new value holds, and the graph does not, changes only in so far as the graph's tuples do. */
static npk_status find_tuple(replacement *r, npk_value *holder)
{
    return holder->kind == NPK_KIND_TUPLE ? add(r, &r->tuples, holder) : NPK_OK;
}

static npk_status find_all(replacement *r, const npk_value *from, npk_status (*find)(replacement *, npk_value *))
{
    npk_walk *walk = NULL;
    const npk_value *holder;
    npk_value *changeable;
    npk_status status = npk_walk_start(from, &r->doc->allocator, &walk, r->error);
    while (status == NPK_OK && (status = npk_walk_next(walk, &holder, r->error)) == NPK_OK && holder != NULL) {
        if (npki_children(holder) == 0)
            continue;
        status = npki_edit_own(r->doc, holder, &changeable, r->error);
        if (status == NPK_OK)
            status = find(r, changeable);
    }
    npk_walk_free(walk);
    return status;
}

/* Tuples are as hashable as their items. Those inside come later in a walk, as a rule. */
static void hash_tuples(const replacement *r)
{
    bool changed;
    do {
        changed = false;
        for (size_t i = count_of(&r->tuples); i-- > 0;) {
            npk_value *tuple = item_of(&r->tuples, i);
            uint8_t flags = tuple->flags & (uint8_t)~NPKI_UNHASHABLE;
            for (size_t k = 0; k < npki_count_of(tuple); k++)
                flags |= npki_item_of(tuple, k)->flags & NPKI_UNHASHABLE;
            changed = changed || flags != tuple->flags;
            tuple->flags = flags;
        }
    } while (changed);
}

static npk_status check_keys_in(const replacement *r, const npk_value *from)
{
    npk_walk *walk = NULL;
    const npk_value *holder;
    npk_status status = npk_walk_start(from, &r->doc->allocator, &walk, r->error);
    while (status == NPK_OK && (status = npk_walk_next(walk, &holder, r->error)) == NPK_OK && holder != NULL) {
        bool set = holder->kind == NPK_KIND_SET || holder->kind == NPK_KIND_FROZENSET;
        bool keys = npki_has_hashed_keys(holder);
        for (size_t i = 0; status == NPK_OK && (set || keys) && i < npki_count_of(holder);
             i += set ? 1 : 2)
            if ((npki_item_of(holder, i)->flags & NPKI_UNHASHABLE) != 0)
                status =
                    npki_fail(r->error, NPK_ERR_TYPE, "the value would make a key, or an item of a set, unhashable: %s",
                              npk_kind_name(npk_value_kind(npki_item_of(holder, i))));
    }
    npk_walk_free(walk);
    return status;
}

/* What was dropped before the old root is handed on to the new one later. */
static npk_status check_keys(const replacement *r, bool was_root)
{
    npk_status status = check_keys_in(r, r->doc->root);
    for (size_t i = 0; status == NPK_OK && was_root && i < npki_event_count(r->old); i++) {
        const npki_event event = npki_event_of(r->old, i);
        if (event.kind == NPKI_EVENT_BEFORE)
            status = check_keys_in(r, *npki_dropped_at(r->old, (size_t)event.first));
    }
    return status;
}

/* Whether Python must have a child before it has the holder. */
static bool comes_first(const npk_value *holder, size_t child)
{
    if (holder->kind == NPK_KIND_TUPLE || holder->kind == NPK_KIND_FROZENSET || holder->kind == NPK_KIND_PERSID ||
        holder->kind == NPK_KIND_MALFORMED)
        return true;
    if (holder->kind != NPK_KIND_OBJECT || holder->u.object->array != NULL || holder->u.object->dtype != NULL)
        return false;
    const npki_object *object = holder->u.object;
    const npk_value *value = npki_child(holder, child);
    return value != NULL && (value == object->callable || value == object->args || value == object->kwargs);
}

/* A tuple in itself, with no list or dict between: nothing can make it. */
static npk_status check_cycle(replacement *r)
{
    npki_dynbuf met;
    npki_map seen;
    npk_status status = NPK_OK;
    npki_dynbuf_init(&met, &r->doc->allocator, SIZE_MAX / 2);
    npki_map_init(&seen, &r->doc->allocator);
    status = add(r, &met, r->value);
    for (size_t at = 0; status == NPK_OK && at < count_of(&met); at++) {
        const npk_value *holder = item_of(&met, at);
        for (size_t i = 0; status == NPK_OK && i < npki_children(holder); i++) {
            npk_value **place = comes_first(holder, i) ? npki_place_of(item_of(&met, at), i) : NULL;
            bool fresh = false;
            if (place == NULL || *place == NULL || npki_children(*place) == 0)
                continue;
            if (*place == r->value)
                status = npki_fail(r->error, NPK_ERR_USAGE,
                                   "the value would hold itself without a list, dict or state between");
            else if (npki_map_put(&seen, (uint64_t)(uintptr_t)*place, &fresh) == NULL)
                status = npki_no_memory(r->error);
            else if (fresh)
                status = add(r, &met, *place);
        }
    }
    npki_dynbuf_free(&met);
    npki_map_free(&seen);
    return status;
}

/* What depends on the places. */
static void settle(const replacement *r)
{
    for (size_t i = 0; i < count_of(&r->keys); i++)
        npki_dict_changed(item_of(&r->keys, i));
    for (size_t i = 0; i < count_of(&r->calls); i++) {
        npki_object *call = item_of(&r->calls, i);
        call->meaning = npki_meaning_of(call->construction, call->callable, call->args);
    }
    if (((r->old->flags ^ r->value->flags) & NPKI_UNHASHABLE) != 0)
        hash_tuples(r);
}

static npk_status put_everywhere(replacement *r)
{
    npk_status status = NPK_OK;
    for (size_t i = 0; status == NPK_OK && i < count_of(&r->places); i++)
        status = add(r, &r->before, *(npk_value **)item_of(&r->places, i));
    for (size_t i = 0; status == NPK_OK && i < count_of(&r->places); i++)
        *(npk_value **)item_of(&r->places, i) = r->value;
    if (status == NPK_OK)
        settle(r);
    return status;
}

/* A place that is known twice is put back twice. */
static void put_back(const replacement *r)
{
    for (size_t i = count_of(&r->places); i-- > 0;)
        *(npk_value **)item_of(&r->places, i) = item_of(&r->before, i);
    settle(r);
}

/* A value that stands elsewhere, or has no parts, is not made for the sake of being dropped: then nothing happens. */
static void take_back(const replacement *r)
{
    bool elsewhere = r->value == npki_self_of(r->doc->root) || (r->value->flags & NPKI_PLACED) != 0 ||
                     r->value->kind < NPK_KIND_TUPLE || count_of(&r->places) > count_of(&r->drops);
    for (size_t i = 0; i < count_of(&r->drops); i++) {
        npk_value *holder = item_of(&r->drops, i);
        for (size_t k = 0; k < npki_event_count(holder); k++) {
            const npki_event event = npki_event_of(holder, k);
            bool call = event.kind == NPKI_EVENT_CALL || event.kind == NPKI_EVENT_BEFORE;
            if (!call || *npki_dropped_at(holder, (size_t)event.first) != r->value)
                continue;
            if (elsewhere)
                npki_event_take_back(holder, k);
            elsewhere = true;
        }
        npki_events_tidy(holder);
    }
}

static npk_status replace(replacement *r)
{
    npk_status status = find_all(r, r->value, find_tuple);
    if (status == NPK_OK)
        status = find_all(r, r->doc->root, find_places);
    if (status == NPK_OK)
        status = know_places(r);
    if (status == NPK_OK)
        status = find_in_twins(r);
    bool was_root = r->doc->root == r->old;
    if (status == NPK_OK && was_root)
        status = add(r, &r->places, &r->doc->root);
    if (status == NPK_OK && count_of(&r->places) == 0)
        return npki_fail(r->error, NPK_ERR_NOT_FOUND, "nothing refers to the value");
    if (status == NPK_OK)
        status = know_places(r);
    if (status == NPK_OK)
        status = find_all(r, r->doc->root, check_state);
    if (status == NPK_OK && r->formed)
        status = npki_edit_fits(r->doc, NULL, r->old, r->value, r->error);
    if (status != NPK_OK || r->old == r->value)
        return status;
    status = put_everywhere(r);
    if (status != NPK_OK)
        return status;
    if ((r->value->flags & NPKI_UNHASHABLE) != 0)
        status = check_keys(r, was_root);
    if (status == NPK_OK)
        status = check_cycle(r);
    if (status == NPK_OK)
        status = npki_recount_depth(r->doc->root, &r->doc->allocator, &r->doc->limits, NULL, r->error);
    if (status == NPK_OK)
        status = npki_edit_close_cycle(r->doc, r->value, r->value, r->error);
    if (status == NPK_OK)
        status = find_all(r, r->doc->root, check_meaning);
    if (status == NPK_OK)
        status = find_all(r, r->doc->root, name_class);
    if (status == NPK_OK && was_root)
        status = npki_edit_new_root(r->doc, r->old, r->error);
    if (status != NPK_OK) {
        put_back(r);
        return status;
    }
    name_classes(r);
    take_back(r);
    for (size_t i = 0; i < count_of(&r->places); i++)
        npki_edit_placed(r->doc, r->value);
    npki_edit_removed(r->doc, r->old);
    if (npki_is_added(r->old))
        r->value->flags |= NPKI_IS_ADDED;
    for (size_t i = 0; i < count_of(&r->sets); i++)
        npki_forget_call(item_of(&r->sets, i));
    return NPK_OK;
}

npk_status npk_edit_replace(npk_doc *doc, const npk_value *old, const npk_value *value, npk_error *error)
{
    replacement r = {.doc = doc, .error = error};
    npk_status status = npki_edit_take(doc, value, &r.value, error);
    if (status == NPK_OK)
        status = npki_edit_own(doc, old, &r.old, error);
    if (status == NPK_OK && (old->flags & NPKI_IS_SHARED_ATOM) != 0)
        return npki_fail(error, NPK_ERR_USAGE, "%s is the same value wherever it stands: set it by its place",
                         npk_kind_name(npk_value_kind(old)));
    if (status != NPK_OK)
        return status;
    npki_dynbuf_init(&r.places, &doc->allocator, SIZE_MAX / 2);
    npki_dynbuf_init(&r.before, &doc->allocator, SIZE_MAX / 2);
    npki_dynbuf_init(&r.tuples, &doc->allocator, SIZE_MAX / 2);
    npki_dynbuf_init(&r.sets, &doc->allocator, SIZE_MAX / 2);
    npki_dynbuf_init(&r.keys, &doc->allocator, SIZE_MAX / 2);
    npki_dynbuf_init(&r.calls, &doc->allocator, SIZE_MAX / 2);
    npki_dynbuf_init(&r.drops, &doc->allocator, SIZE_MAX / 2);
    npki_dynbuf_init(&r.names, &doc->allocator, SIZE_MAX / 2);
    npki_map_init(&r.known, &doc->allocator);
    status = replace(&r);
    npki_dynbuf_free(&r.places);
    npki_dynbuf_free(&r.before);
    npki_dynbuf_free(&r.tuples);
    npki_dynbuf_free(&r.sets);
    npki_dynbuf_free(&r.keys);
    npki_dynbuf_free(&r.calls);
    npki_dynbuf_free(&r.drops);
    npki_dynbuf_free(&r.names);
    npki_map_free(&r.known);
    return status;
}
