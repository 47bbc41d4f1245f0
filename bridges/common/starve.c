/* Makes the memory of a program fail, in tests: LD_PRELOAD has this, and STARVE the name of a file, a struct starve that
 * all processes of the program share, and table.py writes. Where the C library isn't glibc it does nothing. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef __GLIBC__
struct starve {
    _Atomic int64_t left;   /* so many allocations are good, */
    _Atomic int64_t count;  /* and so many after these fail: */
    _Atomic int64_t is_all; /* those of its libraries, too */
    _Atomic int64_t failed; /* how many have */
};

static struct starve *starve;
static uintptr_t first, last; /* where the code of the program is, without its libraries */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *bytes, size_t size);

/* dl_iterate_phdr has the program first. */
static int take_place(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    (void)context;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_flags & PF_X) {
            first = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
            last = first + info->dlpi_phdr[i].p_memsz;
        }
    return 1;
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("STARVE");
    const int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
    void *found = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *starve, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    dl_iterate_phdr(take_place, NULL);
    if (found != MAP_FAILED)
        starve = found;
    if (fd >= 0)
        close(fd);
}

static bool fails(void *caller)
{
    const uintptr_t from = (uintptr_t)caller;
    if (starve == NULL || (starve->is_all == 0 && (from < first || from >= last)))
        return false;
    const int64_t left = atomic_fetch_sub(&starve->left, 1);
    const bool failed = left <= 0 && left > -starve->count;
    if (failed) {
        starve->failed++;
        errno = ENOMEM;
    }
    return failed;
}

void *malloc(size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *bytes, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(bytes, size);
}
#endif
