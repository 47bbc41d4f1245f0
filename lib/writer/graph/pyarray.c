/* array.array of a document, for another Python. */
#include "writer/graph/graph.h"

#include "globals/typecode.h"

#include <npickle/pyarray.h>

bool npki_pyarray_differs(const npk_writer *w, const npk_value *value)
{
    npk_pyarray is;
    if (!npk_pyarray_of(value, &is))
        return false;
    const npki_object *object = value->u.object;
    bool machine = is.form == NPK_PYARRAY_MACHINE;
    const npk_value *class_ = machine ? npki_item_of(object->args, 0) : object->callable;
    const npki_global_row *row = class_->u.global->row;
    if (row == NULL || row->meaning != NPKI_PYARRAY || object->state != NULL)
        return false;
    bool python2 =
        npki_item_of(object->args, machine)->kind == NPK_KIND_PYTHON2_STR; /* Jython takes no other typecode */
    bool missing = (npki_typecode_of(is.typecode)->pythons & npki_python_bit(w)) == 0;
    return is.form != npki_pyarray_default_form(w) || python2 != w->python->python2 || missing;
}

void npki_translate_pyarray(npk_writer *w, const npk_value *value)
{
    npk_pyarray is;
    npk_array array;
    if (!npk_pyarray_of(value, &is) || npk_array_of(value, &array, NULL) != NPK_OK)
        return;
    const npki_typecode *row = npki_typecode_of(is.typecode);
    npk_write_pyarray(w, (row->pythons & npki_python_bit(w)) != 0 ? row->letter : row->instead, NPK_PYARRAY_DEFAULT,
                      &array);
}
