/* What is described here is the behaviour of numpy/_core/src/multiarray/descriptor.c, _convert_from_any() and what
 * it calls. */
#include "dtype/parse_literal.h"

#include "dtype/parse_stack.h"

#include <string.h>

/* --- str --- */

static npk_status refuse_plain(npki_dtype_parser *c, const npki_literal *literal)
{
    return npki_parse_fail(c, literal,
                           strchr(literal->text, '[') != NULL ? "a unit of time such as M8[25us]"
                                                              : "a dtype such as <f8, int16 or S5");
}

static npk_status take_plain(npki_dtype_parser *c, const npki_literal *literal, const npk_dtype **out)
{
    npk_dtype parsed = npki_dtype_void();
    if (!npki_dtype_parse_into(literal->text, literal->size, &parsed))
        return refuse_plain(c, literal);
    /* NumPy has one descriptor for a native number, and makes a new one for a swapped one each time. */
    *out = npki_dtype_is_native(&parsed) ? npki_dtype_intern(&parsed) : &parsed;
    if (*out == &parsed)
        *out = npki_parse_new(c, &parsed);
    return *out == NULL ? npki_parse_full(c) : NPK_OK;
}

/* --- any of them --- */

static npk_status push(npki_dtype_parser *c, const npki_parse_form *form, const npki_literal *literal)
{
    npki_parse_frame *frame = npki_arena_take(c->script.arena, sizeof *frame);
    if (frame == NULL)
        return npki_parse_full(c);
    *frame = (npki_parse_frame){.outer = c->top,
                                .form = form,
                                .literal = literal,
                                .next = literal->first,
                                .aligned = c->top != NULL && c->top->aligned,
                                .itemsize = NPK_AUTO};
    c->top = frame;
    return form->begin(c, frame);
}

static const npki_parse_form *form_of(const npki_literal *dict)
{
    bool names = npki_literal_get(dict, "names") != NULL && npki_literal_get(dict, "formats") != NULL;
    return names ? &npki_parse_form_names : &npki_parse_form_entries;
}

/* A type that is no more than a str is made at once, of any other the work begins. */
static npk_status enter(npki_dtype_parser *c, const npki_literal *literal, const npk_dtype **out)
{
    bool text = literal->kind == NPKI_LITERAL_STR || literal->kind == NPKI_LITERAL_BYTES;
    npki_literal *items;
    if (text && npki_is_comma_string(literal->text, literal->size)) {
        npk_status status = npki_parse_comma(&c->script, literal, &items);
        if (status != NPK_OK)
            return status;
        literal = items;
        if (items->kind == NPKI_LITERAL_LIST)
            return push(c, &npki_parse_form_types, items);
    }
    switch (literal->kind) {
    case NPKI_LITERAL_STR:
    case NPKI_LITERAL_BYTES:
        return take_plain(c, literal, out);
    case NPKI_LITERAL_LIST:
        return push(c, &npki_parse_form_list, literal);
    case NPKI_LITERAL_TUPLE:
        return push(c, &npki_parse_form_tuple, literal);
    case NPKI_LITERAL_DICT:
        return c->as == NPKI_PARSE_DESCR ? npki_parse_fail(c, literal, "a str, a tuple or a list")
                                         : push(c, form_of(literal), literal);
    case NPKI_LITERAL_NONE:
        *out = npk_dtype_native(NPK_FLOAT64);
        return c->as == NPKI_PARSE_DESCR ? npki_parse_fail(c, literal, "a str, a tuple or a list") : NPK_OK;
    default:
        return npki_parse_fail(c, literal, "a dtype");
    }
}

npk_status npki_dtype_parse_literal(const npki_script *script, const npk_limits *limits, const npki_literal *literal,
                                    npki_parse_language as, const npk_dtype **out)
{
    npki_dtype_parser c = {.script = *script, .limits = limits, .as = as};
    const npk_dtype *done = NULL;
    c.script.status = NPK_ERR_DTYPE;
    npk_status status = enter(&c, literal, &done);
    while (status == NPK_OK && c.top != NULL) {
        npki_parse_frame *frame = c.top;
        const npki_literal *inner = NULL;
        if (done != NULL) {
            status = frame->form->take(&c, frame, done);
            done = NULL;
            continue;
        }
        status = frame->form->ask(&c, frame, &inner);
        if (status != NPK_OK)
            break;
        if (inner != NULL) {
            status = enter(&c, inner, &done);
        } else {
            c.top = frame->outer;
            status = frame->form->finish(&c, frame, &done);
        }
    }
    if (status == NPK_OK)
        *out = done;
    return status;
}
