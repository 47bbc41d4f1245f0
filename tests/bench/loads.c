/* Pickles of many small values, read; their opcodes walked over; the keys of a dict looked up. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bench_set pickle;
static npk_doc *doc;
static bool reused;
static npk_reader *reader; /* NULL: a document each time */

static bool prepare_pickle(const char *work, const char *protocol)
{
    char name[256];
    snprintf(name, sizeof name, "%s.p%s", work, protocol);
    return bench_map_set(&pickle, name);
}

static npk_doc *load_once(void)
{
    npk_error error;
    npk_doc *loaded;
    bench_must(npk_doc_load_memory(pickle.file.bytes, pickle.file.size, NULL, &loaded, &error), &error);
    return loaded;
}

static bool prepare_loads(char **words)
{
    reused = strcmp(words[2], "reused") == 0;
    return prepare_pickle(words[0], words[1]);
}

/* What is timed: a document, which npk_reader_reuse takes back. */
static npk_doc *next_document(void)
{
    npk_error error;
    npk_doc *loaded = NULL;
    if (!reused)
        loaded = load_once();
    else if (reader == NULL)
        bench_must(npk_reader_memory(pickle.file.bytes, pickle.file.size, NULL, &reader, &error), &error);
    else
        bench_must(npk_reader_again(reader, pickle.file.bytes, pickle.file.size, &error), &error);
    if (reused)
        bench_must(npk_reader_next(reader, &loaded, &error), &error);
    bench_sink += (uintptr_t)npk_doc_root(loaded);
    return loaded;
}

static void loads(void)
{
    npk_reader_reuse(reader, next_document());
}

static void finish_loads(void)
{
    npk_reader_close(reader);
    reader = NULL;
}

/* What was read is written as it was: every value is there, what is shared too. The reader is one that has read before. */
static bool check_loads(void)
{
    npk_error error;
    npk_doc *loaded = next_document();
    uint8_t *bytes;
    size_t size;
    npk_write_options options;
    npk_write_options_for(loaded, &options);
    bench_must(npk_doc_save_memory(loaded, &options, &bytes, &size, &error), &error);
    bool right = size == pickle.file.size && memcmp(bytes, pickle.file.bytes, size) == 0;
    npk_bytes_free(NULL, bytes, size);
    npk_reader_reuse(reader, loaded);
    return right;
}

/* --- bad input: it must be read, or refused; how long it takes is what counts --- */

static bool prepare_hostile(char **words)
{
    return prepare_pickle(words[0], "bad");
}

static void load_hostile(void)
{
    npk_error error;
    npk_doc *loaded = NULL;
    bench_sink += (uint64_t)npk_doc_load_memory(pickle.file.bytes, pickle.file.size, NULL, &loaded, &error);
    npk_doc_free(loaded);
}

static bool check_hostile(void)
{
    npk_doc *loaded = load_once();
    bool right = loaded != NULL;
    npk_doc_free(loaded);
    return right;
}

/* --- a list of numbers to an array --- */

static bench_file raw;
static uint8_t *room;

static bool prepare_typed(char **words)
{
    if (!prepare_pickle(words[0], words[1]) || !bench_map(&raw, "%s.raw", words[0]))
        return false;
    room = bench_room(raw.size);
    return true;
}

static void typed_floats(void)
{
    npk_error error;
    size_t count;
    double *out = (double *)(void *)room;
    bench_must(npk_doubles_load_memory(pickle.file.bytes, pickle.file.size, NULL, NULL, out, raw.size / sizeof *out,
                                       &count, &error),
               &error);
}

static void typed_ints(void)
{
    npk_error error;
    size_t count;
    int64_t *out = (int64_t *)(void *)room;
    bench_must(npk_ints_load_memory(pickle.file.bytes, pickle.file.size, NULL, NULL, out, raw.size / sizeof *out,
                                    &count, &error),
               &error);
}

/* The same by way of a graph. */
static void typed_graph_floats(void)
{
    npk_error error;
    npk_doc *loaded = load_once();
    double *out = (double *)(void *)room;
    bench_must(npk_list_to_doubles(npk_doc_root(loaded), out, raw.size / sizeof *out, &error), &error);
    npk_doc_free(loaded);
}

static void typed_graph_ints(void)
{
    npk_error error;
    npk_doc *loaded = load_once();
    int64_t *out = (int64_t *)(void *)room;
    bench_must(npk_list_to_ints(npk_doc_root(loaded), out, raw.size / sizeof *out, &error), &error);
    npk_doc_free(loaded);
}

static bool check_typed(void)
{
    return memcmp(room, raw.bytes, raw.size) == 0;
}

/* --- the opcodes --- */

static uint64_t opcodes;
static bench_file expected_opcodes; /* how many pickletools.genops finds: uint64_t */

static bool prepare_walk(char **words)
{
    return prepare_pickle(words[0], words[1]) && bench_map(&expected_opcodes, "%s.p%s.count", words[0], words[1]);
}

static void walk(void)
{
    npk_error error;
    npk_cursor at;
    uint64_t sum = 0, count = 0;
    npk_status status = npk_cursor_start(&at, pickle.file.bytes, pickle.file.size, &error);
    while (status == NPK_OK && (status = npk_cursor_next(&at, &error)) == NPK_OK) {
        sum += at.size;
        count++;
        if (at.opcode[0] == '.')
            break;
    }
    bench_must(status, &error);
    opcodes = count;
    bench_sink += sum;
}

static bool check_walk(void)
{
    return expected_opcodes.size == sizeof opcodes && memcmp(expected_opcodes.bytes, &opcodes, sizeof opcodes) == 0;
}

/* --- look-up: each time in a document that was just read, so that what finds keys is made anew --- */

static bench_file keys; /* each with a NUL */
static int64_t found;

static bool prepare_lookup(char **words)
{
    char name[64];
    snprintf(name, sizeof name, "lookup%s", words[0]);
    doc = NULL;
    return prepare_pickle(name, "4") && bench_map(&keys, "%s.keys", name);
}

static void before_lookup(void)
{
    npk_doc_free(doc);
    doc = load_once();
}

static void lookup(void)
{
    const npk_value *dict = npk_doc_root(doc);
    found = 0;
    for (const char *key = (const char *)keys.bytes, *end = key + keys.size; key < end; key += strlen(key) + 1) {
        int64_t value;
        if (!npk_value_as_int64(npk_dict_get(dict, key), &value))
            abort();
        found += value;
    }
}

static bool check_lookup(void)
{
    int64_t count = (int64_t)npk_value_size(npk_doc_root(doc));
    return found == count * (count - 1) / 2;
}

static void finish_lookup(void)
{
    npk_doc_free(doc);
    doc = NULL;
}

const bench_case bench_load_cases[] = {
    {"loads", 3, prepare_loads, loads, check_loads, NULL, finish_loads},
    {"hostile", 1, prepare_hostile, load_hostile, check_hostile, NULL, NULL},
    {"typed-floats", 2, prepare_typed, typed_floats, check_typed, NULL, NULL},
    {"typed-ints", 2, prepare_typed, typed_ints, check_typed, NULL, NULL},
    {"typed-graph-floats", 2, prepare_typed, typed_graph_floats, check_typed, NULL, NULL},
    {"typed-graph-ints", 2, prepare_typed, typed_graph_ints, check_typed, NULL, NULL},
    {"walk", 2, prepare_walk, walk, check_walk, NULL, NULL},
    {"lookup", 1, prepare_lookup, lookup, check_lookup, before_lookup, finish_lookup},
    {NULL, 0, NULL, NULL, NULL, NULL, NULL},
};
