#include "print/pyarray.h"

#include "base/bytes.h"
#include "cast/extended.h"
#include "text/number.h"
#include "text/quote.h"
#include "text/unicode.h"

#include <npickle/pyarray.h>
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

static void print_float(npki_sink *out, uint64_t bits, size_t width)
{
    char text[NPKI_REPR_DOUBLE];
    npki_sink_bytes(out, text, npki_repr_double(npki_float_of_bits(bits, width), text));
}

static void print_number(npki_sink *out, const elements *e, size_t at)
{
    uint64_t bits = bits_of(e, at);
    if (e->kind == 'f')
        print_float(out, bits, e->width);
    else if (e->kind == 'i')
        npki_sink_int(out, npki_sign_extend(bits, e->width));
    else if (e->kind == 'b')
        npki_sink_text(out, bits != 0 ? "True" : "False");
    else
        npki_sink_uint(out, bits);
}

static void print_list(npki_sink *out, const elements *e)
{
    npki_sink_char(out, '[');
    for (size_t at = 0; at < e->size && out->status == NPK_OK; at += e->width) {
        npki_sink_text(out, at > 0 ? ", " : "");
        print_number(out, e, at);
        npki_sink_pass(out);
    }
    npki_sink_char(out, ']');
}

static void print_text(npki_sink *out, const elements *e)
{
    /* two bytes give three of UTF-8 at most, and four give four */
    size_t room = e->size / 2 * 3, used = 0;
    uint8_t *text = npki_sink_allocate(out, room, NPKI_SINK_FREE);
    if (text == NULL)
        return;
    for (size_t at = 0; at < e->size; at += e->width)
        used += npki_utf8_put((uint32_t)bits_of(e, at), text + used);
    npki_quote(out, NPK_TEXT_STR, text, used);
    npki_free(&out->allocator, text, room);
}

static void print_elements(npki_sink *out, const elements *e)
{
    if (e->size == 0)
        return;
    npki_sink_text(out, ", ");
    if (e->kind == 'U')
        print_text(out, e);
    else if (e->kind == 'S')
        npki_quote(out, NPK_TEXT_BYTES, e->bytes, e->size);
    else
        print_list(out, e);
}

bool npki_print_pyarray(npki_sink *out, const npk_value *value)
{
    npk_pyarray is;
    npk_array array;
    if (!npk_pyarray_of(value, &is) || npk_array_of(value, &array, NULL) != NPK_OK)
        return false;
    size_t size = (size_t)npk_array_nbytes(&array);
    uint8_t *copy = NULL;
    if (array.data == NULL && size > 0) { /* encoded */
        copy = npki_sink_allocate(out, size, NPKI_SINK_PAID);
        if (copy == NULL)
            return true;
        if (npk_array_copy(&array, 'C', copy, size, NULL) != NPK_OK)
            npki_sink_fail(out, NPK_ERR_ARRAY);
    }
    npki_sink_text(out, "array('");
    npki_sink_char(out, is.typecode);
    npki_sink_char(out, '\'');
    if (out->status == NPK_OK)
        print_elements(out, &(elements){.bytes = copy != NULL ? copy : array.data,
                                    .size = size,
                                    .width = (size_t)npk_dtype_itemsize(array.dtype),
                                    .kind = npk_dtype_kind(array.dtype),
                                    .big = npk_dtype_byteorder(array.dtype) == '>'});
    npki_sink_char(out, ')');
    npki_free(&out->allocator, copy, size);
    return true;
}
