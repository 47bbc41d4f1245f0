/* A comparison from the inside: what its parts share. */
#ifndef NPKI_COMPARE_STATE_H
#define NPKI_COMPARE_STATE_H

#include "base/dynbuf.h"
#include "base/map.h"
#include "compare/making.h"
#include "compare/met.h"
#include "dtype/equal.h"
#include "text/sink.h"
#include "value/step.h"

#include <npickle/compare.h>
#include <string.h>

/* A pair of containers that is being compared. */
typedef struct npki_compare_frame {
    const npk_value *a, *b;
    size_t next, count; /* children of a */
    size_t child;       /* the one that is compared now */
    size_t other;       /* the child of b that goes with it, or NPKI_COMPARE_NONE */
    npki_trail at[2];   /* where a and b stand */
    bool second;        /* `child` is one of b */
    bool made;          /* an object: how it is made is no more to be compared */
    bool had_other;     /* see is_new in walk.c */
    struct npki_makings
        *makings;       /* of two objects that are made by other spellings, while their parts are compared; or NULL */
    size_t *match;      /* dict, set: which item of b goes with each of a, or NPKI_COMPARE_NONE */
    size_t match_size;  /* bytes of it */
} npki_compare_frame;

#define NPKI_COMPARE_NONE SIZE_MAX

/* How the two are made, and the way to the part that is compared now. */
typedef struct npki_makings {
    npki_made made[2];
    size_t next, args; /* of the parts: class, so many arguments, keywords */
    npki_making_way way[2];
    bool on_the_way; /* a part is compared, no child */
} npki_makings;

/* What dtypes carry with them: dicts, which the walk compares before it goes on. No path leads into them. */
typedef struct npki_compare_metadata {
    npki_dynbuf pairs;      /* of values, two and two */
    const npk_value *of[2]; /* what has the dtypes, or is them; NULL for arrays of no document */
    size_t depth;           /* where those stand */
} npki_compare_metadata;

struct npki_compare_elements;
struct npki_compare_growths;
struct npki_compare_stays;

typedef struct npki_compare {
    npk_allocator allocator;
    npk_compare_options options; /* with the defaults filled in */
    uint64_t left;               /* work */
    uint64_t differences;
    npk_status status; /* the first failure: NPK_ERR_LIMIT, NPK_ERR_MEMORY, NPK_ERR_UNSUPPORTED */
    npki_compare_frame *frames;
    size_t depth, room;
    bool in_runs; /* items that are the same at sight are passed over in one loop: not at the plain level */
    npki_met_values numbers[2];                /* what was met in a and in b */
    /* of their numbers, that were compared or are, but for the first of each of a */
    npki_map pairs;
    uint32_t alike;                         /* the last number of npki_met_value.alike */
    npki_map hashes[3];                     /* of values that several have: exactly, roughly and as met, by address */
    npki_map same; /* of long texts, bytes and ints that several have, by address: a number for those that are equal */
    struct npki_compare_hash_walk *hash_walk; /* memory to hash in, or NULL */
    struct npki_compare_paths *paths[2];      /* timeline_path.c; NULL until one is asked for */
    npki_dynbuf happened;                   /* pairs of values that have a history */
    bool eventful;                          /* more than a call and a state, as a pickler does it anyway */
    const npk_value *roots[2];
    const npk_value *from[2]; /* where the walk has begun anew in each; both NULL: at the roots */
    bool by_key;              /* items of a dict or set come in another order, and with them their calls */
    bool again;               /* all has been compared, and is known to be equal */
    bool had_other;           /* the pair that has just come: see is_new in walk.c */
    npki_compare_metadata metadata;
    size_t floor;                           /* the frames from here on are those of metadata */
    const npk_value *a, *b;                 /* the two that are compared now, for reports */
    struct npki_compare_elements *elements; /* memory to compare arrays in, or NULL */
    struct npki_compare_growths *growths;   /* growth.c: of values with many events, or NULL */
    struct npki_compare_stays *stays;       /* what calls would have made that stay calls, or NULL */
    npki_sink sink;                         /* writes the message: */
    char message[600];
    npki_equal_pairs dtypes;         /* that are equal ... */
    npki_equal_pairs dtypes_besides; /* ... with what NumPy's == does not look at */
} npki_compare;

void npki_compare_fail(npki_compare *c, npk_status status);

/* False, and a failure, where the work is used up. */
bool npki_compare_charge_last(npki_compare *c, uint64_t work);
static inline bool npki_compare_charge(npki_compare *c, uint64_t work)
{
    if (c->left < work || c->status != NPK_OK)
        return npki_compare_charge_last(c, work);
    c->left -= work;
    return true;
}

/* Memory of the comparison; NULL, and a failure, without any. */
void *npki_compare_allocate(npki_compare *c, size_t size);

/* A difference at the place that is being compared, between c->a and c->b: counted here. NULL if nobody wants to know
 * what it is; else the sink for its message, and npki_compare_report follows. */
npki_sink *npki_compare_differ(npki_compare *c);
void npki_compare_report(npki_compare *c);

/* The same in one, where the message is known. */
void npki_compare_say(npki_compare *c, const char *message);

/* "NAME: X / Y" */
void npki_compare_say_numbers(npki_compare *c, const char *name, int64_t x, int64_t y);

/* What a text begins with: at most `size` bytes of it, whole characters, those that a terminal would obey escaped. */
void npki_compare_add(npki_sink *out, const char *text, size_t length, size_t size);

/* "NAME: X / Y", with what repr() of two values begins with. */
void npki_compare_say_named(npki_compare *c, const char *name, const npk_value *a, const npk_value *b);

/* Reports two values: of different kinds, or of one kind without parts, where `from` is the byte at which two texts
 * part. */
void npki_compare_say_kinds(npki_compare *c, const npk_value *a, const npk_value *b);
void npki_compare_say_values(npki_compare *c, const npk_value *a, const npk_value *b, size_t from);

/* Whether a str of Python 2 and this other kind are compared as one type. */
bool npki_compare_is_text_pair(const npki_compare *c, npk_kind a, npk_kind b);

/* The same of two values that stand where the walk is now: some callables take bytes, and others text, whatever the
 * program's own strings are. */
bool npki_compare_is_text_pair_here(const npki_compare *c, const npk_value *a, const npk_value *b);

/* Whether one is a payload outside its pickle, and the other of the type that this would have inside it, or one that is
 * compared as that. */
bool npki_compare_is_buffer_pair(const npki_compare *c, const npk_value *a, const npk_value *b);

/* Whether a text, bytes or an int is long, and others may have it too: it is compared once with each that is so. */
#define NPKI_COMPARE_LONG 1024
static inline bool npki_compare_is_long(const npk_value *value)
{
    const bool is_int = value->kind == NPK_KIND_INT && (value->flags & NPKI_IS_LONG) != 0;
    const bool is_text = value->kind == NPK_KIND_STR || (npki_is_bytes(value) && value->kind != NPK_KIND_BUFFER);
    return (is_int || is_text) && npki_may_be_met_again(value) &&
           (value->encoding == NPK_ENCODING_RAW ? value->u.text.size : value->u.encoded->size) >= NPKI_COMPARE_LONG;
}

/* Whether they are of one kind and equal, as one look tells: numbers, and texts that have been decoded. False says
 * nothing. */
static inline bool npki_compare_same_at_sight(const npk_value *a, const npk_value *b)
{
    if (a->kind != b->kind || ((a->history | b->history) & NPKI_WAS_CALLED) != 0)
        return false;
    if (a->kind == NPK_KIND_INT)
        return ((a->flags | b->flags) & NPKI_IS_LONG) == 0 && a->u.integer == b->u.integer;
    if (a->kind == NPK_KIND_FLOAT)
        return a->u.real == b->u.real;
    return a->kind == NPK_KIND_STR && a->encoding == NPK_ENCODING_RAW && b->encoding == NPK_ENCODING_RAW &&
           a->u.text.size == b->u.text.size && memcmp(a->u.text.bytes, b->u.text.bytes, (size_t)a->u.text.size) == 0;
}

/* Whether two values are of one kind and equal; those with parts, and bytes, count as equal. */
bool npki_compare_is_same_atom(npki_compare *c, const npk_value *a, const npk_value *b);

/* Compares two values without parts: of one kind, or one of these pairs. */
void npki_compare_atoms(npki_compare *c, const npk_value *a, const npk_value *b);

/* --- walk.c --- */

/* Compares two values, one of which may be NULL, with all that they hold, but for what was dropped. */
void npki_compare_walk(npki_compare *c, const npk_value *a, const npk_value *b);
void npki_compare_walk_free(npki_compare *c);

/* Compares the metadata of two dtypes that were noted. */
void npki_compare_noted_metadata(npki_compare *c);

/* The same, of two that stand where the walk from the roots does not come to. */
void npki_compare_from(npki_compare *c, const npk_value *a, const npk_value *b);

/* The same of values that have the places of others, in each of the two. */
void npki_compare_at(npki_compare *c, const npk_value *const values[2], const npk_value *const places[2]);

/* The same of two that are known to be equal: `note` is told of each two children that are met, which are c->a and
 * c->b, and of the frame in which they are. */
struct npki_seen;
typedef void npki_compare_note(struct npki_seen *seen, const npki_compare_frame *frame);
void npki_compare_again(npki_compare *c, npki_compare_note *note, struct npki_seen *seen,
                        const npk_value *const values[2]);

/* The number of an object that was met; 0 for another. */
size_t npki_compare_number(npki_compare *c, int side, const npk_value *value);

/* --- event.c, calls.c --- */

/* Items, keys and states: whether they came to two objects in the same order. */
void npki_compare_events(npki_compare *c, const npk_value *a, const npk_value *b);

/* The keys of two objects for which their order counts, whose frame is the one below: whether that is the same. */
void npki_compare_key_order(npki_compare *c, const npki_compare_frame *keys);

/* Two objects that npickle knows: whether what they took their items out of, and their state, had as many of them then.
 * What that has by now is compared by itself. */
void npki_compare_taken(npki_compare *c, const npk_value *a, const npk_value *b);

/* After the walk from the roots: whether the same was dropped, and all is called in the same order. */
void npki_compare_calls(npki_compare *c, const npk_value *a, const npk_value *b);

/* A difference of two values that were met. */
void npki_compare_say_at(npki_compare *c, const npk_value *a, const npk_value *b, const char *message);

/* Equal values have equal hashes, in whatever order dicts and sets have their items; a str, bytes and a str of Python 2
 * with the same characters do. */
uint64_t npki_compare_hash(npki_compare *c, const npk_value *value);

/* The same after the walk from the roots, of a value of one side: what was met on that walk counts as equal to what it
 * was compared with, and as nothing else. */
uint64_t npki_compare_hash_as_met(npki_compare *c, int side, const npk_value *value);
void npki_compare_hash_free(npki_compare *c);

/* For each item of a, `step` children apart, its partner in b, in frame->match; none where each goes with the one in
 * its place. False after a failure. */
bool npki_compare_match(npki_compare *c, npki_compare_frame *frame, size_t step);

/* Whether two values are the same class or function, by the names that Python 3 and the newest NumPy have for them:
 * globals, or what protocols or releases that have no such name call instead. A hash of the name. Whether a value is
 * one of these. */
bool npki_compare_is_name_of(const npk_value *value);
static inline bool npki_compare_is_name(const npk_value *value)
{
    if (value->kind == NPK_KIND_OBJECT) /* what has a name but for dill's classes is called with two arguments */
        return (npki_is_tuple_of(value->u.object->args, 2) || value->u.object->meaning == NPKI_DILL_TYPE) &&
               npki_compare_is_name_of(value);
    return value->kind == NPK_KIND_GLOBAL;
}

bool npki_compare_same_global(const npk_value *a, const npk_value *b);
uint64_t npki_compare_hash_global(const npk_value *value);

#endif
