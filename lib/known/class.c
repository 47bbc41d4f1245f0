/* The classes of arrays. */
#include "known/known.h"

#include "globals/rename.h"

#include <string.h>

bool npki_is_class(const npk_value *value)
{
    return value->kind == NPK_KIND_GLOBAL || value->kind == NPK_KIND_OBJECT || value->kind == NPK_KIND_EXTENSION ||
           value->kind == NPK_KIND_PERSID;
}

/* Module and name of a class. One that a call makes has the name that the call is given, as the class statement has
 * it: cloudpickle's _make_skeleton_class(type, 'C', ...), dill's _create_type(type, 'C', ...); and no module. */
static npki_global_name name_of(const npk_value *class_)
{
    const npki_global_row *row = class_ == NULL ? npki_global_canonical(NPKI_NDARRAY) : NULL;
    const npki_object *call = class_ != NULL ? npki_call_of(class_) : NULL;
    npki_global_name name = {"", 0, "?", 1};
    for (size_t i = 0; call != NULL && i < npki_count_of(call->args) && i < 2; i++)
        if (npk_value_kind(npki_item_of(call->args, i)) != NPK_KIND_BYTES &&
            npki_text_of(npki_item_of(call->args, i), &name.name, &name.name_size))
            return name;
    if (call != NULL && call->callable->kind == NPK_KIND_GLOBAL)
        class_ = call->callable;
    const npki_global *global = class_ != NULL && class_->kind == NPK_KIND_GLOBAL ? class_->u.global : NULL;
    if (global != NULL && global->row != NULL)
        row = npki_global_canonical(global->row->meaning);
    if (row != NULL)
        return (npki_global_name){row->module, row->module_size, row->name, row->name_size};
    return global == NULL ? name
                          : (npki_global_name){global->module, global->module_size, global->name, global->name_size};
}

npk_status npki_class_name(npki_site *site, const npk_value *class_, const char **out)
{
    npki_global_name name = name_of(class_);
    char *text = npki_arena_take(site->arena, name.module_size + name.name_size + 2), *at = text;
    if (text == NULL)
        return npki_site_full(site);
    memcpy(at, name.module, name.module_size);
    at += name.module_size;
    if (name.module_size > 0)
        *at++ = '.';
    memcpy(at, name.name, name.name_size);
    at[name.name_size] = '\0';
    *out = text;
    return NPK_OK;
}
