/* Lines about the pickles of a file, one for each. They come out of the input's budget, and of a row of pickles of
 * which the same is to be said a few lines tell, however many they are. */
#ifndef NPICKLE_LINES_H
#define NPICKLE_LINES_H

#include "tool.h"

typedef struct tool_lines {
    const char *file;
    size_t file_width;
    npk_budget *budget;
    FILE *out; /* in memory: what comes after the place of the pickle at hand */
    char *text;
    size_t size;
    char *last; /* what was said of the ones before */
    size_t last_size, last_room;
    uint64_t alike;         /* how many of that came in a row; 0: the next begins one */
    uint64_t first, offset; /* of those that are still to be told of: where they begin, and where the last one does */
} tool_lines;

/* False without memory. */
bool tool_lines_start(tool_lines *lines, const char *file, npk_budget *budget);
void tool_lines_free(tool_lines *lines);

/* Ends what was printed to lines->out, without the end of the line, of the pickle at `offset`. Errors: NPK_ERR_LIMIT,
 * NPK_ERR_MEMORY. */
npk_status tool_lines_end(tool_lines *lines, uint64_t offset, npk_error *error);

/* The same, where more is printed below: it stands in no row. */
npk_status tool_lines_end_alone(tool_lines *lines, uint64_t offset, npk_error *error);

/* Tells of all that came so far. */
npk_status tool_lines_flush(tool_lines *lines, npk_error *error);

#endif
