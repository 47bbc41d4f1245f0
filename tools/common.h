/* What every subcommand needs: messages, safe text, exit statuses, input. */
#ifndef NPICKLE_COMMON_H
#define NPICKLE_COMMON_H

#include "tool.h"

/* The row of a subcommand; NULL if there is none of this name. */
const tool_command *tool_command_row(const char *name);

/* All of them, in the order of the help; NULL past the end. */
const tool_command *tool_command_at(size_t index);

/* --- text --- */

/* Prints text that may hold anything: what is no printable character of valid UTF-8 comes out as \n, \x1b, \u202e or
 * \U000e0001, so that nothing in it reaches a terminal as a command. */
void tool_print_text(FILE *out, const void *text, size_t size);

/* The bytes tool_print_text would print. */
size_t tool_text_width(const void *text, size_t size);

/* --- messages, on standard error --- */

/* "npickle: x.pkl: TRUNCATED at byte 12 (opcode BINPUT): message". `file` as the user gave it ("-" is standard
 * input); NULL: no file is named. Returns the exit status that goes with it. */
int tool_report(const char *file, const npk_error *error);

/* A wrong command line: "npickle COMMAND: ..." and where to read on. Returns TOOL_USAGE. */
int tool_usage(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Memory of the tool itself ran out. Returns TOOL_IO. */
int tool_no_memory(void);

/* --- exit status --- */

int tool_exit_of(npk_status status);

/* The worse of two, as tool.h orders them. */
int tool_worse(int a, int b);

/* Flushes standard output. Returns `status`, or the worse of it and TOOL_IO where not all could be written. */
int tool_finish_output(int status);

/* --- input --- */

typedef struct tool_input tool_input;

/* Opens a file, or standard input for "-", and looks at its first bytes. A file is mapped or read by the library;
 * standard input is read as it is needed. Errors: NPK_ERR_IO, NPK_ERR_MEMORY; for a .npy file those of npk_npy_load. */
npk_status tool_open(const char *path, const npk_read_options *options, tool_input **out, npk_error *error);

/* The same with standard input read to its end, so that all bytes are at hand. */
npk_status tool_open_whole(const char *path, const npk_read_options *options, tool_input **out, npk_error *error);
const uint8_t *tool_input_bytes(const tool_input *input, size_t *size);

/* The .npy file that the input is; NULL if it is none (then it is pickles). */
const npk_npy *tool_input_npy(const tool_input *input);

/* The next pickle of an input that is no .npy file; NPK_OK and NULL after the last. Ownership: the caller's, until
 * npk_doc_free; free it before tool_close. */
npk_status tool_next(tool_input *input, npk_doc **out, npk_error *error);

void tool_close(tool_input *input);

/* read(), again where a signal came between: bytes, 0 at the end, -1 and errno. */
int64_t tool_read_some(int fd, void *out, size_t size);

/* All that is left of a descriptor, up to `most` bytes (one more is asked for, to see whether there is more: then
 * *size is most + 1). Ownership: *bytes is the caller's, until free(). */
npk_status tool_read_all(int fd, size_t most, uint8_t **bytes, size_t *size, npk_error *error);

#endif
