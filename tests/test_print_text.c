/* npk_print_text in all its forms, and instructions as pickletools prints them. */
#include <npickle.h>

#include "text/number.h"

#include "counted.h"
#include "kept.h"

#include <criterion/criterion.h>

/* --- text --- */

static const struct text_row {
    npk_text_form form;
    const char *text;
    size_t size;
    const char *expected;
} text_rows[] = {
#define T(form, text, expected) {NPK_TEXT_##form, text, sizeof(text) - 1, expected},
    /* repr() of CPython 3.11 */
    T(STR, "", "''") T(STR, "it's", "\"it's\"") T(STR, "'\"", "'\\'\"'")
        T(STR, "a\\\t\n\r\x1b\x7f", "'a\\\\\\t\\n\\r\\x1b\\x7f'")
            T(STR, "\xc3\xa9\xe2\x80\xae\xf3\xa0\x80\x81\xed\xa0\x80", "'\xc3\xa9\\u202e\\U000e0001\\ud800'")
    /* repr(b'...'.decode(errors='surrogateescape')) */
    T(STR,
      "a\xff"
      "b\xc3",
      "'a\\udcffb\\udcc3'") T(LATIN1, "\xe9\x80\xad", "'\xc3\xa9\\x80\\xad'")
    /* ascii() */
    T(ASCII, "\xe9'", "\"\\xe9'\"") T(BYTES, "\xe9\0\t'\"", "b'\\xe9\\x00\\t\\'\"'")
        T(BYTEARRAY, "'", "bytearray(b\"\\'\")") T(BYTEARRAY, "\"'\"", "bytearray(b'\"\\'\"')")
            T(NAME, "it's \"\\\n\xc3\xa9", "it's \"\\\\\\n\xc3\xa9") T(NAME, "\xc3\xa9\xff\n", "\\xc3\\xa9\\xff\\n")
                T(JSON, "\"\\/\b\n\x7f\xc3\xa9\xe2\x80\xae\xf3\xa0\x80\x81",
                  "\"\\\"\\\\/\\u0008\\u000a\\u007f\xc3\xa9\\u202e\\udb40\\udc01\"")
                    T(JSON, "\xed\xa0\x80\xff", "\"\\ud800\\udcff\"") T(JSON_LATIN1, "\xe9\xff\x80\"",
                                                                        "\"\xc3\xa9\xc3\xbf\\u0080\\\"\"")
                        T(TERMINAL, "a\\'\"\n\x1b[2J\xc3\xa9\xff\xe2\x80\xae", "a\\'\"\\n\\x1b[2J\xc3\xa9\\xff\\u202e")
                            T(CSV, "a,\"b\"\n\t\r\x1b\xe2\x80\xae\xc2\xad\xed\xa0\x80",
                              "a,\"b\"\n\t\r\\x1b\\u202e\xc2\xad\\ud800") T(CSV, "\xc3\xa9\xff", "\\xc3\\xa9\\xff")
#undef T
};

Test(print_text, text)
{
    for (size_t i = 0; i < sizeof text_rows / sizeof *text_rows; i++) {
        const struct text_row *row = &text_rows[i];
        kept all = {.most = SIZE_MAX};
        cr_expect_eq(npk_print_text(row->text, row->size, row->form, keep, &all, NULL), NPK_OK);
        cr_expect_str_eq(all.text == NULL ? "" : all.text, row->expected, "%zu: %s", i, all.text);
        free(all.text);
    }
}

/* Each byte and each pair of bytes in each form: nothing below 0x20 but what CSV keeps, and UTF-8. */
Test(print_text, text_of_any_bytes_is_harmless)
{
    for (unsigned bytes = 0; bytes < 0x10000; bytes++)
        for (npk_text_form form = NPK_TEXT_STR; form <= NPK_TEXT_CSV; form++) {
            const uint8_t text[] = {(uint8_t)bytes, (uint8_t)(bytes >> 8)};
            char room[64];
            npk_fixed_buffer buffer = {room, sizeof room, 0};
            bool good = npk_print_text(text, 2, form, npk_sink_fixed, &buffer, NULL) == NPK_OK;
            for (size_t i = 0; i < buffer.used && good; i++)
                good = (uint8_t)room[i] >= 0x20 ? room[i] != 0x7f
                                                : form == NPK_TEXT_CSV && strchr("\t\n\r", room[i]) != NULL;
            if (!good)
                cr_expect_fail("form %d, bytes %04x", (int)form, bytes);
        }
}

Test(print_text, text_goes_out_in_pieces)
{
    enum { SIZE = 300000 };
    char *text = malloc(SIZE);
    cr_assert_not_null(text);
    memset(text, 'x', SIZE);
    for (size_t most = 0; most < SIZE + 2; most += 9973) {
        kept some = {.most = most};
        npk_error error;
        cr_expect_eq(npk_print_text(text, SIZE, NPK_TEXT_STR, keep, &some, &error), NPK_ERR_IO);
        cr_expect_eq(error.system, ENOSPC);
        cr_expect_geq(most - some.size, 0);
        cr_expect_lt(most - some.size, 1000, "all but the last piece was given out");
        free(some.text);
    }
    free(text);
}

Test(print_text, text_takes_no_memory)
{
    uint64_t size = 0;
    cr_expect_eq(npk_print_text("a\0b", 3, NPK_TEXT_BYTES, npk_sink_count, &size, NULL), NPK_OK);
    cr_expect_eq(size, 9);
}

/* --- instructions --- */

Test(print_text, instructions)
{
    static const char pickle[] = "\x80\x02](K\001X\002\0\0\0\xc3\xa9U\001'\x8a\001\xff"
                                 "e.";
    npk_instructions *in;
    npk_error error = {.status = NPK_OK};
    kept all = {.most = SIZE_MAX};
    cr_assert_eq(npk_instructions_memory(pickle, sizeof pickle - 1, NULL, &in, &error), NPK_OK);
    cr_expect_eq(npk_print_instructions(in, NULL, keep, &all, &error), NPK_OK, "%s", error.message);
    /* python3 -m pickletools */
    cr_expect_str_eq(all.text, "    0: \\x80 PROTO      2\n"
                               "    2: ]    EMPTY_LIST\n"
                               "    3: (    MARK\n"
                               "    4: K        BININT1    1\n"
                               "    6: X        BINUNICODE '\xc3\xa9'\n"
                               "   13: U        SHORT_BINSTRING \"'\"\n"
                               "   16: \\x8a     LONG1      -1\n"
                               "   19: e        APPENDS    (MARK at 3)\n"
                               "   20: .    STOP\n"
                               "highest protocol among opcodes = 2\n");
    npk_instructions_free(in);
    for (size_t most = 0; most < all.size; most++) {
        kept some = {.most = most};
        cr_assert_eq(npk_instructions_memory(pickle, sizeof pickle - 1, NULL, &in, &error), NPK_OK);
        cr_expect_eq(npk_print_instructions(in, NULL, keep, &some, &error), NPK_ERR_IO);
        cr_expect_eq(error.system, ENOSPC);
        npk_instructions_free(in);
        free(some.text);
    }
    free(all.text);
}

/* A line that leaves the buffer before it ends: the columns are those of pickletools.dis(pickle, annotate=30), before and behind 200,000 'a'. */
Test(print_text, annotations_of_long_lines)
{
    static const char before[] = "    0: X    BINUNICODE '";
    static const char behind[] = "' a str\n"
                                 "200005: .    STOP                      the end; the value is on the stack\n"
                                 "highest protocol among opcodes = 1\n";
    static char pickle[5 + 200000 + 1] = "X\x40\x0d\x03";
    const npk_instruction_options options = {.annotate = true};
    npk_instructions *in;
    npk_error error = {.message = ""};
    kept text = {.most = SIZE_MAX};
    memset(pickle + 5, 'a', 200000);
    pickle[sizeof pickle - 1] = '.';
    cr_assert_eq(npk_instructions_memory(pickle, sizeof pickle, NULL, &in, &error), NPK_OK);
    cr_assert_eq(npk_print_instructions(in, &options, keep, &text, &error), NPK_OK, "%s", error.message);
    npk_instructions_free(in);
    cr_assert_eq(text.size, sizeof before - 1 + 200000 + sizeof behind - 1);
    cr_expect_arr_eq(text.text, before, sizeof before - 1);
    cr_expect_arr_eq(text.text + text.size - (sizeof behind - 1), behind, sizeof behind - 1, "%s",
                     text.text + text.size - 200);
    free(text.text);
}

/* pickletools.dis(second, memo=memo) after pickletools.dis(first, memo=memo). */
Test(print_text, instructions_that_share_a_memo)
{
    static const char two[] = "]q\0.h\0.";
    static const char wanted[] = "    4: h    BINGET     0\n    6: .    STOP\nhighest protocol among opcodes = 1\n";
    for (int i = 0; i < 2; i++) {
        npk_instruction_options options = {.memo_scope = i == 0 ? NPK_MEMO_OF_PICKLE : NPK_MEMO_OF_STREAM};
        npk_instructions *in;
        npk_error error;
        kept text = {.most = SIZE_MAX};
        uint64_t size = 0;
        cr_assert_eq(npk_instructions_memory(two, sizeof two - 1, NULL, &in, &error), NPK_OK);
        cr_assert_eq(npk_print_instructions(in, &options, npk_sink_count, &size, &error), NPK_OK);
        npk_status status = npk_print_instructions(in, &options, keep, &text, &error);
        cr_expect_eq(status, i == 0 ? NPK_ERR_MEMO : NPK_OK);
        if (i == 1)
            cr_expect(text.size == sizeof wanted - 1 && memcmp(text.text, wanted, text.size) == 0);
        options.memo_scope = 2;
        cr_expect_eq(npk_print_instructions(in, &options, keep, &text, &error), NPK_ERR_USAGE);
        npk_instructions_free(in);
        free(text.text);
    }
}

Test(print_text, instructions_without_memory)
{
    static const char pickle[] = "](K\001V\\u20ac\np0\ne.";
    size_t last = 0;
    for (size_t fail = 1; last == 0; fail++) {
        counted counter = {.fail = fail};
        npk_allocator allocator = {resize_counted, &counter};
        npk_instruction_options options = {.allocator = &allocator};
        npk_instructions *in;
        uint64_t size = 0;
        cr_assert_eq(npk_instructions_memory(pickle, sizeof pickle - 1, NULL, &in, NULL), NPK_OK);
        npk_status status = npk_print_instructions(in, &options, npk_sink_count, &size, NULL);
        npk_instructions_free(in);
        cr_expect_eq(counter.held, 0);
        cr_expect_eq(status, counter.calls < fail ? NPK_OK : NPK_ERR_MEMORY);
        last = counter.calls < fail ? fail : 0;
    }
    cr_expect_gt(last, 4);
}

Test(print_text, one_instruction)
{
    static const struct {
        const char *bytes, *argument;
        npk_status status;
    } rows[] = {{"N", "", NPK_OK},
                {"K\x07", "7", NPK_OK},
                {"S'a\\n'\n", "'a\\n'", NPK_OK},
                {"cmath\nsqrt\n", "'math sqrt'", NPK_OK},
                {"F1_0.5\n", "10.5", NPK_OK},
                {"I01\n", "True", NPK_OK},
                {"Ix\n", "", NPK_ERR_ARGUMENT}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_instruction instruction;
        kept all = {.most = SIZE_MAX};
        cr_assert_eq(npk_instruction_at(rows[i].bytes, strlen(rows[i].bytes), 0, &instruction, NULL), NPK_OK);
        cr_expect_eq(npk_print_instruction(&instruction, NULL, keep, &all, NULL), rows[i].status);
        cr_expect_str_eq(all.text == NULL ? "" : all.text, rows[i].argument);
        free(all.text);
    }
}

/* Ints around the most digits that Python prints, 4300, as the argument of LONG4: the text is that of the same int
 * printed into memory of its own, or there is an error; 0x11 ... 0x11 of 1786 bytes takes all the room there is. */
Test(print_text, long_arguments)
{
    static uint8_t pickle[5 + 1800], scratch[1808];
    static char expected[NPKI_DECIMAL_ROOM(1800)], found[NPKI_DECIMAL_ROOM(1800)];
    for (size_t size = 1700; size <= 1800; size++)
        for (int sign = 0; sign < 2; sign++) {
            pickle[0] = 0x8b;
            for (int i = 0; i < 4; i++)
                pickle[1 + i] = (uint8_t)(size >> 8 * i);
            memset(pickle + 5, 0x11, size);
            pickle[5 + size - 1] = sign ? 0x81 : 0x01;
            size_t digits = npki_print_long(pickle + 5, size, scratch, expected);
            npk_fixed_buffer out = {found, sizeof found, 0};
            npk_instruction instruction;
            npk_error error;
            cr_assert_eq(npk_instruction_at(pickle, 5 + size, 0, &instruction, &error), NPK_OK, "%s", error.message);
            npk_status status = npk_print_instruction(&instruction, NULL, npk_sink_fixed, &out, &error);
            if (digits - (size_t)sign > 4300)
                cr_expect_neq(status, NPK_OK, "%zu bytes", size);
            else
                cr_expect(status == NPK_OK && out.used == digits && memcmp(found, expected, digits) == 0,
                          "%zu bytes, %d", size, sign);
        }
}
