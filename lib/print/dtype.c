#include "print/dtype.h"

#include "print/plain.h"
#include "print/scalar.h"

#define MOST_STRINGS 64 /* StringDType(na_object=StringDType(na_object=...)) */

/* The value that stands for a missing text, where it is not a dtype; the library leaves it out. */
static void print_missing(npki_sink *out, const npk_value *value, const npki_print_settings *settings)
{
    npk_array scalar;
    if (npk_value_is_scalar(value) && npk_scalar_of(value, &scalar, NULL) == NPK_OK)
        npki_print_scalar(out, &scalar, settings);
    else if (!npki_print_plain(out, value))
        npki_sink_text(out, "...");
}

void npki_print_dtype(npki_sink *out, const npk_dtype *dtype, npki_dtype_form form, const npki_print_settings *settings)
{
    uint64_t coerce = 0; /* a bit for each StringDType that is begun */
    unsigned depth = 0;
    for (; dtype != NULL && dtype->type == NPK_VSTRING && dtype->metadata != NULL && depth < MOST_STRINGS; depth++) {
        const npk_value *missing = dtype->metadata;
        npki_sink_text(out, "StringDType(na_object=");
        coerce = coerce << 1 | (dtype->multiple != 0);
        dtype = npk_value_dtype(missing);
        form = NPKI_DTYPE_REPR;
        if (dtype == NULL)
            print_missing(out, missing, settings);
    }
    if (depth == MOST_STRINGS)
        npki_sink_text(out, "...");
    else if (dtype != NULL)
        npki_dtype_print(out, dtype, form);
    for (; depth > 0; depth--, coerce >>= 1)
        npki_sink_text(out, (coerce & 1) != 0 ? ")" : ", coerce=False)");
}

bool npki_print_dtype_is_implied(const npk_dtype *dtype)
{
    npk_type type = npk_dtype_type(dtype);
    return npki_dtype_is_little(dtype) &&
           (type == NPK_BOOL || type == NPK_INT64 || type == NPK_FLOAT64 || type == NPK_COMPLEX128);
}
