#include "print/settings.h"

#include "array/layout.h"

#include "base/error.h"
#include "base/reserved.h"

#include <inttypes.h>

/* A pickle in which every list holds the next one twice is exponentially longer as text: without a wish of the caller
 * text ends at so many times the size of what is printed. */
#define TEXT_LEAST ((uint64_t)1 << 20)
#define TEXT_TIMES 100

#define WIDTH 75
#define PRECISION 8
#define THRESHOLD 1000
#define EDGE_ITEMS 3
#define MOST_PRECISION 40 /* no float has as many digits */

/* What a number of the options means, and what the library can count to. */
static uint64_t wish(uint64_t given, uint64_t by_default, uint64_t most)
{
    uint64_t value = given == 0 ? by_default : given == NPK_PRINT_ZERO ? 0 : given;
    return value > most ? most : value;
}

static npk_status settings_of(const npk_print_options *options, npki_print_settings *out, npk_error *error)
{
    static const npk_print_options none = {.allocator = NULL};
    if (options == NULL)
        options = &none;
    npk_status status = NPKI_CHECK_RESERVED(options, "npk_print_options", error);
    if (status != NPK_OK)
        return status;
    if ((unsigned)options->json_nan > NPK_JSON_NAN_REFUSE)
        return npki_fail(error, NPK_ERR_USAGE, "expected an npk_json_nan, found %d", (int)options->json_nan);
    if ((unsigned)options->shared > NPK_SHARED_REFER)
        return npki_fail(error, NPK_ERR_USAGE, "expected an npk_print_shared, found %d", (int)options->shared);
    *out = (npki_print_settings){
        .allocator = npki_allocator(options->allocator),
        .width = (size_t)wish(options->width, WIDTH, INT32_MAX),
        .precision = (int)wish(options->precision, PRECISION, MOST_PRECISION),
        .threshold = wish(options->threshold, THRESHOLD, NPK_UNLIMITED),
        .edge_items = (int64_t)wish(options->edge_items, EDGE_ITEMS, INT32_MAX),
        .depth = (size_t)wish(options->depth, SIZE_MAX, SIZE_MAX),
        .most = options->most,
        .nan = options->json_nan,
        .shared = options->shared,
    };
    if (out->edge_items < 1)
        out->edge_items = 1;
    return NPK_OK;
}

/* The bytes of a value's own. */
static uint64_t size_of(const npk_value *value)
{
    size_t size = 0;
    uint8_t room[8];
    npk_array array;
    int64_t bytes = npk_value_bytes_size(value);
    if (bytes > 0)
        return (uint64_t)bytes;
    if (npk_value_as_str(value, &size) != NULL || npk_value_as_long(value, room, &size) != NULL)
        return size;
    if (npk_value_is_array(value) && npk_array_of(value, &array, NULL) == NPK_OK && npk_array_nbytes(&array) > 0)
        return (uint64_t)npk_array_nbytes(&array);
    return 0;
}

static uint64_t times(uint64_t size)
{
    return size > UINT64_MAX / TEXT_TIMES ? UINT64_MAX : size * TEXT_TIMES;
}

/* How much more than TEXT_LEAST there may be: each value of the graph is worth two bytes and its own. */
static uint64_t allowance(const void *what, const npk_allocator *allocator)
{
    npk_walk *walk;
    const npk_value *value = NULL;
    uint64_t size = 0;
    if (npk_walk_start(what, allocator, &walk, NULL) != NPK_OK)
        return 0;
    while (npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL)
        if (__builtin_add_overflow(size, 2 + size_of(value), &size))
            size = UINT64_MAX / 2;
    npk_walk_free(walk);
    return times(size) > TEXT_LEAST ? times(size) - TEXT_LEAST : 0;
}

npk_status npki_print_start(npki_sink *out, npki_print_settings *settings, const npk_value *value,
                            const npk_print_options *options, npk_write_function *write, void *context,
                            npk_error *error)
{
    if (value == NULL || write == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a value and a function to write to, found NULL");
    npk_status status = settings_of(options, settings, error);
    if (status != NPK_OK)
        return status;
    npki_sink_start(out, &settings->allocator, write, context, settings->most != 0 ? settings->most : TEXT_LEAST);
    if (settings->most == 0) {
        out->allow = allowance;
        out->what = value;
    }
    return NPK_OK;
}

npk_status npki_print_start_array(npki_sink *out, npki_print_settings *settings, const npk_array *array,
                                  const npk_print_options *options, npk_write_function *write, void *context,
                                  npk_error *error)
{
    if (write == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a function to write to, found NULL");
    npk_status status = npki_array_check(array, error);
    if (status == NPK_OK)
        status = settings_of(options, settings, error);
    if (status != NPK_OK)
        return status;
    uint64_t most = times((uint64_t)npk_array_nbytes(array));
    if (most < TEXT_LEAST)
        most = TEXT_LEAST;
    npki_sink_start(out, &settings->allocator, write, context, settings->most != 0 ? settings->most : most);
    return NPK_OK;
}

npk_status npki_print_finish(npki_sink *out, npk_status status, npk_error *error)
{
    npk_status of_sink = npki_sink_finish(out);
    if (of_sink == NPK_ERR_IO)
        return npki_fail_system(error, out->system, "write");
    if (status != NPK_OK && of_sink != NPK_ERR_MEMORY && of_sink != NPK_ERR_LIMIT)
        return status;
    if (of_sink == NPK_ERR_LIMIT)
        return npki_fail(error, of_sink,
                         "expected at most %" PRIu64 " bytes of text, and %d values inside one another; found more",
                         out->limit, NPKI_PRINT_DEEPEST);
    if (of_sink == NPK_ERR_MEMORY)
        return npki_no_memory(error);
    return of_sink == NPK_OK ? status : npki_fail(error, of_sink, "an array that can't be printed");
}
