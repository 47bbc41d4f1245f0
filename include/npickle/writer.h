/* Values -> bytes.
 *
 *     float field[2][3] = {{1, 2, 3}, {4, 5, 6}};
 *     npk_writer *writer = NULL;
 *     npk_status status = npk_writer_open("field.pkl", NULL, &writer, &error);
 *     if (status == NPK_OK) {
 *         npk_write_begin_dict(writer, 2);
 *         npk_write_str(writer, "step");
 *         npk_write_int(writer, 7);
 *         npk_write_str(writer, "field");
 *         npk_write_array(writer, &NPK_ARRAY(&field[0][0], 2, 3));
 *         npk_write_end(writer);
 *         status = npk_writer_finish(writer, &error);
 *     }
 *     if (status != NPK_OK)
 *         fprintf(stderr, "%s\n", error.message);
 *
 * These calls write every value there is, at every protocol; how a protocol spells a value is the writer's business.
 * The bytes are those that the dialect's pickler writes for the same object: tests compare them.
 *
 * Errors are sticky: after the first one every call does nothing and returns it again, and npk_writer_finish returns it
 * too. So a program may check only there. A writer that is misused (a dict with an odd number of items, an
 * npk_write_end too many) never writes a pickle that ends in STOP.
 *
 * Threads: a writer belongs to one thread at a time. Several may write values of one document, or one array, at a time.
 */
#ifndef NPICKLE_WRITER_H
#define NPICKLE_WRITER_H

#include <npickle/dialect.h>
#include <npickle/reader.h>
#include <npickle/sink.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a str of Python 2 becomes (NPK_KIND_PYTHON2_STR, npk_write_value). Names that NumPy reads and the names of
 * attributes become text, the elements of arrays bytes; this is about all others. */
typedef enum npk_python2_str {
    NPK_PYTHON2_STR_KEEP = 0,   /* what it was: Python 3 loads it with an encoding only */
    NPK_PYTHON2_STR_TEXT = 1,   /* str: each byte a character of latin-1 */
    NPK_PYTHON2_STR_BYTES = 2,  /* bytes */
    NPK_PYTHON2_STR_REFUSE = 3, /* NPK_ERR_CAST */
    NPK_PYTHON2_STR_UTF8 = 4    /* str where the bytes are UTF-8, as ASCII is, else bytes */
} npk_python2_str;

/* Is asked for each of these strings what it becomes: KEEP: what the option python2_str says. It is asked once or more
 * often for a string, and shall answer the same each time. */
typedef npk_python2_str npk_python2_str_function(void *context, const npk_value *str);

/* What is numbered in the memo. */
typedef enum npk_memo_policy {
    NPK_MEMO_PYTHON = 0,  /* what a pickler numbers; of a graph, what its pickle had numbered */
    NPK_MEMO_MINIMAL = 1, /* of a graph, what is referred to again, as pickletools.optimize leaves it; else as PYTHON */
    NPK_MEMO_NONE = 2     /* nothing: what is shared is written again, and what holds itself can't be (NPK_ERR_LIMIT) */
} npk_memo_policy;

/* Is offered each payload that protocol 5 may leave out of the pickle: that of an array that npk_write_* is given; of a
 * value of a document each that is outside of its pickle already (npk_buffer.outside), and each of which a call
 * (NumPy's _frombuffer, numpy.ndarray) makes an array, lies raw in the pickle and belongs to nothing else. True: it
 * keeps the bytes, which must then be given to pickle.loads(..., buffers=), or npk_read_options.buffers, in this order.
 * The bytes are the array's or the document's own memory: nothing is copied. False: they go into the pickle. */
typedef bool npk_buffer_function(void *context, const npk_buffer *buffer);

/* A module and a name in it, neither of which needs a NUL at its end. "A.B" is class B inside class A. */
typedef struct npk_name {
    const char *module;
    size_t module_size;
    const char *name;
    size_t name_size;
} npk_name;

/* Is asked for each class and function that npk_write_value comes to, by its name in the pickle it was read from,
 * however that spells it: GLOBAL, STACK_GLOBAL, INST, getattr() of the class around it. True, and *to: it is written
 * under this name, as it is. False: its name is not the caller's business. *to is borrowed until the next value is
 * written, and not looked at where the answer is false. What is no name (empty, also between two dots; white space in
 * it; not UTF-8) makes NPK_ERR_USAGE. Below protocol 3 Python 3 takes some names for others, Queue for queue: such a
 * new name is NPK_ERR_UNSUPPORTED but in a dialect of Python 2. */
typedef bool npk_rename_function(void *context, const npk_name *from, npk_name *to);

/* What npk_write_value does with a class, a function or a state that the dialect's Python or NumPy can't load, as far
 * as npickle knows (lib/globals/has.def), and for which it has nothing else; and with a dict or a set of which an entry
 * would be lost, since two of its keys are one key there (for Python 3, text, and a str of Python 2 that becomes that
 * text; for Python 2, 'a' and b'a'). The default dialect must be loaded by CPython 3.10 and NumPy 1.26, and by all
 * after them. */
typedef enum npk_unloadable {
    NPK_UNLOADABLE_WRITE = 0, /* it is written all the same */
    NPK_UNLOADABLE_REFUSE = 1 /* NPK_ERR_UNSUPPORTED; the message says where it is and which release has it */
} npk_unloadable;

/* All zero: the defaults. */
typedef struct npk_write_options {
    const npk_allocator *allocator; /* NULL: malloc */
    npk_limits limits;
    bool protocol_given; /* without it a `protocol` of 0 means 2: the highest that Python 2 reads too */
    int protocol;        /* 0 to NPK_PROTOCOL_MAX */
    npk_dialect dialect;
    npk_memo_policy memo;
    npk_buffer_function *buffer; /* protocol 5: takes payloads out of band; NULL, and below protocol 5: they go into the
                                  * pickle, as bytes where they are read-only, else as a bytearray */
    void *buffer_context;

    /* What lies between the fields of a struct, and the six bytes that an x87 long double does not use, is written
     * as zeros: the output is the same each time, and holds nothing of the program's memory that was not asked for.
     * True: as it lies there, as NumPy does it. Bytes that go out of band are always as they lie. */
    bool keep_padding;

    /* For npk_write_value; without them values stay as they were read. */
    /* Modules and classes get their names in the dialect's Python and NumPy, as far as npickle knows: those of Python 2
     * below protocol 3, and there alone, as Python 3 has it; an array.array gets its form there, and where the typecode
     * is missing another: B for c and z, l and L for q and Q, u for w. Without it, too, what has a name of Python 2
     * below protocol 3 has that of Python 3 from there on, where nobody takes the one for the other. With and without
     * it, what has a name from protocol 3 on that Python 3 takes for another below it, as it takes Queue for queue, is
     * NPK_ERR_UNSUPPORTED there, but for a dialect of Python 2. */
    bool translate_names;
    npk_python2_str python2_str;

    /* Bytes that npk_writer_memory sets aside at once: with what npk_sink_count counted nothing is copied or moved
     * afterwards. 0: it grows as needed. A pickle may take more, or less. */
    size_t size_hint;
    npk_memo_scope memo_scope; /* what npk_writer_next leaves of the memo; not together with NPK_MEMO_MINIMAL */
    npk_unloadable unloadable; /* with translate_names: what the dialect's Python and NumPy do not have */
    npk_rename_function *rename; /* for npk_write_value; NULL: names stay, but for translate_names */
    void *rename_context;
    npk_python2_str_function *python2_str_of; /* for one string rather than another; NULL: python2_str counts for all */
    void *python2_str_context;
    npk_budget *budget; /* of all that npk_write_value writes, borrowed until the writer ends; NULL: limits.output */
    uintptr_t reserved[1]; /* zero */
} npk_write_options;

/* What the writer of a document's answer should be given: the protocol that `doc` has and the dialect that it shows,
 * NumPy 2's by names that only NumPy 2 has, Python 2's by opcodes that only Python 2 writes, else the default. All
 * else is zero. False, and *out left alone, where one of them is NULL. npk_identify says more, and npk_check whether
 * the same bytes come out. */
NPK_API bool npk_write_options_for(const npk_doc *doc, npk_write_options *out);

/* The buffers that a pickle of protocol 5 leaves out, as a list:
 *
 *     npk_buffers buffers = {0};
 *     npk_write_options options = {.protocol_given = true, .protocol = 5,
 *                                  .buffer = npk_buffers_collect, .buffer_context = &buffers};
 *     npk_status status = npk_doc_save("without.pkl", doc, &options, &error);
 *     npk_read_options back = {.buffers = buffers.items, .buffer_count = buffers.count};
 *     npk_doc *copy = NULL;
 *     if (status == NPK_OK)
 *         status = npk_doc_load("without.pkl", &back, &copy, &error);
 *     npk_doc_free(copy);
 *     npk_buffers_free(&buffers);
 */
typedef enum npk_buffers_keep {
    NPK_BUFFERS_BORROW = 0, /* the arrays' own memory, which must outlive the list and what is read with it */
    NPK_BUFFERS_COPY = 1    /* a copy each */
} npk_buffers_keep;

/* All zero is an empty list. */
typedef struct npk_buffers {
    const npk_allocator *allocator; /* NULL: malloc */
    npk_buffers_keep keep;
    npk_buffer *items; /* the list's own */
    size_t count;
    size_t room;
    uintptr_t reserved[4]; /* zero */
} npk_buffers;

/* An npk_buffer_function; context: an npk_buffers *. Returns true and adds the buffer to the list. False, so that it
 * goes into the pickle, where there is not enough memory, where `keep` or `reserved` is none of the above, and for
 * NULL. */
NPK_API bool npk_buffers_collect(void *context, const npk_buffer *buffer);
/* Frees the list, and the copies if it made any; it is empty then. NULL: does nothing. */
NPK_API void npk_buffers_free(npk_buffers *buffers);

typedef struct npk_writer npk_writer;

/* A writer of one pickle: into memory, to a FILE (which npk_writer_finish flushes), to a descriptor, to a function.
 * Neither is ever closed. Each returns NPK_OK and the writer in *out, or an error and leaves *out alone. Ownership:
 * *out is the caller's, until npk_writer_finish, npk_writer_finish_memory or npk_writer_abandon. The options are
 * copied; file, descriptor and context are borrowed until then. Errors: NPK_ERR_MEMORY; NPK_ERR_USAGE for NULL, for a
 * protocol or dialect that does not exist, for a dialect without that protocol, and for other options that are
 * wrong. */
NPK_CHECKED NPK_API npk_status npk_writer_memory(const npk_write_options *options, npk_writer **out, npk_error *error);
NPK_CHECKED NPK_API npk_status npk_writer_file(FILE *file, const npk_write_options *options, npk_writer **out,
                                               npk_error *error);
NPK_CHECKED NPK_API npk_status npk_writer_fd(int fd, const npk_write_options *options, npk_writer **out,
                                             npk_error *error);
NPK_CHECKED NPK_API npk_status npk_writer_callback(npk_write_function *write, void *context,
                                                   const npk_write_options *options, npk_writer **out,
                                                   npk_error *error);

/* A writer to a file, which npk_writer_finish puts in the place of the one that was there, as npk_output_open describes
 * it. The old one stays until then; and it stays for good where writing fails, or after npk_writer_abandon. Returns,
 * and owns, as those above. Errors: theirs; NPK_ERR_IO. */
NPK_CHECKED NPK_API npk_status npk_writer_open(const char *path, const npk_write_options *options, npk_writer **out,
                                               npk_error *error);

/* A writer of one more pickle at the end of a file, which is made if it does not exist (npk_reader_open and
 * npk_reader_next read them one after another). Bytes go out as they come. Where writing fails, or after
 * npk_writer_abandon, the file is cut back to what it was; a process that is killed leaves part of a pickle behind,
 * which a reader reports as NPK_ERR_TRUNCATED after those before it. One writer at a time. Nothing is synced to the
 * disk. Returns, and owns, as those above. Errors: theirs; NPK_ERR_IO. */
NPK_CHECKED NPK_API npk_status npk_writer_append(const char *path, const npk_write_options *options, npk_writer **out,
                                                 npk_error *error);

/* Ends the pickle at hand with STOP, and begins another one behind it. With NPK_MEMO_OF_STREAM the memo goes on, as
 * that of a Pickler that dumps again: what an earlier pickle has is referred to by its number, also by npk_write_again.
 * Else the new pickle begins with an empty memo, and what npk_writer_last gave out before is void. Errors, which are
 * sticky: those of npk_writer_finish; NPK_ERR_USAGE for the writer of a document, which holds one pickle.
 *
 * Many small arrays, each a pickle of its own, are written by one writer that goes on in less than a tenth of the time
 * that a writer for each takes: from the third on they are put together from one before. When this returns, the
 * writer's function has been given all of the pickle and nothing of the next one; npk_writer_abandon ends a writer
 * whose next pickle is not to be. */
NPK_API npk_status npk_writer_next(npk_writer *writer);

/* Says where in its file the writer's first byte goes, 0 if nothing is said: joblib aligns the elements of its arrays
 * to the start of the file. npk_writer_append knows it by itself. For a writer that has written no value yet. Returns
 * NPK_OK; NPK_ERR_USAGE for NULL. */
NPK_API npk_status npk_writer_begins_at(npk_writer *writer, uint64_t offset);

/* Writes STOP and all that is still held, and frees the writer, also where it fails. Returns NPK_OK when the pickle is
 * whole and handed on; else the first error of all calls of this writer, or NPK_ERR_IO of this one. Errors:
 * NPK_ERR_USAGE for NULL, for a container that is still open, and for none or several values. */
NPK_CHECKED NPK_API npk_status npk_writer_finish(npk_writer *writer, npk_error *error);

/* The same for npk_writer_memory, and gives the pickle: *bytes, *size. Ownership: *bytes is the caller's, until
 * npk_bytes_free with the same allocator. Errors: those of npk_writer_finish; NPK_ERR_USAGE for another kind of writer,
 * and where `bytes` or `size` is NULL. The writer is freed in any case. */
NPK_CHECKED NPK_API npk_status npk_writer_finish_memory(npk_writer *writer, uint8_t **bytes, size_t *size,
                                                        npk_error *error);
/* Frees bytes that npk_writer_finish_memory, npk_array_save_memory or npk_doc_save_memory gave; `size` is that which
 * came with them. `allocator`: the one in the options, NULL for malloc. NULL for `bytes`: does nothing. */
NPK_API void npk_bytes_free(const npk_allocator *allocator, uint8_t *bytes, size_t size);

/* Frees the writer without an end to the pickle. NULL: does nothing. */
NPK_API void npk_writer_abandon(npk_writer *writer);

/* The first error of this writer, NPK_OK if nothing failed; NPK_ERR_USAGE for NULL. */
NPK_API npk_status npk_writer_status(const npk_writer *writer);

/* What the pickle has lost so far, where the Python or NumPy that it is for has no place for it and loads all else: the
 * first such thing, as "at [0]: the SeedSequence, which spawn() needs, is left out: ...". The path is one into the
 * value that npk_write_value was given; without it the call before was another one. NULL: nothing, and for NULL.
 * Borrowed from the writer: to be asked before npk_writer_finish. What the caller asks for (a mask or a name to be
 * dropped) is not told of. */
NPK_API const char *npk_writer_left_out(const npk_writer *writer);

/* --- values ---
 *
 * Every call below that returns a status returns NPK_OK, or the writer's first error, also where an earlier call made
 * it. What it is given is written or copied before it returns, except for payloads that options->buffer takes.
 * Errors of all: NPK_ERR_USAGE where `writer`, or what a call needs, is NULL, and where a value may not stand at this
 * place; NPK_ERR_IO from the sink, NPK_ERR_MEMORY, NPK_ERR_LIMIT; NPK_ERR_TOO_LARGE for what the protocol has no size
 * for; NPK_ERR_UNSUPPORTED for what the protocol or the dialect can't express. */

#define NPK_UNKNOWN (-1)

/* A container: its items, or a dict's keys and values in turn, are what is written until npk_write_end. `count`: how
 * many items, or pairs of a dict; or NPK_UNKNOWN. A count that turns out wrong is NPK_ERR_USAGE. NPK_UNKNOWN gives the
 * same bytes, unless more than 64 KiB come before the second item (a tuple's fourth), and a pickle that is as valid
 * then. */
NPK_API npk_status npk_write_begin_list(npk_writer *writer, int64_t count);
NPK_API npk_status npk_write_begin_tuple(npk_writer *writer, int64_t count);
NPK_API npk_status npk_write_begin_dict(npk_writer *writer, int64_t count); /* key, value, key, value ... */
NPK_API npk_status npk_write_begin_set(npk_writer *writer, int64_t count);
NPK_API npk_status npk_write_begin_frozenset(npk_writer *writer, int64_t count);
NPK_API npk_status npk_write_end(npk_writer *writer);

/* Plain values. A text is UTF-8, up to its NUL or of `size` bytes; lone surrogates are three bytes. The bytes of a long
 * are little-endian two's complement; in Python 2 it stays a long, whatever its size. */
NPK_API npk_status npk_write_none(npk_writer *writer);
NPK_API npk_status npk_write_bool(npk_writer *writer, bool value);
NPK_API npk_status npk_write_int(npk_writer *writer, int64_t value);
NPK_API npk_status npk_write_uint(npk_writer *writer, uint64_t value);
NPK_API npk_status npk_write_long(npk_writer *writer, const uint8_t *bytes, size_t size);
NPK_API npk_status npk_write_float(npk_writer *writer, double value);
NPK_API npk_status npk_write_complex(npk_writer *writer, double real, double imaginary);
NPK_API npk_status npk_write_str(npk_writer *writer, const char *text);
NPK_API npk_status npk_write_str_size(npk_writer *writer, const char *text, size_t size);
NPK_API npk_status npk_write_bytes(npk_writer *writer, const void *bytes, size_t size);
NPK_API npk_status npk_write_bytearray(npk_writer *writer, const void *bytes, size_t size);

/* A list of many: as if npk_write_begin_list, a call for each and npk_write_end had been called, at a fraction of their
 * time. `sizes` NULL: the texts end with NUL. `values` and `texts` may be NULL where `count` is 0. */
NPK_API npk_status npk_write_doubles(npk_writer *writer, const double *values, size_t count);
NPK_API npk_status npk_write_ints(npk_writer *writer, const int64_t *values, size_t count);
NPK_API npk_status npk_write_strs(npk_writer *writer, const char *const *texts, const size_t *sizes, size_t count);

/* Something outside, which the reader's persistent_load knows by this text. */
NPK_API npk_status npk_write_persid(npk_writer *writer, const char *id);

/* A class or function by the names of Python 3 ("builtins", "range"), which below protocol 3 become those of Python
 * 2; what NumPy 1 and 2 have in different places ("numpy", "bool_") by the names of either. The same names are the
 * same object. A class inside another is "Outer.Inner", which Python 2 has no name for (NPK_ERR_UNSUPPORTED). */
NPK_API npk_status npk_write_global(npk_writer *writer, const char *module, const char *name);

/* An object that Python makes by a call. Between begin and npk_write_end: the callable (npk_write_global), the
 * arguments (a tuple), then, where it has them, items that are appended to it and keys that are set in it, and its
 * state (what __setstate__ is given, or the dict of its attributes). npk_write_begin_new is cls.__new__(cls,
 * *arguments), from protocol 2 on; npk_write_begin_new_ex cls.__new__(cls, *arguments, **keywords), from protocol 4 on:
 * the keywords are a dict after the arguments. Items end at npk_write_end, and so do pairs of keys and values. */
NPK_API npk_status npk_write_begin_call(npk_writer *writer);
NPK_API npk_status npk_write_begin_new(npk_writer *writer);
NPK_API npk_status npk_write_begin_new_ex(npk_writer *writer);
NPK_API npk_status npk_write_begin_appended(npk_writer *writer, int64_t count);
NPK_API npk_status npk_write_begin_assigned(npk_writer *writer, int64_t count);

/* An array, from any strides; its elements are read once, before the call returns. Two arrays with the same descriptor
 * (the same pointer) share it in the pickle, as NumPy's do: such descriptors must live until the writer is finished.
 * Fortran order is kept where the array has it. */
NPK_API npk_status npk_write_array(npk_writer *writer, const npk_array *array);

/* An array whose elements come in parts: `array` has dtype, shape and order; its data, strides and payload are not
 * looked at. Then the elements, as they lie in that order, in any number of npk_write_part, to npk_write_end. The
 * writer holds none of it. From protocol 3 on; before, only in the python2 dialect at protocols 1 and 2, since the
 * others must know every byte to say how many there are (NPK_ERR_UNSUPPORTED). Too many bytes, or too few at
 * npk_write_end, are NPK_ERR_USAGE. */
NPK_API npk_status npk_write_begin_array(npk_writer *writer, const npk_array *array);
NPK_API npk_status npk_write_part(npk_writer *writer, const void *bytes, size_t size);

/* --- NumPy's objects --- */

/* A dtype object. The same descriptor (the same pointer) is the same object again. */
NPK_API npk_status npk_write_dtype(npk_writer *writer, const npk_dtype *dtype);

/* A NumPy scalar, numpy.float64(1.5): an array without dimensions, in either byte order. Errors: NPK_ERR_USAGE
 * for one with dimensions. */
NPK_API npk_status npk_write_scalar(npk_writer *writer, const npk_array *scalar);

/* An array of a subclass of ndarray, by its names ("numpy", "matrix"; those that NumPy 1 and 2 have in different
 * modules follow the dialect). */
NPK_API npk_status npk_write_subclass(npk_writer *writer, const char *module, const char *name, const npk_array *array);

/* An array of Python objects: of dtype O, of a struct with such fields, or of NumPy 2's StringDType. `array` has
 * dtype, shape and order; its data is not looked at. Then as many values as it has elements, in C order whatever the
 * order: any value for O, a tuple of the fields for a struct, a str for a StringDType; to npk_write_end. An array of
 * objects that was loaded goes through npk_write_array. */
NPK_API npk_status npk_write_begin_objects(npk_writer *writer, const npk_array *array);

/* A numpy.ma.MaskedArray. mask: bools of the shape of `data`, true where the element is masked (for a struct, one
 * bool for each plain value in it); NULL: nothing is masked. fill: the fill value, an array without dimensions;
 * NULL: NumPy's default.
 * Errors: NPK_ERR_USAGE where mask and data differ in size. */
NPK_API npk_status npk_write_masked(npk_writer *writer, const npk_array *data, const npk_array *mask,
                                    const npk_array *fill);

/* --- what was read, and what was written --- */

/* A value of a document, with all that it holds; sharing and cycles are kept, unknown objects unchanged. Every object
 * is made the way its pickle made it, and all of a document in the order of its pickle; a part of it in the order that
 * its own pickle has. A value that was written before is the same object again.
 * Errors: NPK_ERR_LIMIT for a graph too deep, NPK_ERR_UNSUPPORTED for what the protocol can't spell, NPK_ERR_CAST for a
 * str of Python 2 if the options refuse them. */
NPK_API npk_status npk_write_value(npk_writer *writer, const npk_value *value);

/* The object written last (a container: ended last) a second time: `reference` = npk_writer_last() just after it, then
 * npk_write_again(). Python will see one object in two places. npk_writer_last returns NPK_UNKNOWN for one that pickles
 * never share (None, a number), and for NULL. In the dialect of Python 2's cPickle, which numbers only what more than
 * one thing holds, it is npk_writer_last that gives the number: call it at once. Just after it was begun a list, dict
 * or set can be referred to too, and so hold itself. Errors of npk_write_again: NPK_ERR_USAGE for what is not such a
 * reference. */
NPK_API int64_t npk_writer_last(npk_writer *writer);
NPK_API npk_status npk_write_again(npk_writer *writer, int64_t reference);

#ifdef __cplusplus
}
#endif
#endif
