/* Pickles as python3 -m pickletools prints them. */
#ifndef NPKI_PRINT_DIS_H
#define NPKI_PRINT_DIS_H

#include <npickle/opcode.h>
#include <stdio.h>

typedef struct npki_dis_options {
    const npk_allocator *allocator; /* NULL: malloc */
    bool annotate;                  /* after each opcode, what it does */
    bool latin1;                    /* strings of Python 2 may go beyond ASCII, as in pickletools since Python 3.14 */
} npki_dis_options;

/* Prints the next pickle of `in`, up to its STOP or to the place where pickletools stops, and why. Where output fails
 * ferror(out) says so, and the status is NPK_ERR_IO. */
npk_status npki_dis(npk_instructions *in, const npki_dis_options *options, FILE *out, npk_error *error);

#endif
