/* What a plan does to a single field. */
#include "cast/struct_plan.h"

#include "base/bytes.h"
#include "base/scratch.h"
#include "array/scatter.h"
#include "cast/swap.h"
#include "text/unicode.h"

#include <string.h>

/* --- bytes as they are --- */

static const char *run_zero(const npki_struct_field *leaf, const npki_lane *lane, const uint8_t **fault)
{
    (void)fault;
    for (int64_t i = 0; i < (int64_t)lane->count; i++)
        memset(lane->to + i * lane->to_stride, 0, leaf->count * leaf->to_size);
    return NULL;
}

static const char *run_copy(const npki_struct_field *leaf, const npki_lane *lane, const uint8_t **fault)
{
    (void)fault;
    npki_copy_items(lane->to, lane->to_stride, lane->from, lane->from_stride, lane->count,
                    leaf->count * leaf->from_size);
    return NULL;
}

/* --- elements one by one --- */

/* One element; NULL, or what is wrong with it. */
typedef const char *one_element(const npki_struct_field *leaf, const uint8_t *from, uint8_t *to);

static const char *run_each(const npki_struct_field *leaf, const npki_lane *lane, const uint8_t **fault,
                            one_element *one)
{
    for (int64_t i = 0; i < (int64_t)lane->count; i++) {
        const uint8_t *from = lane->from + i * lane->from_stride;
        uint8_t *to = lane->to + i * lane->to_stride;
        for (size_t k = 0; k < leaf->count; k++, from += leaf->from_size, to += leaf->to_size) {
            const char *wrong = one(leaf, from, to);
            if (wrong == NULL)
                continue;
            *fault = to;
            return wrong;
        }
    }
    return NULL;
}

/* --- numbers and times --- */

static const char *convert_one(const npki_struct_field *leaf, const uint8_t *from, uint8_t *to)
{
    return npki_convert(&leaf->conversion, from, 1, to) ? NULL : "a value that does not fit its place";
}

/* More elements than these are converted where they lie; fewer are first brought together with those of other items. */
enum { MANY = 32, SCRATCH = 4096 };

static bool convert_many(const npki_struct_field *leaf, const npki_lane *lane)
{
    bool good = true;
    for (int64_t i = 0; good && i < (int64_t)lane->count; i++)
        good = npki_convert(&leaf->conversion, lane->from + i * lane->from_stride, leaf->count,
                            lane->to + i * lane->to_stride);
    return good;
}

static bool convert_few(const npki_struct_field *leaf, const npki_lane *lane)
{
    NPKI_SCRATCH uint8_t from[SCRATCH], to[SCRATCH];
    size_t from_bytes = leaf->count * leaf->from_size, to_bytes = leaf->count * leaf->to_size;
    size_t room = SCRATCH / (from_bytes > to_bytes ? from_bytes : to_bytes);
    for (size_t done = 0, now; done < lane->count; done += now) {
        now = lane->count - done < room ? lane->count - done : room;
        npki_copy_items(from, (int64_t)from_bytes, lane->from + (int64_t)done * lane->from_stride, lane->from_stride,
                        now, from_bytes);
        if (!npki_convert(&leaf->conversion, from, now * leaf->count, to))
            return false;
        npki_copy_items(lane->to + (int64_t)done * lane->to_stride, lane->to_stride, to, (int64_t)to_bytes, now,
                        to_bytes);
    }
    return true;
}

static const char *run_numbers(const npki_struct_field *leaf, const npki_lane *lane, const uint8_t **fault)
{
    size_t width = leaf->count == 1 ? npki_conversion_swaps(&leaf->conversion) : 0;
    if (npki_swap_items(lane->to, lane->to_stride, lane->from, lane->from_stride, lane->count, width))
        return NULL;
    bool good = leaf->count > MANY ? convert_many(leaf, lane) : convert_few(leaf, lane);
    return good ? NULL : run_each(leaf, lane, fault, convert_one); /* which one was it? */
}

/* --- texts --- */

/* Without the zeros at the end: NumPy's texts do not have those. */
static size_t text_size(const uint8_t *text, size_t size, size_t width)
{
    while (size > 0 && text[size - 1] == 0)
        size--;
    return (size + width - 1) / width * width;
}

static const char *move_text(const npki_struct_field *leaf, const uint8_t *from, uint8_t *to)
{
    if (!leaf->cut_text && text_size(from, leaf->from_size, leaf->conversion.from_width) > leaf->to_size)
        return "a text that is longer than its place";
    return convert_one(leaf, from, to);
}

static const char *encode_text(const npki_struct_field *leaf, const uint8_t *from, uint8_t *to)
{
    size_t size = text_size(from, leaf->from_size, 4), used = 0;
    for (size_t at = 0; at < size; at += 4) {
        uint8_t utf8[4];
        uint32_t character = (uint32_t)(leaf->from_big ? npki_load_be(from + at, 4) : npki_load_le(from + at, 4));
        if (character > 0x10ffff)
            return "a character beyond U+10FFFF in a text";
        size_t length = npki_utf8_put(character, utf8);
        if (length > leaf->to_size - used && !leaf->cut_text)
            return "a text that is longer than its place";
        if (length > leaf->to_size - used)
            break;
        memcpy(to + used, utf8, length);
        used += length;
    }
    memset(to + used, 0, leaf->to_size - used);
    return NULL;
}

static const char *run_text(const npki_struct_field *leaf, const npki_lane *lane, const uint8_t **fault)
{
    return run_each(leaf, lane, fault, move_text);
}

static const char *run_encode(const npki_struct_field *leaf, const npki_lane *lane, const uint8_t **fault)
{
    return run_each(leaf, lane, fault, encode_text);
}

/* --- which --- */

static bool is_number(const npk_dtype *dtype)
{
    return npki_dtype_rows[dtype->type].number != NPKI_NUMBER_NONE;
}

npki_run_field *npki_struct_field_of(const npk_dtype *from, const npk_dtype *to)
{
    static npki_run_field *const others[NPKI_TYPES][NPKI_TYPES] = {
        [NPK_BYTES][NPK_BYTES] = run_text,
        [NPK_STR][NPK_STR] = run_text,
        [NPK_STR][NPK_BYTES] = run_encode,
        [NPK_VOID][NPK_VOID] = run_copy,
    };
    if (from == NULL)
        return run_zero;
    if (is_number(from) && is_number(to))
        return to->type != NPK_BOOL && npk_dtype_equal(from, to) ? run_copy : run_numbers;
    if (to->type == NPK_VOID && from->itemsize != to->itemsize)
        return NULL;
    if (npki_is_raw(from) && npki_is_raw(to) && from->itemsize == to->itemsize)
        return run_copy;
    return others[from->type][to->type];
}
