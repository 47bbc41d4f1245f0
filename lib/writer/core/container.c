/* Containers and calls. What a pickler does with them: Modules/_pickle.c save_tuple(), save_reduce(). */
#include "writer/core/run.h"

#include <inttypes.h>

/* What a call takes where: something that may be called, its arguments as a tuple, its keywords as a dict. NULL where
 * the value to come is that. What was said of it is forgotten. */
static const char *misplaced(npk_writer *w)
{
    const npki_container *container = w->depth > 0 ? &w->containers[w->depth - 1] : NULL;
    static const char *const parts[] = {"expected a class or a function to be called, found another value",
                                        "the arguments of a call are a tuple", "the keywords of a call are a dict"};
    const bool good[] = {!w->uncallable_next, w->tuple_next || w->any_next, w->dict_next || w->any_next};
    w->uncallable_next = w->tuple_next = w->dict_next = w->any_next = false;
    bool is_call =
        container != NULL && container->kind == NPK_KIND_OBJECT && container->call != NULL && container->call->pops > 1;
    return is_call && container->items < container->parts && !good[container->items] ? parts[container->items] : NULL;
}

/* cPickle of Python 2 goes by reference counts. The root has another from the caller, an item of a list from the
 * iterator, and so have keys and values at protocol 0 and those that are set in an object; elsewhere what is written
 * holds its parts directly. */
static bool is_held(const npk_writer *w)
{
    const npki_container *container = w->depth > 0 ? &w->containers[w->depth - 1] : NULL;
    if (container == NULL || container->kind == NPK_KIND_LIST)
        return true;
    return container->kind == NPK_KIND_DICT && (container->added || w->protocol == 0);
}

bool npki_before(npk_writer *w)
{
    const char *wrong = misplaced(w);
    if (w->payload != NULL)
        npki_writer_fail(w, NPK_ERR_USAGE, "a value among the parts of an array");
    if (w->error.status != NPK_OK)
        return false;
    if (w->depth == 0) {
        if (w->roots++ > 0)
            npki_writer_fail(w, NPK_ERR_USAGE, "a pickle holds one value; a second one was written");
        if (w->behind == NPKI_ENDS_WITH_INPUT)
            npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "a pickle behind one that ends without STOP");
    } else {
        npki_container *container = &w->containers[w->depth - 1];
        if (container->count != NPK_UNKNOWN && container->items >= container->count)
            npki_writer_fail(w, NPK_ERR_USAGE, "more items in a %s than its count says",
                             npk_kind_name(container->kind));
        else if (wrong != NULL)
            npki_writer_fail(w, NPK_ERR_USAGE, "%s", wrong);
        else
            npki_mark_item(w, container);
    }
    w->held = w->numbered == NPKI_NUMBERED_HELD && is_held(w);
    w->last_unhashable = w->last_loose = false;
    npki_boundary(w);
    return w->error.status == NPK_OK;
}

static void put_one(npk_writer *w, const npki_container *container)
{
    if (container->dropped && container->number == NPKI_NUMBER_IF_HELD)
        w->last = NPK_UNKNOWN;
    else
        npki_put_container(w, container);
}

/* A call of one part, a persistent id, comes with the end: until then the part is the value that was written last. */
static bool is_made_at_end(const npki_container *container)
{
    return container->kind == NPK_KIND_OBJECT && container->call != NULL && container->call->pops == 1;
}

void npki_put_made(npk_writer *w, npki_container *container)
{
    int64_t number;
    container->again = npki_known(w, container->key, &number);
    if (container->again && is_made_at_end(container)) {
        npki_writer_fail(w, NPK_ERR_UNSUPPORTED,
                         "a persistent id that holds what it stands for: it would be looked up twice");
    } else if (container->again && container->loose && !container->own_parts && w->from_graph) {
        npki_writer_fail(w, NPK_ERR_UNSUPPORTED,
                         "an object that holds itself has a part that a call makes and the memo does "
                         "not have: it would be made twice");
    } else if (container->again) {
        npki_op(w, NPKI_ROW_POP);
        npki_get(w, number);
    } else {
        put_one(w, container);
    }
    container->memo = w->last;
}

/* The opcode of a call; in the place of one that was made inside its own arguments, and is to be called but once, all
 * parts but one are dropped. */
static void make_call(npk_writer *w, npki_container *container)
{
    int64_t number;
    const bool again = container->once && npki_known(w, container->key, &number);
    for (int i = 1; again && i < container->call->pops; i++)
        npki_op(w, NPKI_ROW_POP);
    if (!again)
        npki_op(w, (enum npki_opcode_row)(container->call - npki_opcodes));
    if (container->call->kind == NPK_KIND_OBJECT || container->key != 0)
        npki_put_made(w, container);
    container->memo = w->last;
}

/* After the callable and the arguments comes the call, after each state BUILD. */
static void after_part(npk_writer *w, npki_container *container)
{
    if (container->items > container->parts)
        npki_op(w, NPKI_ROW_BUILD);
    else if (container->items == container->parts && container->call != NULL && !is_made_at_end(container))
        make_call(w, container);
}

/* An item that can't be a key: nor can a tuple with it, and it is neither a key nor in a set. */
static void hold_unhashable(npk_writer *w, npki_container *container)
{
    bool key = container->kind == NPK_KIND_DICT && !container->added && container->items % 2 == 0;
    if (key || container->kind == NPK_KIND_SET || container->kind == NPK_KIND_FROZENSET || container->of_set)
        npki_writer_fail(w, NPK_ERR_TYPE, "an unhashable value as a key of a dict or in a set");
    if (container->kind == NPK_KIND_TUPLE)
        container->unhashable = true;
}

static void after_item(npk_writer *w)
{
    w->held = false;
    if (w->depth == 0 || w->error.status != NPK_OK)
        return;
    npki_container *container = &w->containers[w->depth - 1];
    if (w->last_unhashable)
        hold_unhashable(w, container);
    if (w->error.status != NPK_OK)
        return;
    container->items++;
    container->loose = container->loose || w->last_loose;
    if (container->kind == NPK_KIND_OBJECT) {
        after_part(w, container);
        return;
    }
    if (container->kind == NPK_KIND_TUPLE || container->kind == NPK_KIND_FROZENSET ||
        !npki_ends_entry(container))
        return;
    if (!npki_has_batches(w, container))
        npki_op(w, npki_add_one(container));
}

void npki_after(npk_writer *w)
{
    after_item(w);
    w->run = 0;
    if (w->depth > 0 && w->error.status == NPK_OK && w->quick)
        npki_run_after(w, &w->containers[w->depth - 1]);
}

static npki_container *push_container(npk_writer *w)
{
    if (w->depth >= w->limits.depth) {
        npki_writer_fail(w, NPK_ERR_LIMIT, "containers more than %" PRIu64 " deep", w->limits.depth);
        return NULL;
    }
    if (w->depth == w->room) {
        size_t room = w->room == 0 ? 16 : 2 * w->room;
        npki_container *containers =
            npki_resize(&w->allocator, w->containers, w->room * sizeof *containers, room * sizeof *containers);
        if (containers == NULL) {
            npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
            return NULL;
        }
        w->containers = containers;
        w->room = room;
    }
    return &w->containers[w->depth++];
}

/* An empty list, dict or set comes first, and its items are added to it. */
static void open_container(npk_writer *w, const npki_container *container)
{
    static const enum npki_opcode_row empty[NPKI_KINDS] = {[NPK_KIND_LIST] = NPKI_ROW_EMPTY_LIST,
                                                           [NPK_KIND_DICT] = NPKI_ROW_EMPTY_DICT,
                                                           [NPK_KIND_SET] = NPKI_ROW_EMPTY_SET};
    if (w->protocol >= npki_opcodes[empty[container->kind]].protocol) {
        npki_op(w, empty[container->kind]);
    } else {
        npki_op(w, NPKI_ROW_MARK);
        npki_op(w, container->kind == NPK_KIND_LIST ? NPKI_ROW_LIST : NPKI_ROW_DICT);
    }
    w->last_unhashable = true;
    npki_put(w, container->key, container->number);
}

npk_status npki_begin(npk_writer *w, npk_kind kind, int64_t count, npki_number_when number)
{
    const npk_opcode *call = &npki_opcodes[NPKI_ROW_REDUCE];
    if (w->quick && npki_run_begin(w, kind, count, number, 0))
        return NPK_OK;
    return npki_begin_as(
        w, &(npki_container){
               .kind = kind, .count = count, .number = number, .call = call, .parts = call->pops, .one_write = true});
}

/* Below protocol 2 a state setter's arguments are a tuple with a MARK, as all are; but picklers of Python write a
 * TUPLE2. Which of the two is known only where there is a pickle to compare with. */
static bool is_short_setter(const npk_writer *w, const npki_container *container)
{
    const uint64_t offset = npki_offset(w);
    const bool strict =
        container->setter && w->opcodes == NPKI_OPCODES_OF_PROTOCOL; /* as a pickler has it, whatever the pickle has */
    return container->dropped && container->count == 2 && w->python->short_setter && offset < w->beside_size &&
           (strict || w->beside[offset] != npki_opcodes[NPKI_ROW_MARK].byte);
}

/* A value of its own, and nothing but its kind, count, number and key is to be known of it. */
static bool is_plain(const npki_container *given)
{
    return !given->added && !given->dropped && !given->setter && !given->of_set && !given->unhashable &&
           given->also_ends == 0;
}

npk_status npki_begin_as(npk_writer *w, const npki_container *given)
{
    int64_t count = given->count;
    if (is_plain(given) && w->quick && npki_run_begin(w, given->kind, count, given->number, given->key))
        return NPK_OK;
    w->run = 0;
    w->spending.steps += NPKI_STEPS_OF_CONTAINER;
    if (count < NPK_UNKNOWN || count > INT64_MAX / 2)
        return npki_writer_fail(w, NPK_ERR_USAGE, "a count of %" PRId64, count);
    w->tuple_next = given->kind == NPK_KIND_TUPLE || given->holds_tuple;
    w->dict_next = given->kind == NPK_KIND_DICT;
    w->uncallable_next = given->kind != NPK_KIND_OBJECT || given->one_write;
    if (w->error.status != NPK_OK || (!given->added && !npki_before(w)))
        return w->error.status;
    if (given->added)
        (void)misplaced(w); /* no value of its own */
    npki_number_when number =
        w->held ? NPKI_NUMBER_ALWAYS : given->number; /* held is the item at hand: the last one, at the end */
    int64_t memo = NPK_UNKNOWN;
    if ((given->kind == NPK_KIND_LIST || given->kind == NPK_KIND_DICT || given->kind == NPK_KIND_SET) &&
        !given->added) {
        open_container(w, given);
        memo = w->last;
    }
    npki_container *container = push_container(w);
    if (container == NULL)
        return w->error.status;
    *container = *given;
    container->unhashable = given->unhashable || given->kind == NPK_KIND_LIST || given->kind == NPK_KIND_DICT ||
                            given->kind == NPK_KIND_SET;
    container->memo = memo;
    container->number = number;
    container->from_graph = w->from_graph;
    if (container->kind == NPK_KIND_DICT && count != NPK_UNKNOWN)
        container->count *= 2;
    if ((container->kind == NPK_KIND_TUPLE && count > npki_unmarked(w, container) && !is_short_setter(w, container)) ||
        container->kind == NPK_KIND_FROZENSET)
        npki_mark(w, container);
    if (container->kind == NPK_KIND_TUPLE && count == NPK_UNKNOWN) {
        container->pending = true;
        container->mark = npki_offset(w);
    }
    return w->error.status;
}

/* A tuple that holds itself was written, and put in the memo, while its items were: what has gathered on the stack
 * goes. */
static bool recursive(npk_writer *w, const npki_container *container)
{
    int64_t number;
    if (!npki_known(w, container->key, &number))
        return false;
    if (container->loose && w->from_graph)
        npki_writer_fail(w, NPK_ERR_UNSUPPORTED,
                         "a tuple that holds itself has an item that a call makes and the memo does not have: it would "
                         "be made twice");
    if (container->marked && w->protocol >= npki_opcodes[NPKI_ROW_POP_MARK].protocol) {
        npki_op(w, NPKI_ROW_POP_MARK);
    } else {
        for (int64_t i = container->marked ? -1 : 0; i < container->items; i++)
            npki_op(w, NPKI_ROW_POP);
    }
    npki_get(w, number);
    return true;
}

static void close_tuple(npk_writer *w, const npki_container *container)
{
    static const enum npki_opcode_row by_count[] = {NPKI_ROW_EMPTY_TUPLE, NPKI_ROW_TUPLE1, NPKI_ROW_TUPLE2,
                                                    NPKI_ROW_TUPLE3};
    if (recursive(w, container))
        return;
    w->last = NPK_UNKNOWN;
    if (container->items == 0 && !container->marked && w->protocol >= npki_opcodes[NPKI_ROW_EMPTY_TUPLE].protocol) {
        npki_op(w, NPKI_ROW_EMPTY_TUPLE); /* never in the memo, but that where it has no opcode it may be */
        if (w->python->document)
            npki_put_container(w, container);
        w->last = NPK_UNKNOWN;
        return;
    }
    if (container->marked || container->items == 0) {
        if (!container->marked)
            npki_op(w, NPKI_ROW_MARK);
        npki_op(w, NPKI_ROW_TUPLE);
    } else if (container->items <= npki_unmarked(w, container)) {
        npki_op(w, by_count[container->items]);
    } else { /* is_short_setter */
        npki_put_bytes(w, &npki_opcodes[by_count[container->items]].byte, 1);
        w->came_to |= NPKI_CAME_TO_SETTER;
    }
    if (container->items == 0)
        w->came_to |= NPKI_CAME_TO_TUPLE;
    if (container->items > 0 || w->python->empty_tuples)
        put_one(w, container);
}

static void close_frozenset(npk_writer *w, const npki_container *container)
{
    if (recursive(w, container))
        return;
    npki_op(w, NPKI_ROW_FROZENSET);
    npki_put_container(w, container);
}

static npk_status end_one(npk_writer *w)
{
    w->run = 0;
    npki_container container = w->containers[w->depth - 1];
    if (!npki_ends_entry(&container))
        return npki_writer_fail(
            w, NPK_ERR_USAGE, "expected as many keys as values of a dict, found %" PRId64 " of both", container.items);
    if (container.kind == NPK_KIND_OBJECT && container.items < container.parts)
        return npki_writer_fail(w, NPK_ERR_USAGE, "a call of %" PRId64 " parts has %" PRId64, container.parts,
                                container.items);
    if (container.count != NPK_UNKNOWN && container.items != container.count)
        return npki_writer_fail(w, NPK_ERR_USAGE, "%" PRId64 " items in a %s whose count says %" PRId64,
                                container.items, npk_kind_name(container.kind), container.count);
    if (is_made_at_end(&container))
        make_call(w, &container);
    if (container.kind == NPK_KIND_TUPLE)
        close_tuple(w, &container);
    else if (container.kind == NPK_KIND_FROZENSET)
        close_frozenset(w, &container);
    else if (npki_has_batches(w, &container))
        npki_close_batches(w, &container);
    else
        w->last = container.memo;
    w->depth--;
    w->last_unhashable = container.unhashable;
    bool called =
        container.kind == NPK_KIND_OBJECT && (container.call == NULL || container.call->kind == NPK_KIND_OBJECT);
    bool of_loose = container.loose && (container.kind == NPK_KIND_TUPLE || container.kind == NPK_KIND_FROZENSET);
    bool in_memo = (called ? container.memo : w->last) != NPK_UNKNOWN;
    w->last_loose = (called || of_loose) && !container.added && !in_memo;
    if (container.added)
        return w->error.status;
    int64_t last = w->last; /* what the parent adds is no object; what was written of a graph is remembered next */
    npki_after(w);
    if (w->depth == 0 || w->containers[w->depth - 1].kind != NPK_KIND_OBJECT || w->from_graph)
        w->last = last;
    return w->error.status;
}

npk_status npki_end(npk_writer *w)
{
    if (w->error.status == NPK_OK && w->depth == 0)
        npki_writer_fail(w, NPK_ERR_USAGE, "an end without a beginning");
    if (w->error.status != NPK_OK)
        return w->error.status;
    if (w->quick && npki_run_end(w))
        return NPK_OK;
    for (int more = w->containers[w->depth - 1].also_ends; end_one(w) == NPK_OK && more > 0; more--)
        ;
    return w->error.status;
}

void npki_write_empty(npk_writer *w, npk_kind kind, uint64_t key, npki_number_when number)
{
    w->run = 0;
    w->tuple_next = kind == NPK_KIND_TUPLE;
    w->dict_next = kind == NPK_KIND_DICT;
    w->uncallable_next = true;
    w->any_next = false;
    if (w->error.status != NPK_OK || !npki_before(w))
        return;
    if (kind == NPK_KIND_TUPLE) {
        npki_op(w, NPKI_ROW_EMPTY_TUPLE);
        w->last = NPK_UNKNOWN;
    } else
        open_container(w, &(npki_container){.kind = kind, .key = key, .number = w->held ? NPKI_NUMBER_ALWAYS : number});
    w->last_unhashable = kind != NPK_KIND_TUPLE;
    const int64_t last = w->last;
    npki_after(w);
    w->last = last;
}

npk_status npk_write_end(npk_writer *w)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (w->payload == NULL)
        return npki_end(w);
    npki_payload *payload = w->payload;
    w->payload = NULL;
    payload->end(w, payload);
    return w->error.status;
}

void npki_can_be_no_key(npk_writer *w)
{
    if (w->depth > 0)
        w->containers[w->depth - 1].unhashable = true;
}

bool npki_write_known(npk_writer *w, uint64_t key)
{
    int64_t number;
    if (!npki_known(w, key, &number))
        return false;
    w->tuple_next = w->dict_next = true; /* it may be one */
    if (!npki_before(w))
        return false;
    npki_get(w, number);
    npki_after(w);
    return true;
}
