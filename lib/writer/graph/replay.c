/* Values that a builder of documents was given: each is written by the same npk_write_*, so that it comes out at every
 * protocol and in every dialect as if this writer had been given it. */
#include "writer/graph/graph.h"

#include <npickle/pyarray.h>

#include <string.h>

static bool replay_text(npk_writer *w, const npk_value *value)
{
    size_t size;
    const char *text;
    if (!npki_text_of(value, &text, &size))
        return false;
    npki_write_text(w, npk_value_kind(value), text, size, 0, NPKI_NUMBER_IF_HELD);
    return true;
}

static bool replay_bytearray(npk_writer *w, const npk_value *value)
{
    size_t size;
    const uint8_t *bytes = npk_value_as_bytes(value, &size);
    npk_write_bytearray(w, bytes, size);
    return true;
}

static bool replay_global(npk_writer *w, const npk_value *value)
{
    const npki_global *global = value->u.global;
    npki_write_global_size(w, global->module, global->module_size, global->name, global->name_size);
    return true;
}

static bool replay_complex(npk_writer *w, const npk_value *value)
{
    npk_write_complex(w, value->u.complex[0], value->u.complex[1]);
    return true;
}

/* An array is a buffer at protocol 5 where it was one when it was given: NumPy makes none of an array with gaps. The
 * state of a subclass, and of Python objects, is that of a graph. */
static bool replay_array(npk_writer *w, const npk_value *value)
{
    npk_array array;
    npki_buffer_use buffer = value->u.object->meaning == NPKI_FROMBUFFER ? NPKI_BUFFER_IF_POSSIBLE : NPKI_BUFFER_NEVER;
    const char *class_name = npk_array_class(value);
    if (npk_array_of(value, &array, NULL) != NPK_OK || npk_dtype_has_object(array.dtype) ||
        strcmp(class_name, "numpy.ndarray") != 0)
        return false;
    npki_write_array(w, &array, buffer);
    return true;
}

static bool replay_masked(npk_writer *w, const npk_value *value)
{
    npk_array data, mask, fill;
    const npk_value *fill_value;
    if (npk_masked_of(value, &data, &mask, &fill_value, NULL) != NPK_OK || npk_dtype_has_object(data.dtype))
        return false;
    bool given = npk_array_of(fill_value, &fill, NULL) == NPK_OK;
    npk_write_masked(w, &data, &mask, given ? &fill : NULL);
    return true;
}

static bool replay_dtype(npk_writer *w, const npk_value *value)
{
    npk_write_dtype(w, npk_value_dtype(value));
    return true;
}

/* In documents the usual form is that of the machine; one that was asked for stays. */
static bool replay_pyarray(npk_writer *w, const npk_value *value)
{
    npk_array array;
    npk_pyarray is;
    if (!npk_pyarray_of(value, &is) || npk_array_of(value, &array, NULL) != NPK_OK)
        return false;
    npk_write_pyarray(w, is.typecode, is.form == NPK_PYARRAY_MACHINE ? NPK_PYARRAY_DEFAULT : is.form, &array);
    return true;
}

typedef bool replay(npk_writer *w, const npk_value *value);

/* The others are the same by way of a graph. */
static replay *const by_kind[NPKI_KINDS] = {
    [NPK_KIND_STR] = replay_text,      [NPK_KIND_BYTES] = replay_text,      [NPK_KIND_BYTEARRAY] = replay_bytearray,
    [NPK_KIND_GLOBAL] = replay_global, [NPK_KIND_COMPLEX] = replay_complex,
};

/* OBJECT: what one npk_write_* makes. */
static replay *const by_meaning[NPKI_MEANINGS] = {
    [NPKI_RECONSTRUCT] = replay_array,
    [NPKI_FROMBUFFER] = replay_array,
    [NPKI_MASKED] = replay_masked,
    [NPKI_PYARRAY] = replay_pyarray,
    [NPKI_PYARRAY_RECONSTRUCT] = replay_pyarray,
    [NPKI_DTYPE] = replay_dtype,
};

bool npki_replay(npk_writer *w, const npk_value *value, npki_number_when number)
{
    replay *again = value->kind == NPK_KIND_OBJECT ? by_meaning[value->u.object->meaning] : by_kind[value->kind];
    if (again == NULL || npki_call_of(value) != NULL || !again(w, value))
        return false;
    if (number == NPKI_NUMBER_ALWAYS && w->last == NPK_UNKNOWN)
        npk_writer_last(w);
    return true;
}

npki_number_when npki_number_replayed(const npk_value *value)
{
    bool always = value->kind == NPK_KIND_OBJECT || value->kind == NPK_KIND_GLOBAL ||
                  ((value->kind == NPK_KIND_LIST || value->kind == NPK_KIND_DICT) && npki_count_of(value) > 0);
    return npki_number_always_if(always);
}
