/* Descriptors as NumPy 2 prints them. */
#ifndef NPKI_DTYPE_REPR_H
#define NPKI_DTYPE_REPR_H

#include "dtype/dtype.h"
#include "dtype/printer.h"

typedef enum npki_dtype_form {
    NPKI_DTYPE_REPR, /* repr(dtype): dtype('<f8'), dtype([('x', '<f4')], align=True) */
    NPKI_DTYPE_STR,  /* str(dtype): float64, >f8, [('x', '<f4')] */
    NPKI_DTYPE_VOID, /* the same as if the items of a struct were numpy.void: a recarray shows its numpy.record so */
    NPKI_DTYPE_SHORT /* what stands after "dtype=" in the repr of an array: float32, '<U3', 'datetime64[us]', [('x', '<f4')] */
} npki_dtype_form;

/* Sizes as npk_dtype_str. */
size_t npki_dtype_text(const npk_dtype *dtype, npki_dtype_form form, char *text, size_t size);

/* dtype.str */
void npki_say_code(npki_printer *out, const npk_dtype *dtype);

/* "[25us]", of a time that has a unit */
void npki_say_unit(npki_printer *out, const npk_dtype *dtype);

#endif
