/* Ints as text. Floats: real.c, parse_real.c. */
#include "text/number.h"

#include "base/bytes.h"
#include "base/wide.h"
#include "text/digits.h"

#define CHUNK 19 /* digits that 64 bits hold */
#define TEN19 UINT64_C(10000000000000000000)
#define TEN19_INVERSE UINT64_C(0xd83c94fb6d2ac34a) /* (2^128 - 1) / 10^19 - 2^64 */

/* --- reading --- */

static bool all_digits(const uint8_t *p, size_t count)
{
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        if (!npki_are_digits(npki_load_eight(p + i)))
            return false;
    for (; i < count; i++)
        if (p[i] < '0' || p[i] > '9')
            return false;
    return true;
}

/* A sign and digits; *digits after the sign. False where the text is something else. */
static bool split(const uint8_t *text, size_t size, bool *negative, const uint8_t **digits, size_t *count)
{
    size_t sign = size > 0 && (text[0] == '+' || text[0] == '-') ? 1 : 0;
    *negative = sign == 1 && text[0] == '-';
    *digits = text + sign;
    *count = size - sign;
    return *count > 0 && all_digits(*digits, *count);
}

/* Of up to 19 digits. */
static uint64_t value_of(const uint8_t *digits, size_t count)
{
    uint64_t value = 0;
    for (; count >= 8; count -= 8, digits += 8)
        value = value * 100000000 + npki_number_of(npki_load_eight(digits));
    for (; count > 0; count--)
        value = value * 10 + (uint64_t)(*digits++ - '0');
    return value;
}

bool npki_parse_int64(const uint8_t *text, size_t size, int64_t *out)
{
    bool negative;
    const uint8_t *digits;
    size_t count;
    if (!split(text, size, &negative, &digits, &count))
        return false;
    for (; count > CHUNK && *digits == '0'; count--)
        digits++;
    if (count > CHUNK)
        return false;
    uint64_t value = value_of(digits, count);
    if (value > (uint64_t)INT64_MAX + negative)
        return false;
    *out = (int64_t)(negative ? 0 - value : value);
    return true;
}

size_t npki_long_room(size_t digits)
{
    return digits / 2 + 10; /* a digit has less than 3.33 bits; with them eight whole bytes, and the sign */
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

/* The number of `words` eight bytes each, times 10^19, and more; returns its words. */
static size_t append_chunk(uint8_t *number, size_t words, uint64_t carry)
{
    for (size_t i = 0; i < words; i++) {
        uint64_t low, high = npki_mul_wide(npki_load_eight(number + 8 * i), TEN19, &low);
        low += carry;
        carry = high + (low < carry);
        npki_store_eight(number + 8 * i, low);
    }
    if (carry > 0)
        npki_store_eight(number + 8 * words++, carry);
    return words;
}

size_t npki_parse_long(const uint8_t *text, size_t size, uint8_t *out)
{
    bool negative;
    const uint8_t *digits;
    size_t count;
    if (!split(text, size, &negative, &digits, &count))
        return 0;
    size_t at = count % CHUNK, words = append_chunk(out, 0, value_of(digits, at));
    for (; at < count; at += CHUNK)
        words = append_chunk(out, words, value_of(digits + at, CHUNK));
    size_t length = 8 * words;
    out[length++] = 0; /* the sign */
    if (negative)
        negate(out, length);
    while (length > 1 && out[length - 1] == (out[length - 2] & 0x80 ? 0xff : 0))
        length--;
    return length;
}

/* --- writing --- */

/* value < 10^8 without leading zeros; eight bytes are written, of which the first so many count. */
static size_t put_first(char *out, uint32_t value)
{
    uint64_t digits = npki_eight_of(value);
    unsigned zeros = (unsigned)__builtin_ctzll(digits | UINT64_C(1) << 56) / 8;
    npki_store_eight(out, (digits | UINT64_C(0x3030303030303030)) >> 8 * zeros);
    return 8 - zeros;
}

static size_t put_value(uint64_t value, char *out)
{
    if (value < 100000000)
        return put_first(out, (uint32_t)value);
    const uint64_t ten15 = UINT64_C(1000000000000000), ten16 = 10 * ten15;
    /* 16 digits or 17, as most doubles have: nothing waits for where the others end */
    if (value >= ten15 && value < 10 * ten16) {
        uint64_t first = value / ten16;
        size_t more = first > 0;
        value -= first * ten16;
        out[0] = (char)('0' + first);
        npki_put_eight(out + more, (uint32_t)(value / 100000000));
        npki_put_eight(out + more + 8, (uint32_t)(value % 100000000));
        return more + 16;
    }
    uint64_t high = value / 100000000;
    size_t length = high < 100000000 ? put_first(out, (uint32_t)high) : put_first(out, (uint32_t)(high / 100000000));
    if (high >= 100000000) {
        npki_put_eight(out + length, (uint32_t)(high % 100000000));
        length += 8;
    }
    npki_put_eight(out + length, (uint32_t)(value % 100000000));
    return length + 8;
}

size_t npki_print_uint64(uint64_t value, char out[21])
{
    return put_value(value, out);
}

size_t npki_print_int64(int64_t value, char out[21])
{
    out[0] = '-';
    return value < 0 ? 1 + put_value(0 - (uint64_t)value, out + 1) : put_value((uint64_t)value, out);
}

size_t npki_decimal_room(size_t bytes)
{
    return NPKI_DECIMAL_ROOM(bytes);
}

static void put_chunk(char *out, uint64_t value)
{
    uint64_t high = value / 100000000;
    npki_put_eight(out + 11, (uint32_t)(value % 100000000));
    npki_put_eight(out + 3, (uint32_t)(high % 100000000));
    high /= 100000000;
    for (int i = 2; i >= 0; i--, high /= 10)
        out[i] = (char)('0' + high % 10);
}

static uint64_t next_chunk(uint64_t word, uint64_t *rest)
{
    return npki_divide_wide(*rest, word, TEN19, TEN19_INVERSE, rest);
}

/* The number divided by 10^19; the rest is the last chunk of its digits. */
static void divide(uint8_t *number, size_t words, uint64_t chunks[1])
{
    uint64_t rest = 0;
    for (size_t i = words; i-- > 0;)
        npki_store_eight(number + 8 * i, next_chunk(npki_load_eight(number + 8 * i), &rest));
    chunks[0] = rest;
}

/* Four times over: each division waits for the one of the word above, and four wait at the same time. */
static void divide_four(uint8_t *number, size_t words, uint64_t chunks[4])
{
    uint64_t first = 0, second = 0, third = 0, fourth = 0;
    for (size_t i = words; i-- > 0;) {
        uint64_t word = next_chunk(npki_load_eight(number + 8 * i), &first);
        word = next_chunk(word, &second);
        word = next_chunk(word, &third);
        npki_store_eight(number + 8 * i, next_chunk(word, &fourth));
    }
    chunks[0] = first;
    chunks[1] = second;
    chunks[2] = third;
    chunks[3] = fourth;
}

static size_t significant(const uint8_t *number, size_t words)
{
    while (words > 0 && npki_load_eight(number + 8 * (words - 1)) == 0)
        words--;
    return words;
}

size_t npki_print_long(const uint8_t *bytes, size_t size, uint8_t *scratch, char *out)
{
    if (size <= 8)
        return npki_print_int64(size > 0 ? npki_sign_extend(npki_load_le(bytes, size), size) : 0, out);
    bool negative = (bytes[size - 1] & 0x80) != 0;
    size_t room = npki_decimal_room(size), at = room, words = (size + 7) / 8;
    memcpy(scratch, bytes, size);
    if (negative)
        negate(scratch, size);
    memset(scratch + size, 0, 8 * words - size);
    uint64_t chunks[4];
    while ((words = significant(scratch, words)) > 1) {
        bool four = words > 4; /* 2^256 is over 10^76: no zeros lead */
        (four ? divide_four : divide)(scratch, words, chunks);
        for (int k = 0; k < (four ? 4 : 1); k++)
            put_chunk(out + (at -= CHUNK), chunks[k]);
    }
    char digits[21];
    size_t count = npki_print_uint64(words > 0 ? npki_load_eight(scratch) : 0, digits);
    memmove(out + negative, digits, count);
    memmove(out + negative + count, out + at, room - at);
    if (negative)
        out[0] = '-';
    return negative + count + room - at;
}
