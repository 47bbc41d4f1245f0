#include "reader/options.h"

#include "base/cpu.h"
#include "base/error.h"
#include "base/reserved.h"
#include "globals/typecode.h"

#include <string.h>

npk_status npki_read_options_check(const npk_read_options *options, npk_error *error)
{
    if (options == NULL)
        return NPK_OK;
    npk_status status = NPKI_CHECK_RESERVED(options, "npk_read_options", error);
    if (status == NPK_OK)
        status = NPKI_CHECK_RESERVED(&options->limits, "npk_limits", error);
    if (status == NPK_OK && (unsigned)options->input > NPK_INPUT_MAP)
        status = npki_fail(error, NPK_ERR_USAGE, "expected one of npk_input, found %d", (int)options->input);
    if (status == NPK_OK && (unsigned)options->array_producer >= NPKI_ARRAY_PRODUCERS)
        status = npki_fail(error, NPK_ERR_USAGE, "expected one of npk_array_producer, found %d",
                           (int)options->array_producer);
    if (status == NPK_OK && options->memo_scope > NPK_MEMO_OF_STREAM)
        status =
            npki_fail(error, NPK_ERR_USAGE, "expected one of npk_memo_scope, found %zu", (size_t)options->memo_scope);
    if (status == NPK_OK && options->malformed > NPK_MALFORMED_KEEP)
        status =
            npki_fail(error, NPK_ERR_USAGE, "expected one of npk_malformed, found %zu", (size_t)options->malformed);
    if (status == NPK_OK && options->buffers == NULL && options->buffer_count > 0)
        status = npki_fail(error, NPK_ERR_USAGE, "expected %zu buffers, found NULL", options->buffer_count);
    for (size_t i = 0; status == NPK_OK && i < options->buffer_count; i++) {
        status = NPKI_CHECK_RESERVED(&options->buffers[i], "npk_buffer", error);
        if (status == NPK_OK && options->buffers[i].bytes == NULL && options->buffers[i].size > 0)
            status = npki_fail(error, NPK_ERR_USAGE, "expected %zu bytes in buffer %zu, found NULL",
                               options->buffers[i].size, i);
    }
    return status;
}

bool npki_read_may_scan(const npk_read_options *options)
{
    static const npk_read_options nothing;
    if (npki_cpu_level() == NPKI_CPU_PLAIN)
        return false;
    if (options == NULL)
        return true;
    npk_read_options said = *options;
    said.allocator = NULL;
    return memcmp(&said, &nothing, sizeof nothing) == 0;
}
