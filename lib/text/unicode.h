/* Text: UTF-8 as pickles have it, and raw-unicode-escape. */
#ifndef NPKI_TEXT_UNICODE_H
#define NPKI_TEXT_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Whether no byte is beyond ASCII: for short texts, by words that overlap, without a call. */
static inline bool npki_is_ascii(const uint8_t *bytes, size_t size)
{
    uint64_t all = 0, word;
    uint32_t half;
    if (size >= 8) {
        for (size_t i = 0; i + 8 < size; i += 8) {
            memcpy(&word, bytes + i, 8);
            all |= word;
        }
        memcpy(&word, bytes + size - 8, 8);
        all |= word;
    } else if (size >= 4) {
        memcpy(&half, bytes, 4);
        all = half;
        memcpy(&half, bytes + size - 4, 4);
        all |= half;
    } else {
        for (size_t i = 0; i < size; i++)
            all |= bytes[i];
    }
    return (all & UINT64_C(0x8080808080808080)) == 0;
}

/* UTF-8 in which a surrogate may stand alone (Python's surrogatepass): no overlong form, nothing beyond U+10FFFF.
 * Returns the offset of the first wrong byte, or `size`. */
size_t npki_utf8_check(const uint8_t *bytes, size_t size);

/* The character at *p (checked before), and *p after it. */
uint32_t npki_utf8_next(const uint8_t **p);

/* Writes a character (surrogates too) and returns its 1 to 4 bytes. */
size_t npki_utf8_put(uint32_t character, uint8_t out[4]);

/* raw-unicode-escape -> UTF-8: \uXXXX and \UXXXXXXXX after an odd number of backslashes are characters, all other
 * bytes are latin-1. Two surrogates that follow each other as \ud83d\ude00 stay two. *needed: the bytes of UTF-8.
 * `out` may be NULL to count only. Returns the offset of the first wrong byte (an escape cut short, a character
 * beyond U+10FFFF), or `size`. */
size_t npki_unicode_unescape(const uint8_t *bytes, size_t size, uint8_t *out, uint64_t *needed);

typedef enum npki_escapes {
    NPKI_ESCAPES_NEW,  /* backslash, NUL, LF, CR and 0x1a: CPython since 3.7 */
    NPKI_ESCAPES_OLD,  /* of these only backslash and LF: before, and Python 2 */
    NPKI_ESCAPES_UPPER /* these two, and the digits of all escapes are upper case: Jython */
} npki_escapes;

/* UTF-8 -> raw-unicode-escape, as picklers write it at protocol 0: beyond U+FFFF \UXXXXXXXX, beyond U+00FF and for
 * the characters above \uXXXX, else the latin-1 byte. Returns the bytes needed; writes them if `out` is not NULL. */
uint64_t npki_unicode_escape(const uint8_t *utf8, size_t size, npki_escapes escapes, uint8_t *out);

/* str.isprintable() of one character, by the Unicode of CPython 3.11. */
bool npki_is_printable(uint32_t character);

#endif
