/* The layer of a writer that knows Python: how each of its objects is written at a protocol by a dialect, with an
 * opcode or, where there is none, by a call. Above it nothing looks at opcodes to write a text, bytes or a name. */
#ifndef NPKI_WRITER_PYTHON_PYTHON_H
#define NPKI_WRITER_PYTHON_PYTHON_H

#include "globals/global.h"
#include "globals/rename.h"
#include "writer/core/core.h"

/* Objects that Python has only once, for npki_key. */
enum {
    NPKI_IS_GLOBAL = NPKI_KEYS_OF_PYTHON, /* of the global's row */
    NPKI_IS_NAMED,                        /* a global without a row, by the hash of its names */
    NPKI_IS_MODULE,                       /* the str of a module's name */
    NPKI_IS_CHAR,                         /* a str of one character of latin-1; 256: the empty one */
    NPKI_IS_BYTE,                         /* bytes of one byte; 256: none */
    NPKI_IS_LATIN1,                       /* the str 'latin1' */
    NPKI_IS_LATIN_1,                      /* the str 'latin-1' of a bytearray */
    NPKI_IS_NAME                          /* the str of a field's name or title, by its hash */
};

/* --- text.c: str --- */

/* CPython has the empty str and those of one latin-1 character once, likewise bytes: their key; 0 for others. */
uint64_t npki_singleton(const npk_writer *w, npk_kind kind, const uint8_t *bytes, size_t size);

/* The opcode of a str: raw-unicode-escape in a line, else UTF-8 as it is. The PUT is the caller's. */
void npki_write_utf8(npk_writer *w, const uint8_t *utf8, size_t size);

/* The PUT of a str or bytes, whose first bytes these are (NULL: those of no str). */
void npki_put_text(npk_writer *w, npk_kind kind, const uint8_t *bytes, size_t size, uint64_t key,
                   npki_number_when number);

/* A str that may have been written before, and is not an item of the container at hand. */
void npki_put_str(npk_writer *w, const uint8_t *utf8, size_t size, uint64_t key, npki_number_when number);

/* One that is. `key` 0: of nobody but itself. */
void npki_write_keyed_str(npk_writer *w, const void *text, size_t size, uint64_t key, npki_number_when number);

/* --- pieces.c: bytes in pieces, through an encoding --- */

/* `next` gives the plain bytes twice over where the encoded size must be measured first. */
typedef struct npki_pieces {
    void (*start)(void *context);
    size_t (*next)(void *context, const uint8_t **piece); /* 0 at the end */
    void *context;
} npki_pieces;

/* All bytes as one piece. */
typedef struct npki_piece {
    const uint8_t *bytes;
    size_t size;
    bool given;
} npki_piece;

npki_pieces npki_one_piece(npki_piece *piece);

/* RAW_UNICODE_ESCAPE: by the escapes of the Python that is written for. */
void npki_encode_pieces(npk_writer *w, npk_encoding encoding, char quote, const npki_pieces *pieces);
uint64_t npki_measure_pieces(const npk_writer *w, npk_encoding encoding, char quote, const npki_pieces *pieces);

/* repr()'s choice for the whole of the bytes. */
char npki_quote_of(const npki_pieces *pieces);

/* --- global.c: classes and functions --- */

npk_status npki_write_meaning(npk_writer *w, npki_meaning meaning);
uint64_t npki_module_key(const char *module, size_t size); /* NPKI_IS_MODULE */

/* What a module or a class can be called by a caller: UTF-8 in one line, not empty. */
bool npki_is_name(const char *name, size_t size);

/* Classes in one another that are written as calls of getattr(). */
#define NPKI_MOST_NESTED 64

/* Whether a name is that of a class inside another that the protocol has no opcode for; and the calls of getattr that
 * are written instead, as one value. */
bool npki_is_nested(const npk_writer *w, npki_global_name of);
void npki_write_nested(npk_writer *w, npki_global_name of);

/* npk_write_global with names that do not end in NUL. A class inside another ("A.B") is getattr(A, "B") where no opcode
 * takes such a name. */
npk_status npki_write_global_size(npk_writer *w, const char *module, size_t module_size, const char *name,
                                  size_t name_size);

/* What a persistent id is at protocol 0. */
bool npki_is_line_of_ascii(const char *text, size_t size);

/* The opcodes of a global whose names are not values of a document; the PUT is the caller's. */
void npki_write_names(npk_writer *w, const char *module, size_t module_size, const char *name, size_t name_size);

/* --- bytes.c --- */

/* Whether bytes may be an object that Python has once, as b'' is. */
typedef enum npki_bytes_are { NPKI_BYTES_ANY, NPKI_BYTES_NEW } npki_bytes_are;

/* BYTES, BYTEARRAY or Python 2's str. */
npk_status npki_write_pieces(npk_writer *w, npk_kind kind, const npki_pieces *pieces, uint64_t size,
                             npki_bytes_are are);

/* STR or what npki_write_pieces writes. `key` 0: of nobody but itself. */
npk_status npki_write_text(npk_writer *w, npk_kind kind, const void *bytes, size_t size, uint64_t key,
                           npki_number_when number);

/* A text that is a str in Python 2 and in Python 3. */
void npki_write_native_str(npk_writer *w, const char *text, size_t size, uint64_t key, npki_number_when number);

/* The str whose latin-1 characters are the bytes. */
void npki_write_latin1(npk_writer *w, const npki_pieces *pieces, uint64_t size);

/* The opcode of Python 2's str: raw, or in a line as repr() prints it. The PUT is the caller's. */
void npki_write_python2_pieces(npk_writer *w, const npki_pieces *pieces, uint64_t size);

/* --- fallback.c: calls of what a protocol has no opcode for --- */

/* set([...]) or frozenset([...]). The list is open afterwards, and ends all of it. */
void npki_begin_set_call(npk_writer *w, npk_kind kind, int64_t count, uint64_t key, npki_number_when number);

/* bytearray(bytes), or from characters of latin-1. */
void npki_write_bytearray_call(npk_writer *w, const npki_pieces *pieces, uint64_t size);

#endif
