#include <npickle/element.h>

#include "base/error.h"
#include "cast/numbers.h"
#include "array/elements.h"

npk_status npk_array_get(const npk_array *array, const int64_t *index, const npk_dtype *dtype, npk_casting casting,
                         void *out, npk_error *error)
{
    npki_items items;
    npki_conversion conversion;
    const uint8_t *item;
    npk_status status = npki_array_check(array, error);
    if (status == NPK_OK && (dtype == NULL || out == NULL))
        status =
            npki_fail(error, NPK_ERR_USAGE, "expected a dtype to read the element as and memory for it, found NULL");
    if (status == NPK_OK)
        status = npki_check_cast(array->dtype, dtype, casting, &conversion, error);
    if (status == NPK_OK)
        status = npki_item_at(&items, array, index, &item, error);
    if (status == NPK_OK && !npki_convert(&conversion, item, 1, out))
        status = npki_fail(error, NPK_ERR_CAST, "the element cannot be represented in the type it is read as");
    return status;
}

npk_status npk_array_get_double(const npk_array *array, const int64_t *index, npk_casting casting, double *out,
                                npk_error *error)
{
    return npk_array_get(array, index, npk_dtype_native(NPK_FLOAT64), casting, out, error);
}

npk_status npk_array_get_int64(const npk_array *array, const int64_t *index, npk_casting casting, int64_t *out,
                               npk_error *error)
{
    return npk_array_get(array, index, npk_dtype_native(NPK_INT64), casting, out, error);
}

npk_status npk_array_get_uint64(const npk_array *array, const int64_t *index, npk_casting casting, uint64_t *out,
                                npk_error *error)
{
    return npk_array_get(array, index, npk_dtype_native(NPK_UINT64), casting, out, error);
}

npk_status npk_array_get_bool(const npk_array *array, const int64_t *index, npk_casting casting, bool *out,
                              npk_error *error)
{
    uint8_t byte = 0;
    npk_status status =
        npk_array_get(array, index, npk_dtype_native(NPK_BOOL), casting, out == NULL ? NULL : &byte, error);
    if (status == NPK_OK)
        *out = byte != 0;
    return status;
}

npk_status npk_array_get_complex(const npk_array *array, const int64_t *index, npk_casting casting, double out[2],
                                 npk_error *error)
{
    return npk_array_get(array, index, npk_dtype_native(NPK_COMPLEX128), casting, out, error);
}

/* --- times --- */

/* Checked before anything is read: an array without elements of another type is an error too. */
static npk_status start_times(const npk_array *array, const void *out, npki_conversion *conversion, npk_error *error)
{
    npk_time none;
    npk_status status = npki_array_check(array, error);
    if (status == NPK_OK)
        status = npk_time_of(array->dtype, 0, &none, error);
    if (status == NPK_OK && out == NULL)
        status = npki_fail(error, NPK_ERR_USAGE, "expected memory for a time, found NULL");
    return status == NPK_OK
               ? npki_check_cast(array->dtype, npk_dtype_native(NPK_INT64), NPK_CAST_UNSAFE, conversion, error)
               : status;
}

static npk_status take_time(const npki_conversion *conversion, const npk_dtype *dtype, const uint8_t *item,
                            npk_time *out, npk_error *error)
{
    int64_t value;
    npki_convert(conversion, item, 1, (uint8_t *)&value); /* never fails: the int64 as it is */
    return npk_time_of(dtype, value, out, error);
}

npk_status npk_array_get_time(const npk_array *array, const int64_t *index, npk_time *out, npk_error *error)
{
    npki_items items;
    npki_conversion conversion;
    const uint8_t *item;
    npk_status status = start_times(array, out, &conversion, error);
    if (status == NPK_OK)
        status = npki_item_at(&items, array, index, &item, error);
    return status == NPK_OK ? take_time(&conversion, array->dtype, item, out, error) : status;
}

npk_status npk_array_read_times(const npk_array *array, npk_time *out, size_t count, npk_error *error)
{
    npki_items items;
    npki_conversion conversion;
    const uint8_t *item;
    npk_status status = start_times(array, count > 0 ? out : (const void *)&items, &conversion, error);
    if (status == NPK_OK)
        status = npki_items_start(&items, array, error);
    int64_t left = status == NPK_OK ? npk_array_count(array) : 0;
    if ((uint64_t)left > count)
        status = npki_fail(error, NPK_ERR_USAGE, "expected room for more than %zu times", count);
    for (; status == NPK_OK && left > 0; left--, out++) {
        item = npki_items_next(&items);
        status = item == NULL ? npki_fail(error, NPK_ERR_ARRAY, "the payload ends before the array does")
                              : take_time(&conversion, array->dtype, item, out, error);
    }
    return status;
}
