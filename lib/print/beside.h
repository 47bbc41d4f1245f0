/* Arrays of classes that have more in their state than NumPy's own: what is printed beside the elements. */
#ifndef NPKI_PRINT_BESIDE_H
#define NPKI_PRINT_BESIDE_H

#include <npickle/value.h>

/* Whether an array has something beside its elements. */
bool npki_has_beside(const npk_value *value);

/* Whether calls that were dropped stand beside a value, since it prints in a way that has no place for them. */
bool npki_has_calls_beside(const npk_value *value);

/* Whether its call says what it is, as that of an object: then that is printed too. Else its class does. */
bool npki_is_of_call(const npk_value *value);

/* How many items of a container are NumPy's state of an array that it is a part of, from *start on; 0 for any other. */
size_t npki_own_items(const npk_value *array, const npk_value *container, size_t *start);

#endif
