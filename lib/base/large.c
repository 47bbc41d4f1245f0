#ifdef __linux__
#define _GNU_SOURCE /* mremap */
#endif

#include "base/large.h"

#include <stdint.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define IS_CHECKED 1
#endif
#endif

#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && !defined(IS_CHECKED)

#include <stdatomic.h>
#include <sys/mman.h>

#define LEAST ((size_t)4 << 20)
#define KEPT ((size_t)32 << 20)
#define HUGE ((size_t)2 << 20) /* a huge page, and what memory of such pages is aligned to */

bool npki_is_large(size_t size)
{
    return size >= LEAST;
}

/* Whole pages of the largest size that any Linux has: munmap and mremap take nothing less. */
static size_t rounded(size_t size)
{
    const size_t page = (size_t)1 << 16;
    return (size + page - 1) & ~(page - 1);
}

/* The last one that was given back, if it is not very large: a program that reads array after array finds its pages there, as
 * malloc's would be. It begins with its size. */
static _Atomic(size_t *) kept;

static size_t *exchange_kept(size_t *block)
{
    return atomic_exchange_explicit(&kept, block, memory_order_acq_rel);
}

void *npki_large_take(size_t size)
{
    if (size > SIZE_MAX - 2 * HUGE)
        return NULL;
    size_t wanted = rounded(size), total = wanted + HUGE;
    size_t *block = wanted < KEPT ? exchange_kept(NULL) : NULL;
    if (block != NULL && *block == wanted)
        return block;
    if (block != NULL)
        munmap(block, *block);
    uint8_t *all = mmap(NULL, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED)
        return NULL;
    size_t before = (HUGE - (uintptr_t)all % HUGE) % HUGE, behind = total - before - wanted;
    if (before > 0)
        munmap(all, before);
    if (behind > 0)
        munmap(all + before + wanted, behind);
#ifdef MADV_HUGEPAGE
    (void)madvise(all + before, wanted, MADV_HUGEPAGE);
#endif
    return all + before;
}

void *npki_large_resize(void *old, size_t old_size, size_t new_size)
{
    if (new_size > SIZE_MAX - HUGE)
        return NULL;
    if (rounded(old_size) == rounded(new_size))
        return old;
    void *moved = mremap(old, rounded(old_size), rounded(new_size), MREMAP_MAYMOVE);
    return moved == MAP_FAILED ? NULL : moved;
}

void npki_large_give(void *old, size_t size)
{
    size = rounded(size);
    if (size >= KEPT) {
        munmap(old, size);
        return;
    }
    *(size_t *)old = size;
    size_t *before = exchange_kept(old);
    if (before != NULL)
        munmap(before, *before);
}

#else

bool npki_is_large(size_t size)
{
    (void)size;
    return false;
}

void *npki_large_take(size_t size)
{
    (void)size;
    return NULL;
}

void *npki_large_resize(void *old, size_t old_size, size_t new_size)
{
    (void)old;
    (void)old_size;
    (void)new_size;
    return NULL;
}

void npki_large_give(void *old, size_t size)
{
    (void)old;
    (void)size;
}

#endif
