/* Arrays inside what a class or a program has made of their state. numpy: ndarray.__reduce__() gives (_reconstruct,
 * (class, (0,), b'b'), state); what takes that apart keeps the state, and puts it
 *
 *   state + (info,)                       in front of a longer tuple: NumPy's manual on subclasses, astropy's tables
 *   (unit,) + state                       at its end: unyt
 *   (state, attributes)                   into another: astropy's Quantity, pandas
 *   {'data': state, ...}                  under a key
 *   f(_reconstruct, (...), state, ...)    among the arguments of a call: JAX, dill
 *
 * So the state is known by what it is and not by where it lies. Five items in a row, of which the last has just the
 * bytes, or the objects, that the others say: nothing but an array's state has that. */
#include "known/known.h"

#include "base/bytes.h"
#include "dtype/dtype.h"
#include "text/sink.h"

#include <string.h>

/* A search is bounded, as a pickle may ask for one with every opcode. */
#define MOST_ITEMS 64       /* of a container: a longer one is not searched */
#define MOST_CONTAINERS 16u /* that are searched */
#define MOST_LOOKED_AT 128u /* items of all of them */

/* --- what a state is ---------------------------------------------------------------------------------------------- */

/* Lengths, and how many items they come to. */
static bool is_shape(const npk_value *value, int64_t *items)
{
    *items = 1;
    if (value->kind != NPK_KIND_TUPLE || npki_count_of(value) > NPK_MAXDIMS)
        return false;
    for (size_t i = 0; i < npki_count_of(value); i++) {
        int64_t length;
        if (!npki_take_int(npki_item_of(value, i), &length) || length < 0 || !npki_mul_int64(*items, length, items))
            return false;
    }
    return true;
}

/* Characters of latin-1 stand for bytes, as they do for array_setstate(). */
static int64_t bytes_in(const npk_value *value)
{
    const char *text;
    size_t size;
    if (value->kind == NPK_KIND_BYTES || value->kind == NPK_KIND_PYTHON2_STR)
        return npk_value_bytes_size(value);
    if (value->kind != NPK_KIND_STR || !npki_text_of(value, &text, &size))
        return -1;
    return (int64_t)npki_sink_characters(text, size);
}

static bool is_flag(const npk_value *value)
{
    int64_t number;
    return value->kind == NPK_KIND_BOOL || (npki_take_int(value, &number) && (number == 0 || number == 1));
}

/* Whether a dtype out of the memo may be waiting for its own state: it would get none any more, were it an array's. */
static bool may_get_state(const npk_value *dtype)
{
    const npki_object *object = dtype->u.object;
    return object->meaning == NPKI_DTYPE && object->state == NULL && (dtype->flags & NPKI_IS_SHARED) != 0;
}

/* (version, shape, dtype, is_fortran, elements), with mask and fill value behind where there are as many as `size`.
 * `in_use`: no dtype waits for its own state. */
static bool is_state(npk_value *const *items, size_t size, bool in_use)
{
    int64_t version, count, bytes;
    const npk_dtype *dtype = npk_value_dtype(items[2]);
    if (dtype == NULL || (!in_use && may_get_state(items[2])) || !npki_take_int(items[0], &version) || version < 0 ||
        version > 1 || !is_flag(items[3]) || !is_shape(items[1], &count))
        return false;
    if (dtype->has_object && (items[4]->kind != NPK_KIND_LIST || (int64_t)npki_count_of(items[4]) != count))
        return false;
    if (!dtype->has_object && (!npki_mul_int64(count, dtype->itemsize, &bytes) || bytes_in(items[4]) != bytes))
        return false;
    return size == NPKI_STATE_SIZE || npki_is_bytes(items[5]) || items[5]->kind == NPK_KIND_STR;
}

/* --- the search --------------------------------------------------------------------------------------------------- */

/* A container that is searched, and which one it lies in. */
typedef struct stop {
    npk_value *container;
    uint8_t outer, depth;
} stop;

static bool is_searched(const npk_value *value)
{
    return (value->kind == NPK_KIND_TUPLE || value->kind == NPK_KIND_LIST || value->kind == NPK_KIND_DICT) &&
           npki_count_of(value) > 0 && npki_count_of(value) <= MOST_ITEMS;
}

static void keep(const stop *stops, size_t at, size_t start, size_t size, npki_found *out)
{
    if (out->times++ > 0)
        return;
    out->count = stops[at].depth;
    out->start = (uint8_t)start;
    out->end = (uint8_t)(start + size);
    for (size_t i = out->count; i-- > 0; at = stops[at].outer)
        out->holders[i] = stops[at].container;
}

static void find(npk_value *from, size_t size, bool in_use, npki_found *out)
{
    stop stops[MOST_CONTAINERS];
    size_t count = 0, looked_at = 0;
    *out = (npki_found){.count = 0};
    if (is_searched(from))
        stops[count++] = (stop){from, 0, 1};
    for (size_t at = 0; at < count; at++) {
        npk_value *const *items = stops[at].container->u.items->at;
        size_t length = npki_count_of(stops[at].container);
        for (size_t i = 0; i < length && looked_at < MOST_LOOKED_AT; i++, looked_at++) {
            if (stops[at].container->kind == NPK_KIND_TUPLE && length - i >= size && is_state(items + i, size, in_use))
                keep(stops, at, i, size, out);
            if (stops[at].depth < NPKI_FOUND_DEEPEST && count < MOST_CONTAINERS && is_searched(items[i]))
                stops[count++] = (stop){items[i], (uint8_t)at, (uint8_t)(stops[at].depth + 1)};
        }
    }
}

void npki_find_state(npk_value *from, size_t size, npki_found *out)
{
    find(from, size, false, out);
}

bool npki_finds_other_state(npk_value *from, size_t size)
{
    npki_found now, then;
    find(from, size, false, &now);
    find(from, size, true, &then);
    return (now.times == 1) != (then.times == 1);
}

npk_status npki_keep_found(npki_site *site, npki_array_state *array, const npki_found *found)
{
    npk_value **holders = npki_arena_take(site->arena, found->count * sizeof *holders);
    if (holders == NULL)
        return npki_site_full(site);
    for (size_t i = 0; i < found->count; i++)
        npki_freeze(found->holders[i], found->holders[i]->kind == NPK_KIND_TUPLE ? NPKI_FREEZE_READ : NPKI_FREEZE_ALL);
    memcpy(holders, found->holders, found->count * sizeof *holders);
    array->holders = holders;
    array->holder_count = found->count;
    array->start = found->start;
    array->end = found->end;
    return NPK_OK;
}
