/* The walk through two graphs at once, with a stack of its own. */
#include "compare/array.h"
#include "compare/elements.h"
#include "compare/stays.h"
#include "compare/timeline.h"

#include "array/layout.h"
#include "opcode/opcode.h"
#include "value/event.h"
#include "value/step.h"

#include <npickle/pyarray.h>
#include <string.h>

#define DEPTH 100000u /* pairs inside one another: two cycles of different lengths go on for long */
#define PAIR_WORK 8   /* what remembering a pair costs */
#define FEW_KEYS 4    /* of a dict or set, that are gone through in any case */

/* --- pairs that were met ------------------------------------------------------------------------------------------ */

/* Whether a value was met is asked of this; NULL after a failure. */
static npki_met_value *number_of(npki_compare *c, int side, const npk_value *value)
{
    npki_met_value *number = npki_met_put(&c->numbers[side], value);
    if (number == NULL)
        npki_compare_fail(c, NPK_ERR_MEMORY);
    return number;
}

/* It was met, in no pair that is asked for. */
static void note_met(npki_compare *c, int side, const npk_value *value)
{
    npki_met_value *number = number_of(c, side, value);
    if (number != NULL && number->partner == 0)
        number->partner = NPKI_NO_PARTNER;
}

/* What the walk began with, or metadata: there is a way to it beside those that lead through the graph. */
static bool is_first(const npki_compare *c, const npk_value *a, const npk_value *b)
{
    return c->depth == c->floor || c->frames[c->floor].a == a || c->frames[c->floor].b == b;
}

/* A container to which one way leads, and of which nothing else is known. */
static bool is_met_once(const npk_value *value)
{
    return npki_is_container(value) && !npki_may_be_met_again(value) && (value->history & NPKI_WAS_CALLED) == 0;
}

/* Neither of the two is the first in this. */
static void note_alike(npki_compare *c, npki_met_value *left, npki_met_value *right)
{
    if (left->alike == 0 && right->alike == 0)
        left->alike = right->alike = ++c->alike;
    else if (left->alike == 0)
        left->alike = right->alike;
    else if (right->alike == 0)
        right->alike = left->alike;
}

/* Whether this pair comes for the first time. Two containers to which one way leads come together only where those do
 * that hold them. c->had_other: whether one of the two, or of those, was compared with another value before. */
static bool is_new(npki_compare *c, const npk_value *a, const npk_value *b)
{
    if (!npki_compare_charge(c, PAIR_WORK))
        return false;
    c->had_other = c->depth > c->floor && c->frames[c->depth - 1].had_other;
    if (is_met_once(a) && is_met_once(b) && !is_first(c, a, b))
        return true;
    bool added = false;
    npki_met_value *left = number_of(c, 0, a), *right = number_of(c, 1, b);
    if (left == NULL || right == NULL)
        return false;
    const uint32_t number = (uint32_t)npki_met_of(&c->numbers[0], left),
                   with = (uint32_t)npki_met_of(&c->numbers[1], right);
    c->had_other |= (left->partner != 0 && left->partner != with) || (right->partner != 0 && right->partner != number);
    right->partner = right->partner == 0 ? number : right->partner;
    if (c->from[0] == NULL && c->from[1] == NULL)
        note_alike(c, left, right);
    if (left->partner == 0) {
        left->partner = with;
        return true;
    }
    if (left->partner != with && npki_map_put(&c->pairs, (uint64_t)number << 32 | with, &added) == NULL)
        npki_compare_fail(c, NPK_ERR_MEMORY);
    return added;
}

size_t npki_compare_number(npki_compare *c, int side, const npk_value *value)
{
    const npki_met_value *number = npki_met_find(&c->numbers[side], value);
    return number == NULL || number->partner == 0 ? 0 : npki_met_of(&c->numbers[side], number);
}

/* `count`: children that are compared. NULL after a failure. */
static npki_compare_frame *push(npki_compare *c, const npk_value *a, const npk_value *b, size_t count)
{
    if (c->depth == DEPTH)
        npki_compare_fail(c, NPK_ERR_LIMIT);
    if (c->status == NPK_OK && c->depth == c->room) {
        size_t room = c->room == 0 ? 32 : 2 * c->room;
        npki_compare_frame *frames =
            npki_resize(&c->allocator, c->frames, c->room * sizeof *frames, room * sizeof *frames);
        if (frames == NULL) {
            npki_compare_fail(c, NPK_ERR_MEMORY);
        } else {
            c->frames = frames;
            c->room = room;
        }
    }
    if (c->status != NPK_OK)
        return NULL;
    npki_compare_frame *frame = &c->frames[c->depth], *outer = c->depth > c->floor ? frame - 1 : NULL;
    *frame = (npki_compare_frame){.a = a, .b = b, .count = count, .had_other = c->had_other};
    if (outer != NULL && (outer->makings == NULL || !outer->makings->on_the_way)) {
        frame->at[0] = npki_trail_to(outer->at[0], outer->a, outer->child);
        frame->at[1] = npki_trail_to(outer->at[1], outer->b, outer->other);
    }
    c->depth++;
    return frame;
}

static void pop(npki_compare *c)
{
    npki_compare_frame *top = &c->frames[--c->depth];
    npki_free(&c->allocator, top->match, top->match_size);
    npki_free(&c->allocator, top->makings, sizeof *top->makings);
}

/* --- one pair ----------------------------------------------------------------------------------------------------- */

static void say_typecodes(npki_compare *c, char left, char right)
{
    const char message[] = {'t', 'y', 'p', 'e', 'c', 'o', 'd', 'e', ':', ' ', left, ' ', '/', ' ', right, '\0'};
    npki_compare_say(c, message);
}

/* An array.array: its typecode too, but not the order of bytes. */
static npki_compare_order begin_pyarray(npki_compare *c, const npk_value *a, const npk_value *b)
{
    npk_pyarray left, right;
    if (!npk_pyarray_of(a, &left) || !npk_pyarray_of(b, &right))
        return NPKI_COMPARE_BYTE_ORDER;
    if (left.typecode != right.typecode)
        say_typecodes(c, left.typecode, right.typecode);
    return NPKI_COMPARE_ANY_ORDER;
}

/* Elements that are bytes; those of a scalar of a dtype with objects are objects too. */
static void begin_scalar(npki_compare *c, const npk_value *a, const npk_value *b)
{
    npk_array left, right;
    if (npk_scalar_of(a, &left, NULL) != NPK_OK || npk_scalar_of(b, &right, NULL) != NPK_OK)
        return;
    npki_compare_scalar_classes(c, left.dtype, right.dtype);
    bool numbers = npki_dtype_equal(left.dtype, right.dtype, &c->dtypes) && !npk_dtype_has_object(left.dtype);
    npki_compare_outcome found = npki_compare_array(c, &left, &right, NPKI_COMPARE_BYTE_ORDER);
    if (found.unequal && numbers) /* they say more than that the element differs */
        npki_compare_say_values(c, a, b, 0);
    else if (found.unequal)
        npki_compare_say_elements(c, &left, &found);
    if (npki_own_children(a) > 0 && npki_own_children(a) == npki_own_children(b))
        push(c, a, b, npki_own_children(a));
}

/* Of two objects that are made by other spellings: what they are made of. `frame` compares these parts first. */
static void begin_makings(npki_compare *c, npki_compare_frame *frame, const npki_made *left, const npki_made *right)
{
    size_t args[2] = {npki_made_args(left), npki_made_args(right)};
    frame->makings = npki_compare_allocate(c, sizeof *frame->makings);
    if (frame->makings == NULL)
        return;
    memset(frame->makings, 0, sizeof *frame->makings);
    frame->makings->made[0] = *left;
    frame->makings->made[1] = *right;
    frame->makings->args = args[0] < args[1] ? args[0] : args[1];
    frame->made = true;
}

/* A part by its number, and the way to it; NULL for keywords that are not there. */
static const npk_value *part_of(const npki_made *made, size_t number, size_t args, npki_making_way *way)
{
    *way = number == 0 ? made->to_callable : number <= args ? made->to_args : made->to_kwargs;
    if (number == 0)
        return made->callable;
    if (number > args)
        return made->kwargs;
    if (!made->whole) {
        way->values[way->count] = made->args;
        way->children[way->count++] = npki_made_at(made, number - 1);
    }
    return npki_made_arg(made, number - 1);
}

/* class.__new__(class), of a class that has a name */
static bool is_bare(const npki_made *made)
{
    return made->by_new && npki_made_args(made) == 0 && made->kwargs == NULL && npki_compare_is_name(made->callable);
}

/* Whether something is dropped over what stands on a way alone: no part of the two has it. */
static bool is_eventful_on(const npki_making_way *way)
{
    bool found = false;
    for (size_t i = 1; i < way->count && !found; i++)
        found = npki_events_of(way->values[i]) != NULL;
    return found;
}

/* ... that is for the spelling of a call. */
static bool is_spelled_eventfully(const npki_made *made)
{
    return is_eventful_on(&made->to_callable) || is_eventful_on(&made->to_args) || is_eventful_on(&made->to_kwargs);
}

/* INST or OBJ without arguments: Python makes an instance of the class, and does not call it. */
static bool is_instance(const npk_value *value)
{
    const npki_object *object = value->u.object;
    return npk_opcode_row(object->opcode)->to_mark && npki_is_tuple_of(object->args, 0);
}

static void begin_unknown(npki_compare *c, const npk_value *a, const npk_value *b)
{
    npki_made left, right;
    const bool called = a->u.object->construction == NPK_BY_CALL && b->u.object->construction == NPK_BY_CALL;
    if (called && is_instance(a) != is_instance(b))
        npki_compare_say(c, is_instance(a) ? "made without a call / by a call" : "made by a call / without a call");
    if (npki_is_usual_call(a) && npki_is_usual_call(b)) {
        push(c, a, b, npki_own_children(a));
        return;
    }
    bool made = npki_made_of(a, &left) && npki_made_of(b, &right);
    if (made && left.by_new != right.by_new)
        npki_compare_say(c, left.by_new ? "made by __new__ / by a call" : "made by a call / by __new__");
    bool bare = made && is_bare(&left) && is_bare(&right);
    if (bare && !npki_compare_same_global(left.callable, right.callable))
        npki_compare_say_kinds(c, a, b);
    bool other = made && !bare && left.by_new == right.by_new && left.spelling != right.spelling;
    if (bare || other)
        c->eventful = c->eventful || is_spelled_eventfully(&left) || is_spelled_eventfully(&right);
    if (other && left.whole != right.whole) {
        npki_compare_say_kinds(c, a, b);
        return;
    }
    if (other && npki_made_args(&left) != npki_made_args(&right))
        npki_compare_say_numbers(c, "arguments", (int64_t)npki_made_args(&left), (int64_t)npki_made_args(&right));
    npki_compare_frame *frame = push(c, a, b, npki_own_children(a));
    if (frame == NULL)
        return;
    if (bare)
        frame->made = true;
    else if (other)
        begin_makings(c, frame, &left, &right);
}

/* Whether it was found in what a class has made its own, which may be made by another spelling. */
static bool is_of_class(const npk_value *array)
{
    npki_made made;
    return npki_made_of(array, &made);
}

static void begin_array(npki_compare *c, const npk_value *a, const npk_value *b)
{
    npk_array left, right;
    const bool same_class = npki_compare_classes(c, npk_array_class(a), npk_array_class(b));
    const bool masked = npk_value_is_masked(a);
    if (npk_array_of(a, &left, NULL) != NPK_OK || npk_array_of(b, &right, NULL) != NPK_OK)
        return;
    npki_compare_outcome found = npki_compare_array(c, &left, &right, begin_pyarray(c, a, b));
    if (found.unequal)
        npki_compare_say_elements(c, &left, &found);
    if (!found.same_shape)
        return;
    if (!same_class && masked != npk_value_is_masked(b))
        return; /* one has a mask and a fill value, as the class says */
    if (masked && npk_value_is_masked(b))
        npki_compare_masks(c, a, b);
    size_t count = npki_own_children(a);
    if (count != npki_own_children(b))
        npki_compare_say(c, "one of the two has objects beside its elements");
    else if (count > 0 && is_of_class(a) && is_of_class(b))
        begin_unknown(c, a, b);
    else if (count > 0)
        push(c, a, b, count);
}

static bool is_eventful(const npk_value *value)
{
    return npki_events_of(value) != NULL || (value->kind == NPK_KIND_OBJECT && value->u.object->later != NULL);
}

/* What says when something was: a call, or what came to a value besides. */
static void note_history(npki_compare *c, const npk_value *a, const npk_value *b)
{
    const npk_value *const pair[2] = {a, b};
    const bool eventful = is_eventful(a) || is_eventful(b);
    c->eventful = c->eventful || eventful;
    if ((eventful || npki_timeline_calls(a) || npki_timeline_calls(b)) &&
        !npki_dynbuf_add(&c->happened, pair, sizeof pair))
        npki_compare_fail(c, NPK_ERR_MEMORY);
}

static void begin_object(npki_compare *c, const npk_value *a, const npk_value *b)
{
    const npk_dtype *left = npk_value_dtype(a), *right = npk_value_dtype(b);
    note_history(c, a, b);
    npki_compare_events(c, a, b);
    npki_compare_taken(c, a, b);
    if (npk_value_is_array(a) && npk_value_is_array(b)) {
        begin_array(c, a, b);
    } else if (npk_value_is_scalar(a) && npk_value_is_scalar(b)) {
        begin_scalar(c, a, b);
    } else if (left != NULL && right != NULL) {
        if (!npki_compare_same_dtype(c, left, right))
            npki_compare_say_values(c, a, b, 0);
        else
            npki_compare_besides(c, left, right);
    } else if (npki_own_children(a) != npki_own_children(b) || (left == NULL) != (right == NULL) ||
               npk_value_is_array(a) != npk_value_is_array(b) || npk_value_is_scalar(a) != npk_value_is_scalar(b)) {
        npki_compare_say_kinds(c, a, b);
    } else {
        begin_unknown(c, a, b);
    }
}

/* Whether two that are malformed had their operands, and the marks between them, in the same way. */
static bool is_spelled_alike(const npki_malformed *a, const npki_malformed *b)
{
    const npki_malformed_spelling *left = a->spelling, *right = b->spelling;
    while (left != NULL && right != NULL && left->at == right->at && left->mark == right->mark) {
        left = left->next;
        right = right->next;
    }
    return a->row == b->row && a->broken == b->broken && left == right;
}

/* Of two dicts or sets that don't go together each key that only one has is a difference; but one that has many is not
 * gone through for each of those that it may be compared with. */
static bool is_other_length(const npki_compare *c, size_t left, size_t right)
{
    const size_t more = left > right ? left : right, less = left > right ? right : left;
    return c->had_other && more - less > less + FEW_KEYS;
}

static void begin_container(npki_compare *c, const npk_value *a, const npk_value *b)
{
    npk_kind kind = npk_value_kind(a);
    bool by_key = kind == NPK_KIND_DICT || kind == NPK_KIND_SET || kind == NPK_KIND_FROZENSET;
    size_t left = npki_own_children(a), right = npki_own_children(b);
    note_history(c, a, b);
    if (kind == NPK_KIND_MALFORMED && !is_spelled_alike(a->u.malformed, b->u.malformed))
        npki_compare_say_kinds(c, a, b);
    const size_t per_entry = kind == NPK_KIND_DICT ? 2 : 1;
    const bool other = by_key && is_other_length(c, left / per_entry, right / per_entry);
    if (other || (!by_key && left != right))
        npki_compare_say_numbers(c, "length", (int64_t)(left / per_entry), (int64_t)(right / per_entry));
    if (other)
        return;
    npki_compare_frame *frame = push(c, a, b, by_key || left < right ? left : right);
    if (frame != NULL && by_key && npki_compare_match(c, frame, per_entry))
        npki_compare_key_order(c, frame);
}

/* Of one kind, without parts and without any that were dropped over them. */
static bool are_atoms(const npk_value *a, const npk_value *b)
{
    return a->kind == b->kind && a->kind < NPK_KIND_TUPLE && ((a->history | b->history) & NPKI_WAS_CALLED) == 0;
}

/* Two values, as which those are compared that are reported. */
static void begin_as(npki_compare *c, const npk_value *a, const npk_value *b)
{
    npk_kind kind = npk_value_kind(a), other = npk_value_kind(b);
    if (are_atoms(a, b)) {
        npki_compare_atoms(c, a, b);
        return;
    }
    bool named =
        (kind == NPK_KIND_GLOBAL) != (other == NPK_KIND_GLOBAL) && npki_compare_is_name(a) && npki_compare_is_name(b);
    if (named) {
        if (!npki_compare_same_global(a, b))
            npki_compare_say_kinds(c, a, b);
        note_met(c, 0, a);
        note_met(c, 1, b);
        return;
    }
    if (kind != other && !npki_compare_is_text_pair_here(c, a, b) && !npki_compare_is_buffer_pair(c, a, b)) {
        npki_compare_say_kinds(c, a, b);
        return;
    }
    const bool empty = npki_own_children(a) + npki_own_children(b) == 0;
    const bool whole = empty && (!npki_is_container(a) || npki_children(a) + npki_children(b) ==
                                                              0); /* something may have been dropped over it */
    if (kind == NPK_KIND_TUPLE && c->depth > 0 && npki_own_children(a) + npki_own_children(b) == 0)
        return; /* one () is as good as another, also as that which is the root */
    if (kind == NPK_KIND_OBJECT && whole && c->eventful) { /* it may have been dropped, too */
        note_met(c, 0, a);
        note_met(c, 1, b);
    }
    if (kind == NPK_KIND_OBJECT && (whole || is_new(c, a, b)))
        begin_object(c, a, b);
    else if (kind != NPK_KIND_OBJECT && whole)
        npki_compare_atoms(c, a, b);
    else if (kind != NPK_KIND_OBJECT && is_new(c, a, b))
        begin_container(c, a, b);
}

/* Two values that are there. */
static void begin(npki_compare *c, const npk_value *a, const npk_value *b)
{
    const npk_value *left = npki_compare_as(c, a), *right = npki_compare_as(c, b);
    const bool other = left != a || right != b;
    c->a = a;
    c->b = b;
    if (!npki_compare_charge(c, 1) || a == b)
        return;
    c->eventful = c->eventful || other;
    if (!other || is_new(c, a, b))
        begin_as(c, left, right);
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

/* Two values of which one may not be there. */
static void meet(npki_compare *c, const npk_value *a, const npk_value *b)
{
    c->a = a;
    c->b = b;
    if (a != NULL && b != NULL)
        begin(c, a, b);
    else if (a != NULL)
        npki_compare_say(c, "only in the first");
    else if (b != NULL)
        npki_compare_say(c, "only in the second");
}

/* The child of b that goes with a child of a; NPKI_COMPARE_NONE where none does. */
static size_t partner(const npki_compare_frame *frame, size_t child)
{
    if (frame->match == NULL)
        return child;
    size_t step = npk_value_kind(frame->a) == NPK_KIND_DICT ? 2 : 1;
    size_t item = frame->match[child / step];
    return item == NPKI_COMPARE_NONE ? item : item * step + child % step;
}

/* The next of the parts that two objects are made of; false where there is none. */
static bool step_making(npki_compare *c, npki_compare_frame *top)
{
    npki_makings *both = top->makings;
    both->on_the_way = both->next <= both->args + 1;
    if (!both->on_the_way)
        return false;
    size_t number = both->next++;
    const npk_value *a = part_of(&both->made[0], number, both->args, &both->way[0]);
    meet(c, a, part_of(&both->made[1], number, both->args, &both->way[1]));
    return true;
}

/* Whether the children of both are the items of containers, and go together by their places. */
static bool is_in_place(const npki_compare_frame *frame)
{
    return frame->makings == NULL && frame->match == NULL && npki_is_container(frame->a) &&
           npki_is_container(frame->b) && frame->at[0].part != NPKI_PART_HOLDER;
}

/* Passes over what is the same at sight, which has the price that it has in `begin` and npki_compare_atoms. */
static void pass_same(npki_compare *c, npki_compare_frame *top)
{
    npk_value *const *a = top->a->u.items->at, *const *b = top->b->u.items->at;
    uint64_t left = c->left, price;
    size_t at = top->next;
    for (; at < top->count; at++, left -= price) {
        price = a[at] == b[at] || a[at]->kind != NPK_KIND_STR ? 1 : 1 + a[at]->u.text.size / 16;
        const bool known = a[at]->kind == NPK_KIND_STR && price > NPKI_COMPARE_LONG / 16 && npki_compare_is_long(a[at]);
        if (price > left || known || (a[at] != b[at] && !npki_compare_same_at_sight(a[at], b[at])))
            break;
    }
    top->next = at;
    c->left = left;
}

static void step(npki_compare *c)
{
    npki_compare_frame *top = &c->frames[c->depth - 1];
    if (top->makings != NULL && step_making(c, top))
        return;
    if (c->in_runs && top->next < top->count && is_in_place(top))
        pass_same(c, top);
    if (top->made && top->next == npki_child_at(top->a, NPKI_SLOT_CALLABLE))
        top->next += NPKI_SLOTS_MAKING;
    if (top->next == top->count) {
        pop(c);
        return;
    }
    top->child = top->next++;
    size_t other = partner(top, top->child);
    bool is_key = top->a->kind == NPK_KIND_DICT && top->child % 2 == 0;
    top->other = other;
    if (is_key && other == NPKI_COMPARE_NONE) /* the path of the value names the key */
        return;
    if (npki_is_of_state(top->at[0], top->a, top->child) && other != NPKI_COMPARE_NONE &&
        npki_is_of_state(top->at[1], top->b, other)) /* compared as elements */
        return;
    meet(c, npki_child(top->a, top->child), other == NPKI_COMPARE_NONE ? NULL : npki_child(top->b, other));
}

/* All of two values, but for the metadata of dtypes that are met. */
static void walk_pair(npki_compare *c, const npk_value *a, const npk_value *b)
{
    meet(c, a, b);
    while (c->depth > c->floor && c->status == NPK_OK)
        step(c);
}

/* They may hold dtypes with metadata of their own, which are noted behind them. All are one difference. What they call
 * is a part of their dtype: its place among other calls is not looked at. */
void npki_compare_noted_metadata(npki_compare *c)
{
    npki_compare_metadata *noted = &c->metadata;
    const npk_compare_options options = c->options;
    const uint64_t differences = c->differences;
    const size_t depth = c->depth, floor = c->floor, happened = c->happened.size;
    const bool eventful = c->eventful, by_key = c->by_key;
    const npk_value *pair[2] = {NULL, NULL};
    c->options.report = NULL;
    c->floor = depth;
    for (size_t at = 0; at < noted->pairs.size && c->differences == differences; at += sizeof pair) {
        memcpy(pair, noted->pairs.bytes + at, sizeof pair);
        walk_pair(c, pair[0], pair[1]);
    }
    c->options = options;
    c->floor = floor;
    c->happened.size = happened;
    c->eventful = eventful;
    c->by_key = by_key;
    noted->pairs.size = 0;
    if (c->differences == differences || c->status != NPK_OK)
        return;
    c->differences = differences;
    c->a = noted->of[0];
    c->b = noted->of[1];
    c->depth = noted->depth;
    npki_compare_say_named(c, "metadata of the dtype", pair[0], pair[1]);
    c->depth = depth;
}

void npki_compare_walk(npki_compare *c, const npk_value *a, const npk_value *b)
{
    meet(c, a, b);
    for (;;) {
        if (c->metadata.pairs.size > 0)
            npki_compare_noted_metadata(c);
        if (c->depth == 0 || c->status != NPK_OK)
            return;
        step(c);
    }
}

void npki_compare_at(npki_compare *c, const npk_value *const values[2], const npk_value *const places[2])
{
    c->from[0] = places[0];
    c->from[1] = places[1];
    npki_compare_walk(c, values[0], values[1]);
    c->from[0] = c->from[1] = NULL;
}

void npki_compare_from(npki_compare *c, const npk_value *a, const npk_value *b)
{
    const npk_value *const values[2] = {a, b};
    npki_compare_at(c, values, values);
}

void npki_compare_again(npki_compare *c, npki_compare_note *note, struct npki_seen *seen,
                        const npk_value *const values[2])
{
    c->from[0] = values[0];
    c->from[1] = values[1];
    meet(c, values[0], values[1]);
    while (c->depth > 0 && c->status == NPK_OK) {
        const size_t top = c->depth - 1;
        c->a = c->b = NULL;
        step(c);
        if (c->depth > top && c->a != NULL && c->b != NULL)
            note(seen, &c->frames[top]);
    }
    c->from[0] = c->from[1] = NULL;
}

void npki_compare_walk_free(npki_compare *c)
{
    while (c->depth > 0)
        pop(c);
    npki_free(&c->allocator, c->frames, c->room * sizeof *c->frames);
}
