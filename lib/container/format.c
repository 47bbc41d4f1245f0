#include "container/format.h"

#include "base/error.h"

#include <string.h>

/* --- .npy --- */

static npk_status open_npy(const void *bytes, size_t size, const npk_read_options *options, void **held,
                           npk_error *error)
{
    npk_npy *npy = NULL;
    npk_status status = npk_npy_load_memory(bytes, size, options, &npy, error);
    *held = npy;
    return status;
}

static npk_status find_in_npy(const void *held, const char *where, npk_array *out, npk_error *error)
{
    if (*where != '\0')
        return npki_fail(error, NPK_ERR_NOT_FOUND, "there is nothing at '%.120s': a .npy file holds one array", where);
    *out = *npk_npy_array(held);
    return NPK_OK;
}

static void close_npy(void *held)
{
    npk_npy_free(held);
}

static npk_status save_npy(npk_write_function *write, void *context, const npk_array *array,
                           const npk_write_options *options, npk_error *error)
{
    return npk_npy_write(write, context, array, options != NULL ? options->allocator : NULL, error);
}

/* --- pickles --- */

static bool is_pickle(const void *bytes, size_t size)
{
    (void)bytes;
    (void)size;
    return true;
}

static npk_status open_pickle(const void *bytes, size_t size, const npk_read_options *options, void **held,
                              npk_error *error)
{
    npk_doc *doc = NULL;
    npk_status status = npk_doc_load_memory(bytes, size, options, &doc, error);
    *held = doc;
    return status;
}

static npk_status find_in_doc(const npk_doc *doc, const char *where, npk_array *out, npk_error *error)
{
    const npk_value *value = NULL;
    npk_status status = npk_value_find(npk_doc_root(doc), where, &value, error);
    if (status != NPK_OK)
        return status;
    if (npk_value_is_masked(value))
        return npki_fail(error, NPK_ERR_UNSUPPORTED,
                         "expected one array, found a masked array, which is two: see npk_masked_of");
    return npk_value_is_scalar(value) ? npk_scalar_of(value, out, error) : npk_array_of(value, out, error);
}

static npk_status find_in_pickle(const void *held, const char *where, npk_array *out, npk_error *error)
{
    return find_in_doc(held, where, out, error);
}

static void close_pickle(void *held)
{
    npk_doc_free(held);
}

static npk_status save_pickle(npk_write_function *write, void *context, const npk_array *array,
                              const npk_write_options *options, npk_error *error)
{
    npk_writer *writer;
    npk_status status = npk_writer_callback(write, context, options, &writer, error);
    if (status != NPK_OK)
        return status;
    npk_write_array(writer, array); /* errors are sticky */
    return npk_writer_finish(writer, error);
}

/* --- files of PyTorch --- */

static npk_status open_torch(const void *bytes, size_t size, const npk_read_options *options, void **held,
                             npk_error *error)
{
    npk_torch *torch = NULL;
    npk_status status = npk_torch_load_memory(bytes, size, options, &torch, error);
    *held = torch;
    return status;
}

static npk_status find_in_torch(const void *held, const char *where, npk_array *out, npk_error *error)
{
    return find_in_doc(npk_torch_doc(held, NPK_TORCH_OBJECT), where, out, error);
}

static void close_torch(void *held)
{
    npk_torch_free(held);
}

/* Pickles come last: nothing in their first bytes says that they are one. */
static const npki_format formats[] = {
    {".npy", npk_npy_is, open_npy, find_in_npy, close_npy, save_npy},
    {NULL, npk_torch_is, open_torch, find_in_torch, close_torch, NULL},
    {NULL, is_pickle, open_pickle, find_in_pickle, close_pickle, save_pickle},
};

#define LAST (sizeof formats / sizeof *formats - 1)

const npki_format *npki_format_of_bytes(const void *bytes, size_t size)
{
    size_t i = 0;
    while (i < LAST && !formats[i].is(bytes, size))
        i++;
    return &formats[i];
}

const npki_format *npki_format_of_path(const char *path)
{
    size_t length = strlen(path);
    for (size_t i = 0; i < LAST; i++) {
        size_t size = formats[i].ending == NULL ? SIZE_MAX : strlen(formats[i].ending);
        if (length >= size && strcmp(path + length - size, formats[i].ending) == 0)
            return &formats[i];
    }
    return &formats[LAST];
}
