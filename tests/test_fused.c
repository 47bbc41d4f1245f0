/* Programs of every opcode, made at random, are read with the shortcuts and without them, and what came of them is written so: it must be
 * the same in everything that can be asked for, and refused at the same byte with the same words. */
#include "full.h"
#include "program.h"
#include "twins.h"

#include <criterion/criterion.h>

static void compare(const uint8_t *bytes, size_t size, size_t step, const npk_read_options *read, uint64_t seed,
                    const char *how)
{
    char said[TWINS_SAID];
    const npk_write_options write = {.limits = {.output = 1 << 22}};
    /* in memory of its own: a byte too far is seen */
    uint8_t *copy = malloc(size + 1);
    cr_assert_not_null(copy);
    memcpy(copy, bytes, size);
    if (twins_differ(copy, size, step, read, &write, said))
        cr_assert_fail("seed %" PRIu64 ", %s, %zu bytes, step %zu: %s", seed, how, size, step, said);
    free(copy);
}

Test(fused, whole_programs)
{
    static program p;
    for (uint64_t seed = 0; seed < full_tests(1500, 60000); seed++) {
        start_random(seed);
        p.calls = seed % 2 != 0;
        make_program(&p, 5 + next_random() % 300);
        compare(p.bytes, p.size, 0, NULL, seed, "whole");
        compare(p.bytes, p.size, seed % 3 == 0 ? 1 : 1 + next_random() % 50, NULL, seed, "in pieces");
    }
}

Test(fused, limits)
{
    static program p;
    for (uint64_t seed = 0; seed < full_tests(400, 10000); seed++) {
        start_random(seed);
        p.calls = seed % 2 != 0;
        make_program(&p, 5 + next_random() % 100);
        npk_read_options options = {.limits = {.depth = 1 + next_random() % 6}};
        compare(p.bytes, p.size, 0, &options, seed, "depth");
        for (uint64_t off = 0; off < 3; off++) {
            options.limits = (npk_limits){.items = p.opcodes + off > 1 ? p.opcodes + off - 1 : 1};
            compare(p.bytes, p.size, 0, &options, seed, "opcodes");
        }
        options.limits = (npk_limits){.items = 1 + next_random() % p.opcodes};
        compare(p.bytes, p.size, seed % 5, &options, seed, "fewer opcodes");
        options.limits = (npk_limits){.memory = 1 + next_random() % 16384};
        compare(p.bytes, p.size, 0, &options, seed, "memory");
        options = (npk_read_options){.malformed = NPK_MALFORMED_KEEP, .memo_scope = NPK_MEMO_OF_STREAM};
        compare(p.bytes, p.size, seed % 5, &options, seed, "malformed objects kept");
    }
}

Test(fused, cut_anywhere)
{
    static program p;
    for (uint64_t seed = 0; seed < full_tests(60, 3000); seed++) {
        start_random(seed);
        p.calls = seed % 2 != 0;
        make_program(&p, 5 + next_random() % 40);
        for (size_t size = 0; size < p.size && size < 500; size++)
            compare(p.bytes, size, seed % 4, NULL, seed, "cut");
    }
}

Test(fused, one_byte_changed)
{
    static program p;
    for (uint64_t seed = 0; seed < full_tests(60, 3000); seed++) {
        start_random(seed);
        p.calls = seed % 2 != 0;
        make_program(&p, 5 + next_random() % 60);
        for (size_t at = 0; at < p.size && at < 300; at++) {
            uint8_t kept = p.bytes[at];
            p.bytes[at] = one_in(2) ? (uint8_t)next_random() : (uint8_t)(kept ^ 1 << next_random() % 8);
            compare(p.bytes, p.size, at % 3, NULL, seed, "changed");
            p.bytes[at] = kept;
        }
    }
}

/* Two programs behind one another, which share a memo or do not. */
Test(fused, several)
{
    static program p, q;
    for (uint64_t seed = 0; seed < full_tests(300, 10000); seed++) {
        start_random(seed);
        p.calls = seed % 2 != 0;
        make_program(&p, 5 + next_random() % 60);
        q.calls = p.calls;
        make_program(&q, 5 + next_random() % 60);
        put(&p, q.bytes, p.size + q.size <= PROGRAM ? q.size : 0);
        npk_read_options options = {.memo_scope = seed % 2 == 0 ? NPK_MEMO_OF_STREAM : NPK_MEMO_OF_PICKLE};
        compare(p.bytes, p.size, seed % 5, &options, seed, "two");
    }
}
