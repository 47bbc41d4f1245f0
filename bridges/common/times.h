/* --times COUNT of a client, which asks so often and keeps the last answer, and --clock, which prints how long that
 * takes. */
#ifndef BRIDGES_TIMES_H
#define BRIDGES_TIMES_H

#include "options.h"

struct times {
    const char *text; /* of --times */
    bool clock;
    uint64_t count, done;
    double start, seconds; /* of all but the first, which waits for what is made once: connections, memory */
};

/* The rows of it in a table of bridge_options. */
#define TIMES_OPTIONS(times)                                                                                           \
    {"--times", &(times)->text, NULL},                                                                                 \
    {                                                                                                                  \
        "--clock", NULL, &(times)->clock                                                                               \
    }
#define TIMES_USAGE "[--times COUNT [--clock]]"

/* Whether what was given is a number: from 1 on, or from 2 with --clock. */
bool times_good(struct times *times);

/* The condition of the loop: whether there is one more to do. */
bool times_next(struct times *times);

/* After the loop: the seconds of one, on a line of standard output, where --clock was given. */
void times_print(const struct times *times);

#endif
