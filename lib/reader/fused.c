/* Runs of the opcodes that most pickles are made of, decoded and done in one loop: numbers, short texts, containers,
 * the memo.
 *
 * Everything here is what the handlers do too, for the case that nothing is in the way: whoever finds something in the
 * way - the end of the input, of a frame, of the arena's block or of the stack, a limit, a value that is not what it
 * should be, one that has a history - leaves the instruction as it is, untouched, to the handler, which knows what is
 * to be said of it.
 */
#include "reader/fused_object.h"

/* --- the loops --- */

#define WIDEST 10 /* an opcode and the longest argument of a number */

/* What EMPTY_LIST and EMPTY_DICT make. */
static const npk_value empty[2] = {{.kind = NPK_KIND_LIST, .flags = NPKI_UNHASHABLE, .depth = 1},
                                   {.kind = NPK_KIND_DICT, .flags = NPKI_UNHASHABLE, .depth = 1}};

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
    const unsigned beyond = (unsigned)(64 - 8 * size);
    const int64_t number = size == 0 ? 0 : npki_sign_extend(word << beyond >> beyond, size);
    *next = (npk_value){.kind = NPK_KIND_INT, .history = NPKI_WAS_LONG, .u.integer = number};
    return next;
}

static inline npk_value *float_at(npk_value *next, double number)
{
    *next = (npk_value){.kind = NPK_KIND_FLOAT, .u.real = number};
    return next;
}

/* Instructions that push a mark, or what has no parts yet, or give it a number, in runs: a loop of little, for which
 * all is in registers, so that it is no part of another one. Does `most` at most; returns how many. */
static __attribute__((noinline)) uint64_t do_atoms(fused_run *r, uint64_t most)
{
    npki_memo *memo = &r->b->machine.memo;
    const uint8_t *at = r->at;
    npk_value *next = (npk_value *)(void *)r->arena->next, *value;
    npk_value **top = r->stack + r->height, **const full = r->stack + r->b->room, **base = r->stack + fused_base_of(r);
    size_t free = r->arena->room / sizeof *next, made = 0, size, count = memo->count;
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
            if (size > 8 || made == free)
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
            if (!r->kept || made == free || (size_t)(r->end - at) < size || !fused_is_text(at + 2, at[1]))
                goto out;
            value = next;
            *value = (npk_value){.kind = NPK_KIND_STR, .u.text = {at + 2, at[1]}};
            break;
        case NPKI_BYTE_BINGET:
            value = at[1] < memo->room ? memo->dense[at[1]] : NULL;
            if (!fused_may_come_again(r, at, value, (size_t)(top - r->stack)))
                goto out;
            size = 2;
            break;
        case NPKI_BYTE_EMPTY_LIST:
        case NPKI_BYTE_EMPTY_DICT:
            if (made == free)
                goto out;
            value = next;
            *value = empty[at[0] == NPKI_BYTE_EMPTY_DICT];
            size = 1;
            break;
        case NPKI_BYTE_MARK:
            if (!fused_mark(r, at, (size_t)(top - r->stack)))
                goto out;
            base = top;
            at++;
            continue;
        case NPKI_BYTE_BINUNICODE:
            size = (size_t)npki_load_le(at + 1, 4);
            if (!r->kept || made == free || size > NPKI_SHORT_TEXT || (size_t)(r->end - at) < size + 5 ||
                !fused_is_text(at + 5, size))
                goto out;
            value = next;
            *value = (npk_value){.kind = NPK_KIND_STR, .u.text = {at + 5, size}};
            size += 5;
            break;
        case NPKI_BYTE_BINPUT:
        case NPKI_BYTE_LONG_BINPUT:
            size = at[0] == NPKI_BYTE_BINPUT ? 1 : 4;
            if (top == base || !fused_may_keep(memo, npki_load_le(at + 1, size)))
                goto out;
            fused_keep(memo, npki_load_le(at + 1, size), top[-1]);
            count++;
            at += 1 + size;
            continue;
        case NPKI_BYTE_MEMOIZE:
            if (top == base || !fused_may_keep(memo, count))
                goto out;
            fused_keep(memo, count++, top[-1]);
            at++;
            continue;
        default:
            goto out;
        }
        *top++ = value;
        at += size;
        made += value == next;
        next += value == next;
    }
out:
    r->arena->next += made * sizeof *next;
    r->arena->room -= made * sizeof *next;
    memo->count = count;
    r->height = (size_t)(top - r->stack);
    r->at = at;
    return done;
}

/* One instruction of protocol 0, which may stand in a pickle of any. */
static __attribute__((noinline)) bool step_of_any(fused_run *r)
{
    switch (r->at[0]) {
    case NPKI_BYTE_INT:
        return fused_push_int_line(r, "\n", 0);
    case NPKI_BYTE_LONG: /* the L is Python 2's */
        return fused_push_int_line(r, "L\n", NPKI_WAS_LONG) || fused_push_int_line(r, "\n", NPKI_WAS_LONG);
    case NPKI_BYTE_FLOAT:
        return fused_push_float_line(r);
    case NPKI_BYTE_UNICODE:
        return fused_push_text_line(r);
    case NPKI_BYTE_PUT:
        return fused_put_line(r);
    case NPKI_BYTE_GET:
        return fused_get_line(r) || fused_get_callable_line(r);
    default:
        return false;
    }
}

/* One instruction that do_atoms has not got, or not for all: the first text, and what stands alone. */
static inline __attribute__((always_inline)) bool step(fused_run *r)
{
    switch (r->at[0]) {
    case NPKI_BYTE_NONE:
        return fused_push(r, npki_value_none(), 1);
    case NPKI_BYTE_NEWTRUE:
    case NPKI_BYTE_NEWFALSE:
        return fused_push(r, npki_value_bool(r->at[0] == NPKI_BYTE_NEWTRUE), 1);
    case NPKI_BYTE_BININT1:
        return fused_has(r, 2) && fused_push(r, npki_value_small(r->at[1]), 2);
    case NPKI_BYTE_EMPTY_LIST:
        return fused_push_empty(r, NPK_KIND_LIST);
    case NPKI_BYTE_EMPTY_DICT:
        return fused_push_empty(r, NPK_KIND_DICT);
    case NPKI_BYTE_MARK:
        return fused_push_mark(r);
    case NPKI_BYTE_SHORT_BINUNICODE:
        return fused_push_text(r, NPK_KIND_STR, 1);
    case NPKI_BYTE_BINUNICODE:
        return fused_push_text(r, NPK_KIND_STR, 4);
    case NPKI_BYTE_SHORT_BINBYTES:
        return fused_push_text(r, NPK_KIND_BYTES, 1);
    case NPKI_BYTE_BINBYTES:
        return fused_push_text(r, NPK_KIND_BYTES, 4);
    case NPKI_BYTE_SHORT_BINSTRING:
        return fused_push_text(r, NPK_KIND_PYTHON2_STR, 1);
    case NPKI_BYTE_EMPTY_TUPLE:
        return fused_push_empty(r, NPK_KIND_TUPLE);
    case NPKI_BYTE_EMPTY_SET:
        return fused_push_empty(r, NPK_KIND_SET);
    case NPKI_BYTE_TUPLE1:
        return fused_push_tuple(r, 1, false);
    case NPKI_BYTE_TUPLE2:
        return fused_push_tuple(r, 2, false);
    case NPKI_BYTE_TUPLE3:
        return fused_push_tuple(r, 3, false);
    case NPKI_BYTE_TUPLE:
        return fused_push_marked_tuple(r);
    case NPKI_BYTE_APPEND:
        return fused_add_one(r, NPK_KIND_LIST, 1);
    case NPKI_BYTE_SETITEM:
        return fused_add_one(r, NPK_KIND_DICT, 2);
    case NPKI_BYTE_APPENDS:
        return fused_add_marked(r, NPK_KIND_LIST, 1);
    case NPKI_BYTE_SETITEMS:
        return fused_add_marked(r, NPK_KIND_DICT, 2);
    case NPKI_BYTE_ADDITEMS:
        return fused_add_marked(r, NPK_KIND_SET, 1);
    case NPKI_BYTE_BINGET:
        return fused_get_callable(r, 1) || fused_get(r, 1);
    case NPKI_BYTE_LONG_BINGET:
        return fused_get_callable(r, 4) || fused_get(r, 4);
    case NPKI_BYTE_DUP:
        return fused_dup(r);
    case NPKI_BYTE_BINPUT: /* do_atoms has what goes on from the others */
        return fused_has(r, 2) && fused_put(r, r->at[1], 2);
    case NPKI_BYTE_LONG_BINPUT:
        return fused_has(r, 5) && fused_put(r, npki_load_le(r->at + 1, 4), 5);
    case NPKI_BYTE_MEMOIZE:
        return fused_put(r, r->b->machine.memo.count, 1);
    case NPKI_BYTE_POP:
        return fused_pop(r);
    case NPKI_BYTE_POP_MARK:
        return fused_pop_mark(r);
    case NPKI_BYTE_REDUCE:
        return fused_make_object(r, NPK_BY_CALL);
    case NPKI_BYTE_NEWOBJ:
        return fused_make_object(r, NPK_BY_NEW);
    case NPKI_BYTE_OBJ:
        return fused_make_marked_object(r);
    case NPKI_BYTE_INST:
        return fused_make_instance(r);
    case NPKI_BYTE_GLOBAL:
        return fused_push_global_of_lines(r);
    case NPKI_BYTE_STACK_GLOBAL:
        return fused_push_global_of_stack(r);
    case NPKI_BYTE_BUILD:
        return fused_build_object(r);
    case NPKI_BYTE_PERSID:
        return fused_push_persid_line(r);
    case NPKI_BYTE_BINPERSID:
        return fused_push_persid_of_value(r);
    case NPKI_BYTE_EXT1:
        return fused_push_extension(r, 1);
    case NPKI_BYTE_EXT2:
        return fused_push_extension(r, 2);
    case NPKI_BYTE_EXT4:
        return fused_push_extension(r, 4);
    default:
        return step_of_any(r);
    }
}

/* One instruction of protocol 0. */
static inline bool step_line(fused_run *r)
{
    switch (r->at[0]) {
    case NPKI_BYTE_NONE:
        return fused_push(r, npki_value_none(), 1);
    case NPKI_BYTE_INT:
        return fused_push_int_line(r, "\n", 0);
    case NPKI_BYTE_FLOAT:
        return fused_push_float_line(r);
    case NPKI_BYTE_UNICODE:
        return fused_push_text_line(r);
    case NPKI_BYTE_PERSID:
        return fused_push_persid_line(r);
    case NPKI_BYTE_POP:
        return fused_pop(r);
    case NPKI_BYTE_MARK:
        return fused_push_mark(r);
    case NPKI_BYTE_TUPLE:
        return fused_push_marked_tuple(r);
    case NPKI_BYTE_APPEND:
        return fused_add_one(r, NPK_KIND_LIST, 1);
    case NPKI_BYTE_SETITEM:
        return fused_add_one(r, NPK_KIND_DICT, 2);
    case NPKI_BYTE_PUT:
        return fused_put_line(r);
    case NPKI_BYTE_GET:
        return fused_get_line(r) || fused_get_callable_line(r);
    case NPKI_BYTE_INST:
        return fused_make_instance(r);
    case NPKI_BYTE_GLOBAL:
        return fused_push_global_of_lines(r);
    case NPKI_BYTE_REDUCE:
        return fused_make_object(r, NPK_BY_CALL);
    default:
        return step_of_any(r);
    }
}

/* Which of the loops has it. To begin one and to put back what it worked on costs more than an instruction does: an
 * atom of so many bytes behind which there is none is for the other one. */
enum { IS_ATOM = 1, IS_STEP = 2, ALONE = 4, BYTES_2 = 8, IS_ATOM_1 = IS_ATOM | ALONE, IS_ATOM_2 = IS_ATOM_1 | BYTES_2 };

static const uint8_t loops[UINT8_MAX + 1] = {
    [NPKI_BYTE_NONE] = IS_ATOM_1 | IS_STEP,
    [NPKI_BYTE_NEWTRUE] = IS_ATOM_1 | IS_STEP,
    [NPKI_BYTE_NEWFALSE] = IS_ATOM_1 | IS_STEP,
    [NPKI_BYTE_BININT1] = IS_ATOM_2 | IS_STEP,
    [NPKI_BYTE_BININT2] = IS_ATOM,
    [NPKI_BYTE_BININT] = IS_ATOM,
    [NPKI_BYTE_LONG1] = IS_ATOM,
    [NPKI_BYTE_BINFLOAT] = IS_ATOM,
    [NPKI_BYTE_EMPTY_LIST] = IS_ATOM_1 | IS_STEP,
    [NPKI_BYTE_EMPTY_DICT] = IS_ATOM_1 | IS_STEP,
    [NPKI_BYTE_MARK] = IS_ATOM_1 | IS_STEP,
    [NPKI_BYTE_SHORT_BINUNICODE] = IS_ATOM | IS_STEP,
    [NPKI_BYTE_BINUNICODE] = IS_ATOM | IS_STEP,
    [NPKI_BYTE_BINGET] = IS_ATOM_2 | IS_STEP,
    [NPKI_BYTE_BINPUT] = IS_ATOM_2 | IS_STEP,
    [NPKI_BYTE_LONG_BINPUT] = IS_ATOM | IS_STEP,
    [NPKI_BYTE_MEMOIZE] = IS_ATOM_1 | IS_STEP,
    [NPKI_BYTE_SHORT_BINBYTES] = IS_STEP,
    [NPKI_BYTE_BINBYTES] = IS_STEP,
    [NPKI_BYTE_SHORT_BINSTRING] = IS_STEP,
    [NPKI_BYTE_EMPTY_TUPLE] = IS_STEP,
    [NPKI_BYTE_EMPTY_SET] = IS_STEP,
    [NPKI_BYTE_TUPLE1] = IS_STEP,
    [NPKI_BYTE_TUPLE2] = IS_STEP,
    [NPKI_BYTE_TUPLE3] = IS_STEP,
    [NPKI_BYTE_TUPLE] = IS_STEP,
    [NPKI_BYTE_APPEND] = IS_STEP,
    [NPKI_BYTE_SETITEM] = IS_STEP,
    [NPKI_BYTE_APPENDS] = IS_STEP,
    [NPKI_BYTE_SETITEMS] = IS_STEP,
    [NPKI_BYTE_ADDITEMS] = IS_STEP,
    [NPKI_BYTE_LONG_BINGET] = IS_STEP,
    [NPKI_BYTE_DUP] = IS_STEP,
    [NPKI_BYTE_POP] = IS_STEP,
    [NPKI_BYTE_POP_MARK] = IS_STEP,
    [NPKI_BYTE_REDUCE] = IS_STEP,
    [NPKI_BYTE_NEWOBJ] = IS_STEP,
    [NPKI_BYTE_OBJ] = IS_STEP,
    [NPKI_BYTE_INST] = IS_STEP,
    [NPKI_BYTE_GLOBAL] = IS_STEP,
    [NPKI_BYTE_STACK_GLOBAL] = IS_STEP,
    [NPKI_BYTE_BUILD] = IS_STEP,
    [NPKI_BYTE_PERSID] = IS_STEP,
    [NPKI_BYTE_BINPERSID] = IS_STEP,
    [NPKI_BYTE_EXT1] = IS_STEP,
    [NPKI_BYTE_EXT2] = IS_STEP,
    [NPKI_BYTE_EXT4] = IS_STEP,
    [NPKI_BYTE_INT] = IS_STEP,
    [NPKI_BYTE_LONG] = IS_STEP,
    [NPKI_BYTE_FLOAT] = IS_STEP,
    [NPKI_BYTE_UNICODE] = IS_STEP,
    [NPKI_BYTE_PUT] = IS_STEP,
    [NPKI_BYTE_GET] = IS_STEP,
};

/* Whether do_atoms has the next one, and the one behind it: not what can be called, out of the memo. */
static inline bool is_atom(const fused_run *r)
{
    const uint8_t row = r->at < r->end ? loops[r->at[0]] : 0;
    if ((row & ALONE) == 0)
        return (row & IS_ATOM) != 0;
    const size_t size = (row & BYTES_2) != 0 ? 2 : 1;
    return fused_has(r, WIDEST) && (loops[r->at[size]] & IS_ATOM) != 0 &&
           (r->at[0] != NPKI_BYTE_BINGET || fused_callable_of(r, 1) == NULL);
}

npk_status npki_run_fused(npki_builder *b)
{
    npki_source *source = b->source;
    const uint64_t offset = source->offset, most = b->limits.items;
    size_t left = (size_t)(source->end - source->at);
    const bool lines = b->machine.protocol < 2 &&
                       b->doc->info.protocol == 0; /* the first other opcode makes it a pickle of protocol 1 */
    if (left == 0 || (!lines && loops[source->at[0]] == 0))
        return NPK_OK;
    if (b->head_size < sizeof b->head || (b->earlier.kept && b->earlier.numbers > 0) || b->stop != NULL ||
        b->grew_late || b->stack == NULL || (b->site.arena->next == NULL && npki_arena_take(b->site.arena, 0) == NULL))
        return NPK_OK;
    if (b->machine.frame_end > offset && b->machine.frame_end - offset < left)
        left = (size_t)(b->machine.frame_end - offset);
    fused_run r = {.b = b,
                   .arena = b->site.arena,
                   .at = source->at,
                   .end = source->at + left,
                   .stack = b->stack,
                   .height = b->height,
                   .opcodes = b->doc->info.opcodes};
    for (bool more = true; more;) {
        r.opcodes += !lines && is_atom(&r) ? do_atoms(&r, most - r.opcodes) : 0;
        more = r.at < r.end && r.opcodes < most && r.height < b->room && (lines ? step_line(&r) : step(&r));
        r.opcodes += more;
    }
    b->height = r.height;
    b->doc->info.opcodes = r.opcodes;
    source->offset += (uint64_t)(r.at - source->at);
    source->at = r.at;
    return r.status;
}
