#include "writer/options.h"

#include "base/error.h"
#include "base/reserved.h"

npk_status npki_write_options_check(const npk_write_options *options, npk_error *error)
{
    if (options == NULL)
        return NPK_OK;
    npk_status status = NPKI_CHECK_RESERVED(options, "npk_write_options", error);
    if (status == NPK_OK)
        status = NPKI_CHECK_RESERVED(&options->limits, "npk_limits", error);
    if (status == NPK_OK && (unsigned)options->memo > NPK_MEMO_NONE)
        status = npki_fail(error, NPK_ERR_USAGE, "expected one of npk_memo_policy, found %d", (int)options->memo);
    if (status == NPK_OK && (unsigned)options->python2_str > NPK_PYTHON2_STR_REFUSE)
        status =
            npki_fail(error, NPK_ERR_USAGE, "expected one of npk_python2_str, found %d", (int)options->python2_str);
    return status;
}
