/* The ways in: memory, files, descriptors, callbacks; one pickle or several. What a document is then: doc.c. */
#include "reader/build.h"

#include "base/error.h"
#include "base/limits.h"
#include "reader/options.h"
#include "reader/sniff.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define RECENT 8
#define ALWAYS_KEPT                                                                                                    \
    ((size_t)64 << 10) /* bytes of memory that a reader may have for later, if it reads much or little */

struct npk_reader {
    npk_allocator allocator;
    npk_read_options options;
    npk_limits limits;
    npki_source source;
    uint64_t padding; /* bytes passed over so far */
    npki_memo memo;   /* of the pickles so far, where it is that of the stream: between two of them */
    uint64_t numbers; /* one more than the highest number that any of them had */
    uint64_t first;   /* likewise npki_earlier */
    uint64_t next;
    size_t next_buffer; /* of options.buffers */
    size_t faults;      /* that were kept */
    npki_incoming *incoming;
    npki_kin *kin;    /* of the documents that share it; else NULL */
    npki_builder *builder; /* of the last pickle, for the next one; NULL: none was kept */
    /* what was given back: a document, blocks of arenas, and how large the arenas of the last ones were */
    npk_doc *spare_doc;
    npki_spare spare;
    uint64_t recent[RECENT];
    uint64_t given; /* how many there were */
    uint64_t most;  /* bytes of it that are kept: twice what the largest of those took */
    bool failed;
    bool over;         /* nobody knows where the last pickle ends: there is no next one */
    npk_error scratch; /* the machine always has one to fill */
};

/* --- a memo that goes on from pickle to pickle --- */

static void give_memo(npk_reader *reader, npki_builder *b)
{
    b->earlier.numbers = reader->numbers;
    b->earlier.kept = reader->kin != NULL;
    if (reader->kin == NULL)
        return;
    b->earlier.first = reader->first;
    b->earlier.next = reader->next;
    npki_memo_free(&b->machine.memo);
    b->machine.memo = reader->memo;
    npki_memo_init(&reader->memo, &reader->allocator);
    npki_memo_go_on(&b->machine.memo);
    b->doc->earlier_numbers = b->machine.memo.count;
    b->doc->earlier_next = reader->next;
}

/* After a pickle that is whole. */
static npk_status take_memo(npk_reader *reader, npki_builder *b, npk_error *error)
{
    npk_doc *doc = b->doc;
    uint64_t numbers = b->machine.memo.past;
    reader->numbers = numbers > reader->numbers ? numbers : reader->numbers;
    if (reader->kin == NULL)
        return NPK_OK;
    if (!npki_earlier_list(&b->earlier, &doc->arena, &doc->earlier, &doc->earlier_count))
        return npki_arena_failed(&doc->arena, error);
    doc->info.earlier = doc->earlier_count;
    reader->first = doc->info.first_put;
    reader->next = numbers > 0 ? numbers : reader->next;
    reader->memo = b->machine.memo;
    npki_memo_init(&b->machine.memo, &reader->allocator);
    atomic_fetch_add(&reader->kin->users, 1);
    doc->kin = reader->kin;
    doc->is_apart = doc->own_first == UINT64_MAX && doc->earlier_count == 0;
    if (doc->is_apart)
        return NPK_OK;
    doc->kin_next = reader->kin->docs;
    reader->kin->taken += sizeof *doc + doc->arena.taken;
    reader->kin->docs = doc;
    return npki_arena_check(&doc->arena, error);
}

/* --- memory that is kept from pickle to pickle --- */

#define SMALL_FIRST 512 /* bytes: of many pickles that are kept, most may be small */

static npk_doc *new_doc(npk_reader *reader)
{
    npk_doc *doc = reader->spare_doc;
    reader->spare_doc = NULL;
    if (doc == NULL && (doc = npki_allocate(&reader->allocator, sizeof *doc)) == NULL)
        return NULL;
    memset(doc, 0, sizeof *doc);
    doc->allocator = reader->allocator;
    doc->limits = reader->limits;
    npki_arena_init(&doc->arena, &reader->allocator, reader->limits.memory);
    doc->arena.spare = &reader->spare;
    if (reader->kin != NULL) {
        doc->arena.first = SMALL_FIRST;
        doc->arena.before = reader->kin->taken;
    }
    return doc;
}

static npki_builder *begin_builder(npk_reader *reader, npk_doc *doc, npk_error *error)
{
    npki_builder *builder = reader->builder;
    reader->builder = NULL;
    if (builder == NULL)
        return npki_builder_new(doc, &reader->source, &reader->limits, error);
    npki_builder_again(builder, doc, &reader->source, &reader->limits, error);
    return builder;
}

static void note_given(npk_reader *reader, uint64_t size)
{
    reader->recent[reader->given++ % RECENT] = size;
    reader->most = ALWAYS_KEPT;
    for (size_t i = 0; i < RECENT; i++)
        reader->most = 2 * reader->recent[i] > reader->most ? 2 * reader->recent[i] : reader->most;
}

static void end_builder(npk_reader *reader, npki_builder *builder, bool whole)
{
    if (whole && npki_builder_size(builder) <= reader->most) {
        npki_builder_rest(builder);
        reader->builder = builder;
    } else
        npki_builder_free(builder);
}

void npk_reader_reuse(npk_reader *reader, npk_doc *doc)
{
    const bool own = reader != NULL && doc != NULL && doc->kin == NULL &&
                     doc->allocator.resize == reader->allocator.resize &&
                     doc->allocator.context == reader->allocator.context;
    if (!own) {
        npk_doc_free(doc);
        return;
    }
    note_given(reader, doc->arena.taken);
    npki_arena_give(&doc->arena, &reader->spare);
    npki_spare_cut(&reader->spare, &reader->allocator, reader->most);
    if (reader->builder != NULL && npki_builder_size(reader->builder) > reader->most) {
        npki_builder_free(reader->builder);
        reader->builder = NULL;
    }
    npki_doc_drop_input(doc);
    if (reader->spare_doc == NULL)
        reader->spare_doc = doc;
    else
        npki_free(&reader->allocator, doc, sizeof *doc);
}

#define HEAD (sizeof((npki_builder *)0)->head)

/* `head`: gets the first bytes, where reading fails or finds a fault. */
static npk_status read_one(npk_reader *reader, npk_doc **out, uint8_t head[HEAD], size_t *head_size, npk_error *error)
{
    npk_doc *doc = new_doc(reader);
    if (doc == NULL)
        return npki_no_memory(error);
    npk_error *failure = &reader->scratch; /* what is kept though a rule refuses it is no error of this call */
    npki_builder *builder = begin_builder(reader, doc, failure);
    if (builder == NULL) {
        npk_doc_free(doc);
        return npki_no_memory(error);
    }
    doc->bytes = reader->source.read == NULL ? reader->source.at : NULL;
    doc->producer = reader->options.array_producer;
    doc->keeps_malformed = builder->keeps_malformed = reader->options.malformed == NPK_MALFORMED_KEEP;
    builder->faults_before = reader->faults;
    builder->buffers = reader->options.buffers;
    builder->next_buffer = reader->next_buffer;
    builder->site.producer = reader->options.array_producer;
    builder->buffer_count = reader->options.buffer_count;
    builder->incoming = reader->incoming;
    give_memo(reader, builder);
    npk_status status = npki_build(builder);
    if (status == NPK_OK)
        status = take_memo(reader, builder, failure);
    doc->buffers = reader->next_buffer > 0 ? reader->options.buffers + reader->next_buffer : reader->options.buffers;
    reader->next_buffer = builder->next_buffer;
    reader->faults += doc->faults != NULL ? doc->faults->count : 0;
    if (status != NPK_OK || doc->faults != NULL)
        memcpy(head, builder->head, *head_size = builder->head_size);
    reader->over = builder->over;
    end_builder(reader, builder, status == NPK_OK);
    doc->arena.spare = NULL;
    if (status != NPK_OK && error != NULL)
        *error = *failure;
    if (status != NPK_OK)
        npk_doc_free(doc);
    else
        *out = doc;
    return status;
}

/* --- readers --- */

static npk_status new_reader(const npk_read_options *options, npk_reader **out, npk_error *error)
{
    if (out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a place for what is read, found NULL");
    npk_status status = npki_read_options_check(options, error);
    if (status != NPK_OK)
        return status;
    npk_allocator allocator = npki_allocator(options != NULL ? options->allocator : NULL);
    npk_reader *reader = npki_allocate(&allocator, sizeof *reader);
    if (reader == NULL)
        return npki_no_memory(error);
    memset(reader, 0, sizeof *reader);
    reader->first = UINT64_MAX;
    reader->most = ALWAYS_KEPT;
    reader->allocator = allocator;
    reader->source.allocator = allocator;
    reader->limits = npki_limits(options != NULL ? &options->limits : NULL);
    if (options != NULL)
        reader->options = *options;
    npki_memo_init(&reader->memo, &allocator);
    if (reader->options.memo_scope == NPK_MEMO_OF_STREAM && (reader->kin = npki_kin_new(&allocator)) == NULL) {
        npk_reader_close(reader);
        return npki_no_memory(error);
    }
    *out = reader;
    return NPK_OK;
}

npk_status npk_reader_memory(const void *bytes, size_t size, const npk_read_options *options, npk_reader **out,
                             npk_error *error)
{
    if (bytes == NULL && size > 0)
        return npki_fail(error, NPK_ERR_USAGE, "expected %zu bytes, found NULL", size);
    npk_status status = new_reader(options, out, error);
    if (status == NPK_OK && size > 0) {
        (*out)->source.at = bytes;
        (*out)->source.end = (*out)->source.at + size;
    }
    return status;
}

npk_status npk_reader_open(const char *path, const npk_read_options *options, npk_reader **out, npk_error *error)
{
    npk_reader *reader;
    if (path == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a path and a place for what is read, found NULL");
    npk_status status = new_reader(options, &reader, error);
    if (status != NPK_OK)
        return status;
    npki_chunk *chunk = npki_chunk_new(&reader->allocator, 0);
    if (chunk == NULL)
        status = npki_no_memory(error);
    else
        status = npki_input_open(&chunk->input, path, &reader->allocator, npki_map_from(reader->options.input), error);
    reader->source.chunk = chunk;
    if (status != NPK_OK) {
        npk_reader_close(reader);
        return status;
    }
    reader->source.at = chunk->input.bytes;
    reader->source.end = chunk->input.size > 0 ? chunk->input.bytes + chunk->input.size : chunk->input.bytes;
    *out = reader;
    return NPK_OK;
}

npk_status npk_reader_callback(npk_read_function *read, void *context, const npk_read_options *options,
                               npk_reader **out, npk_error *error)
{
    if (read == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a function to read with, found NULL");
    npk_status status = new_reader(options, out, error);
    if (status == NPK_OK) {
        (*out)->source.read = read;
        (*out)->source.context = context;
    }
    return status;
}

npk_status npk_reader_fd(int fd, const npk_read_options *options, npk_reader **out, npk_error *error)
{
    npk_status status = npk_reader_callback(npk_source_fd, NULL, options, out, error);
    if (status == NPK_OK) {
        (*out)->source.fd = fd;
        (*out)->source.context = &(*out)->source.fd;
    }
    return status;
}

npk_status npk_reader_file(FILE *file, const npk_read_options *options, npk_reader **out, npk_error *error)
{
    if (file == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a FILE to read from, found NULL");
    return npk_reader_callback(npk_source_file, file, options, out, error);
}

/* What the bytes are if they are no pickle; asks for more of them only while that may help. NULL: nothing known. The
 * source stands at the opcode that failed or behind it, and `head` may go further. */
static const char *name_input(npk_reader *reader, uint8_t *head, size_t size, size_t room)
{
    bool more;
    const char *name;
    while ((name = npki_sniff(head, size, &more), more) && size < room && size >= reader->source.offset) {
        npk_status status;
        const size_t ahead = size - (size_t)reader->source.offset;
        if (!npki_source_more(&reader->source, ahead + 1, &status, NULL))
            break;
        head[size++] = reader->source.at[ahead];
    }
    return name;
}

/* --- what may stand after a pickle --- */

/* Passes over padding. The next byte, if there is one, is none, and is at hand. */
static bool skip_padding(npk_reader *reader, npk_status *status, npk_error *error)
{
    npki_source *source = &reader->source;
    while (npki_source_more(source, 1, status, error)) {
        const uint8_t *from = source->at;
        while (source->at < source->end && npki_is_padding(*source->at))
            source->at++;
        source->offset += (uint64_t)(source->at - from);
        reader->padding += (uint64_t)(source->at - from);
        if (source->at < source->end)
            return true;
    }
    return false;
}

/* Padding that lies between a pickle and the end of the input or the next pickle, where all of it is at hand. */
static uint64_t padding_ahead(const npki_source *source)
{
    const uint8_t *at = source->at;
    if (source->read != NULL)
        return 0;
    while (at < source->end && npki_is_padding(*at))
        at++;
    return at == source->end || npk_opcode_row(*at) != NULL ? (uint64_t)(at - source->at) : 0;
}

/* Whether it was kept though it could not be read to its STOP. */
static bool is_broken(const npk_doc *doc)
{
    const npk_value *last = doc->faults == NULL ? NULL : doc->faults->at[doc->faults->count - 1];
    return last != NULL && last->kind == NPK_KIND_MALFORMED && last->u.malformed->broken;
}

#define NOT_BEHIND "bytes that are not a pickle follow the last one"

/* What is at hand behind the first bytes of a pickle that began at `start`. */
static size_t add_at_hand(const npki_source *source, uint64_t start, uint8_t head[HEAD], size_t size)
{
    const uint64_t end = start + size;
    const size_t there = (size_t)(source->end - source->at);
    if (end < source->offset)
        return size;
    for (size_t at = (size_t)(end - source->offset); at < there && size < HEAD; at++)
        head[size++] = source->at[at];
    return size;
}

/* The first that is wrong with what was read. */
static bool first_fault(const npk_reader *reader, npk_status status, const npk_doc *doc, npk_error *out)
{
    if (npk_status_band(status) != NPK_BAND_MALFORMED)
        return status == NPK_OK && npk_value_fault(npk_doc_fault(doc, 0), out);
    *out = reader->scratch;
    return true;
}

/* `end`: of the last pickle, 0: there was none. What is refused or broken may be something else than a pickle. */
static npk_status read_named(npk_reader *reader, uint64_t end, npk_doc **out, npk_error *error)
{
    const uint64_t start = reader->source.offset;
    uint8_t head[HEAD], first = reader->source.at[0];
    size_t size = 0;
    npk_error fault;
    npk_status status = read_one(reader, out, head, &size, error);
    if (!first_fault(reader, status, *out, &fault))
        return status;
    const char *name = end == 0 && (status != NPK_OK || is_broken(*out)) ? name_input(reader, head, size, HEAD) : NULL;
    size = add_at_hand(&reader->source, start, head, size);
    if (name == NULL && npki_is_other_text(head, size, fault.offset - start, fault.status, fault.opcode))
        name = "text";
    if (name == NULL)
        return status;
    npk_doc_free(*out);
    *out = NULL;
    return end > 0 ? npki_fail_at(error, NPK_ERR_TRAILING, end, first, NOT_BEHIND)
                   : npki_fail_at(error, NPK_ERR_NOT_A_PICKLE, 0, first, "expected a pickle, found %s", name);
}

npk_status npk_reader_next(npk_reader *reader, npk_doc **out, npk_error *error)
{
    npk_status status = NPK_OK;
    if (out != NULL)
        *out = NULL;
    if (reader == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a reader and a place for the document, found NULL");
    if (reader->failed)
        return npki_fail(error, NPK_ERR_USAGE, "the reader has failed before");
    uint64_t end = reader->source.offset; /* of the last one */
    uint64_t padding = reader->padding;
    bool more = reader->over ? false
                : end == 0   ? npki_source_more(&reader->source, 1, &status, error)
                             : skip_padding(reader, &status, error);
    if (more && end > 0 && npk_opcode_row(reader->source.at[0]) == NULL) {
        reader->padding = padding; /* it was none */
        status = npki_fail_at(error, NPK_ERR_TRAILING, end, reader->source.at[0], NOT_BEHIND);
    } else if (more)
        status = read_named(reader, end, out, error);
    reader->failed = status != NPK_OK;
    if (more && !reader->failed && !reader->over)
        (*out)->info.padding = padding_ahead(&reader->source);
    return status;
}

uint64_t npk_reader_offset(const npk_reader *reader)
{
    return reader != NULL ? reader->source.offset : 0;
}

uint64_t npk_reader_padding(const npk_reader *reader)
{
    return reader != NULL ? reader->padding : 0;
}

void npk_reader_close(npk_reader *reader)
{
    if (reader == NULL)
        return;
    npk_allocator allocator = reader->allocator;
    npki_chunk_release(reader->source.chunk);
    npki_memo_free(&reader->memo);
    if (reader->kin != NULL)
        npki_kin_leave(reader->kin);
    if (reader->builder != NULL)
        npki_builder_free(reader->builder);
    npki_spare_cut(&reader->spare, &allocator, 0);
    npki_free(&allocator, reader->spare_doc, sizeof *reader->spare_doc);
    npki_free(&allocator, reader, sizeof *reader);
}

/* The memo of a stream ends with it. */
static npk_status end_stream(npk_reader *reader, npk_error *error)
{
    npki_kin *kin = NULL;
    if (reader->kin != NULL && (kin = npki_kin_new(&reader->allocator)) == NULL)
        return npki_no_memory(error);
    if (reader->kin != NULL)
        npki_kin_leave(reader->kin);
    reader->kin = kin;
    npki_memo_free(&reader->memo);
    npki_memo_init(&reader->memo, &reader->allocator);
    reader->numbers = reader->next = 0;
    reader->first = UINT64_MAX;
    return NPK_OK;
}

npk_status npk_reader_again(npk_reader *reader, const void *bytes, size_t size, npk_error *error)
{
    if (reader == NULL || (bytes == NULL && size > 0))
        return npki_fail(error, NPK_ERR_USAGE, "expected a reader and %zu bytes, found NULL", size);
    npk_status status = end_stream(reader, error);
    if (status != NPK_OK)
        return status;
    npki_chunk_release(reader->source.chunk);
    reader->source = (npki_source){
        .allocator = reader->allocator, .at = bytes, .end = size > 0 ? (const uint8_t *)bytes + size : bytes};
    reader->padding = 0;
    reader->next_buffer = reader->faults = 0;
    reader->failed = reader->over = false;
    return NPK_OK;
}

/* --- one pickle --- */

npk_status npki_doc_of_reader(npk_reader *reader, npk_doc **out, npk_error *error)
{
    npk_doc *doc = NULL;
    npk_status status = npk_reader_next(reader, &doc, error);
    if (status == NPK_OK && doc == NULL)
        status = npki_fail_at(error, NPK_ERR_TRUNCATED, 0, NPKI_NO_OPCODE, "the input is empty");
    uint64_t end = reader->source.offset;
    if (status == NPK_OK && !reader->over && skip_padding(reader, &status, error))
        status = npki_fail_at(error, NPK_ERR_TRAILING, end, NPKI_NO_OPCODE, "bytes follow the pickle");
    npk_reader_close(reader);
    if (status != NPK_OK)
        npk_doc_free(doc);
    else
        *out = doc;
    return status;
}

npk_status npk_doc_load(const char *path, const npk_read_options *options, npk_doc **out, npk_error *error)
{
    npk_reader *reader;
    if (out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a place for the document, found NULL");
    npk_status status = npk_reader_open(path, options, &reader, error);
    return status != NPK_OK ? status : npki_doc_of_reader(reader, out, error);
}

npk_status npk_doc_load_memory(const void *bytes, size_t size, const npk_read_options *options, npk_doc **out,
                               npk_error *error)
{
    npk_reader *reader;
    if (out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a place for the document, found NULL");
    npk_status status = npk_reader_memory(bytes, size, options, &reader, error);
    return status != NPK_OK ? status : npki_doc_of_reader(reader, out, error);
}

npk_status npki_doc_load_straight(npki_incoming *incoming, const npk_read_options *options, npk_doc **out)
{
    npk_reader *reader;
    npk_doc *doc = NULL;
    npk_status status = npk_reader_memory(incoming->head, incoming->head_size, options, &reader, NULL);
    if (status != NPK_OK)
        return status;
    reader->incoming = incoming;
    status = npki_doc_of_reader(reader, &doc, NULL);
    if (status == NPK_OK && incoming->whole)
        *out = doc;
    else
        npk_doc_free(doc);
    return status;
}

npk_status npki_doc_load_behind(const npk_doc *doc, const void *bytes, size_t size, const npk_read_options *options,
                                npk_doc **out, npk_error *error)
{
    npk_reader *reader;
    npk_status status = npk_reader_memory(bytes, size, options, &reader, error);
    if (status != NPK_OK)
        return status;
    bool good = true;
    for (size_t i = 0; good && i < doc->earlier_count; i++)
        good = npki_memo_put(&reader->memo, doc->earlier[i].number, doc->earlier[i].value);
    reader->memo.count = doc->earlier_numbers;
    reader->numbers = reader->memo.past;
    reader->first = doc->kin != NULL ? doc->info.first_put : reader->memo.first;
    reader->next = doc->earlier_next;
    if (good && doc->kin != NULL && reader->kin == NULL)
        good = (reader->kin = npki_kin_new(&reader->allocator)) != NULL;
    reader->options.buffers = doc->buffers;
    reader->options.buffer_count = (size_t)doc->info.buffers;
    if (good)
        return npki_doc_of_reader(reader, out, error);
    npk_reader_close(reader);
    return npki_no_memory(error);
}
