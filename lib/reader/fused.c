/* Runs of the opcodes that most pickles are made of, decoded and done in one loop: numbers, short texts, containers, the memo.
 *
 * Everything here is what the handlers do too, for the case that nothing is in the way: whoever finds something in the way - the end of the
 * input, of a frame, of the arena's block or of the stack, a limit, a value that is not what it should be, one that has a history - leaves the
 * instruction as it is, untouched, to the handler, which knows what is to be said of it.
 */
#include "reader/build.h"

#include "base/bytes.h"
#include "base/cpu.h"
#include "text/number.h"
#include "text/unicode.h"

#define SHORT_TEXT ((size_t)4096) /* that is checked at once: see atom.c */

/* What the loop works on, apart from the builder: all of it is put back at the end. */
typedef struct run {
    npki_builder *b;
    npki_arena *arena;
    const uint8_t *at, *end;
    npk_value **stack;
    size_t height;
    bool kept;    /* the input was, for the texts that lie in it */
    bool watched; /* calls were given values, which may come again */
    bool dropped; /* a value was dropped just before */
} run;

/* --- values --- */

/* NULL where the block ends. */
static inline void *take(npki_arena *arena, size_t size)
{
    void *taken = arena->next;
    if (size > arena->room || taken == NULL)
        return NULL;
    arena->next += size;
    arena->room -= size;
    return taken;
}

static inline npk_value *new_value(run *r, npk_kind kind, uint8_t flags, uint32_t depth)
{
    npk_value *value = take(r->arena, sizeof *value);
    if (value != NULL)
        *value = (npk_value){.kind = (uint8_t)kind, .flags = flags, .depth = depth};
    return value;
}

static inline bool push(run *r, npk_value *value, size_t size)
{
    if (value == NULL)
        return false;
    r->stack[r->height++] = value;
    r->at += size;
    return true;
}

static inline bool push_int(run *r, int64_t number, uint8_t history, size_t size)
{
    if (history == 0 && number >= 0 && number < 256)
        return push(r, npki_value_small((uint8_t)number), size);
    npk_value *value = new_value(r, NPK_KIND_INT, 0, 0);
    if (value == NULL)
        return false;
    value->history = history;
    value->u.integer = number;
    return push(r, value, size);
}

static inline bool has(const run *r, size_t size)
{
    return (size_t)(r->end - r->at) >= size;
}

static inline bool push_fixed(run *r, size_t width)
{
    return has(r, 1 + width) && push_int(r, (int64_t)npki_load_le(r->at + 1, width), 0, 1 + width);
}

static inline bool push_int4(run *r)
{
    return has(r, 5) && push_int(r, npki_sign_extend(npki_load_le(r->at + 1, 4), 4), 0, 5);
}

static inline bool push_long1(run *r)
{
    size_t size = has(r, 2) ? r->at[1] : 9;
    if (size > 8 || size == 0 || !has(r, 2 + size))
        return false;
    return push_int(r, npki_sign_extend(npki_load_le(r->at + 2, size), size), NPKI_WAS_LONG, 2 + size);
}

static inline bool push_float(run *r)
{
    npk_value *value = has(r, 9) ? new_value(r, NPK_KIND_FLOAT, 0, 0) : NULL;
    if (value == NULL)
        return false;
    value->u.real = npki_double_of(npki_load_be(r->at + 1, 8));
    return push(r, value, 9);
}

/* FLOAT, INT and LONG: a number as text. What is long, or is something else than it seems, is the handler's. */
static bool push_line(run *r)
{
    const size_t longest = 40;
    const uint8_t *text = r->at + 1, *end = memchr(text, '\n', has(r, longest) ? longest - 1 : (size_t)(r->end - text));
    double real;
    int64_t number;
    size_t size = end == NULL ? 0 : (size_t)(end - text);
    if (size == 0)
        return false;
    if (r->at[0] == NPKI_BYTE_FLOAT) {
        if (text[0] > '9' || !npki_parse_double(text, size, &real) || (npki_bits_of(real) << 1) >= UINT64_C(0xffe0000000000000))
            return false;
        npk_value *value = new_value(r, NPK_KIND_FLOAT, 0, 0);
        if (value == NULL)
            return false;
        value->u.real = real;
        return push(r, value, size + 2);
    }
    size_t digits = size - (r->at[0] == NPKI_BYTE_LONG && text[size - 1] == 'L');
    const uint8_t *first = text + (text[0] == '-');
    if ((*first == '0' && digits > 1) || text[0] == '+' || digits > r->b->limits.digits || !npki_parse_int64(text, digits, &number))
        return false;
    return push_int(r, number, r->at[0] == NPKI_BYTE_LONG ? NPKI_WAS_LONG : 0, size + 2);
}

static inline bool is_ascii(const uint8_t *bytes, size_t size)
{
    uint64_t any = 0, word;
    size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        memcpy(&word, bytes + i, 8);
        any |= word;
    }
    for (; i < size; i++)
        any |= (uint64_t)bytes[i] << 56;
    return (any & UINT64_C(0x8080808080808080)) == 0;
}

static inline bool push_text(run *r, npk_kind kind, size_t width)
{
    if (!has(r, 1 + width))
        return false;
    size_t size = (size_t)npki_load_le(r->at + 1, width);
    const uint8_t *text = r->at + 1 + width;
    if (size > (size_t)(r->end - text) || (kind == NPK_KIND_STR && size > SHORT_TEXT))
        return false;
    if (kind == NPK_KIND_STR && !is_ascii(text, size) && npki_utf8_check(text, size) != size)
        return false;
    if (!r->kept && npki_keep_input(r->b) != NPK_OK)
        return false;
    r->kept = true;
    npk_value *value = new_value(r, kind, 0, 0);
    if (value == NULL)
        return false;
    value->u.text.bytes = text;
    value->u.text.size = size;
    return push(r, value, 1 + width + size);
}

/* --- containers --- */

/* Where the values above the topmost mark begin, or above the floor. */
static inline size_t base_of(const run *r)
{
    const npki_builder *b = r->b;
    return b->mark_count > b->machine.mark_floor ? b->marks[b->mark_count - 1].height : b->machine.floor;
}

static inline bool push_mark(run *r)
{
    npki_builder *b = r->b;
    uint64_t from = b->source->offset - b->doc->info.offset + (uint64_t)(r->at - b->source->at);
    if (b->mark_count == b->mark_room)
        return false;
    b->marks[b->mark_count++] = (npki_stack_mark){r->height, from < NPKI_NOWHERE ? (uint32_t)from : NPKI_NOWHERE};
    r->at++;
    return true;
}

/* What a container learns from its items, as npki_adopt has it. False: it is too deep. */
static inline bool adopt(const run *r, npk_value *container, npk_value *const *items, size_t count)
{
    uint32_t deepest = 0;
    uint8_t unhashable = 0;
    for (size_t i = 0; i < count; i++) {
        deepest = items[i]->depth > deepest ? items[i]->depth : deepest;
        unhashable |= items[i]->flags & NPKI_UNHASHABLE;
        if ((items[i]->flags & (NPKI_IS_SHARED_ATOM | NPKI_PLACED)) == 0)
            items[i]->flags |= NPKI_PLACED;
    }
    if (deepest >= r->b->limits.depth)
        return false;
    container->flags |= unhashable;
    container->depth = deepest + 1 > container->depth ? deepest + 1 : container->depth;
    return true;
}

static inline bool push_empty(run *r, npk_kind kind)
{
    return push(r, new_value(r, kind, kind == NPK_KIND_TUPLE ? 0 : NPKI_UNHASHABLE, 1), 1);
}

static bool push_tuple(run *r, size_t count, bool marked)
{
    size_t size = sizeof(npk_value) + sizeof(npki_items) + count * sizeof(npk_value *);
    if (r->height - base_of(r) < count || count > r->arena->room / sizeof(npk_value *))
        return false;
    npk_value *value = take(r->arena, count == 0 ? sizeof *value : size);
    if (value == NULL)
        return false;
    npk_value *const *from = r->stack + r->height - count;
    *value = (npk_value){.kind = NPK_KIND_TUPLE, .depth = 1};
    if (!adopt(r, value, from, count))
        return false;
    if (count > 0) {
        npki_items *items = (npki_items *)(void *)(value + 1);
        *items = (npki_items){.count = count, .room = count & NPKI_MOST_ITEMS};
        memcpy(items->at, from, count * sizeof *from);
        value->u.items = items;
    }
    r->height -= count;
    r->b->mark_count -= marked;
    return push(r, value, 1);
}

static bool push_marked_tuple(run *r)
{
    return r->b->mark_count > r->b->machine.mark_floor && push_tuple(r, r->height - base_of(r), true);
}

/* Nothing of what the handler would have to look at. */
static inline bool is_plain(const run *r, const npk_value *container, npk_kind kind)
{
    const uint8_t history = NPKI_WAS_CALLED | NPKI_WAS_WRITTEN | NPKI_IS_TAKEN | NPKI_IS_SIZED | NPKI_IS_FORMED;
    return container->kind == kind && (container->flags & (NPKI_IS_FROZEN | NPKI_PLACED)) == 0 && (container->history & history) == 0 &&
           !r->watched;
}

static inline bool are_keys(npk_value *const *items, size_t count, size_t step)
{
    uint8_t unhashable = 0;
    for (size_t i = 0; i < count; i += step)
        unhashable |= items[i]->flags & NPKI_UNHASHABLE;
    return unhashable == 0;
}

/* Adds what lies above `from` on the stack to the container below it. `per_entry`: 1, or 2 for a dict. */
static inline bool add(run *r, size_t from, size_t floor, npk_kind kind, size_t per_entry, bool marked)
{
    size_t count = r->height - from;
    if (from <= floor || count % per_entry != 0)
        return false;
    npk_value *container = r->stack[from - 1], *const *items = r->stack + from;
    if (!is_plain(r, container, kind) || (kind != NPK_KIND_LIST && !are_keys(items, count, per_entry)) ||
        !adopt(r, container, items, count) || !npki_container_add(r->arena, container, items, count))
        return false;
    r->height = from;
    r->b->mark_count -= marked;
    r->at++;
    return true;
}

static inline bool add_one(run *r, npk_kind kind, size_t per_entry)
{
    return r->height >= per_entry && add(r, r->height - per_entry, base_of(r), kind, per_entry, false);
}

static inline bool add_marked(run *r, npk_kind kind, size_t per_entry)
{
    const npki_builder *b = r->b;
    size_t marks = b->mark_count;
    if (marks <= b->machine.mark_floor)
        return false;
    return add(r, b->marks[marks - 1].height, marks - 1 > b->machine.mark_floor ? b->marks[marks - 2].height : b->machine.floor, kind, per_entry, true);
}

/* --- the memo --- */

/* The number is free, and the memo has room for it. */
static inline void keep(npki_memo *memo, uint64_t number, npk_value *value)
{
    if ((value->flags & NPKI_IS_SHARED_ATOM) == 0)
        value->history |= NPKI_WAS_PUT;
    memo->dense[number] = value;
    memo->first = memo->first == UINT64_MAX ? number : memo->first;
    memo->past = number >= memo->past ? number + 1 : memo->past;
}

static inline bool put(run *r, uint64_t number, size_t size)
{
    npki_memo *memo = &r->b->machine.memo;
    if (r->height <= base_of(r) || number >= memo->room || memo->dense[number] != NULL)
        return false;
    npk_value *value = r->stack[r->height - 1];
    keep(memo, number, value);
    memo->count++;
    r->at += size;
    return true;
}

/* Whether a GET may give out this value. */
static inline bool may_come_again(const run *r, npk_value *value)
{
    if (value == NULL || value->kind >= NPK_KIND_GLOBAL || r->watched || r->dropped)
        return false;
    if ((value->flags & (NPKI_IS_SHARED_ATOM | NPKI_IS_SHARED)) == 0)
        value->flags |= NPKI_IS_SHARED;
    return true;
}

static inline bool get(run *r, size_t width)
{
    const npki_memo *memo = &r->b->machine.memo;
    uint64_t number = has(r, 1 + width) ? npki_load_le(r->at + 1, width) : UINT64_MAX;
    npk_value *value = number < memo->room ? memo->dense[number] : NULL;
    return may_come_again(r, value) && push(r, value, 1 + width);
}

/* --- the loops --- */

#define WIDEST 10 /* an opcode and the longest argument of a number */

/* An int that goes to `next`, or is one of those that are always there. */
static inline npk_value *int_at(npk_value *next, int64_t number)
{
    if (number >= 0 && number < 256)
        return npki_value_small((uint8_t)number);
    *next = (npk_value){.kind = NPK_KIND_INT, .u.integer = number};
    return next;
}

/* `word` begins with the bytes of the number. */
static inline npk_value *long_at(npk_value *next, uint64_t word, size_t size)
{
    unsigned beyond = (unsigned)(64 - 8 * size);
    *next = (npk_value){.kind = NPK_KIND_INT, .history = NPKI_WAS_LONG, .u.integer = npki_sign_extend(word << beyond >> beyond, size)};
    return next;
}

static inline npk_value *float_at(npk_value *next, double number)
{
    *next = (npk_value){.kind = NPK_KIND_FLOAT, .u.real = number};
    return next;
}

/* Instructions that push what has no parts or give it a number, in runs: a loop of little, for which all is in registers. Does `most` at
 * most; returns how many. */
static uint64_t do_atoms(run *r, uint64_t most)
{
    npki_memo *memo = &r->b->machine.memo;
    const uint8_t *at = r->at;
    npk_value *next = (npk_value *)(void *)r->arena->next, *value;
    npk_value **top = r->stack + r->height, **const full = r->stack + r->b->room, **const base = r->stack + base_of(r);
    size_t free = next == NULL ? 0 : r->arena->room / sizeof *next, made = 0, size, count = memo->count;
    uint64_t done = 0;
    for (; done < most && r->end - at >= WIDEST && top < full; done++) {
        switch (at[0]) {
        case NPKI_BYTE_NONE:
            value = npki_value_none();
            size = 1;
            break;
        case NPKI_BYTE_NEWTRUE:
        case NPKI_BYTE_NEWFALSE:
            value = npki_value_bool(at[0] == NPKI_BYTE_NEWTRUE);
            size = 1;
            break;
        case NPKI_BYTE_BININT1:
            value = npki_value_small(at[1]);
            size = 2;
            break;
        case NPKI_BYTE_BININT2:
            if (made == free)
                goto out;
            value = int_at(next, (int64_t)npki_load_le(at + 1, 2));
            size = 3;
            break;
        case NPKI_BYTE_BININT:
            if (made == free)
                goto out;
            value = int_at(next, npki_sign_extend(npki_load_le(at + 1, 4), 4));
            size = 5;
            break;
        case NPKI_BYTE_LONG1:
            size = at[1];
            if (size == 0 || size > 8 || made == free)
                goto out;
            value = long_at(next, npki_load_le(at + 2, 8), size);
            size += 2;
            break;
        case NPKI_BYTE_BINFLOAT:
            if (made == free)
                goto out;
            value = float_at(next, npki_double_of(npki_load_be(at + 1, 8)));
            size = 9;
            break;
        case NPKI_BYTE_SHORT_BINUNICODE:
            size = (size_t)2 + at[1];
            if (!r->kept || made == free || (size_t)(r->end - at) < size || !is_ascii(at + 2, at[1]))
                goto out;
            value = next;
            *value = (npk_value){.kind = NPK_KIND_STR, .u.text = {at + 2, at[1]}};
            break;
        case NPKI_BYTE_BINGET:
            value = at[1] < memo->room ? memo->dense[at[1]] : NULL;
            if (!may_come_again(r, value))
                goto out;
            size = 2;
            break;
        case NPKI_BYTE_MEMOIZE:
            if (top == base || count >= memo->room || memo->dense[count] != NULL)
                goto out;
            keep(memo, count++, top[-1]);
            at++;
            continue;
        default:
            goto out;
        }
        *top++ = value;
        at += size;
        made += value == next;
        next += value == next;
        r->dropped = false;
    }
out:
    r->arena->next += made * sizeof *next;
    r->arena->room -= made * sizeof *next;
    memo->count = count;
    r->height = (size_t)(top - r->stack);
    r->at = at;
    return done;
}

/* One instruction; what do_atoms has is here for the ends of things. */
static inline bool step(run *r)
{
    switch (r->at[0]) {
    case NPKI_BYTE_NONE:
        return push(r, npki_value_none(), 1);
    case NPKI_BYTE_NEWTRUE:
    case NPKI_BYTE_NEWFALSE:
        return push(r, npki_value_bool(r->at[0] == NPKI_BYTE_NEWTRUE), 1);
    case NPKI_BYTE_BININT1:
        return push_fixed(r, 1);
    case NPKI_BYTE_BININT2:
        return push_fixed(r, 2);
    case NPKI_BYTE_BININT:
        return push_int4(r);
    case NPKI_BYTE_LONG1:
        return push_long1(r);
    case NPKI_BYTE_BINFLOAT:
        return push_float(r);
    case NPKI_BYTE_SHORT_BINUNICODE:
        return push_text(r, NPK_KIND_STR, 1);
    case NPKI_BYTE_BINUNICODE:
        return push_text(r, NPK_KIND_STR, 4);
    case NPKI_BYTE_SHORT_BINBYTES:
        return push_text(r, NPK_KIND_BYTES, 1);
    case NPKI_BYTE_BINBYTES:
        return push_text(r, NPK_KIND_BYTES, 4);
    case NPKI_BYTE_MARK:
        return push_mark(r);
    case NPKI_BYTE_EMPTY_TUPLE:
        return push_empty(r, NPK_KIND_TUPLE);
    case NPKI_BYTE_EMPTY_LIST:
        return push_empty(r, NPK_KIND_LIST);
    case NPKI_BYTE_EMPTY_DICT:
        return push_empty(r, NPK_KIND_DICT);
    case NPKI_BYTE_EMPTY_SET:
        return push_empty(r, NPK_KIND_SET);
    case NPKI_BYTE_TUPLE1:
        return push_tuple(r, 1, false);
    case NPKI_BYTE_TUPLE2:
        return push_tuple(r, 2, false);
    case NPKI_BYTE_TUPLE3:
        return push_tuple(r, 3, false);
    case NPKI_BYTE_TUPLE:
        return push_marked_tuple(r);
    case NPKI_BYTE_APPEND:
        return add_one(r, NPK_KIND_LIST, 1);
    case NPKI_BYTE_SETITEM:
        return add_one(r, NPK_KIND_DICT, 2);
    case NPKI_BYTE_APPENDS:
        return add_marked(r, NPK_KIND_LIST, 1);
    case NPKI_BYTE_SETITEMS:
        return add_marked(r, NPK_KIND_DICT, 2);
    case NPKI_BYTE_ADDITEMS:
        return add_marked(r, NPK_KIND_SET, 1);
    case NPKI_BYTE_MEMOIZE:
        return put(r, r->b->machine.memo.count, 1);
    case NPKI_BYTE_BINPUT:
        return has(r, 2) && put(r, r->at[1], 2);
    case NPKI_BYTE_LONG_BINPUT:
        return has(r, 5) && put(r, npki_load_le(r->at + 1, 4), 5);
    case NPKI_BYTE_BINGET:
        return get(r, 1);
    case NPKI_BYTE_LONG_BINGET:
        return get(r, 4);
    case NPKI_BYTE_FLOAT:
    case NPKI_BYTE_INT:
    case NPKI_BYTE_LONG:
        return push_line(r);
    default:
        return false;
    }
}

/* Of protocol 0, and all that a list or a dict of numbers needs. Other opcodes say something about the protocol of the whole. */
static bool is_first_protocol(uint8_t opcode)
{
    switch (opcode) {
    case NPKI_BYTE_NONE:
    case NPKI_BYTE_FLOAT:
    case NPKI_BYTE_INT:
    case NPKI_BYTE_LONG:
    case NPKI_BYTE_MARK:
    case NPKI_BYTE_TUPLE:
    case NPKI_BYTE_APPEND:
    case NPKI_BYTE_SETITEM:
        return true;
    default:
        return false;
    }
}

void npki_run_fused(npki_builder *b)
{
    npki_source *source = b->source;
    uint64_t offset = source->offset, done = 0, most = b->limits.items - b->doc->info.opcodes;
    size_t left = (size_t)(source->end - source->at);
    const bool old = b->machine.protocol < 2;
    if (b->head_size < sizeof b->head || b->earlier.numbers > 0 || b->stop != NULL || b->grew_late)
        return;
    if (b->machine.frame_end > offset && b->machine.frame_end - offset < left)
        left = (size_t)(b->machine.frame_end - offset);
    run r = {.b = b, .arena = b->site.arena, .at = source->at, .end = source->at + left, .stack = b->stack, .height = b->height,
             .watched = b->given_to_calls.count > 0, .dropped = b->last_drop != NULL && b->last_drop_end == offset};
    for (bool more = true; more;) {
        done += old ? 0 : do_atoms(&r, most - done);
        more = r.at < r.end && done < most && r.height < b->room && (!old || is_first_protocol(r.at[0])) && step(&r);
        r.dropped = r.dropped && !more;
        done += more;
    }
    b->height = r.height;
    b->doc->info.opcodes += done;
    source->offset += (uint64_t)(r.at - source->at);
    source->at = r.at;
}
