/* The inside of a writer, and its life. */
#ifndef NPKI_WRITER_CORE_WRITER_H
#define NPKI_WRITER_CORE_WRITER_H

#include "base/dynbuf.h"
#include "base/map.h"
#include "globals/has.h"
#include "opcode/opcode.h"
#include "value/kind.h"
#include "value/origin.h"
#include "writer/core/dialect.h"

#include <npickle/writer.h>

/* Whether an object gets a number in the memo where not all do: cPickle of Python 2 numbers what something else holds
 * too, a graph has what its pickle had. */
typedef enum npki_number_when { NPKI_NUMBER_IF_HELD, NPKI_NUMBER_ALWAYS } npki_number_when;

static inline npki_number_when npki_number_always_if(bool always)
{
    return always ? NPKI_NUMBER_ALWAYS : NPKI_NUMBER_IF_HELD;
}

/* What gets a number in the memo. */
typedef enum npki_numbered {
    NPKI_NUMBERED_ALL,
    NPKI_NUMBERED_HELD,  /* NPKI_NUMBER_ALWAYS, or held: Python 2's cPickle */
    NPKI_NUMBERED_ALWAYS /* NPKI_NUMBER_ALWAYS and nothing else */
} npki_numbered;

/* What opcodes calls may have: those of the protocol; or, for a comparison with what was read, those that they had,
 * which in a pickle without PROTO may be of a higher one. */
typedef enum npki_opcodes_of { NPKI_OPCODES_OF_PROTOCOL, NPKI_OPCODES_AS_READ } npki_opcodes_of;

/* What is told of an error: all of it; or its status and no more, where nobody reads it and there may be many. */
typedef enum npki_errors_say { NPKI_ERRORS_SAY_ALL, NPKI_ERRORS_SAY_STATUS } npki_errors_say;

/* Elements in the state of an array, where the caller takes payloads out of band. */
typedef enum npki_states_are { NPKI_STATES_MAY_GO_OUT, NPKI_STATES_STAY } npki_states_are;

/* A container, or a call whose parts are written like items. As small as it goes: all of it is set for each. */
typedef struct npki_container {
    npk_kind kind;           /* LIST, TUPLE, DICT, SET, FROZENSET; OBJECT: callable, arguments, perhaps states */
    npki_number_when number; /* for npki_put */
    int64_t count;           /* as promised, in items (a pair has two); NPK_UNKNOWN */
    int64_t items;           /* written */
    int64_t memo;            /* its number, or NPK_UNKNOWN */
    uint64_t key;            /* who it is, see npki_key; 0: nobody */
    int64_t outer;           /* of_run: so many items more may follow it */
    uint64_t mark;           /* an offset of the output */
    const npk_opcode *call;  /* OBJECT: REDUCE, NEWOBJ ...; NULL: the caller writes it */
    int64_t parts;           /* OBJECT: items before the call; states follow it */
    int also_ends;           /* containers around it that end with it */
    /* of what INST makes: NPKI_FROM_GLOBAL and the protocol, if a document is to know what the name of its class
     * means */
    npki_origin named;
    bool marked;      /* a MARK waits for its batch to end */
    bool pending;     /* a MARK may have to go in at `mark` */
    bool added;       /* LIST, DICT: the items of an object, not a container of their own */
    bool one_write;   /* OBJECT: one npk_write_* makes it, as it does an array: its parts are nobody's business */
    bool from_graph;  /* npk_write_value began it */
    bool at_once;     /* LIST, DICT: all of a batch, as long as it is, by one opcode */
    bool of_set;      /* LIST: what a set is made of, where that is a call */
    bool unhashable;  /* can't be a key: as it is, or as one of its items is */
    bool holds_tuple; /* OBJECT, without a call: its one part is a tuple */
    /* OBJECT, TUPLE: of a call that is dropped: a pickler gives neither it nor its arguments a number */
    bool dropped;
    bool setter;    /* ... which gives a state to what it is dropped over: f(value, state) */
    bool loose;     /* of a tuple or a call: a part was made by a call, and has no number to be found by */
    bool own_parts; /* of a call, in whose arguments its object is made by another: that one has parts of its own */
    bool again;     /* OBJECT: it was made inside its own arguments, and out of the memo after them */
    bool once;      /* ... and then is not called once more: its parts are dropped */
    bool of_run;    /* it is an item of a run: core/run.h */
} npki_container;

/* What is written in parts, the bytes of an array: until it has ended, nothing else can be written. */
typedef struct npki_payload {
    void (*end)(npk_writer *w, struct npki_payload *payload); /* frees it too */
    void (*free)(npk_writer *w, struct npki_payload *payload);
} npki_payload;

/* What depends on who made the writer. */
typedef struct npki_writer_hooks {
    /* npk_write_value, for layers below it: dtypes have values as metadata, arrays have them as items. */
    npk_status (*write_value)(npk_writer *w, const npk_value *value);

    /* The rest is of a writer whose output becomes a document; else NULL. */
    bool (*reference)(npk_writer *w, const npk_value *value); /* one of the document being edited: true, and written */
    void (*buffer)(npk_writer *w, const npk_buffer *buffer);  /* went out of band: the document borrows it */
    void (*made)(npk_writer *w, int64_t number, npki_origin by); /* the object that this number was given to */
    void (*numbered)(npk_writer *w, int64_t number);             /* npk_writer_last gave this number out */
    void (*free)(npk_writer *w);
} npki_writer_hooks;

/* What can be left out, and all else loads: left_out.c has a row for each. */
typedef enum npki_left_out {
    NPKI_LEFT_OUT_NOTHING,
    NPKI_LEFT_OUT_SEEDS,
    NPKI_LEFT_OUT_ALIGNED,
    NPKI_LEFT_OUT_AXES
} npki_left_out;

typedef enum npki_sink_has { NPKI_SINK_HAS_PART, NPKI_SINK_HAS_ALL } npki_sink_has;

/* Steps of a budget, in proportion to what they take: coming to a value; a container that is begun, or a pair of names,
 * beside that; a container in a run, and a simple value in one; a value that is looked at for an error. */
enum {
    NPKI_STEPS_OF_VALUE = 8,
    NPKI_STEPS_OF_CONTAINER = 8,
    NPKI_STEPS_OF_NAMES = 16,
    NPKI_STEPS_OF_EVEN = 4,
    NPKI_STEPS_OF_SIMPLE = 1,
    NPKI_STEPS_OF_SEARCH = 4
};

/* What npk_write_value may write, and has written: graph/write.c. */
typedef struct npki_spending {
    const npk_value *root; /* that is being written, the outermost; or NULL */
    uint64_t start;        /* where in the output it begins */
    uint64_t extra;        /* for work that adds few bytes */
    uint64_t left, most;   /* before it; UINT64_MAX: no bound */
    /* what may be added to `left` as long as the root was not measured: each place in a container is worth a byte */
    uint64_t earned;
    bool measured;         /* `left` has what the root is worth, or is not to have it */
    uint64_t worth;        /* of all roots, where the caller knows it: npki_worth_of; 0: it is worked out ... */
    uint64_t found;        /* ... and was, for the last root */
    uint64_t steps, most_steps; /* taken for this root, and what the budget lets it take; UINT64_MAX: no bound */
} npki_spending;

/* What a pickle ends with. */
typedef enum npki_ends { NPKI_ENDS_WITH_STOP, NPKI_ENDS_WITH_FRAME, NPKI_ENDS_WITH_INPUT } npki_ends;

struct npk_writer {
    npk_allocator allocator;
    npk_limits limits;
    int protocol;
    const npki_python_row *python;
    const npki_numpy_row *numpy;
    unsigned came_to; /* NPKI_CAME_TO_*, of all pickles */
    npki_writes protocol_names;
    npki_opcodes_of opcodes;
    npki_states_are states;
    npk_error error; /* the first; status NPK_OK before it */
    npki_errors_say say; /* what is in it */
    bool refused_alike;  /* whoever writes all before it alike refuses it too, at this protocol */
    const npki_writer_hooks *hooks;
    void *hooks_context;

    npk_write_function *write; /* NULL: the bytes stay in `out` */
    void *context;
    int fd;
    /* Closes the sink of npk_writer_open and its like. Where not all was written, *error says why, and gets what is
     * known of the sink. NULL: the caller does. */
    npk_status (*close)(void *context, npki_sink_has has, npk_error *error);
    npk_buffer_function *buffer; /* takes payloads out of band; NULL: they go in */
    void *buffer_context;
    npki_payload *payload; /* that is being written in parts, or NULL */
    npki_dynbuf out;       /* what has not been written yet */
    void *ways;            /* memory for the stops of the next walk over a graph: graph/write.c */
    size_t ways_room;      /* bytes of it */
    uint64_t written;      /* bytes that have */
    bool framing;          /* protocol 4 and up; off for payloads outside frames */
    bool in_frame;
    size_t frame_start; /* of its nine bytes, in `out` */
    uint64_t (*frame_length)(
        void *context,
        uint64_t offset); /* of a whole frame that begins there, for the comparison with a pickle; or NULL */
    const uint8_t *beside; /* the pickle that what is written is compared with; or NULL */
    size_t beside_size;
    bool promised;        /* ... and such a one is being written */
    uint64_t frame_end;   /* where it has to end; if not, the error is NPK_ERR_IO without words */

    npki_map memo; /* key -> number in the memo */
    int64_t next_memo;
    uint64_t memo_changes;  /* keys that got another number, or none */
    npki_dynbuf ready;      /* arrays that the next ones may be like: numpy/ready.c */
    npki_dynbuf unhashable; /* a bit for each number of the memo: its object can't be a key */
    uint64_t unhashable_room; /* bytes that these may have */
    npki_map far_unhashable;  /* the same of numbers that lie further apart, by 64 of them */
    bool last_unhashable;     /* of the value written last */
    bool last_loose;        /* it was made by a call, and has no number */
    bool tuple_next;        /* what comes next may be the arguments of a call */
    bool dict_next;         /* ... or its keywords */
    bool any_next;          /* ... of the graph: it is of any kind for Python, however it is written */
    bool uncallable_next;   /* it is nothing that may be called */
    bool keep_padding;
    uint64_t elements; /* bytes of arrays, and the work that finding padding in their items took: dtype/mask.h */
    uint64_t mask_work;
    npk_memo_policy memo_policy;
    npk_memo_scope memo_scope;
    npki_numbered numbered; /* what gets a number */
    npki_numbered graph_numbered; /* ... of the values of a document: ALWAYS, which is as their pickle had it */
    bool from_graph;        /* npk_write_value is at work */
    uint64_t base;          /* where in its file the output begins, as far as that is known */
    bool is_proof;          /* of a document that was edited: edit/prove.c */
    bool is_inner;          /* its pickle stands in the middle of another */
    npki_ends ends, behind; /* of its pickle, as that ended which it was read from; of the one before */
    bool alone;             /* ... and the pickle is to hold nothing but its value, and no later one shares its memo */
    bool quick;             /* runs are possible at all: core/run.h */
    int64_t run;            /* so many items may follow as simply as the last one; 0: npki_before is to be asked */
    size_t run_until;       /* ... as long as `out` has fewer bytes than this: npki_run_look */
    int64_t *run_items;     /* ... and are counted there, if `run` is not 0 */
    bool held;              /* something else than the writer's caller holds the value at hand: see npki_before */
    uint64_t unnumbered;    /* an object that could have a number, and has none, ends at this offset */
    bool kept_alive;     /* python->keeps_alive: it has taken its number ... */
    bool may_keep_alive; /* ... or may have, since the last one was given out */
    bool may_repeat;     /* the number given out last is that of a call, which the next one may get again: memo.c */
    bool no_persids;     /* who loads it has nothing to load them with: they are refused */
    bool translate_names;
    npk_rename_function *rename; /* asked for names of documents; NULL: nobody is */
    void *rename_context;
    npk_unloadable unloadable;
    npki_target target;       /* that names are translated for */
    const npk_value *to_number; /* of the graph: it gets a number in any case */
    const npk_value *part;      /* ... and so does this: a part of a document that is written alone, or NULL */
    const npk_value *refused; /* of the graph: the one that can't be written, or that the target does not have */
    npki_left_out left_out;   /* the first thing */
    char left_out_at[sizeof(
        ((npk_error *)NULL)->message)]; /* ... and where, as npk_writer_left_out() says it; empty: nowhere in a graph */
    npk_python2_str python2_str;
    npk_python2_str_function *python2_str_of;
    void *python2_str_context;
    int64_t last;             /* number of the object written last */
    uint64_t apart;           /* an offset at which no GET may begin, or 0 */
    npk_budget *budget;       /* npk_write_options.budget */
    npki_spending spending;
    uint64_t watch;           /* an offset of the output, with which it ends; or 0 */
    const npk_value *watched; /* of the graph: the value that the byte there is part of */

    npki_container *containers;
    size_t depth, room;
    int64_t roots;                           /* values written at the top: one */
};

/* `protocol` is one that this Python has. */
npk_status npki_writer_new(const npki_python_row *python, const npki_numpy_row *numpy, int protocol,
                           const npk_write_options *options, const npki_writer_hooks *hooks, npk_writer **out,
                           npk_error *error);

/* The writer becomes what npki_writer_new would make with these, its allocator and its hooks, which are those of bytes:
 * what it had is gone, but for its memory, and it has bytes in memory. */
void npki_writer_renew(npk_writer *w, const npki_python_row *python, const npki_numpy_row *numpy, int protocol,
                       const npk_write_options *options);

/* Ends the pickle, and begins another one behind it. */
void npki_writer_more(npk_writer *w);

/* STOP, if the pickle is whole. */
npk_status npki_writer_end(npk_writer *w, npk_error *error);

#endif
