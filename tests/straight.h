/* Arrays out of a stream, with elements that go straight to their place and without the shortcuts: what came of them, and what was said. */
#ifndef NPICKLE_TESTS_STRAIGHT_H
#define NPICKLE_TESTS_STRAIGHT_H

#include "base/cpu.h"
#include "drip.h"

#include <npickle.h>

#include <stdio.h>
#include <stdlib.h>

/* Arrays as picklers write them. */
enum { STRAIGHT_TYPES = 8, STRAIGHT_WRITERS = 8 };

static inline npk_write_options straight_writer(unsigned which)
{
    static const npk_write_options writers[STRAIGHT_WRITERS] = {
        {.protocol_given = true, .protocol = 0},
        {.protocol_given = true, .protocol = 1},
        {.protocol_given = true, .protocol = 2},
        {.protocol_given = true, .protocol = 3},
        {.protocol_given = true, .protocol = 4},
        {.protocol_given = true, .protocol = 5},
        {.protocol_given = true, .protocol = 0, .dialect = NPK_DIALECT_PYTHON2},
        {.protocol_given = true, .protocol = 2, .dialect = NPK_DIALECT_PYTHON2},
    };
    return writers[which % STRAIGHT_WRITERS];
}

/* `size`: about so many bytes of elements. The bytes are npk_bytes_free's. */
static inline bool straight_pickle(unsigned type, unsigned writer, size_t size, uint8_t **bytes, size_t *pickle)
{
    static const char *const types[STRAIGHT_TYPES] = {
        "u1", "<f8", ">i4", "<U3", "<M8[us]", "S5", "[('a', '<i2'), ('b', '<f4', (2,))]", "<c16"};
    const npk_dtype *dtype = NULL;
    const npk_write_options options = straight_writer(writer);
    uint64_t state = type * 7919 + 88172645463325252;
    if (npk_dtype_parse(types[type % STRAIGHT_TYPES], NULL, &dtype, NULL) != NPK_OK)
        return false;
    int64_t itemsize = npk_dtype_itemsize(dtype), shape[2] = {3, (int64_t)size / itemsize / 3 + 1};
    size_t all = (size_t)(3 * shape[1] * itemsize);
    uint8_t *elements = malloc(all);
    for (size_t i = 0; elements != NULL && i < all; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        elements[i] = i % 1024 < 64     ? "\\\\\\\n\0u'\"\r"[state % 9]
                      : i % 4096 < 2048 ? (uint8_t)(state % 100)
                                        : (uint8_t)(state >> 32);
    }
    const npk_array array = {.dtype = dtype, .data = elements, .ndim = 2, .shape = shape, .order = 'C'};
    bool good = elements != NULL && npk_array_save_memory(&array, &options, bytes, pickle, NULL) == NPK_OK;
    free(elements);
    npk_dtype_free(dtype);
    return good;
}

static inline npk_status straight_load(npki_cpu level, const uint8_t *bytes, size_t size, size_t step, npk_array **own,
                                       npk_error *error)
{
    drip d = {bytes, bytes + size, step};
    npki_cpu_limit(level);
    *own = NULL;
    *error = (npk_error){.offset = NPK_NO_OFFSET};
    npk_status status = npk_array_load_callback(read_drip, &d, NULL, NULL, NULL, own, error);
    npki_cpu_limit(NPKI_CPUS - 1);
    return status;
}

static inline bool straight_same_array(const npk_array *a, const npk_array *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    if (!npk_dtype_equal(a->dtype, b->dtype) || a->ndim != b->ndim)
        return false;
    for (int i = 0; i < a->ndim; i++)
        if (a->shape[i] != b->shape[i] || a->strides[i] != b->strides[i])
            return false;
    return memcmp(a->data, b->data, (size_t)npk_array_nbytes(a)) == 0;
}

/* True, and `said` tells what: the two differ. What is no pickle is called text by what of it has come: not the same of
 * one that reads on before it looks. */
static inline bool straight_differs(const uint8_t *bytes, size_t size, size_t step, char said[600])
{
    npk_array *own[2];
    npk_error errors[2];
    npk_status plain = straight_load(NPKI_CPU_PLAIN, bytes, size, step, &own[0], &errors[0]);
    npk_status fast = straight_load(NPKI_CPUS - 1, bytes, size, step, &own[1], &errors[1]);
    const bool text = plain != NPK_OK && fast != NPK_OK && plain != fast &&
                      (plain == NPK_ERR_NOT_A_PICKLE || fast == NPK_ERR_NOT_A_PICKLE);
    bool same = errors[0].offset == errors[1].offset &&
                (text || (plain == fast && errors[0].opcode == errors[1].opcode &&
                          strcmp(errors[0].message, errors[1].message) == 0 && straight_same_array(own[0], own[1])));
    if (!same)
        snprintf(said, 600, "plain: %s at %lld: %.200s; straight: %s at %lld: %.200s", npk_status_name(plain),
                 (long long)errors[0].offset, errors[0].message, npk_status_name(fast), (long long)errors[1].offset,
                 errors[1].message);
    npk_array_free(own[0]);
    npk_array_free(own[1]);
    return !same;
}

#endif
