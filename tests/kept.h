/* A sink that keeps the text, up to where it is full. */
#ifndef NPICKLE_TESTS_KEPT_H
#define NPICKLE_TESTS_KEPT_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct kept {
    char *text; /* ends with NUL */
    size_t size;
    size_t most; /* bytes that are taken; SIZE_MAX: any */
    size_t calls_after;
} kept;

static inline int keep(void *context, const void *bytes, size_t size)
{
    kept *to = context;
    if (size > to->most - to->size) {
        to->calls_after++;
        return ENOSPC;
    }
    char *text = realloc(to->text, to->size + size + 1);
    if (text == NULL)
        return ENOMEM;
    to->text = text;
    memcpy(to->text + to->size, bytes, size);
    to->size += size;
    to->text[to->size] = '\0';
    return 0;
}

#endif
