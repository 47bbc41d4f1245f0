/* Values without parts: numbers, texts, names; and those that were written before. */
#include "writer/core/run.h"
#include "writer/python/python.h"

#include "base/bytes.h"
#include "text/unicode.h"

#include <string.h>

/* A value that no memo has. */
static npk_status after_atom(npk_writer *w)
{
    w->last = NPK_UNKNOWN;
    npki_after(w);
    return w->error.status;
}

/* One more of a run. What goes on with a run is written by the call itself, all else by a function of its own: this way
 * a run takes no frame on the stack. */
static inline npk_status done(npk_writer *w, const uint8_t *end)
{
    npki_run_put(w, end);
    return NPK_OK;
}

static __attribute__((noinline)) npk_status write_none(npk_writer *w)
{
    uint8_t *at = npki_run_begin_item(w, 1);
    if (at != NULL)
        return done(w, npki_spell_byte(at, NPKI_BYTE_NONE));
    w->uncallable_next = true;
    if (!npki_before(w))
        return w->error.status;
    npki_op(w, NPKI_ROW_NONE);
    return after_atom(w);
}

npk_status npk_write_none(npk_writer *w)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (npki_run_goes_on(w))
        return done(w, npki_spell_byte(npki_run_at(w), NPKI_BYTE_NONE));
    return write_none(w);
}

static __attribute__((noinline)) npk_status write_bool(npk_writer *w, bool value)
{
    uint8_t *at = npki_run_begin_item(w, 1);
    if (at != NULL)
        return done(w, npki_spell_byte(at, value ? NPKI_BYTE_NEWTRUE : NPKI_BYTE_NEWFALSE));
    w->uncallable_next = true;
    if (!npki_before(w))
        return w->error.status;
    if (w->protocol >= npki_opcodes[NPKI_ROW_NEWTRUE].protocol)
        npki_op(w, value ? NPKI_ROW_NEWTRUE : NPKI_ROW_NEWFALSE);
    else
        npki_op_line(w, NPKI_ROW_INT, value ? "01" : "00", 2);
    return after_atom(w);
}

npk_status npk_write_bool(npk_writer *w, bool value)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (npki_run_goes_on(w))
        return done(w, npki_spell_byte(npki_run_at(w), value ? NPKI_BYTE_NEWTRUE : NPKI_BYTE_NEWFALSE));
    return write_bool(w, value);
}

/* Of Python 2's two types it is the first that can hold it, or a long all the same. */
static npk_status write_int(npk_writer *w, const uint8_t *bytes, size_t size, npki_int_type least)
{
    w->uncallable_next = true;
    if (!npki_before(w))
        return w->error.status;
    if (size == 0)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected the bytes of an int, found 0");
    while (size > 1 && bytes[size - 1] == (bytes[size - 2] & 0x80 ? 0xff : 0))
        size--;
    npki_int_type type =
        least == NPKI_INT_LONG || size > (size_t)w->python->int_bits / 8 ? NPKI_INT_LONG : NPKI_INT_SHORT;
    npki_op_int(w, w->python->python2 || w->python->document ? type : NPKI_INT_EITHER, bytes, size);
    return after_atom(w);
}

npk_status npk_write_long(npk_writer *w, const uint8_t *bytes, size_t size)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (bytes == NULL && size > 0)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected the bytes of an int, found NULL");
    return write_int(w, bytes, size, NPKI_INT_LONG);
}

static __attribute__((noinline)) npk_status write_short(npk_writer *w, int64_t value)
{
    uint8_t *at = npki_run_begin_item(w, NPKI_RUN_NUMBER);
    if (at != NULL)
        return done(w, npki_spell_int(at, value));
    uint8_t bytes[8];
    npki_store_le(bytes, (uint64_t)value, 8);
    return write_int(w, bytes, 8, NPKI_INT_SHORT);
}

npk_status npk_write_int(npk_writer *w, int64_t value)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (npki_run_goes_on(w))
        return done(w, npki_spell_int(npki_run_at(w), value));
    return write_short(w, value);
}

npk_status npk_write_uint(npk_writer *w, uint64_t value)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    uint8_t bytes[9] = {0};
    npki_store_le(bytes, value, 8);
    return write_int(w, bytes, 9, NPKI_INT_SHORT);
}

static __attribute__((noinline)) npk_status write_float(npk_writer *w, double value)
{
    uint8_t *at = npki_run_begin_item(w, NPKI_RUN_NUMBER);
    if (at != NULL)
        return done(w, npki_spell_float(at, value));
    w->uncallable_next = true;
    if (!npki_before(w))
        return w->error.status;
    npki_op_float(w, value);
    return after_atom(w);
}

npk_status npk_write_float(npk_writer *w, double value)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (npki_run_goes_on(w))
        return done(w, npki_spell_float(npki_run_at(w), value));
    return write_float(w, value);
}

npk_status npk_write_complex(npk_writer *w, double real, double imaginary)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    npki_begin(w, NPK_KIND_OBJECT, 2, NPKI_NUMBER_IF_HELD);
    npki_write_meaning(w, NPKI_COMPLEX);
    npki_begin(w, NPK_KIND_TUPLE, 2, NPKI_NUMBER_IF_HELD);
    npk_write_float(w, real);
    npk_write_float(w, imaginary);
    npki_end(w);
    return npki_end(w);
}

static __attribute__((noinline)) npk_status write_str(npk_writer *w, const char *text, size_t size)
{
    if (text == NULL && size > 0)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected a text, found NULL");
    const size_t right = npki_utf8_check((const uint8_t *)text, size);
    if (right != size)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected a str in UTF-8, found another byte at %zu", right);
    uint8_t *at = npki_run_takes_str(size) ? npki_run_begin_item(w, NPKI_RUN_STR) : NULL;
    if (at == NULL)
        return npki_write_text(w, NPK_KIND_STR, text, size, 0, NPKI_NUMBER_IF_HELD);
    npki_run_str(w, at, text, size);
    return NPK_OK;
}

npk_status npk_write_str_size(npk_writer *w, const char *text, size_t size)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (text == NULL || !npki_run_takes_str(size) || w->run == 0 || !npki_run_fits(w, NPKI_RUN_STR))
        return write_str(w, text, size);
    uint8_t *at = npki_spell_str_head(w, npki_run_at(w), size);
    if (!npki_copy_ascii(at, (const uint8_t *)text, size))
        return write_str(w, text, size); /* which writes it anew, or not at all */
    npki_run_put_str(w, at + size);
    return NPK_OK;
}

npk_status npk_write_str(npk_writer *w, const char *text)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (text == NULL)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected a text, found NULL");
    return npk_write_str_size(w, text, strlen(text));
}

npk_status npk_write_bytes(npk_writer *w, const void *bytes, size_t size)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (bytes == NULL && size > 0)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected bytes, found NULL");
    return npki_write_text(w, NPK_KIND_BYTES, bytes, size, 0, NPKI_NUMBER_IF_HELD);
}

npk_status npk_write_bytearray(npk_writer *w, const void *bytes, size_t size)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (bytes == NULL && size > 0)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected bytes, found NULL");
    if (w->protocol >= npki_opcodes[NPKI_ROW_BYTEARRAY8].protocol)
        return npki_write_text(w, NPK_KIND_BYTEARRAY, bytes, size, 0, NPKI_NUMBER_IF_HELD);
    npki_piece piece = {.bytes = bytes, .size = size};
    npki_pieces pieces = npki_one_piece(&piece);
    npki_write_bytearray_call(w, &pieces, size);
    return w->error.status;
}

npk_status npk_write_global(npk_writer *w, const char *module, const char *name)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (module == NULL || name == NULL)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected the names of a global, found NULL");
    return npki_write_global_size(w, module, strlen(module), name, strlen(name));
}

/* --- the memo --- */

/* What cPickle of Python 2 would not have numbered gets its number now: who asks for it holds the object too. */
int64_t npk_writer_last(npk_writer *w)
{
    if (w == NULL)
        return NPK_UNKNOWN;
    if (w->last == NPK_UNKNOWN && w->unnumbered == npki_offset(w))
        npki_put(w, 0, NPKI_NUMBER_ALWAYS);
    if (w->hooks->numbered != NULL && w->last != NPK_UNKNOWN)
        w->hooks->numbered(w, w->last);
    return w->last;
}

/* A reference to something that may stand anywhere. */
static inline bool is_hashable(const npk_writer *w, int64_t reference)
{
    return reference >= w->python->from1 && reference < w->next_memo && !npki_is_unhashable(w, reference);
}

static inline npk_status fetched(npk_writer *w, uint8_t *at, int64_t reference)
{
    npki_run_put(w, npki_spell_get(at, reference));
    w->last = reference;
    return NPK_OK;
}

static __attribute__((noinline)) npk_status write_again(npk_writer *w, int64_t reference)
{
    uint8_t *at = is_hashable(w, reference) ? npki_run_begin_item(w, NPKI_RUN_NUMBER) : NULL;
    if (at != NULL)
        return fetched(w, at, reference);
    w->tuple_next = w->dict_next = true; /* it may be one */
    if (!npki_before(w))
        return w->error.status;
    if (reference < w->python->from1 || reference >= w->next_memo)
        return npki_writer_fail(w, NPK_ERR_USAGE, "a reference that npk_writer_last did not give");
    npki_get(w, reference);
    npki_after(w);
    return w->error.status;
}

npk_status npk_write_again(npk_writer *w, int64_t reference)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (npki_run_goes_on(w) && is_hashable(w, reference))
        return fetched(w, npki_run_at(w), reference);
    return write_again(w, reference);
}
