#include "compare/part.h"

#include <npickle/opcode.h>
#include <string.h>

typedef struct cursor {
    const uint8_t *bytes;
    size_t size;
    uint64_t at;
    npk_instruction in;
    bool ended;
} cursor;

/* To the next instruction, FRAME apart. */
static void advance(cursor *c)
{
    do {
        c->ended = c->at >= c->size || npk_instruction_at(c->bytes, c->size, c->at, &c->in, NULL) != NPK_OK;
        if (!c->ended)
            c->at = c->in.end;
    } while (!c->ended && strcmp(c->in.opcode->name, "FRAME") == 0);
}

static bool same_instruction(const cursor *a, const cursor *b)
{
    uint64_t size = a->in.end - a->in.offset;
    return !a->ended && !b->ended && b->in.end - b->in.offset == size &&
           memcmp(a->bytes + a->in.offset, b->bytes + b->in.offset, (size_t)size) == 0;
}

static npk_check_place place_of(const cursor *c)
{
    return c->ended ? (npk_check_place){NPK_NO_OFFSET, NULL} : (npk_check_place){c->in.offset, c->in.opcode->name};
}

npki_parting npki_part(const void *first, size_t first_size, const void *second, size_t second_size)
{
    cursor a = {.bytes = first, .size = first_size}, b = {.bytes = second, .size = second_size};
    do {
        advance(&a);
        advance(&b);
    } while (same_instruction(&a, &b));
    return (npki_parting){place_of(&a), place_of(&b), a.ended && b.ended};
}
