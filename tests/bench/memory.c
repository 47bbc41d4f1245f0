/* How much memory a call takes beyond what was there before: the highest resident size, in a process of its own. */
#include "bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t status_of(const char *field)
{
    char line[256];
    unsigned long long kilobytes = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, field, strlen(field)) == 0)
            sscanf(line + strlen(field), ": %llu", &kilobytes);
    if (file != NULL)
        fclose(file);
    return kilobytes * 1024;
}

static void forget_peak(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "w");
    if (file == NULL)
        abort();
    fputs("5", file);
    fclose(file);
}

static bench_file payload;
static size_t size;
static char path[4096], protocol[16];
static uint64_t peak;
static int (*measured)(void);

/* Once its memory was measured the same is done once more, and what comes of it is compared. */
static bool checking, right;
static bench_file expected;
static size_t compared;

static void compare(const void *bytes, size_t part)
{
    if (!checking)
        return;
    right = right && part <= expected.size - compared && memcmp(bytes, expected.bytes + compared, part) == 0;
    compared += right ? part : 0;
}

static int drop(void *context, const void *bytes, size_t part)
{
    (void)context;
    bench_sink += part;
    compare(bytes, part);
    return 0;
}

/* An array written: to a function, to a file. */
static int write_with(bool to_file)
{
    npk_error error;
    npk_writer *writer;
    npk_write_options options = bench_options(protocol);
    int64_t shape = (int64_t)size;
    npk_array array = {
        .dtype = npk_dtype_native(NPK_UINT8), .data = payload.bytes, .ndim = 1, .shape = &shape, .order = 'C'};
    int fd = open(checking ? bench_path("peak.out") : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    bench_must(to_file ? npk_writer_fd(fd, &options, &writer, &error)
                       : npk_writer_callback(drop, NULL, &options, &writer, &error),
               &error);
    npk_write_array(writer, &array);
    bench_must(npk_writer_finish(writer, &error), &error);
    return close(fd);
}

static int write_callback(void)
{
    return write_with(false);
}

static int write_fd(void)
{
    bench_file written;
    int status = write_with(true);
    if (checking && bench_map(&written, "peak.out"))
        compare(written.bytes, written.size);
    return status;
}

static int take(npk_array *own)
{
    bench_sink += ((const uint8_t *)own->data)[0];
    compare(own->data, size);
    npk_array_free(own);
    return 0;
}

/* An array of its own, by path. */
static int read_path(void)
{
    npk_error error;
    npk_array *own;
    npk_load_options options = {.read = {.input = NPK_INPUT_READ}};
    bench_must(npk_array_load(path, NULL, NULL, &options, &own, &error), &error);
    return take(own);
}

static int read_mapped(void)
{
    npk_error error;
    npk_array *own;
    bench_must(npk_array_load(path, NULL, NULL, NULL, &own, &error), &error);
    return take(own);
}

/* By descriptor. */
static int read_with(const npk_load_options *options)
{
    npk_error error;
    npk_array *own;
    int fd = open(path, O_RDONLY);
    bench_must(npk_array_load_fd(fd, NULL, NULL, options, &own, &error), &error);
    take(own);
    return close(fd);
}

static int read_fd(void)
{
    return read_with(NULL);
}

static int read_into(void)
{
    return read_with(&(npk_load_options){.into = (void *)(uintptr_t)payload.bytes, .into_size = payload.size});
}

static int view_path(void)
{
    npk_error error;
    npk_doc *doc;
    npk_array array = {0};
    bench_must(npk_doc_load(path, NULL, &doc, &error), &error);
    bench_must(npk_array_of(npk_doc_root(doc), &array, &error), &error);
    bench_sink += (uintptr_t)array.data;
    compare(array.data, size);
    npk_doc_free(doc);
    return 0;
}

static const struct {
    const char *name;
    int (*measured)(void);
    bool needs_payload;
} ways[] = {{"write", write_callback, true},     {"write-fd", write_fd, true}, {"read", read_path, false},
            {"read-mapped", read_mapped, false}, {"read-fd", read_fd, false},  {"read-into", read_into, true},
            {"view", view_path, false}};

/* peak WAY SIZE PROTOCOL */
static bool prepare_peak(char **words)
{
    size = strtoull(words[1], NULL, 10);
    snprintf(protocol, sizeof protocol, "%s", words[2]);
    snprintf(path, sizeof path, "%s", bench_path("u1.%s.p%s", words[1], words[2]));
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (strcmp(words[0], ways[i].name) != 0)
            continue;
        measured = ways[i].measured;
        if (ways[i].needs_payload && !bench_map(&payload, "u1.%s", words[1]))
            return false;
        if (measured == read_into) /* what is read must come from the pickle */
            memset((void *)(uintptr_t)payload.bytes, 0, payload.size);
        return true;
    }
    return bench_absent("no such way");
}

/* Before it counts each way is gone with 64 bytes: what is loaded of the program itself is no memory of the call's. */
static void warm_up(void)
{
    static uint8_t few[64];
    char whole_path[sizeof path];
    const bench_file whole = payload;
    const size_t whole_size = size;
    npk_error error;
    npk_write_options options = bench_options(protocol);
    strcpy(whole_path, path);
    snprintf(path, sizeof path, "%s", bench_path("few.pkl"));
    payload = (bench_file){few, sizeof few};
    size = sizeof few;
    bench_must(npk_array_save(path, &NPK_ARRAY(few, sizeof few), &options, &error), &error);
    measured();
    strcpy(path, whole_path);
    payload = whole;
    size = whole_size;
}

static void take_peak(void)
{
    warm_up();
    forget_peak();
    uint64_t before = status_of("VmRSS");
    measured();
    peak = status_of("VmHWM") - before;
}

static bool check_peak(void)
{
    const bool writes = measured == write_callback || measured == write_fd;
    printf("%llu ", (unsigned long long)peak);
    if (writes ? !bench_map(&expected, "u1.%zu.p%s", size, protocol) : !bench_map(&expected, "u1.%zu", size))
        return false;
    checking = right = true;
    compared = 0;
    measured();
    checking = false;
    return right && compared == expected.size;
}

const bench_case bench_memory_cases[] = {
    {"peak", 3, prepare_peak, take_peak, check_peak, NULL, NULL},
    {NULL, 0, NULL, NULL, NULL, NULL, NULL},
};
