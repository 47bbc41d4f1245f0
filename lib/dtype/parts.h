/* All descriptors inside one, each once however often it comes. */
#ifndef NPKI_DTYPE_PARTS_H
#define NPKI_DTYPE_PARTS_H

#include "base/dynbuf.h"
#include "base/map.h"
#include "dtype/dtype.h"

typedef struct npki_dtype_part {
    const npk_dtype *dtype;
    uintptr_t own; /* the caller's: 0 at first */
} npki_dtype_part;

/* The whole is the first, and each part comes after all that hold it. */
typedef struct npki_dtype_parts {
    npki_dynbuf list;
    npki_map places; /* address of a descriptor -> its index in the list */
} npki_dtype_parts;

/* False without memory. Either way npki_dtype_parts_free. */
bool npki_dtype_parts_find(npki_dtype_parts *parts, const npk_dtype *dtype, const npk_allocator *allocator);
void npki_dtype_parts_free(npki_dtype_parts *parts);

size_t npki_dtype_parts_count(const npki_dtype_parts *parts);
npki_dtype_part *npki_dtype_parts_at(const npki_dtype_parts *parts, size_t index);

/* The part that is this descriptor, which has to be one. */
npki_dtype_part *npki_dtype_parts_get(const npki_dtype_parts *parts, const npk_dtype *dtype);

#endif
