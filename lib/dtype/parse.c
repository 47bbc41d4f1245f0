/* numpy.dtype() of a text: a type, types with commas, or a Python literal. */
#include "dtype/dtype.h"

#include "base/error.h"
#include "base/limits.h"
#include "dtype/parse_literal.h"
#include "dtype/struct.h"
#include "text/unicode.h"

#include <string.h>

static npk_status refuse(const char *text, npk_error *error)
{
    return npki_fail(error, NPK_ERR_DTYPE, "expected %s, found '%.80s'",
                     strchr(text, '[') != NULL ? "a unit of time such as M8[25us]" : "a dtype such as <f8, int16 or S5",
                     text);
}

/* A Python literal, and not the text of a dtype: "(2,3)f4" begins with a shape, "('f4', 3)" with a str. */
static bool is_literal(const char *text)
{
    bool inside = false;
    text += strspn(text, " ");
    for (; *text == '('; inside = true)
        text += 1 + strspn(text + 1, " ");
    bool quoted = text[0] != '\0' && (text[1] == '\'' || text[1] == '"');
    return strchr("[{'\"", *text) != NULL ? *text != '\0'
                                          : ((*text == 'b' || *text == 'u') && quoted) || (inside && *text == 'N');
}

static npk_status compose(const char *text, npki_parse_language as, npki_arena *arena, const npk_dtype **out,
                          npk_error *error)
{
    npk_limits limits = npki_limits(NULL);
    npki_script script = {text, strlen(text), "dtype", NPK_ERR_DTYPE, arena, error};
    npki_literal whole = {.kind = NPKI_LITERAL_STR, .text = text, .size = script.size}, *literal = &whole;
    if (npki_utf8_check((const uint8_t *)text, script.size) != script.size)
        return npki_fail(error, NPK_ERR_DTYPE, "expected the notation of a dtype in UTF-8, found other bytes");
    npk_status status = is_literal(text) ? npki_literal_read(&script, &literal) : NPK_OK;
    return status == NPK_OK ? npki_dtype_parse_literal(&script, &limits, literal, as, out) : status;
}

static npk_status parse(const char *text, npki_parse_language as, const npk_allocator *allocator, const npk_dtype **out,
                        npk_error *error)
{
    npk_dtype plain = npki_dtype_void();
    const npk_dtype *made;
    npk_allocator memory = npki_allocator(allocator);
    npki_arena arena;
    if (npki_dtype_parse_into(text, strlen(text), &plain)) {
        /* NumPy has one descriptor for a native number, and makes a new one for a swapped one each time. */
        made = npki_dtype_is_native(&plain) ? npki_dtype_intern(&plain) : &plain;
        return npki_dtype_copy(made, '\0', &memory, out, error);
    }
    if (!is_literal(text) && !npki_is_comma_string(text, strlen(text)))
        return refuse(text, error);
    npki_arena_init(&arena, &memory, npki_limits(NULL).memory);
    npk_status status = compose(text, as, &arena, &made, error);
    if (status == NPK_OK)
        status = npki_dtype_copy(made, '\0', &memory, out, error);
    npki_arena_free(&arena);
    return status;
}

npk_status npk_dtype_parse(const char *text, const npk_allocator *allocator, const npk_dtype **out, npk_error *error)
{
    if (text == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "npk_dtype_parse needs a text and a place for the dtype");
    return parse(text, NPKI_PARSE_DTYPE, allocator, out, error);
}

npk_status npk_dtype_parse_descr(const char *text, const npk_allocator *allocator, const npk_dtype **out,
                                 npk_error *error)
{
    if (text == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "npk_dtype_parse_descr needs a text and a place for the dtype");
    return parse(text, NPKI_PARSE_DESCR, allocator, out, error);
}
