#define _POSIX_C_SOURCE 200809L

#include "input.h"

#include "common.h"
#include "sharing.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_CHUNK ((size_t)1 << 16) /* bytes of memory before the first byte of a stream is known */

struct tool_input {
    const char *path;
    npk_file *file;
    int stream;                      /* its descriptor, where it is one */
    uint8_t first[TOOL_FIRST_BYTES]; /* of a stream: read to see what it is */
    size_t first_size;
    size_t first_given; /* of them to the format */
    uint8_t *all;       /* of a stream that is read whole: all of it */
    const uint8_t *bytes;
    size_t size;
    const tool_format *format;
    void *state;
    npk_doc *last; /* of the last item */
    bool ended;    /* nothing follows it */
    bool told;     /* tell_text_mode */
    uint8_t *mended; /* the bytes, where they are not as they were in the file; else NULL */
    size_t mended_size;
    uint64_t buffers; /* payloads outside, so far */
    tool_sharing sharing;
    bool unbounded; /* tool_copies_only */
    uint64_t malformed[2]; /* objects that were kept: parts of pickles; and those that are all of one */
    npk_budget budget;
};

/* --- streams ------------------------------------------------------------------------------------------------------ */

bool tool_is_stream(const char *path)
{
    struct stat found;
    return strcmp(path, "-") == 0 || (stat(path, &found) == 0 && S_ISFIFO(found.st_mode));
}

npk_status tool_open_stream(const char *path, int *fd, npk_error *error)
{
    *fd = STDIN_FILENO;
    if (strcmp(path, "-") == 0)
        return NPK_OK;
    do
        *fd = open(path, O_RDONLY | O_CLOEXEC); /* waits for who writes */
    while (*fd < 0 && errno == EINTR);
    return *fd < 0 ? tool_fail_system(error, errno, "open") : NPK_OK;
}

void tool_close_stream(int fd)
{
    if (fd > STDIN_FILENO)
        close(fd);
}

static npk_status read_some(int fd, void *out, size_t size, size_t *got, npk_error *error)
{
    int system;
    int64_t count = npk_source_fd(&fd, out, size, &system);
    *got = count < 0 ? 0 : (size_t)count;
    return count < 0 ? tool_fail_system(error, system, "read") : NPK_OK;
}

npk_status tool_read_stream(int fd, size_t most, uint8_t **bytes, size_t *size, npk_error *error)
{
    size_t room = 0, used = 0;
    uint8_t *all = NULL;
    for (;;) {
        if (used == room) {
            room = room == 0 ? READ_CHUNK : 2 * room;
            uint8_t *more = room < used ? NULL : realloc(all, room);
            if (more == NULL) {
                free(all);
                return tool_fail_memory(error);
            }
            all = more;
        }
        size_t wanted = room - used, got = 0;
        if (most < SIZE_MAX && wanted > most + 1 - used)
            wanted = most + 1 - used;
        if (wanted > 0 && read_some(fd, all + used, wanted, &got, error) != NPK_OK) {
            free(all);
            return NPK_ERR_IO;
        }
        used += got;
        if (got == 0)
            break;
    }
    *bytes = all;
    *size = used;
    return NPK_OK;
}

/* npk_read_function: the bytes looked at come first. What was printed of earlier pickles is seen before the next one is
 * waited for. */
static int64_t read_stream(void *context, void *out, size_t size, int *system)
{
    tool_input *input = context;
    size_t left = input->first_size - input->first_given;
    if (left == 0) {
        fflush(stdout); /* tool_finish_output tells of errors */
        return npk_source_fd(&input->stream, out, size, system);
    }
    size_t give = size < left ? size : left;
    memcpy(out, input->first + input->first_given, give);
    input->first_given += give;
    return (int64_t)give;
}

/* A stream is waited for no longer than it takes to know what it is: a small pickle may be all that comes for now. */
static npk_status read_first(tool_input *input, npk_error *error)
{
    size_t got = 1;
    npk_status status = NPK_OK;
    while (status == NPK_OK && got > 0 && tool_format_marked(input->first, input->first_size) == TOOL_MARK_BEGINS) {
        status = read_some(input->stream, input->first + input->first_size, TOOL_FIRST_BYTES - input->first_size, &got,
                           error);
        input->first_size += got;
    }
    return status;
}

static npk_status read_rest(tool_input *input, npk_error *error)
{
    size_t rest;
    npk_status status = tool_read_stream(input->stream, SIZE_MAX, &input->all, &rest, error);
    if (status != NPK_OK)
        return status;
    uint8_t *bytes = realloc(input->all, input->first_size + rest + 1);
    if (bytes == NULL)
        return tool_fail_memory(error);
    memmove(bytes + input->first_size, bytes, rest);
    memcpy(bytes, input->first, input->first_size);
    input->bytes = input->all = bytes;
    input->size = input->first_size + rest;
    return NPK_OK;
}

/* --- open and close ----------------------------------------------------------------------------------------------- */

void tool_note_repair(const char *file, size_t less)
{
    if (less > 0)
        tool_note(file, "undid a transfer in text mode: left out %zu byte%s", less, TOOL_S(less));
    else
        tool_note(file, "--repair changed nothing: it is not certain that each 0x0a became 0x0d 0x0a");
}

/* All bytes are at hand. */
static npk_status open_bytes(tool_input *input, const npk_read_options *options, tool_opening how, npk_error *error)
{
    npk_status status = NPK_OK;
    if (how == TOOL_REPAIRED)
        status = npk_undo_crlf(input->bytes, input->size, options, &input->mended, &input->mended_size, error);
    input->budget.input += input->size;
    if (how == TOOL_REPAIRED && status == NPK_OK)
        tool_note_repair(input->path, input->mended == NULL ? 0 : input->size - input->mended_size);
    if (input->mended != NULL) {
        input->bytes = input->mended;
        input->size = input->mended_size;
    }
    input->format = tool_format_of_bytes(input->bytes, input->size);
    return status == NPK_OK ? input->format->open(input->bytes, input->size, options, &input->state, error) : status;
}

static npk_status open_stream(tool_input *input, const npk_read_options *options, tool_opening how, npk_error *error)
{
    npk_status status = tool_open_stream(input->path, &input->stream, error);
    if (status == NPK_OK)
        status = read_first(input, error);
    if (status != NPK_OK)
        return status;
    if (tool_format_marked(input->first, input->first_size) == TOOL_MARKED && how == TOOL_AS_IT_COMES)
        how = TOOL_WHOLE; /* the directory of an archive stands at its end */
    input->format = tool_format_of_bytes(input->first, input->first_size);
    if (how == TOOL_AS_IT_COMES && input->format->open_stream != NULL)
        return input->format->open_stream(read_stream, input, options, &input->state, error);
    status = read_rest(input, error);
    return status != NPK_OK ? status : open_bytes(input, options, how, error);
}

static npk_status open_file(tool_input *input, const char *path, const npk_read_options *options, tool_opening how,
                            npk_error *error)
{
    npk_status status = npk_file_open(path, NPK_INPUT_AUTO, NULL, &input->file, error);
    if (status != NPK_OK)
        return status;
    input->bytes = npk_file_bytes(input->file, &input->size);
    return open_bytes(input, options, how, error);
}

/* What may have made an input malformed; once. */
static void tell_text_mode(tool_input *input, npk_status status)
{
    static const char mark[] = "\xef\xbb\xbf";
    bool marked = input->size >= sizeof mark - 1 && memcmp(input->bytes, mark, sizeof mark - 1) == 0;
    bool other = status == NPK_ERR_NOT_A_PICKLE && !marked;
    if (input->told || other || input->mended != NULL || npk_status_band(status) != NPK_BAND_MALFORMED)
        return;
    npk_text_mode mode = npk_text_mode_of(input->bytes, input->size);
    const char *mend = mode == NPK_TEXT_MODE_CRLF ? "; --repair undoes it where that is certain" : "";
    input->told = true;
    if (mode != NPK_TEXT_MODE_NONE)
        tool_note(input->path, "%s%s", npk_text_mode_text(mode), mend);
    else if (marked)
        tool_note(input->path, "--repair leaves the byte order mark out");
}

npk_status tool_open_as(const char *path, const npk_read_options *options, tool_opening how, tool_input **out,
                        npk_error *error)
{
    tool_input *input = calloc(1, sizeof *input);
    if (input == NULL)
        return tool_fail_memory(error);
    input->path = path;
    input->stream = -1;
    for (size_t i = 0; options != NULL && i < options->buffer_count; i++)
        input->budget.input += options->buffers[i].size;
    npk_status status =
        tool_is_stream(path) ? open_stream(input, options, how, error) : open_file(input, path, options, how, error);
    if (status != NPK_OK) {
        tell_text_mode(input, status);
        tool_close(input);
        return status;
    }
    *out = input;
    return NPK_OK;
}

npk_status tool_open(const char *path, const npk_read_options *options, tool_input **out, npk_error *error)
{
    return tool_open_as(path, options, TOOL_AS_IT_COMES, out, error);
}

npk_status tool_open_whole(const char *path, const npk_read_options *options, tool_input **out, npk_error *error)
{
    return tool_open_as(path, options, TOOL_WHOLE, out, error);
}

void tool_close(tool_input *input)
{
    if (input == NULL)
        return;
    npk_doc_free(input->last);
    if (input->format != NULL)
        input->format->close(input->state);
    npk_bytes_free(NULL, input->mended, input->mended_size);
    free(input->all);
    npk_file_close(input->file);
    tool_close_stream(input->stream);
    free(input);
}

/* --- what is in it ------------------------------------------------------------------------------------------------ */

const uint8_t *tool_input_bytes(const tool_input *input, size_t *size)
{
    *size = input->size;
    return input->bytes;
}

const tool_format *tool_input_format(const tool_input *input)
{
    return input->format;
}

const void *tool_input_state(const tool_input *input)
{
    return input->state;
}

uint64_t tool_input_padding(const tool_input *input)
{
    return input->format->padding == NULL ? 0 : input->format->padding(input->state);
}

#define TOLD 20 /* malformed objects of one file; and as many pickles that one has ended, or that are nothing else */

static void tell_malformed(tool_input *input, const tool_item *item)
{
    const npk_value *value;
    npk_error fault = {.status = NPK_OK};
    for (size_t i = 0; item->doc != NULL && (value = npk_doc_fault(item->doc, i)) != NULL; i++) {
        const bool whole = value == npk_doc_root(item->doc);
        uint64_t *count = &input->malformed[whole];
        if (*count < TOLD && npk_value_fault(value, &fault)) {
            fault.offset += item->base;
            tool_report(input->path, &fault);
        } else if (*count == TOLD) {
            tool_note(input->path, whole ? "more malformed pickles follow" : "more malformed objects follow");
        }
        ++*count;
        tell_text_mode(input, fault.status);
    }
}

static bool has_malformed(const tool_input *input)
{
    return input->malformed[false] > 0 || input->malformed[true] > 0;
}

/* A line that was read as a name, CR and all. */
static bool has_name_with_cr(const npk_doc *doc)
{
    const char *module, *name;
    size_t module_size, name_size;
    const npk_value *global;
    for (size_t i = 0; (global = npk_doc_global(doc, i)) != NULL; i++)
        if (npk_value_as_global(global, &module, &module_size, &name, &name_size) &&
            (module[module_size - 1] == '\r' || name[name_size - 1] == '\r'))
            return true;
    return false;
}

int tool_input_exit(const tool_input *input)
{
    return input != NULL && has_malformed(input) ? TOOL_MALFORMED : TOOL_GOOD;
}

bool tool_input_told(const tool_input *input)
{
    return input->told || has_malformed(input) || tool_input_padding(input) > 0;
}

npk_budget *tool_input_budget(tool_input *input)
{
    return input == NULL ? NULL : &input->budget;
}

void tool_copies_only(tool_input *input)
{
    input->unbounded = true;
}

uint64_t tool_input_buffers(const tool_input *input)
{
    return input == NULL ? 0 : input->buffers;
}

/* Says, once all was seen, what was passed over. */
static npk_status next_of(tool_input *input, tool_item *item, bool *found, npk_error *error)
{
    npk_status status = input->format->next(input->state, item, found, error);
    npk_doc_info info = {.buffers = 0};
    if (status == NPK_OK && *found && npk_doc_info_of(item->doc, &info)) {
        input->buffers += info.buffers;
        input->budget.input += input->bytes == NULL ? info.size : 0;
    }
    if (status == NPK_OK && *found && !input->unbounded)
        status = tool_charge_sharing(&input->sharing, item->doc, error);
    if (status != NPK_OK && *found) {
        npk_doc_free(item->own);
        *found = false;
    }
    uint64_t padding = status == NPK_OK && !*found ? tool_input_padding(input) : 0;
    if (status == NPK_OK && *found)
        tell_malformed(input, item);
    else
        tell_text_mode(input, status);
    if (status == NPK_OK && *found && has_name_with_cr(item->doc))
        tell_text_mode(input, NPK_ERR_ARGUMENT);
    if (padding > 0 && !input->ended)
        tool_note(input->path,
                  "passed over %" PRIu64 " byte%s of padding (blanks, ends of lines, zeros) after a pickle", padding,
                  TOOL_S(padding));
    input->ended = input->ended || (status == NPK_OK && !*found);
    return status;
}

npk_status tool_next(tool_input *input, tool_item *item, bool *found, npk_error *error)
{
    if (input->last != NULL && input->format->take_back != NULL)
        input->format->take_back(input->state, input->last);
    else
        npk_doc_free(input->last);
    input->last = NULL;
    npk_status status = next_of(input, item, found, error);
    if (status == NPK_OK && *found)
        input->last = item->own;
    return status;
}

void tool_keep_last(tool_input *input)
{
    input->last = NULL;
}

npk_status tool_each(tool_input *input, tool_use *use, void *context, npk_error *error)
{
    tool_item item;
    npk_status status;
    bool found, none = true;
    while ((status = tool_next(input, &item, &found, error)) == NPK_OK && found) {
        none = false;
        status = use(context, &item, error);
        if (status != NPK_OK)
            return status;
    }
    return status == NPK_OK && none ? tool_fail_empty(error) : status;
}

npk_status tool_only(tool_input *input, tool_item *item, bool *several, npk_error *error)
{
    bool found;
    tool_item second;
    npk_status status = tool_next(input, item, &found, error);
    if (status == NPK_OK && !found)
        status = tool_fail_empty(error);
    if (status != NPK_OK)
        return status;
    status = next_of(input, &second, several, error);
    if (status == NPK_OK && *several)
        npk_doc_free(second.own);
    return status;
}
