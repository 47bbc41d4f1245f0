#include "print/masked.h"

#include "text/quote.h"

#include <string.h>

npk_status npki_print_masked_begin(const npk_value *value, npki_print_masked_part part, npki_print_array **print,
                                   const npk_value **next, npki_print_elements elements,
                                   const npki_print_settings *settings, npki_sink *out)
{
    npk_array data, mask;
    const npk_value *fill;
    *print = NULL;
    *next = NULL;
    npk_status status = npk_masked_of(value, &data, &mask, &fill, NULL);
    if (status != NPK_OK)
        return status;
    switch (part) {
    case NPKI_MASKED_DATA:
        npki_sink_char(out, '<');
        npki_quote(out, NPK_TEXT_NAME, npk_array_class(value), strlen(npk_array_class(value)));
        npki_sink_text(out, " data=");
        return npki_print_array_begin(print, &data, "numpy.ndarray", elements, settings, out);
    case NPKI_MASKED_MASK:
        npki_sink_text(out, " mask=");
        return npki_print_array_begin(print, &mask, "numpy.ndarray", elements, settings, out);
    case NPKI_MASKED_FILL_VALUE:
        npki_sink_text(out, " fill_value=");
        *next = fill;
        return NPK_OK;
    default:
        npki_sink_char(out, '>');
        return NPK_OK;
    }
}
