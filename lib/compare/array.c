#include "compare/array.h"

#include "compare/elements.h"
#include "dtype/facts.h"
#include "dtype/repr.h"

#include <string.h>

#define DESCRIBED 120 /* bytes of a dtype in a message */
#define LOOKED_AT 4096
#define PLACE 200     /* bytes of an index */

/* --- what differs ------------------------------------------------------------------------------------------------- */

static bool same_shape(const npk_array *a, const npk_array *b)
{
    return a->ndim == b->ndim && (a->ndim == 0 || memcmp(a->shape, b->shape, (size_t)a->ndim * sizeof *a->shape) == 0);
}

static void add_shape(npki_sink *out, const npk_array *array)
{
    npki_sink_char(out, '(');
    for (int i = 0; i < array->ndim; i++) {
        npki_sink_text(out, i == 0 ? "" : ", ");
        npki_sink_int(out, array->shape[i]);
    }
    npki_sink_text(out, array->ndim == 1 ? ",)" : ")");
}

static void say_shapes(npki_compare *c, const npk_array *a, const npk_array *b)
{
    npki_sink *out = npki_compare_differ(c);
    if (out == NULL)
        return;
    npki_sink_text(out, "shape: ");
    add_shape(out, a);
    npki_sink_text(out, " / ");
    add_shape(out, b);
    npki_compare_report(c);
}

/* The descr of a dtype as a Python literal, or as much of it as is looked at. To be given to npki_sink_drop. */
static npki_sink describe(npki_compare *c, const npk_dtype *dtype)
{
    npki_sink out;
    npki_sink_start(&out, &c->allocator, NULL, NULL, LOOKED_AT);
    npki_print_descr(&out, dtype, NPKI_LITERAL_PYTHON);
    if (out.status == NPK_ERR_MEMORY)
        npki_compare_fail(c, out.status);
    return out;
}

/* `but`: what of them is not in the text. */
static void say_dtypes(npki_compare *c, const npk_dtype *a, const npk_dtype *b, const char *but)
{
    npki_sink *out = npki_compare_differ(c);
    if (out == NULL)
        return;
    npki_sink left = describe(c, a), right = describe(c, b);
    if (c->status == NPK_OK) {
        bool same = left.size == right.size && memcmp(left.bytes, right.bytes, left.size) == 0;
        npki_sink_text(out, "dtype: ");
        npki_compare_add(out, left.bytes, left.size, DESCRIBED);
        npki_sink_text(out, same ? " in both, but " : " / ");
        if (same)
            npki_sink_text(out, but);
        else
            npki_compare_add(out, right.bytes, right.size, DESCRIBED);
        npki_compare_report(c);
    }
    npki_sink_drop(&left);
    npki_sink_drop(&right);
}

/* Of an array with elements, as text of at most PLACE bytes. */
static void add_index(npki_sink *out, const npk_array *array, int64_t index)
{
    char text[PLACE + 1];
    npki_sink place;
    int64_t count = npk_array_count(array); /* of elements that share the indices so far */
    npki_sink_start_fixed(&place, text, sizeof text);
    for (int i = 0; i < array->ndim; i++) {
        count /= array->shape[i];
        npki_sink_text(&place, i == 0 ? "" : ", ");
        npki_sink_int(&place, index / count);
        index %= count;
    }
    npki_sink_finish(&place);
    npki_sink_text(out, text);
}

void npki_compare_say_elements(npki_compare *c, const npk_array *a, const npki_compare_outcome *found)
{
    npki_sink *out = npki_compare_differ(c);
    if (out == NULL)
        return;
    if (a->ndim == 0) {
        npki_sink_text(out, "the element differs");
    } else {
        npki_sink_int(out, found->count);
        npki_sink_text(out, " of ");
        npki_sink_int(out, npk_array_count(a));
        npki_sink_text(out, " elements differ, the first at [");
        add_index(out, a, found->first);
        npki_sink_char(out, ']');
    }
    npki_compare_report(c);
}

bool npki_compare_same_dtype(npki_compare *c, const npk_dtype *a, const npk_dtype *b)
{
    if (!npki_dtype_equal(a, b, &c->dtypes))
        return false;
    if (a->type != NPK_VSTRING || a->metadata == b->metadata)
        return true;
    return a->metadata != NULL && b->metadata != NULL && npki_compare_is_same_atom(c, a->metadata, b->metadata);
}

/* --- what a dtype has beside what makes it equal to another --- */

static const npk_value *metadata_of(const npk_dtype *dtype)
{
    return dtype->type == NPK_VSTRING ? NULL : dtype->metadata;
}

/* npki_equal_pairs.also. Metadata count as equal here: they are compared later. */
static bool is_same_besides(void *context, const npk_dtype *a, const npk_dtype *b)
{
    npki_compare *c = context;
    const npk_value *const metadata[2] = {metadata_of(a), metadata_of(b)};
    if (a->aligned != b->aligned || (metadata[0] == NULL) != (metadata[1] == NULL))
        return false;
    if (metadata[0] != metadata[1] && !npki_dynbuf_add(&c->metadata.pairs, metadata, sizeof metadata))
        npki_compare_fail(c, NPK_ERR_MEMORY);
    return true;
}

void npki_compare_besides(npki_compare *c, const npk_dtype *a, const npk_dtype *b)
{
    const size_t noted = c->metadata.pairs.size;
    if (noted == 0) {
        c->metadata.of[0] = c->a;
        c->metadata.of[1] = c->b;
        c->metadata.depth = c->depth;
    }
    c->dtypes_besides.also = is_same_besides;
    c->dtypes_besides.context = c;
    if (npki_dtype_equal(a, b, &c->dtypes_besides))
        return;
    c->metadata.pairs.size = noted;
    npki_compare_charge(c, npki_dtype_is_plain(a) ? 1 : a->facts.parts); /* it is looked for each time */
    const bool left = npk_dtype_has_metadata(a), right = npk_dtype_has_metadata(b);
    say_dtypes(c, a, b,
               left != right ? left ? "only the first has metadata" : "only the second has metadata"
               : npk_dtype_is_aligned_struct(a) == npk_dtype_is_aligned_struct(b)
                   ? "what is in it is aligned otherwise, or has other metadata"
               : npk_dtype_is_aligned_struct(a) ? "only the first is aligned"
                                                : "only the second is aligned");
}

/* --- arrays ------------------------------------------------------------------------------------------------------- */

npki_compare_outcome npki_compare_array(npki_compare *c, const npk_array *a, const npk_array *b,
                                        npki_compare_order order)
{
    npki_compare_outcome out = {.same_shape = same_shape(a, b)};
    bool same = npki_compare_same_dtype(c, a->dtype, b->dtype);
    bool castable = same || npk_dtype_can_cast(b->dtype, a->dtype, NPK_CAST_SAME);
    if (!same && !(order == NPKI_COMPARE_ANY_ORDER && castable))
        say_dtypes(c, a->dtype, b->dtype,
                   a->dtype->type == NPK_VSTRING ? "with another na_object" : "laid out otherwise");
    else if (same)
        npki_compare_besides(c, a->dtype, b->dtype);
    if (!out.same_shape)
        say_shapes(c, a, b);
    npki_unequal unequal;
    bool objects = npk_dtype_has_object(a->dtype) || npk_dtype_has_object(b->dtype);
    if (out.same_shape && castable && !objects && npki_compare_elements(c, a, b, &unequal) && unequal.count > 0) {
        out.unequal = true;
        out.count = unequal.count;
        out.first = unequal.first;
    }
    return out;
}

/* --- masks -------------------------------------------------------------------------------------------------------- */

void npki_compare_masks(npki_compare *c, const npk_value *a, const npk_value *b)
{
    npk_array data, left, right;
    const npk_value *fill;
    npki_unequal unequal;
    if (npk_masked_of(a, &data, &left, &fill, NULL) != NPK_OK || npk_masked_of(b, &data, &right, &fill, NULL) != NPK_OK)
        return;
    if (npk_array_nbytes(&left) != npk_array_nbytes(&right)) {
        npki_sink *out = npki_compare_differ(c);
        if (out == NULL)
            return;
        npki_sink_text(out, "mask: ");
        npki_sink_int(out, npk_array_nbytes(&left));
        npki_sink_text(out, " bytes / ");
        npki_sink_int(out, npk_array_nbytes(&right));
        npki_compare_report(c);
    } else if (npki_compare_elements(c, &left, &right, &unequal) && unequal.count > 0) {
        npki_sink *out = npki_compare_differ(c);
        if (out == NULL)
            return;
        npki_sink_text(out, "mask: ");
        npki_sink_int(out, unequal.count);
        npki_sink_text(out, " of ");
        npki_sink_int(out, npk_array_nbytes(&left));
        npki_sink_text(out, " elements differ");
        npki_compare_report(c);
    }
}
