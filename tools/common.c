#include "common.h"

#include "text/unicode.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* --- text --------------------------------------------------------------------------------------------------------- */

#define ESCAPE_ROOM 16

/* The escape of a character, or of a byte that is no UTF-8. */
static size_t escape(uint32_t character, char out[ESCAPE_ROOM])
{
    static const char letters[] = {['\t'] = 't', ['\n'] = 'n', ['\r'] = 'r'};
    int size;
    if (character < sizeof letters && letters[character] != 0)
        size = snprintf(out, ESCAPE_ROOM, "\\%c", letters[character]);
    else if (character < 0x100)
        size = snprintf(out, ESCAPE_ROOM, "\\x%02" PRIx32, character);
    else if (character < 0x10000)
        size = snprintf(out, ESCAPE_ROOM, "\\u%04" PRIx32, character);
    else
        size = snprintf(out, ESCAPE_ROOM, "\\U%08" PRIx32, character);
    return (size_t)size;
}

/* Prints to `out`, unless it is NULL; returns the bytes. */
static size_t print_text(FILE *out, const uint8_t *at, const uint8_t *end)
{
    size_t total = 0;
    const uint8_t *wrong = at;
    while (at < end) {
        char room[ESCAPE_ROOM];
        const uint8_t *first = at;
        if (at == wrong)
            wrong = at + npki_utf8_check(at, (size_t)(end - at));
        bool valid = at < wrong;
        uint32_t character = valid ? npki_utf8_next(&at) : *at++;
        bool as_is = valid && npki_is_printable(character);
        size_t size = as_is ? (size_t)(at - first) : escape(character, room);
        if (out != NULL)
            fwrite(as_is ? (const void *)first : room, 1, size, out);
        total += size;
        if (!valid)
            wrong = at;
    }
    return total;
}

void tool_print_text(FILE *out, const void *text, size_t size)
{
    print_text(out, text, (const uint8_t *)text + size);
}

size_t tool_text_width(const void *text, size_t size)
{
    return print_text(NULL, text, (const uint8_t *)text + size);
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

static void print_file(const char *file)
{
    if (strcmp(file, "-") == 0)
        fputs("standard input", stderr);
    else
        tool_print_text(stderr, file, strlen(file));
}

int tool_report(const char *file, const npk_error *error)
{
    fflush(stdout); /* what was printed before the error stands before it */
    fputs("npickle: ", stderr);
    if (file != NULL) {
        print_file(file);
        fputs(": ", stderr);
    }
    fputs(npk_status_name(error->status), stderr);
    if (error->offset != NPK_NO_OFFSET)
        fprintf(stderr, " at byte %" PRIu64, error->offset);
    const npk_opcode *opcode = error->opcode < 0 ? NULL : npk_opcode_row((uint8_t)error->opcode);
    if (opcode != NULL)
        fprintf(stderr, " (opcode %s)", opcode->name);
    fputs(": ", stderr);
    const char *message = error->message;
    size_t named = file == NULL ? 0 : strlen(file);
    if (named > 0 && strncmp(message, file, named) == 0 && strncmp(message + named, ": ", 2) == 0)
        message += named + 2; /* it says the file's name too */
    tool_print_text(stderr, message, strlen(message));
    fputc('\n', stderr);
    return tool_exit_of(error->status);
}

int tool_usage(const char *command, const char *format, ...)
{
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    fflush(stdout);
    fprintf(stderr, "npickle%s%s: ", command == NULL ? "" : " ", command == NULL ? "" : command);
    tool_print_text(stderr, message, strlen(message));
    fprintf(stderr, "\nTry 'npickle%s%s --help'.\n", command == NULL ? "" : " ", command == NULL ? "" : command);
    return TOOL_USAGE;
}

int tool_no_memory(void)
{
    fflush(stdout);
    fputs("npickle: MEMORY: out of memory\n", stderr);
    return TOOL_IO;
}

/* --- exit status -------------------------------------------------------------------------------------------------- */

int tool_exit_of(npk_status status)
{
    static const int exits[] = {
        [NPK_BAND_OK] = TOOL_GOOD,     [NPK_BAND_MALFORMED] = TOOL_MALFORMED, [NPK_BAND_LIMIT] = TOOL_LIMIT,
        [NPK_BAND_SYSTEM] = TOOL_IO, [NPK_BAND_USAGE] = TOOL_USAGE,
    };
    return exits[npk_status_band(status)];
}

int tool_worse(int a, int b)
{
    static const int rank[] = {
        [TOOL_GOOD] = 0, [TOOL_USAGE] = 1, [TOOL_MALFORMED] = 2, [TOOL_LIMIT] = 3, [TOOL_IO] = 4, [TOOL_FINDING] = 5,
    };
    return rank[a] >= rank[b] ? a : b;
}

int tool_finish_output(int status)
{
    errno = 0;
    bool failed = ferror(stdout) != 0;
    if (fflush(stdout) == 0 && !failed)
        return status;
    fprintf(stderr, "npickle: IO: writing to standard output failed%s%s\n", errno == 0 ? "" : ": ",
            errno == 0 ? "" : strerror(errno));
    clearerr(stdout);
    return tool_worse(status, TOOL_IO);
}
