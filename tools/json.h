/* JSON, written as it is made. */
#ifndef NPICKLE_JSON_H
#define NPICKLE_JSON_H

#include "tool.h"

/* A document in the making. Containers may be nested as deep as the caller nests its calls. */
typedef struct tool_json {
    FILE *out;
    bool comma; /* the next value needs one before it */
} tool_json;

void tool_json_start(tool_json *json, FILE *out);

void tool_json_begin(tool_json *json, char bracket); /* '{' or '[' */
void tool_json_end(tool_json *json, char bracket);   /* '}' or ']' */
void tool_json_key(tool_json *json, const char *name);

/* Text in UTF-8, as npk_print_text has it for NPK_TEXT_JSON. */
void tool_json_text(tool_json *json, const void *text, size_t size);
void tool_json_string(tool_json *json, const char *text); /* NULL: null */
void tool_json_int(tool_json *json, int64_t value);
void tool_json_uint(tool_json *json, uint64_t value);
void tool_json_bool(tool_json *json, bool value);
void tool_json_null(tool_json *json);

/* The next value stands on a line of its own. */
void tool_json_line(tool_json *json);

/* What is JSON already; several values or members with commas between them count as one. */
void tool_json_raw(tool_json *json, const char *text, size_t size);

/* The shape of an array; its dtype, as np.lib.format.dtype_to_descr gives it. */
void tool_json_shape(tool_json *json, const npk_array *array);
npk_status tool_json_descr(tool_json *json, const npk_dtype *dtype, npk_error *error);

/* --- in memory --- */

/* What was written to it, until tool_json_buffer_free. */
typedef struct tool_json_buffer {
    tool_json json;
    char *text;
    size_t size;
} tool_json_buffer;

/* False without memory. */
bool tool_json_buffer_start(tool_json_buffer *buffer);

/* text and size are good from here on. False where memory ran out on the way. */
bool tool_json_buffer_finish(tool_json_buffer *buffer);
void tool_json_buffer_free(tool_json_buffer *buffer);

/* --- the document of a command that takes several files: {"files":[{"file": ..., "status": ..., ...}]} --- */

/* On standard output: the document up to the first file, and from after the last. */
void tool_json_open_files(tool_json *json);
void tool_json_close_files(tool_json *json);

/* A file's object, up to the members that come after the error; tool_json_end(json, '}') ends it. */
void tool_json_begin_file(tool_json *json, const char *file, npk_status status, const npk_error *error);

#endif
