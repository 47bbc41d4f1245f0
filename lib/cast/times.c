/* What is described here is the behaviour of numpy/_core/src/multiarray/datetime.c: get_datetime_conversion_factor(),
 * datetime_metadata_divides() and time_to_time_resolve_descriptors(). */
#include "cast/times.h"

#include "base/bytes.h"
#include "cast/calendar.h"

/* How many of the next smaller unit make one. */
static const uint16_t of_next[NPKI_UNITS] = {
    [NPK_UNIT_YEAR] = 12,          [NPK_UNIT_WEEK] = 7,           [NPK_UNIT_DAY] = 24,
    [NPK_UNIT_HOUR] = 60,          [NPK_UNIT_MINUTE] = 60,        [NPK_UNIT_SECOND] = 1000,
    [NPK_UNIT_MILLISECOND] = 1000, [NPK_UNIT_MICROSECOND] = 1000, [NPK_UNIT_NANOSECOND] = 1000,
    [NPK_UNIT_PICOSECOND] = 1000,  [NPK_UNIT_FEMTOSECOND] = 1000,
};

static bool is_calendar(npk_unit unit)
{
    return unit == NPK_UNIT_YEAR || unit == NPK_UNIT_MONTH;
}

/* NumPy takes no factor of more than 56 bits. */
static bool fits_factor(uint64_t factor)
{
    return factor >> 56 == 0;
}

/* How many `small` make one `big`, both of weeks or less, or both of months or more; 0 where there are too many. */
static uint64_t factor_of(npk_unit big, npk_unit small)
{
    uint64_t factor = 1;
    for (npk_unit unit = big; unit < small; unit = (npk_unit)(unit + 1)) {
        factor *= of_next[unit];
        if (!fits_factor(factor))
            return 0;
    }
    return factor;
}

/* One `big` is *times / *per of `small`. A year is 146097 / 400 days: the average of the calendar. */
static bool ratio_of(npk_unit big, npk_unit small, uint64_t *times, uint64_t *per)
{
    *times = *per = 1;
    if (!is_calendar(big) || is_calendar(small)) {
        *times = factor_of(big, small);
        return *times != 0;
    }
    *per = big == NPK_UNIT_YEAR ? 400 : 400 * 12;
    if (small == NPK_UNIT_WEEK)
        *per *= 7;
    else
        *times = factor_of(NPK_UNIT_DAY, small);
    return *times != 0 && !__builtin_mul_overflow(*times, 146097, times);
}

/* To the smallest numbers of the same ratio. */
static void reduce(uint64_t *times, uint64_t *per)
{
    uint64_t a = *times, b = *per;
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    *times /= a;
    *per /= a;
}

bool npki_scale_init(npki_scale *scale, const npk_dtype *from, const npk_dtype *to)
{
    uint64_t times, per;
    bool same_unit = from->unit == to->unit && from->multiple == to->multiple;
    *scale = (npki_scale){NPKI_SCALE_NONE, 1, 1, from->unit, to->unit, from->multiple, to->multiple};
    if (from->type != to->type || same_unit || from->unit == NPK_UNIT_GENERIC)
        return true;
    if (to->unit == NPK_UNIT_GENERIC)
        return false;
    if (from->unit <= to->unit ? !ratio_of(from->unit, to->unit, &times, &per)
                               : !ratio_of(to->unit, from->unit, &per, &times))
        return false;
    if (from->type == NPK_DATETIME64 && (is_calendar(from->unit) || is_calendar(to->unit))) {
        scale->is = NPKI_SCALE_CALENDAR;
        return true;
    }
    reduce(&times, &per);
    if (__builtin_mul_overflow(times, (uint64_t)from->multiple, &times) ||
        __builtin_mul_overflow(per, (uint64_t)to->multiple, &per))
        return false;
    reduce(&times, &per);
    if (times > INT64_MAX || per > INT64_MAX)
        return false;
    scale->times = (int64_t)times;
    scale->per = (int64_t)per;
    scale->is = scale->times == scale->per ? NPKI_SCALE_NONE : NPKI_SCALE_FACTOR;
    return true;
}

/* The moment at which a year, a month or a smaller unit begins. */
static bool begin_of(const npki_scale *scale, int64_t value, npki_moment *out)
{
    int64_t month = 0;
    if (!npki_mul_int64(value, scale->from_multiple, &value))
        return false;
    if (!is_calendar(scale->from))
        return npki_moment_of(value, scale->from, out);
    if (scale->from == NPK_UNIT_MONTH)
        value = npki_floor_divide(value, 12, &month);
    *out = (npki_moment){0, 0, 0};
    return npki_add_int64(value, 1970, &value) && npki_days_of_date((npki_date){value, (int)month + 1, 1}, &out->days);
}

static bool apply_calendar(const npki_scale *scale, int64_t *value)
{
    npki_moment moment;
    int64_t rest;
    if (is_calendar(scale->from) && is_calendar(scale->to)) {
        int64_t months = *value;
        if (!npki_mul_int64(months, scale->from_multiple, &months) ||
            (scale->from == NPK_UNIT_YEAR && !npki_mul_int64(months, 12, &months)))
            return false;
        *value = scale->to == NPK_UNIT_YEAR ? npki_floor_divide(months, 12, &rest) : months;
    } else {
        if (!begin_of(scale, *value, &moment))
            return false;
        npki_date date = npki_date_of_days(moment.days);
        if (scale->to == NPK_UNIT_YEAR)
            *value = date.year - 1970;
        else if (scale->to == NPK_UNIT_MONTH)
            *value = 12 * (date.year - 1970) + date.month - 1;
        else if (!npki_value_of_moment(moment, scale->to, value))
            return false;
    }
    *value = npki_floor_divide(*value, scale->to_multiple, &rest);
    return true;
}

bool npki_scale_apply(const npki_scale *scale, int64_t *values, size_t count)
{
    int64_t rest;
    for (size_t i = 0; scale->is != NPKI_SCALE_NONE && i < count; i++) {
        if (values[i] == NPKI_NAT)
            continue;
        if (scale->is == NPKI_SCALE_CALENDAR ? !apply_calendar(scale, &values[i])
                                             : !npki_mul_int64(values[i], scale->times, &values[i]))
            return false;
        if (scale->is == NPKI_SCALE_FACTOR)
            values[i] = npki_floor_divide(values[i], scale->per, &rest);
        if (values[i] == NPKI_NAT)
            return false;
    }
    return true;
}

/* 1000 ms are 1 s, 10^6 us too, 10^9 ns too: the three that NumPy knows to be equal. */
static bool is_thousandfold(const npk_dtype *from, const npk_dtype *to)
{
    int64_t factor = 1;
    if (to->unit < NPK_UNIT_SECOND || from->unit <= to->unit || from->unit - to->unit > 3)
        return false;
    for (int i = (int)to->unit; i < (int)from->unit; i++)
        factor *= 1000;
    return from->multiple == factor * to->multiple;
}

/* Whether `to` goes into `from` a whole number of times; to->unit is no larger. */
static bool divides(const npk_dtype *from, const npk_dtype *to)
{
    uint64_t factor;
    if (is_calendar(from->unit) && !is_calendar(to->unit))
        return from->type == NPK_DATETIME64;
    factor = factor_of(from->unit, to->unit);
    return factor != 0 && !__builtin_mul_overflow(factor, (uint64_t)from->multiple, &factor) && fits_factor(factor) &&
           factor % (uint64_t)to->multiple == 0;
}

npki_unit_relation npki_units_relate(const npk_dtype *from, const npk_dtype *to)
{
    if ((from->unit == to->unit && from->multiple == to->multiple) || is_thousandfold(from, to))
        return NPKI_UNITS_EQUAL;
    if (from->unit == NPK_UNIT_GENERIC)
        return NPKI_UNITS_SAFE;
    if (to->unit == NPK_UNIT_GENERIC ||
        (from->type == NPK_TIMEDELTA64 && is_calendar(from->unit) != is_calendar(to->unit)))
        return NPKI_UNITS_APART;
    return from->unit <= to->unit && divides(from, to) ? NPKI_UNITS_SAFE : NPKI_UNITS_ROUND;
}
