/* What a call would have made that stays one: the rule of what is called runs on copies of its arguments and its state,
 * as rules change what they take. */
#include "compare/stays.h"

#include "base/bytes.h"
#include "compare/copies.h"
#include "value/event.h"

#include <string.h>

typedef struct npki_compare_stays stays;

/* A call to be made, once those in its parts are. */
typedef struct task {
    const npk_value *call;
    bool parts_first;
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
    for (size_t i = 0; i < NPKI_MEANINGS; i++)
        npki_map_init(&c->stays->copies[i], &c->allocator);
    npki_map_init(&c->stays->searched, &c->allocator);
    npki_map_init(&c->stays->results, &c->allocator);
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
    for (size_t i = 0; i < NPKI_MEANINGS; i++)
        npki_map_free(&s->copies[i]);
    npki_map_free(&s->searched);
    npki_map_free(&s->results);
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
    const npk_value *at[NPKI_COPIES_DEEPEST];
    size_t next[NPKI_COPIES_DEEPEST];
    size_t depth;
    size_t level; /* of the part that came last: in at[level] */
} part_walk;

static part_walk walk_parts(const npk_value *whole)
{
    part_walk out = {.depth = whole != NULL && npki_copies_enter(whole)};
    out.at[0] = whole;
    return out;
}

static const npk_value *next_part(part_walk *w)
{
    while (w->depth > 0 && w->next[w->depth - 1] == npki_count_of(w->at[w->depth - 1]))
        w->depth--;
    if (w->depth == 0)
        return NULL;
    w->level = w->depth - 1;
    const npk_value *part = npki_item_of(w->at[w->level], w->next[w->level]++);
    if (npki_copies_enter(part) && w->depth < NPKI_COPIES_DEEPEST) {
        w->at[w->depth] = part;
        w->next[w->depth++] = 0;
    }
    return part;
}

/* --- the call --- */

/* Work: what a call takes may be given to many others, and is looked at by each. */
#define PRICE_OF_PART 8
#define PRICE_OF_ITEM 2  /* of a list, of which each becomes one of a set */
#define BYTES_AT_ONCE 64 /* of a text, for a price of 1 */
#define PARTS_AT_ONCE 16 /* likewise */

/* What it costs the rule to take a part. */
static uint64_t price_of(const npki_copier *m, const npk_value *part)
{
    const bool sets = m->meaning == NPKI_SET || m->meaning == NPKI_FROZENSET;
    if (part->kind == NPK_KIND_LIST || part->kind == NPK_KIND_TUPLE)
        return PRICE_OF_PART + npki_mul_saturated(npki_count_of(part), sets ? PRICE_OF_ITEM : 1);
    if (part->kind != NPK_KIND_STR)
        return PRICE_OF_PART;
    const uint64_t size = part->encoding == NPK_ENCODING_RAW ? part->u.text.size : part->u.encoded->size;
    return PRICE_OF_PART + size / BYTES_AT_ONCE;
}

/* What the rule makes of the call and its state. */
static npk_status run_rule(const npki_rule *rule, npki_site *site, npk_value *made, npk_value *state)
{
    npk_status status = rule->call == NULL ? NPK_OK : rule->call(site, made);
    if (status != NPK_OK || state == NULL)
        return status;
    if (made->kind != NPK_KIND_OBJECT || rule->build == NULL)
        return NPK_ERR_UNSUPPORTED;
    made->u.object->state = state;
    return rule->build(site, made);
}

/* Bytes that are no elements are decoded, as a reader does it in the end. */
static npk_status decode(npki_copier *m, const npki_site *site)
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

/* What was made of these parts: that is the same for each call that has them. */
typedef struct result {
    npk_value *made; /* NULL: the call stays one */
    bool known;
    size_t count;
    uint64_t parts[3 + NPKI_COPIES_FEW * (1 + NPKI_COPIES_SHORT / 8)];
} result;

static void add_said(result *out, const npk_value *part)
{
    uint64_t words[1 + NPKI_COPIES_SHORT / 8] = {(uint64_t)part->kind << 32};
    if (part->kind == NPK_KIND_INT) {
        words[1] = (uint64_t)part->u.integer;
    } else {
        words[0] |= part->u.text.size;
        memcpy(words + 1, part->u.text.bytes, (size_t)part->u.text.size);
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        out->parts[out->count++] = words[i];
}

/* The parts of a call. False: another may not have the same. */
static bool parts_of(const npki_copier *m, const spelling *how, const npki_copied *args, const npki_copied *state,
                     result *out)
{
    const size_t count = npki_count_of(args->value);
    if (!args->items_last || !state->lasts)
        return false;
    out->count = 0;
    out->parts[out->count++] = m->meaning;
    const bool named = how->callable->kind == NPK_KIND_GLOBAL;
    out->parts[out->count++] = named ? (uintptr_t)how->callable->u.global->row : (uintptr_t)how->callable;
    out->parts[out->count++] = (uintptr_t)state->value;
    for (size_t i = 0; i < count; i++) {
        const npk_value *item = npki_item_of(args->value, i);
        if (npki_copies_say(item))
            add_said(out, item);
        else
            out->parts[out->count++] = (uintptr_t)item;
    }
    return true;
}

/* Where the result of such parts is, or is to be. NULL: there is no place for it. */
static result *result_of(npki_copier *m, const result *parts)
{
    const size_t size = parts->count * sizeof parts->parts[0];
    const uint64_t hash = npki_hash_bytes(npki_map_seed(m->s), parts->parts, size);
    bool added;
    uint64_t *found = npki_map_put(&m->s->results, hash, &added);
    result *place = found != NULL && !added ? (result *)(uintptr_t)*found : NULL;
    if (found != NULL && added)
        place = npki_copies_take(m, offsetof(result, parts) + size);
    if (found != NULL && added)
        *found = (uintptr_t)place;
    if (place != NULL && added)
        memcpy(place, parts, offsetof(result, parts) + size);
    if (place == NULL)
        npki_compare_fail(m->c, NPK_ERR_MEMORY);
    const bool same =
        place != NULL && place->count == parts->count && memcmp(place->parts, parts->parts, size) == 0;
    return same ? place : NULL;
}

/* The same, made by another call: an object is called when that is, and else it has only one value. */
static npk_value *made_by(npki_copier *m, npk_value *made, const npk_value *call, const spelling *how)
{
    npk_value *copy = made->kind == NPK_KIND_OBJECT ? npki_copy_object(m, made) : NULL;
    if (copy == NULL)
        return made;
    copy->u.object->offset = call->u.object->offset;
    copy->u.object->order = call->u.object->order;
    copy->u.object->callable = npki_unchanging(how->callable);
    copy->flags = (uint8_t)((copy->flags & ~NPKI_IS_SHARED) | (call->flags & NPKI_IS_SHARED));
    return copy;
}

/* What it costs the rule to take the parts; of a raw text, once it has. */
static bool pay(npki_copier *m, const npki_copied *whole, bool taken)
{
    uint64_t price = whole->parts / PARTS_AT_ONCE;
    for (size_t i = 0; npki_copies_enter(whole->value) && i < npki_count_of(whole->value); i++) {
        const npk_value *part = npki_item_of(whole->value, i);
        const bool raw = part->kind == NPK_KIND_STR && part->encoding == NPK_ENCODING_RAW;
        price += raw == taken ? price_of(m, part) : 0;
    }
    return npki_compare_charge(m->c, price);
}

/* NULL: the call stays one. */
static npk_value *run(npki_copier *m, const npk_value *call, const spelling *how, const npki_copied *args,
                      const npki_copied *state)
{
    const bool paid = pay(m, args, false) && (how->state == NULL || pay(m, state, false));
    npk_value *made = paid ? npki_copy_object(m, call) : NULL;
    if (made == NULL)
        return NULL;
    npki_object *object = made->u.object;
    made->flags &= (uint8_t)~NPKI_IS_FROZEN;
    object->meaning = (uint8_t)how->meaning;
    object->stays_call = NPKI_STAYS_NOT;
    object->callable = npki_unchanging(how->callable);
    object->args = args->value;
    object->state = NULL;
    object->array = NULL;
    object->events = NULL;
    npki_site site = {
        .arena = &m->s->arena, .limits = &m->s->limits, .offset = object->offset, .first_put = UINT64_MAX};
    npk_status status = run_rule(&npki_rules[how->meaning], &site, made, state->value);
    status = status == NPK_OK ? decode(m, &site) : status;
    npki_site_end(&site);
    if (status == NPK_ERR_MEMORY)
        npki_compare_fail(m->c, NPK_ERR_MEMORY);
    const bool good = status == NPK_OK && pay(m, args, true) && (how->state == NULL || pay(m, state, true));
    return good ? made : NULL;
}

static const npk_value *make(npki_compare *c, const npk_value *call)
{
    const npki_object *from = call->u.object;
    const spelling how = spelling_of(from);
    const uint64_t built = npki_built_at(from);
    npki_copier m = {
        .c = c,
        .s = c->stays,
        .meaning = how.meaning,
        .until = from->offset == 0 || (from->order != NULL && from->order->lost) ? UINT64_MAX : from->offset,
    };
    if (how.meaning == NPKI_UNKNOWN)
        return call;
    npki_copied args = npki_copy_parts(&m, how.args), state = {.lasts = true};
    m.until = built == 0 ? UINT64_MAX : built;
    if (how.state != NULL && args.value != NULL)
        state = npki_copy_parts(&m, how.state);
    if (args.value == NULL || (how.state != NULL && state.value == NULL))
        return call;
    result parts = {.known = false}, *place = parts_of(&m, &how, &args, &state, &parts) ? result_of(&m, &parts) : NULL;
    npk_value *made;
    if (place != NULL && place->known) {
        made = place->made == NULL ? NULL : made_by(&m, place->made, call, &how);
    } else {
        made = run(&m, call, &how, &args, &state);
        if (place != NULL) {
            place->known = true;
            place->made = made;
            if (made != NULL && made->kind != NPK_KIND_OBJECT)
                made->flags |= NPKI_IS_SHARED;
        }
    }
    if (made != NULL && is_bare(made)) {
        made->u.object->args = npki_unchanging(how.args);
        made->u.object->state = how.state == NULL ? NULL : npki_unchanging(how.state);
    }
    return made != NULL ? made : call;
}

/* --- those in others first --- */

static void add_task(npki_compare *c, const npk_value *call)
{
    bool added;
    const task new = {.call = call, .parts_first = true};
    if (npki_map_put(&c->stays->made, (uintptr_t)call, &added) == NULL ||
        (added && !npki_dynbuf_add(&c->stays->todo, &new, sizeof new)))
        npki_compare_fail(c, NPK_ERR_MEMORY);
}

/* Whether nobody has looked for calls in a container at this level yet. */
static bool is_new(npki_compare *c, const npk_value *container, size_t depth)
{
    bool added = true;
    if ((container->flags & NPKI_IS_SHARED) != 0 &&
        npki_map_put(&c->stays->searched, npki_copies_key(container, depth), &added) == NULL)
        npki_compare_fail(c, NPK_ERR_MEMORY);
    return added;
}

static void add_tasks_in(npki_compare *c, const npk_value *whole)
{
    part_walk w = walk_parts(whole);
    const npk_value *part;
    if (w.depth > 0 && !is_new(c, whole, 0))
        return;
    while ((part = next_part(&w)) != NULL && npki_compare_charge(c, 1)) {
        if (npki_compare_may_be_other(part))
            add_task(c, part);
        if (w.depth > w.level + 1 && !is_new(c, part, w.level + 1))
            w.depth--;
    }
}

static void work_off(npki_compare *c)
{
    stays *s = c->stays;
    while (s->todo.size > 0 && c->status == NPK_OK) {
        const size_t last = s->todo.size - sizeof(task);
        task *it = (task *)(void *)(s->todo.bytes + last);
        const npk_value *call = it->call;
        if (it->parts_first) {
            it->parts_first = false;
            add_tasks_in(c, call->u.object->args);
            add_tasks_in(c, call->u.object->state);
            continue;
        }
        s->todo.size = last;
        const npk_value *made = make(c, call);
        *npki_map_get(&s->made, (uintptr_t)call) = (uintptr_t)made;
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
    return found == NULL || *found == 0 ? call : (const npk_value *)(uintptr_t)*found;
}
