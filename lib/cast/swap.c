#include "cast/swap.h"

#include "cast/kernels.h"

#include <string.h>

typedef void swap_items(const uint8_t *from, size_t count, uint8_t *to);

#define SWAP(width)                                                                                                    \
    static void swap_##width(const uint8_t *from, size_t count, uint8_t *to)                                           \
    {                                                                                                                  \
        for (size_t i = 0; i < count; i++) {                                                                           \
            uint##width##_t x;                                                                                         \
            memcpy(&x, from + i * sizeof x, sizeof x);                                                                 \
            x = SWAPPED_##width(x);                                                                                    \
            memcpy(to + i * sizeof x, &x, sizeof x);                                                                   \
        }                                                                                                              \
    }
#define SWAPPED_16(x) (uint16_t)(x << 8 | x >> 8)
#define SWAPPED_32(x) x << 24 | (x & 0xff00u) << 8 | (x >> 8 & 0xff00u) | x >> 24
#define SWAPPED_64(x)                                                                                                  \
    x << 56 | (x & 0xff00u) << 40 | (x & 0xff0000u) << 24 | (x & 0xff000000u) << 8 | (x >> 8 & 0xff000000u) |          \
        (x >> 24 & 0xff0000u) | (x >> 40 & 0xff00u) | x >> 56
SWAP(16)
SWAP(32)
SWAP(64)
#undef SWAP

/* Four in a round, as npki_copy_items() has them. */
typedef void swap_strided(uint8_t *to, int64_t to_stride, const uint8_t *from, int64_t from_stride, size_t count);

#define SWAP_STRIDED(width)                                                                                            \
    static inline void swap_one_##width(uint8_t *to, const uint8_t *from)                                              \
    {                                                                                                                  \
        uint##width##_t x;                                                                                             \
        memcpy(&x, from, sizeof x);                                                                                    \
        x = SWAPPED_##width(x);                                                                                        \
        memcpy(to, &x, sizeof x);                                                                                      \
    }                                                                                                                  \
    static void swap_strided_##width(uint8_t *to, int64_t to_stride, const uint8_t *from, int64_t from_stride,         \
                                     size_t count)                                                                     \
    {                                                                                                                  \
        for (; count > 4; count -= 4, to += 4 * to_stride, from += 4 * from_stride) {                                  \
            swap_one_##width(to, from);                                                                                \
            swap_one_##width(to + to_stride, from + from_stride);                                                      \
            swap_one_##width(to + 2 * to_stride, from + 2 * from_stride);                                              \
            swap_one_##width(to + 3 * to_stride, from + 3 * from_stride);                                              \
        }                                                                                                              \
        for (int64_t i = 0; i < (int64_t)count; i++)                                                                   \
            swap_one_##width(to + i * to_stride, from + i * from_stride);                                              \
    }
SWAP_STRIDED(16)
SWAP_STRIDED(32)
SWAP_STRIDED(64)
#undef SWAP_STRIDED

bool npki_swap_items(uint8_t *to, int64_t to_stride, const uint8_t *from, int64_t from_stride, size_t count,
                     size_t width)
{
    static swap_strided *const by_width[] = {[2] = swap_strided_16, [4] = swap_strided_32, [8] = swap_strided_64};
    swap_strided *swap = width < sizeof by_width / sizeof *by_width ? by_width[width] : NULL;
    if (npki_cpu_level() == NPKI_CPU_PLAIN)
        return false;
    if (swap != NULL)
        swap(to, to_stride, from, from_stride, count);
    return swap != NULL;
}

/* Components of 12 and 16 bytes. */
static void swap_wide(const uint8_t *from, size_t width, size_t count, uint8_t *to)
{
    for (size_t i = 0; i < count; i++, from += width, to += width)
        for (size_t low = 0, high = width - 1; low < high; low++, high--) {
            uint8_t byte = from[low];
            to[low] = from[high];
            to[high] = byte;
        }
}

void npki_swap(const uint8_t *from, size_t width, size_t count, uint8_t *to)
{
    static swap_items *const by_width[] = {[2] = swap_16, [4] = swap_32, [8] = swap_64};
    const npki_kernels *kernels = npki_kernels_now();
    bool has_kernel = kernels != NULL && width < NPKI_WIDTHS && kernels->swap[width] != NULL;
    if (has_kernel && !npki_overlap(from, width * count, to, width * count))
        kernels->swap[width](from, count, to);
    else if (width < sizeof by_width / sizeof *by_width)
        by_width[width](from, count, to);
    else
        swap_wide(from, width, count, to);
}
