/* Copies of what a call is made of, for a rule to change: of what many calls have there is one. */
#ifndef NPKI_COMPARE_COPIES_H
#define NPKI_COMPARE_COPIES_H

#include "base/arena.h"
#include "base/limits.h"
#include "compare/state.h"
#include "known/known.h"

/* As deep lies what a rule changes: the dtypes in the fields of a dtype's state, what a class has put an array's state
 * in. */
#define NPKI_COPIES_DEEPEST 6
#define NPKI_COPIES_FEW 64 /* items of a container that a rule looks into: more than an array's state has */

struct npki_compare_stays {
    npki_arena arena; /* the copies */
    npki_map made;    /* the address of a call -> that as which it is compared, or itself; 0 until that is known */
    npki_dynbuf todo; /* of the calls that are made, those in others last */
    npk_limits limits;
    npki_map copies[NPKI_MEANINGS]; /* for a call of each: the address of a part and its level -> its copied */
    npki_map searched;              /* the same -> nothing: it has no calls that are not to be made */
    npki_map results;               /* a hash -> the result */
};

/* What stands for a part, and for how long. */
typedef struct npki_copied {
    npk_value *value;    /* NULL: there is something in it with which no call is made */
    uint64_t from, last; /* between these offsets it has what it has */
    size_t parts;        /* in it, as often as they are met */
    bool lasts;          /* what has the same part may have the same copy */
    bool items_last;     /* the same of all that is directly in it */
} npki_copied;

/* For a call. */
typedef struct npki_copier {
    npki_compare *c;
    struct npki_compare_stays *s;
    npki_meaning meaning;
    uint64_t until; /* the offset up to which the parts have what they have */
} npki_copier;

/* Whether the items of a container are copied, too. */
static inline bool npki_copies_enter(const npk_value *value)
{
    const bool holds = value->kind == NPK_KIND_TUPLE || value->kind == NPK_KIND_DICT;
    return holds && npki_count_of(value) <= NPKI_COPIES_FEW;
}

/* Whether a part is the same as another that says the same. */
#define NPKI_COPIES_SHORT 16 /* bytes of a text */
static inline bool npki_copies_say(const npk_value *part)
{
    return (part->kind == NPK_KIND_INT && (part->flags & NPKI_IS_LONG) == 0) ||
           (part->kind == NPK_KIND_STR && part->encoding == NPK_ENCODING_RAW && part->u.text.size <= NPKI_COPIES_SHORT);
}

/* A value has less than this many levels, and as many bytes. */
_Static_assert(NPKI_COPIES_DEEPEST < sizeof(npk_value), "the levels of two values have keys of their own");
static inline uint64_t npki_copies_key(const npk_value *value, size_t level)
{
    return (uintptr_t)value + level;
}

/* Memory for copies. NULL, and a failure, without any. */
void *npki_copies_take(npki_copier *m, size_t size);

/* An object alone, with what it holds. */
npk_value *npki_copy_object(npki_copier *m, const npk_value *value);

/* Arguments or a state, with all that a rule may change. Value NULL, too, where the work is used up. */
npki_copied npki_copy_parts(npki_copier *m, const npk_value *whole);

#endif
