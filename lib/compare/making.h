/* How an object is made, whichever spelling its protocol has for it. */
#ifndef NPKI_COMPARE_MAKING_H
#define NPKI_COMPARE_MAKING_H

#include "value/value.h"

#define NPKI_MAKING_STEPS 5
#define NPKI_MADE_HELPERS 2

/* The way from an object to a part of its making: of each value the child to go to. */
typedef struct npki_making_way {
    const npk_value *values[NPKI_MAKING_STEPS];
    size_t children[NPKI_MAKING_STEPS];
    size_t count;
} npki_making_way;

typedef struct npki_made {
    bool by_new;               /* class.__new__(class, ...), else a call */
    uint8_t spelling;          /* two of one spelling are compared part by part */
    const npk_value *callable; /* or class */
    const npk_value *args;     /* a tuple: the arguments are `count` items from `first` on; NULL: there are none */
    bool whole;                /* it is none, but stands for all of them */
    size_t first, count;
    size_t left_out;         /* the item that is none of them though it stands among them; 0: each is one */
    const npk_value *kwargs; /* a dict with items, or NULL */
    npki_making_way to_callable, to_args, to_kwargs;
    const npk_value *helpers[NPKI_MADE_HELPERS]; /* objects that are there for the spelling alone, or NULL */
} npki_made;

/* Of an object that npickle knows nothing else about; false for any other value. */
bool npki_made_of(const npk_value *value, npki_made *out);

/* Whether it is made by a call of what it is made by, and that is seen at once: then all parts of its making are its
 * own. */
bool npki_is_usual_call(const npk_value *value);

/* Whether it has helpers perhaps: those of functools.partial, which is called itself. */
static inline bool npki_may_have_helpers(const npk_value *value)
{
    return value->u.object->callable != NULL && value->u.object->callable->kind == NPK_KIND_OBJECT;
}

/* The parts of such an object, however it is made: class or callable, arguments, keywords, and what came after. Some
 * may be NULL. */
size_t npki_made_parts(const npki_made *made, const npk_value *value);
const npk_value *npki_made_part(const npki_made *made, const npk_value *value, size_t index);

/* Where an argument stands among the items. */
static inline size_t npki_made_at(const npki_made *made, size_t index)
{
    const size_t at = made->first + index;
    return at + (made->left_out != 0 && at >= made->left_out);
}

static inline const npk_value *npki_made_arg(const npki_made *made, size_t index)
{
    return made->whole ? made->args : npki_item_of(made->args, npki_made_at(made, index));
}

/* How many arguments there are. */
static inline size_t npki_made_args(const npki_made *made)
{
    return made->args == NULL ? 0 : made->count;
}

#endif
