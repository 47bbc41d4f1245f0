/* Descriptors as NumPy 2 prints them. */
#ifndef NPKI_DTYPE_REPR_H
#define NPKI_DTYPE_REPR_H

#include "dtype/dtype.h"
#include "text/sink.h"

typedef enum npki_dtype_form {
    NPKI_DTYPE_REPR, /* repr(dtype): dtype('<f8'), dtype([('x', '<f4')], align=True) */
    NPKI_DTYPE_STR,  /* str(dtype): float64, >f8, [('x', '<f4')] */
    NPKI_DTYPE_VOID, /* the same as if the items of a struct were numpy.void: a recarray shows its numpy.record so */
    /* what stands after "dtype=" in the repr of an array: float32, '<U3', 'datetime64[us]', [('x', '<f4')] */
    NPKI_DTYPE_SHORT
} npki_dtype_form;

void npki_dtype_print(npki_sink *out, const npk_dtype *dtype, npki_dtype_form form);

/* dtype.str */
void npki_print_code(npki_sink *out, const npk_dtype *dtype);

/* The texts of plain descriptors that came last, as the fields of a struct mostly have the same ones again. All zero at
 * first. */
#define NPKI_CODES 4
typedef struct npki_codes {
    struct {
        const npk_dtype *of;
        size_t size;
        char text[24];
    } kept[NPKI_CODES];
} npki_codes;

/* What `put` prints of a plain descriptor, which is the same function each time. */
void npki_codes_put(npki_codes *codes, npki_sink *out, const npk_dtype *dtype,
                    void (*put)(npki_sink *out, const npk_dtype *dtype));

/* What is kept of the texts of a struct's fields: npki_sink_keep. */
typedef enum npki_fields_text {
    NPKI_FIELDS_LIST,    /* "('x', '<f4'), ('y', '<f4')" */
    NPKI_FIELDS_NAMES,   /* "'x', 'y'" */
    NPKI_FIELDS_OFFSETS, /* "0, 4" */
    NPKI_FIELDS_TITLES,
    NPKI_FIELDS_FORMATS, /* "'<f4', '<f4'" */
    NPKI_FIELDS_DESCR,   /* as the first, in a descr: with the padding between them */
    NPKI_FIELDS_JSON     /* the same as JSON */
} npki_fields_text;

/* "[25us]", of a time that has a unit */
void npki_print_unit(npki_sink *out, const npk_dtype *dtype);

/* "(2, 3)", "(5,)", "()"; as JSON "[2, 3]", "[5]", "[]" */
typedef enum npki_literal_form { NPKI_LITERAL_PYTHON, NPKI_LITERAL_JSON } npki_literal_form;
void npki_print_shape(npki_sink *out, int ndim, const int64_t *shape, npki_literal_form form);

/* npk_dtype_descr. Whether it names the fields of a struct; else it is a code, of which an array of these would have
 * other fields. */
bool npki_descr_is_list(const npk_dtype *dtype);
void npki_print_descr(npki_sink *out, const npk_dtype *dtype, npki_literal_form form);

#endif
