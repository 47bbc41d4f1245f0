/* Items of a container that are numbers, short texts and the like, printed in one loop. */
#ifndef NPKI_PRINT_RUN_H
#define NPKI_PRINT_RUN_H

#include "print/stack.h"

/* Prints as many of the next items as are printed at once, with what stands before each, and passes over them. `parts`:
 * 2 of a dict. What something is in the way of, as the end of the buffer or a limit, stays where it is. */
void npki_print_run(npki_sink *out, npki_print_frame *top, int parts);

#endif
