#include "print/settings.h"

#include "array/layout.h"
#include "base/budget.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/reserved.h"
#include "value/worth.h"

#include <inttypes.h>

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
    if (status == NPK_OK && options->budget != NULL)
        status = NPKI_CHECK_RESERVED(options->budget, "npk_budget", error);
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
        .budget = options->budget,
        .nan = options->json_nan,
        .shared = options->shared,
    };
    if (out->edge_items < 1)
        out->edge_items = 1;
    return NPK_OK;
}

/* What the value that is printed is worth: only asked for once there is much of it. */
static uint64_t allowance(const void *what, const npk_allocator *allocator)
{
    return npki_output_of(npki_worth_of(what, allocator), 0);
}

/* So much text there may be, at the beginning; *own: by what is printed, as nobody said how much. */
static uint64_t text_of(const npki_print_settings *settings, uint64_t input, bool *own)
{
    uint64_t left = npk_budget_left(settings->budget);
    *own = settings->most == 0 && settings->budget == NULL;
    if (*own)
        return npki_output_of(input, npki_limits(NULL).output);
    return settings->most == 0 || settings->most > left ? left : settings->most;
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
    bool own;
    uint64_t most = text_of(settings, 0, &own);
    npki_sink_start(out, &settings->allocator, write, context, most);
    out->budget = settings->budget;
    if (own) {
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
    bool own;
    uint64_t most = text_of(settings, (uint64_t)npk_array_nbytes(array), &own);
    npki_sink_start(out, &settings->allocator, write, context, most);
    out->budget = settings->budget;
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
