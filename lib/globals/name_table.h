/* A table of names and releases, looked up by halves.
 *
 * The texts lie in one struct and the rows say where in it, so that all of it is data that no loader has to write
 * to. */
#ifndef NPKI_GLOBALS_NAME_TABLE_H
#define NPKI_GLOBALS_NAME_TABLE_H

#include "globals/has.h"

#define NPKI_NAME_JOIN2(a, b) a##b
#define NPKI_NAME_JOIN(a, b) NPKI_NAME_JOIN2(a, b)
#define NPKI_NAME_LINE NPKI_NAME_JOIN(line_, __LINE__)
#define NPKI_NAME_TEXT(text) char NPKI_NAME_LINE[sizeof(text)];

typedef struct npki_name_row {
    uint32_t at; /* in the texts: "module name" */
    uint16_t since, until;
    bool moved; /* its text goes on with another name */
} npki_name_row;

typedef struct npki_name_table {
    const char *texts;
    const npki_name_row *rows; /* in the order of the bytes of their texts */
    size_t count;
} npki_name_table;

/* The first row of a name; `count` where it has none. */
size_t npki_name_find(const npki_name_table *table, const npki_global_name *name);

/* Whether a row, which may be `count`, is one of the name. */
bool npki_name_is_at(const npki_name_table *table, size_t row, const npki_global_name *name);

#endif
