/* What may come out of what was read: lib/base/budget.c, lib/value/worth.c, lib/writer/graph/spend.c. */
#include <npickle.h>

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static npk_doc *load(const void *bytes, size_t size)
{
    npk_doc *doc = NULL;
    npk_error error;
    cr_assert_eq(npk_doc_load_memory(bytes, size, NULL, &doc, &error), NPK_OK, "%s", error.message);
    return doc;
}

/* --- the account --- */

Test(budget, what_was_read_pays)
{
    npk_budget budget = {.input = 0};
    npk_error error;
    cr_expect_eq(npk_budget_left(&budget), 1048576);
    budget.input = 7;
    cr_expect_eq(npk_budget_left(&budget), 1048576 + 448);
    budget.least = 50;
    cr_expect_eq(npk_budget_left(&budget), 498);
    cr_expect_eq(npk_budget_spend(&budget, 498, &error), NPK_OK);
    cr_expect_eq(budget.spent, 498);
    cr_expect_eq(npk_budget_left(&budget), 0);
    cr_expect_eq(npk_budget_spend(&budget, 1, &error), NPK_ERR_LIMIT);
    cr_expect_str_eq(error.message, "the limit of output: expected at most 498 bytes to come of what was read, found more");
    cr_expect_eq(budget.spent, 498);
    budget.least = NPK_UNLIMITED;
    cr_expect_eq(npk_budget_spend(&budget, UINT64_MAX / 2, &error), NPK_OK);
    cr_expect_eq(npk_budget_spend(&budget, UINT64_MAX / 2 + 10, &error), NPK_OK);
    cr_expect_eq(npk_budget_left(&budget), NPK_UNLIMITED);
    budget = (npk_budget){.input = UINT64_MAX / 63};
    cr_expect_eq(npk_budget_left(&budget), NPK_UNLIMITED);
}

Test(budget, no_more_is_spent_than_there_is)
{
    npk_budget budget = {.least = 10};
    cr_expect_eq(npk_budget_spend(&budget, 11, NULL), NPK_ERR_LIMIT);
    cr_expect_eq(npk_budget_spend(&budget, UINT64_MAX, NULL), NPK_ERR_LIMIT);
    cr_expect_eq(npk_budget_spend(&budget, 10, NULL), NPK_OK);
    budget.reserved[sizeof budget.reserved / sizeof *budget.reserved - 1] = 1;
    cr_expect_eq(npk_budget_spend(&budget, 0, NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_budget_spend(NULL, 5, NULL), NPK_OK);
}

/* --- writing --- */

static npk_status count_bytes(const npk_doc *doc, const npk_write_options *options, uint64_t *size, npk_error *error)
{
    npk_writer *writer;
    *size = 0;
    cr_assert_eq(npk_writer_callback(npk_sink_count, size, options, &writer, error), NPK_OK);
    npk_write_value(writer, npk_doc_root(doc));
    return npk_writer_finish(writer, error);
}

/* ['abc', 'abc', 'abc', 'abc'], shared. */
Test(budget, a_writer_ends_where_its_budget_does)
{
    static const char pickle[] = "\x80\x02]q\0(U\3abcq\1h\1h\1h\1e.";
    npk_doc *doc = load(pickle, sizeof pickle - 1);
    const uint64_t needed = sizeof pickle - 1 - 3; /* all but PROTO and STOP */
    npk_budget budget = {.least = needed};
    npk_write_options options = {.protocol_given = true, .protocol = 2, .budget = &budget};
    npk_error error;
    uint64_t size;
    cr_expect_eq(count_bytes(doc, &options, &size, &error), NPK_OK, "%s", error.message);
    cr_expect_eq(size, sizeof pickle - 1);
    cr_expect_eq(budget.spent, needed);
    cr_expect_eq(count_bytes(doc, &options, &size, &error), NPK_ERR_LIMIT, "it is spent");
    budget = (npk_budget){.least = needed - 1};
    cr_expect_eq(count_bytes(doc, &options, &size, &error), NPK_ERR_LIMIT);
    cr_expect_not_null(strstr(error.message, "the limit of output: expected at most 17 bytes"), "%s", error.message);
    budget.reserved[0] = 1;
    npk_writer *writer;
    cr_expect_eq(npk_writer_memory(&options, &writer, &error), NPK_ERR_USAGE);
    npk_doc_free(doc);
}

/* [{}, [0], g(), 'abc', set()]: a value of each cost. */
Test(budget, a_writer_ends_where_its_steps_do)
{
    static const char pickle[] = "\x80\x04](}](K\0ecm\ng\n)R\x8c\3abc\x8f" "e.";
    npk_doc *doc = load(pickle, sizeof pickle - 1);
    npk_budget budget = {.steps_least = NPK_UNLIMITED};
    npk_write_options options = {.budget = &budget};
    npk_error error;
    uint64_t size;
    cr_expect_eq(npk_budget_steps_left(&budget), NPK_UNLIMITED);
    cr_expect_eq(count_bytes(doc, &options, &size, &error), NPK_OK, "%s", error.message);
    const uint64_t needed = budget.steps;
    cr_expect_gt(needed, 8 * 3);
    cr_expect_lt(needed, 32 * 7);
    for (uint64_t input = 0; input < 3; input++) { /* which brings 5 for each byte */
        budget = (npk_budget){.input = input, .steps_least = needed - 5 * input};
        cr_expect_eq(npk_budget_steps_left(&budget), needed);
        cr_expect_eq(count_bytes(doc, &options, &size, &error), NPK_OK, "%s", error.message);
        cr_expect_eq(npk_budget_steps_left(&budget), 0);
        cr_expect_eq(count_bytes(doc, &options, &size, &error), NPK_ERR_LIMIT, "they are taken");
        budget = (npk_budget){.input = input, .steps_least = needed - 5 * input - 1};
        cr_expect_eq(count_bytes(doc, &options, &size, &error), NPK_ERR_LIMIT);
        cr_expect_not_null(strstr(error.message, "the limit of steps: expected at most"), "%s", error.message);
        cr_expect_eq(npk_budget_steps_left(&budget), 0);
    }
    budget = (npk_budget){.least = NPK_UNLIMITED};
    cr_expect_eq(count_bytes(doc, &options, &size, &error), NPK_OK, "without a bound");
    cr_expect_eq(budget.steps, needed);
    npk_doc_free(doc);
}

/* 40 lists, each with the one before in it twice. Without a memo all of it is written, until there is no more. */
Test(budget, the_error_says_where)
{
    char pickle[400];
    size_t size = 0;
    memcpy(pickle, "}U\1k(K\1", 7);
    size = 7;
    for (int i = 0; i < 40; i++, size += 2)
        memcpy(pickle + size, "2\x86", 2);
    memcpy(pickle + size, "ts.", 3);
    npk_doc *doc = load(pickle, size + 3);
    npk_write_options options = {.memo = NPK_MEMO_NONE};
    npk_error error;
    uint64_t written;
    cr_expect_eq(count_bytes(doc, &options, &written, &error), NPK_ERR_LIMIT);
    cr_expect_not_null(strstr(error.message, "at ['k'][0]"), "%s", error.message);
    cr_expect_lt(written, 2u << 20);
    options.limits.output = 4u << 20;
    cr_expect_eq(count_bytes(doc, &options, &written, &error), NPK_ERR_LIMIT);
    cr_expect_lt(written, 5u << 20);
    npk_doc_free(doc);
}

/* `count` items of a list, each the same str of `length` bytes, and no memo. */
static char *text_many_times(size_t length, size_t count, size_t *size)
{
    char *bytes = malloc(length + 10 + count);
    cr_assert_not_null(bytes);
    memcpy(bytes, "](X", 3);
    for (int i = 0; i < 4; i++)
        bytes[3 + i] = (char)(length >> (8 * i));
    memset(bytes + 7, 'm', length);
    memset(bytes + 7 + length, '2', count - 1);
    memcpy(bytes + 7 + length + count - 1, "e.", 2);
    *size = length + count + 8;
    return bytes;
}

/* What the text and its items are worth pays for 64 times as much, on top of the limit. */
Test(budget, the_default_is_in_proportion)
{
    static const size_t counts[] = {160, 180};
    for (size_t i = 0; i < 2; i++) {
        size_t size;
        char *bytes = text_many_times(10000, counts[i], &size);
        npk_doc *doc = load(bytes, size);
        npk_write_options options = {.memo = NPK_MEMO_NONE};
        uint64_t written;
        cr_expect_eq(count_bytes(doc, &options, &written, NULL), i == 0 ? NPK_OK : NPK_ERR_LIMIT);
        options.limits.output = 4000000;
        cr_expect_eq(count_bytes(doc, &options, &written, NULL), NPK_OK);
        npk_doc_free(doc);
        free(bytes);
    }
}

/* What a program writes itself it has paid for. */
Test(budget, calls_that_write_are_not_counted)
{
    static char text[100000];
    memset(text, 'x', sizeof text - 1);
    npk_budget budget = {.least = 1};
    npk_write_options options = {.budget = &budget};
    npk_writer *writer;
    uint64_t size = 0;
    cr_assert_eq(npk_writer_callback(npk_sink_count, &size, &options, &writer, NULL), NPK_OK);
    npk_write_begin_list(writer, 50);
    for (int i = 0; i < 50; i++)
        npk_write_str(writer, text);
    npk_write_end(writer);
    cr_expect_eq(npk_writer_finish(writer, NULL), NPK_OK);
    cr_expect_gt(size, 4000000);
    cr_expect_eq(budget.spent, 0);
}

/* A pickle of protocol 4 takes both names of a global out of the memo; below it they are lines: long ones come once. */
Test(budget, long_names_are_written_once)
{
    enum { LENGTH = 4000, COUNT = 10000 };
    char *bytes = malloc(LENGTH + 40 + 5 * COUNT);
    cr_assert_not_null(bytes);
    memcpy(bytes, "\x80\x04](X\xa0\x0f\0\0", 9);
    memset(bytes + 9, 'm', LENGTH);
    size_t size = 9 + LENGTH;
    memcpy(bytes + size, "\x94\x8c\1n\x94", 5);
    size += 5;
    for (int i = 0; i < COUNT; i++, size += 5)
        memcpy(bytes + size, "h\0h\1\x93", 5);
    memcpy(bytes + size, "e.", 2);
    npk_doc *doc = load(bytes, size + 2), *back = NULL;
    for (int protocol = 0; protocol < 6; protocol++) {
        npk_write_options options = {.protocol_given = true, .protocol = protocol};
        uint64_t written;
        npk_error error;
        cr_expect_eq(count_bytes(doc, &options, &written, &error), NPK_OK, "%d: %s", protocol, error.message);
        cr_expect_lt(written, LENGTH + 10 * COUNT + 100, "%d", protocol);
        uint8_t *again;
        size_t again_size;
        cr_assert_eq(npk_doc_save_memory(doc, &options, &again, &again_size, &error), NPK_OK, "%s", error.message);
        cr_assert_eq(npk_doc_load_memory(again, again_size, NULL, &back, &error), NPK_OK, "%s", error.message);
        cr_expect_eq(npk_value_size(npk_doc_root(back)), COUNT + 2);
        const char *module, *name;
        size_t module_size, name_size;
        cr_expect(npk_value_as_global(npk_value_item(npk_doc_root(back), COUNT + 1), &module, &module_size, &name,
                                      &name_size));
        cr_expect_eq(module_size, LENGTH);
        cr_expect_eq(name_size, 1);
        npk_doc_free(back);
        npk_bytes_free(NULL, again, again_size);
    }
    npk_doc_free(doc);
    free(bytes);
}

/* Below protocol 2 the items of what calls share come with each of them, and long ones have their price. */
Test(budget, shared_arguments_have_their_price)
{
    static const struct {
        size_t items, calls;
        npk_status status;
    } rows[] = {{2000, 20, NPK_OK}, {2000, 60, NPK_ERR_LIMIT}, {16, 20000, NPK_OK}, {17, 20000, NPK_ERR_LIMIT}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *bytes = malloc(100 + 2 * rows[i].items + 5 * rows[i].calls), *at = bytes;
        cr_assert_not_null(bytes);
        at = (char *)memcpy(at, "\x80\2](cm\nf\nq\0000(", 13) + 13;
        for (size_t j = 0; j < rows[i].items; j++, at += 2)
            memcpy(at, "K\1", 2);
        at = (char *)memcpy(at, "tq\0010", 4) + 4;
        for (size_t j = 0; j < rows[i].calls; j++, at += 5)
            memcpy(at, "h\0h\1\x81", 5);
        at = (char *)memcpy(at, "e.", 2) + 2;
        npk_doc *doc = load(bytes, (size_t)(at - bytes));
        uint64_t written;
        npk_write_options options = {.protocol_given = true, .protocol = 1};
        cr_expect_eq(count_bytes(doc, &options, &written, NULL), rows[i].status, "%zu", i);
        options.protocol = 2;
        cr_expect_eq(count_bytes(doc, &options, &written, NULL), NPK_OK, "%zu", i);
        npk_doc_free(doc);
        free(bytes);
    }
}

/* Each place of a list was an opcode of its own: three million of them for one str are no bomb. */
Test(budget, references_were_read)
{
    enum { COUNT = 3000000 };
    uint8_t *bytes = malloc(20 + 2 * COUNT), *again = NULL;
    cr_assert_not_null(bytes);
    memcpy(bytes, "\x80\2](X\3\0\0\0abcq\0", 14);
    for (size_t i = 0; i < COUNT; i++)
        memcpy(bytes + 14 + 2 * i, "h\0", 2);
    memcpy(bytes + 14 + 2 * COUNT, "e.", 2);
    npk_doc *doc = load(bytes, 16 + 2 * COUNT);
    size_t size;
    npk_error error;
    cr_expect_eq(npk_doc_save_memory(doc, NULL, &again, &size, &error), NPK_OK, "%s", error.message);
    npk_bytes_free(NULL, again, size);
    npk_doc_free(doc);
    free(bytes);
}

/* --- text --- */

Test(budget, several_texts_come_out_of_one)
{
    npk_doc *doc = load("](K\1K\2K\3e.", 10); /* "[1, 2, 3]" */
    npk_budget budget = {.least = 18};
    npk_print_options options = {.budget = &budget};
    uint64_t count = 0;
    npk_error error;
    cr_expect_eq(npk_print_value(npk_doc_root(doc), &options, npk_sink_count, &count, &error), NPK_OK);
    cr_expect_eq(npk_print_json(npk_doc_root(doc), &options, npk_sink_count, &count, &error), NPK_OK);
    cr_expect_eq(budget.spent, 18);
    cr_expect_eq(npk_print_value(npk_doc_root(doc), &options, npk_sink_count, &count, &error), NPK_ERR_LIMIT);
    budget = (npk_budget){.least = 17};
    cr_expect_eq(npk_print_value(npk_doc_root(doc), &options, npk_sink_count, &count, &error), NPK_OK);
    cr_expect_eq(npk_print_json(npk_doc_root(doc), &options, npk_sink_count, &count, &error), NPK_ERR_LIMIT);
    budget.reserved[0] = 1;
    cr_expect_eq(npk_print_json(npk_doc_root(doc), &options, npk_sink_count, &count, &error), NPK_ERR_USAGE);
    npk_doc_free(doc);
}

#define MANY 1000

typedef struct views {
    const char *memo, *view;
    size_t memo_size, view_size;
} views;

#define VIEWS(memo, view)                                                                                              \
    {                                                                                                                  \
        memo, view, sizeof(memo) - 1, sizeof(view) - 1                                                                 \
    }

/* Arrays, masked arrays, array.arrays of 1000 zeros, f8, over the same bytes: what stands before them, and each. */
static const views all_views[] = {
    VIEWS("cnumpy.core.multiarray\n_reconstruct\nq\2(cnumpy\nndarray\n(K\0tC\1btq\3(K\1(M\xe8\3th\1\x89h\0tq\4",
          "h\2h\3Rh\4b"),
    VIEWS("cnumpy.ma.core\n_mareconstruct\nq\2(cnumpy.ma.core\nMaskedArray\ncnumpy\nndarray\n(K\0tC\1btq\3"
          "(K\1(M\xe8\3th\1\x89h\0h\5Ntq\4",
          "h\2h\3Rh\4b"),
    VIEWS("carray\n_array_reconstructor\nq\2(carray\narray\nX\1\0\0\0dK\x10h\0tq\3", "h\2h\3R"),
};

/* [dtype, payload, mask, what a row says]: `count` of them. */
static npk_doc *load_views(const views *row, size_t count, size_t *size)
{
    static const char head[] = "\x80\x03](cnumpy\ndtype\n(X\2\0\0\0f8K\0K\1tR(K\3X\1\0\0\0<"
                               "NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tbq\1B\x40\x1f\0\0";
    static char bytes[20000 + 10 * MANY];
    char *p = bytes;
    memset(bytes, 0, sizeof bytes);
    memcpy(p, head, sizeof head - 1);
    p += sizeof head - 1 + 8000;
    p = (char *)memcpy(p, "q\0B\xe8\3\0\0", 7) + 7 + 1000;
    p = (char *)memcpy(p, "q\5", 2) + 2;
    p = (char *)memcpy(p, row->memo, row->memo_size) + row->memo_size;
    for (size_t i = 0; i < count; i++)
        p = (char *)memcpy(p, row->view, row->view_size) + row->view_size;
    memcpy(p, "e.", 2);
    *size = (size_t)(p + 2 - bytes);
    return load(bytes, *size);
}

/* Three arrays on the same bytes are printed; a thousand cost eight times what one takes, and end soon. */
Test(budget, elements_are_printed_once)
{
    static const npk_print_options each[] = {{.threshold = 100000}, {.shared = NPK_SHARED_REFER}};
    for (size_t i = 0; i < 2 * sizeof all_views / sizeof *all_views; i++) {
        const views *row = &all_views[i / 2];
        size_t size;
        uint64_t one = 0, three = 0, many = 0;
        npk_error error = {.message = ""};
        npk_doc *doc = load_views(row, 3, &size);
        npk_print_options options = each[i % 2];
        const npk_value *last = npk_value_item(npk_doc_root(doc), npk_value_size(npk_doc_root(doc)) - 1);
        cr_expect_eq(npk_print_json(last, &options, npk_sink_count, &one, &error), NPK_OK);
        cr_expect_eq(one, 5000, "as many as \"[0.0, ... 0.0]\" has: %d", (int)one);
        cr_expect_eq(npk_print_json(npk_doc_root(doc), &options, npk_sink_count, &three, &error), NPK_OK, "%s",
                     error.message);
        cr_expect_gt(three, 3 * one);
        npk_doc_free(doc);

        doc = load_views(row, MANY, &size);
        npk_budget budget = {.input = size};
        options.budget = &budget;
        cr_expect_eq(npk_print_json(npk_doc_root(doc), &options, npk_sink_count, &many, &error), NPK_ERR_LIMIT);
        cr_expect_leq(many, ((1 << 20) + 64 * size) / 8 + 120000, "%d",
                      (int)many); /* what precedes, and the last one */
        many = 0;
        budget.spent = 0;
        cr_expect_eq(npk_print_value(npk_doc_root(doc), &options, npk_sink_count, &many, &error), NPK_ERR_LIMIT, "%zu",
                     i);
        cr_expect_leq(many, ((1 << 20) + 64 * size) / 8 + 120000, "%d", (int)many);
        npk_doc_free(doc);
    }
}

/* {(t, 0): None}, {(t, 1): None} ...: a tuple of 2000 ints, in each key. */
Test(budget, keys_that_hold_the_same_have_their_price)
{
    static char bytes[4100 + 13 * MANY];
    char *p = (char *)memcpy(bytes, "\x80\x02](", 4) + 4;
    *p++ = '(';
    for (size_t i = 0; i < 2000; i++)
        p = (char *)memcpy(p, "K\1", 2) + 2;
    p = (char *)memcpy(p, "tq\0", 3) + 3;
    for (size_t i = 0; i < MANY; i++) {
        p = (char *)memcpy(p, "}h\0M\0\0\x86Ns", 9) + 9;
        p[-5] = (char)(i & 0xff);
        p[-4] = (char)(i >> 8);
    }
    memcpy(p, "e.", 2);
    const size_t size = (size_t)(p + 2 - bytes);
    npk_doc *doc = load(bytes, size);
    npk_budget budget = {.input = size};
    npk_print_options options = {.budget = &budget, .shared = NPK_SHARED_REFER};
    uint64_t written = 0;
    cr_expect_eq(npk_print_json(npk_value_item(npk_doc_root(doc), 1), &options, npk_sink_count, &written, NULL),
                 NPK_OK);
    written = 0;
    cr_expect_eq(npk_print_json(npk_doc_root(doc), &options, npk_sink_count, &written, NULL), NPK_ERR_LIMIT);
    cr_expect_leq(written, ((1 << 20) + 64 * size) / 4 + 20000, "%d", (int)written);
    npk_doc_free(doc);
}
