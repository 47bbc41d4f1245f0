/* Values that are put into the items of an array of structs with objects: what is taken NumPy loads, and as just that. */
#include "golden.h"

#include <npickle.h>

enum { FIELDS = 15 };

static npk_doc *load(golden_bytes pickle)
{
    npk_doc *doc = NULL;
    npk_error error = {.message = ""};
    cr_assert_eq(npk_doc_load_memory(pickle.bytes, pickle.size, NULL, &doc, &error), NPK_OK, "%s", error.message);
    return doc;
}

/* A copy of a value, or of a tuple with another value in one place. */
static const npk_value *make(npk_doc *doc, const npk_value *value, size_t place, const npk_value *item)
{
    npk_writer *writer;
    const npk_value *made = NULL;
    npk_error error = {.message = ""};
    cr_assert_eq(npk_edit_begin(doc, NULL, &writer, &error), NPK_OK);
    if (item == NULL) {
        npk_write_value(writer, value);
    } else {
        npk_write_begin_tuple(writer, (int64_t)npk_value_size(value));
        for (size_t i = 0; i < npk_value_size(value); i++)
            npk_write_value(writer, i == place ? item : npk_value_item(value, i));
        npk_write_end(writer);
    }
    cr_assert_eq(npk_edit_finish(writer, &made, &error), NPK_OK, "%s", error.message);
    return made;
}

/* By another tuple, or by another value in the tuple that is there. */
static bool is_taken(golden_bytes array, size_t field, const npk_value *value, bool in_place)
{
    npk_doc *doc = load(array);
    npk_array view;
    npk_error error = {.message = ""};
    cr_assert_eq(npk_array_of(npk_doc_root(doc), &view, &error), NPK_OK);
    const npk_value *item = npk_value_item(view.objects, 0);
    npk_status status;
    if (in_place)
        status = npk_edit_replace(doc, npk_value_item(item, field), make(doc, value, 0, NULL), &error);
    else
        status = npk_edit_list_set(doc, view.objects, 0, make(doc, item, field, value), &error);
    const bool everywhere = in_place && status == NPK_ERR_USAGE; /* None is the same wherever it stands */
    cr_expect(status == NPK_OK || status == NPK_ERR_TYPE || everywhere, "field %zu: %s", field, error.message);
    npk_doc_free(doc);
    return status == NPK_OK;
}

/* An array in a field changes as npk_edit_array() has it. */
static bool is_taken_as_array(golden_bytes array, size_t field, const npk_value *value)
{
    npk_doc *doc = load(array);
    npk_array view, new;
    npk_error error = {.message = ""};
    cr_assert_eq(npk_array_of(npk_doc_root(doc), &view, &error), NPK_OK);
    const npk_value *old = npk_value_item(npk_value_item(view.objects, 0), field);
    bool taken = npk_value_is_array(old) && npk_array_of(value, &new, NULL) == NPK_OK &&
                 npk_edit_array(doc, old, &new, &error) == NPK_OK;
    npk_doc_free(doc);
    return taken;
}

Test(fields, as_numpy_takes_them)
{
    golden g;
    golden_bytes array = {NULL, 0};
    size_t taken[FIELDS] = {0}, same[FIELDS] = {0};
    golden_open(&g, "fields.golden");
    for (char *line; (line = golden_line(&g)) != NULL;) {
        if (*line == '"') {
            array = golden_unquote(line);
            continue;
        }
        char *at = line;
        const size_t field = (size_t)atoi(golden_word(&at));
        const char *verdict = golden_word(&at);
        const char *word = golden_word(&at);
        golden_bytes pickle = golden_unquote(word);
        npk_doc *given = load(pickle);
        const bool is_same = strcmp(verdict, "same") == 0;
        for (int way = 0; way < 3; way++) {
            const bool is = way == 2 ? is_taken_as_array(array, field, npk_doc_root(given))
                                     : is_taken(array, field, npk_doc_root(given), way == 1);
            cr_expect(!is || is_same, "field %zu, way %d: taken, and NumPy %s: %s", field, way, verdict, word);
            taken[field] += is && way == 0;
        }
        same[field] += is_same;
        npk_doc_free(given);
        free(pickle.bytes);
    }
    for (size_t i = 0; i < FIELDS; i++)
        cr_expect(taken[i] > 0 && taken[i] <= same[i], "field %zu: %zu of %zu", i, taken[i], same[i]);
    fprintf(stderr, "taken:");
    for (size_t i = 0; i < FIELDS; i++)
        fprintf(stderr, " %zu/%zu", taken[i], same[i]);
    fprintf(stderr, "\n");
    free(array.bytes);
    golden_close(&g);
}
