/* Texts of fixed width: S, U and V. */
#include "cast/numbers.h"
#include "cast/swap.h"

#include <string.h>

static void put_character(uint8_t *to, uint32_t character, size_t width, bool swapped)
{
    uint8_t native[4];
    if (width == 1) {
        *to = (uint8_t)character;
        return;
    }
    memcpy(native, &character, sizeof native);
    if (swapped)
        npki_swap(native, sizeof native, 1, to);
    else
        memcpy(to, native, sizeof native);
}

static uint32_t get_character(const uint8_t *from, size_t width, bool swapped)
{
    uint8_t native[4];
    uint32_t character;
    if (width == 1)
        return *from;
    memcpy(native, from, sizeof native);
    if (swapped)
        npki_swap(native, sizeof native, 1, native);
    memcpy(&character, native, sizeof character);
    return character;
}

/* Characters of one width to another: what is longer is cut off, what is shorter filled up with NUL. Between S and U
 * all must be ASCII, those too that are cut off. */
static bool run_text(const npki_conversion *conversion, const uint8_t *from, size_t count, uint8_t *to)
{
    size_t from_width = conversion->from_width, to_width = conversion->to_width;
    bool from_swapped = conversion->from_swap > 1, to_swapped = conversion->to_swap > 1;
    for (; count > 0; count--, from += conversion->from_size, to += conversion->to_size) {
        memset(to, 0, conversion->to_size);
        for (size_t i = 0; i < conversion->from_components; i++) {
            uint32_t character = get_character(from + i * from_width, from_width, from_swapped);
            if (character > 0x7f && from_width != to_width)
                return false;
            if (i < conversion->to_components)
                put_character(to + i * to_width, character, to_width, to_swapped);
        }
    }
    return true;
}

/* Bytes as they are. */
static bool run_raw(const npki_conversion *conversion, const uint8_t *from, size_t count, uint8_t *to)
{
    size_t least = conversion->from_size < conversion->to_size ? conversion->from_size : conversion->to_size;
    for (; count > 0; count--, from += conversion->from_size, to += conversion->to_size) {
        memcpy(to, from, least);
        memset(to + least, 0, conversion->to_size - least);
    }
    return true;
}

static bool is_text(const npk_dtype *dtype)
{
    return dtype->type == NPK_BYTES || dtype->type == NPK_STR;
}

bool npki_is_raw(const npk_dtype *dtype)
{
    return (dtype->type == NPK_VOID && !dtype->is_struct && dtype->base == NULL) ||
           npki_dtype_rows[dtype->type].module != NULL;
}

/* Of types that somebody added: which bytes change places their classes know alone. */
static bool has_other_order(const npk_dtype *from, const npk_dtype *to)
{
    return from->byteorder != '|' && to->byteorder != '|' && from->byteorder != to->byteorder;
}

npki_loop *npki_recoding(const npk_dtype *from, const npk_dtype *to)
{
    if (npki_is_raw(from) && npki_is_raw(to))
        return has_other_order(from, to) ? NULL : run_raw;
    return is_text(from) && is_text(to) ? run_text : NULL;
}
