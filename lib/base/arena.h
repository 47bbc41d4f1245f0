/* Memory that is freed all at once. */
#ifndef NPKI_BASE_ARENA_H
#define NPKI_BASE_ARENA_H

#include "base/allocator.h"

struct npki_arena_block;

typedef struct npki_arena {
    npk_allocator allocator;
    struct npki_arena_block *blocks; /* newest first */
    uint8_t *next;
    size_t room;     /* bytes from next on */
    uint64_t taken;  /* bytes of all blocks */
    uint64_t limit;  /* of them */
    bool limited;    /* the last NULL came from the limit, not from the allocator */
} npki_arena;

void npki_arena_init(npki_arena *arena, const npk_allocator *allocator, uint64_t limit);

/* Aligned for anything; not cleared. NULL where memory or limit ends; a size of 0 is good. */
void *npki_arena_take(npki_arena *arena, size_t size);

/* NPK_ERR_MEMORY or NPK_ERR_LIMIT, whichever it was that npki_arena_take met. */
npk_status npki_arena_failed(const npki_arena *arena, npk_error *error);

/* Whether this is memory of the arena. */
bool npki_arena_holds(const npki_arena *arena, const void *pointer);

void npki_arena_free(npki_arena *arena);

#endif
