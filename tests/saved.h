/* Arrays and the files that others made of them: rows of NAME DTYPE SHAPE ORDER ELEMENTS FILE. */
#ifndef NPICKLE_TESTS_SAVED_H
#define NPICKLE_TESTS_SAVED_H

#include "golden.h"

#include <npickle.h>

typedef struct saved {
    const char *name;
    npk_array array;
    int64_t shape[NPK_MAXDIMS];
    golden_bytes memory, file;
} saved;

static inline void saved_read(saved *s, char *line)
{
    s->name = golden_word(&line);
    s->array = (npk_array){.shape = s->shape};
    cr_assert(npk_dtype_parse(golden_word(&line), NULL, &s->array.dtype, NULL) == NPK_OK);
    s->array.ndim = golden_numbers(golden_word(&line), s->shape);
    s->array.order = golden_word(&line)[0];
    s->memory = golden_unquote(golden_word(&line));
    s->file = golden_unquote(golden_word(&line));
    s->array.data = s->memory.bytes;
}

static inline void saved_free(saved *s)
{
    free(s->memory.bytes);
    free(s->file.bytes);
    npk_dtype_free(s->array.dtype);
}

/* What was written, by golden_collect, is the same file. */
static inline void saved_expect_same(const saved *s, golden_bytes *ours)
{
    cr_expect(ours->size == s->file.size && memcmp(ours->bytes, s->file.bytes, ours->size) == 0, "%s", s->name);
    free(ours->bytes);
    *ours = (golden_bytes){NULL, 0};
}

#endif
