/* The words of text/blocks.h in NEON, for blocks of 16 bytes. There is no instruction that makes a mask of bits out of
 * bytes: whatever only asks how many there are, or whether there is any, has a word of its own. */
#ifndef NPKI_TEXT_BLOCKS_NEON_H
#define NPKI_TEXT_BLOCKS_NEON_H

#include "text/blocks.h"

#ifdef NPKI_NEON

#include <arm_neon.h>

#define NPKI_TARGET16

typedef uint8x16_t block16, is16;

static inline block16 load16(const uint8_t *at)
{
    return vld1q_u8(at);
}

static inline void store16(uint8_t *at, block16 x)
{
    vst1q_u8(at, x);
}

static inline block16 every16(int c)
{
    return vdupq_n_u8((uint8_t)c);
}

static inline block16 and16(block16 x, block16 y)
{
    return vandq_u8(x, y);
}

static inline block16 or16(block16 x, block16 y)
{
    return vorrq_u8(x, y);
}

static inline block16 xor16(block16 x, block16 y)
{
    return veorq_u8(x, y);
}

static inline block16 less16(block16 x, int c) /* down to 0 */
{
    return vqsubq_u8(x, every16(c));
}

static inline block16 upper16(block16 x) /* its upper half, as a number */
{
    return vshrq_n_u8(x, 4);
}

/* For each byte, what the table has for its lower half; 0 for 80 and up, as the table has no such place. */
static inline block16 by16(const uint8_t table[16], block16 x)
{
    return vqtbl1q_u8(vld1q_u8(table), and16(x, every16(0x8f)));
}

static inline is16 equal16(block16 x, block16 y)
{
    return vceqq_u8(x, y);
}

static inline is16 either16(is16 x, is16 y)
{
    return vorrq_u8(x, y);
}

static inline is16 both16(is16 x, is16 y)
{
    return vandq_u8(x, y);
}

static inline is16 within16(block16 x, int from, int to) /* of from to to */
{
    return vcleq_u8(vsubq_u8(x, every16(from)), every16(to - from));
}

static inline is16 is_high16(block16 x) /* of 80 and up */
{
    return vcltzq_s8(vreinterpretq_s8_u8(x));
}

static inline block16 choose16(is16 where, block16 x, block16 otherwise)
{
    return vbslq_u8(where, x, otherwise);
}

/* Each byte's bit in its half of the mask; neighbours are added until each half is one byte. */
static inline uint64_t bits16(is16 x)
{
    uint8x16_t bits = vandq_u8(x, vreinterpretq_u8_u64(vdupq_n_u64(UINT64_C(0x8040201008040201))));
    bits = vpaddq_u8(bits, bits);
    bits = vpaddq_u8(bits, bits);
    bits = vpaddq_u8(bits, bits);
    return vgetq_lane_u16(vreinterpretq_u16_u8(bits), 0);
}

static inline uint64_t high_bits16(block16 x)
{
    return bits16(is_high16(x));
}

static inline unsigned how_many_high16(block16 x)
{
    return vaddvq_u8(vshrq_n_u8(x, 7));
}

static inline unsigned how_many16(is16 x)
{
    return how_many_high16(x);
}

static inline bool no_high16(block16 x)
{
    return vmaxvq_u8(x) < 0x80;
}

static inline bool is_zero16(block16 x) /* the whole block */
{
    return vmaxvq_u8(x) == 0;
}

static inline block16 sixth16(block16 x) /* 1 where it is set */
{
    return vandq_u8(vshrq_n_u8(x, 6), every16(1));
}

static inline block16 hex16(block16 x) /* what hex digits count */
{
    block16 letter = sixth16(x);
    return vaddq_u8(and16(x, every16(15)), or16(letter, vshlq_n_u8(letter, 3)));
}

static inline block16 byte_of16(block16 high, block16 low) /* two hex digits */
{
    return or16(vshlq_n_u8(hex16(high), 4), hex16(low));
}

/* What comes before each byte of a block: of the first it is the last one of the block before. */
static inline block16 before16(block16 x, block16 last)
{
    return vextq_u8(last, x, 15);
}

/* The first eight bytes of both, in turn, and the last eight. */
static inline block16 zip_low16(block16 x, block16 y)
{
    return vzip1q_u8(x, y);
}

static inline block16 zip_high16(block16 x, block16 y)
{
    return vzip2q_u8(x, y);
}

NPKI_BLOCK_WORDS(16, NPKI_TARGET16)

/* Writes what stays of a block, and anything behind that. Returns where it ends. The bits of both halves are counted at
 * once. */
static inline uint8_t *keep16(block16 x, uint64_t out_of_it, uint8_t *out)
{
    uint16_t gone = vget_lane_u16(vreinterpret_u16_u8(vcnt_u8(vcreate_u8(out_of_it))), 0);
    vst1_u8(out, vtbl1_u8(vget_low_u8(x), vcreate_u8(npki_shuffles[out_of_it & 0xff])));
    out += 8 - (gone & 0xff);
    vst1_u8(out, vtbl1_u8(vget_high_u8(x), vcreate_u8(npki_shuffles[out_of_it >> 8])));
    return out + 8 - (gone >> 8);
}

#endif

#endif
