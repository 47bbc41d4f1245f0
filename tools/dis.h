/* The argument of an instruction as pickletools shows it. */
#ifndef NPICKLE_DIS_H
#define NPICKLE_DIS_H

#include "text/quote.h"

#include "base/dynbuf.h"

#include <npickle/opcode.h>

#define DIS_DIGITS 4300 /* of an int that CPython converts to or from text: sys.set_int_max_str_digits() */
#define DIS_WORD (DIS_DIGITS + 100)

typedef struct dis_argument {
    enum { DIS_NOTHING, DIS_WORD_READY, DIS_QUOTED, DIS_TOO_LONG } state;
    /* DIS_WORD_READY: the text itself */
    char word[DIS_WORD];
    size_t word_size;
    /* DIS_QUOTED: what repr() is to be taken of */
    npki_quote_kind kind;
    const uint8_t *bytes;
    size_t size;
    /* DIS_TOO_LONG: an int that repr() refuses. */

    int64_t key;         /* of PUT and GET */
    bool no_key;         /* it has more than 63 bits */
    npki_dynbuf scratch; /* texts after their escapes are undone */
    bool latin1;         /* strings of Python 2 may go beyond ASCII, as in pickletools since Python 3.14 */
} dis_argument;

/* Works out what pickletools would show. Errors: where its reader of the argument raises: NPK_ERR_ARGUMENT, NPK_ERR_LIMIT. */
npk_status dis_argument_read(dis_argument *argument, const npk_instruction *instruction, npk_error *error);

/* Prints it and returns the characters. */
size_t dis_argument_print(const dis_argument *argument, FILE *out);

#endif
