/* A comparison from the inside: what its parts share. */
#ifndef NPKI_COMPARE_STATE_H
#define NPKI_COMPARE_STATE_H

#include "base/dynbuf.h"
#include "base/map.h"
#include "compare/making.h"
#include "dtype/equal.h"
#include "text/sink.h"
#include "value/step.h"

#include <npickle/compare.h>

/* A pair of containers that is being compared. */
typedef struct npki_compare_frame {
    const npk_value *a, *b;
    size_t next, count; /* children of a */
    bool drops;         /* then what was made and dropped: of each the next */
    size_t dropped[2];
    size_t child;       /* the one that is compared now */
    size_t other;       /* the child of b that goes with it, or NPKI_COMPARE_NONE */
    npki_trail at[2];   /* where a and b stand */
    bool second;        /* `child` is one of b */
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

struct npki_compare_elements;

typedef struct npki_compare {
    npk_allocator allocator;
    npk_compare_options options; /* with the defaults filled in */
    uint64_t left;               /* work */
    uint64_t differences;
    npk_status status; /* the first failure: NPK_ERR_LIMIT, NPK_ERR_MEMORY, NPK_ERR_UNSUPPORTED */
    npki_compare_frame *frames;
    size_t depth, room;
    npki_map numbers[2];                    /* of the containers met in a and in b */
    npki_map passed;                        /* addresses of values that were dropped */
    npki_dynbuf later;                      /* pairs of values over which they were */
    npki_map pairs;                         /* that were compared, or are being compared */
    npki_map hashes[2];                     /* of keys that several have: exactly and roughly, by address */
    const npki_order *orders[2];            /* of the pickles that the first calls are in */
    npki_dynbuf ordered;                    /* pairs of offsets: of calls in both */
    bool by_key;                            /* items of a dict or set come in another order, and with them their calls */
    bool reordered;                         /* they do not come in the order of both pickles */
    npki_equal_pairs dtypes;                /* that are equal */
    const npk_value *a, *b;                 /* the two that are compared now, for reports */
    struct npki_compare_elements *elements; /* memory to compare arrays in, or NULL */
    npki_sink sink;                         /* writes the message: */
    char message[600];
} npki_compare;

void npki_compare_fail(npki_compare *c, npk_status status);

/* False, and a failure, where the work is used up. */
bool npki_compare_charge(npki_compare *c, uint64_t work);

/* Memory of the comparison; NULL, and a failure, without any. */
void *npki_compare_allocate(npki_compare *c, size_t size);

/* A difference at the place that is being compared, between c->a and c->b: counted here. NULL if nobody wants to know
 * what it is; else the sink for its message, and npki_compare_report follows. */
npki_sink *npki_compare_differ(npki_compare *c);
void npki_compare_report(npki_compare *c);

/* --- event.c --- */

/* What happened to the two, but for the values that came with it: in the same order? */
void npki_compare_events(npki_compare *c, const npk_value *a, const npk_value *b);

/* The next of the values dropped over one of the two, from *next on, that counts; NULL for none. */
const npk_value *npki_compare_next_dropped(const npki_compare *c, const npk_value *value, size_t *next);

/* The last before *end of those that were passed over, and were not met; NULL for none. */
const npk_value *npki_compare_last_passed(npki_compare *c, size_t side, const npk_value *value, size_t *end);

/* --- calls.c --- */

/* Two calls go together. At the end: whether what was called in one pickle was called in the same order in the other, which is a difference of
 * what c->a and c->b are then. */
void npki_compare_called(npki_compare *c, const npki_called_at places[2]);
void npki_compare_calls(npki_compare *c);

/* The same in one, where the message is known. */
void npki_compare_say(npki_compare *c, const char *message);

/* "NAME: X / Y" */
void npki_compare_say_numbers(npki_compare *c, const char *name, int64_t x, int64_t y);

/* What a text begins with: at most `size` bytes of it, whole characters, those that a terminal would obey escaped. */
void npki_compare_add(npki_sink *out, const char *text, size_t length, size_t size);

/* Reports two values: of different kinds, or of one kind without parts, where `from` is the byte at which two texts
 * part. */
void npki_compare_say_kinds(npki_compare *c, const npk_value *a, const npk_value *b);
void npki_compare_say_values(npki_compare *c, const npk_value *a, const npk_value *b, size_t from);

/* Whether a str of Python 2 and this other kind are compared as one type. */
bool npki_compare_is_text_pair(const npki_compare *c, npk_kind a, npk_kind b);

/* Whether one is a payload outside its pickle, and the other of the type that this would have inside it. */
bool npki_compare_is_buffer_pair(const npk_value *a, const npk_value *b);

/* Compares two values without parts: of one kind, or one of these pairs. */
void npki_compare_atoms(npki_compare *c, const npk_value *a, const npk_value *b);

/* For each of the `count` items of a, `step` apart, its partner in b. False after a failure. */
bool npki_compare_match(npki_compare *c, npki_compare_frame *frame, size_t step);

/* Whether two values are the same class or function, by the names that Python 3 and the newest NumPy have for them: globals, or
 * what protocols or releases that have no such name call instead. A hash of the name. Whether a value is one of these. */
bool npki_compare_is_name(const npk_value *value);
bool npki_compare_same_global(const npk_value *a, const npk_value *b);
uint64_t npki_compare_hash_global(const npk_value *value);

#endif
