/* Numbers as lines of text, in lists, tuples and dicts of protocol 0: read in runs and one by one they are the same document, or the
 * same error at the same place. */
#include "base/cpu.h"

#include <criterion/criterion.h>
#include <npickle.h>

#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 6000, LONGEST = 4000 };

static uint64_t next_random(void)
{
    static uint64_t state = UINT64_C(88172645463325252);
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static const char *const usual[] = {"F0.5\n",  "F-1e-300\n", "F1.2345678901234567e+300\n", "F0.10000000000000001\n", "F1\n", "I0\n",   "I-17\n",
                                    "I255\n",  "I256\n",     "I-2147483648\n",             "I9223372036854775807\n", "L0L\n", "L5\n", "L-5L\n",
                                    "L255L\n", "N",          "L-9223372036854775808L\n"};
static const char *const odd[] = {
    "Finf\n", "F-inf\n", "Fnan\n", "F-nan\n", "F1e400\n", "F-1e999\n", "F\n", "F.\n", "F1.5\r\n", "F 1\n", "F1_0\n", "F+1\n", "I00\n", "I01\n", "I-0\n",
    "I007\n", "I+7\n", "I\n", "I-\n", "I1L\n", "I9223372036854775808\n", "I-9223372036854775809\n", "I99999999999999999999999999999999999999\n",
    "L\n", "LL\n", "L-L\n", "L1LL\n", "L9223372036854775808L\n", "L-0L\n", "L00L\n", "L123456789012345678901234567890123456789012345678901234567890L\n",
    "F0.000000000000000000000000000000000000000000000000000000001\n", "F123456789012345678901234567890123456789012345678901234567890\n", "a", "s", "(", "0",
    "K\x07", "]", "\x88", "F1.5", "\x8a\x01\x07"};

#define ANY(of) (of)[next_random() % (sizeof(of) / sizeof *(of))]

static size_t add(char *text, size_t size, const char *part)
{
    size_t length = strlen(part);
    memcpy(text + size, part, length);
    return size + length;
}

/* A list, whose items are numbers or tuples of them, or a dict; one in four has something odd in it, one in eight is cut off. */
static size_t make(char *text)
{
    bool dict = next_random() % 4 == 0, has_odd = next_random() % 4 == 0;
    size_t size = add(text, 0, dict ? "(dp0\n" : "(lp0\n"), items = next_random() % 40, where = next_random() % (items + 1);
    for (size_t i = 0; i < items; i++) {
        bool tuple = next_random() % 8 == 0;
        size = add(text, size, tuple ? "(" : "");
        for (size_t k = tuple || dict ? 2 : 1; k > 0; k--)
            size = add(text, size, has_odd && i == where ? ANY(odd) : ANY(usual));
        size = add(text, size, tuple ? dict ? "tI5\n" : "t" : "");
        size = add(text, size, dict ? "s" : "a");
    }
    size = add(text, size, ".");
    return next_random() % 8 == 0 ? next_random() % size : size;
}

typedef struct outcome {
    npk_status status;
    npk_error error;
    npk_doc_info info;
    size_t size;
    uint8_t *written;
} outcome;

static void load(npki_cpu level, const char *text, size_t size, const npk_read_options *read, outcome *o)
{
    npk_doc *doc = NULL;
    memset(o, 0, sizeof *o);
    npki_cpu_limit(level);
    o->status = npk_doc_load_memory(text, size, read, &doc, &o->error);
    if (o->status != NPK_OK)
        return;
    npk_write_options options;
    npk_writer *writer;
    npk_doc_info_of(doc, &o->info);
    npk_write_options_for(doc, &options);
    cr_assert_eq(npk_writer_memory(&options, &writer, NULL), NPK_OK);
    npk_write_value(writer, npk_doc_root(doc));
    cr_assert_eq(npk_writer_finish_memory(writer, &o->written, &o->size, &o->error), NPK_OK, "%s", o->error.message);
    npk_doc_free(doc);
}

static void expect_same(const char *text, size_t size, const npk_read_options *read)
{
    outcome fast, plain;
    load(NPKI_CPU_BASE, text, size, read, &fast);
    load(NPKI_CPU_PLAIN, text, size, read, &plain);
    cr_expect_eq(fast.status, plain.status, "%.*s", (int)size, text);
    cr_expect_str_eq(fast.error.message, plain.error.message, "%.*s", (int)size, text);
    cr_expect_eq(fast.error.offset, plain.error.offset, "%.*s", (int)size, text);
    cr_expect_eq(fast.info.opcodes, plain.info.opcodes, "%.*s", (int)size, text);
    cr_expect_eq(fast.info.protocol, plain.info.protocol, "%.*s", (int)size, text);
    cr_expect_eq(fast.size, plain.size, "%.*s", (int)size, text);
    if (fast.size == plain.size && fast.size > 0)
        cr_expect_arr_eq(fast.written, plain.written, fast.size, "%.*s", (int)size, text);
    npk_bytes_free(NULL, fast.written, fast.size);
    npk_bytes_free(NULL, plain.written, plain.size);
}

Test(lines, in_runs_and_one_by_one)
{
    static char text[LONGEST * 8];
    for (int i = 0; i < ROUNDS; i++) {
        size_t size = make(text);
        npk_read_options read;
        memset(&read, 0, sizeof read);
        if (next_random() % 8 == 0)
            read.limits.digits = 1 + next_random() % 20;
        if (next_random() % 8 == 0)
            read.limits.items = 1 + next_random() % 60;
        expect_same(text, size, &read);
    }
}
