/* --py2-str [PATH=]KIND: what the str of Python 2 becomes for Python 3, everywhere or below a path. */
#ifndef NPICKLE_PYTHON2_H
#define NPICKLE_PYTHON2_H

#include "tool.h"

/* clang-format off */
#define TOOL_OPTION_PY2_STR                                                                                            \
    {"py2-str", 0, "[PATH=]KIND", "what the str of Python 2 becomes: text, utf8 or bytes; may be given again"}
/* clang-format on */

/* A string that a path leads to. */
typedef struct tool_python2_mark {
    const npk_value *value;
    size_t order; /* of the rule on the command line */
    npk_python2_str kind;
} tool_python2_mark;

/* The rules of a command line. All zero: there are none. */
typedef struct tool_python2 {
    const tool_arguments *arguments;
    size_t row; /* of the option in the command's table */
    tool_python2_mark *marks; /* of the document at hand, by address */
    size_t count, room;
    bool *met; /* of each rule, whether its path led to something */
} tool_python2;

/* Takes the rules of the option in `row`, and has writers with these options ask for them, as long as *rules lives.
 * Returns TOOL_GO_ON, or the exit status where one of them is wrong. */
int tool_parse_python2(const tool_arguments *arguments, size_t row, tool_python2 *rules, npk_write_options *out);

/* Finds what the paths lead to in the document that is written next, if to anything. Errors: NPK_ERR_USAGE for what is
 * not a path, NPK_ERR_MEMORY. */
npk_status tool_find_python2(tool_python2 *rules, const npk_value *root, npk_error *error);

/* After the last document: NPK_ERR_NOT_FOUND where a path led to nothing in any of them. */
npk_status tool_check_python2(const tool_python2 *rules, npk_error *error);

void tool_free_python2(tool_python2 *rules);

#endif
