/* RAW_UNICODE_ESCAPE and STRING_ESCAPE by blocks of 16, 32 and 64 bytes.
 *
 * Decoding, the byte that an escape means is put where it begins, for all that begin in a block at once, and what is
 * behind it goes out of the block; so that it does not matter how many there are. Which backslash begins an escape of
 * STRING_ESCAPE, where two are one, is found by carries: Geoff Langdale and Daniel Lemire, "Parsing Gigabytes of JSON
 * per Second", 2019.
 *
 * Encoding, blocks of 64 make all bytes escapes, of which what is too much goes out again. Narrower ones take rows of a
 * table, which is as fast as a shuffle would be: eight bytes have up to 48.
 */
#include "text/escape.h"

#include "text/blocks_neon.h"
#include "text/blocks_x86.h"

#ifdef NPKI_BLOCKS

/* Those of a block's backslashes that are not the second of two. `escaped`: bit 0 is. */
static inline uint64_t beginning(uint64_t backslashes, uint64_t escaped)
{
    const uint64_t odd = UINT64_C(0xaaaaaaaaaaaaaaaa);
    uint64_t may_begin = backslashes & ~escaped;
    return (((may_begin << 1 | odd) - may_begin) ^ odd) & backslashes;
}

#define N 16
#define TARGET NPKI_TARGET16

static inline uint8_t *rows_16(const npki_escape_rule *rule, const uint8_t *in, uint8_t *out)
{
    return npki_escape_8(rule->rows, in + 8, npki_escape_8(rule->rows, in, out));
}

static inline uint8_t *unicode16(const npki_escape_rule *rule, const uint8_t *in, uint64_t special, uint8_t *out)
{
    (void)special;
    return rows_16(rule, in, out);
}

static inline uint8_t *string16(const npki_escape_rule *rule, const uint8_t *in, uint64_t stays, uint64_t letters,
                                uint8_t *out)
{
    (void)stays;
    (void)letters;
    return rows_16(rule, in, out);
}

#include "text/escape_blocks.inc"
#undef N
#undef TARGET

const npki_escape_blocks npki_raw_unicode_escape_16 = {measure_unicode16, decode_unicode16, count_unicode16,
                                                       encode_unicode16};
const npki_escape_blocks npki_string_escape_16 = {measure_string16, decode_string16, count_string16, encode_string16};

#endif

#ifdef NPKI_X86

#define N 32
#define TARGET NPKI_AVX2

static inline uint8_t *unicode32(const npki_escape_rule *rule, const uint8_t *in, uint64_t special, uint8_t *out)
{
    (void)special;
    return rows_16(rule, in + 16, rows_16(rule, in, out));
}

static inline uint8_t *string32(const npki_escape_rule *rule, const uint8_t *in, uint64_t stays, uint64_t letters,
                                uint8_t *out)
{
    (void)stays;
    (void)letters;
    return rows_16(rule, in + 16, rows_16(rule, in, out));
}

#include "text/escape_blocks.inc"
#undef N
#undef TARGET

#define N 64
#define TARGET NPKI_AVX512

/* Every eighth or fourth byte of 64 has one bit of the mask. */
#define EIGHTH UINT64_C(0x0101010101010101)
#define FOURTH UINT64_C(0x1111111111111111)

/* Eight bytes at a time: each is spread to eight, of which six are \uXXXX. */
static NPKI_AVX512 inline uint8_t *unicode64(const npki_escape_rule *rule, const uint8_t *in, uint64_t special,
                                             uint8_t *out)
{
    const __m512i text = _mm512_set1_epi64('\\' | 'u' << 8 | '0' << 16 | (long long)'0' << 24);
    const __m512i same = _mm512_set4_epi32(0x08080808, 0x08080808, 0, 0);
    for (int i = 0; i < 8; i++, special >>= 8) {
        __m512i x = _mm512_shuffle_epi8(
            _mm512_cvtepu8_epi64(_mm_loadl_epi64((const __m128i *)(const void *)(in + 8 * i))), same);
        __m512i half = _mm512_mask_mov_epi8(x, 0x10 * EIGHTH, upper64(x));
        uint64_t begins = _pdep_u64(special, EIGHTH);
        __m512i escapes =
            _mm512_mask_shuffle_epi8(text, 0x30 * EIGHTH, table64(rule->digits), and64(half, every64(15)));
        escapes = _mm512_mask_mov_epi8(escapes, EIGHTH & ~begins, x);
        _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(EIGHTH | 0x3e * begins, escapes));
        out += 8 + 5 * ones(begins);
    }
    return out;
}

/* Sixteen bytes at a time, each spread to four: the byte, or a backslash, its letter or an x, and two digits. */
static NPKI_AVX512 inline uint8_t *string64(const npki_escape_rule *rule, const uint8_t *in, uint64_t stays,
                                            uint64_t letters, uint8_t *out)
{
    const __m512i same = _mm512_set4_epi32(0x0c0c0c0c, 0x08080808, 0x04040404, 0);
    for (int i = 0; i < 4; i++, stays >>= 16, letters >>= 16) {
        uint64_t stay = _pdep_u64(stays, FOURTH), letter = _pdep_u64(letters, FOURTH), hex = FOURTH & ~(stay | letter);
        __m512i x = _mm512_shuffle_epi8(_mm512_cvtepu8_epi32(load16(in + 16 * i)), same);
        __m512i half = _mm512_mask_mov_epi8(x, 4 * FOURTH, upper64(x));
        __m512i escapes = _mm512_mask_mov_epi8(every64('x'), stay, x);
        escapes = _mm512_mask_mov_epi8(escapes, FOURTH & ~stay, every64('\\'));
        escapes = _mm512_mask_shuffle_epi8(escapes, letter << 1, table64(rule->name), x);
        escapes =
            _mm512_mask_shuffle_epi8(escapes, hex << 2 | hex << 3, table64(rule->digits), and64(half, every64(15)));
        uint64_t kept = FOURTH | letter << 1 | hex * 0xe;
        _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(kept, escapes));
        out += ones(kept);
    }
    return out;
}

#include "text/escape_blocks.inc"
#undef N
#undef TARGET

const npki_escape_blocks npki_raw_unicode_escape_32 = {measure_unicode32, decode_unicode32, count_unicode32,
                                                       encode_unicode32};
const npki_escape_blocks npki_raw_unicode_escape_64 = {measure_unicode64, decode_unicode64, count_unicode64,
                                                       encode_unicode64};

const npki_escape_blocks npki_string_escape_32 = {measure_string32, decode_string32, count_string32, encode_string32};
const npki_escape_blocks npki_string_escape_64 = {measure_string64, decode_string64, count_string64, encode_string64};

#endif
