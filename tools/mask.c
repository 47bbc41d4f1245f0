#include "mask.h"

#include "common.h"

#include <string.h>
#include <sys/stat.h>

/* NumPy, as the library, has no array whose bytes 64 bits can't count, were each of its lengths 1 at the least. */
static bool is_too_large(const npk_array *array)
{
    int64_t bytes = npk_dtype_itemsize(array->dtype);
    for (int i = 0; i < array->ndim; i++)
        if (array->shape[i] > 1 && __builtin_mul_overflow(bytes, array->shape[i], &bytes))
            return true;
    return false;
}

npk_status tool_take_mask(const npk_value *value, tool_mask *out, npk_error *error)
{
    npk_array data, bools;
    const npk_dtype *dtype = NULL;
    npk_status status = npk_masked_of(value, &data, &bools, NULL, error);
    if (status != NPK_OK)
        return status;
    status = npk_dtype_of_mask(data.dtype, NULL, &dtype, error);
    if (status != NPK_OK && status != NPK_ERR_DTYPE)
        return status;
    bools.dtype = dtype;
    bools.ndim = data.ndim; /* the bools of a struct lie one behind the other */
    if (status == NPK_ERR_DTYPE || is_too_large(&bools)) { /* of structs that lie over one another */
        npk_dtype_free(dtype);
        return tool_fail(error, NPK_ERR_UNSUPPORTED, NPK_NO_OFFSET,
                         "the array has a mask of more bytes than NumPy can count");
    }
    *out = (tool_mask){bools, dtype};
    return NPK_OK;
}

void tool_free_mask(tool_mask *mask)
{
    npk_dtype_free(mask->dtype);
    mask->dtype = NULL;
}

/* What stands behind the last slash. */
static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static bool find_directory(const char *path, struct stat *out)
{
    char directory[4096];
    size_t size = (size_t)(name_of(path) - path);
    if (size + 2 > sizeof directory)
        return false;
    memcpy(directory, path, size);
    memcpy(directory + size, ".", 2);
    return stat(directory, out) == 0;
}

bool tool_is_one_file(const char *a, const char *b)
{
    struct stat in_a, in_b;
    if (strcmp(a, b) == 0)
        return true;
    return strcmp(a, "-") != 0 && strcmp(b, "-") != 0 && strcmp(name_of(a), name_of(b)) == 0 &&
           find_directory(a, &in_a) && find_directory(b, &in_b) && in_a.st_dev == in_b.st_dev &&
           in_a.st_ino == in_b.st_ino;
}
