#include "print_masked.h"

#include <string.h>

npk_status masked_begin(const npk_value *value, masked_part part, array_print **print, const npk_value **next,
                        tool_out *out)
{
    npk_ndarray data, mask;
    const npk_value *fill;
    *print = NULL;
    *next = NULL;
    npk_status status = npk_as_masked(value, &data, &mask, &fill, NULL);
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
        return array_begin(print, &mask, "numpy.ndarray", false, out);
    case MASKED_FILL_VALUE:
        out_text(out, " fill_value=");
        *next = fill;
        return NPK_OK;
    default:
        out_char(out, '>');
        return NPK_OK;
    }
}
