/* Ints as text. Floats: real.c. */
#include "text/number.h"

#include "base/bytes.h"

/* A sign and digits; *digits after the sign. False where the text is something else. */
static bool split(const uint8_t *text, size_t size, bool *negative, const uint8_t **digits, size_t *count)
{
    size_t sign = size > 0 && (text[0] == '+' || text[0] == '-') ? 1 : 0;
    *negative = sign == 1 && text[0] == '-';
    *digits = text + sign;
    *count = size - sign;
    for (size_t i = 0; i < *count; i++)
        if ((*digits)[i] < '0' || (*digits)[i] > '9')
            return false;
    return *count > 0;
}

bool npki_parse_int64(const uint8_t *text, size_t size, int64_t *out)
{
    bool negative;
    const uint8_t *digits;
    size_t count;
    uint64_t value = 0;
    if (!split(text, size, &negative, &digits, &count))
        return false;
    for (size_t i = 0; i < count; i++)
        if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(digits[i] - '0'), &value))
            return false;
    if (value > (uint64_t)INT64_MAX + negative)
        return false;
    *out = (int64_t)(negative ? 0 - value : value);
    return true;
}

size_t npki_long_room(size_t digits)
{
    return digits / 2 + 10; /* a digit has less than 3.33 bits */
}

static void negate(uint8_t *bytes, size_t size)
{
    unsigned carry = 1;
    for (size_t i = 0; i < size; i++) {
        carry += (uint8_t)~bytes[i];
        bytes[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

size_t npki_parse_long(const uint8_t *text, size_t size, uint8_t *out)
{
    bool negative;
    const uint8_t *digits;
    size_t count, length = 1;
    if (!split(text, size, &negative, &digits, &count))
        return 0;
    out[0] = 0;
    for (size_t i = 0; i < count;) { /* nine digits at a time */
        uint32_t chunk = 0, scale = 1;
        for (; i < count && scale < 1000000000; i++, scale *= 10)
            chunk = chunk * 10 + (uint32_t)(digits[i] - '0');
        uint64_t carry = chunk;
        for (size_t k = 0; k < length; k++) {
            carry += (uint64_t)out[k] * scale;
            out[k] = (uint8_t)carry;
            carry >>= 8;
        }
        for (; carry > 0; carry >>= 8)
            out[length++] = (uint8_t)carry;
    }
    out[length++] = 0; /* the sign */
    if (negative)
        negate(out, length);
    while (length > 1 && out[length - 1] == (out[length - 2] & 0x80 ? 0xff : 0))
        length--;
    return length;
}

size_t npki_print_uint64(uint64_t value, char out[21])
{
    char digits[20];
    size_t count = 0, length = 0;
    do
        digits[count++] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    while (count > 0)
        out[length++] = digits[--count];
    return length;
}

size_t npki_print_int64(int64_t value, char out[21])
{
    if (value >= 0)
        return npki_print_uint64((uint64_t)value, out);
    char digits[21];
    size_t length = npki_print_uint64(0 - (uint64_t)value, digits);
    out[0] = '-';
    memcpy(out + 1, digits, length);
    return length + 1;
}

size_t npki_decimal_room(size_t bytes)
{
    return NPKI_DECIMAL_ROOM(bytes);
}

size_t npki_print_long(const uint8_t *bytes, size_t size, uint8_t *scratch, char *out)
{
    if (size <= 8)
        return npki_print_int64(size > 0 ? npki_sign_extend(npki_load_le(bytes, size), size) : 0, out);
    bool negative = (bytes[size - 1] & 0x80) != 0;
    size_t room = npki_decimal_room(size), at = room, left = size;
    memcpy(scratch, bytes, size);
    if (negative)
        negate(scratch, size);
    while (left > 0) { /* nine digits at a time, from the end */
        uint64_t rest = 0;
        for (size_t i = left; i-- > 0;) {
            rest = rest << 8 | scratch[i];
            scratch[i] = (uint8_t)(rest / 1000000000);
            rest %= 1000000000;
        }
        while (left > 0 && scratch[left - 1] == 0)
            left--;
        for (int i = 0; i < 9 && (left > 0 || rest > 0); i++, rest /= 10)
            out[--at] = (char)('0' + rest % 10);
    }
    if (at == room) /* more bytes than a zero needs */
        out[--at] = '0';
    if (negative)
        out[--at] = '-';
    memmove(out, out + at, room - at);
    return room - at;
}
