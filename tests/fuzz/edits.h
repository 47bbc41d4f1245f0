/* Changes of a document, by a number that says how, of two of its values. */
#ifndef NPICKLE_TESTS_EDITS_H
#define NPICKLE_TESTS_EDITS_H

#include "fuzz.h"

#define MOST_VALUES 64

/* The first values of the document. */
static inline size_t gather(const npk_value *root, const npk_value *out[MOST_VALUES])
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
static inline const npk_value *make(npk_doc *doc, const npk_value *value)
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

static inline npk_status change(npk_doc *doc, unsigned how, const npk_value *a, const npk_value *b, npk_error *error)
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

#define STEPS 6

/* Changes of the document that these bytes begin with, by those behind it, or by its own where there are none: three bytes
 * each, how, and the two values. */
static inline void change_by(npk_doc *doc, const uint8_t *data, size_t size, uint64_t end)
{
    const uint8_t *steps = end < size ? data + end : data;
    const size_t length = end < size ? size - (size_t)end : size;
    const npk_value *values[MOST_VALUES];
    npk_error error;
    for (size_t i = 0; i < STEPS; i++) {
        size_t count = gather(npk_doc_root(doc), values);
        const npk_value *a = values[steps[(3 * i + 1) % length] % count], *b = values[steps[(3 * i + 2) % length] % count];
        (void)change(doc, steps[3 * i % length], a, b, &error);
    }
}

#endif
