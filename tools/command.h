/* The commands. */
#ifndef NPICKLE_COMMAND_H
#define NPICKLE_COMMAND_H

#include "tool.h"

/* The command of this name; NULL if there is none. */
const tool_command *tool_command_named(const char *name);

/* All of them, in the order of the help; NULL past the end. */
const tool_command *tool_command_at(size_t index);

#endif
