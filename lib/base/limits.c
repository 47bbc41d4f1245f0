#include "base/limits.h"

void npk_limits_default(npk_limits *out)
{
    if (out != NULL)
        *out = npki_limits(NULL);
}

npk_limits npki_limits(const npk_limits *given)
{
    npk_limits limits = {
#define VALUE(field, value, what) .field = (value),
        NPK_LIMIT_ROWS(VALUE)
#undef VALUE
    };
    if (given != NULL) {
#define TAKE(field, value, what)                                                                                       \
    if (given->field != 0)                                                                                             \
        limits.field = given->field;
        NPK_LIMIT_ROWS(TAKE)
#undef TAKE
    }
    return limits;
}
