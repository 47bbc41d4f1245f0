/* The command line of a subcommand: options from a table, and the help that the same table gives. */
#ifndef NPICKLE_OPTION_H
#define NPICKLE_OPTION_H

#include "tool.h"

#define TOOL_OPTIONS 12 /* rows in a table, at most */

/* One option. Every subcommand has --help and -h besides. */
typedef struct tool_option {
    const char *name;     /* "array": --array */
    char letter;          /* 'a': -a; or 0 */
    const char *argument; /* "PATH"; NULL: takes none */
    const char *summary;  /* one line for the help */
} tool_option;

typedef struct tool_arguments {
    const char *values[TOOL_OPTIONS]; /* by row: the argument (of a flag: ""), NULL where it was not given */
    char **operands;                  /* what is no option, in order; points into argv, which is rearranged */
    int operand_count;
} tool_arguments;

#define TOOL_GO_ON (-1)
#define TOOL_ANY_NUMBER 0x7fffffff

/* Sorts argv (from the subcommand's name on) into options and operands; "--" ends the options, "-" is an operand,
 * and an option may stand after operands. Returns TOOL_GO_ON, or the exit status where there is nothing left to do:
 * after --help, or after a complaint about a wrong command line. */
int tool_parse_options(const tool_option *options, size_t count, int argc, char **argv, int least, int most,
                       tool_arguments *out);

/* The text of --help of one subcommand. */
void tool_print_help(const tool_command *command, const tool_option *options, size_t count);

/* A whole number from `least` to `most`; false for any other text. */
bool tool_parse_number(const char *text, int least, int most, int *out);

#endif
