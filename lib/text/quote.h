/* repr() of str, bytes and bytearray as CPython prints them, of any size, in constant memory. */
#ifndef NPKI_TEXT_QUOTE_H
#define NPKI_TEXT_QUOTE_H

#include <stddef.h>
#include <stdio.h>

typedef enum npki_quote_kind {
    NPKI_QUOTE_STR,       /* UTF-8, checked before; surrogates may stand alone */
    NPKI_QUOTE_LATIN1,    /* a str: each byte a character */
    NPKI_QUOTE_ASCII,     /* the same as ascii() has it: nothing beyond ASCII is printed as it is */
    NPKI_QUOTE_BYTES,     /* b'...' */
    NPKI_QUOTE_BYTEARRAY, /* bytearray(b'...') */
    NPKI_QUOTE_KINDS
} npki_quote_kind;

/* Returns the characters printed. */
size_t npki_quote_print(FILE *out, npki_quote_kind kind, const void *bytes, size_t size);

#endif
