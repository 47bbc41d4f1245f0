/* What a machine can do beyond the baseline changes nothing but the time: each level gives what the plain loops give, and refuses what they
 * refuse, at the same byte. */
#include "base/cpu.h"
#include "text/encoding.h"
#include "text/escape.h"
#include "text/latin1_utf8.h"
#include "text/unicode.h"
#include "text/utf8.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

enum { LONGEST = 400, ROUNDS = 4000 };

static uint64_t next_random(void)
{
    static uint64_t state = UINT64_C(88172645463325252);
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

/* Bytes of one kind in runs: ASCII, any, those that the encodings treat in a way of their own, a few among many others, many among a
 * few others (as small numbers have zeros), and one over and over. */
static size_t fill(uint8_t *bytes)
{
    static const char special[] = "\\\n\r\x1a\0\\u\\x'\"\x80\xbf\xc2\xc3\xff";
    size_t size = next_random() % (LONGEST + 1);
    uint8_t one = 0;
    for (size_t i = 0, kind = 0, left = 0; i < size; i++, left--) {
        if (left == 0) {
            kind = next_random() % 6;
            left = 1 + next_random() % (next_random() % 4 == 0 ? 300 : 80);
            one = (uint8_t)special[next_random() % (sizeof special - 1)];
        }
        uint64_t random = next_random() >> 20;
        bytes[i] = kind == 0   ? (uint8_t)(0x20 + random % 0x5f)
                   : kind == 1 ? (uint8_t)random
                   : kind == 2 ? (uint8_t)special[random % (sizeof special - 1)]
                   : kind == 3 ? (uint8_t)(random % 16 == 0 ? random >> 8 : 'a')
                   : kind == 4 ? (uint8_t)(random % 4 == 0 ? random >> 8 : one)
                               : one;
    }
    return size;
}

typedef struct outcome {
    size_t encoded, good, out, in_left;
    uint64_t counted, decoded;
    uint8_t bytes[LONGEST * NPKI_ENCODING_WIDEST], back[LONGEST * NPKI_ENCODING_WIDEST];
} outcome;

/* Everything about these bytes at the level at hand: encoded, and that, with one byte changed where `change` is not 0, measured and
 * decoded into `room` bytes. */
static void run(npk_encoding encoding, const uint8_t *bytes, size_t size, uint8_t change, uint64_t where, size_t room, outcome *o)
{
    memset(o, 0, sizeof *o);
    npki_stream stream = {.in = bytes, .in_end = bytes + size, .out = o->bytes, .out_end = o->bytes + sizeof o->bytes};
    npki_encoding_encode(encoding, '\'', &stream);
    o->encoded = (size_t)(stream.out - o->bytes);
    o->counted = npki_encoding_encoded_size(encoding, '\'', bytes, size);
    cr_assert_eq(o->counted, o->encoded);
    memset(o->bytes + o->encoded, 0, sizeof o->bytes - o->encoded); /* blocks may write beyond what they give */
    if (o->encoded > 0)
        o->bytes[where % o->encoded] ^= change;
    o->good = npki_encoding_measure(encoding, o->bytes, o->encoded, &o->decoded);
    stream = (npki_stream){.in = o->bytes, .in_end = o->bytes + o->good, .out = o->back, .out_end = o->back + (room < o->decoded ? room : o->decoded)};
    if (o->good < o->encoded)
        return;
    npki_encoding_decode(encoding, &stream);
    o->out = (size_t)(stream.out - o->back);
    o->in_left = (size_t)(stream.in_end - stream.in);
    memset(o->back + o->out, 0, sizeof o->back - o->out);
}

static void compare(npk_encoding encoding)
{
    static uint8_t bytes[LONGEST + 1];
    static outcome plain, other;
    for (int round = 0; round < ROUNDS; round++) {
        size_t size = fill(bytes), room = next_random() % (LONGEST + 1), offset = next_random() % 2;
        uint64_t where = next_random(), change = round % 2 == 0 ? 0 : 1 + next_random() % 255;
        npki_cpu_limit(NPKI_CPU_PLAIN);
        memmove(bytes + offset, bytes, size < LONGEST ? size : LONGEST);
        run(encoding, bytes + offset, size, (uint8_t)change, where, room, &plain);
        for (npki_cpu level = NPKI_CPU_BASE; level < NPKI_CPUS; level++) {
            npki_cpu_limit(level);
            run(encoding, bytes + offset, size, (uint8_t)change, where, room, &other);
            cr_assert_eq(memcmp(&plain, &other, sizeof plain), 0, "encoding %d, level %d, round %d", (int)encoding, (int)level, round);
        }
    }
}

Test(levels, latin1_utf8)
{
    compare(NPK_ENCODING_LATIN1_UTF8);
}

Test(levels, raw_unicode_escape)
{
    compare(NPK_ENCODING_RAW_UNICODE_ESCAPE);
}

Test(levels, string_escape)
{
    compare(NPK_ENCODING_STRING_ESCAPE);
}

/* --- in pieces --- */

/* What a loop over pieces saw: where it stood after each of them, and all that came out of them. */
typedef struct steps {
    size_t good, count, in[64], out[64], size;
    uint64_t decoded;
    uint8_t bytes[LONGEST * NPKI_ENCODING_WIDEST];
} steps;

enum { DECODE = 100, ESCAPE = 101 }; /* else the quote of an encoding, or ESCAPE and escapes of npki_escapes */

/* Into rooms of the sizes given, each with bytes behind it that nobody may touch. */
static void run_pieces(npk_encoding encoding, int how, const uint8_t *bytes, size_t size, const size_t rooms[16], steps *o)
{
    static uint8_t room[2 * LONGEST * NPKI_ENCODING_WIDEST];
    npki_stream stream = {.in = bytes, .in_end = bytes + size};
    size_t before;
    do {
        size_t most = rooms[o->count % 16];
        before = o->size;
        memset(room, 0xa5, sizeof room);
        stream.out = room;
        stream.out_end = room + most;
        const uint8_t *in = stream.in;
        if (how == DECODE)
            npki_encoding_decode(encoding, &stream);
        else if (how >= ESCAPE)
            npki_encoding_escape((npki_escapes)(how - ESCAPE), &stream);
        else
            npki_encoding_encode(encoding, (char)how, &stream);
        size_t given = (size_t)(stream.out - room);
        for (size_t i = most; i < most + 100; i++)
            cr_assert_eq(room[i], 0xa5, "byte %zu behind a room of %zu", i - most, most);
        memcpy(o->bytes + o->size, room, given);
        o->size += given;
        o->in[o->count % 64] = (size_t)(stream.in - bytes);
        o->out[o->count++ % 64] = given;
        if (stream.in == in && given == 0 && most >= NPKI_ENCODING_WIDEST)
            break;
    } while (stream.in < stream.in_end && (o->size > before || o->count < 1000));
}

static void compare_pieces(npk_encoding encoding, int how, const uint8_t *bytes, size_t size, int round)
{
    static steps plain, other;
    size_t rooms[16], most = next_random() % 3 == 0 ? 20 : LONGEST * NPKI_ENCODING_WIDEST;
    for (size_t i = 0; i < 16; i++)
        rooms[i] = i == 15 ? NPKI_ENCODING_WIDEST : next_random() % (most + 1);
    for (npki_cpu level = NPKI_CPU_PLAIN; level < NPKI_CPUS; level++) {
        npki_cpu_limit(level);
        memset(&other, 0, sizeof other);
        other.good = how == DECODE ? npki_encoding_measure(encoding, bytes, size, &other.decoded) : size;
        run_pieces(encoding, how, bytes, other.good, rooms, &other);
        if (level == NPKI_CPU_PLAIN)
            plain = other;
        cr_assert_eq(memcmp(&plain, &other, sizeof plain), 0, "encoding %d, level %d, round %d", (int)encoding, (int)level, round);
    }
    cr_assert(how != DECODE || plain.decoded == plain.size);
}

/* Escapes of every kind, alone and in runs; in some texts also what is none. */
static size_t fill_text(uint8_t *bytes)
{
    static const char *const parts[] = {
        "\\u0000", "\\u0000\\u0000\\u0000", "\\u00fF", "\\u0041", "\\U00000041", "\\x00", "\\xfF", "\\\\", "\\", "\\n", "\\t", "\\r", "\\'",
        "\\\"", "\\a", "\\101", "\\7", "\\\n", "u0041", "x41", "\\\\\\\\\\", "a plain text that is as long as a block and more, as most of them are",
        "\\u0141", "\\u00", "\\x0",
    };
    enum { PARTS = sizeof parts / sizeof *parts, GOOD = PARTS - 3 };
    size_t size = 0, target = next_random() % (LONGEST + 1), of = next_random() % 4 == 0 ? PARTS : GOOD;
    size_t usual = next_random() % GOOD, odds = 1 + next_random() % 40;
    while (size < target) {
        const char *part = parts[next_random() % odds == 0 ? next_random() % of : usual];
        size_t length = strlen(part) < LONGEST - size ? strlen(part) : LONGEST - size;
        memcpy(bytes + size, part, length);
        size += length;
    }
    return size - next_random() % (size < 8 ? size + 1 : 8); /* what was cut off still stands behind it */
}

static void compare_texts(npk_encoding encoding)
{
    static uint8_t bytes[LONGEST + 1];
    for (int round = 0; round < ROUNDS; round++) {
        size_t size = fill_text(bytes);
        compare_pieces(encoding, DECODE, bytes, size, round);
    }
}

Test(levels, raw_unicode_escape_texts)
{
    compare_texts(NPK_ENCODING_RAW_UNICODE_ESCAPE);
}

Test(levels, string_escape_texts)
{
    compare_texts(NPK_ENCODING_STRING_ESCAPE);
}

Test(levels, encoded_in_pieces)
{
    static uint8_t bytes[LONGEST + 1];
    for (int round = 0; round < ROUNDS; round++) {
        size_t size = fill(bytes);
        compare_pieces(NPK_ENCODING_STRING_ESCAPE, round % 2 == 0 ? '\'' : '"', bytes, size, round);
        compare_pieces(NPK_ENCODING_RAW_UNICODE_ESCAPE, ESCAPE + round % 3, bytes, size, round);
        compare_pieces(NPK_ENCODING_LATIN1_UTF8, '\'', bytes, size, round);
    }
}

/* The escapes of bytes are those that their characters have in a text. */
Test(levels, escapes_as_of_texts)
{
    static uint8_t bytes[LONGEST + 1], utf8[2 * LONGEST], expected[LONGEST * NPKI_ENCODING_WIDEST], found[LONGEST * NPKI_ENCODING_WIDEST + 1];
    for (int round = 0; round < ROUNDS; round++) {
        size_t size = fill(bytes), used = 0;
        npki_escapes escapes = (npki_escapes)(round % 3);
        for (size_t i = 0; i < size; i++)
            used += npki_utf8_put(bytes[i], utf8 + used);
        uint64_t length = npki_unicode_escape(utf8, used, escapes, expected);
        for (npki_cpu level = NPKI_CPU_PLAIN; level < NPKI_CPUS; level++) {
            npki_cpu_limit(level);
            npki_stream stream = {.in = bytes, .in_end = bytes + size, .out = found, .out_end = found + sizeof found};
            npki_encoding_escape(escapes, &stream);
            cr_assert_eq((uint64_t)(stream.out - found), length);
            cr_assert_eq(memcmp(found, expected, (size_t)length), 0, "level %d, round %d", (int)level, round);
            cr_assert_eq(npki_encoding_escaped_size(escapes, bytes, size), length);
        }
    }
}

/* A text of bytes is what its bytes are, in UTF-8; into no more room than that. */
Test(levels, texts_as_bytes)
{
    static uint8_t bytes[LONGEST + 1], plain[LONGEST], expected[2 * LONGEST];
    for (int round = 0; round < ROUNDS; round++) {
        size_t size = round % 2 == 0 ? fill_text(bytes) : fill(bytes), used = 0;
        uint64_t decoded, needed;
        npki_cpu_limit(NPKI_CPU_PLAIN);
        size_t good = npki_encoding_measure(NPK_ENCODING_RAW_UNICODE_ESCAPE, bytes, size, &decoded);
        npki_stream stream = {.in = bytes, .in_end = bytes + good, .out = plain, .out_end = plain + decoded};
        npki_encoding_decode(NPK_ENCODING_RAW_UNICODE_ESCAPE, &stream);
        for (size_t i = 0; i < decoded; i++)
            used += npki_utf8_put(plain[i], expected + used);
        for (npki_cpu level = NPKI_CPU_PLAIN; level < NPKI_CPUS; level++) {
            npki_cpu_limit(level);
            uint8_t *out = malloc(used + 1);
            cr_assert_not_null(out);
            out[used] = 0xa5;
            cr_assert_eq(npki_unicode_unescape(bytes, good, NULL, &needed), good, "level %d, round %d", (int)level, round);
            cr_assert_eq(needed, used);
            cr_assert_eq(npki_unicode_unescape(bytes, good, out, &needed), good);
            cr_assert(needed == used && memcmp(out, expected, used) == 0 && out[used] == 0xa5, "level %d, round %d", (int)level, round);
            free(out);
        }
    }
}

/* --- UTF-8 --- */

/* Characters of one length in runs, surrogates among them. */
static size_t fill_utf8(uint8_t *bytes)
{
    static const uint32_t ends[] = {0x80, 0x800, 0x10000, 0x110000, 0x80};
    size_t size = 0, target = next_random() % (LONGEST - 3);
    for (size_t kind = 0, left = 0; size < target; left--) {
        if (left == 0) {
            kind = next_random() % 5;
            left = 1 + next_random() % (kind % 4 == 0 ? 300 : 40);
        }
        size += npki_utf8_put((uint32_t)(next_random() >> 20) % ends[kind], bytes + size);
    }
    return size;
}

/* Whole texts, texts with a byte or a few changed, and texts that end early or begin late, each at the end of its memory. */
Test(levels, utf8)
{
    static uint8_t bytes[LONGEST + 1];
    size_t wrong = 0;
    for (int round = 0; round < 4 * ROUNDS; round++) {
        size_t size = fill_utf8(bytes), cut = size > 8 && round % 5 == 0 ? next_random() % 4 : 0, plain = 0;
        if (round % 3 == 0)
            cr_assert_eq(npki_utf8_check(bytes, size), size);
        for (uint64_t changes = round % 3 == 0 ? 0 : next_random() % 3; size > 0 && changes > 0; changes--)
            bytes[next_random() % size] ^= (uint8_t)(1 << next_random() % 8);
        size -= 2 * cut;
        uint8_t *text = malloc(size + 1);
        cr_assert_not_null(text);
        memcpy(text, bytes + cut, size);
        for (npki_cpu level = NPKI_CPU_PLAIN; level < NPKI_CPUS; level++) {
            npki_cpu_limit(level);
            size_t offset = npki_utf8_check(text, size);
            plain = level == NPKI_CPU_PLAIN ? offset : plain;
            cr_assert_eq(offset, plain, "level %d, round %d: %zu, not %zu", (int)level, round, offset, plain);
        }
        wrong += plain < size;
        free(text);
    }
    cr_assert(wrong > ROUNDS / 2 && wrong < 3 * ROUNDS);
}

/* --- every length, at every address, with a byte changed in every place --- */

enum { LENGTHS = 200, ADDRESSES = 64, UTF8 = 102, CHANGES = 4 };

typedef struct verdict {
    size_t good;
    uint64_t decoded;
    uint8_t bytes[LENGTHS];
} verdict;

/* `how`: an npk_encoding whose text is measured and decoded, or UTF8. */
static void judge(int how, const uint8_t *text, size_t size, verdict *v)
{
    memset(v, 0, sizeof *v);
    v->good = how == UTF8 ? npki_utf8_check(text, size) : npki_encoding_measure((npk_encoding)how, text, size, &v->decoded);
    npki_stream stream = {.in = text, .in_end = text + v->good, .out = v->bytes, .out_end = v->bytes + v->decoded};
    if (how != UTF8)
        npki_encoding_decode((npk_encoding)how, &stream);
    if (how != UTF8 && (stream.in != stream.in_end || stream.out != stream.out_end))
        cr_assert_fail("%d, size %zu: what was measured is not what was decoded", how, size);
}

/* So many bytes of a text of this kind, which may end anywhere. */
static void fill_as(int how, uint8_t *text, size_t size)
{
    static uint8_t bytes[LONGEST + 1], made[LONGEST * NPKI_ENCODING_WIDEST];
    for (size_t done = 0, got; done < size; done += got) {
        size_t filled = how == UTF8 ? fill_utf8(made) : fill(bytes);
        npki_stream stream = {.in = bytes, .in_end = bytes + filled, .out = made, .out_end = made + sizeof made};
        if (how != UTF8)
            npki_encoding_encode((npk_encoding)how, '\'', &stream);
        got = how == UTF8 ? filled : (size_t)(stream.out - made);
        got = got < size - done ? got : size - done;
        memcpy(text + done, made, got);
    }
}

/* A text as it is; and with one byte changed, each that has ADDRESSES of them between it and the next, from `first` on: to what begins
 * something, what ends it, and what is wrong wherever it stands. Returns how many verdicts that are. */
static size_t judge_changed(int how, uint8_t *text, size_t size, size_t first, verdict *v)
{
    static const uint8_t changes[] = {0, '\n', '0', 'g', '\\', 'u', 'x', 0x7f, 0x80, 0xbf, 0xc0, 0xc2, 0xc3, 0xe0, 0xed, 0xf0, 0xf4, 0xff};
    size_t count = 0;
    judge(how, text, size, &v[count++]);
    for (size_t place = first; place < size; place += ADDRESSES) {
        uint8_t before = text[place];
        for (size_t i = 0; i < CHANGES; i++) {
            text[place] = changes[(size + place + 5 * i) % sizeof changes];
            judge(how, text, size, &v[count++]);
        }
        text[place] = before;
    }
    return count;
}

/* The text ends where its memory does. */
static void compare_changed(int how)
{
    static verdict plain[1 + CHANGES * (LENGTHS / ADDRESSES + 1)], other[1 + CHANGES * (LENGTHS / ADDRESSES + 1)];
    for (size_t size = 0; size <= LENGTHS; size++)
        for (size_t address = 0; address < ADDRESSES; address++) {
            uint8_t *memory = malloc(address + size + 1), *text = memory + address + 1;
            cr_assert_not_null(memory);
            fill_as(how, text, size);
            npki_cpu_limit(NPKI_CPU_PLAIN);
            size_t count = judge_changed(how, text, size, address, plain);
            for (npki_cpu level = NPKI_CPU_BASE; level < NPKI_CPUS; level++) {
                npki_cpu_limit(level);
                judge_changed(how, text, size, address, other);
                for (size_t i = 0; i < count; i++)
                    if (memcmp(&plain[i], &other[i], sizeof plain[i]) != 0)
                        cr_assert_fail("%d, level %d, size %zu, address %zu, verdict %zu", how, (int)level, size, address, i);
            }
            free(memory);
        }
}

Test(levels, latin1_utf8_changed)
{
    compare_changed(NPK_ENCODING_LATIN1_UTF8);
}

Test(levels, raw_unicode_escape_changed)
{
    compare_changed(NPK_ENCODING_RAW_UNICODE_ESCAPE);
}

Test(levels, string_escape_changed)
{
    compare_changed(NPK_ENCODING_STRING_ESCAPE);
}

Test(levels, utf8_changed)
{
    compare_changed(UTF8);
}

/* --- blocks take what they are for --- */

enum { WIDEST_BLOCK = 64, MORE = 5 }; /* what a block looks at behind itself */

/* Whether all but less than a block was taken. What is left is right whoever does it, but not as fast. */
static bool is_all(size_t taken, size_t size)
{
    return taken + 2 * WIDEST_BLOCK + MORE > size;
}

#define LEVELS(type, name) static type *const name[NPKI_CPUS] = {NPKI_BLOCK_LEVELS(NULL, &npki_##name)}
LEVELS(npki_utf8_blocks, utf8_blocks);
LEVELS(const npki_latin1_utf8, latin1_utf8);
LEVELS(const npki_escape_blocks, raw_unicode_escape);
LEVELS(const npki_escape_blocks, string_escape);
#undef LEVELS

static void take_escapes(const npki_escape_blocks *blocks, npk_encoding encoding, const uint8_t *bytes, size_t size)
{
    static uint8_t text[LONGEST * NPKI_ENCODING_WIDEST], back[LONGEST + WIDEST_BLOCK];
    npki_stream stream = {.in = bytes, .in_end = bytes + size, .out = text, .out_end = text + sizeof text};
    uint64_t more;
    npki_encoding_encode(encoding, '\'', &stream);
    size_t length = (size_t)(stream.out - text);
    cr_assert(is_all(blocks->measure(text, length, &more), length));
    stream = (npki_stream){.in = text, .in_end = text + length, .out = back, .out_end = back + sizeof back};
    blocks->decode(&stream);
    cr_assert(is_all((size_t)(stream.in - text), length));
}

Test(levels, blocks_take_all)
{
    static uint8_t bytes[LONGEST + 1], text[2 * LONGEST], back[2 * LONGEST];
    uint64_t count;
    npki_cpu_limit(NPKI_CPU_AVX512);
    for (npki_cpu level = NPKI_CPU_BASE; level <= npki_cpu_level(); level++)
        for (int round = 0; round < ROUNDS / 8 && utf8_blocks[level] != NULL; round++) {
            memset(text, 'a', 3);
            size_t size = 3 + fill_utf8(text + 3);
            cr_assert(is_all(utf8_blocks[level](text, 3, size), size), "level %d", (int)level);
            size = fill(bytes);
            npki_stream stream = {.in = bytes, .in_end = bytes + size, .out = text, .out_end = text + sizeof text};
            npki_encoding_encode(NPK_ENCODING_LATIN1_UTF8, '\'', &stream);
            size_t length = (size_t)(stream.out - text);
            cr_assert(is_all(latin1_utf8[level]->measure(text, length, &count), length));
            stream = (npki_stream){.in = text, .in_end = text + length, .out = back, .out_end = back + sizeof back};
            latin1_utf8[level]->decode(&stream);
            cr_assert(is_all((size_t)(stream.in - text), length));
            take_escapes(raw_unicode_escape[level], NPK_ENCODING_RAW_UNICODE_ESCAPE, bytes, size);
            take_escapes(string_escape[level], NPK_ENCODING_STRING_ESCAPE, bytes, size);
        }
}

Test(levels, no_more_than_the_machine)
{
    npki_cpu_limit(NPKI_CPU_AVX512);
    npki_cpu most = npki_cpu_level();
    cr_assert(most >= NPKI_CPU_BASE);
    npki_cpu_limit(NPKI_CPU_PLAIN);
    cr_assert_eq(npki_cpu_level(), NPKI_CPU_PLAIN);
    npki_cpu_limit(NPKI_CPU_AVX512);
    cr_assert_eq(npki_cpu_level(), most);
}
