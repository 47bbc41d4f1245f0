/* Structured arrays, read by the names of their fields. */
#include "base/bytes.h"
#include "base/error.h"
#include "base/reserved.h"
#include "cast/struct_plan.h"
#include "array/scatter.h"

#include <npickle/cstruct.h>

#include <inttypes.h>

/* Items that go through all of the plan before the next ones: so many that they stay in the cache. */
static size_t items_at_once(const npki_struct_plan *plan)
{
    enum { BYTES = 16384, MOST = 256 };
    size_t items =
        BYTES / (size_t)(plan->to->itemsize > plan->from->itemsize ? plan->to->itemsize : plan->from->itemsize);
    return items < 1 ? 1 : items > MOST ? MOST : items;
}

/* Items that lie in memory. */
static npk_status read_plain(const npki_struct_plan *plan, const npk_array *array, uint8_t *out, npk_error *error)
{
    npki_gather gather;
    npki_run run;
    size_t most = items_at_once(plan);
    uint8_t *to = out;
    npk_status status = NPK_OK;
    npki_gather_start(&gather, array, 'C');
    while (status == NPK_OK && npki_gather_run(&gather, most, &run)) {
        npki_lane lane = {run.at, to, run.stride, plan->to->itemsize, run.count};
        status = npki_struct_plan_run(plan, &lane, out, error);
        to += run.count * (size_t)plan->to->itemsize;
    }
    return status;
}

/* Items that were decoded, to where they belong. */
static npk_status put_items(const npki_struct_plan *plan, npki_scatter *scatter, const uint8_t *items, size_t count,
                            npk_error *error)
{
    npki_run run;
    size_t most = items_at_once(plan);
    npk_status status = NPK_OK;
    while (status == NPK_OK && npki_gather_run(&scatter->walk, count < most ? count : most, &run)) {
        uint8_t *to = scatter->out + (run.at - (const uint8_t *)scatter->view.data);
        npki_lane lane = {items, to, plan->from->itemsize, run.stride, run.count};
        status = npki_struct_plan_run(plan, &lane, scatter->out, error);
        items += run.count * (size_t)plan->from->itemsize;
        count -= run.count;
    }
    return status;
}

static npk_status decode(const npki_struct_plan *plan, const npk_array *array, uint8_t *scratch, size_t room, void *out,
                         npk_error *error)
{
    char order = npki_payload_order(array);
    npki_gather gather;
    npki_scatter scatter;
    const uint8_t *piece;
    int64_t items = npk_array_count(array), done = 0;
    size_t got;
    npk_status status = NPK_OK;
    if (order == 'K')
        return npki_fail(error, NPK_ERR_USAGE, "an encoded array lies in C or in Fortran order, this one in neither");
    npki_gather_start(&gather, array, order);
    npki_scatter_start(&scatter, array, plan->to, order, 'C', out);
    while (status == NPK_OK && (got = npki_gather_next(&gather, scratch, room, &piece)) > 0) {
        size_t count = got / (size_t)plan->from->itemsize;
        status = put_items(plan, &scatter, piece, count, error);
        done += (int64_t)count;
    }
    if (status == NPK_OK && done != items)
        return npki_fail(error, NPK_ERR_ARRAY, "the payload ends after %" PRId64 " of %" PRId64 " items", done, items);
    return status;
}

/* An item larger than the scratch has memory of its own: its payload is larger still. */
static npk_status read_encoded(const npki_struct_plan *plan, const npk_array *array, uint8_t *out, npk_error *error)
{
    uint8_t scratch[8192];
    size_t size = (size_t)plan->from->itemsize;
    if (size <= sizeof scratch)
        return decode(plan, array, scratch, sizeof scratch, out, error);
    uint8_t *item = npki_allocate(&plan->allocator, size);
    if (item == NULL)
        return npki_no_memory(error);
    npk_status status = decode(plan, array, item, size, out, error);
    npki_free(&plan->allocator, item, size);
    return status;
}

static npk_status read_items(const npki_struct_plan *plan, const npk_array *array, uint8_t *out, npk_error *error)
{
    if (plan->to->itemsize == 0)
        return NPK_OK;
    if (plan->from->itemsize == 0) { /* nothing is there, but texts without characters, and fields that are missing */
        npki_lane lane = {(const uint8_t *)"", out, 0, plan->to->itemsize, (size_t)npk_array_count(array)};
        return npki_struct_plan_run(plan, &lane, out, error);
    }
    return array->data == NULL ? read_encoded(plan, array, out, error) : read_plain(plan, array, out, error);
}

static npk_status check_room(const npk_array *array, const npk_dtype *to, const void *out, size_t count,
                             npk_error *error)
{
    int64_t items = npk_array_count(array), nbytes;
    if ((uint64_t)items > count || !npki_mul_int64(items, to->itemsize, &nbytes) || (uint64_t)nbytes > SIZE_MAX)
        return npki_fail(error, NPK_ERR_USAGE, "expected room for %" PRId64 " items, found %zu", items, count);
    if (nbytes > 0 && out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected memory for %" PRId64 " items, found NULL", items);
    return NPK_OK;
}

npk_status npk_array_read_fields(const npk_array *array, const npk_dtype *to, const npk_fields_options *options,
                                 void *out, size_t count, npk_error *error)
{
    static const npk_fields_options defaults;
    npki_struct_plan plan;
    if (options == NULL)
        options = &defaults;
    npk_status status = npki_array_check(array, error);
    if (status == NPK_OK)
        status = NPKI_CHECK_RESERVED(options, "npk_fields_options", error);
    if (status == NPK_OK && to == NULL)
        status = npki_fail(error, NPK_ERR_USAGE, "no dtype to read the items as");
    if (status == NPK_OK && (unsigned)options->casting > NPK_CAST_UNSAFE)
        status = npki_fail(error, NPK_ERR_USAGE, "expected a casting rule, found %d", (int)options->casting);
    if (status == NPK_OK && (unsigned)options->missing > NPK_MISSING_ZERO)
        status = npki_fail(error, NPK_ERR_USAGE, "expected a rule for missing fields, found %d", (int)options->missing);
    if (status == NPK_OK && (array->dtype->has_object || to->has_object))
        status = npki_fail(error, NPK_ERR_UNSUPPORTED, "the items hold Python objects, which have no bytes to read");
    if (status == NPK_OK)
        status = check_room(array, to, out, count, error);
    if (status != NPK_OK)
        return status;
    status = npki_struct_plan_new(&plan, array->dtype, to, options, error);
    if (status == NPK_OK && npk_array_count(array) > 0)
        status = read_items(&plan, array, out, error);
    npki_struct_plan_free(&plan);
    return status;
}

npk_status npk_array_read_structs(const npk_array *array, const npk_struct *structure,
                                  const npk_fields_options *options, void *out, size_t count, npk_error *error)
{
    const npk_dtype *dtype = NULL;
    npk_status status = npk_struct_dtype(structure, options != NULL ? options->allocator : NULL, &dtype, error);
    if (status == NPK_OK)
        status = npk_array_read_fields(array, dtype, options, out, count, error);
    npk_dtype_free(dtype);
    return status;
}
