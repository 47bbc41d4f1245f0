/* The argument of an instruction as pickletools shows it. */
#ifndef NPKI_PRINT_DIS_ARGUMENT_H
#define NPKI_PRINT_DIS_ARGUMENT_H

#include "text/number.h"
#include "text/quote.h"

#include "base/dynbuf.h"

#define NPKI_DIS_DIGITS 4300 /* of an int that CPython converts to or from text: sys.set_int_max_str_digits() */
#define NPKI_DIS_LONG_BYTES 1786 /* of a longer one it is clear before: 256 ** 1786 / 2 has 4301 digits */
#define NPKI_DIS_WORD_ROOM NPKI_DECIMAL_ROOM(NPKI_DIS_LONG_BYTES)

typedef struct npki_dis_argument {
    enum { NPKI_DIS_NOTHING, NPKI_DIS_WORD, NPKI_DIS_QUOTED, NPKI_DIS_TOO_LONG } state;
    /* NPKI_DIS_WORD: the text itself */
    char word[NPKI_DIS_WORD_ROOM];
    size_t word_size;
    /* NPKI_DIS_QUOTED: what repr() is to be taken of */
    npk_text_form kind;
    const uint8_t *bytes;
    size_t size;
    /* NPKI_DIS_TOO_LONG: an int that repr() refuses. */

    int64_t key;         /* of PUT and GET */
    bool no_key;         /* it has more than 63 bits */
    npki_dynbuf scratch; /* texts after their escapes are undone */
    bool latin1;         /* strings of Python 2 may go beyond ASCII, as in pickletools since Python 3.14 */
} npki_dis_argument;

/* Works out what pickletools would show. Errors: where its reader of the argument raises: NPK_ERR_ARGUMENT,
 * NPK_ERR_LIMIT. */
npk_status npki_dis_read(npki_dis_argument *argument, const npk_instruction *instruction, npk_error *error);

void npki_dis_print(const npki_dis_argument *argument, npki_sink *out);

#endif
