#include "json_file.h"

#include <npickle/opcode.h>

void tool_json_open(tool_json *json, const char *list)
{
    json_start(json, stdout);
    json_begin(json, '{');
    json_key(json, list);
    json_begin(json, '[');
}

void tool_json_close(tool_json *json)
{
    json_end(json, ']');
    json_end(json, '}');
    fputc('\n', stdout);
}

static void json_error(tool_json *json, const npk_error *error)
{
    const npk_opcode *opcode = error->opcode < 0 ? NULL : npk_opcode_row((uint8_t)error->opcode);
    json_begin(json, '{');
    json_key(json, "code");
    json_string(json, npk_status_name(error->status));
    json_key(json, "offset");
    if (error->offset == NPK_NO_OFFSET)
        json_null(json);
    else
        json_uint(json, error->offset);
    json_key(json, "opcode");
    if (opcode == NULL)
        json_null(json);
    else
        json_string(json, opcode->name);
    json_key(json, "message");
    json_string(json, error->message);
    json_end(json, '}');
}

void tool_json_file(tool_json *json, const char *file, npk_status status, const npk_error *error, const char *body,
                    size_t size)
{
    static const char *const states[] = {
        [NPK_BAND_OK] = "ok",     [NPK_BAND_MALFORMED] = "malformed", [NPK_BAND_LIMIT] = "limit",
        [NPK_BAND_SYSTEM] = "io", [NPK_BAND_USAGE] = "unsupported",
    };
    json_begin(json, '{');
    json_key(json, "file");
    json_string(json, file);
    json_key(json, "status");
    json_string(json, states[npk_status_band(status)]);
    json_key(json, "error");
    if (status == NPK_OK)
        json_null(json);
    else
        json_error(json, error);
    json_raw(json, body, size);
    json_end(json, '}');
}
