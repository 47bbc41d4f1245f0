/* Calls at a protocol that does not have their opcode: as CPython spells them there, by a call that does the same.
 * CPython: Lib/pickle.py save_reduce(), functools.partial.__reduce__(). */
#include "writer/graph/graph.h"

enum { NPKI_IS_NEW_OF = NPKI_KEYS_OF_GRAPH + 1 }; /* the __new__ of a class, by its address */

/* What of a spelling comes next. */
typedef enum move {
    DONE,
    CLASS,
    EACH, /* of the arguments */
    KEYWORDS,
    NEWOBJ,  /* copyreg.__newobj__ */
    PARTIAL, /* functools.partial */
    GETATTR,
    NAME, /* "__new__" */
    NONE,
    CALL,  /* of the next two parts */
    TUPLE, /* of what follows, to the END */
    NEW,   /* a call, or where it was written before, its object again, and on after its END */
    END
} move;

/* cls.__new__(cls, *args): a function that does it. */
static const move by_newobj[] = {NEWOBJ, TUPLE, CLASS, EACH, END, DONE};

#define NEW_OF_CLASS NEW, GETATTR, TUPLE, CLASS, NAME, END, END
enum { MOVES_OF_NEW = 6 }; /* after NEW */

/* cls.__new__(cls, *args, **kwargs): a partial, which is made of the function and gets the rest as its state, is called
 * without anything. */
static const move by_partial[] = {CALL, PARTIAL, TUPLE,    NEW_OF_CLASS, END, TUPLE, NEW_OF_CLASS, TUPLE, CLASS,
                                  EACH, END,     KEYWORDS, NONE,         END, END,   TUPLE,        END,   DONE};

static const move *const moves_of[] = {[NPKI_BY_NEWOBJ] = by_newobj, [NPKI_BY_PARTIAL] = by_partial};

/* How an opcode is spelled where the protocol is below its own, without keywords and with some; by the highest protocol
 * first. */
static const struct {
    enum npki_opcode_row opcode, becomes;
    npki_spelling plain, with_keywords;
} spellings[] = {
    {NPKI_ROW_NEWOBJ_EX, NPKI_ROW_NEWOBJ, NPKI_BY_OPCODE, NPKI_BY_NOTHING},
    {NPKI_ROW_NEWOBJ_EX, NPKI_ROW_REDUCE, NPKI_BY_NEWOBJ, NPKI_BY_PARTIAL},
    {NPKI_ROW_NEWOBJ, NPKI_ROW_REDUCE, NPKI_BY_NEWOBJ, NPKI_BY_NOTHING},
    {NPKI_ROW_OBJ, NPKI_ROW_INST, NPKI_BY_OPCODE, NPKI_BY_NOTHING},
};

npki_spelled npki_spell(const npk_writer *w, const npki_object *call)
{
    const npk_opcode *row = npk_opcode_row(call->opcode);
    bool keywords = call->kwargs != NULL && npki_count_of(call->kwargs) > 0;
    bool too_high = row->protocol > w->protocol && w->opcodes == NPKI_OPCODES_OF_PROTOCOL;
    for (size_t i = 0; too_high && i < sizeof spellings / sizeof *spellings; i++) {
        npki_spelling how = keywords ? spellings[i].with_keywords : spellings[i].plain;
        const npk_opcode *becomes = &npki_opcodes[spellings[i].becomes];
        bool named = becomes->action != NPKI_DO_INST || call->callable->kind == NPK_KIND_GLOBAL;
        if (&npki_opcodes[spellings[i].opcode] == row && how != NPKI_BY_NOTHING && named &&
            w->protocol >= becomes->protocol)
            return (npki_spelled){.how = how, .row = becomes};
    }
    return (npki_spelled){.how = NPKI_BY_OPCODE, .row = row};
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

static bool opens(move at)
{
    return at == CALL || at == NEW || at == TUPLE;
}

/* Of the tuple whose moves begin here. */
static int64_t items_of_tuple(const npki_object *call, const move *at)
{
    int64_t items = 0;
    for (int depth = 0; *at != END || depth > 0; at++) {
        if (depth == 0)
            items += *at == EACH ? (int64_t)npki_count_of(call->args) : 1;
        depth += opens(*at) - (*at == END);
    }
    return items;
}

static void write_name(npk_writer *w, const char *module, size_t module_size, const char *name, size_t name_size)
{
    npki_write_global_size(w, module, module_size, name, name_size);
}

#define WRITE_NAME(module, name) write_name(w, module, sizeof module - 1, name, sizeof name - 1)

/* What belongs to no document. */
static void write_move(npk_writer *w, const npki_object *call, npki_spelled *spelled, const move *at)
{
    uint64_t key = npki_key(NPKI_IS_NEW_OF, (uint64_t)(uintptr_t)call->callable);
    switch (*at) {
    case NEWOBJ:
        WRITE_NAME("copyreg", "__newobj__");
        break;
    case PARTIAL:
        WRITE_NAME("functools", "partial");
        break;
    case GETATTR:
        WRITE_NAME("builtins", "getattr");
        break;
    case NAME:
        npki_write_native_str(w, "__new__", 7, 0, NPKI_NUMBER_ALWAYS);
        break;
    case NONE:
        npk_write_none(w);
        break;
    case CALL:
        begin_call(w, NPKI_NUMBER_ALWAYS, 0);
        break;
    case NEW:
        if (npki_write_known(w, key))
            spelled->next += MOVES_OF_NEW;
        else
            begin_call(w, NPKI_NUMBER_ALWAYS, key);
        break;
    case TUPLE:
        npki_begin(w, NPK_KIND_TUPLE, items_of_tuple(call, at + 1), NPKI_NUMBER_IF_HELD);
        break;
    case END:
        npki_end(w);
        break;
    case DONE:
    case CLASS:
    case EACH:
    case KEYWORDS:
        break;
    }
}

const npk_value *npki_next_part(npk_writer *w, const npki_object *call, npki_spelled *spelled)
{
    if (spelled->how == NPKI_BY_OPCODE) {
        bool parts = spelled->next < npki_parts_of(call, spelled->row);
        return parts ? npki_part_of(call, spelled->row, spelled->next++) : NULL;
    }
    npki_numbered numbered = w->numbered;
    const npk_value *part = NULL;
    w->numbered = npki_numbered_of(w); /* what no document has: as a pickler puts it */
    while (part == NULL && w->error.status == NPK_OK) {
        const move *at = &moves_of[spelled->how][spelled->next];
        if (*at == DONE)
            break;
        if (*at == EACH && spelled->item < npki_count_of(call->args)) {
            part = npki_item_of(call->args, spelled->item++);
            continue;
        }
        spelled->item = 0;
        spelled->next++;
        part = *at == CLASS ? call->callable : *at == KEYWORDS ? call->kwargs : NULL;
        write_move(w, call, spelled, at);
    }
    w->numbered = numbered;
    return part;
}
