/* lib/reader/outside.c, lib/writer/graph/buffer.c: payloads outside the pickle (protocol 5, out of band). */
#include "counted.h"
#include "golden.h"

#include <npickle.h>

#define MOST 8 /* buffers of a case */

static npk_error error;

#define BYTES(literal) ((golden_bytes){(uint8_t *)(uintptr_t)("" literal), sizeof(literal) - 1})

/* The buffers that stand as words behind the name of a case. */
typedef struct words {
    npk_buffer buffers[MOST];
    golden_bytes bytes[MOST];
    size_t count;
} words;

static words take_words(char *line)
{
    words out = {.count = 0};
    for (char *word; (word = golden_word(&line)) != NULL; out.count++) {
        cr_assert_lt(out.count, MOST);
        out.bytes[out.count] = golden_unquote(word + 1);
        out.buffers[out.count] = (npk_buffer){out.bytes[out.count].bytes, out.bytes[out.count].size, word[0] == 'r'};
    }
    return out;
}

static void free_words(words *w)
{
    for (size_t i = 0; i < w->count; i++)
        free(w->bytes[i].bytes);
}

static npk_doc *read_with(golden_bytes pickle, const npk_buffer *buffers, size_t count)
{
    const npk_read_options options = {.buffers = buffers, .buffer_count = count};
    npk_doc *doc = NULL;
    cr_assert_eq(npk_doc_load_memory(pickle.bytes, pickle.size, &options, &doc, &error), NPK_OK, "%s", error.message);
    return doc;
}

static golden_bytes write_as(const npk_doc *doc, const npk_write_options *options)
{
    golden_bytes out = {NULL, 0};
    cr_assert_eq(npk_doc_save_memory(doc, options, &out.bytes, &out.size, &error), NPK_OK, "%s", error.message);
    return out;
}

static golden_bytes write_with(const npk_doc *doc, int protocol, npk_buffer_function *buffer, void *context)
{
    return write_as(doc,
                    &(npk_write_options){
                        .protocol_given = true, .protocol = protocol, .buffer = buffer, .buffer_context = context});
}

static bool same_bytes(golden_bytes a, golden_bytes b)
{
    return a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0;
}

/* What is written as another program would find it. */
static void expect_written(const char *what, const npk_doc *doc, int protocol, npk_buffer_function *buffer,
                           void *context, golden_bytes expected)
{
    golden_bytes found = write_with(doc, protocol, buffer, context);
    cr_expect(same_bytes(found, expected), "%s", what);
    npk_bytes_free(NULL, found.bytes, found.size);
}

static void expect_buffers(const char *name, const npk_buffers *found, const words *expected)
{
    cr_assert_eq(found->count, expected->count, "%s: %zu buffers", name, found->count);
    for (size_t i = 0; i < found->count; i++) {
        const npk_buffer *a = &found->items[i], *b = &expected->buffers[i];
        cr_expect(a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0 && a->readonly == b->readonly,
                  "%s, %zu", name, i);
    }
}

/* --- what Python and NumPy wrote ---------------------------------------------------------------------------------- */

/* At every protocol: nothing is lost, and what is read again needs no buffers. */
static void expect_everywhere(const char *name, const npk_doc *doc)
{
    for (int protocol = 0; protocol <= 5; protocol++) {
        golden_bytes written = write_with(doc, protocol, NULL, NULL);
        npk_doc *again = read_with(written, NULL, 0);
        uint64_t differences = 0;
        cr_assert_eq(npk_compare(npk_doc_root(doc), npk_doc_root(again), NULL, &differences, &error), NPK_OK);
        cr_expect_eq(differences, 0, "%s, protocol %d", name, protocol);
        npk_doc_free(again);
        npk_bytes_free(NULL, written.bytes, written.size);
    }
}

static void expect_checked(const char *name, const npk_doc *doc, golden_bytes pickle)
{
    npk_check_result result;
    cr_assert_eq(npk_check_doc(doc, pickle.bytes, pickle.size, NULL, &result, &error), NPK_OK);
    cr_expect_eq(result.verdict, NPK_VERDICT_IDENTICAL, "%s: %s", name, result.reason);
    npk_check_result_free(&result);
}

static void check_pair(const char *name, const words *given, golden_bytes outside, golden_bytes inside)
{
    npk_buffers kept = {.allocator = NULL}, moved = {.allocator = NULL};
    npk_doc_info info;
    npk_doc *out = read_with(outside, given->buffers, given->count), *in = read_with(inside, NULL, 0);
    cr_expect(npk_doc_info_of(out, &info) && info.buffers == given->count, "%s", name);
    expect_written(name, out, 5, npk_buffers_collect, &kept, outside); /* passed on */
    expect_buffers(name, &kept, given);
    for (size_t i = 0; i < kept.count; i++)
        cr_expect(kept.items[i].outside && (kept.items[i].bytes == given->buffers[i].bytes || kept.items[i].size == 0));
    expect_written(name, out, 5, NULL, NULL, inside); /* as pickle.dumps writes them without a callback */
    if (strchr(name, '~') == NULL) {
        expect_written(name, in, 5, npk_buffers_collect, &moved, outside); /* what was inside goes out */
        expect_buffers(name, &moved, given);
    }
    expect_checked(name, out, outside);
    expect_checked(name, in, inside);
    expect_everywhere(name, out);
    npk_buffers_free(&kept);
    npk_buffers_free(&moved);
    npk_doc_free(out);
    npk_doc_free(in);
}

/* For NumPy 1 and 2 at once: another call, which gives the same arrays, out of the same memory. */
static void check_for_both(const char *name, npk_doc *from, const words *given, golden_bytes both)
{
    npk_buffers kept = {.allocator = NULL};
    npk_doc *doc = read_with(both, given->buffers, given->count);
    uint64_t differences = 1;
    cr_assert_eq(npk_compare(npk_doc_root(doc), npk_doc_root(from), NULL, &differences, &error), NPK_OK);
    cr_expect_eq(differences, 0, "%s", name);
    expect_written(name, doc, 5, npk_buffers_collect, &kept, both); /* passed on */
    expect_buffers(name, &kept, given);
    npk_buffers_free(&kept);
    golden_bytes translated = write_as(from, &(npk_write_options){.protocol_given = true,
                                                                  .protocol = 5,
                                                                  .translate_names = true,
                                                                  .buffer = npk_buffers_collect,
                                                                  .buffer_context = &kept});
    bool shares =
        strncmp(name, "dict", 4) == 0 || strncmp(name, "objects", 7) == 0; /* names, a dtype: a new array has its own */
    cr_expect(shares || same_bytes(translated, both), "%s", name);
    expect_buffers(name, &kept, given);
    npk_doc *again = read_with(translated, kept.items, kept.count);
    cr_assert_eq(npk_compare(npk_doc_root(doc), npk_doc_root(again), NULL, &differences, &error), NPK_OK);
    cr_expect_eq(differences, 0, "%s", name);
    npk_doc_free(again);
    npk_bytes_free(NULL, translated.bytes, translated.size);
    npk_buffers_free(&kept);
    expect_checked(name, doc, both);
    expect_everywhere(name, doc);
    npk_doc_free(doc);
}

Test(outside, what_python_wrote)
{
    golden g;
    size_t pairs = 0;
    golden_open(&g, "outside.golden");
    for (; golden_case(&g) && strstr(g.name, "/kept") == NULL; pairs++) {
        int protocol;
        golden_bytes pickle, outside = {NULL, 0};
        words given = take_words(g.words);
        cr_assert(golden_pickle(&g, &protocol, &pickle) && protocol == 5);
        golden_add(&outside, pickle.bytes, pickle.size);
        cr_assert(golden_case(&g) && golden_pickle(&g, &protocol, &pickle) && protocol == 5);
        check_pair(g.name, &given, outside, pickle);
        npk_doc *from = read_with(outside, given.buffers, given.count);
        cr_assert(golden_case(&g));
        words for_both = take_words(g.words);
        cr_assert(golden_pickle(&g, &protocol, &pickle) && protocol == 5);
        check_for_both(g.name, from, &for_both, pickle);
        npk_doc_free(from);
        free(outside.bytes);
        free_words(&given);
        free_words(&for_both);
    }
    golden_close(&g);
    cr_expect_geq(pairs, 17, "only %zu were found", pairs);
}

/* At every protocol: no state says that an array is read-only, and of one that is big-endian it makes one of the machine's own order. */
Test(outside, what_a_state_loses_stays_in_numpy_1_and_2)
{
    golden g;
    size_t cases = 0;
    golden_open(&g, "outside.golden");
    while (golden_case(&g)) {
        int protocol;
        golden_bytes pickle;
        if (strstr(g.name, "/kept") == NULL)
            continue;
        golden_bytes frombuffer = golden_unquote(golden_word(&g.words));
        npk_doc *from = read_with(frombuffer, NULL, 0);
        for (; golden_pickle(&g, &protocol, &pickle); cases++) {
            golden_bytes written = write_as(
                from, &(npk_write_options){.protocol_given = true, .protocol = protocol, .translate_names = true});
            npk_doc *doc = read_with(pickle, NULL, 0);
            npk_array array;
            cr_expect(same_bytes(written, pickle), "%s, protocol %d", g.name, protocol);
            cr_assert_eq(npk_array_of(npk_doc_root(doc), &array, NULL), NPK_OK);
            cr_expect_eq(array.readonly, npk_dtype_byteorder(array.dtype) != '>', "%s, protocol %d", g.name, protocol);
            npk_doc_free(doc);
            npk_bytes_free(NULL, written.bytes, written.size);
        }
        npk_doc_free(from);
        free(frombuffer.bytes);
    }
    golden_close(&g);
    cr_expect_eq(cases, 6 * 6);
}

/* An array of either call is changed in its place. */
Test(outside, arrays_of_a_buffer_are_edited)
{
    static const double numbers[] = {1, 2, 3, 4};
    golden g;
    size_t edited = 0;
    golden_open(&g, "outside.golden");
    while (golden_case(&g)) {
        int protocol;
        golden_bytes pickle;
        if (strstr(g.name, "/kept") != NULL)
            break;
        words given = take_words(g.words);
        cr_assert(golden_pickle(&g, &protocol, &pickle));
        npk_doc *doc = read_with(pickle, given.buffers, given.count), *again = NULL;
        npk_array array;
        if (npk_array_of(npk_doc_root(doc), &array, NULL) == NPK_OK && array.payload != NULL && array.objects == NULL) {
            cr_assert_eq(npk_edit_array(doc, npk_doc_root(doc), &NPK_ARRAY(numbers, 2, 2), &error), NPK_OK, "%s: %s",
                         g.name, error.message);
            golden_bytes written = write_with(doc, 5, NULL, NULL);
            again = read_with(written, NULL, 0);
            cr_assert_eq(npk_array_of(npk_doc_root(again), &array, &error), NPK_OK, "%s", g.name);
            double found[4];
            cr_assert_eq(npk_array_copy(&array, 'C', found, sizeof found, &error), NPK_OK, "%s", g.name);
            cr_expect(array.ndim == 2 && memcmp(found, numbers, sizeof found) == 0, "%s", g.name);
            npk_bytes_free(NULL, written.bytes, written.size);
            edited++;
        }
        npk_doc_free(again);
        npk_doc_free(doc);
        free_words(&given);
    }
    golden_close(&g);
    cr_expect_geq(edited, 24, "%zu", edited);
}

/* What is called otherwise stays a call, and what NumPy refuses is refused. */
Test(outside, other_calls_of_the_class)
{
#define F8 "cnumpy\ndtype\nX\2\0\0\0f8\x85R"
    static const struct {
        golden_bytes pickle;
        npk_status status;
        bool array;
    } rows[] = {
        {BYTES("\x80\5cnumpy\nndarray\nK\1\x85" F8 "C\x08xxxxxxxx\x87R."), NPK_OK, true},
        {BYTES("\x80\5cnumpy\nndarray\nK\1\x85" F8 "C\x07xxxxxxx\x87R."), NPK_ERR_CALL, false},
        {BYTES("\x80\5cnumpy\nndarray\nK\1\x85" F8 "C\x09xxxxxxxxx\x87R."), NPK_OK, false},
        {BYTES("\x80\5cnumpy\nndarray\nK\1\x85\x85R."), NPK_OK, false},
        {BYTES("\x80\5cnumpy\nndarray\nK\1" F8 "C\x08xxxxxxxx\x87R."), NPK_OK, false},
        {BYTES("\x80\5cnumpy\nndarray\n(K\1\x85" F8 "C\x08xxxxxxxxK\0NX\1\0\0\0FtR."), NPK_OK, true},
        {BYTES("\x80\5cnumpy\nndarray\n(K\1\x85" F8 "C\x08xxxxxxxxK\1NX\1\0\0\0FtR."), NPK_OK, false},
        {BYTES("\x80\5cnumpy\nndarray\n(K\1\x85" F8 "C\x08xxxxxxxxK\0K\x08\x85X\1\0\0\0FtR."), NPK_OK, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = NULL;
        npk_array array;
        cr_expect_eq(npk_doc_load_memory(rows[i].pickle.bytes, rows[i].pickle.size, NULL, &doc, &error), rows[i].status,
                     "row %zu: %s", i, error.message);
        cr_expect_eq(doc != NULL && npk_array_of(npk_doc_root(doc), &array, NULL) == NPK_OK, rows[i].array, "row %zu",
                     i);
        npk_doc_free(doc);
    }
}

/* --- by hand ------------------------------------------------------------------------------------------------------ */

static const npk_buffer three[] = {{"abc", 3, false}, {"", 0, true}, {NULL, 0, false}};

typedef struct answer {
    npk_buffers kept;
    unsigned taken; /* a bit for each that is offered */
    unsigned offered;
} answer;

static bool take_some(void *context, const npk_buffer *buffer)
{
    answer *a = context;
    return (a->taken >> a->offered++ & 1) != 0 && npk_buffers_collect(&a->kept, buffer);
}

static void expect_answers(golden_bytes pickle, unsigned taken, unsigned offered, golden_bytes expected)
{
    answer a = {.taken = taken};
    npk_doc *doc = read_with(pickle, three, 3);
    expect_written("answers", doc, 5, take_some, &a, expected);
    cr_expect_eq(a.offered, offered, "%u were offered", a.offered);
    npk_doc_free(doc);
    npk_doc *again = read_with(expected, a.kept.items, a.kept.count); /* what was kept is what is needed */
    npk_doc_free(again);
    npk_buffers_free(&a.kept);
}

/* As in Python, one that is not taken goes into the pickle, in its place. */
Test(outside, each_is_offered_in_order)
{
    golden_bytes all = BYTES("\x80\5\x95\7\0\0\0\0\0\0\0\x97\x97\x98\x97\x87\x94.");
    expect_answers(all, 7, 3, all);
    expect_answers(all, 5, 3,
                   BYTES("\x80\5\x95\x08\0\0\0\0\0\0\0\x97"
                         "C\0\x94"
                         "\x97\x87\x94."));
    expect_answers(all, 0, 3,
                   BYTES("\x80\5\x95\x1d\0\0\0\0\0\0\0\x96\3\0\0\0\0\0\0\0abc\x94"
                         "C\0\x94"
                         "\x96\0\0\0\0\0\0\0\0\x94\x87\x94."));
}

/* One buffer at two places: it is one object, written once, outside or in. */
Test(outside, shared_buffers_are_written_once)
{
    golden_bytes twice = BYTES("\x80\5\x95\6\0\0\0\0\0\0\0\x97\x94h\0\x86.");
    expect_answers(twice, 1, 1, twice);
    expect_answers(twice, 0, 1, BYTES("\x80\5\x95\x11\0\0\0\0\0\0\0\x96\3\0\0\0\0\0\0\0abc\x94h\0\x86."));
    npk_doc *doc = read_with(twice, three, 1);
    expect_written(
        "protocol 2", doc, 2, NULL, NULL,
        BYTES("\x80\2c__builtin__\nbytearray\nq\0c_codecs\nencode\nq\1X\3\0\0\0abcq\2X\6\0\0\0latin1q\3\x86q\4Rq\5\x85"
              "q\6Rq\7h\7\x86."));
    npk_doc_free(doc);
}

/* A read-only view of a buffer that is also there as it is: the same memory, given once. */
Test(outside, readonly_views_are_of_the_buffer)
{
    golden_bytes view = BYTES("\x80\5\x95\7\0\0\0\0\0\0\0\x97\x94h\0\x98\x86.");
    expect_answers(view, 1, 1, view);
    golden_bytes shared = BYTES("\x80\5\x95\x0b\0\0\0\0\0\0\0\x97\x94\x98\x94h\1h\0\x98\x87.");
    npk_doc *doc = read_with(shared, three, 1);
    cr_expect_eq(npk_value_item(npk_doc_root(doc), 0), npk_value_item(npk_doc_root(doc), 1));
    npk_doc_free(doc);
    expect_answers(shared, 1, 1, shared);
    /* inside there are no views: bytes, as a PickleBuffer of its own */
    expect_answers(view, 0, 2,
                   BYTES("\x80\5\x95\x15\0\0\0\0\0\0\0\x96\3\0\0\0\0\0\0\0abc\x94"
                         "C\3abc\x94\x86."));
}

/* bytes have a hash, and a bytearray has none: neither is here. */
Test(outside, a_buffer_is_no_key)
{
    static const struct {
        golden_bytes pickle;
        npk_status status;
    } rows[] = {
        {BYTES("\x80\5}\x97Ns."), NPK_ERR_TYPE},
        {BYTES("\x80\5}\x97\x98Ns."), NPK_ERR_UNSUPPORTED},
        {BYTES("\x80\5\x8f(\x97\x98\x90."), NPK_ERR_UNSUPPORTED},
        {BYTES("\x80\5(\x97\x98\x91."), NPK_ERR_UNSUPPORTED},
    };
    const npk_read_options options = {.buffers = three, .buffer_count = 1};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = NULL;
        cr_expect_eq(npk_doc_load_memory(rows[i].pickle.bytes, rows[i].pickle.size, &options, &doc, &error),
                     rows[i].status, "%zu: %s", i, error.message);
        npk_doc_free(doc);
    }
}

/* --- streams ------------------------------------------------------------------------------------------------------ */

Test(outside, buffers_count_over_all_pickles)
{
    golden_bytes stream = BYTES("\x80\5\x97.\x80\5N.\x80\5\x97\x97\x86.\x80\5\x97.");
    const npk_read_options options = {.buffers = three, .buffer_count = 3};
    static const uint64_t counts[] = {1, 0, 2};
    npk_reader *reader;
    npk_doc *doc;
    npk_doc_info info;
    npk_check_result result;
    cr_assert_eq(npk_reader_memory(stream.bytes, stream.size, &options, &reader, &error), NPK_OK);
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(npk_reader_next(reader, &doc, &error), NPK_OK, "%s", error.message);
        cr_expect(npk_doc_info_of(doc, &info) && info.buffers == counts[i]);
        if (i == 2)
            cr_expect_eq(npk_value_bytes_size(npk_value_item(npk_doc_root(doc), 0)), 0);
        cr_assert_eq(npk_check_doc(doc, stream.bytes + info.offset, info.size, NULL, &result, &error), NPK_OK);
        npk_check_result_free(&result);
        npk_doc_free(doc);
    }
    cr_expect_eq(npk_reader_next(reader, &doc, &error), NPK_ERR_STACK); /* a fourth one */
    cr_expect(strstr(error.message, "expected 1 buffer ") != NULL, "%s", error.message);
    npk_reader_close(reader);
}

/* --- hostile ------------------------------------------------------------------------------------------------------ */

Test(outside, an_error_says_how_many_are_needed)
{
    static const struct {
        golden_bytes pickle;
        size_t given;
        uint64_t offset;
        const char *says;
    } rows[] = {
        {BYTES("\x80\5\x97."), 0, 2, "expected 1 buffer from outside the pickle, found 0"},
        {BYTES("\x80\5\x97\x98\x97\x97\x87."), 2, 5, "expected 3 buffers from outside the pickle, found 2"},
        {BYTES("\x80\5(\x97\x97\x97"
               "C\1\x97"
               "X\1\0\0\0\x97t."),
         0, 3, "expected 3 buffers"}, /* in texts there are none */
        {BYTES("\x80\5\x97\x97"), 0, 2, "expected at least 2 buffers"},
        {BYTES("\x80\5\x97\xff\x97."), 0, 2, "expected at least 1 buffer "},
        {BYTES("\x80\5\x97Vline"), 0, 2, "expected at least 1 buffer "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const npk_read_options options = {.buffers = three, .buffer_count = rows[i].given};
        npk_doc *doc = NULL;
        cr_expect_eq(npk_doc_load_memory(rows[i].pickle.bytes, rows[i].pickle.size, &options, &doc, &error),
                     NPK_ERR_STACK);
        cr_expect(error.offset == rows[i].offset && error.opcode == 0x97, "row %zu: byte %d", i, (int)error.offset);
        cr_expect(strstr(error.message, rows[i].says) != NULL, "row %zu: %s", i, error.message);
        cr_expect(strstr(error.message, "--buffer") != NULL, "row %zu: %s", i, error.message);
    }
}

/* A million references cost what they take in the input, with buffers and without. */
Test(outside, many_references)
{
    size_t count = 1 << 20, size = count + 4;
    uint8_t *bytes = malloc(size);
    npk_buffer *buffers = calloc(count, sizeof *buffers);
    npk_doc *doc = NULL;
    cr_assert(bytes != NULL && buffers != NULL);
    memset(bytes, 0x97, size);
    memcpy(bytes, "\x80\5(", 3);
    bytes[size - 1] = '.';
    npk_read_options options = {.buffers = buffers, .buffer_count = count};
    cr_expect_eq(npk_doc_load_memory(bytes, size, NULL, &doc, &error), NPK_ERR_STACK);
    cr_expect(strstr(error.message, "expected 1048576 buffers") != NULL, "%s", error.message);
    cr_expect_eq(npk_doc_load_memory(bytes, size, &options, &doc, &error), NPK_ERR_STACK); /* the mark is still there */
    free(bytes);
    free(buffers);
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

/* Every allocation of reading and writing fails in turn: nothing leaks, and no payload is left out. */
Test(outside, without_memory)
{
    static const char bytes[] = "\x80\5(\x97\x94h\0h\0\x98\x97\x98\x94h\1t.";
    bool whole = false;
    for (size_t fail = 1; !whole; fail++) {
        counted heap = {.fail = fail};
        const npk_allocator allocator = {resize_counted, &heap};
        const npk_read_options reading = {.allocator = &allocator, .buffers = three, .buffer_count = 2};
        const npk_write_options writing = {
            .allocator = &allocator, .protocol_given = true, .protocol = (int)(fail % 6)};
        npk_doc *doc = NULL;
        golden_bytes out = {NULL, 0};
        npk_status status = npk_doc_load_memory(bytes, sizeof bytes - 1, &reading, &doc, &error);
        if (status == NPK_OK)
            status = npk_doc_save_memory(doc, &writing, &out.bytes, &out.size, &error);
        whole = status == NPK_OK;
        cr_expect(whole || status == NPK_ERR_MEMORY, "allocation %zu: %d", fail, (int)status);
        if (whole)
            npk_bytes_free(&allocator, out.bytes, out.size);
        npk_doc_free(doc);
        cr_expect(heap.held == 0 && !heap.wrong, "allocation %zu", fail);
    }
}

/* --- below protocol 5 --------------------------------------------------------------------------------------------- */

/* An array that is made anew is one still, wherever it stands, and so is its dtype, whichever of the two comes first. */
Test(outside, one_dtype_at_every_protocol)
{
#define DTYPE "cnumpy\ndtype\n\x8c\2f8\x89\x88\x87Rq\1(K\3\x8c\1<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"
#define ARRAY(dtype)                                                                                                   \
    "cnumpy._core.numeric\n_frombuffer\n(\x96\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\xf0?" dtype "K\1\x85\x8c\1CtRq\2"
    static const char rows[2][200] = {"\x80\5(" ARRAY(DTYPE) "h\1h\2t.", "\x80\5(" DTYPE ARRAY("h\1") "h\2t."};
    static const size_t sizes[2] = {sizeof "\x80\5(" ARRAY(DTYPE) "h\1h\2t." - 1,
                                    sizeof "\x80\5(" DTYPE ARRAY("h\1") "h\2t." - 1};
    for (size_t i = 0; i < 2; i++)
        for (int protocol = 0; protocol <= 5; protocol++) {
            const npk_write_options options = {.protocol_given = true, .protocol = protocol, .translate_names = true};
            npk_doc *doc = NULL, *again = NULL;
            const npk_value *dtype = NULL;
            uint8_t *bytes = NULL;
            size_t size = 0;
            cr_assert_eq(npk_doc_load_memory(rows[i], sizes[i], NULL, &doc, &error), NPK_OK, "%s", error.message);
            cr_assert_eq(npk_doc_save_memory(doc, &options, &bytes, &size, &error), NPK_OK, "%s", error.message);
            cr_assert_eq(npk_doc_load_memory(bytes, size, NULL, &again, &error), NPK_OK, "%s", error.message);
            const npk_value *root = npk_doc_root(again), *array = npk_value_item(root, i);
            cr_expect(npk_value_is_array(array) && array == npk_value_item(root, 2), "%zu, protocol %d", i, protocol);
            npk_object made;
            cr_assert(npk_value_as_object(array, &made));
            dtype = made.state != NULL ? npk_value_item(made.state, 2) : npk_value_item(made.args, 1);
            cr_expect_eq(dtype, npk_value_item(root, 1 - i), "%zu, protocol %d", i, protocol);
            npk_doc_free(again);
            npk_doc_free(doc);
            npk_bytes_free(NULL, bytes, size);
        }
}
