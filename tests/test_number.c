#include "text/number.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

/* An int as text, and its shortest int.to_bytes(n, 'little', signed=True). */
static const struct {
    const char *text;
    size_t size;
    const char *bytes;
} longs[] = {
    {"0", 1, "\x00"},
    {"1", 1, "\x01"},
    {"-1", 1, "\xff"},
    {"127", 1, "\x7f"},
    {"128", 2, "\x80\x00"},
    {"-128", 1, "\x80"},
    {"-129", 2, "\x7f\xff"},
    {"255", 2, "\xff\x00"},
    {"-256", 2, "\x00\xff"},
    {"999999999", 4, "\xff\xc9\x9a\x3b"},
    {"1000000000", 4, "\x00\xca\x9a\x3b"},
    {"2147483648", 5, "\x00\x00\x00\x80\x00"},
    {"9223372036854775807", 8, "\xff\xff\xff\xff\xff\xff\xff\x7f"},
    {"-9223372036854775808", 8, "\x00\x00\x00\x00\x00\x00\x00\x80"},
    {"9223372036854775808", 9, "\x00\x00\x00\x00\x00\x00\x00\x80\x00"},
    {"-9223372036854775809", 9, "\xff\xff\xff\xff\xff\xff\xff\x7f\xff"},
    {"18446744073709551616", 9, "\x00\x00\x00\x00\x00\x00\x00\x00\x01"},
    {"-18446744073709551616", 9, "\x00\x00\x00\x00\x00\x00\x00\x00\xff"},
    {"1000000000000000000000000000000", 13, "\x00\x00\x00\x40\xea\xed\x74\x46\xd0\x9c\x2c\x9f\x0c"},
    {"-123456789012345678901234567890", 13, "\x2e\xf5\xc0\xb1\x11\x1f\x8c\x3c\x09\xf0\x16\x71\xfe"},
};
enum { LONGS = sizeof longs / sizeof *longs };

Test(number, parse_long)
{
    for (size_t i = 0; i < LONGS; i++) {
        uint8_t *out = malloc(npki_long_room(strlen(longs[i].text)));
        size_t size = npki_parse_long((const uint8_t *)longs[i].text, strlen(longs[i].text), out);
        cr_expect_eq(size, longs[i].size, "%s: %zu bytes", longs[i].text, size);
        cr_expect_arr_eq(out, longs[i].bytes, longs[i].size, "%s", longs[i].text);
        free(out);
    }
}

/* `more` bytes of sign extension are printed as if they were not there. */
static void expect_printed(const char *text, const char *bytes, size_t size, size_t more)
{
    uint8_t *in = malloc(size + more), *scratch = malloc(size + more + 8);
    char *out = malloc(npki_decimal_room(size + more));
    memcpy(in, bytes, size);
    memset(in + size, size > 0 && (bytes[size - 1] & 0x80) != 0 ? 0xff : 0, more);
    size_t length = npki_print_long(in, size + more, scratch, out);
    cr_expect_eq(length, strlen(text), "%s: %zu characters", text, length);
    cr_expect_arr_eq(out, text, strlen(text), "%s: %.*s", text, (int)length, out);
    free(in);
    free(scratch);
    free(out);
}

Test(number, print_long)
{
    for (size_t i = 0; i < LONGS; i++)
        for (size_t more = 0; more < 20; more++)
            expect_printed(longs[i].text, longs[i].bytes, longs[i].size, more);
    expect_printed("0", "", 0, 0); /* LONG1 of no bytes */
    expect_printed("0", "", 0, 9);
}

Test(number, signs_and_zeros)
{
    static const struct {
        const char *text;
        int64_t value;
    } spelled[] = {
        {"+0", 0}, {"-0", 0}, {"00000000000000000000000000000000000007", 7}, {"+12", 12}, {"-0012", -12}, {"007", 7},
    };
    for (size_t i = 0; i < sizeof spelled / sizeof *spelled; i++) {
        uint8_t out[64];
        int64_t value = 77;
        size_t length = strlen(spelled[i].text);
        cr_expect_eq(npki_parse_long((const uint8_t *)spelled[i].text, length, out), 1, "%s", spelled[i].text);
        cr_expect_eq((int8_t)out[0], spelled[i].value, "%s", spelled[i].text);
        cr_expect(npki_parse_int64((const uint8_t *)spelled[i].text, length, &value), "%s", spelled[i].text);
        cr_expect_eq(value, spelled[i].value, "%s", spelled[i].text);
    }
}

Test(number, no_int)
{
    static const char *const wrong[] = {"",    "-",  "+",  "--1", "+-1", "1-", " 1",   "1 ",
                                        "1_0", "1L", "0x", "1.0", "1e3", "a",  "\xb2", "1\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint8_t out[32];
        int64_t value;
        cr_expect_eq(npki_parse_long((const uint8_t *)wrong[i], strlen(wrong[i]), out), 0, "%s", wrong[i]);
        cr_expect_not(npki_parse_int64((const uint8_t *)wrong[i], strlen(wrong[i]), &value), "%s", wrong[i]);
    }
    int64_t value;
    cr_expect_not(npki_parse_int64((const uint8_t *)"1\0", 2, &value));
}

Test(number, int64_ends)
{
    static const struct {
        const char *text;
        bool fits;
        int64_t value;
    } ends[] = {
        {"9223372036854775807", true, INT64_MAX},  {"9223372036854775808", false, 0},
        {"-9223372036854775808", true, INT64_MIN}, {"-9223372036854775809", false, 0},
        {"18446744073709551615", false, 0},        {"18446744073709551616", false, 0},
        {"18446744073709551617", false, 0},        {"184467440737095516160", false, 0},
        {"-18446744073709551617", false, 0},       {"9223372036854775800", true, INT64_MAX - 7},
    };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        int64_t value = 0;
        cr_expect_eq(npki_parse_int64((const uint8_t *)ends[i].text, strlen(ends[i].text), &value), ends[i].fits, "%s",
                     ends[i].text);
        cr_expect(!ends[i].fits || value == ends[i].value, "%s", ends[i].text);
    }
}

Test(number, print_64)
{
    static const struct {
        int64_t value;
        const char *text, *as_unsigned;
    } values[] = {
        {0, "0", "0"},
        {7, "7", "7"},
        {10, "10", "10"},
        {-1, "-1", "18446744073709551615"},
        {INT64_MAX, "9223372036854775807", "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808", "9223372036854775808"},
        {1000000000000000000, "1000000000000000000", "1000000000000000000"},
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char out[22];
        out[npki_print_int64(values[i].value, out)] = '\0';
        cr_expect_str_eq(out, values[i].text);
        out[npki_print_uint64((uint64_t)values[i].value, out)] = '\0';
        cr_expect_str_eq(out, values[i].as_unsigned);
    }
}

/* 10^n and 10^n - 1 of up to 4300 digits come back. */
Test(number, long_there_and_back)
{
    static const size_t lengths[] = {8, 9, 10, 17, 18, 19, 20, 27, 28, 100, 999, 1000, 4299, 4300};
    char *text = malloc(4301);
    for (size_t i = 0; i < 2 * sizeof lengths / sizeof *lengths; i++) {
        size_t digits = lengths[i / 2], room = npki_long_room(digits + 1);
        memset(text, i % 2 == 0 ? '9' : '0', digits);
        if (i % 2 == 1)
            text[0] = '1';
        uint8_t *bytes = malloc(room), *scratch = malloc(room + 8);
        size_t size = npki_parse_long((const uint8_t *)text, digits, bytes);
        char *out = malloc(npki_decimal_room(size));
        size_t length = npki_print_long(bytes, size, scratch, out);
        cr_expect_eq(length, digits);
        cr_expect(length == digits && memcmp(out, text, digits) == 0, "%zu digits", digits);
        free(out);
        free(bytes);
        free(scratch);
    }
    free(text);
}

/* int('1' + 4299 * '0'): how many bytes, their sum, and the first and last that are not 0. */
Test(number, parse_4300_digits)
{
    uint8_t out[2200];
    char text[4300];
    memset(text, '0', sizeof text);
    text[0] = '1';
    cr_assert_eq(npki_parse_long((const uint8_t *)text, sizeof text, out), 1786);
    uint64_t sum = 0;
    for (size_t i = 0; i < 1786; i++)
        sum += out[i];
    cr_expect_eq(sum, 156250);
    for (size_t i = 0; i < 537; i++)
        cr_assert_eq(out[i], 0);
    cr_expect_arr_eq(out + 537, "\xe8\xbe\xe8\x23", 4);
    cr_expect_arr_eq(out + 1782, "\xf2\x12\xf5\x01", 4);
}

/* str(2**14284 - 1): how it begins and ends, and the sum of each digit times its place. */
Test(number, print_4300_digits)
{
    uint8_t bytes[1786], scratch[1794];
    char *out = malloc(npki_decimal_room(sizeof bytes));
    memset(bytes, 0xff, sizeof bytes);
    bytes[1785] = 0x0f;
    cr_assert_eq(npki_print_long(bytes, sizeof bytes, scratch, out), 4300);
    uint64_t sum = 0;
    for (size_t i = 0; i < 4300; i++)
        sum += (i + 1) * (uint64_t)(out[i] - '0');
    cr_expect_eq(sum, 41957021);
    cr_expect_arr_eq(out, "81744410132094422503", 20);
    cr_expect_arr_eq(out + 4280, "47391660265823010815", 20);
    free(out);
}
