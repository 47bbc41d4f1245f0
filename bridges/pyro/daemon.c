/* A Daemon of Pyro with one object, whose methods are functions in C.
 *
 *     daemon ADDRESS [--object NAME] [--key TEXT] [--pyro3] [--limit BYTES] [--timeout SECONDS]
 *
 * ADDRESS is HOST:PORT (port 0: any), or the path of a Unix socket. The first line is the URI for a Proxy of Python;
 * errors are lines on standard error. `methods` is the place for yours: they are called one at a time. */
#include "options.h"
#include "pyro.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* --- the methods --- */

/* The same value. */
static void push(const npk_value *args, struct pyro_answer *answer)
{
    answer->body = message_value;
    answer->context = (void *)(uintptr_t)npk_value_item(args, 0);
}

/* The sum of an array; TypeError for what is none. */
static void sum(const npk_value *args, struct pyro_answer *answer)
{
    npk_array array;
    npk_error error;
    if (npk_array_of(npk_value_item(args, 0), &array, &error) != NPK_OK) {
        pyro_raise(answer, "TypeError", "%s", error.message);
        return;
    }
    const size_t count = (size_t)npk_array_count(&array);
    double *values = malloc((count + 1) * sizeof *values);
    if (values == NULL)
        pyro_raise(answer, "MemoryError", "%zu elements", count);
    else if (NPK_ARRAY_READ_AS(&array, NPK_CAST_SAME_KIND, values, count, &error) != NPK_OK)
        pyro_raise(answer, "TypeError", "%s", error.message);
    else
        for (size_t i = 0; i < count; i++)
            answer->number += values[i];
    answer->body = pyro_write_number;
    answer->context = answer;
    free(values);
}

/* An exception with this text, of which 200 bytes are kept. */
static void fail(const npk_value *args, struct pyro_answer *answer)
{
    size_t size = 0;
    const npk_value *value = npk_value_item(args, 0);
    const char *text = npk_value_text(value, &size);
    if (text == NULL)
        pyro_raise(answer, "TypeError", "expected a text, found %s", npk_kind_name(npk_value_kind(value)));
    else if (memchr(text, '\0', size) != NULL)
        pyro_raise(answer, "TypeError", "expected a text without a NUL");
    else
        pyro_raise(answer, "ValueError", "%.*s", size < 200 ? (int)size : 200, text);
}

/* Counts, and lets nobody wait for it. */
static double ticks;

static void tick(const npk_value *args, struct pyro_answer *answer)
{
    (void)args;
    (void)answer;
    ticks += 1;
}

static void how_many(const npk_value *args, struct pyro_answer *answer)
{
    (void)args;
    answer->number = ticks;
    answer->body = pyro_write_number;
    answer->context = answer;
}

static const struct pyro_method methods[] = {
    {"push", 1, push, false}, {"echo", 1, push, false},      {"sum", 1, sum, false}, {"fail", 1, fail, false},
    {"tick", 0, tick, true},  {"ticks", 0, how_many, false}, {NULL, 0, NULL, false}};

/* --- whoever connects: a thread each, so that one that is slow keeps nobody waiting --- */

#define VISITORS 64

/* Their places are there before they come: who finds one is not sent away for want of memory. */
struct guest {
    bool is_here; /* under the lock, as what they say of themselves */
    struct pyro_visitor visitor;
    struct reception *reception;
    double quiet_since; /* since when he has nothing to ask; 0: he has, or has not said who he is */
    bool sent_away;
};

struct reception {
    const struct pyro_protocol *protocol;
    struct pyro_registry registry;
    const char *key;
    peer_limits limits;
    int listener;
    double said; /* peer_accept's */
    pthread_mutex_t lock;
    struct guest guests[VISITORS];
};

/* A proxy may be quiet for hours between its calls, but not before it has said who it is, and only while others find
 * room. */
static bool wait_for_call(struct guest *guest)
{
    struct peer *peer = &guest->visitor.peer;
    pthread_mutex_t *lock = &guest->reception->lock;
    if (!guest->visitor.greeted)
        return true;
    const double since = peer_now();
    pthread_mutex_lock(lock);
    guest->quiet_since = since;
    pthread_mutex_unlock(lock);
    const bool good = peer_wait(peer);
    pthread_mutex_lock(lock);
    guest->quiet_since = 0;
    pthread_mutex_unlock(lock);
    if (guest->sent_away)
        return peer_fail(peer, "%d are connected: one that was quiet for %.0f seconds must go", VISITORS,
                         peer_now() - since);
    return good;
}

/* A place that is free, which is taken now. Where none is, NULL, and the one that has been quiet longest loses his, if
 * that is longer than the time limit. */
static struct guest *find_place(struct reception *reception)
{
    struct guest *quietest = NULL, *place = NULL;
    bool leaving = false;
    pthread_mutex_lock(&reception->lock);
    for (size_t i = 0; place == NULL && i < VISITORS; i++) {
        struct guest *guest = &reception->guests[i];
        if (!guest->is_here)
            place = guest;
        leaving |= guest->sent_away;
        if (guest->quiet_since > 0 && (quietest == NULL || guest->quiet_since < quietest->quiet_since))
            quietest = guest;
    }
    const int seconds = reception->limits.seconds;
    if (place != NULL) {
        *place = (struct guest){.is_here = true, .visitor = {.key = reception->key}, .reception = reception};
    } else if (quietest != NULL && !leaving && seconds > 0 && peer_now() - quietest->quiet_since >= seconds) {
        quietest->sent_away = true;
        shutdown(quietest->visitor.peer.fd, SHUT_RDWR); /* he sees it */
    }
    pthread_mutex_unlock(&reception->lock);
    return place;
}

/* The guest is gone, one way or the other. */
static void part(struct guest *guest)
{
    pthread_mutex_lock(&guest->reception->lock);
    peer_close(&guest->visitor.peer);
    guest->is_here = false;
    pthread_mutex_unlock(&guest->reception->lock);
}

static void *serve_guest(void *context)
{
    struct guest *guest = context;
    struct pyro_visitor *visitor = &guest->visitor;
    struct reception *reception = guest->reception;
    bool good = reception->protocol->let_in(visitor);
    while (good)
        good = wait_for_call(guest) && reception->protocol->serve(visitor, &reception->registry);
    if (!visitor->ended)
        fprintf(stderr, "daemon: %s\n", visitor->peer.error);
    part(guest);
    return NULL;
}

/* False: nobody can be served any more. */
static bool serve_next(struct guest *guest)
{
    pthread_t thread;
    struct peer *peer = &guest->visitor.peer;
    struct reception *reception = guest->reception;
    const bool found = peer_accept(reception->listener, peer, &reception->limits, "daemon", &reception->said);
    const bool ends = !found && peer->error[0] != '\0';
    if (found && (errno = pthread_create(&thread, NULL, serve_guest, guest)) == 0)
        return pthread_detach(thread) == 0;
    if (found)
        (void)peer_fail(peer, "a thread for the next visitor: %s", strerror(errno));
    if (peer->error[0] != '\0')
        fprintf(stderr, "daemon: %s\n", peer->error);
    part(guest);
    return !ends;
}

/* Milliseconds, after which it looks again whether there is room. */
enum { FULL = 10 };

static int serve(struct reception *reception)
{
    struct peer listener = {.fd = reception->listener};
    for (;;) {
        (void)peer_wait(&listener); /* nobody must go before there is another one */
        struct guest *guest;
        while ((guest = find_place(reception)) == NULL)
            poll(NULL, 0, FULL);
        if (!serve_next(guest))
            return 1;
    }
}

static const char usage[] =
    "usage: daemon ADDRESS [--object NAME] [--key TEXT] [--pyro3] [--limit BYTES] [--timeout SECONDS]\n";

int main(int argc, char **argv)
{
    static struct reception reception = {.registry = {"npickle", methods}};
    const char *error;
    bool is_pyro3 = false;
    const bridge_option more[] = {{"--object", &reception.registry.object, NULL},
                                  {"--key", &reception.key, NULL},
                                  {"--pyro3", NULL, &is_pyro3},
                                  {NULL, NULL, NULL}};
    char where[256];
    if (bridge_options(argc, argv, &reception.limits, more, usage) != 2)
        return bridge_usage(usage);
    reception.listener = peer_listen(argv[1], where, sizeof where, &error);
    if (reception.listener < 0) {
        fprintf(stderr, "%s: %s\n", argv[1], error);
        return 1;
    }
    pthread_mutex_init(&reception.lock, NULL);
    reception.protocol = is_pyro3 ? &pyro3 : &pyro4;
    reception.protocol->print_uri(reception.registry.object, where);
    fflush(stdout);
    return serve(&reception);
}
