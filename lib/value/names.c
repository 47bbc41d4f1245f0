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
    if (global->newest != NULL)
        return *global->newest;
    return (npki_global_name){global->module, global->module_size, global->name, global->name_size};
}

/* By its newest name; *found is that of the value. */
static bool is_by_newest(const npk_value *value, const char *module, const char *name, npki_global_name *wanted,
                         npki_global_name *found)
{
    const npki_global *global = value->u.global;
    *wanted = (npki_global_name){module, strlen(module), name, strlen(name)};
    *found = npki_newest_name(global);
    npki_rename_numpy(NPKI_TO_NEWER, wanted);
    return same(*wanted, *found);
}

static bool is_of_row(const npki_global *global, const char *module, const char *name, bool *known)
{
    const npki_global_row *row =
        global->row == NULL ? NULL : npki_global_find(module, strlen(module), name, strlen(name));
    *known = row != NULL;
    return row != NULL && row->meaning == global->row->meaning;
}

bool npki_is_global(const npk_value *value, const char *module, const char *name)
{
    npki_global_name wanted, found;
    bool known;
    if (value == NULL || value->kind != NPK_KIND_GLOBAL)
        return false;
    return is_of_row(value->u.global, module, name, &known) ||
           (!known && is_by_newest(value, module, name, &wanted, &found));
}

bool npk_value_is_global(const npk_value *value, const char *module, const char *name)
{
    npki_global_name wanted, found;
    bool known;
    if (value == NULL || module == NULL || name == NULL || value->kind != NPK_KIND_GLOBAL)
        return false;
    if (is_of_row(value->u.global, module, name, &known))
        return true;
    if (known || is_by_newest(value, module, name, &wanted, &found))
        return !known;
    npki_rename_python(NPKI_TO_NEWER, &wanted); /* either Python's name */
    return same(wanted, found);
}
