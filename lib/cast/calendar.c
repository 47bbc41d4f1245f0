#include "cast/calendar.h"

#include "base/bytes.h"

#define DAY 86400
#define ATTOSECONDS INT64_C(1000000000000000000)

int64_t npki_floor_divide(int64_t value, int64_t by, int64_t *rest)
{
    int64_t quotient = value / by;
    *rest = value % by;
    if (*rest < 0) {
        *rest += by;
        quotient--;
    }
    return quotient;
}

/* Near the lowest int64 the product alone would not fit: there one more is multiplied, and what is too much taken
 * off. */
bool npki_compose(int64_t whole, int64_t per, int64_t rest, int64_t *out)
{
    int64_t product;
    if (whole < 0)
        return npki_mul_int64(whole + 1, per, &product) && npki_add_int64(product, rest - per, out);
    return npki_mul_int64(whole, per, &product) && npki_add_int64(product, rest, out);
}

/* Years are counted from March, so that the day that may be missing is the last one; 400 of them are a cycle. */
enum { CYCLE_DAYS = 146097, CYCLE_YEARS = 400, EPOCH_CYCLES = 4, EPOCH_DAYS = 135080 }; /* 0000-03-01 to 1970-01-01 */

npki_date npki_date_of_days(int64_t days)
{
    int64_t day;
    int64_t cycle = npki_floor_divide(days, CYCLE_DAYS, &day) + EPOCH_CYCLES;
    day += EPOCH_DAYS;
    cycle += day / CYCLE_DAYS;
    day %= CYCLE_DAYS;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day -= 365 * year + year / 4 - year / 100;
    int64_t month = (5 * day + 2) / 153; /* from March */
    day -= (153 * month + 2) / 5;
    month += month < 10 ? 3 : -9;
    return (npki_date){CYCLE_YEARS * cycle + year + (month <= 2), (int)month, (int)day + 1};
}

bool npki_days_of_date(npki_date date, int64_t *days)
{
    const int64_t furthest = (int64_t)1 << 55; /* years; those that fit are fewer */
    if (date.year < -furthest || date.year > furthest)
        return false;
    int64_t year, month = date.month > 2 ? date.month - 3 : date.month + 9;
    int64_t cycle = npki_floor_divide(date.year - (date.month <= 2), CYCLE_YEARS, &year) - EPOCH_CYCLES;
    int64_t day = 365 * year + year / 4 - year / 100 + (153 * month + 2) / 5 + date.day - 1 - EPOCH_DAYS;
    cycle += npki_floor_divide(day, CYCLE_DAYS, &day);
    return npki_compose(cycle, CYCLE_DAYS, day, days);
}

int npki_days_in_month(int64_t year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && is_leap);
}

/* A unit as so many days, or so many seconds, or so many to a second: one of the three. */
static const struct {
    int32_t days;
    int32_t seconds;
    int64_t per_second;
    uint8_t parts;
    uint8_t decimals;
} rows[NPKI_UNITS] = {
    [NPK_UNIT_WEEK] = {7, 0, 0, 0, 0},
    [NPK_UNIT_DAY] = {1, 0, 0, 0, 0},
    [NPK_UNIT_HOUR] = {0, 3600, 0, 1, 0},
    [NPK_UNIT_MINUTE] = {0, 60, 0, 2, 0},
    [NPK_UNIT_SECOND] = {0, 1, 0, 3, 0},
    [NPK_UNIT_MILLISECOND] = {0, 0, 1000, 3, 3},
    [NPK_UNIT_MICROSECOND] = {0, 0, 1000000, 3, 6},
    [NPK_UNIT_NANOSECOND] = {0, 0, 1000000000, 3, 9},
    [NPK_UNIT_PICOSECOND] = {0, 0, ATTOSECONDS / 1000000, 3, 12},
    [NPK_UNIT_FEMTOSECOND] = {0, 0, ATTOSECONDS / 1000, 3, 15},
    [NPK_UNIT_ATTOSECOND] = {0, 0, ATTOSECONDS, 3, 18},
};

int npki_clock_parts(npk_unit unit)
{
    return rows[unit].parts;
}

int npki_clock_decimals(npk_unit unit)
{
    return rows[unit].decimals;
}

bool npki_moment_of(int64_t value, npk_unit unit, npki_moment *out)
{
    int64_t rest = 0, days = 0;
    *out = (npki_moment){0, 0, 0};
    if (rows[unit].days > 0)
        return npki_mul_int64(value, rows[unit].days, &out->days);
    if (rows[unit].seconds > 0) {
        days = npki_floor_divide(value, DAY / rows[unit].seconds, &rest);
        rest *= rows[unit].seconds;
    } else if (rows[unit].per_second > 0) {
        int64_t fraction, seconds = npki_floor_divide(value, rows[unit].per_second, &fraction);
        out->attoseconds = fraction * (ATTOSECONDS / rows[unit].per_second);
        days = npki_floor_divide(seconds, DAY, &rest);
    } else {
        return false;
    }
    out->days = days;
    out->second = (int32_t)rest;
    return true;
}

bool npki_value_of_moment(npki_moment moment, npk_unit unit, int64_t *out)
{
    int64_t rest, seconds;
    if (rows[unit].days > 0) {
        *out = npki_floor_divide(moment.days, rows[unit].days, &rest);
        return true;
    }
    if (rows[unit].seconds > 0)
        return npki_compose(moment.days, DAY / rows[unit].seconds, moment.second / rows[unit].seconds, out);
    return rows[unit].per_second > 0 && npki_compose(moment.days, DAY, moment.second, &seconds) &&
           npki_compose(seconds, rows[unit].per_second, moment.attoseconds / (ATTOSECONDS / rows[unit].per_second),
                        out);
}
