#include "known/form.h"

#include <string.h>

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

static bool is_int_of(const npk_dtype *dtype, const npk_value *value)
{
    const bool without_sign = npki_dtype_rows[dtype->type].number == NPKI_NUMBER_UINT;
    const unsigned bits = (unsigned)(8 * dtype->itemsize) - !without_sign;
    int64_t number;
    uint64_t positive;
    if (npk_value_as_int64(value, &number) && number < 0)
        return !without_sign && (bits >= 63 || number >= -((int64_t)1 << bits));
    return npk_value_as_uint64(value, &positive) && (bits >= 64 || positive >> bits == 0);
}

static size_t characters_of(const npk_value *text)
{
    const char *utf8;
    size_t size, count = 0;
    if (!npki_text_of(text, &utf8, &size))
        return SIZE_MAX;
    for (size_t i = 0; i < size; i++)
        count += ((uint8_t)utf8[i] & 0xc0) != 0x80;
    return count;
}

/* An array in a field of subarrays, or a NumPy scalar. */
static bool is_array_of(const npk_dtype *dtype, const npk_value *value)
{
    const npki_array_state *array = value->kind == NPK_KIND_OBJECT ? value->u.object->array : NULL;
    const npk_dtype *item = dtype->base != NULL ? dtype->base : dtype;
    const size_t ndim = dtype->base != NULL ? (size_t)dtype->base_ndim : 0;
    return array != NULL && (size_t)array->ndim == ndim && npk_dtype_equal(array->dtype, item) &&
           (ndim == 0 || memcmp(array->shape, dtype->base_shape, ndim * sizeof *array->shape) == 0);
}

/* Of that of a class of Python's module. */
static bool is_call_of(const npk_value *value, const char *class_)
{
    return value->kind == NPK_KIND_OBJECT && npk_value_is_global(value->u.object->callable, "datetime", class_);
}

/* What getitem gives of one kind, or what setitem makes the same of. */
static bool is_of_kind(const npk_dtype *dtype, const npk_value *value)
{
    const npk_kind kind = npk_value_kind(value);
    const bool bytes = kind == NPK_KIND_BYTES || kind == NPK_KIND_PYTHON2_STR;
    bool flag;
    int64_t ticks;
    switch (npk_dtype_kind(dtype)) {
    case 'b':
        return npk_value_as_bool(value, &flag);
    case 'i':
    case 'u':
        return is_int_of(dtype, value);
    case 'f':
        return kind == NPK_KIND_FLOAT || kind == NPK_KIND_INT;
    case 'c':
        return kind == NPK_KIND_COMPLEX || kind == NPK_KIND_FLOAT || kind == NPK_KIND_INT;
    case 'S':
        return bytes && npk_value_bytes_size(value) <= dtype->itemsize;
    case 'V':
        return bytes && npk_value_bytes_size(value) == dtype->itemsize;
    case 'U':
        return kind == NPK_KIND_STR && characters_of(value) <= (size_t)dtype->itemsize / 4;
    case 'M': /* a date or a number, as the unit has it */
        return kind == NPK_KIND_NONE || npk_value_as_int64(value, &ticks) || is_call_of(value, "datetime") ||
               is_call_of(value, "date");
    case 'm':
        return kind == NPK_KIND_NONE || npk_value_as_int64(value, &ticks) || is_call_of(value, "timedelta");
    default:
        return false;
    }
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
