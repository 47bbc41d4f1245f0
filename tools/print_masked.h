/* Masked arrays: <numpy.ma.MaskedArray data=array(...) mask=array(...) fill_value=...> */
#ifndef NPICKLE_PRINT_MASKED_H
#define NPICKLE_PRINT_MASKED_H

#include "out.h"
#include "print_array.h"

/* Which part comes next. */
typedef enum masked_part {
    MASKED_NOT, /* no masked array */
    MASKED_BEGIN,
    MASKED_DATA,
    MASKED_MASK,
    MASKED_FILL_VALUE,
    MASKED_END
} masked_part;

/* Prints up to the part, and begins it: an array goes to *print, any other value to *next. Both NULL: the end. */
npk_status masked_begin(const npk_value *value, masked_part part, array_print **print, const npk_value **next,
                        tool_out *out);

#endif
