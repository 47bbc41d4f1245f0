/* The way down to the value at hand. */
#ifndef NPKI_WRITER_GRAPH_WALK_H
#define NPKI_WRITER_GRAPH_WALK_H

#include "base/siphash.h"
#include "writer/graph/graph.h"

/* A container or call on the way down, or a value that is dropped, and what of it comes next. */
typedef struct npki_stop {
    const npk_value *value;
    const npki_object *call; /* the call that makes it, or NULL */
    npki_spelled spelled;    /* the call, at the writer's protocol */
    size_t next;             /* of a call 1 once it is written; of a value that is dropped likewise */
    const npki_items *items; /* of a container, or what is added to an object, at `next_item` */
    size_t next_item, end_item;
    npki_making making; /* of an object */
    size_t event, end_event;
    bool dropped;   /* nothing but this value, which is dropped then */
    bool in_call;   /* a set, whose items are those of a list in the arguments of a call */
    npki_role role; /* of the strings in it */
} npki_stop;

/* What keys are equal to, here and in the target, of those that are shared; by npki_key of their role. */
typedef struct npki_keys {
    bool asked; /* keys may become equal */
    npki_map here, there;
    npki_hash_key by;
} npki_keys;

typedef struct npki_walk {
    npk_writer *w;
    npki_stop *ways;
    size_t depth, room;
    npki_keys keys;
} npki_walk;

/* Of a value that comes next: python2.c. */
npki_role npki_role_at(const npki_walk *k, const npk_value *value);

/* --- keys.c --- */

void npki_start_keys(npki_walk *k);
void npki_end_keys(npki_walk *k);

/* Where `keys.asked`: an error if two keys of a dict, or items of a set, are one in the target, but not here. */
void npki_check_keys(npki_walk *k, const npk_value *value);

/* --- run.c --- */

/* How many of the next items are written, as items of a run, in which nothing happens and nothing is asked for. */
size_t npki_run_items(const npki_walk *k, const npki_stop *way);

/* Down and up through lists, dicts and tuples that no call made and to which nothing happens, as far as there are no others. */
void npki_run_even(npki_walk *k);

#endif
