/* datetime64 as NumPy prints it. */
#ifndef NPICKLE_PRINT_TIME_H
#define NPICKLE_PRINT_TIME_H

#include <npickle/dtype.h>

#define TIME_NAT INT64_MIN
#define TIME_TEXT 80 /* bytes of any one time */

/* ISO 8601 to the digits of the unit: "2024-02-29T23:59:59.000001"; `value` is no NaT. Returns its length; 0 where
 * NumPy has no text for it (a generic unit, or value x multiple does not fit 64 bits). */
size_t time_print(int64_t value, npk_unit unit, int32_t multiple, char text[TIME_TEXT]);

#endif
