/* Values that a writer of values was given, to be written: each by the same call of the alphabet, so that it comes
 * out at every protocol and in every dialect as if it had been sent there. */
#include "writer/core/writer.h"

#include "base/bytes.h"
#include "value/value.h"

#include <npickle/pyarray.h>

static bool send_text(npk_writer *w, const npk_value *value)
{
    size_t size;
    const char *text;
    if (!npki_text_of(value, &text, &size))
        return false;
    npki_write_text(w, npk_value_kind(value), text, size, 0, false);
    return true;
}

static bool send_bytearray(npk_writer *w, const npk_value *value)
{
    size_t size;
    const uint8_t *bytes = npk_value_as_bytes(value, &size);
    npk_write_bytearray(w, bytes, size);
    return true;
}

static bool send_global(npk_writer *w, const npk_value *value)
{
    const npki_global *global = value->u.global;
    npki_write_named(w, global->module, global->module_size, global->name, global->name_size);
    return true;
}

static bool send_complex(npk_writer *w, const npk_value *value)
{
    npk_write_complex(w, value->u.complex[0], value->u.complex[1]);
    return true;
}

/* An array is a buffer at protocol 5 where it was one when it was given: NumPy makes none of an array with gaps. The
 * state of a subclass, and of Python objects, is that of a graph. */
static bool send_array(npk_writer *w, const npk_value *value)
{
    npk_array array;
    bool buffer = value->u.object->meaning == NPKI_FROMBUFFER;
    const char *class_name = npk_array_class(value);
    if (npk_array_of(value, &array, NULL) != NPK_OK || npk_dtype_has_object(array.dtype) ||
        strcmp(class_name, "numpy.ndarray") != 0)
        return false;
    npki_write_array(w, &array, buffer);
    return true;
}

static bool send_masked(npk_writer *w, const npk_value *value)
{
    npk_array data, mask, fill;
    const npk_value *fill_value;
    if (npk_masked_of(value, &data, &mask, &fill_value, NULL) != NPK_OK || npk_dtype_has_object(data.dtype))
        return false;
    bool given = npk_array_of(fill_value, &fill, NULL) == NPK_OK;
    npk_write_masked(w, &data, &mask, given ? &fill : NULL);
    return true;
}

static bool send_dtype(npk_writer *w, const npk_value *value)
{
    npk_write_dtype(w, npk_value_dtype(value));
    return true;
}

/* In values the usual form is that of the machine; one that was asked for stays. */
static bool send_pyarray(npk_writer *w, const npk_value *value)
{
    npk_array array;
    npk_pyarray is;
    if (!npk_pyarray_of(value, &is) || npk_array_of(value, &array, NULL) != NPK_OK)
        return false;
    npk_write_pyarray(w, is.typecode, is.form == NPK_PYARRAY_MACHINE ? NPK_PYARRAY_DEFAULT : is.form, &array);
    return true;
}

typedef bool send(npk_writer *w, const npk_value *value);

/* The others are the same by way of a graph. */
static send *const by_kind[NPKI_KINDS] = {
    [NPK_KIND_STR] = send_text,
    [NPK_KIND_BYTES] = send_text,
    [NPK_KIND_BYTEARRAY] = send_bytearray,
    [NPK_KIND_GLOBAL] = send_global,
    [NPK_KIND_COMPLEX] = send_complex,
};

/* OBJECT: what one call of the alphabet makes whole. */
static send *const by_meaning[NPKI_MEANINGS] = {
    [NPKI_RECONSTRUCT] = send_array,
    [NPKI_FROMBUFFER] = send_array,
    [NPKI_MASKED] = send_masked,
    [NPKI_PYARRAY] = send_pyarray,
    [NPKI_PYARRAY_RECONSTRUCT] = send_pyarray,
    [NPKI_DTYPE] = send_dtype,
};

bool npki_replay(npk_writer *w, const npk_value *value, bool keep)
{
    send *again = value->kind == NPK_KIND_OBJECT ? by_meaning[value->u.object->meaning] : by_kind[value->kind];
    if (again == NULL || npki_call_of(value) != NULL || !again(w, value))
        return false;
    if (keep && w->last == NPK_UNKNOWN)
        npk_writer_last(w);
    return true;
}

bool npki_keeps_replayed(const npk_value *value)
{
    return value->kind == NPK_KIND_OBJECT || value->kind == NPK_KIND_GLOBAL ||
           ((value->kind == NPK_KIND_LIST || value->kind == NPK_KIND_DICT) && npki_count_of(value) > 0);
}
