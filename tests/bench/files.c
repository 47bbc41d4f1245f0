/* The files of a run, and memory: all is given back when the case is done. */
#include "bench.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HELD = 32 };

static struct {
    void *address;
    size_t size;
    bool mapped;
} held[HELD];
static int held_count;

static void hold(void *address, size_t size, bool mapped)
{
    if (address == NULL || held_count == HELD)
        abort();
    held[held_count].address = address;
    held[held_count].size = size;
    held[held_count++].mapped = mapped;
}

void bench_release(void)
{
    while (held_count > 0) {
        held_count--;
        if (held[held_count].mapped)
            munmap(held[held_count].address, held[held_count].size);
        else
            free(held[held_count].address);
    }
}

void *bench_room(size_t size)
{
    void *room = aligned_alloc(64, (size + 127) / 64 * 64);
    hold(room, size, false);
    memset(room, 1, size);
    return room;
}

/* The first call of all gives the directory. */
static const char *path_of(const char *format, va_list arguments)
{
    static char directory[2048], path[4096];
    char name[2048];
    vsnprintf(name, sizeof name, format, arguments);
    if (directory[0] == '\0')
        strcpy(directory, name);
    snprintf(path, sizeof path, "%s%s", directory, name);
    return path;
}

const char *bench_path(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *path = path_of(format, arguments);
    va_end(arguments);
    return path;
}

bool bench_map(bench_file *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *path = path_of(format, arguments);
    va_end(arguments);
    int fd = open(path, O_RDONLY);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0) {
        if (fd >= 0)
            close(fd);
        return bench_absent("there is no %s", path);
    }
    out->size = (size_t)status.st_size;
    void *bytes = mmap(NULL, out->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    close(fd);
    if (bytes == MAP_FAILED)
        return bench_absent("%s can't be mapped", path);
    hold(bytes, out->size, true);
    out->bytes = bytes;
    return true;
}

bool bench_map_set(bench_set *out, const char *name)
{
    bench_file index;
    if (!bench_map(&out->file, "%s", name) || !bench_map(&index, "%s.idx", name))
        return false;
    out->offsets = (const uint64_t *)index.bytes;
    out->count = index.size / sizeof *out->offsets - 1;
    return true;
}

const uint8_t *bench_set_item(const bench_set *set, size_t index, size_t *size)
{
    *size = (size_t)(set->offsets[index + 1] - set->offsets[index]);
    return set->file.bytes + set->offsets[index];
}

npk_write_options bench_options(const char *protocol)
{
    bool python2 = strncmp(protocol, "py2.", 4) == 0;
    return (npk_write_options){.protocol = atoi(python2 ? protocol + 4 : protocol),
                               .protocol_given = true,
                               .dialect = python2 ? NPK_DIALECT_PYTHON2 : bench_dialect};
}
