/* array.array of Python's standard library, both ways.
 *
 *     int32_t ticks[3] = {10, 20, 30};
 *     npk_writer *writer = NULL;
 *     npk_status status = npk_writer_open("ticks.pkl", NULL, &writer, &error);
 *     if (status == NPK_OK) {
 *         npk_write_pyarray(writer, 'i', NPK_PYARRAY_DEFAULT, &NPK_ARRAY(ticks, 3)); // array.array('i', [10, 20, 30])
 *         status = npk_writer_finish(writer, &error);
 *     }
 *     npk_doc *doc = NULL;
 *     npk_pyarray found;
 *     if (status == NPK_OK && npk_doc_load("ticks.pkl", NULL, &doc, &error) == NPK_OK &&
 *         npk_pyarray_of(npk_doc_root(doc), &found))
 *         printf("array.array('%c', ...)\n", found.typecode);
 *     npk_doc_free(doc);
 *
 * When it is read, it is an array of one dimension: npk_array_of, npk_array_copy and npk_array_read_as take it as they
 * take NumPy's, its class is "array.array", and its dtype what numpy.asarray() gives on a little-endian machine: <i4
 * for 'i', S1 for 'c', <U1 for 'u', bool for Jython's 'z'; bytes that lie in another order stay so. npk_pyarray_of
 * gives the rest: typecode and form. doc/format.md has the forms byte by byte.
 *
 * Threads: as for any value and any writer (npickle/value.h, npickle/writer.h).
 */
#ifndef NPICKLE_PYARRAY_H
#define NPICKLE_PYARRAY_H

#include <npickle/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a pickle holds the elements. */
typedef enum npk_pyarray_form {
    NPK_PYARRAY_DEFAULT = 0, /* to be written: as the dialect writes it at the protocol. Never read */
    NPK_PYARRAY_LIST = 1,    /* (typecode, [elements]): CPython 2.7, and CPython 3 below protocol 3 */
    NPK_PYARRAY_MACHINE = 2, /* (class, typecode, code, bytes), by code how they lie: CPython 3 from protocol 3 on */
    NPK_PYARRAY_RAW = 3,     /* (typecode, bytes) in the producer's own widths and order: CPython 2.5 and 2.6 */
    NPK_PYARRAY_JYTHON = 4   /* the same, big-endian, in Java's widths: Jython */
} npk_pyarray_form;

/* The form's name: "default", "list", "machine", "raw", "jython"; a constant. NULL past the last. */
NPK_API const char *npk_pyarray_form_name(npk_pyarray_form form);

typedef struct npk_pyarray {
    /* As Python will have it: where a machine-format code means other ints than the typecode, the code decides. */
    char typecode;
    npk_pyarray_form form;
    /* RAW and JYTHON: whose widths and order were taken; GUESS for the forms that say them. */
    npk_array_producer producer;
    /* The pickle does not show the producer, or not its widths: `producer` is the likeliest, and may be wrong. */
    bool assumed;
    uintptr_t reserved[2];
} npk_pyarray;

/* Returns true and fills *out; false, and *out left alone, for a value that is not an array.array, and for NULL. */
NPK_API bool npk_pyarray_of(const npk_value *value, npk_pyarray *out);

/* Writes an array.array. `array` has one dimension and any strides, order of bytes and encoding; its elements are of
 * the kind that the typecode has (u1 also for 'c' and 'z') and of a width that it has somewhere: i4 or i8 for 'l'. The
 * typecode is one of Python's: b B h H i I l L q Q f d u w; c in Python 2 and Jython; z in Jython. RAW and JYTHON
 * have the str of Python 2 in every dialect below protocol 3; Jython reads no other.
 * Errors: NPK_ERR_USAGE for other elements or typecodes, and for a U with a number beyond U+10FFFF; NPK_ERR_UNSUPPORTED
 * for a typecode or form that the Python lacks. */
NPK_API npk_status npk_write_pyarray(npk_writer *writer, char typecode, npk_pyarray_form form, const npk_array *array);

#ifdef __cplusplus
}
#endif
#endif
