#define _POSIX_C_SOURCE 200809L

#include "json.h"

#include "common.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void tool_json_start(tool_json *json, FILE *out)
{
    *json = (tool_json){.out = out};
}

static void before_value(tool_json *json)
{
    if (json->comma)
        fputc(',', json->out);
    json->comma = true;
}

void tool_json_begin(tool_json *json, char bracket)
{
    before_value(json);
    fputc(bracket, json->out);
    json->comma = false;
}

void tool_json_end(tool_json *json, char bracket)
{
    fputc(bracket, json->out);
    json->comma = true;
}

void tool_json_key(tool_json *json, const char *name)
{
    tool_json_string(json, name);
    fputc(':', json->out);
    json->comma = false;
}

void tool_json_text(tool_json *json, const void *text, size_t size)
{
    before_value(json);
    /* Where printing fails, ferror(json->out) says so at the end. */
    if (npk_print_text(text, size, NPK_TEXT_JSON, tool_sink_file, json->out, NULL) != NPK_OK)
        return;
}

void tool_json_string(tool_json *json, const char *text)
{
    if (text == NULL)
        tool_json_null(json);
    else
        tool_json_text(json, text, strlen(text));
}

void tool_json_int(tool_json *json, int64_t value)
{
    before_value(json);
    fprintf(json->out, "%" PRId64, value);
}

void tool_json_uint(tool_json *json, uint64_t value)
{
    before_value(json);
    fprintf(json->out, "%" PRIu64, value);
}

void tool_json_bool(tool_json *json, bool value)
{
    tool_json_raw(json, value ? "true" : "false", value ? 4 : 5);
}

void tool_json_null(tool_json *json)
{
    tool_json_raw(json, "null", 4);
}

void tool_json_line(tool_json *json)
{
    before_value(json);
    fputc('\n', json->out);
    json->comma = false;
}

void tool_json_raw(tool_json *json, const char *text, size_t size)
{
    before_value(json);
    fwrite(text, 1, size, json->out);
}

void tool_json_shape(tool_json *json, const npk_array *array)
{
    tool_json_begin(json, '[');
    for (int i = 0; i < array->ndim; i++)
        tool_json_int(json, array->shape[i]);
    tool_json_end(json, ']');
}

npk_status tool_json_descr(tool_json *json, const npk_dtype *dtype, npk_error *error)
{
    tool_dtype_text descr = {.of = NULL};
    npk_status status = tool_dtype_text_take(&descr, dtype, tool_dtype_json, error);
    if (status == NPK_OK)
        tool_json_raw(json, descr.text, descr.size);
    tool_dtype_text_free(&descr);
    return status;
}

/* --- in memory ---------------------------------------------------------------------------------------------------- */

bool tool_json_buffer_start(tool_json_buffer *buffer)
{
    *buffer = (tool_json_buffer){.text = NULL};
    FILE *out = open_memstream(&buffer->text, &buffer->size);
    tool_json_start(&buffer->json, out);
    return out != NULL;
}

bool tool_json_buffer_finish(tool_json_buffer *buffer)
{
    bool good = ferror(buffer->json.out) == 0;
    good = fclose(buffer->json.out) == 0 && good;
    buffer->json.out = NULL;
    return good;
}

void tool_json_buffer_free(tool_json_buffer *buffer)
{
    if (buffer->json.out != NULL)
        fclose(buffer->json.out);
    free(buffer->text);
    *buffer = (tool_json_buffer){.text = NULL};
}

/* --- several files ------------------------------------------------------------------------------------------------ */

void tool_json_open_files(tool_json *json)
{
    tool_json_start(json, stdout);
    tool_json_begin(json, '{');
    tool_json_key(json, "files");
    tool_json_begin(json, '[');
}

void tool_json_close_files(tool_json *json)
{
    tool_json_end(json, ']');
    tool_json_end(json, '}');
    fputc('\n', stdout);
}

static void put_error(tool_json *json, const npk_error *error)
{
    const npk_opcode *opcode = error->opcode < 0 ? NULL : npk_opcode_row((uint8_t)error->opcode);
    tool_json_begin(json, '{');
    tool_json_key(json, "code");
    tool_json_string(json, npk_status_name(error->status));
    tool_json_key(json, "offset");
    if (error->offset == NPK_NO_OFFSET)
        tool_json_null(json);
    else
        tool_json_uint(json, error->offset);
    tool_json_key(json, "opcode");
    tool_json_string(json, opcode == NULL ? NULL : opcode->name);
    tool_json_key(json, "message");
    tool_json_string(json, error->message);
    tool_json_end(json, '}');
}

void tool_json_begin_file(tool_json *json, const char *file, npk_status status, const npk_error *error)
{
    static const char *const states[] = {
        [NPK_BAND_OK] = "ok",     [NPK_BAND_MALFORMED] = "malformed", [NPK_BAND_LIMIT] = "limit",
        [NPK_BAND_SYSTEM] = "io", [NPK_BAND_USAGE] = "unsupported",
    };
    tool_json_begin(json, '{');
    tool_json_key(json, "file");
    tool_json_string(json, file);
    tool_json_key(json, "status");
    tool_json_string(json, states[npk_status_band(status)]);
    tool_json_key(json, "error");
    if (status == NPK_OK)
        tool_json_null(json);
    else
        put_error(json, error);
}
