/* array.array: the forms in which Python 2, Python 3 and Jython have it.
 * CPython: Modules/arraymodule.c array___reduce_ex___impl(), array__array_reconstructor_impl(); Jython: PyArray.java */
#include "known/item.h"
#include "known/known.h"

#include "cast/numbers.h"
#include "dtype/dtype.h"

#include <inttypes.h>
#include <npickle/pyarray.h>
#include <string.h>

/* --- what all forms end in --- */

/* "<i4"; a character has four bytes. */
static npk_status set_dtype(npki_site *site, npki_array_state *array, npki_item item, int width, char order)
{
    char text[3] = {order, npki_item_kind(item), (char)('0' + (item == NPKI_ITEM_TEXT ? 1 : width))};
    npk_dtype dtype = {.type = NPK_VOID};
    if (!npki_dtype_parse_into(text, sizeof text, &dtype))
        return npki_site_fail(site, NPK_ERR_DTYPE, "expected a dtype, found '%.3s'", text);
    array->dtype = npki_dtype_intern(&dtype);
    if (array->dtype != &dtype) /* built in */
        return NPK_OK;
    npk_dtype *own = npki_arena_take(site->arena, sizeof *own);
    if (own == NULL)
        return npki_site_full(site);
    *own = dtype;
    own->storage = NPKI_STORED_INSIDE;
    array->dtype = own;
    return NPK_OK;
}

/* The object is this array: `count` elements of its dtype. */
static npk_status finish(npki_site *site, npk_value *object, npki_array_state *array, uint64_t count)
{
    int64_t *lengths = npki_arena_take(site->arena, 2 * sizeof *lengths);
    if (lengths == NULL)
        return npki_site_full(site);
    lengths[0] = (int64_t)count;
    lengths[1] = array->dtype->itemsize;
    array->ndim = 1;
    array->order = 'C';
    array->shape = &lengths[0];
    array->strides = &lengths[1];
    array->nbytes = count * (uint64_t)array->dtype->itemsize;
    object->u.object->array = array;
    return NPK_OK;
}

/* Bytes that are the elements, as they lie. */
static npk_status take_bytes(npki_site *site, npk_value *object, npki_array_state *array, npk_value *payload, int width)
{
    uint64_t size = (uint64_t)npk_value_bytes_size(payload);
    if (size % (uint64_t)width != 0)
        return npki_site_fail(site, NPK_ERR_CALL, "an array of '%c' with %" PRIu64 " bytes: each element has %d",
                              array->typecode, size, width);
    payload->flags |= NPKI_IS_PAYLOAD;
    array->payload = payload;
    return finish(site, object, array, size / (uint64_t)width);
}

/* Room for elements that are made, not viewed. A list or bytes may be used again and again: that is counted. */
static npk_status take_room(npki_site *site, uint64_t size, uint8_t **out)
{
    npk_status status =
        size > SIZE_MAX ? npki_site_fail(site, NPK_ERR_LIMIT, "an array larger than memory") : npki_pay(site, size);
    if (status != NPK_OK)
        return status;
    *out = npki_arena_take(site->arena, (size_t)size);
    return *out != NULL ? NPK_OK : npki_site_full(site);
}

/* --- a list of elements --- */

static npk_status take_list(npki_site *site, npk_value *object, npki_array_state *array, const npki_typecode *row,
                            const npk_value *list)
{
    size_t count = npki_count_of(list), width = row->item == NPKI_ITEM_TEXT ? 4 : row->width[NPKI_WIDTHS_CPYTHON];
    uint8_t *out = NULL;
    npk_status status = take_room(site, (uint64_t)count * width, &out);
    for (size_t i = 0; status == NPK_OK && i < count; i++) {
        const npk_value *item = npki_item_of(list, i);
        npki_outcome result = npki_put_item(row->item, item, width, out + i * width);
        if (result != NPKI_ITEM_IS_GOOD)
            status =
                npki_site_fail(site, NPK_ERR_CALL, "item %zu of an array of '%c' is %s%s", i, row->letter,
                               result == NPKI_ITEM_WRONG_KIND ? npk_kind_name(npk_value_kind(item)) : "out of range",
                               result == NPKI_ITEM_WRONG_KIND ? ", which cannot be an element" : "");
    }
    if (status == NPK_OK)
        status = set_dtype(site, array, row->item, (int)width, '<');
    array->raw = out;
    array->form = NPK_PYARRAY_LIST;
    return status == NPK_OK ? finish(site, object, array, count) : status;
}

/* --- characters --- */

/* The bytes of an array of characters, decoded, in the second half of *room. */
static npk_status take_characters(npki_site *site, const npk_value *payload, uint8_t **room, uint64_t *size)
{
    *size = (uint64_t)npk_value_bytes_size(payload);
    npk_status status = take_room(site, *size > UINT64_MAX / 2 ? UINT64_MAX : 2 * *size, room);
    if (status == NPK_OK)
        npk_value_bytes_copy(payload, *room + *size, (size_t)*size);
    return status;
}

static npk_status make_characters(npki_site *site, npk_value *object, npki_array_state *array, uint8_t *room,
                                  uint64_t size, int width, char order)
{
    npk_status status = set_dtype(site, array, NPKI_ITEM_TEXT, 4, '<');
    array->raw = room;
    uint64_t count = npki_decode_characters(room + size, size, width, order, room);
    return status == NPK_OK ? finish(site, object, array, count) : status;
}

/* --- raw bytes --- */

/* What is seen of the pickle tells who wrote it, in the order of likelihood. CPython's cPickle counts the memo from
 * 1 and has no str of one byte in it; Jython's counts from 1 too and has everything. Both have a pickle.py, which
 * counts from 0 and has everything. */
typedef enum sight { SEEN_NOTHING, SEEN_CPICKLE, SEEN_JYTHON, SEEN_PYTHON3, SIGHTS } sight;

#define GUESSES 3

static const struct {
    npk_array_producer order[GUESSES];
    bool tells; /* the first of them is no mere assumption */
} guesses[SIGHTS] = {
    [SEEN_NOTHING] = {{NPK_ARRAY_JYTHON, NPK_ARRAY_CPYTHON, NPK_ARRAY_CPYTHON32}, false},
    [SEEN_CPICKLE] = {{NPK_ARRAY_CPYTHON, NPK_ARRAY_CPYTHON32, NPK_ARRAY_JYTHON}, false},
    [SEEN_JYTHON] = {{NPK_ARRAY_JYTHON, NPK_ARRAY_CPYTHON, NPK_ARRAY_CPYTHON32}, true},
    [SEEN_PYTHON3] = {{NPK_ARRAY_CPYTHON, NPK_ARRAY_CPYTHON32, NPK_ARRAY_JYTHON}, false},
};

static sight see(const npki_site *site, const npk_value *object)
{
    const npk_value *typecode = npki_call_item(object, 0), *payload = npki_call_item(object, 1);
    if (typecode->kind != NPK_KIND_PYTHON2_STR || (payload != NULL && payload->kind != NPK_KIND_PYTHON2_STR))
        return SEEN_PYTHON3;
    if (site->first_put != 1)
        return SEEN_NOTHING;
    return (typecode->history & NPKI_WAS_PUT) != 0 ? SEEN_JYTHON : SEEN_CPICKLE;
}

/* What the bytes are to be compared with. */
typedef struct raw_bytes {
    const npki_typecode *row;
    const uint8_t *bytes; /* of characters; else NULL */
    uint64_t size;
} raw_bytes;

static bool fits(const raw_bytes *raw, npk_array_producer producer)
{
    const npki_producer *p = npki_producer_of(producer);
    int width = raw->row->width[p->widths];
    if ((raw->row->pythons & (producer == NPK_ARRAY_JYTHON ? NPKI_HAS_J : NPKI_HAS_2 | NPKI_HAS_3)) == 0)
        return false;
    return raw->bytes != NULL ? npki_are_characters(raw->bytes, raw->size, width, p->order)
                              : raw->size % (uint64_t)width == 0;
}

/* The producer that was given, or else the likeliest whose elements these bytes can be; the first if none is. */
static void choose(const npki_site *site, const npk_value *object, const raw_bytes *raw, npki_array_state *array)
{
    array->producer = (uint8_t)site->producer;
    if (npki_producer_of(site->producer) != NULL)
        return;
    sight seen = see(site, object);
    int fitting = 0, first = GUESSES;
    for (int i = GUESSES; i-- > 0;)
        if (fits(raw, guesses[seen].order[i])) {
            first = i;
            fitting++;
        }
    array->producer = (uint8_t)guesses[seen].order[first < GUESSES ? first : 0];
    bool same = raw->row->width[NPKI_WIDTHS_CPYTHON] == 1 || raw->size == 0; /* in whatever order */
    array->assumed = !same && fitting > 1 && !(guesses[seen].tells && first == 0);
}

static npk_status take_raw(npki_site *site, npk_value *object, npki_array_state *array, const npki_typecode *row,
                           npk_value *payload)
{
    raw_bytes raw = {.row = row, .size = payload != NULL ? (uint64_t)npk_value_bytes_size(payload) : 0};
    uint8_t *room = NULL;
    if (row->item == NPKI_ITEM_TEXT && payload != NULL) {
        npk_status status = take_characters(site, payload, &room, &raw.size);
        if (status != NPK_OK)
            return status;
        raw.bytes = room + raw.size;
    }
    choose(site, object, &raw, array);
    const npki_producer *producer = npki_producer_of((npk_array_producer)array->producer);
    int width = row->width[producer->widths];
    array->form = array->producer == NPK_ARRAY_JYTHON ? NPK_PYARRAY_JYTHON : NPK_PYARRAY_RAW;
    if (!fits(&raw, (npk_array_producer)array->producer))
        return npki_site_fail(site, NPK_ERR_CALL,
                              "%" PRIu64
                              " bytes are not a whole number of elements of '%c' as %s writes them, %d bytes each",
                              raw.size, row->letter, producer->name, width);
    if (room != NULL)
        return make_characters(site, object, array, room, raw.size, width, producer->order);
    npk_status status = set_dtype(site, array, row->item, width, width == 1 ? '|' : producer->order);
    if (status != NPK_OK)
        return status;
    return payload != NULL ? take_bytes(site, object, array, payload, width) : finish(site, object, array, 0);
}

/* --- the calls --- */

static npk_status take_typecode(npki_site *site, const npk_value *value, const npki_typecode **out)
{
    const char *text;
    size_t size;
    *out = npki_text_of(value, &text, &size) && size == 1 ? npki_typecode_of(text[0]) : NULL;
    if (*out == NULL)
        return npki_site_fail(site, NPK_ERR_CALL, "the typecode of an array.array is one of bBhHiIlLqQfduwcz");
    return NPK_OK;
}

static npk_status begin(npki_site *site, npk_value *object, const npk_value *class_, npki_array_state **out)
{
    object->flags |= NPKI_UNHASHABLE;
    npk_status status = npki_new_array(site, out);
    return status == NPK_OK ? npki_class_name(site, class_, &(*out)->class_name) : status;
}

/* array.array(typecode), (typecode, list), (typecode, bytes). Called with anything else that Python takes it stays an
 * object. */
npk_status npki_call_pyarray(npki_site *site, npk_value *object)
{
    const npki_typecode *row;
    npki_array_state *array;
    npk_value *payload = npki_call_item(object, 1);
    if (npki_call_size(object) < 1 || npki_call_size(object) > 2)
        return npki_site_fail(site, NPK_ERR_CALL, "array.array takes (typecode, elements), found %zu arguments",
                              npki_call_size(object));
    npk_status status = take_typecode(site, npki_call_item(object, 0), &row);
    if (status == NPK_OK)
        status = begin(site, object, object->u.object->callable, &array);
    if (status != NPK_OK)
        return status;
    array->typecode = row->letter;
    if (payload == NULL || (npki_is_bytes(payload) && payload->kind != NPK_KIND_BUFFER))
        return take_raw(site, object, array, row, payload);
    if (payload->kind == NPK_KIND_LIST || payload->kind == NPK_KIND_TUPLE)
        return take_list(site, object, array, row, payload);
    if (payload->kind <= NPK_KIND_COMPLEX || (payload->kind == NPK_KIND_STR && row->item != NPKI_ITEM_TEXT))
        return npki_site_fail(site, NPK_ERR_CALL,
                              "the elements of an array.array of '%c' are a list or bytes, found %s", row->letter,
                              npk_kind_name(npk_value_kind(payload)));
    return NPK_OK;
}

/* Floats of another width than the typecode's: array.array of them. */
static npk_status convert_floats(npki_site *site, npk_value *object, npki_array_state *array, const npk_value *payload,
                                 int width)
{
    uint8_t *room = NULL;
    uint64_t size = (uint64_t)npk_value_bytes_size(payload);
    int from_width = (int)array->dtype->itemsize;
    uint64_t made = size / (uint64_t)from_width * (uint64_t)width; /* at most eight times the size */
    const npk_dtype *from = array->dtype;
    if (size % (uint64_t)from_width != 0)
        return npki_site_fail(site, NPK_ERR_CALL, "an array of floats of %d bytes with %" PRIu64 " bytes", from_width,
                              size);
    npk_status status = set_dtype(site, array, NPKI_ITEM_FLOAT, width, '<');
    if (status == NPK_OK)
        status = take_room(site, size > UINT64_MAX / 9 ? UINT64_MAX : made + size, &room);
    if (status != NPK_OK)
        return status;
    npki_conversion conversion;
    npki_conversion_init(&conversion, from, array->dtype);
    npk_value_bytes_copy(payload, room + made, (size_t)size);
    npki_convert(&conversion, room + made, (size_t)size / (size_t)from_width, room);
    array->raw = room;
    return finish(site, object, array, size / (uint64_t)from_width);
}

static npk_status take_machine(npki_site *site, npk_value *object, npki_array_state *array,
                               const npki_machine_format *format, int width, npk_value *payload)
{
    array->form = NPK_PYARRAY_MACHINE;
    if (format->item == NPKI_ITEM_TEXT) {
        uint8_t *room = NULL;
        uint64_t size;
        npk_status status = take_characters(site, payload, &room, &size);
        if (status == NPK_OK && !npki_are_characters(room + size, size, format->width, format->order))
            return npki_site_fail(site, NPK_ERR_CALL, "%" PRIu64 " bytes are not characters of %d bytes each", size,
                                  format->width);
        if (status == NPK_OK)
            status = make_characters(site, object, array, room, size, format->width, format->order);
        return status;
    }
    npk_status status = set_dtype(site, array, format->item, format->width, format->order);
    if (status != NPK_OK)
        return status;
    if (format->item == NPKI_ITEM_FLOAT && format->width != width)
        return convert_floats(site, object, array, payload, width);
    return take_bytes(site, object, array, payload, format->width);
}

/* array._array_reconstructor(class, typecode, code, bytes). Ints that are not those of the typecode give an array of
 * their own typecode. */
npk_status npki_call_pyarray_reconstruct(npki_site *site, npk_value *object)
{
    const npki_typecode *row;
    npki_array_state *array;
    int64_t code;
    npk_value *class_ = npki_call_item(object, 0), *payload = npki_call_item(object, 3);
    if (npki_call_size(object) != 4 || !npki_is_class(class_) ||
        (payload->kind != NPK_KIND_BYTES && payload->kind != NPK_KIND_PYTHON2_STR) ||
        !npki_take_int(npki_call_item(object, 2), &code))
        return npki_site_fail(site, NPK_ERR_CALL, "_array_reconstructor takes (class, typecode, code, bytes)");
    npk_status status = take_typecode(site, npki_call_item(object, 1), &row);
    const npki_machine_format *format = npki_machine_format_of(code);
    if (status == NPK_OK && format == NULL)
        status = npki_site_fail(site, NPK_ERR_CALL, "a machine-format code is 0 to 21, found %" PRId64, code);
    if (status == NPK_OK && format->typecode == 0 && format->item != row->item)
        status = npki_site_fail(site, NPK_ERR_CALL, "an array of '%c' with elements of code %" PRId64 ", which are %s",
                                row->letter, code, format->item == NPKI_ITEM_FLOAT ? "floats" : "characters");
    if (status == NPK_OK)
        status = begin(site, object, class_, &array);
    if (status != NPK_OK)
        return status;
    bool own = format->item == row->item &&
               (format->width == row->width[NPKI_WIDTHS_CPYTHON] || format->width == row->width[NPKI_WIDTHS_CPYTHON32]);
    array->typecode = own || format->typecode == 0 ? row->letter : format->typecode;
    return take_machine(site, object, array, format, row->width[NPKI_WIDTHS_CPYTHON], payload);
}

/* --- the view --- */

bool npk_pyarray_of(const npk_value *value, npk_pyarray *out)
{
    const npki_array_state *array = npk_value_kind(value) == NPK_KIND_OBJECT ? value->u.object->array : NULL;
    if (array == NULL || array->typecode == 0 || out == NULL)
        return false;
    *out = (npk_pyarray){
        .typecode = array->typecode,
        .form = (npk_pyarray_form)array->form,
        .producer = (npk_array_producer)array->producer,
        .assumed = array->assumed,
    };
    return true;
}

const char *npk_pyarray_form_name(npk_pyarray_form form)
{
    static const char *const names[NPKI_PYARRAY_FORMS] = {"default", "list", "machine", "raw", "jython"};
    return (size_t)form < NPKI_PYARRAY_FORMS ? names[form] : NULL;
}
