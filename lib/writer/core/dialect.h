/* What each Python and each NumPy writes: the columns. The rows stand in python/dialect.c. */
#ifndef NPKI_WRITER_CORE_DIALECT_H
#define NPKI_WRITER_CORE_DIALECT_H

#include "globals/global.h"
#include "text/unicode.h"

#include <npickle/dialect.h>

/* What gets a number in the memo. */
typedef enum npki_numbers {
    NPKI_NUMBERS_ALL, /* each object that can be shared */
    NPKI_NUMBERS_HELD /* those that more than one thing holds, as reference counts tell it */
} npki_numbers;

/* The str and bytes of at most one character. */
typedef enum npki_chars {
    NPKI_CHARS_ONCE,       /* each is there once: the second time it is a GET */
    NPKI_CHARS_UNNUMBERED, /* never in the memo */
    NPKI_CHARS_NEW         /* new objects like all others */
} npki_chars;

/* A float in text, at protocol 0. */
typedef enum npki_float_text {
    NPKI_FLOAT_REPR, /* the shortest that is the same number, as Python's repr() prints it */
    NPKI_FLOAT_17G   /* 17 digits, without a ".0" */
} npki_float_text;

typedef struct npki_python_row {
    /* the pickler, and the first release that writes so; the rows of a pickler stand in the order of releases */
    npk_dialect since;
    npk_dialect numpy; /* that goes with it where the caller names none */
    bool no_numpy;     /* there is none for it */

    /* types */
    bool python2;    /* str is bytes, and there are two types of ints: */
    int int_bits;    /* int holds these, and long the rest */
    bool hash_order; /* a dict gives its keys out by their hash */

    /* the memo */
    npki_numbers numbers;
    npki_chars chars;
    bool from1;        /* it counts from 1 */
    bool empty_tuples; /* an empty tuple has a number too, where it has no opcode */
    bool keeps_alive;  /* one is taken with the first old-style instance that gave something: npki_keep_alive */
    bool literal_b;    /* the 'b' in the code of numpy.ma is another object than one made at run time */

    /* lists, dicts and sets in batches */
    int batch;        /* entries between a MARK and its opcode */
    bool lone_item;   /* one item left for a list's last batch: APPEND without a MARK */
    bool lone_pair;   /* the same for a dict, and none ends in an empty batch */
    bool marked_item; /* no list has an APPEND, also one of a single item */

    /* protocol 0 */
    bool long_text;       /* every int is a LONG */
    npki_escapes escapes; /* of text */
    npki_float_text floats;

    /* protocol 4 and up */
    bool framed_whole; /* frames of any size have a header, and hold payloads of any size */
    bool lost_buffers; /* a bytearray of protocol 5 gets no number */

    /* calls */
    bool text_bytearray; /* below protocol 3 bytearray(text, 'latin-1'), not bytearray(bytes) */
    bool one_latin_1;    /* that encoding is one str for all of them */
    bool own_array_name; /* the module of array.array is a str that its other names do not share */
    bool java_arrays;    /* array.array as raw bytes, big-endian and in Java's widths */
    bool state_again;    /* what was made inside its own arguments gets its state and items there, and then again */
    bool bare_getattr;   /* the call of getattr that makes a nested class below protocol 4 gets no numbers inside */
    /* there are state setters; their arguments are a TUPLE2 at protocols 0 and 1 too: only beside a pickle that has
     * it */
    bool short_setter;

    bool document; /* no Python, but a document: nothing is decided that one Python decides otherwise than another */
} npki_python_row;

/* What a writer came to that not all Pythons do alike: the columns by which it went. Where it came to none of a column,
 * the pickle is the same whatever stands in it. */
enum {
    NPKI_CAME_TO_NUMBER = 1 << 0,    /* from1 */
    NPKI_CAME_TO_BATCH = 1 << 1,     /* batch */
    NPKI_CAME_TO_ITEM = 1 << 2,      /* marked_item */
    NPKI_CAME_TO_LAST_ITEM = 1 << 3, /* lone_item */
    NPKI_CAME_TO_LAST_PAIR = 1 << 4, /* lone_pair */
    NPKI_CAME_TO_FRAME = 1 << 5,     /* framed_whole */
    NPKI_CAME_TO_BUFFER = 1 << 6,    /* lost_buffers */
    NPKI_CAME_TO_OBJECT = 1 << 7,    /* numbers, chars: where a graph does not have the numbers of its pickle */
    NPKI_CAME_TO_ESCAPE = 1 << 8,    /* escapes */
    NPKI_CAME_TO_FLOAT = 1 << 9,     /* floats */
    NPKI_CAME_TO_INT = 1 << 10,      /* long_text */
    NPKI_CAME_TO_TUPLE = 1 << 11,    /* empty_tuples */
    NPKI_CAME_TO_SETTER = 1 << 12,   /* short_setter */
    NPKI_CAME_TO_PYTHON =
        1 << 13,                  /* a name that one release of Python has, and a dialect of several may not have ... */
    NPKI_CAME_TO_NUMPY = 1 << 14, /* ... a name of NumPy, which its major version spells */
    NPKI_CAME_TO_NO_PYTHON =
        1 << 15, /* something that a Python writes in no such way: a graph is written as its pickle has it */
    NPKI_CAME_TO_INSTANCE = 1 << 16, /* keeps_alive */
    NPKI_CAME_TO_AGAIN = 1 << 17,    /* state_again */
    NPKI_CAME_TO_COUNT = 18          /* bits */
};

#define NPKI_LEAST_BATCH 1000 /* entries: no Python has fewer in a batch */

#define NPKI_NEWEST_NUMPY 0x205 /* of which globals/has.def knows the names */

typedef struct npki_numpy_row {
    npk_dialect since; /* the first release; in order */
    /* the last release, where none follows it in this major version and a row follows for the next; else 0 */
    npk_dialect last;
    npki_writes names; /* the spelling of its modules */
    bool is_numpy2;    /* that of numpy._core */
    bool strict_order; /* an axis of length 1 or 0 counts where arrays are told to lie in Fortran order */
    bool made_order;   /* npki_is_fortran_as_made counts there */
    bool old_text;     /* no flag in the dtype of U */
    bool int_flags;    /* dtype(code, 0, 1), not False and True */
    bool signed_flags; /* a dtype's flags are a char that has a sign */
    bool axis_order;   /* _frombuffer with 'K' */
    bool no_metadata;  /* a unit stands beside None, not beside an empty dict */
} npki_numpy_row;

#endif
