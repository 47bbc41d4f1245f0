#include "print/plain.h"

#include "text/number.h"
#include "text/quote.h"
#include "value/kind.h"

#include <string.h>

#define DIGITS 4300       /* sys.get_int_max_str_digits(): repr() refuses longer ints */
#define DIGITS_BYTES 1786 /* that 4300 digits have at most */

static void print_bool(npki_sink *out, const npk_value *value)
{
    bool is = false;
    (void)npk_value_as_bool(value, &is);
    npki_sink_text(out, is ? "True" : "False");
}

/* An int that repr() refuses: its magnitude in base 16. */
static void print_hex(npki_sink *out, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    bool negative = bytes[size - 1] >> 7, started = false;
    npki_sink_text(out, negative ? "<int of more than 4300 digits: -0x" : "<int of more than 4300 digits: 0x");
    char *room = npki_sink_room(out, (uint64_t)size * 2);
    if (room == NULL)
        return;
    /* From the least byte up: the negative of two's complement. */
    unsigned carry = negative;
    for (size_t i = 0; i < size; i++) {
        unsigned byte = (negative ? ~bytes[i] & 0xffu : bytes[i]) + carry;
        carry = byte >> 8;
        room[2 * (size - 1 - i)] = digits[byte >> 4 & 15];
        room[2 * (size - 1 - i) + 1] = digits[byte & 15];
    }
    size_t kept = 0;
    for (size_t i = 0; i < 2 * size; i++) {
        started |= room[i] != '0';
        if (started)
            room[kept++] = room[i];
    }
    npki_sink_cut(out, out->size - (2 * size - kept));
    npki_sink_char(out, '>');
}

bool npki_print_long_int(npki_sink *out, const uint8_t *bytes, size_t size)
{
    if (size > DIGITS_BYTES + 8)
        return false;
    size_t room = npki_decimal_room(size), length = 0;
    char *text = npki_sink_allocate(out, room, NPKI_SINK_FREE);
    uint8_t *scratch = npki_sink_allocate(out, size + 8, NPKI_SINK_FREE);
    if (scratch != NULL)
        length = npki_print_long(bytes, size, scratch, text);
    bool good = length == 0 || length - (text[0] == '-') <= DIGITS;
    if (good && length > 0)
        npki_sink_bytes(out, text, length);
    npki_free(&out->allocator, text, room);
    npki_free(&out->allocator, scratch, size + 8);
    return good;
}

static void print_int(npki_sink *out, const npk_value *value)
{
    int64_t small;
    uint8_t room[8];
    size_t size;
    if (npk_value_as_int64(value, &small)) {
        npki_sink_int(out, small);
        return;
    }
    const uint8_t *bytes = npk_value_as_long(value, room, &size);
    if (bytes == NULL || size == 0)
        return;
    if (!npki_print_long_int(out, bytes, size))
        print_hex(out, bytes, size);
}

static void print_float(npki_sink *out, const npk_value *value)
{
    char text[NPKI_REPR_DOUBLE];
    double number = 0;
    (void)npk_value_as_double(value, &number);
    npki_sink_bytes(out, text, npki_repr_double(number, text));
}

/* A part of a complex: 1.0 is "1". */
static void print_part(npki_sink *out, double number)
{
    char text[NPKI_REPR_DOUBLE];
    size_t size = npki_repr_double(number, text);
    if (size > 2 && memcmp(text + size - 2, ".0", 2) == 0)
        size -= 2;
    npki_sink_bytes(out, text, size);
}

static bool is_negative(double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits >> 63;
}

static void print_complex(npki_sink *out, const npk_value *value)
{
    double parts[2] = {0, 0};
    (void)npk_value_as_complex(value, parts);
    bool whole = parts[0] < 0 || parts[0] > 0 || parts[0] != parts[0] || is_negative(parts[0]);
    if (whole) {
        npki_sink_char(out, '(');
        print_part(out, parts[0]);
        npki_sink_text(out, parts[1] != parts[1] || !is_negative(parts[1]) ? "+" : "");
    }
    print_part(out, parts[1]);
    npki_sink_text(out, whole ? "j)" : "j");
}

static void print_str(npki_sink *out, const npk_value *value)
{
    size_t size = 0;
    const char *text = npk_value_as_str(value, &size);
    if (text != NULL)
        npki_quote(out, NPK_TEXT_STR, text, size);
}

/* Those that may be the payload of an array are decoded first. */
void npki_print_bytes(npki_sink *out, npk_text_form form, const npk_value *value)
{
    size_t size = 0;
    const uint8_t *bytes = npk_value_as_bytes(value, &size);
    if (bytes != NULL) {
        npki_quote(out, form, bytes, size);
        return;
    }
    int64_t known = npk_value_bytes_size(value);
    if (known <= 0) {
        npki_quote(out, form, "", 0);
        return;
    }
    uint8_t *copy = npki_sink_allocate(out, (size_t)known, NPKI_SINK_PAID);
    if (copy == NULL)
        return;
    if (npk_value_bytes_copy(value, copy, (size_t)known) == known)
        npki_quote(out, form, copy, (size_t)known);
    else
        npki_sink_fail(out, NPK_ERR_MEMORY);
    npki_free(&out->allocator, copy, (size_t)known);
}

static void print_bytes(npki_sink *out, const npk_value *value)
{
    npki_print_bytes(out, NPK_TEXT_BYTES, value);
}

static void print_bytearray(npki_sink *out, const npk_value *value)
{
    npki_print_bytes(out, NPK_TEXT_BYTEARRAY, value);
}

static void print_buffer(npki_sink *out, const npk_value *value)
{
    int64_t size = npk_value_bytes_size(value);
    npki_sink_text(out, "<buffer of ");
    npki_sink_int(out, size < 0 ? 0 : size);
    npki_sink_text(out, " bytes>");
}

void npki_print_global_name(npki_sink *out, const npk_value *value)
{
    const char *module, *name;
    size_t module_size, name_size;
    if (!npk_value_as_global(value, &module, &module_size, &name, &name_size))
        return;
    npki_quote(out, NPK_TEXT_NAME, module, module_size);
    npki_sink_char(out, '.');
    npki_quote(out, NPK_TEXT_NAME, name, name_size);
}

/* Pickled by their names, these are values, whose repr() is that name: Lib/pickle.py save_type(), save_global(). */
static const char *const named_values[] = {"Ellipsis", "NotImplemented"};

static void print_global(npki_sink *out, const npk_value *value)
{
    for (size_t i = 0; i < sizeof named_values / sizeof *named_values; i++)
        if (npk_value_is_global(value, "builtins", named_values[i])) {
            npki_sink_text(out, named_values[i]);
            return;
        }
    npki_sink_char(out, '<');
    npki_print_global_name(out, value);
    npki_sink_char(out, '>');
}

static void print_none(npki_sink *out, const npk_value *value)
{
    (void)value;
    npki_sink_text(out, "None");
}

static void (*const printers[NPKI_KINDS])(npki_sink *, const npk_value *) = {
    [NPK_KIND_NONE] = print_none,     [NPK_KIND_BOOL] = print_bool,           [NPK_KIND_INT] = print_int,
    [NPK_KIND_FLOAT] = print_float,   [NPK_KIND_COMPLEX] = print_complex,     [NPK_KIND_STR] = print_str,
    [NPK_KIND_BYTES] = print_bytes,   [NPK_KIND_BYTEARRAY] = print_bytearray, [NPK_KIND_PYTHON2_STR] = print_bytes,
    [NPK_KIND_GLOBAL] = print_global, [NPK_KIND_BUFFER] = print_buffer,
};

bool npki_print_plain(npki_sink *out, const npk_value *value)
{
    npk_kind kind = npk_value_kind(value);
    if (kind >= NPKI_KINDS || printers[kind] == NULL)
        return false;
    printers[kind](out, value);
    return true;
}
