/* Texts and bytes of a document. */
#include "writer/graph/graph.h"

#include "text/unicode.h"

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
        npki_write_utf8(w, encoded->bytes, (size_t)encoded->size);
        return;
    }
    npki_unicode_unescape(encoded->bytes, (size_t)encoded->size, NULL, &size);
    uint8_t *utf8 = size > SIZE_MAX ? NULL : npki_allocate(&w->allocator, (size_t)size);
    if (utf8 == NULL) {
        npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
        return;
    }
    npki_unicode_unescape(encoded->bytes, (size_t)encoded->size, utf8, &size);
    npki_write_utf8(w, utf8, (size_t)size);
    npki_free(&w->allocator, utf8, (size_t)size);
}

void npki_write_text_value(npk_writer *w, const npk_value *value)
{
    size_t size = 0;
    const char *text = npk_value_as_str(value, &size);
    if (text != NULL) {
        npki_write_utf8(w, (const uint8_t *)text, size);
        return;
    }
    if (value->kind == NPK_KIND_STR) {
        write_encoded_str(w, (npk_encoding)value->encoding, value->u.encoded);
        return;
    }
    int64_t needed = npk_value_bytes_size(value);
    const uint8_t *bytes = npk_value_as_bytes(value, &size);
    uint8_t *copy = NULL;
    if (bytes == NULL) { /* encoded */
        size = (size_t)needed;
        copy = needed < 0 ? NULL : npki_allocate(&w->allocator, size);
        if (copy == NULL) {
            npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
            return;
        }
        npk_value_bytes_copy(value, copy, size);
        bytes = copy;
    }
    npki_piece piece = {.bytes = bytes, .size = size};
    npki_pieces pieces = npki_one_piece(&piece);
    npk_kind kind = npk_value_kind(value);
    if (kind == NPK_KIND_PYTHON2_STR) {
        npki_write_python2_pieces(w, &pieces, size);
    } else {
        const npk_opcode *opcode = npki_begin_text(w, kind, size);
        if (opcode != NULL) {
            npki_encode_pieces(w, NPK_ENCODING_RAW, '\0', &pieces);
            npki_end_text(w, opcode, size);
        }
    }
    npki_free(&w->allocator, copy, size);
}
