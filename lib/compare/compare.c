/* The walk through two graphs at once, with a stack of its own. */
#include "compare/compare.h"

#include "compare/array.h"

#include "base/error.h"
#include "value/step.h"

#include <npickle/pyarray.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH 100000u /* pairs inside one another: two cycles of different lengths go on for long */
#define PAIR_WORK 8   /* what remembering a pair costs */

/* --- pairs that were met ------------------------------------------------------------------------------------------ */

/* A small number for a container, the same each time; 0 after a failure. */
static uint64_t number_of(npki_compare *c, int side, const npk_value *value)
{
    bool added;
    uint64_t *slot = npki_map_put(&c->numbers[side], (uint64_t)(uintptr_t)value, &added);
    if (slot == NULL) {
        c->status = NPK_ERR_MEMORY;
        return 0;
    }
    if (added)
        *slot = c->numbers[side].count;
    return *slot;
}

/* Whether this pair comes for the first time. */
static bool is_new(npki_compare *c, const npk_value *a, const npk_value *b)
{
    if (!npki_compare_charge(c, PAIR_WORK))
        return false;
    bool added = false;
    uint64_t left = number_of(c, 0, a), right = number_of(c, 1, b);
    if (c->status == NPK_OK && npki_map_put(&c->pairs, left << 32 | right, &added) == NULL)
        c->status = NPK_ERR_MEMORY;
    return c->status == NPK_OK && added;
}

/* `count`: children that are compared. */
static npki_compare_frame *push(npki_compare *c, const npk_value *a, const npk_value *b, size_t count)
{
    if (c->depth == DEPTH)
        c->status = NPK_ERR_LIMIT;
    if (c->status == NPK_OK && c->depth == c->room) {
        size_t room = c->room == 0 ? 32 : 2 * c->room;
        npki_compare_frame *frames = realloc(c->frames, room * sizeof *frames);
        if (frames == NULL) {
            c->status = NPK_ERR_MEMORY;
        } else {
            c->frames = frames;
            c->room = room;
        }
    }
    if (c->status != NPK_OK)
        return NULL;
    npki_compare_frame *frame = &c->frames[c->depth++];
    *frame = (npki_compare_frame){.a = a, .b = b, .count = count};
    return frame;
}

/* --- one pair ----------------------------------------------------------------------------------------------------- */

static void begin_array(npki_compare *c, const npk_value *a, const npk_value *b)
{
    npk_array left, right;
    const char *classes[2] = {npk_array_class(a), npk_array_class(b)};
    if (classes[0] != NULL && classes[1] != NULL && strcmp(classes[0], classes[1]) != 0)
        npki_compare_say(c, "class: %.100s / %.100s", classes[0], classes[1]);
    bool good = npk_array_of(a, &left, NULL) == NPK_OK && npk_array_of(b, &right, NULL) == NPK_OK;
    npk_pyarray is;
    bool standard = npk_pyarray_of(a, &is) && npk_pyarray_of(b, &is);
    if (!good || !(standard ? npki_compare_pyarrays(c, &left, &right) : npki_compare_arrays(c, &left, &right, NULL)))
        return;
    if (npk_value_is_masked(a) && npk_value_is_masked(b))
        npki_compare_masks(c, a, b);
    size_t count = npki_children(a);
    if (count != npki_children(b))
        npki_compare_say(c, "one of the two has objects beside its elements");
    else if (count > 0)
        push(c, a, b, count);
}

/* Elements that are bytes; those of a scalar of a dtype with objects are objects too. */
static void begin_scalar(npki_compare *c, const npk_value *a, const npk_value *b)
{
    npk_array left, right;
    uint64_t before = c->differences;
    if (npk_scalar_of(a, &left, NULL) != NPK_OK || npk_scalar_of(b, &right, NULL) != NPK_OK)
        return;
    if (!npk_dtype_equal(left.dtype, right.dtype) || npk_dtype_has_object(left.dtype)) {
        npki_compare_arrays(c, &left, &right, NULL);
    } else { /* the numbers say more than that the element differs */
        npki_compare quiet = *c;
        npki_compare_options silent = *c->options;
        silent.most = 0;
        quiet.options = &silent;
        npki_compare_arrays(&quiet, &left, &right, NULL);
        c->status = quiet.status;
        c->left = quiet.left;
        if (quiet.differences > before)
            npki_compare_say_values(c, a, b, 0);
    }
    if (npki_children(a) > 0 && npki_children(a) == npki_children(b))
        push(c, a, b, npki_children(a));
}

/* The class of an object that is made with nothing but it: by __new__, or below protocol 2 by
 * copyreg._reconstructor(class, object, None). NULL for any other. */
static const npk_value *bare_class(const npk_value *value)
{
    npk_object object;
    const char *module, *name;
    size_t module_size, name_size;
    if (!npk_value_as_object(value, &object) || object.args == NULL || object.kwargs != NULL)
        return NULL;
    if (object.construction == NPK_BY_NEW)
        return npk_value_size(object.args) == 0 ? object.callable : NULL;
    bool known = npk_value_as_global(object.callable, &module, &module_size, &name, &name_size) && name_size == 14 &&
                 memcmp(name, "_reconstructor", 14) == 0;
    const npk_value *base = npk_value_item(object.args, 1), *state = npk_value_item(object.args, 2);
    bool plain = known && npk_value_size(object.args) == 3 && npk_value_kind(state) == NPK_KIND_NONE &&
                 npk_value_as_global(base, &module, &module_size, &name, &name_size) && name_size == 6 &&
                 memcmp(name, "object", 6) == 0;
    return plain ? npk_value_item(object.args, 0) : NULL;
}

#define MAKING 3 /* children of an object that say how it is made: callable, arguments, keywords */

static void begin_unknown(npki_compare *c, const npk_value *a, const npk_value *b)
{
    npk_object x, y;
    const npk_value *left = bare_class(a), *right = bare_class(b);
    bool bare = left != NULL && right != NULL && npk_value_kind(left) == NPK_KIND_GLOBAL &&
                npk_value_kind(right) == NPK_KIND_GLOBAL;
    if (bare && !npki_compare_same_global(left, right))
        npki_compare_say_kinds(c, a, b);
    else if (!bare && npk_value_as_object(a, &x) && npk_value_as_object(b, &y) && x.construction != y.construction)
        npki_compare_say(c,
                         x.construction == NPK_BY_CALL ? "made by a call / by __new__" : "made by __new__ / by a call");
    npki_compare_frame *frame = push(c, a, b, npki_children(a));
    if (frame != NULL && bare)
        frame->next = MAKING;
}

static void begin_object(npki_compare *c, const npk_value *a, const npk_value *b)
{
    const npk_dtype *left = npk_value_dtype(a), *right = npk_value_dtype(b);
    if (npk_value_is_array(a) && npk_value_is_array(b)) {
        begin_array(c, a, b);
    } else if (npk_value_is_scalar(a) && npk_value_is_scalar(b)) {
        begin_scalar(c, a, b);
    } else if (left != NULL && right != NULL) {
        if (!npk_dtype_equal(left, right))
            npki_compare_say_values(c, a, b, 0);
    } else if (npki_children(a) != npki_children(b) || (left == NULL) != (right == NULL) ||
               npk_value_is_array(a) != npk_value_is_array(b) || npk_value_is_scalar(a) != npk_value_is_scalar(b)) {
        npki_compare_say_kinds(c, a, b);
    } else {
        begin_unknown(c, a, b);
    }
}

static void begin_container(npki_compare *c, const npk_value *a, const npk_value *b)
{
    npk_kind kind = npk_value_kind(a);
    bool by_key = kind == NPK_KIND_DICT || kind == NPK_KIND_SET || kind == NPK_KIND_FROZENSET;
    size_t left = npki_children(a), right = npki_children(b);
    if (!by_key && left != right)
        npki_compare_say(c, "length: %zu / %zu", left, right);
    npki_compare_frame *frame = push(c, a, b, by_key || left < right ? left : right);
    if (frame != NULL && by_key)
        npki_compare_match(c, frame, kind == NPK_KIND_DICT ? 2 : 1);
}

static bool is_text_pair(const npki_compare *c, npk_kind a, npk_kind b)
{
    return c->options->text &&
           ((a == NPK_KIND_STR && b == NPK_KIND_PYTHON2_STR) || (a == NPK_KIND_PYTHON2_STR && b == NPK_KIND_STR));
}

static void begin(npki_compare *c, const npk_value *a, const npk_value *b)
{
    npk_kind kind = npk_value_kind(a), other = npk_value_kind(b);
    if (!npki_compare_charge(c, 1) || a == b || (a->flags & b->flags & NPKI_IS_PAYLOAD) != 0) /* compared as elements */
        return;
    if (kind != other && !is_text_pair(c, kind, other)) {
        npki_compare_say_kinds(c, a, b);
        return;
    }
    bool whole = npki_children(a) == 0 && npki_children(b) == 0;
    if (kind == NPK_KIND_OBJECT && (whole || is_new(c, a, b)))
        begin_object(c, a, b);
    else if (kind != NPK_KIND_OBJECT && whole)
        npki_compare_atoms(c, a, b);
    else if (kind != NPK_KIND_OBJECT && is_new(c, a, b))
        begin_container(c, a, b);
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

/* The child of b that goes with a child of a; NPKI_COMPARE_NONE where none does. */
static size_t partner(const npki_compare_frame *frame, size_t child)
{
    size_t step = npk_value_kind(frame->a) == NPK_KIND_DICT ? 2 : 1;
    if (frame->match == NULL)
        return child;
    size_t item = frame->match[child / step];
    return item == NPKI_COMPARE_NONE ? item : item * step + child % step;
}

static void step(npki_compare *c)
{
    npki_compare_frame *top = &c->frames[c->depth - 1];
    if (top->next == top->count) {
        free(top->match);
        c->depth--;
        return;
    }
    top->child = top->next++;
    size_t other = partner(top, top->child);
    const npk_value *a = npki_child(top->a, top->child),
                    *b = other == NPKI_COMPARE_NONE ? NULL : npki_child(top->b, other);
    bool is_key = npk_value_kind(top->a) == NPK_KIND_DICT && top->child % 2 == 0;
    if (a != NULL && b != NULL)
        begin(c, a, b);
    else if (a != NULL && !is_key) /* of a pair of a dict the path of the value names the key */
        npki_compare_say(c, "only in the first");
    else if (b != NULL)
        npki_compare_say(c, "only in the second");
}

static void start(npki_compare *c, const npki_compare_options *options)
{
    npk_allocator allocator = npki_allocator(NULL);
    *c = (npki_compare){.options = options, .left = options->work};
    npki_map_init(&c->numbers[0], &allocator);
    npki_map_init(&c->numbers[1], &allocator);
    npki_map_init(&c->pairs, &allocator);
}

static npk_status finish(npki_compare *c, uint64_t *differences, npk_error *error)
{
    while (c->depth > 0)
        free(c->frames[--c->depth].match);
    free(c->frames);
    npki_map_free(&c->numbers[0]);
    npki_map_free(&c->numbers[1]);
    npki_map_free(&c->pairs);
    *differences = c->differences;
    if (c->status == NPK_ERR_LIMIT)
        return npki_fail(error, NPK_ERR_LIMIT,
                         "the two have so many parts in common that comparing them takes too long");
    return c->status == NPK_OK ? NPK_OK : npki_no_memory(error);
}

npk_status npki_compare_values(const npk_value *a, const npk_value *b, const npki_compare_options *options,
                               uint64_t *differences, npk_error *error)
{
    npki_compare c;
    start(&c, options);
    begin(&c, a, b);
    while (c.depth > 0 && c.status == NPK_OK)
        step(&c);
    return finish(&c, differences, error);
}

npk_status npki_compare_views(const npk_array *a, const npk_array *b, const npki_compare_options *options,
                              uint64_t *differences, npk_error *error)
{
    npki_compare c;
    start(&c, options);
    npki_compare_arrays(&c, a, b, NULL);
    return finish(&c, differences, error);
}
