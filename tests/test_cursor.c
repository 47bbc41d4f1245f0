/* A cursor beside npk_instruction_at, which walks without its table: the same instructions, and the same errors at the same offsets. */
#include "golden.h"

#include <npickle.h>

/* The same opcode, argument, end and numbers. */
static void expect_same(const npk_cursor *at, const npk_instruction *in)
{
    npk_instruction out;
    memset(&out, 0xff, sizeof out);
    cr_assert_eq(npk_cursor_offset(at), in->offset);
    cr_assert_eq(npk_cursor_row(at), in->opcode);
    cr_assert_eq((uint64_t)(at->next - at->start), in->end);
    cr_assert_eq(at->size, in->size);
    cr_assert(in->argument == NULL || at->argument == in->argument);
    cr_assert(npk_cursor_instruction(at, &out));
    cr_assert_eq(memcmp(&out, in, sizeof out), 0, "%s at %llu", in->opcode->name, (unsigned long long)in->offset);
}

/* All the instructions of some bytes, up to the first error. Returns how many. */
static size_t walk_both(const uint8_t *bytes, size_t size)
{
    npk_cursor at;
    npk_error error, expected;
    cr_assert_eq(npk_cursor_start(&at, bytes, size, &error), NPK_OK);
    cr_assert_null(npk_cursor_row(&at));
    for (size_t count = 0;; count++) {
        npk_instruction in = {.end = 0};
        const npk_cursor before = at;
        memset(&error, 0, sizeof error);
        memset(&expected, 0, sizeof expected);
        npk_status status = npk_instruction_at(bytes, size, (uint64_t)(at.next - at.start), &in, &expected);
        cr_assert_eq(npk_cursor_next(&at, &error), status);
        if (status == NPK_OK) {
            expect_same(&at, &in);
            continue;
        }
        cr_assert_eq(error.offset, expected.offset);
        cr_assert_eq(error.opcode, expected.opcode);
        cr_assert_str_eq(error.message, expected.message);
        cr_assert_eq(memcmp(&before, &at, sizeof at), 0, "an error moves the cursor");
        return count;
    }
}

/* In memory of exactly that size, so that a checker sees what is read behind it. */
static size_t walk_exactly(const uint8_t *bytes, size_t size)
{
    uint8_t *room = malloc(size + (size == 0));
    cr_assert_not_null(room);
    memcpy(room, bytes, size);
    size_t count = walk_both(room, size);
    free(room);
    return count;
}

Test(cursor, every_opcode_cut_off_everywhere)
{
    /* Each of the 256 bytes with arguments that begin with all kinds of counts: small, too large, negative, and lines of several lengths. */
    static const uint8_t beginnings[][10] = {
        {0},
        {1, 0, 0, 0, 0, 0, 0, 0},
        {3, 0, 0, 0, 0, 0, 0, 0},
        {255, 255, 255, 255, 255, 255, 255, 255},
        {0, 0, 0, 1},
        {0, 0, 0, 128},
        {255, 255, 255, 127},
        {2, 0, 0, 0, 0, 0, 0, 128},
        {'\n', '\n'},
        {'1', '2', '\n', 'b', '\n'},
        {0, 0, 0, 0, 1, 0, 0, 0, 0, '\n'},
    };
    size_t walked = 0;
    for (int byte = 0; byte < 256; byte++)
        for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
            uint8_t bytes[40];
            memset(bytes, 'N', sizeof bytes);
            bytes[0] = (uint8_t)byte;
            memcpy(bytes + 1, beginnings[i], sizeof beginnings[i]);
            for (size_t size = 0; size <= sizeof bytes; size++)
                walked += walk_exactly(bytes, size);
        }
    cr_assert_gt(walked, 10000, "%zu", walked);
}

Test(cursor, lines_of_every_length)
{
    uint8_t bytes[64];
    for (size_t length = 0; length < 60; length++)
        for (uint8_t other = 0; other < 4; other++) {
            memset(bytes, "\0\x8a\x0b\xff"[other],
                   sizeof bytes); /* bytes that differ from a newline in one bit, or by one */
            bytes[0] = 'I';
            bytes[length + 1] = '\n';
            bytes[length + 2] = '.';
            for (size_t size = 0; size <= length + 3; size++) {
                size_t expected = size < length + 2 ? 0 : size - length - 1;
                cr_assert_eq(walk_exactly(bytes, size), expected, "%zu of %zu", size, length);
            }
        }
}

Test(cursor, pickles_of_every_protocol)
{
    static const char *const names[] = {"values.golden", "effects.golden", "pythons.golden"};
    size_t walked = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        golden g;
        golden_bytes pickle;
        int protocol;
        golden_open(&g, names[i]);
        while (golden_case(&g))
            while (golden_pickle(&g, &protocol, &pickle))
                walked += walk_exactly(pickle.bytes, pickle.size);
        golden_close(&g);
    }
    cr_assert_gt(walked, 10000, "%zu", walked);
}

Test(cursor, goes_on_behind_padding)
{
    static const uint8_t two[] = "N. \r\n\t\0\x80\x04K\x07.\n";
    npk_cursor at;
    npk_instruction in;
    int opcodes = 0, pickles = 0;
    cr_assert_eq(npk_cursor_start(&at, two, sizeof two - 1, NULL), NPK_OK);
    cr_assert_not(npk_cursor_instruction(&at, &in));
    for (; npk_cursor_more(&at); pickles++)
        do {
            cr_assert_eq(npk_cursor_next(&at, NULL), NPK_OK);
            opcodes++;
            if (*at.opcode == 'K')
                cr_expect(npk_cursor_instruction(&at, &in) && in.number.u == 7);
        } while (*at.opcode != '.');
    cr_expect_eq(pickles, 2);
    cr_expect_eq(opcodes, 5);
    cr_expect_eq(npk_cursor_next(&at, NULL), NPK_ERR_TRUNCATED);
}

Test(cursor, nothing_at_all)
{
    npk_cursor at;
    cr_assert_eq(npk_cursor_start(&at, NULL, 0, NULL), NPK_OK);
    cr_expect_eq(npk_cursor_next(&at, NULL), NPK_ERR_TRUNCATED);
    cr_expect_eq(npk_cursor_next(NULL, NULL), NPK_ERR_USAGE);
    cr_expect_null(npk_cursor_row(NULL));
    cr_expect_eq(npk_cursor_offset(NULL), 0);
}
