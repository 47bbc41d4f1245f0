/* A pickle read and written again: in which dialect, whether the bytes are the same, and where they part. */
#ifndef NPKI_COMPARE_CHECK_H
#define NPKI_COMPARE_CHECK_H

#include "writer/python/dialect.h"

#include <npickle.h>

/* What the command line asks for. */
typedef struct npki_check_wish {
    bool protocol_given;
    int protocol;
    bool dialect_given;
    npk_dialect dialect;
} npki_check_wish;

#define NPKI_CHECK_NOWHERE UINT64_MAX

typedef struct npki_check_result {
    npk_dialect dialect;
    int protocol;
    bool identical;
    uint64_t pythons; /* rows of npki_pythons, a bit for each, that give these bytes */

    /* Where it is not; offsets count from the start of the pickle, NPKI_CHECK_NOWHERE is its end. */
    uint64_t offset, written_offset;     /* of the first opcodes that differ */
    const char *opcode, *written_opcode; /* or NULL */
    char *path;                          /* of what they are part of, or NULL. To be freed with free(). */
    char reason[300];
} npki_check_result;

/* Writes `doc`, which was read from these bytes, in the dialect that gives the same bytes; where none does, in the
 * one that gives the same for longest. *out is good after NPK_OK, also where the value can't be written at all: that
 * is a difference. Errors: NPK_ERR_MEMORY, NPK_ERR_LIMIT; NPK_ERR_USAGE where the dialect has no such protocol. */
npk_status npki_check(const npk_doc *doc, const uint8_t *bytes, size_t size, const npki_check_wish *wish,
                      npki_check_result *out, npk_error *error);

#endif
