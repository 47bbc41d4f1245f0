/* What a call would have made that stays one: the rule of what is called runs on copies of its arguments and its state,
 * as rules change what they take. */
#include "compare/stays.h"

#include "base/bytes.h"
#include "base/limits.h"
#include "compare/growth.h"
#include "known/known.h"
#include "value/event.h"

#include <string.h>

/* As deep lies what a rule changes: the dtypes in the fields of a dtype's state, what a class has put an array's state
 * in. */
#define DEEPEST 6
#define FEW 64 /* items of a container that a rule looks into: more than an array's state has */
#define MOST_PARTS 1024 /* of a call, as often as they are met: more than a dtype of as many fields has */

/* Work. What a call takes may be given to many others, so that what is made of it is paid for by nothing in the
 * pickle. */
#define PRICE_OF_PART 128
#define PRICE_OF_ITEM 64 /* of a list, where it is copied */

struct npki_compare_stays {
    npki_arena arena; /* the copies */
    npki_map made;    /* the address of a call -> that as which it is compared, or itself; until that is known itself */
    npki_dynbuf todo; /* of the calls that are made, those in others last */
    npk_limits limits;
};

typedef struct npki_compare_stays stays;

/* A call to be made, once those in its parts are. */
typedef struct task {
    const npk_value *call;
    bool parts_first;
    bool stays; /* it is compared as what it is */
} task;

static stays *get_stays(npki_compare *c)
{
    if (c->stays != NULL)
        return c->stays;
    c->stays = npki_compare_allocate(c, sizeof *c->stays);
    if (c->stays == NULL)
        return NULL;
    npki_arena_init(&c->stays->arena, &c->allocator, SIZE_MAX / 2);
    npki_map_init(&c->stays->made, &c->allocator);
    npki_dynbuf_init(&c->stays->todo, &c->allocator, SIZE_MAX / 2);
    c->stays->limits = npki_limits(NULL);
    return c->stays;
}

void npki_compare_stays_free(npki_compare *c)
{
    stays *s = c->stays;
    if (s == NULL)
        return;
    npki_arena_free(&s->arena);
    npki_map_free(&s->made);
    npki_dynbuf_free(&s->todo);
    npki_free(&c->allocator, s, sizeof *s);
}

bool npki_compare_is_copy(const npki_compare *c, const npk_value *value)
{
    return c->stays != NULL && npki_arena_holds(&c->stays->arena, value);
}

/* --- the parts of a call --- */

/* How a call is spelled that the rule gets. */
typedef struct spelling {
    const npk_value *callable, *args, *state;
    npki_meaning meaning;
} spelling;

/* dill's _create_array(_reconstruct, arguments, state[, None]) */
static spelling of_dill(const npki_object *o)
{
    const size_t count = npki_count_of(o->args);
    spelling out = {.meaning = NPKI_UNKNOWN};
    if ((count != 3 && count != 4) || o->state != NULL ||
        (count == 4 && npki_item_of(o->args, 3)->kind != NPK_KIND_NONE))
        return out;
    out = (spelling){npki_item_of(o->args, 0), npki_item_of(o->args, 1), npki_item_of(o->args, 2), NPKI_UNKNOWN};
    if (npki_meaning_of(NPK_BY_CALL, out.callable, out.args) == NPKI_RECONSTRUCT)
        out.meaning = NPKI_RECONSTRUCT;
    return out;
}

/* Meaning UNKNOWN: there is no rule for it. Who wrote raw bytes of array.array is not known here, and joblib's elements
 * stand behind the state. */
static spelling spelling_of(const npki_object *o)
{
    const bool more =
        npki_count_of(o->listitems) + npki_count_of(o->dictitems) > 0 || o->later != NULL || o->fault != NULL;
    spelling out = {o->callable, o->args, o->state, NPKI_UNKNOWN};
    if (more)
        return out;
    if (o->meaning == NPKI_DILL_ARRAY)
        return of_dill(o);
    out.meaning = npki_meaning_of((npk_construction)o->construction, o->callable, o->args);
    if (!npki_rule_reads(&npki_rules[out.meaning]) || npki_rules[out.meaning].inline_data ||
        out.meaning == NPKI_PYARRAY)
        out.meaning = NPKI_UNKNOWN;
    return out;
}

/* The items of a value, and of containers in it, one after another. */
typedef struct part_walk {
    const npk_value *at[DEEPEST];
    size_t next[DEEPEST];
    size_t depth;
    size_t level; /* of the part that came last: in at[level] */
    size_t count; /* up to MOST_PARTS + 1: there are too many */
} part_walk;

static bool is_entered(const npk_value *value)
{
    const bool holds = value->kind == NPK_KIND_TUPLE || value->kind == NPK_KIND_DICT;
    return holds && npki_count_of(value) <= FEW;
}

static part_walk walk_parts(const npk_value *whole)
{
    part_walk out = {.depth = whole != NULL && is_entered(whole)};
    out.at[0] = whole;
    return out;
}

static const npk_value *next_part(part_walk *w)
{
    while (w->depth > 0 && w->next[w->depth - 1] == npki_count_of(w->at[w->depth - 1]))
        w->depth--;
    if (w->depth == 0 || w->count++ == MOST_PARTS)
        return NULL;
    w->level = w->depth - 1;
    const npk_value *part = npki_item_of(w->at[w->level], w->next[w->level]++);
    if (is_entered(part) && w->depth < DEEPEST) {
        w->at[w->depth] = part;
        w->next[w->depth++] = 0;
    }
    return part;
}

/* --- copies of them --- */

typedef struct maker {
    npki_compare *c;
    stays *s;
    npki_meaning meaning;
    uint64_t until; /* the offset up to which the parts have what they have */
    bool failed;
} maker;

static void *take(maker *m, size_t size)
{
    void *memory = npki_arena_take(&m->s->arena, size);
    if (memory == NULL)
        npki_compare_fail(m->c, NPK_ERR_MEMORY);
    return memory;
}

/* The value alone, with what it holds. */
static npk_value *copy_value(maker *m, const npk_value *value)
{
    npki_called *copy = take(m, sizeof *copy);
    if (copy == NULL)
        return NULL;
    const bool called = (value->history & NPKI_WAS_CALLED) != 0;
    *copy = (npki_called){.value = *value, .call = called ? ((const npki_called *)(const void *)value)->call : NULL};
    return &copy->value;
}

static npk_value *copy_object(maker *m, const npk_value *value)
{
    npk_value *copy = copy_value(m, value);
    npki_object *object = copy == NULL ? NULL : take(m, sizeof *object);
    if (object == NULL)
        return NULL;
    *object = *value->u.object;
    copy->u.object = object;
    ((npki_called *)(void *)copy)->call = object;
    return copy;
}

/* How many items or pairs a container had when it was taken. */
static size_t count_then(const maker *m, const npk_value *container)
{
    const size_t count = npki_count_of(container) / (container->kind == NPK_KIND_DICT ? 2 : 1);
    npki_growth_room room;
    const npki_growth *growth = npki_events_of(container) == NULL ? NULL : npki_growth_of(m->c, container, &room);
    const uint64_t first = growth == NULL ? UINT64_MAX : npki_growth_after(growth, m->until).first;
    return first < count ? (size_t)first : count;
}

/* A copy of a list as it was when it was taken. */
static npk_value *copy_list(maker *m, const npk_value *list)
{
    npk_value *copy = copy_value(m, list);
    const size_t count = count_then(m, list);
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
static bool is_searched(const maker *m, const npk_value *list)
{
    const bool searches = m->meaning == NPKI_RECONSTRUCT || m->meaning == NPKI_MASKED;
    bool found = false;
    for (size_t i = 0; searches && i < npki_count_of(list) && i < FEW && !found; i++)
        found = npki_is_container(npki_item_of(list, i));
    return found;
}

/* What it costs to copy a part, and the rule to take it. */
static uint64_t price_of(const maker *m, const npk_value *part)
{
    const bool sets = m->meaning == NPKI_SET || m->meaning == NPKI_FROZENSET;
    if (part->kind == NPK_KIND_LIST || part->kind == NPK_KIND_TUPLE)
        return PRICE_OF_PART + npki_mul_saturated(npki_count_of(part), sets ? PRICE_OF_ITEM : 1);
    if (part->kind != NPK_KIND_STR)
        return PRICE_OF_PART;
    return PRICE_OF_PART + (part->encoding == NPK_ENCODING_RAW ? part->u.text.size : part->u.encoded->size) / 4;
}

/* A copy of what a rule may change, without the items of a container that is entered; else the value itself. */
static npk_value *copy_part(maker *m, const npk_value *part)
{
    const bool dtype = part->kind == NPK_KIND_OBJECT && part->u.object->dtype != NULL;
    if (!npki_is_container(part) && !npki_is_bytes(part) && part->kind != NPK_KIND_STR && !dtype)
        return npki_unchanging(part);
    if (!npki_compare_charge(m->c, price_of(m, part)))
        return NULL;
    if (dtype)
        return copy_object(m, part);
    if (part->kind == NPK_KIND_LIST) {
        m->failed = m->failed || is_searched(m, part);
        return copy_list(m, part);
    }
    if (part->kind == NPK_KIND_DICT)
        m->failed = m->failed || !is_entered(part) || count_then(m, part) < npki_count_of(part) / 2;
    npk_value *copy = copy_value(m, part);
    if (copy != NULL && is_entered(part))
        copy->u.items = NULL;
    return copy;
}

/* What stands for a part. */
static const npk_value *as_of(const maker *m, const npk_value *part)
{
    const uint64_t *found = part->kind == NPK_KIND_OBJECT ? npki_map_get(&m->s->made, (uintptr_t)part) : NULL;
    return found == NULL ? part : (const npk_value *)(uintptr_t)*found;
}

static npk_value *copy_parts(maker *m, const npk_value *whole)
{
    part_walk w = walk_parts(whole);
    npk_value *copies[DEEPEST] = {copy_part(m, whole)}, *out = copies[0];
    const npk_value *part;
    while (out != NULL && !m->failed && (part = next_part(&w)) != NULL && npki_compare_charge(m->c, 1)) {
        npk_value *copy = copy_part(m, as_of(m, part));
        if (copy == NULL || !npki_container_add(&m->s->arena, copies[w.level], &copy, 1)) {
            npki_compare_fail(m->c, NPK_ERR_MEMORY);
            return NULL;
        }
        if (w.depth > w.level + 1)
            copies[w.level + 1] = copy;
    }
    return m->failed || w.count > MOST_PARTS ? NULL : out;
}

/* --- the call --- */

/* What the rule makes of the call and its state. */
static npk_status run_rule(maker *m, npki_site *site, const spelling *how, npk_value *made)
{
    const npki_rule *rule = &npki_rules[how->meaning];
    npki_object *object = made->u.object;
    npk_status status = rule->call == NULL ? NPK_OK : rule->call(site, made);
    if (status != NPK_OK || how->state == NULL)
        return status;
    if (made->kind != NPK_KIND_OBJECT || rule->build == NULL)
        return NPK_ERR_UNSUPPORTED;
    m->until = npki_built_at(object) == 0 ? UINT64_MAX : npki_built_at(object);
    object->state = copy_parts(m, how->state);
    return object->state == NULL ? NPK_ERR_UNSUPPORTED : rule->build(site, made);
}

/* Bytes that are no elements are decoded, as a reader does it in the end. */
static npk_status decode(maker *m, const npki_site *site)
{
    npk_status status = NPK_OK;
    for (npk_value *value = site->encoded; value != NULL && status == NPK_OK;) {
        npk_value *next = value->u.encoded->next;
        if ((value->flags & NPKI_IS_PAYLOAD) == 0)
            status = npki_value_decode(&m->s->arena, value, NULL);
        value = next;
    }
    return status;
}

/* Of which nothing more is known than what was called: with its own parts. */
static bool is_bare(const npk_value *made)
{
    return made->kind == NPK_KIND_OBJECT && made->u.object->array == NULL && made->u.object->dtype == NULL;
}

static const npk_value *make(npki_compare *c, const npk_value *call)
{
    const npki_object *from = call->u.object;
    const spelling how = spelling_of(from);
    maker m = {
        .c = c,
        .s = c->stays,
        .meaning = how.meaning,
        .until = from->offset == 0 || (from->order != NULL && from->order->lost) ? UINT64_MAX : from->offset,
    };
    npk_value *made = how.meaning == NPKI_UNKNOWN ? NULL : copy_object(&m, call);
    npk_value *args = made == NULL ? NULL : copy_parts(&m, how.args);
    if (args == NULL)
        return call;
    npki_object *object = made->u.object;
    made->flags &= (uint8_t)~NPKI_IS_FROZEN;
    object->meaning = (uint8_t)how.meaning;
    object->stays_call = NPKI_STAYS_NOT;
    object->callable = npki_unchanging(how.callable);
    object->args = args;
    object->state = NULL;
    object->array = NULL;
    object->events = NULL;
    npki_site site = {.arena = &m.s->arena, .limits = &m.s->limits, .offset = from->offset, .first_put = UINT64_MAX};
    npk_status status = run_rule(&m, &site, &how, made);
    status = status == NPK_OK ? decode(&m, &site) : status;
    npki_site_end(&site);
    if (status == NPK_ERR_MEMORY)
        npki_compare_fail(c, NPK_ERR_MEMORY);
    if (status == NPK_OK && is_bare(made)) {
        object->args = npki_unchanging(how.args);
        object->state = how.state == NULL ? NULL : npki_unchanging(how.state);
    }
    return status == NPK_OK ? made : call;
}

/* --- those in others first --- */

static void add_task(npki_compare *c, const npk_value *call)
{
    bool added;
    const task new = {.call = call, .parts_first = true};
    uint64_t *as = npki_map_put(&c->stays->made, (uintptr_t)call, &added);
    if (as != NULL && added)
        *as = (uintptr_t)call;
    if (as == NULL || (added && !npki_dynbuf_add(&c->stays->todo, &new, sizeof new)))
        npki_compare_fail(c, NPK_ERR_MEMORY);
}

/* False: there are too many parts. */
static bool add_tasks_in(npki_compare *c, const npk_value *whole)
{
    part_walk w = walk_parts(whole);
    const npk_value *part;
    while ((part = next_part(&w)) != NULL && npki_compare_charge(c, 1))
        if (npki_compare_may_be_other(part))
            add_task(c, part);
    return w.count <= MOST_PARTS;
}

static task *task_at(const stays *s, size_t offset)
{
    return (task *)(void *)(s->todo.bytes + offset);
}

static void work_off(npki_compare *c)
{
    stays *s = c->stays;
    while (s->todo.size > 0 && c->status == NPK_OK) {
        const size_t last = s->todo.size - sizeof(task);
        const task it = *task_at(s, last);
        if (it.parts_first) {
            const bool few = add_tasks_in(c, it.call->u.object->args) && add_tasks_in(c, it.call->u.object->state);
            task_at(s, last)->parts_first = false;
            task_at(s, last)->stays = !few;
            continue;
        }
        s->todo.size = last;
        const npk_value *made = it.stays ? it.call : make(c, it.call);
        *npki_map_get(&s->made, (uintptr_t)it.call) = (uintptr_t)made;
    }
}

const npk_value *npki_compare_as_made(npki_compare *c, const npk_value *call)
{
    stays *s = get_stays(c);
    const uint64_t *found = s == NULL ? NULL : npki_map_get(&s->made, (uintptr_t)call);
    if (s != NULL && found == NULL) {
        add_task(c, call);
        work_off(c);
        found = npki_map_get(&s->made, (uintptr_t)call);
    }
    return found == NULL ? call : (const npk_value *)(uintptr_t)*found;
}
