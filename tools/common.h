/* What every command needs: messages, safe text, exit statuses. */
#ifndef NPICKLE_COMMON_H
#define NPICKLE_COMMON_H

#include "tool.h"

/* --- text --- */

/* Prints text that may hold anything: what is no printable character of valid UTF-8 comes out as \n, \x1b, \u202e or
 * \U000e0001, so that nothing in it reaches a terminal as a command. */
void tool_print_text(FILE *out, const void *text, size_t size);
void tool_print_string(FILE *out, const char *text);

/* The bytes tool_print_text would print. */
size_t tool_text_width(const void *text, size_t size);

/* The text of a descriptor, in memory that the next one has, too. Zero at first; ends with tool_dtype_text_free. */
typedef struct tool_dtype_text {
    const npk_dtype *of; /* whose text it is; to be set to NULL when its document goes */
    char *text;
    size_t size, room;
} tool_dtype_text;

/* `print`: always the same: npk_dtype_repr, or tool_dtype_json, which is np.lib.format.dtype_to_descr. */
npk_status tool_dtype_text_take(tool_dtype_text *to, const npk_dtype *dtype,
                                size_t (*print)(const npk_dtype *dtype, char *text, size_t size), npk_error *error);
size_t tool_dtype_json(const npk_dtype *dtype, char *text, size_t size);
void tool_dtype_text_free(tool_dtype_text *text);

/* A path into a pickle, "(root)" where it is empty. */
const char *tool_shown_path(const char *path);

/* "standard output" for "-", else the path of a file that is written. */
const char *tool_output_name(const char *path);

/* --- pickles that are the same, byte for byte, as the one before --- */

typedef struct tool_pickle {
    const uint8_t *bytes; /* NULL: of none */
    size_t size;
} tool_pickle;

/* Whether all that can be said of the document's pickle, but for where it stands, can be said of *last; which becomes
 * it. */
bool tool_same_pickle(tool_pickle *last, const npk_doc_info *info, const uint8_t *bytes);

/* "1 byte", "2 bytes" */
#define TOOL_S(count) ((count) == 1 ? "" : "s")

/* --- errors of the tool itself, as the library fills them in --- */

/* Before anything failed. */
#define TOOL_NO_ERROR                                                                                                  \
    {                                                                                                                  \
        .status = NPK_OK, .opcode = -1, .offset = NPK_NO_OFFSET                                                        \
    }

/* Fills *error and returns the status. `offset` may be NPK_NO_OFFSET. */
npk_status tool_fail(npk_error *error, npk_status status, uint64_t offset, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* "cannot ACT: No such file or directory": `system` is the errno. */
npk_status tool_fail_system(npk_error *error, int system, const char *act);
npk_status tool_fail_memory(npk_error *error);

/* An input holds nothing. */
npk_status tool_fail_empty(npk_error *error);

/* --- messages, on standard error --- */

/* "npickle: x.pkl: TRUNCATED at byte 12 (opcode BINPUT): message". `file` as the user gave it ("-" is standard
 * input); NULL: no file is named. Returns the exit status that goes with it. */
int tool_report(const char *file, const npk_error *error);

/* The same for what is at a path in the file: "npickle: x.pkl: TYPE: at .a[3]: message". */
int tool_report_at(const char *file, const char *path, const npk_error *error);

/* The same where `out` is written from what `in` holds: a value that can't be written is the fault of `in`, and an
 * offset in the output says nothing about it; what the system can't do is told of `out`. */
int tool_report_written(const char *in, const char *out, const npk_error *error);

/* "npickle: x.pkl: note: message": nothing is wrong, but the user should know. */
void tool_note(const char *file, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A note on what a .npy file can't say of an array: the metadata of its dtype, which numpy.save leaves out with a
 * warning, and that it is an aligned struct, which it leaves out without one. */
void tool_note_npy(const char *file, const npk_array *array);

/* A wrong command line: "npickle COMMAND: ..." and where to read on. Returns TOOL_USAGE. */
int tool_usage(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Memory of the tool itself ran out. Returns TOOL_IO. */
int tool_no_memory(void);

/* --- exit status --- */

int tool_exit_of(npk_status status);

/* The worse of two, as tool.h orders them. */
int tool_worse(int a, int b);

/* npk_sink_file, which keeps why standard output failed, for tool_finish_output. */
int tool_sink_file(void *file, const void *bytes, size_t size);

/* Flushes standard output. Returns `status`, or the worse of it and TOOL_IO where not all could be written. */
int tool_finish_output(int status);

#endif
