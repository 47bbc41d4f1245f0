/* Arrays: _reconstruct and the state that __setstate__ takes, scalars, joblib's arrays.
 * numpy: core/src/multiarray/methods.c array_reduce(), array_setstate(). */
#include "known/known.h"

#include "base/bytes.h"
#include "dtype/dtype.h"
#include "array/layout.h"
#include "known/form.h"

#include <inttypes.h>
#include <string.h>

static const char *kind_of(const npk_value *value)
{
    return value == NULL ? "nothing" : npk_kind_name(npk_value_kind(value));
}

npk_status npki_new_array(npki_site *site, npki_array_state **out)
{
    *out = npki_arena_take(site->arena, sizeof **out);
    if (*out == NULL)
        return npki_site_full(site);
    memset(*out, 0, sizeof **out);
    return NPK_OK;
}

npk_status npki_lay_out(npki_site *site, npki_array_state *array, bool fortran, uint64_t *count)
{
    npk_status status =
        npki_shape_bytes(site, array->ndim, array->shape, array->dtype->itemsize, count, &array->nbytes);
    if (status != NPK_OK)
        return status;
    int64_t *strides = npki_arena_take(site->arena, (size_t)array->ndim * sizeof *strides);
    if (strides == NULL)
        return npki_site_full(site);
    array->order = fortran ? 'F' : 'C';
    if (!npki_contiguous_strides(array->ndim, array->shape, array->dtype->itemsize, array->order, strides))
        return npki_site_fail(site, NPK_ERR_ARRAY, "strides that overflow");
    array->strides = strides;
    return NPK_OK;
}

npk_status npki_take_bytes(npki_site *site, npk_value **value)
{
    if ((*value)->kind != NPK_KIND_STR)
        return NPK_OK;
    npk_value *bytes = npki_value_new(site->arena, NPK_KIND_BYTES);
    if (bytes == NULL)
        return npki_site_full(site);
    npk_status status = npki_encode_latin1(site, bytes, NPK_KIND_BYTES, *value);
    *value = bytes;
    return status;
}

/* What NumPy's getitem gives: of a StringDType a str, or what stands for a missing one; of a struct a tuple. From
 * anything else NumPy would make such a one. */
static bool has_form(const npk_dtype *dtype, const npk_value *item)
{
    if (dtype->type == NPK_VSTRING)
        return item->kind == NPK_KIND_STR || (dtype->metadata != NULL && item->kind == npk_value_kind(dtype->metadata));
    return !dtype->is_struct || npki_is_tuple_of(item, dtype->field_count);
}

static npk_status take_objects(npki_site *site, npki_array_state *array, npk_value *list, uint64_t count)
{
    bool formed = array->dtype->type == NPK_VSTRING || array->dtype->is_struct;
    if (list->kind != NPK_KIND_LIST)
        return npki_site_fail(site, NPK_ERR_ARRAY, "the elements of an array of objects are a list, found %s",
                              kind_of(list));
    if (npki_count_of(list) != count)
        return npki_site_fail(site, NPK_ERR_ARRAY, "an array of %" PRIu64 " objects with a list of %zu", count,
                              npki_count_of(list));
    bool taken = (list->history & (NPKI_IS_SIZED | NPKI_IS_FORMED)) != 0;
    npk_status status = npki_repeat(site, taken ? npki_mul_saturated(count, NPKI_WORK_OF_ITEM) : formed ? count : 0);
    for (size_t i = 0; formed && status == NPK_OK && i < count; i++) {
        if (!has_form(array->dtype, npki_item_of(list, i)))
            status = npki_site_fail(site, NPK_ERR_ARRAY, "expected %s as item %zu of an array, found %s",
                                    array->dtype->is_struct ? "a tuple with each field" : "a str", i,
                                    kind_of(npki_item_of(list, i)));
        else if (!taken && array->dtype->is_struct)
            npki_form_mark(array->dtype, npki_item_of(list, i));
    }
    if (status != NPK_OK)
        return status;
    npki_freeze(list, formed ? NPKI_FREEZE_FORM : NPKI_FREEZE_COUNT);
    array->payload = list;
    return NPK_OK;
}

/* The elements: a list if they are Python objects, else bytes, or text that stands for them. */
static npk_status take_payload(npki_site *site, npki_array_state *array, npk_value *payload, uint64_t count)
{
    if (array->dtype->has_object)
        return take_objects(site, array, payload, count);
    npk_status status = npki_take_bytes(site, &payload);
    if (status != NPK_OK)
        return status;
    if (payload->kind != NPK_KIND_BYTES && payload->kind != NPK_KIND_PYTHON2_STR)
        return npki_site_fail(site, NPK_ERR_ARRAY, "the elements of an array are bytes, found %s", kind_of(payload));
    if ((uint64_t)npk_value_bytes_size(payload) != array->nbytes)
        return npki_site_fail(site, NPK_ERR_ARRAY, "an array of %" PRIu64 " bytes with %" PRId64 " bytes of elements",
                              array->nbytes, npk_value_bytes_size(payload));
    payload->flags |= NPKI_IS_PAYLOAD;
    array->payload = payload;
    return NPK_OK;
}

/* _reconstruct(class, shape, code): an empty array, which BUILD then fills. Nothing is allocated for the shape. */
npk_status npki_call_reconstruct(npki_site *site, npk_value *object)
{
    int ndim;
    const int64_t *shape;
    if (npki_call_size(object) != 3 || !npki_is_class(npki_call_item(object, 0)))
        return npki_site_fail(site, NPK_ERR_CALL, "_reconstruct takes (class, shape, code)");
    const char *code;
    size_t size;
    npk_value *type = npki_call_item(object, 2);
    if (!npki_text_of(type, &code, &size) && npki_take_dtype(type) == NULL)
        return npki_site_fail(site, NPK_ERR_CALL, "the third argument of _reconstruct is a code, found %s",
                              kind_of(type));
    object->flags |= NPKI_UNHASHABLE;
    return npki_take_shape(site, npki_call_item(object, 1), true, &ndim, &shape);
}

/* A dtype object; before dtypes were pickled (scipy_core 0.6) its code. */
static npk_status take_type(npki_site *site, npk_value *value, bool versionless, npki_array_state *array)
{
    const char *code;
    size_t size;
    array->dtype = npki_take_dtype(value);
    if (array->dtype == NULL && versionless && npki_text_of(value, &code, &size)) {
        npk_dtype *dtype = npki_arena_take(site->arena, sizeof *dtype);
        if (dtype == NULL)
            return npki_site_full(site);
        memset(dtype, 0, sizeof *dtype);
        if (npki_dtype_parse_into(code, size, dtype)) {
            dtype->storage = NPKI_STORED_INSIDE;
            array->dtype = dtype;
        }
    }
    if (array->dtype == NULL)
        return npki_site_fail(site, NPK_ERR_ARRAY, "the type of an array is a dtype object, found %s", kind_of(value));
    return NPK_OK;
}

static npk_status take_order(npki_site *site, const npk_value *value, bool *fortran)
{
    int64_t number;
    if (npk_value_as_bool(value, fortran))
        return NPK_OK;
    if (!npki_take_int(value, &number))
        return npki_site_fail(site, NPK_ERR_ARRAY, "the flag of Fortran order is a bool or an int, found %s",
                              kind_of(value));
    *fortran = number != 0;
    return NPK_OK;
}

npk_status npki_take_state(npki_site *site, npk_value *const *items, bool versionless, npki_array_state *array)
{
    int64_t version = 1;
    bool fortran = false;
    uint64_t count = 0;
    if (!versionless && (!npki_take_int(*items++, &version) || version < 0 || version > 1))
        return npki_site_fail(site, NPK_ERR_ARRAY, "the state of an array has version 0 or 1");
    npk_status status =
        items[0]->kind != NPK_KIND_TUPLE
            ? npki_site_fail(site, NPK_ERR_ARRAY, "the shape of an array is a tuple, found %s", kind_of(items[0]))
            : npki_take_shape(site, items[0], false, &array->ndim, &array->shape);
    if (status == NPK_OK)
        status = take_type(site, items[1], versionless, array);
    if (status == NPK_OK)
        status = take_order(site, items[2], &fortran);
    if (status == NPK_OK)
        status = npki_lay_out(site, array, fortran, &count);
    if (status == NPK_OK)
        status = take_payload(site, array, items[3], count);
    return status;
}

/* (version, shape, dtype, ...) of `size` items; of an array's own also without the version. */
static bool is_like_state(const npk_value *state, size_t size)
{
    size_t count = state->kind == NPK_KIND_TUPLE ? npki_count_of(state) : 0;
    size_t from = count == size ? 1 : 0;
    return (count == size || (size == NPKI_STATE_SIZE && count == size - 1)) &&
           (from == 0 || npki_item_of(state, 0)->kind == NPK_KIND_INT) &&
           npki_item_of(state, from)->kind == NPK_KIND_TUPLE && npk_value_dtype(npki_item_of(state, from + 1)) != NULL;
}

/* A subclass of ndarray that npickle does not know may have a state of its own. Then it holds the array's somewhere, or
 * it has nothing to do with that. False: no more is known than that it is an object of that class. */
static bool find_state(npk_value *state, size_t size, npki_found *found)
{
    *found = (npki_found){.holders = {state}, .count = 1};
    size_t count = state->kind == NPK_KIND_TUPLE ? npki_count_of(state) : 0;
    if (is_like_state(state, size))
        return true;
    npki_find_state(state, size, found);
    if (found->times > 0)
        return true;
    *found = (npki_found){.holders = {state}, .count = 2};
    if (count > 0)
        found->holders[1] = npki_item_of(state, 0);
    if (count == 0 || !is_like_state(npki_item_of(state, 0), size))
        return false;
    found->end = (uint8_t)npki_count_of(npki_item_of(state, 0)); /* one without a version, or that is refused */
    return true;
}

npk_status npki_build_array(npki_site *site, npk_value *object, size_t longest, npki_array_state **out,
                            npk_value *const **items)
{
    npki_object *o = object->u.object;
    const npk_value *class_ = o->meaning != NPKI_NDARRAY ? npki_call_item(object, 0) : NULL;
    npki_found found = {.holders = {o->state}, .count = 1};
    *out = NULL;
    if (o->array != NULL)
        return npki_site_fail(site, NPK_ERR_UNSUPPORTED,
                              "an array is given its state twice: NumPy takes the last, and npickle has room for one");
    bool unknown = class_ != NULL && (class_->kind != NPK_KIND_GLOBAL || class_->u.global->row == NULL);
    if (unknown && !find_state(o->state, longest, &found))
        return NPK_OK;
    const npk_value *state = found.holders[found.count - 1];
    size_t count = state->kind == NPK_KIND_TUPLE ? npki_count_of(state) : 0;
    if (found.times == 0 && count != longest && !(longest == NPKI_STATE_SIZE && count == longest - 1))
        return npki_site_fail(site, NPK_ERR_ARRAY, "the state of an array is a tuple of %zu items, found %s of %zu",
                              longest, kind_of(state), count);
    npk_status status = npki_new_array(site, out);
    if (status == NPK_OK)
        status = npki_class_name(site, class_, &(*out)->class_name);
    if (status == NPK_OK)
        status = npki_take_state(site, state->u.items->at + found.start, count == NPKI_STATE_SIZE - 1, *out);
    if (unknown && npk_status_band(status) == NPK_BAND_MALFORMED) { /* its class may make something of that */
        *out = NULL;
        return NPK_OK;
    }
    if (status == NPK_OK && (found.count > 1 || count > longest))
        status = npki_keep_found(site, *out, &found);
    else
        npki_freeze(o->state, NPKI_FREEZE_ALL);
    if (status != NPK_OK)
        return status;
    if (items != NULL)
        *items = state->u.items->at + found.start;
    o->array = *out;
    return NPK_OK;
}

npk_status npki_build_ndarray(npki_site *site, npk_value *object)
{
    npki_array_state *array;
    return npki_build_array(site, object, NPKI_STATE_SIZE, &array, NULL);
}

/* --- scalars --- */

/* scalar(dtype, bytes): numpy.float64(1.5) */
npk_status npki_call_scalar(npki_site *site, npk_value *object)
{
    npki_array_state *array;
    uint64_t count = 0;
    if (npki_call_size(object) != 2)
        return npki_site_fail(site, NPK_ERR_CALL, "a NumPy scalar is (dtype, value), found %zu arguments",
                              npki_call_size(object));
    npk_status status = npki_new_array(site, &array);
    if (status == NPK_OK)
        status = take_type(site, npki_call_item(object, 0), false, array);
    npk_value *value = npki_call_item(object, 1);
    if (status != NPK_OK)
        return status;
    if (array->dtype->has_object) { /* its value is the argument: nothing to lay out */
        if (npki_is_bytes(value))
            return npki_site_fail(site, NPK_ERR_CALL, "a scalar of Python objects out of %s", kind_of(value));
        return NPK_OK;
    }
    status = npki_lay_out(site, array, false, &count);
    if (status == NPK_OK)
        status = take_payload(site, array, value, 1);
    if (status == NPK_OK)
        object->u.object->array = array;
    return status;
}

/* --- joblib: the elements follow the BUILD of a NumpyArrayWrapper. joblib/numpy_pickle.py --- */

#define MOST_ENTRIES 64 /* of the state: joblib 1.5 has six, and each is searched for */

/* What it becomes can be no key, and so it can be none of its own state's. */
npk_status npki_call_joblib(npki_site *site, npk_value *object)
{
    (void)site;
    object->flags |= NPKI_UNHASHABLE;
    return NPK_OK;
}

npk_status npki_build_joblib(npki_site *site, npk_value *object)
{
    npk_value *state = object->u.object->state;
    if (object->u.object->array != NULL)
        return npki_site_fail(site, NPK_ERR_UNSUPPORTED,
                              "a joblib array is given a state twice: joblib gives the second to the array itself");
    if (npk_value_size(state) > MOST_ENTRIES)
        return npki_site_fail(site, NPK_ERR_ARRAY, "a joblib array has a state of few entries, found %zu",
                              npk_value_size(state));
    const npk_value *class_ = npk_dict_get(state, "subclass");
    npk_value *shape = NULL;
    const npk_value *order = npk_dict_get(state, "order");
    npk_value *type = NULL;
    for (size_t i = 0; i < npk_value_size(state); i++) {
        if (npki_text_is(npk_dict_key(state, i), "dtype"))
            type = npki_item_of(state, 2 * i + 1);
        if (npki_text_is(npk_dict_key(state, i), "shape"))
            shape = npki_item_of(state, 2 * i + 1);
    }
    const bool fortran = npki_text_is(order, "F");
    const bool whole = class_ != NULL && npki_is_class(class_) && (fortran || npki_text_is(order, "C"));
    npki_array_state *array = NULL;
    uint64_t count;
    npk_status status = shape == NULL || type == NULL ? NPK_ERR_ARRAY : npki_new_array(site, &array);
    if (status == NPK_OK)
        status = take_type(site, type, false, array);
    if (status == NPK_OK && array->dtype->has_object) /* what follows is a pickle, of whatever shape */
        object->u.object->array = array;
    if (status == NPK_OK)
        status = npki_take_shape(site, shape, false, &array->ndim, &array->shape);
    if (status == NPK_OK)
        status = npki_lay_out(site, array, fortran, &count);
    if (status == NPK_OK)
        object->u.object->array = array;
    if (status == NPK_OK && whole)
        status = npki_class_name(site, class_, &array->class_name);
    if ((!whole || shape == NULL || type == NULL) && status != NPK_ERR_MEMORY && status != NPK_ERR_LIMIT)
        status = npki_site_fail(site, NPK_ERR_ARRAY, "a joblib array has subclass, shape, order and dtype");
    npki_freeze(state, NPKI_FREEZE_ALL);
    return status;
}
