/* Pickles that are damaged at each place in turn, read so that what is malformed is kept: all that was there before the damage is there, the damage is
 * told of, and the next pickle of the stream is read where it can be known where that begins. */
#include "golden.h"

#include <npickle.h>

#define MOST 2048 /* instructions of a case */

static const npk_read_options keeping = {.malformed = NPK_MALFORMED_KEEP};
static const uint8_t next_pickle[] = "\x80\2K\7.";

/* A case of damage.golden. */
typedef struct pickle {
    const char *name;
    int protocol;
    golden_bytes bytes, listed;
    npk_doc *stacks; /* before each instruction */
    npk_instruction in[MOST];
    size_t count;
    uint64_t frame; /* where a frame begins; 0: there is none */
} pickle;

static pickle p;

static bool next_case(golden *g)
{
    char *words;
    if (!golden_case(g))
        return false;
    words = g->words;
    p.name = g->name;
    p.protocol = g->name[strlen(g->name) - 1] - '0';
    p.bytes = golden_unquote(golden_word(&words));
    p.listed = golden_unquote(golden_word(&words));
    cr_assert_eq(npk_doc_load_memory(p.listed.bytes, p.listed.size, NULL, &p.stacks, NULL), NPK_OK);
    p.count = 0;
    p.frame = 0;
    for (uint64_t at = 0; at < p.bytes.size; at = p.in[p.count++].end) {
        cr_assert(p.count < MOST &&
                  npk_instruction_at(p.bytes.bytes, p.bytes.size, at, &p.in[p.count], NULL) == NPK_OK);
        if (strcmp(p.in[p.count].opcode->name, "FRAME") == 0)
            p.frame = p.in[p.count].end;
    }
    cr_assert_eq(p.count, npk_value_size(npk_doc_root(p.stacks)), "%s", p.name);
    return true;
}

static void end_case(void)
{
    npk_doc_free(p.stacks);
    free(p.bytes.bytes);
    free(p.listed.bytes);
}

static bool is_same(const npk_value *a, const npk_value *b)
{
    uint64_t differences = 1;
    return npk_compare(a, b, NULL, &differences, NULL) == NPK_OK && differences == 0;
}

/* The document is what the stack was before an instruction, and so many bytes from there on that were not understood; so many other things are
 * malformed. */
static void expect_stack(const npk_doc *doc, size_t number, const uint8_t *at, size_t rest, size_t others)
{
    const npk_value *stack = npk_value_item(npk_doc_root(p.stacks), number), *root = npk_doc_root(doc), *args = NULL;
    const size_t first = rest > 0;
    size_t size = 0;
    npk_error fault;
    cr_assert_eq(npk_value_kind(root), NPK_KIND_MALFORMED, "%s, %zu", p.name, number);
    cr_expect(npk_value_fault(root, &fault) && npk_status_band(fault.status) == NPK_BAND_MALFORMED);
    cr_expect_eq(npk_doc_fault(doc, others), root, "%s, %zu", p.name, number);
    cr_expect_eq(fault.offset, p.in[number].offset, "%s, %zu", p.name, number);
    cr_assert_eq(npk_value_find(root, ".<args>", &args, NULL), NPK_OK);
    cr_assert_eq(npk_value_size(args), npk_value_size(stack) + first, "%s, %zu", p.name, number);
    const uint8_t *bytes = npk_value_as_bytes(npk_value_item(args, 0), &size);
    cr_expect(rest == 0 || (size == rest && memcmp(bytes, at, rest) == 0), "%s, %zu: %zu bytes, expected %zu", p.name,
              number, size, rest);
    for (size_t i = 0; i < npk_value_size(stack); i++)
        cr_expect(is_same(npk_value_item(stack, i), npk_value_item(args, first + i)), "%s, %zu: value %zu", p.name,
                  number, i);
}

/* Written again it is the same: to the byte, where no frames count these. */
static void expect_again(const npk_doc *doc, const uint8_t *bytes, size_t size, bool can_be)
{
    for (int protocol = p.protocol; protocol <= NPK_PROTOCOL_MAX; protocol++) {
        const npk_write_options options = {.protocol_given = true, .protocol = protocol};
        golden_bytes written = {NULL, 0};
        npk_doc *again = NULL;
        npk_error error = {.message = ""};
        npk_status status = npk_doc_save_memory(doc, &options, &written.bytes, &written.size, &error);
        cr_expect_eq(status, can_be ? NPK_OK : NPK_ERR_UNSUPPORTED, "%s, %zu, protocol %d: %s", p.name, size, protocol,
                     error.message);
        if (status != NPK_OK)
            continue;
        cr_expect(bytes == NULL || protocol > p.protocol || p.frame > 0 ||
                      (written.size == size && memcmp(written.bytes, bytes, size) == 0),
                  "%s, %zu bytes", p.name, size);
        cr_assert_eq(npk_doc_load_memory(written.bytes, written.size, &keeping, &again, &error), NPK_OK,
                     "%s, %zu, protocol %d: %s", p.name, size, protocol, error.message);
        cr_expect(is_same(npk_doc_root(doc), npk_doc_root(again)), "%s, %zu, protocol %d", p.name, size, protocol);
        npk_doc_free(again);
        npk_bytes_free(NULL, written.bytes, written.size);
    }
}

/* Cut off behind each byte. */
Test(damage, truncation)
{
    golden g;
    above_broken = true;
    golden_open(&g, "damage.golden");
    while (next_case(&g)) {
        for (size_t number = 0, size = 1; size < p.bytes.size; size++) {
            npk_doc *doc = NULL;
            npk_error error = {.message = ""};
            number += size >= p.in[number].end;
            uint8_t *bytes = malloc(size); /* so that nothing is read behind them unseen */
            memcpy(bytes, p.bytes.bytes, size);
            cr_expect_eq(npk_status_band(npk_doc_load_memory(bytes, size, NULL, &doc, &error)), NPK_BAND_MALFORMED);
            npk_status status = npk_doc_load_memory(bytes, size, &keeping, &doc, &error);
            cr_expect_eq(status, number == 0 ? NPK_ERR_TRUNCATED : NPK_OK, "%s, %zu bytes: %s", p.name, size,
                         error.message);
            if (status == NPK_OK) {
                const uint64_t from = p.in[number].offset;
                expect_stack(doc, number, bytes + from, size - from,
                             p.frame > 0 && number > 1); /* the frame is longer than the input */
                expect_again(doc, bytes, size, true);
            }
            npk_doc_free(doc);
            free(bytes);
        }
        end_case();
    }
    golden_close(&g);
}

/* Whether an instruction lies in a frame: that says where the pickle ends. */
static bool is_framed(size_t number)
{
    return p.frame > 0 && p.in[number].offset >= p.frame;
}

/* What the reader finds next: the pickle that follows, or, where nobody knows where that begins, nothing. */
static void expect_next(npk_reader *reader, bool known, size_t number)
{
    npk_doc *doc = NULL;
    int64_t seven = 0;
    npk_error error = {.message = ""};
    cr_expect_eq(npk_reader_next(reader, &doc, &error), NPK_OK, "%s, %zu: %s", p.name, number, error.message);
    cr_expect_eq(doc != NULL, known, "%s, %zu", p.name, number);
    cr_expect(!known || (npk_value_as_int64(npk_doc_root(doc), &seven) && seven == 7), "%s, %zu", p.name, number);
    npk_doc_free(doc);
}

/* The bytes of the case but for some, and the next pickle. */
static golden_bytes without(size_t from, size_t end)
{
    golden_bytes out = {NULL, 0};
    golden_add(&out, p.bytes.bytes, from);
    golden_add(&out, p.bytes.bytes + end, p.bytes.size - end);
    golden_add(&out, next_pickle, sizeof next_pickle - 1);
    return out;
}

/* A byte that is no opcode in the place of each. */
Test(damage, unknown_opcodes)
{
    golden g;
    above_broken = true;
    golden_open(&g, "damage.golden");
    while (next_case(&g)) {
        for (size_t number = 0; number < p.count; number++) {
            npk_doc *doc = NULL;
            npk_reader *reader = NULL;
            npk_error error = {.message = ""};
            golden_bytes bytes = without(0, 0);
            const size_t at = (size_t)p.in[number].offset;
            const bool framed = is_framed(number);
            bytes.bytes[at] = 0xff;
            cr_assert_eq(npk_reader_memory(bytes.bytes, bytes.size, &keeping, &reader, NULL), NPK_OK);
            npk_status status = npk_reader_next(reader, &doc, &error);
            cr_expect_eq(status, number == 0 ? NPK_ERR_OPCODE : NPK_OK, "%s, %zu: %s", p.name, number, error.message);
            if (status == NPK_OK) {
                expect_stack(doc, number, bytes.bytes + at, framed ? p.bytes.size - at : 0, 0);
                cr_assert(npk_value_fault(npk_doc_root(doc), &error));
                cr_expect(error.status == NPK_ERR_OPCODE && error.opcode == 0xff);
                cr_expect_eq(strstr(error.message, "nothing behind it is read") == NULL, framed, "%s", error.message);
                expect_again(doc, NULL, 0, framed);
                expect_next(reader, framed, number);
            }
            npk_doc_free(doc);
            npk_reader_close(reader);
            free(bytes.bytes);
        }
        end_case();
    }
    golden_close(&g);
}

/* Each instruction but STOP left out: what takes what it would have left finds too little, or something else. */
Test(damage, instructions_left_out)
{
    golden g;
    size_t kept = 0;
    golden_open(&g, "damage.golden");
    while (next_case(&g)) {
        for (size_t number = 0; number + 1 < p.count; number++) {
            npk_doc *doc = NULL, *strict = NULL;
            npk_reader *reader = NULL;
            npk_error error = {.message = ""}, fault;
            golden_bytes bytes = without((size_t)p.in[number].offset, (size_t)p.in[number].end);
            for (uint64_t i = 0, size = p.bytes.size - p.frame - (p.in[number].end - p.in[number].offset);
                 is_framed(number) && i < 8; i++)
                bytes.bytes[p.frame - 8 + i] = (uint8_t)(size >> 8 * i);
            npk_status status =
                npk_doc_load_memory(bytes.bytes, bytes.size - (sizeof next_pickle - 1), NULL, &strict, &error);
            cr_assert_eq(npk_reader_memory(bytes.bytes, bytes.size, &keeping, &reader, NULL), NPK_OK);
            cr_assert_eq(npk_reader_next(reader, &doc, &fault), NPK_OK, "%s, %zu: %s", p.name, number, fault.message);
            cr_expect_eq(npk_value_fault(npk_doc_fault(doc, 0), &fault), status != NPK_OK, "%s, %zu", p.name, number);
            cr_expect(status == NPK_OK ? is_same(npk_doc_root(strict), npk_doc_root(doc))
                                       : fault.status == status && fault.offset == error.offset &&
                                             fault.opcode == error.opcode && strcmp(fault.message, error.message) == 0,
                      "%s, %zu: %s", p.name, number, error.message);
            kept += status != NPK_OK;
            expect_next(reader, true, number);
            npk_doc_free(doc);
            npk_doc_free(strict);
            npk_reader_close(reader);
            free(bytes.bytes);
        }
        end_case();
    }
    golden_close(&g);
    cr_expect_gt(kept, 400, "%zu", kept);
}
