/* array.array, in each of its forms.
 * CPython: Modules/arraymodule.c array___reduce_ex___impl(); Jython: PyArray.java __reduce__(). */
#include "writer/numpy/numpy.h"

#include "base/bytes.h"
#include "base/error.h"
#include "cast/extended.h"
#include "known/item.h"
#include "array/layout.h"
#include "globals/typecode.h"
#include "text/unicode.h"

#include <npickle/pyarray.h>

/* An array that is being written: its elements in one piece, in the order of bytes that the form has. */
typedef struct pyarray {
    const npki_typecode *row;
    const uint8_t *elements;
    size_t count, width;
} pyarray;

/* --- elements --- */

/* Every element in the other order of bytes. */
static void swap(uint8_t *bytes, size_t size, size_t width)
{
    for (size_t i = 0; width > 1 && i < size; i += width)
        for (size_t low = i, high = i + width - 1; low < high; low++, high--) {
            uint8_t byte = bytes[low];
            bytes[low] = bytes[high];
            bytes[high] = byte;
        }
}

/* Python 2 has all of a typecode as long, or none. */
static void write_uint(npk_writer *w, const npki_typecode *row, uint64_t bits)
{
    uint8_t bytes[9] = {0};
    npki_store_le(bytes, bits, 8);
    if (row->longs)
        npk_write_long(w, bytes, sizeof bytes);
    else
        npk_write_uint(w, bits);
}

/* One element as a value of Python; `p`: least significant byte first. */
static void write_item(npk_writer *w, const pyarray *a, const uint8_t *p)
{
    uint64_t bits = npki_load_le(p, a->width);
    uint8_t text[4];
    switch (a->row->item) {
    case NPKI_ITEM_INT:
        npk_write_int(w, npki_sign_extend(bits, a->width));
        break;
    case NPKI_ITEM_UINT:
        write_uint(w, a->row, bits);
        break;
    case NPKI_ITEM_FLOAT:
        npk_write_float(w, npki_float_of_bits(bits, a->width));
        break;
    case NPKI_ITEM_BOOL:
        npk_write_bool(w, bits != 0);
        break;
    case NPKI_ITEM_CHAR:
        npki_write_text(w, NPK_KIND_BYTES, p, 1, 0, NPKI_NUMBER_IF_HELD);
        break;
    case NPKI_ITEM_TEXT:
        npki_write_text(w, NPK_KIND_STR, text, npki_utf8_put((uint32_t)bits, text), 0, NPKI_NUMBER_IF_HELD);
        break;
    default:
        break;
    }
}

/* --- forms --- */

static void write_typecode(npk_writer *w, char typecode, npk_kind kind)
{
    npki_write_text(w, kind, &typecode, 1, 0, NPKI_NUMBER_IF_HELD);
}

static void begin_call(npk_writer *w, npki_meaning callable, int64_t arguments)
{
    npki_begin(w, NPK_KIND_OBJECT, 2, NPKI_NUMBER_ALWAYS);
    npki_can_be_no_key(w);
    npki_write_meaning(w, callable);
    npki_begin(w, NPK_KIND_TUPLE, arguments, NPKI_NUMBER_IF_HELD);
}

static void end_call(npk_writer *w)
{
    npki_end(w);
    npki_end(w);
}

static void write_list(npk_writer *w, const pyarray *a)
{
    begin_call(w, NPKI_PYARRAY, 2);
    write_typecode(w, a->row->letter, w->python->python2 ? NPK_KIND_PYTHON2_STR : NPK_KIND_STR);
    npki_begin(w, NPK_KIND_LIST, (int64_t)a->count, npki_number_always_if(a->count > 0));
    for (size_t i = 0; i < a->count && w->error.status == NPK_OK; i++)
        write_item(w, a, a->elements + i * a->width);
    npki_end(w);
    end_call(w);
}

static void write_machine(npk_writer *w, const pyarray *a)
{
    begin_call(w, NPKI_PYARRAY_RECONSTRUCT, 4);
    npki_write_meaning(w, NPKI_PYARRAY);
    write_typecode(w, a->row->letter, NPK_KIND_STR);
    npk_write_int(w, npki_machine_code(a->row->item, (int)a->width, '<'));
    npki_write_text(w, NPK_KIND_BYTES, a->elements, a->count * a->width, 0, NPKI_NUMBER_IF_HELD);
    end_call(w);
}

static void write_raw(npk_writer *w, const pyarray *a)
{
    bool python2 = w->protocol < npki_opcodes[NPKI_ROW_BINBYTES].protocol;
    begin_call(w, NPKI_PYARRAY, a->count > 0 ? 2 : 1);
    write_typecode(w, a->row->letter, python2 ? NPK_KIND_PYTHON2_STR : NPK_KIND_STR);
    if (a->count > 0)
        npki_write_text(w, python2 ? NPK_KIND_PYTHON2_STR : NPK_KIND_BYTES, a->elements, a->count * a->width, 0,
                        NPKI_NUMBER_IF_HELD);
    end_call(w);
}

/* A form: who reads it, below protocol 3 (from there on only Python 3 reads anything), and whose widths and order it
 * must have. */
static const struct {
    void (*write)(npk_writer *w, const pyarray *a);
    uint8_t pythons;
    npk_array_producer producer; /* GUESS: the widths as given, least significant byte first */
} forms[NPKI_PYARRAY_FORMS] = {
    [NPK_PYARRAY_LIST] = {write_list, NPKI_HAS_2 | NPKI_HAS_3 | NPKI_HAS_J, NPK_ARRAY_GUESS},
    [NPK_PYARRAY_MACHINE] = {write_machine, NPKI_HAS_3, NPK_ARRAY_GUESS},
    [NPK_PYARRAY_RAW] = {write_raw, NPKI_HAS_2 | NPKI_HAS_3, NPK_ARRAY_CPYTHON},
    [NPK_PYARRAY_JYTHON] = {write_raw, NPKI_HAS_J, NPK_ARRAY_JYTHON},
};

uint8_t npki_python_bit(const npk_writer *w)
{
    return w->python->java_arrays ? NPKI_HAS_J : w->python->python2 ? NPKI_HAS_2 : NPKI_HAS_3;
}

npk_pyarray_form npki_pyarray_default_form(const npk_writer *w)
{
    if (w->python->java_arrays)
        return NPK_PYARRAY_JYTHON;
    return w->protocol >= npki_opcodes[NPKI_ROW_BINBYTES].protocol ? NPK_PYARRAY_MACHINE : NPK_PYARRAY_LIST;
}

/* --- what is asked for --- */

static bool has_width(const npki_typecode *row, int64_t width)
{
    if (row->item == NPKI_ITEM_TEXT)
        return width == 4;
    return width == row->width[NPKI_WIDTHS_CPYTHON] || width == row->width[NPKI_WIDTHS_CPYTHON32];
}

/* Bytes, bools and u1 are one to the typecodes without a sign. */
static bool is_kind(const npki_typecode *row, char kind)
{
    bool byte = kind == 'S' || kind == 'b' || kind == 'u';
    bool unsigned_byte = row->width[NPKI_WIDTHS_CPYTHON] == 1 && row->item != NPKI_ITEM_INT;
    return kind == npki_item_kind(row->item) || (byte && unsigned_byte);
}

static npk_status check(npk_writer *w, const npki_typecode *row, const npk_array *array)
{
    char text[32];
    npk_error error;
    if (npki_array_check(array, &error) != NPK_OK)
        return npki_writer_fail(w, error.status, "%s", error.message);
    npk_dtype_str(array->dtype, text, sizeof text);
    if (array->ndim != 1)
        return npki_writer_fail(w, NPK_ERR_USAGE, "an array.array has one dimension, found %d", array->ndim);
    if (array->dtype->base != NULL || !is_kind(row, npk_dtype_kind(array->dtype)) ||
        !has_width(row, npk_dtype_itemsize(array->dtype)))
        return npki_writer_fail(w, NPK_ERR_USAGE, "an array.array of '%c' with elements of %s", row->letter, text);
    return NPK_OK;
}

/* The form and the typecode must be ones that the dialect's Python has, or for JYTHON and RAW the one that they are
 * for. */
static npk_status check_python(npk_writer *w, const npki_typecode *row, npk_pyarray_form form)
{
    bool raw = form == NPK_PYARRAY_JYTHON || form == NPK_PYARRAY_RAW;
    char name[32];
    uint8_t python = raw ? forms[form].pythons : npki_python_bit(w) & forms[form].pythons;
    if (w->protocol >= npki_opcodes[NPKI_ROW_BINBYTES].protocol)
        python &= NPKI_HAS_3;
    if ((row->pythons & python) != 0)
        return NPK_OK;
    npk_dialect_str(w->python->since, name, sizeof name);
    if (python == 0)
        return npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "no array.array in the %s form at protocol %d, written by %s",
                                npk_pyarray_form_name(form), w->protocol, name);
    return npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "no array.array of '%c' in the %s form, written by %s", row->letter,
                            npk_pyarray_form_name(form), name);
}

/* The elements in the width and the order of bytes that the form has: *a gets them. Only an 'l' or 'L' can have another
 * width, 4. */
static npk_status take_elements(const npk_array *array, npk_pyarray_form form, pyarray *a, uint8_t *room,
                                npk_error *error)
{
    const npki_producer *producer = npki_producer_of(forms[form].producer);
    const npk_dtype *dtype = array->dtype;
    size_t width = producer == NULL ? (size_t)dtype->itemsize : a->row->width[producer->widths];
    npk_status status;
    a->count = (size_t)npk_array_count(array);
    if (width != (size_t)dtype->itemsize) {
        dtype = npk_dtype_native(a->row->item == NPKI_ITEM_INT ? NPK_INT64 : NPK_UINT64);
        status = npk_array_read_as(array, dtype, NPK_CAST_SAFE, room, a->count, error);
    } else {
        status = npk_array_copy(array, 'C', room, a->count * width, error);
    }
    char order = producer == NULL ? '<' : producer->order;
    if (status == NPK_OK && width > 1 && dtype->byteorder != order)
        swap(room, a->count * width, width);
    if (status == NPK_OK && a->row->item == NPKI_ITEM_TEXT &&
        !npki_are_characters(room, a->count * width, (int)width, order))
        status =
            npki_fail(error, NPK_ERR_USAGE, "expected characters for an array.array, found a number beyond U+10FFFF");
    a->width = width;
    a->elements = room;
    return status;
}

npk_status npk_write_pyarray(npk_writer *w, char typecode, npk_pyarray_form form, const npk_array *array)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (array == NULL)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected an array, found NULL");
    npk_error error;
    const npki_typecode *row = npki_typecode_of(typecode);
    if (w->error.status != NPK_OK)
        return w->error.status;
    if (form == NPK_PYARRAY_DEFAULT)
        form = npki_pyarray_default_form(w);
    if (row == NULL || (size_t)form >= NPKI_PYARRAY_FORMS)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected a typecode and a form of array.array, found %d and %d",
                                typecode, (int)form);
    if (check(w, row, array) != NPK_OK || check_python(w, row, form) != NPK_OK)
        return w->error.status;
    pyarray a = {.row = row};
    int64_t nbytes = npk_array_nbytes(array);
    size_t room = nbytes < 0 || (uint64_t)nbytes >= SIZE_MAX / 2 ? 0 : 2 * (size_t)nbytes + 1;
    uint8_t *elements = room == 0 ? NULL : npki_allocate(&w->allocator, room);
    if (elements == NULL)
        return npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
    if (take_elements(array, form, &a, elements, &error) == NPK_OK)
        forms[form].write(w, &a);
    else
        npki_writer_fail(w, error.status, "%s", error.message);
    npki_free(&w->allocator, elements, room);
    return w->error.status;
}
