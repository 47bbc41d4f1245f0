#include "container/stream.h"

#include "array/layout.h"
#include "base/error.h"
#include "base/file.h"
#include "container/format.h"
#include "reader/build.h"

#include <string.h>

#define LEAST_FILE ((uint64_t)64 << 10) /* bytes of a file whose elements go straight to their place */

/* --- straight to their place --- */

typedef struct straight {
    npki_room place;
    const npk_dtype *wanted; /* NULL: any */
} straight;

/* One type may have several bytes for a value, and a cast to itself makes them one: not of these. */
static bool is_plain_number(const npk_dtype *dtype)
{
    return memchr("iufc", npk_dtype_kind(dtype), 4) != NULL;
}

static bool is_wanted(const npk_dtype *dtype, const npk_dtype *wanted)
{
    return wanted == NULL || (is_plain_number(dtype) && npk_dtype_equal(dtype, wanted));
}

static uint8_t *place_elements(void *context, const npk_array *array, uint64_t nbytes, uint64_t size)
{
    straight *s = context;
    if ((array->dtype != NULL && !is_wanted(array->dtype, s->wanted)) || (array->order == 'F' && array->ndim > 1))
        return NULL;
    return npki_room_take(&s->place, nbytes, size);
}

/* What was read became an array that lies where it shall. */
static bool is_there(const straight *s, const npki_incoming *in, const npk_array *view)
{
    return view->data == in->to && in->to != NULL && is_wanted(view->dtype, s->wanted) && npki_is_c_contiguous(view) &&
           (uint64_t)npk_array_nbytes(view) == in->given;
}

/* False: it is something else, or malformed, or there is no memory; and `in` has read so much of it. */
static bool go_straight(npki_incoming *in, straight *s, const npk_load_options *options, npk_array **own)
{
    const npki_format *pickle = npki_format_of_bytes("", 0);
    npk_doc *doc = NULL;
    npk_array view;
    in->place = place_elements;
    in->place_context = s;
    const bool good = npki_incoming_begin(in) && npki_format_of_bytes(in->head, in->head_size) == pickle &&
                      npki_doc_load_straight(in, &options->read, &doc) == NPK_OK && doc != NULL &&
                      pickle->find(doc, "", &view, NULL) == NPK_OK && is_there(s, in, &view) &&
                      npki_room_give(&s->place, &view, s->wanted != NULL ? s->wanted : view.dtype, own);
    npk_doc_free(doc);
    return good;
}

bool npki_stream_path(const char *path, const char *where, const npk_dtype *dtype, const npk_load_options *options,
                      npk_array **own)
{
    straight s = {.wanted = dtype};
    if (!npki_load_is_simple(options, where) || options->read.input == NPK_INPUT_MAP)
        return false;
    int fd = npki_regular_open(path, &s.place.paid);
    if (fd < 0)
        return false;
    npki_room_init(&s.place, options, s.place.paid);
    npki_incoming *in = s.place.paid < LEAST_FILE ? NULL : npki_incoming_new(&s.place.allocator, npk_source_fd, &fd);
    if (in != NULL)
        in->rereads = true;
    bool good = in != NULL && go_straight(in, &s, options, own);
    npki_room_drop(&s.place);
    npki_incoming_free(in);
    npki_close(fd);
    return good;
}

/* --- streams --- */

/* All of it as a document. */
static npk_status go_plainly(npki_incoming *in, const char *where, const npk_dtype *dtype,
                             const npk_load_options *options, npk_array **own, npk_error *error)
{
    npk_reader *reader;
    npk_doc *doc = NULL;
    npk_array view;
    npk_status status = npk_reader_callback(npki_incoming_again, in, &options->read, &reader, error);
    if (status == NPK_OK)
        status = npki_doc_of_reader(reader, &doc, error);
    if (status == NPK_OK)
        status = npki_format_of_bytes("", 0)->find(doc, where != NULL ? where : "", &view, error);
    if (status == NPK_OK)
        status = npki_copy_own(&view, dtype, options, own, error);
    npk_doc_free(doc);
    return status;
}

/* `paid`: bytes that it surely has. */
static npk_status load(npk_read_function *read, void *context, uint64_t paid, const char *where, const npk_dtype *dtype,
                       const npk_load_options *options, npk_array **own, npk_error *error)
{
    straight s = {.wanted = dtype};
    npki_room_init(&s.place, options, paid);
    npki_incoming *in = npki_incoming_new(&s.place.allocator, read, context);
    if (in == NULL)
        return npki_no_memory(error);
    npk_status status = NPK_OK;
    if (!npki_load_is_simple(options, where) || !go_straight(in, &s, options, own))
        status = go_plainly(in, where, dtype, options, own, error);
    npki_room_drop(&s.place);
    npki_incoming_free(in);
    return status;
}

static const npk_load_options plain;

npk_status npk_array_load_callback(npk_read_function *read, void *context, const char *where, const npk_dtype *dtype,
                                   const npk_load_options *options, npk_array **own, npk_error *error)
{
    const npk_load_options *o = options != NULL ? options : &plain;
    npk_status status = npki_load_check(own, o, error);
    if (status == NPK_OK && read == NULL)
        status = npki_fail(error, NPK_ERR_USAGE, "expected a function to read with, found NULL");
    return status == NPK_OK ? load(read, context, 0, where, dtype, o, own, error) : status;
}

npk_status npk_array_load_fd(int fd, const char *where, const npk_dtype *dtype, const npk_load_options *options,
                             npk_array **own, npk_error *error)
{
    const npk_load_options *o = options != NULL ? options : &plain;
    npk_status status = npki_load_check(own, o, error);
    return status == NPK_OK ? load(npk_source_fd, &fd, npki_left_of(fd), where, dtype, o, own, error) : status;
}
