/* A Daemon of Pyro with one object, whose methods are functions in C.
 *
 *     daemon ADDRESS [--object NAME] [--key TEXT] [--pyro3] [--limit BYTES] [--timeout SECONDS]
 *
 * ADDRESS is HOST:PORT (port 0: any), or the path of a Unix socket. The first line is the URI for a Proxy of Python; errors are lines on standard error.
 * `methods` is the place for yours. */
#include "options.h"
#include "pyro.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* An exception with this text. */
static void fail(const npk_value *args, struct pyro_answer *answer)
{
    size_t size = 0;
    const char *text = npk_value_text(npk_value_item(args, 0), &size);
    pyro_raise(answer, "ValueError", "%.*s", size < 200 ? (int)size : 200, text == NULL ? "" : text);
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

/* --- whoever connects: all at once, and one message at a time --- */

#define VISITORS 64

struct reception {
    const struct pyro_protocol *protocol;
    struct pyro_registry registry;
    const char *key;
    peer_limits limits;
    int listener;
    size_t count;
    struct pyro_visitor visitors[VISITORS];
};

static void say_goodbye(struct reception *reception, size_t index)
{
    struct pyro_visitor *visitor = &reception->visitors[index];
    if (!visitor->ended)
        fprintf(stderr, "daemon: %s\n", visitor->peer.error);
    peer_close(&visitor->peer);
    *visitor = reception->visitors[--reception->count];
}

static void let_in(struct reception *reception)
{
    struct pyro_visitor *visitor = &reception->visitors[reception->count];
    *visitor = (struct pyro_visitor){.key = reception->key, .since = time(NULL)};
    if (!peer_accept(reception->listener, &visitor->peer, &reception->limits))
        fprintf(stderr, "daemon: %s\n", visitor->peer.error);
    else if (reception->count++, !reception->protocol->let_in(visitor))
        say_goodbye(reception, reception->count - 1);
}

/* Proxies may be quiet for hours, but not before they have said who they are. */
static void send_away(struct reception *reception, time_t now)
{
    const int seconds = reception->limits.seconds;
    for (size_t i = reception->count; seconds > 0 && i-- > 0;) {
        struct pyro_visitor *visitor = &reception->visitors[i];
        if (!visitor->greeted && now - visitor->since > seconds) {
            peer_fail(&visitor->peer, "read: nothing for %d seconds", seconds);
            say_goodbye(reception, i);
        }
    }
}

static int serve(struct reception *reception)
{
    struct pollfd ready[VISITORS + 1];
    for (;;) {
        const size_t count = reception->count;
        for (size_t i = 0; i < count; i++)
            ready[i] = (struct pollfd){.fd = reception->visitors[i].peer.fd, .events = POLLIN};
        ready[count] = (struct pollfd){.fd = reception->listener, .events = count < VISITORS ? POLLIN : 0};
        if (poll(ready, count + 1, 1000) < 0 && errno != EINTR) {
            fprintf(stderr, "daemon: poll: %s\n", strerror(errno));
            return 1;
        }
        for (size_t i = count; i-- > 0;)
            if (ready[i].revents != 0 && !reception->protocol->serve(&reception->visitors[i], &reception->registry))
                say_goodbye(reception, i);
        if (ready[count].revents & POLLIN)
            let_in(reception);
        send_away(reception, time(NULL));
    }
}

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
    if (bridge_options(argc, argv, &reception.limits, more) != 2) {
        fprintf(stderr,
                "usage: daemon ADDRESS [--object NAME] [--key TEXT] [--pyro3] [--limit BYTES] [--timeout SECONDS]\n");
        return 2;
    }
    reception.listener = peer_listen(argv[1], where, sizeof where, &error);
    if (reception.listener < 0) {
        fprintf(stderr, "%s: %s\n", argv[1], error);
        return 1;
    }
    reception.protocol = is_pyro3 ? &pyro3 : &pyro4;
    reception.protocol->print_uri(reception.registry.object, where);
    fflush(stdout);
    return serve(&reception);
}
