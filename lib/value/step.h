/* The children of a value, and the step of a path that leads to each. */
#ifndef NPKI_VALUE_STEP_H
#define NPKI_VALUE_STEP_H

#include "text/sink.h"
#include "value/event.h"
#include "value/value.h"

#include <stddef.h>

/* The parts of an object, in the order in which a pickle has them: its children, if npickle does not know its class.
 * Those before NPKI_SLOTS_MAKING say how it is made. */
typedef enum npki_slot {
    NPKI_SLOT_CALLABLE,
    NPKI_SLOT_ARGS,
    NPKI_SLOT_KWARGS,
    NPKI_SLOT_LISTITEMS,
    NPKI_SLOTS_MAKING = NPKI_SLOT_LISTITEMS,
    NPKI_SLOT_DICTITEMS,
    NPKI_SLOT_STATE,
    NPKI_SLOT_LATER,
    NPKI_SLOTS
} npki_slot;

/* Children by index; some may be NULL. Of an array they are its items, if those are Python objects, and a fill
 * value: never the tuples and bytes that it is pickled as. */
const npk_value *npki_child_of(const npk_value *value, size_t index);

#define NPKI_SLOT_IS_AT(slot, part)                                                                                    \
    (offsetof(npki_object, part) == offsetof(npki_object, callable) + (slot) * sizeof(npk_value *))
_Static_assert(NPKI_SLOT_IS_AT(NPKI_SLOT_ARGS, args) && NPKI_SLOT_IS_AT(NPKI_SLOT_KWARGS, kwargs) &&
                   NPKI_SLOT_IS_AT(NPKI_SLOT_LISTITEMS, listitems) && NPKI_SLOT_IS_AT(NPKI_SLOT_DICTITEMS, dictitems) &&
                   NPKI_SLOT_IS_AT(NPKI_SLOT_STATE, state) && NPKI_SLOT_IS_AT(NPKI_SLOT_LATER, later),
               "the parts lie in the order of their slots");

/* The place of a part of an object. */
static inline npk_value **npki_place_of_slot(npki_object *object, npki_slot at)
{
    return (npk_value **)(void *)((uint8_t *)object + offsetof(npki_object, callable)) + at;
}

/* Inline for what most of them are: items, a persistent id, and the parts of an object that npickle does not know. */
static inline const npk_value *npki_child(const npk_value *value, size_t index)
{
    if (npki_is_container(value) && index < npki_count_of(value))
        return npki_item_of(value, index);
    if (value->kind == NPK_KIND_PERSID && index == 0)
        return value->u.id;
    if (value->kind == NPK_KIND_OBJECT && index < NPKI_SLOTS && value->u.object->array == NULL &&
        value->u.object->dtype == NULL) {
        const npk_value *part = *npki_place_of_slot(value->u.object, (npki_slot)index);
        if (part == NULL || index < NPKI_SLOTS_MAKING)
            return part;
    }
    return npki_child_of(value, index);
}

/* Which child of an object one of its parts is, that has all of them for children: of an array its items come first. */
size_t npki_child_at(const npk_value *object, npki_slot slot);

/* How many of them the value is made of; the others were made and dropped. */
size_t npki_own_children_of(const npk_value *value);
static inline size_t npki_own_children(const npk_value *value)
{
    if (npki_is_container(value))
        return npki_count_of(value);
    return value->kind == NPK_KIND_PERSID ? 1 : value->kind < NPK_KIND_OBJECT ? 0 : npki_own_children_of(value);
}

static inline size_t npki_children(const npk_value *value)
{
    return npki_own_children(value) + npki_dropped_count(value);
}

/* Where that child lies, or NULL where it lies in what an array is made of. */
npk_value **npki_place_of(npk_value *value, size_t index);

/* Parts of an object that a path leads through: a step out of one is a step from the object. */
typedef enum npki_part {
    NPKI_PART_NONE,
    NPKI_PART_ITEMS,      /* listitems, or dictitems without any: "[0]", "['w']" */
    NPKI_PART_KEYS,       /* dictitems beside listitems, which have the ints: "['w']", ".<values>[0]" */
    NPKI_PART_ATTRIBUTES, /* a dict: its entries are attributes, ".coef_" */
    NPKI_PART_SLOTS,      /* a pair: attributes or None, and those of __slots__ */
    NPKI_PART_BELOW,      /* the first of these two: Python finds what has a slot there */
    NPKI_PART_HOLDER,     /* what holds an array's state: a dict in it, or it if it is one, has attributes */
    NPKI_PART_STATES      /* all states but the first: ".<state 2>" */
} npki_part;

/* Where a value stands on a way: as a part of an object, the owner, or in its own right. All zero at the root. */
typedef struct npki_trail {
    npki_part part;
    const npk_value *owner;
} npki_trail;

/* Where a child stands. */
npki_trail npki_trail_by_part(npki_trail at, const npk_value *value, size_t index);
static inline npki_trail npki_trail_to(npki_trail at, const npk_value *value, size_t index)
{
    const bool by_part = value->kind == NPK_KIND_OBJECT || at.part != NPKI_PART_NONE;
    return by_part ? npki_trail_by_part(at, value, index) : (npki_trail){0};
}

/* Whether the child is one of the items of an array's state inside what holds it: the array is made of them, and has no
 * other children for them. But for one over which something was dropped: that is met there. */
bool npki_is_of_holder(npki_trail at, const npk_value *value, size_t index);
static inline bool npki_is_of_state(npki_trail at, const npk_value *value, size_t index)
{
    return at.part == NPKI_PART_HOLDER && npki_is_of_holder(at, value, index);
}

/* Adds the step from `value`, which stands at `at`, to its child: "[0]", "['w']", ".<args>". *base is where in `out`
 * the steps from the owner begin, kept by this function from step to step: a step out of a part takes the part's own
 * back. What Python has no way to reach stands in angle brackets, as no attribute can. What a long key leads to is
 * given by its place, ".<values>[0]": one key may stand in the paths of all that a pickle holds. False without
 * memory. */
bool npki_step(npki_trail at, const npk_value *value, size_t index, size_t *base, npki_sink *out);

#define NPKI_LONGEST_KEY ((size_t)200) /* bytes of its text */

/* The step with the long key written out, where there is one. False without memory. */
bool npki_has_full_step(const npk_value *value, size_t index);
bool npki_full_step(npki_trail at, const npk_value *value, size_t index, size_t *base, npki_sink *out);

#endif
