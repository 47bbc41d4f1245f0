#include "array/copy_items.h"

#include "base/cpu.h"

#include <string.h>

/* Copies of elements at distances. The common sizes have loops of their own, in which memcpy is one load and one store;
 * and others that do four elements in a round, which costs as much as one. */
typedef void copy_items(uint8_t *to, int64_t to_stride, const uint8_t *from, int64_t from_stride, size_t count,
                        size_t size);

#define COPY_ITEMS(bytes)                                                                                              \
    static void plain_##bytes(uint8_t *to, int64_t to_stride, const uint8_t *from, int64_t from_stride, size_t count,  \
                              size_t size)                                                                             \
    {                                                                                                                  \
        (void)size;                                                                                                    \
        for (int64_t i = 0; i < (int64_t)count; i++)                                                                   \
            memcpy(to + i * to_stride, from + i * from_stride, bytes);                                                 \
    }                                                                                                                  \
    static void copy_##bytes(uint8_t *to, int64_t to_stride, const uint8_t *from, int64_t from_stride, size_t count,   \
                             size_t size)                                                                              \
    {                                                                                                                  \
        for (; count > 4; count -= 4, to += 4 * to_stride, from += 4 * from_stride) {                                  \
            memcpy(to, from, bytes);                                                                                   \
            memcpy(to + to_stride, from + from_stride, bytes);                                                         \
            memcpy(to + 2 * to_stride, from + 2 * from_stride, bytes);                                                 \
            memcpy(to + 3 * to_stride, from + 3 * from_stride, bytes);                                                 \
        }                                                                                                              \
        plain_##bytes(to, to_stride, from, from_stride, count, size);                                                  \
    }
COPY_ITEMS(1)
COPY_ITEMS(2)
COPY_ITEMS(4)
COPY_ITEMS(8)
COPY_ITEMS(16)
#undef COPY_ITEMS

typedef uint64_t two_items __attribute__((vector_size(16)));

/* Into one piece two at a time: the stores are what takes the time, where the memory is near enough. */
static void pack_8(uint8_t *to, int64_t to_stride, const uint8_t *from, int64_t from_stride, size_t count, size_t size)
{
    if (to_stride != (int64_t)size) {
        copy_8(to, to_stride, from, from_stride, count, size);
        return;
    }
    for (; count > 4; count -= 4, to += 32, from += 4 * from_stride) {
        uint64_t a, b, c, d;
        memcpy(&a, from, 8);
        memcpy(&b, from + from_stride, 8);
        memcpy(&c, from + 2 * from_stride, 8);
        memcpy(&d, from + 3 * from_stride, 8);
        const two_items first = {a, b}, second = {c, d};
        memcpy(to, &first, sizeof first);
        memcpy(to + 16, &second, sizeof second);
    }
    plain_8(to, to_stride, from, from_stride, count, size);
}

static void copy_any(uint8_t *to, int64_t to_stride, const uint8_t *from, int64_t from_stride, size_t count,
                     size_t size)
{
    for (int64_t i = 0; i < (int64_t)count; i++)
        memcpy(to + i * to_stride, from + i * from_stride, size);
}

void npki_copy_items(uint8_t *to, int64_t to_stride, const uint8_t *from, int64_t from_stride, size_t count,
                     size_t size)
{
    enum { SIZES = 17 };
    static copy_items *const by_size[][SIZES] = {
        {[1] = plain_1, [2] = plain_2, [4] = plain_4, [8] = plain_8, [16] = plain_16},
        {[1] = copy_1, [2] = copy_2, [4] = copy_4, [8] = pack_8, [16] = copy_16},
    };
    if (to_stride == (int64_t)size && from_stride == (int64_t)size) {
        memcpy(to, from, count * size);
        return;
    }
    copy_items *copy = size < SIZES ? by_size[npki_cpu_level() > NPKI_CPU_PLAIN][size] : NULL;
    (copy != NULL ? copy : copy_any)(to, to_stride, from, from_stride, count, size);
}
