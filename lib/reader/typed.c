/* A list of numbers straight out of a pickle: without a graph where it can be done, else by a document. */
#include <npickle/load.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/limits.h"
#include "reader/numbers.h"
#include "reader/options.h"

/* What the numbers are. */
typedef struct kind {
    npki_numbers_take *take;
    npk_status (*from_list)(const npk_value *list, void *out, size_t room, npk_error *error);
} kind;

static npk_status list_to_doubles(const npk_value *list, void *out, size_t room, npk_error *error)
{
    return npk_list_to_doubles(list, out, room, error);
}

static npk_status list_to_ints(const npk_value *list, void *out, size_t room, npk_error *error)
{
    return npk_list_to_ints(list, out, room, error);
}

static const kind doubles = {npki_take_doubles, list_to_doubles};
static const kind ints = {npki_take_ints, list_to_ints};

static npk_status from_document(const kind *of, const npk_doc *doc, const char *where, void *out, size_t room,
                                size_t *count, npk_error *error)
{
    const npk_value *list = npk_doc_root(doc);
    npk_status status = where == NULL || *where == '\0' ? NPK_OK : npk_value_find(list, where, &list, error);
    if (status != NPK_OK)
        return status;
    const npk_kind is = npk_value_kind(list);
    const bool has_items = is == NPK_KIND_LIST || is == NPK_KIND_TUPLE;
    *count = has_items ? npk_value_size(list) : 0;
    return has_items && out == NULL ? NPK_OK : of->from_list(list, out, room, error);
}

static npk_status load(const kind *of, const void *bytes, size_t size, const char *where,
                       const npk_read_options *options, void *out, size_t room, size_t *count, npk_error *error)
{
    npk_doc *doc = NULL;
    bytes = npki_given(bytes, size);
    if (bytes == NULL || count == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected bytes and a place for how many numbers there are, found NULL");
    if ((where == NULL || *where == '\0') && npki_read_may_scan(options) &&
        npki_scan_numbers(of->take, bytes, size, npki_limits(NULL).items, out, room, count))
        return NPK_OK;
    npk_status status = npk_doc_load_memory(bytes, size, options, &doc, error);
    if (status == NPK_OK)
        status = from_document(of, doc, where, out, room, count, error);
    npk_doc_free(doc);
    return status;
}

npk_status npk_doubles_load_memory(const void *bytes, size_t size, const char *where, const npk_read_options *options,
                                   double *out, size_t room, size_t *count, npk_error *error)
{
    return load(&doubles, bytes, size, where, options, out, room, count, error);
}

npk_status npk_ints_load_memory(const void *bytes, size_t size, const char *where, const npk_read_options *options,
                                int64_t *out, size_t room, size_t *count, npk_error *error)
{
    return load(&ints, bytes, size, where, options, out, room, count, error);
}
