/* npickle convert: a pickle to .npy, .npy to a pickle, a pickle to another protocol or dialect, or one array of it
 * alone. */
#define _POSIX_C_SOURCE 200809L

#include "arrays.h"
#include "option.h"
#include "retell.h"

#include "base/error.h"
#include "writer/python/dialect.h"

#include <stdlib.h>
#include <string.h>

enum { OPTION_TO, OPTION_ARRAY, OPTION_PROTOCOL, OPTION_DIALECT, OPTION_STR, OPTION_PRODUCER, OPTIONS };

static const tool_option options[OPTIONS] = {
    [OPTION_TO] = {"to", 't', "FORMAT", "npy or pkl; else the ending of OUT tells"},
    [OPTION_ARRAY] = {"array", 'a', "PATH", "the array to convert, if there are several"},
    [OPTION_PROTOCOL] = {"protocol", 'p', "N", "of the pickle, 0 to 5; else 2"},
    [OPTION_DIALECT] = {"dialect", 0, "NAME", "of the pickle: default, numpy2, python2 ..."},
    [OPTION_STR] = {"py2-str", 0, "KIND", "what the str of Python 2 becomes for Python 3: text or bytes"},
    [OPTION_PRODUCER] = TOOL_OPTION_PRODUCER,
};

#define LISTED 20 /* paths, where a choice is missing */

/* --- which array -------------------------------------------------------------------------------------------------- */

typedef struct convert_choice {
    npk_array array; /* the first one */
    uint64_t count;
    bool list; /* print their paths */
} convert_choice;

/* tool_visit */
static npk_status count_array(void *context, const char *path, const npk_value *value, const npk_array *array,
                              npk_error *error)
{
    convert_choice *choice = context;
    (void)value;
    (void)error;
    if (choice->count++ == 0)
        choice->array = *array;
    if (choice->list && choice->count <= LISTED) {
        fputs("  ", stderr);
        tool_print_text(stderr, *path == '\0' ? "(root)" : path, strlen(*path == '\0' ? "(root)" : path));
        fputc('\n', stderr);
    }
    return NPK_OK;
}

/* An array, or a scalar as an array without dimensions. */
static npk_status take_value(const npk_value *value, npk_array *out, npk_error *error)
{
    return npk_value_is_scalar(value) ? npk_scalar_of(value, out, error) : npk_array_of(value, out, error);
}

static int choose_array(const char *command, const char *file, const npk_value *root, const char *path, npk_array *out)
{
    npk_error error;
    const npk_value *value = root;
    if (path != NULL && npk_value_find(root, path, &value, &error) != NPK_OK)
        return tool_report(file, &error);
    if (npk_value_is_array(value) || npk_value_is_scalar(value))
        return take_value(value, out, &error) == NPK_OK ? TOOL_GO_ON : tool_report(file, &error);
    if (path != NULL)
        return tool_usage(command, "there is no array at '%s'", path);
    convert_choice choice = {.count = 0};
    if (tool_each_array(root, count_array, &choice, &error) != NPK_OK)
        return tool_report(file, &error);
    *out = choice.array;
    if (choice.count == 1)
        return TOOL_GO_ON;
    if (choice.count == 0)
        return tool_usage(command, "there is no array in it");
    tool_usage(command, "there are several arrays in it: choose one with --array");
    choice.count = 0;
    choice.list = true;
    if (tool_each_array(root, count_array, &choice, &error) != NPK_OK)
        return tool_report(file, &error);
    if (choice.count > LISTED)
        fputs("  ...\n", stderr);
    return TOOL_USAGE;
}

/* --- convert ------------------------------------------------------------------------------------------------------ */

typedef struct convert_run {
    const char *command;
    const char *in;
    const char *out;
    const char *path; /* --array */
    tool_format format;
    npk_write_options options;
    npk_read_options reading;
} convert_run;

static int write_out(const convert_run *run, const npk_array *array)
{
    npk_error error;
    npk_status status = tool_write_array(run->out, run->format, array, &run->options, &error);
    if (status == NPK_OK)
        return TOOL_GOOD;
    return tool_report(strcmp(run->out, "-") == 0 ? "standard output" : run->out, &error);
}

static int convert_doc(const convert_run *run, const npk_doc *doc)
{
    npk_array array;
    int result = choose_array(run->command, run->in, npk_doc_root(doc), run->path, &array);
    return result == TOOL_GO_ON ? write_out(run, &array) : result;
}

/* One array, of the only pickle. */
static int convert_pickle(const convert_run *run, tool_input *input)
{
    npk_error error;
    npk_doc *doc = NULL, *second = NULL;
    if (tool_next(input, &doc, &error) != NPK_OK)
        return tool_report(run->in, &error);
    if (doc == NULL) {
        npki_fail_at(&error, NPK_ERR_TRUNCATED, 0, NPKI_NO_OPCODE, "expected a pickle, found no bytes");
        return tool_report(run->in, &error);
    }
    int result;
    if (tool_next(input, &second, &error) != NPK_OK)
        result = tool_report(run->in, &error);
    else if (second != NULL)
        result = tool_usage(run->command, "there are several pickles in it: see 'npickle extract'");
    else
        result = convert_doc(run, doc);
    npk_doc_free(second);
    npk_doc_free(doc);
    return result;
}

/* All of its pickles, as they are. */
static int convert_whole(const convert_run *run, tool_input *input)
{
    retell_place place;
    npk_error error;
    npk_status status = retell(input, run->out, &run->options, &place, &error);
    if (status == NPK_OK)
        return TOOL_GOOD;
    if (status == NPK_ERR_CAST)
        return tool_usage(run->command,
                          "there is a str of Python 2 in it: tell with --py2-str=text or --py2-str=bytes what "
                          "it becomes, or write with --dialect=python2");
    const char *out = strcmp(run->out, "-") == 0 ? "standard output" : run->out;
    return tool_report(place == RETELL_READING ? run->in : out, &error);
}

static int convert_npy(const convert_run *run, const npk_npy *npy)
{
    const npk_doc *doc = npk_npy_doc(npy);
    if (doc != NULL)
        return convert_doc(run, doc);
    if (run->path != NULL && *run->path != '\0')
        return tool_usage(run->command, "there is no array at '%s': a .npy file holds one", run->path);
    return write_out(run, npk_npy_array(npy));
}

static int convert(const convert_run *run)
{
    npk_error error;
    tool_input *input;
    if (tool_open(run->in, &run->reading, &input, &error) != NPK_OK)
        return tool_report(run->in, &error);
    const npk_npy *npy = tool_input_npy(input);
    bool whole = npy == NULL && run->path == NULL && run->format == TOOL_PICKLE;
    int result = npy != NULL ? convert_npy(run, npy) : whole ? convert_whole(run, input) : convert_pickle(run, input);
    tool_close(input);
    return result;
}

/* For Python 3 a str of Python 2 is text or bytes, and which of them is the user's to say; for Python 2 it stays
 * what it is. */
static int parse_str(const char *command, const char *text, npk_write_options *out)
{
    out->translate_names = true;
    out->python2_str = NPK_PYTHON2_STR_REFUSE;
    if (text != NULL && strcmp(text, "text") == 0)
        out->python2_str = NPK_PYTHON2_STR_TEXT;
    else if (text != NULL && strcmp(text, "bytes") == 0)
        out->python2_str = NPK_PYTHON2_STR_BYTES;
    else if (text != NULL)
        return tool_usage(command, "--py2-str: expected text or bytes, found '%s'", text);
    if (npki_python_of(out->dialect)->python2)
        out->python2_str = NPK_PYTHON2_STR_KEEP;
    return TOOL_GO_ON;
}

int tool_convert(int argc, char **argv)
{
    tool_arguments arguments;
    int result = tool_parse_options(options, OPTIONS, argc, argv, 2, 2, &arguments);
    if (result != TOOL_GO_ON)
        return result;
    const char *to = arguments.values[OPTION_TO];
    convert_run run = {
        .command = argv[0],
        .in = arguments.operands[0],
        .out = arguments.operands[1],
        .path = arguments.values[OPTION_ARRAY],
        .format = to == NULL ? tool_format_of_path(arguments.operands[1]) : tool_format_of_name(to),
    };
    if (run.format == TOOL_UNKNOWN_FORMAT && to != NULL)
        return tool_usage(run.command, "--to: expected npy or pkl, found '%s'", to);
    if (run.format == TOOL_UNKNOWN_FORMAT)
        return tool_usage(run.command, "'%s' ends in neither .npy nor .pkl: tell with --to", run.out);
    result = tool_parse_writer(run.command, arguments.values[OPTION_PROTOCOL], arguments.values[OPTION_DIALECT],
                               &run.options);
    if (result == TOOL_GO_ON)
        result = parse_str(run.command, arguments.values[OPTION_STR], &run.options);
    if (result == TOOL_GO_ON)
        result = tool_parse_reader(run.command, arguments.values[OPTION_PRODUCER], &run.reading);
    return result == TOOL_GO_ON ? convert(&run) : result;
}
