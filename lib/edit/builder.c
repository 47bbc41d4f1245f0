/* A writer whose sink is a document: the bytes of a pickle that nobody else sees, and the ordinary reader. So there
 * is one encoder and one decoder, and whatever the reader checks is checked here too.
 *
 * What the bytes have beyond a pickle: PERSID without a text is the next of the values referred to, the PUTs tell
 * who made a value (tell_maker() in build.c), and payloads that the caller lends are buffers out of band. */
#include "writer/core/writer.h"

#include "base/error.h"
#include "base/limits.h"
#include "reader/build.h"
#include "text/number.h"
#include "writer/options.h"

#include <npickle/edit.h>

#include <string.h>

struct npki_values {
    npk_doc *doc;         /* that is being edited; NULL: there will be a new one */
    npki_dynbuf referred; /* of npki_reference */
    npki_dynbuf lent;     /* of npk_buffer */
};

static npk_status new_values(npk_doc *doc, const npk_write_options *options, npk_writer **out, npk_error *error)
{
    npk_writer *w;
    npk_status status = npki_write_options_check(options, error);
    if (status != NPK_OK)
        return status;
    npk_write_options o = options != NULL ? *options : (npk_write_options){.allocator = NULL};
    o.memo = NPK_MEMO_PYTHON; /* identity is what the memo is for here */
    o.translate_names = false;
    if (doc != NULL) {
        o.allocator = &doc->allocator;
        o.limits = doc->limits;
    }
    o.keep_padding = true; /* who writes the values decides */
    status = npki_writer_new(&npki_python_of_values, &npki_numpy_of_values, NPK_PROTOCOL_MAX, &o, &w, error);
    if (status != NPK_OK)
        return status;
    w->values = npki_allocate(&w->allocator, sizeof *w->values);
    if (w->values == NULL) {
        npk_writer_abandon(w);
        return npki_no_memory(error);
    }
    w->values->doc = doc;
    npki_dynbuf_init(&w->values->referred, &w->allocator, SIZE_MAX / 2);
    npki_dynbuf_init(&w->values->lent, &w->allocator, SIZE_MAX / 2);
    *out = w;
    return NPK_OK;
}

void npki_values_free(npk_writer *w)
{
    if (w->values == NULL)
        return;
    npki_dynbuf_free(&w->values->referred);
    npki_dynbuf_free(&w->values->lent);
    npki_free(&w->allocator, w->values, sizeof *w->values);
}

npk_status npk_writer_doc(const npk_write_options *options, npk_writer **out, npk_error *error)
{
    if (out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a place for the writer, found NULL");
    return new_values(NULL, options, out, error);
}

npk_status npk_edit_begin(npk_doc *doc, const npk_write_options *options, npk_writer **out, npk_error *error)
{
    if (doc == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a document and a place for the writer, found NULL");
    return new_values(doc, options, out, error);
}

bool npki_refer(npk_writer *w, const npk_value *value)
{
    const npk_doc *doc = w->values != NULL ? w->values->doc : NULL;
    if (doc == NULL || !npki_arena_holds(&doc->arena, value))
        return false;
    w->tuple_next = value->kind == NPK_KIND_TUPLE;
    w->dict_next = value->kind == NPK_KIND_DICT;
    union {
        const npk_value *constant;
        npk_value *value;
    } same = {value};
    const npki_reference reference = {same.value, false};
    if (!npki_dynbuf_add(&w->values->referred, &reference, sizeof reference))
        npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
    if (npki_before(w)) {
        npki_op_line(w, NPKI_ROW_PERSID, "", 0);
        w->last = NPK_UNKNOWN;
        npki_after(w);
    }
    return true;
}

/* A GET that the reader knows from others, and off the stack with it. */
void npki_ask(npk_writer *w, int64_t number)
{
    char text[21];
    if (w->values == NULL || number == NPK_UNKNOWN)
        return;
    npki_op_line(w, NPKI_ROW_GET, text, npki_print_int64(number, text));
    npki_op(w, NPKI_ROW_POP);
}

void npki_lend(npk_writer *w, const npk_buffer *buffer)
{
    if (!npki_dynbuf_add(&w->values->lent, buffer, sizeof *buffer))
        npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
}

/* The bytes of the writer, as a piece of input that documents keep as long as they borrow from it. */
static npki_chunk *chunk_of(npk_writer *w)
{
    npki_chunk *chunk = npki_chunk_new(&w->allocator, 0);
    if (chunk == NULL)
        return NULL;
    chunk->bytes = w->out.bytes;
    chunk->room = w->out.room;
    uint8_t *exact = npki_resize(&w->allocator, w->out.bytes, w->out.room, w->out.size);
    if (exact != NULL) {
        chunk->bytes = exact;
        chunk->room = w->out.size;
    }
    w->out.bytes = NULL;
    w->out.room = 0;
    return chunk;
}

/* Which of the values are referred to already, by the document or earlier in the list. */
static npki_referred find_references(npk_writer *w, const npk_value *root)
{
    npki_reference *at = (npki_reference *)(void *)w->values->referred.bytes;
    size_t count = w->values->referred.size / sizeof *at;
    for (size_t i = 0; i < count; i++) {
        at[i].again = at[i].value == root || (at[i].value->flags & NPKI_PLACED) != 0;
        at[i].value->flags |= NPKI_PLACED;
    }
    return (npki_referred){at, count, 0};
}

static void settle_references(const npki_referred *referred, bool good)
{
    for (size_t i = 0; i < referred->count; i++) {
        npk_value *value = referred->at[i].value;
        if (good && referred->at[i].again)
            value->flags |= NPKI_IS_SHARED;
        else if (!good && !referred->at[i].again)
            value->flags &= (uint8_t)~NPKI_PLACED;
    }
}

/* Reads what the writer was given into the document, whose root it becomes. */
static npk_status read_values(npk_writer *w, npk_doc *doc, npk_error *error)
{
    const npki_dynbuf *lent = &w->values->lent;
    npki_referred referred = find_references(w, doc->root);
    size_t size = w->out.size;
    npki_chunk *chunk = chunk_of(w);
    if (chunk == NULL) {
        settle_references(&referred, false);
        return npki_no_memory(error);
    }
    npki_source source = {.allocator = w->allocator, .at = chunk->bytes, .end = chunk->bytes + size, .chunk = chunk};
    npki_builder builder;
    npki_builder_init(&builder, doc, &source, &doc->limits, &w->error);
    builder.referred = &referred;
    builder.buffers = (const npk_buffer *)(const void *)lent->bytes;
    builder.buffer_count = lent->size / sizeof(npk_buffer);
    npk_status status = npki_builder_knows_globals(&builder);
    if (status == NPK_OK)
        status = npki_build(&builder);
    npki_builder_free(&builder);
    npki_chunk_release(chunk);
    if (status == NPK_OK && w->values->doc != NULL)
        status = npki_find_fixed(doc->root, &doc->allocator, &w->error);
    settle_references(&referred, status == NPK_OK);
    w->error.offset = NPK_NO_OFFSET; /* the place is one in bytes that the caller has never seen */
    w->error.opcode = NPKI_NO_OPCODE;
    if (status != NPK_OK && error != NULL)
        *error = w->error;
    return status;
}

/* STOP, for a writer that has, or has not, a document to edit. */
static npk_status end_values(npk_writer *w, bool edits, npk_error *error)
{
    npk_status status = npki_writer_end(w, error);
    if (status == NPK_OK && (w->values == NULL || (w->values->doc != NULL) != edits))
        status = npki_fail(error, NPK_ERR_USAGE,
                           edits ? "a writer that npk_edit_begin did not make"
                                 : "a writer that npk_writer_doc did not make");
    return status;
}

npk_status npk_writer_finish_doc(npk_writer *w, npk_doc **out, npk_error *error)
{
    if (w != NULL && out == NULL) {
        npk_writer_abandon(w);
        w = NULL;
    }
    if (w == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a writer and a place for the document, found NULL");
    npk_status status = end_values(w, false, error);
    npk_doc *doc = status == NPK_OK ? npki_allocate(&w->allocator, sizeof *doc) : NULL;
    if (status == NPK_OK && doc == NULL)
        status = npki_no_memory(error);
    if (status == NPK_OK) {
        memset(doc, 0, sizeof *doc);
        doc->allocator = w->allocator;
        doc->limits = w->limits;
        npki_arena_init(&doc->arena, &w->allocator, w->limits.memory);
        status = read_values(w, doc, error);
        doc->info = (npk_doc_info){.protocol = 2, .first_put = UINT64_MAX}; /* there was no pickle: as writers have it */
    }
    npk_writer_abandon(w);
    if (status != NPK_OK)
        npk_doc_free(doc);
    else
        *out = doc;
    return status;
}

npk_status npk_edit_finish(npk_writer *w, const npk_value **out, npk_error *error)
{
    if (w != NULL && out == NULL) {
        npk_writer_abandon(w);
        w = NULL;
    }
    if (w == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a writer and a place for the value, found NULL");
    npk_status status = end_values(w, true, error);
    if (status == NPK_OK) {
        npk_doc *doc = w->values->doc;
        npk_value *root = doc->root;
        npk_doc_info info = doc->info;
        npki_items *globals = doc->globals;
        uint64_t count = globals == NULL ? 0 : globals->count;
        doc->info = (npk_doc_info){.offset = 0};
        status = npki_find_fixed(root, &doc->allocator, error);
        if (status == NPK_OK)
            status = read_values(w, doc, error);
        if (status == NPK_OK) {
            *out = doc->root;
        } else {
            doc->globals = globals;
            if (globals != NULL)
                globals->count = count;
        }
        doc->root = root;
        doc->info = info;
    }
    npk_writer_abandon(w);
    return status;
}
