/* What the calls that make views share. */
#ifndef NPKI_ARRAY_VIEW_H
#define NPKI_ARRAY_VIEW_H

#include <npickle/view.h>

/* Whether views can be made of an array, and there is a place for one. Errors: NPK_ERR_USAGE, NPK_ERR_UNSUPPORTED. */
npk_status npki_view_check(const npk_array *array, const npk_view *out, npk_error *error);

/* Whether elements of `dtype` can have a shape: 0 to NPK_MAXDIMS lengths, none negative, and bytes that 64 bits can
 * count where every length of 0 is taken for 1. Errors: NPK_ERR_USAGE. */
npk_status npki_view_check_shape(const npk_dtype *dtype, int ndim, const int64_t *shape, npk_error *error);

#endif
