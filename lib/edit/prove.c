/* What is written of a document that was edited, and in which calls are made whose result is dropped, is read again and
 * compared. In such a document an edit gives up the order that the writer compares all else with (order.c), and a
 * pickle made on purpose may have so much dropped over what others drop that what is written then is read as something
 * else. Nothing of that kind is ever written. */
#include "edit/edit.h"

#include "writer/core/core.h"

#include <npickle/compare.h>
#include <npickle/writer.h>
#include <string.h>

/* What a comparison may cost. */
#define WORK_FREE ((uint64_t)1 << 20)
#define WORK_PER_BYTE 64u

/* Whether this is written so that npk_compare finds it equal: at protocols that have no opcode for it another call does
 * the same. Without a memo what a call is given is made anew, with all that was dropped over it; a dtype that was
 * fetched to be dropped may have got a state then. */
static bool is_spelled_alike(const npk_value *value, const npk_writer *w)
{
    npk_object object;
    const char *name;
    size_t size;
    if (w->memo_policy == NPK_MEMO_NONE && npk_value_calls(value) != NULL)
        return false;
    if (npk_value_kind(value) == NPK_KIND_PERSID)
        return w->protocol > 0 || npk_value_kind(npk_value_id(value)) != NPK_KIND_PYTHON2_STR;
    if (npk_value_as_global(value, NULL, NULL, &name, &size))
        return w->protocol >= 4 || memchr(name, '.', size) == NULL;
    if (!npk_value_as_object(value, &object))
        return true;
    if (npk_value_is_array(value) && npk_value_as_object(npk_value_item(object.args, 0), NULL))
        return w->protocol >= 4; /* an array is compared by the name of its class, also where this is another object */
    if (npk_value_dtype(value) != NULL)
        return object.state != NULL || (value->flags & NPKI_IS_SHARED) == 0;
    return object.construction != NPK_BY_NEW || (w->protocol >= 2 && (w->protocol >= 4 || object.kwargs == NULL));
}

static npk_status find_spellings(const npk_value *root, const npk_writer *w, bool *alike)
{
    npk_walk *walk = NULL;
    const npk_value *value;
    npk_status status = npk_walk_start(root, &w->allocator, &walk, NULL);
    *alike = true;
    while (status == NPK_OK && *alike && (status = npk_walk_next(walk, &value, NULL)) == NPK_OK && value != NULL)
        *alike = is_spelled_alike(value, w);
    npk_walk_free(walk);
    return status;
}

/* An array in what a class or a call is given that npickle does not know: a reader finds one wherever NumPy's state is,
 * an edit neither finds one nor loses it. */
static bool is_found(const npk_value *value)
{
    const npki_array_state *array = npk_value_kind(value) == NPK_KIND_OBJECT ? value->u.object->array : NULL;
    return array != NULL && (array->of_unknown || array->holders != NULL);
}

typedef struct proof {
    npk_writer *w;
    bool differs;
} proof;

/* npk_report_function: the first difference that is none of the reader's ways. */
static void note_difference(void *context, const npk_difference *found)
{
    proof *p = context;
    const bool text = npk_value_kind(found->a) == NPK_KIND_PYTHON2_STR && npk_value_kind(found->b) == NPK_KIND_STR;
    if (p->differs || text || is_found(found->a) || is_found(found->b))
        return;
    p->differs = true;
    npki_writer_fail(
        p->w, NPK_ERR_UNSUPPORTED,
        "after the edit this would be read as something else, for calls are made in it whose result is dropped: "
        "'%s': %s",
        found->path, found->message);
}

static npk_status compare(npk_writer *w, const npk_doc *doc, const npk_doc *copy, size_t size)
{
    proof p = {.w = w};
    bool alike;
    uint64_t differences;
    const npk_compare_options options = {.allocator = &w->allocator,
                                         .work = WORK_FREE + WORK_PER_BYTE * (uint64_t)size,
                                         .report = note_difference,
                                         .most = NPK_UNLIMITED,
                                         .context = &p};
    npk_status status = find_spellings(doc->root, w, &alike);
    if (status == NPK_OK && alike)
        status = npk_compare(doc->root, copy->root, &options, &differences, NULL);
    return status == NPK_ERR_LIMIT ? NPK_OK : status; /* no difference was found so far */
}

/* Payloads outside the pickle, in the order in which they went there. */
static bool put_out(void *context, const npk_buffer *buffer)
{
    return buffer->outside && npki_dynbuf_add(context, buffer, sizeof *buffer);
}

/* Names, texts and calls stay, so that nothing asks the caller for what they become. */
static npk_status write_plainly(const npk_writer *w, const npk_doc *doc, npki_dynbuf *outside, uint8_t **bytes,
                                size_t *size)
{
    const npk_write_options options = {.allocator = &w->allocator,
                                       .limits = w->limits,
                                       .protocol_given = true,
                                       .protocol = w->protocol,
                                       .memo = w->memo_policy,
                                       .buffer = put_out,
                                       .buffer_context = outside};
    npk_writer *writer;
    npk_status status = npk_writer_memory(&options, &writer, NULL);
    if (status != NPK_OK)
        return status;
    writer->is_proof = true;
    npk_write_value(writer, doc->root); /* its error is sticky */
    return npk_writer_finish_memory(writer, bytes, size, NULL);
}

void npki_edit_prove(npk_writer *w, const npk_doc *doc)
{
    npki_dynbuf outside;
    npki_dynbuf_init(&outside, &w->allocator, SIZE_MAX / 2);
    uint8_t *bytes = NULL;
    size_t size = 0;
    npk_doc *copy = NULL;
    npk_error error = {.status = NPK_OK};
    npk_status status = write_plainly(w, doc, &outside, &bytes, &size);
    if (status == NPK_OK) {
        const npk_read_options options = {.allocator = &w->allocator,
                                          .limits = doc->limits,
                                          .buffers = (const npk_buffer *)(const void *)outside.bytes,
                                          .buffer_count = outside.size / sizeof(npk_buffer),
                                          .array_producer = doc->producer,
                                          .malformed =
                                              doc->keeps_malformed ? NPK_MALFORMED_KEEP : NPK_MALFORMED_REFUSE};
        status = npk_doc_load_memory(bytes, size, &options, &copy, &error);
        if (status == NPK_OK)
            status = compare(w, doc, copy, size);
        else if (status != NPK_ERR_MEMORY)
            npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "after the edit this would be refused by who reads it: %s",
                             error.message);
    }
    if (status == NPK_ERR_MEMORY)
        npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
    npk_doc_free(copy);
    npk_bytes_free(&w->allocator, bytes, size);
    npki_dynbuf_free(&outside);
}
