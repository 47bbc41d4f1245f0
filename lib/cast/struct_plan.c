#include "cast/struct_plan.h"

#include "base/bytes.h"
#include "base/error.h"
#include "dtype/repr.h"

#include <inttypes.h>

/* A struct of both sides whose fields are to be brought together. */
typedef struct npki_pair {
    const npk_dtype *from, *to;
    size_t from_at, to_at; /* bytes from the start of the item */
    size_t next;           /* field of `to` */
    size_t found;          /* field of `from` that the last one was: the next one is likely behind it */
    size_t repeat, place;
} npki_pair;

/* A pair of anything, while it is placed. `from` is NULL where the field is missing and `to` becomes zeros. */
typedef struct meeting {
    const npk_dtype *from, *to;
    size_t from_at, to_at;
    size_t count; /* elements of a subarray */
    size_t repeat, place;
} meeting;

/* --- what grows --- */

/* One more element of a list; NULL without memory. */
static void *one_more(const npki_struct_plan *plan, void *list, size_t *room, size_t count, size_t size)
{
    size_t wanted = *room == 0 ? 8 : 2 * *room, bytes;
    if (count < *room)
        return list;
    if (!npki_mul_size(wanted, size, &bytes))
        return NULL;
    list = npki_resize(&plan->allocator, list, *room * size, bytes);
    if (list != NULL)
        *room = wanted;
    return list;
}

/* push_leaf() and so on: one more of each list. False without memory. */
#define PUSH_ROWS(X)                                                                                                   \
    X(leaf, leaves, npki_struct_field)                                                                                 \
    X(repeat, repeats, npki_repeat)                                                                                    \
    X(place, places, npki_struct_place)                                                                                \
    X(pair, pairs, npki_pair)
#define PUSH_ROW(name, list, type)                                                                                     \
    static bool push_##name(npki_struct_plan *plan, const type *item)                                                  \
    {                                                                                                                  \
        type *grown = one_more(plan, plan->list, &plan->name##_room, plan->name##_count, sizeof *grown);               \
        if (grown == NULL)                                                                                             \
            return false;                                                                                              \
        plan->list = grown;                                                                                            \
        plan->list[plan->name##_count++] = *item;                                                                      \
        return true;                                                                                                   \
    }
PUSH_ROWS(PUSH_ROW)
#undef PUSH_ROW

void npki_struct_plan_free(npki_struct_plan *plan)
{
#define FREE_ROW(name, list, type) npki_free(&plan->allocator, plan->list, plan->name##_room * sizeof(type));
    PUSH_ROWS(FREE_ROW)
#undef FREE_ROW
}

/* --- messages --- */

/* "<f4", "a struct", "<f4 (3, 3)". */
static void describe(const npk_dtype *dtype, char text[64])
{
    npki_sink out;
    const npk_dtype *base = dtype->base != NULL ? dtype->base : dtype;
    npki_sink_start_fixed(&out, text, 64);
    if (base->is_struct)
        npki_sink_text(&out, "a struct");
    else
        npki_print_code(&out, base);
    if (dtype->base != NULL) {
        npki_sink_char(&out, ' ');
        npki_print_shape(&out, dtype->base_ndim, dtype->base_shape, NPKI_LITERAL_PYTHON);
    }
    (void)npki_sink_finish(&out);
}

void npki_struct_plan_path(const npki_struct_plan *plan, size_t place, char text[NPKI_PATH])
{
    npki_sink out;
    size_t depth = 0;
    npki_sink_start_fixed(&out, text, NPKI_PATH);
    for (size_t at = place; at != NPKI_NO_PLACE; at = plan->places[at].outer)
        depth++;
    if (depth == 0)
        npki_sink_text(&out, "the item");
    for (; depth > 0; depth--) {
        size_t at = place;
        for (size_t up = 1; up < depth; up++)
            at = plan->places[at].outer;
        npki_sink_text(&out, "['");
        npki_sink_bytes(&out, plan->places[at].field->name, plan->places[at].field->name_size);
        npki_sink_text(&out, "']");
    }
    (void)npki_sink_finish(&out);
}

static npk_status mismatch(const npki_struct_plan *plan, const npk_dtype *from, const npk_dtype *to, size_t place,
                           npk_error *error)
{
    char path[NPKI_PATH], expected[64], found[64];
    npki_struct_plan_path(plan, place, path);
    describe(to, expected);
    describe(from, found);
    return npki_fail(error, NPK_ERR_CAST, "%s: expected %s, found %s", path, expected, found);
}

/* --- one pair --- */

/* A run of bytes that goes on where the last one ended is part of it. */
static bool joins(const npki_struct_plan *plan, const npki_struct_field *leaf)
{
    npki_run_field *copy = npki_struct_field_of(npk_dtype_native(NPK_UINT8), npk_dtype_native(NPK_UINT8));
    if (plan->leaf_count == 0 || leaf->run != copy)
        return false;
    npki_struct_field *last = &plan->leaves[plan->leaf_count - 1];
    size_t bytes = last->count * last->from_size;
    if (last->run != copy || last->repeat != leaf->repeat || last->from + bytes != leaf->from ||
        last->to + bytes != leaf->to)
        return false;
    last->count = bytes + leaf->count * leaf->from_size;
    last->from_size = last->to_size = 1;
    return true;
}

static npk_status add_leaf(npki_struct_plan *plan, const meeting *m, npk_error *error)
{
    npki_struct_field leaf = {.run = npki_struct_field_of(m->from, m->to),
                              .from = m->from_at,
                              .to = m->to_at,
                              .count = m->count,
                              .from_size = m->from != NULL ? (size_t)m->from->itemsize : 0,
                              .to_size = (size_t)m->to->itemsize,
                              .from_big = m->from != NULL && m->from->byteorder == '>',
                              .cut_text = plan->options->cut_text,
                              .repeat = m->repeat,
                              .place = m->place};
    if (leaf.run == NULL)
        return mismatch(plan, m->from, m->to, m->place, error);
    if (leaf.from_size == 0 && leaf.to_size == 0) /* which may be there more often than anyone can count */
        return NPK_OK;
    if (m->from != NULL && npki_dtype_rows[m->from->type].number != NPKI_NUMBER_NONE) {
        npk_error cast;
        char path[NPKI_PATH];
        npk_status status = npki_check_cast(m->from, m->to, plan->options->casting, &leaf.conversion, &cast);
        if (status != NPK_OK) {
            npki_struct_plan_path(plan, m->place, path);
            return npki_fail(error, status, "%s: %s", path, cast.message);
        }
    } else if (m->from != NULL) {
        npki_conversion_init(&leaf.conversion, m->from, m->to);
    }
    return joins(plan, &leaf) || push_leaf(plan, &leaf) ? NPK_OK : npki_no_memory(error);
}

/* A struct on both sides: its fields come next. */
static npk_status add_struct(npki_struct_plan *plan, const meeting *m, npk_error *error)
{
    npki_pair pair = {m->from, m->to, m->from_at, m->to_at, 0, 0, m->repeat, m->place};
    if (m->count != 1) {
        npki_repeat repeat = {m->count, (size_t)m->from->itemsize, (size_t)m->to->itemsize, m->repeat};
        pair.repeat = plan->repeat_count;
        if (!push_repeat(plan, &repeat))
            return npki_no_memory(error);
    }
    return push_pair(plan, &pair) ? NPK_OK : npki_no_memory(error);
}

static npk_status meet(npki_struct_plan *plan, meeting m, npk_error *error)
{
    const npk_dtype *from = m.from, *to = m.to;
    while (m.from->base != NULL || m.to->base != NULL) {
        if (!npki_dtype_same_shape(m.from, m.to))
            return mismatch(plan, from, to, m.place, error);
        for (int i = 0; i < m.to->base_ndim; i++)
            m.count *= (size_t)m.to->base_shape[i];
        m.from = m.from->base;
        m.to = m.to->base;
    }
    if (m.from->is_struct != m.to->is_struct)
        return mismatch(plan, from, to, m.place, error);
    if (m.count == 0)
        return NPK_OK;
    return m.to->is_struct ? add_struct(plan, &m, error) : add_leaf(plan, &m, error);
}

/* --- fields by name --- */

/* The field of `dtype` with the name of `wanted`, the search beginning at the field `start`; field_count where there
 * is none. */
static size_t find_field(const npk_dtype *dtype, const npk_field *wanted, size_t start)
{
    for (size_t i = 0; i < dtype->field_count; i++) {
        size_t at = i + start < dtype->field_count ? i + start : i + start - dtype->field_count;
        const npk_field *field = &dtype->fields[at];
        if (field->name_size == wanted->name_size && memcmp(field->name, wanted->name, wanted->name_size) == 0)
            return at;
    }
    return dtype->field_count;
}

static npk_status miss(npki_struct_plan *plan, const npki_pair *pair, const npk_field *field, size_t place,
                       npk_error *error)
{
    meeting m = {NULL, field->dtype, 0, pair->to_at + (size_t)field->offset, 1, pair->repeat, place};
    char path[NPKI_PATH], expected[64];
    if (plan->options->missing == NPK_MISSING_LEAVE)
        return NPK_OK;
    if (plan->options->missing == NPK_MISSING_ZERO)
        return add_leaf(plan, &m, error);
    npki_struct_plan_path(plan, place, path);
    describe(field->dtype, expected);
    return npki_fail(error, NPK_ERR_NOT_FOUND, "%s: expected a field %s, found none of this name", path, expected);
}

/* Fields that are there, and that nobody asked for. */
static npk_status check_extra(npki_struct_plan *plan, const npki_pair *pair, npk_error *error)
{
    size_t found = 0;
    for (size_t i = 0; i < pair->from->field_count; i++) {
        const npk_field *field = &pair->from->fields[i];
        npki_struct_place place = {field, pair->place};
        char path[NPKI_PATH], found_text[64];
        found = find_field(pair->to, field, found);
        if (found++ < pair->to->field_count)
            continue;
        if (!push_place(plan, &place))
            return npki_no_memory(error);
        npki_struct_plan_path(plan, plan->place_count - 1, path);
        describe(field->dtype, found_text);
        return npki_fail(error, NPK_ERR_CAST, "%s: expected no field of this name, found %s", path, found_text);
    }
    return NPK_OK;
}

/* Fields of all structs together. A dtype that came out of a pickle may hold the same struct so often, in the same
 * bytes, that a plan for it would never be made. */
enum { MOST_FIELDS = 1 << 16 };

/* The next field of the pair on top. */
static npk_status next_field(npki_struct_plan *plan, npk_error *error)
{
    if (plan->place_count >= MOST_FIELDS)
        return npki_fail(error, NPK_ERR_LIMIT, "more than %d fields, with those of the structs inside", MOST_FIELDS);
    npki_pair *pair = &plan->pairs[plan->pair_count - 1];
    const npk_field *field = &pair->to->fields[pair->next];
    npki_struct_place place = {field, pair->place};
    if (!push_place(plan, &place))
        return npki_no_memory(error);
    pair->next++;
    size_t at = find_field(pair->from, field, pair->found);
    if (at == pair->from->field_count)
        return miss(plan, pair, field, plan->place_count - 1, error);
    pair->found = at + 1 < pair->from->field_count ? at + 1 : 0;
    const npk_field *other = &pair->from->fields[at];
    meeting m = {other->dtype,
                 field->dtype,
                 pair->from_at + (size_t)other->offset,
                 pair->to_at + (size_t)field->offset,
                 1,
                 pair->repeat,
                 plan->place_count - 1};
    return meet(plan, m, error);
}

npk_status npki_struct_plan_new(npki_struct_plan *plan, const npk_dtype *from, const npk_dtype *to,
                                const npk_fields_options *options, npk_error *error)
{
    *plan =
        (npki_struct_plan){.allocator = npki_allocator(options->allocator), .options = options, .from = from, .to = to};
    npk_status status = meet(plan, (meeting){from, to, 0, 0, 1, NPKI_NO_PLACE, NPKI_NO_PLACE}, error);
    while (status == NPK_OK && plan->pair_count > 0) {
        npki_pair *pair = &plan->pairs[plan->pair_count - 1];
        if (pair->next < pair->to->field_count) {
            status = next_field(plan, error);
            continue;
        }
        if (options->refuse_extra)
            status = check_extra(plan, pair, error);
        plan->pair_count--;
    }
    return status;
}

/* --- running --- */

/* Where the n-th of a leaf's repetitions lies; false past the last. */
static bool repetition(const npki_struct_plan *plan, const npki_struct_field *leaf, size_t n, size_t *from, size_t *to)
{
    *from = leaf->from;
    *to = leaf->to;
    for (size_t at = leaf->repeat; at != NPKI_NO_PLACE; at = plan->repeats[at].outer) {
        const npki_repeat *repeat = &plan->repeats[at];
        *from += n % repeat->count * repeat->from_step;
        *to += n % repeat->count * repeat->to_step;
        n /= repeat->count;
    }
    return n == 0;
}

npk_status npki_struct_plan_run(const npki_struct_plan *plan, const npki_lane *lane, const uint8_t *out,
                                npk_error *error)
{
    for (size_t i = 0; i < plan->leaf_count; i++) {
        const npki_struct_field *leaf = &plan->leaves[i];
        size_t from, to;
        for (size_t n = 0; repetition(plan, leaf, n, &from, &to); n++) {
            npki_lane part = {lane->from + from, lane->to + to, lane->from_stride, lane->to_stride, lane->count};
            const uint8_t *fault = NULL;
            char path[NPKI_PATH];
            const char *wrong = leaf->run(leaf, &part, &fault);
            if (wrong == NULL)
                continue;
            npki_struct_plan_path(plan, leaf->place, path);
            return npki_fail(error, NPK_ERR_CAST, "%s of item %" PRId64 ": %s of %zu bytes", path,
                             (int64_t)(fault - out) / plan->to->itemsize, wrong, leaf->to_size);
        }
    }
    return NPK_OK;
}
