#include "text/quote.h"
#include "text/unicode.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#define TEXT(text) sizeof text - 1, text

/* --- UTF-8 --- */

/* Where bytes.decode('utf-8', 'surrogatepass') of Python fails; the size where it does not. */
static const struct {
    size_t size;
    const char *text;
    size_t offset;
} checked[] = {
    {TEXT(""), 0},
    {TEXT("plain text of more than eight bytes"), 35},
    {TEXT("\x00\x7f"), 2},
    {TEXT("\xc2\x80\xdf\xbf"), 4},
    {TEXT("\xe0\xa0\x80\xef\xbf\xbf"), 6},
    {TEXT("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"), 8},
    {TEXT("\xed\xa0\x80\xed\xbf\xbf"), 6}, /* U+D800, U+DFFF */
    {TEXT("a\x80"), 1},
    {TEXT("01234567\xbf"), 8},
    {TEXT("\xc0\x80"), 0},
    {TEXT("\xc1\xbf"), 0},
    {TEXT("\xe0\x9f\xbf"), 0},
    {TEXT("\xf0\x8f\xbf\xbf"), 0},
    {TEXT("\xf4\x90\x80\x80"), 0},
    {TEXT("\xf5\x80\x80\x80"), 0},
    {TEXT("\xff"), 0},
    {TEXT("ab\xc3"), 2},
    {TEXT("ab\xe2\x82"), 2},
    {TEXT("ab\xf0\x9f\x98"), 2},
    {TEXT("ab\xe2(\xac"), 2},
    {TEXT("ab\xe2\x82(z"), 2},
    {TEXT("\xc3\xa9\xc3\xc3\xa9"), 2},
    {TEXT("0123456789abcdef0123456789abcdef0123456789abcde\xc3\xa9\xa9"), 49},
};

/* Each text also lies at the end of its memory, so that a checker sees a look beyond it. */
Test(unicode, utf8_check)
{
    for (size_t i = 0; i < sizeof checked / sizeof *checked; i++) {
        uint8_t *text = malloc(checked[i].size > 0 ? checked[i].size : 1);
        memcpy(text, checked[i].text, checked[i].size);
        size_t offset = npki_utf8_check(text, checked[i].size);
        cr_expect_eq(offset, checked[i].offset, "%zu: %zu, not %zu", i, offset, checked[i].offset);
        free(text);
    }
}

static const struct {
    uint32_t character;
    size_t size;
    const char *bytes;
} characters[] = {
    {0x0, TEXT("\x00")},
    {0x41, TEXT("A")},
    {0x7f, TEXT("\x7f")},
    {0x80, TEXT("\xc2\x80")},
    {0xe9, TEXT("\xc3\xa9")},
    {0x7ff, TEXT("\xdf\xbf")},
    {0x800, TEXT("\xe0\xa0\x80")},
    {0x20ac, TEXT("\xe2\x82\xac")},
    {0xd800, TEXT("\xed\xa0\x80")},
    {0xdfff, TEXT("\xed\xbf\xbf")},
    {0xffff, TEXT("\xef\xbf\xbf")},
    {0x10000, TEXT("\xf0\x90\x80\x80")},
    {0x1f600, TEXT("\xf0\x9f\x98\x80")},
    {0x10ffff, TEXT("\xf4\x8f\xbf\xbf")},
};

Test(unicode, utf8_put_and_next)
{
    for (size_t i = 0; i < sizeof characters / sizeof *characters; i++) {
        uint8_t out[4];
        const uint8_t *p = (const uint8_t *)characters[i].bytes, *start = p;
        cr_expect_eq(npki_utf8_put(characters[i].character, out), characters[i].size);
        cr_expect_arr_eq(out, characters[i].bytes, characters[i].size);
        cr_expect_eq(npki_utf8_next(&p), characters[i].character);
        cr_expect_eq((size_t)(p - start), characters[i].size);
    }
}

/* --- raw-unicode-escape --- */

/* bytes.decode('raw-unicode-escape') in UTF-8 with surrogatepass. */
static const struct {
    size_t size;
    const char *text;
    size_t plain_size;
    const char *plain;
} unescaped[] = {
    {TEXT(""), TEXT("")},
    {TEXT("plain"), TEXT("plain")},
    {TEXT("\xe9\x80\n\\"), TEXT("\xc3\xa9\xc2\x80\n\\")},
    {TEXT("\\u20ac\\u20AC"), TEXT("\xe2\x82\xac\xe2\x82\xac")},
    {TEXT("\\U0001f600\\U0010FFFF"), TEXT("\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf")},
    {TEXT("\\ud83d\\ude00"), TEXT("\xed\xa0\xbd\xed\xb8\x80")}, /* two, not one */
    {TEXT("\\\\"), TEXT("\\\\")},
    {TEXT("\\\\u0041"), TEXT("\\\\u0041")},
    {TEXT("\\\\\\u0041"), TEXT("\\\\A")},
    {TEXT("\\x41\\n\\N"), TEXT("\\x41\\n\\N")},
    {TEXT("\\u0000\\u000a\\u005c"), TEXT("\0\n\\")},
    {TEXT("\\u005cu0041"), TEXT("\\u0041")},
};

Test(unicode, unescape)
{
    for (size_t i = 0; i < sizeof unescaped / sizeof *unescaped; i++) {
        uint64_t counted = 77, needed = 77;
        uint8_t out[64];
        const uint8_t *text = (const uint8_t *)unescaped[i].text;
        cr_expect_eq(npki_unicode_unescape(text, unescaped[i].size, NULL, &counted), unescaped[i].size, "%zu", i);
        cr_expect_eq(counted, unescaped[i].plain_size, "%zu", i);
        cr_expect_eq(npki_unicode_unescape(text, unescaped[i].size, out, &needed), unescaped[i].size, "%zu", i);
        cr_expect_eq(needed, unescaped[i].plain_size, "%zu", i);
        cr_expect_arr_eq(out, unescaped[i].plain, unescaped[i].plain_size, "%zu", i);
    }
}

Test(unicode, unescape_wrong)
{
    static const struct {
        size_t size;
        const char *text;
        size_t offset;
    } wrong[] = {
        {TEXT("\\u"), 0},         {TEXT("a\\u123"), 1},      {TEXT("a\\u12g4"), 1},
        {TEXT("a\\U0001f60"), 1}, {TEXT("a\\U00110000"), 1}, {TEXT("a\\Uffffffff"), 1},
        {TEXT("\\\\\\u1"), 2},    {TEXT("\xe9\\u 123"), 1},  {TEXT("\\u0041\\u+041"), 6},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint64_t needed;
        uint8_t *text = malloc(wrong[i].size);
        memcpy(text, wrong[i].text, wrong[i].size);
        size_t offset = npki_unicode_unescape(text, wrong[i].size, NULL, &needed);
        cr_expect_eq(offset, wrong[i].offset, "%zu: %zu", i, offset);
        free(text);
    }
}

/* What stands between V and newline of pickle.dumps(text, 0), by Python 3.11, by Python 2.7 and by Jython. */
static const struct {
    size_t size;
    const char *utf8;
    size_t new_size;
    const char *by_new;
    size_t old_size;
    const char *by_old;
    size_t upper_size;
    const char *by_upper;
} escaped[] = {
    {TEXT(""), TEXT(""), TEXT(""), TEXT("")},
    {TEXT("text ~\x7f\t"), TEXT("text ~\x7f\t"), TEXT("text ~\x7f\t"), TEXT("text ~\x7f\t")},
    {TEXT("\\\0\n\r\x1a"), TEXT("\\u005c\\u0000\\u000a\\u000d\\u001a"), TEXT("\\u005c\0\\u000a\r\x1a"),
     TEXT("\\u005C\0\\u000A\r\x1a")},
    {TEXT("\xc2\x80\xc3\xbf\xc4\x80"), TEXT("\x80\xff\\u0100"), TEXT("\x80\xff\\u0100"), TEXT("\x80\xff\\u0100")},
    {TEXT("\xed\xa0\xbd\xef\xbf\xbf"), TEXT("\\ud83d\\uffff"), TEXT("\\ud83d\\uffff"),
     TEXT("\\uD83D\\uFFFF")},
    {TEXT("\xf0\x90\x80\x80\xf0\x9f\x98\x80"), TEXT("\\U00010000\\U0001f600"), TEXT("\\U00010000\\U0001f600"),
     TEXT("\\U00010000\\U0001F600")},
};

static void expect_escaped(size_t i, npki_escapes escapes, const char *expected, size_t size)
{
    uint8_t out[64];
    const uint8_t *utf8 = (const uint8_t *)escaped[i].utf8;
    cr_expect_eq(npki_unicode_escape(utf8, escaped[i].size, escapes, NULL), size, "%zu", i);
    cr_expect_eq(npki_unicode_escape(utf8, escaped[i].size, escapes, out), size, "%zu", i);
    cr_expect_arr_eq(out, expected, size, "%zu", i);
}

Test(unicode, escape)
{
    for (size_t i = 0; i < sizeof escaped / sizeof *escaped; i++) {
        expect_escaped(i, NPKI_ESCAPES_NEW, escaped[i].by_new, escaped[i].new_size);
        expect_escaped(i, NPKI_ESCAPES_OLD, escaped[i].by_old, escaped[i].old_size);
        expect_escaped(i, NPKI_ESCAPES_UPPER, escaped[i].by_upper, escaped[i].upper_size);
    }
}

/* --- repr --- */

static const struct {
    size_t size;
    const char *utf8, *repr;
} str_reprs[] = {
    {TEXT(""), "''"},
    {TEXT("text"), "'text'"},
    {TEXT("it's"), "\"it's\""},
    {TEXT("\"it\""), "'\"it\"'"},
    {TEXT("it's \"it\""), "'it\\'s \"it\"'"},
    {TEXT("\\\t\n\r"), "'\\\\\\t\\n\\r'"},
    {TEXT("\0\x1f\x7f"), "'\\x00\\x1f\\x7f'"},
    {TEXT("\xc2\x80\xc2\xa0\xc2\xad"), "'\\x80\\xa0\\xad'"},
    {TEXT("\xc2\xa1\xc3\xa9\xe2\x82\xac"), "'\xc2\xa1\xc3\xa9\xe2\x82\xac'"},
    {TEXT("\xcd\xb8\xe2\x80\xa8\xef\xbb\xbf"), "'\\u0378\\u2028\\ufeff'"},
    {TEXT("\xed\xa0\xbd\xed\xb8\x80"), "'\\ud83d\\ude00'"},
    {TEXT("\xf0\x9f\x98\x80"), "'\xf0\x9f\x98\x80'"},
    {TEXT("\xf3\xa0\x80\x81\xf4\x8f\xbf\xbf"), "'\\U000e0001\\U0010ffff'"},
};

/* Returns the bytes that the text has in a form; writes those that fit, and a NUL. */
static size_t quote(npk_text_form form, const void *text, size_t size, char *out, size_t room)
{
    npki_sink sink;
    npki_sink_start_fixed(&sink, out, room);
    npki_quote(&sink, form, text, size);
    npki_sink_finish(&sink);
    return (size_t)sink.added;
}

Test(unicode, repr_str)
{
    for (size_t i = 0; i < sizeof str_reprs / sizeof *str_reprs; i++) {
        char out[64];
        size_t needed = strlen(str_reprs[i].repr);
        cr_expect_eq(quote(NPK_TEXT_STR, str_reprs[i].utf8, str_reprs[i].size, NULL, 0), needed, "%zu", i);
        cr_expect_eq(quote(NPK_TEXT_STR, str_reprs[i].utf8, str_reprs[i].size, out, sizeof out), needed);
        cr_expect_str_eq(out, str_reprs[i].repr, "%zu: %s", i, out);
    }
}

static const struct {
    size_t size;
    const char *bytes, *repr;
} bytes_reprs[] = {
    {TEXT(""), "b''"},
    {TEXT("text"), "b'text'"},
    {TEXT("it's"), "b\"it's\""},
    {TEXT("it's \"it\""), "b'it\\'s \"it\"'"},
    {TEXT("\\\t\n\r"), "b'\\\\\\t\\n\\r'"},
    {TEXT("\0\x1f~\x7f\x80\xff"), "b'\\x00\\x1f~\\x7f\\x80\\xff'"},
};

Test(unicode, repr_bytes)
{
    for (size_t i = 0; i < sizeof bytes_reprs / sizeof *bytes_reprs; i++) {
        char out[64];
        size_t needed = strlen(bytes_reprs[i].repr);
        cr_expect_eq(quote(NPK_TEXT_BYTES, bytes_reprs[i].bytes, bytes_reprs[i].size, NULL, 0), needed, "%zu", i);
        cr_expect_eq(quote(NPK_TEXT_BYTES, bytes_reprs[i].bytes, bytes_reprs[i].size, out, sizeof out), needed);
        cr_expect_str_eq(out, bytes_reprs[i].repr, "%zu: %s", i, out);
    }
}

/* --- printable --- */

Test(unicode, is_printable)
{
    static const uint32_t yes[] = {0x20,    0x7e,    0xa1,    0xac,    0xae,    0x377,  0x37a,  0x531,
                                   0x2010,  0x2027,  0x3001,  0x4e00,  0x9fff,  0xd7a3, 0xf900, 0xfffc,
                                   0x10000, 0x1f600, 0x2a6df, 0x3134a, 0xe0100, 0xe01ef};
    static const uint32_t no[] = {0x0,     0x1f,    0x7f,    0xa0,    0xad,    0x378,   0x530,   0x61c,   0x200b,
                                  0x2028,  0x3000,  0xd800,  0xdfff,  0xe000,  0xf8ff,  0xfeff,  0xfffe,  0xffff,
                                  0x1000c, 0x1d173, 0x1faff, 0x2a6e0, 0x3134b, 0xe0001, 0xe01f0, 0xf0000, 0x100000};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        cr_expect(npki_is_printable(yes[i]), "U+%04X", (unsigned)yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        cr_expect_not(npki_is_printable(no[i]), "U+%04X", (unsigned)no[i]);
    cr_expect_not(npki_is_printable(0x10ffff));
}

/* sum(chr(c).isprintable() for c in range(0x110000)) of Python 3.11, plane by plane. */
Test(unicode, printable_characters_of_each_plane)
{
    static const unsigned counts[17] = {55506, 22959, 60872, 4939, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 240, 0, 0};
    for (uint32_t plane = 0; plane < 17; plane++) {
        unsigned count = 0;
        for (uint32_t c = 0; c < 0x10000; c++)
            count += npki_is_printable(plane << 16 | c);
        cr_expect_eq(count, counts[plane], "plane %u: %u", (unsigned)plane, count);
    }
}

/* Where what is no UTF-8 begins, byte by byte. */
static size_t plain_check(const uint8_t *p, size_t size)
{
    size_t i = 0;
    while (i < size) {
        const uint8_t lead = p[i];
        const size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
        if (length == 0 || length > size - i)
            return i;
        for (size_t k = 1; k < length; k++)
            if ((p[i + k] & 0xc0) != 0x80)
                return i;
        if ((lead == 0xe0 && p[i + 1] < 0xa0) || (lead == 0xf0 && p[i + 1] < 0x90) || (lead == 0xf4 && p[i + 1] > 0x8f))
            return i;
        i += length;
    }
    return size;
}

/* Short texts of characters of one, two and three bytes, and of bytes at the bounds, with one in 61 that is any of these. */
Test(unicode, short_texts_are_checked_as_byte_by_byte)
{
    static const uint8_t bounds[] = {0,    'a',  0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2,
                                     0xc3, 0xd0, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff};
    uint64_t state = UINT64_C(88172645463325252);
    size_t whole = 0;
    for (size_t round = 0; round < 300000; round++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        const size_t size = (size_t)(state >> 40) % 41;
        const unsigned of = (unsigned)(state >> 33) % 4;
        uint8_t *text = malloc(size + 1); /* of this size, so that a sanitizer sees what reads past it */
        cr_assert_not_null(text);
        for (size_t i = 0; i < size;) {
            state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            const unsigned x = (unsigned)(state >> 33), kind = of == 3 ? (x >> 9) % 4 : of;
            const bool any = kind == 0 || x % 61 == 0;
            text[i++] = any ? bounds[x % sizeof bounds] : kind == 1 ? (uint8_t)(0xc2 + x % 30) : (uint8_t)(0xe0 + x % 16);
            for (unsigned k = 0; !any && k < kind && k < 2 && i < size; k++)
                text[i++] = (uint8_t)(0x80 + (x >> (5 + 6 * k)) % 64);
        }
        const size_t good = plain_check(text, size);
        cr_assert_eq(npki_utf8_check(text, size), good, "round %zu", round);
        whole += good == size;
        free(text);
    }
    cr_expect(whole > 30000 && whole < 270000, "%zu are whole", whole);
}
