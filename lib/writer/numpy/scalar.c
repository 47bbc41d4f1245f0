/* NumPy's scalars. */
#include "writer/numpy/numpy.h"

#include "dtype/dtype.h"

/* (scalar, (dtype, bytes)). NumPy writes the machine's byte order, and reads either.
 * numpy: scalartypes.c gentype_reduce(), scalarapi.c PyArray_Scalar() */
npk_status npk_write_scalar(npk_writer *w, const npk_array *scalar)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (scalar == NULL)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected a scalar, found NULL");
    if (!npki_can_write(w, scalar))
        return w->error.status;
    if (scalar->ndim != 0 || scalar->dtype->has_object)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected an array without dimensions that is not a Python object");
    npki_begin(w, NPK_KIND_OBJECT, 2, NPKI_NUMBER_ALWAYS);
    npki_write_meaning(w, NPKI_SCALAR);
    npki_begin(w, NPK_KIND_TUPLE, 2, NPKI_NUMBER_IF_HELD);
    npk_write_dtype(w, scalar->dtype);
    npki_write_elements(w, scalar, 'C', NPK_KIND_BYTES, NPKI_BYTES_ANY);
    npki_end(w);
    return npki_end(w);
}
