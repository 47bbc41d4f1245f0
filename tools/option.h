/* The command line of a command: options from its table, the help that the same table gives, and the options that
 * several commands share. */
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

/* --- of those that several commands share; each parser returns TOOL_GO_ON or an exit status --- */

/* The argument of an option, "" for a flag; NULL where it was not given, or the command has none of this name. */
const char *tool_option_value(const tool_arguments *arguments, const char *name);

/* What those of the options above say that are about reading, as far as the command has them. */
int tool_parse_reader(const tool_arguments *arguments, npk_read_options *out);

/* What --repair says; `otherwise` where it was not given. */
tool_opening tool_parse_opening(const tool_arguments *arguments, tool_opening otherwise);

/* What --protocol and --dialect say. */
int tool_parse_writer(const tool_arguments *arguments, npk_write_options *out);

#endif
