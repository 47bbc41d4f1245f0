#include "command.h"

#include <string.h>

/* In the order of the help: X(row) */
#define COMMAND_ROWS(X)                                                                                                \
    X(tool_info)                                                                                                       \
    X(tool_show)                                                                                                       \
    X(tool_dis)                                                                                                        \
    X(tool_extract)                                                                                                    \
    X(tool_check)                                                                                                      \
    X(tool_diff)                                                                                                       \
    X(tool_convert)                                                                                                    \
    X(tool_set)                                                                                                        \
    X(tool_pack)

#define COMMAND_DECLARED(row) extern const tool_command row;
COMMAND_ROWS(COMMAND_DECLARED)

#define COMMAND_ADDRESS(row) &row,
static const tool_command *const commands[] = {COMMAND_ROWS(COMMAND_ADDRESS)};

#define COMMANDS (sizeof commands / sizeof *commands)

const tool_command *tool_command_named(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

const tool_command *tool_command_at(size_t index)
{
    return index < COMMANDS ? commands[index] : NULL;
}
