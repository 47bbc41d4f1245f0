/* What becomes of names when a graph goes to another Python or NumPy. */
#include "writer/graph/graph.h"

#include <string.h>

static bool same(const char *a, size_t a_size, const char *b, size_t b_size)
{
    return a_size == b_size && memcmp(a, b, a_size) == 0;
}

bool npki_translate(const npk_writer *w, const npki_global *global, npki_global_name *out)
{
    const npki_global_row *row = global->row;
    *out = (npki_global_name){global->module, global->module_size, global->name, global->name_size};
    if (!w->translate_names)
        return false;
    if (row != NULL && (row->writes & (w->numpy->names | w->protocol_names)) == 0)
        row = npki_global_spelling(row->meaning, w->numpy->names, w->protocol_names);
    if (row != NULL) {
        *out = (npki_global_name){row->module, row->module_size, row->name, row->name_size};
    } else {
        npki_rename_python(w->protocol_names == NPKI_WRITES_BELOW3 ? NPKI_TO_OLDER : NPKI_TO_NEWER, out);
        npki_rename_numpy(w->numpy->names == NPKI_WRITES_NUMPY1 ? NPKI_TO_OLDER : NPKI_TO_NEWER, out);
    }
    return !same(out->module, out->module_size, global->module, global->module_size) ||
           !same(out->name, out->name_size, global->name, global->name_size);
}
