/* The check of UTF-8 by blocks: John Keiser and Daniel Lemire, "Validating UTF-8 In Less Than One Instruction Per
 * Byte", 2021. Two bytes that follow each other can only be wrong in a few ways, each a bit that three tables share: by
 * the halves of the first one, and by the upper half of the second. What is wrong with the third and fourth byte of a
 * character is whether they are there. Surrogates are let through.
 */
#include "text/utf8.h"

#include "text/blocks_neon.h"
#include "text/blocks_x86.h"

#ifdef NPKI_BLOCKS

enum {
    SHORT = 1,        /* a lead without what must follow */
    LONG = 2,         /* a follower behind ASCII */
    OVERLONG_3 = 4,   /* E0 before 80 to 9F */
    BEYOND = 8,       /* F4 before 90 to BF, or more */
    OVERLONG_2 = 32,  /* C0, C1 */
    BEYOND_1000 = 64, /* F5 to FF before 80 to 8F */
    OVERLONG_4 = 64,  /* F0 before 80 to 8F */
    FOLLOWERS = 128,  /* two, right only where the second is the third or fourth of a character */
    ANY = SHORT | LONG | FOLLOWERS
};

/* clang-format off */
static const uint8_t first_high[16] = {
    LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, FOLLOWERS, FOLLOWERS, FOLLOWERS, FOLLOWERS,
    SHORT | OVERLONG_2, SHORT, SHORT | OVERLONG_3, SHORT | BEYOND | BEYOND_1000 | OVERLONG_4,
};
static const uint8_t first_low[16] = {
    ANY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4, ANY | OVERLONG_2, ANY, ANY, ANY | BEYOND,
    ANY | BEYOND | BEYOND_1000, ANY | BEYOND | BEYOND_1000, ANY | BEYOND | BEYOND_1000, ANY | BEYOND | BEYOND_1000,
    ANY | BEYOND | BEYOND_1000, ANY | BEYOND | BEYOND_1000, ANY | BEYOND | BEYOND_1000, ANY | BEYOND | BEYOND_1000,
    ANY | BEYOND | BEYOND_1000, ANY | BEYOND | BEYOND_1000, ANY | BEYOND | BEYOND_1000,
};
static const uint8_t second_high[16] = {
    SHORT, SHORT, SHORT, SHORT, SHORT, SHORT, SHORT, SHORT,
    LONG | OVERLONG_2 | FOLLOWERS | OVERLONG_3 | BEYOND_1000 | OVERLONG_4,
    LONG | OVERLONG_2 | FOLLOWERS | OVERLONG_3 | BEYOND,
    LONG | OVERLONG_2 | FOLLOWERS | BEYOND, LONG | OVERLONG_2 | FOLLOWERS | BEYOND, SHORT, SHORT, SHORT, SHORT,
};
/* clang-format on */

#define N 16
#define TARGET NPKI_TARGET16
#include "text/utf8_blocks.inc"
#undef N
#undef TARGET

size_t npki_utf8_blocks_16(const uint8_t *bytes, size_t from, size_t size)
{
    return check16(bytes, from, size);
}

#endif

#ifdef NPKI_X86

#define N 32
#define TARGET NPKI_AVX2
#include "text/utf8_blocks.inc"
#undef N
#undef TARGET

#define N 64
#define TARGET NPKI_AVX512
#include "text/utf8_blocks.inc"
#undef N
#undef TARGET

size_t npki_utf8_blocks_32(const uint8_t *bytes, size_t from, size_t size)
{
    return check32(bytes, from, size);
}

size_t npki_utf8_blocks_64(const uint8_t *bytes, size_t from, size_t size)
{
    return check64(bytes, from, size);
}

/* Only bytes of the text are loaded: zeros stand before it and behind it. */
NPKI_AVX512 bool npki_utf8_short_64(const uint8_t *bytes, size_t size)
{
    const uint64_t all = low_bits((unsigned)size);
    return is_zero64(wrong64(part64(bytes, all), part64(bytes - 1, all << 1), part64(bytes - 2, all << 2),
                             part64(bytes - 3, all << 3)));
}

#endif
