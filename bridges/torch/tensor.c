#include "tensor.h"

#include <stdio.h>
#include <string.h>

static bool is_call(const npk_value *value, const char *module, const char *name, npk_object *out)
{
    return npk_value_as_object(value, out) && out->construction == NPK_BY_CALL &&
           npk_value_is_global(out->callable, module, name);
}

/* (storage, offset, shape, strides, requires_grad, hooks), in which the storage is made of bytes. */
static bool parts_of(const npk_value *value, npk_object *call, npk_object *storage)
{
    return is_call(value, "torch._utils", "_rebuild_tensor_v2", call) && npk_value_size(call->args) >= 4 &&
           is_call(npk_value_item(call->args, 0), "torch.storage", "_load_from_bytes", storage) &&
           npk_value_size(storage->args) == 1;
}

bool tensor_is(const npk_value *value)
{
    npk_object call, storage;
    return parts_of(value, &call, &storage);
}

static npk_status fail(npk_error *error, npk_status status, const char *text)
{
    *error = (npk_error){.status = status, .opcode = -1, .offset = NPK_NO_OFFSET};
    snprintf(error->message, sizeof error->message, "%s", text);
    return status;
}

/* Shape and strides, in bytes, of a tensor that lies inside of so many elements. */
static bool take_view(const npk_object *call, int64_t count, int64_t itemsize, struct tensor *out, int64_t *offset)
{
    const npk_value *shape = npk_value_item(call->args, 2), *strides = npk_value_item(call->args, 3);
    const size_t ndim = npk_value_size(shape);
    int64_t last;
    bool is_empty = false;
    if (!npk_value_as_int64(npk_value_item(call->args, 1), offset) || *offset < 0 || *offset > count ||
        ndim > NPK_MAXDIMS || npk_value_size(strides) != ndim)
        return false;
    last = *offset;
    for (size_t i = 0; i < ndim; i++) {
        int64_t stride;
        if (!npk_value_as_int64(npk_value_item(shape, i), &out->shape[i]) || out->shape[i] < 0 ||
            !npk_value_as_int64(npk_value_item(strides, i), &stride) || stride < 0 || stride > INT64_MAX / itemsize)
            return false;
        out->strides[i] = stride * itemsize;
        is_empty = is_empty || out->shape[i] == 0;
        if (out->shape[i] > 1 && stride > 0 && out->shape[i] - 1 > (count - last) / stride)
            last = count; /* of no use, but to a tensor that is empty */
        else if (out->shape[i] > 1)
            last += (out->shape[i] - 1) * stride;
    }
    out->array.ndim = (int)ndim;
    return is_empty || last < count;
}

npk_status tensor_of(const npk_value *value, struct tensor *out, npk_error *error)
{
    npk_object call, storage;
    npk_torch_storage found = {0};
    size_t size;
    int64_t offset;
    memset(out, 0, sizeof *out);
    if (!parts_of(value, &call, &storage))
        return fail(error, NPK_ERR_ARRAY, "expected a tensor, found another value");
    const uint8_t *bytes = npk_value_as_bytes(npk_value_item(storage.args, 0), &size);
    if (bytes == NULL)
        return fail(error, NPK_ERR_ARRAY, "the storage of a tensor is made of no bytes");
    npk_status status = npk_torch_load_memory(bytes, size, NULL, &out->storage, error);
    if (status != NPK_OK)
        return status;
    const bool good = npk_torch_storage_of(out->storage, 0, &found);
    const int64_t itemsize = good ? npk_dtype_itemsize(found.elements.dtype) : 0;
    if (!good || itemsize <= 0 || !take_view(&call, npk_array_count(&found.elements), itemsize, out, &offset)) {
        tensor_free(out);
        return fail(error, NPK_ERR_ARRAY, "the shape of a tensor does not lie in its storage");
    }
    out->array.dtype = found.elements.dtype;
    out->array.data = (const uint8_t *)found.elements.data + offset * itemsize;
    out->array.shape = out->shape;
    out->array.strides = out->strides;
    return NPK_OK;
}

void tensor_free(struct tensor *tensor)
{
    npk_torch_free(tensor->storage);
    memset(tensor, 0, sizeof *tensor);
}
