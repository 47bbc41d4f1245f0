#include "common.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* --- standard output, and text --- */

/* The first errno of standard output, as far as it is known. */
static int output_failed;

int tool_sink_file(void *file, const void *bytes, size_t size)
{
    int failed = npk_sink_file(file, bytes, size);
    if (failed != 0 && file == stdout && output_failed == 0)
        output_failed = failed;
    return failed;
}

void tool_print_text(FILE *out, const void *text, size_t size)
{
    /* Where printing fails, ferror(out) says so at the end. */
    if (npk_print_text(text, size, NPK_TEXT_TERMINAL, tool_sink_file, out, NULL) != NPK_OK)
        return;
}

void tool_print_string(FILE *out, const char *text)
{
    tool_print_text(out, text, strlen(text));
}

size_t tool_text_width(const void *text, size_t size)
{
    uint64_t width = 0;
    npk_status status = npk_print_text(text, size, NPK_TEXT_TERMINAL, npk_sink_count, &width, NULL);
    return status == NPK_OK ? (size_t)width : 0;
}

npk_status tool_dtype_text_take(tool_dtype_text *to, const npk_dtype *dtype,
                                size_t (*print)(const npk_dtype *dtype, char *text, size_t size), npk_error *error)
{
    if (to->of == dtype && dtype != NULL)
        return NPK_OK;
    to->of = dtype;
    to->size = print(dtype, to->text, to->room);
    if (to->size < to->room)
        return NPK_OK;
    free(to->text);
    to->room = to->size + to->size / 2 + 1;
    to->text = malloc(to->room);
    if (to->text == NULL) {
        *to = (tool_dtype_text){.of = NULL};
        return tool_fail_memory(error);
    }
    print(dtype, to->text, to->room);
    return NPK_OK;
}

size_t tool_dtype_json(const npk_dtype *dtype, char *text, size_t size)
{
    return npk_dtype_descr(dtype, true, text, size);
}

void tool_dtype_text_free(tool_dtype_text *text)
{
    free(text->text);
    *text = (tool_dtype_text){.of = NULL};
}

const char *tool_shown_path(const char *path)
{
    return *path == '\0' ? "(root)" : path;
}

const char *tool_output_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard output" : path;
}

bool tool_same_pickle(tool_pickle *last, const npk_doc_info *info, const uint8_t *bytes)
{
    const tool_pickle before = *last;
    bool alone = info->earlier == 0 && info->buffers == 0;
    *last = (tool_pickle){alone ? bytes : NULL, (size_t)info->size};
    return alone && bytes != NULL && before.bytes != NULL && before.size == last->size &&
           memcmp(before.bytes, bytes, last->size) == 0;
}

/* --- errors ------------------------------------------------------------------------------------------------------- */

npk_status tool_fail(npk_error *error, npk_status status, uint64_t offset, const char *format, ...)
{
    va_list arguments;
    *error = (npk_error){.status = status, .opcode = -1, .offset = offset};
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return status;
}

npk_status tool_fail_system(npk_error *error, int system, const char *act)
{
    tool_fail(error, NPK_ERR_IO, NPK_NO_OFFSET, "cannot %s: %s", act, strerror(system));
    error->system = system;
    return NPK_ERR_IO;
}

npk_status tool_fail_memory(npk_error *error)
{
    return tool_fail(error, NPK_ERR_MEMORY, NPK_NO_OFFSET, "an allocation failed");
}

npk_status tool_fail_empty(npk_error *error)
{
    return tool_fail(error, NPK_ERR_TRUNCATED, 0, "expected a pickle, found no bytes");
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

static void print_file(const char *file)
{
    if (strcmp(file, "-") == 0)
        fputs("standard input", stderr);
    else
        tool_print_string(stderr, file);
}

int tool_report(const char *file, const npk_error *error)
{
    if (error->status == NPK_ERR_IO && ferror(stdout))
        return TOOL_IO; /* tool_finish_output tells of it */
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
    tool_print_string(stderr, message);
    fputc('\n', stderr);
    return tool_exit_of(error->status);
}

int tool_report_at(const char *file, const char *path, const npk_error *error)
{
    npk_error placed = *error;
    if (*path != '\0')
        snprintf(placed.message, sizeof placed.message, "at %.90s%s: %.120s", path, strlen(path) > 90 ? "..." : "",
                 error->message);
    return tool_report(file, &placed);
}

int tool_report_written(const char *in, const char *out, const npk_error *error)
{
    npk_error placed = *error;
    bool system = npk_status_band(error->status) == NPK_BAND_SYSTEM;
    placed.offset = NPK_NO_OFFSET;
    placed.opcode = -1;
    return tool_report(system ? tool_output_name(out) : in, &placed);
}

void tool_note(const char *file, const char *format, ...)
{
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    fflush(stdout);
    fputs("npickle: ", stderr);
    print_file(file);
    fputs(": note: ", stderr);
    tool_print_string(stderr, message);
    fputc('\n', stderr);
}

/* Objects, and strings of any length, are a pickle there, which has it. */
void tool_note_npy(const char *file, const npk_array *array)
{
    bool in_pickle = npk_dtype_has_object(array->dtype) || npk_dtype_type(array->dtype) == NPK_VSTRING;
    if (!in_pickle && npk_dtype_has_metadata(array->dtype))
        tool_note(file, "a .npy file does not keep metadata of a dtype");
    if (!in_pickle && npk_dtype_is_aligned_struct(array->dtype))
        tool_note(file, "a .npy file does not keep a dtype's align=True");
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
    tool_print_string(stderr, message);
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
    bool failed = ferror(stdout) != 0;
    clearerr(stdout);
    errno = 0;
    if (fflush(stdout) == 0 && !failed) /* what is still held fails again, and says why */
        return status;
    if (output_failed == 0)
        output_failed = errno;
    fprintf(stderr, "npickle: standard output: IO: cannot write%s%s\n", output_failed == 0 ? "" : ": ",
            output_failed == 0 ? "" : strerror(output_failed));
    clearerr(stdout);
    return tool_worse(status, TOOL_IO);
}
