/* Arrays of Python objects. */
#include "writer/numpy/numpy.h"

#include "array/layout.h"

npk_status npk_write_begin_objects(npk_writer *w, const npk_array *array)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (array == NULL)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected an array, found NULL");
    npk_error error;
    npk_array shaped = npki_without_data(array);
    if (w->error.status != NPK_OK)
        return w->error.status;
    if (npki_array_check(&shaped, &error) != NPK_OK)
        return npki_writer_fail(w, error.status, "%s", error.message);
    if (!array->dtype->has_object || array->dtype->base != NULL)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected a dtype of Python objects, or a struct with some");
    int64_t count = npk_array_count(&shaped);
    npki_begin_reconstruct(w, "numpy", "ndarray");
    npki_begin_state(w, &shaped, 5);
    return npki_begin_as(
        w, &(npki_container){
               .kind = NPK_KIND_LIST, .count = count, .number = npki_number_always_if(count > 0), .also_ends = 2});
}
