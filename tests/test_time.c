#include <npickle/element.h>

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

/* What NumPy says of times: their text, what texts mean, and the seconds they are. */
typedef struct text_row {
    const char *code, *value, *text;
} text_row;

static const text_row texts[] = {
#define SCALE(from, to, values)
#define SECONDS(code, value, seconds, nanoseconds)
#define PARSE(code, text, value)
#define TEXT(code, value, text) {code, value, text},
#include "data/times.inc"
#undef TEXT
#undef PARSE
};

static const text_row parses[] = {
#define TEXT(code, value, text)
#define PARSE(code, text, value) {code, value, text},
#include "data/times.inc"
#undef SECONDS
#undef PARSE
};

static const struct {
    const char *code;
    int64_t value, seconds;
    int32_t nanoseconds;
} lengths[] = {
#define PARSE(code, text, value)
#define SECONDS(code, value, seconds, nanoseconds) {code, value, seconds, nanoseconds},
#include "data/times.inc"
};

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

static const npk_dtype *dtype_of(const char *code)
{
    const npk_dtype *dtype;
    cr_assert_eq(npk_dtype_parse(code, NULL, &dtype, NULL), NPK_OK, "%s", code);
    return dtype;
}

static int64_t number(const char *text)
{
    return strcmp(text, "NaT") == 0 ? INT64_MIN : strtoll(text, NULL, 10);
}

Test(time, text)
{
    char found[NPK_TIME_TEXT];
    for (size_t i = 0; i < COUNT(texts); i++) {
        const npk_dtype *dtype = dtype_of(texts[i].code);
        memset(found, 'x', sizeof found);
        size_t size = npk_time_text(dtype, number(texts[i].value), found, sizeof found);
        cr_expect_eq(size, strlen(texts[i].text), "%s %s", texts[i].code, texts[i].value);
        cr_expect_str_eq(found, texts[i].text, "%s %s", texts[i].code, texts[i].value);
        npk_dtype_free(dtype);
    }
}

/* What is printed is understood again, as the same number: every text that NumPy has. */
Test(time, text_and_back)
{
    int64_t found;
    for (size_t i = 0; i < COUNT(texts); i++) {
        const npk_dtype *dtype = dtype_of(texts[i].code);
        if (*texts[i].text != '\0') {
            cr_expect_eq(npk_time_parse(dtype, texts[i].text, &found, NULL), NPK_OK, "%s", texts[i].text);
            cr_expect_eq(found, number(texts[i].value), "%s %s: found %jd", texts[i].code, texts[i].text,
                         (intmax_t)found);
        }
        npk_dtype_free(dtype);
    }
}

Test(time, parse)
{
    int64_t found;
    npk_error error;
    for (size_t i = 0; i < COUNT(parses); i++) {
        const npk_dtype *dtype = dtype_of(parses[i].code);
        bool refused = strcmp(parses[i].value, "-") == 0;
        npk_status status = npk_time_parse(dtype, parses[i].text, &found, &error);
        cr_expect_eq(status == NPK_OK, !refused, "%s '%s': %s", parses[i].code, parses[i].text,
                     npk_status_name(status));
        cr_expect(refused || status != NPK_OK || found == number(parses[i].value), "%s '%s': found %jd",
                  parses[i].code, parses[i].text, (intmax_t)found);
        cr_expect(!refused || status == NPK_ERR_USAGE || status == NPK_ERR_CAST);
        npk_dtype_free(dtype);
    }
}

Test(time, seconds)
{
    npk_time found;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        const npk_dtype *dtype = dtype_of(lengths[i].code);
        cr_assert_eq(npk_time_of(dtype, lengths[i].value, &found, NULL), NPK_OK, "row %zu", i);
        cr_expect(!found.is_nat && found.seconds == lengths[i].seconds && found.nanoseconds == lengths[i].nanoseconds,
                  "%s %jd: found %jd + %d", lengths[i].code, (intmax_t)lengths[i].value, (intmax_t)found.seconds,
                  (int)found.nanoseconds);
        npk_dtype_free(dtype);
    }
}

/* Back again it is the same number, but where the unit is finer than ns. */
Test(time, seconds_and_back)
{
    int64_t value;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        const npk_dtype *dtype = dtype_of(lengths[i].code);
        npk_time time = {lengths[i].seconds, lengths[i].nanoseconds, false};
        cr_assert_eq(npk_time_value(dtype, &time, &value, NULL), NPK_OK, "row %zu", i);
        if (npk_dtype_unit(dtype, NULL) <= NPK_UNIT_NANOSECOND)
            cr_expect_eq(value, lengths[i].value, "%s: found %jd", lengths[i].code, (intmax_t)value);
        npk_dtype_free(dtype);
    }
}

Test(time, edges)
{
    static const struct {
        const char *code;
        int64_t value;
        npk_status status;
        int64_t seconds;
        int32_t nanoseconds;
    } rows[] = {
        {"M8[ns]", INT64_MAX, NPK_OK, 9223372036, 854775807},
        {"M8[ns]", INT64_MIN + 1, NPK_OK, -9223372037, 145224193},
        {"M8[s]", INT64_MAX, NPK_OK, INT64_MAX, 0},
        {"M8[s]", INT64_MIN + 1, NPK_OK, INT64_MIN + 1, 0},
        {"M8[m]", INT64_MAX / 60, NPK_OK, INT64_MAX / 60 * 60, 0},
        {"M8[m]", INT64_MAX / 60 + 1, NPK_ERR_CAST, 0, 0},
        {"M8[m]", INT64_MIN / 60, NPK_OK, INT64_MIN / 60 * 60, 0},
        {"M8[m]", INT64_MIN / 60 - 1, NPK_ERR_CAST, 0, 0},
        {"M8[D]", INT64_MAX, NPK_ERR_CAST, 0, 0},
        {"M8[Y]", INT64_MAX, NPK_ERR_CAST, 0, 0},
        {"M8[Y]", 292277024626, NPK_OK, 9223372036825516800, 0},
        {"M8[Y]", 292277024627, NPK_ERR_CAST, 0, 0},
        {"m8[as]", -1, NPK_OK, -1, 999999999},
        {"m8[Y]", 1, NPK_ERR_CAST, 0, 0},
        {"m8[M]", 1, NPK_ERR_CAST, 0, 0},
        {"M8", 1, NPK_ERR_CAST, 0, 0},
        {"i8", 1, NPK_ERR_CAST, 0, 0},
        {"M8[2147483647W]", INT64_MAX, NPK_ERR_CAST, 0, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        npk_time found = {0, 0, false};
        const npk_dtype *dtype = dtype_of(rows[i].code);
        cr_expect_eq(npk_time_of(dtype, rows[i].value, &found, NULL), rows[i].status, "row %zu", i);
        cr_expect(rows[i].status != NPK_OK ||
                      (found.seconds == rows[i].seconds && found.nanoseconds == rows[i].nanoseconds),
                  "row %zu: found %jd + %d", i, (intmax_t)found.seconds, (int)found.nanoseconds);
        npk_dtype_free(dtype);
    }
}

Test(time, nat)
{
    npk_time time;
    int64_t value;
    const npk_dtype *dtype = dtype_of("M8[ns]");
    cr_assert_eq(npk_time_of(dtype, INT64_MIN, &time, NULL), NPK_OK);
    cr_assert(time.is_nat && time.seconds == 0 && time.nanoseconds == 0);
    cr_assert_eq(npk_time_value(dtype, &time, &value, NULL), NPK_OK);
    cr_assert_eq(value, INT64_MIN);
    npk_dtype_free(dtype);
}

Test(time, value_refused)
{
    static const struct {
        const char *code;
        npk_time time;
        npk_status status;
    } rows[] = {
        {"M8[s]", {0, -1, false}, NPK_ERR_USAGE},
        {"M8[s]", {0, 1000000000, false}, NPK_ERR_USAGE},
        {"M8[s]", {0, 999999999, false}, NPK_OK},
        {"M8[s]", {INT64_MIN, 0, false}, NPK_ERR_CAST}, /* would be NaT */
        {"M8[ns]", {9223372036, 854775807, false}, NPK_OK},
        {"M8[ns]", {9223372036, 854775808, false}, NPK_ERR_CAST},
        {"M8[as]", {9, 223372036, false}, NPK_OK},
        {"M8[as]", {10, 0, false}, NPK_ERR_CAST},
        {"m8[M]", {0, 0, false}, NPK_ERR_CAST},
        {"M8", {0, 0, false}, NPK_ERR_CAST},
        {"f8", {0, 0, false}, NPK_ERR_CAST},
    };
    int64_t value;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const npk_dtype *dtype = dtype_of(rows[i].code);
        cr_expect_eq(npk_time_value(dtype, &rows[i].time, &value, NULL), rows[i].status, "row %zu", i);
        npk_dtype_free(dtype);
    }
    cr_assert_eq(npk_time_value(NULL, &rows[2].time, &value, NULL), NPK_ERR_USAGE);
}

Test(time, text_sizes)
{
    char text[8];
    const npk_dtype *day = dtype_of("M8[D]"), *none = dtype_of("M8");
    cr_assert_eq(npk_time_text(day, 0, text, sizeof text), 10);
    cr_assert_str_eq(text, "1970-01");
    cr_assert_eq(npk_time_text(day, 0, NULL, 0), 10);
    cr_assert_eq(npk_time_text(none, 5, text, sizeof text), 0);
    cr_assert_str_eq(text, "");
    cr_assert_eq(npk_time_text(npk_dtype_native(NPK_INT64), 5, text, sizeof text), 0);
    npk_dtype_free(day);
    npk_dtype_free(none);
}

Test(time, spans_parse)
{
    int64_t value;
    const npk_dtype *span = dtype_of("m8[s]"), *none = dtype_of("M8");
    cr_assert_eq(npk_time_parse(span, "-9223372036854775807", &value, NULL), NPK_OK);
    cr_assert_eq(value, -INT64_MAX);
    cr_assert_eq(npk_time_parse(span, "-9223372036854775808", &value, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_time_parse(span, "9223372036854775808", &value, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_time_parse(span, "1.5", &value, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_time_parse(span, "nAt", &value, NULL), NPK_OK);
    cr_assert_eq(value, INT64_MIN);
    cr_assert_eq(npk_time_parse(none, "2021", &value, NULL), NPK_ERR_CAST);
    cr_assert_eq(npk_time_parse(npk_dtype_native(NPK_BOOL), "2021", &value, NULL), NPK_ERR_CAST);
    cr_assert_eq(npk_time_parse(NULL, "2021", &value, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_time_parse(span, NULL, &value, NULL), NPK_ERR_USAGE);
    npk_dtype_free(span);
    npk_dtype_free(none);
}

Test(time, arrays)
{
    static const int64_t in[2][3] = {{0, 1, INT64_MIN}, {-1, 1000, 86400000}};
    static const npk_time wanted[6] = {{0, 0, false},          {0, 1000000, false}, {0, 0, true},
                                       {-1, 999000000, false}, {1, 0, false},       {86400, 0, false}};
    npk_time found[6];
    int64_t swapped[6];
    npk_error error;
    const npk_dtype *native = dtype_of("M8[ms]");
    const npk_dtype *other = dtype_of(npk_dtype_byteorder(native) == '<' ? ">M8[ms]" : "<M8[ms]");
    npk_array array = {.dtype = native, .data = in, .ndim = 2, .shape = (const int64_t[]){2, 3}};
    cr_assert_eq(npk_array_read_as(&array, other, NPK_CAST_SAME, swapped, 6, NULL), NPK_OK);
    for (int order = 0; order < 2; order++) {
        cr_assert_eq(npk_array_read_times(&array, found, 6, NULL), NPK_OK);
        for (int i = 0; i < 6; i++) {
            npk_time one;
            int64_t index[2] = {i / 3, i % 3};
            cr_assert_eq(npk_array_get_time(&array, index, &one, NULL), NPK_OK);
            cr_expect(found[i].seconds == wanted[i].seconds && found[i].nanoseconds == wanted[i].nanoseconds &&
                      found[i].is_nat == wanted[i].is_nat);
            cr_expect(one.seconds == wanted[i].seconds && one.nanoseconds == wanted[i].nanoseconds &&
                      one.is_nat == wanted[i].is_nat);
        }
        array.dtype = other;
        array.data = swapped;
    }
    cr_assert_eq(npk_array_read_times(&array, found, 5, &error), NPK_ERR_USAGE);
    cr_assert_eq(npk_array_read_times(&array, NULL, 6, &error), NPK_ERR_USAGE);
    cr_assert_eq(npk_array_get_time(&array, (const int64_t[]){0, 3}, found, &error), NPK_ERR_USAGE);
    array.dtype = npk_dtype_native(NPK_INT64);
    cr_assert_eq(npk_array_read_times(&array, found, 6, &error), NPK_ERR_CAST);
    array.dtype = native;
    array.shape = (const int64_t[]){0, 3};
    cr_assert_eq(npk_array_read_times(&array, NULL, 0, NULL), NPK_OK);
    npk_dtype_free(native);
    npk_dtype_free(other);
}
