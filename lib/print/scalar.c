#include "print/scalar.h"

#include "dtype/dtype.h"
#include "dtype/repr.h"
#include "print/element.h"
#include "print/item.h"
#include "text/quote.h"

#include <npickle/value.h>

/* The name of each class where it is not its dtype's. */
static const char *const names[NPKI_TYPES] = {
    [NPK_FLOAT96] = "longdouble",     [NPK_FLOAT128] = "longdouble", [NPK_COMPLEX192] = "clongdouble",
    [NPK_COMPLEX256] = "clongdouble", [NPK_BYTES] = "bytes_",        [NPK_STR] = "str_",
};

static void print_complex(npki_sink *out, const npki_element_format *format, const uint8_t *p)
{
    char text[NPKI_FLOAT_TEXT];
    size_t width = format->size / 2;
    npki_float_value real = npki_float_load(format->kind, p, width, format->big);
    npki_float_value imaginary = npki_float_load(format->kind, p + width, width, format->big);
    bool imaginary_only = real.is == NPKI_FLOAT_ZERO && !real.negative;
    if (!imaginary_only) {
        npki_sink_bytes(out, text, npki_float_print_scalar(format->kind, real, true, text));
        npki_sink_text(out, imaginary.is == NPKI_FLOAT_NAN || !imaginary.negative ? "+" : "");
    }
    npki_sink_bytes(out, text, npki_float_print_scalar(format->kind, imaginary, true, text));
    npki_sink_char(out, 'j');
}

void npki_print_scalar_float(npki_sink *out, const npki_element_format *format, const uint8_t *p)
{
    char text[NPKI_FLOAT_TEXT];
    if (format->is == NPKI_ELEMENT_FLOAT) {
        npki_float_value value = npki_float_load(format->kind, p, format->size, format->big);
        npki_sink_bytes(out, text, npki_float_print_scalar(format->kind, value, false, text));
        return;
    }
    npki_float_value real = npki_float_load(format->kind, p, format->size / 2, format->big);
    bool imaginary_only = real.is == NPKI_FLOAT_ZERO && !real.negative;
    npki_sink_text(out, imaginary_only ? "" : "(");
    print_complex(out, format, p);
    npki_sink_text(out, imaginary_only ? "" : ")");
}

static void print_unit(npki_sink *out, const npki_element_format *format)
{
    npki_sink_text(out, ",'");
    if (format->multiple != 1)
        npki_sink_int(out, format->multiple);
    npki_sink_text(out, npki_unit_codes[format->unit]);
    npki_sink_char(out, '\'');
}

static void print_time(npki_sink *out, const npki_element_format *format, const uint8_t *p)
{
    char text[NPK_TIME_TEXT];
    int64_t value = npki_element_int(format, p);
    bool is_time = format->is == NPKI_ELEMENT_TIME, generic = format->unit == NPK_UNIT_GENERIC, shown = !generic;
    if (value == NPKI_TIME_NAT) {
        npki_sink_text(out, "'NaT'");
        shown = is_time || !generic;
    } else if (is_time) {
        size_t size = npk_time_text(format->dtype, value, text, sizeof text);
        if (size > 0) {
            npki_sink_char(out, '\'');
            npki_sink_bytes(out, text, size);
            npki_sink_char(out, '\'');
            shown = format->multiple != 1 || format->unit == NPK_UNIT_HOUR;
        } else {
            npki_sink_int(out, value);
        }
    } else {
        npki_sink_int(out, value);
    }
    if (shown)
        print_unit(out, format);
}

static void print_plain(npki_sink *out, npki_element_format *format, const uint8_t *p)
{
    char text[NPKI_FLOAT_TEXT];
    npki_float_value value;
    const char *quote = format->kind == NPKI_FLOAT_EXTENDED ? "'" : "";
    switch (format->is) {
    case NPKI_ELEMENT_FLOAT:
        npki_sink_text(out, quote);
        value = npki_float_load(format->kind, p, format->size, format->big);
        npki_sink_bytes(out, text, npki_float_print_scalar(format->kind, value, false, text));
        npki_sink_text(out, quote);
        break;
    case NPKI_ELEMENT_COMPLEX:
        npki_sink_text(out, quote);
        print_complex(out, format, p);
        npki_sink_text(out, quote);
        break;
    case NPKI_ELEMENT_TIME:
    case NPKI_ELEMENT_SPAN:
        print_time(out, format, p);
        break;
    default:
        npki_element_print(format, p, out);
    }
}

/* np.void((1, 2.0), dtype=[('x', '<i4'), ('y', '<f8')]), or another class that a pickle names */
static void print_struct(npki_sink *out, const npk_dtype *dtype, const uint8_t *p, const npki_print_settings *settings)
{
    npki_print_plan plan;
    npki_print_item_start(&plan, dtype, true, NPKI_ITEM_IN_SCALAR, settings, out);
    for (int pass = 1; pass <= plan.passes; pass++) {
        npki_print_item_see(&plan, pass, p, out);
        npki_print_item_settle(&plan, pass);
    }
    npki_print_item_print(&plan, p, out);
    npki_print_item_free(&plan, out);
    npki_sink_text(out, ", dtype=");
    npki_dtype_print(out, dtype, NPKI_DTYPE_VOID);
}

static void print_name(npki_sink *out, const npk_dtype *dtype)
{
    const char *module, *name;
    size_t module_size, name_size;
    npk_type type = npk_dtype_type(dtype);
    npki_sink_text(out, "np.");
    if (npk_dtype_class(dtype, &module, &module_size, &name, &name_size))
        npki_quote(out, NPK_TEXT_NAME, name, name_size);
    else
        npki_sink_text(out, names[type] != NULL ? names[type] : npki_dtype_rows[type].name);
}

static void print_located(npki_sink *out, const npk_dtype *dtype, const uint8_t *p, const npki_print_settings *settings)
{
    if (npk_dtype_type(dtype) == NPK_BOOL) {
        npki_sink_text(out, *p != 0 ? "np.True_" : "np.False_");
        return;
    }
    if (npki_dtype_rows[npk_dtype_type(dtype)].module != NULL) {
        npki_element_format format;
        npki_element_start(&format, dtype, true, settings->precision);
        npki_element_print(&format, p, out);
        npki_element_free(&format, out);
        return;
    }
    print_name(out, dtype);
    npki_sink_char(out, '(');
    if (npk_dtype_is_struct(dtype)) {
        print_struct(out, dtype, p, settings);
    } else {
        npki_element_format format;
        npki_element_start(&format, dtype, true, settings->precision);
        print_plain(out, &format, p);
        npki_element_free(&format, out);
    }
    npki_sink_char(out, ')');
}

void npki_print_scalar(npki_sink *out, const npk_array *scalar, const npki_print_settings *settings)
{
    static const uint8_t nothing[1];
    int64_t size = npk_array_nbytes(scalar);
    uint8_t *decoded = NULL;
    const uint8_t *p = size > 0 ? scalar->data : nothing;
    if (p == NULL && scalar->payload != NULL) { /* it is encoded */
        decoded = npki_sink_allocate(out, (size_t)size, NPKI_SINK_PAID);
        if (decoded == NULL)
            return;
        if (npk_array_copy(scalar, 'C', decoded, (size_t)size, NULL) != NPK_OK)
            npki_sink_fail(out, NPK_ERR_ARRAY);
        p = decoded;
    }
    if (p == NULL)
        npki_sink_text(out, "<NumPy scalar with Python objects>");
    else if (out->status == NPK_OK)
        print_located(out, scalar->dtype, p, settings);
    npki_free(&out->allocator, decoded, (size_t)size);
}
