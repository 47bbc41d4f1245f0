/* Any bytes as pickles one after another, with a memo of each or of the stream, payloads outside, and malformed objects that are kept:
 * written again the same way, in one file, with names and strings of Python 2 that a function changes; what comes out is read again, and
 * is the same where nothing was to change. */
#define FUZZ_HEAD 3
#include "mutate.h"

#include "globals/global.h"

#define MOST_DOCS 6

enum { OF_STREAM = 1, KEEP_MALFORMED = 2, GIVE_BUFFERS = 4, COLLECT = 8, RENAME = 16, BY_STRING = 32, REFUSE = 64, TRANSLATE = 128 };

static const uint8_t outside[3][64] = {{1, 2, 3}, {0xff, 0xfe}, {0}};
static const npk_buffer buffers[] = {
    {.bytes = outside[0], .size = 24}, {.bytes = outside[1], .size = 64, .readonly = true}, {.bytes = outside[2], .size = 0}, {.bytes = outside[2], .size = 8}};

/* Every other name, by its length; not of what carries data, which without it is something else. */
static bool change_name(void *context, const npk_name *from, npk_name *to)
{
    (void)context;
    DEMAND(from->module != NULL && from->name != NULL);
    *to = (npk_name){"own.place", 9, "Outer.Inner", from->name_size % 4 == 0 ? 5 : 11};
    return from->module_size % 2 == 1 &&
           npki_global_find(from->module, from->module_size, from->name, from->name_size) == NULL;
}

static npk_python2_str by_string(void *context, const npk_value *str)
{
    size_t size = 0;
    (void)context;
    DEMAND(npk_value_kind(str) == NPK_KIND_PYTHON2_STR);
    npk_value_text(str, &size);
    return (npk_python2_str)(size % 5);
}

/* The history of a value is that of its parts: nothing past the end, and values where there must be some. */
static void look_at_events(const npk_value *value)
{
    size_t count = npk_value_events(value), dropped = 0, items = 0;
    npk_event event = {.kind = NPK_EVENT_NOTHING};
    for (size_t i = 0; i < count; i++) {
        DEMAND(npk_value_event(value, i, &event) && event.kind <= NPK_EVENT_RETURN);
        bool call = event.kind == NPK_EVENT_CALL || event.kind == NPK_EVENT_CALL_BEFORE;
        DEMAND((event.value == NULL) == (event.kind == NPK_EVENT_NOTHING || event.kind == NPK_EVENT_RETURN));
        dropped += call;
        if (event.kind == NPK_EVENT_ITEMS) {
            DEMAND(event.first == items && event.first + event.count <= npk_value_size(event.value));
            items += event.count;
        }
    }
    DEMAND(!npk_value_event(value, count, &event));
    DEMAND(dropped == npk_value_size(npk_value_calls(value)) && (dropped == 0) == (npk_value_calls(value) == NULL));
}

static void walk(const npk_doc *doc)
{
    npk_walk *walk = NULL;
    const npk_value *value = NULL;
    size_t seen = 0;
    DEMAND(npk_walk_start(npk_doc_root(doc), NULL, &walk, NULL) == NPK_OK);
    while (seen++ < 2000 && npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL)
        look_at_events(value);
    npk_walk_free(walk);
}

/* Returns how many there are. */
static size_t load(const uint8_t *data, size_t size, const npk_read_options *options, npk_reader **reader, npk_doc *docs[MOST_DOCS],
                   npk_error *error)
{
    size_t count = 0;
    DEMAND(npk_reader_memory(data, size, options, reader, error) == NPK_OK);
    *error = (npk_error){.status = NPK_OK};
    while (count < MOST_DOCS && npk_reader_next(*reader, &docs[count], error) == NPK_OK && docs[count] != NULL)
        count++;
    return count;
}

static void drop(npk_reader *reader, npk_doc **docs, size_t count)
{
    while (count > 0) /* a memo of the stream has values of those before */
        npk_doc_free(docs[--count]);
    npk_reader_close(reader);
}

static bool write(npk_doc **docs, size_t count, const npk_write_options *options, uint8_t **bytes, size_t *size)
{
    npk_writer *w = NULL;
    npk_error error = {.status = NPK_OK};
    if (npk_writer_memory(options, &w, &error) != NPK_OK) {
        DEMAND(error.status == NPK_ERR_USAGE);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        npk_write_value(w, npk_doc_root(docs[i]));
        if (i + 1 < count)
            npk_writer_next(w);
    }
    npk_status status = npk_writer_finish_memory(w, bytes, size, &error);
    DEMAND(status == NPK_OK || status == NPK_ERR_LIMIT || status == NPK_ERR_UNSUPPORTED || status == NPK_ERR_CAST ||
           status == NPK_ERR_TOO_LARGE);
    DEMAND(status == NPK_OK || error.message[0] != '\0');
    return status == NPK_OK;
}

/* Whether a payload outside was taken and dropped: in band it is a value like any other, which need not be written. Or it was given to array.array,
 * which takes bytes for its elements and a buffer for numbers. */
static bool drops_a_buffer(const npk_value *root)
{
    npk_walk *walk = NULL;
    const npk_value *value = NULL, *calls;
    npk_object object;
    bool drops = false;
    DEMAND(npk_walk_start(root, NULL, &walk, NULL) == NPK_OK);
    while (!drops && npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL) {
        for (size_t i = 0; (calls = npk_value_calls(value)) != NULL && i < npk_value_size(calls); i++)
            drops = drops || npk_value_kind(npk_value_item(calls, i)) == NPK_KIND_BUFFER;
        if (npk_value_as_object(value, &object) && npk_value_is_global(object.callable, "array", "array"))
            drops = drops || npk_value_kind(npk_value_item(object.args, 1)) == NPK_KIND_BUFFER;
    }
    npk_walk_free(walk);
    return drops;
}

static void compare(npk_doc **docs, npk_doc **copies, size_t count, uint64_t how, const npk_write_options *options)
{
    bool python2 = npk_dialect_is_python2(options->dialect);
    for (size_t i = 0; i < count; i++) {
        npk_doc_info info = {.protocol = 0};
        npk_doc_info_of(docs[i], &info);
        bool names = (info.protocol < 3) == (options->protocol < 3) ||
                     ((how & TRANSLATE) != 0 && (info.protocol < 3 || (how & REFUSE) != 0));
        bool one_kind = (how & BY_STRING) == 0 && options->python2_str != NPK_PYTHON2_STR_UTF8;
        bool strings = one_kind && (!python2 || options->python2_str == NPK_PYTHON2_STR_KEEP);
        bool again = (how & OF_STREAM) != 0 && i > 0 && npk_value_calls(npk_doc_root(copies[i])) != NULL; /* of an earlier root */
        npk_array_producer producer; /* of raw bytes: in another pickle they may show less of it */
        bool guessed = !fuzz_producer(npk_doc_root(docs[i]), &producer) || producer != NPK_ARRAY_GUESS;
        bool out = options->protocol == 5 && (how & COLLECT) != 0;
        if ((how & RENAME) == 0 && !again && !guessed && names && strings &&
            (out || !drops_a_buffer(npk_doc_root(docs[i]))) && fuzz_keeps_spellings(npk_doc_root(docs[i]), options))
            DEMAND(fuzz_is_same(npk_doc_root(docs[i]), npk_doc_root(copies[i]), python2 ? NPK_PYTHON2_STR_BYTES : options->python2_str));
    }
}

static void write_again(npk_doc **docs, size_t count, uint64_t how, npk_write_options *options, const npk_read_options *reading)
{
    npk_buffers collected = {.keep = (how & 1) != 0 ? NPK_BUFFERS_COPY : NPK_BUFFERS_BORROW};
    npk_doc *copies[MOST_DOCS] = {NULL};
    npk_reader *reader = NULL;
    npk_error error;
    uint8_t *bytes = NULL;
    size_t size = 0;
    if ((how & COLLECT) != 0) {
        options->buffer = npk_buffers_collect;
        options->buffer_context = &collected;
    }
    if (write(docs, count, options, &bytes, &size)) {
        npk_read_options again = *reading;
        again.buffers = collected.items;
        again.buffer_count = collected.count;
        size_t copied = load(bytes, size, &again, &reader, copies, &error);
        if (copied != count)
            fprintf(stderr, "%zu of %zu: %s at %llu\n", copied, count, error.message, (unsigned long long)error.offset);
        /* what is malformed may look like another format, if it is written first */
        DEMAND(copied == count || ((how & KEEP_MALFORMED) != 0 && error.status == NPK_ERR_NOT_A_PICKLE) ||
               fuzz_show(options, bytes, size));
        if (copied == count)
            compare(docs, copies, count, how, options);
        drop(reader, copies, count);
        npk_bytes_free(NULL, bytes, size);
    }
    npk_buffers_free(&collected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    npk_doc *docs[MOST_DOCS] = {NULL};
    npk_reader *reader = NULL;
    npk_error error;
    if (size < 3)
        return 0;
    uint64_t how = data[1];
    npk_read_options reading = {.memo_scope = (how & OF_STREAM) != 0 ? NPK_MEMO_OF_STREAM : NPK_MEMO_OF_PICKLE,
                                .malformed = (how & KEEP_MALFORMED) != 0 ? NPK_MALFORMED_KEEP : NPK_MALFORMED_REFUSE,
                                .buffers = (how & GIVE_BUFFERS) != 0 ? buffers : NULL,
                                .buffer_count = (how & GIVE_BUFFERS) != 0 ? 4 : 0};
    size_t count = load(data + 3, size - 3, &reading, &reader, docs, &error);
    for (size_t i = 0; i < count; i++)
        walk(docs[i]);
    npk_write_options options = {
        .protocol_given = true,
        .protocol = data[0] % 6,
        .dialect = fuzz_dialect(data[0] / 6),
        .memo = (npk_memo_policy)(data[2] % 3),
        .python2_str = (npk_python2_str)(data[2] / 3 % 5),
        .memo_scope = (npk_memo_scope)reading.memo_scope,
        .limits = {.memory = 1 << 22}, /* without a memo what is shared is written again and again, up to this */
        .translate_names = (how & TRANSLATE) != 0,
        .unloadable = (how & REFUSE) != 0 ? NPK_UNLOADABLE_REFUSE : NPK_UNLOADABLE_WRITE,
        .rename = (how & RENAME) != 0 ? change_name : NULL,
        .python2_str_of = (how & BY_STRING) != 0 ? by_string : NULL,
        .keep_padding = data[2] >> 7 != 0,
    };
    if (count > 0)
        write_again(docs, count, how, &options, &reading);
    drop(reader, docs, count);
    return 0;
}
