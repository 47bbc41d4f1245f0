/* What the items of an array of structs that hold objects are made of: NumPy's getitem gives a tuple for a struct, an
 * array for a subarray, and its setitem takes them back when the pickle is loaded. */
#ifndef NPKI_KNOWN_FORM_H
#define NPKI_KNOWN_FORM_H

#include "base/map.h"
#include "dtype/dtype.h"
#include "value/value.h"

#define NPKI_FORM_DEEPEST 16 /* tuples in one another that are gone into */

typedef struct npki_form_step {
    const npk_dtype *dtype; /* a struct */
    npk_value *tuple;
    size_t field;
} npki_form_step;

/* From value to value of one item, a tuple before those in it. Tuples may be shared: each is gone into once. */
typedef struct npki_form {
    npki_form_step steps[NPKI_FORM_DEEPEST];
    size_t depth;
    npki_map *seen; /* a dtype and a tuple together; NULL: tuples are marked, with NPKI_IS_FORMED */
    bool full;      /* an allocation failed */
} npki_form;

/* One value in it: that of a field, and where it stands. */
typedef struct npki_formed {
    const npk_dtype *dtype;
    npk_value *holder;
    size_t index;
} npki_formed;

/* `item` is a tuple with each field of the dtype, which is a struct; else there is nothing to come to. */
void npki_form_start(npki_form *form, const npk_dtype *dtype, npk_value *item, npki_map *seen);
bool npki_form_next(npki_form *form, npki_formed *out);

/* Arrays in fields keep their dtype and shape from here on, and tuples what there is for each field: NPKI_IS_FORMED. */
void npki_form_mark(const npk_dtype *dtype, npk_value *item);

/* Whether setitem would take the value, with all in it, and make of it what it says. Errors: NPK_ERR_MEMORY. */
npk_status npki_form_fits(const npk_dtype *dtype, npk_value *value, const npk_allocator *allocator, bool *fits);

#endif
