/* How many kinds of values there are. */
#ifndef NPKI_VALUE_KIND_H
#define NPKI_VALUE_KIND_H

#include "base/rows.h"

#include <npickle/value.h>

#define NPKI_KINDS NPKI_ROW_COUNT(NPK_KIND_ROWS)

#endif
