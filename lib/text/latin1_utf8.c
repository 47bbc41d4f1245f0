/* LATIN1_UTF8: every byte as the character of its number, in UTF-8. A byte below 0x80 is itself; the others are a
 * lead, C2 or C3, and a byte behind it, which is the plain byte but for bit 6: that is set where the lead is C3.
 *
 * The loops over single bytes are all that is needed. The loops over blocks go before them where there is SSE2, as on
 * every x86-64: they have no branch on the data, but for blocks of nothing but ASCII.
 */
#include "text/encodings.h"

#include <string.h>

static bool is_lead(uint8_t byte)
{
    return (byte & 0xfe) == 0xc2;
}

/* --- by blocks --- */

#if defined(__x86_64__) && defined(__SSE2__)

#include <emmintrin.h>

enum { BLOCK = 16 };

static const uint8_t ones[16] = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4}; /* bits set */

static inline __m128i load_block(const uint8_t *p)
{
    __m128i block;
    memcpy(&block, p, BLOCK);
    return block;
}

static inline __m128i every(unsigned byte)
{
    return _mm_set1_epi8((char)byte);
}

static inline __m128i leads_of(__m128i block)
{
    return _mm_cmpeq_epi8(_mm_and_si128(block, every(0xfe)), every(0xc2));
}

/* Where `mask` is set, what stands one byte further on. */
static inline __m128i pull(__m128i x, __m128i mask)
{
    return _mm_xor_si128(x, _mm_and_si128(mask, _mm_xor_si128(x, _mm_srli_epi32(x, 8))));
}

/* Of every four bytes all, where the first two of `mask` are 0. */
static inline __m128i none_of_first_two(__m128i mask)
{
    return _mm_cmpeq_epi32(_mm_slli_epi32(mask, 16), _mm_setzero_si128());
}

/* Four bytes of a half, of which `size` count: the next ones are written over the others. */
static inline uint8_t *put_group(uint64_t half, unsigned group, unsigned size, uint8_t *out)
{
    uint32_t bytes = (uint32_t)(half >> 32 * group);
    memcpy(out, &bytes, sizeof bytes);
    return out + size;
}

static inline uint64_t low_half(__m128i x)
{
    return (uint64_t)_mm_cvtsi128_si64(x);
}

static inline uint64_t high_half(__m128i x)
{
    return (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(x, x));
}

/* Whole blocks without a wrong byte; *leads counts the leads in them. */
static size_t measure_blocks(const uint8_t *bytes, size_t size, uint64_t *leads)
{
    const __m128i zero = _mm_setzero_si128();
    __m128i last = zero, sum = zero;
    size_t i = 0;
    for (; size - i >= BLOCK; i += BLOCK) {
        __m128i block = load_block(bytes + i), lead = leads_of(block);
        __m128i behind = _mm_cmplt_epi8(block, every(0xc0)); /* as signed numbers: 80 to BF */
        __m128i misplaced =
            _mm_xor_si128(behind, _mm_or_si128(_mm_slli_si128(lead, 1), _mm_srli_si128(last, BLOCK - 1)));
        __m128i beyond = _mm_andnot_si128(_mm_or_si128(lead, behind), block);
        if (_mm_movemask_epi8(_mm_or_si128(misplaced, beyond)) != 0)
            break;
        last = lead;
        sum = _mm_add_epi64(sum, _mm_sad_epu8(_mm_and_si128(lead, every(1)), zero));
    }
    *leads = low_half(sum) + high_half(sum);
    return i;
}

static void decode_blocks(npki_stream *s)
{
    const uint8_t *in = s->in;
    uint8_t *out = s->out;
    __m128i last = _mm_setzero_si128();
    for (; s->in_end - in >= BLOCK && s->out_end - out >= BLOCK; in += BLOCK) {
        __m128i x = load_block(in), lead = leads_of(x);
        __m128i before = _mm_or_si128(_mm_slli_si128(x, 1), _mm_srli_si128(last, BLOCK - 1));
        last = x;
        if (_mm_movemask_epi8(x) == 0) {
            memcpy(out, &x, BLOCK);
            out += BLOCK;
            continue;
        }
        x = _mm_or_si128(x, _mm_and_si128(_mm_cmpeq_epi8(before, every(0xc3)), every(0x40)));
        /* Leads fall out of every two bytes, then of every four, by what follows them. */
        x = pull(x, _mm_and_si128(lead, _mm_set1_epi16(0x00ff)));
        x = pull(x, _mm_andnot_si128(none_of_first_two(lead), _mm_set1_epi32(0x00ffff00)));
        unsigned leads = (unsigned)_mm_movemask_epi8(lead);
        out = put_group(low_half(x), 0, 4U - ones[leads & 15], out);
        out = put_group(low_half(x), 1, 4U - ones[leads >> 4 & 15], out);
        out = put_group(high_half(x), 0, 4U - ones[leads >> 8 & 15], out);
        out = put_group(high_half(x), 1, 4U - ones[leads >> 12], out);
    }
    if (in > s->in && is_lead(in[-1]))
        in--;
    s->in = in;
    s->out = out;
}

/* Eight bytes become a block. */
static void encode_blocks(npki_stream *s)
{
    const __m128i zero = _mm_setzero_si128();
    const uint8_t *in = s->in;
    uint8_t *out = s->out;
    for (; s->in_end - in >= 8 && s->out_end - out >= BLOCK; in += 8) {
        __m128i bytes = _mm_cvtsi64_si128((long long)npki_load_word(in));
        unsigned high = (unsigned)_mm_movemask_epi8(bytes);
        if (high == 0) {
            memcpy(out, in, 8);
            out += 8;
            continue;
        }
        /* Each byte in two: itself and 0, or its lead and itself without bit 6. */
        __m128i is_high = _mm_cmplt_epi8(bytes, zero);
        __m128i lead = _mm_or_si128(every(0xc2), _mm_and_si128(_mm_srli_epi16(bytes, 6), every(1)));
        __m128i first = _mm_or_si128(_mm_and_si128(is_high, lead), _mm_andnot_si128(is_high, bytes));
        __m128i second = _mm_and_si128(is_high, _mm_and_si128(bytes, every(0xbf)));
        __m128i x = _mm_unpacklo_epi8(first, second);
        x = pull(x, _mm_and_si128(none_of_first_two(_mm_unpacklo_epi8(is_high, zero)), _mm_set1_epi32(0x00ffff00)));
        out = put_group(low_half(x), 0, 2U + ones[high & 3], out);
        out = put_group(low_half(x), 1, 2U + ones[high >> 2 & 3], out);
        out = put_group(high_half(x), 0, 2U + ones[high >> 4 & 3], out);
        out = put_group(high_half(x), 1, 2U + ones[high >> 6], out);
    }
    s->in = in;
    s->out = out;
}

#else

static size_t measure_blocks(const uint8_t *bytes, size_t size, uint64_t *leads)
{
    size_t i = 0;
    while (size - i >= 8 && (npki_load_word(bytes + i) & NPKI_EVERY(0x80)) == 0)
        i += 8;
    *leads = 0;
    return i;
}

static void decode_blocks(npki_stream *s)
{
    (void)s;
}

static void encode_blocks(npki_stream *s)
{
    (void)s;
}

#endif

/* --- by bytes --- */

size_t npki_latin1_utf8_measure(const uint8_t *bytes, size_t size, uint64_t *decoded)
{
    uint64_t leads;
    size_t i = measure_blocks(bytes, size, &leads);
    if (i > 0 && is_lead(bytes[i - 1])) {
        i--;
        leads--;
    }
    while (i < size) {
        bool two = bytes[i] >= 0x80;
        if (two && (!is_lead(bytes[i]) || size - i < 2 || (bytes[i + 1] & 0xc0) != 0x80))
            break;
        leads += two;
        i += two ? 2 : 1;
    }
    *decoded = i - leads;
    return i;
}

void npki_latin1_utf8_decode(npki_stream *s)
{
    decode_blocks(s);
    const uint8_t *in = s->in;
    uint8_t *out = s->out;
    while (in < s->in_end && out < s->out_end) {
        bool two = is_lead(in[0]) && s->in_end - in >= 2;
        *out++ = two ? (uint8_t)(in[0] << 6 | (in[1] & 0x3f)) : in[0];
        in += two ? 2 : 1;
    }
    s->in = in;
    s->out = out;
}

void npki_latin1_utf8_encode(char quote, npki_stream *s)
{
    (void)quote;
    encode_blocks(s);
    const uint8_t *in = s->in;
    uint8_t *out = s->out;
    while (in < s->in_end && s->out_end - out >= 2) {
        uint8_t byte = *in++, high = byte >> 7;
        out[0] = high ? (uint8_t)(0xc0 | byte >> 6) : byte;
        out[1] = byte & 0xbf; /* written over where it does not count */
        out += 1 + high;
    }
    if (in < s->in_end && out < s->out_end && *in < 0x80)
        *out++ = *in++;
    s->in = in;
    s->out = out;
}

uint64_t npki_latin1_utf8_encoded_size(char quote, const uint8_t *bytes, size_t size)
{
    (void)quote;
    uint64_t total = size;
    size_t i = 0;
    for (; size - i >= 8; i += 8)
        total += ((npki_load_word(bytes + i) & NPKI_EVERY(0x80)) >> 7) * NPKI_EVERY(1) >> 56;
    for (; i < size; i++)
        total += bytes[i] >> 7;
    return total;
}
