/* Any bytes as pickles, read and written with the shortcuts and without them: nothing may tell which. The last two bytes choose
 * how they come and what is allowed. */
#include "mutate.h"
#include "twins.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char said[TWINS_SAID];
    if (size < 2)
        return 0;
    const uint8_t *how = data + size - 2; /* so that a file of pickles is one here too */
    npk_read_options read = {
        .malformed = how[0] % 2 == 1 ? NPK_MALFORMED_KEEP : NPK_MALFORMED_REFUSE,
        .memo_scope = how[0] / 2 % 2 == 1 ? NPK_MEMO_OF_STREAM : NPK_MEMO_OF_PICKLE,
    };
    if (how[0] / 4 % 4 == 1)
        read.limits.depth = 1 + how[1] % 8;
    if (how[0] / 4 % 4 == 2)
        read.limits.items = 1 + how[1] % 64;
    const npk_write_options write = {
        .dialect = fuzz_dialect(how[1]),
        .memo = (npk_memo_policy)(how[0] / 16 % 3),
        .limits = {.memory = 1 << 22},
    };
    bool differ =
        twins_differ(data, size - 2, how[0] / 64 == 0 ? 0 : (size_t)(how[0] / 64) * 3 - 2, &read, &write, said);
    if (differ)
        fprintf(stderr, "%s\n", said);
    DEMAND(!differ);
    return 0;
}
