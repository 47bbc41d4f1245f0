/* What is described here is the behaviour of numpy/_core/arrayprint.py, IntegerFormat to TimedeltaFormat. */
#include "print/element.h"

#include "base/bytes.h"
#include "dtype/dtype.h"
#include "cast/numbers.h"
#include "text/number.h"
#include "text/quote.h"
#include "text/unicode.h"

typedef struct element_row {
    npki_element_class is;
    npki_float_kind kind; /* of a float, or of both halves of a complex */
    int passes;
} element_row;

static const element_row rows[NPKI_TYPES] = {[NPK_BOOL] = {NPKI_ELEMENT_BOOL, 0, 0},
                                             [NPK_INT8] = {NPKI_ELEMENT_INT, 0, 1},
                                             [NPK_UINT8] = {NPKI_ELEMENT_UINT, 0, 1},
                                             [NPK_INT16] = {NPKI_ELEMENT_INT, 0, 1},
                                             [NPK_UINT16] = {NPKI_ELEMENT_UINT, 0, 1},
                                             [NPK_INT32] = {NPKI_ELEMENT_INT, 0, 1},
                                             [NPK_UINT32] = {NPKI_ELEMENT_UINT, 0, 1},
                                             [NPK_INT64] = {NPKI_ELEMENT_INT, 0, 1},
                                             [NPK_UINT64] = {NPKI_ELEMENT_UINT, 0, 1},
                                             [NPK_FLOAT16] = {NPKI_ELEMENT_FLOAT, NPKI_FLOAT_HALF, 2},
                                             [NPK_FLOAT32] = {NPKI_ELEMENT_FLOAT, NPKI_FLOAT_SINGLE, 2},
                                             [NPK_FLOAT64] = {NPKI_ELEMENT_FLOAT, NPKI_FLOAT_DOUBLE, 2},
                                             [NPK_FLOAT96] = {NPKI_ELEMENT_FLOAT, NPKI_FLOAT_EXTENDED, 2},
                                             [NPK_FLOAT128] = {NPKI_ELEMENT_FLOAT, NPKI_FLOAT_EXTENDED, 2},
                                             [NPK_COMPLEX64] = {NPKI_ELEMENT_COMPLEX, NPKI_FLOAT_SINGLE, 2},
                                             [NPK_COMPLEX128] = {NPKI_ELEMENT_COMPLEX, NPKI_FLOAT_DOUBLE, 2},
                                             [NPK_COMPLEX192] = {NPKI_ELEMENT_COMPLEX, NPKI_FLOAT_EXTENDED, 2},
                                             [NPK_COMPLEX256] = {NPKI_ELEMENT_COMPLEX, NPKI_FLOAT_EXTENDED, 2},
                                             [NPK_BYTES] = {NPKI_ELEMENT_BYTES, 0, 0},
                                             [NPK_STR] = {NPKI_ELEMENT_STR, 0, 0},
                                             [NPK_VOID] = {NPKI_ELEMENT_VOID, 0, 0},
                                             [NPK_DATETIME64] = {NPKI_ELEMENT_TIME, 0, 1},
                                             [NPK_TIMEDELTA64] = {NPKI_ELEMENT_SPAN, 0, 1},
                                             [NPK_OBJECT] = {NPKI_ELEMENT_OBJECT, 0, 0},
#define ROW(type, ...) [NPK_##type] = {NPKI_ELEMENT_ADDED, 0, 0},
                                             NPK_ML_DTYPE_ROWS(ROW)
#undef ROW
};

void npki_element_start(npki_element_format *format, const npk_dtype *dtype, bool alone, int precision)
{
    const element_row *row = &rows[npk_dtype_type(dtype)];
    *format =
        (npki_element_format){.is = row->is, .kind = row->kind, .alone = alone, .passes = row->passes, .dtype = dtype};
    format->big = npk_dtype_byteorder(dtype) == '>';
    format->size = (size_t)npk_dtype_itemsize(dtype);
    format->unit = npk_dtype_unit(dtype, &format->multiple);
    npki_float_start(&format->real, row->kind, false, precision);
    npki_float_start(&format->imaginary, row->kind, true, precision);
}

void npki_element_free(npki_element_format *format, npki_sink *out)
{
    npki_free(&out->allocator, format->scratch, format->scratch_size);
    format->scratch = NULL;
    format->scratch_size = 0;
}

uint64_t npki_element_uint(const npki_element_format *format, const uint8_t *p)
{
    return format->big ? npki_load_be(p, format->size) : npki_load_le(p, format->size);
}

int64_t npki_element_int(const npki_element_format *format, const uint8_t *p)
{
    return npki_sign_extend(npki_element_uint(format, p), format->size);
}

static npki_float_value real_part(const npki_element_format *format, const uint8_t *p)
{
    size_t width = format->is == NPKI_ELEMENT_COMPLEX ? format->size / 2 : format->size;
    return npki_float_load(format->kind, p, width, format->big);
}

static npki_float_value imaginary_part(const npki_element_format *format, const uint8_t *p)
{
    size_t width = format->size / 2;
    return npki_float_load(format->kind, p + width, width, format->big);
}

static void see_float(npki_element_format *format, int pass, const uint8_t *p)
{
    void (*see)(npki_float_format *, npki_float_value) = pass == 1 ? npki_float_scan : npki_float_measure;
    see(&format->real, real_part(format, p));
    if (format->is == NPKI_ELEMENT_COMPLEX)
        see(&format->imaginary, imaginary_part(format, p));
}

static void see_uint(npki_element_format *format, uint64_t value)
{
    if (!format->any || value < format->unsigned_least)
        format->unsigned_least = value;
    if (!format->any || value > format->unsigned_most)
        format->unsigned_most = value;
    format->any = true;
}

static void see_int(npki_element_format *format, int64_t value)
{
    if (!format->any || value < format->least)
        format->least = value;
    if (!format->any || value > format->most)
        format->most = value;
    format->any = true;
}

void npki_element_see(npki_element_format *format, int pass, const uint8_t *p)
{
    if (format->is == NPKI_ELEMENT_FLOAT || format->is == NPKI_ELEMENT_COMPLEX)
        see_float(format, pass, p);
    else if (format->is == NPKI_ELEMENT_UINT)
        see_uint(format, npki_element_uint(format, p));
    else if (format->is != NPKI_ELEMENT_INT && npki_element_int(format, p) == NPKI_TIME_NAT)
        format->any_nat = true;
    else
        see_int(format, npki_element_int(format, p));
}

/* A time in its quotes; where NumPy has no text for it, its number without quotes. */
static size_t time_text(const npki_element_format *format, int64_t value, char text[NPK_TIME_TEXT + 2])
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

void npki_element_settle(npki_element_format *format, int pass)
{
    char text[NPK_TIME_TEXT + 2];
    if (format->is == NPKI_ELEMENT_FLOAT || format->is == NPKI_ELEMENT_COMPLEX) {
        void (*settle)(npki_float_format *) = pass == 1 ? npki_float_choose : npki_float_settle;
        settle(&format->real);
        settle(&format->imaginary);
        return;
    }
    if (format->any && format->is == NPKI_ELEMENT_UINT)
        format->width = npki_print_uint64(format->unsigned_most, text);
    else if (format->any && format->is == NPKI_ELEMENT_TIME)
        format->width = max_size(time_text(format, format->most, text), time_text(format, format->least, text));
    else if (format->any)
        format->width = max_size(npki_print_int64(format->most, text), npki_print_int64(format->least, text));
    if (format->any_nat)
        format->width = max_size(format->width, 5);
}

static void put_right(const npki_element_format *format, npki_sink *out, const char *text, size_t size)
{
    if (size < format->width)
        npki_sink_repeat(out, ' ', format->width - size);
    npki_sink_bytes(out, text, size);
}

/* The j of a complex stands before the blanks that fill up its imaginary part. */
static void print_float(const npki_element_format *format, const uint8_t *p, npki_sink *out)
{
    char text[NPKI_FLOAT_TEXT];
    npki_sink_bytes(out, text, npki_float_print(&format->real, real_part(format, p), text));
    if (format->is != NPKI_ELEMENT_COMPLEX)
        return;
    size_t size = npki_float_print(&format->imaginary, imaginary_part(format, p), text), end = size;
    while (end > 0 && text[end - 1] == ' ')
        end--;
    npki_sink_bytes(out, text, end);
    npki_sink_char(out, 'j');
    npki_sink_repeat(out, ' ', size - end);
}

void npki_element_print_bytes(const npki_element_format *format, const uint8_t *p, npki_sink *out)
{
    size_t size = format->size;
    while (size > 0 && p[size - 1] == 0)
        size--;
    npki_quote(out, NPK_TEXT_BYTES, p, size);
}

void npki_element_print_void(const npki_element_format *format, const uint8_t *p, npki_sink *out)
{
    static const char hex[] = "0123456789ABCDEF";
    char *room = npki_sink_room(out, (uint64_t)format->size * 4 + 3);
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

/* The ints among them are whole numbers, of less than 6 digits. */
void npki_element_print_added(const npki_element_format *format, const uint8_t *p, npki_sink *out)
{
    npki_conversion conversion;
    double value = 0;
    char text[NPKI_REPR_DOUBLE];
    if (npki_conversion_init(&conversion, format->dtype, npk_dtype_native(NPK_FLOAT64)))
        npki_convert(&conversion, p, 1, (uint8_t *)&value);
    npki_sink_bytes(out, text, npki_print_g(value, 6, text));
}

void npki_element_print_str(npki_element_format *format, const uint8_t *p, npki_sink *out)
{
    if (format->scratch_size < format->size) {
        npki_element_free(format, out);
        format->scratch = npki_sink_allocate(out, format->size, NPKI_SINK_FREE);
        if (format->scratch == NULL)
            return;
        format->scratch_size = format->size;
    }
    size_t size = 0, last = 0;
    for (size_t i = 0; i + 4 <= format->size; i += 4) {
        uint64_t character = format->big ? npki_load_be(p + i, 4) : npki_load_le(p + i, 4);
        if (character > 0x10ffff) { /* NumPy can't print it either */
            npki_sink_text(out, "<not Unicode: ");
            npki_quote(out, NPK_TEXT_BYTES, p, format->size);
            npki_sink_char(out, '>');
            return;
        }
        size += npki_utf8_put((uint32_t)character, (uint8_t *)format->scratch + size);
        if (character != 0)
            last = size;
    }
    npki_quote(out, NPK_TEXT_STR, format->scratch, last);
}

void npki_element_print(npki_element_format *format, const uint8_t *p, npki_sink *out)
{
    char text[NPK_TIME_TEXT + 2];
    switch (format->is) {
    case NPKI_ELEMENT_BOOL:
        npki_sink_text(out, *p == 0 ? "False" : format->alone ? "True" : " True");
        break;
    case NPKI_ELEMENT_INT:
        put_right(format, out, text, npki_print_int64(npki_element_int(format, p), text));
        break;
    case NPKI_ELEMENT_UINT:
        put_right(format, out, text, npki_print_uint64(npki_element_uint(format, p), text));
        break;
    case NPKI_ELEMENT_FLOAT:
    case NPKI_ELEMENT_COMPLEX:
        print_float(format, p, out);
        break;
    case NPKI_ELEMENT_ADDED:
        npki_element_print_added(format, p, out);
        break;
    case NPKI_ELEMENT_BYTES:
        npki_element_print_bytes(format, p, out);
        break;
    case NPKI_ELEMENT_STR:
        npki_element_print_str(format, p, out);
        break;
    case NPKI_ELEMENT_VOID:
        npki_element_print_void(format, p, out);
        break;
    case NPKI_ELEMENT_TIME:
    case NPKI_ELEMENT_SPAN:
        if (npki_element_int(format, p) == NPKI_TIME_NAT)
            put_right(format, out, "'NaT'", 5);
        else if (format->is == NPKI_ELEMENT_SPAN)
            put_right(format, out, text, npki_print_int64(npki_element_int(format, p), text));
        else
            put_right(format, out, text, time_text(format, npki_element_int(format, p), text));
        break;
    case NPKI_ELEMENT_OBJECT:
        break;
    }
}
