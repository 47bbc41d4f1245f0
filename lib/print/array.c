/* What is described here is the behaviour of numpy/_core/arrayprint.py, _array_repr_implementation and _formatArray,
 * and of numpy/_core/records.py, recarray.__repr__. */
#include "print/array.h"

#include "dtype/dtype.h"
#include "array/layout.h"
#include "base/bytes.h"
#include "print/dtype.h"
#include "print/item.h"
#include "print/line.h"
#include "text/quote.h"

#include <string.h>

struct npki_print_array {
    npki_sink *out;
    const npki_print_settings *settings;
    const npk_dtype *dtype;
    const uint8_t *data;
    const npk_value *objects; /* of elements that are Python objects; or NULL */
    uint8_t *decoded;         /* the elements, decoded; or NULL */
    size_t decoded_size;
    int ndim;
    int64_t shape[NPK_MAXDIMS];
    int64_t strides[NPK_MAXDIMS];
    int64_t count;
    bool summary;
    bool record; /* rec.array */
    bool viewed; /* array(...).view(numpy.recarray) */
    bool again;
    npki_print_plan plan;

    size_t prefix; /* characters of "array(" */
    npki_line_layout lines;
    int64_t slots[NPK_MAXDIMS]; /* places of an axis: elements and the dots between them */
    int64_t at[NPK_MAXDIMS];    /* the place in each axis */
    enum { BEGINNING, WORDS, OBJECT, DONE } stage;
};

/* --- the elements --- */

static bool has_bytes(const npk_array *array)
{
    return npk_array_nbytes(array) > 0;
}

/* Where the elements lie. Coated ones are decoded; that takes no more memory than the pickle has bytes, but costs time,
 * and a pickle may hold an array many times. */
static npk_status locate(npki_print_array *print, const npk_array *array)
{
    static const uint8_t nothing[1];
    print->data = array->data;
    if (print->again || print->objects != NULL || !has_bytes(array)) {
        print->data = nothing;
        return NPK_OK;
    }
    if (array->data != NULL) {
        if (array->strides != NULL)
            memcpy(print->strides, array->strides, (size_t)array->ndim * sizeof *array->strides);
        else if (!npki_contiguous_strides(array->ndim, array->shape, npk_dtype_itemsize(array->dtype), array->order,
                                          print->strides))
            return NPK_ERR_USAGE;
        return NPK_OK;
    }
    if (array->payload == NULL) { /* objects that are not at hand */
        print->again = true;
        return NPK_OK;
    }
    size_t size = (size_t)npk_array_nbytes(array);
    print->decoded = npki_sink_allocate(print->out, size, NPKI_SINK_PAID);
    if (print->decoded == NULL)
        return print->out->status;
    print->decoded_size = size;
    print->data = print->decoded;
    if (!npki_contiguous_strides(array->ndim, array->shape, npk_dtype_itemsize(array->dtype), 'C', print->strides))
        return NPK_ERR_USAGE;
    return npk_array_copy(array, 'C', print->decoded, size, NULL);
}

static bool is_shortened(const npki_print_array *print, int axis)
{
    return print->summary && print->shape[axis] > 2 * print->settings->edge_items;
}

/* The element behind place `slot` of an axis; -1: the dots. */
static int64_t index_of(const npki_print_array *print, int axis, int64_t slot)
{
    if (!is_shortened(print, axis))
        return slot;
    int64_t edge = print->settings->edge_items;
    return slot < edge ? slot : slot == edge ? -1 : print->shape[axis] - print->slots[axis] + slot;
}

static const uint8_t *element_at(const npki_print_array *print)
{
    const uint8_t *p = print->data;
    for (int i = 0; i < print->ndim; i++)
        p += index_of(print, i, print->at[i]) * print->strides[i];
    return p;
}

static size_t object_at(const npki_print_array *print)
{
    int64_t flat = 0;
    for (int i = 0; i < print->ndim; i++)
        flat = flat * print->shape[i] + index_of(print, i, print->at[i]);
    return (size_t)flat;
}

/* How many elements will be printed, or more. */
static uint64_t shown(const npki_print_array *print)
{
    uint64_t count = 1;
    for (int i = 0; i < print->ndim; i++)
        count = npki_mul_saturated(count, (uint64_t)print->slots[i]);
    return count;
}

/* Shows all elements that will be printed to the plan, as often as it asks for; of those without bytes the first. */
static void survey(npki_print_array *print)
{
    bool all = npk_dtype_itemsize(print->dtype) > 0;
    for (int pass = 1; pass <= print->plan.passes && print->out->status == NPK_OK; pass++) {
        memset(print->at, 0, sizeof print->at);
        int axis;
        do {
            npki_print_item_see(&print->plan, pass, element_at(print), print->out);
            for (axis = all ? print->ndim - 1 : -1; axis >= 0; axis--) {
                print->at[axis]++;
                if (print->at[axis] < print->slots[axis] && index_of(print, axis, print->at[axis]) < 0)
                    print->at[axis]++;
                if (print->at[axis] < print->slots[axis])
                    break;
                print->at[axis] = 0;
            }
        } while (axis >= 0 && print->out->status == NPK_OK);
        npki_print_item_settle(&print->plan, pass);
    }
    memset(print->at, 0, sizeof print->at);
}

/* --- beginning --- */

static bool is_void_class(const npk_dtype *dtype)
{
    const char *module, *name;
    size_t module_size, name_size;
    return !npk_dtype_class(dtype, &module, &module_size, &name, &name_size) ||
           (name_size == 4 && memcmp(name, "void", 4) == 0);
}

/* "array(": and its length. Only the last part of the class's name is shown. */
static void begin_text(npki_print_array *print, const char *class)
{
    size_t start = print->out->size;
    const char *last = strrchr(class, '.');
    const char *name = last == NULL ? class : last + 1;
    if (strcmp(class, "numpy.ndarray") == 0)
        name = "array";
    if (strcmp(name, "recarray") == 0) {
        print->viewed = npk_dtype_type(print->dtype) == NPK_VOID && is_void_class(print->dtype);
        print->record = !print->viewed;
        name = print->viewed ? "array" : "rec.array";
    }
    npki_quote(print->out, NPK_TEXT_NAME, name, strlen(name));
    npki_sink_char(print->out, '(');
    if (print->out->status == NPK_OK)
        print->prefix = npki_sink_characters(print->out->bytes + start, print->out->size - start);
}

/* How many places an axis of the array has. */
static int64_t slots_of(const npki_print_array *print, int axis)
{
    return is_shortened(print, axis) ? 2 * print->settings->edge_items + 1 : print->shape[axis];
}

npk_status npki_print_array_begin(npki_print_array **out_print, const npk_array *array, const char *class,
                                  npki_print_elements elements, const npki_print_settings *settings, npki_sink *out)
{
    *out_print = NULL;
    npki_print_array *print = npki_sink_allocate(out, sizeof *print, NPKI_SINK_FREE);
    if (print == NULL)
        return out->status;
    memset(print, 0, sizeof *print);
    out->held++; /* words are laid out anew; see begin_word */
    print->out = out;
    print->settings = settings;
    print->dtype = array->dtype;
    print->objects = array->objects;
    print->ndim = array->ndim;
    print->count = npk_array_count(array);
    print->again = elements == NPKI_ELEMENTS_DOTS;
    print->summary = print->count > 0 && (uint64_t)print->count > settings->threshold;
    npk_status status = array->ndim < 0 || array->ndim > NPK_MAXDIMS || print->count < 0 ? NPK_ERR_USAGE : NPK_OK;
    for (int i = 0; i < array->ndim && status == NPK_OK; i++) {
        print->shape[i] = array->shape[i];
        print->slots[i] = slots_of(print, i);
    }
    if (status == NPK_OK)
        status = locate(print, array);
    if (status == NPK_OK) {
        begin_text(print, class);
        if (print->count > 0 && !print->again && print->objects != NULL)
            npki_sink_expect(out, shown(print));
        if (print->count > 0 && !print->again && print->objects == NULL && out->status == NPK_OK) {
            npki_print_item_start(&print->plan, print->dtype, print->ndim == 0, NPKI_ITEM_IN_ARRAY, settings, out);
            npki_sink_expect(out, npki_mul_saturated(shown(print), npki_print_item_least(&print->plan)));
            survey(print);
        }
        status = out->status;
    }
    if (status != NPK_OK) {
        out->held--;
        npki_print_array_end(print);
        return status;
    }
    *out_print = print;
    return NPK_OK;
}

void npki_print_array_end(npki_print_array *print)
{
    if (print == NULL)
        return;
    npki_sink *out = print->out;
    npki_print_item_free(&print->plan, out);
    npki_free(&out->allocator, print->decoded, print->decoded_size);
    npki_free(&out->allocator, print, sizeof *print);
}

/* --- elements in their brackets --- */

static void begin_word(npki_print_array *print)
{
    if (print->objects == NULL) {
        print->out->held--;
        npki_sink_pass(print->out);
        print->out->held++;
    }
    print->lines.word = print->out->size;
}

/* Goes to the next place, and prints what lies between: a comma, brackets, empty lines, the dots. */
static void step(npki_print_array *print)
{
    npki_sink *out = print->out;
    int axis = print->ndim - 1;
    if (axis >= 0 && ++print->at[axis] < print->slots[axis]) {
        npki_sink_text(out, ", ");
        print->lines.used += 2;
        return;
    }
    for (; axis >= 0; axis--) {
        if (axis < print->ndim - 1)
            print->at[axis]++;
        while (print->at[axis] < print->slots[axis]) {
            int nested = print->ndim - 1 - axis;
            npki_sink_char(out, ',');
            npki_sink_repeat(out, '\n', (size_t)nested);
            npki_sink_repeat(out, ' ', 1 + print->prefix + (size_t)axis);
            if (index_of(print, axis, print->at[axis]) >= 0) {
                npki_sink_repeat(out, '[', (size_t)nested);
                memset(print->at + axis + 1, 0, (size_t)nested * sizeof *print->at);
                print->lines.used = print->lines.indent;
                return;
            }
            npki_sink_text(out, "...");
            print->at[axis]++;
        }
        npki_sink_char(out, ']');
        print->lines.used++;
    }
    print->stage = DONE;
}

/* "shape=(2000,), dtype=float32" and the end. */
static void finish(npki_print_array *print)
{
    npki_sink *out = print->out;
    bool empty = print->count == 0;
    bool shape = (empty && (print->ndim != 1 || print->shape[0] != 0)) || print->summary;
    bool dtype = empty || !npki_print_dtype_is_implied(print->dtype);
    if (print->record || print->viewed) {
        npki_sink_text(out, empty && shape ? ", shape=" : "");
        if (empty && shape)
            npki_print_shape(out, print->ndim, print->shape, NPKI_LITERAL_PYTHON);
        npki_sink_text(out, ",\n");
        npki_sink_repeat(out, ' ', print->prefix);
        npki_sink_text(out, "dtype=");
        npki_print_dtype(out, print->dtype, NPKI_DTYPE_VOID, print->settings);
        npki_sink_text(out, print->viewed ? ").view(numpy.recarray)" : ")");
        return;
    }
    if (!shape && !dtype) {
        npki_sink_char(out, ')');
        return;
    }
    npki_sink_text(out, ", ");
    size_t start = out->size;
    if (shape) {
        npki_sink_text(out, "shape=");
        npki_print_shape(out, print->ndim, print->shape, NPKI_LITERAL_PYTHON);
        npki_sink_text(out, dtype ? ", " : "");
    }
    if (dtype) {
        npki_sink_text(out, "dtype=");
        npki_print_dtype(out, print->dtype, NPKI_DTYPE_SHORT, print->settings);
    }
    npki_sink_char(out, ')');
    if (out->status == NPK_OK &&
        print->lines.used + 2 + npki_sink_characters(out->bytes + start, out->size - start) > print->settings->width)
        npki_sink_break(out, start, print->prefix);
}

static void end_word(npki_print_array *print)
{
    if (print->ndim == 0)
        npki_line_measure(&print->lines, print->out);
    else
        npki_line_place(&print->lines, print->out);
    step(print);
}

static void begin_array(npki_print_array *print)
{
    print->stage = WORDS;
    print->lines.indent = 1 + print->prefix + (size_t)(print->ndim > 0 ? print->ndim - 1 : 0);
    /* a bracket for every axis, a comma or bracket, the parenthesis */
    print->lines.room = (int64_t)print->settings->width - 1 - (print->ndim - 1) - 1;
    print->lines.used = print->ndim > 0 ? print->lines.indent : print->prefix;
    if (print->count == 0 || print->again) {
        npki_sink_text(print->out, print->count == 0 ? "[]" : "...");
        print->lines.used = print->prefix + (print->count == 0 ? 2 : 3);
        print->stage = DONE;
    } else {
        npki_sink_repeat(print->out, '[', (size_t)print->ndim);
    }
}

const npk_value *npki_print_array_next(npki_print_array *print)
{
    npki_sink *out = print->out;
    if (print->stage == BEGINNING)
        begin_array(print);
    if (print->stage == OBJECT) {
        if (npk_value_kind(npk_value_item(print->objects, object_at(print))) == NPK_KIND_LIST)
            npki_sink_char(out, ')');
        print->stage = WORDS;
        end_word(print);
    }
    while (print->stage == WORDS && out->status == NPK_OK) {
        begin_word(print);
        if (print->ndim > 0 && index_of(print, print->ndim - 1, print->at[print->ndim - 1]) < 0) {
            npki_sink_text(out, "...");
        } else if (print->objects != NULL) {
            const npk_value *object = npk_value_item(print->objects, object_at(print));
            if (object == NULL) {
                npki_sink_fail(out, NPK_ERR_ARRAY);
                break;
            }
            if (npk_value_kind(object) == NPK_KIND_LIST)
                npki_sink_text(out, "list(");
            print->stage = OBJECT;
            return object;
        } else {
            npki_print_item_print(&print->plan, element_at(print), out);
        }
        end_word(print);
    }
    if (out->status == NPK_OK)
        finish(print);
    out->held--;
    return NULL;
}
