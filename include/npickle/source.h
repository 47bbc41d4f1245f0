/* Where bytes come from: one type of function for all that the library reads, and the bytes of a file.
 *
 *     npk_file *file = NULL;
 *     npk_doc *doc = NULL;
 *     if (npk_file_open("weights.pkl", NPK_INPUT_AUTO, NULL, &file, &error) == NPK_OK) {
 *         size_t size;
 *         const void *bytes = npk_file_bytes(file, &size);
 *         if (npk_doc_load_memory(bytes, size, NULL, &doc, &error) != NPK_OK)
 *             fprintf(stderr, "weights.pkl: %s\n", error.message);
 *         npk_doc_free(doc); // before the file: it borrows these bytes
 *         npk_file_close(file);
 *     }
 *
 * npickle/sink.h is the same for writing.
 *
 * Threads: an open file is not changed by reading it, so any number of threads may share one. A source's context
 * belongs to one reader.
 */
#ifndef NPICKLE_SOURCE_H
#define NPICKLE_SOURCE_H

#include <npickle/options.h>

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Reads up to `size` bytes into `out`; returns how many, 0 at the end, -1 where reading failed (then *system =
 * errno). */
typedef int64_t npk_read_function(void *context, void *out, size_t size, int *system);

/* context: an int *, a descriptor open for reading, whose position moves on. Reads again after EINTR; EAGAIN, of a
 * non-blocking descriptor with nothing in it, is an error like any other. */
NPK_API int64_t npk_source_fd(void *context, void *out, size_t size, int *system);

/* context: a FILE *, open for reading. Bytes that were read before an error are returned first; the next call returns
 * -1. NULL for `context` or `out` is -1 with EINVAL. */
NPK_API int64_t npk_source_file(void *context, void *out, size_t size, int *system);

/* How a named file is read. A mapped file that another program shortens while it is in use ends this one by SIGBUS. */
typedef enum npk_input {
    NPK_INPUT_AUTO = 0, /* READ below 1 MiB, MAP from there up */
    NPK_INPUT_READ = 1, /* into memory of the library's own */
    NPK_INPUT_MAP = 2   /* mapped */
} npk_input;

/* All bytes of a regular file. */
typedef struct npk_file npk_file;

/* Reads or maps the file. `allocator`: NULL for malloc. Ownership: *out is the caller's, until npk_file_close.
 * Errors: NPK_ERR_IO, also for what is not a regular file; NPK_ERR_MEMORY; NPK_ERR_USAGE for NULL. */
NPK_CHECKED NPK_API npk_status npk_file_open(const char *path, npk_input input, const npk_allocator *allocator,
                                             npk_file **out, npk_error *error);

/* The bytes, borrowed until npk_file_close, and how many there are. Never NULL for an open file, not even for an empty
 * one; NULL and a size of 0 for NULL. */
NPK_API const void *npk_file_bytes(const npk_file *file, size_t *size);

/* Frees the bytes, or unmaps them. NULL: does nothing. */
NPK_API void npk_file_close(npk_file *file);

#ifdef __cplusplus
}
#endif
#endif
