#include "print_scalar.h"

#include "numpy/dtype.h"
#include "print_dtype.h"
#include "print_element.h"
#include "print_item.h"

#include <npickle/value.h>
#include <stdlib.h>

/* The name of each class where it is not its dtype's. */
static const char *const names[NPK_TYPES] = {
    [NPK_FLOAT96] = "longdouble",
    [NPK_FLOAT128] = "longdouble",
    [NPK_COMPLEX192] = "clongdouble",
    [NPK_COMPLEX256] = "clongdouble",
    [NPK_BYTES] = "bytes_",
    [NPK_STR] = "str_",
};

static void print_complex(tool_out *out, const element_format *format, const uint8_t *p)
{
    char text[FLOAT_TEXT];
    size_t width = format->size / 2;
    float_value real = float_load(format->kind, p, width, format->big);
    float_value imaginary = float_load(format->kind, p + width, width, format->big);
    bool imaginary_only = real.is == FLOAT_ZERO && !real.negative;
    if (!imaginary_only) {
        out_bytes(out, text, float_print_scalar(format->kind, real, true, text));
        out_text(out, imaginary.is == FLOAT_NAN || !imaginary.negative ? "+" : "");
    }
    out_bytes(out, text, float_print_scalar(format->kind, imaginary, true, text));
    out_char(out, 'j');
}

void scalar_put_float(tool_out *out, const element_format *format, const uint8_t *p)
{
    char text[FLOAT_TEXT];
    if (format->is == ELEMENT_FLOAT) {
        float_value value = float_load(format->kind, p, format->size, format->big);
        out_bytes(out, text, float_print_scalar(format->kind, value, false, text));
        return;
    }
    float_value real = float_load(format->kind, p, format->size / 2, format->big);
    bool imaginary_only = real.is == FLOAT_ZERO && !real.negative;
    out_text(out, imaginary_only ? "" : "(");
    print_complex(out, format, p);
    out_text(out, imaginary_only ? "" : ")");
}

static void print_unit(tool_out *out, const element_format *format)
{
    out_text(out, ",'");
    if (format->multiple != 1)
        out_int(out, format->multiple);
    out_text(out, npki_unit_codes[format->unit]);
    out_char(out, '\'');
}

static void print_time(tool_out *out, const element_format *format, const uint8_t *p)
{
    char text[NPK_TIME_TEXT];
    int64_t value = element_int(format, p);
    bool is_time = format->is == ELEMENT_TIME, generic = format->unit == NPK_UNIT_GENERIC, shown = !generic;
    if (value == TIME_NAT) {
        out_text(out, "'NaT'");
        shown = is_time || !generic;
    } else if (is_time) {
        size_t size = npk_time_text(format->dtype, value, text, sizeof text);
        if (size > 0) {
            out_char(out, '\'');
            out_bytes(out, text, size);
            out_char(out, '\'');
            shown = format->multiple != 1 || format->unit == NPK_UNIT_HOUR;
        } else {
            out_int(out, value);
        }
    } else {
        out_int(out, value);
    }
    if (shown)
        print_unit(out, format);
}

static void print_plain(tool_out *out, element_format *format, const uint8_t *p)
{
    char text[FLOAT_TEXT];
    float_value value;
    const char *quote = format->kind == FLOAT_EXTENDED ? "'" : "";
    switch (format->is) {
    case ELEMENT_FLOAT:
        out_text(out, quote);
        value = float_load(format->kind, p, format->size, format->big);
        out_bytes(out, text, float_print_scalar(format->kind, value, false, text));
        out_text(out, quote);
        break;
    case ELEMENT_COMPLEX:
        out_text(out, quote);
        print_complex(out, format, p);
        out_text(out, quote);
        break;
    case ELEMENT_TIME:
    case ELEMENT_SPAN:
        print_time(out, format, p);
        break;
    default:
        element_print(format, p, out);
    }
}

/* np.void((1, 2.0), dtype=[('x', '<i4'), ('y', '<f8')]), or another class that a pickle names */
static void print_struct(tool_out *out, const npk_dtype *dtype, const uint8_t *p)
{
    item_plan plan;
    item_start(&plan, dtype, true, true, out);
    for (int pass = 1; pass <= plan.passes; pass++) {
        item_see(&plan, pass, p, out);
        item_settle(&plan, pass);
    }
    item_print(&plan, p, out);
    item_free(&plan);
    out_text(out, ", dtype=");
    print_dtype(out, dtype, NPKI_DTYPE_VOID);
}

static void print_name(tool_out *out, const npk_dtype *dtype)
{
    const char *module, *name;
    size_t module_size, name_size;
    npk_type type = npk_dtype_type(dtype);
    out_text(out, "np.");
    if (npk_dtype_class(dtype, &module, &module_size, &name, &name_size))
        out_safe(out, name, name_size);
    else
        out_text(out, names[type] != NULL ? names[type] : npki_dtype_rows[type].name);
}

static void print_located(tool_out *out, const npk_dtype *dtype, const uint8_t *p)
{
    if (npk_dtype_type(dtype) == NPK_BOOL) {
        out_text(out, *p != 0 ? "np.True_" : "np.False_");
        return;
    }
    print_name(out, dtype);
    out_char(out, '(');
    if (npk_dtype_is_struct(dtype)) {
        print_struct(out, dtype, p);
    } else {
        element_format format;
        element_start(&format, dtype, true);
        print_plain(out, &format, p);
        element_free(&format);
    }
    out_char(out, ')');
}

void print_scalar(tool_out *out, const npk_ndarray *scalar)
{
    static const uint8_t nothing[1];
    int64_t size = npk_nbytes(scalar);
    uint8_t *decoded = NULL;
    const uint8_t *p = size > 0 ? scalar->data : nothing;
    if (p == NULL && scalar->payload != NULL) { /* it is in a coat */
        decoded = malloc((size_t)size);
        if (decoded == NULL || npk_copy(scalar, 'C', decoded, (size_t)size, NULL) != NPK_OK)
            out_fail(out, NPK_MEMORY);
        p = decoded;
    }
    if (p == NULL)
        out_text(out, "<NumPy scalar with Python objects>");
    else if (out->status == NPK_OK)
        print_located(out, scalar->dtype, p);
    free(decoded);
}
