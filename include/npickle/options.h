/* What every call may be given: an allocator, limits.
 *
 *     static void *resize(void *context, void *old, size_t old_size, size_t new_size)
 *     {
 *         void *block = new_size != 0 ? realloc(old, new_size) : (free(old), NULL);
 *         if (block != NULL || new_size == 0)
 *             *(size_t *)context += new_size - old_size;
 *         return block;
 *     }
 *
 *     size_t held = 0;
 *     npk_allocator allocator = {resize, &held};
 *     npk_read_options options = {.allocator = &allocator, .limits = {.depth = 50, .memory = 8 << 20}};
 *     npk_doc *doc = NULL;
 *     if (npk_doc_load("message.pkl", &options, &doc, &error) == NPK_OK)
 *         printf("the document takes %zu bytes\n", held);
 *     npk_doc_free(doc);
 *
 * Options are read during the call: the structs need not outlive it, except for memory that the header says is
 * borrowed. An npk_allocator is copied, its context is not: the context must live as long as what was allocated with
 * it.
 *
 * Threads: one set of options may be used by many threads at a time. An allocator that several threads use must be safe
 * for that, as malloc is; the one above is not.
 */
#ifndef NPICKLE_OPTIONS_H
#define NPICKLE_OPTIONS_H

#include <npickle/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One function does it all: NULL, 0, n allocates; p, m, n resizes; p, m, 0 frees and returns NULL. Whatever takes a
 * pointer to one takes NULL for malloc's, and one that is all zero too.
 * A failed allocation returns NULL and leaves p as it was.
 *
 * Threads: it is called by the thread that calls the library. One that several threads use must allow for that, as
 * malloc's does. Options are only read, and only until the call returns; but for what they say must live longer. */
typedef struct npk_allocator {
    void *(*resize)(void *context, void *old, size_t old_size, size_t new_size);
    void *context;
} npk_allocator;

/* X(field, default, what it bounds). Each limit has its value here and nowhere else. In a struct given by the caller 0
 * means the default and NPK_UNLIMITED means none. A new limit comes last: its place is that of reserved[0]. */
#define NPK_LIMIT_ROWS(X)                                                                                              \
    X(depth, 1000, "containers inside one another")                                                                    \
    X(items, 1u << 30, "values in one pickle")                                                                         \
    X(memory, 64u << 20, "bytes of memory for one document, its arrays' payloads apart; never under 64 x input")       \
    X(text, 1u << 16, "bytes in the name of a module, a class or a field")                                             \
    X(digits, 4300, "decimal digits of an int, as in CPython since 3.11")                                              \
    X(ndim, 64, "dimensions of an array, as in NumPy 2")                                                               \
    X(fields, 65535, "fields in one structured dtype")                                                                 \
    X(dtype_depth, 64, "structured dtypes inside one another")                                                         \
    X(output, 1u << 20, "bytes that may come of what was read, as text or written again, and 64 for each of it")       \
    X(steps, 1u << 17, "steps of writing arrays of objects, each to a file of its own, and 5 for each byte read")

#define NPK_UNLIMITED UINT64_MAX

typedef struct npk_limits {
#define NPK_LIMIT_FIELD(field, value, what) uint64_t field;
    NPK_LIMIT_ROWS(NPK_LIMIT_FIELD)
#undef NPK_LIMIT_FIELD
#define NPK_LIMIT_ONE(field, value, what) +1
    uint64_t reserved[24 - (0 NPK_LIMIT_ROWS(NPK_LIMIT_ONE))]; /* zero */
#undef NPK_LIMIT_ONE
} npk_limits;

/* *out becomes the defaults. Does nothing where `out` is NULL. */
NPK_API void npk_limits_default(npk_limits *out);

/* --- what may come out of what was read ---
 *
 * A pickle says once what it shares; as text, as JSON, at a protocol that has no way to share it, or as a file for each
 * array it may be exponentially longer. So whatever the library makes of a document has a bound: npk_limits.output, and
 * 64 bytes more for each byte that the values at hand, and all in them, take in their pickle. That is so for each call
 * that prints, and for all that npk_write_value gives to one writer. What a program writes by other calls
 * (npk_write_str, npk_write_array) it has paid for itself.
 *
 * In the same way that bounds what calls make while a pickle is read, each anew, of a text or a list that is there
 * once: bytes, elements of array.array.
 *
 * Text of elements that another array or scalar in the same text has printed, out of the same bytes of the pickle,
 * counts eightfold: no pickler writes such arrays.
 *
 * A program that makes many outputs of one input gives them one budget: */
#define NPK_OUTPUT_PER_BYTE 64u

/* Where each of many outputs may have the same values, as arrays of Python objects that are written to a file each,
 * bytes alone are no measure: a value takes as long as a thousand bytes of a payload. Such a budget has steps, too, of
 * which npk_write_value takes up to 32 for a value and its place, and 1 for a simple one in a run of such. */
#define NPK_STEPS_PER_BYTE 5u

/* All zero: nothing was read and nothing has come out. */
typedef struct npk_budget {
    uint64_t input; /* bytes that were read: the program adds the sizes of the files, and of the buffers outside */
    uint64_t least; /* bytes that may come out of any input; 0: those of npk_limits.output; NPK_UNLIMITED: no bound */
    uint64_t spent; /* bytes that have come out: the calls that are given the budget add theirs */
    /* steps that npk_write_value may take for any input, npk_limits.steps say; 0: they have no bound */
    uint64_t steps_least;
    uint64_t steps; /* that it has taken: beyond the bound it fails with NPK_ERR_LIMIT */
    uintptr_t reserved[5 - 2 * sizeof(uint64_t) / sizeof(uintptr_t)]; /* zero */
} npk_budget;

/* How many bytes may still come out. NPK_UNLIMITED for NULL. */
NPK_API uint64_t npk_budget_left(const npk_budget *budget);

/* How many steps may still be taken. NPK_UNLIMITED for NULL, and where they have no bound. */
NPK_API uint64_t npk_budget_steps_left(const npk_budget *budget);

/* Spends so many bytes, for what a program writes by itself. Returns NPK_OK; NPK_ERR_LIMIT where fewer are left, and
 * then nothing is spent; NPK_ERR_USAGE where `reserved` is not zero. NULL: NPK_OK. */
NPK_CHECKED NPK_API npk_status npk_budget_spend(npk_budget *budget, uint64_t bytes, npk_error *error);

/* Who wrote an array.array as raw bytes, which say neither their width nor their order: see npickle/pyarray.h. */
typedef enum npk_array_producer {
    NPK_ARRAY_GUESS = 0,     /* what the rest of the pickle shows, else the likeliest */
    NPK_ARRAY_CPYTHON = 1,   /* little-endian, the widths of a 64-bit Unix: a long has 8 bytes, a character 4 */
    NPK_ARRAY_CPYTHON32 = 2, /* little-endian, the widths of Windows: a long has 4 bytes, a character 2 */
    NPK_ARRAY_JYTHON = 3     /* big-endian, Java's widths: a long has 8 bytes, a character 4 */
} npk_array_producer;

/* The producer's name: "guess", "cpython", "cpython32", "jython"; a constant. NULL past the last. */
NPK_API const char *npk_array_producer_name(npk_array_producer producer);

#ifdef __cplusplus
}
#endif
#endif
