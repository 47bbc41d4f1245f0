/* Calls that stay calls, though npickle knows what is called: as what they are compared. */
#ifndef NPKI_COMPARE_STAYS_H
#define NPKI_COMPARE_STAYS_H

#include "compare/state.h"

static inline bool npki_compare_may_be_other(const npk_value *value)
{
    return value->kind == NPK_KIND_OBJECT &&
           (value->u.object->stays_call != NPKI_STAYS_NOT || value->u.object->meaning == NPKI_DILL_ARRAY);
}

const npk_value *npki_compare_as_made(npki_compare *c, const npk_value *call);

/* As what a value is compared: itself; but a call that stays one for what was dropped over its arguments or its state
 * is what it makes, and so is one of dill's that makes an array of NumPy's. That has the parts of the call, or
 * copies. */
static inline const npk_value *npki_compare_as(npki_compare *c, const npk_value *value)
{
    return npki_compare_may_be_other(value) ? npki_compare_as_made(c, value) : value;
}

/* Whether it is one of these, or a part of one, which is in no document. */
bool npki_compare_is_copy(const npki_compare *c, const npk_value *value);

void npki_compare_stays_free(npki_compare *c);

#endif
