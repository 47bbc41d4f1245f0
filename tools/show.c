/* npickle show: values as Python prints them, arrays as NumPy prints them, or an array as CSV. */
#include "arrays.h"
#include "option.h"

#include "base/error.h"

#include <inttypes.h>

enum { OPTION_CSV, OPTION_PRODUCER, OPTIONS };

static const tool_option options[OPTIONS] = {
    [OPTION_CSV] = {"csv", 'c', NULL, "an array of one or two dimensions, or of structs, as CSV"},
    [OPTION_PRODUCER] = TOOL_OPTION_PRODUCER,
};

/* A pickle in which every list holds the next one twice is exponentially longer as text: text ends at so many times the
 * size of the input. */
#define TEXT_LEAST ((uint64_t)8 << 20)
#define TEXT_TIMES 100

static uint64_t text_limit(uint64_t input)
{
    return input > TEXT_LEAST / TEXT_TIMES ? input * TEXT_TIMES : TEXT_LEAST;
}

/* What went wrong in the text, as an error of its pickle. */
static npk_status told(npk_status status, uint64_t offset, uint64_t limit, npk_error *error)
{
    if (status == NPK_ERR_LIMIT)
        return npki_fail_at(error, status, offset, NPKI_NO_OPCODE,
                            "the text of this value is longer than %" PRIu64 " bytes, or too deep", limit);
    if (status == NPK_ERR_IO)
        return npki_fail(error, status, "writing to standard output");
    return status == NPK_OK || status != NPK_ERR_ARRAY
               ? status
               : npki_fail_at(error, status, offset, NPKI_NO_OPCODE, "an array that can't be shown");
}

/* Prints what lies at `path` (NULL: the whole value). */
static npk_status show_pickle(const npk_doc *doc, const char *path, bool csv, npk_error *error)
{
    npk_doc_info info;
    npk_doc_info_of(doc, &info);
    const npk_value *value = npk_doc_root(doc);
    npk_status status = path == NULL ? NPK_OK : npk_value_find(value, path, &value, error);
    if (status != NPK_OK)
        return status;
    npk_print_options printing = {.most = text_limit(info.size)};
    if (csv)
        status = npk_print_csv(value, &printing, npk_sink_file, stdout, error);
    else
        status = npk_print_value(value, &printing, npk_sink_file, stdout, error);
    if (status == NPK_ERR_TYPE)
        return npki_fail(error, NPK_ERR_USAGE, "CSV is of arrays, found %s; npickle info lists the paths of all arrays",
                         npk_kind_name(npk_value_kind(value)));
    if (!csv && status == NPK_OK)
        putchar('\n');
    return told(status, info.offset, printing.most, error);
}

static npk_status show_npy(const npk_npy *npy, const char *path, bool csv, npk_error *error)
{
    const npk_array *array = npk_npy_array(npy);
    const npk_doc *doc = npk_npy_doc(npy);
    if (path != NULL && *path != '\0')
        return npki_fail(error, NPK_ERR_NOT_FOUND, "a .npy file is one array, without parts that have a path");
    int64_t bytes = npk_array_nbytes(array);
    npk_doc_info info = {.size = 0};
    npk_doc_info_of(doc, &info);
    npk_print_options printing = {.most = text_limit((bytes < 0 ? 0 : (uint64_t)bytes) + info.size)};
    npk_status status;
    if (csv)
        status = npk_print_array_csv(array, &printing, npk_sink_file, stdout, error);
    else
        status = npk_print_array(array, &printing, npk_sink_file, stdout, error);
    if (!csv && status == NPK_OK)
        putchar('\n');
    return told(status, npk_npy_header_size(npy), printing.most, error);
}

/* All pickles of the input; with a path those that have something there. */
static npk_status show_pickles(tool_input *input, const char *path, bool csv, npk_error *error)
{
    npk_error missing = {.status = NPK_OK};
    size_t shown = 0;
    for (;;) {
        npk_doc *doc;
        npk_status status = tool_next(input, &doc, error);
        if (status != NPK_OK)
            return status;
        if (doc == NULL)
            break;
        status = show_pickle(doc, path, csv, error);
        npk_doc_free(doc);
        if (status == NPK_OK)
            shown++;
        else if (status != NPK_ERR_NOT_FOUND)
            return status;
        else if (missing.status == NPK_OK)
            missing = *error;
    }
    if (shown > 0 || missing.status == NPK_OK)
        return NPK_OK;
    *error = missing;
    return missing.status;
}

int tool_show(int argc, char **argv)
{
    tool_arguments arguments;
    npk_read_options reading;
    int parsed = tool_parse_options(options, OPTIONS, argc, argv, 1, 2, &arguments);
    if (parsed == TOOL_GO_ON)
        parsed = tool_parse_reader(argv[0], arguments.values[OPTION_PRODUCER], &reading);
    if (parsed != TOOL_GO_ON)
        return parsed;
    const char *file = arguments.operands[0];
    const char *path = arguments.operand_count > 1 ? arguments.operands[1] : NULL;
    bool csv = arguments.values[OPTION_CSV] != NULL;
    npk_error error = {.status = NPK_OK, .offset = NPK_NO_OFFSET, .opcode = -1};
    tool_input *input = NULL;
    npk_status status = tool_open(file, &reading, &input, &error);
    if (status == NPK_OK && tool_input_npy(input) != NULL)
        status = show_npy(tool_input_npy(input), path, csv, &error);
    else if (status == NPK_OK)
        status = show_pickles(input, path, csv, &error);
    tool_close(input);
    return tool_finish_output(status == NPK_OK ? TOOL_GOOD : tool_report(file, &error));
}
