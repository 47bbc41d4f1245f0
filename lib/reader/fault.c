/* What is malformed and kept: an object whose call or state the rules of lib/known refuse, as one of an unknown class; and in the place of what
 * an opcode can't make a value that holds its argument and what it takes from the stack. */
#include "reader/build.h"

#include "base/error.h"

#include <string.h>

/* Everything else that goes wrong is the caller's limit, or that of the machine. */
static bool is_of_value(npk_status status)
{
    return npk_status_band(status) == NPK_BAND_MALFORMED || status == NPK_ERR_UNSUPPORTED;
}

/* Why, out of the error. False where the arena ends. */
static bool take_fault(npki_builder *b, npk_status status, npki_fault *out)
{
    const npk_error *error = b->site.error;
    size_t size = strlen(error->message) + 1;
    char *message = npki_arena_take(b->site.arena, size);
    if (message == NULL)
        return false;
    memcpy(message, error->message, size);
    *out = (npki_fault){.status = status, .opcode = error->opcode, .offset = error->offset, .message = message};
    return true;
}

/* Nothing more is known of what the call made. */
static void make_unknown(npk_value *value, npki_object *object)
{
    value->kind = NPK_KIND_OBJECT;
    value->encoding = NPK_ENCODING_RAW;
    value->u.object = object;
    object->meaning = NPKI_UNKNOWN;
    object->dtype = NULL;
    object->array = NULL;
}

npk_status npki_keep_malformed(npki_builder *b, npk_value *value, npk_status status)
{
    npki_object *object = ((npki_called *)(void *)value)->call;
    if (!is_of_value(status) || npki_rules[object->meaning].inline_data)
        return status;
    if (object->fault == NULL && npki_has_outside(object)) {
        make_unknown(value, object); /* for Python it may be right */
        object->of_outside = true;
        b->doc->has_outside = true;
        return NPK_OK;
    }
    if (!b->keeps_malformed)
        return status;
    npki_fault *fault = npki_arena_take(b->site.arena, sizeof *fault);
    if (fault == NULL || !take_fault(b, status, fault) || !npki_items_add(b->site.arena, &b->doc->faults, &value, 1))
        return npki_site_full(&b->site);
    make_unknown(value, object);
    object->fault = fault;
    return NPK_OK;
}

/* --- what can't be made at all --- */

/* Actions after which the machine can go on with a value that stands for what they would have left: they leave one, and no more. */
static const bool leaves_value[NPKI_ACTIONS] = {
    [NPKI_DO_NUMBER] = true,    [NPKI_DO_TEXT] = true,     [NPKI_DO_MAKE] = true, [NPKI_DO_ADD] = true,
    [NPKI_DO_GLOBAL] = true,    [NPKI_DO_REDUCE] = true,   [NPKI_DO_INST] = true, [NPKI_DO_OBJ] = true,
    [NPKI_DO_NEW] = true,       [NPKI_DO_BUILD] = true,    [NPKI_DO_GET] = true,  [NPKI_DO_PERSID] = true,
    [NPKI_DO_EXTENSION] = true, [NPKI_DO_READONLY] = true,
};

/* Behind such a one lie bytes that are no opcodes. */
static bool has_inline_data(const npk_value *value)
{
    const npki_object *object = value->kind == NPK_KIND_OBJECT ? value->u.object : NULL;
    const npki_global_row *row = value->kind == NPK_KIND_GLOBAL ? value->u.global->row : NULL;
    return npki_rules[object != NULL ? object->meaning : row != NULL ? row->meaning : NPKI_UNKNOWN].inline_data;
}

/* How many values the instruction takes from the stack; false where they are not there, or where what comes next is not known. */
static bool count_taken(const npki_builder *b, const npk_opcode *row, size_t *count)
{
    const size_t floor = b->machine.floor, marks = b->mark_count - b->machine.mark_floor;
    if (row->to_mark && marks == 0)
        return false;
    const npki_stack_mark *mark = row->to_mark ? &b->marks[b->mark_count - 1] : NULL;
    const size_t top = mark != NULL ? mark->height : b->height; /* where those begin that lie below a mark */
    const size_t under = marks > (size_t)row->to_mark ? b->marks[b->mark_count - 1 - row->to_mark].height : floor;
    if (top - under < (size_t)row->pops)
        return false;
    *count = b->height - top + (size_t)row->pops;
    for (size_t i = 0; i < *count; i++)
        if (has_inline_data(b->stack[b->height - *count + i]))
            return row->action == NPKI_DO_ADD ||
                   row->action == NPKI_DO_MAKE; /* only calls and states are the beginning of one */
    return true;
}

/* The argument, two lines of it as they lie, and what is taken from the stack. */
static npk_status take_parts(npki_builder *b, const npk_instruction *in, npki_malformed *out, size_t taken)
{
    npki_arena *arena = b->site.arena;
    npk_value *argument = in->argument != NULL ? npki_value_new(arena, NPK_KIND_BYTES) : NULL;
    if (argument != NULL) {
        argument->u.text.bytes = in->argument;
        argument->u.text.size = in->second == NULL ? in->size : (size_t)(in->second + in->second_size - in->argument);
    }
    out->args = taken == 0 && argument != NULL ? argument : npki_value_new(arena, NPK_KIND_TUPLE);
    if (out->args == NULL)
        return npki_site_full(&b->site);
    if (taken > 0 && ((argument != NULL && !npki_items_add(arena, &out->args->u.items, &argument, 1)) ||
                      !npki_items_add(arena, &out->args->u.items, npki_top(b, taken), taken)))
        return npki_site_full(&b->site);
    npk_status status = npki_adopt(b, out->args, npki_top(b, taken), taken);
    return status == NPK_OK ? npki_keep_input(b) : status;
}

/* More for one that can't be done either: it stays one. */
static npk_status take_more(npki_builder *b, npk_value *value, size_t taken)
{
    npk_value *args = value->u.malformed->args;
    if (!npki_items_add(b->site.arena, &args->u.items, npki_top(b, taken), taken))
        return npki_site_full(&b->site);
    npk_status status = npki_adopt(b, args, npki_top(b, taken), taken);
    return status == NPK_OK ? npki_adopt(b, value, &args, 1) : status;
}

/* A value that stands for what the opcode should have made. NULL where the arena ends. */
static npk_value *new_malformed(npki_builder *b, const npk_opcode *row, npk_status status)
{
    npki_malformed *malformed = npki_arena_take(b->site.arena, sizeof *malformed);
    npk_value *value = npki_value_new(b->site.arena, NPK_KIND_MALFORMED);
    if (malformed == NULL || value == NULL)
        return NULL;
    *malformed = (npki_malformed){.row = row};
    value->u.malformed = malformed;
    bool good = take_fault(b, status, &malformed->fault) && npki_items_add(b->site.arena, &b->doc->faults, &value, 1);
    return good ? value : NULL;
}

npk_status npki_keep_instruction(npki_builder *b, const npk_instruction *in, const uint8_t *bytes, npk_status status)
{
    const npk_opcode *row = in->opcode;
    size_t taken = 0;
    if (!b->keeps_malformed || !is_of_value(status) || !leaves_value[row->action] || !count_taken(b, row, &taken))
        return status;
    npk_value *first = taken > 0 ? b->stack[b->height - taken] : NULL;
    const bool more = row->action == NPKI_DO_ADD && first->kind == NPK_KIND_MALFORMED && first->u.malformed->row == row;
    if (more && npki_earlier_has(&b->earlier, first))
        return npki_refuse_earlier(b, first);
    npk_value *value = more ? first : new_malformed(b, row, status);
    if (value == NULL)
        return npki_site_full(&b->site);
    if (more) {
        status = take_more(b, value, taken - 1);
    } else {
        value->u.malformed->raw = bytes + 1;
        value->u.malformed->raw_size = (size_t)in->end - 1;
        status = take_parts(b, in, value->u.malformed, taken);
    }
    if (status == NPK_OK && !more)
        status = npki_adopt(b, value, &value->u.malformed->args, 1);
    value->flags &= (uint8_t)~NPKI_UNHASHABLE;
    b->height -= taken;
    b->mark_count -= row->to_mark;
    return status == NPK_OK ? npki_push(b, value) : status;
}

npk_status npki_keep_at_stop(npki_builder *b, npk_value *const *values, size_t count, npk_status status,
                             npk_value **out)
{
    if (!b->keeps_malformed || !is_of_value(status))
        return status;
    npk_value *value = new_malformed(b, &npki_opcodes[NPKI_ROW_STOP], status);
    npk_value *args = npki_value_new(b->site.arena, NPK_KIND_TUPLE);
    if (value == NULL || args == NULL || !npki_items_add(b->site.arena, &args->u.items, values, count))
        return npki_site_full(&b->site);
    value->u.malformed->args = args;
    status = npki_adopt(b, args, values, count);
    if (status == NPK_OK)
        status = npki_adopt(b, value, &args, 1);
    value->flags &= (uint8_t)~NPKI_UNHASHABLE;
    *out = value;
    return status;
}

/* It is part of no value. */
npk_status npki_keep_misframed(npki_builder *b, npk_status status)
{
    b->machine.frame_end = 0;
    if (!b->keeps_malformed)
        return status;
    npk_value *value = new_malformed(b, &npki_opcodes[NPKI_ROW_FRAME], status);
    if (value != NULL)
        value->u.malformed->args = npki_value_new(b->site.arena, NPK_KIND_TUPLE);
    return value != NULL && value->u.malformed->args != NULL ? NPK_OK : npki_site_full(&b->site);
}

/* --- what a caller sees of them --- */

const npk_value *npk_doc_fault(const npk_doc *doc, size_t index)
{
    return doc != NULL && doc->faults != NULL && index < doc->faults->count ? doc->faults->at[index] : NULL;
}

bool npk_value_fault(const npk_value *value, npk_error *out)
{
    const npk_kind kind = npk_value_kind(value);
    const npki_fault *fault = kind == NPK_KIND_OBJECT      ? value->u.object->fault
                              : kind == NPK_KIND_MALFORMED ? &value->u.malformed->fault
                                                           : NULL;
    if (fault != NULL)
        npki_fail_at(out, fault->status, fault->offset, fault->opcode, "%s", fault->message);
    return fault != NULL;
}
