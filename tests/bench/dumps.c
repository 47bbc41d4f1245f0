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

/* --- the works --- */

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

#define OUT npk_writer
#define LIST(n) npk_write_begin_list(out, (int64_t)(n))
#define END_LIST npk_write_end(out)
#define TUPLE(n) npk_write_begin_tuple(out, (int64_t)(n))
#define END_TUPLE npk_write_end(out)
#define DICT(n) npk_write_begin_dict(out, (int64_t)(n))
#define END_DICT npk_write_end(out)
#define INT(i) npk_write_int(out, i)
#define FLOAT(d) npk_write_float(out, d)
#define BOOL(b) npk_write_bool(out, b)
#define NONE npk_write_none(out)
#define TEXT(text) npk_write_str(out, text)
#define TEXT_SIZE(text, size) npk_write_str_size(out, text, size)
#define KEY(text, known) write_key(out, text, &(known))
#include "works.inc"

static write_function *write_work;

static bool prepare_work(char **words)
{
    write_work = find_work(words[0]);
    return write_work != NULL && prepare_expected(words[0], words[1]);
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
        batch_texts[i] = (const char *)raw.bytes + i * (TEXT_BYTES + 1);
        batch_sizes[i] = TEXT_BYTES;
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
