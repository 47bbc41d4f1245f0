/* What can go wrong, and how a call reports it.
 *
 *     npk_error error;
 *     npk_doc *doc = NULL;
 *     npk_status status = npk_doc_load("model.pkl", NULL, &doc, &error);
 *     if (status == NPK_ERR_IO && error.system == ENOENT)
 *         puts("no model has been saved yet");
 *     else if (npk_status_band(status) == NPK_BAND_LIMIT)
 *         puts("the model is larger than this program allows");
 *     else if (status != NPK_OK)
 *         fprintf(stderr, "%s: %s\n", npk_status_name(status), error.message);
 *     npk_doc_free(doc);
 *
 * Every call that can fail returns an npk_status, NPK_OK (0) where it succeeds, and otherwise fills the caller's
 * npk_error, if it was given one. The library never prints, never aborts and never changes errno.
 *
 * Threads: the library has no state of its own that changes, so threads that use different objects need not know of
 * each other. Where threads may share one object, its header says so. Give each thread an npk_error of its own.
 *
 * How this interface grows. A program that was built against an older header runs with a newer library:
 *
 *   enums      Every value is written out and stays for ever; new ones are added, and no value is used again. A program
 *              must expect values that it does not know (a status, by its band; a kind of value; a type).
 *   options    A struct that the caller fills ends in `reserved`, which must be zero: begin with = {0}, or name the
 *              members (designated initialisers). New members are taken from there, mean nothing where they are zero,
 *              and leave the struct's size as it is. A call that finds anything else there returns NPK_ERR_USAGE, since
 *              it asks an older library for what that does not have. All zero is the default for every member.
 *   results    A struct in the caller's memory that a call fills ends in `reserved` too, which the call sets to zero.
 *   pointers   A struct that only the library makes, and hands out by pointer (npk_opcode), may grow at its end: don't
 *              copy it, and don't count on its size.
 *   the rest   npk_allocator, npk_time, npk_fixed_buffer and npk_dialect_range keep the members that they have now.
 *
 * NULL is allowed everywhere. A getter takes it for a value of no kind, and returns false, NULL, 0, -1 or NPK_ERR_TYPE,
 * as for any value of another kind: a chain of getters needs one check, at its end. Where a getter fills several places
 * (a size, a name, a mask), each may be NULL. Any other NULL that a call can't work with is NPK_ERR_USAGE where the
 * call returns a status; where it does not, it returns false or does nothing. What frees, closes or abandons does
 * nothing with NULL; an npk_error may always be NULL.
 */
#ifndef NPICKLE_STATUS_H
#define NPICKLE_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define NPK_API __attribute__((visibility("default")))
#define NPK_CHECKED __attribute__((warn_unused_result))
#else
#define NPK_API
#define NPK_CHECKED
#endif

/* Whether the bytes are to blame, a limit, the system or the program. */
typedef enum npk_band {
    NPK_BAND_OK = 0,        /* no error */
    NPK_BAND_MALFORMED = 1, /* the bytes are not a pickle, or NumPy's objects in them contradict themselves */
    NPK_BAND_LIMIT = 2,     /* a limit of options.h was reached: the bytes may well be valid */
    NPK_BAND_SYSTEM = 3,    /* out of memory, input or output failed */
    NPK_BAND_USAGE = 4      /* the call itself was wrong, or asks for what this version can't do */
} npk_band;

/* X(code, value, band, text)
 *
 * A value is for ever: a new status takes the next one that is free, at the end of the rows of its band. */
#define NPK_STATUS_ROWS(X)                                                                                             \
    X(TRUNCATED, 1, MALFORMED, "the pickle ends too early")                                                            \
    X(NOT_A_PICKLE, 2, MALFORMED, "these bytes are another format")                                                    \
    X(OPCODE, 3, MALFORMED, "a byte that is not an opcode")                                                            \
    X(ARGUMENT, 4, MALFORMED, "an opcode's argument is malformed")                                                     \
    X(PROTOCOL, 5, MALFORMED, "a protocol that does not exist, or PROTO where it may not stand")                       \
    X(FRAME, 6, MALFORMED, "a frame that does not fit what it holds")                                                  \
    X(TRAILING, 7, MALFORMED, "bytes follow the pickle")                                                               \
    X(STACK, 8, MALFORMED, "an opcode finds too little on the stack, a mark in its way, or leaves something behind")   \
    X(MEMO, 9, MALFORMED, "a memo entry that was never stored")                                                        \
    X(TYPE, 10, MALFORMED, "an opcode meets a value of a kind it can't act on")                                        \
    X(CALL, 11, MALFORMED, "a known function is called with arguments it does not take")                               \
    X(DTYPE, 12, MALFORMED, "the state of a dtype contradicts itself")                                                 \
    X(ARRAY, 13, MALFORMED, "the state of an array contradicts itself")                                                \
    X(NPY, 14, MALFORMED, "the header of a .npy file is malformed")                                                    \
    X(LIMIT, 15, LIMIT, "a limit was reached")                                                                         \
    X(MEMORY, 16, SYSTEM, "out of memory")                                                                             \
    X(IO, 17, SYSTEM, "input or output failed")                                                                        \
    X(USAGE, 18, USAGE, "the call was wrong")                                                                          \
    X(NOT_FOUND, 19, USAGE, "no such value")                                                                           \
    X(CAST, 20, USAGE, "the casting rule does not allow this conversion")                                              \
    X(TOO_LARGE, 21, USAGE, "the protocol has no opcode for a value of this size")                                     \
    X(UNSUPPORTED, 22, USAGE, "valid, but this version can't do it")

typedef enum npk_status {
    NPK_OK = 0,
#define NPK_STATUS_ENUM(code, value, band, text) NPK_ERR_##code = (value),
    NPK_STATUS_ROWS(NPK_STATUS_ENUM)
#undef NPK_STATUS_ENUM
} npk_status;

#define NPK_NO_OFFSET UINT64_MAX

/* Filled by a call that failed; a call that did not fail leaves it alone. Owned by the caller, holds no pointers. */
typedef struct npk_error {
    npk_status status;
    int opcode;      /* the opcode's byte, or -1 where none was at work */
    uint64_t offset; /* bytes from the start of the input (of the output for a writer), or NPK_NO_OFFSET */
    int system;      /* the errno of a failed system call, or 0 */
    /* What was expected and what was found: "out.pkl: cannot write: No space left on device". Printable ASCII, ends
     * with NUL. */
    char message[232];
    uint64_t reserved[4];
} npk_error;

/* What a status is called, what it means, whose fault it is: "TRUNCATED", "the pickle ends too early",
 * NPK_BAND_MALFORMED. The texts are constants, never NULL. For a number that is not a status they are those of
 * NPK_ERR_USAGE. */
NPK_API const char *npk_status_name(npk_status status);
NPK_API const char *npk_status_text(npk_status status);
NPK_API npk_band npk_status_band(npk_status status);

/* "0.1.0", a constant: the version of the library that runs, which may be newer than the header. */
NPK_API const char *npk_version(void);

#ifdef __cplusplus
}
#endif
#endif
