/* Any bytes as a pickle that is changed, in ways that the bytes behind it tell (its own where there are none): whatever was not refused must
 * be written at every protocol, and load as the same. */
#include "mutate.h"

#include <npickle.h>

#define STEPS 6
#define MOST_VALUES 64

/* The first values of the document. */
static size_t gather(const npk_value *root, const npk_value *out[MOST_VALUES])
{
    npk_walk *walk = NULL;
    const npk_value *value;
    npk_error error;
    size_t count = 0;
    DEMAND(npk_walk_start(root, NULL, &walk, &error) == NPK_OK);
    while (count < MOST_VALUES && npk_walk_next(walk, &value, &error) == NPK_OK && value != NULL)
        out[count++] = value;
    npk_walk_free(walk);
    return count;
}

/* [value, (value,), 'text'] */
static const npk_value *make(npk_doc *doc, const npk_value *value)
{
    npk_writer *w;
    const npk_value *made = value;
    npk_error error;
    DEMAND(npk_edit_begin(doc, NULL, &w, &error) == NPK_OK);
    npk_write_begin_list(w, 3);
    npk_write_value(w, value);
    npk_write_begin_tuple(w, 1);
    npk_write_value(w, value);
    npk_write_end(w);
    npk_write_str(w, "text");
    npk_write_end(w);
    if (npk_edit_finish(w, &made, &error) != NPK_OK)
        DEMAND(error.status == NPK_ERR_LIMIT || error.status == NPK_ERR_MEMORY || error.status == NPK_ERR_UNSUPPORTED);
    return made;
}

static npk_status change(npk_doc *doc, unsigned how, const npk_value *a, const npk_value *b, npk_error *error)
{
    static const double numbers[4] = {1, 2, 3, 4};
    npk_object object;
    switch (how % 14) {
    case 0:
        return npk_edit_replace(doc, a, b, error);
    case 1:
        return npk_edit_list_append(doc, a, b, error);
    case 2:
        return npk_edit_list_set(doc, a, 0, b, error);
    case 3:
        return npk_edit_list_remove(doc, a, 0, error);
    case 4:
        return npk_edit_dict_set_value(doc, a, b, b, error);
    case 5:
        return npk_edit_dict_set(doc, a, "key", b, error);
    case 6:
        return npk_edit_attribute(doc, a, "name", b, error);
    case 7:
        return npk_edit_array(doc, a, &NPK_ARRAY(numbers, (int64_t)(how / 14 % 5)), error);
    case 8:
        return npk_edit_replace(doc, a, make(doc, b), error);
    case 9:
        return npk_edit_list_insert(doc, a, npk_value_size(a) / 2, b, error);
    case 10:
        return npk_edit_dict_remove_value(doc, a, b, error);
    case 11:
        return npk_edit_dict_remove(doc, a, "key", error);
    case 12:
        return npk_edit_object_state(doc, a, b, error);
    default:
        return npk_value_as_object(a, &object) ? npk_edit_replace(doc, object.args, b, error)
                                               : npk_edit_root(doc, b, error);
    }
}

static void write_again(const npk_doc *doc, int protocol)
{
    npk_writer *w = NULL;
    npk_error error = {.status = NPK_OK};
    uint8_t *bytes = NULL;
    size_t size = 0;
    npk_write_options options = {.protocol_given = true, .protocol = protocol};
    DEMAND(npk_writer_memory(&options, &w, &error) == NPK_OK);
    npk_write_value(w, npk_doc_root(doc));
    npk_status status = npk_writer_finish_memory(w, &bytes, &size, &error);
    if (status != NPK_OK) {
        if (status != NPK_ERR_LIMIT && status != NPK_ERR_UNSUPPORTED && status != NPK_ERR_TOO_LARGE)
            fprintf(stderr, "%s at protocol %d: %s\n", npk_status_name(status), protocol, error.message);
        DEMAND(status == NPK_ERR_LIMIT || status == NPK_ERR_UNSUPPORTED || status == NPK_ERR_TOO_LARGE);
        return;
    }
    fuzz_read_again(doc, &options, bytes, size, FUZZ_SAME_EDITED);
    npk_bytes_free(NULL, bytes, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    npk_reader *reader = NULL;
    npk_doc *doc = NULL;
    npk_error error;
    const npk_value *values[MOST_VALUES];
    DEMAND(npk_reader_memory(data, size, NULL, &reader, &error) == NPK_OK);
    if (npk_reader_next(reader, &doc, &error) == NPK_OK && doc != NULL) {
        size_t end = (size_t)npk_reader_offset(reader);
        const uint8_t *steps = end < size ? data + end : data;
        size_t length = end < size ? size - end : size;
        for (size_t i = 0; i < STEPS; i++) {
            size_t count = gather(npk_doc_root(doc), values);
            const npk_value *a = values[steps[(3 * i + 1) % length] % count], *b = values[steps[(3 * i + 2) % length] % count];
            (void)change(doc, steps[3 * i % length], a, b, &error);
        }
        for (int protocol = 0; protocol <= 5; protocol++)
            write_again(doc, protocol);
    }
    npk_doc_free(doc);
    npk_reader_close(reader);
    return 0;
}
