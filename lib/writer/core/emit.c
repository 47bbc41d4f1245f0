/* Instructions -> bytes. */
#include "writer/core/core.h"

#include "base/bytes.h"
#include "text/number.h"

#include <inttypes.h>

#define SHORT_LINE ((size_t)64) /* bytes of an argument; a longer one is copied for itself */

/* The first of the rows for texts of a kind, which follow one another. */
static const enum npki_opcode_row first_text[NPKI_KINDS] = {
    [NPK_KIND_STR] = NPKI_ROW_SHORT_BINUNICODE,
    [NPK_KIND_BYTES] = NPKI_ROW_SHORT_BINBYTES,
    [NPK_KIND_BYTEARRAY] = NPKI_ROW_BYTEARRAY8,
    [NPK_KIND_PYTHON2_STR] = NPKI_ROW_SHORT_BINSTRING,
};

void npki_op_number(npk_writer *w, enum npki_opcode_row row, uint64_t number)
{
    const npk_opcode *opcode = &npki_opcodes[row];
    bool too_high = opcode->protocol > w->protocol && w->opcodes == NPKI_OPCODES_OF_PROTOCOL;
    if (too_high && w->error.status == NPK_OK) {
        w->refused_alike = true;
        npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "protocol %d has no %s; protocol %d has", w->protocol, opcode->name,
                         opcode->protocol);
    }
    size_t width = npki_arguments[opcode->argument].width;
    uint8_t *room = npki_room_for(w, 1 + width);
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
    uint8_t *room = npki_opcodes[row].protocol <= w->protocol && size < SHORT_LINE ? npki_room_for(w, size + 2) : NULL;
    if (room != NULL) {
        room[0] = npki_opcodes[row].byte;
        memcpy(room + 1, text, size);
        room[size + 1] = '\n';
        w->out.size += size + 2;
        return;
    }
    npki_op(w, row);
    npki_put_bytes(w, text, size);
    npki_put_bytes(w, "\n", 1);
}

void npki_op_lines(npk_writer *w, enum npki_opcode_row row, const char *first, size_t first_size, const char *second,
                   size_t second_size)
{
    npki_op_line(w, row, first, first_size);
    npki_put_bytes(w, second, second_size);
    npki_put_bytes(w, "\n", 1);
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
    size_t row = NPKI_ROW_BINFLOAT;
    while (is_row_of(row, NPKI_DO_NUMBER, NPK_KIND_FLOAT) && !is_open(w, &npki_opcodes[row]))
        row++;
    if (npki_arguments[npki_opcodes[row].argument].form == NPKI_FORM_LINE) {
        char text[NPKI_REPR_DOUBLE];
        w->came_to |= NPKI_CAME_TO_FLOAT;
        size_t size = w->python->floats == NPKI_FLOAT_17G ? npki_print_17g(value, text) : npki_repr_double(value, text);
        npki_op_line(w, (enum npki_opcode_row)row, text, size);
        return;
    }
    uint8_t *room = npki_room_for(w, 9);
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

/* Of 64 bits. */
static void short_line(npk_writer *w, enum npki_opcode_row row, int64_t value)
{
    char text[21 + 1];
    size_t length = npki_print_int64(value, text);
    if (npki_opcodes[row].argument == NPKI_ARG_DECIMALNL_LONG)
        text[length++] = 'L';
    npki_op_line(w, row, text, length);
}

static void decimal_line(npk_writer *w, enum npki_opcode_row row, const uint8_t *bytes, size_t size)
{
    if (size <= 8 && w->limits.digits >= 20) {
        short_line(w, row, size > 0 ? npki_sign_extend(npki_load_le(bytes, size), size) : 0);
        return;
    }
    if (size > w->limits.digits) { /* each byte takes more than two */
        npki_writer_fail(w, NPK_ERR_LIMIT, "an int of %zu bytes: more than %" PRIu64 " digits", size, w->limits.digits);
        return;
    }
    if (size > 0 && size <= 8) {
        char digits[32];
        size_t length = npki_print_int64(npki_sign_extend(npki_load_le(bytes, size), size), digits);
        if (length - (digits[0] == '-') <= w->limits.digits) {
            digits[length] = 'L';
            npki_op_line(w, row, digits, length + (npki_opcodes[row].argument == NPKI_ARG_DECIMALNL_LONG));
            return;
        }
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
    size_t row = NPKI_ROW_BININT1;
    if (w->protocol == 0)
        w->came_to |= NPKI_CAME_TO_INT;
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
        npki_put_bytes(w, bytes, size);
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
    for (size_t row = first_text[kind]; is_row_of(row, NPKI_DO_TEXT, kind); row++) {
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
    npki_leave_frames(w, size);
    if (npki_arguments[opcode->argument].form == NPKI_FORM_LINE)
        npki_op(w, row);
    else
        npki_op_number(w, row, size);
    npki_expect(w, size);
    return w->error.status == NPK_OK ? opcode : NULL;
}

void npki_end_text(npk_writer *w, const npk_opcode *opcode, uint64_t size)
{
    if (npki_arguments[opcode->argument].form == NPKI_FORM_LINE)
        npki_put_bytes(w, "\n", 1);
    npki_return_to_frames(w, size);
}
