/* Items in batches of 1000 as CPython writes them, and their marks.
 * Modules/_pickle.c batch_list_exact(), batch_dict_exact(). */
#include "writer/core/core.h"

void npki_mark(npk_writer *w, npki_container *container)
{
    npki_op(w, NPKI_ROW_MARK);
    container->marked = true;
}

static void close_batch(npk_writer *w, npki_container *container)
{
    npki_op(w, npki_add_batch(container));
    container->marked = false;
}

/* What decides how the batch that begins is spelled: whether it is the last one, of a single entry. */
static void come_to_batch(npk_writer *w, const npki_container *container, int64_t entries)
{
    const bool is_list = container->kind == NPK_KIND_LIST, unknown = container->count == NPK_UNKNOWN;
    const int64_t left = unknown ? NPKI_LEAST_BATCH : container->count / npki_per_entry(container) - entries;
    if (unknown || left >= NPKI_LEAST_BATCH)
        w->came_to |= NPKI_CAME_TO_BATCH;
    if (is_list && (unknown || left == 1))
        w->came_to |= NPKI_CAME_TO_ITEM;
    if ((unknown || left == 1) && entries > 0 && !container->added)
        w->came_to |= is_list ? NPKI_CAME_TO_LAST_ITEM : NPKI_CAME_TO_LAST_PAIR;
}

/* Whether a batch of one entry goes without a MARK: a list of one item or dict of one pair; what is added to an
 * object, and in some Pythons all, also where it is the last of several batches. A set has always one. */
static bool lone(const npk_writer *w, const npki_container *container, int64_t entries)
{
    if (container->kind == NPK_KIND_SET)
        return false;
    int64_t left = container->count / npki_per_entry(container) - entries;
    if (container->kind == NPK_KIND_LIST && w->python->marked_item)
        return false;
    bool later = container->kind == NPK_KIND_LIST ? w->python->lone_item : w->python->lone_pair;
    return left == 1 && (entries == 0 || container->added || later);
}

/* Without a count, how many entries the batch gets is not known when it begins. */
static bool may_be_lone(const npk_writer *w, const npki_container *container, int64_t entries)
{
    npki_container last = *container;
    last.count = (entries + 1) * npki_per_entry(container);
    return container->count == NPK_UNKNOWN && lone(w, &last, entries);
}

int64_t npki_in_batch(const npk_writer *w, const npki_container *container)
{
    const int64_t batch = w->python->batch * npki_per_entry(container);
    return container->kind == NPK_KIND_TUPLE || container->items < batch ? container->items : container->items % batch;
}

/* The end of the batch before, and the MARK before an item, now or, where the count is not known, perhaps later. */
void npki_mark_item(npk_writer *w, npki_container *container)
{
    int64_t entries = npki_entries_of(container);
    if (container->marked && !container->at_once && npki_has_batches(w, container) && container->items > 0 &&
        npki_in_batch(w, container) == 0)
        close_batch(w, container);
    if (container->pending && npki_in_batch(w, container) >= npki_unmarked(w, container)) {
        container->pending = false;
        container->marked = true;
        npki_insert_mark(w, container->mark);
    } else if (npki_has_batches(w, container) && !container->marked && !container->pending &&
               npki_ends_entry(container)) {
        come_to_batch(w, container, entries);
        if (may_be_lone(w, container, entries)) {
            container->pending = true;
            container->mark = npki_offset(w);
        } else if (container->count == NPK_UNKNOWN || !lone(w, container, entries)) {
            npki_mark(w, container);
        }
    }
}

static void close_last_batch(npk_writer *w, npki_container *container)
{
    if (container->marked)
        close_batch(w, container);
    else if (npki_entries_of(container) % w->python->batch == 1)
        npki_op(w, npki_add_one(container));
    w->last = container->memo;
}

/* A dict or set of a multiple of 1000 entries may end in an empty batch: so CPython's C pickler has it till 3.14. */
void npki_close_batches(npk_writer *w, npki_container *container)
{
    const int64_t entries = npki_entries_of(container);
    const bool whole = entries > 0 && entries % w->python->batch == 0;
    close_last_batch(w, container);
    if (container->kind != NPK_KIND_LIST && whole && !container->added)
        w->came_to |= NPKI_CAME_TO_LAST_PAIR;
    if (container->kind != NPK_KIND_LIST && whole && !container->added && !w->python->lone_pair) {
        npki_mark(w, container);
        close_batch(w, container);
    }
}

void npki_break_batch(npk_writer *w, npki_container *container)
{
    if (container->items == 0 || !npki_has_batches(w, container))
        return;
    w->run = 0;
    close_last_batch(w, container);
    if (container->count != NPK_UNKNOWN)
        container->count -= container->items;
    container->items = 0;
}
