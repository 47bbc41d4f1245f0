#include "json_file.h"

#include <npickle/opcode.h>

void tool_json_open(npki_json *json, const char *list)
{
    npki_json_start(json, stdout);
    npki_json_begin(json, '{');
    npki_json_key(json, list);
    npki_json_begin(json, '[');
}

void tool_json_close(npki_json *json)
{
    npki_json_end(json, ']');
    npki_json_end(json, '}');
    fputc('\n', stdout);
}

static void json_error(npki_json *json, const npk_error *error)
{
    const npk_opcode *opcode = error->opcode < 0 ? NULL : npk_opcode_row((uint8_t)error->opcode);
    npki_json_begin(json, '{');
    npki_json_key(json, "code");
    npki_json_string(json, npk_status_name(error->status));
    npki_json_key(json, "offset");
    if (error->offset == NPK_NO_OFFSET)
        npki_json_null(json);
    else
        npki_json_uint(json, error->offset);
    npki_json_key(json, "opcode");
    if (opcode == NULL)
        npki_json_null(json);
    else
        npki_json_string(json, opcode->name);
    npki_json_key(json, "message");
    npki_json_string(json, error->message);
    npki_json_end(json, '}');
}

void tool_json_file(npki_json *json, const char *file, npk_status status, const npk_error *error, const char *body,
                    size_t size)
{
    static const char *const states[] = {
        [NPK_BAND_OK] = "ok",     [NPK_BAND_MALFORMED] = "malformed", [NPK_BAND_LIMIT] = "limit",
        [NPK_BAND_SYSTEM] = "io", [NPK_BAND_USAGE] = "unsupported",
    };
    npki_json_begin(json, '{');
    npki_json_key(json, "file");
    npki_json_string(json, file);
    npki_json_key(json, "status");
    npki_json_string(json, states[npk_status_band(status)]);
    npki_json_key(json, "error");
    if (status == NPK_OK)
        npki_json_null(json);
    else
        json_error(json, error);
    npki_json_raw(json, body, size);
    npki_json_end(json, '}');
}
