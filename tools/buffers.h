/* --buffer FILE and --buffers-out DIR: payloads outside the pickle, one a file. */
#ifndef NPICKLE_BUFFERS_H
#define NPICKLE_BUFFERS_H

#include "input.h"

/* clang-format off */
#define TOOL_OPTION_BUFFER {"buffer", 'b', "FILE", "a payload outside the pickle; given again for each, in order"}
#define TOOL_OPTION_BUFFER_B {"buffer-b", 0, "FILE", "the same for the second file"}
/* clang-format on */

/* --- read --------------------------------------------------------------------------------------------------------- */

/* Those of --buffer and of --buffer-b. */
enum tool_buffers_of { TOOL_BUFFERS_OF_FIRST, TOOL_BUFFERS_OF_SECOND, TOOL_BUFFERS };

/* The files of one option. All zero: there are none. */
typedef struct tool_buffers {
    npk_file **files;
    const char **names;
    npk_buffer *items;
    bool *kept; /* by what was written */
    size_t count;
    size_t used; /* of them, by the inputs that were read */
} tool_buffers;

/* Opens the files of a command line, arguments->buffers. Returns TOOL_GO_ON or an exit status; to be closed in any
 * case. */
int tool_open_buffers(const tool_arguments *arguments);
void tool_close_buffers(const tool_arguments *arguments);

/* Of a buffer that a writer offers: whether it is one of those that were given. */
bool tool_keep_buffer(const tool_arguments *arguments, const npk_buffer *buffer);

/* All that were given but those from `from` up to `to`: other pickles have them, which are copied. */
void tool_keep_other_buffers(const tool_arguments *arguments, uint64_t from, uint64_t to);

/* A note for each that was given, and that was not kept. */
void tool_note_dropped_buffers(const tool_arguments *arguments, const char *file);

/* Those of an option that no input has used yet, for the next one. */
void tool_give_buffers(const tool_arguments *arguments, enum tool_buffers_of of, npk_read_options *out);

/* After an input was read, or NULL. */
void tool_count_buffers(const tool_arguments *arguments, enum tool_buffers_of of, const tool_input *input);

/* NPK_ERR_USAGE where what was read refers to fewer than were given. */
npk_status tool_check_given_buffers(const tool_arguments *arguments, npk_error *error);

/* Where all went well, but what was read refers to fewer than were given: says so, and returns TOOL_USAGE; else
 * `result`. */
int tool_check_buffers(const tool_arguments *arguments, int result);

/* --- write -------------------------------------------------------------------------------------------------------- */

/* A directory with a file for each payload. All zero but the directory. */
typedef struct tool_buffers_out {
    const char *directory;
    char *path; /* room for that of a file */
    npk_budget *budget; /* of what was read, for the files and the pickle together */
    uint64_t count;
    npk_error error;
} tool_buffers_out;

/* Makes the directory, which may be there, but with no .buf file in it. Errors: NPK_ERR_IO, NPK_ERR_MEMORY,
 * NPK_ERR_USAGE. */
npk_status tool_open_buffers_out(tool_buffers_out *out, npk_error *error);

/* --buffers-out: opens *out, and has writers with these options, of protocol 5, put there what can be outside. Returns
 * TOOL_GO_ON or an exit status. */
int tool_start_buffers_out(const char *command, const char *directory, npk_write_options *options,
                           tool_buffers_out *out);

/* npk_buffer_function: a file more. After a failure it takes none, and out->error says why. */
bool tool_write_buffer(void *context, const npk_buffer *buffer);

/* Unless the output that refers to them has appeared the files go, and the directory, if it was made. */
void tool_close_buffers_out(tool_buffers_out *out);

#endif
