/* One array to one pickle, and back; memcpy and write(2) of the same bytes beside it. Small arrays are many, in turn: a
 * machine learns a block of 4 KiB by heart. */
#include "bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bench_file payload; /* of all arrays, one after another */
static bench_set pickles;
static size_t size; /* of one array */
static size_t turn;
static const npk_dtype *dtype;
static int64_t shape[1];
static npk_write_options options;
static uint8_t *room;
static size_t room_size;
static npk_writer *kept; /* of all pickles of a row */
static char path[4096];

/* What the next result must be, while results are checked; NULL while they are timed. */
static const uint8_t *awaited;
static size_t awaited_size;
static bool right;

static void compare(const void *bytes, size_t bytes_size)
{
    if (awaited != NULL)
        right = bytes_size == awaited_size && memcmp(bytes, awaited, bytes_size) == 0;
}

/* Whether `work`, which is what is timed, has this result. */
static bool gives(void (*work)(size_t index), size_t index, const uint8_t *expected, size_t expected_size)
{
    awaited = expected;
    awaited_size = expected_size;
    right = false;
    work(index);
    awaited = NULL;
    return right;
}

/* --- what the machine takes for these bytes --- */

static bool prepare_memcpy(char **words)
{
    size = strtoull(words[0], NULL, 10);
    room = bench_room(2 * size);
    memset(room, 2, size);
    return true;
}

static void copy(void)
{
    memcpy(room + size, room, size);
    bench_sink += room[size + turn++ % size];
}

static bool check_copy(void)
{
    return memcmp(room + size, room, size) == 0;
}

static bool prepare_write(char **words)
{
    snprintf(path, sizeof path, "%s", bench_path("written"));
    return prepare_memcpy(words);
}

static void remove_file(void)
{
    unlink(path);
}

static int create(void)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0)
        abort();
    return fd;
}

static void write_file(void)
{
    int fd = create();
    for (size_t done = 0; done < size;) {
        ssize_t some = write(fd, room + done, size - done);
        if (some <= 0)
            abort();
        done += (size_t)some;
    }
    close(fd);
}

/* Whether the file has these bytes; `into` is room for them. */
static bool right_file(const uint8_t *expected, size_t expected_size, uint8_t *into, size_t into_size)
{
    FILE *file = fopen(path, "rb");
    bool same =
        file != NULL && fread(into, 1, into_size, file) == expected_size && memcmp(into, expected, expected_size) == 0;
    if (file != NULL)
        fclose(file);
    return same;
}

static bool check_write(void)
{
    return right_file(room, size, room + size, size);
}

/* --- dumps --- */

static npk_array array_of(size_t index)
{
    return (npk_array){.dtype = dtype, .data = payload.bytes + index * size, .ndim = 1, .shape = shape, .order = 'C'};
}

/* By one writer, which makes pickle after pickle. */
static void dump_fixed(size_t index)
{
    static npk_fixed_buffer fixed;
    npk_error error;
    npk_array array = array_of(index);
    if (kept == NULL)
        bench_must(npk_writer_callback(npk_sink_fixed, &fixed, &options, &kept, &error), &error);
    fixed = (npk_fixed_buffer){.bytes = room, .size = room_size};
    npk_write_array(kept, &array);
    if (npk_writer_next(kept) != NPK_OK)
        abort();
    bench_sink += fixed.used;
    compare(room, fixed.used);
}

static void dump_own(size_t index)
{
    npk_error error;
    uint8_t *bytes;
    size_t dumped;
    npk_array array = array_of(index);
    bench_must(npk_array_save_memory(&array, &options, &bytes, &dumped, &error), &error);
    bench_sink += bytes[dumped - 1];
    compare(bytes, dumped);
    npk_bytes_free(NULL, bytes, dumped);
}

static void dump_file(size_t index)
{
    npk_error error;
    npk_writer *writer;
    npk_array array = array_of(index);
    int fd = create();
    bench_must(npk_writer_fd(fd, &options, &writer, &error), &error);
    npk_write_array(writer, &array);
    bench_must(npk_writer_finish(writer, &error), &error);
    close(fd);
    if (awaited != NULL)
        right = right_file(awaited, awaited_size, room, room_size);
}

static const struct {
    const char *name;
    void (*dump)(size_t index);
} sinks[] = {{"fixed", dump_fixed}, {"own", dump_own}, {"file", dump_file}};
static void (*dump)(size_t index);

static bool prepare_array(char **words)
{
    npk_error error;
    char name[256];
    turn = 0;
    size = strtoull(words[1], NULL, 10);
    options = bench_options(words[2]);
    npk_writer_abandon(kept);
    kept = NULL;
    bench_must(npk_dtype_parse(words[0], NULL, &dtype, &error), &error);
    shape[0] = (int64_t)size / npk_dtype_itemsize(dtype);
    snprintf(name, sizeof name, "%s.%s.p%s", words[0], words[1], words[2]);
    return bench_map(&payload, "%s.%s", words[0], words[1]) && bench_map_set(&pickles, name);
}

static bool prepare_dumps(char **words)
{
    if (!prepare_array(words))
        return false;
    snprintf(path, sizeof path, "%s", bench_path("written"));
    room_size = pickles.file.size + 4096; /* for any of them */
    room = bench_room(room_size);
    for (size_t i = 0; i < sizeof sinks / sizeof *sinks; i++)
        if (strcmp(words[3], sinks[i].name) == 0)
            dump = sinks[i].dump;
    return true;
}

static void dumps(void)
{
    dump(turn++ % pickles.count);
}

static void before_dumps(void)
{
    if (dump == dump_file)
        unlink(path);
}

static bool check_dumps(void)
{
    for (size_t i = 0; i < pickles.count; i++) {
        size_t expected_size;
        const uint8_t *expected = bench_set_item(&pickles, i, &expected_size);
        before_dumps();
        if (!gives(dump, i, expected, expected_size))
            return false;
    }
    return true;
}

/* --- loads --- */

static void compare_array(const npk_array *array)
{
    if (awaited != NULL && npk_dtype_equal(array->dtype, dtype) && npk_array_nbytes(array) == (int64_t)size)
        compare(array->data, size);
}

static void load_into(size_t index)
{
    npk_error error;
    npk_array *own;
    size_t pickle_size;
    const uint8_t *pickle = bench_set_item(&pickles, index, &pickle_size);
    const npk_load_options loading = {.into = room, .into_size = room_size};
    bench_must(npk_array_load_memory(pickle, pickle_size, NULL, NULL, &loading, &own, &error), &error);
    compare_array(own);
    npk_array_free(own);
}

static void load_own(size_t index)
{
    npk_error error;
    npk_array *own;
    size_t pickle_size;
    const uint8_t *pickle = bench_set_item(&pickles, index, &pickle_size);
    bench_must(npk_array_load_memory(pickle, pickle_size, NULL, NULL, NULL, &own, &error), &error);
    bench_sink += ((const uint8_t *)own->data)[size - 1];
    compare_array(own);
    npk_array_free(own);
}

static void load_file(size_t index)
{
    npk_error error;
    npk_array *own;
    (void)index;
    bench_must(npk_array_load(path, NULL, NULL, NULL, &own, &error), &error);
    bench_sink += ((const uint8_t *)own->data)[size - 1];
    compare_array(own);
    npk_array_free(own);
}

static const struct {
    const char *name;
    void (*load)(size_t index);
} places[] = {{"into", load_into}, {"own", load_own}, {"file", load_file}};
static void (*load)(size_t index);

static bool prepare_loads(char **words)
{
    if (!prepare_array(words))
        return false;
    snprintf(path, sizeof path, "%s", bench_path("%s.%s.p%s", words[0], words[1], words[2]));
    room_size = size;
    room = bench_room(room_size);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (strcmp(words[3], places[i].name) == 0)
            load = places[i].load;
    return true;
}

static void loads(void)
{
    load(turn++ % pickles.count);
}

static bool check_loads(void)
{
    for (size_t i = 0; i < pickles.count; i++) {
        memset(room, 0, room_size);
        if (!gives(load, i, payload.bytes + i * size, size))
            return false;
    }
    return true;
}

static void finish_array(void)
{
    npk_dtype_free(dtype);
    dtype = NULL;
}

const bench_case bench_array_cases[] = {
    {"memcpy", 1, prepare_memcpy, copy, check_copy, NULL, NULL},
    {"write", 1, prepare_write, write_file, check_write, remove_file, NULL},
    {"array-dumps", 4, prepare_dumps, dumps, check_dumps, NULL, finish_array},
    {"array-dump-file", 4, prepare_dumps, dumps, check_dumps, before_dumps, finish_array},
    {"array-loads", 4, prepare_loads, loads, check_loads, NULL, finish_array},
    {NULL, 0, NULL, NULL, NULL, NULL, NULL},
};
