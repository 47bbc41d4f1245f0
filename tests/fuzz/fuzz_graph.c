/* Any bytes as a pickle whose graph is written again, by the two first bytes at one protocol or another: what comes out must
 * load, and be the same graph. */
#define FUZZ_HEAD 2
#include "mutate.h"

#include <npickle.h>

#define MOST_VALUES 5000

static size_t count_values(const npk_value *root, size_t *arrays)
{
    npk_walk *walk = NULL;
    const npk_value *value;
    npk_error error;
    size_t count = 0;
    *arrays = 0;
    DEMAND(npk_walk_start(root, NULL, &walk, &error) == NPK_OK);
    while (count < MOST_VALUES && npk_walk_next(walk, &value, &error) == NPK_OK && value != NULL) {
        *arrays += npk_value_is_array(value) || npk_value_is_scalar(value);
        count++;
    }
    npk_walk_free(walk);
    return count;
}

static void write_again(const npk_doc *doc, const npk_write_options *options)
{
    npk_writer *w = NULL;
    npk_doc *copy = NULL;
    npk_error error = {.status = NPK_OK};
    uint8_t *bytes = NULL;
    size_t size = 0, arrays, copied;
    if (npk_writer_memory(options, &w, &error) != NPK_OK)
        return;
    npk_write_value(w, npk_doc_root(doc));
    npk_status status = npk_writer_finish_memory(w, &bytes, &size, &error);
    if (status != NPK_OK) {
        DEMAND(status == NPK_ERR_LIMIT || status == NPK_ERR_UNSUPPORTED || status == NPK_ERR_CAST ||
               status == NPK_ERR_TOO_LARGE);
        return;
    }
    fuzz_read_again(doc, options, bytes, size, FUZZ_SAME);
    DEMAND(npk_doc_load_memory(bytes, size, NULL, &copy, &error) == NPK_OK);
    count_values(npk_doc_root(doc), &arrays);
    count_values(npk_doc_root(copy), &copied);
    DEMAND(arrays == copied || options->memo == NPK_MEMO_NONE || !fuzz_keeps_spellings(npk_doc_root(doc), options));
    npk_doc_free(copy);
    npk_bytes_free(NULL, bytes, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    npk_doc *doc = NULL;
    npk_error error;
    if (size < 2)
        return 0;
    npk_write_options options = {
        .protocol_given = true,
        .protocol = data[0] % 6,
        .dialect = fuzz_dialect(data[0] / 6),
        .memo = (npk_memo_policy)(data[1] % 3),
        .python2_str = (npk_python2_str)(data[1] / 3 % 4),
        .limits = {.memory = 1 << 22}, /* without a memo what is shared is written again and again, up to this */
        .translate_names = data[1] / 12 % 2 == 1,
        .unloadable = data[1] / 24 % 2 == 1 ? NPK_UNLOADABLE_REFUSE : NPK_UNLOADABLE_WRITE,
    };
    if (npk_doc_load_memory(data + 2, size - 2, NULL, &doc, &error) == NPK_OK) {
        write_again(doc, &options);
        npk_doc_free(doc);
    }
    return 0;
}
