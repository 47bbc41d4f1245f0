/* The digits of any float, in fixed point of 256 bits. */
#ifndef NPKI_TEXT_REAL_WIDE_H
#define NPKI_TEXT_REAL_WIDE_H

#include "text/number.h"

/* npki_shortest_digits; 0: it is not sure of them. */
int npki_wide_shortest(npki_real real, char digits[NPKI_DIGITS], int *point);

/* What npki_rounded_digits begins with: `count` digits, which may be all zeros, and whether their last one is to be one
 * more. False: it is not sure of them, or they are more than it can be sure of. */
bool npki_wide_rounded(npki_real real, bool scientific, int places, char digits[NPKI_DIGITS], int *count, int *point,
                       bool *up);

#endif
