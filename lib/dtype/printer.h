/* Text for a caller's room: what does not fit is counted. */
#ifndef NPKI_DTYPE_PRINTER_H
#define NPKI_DTYPE_PRINTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct npki_printer {
    char *text;
    size_t room; /* without the last NUL */
    size_t written;
    size_t needed;
} npki_printer;

npki_printer npki_printer_start(char *text, size_t size);

/* Ends the text with a NUL, if there is room for one; returns the bytes that all of it needs. */
size_t npki_printer_finish(const npki_printer *out, size_t size);

void npki_say(npki_printer *out, const char *text, size_t size);
void npki_say_text(npki_printer *out, const char *text);
void npki_say_number(npki_printer *out, int64_t number);

/* "(2, 3)", "(5,)", or as JSON "[2, 3]", "[5]" */
void npki_say_shape(npki_printer *out, int ndim, const int64_t *shape, bool json);

/* repr() of a str in UTF-8. It is written as a whole or not at all. */
void npki_say_repr(npki_printer *out, const char *utf8, size_t size);

/* A name out of a pickle, without quotes: what is not printable is escaped as in a str. */
void npki_say_name(npki_printer *out, const char *text, size_t size);

#endif
