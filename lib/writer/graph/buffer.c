/* Payloads outside the pickle, and those that could be.
 * Lib/pickle.py save_picklebuffer(), Modules/_pickle.c save_picklebuffer(). */
#include "writer/graph/graph.h"

/* Whether the writer's caller takes the bytes. */
static bool gives(npk_writer *w, const npk_buffer *buffer)
{
    bool document = w->hooks->buffer != NULL && buffer->outside; /* borrows what its source borrowed */
    if (!document && (w->protocol < npki_opcodes[NPKI_ROW_NEXT_BUFFER].protocol || w->buffer == NULL ||
                      !w->buffer(w->buffer_context, buffer)))
        return false;
    if (w->hooks->buffer != NULL)
        w->hooks->buffer(w, buffer);
    return true;
}

static void write_in_band(npk_writer *w, const npk_buffer *buffer)
{
    npki_piece piece = {.bytes = buffer->bytes, .size = buffer->size};
    npki_pieces pieces = npki_one_piece(&piece);
    npk_kind kind = buffer->readonly ? NPK_KIND_BYTES : NPK_KIND_BYTEARRAY;
    if (kind == NPK_KIND_BYTES || w->protocol >= npki_opcodes[NPKI_ROW_BYTEARRAY8].protocol)
        npki_write_pieces(w, kind, &pieces, buffer->size, NPKI_BYTES_NEW);
    else
        npk_write_bytearray(w, buffer->bytes, buffer->size);
}

/* What is offered of a value from outside, and what it is a read-only view of, where that has a number of its own. */
static npk_buffer buffer_of(const npk_value *value, const npk_value **base)
{
    const npk_value *of = (value->flags & NPKI_IS_VIEW) != 0 ? ((const npki_view *)(const void *)value)->of : NULL;
    bool own = of != NULL && ((of->flags & NPKI_IS_SHARED) != 0 || (of->history & NPKI_WAS_PUT) != 0);
    *base = own ? of : NULL;
    return (npk_buffer){.bytes = value->u.text.bytes,
                        .size = (size_t)value->u.text.size,
                        .readonly = (value->flags & NPKI_IS_READONLY) != 0 && !own,
                        .outside = true};
}

/* A number for what lies outside, and a note that it does: what is in the pickle has no read-only views. */
static void number_outside(npk_writer *w, const npk_value *value)
{
    npki_put(w, npki_key(NPKI_IS_VALUE, (uint64_t)(uintptr_t)value), NPKI_NUMBER_ALWAYS);
    npki_remember(w, npki_key(NPKI_IS_OUTSIDE, (uint64_t)(uintptr_t)value));
}

/* The bytes are a new object, as a pickler puts it. */
static void write_inside(npk_writer *w, const npk_value *value, npki_number_when number)
{
    npk_buffer buffer = {.bytes = value->u.text.bytes,
                         .size = (size_t)value->u.text.size,
                         .readonly = (value->flags & NPKI_IS_READONLY) != 0};
    w->numbered = npki_numbered_of(w);
    write_in_band(w, &buffer);
    if (number == NPKI_NUMBER_ALWAYS)
        npk_writer_last(w);
    w->numbered = NPKI_NUMBERED_ALWAYS;
    npki_remember(w, npki_key(NPKI_IS_VALUE, (uint64_t)(uintptr_t)value));
}

void npki_write_buffer_value(npk_writer *w, const npk_value *value, npki_number_when number)
{
    const npk_value *base;
    npk_buffer buffer = buffer_of(value, &base);
    int64_t known = 0;
    bool again = base != NULL && npki_known(w, npki_key(NPKI_IS_OUTSIDE, (uint64_t)(uintptr_t)base), &known);
    if (!again && !gives(w, &buffer)) {
        write_inside(w, value, number);
        return;
    }
    if (!npki_before(w))
        return;
    if (again)
        npki_get(w, known);
    else
        npki_op(w, NPKI_ROW_NEXT_BUFFER);
    w->last_unhashable = true;
    if (base != NULL && !again)
        number_outside(w, base);
    if ((value->flags & NPKI_IS_READONLY) != 0)
        npki_op(w, NPKI_ROW_READONLY_BUFFER);
    if (number == NPKI_NUMBER_ALWAYS)
        number_outside(w, value);
    npki_after(w);
}

bool npki_give_payload(npk_writer *w, const npk_value *value)
{
    bool readonly = value->kind == NPK_KIND_BYTES;
    if (w->buffer == NULL || (!readonly && value->kind != NPK_KIND_BYTEARRAY) || value->encoding != NPK_ENCODING_RAW ||
        (value->flags & NPKI_IS_SHARED) != 0)
        return false;
    npk_buffer buffer = {.bytes = value->u.text.bytes, .size = (size_t)value->u.text.size, .readonly = readonly};
    if (!gives(w, &buffer))
        return false;
    if (npki_before(w)) {
        npki_op(w, NPKI_ROW_NEXT_BUFFER);
        if (readonly)
            npki_op(w, NPKI_ROW_READONLY_BUFFER);
        w->last_unhashable = true;
        npki_after(w);
    }
    return true;
}
