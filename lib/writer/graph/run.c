/* Values of a document without parts, in runs. */
#include "writer/core/run.h"
#include "writer/graph/graph.h"

/* Of a value that no call made, and that is what it is at every protocol. */
static bool is_simple(const npk_value *value)
{
    return (value->history & (NPKI_WAS_CALLED | NPKI_WAS_WRITTEN)) == 0 && (value->flags & NPKI_IS_LONG) == 0 &&
           value->encoding == NPK_ENCODING_RAW;
}

/* A str that had a number, or is referred to, has one again. */
static bool write_str(npk_writer *w, const npk_value *value, uint8_t *at)
{
    const uint64_t key = npki_value_key(w, value);
    int64_t number;
    if (npki_known(w, key, &number)) {
        npki_run_put(w, npki_spell_get(at, number));
        w->last = number;
        return true;
    }
    if (value->u.text.size >= NPKI_RUN_TEXT)
        return false;
    at = npki_spell_str(w, at, value->u.text.bytes, (size_t)value->u.text.size);
    if (npki_value_number(w, value) != NPKI_NUMBER_ALWAYS) {
        npki_run_put(w, at);
        return true;
    }
    number = w->next_memo++;
    npki_run_put(w, npki_spell_put(w, at, number));
    w->last = number;
    npki_remember(w, key);
    return true;
}

static bool write_one(npk_writer *w, const npk_value *value, uint8_t *at)
{
    if (value->kind == NPK_KIND_STR)
        return write_str(w, value, at);
    if ((value->flags & NPKI_IS_SHARED) != 0)
        return false;
    switch ((npk_kind)value->kind) {
    case NPK_KIND_NONE:
        at = npki_spell_byte(at, NPKI_BYTE_NONE);
        break;
    case NPK_KIND_BOOL:
        at = npki_spell_byte(at, value->u.boolean ? NPKI_BYTE_NEWTRUE : NPKI_BYTE_NEWFALSE);
        break;
    case NPK_KIND_INT:
        at = npki_spell_int(at, value->u.integer);
        break;
    case NPK_KIND_FLOAT:
        at = npki_spell_float(at, value->u.real);
        break;
    default:
        return false;
    }
    npki_run_put(w, at);
    return true;
}

size_t npki_write_run(npk_writer *w, npk_value *const *values, size_t count)
{
    size_t i = 0;
    for (; i < count && is_simple(values[i]); i++) {
        uint8_t *at = npki_run_room(w, NPKI_RUN_STR);
        if (at == NULL || !write_one(w, values[i], at))
            break;
    }
    return i;
}
