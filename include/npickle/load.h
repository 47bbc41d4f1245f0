/* Whole files in one call, each way.
 *
 *     npk_array *own = NULL;
 *     if (npk_array_load("model.pkl", "['w'][0]", npk_dtype_native(NPK_FLOAT32), NULL, &own, &error) == NPK_OK) {
 *         float *data = (float *)own->data;
 *         for (int64_t i = 0; i < npk_array_count(own); i++)
 *             data[i] /= 2;
 *         if (npk_array_save("w.npy", own, NULL, &error) != NPK_OK)
 *             fprintf(stderr, "%s\n", error.message);
 *         npk_array_free(own);
 *     }
 *
 * What npk_array_save wrote npk_array_load gives back, with the same dtype, shape and elements.
 *
 * Threads: one file may be loaded by many threads; each has an array of its own.
 */
#ifndef NPICKLE_LOAD_H
#define NPICKLE_LOAD_H

#include <npickle/reader.h>
#include <npickle/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All zero: the defaults. */
typedef struct npk_load_options {
    npk_read_options read; /* allocator (of *own too), limits, how the file is read */
    npk_casting casting;   /* what `dtype` may do to the elements: by default every value survives */
    void *into;            /* memory of the caller's for the elements; NULL: they are in (*own)'s */
    size_t into_size;      /* its bytes */
    uintptr_t reserved[2]; /* zero */
} npk_load_options;

/* An array out of a file, in memory of its own.
 *
 *   path    a pickle of any protocol, or a .npy file: its first bytes say which
 *   where   the way to the array inside, as npk_walk_path and Python write it: "['w'][0]"; NULL or "": the root. An
 *           array of any class, an array.array, or a NumPy scalar, which has no dimensions then. Only these: a masked
 *           array is two arrays (NPK_ERR_UNSUPPORTED; npk_masked_of), a Python number is not one (npk_value_to_double)
 *   dtype   of the elements that are wanted, cast by npk_array_read_as; NULL: as they are, in their own byte order
 *
 * The elements lie in C order, whatever the order in the file, at an address that any type and AVX-512 can take;
 * own->strides is set, own->dtype is a copy, and own->data may be written to. With options->into they lie there,
 * own->data points to it, and it stays when *own is freed; a call that fails may have written to it.
 *
 * An array that is all of its pickle takes little memory beside its elements, however they are spelled: they are
 * decoded as they are read (in C order, as they are, and the options without limits or buffers).
 *
 * Ownership: *own is the caller's, until npk_array_free; nothing else is left open or allocated. It is left alone where
 * the call fails.
 * Errors: those of npk_doc_load, NPK_ERR_NPY; NPK_ERR_NOT_FOUND where the path leads to nothing; NPK_ERR_TYPE for what
 * is not an array; NPK_ERR_CAST; NPK_ERR_UNSUPPORTED for Python objects; NPK_ERR_USAGE for NULL and for too small an
 * into_size. */
NPK_CHECKED NPK_API npk_status npk_array_load(const char *path, const char *where, const npk_dtype *dtype,
                                              const npk_load_options *options, npk_array **own, npk_error *error);

/* The same out of memory, which need not outlive the call. */
NPK_CHECKED NPK_API npk_status npk_array_load_memory(const void *bytes, size_t size, const char *where,
                                                     const npk_dtype *dtype, const npk_load_options *options,
                                                     npk_array **own, npk_error *error);

/* The same out of a function, or a descriptor from where it stands: one pickle, up to the end of the input. A .npy file
 * is NPK_ERR_NOT_A_PICKLE here. Borrowed during the call: `context`, and the descriptor, which is not closed. */
NPK_CHECKED NPK_API npk_status npk_array_load_callback(npk_read_function *read, void *context, const char *where,
                                                       const npk_dtype *dtype, const npk_load_options *options,
                                                       npk_array **own, npk_error *error);
NPK_CHECKED NPK_API npk_status npk_array_load_fd(int fd, const char *where, const npk_dtype *dtype,
                                                 const npk_load_options *options, npk_array **own, npk_error *error);

/* Frees what npk_array_load and its like gave, and nothing else. NULL: does nothing. */
NPK_API void npk_array_free(npk_array *own);

/* One array, one file, which appears whole or not at all, as npk_output_open describes it. A path that ends in .npy
 * gets a .npy file, as numpy.save writes it: of the options only the allocator counts then. Any other gets a pickle.
 * Returns NPK_OK when the file is there. The array is only read. Errors: NPK_ERR_IO, NPK_ERR_MEMORY, NPK_ERR_TOO_LARGE,
 * NPK_ERR_UNSUPPORTED; NPK_ERR_USAGE for NULL, for what is not an array, and for wrong options. */
NPK_CHECKED NPK_API npk_status npk_array_save(const char *path, const npk_array *array,
                                              const npk_write_options *options, npk_error *error);

/* The pickle of an array in memory. Returns NPK_OK and fills *bytes and *size. Ownership: *bytes is the caller's, until
 * npk_bytes_free with the same allocator. Errors: as npk_array_save, but NPK_ERR_IO. */
NPK_CHECKED NPK_API npk_status npk_array_save_memory(const npk_array *array, const npk_write_options *options,
                                                     uint8_t **bytes, size_t *size, npk_error *error);

/* The same two for a document: its root, always as a pickle. At the protocol that its pickle had, if the options do not
 * say another. npk_doc_load and npk_doc_load_memory are their inverses. Errors: theirs, and those of
 * npk_write_value. What the target has no place for is not told: npk_writer_left_out is, by a writer of one's own. */
NPK_CHECKED NPK_API npk_status npk_doc_save(const char *path, const npk_doc *doc, const npk_write_options *options,
                                            npk_error *error);
NPK_CHECKED NPK_API npk_status npk_doc_save_memory(const npk_doc *doc, const npk_write_options *options,
                                                   uint8_t **bytes, size_t *size, npk_error *error);

/* A list or tuple of numbers out of the pickle in `bytes`, each as npk_list_to_doubles or npk_list_to_ints gives it:
 *
 *     size_t size = 0, count;
 *     const void *bytes = NULL; // set both: a file that was mapped, a message that has come
 *     static double numbers[1000];
 *     if (npk_doubles_load_memory(bytes, size, NULL, NULL, numbers, 1000, &count, &error) == NPK_OK)
 *         printf("%zu numbers\n", count);
 *
 *   where   the way to the list inside, as npk_walk_path and Python write it; NULL or "": the root
 *   room    how many numbers there is room for at `out`. `out` NULL: the items are counted, whatever they are
 *
 * A pickle that is no more than such a list, as CPython writes it at protocols 1 to 5, is read without a graph of
 * values and without an allocation. Any other is loaded as a document for as long as the call takes, and so is each
 * where more than the allocator is set in the options.
 *
 * Returns NPK_OK; *count says how many numbers there are, and they are at `out`. Errors: those of npk_doc_load_memory,
 * with their offsets; NPK_ERR_NOT_FOUND where the path leads to nothing; those of npk_list_to_doubles and
 * npk_list_to_ints, NPK_ERR_USAGE where there is too little room, and then *count says how much is needed;
 * NPK_ERR_USAGE for NULL. All of the room at `out` may have changed: behind the *count numbers, and after an error. */
NPK_CHECKED NPK_API npk_status npk_doubles_load_memory(const void *bytes, size_t size, const char *where,
                                                       const npk_read_options *options, double *out, size_t room,
                                                       size_t *count, npk_error *error);
NPK_CHECKED NPK_API npk_status npk_ints_load_memory(const void *bytes, size_t size, const char *where,
                                                    const npk_read_options *options, int64_t *out, size_t room,
                                                    size_t *count, npk_error *error);

#ifdef __cplusplus
}
#endif
#endif
