/* The command line of a command: options from its table, the help that the same table gives, and the options that several
 * commands share. */
#ifndef NPICKLE_OPTION_H
#define NPICKLE_OPTION_H

#include "tool.h"

#define TOOL_GO_ON (-1)

/* Sorts argv (from the command's name on) into options and operands; "--" ends the options, "-" is an operand, and an
 * option may stand after operands. Returns TOOL_GO_ON, or the exit status where there is nothing left to do: after
 * --help, or after a complaint about a wrong command line. */
int tool_parse_options(const tool_command *command, int argc, char **argv, tool_arguments *out);

/* Digits, and no more than `most`; false for any other text. */
bool tool_parse_digits(const char *text, size_t size, int64_t most, int64_t *out);

/* --- shared by several commands; each returns TOOL_GO_ON or an exit status --- */

/* clang-format off */
#define TOOL_OPTION_PRODUCER {"array-producer", 0, "NAME", "of array.array as raw bytes: cpython, cpython32, jython; else guess"}
#define TOOL_OPTION_KEEP_MEMO {"keep-memo", 0, NULL, "one Pickler wrote all pickles: they share its memo (ZODB records)"}
#define TOOL_OPTION_KEEP_GOING {"keep-going", 'k', NULL, "keep malformed objects, and read what is around them"}
#define TOOL_OPTION_REPAIR {"repair", 0, NULL, "undo a transfer in text mode (0x0a became 0x0d 0x0a), where that is certain"}
#define TOOL_OPTION_PROTOCOL {"protocol", 'p', "N", "of the pickle, 0 to 5; else 2"}
#define TOOL_OPTION_DIALECT {"dialect", 0, "NAME", "of the pickle: default, numpy2, python2 ..."}
/* clang-format on */

/* What those of the options above say that are about reading, as far as the command has them. */
int tool_parse_reader(const tool_arguments *arguments, npk_read_options *out);

/* What --repair says; `otherwise` where it was not given. */
tool_opening tool_parse_opening(const tool_arguments *arguments, tool_opening otherwise);

/* What --protocol and --dialect say. */
int tool_parse_writer(const char *command, const char *protocol, const char *dialect, npk_write_options *out);

#endif
