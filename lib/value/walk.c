/* Walks over a graph. */
#include "value/walk.h"

#include "value/step.h"

#include "base/error.h"
#include "base/map.h"

#include <string.h>

typedef struct frame {
    const npk_value *value;
    npki_trail at; /* where it stands */
    size_t next;   /* the child to visit next */
} frame;

struct npk_walk {
    npk_allocator allocator;
    const npk_value *root;
    frame *frames; /* the way from the root to the last value */
    size_t depth, room;
    npki_map visited;
    npki_sink path;
    /* so many of the first frames have a path that is too long, whatever comes behind them; 0: it is not known */
    size_t too_long;
    bool started;
    bool skip;
    bool skipped;    /* something was: then the numbers are not those of a whole walk */
    uint64_t number; /* of the last value, the root's being 0 */
};

#define LONGEST_PATH ((size_t)500) /* bytes; then the value's number is shorter */

npk_status npk_walk_start(const npk_value *root, const npk_allocator *allocator, npk_walk **out, npk_error *error)
{
    if (root == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a value and a place for the walk, found NULL");
    npk_allocator given = npki_allocator(allocator);
    npk_walk *walk = npki_allocate(&given, sizeof *walk);
    if (walk == NULL)
        return npki_no_memory(error);
    memset(walk, 0, sizeof *walk);
    walk->allocator = given;
    walk->root = root;
    npki_map_init(&walk->visited, &given);
    npki_sink_start(&walk->path, &given, NULL, NULL, NPK_UNLIMITED);
    *out = walk;
    return NPK_OK;
}

void npk_walk_free(npk_walk *walk)
{
    if (walk == NULL)
        return;
    npk_allocator allocator = walk->allocator;
    npki_free(&allocator, walk->frames, walk->room * sizeof *walk->frames);
    npki_map_free(&walk->visited);
    npki_sink_drop(&walk->path);
    npki_free(&allocator, walk, sizeof *walk);
}

void npki_walk_again(npk_walk *walk, const npk_value *root)
{
    walk->root = root;
    walk->depth = 0;
    walk->started = false;
    walk->skip = false;
    walk->skipped = true;
    walk->too_long = 0;
}

static bool push(npk_walk *walk, const npk_value *value, npki_trail at)
{
    if (walk->depth == walk->room) {
        size_t room = walk->room == 0 ? 32 : 2 * walk->room;
        frame *frames =
            npki_resize(&walk->allocator, walk->frames, walk->room * sizeof *frames, room * sizeof *frames);
        if (frames == NULL)
            return false;
        walk->frames = frames;
        walk->room = room;
    }
    walk->frames[walk->depth++] = (frame){value, at, 0};
    return true;
}

/* False if the value was visited before. Values without children need not be remembered: they end at once. */
static npk_status visit(npk_walk *walk, const npk_value *value, npki_trail at, bool *fresh, npk_error *error)
{
    *fresh = true;
    if (npki_children(value) > 0 || (value->flags & NPKI_IS_SHARED) != 0) {
        uint64_t *slot = npki_map_put(&walk->visited, (uint64_t)(uintptr_t)value, fresh);
        if (slot == NULL)
            return npki_no_memory(error);
    }
    return *fresh && !push(walk, value, at) ? npki_no_memory(error) : NPK_OK;
}

npk_status npk_walk_next(npk_walk *walk, const npk_value **value, npk_error *error)
{
    bool fresh = false;
    npk_status status = NPK_OK;
    if (value != NULL)
        *value = NULL;
    if (walk == NULL || value == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a walk and a place for the value, found NULL");
    if (!walk->started) {
        walk->started = true;
        status = visit(walk, walk->root, (npki_trail){0}, &fresh, error);
    } else {
        walk->number++;
    }
    if (walk->skip && walk->depth > 0)
        walk->frames[walk->depth - 1].next = SIZE_MAX;
    walk->skipped = walk->skipped || walk->skip;
    walk->skip = false;
    while (status == NPK_OK && !fresh && walk->depth > 0) {
        frame *top = &walk->frames[walk->depth - 1];
        if (walk->depth <= walk->too_long)
            walk->too_long = 0;
        if (top->next >= npki_children(top->value)) {
            walk->depth--;
            continue;
        }
        size_t index = top->next++;
        const npk_value *child = npki_child(top->value, index);
        if (child != NULL && !npki_is_of_state(top->at, top->value, index))
            status = visit(walk, child, npki_trail_to(top->at, top->value, index), &fresh, error);
    }
    if (status == NPK_OK && walk->depth > 0)
        *value = walk->frames[walk->depth - 1].value;
    return status;
}

size_t npk_walk_depth(const npk_walk *walk)
{
    return walk != NULL ? walk->depth : 0;
}

void npk_walk_skip(npk_walk *walk)
{
    if (walk != NULL)
        walk->skip = true;
}

/* Adds the steps to the last value; or as many as it takes to be too long, where a number can stand for them. Returns
 * how many: of values that lie deep this is not done again for each. */
static size_t add_steps(const npk_walk *walk, npki_sink *path, bool *good)
{
    size_t base = 0, i = 0;
    for (; *good && i + 1 < walk->depth && (walk->skipped || path->size <= LONGEST_PATH); i++)
        *good = npki_step(walk->frames[i].at, walk->frames[i].value, walk->frames[i].next - 1, &base, path);
    return i;
}

const char *npk_walk_path(const npk_walk *walk)
{
    if (walk == NULL)
        return "";
    npki_sink *path = (npki_sink *)&walk->path; /* scratch of the walk, not part of what it says */
    size_t *too_long = (size_t *)&walk->too_long;
    bool good = true;
    npki_sink_cut(path, 0);
    path->status = NPK_OK;
    if (walk->skipped || *too_long == 0) {
        size_t steps = add_steps(walk, path, &good);
        *too_long = good && path->status == NPK_OK && !walk->skipped && path->size > LONGEST_PATH ? steps : 0;
    }
    if (*too_long > 0) {
        npki_sink_cut(path, 0);
        npki_sink_char(path, '#');
        npki_sink_uint(path, walk->number);
    }
    npki_sink_char(path, '\0');
    return good && path->status == NPK_OK ? path->bytes : "?";
}

npk_status npki_walk_find(const npk_value *root, uint64_t number, const npk_value **out, npk_error *error)
{
    npk_walk *walk = NULL;
    npk_status status = npk_walk_start(root, NULL, &walk, error);
    *out = root;
    while (status == NPK_OK && *out != NULL && (!walk->started || walk->number < number))
        status = npk_walk_next(walk, out, error);
    npk_walk_free(walk);
    return status;
}
