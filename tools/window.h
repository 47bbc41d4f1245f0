/* A pickle as a row of instructions: of a file, or of a stream that is held only as far as the next one reaches. */
#ifndef NPICKLE_WINDOW_H
#define NPICKLE_WINDOW_H

#include "base/file.h"

#include <npickle/opcode.h>

typedef struct dis_window {
    npki_input file;
    bool is_file;
    uint8_t *bytes;
    size_t size;
    size_t room;
    uint64_t base; /* of bytes[0], from the start of the input */
    size_t at;     /* of the next instruction */
    bool ended;    /* nothing comes after bytes[size] */
} dis_window;

/* A file, or "-" for standard input. *window is all zero before. */
npk_status window_open(dis_window *window, const char *path, npk_error *error);

/* The next instruction; its offset counts from the start of the input, and its argument is good until the next call. */
npk_status window_next(dis_window *window, npk_instruction *out, npk_error *error);

/* Whether another byte follows. */
npk_status window_has_more(dis_window *window, bool *more, npk_error *error);

void window_close(dis_window *window);

#endif
