/* What all programs here take: --limit BYTES, --timeout SECONDS, --help, and what each adds. */
#ifndef BRIDGES_OPTIONS_H
#define BRIDGES_OPTIONS_H

#include "peer.h"

typedef struct bridge_option {
    const char *name;  /* "--key"; the last one has none */
    const char **text; /* gets what follows it; or NULL: */
    bool *flag;        /* ... is set */
} bridge_option;

/* Takes the options out of argv, in any place, and gives the number of arguments that are left, the program's name
 * first. -1: one that does not exist, or without a good value; a line on standard error says so. NULL for `more`: no
 * others; for `limits`: not these two. --help ends the program, with status 0, after `usage` and what --limit and
 * --timeout are. From now on a pipe that nobody reads is an error where it is written to, and not the end. */
int bridge_options(int argc, char **argv, peer_limits *limits, const bridge_option *more, const char *usage);

/* The number that follows option `name`: digits alone, from `least` to `most`. False: a line on standard error says
 * what `text` is, which may be NULL. */
bool bridge_number(const char *name, const char *text, uint64_t least, uint64_t most, uint64_t *out);

/* What else the arguments are not: `usage` on standard error, and the exit status. */
int bridge_usage(const char *usage);

#endif
