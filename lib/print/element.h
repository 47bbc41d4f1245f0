/* The elements of an array as NumPy prints them, all of one width. */
#ifndef NPKI_PRINT_ELEMENT_H
#define NPKI_PRINT_ELEMENT_H

#include "text/sink.h"
#include "print/float.h"

#include <npickle/element.h>

#define NPKI_TIME_NAT INT64_MIN

typedef enum npki_element_class {
    NPKI_ELEMENT_BOOL,
    NPKI_ELEMENT_INT,
    NPKI_ELEMENT_UINT,
    NPKI_ELEMENT_FLOAT,
    NPKI_ELEMENT_COMPLEX,
    NPKI_ELEMENT_BYTES,
    NPKI_ELEMENT_STR,
    NPKI_ELEMENT_VOID,
    NPKI_ELEMENT_TIME,
    NPKI_ELEMENT_SPAN,
    NPKI_ELEMENT_OBJECT,
    NPKI_ELEMENT_ADDED /* a number of ml_dtypes */
} npki_element_class;
#define NPKI_ELEMENT_CLASSES (NPKI_ELEMENT_ADDED + 1)

typedef struct npki_element_format {
    npki_element_class is;
    npki_float_kind kind;
    bool big;    /* most significant byte first */
    bool alone;  /* of an array of no dimensions */
    size_t size; /* bytes of an element */
    const npk_dtype *dtype;
    npk_unit unit;
    int32_t multiple;
    int passes; /* how often every element must be seen before the first is printed */
    npki_float_format real, imaginary;
    bool any, any_nat;
    int64_t least, most;
    uint64_t unsigned_least, unsigned_most;
    size_t width;
    char *scratch; /* a str in UTF-8 */
    size_t scratch_size;
} npki_element_format;

/* `dtype` is neither a struct nor a subarray. */
void npki_element_start(npki_element_format *format, const npk_dtype *dtype, bool alone, int precision);

/* Pass 1 to format->passes over every element that will be printed, and after each of them npki_element_settle. */
void npki_element_see(npki_element_format *format, int pass, const uint8_t *p);
void npki_element_settle(npki_element_format *format, int pass);

/* Adds one element; nothing for an object. */
void npki_element_print(npki_element_format *format, const uint8_t *p, npki_sink *out);
void npki_element_free(npki_element_format *format, npki_sink *out);

/* One item of a str, bytes or void dtype, as Python prints it: without the NULs at its end, but for void all of it. */
void npki_element_print_str(npki_element_format *format, const uint8_t *p, npki_sink *out);
void npki_element_print_bytes(const npki_element_format *format, const uint8_t *p, npki_sink *out);
void npki_element_print_void(const npki_element_format *format, const uint8_t *p, npki_sink *out);

/* A number of ml_dtypes, which prints itself: no padding, 6 digits, and no class around a scalar. */
void npki_element_print_added(const npki_element_format *format, const uint8_t *p, npki_sink *out);

/* The integer of 1 to 8 bytes at p. */
int64_t npki_element_int(const npki_element_format *format, const uint8_t *p);
uint64_t npki_element_uint(const npki_element_format *format, const uint8_t *p);

#endif
