/* The alphabet of writer.h. */
#include "writer/core/writer.h"

#include "base/bytes.h"
#include "text/unicode.h"

/* cPickle of Python 2 numbers lists and dicts that hold something in any case, as if to be safe from cycles. */
npk_status npk_write_begin_list(npk_writer *w, int64_t count)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    return npki_begin(w, NPK_KIND_LIST, count, count != 0);
}

npk_status npk_write_begin_tuple(npk_writer *w, int64_t count)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    return npki_begin(w, NPK_KIND_TUPLE, count, false);
}

npk_status npk_write_begin_dict(npk_writer *w, int64_t count)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    return npki_begin(w, NPK_KIND_DICT, count, count != 0);
}

/* Protocol 4 has opcodes for them, the others a call. */
static npk_status begin_set(npk_writer *w, npk_kind kind, enum npki_opcode_row opcode, int64_t count)
{
    if (w->protocol >= npki_opcodes[opcode].protocol)
        return npki_begin(w, kind, count, false);
    npki_begin_called(w, kind, count, 0, false);
    return w->error.status;
}

npk_status npk_write_begin_set(npk_writer *w, int64_t count)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    return begin_set(w, NPK_KIND_SET, NPKI_ROW_EMPTY_SET, count);
}

npk_status npk_write_begin_frozenset(npk_writer *w, int64_t count)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    return begin_set(w, NPK_KIND_FROZENSET, NPKI_ROW_FROZENSET, count);
}

static npk_status begin_object(npk_writer *w, enum npki_opcode_row row)
{
    const npk_opcode *call = &npki_opcodes[row];
    if (w->protocol < call->protocol)
        return npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "protocol %d has no %s; protocol %d has", w->protocol,
                                call->name, call->protocol);
    return npki_begin_as(
        w, &(npki_container){
               .kind = NPK_KIND_OBJECT, .count = NPK_UNKNOWN, .keep = true, .call = call, .parts = call->pops});
}

npk_status npk_write_begin_call(npk_writer *w)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    return begin_object(w, NPKI_ROW_REDUCE);
}

npk_status npk_write_begin_new(npk_writer *w)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    return begin_object(w, NPKI_ROW_NEWOBJ);
}

npk_status npk_write_begin_new_ex(npk_writer *w)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    return begin_object(w, NPKI_ROW_NEWOBJ_EX);
}

/* Added to the object at hand, whose call is complete and which has no state yet. */
static npk_status begin_added(npk_writer *w, npk_kind kind, int64_t count)
{
    const npki_container *object = w->depth > 0 ? &w->levels[w->depth - 1] : NULL;
    if (w->error.status == NPK_OK &&
        (object == NULL || object->kind != NPK_KIND_OBJECT || object->items != object->parts))
        npki_writer_fail(w, NPK_ERR_USAGE, "there is no object whose arguments are written and whose state is not");
    return npki_begin_as(w, &(npki_container){.kind = kind, .count = count, .added = true});
}

npk_status npk_write_begin_appended(npk_writer *w, int64_t count)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    return begin_added(w, NPK_KIND_LIST, count);
}

npk_status npk_write_begin_assigned(npk_writer *w, int64_t count)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    return begin_added(w, NPK_KIND_DICT, count);
}

npk_status npk_write_end(npk_writer *w)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (w->parts == NULL)
        return npki_end(w);
    npki_end_parts(w);
    return w->error.status;
}

/* A value that no memo has. */
static npk_status after_atom(npk_writer *w)
{
    w->last = NPK_UNKNOWN;
    npki_after(w);
    return w->error.status;
}

npk_status npk_write_none(npk_writer *w)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (!npki_before(w))
        return w->error.status;
    npki_op(w, NPKI_ROW_NONE);
    return after_atom(w);
}

npk_status npk_write_bool(npk_writer *w, bool value)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (!npki_before(w))
        return w->error.status;
    if (w->protocol >= npki_opcodes[NPKI_ROW_NEWTRUE].protocol)
        npki_op(w, value ? NPKI_ROW_NEWTRUE : NPKI_ROW_NEWFALSE);
    else
        npki_op_line(w, NPKI_ROW_INT, value ? "01" : "00", 2);
    return after_atom(w);
}

/* Of Python 2's two types it is the first that can hold it, or a long all the same. */
static npk_status write_int(npk_writer *w, const uint8_t *bytes, size_t size, bool is_long)
{
    if (!npki_before(w))
        return w->error.status;
    if (size == 0)
        return npki_writer_fail(w, NPK_ERR_USAGE, "an int of no bytes");
    while (size > 1 && bytes[size - 1] == (bytes[size - 2] & 0x80 ? 0xff : 0))
        size--;
    npki_int_type type = is_long || size > (size_t)w->python->int_bits / 8 ? NPKI_INT_LONG : NPKI_INT_SHORT;
    npki_op_int(w, w->python->python2 || w->python->values ? type : NPKI_INT_EITHER, bytes, size);
    return after_atom(w);
}

npk_status npk_write_long(npk_writer *w, const uint8_t *bytes, size_t size)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (bytes == NULL && size > 0)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected the bytes of an int, found NULL");
    return write_int(w, bytes, size, true);
}

npk_status npk_write_int(npk_writer *w, int64_t value)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    uint8_t bytes[8];
    npki_store_le(bytes, (uint64_t)value, 8);
    return write_int(w, bytes, 8, false);
}

npk_status npk_write_uint(npk_writer *w, uint64_t value)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    uint8_t bytes[9] = {0};
    npki_store_le(bytes, value, 8);
    return write_int(w, bytes, 9, false);
}

npk_status npk_write_float(npk_writer *w, double value)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (!npki_before(w))
        return w->error.status;
    npki_op_float(w, value);
    return after_atom(w);
}

npk_status npk_write_complex(npk_writer *w, double real, double imaginary)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    npki_begin(w, NPK_KIND_OBJECT, 2, false);
    npki_write_global(w, NPKI_COMPLEX);
    npki_begin(w, NPK_KIND_TUPLE, 2, false);
    npk_write_float(w, real);
    npk_write_float(w, imaginary);
    npki_end(w);
    return npki_end(w);
}

npk_status npk_write_str_size(npk_writer *w, const char *text, size_t size)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (text == NULL && size > 0)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected a text, found NULL");
    size_t wrong = npki_utf8_check((const uint8_t *)text, size);
    if (wrong != size)
        return npki_writer_fail(w, NPK_ERR_USAGE, "byte %zu of a str is no UTF-8", wrong);
    return npki_write_text(w, NPK_KIND_STR, text, size, 0, false);
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
    return npki_write_text(w, NPK_KIND_BYTES, bytes, size, 0, false);
}

npk_status npk_write_bytearray(npk_writer *w, const void *bytes, size_t size)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (bytes == NULL && size > 0)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected bytes, found NULL");
    npki_write_bytearray(w, bytes, size);
    return w->error.status;
}

npk_status npk_write_persid(npk_writer *w, const char *id)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (id == NULL)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected a persistent id, found NULL");
    const npk_opcode *call = &npki_opcodes[NPKI_ROW_BINPERSID];
    if (w->protocol >= call->protocol) {
        npki_begin_as(w, &(npki_container){.kind = NPK_KIND_OBJECT, .count = 1, .call = call, .parts = call->pops});
        npk_write_str(w, id);
        return npki_end(w);
    }
    if (!npki_before(w))
        return w->error.status;
    if (!npki_is_line_of_ascii(id, strlen(id)))
        return npki_writer_fail(w, NPK_ERR_USAGE, "at protocol 0 a persistent id is a line of ASCII");
    npki_op_line(w, NPKI_ROW_PERSID, id, strlen(id));
    return after_atom(w);
}

npk_status npk_write_global(npk_writer *w, const char *module, const char *name)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (module == NULL || name == NULL)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected the names of a global, found NULL");
    return npki_write_named(w, module, strlen(module), name, strlen(name));
}

/* What cPickle of Python 2 would not have numbered gets its number now: who asks for it holds the object too. */
int64_t npk_writer_last(npk_writer *w)
{
    if (w == NULL)
        return NPK_UNKNOWN;
    if (w->last == NPK_UNKNOWN && w->unnumbered == npki_offset(w))
        npki_put(w, 0, true);
    npki_ask(w, w->last);
    return w->last;
}

npk_status npk_write_again(npk_writer *w, int64_t reference)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (!npki_before(w))
        return w->error.status;
    if (reference < w->python->from1 || reference >= w->next_memo)
        return npki_writer_fail(w, NPK_ERR_USAGE, "a reference that npk_writer_last did not give");
    npki_get(w, reference);
    npki_after(w);
    return w->error.status;
}
