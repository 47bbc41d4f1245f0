#include "serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

/* Milliseconds: how long one that is done may stay a zombie, and the same where nobody else has room until then. */
enum { REAP = 500, REAP_WHEN_FULL = 10 };

/* None but ours: the program may have children of another kind. */
static void reap(struct serve *serve)
{
    size_t left = 0;
    for (size_t i = 0; i < serve->count; i++)
        if (waitpid(serve->children[i], NULL, WNOHANG) == 0)
            serve->children[left++] = serve->children[i];
    serve->count = left;
}

/* The process ends with the first one, where the system can do that. */
static void serve_apart(struct serve *serve, struct peer *peer)
{
    const pid_t parent = getpid(), child = fork();
    if (child < 0)
        fprintf(stderr, "%s: a process for the next peer: %s\n", serve->program, strerror(errno));
    if (child > 0)
        serve->children[serve->count++] = child;
    if (child != 0)
        return;
    close(serve->listener);
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
    if (getppid() == parent && !serve->function(peer, serve->context))
        fprintf(stderr, "%s: %s\n", serve->program, peer->error);
    peer_close(peer);
    exit(0);
}

bool serve_next(struct serve *serve, int milliseconds, bool *found, char *error, size_t size)
{
    struct peer peer;
    const bool full = serve->count == SERVE_MOST;
    struct pollfd wait = {.fd = full ? -1 : serve->listener, .events = POLLIN};
    const int least = full ? REAP_WHEN_FULL : REAP;
    if (serve->count > 0 && (milliseconds < 0 || milliseconds > least))
        milliseconds = least;
    *found = poll(&wait, 1, milliseconds) > 0;
    if (*found) {
        *found = peer_accept(serve->listener, &peer, &serve->limits, serve->program, &serve->said);
        if (!*found && peer.error[0] != '\0') {
            snprintf(error, size, "%s", peer.error);
            return false;
        }
        if (*found)
            serve_apart(serve, &peer);
        peer_close(&peer);
    }
    reap(serve);
    return true;
}

int serve_all(const char *program, const char *address, const peer_limits *limits, serve_function *function,
              void *context)
{
    struct serve serve = {.program = program, .limits = *limits, .function = function, .context = context};
    char text[256];
    const char *error;
    bool found;
    serve.listener = peer_listen(address, text, sizeof text, &error);
    if (serve.listener < 0) {
        fprintf(stderr, "%s: %s\n", address, error);
        return 1;
    }
    printf("%s\n", text);
    fflush(stdout);
    while (serve_next(&serve, -1, &found, text, sizeof text))
        continue;
    fprintf(stderr, "%s: %s\n", program, text);
    return 1;
}
