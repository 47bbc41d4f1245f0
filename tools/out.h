/* Text in the making: a buffer whose last lines can still be laid out anew, in front of a FILE, with a limit. */
#ifndef NPICKLE_OUT_H
#define NPICKLE_OUT_H

#include <npickle/status.h>
#include <stdio.h>

typedef struct tool_out {
    FILE *file;
    char *bytes;
    size_t size; /* bytes in the buffer */
    size_t room;
    uint64_t left;     /* bytes that may still be added */
    unsigned held;     /* while it is not 0, nothing leaves the buffer */
    npk_status status; /* the first failure: NPK_LIMIT, NPK_MEMORY or NPK_IO; then every call does nothing */
} tool_out;

/* The limit is what a hostile pickle, in which every list holds the next one twice, runs into: all that is added
 * counts, also what is taken back later. */
void out_start(tool_out *out, FILE *file, uint64_t limit);

void out_bytes(tool_out *out, const void *bytes, size_t size);
void out_text(tool_out *out, const char *text);
void out_char(tool_out *out, char c);
void out_repeat(tool_out *out, char c, size_t times);
void out_int(tool_out *out, int64_t value);
void out_uint(tool_out *out, uint64_t value);

/* repr() of a str, given in UTF-8, and of bytes. */
void out_repr_str(tool_out *out, const void *utf8, size_t size);
void out_repr_bytes(tool_out *out, const void *bytes, size_t size);

/* Text from a pickle that stands without quotes (the name of a class): what is not printable is escaped as in a str. */
void out_safe(tool_out *out, const void *text, size_t size);

/* Room for `size` bytes, which are then part of the text: the caller fills all of them. NULL after a failure. */
char *out_room(tool_out *out, uint64_t size);

/* Counts work that adds no text. */
void out_charge(tool_out *out, uint64_t bytes);

/* Takes back all but the first `size` bytes of the buffer, or all blanks at its end. */
void out_cut(tool_out *out, size_t size);
void out_cut_blanks(tool_out *out);

/* Ends the line before the byte `at` of the buffer, and begins the next one, with `indent` blanks, there. Blanks before
 * it go. */
void out_break(tool_out *out, size_t at, size_t indent);

/* Hands all but the end of the buffer on to the file if it has grown large and is not held. */
void out_pass(tool_out *out);

void out_fail(tool_out *out, npk_status status);

/* Hands on what is left, frees the buffer, and returns the status. */
npk_status out_finish(tool_out *out);

/* Characters (not bytes) of UTF-8. */
size_t out_characters(const char *text, size_t size);

#endif
