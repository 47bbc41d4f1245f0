/* Two graphs, or two arrays, from the beginning to the end. */
#include "compare/array.h"
#include "compare/elements.h"
#include "compare/growth.h"
#include "compare/stays.h"
#include "compare/timeline_path.h"

#include "array/layout.h"
#include "base/cpu.h"
#include "base/error.h"
#include "base/reserved.h"

#include <string.h>

#define USUAL_WORK ((uint64_t)1 << 30)
#define USUAL_MOST 100

static npk_status check_options(const npk_compare_options *options, npk_error *error)
{
    if (options == NULL)
        return NPK_OK;
    if (options->python2_str != NPK_PYTHON2_STR_KEEP && options->python2_str != NPK_PYTHON2_STR_TEXT &&
        options->python2_str != NPK_PYTHON2_STR_BYTES)
        return npki_fail(error, NPK_ERR_USAGE, "expected a str of Python 2 to count as KEEP, TEXT or BYTES, found %d",
                         (int)options->python2_str);
    return NPKI_CHECK_RESERVED(options, "npk_compare_options", error);
}

static npk_status start(const npk_compare_options *options, uint64_t *differences, npki_compare **out, npk_error *error)
{
    if (differences == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a place for the number of differences, found NULL");
    *differences = 0;
    npk_status status = check_options(options, error);
    if (status != NPK_OK)
        return status;
    npk_allocator allocator = npki_allocator(options == NULL ? NULL : options->allocator);
    npki_compare *c = npki_allocate(&allocator, sizeof *c);
    if (c == NULL)
        return npki_no_memory(error);
    memset(c, 0, offsetof(npki_compare, message)); /* what follows is large, and small documents are many */
    c->dtypes.also = c->dtypes_besides.also = NULL;
    c->dtypes.begun = c->dtypes_besides.begun = false;
    c->allocator = allocator;
    if (options != NULL)
        c->options = *options;
    if (c->options.work == 0)
        c->options.work = USUAL_WORK;
    if (c->options.most == 0)
        c->options.most = USUAL_MOST;
    c->left = c->options.work;
    c->in_runs = npki_cpu_level() > NPKI_CPU_PLAIN;
    npki_met_init(&c->numbers[0], &allocator);
    npki_met_init(&c->numbers[1], &allocator);
    npki_map_init(&c->pairs, &allocator);
    npki_dynbuf_init(&c->happened, &allocator, SIZE_MAX / 2);
    npki_dynbuf_init(&c->metadata.pairs, &allocator, SIZE_MAX / 2);
    npki_map_init(&c->same, &allocator);
    for (size_t i = 0; i < sizeof c->hashes / sizeof *c->hashes; i++)
        npki_map_init(&c->hashes[i], &allocator);
    *out = c;
    return NPK_OK;
}

static npk_status finish(npki_compare *c, uint64_t *differences, npk_error *error)
{
    npk_allocator allocator = c->allocator;
    npk_status status = c->status;
    npki_compare_walk_free(c);
    npki_compare_elements_free(c);
    npki_compare_hash_free(c);
    npki_compare_stays_free(c);
    npki_growth_free(c);
    npki_compare_paths_free(c);
    npki_met_free(&c->numbers[0]);
    npki_met_free(&c->numbers[1]);
    npki_map_free(&c->pairs);
    npki_dynbuf_free(&c->happened);
    npki_dynbuf_free(&c->metadata.pairs);
    npki_map_free(&c->same);
    for (size_t i = 0; i < sizeof c->hashes / sizeof *c->hashes; i++)
        npki_map_free(&c->hashes[i]);
    *differences = c->differences;
    npki_free(&allocator, c, sizeof *c);
    if (status == NPK_ERR_MEMORY)
        return npki_no_memory(error);
    if (status == NPK_ERR_LIMIT)
        return npki_fail(error, status, "the two have so many parts in common that comparing them takes too long");
    return status == NPK_OK ? NPK_OK : npki_fail(error, status, "the elements of an array can't be compared");
}

/* Two values with all that they hold, and all that happens on the way to them. */
static void compare_values(npki_compare *c, const npk_value *a, const npk_value *b)
{
    c->roots[0] = a;
    c->roots[1] = b;
    npki_compare_walk(c, a, b);
    npki_compare_calls(c, a, b);
}

npk_status npk_compare(const npk_value *a, const npk_value *b, const npk_compare_options *options,
                       uint64_t *differences, npk_error *error)
{
    npki_compare *c;
    npk_status status = start(options, differences, &c, error);
    if (status != NPK_OK)
        return status;
    compare_values(c, a, b);
    return finish(c, differences, error);
}

static npk_status check_array(const npk_array *array, npk_error *error)
{
    if (array == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected an array, found NULL");
    if (array->dtype != NULL && npk_dtype_has_object(array->dtype) && array->objects == NULL)
        return npki_fail(error, NPK_ERR_UNSUPPORTED, "the elements are Python objects that no document holds");
    return npki_array_check(array, error);
}

npk_status npk_compare_arrays(const npk_array *a, const npk_array *b, const npk_compare_options *options,
                              uint64_t *differences, npk_error *error)
{
    npki_compare *c;
    npk_status status = start(options, differences, &c, error);
    if (status != NPK_OK)
        return status;
    status = check_array(a, error);
    if (status == NPK_OK)
        status = check_array(b, error);
    if (status == NPK_OK) {
        npki_compare_outcome found = npki_compare_array(c, a, b, NPKI_COMPARE_BYTE_ORDER);
        npki_compare_noted_metadata(c);
        if (found.unequal)
            npki_compare_say_elements(c, a, &found);
        if (found.same_shape && a->objects != NULL && b->objects != NULL)
            compare_values(c, a->objects, b->objects);
    }
    npk_status compared = finish(c, differences, status == NPK_OK ? error : NULL);
    return status == NPK_OK ? compared : status;
}
