/* Python's str. */
#include "writer/python/python.h"

#include "text/unicode.h"

/* CPython has the empty str and those of one latin-1 character once, likewise bytes. */
uint64_t npki_singleton(const npk_writer *w, npk_kind kind, const uint8_t *bytes, size_t size)
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

void npki_put_text(npk_writer *w, npk_kind kind, const uint8_t *bytes, size_t size, uint64_t key,
                   npki_number_when number)
{
    if (kind == NPK_KIND_BYTEARRAY)
        w->came_to |= NPKI_CAME_TO_BUFFER;
    bool unnumbered = w->python->chars == NPKI_CHARS_UNNUMBERED && is_char(kind, bytes, size);
    w->last = NPK_UNKNOWN;
    w->last_unhashable = kind == NPK_KIND_BYTEARRAY;
    if (unnumbered || (kind == NPK_KIND_BYTEARRAY && w->python->lost_buffers))
        w->unnumbered = npki_offset(w);
    else
        npki_put(w, key, number);
}

/* Whether no Python escapes any of it. */
static bool is_plain(const uint8_t *utf8, size_t size)
{
    size_t i = 0;
    while (i < size && utf8[i] >= ' ' && utf8[i] < 0x7f && utf8[i] != '\\')
        i++;
    return i == size;
}

void npki_write_utf8(npk_writer *w, const uint8_t *utf8, size_t size)
{
    bool escaped = w->protocol < npki_opcodes[NPKI_ROW_BINUNICODE].protocol;
    if (escaped && !is_plain(utf8, size))
        w->came_to |= NPKI_CAME_TO_ESCAPE;
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

void npki_put_str(npk_writer *w, const uint8_t *utf8, size_t size, uint64_t key, npki_number_when number)
{
    npki_boundary(w);
    if (key != 0 && npki_get_known(w, key))
        return;
    npki_write_utf8(w, utf8, size);
    npki_put_text(w, NPK_KIND_STR, utf8, size, key, number);
}

void npki_write_keyed_str(npk_writer *w, const void *text, size_t size, uint64_t key, npki_number_when number)
{
    w->uncallable_next = true;
    if (!npki_before(w))
        return;
    if (key == 0)
        key = npki_singleton(w, NPK_KIND_STR, text, size);
    npki_put_str(w, text, size, key, number);
    npki_after(w);
}
