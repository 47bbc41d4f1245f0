#include "writer/options.h"

#include "base/error.h"
#include "base/reserved.h"
#include "reader/build.h"
#include "value/value.h"

#include <string.h>

npk_status npki_write_options_check(const npk_write_options *options, npk_error *error)
{
    if (options == NULL)
        return NPK_OK;
    npk_status status = NPKI_CHECK_RESERVED(options, "npk_write_options", error);
    if (status == NPK_OK)
        status = NPKI_CHECK_RESERVED(&options->limits, "npk_limits", error);
    if (status == NPK_OK && options->budget != NULL)
        status = NPKI_CHECK_RESERVED(options->budget, "npk_budget", error);
    if (status == NPK_OK && (unsigned)options->memo > NPK_MEMO_NONE)
        status = npki_fail(error, NPK_ERR_USAGE, "expected one of npk_memo_policy, found %d", (int)options->memo);
    if (status == NPK_OK && (unsigned)options->memo_scope > NPK_MEMO_OF_STREAM)
        status = npki_fail(error, NPK_ERR_USAGE, "expected one of npk_memo_scope, found %d", (int)options->memo_scope);
    if (status == NPK_OK && options->memo_scope == NPK_MEMO_OF_STREAM && options->memo == NPK_MEMO_MINIMAL)
        status =
            npki_fail(error, NPK_ERR_USAGE, "a minimal memo of a stream: what later pickles refer to is not known");
    if (status == NPK_OK && (unsigned)options->unloadable > NPK_UNLOADABLE_REFUSE)
        status = npki_fail(error, NPK_ERR_USAGE, "expected one of npk_unloadable, found %d", (int)options->unloadable);
    if (status == NPK_OK && (unsigned)options->python2_str > NPK_PYTHON2_STR_UTF8)
        status =
            npki_fail(error, NPK_ERR_USAGE, "expected one of npk_python2_str, found %d", (int)options->python2_str);
    return status;
}

/* Whether the global has a name that NumPy 2 brought: a row of its own, or a module of numpy._core. */
static bool is_of_numpy2(const npk_value *global)
{
    static const char core[] = "numpy._core";
    const npki_global *found = global->u.global;
    size_t size = sizeof core - 1;
    if (found->row != NULL && (found->row->writes & (NPKI_WRITES_NUMPY1 | NPKI_WRITES_NUMPY2)) == NPKI_WRITES_NUMPY2)
        return true;
    return found->module_size >= size && memcmp(found->module, core, size) == 0 &&
           (found->module_size == size || found->module[size] == '.');
}

bool npk_write_options_for(const npk_doc *doc, npk_write_options *out)
{
    npk_doc_info info;
    if (out == NULL || !npk_doc_info_of(doc, &info))
        return false;
    bool numpy2 = false;
    const npk_value *global;
    for (size_t i = 0; !numpy2 && (global = npk_doc_global(doc, i)) != NULL; i++)
        numpy2 = is_of_numpy2(global);
    *out = (npk_write_options){.protocol_given = true, .protocol = info.protocol};
    if (numpy2)
        out->dialect = NPK_DIALECT_NUMPY2;
    else if (info.python2 && !doc->has_bytes && info.protocol <= 2) /* Python 2 has one kind of strings */
        out->dialect = NPK_DIALECT_PYTHON2;
    return true;
}
