/* Names, calls and states: what fused.c has of them. Objects are made here, and get their first state; what a rule
 * makes of them, and what is to be found out of arguments and of other states, object.c does. As in fused.h each
 * function does one instruction or returns false, and has done nothing then that is not done again, or has set the
 * status. */
#ifndef NPKI_READER_FUSED_OBJECT_H
#define NPKI_READER_FUSED_OBJECT_H

#include "reader/fused.h"

/* What the GET at hand has out of the memo, if that can be called; NULL: something else. */
static inline npk_value *fused_callable_of(const fused_run *r, size_t width)
{
    const npki_memo *memo = &r->b->machine.memo;
    const uint64_t number = fused_has(r, 1 + width) ? npki_load_le(r->at + 1, width) : UINT64_MAX;
    npk_value *value = number < memo->room ? memo->dense[number] : NULL;
    return value != NULL && value->kind >= NPK_KIND_GLOBAL ? value : NULL;
}

/* What can be called is given out a second time. A dtype that waits for its state has its lowest place noted. */
static inline bool fused_push_again(fused_run *r, npk_value *value, size_t size)
{
    if (value->kind != NPK_KIND_GLOBAL && npki_is_open_dtype(value))
        return false;
    fused_tell_builder(r);
    if ((value->kind != NPK_KIND_GLOBAL || (value->flags & NPKI_PLACED) == 0) &&
        !npki_note_fetched(r->b, value, r->height))
        return false;
    npki_share(r->b, value);
    return fused_push_begun(r, value, r->height, npki_here(r->b), size);
}

static inline bool fused_get_callable(fused_run *r, size_t width)
{
    npk_value *value = fused_callable_of(r, width);
    return value != NULL && !fused_has_dropped(r, r->at) && fused_push_again(r, value, 1 + width);
}

static inline bool fused_get_callable_line(fused_run *r)
{
    const npki_memo *memo = &r->b->machine.memo;
    int64_t number;
    const size_t size = fused_number_line(r, "\n", &number);
    npk_value *value = size > 0 && number >= 0 && (uint64_t)number < memo->room ? memo->dense[number] : NULL;
    return value != NULL && value->kind >= NPK_KIND_GLOBAL && !fused_has_dropped(r, r->at) &&
           fused_push_again(r, value, size);
}

static inline bool fused_dup(fused_run *r)
{
    npk_value *value = r->height > fused_base_of(r) ? r->stack[r->height - 1] : NULL;
    if (value != NULL && value->kind >= NPK_KIND_GLOBAL)
        return fused_push_again(r, value, 1);
    return fused_may_come_again(r, r->at, value, r->height) && fused_push(r, value, 1);
}

/* EXT1, EXT2, EXT4. */
static inline bool fused_push_extension(fused_run *r, size_t width)
{
    const uint64_t word = fused_has(r, 1 + width) ? npki_load_le(r->at + 1, width) : 0;
    const int64_t code = width == 4 ? npki_sign_extend(word, width) : (int64_t)word;
    if (code <= 0 || r->arena->room < 2 * sizeof(npk_value))
        return false;
    npk_value *value = fused_new_value(r, NPK_KIND_EXTENSION, 0, 0);
    value->u.id = npki_value_int(r->arena, code);
    fused_tell_builder(r);
    return fused_push_begun(r, value, r->height, npki_here(r->b), 1 + width);
}

/* Whether nothing but the object is to be made: nothing can be found in its arguments, and no rule is there to look. */
static inline bool fused_is_bare(const npk_value *callable, size_t arguments)
{
    return npki_row_of(callable) == NULL && arguments == 0;
}

/* Whether it can be called here. What is malformed of it, and is to be kept, is for the handler. */
static inline bool fused_may_be_called(const fused_run *r, npk_construction construction, const npk_value *callable,
                                       size_t arguments)
{
    const npki_builder *b = r->b;
    if (callable->depth >= b->limits.depth || (callable->kind != NPK_KIND_GLOBAL && !npki_is_callable(callable)))
        return false;
    const npki_global_row *row = npki_row_of(callable);
    const npki_rule *rule = &npki_rules[row == NULL ? NPKI_UNKNOWN : row->meaning];
    return fused_is_bare(callable, arguments) ||
           (!b->keeps_malformed && (construction == NPK_BY_CALL ? !rule->adds : !rule->by_new));
}

/* Whether there is room for the object, and it may lie so deep. */
static inline bool fused_takes(const fused_run *r, const npk_value *args)
{
    return args->kind == NPK_KIND_TUPLE && args->depth < r->b->limits.depth &&
           r->arena->room >= sizeof(npki_called_object);
}

/* The object, or what a rule makes of it, stands in the place of all from `at` on; the instruction has `size` bytes. */
static inline bool fused_push_object(fused_run *r, npk_construction construction, npk_value *callable, npk_value *args,
                                     size_t at, uint32_t from, size_t size)
{
    npki_builder *b = r->b;
    const bool bare = fused_is_bare(callable, npki_count_of(args));
    npki_called_object *made = fused_take(r->arena, sizeof *made);
    npki_object *object = &made->object;
    npk_value *const parts[2] = {callable, args};
    *object = (npki_object){.construction = (uint8_t)construction,
                            .opcode = r->at[0],
                            .meaning = (uint8_t)npki_meaning_of(construction, callable, args),
                            .callable = callable,
                            .args = args,
                            .offset = b->site.offset};
    npk_value *value = &made->called.value;
    made->called = (npki_called){.value = {.kind = NPK_KIND_OBJECT, .history = NPKI_WAS_CALLED, .u.object = object},
                                 .call = object};
    (void)fused_adopt(r, value, parts, 2);
    value->flags &= (uint8_t)~NPKI_UNHASHABLE;
    if (!bare) {
        r->status = npki_call(b, value, at, from);
        r->height = b->height;
        r->at += size;
        return r->status == NPK_OK;
    }
    if (npki_called_now(b, object, at) != NPK_OK)
        return false;
    b->last_made = value;
    b->last_made_from = from;
    return fused_push_begun(r, value, at, from, size);
}

/* REDUCE, NEWOBJ. */
static inline bool fused_make_object(fused_run *r, npk_construction construction)
{
    if (r->height - fused_base_of(r) < 2)
        return false;
    const size_t at = r->height - 2;
    npk_value *callable = r->stack[at], *args = r->stack[at + 1];
    if (!fused_takes(r, args) || !fused_may_be_called(r, construction, callable, npki_count_of(args)))
        return false;
    if (construction == NPK_BY_NEW)
        npki_note_spread(args, &npki_opcodes[NPKI_ROW_NEWOBJ]);
    fused_tell_builder(r);
    return fused_push_object(r, construction, callable, args, at, npki_begin_of(r->b, at), 1);
}

/* The tuple of all from a place on the stack on, which stay there; behind it there is room for `more` bytes. */
static inline npk_value *fused_take_arguments(fused_run *r, size_t at, size_t more)
{
    const size_t count = r->height - at;
    const size_t of_items = count == 0 ? 0 : sizeof(npki_items) + count * sizeof(npk_value *);
    if (count > r->arena->room / sizeof(npk_value *) || r->arena->room < sizeof(npk_value) + of_items + more)
        return NULL;
    npk_value *args = fused_new_value(r, NPK_KIND_TUPLE, 0, count == 0 ? 1 : 0);
    if (count == 0)
        return args;
    npki_items *items = fused_take(r->arena, of_items);
    *items = (npki_items){.count = count, .room = count & NPKI_MOST_ITEMS, .spread = NPKI_SPREAD_ALWAYS};
    memcpy(items->at, r->stack + at, count * sizeof *items->at);
    args->u.items = items;
    return fused_adopt(r, args, items->at, count) ? args : NULL;
}

/* A call of what has its arguments above the topmost mark, and which takes that. */
static inline bool fused_call_marked(fused_run *r, npk_value *callable, npk_value *args, uint32_t from, size_t size)
{
    const size_t at = r->b->marks[r->b->mark_count - 1].height;
    if (args == NULL || !fused_takes(r, args))
        return false;
    fused_tell_builder(r);
    if (!fused_push_object(r, NPK_BY_CALL, callable, args, at, from, size))
        return false;
    r->b->mark_count--;
    return true;
}

/* OBJ: the class lies above the mark, too. */
static inline bool fused_make_marked_object(fused_run *r)
{
    npki_builder *b = r->b;
    const size_t at = fused_base_of(r);
    if (b->mark_count <= b->machine.mark_floor || r->height == at ||
        !fused_may_be_called(r, NPK_BY_CALL, r->stack[at], r->height - at - 1))
        return false;
    npk_value *args = fused_take_arguments(r, at + 1, sizeof(npki_called_object));
    return fused_call_marked(r, r->stack[at], args, npki_begin_of(b, at), 1);
}

/* The two lines at hand, of ASCII, as names. False: something else. */
static inline bool fused_name_lines(const fused_run *r, npki_global_name *name, size_t *size)
{
    const uint8_t *at = r->at + 1;
    size_t left = (size_t)(r->end - at), sizes[2];
    left = left < NPKI_SHORT_TEXT ? left : NPKI_SHORT_TEXT;
    for (int i = 0; i < 2; i++, at++, left--) {
        const uint8_t *line = at;
        while (left > 0 && *at != '\n' && *at < 0x80)
            at++, left--;
        sizes[i] = (size_t)(at - line);
        if (left == 0 || *at != '\n')
            return false;
    }
    const char *lines = (const char *)r->at + 1;
    *name = (npki_global_name){lines, sizes[0], lines + sizes[0] + 1, sizes[1]};
    *size = (size_t)(at - r->at);
    return true;
}

/* A global of names that the pickle had before; there is room for `more` bytes behind it. NULL: another one. */
static inline npk_value *fused_known_global(fused_run *r, const npki_global_name *name, size_t more)
{
    const npki_builder *b = r->b;
    const npki_global *known =
        name->module_size <= b->limits.text && name->name_size <= b->limits.text ? npki_known_global(b, name) : NULL;
    if (known == NULL || known->protocol != npki_names_of(b) ||
        r->arena->room < sizeof(npk_value) + sizeof(npki_global) + more)
        return NULL;
    npk_value *value = fused_new_value(r, NPK_KIND_GLOBAL, 0, 0);
    npki_global *global = fused_take(r->arena, sizeof *global);
    *global = (npki_global){.module = name->module,
                            .module_size = name->module_size,
                            .name = name->name,
                            .name_size = name->name_size,
                            .row = known->row,
                            .protocol = known->protocol,
                            .newest = known->newest};
    value->u.global = global;
    return value;
}

/* ... of the names in the lines at hand. */
static inline npk_value *fused_global_of_lines(fused_run *r, size_t more, size_t *size)
{
    npki_global_name name;
    return r->b->names_again && fused_name_lines(r, &name, size) && fused_keep_text(r)
               ? fused_known_global(r, &name, more)
               : NULL;
}

/* It comes in the place of all from `at` on. */
static inline bool fused_push_global(fused_run *r, npk_value *value, size_t at, size_t size)
{
    if (value == NULL)
        return false;
    fused_tell_builder(r);
    return fused_push_begun(r, value, at, npki_here(r->b), size);
}

static inline bool fused_push_global_of_lines(fused_run *r)
{
    size_t size = 0;
    npk_value *value = fused_global_of_lines(r, 0, &size);
    return fused_push_global(r, value, r->height, size);
}

/* STACK_GLOBAL: of two str, which are short. */
static inline bool fused_push_global_of_stack(fused_run *r)
{
    if (!r->b->names_again || r->height - fused_base_of(r) < 2)
        return false;
    npk_value *const *names = r->stack + r->height - 2;
    if (names[0]->kind != NPK_KIND_STR || names[1]->kind != NPK_KIND_STR || npki_is_encoded(names[0]) ||
        npki_is_encoded(names[1]) || names[0]->u.text.size >= NPKI_LONG_NAMES ||
        names[1]->u.text.size >= NPKI_LONG_NAMES - names[0]->u.text.size)
        return false;
    const npki_global_name name = {(const char *)names[0]->u.text.bytes, (size_t)names[0]->u.text.size,
                                   (const char *)names[1]->u.text.bytes, (size_t)names[1]->u.text.size};
    npk_value *value = fused_known_global(r, &name, 0);
    if (value == NULL || npki_repeat(&r->b->site, name.module_size + name.name_size) != NPK_OK)
        return false;
    memcpy(value->u.global->names, names, sizeof value->u.global->names);
    return fused_push_global(r, value, r->height - 2, 1);
}

static inline bool fused_make_instance(fused_run *r)
{
    npki_builder *b = r->b;
    const size_t at = fused_base_of(r), count = r->height - at;
    size_t size = 0;
    if (b->mark_count <= b->machine.mark_floor || count > r->arena->room / sizeof(npk_value *))
        return false;
    const size_t of_args = sizeof(npk_value) + sizeof(npki_items) + count * sizeof(npk_value *);
    npk_value *class_ = fused_global_of_lines(r, of_args + sizeof(npki_called_object), &size);
    if (class_ == NULL || !fused_may_be_called(r, NPK_BY_CALL, class_, count))
        return false;
    npk_value *args = fused_take_arguments(r, at, sizeof(npki_called_object));
    return fused_call_marked(r, class_, args, b->marks[b->mark_count - 1].from, size);
}

/* BUILD: the first state of an object that nothing else has, in which no array is. */
static inline bool fused_build_first(fused_run *r)
{
    npk_value *value = r->stack[r->height - 2], *state = r->stack[r->height - 1];
    if (value->kind != NPK_KIND_OBJECT || (value->flags & (NPKI_IS_SHARED | NPKI_PLACED)) != 0)
        return false;
    npki_object *object = value->u.object;
    npki_found found;
    if (object->meaning != NPKI_UNKNOWN || object->state != NULL || object->events != NULL || object->array != NULL ||
        object->fault != NULL || object->order == NULL || state->depth >= r->b->limits.depth)
        return false;
    if (npki_is_container(state) && npki_count_of(state) > 0) {
        npki_find_state(state, NPKI_STATE_SIZE, &found);
        if (found.times == 1)
            return false;
    }
    fused_tell_builder(r);
    if (npki_called_now(r->b, object, r->height - 2) != NPK_OK)
        return false;
    const uint8_t hashable = value->flags & NPKI_UNHASHABLE;
    npki_built(object, r->b->site.offset);
    object->state = state;
    (void)fused_adopt(r, value, &state, 1);
    value->flags = (uint8_t)((value->flags & ~NPKI_UNHASHABLE) | hashable);
    r->height--;
    r->at++;
    return true;
}

/* ... any other, by the handler, which has no argument to look at; but where more than opcodes may follow. */
static inline bool fused_build_object(fused_run *r)
{
    npki_builder *b = r->b;
    if (r->height - fused_base_of(r) < 2)
        return false;
    if (fused_build_first(r))
        return true;
    const npk_value *value = r->stack[r->height - 2];
    if (b->keeps_malformed || value->kind != NPK_KIND_OBJECT || npki_rules[value->u.object->meaning].inline_data)
        return false;
    fused_tell_builder(r);
    r->status = npki_do_build(b, NULL);
    r->height = b->height;
    r->at++;
    return r->status == NPK_OK;
}

#endif
