/* Bytes -> values.
 *
 *     npk_reader *reader = NULL;
 *     npk_doc *doc = NULL;
 *     npk_status status = npk_reader_open("log.pkl", NULL, &reader, &error);
 *     while (status == NPK_OK && (status = npk_reader_next(reader, &doc, &error)) == NPK_OK && doc != NULL) {
 *         printf("a %s\n", npk_kind_name(npk_value_kind(npk_doc_root(doc))));
 *         npk_doc_free(doc);
 *     }
 *     if (status != NPK_OK)
 *         fprintf(stderr, "%s\n", error.message);
 *     npk_reader_close(reader);
 *
 * Every opcode of every protocol is read, as Python 2, Python 3 and Jython write them. Nothing is imported or called.
 * Reading costs the number of opcodes, not the number of bytes: payloads are borrowed where the pickle holds them raw.
 *
 * Where CPython is lax npickle is strict: see doc/differences.md.
 *
 * Threads: a reader belongs to one thread at a time. A document that it gave may go to any other, and any number may
 * read it (npickle/value.h), also while the reader goes on to the next.
 */
#ifndef NPICKLE_READER_H
#define NPICKLE_READER_H

#include <npickle/source.h>
#include <npickle/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A buffer that the pickle refers to but does not hold (protocol 5, out of band). */
typedef struct npk_buffer {
    const void *bytes;
    size_t size;
    bool readonly;
    /* for an npk_buffer_function: it was outside of the pickle that was read; readers do not look at it */
    bool outside;
    uintptr_t reserved[2]; /* zero */
} npk_buffer;

/* How far the numbers of a memo reach. */
typedef enum npk_memo_scope {
    NPK_MEMO_OF_PICKLE = 0, /* each pickle begins with an empty memo, as one Pickler each writes them */
    NPK_MEMO_OF_STREAM = 1  /* one Pickler dumped several times: a pickle may refer to what an earlier one stored.
                               * All of them are kept until the last is freed, and limits.memory is that of all */
} npk_memo_scope;

/* What becomes of what is malformed: of a call or a state of NumPy's that contradicts itself, say, or of a text that is
 * not UTF-8. */
typedef enum npk_malformed {
    NPK_MALFORMED_REFUSE = 0, /* the pickle is refused */
    NPK_MALFORMED_KEEP = 1    /* an object is one of an unknown class, anything else a MALFORMED; see npk_doc_fault */
} npk_malformed;

/* All zero: the defaults. */
typedef struct npk_read_options {
    const npk_allocator *allocator; /* NULL: malloc */
    npk_limits limits;
    npk_input input;
    const npk_buffer *buffers; /* in the order in which pickling met them, over all pickles of a reader; must outlive
                                * the documents */
    size_t buffer_count;
    npk_array_producer array_producer; /* of array.array as raw bytes: Jython, CPython 2.5 and 2.6 */
    uintptr_t memo_scope;              /* an npk_memo_scope: see npk_reader_next */
    uintptr_t malformed;               /* an npk_malformed */
    uintptr_t reserved[6];             /* zero */
} npk_read_options;

/* One pickle and all that came out of it. */
typedef struct npk_doc npk_doc;

/* The value that the pickle ends with, borrowed from the document; NULL for NULL. */
NPK_API const npk_value *npk_doc_root(const npk_doc *doc);
/* Frees a document with all its values, views and paths; with a memo of the stream see npk_reader_next. NULL: does
 * nothing. */
NPK_API void npk_doc_free(npk_doc *doc);

/* What was seen while reading. */
typedef struct npk_doc_info {
    uint64_t offset;   /* of its first byte, from the start of the input */
    uint64_t size;     /* bytes, STOP included */
    uint64_t opcodes;
    int protocol;      /* what PROTO says, 0 without one; 1 without one if an opcode of protocol 1 was met */
    bool framed;       /* has a FRAME */
    bool python2;      /* has an opcode that only Python 2 writes */
    uint64_t first_put; /* the number under which the memo was first written; UINT64_MAX if it never was */
    uint64_t padding;   /* bytes of padding after STOP; 0 where the input is a stream: see npk_reader_padding */
    uint64_t buffers;   /* payloads outside of it (NEXT_BUFFER) */
    uint64_t earlier;   /* values of earlier pickles that it takes out of a memo of the stream */
    uint64_t reserved[3];
} npk_doc_info;

/* Returns true and fills *out; false, and *out left alone, where `doc` or `out` is NULL. */
NPK_API bool npk_doc_info_of(const npk_doc *doc, npk_doc_info *out);

/* The globals that the pickle names, each once, in the order in which they appear. Borrowed from the document. NULL
 * past the end, and for NULL. */
NPK_API const npk_value *npk_doc_global(const npk_doc *doc, size_t index);

/* What is malformed and was kept because of NPK_MALFORMED_KEEP, each once, in the order in which it was found to be so;
 * npk_value_fault says why. An object whose call or state was refused is an OBJECT with callable, arguments, states and
 * items as the pickle has them, and is written again so. In the place of what an opcode can't make, a text, a number, a
 * name, a container, a call, what was never stored in the memo, stands a MALFORMED. npk_value_find(value, ".<args>")
 * has the argument of the opcode, as bytes, or a tuple of what the opcode takes from the stack, behind its argument
 * where it has both; where there is less than it takes, it has what there is. It is written again as it was, its
 * operands and its opcode, at protocols that have that; numbers of the memo, and what has less than it takes, which
 * would take what belongs to others, are NPK_ERR_UNSUPPORTED then. Borrowed from the document. NULL past the end, and
 * for NULL.
 *
 * Where STOP finds no value or more than one, or the pickle inside an array of joblib makes something else than that
 * array, a MALFORMED of STOP has all of them. So has it where the pickle can't be read on: the input ends, a byte is no
 * opcode, the state of a wrapper of joblib does not say how many bytes follow (where its shape and dtype do, a
 * MALFORMED of BUILD has these and the wrapper, and all behind them is read). Then the document is what was on the
 * stack by then, and the bytes from there on, in front of that, if it is known how many belong to the pickle: all of an
 * input that ends, or those of a frame. The next pickle is read behind them. Where nothing says where the pickle ends,
 * the message says so, and npk_reader_next finds no further one.
 *
 * What says nothing of values is a MALFORMED of its own, which is nowhere in the graph: a frame that is wrong
 * (NPK_ERR_FRAME), PROTO in another place than the first or with an unknown protocol, a POP of what is not there, a
 * number of a PUT that is none.
 *
 * An input of which not even the first opcode can be read, or that is recognised as another format, is refused all the
 * same. */
NPK_API const npk_value *npk_doc_fault(const npk_doc *doc, size_t index);

/* Loads a file, or memory, that holds one pickle and nothing after it but padding: blanks, ends of lines, NULs, none of
 * which is an opcode (npk_doc_info.padding says how many). Returns NPK_OK and the document in *out, or an error, and
 * *out is as it was or NULL.
 *
 * Ownership: *out is the caller's, until npk_doc_free. It borrows `bytes` for as long, and options->buffers; not the
 * path, nor the options themselves.
 *
 * Errors, all with the offset at which they were found:
 *
 *   the bytes      NPK_ERR_TRUNCATED, NPK_ERR_NOT_A_PICKLE, NPK_ERR_OPCODE, NPK_ERR_ARGUMENT, NPK_ERR_PROTOCOL,
 *                  NPK_ERR_FRAME, NPK_ERR_TRAILING, NPK_ERR_STACK, NPK_ERR_MEMO, NPK_ERR_TYPE, NPK_ERR_CALL. Whether
 *                  text is NPK_ERR_NOT_A_PICKLE goes by what has come of it: nobody waits for more
 *   NumPy's parts  NPK_ERR_DTYPE, NPK_ERR_ARRAY
 *   the rest       NPK_ERR_LIMIT for a limit of the options, NPK_ERR_MEMORY, NPK_ERR_IO for the file,
 *                  NPK_ERR_UNSUPPORTED for what is valid and not taken (doc/differences.md),
 *                  NPK_ERR_USAGE for NULL and for wrong options
 *
 * Every function that takes bytes and their size takes NULL for no bytes: that is an empty input. NULL with a size is
 * NPK_ERR_USAGE.
 *
 * Where the pickle refers to more buffers than options->buffers has, that is NPK_ERR_STACK, and the message says how
 * many it needs; more than it needs are no error. */
NPK_CHECKED NPK_API npk_status npk_doc_load(const char *path, const npk_read_options *options, npk_doc **out,
                                            npk_error *error);
NPK_CHECKED NPK_API npk_status npk_doc_load_memory(const void *bytes, size_t size, const npk_read_options *options,
                                                   npk_doc **out, npk_error *error);

/* Several pickles one after another, from memory, a file, a descriptor or whatever a callback reads. The stack begins
 * anew with each, and so does the memo, unless options->memo_scope is NPK_MEMO_OF_STREAM. A reader of a descriptor or a
 * FILE may have read past the last pickle it gave out. A descriptor that is non-blocking and has nothing yet is an
 * error (NPK_ERR_IO, error.system EAGAIN), after which the reader reads nothing more: make it blocking, or let a
 * callback of your own wait with poll(). Interrupted calls (EINTR) are made again. */
typedef struct npk_reader npk_reader;

/* Each returns NPK_OK and the reader in *out, or an error and leaves *out alone. Nothing of the pickles is read yet.
 * Ownership: *out is the caller's, until npk_reader_close. Borrowed until then: the bytes (by the documents too), the
 * descriptor and the FILE, which are never closed, the context; and options->buffers until the documents are freed.
 * Errors: NPK_ERR_IO where the path can't be opened, NPK_ERR_MEMORY, NPK_ERR_USAGE for NULL and for wrong options. */
NPK_CHECKED NPK_API npk_status npk_reader_open(const char *path, const npk_read_options *options, npk_reader **out,
                                               npk_error *error);
NPK_CHECKED NPK_API npk_status npk_reader_memory(const void *bytes, size_t size, const npk_read_options *options,
                                                 npk_reader **out, npk_error *error);
NPK_CHECKED NPK_API npk_status npk_reader_fd(int fd, const npk_read_options *options, npk_reader **out,
                                             npk_error *error);
NPK_CHECKED NPK_API npk_status npk_reader_file(FILE *file, const npk_read_options *options, npk_reader **out,
                                               npk_error *error);
NPK_CHECKED NPK_API npk_status npk_reader_callback(npk_read_function *read, void *context,
                                                   const npk_read_options *options, npk_reader **out, npk_error *error);

/* The next pickle; NPK_OK with *out NULL at the end. After an error, which leaves NULL in *out, every call returns
 * NPK_ERR_USAGE. Ownership: *out is the caller's, until npk_doc_free, and outlives the reader (but not the memory of
 * npk_reader_memory). Errors: those of npk_doc_load but NPK_ERR_TRAILING; NPK_ERR_USAGE where `reader` or `out` is
 * NULL.
 *
 * With NPK_MEMO_OF_STREAM a document may hold values of earlier ones of its reader: they are the same values. So the
 * memory of all of them stays until the reader is closed and the last of them freed, in any order; and together with
 * the reader they belong to one thread at a time. A pickle that changes what an earlier one made is refused
 * (NPK_ERR_UNSUPPORTED): no Pickler writes it, and the earlier document may have been used. A value is edited through
 * the document that made it. After an error nothing of the memo is left. */
NPK_CHECKED NPK_API npk_status npk_reader_next(npk_reader *reader, npk_doc **out, npk_error *error);

/* For many small messages: a document goes back to its reader, which keeps its memory for the next ones.
 *
 *     npk_reader *reader = NULL;
 *     npk_doc *doc = NULL;
 *     size_t size = 0;
 *     const void *message = NULL; // set both, for each message anew
 *     npk_status status = npk_reader_memory(message, size, NULL, &reader, &error);
 *     while (status == NPK_OK && (status = npk_reader_next(reader, &doc, &error)) == NPK_OK && doc != NULL) {
 *         printf("a %s\n", npk_kind_name(npk_value_kind(npk_doc_root(doc))));
 *         npk_reader_reuse(reader, doc);
 *         status = npk_reader_again(reader, message, size, &error);
 *     }
 *     npk_reader_close(reader);
 *
 * npk_reader_reuse ends a document as npk_doc_free does: nothing that came out of it may be used any more. Of values no
 * more is kept than twice what the largest of the last eight took, or 64 KiB, and no more of what reading them needs
 * beside. The document may be of another reader; of another allocator, or with a memo of the stream, it is freed. No
 * other thread may use the reader in the meantime. NULL for `reader`: frees the document; for `doc`: does nothing. */
NPK_API void npk_reader_reuse(npk_reader *reader, npk_doc *doc);

/* Points the reader, whatever it read from before, and also after an error, at bytes in memory, as npk_reader_memory
 * does, with its options: offsets, padding and options->buffers begin anew, and so does a memo of the stream. A
 * descriptor or a FILE it had is left to the caller, a file that npk_reader_open opened is closed when the last
 * document that borrows from it is freed. Returns NPK_OK, or an error, and the reader is as it was: NPK_ERR_MEMORY with
 * a memo of the stream; NPK_ERR_USAGE for NULL. */
NPK_CHECKED NPK_API npk_status npk_reader_again(npk_reader *reader, const void *bytes, size_t size, npk_error *error);

/* How far the reader has come, in bytes from the start of the input: where the last pickle ended, and where the input
 * ends once there was no further one; 0 for NULL. The next pickle begins there, or behind padding. */
NPK_API uint64_t npk_reader_offset(const npk_reader *reader);
/* How many bytes of padding (blanks, ends of lines, NULs) npk_reader_next has passed over so far, after a pickle, on
 * its way to the next one or to the end; 0 for NULL. */
NPK_API uint64_t npk_reader_padding(const npk_reader *reader);
/* Frees the reader, and closes what npk_reader_open opened. Documents stay. NULL: does nothing. */
NPK_API void npk_reader_close(npk_reader *reader);

#ifdef __cplusplus
}
#endif
#endif
