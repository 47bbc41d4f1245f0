/* What NumPy wrote on a little-endian machine, as a big-endian one would have: of dtypes with '<' and '>' exchanged and the same
 * bytes of elements, the same text or pickle with '<' and '>' exchanged. */
#ifndef NPICKLE_TESTS_MIRROR_H
#define NPICKLE_TESTS_MIRROR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline bool mirror_is_needed(void)
{
    const uint16_t one = 1;
    uint8_t first;
    memcpy(&first, &one, 1);
    return first == 0;
}

static inline char mirror_order(char c)
{
    return (char)(c == '<' ? '>' : c == '>' ? '<' : c);
}

static inline void mirror_text(char *text)
{
    for (; *text != '\0'; text++)
        *text = mirror_order(*text);
}

/* The words of a golden's case: what is quoted is bytes, or a text that may be one with that of a byte order. */
static inline void mirror_words(char *words)
{
    bool quoted = false;
    for (char *at = words; *at != '\0'; at++) {
        quoted ^= *at == '"';
        if (!quoted || (at > words && at[-1] == '"' && at[1] == '"'))
            *at = mirror_order(*at);
    }
}

/* The byte orders in a pickle: each is a text of one character, in one of these forms. */
static inline void mirror_pickle(uint8_t *bytes, size_t size)
{
    static const struct {
        const char *before, *after;
        size_t before_size, after_size;
    } forms[] = {
        {"V", "\n", 1, 1}, {"S'", "'\n", 2, 2}, {"X\1\0\0\0", "", 5, 0}, {"U\1", "", 2, 0}, {"\x8c\1", "", 2, 0},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        for (size_t at = forms[i].before_size; at + forms[i].after_size < size; at++)
            if (memcmp(bytes + at - forms[i].before_size, forms[i].before, forms[i].before_size) == 0 &&
                memcmp(bytes + at + 1, forms[i].after, forms[i].after_size) == 0)
                bytes[at] = (uint8_t)mirror_order((char)bytes[at]);
}

#endif
