/* The texts of S and U, and UTF-8. */
#include <npickle/element.h>

#include "base/bytes.h"
#include "base/error.h"
#include "dtype/dtype.h"
#include "array/elements.h"
#include "text/unicode.h"

#define LAST_CHARACTER 0x10ffffu

static npk_status check_type(const npk_dtype *dtype, npk_error *error)
{
    char text[64];
    if (dtype->type == NPK_BYTES || dtype->type == NPK_STR)
        return NPK_OK;
    npk_dtype_str(dtype, text, sizeof text);
    return npki_fail(error, NPK_ERR_CAST, "expected texts (S or U), found %s", text);
}

static uint32_t character_at(const npk_dtype *dtype, const uint8_t *item, size_t i)
{
    return (uint32_t)(dtype->byteorder == '>' ? npki_load_be(item + 4 * i, 4) : npki_load_le(item + 4 * i, 4));
}

/* The text of an item, into `out` if there is one; *size: its bytes. False for a number that is no character. */
static bool text_of(const npk_dtype *dtype, const uint8_t *item, uint8_t *out, size_t *size)
{
    size_t count = (size_t)dtype->itemsize, used = 0;
    uint8_t one[4];
    if (dtype->type == NPK_BYTES) {
        while (count > 0 && item[count - 1] == 0)
            count--;
        if (out != NULL && count > 0)
            memcpy(out, item, count);
        *size = count;
        return true;
    }
    count /= 4;
    while (count > 0 && character_at(dtype, item, count - 1) == 0)
        count--;
    for (size_t i = 0; i < count; i++) {
        uint32_t character = character_at(dtype, item, i);
        if (character > LAST_CHARACTER)
            return false;
        used += npki_utf8_put(character, out != NULL ? out + used : one);
    }
    *size = used;
    return true;
}

static npk_status no_character(npk_error *error)
{
    return npki_fail(error, NPK_ERR_ARRAY, "expected characters up to U+10FFFF in a U, found a larger number");
}

npk_status npk_array_get_text(const npk_array *array, const int64_t *index, char *text, size_t size, size_t *needed,
                              npk_error *error)
{
    npki_items items;
    const uint8_t *item;
    size_t length;
    npk_status status = npki_array_check(array, error);
    if (status == NPK_OK)
        status = check_type(array->dtype, error);
    if (status == NPK_OK)
        status = npki_item_at(&items, array, index, &item, error);
    if (status != NPK_OK)
        return status;
    if (!text_of(array->dtype, item, NULL, &length))
        return no_character(error);
    if (needed != NULL)
        *needed = length;
    if (text == NULL)
        return NPK_OK;
    if (size <= length)
        return npki_fail(error, NPK_ERR_USAGE, "expected room for %zu bytes and a NUL, found %zu", length, size);
    text_of(array->dtype, item, (uint8_t *)text, &length);
    text[length] = '\0';
    return NPK_OK;
}

/* Where the texts go. */
typedef struct packing {
    uint8_t *text; /* NULL: they are only measured */
    size_t size, used;
    size_t *offsets; /* or NULL */
} packing;

static npk_status pack(packing *p, const npk_dtype *dtype, const uint8_t *item, npk_error *error)
{
    size_t length;
    if (!text_of(dtype, item, NULL, &length))
        return no_character(error);
    if (p->text != NULL && length < p->size - p->used) {
        text_of(dtype, item, p->text + p->used, &length);
        p->text[p->used + length] = 0;
    } else if (p->text != NULL) {
        return npki_fail(error, NPK_ERR_USAGE, "the texts need more than %zu bytes", p->size);
    }
    if (!npki_add_size(p->used, length + 1, &p->used))
        return npki_fail(error, NPK_ERR_USAGE, "the texts need more bytes than there are addresses");
    return NPK_OK;
}

/* Texts that cost nothing may be more than anyone can count one by one. */
static npk_status measure_empty(uint64_t count, size_t *needed, npk_error *error)
{
    if (count > SIZE_MAX)
        return npki_fail(error, NPK_ERR_USAGE, "the texts need more bytes than there are addresses");
    if (needed != NULL)
        *needed = (size_t)count;
    return NPK_OK;
}

npk_status npk_array_read_texts(const npk_array *array, char *text, size_t size, size_t *offsets, size_t *needed,
                                npk_error *error)
{
    static const uint8_t nothing[1];
    npki_items items;
    packing p = {(uint8_t *)text, size, 0, offsets};
    npk_status status = npki_array_check(array, error);
    if (status == NPK_OK)
        status = check_type(array->dtype, error);
    if (status == NPK_OK)
        status = npki_items_start(&items, array, error);
    int64_t left = status == NPK_OK ? npk_array_count(array) : 0;
    if (status == NPK_OK && text == NULL && offsets == NULL && array->dtype->itemsize == 0)
        return measure_empty((uint64_t)left, needed, error);
    for (; status == NPK_OK && left > 0; left--) {
        const uint8_t *item = array->dtype->itemsize == 0 ? nothing : npki_items_next(&items);
        if (offsets != NULL)
            *offsets++ = p.used;
        status = item == NULL ? npki_fail(error, NPK_ERR_ARRAY, "the payload ends before the array does")
                              : pack(&p, array->dtype, item, error);
    }
    if (status == NPK_OK && offsets != NULL)
        *offsets = p.used;
    if (status == NPK_OK && needed != NULL)
        *needed = p.used;
    return status;
}

/* --- back --- */

static npk_status put_characters(const npk_dtype *dtype, const uint8_t *text, size_t size, uint8_t *out,
                                 npk_error *error)
{
    const uint8_t *end = text + size;
    size_t room = (size_t)dtype->itemsize / 4, wrong = npki_utf8_check(text, size);
    if (wrong != size)
        return npki_fail(error, NPK_ERR_USAGE, "expected UTF-8, found another byte at %zu of the text", wrong);
    memset(out, 0, (size_t)dtype->itemsize);
    for (; text < end; out += 4) {
        if (room-- == 0)
            return npki_fail(error, NPK_ERR_CAST, "a text longer than %zu characters", (size_t)dtype->itemsize / 4);
        uint32_t character = npki_utf8_next(&text);
        if (dtype->byteorder == '>')
            npki_store_be(out, character, 4);
        else
            npki_store_le(out, character, 4);
    }
    return NPK_OK;
}

npk_status npk_element_put_text(const npk_dtype *dtype, const char *text, size_t size, void *out, npk_error *error)
{
    static const uint8_t nothing[1];
    if (dtype == NULL || out == NULL || (text == NULL && size > 0))
        return npki_fail(error, NPK_ERR_USAGE, "expected a dtype, a text and memory for the element, found NULL");
    npk_status status = check_type(dtype, error);
    if (status != NPK_OK)
        return status;
    const uint8_t *bytes = text == NULL ? nothing : (const uint8_t *)text;
    if (dtype->type == NPK_STR)
        return put_characters(dtype, bytes, size, out, error);
    if (size > (size_t)dtype->itemsize)
        return npki_fail(error, NPK_ERR_CAST, "a text of %zu bytes, expected %zu at most", size,
                         (size_t)dtype->itemsize);
    memset(out, 0, (size_t)dtype->itemsize);
    memcpy(out, bytes, size);
    return NPK_OK;
}
