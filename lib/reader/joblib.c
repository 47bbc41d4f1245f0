/* Arrays of joblib, whose elements stand in the middle of the pickle.
 * joblib: numpy_pickle.py NumpyArrayWrapper. */
#include "reader/build.h"

#include "array/layout.h"
#include "dtype/dtype.h"

#include <string.h>

/* What the inner pickle made is no array of the wrapper's, which is none then: something malformed holds both in its
 * place. */
static npk_status keep_inner(npki_builder *b, npk_value *result, npk_status status)
{
    npk_value *kept = NULL;
    status = npki_keep_inner(b, b->wrapper, result, status, &kept);
    if (status != NPK_OK)
        return status;
    b->wrapper->u.object->array = NULL;
    b->wrapper->u.object->meaning = NPKI_UNKNOWN;
    b->stack[b->height - 1] = kept;
    return NPK_OK;
}

/* What the inner pickle made are the elements of the wrapper. */
static npk_status leave_inner(npki_builder *b, npk_value *result)
{
    npki_array_state *array = b->wrapper->u.object->array;
    const npki_array_state *inner = result->kind == NPK_KIND_OBJECT ? result->u.object->array : NULL;
    const int8_t protocol = (int8_t)(b->machine.protocol >= 0 ? b->machine.protocol : 0);
    npki_memo_free(&b->machine.memo);
    b->machine = b->outer;
    b->stop = NULL;
    if (array == NULL)
        return keep_inner(
            b, result, npki_build_fail(b, NPK_ERR_ARRAY, "the pickle inside a joblib array whose state is malformed"));
    if (inner == NULL || !npk_dtype_equal(inner->dtype, array->dtype) ||
        !npki_is_same_shape(inner->ndim, inner->shape, array->ndim, array->shape))
        return keep_inner(b, result,
                          npki_build_fail(b, NPK_ERR_ARRAY,
                                          "expected an array of the same dtype and shape in the pickle "
                                          "inside a joblib array, found %s",
                                          inner == NULL ? npk_kind_name(npk_value_kind(result)) : "another"));
    array->payload = inner->payload; /* joblib takes all of the inner array */
    array->order = inner->order;
    array->strides = inner->strides;
    array->inner = result;
    array->inner_protocol = protocol;
    return npki_adopt(b, b->wrapper, &result, 1);
}

/* From here to its STOP the pickle is one of its own, with a stack above what is there. */
static npk_status enter_inner(npki_builder *b, npk_value *wrapper)
{
    if (b->stop != NULL)
        return npki_build_fail(b, NPK_ERR_ARRAY, "a joblib array inside the pickle of another");
    b->stop = leave_inner;
    b->wrapper = wrapper;
    b->outer = b->machine;
    b->machine = (npki_machine){.floor = b->height,
                                .mark_floor = b->mark_count,
                                .protocol = -1,
                                .start = b->source->offset,
                                .first_needed = b->needed.size};
    npki_memo_init(&b->machine.memo, &b->doc->allocator);
    return NPK_OK;
}

/* The elements of a joblib array lie behind its BUILD: as bytes, after padding since joblib 1.2, or as a pickle of
 * their own. *padding: of those that are bytes, which are at hand. */
static npk_status find_elements(npki_builder *b, npk_value *wrapper, const npki_array_state *array, size_t *padding)
{
    npk_status status = NPK_OK;
    *padding = 0;
    if (b->machine.frame_end != 0 && b->machine.frame_end != b->source->offset)
        status = npki_keep_misframed(
            b, npki_build_fail(b, NPK_ERR_FRAME, "the elements of a joblib array lie inside a frame"));
    if (status != NPK_OK || array->dtype->has_object)
        return status;
    if (npk_dict_get(wrapper->u.object->state, "numpy_array_alignment_bytes") != NULL) {
        if (!npki_source_more(b->source, 1, &status, b->site.error))
            return status != NPK_OK ? status
                                    : npki_build_fail(b, NPK_ERR_TRUNCATED, "the input ends before a joblib array");
        *padding = (size_t)b->source->at[0] + 1;
    }
    if (array->nbytes > SIZE_MAX - *padding)
        return npki_build_fail(b, NPK_ERR_ARRAY, "a joblib array larger than memory");
    if (!npki_source_more(b->source, *padding + (size_t)array->nbytes, &status, b->site.error))
        return status != NPK_OK ? status
                                : npki_build_fail(b, NPK_ERR_TRUNCATED, "the input ends inside a joblib array");
    return npki_keep_input(b);
}

npk_status npki_take_joblib(npki_builder *b, npk_value *wrapper)
{
    npki_array_state *array = wrapper->u.object->array;
    size_t padding;
    npk_status status = find_elements(b, wrapper, array, &padding);
    if (status != NPK_OK)
        return status;
    if (array->dtype->has_object)
        return enter_inner(b, wrapper);
    array->raw = b->source->at + padding;
    npki_source_pass(b->source, padding + (size_t)array->nbytes);
    return NPK_OK;
}

npk_status npki_keep_joblib(npki_builder *b, npk_value *wrapper, npk_status status)
{
    const npki_array_state *array = wrapper->u.object->array;
    const npk_error why = *b->site.error;
    size_t padding;
    npk_value *kept;
    npk_status found =
        !b->keeps_malformed || !npki_is_of_value(status) ? status : find_elements(b, wrapper, array, &padding);
    if (found != NPK_OK)
        return found;
    *b->site.error = why; /* where that was a frame */
    found = npki_keep_as_unknown(b, wrapper, wrapper->u.object, status);
    if (found != NPK_OK)
        return found;
    b->height--;
    if (array->dtype->has_object)
        return enter_inner(b, wrapper);
    found = npki_keep_elements(b, wrapper, padding + (size_t)array->nbytes, status, &kept);
    b->stack[b->height - 1] = kept;
    npki_source_pass(b->source, padding + (size_t)array->nbytes);
    return found;
}
