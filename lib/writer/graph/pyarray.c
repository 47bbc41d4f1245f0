/* array.array of a document, for another Python. */
#include "writer/graph/graph.h"

#include "globals/typecode.h"

#include <npickle/pyarray.h>

#define FIRST_WITH_W 0x30d /* CPython 3.13 */

/* What a typecode is in the target: that of the table, and 'u', of which CPython warns since 3.13, where it has 'w'. */
static char typecode_for(const npk_writer *w, char letter)
{
    const npki_typecode *row = npki_typecode_of(letter);
    npki_release first = w->target.first[NPKI_OF_PYTHON], last = w->target.last[NPKI_OF_PYTHON];
    if ((row->pythons & npki_python_bit(w)) == 0)
        return row->instead;
    if (letter == 'w' && first < FIRST_WITH_W)
        return last < FIRST_WITH_W ? row->instead : letter;
    bool warns = letter == 'u' && first >= FIRST_WITH_W && w->unloadable == NPK_UNLOADABLE_REFUSE;
    return warns ? 'w' : letter;
}

/* A str of Python 2 in the call becomes text or bytes: what Python 3 makes of these is another array, or none. */
static bool changes_strings(const npk_writer *w, const npki_object *call)
{
    bool changes = false;
    for (size_t i = 0; i < npki_count_of(call->args) && !changes; i++) {
        const npk_value *item = npki_item_of(call->args, i);
        changes = item->kind == NPK_KIND_PYTHON2_STR && npki_changes_python2_str(w, item);
    }
    return changes;
}

bool npki_pyarray_differs(const npk_writer *w, const npk_value *value)
{
    npk_pyarray is;
    if (!npk_pyarray_of(value, &is))
        return false;
    const npki_object *object = value->u.object;
    if (!w->translate_names && !changes_strings(w, object))
        return false;
    bool machine = is.form == NPK_PYARRAY_MACHINE;
    const npk_value *class_ = machine ? npki_item_of(object->args, 0) : object->callable;
    const npki_global_row *row = class_->u.global->row;
    if (row == NULL || row->meaning != NPKI_PYARRAY || object->state != NULL)
        return false;
    bool python2 =
        npki_item_of(object->args, machine)->kind == NPK_KIND_PYTHON2_STR; /* Jython takes no other typecode */
    bool missing = typecode_for(w, is.typecode) != is.typecode;
    return is.form != npki_pyarray_default_form(w) || python2 != w->python->python2 || missing;
}

void npki_translate_pyarray(npk_writer *w, const npk_value *value)
{
    npk_pyarray is;
    npk_array array;
    if (!npk_pyarray_of(value, &is) || npk_array_of(value, &array, NULL) != NPK_OK)
        return;
    char typecode = typecode_for(w, is.typecode);
    if (typecode == is.typecode) /* another is one that the target has */
        npki_check_form(w, value, value->u.object, &(npki_spelled){.row = NULL});
    npk_write_pyarray(w, typecode, NPK_PYARRAY_DEFAULT, &array);
}
