/* npickle extract: every array to a .npy file of its own, and a list of them. */
#define _POSIX_C_SOURCE 200809L

#include "buffers.h"
#include "common.h"
#include "input.h"
#include "json.h"
#include "mask.h"
#include "option.h"
#include "output.h"
#include "python2.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_DIRECTORY, OPTION_ARRAY, OPTION_STR, OPTIONS };

static const tool_option options[OPTIONS] = {
    [OPTION_DIRECTORY] = {"directory", 'd', "DIR", "where the files go; made if it is not there"},
    [OPTION_ARRAY] = {"array", 'a', "PATH", "only the array at this path"},
    [OPTION_STR] = TOOL_OPTION_PY2_STR,
};

#define AT_A_TIME 32 /* files that are written to the disk together */

/* Each array that is refused may have been written nearly whole, with all that its objects lead to: so much is spent on
 * that of any input, and so many times less of a large one than on files. */
#define IN_VAIN_LEAST ((uint64_t)1 << 20)
#define FEW_TIMES 16

/* Arrays of objects may lead to one another, each to the whole graph. Beside what the limit of steps gives there are so
 * many for each file: that takes less than to make it. */
#define STEPS_OF_FILE 1024u

typedef struct extract_run {
    const char *directory;
    const char *only;      /* path of the one array that is wanted, or NULL */
    const char *file;      /* that is read */
    uint64_t pickle;       /* how many came before */
    uint64_t count;        /* arrays so far */
    npk_write_options options; /* of the pickles in files of Python objects */
    tool_python2 python2;
    int result;            /* the exit status for what was left out */
    npk_budget *budget;    /* of what was read, for all files together */
    npk_limits limits;
    uint64_t steps;        /* that writing arrays of Python objects took so far ... */
    uint64_t files;        /* ... and the files that were written */
    npk_budget in_vain;    /* what was written of arrays of Python objects before they were refused */
    tool_json_buffer list; /* manifest.json */
    tool_output written[AT_A_TIME]; /* that are whole, and have no name yet */
    size_t written_count;
    tool_left_out left; /* of the first pickle in a file of Python objects that has lost something */
    bool told;
    tool_dtype_text dtype; /* of the array that was listed last */
} extract_run;

/* An array, and where it was found. */
typedef struct extract_found {
    const npk_array *array;
    const char *path;
    const char *class_name;
    /* the array, if its mask is a file too, else NULL: that of objects is part of its pickle */
    const npk_value *masked;
} extract_found;

/* DIR/name. Ownership: the caller's, until free(). */
static char *join(const char *directory, const char *name)
{
    size_t size = strlen(directory) + strlen(name) + 2;
    char *path = malloc(size);
    if (path != NULL)
        snprintf(path, size, "%s/%s", directory, name);
    return path;
}

#define OF_ENTRY 200 /* bytes of an entry, but for what is as long as the pickle has it */

/* `file` NULL: it could not be written, for `reason`. */
static npk_status list(extract_run *run, const extract_found *found, const char *file, const char *mask,
                       const char *reason, npk_error *error)
{
    tool_json *json = &run->list.json;
    npk_status status = tool_dtype_text_take(&run->dtype, found->array->dtype, tool_dtype_json, error);
    if (status != NPK_OK)
        return status;
    const uint64_t size = OF_ENTRY + strlen(found->path) + strlen(found->class_name) + run->dtype.size;
    status = npk_budget_spend(run->budget, size, error);
    if (status != NPK_OK)
        return status;
    tool_json_line(json);
    tool_json_begin(json, '{');
    tool_json_key(json, "file");
    tool_json_string(json, file);
    tool_json_key(json, "path");
    tool_json_string(json, found->path);
    tool_json_key(json, "dtype");
    tool_json_raw(json, run->dtype.text, run->dtype.size);
    tool_json_key(json, "shape");
    tool_json_shape(json, found->array);
    tool_json_key(json, "fortran");
    tool_json_bool(json, npk_array_order(found->array) == 'F');
    tool_json_key(json, "class");
    tool_json_string(json, found->class_name);
    if (mask != NULL) {
        tool_json_key(json, "mask");
        tool_json_string(json, mask);
    }
    tool_json_key(json, "pickle");
    tool_json_uint(json, run->pickle);
    if (file == NULL) {
        tool_json_key(json, "reason");
        tool_json_string(json, reason);
    }
    tool_json_end(json, '}');
    return status;
}

/* Says that an array was left out, and why. */
static int leave_out(const extract_run *run, const extract_found *found, const npk_error *refusal)
{
    tool_note(run->file, "the array at '%s' is left out: %s", found->path, refusal->message);
    return tool_exit_of(refusal->status);
}

/* Says what the pickle in its file has lost, if it is the first one. */
static void tell_lost(extract_run *run, const extract_found *found)
{
    if (!run->told && run->left.text[0] != '\0')
        tool_note(run->file, "the array at '%s': %s", found->path, run->left.text);
    run->told = run->told || run->left.text[0] != '\0';
}

/* Those that wait for it get their names. */
static npk_status name_all(extract_run *run, npk_error *error)
{
    npk_status status = tool_outputs_close(run->written, run->written_count, error);
    run->written_count = 0;
    return status;
}

/* What was written of an array that is refused: not the refusal is told then, but that the budget is spent. */
static npk_status spend_in_vain(extract_run *run, uint64_t bytes, npk_error *error)
{
    run->in_vain.input = run->budget->input / FEW_TIMES;
    npk_error spent = TOOL_NO_ERROR;
    npk_status status = npk_budget_spend(&run->in_vain, bytes, &spent);
    if (status == NPK_OK)
        return NPK_ERR_UNSUPPORTED;
    *error = spent;
    return status;
}

/* What may be written of an array: bytes, and steps, of which the first has as many as it needs. */
static npk_budget budget_of(const extract_run *run)
{
    const bool is_bound = run->only == NULL && run->steps > 0;
    npk_budget budget = *run->budget;
    budget.steps_least = is_bound ? run->limits.steps + run->files * STEPS_OF_FILE : 0;
    budget.steps = run->steps;
    return budget;
}

/* Its file is a pickle, with all that the objects refer to. */
static bool is_of_objects(const npk_array *array)
{
    return npk_dtype_has_object(array->dtype) || npk_dtype_type(array->dtype) == NPK_VSTRING;
}

/* An array that is left out as arrays of objects have taken all steps that there are. */
static npk_status leave_out_beyond(npk_error *error)
{
    tool_fail(error, NPK_ERR_LIMIT, NPK_NO_OFFSET,
              "the limit of steps: what the objects in this array and in those before it refer to takes too many to be "
              "written with each; --array writes one array alone");
    return NPK_ERR_UNSUPPORTED;
}

/* NPK_ERR_UNSUPPORTED: it is to be left out; *error says why, with a status of its own. */
static npk_status save(extract_run *run, const char *name, const npk_array *array, npk_error *error)
{
    npk_budget attempt = budget_of(run);
    const uint64_t before = attempt.spent;
    if (npk_budget_steps_left(&attempt) == 0 && is_of_objects(array))
        return leave_out_beyond(error);
    char *file = join(run->directory, name);
    if (file == NULL)
        return tool_fail_memory(error);
    npk_status status = run->written_count == AT_A_TIME ? name_all(run, error) : NPK_OK;
    tool_output *output = &run->written[run->written_count];
    if (status == NPK_OK)
        status = tool_output_open_part(output, file, error);
    free(file);
    if (status != NPK_OK)
        return status;
    output->budget = run->budget;
    npk_error lost;
    run->options.budget = &attempt;
    status = npk_npy_write_noting(output->write, output->context, array, &run->options, &lost, error);
    run->options.budget = NULL;
    run->steps = attempt.steps;
    run->files += status == NPK_OK;
    if (status == NPK_OK)
        tool_take_left_out(&run->left, lost.message);
    else if (status == NPK_ERR_UNSUPPORTED)
        status = spend_in_vain(run, attempt.spent - before, error);
    else if (status == NPK_ERR_LIMIT && npk_budget_steps_left(&attempt) == 0)
        status = leave_out_beyond(error);
    if (status != NPK_OK || output->file == NULL || npk_output_temporary(output->file) == NULL)
        return tool_output_close(output, status, error);
    run->written_count++;
    return NPK_OK;
}

static npk_status extract_array(extract_run *run, const extract_found *found, npk_error *error)
{
    char name[32], mask_name[32];
    npk_error refusal = TOOL_NO_ERROR;
    tool_mask mask = {.dtype = NULL};
    snprintf(name, sizeof name, "%04" PRIu64 ".npy", run->count);
    snprintf(mask_name, sizeof mask_name, "%04" PRIu64 ".mask.npy", run->count);
    npk_status status = found->masked == NULL ? NPK_OK : tool_take_mask(found->masked, &mask, &refusal);
    if (status == NPK_OK)
        status = save(run, name, found->array, &refusal);
    if (status == NPK_OK && found->masked != NULL)
        status = save(run, mask_name, &mask.array, &refusal);
    tool_free_mask(&mask);
    if (status == NPK_OK)
        tool_note_npy(run->file, found->array);
    tell_lost(run, found);
    if (status == NPK_ERR_UNSUPPORTED)
        run->result = tool_worse(run->result, leave_out(run, found, &refusal));
    if (status == NPK_OK || status == NPK_ERR_UNSUPPORTED)
        status = list(run, found, status == NPK_OK ? name : NULL,
                      status == NPK_OK && found->masked != NULL ? mask_name : NULL, refusal.message, error);
    else
        *error = refusal;
    if (status == NPK_ERR_LIMIT) {
        refusal = *error;
        tool_fail(error, status, NPK_NO_OFFSET, "%s, at '%s'", refusal.message, found->path);
    }
    run->count++;
    return status;
}

static npk_status extract_pickle(extract_run *run, const npk_doc *doc, npk_error *error)
{
    npk_walk *walk;
    npk_array array;
    const npk_value *value, *only = NULL;
    if (run->only != NULL && npk_value_find(npk_doc_root(doc), run->only, &only, NULL) != NPK_OK)
        only = NULL; /* perhaps the next pickle has it */
    npk_status status = tool_find_python2(&run->python2, npk_doc_root(doc), error);
    if (status == NPK_OK)
        status = npk_walk_start(npk_doc_root(doc), NULL, &walk, error);
    if (status != NPK_OK)
        return status;
    while ((status = npk_walk_next_array(walk, &value, &array, error)) == NPK_OK && value != NULL) {
        if (run->only != NULL && value != only)
            continue;
        bool masked = npk_value_is_masked(value) && !npk_dtype_has_object(array.dtype);
        const extract_found found = {&array, npk_walk_path(walk), npk_array_class(value), masked ? value : NULL};
        status = extract_array(run, &found, error);
        if (status != NPK_OK)
            break;
    }
    npk_walk_free(walk);
    run->pickle++;
    return status;
}

/* tool_use */
static npk_status extract_item(void *context, const tool_item *item, npk_error *error)
{
    extract_run *run = context;
    run->dtype.of = NULL;
    if (item->doc != NULL)
        return extract_pickle(run, item->doc, error);
    const extract_found found = {item->array, "", "numpy.ndarray", NULL};
    return extract_array(run, &found, error);
}

static npk_status write_manifest(const extract_run *run, npk_error *error)
{
    tool_output output;
    char *path = join(run->directory, "manifest.json");
    if (path == NULL)
        return tool_fail_memory(error);
    npk_status status = tool_output_open(&output, path, error);
    if (status == NPK_OK) {
        int failed = output.write(output.context, run->list.text, run->list.size);
        if (failed != 0)
            status = tool_fail_system(error, failed, "write manifest.json");
        status = tool_output_close(&output, status, error);
    }
    free(path);
    return status;
}

/* The status of what was read, and of what was written; the manifest lists what was extracted before an error too. */
static int extract_input(extract_run *run, tool_input *input, const char *file)
{
    npk_error error = TOOL_NO_ERROR;
    if (tool_part_directory(run->directory, &error) != NPK_OK)
        return tool_report(run->directory, &error);
    if (!tool_json_buffer_start(&run->list))
        return tool_no_memory();
    tool_json_begin(&run->list.json, '[');
    npk_status status = tool_each(input, extract_item, run, &error);
    if (status == NPK_OK)
        status = tool_check_python2(&run->python2, &error);
    npk_error unnamed;
    if (name_all(run, &unnamed) != NPK_OK && status == NPK_OK) {
        error = unnamed;
        status = error.status;
    }
    fputc('\n', run->list.json.out);
    tool_json_end(&run->list.json, ']');
    fputc('\n', run->list.json.out);
    int result = status == NPK_OK ? TOOL_GOOD : tool_report(file, &error);
    result = tool_worse(result, run->result);
    if (!tool_json_buffer_finish(&run->list))
        result = tool_worse(result, tool_no_memory());
    else if (result != TOOL_IO && write_manifest(run, &error) != NPK_OK)
        result = tool_worse(result, tool_report(run->directory, &error));
    tool_json_buffer_free(&run->list);
    tool_dtype_text_free(&run->dtype);
    return result;
}

static int extract(const tool_arguments *arguments)
{
    const char *command = arguments->command, *file = arguments->operands[0];
    npk_read_options reading;
    extract_run run = {.directory = arguments->values[OPTION_DIRECTORY],
                       .only = arguments->values[OPTION_ARRAY],
                       .file = file,
                       .in_vain.least = IN_VAIN_LEAST,
                       .result = TOOL_GOOD};
    if (run.directory == NULL)
        return tool_usage(command, "-d DIR is missing");
    int result = tool_parse_reader(arguments, &reading);
    if (result == TOOL_GO_ON)
        result = tool_parse_python2(arguments, OPTION_STR, &run.python2, &run.options);
    npk_error error;
    tool_input *input;
    if (result == TOOL_GO_ON &&
        tool_open_as(file, &reading, tool_parse_opening(arguments, TOOL_AS_IT_COMES), &input, &error) != NPK_OK)
        result = tool_finish_output(tool_report(file, &error));
    if (result != TOOL_GO_ON) {
        tool_free_python2(&run.python2);
        return result;
    }
    run.budget = tool_input_budget(input);
    npk_limits_default(&run.limits);
    result = extract_input(&run, input, file);
    result = tool_worse(result, tool_input_exit(input));
    tool_count_buffers(arguments, TOOL_BUFFERS_OF_FIRST, input);
    tool_close(input);
    tool_free_python2(&run.python2);
    if (result == TOOL_GOOD && run.only != NULL && run.count == 0)
        return tool_usage(command, "no array at '%s'", run.only);
    return tool_finish_output(result);
}

const tool_command tool_extract = {
    .name = "extract",
    .operands = "FILE -d DIR",
    .summary = "Write every array to DIR/0000.npy and on, and DIR/manifest.json",
    .options = options,
    .option_count = OPTIONS,
    .shared = TOOL_READS,
    .least = 1,
    .most = 1,
    .run = extract,
};
