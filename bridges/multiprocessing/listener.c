/* A multiprocessing.connection.Listener: takes what a Client of Python sends, and sends it back.
 *
 *     listener ADDRESS [--key TEXT] [--limit BYTES] [--timeout SECONDS]
 *
 * ADDRESS is HOST:PORT (port 0: any), or the path of a Unix socket. The first line says where it listens; errors are
 * lines on standard error. What it does with a message is `answer`: the place for what yours should do. */
#include "key.h"
#include "options.h"
#include "serve.h"

#include <stdio.h>

/* The answer to a message: the same value. */
static bool answer(struct peer *peer, const npk_doc *question)
{
    npk_write_options options = message_options_for(question);
    return connection_send(peer, &options, message_value, (void *)(uintptr_t)npk_doc_root(question));
}

/* Until the client goes, or sends what is not good. context: the key. */
static bool serve(struct peer *peer, void *context)
{
    const char **key = context;
    uint64_t size;
    bool ended = false;
    bool good = connection_accepted(peer, *key);
    while (good && connection_receive(peer, &size, &ended)) {
        npk_doc *question = connection_load(peer, size);
        good = question != NULL && answer(peer, question);
        npk_doc_free(question);
    }
    return good && ended;
}

static const char usage[] = "usage: listener ADDRESS [--key TEXT] [--limit BYTES] [--timeout SECONDS]\n";

int main(int argc, char **argv)
{
    const char *key = NULL;
    const bridge_option more[] = {{"--key", &key, NULL}, {NULL, NULL, NULL}};
    peer_limits limits;
    if (bridge_options(argc, argv, &limits, more, usage) != 2)
        return bridge_usage(usage);
    return serve_all("listener", argv[1], &limits, serve, &key);
}
