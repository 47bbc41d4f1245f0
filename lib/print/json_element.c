#include "print/json_element.h"

#include "text/number.h"
#include "text/quote.h"

/* `text` if it is a number; else, and it is "nan", "inf" or "-inf", as the settings have it. */
static void put_number(const char *text, size_t size, const npki_print_settings *settings, npki_sink *out)
{
    bool minus = text[0] == '-';
    char first = text[minus ? 1 : 0];
    if (first >= '0' && first <= '9')
        npki_sink_bytes(out, text, size);
    else if (settings->nan == NPK_JSON_NAN_NULL)
        npki_sink_text(out, "null");
    else if (settings->nan == NPK_JSON_NAN_PYTHON)
        npki_sink_text(out, first == 'n' ? "NaN" : minus ? "-Infinity" : "Infinity");
    else
        npki_sink_fail(out, NPK_ERR_UNSUPPORTED);
}

void npki_json_double(double value, const npki_print_settings *settings, npki_sink *out)
{
    char text[NPKI_REPR_DOUBLE];
    put_number(text, npki_repr_double(value, text), settings, out);
}

static void put_float(const npki_element_format *format, const uint8_t *p, size_t size,
                      const npki_print_settings *settings, npki_sink *out)
{
    char text[NPKI_FLOAT_TEXT];
    npki_float_value value = npki_float_load(format->kind, p, size, format->big);
    put_number(text, npki_float_print_scalar(format->kind, value, false, text), settings, out);
}

static void put_complex(const npki_element_format *format, const uint8_t *p, const npki_print_settings *settings,
                        npki_sink *out)
{
    size_t half = format->size / 2;
    npki_sink_char(out, '[');
    put_float(format, p, half, settings, out);
    npki_sink_text(out, ", ");
    put_float(format, p + half, half, settings, out);
    npki_sink_char(out, ']');
}

static void put_added(const npki_element_format *format, const uint8_t *p, const npki_print_settings *settings,
                      npki_sink *out)
{
    char text[NPKI_REPR_DOUBLE + 1];
    npki_sink number;
    npki_sink_start_fixed(&number, text, sizeof text);
    npki_element_print_added(format, p, &number);
    (void)npki_sink_finish(&number);
    put_number(text, number.size, settings, out);
}

/* Without the NULs at its end. */
static void put_str(const npki_element_format *format, const uint8_t *p, npki_sink *out)
{
    npki_element_format one = *format;
    size_t count = format->size / 4;
    one.size = 4;
    while (count > 0 && npki_element_uint(&one, p + 4 * (count - 1)) == 0)
        count--;
    npki_sink_char(out, '"');
    for (size_t i = 0; i < count; i++)
        npki_quote_character(out, NPK_TEXT_JSON, (uint32_t)npki_element_uint(&one, p + 4 * i));
    npki_sink_char(out, '"');
}

static void put_bytes(const npki_element_format *format, const uint8_t *p, npki_sink *out)
{
    size_t size = format->size;
    while (format->is == NPKI_ELEMENT_BYTES && size > 0 && p[size - 1] == 0)
        size--;
    npki_quote(out, NPK_TEXT_JSON_LATIN1, p, size);
}

/* A point in time as ISO 8601, if it has a unit; a length of time as its number. */
static void put_time(const npki_element_format *format, const uint8_t *p, npki_sink *out)
{
    char text[NPK_TIME_TEXT];
    int64_t value = npki_element_int(format, p);
    size_t size = format->is == NPKI_ELEMENT_TIME ? npk_time_text(format->dtype, value, text, sizeof text) : 0;
    if (value == NPKI_TIME_NAT)
        npki_sink_text(out, "null");
    else if (size == 0)
        npki_sink_int(out, value);
    else
        npki_quote(out, NPK_TEXT_JSON, text, size);
}

void npki_json_element(const npki_element_format *format, const uint8_t *p, const npki_print_settings *settings,
                       npki_sink *out)
{
    switch (format->is) {
    case NPKI_ELEMENT_BOOL:
        npki_sink_text(out, *p == 0 ? "false" : "true");
        break;
    case NPKI_ELEMENT_INT:
        npki_sink_int(out, npki_element_int(format, p));
        break;
    case NPKI_ELEMENT_UINT:
        npki_sink_uint(out, npki_element_uint(format, p));
        break;
    case NPKI_ELEMENT_FLOAT:
        put_float(format, p, format->size, settings, out);
        break;
    case NPKI_ELEMENT_COMPLEX:
        put_complex(format, p, settings, out);
        break;
    case NPKI_ELEMENT_ADDED:
        put_added(format, p, settings, out);
        break;
    case NPKI_ELEMENT_STR:
        put_str(format, p, out);
        break;
    case NPKI_ELEMENT_TIME:
    case NPKI_ELEMENT_SPAN:
        put_time(format, p, out);
        break;
    default:
        put_bytes(format, p, out);
    }
}
