/* Days, dates and what lies between them, over the whole range of an int64. The calendar is the proleptic Gregorian
 * one, with a year 0, as NumPy has it. */
#ifndef NPKI_CAST_CALENDAR_H
#define NPKI_CAST_CALENDAR_H

#include "dtype/dtype.h"

#define NPKI_NAT INT64_MIN

typedef struct npki_date {
    int64_t year;
    int month; /* 1 to 12 */
    int day;   /* 1 to 31 */
} npki_date;

/* A point in time, or a length of it: days since 1970-01-01, and how far into the day. */
typedef struct npki_moment {
    int64_t days;
    int32_t second;      /* 0 to 86399 */
    int64_t attoseconds; /* 0 to 10^18 - 1 */
} npki_moment;

/* Floor division by a positive number; 0 <= *rest < by. */
int64_t npki_floor_divide(int64_t value, int64_t by, int64_t *rest);

/* whole x per + rest, 0 <= rest < per; false only where the sum itself does not fit. */
bool npki_compose(int64_t whole, int64_t per, int64_t rest, int64_t *out);

npki_date npki_date_of_days(int64_t days);
/* False where the days do not fit. The date is a good one. */
bool npki_days_of_date(npki_date date, int64_t *days);
int npki_days_in_month(int64_t year, int month);

/* Units of which there is a whole number in a day or a second; NPK_UNIT_GENERIC, YEAR and MONTH have none: false,
 * as where the result does not fit. Rounds down. */
bool npki_moment_of(int64_t value, npk_unit unit, npki_moment *out);
bool npki_value_of_moment(npki_moment moment, npk_unit unit, int64_t *out);

/* What of the clock a unit shows: 1 to 3 of hour, minute and second; digits of the second's fraction. 0: no clock. */
int npki_clock_parts(npk_unit unit);
int npki_clock_decimals(npk_unit unit);

/* ISO 8601: a date, and the clock where it says one: [+-]YYYY-MM-DDThh:mm:ss.f, cut off after any part, a blank for the
 * T, a Z after a clock. The moment's days are left at 0. False for any other text. */
bool npki_parse_date(const char *text, npki_date *date, npki_moment *moment);

#endif
