/* Memory that is freed all at once. */
#ifndef NPKI_BASE_ARENA_H
#define NPKI_BASE_ARENA_H

#include "base/allocator.h"

#include <stdatomic.h>

struct npki_arena_block;
struct npki_arena;

/* What somebody made beside an arena that is at rest, for those who read what is in it: freed before the arena is. It
 * begins what its owner has made of it. */
typedef struct npki_guest {
    struct npki_guest *next;
    void (*leave)(struct npki_arena *arena, struct npki_guest *guest);
} npki_guest;

/* Blocks of arenas that are gone, for those of the next ones: largest first. */
typedef struct npki_spare {
    struct npki_arena_block *blocks;
    uint64_t size; /* of all of them */
} npki_spare;

typedef struct npki_arena {
    npk_allocator allocator;
    npki_spare *spare;               /* where blocks are looked for first; NULL: nowhere */
    struct npki_arena_block *blocks; /* newest first */
    size_t behind;                   /* bytes of the newest block behind its room, which are not counted yet */
    uint8_t *next;
    size_t room;     /* bytes from next on */
    size_t first;    /* bytes of the first block, once there is one; 0: the usual */
    uint64_t taken;  /* bytes of all blocks */
    uint64_t before; /* bytes of arenas that this one goes on from; they count for the limit */
    uint64_t limit;  /* of them */
    bool limited;    /* the last NULL came from the limit, not from the allocator */
    _Atomic(npki_guest *) guests;
    atomic_size_t beside; /* bytes of what they have; they count for the limit */
} npki_arena;

void npki_arena_init(npki_arena *arena, const npk_allocator *allocator, uint64_t limit);

/* Aligned for anything; not cleared. NULL where memory or limit ends; a size of 0 is good. */
void *npki_arena_take(npki_arena *arena, size_t size);

/* Memory of another size with what the old has in it; the old is gone. What is large has a block of its own, which is
 * grown. NULL where memory or limit ends: the old stays. */
void *npki_arena_grow(npki_arena *arena, void *old, size_t old_size, size_t size);

/* NPK_ERR_MEMORY or NPK_ERR_LIMIT, whichever it was that npki_arena_take met. */
npk_status npki_arena_failed(const npki_arena *arena, npk_error *error);

/* Whether what was taken so far is within the limit. Errors: NPK_ERR_LIMIT. */
npk_status npki_arena_check(npki_arena *arena, npk_error *error);

/* Whether this is memory of the arena. */
bool npki_arena_holds(const npki_arena *arena, const void *pointer);

/* Memory beside the arena, which several threads may take at once while nobody takes any of the arena's own. NULL where
 * memory or limit ends. */
void *npki_arena_beside(npki_arena *arena, size_t size);
void npki_arena_give_back(npki_arena *arena, void *beside, size_t size);

/* From here on the guest is freed with the arena. For several threads too. */
void npki_arena_invite(npki_arena *arena, npki_guest *guest);

void npki_arena_free(npki_arena *arena);

/* As npki_arena_free, but the blocks become spare ones. Frees spare blocks until no more than `most` bytes of them are
 * left. */
void npki_arena_give(npki_arena *arena, npki_spare *spare);
void npki_spare_cut(npki_spare *spare, const npk_allocator *allocator, uint64_t most);

#endif
