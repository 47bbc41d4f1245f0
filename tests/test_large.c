/* Memory by the default allocator, round the size from which it has pages of its own. */
#include "base/allocator.h"
#include "base/large.h"

#include <criterion/criterion.h>

#include <stdint.h>

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
