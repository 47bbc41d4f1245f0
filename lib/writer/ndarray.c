/* Arrays and dtypes, as NumPy spells them.
 * numpy: core/src/multiarray/methods.c array_reduce(), array_reduce_ex(); descriptor.c arraydescr_reduce(). */
#include "writer/writer.h"

#include "base/bytes.h"
#include "numpy/dtype.h"
#include "numpy/layout.h"
#include "text/number.h"

#include <string.h>

#define SCRATCH ((size_t)16384)

/* --- small parts --- */

/* A str of the NumPy dialects, a str of Python 2 in that one. */
static void write_code(npk_writer *w, const char *text, size_t size)
{
    npki_write_text(w, w->dialect->python2 ? NPK_KIND_BYTES : NPK_KIND_STR, text, size, 0, false);
}

static void write_shape(npk_writer *w, int ndim, const int64_t *shape)
{
    npki_begin(w, NPK_KIND_TUPLE, ndim, false);
    for (int i = 0; i < ndim; i++)
        npk_int(w, shape[i]);
    npki_end(w);
}

static void write_flag(npk_writer *w, bool value)
{
    if (w->dialect->int_flags)
        npk_int(w, value);
    else
        npk_bool(w, value);
}

/* --- dtypes --- */

/* What tells a descriptor from one that lies at its address later. */
static uint64_t signature(const npk_dtype *dtype)
{
    const int64_t parts[] = {(int64_t)dtype->type, dtype->byteorder,        dtype->itemsize,
                             (int64_t)dtype->unit, (int64_t)dtype->multiple, dtype->alignment};
    return npki_hash_bytes(0, parts, sizeof parts);
}

/* NumPy has one descriptor for each native number; of the others every np.dtype() call makes a new one. */
static uint64_t dtype_key(npk_writer *w, const npk_dtype *dtype)
{
    if (npki_dtype_rows[dtype->type].number != NPKI_NUMBER_NONE && npki_dtype_rows[dtype->type].number != NPKI_NUMBER_TIME &&
        npki_dtype_is_native(dtype))
        return npki_key(NPKI_IS_BUILTIN_DTYPE, (uint64_t)dtype->type);
    uint64_t key = npki_key(NPKI_IS_DTYPE, (uint64_t)(uintptr_t)dtype);
    bool added;
    uint64_t *known = npki_map_put(&w->memo, npki_key(NPKI_IS_SIGNATURE, (uint64_t)(uintptr_t)dtype), &added);
    if (known == NULL) {
        npki_writer_fail(w, NPK_MEMORY, "an allocation failed");
        return key;
    }
    bool changed = !added && *known != signature(dtype);
    *known = signature(dtype);
    if (changed)
        npki_forget(w, key);
    return key;
}

/* ({} or None, (unit, multiple, 1, 1)) */
static void write_unit(npk_writer *w, const npk_dtype *dtype)
{
    const char *code = npki_unit_codes[dtype->unit];
    npki_begin(w, NPK_KIND_TUPLE, 2, false);
    if (w->dialect->no_metadata) {
        npk_none(w);
    } else {
        npki_begin(w, NPK_KIND_DICT, 0, false);
        npki_end(w);
    }
    npki_begin(w, NPK_KIND_TUPLE, 4, false);
    npki_write_text(w, NPK_KIND_BYTES, code, strlen(code), 0, false);
    npk_int(w, dtype->multiple);
    npk_int(w, 1);
    npk_int(w, 1);
    npki_end(w);
    npki_end(w);
}

#define FLAGS_OF_U 8 /* NPY_NEEDS_INIT, since NumPy 1.9 */

/* The state: version 3, or 4 with a unit. Size and alignment only where the code does not say them. */
static void write_dtype_state(npk_writer *w, const npk_dtype *dtype)
{
    bool time = npki_dtype_rows[dtype->type].number == NPKI_NUMBER_TIME;
    bool flexible = npki_dtype_rows[dtype->type].itemsize == 0;
    npki_begin(w, NPK_KIND_TUPLE, time ? 9 : 8, false);
    npk_int(w, time ? 4 : 3);
    write_code(w, &dtype->byteorder, 1);
    npk_none(w);
    npk_none(w);
    npk_none(w);
    npk_int(w, flexible ? dtype->itemsize : -1);
    npk_int(w, flexible ? dtype->alignment : -1);
    npk_int(w, dtype->type == NPK_STR ? FLAGS_OF_U : 0);
    if (time)
        write_unit(w, dtype);
    npki_end(w);
}

/* "f8"; a U counts characters. */
static size_t code_of(const npk_dtype *dtype, char out[24])
{
    out[0] = npki_dtype_rows[dtype->type].kind;
    int64_t size = dtype->type == NPK_STR ? dtype->itemsize / 4 : dtype->itemsize;
    return 1 + npki_print_int64(size, out + 1);
}

static void write_dtype(npk_writer *w, const npk_dtype *dtype)
{
    char code[24];
    uint64_t key = dtype_key(w, dtype);
    if (npki_write_known(w, key))
        return;
    npki_begin(w, NPK_KIND_OBJECT, 3, true);
    npki_write_global(w, NPKI_DTYPE);
    npki_begin(w, NPK_KIND_TUPLE, 3, false);
    write_code(w, code, code_of(dtype, code));
    write_flag(w, false);
    write_flag(w, true);
    npki_end(w);
    npki_remember(w, key);
    write_dtype_state(w, dtype);
    npki_end(w);
}

/* --- arrays --- */

/* The elements, piece by piece, as often as they are asked for. */
typedef struct elements {
    const npk_ndarray *array;
    char order;
    npki_gather gather;
    uint8_t scratch[SCRATCH];
    uint8_t *item; /* in place of the scratch, for items larger than that */
    size_t item_size;
} elements;

static void start_elements(void *context)
{
    elements *e = context;
    npki_gather_start(&e->gather, e->array, e->order);
}

static size_t next_elements(void *context, const uint8_t **piece)
{
    elements *e = context;
    return e->item != NULL ? npki_gather_next(&e->gather, e->item, e->item_size, piece)
                           : npki_gather_next(&e->gather, e->scratch, sizeof e->scratch, piece);
}

/* kind: BYTES as they are at the protocol, BYTEARRAY for a buffer that may be written to. */
static void write_elements(npk_writer *w, const npk_ndarray *array, char order, npk_kind kind, bool fresh)
{
    elements e = {.array = array, .order = order};
    npki_pieces pieces = {start_elements, next_elements, &e};
    int64_t itemsize = npk_dtype_itemsize(array->dtype);
    if (itemsize > (int64_t)SCRATCH) {
        e.item_size = (size_t)itemsize;
        e.item = npki_allocate(&w->allocator, e.item_size);
        if (e.item == NULL) {
            npki_writer_fail(w, NPK_MEMORY, "an allocation failed");
            return;
        }
    }
    npki_write_bytes(w, kind, &pieces, (uint64_t)npk_nbytes(array), fresh);
    npki_free(&w->allocator, e.item, e.item_size);
}

/* (_reconstruct, (ndarray, (0,), b'b'), (1, shape, dtype, is_fortran, elements)) */
static void begin_reconstruct(npk_writer *w, const npk_ndarray *array)
{
    static const int64_t none[1] = {0};
    npki_begin(w, NPK_KIND_OBJECT, 3, true);
    npki_write_global(w, NPKI_RECONSTRUCT);
    npki_begin(w, NPK_KIND_TUPLE, 3, false);
    npki_write_global(w, NPKI_NDARRAY);
    write_shape(w, 1, none);
    npki_write_text(w, NPK_KIND_BYTES, "b", 1, 0, false);
    npki_end(w);
    npki_begin(w, NPK_KIND_TUPLE, 5, false);
    npk_int(w, 1);
    write_shape(w, array->ndim, array->shape);
    write_dtype(w, array->dtype);
    npk_bool(w, npki_memory_order(array) == 'F');
}

/* (_frombuffer, (buffer, dtype, shape, order)), with 'K' the order of the axes too. */
void npki_begin_ndarray(npk_writer *w, const npk_ndarray *array, bool buffer, bool axes)
{
    if (!buffer) {
        begin_reconstruct(w, array);
        return;
    }
    npki_begin(w, NPK_KIND_OBJECT, 2, true);
    npki_write_global(w, NPKI_FROMBUFFER);
    npki_begin(w, NPK_KIND_TUPLE, axes ? 5 : 4, false);
}

void npki_end_ndarray(npk_writer *w, const npk_ndarray *array, bool buffer, char order, const int64_t *axes)
{
    if (buffer) {
        write_dtype(w, array->dtype);
        write_shape(w, array->ndim, array->shape);
        npki_write_text(w, NPK_KIND_STR, &order, 1, 0, false);
        if (axes != NULL)
            write_shape(w, array->ndim, axes);
    }
    npki_end(w);
    npki_end(w);
}

/* Out of band, where the caller takes it: then the pickle only says that it comes next. */
static bool give_buffer(npk_writer *w, const npk_ndarray *array)
{
    const npk_buffer buffer = {array->data, (size_t)npk_nbytes(array), array->readonly};
    if (w->buffer == NULL || array->data == NULL || !w->buffer(w->buffer_context, &buffer))
        return false;
    if (npki_before(w)) {
        npki_op(w, NPKI_ROW_NEXT_BUFFER);
        if (array->readonly)
            npki_op(w, NPKI_ROW_READONLY_BUFFER);
        npki_after(w);
    }
    return true;
}

static void write_frombuffer(npk_writer *w, const npk_ndarray *array, char order, const int64_t *axes)
{
    npki_begin_ndarray(w, array, true, axes != NULL);
    if (!give_buffer(w, array))
        write_elements(w, array, order == 'F' ? 'F' : 'C', array->readonly ? NPK_KIND_BYTES : NPK_KIND_BYTEARRAY, true);
    npki_end_ndarray(w, array, true, order, axes);
}

/* The axes from the widest stride to the narrowest (numpy: PyArray_CreateSortedStridePerm), and whether the array, its axes in
 * that order, lies in one piece. */
static bool sort_axes(const npk_ndarray *array, npk_ndarray *sorted, int64_t *shape, int64_t *strides, int64_t *back)
{
    int axis[NPK_MAXDIMS];
    for (int i = 0; i < array->ndim; i++) { /* insertion sort: stable, and there are few */
        int at = i;
        int64_t width = array->strides[i] < 0 ? -array->strides[i] : array->strides[i];
        for (; at > 0; at--) {
            int64_t other = array->strides[axis[at - 1]];
            if ((other < 0 ? -other : other) >= width)
                break;
            axis[at] = axis[at - 1];
        }
        axis[at] = i;
    }
    *sorted = *array;
    sorted->shape = shape;
    sorted->strides = strides;
    for (int i = 0; i < array->ndim; i++) {
        shape[i] = array->shape[axis[i]];
        strides[i] = array->strides[axis[i]];
        back[axis[i]] = i;
    }
    return npki_is_c_contiguous(sorted);
}

/* Those that Python's struct module has a letter for. */
bool npki_has_buffer(const npk_writer *w, const npk_dtype *dtype)
{
    static const enum { ALWAYS, NATIVE, NEVER } buffers[NPK_TYPES] = {
        [NPK_FLOAT96] = NATIVE,    [NPK_FLOAT128] = NATIVE,   [NPK_COMPLEX192] = NATIVE, [NPK_COMPLEX256] = NATIVE,
        [NPK_DATETIME64] = NEVER, [NPK_TIMEDELTA64] = NEVER, [NPK_OBJECT] = NEVER,
    };
    return w->protocol >= npki_opcodes[NPKI_ROW_BYTEARRAY8].protocol && dtype->itemsize > 0 && buffers[dtype->type] != NEVER &&
           (buffers[dtype->type] == ALWAYS || npki_dtype_is_native(dtype));
}

/* Protocol 5, where NumPy gives the elements as a buffer. False: it does not. */
static bool write_as_buffer(npk_writer *w, const npk_ndarray *array)
{
    int64_t shape[NPK_MAXDIMS], strides[NPK_MAXDIMS], back[NPK_MAXDIMS];
    npk_ndarray sorted;
    if (!npki_has_buffer(w, array->dtype))
        return false;
    if (npki_is_c_contiguous(array))
        write_frombuffer(w, array, 'C', NULL);
    else if (npki_is_f_contiguous(array))
        write_frombuffer(w, array, 'F', NULL);
    else if (w->dialect->axis_order && array->strides != NULL && sort_axes(array, &sorted, shape, strides, back))
        write_frombuffer(w, &sorted, 'K', back);
    else
        return false;
    return true;
}

npk_status npk_array(npk_writer *w, const npk_ndarray *array)
{
    npk_error error;
    if (w->error.status != NPK_OK)
        return w->error.status;
    if (npki_ndarray_check(array, &error) != NPK_OK)
        return npki_writer_fail(w, error.status, "%s", error.message);
    if (array->dtype->is_struct || array->dtype->base != NULL || array->dtype->has_object)
        return npki_writer_fail(w, NPK_UNSUPPORTED, "an array of structs or of Python objects can't be written yet");
    if (!write_as_buffer(w, array)) {
        begin_reconstruct(w, array);
        write_elements(w, array, npki_memory_order(array), NPK_KIND_BYTES, false);
        npki_end_ndarray(w, array, false, 'C', NULL);
    }
    return w->error.status;
}
