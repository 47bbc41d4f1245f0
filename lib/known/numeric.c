/* Arrays of Numeric, NumPy's predecessor: array_constructor(shape, typecode, elements, is_little_endian).
 * Numeric 24: Lib/Numeric.py, pickle_array(); Lib/Precision.py. */
#include "known/known.h"

#include "dtype/dtype.h"

#include <string.h>

/* Its typecodes are not NumPy's. A C long is as long as the elements say. */
typedef struct row {
    char typecode;
    const char *keys[2]; /* of NumPy's dtypes, the first whose size fits */
} row;

static const row rows[] = {
    {'1', {"i1"}}, {'b', {"u1"}}, {'s', {"i2"}}, {'w', {"u2"}}, {'i', {"i4"}},  {'u', {"u4"}}, {'l', {"i8", "i4"}},
    {'f', {"f4"}}, {'d', {"f8"}}, {'F', {"c8"}}, {'D', {"c16"}}, {'c', {"S1"}}, {'O', {"O"}},
};

enum { SHAPE, TYPECODE, ELEMENTS, ENDIAN, ARGUMENTS };

static const row *row_of(const npk_value *typecode)
{
    const char *text;
    size_t size;
    if (!npki_text_of(typecode, &text, &size) || size != 1)
        return NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].typecode == text[0])
            return &rows[i];
    return NULL;
}

/* Without the flag, which came with Numeric 17, the bytes are those of a machine that nothing names. */
static bool take_order(const npk_value *object, char *order)
{
    const npk_value *flag = npki_call_item(object, ENDIAN);
    int64_t number = 1;
    bool truth;
    if (flag != NULL && npk_value_as_bool(flag, &truth))
        number = truth;
    else if (flag != NULL && !npki_take_int(flag, &number))
        return false;
    *order = number != 0 ? '<' : '>';
    return true;
}

static npk_status new_dtype(npki_site *site, char order, const char *key, npk_dtype **out)
{
    char text[8];
    size_t size = strlen(key);
    text[0] = order;
    memcpy(text + 1, key, size);
    *out = npki_arena_take(site->arena, sizeof **out);
    if (*out == NULL)
        return npki_site_full(site);
    memset(*out, 0, sizeof **out);
    (void)npki_dtype_parse_into(text, size + 1, *out); /* one of the rows' */
    (*out)->storage = NPKI_STORED_INSIDE;
    return NPK_OK;
}

/* The elements: bytes, or the list of an array of one dimension; of more they are lists in one another. */
static bool fits(const npki_array_state *array, const npk_value *elements, uint64_t count)
{
    if (array->dtype->has_object)
        return array->ndim == 1 && elements->kind == NPK_KIND_LIST && npki_count_of(elements) == count;
    return npki_is_bytes(elements) && npk_value_bytes_size(elements) == (int64_t)array->nbytes;
}

static npk_status take(npki_site *site, npk_value *object, npki_array_state *array, const row *types, char order)
{
    npk_value *elements = npki_call_item(object, ELEMENTS);
    uint64_t count;
    npk_status status = npki_take_bytes(site, &elements);
    for (size_t i = 0; status == NPK_OK && i < 2 && types->keys[i] != NULL; i++) {
        npk_dtype *dtype;
        status = new_dtype(site, order, types->keys[i], &dtype);
        if (status != NPK_OK)
            return status;
        array->dtype = dtype;
        if (npki_lay_out(site, array, false, &count) == NPK_OK && fits(array, elements, count)) {
            if (dtype->has_object)
                npki_freeze(elements, NPKI_FREEZE_COUNT);
            else
                elements->flags |= NPKI_IS_PAYLOAD;
            array->payload = elements;
            object->u.object->array = array;
            object->flags |= NPKI_UNHASHABLE;
            return NPK_OK;
        }
    }
    return status;
}

/* What does not fit together stays a call. */
npk_status npki_call_numeric(npki_site *site, npk_value *object)
{
    size_t count = npki_call_size(object);
    const row *types = count > TYPECODE ? row_of(npki_call_item(object, TYPECODE)) : NULL;
    npki_array_state *array;
    char order;
    if (types == NULL || count < ENDIAN || count > ARGUMENTS || !take_order(object, &order) ||
        npki_call_item(object, SHAPE)->kind != NPK_KIND_TUPLE)
        return NPK_OK;
    npk_status status = npki_new_array(site, &array);
    if (status == NPK_OK)
        status = npki_take_shape(site, npki_call_item(object, SHAPE), false, &array->ndim, &array->shape);
    array->class_name = "Numeric.array";
    return status != NPK_OK ? status : take(site, object, array, types, order);
}
