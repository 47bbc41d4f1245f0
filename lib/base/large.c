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
#include <string.h>
#include <sys/mman.h>

#define LEAST ((size_t)64 << 10)     /* and what all sizes are rounded up to: the largest pages that any Linux has */
#define HUGE ((size_t)2 << 20)       /* a huge page, and what memory of such pages is aligned to */
#define LEAST_HUGE ((size_t)4 << 20) /* less has ordinary ones */
#define SLOTS ((size_t)48)           /* blocks that are kept, */
#define MOST_KEPT ((size_t)32 << 20) /* and bytes of them */
#define MOST_SPARE ((size_t)128 << 20)

bool npki_is_large(size_t size)
{
    return size >= LEAST;
}

/* munmap and mremap take whole pages. */
static size_t rounded(size_t size)
{
    return (size + LEAST - 1) & ~(LEAST - 1);
}

/* The last ones that were given back: a program that reads document after document finds its pages there, as malloc's
 * would be. Each begins with its size. */
static _Atomic(size_t *) kept[SLOTS];
static atomic_size_t kept_size;

static size_t *exchange_kept(size_t slot, size_t *block)
{
    return atomic_exchange_explicit(&kept[slot], block, memory_order_acq_rel);
}

static void let_go(size_t *block)
{
    atomic_fetch_sub(&kept_size, *block);
    munmap(block, *block);
}

/* Puts it before the others, of which the oldest go as there are too many. */
static void keep(size_t *block)
{
    for (size_t slot = 0; block != NULL && slot < SLOTS; slot++)
        block = exchange_kept(slot, block);
    if (block != NULL)
        let_go(block);
    for (size_t slot = SLOTS; atomic_load(&kept_size) > MOST_KEPT && slot-- > 0;) {
        block = exchange_kept(slot, NULL);
        if (block != NULL)
            let_go(block);
    }
}

/* The last one that was too large for these, up to MOST_SPARE, apart from its first huge page is the kernel's to take
 * back (MADV_FREE) as soon as anybody wants memory; until then its pages are there. A page that was unmapped may be the
 * host's by then where the machine is a virtual one (free page reporting), and to have 2 MiB again costs
 * milliseconds. */
static _Atomic(size_t *) spare;

static void put_spare(size_t *block)
{
#ifdef MADV_FREE
    const size_t size = *block;
    if (size <= MOST_SPARE && madvise((uint8_t *)block + HUGE, size - HUGE, MADV_FREE) == 0)
        block = atomic_exchange_explicit(&spare, block, memory_order_acq_rel);
#endif
    if (block != NULL)
        munmap(block, *block);
}

/* Of this size or up to twice as much, else NULL. */
static size_t *take_spare(size_t size)
{
    size_t *block =
        size > MOST_KEPT && size <= MOST_SPARE ? atomic_exchange_explicit(&spare, NULL, memory_order_acq_rel) : NULL;
    if (block == NULL || (*block >= size && *block / 2 <= size))
        return block;
    block = atomic_exchange_explicit(&spare, block, memory_order_acq_rel);
    if (block != NULL) /* another thread's, in the meantime */
        munmap(block, *block);
    return NULL;
}

/* It becomes a block of this size, which has the pages of the one that was kept. */
static void *fitted(size_t *block, size_t size)
{
    const size_t had = *block;
    void *now = had == size ? block : mremap(block, had, size, MREMAP_MAYMOVE);
    if (now != MAP_FAILED)
        return now;
    munmap(block, had);
    return NULL;
}

/* One of this size, or of ordinary pages and not much more or less; NULL: there is none. */
static void *take_kept(size_t size)
{
    const size_t least = size < LEAST_HUGE ? size / 2 : size, most = size < LEAST_HUGE / 2 ? 2 * size : size;
    for (size_t slot = 0; size <= MOST_KEPT && slot < SLOTS; slot++) {
        size_t *block =
            atomic_load_explicit(&kept[slot], memory_order_relaxed) != NULL ? exchange_kept(slot, NULL) : NULL;
        if (block != NULL && *block >= least && *block <= most) {
            atomic_fetch_sub(&kept_size, *block);
            return fitted(block, size);
        }
        block = block != NULL ? exchange_kept(slot, block) : NULL;
        if (block != NULL) /* another thread's, in the meantime */
            keep(block);
    }
    size_t *block = take_spare(size);
    return block != NULL ? fitted(block, size) : NULL;
}

static void *with_huge_pages(void *block, size_t size)
{
#ifdef MADV_HUGEPAGE
    if (size >= LEAST_HUGE)
        (void)madvise(block, size, MADV_HUGEPAGE);
#endif
    return block;
}

/* Aligned to what it is made of. */
static void *map(size_t size)
{
    bool huge = size >= LEAST_HUGE;
    size_t total = huge ? size + HUGE : size;
    uint8_t *all = mmap(NULL, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED)
        return NULL;
    size_t before = huge ? (HUGE - (uintptr_t)all % HUGE) % HUGE : 0, behind = total - before - size;
    if (before > 0)
        munmap(all, before);
    if (behind > 0)
        munmap(all + before + size, behind);
    return with_huge_pages(all + before, size);
}

/* Blocks of this size and more, up to LEAST_HUGE, come out of memory of huge pages for several of them, once there are
 * as many as to fill some. What is left of the last such memory begins with its size. */
#define LEAST_CUT ((size_t)1 << 20)
static _Atomic(size_t *) uncut;
static atomic_size_t cut_size; /* of all blocks that might have been cut */

static void *cut(size_t size)
{
    size_t *block = atomic_exchange_explicit(&uncut, NULL, memory_order_acq_rel);
    if (block != NULL && *block < size) {
        munmap(block, *block);
        block = NULL;
    }
    const size_t whole = block != NULL ? *block : LEAST_HUGE, left = whole - size;
    if (block == NULL)
        block = map(whole);
    if (block == NULL || left == 0)
        return block;
    size_t *rest = (size_t *)(void *)((uint8_t *)block + size);
    *rest = left;
    rest = atomic_exchange_explicit(&uncut, rest, memory_order_acq_rel);
    if (rest != NULL) /* another thread's, in the meantime */
        munmap(rest, *rest);
    return block;
}

void *npki_large_take(size_t size)
{
    if (size > SIZE_MAX - 2 * HUGE)
        return NULL;
    void *kept_one = take_kept(rounded(size));
    if (kept_one != NULL)
        return kept_one;
    const bool may_be_cut = rounded(size) >= LEAST_CUT && rounded(size) < LEAST_HUGE;
    const bool many = may_be_cut && atomic_fetch_add(&cut_size, rounded(size)) >= LEAST_HUGE;
    return many ? cut(rounded(size)) : map(rounded(size));
}

void *npki_large_resize(void *old, size_t old_size, size_t new_size)
{
    if (new_size > SIZE_MAX - HUGE)
        return NULL;
    if (rounded(old_size) == rounded(new_size))
        return old;
    void *moved = new_size > old_size ? take_kept(rounded(new_size)) : NULL;
    if (moved != NULL) {
        memcpy(moved, old, old_size);
        npki_large_give(old, old_size);
        return moved;
    }
    moved = mremap(old, rounded(old_size), rounded(new_size), MREMAP_MAYMOVE);
    return moved == MAP_FAILED ? NULL : with_huge_pages(moved, rounded(new_size));
}

void npki_large_give(void *old, size_t size)
{
    size = rounded(size);
    *(size_t *)old = size;
    if (size > MOST_KEPT) {
        put_spare(old);
        return;
    }
    atomic_fetch_add(&kept_size, size);
    keep(old);
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
