/* The table of subcommands. */
#include "common.h"

#include <string.h>

/* A subcommand is one row here and one file. */
static const tool_command commands[] = {
    {"info", "FILE...", "List the pickles of each file and the arrays in them", tool_info},
    {"show", "FILE [PATH]", "Print values as Python does, arrays as NumPy does or as CSV", tool_show},
    {"dis", "FILE", "Disassemble a pickle, as python3 -m pickletools does", tool_dis},
    {"extract", "FILE -d DIR", "Write every array to DIR/0000.npy and on, and DIR/manifest.json", tool_extract},
    {"check", "FILE...", "Read pickles, write them again, and npki_compare the bytes", tool_check},
    {"diff", "A B", "Compare the values of two pickles or .npy files", tool_diff},
    {"convert", "IN OUT", "Turn a pickle into a .npy file or another pickle, .npy into a pickle", tool_convert},
    {"set", "FILE PATH ARRAY.npy OUT", "Put another array in the place of one inside a pickle", tool_set},
    {"pack", "--dtype=DTYPE --shape=N,N... RAW OUT", "Write raw bytes as the pickle of an array", tool_pack},
};

#define COMMANDS (sizeof commands / sizeof *commands)

const tool_command *tool_command_row(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

const tool_command *tool_command_at(size_t index)
{
    return index < COMMANDS ? &commands[index] : NULL;
}
