/* Structs and subarrays: where their parts lie, and what may not be. */
#ifndef NPKI_DTYPE_STRUCT_H
#define NPKI_DTYPE_STRUCT_H

#include "dtype/dtype.h"

/* A void of no bytes: what structs and subarrays start from. Storage and allocator as NPKI_STORED_INSIDE has them. */
npk_dtype npki_dtype_void(void);

/* Gives *dtype, a void, these fields. Offsets and itemsize that are NPK_AUTO are worked out as NumPy does: each
 * field behind all before it, `aligned` as a C compiler has it. Does not look for overlaps: npki_struct_check does.
 * Errors: NPK_ERR_DTYPE. */
npk_status npki_struct_lay_out(npk_dtype *dtype, npk_field *fields, size_t count, int64_t itemsize, bool aligned,
                               npk_error *error);

/* Checks the fields of *dtype, a void with an itemsize: they lie inside the item, names and titles are each there once,
 * and nothing shares its bytes with a Python object. Fills is_struct, has_object and depth. Errors: NPK_ERR_DTYPE,
 * NPK_ERR_LIMIT, NPK_ERR_MEMORY. */
npk_status npki_struct_check(npk_dtype *dtype, const npk_limits *limits, const npk_allocator *allocator,
                             npk_error *error);

/* Makes *dtype, a void, an array of `base`. `shape` is borrowed. Errors: NPK_ERR_DTYPE, NPK_ERR_LIMIT. */
npk_status npki_subarray_set(npk_dtype *dtype, const npk_dtype *base, int ndim, const int64_t *shape,
                             const npk_limits *limits, npk_error *error);

/* A descriptor and all that it is made of, in one allocation; parts that were one stay one, and the built-in ones stay
 * where they are. Metadata are left out. `byteorder`: '<' or '>' for all parts, or '\0'. Errors: NPK_ERR_MEMORY. */
npk_status npki_dtype_copy(const npk_dtype *dtype, char byteorder, const npk_allocator *allocator,
                           const npk_dtype **out, npk_error *error);

#endif
