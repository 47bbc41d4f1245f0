/* An allocator that counts, checks, and fails when told. */
#ifndef NPICKLE_TESTS_COUNTED_H
#define NPICKLE_TESTS_COUNTED_H

#include <npickle/options.h>
#include <stdlib.h>
#include <string.h>

/* Give it as the context of resize_counted. */
typedef struct counted {
    size_t held;  /* bytes */
    size_t calls; /* that wanted memory */
    size_t fail;  /* the number of the call that fails, from 1; 0: none */
    bool wrong;   /* an old size was not the one the block was given */
    bool onwards; /* all calls after the one that fails do so too */
    size_t peak;  /* the most bytes held at a time */
} counted;

#define COUNTED_HEADER 16 /* the size of the block, kept before it */

static inline void *resize_counted(void *context, void *old, size_t old_size, size_t new_size)
{
    counted *counter = context;
    char *block = old == NULL ? NULL : (char *)old - COUNTED_HEADER;
    size_t kept = 0;
    if (block != NULL)
        memcpy(&kept, block, sizeof kept);
    if (kept != old_size)
        counter->wrong = true;
    if (new_size == 0) {
        counter->held -= kept;
        free(block);
        return NULL;
    }
    counter->calls++;
    if (counter->fail > 0 && (counter->calls == counter->fail || (counter->onwards && counter->calls > counter->fail)))
        return NULL;
    block = realloc(block, COUNTED_HEADER + new_size);
    if (block == NULL)
        abort();
    memcpy(block, &new_size, sizeof new_size);
    counter->held += new_size - kept;
    if (counter->held > counter->peak)
        counter->peak = counter->held;
    return block + COUNTED_HEADER;
}

#endif
