#include "reader/build.h"

#include "base/bytes.h"
#include "base/error.h"
#include "numpy/dtype.h"

#include <inttypes.h>
#include <string.h>

#define FIRST_ROOM ((size_t)64)

/* --- stack and marks --- */

npk_status npki_push(npki_builder *b, npk_value *value)
{
    if (value == NULL)
        return npki_site_full(&b->site);
    if (b->height == b->room) {
        size_t room = b->room == 0 ? FIRST_ROOM : 2 * b->room;
        npk_value **stack =
            npki_resize(&b->doc->allocator, b->stack, b->room * sizeof *stack, room * sizeof *stack);
        if (stack == NULL)
            return npki_build_fail(b, NPK_MEMORY, "an allocation failed");
        b->stack = stack;
        b->room = room;
    }
    b->stack[b->height++] = value;
    return NPK_OK;
}

static npk_status push_mark(npki_builder *b)
{
    if (b->mark_count == b->mark_room) {
        size_t room = b->mark_room == 0 ? FIRST_ROOM : 2 * b->mark_room;
        size_t *marks = npki_resize(&b->doc->allocator, b->marks, b->mark_room * sizeof *marks, room * sizeof *marks);
        if (marks == NULL)
            return npki_build_fail(b, NPK_MEMORY, "an allocation failed");
        b->marks = marks;
        b->mark_room = room;
    }
    b->marks[b->mark_count++] = b->height;
    return NPK_OK;
}

size_t npki_above(const npki_builder *b)
{
    return b->height - (b->mark_count > b->machine.mark_floor ? b->marks[b->mark_count - 1] : b->machine.floor);
}

npk_value *npki_peek(const npki_builder *b, size_t depth)
{
    return depth < npki_above(b) ? b->stack[b->height - 1 - depth] : NULL;
}

npk_status npki_need(const npki_builder *b, size_t count)
{
    size_t above = npki_above(b);
    if (above >= count)
        return NPK_OK;
    return npki_build_fail(b, NPK_STACK, "needs %zu values, the stack has %zu%s", count, above,
                           b->mark_count > b->machine.mark_floor ? " above the mark" : "");
}

static npk_status need_mark(const npki_builder *b)
{
    if (b->mark_count > b->machine.mark_floor)
        return NPK_OK;
    return npki_build_fail(b, NPK_STACK, "there is no mark on the stack");
}

npk_status npki_adopt(npki_builder *b, npk_value *container, npk_value *const *items, size_t count)
{
    uint32_t deepest = 0;
    uint8_t unhashable = 0;
    for (size_t i = 0; i < count; i++) {
        if (items[i]->depth > deepest)
            deepest = items[i]->depth;
        unhashable |= items[i]->flags & NPKI_UNHASHABLE;
        if ((items[i]->flags & NPKI_IS_SHARED_ATOM) == 0)
            items[i]->flags |= NPKI_PLACED;
    }
    container->flags |= unhashable;
    if (deepest + 1 > container->depth) {
        container->depth = deepest + 1;
        b->grew_late = b->grew_late || (container->flags & NPKI_PLACED) != 0;
    }
    if (container->depth > b->limits.depth)
        return npki_build_fail(b, NPK_LIMIT, "containers more than %" PRIu64 " deep", b->limits.depth);
    return NPK_OK;
}

npk_status npki_keep_input(npki_builder *b)
{
    npk_doc *doc = b->doc;
    npki_chunk *chunk = b->source->chunk;
    if (chunk == NULL || (doc->chunk_count > 0 && doc->chunks[doc->chunk_count - 1] == chunk))
        return NPK_OK;
    npki_chunk **chunks = npki_resize(&doc->allocator, doc->chunks, doc->chunk_count * sizeof *chunks,
                                      (doc->chunk_count + 1) * sizeof *chunks);
    if (chunks == NULL)
        return npki_build_fail(b, NPK_MEMORY, "an allocation failed");
    doc->chunks = chunks;
    doc->chunks[doc->chunk_count++] = npki_chunk_keep(chunk);
    return NPK_OK;
}

/* --- containers --- */

static npk_status check_keys(npki_builder *b, npk_value *const *items, size_t count, size_t step)
{
    for (size_t i = 0; i < count; i += step)
        if ((items[i]->flags & NPKI_UNHASHABLE) != 0)
            return npki_build_fail(b, NPK_TYPE, "%s is unhashable: it can't be a key or in a set",
                                   npk_kind_name(npk_kind_of(items[i])));
    return NPK_OK;
}

/* Adds to a list, dict or set. What they hold does not make a dict's values or a list unhashable twice: they are so anyway. */
static npk_status add(npki_builder *b, npk_value *container, npk_value *const *items, size_t count)
{
    npk_status status = NPK_OK;
    if (container->kind == NPK_KIND_DICT && count % 2 != 0)
        return npki_build_fail(b, NPK_STACK, "a dict of %zu keys and values: an odd number", count);
    if (container->kind != NPK_KIND_LIST && container->kind != NPK_KIND_TUPLE)
        status = check_keys(b, items, count, container->kind == NPK_KIND_DICT ? 2 : 1);
    if (status == NPK_OK)
        status = npki_adopt(b, container, items, count);
    if (status == NPK_OK && !npki_items_add(b->site.arena, &container->u.items, items, count))
        status = npki_site_full(&b->site);
    return status;
}

static npk_status do_make(npki_builder *b, const npk_instruction *in)
{
    const npk_opcode *row = in->opcode;
    npk_status status = row->to_mark ? need_mark(b) : npki_need(b, row->detail);
    if (status != NPK_OK)
        return status;
    size_t count = row->to_mark ? npki_above(b) : row->detail;
    npk_value *value = npki_value_new(b->site.arena, (npk_kind)row->kind);
    if (value == NULL)
        return npki_site_full(&b->site);
    value->depth = 1;
    if (row->kind == NPK_KIND_LIST || row->kind == NPK_KIND_DICT || row->kind == NPK_KIND_SET)
        value->flags = NPKI_UNHASHABLE;
    if (count > 0)
        status = add(b, value, npki_top(b, count), count);
    b->height -= count;
    b->mark_count -= row->to_mark;
    return status != NPK_OK ? status : npki_push(b, value);
}

/* Where the items of an object go: a list or dict of its own. */
static npk_status items_of_object(npki_builder *b, npk_value *object, npk_kind kind, npk_value **out)
{
    npk_value **items = kind == NPK_KIND_DICT ? &object->u.object->dictitems : &object->u.object->listitems;
    if (kind == NPK_KIND_SET)
        return npki_build_fail(b, NPK_UNSUPPORTED, "items are added to an object as if it were a set");
    if (*items == NULL) {
        *items = npki_value_new(b->site.arena, kind);
        if (*items == NULL)
            return npki_site_full(&b->site);
        (*items)->flags = NPKI_UNHASHABLE;
        (*items)->depth = 1;
    }
    *out = *items;
    return NPK_OK;
}

static npk_status do_add(npki_builder *b, const npk_instruction *in)
{
    const npk_opcode *row = in->opcode;
    npk_status status = row->to_mark ? need_mark(b) : npki_need(b, (size_t)row->detail + 1);
    if (status != NPK_OK)
        return status;
    size_t count = row->to_mark ? npki_above(b) : row->detail;
    npk_value *const *items = npki_top(b, count);
    b->height -= count;
    b->mark_count -= row->to_mark;
    status = npki_need(b, 1);
    if (status != NPK_OK)
        return status;
    npk_value *container = npki_peek(b, 0), *target = container;
    if (container->kind == NPK_KIND_OBJECT)
        status = items_of_object(b, container, (npk_kind)row->kind, &target);
    else if (container->kind != row->kind)
        return npki_build_fail(b, NPK_TYPE, "%s adds to a %s, found %s", row->name, npk_kind_name((npk_kind)row->kind),
                               npk_kind_name(npk_kind_of(container)));
    if (status == NPK_OK)
        status = add(b, target, items, count);
    if (status == NPK_OK && target != container) {
        uint8_t hashable = container->flags & NPKI_UNHASHABLE;
        status = npki_adopt(b, container, &target, 1);
        container->flags = (uint8_t)((container->flags & ~NPKI_UNHASHABLE) | hashable);
    }
    return status;
}

/* --- the small ones --- */

static npk_status do_proto(npki_builder *b, const npk_instruction *in)
{
    if (b->site.offset != b->machine.start)
        return npki_build_fail(b, NPK_PROTOCOL, "PROTO is not the first opcode");
    if (in->number.u > 5)
        return npki_build_fail(b, NPK_PROTOCOL, "protocol %" PRIu64 "; there are 0 to 5", in->number.u);
    b->machine.protocol = (int)in->number.u;
    return NPK_OK;
}

static npk_status do_frame(npki_builder *b, const npk_instruction *in)
{
    uint64_t start = b->source->offset; /* after this instruction */
    npk_status status = NPK_OK;
    if (b->machine.frame_end > start)
        return npki_build_fail(b, NPK_FRAME, "a frame inside a frame");
    if (in->number.u > SIZE_MAX || !npki_source_more(b->source, (size_t)in->number.u, &status, b->site.error))
        return status != NPK_OK ? status : npki_build_fail(b, NPK_FRAME, "a frame of %" PRIu64 " bytes is longer than the input", in->number.u);
    b->machine.frame_end = start + in->number.u;
    b->doc->info.framed = true;
    return NPK_OK;
}

static npk_status do_mark(npki_builder *b, const npk_instruction *in)
{
    (void)in;
    return push_mark(b);
}

static npk_status do_pop(npki_builder *b, const npk_instruction *in)
{
    (void)in;
    if (npki_above(b) == 0 && b->mark_count > b->machine.mark_floor) {
        b->mark_count--;
        return NPK_OK;
    }
    npk_status status = npki_need(b, 1);
    if (status == NPK_OK)
        b->height--;
    return status;
}

static npk_status do_pop_mark(npki_builder *b, const npk_instruction *in)
{
    (void)in;
    npk_status status = need_mark(b);
    if (status == NPK_OK)
        b->height = b->marks[--b->mark_count];
    return status;
}

/* A value that is given out a second time. */
static npk_status push_shared(npki_builder *b, npk_value *value)
{
    if ((value->flags & NPKI_IS_SHARED_ATOM) == 0)
        value->flags |= NPKI_IS_SHARED;
    return npki_push(b, value);
}

static npk_status do_dup(npki_builder *b, const npk_instruction *in)
{
    (void)in;
    npk_status status = npki_need(b, 1);
    return status != NPK_OK ? status : push_shared(b, npki_peek(b, 0));
}

static npk_status do_push(npki_builder *b, const npk_instruction *in)
{
    return npki_push(b, in->opcode->kind == NPK_KIND_BOOL ? npki_value_bool(in->opcode->detail == 1) : npki_value_none());
}

static npk_status put(npki_builder *b, uint64_t number)
{
    npk_status status = npki_need(b, 1);
    if (status != NPK_OK)
        return status;
    npk_value *value = npki_peek(b, 0);
    if ((value->flags & NPKI_IS_SHARED_ATOM) == 0)
        value->history |= NPKI_WAS_PUT;
    return npki_memo_put(&b->machine.memo, number, value) ? NPK_OK
                                                          : npki_build_fail(b, NPK_MEMORY, "an allocation failed");
}

static npk_status do_memoize(npki_builder *b, const npk_instruction *in)
{
    (void)in;
    return put(b, b->machine.memo.count);
}

static npk_status do_put(npki_builder *b, const npk_instruction *in)
{
    uint64_t number;
    npk_status status = npki_memo_number(b, in, &number);
    return status != NPK_OK ? status : put(b, number);
}

static npk_status do_get(npki_builder *b, const npk_instruction *in)
{
    uint64_t number;
    npk_status status = npki_memo_number(b, in, &number);
    if (status != NPK_OK)
        return status;
    npk_value *value = npki_memo_get(&b->machine.memo, number);
    if (value == NULL)
        return npki_build_fail(b, NPK_MEMO, "nothing was stored under number %" PRIu64, number);
    return push_shared(b, value);
}

/* PERSID has a line, BINPERSID a value on the stack. */
static npk_status take_id(npki_builder *b, const npk_instruction *in, npk_value **out)
{
    if (in->opcode->detail > 0) {
        npk_status status = npki_need(b, 1);
        if (status == NPK_OK)
            *out = b->stack[--b->height];
        return status;
    }
    for (size_t i = 0; i < in->size; i++)
        if (in->argument[i] >= 0x80)
            return npki_build_fail(b, NPK_ARGUMENT, "a persistent id that is not ASCII");
    *out = npki_value_new(b->site.arena, NPK_KIND_STR);
    if (*out == NULL)
        return npki_site_full(&b->site);
    (*out)->u.text.bytes = in->argument;
    (*out)->u.text.size = in->size;
    return npki_keep_input(b);
}

static npk_status do_persid(npki_builder *b, const npk_instruction *in)
{
    npk_value *value = npki_value_new(b->site.arena, NPK_KIND_PERSID);
    if (value == NULL)
        return npki_site_full(&b->site);
    npk_status status = take_id(b, in, &value->u.id);
    if (status == NPK_OK)
        status = npki_adopt(b, value, &value->u.id, 1);
    value->flags &= (uint8_t)~NPKI_UNHASHABLE;
    return status != NPK_OK ? status : npki_push(b, value);
}

static npk_status do_extension(npki_builder *b, const npk_instruction *in)
{
    if (in->number.i <= 0)
        return npki_build_fail(b, NPK_ARGUMENT, "extension code %" PRId64 "; they start at 1", in->number.i);
    npk_value *value = npki_value_new(b->site.arena, NPK_KIND_EXTENSION);
    if (value == NULL)
        return npki_site_full(&b->site);
    value->u.id = npki_value_int(b->site.arena, in->number.i);
    return value->u.id == NULL ? npki_site_full(&b->site) : npki_push(b, value);
}

static npk_status do_buffer(npki_builder *b, const npk_instruction *in)
{
    (void)in;
    if (b->next_buffer == b->buffer_count)
        return npki_build_fail(b, NPK_STACK, "buffer %zu from outside is wanted, %zu were given", b->next_buffer,
                               b->buffer_count);
    const npk_buffer *buffer = &b->buffers[b->next_buffer++];
    npk_value *value = npki_value_new(b->site.arena, NPK_KIND_BUFFER);
    if (value != NULL) {
        value->u.text.bytes = buffer->bytes != NULL ? buffer->bytes : (const void *)"";
        value->u.text.size = buffer->size;
        value->flags = (uint8_t)(NPKI_UNHASHABLE | (buffer->readonly ? NPKI_IS_READONLY : 0));
    }
    return npki_push(b, value);
}

static npk_status do_readonly(npki_builder *b, const npk_instruction *in)
{
    (void)in;
    npk_status status = npki_need(b, 1);
    if (status != NPK_OK)
        return status;
    npk_value *value = npki_peek(b, 0);
    if (value->kind != NPK_KIND_BUFFER)
        return npki_build_fail(b, NPK_TYPE, "READONLY_BUFFER takes a buffer, found %s", npk_kind_name(npk_kind_of(value)));
    if ((value->flags & NPKI_IS_READONLY) != 0)
        return NPK_OK;
    npk_value *view = npki_value_new(b->site.arena, NPK_KIND_BUFFER); /* the buffer itself stays writable */
    if (view == NULL)
        return npki_site_full(&b->site);
    view->u.text = value->u.text;
    view->flags = NPKI_UNHASHABLE | NPKI_IS_READONLY;
    b->height--;
    return npki_push(b, view);
}

/* --- the end --- */

/* The inner pickle of a joblib array has ended: what it made are the wrapper's elements. */
static npk_status leave_inner(npki_builder *b, npk_value *result)
{
    npki_array_state *array = b->wrapper->u.object->array;
    const npki_array_state *inner = result->kind == NPK_KIND_OBJECT ? result->u.object->array : NULL;
    if (inner == NULL || inner->dtype == NULL || !inner->dtype->has_object || inner->nbytes != array->nbytes)
        return npki_build_fail(b, NPK_NDARRAY, "the pickle inside a joblib array holds no array of its size");
    array->payload = inner->payload;
    npki_memo_free(&b->machine.memo);
    b->machine = b->outer;
    b->inside = false;
    return npki_adopt(b, b->wrapper, &result, 1);
}

static npk_status do_stop(npki_builder *b, const npk_instruction *in)
{
    (void)in;
    if (b->mark_count > b->machine.mark_floor)
        return npki_build_fail(b, NPK_STACK, "STOP with a mark left on the stack");
    npk_status status = npki_need(b, 1);
    if (status != NPK_OK)
        return status;
    if (npki_above(b) > 1)
        return npki_build_fail(b, NPK_STACK, "STOP leaves %zu values on the stack", npki_above(b) - 1);
    if (b->machine.frame_end > b->source->offset)
        return npki_build_fail(b, NPK_FRAME, "%" PRIu64 " bytes follow STOP in its frame",
                               b->machine.frame_end - b->source->offset);
    npk_value *result = b->stack[--b->height];
    if (b->inside)
        return leave_inner(b, result);
    b->doc->root = result;
    b->stopped = true;
    return NPK_OK;
}

/* --- the loop --- */

static npk_status (*const handlers[NPKI_ACTIONS])(npki_builder *, const npk_instruction *) = {
    [NPKI_DO_PROTO] = do_proto,
    [NPKI_DO_FRAME] = do_frame,
    [NPKI_DO_STOP] = do_stop,
    [NPKI_DO_MARK] = do_mark,
    [NPKI_DO_POP] = do_pop,
    [NPKI_DO_POP_MARK] = do_pop_mark,
    [NPKI_DO_DUP] = do_dup,
    [NPKI_DO_PUSH] = do_push,
    [NPKI_DO_NUMBER] = npki_do_number,
    [NPKI_DO_TEXT] = npki_do_text,
    [NPKI_DO_MAKE] = do_make,
    [NPKI_DO_ADD] = do_add,
    [NPKI_DO_GLOBAL] = npki_do_global,
    [NPKI_DO_REDUCE] = npki_do_reduce,
    [NPKI_DO_INST] = npki_do_inst,
    [NPKI_DO_OBJ] = npki_do_obj,
    [NPKI_DO_NEW] = npki_do_new,
    [NPKI_DO_BUILD] = npki_do_build,
    [NPKI_DO_MEMOIZE] = do_memoize,
    [NPKI_DO_PUT] = do_put,
    [NPKI_DO_GET] = do_get,
    [NPKI_DO_PERSID] = do_persid,
    [NPKI_DO_EXTENSION] = do_extension,
    [NPKI_DO_BUFFER] = do_buffer,
    [NPKI_DO_READONLY] = do_readonly,
};

#define MEMORY_PER_BYTE 64

/* The document may take so much memory for each byte of input that has come. */
static void allow_memory(npki_builder *b)
{
    uint64_t come = b->source->offset - b->doc->info.offset + (uint64_t)(b->source->end - b->source->at);
    uint64_t earned = come > UINT64_MAX / MEMORY_PER_BYTE ? UINT64_MAX : come * MEMORY_PER_BYTE;
    b->doc->arena.limit = earned > b->limits.memory ? earned : b->limits.memory;
}

/* The first bytes, should they turn out to be something else than a pickle. */
static void keep_head(npki_builder *b, const uint8_t *bytes, size_t size)
{
    size_t room = sizeof b->head - b->head_size;
    size = size < room ? size : room;
    memcpy(b->head + b->head_size, bytes, size);
    b->head_size += size;
}

/* The next instruction, the input moved on behind it. */
static npk_status next(npki_builder *b, npk_instruction *in)
{
    npki_source *source = b->source;
    size_t needed;
    npk_status status;
    while ((status = npki_decode(source->at, (size_t)(source->end - source->at), in, &needed)) == NPK_TRUNCATED) {
        npk_status reading;
        if (!npki_source_more(source, needed, &reading, b->site.error)) {
            if (reading != NPK_OK)
                return npki_place(b->site.error, reading, source->offset, NPKI_NO_OPCODE);
            break;
        }
        allow_memory(b);
    }
    if (status != NPK_OK)
        return npki_tell_decode(status, source->at, (size_t)(source->end - source->at), source->offset, b->site.error);
    b->site.offset = source->offset;
    b->site.opcode = in->opcode->byte;
    if (b->head_size < sizeof b->head)
        keep_head(b, source->at, (size_t)in->end);
    source->at += in->end;
    source->offset += in->end;
    if (b->machine.frame_end > b->site.offset && source->offset > b->machine.frame_end)
        return npki_build_fail(b, NPK_FRAME, "%s lies across the end of its frame", in->opcode->name);
    return NPK_OK;
}

/* Containers that grew after they had been placed have told the depth of what holds them too late: count it in a walk. */
static npk_status recount_depth(npki_builder *b)
{
    npk_walk *walk = NULL;
    const npk_value *value;
    npk_status status = npk_walk_start(b->doc->root, &b->doc->allocator, &walk, b->site.error);
    while (status == NPK_OK && (status = npk_walk_next(walk, &value, b->site.error)) == NPK_OK && value != NULL)
        if (npk_walk_depth(walk) > b->limits.depth)
            status = npki_build_fail(b, NPK_LIMIT, "containers more than %" PRIu64 " deep", b->limits.depth);
    npk_walk_free(walk);
    return status;
}

/* Texts that no array took lose their coat. */
static npk_status undress(npki_builder *b)
{
    for (npk_value *value = b->site.coated; value != NULL;) {
        npk_value *following = value->coat == NPK_COAT_RAW ? NULL : value->u.coated->next;
        uint8_t taken = value->flags & (NPKI_IS_PAYLOAD | NPKI_IS_SHARED);
        if (taken != NPKI_IS_PAYLOAD && npki_uncoat(b->site.arena, value, b->site.error) != NPK_OK)
            return npki_site_full(&b->site);
        value = following;
    }
    return NPK_OK;
}

npk_status npki_build(npki_builder *b)
{
    npk_doc *doc = b->doc;
    npk_instruction in;
    npk_status status = NPK_OK;
    doc->info.offset = b->source->offset;
    allow_memory(b);
    while (status == NPK_OK && !b->stopped) {
        status = next(b, &in);
        if (status != NPK_OK) {
            keep_head(b, b->source->at, (size_t)(b->source->end - b->source->at));
            break;
        }
        doc->info.opcodes++;
        if (in.opcode->protocol > 0)
            doc->info.protocol = 1;
        doc->info.python2 = doc->info.python2 || in.opcode->kind == NPK_KIND_STRING;
        if (doc->info.opcodes > b->limits.items)
            return npki_build_fail(b, NPK_LIMIT, "more than %" PRIu64 " opcodes", b->limits.items);
        status = handlers[in.opcode->action](b, &in);
    }
    if (status != NPK_OK)
        return status;
    if (b->machine.protocol >= 0)
        doc->info.protocol = b->machine.protocol;
    doc->info.size = b->source->offset - doc->info.offset;
    doc->info.first_put = b->machine.memo.first;
    status = undress(b);
    return status == NPK_OK && b->grew_late ? recount_depth(b) : status;
}

void npki_builder_init(npki_builder *b, npk_doc *doc, npki_source *source, const npk_limits *limits, npk_error *error)
{
    memset(b, 0, sizeof *b);
    b->doc = doc;
    b->source = source;
    b->limits = *limits;
    b->site = (npki_site){.arena = &doc->arena, .limits = &b->limits, .error = error};
    b->machine.protocol = -1;
    b->machine.start = source->offset;
    npki_memo_init(&b->machine.memo, &doc->allocator);
    npki_map_init(&b->global_names, &doc->allocator);
}

void npki_builder_free(npki_builder *b)
{
    const npk_allocator *allocator = &b->doc->allocator;
    npki_free(allocator, b->stack, b->room * sizeof *b->stack);
    npki_free(allocator, b->marks, b->mark_room * sizeof *b->marks);
    npki_memo_free(&b->machine.memo);
    if (b->inside)
        npki_memo_free(&b->outer.memo);
    npki_map_free(&b->global_names);
}
