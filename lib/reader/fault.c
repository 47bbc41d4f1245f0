/* What is malformed and kept: an object whose call or state the rules of lib/known refuse, as one of an unknown class;
 * and in the place of what an opcode can't make a value that holds its argument and what it takes from the stack. */
#include "reader/build.h"

#include "base/error.h"

#include <string.h>

/* Everything else that goes wrong is the caller's limit, or that of the machine. */
bool npki_is_of_value(npk_status status)
{
    return npk_status_band(status) == NPK_BAND_MALFORMED || status == NPK_ERR_UNSUPPORTED;
}

/* NULL: nothing is wrong with the value. */
static const npki_fault *fault_of(const npk_value *value)
{
    const npk_kind kind = npk_value_kind(value);
    return kind == NPK_KIND_OBJECT      ? value->u.object->fault
           : kind == NPK_KIND_MALFORMED ? &value->u.malformed->fault
                                        : NULL;
}

/* In a stream, as many as real damage leaves: an object that nothing is known of takes more bytes. Each has a text,
 * which every command tells, so that one in each byte would cost many times what a file of that size does. */
#define FREE_FAULTS 1000
#define BYTES_PER_FAULT 16

static npk_status add_fault(npki_builder *b, npk_value *value)
{
    const uint64_t most = FREE_FAULTS + b->source->offset / BYTES_PER_FAULT;
    if (b->faults_before + (b->doc->faults == NULL ? 0 : b->doc->faults->count) >= most)
        return npki_build_fail(b, NPK_ERR_LIMIT, "more than %d malformed objects, and than one in %d bytes",
                               FREE_FAULTS, BYTES_PER_FAULT);
    return npki_items_add(b->site.arena, &b->doc->faults, &value, 1) ? NPK_OK : npki_site_full(&b->site);
}

/* The text of an error, once for those that come one after another. NULL where the arena ends. */
static const char *keep_message(npki_builder *b, const char *text)
{
    const npki_items *faults = b->doc->faults;
    const npki_fault *last = faults != NULL && faults->count > 0 ? fault_of(faults->at[faults->count - 1]) : NULL;
    if (last != NULL && strcmp(last->message, text) == 0)
        return last->message;
    size_t size = strlen(text) + 1;
    char *message = npki_arena_take(b->site.arena, size);
    return message != NULL ? memcpy(message, text, size) : NULL;
}

/* Why, out of the error. False where the arena ends. */
static bool take_fault(npki_builder *b, npk_status status, npki_fault *out)
{
    const npk_error *error = b->site.error;
    const char *message = keep_message(b, error->message);
    *out = (npki_fault){.status = status, .opcode = error->opcode, .offset = error->offset, .message = message};
    return message != NULL;
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

npk_status npki_keep_as_unknown(npki_builder *b, npk_value *value, npki_object *object, npk_status status)
{
    npki_fault *fault = npki_arena_take(b->site.arena, sizeof *fault);
    if (fault == NULL || !take_fault(b, status, fault))
        return npki_site_full(&b->site);
    make_unknown(value, object);
    object->fault = fault;
    return add_fault(b, value);
}

void npki_leave_as_call(npki_builder *b, npk_value *value, npki_stays why)
{
    npki_object *object = ((npki_called *)(void *)value)->call;
    make_unknown(value, object);
    object->stays_call = (uint8_t)why;
    b->doc->has_calls = true;
}

npk_status npki_keep_malformed(npki_builder *b, npk_value *value, npk_status status)
{
    npki_object *object = ((npki_called *)(void *)value)->call;
    if (!npki_is_of_value(status) || npki_rules[object->meaning].inline_data)
        return status;
    const npki_stays stays = status == NPK_ERR_UNSUPPORTED && npki_rules[object->meaning].or_call ? NPKI_STAYS_BY_ITSELF
                             : npki_has_outside(object, NULL) ? NPKI_STAYS_FOR_OUTSIDE
                                                              : NPKI_STAYS_NOT;
    if (object->fault == NULL && stays != NPKI_STAYS_NOT) {
        npki_leave_as_call(b, value, stays);
        if (stays == NPKI_STAYS_BY_ITSELF) /* made of something else it would not */
            npki_freeze(object->state != NULL ? object->state : object->args, NPKI_FREEZE_ALL);
        return NPK_OK;
    }
    if (!b->keeps_malformed)
        return status;
    return npki_keep_as_unknown(b, value, object, status);
}

/* --- what can't be made at all --- */

/* What the machine goes on with after an action that failed. */
typedef enum leaves {
    LEAVES_UNKNOWN = 0, /* nobody can tell what comes next */
    LEAVES_VALUE,       /* one value, that stands for what it would have left */
    LEAVES_STACK,       /* the stack as it is: it says nothing of values */
    LEAVES_NUMBER       /* likewise; and the number has a value that stands for the one that was not there */
} leaves;

static const uint8_t leaves_of[NPKI_ACTIONS] = {
    [NPKI_DO_NUMBER] = LEAVES_VALUE,    [NPKI_DO_TEXT] = LEAVES_VALUE,     [NPKI_DO_MAKE] = LEAVES_VALUE,
    [NPKI_DO_ADD] = LEAVES_VALUE,       [NPKI_DO_GLOBAL] = LEAVES_VALUE,   [NPKI_DO_REDUCE] = LEAVES_VALUE,
    [NPKI_DO_INST] = LEAVES_VALUE,      [NPKI_DO_OBJ] = LEAVES_VALUE,      [NPKI_DO_NEW] = LEAVES_VALUE,
    [NPKI_DO_BUILD] = LEAVES_VALUE,     [NPKI_DO_GET] = LEAVES_VALUE,      [NPKI_DO_PERSID] = LEAVES_VALUE,
    [NPKI_DO_EXTENSION] = LEAVES_VALUE, [NPKI_DO_READONLY] = LEAVES_VALUE, [NPKI_DO_DUP] = LEAVES_VALUE,
    [NPKI_DO_BUFFER] = LEAVES_VALUE,    [NPKI_DO_PROTO] = LEAVES_STACK,    [NPKI_DO_POP] = LEAVES_STACK,
    [NPKI_DO_POP_MARK] = LEAVES_STACK,  [NPKI_DO_MEMOIZE] = LEAVES_NUMBER, [NPKI_DO_PUT] = LEAVES_NUMBER,
};

/* Behind such a one lie bytes that are no opcodes. */
static bool has_inline_data(const npk_value *value)
{
    const npki_object *object = value->kind == NPK_KIND_OBJECT ? value->u.object : NULL;
    const npki_global_row *row = value->kind == NPK_KIND_GLOBAL ? value->u.global->row : NULL;
    return npki_rules[object != NULL ? object->meaning : row != NULL ? row->meaning : NPKI_UNKNOWN].inline_data;
}

/* What an instruction takes from the stack: all that it needs, or what there is of that. */
typedef struct operands {
    size_t count, under; /* of values, and of those below the mark */
    bool lacking;        /* it needs more, or a mark */
} operands;

/* False where what comes next is not known: a call or a state is the beginning of bytes that are no opcodes. */
static bool find_operands(const npki_builder *b, const npk_opcode *row, operands *out)
{
    const size_t floor = b->machine.floor, marks = b->mark_count - b->machine.mark_floor;
    const bool marked = row->to_mark && marks > 0;
    const npki_stack_mark *mark = marked ? &b->marks[b->mark_count - 1] : NULL;
    const size_t outer = marks > (size_t)marked ? b->marks[b->mark_count - 1 - marked].height : floor;
    const size_t top = mark != NULL   ? mark->height
                       : row->to_mark ? outer
                                      : b->height; /* where those begin that lie below a mark */
    const size_t under = top - outer, pops = (size_t)row->pops;
    out->under = under < pops ? under : pops;
    out->count = b->height - top + out->under;
    out->lacking = under < pops || (row->to_mark && !marked);
    for (size_t i = 0; row->action != NPKI_DO_ADD && row->action != NPKI_DO_MAKE && i < out->count; i++)
        if (has_inline_data(b->stack[b->height - out->count + i]))
            return false;
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
    out->argument = argument;
    out->args = taken == 0 && argument != NULL ? argument : npki_value_new(arena, NPK_KIND_TUPLE);
    if (out->args == NULL)
        return npki_site_full(&b->site);
    if (taken > 0 && ((argument != NULL && !npki_items_add(arena, &out->args->u.items, &argument, 1)) ||
                      !npki_items_add(arena, &out->args->u.items, npki_top(b, taken), taken)))
        return npki_site_full(&b->site);
    npk_status status = npki_adopt(b, out->args, npki_top(b, taken), taken);
    return status == NPK_OK ? npki_keep_input(b) : status;
}

npk_status npki_malformed_take(npki_builder *b, npk_value *value, npk_value *const *values, size_t count)
{
    npk_value *args = value->u.malformed->args;
    if (count > 0 && !npki_items_add(b->site.arena, &args->u.items, values, count))
        return npki_site_full(&b->site);
    npk_status status = npki_adopt(b, args, values, count);
    if (status == NPK_OK)
        status = npki_adopt(b, value, &args, 1);
    value->flags &= (uint8_t)~NPKI_UNHASHABLE; /* what it would have been may be a key */
    return status;
}

npk_status npki_new_malformed(npki_builder *b, const npk_opcode *row, npk_status status, npk_value **out)
{
    npki_malformed *malformed = npki_arena_take(b->site.arena, sizeof *malformed);
    npk_value *value = *out = npki_value_new(b->site.arena, NPK_KIND_MALFORMED);
    if (malformed == NULL || value == NULL)
        return npki_site_full(&b->site);
    *malformed = (npki_malformed){.row = row, .protocol = (uint8_t)row->protocol};
    value->u.malformed = malformed;
    return take_fault(b, status, &malformed->fault) ? add_fault(b, value) : npki_site_full(&b->site);
}

npk_status npki_new_partless(npki_builder *b, enum npki_opcode_row row, npk_status status, npk_value **out)
{
    status = npki_new_malformed(b, &npki_opcodes[row], status, out);
    if (status != NPK_OK)
        return status;
    (*out)->u.malformed->args = npki_value_new(b->site.arena, NPK_KIND_TUPLE);
    return (*out)->u.malformed->args != NULL ? NPK_OK : npki_site_full(&b->site);
}

bool npki_malformed_step(npki_builder *b, npki_malformed *malformed, size_t at, bool mark)
{
    npki_malformed_spelling *step = npki_arena_take(b->site.arena, sizeof *step);
    if (step == NULL)
        return false;
    *step = (npki_malformed_spelling){.at = at, .mark = mark};
    if (malformed->last == NULL)
        malformed->spelling = step;
    else
        malformed->last->next = step;
    malformed->last = step;
    return true;
}

/* How it stands in the pickle: its operands, `before` of which are there already, a mark among them, and the opcode
 * behind them. */
static bool spell(npki_builder *b, npki_malformed *malformed, const operands *taken, size_t before)
{
    malformed->lacking = malformed->lacking || taken->lacking;
    return (!malformed->row->to_mark || npki_malformed_step(b, malformed, before + taken->under, true)) &&
           npki_malformed_step(b, malformed, before + taken->count, false);
}

/* The beginning of one that stands for what the instruction would have left. */
static npk_status begin_malformed(npki_builder *b, const npk_instruction *in, const uint8_t *bytes, npk_status status,
                                  const operands *taken, npk_value **out)
{
    status = npki_new_malformed(b, in->opcode, status, out);
    if (status != NPK_OK)
        return status;
    npk_value *value = *out;
    if (!spell(b, value->u.malformed, taken, 0))
        return npki_site_full(&b->site);
    value->u.malformed->raw = bytes + 1;
    value->u.malformed->raw_size = (size_t)in->end - 1;
    value->u.malformed->count = taken->count;
    status = take_parts(b, in, value->u.malformed, taken->count);
    if (status == NPK_OK)
        status = npki_adopt(b, value, &value->u.malformed->args, 1);
    value->flags &= (uint8_t)~NPKI_UNHASHABLE;
    return status;
}

/* One more batch for what such an opcode could not add to, which nothing else has. */
static npk_status go_on(npki_builder *b, npk_value *value, const operands *taken)
{
    npki_malformed *malformed = value->u.malformed;
    const operands more = {taken->count - 1, 0, false};
    if (!spell(b, malformed, &more, malformed->count))
        return npki_site_full(&b->site);
    malformed->count += more.count;
    return npki_malformed_take(b, value, npki_top(b, more.count), more.count);
}

/* It takes nothing and leaves nothing. */
static npk_status keep_beside(npki_builder *b, const npk_instruction *in, const uint8_t *bytes, npk_status status)
{
    const operands none = {0, 0, true};
    npk_value *value;
    uint64_t number = b->machine.memo.count;
    status = begin_malformed(b, in, bytes, status, &none, &value);
    const bool stores = leaves_of[in->opcode->action] == LEAVES_NUMBER && npki_above(b) == 0 &&
                        (in->opcode->action == NPKI_DO_MEMOIZE || npki_memo_number(b, in, &number) == NPK_OK);
    if (status != NPK_OK || !stores)
        return status;
    bool good = npki_earlier_put(&b->earlier, number) && npki_memo_put(&b->machine.memo, number, value);
    return good ? NPK_OK : npki_build_fail(b, NPK_ERR_MEMORY, "an allocation failed");
}

npk_status npki_keep_instruction(npki_builder *b, const npk_instruction *in, const uint8_t *bytes, npk_status status)
{
    const npk_opcode *row = in->opcode;
    operands taken;
    const bool next_begins = row->action == NPKI_DO_PROTO && b->site.offset != b->machine.start &&
                             b->machine.frame_end == b->site.offset; /* a pickle in frames ends with one */
    if (!b->keeps_malformed || !npki_is_of_value(status) || leaves_of[row->action] == LEAVES_UNKNOWN || next_begins)
        return status;
    if (leaves_of[row->action] != LEAVES_VALUE)
        return keep_beside(b, in, bytes, status);
    if (!find_operands(b, row, &taken))
        return status;
    npk_value *value = taken.count > 0 ? b->stack[b->height - taken.count] : NULL;
    const bool more = row->action == NPKI_DO_ADD && !taken.lacking && value->kind == NPK_KIND_MALFORMED &&
                      value->u.malformed->row == row && (value->history & NPKI_WAS_PUT) == 0 &&
                      (value->flags & NPKI_IS_SHARED) == 0;
    status = more ? go_on(b, value, &taken) : begin_malformed(b, in, bytes, status, &taken, &value);
    if (status != NPK_OK)
        return status;
    b->height -= taken.count;
    b->mark_count -= row->to_mark && b->mark_count > b->machine.mark_floor;
    return npki_push(b, value);
}

/* It is part of no value. */
npk_status npki_keep_misframed(npki_builder *b, npk_status status)
{
    b->machine.frame_end = 0;
    if (!b->keeps_malformed)
        return status;
    npk_value *value;
    return npki_new_partless(b, NPKI_ROW_FRAME, status, &value);
}

/* --- what a caller sees of them --- */

const npk_value *npk_doc_fault(const npk_doc *doc, size_t index)
{
    return doc != NULL && doc->faults != NULL && index < doc->faults->count ? doc->faults->at[index] : NULL;
}

bool npk_value_fault(const npk_value *value, npk_error *out)
{
    const npki_fault *fault = fault_of(value);
    if (fault != NULL)
        npki_fail_again(out, fault->status, fault->offset, fault->opcode, fault->message);
    return fault != NULL;
}
