/* Bytes out: what is held, what is sent, and the frames round it.
 * The frames are those of CPython since 3.7: Modules/_pickle.c _Pickler_OpcodeBoundary(). */
#include "writer/core/core.h"

#include "base/bytes.h"
#include "base/error.h"

#include <stdarg.h>

#define FRAME_LEAST ((size_t)4)      /* fewer bytes go without one */
#define PIECE ((size_t)1 << 15)      /* bytes of a text that are made at a time */

npk_status npki_writer_fail(npk_writer *w, npk_status status, const char *format, ...)
{
    w->run = 0;
    if (w->error.status == NPK_OK && w->say == NPKI_ERRORS_SAY_STATUS) {
        w->error.status = status;
    } else if (w->error.status == NPK_OK) {
        va_list arguments;
        va_start(arguments, format);
        npki_vfail_at(&w->error, status, npki_offset(w), NPKI_NO_OPCODE, format, arguments);
        va_end(arguments);
    }
    return w->error.status;
}

uint64_t npki_offset(const npk_writer *w)
{
    return w->written + w->out.size;
}

/* Sends bytes straight, once what is held has gone. */
static void send(npk_writer *w, const void *bytes, size_t size)
{
    if (w->error.status != NPK_OK || size == 0)
        return;
    if (w->write == NULL) {
        if (!npki_dynbuf_add(&w->out, bytes, size))
            npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
        return;
    }
    int system = w->write(w->context, bytes, size);
    if (system != 0) {
        char room[NPKI_SYSTEM_ROOM];
        npki_writer_fail(w, NPK_ERR_IO, "cannot write: %s", npki_system_text(system, room));
        w->error.system = system;
    }
    w->written += size;
}

/* Marks that may still have to go in before what is about to leave: they go in now, which is as good. */
static void settle_marks(npk_writer *w)
{
    for (size_t i = 0; i < w->depth; i++)
        if (w->containers[i].pending) {
            w->containers[i].pending = false;
            w->containers[i].marked = true;
            npki_insert_mark(w, w->containers[i].mark);
        }
}

void npki_insert_mark(npk_writer *w, uint64_t offset)
{
    size_t at = (size_t)(offset - w->written);
    if (w->in_frame &&
        at == w->frame_start) /* the frame began after the offset was taken: with what follows the MARK */
        at += NPKI_FRAME_HEADER;
    uint8_t *room = npki_dynbuf_room(&w->out, 1);
    if (room == NULL) {
        npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
        return;
    }
    memmove(w->out.bytes + at + 1, w->out.bytes + at, w->out.size - at);
    w->out.bytes[at] = npki_opcodes[NPKI_ROW_MARK].byte;
    w->out.size++;
    if (w->in_frame && w->frame_start > at)
        w->frame_start++;
    for (size_t i = 0; i < w->depth; i++)
        if (w->containers[i].pending && w->containers[i].mark > offset)
            w->containers[i].mark++;
}

/* Whether there are frames, and one is open: a run is asked for anew then. */
static void set_frames(npk_writer *w, bool framing, bool in_frame)
{
    w->framing = framing;
    w->in_frame = in_frame;
    w->run_until = 0;
}

/* Ends a frame whose header went out with a length. */
static void keep_promise(npk_writer *w)
{
    if (!w->promised)
        return;
    w->promised = false;
    if (npki_offset(w) != w->frame_end && w->error.status == NPK_OK)
        w->error.status = NPK_ERR_IO; /* in no words: who gives the lengths knows */
}

/* Ends the frame: its header gets the length, or goes if it is not worth it. */
static void end_frame(npk_writer *w)
{
    keep_promise(w);
    if (!w->in_frame)
        return;
    settle_marks(w);
    uint8_t *header = w->out.bytes + w->frame_start;
    size_t length = w->out.size - w->frame_start - NPKI_FRAME_HEADER;
    if (length < FRAME_LEAST)
        w->came_to |= NPKI_CAME_TO_FRAME;
    if (length >= FRAME_LEAST || w->python->framed_whole) {
        header[0] = npki_opcodes[NPKI_ROW_FRAME].byte;
        npki_store_le(header + 1, length, 8);
    } else {
        memmove(header, header + NPKI_FRAME_HEADER, length);
        w->out.size -= NPKI_FRAME_HEADER;
    }
    set_frames(w, w->framing, false);
}

/* Sends what is held. */
static void send_held(npk_writer *w)
{
    if (w->write == NULL || w->in_frame)
        return;
    settle_marks(w);
    size_t size = w->out.size;
    w->out.size = 0;
    w->run_until = 0;
    send(w, w->out.bytes, size);
}

void npki_flush(npk_writer *w)
{
    end_frame(w);
    send_held(w);
}

/* Sends what is held once it is much. */
static void flush_full(npk_writer *w)
{
    if (w->out.size >= NPKI_HELD)
        send_held(w);
}

void npki_boundary(npk_writer *w)
{
    keep_promise(w);
    if (w->in_frame && w->out.size - w->frame_start - NPKI_FRAME_HEADER >= NPKI_FRAME_SIZE)
        end_frame(w);
    flush_full(w);
}

uint8_t *npki_room_for(npk_writer *w, size_t size)
{
    if (w->error.status != NPK_OK)
        return NULL;
    bool opens = w->framing && !w->in_frame && !w->promised;
    uint8_t *room = npki_dynbuf_room(&w->out, size + NPKI_FRAME_HEADER);
    if (room == NULL) {
        npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
        return NULL;
    }
    if (opens) {
        set_frames(w, true, true);
        w->frame_start = w->out.size;
        w->out.size += NPKI_FRAME_HEADER;
        room += NPKI_FRAME_HEADER;
    }
    return room;
}

void npki_put_bytes(npk_writer *w, const void *bytes, size_t size)
{
    uint8_t *room = size > 0 ? npki_room_for(w, size) : NULL;
    if (room != NULL) {
        memcpy(room, bytes, size);
        w->out.size += size;
    }
}

void npki_text(npk_writer *w, const void *bytes, size_t size)
{
    if (w->write == NULL || w->in_frame || size < NPKI_HELD) {
        npki_put_bytes(w, bytes, size);
        flush_full(w);
        return;
    }
    send_held(w);
    send(w, bytes, size);
}

uint8_t *npki_text_room(npk_writer *w, size_t least, size_t *room)
{
    size_t free = w->out.room - w->out.size;
    uint8_t *at = npki_room_for(w, free < least + NPKI_FRAME_HEADER ? PIECE : least);
    *room = at == NULL ? 0 : (size_t)(w->out.bytes + w->out.room - at);
    *room = *room < PIECE ? *room : PIECE;
    return at;
}

void npki_text_put(npk_writer *w, size_t size)
{
    w->out.size += size;
    flush_full(w);
}

bool npki_is_direct(const npk_writer *w)
{
    return w->write == npk_sink_fixed && w->context != NULL && !w->in_frame && w->error.status == NPK_OK;
}

uint8_t *npki_direct_room(npk_writer *w, size_t *room)
{
    const npk_fixed_buffer *buffer = w->context;
    send_held(w);
    if (w->error.status != NPK_OK)
        return NULL;
    *room = buffer->size - buffer->used;
    return (uint8_t *)buffer->bytes + buffer->used;
}

void npki_direct_put(npk_writer *w, size_t size)
{
    ((npk_fixed_buffer *)w->context)->used += size;
    w->written += size;
}

bool npki_expects(const npk_writer *w, uint64_t size)
{
    return w->write == NULL && size >= NPKI_HELD && w->error.status == NPK_OK;
}

void npki_expect(npk_writer *w, uint64_t size)
{
    if (npki_expects(w, size) &&
        (size > SIZE_MAX - NPKI_FRAME_HEADER || npki_dynbuf_room(&w->out, (size_t)size + NPKI_FRAME_HEADER) == NULL))
        npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
}

void npki_end_broken(npk_writer *w, bool needs_frame)
{
    const bool framed =
        w->in_frame && (w->python->framed_whole || w->out.size - w->frame_start - NPKI_FRAME_HEADER >= FRAME_LEAST);
    if (needs_frame && !framed)
        npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "a pickle that ends without STOP, which only a frame can tell");
    w->ends = framed ? NPKI_ENDS_WITH_FRAME : NPKI_ENDS_WITH_INPUT;
}

void npki_begin_inline(npk_writer *w)
{
    settle_marks(w);
    end_frame(w);
    set_frames(w, false, false);
    w->run = 0;
}

void npki_end_inline(npk_writer *w)
{
    set_frames(w, w->protocol >= npki_opcodes[NPKI_ROW_FRAME].protocol, w->in_frame);
}

/* The frame gets its length from who knows it, so that nothing of a large payload in it is held; it ends at the next
 * boundary. */
static void promise_length(npk_writer *w)
{
    if (!w->in_frame && npki_room_for(w, 0) == NULL)
        return;
    settle_marks(w);
    const uint64_t at = w->written + w->frame_start, length = w->frame_length(w->context, at);
    uint8_t *header = w->out.bytes + w->frame_start;
    header[0] = npki_opcodes[NPKI_ROW_FRAME].byte;
    npki_store_le(header + 1, length, 8);
    w->promised = true;
    w->frame_end = at + NPKI_FRAME_HEADER + length;
    set_frames(w, w->framing, false); /* and no run goes on: core/run.h */
    send_held(w);
}

void npki_leave_frames(npk_writer *w, uint64_t size)
{
    if (!w->framing || w->promised || size < NPKI_FRAME_SIZE)
        return;
    w->came_to |= NPKI_CAME_TO_FRAME;
    if (!w->python->framed_whole) {
        end_frame(w);
        set_frames(w, false, false);
    } else if (w->frame_length != NULL) {
        promise_length(w);
    }
}

void npki_return_to_frames(npk_writer *w, uint64_t size)
{
    if (w->protocol >= npki_opcodes[NPKI_ROW_FRAME].protocol && size >= NPKI_FRAME_SIZE)
        set_frames(w, true, w->in_frame);
}
