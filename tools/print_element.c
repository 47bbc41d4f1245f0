/* What is described here is the behaviour of numpy/_core/arrayprint.py, IntegerFormat to TimedeltaFormat. */
#include "print_element.h"

#include "base/bytes.h"
#include "text/number.h"
#include "text/unicode.h"

#include <stdlib.h>

typedef struct element_row {
    element_class is;
    float_kind kind; /* of a float, or of both halves of a complex */
    int passes;
} element_row;

static const element_row rows[NPK_TYPES] = {
    [NPK_BOOL] = {ELEMENT_BOOL, 0, 0},
    [NPK_INT8] = {ELEMENT_INT, 0, 1},
    [NPK_UINT8] = {ELEMENT_UINT, 0, 1},
    [NPK_INT16] = {ELEMENT_INT, 0, 1},
    [NPK_UINT16] = {ELEMENT_UINT, 0, 1},
    [NPK_INT32] = {ELEMENT_INT, 0, 1},
    [NPK_UINT32] = {ELEMENT_UINT, 0, 1},
    [NPK_INT64] = {ELEMENT_INT, 0, 1},
    [NPK_UINT64] = {ELEMENT_UINT, 0, 1},
    [NPK_FLOAT16] = {ELEMENT_FLOAT, FLOAT_HALF, 2},
    [NPK_FLOAT32] = {ELEMENT_FLOAT, FLOAT_SINGLE, 2},
    [NPK_FLOAT64] = {ELEMENT_FLOAT, FLOAT_DOUBLE, 2},
    [NPK_FLOAT96] = {ELEMENT_FLOAT, FLOAT_EXTENDED, 2},
    [NPK_FLOAT128] = {ELEMENT_FLOAT, FLOAT_EXTENDED, 2},
    [NPK_COMPLEX64] = {ELEMENT_COMPLEX, FLOAT_SINGLE, 2},
    [NPK_COMPLEX128] = {ELEMENT_COMPLEX, FLOAT_DOUBLE, 2},
    [NPK_COMPLEX192] = {ELEMENT_COMPLEX, FLOAT_EXTENDED, 2},
    [NPK_COMPLEX256] = {ELEMENT_COMPLEX, FLOAT_EXTENDED, 2},
    [NPK_BYTES] = {ELEMENT_BYTES, 0, 0},
    [NPK_STR] = {ELEMENT_STR, 0, 0},
    [NPK_VOID] = {ELEMENT_VOID, 0, 0},
    [NPK_DATETIME64] = {ELEMENT_TIME, 0, 1},
    [NPK_TIMEDELTA64] = {ELEMENT_SPAN, 0, 1},
    [NPK_OBJECT] = {ELEMENT_OBJECT, 0, 0},
};

void element_start(element_format *format, const npk_dtype *dtype, bool alone)
{
    const element_row *row = &rows[npk_dtype_type(dtype)];
    *format = (element_format){.is = row->is, .kind = row->kind, .alone = alone, .passes = row->passes, .dtype = dtype};
    format->big = npk_dtype_byteorder(dtype) == '>';
    format->size = (size_t)npk_dtype_itemsize(dtype);
    format->unit = npk_dtype_unit(dtype, &format->multiple);
    float_start(&format->real, row->kind, false);
    float_start(&format->imaginary, row->kind, true);
}

void element_free(element_format *format)
{
    free(format->scratch);
    format->scratch = NULL;
}

uint64_t element_uint(const element_format *format, const uint8_t *p)
{
    return format->big ? npki_load_be(p, format->size) : npki_load_le(p, format->size);
}

int64_t element_int(const element_format *format, const uint8_t *p)
{
    return npki_sign_extend(element_uint(format, p), format->size);
}

static float_value real_part(const element_format *format, const uint8_t *p)
{
    size_t width = format->is == ELEMENT_COMPLEX ? format->size / 2 : format->size;
    return float_load(format->kind, p, width, format->big);
}

static float_value imaginary_part(const element_format *format, const uint8_t *p)
{
    size_t width = format->size / 2;
    return float_load(format->kind, p + width, width, format->big);
}

static void see_float(element_format *format, int pass, const uint8_t *p)
{
    void (*see)(float_format *, float_value) = pass == 1 ? float_scan : float_measure;
    see(&format->real, real_part(format, p));
    if (format->is == ELEMENT_COMPLEX)
        see(&format->imaginary, imaginary_part(format, p));
}

static void see_uint(element_format *format, uint64_t value)
{
    if (!format->any || value < format->unsigned_least)
        format->unsigned_least = value;
    if (!format->any || value > format->unsigned_most)
        format->unsigned_most = value;
    format->any = true;
}

static void see_int(element_format *format, int64_t value)
{
    if (!format->any || value < format->least)
        format->least = value;
    if (!format->any || value > format->most)
        format->most = value;
    format->any = true;
}

void element_see(element_format *format, int pass, const uint8_t *p)
{
    if (format->is == ELEMENT_FLOAT || format->is == ELEMENT_COMPLEX)
        see_float(format, pass, p);
    else if (format->is == ELEMENT_UINT)
        see_uint(format, element_uint(format, p));
    else if (format->is != ELEMENT_INT && element_int(format, p) == TIME_NAT)
        format->any_nat = true;
    else
        see_int(format, element_int(format, p));
}

/* A time in its quotes; where NumPy has no text for it, its number without quotes. */
static size_t time_text(const element_format *format, int64_t value, char text[NPK_TIME_TEXT + 2])
{
    size_t size = npk_time_text(format->dtype, value, text + 1, NPK_TIME_TEXT);
    if (size == 0)
        return npki_print_int64(value, text);
    text[0] = '\'';
    text[size + 1] = '\'';
    return size + 2;
}

static size_t max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}

void element_settle(element_format *format, int pass)
{
    char text[NPK_TIME_TEXT + 2];
    if (format->is == ELEMENT_FLOAT || format->is == ELEMENT_COMPLEX) {
        void (*settle)(float_format *) = pass == 1 ? float_choose : float_settle;
        settle(&format->real);
        settle(&format->imaginary);
        return;
    }
    if (format->any && format->is == ELEMENT_UINT)
        format->width = npki_print_uint64(format->unsigned_most, text);
    else if (format->any && format->is == ELEMENT_TIME)
        format->width = max_size(time_text(format, format->most, text), time_text(format, format->least, text));
    else if (format->any)
        format->width = max_size(npki_print_int64(format->most, text), npki_print_int64(format->least, text));
    if (format->any_nat)
        format->width = max_size(format->width, 5);
}

static void put_right(const element_format *format, tool_out *out, const char *text, size_t size)
{
    if (size < format->width)
        out_repeat(out, ' ', format->width - size);
    out_bytes(out, text, size);
}

/* The j of a complex stands before the blanks that fill up its imaginary part. */
static void print_float(const element_format *format, const uint8_t *p, tool_out *out)
{
    char text[FLOAT_TEXT];
    out_bytes(out, text, float_print(&format->real, real_part(format, p), text));
    if (format->is != ELEMENT_COMPLEX)
        return;
    size_t size = float_print(&format->imaginary, imaginary_part(format, p), text), end = size;
    while (end > 0 && text[end - 1] == ' ')
        end--;
    out_bytes(out, text, end);
    out_char(out, 'j');
    out_repeat(out, ' ', size - end);
}

void element_print_bytes(const element_format *format, const uint8_t *p, tool_out *out)
{
    size_t size = format->size;
    while (size > 0 && p[size - 1] == 0)
        size--;
    out_repr_bytes(out, p, size);
}

void element_print_void(const element_format *format, const uint8_t *p, tool_out *out)
{
    static const char hex[] = "0123456789ABCDEF";
    char *room = out_room(out, (uint64_t)format->size * 4 + 3);
    if (room == NULL)
        return;
    *room++ = 'b';
    *room++ = '\'';
    for (size_t i = 0; i < format->size; i++) {
        *room++ = '\\';
        *room++ = 'x';
        *room++ = hex[p[i] >> 4];
        *room++ = hex[p[i] & 15];
    }
    *room = '\'';
}

void element_print_str(element_format *format, const uint8_t *p, tool_out *out)
{
    if (format->scratch_size < format->size) {
        free(format->scratch);
        format->scratch = malloc(format->size);
        format->scratch_size = format->scratch == NULL ? 0 : format->size;
        if (format->scratch == NULL) {
            out_fail(out, NPK_MEMORY);
            return;
        }
    }
    size_t size = 0, last = 0;
    for (size_t i = 0; i + 4 <= format->size; i += 4) {
        uint64_t character = format->big ? npki_load_be(p + i, 4) : npki_load_le(p + i, 4);
        if (character > 0x10ffff) { /* NumPy can't print it either */
            out_text(out, "<not Unicode: ");
            out_repr_bytes(out, p, format->size);
            out_char(out, '>');
            return;
        }
        size += npki_utf8_put((uint32_t)character, (uint8_t *)format->scratch + size);
        if (character != 0)
            last = size;
    }
    out_repr_str(out, format->scratch, last);
}

void element_print(element_format *format, const uint8_t *p, tool_out *out)
{
    char text[NPK_TIME_TEXT + 2];
    switch (format->is) {
    case ELEMENT_BOOL:
        out_text(out, *p == 0 ? "False" : format->alone ? "True" : " True");
        break;
    case ELEMENT_INT:
        put_right(format, out, text, npki_print_int64(element_int(format, p), text));
        break;
    case ELEMENT_UINT:
        put_right(format, out, text, npki_print_uint64(element_uint(format, p), text));
        break;
    case ELEMENT_FLOAT:
    case ELEMENT_COMPLEX:
        print_float(format, p, out);
        break;
    case ELEMENT_BYTES:
        element_print_bytes(format, p, out);
        break;
    case ELEMENT_STR:
        element_print_str(format, p, out);
        break;
    case ELEMENT_VOID:
        element_print_void(format, p, out);
        break;
    case ELEMENT_TIME:
    case ELEMENT_SPAN:
        if (element_int(format, p) == TIME_NAT)
            put_right(format, out, "'NaT'", 5);
        else if (format->is == ELEMENT_SPAN)
            put_right(format, out, text, npki_print_int64(element_int(format, p), text));
        else
            put_right(format, out, text, time_text(format, element_int(format, p), text));
        break;
    case ELEMENT_OBJECT:
        break;
    }
}
