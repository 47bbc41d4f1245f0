/* What a command of npickle is. */
#ifndef NPICKLE_TOOL_H
#define NPICKLE_TOOL_H

#include <npickle.h>
#include <stdio.h>

/* How the tool ends. Of several the worst counts, in the order FINDING > IO > LIMIT > MALFORMED > USAGE > GOOD. */
enum tool_exit {
    TOOL_GOOD = 0,
    TOOL_FINDING = 1, /* a difference or a finding */
    TOOL_MALFORMED = 2,
    TOOL_LIMIT = 3,
    TOOL_USAGE = 4,
    TOOL_IO = 5 /* input, output or memory */
};

/* How an input is opened. */
typedef enum tool_opening {
    TOOL_AS_IT_COMES = 0, /* standard input is read as it is needed */
    TOOL_WHOLE = 1,       /* to its end, so that all bytes are at hand */
    TOOL_REPAIRED = 2     /* the same, and what a transfer in text mode did is undone, where that is certain */
} tool_opening;

/* The options that several commands share: tool_option_rows in option.c. A command names those that it takes, besides
 * its own. */
enum tool_shared {
    TOOL_TAKES_PROTOCOL = 1u << 0,
    TOOL_TAKES_DIALECT = 1u << 1,
    TOOL_TAKES_PRODUCER = 1u << 2,
    TOOL_TAKES_KEEP_MEMO = 1u << 3,
    TOOL_TAKES_KEEP_GOING = 1u << 4,
    TOOL_TAKES_REPAIR = 1u << 5,
    TOOL_TAKES_BUFFER = 1u << 6,
    TOOL_TAKES_BUFFERS_OUT = 1u << 7
};

/* Whatever reads values. */
#define TOOL_READS                                                                                                     \
    (TOOL_TAKES_PRODUCER | TOOL_TAKES_KEEP_MEMO | TOOL_TAKES_KEEP_GOING | TOOL_TAKES_REPAIR | TOOL_TAKES_BUFFER)

/* One option. Every command has --help and -h besides. */
typedef struct tool_option {
    const char *name;     /* "array": --array */
    char letter;          /* 'a': -a; or 0 */
    const char *argument; /* "PATH"; NULL: takes none */
    const char *summary;  /* one line for the help */
} tool_option;

#define TOOL_DIALECT 40 /* room for the name of any dialect */
#define TOOL_OPTIONS 24 /* of a command, at most */
#define TOOL_ANY_NUMBER 0x7fffffff

/* An option as it was given. */
typedef struct tool_given {
    size_t row; /* in tool_arguments.options */
    const char *value;
} tool_given;

/* A command line, taken apart. */
typedef struct tool_arguments {
    const char *command;
    tool_option options[TOOL_OPTIONS]; /* the command's own, in its order, then those that it shares */
    size_t option_count;
    const char *values[TOOL_OPTIONS]; /* by row: the argument (of a flag: ""), NULL where it was not given */
    char **operands;                  /* what is not an option, in order; points into argv, which is rearranged */
    int operand_count;
    tool_given *given; /* the options in order, also those that were given again; the caller's of tool_parse_options */
    size_t given_count;
    struct tool_buffers *buffers; /* buffers.h: TOOL_BUFFERS lists; NULL: the command takes none */
} tool_arguments;

struct tool_left_out; /* output.h: what a pickle has lost */

/* A command: a file of its own, which ends in this row, and a line in command.c. */
typedef struct tool_command {
    const char *name;
    const char *operands; /* "FILE [PATH]" */
    const char *summary;
    const tool_option *options; /* its own */
    size_t option_count;
    unsigned shared; /* of tool_shared */
    int least, most;                             /* operands */
    int (*run)(const tool_arguments *arguments); /* returns the exit status */
} tool_command;

#endif
