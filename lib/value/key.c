#include "value/key.h"

#include "base/bytes.h"

/* --- numbers --- */

#define WHOLE_ROOM 130   /* the largest double: 1024 bits and a sign */
#define FRACTION_BITS 52 /* of a double */
#define BIAS 1075        /* of the exponent, where the fraction is a whole number */

/* A bool, an int of any size, a float or a complex number. What is a whole number, in whichever type, has its bytes as
 * a long has them. */
typedef struct number {
    const uint8_t *bytes; /* NULL: not whole */
    size_t size;
    double parts[2]; /* real and imaginary, where it is not whole */
    uint8_t room[WHOLE_ROOM];
} number;

/* Two's complement, as few bytes as tell the sign. */
static void take_whole(number *out, uint64_t magnitude, size_t shift, bool negative)
{
    size_t low = shift / 8, size = low + 9;
    memset(out->room, 0, size);
    npki_store_le(out->room + low, magnitude << shift % 8, 8);
    for (size_t i = 0, carry = 1; negative && i < size; i++) {
        carry += (uint8_t)~out->room[i];
        out->room[i] = (uint8_t)carry;
        carry >>= 8;
    }
    while (size > 1 && out->room[size - 1] == (out->room[size - 2] & 0x80 ? 0xff : 0))
        size--;
    out->bytes = out->room;
    out->size = size;
}

static void take_real(number *out, double real)
{
    uint64_t bits = npki_bits_of(real), fraction = bits & ((UINT64_C(1) << FRACTION_BITS) - 1);
    int exponent = (int)(bits >> FRACTION_BITS & 0x7ff);
    bool negative = bits >> 63 != 0;
    if (exponent == 0x7ff || (exponent == 0 && fraction != 0))
        return;
    fraction |= (uint64_t)(exponent != 0) << FRACTION_BITS;
    if (exponent >= BIAS)
        take_whole(out, fraction, (size_t)(exponent - BIAS), negative);
    else if (fraction == 0)
        take_whole(out, 0, 0, false);
    else if (BIAS - exponent <= FRACTION_BITS && fraction << (64 - (BIAS - exponent)) == 0)
        take_whole(out, fraction >> (BIAS - exponent), 0, negative);
}

static bool take_number(const npk_value *value, number *out)
{
    bool boolean;
    out->bytes = NULL;
    out->parts[0] = out->parts[1] = 0;
    if (value->kind == NPK_KIND_INT)
        out->bytes = npk_value_as_long(value, out->room, &out->size);
    else if (npk_value_as_bool(value, &boolean))
        take_whole(out, boolean, 0, false);
    else if (!npk_value_as_double(value, &out->parts[0]) && !npk_value_as_complex(value, out->parts))
        return false;
    else if (out->parts[1] == 0)
        take_real(out, out->parts[0]);
    return true;
}

/* A NaN is itself alone. */
static bool is_same_number(const number *a, const number *b)
{
    if (a->bytes == NULL || b->bytes == NULL)
        return a->bytes == b->bytes && a->parts[0] == b->parts[0] && a->parts[1] == b->parts[1];
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

/* Were a NaN hashed by its bits, any number of them would share one. */
static uint64_t hash_of_number(const npki_hash_key *by, const number *of, const npk_value *key)
{
    if (of->bytes != NULL && of->size > 8)
        return ~npki_siphash(by, of->bytes, of->size);
    if (of->bytes != NULL) {
        uint64_t sign = of->bytes[of->size - 1] & 0x80 && of->size < 8 ? ~UINT64_C(0) << 8 * of->size : 0;
        return npki_siphash_word(by, sign | npki_load_le(of->bytes, of->size));
    }
    uint64_t bits[2];
    for (int i = 0; i < 2; i++) {
        if (of->parts[i] != of->parts[i])
            return npki_siphash_word(by, (uint64_t)(uintptr_t)key);
        bits[i] = of->parts[i] == 0 ? 0 : npki_bits_of(of->parts[i]); /* of either sign */
    }
    return ~npki_siphash_word(by, bits[0] ^ npki_siphash_word(by, bits[1]));
}

/* --- keys --- */

static bool is_ascii(const char *text, size_t size)
{
    uint8_t all = 0;
    for (size_t i = 0; i < size; i++)
        all |= (uint8_t)text[i];
    return all < 0x80;
}

static bool is_text(const npk_value *value)
{
    return value->kind == NPK_KIND_STR || value->kind == NPK_KIND_PYTHON2_STR;
}

/* To Python 2 a str and a unicode are equal where the str is ASCII. */
static bool is_same_text(const npk_value *a, const npk_value *b)
{
    const char *x, *y;
    size_t x_size, y_size;
    if (a->kind != b->kind && !(is_text(a) && is_text(b)))
        return false;
    return npki_text_of(a, &x, &x_size) && npki_text_of(b, &y, &y_size) && x_size == y_size &&
           memcmp(x, y, x_size) == 0 && (a->kind == b->kind || is_ascii(x, x_size));
}

bool npki_is_same_key(const npk_value *a, const npk_value *b)
{
    number x, y;
    if (a == b)
        return true;
    if (!take_number(a, &x))
        return is_same_text(a, b);
    return take_number(b, &y) && is_same_number(&x, &y);
}

uint64_t npki_hash_of_key(const npki_hash_key *by, const npk_value *key)
{
    const char *text;
    size_t size;
    number as_number;
    if (take_number(key, &as_number))
        return hash_of_number(by, &as_number, key);
    if (npki_text_of(key, &text, &size))
        return is_text(key) ? npki_siphash(by, text, size) : ~npki_siphash(by, text, size);
    return npki_siphash_word(by, (uint64_t)(uintptr_t)key);
}

size_t npki_size_of_key(const npk_value *key)
{
    const char *text;
    size_t size = 0;
    if (npki_text_of(key, &text, &size))
        return size;
    return key->kind == NPK_KIND_INT && npk_value_as_long(key, (uint8_t[8]){0}, &size) != NULL ? size : 0;
}
