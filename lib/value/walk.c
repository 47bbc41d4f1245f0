/* Walks over a graph, and paths into it. */
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

const char *npk_walk_path(const npk_walk *walk)
{
    if (walk == NULL)
        return "";
    npki_sink *path = (npki_sink *)&walk->path; /* scratch of the walk, not part of what it says */
    npki_sink_cut(path, 0);
    path->status = NPK_OK;
    bool good = true;
    size_t base = 0;
    for (size_t i = 0; good && i + 1 < walk->depth && (walk->skipped || path->size <= LONGEST_PATH); i++)
        good = npki_step(walk->frames[i].at, walk->frames[i].value, walk->frames[i].next - 1, &base, path);
    if (path->size > LONGEST_PATH && !walk->skipped) {
        npki_sink_cut(path, 0);
        npki_sink_char(path, '#');
        npki_sink_uint(path, walk->number);
    }
    npki_sink_char(path, '\0');
    return good && path->status == NPK_OK ? path->bytes : "?";
}

/* --- paths --- */

/* A step ends where the next begins. */
static bool starts_with(const char *path, const npki_sink *step, size_t *length)
{
    *length = step->size;
    if (step->size == 0 || strncmp(path, step->bytes, step->size) != 0)
        return false;
    char after = path[step->size];
    return after == '\0' || after == '[' || after == '.';
}

#define DEEPEST 8 /* an object and parts of it in one another: state, what holds an array, attributes */

/* A value whose children are looked at, and how the path to it begins. */
typedef struct stop {
    const npk_value *value;
    npki_trail at;
    size_t left; /* children */
    size_t base, size;
} stop;

/* From the last child to the first: what is set twice is what came last, and slots come before what is below them. */
static size_t next_child(const npk_value *value, size_t left)
{
    return value->kind == NPK_KIND_OBJECT ? npki_children(value) - left : left - 1;
}

/* Whether the start of `path` leads to this child of the value; then *base is that of a step out of it. False without
 * memory too: then step->status says so. */
static bool leads_to(const stop *top, size_t index, const char *path, size_t *base, npki_sink *step, size_t *length)
{
    npki_sink_cut(step, top->size);
    *base = top->base;
    if (npki_has_full_step(top->value, index) && npki_full_step(top->at, top->value, index, base, step) &&
        starts_with(path, step, length))
        return true;
    npki_sink_cut(step, top->size);
    *base = top->base;
    return npki_step(top->at, top->value, index, base, step) && starts_with(path, step, length);
}

/* The child of `value` that the start of `path` leads to, directly or through parts of an object; NULL without one. */
static npk_status follow(const npk_value *value, const char *path, npki_sink *step, const npk_value **out,
                         size_t *length, npk_error *error)
{
    stop stops[DEEPEST] = {{.value = value, .left = npki_children(value)}};
    size_t depth = 1;
    *out = NULL;
    while (depth > 0 && step->status == NPK_OK) {
        stop *top = &stops[depth - 1];
        if (top->left == 0) {
            depth--;
            continue;
        }
        size_t index = next_child(top->value, top->left--), base;
        const npk_value *child = npki_child(top->value, index);
        if (child == NULL || npki_is_of_state(top->at, top->value, index))
            continue;
        if (leads_to(top, index, path, &base, step, length)) {
            *out = child;
            return NPK_OK;
        }
        npki_trail to = npki_trail_to(top->at, top->value, index);
        if (to.part != NPKI_PART_NONE && depth < DEEPEST)
            stops[depth++] = (stop){child, to, npki_children(child), base, step->size};
    }
    return step->status == NPK_OK ? NPK_OK : npki_no_memory(error);
}

/* The value that a walk comes to after `number` others; *out is NULL without one. */
static npk_status find_numbered(const npk_value *root, uint64_t number, const npk_value **out, npk_error *error)
{
    npk_walk *walk = NULL;
    npk_status status = npk_walk_start(root, NULL, &walk, error);
    *out = root;
    while (status == NPK_OK && *out != NULL && (!walk->started || walk->number < number))
        status = npk_walk_next(walk, out, error);
    npk_walk_free(walk);
    return status;
}

/* "#57" at the start of a path: its length, 0 where there is none. */
static size_t take_number(const char *path, uint64_t *number)
{
    size_t length = 1;
    *number = 0;
    if (path[0] != '#')
        return 0;
    for (; path[length] >= '0' && path[length] <= '9' && *number < UINT64_MAX / 10; length++)
        *number = *number * 10 + (uint64_t)(path[length] - '0');
    return length > 1 ? length : 0;
}

npk_status npk_value_find(const npk_value *root, const char *path, const npk_value **out, npk_error *error)
{
    if (root == NULL || path == NULL || out == NULL)
        return npki_fail(error, root == NULL ? NPK_ERR_TYPE : NPK_ERR_USAGE,
                         "expected a value, a path and a place for what is there, found NULL");
    npk_allocator allocator = npki_allocator(NULL);
    npki_sink step;
    npki_sink_start(&step, &allocator, NULL, NULL, NPK_UNLIMITED);
    const npk_value *value = root;
    uint64_t number;
    const char *rest = path + take_number(path, &number);
    npk_status status = rest > path ? find_numbered(root, number, &value, error) : NPK_OK;
    if (status == NPK_OK && value == NULL)
        status = npki_fail(error, NPK_ERR_NOT_FOUND, "there is nothing at '%.24s'", path);
    while (status == NPK_OK && *rest != '\0') {
        const npk_value *child = NULL;
        size_t length = 0;
        if (*rest != '[' && *rest != '.')
            status = npki_fail(error, NPK_ERR_USAGE, "a path is made of [...] and .name, found '%.20s'", rest);
        if (status == NPK_OK)
            status = follow(value, rest, &step, &child, &length, error);
        if (status == NPK_OK && child == NULL)
            status = npki_fail(error, NPK_ERR_NOT_FOUND, "there is nothing at '%.*s'",
                               (int)(strlen(path) < 120 ? strlen(path) : 120), path);
        value = child;
        rest += length;
    }
    npki_sink_drop(&step);
    if (status == NPK_OK)
        *out = value;
    return status;
}
