/* Arrays of a class of their own: numpy.matrix, numpy.recarray and those of a program. */
#include "writer/numpy/numpy.h"

npk_status npk_write_subclass(npk_writer *w, const char *module, const char *name, const npk_array *array)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (module == NULL || name == NULL || array == NULL)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected the names of a class and an array, found NULL");
    if (!npki_can_write(w, array))
        return w->error.status;
    npki_begin_reconstruct(w, module, name);
    npki_begin_state(w, array, 5);
    npki_write_payload(w, array);
    npki_end(w);
    return npki_end(w);
}
