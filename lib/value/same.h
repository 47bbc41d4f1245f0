/* Whether two calls are one, of an object that holds itself through its arguments: made inside them, and once more. */
#ifndef NPKI_VALUE_SAME_H
#define NPKI_VALUE_SAME_H

#include <stdbool.h>
#include <stdint.h>

struct npki_object;

/* All that are asked for together may cost `most`, of which *spent is used up: then they count as two, which they are
 * as well. */
bool npki_is_same_call(const struct npki_object *left, const struct npki_object *right, uint64_t *spent, uint64_t most);

#endif
