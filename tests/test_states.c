/* Dtypes out of pickles, by states of every version: lib/known/dtype.c and fields.c. */
#include "mirror.h"

#include <criterion/criterion.h>
#include <npickle.h>
#include <string.h>

/* repr, descr and alignment by NumPy: tests/gen/states.py */
static const struct {
    const char *name, *pickle;
    size_t size;
    const char *repr, *descr;
    int64_t alignment;
} states[] = {
#define STATE(name, pickle, size, repr, descr, alignment) {name, pickle, size, repr, descr, alignment},
#include "data/states.inc"
#undef STATE
};
enum { STATES = sizeof states / sizeof *states };

/* Without a state, or with "=", the order is that of whoever reads it. */
static bool is_native(size_t row)
{
    return strcmp(states[row].name, "no state") == 0 || strcmp(states[row].name, "8 items, version 4") == 0;
}

static void expect(const npk_dtype *dtype, size_t row)
{
    char text[512];
    if (is_native(row) && mirror_is_needed()) {
        cr_expect_eq(npk_dtype_byteorder(dtype), '>', "%s", states[row].name);
        return;
    }
    npk_dtype_repr(dtype, text, sizeof text);
    cr_expect_str_eq(text, states[row].repr, "%s: %s", states[row].name, text);
    npk_dtype_descr(dtype, false, text, sizeof text);
    cr_expect_str_eq(text, states[row].descr, "%s: %s", states[row].name, text);
    cr_expect_eq(npk_dtype_alignment(dtype), states[row].alignment, "%s", states[row].name);
}

Test(states, read_and_copied)
{
    for (size_t i = 0; i < STATES; i++) {
        npk_doc *doc;
        npk_error error;
        const npk_dtype *copy;
        cr_assert(npk_doc_load_memory(states[i].pickle, states[i].size, NULL, &doc, &error) == NPK_OK, "%s: %s",
                  states[i].name, error.message);
        const npk_dtype *dtype = npk_value_dtype(npk_doc_root(doc));
        cr_assert_not_null(dtype);
        expect(dtype, i);
        cr_assert_eq(npk_dtype_copy(dtype, NULL, &copy, &error), NPK_OK);
        cr_expect(npk_dtype_equal(dtype, copy) && npk_dtype_hash(dtype) == npk_dtype_hash(copy), "%s", states[i].name);
        npk_doc_free(doc);
        expect(copy, i); /* it needs nothing of the document */
        npk_dtype_free(copy);
    }
}

/* What is read from a pickle and what is read from its repr are one dtype. */
Test(states, same_as_notation)
{
    size_t compared = 0;
    for (size_t i = 0; i < STATES; i++) {
        npk_doc *doc;
        const npk_dtype *parsed;
        char text[512];
        size_t size = strlen(states[i].repr) - strlen("dtype()");
        memcpy(text, states[i].repr + strlen("dtype("), size);
        text[size] = '\0';
        if (strstr(text, "align=True") != NULL || strstr(text, "numpy.") != NULL) /* no part of a literal */
            continue;
        cr_assert_eq(npk_doc_load_memory(states[i].pickle, states[i].size, NULL, &doc, NULL), NPK_OK);
        cr_assert_eq(npk_dtype_parse(text, NULL, &parsed, NULL), NPK_OK, "%s", text);
        if (strpbrk(text, "<>") == NULL && !is_native(i)) { /* 'float64' is what a little-endian machine calls '<f8' */
            const npk_dtype *native = parsed;
            cr_assert_eq(npk_dtype_with_byteorder(native, '<', NULL, &parsed, NULL), NPK_OK);
            npk_dtype_free(native);
        }
        cr_expect(npk_dtype_equal(npk_value_dtype(npk_doc_root(doc)), parsed), "%s", states[i].name);
        compared++;
        npk_dtype_free(parsed);
        npk_doc_free(doc);
    }
    cr_assert_gt(compared, 30);
}

/* --- dtypes called by one key, some of which get a state later --- */

enum { CALLS = 40 };

/* The call of a key, put into the memo and into the list. */
static size_t put_call(char *out, const char *key, int number)
{
    const size_t size = strlen(key);
    out[0] = 'h';
    out[1] = '\0';
    out[2] = number % 2 == 0 ? 'U' : '\x8c';
    out[3] = (char)size;
    memcpy(out + 4, key, size);
    memcpy(out + 4 + size, "K\0K\1\x87Rq\0", 8);
    out[4 + size + 7] = (char)(number + 1);
    return 4 + size + 8;
}

/* Its state, with this order of bytes. */
static size_t put_order(char *out, char order, int number)
{
    memcpy(out, "h\0(K\3U\1?NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb0", 26);
    out[1] = (char)(number + 1);
    out[7] = order;
    return 26;
}

Test(states, dtypes_of_one_key_are_apart)
{
    static const char *const keys[] = {"f8", "f8", "i4", "i8"};
    const char native = npk_dtype_byteorder(npk_dtype_native(NPK_FLOAT64));
    for (unsigned seed = 0; seed < 200; seed++) {
        char bytes[CALLS * 64] = "\x80\2cnumpy\ndtype\nq\0000](", orders[CALLS] = {0};
        size_t size = 20;
        const char *called[CALLS];
        srand(seed);
        for (int i = 0; i < CALLS; i++) {
            called[i] = keys[rand() % 4];
            size += put_call(bytes + size, called[i], i);
            const int built = rand() % (i + 1); /* of those so far */
            if (rand() % 2 == 0 && orders[built] == 0) {
                orders[built] = "<>="[rand() % 3];
                size += put_order(bytes + size, orders[built], built);
            }
        }
        memcpy(bytes + size, "e.", 2);
        npk_doc *doc = NULL;
        npk_error error = {.message = ""};
        cr_assert_eq(npk_doc_load_memory(bytes, size + 2, NULL, &doc, &error), NPK_OK, "seed %u: %s", seed, error.message);
        for (int i = 0; i < CALLS; i++) {
            char found[8], expected[8];
            snprintf(expected, sizeof expected, "%c%s", orders[i] == 0 || orders[i] == '=' ? native : orders[i], called[i]);
            const npk_dtype *dtype = npk_value_dtype(npk_value_item(npk_doc_root(doc), (size_t)i));
            npk_dtype_str(dtype, found, sizeof found);
            cr_expect_str_eq(found, expected, "seed %u, call %d", seed, i);
        }
        npk_doc_free(doc);
    }
}
