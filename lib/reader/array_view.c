/* Views of pickled arrays: recognised where they lie, else by a document. */
#include "reader/array_scan.h"

#include "base/error.h"
#include "reader/options.h"

#include <string.h>

_Static_assert(sizeof(npki_scan) <= sizeof((npk_array_view){0}.inside), "the scan has room in a view");

static npki_scan *scan_of(npk_array_view *view)
{
    return (npki_scan *)(void *)view->inside;
}

/* Which item of a document comes next. */
static uint64_t *index_of(npk_array_view *view)
{
    return view->inside;
}

static void start(npk_array_view *out)
{
    out->key = NULL;
    out->key_size = 0;
    out->key_value = NULL;
    out->doc = NULL;
    memset(out->reserved, 0, sizeof out->reserved);
}

static npk_status check(const npk_array_view *out, npk_error *error)
{
    return out != NULL ? NPK_OK : npki_fail(error, NPK_ERR_USAGE, "expected a place for the view, found NULL");
}

static npk_status load(const void *bytes, size_t size, const npk_read_options *options, npk_array_view *out,
                       npk_error *error)
{
    out->key = NULL; /* the scan may have come so far */
    out->key_size = 0;
    memset(&out->array, 0, sizeof out->array);
    return npk_doc_load_memory(bytes, size, options, &out->doc, error);
}

/* There is no next one. */
static void end(npk_array_view *view)
{
    if (view->doc != NULL)
        *index_of(view) = UINT64_MAX;
    else
        scan_of(view)->in = (npki_frames){.at = NULL};
}

static npk_status fail(npk_array_view *out, npk_status status)
{
    npk_doc_free(out->doc);
    out->doc = NULL;
    end(out);
    return status;
}

bool npki_array_view_scan(const void *bytes, size_t size, bool later, npk_array_view *out)
{
    npki_scan *s = scan_of(out);
    start(out);
    if (bytes == NULL || !npki_read_may_scan(NULL) || !npki_scan_start(s, bytes, size))
        return false;
    s->later = later;
    return npki_scan_array_only(s, out);
}

npk_status npk_array_view_memory(const void *bytes, size_t size, const npk_read_options *options, npk_array_view *out,
                                 npk_error *error)
{
    npk_status status = check(out, error);
    if (status != NPK_OK)
        return status;
    start(out);
    if (bytes == NULL || !npki_read_may_scan(options) || !npki_scan_start(scan_of(out), bytes, size) ||
        !npki_scan_array_only(scan_of(out), out))
        status = load(bytes, size, options, out, error);
    if (status == NPK_OK && out->doc != NULL)
        status = npk_array_of(npk_doc_root(out->doc), &out->array, error);
    if (status != NPK_OK)
        return fail(out, status);
    end(out);
    return NPK_OK;
}

/* All of the container, to see whether it is one; then back to its beginning. */
static bool scan_all(npk_array_view *out, const void *bytes, size_t size)
{
    npki_scan *s = scan_of(out);
    bool more = true;
    if (!npki_scan_start(s, bytes, size) || !npki_scan_container(s))
        return false;
    while (more)
        if (!npki_scan_next(s, out, &more))
            return false;
    return npki_scan_start(s, bytes, size) && npki_scan_container(s);
}

npk_status npk_array_views_memory(const void *bytes, size_t size, const npk_read_options *options, npk_array_view *out,
                                  npk_error *error)
{
    npk_status status = check(out, error);
    if (status != NPK_OK)
        return status;
    start(out);
    if (bytes != NULL && npki_read_may_scan(options) && scan_all(out, bytes, size)) {
        out->key = NULL;
        out->key_size = 0;
        return NPK_OK;
    }
    status = load(bytes, size, options, out, error);
    if (status != NPK_OK)
        return fail(out, status);
    *index_of(out) = 0;
    npk_kind kind = npk_value_kind(npk_doc_root(out->doc));
    if (kind == NPK_KIND_LIST || kind == NPK_KIND_TUPLE || kind == NPK_KIND_DICT)
        return NPK_OK;
    return fail(out,
                npki_fail(error, NPK_ERR_TYPE, "expected a list or a dict of arrays, found %s", npk_kind_name(kind)));
}

static npk_status next_of_document(npk_array_view *view, bool *more, npk_error *error)
{
    const npk_value *root = npk_doc_root(view->doc);
    size_t index = (size_t)*index_of(view);
    view->key = NULL;
    view->key_size = 0;
    view->key_value = NULL;
    *more = index < npk_value_size(root);
    if (!*more)
        return NPK_OK;
    ++*index_of(view);
    if (npk_value_kind(root) != NPK_KIND_DICT)
        return npk_array_of(npk_value_item(root, index), &view->array, error);
    view->key_value = npk_dict_key(root, index);
    if (npk_value_kind(view->key_value) == NPK_KIND_STR)
        view->key = npk_value_as_str(view->key_value, &view->key_size);
    return npk_array_of(npk_dict_value(root, index), &view->array, error);
}

npk_status npk_array_view_next(npk_array_view *view, bool *more, npk_error *error)
{
    if (view == NULL || more == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a view and room for an answer, found NULL");
    if (view->doc != NULL)
        return next_of_document(view, more, error);
    npki_scan *s = scan_of(view);
    *more = false;
    if (s->in.at == s->in.last) /* it was at the end before */
        return NPK_OK;
    bool good = npki_scan_next(s, view, more); /* as it went before */
    return good ? NPK_OK : npki_fail(error, NPK_ERR_USAGE, "the bytes of the pickle have changed");
}

void npk_array_view_free(npk_array_view *view)
{
    if (view != NULL)
        fail(view, NPK_OK);
}
