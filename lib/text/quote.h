/* Text and bytes in forms that may stand in other text: quoted, and with escapes. Every form is a row of one table. */
#ifndef NPKI_TEXT_QUOTE_H
#define NPKI_TEXT_QUOTE_H

#include "base/rows.h"
#include "text/sink.h"

#include <npickle/print.h>

#define NPKI_TEXT_FORMS NPKI_ROW_COUNT(NPK_TEXT_FORM_ROWS)

/* Adds `size` bytes of text in a form. Any bytes may be given: what is not UTF-8, where that is expected, is escaped
 * byte by byte. Surrogates may stand alone. */
void npki_quote(npki_sink *out, npk_text_form form, const void *text, size_t size);

/* The same without what stands before and after it. */
void npki_quote_inside(npki_sink *out, npk_text_form form, const void *text, size_t size);

/* A text of ASCII in which nothing is to be escaped, between two of one quote, at out[size + NPKI_SHORT_QUOTE]. Returns
 * how many bytes it has; 0: it is another. */
#define NPKI_SHORT_QUOTE 10 /* less count, but all may be written */
size_t npki_quote_short(char *out, char quote, const void *text, size_t size);

/* One character, or a number beyond U+10FFFF, without quotes around it. */
void npki_quote_character(npki_sink *out, npk_text_form form, uint32_t character);

#endif
