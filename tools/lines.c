#define _POSIX_C_SOURCE 200809L

#include "lines.h"

#include "common.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TOLD_EACH 10 /* of pickles in a row */

bool tool_lines_start(tool_lines *lines, const char *file, npk_budget *budget)
{
    *lines = (tool_lines){.file = file, .file_width = tool_text_width(file, strlen(file)), .budget = budget};
    lines->out = open_memstream(&lines->text, &lines->size);
    return lines->out != NULL;
}

void tool_lines_free(tool_lines *lines)
{
    if (lines->out != NULL)
        fclose(lines->out);
    free(lines->text);
    free(lines->last);
    *lines = (tool_lines){.out = NULL};
}

/* "FILE at byte 12: TEXT" */
static npk_status put(const tool_lines *lines, uint64_t offset, const char *text, size_t size, npk_error *error)
{
    char place[40] = "";
    if (offset > 0)
        snprintf(place, sizeof place, " at byte %" PRIu64, offset);
    npk_status status = npk_budget_spend(lines->budget, lines->file_width + strlen(place) + size + 1, error);
    if (status != NPK_OK) {
        error->offset = offset;
        return status;
    }
    tool_print_string(stdout, lines->file);
    fputs(place, stdout);
    fwrite(text, 1, size, stdout);
    putchar('\n');
    return NPK_OK;
}

/* Those in a row of which nothing was printed yet. */
static npk_status put_alike(tool_lines *lines, npk_error *error)
{
    char text[96];
    const uint64_t more = lines->alike > TOLD_EACH ? lines->alike - TOLD_EACH : 0;
    lines->alike = 0;
    if (more == 0)
        return NPK_OK;
    if (more == 1)
        return put(lines, lines->first, lines->last, lines->last_size, error);
    int size = snprintf(text, sizeof text, ": %" PRIu64 " more like the one before, the last of them at byte %" PRIu64,
                        more, lines->offset);
    return put(lines, lines->first, text, (size_t)size, error);
}

/* What is said of the pickle at hand. */
static bool remember(tool_lines *lines)
{
    if (lines->size > lines->last_room) {
        char *more = realloc(lines->last, lines->size);
        if (more == NULL)
            return false;
        lines->last = more;
        lines->last_room = lines->size;
    }
    memcpy(lines->last, lines->text, lines->size);
    lines->last_size = lines->size;
    return true;
}

npk_status tool_lines_end(tool_lines *lines, uint64_t offset, npk_error *error)
{
    npk_status status = NPK_OK;
    if (fflush(lines->out) != 0)
        return tool_fail_memory(error);
    bool same =
        lines->alike > 0 && lines->size == lines->last_size && memcmp(lines->text, lines->last, lines->size) == 0;
    if (!same)
        status = put_alike(lines, error);
    if (status == NPK_OK && !same && !remember(lines))
        status = tool_fail_memory(error);
    lines->alike++;
    lines->offset = offset;
    if (status == NPK_OK && lines->alike <= TOLD_EACH)
        status = put(lines, offset, lines->last, lines->last_size, error);
    else if (lines->alike == TOLD_EACH + 1)
        lines->first = offset;
    rewind(lines->out);
    return status;
}

npk_status tool_lines_end_alone(tool_lines *lines, uint64_t offset, npk_error *error)
{
    npk_status status = put_alike(lines, error);
    if (status == NPK_OK)
        status = tool_lines_end(lines, offset, error);
    lines->alike = 0;
    return status;
}

npk_status tool_lines_flush(tool_lines *lines, npk_error *error)
{
    return put_alike(lines, error);
}
