/* What a machine can do beyond the baseline changes nothing but the time: each level gives what the plain loops give, and refuses what they
 * refuse, at the same byte. */
#include "base/cpu.h"
#include "text/encoding.h"

#include <criterion/criterion.h>

#include <string.h>

enum { LONGEST = 400, ROUNDS = 4000 };

static uint64_t next_random(void)
{
    static uint64_t state = UINT64_C(88172645463325252);
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

/* Bytes of one kind in runs: ASCII, any, and those that the encodings treat in a way of their own. */
static size_t fill(uint8_t *bytes)
{
    static const char special[] = "\\\n\r\x1a\0\\u\\x'\"\x80\xbf\xc2\xc3\xff";
    size_t size = next_random() % (LONGEST + 1);
    for (size_t i = 0, kind = 0, left = 0; i < size; i++, left--) {
        if (left == 0) {
            kind = next_random() % 4;
            left = 1 + next_random() % 80;
        }
        uint64_t random = next_random() >> 20;
        bytes[i] = kind == 0   ? (uint8_t)(0x20 + random % 0x5f)
                   : kind == 1 ? (uint8_t)random
                   : kind == 2 ? (uint8_t)special[random % (sizeof special - 1)]
                               : (uint8_t)(random % 16 == 0 ? random >> 8 : 'a');
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
