#include "print/csv.h"

#include "print/csv_column.h"
#include "print/scalar.h"
#include "print/value.h"

#include "base/error.h"
#include "text/unicode.h"

#include <npickle/element.h>
#include <npickle/value.h>
#include <npickle/view.h>
#include <stdlib.h>
#include <string.h>

/* --- text --- */

/* What a terminal would take for a command, or can't show. A tab and the ends of lines are text. */
static const struct {
    uint32_t first, last;
} hidden[] = {
    {0x00, 0x08},     {0x0b, 0x0c},     {0x0e, 0x1f},     {0x7f, 0x9f},
    {0x202a, 0x202e}, {0x2066, 0x2069}, {0xd800, 0xdfff}, {0x110000, UINT32_MAX},
};

static void put_escape(npki_sink *out, uint32_t character)
{
    static const char digits[] = "0123456789abcdef";
    int width = character > 0xffff ? 8 : character > 0xff ? 4 : 2;
    npki_sink_text(out, width == 8 ? "\\U" : width == 4 ? "\\u" : "\\x");
    for (int i = width; i-- > 0;)
        npki_sink_char(out, digits[character >> 4 * i & 15]);
}

static void put_character(npki_sink *out, uint32_t character)
{
    uint8_t bytes[4];
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (character >= hidden[i].first && character <= hidden[i].last) {
            put_escape(out, character);
            return;
        }
    npki_sink_bytes(out, bytes, npki_utf8_put(character, bytes));
}

/* UTF-8; of what is none each byte beyond ASCII is escaped. */
static void put_text(npki_sink *out, const void *text, size_t size)
{
    const uint8_t *at = text, *end = at + size;
    if (npki_utf8_check(text, size) == size) {
        while (at < end)
            put_character(out, npki_utf8_next(&at));
        return;
    }
    for (; at < end; at++)
        if (*at < 0x80)
            put_character(out, *at);
        else
            put_escape(out, *at);
}

/* --- fields --- */

static void put_str(npki_sink *out, const npki_element_format *format, const uint8_t *p)
{
    npki_element_format one = *format;
    size_t count = format->size / 4;
    one.size = 4;
    while (count > 0 && npki_element_uint(&one, p + 4 * (count - 1)) == 0)
        count--;
    for (size_t i = 0; i < count; i++)
        put_character(out, (uint32_t)npki_element_uint(&one, p + 4 * i));
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
        put_text(out, p, size);
        break;
    case NPKI_ELEMENT_FLOAT:
    case NPKI_ELEMENT_COMPLEX:
        npki_print_scalar_float(out, &column->format, p);
        break;
    default:
        npki_element_print(&column->format, p, out);
    }
}

/* A str of Python 2. */
static void put_string(npki_sink *out, const npk_value *value)
{
    int64_t size = npk_value_bytes_size(value);
    uint8_t *copy = size < 0 ? NULL : malloc((size_t)size + 1);
    if (copy == NULL || npk_value_bytes_copy(value, copy, (size_t)size) != size)
        npki_sink_fail(out, NPK_ERR_MEMORY);
    else
        put_text(out, copy, (size_t)size);
    free(copy);
}

/* False where it has fields or is a Python object: then it is no plain value. */
static bool put_scalar(npki_sink *out, const npk_value *value)
{
    npk_array scalar;
    npk_view view;
    if (!npk_value_is_scalar(value) || npk_scalar_of(value, &scalar, NULL) != NPK_OK ||
        npk_dtype_has_object(scalar.dtype) || npk_dtype_is_struct(scalar.dtype))
        return false;
    size_t size = (size_t)npk_array_nbytes(&scalar);
    void *decoded = malloc(size + 1);
    if (decoded == NULL || npk_view_decode(&scalar, decoded, size, &view, NULL) != NPK_OK) {
        npki_sink_fail(out, NPK_ERR_MEMORY);
    } else {
        npki_csv_column column = {.dtype = scalar.dtype};
        npki_element_start(&column.format, scalar.dtype, true);
        put_element(out, &column, view.array.data != NULL ? view.array.data : decoded);
        npki_element_free(&column.format);
    }
    free(decoded);
    return true;
}

/* A str is its text, None is nothing, a NumPy scalar its value; anything else is repr(). */
static void put_object(npki_sink *out, const npk_value *value)
{
    size_t size;
    const char *text = npk_value_as_str(value, &size);
    if (text != NULL)
        put_text(out, text, size);
    else if (npk_value_kind(value) == NPK_KIND_PYTHON2_STR)
        put_string(out, value);
    else if (!put_scalar(out, value) && npk_value_kind(value) != NPK_KIND_NONE)
        npki_print_value(out, value);
}

/* The text since `start` in quotes, if it needs them: a comma, a quote or the end of a line in it, or nothing in a line
 * that has nothing else. */
static void quote(npki_sink *out, size_t start, bool alone)
{
    size_t quotes = 0, size = out->size - start;
    bool needed = alone && size == 0;
    for (size_t i = start; out->status == NPK_OK && i < out->size; i++) {
        quotes += out->bytes[i] == '"';
        needed |= strchr(",\"\r\n", out->bytes[i]) != NULL && out->bytes[i] != '\0';
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

typedef struct table {
    npki_sink *out;
    const npk_array *array;
    bool is_objects, is_masked;
    npk_view data, mask;
    npki_csv_columns columns;
    int64_t rows, across; /* lines, and elements in each */
} table;

static int64_t stride_of(const npk_view *view, int axis)
{
    return axis < view->array.ndim ? view->strides[axis] : 0;
}

/* The mask has an axis more where an element has several values. */
static bool is_hidden(const table *t, int64_t row, int64_t across, size_t column)
{
    if (!t->is_masked)
        return false;
    bool is_struct = npk_dtype_is_struct(t->array->dtype);
    int64_t last =
        is_struct ? (int64_t)column * stride_of(&t->mask, t->mask.array.ndim - 1) : across * stride_of(&t->mask, 1);
    const uint8_t *mask = t->mask.array.data;
    return mask[row * stride_of(&t->mask, 0) + last] != 0;
}

static void put_field(table *t, int64_t row, int64_t across, size_t column)
{
    if (is_hidden(t, row, across, column))
        return;
    if (t->is_objects) {
        put_object(t->out, npk_value_item(t->array->objects, (size_t)(row * t->across + across)));
        return;
    }
    npki_csv_column *c = &t->columns.at[column];
    const uint8_t *data = t->data.array.data;
    put_element(t->out, c, data + row * stride_of(&t->data, 0) + across * stride_of(&t->data, 1) + (int64_t)c->offset);
}

static void put_line(table *t, int64_t row)
{
    size_t columns = t->is_objects ? 1 : t->columns.count;
    bool alone = t->across == 1 && columns == 1;
    for (int64_t across = 0; across < t->across; across++)
        for (size_t i = 0; i < columns && t->out->status == NPK_OK; i++) {
            if (across > 0 || i > 0)
                npki_sink_char(t->out, ',');
            size_t start = t->out->size;
            put_field(t, row, across, i);
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
        put_text(t->out, t->columns.at[i].name, t->columns.at[i].name_size);
        quote(t->out, start, t->columns.count == 1);
    }
    npki_sink_char(t->out, '\n');
}

static void put_table(table *t)
{
    for (int64_t row = 0; row < t->rows && t->out->status == NPK_OK; row++) {
        t->out->held++; /* a field is looked at again when it ends */
        put_line(t, row);
        t->out->held--;
        npki_sink_pass(t->out);
    }
}

/* With the elements at hand. Those of no bytes lie anywhere. */
static npk_status take(table *t, const npk_array *array, npk_view *view, void **decoded, npk_error *error)
{
    static const uint8_t nothing[1];
    size_t size = array->data == NULL && npk_array_nbytes(array) > 0 ? (size_t)npk_array_nbytes(array) : 0;
    *decoded = NULL;
    npki_sink_charge(t->out, size);
    if (size > 0 && t->out->status == NPK_OK) {
        *decoded = malloc(size);
        if (*decoded == NULL)
            npki_sink_fail(t->out, NPK_ERR_MEMORY);
    }
    npk_status status = t->out->status == NPK_OK ? npk_view_decode(array, *decoded, size, view, error) : NPK_OK;
    if (status == NPK_OK && t->out->status == NPK_OK && view->array.data == NULL)
        view->array.data = nothing;
    return status;
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

npk_status npki_csv_print(npki_sink *out, const npk_array *array, const npk_array *mask, npk_error *error)
{
    void *data = NULL, *hidden_data = NULL;
    npk_status status = check(array, error);
    if (status != NPK_OK)
        return status;
    table *t = calloc(1, sizeof *t);
    if (t == NULL) {
        npki_sink_fail(out, NPK_ERR_MEMORY);
        return NPK_OK;
    }
    t->out = out;
    t->array = array;
    t->rows = array->ndim > 0 ? array->shape[0] : 1;
    t->across = array->ndim > 1 ? array->shape[1] : 1;
    t->is_objects = npk_dtype_has_object(array->dtype);
    t->is_masked = mask != NULL;
    if (!t->is_objects) {
        npki_csv_columns_start(&t->columns, array->dtype, out);
        status = take(t, array, &t->data, &data, error);
    }
    if (status == NPK_OK && t->is_masked)
        status = take(t, mask, &t->mask, &hidden_data, error);
    if (status == NPK_OK && out->status == NPK_OK) {
        if (npk_dtype_is_struct(array->dtype))
            put_names(t);
        put_table(t);
    }
    npki_csv_columns_free(&t->columns);
    free(data);
    free(hidden_data);
    free(t);
    return status;
}
