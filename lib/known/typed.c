/* Lists and tuples of numbers or texts, as a C array. */
#include "base/error.h"
#include "value/value.h"

#include <inttypes.h>
#include <string.h>

/* How many items it has; there must be room for them, at `out`. */
static npk_status check(const npk_value *list, const void *out, size_t room, size_t *count, npk_error *error)
{
    npk_kind kind = npk_value_kind(list);
    if (kind != NPK_KIND_LIST && kind != NPK_KIND_TUPLE)
        return npki_fail(error, NPK_ERR_TYPE, "expected a list or tuple, found %s", npk_kind_name(kind));
    *count = npk_value_size(list);
    if (*count > room)
        return npki_fail(error, NPK_ERR_USAGE, "expected room for %zu items, found room for %zu", *count, room);
    if (out == NULL && *count > 0)
        return npki_fail(error, NPK_ERR_USAGE, "expected room for %zu items, found NULL", *count);
    return NPK_OK;
}

static npk_status wrong(npk_error *error, size_t index, const char *expected, const npk_value *item)
{
    return npki_fail(error, NPK_ERR_TYPE, "item %zu: expected %s, found %s", index, expected,
                     npk_kind_name(npk_value_kind(item)));
}

npk_status npk_list_to_doubles(const npk_value *list, double *out, size_t room, npk_error *error)
{
    size_t count;
    npk_status status = check(list, out, room, &count, error);
    for (size_t i = 0; status == NPK_OK && i < count; i++) {
        const npk_value *item = npki_item_of(list, i);
        if (item->kind == NPK_KIND_FLOAT)
            out[i] = item->u.real;
        else if (item->kind == NPK_KIND_INT && (item->flags & NPKI_IS_LONG) == 0)
            out[i] = (double)item->u.integer;
        else if (!npk_value_to_double(item, &out[i]))
            status = wrong(error, i, "a number that a double can hold", item);
    }
    return status;
}

npk_status npk_list_to_ints(const npk_value *list, int64_t *out, size_t room, npk_error *error)
{
    size_t count;
    npk_status status = check(list, out, room, &count, error);
    for (size_t i = 0; status == NPK_OK && i < count; i++) {
        const npk_value *item = npki_item_of(list, i);
        if (item->kind == NPK_KIND_INT && (item->flags & NPKI_IS_LONG) == 0)
            out[i] = item->u.integer;
        else if (!npk_value_to_int64(item, &out[i]))
            status = wrong(error, i, "a whole number that an int64 can hold", item);
    }
    return status;
}

npk_status npk_list_to_strs(const npk_value *list, int64_t *offsets, size_t room, char *text, size_t size,
                            npk_error *error)
{
    size_t count = 0, one;
    npk_status status = check(list, offsets, room, &count, error);
    if (status != NPK_OK)
        return status;
    if (offsets == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected room for the offsets, found NULL");
    offsets[0] = 0;
    for (size_t i = 0; i < count; i++) {
        const npk_value *item = npki_item_of(list, i);
        if (npk_value_text(item, &one) == NULL)
            return wrong(error, i, "a str", item);
        if (one > (uint64_t)(INT64_MAX - offsets[i]))
            return npki_fail(error, NPK_ERR_TOO_LARGE, "item %zu: the texts are longer than 2**63 bytes", i);
        offsets[i + 1] = offsets[i] + (int64_t)one;
    }
    if (text == NULL)
        return NPK_OK;
    if ((uint64_t)offsets[count] > size)
        return npki_fail(error, NPK_ERR_USAGE, "expected room for %" PRId64 " bytes of text, found room for %zu",
                         offsets[count], size);
    for (size_t i = 0; i < count; i++) {
        const char *from = npk_value_text(npki_item_of(list, i), &one);
        if (one > 0)
            memcpy(text + offsets[i], from, one);
    }
    return NPK_OK;
}
