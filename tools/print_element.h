/* The elements of an array as NumPy prints them, all of one width. */
#ifndef NPICKLE_PRINT_ELEMENT_H
#define NPICKLE_PRINT_ELEMENT_H

#include "out.h"
#include "print_float.h"

#include <npickle/element.h>

#define TIME_NAT INT64_MIN

typedef enum element_class {
    ELEMENT_BOOL,
    ELEMENT_INT,
    ELEMENT_UINT,
    ELEMENT_FLOAT,
    ELEMENT_COMPLEX,
    ELEMENT_BYTES,
    ELEMENT_STR,
    ELEMENT_VOID,
    ELEMENT_TIME,
    ELEMENT_SPAN,
    ELEMENT_OBJECT
} element_class;

typedef struct element_format {
    element_class is;
    float_kind kind;
    bool big;    /* most significant byte first */
    bool alone;  /* of an array of no dimensions */
    size_t size; /* bytes of an element */
    const npk_dtype *dtype;
    npk_unit unit;
    int32_t multiple;
    int passes; /* how often every element must be seen before the first is printed */
    float_format real, imaginary;
    bool any, any_nat;
    int64_t least, most;
    uint64_t unsigned_least, unsigned_most;
    size_t width;
    char *scratch; /* a str in UTF-8 */
    size_t scratch_size;
} element_format;

/* `dtype` is neither a struct nor a subarray. */
void element_start(element_format *format, const npk_dtype *dtype, bool alone);

/* Pass 1 to format->passes over every element that will be printed, and after each of them element_settle. */
void element_see(element_format *format, int pass, const uint8_t *p);
void element_settle(element_format *format, int pass);

/* Adds one element; nothing for an object. */
void element_print(element_format *format, const uint8_t *p, tool_out *out);
void element_free(element_format *format);

/* One item of a str, bytes or void dtype, as Python prints it: without the NULs at its end, but for void all of it. */
void element_print_str(element_format *format, const uint8_t *p, tool_out *out);
void element_print_bytes(const element_format *format, const uint8_t *p, tool_out *out);
void element_print_void(const element_format *format, const uint8_t *p, tool_out *out);

/* The integer of 1 to 8 bytes at p. */
int64_t element_int(const element_format *format, const uint8_t *p);
uint64_t element_uint(const element_format *format, const uint8_t *p);

#endif
