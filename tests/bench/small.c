/* Ten thousand small arrays in one pickle, and views of arrays of any size. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { SMALL = 10, SMALLS = 10000 }; /* as make.py has them */

static bench_file numbers;
static bench_set pickle;
static npk_write_options options;
static uint8_t *room;
static size_t room_size, used;

static bool prepare_small(char **words)
{
    char name[64];
    snprintf(name, sizeof name, "small.p%s", words[0]);
    if (!bench_map(&numbers, "small") || !bench_map_set(&pickle, name))
        return false;
    options = bench_options(words[0]);
    room_size = pickle.file.size + 4096;
    room = bench_room(room_size);
    return true;
}

static void write_small(void)
{
    npk_error error;
    npk_writer *writer;
    npk_fixed_buffer fixed = {.bytes = room, .size = room_size};
    int64_t shape = SMALL;
    npk_array array = {.dtype = npk_dtype_native(NPK_FLOAT64), .ndim = 1, .shape = &shape, .order = 'C'};
    bench_must(npk_writer_callback(npk_sink_fixed, &fixed, &options, &writer, &error), &error);
    npk_write_begin_list(writer, SMALLS);
    for (size_t i = 0; i < SMALLS; i++) {
        array.data = numbers.bytes + i * SMALL * sizeof(double);
        npk_write_array(writer, &array);
    }
    npk_write_end(writer);
    bench_must(npk_writer_finish(writer, &error), &error);
    used = fixed.used;
}

static bool check_write_small(void)
{
    return used == pickle.file.size && memcmp(room, pickle.file.bytes, used) == 0;
}

#ifdef NPICKLE_ARRAY_VIEW_H
static void read_small(void)
{
    npk_error error;
    npk_array_view view;
    bool more;
    used = 0;
    bench_must(npk_array_views_memory(pickle.file.bytes, pickle.file.size, NULL, &view, &error), &error);
    for (;;) {
        bench_must(npk_array_view_next(&view, &more, &error), &error);
        if (!more)
            break;
        bench_must(npk_array_copy(&view.array, 'C', room + used, SMALL * sizeof(double), &error), &error);
        used += SMALL * sizeof(double);
    }
    npk_array_view_free(&view);
}
#else
static void read_small(void)
{
    npk_error error;
    npk_doc *doc;
    bench_must(npk_doc_load_memory(pickle.file.bytes, pickle.file.size, NULL, &doc, &error), &error);
    const npk_value *list = npk_doc_root(doc);
    for (size_t i = 0; i < npk_value_size(list); i++) {
        npk_array array;
        bench_must(npk_array_of(npk_value_item(list, i), &array, &error), &error);
        bench_must(npk_array_copy(&array, 'C', room + i * SMALL * sizeof(double), SMALL * sizeof(double), &error),
                   &error);
    }
    used = npk_value_size(list) * SMALL * sizeof(double);
    npk_doc_free(doc);
}
#endif

static bool check_read_small(void)
{
    return used == numbers.size && memcmp(room, numbers.bytes, used) == 0;
}

/* --- views --- */

static bench_set viewed;
static size_t turn, payload_size;

static bool prepare_view(char **words)
{
    char name[256];
    turn = 0;
    payload_size = strtoull(words[1], NULL, 10);
    snprintf(name, sizeof name, "%s.%s.p%s", words[0], words[1], words[2]);
    return bench_map(&numbers, "%s.%s", words[0], words[1]) && bench_map_set(&viewed, name);
}

/* Where its elements are. */
static const uint8_t *view_of(size_t index, size_t *elements)
{
    npk_error error;
    size_t size;
    const uint8_t *bytes = bench_set_item(&viewed, index, &size);
#ifdef NPICKLE_ARRAY_VIEW_H
    npk_array_view view;
    bench_must(npk_array_view_memory(bytes, size, NULL, &view, &error), &error);
    const uint8_t *data = view.array.data;
    *elements = (size_t)view.array.shape[0];
    npk_array_view_free(&view);
#else
    npk_doc *doc;
    npk_array array;
    bench_must(npk_doc_load_memory(bytes, size, NULL, &doc, &error), &error);
    bench_must(npk_array_of(npk_doc_root(doc), &array, &error), &error);
    const uint8_t *data = array.data;
    *elements = (size_t)array.shape[0];
    npk_doc_free(doc);
#endif
    return data;
}

static void view(void)
{
    size_t elements;
    bench_sink += (uintptr_t)view_of(turn++ % viewed.count, &elements);
    bench_sink += elements;
}

/* They are those of the pickle itself, and the right ones. */
static bool check_view(void)
{
    for (size_t i = 0; i < viewed.count; i++) {
        size_t elements, size;
        const uint8_t *bytes = bench_set_item(&viewed, i, &size), *data = view_of(i, &elements);
        if (elements != payload_size || data <= bytes || data + elements >= bytes + size ||
            memcmp(data, numbers.bytes + i * payload_size, elements) != 0)
            return false;
    }
    return true;
}

/* One of a gibibyte, whose elements are never looked at: memory that was asked for and not touched. */
static const size_t huge = (size_t)1 << 30;
static uint8_t *huge_pickle;
static uint64_t huge_offsets[2];
static const uint8_t *huge_data; /* where its elements begin */

static int skip_sink(void *context, const void *bytes, size_t size)
{
    uint64_t *at = context;
    if (size < 65536)
        memcpy(huge_pickle + *at, bytes, size);
    else if (huge_data == NULL)
        huge_data = huge_pickle + *at;
    *at += size;
    return 0;
}

static bool prepare_huge(char **words)
{
    npk_error error;
    npk_writer *writer;
    const int64_t shape = (int64_t)huge;
    npk_array array = {.dtype = npk_dtype_native(NPK_UINT8), .ndim = 1, .shape = &shape, .order = 'C'};
    huge_pickle = mmap(NULL, huge + 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (huge_pickle == MAP_FAILED)
        return bench_absent("no address space");
    options = bench_options(words[0]);
    huge_offsets[0] = huge_offsets[1] = 0;
    huge_data = NULL;
    bench_must(npk_writer_callback(skip_sink, &huge_offsets[1], &options, &writer, &error), &error);
    npk_write_begin_array(writer, &array);
    const size_t part = (size_t)1 << 20;
    void *zeros = bench_room(part);
    for (size_t done = 0; done < huge; done += part)
        npk_write_part(writer, zeros, part);
    npk_write_end(writer);
    npk_status status = npk_writer_finish(writer, &error);
    viewed = (bench_set){{huge_pickle, (size_t)huge_offsets[1]}, huge_offsets, 1};
    payload_size = huge;
    if (status != NPK_OK)
        return bench_absent("%s", error.message);
    return true;
}

static bool check_huge(void)
{
    size_t elements;
    return view_of(0, &elements) == huge_data && elements == huge;
}

static void finish_huge(void)
{
    munmap(huge_pickle, huge + 65536);
}

const bench_case bench_small_cases[] = {
    {"small-write", 1, prepare_small, write_small, check_write_small, NULL, NULL},
    {"small-read", 1, prepare_small, read_small, check_read_small, NULL, NULL},
    {"view", 3, prepare_view, view, check_view, NULL, NULL},
    {"view-1g", 1, prepare_huge, view, check_huge, NULL, finish_huge},
    {NULL, 0, NULL, NULL, NULL, NULL, NULL},
};
