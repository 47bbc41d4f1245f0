/* What bytes can make the reader take: memory by the byte of input, whatever they claim, and no memory for a claim. Time is
 * bounded too: each of these is over in well under a second, or goes on for hours where something is quadratic. */
#include "counted.h"
#include "drip.h"
#include "full.h"
#include "golden.h"

#include <npickle.h>

#define MIB ((size_t)1 << 20)
#define INPUT ((size_t)2000000)

/* --- inputs: a head, a unit many times over, a tail --- */

typedef struct row {
    const char *name;
    const char *head;
    size_t head_size;
    const char *unit;
    size_t unit_size;
    const char *tail;
    size_t tail_size;
    npk_status expected;
} row;

#define TEXT(literal) (literal), sizeof(literal) - 1

/* The worst that the opcodes alone can do. */
static const row floods[] = {
    {"lists", TEXT(""), TEXT("]"), TEXT("."), NPK_ERR_STACK},
    {"dicts", TEXT(""), TEXT("}"), TEXT("."), NPK_ERR_STACK},
    {"sets", TEXT(""), TEXT("\x8f"), TEXT("."), NPK_ERR_STACK},
    {"tuples", TEXT(""), TEXT(")"), TEXT("."), NPK_ERR_STACK},
    {"marks", TEXT(""), TEXT("("), TEXT("."), NPK_ERR_STACK},
    {"DUP", TEXT("]"), TEXT("2"), TEXT("."), NPK_ERR_STACK},
    {"MEMOIZE", TEXT("]"), TEXT("\x94"), TEXT("."), NPK_OK},
    {"lists in the memo", TEXT(""), TEXT("]\x94"), TEXT("."), NPK_ERR_STACK},
    {"None", TEXT(""), TEXT("N"), TEXT("."), NPK_ERR_STACK},
    {"tuples of a tuple", TEXT(""), TEXT(")\x85\x85\x85\x85\x85\x85\x85\x85\x85"), TEXT("."), NPK_ERR_STACK},
    {"lists of one", TEXT(""), TEXT("]Na"), TEXT("."), NPK_ERR_STACK},
    {"one list", TEXT("]"), TEXT("Na"), TEXT("."), NPK_OK},
    {"one dict", TEXT("}"), TEXT("NNs"), TEXT("."), NPK_OK},
    {"one key", TEXT("}("), TEXT("K\1N"), TEXT("u."), NPK_OK},
    {"empty str", TEXT(""), TEXT("V\n"), TEXT("."), NPK_ERR_STACK},
    {"escaped str", TEXT(""), TEXT("V\\\n"), TEXT("."), NPK_ERR_STACK},
    {"escaped bytes", TEXT(""), TEXT("S'\\n'\n"), TEXT("."), NPK_ERR_STACK},
    {"persistent ids", TEXT(""), TEXT("P\n"), TEXT("."), NPK_ERR_STACK},
    {"extensions", TEXT(""), TEXT("\x82\1"), TEXT("."), NPK_ERR_STACK},
    {"ints", TEXT(""), TEXT("M\xff\xff"), TEXT("."), NPK_ERR_STACK},
    {"one global", TEXT(""), TEXT("ca\nb\n"), TEXT("."), NPK_ERR_STACK},
    {"objects", TEXT("ca\nb\nq\0"), TEXT("h\0)R"), TEXT("."), NPK_ERR_STACK},
    {"instances", TEXT(""), TEXT("(ia\nb\n"), TEXT("."), NPK_ERR_STACK},
    {"states", TEXT("ca\nb\n)R"), TEXT("Nb"), TEXT("."), NPK_OK},
    {"POP_MARK", TEXT("N"), TEXT("((11"), TEXT("."), NPK_OK},
    {"a line without end", TEXT("cnumpy"), TEXT("a"), TEXT(""), NPK_ERR_TRUNCATED},
    {"digits", TEXT("L"), TEXT("9"), TEXT("L\n."), NPK_ERR_LIMIT},
    {"digits of a float", TEXT("F0."), TEXT("1"), TEXT("\n."), NPK_OK},
};

/* Work or memory that the memo lets a few bytes ask for: here the limit of a document's memory is what ends it. */
static const row repeats[] = {
    {"a class that is called, and what comes of it too", TEXT("ca\nb\n"), TEXT(")R"), TEXT("."), NPK_ERR_LIMIT},
    {"a shape",
     TEXT("cnumpy.core.multiarray\n_reconstruct\nq\0cnumpy\nndarray\nq\1("
          "K\0K\0K\0K\0K\0K\0K\0K\0K\0K\0K\0K\0tU\1b\x87q\2"),
     TEXT("h\0h\2R0"), TEXT("N."), NPK_ERR_STACK},
    {"an array.array", TEXT("carray\narray\nq\0U\1iU\4abcd\x86q\1"), TEXT("h\0h\1R0"), TEXT("0."), NPK_OK},
    {"characters", TEXT("carray\narray\nq\0U\1uU\4abc\0\x86q\1"), TEXT("h\0h\1R0"), TEXT("0."), NPK_OK},
    {"a list of elements", TEXT("carray\narray\nq\0U\1d](KKKKKKKKKKKKKKKKe\x86q\1"), TEXT("h\0h\1R0"), TEXT("0."),
     NPK_OK},
};

static golden_bytes repeated(const row *r, size_t size)
{
    golden_bytes out = {malloc(r->head_size + size + r->unit_size + r->tail_size), 0};
    cr_assert_not_null(out.bytes);
    memcpy(out.bytes, r->head, r->head_size);
    out.size = r->head_size;
    for (; out.size < size; out.size += r->unit_size)
        memcpy(out.bytes + out.size, r->unit, r->unit_size);
    memcpy(out.bytes + out.size, r->tail, r->tail_size);
    out.size += r->tail_size;
    return out;
}

static npk_status load(golden_bytes input, size_t *peak)
{
    counted counter = {.fail = 0};
    npk_allocator allocator = {resize_counted, &counter};
    npk_read_options options = {.allocator = &allocator};
    npk_doc *doc = NULL;
    npk_status status = npk_doc_load_memory(input.bytes, input.size, &options, &doc, NULL);
    if (status == NPK_OK)
        npk_doc_free(doc);
    cr_expect_eq(counter.held, 0);
    *peak = counter.peak;
    return status;
}

Test(bounds, memory_by_the_byte)
{
    for (size_t i = 0; i < sizeof floods / sizeof *floods; i++) {
        golden_bytes input = repeated(&floods[i], full_tests(400000, INPUT));
        size_t peak;
        npk_status status = load(input, &peak);
        cr_expect_eq(status, floods[i].expected, "%s: %s", floods[i].name, npk_status_name(status));
        cr_expect(peak <= 48 * input.size + MIB, "%s: %zu bytes for %zu of input", floods[i].name, peak, input.size);
        free(input.bytes);
    }
}

/* The room of a vector doubles: the worst input is one more than a power of two. */
Test(bounds, memory_just_past_a_doubling)
{
    static const char opcodes[] = "]})(N\x94";
    for (size_t i = 0; i < sizeof opcodes - 1; i++) {
        size_t size = MIB + 2, peak;
        golden_bytes input = {malloc(size), size};
        memset(input.bytes, opcodes[i], size);
        input.bytes[0] = ']';
        input.bytes[size - 1] = '.';
        load(input, &peak);
        cr_expect(peak <= 48 * size + MIB, "%c: %zu bytes for %zu of input", opcodes[i], peak, size);
        free(input.bytes);
    }
}

static golden_bytes sparse_memo(size_t step)
{
    golden_bytes out = {malloc(INPUT + 16), 0};
    out.bytes[out.size++] = 'N';
    for (uint32_t number = 100000; out.size < INPUT; number += (uint32_t)step) {
        out.bytes[out.size++] = 'r';
        for (int i = 0; i < 4; i++)
            out.bytes[out.size++] = (uint8_t)(number >> 8 * i);
    }
    out.bytes[out.size++] = '.';
    return out;
}

Test(bounds, memo_numbers_far_apart)
{
    static const size_t steps[] = {1, 4096, 65536, 2654435761u};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        golden_bytes input = sparse_memo(steps[i]);
        size_t peak;
        cr_expect(load(input, &peak) == NPK_OK);
        cr_expect(peak <= 48 * input.size + MIB, "in steps of %zu: %zu bytes", steps[i], peak);
        free(input.bytes);
    }
}

/* Stack and memo are not part of the document. */
Test(bounds, repeats_end_at_the_limit)
{
    for (size_t i = 0; i < sizeof repeats / sizeof *repeats; i++) {
        golden_bytes input = repeated(&repeats[i], INPUT);
        size_t peak;
        npk_status status = load(input, &peak);
        cr_expect(status == repeats[i].expected || status == NPK_ERR_LIMIT, "%s: %s", repeats[i].name,
                  npk_status_name(status));
        cr_expect(peak <= (64 + 16) * input.size + MIB, "%s: %zu bytes", repeats[i].name, peak);
        free(input.bytes);
    }
}

/* There is room. */
static void append(golden_bytes *out, const char *bytes, size_t size)
{
    memcpy(out->bytes + out->size, bytes, size);
    out->size += size;
}

/* A text or a list in the memo, and a call that makes something of all of it, over and over. */
typedef struct taking {
    const char *name, *call, *opcode, *unit, *behind;
    npk_status expected;
} taking;

static const taking takings[] = {
    {"encode", "c_codecs\nencode\nq", "V", "\\u0080", "\nX\6___latin1\x86q\1", NPK_ERR_LIMIT},
    {"bytearray", "c__builtin__\nbytearray\nq", "S'", "\\x80", "'\n\x85q\1", NPK_ERR_LIMIT},
    {"array.array out of a list", "carray\narray\nq", "U\1i](", "KK", "e\x86q\1", NPK_ERR_LIMIT},
    {"array.array of True", "carray\narray\nq", "U\1d](", "\x88", "e\x86q\1", NPK_ERR_LIMIT},
    {"characters", "carray\narray\nq", "U\1uS'", "\\x00\\x00\\x00a", "'\n\x86q\1", NPK_ERR_LIMIT},
    {"dtype", "cnumpy\ndtype\nq", "VS", "0", "5\nK_K\1\x87q\1", NPK_ERR_DTYPE},
};

/* `shared` bytes in the memo, and calls until there are `size`, with room for one more. */
static golden_bytes taking_of(const taking *t, size_t shared, size_t size)
{
    golden_bytes input = {malloc(size + 4096), 0};
    append(&input, t->call, strlen(t->call));
    append(&input, "\0", 1);
    append(&input, t->opcode, strlen(t->opcode));
    while (input.size < shared)
        append(&input, t->unit, strlen(t->unit));
    size_t behind = input.size;
    append(&input, t->behind, strlen(t->behind));
    for (; behind < input.size; behind++) /* C strings hold no NUL */
        if (input.bytes[behind] == '_')
            input.bytes[behind] = 0;
    append(&input, "]", 1); /* what is dropped over the arguments would leave the next one a call */
    while (input.size < size)
        append(&input, "h\0h\1R0", 6);
    append(&input, "000N.", 5);
    return input;
}

/* What is made of it may take 1 MiB and 64 bytes for each of input. */
Test(bounds, long_texts_over_and_over)
{
    static const size_t sizes[][2] = {{INPUT / 2, INPUT}, {32000, 64000}, {4000, 64000}, {60000, 64000}};
    for (size_t i = 0; i < sizeof takings / sizeof *takings; i++)
        for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++) {
            golden_bytes input = taking_of(&takings[i], sizes[j][0], sizes[j][1]);
            size_t peak;
            npk_status status = load(input, &peak);
            cr_expect(status == takings[i].expected || (j > 0 && status == NPK_OK), "%s, %zu of %zu: %s", takings[i].name,
                      sizes[j][0], sizes[j][1], npk_status_name(status));
            cr_expect(peak <= (48 + 64) * input.size + 2 * MIB, "%s, %zu of %zu: %zu bytes", takings[i].name, sizes[j][0],
                      sizes[j][1], peak);
            free(input.bytes);
        }
}

/* Of 1,000 numbers 8,000 bytes: by the last call so many times as there are calls, less 64 for each byte before it. */
Test(bounds, what_is_made_ends_at_the_limit)
{
    const taking t = {"numbers", "carray\narray\nq", "U\1d](", "\x88", "e\x86q\1", NPK_OK};
    golden_bytes input = taking_of(&t, 1021, 3000);
    const uint8_t *list = memchr(input.bytes, '(', input.size) + 1, *end = memchr(list, 'e', input.size);
    size_t calls = (input.size - 5 - (size_t)(strchr((const char *)end, ']') + 1 - (const char *)input.bytes)) / 6;
    uint64_t bytes = (uint64_t)(end - list) * 8 * calls, paid = NPK_OUTPUT_PER_BYTE * (input.size - 7);
    for (int past = 0; past < 2; past++) {
        npk_read_options options = {.limits.output = bytes - paid - (uint64_t)past};
        npk_doc *doc = NULL;
        npk_status status = npk_doc_load_memory(input.bytes, input.size, &options, &doc, NULL);
        cr_expect_eq(status, past ? NPK_ERR_LIMIT : NPK_OK, "%d past it: %s", past, npk_status_name(status));
        npk_doc_free(doc);
    }
    free(input.bytes);
}

/* POP_MARK without a mark, again and again, behind the None that STOP takes. */
static npk_status load_faults(size_t count, size_t others)
{
    npk_read_options options = {.malformed = NPK_MALFORMED_KEEP};
    golden_bytes input = {malloc(count + others + 2), 0};
    memset(input.bytes, 'N', others);
    for (size_t i = 1; i < others; i += 2)
        input.bytes[i] = '0';
    input.size = others;
    memset(input.bytes + input.size, '1', count);
    input.size += count;
    append(&input, "N.", 2);
    npk_doc *doc = NULL;
    npk_status status = npk_doc_load_memory(input.bytes, input.size, &options, &doc, NULL);
    npk_doc_free(doc);
    free(input.bytes);
    return status;
}

Test(bounds, malformed_objects_end_at_the_limit)
{
    /* the last of n is found behind n bytes: n <= 1000 + n / 16 */
    cr_expect_eq(load_faults(1066, 0), NPK_OK);
    cr_expect_eq(load_faults(1067, 0), NPK_ERR_LIMIT);
    cr_expect_eq(load_faults(1067, 16), NPK_OK);
    cr_expect_eq(load_faults(1068, 16), NPK_ERR_LIMIT);
}

/* Pickles in each of which STOP finds nothing. */
Test(bounds, malformed_pickles_of_a_stream_end_at_the_limit)
{
    const npk_read_options options = {.malformed = NPK_MALFORMED_KEEP};
    enum { KEPT = 1230 }; /* the last of n is found behind 3 n bytes: n <= 1000 + 3 n / 16 */
    npk_reader *reader = NULL;
    char pickles[3 * (KEPT + 1)];
    for (size_t i = 0; i < sizeof pickles; i++)
        pickles[i] = "N0."[i % 3];
    cr_assert_eq(npk_reader_memory(pickles, sizeof pickles, &options, &reader, NULL), NPK_OK);
    for (int again = 0; again < 2; again++) {
        npk_doc *doc = NULL;
        for (size_t i = 0; i < KEPT; i++) {
            cr_assert_eq(npk_reader_next(reader, &doc, NULL), NPK_OK, "pickle %zu", i);
            npk_reader_reuse(reader, doc);
        }
        cr_expect_eq(npk_reader_next(reader, &doc, NULL), NPK_ERR_LIMIT);
        cr_expect_null(doc);
        cr_assert_eq(npk_reader_again(reader, pickles, sizeof pickles, NULL), NPK_OK);
    }
    npk_reader_close(reader);
}

/* [dtype, (None, ...), _reconstruct, its arguments, the state, array ...]: `count` arrays of objects whose items are one list of 50,000. */
static npk_status load_views(size_t count)
{
    static const char head[] =
        "\x80\x02](cnumpy\ndtype\n(X\2\0\0\0O8K\0K\1tR(K\3X\1\0\0\0|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tbq\1](";
    static const char state[] =
        "eq\0cnumpy.core.multiarray\n_reconstruct\nq\2(cnumpy\nndarray\n(K\0tU\1btq\3(K\1(J\x50\xc3\0\0th\1\x89h\0tq\4";
    golden_bytes input = {malloc(50000 + 4096 + 8 * count), 0};
    append(&input, head, sizeof head - 1);
    memset(input.bytes + input.size, 'N', 50000);
    input.size += 50000;
    append(&input, state, sizeof state - 1);
    for (size_t i = 0; i < count; i++)
        append(&input, "h\2h\3Rh\4b", 8);
    append(&input, "e.", 2);
    size_t peak;
    npk_status status = load(input, &peak);
    free(input.bytes);
    return status;
}

/* What has the list walks over it with each. */
Test(bounds, lists_of_items_over_and_over)
{
    cr_expect_eq(load_views(3), NPK_OK);
    cr_expect_eq(load_views(5000), NPK_ERR_LIMIT);
}

/* --- streams: memory for what has come, not for what is claimed --- */

static npk_status load_stream(golden_bytes input, size_t step, size_t *peak)
{
    counted counter = {.fail = 0};
    npk_allocator allocator = {resize_counted, &counter};
    npk_read_options options = {.allocator = &allocator};
    drip d = {input.bytes, input.bytes + input.size, step};
    npk_reader *reader;
    npk_doc *doc = NULL;
    cr_assert(npk_reader_callback(read_drip, &d, &options, &reader, NULL) == NPK_OK);
    npk_status status = npk_reader_next(reader, &doc, NULL);
    npk_doc_free(doc);
    npk_reader_close(reader);
    cr_expect_eq(counter.held, 0);
    *peak = counter.peak;
    return status;
}

Test(bounds, claims)
{
    static const struct {
        const char *bytes;
        size_t size;
    } rows[] = {
        {TEXT("B\xff\xff\xff\xff" "abc")},
        {TEXT("X\xff\xff\xff\x7f" "abc")},
        {TEXT("\x8e\xff\xff\xff\xff\xff\xff\xff\x7f" "abc")},
        {TEXT("\x8d\xff\xff\xff\xff\xff\xff\xff\xff" "abc")},
        {TEXT("\x96\0\0\0\0\0\1\0\0" "abc")},
        {TEXT("\x80\4\x95\0\0\0\0\0\1\0\0" "abc")},
        {TEXT("\x8b\xff\xff\xff\x7f" "abc")},
        {TEXT("cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(\x8a\6\0\0\0\0\0\1tU\1btR0")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        golden_bytes input = {(uint8_t *)malloc(rows[i].size), rows[i].size};
        size_t peak;
        memcpy(input.bytes, rows[i].bytes, rows[i].size);
        cr_expect(load(input, &peak) != NPK_OK);
        cr_expect(peak <= 16384, "row %zu: %zu bytes", i, peak);
        cr_expect(load_stream(input, 1, &peak) != NPK_OK);
        cr_expect(peak <= 2 * 65536, "row %zu: %zu bytes", i, peak);
        free(input.bytes);
    }
}

/* A long text in a stream is held once, with room to grow; a line that does not end is looked at once. */
Test(bounds, streams)
{
    static const row rows[] = {
        {"a line without end", TEXT("cnumpy"), TEXT("a"), TEXT(""), NPK_ERR_TRUNCATED},
        {"a second line without end", TEXT("cnumpy\n"), TEXT("a"), TEXT(""), NPK_ERR_TRUNCATED},
        {"bytes", TEXT("B\x84\x84\x1e\0"), TEXT("a"), TEXT("aaaaaaaaa."), NPK_OK},
    };
    static const size_t steps[] = {1, 7, 4096, SIZE_MAX};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        golden_bytes input = repeated(&rows[i], INPUT);
        for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
            size_t peak;
            npk_status status = load_stream(input, steps[k], &peak);
            cr_expect_eq(status, rows[i].expected, "%s: %s", rows[i].name, npk_status_name(status));
            cr_expect(peak <= 3 * input.size + MIB, "%s in steps of %zu: %zu bytes", rows[i].name, steps[k], peak);
        }
        free(input.bytes);
    }
}

/* --- the depth of what is written --- */

/* An empty container in others is one level more, whichever way it is written. */
Test(bounds, empty_containers_have_a_depth)
{
    static const char *const units[] = {"]", "}", ")"};
    for (size_t unit = 0; unit < 3; unit++)
        for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol++)
            for (int outer = 1; outer <= 5; outer++) {
                char pickle[32] = "";
                npk_doc *doc;
                npk_error error;
                uint8_t *bytes;
                size_t size;
                memset(pickle, ']', (size_t)outer);
                strcat(pickle, units[unit]);
                memset(pickle + outer + 1, 'a', (size_t)outer);
                strcat(pickle, ".");
                cr_assert_eq(npk_doc_load_memory(pickle, strlen(pickle), NULL, &doc, &error), NPK_OK, "%s", error.message);
                const npk_write_options options = {.protocol = protocol, .protocol_given = true, .limits.depth = 4};
                npk_status status = npk_doc_save_memory(doc, &options, &bytes, &size, &error);
                cr_expect_eq(status, outer < 4 ? NPK_OK : NPK_ERR_LIMIT, "%s at protocol %d", pickle, protocol);
                if (status == NPK_OK)
                    npk_bytes_free(NULL, bytes, size);
                npk_doc_free(doc);
            }
}
