/* Files of torch.save(): since PyTorch 1.6 a zip archive, in which NAME/data.pkl is the pickle and NAME/data/ has the
 * elements of each storage that it refers to; before, or with _use_new_zipfile_serialization=False, five pickles, then
 * the elements of the storages that the fourth refers to.
 *
 *     npk_torch *file = NULL;
 *     npk_array array;
 *     const npk_value *weight = NULL;
 *     if (npk_torch_load("model.pth", NULL, &file, &error) == NPK_OK &&
 *         npk_value_find(npk_doc_root(npk_torch_doc(file, NPK_TORCH_OBJECT)), "['weight']", &weight, &error) ==
 *             NPK_OK &&
 *         npk_array_of(weight, &array, &error) == NPK_OK)
 *         printf("%d elements\n", (int)npk_array_count(&array));
 *     npk_torch_free(file);
 *
 * In the object what torch._utils._rebuild_tensor, _rebuild_tensor_v2 and _rebuild_tensor_v3 make of a storage is an
 * array of the class torch.Tensor: a view of the storage. All else is what it is in any pickle: a Parameter the call of
 * _rebuild_parameter with a tensor among its arguments, a module an object. An archive is read where its members are
 * stored as they are, as PyTorch stores them; one that somebody compressed is refused.
 *
 * Threads: as documents, any number may read an open file.
 */
#ifndef NPICKLE_TORCH_H
#define NPICKLE_TORCH_H

#include <npickle/reader.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct npk_torch npk_torch;

/* The pickles, in the order in which they stand in the file. */
typedef enum npk_torch_part {
    NPK_TORCH_MAGIC = 0,    /* 0x1950a86a20f9469cfc6c */
    NPK_TORCH_PROTOCOL = 1, /* 1001 */
    NPK_TORCH_SYSTEM = 2,   /* a dict: the sizes of C's types where it was written */
    NPK_TORCH_OBJECT = 3,   /* what was saved */
    NPK_TORCH_KEYS = 4      /* a list: the keys of the storages, in the order in which their elements follow */
} npk_torch_part;

/* What kind of file it is. */
typedef enum npk_torch_form {
    NPK_TORCH_LEGACY = 0, /* five pickles, and the elements */
    NPK_TORCH_ARCHIVE = 1 /* a zip archive, which has of the pickles NPK_TORCH_OBJECT alone */
} npk_torch_form;

/* Whether these are the bytes of such a file. Before the archives the first 24 bytes are enough; of an archive all of
 * them are, or those of its first header. False for NULL. */
NPK_API bool npk_torch_is(const void *bytes, size_t size);

/* Loads a file, or memory. Returns NPK_OK and fills *out, or an error and leaves *out alone. Ownership: *out is the
 * caller's, until npk_torch_free; npk_torch_load_memory borrows `bytes` for as long. Errors: those of npk_doc_load for
 * the five pickles; NPK_ERR_ARRAY for storages and tensors that contradict each other, NPK_ERR_TRUNCATED and
 * NPK_ERR_TRAILING for the elements; NPK_ERR_UNSUPPORTED for a type of storage that is not known, and for members
 * of an archive that are compressed; NPK_ERR_LIMIT for
 * tensors that repeat the elements of storages until they come to more than 64 times the file. */
NPK_CHECKED NPK_API npk_status npk_torch_load(const char *path, const npk_read_options *options, npk_torch **out,
                                              npk_error *error);
NPK_CHECKED NPK_API npk_status npk_torch_load_memory(const void *bytes, size_t size, const npk_read_options *options,
                                                     npk_torch **out, npk_error *error);
/* Frees it with its documents and their arrays. NULL: does nothing. */
NPK_API void npk_torch_free(npk_torch *torch);

/* What kind of file it is; NPK_TORCH_LEGACY for NULL. */
NPK_API npk_torch_form npk_torch_form_of(const npk_torch *torch);

/* Where in the file the bytes begin that the offsets of its documents count from: those of data.pkl in an archive, else
 * 0. */
NPK_API uint64_t npk_torch_base(const npk_torch *torch);

/* One of the pickles, borrowed. Written again, it is only this pickle, without the storages. NULL for NULL, and for
 * what is none of them or not in an archive. */
NPK_API const npk_doc *npk_torch_doc(const npk_torch *torch, npk_torch_part part);

/* A storage: elements in one piece, from which tensors are cut. */
typedef struct npk_torch_storage {
    const char *key; /* in UTF-8; borrowed, without a NUL at the end */
    size_t key_size;
    npk_array elements; /* of one dimension, a view */
    uint64_t offset;    /* of the elements in the file */
    uint64_t reserved[4];
} npk_torch_storage;

/* The storages, in the order of the file. Returns true and fills *out, which borrows from `torch`; false, and *out left
 * alone, past the end and for NULL. */
NPK_API bool npk_torch_storage_of(const npk_torch *torch, size_t index, npk_torch_storage *out);

#ifdef __cplusplus
}
#endif
#endif
