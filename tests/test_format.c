#define _GNU_SOURCE /* memmem */
/* doc/format.md: the pickles that it spells out are what Python and NumPy wrote (tests/gen/format.py), and the library
 * reads and writes them so; its tables say what NumPy has, and what the table of opcodes has. */
#include "golden.h"

#include <npickle.h>

static npk_error error;

/* --- the document ------------------------------------------------------------------------------------------------- */

typedef struct document {
    char *text;
    golden_bytes *spelled; /* each run of bytes that it spells out */
    size_t count;
} document;

/* Takes a token off the front of *at: two hexadecimal digits, "text", N x HH. False where there is none. */
static bool take_token(const char **at, golden_bytes *out)
{
    const char *p = *at + strspn(*at, " ");
    unsigned times, byte;
    int length = 0;
    if (sscanf(p, "%u x %2x%n", &times, &byte, &length) == 2 && length > 0) {
        for (const uint8_t value = (uint8_t)byte; times > 0; times--)
            golden_add(out, &value, 1);
        *at = p + length;
        return true;
    }
    if (*p == '"') {
        for (p++; *p != '"'; p++) {
            cr_assert(*p != '\0' && *p != '\n', "a text without an end: %.40s", *at);
            uint8_t value = (uint8_t)*p;
            if (*p == '\\' && *++p == 'x') {
                value = golden_hex(p + 1);
                p += 2;
            } else if (value == '\\') {
                value = *p == 'n' ? '\n' : (uint8_t)*p;
            }
            golden_add(out, &value, 1);
        }
        *at = p + 1;
        return true;
    }
    if (strspn(p, "0123456789abcdef") != 2 || strchr(" \n`", p[2]) == NULL)
        return false;
    const uint8_t value = golden_hex(p);
    golden_add(out, &value, 1);
    *at = p + 2;
    return true;
}

static void keep(document *doc, golden_bytes *run)
{
    if (run->size > 0) {
        doc->spelled = realloc(doc->spelled, (doc->count + 1) * sizeof *doc->spelled);
        cr_assert(doc->spelled != NULL);
        doc->spelled[doc->count++] = *run;
    }
    *run = (golden_bytes){NULL, 0};
}

/* The pickles between backquotes of a line. */
static void take_inline(document *doc, const char *line, const char *end)
{
    for (const char *at = line; (at = memchr(at, '`', (size_t)(end - at))) != NULL;) {
        at++;
        const char *close = memchr(at, '`', (size_t)(end - at));
        golden_bytes run = {NULL, 0};
        if (close == NULL)
            return;
        while (at < close && take_token(&at, &run)) {
        }
        if (at == close && run.size > 1)
            keep(doc, &run);
        else
            free(run.bytes);
        at = close + 1;
    }
}

/* A line of a block: perhaps an offset in its first four columns, then bytes, then what is said of them. */
static void take_line(const char *line, golden_bytes *run)
{
    unsigned offset;
    if (strncmp(line, "   ", 3) != 0 || line[3] != ' ') {
        int length = 0;
        if (sscanf(line, "%u%n", &offset, &length) == 1 && length == 4)
            line += offset == run->size ? 4 : 0;
    }
    while (take_token(&line, run)) {
    }
}

static document read_document(void)
{
    document doc = {.text = golden_read("../../doc/format.md")};
    golden_bytes run = {NULL, 0};
    bool inside = false;
    for (const char *line = doc.text; *line != '\0';) {
        const char *end = line + strcspn(line, "\n");
        bool fence = strncmp(line, "```", 3) == 0;
        if (fence || end == line)
            keep(&doc, &run);
        else if (inside)
            take_line(line, &run);
        else
            take_inline(&doc, line, end);
        inside = inside != fence;
        line = end + (*end == '\n');
    }
    return doc;
}

static void free_document(document *doc)
{
    for (size_t i = 0; i < doc->count; i++)
        free(doc->spelled[i].bytes);
    free(doc->spelled);
    free(doc->text);
}

static size_t find_spelled(const document *doc, golden_bytes bytes)
{
    size_t found = 0;
    for (size_t i = 0; i < doc->count; i++)
        found += doc->spelled[i].size == bytes.size && memcmp(doc->spelled[i].bytes, bytes.bytes, bytes.size) == 0;
    return found;
}

/* Column `column` of the row of a table whose first column is `first`, to be freed; the first such row behind `from`. */
static char *cell_of(const document *doc, const char *from, const char *first, int column)
{
    char start[200];
    snprintf(start, sizeof start, "\n| %s |", first);
    const char *section = strstr(doc->text, from);
    cr_assert(section != NULL, "no section %s", from);
    const char *row = strstr(section, start);
    cr_assert(row != NULL, "no row %s", start + 1);
    row++;
    for (int i = 1; i < column; i++)
        row = strchr(row + 1, '|');
    return strndup(row + 2, strcspn(row + 2, "|") - 1);
}

/* --- pickles ------------------------------------------------------------------------------------------------------ */

static npk_doc *load(const char *name, golden_bytes pickle)
{
    npk_doc *doc = NULL;
    cr_assert_eq(npk_doc_load_memory(pickle.bytes, pickle.size, NULL, &doc, &error), NPK_OK, "%s: %s", name,
                 error.message);
    return doc;
}

static void expect_written(const char *name, npk_dialect dialect, int protocol, golden_bytes pickle)
{
    const npk_write_options options = {.dialect = dialect, .protocol_given = true, .protocol = protocol};
    golden_bytes again;
    npk_doc *doc = load(name, pickle);
    cr_assert_eq(npk_doc_save_memory(doc, &options, &again.bytes, &again.size, &error), NPK_OK, "%s: %s", name,
                 error.message);
    cr_expect(again.size == pickle.size && memcmp(again.bytes, pickle.bytes, again.size) == 0, "%s, protocol %d", name,
              protocol);
    npk_bytes_free(NULL, again.bytes, again.size);
    npk_doc_free(doc);
}

/* The first pickle has the value that Python prints so. Of complex() the library keeps the call. */
static void expect_printed(const char *name, golden_bytes pickle, golden_bytes repr)
{
    static const char *const calls[] = {"args=(1, 2)>", "args=(1,) kwargs={'imag': 2}>"};
    npk_reader *reader;
    npk_doc *doc;
    golden_bytes text = {NULL, 0};
    cr_assert_eq(npk_reader_memory(pickle.bytes, pickle.size, NULL, &reader, &error), NPK_OK);
    cr_assert_eq(npk_reader_next(reader, &doc, &error), NPK_OK, "%s: %s", name, error.message);
    cr_assert_eq(npk_print_value(npk_doc_root(doc), NULL, golden_collect, &text, &error), NPK_OK);
    golden_add(&text, "", 1);
    golden_add(&repr, "", 1);
    if (strcmp((char *)repr.bytes, "(1+2j)") == 0)
        cr_expect(strstr((char *)text.bytes, calls[strcmp(name, "NEWOBJ_EX") == 0]) != NULL, "%s: %s", name,
                  text.bytes);
    else
        cr_expect_str_eq((char *)text.bytes, (char *)repr.bytes, "%s", name);
    npk_doc_free(doc);
    npk_reader_close(reader);
    free(text.bytes);
    free(repr.bytes);
}

/* Each pickle of Python's stands in the document, loads as Python loads it, and is written as its writer wrote it. */
Test(format, pickles_are_those_of_python)
{
    document doc = read_document();
    golden g;
    golden_bytes pickle;
    int protocol, count = 0;
    golden_open(&g, "format-python.golden");
    for (; golden_case(&g);) {
        char *writer = golden_word(&g.words), *quoted = golden_word(&g.words);
        npk_dialect dialect = NPK_DIALECT_DEFAULT;
        bool by_hand = strcmp(writer, "-") == 0;
        cr_assert(by_hand || npk_dialect_parse(writer, &dialect, NULL) == NPK_OK);
        for (; golden_pickle(&g, &protocol, &pickle); count++) {
            cr_expect(find_spelled(&doc, pickle) > 0, "%s by %s at protocol %d is not in the document", g.name, writer,
                      protocol);
            if (!by_hand)
                expect_written(g.name, dialect, protocol, pickle);
            if (strcmp(quoted, "-") != 0)
                expect_printed(g.name, pickle, golden_unquote(quoted));
        }
    }
    cr_expect_eq(count, 59, "%d pickles", count);
    golden_close(&g);
    free_document(&doc);
}

/* Whatever the document spells out from PROTO to STOP loads; the array of sections 3 and 4 is written so. */
Test(format, whole_pickles_load)
{
    document doc = read_document();
    int whole = 0, arrays = 0;
    for (size_t i = 0; i < doc.count; i++) {
        golden_bytes run = doc.spelled[i];
        if (run.size < 4 || run.bytes[0] != 0x80 || run.bytes[run.size - 1] != '.')
            continue;
        npk_doc *loaded = load("in the document", run);
        npk_array array;
        if (npk_array_of(npk_doc_root(loaded), &array, NULL) == NPK_OK) {
            static const uint8_t elements[] = {1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0};
            cr_assert_eq(npk_array_nbytes(&array), sizeof elements);
            cr_expect_arr_eq(array.data, elements, sizeof elements);
            cr_expect_eq(run.size, run.bytes[1] == 2 ? 220 : 140);
            expect_written("the array", NPK_CPYTHON(3, 11) | NPK_NUMPY(1, 26), run.bytes[1], run);
            arrays++;
        }
        npk_doc_free(loaded);
        whole++;
    }
    cr_expect_eq(arrays, 2);
    cr_expect_geq(whole, 20, "%d", whole);
    free_document(&doc);
}

/* --- what follows STOP and BUILD ---------------------------------------------------------------------------------- */

Test(format, padding_and_further_pickles)
{
    static const uint8_t two[] = "K\x01.K\x02.", padded[] = "K\x01.\r\n \0";
    npk_doc *doc;
    npk_reader *reader;
    npk_doc_info info;
    cr_assert_eq(npk_doc_load_memory(padded, 7, NULL, &doc, NULL), NPK_OK);
    cr_expect(npk_doc_info_of(doc, &info) && info.size == 3 && info.padding == 4);
    npk_doc_free(doc);
    cr_expect_eq(npk_doc_load_memory(two, 6, NULL, &doc, NULL), NPK_ERR_TRAILING);
    cr_assert_eq(npk_reader_memory(two, 6, NULL, &reader, NULL), NPK_OK);
    for (int i = 1; i <= 2; i++) {
        int64_t value = 0;
        cr_assert_eq(npk_reader_next(reader, &doc, NULL), NPK_OK);
        cr_expect(npk_value_as_int64(npk_doc_root(doc), &value) && value == i);
        npk_doc_free(doc);
    }
    npk_reader_close(reader);
}

/* Five pickles; the second is 1001, the fifth a list of keys; then for each a count of 8 bytes and the elements. */
Test(format, torch)
{
    golden_bytes file = golden_file("torch-bool.pt");
    npk_reader *reader;
    npk_doc *docs[5];
    int64_t version = 0;
    cr_assert_eq(npk_reader_memory(file.bytes, file.size, NULL, &reader, NULL), NPK_OK);
    for (int i = 0; i < 5; i++)
        cr_assert_eq(npk_reader_next(reader, &docs[i], &error), NPK_OK, "%s", error.message);
    cr_expect(npk_value_as_int64(npk_doc_root(docs[1]), &version) && version == 1001);
    cr_expect_eq(npk_value_kind(npk_doc_root(docs[2])), NPK_KIND_DICT);
    cr_expect_eq(npk_value_kind(npk_doc_root(docs[4])), NPK_KIND_LIST);
    cr_assert_eq(npk_value_size(npk_doc_root(docs[4])), 2);
    const uint64_t end = npk_reader_offset(reader);
    /* 9 bool and 9 float */
    cr_assert_eq(file.size - end, 8 + 9 + 8 + 9 * 4);
    cr_expect(file.bytes[end] == 9 && file.bytes[end + 8 + 9] == 9);
    for (int i = 0; i < 5; i++)
        npk_doc_free(docs[i]);
    npk_reader_close(reader);
    free(file.bytes);
}

/* Where the BUILD of the wrapper ends: behind the last key of its state. */
static size_t end_of_wrapper(golden_bytes file, const char *last_key, size_t value_size)
{
    const uint8_t *key = memmem(file.bytes, file.size, last_key, strlen(last_key));
    cr_assert(key != NULL);
    const uint8_t *build = memchr(key, 'u', (size_t)(file.bytes + file.size - key));
    for (build = key + strlen(last_key) + value_size; !(build[0] == 'u' && build[1] == 'b'); build++)
        cr_assert_lt((size_t)(build - file.bytes), file.size - 2);
    return (size_t)(build - file.bytes) + 2;
}

static void expect_joblib(char *words)
{
    const char *version = golden_word(&words), *code = golden_word(&words);
    golden_bytes file = golden_unquote(golden_word(&words));
    bool padded = strcmp(version, "1.1.1") != 0;
    size_t at = end_of_wrapper(file, padded ? "numpy_array_alignment_bytes" : "allow_mmap", 2);
    npk_array array;
    npk_doc *doc = load(version, file);
    cr_assert_eq(npk_array_of(npk_doc_root(doc), &array, NULL), NPK_OK);
    cr_expect_eq(array.shape[0], 3);
    if (strcmp(code, "O") == 0) {
        cr_expect_eq(file.bytes[at], 0x80, "%s: a pickle of its own", version);
        cr_expect_eq(memcmp(file.bytes + file.size - 2, "..", 2), 0);
    } else {
        if (padded) {
            size_t padding = file.bytes[at++];
            for (; padding > 0; padding--)
                cr_expect_eq(file.bytes[at++], 0xff);
        }
        cr_expect(at + 4 == file.size && memcmp(file.bytes + at, "\0\1\2.", 4) == 0, "%s", version);
        cr_expect_arr_eq(array.data, "\0\1\2", 3);
    }
    npk_doc_free(doc);
    free(file.bytes);
}

/* --- tables ------------------------------------------------------------------------------------------------------- */

static void expect_flags(const document *doc, char *words)
{
    const char *numpy = golden_word(&words);
    golden_bytes row = golden_unquote(golden_word(&words));
    bool aligned = golden_word(&words)[0] == '1', second = numpy[0] == '2';
    const char *flags = golden_word(&words);
    golden_bytes pickle = golden_unquote(golden_word(&words));
    golden_add(&row, "", 1);
    char *cell = cell_of(doc, "\n## 5. ", (char *)row.bytes, aligned ? second ? 4 : 3 : 2);
    /* the second column of the table has the flags, the third and the fourth those of aligned structs */
    cr_expect_str_eq(cell, flags, "%s, NumPy %s", row.bytes, numpy);
    expect_written((char *)row.bytes, NPK_CPYTHON(3, 11) | (second ? NPK_NUMPY(2, 5) : NPK_NUMPY(1, 26)), 2, pickle);
    free(cell);
    free(row.bytes);
    free(pickle.bytes);
}

static void expect_name(const document *doc, char *words)
{
    static const struct {
        const char *numpy;
        int column;
    } columns[] = {{"1.15", 2}, {"1.16", 2}, {"1.26", 3}, {"2.0", 4}, {"2.4", 4}, {"2.5", 5}};
    const char *numpy = golden_word(&words);
    char first[100];
    int column = 0;
    snprintf(first, sizeof first, "`%s`", golden_word(&words));
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        if (strcmp(columns[i].numpy, numpy) == 0)
            column = columns[i].column;
    cr_assert(column > 0, "NumPy %s", numpy);
    char *cell = cell_of(doc, "\n## 7. ", first, column);
    cr_expect_str_eq(cell, golden_word(&words), "%s in NumPy %s", first, numpy);
    free(cell);
}

Test(format, tables_are_those_of_numpy)
{
    document doc = read_document();
    golden g;
    int rows = 0;
    golden_open(&g, "format-numpy.golden");
    for (char *line; (line = golden_line(&g)) != NULL; rows++) {
        const char *kind = golden_word(&line);
        if (strcmp(kind, "flags") == 0)
            expect_flags(&doc, line);
        else if (strcmp(kind, "name") == 0)
            expect_name(&doc, line);
        else
            expect_joblib(line);
    }
    cr_expect_eq(rows, 6 * 8 + 2 * 22 + 2 * 2, "%d rows", rows);
    golden_close(&g);
    free_document(&doc);
}

/* What stands before or behind the arrow: values beside the mark and what is above it. */
static int operands(const char *text, size_t size, bool *mark)
{
    int count = 0;
    *mark = false;
    for (const char *end = text + size; text < end;) {
        text += strspn(text, " ,");
        size_t length = strcspn(text, ", ");
        if (text + length > end)
            break;
        if (length == 4 && strncmp(text, "mark", 4) == 0) {
            *mark = true;
            break;
        }
        count += !(length == 1 && text[0] == '-');
        text += length;
        while (*text != ',' && text < end)
            text++;
    }
    return count;
}

Test(format, opcodes_take_and_leave_what_the_table_says)
{
    document doc = read_document();
    int count = 0;
    for (int byte = 0; byte < 256; byte++) {
        const npk_opcode *row = npk_opcode_row((uint8_t)byte);
        bool mark, left;
        char code[8];
        if (row == NULL)
            continue;
        char *cell = cell_of(&doc, "\n## 14. ", row->name, 5), *spelled = cell_of(&doc, "\n## 14. ", row->name, 2);
        char *protocol = cell_of(&doc, "\n## 14. ", row->name, 3);
        const char *arrow = strstr(cell, " -> ");
        cr_assert(arrow != NULL, "%s", row->name);
        int pops = operands(cell, (size_t)(arrow - cell), &mark);
        int pushes = operands(arrow + 4, strlen(arrow + 4), &left) + left;
        snprintf(code, sizeof code, "`%02x`", row->byte);
        cr_expect(strncmp(spelled, code, 4) == 0, "%s: %s", row->name, spelled);
        cr_expect_eq(protocol[0] - '0', row->protocol, "%s", row->name);
        cr_expect(mark == row->to_mark, "%s: mark", row->name);
        cr_expect(pops == row->pops && pushes == row->pushes, "%s: %d -> %d, the document %d -> %d", row->name,
                  row->pops, row->pushes, pops, pushes);
        free(cell);
        free(spelled);
        free(protocol);
        count++;
    }
    cr_expect_eq(count, 68);
    free_document(&doc);
}

/* Each form of a nested state stands in the document, and is one that a real class wrote. */
Test(format, nested_states)
{
    static const struct {
        const char *row, *name;
    } rows[] = {{"`(1, shape, dtype, is_fortran, data, info)`", "longer"},
                {"`(1, shape, dtype, is_fortran, data, info)`", "astropy-column"},
                {"`((1, shape, dtype, is_fortran, data), attributes)`", "astropy-quantity"},
                {"`(attributes, (1, shape, dtype, is_fortran, data))`", "before"},
                {"`(unit, 1, shape, dtype, is_fortran, data)`", "unyt"},
                {"`{'data': (1, shape, dtype, is_fortran, data), ...}`", "keyed"},
                {"no state: `f(_reconstruct, (class, (0,), b'b'), (1, shape, dtype, is_fortran, data), ...)`", "jax"}};
    document doc = read_document();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        golden g;
        golden_bytes pickle;
        int protocol, found = 0;
        free(cell_of(&doc, "\n## 7. ", rows[i].row, 2));
        golden_open(&g, "found.golden");
        while (golden_case(&g))
            while (golden_pickle(&g, &protocol, &pickle))
                if (strcmp(g.name, rows[i].name) == 0) {
                    npk_array array;
                    npk_doc *loaded = load(g.name, pickle);
                    cr_expect_eq(npk_array_of(npk_doc_root(loaded), &array, NULL), NPK_OK, "%s", g.name);
                    npk_doc_free(loaded);
                    found++;
                }
        cr_expect_gt(found, 0, "%s", rows[i].name);
        golden_close(&g);
    }
    free_document(&doc);
}
