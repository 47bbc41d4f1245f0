/* Cycles that an edit closes. Python has them through lists, dicts, states and items; but not through what something
 * was made of: a set's list has to be complete before there is the set. And whatever is on a cycle is met again while
 * it is written, so it needs a number in the memo. */
#include "edit/edit.h"

#include "base/dynbuf.h"
#include "base/error.h"
#include "base/map.h"
#include "value/step.h"

#include <string.h>

/* Tarjan's: all that the value holds, in the order in which it is met. */
typedef struct node {
    npk_value *value;
    size_t next;     /* the part to look at next */
    uint64_t number; /* 1: the value that was placed */
    uint64_t lowest; /* number of what it leads back to */
} node;

typedef struct search {
    npk_doc *doc;
    const npk_value *holder; /* it holds the value that was placed, and is not looked into */
    npki_dynbuf way;         /* of node: from that value to the one at hand */
    npki_dynbuf open;        /* of npk_value *: those met whose cycles are not all known */
    npki_map numbers;        /* of values met; DONE: on no cycle with one that is open */
    npk_error *error;
} search;

#define DONE UINT64_MAX
#define MADE_OF 3 /* what npki_children leaves out of values that npickle knows: callable, arguments, state */

/* The call is written again where it is no set's: edits make a set's anew, where it is on a cycle. */
static const npki_object *call_of(const npk_value *value)
{
    if (value->kind == NPK_KIND_OBJECT)
        return value->u.object;
    return value->kind == NPK_KIND_SET || value->kind == NPK_KIND_FROZENSET ? NULL : npki_call_of(value);
}

static size_t count_parts(const npk_value *value)
{
    return npki_children(value) + (call_of(value) != NULL ? MADE_OF : 0);
}

static npk_value *part_of(const npk_value *value, size_t index)
{
    size_t children = npki_children(value);
    if (index < children)
        return (npk_value *)(uintptr_t)npki_child(value, index);
    const npki_object *call = call_of(value);
    npk_value *const made_of[MADE_OF] = {call->callable, call->args, call->state};
    return made_of[index - children];
}

static node *top_of(const search *s)
{
    return (node *)(void *)(s->way.bytes + s->way.size) - 1;
}

static npk_status enter(search *s, npk_value *value)
{
    bool added;
    const node met = {value, 0, s->numbers.count + 1, s->numbers.count + 1};
    uint64_t *number = npki_map_put(&s->numbers, (uint64_t)(uintptr_t)value, &added);
    if (number == NULL || !npki_dynbuf_add(&s->way, &met, sizeof met) ||
        !npki_dynbuf_add(&s->open, &value, sizeof value))
        return npki_no_memory(s->error);
    *number = met.number;
    return NPK_OK;
}

/* All parts of the value at hand were looked at: unless it leads back, it and what was met after it are on no cycle
 * with what was met before. */
static void leave(search *s)
{
    node left = *top_of(s);
    s->way.size -= sizeof left;
    if (s->way.size > 0 && left.lowest < top_of(s)->lowest)
        top_of(s)->lowest = left.lowest;
    while (left.lowest == left.number && left.number > 1) {
        npk_value *value;
        s->open.size -= sizeof value;
        memcpy(&value, s->open.bytes + s->open.size, sizeof value);
        *npki_map_get(&s->numbers, (uint64_t)(uintptr_t)value) = DONE;
        if (value == left.value)
            break;
    }
}

static npk_status step(search *s)
{
    node *top = top_of(s);
    bool is_holder = top->value == s->holder && top->number > 1;
    if (is_holder)
        top->lowest = 1;
    if (is_holder || top->next == count_parts(top->value)) {
        leave(s);
        return NPK_OK;
    }
    npk_value *part = part_of(top->value, top->next++);
    if (part == NULL || (part->flags & NPKI_IS_SHARED_ATOM) != 0 || (count_parts(part) == 0 && part != s->holder))
        return NPK_OK;
    const uint64_t *number = npki_map_get(&s->numbers, (uint64_t)(uintptr_t)part);
    if (number == NULL)
        return enter(s, part);
    if (*number < top->lowest)
        top->lowest = *number;
    return NPK_OK;
}

/* An array, a dtype or a set was made of the container, which has to be complete before; the list of an array's items
 * is part of the array, if it stands nowhere else. */
static bool comes_first(const npk_value *value)
{
    if (value->kind != NPK_KIND_LIST && value->kind != NPK_KIND_DICT && value->kind != NPK_KIND_SET)
        return false;
    bool alone = (value->history & NPKI_IS_SIZED) != 0 && (value->flags & NPKI_IS_SHARED) == 0;
    return (value->flags & NPKI_IS_FROZEN) != 0 || ((value->history & NPKI_IS_SIZED) != 0 && !alone);
}

/* Whether all that was met is known, and this is on the cycle. */
static bool is_on_cycle(const search *s, const npk_value *value)
{
    const uint64_t *number = npki_map_get(&s->numbers, (uint64_t)(uintptr_t)value);
    return number != NULL && *number != DONE;
}

/* What the call of a value takes of its arguments, and that leads back to the value; NULL: nothing. */
static const npk_value *taken_on_cycle(const search *s, const npk_value *value)
{
    const npki_object *call = call_of(value);
    if (call == NULL)
        return NULL;
    npki_taken at = {.args = call->args, .reads = npki_rules[call->meaning].reads};
    for (const npk_value *item; (item = npki_take_next(&at)) != NULL;) {
        if (is_on_cycle(s, item) && npki_can_grow(item))
            return item;
        if (at.item == 0 && !is_on_cycle(s, item))
            at.end = 0;
    }
    return NULL;
}

static void share(npk_value *value)
{
    if (value != NULL && (value->flags & NPKI_IS_SHARED_ATOM) == 0)
        value->flags |= NPKI_IS_SHARED;
}

/* A value on a cycle; and what is written twice if it is met again before it is made: tuples, sets, the parts of a
 * call. */
static void share_on_cycle(npk_value *value)
{
    bool twice = value->kind != NPK_KIND_LIST && value->kind != NPK_KIND_DICT;
    share(value);
    for (size_t i = 0; twice && i < count_parts(value); i++)
        share(part_of(value, i));
    /* the call that made it has a list that it made */
    if (value->kind == NPK_KIND_SET || value->kind == NPK_KIND_FROZENSET)
        value->history &= (uint8_t)~NPKI_WAS_CALLED;
}

/* What is open at the end is on a cycle with the value, which a pickle made if the holder is not on it. */
static npk_status settle(search *s)
{
    size_t count = s->open.size / sizeof(npk_value *);
    npk_value *const *values = (npk_value *const *)(void *)s->open.bytes;
    const bool closes = is_on_cycle(s, s->holder);
    for (size_t i = 0; closes && count > 1 && i < count; i++) {
        const npk_value *first = comes_first(values[i]) ? values[i] : taken_on_cycle(s, values[i]);
        if (first != NULL)
            return npki_fail(s->error, NPK_ERR_UNSUPPORTED,
                             "something was made of %s %s that would hold it: nothing can be made so",
                             first->kind == NPK_KIND_OBJECT ? "an" : "a", npk_kind_name(npk_value_kind(first)));
    }
    for (size_t i = 0; count > 1 && i < count; i++)
        share_on_cycle(values[i]);
    return NPK_OK;
}

npk_status npki_edit_close_cycle(npk_doc *doc, const npk_value *holder, npk_value *value, npk_error *error)
{
    search s = {.doc = doc, .holder = holder, .error = error};
    if ((value->flags & NPKI_IS_SHARED_ATOM) != 0 || count_parts(value) == 0)
        return NPK_OK;
    npki_dynbuf_init(&s.way, &doc->allocator, SIZE_MAX / 2);
    npki_dynbuf_init(&s.open, &doc->allocator, SIZE_MAX / 2);
    npki_map_init(&s.numbers, &doc->allocator);
    npk_status status = enter(&s, value);
    while (status == NPK_OK && s.way.size > 0)
        status = step(&s);
    if (status == NPK_OK)
        status = settle(&s);
    npki_dynbuf_free(&s.way);
    npki_dynbuf_free(&s.open);
    npki_map_free(&s.numbers);
    return status;
}
