/* Ten thousand small arrays in one pickle, and views of arrays of any size. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { SMALL = 10, SMALLS = 10000, LENGTHS = 40, COLUMNS = 3 }; /* as make.py has them */

static const npk_type mixed_types[] = {NPK_FLOAT64, NPK_INT32, NPK_UINT8, NPK_FLOAT32, NPK_INT64};

static bench_file numbers;
static npk_array arrays[SMALLS];
static int64_t shapes[SMALLS][2];
static size_t ends[SMALLS]; /* of each, in `numbers` */
static bench_set pickle;
static npk_write_options options;
static uint8_t *room;
static size_t room_size, used;

/* All are of one form, or they are mixed: five types in turn, 1 to 40 rows, every other array of three columns. */
static void form_array(size_t i, bool mixed, size_t *at)
{
    shapes[i][0] = mixed ? (int64_t)(i * 7 % LENGTHS) + 1 : SMALL;
    shapes[i][1] = COLUMNS;
    arrays[i] = (npk_array){
        .dtype = npk_dtype_native(mixed ? mixed_types[i % (sizeof mixed_types / sizeof *mixed_types)] : NPK_FLOAT64),
        .data = numbers.bytes + *at,
        .ndim = mixed && i % 2 == 1 ? 2 : 1,
        .shape = shapes[i],
        .order = 'C'};
    *at += (size_t)npk_array_nbytes(&arrays[i]);
    ends[i] = *at;
}

static bool prepare_arrays(const char *work, char **words)
{
    char name[64];
    size_t size = 0;
    snprintf(name, sizeof name, "%s.p%s", work, words[0]);
    if (!bench_map(&numbers, "%s", work) || !bench_map_set(&pickle, name))
        return false;
    for (size_t i = 0; i < SMALLS; i++)
        form_array(i, strcmp(work, "mixed") == 0, &size);
    if (size != numbers.size)
        return bench_absent("make.py has other arrays");
    options = bench_options(words[0]);
    room_size = pickle.file.size + 4096;
    room = bench_room(room_size);
    return true;
}

static bool prepare_small(char **words)
{
    return prepare_arrays("small", words);
}

static bool prepare_mixed(char **words)
{
    return prepare_arrays("mixed", words);
}

static void write_small(void)
{
    npk_error error;
    npk_writer *writer;
    npk_fixed_buffer fixed = {.bytes = room, .size = room_size};
    bench_must(npk_writer_callback(npk_sink_fixed, &fixed, &options, &writer, &error), &error);
    npk_write_begin_list(writer, SMALLS);
    for (size_t i = 0; i < SMALLS; i++)
        npk_write_array(writer, &arrays[i]);
    npk_write_end(writer);
    bench_must(npk_writer_finish(writer, &error), &error);
    used = fixed.used;
}

static bool check_write_small(void)
{
    return used == pickle.file.size && memcmp(room, pickle.file.bytes, used) == 0;
}

static bool checking, right;

static void check_form(const npk_array *found, const npk_array *expected)
{
    right = right && npk_dtype_equal(found->dtype, expected->dtype) && found->ndim == expected->ndim &&
            memcmp(found->shape, expected->shape, (size_t)found->ndim * sizeof *found->shape) == 0;
}

/* Each is copied as soon as it is found. */
static inline void take_array(const npk_array *array, size_t index)
{
    npk_error error;
    if (index >= SMALLS)
        abort();
    if (checking)
        check_form(array, &arrays[index]);
    bench_must(npk_array_copy(array, 'C', room + used, ends[index] - used, &error), &error);
    used = ends[index];
}

#ifdef NPICKLE_ARRAY_VIEW_H
static void read_small(void)
{
    npk_error error;
    npk_array_view view;
    bool more;
    size_t count = 0;
    used = 0;
    bench_must(npk_array_views_memory(pickle.file.bytes, pickle.file.size, NULL, &view, &error), &error);
    for (;;) {
        bench_must(npk_array_view_next(&view, &more, &error), &error);
        if (!more)
            break;
        take_array(&view.array, count++);
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
    used = 0;
    for (size_t i = 0; i < npk_value_size(list); i++) {
        npk_array array;
        bench_must(npk_array_of(npk_value_item(list, i), &array, &error), &error);
        take_array(&array, i);
    }
    npk_doc_free(doc);
}
#endif

static bool check_read_small(void)
{
    checking = right = true;
    read_small();
    checking = false;
    return right && used == numbers.size && memcmp(room, numbers.bytes, used) == 0;
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
    {"mixed-write", 1, prepare_mixed, write_small, check_write_small, NULL, NULL},
    {"mixed-read", 1, prepare_mixed, read_small, check_read_small, NULL, NULL},
    {"view", 3, prepare_view, view, check_view, NULL, NULL},
    {"view-1g", 1, prepare_huge, view, check_huge, NULL, finish_huge},
    {NULL, 0, NULL, NULL, NULL, NULL, NULL},
};
