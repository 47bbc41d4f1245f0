/* Servers: each that connects has a process of its own, up to SERVE_MOST at a time, so that one that is quiet or slow
 * keeps nobody waiting. */
#ifndef BRIDGES_SERVE_H
#define BRIDGES_SERVE_H

#include "peer.h"

#include <sys/types.h>

/* One that has connected. False: peer->error. It changes nothing that the next one is to find, but for memory that
 * processes share. */
typedef bool serve_function(struct peer *peer, void *context);

enum { SERVE_MOST = 64 };

struct serve {
    const char *program; /* its name in front of a line on standard error, where `function` says no */
    int listener;
    peer_limits limits;
    serve_function *function;
    void *context;
    pid_t children[SERVE_MOST]; /* those who are being served */
    size_t count;
    double said; /* peer_accept's */
};

/* Waits for the next one, so many milliseconds (-1: any time) and no longer than until it is time to look who is done,
 * and begins to serve him. *found: whether there was one, and room for him. False: *error says why there can be no more
 * of them. */
bool serve_next(struct serve *serve, int milliseconds, bool *found, char *error, size_t size);

/* Prints where it listens, as peer_listen has it, and serves all. Returns an exit status, where it can't listen, or not
 * any more. */
int serve_all(const char *program, const char *address, const peer_limits *limits, serve_function *function,
              void *context);

#endif
