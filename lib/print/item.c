/* What is described here is the behaviour of numpy/_core/arrayprint.py, StructuredVoidFormat and SubArrayFormat. */
#include "print/item.h"

#include "base/bytes.h"
#include "dtype/facts.h"
#include "print/json_element.h"
#include "text/quote.h"

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

/* All nodes together are as many as the parts of the dtype: what can't be paid for is not begun. */
static bool pay(const npk_dtype *dtype, npki_sink *out)
{
    uint64_t parts = npki_dtype_facts_of(dtype).parts;
    npki_sink_charge(out, parts > UINT64_MAX / NODE_CHARGE ? UINT64_MAX : parts * NODE_CHARGE);
    return out->status == NPK_OK;
}

static bool add_nodes(npki_print_plan *plan, size_t count, npki_sink *out)
{
    if (count > plan->room - plan->count) {
        size_t room = plan->room * 2 > plan->count + count ? plan->room * 2 : plan->count + count;
        npki_print_node *nodes =
            room > SIZE_MAX / sizeof *nodes
                ? NULL
                : npki_resize(&out->allocator, plan->nodes, plan->room * sizeof *nodes, room * sizeof *nodes);
        if (nodes == NULL) {
            npki_sink_fail(out, NPK_ERR_MEMORY);
            return false;
        }
        plan->nodes = nodes;
        plan->room = room;
    }
    return true;
}

static npki_print_node new_node(const npk_dtype *dtype, size_t offset, bool alone)
{
    return (npki_print_node){.dtype = dtype, .offset = offset, .alone = alone};
}

static bool plan_subarray(npki_print_plan *plan, size_t index, npki_sink *out)
{
    npki_print_node node = plan->nodes[index];
    const npk_dtype *base = npk_dtype_subarray(node.dtype, &node.ndim, &node.shape);
    node.is = NPKI_ITEM_SUBARRAY;
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

static bool plan_struct(npki_print_plan *plan, size_t index, npki_sink *out)
{
    npki_print_node node = plan->nodes[index];
    const npk_field *fields;
    node.is = NPKI_ITEM_STRUCT;
    node.first = plan->count;
    node.count = npk_dtype_fields(node.dtype, &fields);
    if (!add_nodes(plan, node.count, out))
        return false;
    plan->nodes[index] = node;
    for (size_t i = 0; i < node.count; i++)
        plan->nodes[plan->count++] = new_node(fields[i].dtype, (size_t)fields[i].offset, node.alone);
    return true;
}

static bool plan_element(npki_print_plan *plan, size_t index, npki_sink *out)
{
    npki_print_node *node = &plan->nodes[index];
    node->is = NPKI_ITEM_ELEMENT;
    node->format = npki_sink_allocate(out, sizeof *node->format, NPKI_SINK_FREE);
    if (node->format == NULL)
        return false;
    npki_element_start(node->format, node->dtype, node->alone, plan->settings->precision);
    if (node->format->passes > plan->passes)
        plan->passes = node->format->passes;
    return true;
}

/* Whether a subarray is shortened to its edges in this axis, where NumPy's own text is asked for. */
static bool is_shortened(const npki_print_plan *plan, const npki_print_node *node, int64_t length)
{
    return plan->style != NPKI_ITEM_JSON && node->count > plan->settings->threshold &&
           length > 2 * plan->settings->edge_items;
}

static uint64_t shown_of_axis(const npki_print_plan *plan, const npki_print_node *node, int axis)
{
    int64_t length = node->shape[axis];
    return (uint64_t)(is_shortened(plan, node, length) ? 2 * plan->settings->edge_items : length);
}

/* A character for each part that is shown. Those inside a node come after it. */
static void count_shown(npki_print_plan *plan)
{
    for (size_t at = plan->count; at-- > 0;) {
        npki_print_node *node = &plan->nodes[at];
        node->shown = 1;
        for (size_t i = 0; node->is == NPKI_ITEM_STRUCT && i < node->count; i++)
            node->shown = npki_add_saturated(node->shown, plan->nodes[node->first + i].shown);
        if (node->is == NPKI_ITEM_SUBARRAY)
            node->shown = plan->nodes[node->first].shown;
        for (int i = node->ndim; node->is == NPKI_ITEM_SUBARRAY && i-- > 0;)
            node->shown = npki_add_saturated(1, npki_mul_saturated(shown_of_axis(plan, node, i), node->shown));
    }
}

uint64_t npki_print_item_least(const npki_print_plan *plan)
{
    return plan->count > 0 ? plan->nodes[0].shown : 0;
}

void npki_print_item_start(npki_print_plan *plan, const npk_dtype *dtype, bool alone, npki_item_style style,
                           const npki_print_settings *settings, npki_sink *out)
{
    *plan = (npki_print_plan){.style = style, .settings = settings};
    bool good = pay(dtype, out) && add_nodes(plan, 1, out);
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
    if (good)
        count_shown(plan);
    else
        npki_print_item_free(plan, out);
}

void npki_print_item_free(npki_print_plan *plan, npki_sink *out)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->nodes[i].format != NULL)
            npki_element_free(plan->nodes[i].format, out);
        npki_free(&out->allocator, plan->nodes[i].format, sizeof *plan->nodes[i].format);
    }
    npki_free(&out->allocator, plan->nodes, plan->room * sizeof *plan->nodes);
    npki_free(&out->allocator, plan->stack, plan->stack_room * sizeof *plan->stack);
    *plan = (npki_print_plan){.count = 0};
}

void npki_print_item_settle(npki_print_plan *plan, int pass)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->nodes[i].format != NULL && plan->nodes[i].format->passes >= pass)
            npki_element_settle(plan->nodes[i].format, pass);
}

/* --- the walk --- */

static bool push(npki_print_plan *plan, size_t *depth, item_cursor cursor, npki_sink *out)
{
    if (*depth == plan->stack_room) {
        size_t room = plan->stack_room * 2 + 16;
        item_cursor *stack =
            npki_resize(&out->allocator, plan->stack, plan->stack_room * sizeof *stack, room * sizeof *stack);
        if (stack == NULL) {
            npki_sink_fail(out, NPK_ERR_MEMORY);
            return false;
        }
        plan->stack = stack;
        plan->stack_room = room;
    }
    plan->stack[(*depth)++] = cursor;
    return true;
}

/* One element, unless it is masked. */
static void visit_json(npki_print_plan *plan, const npki_element_format *format, const uint8_t *p, npki_sink *out)
{
    bool hidden = plan->mask != NULL && *plan->mask != 0;
    if (plan->mask != NULL)
        plan->mask += plan->mask_stride;
    if (hidden)
        npki_sink_text(out, "null");
    else
        npki_json_element(format, p, plan->settings, out);
}

static void visit(npki_print_plan *plan, const npki_print_node *node, int pass, const uint8_t *p, npki_sink *out)
{
    char text[NPKI_FLOAT_TEXT];
    npki_element_format *format = node->format;
    if (pass == 0 && plan->style == NPKI_ITEM_JSON) {
        visit_json(plan, format, p, out);
    } else if (pass == 0 && plan->style == NPKI_ITEM_IN_SCALAR && format->is == NPKI_ELEMENT_FLOAT) {
        npki_float_value value = npki_float_load(format->kind, p, format->size, format->big);
        npki_sink_bytes(out, text, npki_float_print_scalar(format->kind, value, false, text));
    } else if (pass == 0) {
        npki_element_print(format, p, out);
    } else if (pass <= format->passes) {
        npki_element_see(format, pass, p);
    }
}

/* Bytes from one part of an axis to the next. */
static size_t stride_of(const npki_print_node *node, int axis)
{
    size_t stride = node->base_size;
    for (int i = axis + 1; i < node->ndim; i++)
        stride *= (size_t)node->shape[i];
    return stride;
}

static void put_open(const npki_print_plan *plan, const npki_print_node *node, npki_sink *out)
{
    npki_sink_char(out, node->is != NPKI_ITEM_STRUCT ? '[' : plan->style == NPKI_ITEM_JSON ? '{' : '(');
}

static void put_close(const npki_print_plan *plan, const npki_print_node *node, int64_t parts, npki_sink *out)
{
    if (node->is != NPKI_ITEM_STRUCT)
        npki_sink_char(out, ']');
    else if (plan->style == NPKI_ITEM_JSON)
        npki_sink_char(out, '}');
    else
        npki_sink_text(out, parts == 1 ? ",)" : ")");
}

/* What stands before a part, and, of a subarray that is shortened, instead of those in its middle. */
static void put_between(const npki_print_plan *plan, const npki_print_node *node, item_cursor *cursor, int64_t parts,
                        npki_sink *out)
{
    int64_t edge = plan->settings->edge_items;
    npki_sink_text(out, cursor->next == 0 ? "" : ", ");
    if (plan->style == NPKI_ITEM_JSON) {
        const npk_field *fields;
        if (node->is != NPKI_ITEM_STRUCT || npk_dtype_fields(node->dtype, &fields) == 0)
            return;
        const npk_field *field = &fields[cursor->next];
        npki_quote(out, NPK_TEXT_JSON, field->name, field->name_size);
        npki_sink_text(out, ": ");
    } else if (node->is == NPKI_ITEM_SUBARRAY && cursor->next == edge && is_shortened(plan, node, parts)) {
        npki_sink_text(out, "..., ");
        cursor->next = parts - edge;
    }
}

/* The next part of the struct or the axis at the cursor: its node, address and axis. False where there is none. */
static bool next_part(const npki_print_plan *plan, item_cursor *cursor, bool print, item_cursor *part, npki_sink *out)
{
    const npki_print_node *node = &plan->nodes[cursor->node];
    bool is_struct = node->is == NPKI_ITEM_STRUCT;
    int64_t parts = is_struct ? (int64_t)node->count : node->shape[cursor->axis];
    if (!is_struct && !print && node->base_size == 0) /* all look the same: the first is enough */
        parts = node->count == 0 ? 0 : 1;
    if (!is_struct && node->count == 0 && !print)
        return false;
    if (cursor->next >= parts) {
        if (print)
            put_close(plan, node, parts, out);
        return false;
    }
    if (print)
        put_between(plan, node, cursor, parts, out);
    int64_t i = cursor->next++;
    bool inner = !is_struct && cursor->axis + 1 < node->ndim;
    *part = (item_cursor){.node = inner ? cursor->node : node->first + (is_struct ? (size_t)i : 0),
                          .axis = inner ? cursor->axis + 1 : 0};
    part->p = cursor->p + (is_struct ? plan->nodes[part->node].offset : (size_t)i * stride_of(node, cursor->axis));
    return true;
}

/* Pass 0 prints. */
static void walk(npki_print_plan *plan, int pass, const uint8_t *p, npki_sink *out)
{
    size_t depth = 0;
    item_cursor at = {.p = p};
    for (;;) {
        if (plan->nodes[at.node].is == NPKI_ITEM_ELEMENT) {
            visit(plan, &plan->nodes[at.node], pass, at.p, out);
            npki_sink_charge(out, pass != 0);
        } else {
            if (pass == 0)
                put_open(plan, &plan->nodes[at.node], out);
            if (!push(plan, &depth, at, out))
                return;
        }
        while (depth > 0 && !next_part(plan, &plan->stack[depth - 1], pass == 0, &at, out))
            depth--;
        if (depth == 0 || out->status != NPK_OK)
            return;
    }
}

void npki_print_item_see(npki_print_plan *plan, int pass, const uint8_t *p, npki_sink *out)
{
    if (plan->count == 1 && plan->nodes[0].is == NPKI_ITEM_ELEMENT)
        visit(plan, &plan->nodes[0], pass, p, out);
    else if (plan->count > 0)
        walk(plan, pass, p, out);
}

void npki_print_item_print(npki_print_plan *plan, const uint8_t *p, npki_sink *out)
{
    if (plan->count == 1 && plan->nodes[0].is == NPKI_ITEM_ELEMENT)
        visit(plan, &plan->nodes[0], 0, p, out);
    else if (plan->count > 0)
        walk(plan, 0, p, out);
}
