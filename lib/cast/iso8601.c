/* ISO 8601 -> datetime64. */
#include "cast/calendar.h"
#include "text/number.h"

#include <string.h>

/* The parts that may follow the year, each only after the one before. */
enum { MONTH, DAY, HOUR, MINUTE, SECOND, PARTS };

static const struct {
    const char *separators;
    uint8_t least, most;
} parts[PARTS] = {
    [MONTH] = {"-", 1, 12},  [DAY] = {"-", 1, 31},    [HOUR] = {"T ", 0, 23},
    [MINUTE] = {":", 0, 59}, [SECOND] = {":", 0, 59},
};

enum { DECIMALS = 18 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* [+-]? and any digits: NumPy prints -44 as "-044", and reads "21" too. */
static bool take_year(const char **at, int64_t *year)
{
    const char *first = *at;
    bool sign = *first == '-' || *first == '+';
    size_t digits = 0;
    while (is_digit(first[sign + digits]))
        digits++;
    *at = first + sign + digits;
    return digits > 0 && npki_parse_int64((const uint8_t *)first, sign + digits, year);
}

/* A point and up to 18 digits, of which there may be none. */
static void take_fraction(const char **at, int64_t *attoseconds)
{
    int digits = 0;
    if (**at != '.')
        return;
    for ((*at)++; is_digit(**at) && digits < DECIMALS; (*at)++, digits++)
        *attoseconds = *attoseconds * 10 + (**at - '0');
    for (; digits < DECIMALS; digits++)
        *attoseconds *= 10;
}

bool npki_parse_date(const char *at, npki_date *date, npki_moment *moment)
{
    int found[PARTS] = {[MONTH] = 1, [DAY] = 1}, count = 0;
    int64_t attoseconds = 0;
    if (!take_year(&at, &date->year))
        return false;
    for (; count < PARTS && *at != '\0' && strchr(parts[count].separators, *at) != NULL; count++, at += 3) {
        if (!is_digit(at[1]) || !is_digit(at[2]))
            return false;
        found[count] = 10 * (at[1] - '0') + at[2] - '0';
        if (found[count] < parts[count].least || found[count] > parts[count].most)
            return false;
    }
    if (count > SECOND)
        take_fraction(&at, &attoseconds);
    at += count > HOUR && *at == 'Z';
    date->month = found[MONTH];
    date->day = found[DAY];
    *moment = (npki_moment){0, found[HOUR] * 3600 + found[MINUTE] * 60 + found[SECOND], attoseconds};
    return *at == '\0' && date->day <= npki_days_in_month(date->year, date->month);
}
