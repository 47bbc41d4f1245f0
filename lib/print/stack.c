#include "print/stack.h"

#include "base/cpu.h"
#include "known/known.h"
#include "print/beside.h"

void npki_print_stack_start(npki_print_stack *stack, npki_sink *out, const npk_value *root,
                            const npki_print_settings *settings)
{
    *stack = (npki_print_stack){.out = out, .settings = settings, .in_runs = npki_cpu_level() > NPKI_CPU_PLAIN};
    npki_print_shared_init(&stack->shared, root, &out->allocator);
}

void npki_print_stack_free(npki_print_stack *stack)
{
    while (stack->depth > 0)
        npki_print_pop(stack);
    npki_print_shared_free(&stack->shared);
    npki_free(&stack->out->allocator, stack->frames, stack->room * sizeof *stack->frames);
}

npki_print_frame *npki_print_push(npki_print_stack *stack, const npk_value *value)
{
    npki_sink *out = stack->out;
    if (stack->depth == NPKI_PRINT_DEEPEST) {
        npki_sink_fail(out, NPK_ERR_LIMIT);
        return NULL;
    }
    if (stack->depth == stack->room) {
        size_t room = stack->room * 2 + 8;
        npki_print_frame *frames =
            npki_resize(&out->allocator, stack->frames, stack->room * sizeof *frames, room * sizeof *frames);
        if (frames == NULL) {
            npki_sink_fail(out, NPK_ERR_MEMORY);
            return NULL;
        }
        stack->frames = frames;
        stack->room = room;
    }
    if (value != NULL && !npki_print_shared_open(&stack->shared, value)) {
        npki_sink_fail(out, NPK_ERR_MEMORY);
        return NULL;
    }
    npki_print_frame *top = &stack->frames[stack->depth++];
    *top = (npki_print_frame){.value = value};
    return top;
}

void npki_print_pop(npki_print_stack *stack)
{
    npki_print_frame *top = npki_print_top(stack);
    npki_print_array_end(top->array);
    npki_json_array_end(top->json);
    if (top->value != NULL)
        npki_print_shared_close(&stack->shared, top->value);
    if (top->again)
        npki_print_charge_again(stack->out, stack->out->added - top->began);
    stack->depth--;
}

void npki_print_elements_begin(npki_print_stack *stack, const npk_array *array)
{
    npki_print_frame *top = npki_print_top(stack);
    top->again = npki_print_payload_again(&stack->shared, array, stack->out);
    top->began = stack->out->added;
}

void npki_print_set_parts(npki_print_frame *frame, const npk_object *object)
{
    bool is_new = object->construction == NPK_BY_NEW;
    bool bare = is_new && npki_is_tuple_of(object->args, 0);
    const npk_value *const parts[NPKI_PRINT_CALLS] = {
        object->callable, bare ? NULL : object->args, object->kwargs, object->state,
        object->listitems, object->dictitems, object->later};
    for (size_t i = 0; i < NPKI_PRINT_CALLS; i++)
        frame->parts[i] = parts[i];
}

void npki_print_set_calls(npki_print_frame *frame, const npk_value *value)
{
    frame->with_calls = true;
    frame->parts[0] = value;
    frame->parts[NPKI_PRINT_CALLS] = npk_value_calls(value);
}

bool npki_print_is_with_calls(const npki_print_stack *stack, const npk_value *value)
{
    for (size_t i = 0; i < stack->depth; i++)
        if (stack->frames[i].with_calls && stack->frames[i].parts[0] == value)
            return true;
    return false;
}

bool npki_print_leave_out(npki_print_stack *stack)
{
    npki_print_frame *top = npki_print_top(stack);
    for (size_t i = 2; i <= NPKI_FOUND_DEEPEST + 1u && i <= stack->depth && top->own_end == 0; i++) {
        const npki_print_frame *outer = &stack->frames[stack->depth - i];
        size_t count = outer->has_parts ? npki_own_items(outer->value, top->value, &top->own_start) : 0;
        top->own_end = top->own_start + count;
    }
    return top->own_end > 0 && top->own_end - top->own_start == npk_value_size(top->value);
}

void npki_print_passed(npki_print_stack *stack, const npk_value *value, uint64_t began)
{
    npk_array array;
    const bool has_elements = npk_value_is_scalar(value)
                                  ? npk_scalar_of(value, &array, NULL) == NPK_OK
                                  : npk_value_is_array(value) && npk_array_of(value, &array, NULL) == NPK_OK;
    if (has_elements && npki_print_payload_again(&stack->shared, &array, stack->out))
        npki_print_charge_again(stack->out, stack->out->added - began);
    if (!npki_print_shared_open(&stack->shared, value))
        npki_sink_fail(stack->out, NPK_ERR_MEMORY);
    npki_print_shared_close(&stack->shared, value);
    npki_sink_pass(stack->out);
}
