/* Numbers in bytes, and arithmetic that notices when it overflows. */
#ifndef NPKI_BASE_BYTES_H
#define NPKI_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes that a caller gives: without any, NULL is as good as an address. NULL where they are missing. */
static inline const void *npki_given(const void *bytes, size_t size)
{
    return bytes == NULL && size == 0 ? "" : bytes;
}

/* A number whose bytes in memory are those of little endian. */
static inline uint64_t npki_little_endian(uint64_t value)
{
    const uint16_t one = 1;
    uint8_t first;
    memcpy(&first, &one, 1);
    return first == 1 ? value : __builtin_bswap64(value);
}

/* `width` bytes (1 to 8), least significant first. */
static inline uint64_t npki_load_le(const uint8_t *p, size_t width)
{
    uint64_t value = 0;
    if (__builtin_constant_p(width) && width <= 8) { /* one load */
        memcpy(&value, p, width);
        return npki_little_endian(value);
    }
    for (size_t i = width; i-- > 0;)
        value = value << 8 | p[i];
    return value;
}

static inline void npki_store_le(uint8_t *p, uint64_t value, size_t width)
{
    if (__builtin_constant_p(width) && width <= 8) { /* one store */
        value = npki_little_endian(value);
        memcpy(p, &value, width);
        return;
    }
    for (size_t i = 0; i < width; i++, value >>= 8)
        p[i] = (uint8_t)value;
}

static inline uint64_t npki_load_be(const uint8_t *p, size_t width)
{
    if (__builtin_constant_p(width) && width == 8)
        return __builtin_bswap64(npki_load_le(p, 8));
    uint64_t value = 0;
    for (size_t i = 0; i < width; i++)
        value = value << 8 | p[i];
    return value;
}

static inline void npki_store_be(uint8_t *p, uint64_t value, size_t width)
{
    if (__builtin_constant_p(width) && width == 8) {
        npki_store_le(p, __builtin_bswap64(value), 8);
        return;
    }
    for (size_t i = width; i-- > 0; value >>= 8)
        p[i] = (uint8_t)value;
}

/* Two's complement of `width` bytes as an int64. */
static inline int64_t npki_sign_extend(uint64_t value, size_t width)
{
    uint64_t sign = (uint64_t)1 << (8 * width - 1);
    return (int64_t)((value ^ sign) - sign);
}

static inline double npki_double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint64_t npki_bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline char npki_native_order(void)
{
    const uint16_t one = 1;
    uint8_t first;
    memcpy(&first, &one, 1);
    return first == 1 ? '<' : '>';
}

/* False on overflow; then *out is not to be used. */
static inline bool npki_mul_size(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

static inline bool npki_add_size(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

/* UINT64_MAX on overflow. */
static inline uint64_t npki_add_saturated(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static inline uint64_t npki_mul_saturated(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static inline bool npki_mul_int64(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

static inline bool npki_add_int64(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

#endif
