#include "text/unicode.h"

#include <string.h>

/* --- UTF-8 --- */

#define HIGH_BITS UINT64_C(0x8080808080808080)

/* Bytes of the sequence at `p`, 0 where it is malformed. Surrogates are let through. */
static size_t sequence(const uint8_t *p, size_t left)
{
    uint8_t lead = p[0];
    size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (length == 0 || length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((lead == 0xe0 && p[1] < 0xa0) || (lead == 0xf0 && p[1] < 0x90) || (lead == 0xf4 && p[1] > 0x8f))
        return 0;
    return length;
}

size_t npki_utf8_check(const uint8_t *bytes, size_t size)
{
    size_t i = 0;
    while (i < size) {
        for (uint64_t word; i + 8 <= size; i += 8) {
            memcpy(&word, bytes + i, 8);
            if ((word & HIGH_BITS) != 0)
                break;
        }
        for (size_t stop = size - i > 32 ? i + 32 : size; i < stop;) {
            size_t length = sequence(bytes + i, size - i);
            if (length == 0)
                return i;
            i += length;
        }
    }
    return size;
}

uint32_t npki_utf8_next(const uint8_t **p)
{
    const uint8_t *at = *p;
    if (at[0] < 0x80) {
        *p += 1;
        return at[0];
    }
    if (at[0] < 0xe0) {
        *p += 2;
        return (uint32_t)(at[0] & 0x1f) << 6 | (at[1] & 0x3f);
    }
    if (at[0] < 0xf0) {
        *p += 3;
        return (uint32_t)(at[0] & 0x0f) << 12 | (uint32_t)(at[1] & 0x3f) << 6 | (at[2] & 0x3f);
    }
    *p += 4;
    return (uint32_t)(at[0] & 0x07) << 18 | (uint32_t)(at[1] & 0x3f) << 12 | (uint32_t)(at[2] & 0x3f) << 6 |
           (at[3] & 0x3f);
}

size_t npki_utf8_put(uint32_t character, uint8_t out[4])
{
    if (character < 0x80) {
        out[0] = (uint8_t)character;
        return 1;
    }
    if (character < 0x800) {
        out[0] = (uint8_t)(0xc0 | character >> 6);
        out[1] = (uint8_t)(0x80 | (character & 0x3f));
        return 2;
    }
    if (character < 0x10000) {
        out[0] = (uint8_t)(0xe0 | character >> 12);
        out[1] = (uint8_t)(0x80 | (character >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (character & 0x3f));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | character >> 18);
    out[1] = (uint8_t)(0x80 | (character >> 12 & 0x3f));
    out[2] = (uint8_t)(0x80 | (character >> 6 & 0x3f));
    out[3] = (uint8_t)(0x80 | (character & 0x3f));
    return 4;
}

/* --- an output that may only count --- */

typedef struct output {
    uint8_t *bytes; /* NULL: count */
    uint64_t size;
} output;

static void add(output *out, const void *bytes, size_t size)
{
    if (out->bytes != NULL)
        memcpy(out->bytes + out->size, bytes, size);
    out->size += size;
}

static void add_character(output *out, uint32_t character)
{
    uint8_t utf8[4];
    add(out, utf8, npki_utf8_put(character, utf8));
}

/* A backslash, a letter and so many hex digits. */
static void add_digits(output *out, char letter, uint32_t character, int digits, const char hex[16])
{
    char text[10] = {'\\', letter};
    for (int i = 0; i < digits; i++)
        text[2 + i] = hex[character >> 4 * (digits - 1 - i) & 15];
    add(out, text, (size_t)(2 + digits));
}

/* --- raw-unicode-escape --- */

static uint32_t hex_digits(const uint8_t *p, size_t left, size_t count)
{
    uint32_t value = 0;
    if (left < count)
        return UINT32_MAX;
    for (size_t i = 0; i < count; i++) {
        uint8_t c = p[i] | 0x20;
        uint32_t digit = p[i] >= '0' && p[i] <= '9' ? (uint32_t)(p[i] - '0')
                         : c >= 'a' && c <= 'f'     ? (uint32_t)(c - 'a' + 10)
                                                    : 16;
        if (digit == 16)
            return UINT32_MAX;
        value = value << 4 | digit;
    }
    return value;
}

size_t npki_unicode_unescape(const uint8_t *bytes, size_t size, uint8_t *out, uint64_t *needed)
{
    output target = {out, 0};
    size_t i = 0;
    while (i < size) {
        if (bytes[i] != '\\' || i + 1 == size) {
            add_character(&target, bytes[i++]);
            continue;
        }
        size_t digits = bytes[i + 1] == 'u' ? 4 : bytes[i + 1] == 'U' ? 8 : 0;
        if (digits == 0) { /* neither this backslash nor what follows starts an escape */
            add_character(&target, bytes[i]);
            add_character(&target, bytes[i + 1]);
            i += 2;
            continue;
        }
        uint32_t character = hex_digits(bytes + i + 2, size - i - 2, digits);
        if (character > 0x10ffff)
            break;
        add_character(&target, character);
        i += 2 + digits;
    }
    *needed = target.size;
    return i;
}

uint64_t npki_unicode_escape(const uint8_t *utf8, size_t size, npki_escapes escapes, uint8_t *out)
{
    output target = {out, 0};
    const uint8_t *p = utf8, *end = utf8 + size;
    const char *hex = escapes == NPKI_ESCAPES_UPPER ? "0123456789ABCDEF" : "0123456789abcdef";
    while (p < end) {
        uint32_t character = npki_utf8_next(&p);
        bool special = character == '\\' || character == '\n' ||
                       (escapes == NPKI_ESCAPES_NEW && (character == '\0' || character == '\r' || character == 0x1a));
        uint8_t byte = (uint8_t)character;
        if (character > 0xffff)
            add_digits(&target, 'U', character, 8, hex);
        else if (character > 0xff || special)
            add_digits(&target, 'u', character, 4, hex);
        else
            add(&target, &byte, 1);
    }
    return target.size;
}
