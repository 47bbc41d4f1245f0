/* A file that a command reads: its bytes, and what it holds in whatever format. "-" is standard input. */
#ifndef NPICKLE_INPUT_H
#define NPICKLE_INPUT_H

#include "format.h"

typedef struct tool_input tool_input;

npk_status tool_open_as(const char *path, const npk_read_options *options, tool_opening how, tool_input **out,
                        npk_error *error);

/* tool_open_as as it comes: opens a file, or standard input for "-", and looks at its first bytes. A file is mapped or
 * read by the library; standard input is read as it is needed. Errors: NPK_ERR_IO, NPK_ERR_MEMORY, those of the
 * format. */
npk_status tool_open(const char *path, const npk_read_options *options, tool_input **out, npk_error *error);

/* The same whole. */
npk_status tool_open_whole(const char *path, const npk_read_options *options, tool_input **out, npk_error *error);
const uint8_t *tool_input_bytes(const tool_input *input, size_t *size);

/* Says how many bytes --repair left out, or that it changed nothing. */
void tool_note_repair(const char *file, size_t less);

const tool_format *tool_input_format(const tool_input *input);
const void *tool_input_state(const tool_input *input); /* for the format's `describe` */

/* How many bytes of padding have been passed over so far. tool_next and tool_only tell of them on standard error when
 * they have come to the end. */
uint64_t tool_input_padding(const tool_input *input);

/* TOOL_MALFORMED where malformed objects were kept in what was read so far, each of which was told of on standard
 * error; else TOOL_GOOD. NULL is good. */
int tool_input_exit(const tool_input *input);

/* Whether anything was told of it on standard error so far. */
bool tool_input_told(const tool_input *input);

/* What may come out of it: whatever a command makes of an input spends this. */
npk_budget *tool_input_budget(tool_input *input);

/* The pickles are only written again, which does not go into what they share with earlier ones: there is no bound for
 * that. */
void tool_copies_only(tool_input *input);

/* How many payloads outside of them its pickles have referred to so far. */
uint64_t tool_input_buffers(const tool_input *input);

/* The next thing in it, good until the next call; *found false after the last. */
npk_status tool_next(tool_input *input, tool_item *item, bool *found, npk_error *error);

/* What tool_next gave last is the caller's now, if it has item.own. */
void tool_keep_last(tool_input *input);

/* Calls `use` with each; another status than NPK_OK ends it. Errors: those of tool_next and of `use`; NPK_ERR_TRUNCATED
 * for an empty input. */
typedef npk_status tool_use(void *context, const tool_item *item, npk_error *error);
npk_status tool_each(tool_input *input, tool_use *use, void *context, npk_error *error);

/* The first, good until tool_close; *several: another one follows. Errors as of tool_each. */
npk_status tool_only(tool_input *input, tool_item *item, bool *several, npk_error *error);

void tool_close(tool_input *input);

/* --- what is not read by its name: "-", standard input; a named pipe, as a shell's <(command) is --- */

bool tool_is_stream(const char *path);

/* Its descriptor. A pipe to which nobody writes yet is waited for. */
npk_status tool_open_stream(const char *path, int *fd, npk_error *error);
void tool_close_stream(int fd);

/* All that is left of it, up to `most` bytes (one more is asked for, to see whether there is more: then *size is most +
 * 1). Ownership: *bytes is the caller's, until free(). */
npk_status tool_read_stream(int fd, size_t most, uint8_t **bytes, size_t *size, npk_error *error);

#endif
