#include "writer/core/run.h"

#include "base/cpu.h"

bool npki_is_quick(const npk_writer *w)
{
    return npki_cpu_level() > NPKI_CPU_PLAIN && !w->python->python2 && !w->python->document && w->protocol >= 2 &&
           w->hooks->made == NULL && w->memo_policy == NPK_MEMO_PYTHON && npki_numbered_of(w) == NPKI_NUMBERED_ALL;
}

int64_t npki_run_of(const npk_writer *w, const npki_container *container)
{
    int64_t left = INT64_MAX;
    if (!w->quick || container->pending || container->kind == NPK_KIND_OBJECT)
        return 0;
    if (npki_has_batches(w, container)) {
        int64_t in_batch = npki_in_batch(w, container);
        left = container->marked && in_batch > 0 ? w->python->batch * npki_per_entry(container) - in_batch : 0;
    } else if (!container->marked) { /* a short tuple */
        left = container->count == NPK_UNKNOWN ? 0 : left;
    }
    int64_t promised = container->count == NPK_UNKNOWN ? left : container->count - container->items;
    return promised < left ? promised : left;
}

bool npki_run_batch(npk_writer *w, size_t size)
{
    npki_container *container = w->depth > 0 ? &w->containers[w->depth - 1] : NULL;
    if (container == NULL || container->count == NPK_UNKNOWN || container->pending || w->payload != NULL ||
        w->error.status != NPK_OK || !npki_has_batches(w, container))
        return false;
    const int64_t left = container->count - container->items, batch = w->python->batch * npki_per_entry(container);
    const bool first = container->items == 0, ends = container->marked && !first && npki_in_batch(w, container) == 0;
    if (left <= npki_per_entry(container) || !((first && !container->marked) || ends) || !npki_run_fits(w, size + 2) ||
        npki_run_left(w) <= 2)
        return false;
    if (ends)
        npki_op(w, npki_add_batch(container));
    if (left >= NPKI_LEAST_BATCH * npki_per_entry(container))
        w->came_to |= NPKI_CAME_TO_BATCH;
    npki_mark(w, container);
    w->run = left < batch ? left : batch;
    return true;
}

/* The number of the object whose bytes end at `at`, if it gets one. */
static uint8_t *put(npk_writer *w, uint8_t *at, const npki_container *container)
{
    const bool numbered = w->numbered == NPKI_NUMBERED_ALL || container->number == NPKI_NUMBER_ALWAYS;
    w->last = numbered ? w->next_memo++ : NPK_UNKNOWN;
    if (numbered)
        at = npki_spell_put(w, at, w->last);
    w->out.size = (size_t)(at - w->out.bytes);
    if (!numbered)
        w->unnumbered = npki_offset(w);
    if (numbered && container->unhashable)
        npki_note_unhashable(w, w->last);
    if (numbered && container->key != 0)
        npki_remember(w, container->key);
    return at;
}

/* How many items may come, before a MARK is needed; those after it are counted when it is there. */
static int64_t first_run(npk_writer *w, const npki_container *container)
{
    const bool is_list = container->kind == NPK_KIND_LIST,
               single = container->items == 0 && container->count == npki_per_entry(container),
               lone = single && !(is_list && w->python->marked_item);
    if (single && is_list)
        w->came_to |= NPKI_CAME_TO_ITEM;
    return container->kind == NPK_KIND_TUPLE || lone ? container->count : 0;
}

#define HEAD ((size_t)8) /* EMPTY_LIST, and LONG_BINPUT with its number; MARK */

bool npki_run_begin(npk_writer *w, const npki_container *given)
{
    const bool is_tuple = given->kind == NPK_KIND_TUPLE;
    if ((!is_tuple && given->kind != NPK_KIND_LIST && given->kind != NPK_KIND_DICT) || given->count < 0 ||
        given->count > INT64_MAX / 2 || given->added || given->dropped || given->also_ends > 0 ||
        w->depth >= w->limits.depth || w->depth >= w->room)
        return false;
    uint8_t *at = npki_run_room(w, HEAD);
    if (at == NULL)
        return false;
    const int64_t outer = w->run - 1;
    npki_container *container = &w->containers[w->depth];
    *container = *given;
    container->unhashable = given->unhashable || !is_tuple;
    container->memo = NPK_UNKNOWN;
    container->from_graph = w->from_graph;
    container->of_run = true;
    container->outer = outer;
    if (is_tuple && given->count > npki_unmarked(w, container)) {
        container->marked = true;
        w->out.size = (size_t)(npki_spell_byte(at, NPKI_BYTE_MARK) - w->out.bytes);
    } else if (!is_tuple) {
        put(w, npki_spell_byte(at, given->kind == NPK_KIND_LIST ? NPKI_BYTE_EMPTY_LIST : NPKI_BYTE_EMPTY_DICT),
            container);
        container->memo = w->last;
    }
    if (given->kind == NPK_KIND_DICT)
        container->count *= 2;
    w->depth++;
    w->run = w->error.status == NPK_OK ? first_run(w, container) : 0;
    w->tuple_next = w->dict_next = w->uncallable_next = false;
    w->last_unhashable = !is_tuple;
    w->last_loose = w->held = false;
    return true;
}

/* The opcode of a tuple that was not written inside itself. */
static uint8_t *end_tuple(npk_writer *w, uint8_t *at, const npki_container *container)
{
    static const enum npki_opcode_byte by_count[] = {NPKI_BYTE_EMPTY_TUPLE, NPKI_BYTE_TUPLE1, NPKI_BYTE_TUPLE2,
                                                     NPKI_BYTE_TUPLE3};
    at = npki_spell_byte(at, container->marked ? NPKI_BYTE_TUPLE : by_count[container->items]);
    if (container->items > 0)
        return put(w, at, container);
    w->last = NPK_UNKNOWN; /* never in the memo */
    return at;
}

static uint8_t *end_batch(npk_writer *w, uint8_t *at, const npki_container *container)
{
    w->last = container->memo;
    if (container->items == 0)
        return at;
    const npk_opcode *opcode = &npki_opcodes[container->marked ? npki_add_batch(container) : npki_add_one(container)];
    *at = opcode->byte;
    return at + 1;
}

/* Whether the container is one that needs nothing at its end that npki_end alone does: not another empty batch, not to
 * be fetched instead of made. */
static bool is_even(const npk_writer *w, const npki_container *container)
{
    int64_t number;
    if (!container->of_run || container->items != container->count || container->pending || container->loose)
        return false;
    if (container->kind == NPK_KIND_TUPLE)
        return container->marked || container->items < 4 ? !npki_known(w, container->key, &number) : false;
    const int64_t entries = npki_entries_of(container);
    return npki_ends_entry(container) && entries < w->python->batch && (container->marked || entries < 2);
}

/* Whether it may hold what can't be a key. */
static bool may_hold(const npki_container *outer)
{
    return outer->kind == NPK_KIND_TUPLE || (outer->kind == NPK_KIND_LIST && !outer->of_set) ||
           (outer->kind == NPK_KIND_DICT && outer->items % 2 == 1);
}

bool npki_run_end(npk_writer *w)
{
    if (w->depth < 2)
        return false;
    const npki_container *container = &w->containers[w->depth - 1];
    npki_container *outer = &w->containers[w->depth - 2];
    if (!is_even(w, container) || !npki_run_fits(w, HEAD) || (container->unhashable && !may_hold(outer)))
        return false;
    uint8_t *at = w->out.bytes + w->out.size;
    at = container->kind == NPK_KIND_TUPLE ? end_tuple(w, at, container) : end_batch(w, at, container);
    w->out.size = (size_t)(at - w->out.bytes);
    w->last_unhashable = container->unhashable;
    w->last_loose = w->held = false;
    outer->items++;
    outer->unhashable = outer->unhashable || (container->unhashable && outer->kind == NPK_KIND_TUPLE);
    w->run = w->error.status == NPK_OK ? container->outer : 0;
    w->depth--;
    return true;
}
