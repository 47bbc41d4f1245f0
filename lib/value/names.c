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

/* The names of Python 3 and NumPy 2. */
static npki_global_name newest(npki_global_name name)
{
    npki_rename_python(false, &name);
    npki_rename_numpy(false, &name);
    return name;
}

bool npk_value_is_global(const npk_value *value, const char *module, const char *name)
{
    if (value == NULL || module == NULL || name == NULL || value->kind != NPK_KIND_GLOBAL)
        return false;
    const npki_global *global = value->u.global;
    const npki_global_row *row = npki_global_find(module, strlen(module), name, strlen(name));
    if (row != NULL && global->row != NULL)
        return row->meaning == global->row->meaning;
    npki_global_name wanted = newest((npki_global_name){module, strlen(module), name, strlen(name)});
    npki_global_name found =
        newest((npki_global_name){global->module, global->module_size, global->name, global->name_size});
    return wanted.module_size == found.module_size && wanted.name_size == found.name_size &&
           memcmp(wanted.module, found.module, wanted.module_size) == 0 &&
           memcmp(wanted.name, found.name, wanted.name_size) == 0;
}
