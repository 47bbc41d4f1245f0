#include "print_pyarray.h"

#include "base/bytes.h"
#include "text/number.h"
#include "text/unicode.h"

#include <npickle/pyarray.h>
#include <stdlib.h>
#include <string.h>

/* An array, its elements in one piece. */
typedef struct elements {
    const uint8_t *bytes;
    size_t size;
    size_t width;
    char kind;
    bool big; /* most significant byte first */
} elements;

static uint64_t bits_of(const elements *e, size_t at)
{
    return e->big ? npki_load_be(e->bytes + at, e->width) : npki_load_le(e->bytes + at, e->width);
}

static void print_float(tool_out *out, uint64_t bits, size_t width)
{
    char text[NPKI_REPR_DOUBLE];
    float narrow;
    uint32_t narrow_bits = (uint32_t)bits;
    memcpy(&narrow, &narrow_bits, sizeof narrow);
    out_bytes(out, text, npki_repr_double(width == sizeof narrow ? (double)narrow : npki_double_of(bits), text));
}

static void print_number(tool_out *out, const elements *e, size_t at)
{
    uint64_t bits = bits_of(e, at);
    if (e->kind == 'f')
        print_float(out, bits, e->width);
    else if (e->kind == 'i')
        out_int(out, npki_sign_extend(bits, e->width));
    else if (e->kind == 'b')
        out_text(out, bits != 0 ? "True" : "False");
    else
        out_uint(out, bits);
}

static void print_list(tool_out *out, const elements *e)
{
    out_char(out, '[');
    for (size_t at = 0; at < e->size && out->status == NPK_OK; at += e->width) {
        out_text(out, at > 0 ? ", " : "");
        print_number(out, e, at);
        out_pass(out);
    }
    out_char(out, ']');
}

static void print_text(tool_out *out, const elements *e)
{
    uint8_t *text = malloc(e->size); /* no character is longer in UTF-8 */
    size_t used = 0;
    if (text == NULL) {
        out_fail(out, NPK_MEMORY);
        return;
    }
    for (size_t at = 0; at < e->size; at += e->width)
        used += npki_utf8_put((uint32_t)bits_of(e, at), text + used);
    out_repr_str(out, text, used);
    free(text);
}

static void print_elements(tool_out *out, const elements *e)
{
    if (e->size == 0)
        return;
    out_text(out, ", ");
    if (e->kind == 'U')
        print_text(out, e);
    else if (e->kind == 'S')
        out_repr_bytes(out, e->bytes, e->size);
    else
        print_list(out, e);
}

bool print_pyarray(tool_out *out, const npk_value *value)
{
    npk_pyarray is;
    npk_ndarray array;
    if (!npk_as_pyarray(value, &is) || npk_as_ndarray(value, &array, NULL) != NPK_OK)
        return false;
    size_t size = (size_t)npk_nbytes(&array);
    uint8_t *copy = NULL;
    if (array.data == NULL && size > 0) { /* in a coat */
        out_charge(out, size);
        copy = out->status == NPK_OK ? malloc(size) : NULL;
        if (copy == NULL || npk_copy(&array, 'C', copy, size, NULL) != NPK_OK) {
            out_fail(out, NPK_MEMORY);
            free(copy);
            return true;
        }
    }
    out_text(out, "array('");
    out_char(out, is.typecode);
    out_char(out, '\'');
    print_elements(out, &(elements){.bytes = copy != NULL ? copy : array.data,
                                    .size = size,
                                    .width = (size_t)npk_dtype_itemsize(array.dtype),
                                    .kind = npk_dtype_kind(array.dtype),
                                    .big = npk_dtype_byteorder(array.dtype) == '>'});
    out_char(out, ')');
    free(copy);
    return true;
}
