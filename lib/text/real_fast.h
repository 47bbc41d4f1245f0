/* The digits of a float with a multiplication of 64 by 128 bits or three of them. */
#ifndef NPKI_TEXT_REAL_FAST_H
#define NPKI_TEXT_REAL_FAST_H

#include "text/number.h"

/* Whether the float is on the grid of the doubles: 53 bits, and exponents of them. */
static inline bool npki_fast_has_shortest(npki_real real)
{
    return real.mantissa >> 53 == 0 && real.exponent >= -1074 && real.exponent <= 971;
}

/* Of such a float: the shortest digits, zeros may follow them; the last stands for 10^*exponent. */
uint64_t npki_fast_shortest(npki_real real, int *exponent);

/* npki_rounded_digits, where the digits asked for are 1 to 17 and it is sure of them; *value may be 0. Else false. */
bool npki_fast_rounded(npki_real real, bool scientific, int places, uint64_t *value, int *exponent);

#endif
