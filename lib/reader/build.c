#include "reader/build.h"

#include "base/bytes.h"
#include "base/cpu.h"
#include "base/error.h"
#include "dtype/dtype.h"

#include <npickle/dialect.h>

#include <inttypes.h>
#include <string.h>

/* --- opcodes that need little --- */

static npk_status do_proto(npki_builder *b, const npk_instruction *in)
{
    if (b->site.offset != b->machine.start)
        return npki_build_fail(b, NPK_ERR_PROTOCOL, "PROTO is not the first opcode");
    if (b->machine.protocol < 0) /* should it be kept */
        b->machine.protocol = NPK_PROTOCOL_MAX;
    if (in->number.u > NPK_PROTOCOL_MAX)
        return npki_build_fail(b, NPK_ERR_PROTOCOL, "protocol %" PRIu64 "; there are 0 to %d", in->number.u,
                               NPK_PROTOCOL_MAX);
    b->machine.protocol = (int)in->number.u;
    return NPK_OK;
}

static npk_status do_frame(npki_builder *b, const npk_instruction *in)
{
    uint64_t start = b->source->offset; /* after this instruction */
    npk_status status = NPK_OK;
    b->doc->info.framed = true;
    if (b->machine.frame_end > start)
        return npki_keep_misframed(b, npki_build_fail(b, NPK_ERR_FRAME, "a frame inside a frame"));
    if (in->number.u > SIZE_MAX || !npki_source_more(b->source, (size_t)in->number.u, &status, b->site.error))
        return status != NPK_OK
                   ? status
                   : npki_keep_misframed(b, npki_build_fail(b, NPK_ERR_FRAME,
                                                            "a frame of %" PRIu64 " bytes is longer than the input",
                                                            in->number.u));
    b->machine.frame_end = start + in->number.u;
    return NPK_OK;
}

static npk_status do_mark(npki_builder *b, const npk_instruction *in)
{
    (void)in;
    return npki_push_mark(b);
}

/* The first bytes, should they turn out to be something else than a pickle. */
static void keep_head(npki_builder *b, const uint8_t *bytes, size_t size)
{
    size_t room = sizeof b->head - b->head_size;
    size = size < room ? size : room;
    memcpy(b->head + b->head_size, bytes, size);
    b->head_size += size;
}

/* A few POPs one after another drop the items of a tuple at protocol 0, which comes out of the memo then. More of them
 * without that are nothing that a pickler writes. */
#define FEW_POPS 16

/* How many POPs stand behind `from` bytes of the input, no more than `most`. */
static npk_status count_pops(npki_builder *b, size_t from, size_t most, size_t *count)
{
    npk_status status = NPK_OK;
    *count = 0;
    while (*count < most && npki_source_more(b->source, from + *count + 1, &status, b->site.error) &&
           b->source->at[from + *count] == NPKI_BYTE_POP)
        ++*count;
    return status;
}

/* How many POPs, of values, behind the one at hand are done together with it. */
static npk_status more_pops(npki_builder *b, size_t *count)
{
    const uint64_t left =
        b->machine.frame_end > b->source->offset ? b->machine.frame_end - b->source->offset : UINT64_MAX;
    const size_t above = npki_above(b) - 1, most = above < left ? above : (size_t)left;
    size_t marks = 0;
    *count = 0;
    if (b->site.offset < b->pops_end || most < FEW_POPS)
        return NPK_OK;
    npk_status status = count_pops(b, 0, most, count);
    if (status == NPK_OK)
        status = count_pops(b, *count, FEW_POPS, &marks);
    b->pops_end = b->source->offset + *count;
    const uint8_t *next = b->source->at + *count + marks;
    const npk_opcode *row = status == NPK_OK && next < b->source->end ? npk_opcode_row(*next) : NULL;
    if (*count < FEW_POPS || row == NULL || row->action == NPKI_DO_GET)
        *count = 0;
    return status;
}

static npk_status do_pop(npki_builder *b, const npk_instruction *in)
{
    (void)in;
    if (npki_above(b) == 0 && b->mark_count > b->machine.mark_floor) {
        npki_pop_mark(b);
        return NPK_OK;
    }
    size_t more = 0;
    npk_status status = npki_need(b, 1);
    if (status == NPK_OK)
        status = more_pops(b, &more);
    if (status != NPK_OK || more == 0)
        return status != NPK_OK ? status : npki_drop(b, b->stack[--b->height]);
    keep_head(b, b->source->at, more);
    npki_source_pass(b->source, more);
    b->doc->info.opcodes += more;
    return npki_drop_many(b, more + 1);
}

static npk_status do_pop_mark(npki_builder *b, const npk_instruction *in)
{
    (void)in;
    npk_status status = npki_need_mark(b);
    if (status == NPK_OK)
        status = npki_drop_marked(b);
    b->mark_count -= status == NPK_OK;
    return status;
}

static npk_status do_dup(npki_builder *b, const npk_instruction *in)
{
    (void)in;
    npk_status status = npki_need(b, 1);
    return status == NPK_OK ? npki_push_fetched(b, npki_peek(b, 0)) : status;
}

static npk_status do_push(npki_builder *b, const npk_instruction *in)
{
    return npki_push(b,
                     in->opcode->kind == NPK_KIND_BOOL ? npki_value_bool(in->opcode->detail == 1) : npki_value_none());
}

static npk_status put(npki_builder *b, uint64_t number)
{
    npk_status status = npki_need(b, 1);
    if (status != NPK_OK)
        return status;
    npk_value *value = npki_peek(b, 0);
    if ((value->flags & NPKI_IS_SHARED_ATOM) == 0)
        value->history |= NPKI_WAS_PUT;
    bool good = npki_earlier_put(&b->earlier, number) && npki_memo_put(&b->machine.memo, number, value);
    return good ? NPK_OK : npki_build_fail(b, NPK_ERR_MEMORY, "an allocation failed");
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
    if (number >= NPKI_FIRST_GIVEN && number - NPKI_FIRST_GIVEN < b->given_count)
        return npki_push(b, b->given[number - NPKI_FIRST_GIVEN]);
    npk_value *value = npki_memo_get(&b->machine.memo, number);
    if (value == NULL)
        return npki_build_fail(b, NPK_ERR_MEMO, "nothing was stored under number %" PRIu64 "%s", number,
                               npki_earlier_hint(&b->earlier, number));
    if (b->stop == NULL)
        status = npki_take_earlier(b, number, value);
    uint32_t from = npki_here(b);
    bool made = false;
    if (status == NPK_OK && b->dropped.size > 0)
        status = npki_returned(b, value, &from, &made);
    if (status == NPK_OK)
        status = made ? npki_push_shared(b, value) : npki_push_fetched(b, value);
    return status == NPK_OK && value->kind >= NPK_KIND_GLOBAL ? npki_begins(b, from) : status;
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
            return npki_build_fail(b, NPK_ERR_ARGUMENT, "a persistent id that is not ASCII");
    *out = npki_value_new(b->site.arena, NPK_KIND_STR);
    if (*out == NULL)
        return npki_site_full(&b->site);
    (*out)->u.text.bytes = in->argument;
    (*out)->u.text.size = in->size;
    return npki_keep_input(b);
}

static npk_status do_persid(npki_builder *b, const npk_instruction *in)
{
    npki_persid *made = npki_arena_take(b->site.arena, sizeof *made);
    if (made == NULL)
        return npki_site_full(&b->site);
    *made = (npki_persid){.value.kind = NPK_KIND_PERSID};
    npk_value *value = &made->value;
    value->u.outside = &made->outside;
    npk_status status = take_id(b, in, &value->u.id);
    if (status == NPK_OK)
        status = npki_adopt(b, value, &value->u.id, 1);
    value->flags &= (uint8_t)~NPKI_UNHASHABLE;
    if (status == NPK_OK)
        status = npki_looked_up_now(b, value);
    return status != NPK_OK ? status : npki_push(b, value);
}

static npk_status do_extension(npki_builder *b, const npk_instruction *in)
{
    if (in->number.i <= 0)
        return npki_build_fail(b, NPK_ERR_ARGUMENT, "extension code %" PRId64 "; they start at 1", in->number.i);
    npk_value *value = npki_value_new(b->site.arena, NPK_KIND_EXTENSION);
    if (value == NULL)
        return npki_site_full(&b->site);
    value->u.id = npki_value_int(b->site.arena, in->number.i);
    return value->u.id == NULL ? npki_site_full(&b->site) : npki_push(b, value);
}

/* --- the end --- */

/* The one value that there is. */
static npk_status check_stop(npki_builder *b, npk_value **result)
{
    if (b->mark_count > b->machine.mark_floor)
        return npki_build_fail(b, NPK_ERR_STACK, "STOP with a mark left on the stack");
    npk_status status = npki_need(b, 1);
    if (status != NPK_OK)
        return status;
    if (npki_above(b) > 1)
        return npki_build_fail(b, NPK_ERR_STACK, "STOP leaves %zu values on the stack", npki_above(b) - 1);
    *result = b->stack[b->height - 1];
    return NPK_OK;
}

static npk_status do_stop(npki_builder *b, const npk_instruction *in)
{
    (void)in;
    npk_value *result = NULL;
    npk_status status = check_stop(b, &result);
    if (status != NPK_OK)
        status = npki_keep_at_stop(b, status, &result);
    if (status == NPK_OK && b->machine.frame_end > b->source->offset)
        status = npki_keep_misframed(b, npki_build_fail(b, NPK_ERR_FRAME, "%" PRIu64 " bytes follow STOP in its frame",
                                                        b->machine.frame_end - b->source->offset));
    if (status != NPK_OK)
        return status;
    b->height = b->machine.floor;
    b->mark_count = b->machine.mark_floor;
    status = npki_settle(b, &result);
    if (status != NPK_OK)
        return status;
    if (b->stop != NULL)
        return b->stop(b, result);
    npki_end_order(b, result);
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
    [NPKI_DO_MAKE] = npki_do_make,
    [NPKI_DO_ADD] = npki_do_add,
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
    [NPKI_DO_BUFFER] = npki_do_buffer,
    [NPKI_DO_READONLY] = npki_do_readonly,
};

#define MEMORY_PER_BYTE 64

/* The document, or all of those that share a memo, may take so much memory for each byte of input that has come. What
 * was allowed before stays so. */
static void allow_memory(npki_builder *b)
{
    npki_arena *arena = &b->doc->arena;
    const uint64_t first = b->earlier.kept ? 0 : b->doc->info.offset;
    uint64_t come = b->source->offset - first + (uint64_t)(b->source->end - b->source->at) + b->doc->paid;
    uint64_t earned = come > UINT64_MAX / MEMORY_PER_BYTE ? UINT64_MAX : come * MEMORY_PER_BYTE;
    arena->limit = earned > arena->limit ? earned : arena->limit;
}

/* The next instruction, the input moved on behind it. */
static npk_status next(npki_builder *b, npk_instruction *in)
{
    npki_source *source = b->source;
    size_t needed;
    npk_status status;
    while ((status = npki_decode(source->at, (size_t)(source->end - source->at), in, &needed)) == NPK_ERR_TRUNCATED) {
        npk_status reading;
        if (!npki_read_more(source, needed, &reading, b->site.error)) {
            if (reading != NPK_OK)
                return npki_place(b->site.error, reading, source->offset, NPKI_NO_OPCODE);
            break;
        }
        allow_memory(b);
    }
    if (status != NPK_OK)
        return npki_decode_fail(status, source->at, (size_t)(source->end - source->at), source->offset, b->site.error);
    b->site.offset = source->offset;
    b->site.opcode = in->opcode->byte;
    if (b->head_size < sizeof b->head)
        keep_head(b, source->at, (size_t)in->end);
    npki_source_pass(source, (size_t)in->end);
    if (b->machine.frame_end > b->site.offset && source->offset > b->machine.frame_end)
        return npki_keep_misframed(
            b, npki_build_fail(b, NPK_ERR_FRAME, "%s lies across the end of its frame", in->opcode->name));
    return NPK_OK;
}

static npk_status recount_depth(npki_builder *b)
{
    npk_status status = npki_recount_depth(b->doc->root, &b->doc->allocator, &b->limits, &b->earlier, b->site.error);
    return status == NPK_OK ? NPK_OK : npki_place(b->site.error, status, b->site.offset, b->site.opcode);
}

/* Texts that no array took are decoded. */
static npk_status decode_texts(npki_builder *b)
{
    for (npk_value *value = b->site.encoded; value != NULL;) {
        npk_value *following = value->encoding == NPK_ENCODING_RAW ? NULL : value->u.encoded->next;
        uint8_t taken = value->flags & (NPKI_IS_PAYLOAD | NPKI_IS_SHARED);
        /* What a rule refused may have taken it. */
        bool keep = taken == NPKI_IS_PAYLOAD && b->doc->faults == NULL && !b->doc->has_calls;
        npk_status status = keep ? NPK_OK : npki_site_decode(&b->site, value);
        if (status != NPK_OK)
            return status;
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
    bool fused = npki_cpu_level() > NPKI_CPU_PLAIN;
    while (status == NPK_OK && !b->stopped) {
        if (fused && (status = npki_run_fused(b)) != NPK_OK)
            break;
        npk_value *value = b->incoming != NULL ? npki_straight_next(b, &in) : NULL;
        status = value != NULL ? NPK_OK : next(b, &in);
        if (status != NPK_OK) {
            keep_head(b, b->source->at, (size_t)(b->source->end - b->source->at));
            status = npki_keep_broken(b, NULL, status);
            break;
        }
        doc->info.opcodes++;
        /* Those of higher ones say nothing: pickle.py has TUPLE2 at protocol 0. */
        if (in.opcode->protocol == 1 && b->stop == NULL)
            doc->info.protocol = 1;
        doc->has_bytes = doc->has_bytes || in.opcode->kind == NPK_KIND_BYTES;
        doc->info.python2 = doc->info.python2 || in.opcode->kind == NPK_KIND_PYTHON2_STR;
        if (doc->info.opcodes > b->limits.items)
            return npki_build_fail(b, NPK_ERR_LIMIT, "more than %" PRIu64 " opcodes", b->limits.items);
        const size_t height = b->height, marks = b->mark_count;
        if (value != NULL)
            allow_memory(b);
        status = value != NULL ? npki_push(b, value) : handlers[in.opcode->action](b, &in);
        if (status != NPK_OK && b->keeps_malformed) {
            b->height = height;
            b->mark_count = marks;
            status = npki_keep_instruction(b, &in, b->source->at - in.end, status);
            status = status == NPK_OK ? NPK_OK : npki_keep_broken(b, &in, status);
        }
    }
    if (status != NPK_OK)
        return status;
    doc->order = doc->order == NULL ? b->order : doc->order;
    if (b->machine.protocol >= 0)
        doc->info.protocol = b->machine.protocol;
    doc->info.size = b->source->offset - doc->info.offset;
    doc->info.first_put = npki_first_put(b);
    doc->own_first = b->machine.memo.first;
    doc->paid += doc->info.size;
    status = decode_texts(b);
    return status == NPK_OK && b->grew_late ? recount_depth(b) : status;
}

#define VECTORS(X) X(fetched) X(called) X(needed) X(dropped) X(begins)

npki_builder *npki_builder_new(npk_doc *doc, npki_source *source, const npk_limits *limits, npk_error *error)
{
    npki_builder *b = npki_allocate(&doc->allocator, sizeof *b);
    if (b == NULL) {
        npki_no_memory(error);
        return NULL;
    }
    memset(b, 0, sizeof *b);
    b->allocator = doc->allocator;
    npki_memo_init(&b->machine.memo, &doc->allocator);
    npki_map_init(&b->global_names, &doc->allocator);
    npki_earlier_init(&b->earlier, &doc->allocator);
#define BEGIN(vector) npki_dynbuf_init(&b->vector, &doc->allocator, SIZE_MAX / 2);
    VECTORS(BEGIN)
#undef BEGIN
    npki_builder_again(b, doc, source, limits, error);
    return b;
}

void npki_builder_again(npki_builder *b, npk_doc *doc, npki_source *source, const npk_limits *limits, npk_error *error)
{
    b->doc = doc;
    b->source = source;
    b->limits = *limits;
    b->site = (npki_site){.arena = &doc->arena, .limits = &b->limits, .error = error};
    b->machine.protocol = -1;
    b->machine.start = source->offset;
}

void npki_builder_rest(npki_builder *b)
{
    npki_map_free(&b->global_names);
    npki_earlier_free(&b->earlier);
    npki_site_end(&b->site);
    npki_memo_clear(&b->machine.memo);
    const npki_memo memo = b->machine.memo;
    memset(&b->doc, 0, sizeof *b - offsetof(npki_builder, doc));
    b->machine.memo = memo;
#define EMPTY(vector) b->vector.size = 0;
    VECTORS(EMPTY)
#undef EMPTY
    npki_map_init(&b->global_names, &b->allocator);
    npki_earlier_init(&b->earlier, &b->allocator);
}

size_t npki_builder_size(const npki_builder *b)
{
    size_t size = b->room * sizeof *b->stack + b->mark_room * sizeof *b->marks +
                  b->machine.memo.room * sizeof *b->machine.memo.dense;
#define ADD(vector) size += b->vector.room;
    VECTORS(ADD)
#undef ADD
    return size;
}

void npki_builder_free(npki_builder *b)
{
    const npk_allocator copy = b->allocator, *allocator = &copy; /* the document may be gone, the builder goes */
    npki_free(allocator, b->stack, b->room * sizeof *b->stack);
    npki_free(allocator, b->marks, b->mark_room * sizeof *b->marks);
    npki_memo_free(&b->machine.memo);
    if (b->stop != NULL)
        npki_memo_free(&b->outer.memo);
    npki_map_free(&b->global_names);
    npki_earlier_free(&b->earlier);
    npki_site_end(&b->site);
#define FREE(vector) npki_dynbuf_free(&b->vector);
    VECTORS(FREE)
#undef FREE
    npki_free(allocator, b, sizeof *b);
}
