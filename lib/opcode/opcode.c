#include "opcode/opcode.h"

#include <npickle/value.h>

enum { EVER = UINT8_MAX };

const npk_opcode npki_opcodes[NPKI_OPCODES] = {
#define OPCODE(byte, name, protocol, until, action, argument, kind, detail, pops, to_mark, pushes, summary)            \
    {#name,           summary, byte, protocol, until,  NPKI_DO_##action, NPKI_ARG_##argument,                          \
     NPK_KIND_##kind, detail,  pops, pushes,   to_mark},
#include "opcode/opcode.def"
#undef OPCODE
};

/* Row + 1 by byte: a second row with the same byte is a warning of the compiler. */
static const uint8_t row_of[256] = {
#define OPCODE(byte, name, protocol, until, action, argument, kind, detail, pops, to_mark, pushes, summary)            \
    [byte] = NPKI_ROW_##name + 1,
#include "opcode/opcode.def"
#undef OPCODE
};

const npk_opcode *npk_opcode_row(uint8_t byte)
{
    return row_of[byte] == 0 ? NULL : &npki_opcodes[row_of[byte] - 1];
}

const npki_argument_row npki_arguments[NPKI_ARGUMENTS] = {
#define ARGUMENT(name, form, width, is_signed, encoding) {NPKI_FORM_##form, width, is_signed, NPK_ENCODING_##encoding},
#include "opcode/argument.def"
#undef ARGUMENT
};
