/* What a pickle holds: the graph of values.
 *
 *     npk_doc *doc = NULL;
 *     if (npk_doc_load("config.pkl", NULL, &doc, &error) != NPK_OK)
 *         fprintf(stderr, "%s\n", error.message);
 *     double rate = 0.1;
 *     npk_value_to_double(npk_dict_get(npk_doc_root(doc), "rate"), &rate); // stays 0.1 without a number there
 *     const npk_value *layers = npk_dict_get(npk_doc_root(doc), "layers");
 *     for (size_t i = 0; i < npk_value_size(layers); i++)
 *         printf("%zu is a %s; the rate is %g\n", i, npk_kind_name(npk_value_kind(npk_value_item(layers, i))), rate);
 *     npk_doc_free(doc);
 *
 * Values belong to their document and are never freed one by one. A value that the pickle shares is one value, whose
 * address is its identity; a container may hold itself. Nothing in a graph was imported or called: an object of a
 * class that npickle does not know is a value that says how Python would make it.
 *
 * Threads: reading changes nothing. Any number may read the values of one document at a time, walk over them, each with
 * a walk of its own, print them and write them, each with a writer of its own, as long as none edits the document or
 * frees it.
 */
#ifndef NPICKLE_VALUE_H
#define NPICKLE_VALUE_H

#include <npickle/array.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(kind, value, name): what npk_kind_name says. NOTHING is the kind of what is not a value: of NULL. */
#define NPK_KIND_ROWS(X)                                                                                               \
    X(NOTHING, 0, "nothing")                                                                                           \
    X(NONE, 1, "None")                                                                                                 \
    X(BOOL, 2, "bool")                                                                                                 \
    X(INT, 3, "int")                                                                                                   \
    X(FLOAT, 4, "float")                                                                                               \
    X(COMPLEX, 5, "complex")                                                                                           \
    X(STR, 6, "str")                                                                                                   \
    X(BYTES, 7, "bytes")                                                                                               \
    X(BYTEARRAY, 8, "bytearray")                                                                                       \
    X(PYTHON2_STR, 9, "str of Python 2")                                                                               \
    X(TUPLE, 10, "tuple")                                                                                              \
    X(LIST, 11, "list")                                                                                                \
    X(DICT, 12, "dict")                                                                                                \
    X(SET, 13, "set")                                                                                                  \
    X(FROZENSET, 14, "frozenset")                                                                                      \
    X(GLOBAL, 15, "global")                                                                                            \
    X(OBJECT, 16, "object")                                                                                            \
    X(PERSID, 17, "persistent id")                                                                                     \
    X(EXTENSION, 18, "extension code")                                                                                 \
    X(BUFFER, 19, "buffer")                                                                                            \
    X(MALFORMED, 20, "malformed value")

typedef enum npk_kind {
#define NPK_KIND_ENUM(kind, value, name) NPK_KIND_##kind = (value),
    NPK_KIND_ROWS(NPK_KIND_ENUM)
#undef NPK_KIND_ENUM
} npk_kind;

typedef struct npk_value npk_value;

/* What a value is: NPK_KIND_NOTHING for NULL. The name of a kind is a constant, "?" for what is not a kind. */
NPK_API npk_kind npk_value_kind(const npk_value *value);
NPK_API const char *npk_kind_name(npk_kind kind);

/* The scalars. Each returns true and fills *out for a value of its kind; false, and *out left alone, for any other
 * (NULL too) and for one that does not fit. */
NPK_API bool npk_value_as_bool(const npk_value *value, bool *out);
NPK_API bool npk_value_as_int64(const npk_value *value, int64_t *out);   /* INT, if it fits */
NPK_API bool npk_value_as_uint64(const npk_value *value, uint64_t *out); /* INT, if it fits */
NPK_API bool npk_value_as_double(const npk_value *value, double *out);   /* FLOAT */
NPK_API bool npk_value_as_complex(const npk_value *value, double out[2]);

/* A number of any kind: an INT of any size, FLOAT, BOOL, a NumPy scalar or an array without dimensions of bools, ints
 * or floats. Each returns true and fills *out; false, and *out left alone, for anything else: complex numbers, times,
 * texts, None, NULL.
 *
 * As a double: ints beyond 2**53 and long doubles are rounded to the nearest, as Python's float() does it; false for an
 * int that is too large for a double, where float() raises OverflowError. As an int64: nothing is lost; false for what
 * does not fit, for floats that are not whole numbers, and for long doubles. */
NPK_API bool npk_value_to_double(const npk_value *value, double *out);
NPK_API bool npk_value_to_int64(const npk_value *value, int64_t *out);

/* The items of a LIST or TUPLE of numbers, each as npk_value_to_double or npk_value_to_int64 gives it, so bools and
 * NumPy's scalars too:
 *
 *     const npk_value *list = npk_doc_root(doc);
 *     size_t count = npk_value_size(list);
 *     double *numbers = malloc(count * sizeof *numbers);
 *     if (npk_list_to_doubles(list, numbers, count, &error) != NPK_OK)
 *         fprintf(stderr, "%s\n", error.message); // item 3: expected a number that a double can hold, found a str
 *
 * `room`: how many items there is room for at `out`, which may be NULL for none. Returns NPK_OK when the
 * npk_value_size(list) first are filled. Errors: NPK_ERR_TYPE for what is no list or tuple (NULL too), and for an item
 * that is no such number or does not fit, which the message names; then the items before it are filled and all else is
 * left alone. NPK_ERR_USAGE where there is too little room, and then nothing is filled. */
NPK_CHECKED NPK_API npk_status npk_list_to_doubles(const npk_value *list, double *out, size_t room, npk_error *error);
NPK_CHECKED NPK_API npk_status npk_list_to_ints(const npk_value *list, int64_t *out, size_t room, npk_error *error);

/* The texts of a LIST or TUPLE of str, each as npk_value_text gives it (so a str of Python 2 in UTF-8 too), behind one
 * another, as Arrow's large_string has them: item i lies from text + offsets[i] to text + offsets[i + 1], in UTF-8 and
 * without a NUL.
 *
 * `room`: how many items there is room for; `offsets` has one more. `text` has room for `size` bytes; NULL: only the
 * offsets are filled, the last of which says how many bytes are needed. Returns NPK_OK when both are filled. Errors:
 * NPK_ERR_TYPE for what is no list or tuple (NULL too), and for an item that is no text, which the message names; then
 * the offsets up to its beginning are filled, and `text` is left alone. NPK_ERR_TOO_LARGE. NPK_ERR_USAGE where there is
 * no room for the items, and then nothing is filled, or for their bytes, and then the offsets are. */
NPK_CHECKED NPK_API npk_status npk_list_to_strs(const npk_value *list, int64_t *offsets, size_t room, char *text,
                                                size_t size, npk_error *error);

/* INT of any size: little-endian two's complement, the shortest that holds it; borrowed from the document. NULL for
 * another kind. An int that fits 64 bits is written to `room` and that is returned (NULL without one). *size (may be
 * NULL) becomes the bytes. */
NPK_API const uint8_t *npk_value_as_long(const npk_value *value, uint8_t room[8], size_t *size);

/* The text of a STR, in UTF-8, in which a lone surrogate is three bytes; the bytes of a BYTES, BYTEARRAY or
 * PYTHON2_STR. Borrowed from the document, without a NUL at the end; `size` may be NULL. NULL for another kind, and for
 * bytes that are the payload of an array and stay encoded: see npk_value_bytes_copy. */
NPK_API const char *npk_value_as_str(const npk_value *value, size_t *size);
NPK_API const uint8_t *npk_value_as_bytes(const npk_value *value, size_t *size);

/* Text of either Python as UTF-8: a STR, or a PYTHON2_STR whose bytes are UTF-8 (ASCII is). Borrowed from the document,
 * without a NUL at the end; `size` may be NULL. NULL for anything else, for a PYTHON2_STR in another encoding too
 * (npk_value_as_bytes gives its bytes) and for NumPy's str_, which is a scalar (npk_scalar_of, npk_array_get_text). */
NPK_API const char *npk_value_text(const npk_value *value, size_t *size);

/* Whether npk_value_text gives this text, in UTF-8 up to its NUL. False where either is NULL. */
NPK_API bool npk_value_is_text(const npk_value *value, const char *text);

/* BYTES, BYTEARRAY, PYTHON2_STR, BUFFER, encoded or not: how many bytes, and a copy of them in `out`, which returns the
 * same number. -1 for another kind, for NULL, and where `size` is too small. */
NPK_API int64_t npk_value_bytes_size(const npk_value *value);
NPK_API int64_t npk_value_bytes_copy(const npk_value *value, void *out, size_t size);

/* TUPLE, LIST, SET, FROZENSET: items; DICT: pairs, in the pickle's order. A key that was set twice comes twice.
 * npk_value_item takes keys of a dict at even, values at odd indices below 2 x npk_value_size. What is returned is
 * borrowed from the document. 0 and NULL for another kind, NULL past the end. */
NPK_API size_t npk_value_size(const npk_value *value);
NPK_API const npk_value *npk_value_item(const npk_value *value, size_t index);
NPK_API const npk_value *npk_dict_key(const npk_value *dict, size_t index);
NPK_API const npk_value *npk_dict_value(const npk_value *dict, size_t index);

/* The value under a str key (of Python 2 or 3; UTF-8 up to its NUL), the last one that was set. Borrowed from the
 * document. NULL without such a key, for another kind than DICT, and for NULL. */
NPK_API const npk_value *npk_dict_get(const npk_value *dict, const char *key);

/* GLOBAL: true, and its two names, borrowed from the document, without a NUL at the end. Each of the four places may be
 * NULL. False, and they are left alone, for another kind. */
NPK_API bool npk_value_as_global(const npk_value *value, const char **module, size_t *module_size, const char **name,
                                 size_t *name_size);

/* Whether it is this GLOBAL, by the names of any Python or NumPy: "collections" "OrderedDict"; what Python 2 calls
 * "__builtin__" "set" is "builtins" "set" too, and "numpy.core.multiarray" "_reconstruct" that of
 * "numpy._core.multiarray". */
NPK_API bool npk_value_is_global(const npk_value *value, const char *module, const char *name);

/* OBJECT: what Python would call to make it, with what, and what it would then be given. Each may be NULL. */
typedef enum npk_construction {
    NPK_BY_CALL = 0, /* callable(*args): REDUCE, INST, OBJ */
    NPK_BY_NEW = 1   /* callable.__new__(callable, *args, **kwargs): NEWOBJ, NEWOBJ_EX */
} npk_construction;

typedef struct npk_object {
    npk_construction construction;
    const npk_value *callable;
    /* a tuple, or one value that stands for all: a persistent id, a name, what another call makes */
    const npk_value *args;
    const npk_value *kwargs;    /* a dict, or one value that stands for it, or NULL */
    const npk_value *state;     /* the argument of BUILD, or NULL */
    const npk_value *later;     /* a list of further states, should it be given several, or NULL */
    const npk_value *listitems; /* a list of what was appended, or NULL */
    const npk_value *dictitems; /* a dict of what was set, or NULL */
    uint64_t offset;            /* of the opcode that made it, in bytes from the start of the input */
    uintptr_t reserved[4];
} npk_object;

/* Returns true and fills *out, whose values are borrowed from the document; false, and *out left alone, for another
 * kind. */
NPK_API bool npk_value_as_object(const npk_value *value, npk_object *out);

/* Why an OBJECT or a MALFORMED was kept (npk_read_options.malformed): the error with which the pickle would have been
 * refused. Returns true and fills *out, which may be NULL; false, and *out left alone, for any other value. */
NPK_API bool npk_value_fault(const npk_value *value, npk_error *out);

/* What happened to a value after it was made, in the pickle's order. Of most objects that is items, keys, one state, in
 * this order, and the fields of npk_object say all. Other pickles give a state first, give several, or make calls for
 * the sake of what they do and drop the result: cloudpickle writes each function so, pickle each object with a state
 * setter. Such a call belongs to what lies below it on the stack, an object or a container; to the root where nothing
 * does. What was made and dropped may be taken out of the memo later: then it is elsewhere in the graph, too. */
typedef enum npk_event_kind {
    NPK_EVENT_NOTHING = 0,
    NPK_EVENT_ITEMS =
        1, /* OBJECT: items were appended: `count` of listitems from `first` on; LIST: likewise of its own, where
                                * something referred to it before it had all */
    NPK_EVENT_KEYS = 2,        /* OBJECT: keys were set: `count` pairs of dictitems from `first` on; DICT: as a LIST */
    NPK_EVENT_STATE = 3,       /* OBJECT: `value` was given as a state */
    NPK_EVENT_CALL = 4,        /* `value` was made and dropped; of a container after it had `first` items */
    NPK_EVENT_CALL_BEFORE = 5, /* `value` was made and dropped before this one was begun */
    NPK_EVENT_RETURN = 6 /* the object holds itself through its arguments: it was made inside them, and is met here
                                * again after them */
} npk_event_kind;

typedef struct npk_event {
    npk_event_kind kind;
    const npk_value *value; /* borrowed from the document */
    size_t first, count;
    uintptr_t reserved[2];
} npk_event;

/* How many there are: 0 for NULL. The one at an index: true, and *out is filled; false, and *out left alone, past the
 * end and for NULL. */
NPK_API size_t npk_value_events(const npk_value *value);
NPK_API bool npk_value_event(const npk_value *value, size_t index, npk_event *out);

/* What was made and dropped, of all these events: a list, borrowed from the document; NULL where there is nothing. */
NPK_API const npk_value *npk_value_calls(const npk_value *value);

/* The id of a PERSID; the code of an EXTENSION, as an INT. Borrowed from the document. NULL for another kind. */
NPK_API const npk_value *npk_value_id(const npk_value *value);

/* An array: an ndarray or a subclass of it, or an array.array (npickle/pyarray.h), as a view that borrows from the
 * document. Returns NPK_OK and fills *out. Errors: NPK_ERR_TYPE for any other value and for NULL, NPK_ERR_USAGE where
 * `out` is NULL; *out is left alone. npk_value_is_array asks no more than whether it would. */
NPK_CHECKED NPK_API npk_status npk_array_of(const npk_value *value, npk_array *out, npk_error *error);
NPK_API bool npk_value_is_array(const npk_value *value);

/* A masked array: its data, its mask as bools of the same shape (true where the element is masked; if the elements are
 * structs one more dimension at the end, with a bool for each plain value in one; npk_dtype_of_mask makes NumPy's mask
 * of it), and its fill value, None or an array without dimensions. All borrow from the document. Each of the three
 * places may be NULL. Errors: NPK_ERR_TYPE for any other value, and for NULL. npk_value_is_masked asks no more than
 * whether it is one. */
NPK_CHECKED NPK_API npk_status npk_masked_of(const npk_value *value, npk_array *data, npk_array *mask,
                                             const npk_value **fill, npk_error *error);
NPK_API bool npk_value_is_masked(const npk_value *value);

/* A NumPy scalar (numpy.float64(1.5)) as an array without dimensions, a view that borrows from the document. Errors:
 * NPK_ERR_TYPE for any other value and for NULL, NPK_ERR_USAGE where `out` is NULL. npk_value_is_scalar asks no more
 * than whether it is one. */
NPK_CHECKED NPK_API npk_status npk_scalar_of(const npk_value *value, npk_array *out, npk_error *error);
NPK_API bool npk_value_is_scalar(const npk_value *value);

/* The descriptor of a dtype object, borrowed from the document; NULL for any other value. */
NPK_API const npk_dtype *npk_value_dtype(const npk_value *value);

/* The class of an array, "numpy.ndarray", "numpy.matrix", as the pickle spells it but for the module of Python 2 or
 * NumPy's history: borrowed from the document, ends in NUL. NULL for what is not an array. */
NPK_API const char *npk_array_class(const npk_value *value);

/* Whether the value is a buffer outside of the pickle (NPK_KIND_BUFFER), or an array whose elements are. False for
 * NULL. */
NPK_API bool npk_value_is_outside(const npk_value *value);

/* A walk over every value of a graph, each once, a container before its items, in the pickle's order.
 * Ownership: the walk is the caller's, until npk_walk_free. Values without memory of their own (None, small ints)
 * may come more than once. */
typedef struct npk_walk npk_walk;

/* Begins a walk. `allocator`: NULL for malloc. The document must not be changed or freed before the walk ends. Errors:
 * NPK_ERR_MEMORY; NPK_ERR_USAGE where `root` or `out` is NULL. */
NPK_CHECKED NPK_API npk_status npk_walk_start(const npk_value *root, const npk_allocator *allocator, npk_walk **out,
                                              npk_error *error);
/* The next value, borrowed from the document; NPK_OK with *value NULL at the end. Errors: NPK_ERR_MEMORY; NPK_ERR_USAGE
 * for NULL. */
NPK_CHECKED NPK_API npk_status npk_walk_next(npk_walk *walk, const npk_value **value, npk_error *error);
/* The next value that is an array, and its view, both borrowed from the document; what lies between is passed over.
 * NPK_OK with *value NULL at the end. Errors: NPK_ERR_MEMORY; NPK_ERR_USAGE for NULL. */
NPK_CHECKED NPK_API npk_status npk_walk_next_array(npk_walk *walk, const npk_value **value, npk_array *out,
                                                   npk_error *error);
/* How Python would reach the last value: "[0]['w']", ".coef_", "" for the root and for NULL; "?" where there is not
 * enough memory for it. Borrowed, until the next call with this walk. What Python can't reach stands
 * in angle brackets, as no attribute can: the parts of an object's construction, ".<callable>", ".<args>[1]",
 * ".<kwargs>['x']", ".<state>[0]" and ".<state>['a b']" of a state whose entries are no attributes, ".<state 2>" of a
 * further one; ".<listitems>[0]" and ".<dictitems>['k']" of what was appended to an array, or set in it; ".<keys>[0]",
 * the key of a dict's first entry, and ".<values>[0]", what stands under a key that can't be written down, or is longer
 * than 200 bytes, or an item of a set; ".<id>" of a persistent id; ".<args>" of a MALFORMED. In the place of a path of
 * more than 500 bytes stands the number of the value, "#57" for the one that comes after 57 others; but not in a walk
 * that passed over something. */
NPK_API const char *npk_walk_path(const npk_walk *walk);
/* In how many containers the last value lies, itself counted: 1 for the root; 0 before the first, and for NULL. */
NPK_API size_t npk_walk_depth(const npk_walk *walk);
/* The walk goes on behind the items of the last value. NULL: does nothing. */
NPK_API void npk_walk_skip(npk_walk *walk);
/* Ends a walk. NULL: does nothing. */
NPK_API void npk_walk_free(npk_walk *walk);

/* The value at a path, written as npk_walk_path writes it, or in full; keys also with other quotes and escapes of
 * Python (\xNN, \uNNNN, \UNNNNNNNN, \n), as messages have what is not ASCII; "#57[0]" goes on from the value of that
 * number; borrowed from the document.
 * Returns NPK_OK and fills *out.
 * Errors: NPK_ERR_NOT_FOUND where the path leads to nothing, NPK_ERR_USAGE for what is not a path and for NULL;
 * NPK_ERR_MEMORY. */
NPK_CHECKED NPK_API npk_status npk_value_find(const npk_value *root, const char *path, const npk_value **out,
                                              npk_error *error);

#ifdef __cplusplus
}
#endif
#endif
