/* Values and arrays as text, against what Python and NumPy print: tests/data/show.golden, made by
 * tests/gen/show.py, and show-mldtypes.golden. */
#include <npickle/print.h>
#include <npickle/reader.h>

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT ((uint64_t)8 << 20)

static FILE *open_golden(const char *name)
{
    const char *directory = getenv("NPICKLE_TEST_DATA");
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory == NULL ? "tests/data" : directory, name);
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file, "%s", path);
    return file;
}

/* The next line without its end, NULL after the last. It is valid until the next call. */
static char *next_line(FILE *file, char **room, size_t *size)
{
    size_t used = 0;
    int c;
    while ((c = getc(file)) != EOF && c != '\n') {
        if (used + 2 > *size) {
            *size = *size * 2 + 4096;
            *room = realloc(*room, *size);
            cr_assert_not_null(*room);
        }
        (*room)[used++] = (char)c;
    }
    if (c == EOF)
        return NULL;
    if (*size == 0) {
        *size = 1;
        *room = realloc(*room, 1);
        cr_assert_not_null(*room);
    }
    (*room)[used] = '\0';
    return *room;
}

static unsigned digit(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
}

/* The text of a pickle, without a newline at its end. Ended by NUL, to be freed. */
static char *text_of(const uint8_t *bytes, size_t size, uint64_t limit, npk_status *status)
{
    npk_error error = {.status = NPK_OK};
    npk_doc *doc;
    *status = npk_doc_load_memory(bytes, size, NULL, &doc, &error);
    cr_assert_eq(*status, NPK_OK, "%s", error.message);
    FILE *file = tmpfile();
    cr_assert_not_null(file);
    npk_print_options options = {.most = limit};
    *status = npk_print_value(npk_doc_root(doc), &options, npk_sink_file, file, &error);
    npk_doc_free(doc);
    long length = ftell(file);
    char *text = calloc((size_t)length + 1, 1);
    cr_assert_not_null(text);
    rewind(file);
    cr_assert_eq(fread(text, 1, (size_t)length, file), (size_t)length);
    fclose(file);
    return text;
}

static char *text_of_hex(const char *hex)
{
    size_t size = strlen(hex) / 2;
    uint8_t *bytes = malloc(size + 1);
    cr_assert_not_null(bytes);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
    npk_status status;
    char *text = text_of(bytes, size, LIMIT, &status);
    cr_assert_eq(status, NPK_OK);
    free(bytes);
    return text;
}

/* Every case in turn; one that differs is told, and the others go on. */
static void check_golden(const char *golden, size_t at_least)
{
    FILE *file = open_golden(golden);
    char *room = NULL, *line, *text = NULL, *at = NULL;
    size_t size = 0, cases = 0;
    char name[100] = "";
    bool good = true;
    while ((line = next_line(file, &room, &size)) != NULL) {
        if (strncmp(line, "case ", 5) == 0) {
            cr_expect(at == NULL || *at == '\0', "%s: more than was expected: %s", name, at);
            free(text);
            text = at = NULL;
            good = true;
            cases++;
            snprintf(name, sizeof name, "%s", line + 5);
        } else if (line[0] == '|' && good) {
            cr_assert_not_null(at, "%s: text without a pickle", name);
            size_t length = strcspn(at, "\n");
            good = length == strlen(line + 1) && memcmp(at, line + 1, length) == 0;
            cr_expect(good, "%s: expected\n%s\nfound\n%.*s", name, line + 1, (int)length, at);
            at += good ? length + (at[length] == '\n') : strlen(at);
        } else if (line[0] != '#' && line[0] != '|') {
            at = text = text_of_hex(line);
        }
    }
    cr_expect(at == NULL || *at == '\0', "%s: more than was expected: %s", name, at);
    cr_expect_geq(cases, at_least);
    free(text);
    free(room);
    fclose(file);
}

Test(show, golden)
{
    check_golden("show.golden", 400);
}

Test(show, golden_of_ml_dtypes)
{
    check_golden("show-mldtypes.golden", 100);
}

/* [[...], [...]], 60 levels of two times the same list: 2^60 items as text, and about 500 bytes as a pickle. */
static size_t put_bomb(uint8_t *pickle)
{
    size_t size = 0;
    pickle[size++] = ']';
    for (uint8_t i = 0; i < 60; i++) {
        const uint8_t level[] = {'q', i, '0', ']', '(', 'h', i, 'h', i, 'e'};
        memcpy(pickle + size, level, sizeof level);
        size += sizeof level;
    }
    pickle[size++] = '.';
    return size;
}

Test(show, exponential_sharing_ends_at_the_limit, .timeout = 10)
{
    uint8_t pickle[1000];
    npk_status status;
    char *text = text_of(pickle, put_bomb(pickle), LIMIT, &status);
    cr_expect_eq(status, NPK_ERR_LIMIT);
    cr_expect_leq(strlen(text), LIMIT);
    cr_expect(strncmp(text, "[[[[", 4) == 0);
    free(text);
}

/* "[1, 2, 3]" has nine characters. */
Test(show, the_limit_is_exact)
{
    const uint8_t pickle[] = {']', '(', 'K', 1, 'K', 2, 'K', 3, 'e', '.'};
    npk_status status;
    free(text_of(pickle, sizeof pickle, 9, &status));
    cr_expect_eq(status, NPK_OK);
    free(text_of(pickle, sizeof pickle, 8, &status));
    cr_expect_eq(status, NPK_ERR_LIMIT);
}

/* Of a large array only what is printed is touched: here most of its memory is not there at all. */
Test(show, a_large_array_is_not_read)
{
    const int64_t shape[] = {INT64_C(1) << 40}, strides[] = {0};
    const uint8_t one[] = {0, 0, 0x80, 0x3f};
    const npk_array array = {
        .dtype = npk_dtype_ordered(NPK_FLOAT32, '<'), .data = one, .ndim = 1, .shape = shape, .strides = strides};
    FILE *file = tmpfile();
    cr_assert_not_null(file);
    cr_expect_eq(npk_print_array(&array, NULL, npk_sink_file, file, NULL), NPK_OK);
    rewind(file);
    char text[200] = "";
    cr_expect_gt(fread(text, 1, sizeof text - 1, file), 0);
    cr_expect_str_eq(text, "array([1., 1., 1., ..., 1., 1., 1.], shape=(1099511627776,), dtype=float32)");
    fclose(file);
}

/* Strides of any kind: a matrix that is transposed and runs backwards. */
Test(show, strides)
{
    const uint8_t numbers[] = {1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0};
    const int64_t shape[] = {3, 2}, strides[] = {-2, 6};
    const npk_array array = {
        .dtype = npk_dtype_ordered(NPK_INT16, '<'), .data = numbers + 4, .ndim = 2, .shape = shape, .strides = strides};
    FILE *file = tmpfile();
    cr_assert_not_null(file);
    cr_expect_eq(npk_print_array(&array, NULL, npk_sink_file, file, NULL), NPK_OK);
    rewind(file);
    char text[200] = "";
    cr_expect_gt(fread(text, 1, sizeof text - 1, file), 0);
    cr_expect_str_eq(text, "array([[3, 6],\n       [2, 5],\n       [1, 4]], dtype=int16)");
    fclose(file);
}
