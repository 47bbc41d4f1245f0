#include "writer/core/run.h"

#include "base/cpu.h"

bool npki_is_quick(const npk_writer *w)
{
    return npki_cpu_level() > NPKI_CPU_PLAIN && !w->python->python2 && !w->python->document && w->protocol >= 2 &&
           w->hooks->made == NULL && w->memo_policy == NPK_MEMO_PYTHON && npki_numbered_of(w) == NPKI_NUMBERED_ALL;
}

void npki_run_look(npk_writer *w)
{
    const size_t least = NPKI_RUN_NUMBER + NPKI_FRAME_HEADER;
    const size_t left = w->in_frame != w->framing || w->out.room < least ? 0 : npki_run_left(w);
    const size_t room = left == 0 ? 0 : w->out.room - least + 1, full = left == SIZE_MAX ? left : w->out.size + left;
    w->run_until = left == 0 ? 0 : room < full ? room : full;
}

/* So many items of this container follow. */
static void start(npk_writer *w, npki_container *container, int64_t count)
{
    w->run = w->error.status == NPK_OK ? count : 0;
    w->run_items = &container->items;
}

static int64_t run_of(const npk_writer *w, const npki_container *container)
{
    int64_t left = INT64_MAX;
    if (container->pending || container->kind == NPK_KIND_OBJECT)
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

void npki_run_after(npk_writer *w, npki_container *container)
{
    start(w, container, run_of(w, container));
    if (w->out.size >= w->run_until)
        npki_run_look(w);
}

/* At the first item of a batch: what ends the batch before it, and its MARK; w->run is the batch then. False, and
 * nothing is written: npki_before does it. */
static bool begin_batch(npk_writer *w, size_t size)
{
    npki_container *container = w->depth > 0 ? &w->containers[w->depth - 1] : NULL;
    if (container == NULL || container->count == NPK_UNKNOWN || container->pending || w->payload != NULL ||
        w->error.status != NPK_OK || !npki_has_batches(w, container) || w->out.size + 2 >= w->run_until ||
        !npki_run_fits(w, size + 2))
        return false;
    const int64_t per_entry = npki_per_entry(container), left = container->count - container->items,
                  batch = w->python->batch * per_entry;
    const bool first = container->items == 0;
    if (left <= per_entry || container->marked == first || (!first && npki_in_batch(w, container) != 0))
        return false;
    uint8_t *at = npki_run_at(w);
    if (!first)
        *at++ = npki_opcodes[npki_add_batch(container)].byte;
    *at++ = NPKI_BYTE_MARK;
    w->out.size = (size_t)(at - w->out.bytes);
    container->marked = true;
    if (left >= NPKI_LEAST_BATCH * per_entry)
        w->came_to |= NPKI_CAME_TO_BATCH;
    start(w, container, left < batch ? left : batch);
    return true;
}

uint8_t *npki_run_begin_item(npk_writer *w, size_t size)
{
    if (!w->quick)
        return NULL;
    if (w->out.size >= w->run_until)
        npki_run_look(w);
    return (w->run != 0 ? npki_run_fits(w, size) : begin_batch(w, size)) ? npki_run_at(w) : NULL;
}

/* The number of the object whose bytes end at `at`, if it gets one. */
static inline uint8_t *put(npk_writer *w, uint8_t *at, const npki_container *container)
{
    if (w->numbered != NPKI_NUMBERED_ALL && container->number != NPKI_NUMBER_ALWAYS) {
        w->last = NPK_UNKNOWN;
        w->unnumbered = w->written + (uint64_t)(at - w->out.bytes);
        return at;
    }
    w->last = w->next_memo++;
    if (container->unhashable)
        npki_note_unhashable(w, w->last);
    if (npki_is_asked_for(container->key))
        npki_remember(w, container->key);
    return npki_spell_put(w, at, w->last);
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

bool npki_run_begin(npk_writer *w, npk_kind kind, int64_t count, npki_number_when number, uint64_t key)
{
    const bool is_tuple = kind == NPK_KIND_TUPLE, is_dict = kind == NPK_KIND_DICT;
    if ((!is_tuple && !is_dict && kind != NPK_KIND_LIST) || (uint64_t)count > INT64_MAX / 2 ||
        w->depth >= w->limits.depth || w->depth >= w->room)
        return false;
    uint8_t *at = npki_run_room(w, HEAD);
    if (at == NULL)
        return false;
    npki_container *container = &w->containers[w->depth++];
    *container = (npki_container){.kind = kind,
                                  .number = number,
                                  .count = is_dict ? 2 * count : count,
                                  .memo = NPK_UNKNOWN,
                                  .key = key,
                                  .outer = w->run - 1,
                                  .from_graph = w->from_graph,
                                  .unhashable = !is_tuple,
                                  .of_run = true};
    if (!is_tuple) {
        at = put(w, npki_spell_byte(at, is_dict ? NPKI_BYTE_EMPTY_DICT : NPKI_BYTE_EMPTY_LIST), container);
        container->memo = w->last;
    } else if (count > npki_unmarked(w, container)) {
        at = npki_spell_byte(at, NPKI_BYTE_MARK);
        container->marked = true;
    }
    w->out.size = (size_t)(at - w->out.bytes);
    start(w, container, first_run(w, container));
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
    start(w, outer, container->outer);
    w->depth--;
    return true;
}
