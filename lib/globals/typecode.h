/* The typecodes of array.array, the machine-format codes, and who writes raw elements how. */
#ifndef NPKI_GLOBALS_TYPECODE_H
#define NPKI_GLOBALS_TYPECODE_H

#include <npickle/options.h>

/* How many producers and forms npickle/options.h and npickle/pyarray.h have. */
enum { NPKI_ARRAY_PRODUCERS = 4, NPKI_PYARRAY_FORMS = 5 };

/* What an element is. */
typedef enum npki_item {
    NPKI_ITEM_INT,
    NPKI_ITEM_UINT,
    NPKI_ITEM_FLOAT,
    NPKI_ITEM_BOOL,
    NPKI_ITEM_CHAR, /* a str of Python 2 of one byte */
    NPKI_ITEM_TEXT, /* a character; of 2 bytes: a unit of UTF-16 */
    NPKI_ITEMS
} npki_item;

/* Which Pythons have a typecode: bits. */
enum { NPKI_HAS_2 = 1, NPKI_HAS_3 = 2, NPKI_HAS_J = 4 };

/* An npk_array_producer that is no guess, and its column in the typecodes' widths. */
typedef enum npki_widths { NPKI_WIDTHS_CPYTHON, NPKI_WIDTHS_CPYTHON32, NPKI_WIDTHS_JYTHON, NPKI_WIDTHS } npki_widths;

typedef struct npki_typecode {
    char letter;
    npki_item item;
    uint8_t width[NPKI_WIDTHS]; /* bytes of an element */
    uint8_t pythons;
    bool longs;
    char instead;
} npki_typecode;

typedef struct npki_machine_format {
    npki_item item;
    uint8_t width;
    char order;
    char typecode; /* or 0 */
} npki_machine_format;

typedef struct npki_producer {
    const char *name;
    npki_widths widths;
    char order;
} npki_producer;

/* NULL: there is no such typecode, code or producer (NPK_ARRAY_GUESS is none). */
const npki_typecode *npki_typecode_of(char letter);
const npki_machine_format *npki_machine_format_of(int64_t code);
const npki_producer *npki_producer_of(npk_array_producer producer);

/* The code of elements that lie like this; -1 where there is none. Those of one byte go without an order. */
int npki_machine_code(npki_item item, int width, char order);

/* NumPy's letter for what an element is: 'i' of "i4". */
char npki_item_kind(npki_item item);

#endif
