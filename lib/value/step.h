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

/* Adds the step from `value` to its child: "[0]", "['w']", ".args". Nothing for the state, listitems and dictitems
 * of an object where `through` is true: then the way goes on inside them, and a step from a state is an attribute,
 * ".coef_". False without memory. */
bool npki_step(const npk_value *value, size_t index, bool through, bool from_state, npki_sink *out);

/* Whether this child of an object is a part the way leads through, and whether it is the state. */
bool npki_is_through(const npk_value *value, size_t index);
bool npki_is_state(const npk_value *value, size_t index);

#endif
