/* A pickle read and written again: the same bytes, or where they part and why.
 *
 *     static bool is_understood(const char *path)
 *     {
 *         npk_check_result result;
 *         npk_error error;
 *         if (npk_check(path, NULL, &result, &error) != NPK_OK)
 *             fprintf(stderr, "%s: %s\n", path, error.message);
 *         else if (result.verdict == NPK_VERDICT_IDENTICAL)
 *             printf("%s: every byte as %s writes it\n", path, result.writer.text);
 *         else
 *             printf("%s, at %s: %s\n", path, result.path != NULL ? result.path : "?", result.reason);
 *         bool identical = result.verdict == NPK_VERDICT_IDENTICAL;
 *         npk_check_result_free(&result);
 *         return identical;
 *     }
 *
 * This is how a format is validated by round trips: what comes out as it went in was understood to the last byte. The
 * pickle is written at its own protocol, in the dialect that gives the same bytes; where none does, in the one that
 * gives the same for longest. Options ask for one protocol and one dialect instead.
 *
 * Threads: several threads may check at a time, also the same document or bytes, if the allocators allow that.
 */
#ifndef NPICKLE_CHECK_H
#define NPICKLE_CHECK_H

#include <npickle/identify.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(verdict, value, text), from best to worst. */
#define NPK_VERDICT_ROWS(X)                                                                                            \
    X(NONE, 0, "nothing was checked")                                                                                  \
    X(IDENTICAL, 1, "the same bytes")                                                                                  \
    X(FRAMES, 2, "the same opcodes in other frames")                                                                   \
    X(SPELLING, 3, "an equal value in other opcodes")                                                                  \
    X(VALUE, 4, "another value")                                                                                       \
    X(UNREADABLE, 5, "what was written can't be read")                                                                 \
    X(UNWRITABLE, 6, "it can't be written")

typedef enum npk_verdict {
#define NPK_VERDICT_ENUM(verdict, value, text) NPK_VERDICT_##verdict = (value),
    NPK_VERDICT_ROWS(NPK_VERDICT_ENUM)
#undef NPK_VERDICT_ENUM
} npk_verdict;

/* "the same bytes"; never NULL. */
NPK_API const char *npk_verdict_text(npk_verdict verdict);

/* Or-ed together in npk_check_options.flags. */
typedef enum npk_check_flag {
    NPK_CHECK_PROTOCOL = 1, /* written at `protocol`; else at the pickle's own */
    NPK_CHECK_DIALECT = 2,  /* written in `dialect`; else in whichever gives the same bytes */
    NPK_CHECK_STRICT = 4 /* ... with the names and the numbers in the memo of that dialect, not with the pickle's own:
                             * identical is what that pickler, with that NumPy, would have written, and nothing else */
} npk_check_flag;

/* All zero: the defaults. */
typedef struct npk_check_options {
    const npk_allocator *allocator; /* NULL: malloc */

    /* How the pickle is read, and what was written is read again: limits, buffers, the producer of array.array. NULL:
     * the defaults. An allocator that is NULL in it is the one above. */
    const npk_read_options *reading;
    uint32_t flags; /* npk_check_flag */
    int protocol;
    npk_dialect dialect;
    uintptr_t reserved[8]; /* zero */
} npk_check_options;

/* Where two pickles part. */
typedef struct npk_check_place {
    uint64_t offset;    /* of an opcode, from the start of the pickle; NPK_NO_OFFSET: its end */
    const char *opcode; /* "BININT1"; NULL at the end. Never freed. */
} npk_check_place;

/* Filled by npk_check and its sisters, and to be given to npk_check_result_free after each of them. */
typedef struct npk_check_result {
    npk_verdict verdict;

    /* In which it was written: the first that give the same bytes, or those that come nearest. */
    int protocol;
    npk_dialect dialect;

    npk_identity writer; /* who may have written the pickle: those who write these bytes; see npk_identify_bytes */

    /* Not for IDENTICAL; for UNWRITABLE both places are the end. Frames count only where nothing else differs. */
    npk_check_place read;    /* the first opcode of the pickle that differs ... */
    npk_check_place written; /* ... and what was written in its place */
    const char *path;        /* of the value that it is part of, as npk_walk_path; "" is the root. NULL: not known */
    char reason[300];        /* in words: "another value: 5 / 6"; UTF-8 that a terminal may be given */

    void *owned; /* by npk_check_result_free: the memory of `path` */
    uintptr_t reserved[8];
} npk_check_result;

/* Checks a file that holds one pickle; the same for one pickle in memory. For several in one file see npk_check_doc.
 * Padding after the pickle is no part of it (npk_doc_info.padding) and is not written again.
 *
 * Returns NPK_OK whatever the verdict is. Errors: all of npk_doc_load for a pickle that can't be read; NPK_ERR_MEMORY;
 * NPK_ERR_LIMIT where comparing what was written takes too long; NPK_ERR_USAGE for NULL, for options that are wrong,
 * and for a dialect that does not have the protocol. After an error *out (if there is one) has the verdict
 * NPK_VERDICT_NONE, and owns nothing.
 * Ownership: *out is the caller's, until npk_check_result_free; it borrows nothing, not from the bytes either. The
 * options and what they point at must live until the call returns. */
NPK_CHECKED NPK_API npk_status npk_check(const char *path, const npk_check_options *options, npk_check_result *out,
                                         npk_error *error);
NPK_CHECKED NPK_API npk_status npk_check_memory(const void *bytes, size_t size, const npk_check_options *options,
                                                npk_check_result *out, npk_error *error);

/* A document that is loaded already, with the bytes of its pickle: from npk_doc_info.offset, npk_doc_info.size of them.
 * Of a document that was edited, and of bytes that are another's, the result says what is another value. Errors: those
 * above but npk_doc_load's. */
NPK_CHECKED NPK_API npk_status npk_check_doc(const npk_doc *doc, const void *bytes, size_t size,
                                             const npk_check_options *options, npk_check_result *out, npk_error *error);

/* Frees what the result owns; what it says is gone then. NULL, and a result that is all zero: does nothing. */
NPK_API void npk_check_result_free(npk_check_result *result);

#ifdef __cplusplus
}
#endif
#endif
