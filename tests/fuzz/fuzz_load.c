/* Any bytes as a file with an array: loaded as it is and cast, saved, and loaded again as the same. Every value of a pickle
 * as a number, a text and a global. */
#include "fuzz.h"

#define MOST_BYTES (1 << 18) /* of an array that is saved again */

static void save_again(const npk_array *own)
{
    npk_write_options options = {.protocol = 4, .keep_padding = true};
    npk_array *other = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    npk_error error;
    if (npk_array_save_memory(own, &options, &bytes, &size, &error) != NPK_OK)
        return;
    npk_status status = npk_array_load_memory(bytes, size, NULL, NULL, NULL, &other, &error);
    DEMAND(status == NPK_OK);
    DEMAND(npk_dtype_equal(own->dtype, other->dtype) && own->ndim == other->ndim);
    DEMAND(npk_array_nbytes(own) == npk_array_nbytes(other));
    DEMAND(memcmp(own->data, other->data, (size_t)npk_array_nbytes(own)) == 0);
    npk_array_free(other);
    npk_bytes_free(NULL, bytes, size);
}

static void ask(const npk_value *value)
{
    double number = 0;
    int64_t whole = 0;
    size_t size = 0;
    if (npk_value_to_int64(value, &whole))
        DEMAND(npk_value_to_double(value, &number) && number == (double)whole);
    const char *text = npk_value_text(value, &size);
    DEMAND(text != NULL || !npk_value_is_text(value, "x"));
    npk_value_is_global(value, "builtins", "set");
}

static void ask_all(const uint8_t *data, size_t size)
{
    npk_doc *doc = NULL;
    npk_walk *walk = NULL;
    const npk_value *value = NULL;
    npk_write_options options;
    if (npk_doc_load_memory(data, size, NULL, &doc, NULL) != NPK_OK)
        return;
    DEMAND(npk_write_options_for(doc, &options) && options.protocol >= 0 && options.protocol <= 5);
    if (npk_walk_start(npk_doc_root(doc), NULL, &walk, NULL) == NPK_OK)
        while (npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL)
            ask(value);
    npk_walk_free(walk);
    npk_doc_free(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const npk_load_options options = {.casting = NPK_CAST_UNSAFE};
    npk_error error = {.offset = NPK_NO_OFFSET};
    npk_array *own = NULL;
    npk_status status = npk_array_load_memory(data, size, NULL, NULL, NULL, &own, &error);
    DEMAND((status == NPK_OK) == (own != NULL));
    if (own != NULL && npk_array_nbytes(own) <= MOST_BYTES)
        save_again(own);
    npk_array_free(own);
    own = NULL;
    status = npk_array_load_memory(data, size, "", npk_dtype_native(NPK_FLOAT64), &options, &own, &error);
    DEMAND((status == NPK_OK) == (own != NULL));
    npk_array_free(own);
    ask_all(data, size);
    return 0;
}
