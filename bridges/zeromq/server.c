/* A REP socket: takes what Python sends with send_pyobj, or as a pickle and its buffers, and sends it back the same
 * way.
 *
 *     server ENDPOINT [--limit BYTES] [--timeout SECONDS]
 *
 * ENDPOINT is what bind takes: tcp://127.0.0.1:5555, tcp://127.0.0.1:* for any port, ipc:///path. The first line says
 * where it listens; errors are lines on standard error, and an answer that is a ValueError, since who has asked waits
 * for one.
 * What it does with a message is `answer`: the place for what yours should do. */
#include "options.h"
#include "parts.h"

#include <stdio.h>

/* The answer to a message: the same value. */
static bool answer(struct link *link, struct parts *question, const npk_doc *doc)
{
    return parts_send(link, question, parts_has_buffers(question) ? PARTS_OUT_OF_BAND : PARTS_IN_BAND,
                      message_options_for(doc), message_value, (void *)(uintptr_t)npk_doc_root(doc));
}

/* The same, of which nothing needs memory: ValueError('not enough memory'), protocol 2. */
static bool refuse_for_memory(struct link *link)
{
    static const char body[] = "\x80\x02"
                               "cbuiltins\nValueError\n"
                               "X\x11\0\0\0not enough memory\x85R.";
    return zmq_send_const(link->socket, body, sizeof body - 1, 0) >= 0;
}

static bool refuse(struct link *link)
{
    char text[sizeof link->error];
    snprintf(text, sizeof text, "%s", link->error);
    fprintf(stderr, "server: %s\n", text);
    const npk_write_options options = {.protocol_given = true, .protocol = 2};
    return parts_send(link, NULL, PARTS_IN_BAND, options, message_value_error, text) || refuse_for_memory(link);
}

static void serve(struct link *link)
{
    struct parts *question = parts_receive(link);
    const npk_doc *doc = question == NULL ? NULL : parts_doc(link, question);
    if ((doc == NULL || !answer(link, question, doc)) && !refuse(link))
        fprintf(stderr, "server: %s\n", link->error);
    parts_free(question);
}

static const char usage[] = "usage: server ENDPOINT [--limit BYTES] [--timeout SECONDS]\n";

int main(int argc, char **argv)
{
    peer_limits limits;
    struct link link;
    char where[256];
    size_t size = sizeof where;
    if (bridge_options(argc, argv, &limits, NULL, usage) != 2)
        return bridge_usage(usage);
    bool good = link_open(&link, ZMQ_REP, &limits);
    if (good &&
        (zmq_bind(link.socket, argv[1]) != 0 || zmq_getsockopt(link.socket, ZMQ_LAST_ENDPOINT, where, &size) != 0))
        good = link_system_error(&link, argv[1]);
    if (good) {
        printf("%s\n", where);
        fflush(stdout);
    }
    while (good)
        serve(&link);
    fprintf(stderr, "server: %s\n", link.error);
    link_close(&link);
    return 1;
}
