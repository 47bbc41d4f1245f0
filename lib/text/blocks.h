/* Blocks of 16, 32 and 64 bytes: the same names for each width and each machine, so that a loop over blocks is written
 * once and made for all (an .inc file with N and TARGET). Here is what does not depend on the machine; all else is in
 * blocks_x86.h and blocks_neon.h, of which the machine at hand has one or none. All have blocks of 16 bytes, whose
 * functions have the attribute NPKI_TARGET16.
 *
 * is##N says something of each byte of a block, as the machine has it: bytes of ones, or a mask. bits##N makes it a
 * mask, bit 0 the first byte.
 */
#ifndef NPKI_TEXT_BLOCKS_H
#define NPKI_TEXT_BLOCKS_H

#include "base/cpu.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a table has for the levels from NPKI_CPU_BASE on: `base` where the machine has no blocks from the start, and the
 * rows of each width it can have. */
#if defined(NPKI_X86)
#define NPKI_BLOCKS 1
#define NPKI_BLOCK_LEVELS(base, name)                                                                                  \
    [NPKI_CPU_BASE] = base, [NPKI_CPU_SSE41] = name##_16, [NPKI_CPU_AVX2] = name##_32, [NPKI_CPU_AVX512] = name##_64
#elif defined(NPKI_NEON)
#define NPKI_BLOCKS 1
#define NPKI_BLOCK_LEVELS(base, name) [NPKI_CPU_BASE] = name##_16
#else
#define NPKI_BLOCK_LEVELS(base, name) [NPKI_CPU_BASE] = base
#endif

/* For each set of places in a row of eight that go out, the places of those that stay. latin1_utf8_blocks.c */
extern const uint64_t npki_shuffles[256];

/* Large arrays come from memory and go to memory: both are asked for ahead of time. */
enum { NPKI_AHEAD = 2048 };

static inline void ask_for(const uint8_t *in, const uint8_t *out)
{
    __builtin_prefetch(in + NPKI_AHEAD, 0);
    __builtin_prefetch(out + NPKI_AHEAD, 1);
}

static inline unsigned ones(uint64_t mask)
{
    return (unsigned)__builtin_popcountll(mask);
}

/* Of a mask that is not 0. */
static inline unsigned first_one(uint64_t mask)
{
    return (unsigned)__builtin_ctzll(mask);
}

/* The lowest `count` bits. */
static inline uint64_t low_bits(unsigned count)
{
    return count < 64 ? (UINT64_C(1) << count) - 1 : UINT64_MAX;
}

/* What is made of the machine's own words in the same way everywhere. */
#define NPKI_BLOCK_WORDS(N, TARGET)                                                                                    \
    static TARGET inline is##N is_hex##N(block##N x)                                                                   \
    {                                                                                                                  \
        return either##N(within##N(x, '0', '9'), within##N(or ##N(x, every##N(0x20)), 'a', 'f'));                      \
    }                                                                                                                  \
    static TARGET inline bool is_ascii##N(const uint8_t *at) /* four blocks */                                         \
    {                                                                                                                  \
        block##N any = or ##N(or ##N(load##N(at), load##N(at + N)), or ##N(load##N(at + 2 * N), load##N(at + 3 * N))); \
        return no_high##N(any);                                                                                        \
    }

#endif
