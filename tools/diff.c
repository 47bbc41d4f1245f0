/* npickle diff: the values of two pickles or .npy files. */
#include "buffers.h"
#include "common.h"
#include "input.h"
#include "option.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_TEXT,
    OPTION_BUFFER_B,
    OPTIONS
};

static const tool_option options[OPTIONS] = {
    [OPTION_TEXT] = {"text", 0, NULL, "a str of Python 2 equals the text of the same latin-1 characters"},
    [OPTION_BUFFER_B] = TOOL_OPTION_BUFFER_B,
};

#define MOST 100 /* differences that are shown */

/* What a comparison may cost. Graphs that share parts in different ways have more pairs of values than bytes. */
#define WORK_FREE ((uint64_t)1 << 24)
#define WORK_PER_BYTE 64u

typedef struct diff_side {
    const char *file;
    tool_input *input;
    tool_item item; /* what it holds now */
} diff_side;

typedef struct diff_run {
    const tool_arguments *arguments;
    npk_read_options reading;
    tool_opening opening;
    diff_side sides[2];
    uint64_t pickle; /* how many pairs came before */
    uint64_t shown;
    uint64_t differences;
    npk_compare_options options;
    bool outside; /* there are payloads outside */
} diff_run;

static void show(diff_run *run, const char *path, const char *what)
{
    run->shown++;
    if (run->pickle > 0)
        printf("pickle %" PRIu64 ": ", run->pickle);
    tool_print_string(stdout, tool_shown_path(path));
    fputs(": ", stdout);
    tool_print_string(stdout, what);
    fputc('\n', stdout);
}

/* npk_report_function */
static void show_difference(void *context, const npk_difference *difference)
{
    show(context, difference->path, difference->message);
}

/* --- one pair of pickles ------------------------------------------------------------------------------------------ */

static uint64_t size_of(const diff_side *side)
{
    const tool_item *item = &side->item;
    int64_t bytes = item->array == NULL ? 0 : npk_array_nbytes(item->array);
    npk_doc_info info = {.size = 0};
    npk_doc_info_of(item->doc, &info);
    return info.size + (bytes < 0 ? 0 : (uint64_t)bytes);
}

/* The array of a side that is one; false for any other value. */
static bool view_of(const diff_side *side, npk_array *out)
{
    if (side->item.doc != NULL)
        return npk_array_of(npk_doc_root(side->item.doc), out, NULL) == NPK_OK;
    *out = *side->item.array;
    return true;
}

static npk_status compare_sides(diff_run *run, npk_error *error)
{
    const diff_side *a = &run->sides[0], *b = &run->sides[1];
    uint64_t size = size_of(a) + size_of(b), found = 0;
    npk_array left, right;
    npk_status status = NPK_OK;
    run->options.work = size > (UINT64_MAX - WORK_FREE) / WORK_PER_BYTE ? UINT64_MAX : WORK_FREE + WORK_PER_BYTE * size;
    run->options.report = MOST > run->shown ? show_difference : NULL;
    run->options.most = MOST - run->shown;
    if (a->item.doc != NULL && b->item.doc != NULL) {
        status = npk_compare(npk_doc_root(a->item.doc), npk_doc_root(b->item.doc), &run->options, &found, error);
    } else if (view_of(a, &left) && view_of(b, &right)) {
        status = npk_compare_arrays(&left, &right, &run->options, &found, error);
    } else {
        found = 1;
        show(run, "",
             a->item.doc == NULL ? "an array / a value that is not an array"
                                 : "a value that is not an array / an array");
    }
    run->differences += found;
    return status;
}

/* --- two files ---------------------------------------------------------------------------------------------------- */

/* The first thing in the file, or the next; *more: there is one. */
static npk_status next_of(diff_side *side, bool first, bool *more, npk_error *error)
{
    npk_status status = tool_next(side->input, &side->item, more, error);
    return status == NPK_OK && first && !*more ? tool_fail_empty(error) : status;
}

/* What went wrong with both. */
static int report_pair(const diff_run *run, const npk_error *error)
{
    size_t size = strlen(run->sides[0].file) + strlen(run->sides[1].file) + sizeof " and ";
    char *names = malloc(size);
    if (names == NULL)
        return tool_no_memory();
    snprintf(names, size, "%s and %s", run->sides[0].file, run->sides[1].file);
    int result = tool_report(names, error);
    free(names);
    return result;
}

static int compare_files(diff_run *run)
{
    npk_error error = TOOL_NO_ERROR;
    for (bool first = true;; first = false, run->pickle++) {
        bool more[2] = {false, false};
        for (int i = 0; i < 2; i++)
            if (next_of(&run->sides[i], first, &more[i], &error) != NPK_OK)
                return tool_report(run->sides[i].file, &error);
        if (more[0] != more[1]) {
            run->differences++;
            show(run, "", more[0] ? "only in the first" : "only in the second");
        }
        if (!more[0] || !more[1])
            return TOOL_GOOD;
        if (compare_sides(run, &error) != NPK_OK)
            return report_pair(run, &error);
    }
}

/* Whether the files have the same bytes, and so the same in them. */
static bool are_same(const diff_run *run)
{
    size_t sizes[2];
    const uint8_t *a = tool_input_bytes(run->sides[0].input, &sizes[0]),
                  *b = tool_input_bytes(run->sides[1].input, &sizes[1]);
    return !run->outside && a != NULL && b != NULL && sizes[0] == sizes[1] && memcmp(a, b, sizes[0]) == 0;
}

static npk_status pass_over(void *context, const tool_item *item, npk_error *error)
{
    (void)context;
    (void)item;
    (void)error;
    return NPK_OK;
}

/* Whether they can be read at all; the second too, where of what is in them something is told of each file. */
static int read_same(diff_run *run)
{
    npk_error error = TOOL_NO_ERROR;
    for (int i = 0; i < 2 && (i == 0 || tool_input_told(run->sides[0].input)); i++)
        if (tool_each(run->sides[i].input, pass_over, NULL, &error) != NPK_OK)
            return tool_report(run->sides[i].file, &error);
    return TOOL_GOOD;
}

static int diff(diff_run *run)
{
    npk_error error = TOOL_NO_ERROR;
    for (int i = 0; i < 2; i++) {
        tool_give_buffers(run->arguments, (enum tool_buffers_of)i, &run->reading);
        run->outside = run->outside || run->reading.buffer_count > 0;
        if (tool_open_as(run->sides[i].file, &run->reading, run->opening, &run->sides[i].input, &error) != NPK_OK)
            return tool_report(run->sides[i].file, &error);
    }
    int result = are_same(run) ? read_same(run) : compare_files(run);
    for (int i = 0; i < 2; i++)
        tool_count_buffers(run->arguments, (enum tool_buffers_of)i, run->sides[i].input);
    if (run->differences > run->shown)
        printf("%" PRIu64 " more difference%s not shown\n", run->differences - run->shown,
               run->differences - run->shown == 1 ? " is" : "s are");
    if (result == TOOL_LIMIT && run->differences > 0)
        puts("not all was compared");
    return tool_worse(result, run->differences > 0 ? TOOL_FINDING : TOOL_GOOD);
}

static int run_diff(const tool_arguments *arguments)
{
    diff_run run = {.options = {.python2_str = NPK_PYTHON2_STR_KEEP}, .arguments = arguments};
    if (arguments->values[OPTION_TEXT] != NULL)
        run.options.python2_str = NPK_PYTHON2_STR_TEXT;
    run.options.context = &run;
    run.opening = tool_parse_opening(arguments, TOOL_AS_IT_COMES);
    int result = tool_parse_reader(arguments, &run.reading);
    if (result != TOOL_GO_ON)
        return result;
    for (int i = 0; i < 2; i++)
        run.sides[i].file = arguments->operands[i];
    if (strcmp(run.sides[0].file, "-") == 0 && strcmp(run.sides[1].file, "-") == 0)
        return tool_usage(arguments->command, "standard input can be only one of the two");
    result = diff(&run);
    for (int i = 0; i < 2; i++) {
        result = tool_worse(result, tool_input_exit(run.sides[i].input));
        tool_close(run.sides[i].input);
    }
    return tool_finish_output(result);
}

const tool_command tool_diff = {
    .name = "diff",
    .operands = "A B",
    .summary = "Compare the values of two pickles or .npy files",
    .options = options,
    .option_count = OPTIONS,
    .shared = TOOL_READS,
    .least = 2,
    .most = 2,
    .run = run_diff,
};
