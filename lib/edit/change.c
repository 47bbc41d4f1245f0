/* Changes by place: items of lists and dicts, states and attributes of objects, the root. */
#include "edit/edit.h"
#include "value/event.h"

#include "base/error.h"
#include "value/lookup.h"
#include "value/step.h"
#include "value/walk.h"

#include <inttypes.h>
#include <string.h>

/* --- items --- */

/* What happens at one place of a container: `removed` items go, `count` come. */
typedef struct change {
    npk_doc *doc;
    npk_value *container;
    size_t index, removed;
    npk_value *const *items;
    size_t count;
    npki_dynbuf twins; /* those that the same happens to */
} change;

/* Room for `count` more items, taken before anything changes. */
static npk_status make_room(npk_doc *doc, npk_value *container, npk_value *const *items, size_t count, npk_error *error)
{
    if (!npki_container_add(&doc->arena, container, items, count))
        return npki_arena_failed(&doc->arena, error);
    container->u.items->count -= count;
    return NPK_OK;
}

/* In one container, which has the room. */
static void happen(const change *c, npk_value *container)
{
    npki_items *items = container->u.items;
    npk_value **at = items->at + c->index;
    memmove(at + c->count, at + c->removed, ((size_t)items->count - c->index - c->removed) * sizeof *at);
    for (size_t i = 0; i < c->count; i++)
        at[i] = c->items[i];
    items->count += c->count;
    items->count -= c->removed;
}

/* The object to which the items were added, or NULL. */
static npk_status find_owner(npk_doc *doc, const npk_value *items, npk_value **out, npk_error *error)
{
    npk_walk *walk = NULL;
    const npk_value *value;
    npk_status status = npk_walk_start(doc->root, &doc->allocator, &walk, error);
    *out = NULL;
    while (status == NPK_OK && *out == NULL && (status = npk_walk_next(walk, &value, error)) == NPK_OK && value != NULL)
        if (value->kind == NPK_KIND_OBJECT &&
            (value->u.object->listitems == items || value->u.object->dictitems == items))
            status = npki_edit_own(doc, value, out, error);
    npk_walk_free(walk);
    return status;
}

/* What was called while the container had some of its items sees as many of those that it still has, and what has come
 * among them. */
static void move_events(const change *c, npk_value *container)
{
    npki_events_moved(container, container, c->index, c->removed, c->count);
}

/* The twin is as deep as what it is one of. */
static void happen_to_twins(const change *c)
{
    for (size_t i = 0; i < npki_twin_count(&c->twins); i++) {
        npk_value *twin = npki_twin_at(&c->twins, i).dropped;
        happen(c, twin);
        move_events(c, twin);
        twin->depth = c->container->depth;
        npki_dict_changed(twin);
        for (size_t k = 0; k < c->count; k++)
            npki_edit_placed(c->doc, c->items[k]);
    }
}

static npk_status check_new(const change *c, npk_error *error)
{
    npk_status status = NPK_OK;
    for (size_t i = 0; status == NPK_OK && i < c->count; i++)
        status = npki_edit_deepen(c->doc, c->container, c->items[i], error);
    for (size_t i = 0; status == NPK_OK && i < c->count; i++)
        status = npki_edit_close_cycle(c->doc, c->container, c->items[i], error);
    return status;
}

/* At most two items are removed. */
static npk_status apply(change *c, npk_error *error)
{
    npk_value *old[2] = {NULL, NULL};
    npk_value *owner = NULL;
    npk_status status = npki_edit_twins(c->doc, c->container, &c->twins, error);
    const size_t more = c->count > c->removed ? c->count - c->removed : 0;
    if (status == NPK_OK && c->doc->drops && c->count != c->removed)
        status = find_owner(c->doc, c->container, &owner, error);
    if (status == NPK_OK && more > 0)
        status = make_room(c->doc, c->container, c->items, more, error);
    for (size_t i = 0; status == NPK_OK && more > 0 && i < npki_twin_count(&c->twins); i++)
        status = make_room(c->doc, npki_twin_at(&c->twins, i).dropped, c->items, more, error);
    if (status == NPK_OK) {
        for (size_t i = 0; i < c->removed; i++)
            old[i] = npki_item_of(c->container, c->index + i);
        happen(c, c->container);
        status = check_new(c, error);
        const change back = {.index = c->index, .removed = c->count, .items = old, .count = c->removed};
        if (status != NPK_OK)
            happen(&back, c->container);
    }
    for (size_t i = 0; status == NPK_OK && i < c->count; i++)
        npki_edit_placed(c->doc, c->items[i]);
    for (size_t i = 0; status == NPK_OK && i < c->removed; i++)
        npki_edit_removed(c->doc, old[i]);
    if (status == NPK_OK) {
        move_events(c, c->container);
        happen_to_twins(c);
    }
    if (status == NPK_OK && owner != NULL)
        npki_events_moved(owner, c->container, c->index, c->removed, c->count);
    npki_dynbuf_free(&c->twins);
    return status;
}

/* An item that is there becomes another. */
static npk_status set_item(npk_doc *doc, npk_value *container, size_t index, npk_value *value, npk_error *error)
{
    change c = {.doc = doc, .container = container, .index = index, .removed = 1, .items = &value, .count = 1};
    return apply(&c, error);
}

/* New items, a pair in a dict, at `index`. */
static npk_status insert(npk_doc *doc, npk_value *container, size_t index, npk_value *const *items, size_t count,
                         npk_error *error)
{
    change c = {.doc = doc, .container = container, .index = index, .items = items, .count = count};
    return apply(&c, error);
}

static npk_status take_out(npk_doc *doc, npk_value *container, size_t index, size_t count, npk_error *error)
{
    change c = {.doc = doc, .container = container, .index = index, .removed = count, .items = NULL};
    return apply(&c, error);
}

/* --- lists --- */

static npk_status check_index(const npk_value *list, size_t index, size_t end, npk_error *error)
{
    if (index < end)
        return NPK_OK;
    return npki_fail(error, NPK_ERR_NOT_FOUND, "item %zu of a list of %zu", index, npki_count_of(list));
}

npk_status npk_edit_list_set(npk_doc *doc, const npk_value *list, size_t index, const npk_value *value,
                             npk_error *error)
{
    npk_value *to, *what;
    npk_status status = npki_edit_take(doc, value, &what, error);
    if (status == NPK_OK)
        status = npki_edit_own(doc, list, &to, error);
    bool of_array = status == NPK_OK && (list->history & NPKI_IS_SIZED) != 0;
    if (status == NPK_OK && !of_array)
        status = npki_edit_open(doc, list, NPK_KIND_LIST, &to, error);
    if (status == NPK_OK)
        status = check_index(list, index, npki_count_of(list), error);
    if (status == NPK_OK && of_array && !npki_edit_may_set(list, npki_item_of(list, index), what))
        return npki_fail(error, NPK_ERR_UNSUPPORTED, "the items of this array cannot be changed, or not into %s",
                         npk_kind_name(npk_value_kind(what)));
    if (status == NPK_OK && of_array && (list->history & NPKI_IS_FORMED) != 0)
        status = npki_edit_fits(doc, list, NULL, what, error);
    return status != NPK_OK ? status : set_item(doc, to, index, what, error);
}

npk_status npk_edit_list_insert(npk_doc *doc, const npk_value *list, size_t index, const npk_value *value,
                                npk_error *error)
{
    npk_value *to, *what;
    npk_status status = npki_edit_take(doc, value, &what, error);
    if (status == NPK_OK)
        status = npki_edit_open(doc, list, NPK_KIND_LIST, &to, error);
    if (status == NPK_OK)
        status = check_index(list, index, npki_count_of(list) + 1, error);
    return status != NPK_OK ? status : insert(doc, to, index, &what, 1, error);
}

npk_status npk_edit_list_append(npk_doc *doc, const npk_value *list, const npk_value *value, npk_error *error)
{
    return npk_edit_list_insert(doc, list, npk_value_size(list), value, error);
}

npk_status npk_edit_list_remove(npk_doc *doc, const npk_value *list, size_t index, npk_error *error)
{
    npk_value *from;
    npk_status status = npki_edit_open(doc, list, NPK_KIND_LIST, &from, error);
    if (status == NPK_OK)
        status = check_index(list, index, npki_count_of(list), error);
    return status == NPK_OK ? take_out(doc, from, index, 1, error) : status;
}

/* --- dicts --- */

static bool is_text(const npk_value *value)
{
    return value->kind == NPK_KIND_STR || value->kind == NPK_KIND_PYTHON2_STR;
}

static npk_status set_pair(npk_doc *doc, npk_value *dict, size_t found, npk_value *key, npk_value *value,
                           npk_error *error)
{
    npk_value *const pair[2] = {key, value};
    if ((key->flags & NPKI_UNHASHABLE) != 0 && npki_has_hashed_keys(dict))
        return npki_fail(error, NPK_ERR_TYPE, "%s is unhashable: it can't be a key",
                         npk_kind_name(npk_value_kind(key)));
    if (found != NPKI_NO_PAIR)
        return set_item(doc, dict, 2 * found + 1, value, error);
    npk_status status = insert(doc, dict, npki_count_of(dict), pair, 2, error);
    if (status == NPK_OK)
        npki_dict_grew(dict);
    return status;
}

/* A key of the kind that the other keys of the dict have. */
static npk_status text_key(npk_doc *doc, const npk_value *dict, const char *text, npk_value **out, npk_error *error)
{
    npk_kind kind = doc->info.python2 ? NPK_KIND_PYTHON2_STR : NPK_KIND_STR;
    for (size_t i = npk_value_size(dict); i-- > 0;)
        if (is_text(npki_item_of(dict, 2 * i))) {
            kind = npk_value_kind(npki_item_of(dict, 2 * i));
            break;
        }
    return npki_edit_text(doc, kind, text, out, error);
}

npk_status npk_edit_dict_set_value(npk_doc *doc, const npk_value *dict, const npk_value *key, const npk_value *value,
                                   npk_error *error)
{
    npk_value *to, *under, *what;
    npk_status status = npki_edit_take(doc, value, &what, error);
    if (status == NPK_OK)
        status = npki_edit_own(doc, key, &under, error);
    if (status == NPK_OK)
        status = npki_edit_open(doc, dict, NPK_KIND_DICT, &to, error);
    const size_t found = status == NPK_OK ? npki_dict_find(to, under) : NPKI_NO_PAIR;
    if (status == NPK_OK && found == NPKI_NO_PAIR) /* it is placed, too */
        status = npki_edit_take(doc, key, &under, error);
    return status != NPK_OK ? status : set_pair(doc, to, found, under, what, error);
}

npk_status npk_edit_dict_set(npk_doc *doc, const npk_value *dict, const char *key, const npk_value *value,
                             npk_error *error)
{
    npk_value *to, *under, *what;
    npk_status status = npki_edit_take(doc, value, &what, error);
    if (status == NPK_OK)
        status = npki_edit_open(doc, dict, NPK_KIND_DICT, &to, error);
    if (status == NPK_OK)
        status = text_key(doc, dict, key, &under, error);
    return status != NPK_OK ? status : set_pair(doc, to, npki_dict_find_text(to, key, strlen(key)), under, what, error);
}

/* Of one key: a value, or text of either Python. */
static npk_status remove_pairs(npk_doc *doc, const npk_value *dict, const npk_value *key, const char *text,
                               npk_error *error)
{
    npk_value *from;
    if (key == NULL && text == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a key, found NULL");
    npk_status status = npki_edit_open(doc, dict, NPK_KIND_DICT, &from, error);
    for (size_t count = 0; status == NPK_OK; count++) { /* a key may have been set twice */
        size_t found = key != NULL ? npki_dict_find(dict, key) : npki_dict_find_text(dict, text, strlen(text));
        if (found == NPKI_NO_PAIR && count == 0)
            return npki_fail(error, NPK_ERR_NOT_FOUND, "a dict of %zu keys has not this one", npk_value_size(dict));
        if (found == NPKI_NO_PAIR)
            break;
        status = take_out(doc, from, 2 * found, 2, error);
        npki_dict_changed(from);
    }
    return status;
}

npk_status npk_edit_dict_remove_value(npk_doc *doc, const npk_value *dict, const npk_value *key, npk_error *error)
{
    return remove_pairs(doc, dict, key, NULL, error);
}

npk_status npk_edit_dict_remove(npk_doc *doc, const npk_value *dict, const char *key, npk_error *error)
{
    return remove_pairs(doc, dict, NULL, key, error);
}

/* --- objects --- */

/* An object whose state means nothing to the library. */
static npk_status open_object(npk_doc *doc, const npk_value *value, npk_value **out, npk_error *error)
{
    npk_status status = npki_edit_open(doc, value, NPK_KIND_OBJECT, out, error);
    if (status == NPK_OK &&
        (npki_rules[value->u.object->meaning].call != NULL || npki_rules[value->u.object->meaning].build != NULL))
        return npki_fail(
            error, NPK_ERR_UNSUPPORTED,
            "expected an object of a class that npickle does not know, found an array, a scalar or a dtype");
    return status;
}

npk_status npk_edit_object_state(npk_doc *doc, const npk_value *value, const npk_value *state, npk_error *error)
{
    npk_value *object, *what;
    npk_status status = npki_edit_take(doc, state, &what, error);
    if (status == NPK_OK)
        status = open_object(doc, value, &object, error);
    if (status == NPK_OK)
        status = npki_edit_has_no_twin(doc, value, error);
    if (status != NPK_OK)
        return status;
    if (npki_is_left_by_state(object->u.object))
        return npki_fail(error, NPK_ERR_UNSUPPORTED, "the state is a part of a call that npickle knows");
    if (object->u.object->array != NULL && !object->u.object->array->in_arguments)
        return npki_fail(error, NPK_ERR_UNSUPPORTED, "the state holds an array: what is beside that may change");
    const npki_object old = *object->u.object;
    size_t items;
    if (old.state == NULL && npki_late_events(object, &items) > 0)
        return npki_fail(error, NPK_ERR_UNSUPPORTED,
                         "the object gets more where it is made no more, which would come after its first state");
    object->u.object->state = what;
    object->u.object->later = NULL;
    status = npki_edit_deepen(doc, object, what, error);
    if (status == NPK_OK)
        status = npki_edit_close_cycle(doc, object, what, error);
    if (status == NPK_OK && !npki_event_new_state(&doc->arena, object))
        status = npki_arena_failed(&doc->arena, error);
    if (status != NPK_OK) {
        *object->u.object = old;
        return status;
    }
    npki_edit_placed(doc, what);
    npki_edit_removed(doc, old.state);
    npki_edit_removed(doc, old.later);
    return NPK_OK;
}

/* The dict that an attribute is in, or goes to: the state, or one of (dict, dict of slots); NULL where there is
 * none. */
static npk_value *attributes_of(const npk_value *state, const char *name)
{
    npk_value *dicts[2] = {NULL, NULL};
    for (size_t i = 0; i < 2 && npki_is_tuple_of(state, 2); i++)
        dicts[i] = npki_item_of(state, i)->kind == NPK_KIND_DICT ? npki_item_of(state, i) : NULL;
    if (dicts[1] != NULL && (dicts[0] == NULL || npki_dict_find_text(dicts[1], name, strlen(name)) != NPKI_NO_PAIR))
        return dicts[1];
    return dicts[0];
}

/* Whether an object may have been given its state of this number before the dict in it had an attribute, or would have
 * a new one. Where nobody can tell when it was given, that was not before the object was made. */
static bool is_after_state(const npk_value *object, size_t number, const npk_value *dict, const char *name)
{
    const size_t pair = npki_dict_find_text(dict, name, strlen(name));
    uint64_t given = object->u.object->offset;
    bool after = false;
    for (size_t i = 0; i < npki_event_count(object); i++) {
        const npki_event event = npki_event_of(object, i);
        if (event.kind == NPKI_EVENT_STATE && event.first == number && event.offset != 0)
            given = event.offset;
    }
    for (size_t i = 0; npki_events_of(dict) != NULL && !after && i < npki_event_count(dict); i++) {
        const npki_event event = npki_event_of(dict, i);
        after = event.kind == NPKI_EVENT_KEYS && event.offset > given && pair >= event.first;
    }
    return after;
}

/* The place in a dict of one state where an attribute is: NULL where it has none of this name. */
static npk_value **attribute_at(const npk_value *dict, const char *name)
{
    const size_t found = dict != NULL ? npki_dict_find_text(dict, name, strlen(name)) : NPKI_NO_PAIR;
    return found == NPKI_NO_PAIR ? NULL : &dict->u.items->at[2 * found + 1];
}

/* The dict of a state that is to have an attribute: of the first in any case, of others if it has it. */
static npk_value *dict_of_state(const npk_value *object, size_t number, const char *name)
{
    npk_value *state = npki_state_of(object->u.object, number);
    npk_value *dict = state->kind == NPK_KIND_DICT ? state : attributes_of(state, name);
    return number == 0 || attribute_at(dict, name) != NULL ? dict : NULL;
}

/* What was at a place that an edit has changed. */
typedef struct place {
    npk_value **at, *was;
} place;

/* In a state that was given after the first: the place, with the value that was there, goes to `old`. */
static npk_status set_in_later(npk_doc *doc, npk_value *dict, const char *name, const npk_value *to, npki_dynbuf *old,
                               npk_error *error)
{
    npk_value **at = attribute_at(dict, name);
    const place one = {at, *at};
    npk_status status = npki_edit_has_no_twin(doc, dict, error);
    if (status == NPK_OK && !npki_dynbuf_add(old, &one, sizeof one))
        status = npki_no_memory(error);
    return status == NPK_OK ? npk_edit_dict_set(doc, dict, name, to, error) : status;
}

static void put_back(const npki_dynbuf *old)
{
    const place *places = (const place *)(const void *)old->bytes;
    for (size_t i = old->size / sizeof *places; i > 0; i--)
        *places[i - 1].at = places[i - 1].was;
}

/* In the first state, where a path finds it, and in those given later that have it too: the last of them counts. */
static npk_status set_in_states(npk_doc *doc, const npk_value *object, const char *name, const npk_value *to,
                                npk_error *error)
{
    const size_t count = npki_state_count(object->u.object);
    npk_value *dict = dict_of_state(object, 0, name);
    npki_dynbuf old;
    if (dict == NULL)
        return npki_fail(error, NPK_ERR_UNSUPPORTED, "expected a dict of attributes as the object's state, found %s",
                         npk_kind_name(npk_value_kind(object->u.object->state)));
    for (size_t i = 0; i < count; i++) {
        const npk_value *of_state = dict_of_state(object, i, name);
        if (of_state != NULL && is_after_state(object, i, of_state, name))
            return npki_fail(error, NPK_ERR_UNSUPPORTED,
                             "the object was given its dict of attributes before this was in it, or would be");
    }
    npki_dynbuf_init(&old, &doc->allocator, SIZE_MAX / 2);
    npk_status status = NPK_OK;
    for (size_t i = 1; status == NPK_OK && i < count; i++) {
        npk_value *later = dict_of_state(object, i, name);
        if (later != NULL && later != dict)
            status = set_in_later(doc, later, name, to, &old, error);
    }
    if (status == NPK_OK)
        status = npk_edit_dict_set(doc, dict, name, to, error);
    if (status != NPK_OK)
        put_back(&old);
    npki_dynbuf_free(&old);
    return status;
}

/* The dict of attributes that a class keeps beside an array's state; NULL where there is none. */
static const npk_value *attributes_beside(const npk_value *value)
{
    const npki_array_state *array = value->kind == NPK_KIND_OBJECT ? value->u.object->array : NULL;
    if (array == NULL || array->holders == NULL)
        return NULL;
    const npki_trail at = {.part = NPKI_PART_HOLDER, .owner = value};
    for (size_t i = 0; i < array->holder_count; i++)
        for (size_t k = 0; k < npki_count_of(array->holders[i]); k++)
            if (npki_trail_to(at, array->holders[i], k).part == NPKI_PART_ATTRIBUTES)
                return npki_item_of(array->holders[i], k);
    return NULL;
}

npk_status npk_edit_attribute(npk_doc *doc, const npk_value *value, const char *name, const npk_value *to,
                              npk_error *error)
{
    npk_value *object;
    if (name == NULL || to == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected the name of an attribute and a value, found NULL");
    const npk_value *beside = value != NULL ? attributes_beside(value) : NULL;
    if (beside != NULL)
        return npk_edit_dict_set(doc, beside, name, to, error);
    npk_status status = open_object(doc, value, &object, error);
    if (status != NPK_OK)
        return status;
    if (object->u.object->state != NULL)
        return set_in_states(doc, object, name, to, error);
    npk_value *dict = npki_value_new(&doc->arena, NPK_KIND_DICT);
    if (dict == NULL)
        return npki_arena_failed(&doc->arena, error);
    dict->flags = NPKI_UNHASHABLE;
    dict->history = NPKI_WAS_WRITTEN | NPKI_WAS_PUT;
    dict->depth = 1;
    status = npk_edit_dict_set(doc, dict, name, to, error);
    return status != NPK_OK ? status : npk_edit_object_state(doc, value, dict, error);
}

/* --- the root --- */

npk_status npk_edit_root(npk_doc *doc, const npk_value *value, npk_error *error)
{
    npk_value *root;
    npk_status status = npki_edit_take(doc, value, &root, error);
    if (status != NPK_OK)
        return status;
    npk_value *old = doc->root;
    if ((root->flags & NPKI_PLACED) != 0)
        root->flags |= NPKI_IS_SHARED;
    doc->root = root;
    status = npki_recount_depth(root, &doc->allocator, &doc->limits, NULL, error);
    if (status == NPK_OK)
        status = npki_edit_new_root(doc, old, error);
    if (status != NPK_OK) {
        doc->root = old;
        return status;
    }
    npki_edit_removed(doc, old);
    return NPK_OK;
}
