#include "text/encoding.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

/* All bytes in order, in each encoding: bytes(range(256)).decode('latin1') in UTF-8; the same between V and newline of
 * pickle.dumps(..., 0) of Python 3.11; and repr(''.join(map(chr, range(256)))) of Python 2.7 without its quotes. */
static const char utf8[] =
    "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19"
    "\x1a\x1b\x1c\x1d\x1e\x1f !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklm"
    "nopqrstuvwxyz{|}~\x7f\xc2\x80\xc2\x81\xc2\x82\xc2\x83\xc2\x84\xc2\x85\xc2\x86\xc2\x87\xc2\x88\xc2\x89\xc2"
    "\x8a\xc2\x8b\xc2\x8c\xc2\x8d\xc2\x8e\xc2\x8f\xc2\x90\xc2\x91\xc2\x92\xc2\x93\xc2\x94\xc2\x95\xc2\x96\xc2"
    "\x97\xc2\x98\xc2\x99\xc2\x9a\xc2\x9b\xc2\x9c\xc2\x9d\xc2\x9e\xc2\x9f\xc2\xa0\xc2\xa1\xc2\xa2\xc2\xa3\xc2"
    "\xa4\xc2\xa5\xc2\xa6\xc2\xa7\xc2\xa8\xc2\xa9\xc2\xaa\xc2\xab\xc2\xac\xc2\xad\xc2\xae\xc2\xaf\xc2\xb0\xc2"
    "\xb1\xc2\xb2\xc2\xb3\xc2\xb4\xc2\xb5\xc2\xb6\xc2\xb7\xc2\xb8\xc2\xb9\xc2\xba\xc2\xbb\xc2\xbc\xc2\xbd\xc2"
    "\xbe\xc2\xbf\xc3\x80\xc3\x81\xc3\x82\xc3\x83\xc3\x84\xc3\x85\xc3\x86\xc3\x87\xc3\x88\xc3\x89\xc3\x8a\xc3"
    "\x8b\xc3\x8c\xc3\x8d\xc3\x8e\xc3\x8f\xc3\x90\xc3\x91\xc3\x92\xc3\x93\xc3\x94\xc3\x95\xc3\x96\xc3\x97\xc3"
    "\x98\xc3\x99\xc3\x9a\xc3\x9b\xc3\x9c\xc3\x9d\xc3\x9e\xc3\x9f\xc3\xa0\xc3\xa1\xc3\xa2\xc3\xa3\xc3\xa4\xc3"
    "\xa5\xc3\xa6\xc3\xa7\xc3\xa8\xc3\xa9\xc3\xaa\xc3\xab\xc3\xac\xc3\xad\xc3\xae\xc3\xaf\xc3\xb0\xc3\xb1\xc3"
    "\xb2\xc3\xb3\xc3\xb4\xc3\xb5\xc3\xb6\xc3\xb7\xc3\xb8\xc3\xb9\xc3\xba\xc3\xbb\xc3\xbc\xc3\xbd\xc3\xbe\xc3"
    "\xbf";

static const char unicode[] =
    "\\u0000\x01\x02\x03\x04\x05\x06\x07\x08\x09\\u000a\x0b\x0c\\u000d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17"
    "\x18\x19\\u001a\x1b\x1c\x1d\x1e\x1f !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\u005c]"
    "^_`abcdefghijklmnopqrstuvwxyz{|}~\x7f\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x90"
    "\x91\x92\x93\x94\x95\x96\x97\x98\x99\x9a\x9b\x9c\x9d\x9e\x9f\xa0\xa1\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa"
    "\xab\xac\xad\xae\xaf\xb0\xb1\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\xba\xbb\xbc\xbd\xbe\xbf\xc0\xc1\xc2\xc3\xc4"
    "\xc5\xc6\xc7\xc8\xc9\xca\xcb\xcc\xcd\xce\xcf\xd0\xd1\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda\xdb\xdc\xdd\xde"
    "\xdf\xe0\xe1\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xeb\xec\xed\xee\xef\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8"
    "\xf9\xfa\xfb\xfc\xfd\xfe\xff";

static const char repr[] =
    "\\x00\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\x08\\t\\n\\x0b\\x0c\\r\\x0e\\x0f\\x10\\x11\\x12\\x13\\x14\\x15"
    "\\x16\\x17\\x18\\x19\\x1a\\x1b\\x1c\\x1d\\x1e\\x1f !\"#$%&\\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQR"
    "STUVWXYZ[\\\\]^_`abcdefghijklmnopqrstuvwxyz{|}~\\x7f\\x80\\x81\\x82\\x83\\x84\\x85\\x86\\x87\\x88\\x89\\"
    "x8a\\x8b\\x8c\\x8d\\x8e\\x8f\\x90\\x91\\x92\\x93\\x94\\x95\\x96\\x97\\x98\\x99\\x9a\\x9b\\x9c\\x9d\\x9e\\"
    "x9f\\xa0\\xa1\\xa2\\xa3\\xa4\\xa5\\xa6\\xa7\\xa8\\xa9\\xaa\\xab\\xac\\xad\\xae\\xaf\\xb0\\xb1\\xb2\\xb3\\"
    "xb4\\xb5\\xb6\\xb7\\xb8\\xb9\\xba\\xbb\\xbc\\xbd\\xbe\\xbf\\xc0\\xc1\\xc2\\xc3\\xc4\\xc5\\xc6\\xc7\\xc8\\"
    "xc9\\xca\\xcb\\xcc\\xcd\\xce\\xcf\\xd0\\xd1\\xd2\\xd3\\xd4\\xd5\\xd6\\xd7\\xd8\\xd9\\xda\\xdb\\xdc\\xdd\\"
    "xde\\xdf\\xe0\\xe1\\xe2\\xe3\\xe4\\xe5\\xe6\\xe7\\xe8\\xe9\\xea\\xeb\\xec\\xed\\xee\\xef\\xf0\\xf1\\xf2\\"
    "xf3\\xf4\\xf5\\xf6\\xf7\\xf8\\xf9\\xfa\\xfb\\xfc\\xfd\\xfe\\xff";

static const struct {
    const char *text;
    size_t size;
} all_bytes[] = {
    [NPK_ENCODING_LATIN1_UTF8] = {utf8, sizeof utf8 - 1},
    [NPK_ENCODING_RAW_UNICODE_ESCAPE] = {unicode, sizeof unicode - 1},
    [NPK_ENCODING_STRING_ESCAPE] = {repr, sizeof repr - 1},
};

/* The whole of `in` through an encoding, with `room` bytes of output at a time. The caller frees what
 * is returned. */
static uint8_t *through(npk_encoding encoding, bool encode, char quote, const void *in, size_t size, size_t room,
                        size_t *given)
{
    uint8_t *all = malloc(8 * size + 1), *input = malloc(size + 1), *piece = malloc(room);
    npki_stream stream = {.in = input, .in_end = input + size};
    memcpy(input, in, size);
    *given = 0;
    for (;;) {
        stream.out = piece;
        stream.out_end = piece + room;
        if (encode)
            npki_encoding_encode(encoding, quote, &stream);
        else
            npki_encoding_decode(encoding, &stream);
        cr_assert(stream.out >= piece && stream.out <= stream.out_end);
        memcpy(all + *given, piece, (size_t)(stream.out - piece));
        *given += (size_t)(stream.out - piece);
        if (stream.in == stream.in_end)
            break;
        cr_assert_gt(stream.out, piece, "nothing came out in %zu bytes", room);
        if (!encode)
            cr_assert_eq(stream.out, stream.out_end, "stopped before the output was full");
    }
    free(input);
    free(piece);
    return all;
}

static void expect_through(npk_encoding encoding, bool encode, char quote, const void *in, size_t size, const void *out,
                           size_t out_size, size_t room)
{
    size_t given;
    uint8_t *found = through(encoding, encode, quote, in, size, room, &given);
    cr_expect_eq(given, out_size, "encoding %d, room %zu: %zu bytes, not %zu", (int)encoding, room, given, out_size);
    cr_expect(given == out_size && memcmp(found, out, out_size) == 0, "encoding %d, room %zu", (int)encoding, room);
    free(found);
}

static void fill(uint8_t bytes[256])
{
    for (int i = 0; i < 256; i++)
        bytes[i] = (uint8_t)i;
}

Test(encoding, every_byte)
{
    uint8_t plain[256];
    fill(plain);
    for (int encoding = NPK_ENCODING_LATIN1_UTF8; encoding <= NPK_ENCODING_STRING_ESCAPE; encoding++) {
        const void *text = all_bytes[encoding].text;
        size_t size = all_bytes[encoding].size;
        uint64_t decoded;
        cr_expect_eq(npki_encoding_encoded_size((npk_encoding)encoding, '\'', plain, 256), size);
        cr_expect_eq(npki_encoding_measure((npk_encoding)encoding, text, size, &decoded), size);
        cr_expect_eq(decoded, 256);
        for (size_t room = 1; room <= 80; room++)
            expect_through((npk_encoding)encoding, false, '\'', text, size, plain, 256, room);
        expect_through((npk_encoding)encoding, false, '\'', text, size, plain, 256, 4096);
        for (size_t room = NPKI_ENCODING_WIDEST; room <= 80; room++)
            expect_through((npk_encoding)encoding, true, '\'', plain, 256, text, size, room);
        expect_through((npk_encoding)encoding, true, '\'', plain, 256, text, size, 4096);
    }
}

/* The same behind a few letters: every byte stands at every place of the words and blocks that an encoding takes. */
Test(encoding, every_place)
{
    for (int encoding = NPK_ENCODING_LATIN1_UTF8; encoding <= NPK_ENCODING_STRING_ESCAPE; encoding++)
        for (size_t before = 0; before <= 34; before++) {
            uint8_t plain[34 + 256], encoded[34 + 1024];
            size_t size = before + all_bytes[encoding].size;
            uint64_t decoded;
            memset(plain, 'x', before);
            fill(plain + before);
            memset(encoded, 'x', before);
            memcpy(encoded + before, all_bytes[encoding].text, all_bytes[encoding].size);
            cr_expect_eq(npki_encoding_encoded_size((npk_encoding)encoding, '\'', plain, before + 256), size);
            cr_expect_eq(npki_encoding_measure((npk_encoding)encoding, encoded, size, &decoded), size);
            cr_expect_eq(decoded, before + 256);
            for (size_t room = 64; room <= 4096; room *= 4) {
                expect_through((npk_encoding)encoding, false, '\'', encoded, size, plain, before + 256, room);
                expect_through((npk_encoding)encoding, true, '\'', plain, before + 256, encoded, size, room);
            }
        }
}

/* Any two bytes come back, wherever they lie in the words that an encoding takes at a time. */
Test(encoding, every_pair)
{
    for (int encoding = NPK_ENCODING_RAW; encoding <= NPK_ENCODING_STRING_ESCAPE; encoding++)
        for (unsigned pair = 0; pair < 65536; pair++) {
            uint8_t plain[24] = "abcdefghijklmnopqrstuvw", encoded[24 * NPKI_ENCODING_WIDEST], back[24];
            size_t at = pair % 23;
            uint64_t decoded = 0;
            plain[at] = (uint8_t)pair;
            plain[at + 1] = (uint8_t)(pair >> 8);
            npki_stream out = {plain, plain + 24, encoded, encoded + sizeof encoded, false};
            npki_encoding_encode((npk_encoding)encoding, '\'', &out);
            size_t size = (size_t)(out.out - encoded);
            cr_assert_eq(npki_encoding_encoded_size((npk_encoding)encoding, '\'', plain, 24), size);
            cr_assert_eq(npki_encoding_measure((npk_encoding)encoding, encoded, size, &decoded), size, "%d %x",
                         encoding, pair);
            cr_assert_eq(decoded, 24);
            npki_stream in = {encoded, encoded + size, back, back + 24, false};
            npki_encoding_decode((npk_encoding)encoding, &in);
            cr_assert(in.in == in.in_end && in.out == in.out_end);
            cr_assert_arr_eq(back, plain, 24, "%d %x", encoding, pair);
        }
}

Test(encoding, raw)
{
    uint64_t decoded;
    uint8_t plain[256];
    fill(plain);
    cr_expect_eq(npki_encoding_measure(NPK_ENCODING_RAW, plain, 256, &decoded), 256);
    cr_expect_eq(decoded, 256);
    cr_expect_eq(npki_encoding_encoded_size(NPK_ENCODING_RAW, '\'', plain, 256), 256);
    for (size_t room = 1; room < 300; room += 7) {
        expect_through(NPK_ENCODING_RAW, false, '\'', plain, 256, plain, 256, room);
        expect_through(NPK_ENCODING_RAW, true, '\'', plain, 256, plain, 256, room);
    }
}

Test(encoding, nothing)
{
    for (int encoding = NPK_ENCODING_RAW; encoding <= NPK_ENCODING_STRING_ESCAPE; encoding++) {
        uint64_t decoded = 17;
        uint8_t byte = 0;
        npki_stream stream = {&byte, &byte, &byte, &byte, false};
        cr_expect_eq(npki_encoding_measure((npk_encoding)encoding, NULL, 0, &decoded), 0);
        cr_expect_eq(decoded, 0);
        cr_expect_eq(npki_encoding_encoded_size((npk_encoding)encoding, '\'', NULL, 0), 0);
        npki_encoding_decode((npk_encoding)encoding, &stream);
        npki_encoding_encode((npk_encoding)encoding, '\'', &stream);
        cr_expect(stream.in == &byte && stream.out == &byte);
    }
}

/* One byte less than a character takes: it is left where it is. */
Test(encoding, written_whole_or_not_at_all)
{
    static const struct {
        npk_encoding encoding;
        uint8_t byte;
        size_t size;
    } wide[] = {
        {NPK_ENCODING_LATIN1_UTF8, 0xe9, 2},        {NPK_ENCODING_RAW_UNICODE_ESCAPE, 0, 6},
        {NPK_ENCODING_STRING_ESCAPE, 0xe9, 4},      {NPK_ENCODING_STRING_ESCAPE, '\\', 2},
        {NPK_ENCODING_RAW_UNICODE_ESCAPE, 0xe9, 1}, {NPK_ENCODING_LATIN1_UTF8, 0x7f, 1},
    };
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        for (size_t room = 0; room <= 8; room++) {
            uint8_t in[20], out[9];
            size_t whole = room / wide[i].size;
            memset(in, wide[i].byte, sizeof in);
            memset(out, 0xee, sizeof out);
            npki_stream stream = {in, in + sizeof in, out, out + room, false};
            npki_encoding_encode(wide[i].encoding, '\'', &stream);
            cr_expect_eq((size_t)(stream.out - out), whole * wide[i].size, "%zu, room %zu", i, room);
            cr_expect_eq((size_t)(stream.in - in), whole, "%zu, room %zu", i, room);
            cr_expect_eq(out[room], 0xee, "%zu, room %zu: written beyond", i, room);
        }
}

/* --- what is not written, but read --- */

#define TEXT(text) sizeof text - 1, text

static const struct {
    npk_encoding encoding;
    size_t size;
    const char *text;
    size_t plain_size;
    const char *plain;
} readable[] = {
    {NPK_ENCODING_RAW_UNICODE_ESCAPE, TEXT("\\u0041\\u00e9\\U000000ff"), TEXT("A\xe9\xff")},
    {NPK_ENCODING_RAW_UNICODE_ESCAPE, TEXT("\\u00E9\\u00eF"), TEXT("\xe9\xef")},
    {NPK_ENCODING_RAW_UNICODE_ESCAPE, TEXT("\\\\"),
     TEXT("\\\\")}, /* raw-unicode-escape never makes one of two backslashes */
    {NPK_ENCODING_RAW_UNICODE_ESCAPE, TEXT("\\"), TEXT("\\")},
    {NPK_ENCODING_RAW_UNICODE_ESCAPE, TEXT("\\x41\\n"), TEXT("\\x41\\n")},
    {NPK_ENCODING_RAW_UNICODE_ESCAPE, TEXT("\\\\u0041"), TEXT("\\\\u0041")},
    {NPK_ENCODING_RAW_UNICODE_ESCAPE, TEXT("\\\\\\u0041"), TEXT("\\\\A")},
    {NPK_ENCODING_RAW_UNICODE_ESCAPE, TEXT("\\\\\\\\u0041"), TEXT("\\\\\\\\u0041")},
    {NPK_ENCODING_RAW_UNICODE_ESCAPE, TEXT("\\\\u"), TEXT("\\\\u")},
    {NPK_ENCODING_RAW_UNICODE_ESCAPE, TEXT("abcdefgh\\u005c\\u005cu0041"), TEXT("abcdefgh\\\\u0041")},
    {NPK_ENCODING_RAW_UNICODE_ESCAPE, TEXT("\xff\x80\n"), TEXT("\xff\x80\n")},
    /* Python 2: str.decode('string-escape') */
    {NPK_ENCODING_STRING_ESCAPE, TEXT("\\\\\\'\\\"\\a\\b\\f\\n\\r\\t\\v"), TEXT("\\'\"\a\b\f\n\r\t\v")},
    {NPK_ENCODING_STRING_ESCAPE, TEXT("a\\\nb"), TEXT("ab")},
    {NPK_ENCODING_STRING_ESCAPE, TEXT("ab\\\n\\\n"), TEXT("ab")},
    {NPK_ENCODING_STRING_ESCAPE, TEXT("\\0\\12\\377\\18\\0077"),
     TEXT("\0\n\xff\1"
          "8\7"
          "7")},
    {NPK_ENCODING_STRING_ESCAPE, TEXT("\\400\\777"), TEXT("\0\xff")}, /* eight bits are kept */
    {NPK_ENCODING_STRING_ESCAPE, TEXT("\\x41\\xfF\\x4a1"), TEXT("A\xffJ1")},
    {NPK_ENCODING_STRING_ESCAPE, TEXT("\\q\\8\\u0041\\N"), TEXT("\\q\\8\\u0041\\N")},
    {NPK_ENCODING_STRING_ESCAPE, TEXT("\\\x80\xff\n"), TEXT("\\\x80\xff\n")},
    {NPK_ENCODING_STRING_ESCAPE, TEXT("\\\0\\ "), TEXT("\\\0\\ ")},
    {NPK_ENCODING_STRING_ESCAPE, TEXT("it's \"it\""), TEXT("it's \"it\"")},
};

Test(encoding, readable)
{
    for (size_t i = 0; i < sizeof readable / sizeof *readable; i++) {
        uint64_t decoded;
        const uint8_t *text = (const uint8_t *)readable[i].text;
        cr_expect_eq(npki_encoding_measure(readable[i].encoding, text, readable[i].size, &decoded), readable[i].size,
                     "%zu", i);
        cr_expect_eq(decoded, readable[i].plain_size, "%zu: %zu", i, (size_t)decoded);
        for (size_t room = 1; room <= 20; room++)
            expect_through(readable[i].encoding, false, '\'', text, readable[i].size, readable[i].plain,
                           readable[i].plain_size, room);
    }
}

/* An odd number of backslashes before the u: the last of them starts an escape. Every run is cut at every place. */
Test(encoding, runs_of_backslashes)
{
    static const struct {
        const char *text, *plain;
    } runs[] = {
        {"u0041", "u0041"},
        {"\\u0041", "A"},
        {"\\\\u0041", "\\\\u0041"},
        {"\\\\\\u0041", "\\\\A"},
        {"\\\\\\\\u0041", "\\\\\\\\u0041"},
        {"\\\\\\\\\\u0041", "\\\\\\\\A"},
        {"\\\\\\\\\\\\u0041", "\\\\\\\\\\\\u0041"},
        {"\\u005c\\\\u0041", "\\\\\\u0041"},
        {"\\U0000005cu0041\\", "\\u0041\\"},
    };
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++)
        for (size_t before = 0; before <= 17; before++) {
            char text[64], plain[64];
            uint64_t decoded;
            memset(text, 'x', before);
            memset(plain, 'x', before);
            strcpy(text + before, runs[i].text);
            strcpy(plain + before, runs[i].plain);
            size_t size = strlen(text), plain_size = strlen(plain);
            cr_expect_eq(npki_encoding_measure(NPK_ENCODING_RAW_UNICODE_ESCAPE, (const uint8_t *)text, size, &decoded),
                         size, "%s", text);
            cr_expect_eq(decoded, plain_size, "%s", text);
            for (size_t room = 1; room <= plain_size + 1; room++)
                expect_through(NPK_ENCODING_RAW_UNICODE_ESCAPE, false, '\'', text, size, plain, plain_size, room);
        }
}

/* A newline that is escaped gives nothing: it does not stay behind when the output has just become full. */
Test(encoding, newline_after_the_last_byte)
{
    uint8_t text[] = "a\\\n\\\n", out[1];
    npki_stream stream = {text, text + sizeof text - 1, out, out + 1, false};
    npki_encoding_decode(NPK_ENCODING_STRING_ESCAPE, &stream);
    cr_expect_eq(out[0], 'a');
    cr_expect_eq(stream.in, stream.in_end);
}

/* --- what is wrong, and where --- */

static const struct {
    npk_encoding encoding;
    size_t size;
    const char *text;
    size_t offset;
} wrong[] = {
    {NPK_ENCODING_LATIN1_UTF8, TEXT("\x80"), 0},
    {NPK_ENCODING_LATIN1_UTF8, TEXT("ab\xc3"), 2},
    {NPK_ENCODING_LATIN1_UTF8, TEXT("ab\xc3z"), 2},
    {NPK_ENCODING_LATIN1_UTF8, TEXT("ab\xc3\xc3\xa9"), 2},
    {NPK_ENCODING_LATIN1_UTF8, TEXT("ab\xc3\xa9\xa9"), 4},
    {NPK_ENCODING_LATIN1_UTF8, TEXT("\xc1\xbf"), 0}, /* overlong */
    {NPK_ENCODING_LATIN1_UTF8, TEXT("\xc0\x80"), 0},
    {NPK_ENCODING_LATIN1_UTF8, TEXT("0123456\xc4\x80"), 7}, /* U+0100 */
    {NPK_ENCODING_LATIN1_UTF8, TEXT("01234567\xc3\xa9\xe2\x82\xac"), 10},
    {NPK_ENCODING_LATIN1_UTF8, TEXT("0123456\xc3z1234567"), 7},
    {NPK_ENCODING_LATIN1_UTF8, TEXT("0123456\xc3"), 7},
    {NPK_ENCODING_LATIN1_UTF8, TEXT("01234567\xbf"), 8},
    {NPK_ENCODING_LATIN1_UTF8, TEXT("\xf0\x9f\x98\x80pqrstuvwxyz"), 0},
    {NPK_ENCODING_LATIN1_UTF8, TEXT("\xff\xff\xff\xff\xff\xff\xff\xff"), 0},
    {NPK_ENCODING_RAW_UNICODE_ESCAPE, TEXT("a\\u"), 1},
    {NPK_ENCODING_RAW_UNICODE_ESCAPE, TEXT("a\\u004"), 1},
    {NPK_ENCODING_RAW_UNICODE_ESCAPE, TEXT("a\\u00g1"), 1},
    {NPK_ENCODING_RAW_UNICODE_ESCAPE, TEXT("a\\u00 1"), 1},
    {NPK_ENCODING_RAW_UNICODE_ESCAPE, TEXT("a\\U0000004"), 1},
    {NPK_ENCODING_RAW_UNICODE_ESCAPE, TEXT("\\u00ff\\u0100"), 6},
    {NPK_ENCODING_RAW_UNICODE_ESCAPE, TEXT("\\U00000100"), 0},
    {NPK_ENCODING_RAW_UNICODE_ESCAPE, TEXT("\\Uffffffff"), 0},
    {NPK_ENCODING_RAW_UNICODE_ESCAPE, TEXT("\\ud83d\\ude00"), 0},
    {NPK_ENCODING_RAW_UNICODE_ESCAPE, TEXT("\\\\\\u1"), 2},
    {NPK_ENCODING_STRING_ESCAPE, TEXT("ab\\"), 2},
    {NPK_ENCODING_STRING_ESCAPE, TEXT("\\\\\\"), 2},
    {NPK_ENCODING_STRING_ESCAPE, TEXT("ab\\x"), 2},
    {NPK_ENCODING_STRING_ESCAPE, TEXT("ab\\x4"), 2},
    {NPK_ENCODING_STRING_ESCAPE, TEXT("ab\\xg1"), 2},
    {NPK_ENCODING_STRING_ESCAPE, TEXT("ab\\x1g"), 2},
    {NPK_ENCODING_STRING_ESCAPE, TEXT("\\x41\\x4\\"), 4},
};

/* The text lies at the end of its memory, so that a checker sees a look beyond it. */
Test(encoding, wrong)
{
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint64_t decoded;
        uint8_t *text = malloc(wrong[i].size), out[64];
        memcpy(text, wrong[i].text, wrong[i].size);
        size_t offset = npki_encoding_measure(wrong[i].encoding, text, wrong[i].size, &decoded);
        cr_expect_eq(offset, wrong[i].offset, "%zu: %zu, not %zu", i, offset, wrong[i].offset);
        /* what was never measured is harmless too */
        npki_stream stream = {text, text + wrong[i].size, out, out + sizeof out, false};
        npki_encoding_decode(wrong[i].encoding, &stream);
        cr_expect(stream.in == stream.in_end && stream.out <= stream.out_end, "%zu", i);
        free(text);
    }
}

/* One wrong byte in a long text is found wherever it is. */
Test(encoding, wrong_at_every_place)
{
    static const char text[] = "\xc3\xa9t\xc3\xa9 \xc2\xab\xc3\xa0 l'\xc5\x93il\xc2\xbb"; /* U+0153 is beyond latin-1 */
    for (size_t at = 0; at < 70; at++) {
        uint8_t damaged[100];
        uint64_t decoded = 0;
        memset(damaged, 'x', sizeof damaged);
        damaged[at] = 0xa9;
        cr_expect_eq(npki_encoding_measure(NPK_ENCODING_LATIN1_UTF8, damaged, sizeof damaged, &decoded), at);
        cr_expect_eq(decoded, at);
        damaged[at] = 0xc3;
        cr_expect_eq(npki_encoding_measure(NPK_ENCODING_LATIN1_UTF8, damaged, sizeof damaged, &decoded), at);
        damaged[at] = '\\';
        damaged[at + 1] = 'u';
        cr_expect_eq(npki_encoding_measure(NPK_ENCODING_RAW_UNICODE_ESCAPE, damaged, sizeof damaged, &decoded), at);
        cr_expect_eq(decoded, at);
        damaged[at + 1] = 'x';
        cr_expect_eq(npki_encoding_measure(NPK_ENCODING_STRING_ESCAPE, damaged, sizeof damaged, &decoded), at);
        cr_expect_eq(decoded, at);
        memcpy(damaged + at, text, sizeof text - 1);
        cr_expect_eq(npki_encoding_measure(NPK_ENCODING_LATIN1_UTF8, damaged, sizeof damaged, &decoded), at + 13,
                     "at %zu", at);
        cr_expect_eq(decoded, at + 9, "at %zu: %zu", at, (size_t)decoded);
    }
}

/* Latin-1 in UTF-8 has the leads C2 and C3 only, wherever they lie in a word. */
Test(encoding, leads)
{
    for (unsigned lead = 0x80; lead < 0x100; lead++)
        for (size_t at = 0; at < 20; at++) {
            char text[] = "0123456789abcdefghijklmn";
            bool right = lead == 0xc2 || lead == 0xc3;
            uint64_t decoded;
            text[at] = (char)lead;
            text[at + 1] = '\xbf';
            size_t offset = npki_encoding_measure(NPK_ENCODING_LATIN1_UTF8, (const uint8_t *)text, 24, &decoded);
            cr_expect_eq(offset, right ? 24 : at, "%02X at %zu: %zu", lead, at, offset);
            cr_expect(!right || decoded == 23);
        }
}

/* --- quotes --- */

Test(encoding, quote)
{
    static const struct {
        const char *text;
        char quote;
        const char *repr; /* of Python 2, without the quotes */
    } quoted[] = {
        {"", '\'', ""},
        {"a", '\'', "a"},
        {"it's", '"', "it's"},
        {"\"", '\'', "\""},
        {"it's \"it\"", '\'', "it\\'s \"it\""},
        {"'\\\n", '"', "'\\\\\\n"},
    };
    for (size_t i = 0; i < sizeof quoted / sizeof *quoted; i++) {
        const uint8_t *text = (const uint8_t *)quoted[i].text;
        size_t size = strlen(quoted[i].text);
        char quote = npki_encoding_quote(text, size);
        cr_expect_eq(quote, quoted[i].quote, "%s", quoted[i].text);
        cr_expect_eq(npki_encoding_encoded_size(NPK_ENCODING_STRING_ESCAPE, quote, text, size), strlen(quoted[i].repr));
        expect_through(NPK_ENCODING_STRING_ESCAPE, true, quote, text, size, quoted[i].repr, strlen(quoted[i].repr), 6);
    }
    expect_through(NPK_ENCODING_STRING_ESCAPE, true, '"', "\"'", 2, "\\\"'", 3, 6);
}
