/* Calls that are not written by their own opcode with their own parts: where the protocol does not have it, as CPython
 * spells them there (Lib/pickle.py save_reduce(), functools.partial.__reduce__()); where the target makes the same
 * thing in another way, as remake.c says. */
#include "writer/graph/graph.h"

#include "value/event.h"

#define MOVE(name) NPKI_MOVE_##name

/* cls.__new__(cls, *args): a function that does it. */
static const npki_move by_newobj[] = {MOVE(NEWOBJ), MOVE(TUPLE), MOVE(VALUE0), MOVE(EACH), MOVE(END), MOVE(DONE)};

#define NEW_OF_CLASS MOVE(NEW), MOVE(GETATTR), MOVE(TUPLE), MOVE(VALUE0), MOVE(DUNDER_NEW), MOVE(END), MOVE(END)
enum { MOVES_OF_NEW = 6 }; /* after NEW */

/* cls.__new__(cls, *args, **kwargs): a partial, which is made of the function and gets the rest as its state, is called
 * without anything. */
static const npki_move by_partial[] = {MOVE(CALL),   MOVE(PARTIAL), MOVE(TUPLE),  NEW_OF_CLASS, MOVE(END), MOVE(TUPLE),
                                       NEW_OF_CLASS, MOVE(TUPLE),   MOVE(VALUE0), MOVE(EACH),   MOVE(END), MOVE(VALUE1),
                                       MOVE(NONE),   MOVE(END),     MOVE(END),    MOVE(TUPLE),  MOVE(END), MOVE(DONE)};

/* How an opcode is spelled where the protocol is below its own, without keywords and with some; by the highest protocol
 * first. No moves: by the same parts. */
static const struct {
    enum npki_opcode_row opcode, becomes;
    bool takes_keywords;
    const npki_move *moves, *with_keywords;
} spellings[] = {
    {NPKI_ROW_NEWOBJ_EX, NPKI_ROW_NEWOBJ, false, NULL, NULL},
    {NPKI_ROW_NEWOBJ_EX, NPKI_ROW_REDUCE, true, by_newobj, by_partial},
    {NPKI_ROW_NEWOBJ, NPKI_ROW_REDUCE, false, by_newobj, NULL},
    {NPKI_ROW_OBJ, NPKI_ROW_INST, false, NULL, NULL},
};

#define FEW_ITEMS 16
#define WORK_OF_ITEM 16 /* bytes that it is worth to go to an item that others go to, too */

/* Arguments that calls share come once, and their items with each call that has them one by one: these cost more than
 * their bytes. */
static void pay_for_items(npk_writer *w, const npk_value *args)
{
    const size_t count = (args->flags & NPKI_IS_SHARED) != 0 ? npki_count_of(args) : 0;
    if (count > FEW_ITEMS)
        w->spending.extra += (uint64_t)count * WORK_OF_ITEM;
}

npki_spelled npki_spell(npk_writer *w, const npk_value *value, const npki_object *call)
{
    npki_spelled spelled = {.row = npk_opcode_row(call->opcode)};
    if (w->translate_names && w->beside != NULL && !npki_is_made_as_is_usual(w, value, call))
        npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "made as no Python or NumPy makes it");
    if (w->translate_names && npki_events_of(value) == NULL && npki_remake(w, call, &spelled)) {
        spelled.remade = true;
        return spelled;
    }
    bool keywords = call->kwargs != NULL && (call->kwargs->kind != NPK_KIND_DICT || npki_count_of(call->kwargs) > 0);
    bool too_high = spelled.row->protocol > w->protocol && w->opcodes == NPKI_OPCODES_OF_PROTOCOL;
    for (size_t i = 0; too_high && i < sizeof spellings / sizeof *spellings; i++) {
        const npk_opcode *becomes = &npki_opcodes[spellings[i].becomes];
        bool named = becomes->action != NPKI_DO_INST || call->callable->kind == NPK_KIND_GLOBAL;
        if (&npki_opcodes[spellings[i].opcode] == spelled.row && named && w->protocol >= becomes->protocol &&
            (!keywords || spellings[i].takes_keywords)) {
            const bool spread = keywords || spellings[i].moves != NULL, left_out = call->kwargs != NULL && !keywords;
            if ((spread && npki_is_dropped_over(call->args)) || (left_out && npki_is_dropped_over(call->kwargs)))
                npki_writer_fail(w, NPK_ERR_UNSUPPORTED,
                                 "something is called over its arguments, which protocol %d does not have as they are",
                                 w->protocol);
            if (spellings[i].moves != NULL && call->args->kind != NPK_KIND_TUPLE)
                npki_writer_fail(w, NPK_ERR_UNSUPPORTED,
                                 "protocol %d has the arguments of %s one by one, and %s stands for all of them",
                                 w->protocol, spelled.row->name, npk_kind_name(npk_value_kind(call->args)));
            else if (spread)
                pay_for_items(w, call->args);
            return (npki_spelled){.row = becomes,
                                  .moves = keywords ? spellings[i].with_keywords : spellings[i].moves,
                                  .each = call->args,
                                  .values = {call->callable, call->kwargs}};
        }
    }
    return spelled;
}

static void begin_call(npk_writer *w, npki_number_when number, uint64_t key)
{
    const npk_opcode *call = &npki_opcodes[NPKI_ROW_REDUCE];
    npki_begin_as(w, &(npki_container){.kind = NPK_KIND_OBJECT,
                                       .count = NPK_UNKNOWN,
                                       .number = number,
                                       .key = key,
                                       .call = call,
                                       .parts = call->pops});
}

static bool opens(npki_move at)
{
    return at == NPKI_MOVE_CALL || at == NPKI_MOVE_NEW || at == NPKI_MOVE_TUPLE;
}

/* Of the tuple whose moves begin here. */
static int64_t items_of_tuple(const npki_spelled *spelled, const npki_move *at)
{
    int64_t items = 0;
    for (int depth = 0; *at != NPKI_MOVE_END || depth > 0; at++) {
        if (depth == 0)
            items += *at == NPKI_MOVE_EACH ? (int64_t)npki_count_of(spelled->each) : 1;
        depth += opens(*at) - (*at == NPKI_MOVE_END);
    }
    return items;
}

#define NAMES(module, name)                                                                                            \
    {                                                                                                                  \
        (module), sizeof(module) - 1, (name), sizeof(name) - 1                                                         \
    }

/* What is written by its name. */
static const npki_global_name names[NPKI_MOVES] = {
    [NPKI_MOVE_NEWOBJ] = NAMES("copyreg", "__newobj__"),
    [NPKI_MOVE_PARTIAL] = NAMES("functools", "partial"),
    [NPKI_MOVE_GETATTR] = NAMES("builtins", "getattr"),
    [NPKI_MOVE_RANDOMSTATE] = NAMES("numpy.random", "__RandomState_ctor"),
};

static void write_new(npk_writer *w, npki_spelled *spelled)
{
    uint64_t key = npki_key(NPKI_IS_NEW_OF, (uint64_t)(uintptr_t)spelled->values[0]);
    if (npki_write_known(w, key))
        spelled->next += MOVES_OF_NEW;
    else
        begin_call(w, NPKI_NUMBER_ALWAYS, key);
}

static void write_native(npk_writer *w, const npk_value *value)
{
    const char *text;
    size_t size;
    if (npki_text_of(value, &text, &size))
        npki_write_native_str(w, text, size, 0, NPKI_NUMBER_ALWAYS);
}

/* What belongs to no document. */
static void write_move(npk_writer *w, npki_spelled *spelled, const npki_move *at)
{
    if (names[*at].module != NULL)
        npki_write_global_size(w, names[*at].module, names[*at].module_size, names[*at].name, names[*at].name_size);
    else if (*at == NPKI_MOVE_DUNDER_NEW)
        npki_write_native_str(w, "__new__", 7, 0, NPKI_NUMBER_ALWAYS);
    else if (*at == NPKI_MOVE_NONE)
        npk_write_none(w);
    else if (*at == NPKI_MOVE_CHECKSUM)
        npk_write_int(w, NPKI_OLD_CHECKSUM);
    else if (*at == NPKI_MOVE_NO_CHECKSUM)
        npk_write_int(w, NPKI_OLD_CHECKSUM_OF_NONE);
    else if (*at == NPKI_MOVE_NATIVE0 || *at == NPKI_MOVE_NATIVE1)
        write_native(w, spelled->values[*at - NPKI_MOVE_NATIVE0]);
    else if (*at == NPKI_MOVE_CALL)
        begin_call(w, NPKI_NUMBER_ALWAYS, 0);
    else if (*at == NPKI_MOVE_NEW)
        write_new(w, spelled);
    else if (*at == NPKI_MOVE_TUPLE)
        npki_begin(w, NPK_KIND_TUPLE, items_of_tuple(spelled, at + 1), NPKI_NUMBER_IF_HELD);
    else if (*at == NPKI_MOVE_END)
        npki_end(w);
}

const npk_value *npki_next_part(npk_writer *w, const npki_object *call, npki_spelled *spelled)
{
    if (spelled->moves == NULL) {
        bool parts = spelled->next < npki_parts_of(call, spelled->row);
        return parts ? npki_part_of(call, spelled->row, spelled->next++) : NULL;
    }
    npki_numbered numbered = w->numbered;
    const npk_value *part = NULL;
    if (w->memo_policy != NPK_MEMO_MINIMAL)
        w->numbered = npki_numbered_of(w); /* what no document has: as a pickler puts it */
    while (part == NULL && w->error.status == NPK_OK && spelled->moves[spelled->next] != NPKI_MOVE_DONE) {
        const npki_move *at = &spelled->moves[spelled->next];
        if (*at == NPKI_MOVE_EACH && spelled->item < npki_count_of(spelled->each)) {
            part = npki_item_of(spelled->each, spelled->item++);
            continue;
        }
        spelled->item = 0;
        spelled->next++;
        if (*at >= NPKI_MOVE_VALUE0)
            part = spelled->values[*at - NPKI_MOVE_VALUE0];
        else
            write_move(w, spelled, at);
    }
    w->numbered = numbered;
    return part;
}
