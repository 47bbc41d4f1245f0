/* Arrays in objects that npickle does not know: search.c says where. */
#include "known/known.h"

/* The class of such an array: the one that the object is of; of a call, its first argument where that is a name of the
 * program's, as in f(Quantity, ...), else what is called. dill's _create_array may be given NumPy's function and its
 * arguments. */
static const npk_value *class_of(const npk_value *object)
{
    const npki_object *o = object->u.object;
    const npk_value *first = npki_call_size(object) > 0 ? npki_call_item(object, 0) : NULL;
    const npk_value *second = npki_call_size(object) > 1 ? npki_call_item(object, 1) : NULL;
    if (o->construction == NPK_BY_NEW || first == NULL)
        return o->callable;
    if (o->meaning == NPKI_DILL_ARRAY && second != NULL &&
        npki_meaning_of(NPK_BY_CALL, first, second) == NPKI_RECONSTRUCT && npki_count_of(second) > 0 &&
        npki_is_class(npki_item_of(second, 0)))
        return npki_item_of(second, 0);
    bool named = first->kind == NPK_KIND_GLOBAL && first->u.global->row == NULL;
    return named ? first : o->callable;
}

static npk_status look_into(npki_site *site, npk_value *object, npk_value *from, bool in_arguments)
{
    npki_found found;
    npki_array_state *array;
    npki_find_state(from, NPKI_STATE_SIZE, &found);
    if (found.times != 1)
        return NPK_OK;
    npk_status status = npki_new_array(site, &array);
    if (status == NPK_OK)
        status = npki_class_name(site, class_of(object), &array->class_name);
    if (status == NPK_OK)
        status = npki_take_state(site, found.holders[found.count - 1]->u.items->at + found.start, false, array);
    if (npk_status_band(status) == NPK_BAND_MALFORMED) /* what is called may make something of that */
        return NPK_OK;
    if (status == NPK_OK)
        status = npki_keep_found(site, array, &found);
    if (status != NPK_OK)
        return status;
    array->in_arguments = in_arguments;
    array->of_unknown = true;
    object->u.object->array = array;
    return NPK_OK;
}

npk_status npki_found_class(npki_site *site, const npk_value *object, const char **out)
{
    return npki_class_name(site, class_of(object), out);
}

/* copyreg.__newobj__(wrapper, ...), as protocols 0 and 1 have what NEWOBJ makes of joblib's wrapper, which has its
 * array in no arguments. */
static bool is_wrapper(const npk_value *object)
{
    const npk_value *class_ = npki_call_size(object) > 0 ? npki_call_item(object, 0) : NULL;
    return class_ != NULL && class_->kind == NPK_KIND_GLOBAL && class_->u.global->row != NULL &&
           npki_rules[class_->u.global->row->meaning].by_new;
}

npk_status npki_look_into_arguments(npki_site *site, npk_value *object)
{
    return is_wrapper(object) ? NPK_OK : look_into(site, object, object->u.object->args, true);
}

npk_status npki_look_into_state(npki_site *site, npk_value *object)
{
    bool done = object->u.object->array != NULL || object->u.object->fault != NULL;
    return done ? NPK_OK : look_into(site, object, object->u.object->state, false);
}
