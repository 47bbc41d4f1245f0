/* What the subcommands of npickle share. */
#ifndef NPICKLE_TOOL_H
#define NPICKLE_TOOL_H

#include <npickle.h>
#include <stdio.h>

#define TOOL_DIALECT 40 /* room for the name of any dialect */

/* How the tool ends. Of several files the worst counts, in the order FINDING > IO > LIMIT > MALFORMED > GOOD. */
enum tool_exit {
    TOOL_GOOD = 0,
    TOOL_FINDING = 1, /* a difference or a finding */
    TOOL_MALFORMED = 2,
    TOOL_LIMIT = 3,
    TOOL_USAGE = 4,
    TOOL_IO = 5 /* input, output or memory */
};

/* One subcommand: a row of the table in command.c. `run` gets argv from the subcommand's name on. */
typedef struct tool_command {
    const char *name;
    const char *arguments; /* "FILE [PATH]" */
    const char *summary;
    int (*run)(int argc, char **argv);
} tool_command;

int tool_info(int argc, char **argv);
int tool_show(int argc, char **argv);
int tool_dis(int argc, char **argv);
int tool_extract(int argc, char **argv);
int tool_check(int argc, char **argv);
int tool_diff(int argc, char **argv);
int tool_convert(int argc, char **argv);
int tool_pack(int argc, char **argv);
int tool_set(int argc, char **argv);

#endif
