/* Calls of Python's own types: what older protocols spell because they have no opcode for it. */
#include "known/known.h"

#include <string.h>

/* An object that was called turns into a value of another kind; its construction is forgotten, since a writer finds
 * it again. */
static void become(npk_value *value, npk_kind kind)
{
    uint32_t depth = value->depth;
    memset(&value->u, 0, sizeof value->u);
    if (kind == NPK_KIND_BYTES || kind == NPK_KIND_BYTEARRAY)
        value->u.text.bytes = (const uint8_t *)""; /* none, but somewhere */
    value->kind = (uint8_t)kind;
    value->depth = depth;
}

/* _codecs.encode(text, 'latin1'): bytes at protocols 0 to 2. CPython: Modules/_pickle.c save_bytes(). */
npk_status npki_call_codecs_encode(npki_site *site, npk_value *object)
{
    npk_value *text = npki_call_item(object, 0);
    if (npki_call_size(object) != 2 || text->kind != NPK_KIND_STR || !npki_text_is(npki_call_item(object, 1), "latin1"))
        return npki_site_fail(site, NPK_ERR_CALL, "_codecs.encode is known as (str, 'latin1') only");
    return npki_encode_latin1(site, object, NPK_KIND_BYTES, text);
}

/* A call that Python refuses, or that makes much out of one number. Calls that are only unusual stay objects. */
static npk_status refuse(const npki_site *site, const char *name, const npk_value *argument)
{
    return npki_site_fail(site, NPK_ERR_CALL, "%s is not called with %s here", name,
                          argument == NULL ? "so many arguments" : npk_kind_name(npk_value_kind(argument)));
}

static bool is_number(const npk_value *value)
{
    return value != NULL && value->kind <= NPK_KIND_COMPLEX;
}

/* bytes(): the empty bytes at protocols 0 to 2. */
npk_status npki_call_bytes(npki_site *site, npk_value *object)
{
    if (npki_call_size(object) == 0)
        become(object, NPK_KIND_BYTES);
    else if (is_number(npki_call_item(object, 0)))
        return refuse(site, "bytes", npki_call_item(object, 0));
    return NPK_OK;
}

/* bytearray(), bytearray(bytes), and before CPython 3.8 bytearray(str, 'latin-1'). */
npk_status npki_call_bytearray(npki_site *site, npk_value *object)
{
    npk_value *first = npki_call_item(object, 0);
    if (npki_call_size(object) == 0) {
        become(object, NPK_KIND_BYTEARRAY);
    } else if (npki_call_size(object) == 1 && (first->kind == NPK_KIND_BYTES || first->kind == NPK_KIND_PYTHON2_STR)) {
        become(object, NPK_KIND_BYTEARRAY);
        object->flags |= NPKI_UNHASHABLE;
        npk_status status = first->encoding == NPK_ENCODING_RAW ? NPK_OK : npki_repeat(site, first->u.encoded->size);
        if (status != NPK_OK)
            return status;
        if (first->encoding != NPK_ENCODING_RAW)
            return npki_set_encoded(site, object, NPK_KIND_BYTEARRAY, (npk_encoding)first->encoding,
                                    first->u.encoded->bytes, first->u.encoded->size);
        object->u.text.bytes = first->u.text.bytes;
        object->u.text.size = first->u.text.size;
    } else if (npki_call_size(object) == 2 && first->kind == NPK_KIND_STR &&
               npki_text_is(npki_call_item(object, 1), "latin-1")) {
        become(object, NPK_KIND_BYTEARRAY);
        object->flags |= NPKI_UNHASHABLE;
        return npki_encode_latin1(site, object, NPK_KIND_BYTEARRAY, first);
    } else if (is_number(first)) {
        return refuse(site, "bytearray", first);
    }
    if (object->kind == NPK_KIND_BYTEARRAY)
        object->flags |= NPKI_UNHASHABLE;
    return NPK_OK;
}

/* set([items]) and frozenset([items]) below protocol 4. */
static npk_status call_set(npki_site *site, npk_value *object, npk_kind kind)
{
    npk_value *list = npki_call_item(object, 0);
    if (npki_call_size(object) > 1 || is_number(list))
        return refuse(site, "a set", npki_call_size(object) > 1 ? NULL : list);
    if (list != NULL && list->kind != NPK_KIND_LIST && list->kind != NPK_KIND_TUPLE)
        return NPK_OK;
    size_t count = list == NULL ? 0 : npki_count_of(list);
    become(object, kind);
    for (size_t i = 0; i < count; i++)
        if ((npki_item_of(list, i)->flags & NPKI_UNHASHABLE) != 0)
            return npki_site_fail(site, NPK_ERR_TYPE, "item %zu of a set is unhashable: %s", i,
                                  npk_kind_name(npk_value_kind(npki_item_of(list, i))));
    if (count > 0 && !npki_items_add(site->arena, &object->u.items, list->u.items->at, count))
        return npki_site_full(site);
    return NPK_OK;
}

npk_status npki_call_set(npki_site *site, npk_value *object)
{
    npk_status status = call_set(site, object, NPK_KIND_SET);
    if (object->kind == NPK_KIND_SET)
        object->flags |= NPKI_UNHASHABLE;
    return status;
}

npk_status npki_call_frozenset(npki_site *site, npk_value *object)
{
    return call_set(site, object, NPK_KIND_FROZENSET);
}

/* dill._dill._load_type('bytes'): the class. It stays what it is; what is made by it is what the class makes. */
npk_status npki_call_dill_type(npki_site *site, npk_value *object)
{
    (void)site;
    (void)object;
    return NPK_OK;
}

/* complex(real, imaginary). */
npk_status npki_call_complex(npki_site *site, npk_value *object)
{
    double parts[2];
    if (npki_call_size(object) > 2)
        return refuse(site, "complex", NULL);
    if (npki_call_size(object) != 2 || !npk_value_as_double(npki_call_item(object, 0), &parts[0]) ||
        !npk_value_as_double(npki_call_item(object, 1), &parts[1]))
        return NPK_OK;
    become(object, NPK_KIND_COMPLEX);
    object->depth = 0;
    object->u.complex[0] = parts[0];
    object->u.complex[1] = parts[1];
    return NPK_OK;
}
