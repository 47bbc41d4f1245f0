/* A file that a command writes, which appears whole or not at all; "-" is standard output. */
#ifndef NPICKLE_OUTPUT_H
#define NPICKLE_OUTPUT_H

#include "format.h"

typedef struct tool_output {
    npk_write_function *write; /* to give with `context` to whatever writes */
    void *context;
    npk_budget *budget; /* that the bytes come out of; NULL, as it is opened: none */
    npk_error refusal;  /* it came to an end */
    npk_write_function *straight; /* where they go then, with `to` */
    void *to;
    uint8_t *held; /* bytes that are still to go there; NULL: they go at once */
    size_t held_size;
    npk_output *file; /* NULL: standard output */
    char *temporary;  /* what is removed if a signal ends the tool; or NULL */
    bool part;        /* of what another output is the last of */
} tool_output;

/* What a pickle has lost in its dialect, for a note once its file is there. All zero: nothing. */
typedef struct tool_left_out {
    char text[sizeof(((npk_error *)NULL)->message)];
} tool_left_out;

/* What a writer left out first, NULL or empty for nothing, unless *left has an earlier one's. `left` NULL: nobody wants
 * to know. */
void tool_take_left_out(tool_left_out *left, const char *text);

/* The note on standard error. */
void tool_note_left_out(const char *file, const tool_left_out *left);

/* From now on a signal that ends the tool removes the files that are being written first, with the parts, and then ends
 * it as it would have. One that is ignored stays so. */
void tool_outputs_catch_signals(void);

/* Removes the files that are being written, and the parts; for handlers of signals. */
void tool_outputs_remove(void);

npk_status tool_output_open(tool_output *output, const char *path, npk_error *error);

/* The same for a part: a file that appears before the one that it belongs to, an output that is none. Where that
 * appears, its parts stay; until then they go if a signal ends the tool, or by tool_parts_drop. What was there before
 * under that name is replaced, and is then no part. */
npk_status tool_output_open_part(tool_output *output, const char *path, npk_error *error);

/* Makes a directory, which is a part unless it is there already. Errors: NPK_ERR_IO, NPK_ERR_MEMORY. */
npk_status tool_part_directory(const char *path, npk_error *error);

/* Removes the parts of what has not appeared. */
void tool_parts_drop(void);

/* What is written in small pieces goes to a file in large ones. The file ends with tool_output_close. */
void tool_output_hold(tool_output *output);

/* Ends it: after NPK_OK the file appears, after anything else nothing does. Returns `status`, or why it did not
 * appear. */
npk_status tool_output_close(tool_output *output, npk_status status, npk_error *error);

/* Several that are whole: they appear together. All are parts, or none. */
npk_status tool_outputs_close(tool_output *outputs, size_t count, npk_error *error);

/* A file with one array, and what it has lost. */
npk_status tool_write_array(const char *path, const tool_format *format, const npk_array *array,
                            const npk_write_options *options, tool_left_out *left, npk_error *error);

#endif
