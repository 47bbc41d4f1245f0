/* What the loop of the common opcodes has of each of them: see fused.c, which alone includes this. Each function does
 * one instruction that ends at `size` bytes or returns false, and has done nothing then, or has set the status. */
#ifndef NPKI_READER_FUSED_H
#define NPKI_READER_FUSED_H

#include "reader/build.h"

#include "base/bytes.h"
#include "text/number.h"
#include "text/unicode.h"

/* What the loop works on, apart from the builder: all of it is put back at the end. */
typedef struct fused_run {
    npki_builder *b;
    npki_arena *arena;
    const uint8_t *at, *end;
    npk_value **stack;
    size_t height;
    uint64_t opcodes;  /* of the document, up to there */
    npk_status status; /* not NPK_OK: the pickle is refused here */
    bool kept;         /* the input was, for the texts that lie in it */
} fused_run;

/* --- values --- */

/* NULL where the block ends. */
static inline void *fused_take(npki_arena *arena, size_t size)
{
    void *taken = arena->next;
    if (size > arena->room || taken == NULL)
        return NULL;
    arena->next += size;
    arena->room -= size;
    return taken;
}

static inline npk_value *fused_new_value(fused_run *r, npk_kind kind, uint8_t flags, uint32_t depth)
{
    npk_value *value = fused_take(r->arena, sizeof *value);
    if (value != NULL)
        *value = (npk_value){.kind = (uint8_t)kind, .flags = flags, .depth = depth};
    return value;
}

static inline bool fused_push(fused_run *r, npk_value *value, size_t size)
{
    if (value == NULL)
        return false;
    r->stack[r->height++] = value;
    r->at += size;
    return true;
}

static inline bool fused_push_int(fused_run *r, int64_t number, uint8_t history, size_t size)
{
    if (history == 0 && number >= 0 && number < 256)
        return fused_push(r, npki_value_small((uint8_t)number), size);
    npk_value *value = fused_new_value(r, NPK_KIND_INT, 0, 0);
    if (value == NULL)
        return false;
    value->history = history;
    value->u.integer = number;
    return fused_push(r, value, size);
}

static inline bool fused_has(const fused_run *r, size_t size)
{
    return (size_t)(r->end - r->at) >= size;
}

/* Texts lie in the input. */
static inline bool fused_keep_text(fused_run *r)
{
    r->kept = r->kept || npki_keep_input(r->b) == NPK_OK;
    return r->kept;
}

/* Most texts are ASCII. */
static inline bool fused_is_text(const uint8_t *text, size_t size)
{
    return npki_is_ascii(text, size) || npki_utf8_check(text, size) == size;
}

static inline bool fused_push_text(fused_run *r, npk_kind kind, size_t width)
{
    if (!fused_has(r, 1 + width))
        return false;
    size_t size = (size_t)npki_load_le(r->at + 1, width);
    const uint8_t *text = r->at + 1 + width;
    if (size > (size_t)(r->end - text) || (kind == NPK_KIND_STR && size > NPKI_SHORT_TEXT))
        return false;
    if (kind == NPK_KIND_STR && !fused_is_text(text, size))
        return false;
    npk_value *value = fused_keep_text(r) ? fused_new_value(r, kind, 0, 0) : NULL;
    if (value == NULL)
        return false;
    value->u.text.bytes = text;
    value->u.text.size = size;
    r->b->doc->has_bytes = r->b->doc->has_bytes || kind == NPK_KIND_BYTES;
    r->b->doc->info.python2 = r->b->doc->info.python2 || kind == NPK_KIND_PYTHON2_STR;
    return fused_push(r, value, 1 + width + size);
}

/* --- containers --- */

/* Of what stands at `at`, from the start of the input. */
static inline uint64_t fused_offset(const fused_run *r, const uint8_t *at)
{
    const npki_source *source = r->b->source;
    return source->offset + (uint64_t)(at - source->at);
}

/* Where the values above the topmost mark begin, or above the floor. */
static inline size_t fused_base_of(const fused_run *r)
{
    const npki_builder *b = r->b;
    return b->mark_count > b->machine.mark_floor ? b->marks[b->mark_count - 1].height : b->machine.floor;
}

/* The MARK at `at`, with so much of the stack below it. */
static inline bool fused_mark(const fused_run *r, const uint8_t *at, size_t height)
{
    npki_builder *b = r->b;
    uint64_t from = fused_offset(r, at) - b->doc->info.offset;
    if (b->mark_count == b->mark_room)
        return false;
    b->marks[b->mark_count++] = (npki_stack_mark){height, from < NPKI_NOWHERE ? (uint32_t)from : NPKI_NOWHERE};
    return true;
}

static inline bool fused_push_mark(fused_run *r)
{
    if (!fused_mark(r, r->at, r->height))
        return false;
    r->at++;
    return true;
}

/* What a container learns from its items, as npki_adopt has it. False: it is too deep, or one of them is the container
 * itself, which so grows after it was placed. */
static inline bool fused_adopt(const fused_run *r, npk_value *container, npk_value *const *items, size_t count)
{
    uint32_t deepest = 0;
    uint8_t unhashable = 0;
    for (size_t i = 0; i < count; i++) {
        deepest = items[i]->depth > deepest ? items[i]->depth : deepest;
        unhashable |= items[i]->flags & NPKI_UNHASHABLE;
        if ((items[i]->flags & (NPKI_IS_SHARED_ATOM | NPKI_PLACED)) == 0)
            items[i]->flags |= NPKI_PLACED;
    }
    if (deepest >= r->b->limits.depth || (container->flags & NPKI_PLACED) != 0)
        return false;
    container->flags |= unhashable;
    container->depth = deepest + 1 > container->depth ? deepest + 1 : container->depth;
    return true;
}

static inline bool fused_push_empty(fused_run *r, npk_kind kind)
{
    return fused_push(r, fused_new_value(r, kind, kind == NPK_KIND_TUPLE ? 0 : NPKI_UNHASHABLE, 1), 1);
}

/* In line, so that a tuple of one, two or three is made without a loop. */
static inline __attribute__((always_inline)) bool fused_push_tuple(fused_run *r, size_t count, bool marked)
{
    size_t size = sizeof(npk_value) + sizeof(npki_items) + count * sizeof(npk_value *);
    if (r->height - fused_base_of(r) < count || count > r->arena->room / sizeof(npk_value *))
        return false;
    npk_value *value = fused_take(r->arena, count == 0 ? sizeof *value : size);
    if (value == NULL)
        return false;
    npk_value *const *from = r->stack + r->height - count;
    *value = (npk_value){.kind = NPK_KIND_TUPLE, .depth = 1};
    if (!fused_adopt(r, value, from, count))
        return false;
    if (count > 0) {
        npki_items *items = (npki_items *)(void *)(value + 1);
        *items = (npki_items){.count = count, .room = count & NPKI_MOST_ITEMS};
        memcpy(items->at, from, count * sizeof *from);
        value->u.items = items;
    }
    r->height -= count;
    r->b->mark_count -= marked;
    return fused_push(r, value, 1);
}

static inline bool fused_push_marked_tuple(fused_run *r)
{
    return r->b->mark_count > r->b->machine.mark_floor && fused_push_tuple(r, r->height - fused_base_of(r), true);
}

/* Nothing of what the handler would have to look at. */
static inline bool fused_is_plain(const npk_value *container, npk_kind kind)
{
    const uint8_t history = NPKI_WAS_CALLED | NPKI_WAS_WRITTEN | NPKI_IS_TAKEN | NPKI_IS_SIZED | NPKI_IS_FORMED;
    return container->kind == kind && (container->flags & (NPKI_IS_FROZEN | NPKI_PLACED | NPKI_IS_SHARED)) == 0 &&
           (container->history & history) == 0;
}

static inline bool fused_are_keys(npk_value *const *items, size_t count, size_t step)
{
    uint8_t unhashable = 0;
    for (size_t i = 0; i < count; i += step)
        unhashable |= items[i]->flags & NPKI_UNHASHABLE;
    return unhashable == 0;
}

/* npki_container_add, for the first items of most, and where there is room for others. */
static inline bool fused_put_items(fused_run *r, npk_value *container, npk_value *const *from, size_t count)
{
    npki_items *items = container->u.items;
    const uint64_t old = items == NULL ? 0 : items->count;
    const bool gets_index = container->kind == NPK_KIND_DICT && old + count > 2 * (size_t)NPKI_FEW_KEYS &&
                            (items == NULL || !items->has_index);
    const size_t most = 64; /* copied without a call */
    if (count == 0 || count > most || gets_index || (items != NULL && count > items->room - old))
        return npki_container_add(r->arena, container, from, count);
    if (items == NULL) {
        items = fused_take(r->arena, sizeof *items + count * sizeof *from);
        if (items == NULL)
            return npki_container_add(r->arena, container, from, count);
        *items = (npki_items){.room = count & NPKI_MOST_ITEMS};
        container->u.items = items;
    }
    for (size_t i = 0; i < count; i++)
        items->at[old + i] = from[i];
    items->count = old + count;
    return true;
}

/* Adds the topmost `count` values to the container below them, should that lie above `floor`. `per_entry`: 1, or 2 for
 * a dict. In line, for the one entry of SETITEM and APPEND. */
static inline __attribute__((always_inline)) bool fused_add(fused_run *r, size_t count, size_t floor, npk_kind kind,
                                                            size_t per_entry, bool marked)
{
    const size_t from = r->height - count;
    if (from <= floor || count % per_entry != 0)
        return false;
    npk_value *container = r->stack[from - 1], *const *items = r->stack + from;
    if (!fused_is_plain(container, kind) || (kind != NPK_KIND_LIST && !fused_are_keys(items, count, per_entry)) ||
        !fused_adopt(r, container, items, count) || !fused_put_items(r, container, items, count))
        return false;
    r->height = from;
    r->b->mark_count -= marked;
    r->at++;
    return true;
}

static inline bool fused_add_one(fused_run *r, npk_kind kind, size_t per_entry)
{
    return r->height >= per_entry && fused_add(r, per_entry, fused_base_of(r), kind, per_entry, false);
}

static inline bool fused_add_marked(fused_run *r, npk_kind kind, size_t per_entry)
{
    const npki_builder *b = r->b;
    size_t marks = b->mark_count;
    if (marks <= b->machine.mark_floor)
        return false;
    return fused_add(r, r->height - b->marks[marks - 1].height,
                     marks - 1 > b->machine.mark_floor ? b->marks[marks - 2].height : b->machine.floor, kind, per_entry,
                     true);
}

/* --- POP --- */

/* What the handlers find in the builder, for the instruction at hand. */
static inline void fused_tell_builder(fused_run *r)
{
    npki_builder *b = r->b;
    b->height = r->height;
    b->doc->info.opcodes = r->opcodes + 1;
    b->site.offset = fused_offset(r, r->at);
    b->site.opcode = r->at[0];
}

/* One that is not the first of many. It fails where it ends the memory or is too deep. */
static inline bool fused_pop(fused_run *r)
{
    npki_builder *b = r->b;
    const size_t base = fused_base_of(r);
    if (!fused_has(r, 2) || r->at[1] == NPKI_BYTE_POP || (r->height == base && b->mark_count == b->machine.mark_floor))
        return false;
    fused_tell_builder(r);
    npki_source_pass(b->source, (size_t)(r->at + 1 - b->source->at));
    if (r->height == base) {
        npki_pop_mark(b);
    } else {
        b->height--;
        r->status = npki_drop(b, r->stack[b->height]);
    }
    r->height = b->height;
    r->at++;
    return r->status == NPK_OK;
}

/* POP_MARK with nothing above the mark. */
static inline bool fused_pop_mark(fused_run *r)
{
    npki_builder *b = r->b;
    if (b->mark_count == b->machine.mark_floor || r->height != fused_base_of(r))
        return false;
    b->mark_count--;
    r->at++;
    return true;
}

/* --- the memo --- */

static inline bool fused_may_keep(const npki_memo *memo, uint64_t number)
{
    return number < memo->room && memo->dense[number] == NULL;
}

static inline void fused_note_put(npk_value *value)
{
    if ((value->flags & NPKI_IS_SHARED_ATOM) == 0)
        value->history |= NPKI_WAS_PUT;
}

/* The number is free, and the memo has room for it. */
static inline void fused_keep(npki_memo *memo, uint64_t number, npk_value *value)
{
    fused_note_put(value);
    memo->dense[number] = value;
    memo->first = memo->first == UINT64_MAX ? number : memo->first;
    memo->past = number >= memo->past ? number + 1 : memo->past;
}

/* Under any number: one that is far from the others, or that something has already, is npki_memo_put's. */
static inline bool fused_put(fused_run *r, uint64_t number, size_t size)
{
    npki_memo *memo = &r->b->machine.memo;
    if (r->height <= fused_base_of(r))
        return false;
    npk_value *value = r->stack[r->height - 1];
    if (fused_may_keep(memo, number)) {
        fused_keep(memo, number, value);
        memo->count++;
    } else if (npki_memo_put(memo, number, value))
        fused_note_put(value);
    else
        return false;
    r->at += size;
    return true;
}

/* Whether a value was dropped just before what stands at `at`. */
static inline bool fused_has_dropped(const fused_run *r, const uint8_t *at)
{
    return r->b->dropped.size > 0 && r->b->last_drop_end == fused_offset(r, at);
}

/* Whether the GET at `from` may give out this value at a place on the stack. */
static inline bool fused_may_come_again(fused_run *r, const uint8_t *from, npk_value *value, size_t at)
{
    if (value == NULL || value->kind >= NPK_KIND_GLOBAL || fused_has_dropped(r, from))
        return false;
    if (value->kind >= NPK_KIND_TUPLE && !npki_note_fetched(r->b, value, at))
        return false;
    if ((value->flags & (NPKI_IS_SHARED_ATOM | NPKI_IS_SHARED)) == 0)
        npki_share(r->b, value);
    return true;
}

static inline bool fused_get_number(fused_run *r, uint64_t number, size_t size)
{
    const npki_memo *memo = &r->b->machine.memo;
    npk_value *value = number < memo->room ? memo->dense[number] : NULL;
    return fused_may_come_again(r, r->at, value, r->height) && fused_push(r, value, size);
}

static inline bool fused_get(fused_run *r, size_t width)
{
    return fused_has(r, 1 + width) && fused_get_number(r, npki_load_le(r->at + 1, width), 1 + width);
}

/* What can be called, in the place of all from `at` on; it begins at `from`. The builder has been told of the rest. */
static inline bool fused_push_begun(fused_run *r, npk_value *value, size_t at, uint32_t from, size_t size)
{
    r->b->height = at + 1;
    if (npki_begins(r->b, from) != NPK_OK)
        return false;
    r->height = at;
    return fused_push(r, value, size);
}

/* --- persistent ids --- */

/* In the place of all from `at` on. */
static inline bool fused_push_persid(fused_run *r, npk_value *id, size_t at, size_t size)
{
    npki_builder *b = r->b;
    npki_persid *made = id->depth < b->limits.depth ? fused_take(r->arena, sizeof *made) : NULL;
    if (made == NULL)
        return false;
    npk_value *value = &made->value;
    *made = (npki_persid){.value = {.kind = NPK_KIND_PERSID, .u = {.id = id, .outside = &made->outside}}};
    value->depth = id->depth + 1;
    if ((id->flags & (NPKI_IS_SHARED_ATOM | NPKI_PLACED)) == 0)
        id->flags |= NPKI_PLACED;
    fused_tell_builder(r);
    b->height = at;
    if (npki_looked_up_now(b, value) != NPK_OK)
        return false;
    return fused_push_begun(r, value, at, npki_here(b), size);
}

static inline bool fused_push_persid_of_value(fused_run *r)
{
    return r->height > fused_base_of(r) && fused_push_persid(r, r->stack[r->height - 1], r->height - 1, 1);
}

/* --- lines, of protocol 0 --- */

#define MOST_DIGITS 18 /* that surely fit */

/* A line of a number in decimal, as Python spells it, from the byte behind the opcode on. Returns how many bytes it has
 * with its opcode and `end`; 0: something else. */
static inline size_t fused_number_line(const fused_run *r, const char *end, int64_t *number)
{
    const uint8_t *at = r->at + 1, *from;
    bool minus = at < r->end && *at == '-';
    uint64_t sum = 0;
    from = at += minus;
    for (; at < r->end && *at >= '0' && *at <= '9' && at - from < MOST_DIGITS; at++)
        sum = 10 * sum + (uint64_t)(*at - '0');
    size_t digits = (size_t)(at - from), ending = strlen(end);
    if (digits == 0 || digits > r->b->limits.digits || (*from == '0' && digits + minus > 1) ||
        (size_t)(r->end - at) < ending || memcmp(at, end, ending) != 0)
        return 0;
    *number = minus ? -(int64_t)sum : (int64_t)sum;
    return (size_t)(at - r->at) + ending;
}

static inline bool fused_push_int_line(fused_run *r, const char *end, uint8_t history)
{
    int64_t number;
    size_t size = fused_number_line(r, end, &number);
    return size > 0 && fused_push_int(r, number, history, size);
}

/* A float that is no infinity and no NaN. */
static inline bool fused_push_float_line(fused_run *r)
{
    const size_t longest = 40;
    const uint8_t *text = r->at + 1,
                  *end = memchr(text, '\n', fused_has(r, longest) ? longest - 1 : (size_t)(r->end - text));
    size_t size = end == NULL ? 0 : (size_t)(end - text);
    double number;
    if (size == 0 || text[0] > '9' || !npki_parse_double(text, size, &number) ||
        (npki_bits_of(number) << 1) >= UINT64_C(0xffe0000000000000))
        return false;
    npk_value *value = fused_new_value(r, NPK_KIND_FLOAT, 0, 0);
    if (value == NULL)
        return false;
    value->u.real = number;
    return fused_push(r, value, size + 2);
}

/* The text of a line of ASCII, in which `escape` does not stand; there is room for it and for `more` bytes behind
 * it. */
static inline npk_value *fused_text_of_line(fused_run *r, uint8_t escape, size_t more, size_t *line)
{
    const uint8_t *text = r->at + 1;
    size_t left = (size_t)(r->end - text), size = 0;
    left = left < NPKI_SHORT_TEXT ? left : NPKI_SHORT_TEXT;
    while (size < left && text[size] != '\n' && text[size] != escape && text[size] < 0x80)
        size++;
    if (size == left || text[size] != '\n' || r->arena->room < sizeof(npk_value) + more || !fused_keep_text(r))
        return NULL;
    npk_value *value = fused_new_value(r, NPK_KIND_STR, 0, 0);
    if (value == NULL)
        return NULL;
    value->u.text.bytes = text;
    value->u.text.size = size;
    *line = size + 2;
    return value;
}

static inline bool fused_push_text_line(fused_run *r)
{
    size_t size = 0;
    npk_value *value = fused_text_of_line(r, '\\', 0, &size);
    return value != NULL && fused_push(r, value, size);
}

static inline bool fused_push_persid_line(fused_run *r)
{
    size_t size = 0;
    npk_value *id = fused_text_of_line(r, '\n', sizeof(npki_persid), &size); /* nothing in it is an escape */
    return id != NULL && fused_push_persid(r, id, r->height, size);
}

static inline bool fused_put_line(fused_run *r)
{
    int64_t number;
    size_t size = fused_number_line(r, "\n", &number);
    return size > 0 && number >= 0 && fused_put(r, (uint64_t)number, size);
}

static inline bool fused_get_line(fused_run *r)
{
    int64_t number;
    size_t size = fused_number_line(r, "\n", &number);
    return size > 0 && number >= 0 && fused_get_number(r, (uint64_t)number, size);
}

#endif
