#include "compare/array.h"

#include "print/float.h"

#include "array/layout.h"

#include <inttypes.h>
#include <npickle/pyarray.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

/* --- elements ----------------------------------------------------------------------------------------------------- */

/* A plain part of an element. */
typedef struct leaf {
    int64_t offset;
    const npk_dtype *dtype;
    int64_t count; /* one after another */
} leaf;

#define LEAVES 1024 /* more, and elements are compared as bytes */

typedef struct leaf_list {
    leaf *at;
    size_t done; /* those before it are plain */
    size_t size;
} leaf_list;

static bool add_leaf(leaf_list *leaves, int64_t offset, const npk_dtype *dtype, int64_t count)
{
    if (leaves->size == LEAVES)
        return false;
    leaves->at[leaves->size++] = (leaf){offset, dtype, count};
    return true;
}

/* The parts of the last leaf in its place. */
static bool split_leaf(leaf_list *leaves)
{
    leaf it = leaves->at[--leaves->size];
    int ndim = 0;
    const int64_t *shape = NULL;
    const npk_field *fields = NULL;
    const npk_dtype *base = npk_dtype_subarray(it.dtype, &ndim, &shape);
    for (int64_t k = 0; k < it.count; k++) {
        int64_t offset = it.offset + k * npk_dtype_itemsize(it.dtype), count = 1;
        for (int i = 0; i < ndim; i++)
            count *= shape[i];
        if (base != NULL && !add_leaf(leaves, offset, base, count))
            return false;
        size_t field_count = base == NULL ? npk_dtype_fields(it.dtype, &fields) : 0;
        for (size_t i = 0; i < field_count; i++)
            if (!add_leaf(leaves, offset + fields[i].offset, fields[i].dtype, 1))
                return false;
    }
    return true;
}

static bool is_plain(const npk_dtype *dtype)
{
    int ndim;
    const int64_t *shape;
    return !npk_dtype_is_struct(dtype) && npk_dtype_subarray(dtype, &ndim, &shape) == NULL;
}

/* False: too many. */
static bool find_leaves(const npk_dtype *dtype, leaf_list *leaves)
{
    if (!add_leaf(leaves, 0, dtype, 1))
        return false;
    while (leaves->done < leaves->size) {
        leaf last = leaves->at[leaves->size - 1];
        if (!is_plain(last.dtype)) {
            if (!split_leaf(leaves))
                return false;
        } else { /* to the plain ones */
            leaves->at[leaves->size - 1] = leaves->at[leaves->done];
            leaves->at[leaves->done++] = last;
        }
    }
    return true;
}

/* One float; the 80 bits of the x87 have padding after them, which does not count. */
static bool same_float(const uint8_t *p, const uint8_t *q, size_t width, bool big)
{
    static const npki_float_kind kinds[] = {
        [2] = NPKI_FLOAT_HALF, [4] = NPKI_FLOAT_SINGLE, [8] = NPKI_FLOAT_DOUBLE, [16] = NPKI_FLOAT_EXTENDED};
    npki_float_kind kind = width == 12 ? NPKI_FLOAT_EXTENDED : kinds[width];
    size_t significant = kind == NPKI_FLOAT_EXTENDED ? 10 : width, from = big ? width - significant : 0;
    if (memcmp(p + from, q + from, significant) == 0)
        return true;
    npki_float_value a = npki_float_load(kind, p, width, big), b = npki_float_load(kind, q, width, big);
    return a.is == b.is && (a.is == NPKI_FLOAT_NAN || a.is == NPKI_FLOAT_ZERO);
}

static bool same_leaf(const leaf *it, const uint8_t *p, const uint8_t *q)
{
    size_t size = (size_t)(npk_dtype_itemsize(it->dtype) * it->count);
    char kind = npk_dtype_kind(it->dtype);
    p += it->offset;
    q += it->offset;
    if (size == 0 || memcmp(p, q, size) == 0)
        return true;
    if (kind != 'f' && kind != 'c')
        return false;
    size_t width = (size_t)npk_dtype_itemsize(it->dtype) / (kind == 'c' ? 2 : 1);
    for (size_t at = 0; at < size; at += width)
        if (!same_float(p + at, q + at, width, npk_dtype_byteorder(it->dtype) == '>'))
            return false;
    return true;
}

static bool same_element(const leaf_list *leaves, const uint8_t *p, const uint8_t *q)
{
    for (size_t i = 0; i < leaves->size; i++)
        if (!same_leaf(&leaves->at[i], p, q))
            return false;
    return leaves->size > 0;
}

typedef struct unequal {
    int64_t count;
    int64_t first;
} unequal;

static bool count_unequal(npki_compare *c, const npk_dtype *dtype, const uint8_t *p, const uint8_t *q, int64_t count,
                          unequal *out)
{
    size_t size = (size_t)npk_dtype_itemsize(dtype);
    leaf_list leaves = {.at = malloc(LEAVES * sizeof *leaves.at)};
    if (leaves.at == NULL) {
        c->status = NPK_ERR_MEMORY;
        return false;
    }
    if (!find_leaves(dtype, &leaves))
        leaves.size = 0;
    for (int64_t i = 0; i < count; i++, p += size, q += size) {
        if (memcmp(p, q, size) == 0 || same_element(&leaves, p, q))
            continue;
        if (!npki_compare_charge(c, 1 + leaves.size))
            break;
        if (out->count++ == 0)
            out->first = i;
    }
    free(leaves.at);
    return c->status == NPK_OK;
}

/* --- arrays ------------------------------------------------------------------------------------------------------- */

/* The elements in C order, in the byte order of `dtype`. Where they do not lie so, in *copy. NULL after a failure. */
static const uint8_t *elements(npki_compare *c, const npk_array *array, const npk_dtype *dtype, uint8_t **copy)
{
    static const uint8_t nothing[1];
    int64_t bytes = npk_array_nbytes(array);
    bool same = npk_dtype_equal(array->dtype, dtype);
    if (bytes <= 0)
        return nothing;
    if (same && array->data != NULL && npki_is_c_contiguous(array))
        return array->data;
    *copy = malloc((size_t)bytes);
    npk_status status = NPK_ERR_MEMORY;
    if (*copy != NULL && same)
        status = npk_array_copy(array, 'C', *copy, (size_t)bytes, NULL);
    else if (*copy != NULL)
        status = npk_array_read_as(array, dtype, NPK_CAST_SAME, *copy, (size_t)npk_array_count(array), NULL);
    if (status != NPK_OK)
        c->status = status;
    return status == NPK_OK ? *copy : NULL;
}

static void say_elements(npki_compare *c, const npk_array *a, const unequal *found, const char *what)
{
    char place[NPK_MAXDIMS * 22 + 2] = "";
    size_t used = sizeof place - 1;
    int64_t index = found->first, count = npk_array_count(a);
    for (int i = a->ndim; i-- > 0 && used > 24;) {
        char text[24];
        size_t size =
            (size_t)snprintf(text, sizeof text, "%" PRId64 "%s", index % a->shape[i], i + 1 < a->ndim ? ", " : "");
        index /= a->shape[i];
        used -= size;
        memcpy(place + used, text, size);
    }
    if (what != NULL)
        npki_compare_say(c, "%s", what);
    else if (a->ndim == 0)
        npki_compare_say(c, "the element differs");
    else
        npki_compare_say(c, "%" PRId64 " of %" PRId64 " elements differ, the first at [%.200s]", found->count, count,
                         place + used);
}

static bool same_shape(const npk_array *a, const npk_array *b)
{
    return a->ndim == b->ndim && (a->ndim == 0 || memcmp(a->shape, b->shape, (size_t)a->ndim * sizeof *a->shape) == 0);
}

static void shape_text(const npk_array *array, char *out, size_t size)
{
    size_t used = (size_t)snprintf(out, size, "(");
    for (int i = 0; i < array->ndim && used + 24 < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%" PRId64, i == 0 ? "" : ", ", array->shape[i]);
    snprintf(out + used, size - used, "%s)", array->ndim == 1 ? "," : "");
}

/* The descr of a dtype as a Python literal. Ownership: the caller's, until free(). NULL without memory. */
static char *descr_of(const npk_dtype *dtype, bool json, size_t *size)
{
    *size = npk_dtype_descr(dtype, json, NULL, 0);
    char *text = malloc(*size + 1);
    if (text != NULL)
        npk_dtype_descr(dtype, json, text, *size + 1);
    return text;
}

static void say_dtypes(npki_compare *c, const npk_array *a, const npk_array *b)
{
    size_t size;
    char *left = descr_of(a->dtype, false, &size), *right = descr_of(b->dtype, false, &size);
    if (left == NULL || right == NULL)
        c->status = NPK_ERR_MEMORY;
    else if (strcmp(left, right) == 0)
        npki_compare_say(c, "dtype: %.120s in both, but laid out otherwise", left);
    else
        npki_compare_say(c, "dtype: %.120s / %.120s", left, right);
    free(left);
    free(right);
}

/* `any_order`: the order of bytes is no part of the value. */
static bool compare_elements(npki_compare *c, const npk_array *a, const npk_array *b, const char *what, bool any_order)
{
    bool same = npk_dtype_equal(a->dtype, b->dtype), shapes = same_shape(a, b);
    if (!same && !(any_order && npk_dtype_can_cast(b->dtype, a->dtype, NPK_CAST_SAME)))
        say_dtypes(c, a, b);
    if (!shapes) {
        char left[128], right[128];
        shape_text(a, left, sizeof left);
        shape_text(b, right, sizeof right);
        npki_compare_say(c, "shape: %s / %s", left, right);
    }
    bool objects = npk_dtype_has_object(a->dtype) || npk_dtype_has_object(b->dtype);
    if (!shapes || objects || !(same || npk_dtype_can_cast(b->dtype, a->dtype, NPK_CAST_SAME)))
        return shapes;
    if (!npki_compare_charge(c, (uint64_t)npk_array_nbytes(a) / 16))
        return false;
    uint8_t *copies[2] = {NULL, NULL};
    const uint8_t *p = elements(c, a, a->dtype, &copies[0]);
    const uint8_t *q = p == NULL ? NULL : elements(c, b, a->dtype, &copies[1]);
    unequal found = {0, 0};
    if (q != NULL && count_unequal(c, a->dtype, p, q, npk_array_count(a), &found) && found.count > 0)
        say_elements(c, a, &found, what);
    free(copies[0]);
    free(copies[1]);
    return shapes;
}

bool npki_compare_arrays(npki_compare *c, const npk_array *a, const npk_array *b, const char *what)
{
    return compare_elements(c, a, b, what, false);
}

bool npki_compare_pyarrays(npki_compare *c, const npk_array *a, const npk_array *b)
{
    npk_pyarray left, right;
    if (npk_pyarray_of(a->source, &left) && npk_pyarray_of(b->source, &right) && left.typecode != right.typecode)
        npki_compare_say(c, "typecode: %c / %c", left.typecode, right.typecode);
    return compare_elements(c, a, b, NULL, true);
}

/* --- masks -------------------------------------------------------------------------------------------------------- */

static uint8_t *mask_of(const npk_value *value, int64_t *size)
{
    npk_array data, mask;
    const npk_value *fill;
    if (npk_masked_of(value, &data, &mask, &fill, NULL) != NPK_OK)
        return NULL;
    *size = npk_array_nbytes(&mask);
    uint8_t *copy = malloc((size_t)*size + 1);
    if (copy != NULL && npk_array_copy(&mask, 'C', copy, (size_t)*size, NULL) != NPK_OK) {
        free(copy);
        return NULL;
    }
    return copy;
}

void npki_compare_masks(npki_compare *c, const npk_value *a, const npk_value *b)
{
    int64_t left = -1, right = -1, count = 0;
    uint8_t *p = mask_of(a, &left), *q = mask_of(b, &right);
    for (int64_t i = 0; p != NULL && q != NULL && i < left && i < right; i++)
        count += p[i] != q[i];
    if (left != right)
        npki_compare_say(c, "mask: %" PRId64 " bytes / %" PRId64, left, right);
    else if (count > 0)
        npki_compare_say(c, "mask: %" PRId64 " of %" PRId64 " elements differ", count, left);
    free(p);
    free(q);
}
