/* Items in runs: the bytes, and what is refused, are those of the plain path: lib/writer/core/run.h, lib/writer/graph/run.c. And lists in
 * one call are those of a call a value. */
#include "base/cpu.h"

#include <npickle.h>

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 12, ROUNDS = 400, LONG = 70000 };

static uint64_t state;
static char letters[LONG + 1];

static uint64_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static void seed(uint64_t number)
{
    state = UINT64_C(88172645463325252) + number * UINT64_C(0x9e3779b97f4a7c15);
    memset(letters, 'a', LONG);
    letters[7] = '\xc3', letters[8] = '\xa4';
}

/* What a writer has made, and said. */
typedef struct outcome {
    npk_status status;
    npk_error error;
    uint8_t *bytes;
    size_t size, room;
} outcome;

static int keep(void *context, const void *bytes, size_t size)
{
    outcome *o = context;
    if (o->size + size > o->room) {
        o->room = 2 * (o->size + size);
        o->bytes = realloc(o->bytes, o->room);
    }
    memcpy(o->bytes + o->size, bytes, size);
    o->size += size;
    return 0;
}

static npk_writer *new_writer(const npk_write_options *options, bool memory, outcome *o)
{
    npk_writer *w = NULL;
    memset(o, 0, sizeof *o);
    npk_status status = memory ? npk_writer_memory(options, &w, &o->error) : npk_writer_callback(keep, o, options, &w, &o->error);
    cr_assert_eq(status, NPK_OK, "%s", o->error.message);
    return w;
}

static void finish(npk_writer *w, bool memory, outcome *o)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    o->status = memory ? npk_writer_finish_memory(w, &bytes, &size, &o->error) : npk_writer_finish(w, &o->error);
    if (memory && o->status == NPK_OK)
        keep(o, bytes, size);
    npk_bytes_free(NULL, bytes, size);
}

static void expect_same(outcome *a, outcome *b, uint64_t number)
{
    cr_assert_eq(a->status, b->status, "%lu: %s, %s", (unsigned long)number, a->error.message, b->error.message);
    if (a->status != NPK_OK) {
        cr_assert_str_eq(a->error.message, b->error.message, "%lu", (unsigned long)number);
        cr_assert_eq(a->error.offset, b->error.offset, "%lu", (unsigned long)number);
    } else {
        cr_assert_eq(a->size, b->size, "%lu", (unsigned long)number);
        cr_assert_arr_eq(a->bytes, b->bytes, a->size, "%lu", (unsigned long)number);
    }
    free(a->bytes);
    free(b->bytes);
}

/* --- random graphs --- */

static void write_some(npk_writer *w, int64_t *last)
{
    static const int64_t numbers[] = {0, 255, 256, 65535, 65536, INT32_MAX, INT32_MIN, INT64_C(1) << 31, INT64_MAX, INT64_MIN, -1, -32769};
    const uint64_t random = next_random() >> 8;
    size_t size = random % 997 == 0 ? LONG : random % 61 == 0 ? random % 600 : random % 20;
    size += size == 8; /* not half a character */
    switch (next_random() % 12) {
    case 0:
        npk_write_none(w);
        break;
    case 1:
        npk_write_bool(w, random % 2 == 0);
        break;
    case 2:
        npk_write_int(w, numbers[random % (sizeof numbers / sizeof *numbers)]);
        break;
    case 3:
        if (random % 3 == 0)
            npk_write_long(w, (const uint8_t *)letters, random % 7 == 0 ? 250 + random / 16 % 12 : 1 + random / 16 % 40);
        else
            npk_write_int(w, numbers[random / 4 % (sizeof numbers / sizeof *numbers)]);
        break;
    case 4:
        npk_write_float(w, (double)(int64_t)random / 3);
        break;
    case 5:
        npk_write_bytes(w, letters, size);
        break;
    case 6:
        npk_write_global(w, "somewhere", random % 2 == 0 ? "this" : "that");
        break;
    case 7:
        if (*last != NPK_UNKNOWN)
            npk_write_again(w, *last);
        else
            npk_write_uint(w, random << 40);
        break;
    default:
        npk_write_str_size(w, letters, size);
        break;
    }
}

static void begin_some(npk_writer *w, int kind, int64_t count)
{
    npk_status (*const begin[])(npk_writer *, int64_t) = {npk_write_begin_list, npk_write_begin_tuple, npk_write_begin_dict,
                                                          npk_write_begin_set, npk_write_begin_frozenset};
    begin[kind](w, next_random() % 8 == 0 ? NPK_UNKNOWN : count);
}

/* What comes of `number`; `wrong` of a thousand containers have another count than they say, or a key that can't be one. */
static void write_graph(npk_writer *w, uint64_t number, uint64_t wrong)
{
    int64_t left[DEEPEST + 1], of[DEEPEST + 1], last = NPK_UNKNOWN;
    int kinds[DEEPEST + 1];
    size_t depth = 0;
    seed(number);
    left[0] = of[0] = 1;
    kinds[0] = 0;
    while (depth > 0 || left[0] > 0) {
        const uint64_t random = next_random();
        if (left[depth] == 0) {
            npk_write_end(w);
            depth--;
            if (random % 4 == 0)
                last = npk_writer_last(w);
            continue;
        }
        const bool key = kinds[depth] > 2 || (kinds[depth] == 2 && (of[depth] - left[depth]) % 2 == 0);
        left[depth]--;
        if (depth == DEEPEST || (depth > 0 && random % 3 != 0) || (key && random % 512 >= wrong)) {
            if (key)
                npk_write_int(w, (int64_t)(random >> 20));
            else
                write_some(w, &last);
            continue;
        }
        const int kind = key ? 1 : depth == 0 && number % 4 == 0 ? (int)(number / 4 % 3) : (int)(random / 8 % 16 < 14 ? random / 8 % 3 : random / 8 % 5);
        const bool turns = depth == 0 && number % 4 == 0; /* many batches, which end at each kind of item */
        int64_t count = turns ? (int64_t)(990 + random / 512 % 20 + random / 16384 % 3 * 1000)
                              : (int64_t)(depth < 2 && random % 64 == 1 ? random / 512 % 3500 : random / 512 % 6);
        begin_some(w, kind, count);
        if (random / 1024 % 16 == 0 && kind != 1 && kind < 3)
            last = npk_writer_last(w);
        count = next_random() % 1000 < wrong ? count + 1 : count;
        depth++;
        kinds[depth] = kind;
        left[depth] = of[depth] = kind == 2 ? 2 * count : count;
    }
}

static npk_write_options options_of(uint64_t number)
{
    npk_write_options options = {.protocol_given = true};
    npk_dialect dialect = NPK_DIALECT_DEFAULT;
    for (uint64_t n = number / 2; n % 3 == 0 && !npk_dialect_at((size_t)(n / 3 % 64), &dialect); n++)
        ;
    options.dialect = dialect;
    options.protocol = npk_dialect_is_python2(dialect) ? (int)(number % 3) : (int)(number % 3 == 0 ? number / 3 % 4 : 4);
    return options;
}

static void compare_levels(uint64_t number, uint64_t wrong)
{
    outcome o[2];
    const npk_write_options options = options_of(number);
    for (int i = 0; i < 2; i++) {
        npki_cpu_limit(i == 0 ? NPKI_CPU_PLAIN : NPKI_CPUS - 1);
        npk_writer *w = new_writer(&options, number % 2 == 0, &o[i]);
        write_graph(w, number, wrong);
        finish(w, number % 2 == 0, &o[i]);
    }
    expect_same(&o[0], &o[1], number);
}

Test(runs, calls_give_what_the_plain_path_gives)
{
    for (uint64_t number = 0; number < ROUNDS; number++)
        compare_levels(number, 0);
}

Test(runs, calls_refuse_what_the_plain_path_refuses)
{
    for (uint64_t number = 0; number < ROUNDS; number++)
        compare_levels(number, 1 + number % 30);
}

/* A graph that was read is written again. */
Test(runs, graphs_give_what_the_plain_path_gives)
{
    for (uint64_t number = 0; number < ROUNDS; number++) {
        outcome made, o[2];
        npk_doc *doc = NULL;
        npk_write_options options = options_of(number);
        npki_cpu_limit(NPKI_CPUS - 1);
        npk_writer *w = new_writer(&options, true, &made);
        write_graph(w, number, 0);
        finish(w, true, &made);
        cr_assert_eq(made.status, NPK_OK, "%lu: %s", (unsigned long)number, made.error.message);
        npk_status status = npk_doc_load_memory(made.bytes, made.size, NULL, &doc, &made.error);
        cr_assert_eq(status, NPK_OK, "%lu: %s", (unsigned long)number, made.error.message);
        options = options_of(number % 5 == 0 ? number + 1 : number);
        options.translate_names = number % 7 == 0;
        options.limits.output = number % 11 == 0 ? 100 : 0;
        for (int i = 0; i < 2; i++) {
            npki_cpu_limit(i == 0 ? NPKI_CPU_PLAIN : NPKI_CPUS - 1);
            w = new_writer(&options, number % 2 == 0, &o[i]);
            npk_write_value(w, npk_doc_root(doc));
            finish(w, number % 2 == 0, &o[i]);
        }
        expect_same(&o[0], &o[1], number);
        npk_doc_free(doc);
        free(made.bytes);
    }
}

/* 40,000 containers, each of a few numbers and texts. *bytes: what it lies in. */
static npk_doc *read_many(uint8_t **bytes)
{
    enum { COUNT = 40000 };
    outcome made;
    npk_doc *doc = NULL;
    const npk_write_options options = {.protocol_given = true, .protocol = 4};
    seed(1);
    npk_writer *w = new_writer(&options, true, &made);
    npk_write_begin_list(w, COUNT);
    for (int64_t i = 0; i < COUNT; i++) {
        if (i % 3 == 0)
            npk_write_begin_tuple(w, 3);
        else
            npk_write_begin_list(w, 3);
        npk_write_int(w, i);
        npk_write_float(w, (double)i);
        npk_write_str_size(w, letters + 10, (size_t)i % 9);
        npk_write_end(w);
    }
    npk_write_end(w);
    finish(w, true, &made);
    npk_status status = npk_doc_load_memory(made.bytes, made.size, NULL, &doc, &made.error);
    cr_assert_eq(status, NPK_OK, "%s", made.error.message);
    *bytes = made.bytes;
    return doc;
}

/* What may be spent ends at the same byte. */
Test(runs, a_budget_ends_graphs_where_the_plain_path_ends)
{
    static const uint64_t most[] = {1, 1000, 60000, 100000, 400000, 700000, NPK_UNLIMITED};
    npki_cpu_limit(NPKI_CPUS - 1);
    uint8_t *bytes;
    npk_doc *doc = read_many(&bytes);
    for (uint64_t number = 0; number < 4 * (sizeof most / sizeof *most); number++) {
        outcome o[2];
        for (int i = 0; i < 2; i++) {
            npk_budget budget = {.least = most[number / 4]};
            const npk_write_options options = {
                .protocol_given = true, .protocol = number / 2 % 2 == 0 ? 4 : 2, .budget = &budget};
            npki_cpu_limit(i == 0 ? NPKI_CPU_PLAIN : NPKI_CPUS - 1);
            npk_writer *w = new_writer(&options, number % 2 == 0, &o[i]);
            npk_write_value(w, npk_doc_root(doc));
            finish(w, number % 2 == 0, &o[i]);
            cr_expect_eq(o[i].status, most[number / 4] == NPK_UNLIMITED ? NPK_OK : NPK_ERR_LIMIT);
        }
        expect_same(&o[0], &o[1], number);
    }
    npk_doc_free(doc);
    free(bytes);
}

/* --- lists in one call --- */

enum { MOST = 20000 }; /* with more than a frame of ints */
static int64_t ints[MOST];
static double doubles[MOST];
static const char *texts[MOST];
static size_t sizes[MOST];

/* 500 small ones, 500 of all sizes, and 500 of mostly the 32 bits that BININT has, and what is just inside and outside of
 * that. */
static int64_t int_at(size_t i, uint64_t random)
{
    static const int64_t edges[] = {0xffff, 0x10000, INT32_MAX, INT32_MIN, (int64_t)INT32_MAX + 1, (int64_t)INT32_MIN - 1,
                                    -1, 0, 0xff, 0x100};
    const uint64_t next = next_random(), bits = i / 500 % 3 == 0 ? 8 : random % 64;
    if (i / 500 % 3 == 2)
        return random % 16 == 0 ? edges[random / 16 % (sizeof edges / sizeof *edges)] : (int32_t)(next >> 32);
    return (int64_t)(next >> (64 - (bits == 0 ? 1 : bits))) * (i / 500 % 3 != 0 && random % 128 < 32 ? -1 : 1);
}

static void fill(void)
{
    seed(1);
    for (size_t i = 0; i < MOST; i++) {
        const uint64_t random = next_random();
        ints[i] = int_at(i, random);
        doubles[i] = (double)ints[i] / 7;
        sizes[i] = random % 701 == 0 ? LONG / 2 : random % 23 == 0 ? random % 300 : random % 12 + 9;
        texts[i] = letters + LONG - sizes[i];
    }
}

static void write_lists(npk_writer *w, size_t count, bool sized)
{
    npk_write_begin_tuple(w, 3);
    npk_write_ints(w, count == 0 ? NULL : ints, count);
    npk_write_doubles(w, count == 0 ? NULL : doubles, count);
    npk_write_strs(w, count == 0 ? NULL : texts, sized ? sizes : NULL, count);
    npk_write_end(w);
}

static void write_items(npk_writer *w, size_t count)
{
    npk_write_begin_tuple(w, 3);
    for (int kind = 0; kind < 3; kind++) {
        npk_write_begin_list(w, (int64_t)count);
        for (size_t i = 0; i < count; i++) {
            if (kind == 0)
                npk_write_int(w, ints[i]);
            else if (kind == 1)
                npk_write_float(w, doubles[i]);
            else
                npk_write_str_size(w, texts[i], sizes[i]);
        }
        npk_write_end(w);
    }
    npk_write_end(w);
}

static void compare_lists(npk_dialect dialect, int protocol, size_t count)
{
    const npk_write_options options = {.dialect = dialect, .protocol_given = true, .protocol = protocol};
    const bool memory = count % 2 == 0;
    outcome o[3];
    for (int i = 0; i < 3; i++) {
        npki_cpu_limit(i == 0 ? NPKI_CPU_PLAIN : NPKI_CPUS - 1);
        npk_writer *w = new_writer(&options, memory, &o[i]);
        if (i == 0)
            write_items(w, count);
        else
            write_lists(w, count, i == 1);
        finish(w, memory, &o[i]);
    }
    cr_assert_eq(o[1].size, o[2].size);
    cr_assert_arr_eq(o[1].bytes, o[2].bytes, o[1].size);
    free(o[2].bytes);
    expect_same(&o[0], &o[1], count);
}

Test(runs, lists_are_what_calls_for_each_item_give)
{
    static const size_t counts[] = {0, 1, 2, 3, 5, 1000, 1001, 2003, 7290, 18999, MOST};
    npk_dialect dialect;
    fill();
    for (size_t d = 0; npk_dialect_at(d, &dialect); d++)
        for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol++) {
            const npk_write_options options = {.dialect = dialect, .protocol_given = true, .protocol = protocol};
            npk_writer *w = NULL;
            npk_error error;
            if (npk_writer_memory(&options, &w, &error) != NPK_OK)
                continue; /* it has no such protocol */
            npk_writer_abandon(w);
            for (size_t i = 0; i < sizeof counts / sizeof *counts - (d % 4 > 0 ? 2 : 0); i++)
                compare_lists(dialect, protocol, counts[i]);
        }
}

/* Wherever in four ints of 32 bits, or of one byte, a frame is full. */
Test(runs, frame_ends_between_ints_as_between_calls)
{
    const npk_write_options options = {.protocol_given = true, .protocol = 4};
    seed(1);
    for (size_t i = 0; i < MOST; i++)
        ints[i] = i < 500 ? (int64_t)i % 7 : i < 16000 ? (int64_t)(i + 0x10000) * (i % 2 == 0 ? 1 : -1) : (int64_t)i % 256;
    for (size_t shift = 0; shift < 48; shift++) {
        const size_t small = shift < 24 ? 0 : 15000; /* 15,000 of one byte before all is full, or few */
        outcome o[2];
        for (int i = 0; i < 2; i++) {
            npk_writer *w = new_writer(&options, true, &o[i]);
            npk_write_begin_tuple(w, 2);
            npk_write_str_size(w, letters, small == 0 ? shift : 60000 + shift);
            if (i == 0)
                npk_write_ints(w, ints + small, MOST - small);
            else {
                npk_write_begin_list(w, (int64_t)(MOST - small));
                for (size_t k = small; k < MOST; k++)
                    npk_write_int(w, ints[k]);
                npk_write_end(w);
            }
            npk_write_end(w);
            finish(w, true, &o[i]);
        }
        expect_same(&o[1], &o[0], shift);
    }
}

/* Four frames, or what is sent four times, and a text that stands outside of frames; those before and after it have `shift` bytes. */
static void write_ends(npk_writer *w, size_t shift)
{
    enum { COUNT = 18000, LARGE = 5001 };
    npk_write_begin_tuple(w, 2);
    npk_write_str_size(w, letters + 10, shift);
    npk_write_begin_list(w, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        if (i == LARGE)
            npk_write_str_size(w, letters + 10, LONG - 10);
        else if (i == LARGE + 1)
            npk_write_str_size(w, letters + 10, shift);
        else if (shift % 2 == 0 || i % 64 < 60)
            npk_write_float(w, (double)i);
        else if (i % 64 == 60)
            npk_write_none(w);
        else if (i % 64 == 61)
            npk_write_str_size(w, letters + 10, 5 + shift % 4);
        else
            npk_write_bool(w, i % 64 == 62);
    npk_write_end(w);
    npk_write_end(w);
}

/* Wherever in an item a frame is full, or what is held. */
Test(runs, frame_ends_between_calls_as_on_the_plain_path)
{
    seed(1);
    for (uint64_t number = 0; number < 120; number++) {
        const npk_write_options options = {.protocol_given = true, .protocol = number / 2 % 2 == 0 ? 4 : 2};
        outcome o[2];
        for (int i = 0; i < 2; i++) {
            npki_cpu_limit(i == 0 ? NPKI_CPU_PLAIN : NPKI_CPUS - 1);
            npk_writer *w = new_writer(&options, number % 2 == 0, &o[i]);
            write_ends(w, number / 4);
            finish(w, number % 2 == 0, &o[i]);
        }
        expect_same(&o[0], &o[1], number);
    }
}

Test(runs, what_is_no_list)
{
    const char *const wrong[] = {"good", "better", "\xff", "best"}, *const missing[] = {"good", NULL};
    struct {
        const char *const *texts;
        size_t count;
        const char *says;
    } rows[] = {{wrong, 4, "expected a str in UTF-8, found another byte at 0"},
                {missing, 2, "expected a text, found NULL"},
                {NULL, 2, "expected the items of a list, found NULL"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const npk_write_options options = {.protocol = 4};
        outcome o;
        npk_writer *w = new_writer(&options, true, &o);
        cr_expect_eq(npk_write_strs(w, rows[i].texts, NULL, rows[i].count), NPK_ERR_USAGE);
        finish(w, true, &o);
        cr_expect_eq(o.status, NPK_ERR_USAGE);
        cr_expect_str_eq(o.error.message, rows[i].says);
    }
}
