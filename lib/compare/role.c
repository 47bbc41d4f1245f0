/* What a str of Python 2 becomes where it stands, as when it is written for Python 3. */
#include "compare/state.h"

#include "writer/graph/graph.h"

static const npk_value *value_of(const npki_compare_frame *frame, size_t side)
{
    return side == 0 ? frame->a : frame->b;
}

/* Which part of its call, or which item, a value is in the pair that is compared there. */
static size_t index_of(const npki_compare_frame *frame, size_t side, const npk_value *value)
{
    const npk_value *of = value_of(frame, side);
    const size_t child = side == 0 ? frame->child : frame->other;
    if (of->kind != NPK_KIND_OBJECT)
        return child;
    const npki_object *call = of->u.object;
    const bool state = value == call->state && (value != call->args || child == npki_child_at(of, NPKI_SLOT_STATE));
    return state ? NPKI_SLOT_STATE : value == call->args ? NPKI_SLOT_ARGS : NPKI_SLOT_CALLABLE;
}

/* Of the value that the walk is at, in one of the two: from the innermost call down. */
static npki_role role_here(const npki_compare *c, size_t side, const npk_value *value)
{
    size_t at = c->depth;
    while (at > c->floor && value_of(&c->frames[at - 1], side)->kind != NPK_KIND_OBJECT)
        at--;
    if (at == c->floor || c->frames[at - 1].makings != NULL)
        return NPKI_ROLE_OWN;
    const npk_value *parent = NULL;
    const npki_object *call = value_of(&c->frames[at - 1], side)->u.object;
    npki_role role = NPKI_ROLE_OWN;
    for (; at <= c->depth; at++) {
        const npk_value *next = at == c->depth ? value : value_of(&c->frames[at], side);
        const bool named = parent != NULL && parent->kind == NPK_KIND_DICT && c->frames[at - 1].child % 2 == 0 &&
                           (role == NPKI_ROLE_ATTRIBUTES || role == NPKI_ROLE_HOLDER);
        const size_t index = index_of(&c->frames[at - 1], side, next);
        role = named ? NPKI_ROLE_TEXT : npki_role_below(call, role, parent, index, next);
        parent = next;
    }
    return role;
}

bool npki_compare_is_text_pair_here(const npki_compare *c, const npk_value *a, const npk_value *b)
{
    const npk_kind kind = npk_value_kind(a), other = npk_value_kind(b);
    const size_t side = kind == NPK_KIND_PYTHON2_STR ? 0 : 1;
    if (c->options.python2_str == NPK_PYTHON2_STR_KEEP || kind == other ||
        (kind != NPK_KIND_PYTHON2_STR && other != NPK_KIND_PYTHON2_STR))
        return false;
    if (npki_compare_is_text_pair(c, kind, other))
        return true;
    const npki_role role = role_here(c, side, side == 0 ? a : b);
    return (side == 0 ? other : kind) == (role == NPKI_ROLE_TEXT    ? NPK_KIND_STR
                                          : role == NPKI_ROLE_BYTES ? NPK_KIND_BYTES
                                                                    : NPK_KIND_PYTHON2_STR);
}
