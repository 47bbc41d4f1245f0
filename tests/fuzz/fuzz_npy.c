/* Any bytes as a .npy file; what was read is written, and what was written reads as the same. */
#include "fuzz.h"

#include <npickle.h>

#define MOST_BYTES (1 << 18) /* of an array that is written again */

typedef struct block {
    uint8_t *bytes;
    size_t size;
} block;

static int add(void *context, const void *bytes, size_t size)
{
    block *b = context;
    b->bytes = realloc(b->bytes, b->size + size + 1);
    DEMAND(b->bytes != NULL);
    memcpy(b->bytes + b->size, bytes, size);
    b->size += size;
    return 0;
}

static uint8_t *copy_of(const npk_array *array)
{
    int64_t nbytes = npk_array_nbytes(array);
    npk_error error;
    uint8_t *out = malloc(nbytes > 0 ? (size_t)nbytes : 1);
    DEMAND(out != NULL && npk_array_copy(array, 'C', out, (size_t)nbytes, &error) == NPK_OK);
    return out;
}

static void write_again(const npk_array *array)
{
    block b = {NULL, 0};
    npk_error error;
    npk_npy *npy;
    if (npk_npy_write(add, &b, array, NULL, &error) == NPK_OK) {
        DEMAND(npk_npy_is(b.bytes, b.size));
        npk_status status = npk_npy_load_memory(b.bytes, b.size, NULL, &npy, &error);
        DEMAND(status == NPK_OK);
        const npk_array *other = npk_npy_array(npy);
        DEMAND(other->ndim == array->ndim && npk_array_count(other) == npk_array_count(array));
        DEMAND(npk_dtype_equal(other->dtype, array->dtype));
        uint8_t *left = copy_of(array), *right = copy_of(other);
        DEMAND(memcmp(left, right, (size_t)npk_array_nbytes(array)) == 0);
        free(left);
        free(right);
        npk_npy_free(npy);
    }
    free(b.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    npk_error error = {.offset = NPK_NO_OFFSET};
    npk_npy *npy = NULL;
    npk_status status = npk_npy_load_memory(data, size, NULL, &npy, &error);
    if (status != NPK_OK) {
        DEMAND(status != NPK_ERR_USAGE && error.message[0] != '\0');
        DEMAND(error.offset == NPK_NO_OFFSET || error.offset <= size);
        return 0;
    }
    const npk_array *array = npk_npy_array(npy);
    DEMAND(npk_npy_header_size(npy) <= size && npk_npy_version(npy) >= 1 && npk_npy_version(npy) <= 3);
    DEMAND(npk_array_count(array) >= 0 && npk_array_nbytes(array) >= 0);
    DEMAND((npk_npy_doc(npy) != NULL) == npk_dtype_has_object(array->dtype));
    if (npk_npy_doc(npy) == NULL && npk_array_nbytes(array) <= MOST_BYTES)
        write_again(array);
    npk_npy_free(npy);
    return 0;
}
