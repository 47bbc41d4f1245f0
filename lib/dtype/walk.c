#include "dtype/walk.h"

bool npki_dtype_walk_start(npki_dtype_walk *walk, const npk_dtype *dtype, const npk_allocator *allocator)
{
    *walk = (npki_dtype_walk){.allocator = *allocator, .room = (size_t)dtype->depth + 1, .depth = 1};
    walk->way = walk->room == 1 ? &walk->plain : npki_allocate(&walk->allocator, walk->room * sizeof *walk->way);
    if (walk->way == NULL)
        return false;
    walk->way[0] = (npki_nest){dtype, 0};
    return true;
}

void npki_dtype_walk_end(npki_dtype_walk *walk)
{
    if (walk->room > 1)
        npki_free(&walk->allocator, walk->way, walk->room * sizeof *walk->way);
}

bool npki_dtype_walk_down(npki_dtype_walk *walk)
{
    npki_nest *top = npki_dtype_walk_top(walk);
    const npk_dtype *inner = NULL;
    if (top->next < top->dtype->field_count)
        inner = top->dtype->fields[top->next].dtype;
    else if (top->dtype->base != NULL && top->next == 0)
        inner = top->dtype->base;
    if (inner == NULL)
        return false;
    top->next++;
    walk->way[walk->depth++] = (npki_nest){inner, 0};
    return true;
}
