/* The JSON document of a command that takes several files: {"files":[{"file": ..., "status": ..., "error": ...,
 * ...}]} */
#ifndef NPICKLE_JSON_FILE_H
#define NPICKLE_JSON_FILE_H

#include "json.h"

#include <npickle/status.h>

/* On standard output: the document up to the first item of its only member, and from after the last. */
void tool_json_open(npki_json *json, const char *list);
void tool_json_close(npki_json *json);

/* A file's object. `body`: the members after the error, as they were written. */
void tool_json_file(npki_json *json, const char *file, npk_status status, const npk_error *error, const char *body,
                    size_t size);

#endif
