#define _POSIX_C_SOURCE 200809L

#include "window.h"

#include "common.h"

#include "base/error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAP_FROM (1u << 20)   /* bytes; smaller files are read */
#define FIRST_ROOM (1u << 16) /* bytes of memory for a stream, to begin with */

npk_status window_open(dis_window *window, const char *path, npk_error *error)
{
    npk_allocator allocator = npki_allocator(NULL);
    if (strcmp(path, "-") == 0)
        return NPK_OK;
    npk_status status = npki_input_open(&window->file, path, &allocator, MAP_FROM, error);
    if (status != NPK_OK)
        return status;
    window->is_file = window->ended = true;
    window->bytes = window->file.bytes;
    window->size = window->file.size;
    return NPK_OK;
}

void window_close(dis_window *window)
{
    if (window->is_file)
        npki_input_close(&window->file);
    else
        free(window->bytes);
}

/* Drops what was used, and reads on: at least as much again as is held, so that a long line is looked through only a
 * few times, unless the input ends. */
static npk_status window_more(dis_window *window, npk_error *error)
{
    if (window->at > 0) {
        memmove(window->bytes, window->bytes + window->at, window->size - window->at);
        window->base += window->at;
        window->size -= window->at;
        window->at = 0;
    }
    if (window->size >= window->room / 2) {
        size_t room = window->room == 0 ? FIRST_ROOM : 2 * window->room;
        uint8_t *bytes = room < window->room ? NULL : realloc(window->bytes, room);
        if (bytes == NULL)
            return npki_no_memory(error);
        window->bytes = bytes;
        window->room = room;
    }
    for (size_t enough = 2 * window->size; !window->ended;) {
        int64_t got = tool_read_some(STDIN_FILENO, window->bytes + window->size, window->room - window->size);
        if (got < 0)
            return npki_fail_system(error, errno, "reading");
        window->size += (size_t)got;
        window->ended = got == 0;
        if (window->size >= enough)
            break;
    }
    return NPK_OK;
}

npk_status window_next(dis_window *window, npk_instruction *out, npk_error *error)
{
    for (;;) {
        npk_error attempt; /* where more bytes mend it, nothing has gone wrong */
        npk_status status = NPK_ERR_TRUNCATED;
        if (window->size > window->at || window->ended)
            status = npk_instruction_at(window->bytes, window->size, window->at, out, &attempt);
        if (status == NPK_ERR_TRUNCATED && !window->ended) {
            status = window_more(window, error);
            if (status != NPK_OK)
                return status;
            continue;
        }
        if (status != NPK_OK) {
            *error = attempt;
            if (error->offset != NPK_NO_OFFSET)
                error->offset += window->base;
            return status;
        }
        window->at = (size_t)out->end;
        out->offset += window->base;
        return NPK_OK;
    }
}

npk_status window_has_more(dis_window *window, bool *more, npk_error *error)
{
    npk_status status = NPK_OK;
    while (status == NPK_OK && window->at == window->size && !window->ended)
        status = window_more(window, error);
    *more = window->at < window->size;
    return status;
}
