/* npk_undo_crlf and npk_torch_load_memory: what is undone, done again, gives the input; what is damaged here comes back. */
#include "fuzz.h"

#include <npickle.h>

static uint8_t *to_crlf(const uint8_t *data, size_t size, size_t *out_size)
{
    uint8_t *out = malloc(2 * size + 1), *at = out;
    DEMAND(out != NULL);
    for (size_t i = 0; i < size; i++) {
        if (data[i] == '\n')
            *at++ = '\r';
        *at++ = data[i];
    }
    *out_size = (size_t)(at - out);
    return out;
}

static bool is_marked(const uint8_t *data, size_t size)
{
    return size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0;
}

/* Returns whether anything was undone. */
static bool undo(const uint8_t *data, size_t size, const uint8_t *expected, size_t expected_size)
{
    uint8_t *mended;
    size_t mended_size, again_size;
    npk_error error;
    npk_status status = npk_undo_crlf(data, size, NULL, &mended, &mended_size, &error);
    DEMAND(status != NPK_ERR_USAGE && (status == NPK_OK || mended == NULL));
    if (mended == NULL)
        return false;
    size_t mark = is_marked(data, size) ? 3 : 0;
    uint8_t *again = to_crlf(mended, mended_size, &again_size);
    bool only_mark = mark > 0 && mended_size == size - mark && memcmp(mended, data + mark, mended_size) == 0;
    DEMAND(only_mark || (again_size == size - mark && memcmp(again, data + mark, again_size) == 0));
    DEMAND(expected == NULL || (mended_size == expected_size && memcmp(mended, expected, mended_size) == 0));
    free(again);
    npk_bytes_free(NULL, mended, mended_size);
    return true;
}

static bool is_pickle(const uint8_t *data, size_t size)
{
    npk_doc *doc = NULL;
    bool good = npk_doc_load_memory(data, size, NULL, &doc, NULL) == NPK_OK;
    npk_doc_free(doc);
    return good;
}

static void load_torch(const uint8_t *data, size_t size)
{
    npk_torch *file = NULL;
    npk_torch_storage storage;
    uint8_t room[4096];
    if (npk_torch_load_memory(data, size, NULL, &file, NULL) != NPK_OK)
        return;
    for (size_t i = 0; npk_torch_storage_of(file, i, &storage); i++)
        DEMAND(storage.offset + (uint64_t)npk_array_nbytes(&storage.elements) <= size);
    npk_walk *walk;
    const npk_value *value;
    npk_array array;
    DEMAND(npk_walk_start(npk_doc_root(npk_torch_doc(file, NPK_TORCH_OBJECT)), NULL, &walk, NULL) == NPK_OK);
    while (npk_walk_next_array(walk, &value, &array, NULL) == NPK_OK && value != NULL)
        if ((size_t)npk_array_nbytes(&array) <= sizeof room && !npk_dtype_has_object(array.dtype))
            DEMAND(npk_array_copy(&array, 'C', room, sizeof room, NULL) == NPK_OK);
    npk_walk_free(walk);
    npk_torch_free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t damaged_size;
    undo(data, size, NULL, 0);
    uint8_t *damaged = to_crlf(data, size, &damaged_size);
    if (is_pickle(data, size) && damaged_size > size && !is_pickle(damaged, damaged_size))
        DEMAND(undo(damaged, damaged_size, data, size));
    free(damaged);
    load_torch(data, size);
    return 0;
}
