/* The second of several arrays alike, and all after it: their pickles are compared with those of some before, and only
 * what differs is read. */
#include "reader/array_scan.h"

#include "array/layout.h"
#include "base/bytes.h"
#include "text/encoding.h"

#include <string.h>

bool npki_scan_lay_out(npk_array_view *out, const npk_dtype *dtype, int ndim, char order,
                       const npki_scan_elements *elements)
{
    out->array = (npk_array){.dtype = dtype,
                             .encoding = elements->encoding,
                             .payload = elements->bytes,
                             .payload_size = (size_t)elements->size,
                             .ndim = ndim,
                             .shape = out->shape,
                             .strides = out->strides,
                             .order = order};
    const bool later = elements->later && npki_scan_is_later(&out->array);
    uint64_t count = 0;
    if (!later &&
        npki_encoding_measure(elements->encoding, elements->bytes, (size_t)elements->size, &count) != elements->size)
        return false;
    if (count == elements->size) { /* also of a text, where that is ASCII */
        out->array.encoding = NPK_ENCODING_RAW;
        out->array.data = elements->bytes;
    }
    int64_t all = npk_dtype_itemsize(dtype);
    bool is_empty = false;
    for (int i = 0; i < ndim; i++) {
        is_empty = is_empty || out->shape[i] == 0;
        if (out->shape[i] != 0 && !npki_mul_int64(all, out->shape[i], &all))
            return false;
    }
    const uint64_t needed = is_empty ? 0 : (uint64_t)all;
    return (later ? needed <= elements->size && elements->size / 2 <= needed : count == needed) &&
           npki_contiguous_strides(ndim, out->shape, npk_dtype_itemsize(dtype), order, out->strides);
}

/* --- what the next ones may be like --- */

void npki_scan_begin_like(npki_scan *s)
{
    npki_scan_made *made = &s->made;
    made->first = s->in.at;
    made->frame = s->in.end;
    made->count = s->count;
    made->lasting = s->lasting;
    made->puts = made->width = 0;
}

void npki_scan_note_put(npki_scan *s)
{
    npki_scan_made *made = &s->made;
    if (made->puts < NPKI_SCAN_PUTS)
        made->put[made->puts] = (uint32_t)(s->in.at - 4 - made->first);
    if (made->puts <= NPKI_SCAN_PUTS)
        made->puts++;
}

void npki_scan_note_length(npki_scan *s, size_t width)
{
    s->made.varies = (uint32_t)((size_t)(s->in.at - s->made.first) - width);
    s->made.width = (uint8_t)width;
}

/* It will do where nothing of it is looked up later, all that it puts has its number in four bytes or none in the
 * pickle, and all of it is in one frame. */
static bool is_good(const npki_scan *s, const npk_array *array)
{
    const npki_scan_made *made = &s->made;
    const uint32_t count = s->count - made->count;
    bool good = made->lasting == s->lasting && made->frame == s->in.end && made->puts <= NPKI_SCAN_PUTS &&
                (made->puts == count || (made->puts == 0 && s->protocol >= 4)) && count <= UINT8_MAX &&
                array->ndim <= NPKI_SCAN_AXES && (uint64_t)(s->in.at - made->first) <= UINT32_MAX;
    for (int i = 0; good && i < array->ndim; i++)
        good = array->shape[i] <= UINT32_MAX;
    return good;
}

/* Behind the last number and the length: the dtype stands there, or what makes the elements. */
static uint8_t tells_of(const npki_scan_like *like)
{
    uint32_t from = like->puts_before > 0 ? like->put[like->puts_before - 1] + 4u : 0;
    if (like->varies_width > 0 && !like->varies_behind && like->varies + (uint32_t)like->varies_width > from)
        from = like->varies + (uint32_t)like->varies_width;
    const uint32_t bytes = like->elements - like->size_width - 1u - from;
    return (uint8_t)(bytes < 8 ? bytes : 8);
}

void npki_scan_end_like(npki_scan *s, const npk_array_view *out, const npki_scan_elements *elements)
{
    const npki_scan_made *made = &s->made;
    const npk_array *array = &out->array;
    const uint32_t from = (uint32_t)(elements->bytes - made->first), end = from + (uint32_t)elements->size;
    if (!is_good(s, array) || from > UINT16_MAX || s->in.at - made->first - end > UINT16_MAX)
        return;
    const bool room = s->likes < NPKI_SCAN_LIKES;
    const size_t at = room ? s->likes++ : s->oldest++ % NPKI_SCAN_LIKES;
    npki_scan_like *like = &s->like[at];
    *like = (npki_scan_like){.first = made->first,
                             .dtype = array->dtype,
                             .size = (uint32_t)elements->size,
                             .elements = (uint16_t)from,
                             .behind = (uint16_t)(s->in.at - made->first - end),
                             .puts = made->puts,
                             .count = (uint8_t)(s->count - made->count),
                             .size_width = elements->width,
                             .ndim = (uint8_t)array->ndim,
                             .order = (uint8_t)array->order,
                             .readonly = array->readonly,
                             .encoding = (uint8_t)elements->encoding};
    for (size_t i = 0; i < made->puts; i++) {
        const bool before = made->put[i] < from;
        like->put[i] = (uint16_t)(made->put[i] - (before ? 0 : end));
        like->puts_before = (uint8_t)(like->puts_before + before);
    }
    if (array->ndim > 0 && made->width > 0) {
        like->varies_behind = made->varies > from;
        like->varies = (uint16_t)(made->varies - (like->varies_behind ? end : 0));
        like->varies_width = made->width;
    }
    for (int i = 0; i < array->ndim; i++)
        like->length[i] = (uint32_t)array->shape[i];
    like->tells = tells_of(like);
    s->like[s->last].next = (uint8_t)at;
    s->last = (uint8_t)at;
}

/* --- whether one is --- */

/* An int of 1, 2, 4 or 8 bytes. */
static uint64_t load(const uint8_t *at, size_t width)
{
    return width == 1   ? at[0]
           : width == 4 ? npki_load_le(at, 4)
           : width == 8 ? npki_load_le(at, 8)
                        : npki_load_le(at, 2);
}

/* Where the opcode of the elements is. */
static uint32_t head_of(const npki_scan_like *like)
{
    return like->elements - like->size_width - 1u;
}

static bool may_be_like(const npki_scan *s, const npki_scan_like *like)
{
    const size_t from = (size_t)head_of(like) - like->tells;
    return like->elements <= (uint64_t)(s->in.end - s->in.at) &&
           memcmp(s->in.at + from, like->first + from, like->tells) == 0;
}

/* What memcmp would say, for what is mostly a few bytes: words that overlap. */
static inline bool is_same(const uint8_t *a, const uint8_t *b, uint32_t size)
{
    if (size > 32)
        return memcmp(a, b, size) == 0;
    if (size >= 8) {
        const uint32_t last = size - 8;
        uint64_t unlike = npki_load_le(a + last, 8) ^ npki_load_le(b + last, 8);
        for (uint32_t i = 0; i < last; i += 8)
            unlike |= npki_load_le(a + i, 8) ^ npki_load_le(b + i, 8);
        return unlike == 0;
    }
    if (size >= 4)
        return npki_load_le(a, 4) == npki_load_le(b, 4) &&
               npki_load_le(a + size - 4, 4) == npki_load_le(b + size - 4, 4);
    if (size >= 2)
        return npki_load_le(a, 2) == npki_load_le(b, 2) &&
               npki_load_le(a + size - 2, 2) == npki_load_le(b + size - 2, 2);
    return size == 0 || *a == *b;
}

/* A part of an array, before or behind its elements, is that of `before`; the numbers go on with *number, and the
 * length is any: *length, where that stands in it. */
static inline bool is_like(const npki_scan_like *like, bool behind, const uint8_t *at, const uint8_t *before,
                           uint32_t end, uint64_t *number, int64_t *length)
{
    const bool varies = like->varies_width > 0 && like->varies_behind == behind;
    const uint32_t hole = varies ? like->varies : end;
    const uint16_t *put = like->put + (behind ? like->puts_before : 0),
                   *last = like->put + (behind ? like->puts : like->puts_before);
    uint32_t done = 0;
    for (bool over = false; !over; done += 4, put++, ++*number) {
        const uint32_t to = put < last ? *put : end;
        if (hole >= done && hole < to) {
            if (!is_same(at + done, before + done, hole - done))
                return false;
            *length = (int64_t)load(at + hole, like->varies_width);
            done = hole + like->varies_width;
        }
        if (!is_same(at + done, before + done, to - done))
            return false;
        over = put == last;
        done = to;
        if (!over && npki_load_le(at + to, 4) != *number)
            return false;
    }
    --*number; /* which the end has counted */
    return true;
}

/* How many bytes say the size; 0: it is no such opcode. Elements of few bytes have another one than those of many. */
static size_t width_of(const npki_scan *s, const npki_scan_like *like, uint8_t opcode)
{
    const uint8_t is = like->first[head_of(like)];
    if (opcode == is)
        return like->size_width;
    const npki_scan_text *row = npki_scan_text_of(s, opcode), *other = npki_scan_text_of(s, is);
    return row != NULL && other != NULL && row->is == other->is ? row->width : 0;
}

static bool take(npki_scan *s, const npki_scan_like *like, npk_array_view *out)
{
    const uint64_t room = (uint64_t)(s->in.end - s->in.at);
    uint64_t number = (uint64_t)s->base + s->count;
    int64_t length = like->length[0];
    const bool twin = like->puts == 0 && like->elements <= room && memcmp(s->in.at, like->first, like->elements) == 0;
    const uint32_t head = head_of(like);
    if (!twin && (head >= room || !is_like(like, false, s->in.at, like->first, head, &number, &length)))
        return false;
    const size_t width = width_of(s, like, s->in.at[head]);
    if (width == 0 || width > room - head - 1)
        return false;
    const uint8_t *size = s->in.at + head + 1;
    npki_scan_elements elements = {size + width, load(size, width), (npk_encoding)like->encoding, (uint8_t)width,
                                   false};
    const uint64_t left = room - head - 1 - width;
    if (elements.size > INT32_MAX || elements.size > left || like->behind > left - elements.size)
        return false;
    const uint8_t *end = elements.bytes + elements.size;
    const uint8_t *before = like->first + like->elements + like->size;
    if (!(twin && memcmp(end, before, like->behind) == 0) &&
        !is_like(like, true, end, before, like->behind, &number, &length))
        return false;
    if (length > INT32_MAX)
        return false;
    for (int i = 0; i < like->ndim; i++)
        out->shape[i] = i == 0 ? length : like->length[i];
    if (!npki_scan_lay_out(out, like->dtype, like->ndim, (char)like->order, &elements))
        return false;
    out->array.readonly = like->readonly;
    s->in.at = end + like->behind;
    s->count += like->count;
    return true;
}

/* That which came after the last one before comes first. */
bool npki_scan_take_like(npki_scan *s, npk_array_view *out)
{
    if (s->likes == 0 || s->count > UINT32_MAX - s->base - UINT8_MAX)
        return false;
    const size_t first = s->like[s->last].next < s->likes ? s->like[s->last].next : s->last;
    size_t at = first;
    bool found = take(s, &s->like[at], out);
    for (size_t i = 0; !found && i < s->likes; i++)
        found = i != first && may_be_like(s, &s->like[i]) && take(s, &s->like[at = i], out);
    if (found) {
        s->like[s->last].next = (uint8_t)at;
        s->last = (uint8_t)at;
    }
    return found;
}
