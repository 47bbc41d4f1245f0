/* The layer of a writer that takes values of documents: as their pickle had them, as they were given to a builder of
 * documents, or as another Python or NumPy would have them. */
#ifndef NPKI_WRITER_GRAPH_GRAPH_H
#define NPKI_WRITER_GRAPH_GRAPH_H

#include "base/bytes.h"
#include "value/value.h"
#include "writer/numpy/numpy.h"

#include <string.h>

/* For npki_key: a value of a document, by address; one that was written as outside of the pickle; a pair of names; a
 * name that needs no translation; the __new__ of a class; whether a str of Python 2 is UTF-8; the role of what holds
 * such; whether names and a dict of fields are of the form that NumPy gives them; whether the target's class has
 * something; which forms are told of a class. */
enum {
    NPKI_IS_VALUE = NPKI_KEYS_OF_GRAPH,
    NPKI_IS_OUTSIDE,
    NPKI_IS_LONG_NAME,
    NPKI_IS_KEPT_NAME,
    NPKI_IS_KEPT_NAMES,
    NPKI_IS_NEW_OF,
    NPKI_IS_UTF8,
    NPKI_IS_IN_ROLE,
    NPKI_IS_FORM,
    NPKI_IS_HAD,
    NPKI_IS_TOLD
};

/* --- buffer.c --- */

/* A BUFFER: outside, where the writer's caller takes it, else as bytes or as a bytearray. */
void npki_write_buffer_value(npk_writer *w, const npk_value *value, npki_number_when number);

/* Bytes of an array that could be outside: true, and written so, where the writer's caller takes them. */
bool npki_give_payload(npk_writer *w, const npk_value *value);

/* --- inline.c: arrays of joblib --- */

/* The elements behind the BUILD of a wrapper. */
void npki_write_inline(npk_writer *w, const npk_value *value);

/* What is written in the place of a value: of a wrapper that the protocol can't have the array of objects in it.
 * Whether it is a wrapper still, whose elements go into another array; and that. */
const npk_value *npki_out_of_wrapper(const npk_writer *w, const npk_value *value);
bool npki_is_unwrapped(const npk_writer *w, const npk_value *value);
void npki_write_unwrapped(npk_writer *w, const npk_value *value);

/* --- spend.c: what is written of a graph, against what was read for it --- */

/* A value is begun: true for one that is not part of another, which ends with npki_end_spending. */
bool npki_begin_spending(npk_writer *w, const npk_value *root);
void npki_end_spending(npk_writer *w);

/* Fails where more was written than there may be. `at_hand`: what the error is to name, or NULL. */
void npki_check_spending(npk_writer *w, const npk_value *at_hand);

/* A value was come to: steps of the budget, and an error where that has no more. */
void npki_take_step(npk_writer *w, const npk_value *at_hand);

/* Steps that are taken for an error, when the root has been written. */
void npki_take_steps_after(npk_writer *w, uint64_t values);

/* Whether so many bytes more are sure not to be too many; and up to which offset what is written is (0: not so far). */
bool npki_may_spend(npk_writer *w, uint64_t bytes);
uint64_t npki_may_spend_until(npk_writer *w, uint64_t bytes);

/* So many places in containers were written, each in fewer bytes than it is worth; npki_worth_of need not be asked for
 * them. */
static inline void npki_earn(npk_writer *w, uint64_t places)
{
    w->spending.earned = npki_add_saturated(w->spending.earned, npki_mul_saturated(places, NPK_OUTPUT_PER_BYTE));
}

/* --- earlier.c --- */

/* The writer of this document alone stands where the pickle did: after those whose memo it shares, at its offset. */
void npki_stand_behind_earlier(npk_writer *w, const npk_doc *doc);

/* --- atom.c: values without parts, and the numbers of all --- */

/* Who a value is, for the memo; whether its pickle gave it a number, or something refers to it; and its PUT. */
uint64_t npki_value_key(const npk_writer *w, const npk_value *value);
npki_number_when npki_value_number(const npk_writer *w, const npk_value *value);
static inline bool npki_is_referred_to(const npk_writer *w, const npk_value *value)
{
    return (value->flags & NPKI_IS_SHARED) != 0 || value == w->to_number || value == w->part;
}
void npki_put_value(npk_writer *w, const npk_value *value);

/* Everything that has no parts but a GLOBAL. True if it was one of these. */
bool npki_write_atom(npk_writer *w, const npk_value *value);
void npki_write_global_value(npk_writer *w, const npk_value *value);

/* A GLOBAL by a name that is not that of the document. */
void npki_write_named(npk_writer *w, const npk_value *value, npki_global_name name);

/* --- text.c --- */

/* A str, bytes, bytearray or Python 2's str, in its own right: no GET, the PUT is the caller's. */
void npki_write_text_value(npk_writer *w, const npk_value *value);

/* --- replay.c: values that a builder of documents was given --- */

/* By the npk_write_* that they were given by; false for those that a graph's walk writes the same way. */
bool npki_replay(npk_writer *w, const npk_value *value, npki_number_when number);

/* Whether such a call has the memo of Python 2's cPickle number the value in any case. */
npki_number_when npki_number_replayed(const npk_value *value);

/* --- translate.c: names, for another Python or NumPy --- */

/* How the options and the dialect name a global of a document; true if that is another name than the document's. */
bool npki_translate(npk_writer *w, const npk_value *value, npki_global_name *out);

/* A global by its name in Python 3, whichever its pickle has. */
npki_global_name npki_newer_name(const npk_value *value);

/* An error: what the target does not have, at the value of the document. */
void npki_refuse(npk_writer *w, const npk_value *value, npki_global_name name, const npki_lack *why);

/* Says in the writer's error where in the graph that is: it, or what lies around it, the nearest last. */
#define NPKI_AROUND ((size_t)16)
typedef struct npki_around {
    const npk_value *values[NPKI_AROUND];
    size_t count;
} npki_around;
void npki_place_refused(npk_writer *w, const npk_value *root, const npki_around *around);

/* The same of what was left out. */
void npki_place_left(npk_writer *w, const npk_value *root, const npki_around *around);

/* Whether `value`, which a call makes, is written by a name: a class inside another, as getattr() of it, that the
 * options give another name; a ufunc of NumPy. *out may lie in `room`. */
#define NPKI_LONGEST_NESTED ((size_t)512)
bool npki_is_named(npk_writer *w, const npk_value *value, char room[NPKI_LONGEST_NESTED], npki_global_name *out);

/* --- python2.c: strings of Python 2 --- */

/* What the strings in a container are: what the program's author meant by them (OWN), NumPy's names (TEXT), its
 * elements (BYTES); of the dict that is an object's state the keys are names of attributes, which are text. */
typedef enum npki_role {
    NPKI_ROLE_OWN,
    NPKI_ROLE_TEXT,
    NPKI_ROLE_BYTES,
    NPKI_ROLE_ATTRIBUTES,
    NPKI_ROLE_HOLDER, /* what holds the state of an array, and what a class or a program has beside it */
    NPKI_ROLE_OWNED,     /* (object, name) of getattr */
    NPKI_ROLE_UNDECODED, /* (encoding, bytes, start, end, reason) of a UnicodeDecodeError */
    NPKI_ROLE_PYARRAY /* a typecode, which is text, and elements */
} npki_role;

/* The role of `value`, a container or string: `index` is which part of a call it is, an npki_slot, or (`parent` not
 * NULL) which item of a container of a role inside the arguments or the state of the call, which then only HOLDER
 * needs. */
npki_role npki_role_below(const npki_object *call, npki_role role, const npk_value *parent, size_t index,
                          const npk_value *value);

/* What the caller wants of a str of Python 2, and whether it does not stay what it is. */
npk_python2_str npki_wanted_python2_str(const npk_writer *w, const npk_value *value);
bool npki_changes_python2_str(const npk_writer *w, const npk_value *value);

/* What a string in this role becomes in Python 3: its kind, and the encoding of its text, UTF-8 or latin-1. */
typedef struct npki_newer_string {
    npk_kind kind;
    bool utf8;
} npki_newer_string;
npki_newer_string npki_newer_string_of(npk_writer *w, npki_role role, const npk_value *value, const uint8_t *bytes,
                                       size_t size);

/* A str of Python 2 as text or bytes of Python 3. `key`: of the value. */
void npki_write_python2_str(npk_writer *w, const npk_value *value, npki_role role, uint64_t key,
                            npki_number_when number);

/* --- pyarray.c --- */

/* Whether a value is an array.array that the writer's Python would not write, or not load, as its pickle has it; and
 * that, as it would write it. */
bool npki_pyarray_differs(const npk_writer *w, const npk_value *value);
void npki_translate_pyarray(npk_writer *w, const npk_value *value);

/* Whether a value is an array whose elements are a buffer, and the target would warn of it or not load it; and that,
 * with its elements in a state. */
bool npki_buffer_differs(npk_writer *w, const npk_value *value);
void npki_translate_buffer(npk_writer *w, const npk_value *value);

/* --- state.c: states of dtypes --- */

/* Whether an item of the state of `call`, a dtype (`inner` NULL: of the state itself; else of a tuple in it), is one
 * that other releases of NumPy have otherwise; if so, it is written. */
bool npki_translate_state(npk_writer *w, const npki_object *call, const npk_value *inner, size_t index,
                          const npk_value *value);

/* Before a state of an object: an error where it would be written so, and is one that something else has, too; and
 * where it has names that the target does not take. */
void npki_check_state(npk_writer *w, const npk_value *value, const npk_value *state);

/* --- call.c: the calls that made a value --- */

/* The parts of a call in the order in which a pickle has them: callable, arguments, keywords. INST and OBJ take what
 * they need from above a mark: OBJ its class, both the arguments one by one. */
size_t npki_parts_of(const npki_object *call, const npk_opcode *row);
const npk_value *npki_part_of(const npki_object *call, const npk_opcode *row, size_t index);

/* --- spell.c, remake.c: calls that are not written by their own opcode with their own parts --- */

/* A step of writing a call in another way. */
typedef enum npki_move {
    NPKI_MOVE_DONE,
    NPKI_MOVE_EACH,    /* the items of `each` */
    NPKI_MOVE_NEWOBJ,  /* copyreg.__newobj__ */
    NPKI_MOVE_PARTIAL, /* functools.partial */
    NPKI_MOVE_GETATTR,
    NPKI_MOVE_RANDOMSTATE, /* numpy.random.__RandomState_ctor */
    NPKI_MOVE_DUNDER_NEW,  /* "__new__" */
    NPKI_MOVE_NONE,
    NPKI_MOVE_CHECKSUM, /* an int */
    NPKI_MOVE_NO_CHECKSUM,
    NPKI_MOVE_NATIVE0, /* value 0 or 1, a str, as a str of the writer's Python */
    NPKI_MOVE_NATIVE1,
    NPKI_MOVE_CALL,     /* of the next two parts */
    NPKI_MOVE_TUPLE,    /* of what follows, to the END */
    NPKI_MOVE_NEW,      /* a call, or where it was written before, its object again, and on after its END */
    NPKI_MOVE_END,
    NPKI_MOVE_VALUE0, /* and so on: a value of the document */
    NPKI_MOVE_VALUE1,
    NPKI_MOVE_VALUE2,
    NPKI_MOVE_VALUE3,
    NPKI_MOVE_VALUE4,
    NPKI_MOVES
} npki_move;

/* How SeedSequence names its state before NumPy 1.26, and what all after it take too. */
#define NPKI_OLD_CHECKSUM 0xf88304a
#define NPKI_OLD_CHECKSUM_OF_NONE 0xd41d8cd /* SeedlessSeedSequence, which has no state */

typedef struct npki_spelled {
    const npk_opcode *row; /* that makes the call */
    const npki_move *moves; /* NULL: by its own parts */
    const npk_value *each;
    const npk_value *values[5];
    size_t next, item; /* how far it is written */
    bool whole;        /* the moves write the state too */
    bool remade;       /* as the target makes it, which may be before or after what its parts call */
} npki_spelled;

/* How a call is spelled at the writer's protocol and for its target, from its beginning. Where the protocol has no way
 * it is by the opcode, which can't be written. */
npki_spelled npki_spell(npk_writer *w, const npk_value *value, const npki_object *call);

/* Whether the target is to make it in another way; then *out. */
bool npki_remake(npk_writer *w, const npki_object *call, npki_spelled *out);

/* An argument of a call; NULL: it has not so many, or they are no tuple. */
static inline const npk_value *npki_arg(const npki_object *call, size_t index)
{
    bool there = call->args->kind == NPK_KIND_TUPLE && index < npki_count_of(call->args);
    return there ? npki_item_of(call->args, index) : NULL;
}

/* made.c: false where no Python and no NumPy has such a call, and such a state, for what they make of it. */
bool npki_is_made_as_is_usual(npk_writer *w, const npk_value *value, const npki_object *call);

/* Whether the name that _ufunc_reconstruct() is given is that of a ufunc which Python 3 has none like: numpy.divide of
 * Python 2 rounds ints down. That of Python 3 was pickled as "true_divide" as long as such calls were. */
static inline bool npki_is_divide_of_python2(const char *name, size_t size)
{
    static const char divide[] = "divide";
    return size == sizeof divide - 1 && memcmp(name, divide, size) == 0;
}

/* Whether the graph may be what this very release has pickled, beside the pickle: then all is made as it is there, and
 * npki_numpys_of() says whether that is how the release makes it. */
static inline bool npki_is_as_written(const npk_writer *w)
{
    const npki_release *first = w->target.first, *last = w->target.last;
    return w->beside != NULL && first[NPKI_OF_PYTHON] == last[NPKI_OF_PYTHON] &&
           first[NPKI_OF_NUMPY] == last[NPKI_OF_NUMPY];
}

/* The NumPys that make an object by such a call; NPKI_EVER: all before, or all after. */
typedef struct npki_made_by {
    npki_release first, last;
} npki_made_by;

npki_made_by npki_numpys_of(const npki_object *call);

/* Whether calls of it may tell anything of that. */
bool npki_is_made_by_release(const npk_value *global);

/* form.c: (attributes, slots), as object.__reduce_ex__ gives it: each a dict or None. */
bool npki_is_pair_of_attributes(const npk_value *state);

/* --- member.c: what a class of Python's library has --- */

/* The class that a call makes an object of by its __new__, or by object's (*by_object); NULL: it does neither. */
const npk_value *npki_class_of(const npki_object *call, bool *by_object);

/* Whether the class by this name in the target has "Class.WHAT" of lib/globals/library.def; what a function makes,
 * "Function.WHAT". */
bool npki_name_has(const npk_writer *w, npki_global_name name, const char *what, size_t size, npki_lack *why);

/* An error: the target's Python has no such class, "WHAT TEXT". */
void npki_refuse_form(npk_writer *w, const npk_value *value, npki_global_name name, const npki_lack *why,
                      const char *what, const char *text, size_t size);

/* Refuses what a call takes out of a class, or makes of one, that has no such member. */
bool npki_refuses_member(npk_writer *w, const npk_value *value, const npki_object *call);

/* Whether the class by this name in the target has "Class.WHAT" of lib/globals/library.def. */
bool npki_class_has(npk_writer *w, const npk_value *class_, const char *what, size_t size, npki_lack *why);

/* --- form.c: what a class of Python's library can --- */

/* Whether the target is to make an object of Python's library in another way: of an old-style class of Python 2, which
 * has no __new__, or a node of a syntax tree; then *out. */
bool npki_remake_of_library(npk_writer *w, const npki_object *call, npki_spelled *out);

/* Whether a module or a name, which may have a NUL in it, is this one. */
static inline bool npki_is_spelled(const char *bytes, size_t size, const char *name)
{
    return size == strlen(name) && memcmp(bytes, name, size) == 0;
}

/* An error where the target has what is called by name, but not this form of it, and the caller wants to know. */
void npki_check_form(npk_writer *w, const npk_value *value, const npki_object *call, const npki_spelled *spelled);

/* The next value of the document that the spelling needs; before it, what belongs to no document is written. NULL, when
 * all is written: the call is made. */
const npk_value *npki_next_part(npk_writer *w, const npki_object *call, npki_spelled *spelled);

/* Which part of the call that was, the last, an npki_slot; *item: which of its arguments, where these come one by
 * one. */
size_t npki_part_at(const npki_object *call, const npki_spelled *spelled, size_t *item);

/* The events that belong to one making of an object. It is made several times, each inside the arguments of the one
 * before, where it holds itself through them; the outermost first. */
typedef struct npki_making {
    const npki_object *call;
    size_t after; /* the event of its RETURN; SIZE_MAX: it has none, the innermost */
} npki_making;

/* How an object is made that is being made `open` times already. */
npki_making npki_making_of(const npk_value *value, const npki_object *call, size_t open);

/* Whether a call made the value inside its own arguments, where others found it with all that is in it. */
bool npki_is_made_inside(const npk_value *value);

/* The events after a making, from *first up to *end. `again`: it was made inside. */
void npki_events_after(const npk_value *value, const npki_making *making, bool again, size_t *first, size_t *end);

#endif
