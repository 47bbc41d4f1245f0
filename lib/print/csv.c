#include "print/csv.h"

#include "array/layout.h"
#include "base/bytes.h"
#include "base/error.h"
#include "print/at_hand.h"
#include "print/csv_column.h"
#include "print/plain.h"
#include "print/scalar.h"
#include "print/value.h"
#include "text/quote.h"

#include <npickle/element.h>
#include <npickle/value.h>
#include <string.h>

typedef struct table {
    npki_sink *out;
    const npki_print_settings *settings;
    const npk_array *array;
    bool is_objects, is_masked;
    npki_at_hand data, mask;
    npki_csv_columns columns;
    int64_t rows, across; /* lines, and elements in each */
} table;

/* --- fields --- */

static void put_str(npki_sink *out, const npki_element_format *format, const uint8_t *p)
{
    npki_element_format one = *format;
    size_t count = format->size / 4;
    one.size = 4;
    while (count > 0 && npki_element_uint(&one, p + 4 * (count - 1)) == 0)
        count--;
    for (size_t i = 0; i < count; i++)
        npki_quote_character(out, NPK_TEXT_CSV, (uint32_t)npki_element_uint(&one, p + 4 * i));
}

static void put_time(npki_sink *out, const npki_csv_column *column, const uint8_t *p)
{
    char text[NPK_TIME_TEXT];
    int64_t value = npki_element_int(&column->format, p);
    size_t size = npk_time_text(column->dtype, value, text, sizeof text);
    if (size > 0)
        npki_sink_bytes(out, text, size);
    else
        npki_sink_int(out, value);
}

/* As str() has each. */
static void put_element(npki_sink *out, npki_csv_column *column, const uint8_t *p)
{
    size_t size = column->format.size;
    switch (column->format.is) {
    case NPKI_ELEMENT_TIME:
    case NPKI_ELEMENT_SPAN:
        put_time(out, column, p);
        break;
    case NPKI_ELEMENT_STR:
        put_str(out, &column->format, p);
        break;
    case NPKI_ELEMENT_BYTES:
        while (size > 0 && p[size - 1] == 0)
            size--;
        npki_quote(out, NPK_TEXT_CSV, p, size);
        break;
    case NPKI_ELEMENT_FLOAT:
    case NPKI_ELEMENT_COMPLEX:
        npki_print_scalar_float(out, &column->format, p);
        break;
    default:
        npki_element_print(&column->format, p, out);
    }
}

/* False where it has fields or is a Python object: then it is no plain value. */
static bool put_scalar(npki_sink *out, const npk_value *value)
{
    npk_array scalar;
    if (!npk_value_is_scalar(value) || npk_scalar_of(value, &scalar, NULL) != NPK_OK ||
        npk_dtype_has_object(scalar.dtype) || npk_dtype_is_struct(scalar.dtype))
        return false;
    size_t size = (size_t)npk_array_nbytes(&scalar);
    uint8_t *bytes = npki_sink_allocate(out, size + 1, NPKI_SINK_FREE);
    if (bytes != NULL && npk_array_copy(&scalar, 'C', bytes, size, NULL) == NPK_OK) {
        npki_csv_column column = {.dtype = scalar.dtype};
        npki_element_start(&column.format, scalar.dtype, true, 0);
        put_element(out, &column, bytes);
        npki_element_free(&column.format, out);
    }
    npki_free(&out->allocator, bytes, size + 1);
    return true;
}

/* A str is its text, None is nothing, a NumPy scalar its value; anything else is repr(). */
static void put_object(const table *t, const npk_value *value)
{
    size_t size;
    npki_sink *out = t->out;
    const char *text = npk_value_as_str(value, &size);
    if (text != NULL)
        npki_quote(out, NPK_TEXT_CSV, text, size);
    else if (npk_value_kind(value) == NPK_KIND_PYTHON2_STR)
        npki_print_bytes(out, NPK_TEXT_CSV, value);
    else if (value != NULL && !put_scalar(out, value) && npk_value_kind(value) != NPK_KIND_NONE)
        npki_print_value(out, value, t->settings);
}

/* The text since `start` in quotes, if it needs them: a comma, a quote or the end of a line in it, or nothing in a line
 * that has nothing else. */
static void quote(npki_sink *out, size_t start, bool alone)
{
    size_t quotes = 0, size = out->size - start;
    bool needed = alone && size == 0;
    for (size_t i = start; out->status == NPK_OK && i < out->size; i++) {
        char c = out->bytes[i];
        quotes += c == '"';
        needed |= c == '"' || c == ',' || c == '\n' || c == '\r';
    }
    if (!needed || npki_sink_room(out, (uint64_t)quotes + 2) == NULL)
        return;
    char *from = out->bytes + start + size, *to = out->bytes + out->size;
    *--to = '"';
    while (from > out->bytes + start) {
        *--to = *--from;
        if (*from == '"')
            *--to = '"';
    }
    *--to = '"';
}

/* --- tables --- */

/* The mask has an axis more where an element has several values. */
static bool is_hidden(const table *t, int64_t row, int64_t across, size_t column)
{
    if (!t->is_masked)
        return false;
    bool is_struct = npk_dtype_is_struct(t->array->dtype);
    int64_t last = is_struct ? (int64_t)column * npki_at_hand_stride(&t->mask, t->mask.view.array.ndim - 1)
                             : across * npki_at_hand_stride(&t->mask, 1);
    const uint8_t *mask = t->mask.view.array.data;
    return mask[row * npki_at_hand_stride(&t->mask, 0) + last] != 0;
}

static void put_field(table *t, int64_t row, int64_t across, size_t column)
{
    if (is_hidden(t, row, across, column))
        return;
    if (t->is_objects) {
        put_object(t, npk_value_item(t->array->objects, (size_t)(row * t->across + across)));
        return;
    }
    npki_csv_column *c = &t->columns.at[column];
    const uint8_t *data = t->data.view.array.data;
    put_element(t->out, c,
                data + row * npki_at_hand_stride(&t->data, 0) + across * npki_at_hand_stride(&t->data, 1) +
                    (int64_t)c->offset);
}

/* A number is never empty, and has nothing in it that would need them. */
static bool may_need_quotes(const table *t, size_t column)
{
    static const bool is_number[NPKI_ELEMENT_CLASSES] = {
        [NPKI_ELEMENT_BOOL] = true,  [NPKI_ELEMENT_INT] = true,     [NPKI_ELEMENT_UINT] = true,
        [NPKI_ELEMENT_FLOAT] = true, [NPKI_ELEMENT_COMPLEX] = true, [NPKI_ELEMENT_ADDED] = true,
    };
    return t->is_objects || t->is_masked || !is_number[t->columns.at[column].format.is];
}

static void put_line(table *t, int64_t row)
{
    size_t columns = t->is_objects ? 1 : t->columns.count;
    bool alone = t->across == 1 && columns == 1;
    for (int64_t across = 0; columns > 0 && across < t->across && t->out->status == NPK_OK; across++)
        for (size_t i = 0; i < columns && t->out->status == NPK_OK; i++) {
            if (across > 0 || i > 0)
                npki_sink_char(t->out, ',');
            size_t start = t->out->size;
            put_field(t, row, across, i);
            if (may_need_quotes(t, i))
                quote(t->out, start, alone);
        }
    npki_sink_char(t->out, '\n');
}

static void put_names(table *t)
{
    for (size_t i = 0; i < t->columns.count; i++) {
        if (i > 0)
            npki_sink_char(t->out, ',');
        size_t start = t->out->size;
        npki_quote(t->out, NPK_TEXT_CSV, t->columns.at[i].name, t->columns.at[i].name_size);
        quote(t->out, start, t->columns.count == 1);
    }
    npki_sink_char(t->out, '\n');
}

static void put_table(table *t)
{
    uint64_t columns = t->is_objects ? 1 : t->columns.count, in_row = npki_mul_saturated(columns, (uint64_t)t->across);
    /* a comma or the end of a line for each value, and each line */
    npki_sink_expect(t->out, npki_mul_saturated((uint64_t)t->rows, in_row > 0 ? in_row : 1));
    for (int64_t row = 0; row < t->rows && t->out->status == NPK_OK; row++) {
        t->out->held++; /* a field is looked at again when it ends */
        put_line(t, row);
        t->out->held--;
        npki_sink_pass(t->out);
    }
}

static npk_status check(const npk_array *array, npk_error *error)
{
    bool is_struct = npk_dtype_is_struct(array->dtype), is_object = npk_dtype_type(array->dtype) == NPK_OBJECT;
    if (npk_dtype_has_object(array->dtype) && (!is_object || array->objects == NULL))
        return npki_fail(error, NPK_ERR_UNSUPPORTED, "structs with Python objects in them can't be shown as CSV");
    if (array->ndim > (is_struct ? 1 : 2))
        return npki_fail(error, NPK_ERR_UNSUPPORTED, "CSV has %s, found an array of %d dimensions",
                         is_struct ? "one dimension of structs" : "one or two dimensions", array->ndim);
    return NPK_OK;
}

/* With `t` all zero but for the sink and the settings. */
static void fill(table *t, const npk_array *array, const npk_array *mask)
{
    npki_sink *out = t->out;
    t->array = array;
    t->rows = array->ndim > 0 ? array->shape[0] : 1;
    t->across = array->ndim > 1 ? array->shape[1] : 1;
    t->is_objects = npk_dtype_has_object(array->dtype);
    t->is_masked = mask != NULL;
    if (!t->is_objects)
        npki_csv_columns_start(&t->columns, array->dtype, out);
    bool good = t->is_objects || npki_at_hand_start(&t->data, array, out);
    good = good && (mask == NULL || npki_at_hand_start(&t->mask, mask, out));
    if (good && out->status == NPK_OK) {
        if (npk_dtype_is_struct(array->dtype))
            put_names(t);
        put_table(t);
    }
    npki_csv_columns_free(&t->columns, out);
    npki_at_hand_free(&t->data, out);
    npki_at_hand_free(&t->mask, out);
}

npk_status npki_csv_print(npki_sink *out, const npk_array *array, const npk_array *mask,
                          const npki_print_settings *settings, npk_error *error)
{
    npk_status status = check(array, error);
    if (status != NPK_OK)
        return status;
    table *t = npki_sink_allocate(out, sizeof *t, NPKI_SINK_FREE);
    if (t == NULL)
        return NPK_OK;
    memset(t, 0, sizeof *t);
    t->out = out;
    t->settings = settings;
    fill(t, array, mask);
    npki_free(&out->allocator, t, sizeof *t);
    return NPK_OK;
}

npk_status npk_print_array_csv(const npk_array *array, const npk_print_options *options, npk_write_function *write,
                               void *context, npk_error *error)
{
    npki_sink out;
    npki_print_settings settings;
    npk_status status = npki_print_start_array(&out, &settings, array, options, write, context, error);
    if (status != NPK_OK)
        return status;
    status = npki_csv_print(&out, array, NULL, &settings, error);
    return npki_print_finish(&out, status, error);
}

/* An array, one with a mask, or a NumPy scalar. */
static npk_status print_value(npki_sink *out, const npk_value *value, const npki_print_settings *settings,
                              npk_error *error)
{
    npk_array array, mask;
    const npk_value *fill_value;
    npk_status status;
    if (npk_value_is_masked(value)) {
        status = npk_masked_of(value, &array, &mask, &fill_value, error);
        return status == NPK_OK ? npki_csv_print(out, &array, &mask, settings, error) : status;
    }
    if (npk_value_is_array(value))
        status = npk_array_of(value, &array, error);
    else if (npk_value_is_scalar(value))
        status = npk_scalar_of(value, &array, error);
    else
        return npki_fail(error, NPK_ERR_TYPE, "CSV: expected an array, found %s", npk_kind_name(npk_value_kind(value)));
    return status == NPK_OK ? npki_csv_print(out, &array, NULL, settings, error) : status;
}

npk_status npk_print_csv(const npk_value *value, const npk_print_options *options, npk_write_function *write,
                         void *context, npk_error *error)
{
    npki_sink out;
    npki_print_settings settings;
    npk_status status = npki_print_start(&out, &settings, value, options, write, context, error);
    if (status != NPK_OK)
        return status;
    status = print_value(&out, value, &settings, error);
    return npki_print_finish(&out, status, error);
}
