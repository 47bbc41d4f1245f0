/* Lists of numbers out of a pickle: what is read without a graph is what comes of a graph, and is refused at the same byte with the same
 * words. Pickles are made at random as picklers write them, then cut off and changed. */
#include "base/bytes.h"
#include "base/cpu.h"
#include "full.h"
#include "program.h"

#include <npickle.h>

#include <criterion/criterion.h>
#include <float.h>
#include <inttypes.h>

enum { MOST = 4096 };

/* What a call said. */
typedef struct answer {
    npk_status status;
    npk_error error;
    size_t count;
    union {
        double real[MOST];
        int64_t whole[MOST];
    } out;
} answer;

typedef npk_status call(const uint8_t *bytes, size_t size, bool counted, size_t room, answer *a);

static npk_status doubles(const uint8_t *bytes, size_t size, bool counted, size_t room, answer *a)
{
    return npk_doubles_load_memory(bytes, size, NULL, NULL, counted ? NULL : a->out.real, room, &a->count, &a->error);
}

static npk_status ints(const uint8_t *bytes, size_t size, bool counted, size_t room, answer *a)
{
    return npk_ints_load_memory(bytes, size, NULL, NULL, counted ? NULL : a->out.whole, room, &a->count, &a->error);
}

static call *const calls[] = {doubles, ints};

static void ask(npki_cpu level, call *one, const uint8_t *bytes, size_t size, bool counted, size_t room, answer *a)
{
    npki_cpu_limit(level);
    memset(a, 0, sizeof *a);
    a->error.offset = NPK_NO_OFFSET;
    a->status = one(bytes, size, counted, room, a);
}

/* The x87, which has the doubles of 32-bit x86 in its registers, makes a NaN quiet that signals as soon as it takes it out of memory, and when it does so is the
 * compiler's affair. */
static void make_quiet(answer *a)
{
    for (size_t i = 0; FLT_EVAL_METHOD == 2 && i < a->count && i < MOST; i++)
        if (npki_bits_of(a->out.real[i]) << 1 > UINT64_C(0xffe0000000000000))
            a->out.whole[i] |= INT64_C(1) << 51;
}

/* In memory of its own: a byte too far is seen. */
static void compare(const uint8_t *from, size_t size, size_t room, uint64_t seed, const char *how)
{
    static answer plain, quick;
    uint8_t *bytes = malloc(size + 1);
    cr_assert_not_null(bytes);
    memcpy(bytes, from, size);
    for (size_t i = 0; i < 4; i++) {
        const bool counted = i / 2 == 1;
        ask(NPKI_CPU_PLAIN, calls[i % 2], bytes, size, counted, room, &plain);
        ask(NPKI_CPUS - 1, calls[i % 2], bytes, size, counted, room, &quick);
        if (i == 0) {
            make_quiet(&plain);
            make_quiet(&quick);
        }
        const bool same = plain.status == quick.status && plain.error.offset == quick.error.offset &&
                          plain.error.opcode == quick.error.opcode && plain.count == quick.count &&
                          strcmp(plain.error.message, quick.error.message) == 0;
        cr_assert(same, "seed %" PRIu64 ", %s, %zu: %zu numbers, %s (%" PRIu64 "), or %zu, %s (%" PRIu64 ")", seed, how,
                  i, plain.count, plain.error.message, plain.error.offset, quick.count, quick.error.message,
                  quick.error.offset);
        cr_assert(plain.status != NPK_OK || memcmp(&plain.out, &quick.out, sizeof plain.out) == 0,
                  "seed %" PRIu64 ", %s, %zu", seed, how, i);
    }
    free(bytes);
}

/* --- pickles --- */

/* `few`: of one kind, as in most lists. */
static void put_one(program *p, uint64_t few)
{
    const uint64_t bits = next_random() << 32 ^ next_random();
    const size_t width = 1 + bits % 9;
    switch (one_in(20) ? next_random() % 9 : few) {
    case 0:
    case 1:
        put_byte(p, 'G');
        put_le(p, one_in(4) ? 0x41 : bits, 8); /* some are whole */
        break;
    case 2:
        put_byte(p, 'J');
        put_le(p, bits, 4);
        break;
    case 3:
        put_byte(p, 'K');
        put_byte(p, (uint8_t)bits);
        break;
    case 4:
        put_byte(p, 'M');
        put_le(p, bits, 2);
        break;
    case 5:
        put(p, (uint8_t[]){0x8a, (uint8_t)width}, 2);
        for (size_t i = 0; i < width; i++)
            put_byte(p, (uint8_t)next_random());
        break;
    case 6:
        put_byte(p, (uint8_t)(0x88 + bits % 2));
        break;
    case 7:
        put(p, "\x8a\0", one_in(3) ? 2 : 0); /* 0, as no pickler writes it */
        break;
    default:
        put(p, "NF1.5\n", one_in(2) ? 1 : 0);
    }
}

static void put_memo(program *p)
{
    static const char *const puts[] = {"", "\x94", "q\1", "r\1\0\0\0"};
    static const size_t sizes[] = {0, 1, 2, 5};
    const size_t which = next_random() % 4;
    put(p, puts[which], sizes[which]);
}

static void begin_frame(program *p)
{
    p->frame = p->size + 1;
    put(p, "\x95\0\0\0\0\0\0\0\0", 9);
}

/* `wrong`: how much its size is off. */
static void end_frame(program *p, uint64_t wrong)
{
    const uint64_t size = p->size - p->frame - 8 + wrong;
    for (size_t i = 0; i < 8; i++)
        p->bytes[p->frame + i] = (uint8_t)(size >> 8 * i);
}

static void put_items(program *p, const char *end, uint64_t few)
{
    const size_t count = one_in(10) ? 0 : next_random() % 40;
    put_byte(p, '(');
    for (size_t i = 0; i < count; i++) {
        put_one(p, few);
        if (p->frame > 0 && one_in(30)) { /* into a new one */
            end_frame(p, 0);
            begin_frame(p);
        }
    }
    put(p, end, 1);
}

static void make_numbers(program *p)
{
    const uint64_t few = next_random() % 7;
    p->size = p->frame = 0;
    if (!one_in(5))
        put(p, (uint8_t[]){0x80, (uint8_t)(next_random() % 7)}, 2);
    if (one_in(2))
        begin_frame(p);
    if (one_in(4)) {
        put_items(p, "t", few);
        put_memo(p);
    } else {
        put_byte(p, ']');
        put_memo(p);
        for (size_t batches = next_random() % 4; batches-- > 0;)
            put_items(p, "e", few);
        if (one_in(2)) {
            put_one(p, few);
            put_byte(p, 'a');
        }
    }
    put_byte(p, '.');
    if (p->frame > 0)
        end_frame(p, one_in(20) ? next_random() % 3 - 1 : 0);
    put(p, "\n\0x", one_in(8) ? next_random() % 4 : 0);
}

/* --- tests --- */

static program p;

Test(numbers, whole)
{
    for (uint64_t seed = 0; seed < full_tests(4000, 200000); seed++) {
        start_random(seed);
        make_numbers(&p);
        compare(p.bytes, p.size, MOST, seed, "whole");
        compare(p.bytes, p.size, next_random() % 60, seed, "room");
    }
}

Test(numbers, cut_anywhere)
{
    for (uint64_t seed = 0; seed < full_tests(60, 2000); seed++) {
        start_random(seed);
        make_numbers(&p);
        for (size_t size = 0; size < p.size && size < 400; size++)
            compare(p.bytes, size, MOST, seed, "cut");
    }
}

Test(numbers, one_byte_changed)
{
    for (uint64_t seed = 0; seed < full_tests(60, 2000); seed++) {
        start_random(seed);
        make_numbers(&p);
        for (size_t at = 0; at < p.size && at < 300; at++) {
            uint8_t kept = p.bytes[at];
            p.bytes[at] = one_in(2) ? (uint8_t)next_random() : (uint8_t)(kept ^ 1 << next_random() % 8);
            compare(p.bytes, p.size, MOST, seed, "changed");
            p.bytes[at] = kept;
        }
    }
}

Test(numbers, at_a_path)
{
    /* {'x': [1.5, 2], 'y': 'z'}, protocol 4 of Python 3.11 */
    static const char pickled[] = "\x80\x04\x95\x1f\0\0\0\0\0\0\0}\x94(\x8c\x01x\x94]\x94(G\x3f\xf8\0\0\0\0\0\0K\x02"
                                  "e\x8c\x01y\x94\x8c\x01z\x94u.";
    double out[2];
    size_t count = 9;
    npk_error error;
    npki_cpu_limit(NPKI_CPUS - 1);
    cr_assert_eq(npk_doubles_load_memory(pickled, sizeof pickled - 1, "['x']", NULL, out, 2, &count, &error), NPK_OK,
                 "%s", error.message);
    cr_assert(count == 2 && out[0] == 1.5 && out[1] == 2);
    cr_assert_eq(npk_doubles_load_memory(pickled, sizeof pickled - 1, "['x']", NULL, out, 1, &count, &error),
                 NPK_ERR_USAGE);
    cr_assert_eq(count, 2);
    cr_assert_str_eq(error.message, "expected room for 2 items, found room for 1");
    cr_assert_eq(npk_doubles_load_memory(pickled, sizeof pickled - 1, "['x']", NULL, NULL, 0, &count, &error), NPK_OK,
                 "%s", error.message);
    cr_assert_eq(count, 2);
    cr_assert_eq(npk_doubles_load_memory(pickled, sizeof pickled - 1, "['y']", NULL, out, 2, &count, &error),
                 NPK_ERR_TYPE);
    cr_assert_str_eq(error.message, "expected a list or tuple, found str");
    cr_assert_eq(npk_doubles_load_memory(pickled, sizeof pickled - 1, "['w']", NULL, out, 2, &count, &error),
                 NPK_ERR_NOT_FOUND);
}

/* Nothing is allocated for what a pickler writes, so nothing of it became a graph. */
static size_t taken;

static void *count_taken(void *context, void *old, size_t old_size, size_t size)
{
    (void)context;
    (void)old_size;
    taken++;
    if (size > 0)
        return realloc(old, size);
    free(old);
    return NULL;
}

Test(numbers, without_a_graph)
{
    const npk_allocator allocator = {.resize = count_taken};
    npk_read_options options = {.allocator = &allocator};
    double out[4];
    size_t count;
    npk_error error;
    npki_cpu_limit(NPKI_CPUS - 1);
    cr_assert_eq(npk_doubles_load_memory("](K\1K\2e.", 8, NULL, &options, out, 4, &count, &error), NPK_OK, "%s",
                 error.message);
    cr_assert(taken == 0 && count == 2);
    options.limits.items = 4;
    cr_assert_eq(npk_doubles_load_memory("](K\1K\2e.", 8, NULL, &options, out, 4, &count, &error), NPK_ERR_LIMIT);
    cr_assert(taken > 0);
}
