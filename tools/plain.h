/* Pickles of one array. */
#ifndef NPICKLE_TOOL_PLAIN_H
#define NPICKLE_TOOL_PLAIN_H

#include <npickle.h>

/* Whether the root of a document is an array without anything that npk_write_array would leave out, such as calls; then
 * *array is that array, which is the document's. */
bool tool_is_plain_array(const npk_value *value, npk_array *array);

#endif
