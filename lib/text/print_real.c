/* Floats as Python spells them. */
#include "base/bytes.h"
#include "text/number.h"

static size_t put_exponent(char *out, int exponent)
{
    unsigned above = (unsigned)(exponent < 0 ? -exponent : exponent);
    size_t at = 2;
    out[0] = 'e';
    out[1] = exponent < 0 ? '-' : '+';
    if (above >= 1000)
        out[at++] = (char)('0' + above / 1000);
    if (above >= 100)
        out[at++] = (char)('0' + above / 100 % 10);
    out[at++] = (char)('0' + above / 10 % 10);
    out[at++] = (char)('0' + above % 10);
    return at;
}

/* Blocks of one size are copied; what they bring too much is overwritten or beyond what counts. */
size_t npki_spell_digits(char *out, const char *digits, int count, int point, npki_notation notation)
{
    size_t length = (size_t)count;
    if (notation == NPKI_SCIENTIFIC) {
        out[0] = digits[0];
        out[1] = '.';
        memcpy(out + 2, digits + 1, NPKI_DIGITS - 1);
        length += count > 1;
        return length + put_exponent(out + length, point - 1);
    }
    if (point <= 0) {
        size_t zeros = (size_t)(2 - point);
        memcpy(out, "0.000", 5);
        memcpy(out + zeros, digits, NPKI_DIGITS);
        return zeros + length;
    }
    size_t whole = (size_t)point;
    memcpy(out, digits, NPKI_DIGITS);
    if (length > whole) {
        memcpy(out + whole + 1, digits + whole, NPKI_DIGITS);
        out[whole] = '.';
        return length + 1;
    }
    memset(out + length, '0', whole - length);
    memcpy(out + whole, ".0", 2);
    return whole + (notation == NPKI_FIXED ? 2 : 0);
}

/* As Python does: from 10^-5 down and from 10^highest up. */
static npki_notation notation_of(int point, int highest, npki_notation fixed)
{
    return point <= -4 || point > highest ? NPKI_SCIENTIFIC : fixed;
}

/* The sign, and what is no number; true if that was all. */
static bool special(double value, char *out, size_t *length)
{
    uint64_t bits = npki_bits_of(value), magnitude = bits << 1;
    const char *word = magnitude > UINT64_C(0xffe0000000000000)    ? "nan"
                       : magnitude == UINT64_C(0xffe0000000000000) ? "inf"
                                                                   : "";
    out[0] = '-';
    *length = bits >> 63 != 0 && word[0] != 'n';
    if (word[0] == '\0')
        return false;
    memcpy(out + *length, word, 3);
    *length += 3;
    return true;
}

size_t npki_repr_double(double value, char out[NPKI_REPR_DOUBLE])
{
    char digits[NPKI_DIGITS_ROOM] = "0";
    int count = 1, point = 1;
    size_t length;
    if (special(value, out, &length))
        return length;
    if (npki_bits_of(value) << 1 != 0)
        count = npki_shortest_digits(npki_real_of_double(value), digits, &point);
    return length + npki_spell_digits(out + length, digits, count, point, notation_of(point, 16, NPKI_FIXED));
}

size_t npki_print_g(double value, int significant, char out[NPKI_REPR_DOUBLE])
{
    char digits[NPKI_DIGITS_ROOM] = "0";
    int count = 1, point = 1;
    size_t length;
    if (special(value, out, &length))
        return length;
    if (npki_bits_of(value) << 1 != 0)
        count = npki_rounded_digits(npki_real_of_double(value), true, significant - 1, digits, NPKI_DIGITS, &point);
    return length +
           npki_spell_digits(out + length, digits, count, point, notation_of(point, significant, NPKI_FIXED_BARE));
}

size_t npki_print_17g(double value, char out[NPKI_REPR_DOUBLE])
{
    return npki_print_g(value, 17, out);
}
