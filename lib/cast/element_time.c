/* datetime64 and timedelta64 as seconds and as text. The text is that of numpy.datetime_as_string:
 * numpy/_core/src/multiarray/datetime_strings.c. */
#include <npickle/element.h>

#include "base/bytes.h"
#include "base/error.h"
#include "cast/calendar.h"
#include "text/number.h"

#define SECONDS_OF_DAY 86400
#define ATTOSECONDS_OF_NANOSECOND 1000000000

static bool is_time(const npk_dtype *dtype)
{
    return dtype != NULL && npki_dtype_rows[dtype->type].number == NPKI_NUMBER_TIME;
}

static bool is_calendar(npk_unit unit)
{
    return unit == NPK_UNIT_YEAR || unit == NPK_UNIT_MONTH;
}

static npk_status check_type(const npk_dtype *dtype, npk_error *error)
{
    char text[64];
    if (dtype == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "no dtype of a time");
    npk_dtype_str(dtype, text, sizeof text);
    if (!is_time(dtype))
        return npki_fail(error, NPK_ERR_CAST, "expected a datetime64 or timedelta64, found %s", text);
    if (dtype->unit == NPK_UNIT_GENERIC)
        return npki_fail(error, NPK_ERR_CAST, "expected a unit of time, found none in %s", text);
    return NPK_OK;
}

static npk_status does_not_fit(const npk_dtype *dtype, npk_error *error)
{
    char text[64];
    npk_dtype_str(dtype, text, sizeof text);
    return npki_fail(error, NPK_ERR_CAST, "a time beyond 64 bits, to or from %s", text);
}

/* --- dates of a value, and back --- */

/* Years and months are dates of their own, whose days may not fit. */
static bool date_of_value(const npk_dtype *dtype, int64_t value, npki_date *date, npki_moment *moment)
{
    int64_t month = 0;
    *moment = (npki_moment){0, 0, 0};
    if (!npki_mul_int64(value, dtype->multiple, &value))
        return false;
    if (is_calendar(dtype->unit)) {
        if (dtype->unit == NPK_UNIT_MONTH)
            value = npki_floor_divide(value, 12, &month);
        *date = (npki_date){0, (int)month + 1, 1};
        return npki_add_int64(value, 1970, &date->year);
    }
    if (!npki_moment_of(value, dtype->unit, moment))
        return false;
    *date = npki_date_of_days(moment->days);
    return true;
}

static bool moment_of_value(const npk_dtype *dtype, int64_t value, npki_moment *moment)
{
    npki_date date;
    return date_of_value(dtype, value, &date, moment) &&
           (!is_calendar(dtype->unit) || npki_days_of_date(date, &moment->days));
}

/* Rounded down to the unit and its multiple. */
static bool value_of_date(const npk_dtype *dtype, npki_date date, npki_moment moment, int64_t *value)
{
    int64_t rest;
    if (is_calendar(dtype->unit)) {
        if (!npki_add_int64(date.year, -1970, value) ||
            (dtype->unit == NPK_UNIT_MONTH && !npki_compose(*value, 12, date.month - 1, value)))
            return false;
    } else if (!npki_value_of_moment(moment, dtype->unit, value)) {
        return false;
    }
    *value = npki_floor_divide(*value, dtype->multiple, &rest);
    return *value != NPKI_NAT;
}

/* --- seconds --- */

npk_status npk_time_of(const npk_dtype *dtype, int64_t value, npk_time *out, npk_error *error)
{
    npki_moment moment;
    npk_status status = check_type(dtype, error);
    if (status != NPK_OK)
        return status;
    if (out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a place for the time, found NULL");
    if (dtype->type == NPK_TIMEDELTA64 && is_calendar(dtype->unit))
        return npki_fail(error, NPK_ERR_CAST, "years and months of a timedelta64 have no length in seconds");
    *out = (npk_time){0, 0, value == NPKI_NAT};
    if (out->is_nat)
        return NPK_OK;
    if (!moment_of_value(dtype, value, &moment) ||
        !npki_compose(moment.days, SECONDS_OF_DAY, moment.second, &out->seconds))
        return does_not_fit(dtype, error);
    out->nanoseconds = (int32_t)(moment.attoseconds / ATTOSECONDS_OF_NANOSECOND);
    return NPK_OK;
}

npk_status npk_time_value(const npk_dtype *dtype, const npk_time *time, int64_t *value, npk_error *error)
{
    int64_t second;
    npk_status status = check_type(dtype, error);
    if (status != NPK_OK)
        return status;
    if (time == NULL || value == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a time and a place for its value, found NULL");
    if (dtype->type == NPK_TIMEDELTA64 && is_calendar(dtype->unit))
        return npki_fail(error, NPK_ERR_CAST, "years and months of a timedelta64 have no length in seconds");
    if (time->nanoseconds < 0 || time->nanoseconds > 999999999)
        return npki_fail(error, NPK_ERR_USAGE, "expected 0 to 999999999 nanoseconds, found %d", (int)time->nanoseconds);
    *value = NPKI_NAT;
    if (time->is_nat)
        return NPK_OK;
    int64_t days = npki_floor_divide(time->seconds, SECONDS_OF_DAY, &second);
    npki_moment moment = {days, (int32_t)second, (int64_t)time->nanoseconds * ATTOSECONDS_OF_NANOSECOND};
    return value_of_date(dtype, npki_date_of_days(days), moment, value) ? NPK_OK : does_not_fit(dtype, error);
}

/* --- text --- */

/* As %0*d prints it: a sign counts as one of the digits. */
static size_t put_number(char *text, size_t at, int64_t value, size_t width)
{
    char digits[21];
    size_t count = npki_print_int64(value, digits), sign = value < 0;
    if (sign)
        text[at++] = '-';
    for (size_t i = count; i < width; i++)
        text[at++] = '0';
    memcpy(text + at, digits + sign, count - sign);
    return at + count - sign;
}

static size_t put_part(char *text, size_t at, char separator, int64_t value, size_t width)
{
    text[at] = separator;
    return put_number(text, at + 1, value, width);
}

static size_t put_clock(char *text, size_t at, npki_moment moment, npk_unit unit)
{
    int decimals = npki_clock_decimals(unit);
    int32_t second = moment.second, size = 3600;
    for (int i = 0; i < npki_clock_parts(unit); i++, size /= 60) {
        at = put_part(text, at, i == 0 ? 'T' : ':', second / size, 2);
        second %= size;
    }
    int64_t fraction = moment.attoseconds;
    for (int i = decimals; i < 18; i++)
        fraction /= 10;
    return decimals == 0 ? at : put_part(text, at, '.', fraction, (size_t)decimals);
}

static size_t whole_text(const npk_dtype *dtype, int64_t value, char text[NPK_TIME_TEXT])
{
    npki_date date;
    npki_moment moment;
    if (value == NPKI_NAT) {
        memcpy(text, "NaT", 3);
        return 3;
    }
    if (dtype->type == NPK_TIMEDELTA64)
        return npki_print_int64(value, text);
    if (dtype->unit == NPK_UNIT_GENERIC || !date_of_value(dtype, value, &date, &moment))
        return 0;
    size_t at = put_number(text, 0, date.year, 4);
    if (dtype->unit == NPK_UNIT_YEAR)
        return at;
    at = put_part(text, at, '-', date.month, 2);
    if (dtype->unit == NPK_UNIT_MONTH)
        return at;
    return put_clock(text, put_part(text, at, '-', date.day, 2), moment, dtype->unit);
}

size_t npk_time_text(const npk_dtype *dtype, int64_t value, char *text, size_t size)
{
    char whole[NPK_TIME_TEXT];
    size_t needed = is_time(dtype) ? whole_text(dtype, value, whole) : 0;
    if (text != NULL && size > 0) {
        size_t fit = needed < size ? needed : size - 1;
        memcpy(text, whole, fit);
        text[fit] = '\0';
    }
    return needed;
}

static bool is_nat_text(const char *text)
{
    static const char nat[] = "nat";
    size_t i = 0;
    while (i < 3 && (text[i] | 0x20) == nat[i])
        i++;
    return *text == '\0' || (i == 3 && text[3] == '\0');
}

npk_status npk_time_parse(const npk_dtype *dtype, const char *text, int64_t *value, npk_error *error)
{
    npki_date date;
    npki_moment moment;
    if (text == NULL || value == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected the text of a time and memory for its value, found NULL");
    if (dtype != NULL && dtype->type == NPK_TIMEDELTA64) {
        if (is_nat_text(text))
            *value = NPKI_NAT;
        else if (!npki_parse_int64((const uint8_t *)text, strlen(text), value) || *value == NPKI_NAT)
            return npki_fail(error, NPK_ERR_USAGE, "expected an int of 64 bits or NaT, found '%.40s'", text);
        return NPK_OK;
    }
    npk_status status = check_type(dtype, error);
    if (status != NPK_OK)
        return status;
    *value = NPKI_NAT;
    if (is_nat_text(text))
        return NPK_OK;
    if (!npki_parse_date(text, &date, &moment))
        return npki_fail(error, NPK_ERR_USAGE, "expected a time in ISO 8601, found '%.40s'", text);
    if (!is_calendar(dtype->unit) && !npki_days_of_date(date, &moment.days))
        return does_not_fit(dtype, error);
    return value_of_date(dtype, date, moment, value) ? NPK_OK : does_not_fit(dtype, error);
}
