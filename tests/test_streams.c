/* lib/reader/earlier.c, lib/writer/graph/earlier.c, npk_writer_next: several pickles of one Pickler, which share its memo. */
#define _POSIX_C_SOURCE 200809L

#include "counted.h"
#include "golden.h"

#include <npickle.h>

#define MOST 8 /* pickles of a stream */

static npk_error error;

static const struct {
    const char *golden;
    npk_dialect dialect;
    int protocols;
} writers[] = {
    {"streams-python3.golden", NPK_DIALECT_DEFAULT, 6},
    {"streams-python2.golden", NPK_DIALECT_PYTHON2, 3},
};

#define WRITERS (sizeof writers / sizeof *writers)

/* All pickles of a stream; frees the reader, so that the documents stand alone. Returns how many. */
static size_t read_stream(const void *bytes, size_t size, npk_doc *docs[MOST])
{
    const npk_read_options options = {.memo_scope = NPK_MEMO_OF_STREAM};
    npk_reader *reader;
    size_t count = 0;
    cr_assert_eq(npk_reader_memory(bytes, size, &options, &reader, &error), NPK_OK);
    do
        cr_assert_eq(npk_reader_next(reader, &docs[count], &error), NPK_OK, "pickle %zu: %s", count, error.message);
    while (docs[count] != NULL && ++count < MOST);
    npk_reader_close(reader);
    return count;
}

#define READ(literal, docs) read_stream("" literal, sizeof(literal) - 1, docs)

/* They go in any order: here every other one first. */
static void free_docs(npk_doc **docs, size_t count)
{
    for (size_t i = 0; i < count; i += 2)
        npk_doc_free(docs[i]);
    for (size_t i = 1; i < count; i += 2)
        npk_doc_free(docs[i]);
}

static golden_bytes write_stream(npk_doc *const *docs, size_t count, npk_dialect dialect, int protocol)
{
    const npk_write_options options = {
        .dialect = dialect, .protocol_given = true, .protocol = protocol, .memo_scope = NPK_MEMO_OF_STREAM};
    npk_writer *writer;
    golden_bytes out;
    cr_assert_eq(npk_writer_memory(&options, &writer, &error), NPK_OK, "%s", error.message);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            npk_writer_next(writer);
        npk_write_value(writer, npk_doc_root(docs[i]));
    }
    cr_assert_eq(npk_writer_finish_memory(writer, &out.bytes, &out.size, &error), NPK_OK, "%s", error.message);
    return out;
}

/* --- what Python wrote -------------------------------------------------------------------------------------------- */

typedef void visit_stream(const char *name, size_t writer, int protocol, golden_bytes stream, size_t count);

static void each_stream(visit_stream *visit)
{
    size_t visited = 0;
    for (size_t i = 0; i < WRITERS; i++) {
        golden g;
        int protocol;
        golden_bytes stream;
        golden_open(&g, writers[i].golden);
        while (golden_case(&g))
            for (size_t count = strtoul(g.words, NULL, 10); golden_pickle(&g, &protocol, &stream); visited++)
                visit(g.name, i, protocol, stream, count);
        golden_close(&g);
    }
    cr_expect_geq(visited, 70, "only %zu streams were found", visited);
}

/* At its own protocol the same bytes come out, and each pickle alone is found to be Python's. */
static void expect_same_bytes(const char *name, size_t writer, int protocol, golden_bytes stream, size_t count)
{
    npk_doc *docs[MOST];
    cr_assert_eq(read_stream(stream.bytes, stream.size, docs), count, "%s", name);
    golden_bytes again = write_stream(docs, count, writers[writer].dialect, protocol);
    cr_expect(again.size == stream.size && memcmp(again.bytes, stream.bytes, stream.size) == 0, "%s, %s, protocol %d",
              writers[writer].golden, name, protocol);
    npk_bytes_free(NULL, again.bytes, again.size);
    for (size_t i = 0; i < count; i++) {
        npk_doc_info info;
        npk_check_result result;
        cr_assert(npk_doc_info_of(docs[i], &info));
        cr_assert_eq(npk_check_doc(docs[i], stream.bytes + info.offset, info.size, NULL, &result, &error), NPK_OK, "%s",
                     error.message);
        cr_expect_eq(result.verdict, NPK_VERDICT_IDENTICAL, "%s, protocol %d, pickle %zu: %s", name, protocol, i,
                     result.reason);
        npk_check_result_free(&result);
    }
    free_docs(docs, count);
}

Test(streams, come_out_as_they_went_in)
{
    each_stream(expect_same_bytes);
}

/* What Python writes of the same values at other protocols; of arrays and objects a pickle keeps how it made them. */
static void expect_other_protocols(const char *name, size_t writer, int protocol, golden_bytes stream, size_t count)
{
    static golden_bytes first; /* of the case: its pickle at protocol 0 */
    const bool plain = strcmp(name, "lists") == 0 || strcmp(name, "same") == 0 || strcmp(name, "tuples") == 0 ||
                       strcmp(name, "cycle") == 0 || strcmp(name, "many") == 0;
    npk_doc *docs[MOST];
    if (protocol == 0) {
        free(first.bytes);
        first = (golden_bytes){NULL, 0};
        golden_add(&first, stream.bytes, stream.size);
    }
    if (!plain)
        return;
    size_t found = read_stream(first.bytes, first.size, docs);
    golden_bytes written = write_stream(docs, found, writers[writer].dialect, protocol);
    cr_expect(found == count && written.size == stream.size && memcmp(written.bytes, stream.bytes, stream.size) == 0,
              "%s, %s, from protocol 0 to %d", writers[writer].golden, name, protocol);
    npk_bytes_free(NULL, written.bytes, written.size);
    free_docs(docs, found);
}

Test(streams, numbers_go_on_at_other_protocols)
{
    each_stream(expect_other_protocols);
}

/* Converted to each protocol and read again: equal values, and what was shared between two pickles is. */
static void expect_equal_values(const char *name, size_t writer, int protocol, golden_bytes stream, size_t count)
{
    /* protocol 0 has persistent ids as lines, which are text */
    const npk_compare_options as_text = {.python2_str = NPK_PYTHON2_STR_TEXT};
    npk_doc *docs[MOST], *again[MOST];
    read_stream(stream.bytes, stream.size, docs);
    for (int to = 0; to < writers[writer].protocols; to++) {
        golden_bytes written = write_stream(docs, count, writers[writer].dialect, to);
        cr_assert_eq(read_stream(written.bytes, written.size, again), count);
        for (size_t i = 0; i < count; i++) {
            uint64_t differences = 0;
            const npk_value *a = npk_doc_root(docs[i]), *b = npk_doc_root(again[i]);
            cr_assert_eq(npk_compare(a, b, &as_text, &differences, &error), NPK_OK);
            cr_expect_eq(differences, 0, "%s, from protocol %d to %d, pickle %zu", name, protocol, to, i);
            for (size_t k = 0; k < npk_value_size(a); k++) {
                const npk_value *root = npk_doc_root(docs[0]), *of_a = npk_value_item(a, k),
                                *of_b = npk_value_item(b, k);
                cr_expect((of_a == root) == (of_b == npk_doc_root(again[0])), "%s, from %d to %d", name, protocol, to);
            }
        }
        free_docs(again, count);
        npk_bytes_free(NULL, written.bytes, written.size);
    }
    free_docs(docs, count);
}

Test(streams, values_are_equal_at_every_protocol)
{
    each_stream(expect_equal_values);
}

/* --- the memo ----------------------------------------------------------------------------------------------------- */

#define ONE "\x80\2]q\0K\1a."      /* [1] */
#define TWO "\x80\2h\0K\2\x86q\1." /* (the list, 2) */

Test(streams, later_documents_hold_the_same_values)
{
    npk_doc *docs[MOST];
    npk_doc_info info;
    cr_assert_eq(READ(ONE TWO TWO, docs), 3);
    cr_expect(npk_doc_info_of(docs[0], &info) && info.earlier == 0);
    cr_expect(npk_doc_info_of(docs[1], &info) && info.earlier == 1);
    const npk_value *list = npk_doc_root(docs[0]);
    npk_doc_free(docs[0]);
    cr_expect_eq(npk_value_item(npk_doc_root(docs[1]), 0), list);
    npk_doc_free(docs[1]);
    cr_expect_eq(npk_value_item(npk_doc_root(docs[2]), 0), list);
    cr_expect_eq(npk_value_size(list), 1); /* it is still there */
    npk_doc_free(docs[2]);
}

/* A document written alone has all of what it refers to. */
Test(streams, a_document_stands_alone)
{
    npk_doc *docs[MOST];
    cr_assert_eq(READ(ONE TWO, docs), 2);
    golden_bytes alone = write_stream(docs + 1, 1, NPK_DIALECT_DEFAULT, 2);
    static const char expected[] = "\x80\2]q\0K\1aK\2\x86q\1.";
    cr_expect(alone.size == sizeof expected - 1 && memcmp(alone.bytes, expected, alone.size) == 0);
    npk_bytes_free(NULL, alone.bytes, alone.size);
    free_docs(docs, 2);
}

static npk_status read_second(const char *bytes, size_t size, npk_memo_scope scope)
{
    const npk_read_options options = {.memo_scope = scope};
    npk_reader *reader;
    npk_doc *first, *second;
    error = (npk_error){.message = ""};
    cr_assert_eq(npk_reader_memory(bytes, size, &options, &reader, &error), NPK_OK);
    cr_assert_eq(npk_reader_next(reader, &first, &error), NPK_OK, "%s", error.message);
    npk_status status = npk_reader_next(reader, &second, &error);
    cr_expect(status == NPK_OK || second == NULL);
    if (status != NPK_OK) {
        npk_error later;
        cr_expect_eq(npk_reader_next(reader, &second, &later), NPK_ERR_USAGE);
    }
    npk_reader_close(reader);
    cr_expect_neq(npk_value_kind(npk_doc_root(first)), NPK_KIND_NOTHING); /* the first stays good */
    npk_doc_free(second);
    npk_doc_free(first);
    return status;
}

#define SECOND(literal, scope) read_second("" literal, sizeof(literal) - 1, scope)

Test(streams, without_the_option_the_error_names_the_cause)
{
    cr_expect_eq(SECOND(ONE TWO, NPK_MEMO_OF_PICKLE), NPK_ERR_MEMO);
    cr_expect(strstr(error.message, "--keep-memo") != NULL, "%s", error.message);
    cr_expect_eq(error.offset, 11);
    cr_expect_eq(SECOND(ONE "\x80\2h\1.", NPK_MEMO_OF_PICKLE), NPK_ERR_MEMO); /* nobody stored that */
    cr_expect(strstr(error.message, "--keep-memo") == NULL, "%s", error.message);
    cr_expect_eq(SECOND(ONE "\x80\2h\1.", NPK_MEMO_OF_STREAM), NPK_ERR_MEMO);
    cr_expect(strstr(error.message, "--keep-memo") == NULL, "%s", error.message);
    cr_expect_eq(SECOND(ONE "\x80\2h\0.", (npk_memo_scope)NPK_MEMO_OF_STREAM), NPK_OK);
}

/* A call that is dropped above a value of an earlier pickle is an event of the pickle that makes it, whatever becomes of that one; with
 * nothing else to belong to it is refused. */
Test(streams, events_stay_with_their_pickle)
{
    static const struct {
        const char *bytes;
        size_t size;
        npk_status status;
    } seconds[] = {
#define SECOND_ROW(literal, status) {literal, sizeof(literal) - 1, status}
        SECOND_ROW("\x80\2]h\0cm\nf\n)R0a.", NPK_OK),
        SECOND_ROW("\x80\2h\0cm\nf\n)R0\x85.", NPK_OK),
        SECOND_ROW("\x80\2h\0cm\nf\n)R0.", NPK_ERR_UNSUPPORTED),
        SECOND_ROW("\x80\2h\0cm\nf\n)R0h\0", NPK_ERR_TRUNCATED),
        SECOND_ROW("\x80\2h\0(cm\nf\n)R1", NPK_ERR_TRUNCATED),
        SECOND_ROW("\x80\2cm\nC\n)R0h\0.", NPK_ERR_UNSUPPORTED),
    };
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        const npk_read_options options = {.memo_scope = NPK_MEMO_OF_STREAM};
        const npk_write_options at = {.protocol_given = true, .protocol = 2};
        char bytes[64] = "\x80\2cm\nC\n)Rq\0.";
        const size_t first = 12;
        uint8_t *again;
        size_t size;
        npk_reader *reader;
        npk_doc *docs[2];
        memcpy(bytes + first, seconds[i].bytes, seconds[i].size);
        cr_assert_eq(npk_reader_memory(bytes, first + seconds[i].size, &options, &reader, &error), NPK_OK);
        cr_assert_eq(npk_reader_next(reader, &docs[0], &error), NPK_OK, "%s", error.message);
        cr_expect_eq(npk_reader_next(reader, &docs[1], &error), seconds[i].status, "second %zu", i);
        cr_assert_eq(npk_doc_save_memory(docs[0], &at, &again, &size, &error), NPK_OK);
        cr_expect(size == first && memcmp(again, bytes, size) == 0, "second %zu", i);
        npk_bytes_free(NULL, again, size);
        npk_doc_free(docs[1]);
        npk_doc_free(docs[0]);
        npk_reader_close(reader);
    }
}

/* What an earlier pickle made is not changed by a later one: at the opcode that would. */
Test(streams, earlier_values_stay_as_they_are)
{
    static const struct {
        const char *bytes;
        size_t size;
        uint64_t offset; /* in the second pickle */
    } rows[] = {
#define ROW(first, second, offset) {first second, sizeof(first second) - 1, sizeof(first) - 1 + (offset)}
        ROW("\x80\2]q\0.", "\x80\2h\0K\1a.", 6),
        ROW("\x80\2]q\0.", "\x80\2h\0(K\1K\2e.", 9),
        ROW("\x80\2}q\0.", "\x80\2h\0K\1K\2s.", 8),
        ROW("\x80\2}q\0.", "\x80\2h\0(K\1K\2u.", 9),
        ROW("\x80\4\x8f\x94.", "\x80\4h\0(K\1\x90.", 7),
        ROW("\x80\2cm\nC\n)\x81q\0.", "\x80\2h\0}b.", 5),
        ROW("\x80\2cm\nC\n)\x81q\0.", "\x80\2h\0K\1a.", 6),
        ROW("\x80\2]q\0.",
            "\x80\2h\0q\7"
            "0h\7K\1a.",
            11), /* by another number */
        ROW("\x80\2]q\0.",
            "\x80\2h\0"
            "2K\1a\x86.",
            7), /* a second reference */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cr_expect_eq(read_second(rows[i].bytes, rows[i].size, NPK_MEMO_OF_STREAM), NPK_ERR_UNSUPPORTED, "row %zu: %s",
                     i, error.message);
        cr_expect_eq(error.offset, rows[i].offset, "row %zu: %d", i, (int)error.offset);
    }
    /* a number that the second pickle gave to a list of its own; nothing that is added */
    cr_expect_eq(SECOND("\x80\2]q\0."
                        "\x80\2]q\0"
                        "0h\0K\1a.",
                        NPK_MEMO_OF_STREAM),
                 NPK_OK);
    cr_expect_eq(SECOND("\x80\2]q\0."
                        "\x80\2h\0(e.",
                        NPK_MEMO_OF_STREAM),
                 NPK_OK);
}

/* --- npk_writer_next ---------------------------------------------------------------------------------------------- */

static void expect_bytes(npk_writer *writer, const char *bytes, size_t size)
{
    golden_bytes out;
    cr_assert_eq(npk_writer_finish_memory(writer, &out.bytes, &out.size, &error), NPK_OK, "%s", error.message);
    cr_expect(out.size == size && memcmp(out.bytes, bytes, size) == 0);
    npk_bytes_free(NULL, out.bytes, out.size);
}

static npk_writer *two_dumps(npk_memo_scope scope)
{
    const npk_write_options options = {.protocol = 2, .memo_scope = scope};
    npk_writer *writer;
    cr_assert_eq(npk_writer_memory(&options, &writer, &error), NPK_OK);
    npk_write_begin_list(writer, NPK_UNKNOWN);
    npk_write_int(writer, 1);
    npk_write_end(writer);
    return writer;
}

/* pickler = pickle.Pickler(out, 2); pickler.dump(a := [1]); pickler.dump((a, 2)) */
Test(streams, a_writer_dumps_again)
{
    npk_writer *writer = two_dumps(NPK_MEMO_OF_STREAM);
    int64_t list = npk_writer_last(writer);
    cr_expect_eq(npk_writer_next(writer), NPK_OK);
    npk_write_begin_tuple(writer, 2);
    npk_write_again(writer, list);
    npk_write_int(writer, 2);
    npk_write_end(writer);
    expect_bytes(writer, ONE TWO, sizeof ONE TWO - 1);
}

/* Two Picklers: pickle.dump([1], out, 2) twice */
Test(streams, a_writer_begins_anew)
{
    npk_writer *writer = two_dumps(NPK_MEMO_OF_PICKLE);
    int64_t list = npk_writer_last(writer);
    cr_expect_eq(npk_writer_next(writer), NPK_OK);
    npk_write_begin_list(writer, NPK_UNKNOWN);
    npk_write_int(writer, 1);
    npk_write_end(writer);
    cr_expect_eq(npk_writer_next(writer), NPK_OK);
    cr_expect_eq(npk_write_again(writer, list), NPK_ERR_USAGE); /* of the first pickle */
    npk_writer_abandon(writer);
    writer = two_dumps(NPK_MEMO_OF_PICKLE);
    npk_writer_next(writer);
    npk_write_begin_list(writer, 0);
    npk_write_end(writer);
    expect_bytes(writer, ONE "\x80\2]q\0.", sizeof ONE "\x80\2]q\0." - 1);
}

Test(streams, what_is_not_whole_has_no_next)
{
    npk_writer *writer;
    const npk_write_options minimal = {.memo = NPK_MEMO_MINIMAL, .memo_scope = NPK_MEMO_OF_STREAM};
    const npk_write_options none = {.memo_scope = (npk_memo_scope)2};
    cr_assert_eq(npk_writer_memory(NULL, &writer, &error), NPK_OK);
    cr_expect_eq(npk_writer_next(writer), NPK_ERR_USAGE); /* nothing was written */
    npk_writer_abandon(writer);
    cr_assert_eq(npk_writer_memory(NULL, &writer, &error), NPK_OK);
    npk_write_begin_list(writer, 1);
    npk_write_none(writer);
    cr_expect_eq(npk_writer_next(writer), NPK_ERR_USAGE); /* a list is open */
    cr_expect_eq(npk_writer_finish(writer, &error), NPK_ERR_USAGE);
    cr_assert_eq(npk_writer_doc(NULL, &writer, &error), NPK_OK);
    npk_write_none(writer);
    cr_expect_eq(npk_writer_next(writer), NPK_ERR_USAGE);
    npk_writer_abandon(writer);
    cr_expect_eq(npk_writer_memory(&minimal, &writer, &error), NPK_ERR_USAGE);
    cr_expect_eq(npk_writer_memory(&none, &writer, &error), NPK_ERR_USAGE);
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

/* Every allocation fails in turn, and nothing is lost. */
Test(streams, without_memory)
{
    static const char bytes[] = ONE TWO TWO "\x80\2]q\5(h\0h\0(h\1h\1tq\6e.";
    bool whole = false;
    for (size_t fail = 1; !whole; fail++) {
        counted heap = {.fail = fail};
        const npk_allocator allocator = {resize_counted, &heap};
        const npk_read_options options = {.allocator = &allocator, .memo_scope = NPK_MEMO_OF_STREAM};
        npk_reader *reader = NULL;
        npk_doc *docs[MOST] = {NULL};
        size_t count = 0;
        npk_status status = npk_reader_memory(bytes, sizeof bytes - 1, &options, &reader, &error);
        while (status == NPK_OK && (status = npk_reader_next(reader, &docs[count], &error)) == NPK_OK &&
               docs[count] != NULL)
            count++;
        whole = status == NPK_OK;
        cr_expect(whole ? count == 4 : status == NPK_ERR_MEMORY, "allocation %zu: %d", fail, (int)status);
        npk_reader_close(reader);
        free_docs(docs, count);
        cr_expect(heap.held == 0 && !heap.wrong, "allocation %zu", fail);
    }
}

/* What an opcode could not do is kept with its arguments; what a later pickle adds to it stands in a value of that one. */
Test(streams, a_kept_instruction_of_an_earlier_pickle_stays_as_it_is)
{
    static const char *const rows[] = {"K\1K\2ap0\n.g0\nK\3a.", "K\1K\2K\3sp0\n.g0\nK\4K\5s.", "K\1(K\2ep0\n.g0\n(K\3e.",
                                       "K\1(K\2K\3up0\n.g0\n(K\4K\5u."};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const npk_read_options options = {.malformed = NPK_MALFORMED_KEEP, .memo_scope = NPK_MEMO_OF_STREAM};
        npk_reader *reader = NULL;
        npk_doc *first = NULL, *second = NULL;
        cr_assert_eq(npk_reader_memory(rows[i], strlen(rows[i]), &options, &reader, NULL), NPK_OK);
        cr_assert_eq(npk_reader_next(reader, &first, NULL), NPK_OK);
        const npk_value *kept = npk_doc_root(first);
        cr_assert(npk_value_fault(kept, NULL), "row %zu", i);
        size_t visited[2] = {0};
        for (int after = 0; after < 2; after++) {
            npk_walk *walk = NULL;
            const npk_value *value;
            cr_assert_eq(npk_walk_start(kept, NULL, &walk, NULL), NPK_OK);
            while (npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL)
                visited[after]++;
            npk_walk_free(walk);
            if (after == 0)
                cr_assert_eq(npk_reader_next(reader, &second, NULL), NPK_OK, "row %zu", i);
        }
        cr_expect_eq(visited[0], visited[1], "row %zu", i);
        const npk_value *args = NULL;
        cr_expect(npk_value_fault(npk_doc_root(second), NULL) && npk_doc_root(second) != kept, "row %zu", i);
        cr_assert_eq(npk_value_find(npk_doc_root(second), ".<args>", &args, NULL), NPK_OK);
        cr_expect_eq(npk_value_item(args, 0), kept, "row %zu", i);
        npk_doc_free(second);
        npk_doc_free(first);
        npk_reader_close(reader);
    }
}

static npk_verdict verdict_of(const npk_doc *doc, const uint8_t *bytes, uint32_t flags)
{
    const npk_read_options reading = {.memo_scope = NPK_MEMO_OF_STREAM};
    const npk_check_options options = {.reading = &reading, .flags = flags};
    npk_check_result result;
    npk_doc_info info;
    cr_assert(npk_doc_info_of(doc, &info));
    cr_assert_eq(npk_check_doc(doc, bytes + info.offset, (size_t)info.size, &options, &result, &error), NPK_OK, "%s",
                 error.message);
    const npk_verdict verdict = result.verdict;
    npk_check_result_free(&result);
    return verdict;
}

/* A Pickler that is cleared numbers anew, and one that is not goes on; both by its own numbers and by a pickler's. */
Test(streams, numbers_of_a_memo_that_was_cleared)
{
    static const char *const files[] = {"cleared.golden", "streams-python3.golden"};
    golden g;
    golden_bytes pickle;
    int protocol;
    size_t checked = 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        for (golden_open(&g, files[i]); golden_case(&g);)
            while (golden_pickle(&g, &protocol, &pickle)) {
                npk_doc *docs[MOST];
                const size_t count = read_stream(pickle.bytes, pickle.size, docs);
                cr_expect_eq(count, strtoul(g.words, NULL, 10), "%s at %d", g.name, protocol);
                for (size_t k = 0; k < count; k++, checked++)
                    for (uint32_t flags = 0; flags <= NPK_CHECK_STRICT; flags += NPK_CHECK_STRICT)
                        cr_expect_eq(verdict_of(docs[k], pickle.bytes, flags), NPK_VERDICT_IDENTICAL,
                                     "%s at %d, pickle %zu, flags %u", g.name, protocol, k, (unsigned)flags);
                free_docs(docs, count);
            }
        golden_close(&g);
    }
    cr_expect_gt(checked, 200);
}

/* Numbers by which a Pickler goes on, and those by which none does, in the last pickle of a stream. */
Test(streams, numbers_of_the_last_pickle)
{
#define STREAM(bytes, identical)                                                                                       \
    {                                                                                                                  \
        (const uint8_t *)bytes, sizeof(bytes) - 1, identical                                                           \
    }
    static const struct {
        const uint8_t *bytes;
        size_t size;
        bool identical;
    } rows[] = {STREAM("]q\0.]q\1.", true),
                STREAM("]q\0.]q\2.", false),
                STREAM("]q\5.", false),
                STREAM("]q\0.]q\0.", true),
                STREAM("]q\0]q\1a.]q\1.", false),
                STREAM("]q\0]q\1a.]q\3.", false),
                STREAM("]q\0]q\1a.]q\0.]q\1.", true),
                STREAM("]q\0]q\1a.]q\0.]q\2.", false),
                STREAM("]q\0]q\1a.]q\0.K\1.]q\1.", true),
                STREAM("]q\0]q\1a.]q\0]q\2a.", false)};
#undef STREAM
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (uint32_t flags = 0; flags <= NPK_CHECK_STRICT; flags += NPK_CHECK_STRICT) {
            npk_doc *docs[MOST];
            const size_t count = read_stream(rows[i].bytes, rows[i].size, docs);
            cr_expect_eq(verdict_of(docs[count - 1], rows[i].bytes, flags) == NPK_VERDICT_IDENTICAL, rows[i].identical,
                         "%zu", i);
            free_docs(docs, count);
        }
}

/* 250,000 pickles of four bytes are kept in 64 bytes of memory for each of theirs, or in 64 MiB, and no more. */
Test(streams, one_limit_for_all_that_are_kept)
{
    enum { COUNT = 250000 };
    uint8_t *bytes = malloc(4 * COUNT);
    npk_doc **docs = malloc(COUNT * sizeof *docs), *doc;
    npk_reader *reader;
    size_t count = 0;
    cr_assert(bytes != NULL && docs != NULL);
    for (size_t i = 0; i < COUNT; i++)
        memcpy(bytes + 4 * i, "]q\0.", 4);
    for (int scope = NPK_MEMO_OF_PICKLE; scope <= NPK_MEMO_OF_STREAM; scope++) {
        const npk_read_options options = {.memo_scope = (npk_memo_scope)scope};
        npk_status status;
        cr_assert_eq(npk_reader_memory(bytes, 4 * COUNT, &options, &reader, &error), NPK_OK);
        for (count = 0; (status = npk_reader_next(reader, &doc, &error)) == NPK_OK && doc != NULL; count++)
            if (scope == NPK_MEMO_OF_PICKLE)
                npk_reader_reuse(reader, doc);
            else
                docs[count] = doc;
        cr_expect_eq(status, scope == NPK_MEMO_OF_PICKLE ? NPK_OK : NPK_ERR_LIMIT);
        npk_reader_close(reader);
    }
    cr_expect(count > 30000 && count < COUNT, "%zu", count);
    for (size_t i = 0; i < count; i++)
        npk_doc_free(docs[i]);
    free(docs);
    free(bytes);
}

/* --- what a stream takes -------------------------------------------------------------------------------------------- */

/* Reads them all, and frees each at once. */
static npk_status read_all(const void *bytes, size_t size, const npk_limits *limits, counted *counter)
{
    npk_allocator allocator = {resize_counted, counter};
    const npk_read_options options = {
        .memo_scope = NPK_MEMO_OF_STREAM, .allocator = &allocator, .limits = *limits};
    npk_reader *reader;
    npk_doc *doc = NULL;
    npk_status status = npk_reader_memory(bytes, size, &options, &reader, &error);
    cr_assert_eq(status, NPK_OK);
    do {
        status = npk_reader_next(reader, &doc, &error);
        if (status == NPK_OK)
            npk_doc_free(doc);
    } while (status == NPK_OK && doc != NULL);
    npk_reader_close(reader);
    cr_expect_eq(counter->held, 0);
    return status;
}

/* A pickle that has nothing to do with the memo goes when it is freed; of the others the memory counts as that of one
 * document. */
Test(streams, memory_of_small_pickles)
{
    enum { PICKLES = 100000 };
    static char bytes[5 * PICKLES];
    static const struct {
        const char *pickle;
        uint64_t memory;
        npk_status status;
    } rows[] = {
        {"N.", 1 << 20, NPK_OK},
        {"].", 1 << 20, NPK_OK},
        {"Nq\1.", 1 << 20, NPK_ERR_LIMIT},
        {"Nq\1.", UINT64_C(100) << 20, NPK_OK},
        {"]q\1.", 1 << 20, NPK_ERR_LIMIT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        counted counter = {.held = 0};
        char *end = bytes;
        for (int k = 0; k < PICKLES; k++)
            end = stpcpy(end, rows[i].pickle);
        const npk_status status =
            read_all(bytes, (size_t)(end - bytes), &(npk_limits){.memory = rows[i].memory}, &counter);
        cr_expect_eq(status, rows[i].status, "row %zu: %s", i, error.message);
        cr_expect_lt(counter.peak, status == NPK_OK && rows[i].memory > 2 << 20 ? rows[i].memory : 40 << 20, "row %zu: %zu", i, counter.peak);
    }
}

/* Numbers that lie far apart take what a few take that do not. */
Test(streams, numbers_far_apart)
{
    static const char *const streams[] = {"]r\xff\xff\xff\x7f.]r\xfe\xff\xff\x7f.", "]p99999999999\n.]p99999999998\n.",
                                          "]r\1\1\1\1.]r\2\2\2\2.]r\3\3\3\3."};
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        counted counter = {.held = 0};
        npk_allocator allocator = {resize_counted, &counter};
        const npk_write_options options = {.allocator = &allocator, .protocol_given = true, .protocol = 1, .memo_scope = NPK_MEMO_OF_STREAM};
        npk_doc *docs[MOST];
        npk_writer *writer;
        const size_t count = read_stream(streams[i], strlen(streams[i]), docs);
        cr_assert_geq(count, 2);
        cr_assert_eq(npk_writer_memory(&options, &writer, &error), NPK_OK);
        for (size_t k = 0; k < count; k++) {
            if (k > 0)
                npk_writer_next(writer);
            npk_write_value(writer, npk_doc_root(docs[k]));
        }
        cr_expect_eq(npk_writer_status(writer), NPK_OK);
        npk_writer_abandon(writer);
        cr_expect_lt(counter.peak, 64 << 10, "stream %zu: %zu bytes", i, counter.peak);
        free_docs(docs, count);
    }
}
