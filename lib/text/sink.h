/* Text in the making: a buffer whose last lines can still be laid out anew, in front of a FILE, with a limit. */
#ifndef NPKI_TEXT_SINK_H
#define NPKI_TEXT_SINK_H

#include <npickle/status.h>
#include <stdio.h>

typedef struct npki_sink {
    FILE *file;
    char *bytes;
    size_t size; /* bytes in the buffer */
    size_t room;
    uint64_t left; /* bytes that may still be added */
    unsigned held; /* while it is not 0, nothing leaves the buffer */
    npk_status
        status; /* the first failure: NPK_ERR_LIMIT, NPK_ERR_MEMORY or NPK_ERR_IO; then every call does nothing */
} npki_sink;

/* The limit is what a hostile pickle, in which every list holds the next one twice, runs into: all that is added
 * counts, also what is taken back later. */
void npki_sink_start(npki_sink *out, FILE *file, uint64_t limit);

void npki_sink_bytes(npki_sink *out, const void *bytes, size_t size);
void npki_sink_text(npki_sink *out, const char *text);
void npki_sink_char(npki_sink *out, char c);
void npki_sink_repeat(npki_sink *out, char c, size_t times);
void npki_sink_int(npki_sink *out, int64_t value);
void npki_sink_uint(npki_sink *out, uint64_t value);

/* repr() of a str, given in UTF-8, and of bytes. */
void npki_sink_repr_str(npki_sink *out, const void *utf8, size_t size);
void npki_sink_repr_bytes(npki_sink *out, const void *bytes, size_t size);

/* Text from a pickle that stands without quotes (the name of a class): what is not printable is escaped as in a str. */
void npki_sink_safe(npki_sink *out, const void *text, size_t size);

/* Room for `size` bytes, which are then part of the text: the caller fills all of them. NULL after a failure. */
char *npki_sink_room(npki_sink *out, uint64_t size);

/* Counts work that adds no text. */
void npki_sink_charge(npki_sink *out, uint64_t bytes);

/* Takes back all but the first `size` bytes of the buffer, or all blanks at its end. */
void npki_sink_cut(npki_sink *out, size_t size);
void npki_sink_cut_blanks(npki_sink *out);

/* Ends the line before the byte `at` of the buffer, and begins the next one, with `indent` blanks, there. Blanks before
 * it go. */
void npki_sink_break(npki_sink *out, size_t at, size_t indent);

/* Hands all but the end of the buffer on to the file if it has grown large and is not held. */
void npki_sink_pass(npki_sink *out);

void npki_sink_fail(npki_sink *out, npk_status status);

/* Hands on what is left, frees the buffer, and returns the status. */
npk_status npki_sink_finish(npki_sink *out);

/* Characters (not bytes) of UTF-8. */
size_t npki_sink_characters(const char *text, size_t size);

#endif
