/* .npy files (NumPy's own, numpy.lib.format), versions 1 to 3, both ways.
 *
 *     npk_npy *npy = NULL;
 *     if (npk_npy_load("field.npy", NULL, &npy, &error) == NPK_OK) {
 *         const npk_array *array = npk_npy_array(npy);
 *         printf("version %d, %d dimensions\n", npk_npy_version(npy), array->ndim);
 *         if (npk_npy_save("copy.npy", array, NULL, &error) != NPK_OK)
 *             fprintf(stderr, "%s\n", error.message);
 *         npk_npy_free(npy);
 *     }
 *
 * npk_array_load and npk_array_save (npickle/load.h) take .npy files too.
 *
 * Threads: an npk_npy is not changed by reading it, so any number of threads may share one.
 */
#ifndef NPICKLE_NPY_H
#define NPICKLE_NPY_H

#include <npickle/reader.h>
#include <npickle/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A .npy file and the array in it. */
typedef struct npk_npy npk_npy;

/* Whether the first bytes are those of a .npy file. False for NULL. */
NPK_API bool npk_npy_is(const void *bytes, size_t size);

/* Loads a file, or memory, that holds one array. Returns NPK_OK and fills *out, or an error and leaves *out alone.
 * Ownership: *out is the caller's, until npk_npy_free; npk_npy_load_memory borrows `bytes` for as long. Errors:
 * NPK_ERR_NPY for a malformed header, NPK_ERR_TRUNCATED and NPK_ERR_TRAILING for what follows it, NPK_ERR_DTYPE,
 * NPK_ERR_UNSUPPORTED; NPK_ERR_IO, NPK_ERR_MEMORY, NPK_ERR_LIMIT; NPK_ERR_USAGE for NULL and for wrong options; and
 * those of npk_doc_load for an array of objects, which is a pickle inside. */
NPK_CHECKED NPK_API npk_status npk_npy_load(const char *path, const npk_read_options *options, npk_npy **out,
                                            npk_error *error);
NPK_CHECKED NPK_API npk_status npk_npy_load_memory(const void *bytes, size_t size, const npk_read_options *options,
                                                   npk_npy **out, npk_error *error);
/* Frees it with its array. NULL: does nothing. */
NPK_API void npk_npy_free(npk_npy *npy);

/* The array, a view that borrows from `npy`. NULL for NULL. */
NPK_API const npk_array *npk_npy_array(const npk_npy *npy);
/* The pickle of an array of objects, borrowed from `npy`. NULL without one. */
NPK_API const npk_doc *npk_npy_doc(const npk_npy *npy);
/* Bytes before the data or the pickle, and the version of the format (1, 2 or 3). 0 for NULL. */
NPK_API uint64_t npk_npy_header_size(const npk_npy *npy);
NPK_API int npk_npy_version(const npk_npy *npy);

/* Hands to `write` what numpy.save writes (NumPy 1.24 and later) for the same array; an array of Python objects, which
 * must have come out of a document, as the pickle it is. Metadata of a dtype (npk_dtype_has_metadata) is in the pickle
 * alone. `allocator`: for what it needs meanwhile; NULL for malloc. Returns NPK_OK when all is handed on. Errors:
 * NPK_ERR_IO from `write`, NPK_ERR_MEMORY, NPK_ERR_UNSUPPORTED for what a .npy file can't hold (fields that overlap,
 * persistent ids, which numpy.load has nothing to load with), NPK_ERR_USAGE for NULL
 * and what is not an array. */
NPK_CHECKED NPK_API npk_status npk_npy_write(npk_write_function *write, void *context, const npk_array *array,
                                             const npk_allocator *allocator, npk_error *error);
/* The same with options for the pickle of an array of Python objects: what its str of Python 2 become, new names, what
 * can't be loaded. Its protocol is 4, for Python 2 2, unless one is given; names are translated in any case, and
 * nothing goes out of band. `options` may be NULL. Errors: those of npk_write_value besides. */
NPK_CHECKED NPK_API npk_status npk_npy_write_as(npk_write_function *write, void *context, const npk_array *array,
                                                const npk_write_options *options, npk_error *error);
/* The same, which says what that pickle has lost: the message of *left_out is the text of npk_writer_left_out, empty
 * where nothing was left out, its status NPK_OK. `left_out` may be NULL, and says nothing where the function fails. */
NPK_CHECKED NPK_API npk_status npk_npy_write_noting(npk_write_function *write, void *context, const npk_array *array,
                                                    const npk_write_options *options, npk_error *left_out,
                                                    npk_error *error);
/* npk_npy_write to a file, which appears whole or not at all, as npk_output_open describes it. */
NPK_CHECKED NPK_API npk_status npk_npy_save(const char *path, const npk_array *array, const npk_allocator *allocator,
                                            npk_error *error);

#ifdef __cplusplus
}
#endif
#endif
