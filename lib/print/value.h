/* Values as repr() of Python prints them. */
#ifndef NPKI_PRINT_VALUE_H
#define NPKI_PRINT_VALUE_H

#include "print/settings.h"

/* npk_print_value into a sink. Fails by npki_sink_fail: NPK_ERR_LIMIT for what is too deep or too long. */
void npki_print_value(npki_sink *out, const npk_value *value, const npki_print_settings *settings);

#endif
