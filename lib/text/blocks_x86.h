/* The words of text/blocks.h on x86-64: blocks of 16 bytes for SSE4.1, of 32 for AVX2, of 64 for AVX-512. What only one
 * width can do stands beside them. */
#ifndef NPKI_TEXT_BLOCKS_X86_H
#define NPKI_TEXT_BLOCKS_X86_H

#include "text/blocks.h"

#ifdef NPKI_X86

#include <immintrin.h>

#define NPKI_SSE41 __attribute__((target("sse4.1,ssse3,popcnt")))
#define NPKI_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define NPKI_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,avx2,bmi,bmi2,popcnt")))

#define NPKI_TARGET16 NPKI_SSE41

typedef __m128i block16, is16;
typedef __m256i block32, is32;
typedef __m512i block64;
typedef __mmask64 is64;

/* What is spelled alike for each width. by##N: for each byte, what the table has for its lower half; 0 for 80 and
 * up. */
#define NPKI_BLOCK(N, TARGET, p, s)                                                                                    \
    static TARGET inline block##N load##N(const uint8_t *at)                                                           \
    {                                                                                                                  \
        return p##_loadu_##s((const block##N *)(const void *)at);                                                      \
    }                                                                                                                  \
    static TARGET inline void store##N(uint8_t *at, block##N x)                                                        \
    {                                                                                                                  \
        p##_storeu_##s((block##N *)(void *)at, x);                                                                     \
    }                                                                                                                  \
    static TARGET inline block##N every##N(int c)                                                                      \
    {                                                                                                                  \
        return p##_set1_epi8((char)c);                                                                                 \
    }                                                                                                                  \
    static TARGET inline block##N and##N(block##N x, block##N y)                                                       \
    {                                                                                                                  \
        return p##_and_##s(x, y);                                                                                      \
    }                                                                                                                  \
    static TARGET inline block##N or ##N(block##N x, block##N y)                                                       \
    {                                                                                                                  \
        return p##_or_##s(x, y);                                                                                       \
    }                                                                                                                  \
    static TARGET inline block##N xor ##N(block##N x, block##N y)                                                      \
    {                                                                                                                  \
        return p##_xor_##s(x, y);                                                                                      \
    }                                                                                                                  \
    static TARGET inline block##N less##N(block##N x, int c) /* down to 0 */                                           \
    {                                                                                                                  \
        return p##_subs_epu8(x, every##N(c));                                                                          \
    }                                                                                                                  \
    static TARGET inline block##N upper##N(block##N x) /* its upper half, as a number */                               \
    {                                                                                                                  \
        return p##_and_##s(p##_srli_epi16(x, 4), every##N(15));                                                        \
    }                                                                                                                  \
    static TARGET inline block##N by##N(const uint8_t table[16], block##N x)                                           \
    {                                                                                                                  \
        return p##_shuffle_epi8(table##N(table), x);                                                                   \
    }                                                                                                                  \
    static TARGET inline is##N within##N(block##N x, int from, int to) /* of from to to */                             \
    {                                                                                                                  \
        block##N low = p##_sub_epi8(x, every##N(from));                                                                \
        return equal##N(p##_min_epu8(low, every##N(to - from)), low);                                                  \
    }                                                                                                                  \
    static TARGET inline block##N sixth##N(block##N x) /* 1 where it is set */                                         \
    {                                                                                                                  \
        return p##_and_##s(p##_srli_epi16(x, 6), every##N(1));                                                         \
    }                                                                                                                  \
    static TARGET inline block##N hex##N(block##N x) /* what hex digits count */                                       \
    {                                                                                                                  \
        block##N letter = sixth##N(x), eight = p##_slli_epi16(letter, 3);                                              \
        return p##_add_epi8(and##N(x, every##N(15)), or ##N(letter, eight));                                           \
    }                                                                                                                  \
    static TARGET inline block##N byte_of##N(block##N high, block##N low) /* two hex digits */                         \
    {                                                                                                                  \
        return or ##N(and##N(p##_slli_epi16(hex##N(high), 4), every##N(0xf0)), hex##N(low));                           \
    }                                                                                                                  \
    static TARGET inline unsigned how_many##N(is##N x)                                                                 \
    {                                                                                                                  \
        return ones(bits##N(x));                                                                                       \
    }                                                                                                                  \
    static TARGET inline unsigned how_many_high##N(block##N x)                                                         \
    {                                                                                                                  \
        return ones(high_bits##N(x));                                                                                  \
    }                                                                                                                  \
    static TARGET inline bool no_high##N(block##N x)                                                                   \
    {                                                                                                                  \
        return high_bits##N(x) == 0;                                                                                   \
    }                                                                                                                  \
    static TARGET inline bool is_zero##N(block##N x) /* the whole block */                                             \
    {                                                                                                                  \
        return bits##N(equal##N(x, every##N(0))) == low_bits(N);                                                       \
    }                                                                                                                  \
    NPKI_BLOCK_WORDS(N, TARGET)

/* --- blocks of 16 --- */

static NPKI_SSE41 inline __m128i table16(const uint8_t table[16])
{
    return _mm_loadu_si128((const __m128i *)(const void *)table);
}

static NPKI_SSE41 inline is16 equal16(block16 x, block16 y)
{
    return _mm_cmpeq_epi8(x, y);
}

static NPKI_SSE41 inline is16 either16(is16 x, is16 y)
{
    return _mm_or_si128(x, y);
}

static NPKI_SSE41 inline is16 both16(is16 x, is16 y)
{
    return _mm_and_si128(x, y);
}

static NPKI_SSE41 inline uint64_t bits16(is16 x)
{
    return (unsigned)_mm_movemask_epi8(x);
}

static NPKI_SSE41 inline block16 choose16(is16 where, block16 x, block16 otherwise)
{
    return _mm_blendv_epi8(otherwise, x, where);
}

/* Bytes of 80 and up. */
static NPKI_SSE41 inline uint64_t high_bits16(block16 x)
{
    return (unsigned)_mm_movemask_epi8(x);
}

NPKI_BLOCK(16, NPKI_SSE41, _mm, si128)

static NPKI_SSE41 inline is16 is_high16(block16 x)
{
    return _mm_cmpgt_epi8(_mm_setzero_si128(), x);
}

/* What comes before each byte of a block: of the first it is the last one of the block before. */
static NPKI_SSE41 inline block16 before16(block16 x, block16 last)
{
    return _mm_alignr_epi8(x, last, 15);
}

/* The first eight bytes of both, in turn, and the last eight. */
static NPKI_SSE41 inline block16 zip_low16(block16 x, block16 y)
{
    return _mm_unpacklo_epi8(x, y);
}

static NPKI_SSE41 inline block16 zip_high16(block16 x, block16 y)
{
    return _mm_unpackhi_epi8(x, y);
}

/* Writes what stays of a block, and anything behind that. Returns where it ends. */
static NPKI_SSE41 inline uint8_t *keep16(__m128i x, uint64_t out_of_it, uint8_t *out)
{
    __m128i first = _mm_loadl_epi64((const __m128i *)(const void *)&npki_shuffles[out_of_it & 0xff]);
    __m128i second = _mm_loadl_epi64((const __m128i *)(const void *)&npki_shuffles[out_of_it >> 8]);
    _mm_storel_epi64((__m128i *)(void *)out, _mm_shuffle_epi8(x, first));
    out += 8 - ones(out_of_it & 0xff);
    _mm_storel_epi64((__m128i *)(void *)out, _mm_shuffle_epi8(_mm_srli_si128(x, 8), second));
    return out + 8 - ones(out_of_it >> 8);
}

/* --- blocks of 32 --- */

static NPKI_AVX2 inline __m256i table32(const uint8_t table[16])
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)table));
}

static NPKI_AVX2 inline is32 equal32(block32 x, block32 y)
{
    return _mm256_cmpeq_epi8(x, y);
}

static NPKI_AVX2 inline is32 either32(is32 x, is32 y)
{
    return _mm256_or_si256(x, y);
}

static NPKI_AVX2 inline is32 both32(is32 x, is32 y)
{
    return _mm256_and_si256(x, y);
}

static NPKI_AVX2 inline uint64_t bits32(is32 x)
{
    return (unsigned)_mm256_movemask_epi8(x);
}

static NPKI_AVX2 inline block32 choose32(is32 where, block32 x, block32 otherwise)
{
    return _mm256_blendv_epi8(otherwise, x, where);
}

static NPKI_AVX2 inline uint64_t high_bits32(block32 x)
{
    return (unsigned)_mm256_movemask_epi8(x);
}

NPKI_BLOCK(32, NPKI_AVX2, _mm256, si256)

static NPKI_AVX2 inline block32 before32(block32 x, block32 last)
{
    return _mm256_alignr_epi8(x, _mm256_permute2x128_si256(last, x, 0x21), 15);
}

/* The shuffles of four groups of eight at once; those of the upper half of 16 begin at 8. */
static NPKI_AVX2 inline uint8_t *keep32(__m256i x, uint64_t out_of_it, uint8_t *out)
{
    const uint64_t eights = UINT64_C(0x0808080808080808);
    __m256i by = _mm256_set_epi64x(
        (long long)(npki_shuffles[out_of_it >> 24] + eights), (long long)npki_shuffles[out_of_it >> 16 & 0xff],
        (long long)(npki_shuffles[out_of_it >> 8 & 0xff] + eights), (long long)npki_shuffles[out_of_it & 0xff]);
    x = _mm256_shuffle_epi8(x, by);
    __m128i low = _mm256_castsi256_si128(x), up = _mm256_extracti128_si256(x, 1);
    _mm_storel_epi64((__m128i *)(void *)out, low);
    out += 8 - ones(out_of_it & 0xff);
    _mm_storel_epi64((__m128i *)(void *)out, _mm_unpackhi_epi64(low, low));
    out += 8 - ones(out_of_it >> 8 & 0xff);
    _mm_storel_epi64((__m128i *)(void *)out, up);
    out += 8 - ones(out_of_it >> 16 & 0xff);
    _mm_storel_epi64((__m128i *)(void *)out, _mm_unpackhi_epi64(up, up));
    return out + 8 - ones(out_of_it >> 24);
}

/* --- blocks of 64 --- */

static NPKI_AVX512 inline __m512i table64(const uint8_t table[16])
{
    return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(const void *)table));
}

static NPKI_AVX512 inline is64 equal64(block64 x, block64 y)
{
    return _mm512_cmpeq_epi8_mask(x, y);
}

static NPKI_AVX512 inline is64 either64(is64 x, is64 y)
{
    return x | y;
}

static NPKI_AVX512 inline is64 both64(is64 x, is64 y)
{
    return x & y;
}

static NPKI_AVX512 inline uint64_t bits64(is64 x)
{
    return x;
}

static NPKI_AVX512 inline block64 choose64(is64 where, block64 x, block64 otherwise)
{
    return _mm512_mask_mov_epi8(otherwise, where, x);
}

static NPKI_AVX512 inline uint64_t high_bits64(block64 x)
{
    return _mm512_movepi8_mask(x);
}

NPKI_BLOCK(64, NPKI_AVX512, _mm512, si512)

/* The bytes of the mask, and no others are looked at; zeros in their place. */
static NPKI_AVX512 inline block64 part64(const uint8_t *at, uint64_t mask)
{
    return _mm512_maskz_loadu_epi8(mask, at);
}

static NPKI_AVX512 inline uint8_t *keep64(__m512i x, uint64_t out_of_it, uint8_t *out)
{
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(~out_of_it, x));
    return out + 64 - ones(out_of_it);
}

#endif

#endif
