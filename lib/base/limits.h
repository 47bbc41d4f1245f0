/* The limits as given, with the defaults filled in. */
#ifndef NPKI_BASE_LIMITS_H
#define NPKI_BASE_LIMITS_H

#include <npickle/options.h>

/* `given` may be NULL. */
npk_limits npki_limits(const npk_limits *given);

#endif
