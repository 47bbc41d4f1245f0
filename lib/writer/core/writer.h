/* The inside of a writer: sink, frames, memo, open containers. */
#ifndef NPKI_WRITER_WRITER_H
#define NPKI_WRITER_WRITER_H

#include "base/dynbuf.h"
#include "base/map.h"
#include "globals/global.h"
#include "globals/rename.h"
#include "opcode/opcode.h"
#include "value/kind.h"
#include "writer/python/dialect.h"

#include <npickle/writer.h>

/* What the levels are: containers, and calls whose parts are written like items. */
typedef struct npki_container {
    npk_kind kind;   /* LIST, TUPLE, DICT, SET, FROZENSET; OBJECT: callable, arguments, perhaps states */
    int64_t count;   /* as promised, in items (a pair has two); NPK_UNKNOWN */
    int64_t items;   /* written */
    bool marked;     /* a MARK waits for its batch to end */
    bool pending;    /* a MARK may have to go in at `mark` */
    uint64_t mark;   /* an offset of the output */
    int64_t memo;    /* its number, or NPK_UNKNOWN */
    bool keep;       /* for npki_put */
    uint64_t key;    /* who it is, see npki_identity; 0: nobody */
    const npk_opcode *call; /* OBJECT: REDUCE, NEWOBJ ...; NULL: the caller writes it */
    int64_t parts;          /* OBJECT: items before the call; states follow it */
    int also_ends; /* levels around it that end with it */
    bool added;      /* LIST, DICT: the items of an object, not a container of their own */
    bool whole;      /* OBJECT: one call of the alphabet makes it, as it does an array: its parts are nobody's business */
    bool from_graph; /* npk_write_value began it */
} npki_container;

struct npki_values; /* of a writer whose sink is a document: values.c */

/* An array whose elements come in parts. */
typedef struct npki_parts {
    npk_array array;
    int64_t shape[NPK_MAXDIMS];
    const npk_opcode *opcode; /* of its payload */
    uint64_t size;            /* of the payload */
    uint64_t left;            /* of it, not written yet */
    uint8_t *mask;            /* of an item, where there is padding; or NULL */
    size_t itemsize;
    bool buffer;              /* protocol 5 */
    char order;
} npki_parts;

/* What npki_put numbers. `keep` is its argument. */
typedef enum npki_puts {
    NPKI_PUTS_ALL,
    NPKI_PUTS_HELD, /* what is to be kept, or is held: Python 2's cPickle */
    NPKI_PUTS_KEPT  /* what is to be kept: a graph has its own */
} npki_puts;

struct npk_writer {
    npk_allocator allocator;
    npk_limits limits;
    int protocol;
    const npki_python_row *python;
    const npki_numpy_row *numpy;
    npki_writes protocol_names;
    npk_error error; /* the first; status NPK_OK before it */

    npk_write_function *write; /* NULL: the bytes stay in `out` */
    void *context;
    int fd;
    /* Closes the sink of npk_writer_open and its like; `whole`: all was written. Where it was not, *error says why, and
     * gets what is known of the sink. NULL: the caller does. */
    npk_status (*close)(void *context, bool whole, npk_error *error);
    npk_buffer_function *buffer; /* takes payloads out of band; NULL: they go in */
    void *buffer_context;
    npki_parts *parts; /* the array that is being written in parts, or NULL */
    struct npki_values *values; /* the document that is the sink, or NULL */
    npki_dynbuf out;            /* what has not been written yet */
    uint64_t sent;       /* bytes written */
    bool framing;        /* protocol 4 and up; off for payloads outside frames */
    bool in_frame;
    size_t frame_start;  /* of its nine bytes, in `out` */

    npki_map memo;       /* identity -> number in the memo; see npki_identity */
    int64_t next_memo;
    bool tuple_next;     /* what comes next may be the arguments of a call */
    bool dict_next;      /* ... or its keywords */
    bool keep_padding;
    npk_memo_policy memo_policy;
    npki_puts puts;      /* what the memo gets */
    bool from_graph;     /* npk_write_value is at work */
    bool held;           /* something else than the writer's caller holds the value at hand: see npki_before */
    uint64_t unnumbered; /* an object that could have a number, and has none, ends at this offset */
    bool translate_names;
    npk_python2_str python2_str;
    int64_t last;        /* number of the object written last */
    uint64_t watch;      /* an offset of the output, or 0 */
    const npk_value *watched; /* of the graph: the value that the byte there is part of */

    npki_container *levels;
    size_t depth, room;
    int64_t roots;       /* values written at the top: one */
    uint8_t first[NPKI_ACTIONS][NPKI_KINDS]; /* row of the first opcode for an action and kind, + 1 */
};

/* --- errors --- */

npk_status npki_writer_fail(npk_writer *w, npk_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* --- sink.c: a writer's life --- */

/* `protocol` is one that this Python has. */
npk_status npki_writer_new(const npki_python_row *python, const npki_numpy_row *numpy, int protocol,
                           const npk_write_options *options, npk_writer **out, npk_error *error);

/* STOP, if the pickle is whole. */
npk_status npki_writer_end(npk_writer *w, npk_error *error);

/* --- values.c: a writer whose sink is a document --- */

/* Whether the value is one of the document's that is being edited: then a reference to it was written. */
bool npki_refer(npk_writer *w, const npk_value *value);

/* A buffer that the document borrows. */
void npki_lend(npk_writer *w, const npk_buffer *buffer);

/* npk_writer_last asked for the value with this number. */
void npki_ask(npk_writer *w, int64_t number);

void npki_values_free(npk_writer *w);

/* --- emit.c: instructions -> bytes --- */

void npki_emit_init(npk_writer *w);

/* An opcode without an argument. */
void npki_op(npk_writer *w, enum npki_opcode_row row);
void npki_op_number(npk_writer *w, enum npki_opcode_row row, uint64_t number);
void npki_op_line(npk_writer *w, enum npki_opcode_row row, const void *text, size_t size);
void npki_op_lines(npk_writer *w, enum npki_opcode_row row, const char *first, size_t first_size, const char *second,
                   size_t second_size);
void npki_op_float(npk_writer *w, double value);

/* An int: two's complement, the shortest. Python 2 has two types: its long takes the opcodes for any size, its int
 * the others. */
typedef enum npki_int_type { NPKI_INT_EITHER, NPKI_INT_SHORT, NPKI_INT_LONG } npki_int_type;
void npki_op_int(npk_writer *w, npki_int_type type, const uint8_t *bytes, size_t size);

/* Whether the protocol has an opcode for a text of `size` bytes; it is an error where it has none. */
bool npki_can_hold(npk_writer *w, npk_kind kind, uint64_t size);

/* A text or bytes in one piece or in several: opcode and length, the bytes as they lie in the pickle (in their
 * coat), the end. */
const npk_opcode *npki_begin_text(npk_writer *w, npk_kind kind, uint64_t size); /* NULL: an error */
void npki_text(npk_writer *w, const void *bytes, size_t size);
void npki_end_text(npk_writer *w, const npk_opcode *opcode, uint64_t size);

/* What a pickler does before each object: a frame that is full ends. */
void npki_boundary(npk_writer *w);

/* The offset of the next byte. */
uint64_t npki_offset(const npk_writer *w);

/* Puts a MARK in at an offset not sent yet. */
void npki_insert_mark(npk_writer *w, uint64_t offset);

/* The header of a frame, which has its place until it is known whether it is needed. */
#define NPKI_FRAME_HEADER ((size_t)9)

/* Sends what is held, frame and all. */
void npki_flush(npk_writer *w, bool end);

/* --- level.c: containers, calls, memo --- */

/* Round every value: the MARK of its batch, the boundary; then the opcodes that add it to its container. False: an
 * error. */
bool npki_before(npk_writer *w);
void npki_after(npk_writer *w);

npk_status npki_begin(npk_writer *w, npk_kind kind, int64_t count, bool keep);
npk_status npki_begin_as(npk_writer *w, const npki_container *level); /* kind, count, keep, key, call, parts, added */
npk_status npki_end(npk_writer *w);

/* Who an object is, for the memo: what Python has only once, or what the caller gave by address. */
typedef enum npki_identity {
    NPKI_IS_NOBODY, /* a new object each time */
    NPKI_IS_GLOBAL, /* of the global's row */
    NPKI_IS_NAMED,  /* a global without a row, by the hash of its names */
    NPKI_IS_MODULE, /* the str of a module's name */
    NPKI_IS_CHAR,   /* a str of one character of latin-1; 256: the empty one */
    NPKI_IS_BYTE,   /* bytes of one byte; 256: none */
    NPKI_IS_LATIN1, /* the str 'latin1' */
    NPKI_IS_NAME,   /* the str of a field's name or title, by its hash */
    NPKI_IS_FIELD,  /* the tuple of a field that has a title, by address */
    NPKI_IS_SHAPE0, /* the (0,) of masked arrays, a constant there */
    NPKI_IS_LITERAL_B, /* their 'b', where it is one too */
    NPKI_IS_LATIN_1, /* the str 'latin-1' of a bytearray */
    NPKI_IS_BUILTIN_DTYPE,
    NPKI_IS_DTYPE,  /* by address */
    NPKI_IS_VALUE,  /* of a document, by address */
    NPKI_IS_SIGNATURE /* not an object: the hash of what the dtype at an address was */
} npki_identity;

static inline uint64_t npki_key(npki_identity who, uint64_t which)
{
    return (uint64_t)who << 56 | (which & UINT64_C(0x00ffffffffffffff));
}

/* If the object was written before: a GET as the next value, and true. */
bool npki_write_known(npk_writer *w, uint64_t key);

/* The same between npki_before and npki_after. */
bool npki_get_known(npk_writer *w, uint64_t key);

/* The object written last shall be known under this key from here on. */
void npki_remember(npk_writer *w, uint64_t key);
void npki_forget(npk_writer *w, uint64_t key);

/* Gives the object just written the next number; `key` 0: nobody will ask for it. `keep`: also where not all are
 * numbered. */
void npki_put(npk_writer *w, uint64_t key, bool keep);

/* What the memo gets of values that no document has, and whether it gets what only the pickler itself holds. */
npki_puts npki_puts_of(const npk_writer *w);
bool npki_keeps_temporaries(const npk_writer *w);
void npki_get(npk_writer *w, int64_t number);

/* --- name.c: classes and functions --- */

npk_status npki_write_global(npk_writer *w, npki_meaning meaning);

/* npk_write_global with names that do not end in NUL. A class inside another ("A.B") is getattr(A, "B") where no opcode
 * takes such a name. */
npk_status npki_write_named(npk_writer *w, const char *module, size_t module_size, const char *name, size_t name_size);

/* What a persistent id is at protocol 0. */
bool npki_is_line_of_ascii(const char *text, size_t size);

/* The opcodes of a global whose names are no values of a document; the PUT is the caller's. */
void npki_write_names(npk_writer *w, const char *module, size_t module_size, const char *name, size_t name_size);

/* --- spell.c: values that some protocols have no opcode for --- */

/* A str that may have been written before, and is no item of the container at hand. */
void npki_put_str(npk_writer *w, const uint8_t *utf8, size_t size, uint64_t key, bool keep);

/* The PUT of a str or bytes, whose first bytes these are (NULL: those of no str). */
void npki_put_text(npk_writer *w, npk_kind kind, const uint8_t *bytes, size_t size, uint64_t key, bool keep);

void npki_write_bytearray(npk_writer *w, const void *bytes, size_t size);
npk_status npki_write_text(npk_writer *w, npk_kind kind, const void *bytes, size_t size, uint64_t key, bool keep);

/* A set or frozenset where the protocol has no opcode for it: set([...]). The list is open afterwards, and ends all
 * of it. */
void npki_begin_called(npk_writer *w, npk_kind kind, int64_t count, uint64_t key, bool keep);

/* npk_write_end where an array in parts is open: what follows its elements. */
void npki_end_parts(npk_writer *w);
void npki_free_parts(npk_writer *w, npki_parts *parts); /* NULL is good */

/* --- dtype.c --- */

/* A text that is a str in Python 2 and in Python 3; key and keep as npki_write_text takes them. A shape. */
void npki_write_code(npk_writer *w, const char *text, size_t size, uint64_t key, bool keep);
void npki_write_shape(npk_writer *w, int ndim, const int64_t *shape, bool keep); /* keep: Python 2 numbers it */

/* --- order.c --- */

/* An entry of the dict of fields: a field under its name or its title. */
typedef struct npki_entry {
    size_t field;
    bool is_title;
    bool is_second; /* the other key of the field comes before it */
} npki_entry;

size_t npki_entry_count(const npk_dtype *dtype);

/* The entries in the order in which the dialect's Python gives them out. Ownership: *out is the caller's; NULL for
 * none. False without memory. */
bool npki_entries(npk_writer *w, const npk_dtype *dtype, npki_entry **out);

/* --- ndarray.c --- */

/* An array before its elements, and after them; their text stands between. `buffer`: as protocol 5 has them. */
void npki_begin_ndarray(npk_writer *w, const npk_array *array, bool buffer, bool axes);
void npki_end_ndarray(npk_writer *w, const npk_array *array, bool buffer, char order, const int64_t *axes);

/* The parts of that: (_reconstruct, (class, (0,), b'b'), and (1, shape, dtype, is_fortran, of a state of so many
 * items. */
void npki_begin_reconstruct(npk_writer *w, const char *module, const char *name);
void npki_begin_state(npk_writer *w, const npk_array *array, int64_t items);

/* The order in which the elements of an array are written: 'C' or 'F'. */
char npki_written_order(const npk_writer *w, const npk_array *array);

/* Whether NumPy gives the elements of this type as a buffer, and the protocol has one. */
bool npki_has_buffer(npk_writer *w, const npk_dtype *dtype);

/* An array. `buffer`: at protocol 5 as a buffer, if NumPy has it so. */
npk_status npki_write_array(npk_writer *w, const npk_array *array, bool buffer);

/* The array by type, shape and order, where its elements come otherwise than from its memory. */
npk_array npki_without_data(const npk_array *array);

/* Whether the array is one that can be written; it is an error where it is not. */
bool npki_can_write(npk_writer *w, const npk_array *array);

/* Its elements as they stand in a state: bytes, or the list of a document's objects. */
void npki_write_payload(npk_writer *w, const npk_array *array);

/* --- elements.c --- */

/* kind: BYTES as they are at the protocol, BYTEARRAY for a buffer that may be written to. */
void npki_write_elements(npk_writer *w, const npk_array *array, char order, npk_kind kind, bool fresh);
void npki_write_zeros(npk_writer *w, uint64_t size);

/* A part of such bytes, from byte `at` of all on, that lie in the pickle as they are; padding as zeros. */
void npki_part_masked(npk_writer *w, const uint8_t *bytes, size_t size, const uint8_t *mask, size_t itemsize,
                      uint64_t at);

/* --- pyarray.c --- */

/* Whether a document's value is an array.array that the writer's Python would not write, or not load, as its pickle
 * has it; and that, as it would write it. */
bool npki_is_foreign_pyarray(const npk_writer *w, const npk_value *value);
void npki_translate_pyarray(npk_writer *w, const npk_value *value);

/* Bytes in pieces: `size` plain bytes, which `next` gives twice over where the coat must be measured first. */
typedef struct npki_pieces {
    void (*start)(void *context);
    size_t (*next)(void *context, const uint8_t **piece); /* 0 at the end */
    void *context;
} npki_pieces;

npk_status npki_write_bytes(npk_writer *w, npk_kind kind, const npki_pieces *pieces, uint64_t size, bool fresh);

/* A str, bytes, bytearray or Python 2's str of a document, in its own right: no GET, the PUT is the caller's. */
void npki_write_plain_text(npk_writer *w, const npk_value *value);

/* --- sent.c: values that a writer of values was given --- */

/* As the alphabet writes them; false for those that a graph's walk writes the same way. `keep`: the memo is to have
 * it. */
bool npki_replay(npk_writer *w, const npk_value *value, bool keep);

/* Whether the alphabet has the memo of Python 2's cPickle keep it in any case. */
bool npki_keeps_replayed(const npk_value *value);

/* --- respell.c: a graph that goes to another Python or NumPy --- */

struct npki_global;
struct npki_object;

/* How the dialect spells a global of a document; true if that is another spelling than the document's. */
bool npki_translate(const npk_writer *w, const struct npki_global *global, npki_global_name *out);

/* What the strings in a container are: what the program's author meant by them (OWN), NumPy's names (TEXT), its
 * elements (BYTES); of the dict that is an object's state the keys are names of attributes, which are text. */
typedef enum npki_role {
    NPKI_ROLE_OWN,
    NPKI_ROLE_TEXT,
    NPKI_ROLE_BYTES,
    NPKI_ROLE_ATTRIBUTES,
    NPKI_ROLE_WRAPPED, /* a pair: the state of an array, and the state of its class */
    NPKI_ROLE_PYARRAY  /* a typecode, which is text, and elements */
} npki_role;

/* The role of `value`, a container or string, below a call, or (`call` NULL) below a container `parent` of a role. */
npki_role npki_role_below(const struct npki_object *call, npki_role role, const npk_value *parent,
                          const npk_value *value);

/* A str of Python 2 as text or bytes of Python 3. `key`: of the value. */
void npki_write_python2_str(npk_writer *w, const npk_value *value, npki_role role, uint64_t key, bool keep);

#endif
