/* The keys by which the items of dicts and sets find each other. */
#include "compare/state.h"

#include "compare/stays.h"

#include "base/bytes.h"
#include "text/encoding.h"
#include "value/step.h"

#include <string.h>

/* --- hashes ------------------------------------------------------------------------------------------------------- */

/* Bytes that come one by one. */
typedef struct feeder {
    uint64_t hash;
    size_t used;
    uint8_t room[256];
} feeder;

static void feed(feeder *f, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        const size_t left = sizeof f->room - f->used, part = size < left ? size : left;
        if (f->used == 0 && size > sizeof f->room)
            f->hash = npki_hash_bytes(f->hash, bytes, part); /* as it would be once the room is full, and more comes */
        else if (part > 0) {
            memcpy(f->room + f->used, bytes, part);
            f->used += part;
        } else {
            f->hash = npki_hash_bytes(f->hash, f->room, f->used);
            f->used = 0;
        }
        bytes += part;
        size -= part;
    }
}

static uint64_t fed(feeder *f)
{
    return npki_hash_bytes(f->hash, f->room, f->used);
}

/* Bytes as the UTF-8 of the characters of latin-1 that they are: as a str has them. */
static uint64_t hash_bytes(npki_compare *c, const npk_value *value)
{
    feeder f = {.hash = 1};
    size_t size = 0;
    const uint8_t *bytes = npk_value_as_bytes(value, &size);
    uint8_t *copy = NULL;
    if (bytes == NULL) {
        int64_t needed = npk_value_bytes_size(value);
        size = needed < 0 ? 0 : (size_t)needed;
        copy = npki_compare_allocate(c, size + 1);
        if (copy == NULL)
            return 0;
        npk_value_bytes_copy(value, copy, size);
        bytes = copy;
    }
    npki_compare_charge(c, size / 16);
    npki_stream stream = {.in = bytes, .in_end = bytes + size};
    while (stream.in < stream.in_end) {
        uint8_t utf8[sizeof f.room];
        stream.out = utf8;
        stream.out_end = utf8 + sizeof utf8;
        npki_encoding_encode(NPK_ENCODING_LATIN1_UTF8, '\0', &stream);
        feed(&f, utf8, (size_t)(stream.out - utf8));
    }
    npki_free(&c->allocator, copy, size + 1);
    return fed(&f);
}

static uint64_t hash_str(npki_compare *c, const npk_value *value)
{
    feeder f = {.hash = 1};
    size_t size = 0;
    const char *text = npk_value_as_str(value, &size);
    npki_compare_charge(c, size / 16);
    feed(&f, (const uint8_t *)text, size);
    return fed(&f);
}

static uint64_t hash_object(const npk_value *value)
{
    char text[64];
    const npk_dtype *dtype = npk_value_dtype(value);
    if (dtype == NULL)
        return 10;
    size_t size = npk_dtype_str(dtype, text, sizeof text);
    return npki_hash_bytes(11, text, size < sizeof text ? size : sizeof text - 1);
}

static uint64_t hash_real(double value)
{
    if (value == 0 || value != value) /* both zeros are equal, and every NaN is */
        return value == 0 ? 2 : 3;
    return npki_hash_bytes(4, &value, sizeof value);
}

/* What a value is without its children. */
static uint64_t hash_self(npki_compare *c, const npk_value *value)
{
    npk_kind kind = npk_value_kind(value);
    uint8_t room[8];
    double real, parts[2];
    bool boolean = false;
    size_t size = 0;
    switch (kind) {
    case NPK_KIND_STR:
        return hash_str(c, value);
    case NPK_KIND_BYTES:
    case NPK_KIND_BYTEARRAY:
    case NPK_KIND_PYTHON2_STR:
    case NPK_KIND_BUFFER:
        return hash_bytes(c, value);
    case NPK_KIND_INT: {
        const uint8_t *bytes = npk_value_as_long(value, room, &size);
        return npki_hash_bytes((uint64_t)kind, bytes, size);
    }
    case NPK_KIND_FLOAT:
        return npk_value_as_double(value, &real) ? hash_real(real) : 0;
    case NPK_KIND_COMPLEX:
        return npk_value_as_complex(value, parts) ? hash_real(parts[0]) * 31 + hash_real(parts[1]) : 0;
    case NPK_KIND_BOOL:
        return npk_value_as_bool(value, &boolean) && boolean ? 5 : 6;
    case NPK_KIND_GLOBAL:
        return npki_compare_hash_global(value);
    case NPK_KIND_OBJECT:
        return hash_object(value);
    case NPK_KIND_EXTENSION:
        return npki_hash_bytes(12, &npk_value_id(value)->u.integer, sizeof(int64_t));
    default:
        return 20 + (uint64_t)kind;
    }
}

/* What counts as the same key. */
typedef enum likeness {
    EXACTLY, /* the types too, here and inside */
    ROUGHLY, /* a str, bytes and a str of Python 2 with the same characters are alike */
    LIKENESSES,
    AS_MET = LIKENESSES /* of no key: roughly, but for what the walk from the roots has met */
} likeness;

typedef struct hash_frame {
    const npk_value *value;
    bool by_making; /* its children are the parts of `made` */
    npki_made made;
    size_t next, end; /* of its children */
    size_t own;       /* budget of it ... */
    size_t budget;    /* ... and of each of them */
    uint64_t hash;
    uint64_t args; /* by_making: of the arguments so far */
    uint64_t key;  /* of a dict: of the key whose value comes next */
} hash_frame;

/* Of a key: what lies deeper does not count, and no more values than these count with their children. The budget is
 * shared out evenly, so that it is the same in any order. */
#define HASH_DEPTH 6
#define HASH_BUDGET 128

typedef struct npki_compare_hash_walk {
    hash_frame frames[HASH_DEPTH];
    int side; /* AS_MET: of the two */
} hash_walk;

static uint64_t begin_hash(npki_compare *c, const npk_value *value, likeness how)
{
    uint64_t hash = hash_self(c, value), kind = (uint64_t)npk_value_kind(value);
    if (kind == NPK_KIND_BUFFER) /* in band */
        kind = (value->flags & NPKI_IS_READONLY) != 0 ? NPK_KIND_BYTES : NPK_KIND_BYTEARRAY;
    return how == EXACTLY ? npki_hash_bytes(hash, &kind, sizeof kind) : hash;
}

/* Of what a value is compared as: by that its hash is kept, too. Objects share and hold each other: without a budget a
 * key of a few of them has any number of ways down. */
static void begin_frame(npki_compare *c, hash_frame *frame, const npk_value *value, size_t budget, likeness how)
{
    npk_kind kind = npk_value_kind(value);
    bool named = (kind == NPK_KIND_GLOBAL || kind == NPK_KIND_OBJECT) && npki_compare_is_name(value);
    frame->value = value;
    frame->args = frame->key = 0;
    frame->own = budget;
    frame->hash = named ? npki_compare_hash_global(value) : begin_hash(c, value, how);
    frame->by_making = false;
    frame->next = frame->end = frame->budget = 0;
    if (budget == 0 || named)
        return;
    frame->by_making = npki_made_of(value, &frame->made);
    frame->end = frame->by_making ? npki_made_parts(&frame->made, value) : npki_own_children(value);
    frame->budget = frame->end == 0 ? 0 : (budget - 1) / frame->end;
}

/* Where the hash of a value, or of its items from `from` - 1 on, is kept that many keys may hold: it depends on how
 * deep it lies, and on its budget. NULL: it is no such value, or without memory. */
static uint64_t *kept_in(npki_compare *c, const npk_value *value, size_t from, size_t budget, size_t depth,
                         likeness how, bool *fresh)
{
    *fresh = true;
    if ((value->flags & NPKI_IS_SHARED) == 0)
        return NULL;
    uint64_t place = (uint64_t)(budget * HASH_DEPTH + depth), key = (uint64_t)(uintptr_t)value + from;
    uint64_t *slot = npki_map_put(&c->hashes[how], key << 13 ^ key >> 51 ^ place, fresh);
    if (slot == NULL)
        npki_compare_fail(c, NPK_ERR_MEMORY);
    return slot;
}

static uint64_t *kept_hash(npki_compare *c, const npk_value *value, size_t budget, size_t depth, likeness how,
                           bool *fresh)
{
    return kept_in(c, value, 0, budget, depth, how, fresh);
}

/* The same of the arguments that an object is made of, which it may share with any number of others: all but one, from
 * one on. */
static uint64_t *kept_args(npki_compare *c, const hash_frame *frame, size_t depth, likeness how, bool *fresh)
{
    const npki_made *made = &frame->made;
    *fresh = true;
    const size_t from = 1 + made->first + 4 * made->left_out;
    return made->args == NULL ? NULL : kept_in(c, made->args, from, frame->budget, depth, how, fresh);
}

static void add_hash(hash_frame *parent, uint64_t hash)
{
    const npk_kind kind = npk_value_kind(parent->value);
    if (kind == NPK_KIND_FROZENSET || kind == NPK_KIND_SET) /* in any order */
        parent->hash += npki_hash_bytes(8, &hash, sizeof hash);
    else if (kind == NPK_KIND_DICT && parent->next % 2 == 1)
        parent->key = hash;
    else if (kind == NPK_KIND_DICT) /* likewise, each with its key */
        parent->hash += npki_hash_bytes(parent->key, &hash, sizeof hash);
    else
        parent->hash = npki_hash_bytes(parent->hash, &hash, sizeof hash);
}

/* A child's hash becomes part of its parent's; that of an argument of that of all arguments. */
static void add_child(hash_frame *parent, uint64_t hash)
{
    if (parent->by_making && parent->next > 1 && parent->next <= npki_made_args(&parent->made) + 1)
        parent->args = npki_hash_bytes(parent->args, &hash, sizeof hash);
    else
        add_hash(parent, hash);
}

/* The arguments are passed over where they are known, and count once all of them have come. */
static void pass_args(npki_compare *c, hash_frame *top, size_t depth, likeness how)
{
    const size_t args = top->by_making ? npki_made_args(&top->made) : 0;
    bool fresh;
    if (args == 0 || (top->next != 1 && top->next != args + 1))
        return;
    uint64_t *kept = kept_args(c, top, depth, how, &fresh);
    if (top->next == 1 && !fresh) {
        top->args = *kept;
        top->next = args + 1;
    }
    if (top->next == args + 1 && kept != NULL)
        *kept = top->args;
    if (top->next == args + 1)
        add_hash(top, top->args);
}

/* The number of what it was compared with on the walk from the roots, or 0. */
static uint32_t alike_of(npki_compare *c, int side, const npk_value *value)
{
    const npki_met_value *number = value->kind < NPK_KIND_TUPLE ? NULL : npki_met_find(&c->numbers[side], value);
    return number == NULL ? 0 : number->alike;
}

/* Equal keys have equal hashes, but unequal ones may have one too. */
static uint64_t work_out(npki_compare *c, hash_walk *walk, const npk_value *value, likeness how)
{
    size_t depth = 1;
    bool fresh;
    begin_frame(c, &walk->frames[0], value, HASH_BUDGET, how);
    for (;;) {
        hash_frame *top = &walk->frames[depth - 1];
        pass_args(c, top, depth, how);
        if (c->status == NPK_OK && top->next < top->end) {
            size_t index = top->next++;
            const npk_value *child =
                top->by_making ? npki_made_part(&top->made, top->value, index) : npki_child(top->value, index);
            if (child == NULL || depth == HASH_DEPTH || !npki_compare_charge(c, 1))
                continue;
            const uint32_t alike = how == AS_MET ? alike_of(c, walk->side, child) : 0;
            if (alike != 0) {
                add_child(top, alike);
                continue;
            }
            child = npki_compare_as(c, child);
            const uint64_t *kept = kept_hash(c, child, top->budget, depth, how, &fresh);
            if (!fresh)
                add_child(top, *kept);
            else
                begin_frame(c, &walk->frames[depth++], child, top->budget, how);
            continue;
        }
        if (--depth == 0)
            return top->hash;
        uint64_t *slot = kept_hash(c, top->value, top->own, depth, how, &fresh);
        if (slot != NULL)
            *slot = top->hash;
        add_child(&walk->frames[depth - 1], top->hash);
    }
}

/* A long key may be that of any number of dicts. */
static uint64_t hash_key(npki_compare *c, hash_walk *walk, const npk_value *value, likeness how)
{
    bool fresh;
    value = npki_compare_as(c, value);
    const uint64_t *kept = kept_hash(c, value, HASH_BUDGET, 0, how, &fresh);
    if (!fresh)
        return *kept;
    uint64_t hash = work_out(c, walk, value, how);
    uint64_t *slot = kept_hash(c, value, HASH_BUDGET, 0, how, &fresh);
    if (slot != NULL)
        *slot = hash;
    return hash;
}

static uint64_t hash_alone(npki_compare *c, int side, const npk_value *value, likeness how)
{
    if (c->hash_walk == NULL)
        c->hash_walk = npki_compare_allocate(c, sizeof *c->hash_walk);
    if (c->hash_walk == NULL)
        return 0;
    c->hash_walk->side = side;
    return hash_key(c, c->hash_walk, value, how);
}

uint64_t npki_compare_hash(npki_compare *c, const npk_value *value)
{
    return hash_alone(c, 0, value, ROUGHLY);
}

uint64_t npki_compare_hash_as_met(npki_compare *c, int side, const npk_value *value)
{
    return hash_alone(c, side, value, AS_MET);
}

void npki_compare_hash_free(npki_compare *c)
{
    npki_free(&c->allocator, c->hash_walk, sizeof *c->hash_walk);
}

/* --- which goes with which ---------------------------------------------------------------------------------------- */

#define WORK_PER_ITEM 4

/* The items of b that have no partner yet, in chains of one hash. */
typedef struct matcher {
    hash_walk walk;
    npki_map first; /* hash -> item of b + 1, the first of a chain */
    size_t count_a, count_b, step;
    size_t next[]; /* of each item of b: the next of its chain + 1, or TAKEN */
} matcher;

#define TAKEN (SIZE_MAX - 1)

static const npk_value *item_of(const npk_value *container, size_t index, const matcher *m)
{
    return npki_child(container, index * m->step);
}

/* Chains in the order of b. */
static void chain_items(npki_compare *c, matcher *m, const npki_compare_frame *frame, likeness how)
{
    for (size_t i = m->count_b; i-- > 0 && c->status == NPK_OK;) {
        bool added;
        if (m->next[i] == TAKEN || !npki_compare_charge(c, WORK_PER_ITEM))
            continue;
        uint64_t *slot = npki_map_put(&m->first, hash_key(c, &m->walk, item_of(frame->b, i, m), how), &added);
        if (slot == NULL) {
            npki_compare_fail(c, NPK_ERR_MEMORY);
            return;
        }
        m->next[i] = (size_t)*slot;
        *slot = i + 1;
    }
}

/* The first in the chain of this key, which leaves it. */
static size_t take_item(npki_compare *c, matcher *m, const npk_value *key, likeness how)
{
    uint64_t *slot = npki_map_get(&m->first, hash_key(c, &m->walk, key, how));
    if (slot == NULL || *slot == 0)
        return NPKI_COMPARE_NONE;
    size_t item = (size_t)*slot - 1;
    *slot = m->next[item];
    m->next[item] = TAKEN;
    return item;
}

/* Items that are alike go together in their order, so that it is the same whichever of the two is a. */
static void match_items(npki_compare *c, matcher *m, npki_compare_frame *frame, likeness how)
{
    npki_map_init(&m->first, &c->allocator);
    chain_items(c, m, frame, how);
    for (size_t i = 0; i < m->count_a && c->status == NPK_OK; i++)
        if (frame->match[i] == NPKI_COMPARE_NONE && npki_compare_charge(c, WORK_PER_ITEM)) {
            frame->match[i] = take_item(c, m, item_of(frame->a, i, m), how);
            c->by_key = c->by_key || (frame->match[i] != i && frame->match[i] != NPKI_COMPARE_NONE);
        }
    npki_map_free(&m->first);
}

static void say_the_rest(npki_compare *c, const matcher *m, npki_compare_frame *frame)
{
    const npk_value *a = c->a, *b = c->b;
    frame->second = true;
    c->a = NULL;
    for (size_t i = 0; i < m->count_b && c->status == NPK_OK; i++)
        if (m->next[i] != TAKEN) {
            frame->child = i * m->step + (m->step - 1); /* a dict's value: its path names the key */
            c->b = npki_child(frame->b, frame->child);
            npki_compare_say(c, "only in the second");
        }
    frame->second = false;
    c->a = a;
    c->b = b;
}

/* Keys that are equal one by one go together so, as their hashes are. */
static bool are_in_place(const npki_compare_frame *frame, size_t count, size_t step)
{
    const npk_value *a, *b;
    size_t i = 0;
    for (; i < count; i++) {
        a = npki_child(frame->a, i * step);
        b = npki_child(frame->b, i * step);
        if (npki_compare_is_long(a) || !npki_compare_same_at_sight(a, b))
            break;
    }
    return i == count;
}

bool npki_compare_match(npki_compare *c, npki_compare_frame *frame, size_t step)
{
    size_t count_a = npki_own_children(frame->a) / step, count_b = npki_own_children(frame->b) / step;
    if (count_a == count_b && are_in_place(frame, count_a, step))
        return npki_compare_charge(c, npki_mul_saturated(count_a, 2 * WORK_PER_ITEM));
    size_t size = sizeof(matcher) + count_b * sizeof(size_t);
    frame->match_size = (count_a + 1) * sizeof *frame->match;
    frame->match = npki_compare_allocate(c, frame->match_size);
    matcher *m = frame->match == NULL ? NULL : npki_compare_allocate(c, size);
    if (m == NULL)
        return false;
    m->count_a = count_a;
    m->count_b = count_b;
    m->step = step;
    memset(m->next, 0, count_b * sizeof *m->next);
    for (size_t i = 0; i < count_a; i++)
        frame->match[i] = NPKI_COMPARE_NONE;
    for (likeness how = EXACTLY; how < LIKENESSES; how++)
        match_items(c, m, frame, how);
    say_the_rest(c, m, frame);
    npki_free(&c->allocator, m, size);
    return c->status == NPK_OK;
}
