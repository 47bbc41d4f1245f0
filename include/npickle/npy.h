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

/* Whether the first bytes are those of a .npy file. */
NPK_API bool npk_npy_is(const void *bytes, size_t size);

/* Ownership: *out is the caller's, until npk_npy_free; npk_npy_load_memory borrows `bytes` for as long.
 * Errors: NPK_ERR_NPY, and those of npk_doc_load for an array of objects, which is a pickle inside. */
NPK_CHECKED NPK_API npk_status npk_npy_load(const char *path, const npk_read_options *options, npk_npy **out,
                                            npk_error *error);
NPK_CHECKED NPK_API npk_status npk_npy_load_memory(const void *bytes, size_t size, const npk_read_options *options,
                                                   npk_npy **out, npk_error *error);
NPK_API void npk_npy_free(npk_npy *npy);

/* The array, a view that borrows from `npy`. */
NPK_API const npk_array *npk_npy_array(const npk_npy *npy);
/* The pickle of an array of objects, or NULL. */
NPK_API const npk_doc *npk_npy_doc(const npk_npy *npy);
/* Bytes before the data or the pickle, and the version of the format (1, 2 or 3). */
NPK_API uint64_t npk_npy_header_size(const npk_npy *npy);
NPK_API int npk_npy_version(const npk_npy *npy);

/* Writes what numpy.save writes (NumPy 1.24 and later) for the same array; an array of Python objects, which must
 * have come out of a document, as the pickle it is. Errors: NPK_ERR_IO, NPK_ERR_MEMORY, NPK_ERR_UNSUPPORTED, NPK_ERR_USAGE. */
NPK_CHECKED NPK_API npk_status npk_npy_write(npk_write_function *write, void *context, const npk_array *array,
                                             const npk_allocator *allocator, npk_error *error);
/* The same to a file, which appears whole or not at all. */
NPK_CHECKED NPK_API npk_status npk_npy_save(const char *path, const npk_array *array, const npk_allocator *allocator,
                                            npk_error *error);

#ifdef __cplusplus
}
#endif
#endif
