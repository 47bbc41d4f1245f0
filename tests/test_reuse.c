/* A reader that gets its documents back and is pointed at other bytes says of them what a new one says, allocates nothing for messages of the
 * same kind, and keeps no more than the last ones needed. */
#include "counted.h"
#include "full.h"
#include "program.h"
#include "twins.h"

#include <criterion/criterion.h>

/* All documents of the bytes; `reuse`: by that reader, which gets those before back. */
static void read_all(npk_reader *reuse, const uint8_t *bytes, size_t size, const npk_read_options *options, twin *out)
{
    npk_reader *reader = reuse;
    *out = (twin){.error = {.offset = NPK_NO_OFFSET}};
    out->status = reuse != NULL ? npk_reader_again(reuse, bytes, size, &out->error)
                                : npk_reader_memory(bytes, size, options, &reader, &out->error);
    twins_take(reader, out);
    if (reuse == NULL)
        npk_reader_close(reader);
}

static void compare(npk_reader *reader, const uint8_t *bytes, size_t size, const npk_read_options *options,
                    uint64_t seed)
{
    static char said[TWINS_SAID];
    const npk_write_options write = {.limits = {.output = 1 << 22}};
    twin fresh, again;
    read_all(NULL, bytes, size, options, &fresh);
    read_all(reader, bytes, size, options, &again);
    cr_assert(fresh.status == again.status && fresh.count == again.count && fresh.offset == again.offset &&
                  fresh.padding == again.padding && twins_same_error(&fresh.error, &again.error),
              "seed %" PRIu64 ": %zu documents, %s, or %zu, %s", seed, fresh.count, fresh.error.message, again.count,
              again.error.message);
    for (size_t i = 0; i < fresh.count; i++)
        cr_assert(twins_same_doc(fresh.docs[i], again.docs[i], &write, said), "seed %" PRIu64 ": %s", seed, said);
    for (size_t i = 0; i < fresh.count; i++) {
        npk_doc_free(fresh.docs[i]);
        npk_reader_reuse(reader, again.docs[i]);
    }
}

static void compare_programs(const npk_read_options *options, size_t count)
{
    static program p, q;
    npk_reader *reader = NULL;
    cr_assert_eq(npk_reader_memory("N.", 2, options, &reader, NULL), NPK_OK);
    for (uint64_t seed = 0; seed < count; seed++) {
        start_random(seed);
        make_program(&p, 5 + next_random() % (seed % 10 == 0 ? 1000 : 60));
        make_program(&q, 5 + next_random() % 60);
        put(&p, q.bytes, one_in(2) && p.size + q.size <= PROGRAM ? q.size : 0);
        const size_t size = one_in(4) ? next_random() % p.size : p.size;
        uint8_t *bytes = malloc(size + 1); /* of its own: texts lie in it */
        cr_assert_not_null(bytes);
        memcpy(bytes, p.bytes, size);
        compare(reader, bytes, size, options, seed);
        free(bytes);
    }
    npk_reader_close(reader);
}

Test(reuse, programs)
{
    compare_programs(NULL, full_tests(1500, 40000));
}

Test(reuse, programs_of_a_stream)
{
    compare_programs(&(npk_read_options){.memo_scope = NPK_MEMO_OF_STREAM}, full_tests(300, 10000));
}

Test(reuse, programs_that_are_malformed)
{
    above_broken = true;
    compare_programs(&(npk_read_options){.malformed = NPK_MALFORMED_KEEP}, full_tests(300, 10000));
}

/* --- memory --- */

static counted counter;
static uint64_t calls;

static void *resize_and_count(void *context, void *old, size_t old_size, size_t new_size)
{
    calls++;
    return resize_counted(context, old, old_size, new_size);
}

/* [[0], [1], ... ] */
static size_t make_message(uint8_t *out, size_t lists)
{
    size_t size = 0;
    out[size++] = ']';
    out[size++] = '(';
    for (size_t i = 0; i < lists; i++) {
        memcpy(out + size, "]K\0a", 4);
        out[size + 2] = (uint8_t)i;
        size += 4;
    }
    memcpy(out + size, "e.", 2);
    return size + 2;
}

static void read_once(npk_reader *reader, const uint8_t *bytes, size_t size)
{
    npk_doc *doc = NULL;
    npk_error error;
    cr_assert_eq(npk_reader_again(reader, bytes, size, &error), NPK_OK, "%s", error.message);
    cr_assert_eq(npk_reader_next(reader, &doc, &error), NPK_OK, "%s", error.message);
    cr_assert_not_null(doc);
    npk_reader_reuse(reader, doc);
}

enum { MANY = 1000000 };
static uint8_t small[1000], large[4 * MANY + 10];

Test(reuse, nothing_is_allocated_for_the_like)
{
    const npk_allocator allocator = {resize_and_count, &counter};
    const npk_read_options options = {.allocator = &allocator};
    npk_reader *reader = NULL;
    const size_t size = make_message(small, 200);
    cr_assert_eq(npk_reader_memory(NULL, 0, &options, &reader, NULL), NPK_OK);
    for (size_t i = 0; i < 8; i++)
        read_once(reader, small, size);
    const uint64_t before = calls;
    for (size_t i = 0; i < 100; i++)
        read_once(reader, small, size);
    cr_assert_eq(calls, before);
    npk_reader_close(reader);
    cr_assert_eq(counter.held, 0);
}

/* A document that took 80 MB and more is forgotten after eight small ones. */
Test(reuse, what_is_kept_has_a_bound)
{
    const npk_allocator allocator = {resize_and_count, &counter};
    const npk_read_options options = {.allocator = &allocator};
    npk_reader *reader = NULL;
    const size_t size = make_message(small, 200), much = make_message(large, MANY);
    cr_assert_eq(npk_reader_memory(NULL, 0, &options, &reader, NULL), NPK_OK);
    read_once(reader, large, much);
    const size_t taken = counter.held;
    cr_assert(taken > 40 * (size_t)MANY && taken <= counter.peak);
    for (size_t i = 0; i < 20; i++)
        read_once(reader, large, much);
    cr_assert(counter.held <= 4 * taken);
    for (size_t i = 0; i < 8; i++)
        read_once(reader, small, size);
    cr_assert(counter.held <= 256 << 10, "%zu bytes", counter.held);
    npk_reader_close(reader);
    cr_assert_eq(counter.held, 0);
}

Test(reuse, documents_that_stay)
{
    npk_reader *reader = NULL, *other = NULL;
    npk_doc *kept = NULL, *doc = NULL;
    int64_t number = 0;
    cr_assert_eq(npk_reader_memory("]K\1a.]K\2a.", 10, NULL, &reader, NULL), NPK_OK);
    cr_assert_eq(npk_reader_next(reader, &kept, NULL), NPK_OK);
    cr_assert_eq(npk_reader_next(reader, &doc, NULL), NPK_OK);
    npk_reader_reuse(reader, doc);
    for (size_t i = 0; i < 20; i++)
        read_once(reader, (const uint8_t *)"]K\3a.", 5);
    cr_assert(npk_value_as_int64(npk_value_item(npk_doc_root(kept), 0), &number) && number == 1);
    cr_assert_eq(npk_reader_memory("N.", 2, NULL, &other, NULL), NPK_OK);
    npk_reader_reuse(other, kept); /* of another reader */
    read_once(other, (const uint8_t *)"]K\3a.", 5);
    npk_reader_close(reader);
    npk_reader_close(other);
    npk_reader_reuse(NULL, NULL);
}

Test(reuse, after_an_error_and_another_source)
{
    npk_reader *reader = NULL;
    npk_doc *doc = NULL;
    npk_error error;
    FILE *file = tmpfile();
    cr_assert(file != NULL && fwrite("]K\1a.", 1, 5, file) == 5 && fseek(file, 0, SEEK_SET) == 0);
    cr_assert_eq(npk_reader_file(file, NULL, &reader, NULL), NPK_OK);
    cr_assert_eq(npk_reader_next(reader, &doc, NULL), NPK_OK);
    cr_assert_eq(npk_reader_again(reader, "]a.", 3, &error), NPK_OK);
    npk_doc *failed = NULL;
    cr_assert_eq(npk_reader_next(reader, &failed, &error), NPK_ERR_STACK);
    cr_assert_eq(error.offset, 1);
    cr_assert_eq(npk_reader_next(reader, &failed, &error), NPK_ERR_USAGE);
    npk_reader_reuse(reader, doc);
    read_once(reader, (const uint8_t *)"N.", 2);
    cr_assert_eq(npk_reader_offset(reader), 2);
    npk_reader_close(reader);
    fclose(file);
}
