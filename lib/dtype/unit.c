#include "dtype/unit.h"

#include "base/bytes.h"

/* How many of a smaller unit make one: the units that a divisor is tried with, in NumPy's order. */
static const struct {
    npk_unit unit;
    int32_t count;
} smaller[NPKI_UNITS][3] = {
    [NPK_UNIT_YEAR] = {{NPK_UNIT_MONTH, 12}, {NPK_UNIT_WEEK, 52}, {NPK_UNIT_DAY, 365}},
    [NPK_UNIT_MONTH] = {{NPK_UNIT_WEEK, 4}, {NPK_UNIT_DAY, 30}, {NPK_UNIT_HOUR, 720}},
    [NPK_UNIT_WEEK] = {{NPK_UNIT_DAY, 7}, {NPK_UNIT_HOUR, 168}, {NPK_UNIT_MINUTE, 10080}},
    [NPK_UNIT_DAY] = {{NPK_UNIT_HOUR, 24}, {NPK_UNIT_MINUTE, 1440}, {NPK_UNIT_SECOND, 86400}},
    [NPK_UNIT_HOUR] = {{NPK_UNIT_MINUTE, 60}, {NPK_UNIT_SECOND, 3600}},
    [NPK_UNIT_MINUTE] = {{NPK_UNIT_SECOND, 60}, {NPK_UNIT_MILLISECOND, 60000}},
    [NPK_UNIT_SECOND] = {{NPK_UNIT_MILLISECOND, 1000}, {NPK_UNIT_MICROSECOND, 1000000}},
    [NPK_UNIT_MILLISECOND] = {{NPK_UNIT_MICROSECOND, 1000}, {NPK_UNIT_NANOSECOND, 1000000}},
    [NPK_UNIT_MICROSECOND] = {{NPK_UNIT_NANOSECOND, 1000}, {NPK_UNIT_PICOSECOND, 1000000}},
    [NPK_UNIT_NANOSECOND] = {{NPK_UNIT_PICOSECOND, 1000}, {NPK_UNIT_FEMTOSECOND, 1000000}},
    [NPK_UNIT_PICOSECOND] = {{NPK_UNIT_FEMTOSECOND, 1000}, {NPK_UNIT_ATTOSECOND, 1000000}},
    [NPK_UNIT_FEMTOSECOND] = {{NPK_UNIT_ATTOSECOND, 1000}},
};

bool npki_unit_divide(npk_unit *unit, int32_t *multiple, int32_t divisor)
{
    if (divisor < 1 || (unsigned)*unit >= NPKI_UNITS)
        return false;
    if (divisor == 1)
        return true;
    for (size_t i = 0; i < sizeof smaller[0] / sizeof smaller[0][0]; i++) {
        int64_t product = (int64_t)*multiple * (smaller[*unit][i].count / divisor);
        if (smaller[*unit][i].count == 0 || smaller[*unit][i].count % divisor != 0)
            continue;
        if (product > INT32_MAX)
            return false;
        *unit = smaller[*unit][i].unit;
        *multiple = (int32_t)product;
        return true;
    }
    return false;
}
