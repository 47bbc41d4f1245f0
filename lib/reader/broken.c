/* How a pickle ends in which something is malformed: what STOP finds, if it is not one value; and a pickle that can't
 * be read on, as it ends too early, or has a byte that is no opcode. All that it had until then is kept, by a value
 * that stands for what STOP would have found. */
#include "reader/build.h"

#include "base/error.h"

#include <inttypes.h>
#include <string.h>

/* All values from a height of the stack on, and the marks between them. */
static npk_status take_stack(npki_builder *b, npk_value *value, size_t floor, size_t mark_floor)
{
    const size_t count = b->height - floor;
    value->u.malformed->count = count;
    for (size_t i = mark_floor; i < b->mark_count; i++)
        if (!npki_malformed_step(b, value->u.malformed, b->marks[i].height - floor, true))
            return npki_site_full(&b->site);
    return npki_malformed_take(b, value, npki_top(b, count), count);
}

npk_status npki_keep_at_stop(npki_builder *b, npk_status status, npk_value **out)
{
    if (!b->keeps_malformed || !npki_is_of_value(status))
        return status;
    status = npki_new_partless(b, NPKI_ROW_STOP, status, out);
    return status == NPK_OK ? take_stack(b, *out, b->machine.floor, b->machine.mark_floor) : status;
}

npk_status npki_keep_inner(npki_builder *b, npk_value *wrapper, npk_value *result, npk_status status, npk_value **out)
{
    npk_value *const values[2] = {wrapper, result};
    if (!b->keeps_malformed || !npki_is_of_value(status))
        return status;
    status = npki_new_partless(b, NPKI_ROW_STOP, status, out);
    if (status != NPK_OK)
        return status;
    (*out)->u.malformed->lacking = true; /* it is no STOP */
    return npki_malformed_take(b, *out, values, 2);
}

npk_status npki_keep_elements(npki_builder *b, npk_value *wrapper, size_t size, npk_status status, npk_value **out)
{
    npk_value *bytes = npki_value_new(b->site.arena, NPK_KIND_BYTES);
    if (bytes == NULL)
        return npki_site_full(&b->site);
    status = npki_new_partless(b, NPKI_ROW_BUILD, status, out);
    if (status != NPK_OK)
        return status;
    npki_malformed *malformed = (*out)->u.malformed;
    npk_value *const values[2] = {bytes, wrapper};
    bytes->u.text.bytes = malformed->raw = b->source->at;
    bytes->u.text.size = malformed->raw_size = size;
    malformed->argument = bytes;
    malformed->elements = true;
    malformed->protocol = npki_opcodes[NPKI_ROW_NEWOBJ].protocol; /* no wrapper is made by a call of __newobj__ */
    malformed->count = 1;
    return npki_malformed_take(b, *out, values, 2);
}

/* --- a pickle that can't be read on --- */

/* What is left of it, from where it can't be read on. */
typedef struct rest {
    bool known;  /* where it ends */
    bool framed; /* ... by a frame */
    size_t size; /* of bytes, which are at hand */
} rest;

/* What a pickler writes outside of frames, or in one of its own, if not fewer bytes than these. */
#define LARGE ((size_t)64 << 10)

/* Whether the pickle ends with the frame that ends behind so many bytes. It does where the input ends, or the next
 * pickle begins with PROTO; else its last byte is STOP, and nothing follows that would be between two frames of it. */
static bool ends_behind(npki_builder *b, size_t size)
{
    npki_source *source = b->source;
    npk_instruction in;
    npk_status reading, status;
    size_t needed;
    if (!npki_source_more(source, size + 1, &reading, NULL))
        return reading == NPK_OK;
    do
        status = npki_decode(source->at + size, (size_t)(source->end - source->at) - size, &in, &needed);
    while (status == NPK_ERR_TRUNCATED && needed <= SIZE_MAX - size &&
           npki_source_more(source, size + needed, &reading, NULL));
    const bool goes_on = status == NPK_OK && (in.opcode->action == NPKI_DO_FRAME || in.size >= LARGE);
    return source->at[size] == npki_opcodes[NPKI_ROW_PROTO].byte ||
           (source->at[size - 1] == npki_opcodes[NPKI_ROW_STOP].byte && !goes_on);
}

/* Instructions from so many bytes on, up to a STOP. Those of the next pickle, which begins with PROTO, are none of
 * them. */
static rest find_stop(npki_builder *b, size_t size)
{
    npki_source *source = b->source;
    npk_instruction in;
    for (size_t needed;;) {
        npk_status reading,
            status = npki_decode(source->at + size, (size_t)(source->end - source->at) - size, &in, &needed);
        if (status == NPK_ERR_TRUNCATED && needed <= SIZE_MAX - size &&
            npki_source_more(source, size + needed, &reading, NULL))
            continue;
        if (status != NPK_OK || in.opcode->action == NPKI_DO_PROTO)
            return (rest){.known = false};
        size += (size_t)in.end;
        if (in.opcode->action == NPKI_DO_STOP)
            return (rest){.known = true, .framed = true, .size = size};
    }
}

/* A frame says where opcodes go on, or the pickle ends; else only the end of the input does. */
static rest find_rest(npki_builder *b, const npk_instruction *in, npk_status status)
{
    if (in != NULL && in->opcode->action == NPKI_DO_STOP)
        return (rest){.known = true};
    if (in != NULL && in->opcode->action == NPKI_DO_PROTO) { /* of the next pickle, behind the last frame of this one */
        b->source->at -= in->end;
        b->source->offset -= in->end;
        return (rest){.known = true, .framed = true};
    }
    npki_source *source = b->source;
    npk_status reading;
    const uint64_t framed = b->machine.frame_end > source->offset ? b->machine.frame_end - source->offset : 0;
    const bool in_frame = framed > 0 && framed <= SIZE_MAX && npki_source_more(source, (size_t)framed, &reading, NULL);
    if (in_frame && b->stop == NULL)
        return ends_behind(b, (size_t)framed)
                   ? (rest){true, status != NPK_ERR_TRUNCATED || b->source->at + framed < b->source->end,
                            (size_t)framed}
                   : find_stop(b, (size_t)framed);
    return (rest){status == NPK_ERR_TRUNCATED && source->ended, false, (size_t)(source->end - source->at)};
}

/* Says in the error what becomes of the rest. */
static void tell_rest(npki_builder *b, npk_status status, rest left)
{
    npk_error *error = b->site.error;
    char message[sizeof error->message];
    memcpy(message, error->message, sizeof message);
    const uint64_t end = b->source->offset + left.size;
    if (!left.known)
        npki_fail_at(error, status, error->offset, error->opcode,
                     "%s; nothing behind it is read, as nothing says where the pickle ends", message);
    else if (b->source->at + left.size < b->source->end)
        npki_fail_at(error, status, error->offset, error->opcode, "%s; by its frame the pickle ends at byte %" PRIu64,
                     message, end);
}

static void raise_protocol(npki_malformed *malformed, int protocol)
{
    if (protocol > malformed->protocol)
        malformed->protocol = (uint8_t)protocol;
}

/* The rest as bytes, in front of the values. */
static npk_status take_rest(npki_builder *b, npki_malformed *malformed, rest left)
{
    malformed->broken = true;
    malformed->framed = left.framed;
    if (b->height == 0 && b->mark_count == 0) /* what can be read of it is PROTO */
        raise_protocol(malformed, npki_opcodes[NPKI_ROW_PROTO].protocol);
    if (left.size == 0 || !left.known)
        return NPK_OK;
    npk_value *bytes = npki_value_new(b->site.arena, NPK_KIND_BYTES);
    if (bytes == NULL || !npki_items_add(b->site.arena, &malformed->args->u.items, &bytes, 1))
        return npki_site_full(&b->site);
    bytes->u.text.bytes = malformed->raw = b->source->at;
    bytes->u.text.size = malformed->raw_size = left.size;
    malformed->argument = bytes;
    const npk_opcode *row = npk_opcode_row(*b->source->at);
    raise_protocol(malformed, b->machine.protocol);
    if (malformed->elements)
        raise_protocol(malformed,
                       npki_opcodes[NPKI_ROW_NEWOBJ].protocol); /* no wrapper is made by a call of __newobj__ */
    else if (row != NULL)
        raise_protocol(malformed, row->protocol);
    return npki_keep_input(b);
}

/* A wrapper of joblib without its elements is no array. */
static npk_status keep_wrapper(npki_builder *b, npk_value *wrapper, npk_status status)
{
    npki_object *object = wrapper->kind == NPK_KIND_OBJECT ? wrapper->u.object : NULL;
    return object != NULL && npki_rules[object->meaning].inline_data ? npki_keep_as_unknown(b, wrapper, object, status)
                                                                     : NPK_OK;
}

/* An instruction that can't be done. *done: but for what lies behind it: it has given the wrapper its state, which
 * stands on the stack no more. */
static npk_status leave_instruction(npki_builder *b, const npk_instruction *in, npk_status status, bool *done)
{
    npk_value *wrapper = npki_peek(b, 1);
    *done = in->opcode->action == NPKI_DO_BUILD && wrapper != NULL && wrapper->kind == NPK_KIND_OBJECT &&
            wrapper->u.object->state == npki_peek(b, 0);
    b->height -= *done;
    return *done ? keep_wrapper(b, wrapper, status) : NPK_OK;
}

/* The pickle inside an array of joblib ends with the one that it is in. */
static npk_status leave_inner(npki_builder *b, npk_value **root, npk_status status)
{
    npk_status kept = keep_wrapper(b, b->wrapper, status);
    if (kept == NPK_OK)
        kept = npki_settle(b, root);
    npki_memo_free(&b->machine.memo);
    b->machine = b->outer;
    b->stop = NULL;
    return kept;
}

npk_status npki_keep_broken(npki_builder *b, const npk_instruction *in, npk_status status)
{
    if (!b->keeps_malformed || !npki_is_of_value(status) || b->doc->info.opcodes == 0)
        return status;
    const rest left = find_rest(b, in, status);
    bool done = true;
    tell_rest(b, status, left);
    b->site.offset = b->site.error->offset; /* of what can't be decoded too */
    b->site.opcode = b->site.error->opcode;
    npk_status kept = in != NULL ? leave_instruction(b, in, status, &done) : NPK_OK;
    npk_value *root;
    if (kept == NPK_OK)
        kept = npki_new_partless(b, NPKI_ROW_STOP, status, &root);
    if (kept != NPK_OK)
        return kept;
    done = done || in->opcode->action == NPKI_DO_PROTO;
    root->u.malformed->lacking = !left.known || !done || b->stop != NULL; /* and a pickle inside is one of its own */
    root->u.malformed->elements = in != NULL && in->opcode->action == NPKI_DO_BUILD;
    kept = take_rest(b, root->u.malformed, left);
    if (kept == NPK_OK)
        kept = take_stack(b, root, 0, 0);
    if (kept == NPK_OK && b->stop != NULL)
        kept = leave_inner(b, &root, status);
    if (kept == NPK_OK)
        kept = npki_settle(b, &root);
    if (kept != NPK_OK)
        return kept;
    npki_source_pass(b->source, left.known ? left.size : 0);
    b->height = b->mark_count = 0;
    b->over = !left.known;
    npki_end_order(b, root);
    b->stopped = true;
    return NPK_OK;
}
