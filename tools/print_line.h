/* Words into lines, as the repr of an array breaks them. */
#ifndef NPICKLE_PRINT_LINE_H
#define NPICKLE_PRINT_LINE_H

#include "out.h"

typedef struct line_layout {
    size_t indent; /* blanks at the beginning of a line */
    int64_t room;  /* characters in a line, unless it is a single word */
    size_t used;   /* characters of the line so far */
    size_t word;   /* the byte of out's buffer where the word at its end begins */
} line_layout;

/* Puts the word into this line, or begins the next one with it. */
void line_place(line_layout *layout, tool_out *out);

/* The word stays as it is; its last line is the line now. */
void line_measure(line_layout *layout, const tool_out *out);

#endif
