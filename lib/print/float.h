/* Floats as NumPy prints them: in an array, where all elements share one width, and alone, as a scalar. */
#ifndef NPKI_PRINT_FLOAT_H
#define NPKI_PRINT_FLOAT_H

#include "text/number.h"

typedef enum npki_float_kind {
    NPKI_FLOAT_HALF,
    NPKI_FLOAT_SINGLE,
    NPKI_FLOAT_DOUBLE,
    NPKI_FLOAT_EXTENDED,
    NPKI_FLOAT_KINDS
} npki_float_kind;

typedef struct npki_float_value {
    enum { NPKI_FLOAT_ZERO, NPKI_FLOAT_FINITE, NPKI_FLOAT_INFINITE, NPKI_FLOAT_NAN } is;
    bool negative;
    npki_real real; /* of a NPKI_FLOAT_FINITE: its absolute value */
} npki_float_value;

/* The float of `width` bytes at p; `big`: most significant byte first. */
npki_float_value npki_float_load(npki_float_kind kind, const uint8_t *p, size_t width, bool big);

/* How the floats of an array are printed. Every element passes npki_float_scan, then (after npki_float_choose)
 * npki_float_measure, then (after npki_float_settle) each can be printed. */
typedef struct npki_float_format {
    npki_float_kind kind;
    int precision; /* digits behind the point, at most */
    bool plus;                                         /* a plus sign before what has no minus sign */
    bool any, any_finite, any_odd, any_minus_infinity; /* odd: infinite or not a number */
    npki_real least, most;                             /* of the finite ones that are not 0 */
    bool scientific;
    int before, after;   /* characters before and after the point */
    int exponent_digits; /* in scientific notation */
} npki_float_format;

#define NPKI_FLOAT_TEXT 64 /* bytes of any one float */

void npki_float_start(npki_float_format *format, npki_float_kind kind, bool plus, int precision);
void npki_float_scan(npki_float_format *format, npki_float_value value);
void npki_float_choose(npki_float_format *format);
void npki_float_measure(npki_float_format *format, npki_float_value value);
void npki_float_settle(npki_float_format *format);
size_t npki_float_print(const npki_float_format *format, npki_float_value value, char text[NPKI_FLOAT_TEXT]);

/* repr() of a NumPy scalar, without the type around it. `part`: of a complex, where 1.0 is "1". */
size_t npki_float_print_scalar(npki_float_kind kind, npki_float_value value, bool part, char text[NPKI_FLOAT_TEXT]);

#endif
