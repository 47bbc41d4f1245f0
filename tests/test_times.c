#include <npickle/array.h>

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

/* Times of one unit as NumPy makes times of another out of them. */
static const struct {
    const char *from, *to, *values;
} rows[] = {
#define SCALE(from, to, values) {from, to, values},
#define TEXT(code, value, text)
#define PARSE(code, text, value)
#define SECONDS(code, value, seconds, nanoseconds)
#include "data/times.inc"
};

static const npk_dtype *dtype_of(const char *code)
{
    const npk_dtype *dtype;
    cr_assert_eq(npk_dtype_parse(code, NULL, &dtype, NULL), NPK_OK, "%s", code);
    return dtype;
}

static npk_status rescale(int64_t value, const char *from, const char *to, int64_t *out, npk_error *error)
{
    const npk_dtype *from_dtype = dtype_of(from), *to_dtype = dtype_of(to);
    npk_array array = {.dtype = from_dtype, .data = &value};
    npk_status status = npk_array_read_as(&array, to_dtype, NPK_CAST_UNSAFE, out, 1, error);
    npk_dtype_free(from_dtype);
    npk_dtype_free(to_dtype);
    return status;
}

static int64_t number(const char **text)
{
    char *end;
    if (strncmp(*text, "NaT", 3) == 0) {
        *text += 3;
        return INT64_MIN;
    }
    int64_t value = strtoll(*text, &end, 10);
    cr_assert_neq(end, *text, "%s", *text);
    *text = end;
    return value;
}

Test(rescale, as_numpy)
{
    int64_t found;
    npk_error error;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *at = rows[i].values;
        if (at == NULL) {
            cr_expect_eq(rescale(0, rows[i].from, rows[i].to, &found, &error), NPK_ERR_CAST);
            cr_expect_eq(strstr(error.message, " cannot be converted to ") != NULL, true, "%s", error.message);
        }
        while (at != NULL && *at != '\0') {
            int64_t value = number(&at);
            bool refused = at[1] == '-' && (at[2] == ' ' || at[2] == '\0');
            int64_t wanted = refused ? 0 : (at++, number(&at));
            at += refused ? 2 : 0;
            at += *at == ' ';
            npk_status status = rescale(value, rows[i].from, rows[i].to, &found, &error);
            cr_expect_eq(status, refused ? NPK_ERR_CAST : NPK_OK, "%s -> %s, %jd", rows[i].from, rows[i].to,
                         (intmax_t)value);
            cr_expect(refused || found == wanted, "%s -> %s, %jd: expected %jd, found %jd", rows[i].from, rows[i].to,
                      (intmax_t)value, (intmax_t)wanted, (intmax_t)found);
        }
    }
}

/* The ends of the range, worked out by hand: NumPy overflows there, or did in some versions. */
Test(rescale, ends)
{
    static const struct {
        int64_t value;
        const char *from, *to;
        int64_t wanted; /* 0: refused */
    } ends[] = {
        {INT64_MAX, "M8[D]", "M8[W]", INT64_MAX / 7},
        {INT64_MIN + 1, "M8[D]", "M8[W]", INT64_MIN / 7},
        {INT64_MIN + 2, "M8[D]", "M8[W]", INT64_MIN / 7},
        {INT64_MAX, "M8[s]", "M8[Y]", 292277026596 - 1970},
        {INT64_MIN + 1, "M8[s]", "M8[Y]", -292277022657 - 1970},
        {INT64_MAX, "M8[D]", "M8[Y]", 25252734927768524 - 1970},
        {INT64_MIN + 1, "M8[D]", "M8[Y]", -25252734927764585 - 1970},
        {INT64_MAX / 1000, "M8[s]", "M8[ms]", INT64_MAX / 1000 * 1000},
        {INT64_MAX / 1000 + 1, "M8[s]", "M8[ms]", 0},
        {INT64_MIN / 1000, "M8[s]", "M8[ms]", INT64_MIN / 1000 * 1000},
        {INT64_MIN / 1000 - 1, "M8[s]", "M8[ms]", 0},
        {293, "M8[Y]", "M8[ns]", 0},
        {292, "M8[Y]", "M8[ns]", INT64_C(9214646400000000000)},
        {INT64_MAX, "M8[Y]", "M8[M]", 0},
        {INT64_MAX, "M8[Y]", "M8[D]", 0},
        {25252734927766554, "M8[Y]", "M8[D]", INT64_C(9223372036854775599)},
        {25252734927766555, "M8[Y]", "M8[D]", 0},
    };
    int64_t found;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        npk_status status = rescale(ends[i].value, ends[i].from, ends[i].to, &found, NULL);
        cr_expect_eq(status, ends[i].wanted == 0 ? NPK_ERR_CAST : NPK_OK, "row %zu", i);
        cr_expect(ends[i].wanted == 0 || found == ends[i].wanted, "row %zu: expected %jd, found %jd", i,
                  (intmax_t)ends[i].wanted, (intmax_t)found);
    }
}

/* Either byte order, at any place of a block. */
Test(rescale, many)
{
    enum { COUNT = 700 };
    static int64_t in[COUNT], other[COUNT], got[COUNT];
    const npk_dtype *from = dtype_of("M8[s]");
    bool little = npk_dtype_byteorder(from) == '<';
    const npk_dtype *swapped = dtype_of(little ? ">M8[s]" : "<M8[s]"), *to = dtype_of(little ? ">M8[ms]" : "<M8[ms]");
    npk_array array = {.dtype = from, .data = in, .ndim = 1, .shape = (const int64_t[]){COUNT}};
    for (int i = 0; i < COUNT; i++)
        in[i] = i == 600 ? INT64_MIN : i - 300;
    cr_assert_eq(npk_array_read_as(&array, swapped, NPK_CAST_SAME, other, COUNT, NULL), NPK_OK);
    array.dtype = swapped;
    array.data = other;
    cr_assert_eq(npk_array_read_as(&array, to, NPK_CAST_SAFE, got, COUNT, NULL), NPK_OK);
    array.dtype = to;
    array.data = got;
    cr_assert_eq(npk_array_read_as(&array, from, NPK_CAST_SAME_KIND, other, COUNT, NULL), NPK_OK);
    cr_assert_arr_eq(other, in, sizeof in);
    in[COUNT - 1] = INT64_MAX;
    array.dtype = from;
    array.data = in;
    cr_assert_eq(npk_array_read_as(&array, to, NPK_CAST_SAFE, got, COUNT, NULL), NPK_ERR_CAST);
    npk_dtype_free(from);
    npk_dtype_free(swapped);
    npk_dtype_free(to);
}
