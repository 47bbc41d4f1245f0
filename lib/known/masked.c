/* Masked arrays: _mareconstruct, and a state with mask and fill value at its end. numpy: ma/core.py
 * MaskedArray.__getstate__(). */
#include "known/known.h"

#include "base/bytes.h"
#include "array/layout.h"
#include "dtype/facts.h"

#include <inttypes.h>
#include <string.h>

enum { MASK = 5, FILL_VALUE = 6 };

npk_status npki_call_masked(npki_site *site, npk_value *object)
{
    if (npki_call_size(object) != 4 || !npki_is_class(npki_call_item(object, 0)))
        return npki_site_fail(site, NPK_ERR_CALL, "_mareconstruct takes (class, base class, shape, code)");
    object->flags |= NPKI_UNHASHABLE;
    return NPK_OK;
}

/* `bools` for each item of the array: of more than one, one more dimension. */
static npk_status lay_out(npki_site *site, const npki_array_state *array, int64_t bools, npki_mask *mask)
{
    size_t ndim = (size_t)array->ndim;
    int64_t *shape = npki_arena_take(site->arena, 2 * (ndim + 1) * sizeof *shape), *strides = shape + ndim + 1;
    if (shape == NULL)
        return npki_site_full(site);
    mask->ndim = array->ndim + (bools != 1);
    if (mask->ndim > NPK_MAXDIMS)
        return npki_site_fail(site, NPK_ERR_LIMIT, "the mask of a struct in an array of %d dimensions", array->ndim);
    if (ndim > 0)
        memcpy(shape, array->shape, ndim * sizeof *shape);
    /* The data lies in one piece, and so does the mask. If 64 bits can't count its bytes there are none, as one of the
     * lengths is 0: then it may as well have no bools. */
    if (!npki_contiguous_strides(array->ndim, shape, bools, array->order, strides))
        bools = 0;
    shape[ndim] = bools;
    strides[ndim] = 1;
    mask->shape = shape;
    mask->strides = strides;
    mask->order = bools == 1 || array->order == 'C' ? array->order : 'K';
    return NPK_OK;
}

static npk_status take_mask(npki_site *site, const npki_array_state *array, npk_value *bytes, npki_mask *mask)
{
    int64_t bools = npki_dtype_facts_of(array->dtype).leaves, size;
    npk_status status = npki_take_bytes(site, &bytes);
    if (status != NPK_OK)
        return status;
    if (!npki_is_bytes(bytes))
        return npki_site_fail(site, NPK_ERR_ARRAY, "the mask of an array is bytes, found %s",
                              npk_kind_name(npk_value_kind(bytes)));
    const int64_t items = npki_element_count(array->ndim, array->shape); /* checked: npki_shape_bytes */
    if (bools < 0 || !npki_mul_int64(items, bools, &size) || npk_value_bytes_size(bytes) != size)
        return npki_site_fail(site, NPK_ERR_ARRAY, "a mask of %" PRId64 " bytes on an array of %" PRId64 " x %" PRId64,
                              npk_value_bytes_size(bytes), items, bools);
    mask->bytes = bytes; /* no payload: it is decoded with other bytes, at the end */
    return lay_out(site, array, bools, mask);
}

npk_status npki_build_masked(npki_site *site, npk_value *object)
{
    npki_array_state *array;
    npk_value *const *items;
    npk_status status = npki_build_array(site, object, NPKI_MASKED_STATE_SIZE, &array, &items);
    if (status != NPK_OK || array == NULL)
        return status;
    npki_mask *mask = npki_arena_take(site->arena, sizeof *mask);
    if (mask == NULL)
        return npki_site_full(site);
    memset(mask, 0, sizeof *mask);
    mask->fill = items[FILL_VALUE];
    if (items[FILL_VALUE]->kind == NPK_KIND_OBJECT)
        items[FILL_VALUE]->history |= NPKI_IS_FORMED;
    array->mask = mask;
    return take_mask(site, array, items[MASK], mask);
}
