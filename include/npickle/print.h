/* Values and arrays as text: as Python and NumPy print them, as JSON, as CSV.
 *
 *     npk_doc *doc = NULL;
 *     npk_print_options options = {.width = 120, .precision = 3};
 *     if (npk_doc_load("field.pkl", NULL, &doc, &error) == NPK_OK) {
 *         if (npk_print_value(npk_doc_root(doc), &options, npk_sink_file, stdout, &error) != NPK_OK)
 *             fprintf(stderr, "%s\n", error.message);
 *         npk_doc_free(doc);
 *     }
 *
 * Every call hands text in UTF-8 to a function, in pieces (npickle/sink.h has the usual functions). There is no NUL at
 * its end, and no newline either, except in CSV and npk_print_instructions, where every line ends in one. Whatever the
 * pickle holds, the text has no control characters but newlines (and tabs and CR in CSV), and nothing else that a
 * terminal would obey. Values and arrays are borrowed for the call.
 *
 * Errors of every call: NPK_ERR_IO where the function returned an errno (then in error->system), NPK_ERR_LIMIT where
 * the text would be longer than options.most, NPK_ERR_MEMORY, and NPK_ERR_USAGE where a pointer that is needed is NULL
 * or an option has no meaning. Part of the text may have been handed on by then.
 *
 * Threads: nothing is changed, so several threads may print one document or array at a time.
 */
#ifndef NPICKLE_PRINT_H
#define NPICKLE_PRINT_H

#include <npickle/opcode.h>
#include <npickle/sink.h>
#include <npickle/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 0 in an option where 0 itself means the default. */
#define NPK_PRINT_ZERO (NPK_UNLIMITED - 1)

/* What becomes of NaN and the infinities, which JSON has no way to write. */
typedef enum npk_json_nan {
    NPK_JSON_NAN_NULL = 0,   /* null */
    NPK_JSON_NAN_PYTHON = 1, /* NaN, Infinity, -Infinity, as json.dumps writes them: not JSON, but Python reads it */
    NPK_JSON_NAN_REFUSE = 2  /* NPK_ERR_UNSUPPORTED */
} npk_json_nan;

/* What npk_print_value and npk_print_json do with a value that they have printed before. */
typedef enum npk_print_shared {
    NPK_SHARED_REPEAT = 0, /* print it again, as repr() and json.dumps do */
    /* refer to it by its path from what is printed: "<same as [0]['w']>", {"same_as": "[0]['w']"} */
    NPK_SHARED_REFER = 1
} npk_print_shared;

/* All zero: the defaults. 0 means what stands in parentheses. width, precision, threshold and edge_items are those
 * of numpy.set_printoptions. */
typedef struct npk_print_options {
    const npk_allocator *allocator; /* NULL: malloc */

    uint64_t width;      /* characters in a line of an array (75); NumPy's linewidth */
    uint64_t precision;  /* digits after the point of floats in arrays, at most (8); NPK_PRINT_ZERO: none */
    uint64_t threshold;  /* larger arrays are shortened (1000 elements); NPK_PRINT_ZERO: all, NPK_UNLIMITED: none */
    uint64_t edge_items; /* ... to so many elements at either end of each axis (3) */
    uint64_t depth;      /* of containers inside one another (NPK_UNLIMITED); deeper ones print as "..." */
    uint64_t most;       /* bytes of text (as npk_limits.output says, and options.h) */

    npk_json_nan json_nan;
    npk_print_shared shared; /* of values inside the one that is printed */
    npk_budget *budget;      /* that the text comes out of, besides `most`; NULL: none */
    uintptr_t reserved[7];   /* zero */
} npk_print_options;

/* --- as Python and NumPy print them --- */

/* repr() of Python 3 and NumPy 2: "{'w': array([1., 2.], dtype=float32)}". Values that are neither Python's own nor
 * NumPy's stand in angle brackets: <collections.OrderedDict> is a class or function, <m.C object state={...}> an
 * object. An array of a class that has more in its state than NumPy's own is <m.C data=array([1., 2.]) state=(...,
 * {'unit': 'm'})>, with "..." for what is the array's.
 * A container prints as "[...]" inside itself. With options.shared an object, a container that is not empty, and a
 * text, scalar or dtype that is long are printed once; where they come again stands "<same as PATH>", the path being
 * that of npk_walk_path, or the value's number where it is longer than 100 bytes. An array of Python objects that lies
 * too deep for options.depth prints as "array(..., dtype=object)".
 * Errors: NPK_ERR_LIMIT also for more than 4000 containers inside one another, unless options.depth is less. */
NPK_CHECKED NPK_API npk_status npk_print_value(const npk_value *value, const npk_print_options *options,
                                               npk_write_function *write, void *context, npk_error *error);

/* repr() of NumPy 2: "array([[1., 2.], [3., 4.]])". Any array: of a document, or of the caller's own. */
NPK_CHECKED NPK_API npk_status npk_print_array(const npk_array *array, const npk_print_options *options,
                                               npk_write_function *write, void *context, npk_error *error);

/* --- as JSON (RFC 8259) ---
 *
 *   None, bool, int, float    null, true, 1, 2.5; ints of up to 4300 digits; options.json_nan says what becomes of NaN
 *                             and the infinities
 *   complex                   [real, imaginary]
 *   str                       a string; a lone surrogate as \udcXX
 *   bytes, bytearray, Python 2's str    a string, each byte a character of latin-1
 *   list, tuple, set, frozenset, array.array    [...]
 *   dict                      {...}. Keys become strings as json.dumps makes them, bytes as above; any other value is
 *                             what repr() gives. A key that was set twice comes out twice: readers of JSON take
 *                             the last
 *   array                     lists inside lists, one for each dimension, never shortened. Numbers have the fewest
 *                             digits that their own type reads back. A struct is {"x": 1, "y": 2.5}, a datetime64
 *                             "2024-02-29T12:00", a timedelta64 its number, NaT null, a V as bytes
 *   masked array              the same, with null where it is masked
 *   array with a state of its own class    {"class": "m.C", "array": [...], "state": ["...", {"unit": "m"}]}, "..." for
 *                             what is the array's; "call" and "args" where a call was given the array's state
 *   NumPy scalar              as an element of an array
 *   dtype                     what npk_dtype_descr gives
 *   class or function         {"global": "collections.deque"}
 *   any other object          {"class": "m.C", "args": [...], "kwargs": {...}, "state": {...}, "items": [...],
 *                             "pairs": {...}} with those parts that the pickle has; "call" instead of "class" where
 *                             Python would call a function to make it. One that is malformed and was kept has
 *                             "malformed": {"status": "ARRAY", "offset": 174, "message": "..."} besides
 *   malformed value           {"opcode": "INT", "args": "12x", "malformed": {...}}
 *   persistent id, extension code    {"persistent_id": ...}, {"extension_code": 7}
 *   bytes out of band         {"buffer": 24}, their size
 *   what was printed before   with options.shared, and also of what holds itself: {"same_as": "[0]['w']"}, for the same
 *                             values as of npk_print_value and with the same path. A key of a dict that is no str,
 *                             bytes or number and was printed before as a key is "<same as [0]>", if it has more
 *                             than 100 bytes
 *
 * Errors: NPK_ERR_UNSUPPORTED, with the path of the value, for a container that holds itself without options.shared,
 * for an int of more digits, and for NaN and the infinities if json_nan refuses them. With options.depth given, a
 * container that holds itself or lies too deep becomes the string "..." instead. */
NPK_CHECKED NPK_API npk_status npk_print_json(const npk_value *value, const npk_print_options *options,
                                              npk_write_function *write, void *context, npk_error *error);

/* The same for an array, of a document or of the caller's own. Errors: NPK_ERR_UNSUPPORTED also for Python objects in
 * it. */
NPK_CHECKED NPK_API npk_status npk_print_array_json(const npk_array *array, const npk_print_options *options,
                                                    npk_write_function *write, void *context, npk_error *error);

/* --- as CSV (RFC 4180, but lines end in LF) --- */

/* A line for each element of an array of structs, after a line with the names; for each element of an array of one
 * dimension; or for each row of an array of two. Numbers and times are what NumPy 2's str() gives. Text and bytes stand
 * as they are, except that characters which a terminal would obey are escaped as in repr(). A masked element is empty.
 * `value`: an array, a masked array or a NumPy scalar.
 * Errors: NPK_ERR_TYPE for any other value, NPK_ERR_UNSUPPORTED for an array that is not a table. */
NPK_CHECKED NPK_API npk_status npk_print_csv(const npk_value *value, const npk_print_options *options,
                                             npk_write_function *write, void *context, npk_error *error);
NPK_CHECKED NPK_API npk_status npk_print_array_csv(const npk_array *array, const npk_print_options *options,
                                                   npk_write_function *write, void *context, npk_error *error);

/* --- text --- */

/* X(form, value, what): how a text is written so that it may stand in another. */
#define NPK_TEXT_FORM_ROWS(X)                                                                                          \
    X(STR, 0, "repr() of a str, given in UTF-8: 'a\\n'")                                                               \
    X(LATIN1, 1, "repr() of a str, given in latin-1")                                                                  \
    X(ASCII, 2, "ascii() of a str, given in latin-1")                                                                  \
    X(BYTES, 3, "repr() of bytes: b'a\\x00'")                                                                          \
    X(BYTEARRAY, 4, "repr() of a bytearray: bytearray(b'a')")                                                          \
    X(NAME, 5, "repr() of a str, given in UTF-8, without its quotes")                                                  \
    X(JSON, 6, "a string of JSON, given in UTF-8: \"a\\u000a\"")                                                       \
    X(JSON_LATIN1, 7, "a string of JSON, given in latin-1")                                                            \
    X(TERMINAL, 8, "without quotes: what is not printable, and no more, is escaped as in a str")                       \
    X(CSV, 9, "without quotes: what a terminal would obey, but tabs and the ends of lines, is escaped as in a str")

typedef enum npk_text_form {
#define NPK_TEXT_FORM_ENUM(form, value, what) NPK_TEXT_##form = (value),
    NPK_TEXT_FORM_ROWS(NPK_TEXT_FORM_ENUM)
#undef NPK_TEXT_FORM_ENUM
} npk_text_form;

/* Any bytes may be given. Where UTF-8 is expected, a byte that is not part of it comes out as \xNN, in STR and JSON as
 * \udcNN, which is what Python's surrogateescape makes of it. Allocates nothing. */
NPK_CHECKED NPK_API npk_status npk_print_text(const void *text, size_t size, npk_text_form form,
                                              npk_write_function *write, void *context, npk_error *error);

/* --- instructions --- */

/* All zero: the defaults. */
typedef struct npk_instruction_options {
    const npk_allocator *allocator; /* NULL: malloc */
    bool annotate;         /* after each opcode, what it does */
    bool latin1;           /* strings of Python 2 may go beyond ASCII, as in pickletools since Python 3.14 */
    /* an npk_memo_scope: OF_STREAM, and a pickle may refer to what those of `in` before it stored, as pickletools.dis
     * does with `memo`; npk_print_instruction ignores it */
    uintptr_t memo_scope;
    uintptr_t reserved[3]; /* zero */
} npk_instruction_options;

/* The next pickle of `in` as pickletools.dis prints it, up to its STOP. It is checked as pickletools checks it: where
 * that raises, the lines before have been printed, and the error says why.
 * Errors: those of npk_instructions_next; NPK_ERR_STACK and NPK_ERR_MEMO; NPK_ERR_ARGUMENT and NPK_ERR_LIMIT for an
 * argument that pickletools cannot read or Python does not print. */
NPK_CHECKED NPK_API npk_status npk_print_instructions(npk_instructions *in, const npk_instruction_options *options,
                                                      npk_write_function *write, void *context, npk_error *error);

/* The argument of one instruction alone; no text where it has none. Ignores `annotate`. */
NPK_CHECKED NPK_API npk_status npk_print_instruction(const npk_instruction *instruction,
                                                     const npk_instruction_options *options, npk_write_function *write,
                                                     void *context, npk_error *error);

#ifdef __cplusplus
}
#endif
#endif
