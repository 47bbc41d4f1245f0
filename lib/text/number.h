/* Numbers as text: ints of any size, and floats that come back as the same bits. No locale, no libc. */
#ifndef NPKI_TEXT_NUMBER_H
#define NPKI_TEXT_NUMBER_H

#include "base/allocator.h"

/* A finite, positive float as mantissa x 2^exponent, mantissa > 0. `narrow`: the float below is half as far away as
 * the one above (the mantissa is the lowest of its binade, and the binade is not the lowest). `even`: an interval's
 * ends round to this float (its mantissa, in its own format, is even). */
typedef struct npki_real {
    uint64_t mantissa;
    int exponent;
    bool narrow;
    bool even;
} npki_real;

npki_real npki_real_of_double(double value); /* value finite and > 0 */
npki_real npki_real_of_float(float value);   /* the float32 grid */
npki_real npki_real_of_half(uint16_t bits);  /* the float16 grid; bits finite and > 0 */
/* x87: 64-bit mantissa, 15-bit biased exponent */
npki_real npki_real_of_extended(uint64_t mantissa, uint16_t exponent);

/* The shortest digits that only this float rounds from, the closest to it among those: value = 0.d1d2d3... x 10^*point.
 * Writes at most NPKI_DIGITS digits '0'-'9' (no NUL), returns how many. The first is never 0, the last neither. */
#define NPKI_DIGITS 24
#define NPKI_DIGITS_ROOM 48 /* with what npki_spell_digits may copy beyond them */
int npki_shortest_digits(npki_real real, char digits[NPKI_DIGITS], int *point);

/* The float correctly rounded (half to even, on its exact value) to `places` digits after the decimal point (fixed)
 * or to `places` + 1 significant digits (scientific). Digits and point as above; at most `room` digits; trailing
 * zeros kept off. Returns 0 digits where it rounds to zero. */
int npki_rounded_digits(npki_real real, bool scientific, int places, char *digits, int room, int *point);

/* Such digits as Python lays them out, at out[NPKI_REPR_DOUBLE]; digits[NPKI_DIGITS_ROOM]. FIXED is for points from -3
 * to 17; a whole number ends in ".0" then, or in nothing. Returns the length. */
typedef enum npki_notation { NPKI_SCIENTIFIC, NPKI_FIXED, NPKI_FIXED_BARE } npki_notation;
size_t npki_spell_digits(char *out, const char *digits, int count, int point, npki_notation notation);

/* repr(float) of Python 3: "1.0", "1e+16", "1e-05", "-0.0", "inf", "nan". Returns its length; no NUL. */
#define NPKI_REPR_DOUBLE 48 /* less count, but all may be written */
size_t npki_repr_double(double value, char out[NPKI_REPR_DOUBLE]);

/* C's %g with so many digits, up to 17: "1.5", "1e+10", "-0", "nan" of either sign. */
size_t npki_print_g(double value, int significant, char out[NPKI_REPR_DOUBLE]);

/* What cPickle of Python 2 writes: %.17g. */
size_t npki_print_17g(double value, char out[NPKI_REPR_DOUBLE]);

/* Text -> double, correctly rounded: [+-]? (digits [. digits?] | . digits) ([eE] [+-]? digits)? or [+-]?
 * (inf|infinity|nan), the words in any case. Nothing else: no blanks, no hex, no '_'. False where it is none of
 * these. Beyond the range: an infinity. Linear in `size`. */
bool npki_parse_double(const uint8_t *text, size_t size, double *out);

/* Decimal text of an int -> two's complement. `text`: [+-]?[0-9]+, checked here. `out` has room for
 * npki_long_room(size) bytes and gets the shortest little-endian two's complement (at least one byte). Returns its
 * bytes, 0 where the text is no int. */
size_t npki_long_room(size_t digits);
size_t npki_parse_long(const uint8_t *text, size_t size, uint8_t *out);

/* The same for what fits 64 bits: false where it is malformed or does not fit. */
bool npki_parse_int64(const uint8_t *text, size_t size, int64_t *out);

#define NPKI_DECIMAL_ROOM(bytes) ((bytes) * 5 / 2 + 24) /* a byte has less than 2.41 digits */

/* Two's complement -> decimal text, into `out` of npki_decimal_room(size) bytes; returns its length. `scratch` has
 * room for `size` + 8 bytes. Quadratic in `size`: the caller bounds it. */
size_t npki_decimal_room(size_t bytes);
size_t npki_print_long(const uint8_t *bytes, size_t size, uint8_t *scratch, char *out);
size_t npki_print_int64(int64_t value, char out[21]);
size_t npki_print_uint64(uint64_t value, char out[21]);

#endif
