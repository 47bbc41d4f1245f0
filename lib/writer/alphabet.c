/* The alphabet of writer.h. */
#include "writer/writer.h"

#include "base/bytes.h"
#include "text/unicode.h"

npk_status npk_begin_list(npk_writer *w, int64_t count)
{
    return npki_begin(w, NPK_KIND_LIST, count, true);
}

npk_status npk_begin_tuple(npk_writer *w, int64_t count)
{
    return npki_begin(w, NPK_KIND_TUPLE, count, true);
}

npk_status npk_begin_dict(npk_writer *w, int64_t count)
{
    return npki_begin(w, NPK_KIND_DICT, count, true);
}

npk_status npk_end(npk_writer *w)
{
    return npki_end(w);
}

/* A value that no memo has. */
static npk_status after_atom(npk_writer *w)
{
    w->last = NPK_UNKNOWN;
    npki_after(w);
    return w->error.status;
}

npk_status npk_none(npk_writer *w)
{
    if (!npki_before(w))
        return w->error.status;
    npki_op(w, NPKI_ROW_NONE);
    return after_atom(w);
}

npk_status npk_bool(npk_writer *w, bool value)
{
    if (!npki_before(w))
        return w->error.status;
    if (w->protocol >= npki_opcodes[NPKI_ROW_NEWTRUE].protocol)
        npki_op(w, value ? NPKI_ROW_NEWTRUE : NPKI_ROW_NEWFALSE);
    else
        npki_op_line(w, NPKI_ROW_INT, value ? "01" : "00", 2);
    return after_atom(w);
}

npk_status npk_long(npk_writer *w, const uint8_t *bytes, size_t size)
{
    if (!npki_before(w))
        return w->error.status;
    if (size == 0)
        return npki_writer_fail(w, NPK_USAGE, "an int of no bytes");
    while (size > 1 && bytes[size - 1] == (bytes[size - 2] & 0x80 ? 0xff : 0))
        size--;
    npki_op_int(w, NPKI_INT_EITHER, bytes, size);
    return after_atom(w);
}

npk_status npk_int(npk_writer *w, int64_t value)
{
    uint8_t bytes[8];
    npki_store_le(bytes, (uint64_t)value, 8);
    return npk_long(w, bytes, 8);
}

npk_status npk_uint(npk_writer *w, uint64_t value)
{
    uint8_t bytes[9] = {0};
    npki_store_le(bytes, value, 8);
    return npk_long(w, bytes, 9);
}

npk_status npk_float(npk_writer *w, double value)
{
    if (!npki_before(w))
        return w->error.status;
    npki_op_float(w, value);
    return after_atom(w);
}

npk_status npk_complex(npk_writer *w, double real, double imaginary)
{
    npki_begin(w, NPK_KIND_OBJECT, 2, true);
    npki_write_global(w, NPKI_COMPLEX);
    npki_begin(w, NPK_KIND_TUPLE, 2, false);
    npk_float(w, real);
    npk_float(w, imaginary);
    npki_end(w);
    return npki_end(w);
}

npk_status npk_str_size(npk_writer *w, const char *text, size_t size)
{
    size_t wrong = npki_utf8_check((const uint8_t *)text, size);
    if (wrong != size)
        return npki_writer_fail(w, NPK_USAGE, "byte %zu of a str is no UTF-8", wrong);
    return npki_write_text(w, NPK_KIND_STR, text, size, 0, true);
}

npk_status npk_str(npk_writer *w, const char *text)
{
    return npk_str_size(w, text, strlen(text));
}

npk_status npk_bytes(npk_writer *w, const void *bytes, size_t size)
{
    return npki_write_text(w, NPK_KIND_BYTES, bytes, size, 0, true);
}

int64_t npk_last(npk_writer *w)
{
    return w->last;
}

npk_status npk_again(npk_writer *w, int64_t reference)
{
    if (!npki_before(w))
        return w->error.status;
    if (reference < 0 || reference >= w->next_memo)
        return npki_writer_fail(w, NPK_USAGE, "a reference that npk_last did not give");
    npki_get(w, reference);
    npki_after(w);
    return w->error.status;
}
