#include "base/limits.h"

npk_limits npk_limits_default(void)
{
    return (npk_limits){
#define VALUE(field, value, what) .field = (value),
        NPK_LIMIT_ROWS(VALUE)
#undef VALUE
    };
}

npk_limits npki_limits(const npk_limits *given)
{
    npk_limits limits = npk_limits_default();
    if (given != NULL) {
#define TAKE(field, value, what)                                                                                       \
    if (given->field != 0)                                                                                             \
        limits.field = given->field;
        NPK_LIMIT_ROWS(TAKE)
#undef TAKE
    }
    return limits;
}
