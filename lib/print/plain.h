/* Python's own values that have no others inside. */
#ifndef NPKI_PRINT_PLAIN_H
#define NPKI_PRINT_PLAIN_H

#include "text/sink.h"

#include <npickle/print.h>

/* False where it is another value: then nothing was printed. */
bool npki_print_plain(npki_sink *out, const npk_value *value);

/* BYTES, BYTEARRAY or PYTHON2_STR, in any form. */
void npki_print_bytes(npki_sink *out, npk_text_form form, const npk_value *value);

/* An int beyond 64 bits, little-endian two's complement. False for one of more than 4300 digits, which Python does not
 * print either: then nothing was printed. */
bool npki_print_long_int(npki_sink *out, const uint8_t *bytes, size_t size);

/* module.name */
void npki_print_global_name(npki_sink *out, const npk_value *value);

#endif
