#include "print/dtype.h"

#include "print/atom.h"

/* With what stands for a missing text: a value, which the library leaves out. */
static void print_string(npki_sink *out, const npk_dtype *dtype)
{
    npki_sink_text(out, "StringDType(na_object=");
    if (!npki_print_atom(out, dtype->metadata))
        npki_sink_text(out, "...");
    npki_sink_text(out, dtype->multiple != 0 ? ")" : ", coerce=False)");
}

void npki_print_dtype(npki_sink *out, const npk_dtype *dtype, npki_dtype_form form)
{
    if (dtype->type == NPK_VSTRING && dtype->metadata != NULL) {
        print_string(out, dtype);
        return;
    }
    size_t size = npki_dtype_text(dtype, form, NULL, 0);
    char *room = npki_sink_room(out, size + 1);
    if (room == NULL)
        return;
    npki_dtype_text(dtype, form, room, size + 1);
    npki_sink_cut(out, out->size - 1); /* the NUL */
}

void npki_print_shape(npki_sink *out, int ndim, const int64_t *shape)
{
    npki_sink_char(out, '(');
    for (int i = 0; i < ndim; i++) {
        npki_sink_int(out, shape[i]);
        if (i + 1 < ndim)
            npki_sink_text(out, ", ");
        else if (ndim == 1)
            npki_sink_char(out, ',');
    }
    npki_sink_char(out, ')');
}

bool npki_print_dtype_is_implied(const npk_dtype *dtype)
{
    npk_type type = npk_dtype_type(dtype);
    return npki_dtype_is_little(dtype) &&
           (type == NPK_BOOL || type == NPK_INT64 || type == NPK_FLOAT64 || type == NPK_COMPLEX128);
}
