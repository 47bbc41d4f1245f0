/* Arrays as picklers write them, changed and cut off as the bytes say, out of a stream: with elements that go straight to their place and
 * without the shortcuts, nothing may tell which. The first bytes choose the array, and each three of the others are a place and what
 * stands there. */
#include "fuzz.h"
#include "straight.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t steps[] = {1, 7, 4096, 100000};
    char said[600];
    uint8_t *bytes = NULL;
    size_t count;
    if (size < 4)
        return 0;
    DEMAND(straight_pickle(data[0] / STRAIGHT_WRITERS, data[0], 9000 + 16u * data[1], &bytes, &count));
    size_t left = data[2] % 4 == 0 ? data[3] * count / 256 : data[2] % 4 == 1 ? count - data[3] % count : count;
    for (size_t i = 4; i + 3 <= size; i += 3) {
        size_t at = (size_t)(data[i] & 0x3f) << 8 | data[i + 1];
        bytes[(data[i] & 0x40) != 0 ? count - 1 - at % count : at % count] = data[i + 2];
    }
    uint8_t *copy = malloc(left + 1); /* a byte too far is seen */
    memcpy(copy, bytes, left);
    npk_bytes_free(NULL, bytes, count);
    bool differs = straight_differs(copy, left, steps[data[2] / 4 % 4], said);
    if (differs)
        fprintf(stderr, "%s\n", said);
    DEMAND(!differs);
    free(copy);
    return 0;
}
