/* Values that some protocols have no opcode for, and how those spell them. */
#include "writer/core/writer.h"

#include "base/bytes.h"
#include "text/encoding.h"
#include "text/unicode.h"
#include "value/value.h"

#define SCRATCH ((size_t)4096)

/* --- texts and bytes --- */

/* CPython has the empty str and those of one latin-1 character once, likewise bytes. */
static uint64_t singleton(const npk_writer *w, npk_kind kind, const uint8_t *bytes, size_t size)
{
    if (w->python->chars != NPKI_CHARS_ONCE)
        return 0;
    if (size == 0)
        return npki_key(kind == NPK_KIND_STR ? NPKI_IS_CHAR : NPKI_IS_BYTE, 256);
    if (kind != NPK_KIND_STR)
        return size == 1 ? npki_key(NPKI_IS_BYTE, bytes[0]) : 0;
    const uint8_t *p = bytes;
    if (size > 2)
        return 0;
    uint32_t character = npki_utf8_next(&p);
    return p == bytes + size && character < 256 ? npki_key(NPKI_IS_CHAR, character) : 0;
}

/* At most one character, of any size. */
static bool is_char(npk_kind kind, const uint8_t *bytes, size_t size)
{
    const uint8_t *p = bytes;
    if (size <= 1 || kind != NPK_KIND_STR)
        return size <= 1;
    npki_utf8_next(&p);
    return p == bytes + size;
}

void npki_put_text(npk_writer *w, npk_kind kind, const uint8_t *bytes, size_t size, uint64_t key, bool keep)
{
    bool unnumbered = w->python->chars == NPKI_CHARS_UNNUMBERED && is_char(kind, bytes, size);
    w->last = NPK_UNKNOWN;
    if (unnumbered || (kind == NPK_KIND_BYTEARRAY && w->python->lost_buffers))
        w->unnumbered = npki_offset(w);
    else
        npki_put(w, key, keep);
}

/* A text goes into the pickle in its coat: raw-unicode-escape in a line, else UTF-8 as it is. */
static void write_str(npk_writer *w, const uint8_t *utf8, size_t size)
{
    bool escaped = w->protocol < npki_opcodes[NPKI_ROW_BINUNICODE].protocol;
    uint64_t length = escaped ? npki_unicode_escape(utf8, size, w->python->escapes, NULL) : size;
    const npk_opcode *opcode = npki_begin_text(w, NPK_KIND_STR, length);
    if (opcode == NULL)
        return;
    if (!escaped || size == 0) {
        npki_text(w, utf8, size);
    } else {
        uint8_t *text = length > SIZE_MAX ? NULL : npki_allocate(&w->allocator, (size_t)length);
        if (text == NULL) {
            npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
            return;
        }
        npki_unicode_escape(utf8, size, w->python->escapes, text);
        npki_text(w, text, (size_t)length);
        npki_free(&w->allocator, text, (size_t)length);
    }
    npki_end_text(w, opcode, length);
}

void npki_put_str(npk_writer *w, const uint8_t *utf8, size_t size, uint64_t key, bool keep)
{
    npki_boundary(w);
    if (key != 0 && npki_get_known(w, key))
        return;
    write_str(w, utf8, size);
    npki_put_text(w, NPK_KIND_STR, utf8, size, key, keep);
}

/* One piece, given out once after each start. */
typedef struct one_piece {
    const uint8_t *bytes;
    size_t size;
    bool given;
} one_piece;

static void start_one(void *context)
{
    ((one_piece *)context)->given = false;
}

static size_t next_one(void *context, const uint8_t **piece)
{
    one_piece *one = context;
    if (one->given)
        return 0;
    one->given = true;
    *piece = one->bytes;
    return one->size;
}

static void write_str_item(npk_writer *w, const void *text, size_t size, uint64_t key, bool keep)
{
    if (!npki_before(w))
        return;
    if (key == 0)
        key = singleton(w, NPK_KIND_STR, text, size);
    npki_put_str(w, text, size, key, keep);
    npki_after(w);
}

/* --- calls in place of opcodes --- */

void npki_begin_called(npk_writer *w, npk_kind kind, int64_t count, uint64_t key, bool keep)
{
    const npk_opcode *call = &npki_opcodes[NPKI_ROW_REDUCE];
    npki_begin_as(
        w, &(npki_container){
               .kind = NPK_KIND_OBJECT, .count = 2, .keep = keep, .key = key, .call = call, .parts = call->pops});
    npki_write_global(w, kind == NPK_KIND_SET ? NPKI_SET : NPKI_FROZENSET);
    bool temporaries = npki_keeps_temporaries(w);
    npki_begin(w, NPK_KIND_TUPLE, 1, temporaries);
    npki_begin_as(
        w, &(npki_container){.kind = NPK_KIND_LIST, .count = count, .keep = count != 0 || temporaries, .also_ends = 2});
}

/* --- bytes in pieces --- */

/* The payload through the coat, in pieces. */
static void put_on(npk_writer *w, npk_encoding encoding, char quote, const npki_pieces *pieces)
{
    uint8_t scratch[SCRATCH];
    const uint8_t *piece = NULL;
    size_t size;
    pieces->start(pieces->context);
    while (w->error.status == NPK_OK && (size = pieces->next(pieces->context, &piece)) > 0) {
        npki_stream stream = {piece, piece + size, scratch, scratch + SCRATCH, false};
        if (encoding == NPK_ENCODING_RAW) {
            npki_text(w, piece, size);
            continue;
        }
        while (stream.in < stream.in_end) {
            stream.out = scratch;
            npki_encoding_encode(encoding, quote, &stream);
            npki_text(w, scratch, (size_t)(stream.out - scratch));
        }
    }
}

static uint64_t measure(npk_encoding encoding, char quote, const npki_pieces *pieces)
{
    const uint8_t *piece = NULL;
    size_t size;
    uint64_t total = 0;
    pieces->start(pieces->context);
    while ((size = pieces->next(pieces->context, &piece)) > 0)
        total += npki_encoding_encoded_size(encoding, quote, piece, size);
    return total;
}

/* repr()'s choice for the whole of the bytes. */
static char quote_of(const npki_pieces *pieces)
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

/* Python 2's str: raw, or in a line as repr() prints it. */
static void write_string(npk_writer *w, const npki_pieces *pieces, uint64_t size)
{
    bool quoted = w->protocol < npki_opcodes[NPKI_ROW_BINSTRING].protocol;
    char quote = quoted ? quote_of(pieces) : '\0';
    const npk_opcode *opcode = npki_begin_text(w, NPK_KIND_PYTHON2_STR, size);
    if (opcode == NULL)
        return;
    npki_text(w, &quote, quoted);
    put_on(w, quoted ? NPK_ENCODING_STRING_ESCAPE : NPK_ENCODING_RAW, quote, pieces);
    npki_text(w, &quote, quoted);
    npki_end_text(w, opcode, size);
}

/* The same for the escapes of old Pythons, which no coat has: it is only read. The length of a line is not told
 * before it. */
static void put_on_escapes(npk_writer *w, const npki_pieces *pieces)
{
    uint8_t utf8[128], escapes[6 * sizeof utf8]; /* a byte has up to two of UTF-8, or six of an escape */
    const uint8_t *piece = NULL;
    size_t size;
    pieces->start(pieces->context);
    while (w->error.status == NPK_OK && (size = pieces->next(pieces->context, &piece)) > 0)
        while (size > 0) {
            size_t used = 0;
            for (; size > 0 && used < sizeof utf8 - 1; size--)
                used += npki_utf8_put(*piece++, utf8 + used);
            npki_text(w, escapes, (size_t)npki_unicode_escape(utf8, used, w->python->escapes, escapes));
        }
}

/* The str whose latin-1 characters are the bytes. */
static void write_latin1(npk_writer *w, const npki_pieces *pieces, uint64_t size)
{
    if (size <= 1) {
        const uint8_t *first = NULL;
        uint8_t character[4];
        pieces->start(pieces->context);
        write_str_item(w, character, pieces->next(pieces->context, &first) > 0 ? npki_utf8_put(first[0], character) : 0,
                       0, false);
        return;
    }
    if (!npki_before(w))
        return;
    bool escaped = w->protocol < npki_opcodes[NPKI_ROW_BINUNICODE].protocol;
    npk_encoding encoding = escaped ? NPK_ENCODING_RAW_UNICODE_ESCAPE : NPK_ENCODING_LATIN1_UTF8;
    if (!npki_can_hold(w, NPK_KIND_STR, size)) /* no coat makes it shorter: no need to measure */
        return;
    uint64_t length = measure(encoding, '\0', pieces);
    const npk_opcode *opcode = npki_begin_text(w, NPK_KIND_STR, length);
    if (opcode != NULL) {
        if (escaped && w->python->escapes != NPKI_ESCAPES_NEW)
            put_on_escapes(w, pieces);
        else
            put_on(w, encoding, '\0', pieces);
        npki_end_text(w, opcode, length);
        npki_put(w, 0, false);
    }
    npki_after(w);
}

/* bytearray(bytes), or from characters of latin-1. The encoding is a str of the pickler's own. */
void npki_write_bytearray(npk_writer *w, const void *bytes, size_t size)
{
    one_piece one = {bytes, size, false};
    npki_pieces pieces = {start_one, next_one, &one};
    bool text = w->python->text_bytearray && w->protocol < npki_opcodes[NPKI_ROW_BINBYTES].protocol;
    if (w->protocol >= npki_opcodes[NPKI_ROW_BYTEARRAY8].protocol) {
        npki_write_text(w, NPK_KIND_BYTEARRAY, bytes, size, 0, false);
        return;
    }
    npki_begin(w, NPK_KIND_OBJECT, 2, false);
    npki_write_global(w, NPKI_BYTEARRAY);
    npki_begin(w, NPK_KIND_TUPLE, text ? 2 : size > 0, false);
    if (text) {
        write_latin1(w, &pieces, size);
        uint64_t key = w->python->one_latin_1 ? npki_key(NPKI_IS_LATIN_1, 0) : 0;
        npki_write_code(w, "latin-1", 7, key, false);
    } else if (size > 0) {
        npki_write_text(w, NPK_KIND_BYTES, bytes, size, 0, false);
    }
    npki_end(w);
    npki_end(w);
}

/* Below protocol 3: _codecs.encode(text, 'latin1'), and bytes() for the empty ones. */
static void write_encoded(npk_writer *w, const npki_pieces *pieces, uint64_t size, uint64_t key)
{
    npki_begin(w, NPK_KIND_OBJECT, 2, false);
    npki_write_global(w, size == 0 ? NPKI_BYTES : NPKI_CODECS_ENCODE);
    npki_begin(w, NPK_KIND_TUPLE, size == 0 ? 0 : 2, false);
    if (size > 0) {
        write_latin1(w, pieces, size);
        write_str_item(w, "latin1", 6, npki_key(NPKI_IS_LATIN1, 0), false);
    }
    npki_end(w);
    npki_end(w);
    if (key != 0)
        npki_remember(w, key);
}

/* With an opcode of their own. */
static void write_plain(npk_writer *w, npk_kind kind, const npki_pieces *pieces, uint64_t size, uint64_t key, bool keep)
{
    if (!npki_before(w))
        return;
    if (w->python->python2 || kind == NPK_KIND_PYTHON2_STR) {
        write_string(w, pieces, size);
        npki_put_text(w, kind, NULL, (size_t)size, key, keep);
    } else {
        const npk_opcode *opcode = npki_begin_text(w, kind, size);
        if (opcode != NULL) {
            put_on(w, NPK_ENCODING_RAW, '\0', pieces);
            npki_end_text(w, opcode, size);
            npki_put_text(w, kind, NULL, (size_t)size, key, keep);
        }
    }
    npki_after(w);
}

/* `fresh`: a new object, of whatever size. */
static void write_bytes(npk_writer *w, npk_kind kind, const npki_pieces *pieces, uint64_t size, uint64_t key, bool keep,
                        bool fresh)
{
    if (key == 0 && kind == NPK_KIND_BYTES && size <= 1 && !fresh) {
        const uint8_t *first = NULL;
        pieces->start(pieces->context);
        pieces->next(pieces->context, &first);
        key = singleton(w, kind, first, (size_t)size);
    }
    if (key != 0 && npki_write_known(w, key))
        return;
    if (kind == NPK_KIND_BYTES && !w->python->python2 && w->protocol < npki_opcodes[NPKI_ROW_BINBYTES].protocol)
        write_encoded(w, pieces, size, key);
    else
        write_plain(w, kind, pieces, size, key, keep);
}

npk_status npki_write_bytes(npk_writer *w, npk_kind kind, const npki_pieces *pieces, uint64_t size, bool fresh)
{
    write_bytes(w, kind, pieces, size, 0, false, fresh);
    return w->error.status;
}

npk_status npki_write_text(npk_writer *w, npk_kind kind, const void *bytes, size_t size, uint64_t key, bool keep)
{
    one_piece one = {bytes, size, false};
    npki_pieces pieces = {start_one, next_one, &one};
    if (kind == NPK_KIND_STR)
        write_str_item(w, bytes, size, key, keep);
    else
        write_bytes(w, kind, &pieces, size, key, keep, false);
    return w->error.status;
}

/* --- texts of a document --- */

/* A long str that became bytes is still as the pickle has it. */
static void write_encoded_str(npk_writer *w, npk_encoding encoding, const npki_encoded *encoded)
{
    uint64_t size;
    bool lines = w->protocol < npki_opcodes[NPKI_ROW_BINUNICODE].protocol;
    if (lines == (encoding == NPK_ENCODING_RAW_UNICODE_ESCAPE)) { /* as it is */
        const npk_opcode *opcode = npki_begin_text(w, NPK_KIND_STR, encoded->size);
        if (opcode != NULL) {
            npki_text(w, encoded->bytes, (size_t)encoded->size);
            npki_end_text(w, opcode, encoded->size);
        }
        return;
    }
    if (encoding == NPK_ENCODING_LATIN1_UTF8) {
        write_str(w, encoded->bytes, (size_t)encoded->size);
        return;
    }
    npki_unicode_unescape(encoded->bytes, (size_t)encoded->size, NULL, &size);
    uint8_t *utf8 = size > SIZE_MAX ? NULL : npki_allocate(&w->allocator, (size_t)size);
    if (utf8 == NULL) {
        npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
        return;
    }
    npki_unicode_unescape(encoded->bytes, (size_t)encoded->size, utf8, &size);
    write_str(w, utf8, (size_t)size);
    npki_free(&w->allocator, utf8, (size_t)size);
}

void npki_write_plain_text(npk_writer *w, const npk_value *value)
{
    size_t size = 0;
    const char *text = npk_value_as_str(value, &size);
    if (text != NULL) {
        write_str(w, (const uint8_t *)text, size);
        return;
    }
    if (value->kind == NPK_KIND_STR) {
        write_encoded_str(w, (npk_encoding)value->encoding, value->u.encoded);
        return;
    }
    int64_t needed = npk_value_bytes_size(value);
    const uint8_t *bytes = npk_value_as_bytes(value, &size);
    uint8_t *copy = NULL;
    if (bytes == NULL) { /* in a coat */
        size = (size_t)needed;
        copy = needed < 0 ? NULL : npki_allocate(&w->allocator, size);
        if (copy == NULL) {
            npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
            return;
        }
        npk_value_bytes_copy(value, copy, size);
        bytes = copy;
    }
    one_piece one = {bytes, size, false};
    npki_pieces pieces = {start_one, next_one, &one};
    npk_kind kind = npk_value_kind(value);
    if (kind == NPK_KIND_PYTHON2_STR) {
        write_string(w, &pieces, size);
    } else {
        const npk_opcode *opcode = npki_begin_text(w, kind, size);
        if (opcode != NULL) {
            put_on(w, NPK_ENCODING_RAW, '\0', &pieces);
            npki_end_text(w, opcode, size);
        }
    }
    npki_free(&w->allocator, copy, size);
}
