/* The opcodes and their arguments as tables. */
#ifndef NPKI_OPCODE_OPCODE_H
#define NPKI_OPCODE_OPCODE_H

#include <npickle/array.h>
#include <npickle/opcode.h>

#include "base/map.h"

typedef enum npki_action {
    NPKI_DO_PROTO,
    NPKI_DO_FRAME,
    NPKI_DO_STOP,
    NPKI_DO_MARK,
    NPKI_DO_POP,
    NPKI_DO_POP_MARK,
    NPKI_DO_DUP,
    NPKI_DO_PUSH,   /* a constant */
    NPKI_DO_NUMBER, /* int and float */
    NPKI_DO_TEXT,   /* str, bytes, bytearray, str of Python 2 */
    NPKI_DO_MAKE,   /* a container of what lies on the stack */
    NPKI_DO_ADD,    /* items to a container */
    NPKI_DO_GLOBAL,
    NPKI_DO_REDUCE,
    NPKI_DO_INST,
    NPKI_DO_OBJ,
    NPKI_DO_NEW,
    NPKI_DO_BUILD,
    NPKI_DO_MEMOIZE,
    NPKI_DO_PUT,
    NPKI_DO_GET,
    NPKI_DO_PERSID,
    NPKI_DO_EXTENSION,
    NPKI_DO_BUFFER,
    NPKI_DO_READONLY,
    NPKI_ACTIONS
} npki_action;

/* Numbers of rows in that order: NPKI_ROW_BININT1 ... */
enum npki_opcode_row {
#define OPCODE(byte, name, protocol, until, action, argument, kind, detail, pops, to_mark, pushes, summary)            \
    NPKI_ROW_##name,
#include "opcode/opcode.def"
#undef OPCODE
    NPKI_OPCODES
};

/* And their bytes, for the loops that know a few of them by heart: NPKI_BYTE_BININT1 ... */
enum npki_opcode_byte {
#define OPCODE(byte, name, protocol, until, action, argument, kind, detail, pops, to_mark, pushes, summary)            \
    NPKI_BYTE_##name = (byte),
#include "opcode/opcode.def"
#undef OPCODE
};

/* In the order of the table, for a writer's choice. */
extern const npk_opcode npki_opcodes[NPKI_OPCODES];

typedef enum npki_parse_form {
    NPKI_FORM_NONE,
    NPKI_FORM_NUMBER,
    NPKI_FORM_REAL,
    NPKI_FORM_COUNTED,
    NPKI_FORM_LINE,
    NPKI_FORM_LINES
} npki_parse_form;

typedef enum npki_argument {
#define ARGUMENT(name, form, width, is_signed, encoding) NPKI_ARG_##name,
#include "opcode/argument.def"
#undef ARGUMENT
    NPKI_ARGUMENTS
} npki_argument;

typedef struct npki_argument_row {
    npki_parse_form form;
    uint8_t width;
    bool is_signed;
    npk_encoding encoding;
} npki_argument_row;

extern const npki_argument_row npki_arguments[NPKI_ARGUMENTS];

/* The memo of those of its pickles that share one. */
npki_map *npki_instructions_memo(npk_instructions *in);

/* Blanks, ends of lines and NULs: none of them is an opcode, and files have them after a pickle. */
static inline bool npki_is_padding(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' || byte == '\0';
}

#endif
