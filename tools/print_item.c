/* What is described here is the behaviour of numpy/_core/arrayprint.py, StructuredVoidFormat and SubArrayFormat. */
#include "print_item.h"

#include "print_array.h"

#include <stdlib.h>

/* Where in an item a walk is: before the part `next` of a struct or of one axis of a subarray. */
typedef struct item_cursor {
    size_t node;
    int axis;
    int64_t next;
    const uint8_t *p;
} item_cursor;

/* --- the plan --- */

/* Structs that share their descriptors can have many more nodes than the pickle has bytes: each costs some of the text
 * that may be printed. */
#define NODE_CHARGE 32

static bool add_nodes(item_plan *plan, size_t count, tool_out *out)
{
    out_charge(out, (uint64_t)count * NODE_CHARGE);
    if (out->status != NPK_OK)
        return false;
    if (count > plan->room - plan->count) {
        size_t room = plan->room * 2 > plan->count + count ? plan->room * 2 : plan->count + count;
        item_node *nodes = room > SIZE_MAX / sizeof *nodes ? NULL : realloc(plan->nodes, room * sizeof *nodes);
        if (nodes == NULL) {
            out_fail(out, NPK_MEMORY);
            return false;
        }
        plan->nodes = nodes;
        plan->room = room;
    }
    return true;
}

static item_node new_node(const npk_dtype *dtype, size_t offset, bool alone)
{
    return (item_node){.dtype = dtype, .offset = offset, .alone = alone};
}

static bool plan_subarray(item_plan *plan, size_t index, tool_out *out)
{
    item_node node = plan->nodes[index];
    const npk_dtype *base = npk_dtype_subarray(node.dtype, &node.ndim, &node.shape);
    node.is = ITEM_SUBARRAY;
    node.first = plan->count;
    node.base_size = (size_t)npk_dtype_itemsize(base);
    node.count = 1;
    for (int i = 0; i < node.ndim; i++)
        if (node.shape[i] < 0 || __builtin_mul_overflow(node.count, (size_t)node.shape[i], &node.count))
            node.count = SIZE_MAX; /* of no bytes each */
    if (!add_nodes(plan, 1, out))
        return false;
    plan->nodes[index] = node;
    plan->nodes[plan->count++] = new_node(base, 0, false);
    return true;
}

static bool plan_struct(item_plan *plan, size_t index, tool_out *out)
{
    item_node node = plan->nodes[index];
    const npk_field *fields;
    node.is = ITEM_STRUCT;
    node.first = plan->count;
    node.count = npk_dtype_fields(node.dtype, &fields);
    if (!add_nodes(plan, node.count, out))
        return false;
    plan->nodes[index] = node;
    for (size_t i = 0; i < node.count; i++)
        plan->nodes[plan->count++] = new_node(fields[i].dtype, (size_t)fields[i].offset, node.alone);
    return true;
}

static bool plan_element(item_plan *plan, size_t index, tool_out *out)
{
    item_node *node = &plan->nodes[index];
    node->is = ITEM_ELEMENT;
    node->format = malloc(sizeof *node->format);
    if (node->format == NULL) {
        out_fail(out, NPK_MEMORY);
        return false;
    }
    element_start(node->format, node->dtype, node->alone);
    if (node->format->passes > plan->passes)
        plan->passes = node->format->passes;
    return true;
}

void item_start(item_plan *plan, const npk_dtype *dtype, bool alone, bool scalars, tool_out *out)
{
    *plan = (item_plan){.scalars = scalars};
    bool good = add_nodes(plan, 1, out);
    if (good)
        plan->nodes[plan->count++] = new_node(dtype, 0, alone);
    for (size_t i = 0; good && i < plan->count; i++) {
        if (npk_dtype_subarray(plan->nodes[i].dtype, NULL, NULL) != NULL)
            good = plan_subarray(plan, i, out);
        else if (npk_dtype_is_struct(plan->nodes[i].dtype))
            good = plan_struct(plan, i, out);
        else
            good = plan_element(plan, i, out);
    }
    if (!good)
        item_free(plan);
}

void item_free(item_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->nodes[i].format != NULL)
            element_free(plan->nodes[i].format);
        free(plan->nodes[i].format);
    }
    free(plan->nodes);
    free(plan->stack);
    *plan = (item_plan){.count = 0};
}

void item_settle(item_plan *plan, int pass)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->nodes[i].format != NULL && plan->nodes[i].format->passes >= pass)
            element_settle(plan->nodes[i].format, pass);
}

/* --- the walk --- */

static bool push(item_plan *plan, size_t *depth, item_cursor cursor, tool_out *out)
{
    if (*depth == plan->stack_room) {
        size_t room = plan->stack_room * 2 + 16;
        item_cursor *stack = realloc(plan->stack, room * sizeof *stack);
        if (stack == NULL) {
            out_fail(out, NPK_MEMORY);
            return false;
        }
        plan->stack = stack;
        plan->stack_room = room;
    }
    plan->stack[(*depth)++] = cursor;
    return true;
}

static void visit(const item_plan *plan, const item_node *node, int pass, const uint8_t *p, tool_out *out)
{
    char text[FLOAT_TEXT];
    element_format *format = node->format;
    if (pass == 0 && plan->scalars && format->is == ELEMENT_FLOAT) {
        float_value value = float_load(format->kind, p, format->size, format->big);
        out_bytes(out, text, float_print_scalar(format->kind, value, false, text));
    } else if (pass == 0) {
        element_print(format, p, out);
    } else if (pass <= format->passes) {
        element_see(format, pass, p);
    }
}

/* Bytes from one part of an axis to the next. */
static size_t stride_of(const item_node *node, int axis)
{
    size_t stride = node->base_size;
    for (int i = axis + 1; i < node->ndim; i++)
        stride *= (size_t)node->shape[i];
    return stride;
}

/* The next part of the struct or the axis at the cursor: its node, address and axis. False where there is none. */
static bool next_part(const item_plan *plan, item_cursor *cursor, bool print, item_cursor *part, tool_out *out)
{
    const item_node *node = &plan->nodes[cursor->node];
    bool is_struct = node->is == ITEM_STRUCT;
    int64_t parts = is_struct ? (int64_t)node->count : node->shape[cursor->axis];
    if (!is_struct && node->count == 0 && !print)
        return false;
    if (cursor->next >= parts) {
        if (print)
            out_text(out, !is_struct ? "]" : parts == 1 ? ",)" : ")");
        return false;
    }
    if (print)
        out_text(out, cursor->next == 0 ? "" : ", ");
    if (print && !is_struct && cursor->next == ARRAY_EDGE && node->count > ARRAY_THRESHOLD && parts > 2 * ARRAY_EDGE) {
        out_text(out, "..., ");
        cursor->next = parts - ARRAY_EDGE;
    }
    int64_t i = cursor->next++;
    bool inner = !is_struct && cursor->axis + 1 < node->ndim;
    *part = (item_cursor){.node = inner ? cursor->node : node->first + (is_struct ? (size_t)i : 0),
                          .axis = inner ? cursor->axis + 1 : 0};
    part->p = cursor->p + (is_struct ? plan->nodes[part->node].offset : (size_t)i * stride_of(node, cursor->axis));
    return true;
}

/* Pass 0 prints. */
static void walk(item_plan *plan, int pass, const uint8_t *p, tool_out *out)
{
    size_t depth = 0;
    item_cursor at = {.p = p};
    for (;;) {
        if (plan->nodes[at.node].is == ITEM_ELEMENT) {
            visit(plan, &plan->nodes[at.node], pass, at.p, out);
            out_charge(out, pass != 0);
        } else {
            if (pass == 0)
                out_char(out, plan->nodes[at.node].is == ITEM_STRUCT ? '(' : '[');
            if (!push(plan, &depth, at, out))
                return;
        }
        while (depth > 0 && !next_part(plan, &plan->stack[depth - 1], pass == 0, &at, out))
            depth--;
        if (depth == 0 || out->status != NPK_OK)
            return;
    }
}

void item_see(item_plan *plan, int pass, const uint8_t *p, tool_out *out)
{
    if (plan->count == 1 && plan->nodes[0].is == ITEM_ELEMENT)
        visit(plan, &plan->nodes[0], pass, p, out);
    else if (plan->count > 0)
        walk(plan, pass, p, out);
}

void item_print(item_plan *plan, const uint8_t *p, tool_out *out)
{
    if (plan->count == 1 && plan->nodes[0].is == ITEM_ELEMENT)
        visit(plan, &plan->nodes[0], 0, p, out);
    else if (plan->count > 0)
        walk(plan, 0, p, out);
}
