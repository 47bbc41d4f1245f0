/* Containers and calls, and the memo. What a pickler does with them: Modules/_pickle.c batch_list_exact(),
 * batch_dict_exact(), save_tuple(), save_reduce(). */
#include "writer/core/writer.h"

#include "text/number.h"

#include <inttypes.h>

#define FORGOTTEN UINT64_MAX /* in the memo, in place of a number */
static int64_t per_entry(const npki_container *level)
{
    return level->kind == NPK_KIND_DICT ? 2 : 1;
}

/* Items from which a MARK is needed: one item goes without, a tuple's three. */
static int64_t unmarked(const npk_writer *w, const npki_container *level)
{
    if (level->kind == NPK_KIND_TUPLE)
        return w->protocol >= npki_opcodes[NPKI_ROW_TUPLE1].protocol ? 3 : 0;
    return level->kind == NPK_KIND_SET || level->kind == NPK_KIND_FROZENSET ? 0 : per_entry(level);
}

static void mark(npk_writer *w, npki_container *level)
{
    npki_op(w, NPKI_ROW_MARK);
    level->marked = true;
}

/* A list or dict at protocol 0 adds its items one by one. A set, where there are opcodes for it, does not. */
static bool has_batches(const npk_writer *w, const npki_container *level)
{
    return (level->kind == NPK_KIND_LIST || level->kind == NPK_KIND_DICT || level->kind == NPK_KIND_SET) &&
           w->protocol >= npki_opcodes[NPKI_ROW_APPENDS].protocol;
}

/* The opcodes that add one entry, and all down to the mark. */
static enum npki_opcode_row add_one(const npki_container *level)
{
    return level->kind == NPK_KIND_DICT ? NPKI_ROW_SETITEM : NPKI_ROW_APPEND;
}

static enum npki_opcode_row add_batch(const npki_container *level)
{
    return level->kind == NPK_KIND_DICT  ? NPKI_ROW_SETITEMS
           : level->kind == NPK_KIND_SET ? NPKI_ROW_ADDITEMS
                                         : NPKI_ROW_APPENDS;
}

static void close_batch(npk_writer *w, npki_container *level)
{
    npki_op(w, add_batch(level));
    level->marked = false;
}

/* Whether a batch of one entry goes without a MARK: a list of one item or dict of one pair; what is added to an
 * object, and in some Pythons all, also where it is the last of several batches. A set has always one. */
static bool lone(const npk_writer *w, const npki_container *level, int64_t entries)
{
    if (level->kind == NPK_KIND_SET)
        return false;
    int64_t left = level->count / per_entry(level) - entries;
    if (level->kind == NPK_KIND_LIST && w->python->marked_item)
        return false;
    bool later = level->kind == NPK_KIND_LIST ? w->python->lone_item : w->python->lone_pair;
    return left == 1 && (entries == 0 || level->added || later);
}

/* Without a count, how many entries the batch gets is not known when it begins. */
static bool may_be_lone(const npk_writer *w, const npki_container *level, int64_t entries)
{
    npki_container last = *level;
    last.count = (entries + 1) * per_entry(level);
    return level->count == NPK_UNKNOWN && lone(w, &last, entries);
}

/* Items of the batch at hand; of a tuple all. */
static int64_t in_batch(const npk_writer *w, const npki_container *level)
{
    return level->kind == NPK_KIND_TUPLE ? level->items : level->items % (w->python->batch * per_entry(level));
}

/* The end of the batch before, and the MARK before an item, now or, where the count is not known, perhaps later. */
static void mark_item(npk_writer *w, npki_container *level)
{
    int64_t entries = level->items / per_entry(level);
    if (level->marked && has_batches(w, level) && level->items > 0 && in_batch(w, level) == 0)
        close_batch(w, level);
    if (level->pending && in_batch(w, level) >= unmarked(w, level)) {
        level->pending = false;
        level->marked = true;
        npki_insert_mark(w, level->mark);
    } else if (has_batches(w, level) && !level->marked && !level->pending && level->items % per_entry(level) == 0) {
        if (may_be_lone(w, level, entries)) {
            level->pending = true;
            level->mark = npki_offset(w);
        } else if (level->count == NPK_UNKNOWN || !lone(w, level, entries)) {
            mark(w, level);
        }
    }
}

/* A call takes its arguments as a tuple, its keywords as a dict. */
static bool is_misplaced(npk_writer *w, const npki_container *level)
{
    bool tuple = w->tuple_next, dict = w->dict_next;
    w->tuple_next = w->dict_next = false;
    if (level->kind != NPK_KIND_OBJECT || level->call == NULL || level->call->pops == 1)
        return false;
    return (level->items == 1 && !tuple) || (level->items == 2 && level->parts == 3 && !dict);
}

/* cPickle of Python 2 goes by reference counts. The root has another from the caller, an item of a list from the
 * iterator, and so have keys and values at protocol 0 and those that are set in an object; elsewhere what is written
 * holds its parts directly. */
static bool is_held(const npk_writer *w)
{
    const npki_container *level = w->depth > 0 ? &w->levels[w->depth - 1] : NULL;
    if (level == NULL || level->kind == NPK_KIND_LIST)
        return true;
    return level->kind == NPK_KIND_DICT && (level->added || w->protocol == 0);
}

bool npki_before(npk_writer *w)
{
    if (w->parts != NULL)
        npki_writer_fail(w, NPK_ERR_USAGE, "a value among the parts of an array");
    if (w->error.status != NPK_OK)
        return false;
    if (w->depth == 0) {
        if (w->roots++ > 0)
            npki_writer_fail(w, NPK_ERR_USAGE, "a pickle holds one value; a second one was written");
    } else {
        npki_container *level = &w->levels[w->depth - 1];
        if (level->count != NPK_UNKNOWN && level->items >= level->count)
            npki_writer_fail(w, NPK_ERR_USAGE, "more items in a %s than its count says", npk_kind_name(level->kind));
        else if (is_misplaced(w, level))
            npki_writer_fail(w, NPK_ERR_USAGE, "the %s of a call are a %s",
                             level->items == 1 ? "arguments" : "keywords", level->items == 1 ? "tuple" : "dict");
        else
            mark_item(w, level);
    }
    w->held = w->puts == NPKI_PUTS_HELD && is_held(w);
    npki_boundary(w);
    return w->error.status == NPK_OK;
}

/* The opcode that puts under a number. For a document's reader it says who made the value, see tell_maker() in
 * build.c. */
static enum npki_opcode_row put_row(const npk_writer *w, int64_t number, bool whole, bool from_graph)
{
    bool sent = w->python->values && !from_graph;
    if (w->protocol >= npki_opcodes[NPKI_ROW_MEMOIZE].protocol && !sent)
        return NPKI_ROW_MEMOIZE;
    if (w->protocol < npki_opcodes[NPKI_ROW_BINPUT].protocol || (sent && whole))
        return NPKI_ROW_PUT;
    return number < 256 ? NPKI_ROW_BINPUT : NPKI_ROW_LONG_BINPUT;
}

static void put_as(npk_writer *w, uint64_t key, bool keep, bool whole, bool from_graph)
{
    char text[21];
    w->last = NPK_UNKNOWN;
    if ((w->puts != NPKI_PUTS_ALL && !keep && !w->held) || w->memo_policy == NPK_MEMO_NONE) {
        w->unnumbered = npki_offset(w);
        return;
    }
    int64_t number = w->next_memo++;
    enum npki_opcode_row row = put_row(w, number, whole, from_graph);
    if (row == NPKI_ROW_PUT)
        npki_op_line(w, row, text, npki_print_int64(number, text));
    else
        npki_op_number(w, row, (uint64_t)number); /* MEMOIZE has no room for it */
    w->last = number;
    if (key != 0)
        npki_remember(w, key);
}

static void put_level(npk_writer *w, const npki_container *level)
{
    put_as(w, level->key, level->keep, level->whole, level->from_graph);
}

/* After the callable and the arguments comes the call, after each state BUILD. */
static void after_part(npk_writer *w, npki_container *level)
{
    if (level->items > level->parts) {
        npki_op(w, NPKI_ROW_BUILD);
    } else if (level->items == level->parts && level->call != NULL) {
        npki_op(w, (enum npki_opcode_row)(level->call - npki_opcodes));
        if (level->call->kind == NPK_KIND_OBJECT)
            put_level(w, level);
        level->memo = w->last;
    }
}

void npki_after(npk_writer *w)
{
    w->held = false;
    if (w->depth == 0 || w->error.status != NPK_OK)
        return;
    npki_container *level = &w->levels[w->depth - 1];
    level->items++;
    if (level->kind == NPK_KIND_OBJECT) {
        after_part(w, level);
        return;
    }
    if (level->kind == NPK_KIND_TUPLE || level->kind == NPK_KIND_FROZENSET || level->items % per_entry(level) != 0)
        return;
    if (!has_batches(w, level))
        npki_op(w, add_one(level));
}

/* --- begin and end --- */

static npki_container *push_level(npk_writer *w)
{
    if (w->depth >= w->limits.depth) {
        npki_writer_fail(w, NPK_ERR_LIMIT, "containers more than %" PRIu64 " deep", w->limits.depth);
        return NULL;
    }
    if (w->depth == w->room) {
        size_t room = w->room == 0 ? 16 : 2 * w->room;
        npki_container *levels = npki_resize(&w->allocator, w->levels, w->room * sizeof *levels, room * sizeof *levels);
        if (levels == NULL) {
            npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
            return NULL;
        }
        w->levels = levels;
        w->room = room;
    }
    return &w->levels[w->depth++];
}

/* An empty list, dict or set comes first, and its items are added to it. */
static void open_container(npk_writer *w, const npki_container *level)
{
    static const enum npki_opcode_row empty[NPKI_KINDS] = {[NPK_KIND_LIST] = NPKI_ROW_EMPTY_LIST,
                                                           [NPK_KIND_DICT] = NPKI_ROW_EMPTY_DICT,
                                                           [NPK_KIND_SET] = NPKI_ROW_EMPTY_SET};
    if (w->protocol >= npki_opcodes[empty[level->kind]].protocol) {
        npki_op(w, empty[level->kind]);
    } else {
        npki_op(w, NPKI_ROW_MARK);
        npki_op(w, level->kind == NPK_KIND_LIST ? NPKI_ROW_LIST : NPKI_ROW_DICT);
    }
    npki_put(w, level->key, level->keep);
}

npk_status npki_begin(npk_writer *w, npk_kind kind, int64_t count, bool keep)
{
    const npk_opcode *call = &npki_opcodes[NPKI_ROW_REDUCE];
    return npki_begin_as(
        w, &(npki_container){
               .kind = kind, .count = count, .keep = keep, .call = call, .parts = call->pops, .whole = true});
}

npk_status npki_begin_as(npk_writer *w, const npki_container *given)
{
    int64_t count = given->count;
    if (count < NPK_UNKNOWN || count > INT64_MAX / 2)
        return npki_writer_fail(w, NPK_ERR_USAGE, "a count of %" PRId64, count);
    w->tuple_next = given->kind == NPK_KIND_TUPLE;
    w->dict_next = given->kind == NPK_KIND_DICT;
    if (w->error.status != NPK_OK || (!given->added && !npki_before(w)))
        return w->error.status;
    bool keep = given->keep || w->held; /* which is of the item at hand: the last one, at the end */
    int64_t memo = NPK_UNKNOWN;
    if ((given->kind == NPK_KIND_LIST || given->kind == NPK_KIND_DICT || given->kind == NPK_KIND_SET) &&
        !given->added) {
        open_container(w, given);
        memo = w->last;
    }
    npki_container *level = push_level(w);
    if (level == NULL)
        return w->error.status;
    *level = *given;
    level->memo = memo;
    level->keep = keep;
    level->from_graph = w->from_graph;
    if (level->kind == NPK_KIND_DICT && count != NPK_UNKNOWN)
        level->count *= 2;
    if ((level->kind == NPK_KIND_TUPLE && count > unmarked(w, level)) || level->kind == NPK_KIND_FROZENSET)
        mark(w, level);
    if (level->kind == NPK_KIND_TUPLE && count == NPK_UNKNOWN) {
        level->pending = true;
        level->mark = npki_offset(w);
    }
    return w->error.status;
}

/* A tuple that holds itself was written, and put in the memo, while its items were: what has gathered on the stack
 * goes. */
static bool recursive(npk_writer *w, const npki_container *level)
{
    const uint64_t *number = level->key == 0 ? NULL : npki_map_get(&w->memo, level->key);
    if (number == NULL || *number == FORGOTTEN)
        return false;
    if (level->marked && w->protocol >= npki_opcodes[NPKI_ROW_POP_MARK].protocol) {
        npki_op(w, NPKI_ROW_POP_MARK);
    } else {
        for (int64_t i = level->marked ? -1 : 0; i < level->items; i++)
            npki_op(w, NPKI_ROW_POP);
    }
    npki_get(w, (int64_t)*number);
    return true;
}

static void close_tuple(npk_writer *w, const npki_container *level)
{
    static const enum npki_opcode_row by_count[] = {NPKI_ROW_EMPTY_TUPLE, NPKI_ROW_TUPLE1, NPKI_ROW_TUPLE2,
                                                    NPKI_ROW_TUPLE3};
    if (recursive(w, level))
        return;
    w->last = NPK_UNKNOWN;
    if (level->items == 0 && !level->marked && w->protocol >= npki_opcodes[NPKI_ROW_EMPTY_TUPLE].protocol) {
        npki_op(w, NPKI_ROW_EMPTY_TUPLE); /* never in the memo, but that where it has no opcode it may be */
        if (w->python->values)
            put_level(w, level);
        w->last = NPK_UNKNOWN;
        return;
    }
    if (level->marked || level->items == 0) {
        if (!level->marked)
            npki_op(w, NPKI_ROW_MARK);
        npki_op(w, NPKI_ROW_TUPLE);
    } else {
        npki_op(w, by_count[level->items]);
    }
    if (level->items > 0 || w->python->empty_tuples)
        put_level(w, level);
}

static void close_frozenset(npk_writer *w, const npki_container *level)
{
    if (recursive(w, level))
        return;
    npki_op(w, NPKI_ROW_FROZENSET);
    put_level(w, level);
}

/* The last batch. A dict or set of a multiple of 1000 entries may end in an empty one: so CPython's C pickler has it
 * till 3.14. */
static void close_batches(npk_writer *w, npki_container *level)
{
    int64_t entries = level->items / per_entry(level);
    if (level->marked)
        close_batch(w, level);
    else if (entries % w->python->batch == 1)
        npki_op(w, add_one(level));
    bool whole = entries > 0 && entries % w->python->batch == 0;
    if (level->kind != NPK_KIND_LIST && whole && !level->added && !w->python->lone_pair) {
        mark(w, level);
        close_batch(w, level);
    }
    w->last = level->memo;
}

static npk_status end_one(npk_writer *w)
{
    npki_container level = w->levels[w->depth - 1];
    if (level.items % per_entry(&level) != 0)
        return npki_writer_fail(w, NPK_ERR_USAGE, "a dict of %" PRId64 " keys and values: an odd number", level.items);
    if (level.kind == NPK_KIND_OBJECT && level.items < level.parts)
        return npki_writer_fail(w, NPK_ERR_USAGE, "a call of %" PRId64 " parts has %" PRId64, level.parts, level.items);
    if (level.count != NPK_UNKNOWN && level.items != level.count)
        return npki_writer_fail(w, NPK_ERR_USAGE, "%" PRId64 " items in a %s whose count says %" PRId64, level.items,
                                npk_kind_name(level.kind), level.count);
    if (level.kind == NPK_KIND_TUPLE)
        close_tuple(w, &level);
    else if (level.kind == NPK_KIND_FROZENSET)
        close_frozenset(w, &level);
    else if (has_batches(w, &level))
        close_batches(w, &level);
    else
        w->last = level.memo;
    w->depth--;
    if (level.added)
        return w->error.status;
    int64_t last = w->last; /* what the parent adds is no object */
    npki_after(w);
    if (w->depth == 0 || w->levels[w->depth - 1].kind != NPK_KIND_OBJECT)
        w->last = last;
    return w->error.status;
}

npk_status npki_end(npk_writer *w)
{
    if (w->error.status == NPK_OK && w->depth == 0)
        npki_writer_fail(w, NPK_ERR_USAGE, "an end without a beginning");
    if (w->error.status != NPK_OK)
        return w->error.status;
    for (int more = w->levels[w->depth - 1].also_ends; end_one(w) == NPK_OK && more > 0; more--)
        ;
    return w->error.status;
}

/* --- the memo --- */

npki_puts npki_puts_of(const npk_writer *w)
{
    return w->python->numbers == NPKI_NUMBERS_HELD ? NPKI_PUTS_HELD : NPKI_PUTS_ALL;
}

bool npki_keeps_temporaries(const npk_writer *w)
{
    return w->python->numbers == NPKI_NUMBERS_ALL;
}

void npki_get(npk_writer *w, int64_t number)
{
    char text[21];
    if (w->protocol < npki_opcodes[NPKI_ROW_BINGET].protocol)
        npki_op_line(w, NPKI_ROW_GET, text, npki_print_int64(number, text));
    else
        npki_op_number(w, number < 256 ? NPKI_ROW_BINGET : NPKI_ROW_LONG_BINGET, (uint64_t)number);
    w->last = number;
}

bool npki_get_known(npk_writer *w, uint64_t key)
{
    const uint64_t *number = npki_map_get(&w->memo, key);
    if (number == NULL || *number == FORGOTTEN)
        return false;
    npki_get(w, (int64_t)*number);
    return true;
}

bool npki_write_known(npk_writer *w, uint64_t key)
{
    const uint64_t *number = npki_map_get(&w->memo, key);
    w->tuple_next = w->dict_next = true; /* it may be one */
    if (number == NULL || *number == FORGOTTEN || !npki_before(w))
        return false;
    npki_get(w, (int64_t)*number);
    npki_after(w);
    return true;
}

void npki_put(npk_writer *w, uint64_t key, bool keep)
{
    put_as(w, key, keep, false, w->from_graph);
}

void npki_remember(npk_writer *w, uint64_t key)
{
    bool added;
    uint64_t *slot = w->error.status == NPK_OK ? npki_map_put(&w->memo, key, &added) : NULL;
    if (slot != NULL)
        *slot = w->last == NPK_UNKNOWN ? FORGOTTEN : (uint64_t)w->last;
    else
        npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
}

void npki_forget(npk_writer *w, uint64_t key)
{
    uint64_t *slot = npki_map_get(&w->memo, key);
    if (slot != NULL)
        *slot = FORGOTTEN;
}
