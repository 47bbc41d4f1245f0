/* What a call takes of memory and of the system, counted and not measured: the same on every run.
 *
 *     tests/bench/exact DIRECTORY DIALECT SCENARIO WORD...
 *
 * prints the most bytes that it held at a time, how often it asked for memory, and the calls to the system, which the
 * linker leads here (--wrap). Memory that was there before does not count, nor what the caller gives. */
#define _GNU_SOURCE
#include "bench.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

npk_dialect bench_dialect;
volatile uint64_t bench_sink;

bool bench_absent(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    return false;
}

static void must(npk_status status, const npk_error *error)
{
    if (status == NPK_OK)
        return;
    fprintf(stderr, "%s\n", error->message);
    exit(1);
}

/* --- what is counted --- */

static bool counting;
static size_t held, most, blocks;

static void *resize(void *context, void *old, size_t old_size, size_t new_size)
{
    (void)context;
    void *block = new_size != 0 ? realloc(old, new_size) : (free(old), NULL);
    if (block == NULL && new_size != 0)
        return NULL;
    held += new_size - old_size;
    most = held > most ? held : most;
    blocks += new_size != 0;
    return block;
}

static const npk_allocator counted = {resize, NULL};

/* X(call, result, parameters, arguments) */
#define CALLS(X)                                                                                                       \
    X(read, ssize_t, (int a, void *b, size_t c), (a, b, c))                                                            \
    X(pread64, ssize_t, (int a, void *b, size_t c, off64_t d), (a, b, c, d))                                           \
    X(write, ssize_t, (int a, const void *b, size_t c), (a, b, c))                                                     \
    X(writev, ssize_t, (int a, const struct iovec *b, int c), (a, b, c))                                               \
    X(fstat64, int, (int a, struct stat64 *b), (a, b))                                                                 \
    X(lseek64, off64_t, (int a, off64_t b, int c), (a, b, c))                                                          \
    X(close, int, (int a), (a))                                                                                        \
    X(mmap64, void *, (void *a, size_t b, int c, int d, int e, off64_t f), (a, b, c, d, e, f))                         \
    X(munmap, int, (void *a, size_t b), (a, b))                                                                        \
    X(madvise, int, (void *a, size_t b, int c), (a, b, c))

#define CALL_COUNT(call, result, parameters, arguments)                                                                \
    static unsigned count_of_##call;                                                                                   \
    result __real_##call parameters;                                                                                   \
    result __wrap_##call parameters;                                                                                   \
    result __wrap_##call parameters                                                                                    \
    {                                                                                                                  \
        count_of_##call += counting;                                                                                   \
        return __real_##call arguments;                                                                                \
    }
CALLS(CALL_COUNT)

/* --- the scenarios --- */

static char path[4096];
static bench_set pickles;
static bench_file payload;
static npk_write_options writing;
static npk_read_options reading;

static bool have_pickle(char **words)
{
    char name[256];
    snprintf(name, sizeof name, "%s.p%s", words[0], words[1]);
    snprintf(path, sizeof path, "%s", bench_path("%s", name));
    return bench_map_set(&pickles, name);
}

/* u1.SIZE PROTOCOL, to a file */
static bool write_array(char **words)
{
    npk_error error;
    npk_writer *writer;
    if (!bench_map(&payload, "%s", words[0]))
        return false;
    writing.protocol = atoi(words[1]);
    int fd = open(bench_path("exact"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    counting = true;
    must(npk_writer_fd(fd, &writing, &writer, &error), &error);
    npk_write_array(writer, &NPK_ARRAY(payload.bytes, (int64_t)payload.size));
    must(npk_writer_finish(writer, &error), &error);
    counting = false;
    close(fd);
    return true;
}

static bool write_own(char **words)
{
    npk_error error;
    uint8_t *bytes;
    size_t size;
    if (!bench_map(&payload, "%s", words[0]))
        return false;
    writing.protocol = atoi(words[1]);
    counting = true;
    must(npk_array_save_memory(&NPK_ARRAY(payload.bytes, (int64_t)payload.size), &writing, &bytes, &size, &error),
         &error);
    npk_bytes_free(&counted, bytes, size);
    counting = false;
    return true;
}

static bool read_array(char **words)
{
    npk_error error;
    npk_array *own;
    npk_load_options options = {.read = reading};
    options.read.input = strcmp(words[2], "map") == 0 ? NPK_INPUT_MAP : NPK_INPUT_READ;
    if (!have_pickle(words))
        return false;
    counting = true;
    must(npk_array_load(path, NULL, NULL, &options, &own, &error), &error);
    npk_array_free(own);
    counting = false;
    return true;
}

static bool view_array(char **words)
{
    npk_error error;
    npk_doc *doc;
    npk_array array;
    if (!have_pickle(words))
        return false;
    counting = true;
    must(npk_doc_load(path, &reading, &doc, &error), &error);
    must(npk_array_of(npk_doc_root(doc), &array, &error), &error);
    npk_doc_free(doc);
    counting = false;
    return true;
}

static bool load(char **words)
{
    npk_error error;
    npk_doc *doc;
    if (!have_pickle(words))
        return false;
    counting = true;
    must(npk_doc_load_memory(pickles.file.bytes, pickles.file.size, &reading, &doc, &error), &error);
    npk_doc_free(doc);
    counting = false;
    return true;
}

static bool dump_graph(char **words)
{
    npk_error error;
    npk_doc *doc;
    uint8_t *bytes;
    size_t size;
    if (!have_pickle(words))
        return false;
    must(npk_doc_load_memory(pickles.file.bytes, pickles.file.size, NULL, &doc, &error), &error);
    writing.protocol = atoi(words[1]);
    counting = true;
    must(npk_doc_save_memory(doc, &writing, &bytes, &size, &error), &error);
    npk_bytes_free(&counted, bytes, size);
    counting = false;
    npk_doc_free(doc);
    return true;
}

static const struct {
    const char *name;
    int words;
    bool (*run)(char **words);
} scenarios[] = {
    {"write", 2, write_array}, {"own", 2, write_own}, {"read", 3, read_array},
    {"view", 2, view_array},   {"load", 2, load},     {"dump", 2, dump_graph},
};

static int report(void)
{
    printf("bytes %zu blocks %zu", most, blocks);
#define CALL_PRINT(call, result, parameters, arguments)                                                                \
    if (count_of_##call > 0)                                                                                           \
        printf(" " #call " %u", count_of_##call);
    CALLS(CALL_PRINT)
    printf("\n");
    return held == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    npk_error error;
    if (argc < 4)
        return 2;
    bench_path("%s/", argv[1]);
    must(npk_dialect_parse(argv[2], &bench_dialect, &error), &error);
    reading.allocator = writing.allocator = &counted;
    writing.dialect = bench_dialect;
    writing.protocol_given = true;
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++)
        if (strcmp(argv[3], scenarios[i].name) == 0 && argc - 4 == scenarios[i].words)
            return scenarios[i].run(argv + 4) ? report() : 1;
    return 2;
}
