/* The state of a masked array is that of an array, then the mask, a byte for each element (or for each field of it),
 * and the value for what is masked (numpy/ma/core.py, MaskedArray.__getstate__). */
#include "print_masked.h"

#include <stdlib.h>
#include <string.h>

enum { STATE_MASK = 5, STATE_FILL_VALUE = 6, STATE_SIZE = 7 };

static const npk_value *state_of(const npk_value *value)
{
    npk_object object;
    const char *module, *name;
    size_t module_size, name_size;
    bool known = npk_is_ndarray(value) && npk_as_object(value, &object) && object.state != NULL &&
                 object.callable != NULL && npk_as_global(object.callable, &module, &module_size, &name, &name_size) &&
                 ((name_size == 14 && memcmp(name, "_mareconstruct", 14) == 0) ||
                  (name_size == 14 && memcmp(name, "_mrreconstruct", 14) == 0));
    bool whole = known && npk_kind_of(object.state) == NPK_KIND_TUPLE && npk_size(object.state) == STATE_SIZE;
    return whole ? object.state : NULL;
}

bool is_masked(const npk_value *value)
{
    return state_of(value) != NULL;
}

/* A mask with a byte for each element is shown as an array of its own. */
static npk_status begin_mask(const npk_ndarray *data, const npk_value *bytes, array_print **print, tool_out *out)
{
    int64_t count = npk_count(data);
    uint8_t *copy = malloc((size_t)count + 1);
    if (copy == NULL)
        return NPK_MEMORY;
    if (npk_bytes_copy(bytes, copy, (size_t)count) != count) {
        free(copy);
        return NPK_NDARRAY;
    }
    npk_ndarray mask = *data;
    mask.dtype = npk_dtype_of(NPK_BOOL);
    mask.strides = NULL;
    mask.data = mask.payload = copy;
    mask.objects = NULL;
    npk_status status = array_begin(print, &mask, "numpy.ndarray", false, out);
    if (status == NPK_OK)
        array_adopt(*print, copy);
    else
        free(copy);
    return status;
}

npk_status masked_begin(const npk_value *value, masked_part part, array_print **print, const npk_value **next,
                        tool_out *out)
{
    npk_ndarray data;
    const npk_value *state = state_of(value), *mask = npk_item(state, STATE_MASK);
    *print = NULL;
    *next = NULL;
    npk_status status = npk_as_ndarray(value, &data, NULL);
    if (status != NPK_OK)
        return status;
    switch (part) {
    case MASKED_DATA:
        out_char(out, '<');
        out_safe(out, npk_ndarray_class(value), strlen(npk_ndarray_class(value)));
        out_text(out, " data=");
        return array_begin(print, &data, "numpy.ndarray", false, out);
    case MASKED_MASK:
        out_text(out, " mask=");
        out_charge(out, (uint64_t)npk_count(&data));
        if (npk_bytes_size(mask) == npk_count(&data) && !npk_dtype_is_struct(data.dtype) && out->status == NPK_OK)
            return begin_mask(&data, mask, print, out);
        *next = mask;
        return out->status;
    case MASKED_FILL_VALUE:
        out_text(out, " fill_value=");
        *next = npk_item(state, STATE_FILL_VALUE);
        return NPK_OK;
    default:
        out_char(out, '>');
        return NPK_OK;
    }
}
