/* The elements of two arrays, side by side: gathered and converted block by block, whatever their layouts. */
#include "compare/elements.h"

#include "array/scatter.h"
#include "base/bytes.h"
#include "cast/numbers.h"
#include "dtype/facts.h"

/* A plain part of an element. */
typedef struct part {
    int64_t offset;
    const npk_dtype *dtype;
    int64_t count; /* one after another */
} part;

#define PARTS ((size_t)1024) /* more, and elements are compared as bytes */
#define BLOCK ((size_t)8192) /* bytes that are gathered at a time, if an element has no more */

/* One of the two arrays. */
typedef struct feed {
    npki_gather gather;
    npk_array array;
    npki_conversion conversion;
    bool converts;
    uint8_t *copy; /* of elements that lie encoded in another order than that of C; or NULL */
    size_t copy_size;
    uint8_t *large[2]; /* for elements of more than a block; or NULL */
    size_t large_size;
    const uint8_t *at; /* elements at hand, as they lie, and how many */
    size_t count;
    uint8_t gathered[BLOCK];
    uint8_t converted[BLOCK];
} feed;

struct npki_compare_elements {
    feed feeds[2];
    part *parts;
    size_t part_count, part_room;
    bool split; /* the parts are those of the dtype at hand, or none as there are too many */
    size_t itemsize;
};

/* --- parts of an element ------------------------------------------------------------------------------------------ */

static bool add_part(npki_compare *c, int64_t offset, const npk_dtype *dtype, int64_t count)
{
    struct npki_compare_elements *e = c->elements;
    if (e->part_count == PARTS)
        return false;
    if (e->part_count == e->part_room) {
        size_t room = e->part_room == 0 ? 16 : 2 * e->part_room;
        part *parts = npki_resize(&c->allocator, e->parts, e->part_room * sizeof *parts, room * sizeof *parts);
        if (parts == NULL) {
            npki_compare_fail(c, NPK_ERR_MEMORY);
            return false;
        }
        e->parts = parts;
        e->part_room = room;
    }
    e->parts[e->part_count++] = (part){offset, dtype, count};
    return true;
}

/* The parts of the last part in its place. */
static bool split_last(npki_compare *c)
{
    part it = c->elements->parts[--c->elements->part_count];
    int ndim = 0;
    const int64_t *shape = NULL;
    const npk_field *fields = NULL;
    const npk_dtype *base = npk_dtype_subarray(it.dtype, &ndim, &shape);
    int64_t base_count = 1;
    for (int i = 0; i < ndim && base != NULL; i++)
        base_count *= shape[i];
    size_t field_count = base == NULL ? npk_dtype_fields(it.dtype, &fields) : 0;
    for (int64_t k = 0; k < it.count; k++) {
        int64_t offset = it.offset + k * npk_dtype_itemsize(it.dtype);
        if (base != NULL && !add_part(c, offset, base, base_count))
            return false;
        for (size_t i = 0; i < field_count; i++)
            if (!add_part(c, offset + fields[i].offset, fields[i].dtype, 1))
                return false;
        if (base == NULL && field_count == 0)
            break;
    }
    return true;
}

/* None: too many, or a failure. */
static void find_parts(npki_compare *c, const npk_dtype *dtype)
{
    struct npki_compare_elements *e = c->elements;
    size_t done = 0; /* those before it are plain */
    e->part_count = 0;
    bool good = npki_dtype_facts_of(dtype).parts <= PARTS && add_part(c, 0, dtype, 1);
    while (good && done < e->part_count) {
        part last = e->parts[e->part_count - 1];
        if (last.dtype->is_struct || last.dtype->base != NULL) {
            good = split_last(c);
        } else { /* to the plain ones */
            e->parts[e->part_count - 1] = e->parts[done];
            e->parts[done++] = last;
        }
    }
    if (!good)
        e->part_count = 0;
    e->split = true;
}

/* --- one element -------------------------------------------------------------------------------------------------- */

/* Bytes of a component that count: of the 80 bits of the x87 those after them do not. */
static size_t significant(const npk_dtype *dtype, size_t width)
{
    bool extended = npki_dtype_rows[dtype->type].number != NPKI_NUMBER_NONE && width > 8;
    return extended ? 10 : width;
}

static bool is_all_zero(const uint8_t *p, size_t size)
{
    uint8_t any = 0;
    for (size_t i = 0; i < size; i++)
        any |= p[i];
    return any == 0;
}

/* Zero, of either sign: the sign is the highest bit. */
static bool is_zero(const uint8_t *p, size_t size, bool big)
{
    uint8_t top = big ? p[0] : p[size - 1];
    return (top & 0x7f) == 0 && is_all_zero(big ? p + 1 : p, size - 1);
}

/* One float, or half of a complex, as it lies and as a double, which holds every float but those of the x87: what is
 * too small for it there is not zero. */
static bool same_float(const uint8_t *p, const uint8_t *q, size_t size, bool big, double x, double y)
{
    if (memcmp(p, q, size) == 0 || (x != x && y != y))
        return true;
    return size > sizeof x ? is_zero(p, size, big) && is_zero(q, size, big) : x == y;
}

/* A float or a complex, whose bytes differ. */
static bool same_number(const npk_dtype *dtype, const uint8_t *p, const uint8_t *q)
{
    npki_conversion conversion;
    bool complex = npki_dtype_rows[dtype->type].number == NPKI_NUMBER_COMPLEX;
    double x[2] = {0, 0}, y[2] = {0, 0};
    const npk_dtype *wide = npk_dtype_native(complex ? NPK_COMPLEX128 : NPK_FLOAT64);
    if (!npki_conversion_init(&conversion, dtype, wide) || !npki_convert(&conversion, p, 1, (uint8_t *)x) ||
        !npki_convert(&conversion, q, 1, (uint8_t *)y))
        return false;
    size_t components = complex ? 2 : 1, width = (size_t)dtype->itemsize / components;
    size_t size = significant(dtype, width), from = dtype->byteorder == '>' ? width - size : 0;
    for (size_t i = 0; i < components; i++)
        if (!same_float(p + i * width + from, q + i * width + from, size, dtype->byteorder == '>', x[i], y[i]))
            return false;
    return true;
}

static bool same_part(const part *it, const uint8_t *p, const uint8_t *q)
{
    size_t width = (size_t)it->dtype->itemsize, size = width * (size_t)it->count;
    npki_number number = npki_dtype_rows[it->dtype->type].number;
    p += it->offset;
    q += it->offset;
    if (size == 0 || memcmp(p, q, size) == 0)
        return true;
    if (number != NPKI_NUMBER_FLOAT && number != NPKI_NUMBER_COMPLEX)
        return false;
    for (size_t at = 0; at < size; at += width)
        if (memcmp(p + at, q + at, width) != 0 && !same_number(it->dtype, p + at, q + at))
            return false;
    return true;
}

static bool same_element(const struct npki_compare_elements *e, const uint8_t *p, const uint8_t *q)
{
    for (size_t i = 0; i < e->part_count; i++)
        if (!same_part(&e->parts[i], p, q))
            return false;
    return e->part_count > 0;
}

/* --- feeds -------------------------------------------------------------------------------------------------------- */

static bool copy_encoded(npki_compare *c, feed *f)
{
    f->copy_size = (size_t)npk_array_nbytes(&f->array);
    f->copy = npki_compare_allocate(c, f->copy_size);
    if (f->copy == NULL)
        return false;
    npk_status status = npk_array_copy(&f->array, 'C', f->copy, f->copy_size, NULL);
    if (status != NPK_OK)
        npki_compare_fail(c, status);
    f->array.data = f->copy;
    f->array.strides = NULL;
    f->array.order = 'C';
    f->array.payload = NULL;
    return status == NPK_OK;
}

/* `to`: the dtype that its elements are compared in. */
static bool start_feed(npki_compare *c, feed *f, const npk_array *array, const npk_dtype *to)
{
    size_t itemsize = (size_t)to->itemsize;
    f->array = *array;
    f->count = 0;
    f->converts = !npki_dtype_equal(array->dtype, to, &c->dtypes);
    if (f->converts && !npki_conversion_init(&f->conversion, array->dtype, to)) {
        npki_compare_fail(c, NPK_ERR_UNSUPPORTED);
        return false;
    }
    if (itemsize > BLOCK) {
        f->large_size = itemsize;
        for (int i = 0; i < 2; i++)
            if ((f->large[i] = npki_compare_allocate(c, itemsize)) == NULL)
                return false;
    }
    if (array->data == NULL && npki_payload_order(array) != 'C' && !copy_encoded(c, f))
        return false;
    npki_gather_start(&f->gather, &f->array, 'C');
    return true;
}

static void end_feed(npki_compare *c, feed *f)
{
    npki_free(&c->allocator, f->copy, f->copy_size);
    npki_free(&c->allocator, f->large[0], f->large_size);
    npki_free(&c->allocator, f->large[1], f->large_size);
    f->copy = f->large[0] = f->large[1] = NULL;
}

/* Elements in the dtype of the comparison, at most as many as `most` and as a block has room for. NULL: none are
 * left. */
static const uint8_t *take(feed *f, size_t itemsize, size_t most, size_t *count)
{
    uint8_t *gathered = f->large[0] != NULL ? f->large[0] : f->gathered;
    uint8_t *converted = f->large[1] != NULL ? f->large[1] : f->converted;
    size_t fit = itemsize > BLOCK ? 1 : BLOCK / itemsize;
    if (f->count == 0)
        f->count = npki_gather_next(&f->gather, gathered, fit * itemsize, &f->at) / itemsize;
    *count = f->count < most ? f->count : most;
    if (*count > fit && f->converts)
        *count = fit;
    if (*count == 0)
        return NULL;
    const uint8_t *at = f->at;
    f->at += *count * itemsize;
    f->count -= *count;
    if (!f->converts)
        return at;
    return npki_convert(&f->conversion, at, *count, converted) ? converted : NULL;
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

static void compare_block(npki_compare *c, const npk_dtype *dtype, const uint8_t *p, const uint8_t *q, size_t count,
                          int64_t index, npki_unequal *out)
{
    struct npki_compare_elements *e = c->elements;
    for (size_t i = 0; i < count; i++, p += e->itemsize, q += e->itemsize) {
        if (memcmp(p, q, e->itemsize) == 0)
            continue;
        if (!e->split)
            find_parts(c, dtype);
        if (!npki_compare_charge(c, 1 + e->part_count))
            return;
        if (!same_element(e, p, q) && out->count++ == 0)
            out->first = index + (int64_t)i;
    }
}

static void run_feeds(npki_compare *c, const npk_dtype *dtype, int64_t total, npki_unequal *out)
{
    struct npki_compare_elements *e = c->elements;
    for (int64_t done = 0; done < total && c->status == NPK_OK;) {
        size_t count, again;
        const uint8_t *p =
            take(&e->feeds[0], e->itemsize, e->feeds[1].count > 0 ? e->feeds[1].count : SIZE_MAX, &count);
        const uint8_t *q = p == NULL ? NULL : take(&e->feeds[1], e->itemsize, count, &again);
        if (q == NULL) { /* a payload that ends too early */
            npki_compare_fail(c, NPK_ERR_ARRAY);
            return;
        }
        if (again < count) { /* the rest of a is looked at again */
            e->feeds[0].at -= (count - again) * e->itemsize;
            e->feeds[0].count += count - again;
        }
        if (memcmp(p, q, again * e->itemsize) != 0)
            compare_block(c, dtype, p, q, again, done, out);
        done += (int64_t)again;
    }
}

bool npki_compare_elements(npki_compare *c, const npk_array *a, const npk_array *b, npki_unequal *out)
{
    int64_t bytes = npk_array_nbytes(a);
    *out = (npki_unequal){0, 0};
    if (bytes == 0 || c->again)
        return true;
    if (!npki_compare_charge(c, (uint64_t)bytes / 16))
        return false;
    if (c->elements == NULL) {
        c->elements = npki_compare_allocate(c, sizeof *c->elements);
        if (c->elements == NULL)
            return false;
        memset(c->elements, 0, sizeof *c->elements);
    }
    struct npki_compare_elements *e = c->elements;
    e->itemsize = (size_t)a->dtype->itemsize;
    e->split = false;
    e->part_count = 0;
    if (start_feed(c, &e->feeds[0], a, a->dtype) && start_feed(c, &e->feeds[1], b, a->dtype))
        run_feeds(c, a->dtype, npk_array_count(a), out);
    end_feed(c, &e->feeds[0]);
    end_feed(c, &e->feeds[1]);
    return c->status == NPK_OK;
}

void npki_compare_elements_free(npki_compare *c)
{
    if (c->elements == NULL)
        return;
    npki_free(&c->allocator, c->elements->parts, c->elements->part_room * sizeof *c->elements->parts);
    npki_free(&c->allocator, c->elements, sizeof *c->elements);
    c->elements = NULL;
}
