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
} tool_output;

/* From now on a signal that ends the tool removes the files that are being written first, and then ends it as it would
 * have. One that is ignored stays so. */
void tool_outputs_catch_signals(void);

/* Removes the files that are being written; for handlers of signals. */
void tool_outputs_remove(void);

npk_status tool_output_open(tool_output *output, const char *path, npk_error *error);

/* What is written in small pieces goes to a file in large ones. The file ends with tool_output_close. */
void tool_output_hold(tool_output *output);

/* Ends it: after NPK_OK the file appears, after anything else nothing does. Returns `status`, or why it did not appear. */
npk_status tool_output_close(tool_output *output, npk_status status, npk_error *error);

/* Several that are whole: they appear together. */
npk_status tool_outputs_close(tool_output *outputs, size_t count, npk_error *error);

/* A file with one array. */
npk_status tool_write_array(const char *path, const tool_format *format, const npk_array *array,
                            const npk_write_options *options, npk_error *error);

#endif
