/* Floats as NumPy prints them: in an array, where all elements share one width, and alone, as a scalar. */
#ifndef NPICKLE_PRINT_FLOAT_H
#define NPICKLE_PRINT_FLOAT_H

#include "text/number.h"

typedef enum float_kind { FLOAT_HALF, FLOAT_SINGLE, FLOAT_DOUBLE, FLOAT_EXTENDED, FLOAT_KINDS } float_kind;

typedef struct float_value {
    enum { FLOAT_ZERO, FLOAT_FINITE, FLOAT_INFINITE, FLOAT_NAN } is;
    bool negative;
    npki_real real; /* of a FLOAT_FINITE: its absolute value */
} float_value;

/* The float of `width` bytes at p; `big`: most significant byte first. */
float_value float_load(float_kind kind, const uint8_t *p, size_t width, bool big);

/* How the floats of an array are printed. Every element passes float_scan, then (after float_choose) float_measure,
 * then (after float_settle) each can be printed. */
typedef struct float_format {
    float_kind kind;
    bool plus;                                         /* a plus sign before what has no minus sign */
    bool any, any_finite, any_odd, any_minus_infinity; /* odd: infinite or not a number */
    npki_real least, most;                             /* of the finite ones that are not 0 */
    bool scientific;
    int before, after;   /* characters before and after the point */
    int exponent_digits; /* in scientific notation */
} float_format;

#define FLOAT_TEXT 64 /* bytes of any one float */

void float_start(float_format *format, float_kind kind, bool plus);
void float_scan(float_format *format, float_value value);
void float_choose(float_format *format);
void float_measure(float_format *format, float_value value);
void float_settle(float_format *format);
size_t float_print(const float_format *format, float_value value, char text[FLOAT_TEXT]);

/* repr() of a NumPy scalar, without the type around it. `part`: of a complex, where 1.0 is "1". */
size_t float_print_scalar(float_kind kind, float_value value, bool part, char text[FLOAT_TEXT]);

#endif
