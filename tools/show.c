/* npickle show: values as Python prints them, arrays as NumPy prints them, or as JSON or CSV. */
#include "buffers.h"
#include "common.h"
#include "input.h"
#include "option.h"

enum {
    OPTION_CSV,
    OPTION_JSON,
    OPTIONS
};

static const tool_option options[OPTIONS] = {
    [OPTION_CSV] = {"csv", 'c', NULL, "an array of one or two dimensions, or of structs, as CSV"},
    [OPTION_JSON] = {"json", 'j', NULL, "each value as JSON, on a line of its own"},
};

/* How things are printed: a call for a value of a pickle, one for an array that does not lie in one. */
typedef struct show_form {
    int option;      /* that asks for it */
    const char *end; /* printed after each */
    npk_status (*value)(const npk_value *value, const npk_print_options *options, npk_write_function *write,
                        void *context, npk_error *error);
    npk_status (*array)(const npk_array *array, const npk_print_options *options, npk_write_function *write,
                        void *context, npk_error *error);
    const char *takes; /* "CSV is of arrays": it does not take every value; else NULL */
} show_form;

/* The first is what is printed where no option asks for another. */
static const show_form forms[] = {
    {-1, "\n", npk_print_value, npk_print_array, NULL},
    {OPTION_CSV, "", npk_print_csv, npk_print_array_csv, "CSV is of arrays"},
    {OPTION_JSON, "\n", npk_print_json, npk_print_array_json, NULL},
};

#define FORMS (sizeof forms / sizeof *forms)

typedef struct show_run {
    const show_form *form;
    const char *path;  /* NULL: the whole value */
    const char *title; /* of the format */
    npk_budget *budget;
} show_run;

/* What went wrong in the text, as an error of what was read. */
static npk_status explain(const show_run *run, const npk_value *value, npk_status status, uint64_t offset,
                          npk_error *error)
{
    switch (status) {
    case NPK_ERR_LIMIT:
        error->offset = offset;
        return status;
    case NPK_ERR_TYPE:
        return run->form->takes == NULL ? status
                                        : tool_fail(error, NPK_ERR_USAGE, NPK_NO_OFFSET,
                                                    "%s, found %s; npickle info lists the paths of all arrays",
                                                    run->form->takes, npk_kind_name(npk_value_kind(value)));
    case NPK_ERR_ARRAY:
        return tool_fail(error, status, offset, "an array that can't be shown");
    default:
        return status;
    }
}

static npk_status show_item(const show_run *run, const tool_item *item, npk_error *error)
{
    const npk_print_options printing = {.budget = run->budget, .shared = NPK_SHARED_REFER};
    npk_doc_info info = {.offset = item->base};
    const npk_value *value = NULL;
    npk_status status;
    bool inside = run->path != NULL && *run->path != '\0';
    if (item->array != NULL && (!inside || item->doc == NULL)) {
        if (inside)
            return tool_fail(error, NPK_ERR_NOT_FOUND, NPK_NO_OFFSET,
                             "a %s is one array, without parts that have a path", run->title);
        status = run->form->array(item->array, &printing, tool_sink_file, stdout, error);
    } else {
        npk_doc_info_of(item->doc, &info);
        value = npk_doc_root(item->doc);
        status = run->path == NULL ? NPK_OK : npk_value_find(value, run->path, &value, error);
        if (status != NPK_OK)
            return status;
        status = run->form->value(value, &printing, tool_sink_file, stdout, error);
    }
    if (status == NPK_OK)
        fputs(run->form->end, stdout);
    return explain(run, value, status, info.offset, error);
}

/* All of the input; with a path what has something there. */
static npk_status show_all(const show_run *run, tool_input *input, npk_error *error)
{
    npk_error missing = TOOL_NO_ERROR;
    tool_item item;
    npk_status status;
    bool found, shown = false;
    while ((status = tool_next(input, &item, &found, error)) == NPK_OK && found) {
        status = show_item(run, &item, error);
        if (status == NPK_OK)
            shown = true;
        else if (status != NPK_ERR_NOT_FOUND)
            return status;
        else if (missing.status == NPK_OK)
            missing = *error;
    }
    if (status != NPK_OK || shown)
        return status;
    if (missing.status == NPK_OK)
        return tool_fail_empty(error);
    *error = missing;
    return missing.status;
}

static int show(const tool_arguments *arguments)
{
    npk_read_options reading;
    int parsed = tool_parse_reader(arguments, &reading);
    if (parsed != TOOL_GO_ON)
        return parsed;
    show_run run = {.form = forms, .path = arguments->operand_count > 1 ? arguments->operands[1] : NULL};
    for (size_t i = 1; i < FORMS; i++) {
        if (arguments->values[forms[i].option] == NULL)
            continue;
        if (run.form != forms)
            return tool_usage(arguments->command, "--%s and --%s: only one can be printed",
                              options[run.form->option].name, options[forms[i].option].name);
        run.form = &forms[i];
    }
    npk_error error = TOOL_NO_ERROR;
    tool_input *input = NULL;
    npk_status status =
        tool_open_as(arguments->operands[0], &reading, tool_parse_opening(arguments, TOOL_AS_IT_COMES), &input, &error);
    if (status == NPK_OK) {
        run.title = tool_input_format(input)->title;
        run.budget = tool_input_budget(input);
        status = show_all(&run, input, &error);
    }
    int result = tool_worse(status == NPK_OK ? TOOL_GOOD : tool_report(arguments->operands[0], &error),
                            tool_input_exit(input));
    tool_count_buffers(arguments, TOOL_BUFFERS_OF_FIRST, input);
    tool_close(input);
    return tool_finish_output(result);
}

const tool_command tool_show = {
    .name = "show",
    .operands = "FILE [PATH]",
    .summary = "Print values as Python does, arrays as NumPy does, or as CSV or JSON",
    .options = options,
    .option_count = OPTIONS,
    .shared = TOOL_READS,
    .least = 1,
    .most = 2,
    .run = show,
};
