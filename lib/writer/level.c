/* Containers and calls, and the memo. What a pickler does with them: Modules/_pickle.c batch_list_exact(), batch_dict_exact(),
 * save_tuple(), save_reduce(). */
#include "writer/writer.h"

#include "text/number.h"

#include <inttypes.h>

#define BATCH 1000 /* items, or pairs, between a MARK and its APPENDS or SETITEMS */

static int64_t per_entry(const npki_level *level)
{
    return level->kind == NPK_KIND_DICT ? 2 : 1;
}

/* Items from which a MARK is needed: one item goes without, a tuple's three. */
static int64_t unmarked(const npk_writer *w, const npki_level *level)
{
    if (level->kind == NPK_KIND_TUPLE)
        return w->protocol >= npki_opcodes[NPKI_ROW_TUPLE1].protocol ? 3 : 0;
    return per_entry(level);
}

static void mark(npk_writer *w, npki_level *level)
{
    npki_op(w, NPKI_ROW_MARK);
    level->marked = true;
}

/* A list or dict at protocol 0 adds its items one by one. */
static bool has_batches(const npk_writer *w, const npki_level *level)
{
    return (level->kind == NPK_KIND_LIST || level->kind == NPK_KIND_DICT) &&
           w->protocol >= npki_opcodes[NPKI_ROW_APPENDS].protocol;
}

/* The MARK before an item, now or, where the count is not known, perhaps later. */
static void mark_item(npk_writer *w, npki_level *level)
{
    int64_t entries = level->items / per_entry(level);
    if (level->pending && level->items >= unmarked(w, level)) {
        level->pending = false;
        level->marked = true;
        npki_insert_mark(w, level->mark);
    } else if (has_batches(w, level) && !level->marked && !level->pending && level->items % per_entry(level) == 0) {
        if (level->count == NPK_UNKNOWN && entries == 0) {
            level->pending = true;
            level->mark = npki_offset(w);
        } else if (level->count == NPK_UNKNOWN || level->count > per_entry(level)) {
            mark(w, level);
        }
    }
}

bool npki_before(npk_writer *w)
{
    if (w->error.status != NPK_OK)
        return false;
    if (w->depth == 0) {
        if (w->roots++ > 0)
            npki_writer_fail(w, NPK_USAGE, "a pickle holds one value; a second one was written");
    } else {
        npki_level *level = &w->levels[w->depth - 1];
        if (level->count != NPK_UNKNOWN && level->items >= level->count)
            npki_writer_fail(w, NPK_USAGE, "more items in a %s than its count says", npk_kind_name(level->kind));
        else
            mark_item(w, level);
    }
    npki_boundary(w);
    return w->error.status == NPK_OK;
}

/* After the callable and the arguments comes the call, after the state BUILD. */
static void after_part(npk_writer *w, npki_level *level)
{
    if (level->items == 2) {
        npki_op(w, NPKI_ROW_REDUCE);
        npki_put(w, 0, level->keep);
        level->memo = w->last;
    } else if (level->items == 3) {
        npki_op(w, NPKI_ROW_BUILD);
    }
}

void npki_after(npk_writer *w)
{
    if (w->depth == 0 || w->error.status != NPK_OK)
        return;
    npki_level *level = &w->levels[w->depth - 1];
    level->items++;
    if (level->kind == NPK_KIND_OBJECT) {
        after_part(w, level);
        return;
    }
    if (level->kind == NPK_KIND_TUPLE || level->items % per_entry(level) != 0)
        return;
    bool dict = level->kind == NPK_KIND_DICT;
    int64_t entries = level->items / per_entry(level);
    if (level->marked && entries % BATCH == 0) {
        npki_op(w, dict ? NPKI_ROW_SETITEMS : NPKI_ROW_APPENDS);
        level->marked = false;
    } else if (!has_batches(w, level)) {
        npki_op(w, dict ? NPKI_ROW_SETITEM : NPKI_ROW_APPEND);
    }
}

/* --- begin and end --- */

static npki_level *push_level(npk_writer *w)
{
    if (w->depth >= w->limits.depth) {
        npki_writer_fail(w, NPK_LIMIT, "containers more than %" PRIu64 " deep", w->limits.depth);
        return NULL;
    }
    if (w->depth == w->room) {
        size_t room = w->room == 0 ? 16 : 2 * w->room;
        npki_level *levels = npki_resize(&w->allocator, w->levels, w->room * sizeof *levels, room * sizeof *levels);
        if (levels == NULL) {
            npki_writer_fail(w, NPK_MEMORY, "an allocation failed");
            return NULL;
        }
        w->levels = levels;
        w->room = room;
    }
    return &w->levels[w->depth++];
}

/* An empty list or dict comes first, and its items are added to it. */
static void open_container(npk_writer *w, npk_kind kind, bool keep)
{
    bool list = kind == NPK_KIND_LIST;
    if (w->protocol >= npki_opcodes[NPKI_ROW_EMPTY_LIST].protocol) {
        npki_op(w, list ? NPKI_ROW_EMPTY_LIST : NPKI_ROW_EMPTY_DICT);
    } else {
        npki_op(w, NPKI_ROW_MARK);
        npki_op(w, list ? NPKI_ROW_LIST : NPKI_ROW_DICT);
    }
    npki_put(w, 0, keep);
}

npk_status npki_begin(npk_writer *w, npk_kind kind, int64_t count, bool keep)
{
    if (count < NPK_UNKNOWN || count > INT64_MAX / 2)
        return npki_writer_fail(w, NPK_USAGE, "a count of %" PRId64, count);
    if (!npki_before(w))
        return w->error.status;
    int64_t memo = NPK_UNKNOWN;
    if (kind == NPK_KIND_LIST || kind == NPK_KIND_DICT) {
        open_container(w, kind, keep);
        memo = w->last;
    }
    npki_level *level = push_level(w);
    if (level == NULL)
        return w->error.status;
    *level = (npki_level){.kind = kind, .count = count, .memo = memo, .keep = keep};
    if (kind == NPK_KIND_DICT && count != NPK_UNKNOWN)
        level->count *= 2;
    if (kind == NPK_KIND_TUPLE && count > unmarked(w, level))
        mark(w, level);
    if (kind == NPK_KIND_TUPLE && count == NPK_UNKNOWN) {
        level->pending = true;
        level->mark = npki_offset(w);
    }
    return w->error.status;
}

static void close_tuple(npk_writer *w, const npki_level *level)
{
    static const enum npki_opcode_row by_count[] = {NPKI_ROW_EMPTY_TUPLE, NPKI_ROW_TUPLE1, NPKI_ROW_TUPLE2, NPKI_ROW_TUPLE3};
    w->last = NPK_UNKNOWN;
    if (level->items == 0 && !level->marked && w->protocol >= npki_opcodes[NPKI_ROW_EMPTY_TUPLE].protocol) {
        npki_op(w, NPKI_ROW_EMPTY_TUPLE); /* never in the memo */
        return;
    }
    if (level->marked || level->items == 0) {
        if (!level->marked)
            npki_op(w, NPKI_ROW_MARK);
        npki_op(w, NPKI_ROW_TUPLE);
    } else {
        npki_op(w, by_count[level->items]);
    }
    if (level->items > 0)
        npki_put(w, 0, level->keep);
}

/* The last batch. A dict of a multiple of 1000 pairs ends in an empty one: so CPython's C pickler has it. */
static void close_batches(npk_writer *w, npki_level *level)
{
    bool dict = level->kind == NPK_KIND_DICT;
    int64_t entries = level->items / per_entry(level);
    if (dict && entries > 0 && entries % BATCH == 0 && !w->dialect->python2)
        mark(w, level);
    if (level->marked)
        npki_op(w, dict ? NPKI_ROW_SETITEMS : NPKI_ROW_APPENDS);
    else if (entries == 1)
        npki_op(w, dict ? NPKI_ROW_SETITEM : NPKI_ROW_APPEND);
    w->last = level->memo;
}

npk_status npki_end(npk_writer *w)
{
    if (w->error.status != NPK_OK)
        return w->error.status;
    if (w->depth == 0)
        return npki_writer_fail(w, NPK_USAGE, "an end without a beginning");
    npki_level level = w->levels[w->depth - 1];
    if (level.items % per_entry(&level) != 0)
        return npki_writer_fail(w, NPK_USAGE, "a dict of %" PRId64 " keys and values: an odd number", level.items);
    if (level.count != NPK_UNKNOWN && level.items != level.count)
        return npki_writer_fail(w, NPK_USAGE, "%" PRId64 " items in a %s whose count says %" PRId64, level.items,
                                npk_kind_name(level.kind), level.count);
    if (level.kind == NPK_KIND_TUPLE)
        close_tuple(w, &level);
    else if (has_batches(w, &level))
        close_batches(w, &level);
    else
        w->last = level.memo;
    w->depth--;
    int64_t last = w->last; /* what the parent adds is no object */
    npki_after(w);
    if (w->depth == 0 || w->levels[w->depth - 1].kind != NPK_KIND_OBJECT)
        w->last = last;
    return w->error.status;
}

/* --- the memo --- */

#define FORGOTTEN UINT64_MAX /* in place of a number */

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
    if (number == NULL || *number == FORGOTTEN || !npki_before(w))
        return false;
    npki_get(w, (int64_t)*number);
    npki_after(w);
    return true;
}

void npki_put(npk_writer *w, uint64_t key, bool keep)
{
    char text[21];
    w->last = NPK_UNKNOWN;
    if (w->dialect->python2 && !keep)
        return;
    int64_t number = w->next_memo++;
    if (w->protocol >= npki_opcodes[NPKI_ROW_MEMOIZE].protocol)
        npki_op(w, NPKI_ROW_MEMOIZE);
    else if (w->protocol < npki_opcodes[NPKI_ROW_BINPUT].protocol)
        npki_op_line(w, NPKI_ROW_PUT, text, npki_print_int64(number, text));
    else
        npki_op_number(w, number < 256 ? NPKI_ROW_BINPUT : NPKI_ROW_LONG_BINPUT, (uint64_t)number);
    w->last = number;
    if (key != 0)
        npki_remember(w, key);
}

void npki_remember(npk_writer *w, uint64_t key)
{
    bool added;
    uint64_t *slot = w->error.status == NPK_OK ? npki_map_put(&w->memo, key, &added) : NULL;
    if (slot != NULL)
        *slot = w->last == NPK_UNKNOWN ? FORGOTTEN : (uint64_t)w->last;
    else
        npki_writer_fail(w, NPK_MEMORY, "an allocation failed");
}

void npki_forget(npk_writer *w, uint64_t key)
{
    uint64_t *slot = npki_map_get(&w->memo, key);
    if (slot != NULL)
        *slot = FORGOTTEN;
}
