#include "check/part.h"

#include "opcode/opcode.h"

#include <npickle/cursor.h>
#include <string.h>

/* To the next instruction, FRAME apart. False where there is none. */
static bool advance(npk_cursor *c)
{
    do
        if (npk_cursor_next(c, NULL) != NPK_OK)
            return false;
    while (*c->opcode == NPKI_BYTE_FRAME);
    return true;
}

static bool same_instruction(const npk_cursor *a, const npk_cursor *b)
{
    size_t size = (size_t)(a->next - a->opcode);
    return (size_t)(b->next - b->opcode) == size && memcmp(a->opcode, b->opcode, size) == 0;
}

static npk_check_place place_of(const npk_cursor *c, bool there)
{
    return there ? (npk_check_place){npk_cursor_offset(c), npk_cursor_row(c)->name}
                 : (npk_check_place){NPK_NO_OFFSET, NULL};
}

npki_parting npki_part(const void *first, size_t first_size, const void *second, size_t second_size)
{
    npk_cursor a, b;
    if (npk_cursor_start(&a, first, first_size, NULL) != NPK_OK ||
        npk_cursor_start(&b, second, second_size, NULL) != NPK_OK)
        return (npki_parting){{NPK_NO_OFFSET, NULL}, {NPK_NO_OFFSET, NULL}, true};
    bool more_of_a, more_of_b;
    do {
        more_of_a = advance(&a);
        more_of_b = advance(&b);
    } while (more_of_a && more_of_b && same_instruction(&a, &b));
    return (npki_parting){place_of(&a, more_of_a), place_of(&b, more_of_b), !more_of_a && !more_of_b};
}
