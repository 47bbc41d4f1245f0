/* Tensors of PyTorch as arrays: those of a file of torch.save() the library makes itself; these are those of any other
 * pickle. */
#ifndef BRIDGES_TORCH_TENSOR_H
#define BRIDGES_TORCH_TENSOR_H

#include <npickle.h>

#include <stdbool.h>

/* A view of a tensor's elements. */
struct tensor {
    npk_torch *storage; /* which the view borrows */
    int64_t shape[NPK_MAXDIMS], strides[NPK_MAXDIMS];
    npk_array array;
};

/* Whether a value is a tensor that was pickled by itself, as torch.distributed and multiprocessing send it:
 * torch._utils._rebuild_tensor_v2 of a storage that is a file of torch.save() as bytes. */
bool tensor_is(const npk_value *value);

/* The view of it, until tensor_free; it borrows from the value's document. Errors: those of npk_torch_load_memory,
 * NPK_ERR_ARRAY where shape and strides do not lie in the storage. */
npk_status tensor_of(const npk_value *value, struct tensor *out, npk_error *error);
void tensor_free(struct tensor *tensor);

#endif
