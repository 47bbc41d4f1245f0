/* Decimal digits, eight at a time. */
#ifndef NPKI_TEXT_DIGITS_H
#define NPKI_TEXT_DIGITS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Eight bytes, the first of them lowest. */
static inline uint64_t npki_load_eight(const void *p)
{
    uint64_t value;
    memcpy(&value, p, sizeof value);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    return value;
}

static inline void npki_store_eight(void *p, uint64_t value)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    memcpy(p, &value, sizeof value);
}

/* Whether all of them are '0' to '9'. */
static inline bool npki_are_digits(uint64_t eight)
{
    return ((eight & UINT64_C(0xf0f0f0f0f0f0f0f0)) |
            ((eight + UINT64_C(0x0606060606060606)) & UINT64_C(0xf0f0f0f0f0f0f0f0)) >> 4) ==
           UINT64_C(0x3333333333333333);
}

/* The number that eight digits spell: of neighbours a pair, of pairs four, of fours all. */
static inline uint32_t npki_number_of(uint64_t eight)
{
    eight -= UINT64_C(0x3030303030303030);
    eight = eight * 10 + (eight >> 8);
    eight = (eight & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064) +
            (eight >> 16 & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001);
    return (uint32_t)(eight >> 32);
}

/* The digits of value < 10^8, leading zeros with them, as bytes of 0 to 9: the way back. */
static inline uint64_t npki_eight_of(uint32_t value)
{
    uint64_t fours = value / 10000 | (uint64_t)(value % 10000) << 32;
    uint64_t hundreds = (fours * 10486) >> 20 & UINT64_C(0x0000007f0000007f);
    uint64_t pairs = hundreds | (fours - hundreds * 100) << 16;
    uint64_t tens = (pairs * 103) >> 10 & UINT64_C(0x000f000f000f000f);
    return tens | (pairs - tens * 10) << 8;
}

/* Eight digits at `out`. */
static inline void npki_put_eight(char *out, uint32_t value)
{
    npki_store_eight(out, npki_eight_of(value) | UINT64_C(0x3030303030303030));
}

#endif
