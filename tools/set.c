/* npickle set: another array in the place of one inside a pickle; all else stays as it is. */
#define _POSIX_C_SOURCE 200809L

#include "common.h"
#include "option.h"
#include "compare/check.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct set_run {
    const char *command;
    const char *in;
    const char *path;
    const char *npy;
    const char *out;
} set_run;

static int write_doc(const set_run *run, const npk_doc *doc, const npk_write_options *options)
{
    npk_error error;
    npk_writer *writer;
    npk_status status;
    if (strcmp(run->out, "-") != 0) {
        status = npk_doc_save(run->out, doc, options, &error);
        return status == NPK_OK ? TOOL_GOOD : tool_report(run->out, &error);
    }
    status = npk_writer_fd(STDOUT_FILENO, options, &writer, &error);
    if (status == NPK_OK) {
        npk_write_value(writer, npk_doc_root(doc)); /* errors are sticky */
        status = npk_writer_finish(writer, &error);
    }
    return status == NPK_OK ? TOOL_GOOD : tool_report("standard output", &error);
}

static int set_array(const set_run *run, npk_doc *doc, const npk_array *array, const npk_write_options *options)
{
    npk_error error;
    const npk_value *value;
    if (npk_value_find(npk_doc_root(doc), run->path, &value, &error) != NPK_OK)
        return tool_report(run->in, &error);
    if (!npk_value_is_array(value))
        return tool_usage(run->command, "there is no array at '%s'", run->path);
    if (npk_edit_array(doc, value, array, &error) != NPK_OK)
        return tool_report(run->in, &error);
    return write_doc(run, doc, options);
}

/* In the dialect that gives the bytes that there were. */
static int set_in_doc(const set_run *run, npk_doc *doc, const uint8_t *bytes, const npk_array *array)
{
    static const npki_check_wish none;
    npk_error error;
    npki_check_result found;
    npk_doc_info info;
    npk_doc_info_of(doc, &info);
    if (npki_check(doc, bytes + info.offset, (size_t)info.size, &none, &found, &error) != NPK_OK)
        return tool_report(run->in, &error);
    free(found.path);
    const npk_write_options options = {.protocol_given = true, .protocol = found.protocol, .dialect = found.dialect};
    return set_array(run, doc, array, &options);
}

/* The only pickle of the input. */
static int set_in_input(const set_run *run, tool_input *input, const npk_array *array)
{
    npk_error error;
    npk_doc *doc = NULL, *second = NULL;
    size_t size;
    const uint8_t *bytes = tool_input_bytes(input, &size);
    if (tool_input_npy(input) != NULL)
        return tool_usage(run->command, "'%s' is a .npy file: there is nothing around its array", run->in);
    npk_status status = tool_next(input, &doc, &error);
    if (status == NPK_OK && doc == NULL)
        status = npki_fail_at(&error, NPK_ERR_TRUNCATED, 0, NPKI_NO_OPCODE, "expected a pickle, found no bytes");
    if (status == NPK_OK)
        status = tool_next(input, &second, &error);
    int result = status != NPK_OK ? tool_report(run->in, &error)
                 : second != NULL ? tool_usage(run->command, "there are several pickles in '%s'", run->in)
                                  : set_in_doc(run, doc, bytes, array);
    npk_doc_free(second);
    npk_doc_free(doc);
    return result;
}

static int set(const set_run *run, const npk_array *array)
{
    npk_error error;
    tool_input *input;
    if (tool_open_whole(run->in, NULL, &input, &error) != NPK_OK)
        return tool_report(run->in, &error);
    int result = set_in_input(run, input, array);
    tool_close(input);
    return result;
}

int tool_set(int argc, char **argv)
{
    tool_arguments arguments;
    npk_error error;
    tool_input *input;
    int result = tool_parse_options(NULL, 0, argc, argv, 4, 4, &arguments);
    if (result != TOOL_GO_ON)
        return result;
    const char *const *given = (const char *const *)arguments.operands;
    const set_run run = {.command = argv[0], .in = given[0], .path = given[1], .npy = given[2], .out = given[3]};
    if (strcmp(run.in, "-") == 0 && strcmp(run.npy, "-") == 0)
        return tool_usage(run.command, "standard input can be only one of the two");
    if (tool_open(run.npy, NULL, &input, &error) != NPK_OK)
        return tool_report(run.npy, &error);
    const npk_npy *npy = tool_input_npy(input);
    result = npy == NULL || npk_npy_doc(npy) != NULL
                 ? tool_usage(run.command, "expected a .npy file of numbers or text, found '%s'", run.npy)
                 : set(&run, npk_npy_array(npy));
    tool_close(input);
    return result;
}
