#include "opcode/instruction.h"

#include "base/error.h"

/* Up to the newline from at[from] on. False without one. */
static bool take_line(const uint8_t *at, size_t available, size_t from, const uint8_t **line, size_t *size)
{
    const uint8_t *newline = available > from ? npki_newline(at + from, available - from) : NULL;
    if (newline == NULL)
        return false;
    *line = at + from;
    *size = (size_t)(newline - *line);
    return true;
}

static npk_status need(size_t *needed, size_t bytes)
{
    *needed = bytes;
    return NPK_ERR_TRUNCATED;
}

static npk_status take_counted(const npki_argument_row *row, const uint8_t *at, size_t available, npk_instruction *out,
                               size_t *needed)
{
    size_t start = (size_t)1 + row->width;
    uint64_t count = npki_load_le(at + 1, row->width);
    if (row->is_signed && npki_sign_extend(count, row->width) < 0)
        return NPK_ERR_ARGUMENT;
    if (count > available - start)
        return need(needed, count > SIZE_MAX - start ? SIZE_MAX : start + (size_t)count);
    out->argument = at + start;
    out->size = (size_t)count;
    out->end = start + count;
    return NPK_OK;
}

npk_status npki_decode(const uint8_t *at, size_t available, npk_instruction *out, size_t *needed)
{
    if (available == 0)
        return need(needed, 1);
    const npk_opcode *opcode = npk_opcode_row(at[0]);
    if (opcode == NULL)
        return NPK_ERR_OPCODE;
    const npki_argument_row *row = &npki_arguments[opcode->argument];
    size_t fixed = (size_t)1 + row->width;
    if (available < fixed)
        return need(needed, fixed);
    out->opcode = opcode;
    out->offset = 0;
    out->argument = row->form == NPKI_FORM_NONE ? NULL : at + 1;
    out->size = row->width;
    out->second = NULL;
    out->second_size = 0;
    out->end = fixed;
    out->number.u = 0;
    switch (row->form) {
    case NPKI_FORM_NONE:
        break;
    case NPKI_FORM_NUMBER:
        out->number.u = npki_load_le(at + 1, row->width);
        if (row->is_signed)
            out->number.i = npki_sign_extend(out->number.u, row->width);
        break;
    case NPKI_FORM_REAL:
        out->number.f = npki_double_of(npki_load_be(at + 1, row->width));
        break;
    case NPKI_FORM_COUNTED:
        return take_counted(row, at, available, out, needed);
    case NPKI_FORM_LINE:
    case NPKI_FORM_LINES:
        if (!take_line(at, available, 1, &out->argument, &out->size))
            return need(needed, available + 1);
        out->end = 1 + out->size + 1;
        if (row->form == NPKI_FORM_LINE)
            break;
        if (!take_line(at, available, (size_t)out->end, &out->second, &out->second_size))
            return need(needed, available + 1);
        out->end += out->second_size + 1;
        break;
    }
    return NPK_OK;
}

npk_status npki_decode_fail(npk_status status, const uint8_t *at, size_t available, uint64_t offset, npk_error *error)
{
    const npk_opcode *opcode = available > 0 ? npk_opcode_row(at[0]) : NULL;
    int byte = available > 0 ? at[0] : NPKI_NO_OPCODE;
    if (status == NPK_ERR_OPCODE)
        return npki_fail_at(error, status, offset, byte, "expected an opcode, found the byte 0x%02x", (unsigned)byte);
    if (status == NPK_ERR_ARGUMENT)
        return npki_fail_at(error, status, offset, byte, "%s with a negative length", opcode->name);
    if (opcode == NULL)
        return npki_fail_at(error, status, offset, byte, "the input ends where an opcode should be");
    npki_parse_form form = npki_arguments[opcode->argument].form;
    return npki_fail_at(error, status, offset, byte, "the input ends inside the argument of %s%s", opcode->name,
                        form >= NPKI_FORM_LINE ? ": no end of line" : "");
}

npk_status npk_instruction_at(const void *bytes, size_t size, uint64_t offset, npk_instruction *out, npk_error *error)
{
    if (out == NULL || (bytes == NULL && size > 0))
        return npki_fail(error, NPK_ERR_USAGE, "expected bytes and a place for the instruction, found NULL");
    if (offset > size)
        return npki_fail(error, NPK_ERR_USAGE, "an offset beyond the end");
    const uint8_t *at = size > 0 ? (const uint8_t *)bytes + offset : NULL;
    size_t available = size - (size_t)offset;
    size_t needed;
    npk_status status = npki_decode(at, available, out, &needed);
    if (status != NPK_OK)
        return npki_decode_fail(status, at, available, offset, error);
    out->offset = offset;
    out->end += offset;
    memset(out->reserved, 0, sizeof out->reserved);
    return NPK_OK;
}
