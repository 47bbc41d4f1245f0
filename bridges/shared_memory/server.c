/* Takes arrays that Python has in shared memory, and answers with arrays in shared memory of its own: over a connection
 * of multiprocessing, which carries descriptions alone.
 *
 *     server ADDRESS [--limit BYTES] [--timeout SECONDS]
 *
 * ADDRESS is HOST:PORT (port 0: any), or the path of a Unix socket. The first line says where it listens; errors are
 * lines on standard error. What it does with an array is `answer`: the place for what yours should do. */
#include "connection.h"
#include "options.h"
#include "serve.h"
#include "shared.h"

#include <stdio.h>

/* The answer to a value: the same. It is in `block` until the next question. */
static bool answer(struct peer *peer, struct block *block, const npk_doc *question)
{
    return shared_send(peer, block, message_options_for(question), message_value,
                       (void *)(uintptr_t)npk_doc_root(question));
}

/* Until the client goes, or sends what is not good. */
static bool serve(struct peer *peer, void *context)
{
    (void)context;
    uint64_t size;
    bool ended = false, good = true;
    struct block ours = {.size = 0}, theirs = {.size = 0};
    while (good && connection_receive(peer, &size, &ended)) {
        struct shared question;
        good = shared_load(peer, (size_t)size, &theirs, &question);
        if (good) {
            good = answer(peer, &ours, question.doc);
            shared_free(&question);
        }
    }
    block_close(&ours);
    block_close(&theirs);
    return good && ended;
}

static const char usage[] = "usage: server ADDRESS [--limit BYTES] [--timeout SECONDS]\n";

int main(int argc, char **argv)
{
    peer_limits limits;
    if (bridge_options(argc, argv, &limits, NULL, usage) != 2)
        return bridge_usage(usage);
    return serve_all("server", argv[1], &limits, serve, NULL);
}
