/* Elements of arrays as JSON. */
#ifndef NPKI_PRINT_JSON_ELEMENT_H
#define NPKI_PRINT_JSON_ELEMENT_H

#include "print/element.h"
#include "print/settings.h"

/* Adds one element: a number, true, false, a string; a complex as [real, imaginary]; null for NaT. Fails by
 * npki_sink_fail: NPK_ERR_UNSUPPORTED for a NaN or an infinity that is refused. */
void npki_json_element(const npki_element_format *format, const uint8_t *p, const npki_print_settings *settings,
                       npki_sink *out);

/* A float of Python. */
void npki_json_double(double value, const npki_print_settings *settings, npki_sink *out);

#endif
