/* Times of one unit as times of another, as ndarray.astype makes them. */
#ifndef NPKI_CAST_TIMES_H
#define NPKI_CAST_TIMES_H

#include "dtype/dtype.h"

typedef struct npki_scale {
    enum {
        NPKI_SCALE_NONE,    /* values stay as they are */
        NPKI_SCALE_FACTOR,  /* value x times / per, rounded down */
        NPKI_SCALE_CALENDAR /* to or from years and months, which are not all of one length */
    } is;
    int64_t times, per;
    npk_unit from, to;
    int32_t from_multiple, to_multiple;
} npki_scale;

/* Both are times. False where there is no such conversion: from a unit to none, or so far apart that the factor
 * between them does not fit; NumPy's astype fails on the same ones. */
bool npki_scale_init(npki_scale *scale, const npk_dtype *from, const npk_dtype *to);

/* False where a value goes beyond 64 bits on its way. */
bool npki_scale_apply(const npki_scale *scale, int64_t *values, size_t count);

/* numpy.can_cast between two datetime64, or two timedelta64. Neither rule is NPK_CAST_UNSAFE. */
typedef enum npki_unit_relation {
    NPKI_UNITS_EQUAL, /* the same length: "s" and "1000ms" too */
    NPKI_UNITS_SAFE,  /* every value of one is a value of the other */
    NPKI_UNITS_ROUND, /* values are rounded */
    NPKI_UNITS_APART  /* for timedelta64: years and months, and what has a length */
} npki_unit_relation;

npki_unit_relation npki_units_relate(const npk_dtype *from, const npk_dtype *to);

#endif
