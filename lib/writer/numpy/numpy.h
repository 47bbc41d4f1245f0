/* The layer of a writer that knows NumPy: dtypes, arrays and what is made of them, out of the calls of the layer
 * below. */
#ifndef NPKI_WRITER_NUMPY_NUMPY_H
#define NPKI_WRITER_NUMPY_NUMPY_H

#include "dtype/dtype.h"
#include "writer/python/python.h"

#include <npickle/pyarray.h>

/* Objects that NumPy has only once, for npki_key. */
enum {
    NPKI_IS_FIELD = NPKI_KEYS_OF_NUMPY, /* the tuple of a field that has a title, by address */
    NPKI_IS_SHAPE0,                     /* the (0,) of masked arrays, a constant there */
    NPKI_IS_LITERAL_B,                  /* their 'b', where it is one too */
    NPKI_IS_BUILTIN_DTYPE,
    NPKI_IS_DTYPE,    /* by address */
    NPKI_IS_HASHED,   /* not an object: the hash of the long name at an address */
    NPKI_IS_SIGNATURE /* not an object: the hash of what the dtype at an address was */
};

/* --- dtype_fields.c --- */

/* An entry of the dict of fields: a field under its name or its title. */
typedef struct npki_entry {
    size_t field;
    bool is_title;
    bool is_second; /* the other key of the field comes before it */
} npki_entry;

size_t npki_entry_count(const npk_dtype *dtype);

/* The entries in the order in which the dialect's Python gives them out. Ownership: *out is the caller's; NULL for
 * none. False without memory. */
bool npki_entries(npk_writer *w, const npk_dtype *dtype, npki_entry **out);

/* --- dtype.c --- */

void npki_write_shape(npk_writer *w, int ndim, const int64_t *shape, npki_number_when number);

/* --- elements.c --- */

/* The order in which the elements of an array are written: 'C' or 'F'. */
char npki_written_order(const npk_writer *w, const npk_array *array);

/* kind: BYTES as they are at the protocol, BYTEARRAY for a buffer that may be written to. */
void npki_write_elements(npk_writer *w, const npk_array *array, char order, npk_kind kind, npki_bytes_are are);
void npki_write_zeros(npk_writer *w, uint64_t size);

/* Where the items of an array have padding, if that is to be written as zeros: npki_dtype_mask. False with an error. */
bool npki_make_mask(npk_writer *w, const npk_array *array, uint8_t **mask);

/* A part of such bytes, from byte `at` of all on, that lie in the pickle as they are; padding as zeros. */
void npki_part_masked(npk_writer *w, const uint8_t *bytes, size_t size, const uint8_t *mask, size_t itemsize,
                      uint64_t at);

/* --- array.c --- */

/* How NumPy gives an array: _reconstruct(class, (0,), b'b') and a state; or, at protocol 5, _frombuffer(buffer, dtype,
 * shape, order), with 'K' the order of the axes too. OF_CLASS: numpy.ndarray(shape, dtype, buffer, 0, None, order),
 * which NumPy never writes, and which each loads without a warning. */
typedef enum npki_array_form {
    NPKI_ARRAY_STATE,
    NPKI_ARRAY_BUFFER,
    NPKI_ARRAY_BUFFER_AXES,
    NPKI_ARRAY_OF_CLASS
} npki_array_form;

/* An array before its elements, and after them; their bytes stand between. axes: of BUFFER_AXES. */
void npki_begin_ndarray(npk_writer *w, const npk_array *array, npki_array_form form);
void npki_end_ndarray(npk_writer *w, const npk_array *array, npki_array_form form, char order, const int64_t *axes);

/* The parts of STATE: (_reconstruct, (class, (0,), b'b'), and (1, shape, dtype, is_fortran, of a state of so many
 * items. */
void npki_begin_reconstruct(npk_writer *w, const char *module, const char *name);
void npki_begin_state(npk_writer *w, const npk_array *array, int64_t items);

/* Whether NumPy 1 and 2 are to load it: there is no name for _frombuffer that one has and the other does not warn of.
 * The elements are in a state then, as at protocol 4; where the caller takes them out of band, in the form OF_CLASS. */
static inline bool npki_is_for_both(const npk_writer *w)
{
    const npki_release numpy2 = 2 << 8;
    return w->target.first[NPKI_OF_NUMPY] < numpy2 && w->target.last[NPKI_OF_NUMPY] >= numpy2;
}

/* Whether NumPy gives the elements of this type as a buffer, and the protocol has one. */
bool npki_has_buffer(npk_writer *w, const npk_dtype *dtype);

/* Who a dtype is, for the memo. */
uint64_t npki_dtype_key(npk_writer *w, const npk_dtype *dtype);

/* An array. IF_POSSIBLE: as a buffer where npki_has_buffer, and where NumPy makes one of an array that lies so.
 * ALWAYS: as one at every protocol, since it has what a state does not keep. */
typedef enum npki_buffer_use { NPKI_BUFFER_NEVER, NPKI_BUFFER_IF_POSSIBLE, NPKI_BUFFER_ALWAYS } npki_buffer_use;
npk_status npki_write_array(npk_writer *w, const npk_array *array, npki_buffer_use use);

/* --- ready.c: arrays like one that was written before --- */

/* If the array can be put together from one before it: true, and it is written. It was looked at by npki_can_write. */
bool npki_write_ready(npk_writer *w, const npk_array *array, npki_buffer_use use);

/* Round the plain way: what it writes is kept for the next one, where that is possible. */
typedef struct npki_ready_start {
    bool possible;
    size_t size, frame_start, known; /* bytes held, where their frame is, keys in the memo */
    uint64_t written, memo_changes;
    int64_t memo;
} npki_ready_start;

npki_ready_start npki_start_ready(npk_writer *w, const npk_array *array, npki_buffer_use use);
void npki_keep_ready(npk_writer *w, const npk_array *array, npki_buffer_use use, const npki_ready_start *start);

/* --- array.c, more --- */

/* The array by type, shape and order, where its elements come otherwise than from its memory. */
npk_array npki_without_data(const npk_array *array);

/* Whether the array is one that can be written; it is an error where it is not. */
bool npki_can_write(npk_writer *w, const npk_array *array);

/* Its elements as they stand in a state: bytes, or the list of a document's objects. */
void npki_write_payload(npk_writer *w, const npk_array *array);

/* --- pyarray.c --- */

/* The Python that the dialect is of: NPKI_HAS_2, ... of a typecode's `pythons`; and the form it writes array.array
 * in. */
uint8_t npki_python_bit(const npk_writer *w);
npk_pyarray_form npki_pyarray_default_form(const npk_writer *w);

#endif
