#include "print_dtype.h"

#include "print_atom.h"

/* With what stands for a missing text: a value, which the library leaves out. */
static void print_string(tool_out *out, const npk_dtype *dtype)
{
    out_text(out, "StringDType(na_object=");
    if (!print_atom(out, dtype->metadata))
        out_text(out, "...");
    out_text(out, dtype->multiple != 0 ? ")" : ", coerce=False)");
}

void print_dtype(tool_out *out, const npk_dtype *dtype, npki_dtype_form form)
{
    if (dtype->type == NPK_STRING && dtype->metadata != NULL) {
        print_string(out, dtype);
        return;
    }
    size_t size = npki_dtype_text(dtype, form, NULL, 0);
    char *room = out_room(out, size + 1);
    if (room == NULL)
        return;
    npki_dtype_text(dtype, form, room, size + 1);
    out_cut(out, out->size - 1); /* the NUL */
}

void print_shape(tool_out *out, int ndim, const int64_t *shape)
{
    out_char(out, '(');
    for (int i = 0; i < ndim; i++) {
        out_int(out, shape[i]);
        if (i + 1 < ndim)
            out_text(out, ", ");
        else if (ndim == 1)
            out_char(out, ',');
    }
    out_char(out, ')');
}

bool dtype_is_implied(const npk_dtype *dtype)
{
    npk_type type = npk_dtype_type(dtype);
    return npki_dtype_is_little(dtype) &&
           (type == NPK_BOOL || type == NPK_INT64 || type == NPK_FLOAT64 || type == NPK_COMPLEX128);
}
