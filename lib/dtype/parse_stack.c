#include "dtype/parse_stack.h"

#include "base/error.h"

npk_status npki_parse_fail(const npki_dtype_parser *c, const npki_literal *literal, const char *expected)
{
    return npki_script_fail(&c->script, literal->at, expected);
}

npk_status npki_parse_unsupported(const npki_dtype_parser *c, const npki_literal *literal, const char *expected)
{
    npki_script script = c->script;
    script.status = NPK_ERR_UNSUPPORTED;
    return npki_script_fail(&script, literal->at, expected);
}

npk_status npki_parse_fail_with(const npki_dtype_parser *c, const npki_literal *literal, npk_status status,
                                const npk_error *told)
{
    if (status == NPK_OK || status == NPK_ERR_MEMORY)
        return status == NPK_OK ? NPK_OK : npki_no_memory(c->script.error);
    return npki_fail(c->script.error, status, "character %zu of the %s: %s", literal->at, c->script.what,
                     told->message);
}

npk_status npki_parse_full(const npki_dtype_parser *c)
{
    return npki_script_full(&c->script);
}

npk_dtype *npki_parse_new(const npki_dtype_parser *c, const npk_dtype *dtype)
{
    npk_dtype *own = npki_arena_take(c->script.arena, sizeof *own);
    if (own != NULL) {
        *own = *dtype;
        own->storage = NPKI_STORED_INSIDE;
    }
    return own;
}
