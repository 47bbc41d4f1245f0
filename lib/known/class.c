/* The classes of arrays. */
#include "known/known.h"

#include "globals/rename.h"

#include <string.h>

bool npki_is_class(const npk_value *value)
{
    return value->kind == NPK_KIND_GLOBAL || value->kind == NPK_KIND_OBJECT || value->kind == NPK_KIND_EXTENSION ||
           value->kind == NPK_KIND_PERSID;
}

/* getattr(A, 'B'), as pickles below protocol 4 have A.B: the name of that; *out stays where it is not that. */
static npk_status name_inside(npki_site *site, const npki_object *call, npki_global_name *out)
{
    const char *inner;
    size_t size;
    if (!npki_is_global(call->callable, "builtins", "getattr") || !npki_is_tuple_of(call->args, 2) ||
        npki_item_of(call->args, 0)->kind != NPK_KIND_GLOBAL ||
        !npki_text_of(npki_item_of(call->args, 1), &inner, &size))
        return NPK_OK;
    const npki_global *outer = npki_item_of(call->args, 0)->u.global;
    char *name = npki_arena_take(site->arena, outer->name_size + 1 + size);
    if (name == NULL)
        return npki_site_full(site);
    memcpy(name, outer->name, outer->name_size);
    name[outer->name_size] = '.';
    memcpy(name + outer->name_size + 1, inner, size);
    *out = (npki_global_name){outer->module, outer->module_size, name, outer->name_size + 1 + size};
    return NPK_OK;
}

/* Module and name of a class. One that a call makes has the name that the call is given, as the class statement has
 * it: cloudpickle's _make_skeleton_class(type, 'C', ...), dill's _create_type(type, 'C', ...); and no module. */
static npki_global_name name_given(const npk_value *class_)
{
    const npki_object *call = npki_call_of(class_);
    npki_global_name name = {"", 0, "?", 1};
    for (size_t i = 0; call != NULL && i < npki_count_of(call->args) && i < 2; i++)
        if (npk_value_kind(npki_item_of(call->args, i)) != NPK_KIND_BYTES &&
            npki_text_of(npki_item_of(call->args, i), &name.name, &name.name_size))
            return name;
    if (call != NULL && call->callable->kind == NPK_KIND_GLOBAL)
        class_ = call->callable;
    const npki_global *global = class_->kind == NPK_KIND_GLOBAL ? class_->u.global : NULL;
    return global == NULL ? name
                          : (npki_global_name){global->module, global->module_size, global->name, global->name_size};
}

/* The first of the names that NumPy has had for it. */
static npki_global_name first_name(npki_global_name name)
{
    const npki_global_row *row = npki_global_find(name.module, name.module_size, name.name, name.name_size);
    if (row != NULL)
        row = npki_global_canonical(row->meaning);
    return row == NULL ? name : (npki_global_name){row->module, row->module_size, row->name, row->name_size};
}

static npk_status name_of(npki_site *site, const npk_value *class_, npki_global_name *out)
{
    const npki_object *call = npki_call_of(class_);
    *out = name_given(class_);
    npk_status status = call == NULL ? NPK_OK : name_inside(site, call, out);
    *out = first_name(*out);
    return status;
}

npk_status npki_class_name(npki_site *site, const npk_value *class_, const char **out)
{
    npki_global_name name = {"numpy", 5, "ndarray", 7};
    npk_status status = class_ == NULL ? NPK_OK : name_of(site, class_, &name);
    if (status != NPK_OK)
        return status;
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
