/* Opcode by opcode through memory. What npk_cursor_next does by itself it knows from a table that the compiler makes of
 * those of opcodes and arguments; all else, and whatever is wrong, goes by npki_decode. */
#include <npickle/cursor.h>

#include "base/bytes.h"
#include "base/error.h"
#include "opcode/instruction.h"

#include <string.h>

/* The header takes a count as the machine has it. Where that has the most significant byte first, npki_decode takes
 * those. */
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define COUNTED NPK_CURSOR_COUNTED
#else
#define COUNTED NPK_CURSOR_OTHER
#endif

/* Forms of the cursor by those of arguments, where the number or count has no, one or more bytes. */
#define CURSOR_NONE(width) NPK_CURSOR_ALONE
#define CURSOR_NUMBER(width) ((width) == 1 ? NPK_CURSOR_BYTE : NPK_CURSOR_NUMBER)
#define CURSOR_REAL(width) NPK_CURSOR_NUMBER
#define CURSOR_COUNTED(width) ((width) == 1 ? NPK_CURSOR_SHORT : COUNTED)
#define CURSOR_LINE(width) NPK_CURSOR_LINE
#define CURSOR_LINES(width) NPK_CURSOR_OTHER

/* The columns of argument.def by the argument's name. */
enum {
#define ARGUMENT(name, form, width, is_signed, encoding)                                                               \
    WIDTH_##name = (width), SIGNED_##name = (is_signed), CURSOR_##name = CURSOR_##form(width),
#include "opcode/argument.def"
#undef ARGUMENT
};

#define ONES(width) (UINT64_MAX >> (64 - 8 * (width)) % 64)
#define SIGN(argument) ((uint64_t)SIGNED_##argument << (8 * WIDTH_##argument + 63) % 64)

static const npk_cursor_step steps[256] = {
#define OPCODE(byte, name, protocol, until, action, argument, kind, detail, pops, to_mark, pushes, summary)            \
    [byte] = {&npki_opcodes[NPKI_ROW_##name],                                                                          \
              ONES(WIDTH_##argument),                                                                                  \
              SIGN(argument),                                                                                          \
              CURSOR_##argument,                                                                                       \
              1 + WIDTH_##argument,                                                                                    \
              {0}},
#include "opcode/opcode.def"
#undef OPCODE
};

npk_status npk_cursor_start(npk_cursor *cursor, const void *bytes, size_t size, npk_error *error)
{
    const uint8_t *start = npki_given(bytes, size);
    if (cursor == NULL || start == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected bytes and room for a cursor, found NULL");
    *cursor = (npk_cursor){.next = start, .start = start, .end = start + size, .steps = steps};
    return NPK_OK;
}

/* Any instruction. */
static npk_status decode(npk_cursor *cursor, npk_error *error)
{
    const uint8_t *at = cursor->next;
    size_t available = (size_t)(cursor->end - at), needed;
    npk_instruction in;
    npk_status status = npki_decode(at, available, &in, &needed);
    if (status != NPK_OK)
        return npki_decode_fail(status, at, available, (uint64_t)(at - cursor->start), error);
    cursor->opcode = at;
    cursor->argument = in.argument == NULL ? at + 1 : in.argument;
    cursor->size = in.size;
    cursor->next = at + in.end;
    return NPK_OK;
}

npk_status npk_cursor_decode(npk_cursor *cursor, npk_error *error)
{
    if (cursor == NULL || cursor->next == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a cursor, found NULL");
    const uint8_t *at = cursor->next, *line = at + 1;
    if (cursor->end - at < 2 || steps[at[0]].form != NPK_CURSOR_LINE)
        return decode(cursor, error);
    const uint8_t *newline = npki_newline(line, (size_t)(cursor->end - line));
    if (newline == NULL)
        return decode(cursor, error);
    cursor->opcode = at;
    cursor->argument = line;
    cursor->size = (size_t)(newline - line);
    cursor->next = newline + 1;
    return NPK_OK;
}

bool npk_cursor_instruction(const npk_cursor *cursor, npk_instruction *out)
{
    size_t needed;
    if (cursor == NULL || out == NULL || cursor->opcode == NULL)
        return false;
    memset(out, 0, sizeof *out);
    if (npki_decode(cursor->opcode, (size_t)(cursor->end - cursor->opcode), out, &needed) != NPK_OK)
        return false;
    out->offset = npk_cursor_offset(cursor);
    out->end += out->offset;
    return true;
}

bool npk_cursor_more(npk_cursor *cursor)
{
    if (cursor == NULL || cursor->next == NULL)
        return false;
    while (cursor->next < cursor->end && npki_is_padding(*cursor->next))
        cursor->next++;
    return cursor->next < cursor->end;
}
