#include "known/form.h"

#include "array/layout.h"
#include "text/sink.h"

/* Two pointers in one number, by which they are not found again. */
static uint64_t key_of(const npk_dtype *dtype, const npk_value *tuple)
{
    const uint64_t of = (uint64_t)(uintptr_t)dtype;
    return (uint64_t)(uintptr_t)tuple ^ (of << 24 | of >> 40);
}

static bool is_fresh(npki_form *form, const npk_dtype *dtype, npk_value *tuple)
{
    bool fresh = (tuple->history & NPKI_IS_FORMED) == 0;
    if (form->seen == NULL)
        tuple->history |= NPKI_IS_FORMED;
    else if (npki_map_put(form->seen, key_of(dtype, tuple), &fresh) == NULL)
        form->full = true;
    return fresh && !form->full;
}

static void enter(npki_form *form, const npk_dtype *dtype, npk_value *item)
{
    if (dtype->is_struct && form->depth < NPKI_FORM_DEEPEST && npki_is_tuple_of(item, dtype->field_count) &&
        is_fresh(form, dtype, item))
        form->steps[form->depth++] = (npki_form_step){dtype, item, 0};
}

void npki_form_start(npki_form *form, const npk_dtype *dtype, npk_value *item, npki_map *seen)
{
    form->depth = 0;
    form->seen = seen;
    form->full = false;
    enter(form, dtype, item);
}

bool npki_form_next(npki_form *form, npki_formed *out)
{
    while (form->depth > 0) {
        npki_form_step *step = &form->steps[form->depth - 1];
        if (step->field == step->dtype->field_count) {
            form->depth--;
            continue;
        }
        *out = (npki_formed){step->dtype->fields[step->field].dtype, step->tuple, step->field};
        step->field++;
        enter(form, out->dtype, npki_item_of(out->holder, out->index));
        return true;
    }
    return false;
}

static bool is_object(const npk_dtype *dtype)
{
    return dtype->type == NPK_OBJECT && dtype->base == NULL;
}

void npki_form_mark(const npk_dtype *dtype, npk_value *item)
{
    npki_form form;
    npki_formed at;
    npki_form_start(&form, dtype, item, NULL);
    while (npki_form_next(&form, &at)) {
        npk_value *value = npki_item_of(at.holder, at.index);
        if (value->kind == NPK_KIND_OBJECT && !is_object(at.dtype))
            value->history |= NPKI_IS_FORMED;
    }
}

/* --- what fits ---------------------------------------------------------------------------------------------------- */

/* An array in a field of subarrays, or a NumPy scalar. */
static bool is_array_of(const npk_dtype *dtype, const npk_value *value)
{
    const npki_array_state *array = value->kind == NPK_KIND_OBJECT ? value->u.object->array : NULL;
    const npk_dtype *item = dtype->base != NULL ? dtype->base : dtype;
    return array != NULL && npk_dtype_equal(array->dtype, item) &&
           npki_is_same_shape(array->ndim, array->shape, dtype->base != NULL ? dtype->base_ndim : 0, dtype->base_shape);
}

static bool is_bool(const npk_dtype *dtype, const npk_value *value)
{
    bool flag;
    (void)dtype;
    return npk_value_as_bool(value, &flag);
}

static bool is_int(const npk_dtype *dtype, const npk_value *value)
{
    const unsigned bits = (unsigned)(8 * dtype->itemsize) - 1;
    int64_t number;
    return npk_value_as_int64(value, &number) &&
           (bits >= 63 || (number < (int64_t)1 << bits && number >= -((int64_t)1 << bits)));
}

static bool is_uint(const npk_dtype *dtype, const npk_value *value)
{
    const unsigned bits = (unsigned)(8 * dtype->itemsize);
    uint64_t number;
    return npk_value_as_uint64(value, &number) && (bits >= 64 || number >> bits == 0);
}

static bool is_real(const npk_dtype *dtype, const npk_value *value)
{
    (void)dtype;
    return npk_value_kind(value) == NPK_KIND_FLOAT || npk_value_kind(value) == NPK_KIND_INT;
}

static bool is_complex(const npk_dtype *dtype, const npk_value *value)
{
    return npk_value_kind(value) == NPK_KIND_COMPLEX || is_real(dtype, value);
}

/* -1: it is no bytes. */
static int64_t bytes_of(const npk_value *value)
{
    const npk_kind kind = npk_value_kind(value);
    return kind == NPK_KIND_BYTES || kind == NPK_KIND_PYTHON2_STR ? npk_value_bytes_size(value) : -1;
}

static bool is_short_bytes(const npk_dtype *dtype, const npk_value *value)
{
    return bytes_of(value) >= 0 && bytes_of(value) <= dtype->itemsize;
}

static bool is_item(const npk_dtype *dtype, const npk_value *value)
{
    return bytes_of(value) == dtype->itemsize;
}

static bool is_short_text(const npk_dtype *dtype, const npk_value *value)
{
    const char *utf8;
    size_t size;
    return npk_value_kind(value) == NPK_KIND_STR && npki_text_of(value, &utf8, &size) &&
           npki_sink_characters(utf8, size) <= (size_t)dtype->itemsize / 4;
}

/* None, or as many units. */
static bool is_ticks(const npk_value *value)
{
    int64_t ticks;
    return npk_value_kind(value) == NPK_KIND_NONE || npk_value_as_int64(value, &ticks);
}

static bool is_call_of(const npk_value *value, const char *class_)
{
    return value->kind == NPK_KIND_OBJECT && npk_value_is_global(value->u.object->callable, "datetime", class_);
}

static bool is_time(const npk_dtype *dtype, const npk_value *value)
{
    (void)dtype;
    return is_ticks(value) || is_call_of(value, "datetime") || is_call_of(value, "date");
}

static bool is_duration(const npk_dtype *dtype, const npk_value *value)
{
    (void)dtype;
    return is_ticks(value) || is_call_of(value, "timedelta");
}

/* What getitem gives of each kind, or what setitem makes the same of. */
static const struct {
    char kind;
    bool (*fits)(const npk_dtype *dtype, const npk_value *value);
} kinds[] = {
    {'b', is_bool},        {'i', is_int},  {'u', is_uint},       {'f', is_real}, {'c', is_complex},
    {'S', is_short_bytes}, {'V', is_item}, {'U', is_short_text}, {'M', is_time}, {'m', is_duration},
};

static bool is_of_kind(const npk_dtype *dtype, const npk_value *value)
{
    bool fits = false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        fits = fits || (kinds[i].kind == npk_dtype_kind(dtype) && kinds[i].fits(dtype, value));
    return fits;
}

static bool fits_itself(const npk_dtype *dtype, const npk_value *value)
{
    if (is_object(dtype))
        return true;
    if (dtype->is_struct && dtype->base == NULL)
        return npki_is_tuple_of(value, dtype->field_count);
    return is_array_of(dtype, value) || (dtype->base == NULL && is_of_kind(dtype, value));
}

npk_status npki_form_fits(const npk_dtype *dtype, npk_value *value, const npk_allocator *allocator, bool *fits)
{
    npki_form form;
    npki_formed at;
    npki_map seen;
    *fits = fits_itself(dtype, value);
    npki_map_init(&seen, allocator);
    npki_form_start(&form, dtype, value, &seen);
    while (*fits && npki_form_next(&form, &at))
        *fits = fits_itself(at.dtype, npki_item_of(at.holder, at.index));
    npki_map_free(&seen);
    return form.full ? NPK_ERR_MEMORY : NPK_OK;
}
