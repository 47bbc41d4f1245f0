/* Rules change what they take, so they get copies. Those are made once for all calls of one meaning; what has grown in
 * between, and what holds that, anew. */
#include "compare/copies.h"

#include "base/bytes.h"
#include "compare/growth.h"

#define MOST_PARTS 1024 /* of a call, as often as they are met: more than a dtype of as many fields has */

#define MOST_GROWN 128  /* items of a list that has got more since a call took it */

/* Work, of a part or an item of a list that is copied. */
#define PRICE_OF_PART 8
#define PRICE_OF_ITEM 2

void *npki_copies_take(npki_copier *m, size_t size)
{
    void *memory = npki_arena_take(&m->s->arena, size);
    if (memory == NULL)
        npki_compare_fail(m->c, NPK_ERR_MEMORY);
    return memory;
}

/* The value alone, with what it holds. */
static npk_value *copy_value(npki_copier *m, const npk_value *value)
{
    npki_called *copy = npki_copies_take(m, sizeof *copy);
    if (copy == NULL)
        return NULL;
    const bool called = (value->history & NPKI_WAS_CALLED) != 0;
    *copy = (npki_called){.value = *value, .call = called ? ((const npki_called *)(const void *)value)->call : NULL};
    return &copy->value;
}

npk_value *npki_copy_object(npki_copier *m, const npk_value *value)
{
    npk_value *copy = copy_value(m, value);
    npki_object *object = copy == NULL ? NULL : npki_copies_take(m, sizeof *object);
    if (object == NULL)
        return NULL;
    *object = *value->u.object;
    copy->u.object = object;
    ((npki_called *)(void *)copy)->call = object;
    return copy;
}

/* How many items or pairs a container had when it was taken, and between which offsets. */
static size_t count_then(const npki_copier *m, const npk_value *container, npki_copied *out)
{
    const size_t count = npki_count_of(container) / (container->kind == NPK_KIND_DICT ? 2 : 1);
    npki_growth_room room;
    const npki_growth *growth = npki_events_of(container) == NULL ? NULL : npki_growth_of(m->c, container, &room);
    if (growth == NULL)
        return count;
    const npki_growth_rest later = npki_growth_after(growth, m->until);
    out->from = later.before;
    out->last = later.offset == UINT64_MAX ? UINT64_MAX : later.offset - 1;
    return later.first < count ? (size_t)later.first : count;
}

/* A copy of a list as it was when it was taken. Of a long one that has grown since then each call may have taken
 * another part: those stay what they are. */
static npk_value *copy_list(npki_copier *m, const npk_value *list, npki_copied *out)
{
    const size_t count = count_then(m, list, out);
    npk_value *copy = count < npki_count_of(list) && count > MOST_GROWN ? NULL : copy_value(m, list);
    if (copy == NULL || count == npki_count_of(list) ||
        !npki_compare_charge(m->c, npki_mul_saturated(count, PRICE_OF_ITEM)))
        return copy;
    copy->u.items = NULL;
    if (npki_items_add(&m->s->arena, &copy->u.items, list->u.items->at, count))
        return copy;
    npki_compare_fail(m->c, NPK_ERR_MEMORY);
    return NULL;
}

/* Whether a rule may go on into a list, of which the items are no copies. */
static bool is_searched(const npki_copier *m, const npk_value *list)
{
    const bool searches = m->meaning == NPKI_RECONSTRUCT || m->meaning == NPKI_MASKED;
    bool found = false;
    for (size_t i = 0; searches && i < npki_count_of(list) && i < NPKI_COPIES_FEW && !found; i++)
        found = npki_is_container(npki_item_of(list, i));
    return found;
}

/* A copy of what a rule may change, without the items of a container that is entered; else the value itself. */
static npk_value *copy_part(npki_copier *m, const npk_value *part, bool entered, npki_copied *out)
{
    const bool dtype = part->kind == NPK_KIND_OBJECT && part->u.object->dtype != NULL;
    if (!npki_is_container(part) && !npki_is_bytes(part) && part->kind != NPK_KIND_STR && !dtype)
        return npki_unchanging(part);
    if (!npki_compare_charge(m->c, PRICE_OF_PART))
        return NULL;
    if (dtype)
        return npki_copy_object(m, part);
    if (part->kind == NPK_KIND_LIST)
        return is_searched(m, part) ? NULL : copy_list(m, part, out);
    if (part->kind == NPK_KIND_DICT && (!npki_copies_enter(part) || count_then(m, part, out) < npki_count_of(part) / 2))
        return NULL;
    npk_value *copy = copy_value(m, part);
    if (copy != NULL && entered)
        copy->u.items = NULL;
    return copy;
}

/* What stands for a part; a call that is to be made yet only for now. */
static const npk_value *as_of(const npki_copier *m, const npk_value *part, npki_copied *out)
{
    const uint64_t *found = part->kind == NPK_KIND_OBJECT ? npki_map_get(&m->s->made, (uintptr_t)part) : NULL;
    if (found == NULL)
        return part;
    if (*found != 0)
        return (const npk_value *)(uintptr_t)*found;
    out->from = UINT64_MAX;
    out->last = 0;
    return part;
}

/* A container that is being copied. */
typedef struct level {
    const npk_value *part, *of; /* that stands for it */
    size_t next;
    npki_copied copy;
} level;

/* Whether a copy of a part is there. */
static bool find_copy(const npki_copier *m, const npk_value *part, size_t depth, npki_copied *out)
{
    const uint64_t *found = npki_map_get(&m->s->copies[m->meaning], npki_copies_key(part, depth));
    const npki_copied *copy = found == NULL ? NULL : (const npki_copied *)(uintptr_t)*found;
    if (copy == NULL || m->until < copy->from || m->until > copy->last)
        return false;
    *out = *copy;
    return true;
}

static void keep_copy(npki_copier *m, const npk_value *part, size_t depth, const npki_copied *copy)
{
    bool added;
    uint64_t *found = npki_map_put(&m->s->copies[m->meaning], npki_copies_key(part, depth), &added);
    npki_copied *place = found != NULL && !added ? (npki_copied *)(uintptr_t)*found : NULL;
    if (found != NULL && added)
        place = npki_copies_take(m, sizeof *place);
    if (found != NULL && added)
        *found = (uintptr_t)place;
    if (place == NULL)
        npki_compare_fail(m->c, NPK_ERR_MEMORY);
    else
        *place = *copy;
}

/* The copy of a part. True: it is a container, now levels[*depth - 1], of which the items are to be copied yet. */
static bool begin_copy(npki_copier *m, const npk_value *part, level *levels, size_t *depth, npki_copied *out)
{
    const bool inside = *depth > 0 && levels[*depth - 1].copy.lasts,
               lasts = inside || (part->flags & NPKI_IS_SHARED) != 0;
    if (lasts && find_copy(m, part, *depth, out))
        return false;
    *out = (npki_copied){.last = UINT64_MAX, .lasts = lasts, .items_last = true};
    const npk_value *as = as_of(m, part, out);
    const bool entered = npki_copies_enter(as) && *depth < NPKI_COPIES_DEEPEST;
    out->value = copy_part(m, as, entered, out);
    if (entered && out->value != NULL) {
        levels[(*depth)++] = (level){.part = part, .of = as, .copy = *out};
        return true;
    }
    if (out->value == as)
        out->lasts = true;
    else if (lasts)
        keep_copy(m, part, *depth, out);
    return false;
}

/* It becomes an item of the innermost container. */
static void add_copy(npki_copier *m, level *in, const npki_copied *item)
{
    npki_copied *to = &in->copy;
    to->from = item->from > to->from ? item->from : to->from;
    to->last = item->last < to->last ? item->last : to->last;
    to->items_last = to->items_last && (item->lasts || (item->value != NULL && npki_copies_say(item->value)));
    to->parts = to->parts + 1 + item->parts > MOST_PARTS ? MOST_PARTS + 1 : to->parts + 1 + item->parts;
    if (item->value == NULL || to->parts > MOST_PARTS)
        to->value = NULL;
    else if (to->value != NULL && !npki_container_add(&m->s->arena, to->value, &(npk_value *){item->value}, 1))
        npki_compare_fail(m->c, NPK_ERR_MEMORY);
}

/* Value NULL, too, where the work is used up. */
npki_copied npki_copy_parts(npki_copier *m, const npk_value *whole)
{
    level levels[NPKI_COPIES_DEEPEST];
    npki_copied out;
    size_t depth = 0;
    bool begun = begin_copy(m, whole, levels, &depth, &out);
    while (begun || depth > 0) {
        level *in = &levels[depth - 1];
        if (!begun)
            add_copy(m, in, &out);
        if (!npki_compare_charge(m->c, 1))
            return (npki_copied){.value = NULL};
        begun = in->next < npki_count_of(in->of);
        if (begun) {
            begun = begin_copy(m, npki_item_of(in->of, in->next++), levels, &depth, &out);
            continue;
        }
        out = in->copy;
        depth--;
        if (out.lasts)
            keep_copy(m, in->part, depth, &out);
    }
    return out;
}
