#include "reader/incoming.h"

#include "base/allocator.h"
#include "base/bytes.h"
#include "opcode/opcode.h"

#include <string.h>

#define STEP ((uint64_t)1 << 20) /* raw bytes that are read at a time */

npki_incoming *npki_incoming_new(const npk_allocator *allocator, npk_read_function *read, void *context)
{
    npki_incoming *p = npki_allocate(allocator, sizeof *p);
    if (p == NULL)
        return NULL;
    memset(p, 0, offsetof(npki_incoming, head));
    p->allocator = *allocator;
    p->read = read;
    p->context = context;
    return p;
}

void npki_incoming_free(npki_incoming *p)
{
    npk_allocator allocator;
    if (p == NULL)
        return;
    allocator = p->allocator;
    npki_free(&allocator, p, sizeof *p);
}

/* --- the input --- */

/* 0 at its end, and where reading failed. */
static size_t read_some(npki_incoming *p, uint8_t *out, size_t room)
{
    if (p->ended || p->failed || room == 0)
        return 0;
    int64_t got = p->read(p->context, out, room, &p->system);
    p->failed = got < 0 || (uint64_t)got > room;
    p->ended = got == 0;
    return p->failed ? 0 : (size_t)got;
}

/* More of the chunk. False: the input has no more, or the chunk no room. */
static bool more(npki_incoming *p)
{
    if (p->from > 0)
        memmove(p->chunk, p->chunk + p->from, p->held);
    p->from = 0;
    size_t got = read_some(p, p->chunk + p->held, sizeof p->chunk - p->held);
    p->held += got;
    return got > 0;
}

bool npki_incoming_begin(npki_incoming *p)
{
    size_t got;
    while ((got = read_some(p, p->head + p->head_size, sizeof p->head - p->head_size)) > 0)
        p->head_size += got;
    return p->head_size == sizeof p->head;
}

/* --- the elements --- */

/* How the encodings can be cut. */
static const struct {
    uint8_t longest; /* bytes of an escape; 0: there are none */
    uint8_t held;    /* bytes at the end of a line that may not be part of the text: the quote */
    unsigned spellings;
} forms[] = {
    [NPK_ENCODING_RAW] = {0, 0, 1},
    [NPK_ENCODING_LATIN1_UTF8] = {0, 0, 1},
    [NPK_ENCODING_RAW_UNICODE_ESCAPE] = {10, 0,
                                         1u << NPKI_ESCAPES_NEW | 1u << NPKI_ESCAPES_OLD | 1u << NPKI_ESCAPES_UPPER},
    [NPK_ENCODING_STRING_ESCAPE] = {4, 1, 1},
};

/* How much of a piece that is not the last can be decoded without what follows: up to the backslashes of an escape that
 * may go on, up to the lead of two bytes. */
static size_t cut(npk_encoding encoding, const uint8_t *bytes, size_t size)
{
    if (encoding == NPK_ENCODING_LATIN1_UTF8)
        return size > 0 && bytes[size - 1] >= 0xc0 ? size - 1 : size;
    size_t longest = forms[encoding].longest, held = forms[encoding].held, end = size > held ? size - held : 0,
           at = end;
    while (at > 0 && end - at < longest && bytes[at - 1] != '\\')
        at--;
    if (at == 0 || end - at == longest)
        return end;
    while (at > 0 && bytes[at - 1] == '\\')
        at--;
    return at;
}

/* Whether these plain bytes become this text again. */
static bool is_spelled(npki_incoming *p, npki_escapes escapes, const uint8_t *plain, size_t count, const uint8_t *text,
                       size_t size)
{
    npki_stream s = {plain, plain + count, NULL, NULL, false};
    while (s.in < s.in_end) {
        s.out = p->stage;
        s.out_end = p->stage + sizeof p->stage;
        if (p->encoding == NPK_ENCODING_RAW_UNICODE_ESCAPE)
            npki_encoding_escape(escapes, &s);
        else
            npki_encoding_encode(p->encoding, p->quote, &s);
        size_t made = (size_t)(s.out - p->stage);
        if (made > size || memcmp(p->stage, text, made) != 0)
            return false;
        text += made;
        size -= made;
    }
    return size == 0;
}

/* An escape can be spelled in many ways, and only what a pickler writes can be had again. */
static bool can_have_again(npki_incoming *p, const uint8_t *plain, size_t count, const uint8_t *text, size_t size)
{
    if (p->rereads || forms[p->encoding].longest == 0)
        return true;
    for (unsigned i = 0; i < 8 * sizeof p->spellings && p->spellings >> i != 0; i++)
        if ((p->spellings >> i & 1) != 0 && !is_spelled(p, (npki_escapes)i, plain, count, text, size))
            p->spellings &= ~(1u << i);
    return p->spellings != 0;
}

/* So many bytes of the chunk become elements. */
static bool take_piece(npki_incoming *p, const npk_array *array, size_t size)
{
    const uint8_t *piece = p->chunk + p->from;
    uint64_t count;
    unsigned spellings = p->spellings;
    if (npki_encoding_measure(p->encoding, piece, size, &count) != size || count > p->nbytes - p->given)
        return false;
    uint8_t *to = p->place(p->place_context, array, p->nbytes, p->given + count);
    if (to == NULL)
        return false;
    p->to = to;
    npki_stream s = {piece, piece + size, p->to + p->given, p->to + p->given + count, false};
    if (size > 0)
        npki_encoding_decode(p->encoding, &s);
    if (s.in != s.in_end || s.out != s.out_end)
        return false;
    if (!can_have_again(p, p->to + p->given, (size_t)count, piece, size)) {
        p->spellings = spellings; /* of those before */
        return false;
    }
    p->given += count;
    p->taken += size;
    p->from += size;
    p->held -= size;
    return true;
}

/* Bytes as they are need no chunk. */
static bool read_raw(npki_incoming *p, const npk_array *array)
{
    while (p->given < p->nbytes) {
        uint64_t left = p->nbytes - p->given, step = left < STEP ? left : STEP;
        uint8_t *to = p->place(p->place_context, array, p->nbytes, p->given + step);
        if (to == NULL)
            return false;
        p->to = to;
        size_t got = read_some(p, to + p->given, (size_t)step);
        if (got == 0)
            return false;
        p->given += got;
        p->taken += got;
    }
    return true;
}

static bool take_counted(npki_incoming *p, const npk_array *array, uint64_t left)
{
    for (;;) {
        bool last = p->held >= left;
        size_t size = last ? (size_t)left : cut(p->encoding, p->chunk + p->from, p->held);
        if (!take_piece(p, array, size))
            return false;
        left -= size;
        if (last)
            return true;
        if (p->encoding == NPK_ENCODING_RAW)
            return read_raw(p, array);
        if (!more(p))
            return false;
    }
}

/* Up to its newline, or the quote before that, which stay. */
static bool take_line(npki_incoming *p, const npk_array *array)
{
    for (;;) {
        const uint8_t *at = p->chunk + p->from, *newline = p->held > 0 ? memchr(at, '\n', p->held) : NULL;
        size_t size = newline == NULL ? cut(p->encoding, at, p->held) : (size_t)(newline - at);
        if (newline != NULL) {
            if (size < forms[p->encoding].held)
                return false;
            size -= forms[p->encoding].held;
        }
        if (!take_piece(p, array, size))
            return false;
        if (newline != NULL)
            return p->quote == '\0' || p->chunk[p->from] == (uint8_t)p->quote;
        if (!more(p))
            return false;
    }
}

/* All that is left, behind the end of a line. */
static bool take_tail(npki_incoming *p, size_t ending)
{
    while (more(p))
        ;
    p->whole = p->ended && p->held >= ending;
    if (!p->whole)
        return false;
    p->tail = p->chunk + p->from + ending;
    p->tail_size = p->held - ending;
    return true;
}

/* Whether a count can be that of so many elements: each takes one byte or two, or just one. */
static bool may_count(const npki_argument_row *argument, uint64_t count, uint64_t nbytes)
{
    return count <= (argument->is_signed ? (uint64_t)INT32_MAX : (uint64_t)INT64_MAX) && count >= nbytes &&
           (argument->encoding == NPK_ENCODING_RAW ? count == nbytes : count / 2 <= nbytes);
}

bool npki_incoming_take(npki_incoming *p, const uint8_t *at, const npk_opcode *row, const npk_array *array,
                        uint64_t nbytes)
{
    const npki_argument_row *argument = &npki_arguments[row->argument];
    const size_t available = p->head_size - (size_t)(at - p->head), held = forms[argument->encoding].held;
    const bool counted = argument->form == NPKI_FORM_COUNTED;
    const size_t before = 1 + (counted ? argument->width : (size_t)0) + held;
    if (available <= before)
        return false;
    uint64_t count = counted ? npki_load_le(at + 1, argument->width) : 0;
    p->nbytes = nbytes == UINT64_MAX ? count : nbytes;
    p->encoding = argument->encoding;
    p->quote = held > 0 ? (char)at[before - 1] : '\0';
    p->spellings = forms[p->encoding].spellings;
    if ((counted && !may_count(argument, count, p->nbytes)) || (held > 0 && p->quote != '\'' && p->quote != '"') ||
        p->place(p->place_context, array, p->nbytes, 0) == NULL)
        return false;
    p->head_used = (size_t)(at - p->head) + before;
    p->held = available - before;
    memcpy(p->chunk, at + before, p->held);
    bool good = counted ? take_counted(p, array, count) : take_line(p, array);
    return good && p->given == p->nbytes && take_tail(p, counted ? 0 : 1 + held);
}

/* --- once more --- */

static size_t copy_out(void *out, size_t room, const uint8_t *from, size_t size)
{
    size = size < room ? size : room;
    memcpy(out, from, size);
    return size;
}

/* The next elements as they were in the input. */
static void spell_again(npki_incoming *p)
{
    npki_stream s = {p->to + p->again, p->to + p->given, p->stage, p->stage + sizeof p->stage, false};
    unsigned escapes = 0;
    while ((p->spellings >> escapes & 1) == 0)
        escapes++;
    if (p->encoding == NPK_ENCODING_RAW_UNICODE_ESCAPE)
        npki_encoding_escape((npki_escapes)escapes, &s);
    else
        npki_encoding_encode(p->encoding, p->quote, &s);
    p->again = (uint64_t)(s.in - p->to);
    p->stage_at = 0;
    p->stage_size = (size_t)(s.out - p->stage);
}

int64_t npki_incoming_again(void *context, void *out, size_t size, int *system)
{
    npki_incoming *p = context;
    size_t head = p->head_used > 0 ? p->head_used : p->head_size, done = 0;
    if (size == 0)
        return 0;
    if (p->again_head < head) {
        done = copy_out(out, size, p->head + p->again_head, head - p->again_head);
        p->again_head += done;
        return (int64_t)done;
    }
    if (p->stage_at == p->stage_size && p->again < p->given)
        spell_again(p);
    if (p->stage_at < p->stage_size) {
        done = copy_out(out, size, p->stage + p->stage_at, p->stage_size - p->stage_at);
        p->stage_at += done;
        return (int64_t)done;
    }
    if (p->held > 0) {
        done = copy_out(out, size, p->chunk + p->from, p->held);
        p->from += done;
        p->held -= done;
        return (int64_t)done;
    }
    if (p->failed && system != NULL)
        *system = p->system;
    return p->failed ? -1 : p->ended ? 0 : p->read(p->context, out, size, system);
}
