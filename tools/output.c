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

static const int endings[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU, SIGXFSZ};

#define ENDINGS (sizeof endings / sizeof *endings)
#define MOST_AT_A_TIME 40

/* Changed only while the signals are blocked. */
static const char *volatile temporaries[MOST_AT_A_TIME];

void tool_outputs_remove(void)
{
    for (size_t i = 0; i < MOST_AT_A_TIME; i++)
        if (temporaries[i] != NULL)
            unlink(temporaries[i]);
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
    *output = (tool_output){
        .write = write_paid, .context = output, .straight = npk_sink_fd, .to = &standard_output, .refusal = TOOL_NO_ERROR};
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

/* It is gone, or has its name. */
static void forget(tool_output *output)
{
    sigset_t before;
    block(&before);
    if (output->temporary != NULL)
        keep(output->temporary, NULL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    free(output->temporary);
    free(output->held);
    output->temporary = NULL;
    output->held = NULL;
    output->file = NULL;
}

npk_status tool_outputs_close(tool_output *outputs, size_t count, npk_error *error)
{
    npk_output *files[NPK_OUTPUTS_MOST] = {NULL};
    size_t file_count = 0;
    for (size_t i = 0; i < count && file_count < NPK_OUTPUTS_MOST; i++)
        if (outputs[i].file != NULL)
            files[file_count++] = outputs[i].file;
    npk_status status = npk_outputs_commit(files, file_count, error);
    for (size_t i = 0; i < count; i++)
        forget(&outputs[i]);
    return status;
}

npk_status tool_output_close(tool_output *output, npk_status status, npk_error *error)
{
    if (output->refusal.status != NPK_OK) {
        *error = output->refusal;
        status = error->status;
    }
    if (output->file == NULL)
        return status;
    int failed = status == NPK_OK ? put_held(output) : 0;
    if (failed != 0)
        status = tool_fail_system(error, failed, "write");
    if (status == NPK_OK)
        status = npk_output_commit(output->file, error);
    else
        npk_output_abandon(output->file);
    forget(output);
    return status;
}

npk_status tool_write_array(const char *path, const tool_format *format, const npk_array *array,
                            const npk_write_options *options, npk_error *error)
{
    tool_output output;
    npk_status status = tool_output_open(&output, path, error);
    if (status != NPK_OK)
        return status;
    status = format->write(output.write, output.context, array, options, error);
    return tool_output_close(&output, status, error);
}
