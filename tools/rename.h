/* --rename OLD=NEW: modules and classes that have moved. */
#ifndef NPICKLE_RENAME_H
#define NPICKLE_RENAME_H

#include "tool.h"

/* clang-format off */
#define TOOL_OPTION_RENAME {"rename", 0, "OLD=NEW", "a module that moved, or module:class; may be given again"}
/* clang-format on */

/* The rules of a command line. All zero: there are none. */
typedef struct tool_renames {
    const tool_arguments *arguments;
    size_t row;  /* of the option in the command's table */
    char *room;  /* of the last answer */
    bool failed; /* there was no memory for it */
    bool *used;  /* of each rule */
} tool_renames;

/* Takes the rules of the option in `row`, and has them asked by writers with these options, as long as *renames lives.
 * Returns TOOL_GO_ON, or the exit status where one of them is wrong. */
int tool_parse_renames(const tool_arguments *arguments, size_t row, tool_renames *renames, npk_write_options *out);

/* A note for each rule that no name in the file was the first to fit. */
void tool_note_unused_renames(const tool_renames *renames, const char *file);

void tool_free_renames(tool_renames *renames);

#endif
