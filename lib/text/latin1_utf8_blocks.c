/* LATIN1_UTF8 by blocks of 16, 32 and 64 bytes, without a branch on the data but for blocks of nothing but ASCII. Both
 * ways a block is made that has a byte too many in places, which then goes out of it: by a shuffle that eight bits
 * choose, or by a compression where the machine has one.
 *
 * Encoding, each byte is widened to two: itself and nothing, or its lead and itself. Decoding, the leads are too many.
 * Bytes that must follow a lead are those of 80 to BF, so their mask must be that of the leads, one further on.
 */
#include "text/latin1_utf8.h"

#include "text/blocks_neon.h"
#include "text/blocks_x86.h"

#ifdef NPKI_BLOCKS

#include <string.h>

const uint64_t npki_shuffles[256] = {
#include "text/shuffle.inc"
};

/* So many blocks of ASCII in a row, and it is worth while to look at four at once. */
#define ASCII_RUN 4

/* A lead at the end is left for the loops that see what is behind it. */
static inline void leave_lead(npki_stream *s, const uint8_t *in, uint8_t *out)
{
    if (in > s->in && (in[-1] & 0xfe) == 0xc2)
        in--;
    s->in = in;
    s->out = out;
}

/* --- blocks of 16 --- */

#define N 16
#define TARGET NPKI_TARGET16
#include "text/latin1_utf8_blocks.inc"
#undef N
#undef TARGET

static NPKI_TARGET16 void encode16(npki_stream *s)
{
    const uint8_t *in = s->in;
    uint8_t *out = s->out;
    unsigned run = 0;
    for (; s->in_end - in >= 16 && s->out_end - out >= 32; in += 16) {
        block16 x = load16(in);
        ask_for(in, out);
        if (no_high16(x)) {
            run = pass_ascii16(&in, s->in_end, &out, s->out_end, 16, run);
            continue;
        }
        run = 0;
        is16 high = is_high16(x);
        block16 first = choose16(high, or16(sixth16(x), every16(0xc2)), x);
        block16 second = and16(and16(x, every16(0xbf)), high);
        block16 zero = every16(0), none = equal16(high, zero);
        is16 low = zip_low16(zero, none), up = zip_high16(zero, none);
        out = keep16(zip_low16(first, second), bits16(low), out);
        out = keep16(zip_high16(first, second), bits16(up), out);
    }
    s->in = in;
    s->out = out;
}

const npki_latin1_utf8 npki_latin1_utf8_16 = {measure16, count16, decode16, encode16, 16};

#endif

#ifdef NPKI_X86

/* --- blocks of 32 --- */

#define N 32
#define TARGET NPKI_AVX2
#include "text/latin1_utf8_blocks.inc"
#undef N
#undef TARGET

static NPKI_AVX2 void encode32(npki_stream *s)
{
    const uint8_t *in = s->in;
    uint8_t *out = s->out;
    unsigned run = 0;
    for (; s->in_end - in >= 16 && s->out_end - out >= 32; in += 16) {
        __m128i bytes = load16(in);
        ask_for(in, out);
        uint64_t high = (unsigned)_mm_movemask_epi8(bytes);
        if (high == 0) {
            run = pass_ascii32(&in, s->in_end, &out, s->out_end, 16, run);
            continue;
        }
        run = 0;
        /* In words: the byte; or its lead in the lower half, and itself in the upper one. */
        __m256i x = _mm256_cvtepu8_epi16(bytes), is_high = _mm256_cmpgt_epi16(x, _mm256_set1_epi16(0x7f));
        __m256i both = _mm256_or_si256(_mm256_srli_epi16(x, 6),
                                       _mm256_slli_epi16(_mm256_and_si256(x, _mm256_set1_epi16(0xbf)), 8));
        x = _mm256_blendv_epi8(x, _mm256_or_si256(both, _mm256_set1_epi16(0xc0)), is_high);
        out = keep32(x, _pdep_u32((unsigned)~high, 0xaaaaaaaa), out);
    }
    s->in = in;
    s->out = out;
}

const npki_latin1_utf8 npki_latin1_utf8_32 = {measure32, count32, decode32, encode32, 16};

/* --- blocks of 64 --- */

#define N 64
#define TARGET NPKI_AVX512
#include "text/latin1_utf8_blocks.inc"
#undef N
#undef TARGET

static NPKI_AVX512 void decode64(npki_stream *s)
{
    const uint8_t *in = s->in;
    uint8_t *out = s->out;
    uint64_t carry = 0;
    unsigned run = 0;
    for (; s->in_end - in >= 64 && s->out_end - out >= 64; in += 64) {
        __m512i x = load64(in);
        ask_for(in, out);
        if ((high_bits64(x) | carry) == 0) {
            run = pass_ascii64(&in, s->in_end, &out, s->out_end, 64, run);
            continue;
        }
        run = 0;
        uint64_t c3 = _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8((char)0xc3));
        x = _mm512_mask_add_epi8(x, c3 << 1 | carry, x, _mm512_set1_epi8(0x40));
        carry = c3 >> 63;
        out = keep64(x, leads64(load64(in)), out);
    }
    leave_lead(s, in, out);
}

static NPKI_AVX512 void encode64(npki_stream *s)
{
    const uint8_t *in = s->in;
    uint8_t *out = s->out;
    unsigned run = 0;
    for (; s->in_end - in >= 32 && s->out_end - out >= 64; in += 32) {
        __m256i bytes = load32(in);
        ask_for(in, out);
        uint64_t high = (unsigned)_mm256_movemask_epi8(bytes);
        if (high == 0) {
            run = pass_ascii64(&in, s->in_end, &out, s->out_end, 32, run);
            continue;
        }
        run = 0;
        __m512i x = _mm512_cvtepu8_epi16(bytes);
        __m512i both = _mm512_or_si512(_mm512_srli_epi16(x, 6),
                                       _mm512_slli_epi16(_mm512_and_si512(x, _mm512_set1_epi16(0xbf)), 8));
        x = _mm512_mask_blend_epi16((__mmask32)high, x, _mm512_or_si512(both, _mm512_set1_epi16(0xc0)));
        out = keep64(x, _pdep_u64(~high, UINT64_C(0xaaaaaaaaaaaaaaaa)), out);
    }
    s->in = in;
    s->out = out;
}

const npki_latin1_utf8 npki_latin1_utf8_64 = {measure64, count64, decode64, encode64, 32};

#endif
