/* npickle extract: every array to a .npy file of its own, and a list of them. */
#define _POSIX_C_SOURCE 200809L

#include "arrays.h"
#include "option.h"

#include "base/error.h"
#include "base/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { OPTION_DIRECTORY, OPTION_ARRAY, OPTION_PRODUCER, OPTIONS };

static const tool_option options[OPTIONS] = {
    [OPTION_DIRECTORY] = {"directory", 'd', "DIR", "where the files go; made if it is not there"},
    [OPTION_ARRAY] = {"array", 'a', "PATH", "only the array at this path"},
    [OPTION_PRODUCER] = TOOL_OPTION_PRODUCER,
};

typedef struct extract_run {
    npk_read_options reading;
    const char *directory;
    const char *only;       /* path of the one array that is wanted, or NULL */
    const npk_value *value; /* what lies there in this pickle */
    uint64_t pickle;        /* how many came before */
    uint64_t count;         /* arrays so far */
    npki_json manifest;
} extract_run;

/* DIR/name. Ownership: the caller's, until free(). */
static char *join(const char *directory, const char *name)
{
    size_t size = strlen(directory) + strlen(name) + 2;
    char *path = malloc(size);
    if (path != NULL)
        snprintf(path, size, "%s/%s", directory, name);
    return path;
}

/* `file` NULL: it could not be written, for `reason`. */
static npk_status list(extract_run *run, const char *path, const char *class_name, const npk_array *array,
                       const char *file, const char *reason, npk_error *error)
{
    npki_json *json = &run->manifest;
    size_t descr_size;
    char *descr = tool_descr(array->dtype, true, &descr_size);
    if (descr == NULL)
        return npki_no_memory(error);
    npki_json_line(json);
    npki_json_begin(json, '{');
    npki_json_key(json, "file");
    if (file == NULL)
        npki_json_null(json);
    else
        npki_json_string(json, file);
    npki_json_key(json, "path");
    npki_json_string(json, path);
    npki_json_key(json, "dtype");
    npki_json_literal(json, descr, descr_size);
    npki_json_key(json, "shape");
    tool_json_shape(json, array);
    npki_json_key(json, "fortran");
    npki_json_bool(json, *tool_order(array) == 'F');
    npki_json_key(json, "class");
    npki_json_string(json, class_name);
    npki_json_key(json, "pickle");
    npki_json_uint(json, run->pickle);
    if (file == NULL) {
        npki_json_key(json, "reason");
        npki_json_string(json, reason);
    }
    npki_json_end(json, '}');
    free(descr);
    return NPK_OK;
}

static npk_status extract_array(extract_run *run, const char *path, const char *class_name, const npk_array *array,
                                npk_error *error)
{
    char name[32];
    npk_error refusal;
    snprintf(name, sizeof name, "%04" PRIu64 ".npy", run->count);
    char *file = join(run->directory, name);
    if (file == NULL)
        return npki_no_memory(error);
    npk_status status = npk_npy_save(file, array, NULL, &refusal);
    free(file);
    if (status == NPK_OK || status == NPK_ERR_UNSUPPORTED)
        status = list(run, path, class_name, array, status == NPK_OK ? name : NULL, refusal.message, error);
    else if (error != NULL)
        *error = refusal;
    run->count++;
    return status;
}

/* tool_visit */
static npk_status visit(void *context, const char *path, const npk_value *value, const npk_array *array,
                        npk_error *error)
{
    extract_run *run = context;
    if (run->only != NULL && value != run->value)
        return NPK_OK;
    return extract_array(run, path, tool_class(value), array, error);
}

static npk_status extract_pickle(extract_run *run, const npk_doc *doc, npk_error *error)
{
    npk_error none;
    run->value = NULL;
    if (run->only != NULL && npk_value_find(npk_doc_root(doc), run->only, &run->value, &none) != NPK_OK)
        run->value = NULL; /* perhaps the next pickle has it */
    npk_status status = tool_each_array(npk_doc_root(doc), visit, run, error);
    run->pickle++;
    return status;
}

static npk_status extract_input(extract_run *run, tool_input *input, npk_error *error)
{
    const npk_npy *npy = tool_input_npy(input);
    npk_doc *doc;
    npk_status status;
    if (npy != NULL && npk_npy_doc(npy) != NULL)
        return extract_pickle(run, npk_npy_doc(npy), error);
    if (npy != NULL)
        return extract_array(run, "", "numpy.ndarray", npk_npy_array(npy), error);
    while ((status = tool_next(input, &doc, error)) == NPK_OK && doc != NULL) {
        status = extract_pickle(run, doc, error);
        npk_doc_free(doc);
        if (status != NPK_OK)
            return status;
    }
    if (status == NPK_OK && run->pickle == 0)
        return npki_fail_at(error, NPK_ERR_TRUNCATED, 0, NPKI_NO_OPCODE, "expected a pickle, found no bytes");
    return status;
}

static npk_status write_manifest(const char *directory, const char *text, size_t size, npk_error *error)
{
    npk_allocator allocator = npki_allocator(NULL);
    npki_output output;
    char *path = join(directory, "manifest.json");
    if (path == NULL)
        return npki_no_memory(error);
    npk_status status = npki_output_open(&output, path, &allocator, error);
    if (status == NPK_OK) {
        int failed = npki_write_all(output.fd, text, size);
        if (failed == 0) {
            status = npki_output_commit(&output, error);
        } else {
            npki_output_abandon(&output);
            status = npki_fail_system(error, failed, "write manifest.json");
        }
    }
    free(path);
    return status;
}

static npk_status make_directory(const char *path, npk_error *error)
{
    struct stat found;
    if (mkdir(path, 0777) == 0 || (errno == EEXIST && stat(path, &found) == 0 && S_ISDIR(found.st_mode)))
        return NPK_OK;
    return npki_fail_system(error, errno, "make the directory");
}

/* The status of what was read, and of what was written; the manifest lists what was extracted before an error too. */
static int extract(extract_run *run, const char *file)
{
    npk_error error = {.status = NPK_OK, .opcode = NPKI_NO_OPCODE, .offset = NPK_NO_OFFSET};
    char *text = NULL;
    size_t size = 0;
    tool_input *input = NULL;
    npk_status status = tool_open(file, &run->reading, &input, &error);
    int result = status == NPK_OK ? TOOL_GOOD : tool_report(file, &error);
    FILE *manifest = status == NPK_OK ? open_memstream(&text, &size) : NULL;
    if (status == NPK_OK && manifest == NULL)
        result = tool_no_memory();
    if (result == TOOL_GOOD && make_directory(run->directory, &error) != NPK_OK)
        result = tool_report(run->directory, &error);
    if (result == TOOL_GOOD) {
        npki_json_start(&run->manifest, manifest);
        npki_json_begin(&run->manifest, '[');
        status = extract_input(run, input, &error);
        fputc('\n', manifest);
        npki_json_end(&run->manifest, ']');
        fputc('\n', manifest);
        result = status == NPK_OK ? TOOL_GOOD : tool_report(file, &error);
        if (fflush(manifest) != 0)
            result = tool_worse(result, tool_no_memory());
        else if (result != TOOL_IO && write_manifest(run->directory, text, size, &error) != NPK_OK)
            result = tool_worse(result, tool_report(run->directory, &error));
    }
    if (manifest != NULL)
        fclose(manifest);
    free(text);
    tool_close(input);
    return result;
}

int tool_extract(int argc, char **argv)
{
    tool_arguments arguments;
    int result = tool_parse_options(options, OPTIONS, argc, argv, 1, 1, &arguments);
    if (result != TOOL_GO_ON)
        return result;
    extract_run run = {.directory = arguments.values[OPTION_DIRECTORY], .only = arguments.values[OPTION_ARRAY]};
    if (run.directory == NULL)
        return tool_usage(argv[0], "-d DIR is missing");
    result = tool_parse_reader(argv[0], arguments.values[OPTION_PRODUCER], &run.reading);
    if (result != TOOL_GO_ON)
        return result;
    result = extract(&run, arguments.operands[0]);
    if (result == TOOL_GOOD && run.only != NULL && run.count == 0)
        return tool_usage(argv[0], "there is no array at '%s'", run.only);
    return tool_finish_output(result);
}
