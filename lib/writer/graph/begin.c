/* The beginning of each value of a graph: all of one without parts, what comes before the parts of any other. */
#include "writer/graph/walk.h"

#include "known/known.h"
#include "value/event.h"

static void write_python2_str(const npki_walk *k, const npk_value *value)
{
    const npki_stop *top = k->depth > 0 ? &k->ways[k->depth - 1] : NULL;
    bool in_state = top != NULL && (top->role == NPKI_ROLE_ATTRIBUTES || top->role == NPKI_ROLE_HOLDER) &&
                    top->value->kind == NPK_KIND_DICT;
    bool attribute = in_state && top->next_item % 2 == 1;
    npki_write_python2_str(k->w, value, attribute ? NPKI_ROLE_TEXT : npki_role_at(k, value),
                           npki_value_key(k->w, value), npki_value_number(k->w, value));
}

/* What a protocol without an opcode for a kind calls instead. */
static const struct {
    enum npki_opcode_row opcode;
    npki_meaning calls;
} fallbacks[NPKI_KINDS] = {
    [NPK_KIND_BYTES] = {NPKI_ROW_SHORT_BINBYTES, NPKI_CODECS_ENCODE},
    [NPK_KIND_BYTEARRAY] = {NPKI_ROW_BYTEARRAY8, NPKI_BYTEARRAY},
    [NPK_KIND_SET] = {NPKI_ROW_EMPTY_SET, NPKI_SET},
    [NPK_KIND_FROZENSET] = {NPKI_ROW_FROZENSET, NPKI_FROZENSET},
};

static bool has_opcode(const npk_writer *w, const npk_value *value)
{
    return fallbacks[value->kind].calls != NPKI_UNKNOWN &&
           w->protocol >= npki_opcodes[fallbacks[value->kind].opcode].protocol;
}

/* Whether a value is a call that is dropped, or the arguments of one. */
static bool is_of_dropped(const npki_walk *k, const npk_value *value)
{
    const npki_stop *top = k->depth > 0 ? &k->ways[k->depth - 1] : NULL;
    if (top == NULL || top->dropped)
        return top != NULL;
    return k->depth > 1 && top[-1].dropped && top->call != NULL && top->call->args == value;
}

/* Whether something is dropped over a value that can't be added to. */
static bool is_called_over(const npk_value *value)
{
    bool found = false;
    const bool whole =
        value->kind == NPK_KIND_TUPLE || value->kind == NPK_KIND_FROZENSET || value->kind == NPK_KIND_PERSID;
    for (size_t i = 0; whole && npki_events_of(value) != NULL && !found && i < npki_event_count(value); i++)
        found = npki_event_of(value, i).kind == NPKI_EVENT_CALL;
    return found;
}

/* Whether arguments are those of a state setter, as a pickler writes it for the sixth item of what __reduce_ex__ gives:
 * f(value, state), dropped over the value, which is made at `over`. */
static bool is_of_setter(const npki_walk *k, const npk_value *args, size_t over)
{
    return over < k->depth && npki_is_tuple_of(args, 2) && npki_item_of(args, 0) == k->ways[over].value;
}

/* No Python before 3.8 writes one, and none later gives it a number, or writes it as other tuples are written below
 * protocol 2. */
static npki_number_when note_setter(npk_writer *w, const npk_value *value)
{
    const uint64_t offset = npki_offset(w);
    const bool marked = w->protocol < npki_opcodes[NPKI_ROW_TUPLE2].protocol && value->kind == NPK_KIND_TUPLE &&
                        offset < w->beside_size && w->beside[offset] == npki_opcodes[NPKI_ROW_MARK].byte;
    const bool strict = w->beside != NULL && w->opcodes == NPKI_OPCODES_OF_PROTOCOL;
    w->came_to |= NPKI_CAME_TO_SETTER;
    if (marked || (value->history & NPKI_WAS_PUT) != 0 || !w->python->short_setter)
        w->came_to |= NPKI_CAME_TO_NO_PYTHON;
    if (strict && !w->python->short_setter)
        npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "a state setter, which came with Python 3.8");
    return strict && (value->flags & NPKI_IS_SHARED) == 0 ? NPKI_NUMBER_IF_HELD : npki_value_number(w, value);
}

static void begin_container(npki_walk *k, const npk_value *value)
{
    const bool dropped = is_of_dropped(k, value), setter = dropped && is_of_setter(k, value, k->depth - 3);
    const npki_number_when number = setter ? note_setter(k->w, value) : npki_value_number(k->w, value);
    npki_stop *way = npki_walk_push(k, value, NULL);
    size_t count = npki_count_of(value), late;
    if (way == NULL)
        return;
    npki_order_wait(k, value, npki_late_events(value, &late));
    way->items = value->u.items;
    way->end_item = count;
    way->end_event = is_called_over(value) ? 0 : npki_event_count(value);
    count -= npki_items_per_entry(value) * late;
    npki_order_open(k, value);
    npki_begin_as(k->w, &(npki_container){
                            .kind = npk_value_kind(value),
                            .count = (int64_t)(count / npki_items_per_entry(value)),
                            .number = number,
                            .key = npki_value_key(k->w, value),
                            .dropped = dropped,
                            .setter = setter,
                        });
}

/* How often the value is being made at the moment. */
static size_t open_makings(const npki_walk *k, const npk_value *value)
{
    size_t count = 0;
    for (size_t i = 0; npki_is_made_inside(value) && i < k->depth; i++)
        count += k->ways[i].value == value && k->ways[i].call != NULL;
    return count;
}

/* Whether something else has the list too out of which a call takes its items, alone or in the arguments. An opcode
 * would have each item a second time: the numbers, texts and persistent ids have none in the memo by which they are
 * one. */
static bool shares_items(const npki_object *call)
{
    const npk_value *args = call->args;
    if (args == NULL || npki_count_of(args) == 0)
        return false;
    const npk_value *list = npki_item_of(args, 0);
    const bool is_list = list->kind == NPK_KIND_LIST || list->kind == NPK_KIND_TUPLE;
    return is_list && npki_count_of(list) > 0 && ((args->flags | list->flags) & NPKI_IS_SHARED) != 0;
}

/* Whether the walk came to a value that is being made by way of something that is dropped: over a part of the call. */
static bool is_dropped_inside(const npki_walk *k, const npk_value *value)
{
    bool dropped = false;
    size_t i = k->w->part != NULL && (value->flags & NPKI_PLACED) != 0 ? k->depth : 0;
    while (i > 0 && (k->ways[i - 1].value != value || k->ways[i - 1].dropped))
        dropped = k->ways[--i].dropped || dropped;
    return i > 0 && dropped;
}

/* Without a memo no dtype waits for a state of its own: in what is given to a call, or is a state, a reader may find an
 * array then that it did not find before. */
static void check_found(npki_walk *k, const npk_value *value, const npki_object *call)
{
    const bool searched = value->kind == NPK_KIND_OBJECT && call->stays_call == NPKI_STAYS_NOT &&
                          (call->array == NULL || call->array->holders != NULL);
    if (k->w->memo_policy == NPK_MEMO_NONE && searched &&
        (npki_finds_other_state(call->args, NPKI_STATE_SIZE) ||
         (call->state != NULL && npki_finds_other_state(call->state, NPKI_STATE_SIZE))))
        npki_writer_fail(k->w, NPK_ERR_UNSUPPORTED,
                         "an array would be found in this, of which without a memo the dtype is made anew");
}

/* What stays a call for its state, and so may stand for any value, does so only once it has that: what is called, or
 * arguments that are no tuple, may not be it before. Without a memo it is refused for holding itself. */
static void check_any(npki_walk *k, const npk_value *part)
{
    const npki_object *object = part != NULL && part->kind == NPK_KIND_OBJECT ? part->u.object : NULL;
    if (object != NULL && k->w->memo_policy != NPK_MEMO_NONE && object->stays_call != NPKI_STAYS_NOT &&
        object->state != NULL && npki_way_of(k, object->state) != NULL)
        npki_writer_fail(k->w, NPK_ERR_UNSUPPORTED,
                         "a call in the state of a dtype or an array is one of that, or has that for its arguments");
}

static void begin_call(npki_walk *k, const npk_value *value, const npki_object *call)
{
    const npki_making making = npki_making_of(value, call, open_makings(k, value));
    const bool dropped = is_of_dropped(k, value), setter = dropped && is_of_setter(k, call->args, k->depth - 2);
    const npki_number_when number = setter ? note_setter(k->w, value) : npki_value_number(k->w, value);
    if (!npki_is_made_inside(value) && is_dropped_inside(k, value))
        npki_writer_fail(k->w, NPK_ERR_UNSUPPORTED,
                         "this would be made once more for what is dropped over a part of the call that makes it");
    npki_stop *way = npki_walk_push(k, value, making.call);
    if (way == NULL)
        return;
    way->making = making;
    call = making.call;
    check_found(k, value, call);
    check_any(k, call->callable);
    check_any(k, call->args);
    check_any(k, call->kwargs);
    if (call->stays_call != NPKI_STAYS_NOT)
        npki_check_stays(k, way);
    way->spelled = npki_spell(k->w, value, call);
    if ((way->spelled.row->to_mark || way->spelled.each == call->args) && npki_is_dropped_over(call->args))
        npki_writer_fail(k->w, NPK_ERR_UNSUPPORTED, "something is called over its arguments, which it has one by one");
    npki_check_form(k->w, value, call, &way->spelled);
    const npk_opcode *row = way->spelled.row;
    size_t marked = way->spelled.moves == NULL ? npki_parts_of(call, row) : row->action == NPKI_DO_OBJ;
    way->once = npki_order_once(k, way);
    if (way->spelled.moves != NULL || (call->kwargs != NULL && row != &npki_opcodes[NPKI_ROW_NEWOBJ_EX]))
        k->w->alone = false; /* another spelling may have a part twice */
    npki_begin_as(k->w, &(npki_container){
                            .kind = NPK_KIND_OBJECT,
                            .count = NPK_UNKNOWN,
                            .number = number,
                            .key = npki_value_key(k->w, value),
                            .call = row->to_mark ? NULL : row,
                            .parts = row->to_mark ? (int64_t)marked : row->pops,
                            .dropped = dropped,
                            .own_parts = making.after != SIZE_MAX,
                            .once = way->once,
                            .unhashable = (value->flags & NPKI_UNHASHABLE) != 0,
                        });
    if (row->to_mark) {
        npki_keep_alive(k->w, npki_count_of(call->args) > 0);
        npki_op(k->w, NPKI_ROW_MARK);
    }
}

/* A persistent id is a value and BINPERSID; at protocol 0 it is a line, and comes back as a str. CPython never puts
 * what it stands for in the memo, but a pickle that did refers to it. */
static void begin_persid(npki_walk *k, const npk_value *value)
{
    const npk_opcode *row = &npki_opcodes[NPKI_ROW_BINPERSID];
    const npk_value *id = value->u.id;
    npki_number_when number = npki_value_number(k->w, value);
    const char *text;
    size_t size;
    if (k->w->no_persids) {
        npki_writer_fail(k->w, NPK_ERR_UNSUPPORTED, "a persistent id, which numpy.load has nothing to load with");
        return;
    }
    if (k->w->protocol >= row->protocol) {
        if (npki_walk_push(k, value, NULL) != NULL)
            npki_begin_as(k->w, &(npki_container){.kind = NPK_KIND_OBJECT,
                                                  .count = 1,
                                                  .number = number,
                                                  .key = number == NPKI_NUMBER_ALWAYS ? npki_value_key(k->w, value) : 0,
                                                  .call = row,
                                                  .parts = row->pops});
        return;
    }
    const bool becomes_bytes =
        id->kind == NPK_KIND_PYTHON2_STR && npki_wanted_python2_str(k->w, id) == NPK_PYTHON2_STR_BYTES;
    const npk_kind kind = becomes_bytes ? NPK_KIND_BYTES : npk_value_kind(id);
    const bool is_str = kind == NPK_KIND_STR || kind == NPK_KIND_PYTHON2_STR; /* not the bytes that read the same */
    if (!is_str || !npki_text_of(id, &text, &size) || !npki_is_line_of_ascii(text, size)) {
        npki_writer_fail(k->w, NPK_ERR_UNSUPPORTED, "at protocol 0 a persistent id is a line of ASCII, found %s",
                         npk_kind_name(kind));
        return;
    }
    if (!npki_before(k->w))
        return;
    npki_looked_up(k, value);
    npki_op_line(k->w, NPKI_ROW_PERSID, text, size);
    if (number == NPKI_NUMBER_ALWAYS)
        npki_put_value(k->w, value);
    npki_after(k->w);
}

static void begin_malformed(npki_walk *k, const npk_value *value)
{
    const npki_malformed *malformed = value->u.malformed;
    npki_stop *way = npki_has_operands(k->w, k->depth, value) ? npki_walk_push(k, value, NULL) : NULL;
    if (way == NULL)
        return;
    way->spelling = malformed->spelling;
    npki_begin_as(k->w,
                  &(npki_container){.kind = NPK_KIND_OBJECT, .count = NPK_UNKNOWN, .parts = (int64_t)malformed->count});
}

/* A tuple, frozenset or persistent id, and what happens once it is made, together one value. */
static void begin_called_over(npki_walk *k, const npk_value *value)
{
    npki_stop *way = npki_walk_push(k, value, NULL);
    if (way == NULL)
        return;
    way->called_over = true;
    way->end_event = npki_order_over(k, way) ? 0 : npki_event_count(value);
    npki_begin_as(k->w, &(npki_container){.kind = NPK_KIND_OBJECT,
                                          .count = NPK_UNKNOWN,
                                          .parts = 1,
                                          .holds_tuple = value->kind == NPK_KIND_TUPLE});
    if (value->kind == NPK_KIND_PERSID)
        begin_persid(k, value);
    else
        begin_container(k, value);
}

static void begin_fallback(npki_walk *k, const npk_value *value)
{
    npk_writer *w = k->w;
    size_t size = 0;
    const uint8_t *bytes = npk_value_as_bytes(value, &size);
    if (bytes == NULL) {
        npki_begin_called_set(k, value);
        return;
    }
    w->numbered = npki_numbered_of(w); /* the parts of the call are new: as a pickler puts them */
    if (value->kind == NPK_KIND_BYTES)
        npki_write_text(w, NPK_KIND_BYTES, bytes, size, 0, NPKI_NUMBER_IF_HELD);
    else
        npk_write_bytearray(w, bytes, size);
    if (npki_value_number(w, value) == NPKI_NUMBER_ALWAYS)
        npk_writer_last(w);
    w->numbered = w->graph_numbered;
    npki_remember(w, npki_value_key(k->w, value));
}

#define CALLS_INSIDE 16 /* names inside one another, bytes of which a bytearray is made */

/* Whether something was dropped over the parts of a call, which no other spelling of it has: over its callable, its
 * arguments, or what is in them. */
static bool drops_inside(const npki_object *call)
{
    bool found = false;
    for (int level = 0; !found && level < CALLS_INSIDE && call != NULL && call->args != NULL; level++) {
        const npk_value *args = call->args;
        const size_t count = npki_is_container(args) ? npki_count_of(args) : 0;
        found = npki_is_dropped_over(args) ||
                (call->callable->kind == NPK_KIND_OBJECT && npki_has_more_than_call(call->callable));
        for (size_t i = 0; !found && i < count; i++)
            found = npki_is_dropped_over(npki_item_of(args, i));
        const npk_value *inner = count == 0 ? NULL : npki_item_of(args, 0);
        call = inner == NULL ? NULL : inner->kind == NPK_KIND_OBJECT ? inner->u.object : npki_call_of(inner);
    }
    return found;
}

/* A call that makes what has a name here. */
static bool write_as_name(npk_writer *w, const npk_value *value, const npki_object *call)
{
    char room[NPKI_LONGEST_NESTED];
    npki_global_name name;
    if (!npki_is_named(w, value, room, &name) || npki_is_dropped_over(value) || drops_inside(call))
        return false;
    npki_write_named(w, value, name);
    return true;
}

/* All of a value without parts, the beginning of any other. `call`: that makes it, or NULL. */
static void begin_by_kind(npki_walk *k, const npk_value *value, const npki_object *call)
{
    k->w->any_next = npki_may_be_any(value);
    if (call != NULL && write_as_name(k->w, value, call))
        return;
    if (call != NULL)
        begin_call(k, value, call);
    else if (fallbacks[value->kind].calls != NPKI_UNKNOWN && !has_opcode(k->w, value))
        begin_fallback(k, value);
    else if (value->kind == NPK_KIND_GLOBAL)
        npki_write_global_value(k->w, value);
    else if (is_called_over(value))
        begin_called_over(k, value);
    else if (value->kind == NPK_KIND_PERSID)
        begin_persid(k, value);
    else if (value->kind == NPK_KIND_MALFORMED)
        begin_malformed(k, value);
    else if (value->kind == NPK_KIND_BUFFER)
        npki_write_buffer_value(k->w, value, npki_value_number(k->w, value));
    else if (!npki_write_atom(k->w, value))
        begin_container(k, value);
}

/* Whether the value comes as the arguments or keywords of a call, which may end with it: then the number of the last is
 * that of what the call makes. */
static bool may_end_call(const npk_writer *w)
{
    const npki_container *container = w->depth > 0 ? &w->containers[w->depth - 1] : NULL;
    return container != NULL && container->kind == NPK_KIND_OBJECT && container->call != NULL && container->items > 0 &&
           container->items < container->parts;
}

/* A value that a builder of documents was given: what was new there is new here. */
static void begin_replayed(npki_walk *k, const npk_value *value)
{
    npk_writer *w = k->w;
    const npki_object *call = value->kind == NPK_KIND_OBJECT ? value->u.object : npki_call_of(value);
    bool minimal = w->memo_policy == NPK_MEMO_MINIMAL;
    bool numbered = (value->history & NPKI_WAS_NUMBERED) != 0 && !minimal;
    w->numbered = minimal ? NPKI_NUMBERED_ALWAYS : npki_numbered_of(w);
    w->from_graph = false;
    if (!(npki_may_be_any(value) && may_end_call(w)) &&
        npki_replay(w, value, npki_number_always_if(numbered || (value->flags & NPKI_IS_SHARED) != 0)))
        npki_remember(w, npki_value_key(k->w, value));
    else
        begin_by_kind(k, value, call);
    w->numbered = w->graph_numbered;
    w->from_graph = true;
}

/* Its parts are new, as a pickler puts them. */
static void begin_new(npk_writer *w, const npk_value *value, void (*write)(npk_writer *w, const npk_value *value))
{
    w->numbered = npki_numbered_of(w);
    w->from_graph = false;
    write(w, value);
    w->from_graph = true;
    w->numbered = w->graph_numbered;
    npki_remember(w, npki_value_key(w, value));
}

/* Whether it is the buffer of which a call makes an array, at which the walk has just come. */
static bool is_of_array(const npki_walk *k)
{
    const npki_stop *top = k->depth >= 2 ? &k->ways[k->depth - 1] : NULL;
    const npki_object *call = top != NULL ? top[-1].call : NULL;
    return call != NULL && call->array != NULL && call->args == top->value && top->next_item > 0 &&
           top->next_item == npki_rules[call->meaning].buffer;
}

/* Whether it is an item of a dtype's state that the target has otherwise, and is written so. */
static bool is_translated_state(npki_walk *k, const npk_value *value)
{
    const npki_stop *top = k->depth >= 2 ? &k->ways[k->depth - 1] : NULL;
    if (top == NULL || top->call != NULL || top->value->kind != NPK_KIND_TUPLE || top->next_item == 0)
        return false;
    if (top[-1].call != NULL)
        return top[-1].call->state == top->value &&
               npki_translate_state(k->w, top[-1].call, NULL, top->next_item - 1, value);
    return k->depth >= 3 && top[-2].call != NULL && top[-2].call->state == top[-1].value &&
           npki_translate_state(k->w, top[-2].call, top->value, top->next_item - 1, value);
}

/* Whether the walk is in the value already, and not only about to drop it. */
static bool is_in_itself(const npki_walk *k, const npk_value *value)
{
    bool found = false;
    for (size_t i = 0; (value->flags & NPKI_IS_SHARED) != 0 && !found && i < k->depth; i++)
        found = k->ways[i].value == value && !k->ways[i].dropped;
    return found;
}

/* joblib's, around an array. */
static bool is_wrapper(const npk_value *value)
{
    return value->kind == NPK_KIND_OBJECT && npki_rules[value->u.object->meaning].inline_data;
}

/* Whether nothing is to be said of a list, dict, set or tuple but that it is empty, in a container of which the same
 * holds: small values of which a pickle may have many. */
static bool is_plain_empty(const npki_walk *k, const npk_value *value)
{
    const npk_writer *w = k->w;
    const npki_stop *top = k->depth > 0 ? &k->ways[k->depth - 1] : NULL;
    const bool is_even = npki_is_even(w, value) || npki_is_even_set(w, value);
    if (!is_even || npki_count_of(value) > 0 || top == NULL || top->call != NULL || top->dropped || top->again ||
        top->called_over)
        return false;
    const bool is_plain = (value->flags & NPKI_IS_SHARED) == 0 && value != w->part && value != w->to_number &&
                          !npki_events_are_moved(value) && !npki_is_dropped_over(value);
    return is_plain && !npki_is_of_call(k) && !w->python->document &&
           w->protocol >= npki_opcodes[NPKI_ROW_EMPTY_TUPLE].protocol && w->depth < w->limits.depth;
}

static void begin_any(npki_walk *k, const npk_value *given)
{
    npk_writer *w = k->w;
    if (is_plain_empty(k, given)) {
        npki_write_empty(w, npk_value_kind(given), npki_value_key(w, given), npki_value_number(w, given));
        return;
    }
    const npk_value *value = is_wrapper(given) ? npki_out_of_wrapper(w, given) : given;
    const npki_object *made = npki_call_of(value);
    const bool may_be_opcode = made != NULL && has_opcode(w, value) && !w->python->document; /* it has few arguments */
    const bool by_opcode =
        may_be_opcode && !drops_inside(made) && !shares_items(made) && !npki_is_made_inside(value);
    const npki_object *call = by_opcode ? NULL : made;
    if (value->kind == NPK_KIND_PYTHON2_STR && npki_changes_python2_str(w, value)) {
        write_python2_str(k, value);
        return;
    }
    w->apart = k->kept.gone.count > 0 && npki_order_returns(k, value) ? k->kept.gone.end : 0;
    if (npki_write_known(w, npki_value_key(k->w, value)) || w->error.status != NPK_OK) {
        npki_order_refer(k, value);
        npki_check_role(k, value);
        return;
    }
    if (w->memo_policy == NPK_MEMO_NONE && is_in_itself(k, value)) {
        npki_writer_fail(w, NPK_ERR_LIMIT, "without a memo, what holds itself can't be written");
        return;
    }
    if (npki_has_keys_to_check(k, value))
        npki_check_keys(k, value);
    if ((is_of_array(k) && npki_give_payload(w, value)) || (w->translate_names && is_translated_state(k, value)))
        return;
    if (is_wrapper(value) && npki_is_unwrapped(w, value))
        begin_new(w, value, npki_write_unwrapped);
    else if ((value->history & NPKI_WAS_WRITTEN) != 0)
        begin_replayed(k, value);
    else if (value->kind == NPK_KIND_OBJECT && npki_pyarray_differs(w, value) && npki_dropped_count(value) == 0)
        begin_new(w, value, npki_translate_pyarray);
    else if (w->translate_names && npki_dropped_count(value) == 0 && npki_buffer_differs(w, value))
        begin_new(w, value, npki_translate_buffer);
    else
        begin_by_kind(k, value, call);
}

/* The value at hand, while the byte to be watched is not written yet. */
void npki_walk_watch(npki_walk *k, const npk_value *value)
{
    npk_writer *w = k->w;
    if (npki_offset(w) <= w->watch)
        w->watched = value;
    /* which may go again */
    else if (w->watch != 0 && npki_offset(w) - w->watch > (w->in_frame ? NPKI_FRAME_HEADER : 0))
        npki_writer_fail(w, NPK_ERR_IO, "the value at a byte was found");
}

void npki_walk_begin(npki_walk *k, const npk_value *value)
{
    if (k->w->memo_policy == NPK_MEMO_NONE) /* the small ones take time too */
        k->w->spending.extra += sizeof *value;
    npki_walk_watch(k, value);
    begin_any(k, value);
    npki_walk_note_left(k, value);
    if (k->w->error.status != NPK_OK && k->w->refused == NULL)
        k->w->refused = value;
}
