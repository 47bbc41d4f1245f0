/* JSON, written as it is made. */
#ifndef NPICKLE_JSON_H
#define NPICKLE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A document in the making. Containers may be nested as deep as the caller nests its calls. */
typedef struct tool_json {
    FILE *out;
    bool comma; /* the next value needs one before it */
} tool_json;

void json_start(tool_json *json, FILE *out);

void json_begin(tool_json *json, char bracket); /* '{' or '[' */
void json_end(tool_json *json, char bracket);   /* '}' or ']' */
void json_key(tool_json *json, const char *name);

/* Text in UTF-8. Lone surrogates and all that is not printable come out as \uXXXX; a byte that is not UTF-8 as
 * \udcXX, as Python's surrogateescape has it. */
void json_text(tool_json *json, const void *text, size_t size);
void json_string(tool_json *json, const char *text);
void json_int(tool_json *json, int64_t value);
void json_uint(tool_json *json, uint64_t value);
void json_bool(tool_json *json, bool value);
void json_null(tool_json *json);

/* The next value stands on a line of its own. */
void json_line(tool_json *json);

/* What is JSON already: made by the library, which prints characters that a terminal would obey; those are escaped. */
void json_literal(tool_json *json, const char *text, size_t size);

/* What was written with these functions. */
void json_raw(tool_json *json, const char *text, size_t size);

#endif
