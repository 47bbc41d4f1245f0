/* Texts and globals in whichever Python's way a pickle has them. */
#include "value/value.h"

#include "globals/rename.h"
#include "text/unicode.h"

#include <string.h>

const char *npk_value_text(const npk_value *value, size_t *size)
{
    const char *text;
    size_t length;
    if (value == NULL || (value->kind != NPK_KIND_STR && value->kind != NPK_KIND_PYTHON2_STR) ||
        !npki_text_of(value, &text, &length))
        return NULL;
    if (value->kind == NPK_KIND_PYTHON2_STR && npki_utf8_check((const uint8_t *)text, length) != length)
        return NULL;
    if (size != NULL)
        *size = length;
    return text;
}

bool npk_value_is_text(const npk_value *value, const char *text)
{
    size_t size;
    const char *found = npk_value_text(value, &size);
    return found != NULL && text != NULL && size == strlen(text) && memcmp(found, text, size) == 0;
}

static bool same(npki_global_name a, npki_global_name b)
{
    return a.module_size == b.module_size && a.name_size == b.name_size &&
           memcmp(a.module, b.module, a.module_size) == 0 && memcmp(a.name, b.name, a.name_size) == 0;
}

npki_global_name npki_newest_name(const npki_global *global)
{
    npki_global_name name = {global->module, global->module_size, global->name, global->name_size};
    if (global->protocol < NPKI_FIRST_WITH_NEWER_NAMES)
        npki_rename_python(NPKI_TO_NEWER, &name);
    npki_rename_numpy(NPKI_TO_NEWER, &name);
    return name;
}

bool npk_value_is_global(const npk_value *value, const char *module, const char *name)
{
    if (value == NULL || module == NULL || name == NULL || value->kind != NPK_KIND_GLOBAL)
        return false;
    const npki_global *global = value->u.global;
    const npki_global_row *row =
        global->row == NULL ? NULL : npki_global_find(module, strlen(module), name, strlen(name));
    if (row != NULL)
        return row->meaning == global->row->meaning;
    npki_global_name wanted = {module, strlen(module), name, strlen(name)}, found = npki_newest_name(global);
    npki_rename_numpy(NPKI_TO_NEWER, &wanted);
    if (same(wanted, found))
        return true;
    npki_rename_python(NPKI_TO_NEWER, &wanted); /* either Python's name */
    return same(wanted, found);
}
