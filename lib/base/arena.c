#include "base/arena.h"

#include "base/bytes.h"
#include "base/error.h"

#include <inttypes.h>
#include <stdalign.h>

#define FIRST_BLOCK ((size_t)4096)
#define SMALL_BLOCK ((size_t)1 << 20) /* the largest of those that double */
#define LARGE_BLOCK ((size_t)4 << 20) /* which the default allocator has in huge pages */
#define ALIGNMENT ((size_t)8) /* of pointers, sizes and doubles: nothing wider is kept here */

struct npki_arena_block {
    struct npki_arena_block *older;
    size_t size;
    alignas(max_align_t) uint8_t bytes[];
};

void npki_arena_init(npki_arena *arena, const npk_allocator *allocator, uint64_t limit)
{
    *arena = (npki_arena){.allocator = *allocator, .limit = limit};
}

/* One that was kept, of so many bytes at least. The largest comes first: an arena grows in it as it would in blocks of
 * its own. */
static struct npki_arena_block *take_spare(npki_spare *spare, size_t least)
{
    struct npki_arena_block *block = spare != NULL ? spare->blocks : NULL;
    if (block == NULL || block->size < least)
        return NULL;
    spare->blocks = block->older;
    spare->size -= block->size;
    return block;
}

/* How much room to make. It grows, so that the number of blocks stays small; with their headers they fill pages. */
static size_t next_room(const npki_arena *arena)
{
    if (arena->blocks == NULL)
        return arena->first != 0 ? arena->first : FIRST_BLOCK;
    if (arena->taken < SMALL_BLOCK)
        return (size_t)arena->taken;
    return (arena->taken < 5 * LARGE_BLOCK ? SMALL_BLOCK : LARGE_BLOCK) - sizeof(struct npki_arena_block);
}

/* Whether so many bytes more are within the limit. */
static bool is_within(npki_arena *arena, size_t size)
{
    const uint64_t taken =
        arena->before + arena->taken + atomic_load_explicit(&arena->beside, memory_order_relaxed);
    arena->limited = taken > arena->limit || size > arena->limit - taken;
    return !arena->limited;
}

/* Room for `size` bytes at least: more of the newest block, or a new one. */
static bool grow(npki_arena *arena, size_t size)
{
    size_t wanted = next_room(arena), total;
    if (wanted < size)
        wanted = size;
    if (!npki_add_size(wanted, sizeof(struct npki_arena_block), &total))
        return false;
    if (!is_within(arena, total))
        return false;
    if (wanted <= arena->behind) {
        arena->behind -= wanted;
        arena->taken += wanted;
        arena->room += wanted;
        return true;
    }
    struct npki_arena_block *block = take_spare(arena->spare, total);
    if (block == NULL && (block = npki_allocate(&arena->allocator, total)) != NULL)
        block->size = total;
    if (block == NULL)
        return false;
    block->older = arena->blocks;
    arena->blocks = block;
    arena->taken += total;
    arena->next = block->bytes;
    arena->room = wanted;
    arena->behind = block->size - total;
    return true;
}

void *npki_arena_take(npki_arena *arena, size_t size)
{
    if (size > SIZE_MAX - ALIGNMENT)
        return NULL;
    size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    if ((size > arena->room || arena->next == NULL) && !grow(arena, size))
        return NULL;
    void *taken = arena->next;
    arena->next += size;
    arena->room -= size;
    return taken;
}

/* from so many bytes on it is worth one to what grows: less is copied sooner than its pages are moved */
#define OWN_BLOCK ((size_t)4 << 20)

/* Where the block is noted that this alone lies in; NULL: it shares one. */
static struct npki_arena_block **own_block(npki_arena *arena, const void *memory, size_t size)
{
    struct npki_arena_block **place = &arena->blocks;
    if (memory == NULL || size < OWN_BLOCK)
        return NULL;
    while (*place != NULL && (*place)->bytes != memory)
        place = &(*place)->older;
    return *place != NULL && (*place)->size == sizeof(struct npki_arena_block) + size ? place : NULL;
}

/* A block for this alone, behind the newest, which goes on. */
static void *take_own(npki_arena *arena, size_t size)
{
    const size_t total = sizeof(struct npki_arena_block) + size;
    struct npki_arena_block **place = arena->blocks == NULL ? &arena->blocks : &arena->blocks->older;
    struct npki_arena_block *block = is_within(arena, total) ? npki_allocate(&arena->allocator, total) : NULL;
    if (block == NULL)
        return NULL;
    *block = (struct npki_arena_block){.older = *place, .size = total};
    *place = block;
    arena->taken += total;
    return block->bytes;
}

/* The old one moved, or grown where it is. */
static void *grow_own(npki_arena *arena, struct npki_arena_block **place, size_t size)
{
    const size_t old_total = (*place)->size, total = sizeof(struct npki_arena_block) + size;
    if (total > old_total && !is_within(arena, total - old_total))
        return NULL;
    struct npki_arena_block *block = npki_resize(&arena->allocator, *place, old_total, total);
    if (block == NULL)
        return NULL;
    block->size = total;
    *place = block;
    arena->taken += total - old_total;
    return block->bytes;
}

void *npki_arena_grow(npki_arena *arena, void *old, size_t old_size, size_t size)
{
    if (size > SIZE_MAX - ALIGNMENT - sizeof(struct npki_arena_block))
        return NULL;
    struct npki_arena_block **place = own_block(arena, old, old_size);
    if (place != NULL)
        return grow_own(arena, place, size);
    void *grown = size < OWN_BLOCK ? npki_arena_take(arena, size) : take_own(arena, size);
    if (grown != NULL && old_size > 0)
        memcpy(grown, old, old_size < size ? old_size : size);
    return grown;
}

npk_status npki_arena_failed(const npki_arena *arena, npk_error *error)
{
    if (!arena->limited)
        return npki_no_memory(error);
    return npki_fail(error, NPK_ERR_LIMIT, "the document needs more memory than the limit of %" PRIu64 " bytes",
                     arena->limit);
}

npk_status npki_arena_check(npki_arena *arena, npk_error *error)
{
    return is_within(arena, 0) ? NPK_OK : npki_arena_failed(arena, error);
}

bool npki_arena_holds(const npki_arena *arena, const void *pointer)
{
    uintptr_t at = (uintptr_t)pointer;
    for (const struct npki_arena_block *block = arena->blocks; block != NULL; block = block->older)
        if (at >= (uintptr_t)block->bytes && at - (uintptr_t)block < block->size)
            return true;
    return false;
}

void *npki_arena_beside(npki_arena *arena, size_t size)
{
    const uint64_t taken = arena->before + arena->taken, room = arena->limit > taken ? arena->limit - taken : 0,
                   given = atomic_fetch_add(&arena->beside, size);
    void *beside = given <= room && size <= room - given ? npki_allocate(&arena->allocator, size) : NULL;
    if (beside == NULL)
        atomic_fetch_sub(&arena->beside, size);
    return beside;
}

void npki_arena_give_back(npki_arena *arena, void *beside, size_t size)
{
    if (beside == NULL)
        return;
    atomic_fetch_sub(&arena->beside, size);
    npki_free(&arena->allocator, beside, size);
}

void npki_arena_invite(npki_arena *arena, npki_guest *guest)
{
    guest->next = atomic_load(&arena->guests);
    while (!atomic_compare_exchange_weak(&arena->guests, &guest->next, guest)) {
    }
}

static void let_guests_go(npki_arena *arena)
{
    for (npki_guest *guest = atomic_exchange(&arena->guests, NULL), *next; guest != NULL; guest = next) {
        next = guest->next;
        guest->leave(arena, guest);
    }
}

static struct npki_arena_block *pop(npki_arena *arena)
{
    struct npki_arena_block *block = arena->blocks;
    if (block != NULL)
        arena->blocks = block->older;
    arena->next = NULL;
    arena->room = arena->behind = 0;
    return block;
}

void npki_arena_free(npki_arena *arena)
{
    let_guests_go(arena);
    for (struct npki_arena_block *block; (block = pop(arena)) != NULL;)
        npki_free(&arena->allocator, block, block->size);
}

void npki_arena_give(npki_arena *arena, npki_spare *spare)
{
    let_guests_go(arena);
    for (struct npki_arena_block *block; (block = pop(arena)) != NULL;) {
        struct npki_arena_block **place = &spare->blocks;
        while (*place != NULL && (*place)->size > block->size)
            place = &(*place)->older;
        block->older = *place;
        *place = block;
        spare->size += block->size;
    }
}

void npki_spare_cut(npki_spare *spare, const npk_allocator *allocator, uint64_t most)
{
    uint64_t kept = 0;
    for (struct npki_arena_block **place = &spare->blocks; *place != NULL;) {
        struct npki_arena_block *block = *place;
        if (block->size <= most - kept) {
            kept += block->size;
            place = &block->older;
            continue;
        }
        *place = block->older;
        npki_free(allocator, block, block->size);
    }
    spare->size = kept;
}
