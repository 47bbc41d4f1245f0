/* The way down to the value at hand. */
#ifndef NPKI_WRITER_GRAPH_WALK_H
#define NPKI_WRITER_GRAPH_WALK_H

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

typedef struct npki_walk {
    npk_writer *w;
    npki_stop *ways;
    size_t depth, room;
} npki_walk;

/* Of a value that comes next: python2.c. */
npki_role npki_role_at(const npki_walk *k, const npk_value *value);

/* --- run.c --- */

/* How many of the next items are written, as items of a run, in which nothing happens and nothing is asked for. */
size_t npki_run_items(const npki_walk *k, const npki_stop *way);

/* Down and up through lists, dicts and tuples that no call made and to which nothing happens, as far as there are no others. */
void npki_run_even(npki_walk *k);

#endif
