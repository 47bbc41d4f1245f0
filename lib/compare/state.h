/* A comparison from the inside: what its parts share. */
#ifndef NPKI_COMPARE_STATE_H
#define NPKI_COMPARE_STATE_H

#include "compare/compare.h"

#include "base/map.h"

/* A pair of containers that is being compared. */
typedef struct npki_compare_frame {
    const npk_value *a, *b;
    size_t next, count; /* children of a */
    size_t child;       /* the one that is compared now */
    bool second;        /* `child` is one of b */
    size_t *match;      /* dict, set: which item of b goes with each of a, or NPKI_COMPARE_NONE */
} npki_compare_frame;

#define NPKI_COMPARE_NONE SIZE_MAX

typedef struct npki_compare {
    const npki_compare_options *options;
    uint64_t left; /* work */
    uint64_t differences;
    npk_status status; /* the first failure: NPK_ERR_LIMIT or NPK_ERR_MEMORY */
    npki_compare_frame *frames;
    size_t depth, room;
    npki_map numbers[2]; /* of the containers met in a and in b */
    npki_map pairs;      /* that were compared, or are being compared */
} npki_compare;

/* False, and a failure, where the work is used up. */
bool npki_compare_charge(npki_compare *c, uint64_t work);

/* Tells a difference at the place that is being compared. */
void npki_compare_say(npki_compare *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Tells two values: of different kinds, or of one kind without parts, where `from` is the byte at which two texts
 * part. */
void npki_compare_say_kinds(npki_compare *c, const npk_value *a, const npk_value *b);
void npki_compare_say_values(npki_compare *c, const npk_value *a, const npk_value *b, size_t from);

/* Compares two values without parts: of one kind, or a str of either Python with one of the other. */
void npki_compare_atoms(npki_compare *c, const npk_value *a, const npk_value *b);

/* Equal values have equal hashes, but unequal ones may have one too: a str, bytes and a str of Python 2 with the same
 * characters do, so that they are compared with each other. */
uint64_t npki_compare_hash(npki_compare *c, const npk_value *value);

/* For each of the `count` items of a, `step` apart, its partner in b. False after a failure. */
bool npki_compare_match(npki_compare *c, npki_compare_frame *frame, size_t step);

/* Whether two globals are the same class or function, by the names that Python 3 and the newest NumPy have for them. */
bool npki_compare_same_global(const npk_value *a, const npk_value *b);

#endif
