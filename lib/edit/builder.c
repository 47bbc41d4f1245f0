/* The builder of documents: a writer whose output becomes a document. Its bytes are those of a pickle that nobody else
 * sees, and the ordinary reader takes them: so there is one encoder and one decoder, and whatever the reader checks is
 * checked here too.
 *
 * What a pickle does not say stands beside the bytes. Both sides know a value by its number in the memo, so that is how
 * it is said:
 *  - who made it, and whether npk_writer_last gave its number out, for its history;
 *  - a value of the document that is being edited is a GET of a number from NPKI_FIRST_GIVEN on: the reader has a list
 *    of these from the beginning.
 * Payloads that the document borrows are buffers out of band, as in any pickle. */
#include "edit/edit.h"

#include "base/error.h"
#include "base/limits.h"
#include "reader/build.h"
#include "writer/core/core.h"
#include "writer/options.h"
#include "writer/python/dialect.h"

#include <string.h>

typedef struct builder {
    npk_doc *doc;         /* that is being edited; NULL: there will be a new one */
    npki_dynbuf origins;  /* by number: an npki_origin in a byte, and NUMBERED */
    npki_dynbuf given;    /* of npk_value *: those referred to, by number - NPKI_FIRST_GIVEN */
    npki_dynbuf borrowed; /* of npk_buffer */
} builder;

#define NUMBERED 0x80 /* npk_writer_last gave the number out */

static void add(npk_writer *w, npki_dynbuf *list, const void *item, size_t size)
{
    if (w->error.status == NPK_OK && !npki_dynbuf_add(list, item, size))
        npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
}

/* --- what the writer says --- */

static void made(npk_writer *w, int64_t number, npki_origin by)
{
    (void)number; /* they are given in order, from 0 on */
    add(w, &((builder *)w->hooks_context)->origins, &(uint8_t){(uint8_t)by}, 1);
}

static void numbered(npk_writer *w, int64_t number)
{
    builder *b = w->hooks_context;
    if ((uint64_t)number < b->origins.size)
        b->origins.bytes[number] |= NUMBERED;
}

static void borrow(npk_writer *w, const npk_buffer *buffer)
{
    add(w, &((builder *)w->hooks_context)->borrowed, buffer, sizeof *buffer);
}

static bool reference(npk_writer *w, const npk_value *value)
{
    builder *b = w->hooks_context;
    if (b->doc != NULL && npki_arena_holds(&b->doc->arena, value))
        value = npki_self_of(value); /* what was dropped before the root stays with that */
    if (b->doc == NULL || !npki_arena_holds(&b->doc->arena, value))
        return false;
    npk_error error;
    npk_status status = npki_edit_placeable(b->doc, value, &error);
    if (status != NPK_OK) {
        npki_writer_fail(w, status, "%s", error.message);
        return true;
    }
    int64_t number = NPKI_FIRST_GIVEN + (int64_t)(b->given.size / sizeof value);
    w->tuple_next = value->kind == NPK_KIND_TUPLE;
    w->dict_next = value->kind == NPK_KIND_DICT;
    w->any_next = npki_may_be_any(value);
    w->uncallable_next = !npki_is_callable(value);
    if (number > UINT32_MAX)
        npki_writer_fail(w, NPK_ERR_LIMIT, "too many values of the document are referred to");
    add(w, &b->given, &value, sizeof value);
    if (npki_before(w)) {
        npki_get(w, number);
        w->last = NPK_UNKNOWN;
        w->last_unhashable = (value->flags & NPKI_UNHASHABLE) != 0;
        npki_after(w);
    }
    return true;
}

static void free_builder(npk_writer *w)
{
    builder *b = w->hooks_context;
    if (b == NULL)
        return;
    npki_dynbuf_free(&b->origins);
    npki_dynbuf_free(&b->given);
    npki_dynbuf_free(&b->borrowed);
    npki_free(&w->allocator, b, sizeof *b);
}

static const npki_writer_hooks hooks = {npk_write_value, reference, borrow, made, numbered, free_builder};

static builder *builder_of(const npk_writer *w)
{
    return w->hooks == &hooks ? w->hooks_context : NULL;
}

/* --- begin --- */

static npk_status new_builder(npk_doc *doc, const npk_write_options *options, npk_writer **out, npk_error *error)
{
    npk_writer *w;
    npk_status status = npki_write_options_check(options, error);
    if (status != NPK_OK)
        return status;
    npk_write_options o = options != NULL ? *options : (npk_write_options){.allocator = NULL};
    o.memo = NPK_MEMO_PYTHON; /* identity is what the memo is for here */
    o.translate_names = false;
    o.rename = NULL;
    if (doc != NULL) {
        o.allocator = &doc->allocator;
        o.limits = doc->limits;
    }
    o.keep_padding = true; /* who writes the values decides */
    status =
        npki_writer_new(&npki_python_of_documents, &npki_numpy_of_documents, NPK_PROTOCOL_MAX, &o, &hooks, &w, error);
    if (status != NPK_OK)
        return status;
    builder *b = w->hooks_context = npki_allocate(&w->allocator, sizeof *b);
    if (b == NULL) {
        npk_writer_abandon(w);
        return npki_no_memory(error);
    }
    b->doc = doc;
    npki_dynbuf_init(&b->origins, &w->allocator, SIZE_MAX / 2);
    npki_dynbuf_init(&b->given, &w->allocator, SIZE_MAX / 2);
    npki_dynbuf_init(&b->borrowed, &w->allocator, SIZE_MAX / 2);
    *out = w;
    return NPK_OK;
}

npk_status npk_writer_doc(const npk_write_options *options, npk_writer **out, npk_error *error)
{
    if (out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a place for the writer, found NULL");
    return new_builder(NULL, options, out, error);
}

npk_status npk_edit_begin(npk_doc *doc, const npk_write_options *options, npk_writer **out, npk_error *error)
{
    if (doc == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a document and a place for the writer, found NULL");
    return new_builder(doc, options, out, error);
}

/* --- end --- */

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

/* The values referred to, while they are: which of them something refers to already, the document or an earlier
 * reference. */
typedef struct references {
    npk_value **values;
    bool *again;
    size_t count;
} references;

static bool find_references(npk_writer *w, const npk_value *root, references *out)
{
    builder *b = w->hooks_context;
    *out = (references){(npk_value **)(void *)b->given.bytes, NULL, b->given.size / sizeof *out->values};
    if (out->count == 0)
        return true;
    out->again = npki_allocate(&w->allocator, out->count * sizeof *out->again);
    if (out->again == NULL)
        return false;
    for (size_t i = 0; i < out->count; i++) {
        out->again[i] = out->values[i] == npki_self_of(root) || (out->values[i]->flags & NPKI_PLACED) != 0;
        out->values[i]->flags |= NPKI_PLACED;
    }
    return true;
}

/* `root`: of the document that is edited, of which the walk over its values is; doc->root is what was made. */
static void settle_references(npk_writer *w, npk_doc *doc, npk_value *root, const references *r, npk_status status)
{
    npk_value *made = doc->root;
    doc->root = root;
    for (size_t i = 0; i < r->count; i++) {
        if (status == NPK_OK && r->again[i])
            npki_edit_reordered(doc);
        if (status == NPK_OK && r->again[i])
            r->values[i]->flags |= NPKI_IS_SHARED;
        else if (status != NPK_OK && !r->again[i])
            r->values[i]->flags &= (uint8_t)~NPKI_PLACED;
    }
    doc->root = made;
    npki_free(&w->allocator, r->again, r->count * sizeof *r->again);
}

/* The name that a value is, or has for its class. */
static npki_global *name_of(const npk_value *value)
{
    const npk_value *name = value->kind == NPK_KIND_OBJECT ? value->u.object->callable : value;
    return name->kind == NPK_KIND_GLOBAL ? name->u.global : NULL;
}

/* What was written, and not copied from a document, has no history but that. */
static void tell_origins(const builder *b, const npki_memo *memo)
{
    for (size_t i = 0; i < b->origins.size; i++) {
        npk_value *value = npki_memo_get(memo, i);
        npki_origin by = (npki_origin)(b->origins.bytes[i] & ~NUMBERED);
        if (value == NULL || (value->flags & NPKI_IS_SHARED_ATOM) != 0)
            continue;
        if (by >= NPKI_FROM_GLOBAL && name_of(value) != NULL)
            name_of(value)->protocol = (int)(by - NPKI_FROM_GLOBAL);
        else if (by != NPKI_FROM_DOCUMENT)
            value->history |= NPKI_WAS_WRITTEN;
        if (by == NPKI_FROM_ONE_WRITE)
            value->history &= (uint8_t)~NPKI_WAS_CALLED;
        if ((b->origins.bytes[i] & NUMBERED) != 0)
            value->history |= NPKI_WAS_NUMBERED;
    }
}

/* Runs the reader over the bytes. */
static npk_status read_bytes(npk_writer *w, npk_doc *doc, npki_source *source)
{
    const builder *b = w->hooks_context;
    npki_builder *reader = npki_builder_new(doc, source, &doc->limits, &w->error);
    if (reader == NULL)
        return NPK_ERR_MEMORY;
    reader->given = (npk_value *const *)(const void *)b->given.bytes;
    reader->given_count = b->given.size / sizeof *reader->given;
    reader->buffers = (const npk_buffer *)(const void *)b->borrowed.bytes;
    reader->buffer_count = b->borrowed.size / sizeof(npk_buffer);
    npk_status status = npki_builder_knows_globals(reader);
    if (status == NPK_OK)
        status = npki_build(reader);
    if (status == NPK_OK)
        tell_origins(b, &reader->machine.memo);
    npki_builder_free(reader);
    return status;
}

/* Reads what the writer was given into the document, whose root it becomes. */
static npk_status read_values(npk_writer *w, npk_doc *doc, npk_error *error)
{
    references r;
    size_t size = w->out.size;
    npk_value *root = doc->root;
    npki_chunk *chunk = chunk_of(w);
    if (chunk == NULL || !find_references(w, root, &r)) {
        npki_chunk_release(chunk);
        return npki_no_memory(error);
    }
    npki_source source = {.allocator = w->allocator, .at = chunk->bytes, .end = chunk->bytes + size, .chunk = chunk};
    npk_status status = read_bytes(w, doc, &source);
    npki_chunk_release(chunk);
    settle_references(w, doc, root, &r, status);
    w->error.offset = NPK_NO_OFFSET; /* the place is one in bytes that the caller has never seen */
    w->error.opcode = NPKI_NO_OPCODE;
    if (status != NPK_OK && error != NULL)
        *error = w->error;
    return status;
}

/* What this writer has to be for. */
typedef enum builder_for { FOR_NEW_DOCUMENT, FOR_EDIT } builder_for;

/* STOP. */
static npk_status end_builder(npk_writer *w, builder_for purpose, npk_error *error)
{
    const builder *b = builder_of(w);
    npk_status status = npki_writer_end(w, error);
    if (status == NPK_OK && (b == NULL || (b->doc != NULL) != (purpose == FOR_EDIT)))
        return npki_fail(error, NPK_ERR_USAGE,
                         purpose == FOR_EDIT ? "a writer that npk_edit_begin did not make"
                                             : "a writer that npk_writer_doc did not make");
    if (status != NPK_OK && b != NULL && error != NULL) {
        error->offset = NPK_NO_OFFSET;
        error->opcode = NPKI_NO_OPCODE;
    }
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
    npk_status status = end_builder(w, FOR_NEW_DOCUMENT, error);
    npk_doc *doc = status == NPK_OK ? npki_allocate(&w->allocator, sizeof *doc) : NULL;
    if (status == NPK_OK && doc == NULL)
        status = npki_no_memory(error);
    if (status == NPK_OK) {
        memset(doc, 0, sizeof *doc);
        doc->allocator = w->allocator;
        doc->limits = w->limits;
        npki_arena_init(&doc->arena, &w->allocator, w->limits.memory);
        status = read_values(w, doc, error);
        doc->info =
            (npk_doc_info){.protocol = 2, .first_put = UINT64_MAX}; /* there was no pickle: as writers have it */
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
    npk_status status = end_builder(w, FOR_EDIT, error);
    if (status == NPK_OK) {
        npk_doc *doc = builder_of(w)->doc;
        npk_value *root = doc->root;
        npk_doc_info info = doc->info;
        npki_items *globals = doc->globals;
        uint64_t count = globals == NULL ? 0 : globals->count;
        doc->info = (npk_doc_info){.offset = 0};
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
