#include "globals/global.h"

#include <string.h>

#define MODULE(text) .module = (text), .module_size = sizeof(text) - 1
#define NAME(text) .name = (text), .name_size = sizeof(text) - 1

static const npki_global_row rows[] = {
#define GLOBAL(meaning_, module_, name_, writes_)                                                                      \
    {.meaning = NPKI_##meaning_, .writes = NPKI_WRITES_##writes_, MODULE(module_), NAME(name_)},
#include "globals/global.def"
#undef GLOBAL
};

#define ROWS (sizeof rows / sizeof *rows)

/* The sizes of the names, by which most rows are passed over. */
static const uint8_t sizes[ROWS] = {
#define GLOBAL(meaning_, module_, name_, writes_) (uint8_t)(sizeof(name_) - 1),
#include "globals/global.def"
#undef GLOBAL
};

static bool equal(const char *a, size_t a_size, const char *b, size_t b_size)
{
    return a_size == b_size && memcmp(a, b, a_size) == 0;
}

bool npki_is_in_module(const char *module, size_t size, const char *outer)
{
    const size_t length = strlen(outer);
    return size >= length && memcmp(module, outer, length) == 0 && (size == length || module[length] == '.');
}

const npki_global_row *npki_global_find(const char *module, size_t module_size, const char *name, size_t name_size)
{
    const uint8_t size = (uint8_t)name_size, *found = sizes;
    for (; (found = memchr(found, size, ROWS - (size_t)(found - sizes))) != NULL; found++) {
        const npki_global_row *row = &rows[found - sizes];
        if (equal(row->name, row->name_size, name, name_size) &&
            equal(row->module, row->module_size, module, module_size))
            return row;
    }
    return NULL;
}

const npki_global_row *npki_global_canonical(npki_meaning meaning)
{
    size_t i = 0;
    while (rows[i].meaning != meaning && i < ROWS - 1)
        i++;
    return &rows[i];
}

const npki_global_row *npki_global_spelling(npki_meaning meaning, npki_writes numpy, npki_writes protocol)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].meaning == meaning && (rows[i].writes & (numpy | protocol)) != 0)
            return &rows[i];
    return npki_global_canonical(meaning);
}
