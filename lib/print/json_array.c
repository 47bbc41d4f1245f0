#include "print/json_array.h"

#include "base/bytes.h"
#include "dtype/facts.h"
#include "print/at_hand.h"
#include "print/item.h"

#include <string.h>

struct npki_json_array {
    npki_sink *out;
    const npk_value *objects; /* of elements that are Python objects; or NULL */
    npki_at_hand data, mask;
    bool is_masked;
    npki_print_plan plan;
    int ndim; /* axes of lists that have items; those in them are empty */
    bool empty;
    int64_t shape[NPK_MAXDIMS];
    int64_t at[NPK_MAXDIMS];
    int64_t flat; /* elements before this one */
    enum { BEGINNING, ELEMENT, OBJECT, DONE } stage;
};

/* --- beginning --- */

/* A character for every value, and every list and object that may be empty. */
static uint64_t shortest_text(const npki_json_array *print, const npk_dtype *dtype)
{
    uint64_t count = print->objects != NULL || print->empty ? 1 : npki_dtype_facts_of(dtype).places;
    for (int i = 0; i < print->ndim; i++)
        count = npki_mul_saturated(count, (uint64_t)print->shape[i]);
    return count;
}

static void take(npki_json_array *print, const npk_array *array, const npk_array *mask,
                 const npki_print_settings *settings)
{
    npki_sink *out = print->out;
    print->objects = array->objects;
    print->is_masked = mask != NULL;
    for (int i = 0; i < array->ndim && !print->empty; i++) {
        print->empty = array->shape[i] == 0;
        print->shape[i] = array->shape[i];
        print->ndim += !print->empty;
    }
    npki_sink_expect(out, shortest_text(print, array->dtype));
    if (print->objects == NULL && npk_dtype_has_object(array->dtype)) {
        npki_sink_fail(out, NPK_ERR_UNSUPPORTED);
    } else if (print->objects == NULL && !print->empty) {
        npki_print_item_start(&print->plan, array->dtype, array->ndim == 0, NPKI_ITEM_JSON, settings, out);
        (void)npki_at_hand_start(&print->data, array, out);
    }
    if (print->is_masked && !print->empty)
        (void)npki_at_hand_start(&print->mask, mask, out);
}

void npki_json_array_begin(npki_json_array **out_print, const npk_array *array, const npk_array *mask,
                           const npki_print_settings *settings, npki_sink *out)
{
    npki_json_array *print = npki_sink_allocate(out, sizeof *print, NPKI_SINK_FREE);
    *out_print = print;
    if (print == NULL)
        return;
    memset(print, 0, sizeof *print);
    print->out = out;
    take(print, array, mask, settings);
}

void npki_json_array_end(npki_json_array *print)
{
    if (print == NULL)
        return;
    npki_sink *out = print->out;
    npki_print_item_free(&print->plan, out);
    npki_at_hand_free(&print->data, out);
    npki_at_hand_free(&print->mask, out);
    npki_free(&out->allocator, print, sizeof *print);
}

/* --- elements in their brackets --- */

static int64_t place(const npki_json_array *print, const npki_at_hand *hand)
{
    int64_t place = 0;
    for (int i = 0; i < print->ndim; i++)
        place += print->at[i] * npki_at_hand_stride(hand, i);
    return place;
}

/* The object behind this place, or NULL where all was printed. */
static const npk_value *put_element(npki_json_array *print)
{
    npki_sink *out = print->out;
    const uint8_t *data = print->data.view.array.data, *mask = print->mask.view.array.data;
    if (print->empty) {
        npki_sink_text(out, "[]");
        return NULL;
    }
    if (print->is_masked)
        mask += place(print, &print->mask);
    if (print->objects == NULL) {
        print->plan.mask = print->is_masked ? mask : NULL;
        print->plan.mask_stride = npki_at_hand_stride(&print->mask, print->ndim);
        npki_print_item_print(&print->plan, data + place(print, &print->data), out);
        return NULL;
    }
    const npk_value *object = npk_value_item(print->objects, (size_t)print->flat);
    if (print->is_masked && *mask != 0) {
        npki_sink_text(out, "null");
        return NULL;
    }
    if (object == NULL)
        npki_sink_fail(out, NPK_ERR_ARRAY);
    return object;
}

/* Goes to the next place, and prints what lies between. */
static void step(npki_json_array *print)
{
    npki_sink *out = print->out;
    int axis = print->ndim - 1;
    print->flat++;
    while (axis >= 0 && ++print->at[axis] == print->shape[axis]) {
        npki_sink_char(out, ']');
        print->at[axis--] = 0;
    }
    print->stage = axis < 0 ? DONE : ELEMENT;
    if (axis < 0)
        return;
    npki_sink_text(out, ", ");
    npki_sink_repeat(out, '[', (size_t)(print->ndim - 1 - axis));
}

const npk_value *npki_json_array_next(npki_json_array *print)
{
    npki_sink *out = print->out;
    if (print->stage == BEGINNING) {
        npki_sink_repeat(out, '[', (size_t)print->ndim);
        print->stage = ELEMENT;
    }
    if (print->stage == OBJECT)
        step(print);
    while (print->stage == ELEMENT && out->status == NPK_OK) {
        const npk_value *object = put_element(print);
        if (object != NULL) {
            print->stage = OBJECT;
            return object;
        }
        step(print);
        npki_sink_pass(out);
    }
    return NULL;
}
