/* What the known globals do when a pickle calls them: the call becomes a value, checked; nothing is called. */
#ifndef NPKI_KNOWN_KNOWN_H
#define NPKI_KNOWN_KNOWN_H

#include "value/value.h"

/* Where in the pickle we are, and what is at hand there. */
typedef struct npki_site {
    npki_arena *arena;
    const npk_limits *limits;
    npk_value *encoded; /* all values that are encoded, linked by npki_encoded.next */
    const npk_value *plain; /* a text whose bytes are decoded already, or NULL: see reader/straight.c */
    uint64_t offset;    /* of the instruction */
    int opcode;
    npk_error *error;
    uint64_t repeated;           /* bytes looked at anew: see npki_repeat */
    uint64_t made;               /* bytes of memory: see npki_pay */
    struct npki_names *names;    /* names of fields: known/names.h. NULL at first */
    npk_dtype *last_dtype;       /* that the last call by a short key made, until its state comes; or NULL */
    uint64_t last_key;           /* ... and the key */
    npk_array_producer producer; /* npk_read_options.array_producer */
    uint64_t first_put;          /* the number under which the memo was first written, UINT64_MAX if it was not yet */
} npki_site;

/* Frees what the rules have kept in a site for later calls. */
void npki_site_end(npki_site *site);

/* Fills the error with offset and opcode of the site; returns `status`. */
npk_status npki_site_fail(const npki_site *site, npk_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The site for an error of a call that knew of none. Returns `status`. */
npk_status npki_site_place(const npki_site *site, npk_status status);

/* The arena ended. */
npk_status npki_site_full(const npki_site *site);

/* For work on bytes that the pickle may ask for any number of times: a text out of the memo. All of it together may
 * take as many bytes as the document may take memory, so that no few opcodes make the reader go over a long text
 * again and again. */
npk_status npki_repeat(npki_site *site, uint64_t bytes);

/* For memory of what is made of a text, bytes or a list, which the pickle may ask for any number of times too. All of
 * it together may be what may come out of as much input: limits.output, and 64 bytes for each up to here. */
npk_status npki_pay(npki_site *site, uint64_t bytes);

/* The bytes that a text or bytes spell are at hand then, paid for. */
npk_status npki_site_decode(npki_site *site, npk_value *value);

/* As many is an item of what was taken before: each that takes it makes as many items, which are walked over. */
#define NPKI_WORK_OF_ITEM 128

/* What a call takes out of containers among its arguments, so that what they get later does not reach what was made. */
typedef enum npki_reads {
    NPKI_READS_NOTHING, /* it keeps the containers themselves, or has none */
    NPKI_READS_ITEMS,
    NPKI_READS_PAIRS /* their items, and what these hold: [[key, value], ...] */
} npki_reads;

/* What happens to an object of a meaning. Each may be NULL: then nothing does. */
typedef struct npki_rule {
    npk_status (*call)(npki_site *site, npk_value *object);  /* after REDUCE; may turn the object into another kind */
    npk_status (*build)(npki_site *site, npk_value *object); /* after BUILD has set its state */
    npki_reads reads;                                        /* what Python takes of the arguments when it calls */
    /* of two sets, it adds to the first what is in the second */
    bool adds;
    bool names; /* what it gives is what a name could stand for: there is no order in which that is looked up */
    bool by_new;                                             /* the object comes from NEWOBJ, not from REDUCE */
    bool or_call;                                            /* what is UNSUPPORTED of it stays a call */
    bool inline_data;                                        /* bytes that are no opcodes follow the BUILD */
    bool attributes; /* a class of such has a dict of them in its state: whoever goes through the graph comes there */
    uint8_t buffer, dtype, shape; /* of a call that makes an array: which arguments, counted from 1 */
} npki_rule;

extern const npki_rule npki_rules[NPKI_MEANINGS];

/* Whether npickle knows what the object's arguments or state mean, and has read them. */
static inline bool npki_rule_reads(const npki_rule *rule)
{
    return rule->call != NULL || rule->build != NULL;
}

/* A dtype that has no state yet. */
static inline bool npki_is_open_dtype(const npk_value *value)
{
    return value->kind == NPK_KIND_OBJECT && value->u.object->meaning == NPKI_DTYPE && value->u.object->state == NULL;
}

/* Whether npickle knows nothing of what such an object is. */
static inline bool npki_is_unknown(const npki_object *object)
{
    const npki_rule *rule = &npki_rules[object->meaning];
    return !npki_rule_reads(rule) && rule->reads == NPKI_READS_NOTHING;
}

/* The rules, by the file they stand in. */
npk_status npki_call_bytes(npki_site *site, npk_value *object);
npk_status npki_call_bytearray(npki_site *site, npk_value *object);
npk_status npki_call_codecs_encode(npki_site *site, npk_value *object);
npk_status npki_call_set(npki_site *site, npk_value *object);
npk_status npki_call_frozenset(npki_site *site, npk_value *object);
npk_status npki_call_complex(npki_site *site, npk_value *object);
npk_status npki_call_dill_type(npki_site *site, npk_value *object);
npk_status npki_call_dtype(npki_site *site, npk_value *object);
npk_status npki_call_stringdtype(npki_site *site, npk_value *object);
npk_status npki_build_stringdtype(npki_site *site, npk_value *object);
npk_status npki_build_dtype(npki_site *site, npk_value *object);
npk_status npki_call_ndarray(npki_site *site, npk_value *object);
npk_status npki_call_reconstruct(npki_site *site, npk_value *object);
npk_status npki_build_ndarray(npki_site *site, npk_value *object);
npk_status npki_call_frombuffer(npki_site *site, npk_value *object);
npk_status npki_build_frombuffer(npki_site *site, npk_value *object);
npk_status npki_call_scalar(npki_site *site, npk_value *object);
npk_status npki_call_masked(npki_site *site, npk_value *object);
npk_status npki_build_masked(npki_site *site, npk_value *object);
npk_status npki_call_joblib(npki_site *site, npk_value *object);
/* Where the state is refused, but says how many bytes follow, or that a pickle does, object->array has that. */
npk_status npki_build_joblib(npki_site *site, npk_value *object);
npk_status npki_call_pyarray(npki_site *site, npk_value *object);
npk_status npki_call_pyarray_reconstruct(npki_site *site, npk_value *object);
npk_status npki_call_numeric(npki_site *site, npk_value *object);

/* What may be called: a name, or whatever an earlier call or the outside gave, but for what is known to be no
 * function. */
bool npki_is_callable(const npk_value *value);

/* Whether something came to an object, or was dropped over it or over its arguments. */
bool npki_has_more_than_call(const npk_value *made);

/* The name of a builtin class that dill has made, as _load_type('bytes'); NULL: it is none, or more than that. */
const npk_value *npki_name_of_loaded(const npk_value *class_);

/* Whether it is this builtin class, by its name or as dill makes it. */
bool npki_is_builtin(const npk_value *class_, const char *name);

/* What is known of a callable: of a name, or of a class that dill has made. NULL: nothing. */
const npki_global_row *npki_row_of_loaded(const npk_value *class_);
static inline const npki_global_row *npki_row_of(const npk_value *callable)
{
    return callable->kind == NPK_KIND_GLOBAL ? callable->u.global->row : npki_row_of_loaded(callable);
}

/* Of three arguments: copyreg._reconstructor(cls, object, None), as protocols 0 and 1 have what is NEWOBJ from 2 on. */
bool npki_is_reconstructor(const npk_value *callable, const npk_value *args);

/* What an object means that is made of this callable with these arguments. */
static inline npki_meaning npki_meaning_of(npk_construction construction, const npk_value *callable,
                                           const npk_value *args)
{
    bool by_new = construction == NPK_BY_NEW;
    const npki_global_row *row = npki_row_of(callable);
    if (args->kind != NPK_KIND_TUPLE)
        return NPKI_UNKNOWN;
    if (!by_new && row == NULL && npki_count_of(args) == 3 && npki_is_reconstructor(callable, args)) {
        by_new = true;
        row = npki_row_of(npki_item_of(args, 0));
    }
    return row != NULL && npki_rules[row->meaning].by_new == by_new ? row->meaning : NPKI_UNKNOWN;
}

/* --- what the rules share --- */

/* Turns `value` into encoded bytes. Bytes that the encoding leaves as they are become raw. */
npk_status npki_set_encoded(npki_site *site, npk_value *value, npk_kind kind, npk_encoding encoding,
                            const uint8_t *bytes, uint64_t size);

/* Turns `value` into the bytes (of kind BYTES or BYTEARRAY) that text.encode('latin1') gives. NPK_ERR_CALL if it has
 * other characters. */
npk_status npki_encode_latin1(npki_site *site, npk_value *value, npk_kind kind, npk_value *text);

/* How far a container has to stay as it is, once something was made of it. In each case nothing more may be added to it
 * by the pickle. */
typedef enum npki_freeze_how {
    NPKI_FREEZE_ALL,   /* npickle has taken what it says: edits leave it alone too */
    NPKI_FREEZE_COUNT, /* the list of an array's items: an edit may set one */
    NPKI_FREEZE_FORM,  /* the same where the dtype says what an item is: a str, or a tuple with each field */
    NPKI_FREEZE_READ   /* Python has taken what it said, in a call that npickle keeps as it is: edits are free */
} npki_freeze_how;

/* Freezes a container; an object, which gets no more items; and a dtype that something refers to (NPKI_FREEZE_ALL),
 * which gets no state any more. Other values stay as they were. All that take what a container says call this, at
 * once. */
void npki_freeze(npk_value *value, npki_freeze_how how);

/* Whether the pickle may add to the container. */
bool npki_is_frozen(const npk_value *container);

/* What the call took that made the value of these arguments, by the columns of its rule. Errors: NPK_ERR_LIMIT. */
npk_status npki_freeze_arguments(npki_site *site, const npk_value *value, npk_value *args, const npki_rule *rule);

/* What a call takes out of its arguments, one value after another; NULL: no more. Those that can grow must be complete
 * by then. After an argument its items follow, where they are taken too; `end` = 0 leaves them out. */
typedef struct npki_taken {
    const npk_value *args;
    npki_reads reads;
    size_t arg, item, end; /* the next ones */
} npki_taken;
static inline npk_value *npki_take_next(npki_taken *at)
{
    if (at->item < at->end)
        return npki_item_of(npki_item_of(at->args, at->arg - 1), at->item++);
    if (at->reads == NPKI_READS_NOTHING || at->arg == npki_count_of(at->args))
        return NULL;
    npk_value *next = npki_item_of(at->args, at->arg++);
    at->item = 0;
    at->end = at->reads == NPKI_READS_PAIRS && npki_is_container(next) ? npki_count_of(next) : 0;
    return next;
}

/* What is so at the moment, while a graph is written. */
typedef struct npki_now {
    const void *context;
    bool (*is_made)(const void *context,
                    const npk_value *call); /* a call that stays one, with all that makes it stay so */
    bool (*is_begun)(const void *context, const npk_value *container); /* and not made: its items are not in it yet */
    bool (*drops)(const void *context, const npk_value *over,
                  const npk_value *dropped); /* the one will be over the other, or was */
    bool (*happens)(const void *context, const npk_value *over, const npk_value *dropped,
                    size_t event); /* the same of what comes out of the memo for this event of its own */
} npki_now;

/* Whether an object is made of what a persistent id stands for, which may be what its rule wants, or of a call that
 * stays one for that. `now`: NULL where all is made. */
bool npki_has_outside(const npki_object *object, const npki_now *now);

/* Whether something was made and dropped over the arguments or the state of an object, a container or dtype in these,
 * or what a call made of text: where those become an array, or a value without parts, it would have no place. */
bool npki_has_dropped(const npk_value *part, const npki_rule *rule, const npki_now *now);

/* Whether a value may get items once it is there. */
bool npki_can_grow(const npk_value *value);

/* More than a call that is given a dtype has, or a state. */
#define NPKI_MOST_GIVEN 16

/* The descriptor of a dtype object, which is frozen by this. NULL for any other value. */
const npk_dtype *npki_take_dtype(npk_value *value);

/* Whether it is a dtype of which npickle can't tell more than how it is made. */
bool npki_is_left_dtype(const npk_value *value);

/* An array that is all zero. */
npk_status npki_new_array(npki_site *site, npki_array_state **out);

/* Whether it may be a class: a name, what a call made of one, what the outside gives. */
bool npki_is_class(const npk_value *value);

/* "numpy.matrix": by the name that npickle has for the class (NULL: ndarray), else as it is spelled. */
npk_status npki_class_name(npki_site *site, const npk_value *class_, const char **out);

/* Whether a call stays one by itself for what its state is. */
bool npki_is_left_by_state(const npki_object *object);

/* A set, or frozenset, gets other items than its call gave it: those that it has are in two places where the call took
 * them from what something else has. */
void npki_forget_call(npk_value *set);

/* A tuple of lengths, which is frozen, or one length. Errors: NPK_ERR_ARRAY, NPK_ERR_LIMIT. */
npk_status npki_take_shape(npki_site *site, npk_value *value, bool or_int, int *ndim, const int64_t **shape);

/* count x itemsize, the first checked even where a length is 0. Errors: NPK_ERR_ARRAY. */
npk_status npki_shape_bytes(npki_site *site, int ndim, const int64_t *shape, int64_t itemsize, uint64_t *count,
                            uint64_t *nbytes);

/* With dtype, ndim and shape set: strides and sizes. Errors: NPK_ERR_ARRAY. */
npk_status npki_lay_out(npki_site *site, npki_array_state *array, bool fortran, uint64_t *count);

/* Bytes; a str is turned into those that its characters of latin-1 are. Errors: NPK_ERR_CALL. */
npk_status npki_take_bytes(npki_site *site, npk_value **value);

/* BUILD of an array: its state, of `longest` items of which the first five are the array's (one less without a
 * version), becomes object->array. *out is that, or NULL if the class is one that npickle does not know and has no
 * array in its state; *items, which may be NULL, are those of the state. */
npk_status npki_build_array(npki_site *site, npk_value *object, size_t longest, npki_array_state **out,
                            npk_value *const **items);

/* (version, shape, dtype, is_fortran, elements) at `items`, or without the version, checked, as what `array` says. */
npk_status npki_take_state(npki_site *site, npk_value *const *items, bool versionless, npki_array_state *array);

/* --- search.c, found.c: arrays inside what a class or a program has made of their state --- */

#define NPKI_STATE_SIZE 5        /* items of an array's own state */
#define NPKI_MASKED_STATE_SIZE 7 /* with mask and fill value */
#define NPKI_FOUND_DEEPEST 4     /* containers in one another that are searched */

/* Where a state was found. */
typedef struct npki_found {
    npk_value *holders[NPKI_FOUND_DEEPEST];
    uint8_t count; /* of them */
    uint8_t start, end; /* of its items in the last of them */
    uint32_t times; /* that one was found */
} npki_found;

/* Looks for a state of `size` items in `from` and the containers in it; *out has the first, the least deep. */
void npki_find_state(npk_value *from, size_t size, npki_found *out);

/* Whether it would find just one, or no longer just one, if all dtypes were in use that may be waiting for a state of
 * their own. */
bool npki_finds_other_state(npk_value *from, size_t size);

/* Keeps the way to it. */
npk_status npki_keep_found(npki_site *site, npki_array_state *array, const npki_found *found);

/* After the call of an object that npickle does not know, and after its BUILD: an array, if there is just one in its
 * arguments, or its state. */
npk_status npki_look_into_arguments(npki_site *site, npk_value *object);
npk_status npki_look_into_state(npki_site *site, npk_value *object);

/* The name of such an array's class, as the object is now: an edit may have changed its parts. */
npk_status npki_found_class(npki_site *site, const npk_value *object, const char **out);

/* The text of a name. A long one is not decoded yet, and stays so: it may be an array's payload, too. NULL: it has
 * none. */
npk_status npki_take_text(npki_site *site, const npk_value *value, const char **text, size_t *size);

/* A small int, from a value that must be one. */
bool npki_take_int(const npk_value *value, int64_t *out);

/* The arguments of the call that an object is. */
static inline size_t npki_call_size(const npk_value *object)
{
    return npki_count_of(object->u.object->args);
}

/* NULL past the end */
static inline npk_value *npki_call_item(const npk_value *object, size_t index)
{
    const npk_value *args = object->u.object->args;
    return index < npki_count_of(args) ? npki_item_of(args, index) : NULL;
}

#endif
