/* Masked arrays: <numpy.ma.MaskedArray data=array(...) mask=array(...) fill_value=...> */
#ifndef NPKI_PRINT_MASKED_H
#define NPKI_PRINT_MASKED_H

#include "print/array.h"

/* Which part comes next. */
typedef enum npki_print_masked_part {
    NPKI_MASKED_NOT, /* no masked array */
    NPKI_MASKED_BEGIN,
    NPKI_MASKED_DATA,
    NPKI_MASKED_MASK,
    NPKI_MASKED_FILL_VALUE,
    NPKI_MASKED_END
} npki_print_masked_part;

/* Prints up to the part, and begins it: an array goes to *print, any other value to *next. Both NULL: the end. */
npk_status npki_print_masked_begin(const npk_value *value, npki_print_masked_part part, npki_print_array **print,
                                   const npk_value **next, npki_print_elements elements,
                                   const npki_print_settings *settings, npki_sink *out);

#endif
