/* Arrays, as NumPy gives them. numpy: core/src/multiarray/methods.c array_reduce(), array_reduce_ex(). */
#include "writer/numpy/numpy.h"

#include "dtype/facts.h"
#include "array/layout.h"
#include "value/value.h"

void npki_begin_state(npk_writer *w, const npk_array *array, int64_t items)
{
    npki_begin(w, NPK_KIND_TUPLE, items, NPKI_NUMBER_IF_HELD);
    npk_write_int(w, 1);
    npki_write_shape(w, array->ndim, array->shape, NPKI_NUMBER_IF_HELD);
    npk_write_dtype(w, array->dtype);
    npk_write_bool(w, npki_written_order(w, array) == 'F');
}

void npki_begin_reconstruct(npk_writer *w, const char *module, const char *name)
{
    static const int64_t none[1] = {0};
    npki_begin(w, NPK_KIND_OBJECT, 3, NPKI_NUMBER_ALWAYS);
    npki_can_be_no_key(w);
    npki_write_meaning(w, NPKI_RECONSTRUCT);
    npki_begin(w, NPK_KIND_TUPLE, 3, NPKI_NUMBER_IF_HELD);
    npk_write_global(w, module, name);
    npki_write_shape(w, 1, none, NPKI_NUMBER_IF_HELD);
    npki_write_text(w, NPK_KIND_BYTES, "b", 1, 0, NPKI_NUMBER_IF_HELD);
    npki_end(w);
}

static const int64_t arguments[] = {[NPKI_ARRAY_BUFFER] = 4, [NPKI_ARRAY_BUFFER_AXES] = 5, [NPKI_ARRAY_OF_CLASS] = 6};

void npki_begin_ndarray(npk_writer *w, const npk_array *array, npki_array_form form)
{
    if (form == NPKI_ARRAY_STATE) {
        npki_begin_reconstruct(w, "numpy", "ndarray");
        npki_begin_state(w, array, 5);
        return;
    }
    npki_begin(w, NPK_KIND_OBJECT, 2, NPKI_NUMBER_ALWAYS);
    npki_can_be_no_key(w);
    npki_write_meaning(w, form == NPKI_ARRAY_OF_CLASS ? NPKI_NDARRAY : NPKI_FROMBUFFER);
    npki_begin(w, NPK_KIND_TUPLE, arguments[form], NPKI_NUMBER_IF_HELD);
    if (form == NPKI_ARRAY_OF_CLASS) {
        npki_write_shape(w, array->ndim, array->shape, NPKI_NUMBER_IF_HELD);
        npk_write_dtype(w, array->dtype);
    }
}

void npki_end_ndarray(npk_writer *w, const npk_array *array, npki_array_form form, char order, const int64_t *axes)
{
    if (form == NPKI_ARRAY_OF_CLASS) {
        npk_write_int(w, 0);
        npk_write_none(w);
    } else if (form != NPKI_ARRAY_STATE) {
        npk_write_dtype(w, array->dtype);
        npki_write_shape(w, array->ndim, array->shape, NPKI_NUMBER_IF_HELD);
    }
    if (form != NPKI_ARRAY_STATE)
        npki_write_text(w, NPK_KIND_STR, &order, 1, 0, NPKI_NUMBER_IF_HELD);
    if (form == NPKI_ARRAY_BUFFER_AXES)
        npki_write_shape(w, array->ndim, axes, NPKI_NUMBER_IF_HELD);
    npki_end(w);
    npki_end(w);
}

/* Out of band, where the caller takes it: then the pickle only says that it comes next. */
static bool give_buffer(npk_writer *w, const npk_array *array)
{
    const npk_buffer buffer = {
        .bytes = array->data, .size = (size_t)npk_array_nbytes(array), .readonly = array->readonly};
    if (w->buffer == NULL || array->data == NULL || !w->buffer(w->buffer_context, &buffer))
        return false;
    if (w->hooks->buffer != NULL)
        w->hooks->buffer(w, &buffer);
    if (npki_before(w)) {
        npki_op(w, NPKI_ROW_NEXT_BUFFER);
        if (array->readonly)
            npki_op(w, NPKI_ROW_READONLY_BUFFER);
        npki_after(w);
    }
    return true;
}

static void write_of_buffer(npk_writer *w, const npk_array *array, char order, const int64_t *axes)
{
    npki_array_form form = axes != NULL          ? NPKI_ARRAY_BUFFER_AXES
                           : npki_is_for_both(w) ? NPKI_ARRAY_OF_CLASS
                                                 : NPKI_ARRAY_BUFFER;
    npki_begin_ndarray(w, array, form);
    bool whole = order == 'F' ? npki_is_f_contiguous(array) : npki_is_c_contiguous(array);
    if (!whole || !give_buffer(w, array))
        npki_write_elements(w, array, order == 'F' ? 'F' : 'C', array->readonly ? NPK_KIND_BYTES : NPK_KIND_BYTEARRAY,
                            NPKI_BYTES_NEW);
    npki_end_ndarray(w, array, form, order, axes);
}

/* The axes from the widest stride to the narrowest (numpy: PyArray_CreateSortedStridePerm), and whether the array,
 * its axes in that order, lies in one piece. */
static bool sort_axes(const npk_array *array, npk_array *sorted, int64_t *shape, int64_t *strides, int64_t *back)
{
    int axis[NPK_MAXDIMS];
    for (int i = 0; i < array->ndim; i++) { /* insertion sort: stable, and there are few */
        int at = i;
        int64_t width = array->strides[i] < 0 ? -array->strides[i] : array->strides[i];
        for (; at > 0; at--) {
            int64_t other = array->strides[axis[at - 1]];
            if ((other < 0 ? -other : other) >= width)
                break;
            axis[at] = axis[at - 1];
        }
        axis[at] = i;
    }
    *sorted = *array;
    sorted->shape = shape;
    sorted->strides = strides;
    for (int i = 0; i < array->ndim; i++) {
        shape[i] = array->shape[axis[i]];
        strides[i] = array->strides[axis[i]];
        back[axis[i]] = i;
    }
    return npki_is_c_contiguous(sorted);
}

/* Whether NumPy, and the protocol, have buffers for elements of this type. */
static bool can_be_buffer(const npk_writer *w, const npk_dtype *dtype)
{
    if (w->protocol < npki_opcodes[NPKI_ROW_BYTEARRAY8].protocol || dtype->itemsize == 0 || dtype->has_object)
        return false;
    return npki_dtype_facts_of(dtype).has_format;
}

bool npki_has_buffer(npk_writer *w, const npk_dtype *dtype)
{
    return (!npki_is_for_both(w) || w->buffer != NULL) && can_be_buffer(w, dtype);
}

/* Whether it is a call with its elements in the arguments whatever the protocol has: ALWAYS, or because it is
 * read-only, which nothing else says where there is no _frombuffer. */
static bool is_made_of_buffer(const npk_writer *w, const npk_array *array, npki_buffer_use use)
{
    const bool stays_readonly = array->readonly && npki_is_for_both(w) && use == NPKI_BUFFER_IF_POSSIBLE;
    return array->dtype->itemsize > 0 &&
           (use == NPKI_BUFFER_ALWAYS || (stays_readonly && can_be_buffer(w, array->dtype)));
}

/* Protocol 5, where NumPy gives the elements as a buffer. False: it does not. */
static bool write_as_buffer(npk_writer *w, const npk_array *array, npki_buffer_use use)
{
    int64_t shape[NPK_MAXDIMS], strides[NPK_MAXDIMS], back[NPK_MAXDIMS];
    npk_array sorted;
    if (is_made_of_buffer(w, array, use)) {
        write_of_buffer(w, array, npki_written_order(w, array), NULL);
        return true;
    }
    if (use != NPKI_BUFFER_IF_POSSIBLE || !npki_has_buffer(w, array->dtype))
        return false;
    if (npki_is_c_contiguous(array)) {
        write_of_buffer(w, array, 'C', NULL);
    } else if (npki_is_f_contiguous(array)) {
        write_of_buffer(w, array, 'F', NULL);
    } else if (array->strides != NULL && sort_axes(array, &sorted, shape, strides, back)) {
        w->came_to |= NPKI_CAME_TO_NUMPY;
        if (!w->numpy->axis_order)
            return false;
        write_of_buffer(w, &sorted, 'K', back);
    } else {
        return false;
    }
    return true;
}

/* Whether it came out of a document in which NumPy had told the order of its axes, and the form that it gets does
 * not. */
static bool loses_axes(npk_writer *w, const npk_array *array, npki_buffer_use use)
{
    const npk_value *source = array->source;
    const npki_object *call = source != NULL && source->kind == NPK_KIND_OBJECT ? source->u.object : NULL;
    return call != NULL && call->meaning == NPKI_FROMBUFFER && npki_count_of(call->args) > 4 &&
           !(use == NPKI_BUFFER_IF_POSSIBLE && w->numpy->axis_order && npki_has_buffer(w, array->dtype));
}

npk_array npki_without_data(const npk_array *array)
{
    static const uint8_t none = 0; /* not looked at */
    return (npk_array){
        .dtype = array->dtype, .data = &none, .ndim = array->ndim, .shape = array->shape, .order = array->order};
}

static void fail_array(npk_writer *w, const npk_array *array)
{
    npk_error error;
    if (npki_array_check(array, &error) != NPK_OK)
        npki_writer_fail(w, error.status, "%s", error.message);
}

bool npki_can_write(npk_writer *w, const npk_array *array)
{
    if (w->error.status != NPK_OK)
        return false;
    if (npki_array_check(array, NULL) != NPK_OK)
        fail_array(w, array);
    else if (array->dtype->base != NULL)
        npki_writer_fail(w, NPK_ERR_USAGE, "an array of subarrays: their dimensions are those of the array");
    else if (array->dtype->has_object &&
             (array->objects == NULL || (int64_t)npk_value_size(array->objects) != npk_array_count(array)))
        npki_writer_fail(w, NPK_ERR_USAGE, "an array of Python objects is written with npk_write_begin_objects");
    return w->error.status == NPK_OK;
}

/* The items of an array in a document. */
static void write_objects(npk_writer *w, const npk_value *list)
{
    size_t count = npk_value_size(list);
    npki_begin(w, NPK_KIND_LIST, (int64_t)count, npki_number_always_if(count > 0));
    for (size_t i = 0; i < count; i++)
        w->hooks->write_value(w, npk_value_item(list, i));
    npki_end(w);
}

void npki_write_payload(npk_writer *w, const npk_array *array)
{
    if (array->dtype->has_object)
        write_objects(w, array->objects);
    else
        npki_write_elements(w, array, npki_written_order(w, array), NPK_KIND_BYTES, NPKI_BYTES_ANY);
}

npk_status npk_write_array(npk_writer *w, const npk_array *array)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (array == NULL)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected an array, found NULL");
    return npki_write_array(w, array, NPKI_BUFFER_IF_POSSIBLE);
}

npk_status npki_write_array(npk_writer *w, const npk_array *array, npki_buffer_use use)
{
    if (!npki_can_write(w, array))
        return w->error.status;
    if (loses_axes(w, array, use))
        npki_leave_out(w, NPKI_LEFT_OUT_AXES);
    if (npki_write_ready(w, array, use))
        return w->error.status;
    npki_ready_start start = npki_start_ready(w, array, use);
    if (!write_as_buffer(w, array, use)) {
        npki_begin_ndarray(w, array, NPKI_ARRAY_STATE);
        npki_write_payload(w, array);
        npki_end_ndarray(w, array, NPKI_ARRAY_STATE, 'C', NULL);
    }
    npki_keep_ready(w, array, use, &start);
    return w->error.status;
}
