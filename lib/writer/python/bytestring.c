/* Python's bytes, and the str of Python 2; below protocol 3 bytes are a call. */
#include "writer/python/python.h"

#include "base/bytes.h"
#include "text/encoding.h"
#include "text/unicode.h"

#include <string.h>

void npki_write_python2_pieces(npk_writer *w, const npki_pieces *pieces, uint64_t size)
{
    bool quoted = w->protocol < npki_opcodes[NPKI_ROW_BINSTRING].protocol;
    char quote = quoted ? npki_quote_of(pieces) : '\0';
    const npk_opcode *opcode = npki_begin_text(w, NPK_KIND_PYTHON2_STR, size);
    if (opcode == NULL)
        return;
    if (quoted && npki_expects(w, size)) /* one is as long as it is, or longer */
        npki_expect(w, npki_measure_pieces(w, NPK_ENCODING_STRING_ESCAPE, quote, pieces));
    npki_text(w, &quote, quoted);
    npki_encode_pieces(w, quoted ? NPK_ENCODING_STRING_ESCAPE : NPK_ENCODING_RAW, quote, pieces);
    npki_text(w, &quote, quoted);
    npki_end_text(w, opcode, size);
}

/* In one pass, where it is one piece that goes into the caller's memory: the length, which is known at the end, is put
 * right then. False: it does not, and nothing is written. */
static bool write_latin1_direct(npk_writer *w, const npki_pieces *pieces, uint64_t size)
{
    const uint8_t *bytes = NULL;
    size_t room;
    if (!npki_is_direct(w) || size < NPKI_HELD || size > UINT32_MAX / 2 ||
        w->protocol >= npki_opcodes[NPKI_ROW_SHORT_BINUNICODE].protocol)
        return false;
    pieces->start(pieces->context);
    if (pieces->next(pieces->context, &bytes) != size)
        return false;
    const npk_opcode *opcode = npki_begin_text(w, NPK_KIND_STR, size);
    uint8_t *at = opcode != NULL ? npki_direct_room(w, &room) : NULL;
    if (at == NULL)
        return true;
    npki_stream stream = {.in = bytes, .in_end = bytes + size, .out = at, .out_end = at + room};
    npki_encoding_encode(NPK_ENCODING_LATIN1_UTF8, '\0', &stream);
    npki_piece rest = {.bytes = stream.in, .size = (size_t)(stream.in_end - stream.in)};
    const npki_pieces rests = npki_one_piece(&rest);
    const uint64_t length =
        (uint64_t)(stream.out - at) + npki_encoding_encoded_size(NPK_ENCODING_LATIN1_UTF8, '\0', rest.bytes, rest.size);
    npki_store_le(at - sizeof(uint32_t), length, sizeof(uint32_t));
    npki_direct_put(w, (size_t)(stream.out - at));
    npki_encode_pieces(w, NPK_ENCODING_LATIN1_UTF8, '\0', &rests);
    npki_end_text(w, opcode, length);
    return true;
}

void npki_write_latin1(npk_writer *w, const npki_pieces *pieces, uint64_t size)
{
    if (size <= 1) {
        const uint8_t *first = NULL;
        uint8_t character[4];
        pieces->start(pieces->context);
        npki_write_keyed_str(w, character,
                             pieces->next(pieces->context, &first) > 0 ? npki_utf8_put(first[0], character) : 0, 0,
                             NPKI_NUMBER_IF_HELD);
        return;
    }
    w->uncallable_next = true;
    if (!npki_before(w))
        return;
    bool escaped = w->protocol < npki_opcodes[NPKI_ROW_BINUNICODE].protocol;
    npk_encoding encoding = escaped ? NPK_ENCODING_RAW_UNICODE_ESCAPE : NPK_ENCODING_LATIN1_UTF8;
    if (!npki_can_hold(w, NPK_KIND_STR, size)) /* no encoding makes it shorter: no need to measure */
        return;
    if (!escaped && write_latin1_direct(w, pieces, size)) {
        npki_put(w, 0, NPKI_NUMBER_IF_HELD);
        npki_after(w);
        return;
    }
    uint64_t length = npki_measure_pieces(w, encoding, '\0', pieces);
    const npk_opcode *opcode = npki_begin_text(w, NPK_KIND_STR, length);
    if (opcode != NULL) {
        npki_encode_pieces(w, length == size ? NPK_ENCODING_RAW : encoding, '\0', pieces);
        npki_end_text(w, opcode, length);
        npki_put(w, 0, NPKI_NUMBER_IF_HELD);
    }
    npki_after(w);
}

/* Below protocol 3: _codecs.encode(text, 'latin1'), and bytes() for the empty ones. */
static void write_encoded(npk_writer *w, const npki_pieces *pieces, uint64_t size, uint64_t key)
{
    npki_begin(w, NPK_KIND_OBJECT, 2, NPKI_NUMBER_IF_HELD);
    npki_write_meaning(w, size == 0 ? NPKI_BYTES : NPKI_CODECS_ENCODE);
    npki_begin(w, NPK_KIND_TUPLE, size == 0 ? 0 : 2, NPKI_NUMBER_IF_HELD);
    if (size > 0) {
        npki_write_latin1(w, pieces, size);
        npki_write_keyed_str(w, "latin1", 6, npki_key(NPKI_IS_LATIN1, 0), NPKI_NUMBER_IF_HELD);
    }
    npki_end(w);
    npki_end(w);
    if (key != 0)
        npki_remember(w, key);
}

/* With an opcode of their own. */
static void write_plain(npk_writer *w, npk_kind kind, const npki_pieces *pieces, uint64_t size, uint64_t key,
                        npki_number_when number)
{
    w->uncallable_next = true;
    if (!npki_before(w))
        return;
    if (w->python->python2 || kind == NPK_KIND_PYTHON2_STR) {
        npki_write_python2_pieces(w, pieces, size);
        npki_put_text(w, kind, NULL, (size_t)size, key, number);
    } else {
        const npk_opcode *opcode = npki_begin_text(w, kind, size);
        if (opcode != NULL) {
            npki_encode_pieces(w, NPK_ENCODING_RAW, '\0', pieces);
            npki_end_text(w, opcode, size);
            npki_put_text(w, kind, NULL, (size_t)size, key, number);
        }
    }
    npki_after(w);
}

static void write_bytes(npk_writer *w, npk_kind kind, const npki_pieces *pieces, uint64_t size, uint64_t key,
                        bool number, npki_bytes_are are)
{
    if (key == 0 && kind == NPK_KIND_BYTES && size <= 1 && are == NPKI_BYTES_ANY) {
        const uint8_t *first = NULL;
        pieces->start(pieces->context);
        pieces->next(pieces->context, &first);
        key = npki_own_or_read(w, npki_singleton(w, kind, first, (size_t)size));
    }
    if (key != 0 && npki_write_known(w, key))
        return;
    if (kind == NPK_KIND_BYTES && !w->python->python2 && w->protocol < npki_opcodes[NPKI_ROW_BINBYTES].protocol)
        write_encoded(w, pieces, size, key);
    else
        write_plain(w, kind, pieces, size, key, number);
}

npk_status npki_write_pieces(npk_writer *w, npk_kind kind, const npki_pieces *pieces, uint64_t size, npki_bytes_are are)
{
    write_bytes(w, kind, pieces, size, 0, NPKI_NUMBER_IF_HELD, are);
    return w->error.status;
}

npk_status npki_write_text(npk_writer *w, npk_kind kind, const void *bytes, size_t size, uint64_t key,
                           npki_number_when number)
{
    npki_piece piece = {.bytes = bytes, .size = size};
    npki_pieces pieces = npki_one_piece(&piece);
    if (kind == NPK_KIND_STR)
        npki_write_keyed_str(w, bytes, size, key, number);
    else
        write_bytes(w, kind, &pieces, size, key, number, NPKI_BYTES_ANY);
    return w->error.status;
}

void npki_write_native_str(npk_writer *w, const char *text, size_t size, uint64_t key, npki_number_when number)
{
    npki_write_text(w, w->python->python2 ? NPK_KIND_BYTES : NPK_KIND_STR, text, size, key, number);
}
