#define _POSIX_C_SOURCE 200809L

#include "output.h"

#include "common.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- signals ------------------------------------------------------------------------------------------------------ */

static const int endings[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU, SIGXFSZ};

#define ENDINGS (sizeof endings / sizeof *endings)
#define MOST_AT_A_TIME 40

/* Changed only while the signals are blocked. */
static const char *volatile temporaries[MOST_AT_A_TIME];

/* What has its name before the output that it belongs to. Changed likewise. */
static char **volatile parts;
static volatile size_t part_count, part_room;

/* The last first: a directory was there before what is in it. */
static void remove_parts(void)
{
    for (size_t i = part_count; i-- > 0;)
        if (unlink(parts[i]) != 0)
            rmdir(parts[i]);
}

void tool_outputs_remove(void)
{
    for (size_t i = 0; i < MOST_AT_A_TIME; i++)
        if (temporaries[i] != NULL)
            unlink(temporaries[i]);
    remove_parts();
}

/* SA_RESETHAND: when this returns, the signal that was raised ends the process. */
static void on_ending(int number)
{
    tool_outputs_remove();
    raise(number);
}

void tool_outputs_catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_ending, .sa_flags = (int)SA_RESETHAND}, old;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < ENDINGS; i++)
        sigaddset(&action.sa_mask, endings[i]);
    for (size_t i = 0; i < ENDINGS; i++)
        if (sigaction(endings[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(endings[i], &action, NULL);
}

static void block(sigset_t *before)
{
    sigset_t signals;
    sigemptyset(&signals);
    for (size_t i = 0; i < ENDINGS; i++)
        sigaddset(&signals, endings[i]);
    sigprocmask(SIG_BLOCK, &signals, before);
}

/* In the place of another, or of none, the first. */
static void keep(const char *old, const char *new)
{
    for (size_t i = 0; i < MOST_AT_A_TIME; i++)
        if (temporaries[i] == old) {
            temporaries[i] = new;
            return;
        }
}

/* --- parts -------------------------------------------------------------------------------------------------------- */

static void forget_parts(void)
{
    while (part_count > 0)
        free(parts[--part_count]);
    free(parts);
    parts = NULL;
    part_room = 0;
}

void tool_parts_drop(void)
{
    sigset_t before;
    block(&before);
    remove_parts();
    forget_parts();
    sigprocmask(SIG_SETMASK, &before, NULL);
}

/* While the signals are blocked. */
static npk_status add_part(const char *path, npk_error *error)
{
    if (part_count == part_room) {
        size_t room = part_room == 0 ? MOST_AT_A_TIME : 2 * part_room;
        char **grown = realloc(parts, room * sizeof *grown);
        if (grown == NULL)
            return tool_fail_memory(error);
        parts = grown;
        part_room = room;
    }
    parts[part_count] = strdup(path);
    if (parts[part_count] == NULL)
        return tool_fail_memory(error);
    part_count++;
    return NPK_OK;
}

npk_status tool_part_directory(const char *path, npk_error *error)
{
    struct stat found;
    sigset_t before;
    block(&before);
    int system = mkdir(path, 0777) == 0 ? 0 : errno;
    npk_status status = system == 0 ? add_part(path, error) : NPK_OK;
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (system == 0 || (system == EEXIST && stat(path, &found) == 0 && S_ISDIR(found.st_mode)))
        return status;
    return tool_fail_system(error, system, "make the directory");
}

/* --- files -------------------------------------------------------------------------------------------------------- */

#define HELD ((size_t)1 << 16)

/* An errno, or 0. */
static int put_held(tool_output *output)
{
    size_t size = output->held_size;
    output->held_size = 0;
    return size == 0 ? 0 : output->straight(output->to, output->held, size);
}

/* npk_write_function */
static int write_paid(void *context, const void *bytes, size_t size)
{
    tool_output *output = context;
    if (npk_budget_spend(output->budget, size, &output->refusal) != NPK_OK)
        return EFBIG;
    if (output->held == NULL)
        return output->straight(output->to, bytes, size);
    int failed = size > HELD - output->held_size ? put_held(output) : 0;
    if (failed != 0 || size > HELD)
        return failed != 0 ? failed : output->straight(output->to, bytes, size);
    memcpy(output->held + output->held_size, bytes, size);
    output->held_size += size;
    return 0;
}

void tool_output_hold(tool_output *output)
{
    if (output->file != NULL)
        output->held = malloc(HELD); /* without, they go at once */
}

npk_status tool_output_open(tool_output *output, const char *path, npk_error *error)
{
    static int standard_output = STDOUT_FILENO;
    sigset_t before;
    struct stat found;
    *output = (tool_output){.write = write_paid,
                            .context = output,
                            .straight = npk_sink_fd,
                            .to = &standard_output,
                            .refusal = TOOL_NO_ERROR};
    if (strcmp(path, "-") == 0)
        return NPK_OK;
    bool straight = stat(path, &found) == 0 && !S_ISREG(found.st_mode); /* it may wait there for long */
    sigprocmask(SIG_SETMASK, NULL, &before);
    if (!straight)
        block(&before);
    npk_status status = npk_output_open(path, NULL, &output->file, error);
    const char *temporary = status == NPK_OK ? npk_output_temporary(output->file) : NULL;
    if (temporary != NULL) {
        output->temporary = strdup(temporary);
        if (output->temporary == NULL) {
            npk_output_abandon(output->file);
            output->file = NULL;
            status = tool_fail_memory(error);
        } else {
            keep(NULL, output->temporary);
        }
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    output->straight = npk_sink_output;
    output->to = output->file;
    return status;
}

npk_status tool_output_open_part(tool_output *output, const char *path, npk_error *error)
{
    struct stat found;
    sigset_t before;
    npk_status status = NPK_OK;
    if (lstat(path, &found) != 0 && errno == ENOENT) {
        block(&before);
        status = add_part(path, error);
        sigprocmask(SIG_SETMASK, &before, NULL);
    }
    if (status == NPK_OK)
        status = tool_output_open(output, path, error);
    output->part = true;
    return status;
}

/* It is gone, or has its name. While the signals are blocked. */
static void forget(tool_output *output)
{
    if (output->temporary != NULL)
        keep(output->temporary, NULL);
    free(output->temporary);
    free(output->held);
    output->temporary = NULL;
    output->held = NULL;
    output->file = NULL;
}

/* No signal comes between the names of several, nor before the parts of the last one stay with it. */
npk_status tool_outputs_close(tool_output *outputs, size_t count, npk_error *error)
{
    npk_output *files[NPK_OUTPUTS_MOST] = {NULL};
    size_t file_count = 0;
    sigset_t before;
    for (size_t i = 0; i < count && file_count < NPK_OUTPUTS_MOST; i++)
        if (outputs[i].file != NULL)
            files[file_count++] = outputs[i].file;
    block(&before);
    npk_status status = npk_outputs_commit(files, file_count, error);
    if (status == NPK_OK && count > 0 && !outputs[0].part)
        forget_parts();
    for (size_t i = 0; i < count; i++)
        forget(&outputs[i]);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return status;
}

npk_status tool_output_close(tool_output *output, npk_status status, npk_error *error)
{
    if (output->refusal.status != NPK_OK) {
        *error = output->refusal;
        status = error->status;
    }
    int failed = status == NPK_OK ? put_held(output) : 0;
    if (failed != 0)
        status = tool_fail_system(error, failed, "write");
    if (status == NPK_OK)
        return tool_outputs_close(output, 1, error);
    sigset_t before;
    block(&before);
    npk_output_abandon(output->file);
    forget(output);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return status;
}

void tool_take_left_out(tool_left_out *left, const char *text)
{
    if (left != NULL && text != NULL && left->text[0] == '\0')
        snprintf(left->text, sizeof left->text, "%s", text);
}

void tool_note_left_out(const char *file, const tool_left_out *left)
{
    if (left->text[0] != '\0')
        tool_note(file, "%s", left->text);
}

npk_status tool_write_array(const char *path, const tool_format *format, const npk_array *array,
                            const npk_write_options *options, tool_left_out *left, npk_error *error)
{
    tool_output output;
    npk_status status = tool_output_open(&output, path, error);
    if (status != NPK_OK)
        return status;
    status = format->write(output.write, output.context, array, options, left, error);
    return tool_output_close(&output, status, error);
}
