/* Many small values written: a call for each, calls for many, and what was read. The bytes are CPython's. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bench_set expected;
static npk_write_options options;
static uint8_t *room;
static size_t room_size, used;

static npk_writer *begin(npk_fixed_buffer *fixed)
{
    npk_error error;
    npk_writer *writer;
    *fixed = (npk_fixed_buffer){.bytes = room, .size = room_size};
    bench_must(npk_writer_callback(npk_sink_fixed, fixed, &options, &writer, &error), &error);
    return writer;
}

static void end(npk_writer *writer, const npk_fixed_buffer *fixed)
{
    npk_error error;
    bench_must(npk_writer_finish(writer, &error), &error);
    used = fixed->used;
}

static bool prepare_expected(const char *work, const char *protocol)
{
    char name[256];
    snprintf(name, sizeof name, "%s.p%s", work, protocol);
    if (!bench_map_set(&expected, name))
        return false;
    options = bench_options(protocol);
    room_size = expected.file.size + 4096;
    room = bench_room(room_size);
    return true;
}

static bool check(void)
{
    return used == expected.file.size && memcmp(room, expected.file.bytes, used) == 0;
}

/* --- the works, as make.py makes them --- */

enum { TUPLES = 30000, NESTED = 11000, NESTED_ITEMS = 9, RECORDS = 10000 };

static bench_file raw; /* int64, double, or texts with a NUL each */
static size_t count;

static const int64_t *ints(void)
{
    return (const int64_t *)(const void *)raw.bytes;
}

static const double *doubles(void)
{
    return (const double *)(const void *)raw.bytes;
}

static void write_ints(npk_writer *writer)
{
    npk_write_begin_list(writer, (int64_t)count);
    for (size_t i = 0; i < count; i++)
        npk_write_int(writer, ints()[i]);
    npk_write_end(writer);
}

static void write_floats(npk_writer *writer)
{
    npk_write_begin_list(writer, (int64_t)count);
    for (size_t i = 0; i < count; i++)
        npk_write_float(writer, doubles()[i]);
    npk_write_end(writer);
}

enum { TEXT = 10 }; /* bytes of each, and a NUL */

static void write_strs(npk_writer *writer)
{
    npk_write_begin_list(writer, (int64_t)count);
    for (size_t i = 0; i < count; i++)
        npk_write_str_size(writer, (const char *)raw.bytes + i * (TEXT + 1), TEXT);
    npk_write_end(writer);
}

static void write_dict(npk_writer *writer)
{
    npk_write_begin_dict(writer, (int64_t)count);
    for (size_t i = 0; i < count; i++) {
        npk_write_str_size(writer, (const char *)raw.bytes + i * (TEXT + 1), TEXT);
        npk_write_int(writer, (int64_t)i);
    }
    npk_write_end(writer);
}

static void write_tuples(npk_writer *writer)
{
    npk_write_begin_list(writer, TUPLES);
    for (int64_t i = 0; i < TUPLES; i++) {
        npk_write_begin_tuple(writer, 3);
        for (int64_t k = 0; k < 3; k++)
            npk_write_int(writer, i + k);
        npk_write_end(writer);
    }
    npk_write_end(writer);
}

static void write_nested(npk_writer *writer)
{
    npk_write_begin_list(writer, NESTED);
    for (int64_t i = 0; i < NESTED; i++) {
        npk_write_begin_list(writer, NESTED_ITEMS);
        for (int64_t k = 0; k < NESTED_ITEMS; k++)
            npk_write_int(writer, i + k);
        npk_write_end(writer);
    }
    npk_write_end(writer);
}

/* A key that is the same object in each record: written once, and referred to from then on. */
static void write_key(npk_writer *writer, const char *key, int64_t *known)
{
    if (*known != NPK_UNKNOWN) {
        npk_write_again(writer, *known);
        return;
    }
    npk_write_str(writer, key);
    *known = npk_writer_last(writer);
}

static void write_records(npk_writer *writer)
{
    int64_t known[5] = {NPK_UNKNOWN, NPK_UNKNOWN, NPK_UNKNOWN, NPK_UNKNOWN, NPK_UNKNOWN};
    const char *name = (const char *)raw.bytes;
    npk_write_begin_list(writer, RECORDS);
    for (int64_t i = 0; i < RECORDS; i++, name += strlen(name) + 1) {
        npk_write_begin_dict(writer, 5);
        write_key(writer, "id", &known[0]);
        npk_write_int(writer, i);
        write_key(writer, "name", &known[1]);
        npk_write_str(writer, name);
        write_key(writer, "x", &known[2]);
        npk_write_float(writer, (double)i * .5);
        write_key(writer, "ok", &known[3]);
        npk_write_bool(writer, i % 2 == 0);
        write_key(writer, "tag", &known[4]);
        npk_write_none(writer);
        npk_write_end(writer);
    }
    npk_write_end(writer);
}

static void write_repeated(npk_writer *writer)
{
    static const char *const texts[] = {"alpha", "beta", "gamma", "delta"};
    int64_t known[4] = {NPK_UNKNOWN, NPK_UNKNOWN, NPK_UNKNOWN, NPK_UNKNOWN};
    npk_write_begin_list(writer, (int64_t)count);
    for (size_t i = 0; i < count; i++)
        write_key(writer, texts[ints()[i]], &known[ints()[i]]);
    npk_write_end(writer);
}

static const struct {
    const char *name;
    const char *raw; /* its file; NULL: none */
    size_t item;     /* bytes of one; 0: it doesn't say */
    void (*write)(npk_writer *writer);
} works[] = {
    {"ints8", "ints8.raw", 8, write_ints},      {"ints32", "ints32.raw", 8, write_ints},
    {"ints64", "ints64.raw", 8, write_ints},    {"floats", "floats.raw", 8, write_floats},
    {"strs", "strs.raw", TEXT + 1, write_strs}, {"repeated", "repeated.raw", 8, write_repeated},
    {"dict", "strs.raw", TEXT + 1, write_dict}, {"tuples", NULL, 0, write_tuples},
    {"nested", NULL, 0, write_nested},          {"records", "names.raw", 0, write_records},
};

static void (*write_work)(npk_writer *writer);

static bool prepare_work(char **words)
{
    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
        if (strcmp(words[0], works[i].name) != 0)
            continue;
        write_work = works[i].write;
        if (works[i].raw != NULL && !bench_map(&raw, "%s", works[i].raw))
            return false;
        count = works[i].item == 0 ? 0 : raw.size / works[i].item;
        return prepare_expected(words[0], words[1]);
    }
    return bench_absent("no such work");
}

static void dump_work(void)
{
    npk_fixed_buffer fixed;
    npk_writer *writer = begin(&fixed);
    write_work(writer);
    end(writer, &fixed);
}

/* --- all of a list in one call --- */

static const char **batch_texts;
static size_t *batch_sizes;

static void batch_ints(npk_writer *writer)
{
    npk_write_ints(writer, ints(), count);
}

static void batch_floats(npk_writer *writer)
{
    npk_write_doubles(writer, doubles(), count);
}

static void batch_strs(npk_writer *writer)
{
    npk_write_strs(writer, batch_texts, batch_sizes, count);
}

static bool prepare_batch(char **words)
{
    if (!prepare_work(words))
        return false;
    batch_texts = bench_room(count * sizeof *batch_texts);
    batch_sizes = bench_room(count * sizeof *batch_sizes);
    for (size_t i = 0; i < count; i++) {
        batch_texts[i] = (const char *)raw.bytes + i * (TEXT + 1);
        batch_sizes[i] = TEXT;
    }
    write_work = write_work == write_ints ? batch_ints : write_work == write_floats ? batch_floats : batch_strs;
    return true;
}

/* --- what was read --- */

static npk_doc *graph;

static bool prepare_graph(char **words)
{
    npk_error error;
    if (!prepare_expected(words[0], words[1]))
        return false;
    bench_must(npk_doc_load_memory(expected.file.bytes, expected.file.size, NULL, &graph, &error), &error);
    return true;
}

static void dump_graph(void)
{
    npk_fixed_buffer fixed;
    npk_writer *writer = begin(&fixed);
    npk_write_value(writer, npk_doc_root(graph));
    end(writer, &fixed);
}

static void finish_graph(void)
{
    npk_doc_free(graph);
}

const bench_case bench_dump_cases[] = {
    {"dumps", 2, prepare_work, dump_work, check, NULL, NULL},
    {"dumps-batch", 2, prepare_batch, dump_work, check, NULL, NULL},
    {"dumps-graph", 2, prepare_graph, dump_graph, check, NULL, finish_graph},
    {NULL, 0, NULL, NULL, NULL, NULL, NULL},
};
