/* A multiprocessing.connection.Client: sends a pickle to a Listener of Python, and keeps what comes back.
 *
 *     client ADDRESS FILE.pkl ANSWER.pkl [--key TEXT] [--times COUNT [--clock]] [--limit BYTES] [--timeout SECONDS]
 *
 * With --times it asks so often, and keeps the last answer; with --clock it prints the seconds of one. */
#include "key.h"
#include "times.h"

#include <stdio.h>

/* One question and its answer, which borrows from the peer until the next. NULL: peer->error. */
static npk_doc *ask(struct peer *peer, const npk_doc *question)
{
    const npk_write_options options = message_options_for(question);
    uint64_t size;
    bool ended = false;
    if (!connection_send(peer, &options, message_value, (void *)(uintptr_t)npk_doc_root(question)))
        return NULL;
    if (connection_receive(peer, &size, &ended))
        return connection_load(peer, size);
    if (ended)
        peer_fail(peer, "the peer went away without an answer");
    return NULL;
}

static bool ask_often(struct peer *peer, const npk_doc *question, struct times *times, const char *path)
{
    npk_doc *answer = NULL;
    npk_error error;
    bool good = true;
    while (good && times_next(times)) {
        npk_doc_free(answer);
        answer = ask(peer, question);
        good = answer != NULL;
    }
    if (good && npk_doc_save(path, answer, NULL, &error) != NPK_OK)
        good = peer_fail(peer, "%s", error.message);
    if (good)
        times_print(times);
    npk_doc_free(answer);
    return good;
}

static const char usage[] = "usage: client ADDRESS FILE.pkl ANSWER.pkl [--key TEXT] " TIMES_USAGE "\n"
                            "              [--limit BYTES] [--timeout SECONDS]\n";

int main(int argc, char **argv)
{
    const char *key = NULL;
    struct times times = {0};
    const bridge_option more[] = {{"--key", &key, NULL}, TIMES_OPTIONS(&times), {NULL, NULL, NULL}};
    peer_limits limits;
    struct peer peer;
    npk_doc *question = NULL;
    npk_error error;
    if (bridge_options(argc, argv, &limits, more, usage) != 4 || !times_good(&times))
        return bridge_usage(usage);
    if (npk_doc_load(argv[2], NULL, &question, &error) != NPK_OK) {
        fprintf(stderr, "client: %s\n", peer_file_error(argv[2], &error));
        return 1;
    }
    bool good = peer_connect(&peer, argv[1], &limits) && connection_connected(&peer, key) &&
                ask_often(&peer, question, &times, argv[3]);
    if (!good)
        fprintf(stderr, "client: %s\n", peer.error);
    peer_close(&peer);
    npk_doc_free(question);
    return good ? 0 : 1;
}
