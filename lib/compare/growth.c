#include "compare/growth.h"

#include "base/arena.h"
#include "compare/state.h"

struct npki_compare_growths {
    npki_arena arena;
    npki_map of; /* the address of events -> the npki_growth */
};

typedef struct npki_compare_growths growths;

static growths *get_growths(npki_compare *c)
{
    if (c->growths != NULL)
        return c->growths;
    c->growths = npki_compare_allocate(c, sizeof *c->growths);
    if (c->growths == NULL)
        return NULL;
    npki_arena_init(&c->growths->arena, &c->allocator, SIZE_MAX / 2);
    npki_map_init(&c->growths->of, &c->allocator);
    return c->growths;
}

void npki_growth_free(npki_compare *c)
{
    if (c->growths == NULL)
        return;
    npki_arena_free(&c->growths->arena);
    npki_map_free(&c->growths->of);
    npki_free(&c->allocator, c->growths, sizeof *c->growths);
}

static void add_step(npki_growth *g, const npki_event *event)
{
    npki_growth_step *last = g->step_count == 0 ? NULL : &g->steps[g->step_count - 1];
    if (last != NULL && npki_event_adds(event->kind) && last->kind == event->kind && last->end == event->first)
        last->end = event->end;
    else
        g->steps[g->step_count++] = (npki_growth_step){event->kind, event->first, event->end};
}

/* With those behind it, once all are there. */
static void add_rest(npki_growth *g, const npki_event *event)
{
    const uint64_t before = g->rest_count == 0 ? 0 : g->rests[g->rest_count - 1].offset;
    g->in_order = g->in_order && before <= event->offset;
    g->rests[g->rest_count++] = (npki_growth_rest){event->offset, event->end - event->first, event->first, before};
}

/* An array or a dtype has a state by one spelling and none by another. */
static void fill(npki_growth *g, const npk_value *value)
{
    const npki_object *object = value->kind == NPK_KIND_OBJECT ? value->u.object : NULL;
    const bool says_it_all = object != NULL && (object->array != NULL || object->dtype != NULL);
    const size_t count = npki_event_count(value);
    for (size_t i = 0; i < count; i++) {
        const npki_event_kind kind = npki_event_kind_of(value, i);
        const bool adds = npki_event_adds(kind);
        if (!adds && kind != NPKI_EVENT_STATE)
            continue;
        const npki_event event = npki_event_of(value, i);
        if (event.first != event.end && (adds || !says_it_all)) /* else all was taken out: nothing is written for it */
            add_step(g, &event);
        if (adds && event.offset != 0)
            add_rest(g, &event);
        else if (!adds && event.first == 0 && g->built == 0)
            g->built = event.offset;
    }
    for (size_t i = g->rest_count; i > 1; i--) {
        npki_growth_rest *one = &g->rests[i - 2];
        const npki_growth_rest *later = &g->rests[i - 1];
        one->count += later->count;
        one->first = one->first < later->first ? one->first : later->first;
    }
}

/* How many of the events are of what is kept. */
static size_t count_kept(const npk_value *value)
{
    size_t kept = 0;
    for (size_t i = 0; i < npki_event_count(value); i++) {
        const npki_event_kind kind = npki_event_kind_of(value, i);
        kept += npki_event_adds(kind) || kind == NPKI_EVENT_STATE;
    }
    return kept;
}

static npki_growth *make(npki_compare *c, const npk_value *value)
{
    const size_t kept = count_kept(value);
    npki_arena *arena = &c->growths->arena;
    npki_growth *g = npki_arena_take(arena, sizeof *g);
    npki_growth_step *steps = npki_arena_take(arena, kept * sizeof *steps);
    npki_growth_rest *rests = npki_arena_take(arena, kept * sizeof *rests);
    if (g == NULL || steps == NULL || rests == NULL) {
        npki_compare_fail(c, NPK_ERR_MEMORY);
        return NULL;
    }
    *g = (npki_growth){.steps = steps, .rests = rests, .in_order = true};
    fill(g, value);
    return g;
}

const npki_growth *npki_growth_of(npki_compare *c, const npk_value *value, npki_growth_room *room)
{
    const size_t count = npki_event_count(value);
    if (!npki_compare_charge(c, 1))
        return NULL;
    if (count <= NPKI_GROWTH_FEW) {
        room->growth = (npki_growth){.steps = room->steps, .rests = room->rests, .in_order = true};
        fill(&room->growth, value);
        return &room->growth;
    }
    /* copies of a value have its events */
    const npki_events *events = npki_events_of(value);
    const uint64_t key = events != NULL ? (uintptr_t)events : (uintptr_t)value;
    const uint64_t *found = c->growths == NULL ? NULL : npki_map_get(&c->growths->of, key);
    if (found != NULL)
        return (const npki_growth *)(uintptr_t)*found;
    bool added;
    npki_growth *g = get_growths(c) == NULL || !npki_compare_charge(c, count) ? NULL : make(c, value);
    uint64_t *place = g == NULL ? NULL : npki_map_put(&c->growths->of, key, &added);
    if (place == NULL) {
        npki_compare_fail(c, NPK_ERR_MEMORY); /* where nothing else has failed */
        return NULL;
    }
    *place = (uintptr_t)g;
    return g;
}

npki_growth_rest npki_growth_after(const npki_growth *growth, uint64_t offset)
{
    size_t low = 0, high = growth->in_order ? growth->rest_count : 0;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (growth->rests[middle].offset > offset)
            high = middle;
        else
            low = middle + 1;
    }
    const size_t count = growth->in_order ? growth->rest_count : 0;
    const uint64_t last = count == 0 ? 0 : growth->rests[count - 1].offset;
    return low < count ? growth->rests[low]
                       : (npki_growth_rest){.offset = UINT64_MAX, .first = UINT64_MAX, .before = last};
}
