/* The mask of a masked array, for a file of its own. */
#ifndef NPICKLE_TOOL_MASK_H
#define NPICKLE_TOOL_MASK_H

#include <npickle.h>

/* As NumPy has it, a struct of bools for a struct: it has the shape of its data. `dtype` is its own. */
typedef struct tool_mask {
    npk_array array;
    const npk_dtype *dtype;
} tool_mask;

/* NPK_ERR_TYPE, and *out left alone: it is no masked array. After NPK_OK tool_free_mask. */
npk_status tool_take_mask(const npk_value *value, tool_mask *out, npk_error *error);
void tool_free_mask(tool_mask *mask);

/* Whether the paths name one file, whether it is there or not: what is written to one would be lost. */
bool tool_is_one_file(const char *a, const char *b);

#endif
