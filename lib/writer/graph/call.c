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

const npk_value *npki_state_of(const npki_object *object, size_t number)
{
    return number == 0 ? object->state : npki_item_of(object->later, number - 1);
}

/* The next RETURN from an event on; `end` without one. */
static size_t next_return(const npk_value *value, size_t from, size_t end)
{
    while (from < end && npki_event_of(value, from).kind != NPKI_EVENT_RETURN)
        from++;
    return from;
}

npki_making npki_making_of(const npk_value *value, const npki_object *call, size_t open)
{
    size_t count = npki_event_count(value), returns = 0, at = 0;
    npki_making making = {call, SIZE_MAX};
    if (npki_events_of(value) == NULL)
        return making;
    for (size_t i = next_return(value, 0, count); i < count; i = next_return(value, i + 1, count))
        returns++;
    for (; open < returns; open++) {
        making.after = next_return(value, at, count);
        at = making.after + 1;
    }
    if (making.after != SIZE_MAX)
        making.call = npki_event_of(value, making.after).call;
    return making;
}

bool npki_is_made_inside(const npk_value *value)
{
    return npki_making_of(value, NULL, 0).after != SIZE_MAX;
}

void npki_events_after(const npk_value *value, const npki_making *making, bool again, size_t *first, size_t *end)
{
    size_t count = npki_event_count(value);
    bool innermost = making->after == SIZE_MAX;
    *end = next_return(value, innermost ? 0 : making->after + 1, count);
    *first = !again ? 0 : innermost ? *end : making->after + 1;
}
