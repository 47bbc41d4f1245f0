#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void fill(npk_error *error, npk_status status, uint64_t offset, int opcode, int system)
{
    error->status = status;
    error->offset = offset;
    error->opcode = opcode;
    error->system = system;
    error->message[0] = '\0';
    memset(error->reserved, 0, sizeof error->reserved);
}

static void format_message(npk_error *error, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void format_message(npk_error *error, const char *format, va_list arguments)
{
    vsnprintf(error->message, sizeof error->message, format, arguments);
    for (char *p = error->message; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || (unsigned char)*p > 0x7e)
            *p = '?';
}

npk_status npki_fail_at(npk_error *error, npk_status status, uint64_t offset, int opcode, const char *format, ...)
{
    if (error != NULL) {
        va_list arguments;
        fill(error, status, offset, opcode, 0);
        va_start(arguments, format);
        format_message(error, format, arguments);
        va_end(arguments);
    }
    return status;
}

npk_status npki_fail(npk_error *error, npk_status status, const char *format, ...)
{
    if (error != NULL) {
        va_list arguments;
        fill(error, status, NPK_NO_OFFSET, NPKI_NO_OPCODE, 0);
        va_start(arguments, format);
        format_message(error, format, arguments);
        va_end(arguments);
    }
    return status;
}

npk_status npki_fail_system(npk_error *error, int system, const char *act)
{
    char room[NPKI_SYSTEM_ROOM];
    npki_fail(error, NPK_ERR_IO, "cannot %s: %s", act, npki_system_text(system, room));
    if (error != NULL)
        error->system = system;
    return NPK_ERR_IO;
}

/* Of a path that is longer than this the end is shown, which says more than its start. */
#define LONGEST_PATH 100

void npki_add_path(npk_error *error, const char *path)
{
    if (error == NULL)
        return;
    npk_error before = *error;
    size_t length = strlen(path);
    bool cut = length > LONGEST_PATH;
    npki_fail(error, before.status, "%s%s: %s", cut ? "..." : "", cut ? path + length - LONGEST_PATH : path,
              before.message);
    error->offset = before.offset;
    error->opcode = before.opcode;
    error->system = before.system;
}

npk_status npki_no_memory(npk_error *error)
{
    return npki_fail(error, NPK_ERR_MEMORY, "an allocation failed");
}

npk_status npki_place(npk_error *error, npk_status status, uint64_t offset, int opcode)
{
    if (error != NULL && status != NPK_OK && error->offset == NPK_NO_OFFSET) {
        error->offset = offset;
        error->opcode = opcode;
    }
    return status;
}
