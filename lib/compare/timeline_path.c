#include "compare/timeline_path.h"

#include "compare/state.h"
#include "compare/timeline.h"

typedef struct npki_compare_paths {
    npki_met_values numbers; /* `last` of a value: 1 + the number of the first step to it; there are no moments */
    npki_dynbuf steps;       /* npki_timeline_step */
} paths;

static void free_paths(npki_compare *c, paths *p)
{
    if (p == NULL)
        return;
    npki_met_free(&p->numbers);
    npki_dynbuf_free(&p->steps);
    npki_free(&c->allocator, p, sizeof *p);
}

/* Those of a side, by the walk over all of it. NULL without memory. */
static paths *paths_of(npki_compare *c, size_t side)
{
    npki_timeline t;
    if (c->paths[side] != NULL)
        return c->paths[side];
    paths *p = npki_compare_allocate(c, sizeof *p);
    if (p == NULL)
        return NULL;
    npki_met_init(&p->numbers, &c->allocator);
    npki_dynbuf_init(&p->steps, &c->allocator, npki_met_most(sizeof(npki_timeline_step)));
    npki_timeline_init(&t, c, c->roots[side], &p->numbers);
    t.steps = &p->steps;
    npki_timeline_walk(&t);
    npki_timeline_free(&t);
    return c->paths[side] = p;
}

/* The steps to a value. *out: where the walk to it began anew, NULL for the root. */
static bool add_steps(npki_compare *c, const paths *p, uint32_t last, const npk_value **out, size_t *base,
                      npki_sink *path)
{
    size_t count = 0;
    *out = NULL;
    for (uint32_t at = last; at != 0; at = npki_timeline_step_at(&p->steps, at)->outer)
        count++;
    uint32_t *way = npki_compare_allocate(c, (count + 1) * sizeof *way);
    for (size_t i = count; way != NULL && i > 0; last = npki_timeline_step_at(&p->steps, last)->outer)
        way[--i] = last;
    if (way != NULL && count > 0 && npki_timeline_step_at(&p->steps, way[0])->child == NPKI_TIMELINE_REST)
        *out = npki_timeline_step_at(&p->steps, way[0])->value;
    bool good = way != NULL;
    for (size_t i = *out != NULL; good && path != NULL && i < count; i++) {
        const npki_timeline_step *step = npki_timeline_step_at(&p->steps, way[i]);
        good = npki_step(step->at, step->value, step->child, base, path);
    }
    npki_free(&c->allocator, way, (count + 1) * sizeof *way);
    return good;
}

static uint32_t last_step(paths *p, const npk_value *value)
{
    const npki_met_value *number = npki_met_find(&p->numbers, value);
    return number == NULL || number->last == 0 ? 0 : number->last - 1;
}

bool npki_timeline_path(npki_compare *c, size_t side, const npk_value *value, size_t *base, npki_sink *path)
{
    const npk_value *rest, *none;
    paths *p = paths_of(c, side);
    if (p == NULL || c->status == NPK_ERR_MEMORY || !add_steps(c, p, last_step(p, value), &rest, base, NULL))
        return false;
    if (rest != NULL && !add_steps(c, p, last_step(p, rest), &none, base, path))
        return false;
    return add_steps(c, p, last_step(p, value), &rest, base, path);
}

void npki_compare_paths_free(npki_compare *c)
{
    free_paths(c, c->paths[0]);
    free_paths(c, c->paths[1]);
}
