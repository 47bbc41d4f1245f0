#include "dtype/walk.h"

#include "base/bytes.h"

#include <string.h>

bool npki_dtype_walk_start(npki_dtype_walk *walk, const npk_dtype *dtype, const npk_allocator *allocator)
{
    *walk = (npki_dtype_walk){.allocator = *allocator, .room = (size_t)dtype->depth + 1, .depth = 1};
    walk->way = walk->room == 1 ? &walk->plain : npki_allocate(&walk->allocator, walk->room * sizeof *walk->way);
    if (walk->way == NULL)
        return false;
    walk->way[0] = (npki_nest){dtype, 0, 1, 0};
    return true;
}

void npki_dtype_walk_end(npki_dtype_walk *walk)
{
    if (walk->room > 1)
        npki_free(&walk->allocator, walk->way, walk->room * sizeof *walk->way);
}

static int64_t times(int64_t a, int64_t b)
{
    int64_t product;
    return a >= 0 && b >= 0 && npki_mul_int64(a, b, &product) ? product : -1;
}

static int64_t length_of(const npk_dtype *subarray)
{
    int64_t length = 1;
    for (int i = 0; i < subarray->base_ndim; i++)
        length = times(length, subarray->base_shape[i]);
    return length;
}

bool npki_dtype_walk_down(npki_dtype_walk *walk)
{
    npki_nest *top = npki_dtype_walk_top(walk);
    npki_nest inner = {NULL, top->offset, top->times, 0};
    if (top->next < top->dtype->field_count) {
        inner.dtype = top->dtype->fields[top->next].dtype;
        inner.offset += top->dtype->fields[top->next].offset;
    } else if (top->dtype->base != NULL && top->next == 0) {
        inner.dtype = top->dtype->base;
        inner.times = times(top->times, length_of(top->dtype));
    } else {
        return false;
    }
    top->next++;
    walk->way[walk->depth++] = inner;
    return true;
}

static bool is_plain(const npk_dtype *dtype)
{
    return !dtype->is_struct && dtype->base == NULL;
}

/* --- padding --- */

#define X87_BYTES 10

/* The bytes of a component that say something. */
static size_t said(const npk_dtype *dtype, size_t component)
{
    return component > 8 && npki_dtype_rows[dtype->type].number != NPKI_NUMBER_NONE ? X87_BYTES : component;
}

static void mark_plain(const npk_dtype *dtype, uint8_t *mask)
{
    size_t component = npki_dtype_rows[dtype->type].swap, size = (size_t)dtype->itemsize,
           bytes = said(dtype, component);
    if (bytes == component) {
        memset(mask, 0xff, size);
        return;
    }
    bool big = dtype->byteorder == '>';
    for (size_t at = 0; at < size; at += component)
        memset(mask + at + (big ? component - bytes : 0), 0xff, bytes);
}

static bool is_all_data(const uint8_t *mask, size_t size)
{
    size_t i = 0;
    while (i < size && mask[i] == 0xff)
        i++;
    return i == size;
}

/* The first element of a subarray is marked: so are the others. */
static void repeat(const npk_dtype *subarray, uint8_t *mask)
{
    size_t item = (size_t)subarray->base->itemsize, size = (size_t)subarray->itemsize;
    for (size_t at = item; at < size; at++)
        mask[at] |= mask[at - item];
}

bool npki_dtype_mask(const npk_dtype *dtype, const npk_allocator *allocator, uint8_t **mask)
{
    npki_dtype_walk walk;
    size_t size = (size_t)dtype->itemsize, component = npki_dtype_rows[dtype->type].swap;
    *mask = NULL;
    if (size == 0 || (is_plain(dtype) && said(dtype, component) == component))
        return true;
    *mask = npki_allocate(allocator, size);
    if (*mask == NULL || !npki_dtype_walk_start(&walk, dtype, allocator)) {
        npki_free(allocator, *mask, size);
        *mask = NULL;
        return false;
    }
    memset(*mask, 0, size);
    while (walk.depth > 0) {
        const npki_nest *top = npki_dtype_walk_top(&walk);
        if (npki_dtype_walk_down(&walk))
            continue;
        bool there = top->times != 0; /* not in a subarray of no items, which may stand where the item ends */
        if (there && is_plain(top->dtype))
            mark_plain(top->dtype, *mask + top->offset);
        else if (there && top->dtype->base != NULL && top->dtype->itemsize > 0)
            repeat(top->dtype, *mask + top->offset);
        npki_dtype_walk_up(&walk);
    }
    npki_dtype_walk_end(&walk);
    if (is_all_data(*mask, size)) {
        npki_free(allocator, *mask, size);
        *mask = NULL;
    }
    return true;
}

int64_t npki_dtype_mask_size(const npk_dtype *dtype, const npk_allocator *allocator)
{
    npki_dtype_walk walk;
    int64_t size = 0;
    if (!npki_dtype_walk_start(&walk, dtype, allocator))
        return -2;
    while (walk.depth > 0) {
        const npki_nest *top = npki_dtype_walk_top(&walk);
        if (npki_dtype_walk_down(&walk))
            continue;
        if (is_plain(top->dtype) && (size < 0 || top->times < 0 || !npki_add_int64(size, top->times, &size)))
            size = -1;
        npki_dtype_walk_up(&walk);
    }
    npki_dtype_walk_end(&walk);
    return size;
}

/* --- buffers --- */

/* Python's struct module has a letter for most types, for long doubles only in the order of the machine: those of
 * the x87 are of little-endian ones. */
static bool has_letter(const npk_dtype *dtype)
{
    static const enum {
        ALWAYS,
        LITTLE,
        NEVER
    } letters[NPKI_TYPES] = {
        [NPK_FLOAT96] = LITTLE,   [NPK_FLOAT128] = LITTLE,   [NPK_COMPLEX192] = LITTLE, [NPK_COMPLEX256] = LITTLE,
        [NPK_DATETIME64] = NEVER, [NPK_TIMEDELTA64] = NEVER, [NPK_VSTRING] = NEVER,     [NPK_OBJECT] = NEVER,
    };
    if (npki_dtype_is_user(dtype))
        return false;
    return letters[dtype->type] == ALWAYS || (letters[dtype->type] == LITTLE && npki_dtype_is_little(dtype));
}

/* A field's name stands between colons there. */
static bool has_colon(const npk_dtype *dtype)
{
    for (size_t i = 0; i < dtype->field_count; i++)
        if (memchr(dtype->fields[i].name, ':', dtype->fields[i].name_size) != NULL)
            return true;
    return false;
}

/* Fields one after another: the reach of what came before, as NumPy counts it, goes up with `end`. */
static bool follows(const npki_nest *nest, int64_t *end)
{
    if (nest->offset < *end)
        return false;
    *end = nest->offset + (is_plain(nest->dtype) ? nest->dtype->itemsize : 0);
    return true;
}

int npki_dtype_has_format(const npk_dtype *dtype, const npk_allocator *allocator)
{
    npki_dtype_walk walk;
    int64_t end = 0;
    if (is_plain(dtype))
        return has_letter(dtype);
    if (!npki_dtype_walk_start(&walk, dtype, allocator))
        return -1;
    bool good = !has_colon(dtype);
    while (good && walk.depth > 0) {
        const npki_nest *top = npki_dtype_walk_top(&walk);
        if (npki_dtype_walk_down(&walk)) {
            top = npki_dtype_walk_top(&walk);
            good = follows(top, &end) && !has_colon(top->dtype) && (!is_plain(top->dtype) || has_letter(top->dtype));
            continue;
        }
        if (top->dtype->base !=
            NULL) /* the other elements, each as long as the first one reached; or not even that one */
            end = top->offset + (end - top->offset) * length_of(top->dtype);
        npki_dtype_walk_up(&walk);
    }
    npki_dtype_walk_end(&walk);
    return good;
}
