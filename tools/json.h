/* JSON, written as it is made. */
#ifndef NPICKLE_JSON_H
#define NPICKLE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A document in the making. Containers may be nested as deep as the caller nests its calls. */
typedef struct npki_json {
    FILE *out;
    bool comma; /* the next value needs one before it */
} npki_json;

void npki_json_start(npki_json *json, FILE *out);

void npki_json_begin(npki_json *json, char bracket); /* '{' or '[' */
void npki_json_end(npki_json *json, char bracket);   /* '}' or ']' */
void npki_json_key(npki_json *json, const char *name);

/* Text in UTF-8. Lone surrogates and all that is not printable come out as \uXXXX; a byte that is not UTF-8 as
 * \udcXX, as Python's surrogateescape has it. */
void npki_json_text(npki_json *json, const void *text, size_t size);
void npki_json_string(npki_json *json, const char *text);
void npki_json_int(npki_json *json, int64_t value);
void npki_json_uint(npki_json *json, uint64_t value);
void npki_json_bool(npki_json *json, bool value);
void npki_json_null(npki_json *json);

/* The next value stands on a line of its own. */
void npki_json_line(npki_json *json);

/* What is JSON already: made by the library, which prints characters that a terminal would obey; those are escaped. */
void npki_json_literal(npki_json *json, const char *text, size_t size);

/* What was written with these functions. */
void npki_json_raw(npki_json *json, const char *text, size_t size);

#endif
