/* lib/writer/graph/inline.c, lib/reader/joblib.c: files of joblib are written again. */
#include "golden.h"

#include <npickle.h>

static npk_error error;

static npk_doc *load(golden_bytes pickle)
{
    npk_doc *doc = NULL;
    cr_assert_eq(npk_doc_load_memory(pickle.bytes, pickle.size, NULL, &doc, &error), NPK_OK, "%s", error.message);
    return doc;
}

static golden_bytes save(const char *name, const npk_doc *doc, const npk_write_options *options)
{
    golden_bytes out = {NULL, 0};
    cr_assert_eq(npk_doc_save_memory(doc, options, &out.bytes, &out.size, &error), NPK_OK, "%s: %s", name,
                 error.message);
    return out;
}

static const npk_value *find(const npk_doc *doc, const char *path)
{
    const npk_value *found = NULL;
    cr_assert_eq(npk_value_find(npk_doc_root(doc), strcmp(path, ".") == 0 ? "" : path, &found, &error), NPK_OK, "%s",
                 path);
    return found;
}

/* The next word of a line that stays. */
static bool next_path(const char **at, char path[64])
{
    size_t size = strcspn(*at, " ");
    cr_assert_lt(size, 64);
    memcpy(path, *at, size);
    path[size] = '\0';
    *at += size + ((*at)[size] != '\0');
    return size > 0;
}

/* Elements are a multiple of 16 bytes away from the start of the file, as joblib's mmap_mode wants them. */
static void expect_aligned(const char *name, const npk_doc *doc, golden_bytes pickle, const char *paths)
{
    char path[64];
    while (next_path(&paths, path)) {
        npk_array array;
        cr_assert_eq(npk_array_of(find(doc, path), &array, &error), NPK_OK, "%s", path);
        cr_expect_eq(((const uint8_t *)array.data - pickle.bytes) % 16, 0, "%s, %s", name, path);
    }
}

static void expect_same(const char *name, const npk_doc *a, const npk_doc *b, int protocol)
{
    uint64_t differences = 1;
    cr_assert_eq(npk_compare(npk_doc_root(a), npk_doc_root(b), NULL, &differences, &error), NPK_OK);
    cr_expect_eq(differences, 0, "%s, protocol %d", name, protocol);
}

Test(joblib, is_written_as_it_was_read)
{
    golden g;
    size_t pickles = 0;
    golden_open(&g, "joblibs.golden");
    while (golden_case(&g)) {
        golden_bytes pickle;
        npk_check_result result;
        for (int protocol; golden_pickle(&g, &protocol, &pickle); pickles++) {
            cr_assert_eq(npk_check_memory(pickle.bytes, pickle.size, NULL, &result, &error), NPK_OK, "%s",
                         error.message);
            cr_expect_eq(result.verdict, NPK_VERDICT_IDENTICAL, "%s, protocol %d: %s", g.name, protocol, result.reason);
            npk_check_result_free(&result);
        }
    }
    golden_close(&g);
    cr_expect_eq(pickles, 8 * 6);
}

/* Several in a file are aligned in that. */
Test(joblib, follows_another_pickle)
{
    golden g;
    golden_open(&g, "joblibs.golden");
    while (golden_case(&g)) {
        golden_bytes pickle;
        for (int protocol; golden_pickle(&g, &protocol, &pickle);) {
            npk_check_result result;
            npk_reader *reader = NULL;
            npk_doc *doc = load(pickle), *second = NULL;
            npk_writer *w = NULL;
            uint8_t *bytes = NULL;
            size_t size = 0;
            cr_assert_eq(
                npk_writer_memory(&(npk_write_options){.protocol_given = true, .protocol = protocol}, &w, &error),
                NPK_OK);
            npk_write_int(w, 1);
            cr_assert_eq(npk_writer_next(w), NPK_OK);
            npk_write_value(w, npk_doc_root(doc));
            cr_assert_eq(npk_writer_finish_memory(w, &bytes, &size, &error), NPK_OK, "%s", error.message);
            cr_assert_eq(npk_reader_memory(bytes, size, NULL, &reader, &error), NPK_OK);
            cr_assert_eq(npk_reader_next(reader, &second, &error), NPK_OK, "%s", error.message);
            npk_doc_free(second);
            cr_assert_eq(npk_reader_next(reader, &second, &error), NPK_OK, "%s", error.message);
            if (protocol >= 2)
                expect_aligned(g.name, second, (golden_bytes){bytes, size}, g.words);
            npk_doc_info info;
            cr_assert(npk_doc_info_of(second, &info));
            cr_assert_eq(npk_check_doc(second, bytes + info.offset, info.size, NULL, &result, &error), NPK_OK);
            cr_expect_eq(result.verdict, NPK_VERDICT_IDENTICAL, "%s, protocol %d: %s", g.name, protocol, result.reason);
            npk_check_result_free(&result);
            npk_reader_close(reader);
            npk_doc_free(second);
            npk_doc_free(doc);
            npk_bytes_free(NULL, bytes, size);
        }
    }
    golden_close(&g);
}

/* So are they behind what was in the file before: what is appended, and what is written to where a program says. */
Test(joblib, stands_behind_other_bytes)
{
    char path[] = "/tmp/npickle-joblib-XXXXXX";
    golden g;
    golden_open(&g, "joblibs.golden");
    close(mkstemp(path));
    while (golden_case(&g)) {
        golden_bytes pickle;
        for (int protocol; golden_pickle(&g, &protocol, &pickle);) {
            const npk_write_options options = {.protocol_given = true, .protocol = protocol};
            npk_doc *doc = load(pickle), *second = NULL;
            npk_reader *reader = NULL;
            npk_writer *w = NULL;
            npk_file *file = NULL;
            golden_bytes bytes;
            FILE *first = fopen(path, "wb");
            cr_assert_not_null(first);
            cr_assert_eq(fwrite("K\1.", 1, 3, first), 3);
            fclose(first);
            cr_assert_eq(npk_writer_append(path, &options, &w, &error), NPK_OK, "%s", error.message);
            npk_write_value(w, npk_doc_root(doc));
            cr_assert_eq(npk_writer_finish(w, &error), NPK_OK, "%s", error.message);
            cr_assert_eq(npk_file_open(path, NPK_INPUT_READ, NULL, &file, &error), NPK_OK);
            const uint8_t *all = npk_file_bytes(file, &bytes.size);
            bytes.bytes = (uint8_t *)(uintptr_t)all;
            cr_assert_eq(npk_reader_memory(bytes.bytes, bytes.size, NULL, &reader, &error), NPK_OK);
            cr_assert_eq(npk_reader_next(reader, &second, &error), NPK_OK);
            npk_doc_free(second);
            cr_assert_eq(npk_reader_next(reader, &second, &error), NPK_OK, "%s", error.message);
            if (protocol >= 2)
                expect_aligned(g.name, second, bytes, g.words);
            npk_reader_close(reader);
            npk_doc_free(second);

            uint8_t *behind = NULL;
            size_t size = 0;
            cr_assert_eq(npk_writer_memory(&options, &w, &error), NPK_OK);
            cr_expect_eq(npk_writer_begins_at(w, 3), NPK_OK);
            npk_write_value(w, npk_doc_root(doc));
            cr_assert_eq(npk_writer_finish_memory(w, &behind, &size, &error), NPK_OK, "%s", error.message);
            cr_expect(size == bytes.size - 3 && memcmp(behind, bytes.bytes + 3, size) == 0, "%s", g.name);
            npk_bytes_free(NULL, behind, size);
            npk_file_close(file);
            npk_doc_free(doc);
        }
    }
    golden_close(&g);
    unlink(path);
}

/* From each protocol to each; into memory, where nothing has to be sent before the end, and in pieces. */
Test(joblib, is_converted)
{
    golden g;
    golden_open(&g, "joblibs.golden");
    while (golden_case(&g)) {
        golden_bytes pickle;
        for (int from; golden_pickle(&g, &from, &pickle);) {
            npk_doc *doc = load(pickle);
            for (int to = 0; to <= 5; to++) {
                const npk_write_options options = {
                    .protocol_given = true, .protocol = to, .translate_names = to % 2 == 1};
                golden_bytes written = save(g.name, doc, &options);
                npk_doc *again = load(written);
                expect_same(g.name, doc, again, to);
                if (from >= 2 && to >= 2)
                    expect_aligned(g.name, again, written, g.words);
                npk_doc_free(again);
                npk_bytes_free(NULL, written.bytes, written.size);
            }
            npk_doc_free(doc);
        }
    }
    golden_close(&g);
}

static size_t count_pickles(golden_bytes in, int protocol)
{
    const uint8_t proto[] = {0x80, (uint8_t)protocol};
    size_t count = 0;
    for (size_t i = 0; i + sizeof proto <= in.size; i++)
        count += memcmp(in.bytes + i, proto, sizeof proto) == 0;
    return count;
}

/* joblib 1.6 looks up the names in the pickle of an array of objects by the protocol of that around it: where that has
 * none of Python 2, nor has this. */
Test(joblib, names_of_python_2_are_in_no_newer_pickle)
{
    const npk_write_options old = {.protocol_given = true, .protocol = 2};
    golden g;
    size_t count = 0;
    golden_open(&g, "joblibs.golden");
    while (golden_case(&g)) {
        golden_bytes pickle;
        for (int from; golden_pickle(&g, &from, &pickle);) {
            if (from != 2 || (strcmp(g.name, "objects") != 0 && strcmp(g.name, "nested") != 0))
                continue;
            npk_doc *doc = load(pickle);
            golden_bytes two = save(g.name, doc, &(npk_write_options){.protocol_given = true, .protocol = 3});
            npk_doc *newer = load(two), *older;
            golden_bytes back = save(g.name, newer, &old);
            older = load(back);
            cr_expect_eq(count_pickles(back, 2), 2, "%s", g.name);
            for (int to = 3; to <= 5; to++) {
                const npk_write_options options = {.protocol_given = true, .protocol = to};
                golden_bytes written = save(g.name, older, &options);
                cr_expect_eq(count_pickles(written, to), 2, "%s, protocol %d", g.name, to);
                cr_expect_eq(count_pickles(written, 2), 0, "%s, protocol %d", g.name, to);
                npk_bytes_free(NULL, written.bytes, written.size);
                count++;
            }
            npk_doc_free(doc);
            npk_doc_free(newer);
            npk_doc_free(older);
            npk_bytes_free(NULL, two.bytes, two.size);
            npk_bytes_free(NULL, back.bytes, back.size);
        }
    }
    golden_close(&g);
    cr_expect_eq(count, 6);
}

Test(joblib, goes_through_a_file)
{
    char path[] = "/tmp/npickle-joblib-XXXXXX";
    int fd = mkstemp(path);
    golden g;
    cr_assert_geq(fd, 0);
    close(fd);
    golden_open(&g, "joblibs.golden");
    while (golden_case(&g)) {
        golden_bytes pickle;
        for (int protocol; golden_pickle(&g, &protocol, &pickle);) {
            npk_doc *doc = load(pickle), *again = NULL;
            cr_assert_eq(npk_doc_save(path, doc, NULL, &error), NPK_OK, "%s", error.message);
            cr_assert_eq(npk_doc_load(path, NULL, &again, &error), NPK_OK, "%s", error.message);
            expect_same(g.name, doc, again, protocol);
            npk_doc_free(again);
            npk_doc_free(doc);
        }
    }
    golden_close(&g);
    unlink(path);
}

/* --- edits --- */

/* Into a document that is made of it. */
Test(joblib, is_copied)
{
    golden g;
    golden_open(&g, "joblibs.golden");
    while (golden_case(&g)) {
        golden_bytes pickle;
        for (int protocol; golden_pickle(&g, &protocol, &pickle);) {
            npk_doc *doc = load(pickle), *made = NULL;
            npk_writer *w = NULL;
            cr_assert_eq(npk_writer_doc(NULL, &w, &error), NPK_OK);
            npk_write_begin_list(w, 1);
            npk_write_value(w, npk_doc_root(doc));
            npk_write_end(w);
            cr_assert_eq(npk_writer_finish_doc(w, &made, &error), NPK_OK, "%s, protocol %d: %s", g.name, protocol,
                         error.message);
            uint64_t differences = 1;
            cr_assert_eq(
                npk_compare(npk_doc_root(doc), npk_value_item(npk_doc_root(made), 0), NULL, &differences, &error),
                NPK_OK);
            cr_expect_eq(differences, 0, "%s, protocol %d", g.name, protocol);
            npk_doc_free(doc);
            golden_bytes written = save(g.name, made, &(npk_write_options){.protocol_given = true, .protocol = 4});
            npk_doc *again = load(written);
            expect_same(g.name, made, again, protocol);
            npk_doc_free(again);
            npk_doc_free(made);
            npk_bytes_free(NULL, written.bytes, written.size);
        }
    }
    golden_close(&g);
}

static void expect_numbers(const char *name, const npk_doc *doc, const char *path)
{
    npk_array array;
    double found[4];
    static const double expected[4] = {1.5, 2, 3, 4};
    cr_assert_eq(npk_array_of(find(doc, path), &array, &error), NPK_OK, "%s, %s", name, path);
    cr_expect(array.ndim == 2 && array.shape[0] == 2 && array.shape[1] == 2, "%s, %s", name, path);
    cr_assert_eq(npk_array_copy(&array, 'C', found, sizeof found, &error), NPK_OK, "%s, %s", name, path);
    cr_expect(memcmp(found, expected, sizeof found) == 0, "%s, %s", name, path);
}

/* An array is changed, and the others are what they were. */
Test(joblib, arrays_are_set)
{
    static const double numbers[] = {1.5, 2, 3, 4};
    golden g;
    size_t set = 0;
    golden_open(&g, "joblibs.golden");
    while (golden_case(&g)) {
        golden_bytes pickle;
        for (int protocol; golden_pickle(&g, &protocol, &pickle);) {
            char path[64];
            for (const char *paths = g.words; next_path(&paths, path); set++) {
                npk_doc *doc = load(pickle), *before = load(pickle);
                cr_assert_eq(npk_edit_array(doc, find(doc, path), &NPK_ARRAY(numbers, 2, 2), &error), NPK_OK, "%s",
                             error.message);
                golden_bytes written =
                    save(g.name, doc, &(npk_write_options){.protocol_given = true, .protocol = protocol});
                npk_doc *again = load(written);
                expect_numbers(g.name, again, path);
                uint64_t differences = 0;
                cr_assert_eq(npk_compare(npk_doc_root(before), npk_doc_root(again), NULL, &differences, &error),
                             NPK_OK);
                cr_expect(differences >= 1 && differences <= 3, "%s, %s: %d differences", g.name, path,
                          (int)differences);
                if (protocol >= 2)
                    expect_aligned(g.name, again, written, g.words);
                npk_doc_free(again);
                npk_doc_free(before);
                npk_doc_free(doc);
                npk_bytes_free(NULL, written.bytes, written.size);
            }
        }
    }
    golden_close(&g);
    cr_expect_eq(set, 15 * 6);
}

/* An equal array gives the bytes that there were; an item of an array of objects is set as any other's. */
Test(joblib, what_is_equal_stays)
{
    golden g;
    golden_open(&g, "joblibs.golden");
    while (golden_case(&g)) {
        golden_bytes pickle;
        for (int protocol; golden_pickle(&g, &protocol, &pickle);) {
            char path[64];
            const char *paths = g.words;
            if (!next_path(&paths, path))
                continue;
            npk_doc *doc = load(pickle);
            npk_array array;
            npk_check_result result;
            cr_assert_eq(npk_array_of(find(doc, path), &array, &error), NPK_OK);
            cr_assert_eq(npk_edit_array(doc, find(doc, path), &array, &error), NPK_OK, "%s", error.message);
            cr_assert_eq(npk_check_doc(doc, pickle.bytes, pickle.size, NULL, &result, &error), NPK_OK);
            cr_expect_eq(result.verdict, NPK_VERDICT_IDENTICAL, "%s, protocol %d: %s", g.name, protocol, result.reason);
            npk_check_result_free(&result);
            npk_doc_free(doc);
        }
    }
    golden_close(&g);
}

Test(joblib, objects_are_set_one_by_one)
{
    golden g;
    size_t set = 0;
    golden_open(&g, "joblibs.golden");
    while (golden_case(&g)) {
        golden_bytes pickle;
        for (int protocol; strcmp(g.name, "objects") == 0 && golden_pickle(&g, &protocol, &pickle); set++) {
            npk_doc *doc = load(pickle);
            npk_writer *w = NULL;
            const npk_value *made = NULL;
            npk_array array;
            cr_assert_eq(npk_array_of(find(doc, "[0]"), &array, &error), NPK_OK);
            cr_assert_eq(npk_edit_begin(doc, NULL, &w, &error), NPK_OK);
            npk_write_str(w, "new");
            cr_assert_eq(npk_edit_finish(w, &made, &error), NPK_OK);
            cr_assert_eq(npk_edit_list_set(doc, array.objects, 1, made, &error), NPK_OK, "%s", error.message);
            golden_bytes written =
                save(g.name, doc, &(npk_write_options){.protocol_given = true, .protocol = protocol});
            npk_doc *again = load(written);
            const char *text = npk_value_as_str(find(again, "[0][1]"), NULL);
            cr_expect(text != NULL && strncmp(text, "new", 3) == 0, "protocol %d", protocol);
            expect_same(g.name, doc, again, protocol);
            npk_doc_free(again);
            npk_doc_free(doc);
            npk_bytes_free(NULL, written.bytes, written.size);
        }
    }
    golden_close(&g);
    cr_expect_eq(set, 6);
}

/* What Python 2's joblib says of an array is text for Python 3's, whatever the strings of the program become. */
Test(joblib, of_python_2)
{
    static const char pickle[] = "\x80\2cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(U\5dtypecnumpy\ndtype\nU\2u1K\0K\1\x87R"
                                 "(K\3U\1|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tbU\5shapeK\2\x85U\5orderU\1CU\x8subclass"
                                 "cnumpy\nndarray\nubAB.";
    npk_doc *doc = load((golden_bytes){(uint8_t *)pickle, sizeof pickle - 1});
    for (int how = NPK_PYTHON2_STR_TEXT; how <= NPK_PYTHON2_STR_BYTES; how++)
        for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol++) {
            npk_write_options options = {.protocol_given = true, .protocol = protocol, .python2_str = (npk_python2_str)how};
            golden_bytes written = save("of Python 2", doc, &options);
            npk_doc *again = load(written);
            npk_array array;
            cr_assert_eq(npk_array_of(npk_doc_root(again), &array, &error), NPK_OK, "%s", error.message);
            cr_expect(npk_array_count(&array) == 2 && memcmp(array.data, "AB", 2) == 0);
            npk_doc_free(again);
            npk_bytes_free(NULL, written.bytes, written.size);
        }
    npk_doc_free(doc);
}
