/* Instructions -> bytes. The frames are those of CPython since 3.7: Modules/_pickle.c _Pickler_OpcodeBoundary(). */
#include "writer/core/writer.h"

#include "base/bytes.h"
#include "base/error.h"
#include "text/number.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define FRAME_SIZE ((size_t)1 << 16) /* a frame ends at the first object after so many bytes */
#define FRAME_LEAST ((size_t)4)      /* fewer bytes go without one */
#define HELD ((size_t)1 << 16)       /* bytes that are held before they are sent */

npk_status npki_writer_fail(npk_writer *w, npk_status status, const char *format, ...)
{
    if (w->error.status == NPK_OK) {
        char message[sizeof w->error.message];
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(message, sizeof message, format, arguments);
        va_end(arguments);
        npki_fail_at(&w->error, status, npki_offset(w), NPKI_NO_OPCODE, "%s", message);
    }
    return w->error.status;
}

uint64_t npki_offset(const npk_writer *w)
{
    return w->sent + w->out.size;
}

void npki_emit_init(npk_writer *w)
{
    for (size_t i = NPKI_OPCODES; i-- > 0;)
        w->first[npki_opcodes[i].action][npki_opcodes[i].kind] = (uint8_t)(i + 1);
}

/* --- the sink --- */

/* Sends bytes straight, whatever is held being sent already. */
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
    w->sent += size;
}

/* Marks that may still have to go in before what is about to leave: they go in now, which is as good. */
static void settle_marks(npk_writer *w)
{
    for (size_t i = 0; i < w->depth; i++)
        if (w->levels[i].pending) {
            w->levels[i].pending = false;
            w->levels[i].marked = true;
            npki_insert_mark(w, w->levels[i].mark);
        }
}

void npki_insert_mark(npk_writer *w, uint64_t offset)
{
    size_t at = (size_t)(offset - w->sent);
    if (w->in_frame && at == w->frame_start) /* the frame began after the offset was taken: with what follows the MARK */
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
        if (w->levels[i].pending && w->levels[i].mark > offset)
            w->levels[i].mark++;
}

/* Ends the frame: its header gets the length, or goes if it is not worth it. */
static void end_frame(npk_writer *w)
{
    if (!w->in_frame)
        return;
    settle_marks(w);
    uint8_t *header = w->out.bytes + w->frame_start;
    size_t length = w->out.size - w->frame_start - NPKI_FRAME_HEADER;
    if (length >= FRAME_LEAST || w->python->framed_whole) {
        header[0] = npki_opcodes[NPKI_ROW_FRAME].byte;
        npki_store_le(header + 1, length, 8);
    } else {
        memmove(header, header + NPKI_FRAME_HEADER, length);
        w->out.size -= NPKI_FRAME_HEADER;
    }
    w->in_frame = false;
}

void npki_flush(npk_writer *w, bool end)
{
    if (end)
        end_frame(w);
    if (w->write == NULL || w->in_frame || (!end && w->out.size < HELD))
        return;
    settle_marks(w);
    size_t size = w->out.size;
    w->out.size = 0;
    if (w->error.status != NPK_OK || size == 0)
        return;
    send(w, w->out.bytes, size);
}

void npki_boundary(npk_writer *w)
{
    if (w->in_frame && w->out.size - w->frame_start - NPKI_FRAME_HEADER >= FRAME_SIZE)
        end_frame(w);
    npki_flush(w, false);
}

/* Room for `size` bytes, inside a frame where there are frames. The caller adds to out.size. */
static uint8_t *room_for(npk_writer *w, size_t size)
{
    if (w->error.status != NPK_OK)
        return NULL;
    bool opens = w->framing && !w->in_frame;
    uint8_t *room = npki_dynbuf_room(&w->out, size + NPKI_FRAME_HEADER);
    if (room == NULL) {
        npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
        return NULL;
    }
    if (opens) {
        w->in_frame = true;
        w->frame_start = w->out.size;
        w->out.size += NPKI_FRAME_HEADER;
        room += NPKI_FRAME_HEADER;
    }
    return room;
}

static void put_bytes(npk_writer *w, const void *bytes, size_t size)
{
    uint8_t *room = size > 0 ? room_for(w, size) : NULL;
    if (room != NULL) {
        memcpy(room, bytes, size);
        w->out.size += size;
    }
}

/* --- opcodes --- */

void npki_op_number(npk_writer *w, enum npki_opcode_row row, uint64_t number)
{
    size_t width = npki_arguments[npki_opcodes[row].argument].width;
    uint8_t *room = room_for(w, 1 + width);
    if (room != NULL) {
        room[0] = npki_opcodes[row].byte;
        npki_store_le(room + 1, number, width);
        w->out.size += 1 + width;
    }
}

void npki_op(npk_writer *w, enum npki_opcode_row row)
{
    npki_op_number(w, row, 0);
}

void npki_op_line(npk_writer *w, enum npki_opcode_row row, const void *text, size_t size)
{
    npki_op(w, row);
    put_bytes(w, text, size);
    put_bytes(w, "\n", 1);
}

void npki_op_lines(npk_writer *w, enum npki_opcode_row row, const char *first, size_t first_size, const char *second,
                   size_t second_size)
{
    npki_op_line(w, row, first, first_size);
    put_bytes(w, second, second_size);
    put_bytes(w, "\n", 1);
}

/* Whether the protocol has the opcode and its writers use it. */
static bool is_open(const npk_writer *w, const npk_opcode *row)
{
    return row->protocol <= w->protocol && w->protocol <= row->until;
}

/* The rows for an action and kind: from the first on, as long as they are of both. */
static bool is_row_of(size_t row, npki_action action, npk_kind kind)
{
    return row < NPKI_OPCODES && npki_opcodes[row].action == action && npki_opcodes[row].kind == kind;
}

void npki_op_float(npk_writer *w, double value)
{
    size_t row = w->first[NPKI_DO_NUMBER][NPK_KIND_FLOAT] - (size_t)1;
    while (is_row_of(row, NPKI_DO_NUMBER, NPK_KIND_FLOAT) && !is_open(w, &npki_opcodes[row]))
        row++;
    if (npki_arguments[npki_opcodes[row].argument].form == NPKI_FORM_LINE) {
        char text[NPKI_REPR_DOUBLE];
        size_t size = w->python->floats == NPKI_FLOAT_17G ? npki_print_17g(value, text) : npki_repr_double(value, text);
        npki_op_line(w, (enum npki_opcode_row)row, text, size);
        return;
    }
    uint8_t *room = room_for(w, 9);
    if (room != NULL) {
        room[0] = npki_opcodes[row].byte;
        npki_store_be(room + 1, npki_bits_of(value), 8);
        w->out.size += 9;
    }
}

static bool fits_number(const npki_argument_row *argument, int64_t value)
{
    int bits = 8 * argument->width - argument->is_signed;
    int64_t above = INT64_C(1) << bits;
    return argument->is_signed ? value >= -above && value < above : value >= 0 && value < above;
}

static uint64_t longest(const npki_argument_row *argument)
{
    int bits = 8 * argument->width - argument->is_signed;
    return bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
}

static void decimal_line(npk_writer *w, enum npki_opcode_row row, const uint8_t *bytes, size_t size)
{
    if (size > w->limits.digits) { /* each byte takes more than two */
        npki_writer_fail(w, NPK_ERR_LIMIT, "an int of %zu bytes: more than %" PRIu64 " digits", size, w->limits.digits);
        return;
    }
    size_t needed = npki_decimal_room(size) + 1, scratch_size = size + 8;
    char *text = npki_allocate(&w->allocator, needed);
    uint8_t *scratch = npki_allocate(&w->allocator, scratch_size);
    if (text == NULL || scratch == NULL) {
        npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
    } else {
        size_t length = npki_print_long(bytes, size, scratch, text);
        size_t digits = length - (text[0] == '-');
        if (npki_opcodes[row].argument == NPKI_ARG_DECIMALNL_LONG)
            text[length++] = 'L';
        if (digits > w->limits.digits)
            npki_writer_fail(w, NPK_ERR_LIMIT, "an int of %zu digits, the limit is %" PRIu64, digits, w->limits.digits);
        else
            npki_op_line(w, row, text, length);
    }
    npki_free(&w->allocator, scratch, scratch_size);
    npki_free(&w->allocator, text, needed);
}

/* Whether the row can hold an int of `size` bytes, whose value is `value` if these are at most 8. */
static bool fits_int(const npk_opcode *row, npki_int_type type, size_t size, int64_t value)
{
    const npki_argument_row *argument = &npki_arguments[row->argument];
    bool any_size = argument->form == NPKI_FORM_COUNTED || row->argument == NPKI_ARG_DECIMALNL_LONG;
    if (type != NPKI_INT_EITHER && any_size != (type == NPKI_INT_LONG))
        return false;
    switch (argument->form) {
    case NPKI_FORM_NUMBER:
        return size <= 8 && fits_number(argument, value);
    case NPKI_FORM_COUNTED:
        return size <= longest(argument);
    default: /* DECIMALNL_SHORT is for 32 bits, or for an int of Python 2 */
        return any_size || (size <= 8 && (type == NPKI_INT_SHORT || (value >= INT32_MIN && value <= INT32_MAX)));
    }
}

/* An int of Python 2 beyond 32 bits is text at every protocol. */
static bool is_open_for_int(const npk_writer *w, npki_int_type type, const npk_opcode *row)
{
    return is_open(w, row) || (type == NPKI_INT_SHORT && row->argument == NPKI_ARG_DECIMALNL_SHORT);
}

void npki_op_int(npk_writer *w, npki_int_type type, const uint8_t *bytes, size_t size)
{
    int64_t value = size > 8 ? 0 : npki_sign_extend(npki_load_le(bytes, size), size);
    size_t row = w->first[NPKI_DO_NUMBER][NPK_KIND_INT] - (size_t)1;
    if (type == NPKI_INT_EITHER && w->python->long_text && w->protocol == 0)
        type = NPKI_INT_LONG;
    while (is_row_of(row, NPKI_DO_NUMBER, NPK_KIND_INT) &&
           !(is_open_for_int(w, type, &npki_opcodes[row]) && fits_int(&npki_opcodes[row], type, size, value)))
        row++;
    if (!is_row_of(row, NPKI_DO_NUMBER, NPK_KIND_INT)) {
        npki_writer_fail(w, NPK_ERR_TOO_LARGE, "an int of %zu bytes", size);
        return;
    }
    switch (npki_arguments[npki_opcodes[row].argument].form) {
    case NPKI_FORM_NUMBER:
        npki_op_number(w, (enum npki_opcode_row)row, (uint64_t)value);
        break;
    case NPKI_FORM_COUNTED:
        if (size <= 8 && value == 0) /* a 0 of this type has no bytes */
            size = 0;
        npki_op_number(w, (enum npki_opcode_row)row, size);
        put_bytes(w, bytes, size);
        break;
    default:
        decimal_line(w, (enum npki_opcode_row)row, bytes, size);
    }
}

/* --- texts --- */

/* The row for a text of `size` bytes. NULL: the protocol has none. */
static const npk_opcode *text_row(npk_writer *w, npk_kind kind, uint64_t size)
{
    int higher = NPK_PROTOCOL_MAX + 1; /* that has an opcode for this size */
    for (size_t row = w->first[NPKI_DO_TEXT][kind] - (size_t)1; is_row_of(row, NPKI_DO_TEXT, kind); row++) {
        const npk_opcode *opcode = &npki_opcodes[row];
        const npki_argument_row *argument = &npki_arguments[opcode->argument];
        bool fits = argument->form == NPKI_FORM_LINE || size <= longest(argument);
        if (fits && is_open(w, opcode))
            return opcode;
        if (fits && opcode->protocol > w->protocol && opcode->protocol < higher)
            higher = opcode->protocol;
    }
    npki_writer_fail(w, NPK_ERR_TOO_LARGE, "%s of %" PRIu64 " bytes: more than protocol %d can hold; protocol %d can",
                     npk_kind_name(kind), size, w->protocol, higher);
    return NULL;
}

bool npki_can_hold(npk_writer *w, npk_kind kind, uint64_t size)
{
    return text_row(w, kind, size) != NULL;
}

const npk_opcode *npki_begin_text(npk_writer *w, npk_kind kind, uint64_t size)
{
    const npk_opcode *opcode = text_row(w, kind, size);
    if (opcode == NULL)
        return NULL;
    enum npki_opcode_row row = (enum npki_opcode_row)(opcode - npki_opcodes);
    if (w->framing && size >= FRAME_SIZE && !w->python->framed_whole) { /* outside of frames */
        end_frame(w);
        w->framing = false;
    }
    if (npki_arguments[opcode->argument].form == NPKI_FORM_LINE)
        npki_op(w, row);
    else
        npki_op_number(w, row, size);
    return w->error.status == NPK_OK ? opcode : NULL;
}

void npki_text(npk_writer *w, const void *bytes, size_t size)
{
    if (w->write == NULL || w->in_frame || size < HELD) {
        put_bytes(w, bytes, size);
        if (!w->in_frame && w->out.size >= HELD)
            npki_flush(w, false);
        return;
    }
    npki_flush(w, true);
    send(w, bytes, size);
}

void npki_end_text(npk_writer *w, const npk_opcode *opcode, uint64_t size)
{
    if (npki_arguments[opcode->argument].form == NPKI_FORM_LINE)
        put_bytes(w, "\n", 1);
    if (w->protocol >= npki_opcodes[NPKI_ROW_FRAME].protocol && size >= FRAME_SIZE)
        w->framing = true;
}
