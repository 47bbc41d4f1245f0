/* The parts of a call, and the events that follow it. */
#include "writer/graph/graph.h"

#include "value/event.h"
#include "value/step.h"

size_t npki_parts_of(const npki_object *call, const npk_opcode *row)
{
    if (!row->to_mark)
        return (size_t)row->pops;
    return npki_count_of(call->args) + (row->action == NPKI_DO_OBJ);
}

const npk_value *npki_part_of(const npki_object *call, const npk_opcode *row, size_t index)
{
    if (row->to_mark && row->action == NPKI_DO_OBJ && index-- == 0)
        return call->callable;
    if (row->to_mark)
        return npki_item_of(call->args, index);
    return index == 0 ? call->callable : index == 1 ? call->args : call->kwargs;
}

/* Of a value that moves have. */
static size_t slot_of(const npki_object *call, const npk_value *part)
{
    return part == call->args ? NPKI_SLOT_ARGS : part == call->state ? NPKI_SLOT_STATE : NPKI_SLOT_CALLABLE;
}

size_t npki_part_at(const npki_object *call, const npki_spelled *spelled, size_t *item)
{
    const npk_opcode *row = spelled->row;
    const size_t before = row->to_mark && row->action == NPKI_DO_OBJ;
    if (spelled->next == 0 && spelled->item == 0)
        return NPKI_SLOT_CALLABLE;
    const size_t at = spelled->next - 1;
    if (spelled->moves == NULL && row->to_mark && at >= before)
        *item = at - before;
    else if (spelled->moves == NULL)
        return at;
    else if (spelled->item > 0 && spelled->each == call->args)
        *item = spelled->item - 1;
    else if (spelled->item > 0 || spelled->moves[at] < NPKI_MOVE_VALUE0)
        return NPKI_SLOT_CALLABLE;
    else
        return slot_of(call, spelled->values[spelled->moves[at] - NPKI_MOVE_VALUE0]);
    return NPKI_SLOT_ARGS;
}

npki_making npki_making_of(const npk_value *value, const npki_object *call, size_t open)
{
    size_t after = npki_last_return(value);
    for (; after > 0 && open > 0; open--)
        after = npki_return_before(value, after);
    return after == 0 ? (npki_making){call, SIZE_MAX}
                      : (npki_making){npki_event_of(value, after - 1).call, after - 1};
}

bool npki_is_made_inside(const npk_value *value)
{
    return npki_last_return(value) > 0;
}

void npki_events_after(const npk_value *value, const npki_making *making, bool again, size_t *first, size_t *end)
{
    const bool innermost = making->after == SIZE_MAX;
    const size_t after = innermost ? npki_first_return(value) : npki_return_behind(value, making->after + 1);
    *end = after > 0 ? after - 1 : npki_event_count(value);
    *first = !again ? 0 : innermost ? *end : making->after + 1;
}
