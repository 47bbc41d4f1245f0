/* repr() of str, bytes and bytearray as CPython prints them, of any size, in constant memory. */
#ifndef NPICKLE_QUOTE_H
#define NPICKLE_QUOTE_H

#include <stddef.h>
#include <stdio.h>

typedef enum quote_kind {
    QUOTE_STR,       /* UTF-8, checked before; surrogates may stand alone */
    QUOTE_LATIN1,    /* a str: each byte a character */
    QUOTE_ASCII,     /* the same as ascii() has it: nothing beyond ASCII is printed as it is */
    QUOTE_BYTES,     /* b'...' */
    QUOTE_BYTEARRAY, /* bytearray(b'...') */
    QUOTE_KINDS
} quote_kind;

/* Returns the characters printed. */
size_t quote_print(FILE *out, quote_kind kind, const void *bytes, size_t size);

#endif
