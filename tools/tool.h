/* What a command of npickle is. */
#ifndef NPICKLE_TOOL_H
#define NPICKLE_TOOL_H

#include <npickle.h>
#include <stdio.h>

/* How the tool ends. Of several files the worst counts, in the order FINDING > IO > LIMIT > MALFORMED > GOOD. */
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

/* One option. Every command has --help and -h besides. */
typedef struct tool_option {
    const char *name;     /* "array": --array */
    char letter;          /* 'a': -a; or 0 */
    const char *argument; /* "PATH"; NULL: takes none */
    const char *summary;  /* one line for the help */
} tool_option;

#define TOOL_DIALECT 40 /* room for the name of any dialect */
#define TOOL_OPTIONS 20 /* rows in a table, at most */
#define TOOL_ANY_NUMBER 0x7fffffff

/* An option as it was given. */
typedef struct tool_given {
    size_t row; /* of the command's table */
    const char *value;
} tool_given;

/* A command line, taken apart. */
typedef struct tool_arguments {
    const char *command;
    const tool_option *options; /* of the command */
    size_t option_count;
    const char *values[TOOL_OPTIONS]; /* by row: the argument (of a flag: ""), NULL where it was not given */
    char **operands;                  /* what is not an option, in order; points into argv, which is rearranged */
    int operand_count;
    tool_given *given; /* the options in order, also those that were given again; the caller's of tool_parse_options */
    size_t given_count;
    struct tool_buffers *buffers; /* buffers.h: TOOL_BUFFERS lists; NULL: the command takes none */
} tool_arguments;

/* A command: a file of its own, which ends in this row, and a line in command.c. */
typedef struct tool_command {
    const char *name;
    const char *operands; /* "FILE [PATH]" */
    const char *summary;
    const tool_option *options;
    size_t option_count;
    int least, most;                             /* operands */
    int (*run)(const tool_arguments *arguments); /* returns the exit status */
} tool_command;

#endif
