#include "print/atom.h"

#include "print/dtype.h"
#include "print/plain.h"
#include "print/scalar.h"

bool npki_print_atom(npki_sink *out, const npk_value *value, const npki_print_settings *settings)
{
    npk_array scalar;
    const npk_dtype *dtype = npk_value_dtype(value);
    if (dtype != NULL) {
        npki_print_dtype(out, dtype, NPKI_DTYPE_REPR, settings);
        return true;
    }
    if (!npk_value_is_scalar(value))
        return npki_print_plain(out, value);
    if (npk_scalar_of(value, &scalar, NULL) == NPK_OK)
        npki_print_scalar(out, &scalar, settings);
    else
        npki_sink_fail(out, NPK_ERR_ARRAY);
    return true;
}
