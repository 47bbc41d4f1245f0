#include "compare/placing.h"

#include <string.h>

#define DIGIT_BITS 8
#define DIGITS ((size_t)1 << DIGIT_BITS)
#define FEW 32 /* of which each is put where it belongs, one by one */

size_t npki_placing_size(size_t count)
{
    return 2 * count * sizeof(npki_placing) + DIGITS * sizeof(size_t);
}

static void sort_few(npki_placing *all, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const npki_placing one = all[i];
        size_t at = i;
        for (; at > 0 && all[at - 1].number > one.number; at--)
            all[at] = all[at - 1];
        all[at] = one;
    }
}

/* By one digit of their numbers, and where that is the same as they come. */
static void sort_by(const npki_placing *from, npki_placing *to, size_t count, unsigned shift, size_t *starts)
{
    size_t start = 0;
    memset(starts, 0, DIGITS * sizeof *starts);
    for (size_t i = 0; i < count; i++)
        starts[from[i].number >> shift & (DIGITS - 1)]++;
    for (size_t i = 0; i < DIGITS; i++) {
        const size_t size = starts[i];
        starts[i] = start;
        start += size;
    }
    for (size_t i = 0; i < count; i++)
        to[starts[from[i].number >> shift & (DIGITS - 1)]++] = from[i];
}

npki_placing *npki_placing_sort(npki_placing *all, size_t count)
{
    npki_placing *from = all, *to = all + count;
    size_t *starts = (size_t *)(void *)(all + 2 * count);
    uint64_t highest = 0;
    for (size_t i = 0; i < count; i++)
        highest = from[i].number > highest ? from[i].number : highest;
    if (count <= FEW) {
        sort_few(all, count);
        return all;
    }
    for (unsigned shift = 0; shift < 64 && highest >> shift != 0; shift += DIGIT_BITS) {
        sort_by(from, to, count, shift, starts);
        npki_placing *sorted = to;
        to = from;
        from = sorted;
    }
    return from;
}
