/* A pickle in memory, opcode by opcode, at a few instructions of the machine each.
 *
 *     size_t size = 0;
 *     const void *bytes = NULL; // set both: a file that was mapped, a message that has come
 *     npk_cursor at;
 *     npk_instruction one;
 *     npk_status status = npk_cursor_start(&at, bytes, size, &error);
 *     while (status == NPK_OK && (status = npk_cursor_next(&at, &error)) == NPK_OK && at.opcode[0] != '.')
 *         if (npk_cursor_row(&at)->kind == NPK_KIND_STR && npk_cursor_instruction(&at, &one))
 *             printf("%8llu %zu bytes\n", (unsigned long long)one.offset, one.size);
 *
 * It says what npk_instruction_at says (npickle/opcode.h), in the same words, and decodes no argument that nobody asks
 * for. Nothing is allocated, and nothing has to be freed. For a stream there is npk_instructions_next.
 *
 * Threads: a cursor belongs to one thread at a time; the bytes are only read.
 */
#ifndef NPICKLE_CURSOR_H
#define NPICKLE_CURSOR_H

#include <npickle/opcode.h>

#include <stddef.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How an instruction with this byte goes on. The library's own: npk_cursor_next reads it. What comes often has a form
 * of its own, so that where the next one begins does not wait for a look into this table. */
typedef enum npk_cursor_form {
    NPK_CURSOR_OTHER = 0,   /* npk_cursor_decode knows */
    NPK_CURSOR_ALONE = 1,   /* nothing follows the opcode */
    NPK_CURSOR_BYTE = 2,    /* one byte, a number */
    NPK_CURSOR_SHORT = 3,   /* one byte, and as many more as it says */
    NPK_CURSOR_NUMBER = 4,  /* several bytes of a number */
    NPK_CURSOR_COUNTED = 5, /* several bytes, and as many more as they say */
    NPK_CURSOR_LINE = 6     /* up to a newline */
} npk_cursor_form;

typedef struct npk_cursor_step {
    const npk_opcode *opcode; /* NULL: no opcode has this byte */
    uint64_t count;           /* COUNTED: which bits of the eight bytes behind the opcode say how many more follow, */
    uint64_t refused;         /* and of these none may be set */
    uint8_t form;             /* npk_cursor_form */
    uint8_t size;             /* bytes of the opcode, and of a number or count behind it */
    uint8_t reserved[6];
} npk_cursor_step;

/* The instruction at hand, and where the next one is. All of it points into the caller's bytes. */
typedef struct npk_cursor {
    const uint8_t *opcode;        /* its byte; NULL before the first */
    const uint8_t *argument;      /* as npk_instruction has it; without one, the byte behind the opcode */
    size_t size;                  /* bytes of the argument; of two lines those of the first */
    const uint8_t *next;          /* where the next instruction begins */
    const uint8_t *start, *end;   /* of the bytes */
    const npk_cursor_step *steps; /* by byte */
    uintptr_t reserved[3];
} npk_cursor;

/* Puts a cursor before the first instruction of `bytes`, which it borrows. Returns NPK_OK. Errors: NPK_ERR_USAGE for
 * NULL. */
NPK_CHECKED NPK_API npk_status npk_cursor_start(npk_cursor *cursor, const void *bytes, size_t size, npk_error *error);

/* npk_cursor_next, for every instruction there is. */
NPK_CHECKED NPK_API npk_status npk_cursor_decode(npk_cursor *cursor, npk_error *error);

/* Goes to the next instruction, on into the pickle that follows too. Returns NPK_OK, or an error, which leaves the
 * cursor where it is. Errors: those of npk_instruction_at: NPK_ERR_OPCODE, NPK_ERR_ARGUMENT, NPK_ERR_TRUNCATED, also at
 * the end of the bytes; NPK_ERR_USAGE for NULL. */
NPK_CHECKED static inline npk_status npk_cursor_next(npk_cursor *cursor, npk_error *error)
{
    if (cursor == NULL || cursor->end - cursor->next <= (ptrdiff_t)sizeof(uint64_t))
        return npk_cursor_decode(cursor, error);
    const uint8_t *at = cursor->next, *argument = at + 1;
    const npk_cursor_step *step = &cursor->steps[at[0]];
    size_t left = (size_t)(cursor->end - at), size;
    uint64_t count;
    switch (step->form) {
    case NPK_CURSOR_ALONE:
        size = 0;
        break;
    case NPK_CURSOR_BYTE:
        size = 1;
        break;
    case NPK_CURSOR_NUMBER:
        size = (size_t)(step->size - 1);
        break;
    case NPK_CURSOR_SHORT:
        argument = at + 2;
        size = at[1];
        if (size > left - 2)
            return npk_cursor_decode(cursor, error);
        break;
    case NPK_CURSOR_COUNTED:
        memcpy(&count, at + 1, sizeof count);
        count &= step->count;
        if ((count & step->refused) != 0 || count > left - step->size)
            return npk_cursor_decode(cursor, error);
        argument = at + step->size;
        size = (size_t)count;
        break;
    default:
        return npk_cursor_decode(cursor, error);
    }
    cursor->opcode = at;
    cursor->argument = argument;
    cursor->size = size;
    cursor->next = argument + size;
    return NPK_OK;
}

/* The row of the opcode at hand; NULL before the first instruction, and for NULL. */
static inline const npk_opcode *npk_cursor_row(const npk_cursor *cursor)
{
    return cursor == NULL || cursor->opcode == NULL ? NULL : cursor->steps[cursor->opcode[0]].opcode;
}

/* The offset of the instruction at hand; 0 before the first, and for NULL. */
static inline uint64_t npk_cursor_offset(const npk_cursor *cursor)
{
    return cursor == NULL || cursor->opcode == NULL ? 0 : (uint64_t)(cursor->opcode - cursor->start);
}

/* All that npk_instruction_at says of the instruction at hand: its number, its second line. False before the first, and
 * for NULL. */
NPK_API bool npk_cursor_instruction(const npk_cursor *cursor, npk_instruction *out);

/* Passes over padding (blanks, ends of lines, NULs). Returns whether another byte follows. To be called between two
 * pickles; false for NULL. */
NPK_API bool npk_cursor_more(npk_cursor *cursor);

#ifdef __cplusplus
}
#endif
#endif
