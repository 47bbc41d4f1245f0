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
