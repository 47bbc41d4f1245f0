/* The children of a value, and the step of a path that leads to each. */
#ifndef NPKI_VALUE_STEP_H
#define NPKI_VALUE_STEP_H

#include "text/sink.h"
#include "value/value.h"

/* Children by index; some may be NULL. Of an array they are its items, if those are Python objects, and a fill
 * value: never the tuples and bytes that it is pickled as. */
size_t npki_children(const npk_value *value);
const npk_value *npki_child(const npk_value *value, size_t index);

/* Where that child lies, or NULL where it lies in what an array is made of. */
npk_value **npki_place_of(npk_value *value, size_t index);

/* Parts of an object that a path leads through: a step out of one says all, and the part adds nothing. */
typedef enum npki_part {
    NPKI_PART_NONE,
    NPKI_PART_ITEMS, /* listitems, or dictitems without any: "[0]", "['w']" */
    NPKI_PART_KEYS,  /* dictitems beside listitems, which have the ints: "['w']", ".<values>[0]" */
    NPKI_PART_STATE, /* a dict: its entries are attributes, ".coef_" */
    NPKI_PART_STATES /* all further ones: ".<state 2>" */
} npki_part;

npki_part npki_part_at(const npk_value *value, size_t index);

/* Adds the step from `value` to its child: "[0]", "['w']", ".<args>". `from`: the part of an object that `value` is,
 * should the path lead through it. Nothing for such a part where the way goes on inside: `through` is true. What
 * Python has no way to reach stands in angle brackets, as no attribute can. What a long key leads to is given by its
 * place, ".<values>[0]": one key may stand in the paths of all that a pickle holds. False without memory. */
bool npki_step(const npk_value *value, size_t index, bool through, npki_part from, npki_sink *out);

#define NPKI_LONGEST_KEY ((size_t)200) /* bytes of its text */

/* The step with the long key written out, where there is one. False without memory. */
bool npki_has_full_step(const npk_value *value, size_t index);
bool npki_full_step(const npk_value *value, size_t index, npki_part from, npki_sink *out);

#endif
