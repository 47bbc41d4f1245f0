/* The second of several arrays alike, and all after it: their pickles are compared with that of the one before, and
 * only what differs is read. */
#include "reader/array_scan.h"

#include "array/layout.h"
#include "base/bytes.h"
#include "text/encoding.h"

#include <string.h>

bool npki_scan_lay_out(npk_array_view *out, const npk_dtype *dtype, int ndim, char order,
                       const npki_scan_elements *elements)
{
    uint64_t count;
    if (npki_encoding_measure(elements->encoding, elements->bytes, (size_t)elements->size, &count) != elements->size)
        return false;
    const bool raw = count == elements->size; /* also of a text, where that is ASCII */
    out->array = (npk_array){.dtype = dtype,
                             .data = raw ? elements->bytes : NULL,
                             .encoding = raw ? NPK_ENCODING_RAW : elements->encoding,
                             .payload = elements->bytes,
                             .payload_size = (size_t)elements->size,
                             .ndim = ndim,
                             .shape = out->shape,
                             .strides = out->strides,
                             .order = order};
    int64_t all = npk_dtype_itemsize(dtype);
    for (int i = 0; i < ndim; i++)
        if (out->shape[i] != 0 && !npki_mul_int64(all, out->shape[i], &all))
            return false;
    const int64_t nbytes = npk_array_nbytes(&out->array);
    return nbytes >= 0 && (uint64_t)nbytes == count &&
           npki_contiguous_strides(ndim, out->shape, npk_dtype_itemsize(dtype), order, out->strides);
}

void npki_scan_begin_like(npki_scan *s)
{
    s->like = (npki_scan_like){.first = s->in.at, .end = s->in.end, .count = s->count};
}

void npki_scan_note_put(npki_scan *s)
{
    npki_scan_like *like = &s->like;
    if (like->first != NULL && like->puts < NPKI_SCAN_PUTS)
        like->put[like->puts] = (uint32_t)(s->in.at - 4 - like->first);
    if (like->puts <= NPKI_SCAN_PUTS)
        like->puts++;
}

/* It will do where no number of it is looked up later, all that it puts has its number in four bytes or none in the
 * pickle, and all of it is in one frame. */
void npki_scan_end_like(npki_scan *s, const npk_array_view *out, npk_encoding encoding)
{
    npki_scan_like *like = &s->like;
    const uint32_t from = like->count;
    const bool one_frame = like->end == s->in.end;
    like->end = s->in.at;
    like->count = s->count - from;
    if ((like->count > 0 && from < NPKI_SCAN_NUMBERS) || !one_frame || like->puts > NPKI_SCAN_PUTS ||
        (like->puts != like->count && (like->puts > 0 || s->protocol < 4)) || out->array.ndim > 4 ||
        (uint64_t)(s->in.at - like->first) > UINT32_MAX) {
        like->first = NULL;
        return;
    }
    like->dtype = out->array.dtype;
    like->ndim = out->array.ndim;
    like->order = out->array.order;
    like->readonly = out->array.readonly;
    like->encoding = encoding;
    like->elements = (uint64_t)((const uint8_t *)out->array.payload - like->first);
    like->size = out->array.payload_size;
    memcpy(like->length, out->shape, (size_t)like->ndim * sizeof like->length[0]);
}

/* Whether the bytes at `at` are those of the array before from one place to another; the numbers that it puts, from
 * *put on, go on with s->count. */
static bool is_like(const npki_scan *s, const uint8_t *at, uint64_t from, uint64_t to, unsigned *put)
{
    const npki_scan_like *like = &s->like;
    const uint8_t *before = like->first;
    uint64_t done = from;
    for (; *put < like->puts && like->put[*put] < to; ++*put) {
        const uint64_t place = like->put[*put];
        if (memcmp(at + (done - from), before + done, (size_t)(place - done)) != 0 ||
            npki_load_le(at + (place - from), 4) != (uint64_t)s->base + s->count + *put)
            return false;
        done = place + 4;
    }
    return memcmp(at + (done - from), before + done, (size_t)(to - done)) == 0;
}

bool npki_scan_take_like(npki_scan *s, npk_array_view *out)
{
    npki_scan_like *like = &s->like;
    const uint64_t room = (uint64_t)(s->in.end - s->in.at), all = (uint64_t)(like->end - like->first);
    npki_scan_elements elements = {s->in.at + like->elements, like->size, like->encoding};
    const uint64_t head = like->elements - (like->encoding == NPK_ENCODING_RAW ? 0 : 4),
                   tail = like->elements + like->size;
    unsigned put = 0;
    if (like->first == NULL || like->elements > room || s->count > UINT32_MAX - s->base - like->count ||
        !is_like(s, s->in.at, 0, head, &put))
        return false;
    if (like->encoding != NPK_ENCODING_RAW)
        elements.size = npki_load_le(s->in.at + head, 4);
    if (elements.size > room - like->elements || all - tail > room - like->elements - elements.size ||
        !is_like(s, elements.bytes + elements.size, tail, all, &put))
        return false;
    memcpy(out->shape, like->length, (size_t)like->ndim * sizeof out->shape[0]);
    if (!npki_scan_lay_out(out, like->dtype, like->ndim, like->order, &elements))
        return false;
    out->array.readonly = like->readonly;
    s->in.at = elements.bytes + elements.size + (all - tail);
    s->count += like->count;
    return true;
}
