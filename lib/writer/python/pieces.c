/* Bytes in pieces, through an encoding. */
#include "writer/python/python.h"

#include "text/encoding.h"

#include <string.h>

static void start_one(void *context)
{
    ((npki_piece *)context)->given = false;
}

static size_t next_one(void *context, const uint8_t **piece)
{
    npki_piece *one = context;
    if (one->given)
        return 0;
    one->given = true;
    *piece = one->bytes;
    return one->size;
}

npki_pieces npki_one_piece(npki_piece *piece)
{
    return (npki_pieces){start_one, next_one, piece};
}

static void encode(const npk_writer *w, npk_encoding encoding, char quote, npki_stream *stream)
{
    if (encoding == NPK_ENCODING_RAW_UNICODE_ESCAPE)
        npki_encoding_escape(w->python->escapes, stream);
    else
        npki_encoding_encode(encoding, quote, stream);
}

void npki_encode_pieces(npk_writer *w, npk_encoding encoding, char quote, const npki_pieces *pieces)
{
    const uint8_t *piece = NULL;
    size_t size, room;
    if (encoding == NPK_ENCODING_RAW_UNICODE_ESCAPE)
        w->came_to |= NPKI_CAME_TO_ESCAPE;
    pieces->start(pieces->context);
    while (w->error.status == NPK_OK && (size = pieces->next(pieces->context, &piece)) > 0) {
        npki_stream stream = {.in = piece, .in_end = piece + size};
        if (encoding == NPK_ENCODING_RAW) {
            npki_text(w, piece, size);
            continue;
        }
        while (stream.in < stream.in_end) {
            uint8_t *at = npki_text_room(w, NPKI_ENCODING_WIDEST, &room);
            if (at == NULL)
                return;
            stream.out = at;
            stream.out_end = at + room;
            encode(w, encoding, quote, &stream);
            npki_text_put(w, (size_t)(stream.out - at));
        }
    }
}

uint64_t npki_measure_pieces(const npk_writer *w, npk_encoding encoding, char quote, const npki_pieces *pieces)
{
    const uint8_t *piece = NULL;
    size_t size;
    uint64_t total = 0;
    pieces->start(pieces->context);
    while ((size = pieces->next(pieces->context, &piece)) > 0)
        total += encoding == NPK_ENCODING_RAW_UNICODE_ESCAPE
                     ? npki_encoding_escaped_size(w->python->escapes, piece, size)
                     : npki_encoding_encoded_size(encoding, quote, piece, size);
    return total;
}

char npki_quote_of(const npki_pieces *pieces)
{
    const uint8_t *piece = NULL;
    size_t size;
    bool single = false, twofold = false;
    pieces->start(pieces->context);
    while ((size = pieces->next(pieces->context, &piece)) > 0) {
        single = single || memchr(piece, '\'', size) != NULL;
        twofold = twofold || memchr(piece, '"', size) != NULL;
    }
    return single && !twofold ? '"' : '\'';
}
