#include "print_time.h"

#include "base/bytes.h"
#include "text/number.h"

typedef struct time_row {
    uint32_t per_day; /* hours, minutes or seconds of a day; 0: the unit is a day or longer */
    uint8_t parts;    /* of the clock that are shown: hour, minute, second */
    uint8_t decimals; /* of the second */
} time_row;

static const time_row rows[NPK_UNITS] = {
    [NPK_UNIT_HOUR] = {24, 1, 0},
    [NPK_UNIT_MINUTE] = {1440, 2, 0},
    [NPK_UNIT_SECOND] = {86400, 3, 0},
    [NPK_UNIT_MILLISECOND] = {86400, 3, 3},
    [NPK_UNIT_MICROSECOND] = {86400, 3, 6},
    [NPK_UNIT_NANOSECOND] = {86400, 3, 9},
    [NPK_UNIT_PICOSECOND] = {86400, 3, 12},
    [NPK_UNIT_FEMTOSECOND] = {86400, 3, 15},
    [NPK_UNIT_ATTOSECOND] = {86400, 3, 18},
};

/* Floor division. */
static int64_t divide(int64_t value, int64_t by, int64_t *rest)
{
    int64_t quotient = value / by;
    *rest = value % by;
    if (*rest < 0) {
        *rest += by;
        quotient--;
    }
    return quotient;
}

/* At the ends of the range NumPy's sums wrap around. */
static int64_t wrapping_add(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static size_t put_number(char *text, size_t at, int64_t value, int width)
{
    char digits[21];
    size_t count = npki_print_int64(value, digits), sign = value < 0;
    if (sign)
        text[at++] = '-';
    for (size_t i = count; (int)i < width; i++)
        text[at++] = '0';
    memcpy(text + at, digits + sign, count - sign);
    return at + count - sign;
}

static size_t put_part(char *text, size_t at, char separator, int64_t value, int width)
{
    text[at] = separator;
    return put_number(text, at + 1, value, width);
}

/* Days since 1970-01-01 -> the proleptic Gregorian calendar. Years are counted from March, so that the day that may be
 * missing is the last one; 400 of them have 146097 days. */
static size_t put_date(char *text, int64_t days)
{
    int64_t day;
    int64_t cycle = divide(days, 146097, &day);
    day += 719468; /* from 0000-03-01 to 1970-01-01 */
    cycle += day / 146097;
    day %= 146097;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day -= 365 * year + year / 4 - year / 100;
    int64_t month = (5 * day + 2) / 153; /* from March */
    day -= (153 * month + 2) / 5;
    month += month < 10 ? 3 : -9;
    year += 400 * cycle + (month <= 2);
    size_t at = put_number(text, 0, year, 4);
    at = put_part(text, at, '-', month, 2);
    return put_part(text, at, '-', day + 1, 2);
}

static size_t put_months(char *text, int64_t months)
{
    int64_t month;
    int64_t year = divide(months, 12, &month);
    return put_part(text, put_number(text, 0, 1970 + year, 4), '-', month + 1, 2);
}

size_t time_print(int64_t value, npk_unit unit, int32_t multiple, char text[TIME_TEXT])
{
    if (unit == NPK_UNIT_GENERIC || unit >= NPK_UNITS || !npki_mul_int64(value, multiple, &value))
        return 0;
    if (unit == NPK_UNIT_YEAR)
        return put_number(text, 0, wrapping_add(1970, value), 4);
    if (unit == NPK_UNIT_MONTH)
        return put_months(text, value);
    if (unit == NPK_UNIT_WEEK)
        return put_date(text, (int64_t)((uint64_t)value * 7));
    const time_row *row = &rows[unit];
    if (row->per_day == 0)
        return put_date(text, value);

    int64_t ticks = 1, fraction, clock;
    for (int i = 0; i < row->decimals; i++)
        ticks *= 10;
    int64_t days = divide(divide(value, ticks, &fraction), row->per_day, &clock);
    size_t at = put_date(text, days);
    for (int64_t i = 0, unit_size = row->per_day / 24; i < row->parts; i++, unit_size /= 60) {
        at = put_part(text, at, i == 0 ? 'T' : ':', clock / unit_size, 2);
        clock %= unit_size;
    }
    return row->decimals == 0 ? at : put_part(text, at, '.', fraction, row->decimals);
}
