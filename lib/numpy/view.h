/* What the calls that make views share. */
#ifndef NPKI_NUMPY_VIEW_H
#define NPKI_NUMPY_VIEW_H

#include <npickle/view.h>

/* Whether views can be made of an array, and there is a place for one. Errors: NPK_USAGE, NPK_UNSUPPORTED. */
npk_status npki_view_check(const npk_ndarray *array, const npk_view *out, npk_error *error);

#endif
