/* The parts of a call. */
#include "writer/graph/graph.h"

size_t npki_parts_of(const npki_object *call, const npk_opcode *row)
{
    if (!row->to_mark)
        return (size_t)row->pops;
    return npki_count_of(call->args) + (row->action == NPKI_DO_OBJ);
}

const npk_value *npki_part_of(const npki_object *call, const npk_opcode *row, size_t index)
{
    size_t parts = npki_parts_of(call, row);
    if (index >= parts) {
        size_t later = index - parts - 1;
        if (index == parts)
            return call->state;
        return call->later != NULL && later < npki_count_of(call->later) ? npki_item_of(call->later, later) : NULL;
    }
    if (row->to_mark && row->action == NPKI_DO_OBJ && index-- == 0)
        return call->callable;
    if (row->to_mark)
        return npki_item_of(call->args, index);
    return index == 0 ? call->callable : index == 1 ? call->args : call->kwargs;
}
