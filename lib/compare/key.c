/* The keys by which the items of dicts and sets find each other. */
#include "compare/state.h"

#include "text/unicode.h"
#include "value/step.h"
#include "globals/rename.h"

#include <stdlib.h>
#include <string.h>

/* --- hashes ------------------------------------------------------------------------------------------------------- */

/* Bytes that come one by one. */
typedef struct feeder {
    uint64_t hash;
    size_t used;
    uint8_t room[256];
} feeder;

static void feed(feeder *f, uint8_t byte)
{
    if (f->used == sizeof f->room) {
        f->hash = npki_hash_bytes(f->hash, f->room, f->used);
        f->used = 0;
    }
    f->room[f->used++] = byte;
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
        copy = malloc(size + 1);
        if (copy == NULL) {
            c->status = NPK_ERR_MEMORY;
            return 0;
        }
        npk_value_bytes_copy(value, copy, size);
        bytes = copy;
    }
    npki_compare_charge(c, size / 16);
    for (size_t i = 0; i < size; i++) {
        uint8_t utf8[4];
        size_t length = npki_utf8_put(bytes[i], utf8);
        for (size_t k = 0; k < length; k++)
            feed(&f, utf8[k]);
    }
    free(copy);
    return fed(&f);
}

static uint64_t hash_str(npki_compare *c, const npk_value *value)
{
    feeder f = {.hash = 1};
    size_t size = 0;
    const char *text = npk_value_as_str(value, &size);
    npki_compare_charge(c, size / 16);
    for (size_t i = 0; i < size; i++)
        feed(&f, (uint8_t)text[i]);
    return fed(&f);
}

static npki_global_name names_of(const npk_value *value)
{
    const npki_global *global = value->u.global;
    npki_global_name names = {global->module, global->module_size, global->name, global->name_size};
    if (global->row != NULL) { /* NumPy has spelled these in many ways */
        const npki_global_row *row = npki_global_canonical(global->row->meaning);
        return (npki_global_name){row->module, row->module_size, row->name, row->name_size};
    }
    npki_rename_python(NPKI_TO_NEWER, &names);
    npki_rename_numpy(NPKI_TO_NEWER, &names);
    return names;
}

static uint64_t hash_global(const npk_value *value)
{
    npki_global_name names = names_of(value);
    return npki_hash_bytes(npki_hash_bytes(9, names.module, names.module_size), names.name, names.name_size);
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
        return hash_global(value);
    case NPK_KIND_OBJECT:
        return hash_object(value);
    case NPK_KIND_EXTENSION:
        return npki_hash_bytes(12, &npk_value_id(value)->u.integer, sizeof(int64_t));
    default:
        return 20 + (uint64_t)kind;
    }
}

typedef struct hash_frame {
    const npk_value *value;
    size_t next;
    uint64_t hash;
} hash_frame;

#define HASH_DEPTH 64 /* of a key: what lies deeper does not count */

uint64_t npki_compare_hash(npki_compare *c, const npk_value *value)
{
    hash_frame frames[HASH_DEPTH];
    size_t depth = 1;
    frames[0] = (hash_frame){value, 0, hash_self(c, value)};
    for (;;) {
        hash_frame *top = &frames[depth - 1];
        if (c->status == NPK_OK && top->next < npki_children(top->value)) {
            const npk_value *child = npki_child(top->value, top->next++);
            if (child != NULL && depth < HASH_DEPTH && npki_compare_charge(c, 1))
                frames[depth++] = (hash_frame){child, 0, hash_self(c, child)};
            continue;
        }
        if (--depth == 0)
            return top->hash;
        hash_frame *below = &frames[depth - 1];
        if (npk_value_kind(below->value) == NPK_KIND_FROZENSET) /* in any order */
            below->hash += npki_hash_bytes(8, &top->hash, sizeof top->hash);
        else
            below->hash = npki_hash_bytes(below->hash, &top->hash, sizeof top->hash);
    }
}

/* --- which goes with which ---------------------------------------------------------------------------------------- */

typedef struct matcher {
    npki_map first; /* hash -> item of b + 1, the first of a chain */
    size_t *next;   /* of the chain, + 1 */
    bool *taken;
} matcher;

/* Of the items of b with the hash one of the same kind, or else any; NPKI_COMPARE_NONE without one. */
static size_t find_item(npki_compare *c, matcher *m, const npki_compare_frame *frame, size_t step,
                        const npk_value *item, uint64_t hash)
{
    const uint64_t *slot = npki_map_get(&m->first, hash);
    size_t found = NPKI_COMPARE_NONE;
    for (size_t at = slot == NULL ? 0 : (size_t)*slot; at > 0 && npki_compare_charge(c, 1); at = m->next[at - 1]) {
        if (m->taken[at - 1])
            continue;
        bool same_kind = npk_value_kind(npki_child(frame->b, (at - 1) * step)) == npk_value_kind(item);
        if (same_kind || found == NPKI_COMPARE_NONE)
            found = at - 1;
        if (same_kind)
            break;
    }
    if (found != NPKI_COMPARE_NONE)
        m->taken[found] = true;
    return found;
}

static void fill_matches(npki_compare *c, matcher *m, npki_compare_frame *frame, size_t step)
{
    size_t count_a = npki_children(frame->a) / step, count_b = npki_children(frame->b) / step;
    for (size_t i = count_b; i-- > 0 && c->status == NPK_OK;) { /* chains in the order of b */
        bool added;
        uint64_t *slot = npki_map_put(&m->first, npki_compare_hash(c, npki_child(frame->b, i * step)), &added);
        if (slot == NULL) {
            c->status = NPK_ERR_MEMORY;
            return;
        }
        m->next[i] = (size_t)*slot;
        *slot = i + 1;
        npki_compare_charge(c, 4);
    }
    for (size_t i = 0; i < count_a && c->status == NPK_OK; i++) {
        const npk_value *item = npki_child(frame->a, i * step);
        frame->match[i] = find_item(c, m, frame, step, item, npki_compare_hash(c, item));
    }
}

bool npki_compare_match(npki_compare *c, npki_compare_frame *frame, size_t step)
{
    size_t count_a = npki_children(frame->a) / step, count_b = npki_children(frame->b) / step;
    npk_allocator allocator = npki_allocator(NULL);
    matcher m = {.next = calloc(count_b + 1, sizeof *m.next), .taken = calloc(count_b + 1, sizeof *m.taken)};
    npki_map_init(&m.first, &allocator);
    frame->match = calloc(count_a + 1, sizeof *frame->match);
    if (m.next == NULL || m.taken == NULL || frame->match == NULL)
        c->status = NPK_ERR_MEMORY;
    else
        fill_matches(c, &m, frame, step);
    frame->second = true;
    for (size_t i = 0; i < count_b && c->status == NPK_OK; i++)
        if (!m.taken[i]) {
            frame->child = i * step + (step - 1); /* a dict's value: its path names the key */
            npki_compare_say(c, "only in the second");
        }
    frame->second = false;
    npki_map_free(&m.first);
    free(m.next);
    free(m.taken);
    return c->status == NPK_OK;
}

/* --- globals ------------------------------------------------------------------------------------------------------ */

bool npki_compare_same_global(const npk_value *a, const npk_value *b)
{
    npki_global_name left = names_of(a), right = names_of(b);
    return left.module_size == right.module_size && left.name_size == right.name_size &&
           memcmp(left.module, right.module, left.module_size) == 0 &&
           memcmp(left.name, right.name, left.name_size) == 0;
}
