/* Words into lines, as the repr of an array breaks them. */
#ifndef NPKI_PRINT_LINE_H
#define NPKI_PRINT_LINE_H

#include "text/sink.h"

typedef struct npki_line_layout {
    size_t indent; /* blanks at the beginning of a line */
    int64_t room;  /* characters in a line, unless it is a single word */
    size_t used;   /* characters of the line so far */
    size_t word;   /* the byte of out's buffer where the word at its end begins */
} npki_line_layout;

/* Puts the word into this line, or begins the next one with it. */
void npki_line_place(npki_line_layout *layout, npki_sink *out);

/* The word stays as it is; its last line is the line now. */
void npki_line_measure(npki_line_layout *layout, const npki_sink *out);

#endif
