/* What is malformed, as it was in its pickle: the values that its opcode was given, and the opcode with its
 * argument. */
#include "writer/graph/walk.h"

/* Why it can't be written as it was; NULL: it can. */
static const char *obstacle(const npk_writer *w, size_t depth, const npki_malformed *malformed)
{
    const npk_value *args = malformed->args;
    const bool with_argument = malformed->argument != NULL && malformed->argument != args;
    const npk_value *argument = !with_argument                                            ? args
                                : args->kind == NPK_KIND_TUPLE && npki_count_of(args) > 0 ? npki_item_of(args, 0)
                                                                                          : NULL;
    if (malformed->row->action == NPKI_DO_GET)
        return "numbers of the memo are others there";
    if (malformed->protocol > w->protocol)
        return "it is of a later protocol";
    if (malformed->lacking)
        return malformed->broken ? "what followed was not read" : "it would take what does not belong to it";
    if (malformed->row->action == NPKI_DO_STOP && depth > 0)
        return "it is the end of a pickle";
    if ((malformed->argument != NULL && argument != malformed->argument) ||
        npki_count_of(args) != malformed->count + with_argument)
        return "its parts are others than it had";
    return NULL;
}

static void put_opcode(npk_writer *w, const npki_malformed *malformed)
{
    npki_put_bytes(w, &malformed->row->byte, 1);
    npki_put_bytes(w, malformed->raw, malformed->raw_size);
}

/* Marks and opcodes that stand before the next operand. */
static void put_between(npk_writer *w, const npki_malformed *malformed, const npki_malformed_spelling **next,
                        size_t operand)
{
    for (; *next != NULL && (*next)->at == operand; *next = (*next)->next)
        if ((*next)->mark)
            npki_op(w, NPKI_ROW_MARK);
        else
            put_opcode(w, malformed);
}

/* Behind all of it. */
static void put_end(npk_writer *w, const npk_value *value)
{
    const npki_malformed *malformed = value->u.malformed;
    const bool ends = malformed->row->action == NPKI_DO_STOP;
    if (malformed->elements)
        npki_begin_inline(w);
    if (ends || malformed->elements)
        npki_put_bytes(w, malformed->raw, malformed->raw_size);
    if (malformed->elements)
        npki_end_inline(w);
    if (!ends)
        npki_put_value(w, value);
    else if (malformed->broken)
        npki_end_broken(w, malformed->framed);
}

bool npki_has_operands(npk_writer *w, size_t depth, const npk_value *value)
{
    const npki_malformed *malformed = value->u.malformed;
    const npki_malformed_spelling *next = malformed->spelling;
    const char *why = obstacle(w, depth, malformed);
    if (why != NULL) {
        w->refused_alike = w->refused_alike || w->error.status == NPK_OK;
        npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "a malformed %s can't be written at protocol %d, as %s: %s",
                         malformed->row->name, w->protocol, why, malformed->fault.message);
        return false;
    }
    if (malformed->count > 0)
        return true;
    if (npki_before(w)) {
        put_between(w, malformed, &next, 0);
        put_end(w, value);
        npki_after(w);
    }
    return false;
}

const npk_value *npki_next_operand(npk_writer *w, npki_stop *way)
{
    const npki_malformed *malformed = way->value->u.malformed;
    const size_t first = npki_count_of(malformed->args) - malformed->count;
    put_between(w, malformed, &way->spelling, way->next);
    if (way->next < malformed->count)
        return npki_item_of(malformed->args, first + way->next++);
    put_end(w, way->value);
    w->containers[w->depth - 1].memo = w->last;
    return NULL;
}
