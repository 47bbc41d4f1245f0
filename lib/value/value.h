/* The inside of a value. */
#ifndef NPKI_VALUE_VALUE_H
#define NPKI_VALUE_VALUE_H

#include "base/arena.h"
#include "globals/global.h"
#include "globals/rename.h"
#include "value/kind.h"

#include <npickle/opcode.h>
#include <npickle/value.h>

/* Bits of npk_value.flags */
enum {
    NPKI_IS_LONG = 1,         /* INT: u.text is its two's complement; else u.integer */
    NPKI_IS_VIEW = 1,         /* BUFFER: an npki_view */
    NPKI_IS_ADDED = 1,        /* LIST, DICT: what was added to an object, no value of its own */
    NPKI_UNHASHABLE = 2,      /* can't be the key of a dict */
    NPKI_PLACED = 4,          /* lies in a container */
    NPKI_IS_PAYLOAD = 8,      /* an array took its bytes: they stay encoded, unless shared */
    NPKI_IS_READONLY = 16,    /* BUFFER */
    NPKI_IS_ROOT = 16,        /* of a pickle; of what npki_can_have_events, but BUFFER */
    NPKI_IS_SHARED_ATOM = 32, /* has no memory of its own: None, bools, small ints */
    NPKI_IS_FROZEN = 64,      /* npki_freeze: NPKI_FREEZE_ALL */
    NPKI_IS_SHARED = 128      /* the memo or DUP gave it out */
};

/* Bits of npk_value.history: how the pickle had it, for a writer that shall give the same bytes; and how far it is
 * frozen. */
enum {
    NPKI_WAS_CALLED = 1, /* an npki_called: the call stands behind the value */
    NPKI_WAS_PUT = 2,    /* it was stored in the memo */
    NPKI_WAS_LONG = 4,   /* INT: by an opcode for ints of any size, though it is small: a long of Python 2 */
    NPKI_WAS_WRITTEN =
        8, /* no pickle had it: a builder of documents was given it, and any writer is given the same again */
    NPKI_WAS_NUMBERED = 128, /* ... and npk_writer_last gave its number out: it is to have one in the memo */
    NPKI_IS_TAKEN = 16, /* npki_freeze: NPKI_FREEZE_READ */
    NPKI_IS_SIZED = 32, /* npki_freeze: NPKI_FREEZE_COUNT */
    NPKI_IS_FORMED = 64, /* npki_freeze: NPKI_FREEZE_FORM; of what is in such a list
                          * npki_form_mark; a fill value */
};

typedef struct npki_events npki_events; /* value/event.h */

struct npk_writer;
struct npk_doc;

/* Looks at what a writer has written of a whole document, which fails it where that would be read as something else. */
typedef void npki_prove_function(struct npk_writer *w, const struct npk_doc *doc);

/* That one pickle made objects, and did more with some, in the order of the offsets that these have. */
typedef struct npki_order {
    const struct npk_value *root; /* of the document; NULL: it has come to no end yet */
    /* the document, where an edit has put something in: when that came to what has it now nothing says; or NULL */
    const struct npk_doc *edited;
    bool lost;                    /* an edit has put what was there in another place */
    bool is_fixed;                /* ... and it is kept, as something comes elsewhere than where it is made */
    npki_prove_function *prove;   /* of one that was edited */
    bool drops;                   /* ... and drops values: a proof is needed */
} npki_order;

/* Items of a container. Lists and dicts grow by moving to a longer one. */
typedef struct npki_items {
    uint64_t count;
    uint64_t room : 59;
    uint64_t spread : 3;     /* of a tuple: npki_note_spread */
    uint64_t has_events : 1; /* behind the room lies a pointer to them */
    uint64_t has_index : 1;  /* behind that, an npki_index_place: value/lookup.h */
    npk_value *at[];
} npki_items;

#define NPKI_MOST_ITEMS (UINT64_MAX >> 6)

/* Encoded text or bytes. */
typedef struct npki_encoded {
    const uint8_t *bytes;
    uint64_t size;
    uint64_t decoded; /* its plain bytes; for STR unused */
    uint64_t offset;  /* of the opcode it was read by */
    npk_value *next;  /* the doc's list of encoded values */
} npki_encoded;

typedef struct npki_global {
    const char *module;
    size_t module_size;
    const char *name;
    size_t name_size;
    npk_value *names[2];        /* module and name as values, where the pickle had them on the stack; else NULL */
    const npki_global_row *row; /* NULL: unknown */
    int protocol;               /* of the pickle: below 3 the names are those of Python 2, and none has dots */
    const npki_global_name *newest; /* that Python 3 and NumPy 2 have for it; NULL: the same */
} npki_global;

/* The mask of a masked array: bools, as the view of them has it. */
typedef struct npki_mask {
    const npk_value *bytes;
    int ndim; /* one more than the data where there are several bools an item */
    char order;
    const int64_t *shape;
    const int64_t *strides;
    const npk_value *fill; /* None, or an array of no dimensions */
} npki_mask;

/* The array that an object is: what the state says, checked. */
typedef struct npki_array_state {
    const npk_dtype *dtype;
    int ndim;
    char order;
    const int64_t *shape;
    const int64_t *strides;
    npk_value *payload;     /* BYTES, STRING, BYTEARRAY, BUFFER, STR; or a LIST of the items of a dtype with objects */
    const char *class_name; /* "numpy.ndarray", ends with NUL */
    const npki_mask *mask;  /* of a masked array, else NULL */
    /* elements that no value holds: joblib's, which follow the BUILD, array.array's out of a list; or NULL */
    const uint8_t *raw;
    uint64_t nbytes;
    bool readonly;

    /* joblib's of Python objects: what the pickle inside it made, an array, and its protocol. */
    npk_value *inner;
    int8_t inner_protocol;

    /* Where NumPy's own state lies in one that a class or a program has made of it: containers in one another, the
     * object's state or its arguments first; the last is a tuple with the items from `start` up to `end`: five, a
     * masked array's seven, or without a version four. NULL: the object's state is NumPy's own. See known/search.c. */
    npk_value *const *holders;
    uint8_t holder_count;
    uint8_t start, end;
    bool in_arguments;
    bool of_unknown; /* the object's class or call means nothing else to npickle */

    /* array.array: see npk_pyarray */
    char typecode; /* 0: it is none */
    uint8_t form, producer;
    bool assumed;
} npki_array_state;

/* Why something that is malformed was not refused but kept: npk_value_fault. */
typedef struct npki_fault {
    npk_status status;
    int opcode;
    uint64_t offset;
    const char *message;
} npki_fault;

/* What stands in a pickle between the operands of something malformed, before the one of this number: a mark, or its
 * opcode, of which there is more than one where it added something several times. */
typedef struct npki_malformed_spelling {
    struct npki_malformed_spelling *next; /* or NULL */
    size_t at;
    bool mark;
} npki_malformed_spelling;

/* What an opcode that could not be done would have made. */
typedef struct npki_malformed {
    npki_fault fault;
    const npk_opcode *row; /* STOP: all that was on the stack where the pickle ended */
    const uint8_t *raw;    /* what follows the opcode; of STOP all from where the pickle could not be read on */
    size_t raw_size;
    npk_value *argument; /* BYTES: the argument, or that of STOP, or NULL */
    npk_value *args;     /* the argument; or a TUPLE of it, if there is one, and what is taken from the stack */
    size_t count;        /* of values from the stack */
    npki_malformed_spelling *spelling, *last;
    uint8_t protocol; /* that has all of it */
    bool lacking;     /* less was there than it takes */
    bool broken;      /* STOP: there was none */
    bool framed;      /* ... and only a frame says where it ends */
    bool elements;    /* behind it are elements of an array of joblib, which are in no frame */
} npki_malformed;

/* Where in its pickle something was called; order NULL or offset 0: nobody can tell. */
typedef struct npki_called_at {
    const npki_order *order;
    uint64_t offset;
} npki_called_at;

/* What a persistent id stands for. */
typedef struct npki_outside {
    npki_called_at looked_up;
    npki_events *events; /* or NULL */
} npki_outside;

/* Whether an object is of no known kind, though npickle knows what is called. */
typedef enum npki_stays {
    NPKI_STAYS_NOT = 0,
    NPKI_STAYS_FOR_PARTS,   /* npki_has_dropped, npki_has_open_dtype: without these it would be known */
    NPKI_STAYS_FOR_OUTSIDE, /* it looks malformed, and npki_has_outside: for Python it may be right */
    NPKI_STAYS_BY_ITSELF,   /* npki_rule.or_call */
} npki_stays;

typedef struct npki_object {
    uint8_t construction; /* npk_construction */
    uint8_t opcode; /* REDUCE, NEWOBJ, NEWOBJ_EX, INST or OBJ */
    uint8_t meaning; /* npki_meaning */
    uint8_t stays_call; /* npki_stays */
    union {
        /* from `offset` to the first BUILD, if npickle does not know what the object is; else 0, and beyond 4 GiB */
        uint32_t built;
        uint32_t lowest; /* of a dtype, before it has a state: a place on the stack, see stack.c */
    };
    npk_value *callable; /* the parts, in the order of npki_slot */
    npk_value *args;
    npk_value *kwargs;
    npk_value *listitems;
    npk_value *dictitems;
    npk_value *state;
    npk_value *later;
    npki_events *events; /* where they came in another order than items, keys, states; or NULL */
    uint64_t offset;
    const npki_order *order; /* of offsets; NULL: it is one of its own, as npickle knows what the object is */
    npk_dtype *dtype;        /* meaning DTYPE, STRINGDTYPE: never NULL; else NULL */
    npki_array_state *array; /* arrays and scalars: NULL until the state came */
    const npki_fault *fault; /* NULL: nothing is wrong with it */
} npki_object;

/* Whether nothing has come to an object that was made. */
static inline bool npki_is_bare(const npki_object *object)
{
    return object->listitems == NULL && object->dictitems == NULL && object->state == NULL;
}

struct npk_value {
    uint8_t kind; /* npk_kind */
    uint8_t flags;
    uint8_t encoding; /* npk_encoding: not RAW: u.encoded */
    uint8_t history;
    uint32_t depth; /* containers inside it, itself included */
    union {
        bool boolean;
        int64_t integer;
        double real;
        double complex[2];
        struct {
            const uint8_t *bytes;
            uint64_t size;
        } text;
        npki_encoded *encoded;
        npki_items *items; /* TUPLE, LIST, DICT, SET, FROZENSET; NULL: empty */
        npki_global *global;
        npki_object *object;
        struct {
            npk_value *id;         /* PERSID, EXTENSION */
            npki_outside *outside; /* PERSID */
        };
        npki_malformed *malformed;
    } u;
};

/* A call by this opcode takes a tuple, which something else may have, too: below the opcode's protocol it has the items
 * one by one, and so it does at all where a mark stands before them. */
#define NPKI_SPREAD_ALWAYS 7
static inline void npki_note_spread(npk_value *args, const npk_opcode *row)
{
    const uint64_t below = row->to_mark ? NPKI_SPREAD_ALWAYS : (uint64_t)row->protocol & 7;
    npki_items *items = args->kind == NPK_KIND_TUPLE ? args->u.items : NULL;
    if (items != NULL && items->spread < below)
        items->spread = below & 7;
}

/* Whether a call will have the items one by one: of the opcodes that the protocol has, or of all. */
static inline bool npki_is_spread(const npk_value *tuple, int protocol, bool of_protocol)
{
    const int below = tuple->u.items == NULL ? 0 : (int)tuple->u.items->spread;
    return below == NPKI_SPREAD_ALWAYS || (of_protocol && protocol < below);
}

/* A value that a call made, and the call, should the value have become one of another kind. */
typedef struct npki_called {
    npk_value value;
    npki_object *call;
} npki_called;

/* ... as a reader makes both, in one piece of memory. */
typedef struct npki_called_object {
    npki_called called;
    npki_object object;
} npki_called_object;

/* A PERSID with what it has beside its id, likewise. */
typedef struct npki_persid {
    npk_value value;
    npki_outside outside;
} npki_persid;

/* A BUFFER that READONLY_BUFFER made of a writable one. */
typedef struct npki_view {
    npk_value value;
    npk_value *of;
} npki_view;

/* The call that made a value; NULL for what no call made. */
static inline const npki_object *npki_call_of(const npk_value *value)
{
    if ((value->history & NPKI_WAS_CALLED) == 0)
        return NULL;
    const npki_object *call = ((const npki_called *)(const void *)value)->call;
    return call->callable != NULL ? call : NULL; /* else it is there for the value's events: npki_with_events */
}

/* The value itself, also where it is its copy that has events. */
static inline const npk_value *npki_self_of(const npk_value *value)
{
    if ((value->history & NPKI_WAS_CALLED) == 0 || value->kind == NPK_KIND_OBJECT)
        return value;
    const npki_object *call = ((const npki_called *)(const void *)value)->call;
    return call->callable != NULL || call->state == NULL ? value : call->state;
}

/* Whether a value can have events: a container, an object, what a call made. */
bool npki_can_have_events(const npk_value *value);

/* A copy of a value that can have events, with the same contents. NULL where the arena ends. */
npk_value *npki_with_events(npki_arena *arena, const npk_value *value);

/* Whether there may be several ways to a value: where there are not, a walk that goes each way once comes to it once,
 * and need not remember it. What was written may be placed more than once before anything says so. */
static inline bool npki_may_be_met_again(const npk_value *value)
{
    return (value->flags & NPKI_IS_SHARED) != 0 || (value->history & NPKI_WAS_WRITTEN) != 0;
}

/* A new value of a kind, all else zero. NULL where the arena ends. */
npk_value *npki_value_new(npki_arena *arena, npk_kind kind);

/* The values that are always the same. They are never written to: every writer of a value looks at NPKI_IS_SHARED_ATOM
 * or at the kind first. */
extern const npk_value npki_small_ints[256];

static inline npk_value *npki_unchanging(const npk_value *value)
{
    union {
        const npk_value *constant;
        npk_value *value;
    } same = {value};
    return same.value;
}

static inline npk_value *npki_value_small(uint8_t value) /* an int */
{
    return npki_unchanging(&npki_small_ints[value]);
}

npk_value *npki_value_none(void);
npk_value *npki_value_bool(bool value);

/* An INT. NULL where the arena ends. */
npk_value *npki_value_int(npki_arena *arena, int64_t value);

/* Appends; false where the arena ends. */
bool npki_items_add(npki_arena *arena, npki_items **items, npk_value *const *values, size_t count);

/* The same to a container of this kind: a dict of more than NPKI_FEW_KEYS gets a place for its index. */
#define NPKI_FEW_KEYS 8
bool npki_container_add(npki_arena *arena, npk_value *container, npk_value *const *values, size_t count);

/* The events of a container, NULL for none. To set them may move the items; false where the arena ends. */
static inline npki_events *npki_items_events(const npki_items *items)
{
    return items != NULL && items->has_events ? (npki_events *)(void *)items->at[items->room] : NULL;
}

bool npki_items_set_events(npki_arena *arena, npki_items **items, npki_events *events);

/* TUPLE, LIST, DICT, SET or FROZENSET? */
static inline bool npki_is_container(const npk_value *value)
{
    return value != NULL && value->kind >= NPK_KIND_TUPLE && value->kind <= NPK_KIND_FROZENSET;
}

/* Whether a list or dict has what an object was given. */
static inline bool npki_is_added(const npk_value *value)
{
    return (value->kind == NPK_KIND_LIST || value->kind == NPK_KIND_DICT) && (value->flags & NPKI_IS_ADDED) != 0;
}

/* Whether its keys must be hashable: those of a dict, but for one that an object was given. */
static inline bool npki_has_hashed_keys(const npk_value *value)
{
    return value->kind == NPK_KIND_DICT && !npki_is_added(value);
}

/* 0 for what is none: the arguments of a call may be a value of any kind that npki_may_be_any says. */
static inline size_t npki_count_of(const npk_value *container)
{
    return !npki_is_container(container) || container->u.items == NULL ? 0 : (size_t)container->u.items->count;
}

static inline npk_value *npki_item_of(const npk_value *container, size_t index)
{
    return container->u.items->at[index];
}

/* The offset of its first BUILD, or 0. */
static inline uint64_t npki_built_at(const npki_object *object)
{
    return object->built == 0 ? 0 : object->offset + object->built;
}

static inline void npki_built(npki_object *object, uint64_t offset)
{
    object->built = offset == 0 || offset - object->offset > UINT32_MAX ? 0 : (uint32_t)(offset - object->offset);
}

/* How many states an object was given. */
static inline size_t npki_state_count(const npki_object *object)
{
    return object->state == NULL ? 0 : 1 + (object->later == NULL ? 0 : npki_count_of(object->later));
}

/* The state by its number: 0 is the first. */
static inline npk_value *npki_state_of(const npki_object *object, size_t number)
{
    return number == 0 ? object->state : npki_item_of(object->later, number - 1);
}

/* Whether nothing says of what kind the value is for Python: what a persistent id or a name stands for, what an unknown
 * call makes, which may be of a class of tuples. */
static inline bool npki_may_be_any(const npk_value *value)
{
    switch ((npk_kind)value->kind) {
    case NPK_KIND_PERSID:
    case NPK_KIND_EXTENSION:
        return true;
    case NPK_KIND_GLOBAL:
        return value->u.global->row == NULL;
    case NPK_KIND_OBJECT:
        return value->u.object->array == NULL && value->u.object->dtype == NULL;
    default:
        return false;
    }
}

/* TUPLE with this many items? */
static inline bool npki_is_tuple_of(const npk_value *value, size_t count)
{
    return value != NULL && value->kind == NPK_KIND_TUPLE && npki_count_of(value) == count;
}

/* BYTES, BYTEARRAY, STRING or BUFFER */
bool npki_is_bytes(const npk_value *value);

/* Decodes a text or bytes, for good. A long str in UTF-8 has not been checked before: if arrays are in
 * it, they check it.
 * Errors: NPK_ERR_MEMORY, NPK_ERR_LIMIT; NPK_ERR_ARGUMENT, at its opcode, for a str that is malformed. */
npk_status npki_value_decode(npki_arena *arena, npk_value *value, npk_error *error);

/* The name that Python 3 and NumPy 2 have for a global. */
npki_global_name npki_newest_name(const npki_global *global);

/* npk_value_is_global, of the newest name alone: each object that is written is asked for several. */
bool npki_is_global(const npk_value *value, const char *module, const char *name);

/* Text in either Python's str, or bytes: decoded, borrowed. False for another kind, or for one that is still
 * encoded. */
bool npki_text_of(const npk_value *value, const char **text, size_t *size);

/* A text, or bytes, that is not decoded yet. */
static inline bool npki_is_encoded(const npk_value *value)
{
    return value->kind >= NPK_KIND_STR && value->kind <= NPK_KIND_PYTHON2_STR && value->encoding != NPK_ENCODING_RAW;
}

/* Whether text in either Python's str, or bytes, is this. */
bool npki_text_is(const npk_value *value, const char *text);

#endif
