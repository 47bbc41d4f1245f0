/* The elements of array.array: out of values, and characters out of bytes. */
#include "known/item.h"

#include "base/bytes.h"
#include "cast/extended.h"
#include "text/unicode.h"

#include <string.h>

/* --- a value --- */

/* One element into `width` bytes. */
typedef npki_outcome put_function(const npk_value *item, size_t width, uint8_t *out);

static npki_outcome put_int(const npk_value *item, size_t width, uint8_t *out)
{
    int64_t number;
    bool boolean;
    if (npk_value_as_bool(item, &boolean))
        number = boolean;
    else if (item->kind != NPK_KIND_INT)
        return NPKI_ITEM_WRONG_KIND;
    else if (!npk_value_as_int64(item, &number))
        return NPKI_ITEM_OUT_OF_RANGE;
    if (npki_sign_extend((uint64_t)number & (UINT64_MAX >> (64 - 8 * width)), width) != number)
        return NPKI_ITEM_OUT_OF_RANGE;
    npki_store_le(out, (uint64_t)number, width);
    return NPKI_ITEM_IS_GOOD;
}

static npki_outcome put_uint(const npk_value *item, size_t width, uint8_t *out)
{
    uint64_t number;
    bool boolean;
    if (npk_value_as_bool(item, &boolean))
        number = boolean;
    else if (item->kind != NPK_KIND_INT)
        return NPKI_ITEM_WRONG_KIND;
    else if (!npk_value_as_uint64(item, &number))
        return NPKI_ITEM_OUT_OF_RANGE;
    if (number > UINT64_MAX >> (64 - 8 * width))
        return NPKI_ITEM_OUT_OF_RANGE;
    npki_store_le(out, number, width);
    return NPKI_ITEM_IS_GOOD;
}

static npki_outcome put_bool(const npk_value *item, size_t width, uint8_t *out)
{
    npki_outcome result = put_uint(item, width, out);
    return result == NPKI_ITEM_IS_GOOD && *out > 1 ? NPKI_ITEM_OUT_OF_RANGE : result;
}

static npki_outcome put_float(const npk_value *item, size_t width, uint8_t *out)
{
    double number;
    int64_t integer;
    bool boolean;
    if (npk_value_as_bool(item, &boolean))
        number = boolean;
    else if (npk_value_as_int64(item, &integer))
        number = (double)integer;
    else if (!npk_value_as_double(item, &number))
        return item->kind == NPK_KIND_INT ? NPKI_ITEM_OUT_OF_RANGE : NPKI_ITEM_WRONG_KIND;
    npki_store_le(out, npki_bits_of_float(number, width), width);
    return NPKI_ITEM_IS_GOOD;
}

static npki_outcome put_char(const npk_value *item, size_t width, uint8_t *out)
{
    const char *text;
    size_t size;
    if ((item->kind != NPK_KIND_PYTHON2_STR && item->kind != NPK_KIND_BYTES) || !npki_text_of(item, &text, &size))
        return NPKI_ITEM_WRONG_KIND;
    if (size != width)
        return NPKI_ITEM_OUT_OF_RANGE;
    memcpy(out, text, width);
    return NPKI_ITEM_IS_GOOD;
}

static npki_outcome put_text(const npk_value *item, size_t width, uint8_t *out)
{
    size_t size;
    const uint8_t *text = (const uint8_t *)npk_value_as_str(item, &size);
    if (text == NULL)
        return NPKI_ITEM_WRONG_KIND;
    const uint8_t *end = text;
    uint32_t character = size == 0 ? 0 : npki_utf8_next(&end);
    if (size == 0 || end != text + size)
        return NPKI_ITEM_OUT_OF_RANGE;
    npki_store_le(out, character, width);
    return NPKI_ITEM_IS_GOOD;
}

static put_function *const puts_item[NPKI_ITEMS] = {
    [NPKI_ITEM_INT] = put_int,   [NPKI_ITEM_UINT] = put_uint, [NPKI_ITEM_FLOAT] = put_float,
    [NPKI_ITEM_BOOL] = put_bool, [NPKI_ITEM_CHAR] = put_char, [NPKI_ITEM_TEXT] = put_text,
};

npki_outcome npki_put_item(npki_item kind, const npk_value *item, size_t width, uint8_t *out)
{
    return puts_item[kind](item, width, out);
}

/* --- characters --- */

bool npki_are_characters(const uint8_t *bytes, uint64_t size, int width, char order)
{
    if (size % (uint64_t)width != 0)
        return false;
    for (uint64_t i = 0; width == 4 && i < size; i += 4)
        if ((order == '<' ? npki_load_le(bytes + i, 4) : npki_load_be(bytes + i, 4)) > 0x10ffff)
            return false;
    return true;
}

uint64_t npki_decode_characters(const uint8_t *bytes, uint64_t size, int width, char order, uint8_t *out)
{
    uint64_t count = 0;
    uint32_t high = 0; /* the first of a pair that may be complete now */
    for (uint64_t i = 0; i < size; i += (uint64_t)width) {
        uint64_t bits = order == '<' ? npki_load_le(bytes + i, (size_t)width) : npki_load_be(bytes + i, (size_t)width);
        uint32_t unit = (uint32_t)bits;
        bool paired = width == 2 && high != 0 && unit >= 0xdc00 && unit < 0xe000;
        if (paired)
            unit = 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00);
        count -= paired;
        npki_store_le(out + 4 * count++, unit, 4);
        high = unit >= 0xd800 && unit < 0xdc00 ? unit : 0;
    }
    return count;
}
