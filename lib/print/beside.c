#include "print/beside.h"

#include "known/known.h"

static const npki_array_state *array_of(const npk_value *value)
{
    return npk_value_kind(value) == NPK_KIND_OBJECT ? value->u.object->array : NULL;
}

bool npki_has_beside(const npk_value *value)
{
    const npki_array_state *array = array_of(value);
    return array != NULL && (array->holders != NULL || (array->typecode != 0 && value->u.object->state != NULL));
}

bool npki_is_of_call(const npk_value *value)
{
    const npki_array_state *array = array_of(value);
    return array != NULL && array->of_unknown;
}

size_t npki_own_items(const npk_value *array, const npk_value *container, size_t *start)
{
    const npki_array_state *state = array_of(array);
    *start = 0;
    if (state == NULL || state->holders == NULL || container != state->holders[state->holder_count - 1])
        return 0;
    *start = state->start;
    return (size_t)state->end - state->start;
}

bool npki_has_calls_beside(const npk_value *value)
{
    bool has_place = npk_value_kind(value) == NPK_KIND_OBJECT && !npk_value_is_array(value) &&
                     npk_value_dtype(value) == NULL && !npk_value_is_scalar(value);
    return npk_value_calls(value) != NULL && !has_place;
}
