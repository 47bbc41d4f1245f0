/* Lists of numbers and texts as C arrays: each item is what it is alone, and an error says which it was. */
#include <npickle.h>

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static npk_error error;

static npk_doc *load(const char *bytes, size_t size)
{
    npk_doc *doc = NULL;
    cr_assert_eq(npk_doc_load_memory(bytes, size, NULL, &doc, &error), NPK_OK, "%s", error.message);
    return doc;
}

#define LOAD(literal) load(literal, sizeof(literal) - 1)

Test(typed, doubles)
{
    /* [1.5, 7, 2**53 + 1, -1, True, 2**70, 1e300], float() of each in Python */
    npk_doc *doc =
        LOAD("\x80\2](G\x3f\xf8\0\0\0\0\0\0K\7\x8a\7\1\0\0\0\0\0\x20J\xff\xff\xff\xff\x88\x8a\x09\0\0\0\0\0\0\0\0\x40"
             "F1e300\ne.");
    const double expected[] = {1.5, 7, 0x1p53, -1, 1, 0x1p70, 1e300};
    double out[8] = {0, 0, 0, 0, 0, 0, 0, 99};
    cr_assert_eq(npk_list_to_doubles(npk_doc_root(doc), out, 8, &error), NPK_OK, "%s", error.message);
    cr_assert_eq(memcmp(out, expected, sizeof expected), 0);
    cr_assert_eq(out[7], 99);
    npk_doc_free(doc);
}

Test(typed, ints)
{
    /* (7, -2**63, 2**63 - 1, False, 3.0) */
    npk_doc *doc =
        LOAD("\x80\2(K\7\x8a\x08\0\0\0\0\0\0\0\x80\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x89G\x40\x08\0\0\0\0\0\0t.");
    const int64_t expected[] = {7, INT64_MIN, INT64_MAX, 0, 3};
    int64_t out[5];
    cr_assert_eq(npk_list_to_ints(npk_doc_root(doc), out, 5, &error), NPK_OK, "%s", error.message);
    cr_assert_eq(memcmp(out, expected, sizeof expected), 0);
    npk_doc_free(doc);
}

Test(typed, strs)
{
    /* ['ab', '', 'é', 'ab'] */
    npk_doc *doc = LOAD("\x80\4](\x8c\2ab\x94\x8c\0\x8c\2\xc3\xa9h\0e.");
    const int64_t expected[] = {0, 2, 2, 4, 6};
    int64_t offsets[5];
    char text[8] = "........";
    cr_assert_eq(npk_list_to_strs(npk_doc_root(doc), offsets, 4, NULL, 0, &error), NPK_OK, "%s", error.message);
    cr_assert_eq(memcmp(offsets, expected, sizeof expected), 0);
    cr_assert_eq(npk_list_to_strs(npk_doc_root(doc), offsets, 4, text, 6, &error), NPK_OK, "%s", error.message);
    cr_assert_eq(memcmp(text,
                        "ab\xc3\xa9"
                        "ab..",
                        8),
                 0);
    memset(text, '.', sizeof text);
    cr_assert_eq(npk_list_to_strs(npk_doc_root(doc), offsets, 4, text, 5, &error), NPK_ERR_USAGE);
    cr_assert_str_eq(error.message, "expected room for 6 bytes of text, found room for 5");
    cr_assert_eq(text[0], '.');
    npk_doc_free(doc);
}

Test(typed, str_of_python2_where_it_is_text)
{
    npk_doc *doc = LOAD("\x80\2]U\2aba."), *latin1 = LOAD("\x80\2](U\2abU\1\xe9"
                                                          "e.");
    int64_t offsets[3] = {9, 9, 9};
    cr_assert_eq(npk_list_to_strs(npk_doc_root(doc), offsets, 1, NULL, 0, &error), NPK_OK, "%s", error.message);
    cr_assert_eq(offsets[1], 2);
    cr_assert_eq(npk_list_to_strs(npk_doc_root(latin1), offsets, 2, NULL, 0, &error), NPK_ERR_TYPE);
    cr_assert_str_eq(error.message, "item 1: expected a str, found str of Python 2");
    npk_doc_free(latin1);
    npk_doc_free(doc);
}

Test(typed, an_item_of_another_kind_is_named)
{
    npk_doc *doc = LOAD("\x80\2](K\1G\x3f\xf8\0\0\0\0\0\0Ne."); /* [1, 1.5, None] */
    double real[3] = {9, 9, 9};
    int64_t whole[4] = {9, 9, 9, 9};
    cr_assert_eq(npk_list_to_doubles(npk_doc_root(doc), real, 3, &error), NPK_ERR_TYPE);
    cr_assert_str_eq(error.message, "item 2: expected a number that a double can hold, found None");
    cr_assert(real[0] == 1 && real[1] == 1.5 && real[2] == 9);
    cr_assert_eq(npk_list_to_ints(npk_doc_root(doc), whole, 3, &error), NPK_ERR_TYPE);
    cr_assert_str_eq(error.message, "item 1: expected a whole number that an int64 can hold, found float");
    cr_assert(whole[0] == 1 && whole[1] == 9 && whole[2] == 9);
    cr_assert_eq(npk_list_to_strs(npk_doc_root(doc), whole, 3, NULL, 0, &error), NPK_ERR_TYPE);
    cr_assert_str_eq(error.message, "item 0: expected a str, found int");
    npk_doc_free(doc);
}

Test(typed, what_does_not_fit)
{
    npk_doc *doc = LOAD("\x80\2]\x8a\x09\0\0\0\0\0\0\0\x80\0"
                        "a."); /* [2**63] */
    int64_t whole = 9;
    double real;
    cr_assert_eq(npk_list_to_ints(npk_doc_root(doc), &whole, 1, &error), NPK_ERR_TYPE);
    cr_assert_eq(whole, 9);
    cr_assert_eq(npk_list_to_doubles(npk_doc_root(doc), &real, 1, &error), NPK_OK);
    cr_assert_eq(real, 0x1p63);
    cr_assert_eq(npk_list_to_doubles(npk_doc_root(doc), &real, 0, &error), NPK_ERR_USAGE);
    cr_assert_str_eq(error.message, "expected room for 1 item, found room for 0");
    npk_doc_free(doc);
}

Test(typed, no_list)
{
    npk_doc *doc = LOAD("\x80\2}."), *none = LOAD("\x80\2].");
    double real;
    int64_t offset = 9;
    cr_assert_eq(npk_list_to_doubles(npk_doc_root(doc), &real, 1, &error), NPK_ERR_TYPE);
    cr_assert_str_eq(error.message, "expected a list or tuple, found dict");
    cr_assert_eq(npk_list_to_doubles(NULL, &real, 1, &error), NPK_ERR_TYPE);
    cr_assert_eq(npk_list_to_doubles(npk_doc_root(none), NULL, 0, &error), NPK_OK);
    cr_assert_eq(npk_list_to_strs(npk_doc_root(none), NULL, 0, NULL, 0, &error), NPK_ERR_USAGE);
    cr_assert_eq(npk_list_to_strs(npk_doc_root(none), &offset, 0, NULL, 0, &error), NPK_OK);
    cr_assert_eq(offset, 0);
    npk_doc_free(none);
    npk_doc_free(doc);
}
