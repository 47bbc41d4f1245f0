/* Memory by the default allocator, round the size from which it has pages of its own. */
#include "base/allocator.h"
#include "base/large.h"

#include <criterion/criterion.h>

#include <stdint.h>
#include <string.h>

#define MIB ((size_t)1 << 20)

static void fill(uint8_t *bytes, size_t from, size_t size)
{
    for (size_t i = from; i < size; i += 4096)
        bytes[i] = (uint8_t)(i / 4096 * 7);
    bytes[size - 1] = 1;
}

static void expect_filled(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size - 1; i += 4096)
        cr_assert_eq(bytes[i], (uint8_t)(i / 4096 * 7), "byte %zu of %zu", i, size);
}

Test(large, grows_and_shrinks_with_what_is_in_it)
{
    static const size_t sizes[] = {100, 3 * MIB, 4 * MIB - 1, 4 * MIB, 4 * MIB + 1, 5 * MIB, 40 * MIB, 41 * MIB, 8 * MIB, 4 * MIB, 4 * MIB - 1,
                                   70 * MIB, MIB};
    npk_allocator allocator = npki_allocator(NULL);
    uint8_t *bytes = NULL;
    size_t size = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        bytes = npki_resize(&allocator, bytes, size, sizes[i]);
        cr_assert_not_null(bytes);
        if (size > 0)
            expect_filled(bytes, size < sizes[i] ? size : sizes[i]);
        fill(bytes, 0, sizes[i]);
        size = sizes[i];
    }
    npki_free(&allocator, bytes, size);
}

Test(large, blocks_are_apart)
{
    enum { BLOCKS = 6 };
    npk_allocator allocator = npki_allocator(NULL);
    uint8_t *blocks[BLOCKS];
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < BLOCKS; i++) {
            blocks[i] = npki_allocate(&allocator, (4 + 3 * i) * MIB);
            cr_assert_not_null(blocks[i]);
            memset(blocks[i], (int)i, (4 + 3 * i) * MIB);
        }
        for (size_t i = 0; i < BLOCKS; i++) {
            for (size_t at = 0; at < (4 + 3 * i) * MIB; at += 1000)
                cr_assert_eq(blocks[i][at], i);
            npki_free(&allocator, blocks[i], (4 + 3 * i) * MIB);
        }
    }
}

/* Those of a MiB and more, of which several are cut out of one piece: in any order, grown and shrunk. */
Test(large, blocks_of_one_piece_are_apart)
{
    enum { BLOCKS = 24 };
    npk_allocator allocator = npki_allocator(NULL);
    uint8_t *blocks[BLOCKS] = {NULL};
    size_t sizes[BLOCKS] = {0};
    uint64_t random = 1;
    for (size_t round = 0; round < 400; round++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
        const size_t i = (size_t)(random >> 40) % BLOCKS, kind = (size_t)(random >> 33) % 4;
        const size_t size = kind == 0 ? 0 : kind == 1 ? MIB : MIB + (size_t)(random >> 34) % (3 * MIB);
        for (size_t at = 0; at < sizes[i]; at += 4096)
            cr_assert_eq(blocks[i][at], i, "round %zu, block %zu, byte %zu", round, i, at);
        uint8_t *block = npki_resize(&allocator, blocks[i], sizes[i], size);
        cr_assert((block != NULL) == (size > 0));
        if (size > 0)
            memset(block, (int)i, size);
        blocks[i] = block;
        sizes[i] = size;
    }
    for (size_t i = 0; i < BLOCKS; i++)
        npki_free(&allocator, blocks[i], sizes[i]);
}

Test(large, more_than_there_is)
{
    npk_allocator allocator = npki_allocator(NULL);
    cr_assert_null(npki_allocate(&allocator, SIZE_MAX));
    cr_assert_null(npki_allocate(&allocator, SIZE_MAX - 3 * MIB));
    uint8_t *bytes = npki_allocate(&allocator, 5 * MIB);
    cr_assert_null(npki_resize(&allocator, bytes, 5 * MIB, SIZE_MAX - MIB));
    memset(bytes, 1, 5 * MIB); /* it is still there */
    npki_free(&allocator, bytes, 5 * MIB);
}

/* What is larger than all that is kept is kept once, and its pages are the kernel's for the taking: what is in them is of no account. */
Test(large, the_last_large_one_is_there_again)
{
    const size_t large = 40 * MIB, larger = 60 * MIB, too_large = 200 * MIB;
    if (!npki_is_large(large))
        return;
    uint8_t *whole = npki_large_take(larger), *part = npki_large_resize(whole, larger, large);
    cr_assert(whole != NULL && part != NULL);
    npki_large_give(part, large);
    if (part != whole)
        cr_skip_test("what shrinks is moved, as by qemu");
    uint8_t *first = npki_large_take(large), *second = npki_large_take(larger);
    cr_assert(first != NULL && second != NULL);
    memset(first, 1, large);
    memset(second, 2, larger);
    npki_large_give(first, large);
    npki_large_give(second, larger); /* the first goes */
    uint8_t *again = npki_large_take(large);
    cr_expect_eq(again, second);
    memset(again, 3, large);
    for (size_t i = 0; i < large; i += 4096)
        cr_expect_eq(again[i], 3);
    npki_large_give(again, large);
    uint8_t *other = npki_large_take(too_large);
    cr_assert_not_null(other);
    cr_expect_neq(other, again);
    other[too_large - 1] = 1;
    npki_large_give(other, too_large);
    again = npki_large_take(large);
    cr_expect_eq(again, second);
    npki_large_give(again, large);
}
