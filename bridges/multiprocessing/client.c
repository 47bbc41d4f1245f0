/* A multiprocessing.connection.Client: sends a pickle to a Listener of Python, and keeps what comes back.
 *
 *     client ADDRESS FILE.pkl ANSWER.pkl [--key TEXT] [--limit BYTES] [--timeout SECONDS]
 */
#include "key.h"
#include "options.h"

#include <stdio.h>

static bool exchange(struct peer *peer, const char *key, const npk_doc *question, const char *path)
{
    const npk_write_options options = message_options_for(question);
    uint64_t size;
    bool ended = false;
    if (!connection_connected(peer, key) ||
        !connection_send(peer, &options, message_value, (void *)(uintptr_t)npk_doc_root(question)))
        return false;
    if (!connection_receive(peer, &size, &ended))
        return ended ? peer_fail(peer, "the peer went away without an answer") : false;
    npk_doc *answer = message_load(peer, 0, (size_t)size, NULL, 0);
    npk_error error;
    bool good = answer != NULL;
    if (good && npk_doc_save(path, answer, NULL, &error) != NPK_OK)
        good = peer_fail(peer, "%s", error.message);
    npk_doc_free(answer);
    return good;
}

int main(int argc, char **argv)
{
    const char *key = NULL;
    const bridge_option more[] = {{"--key", &key, NULL}, {NULL, NULL, NULL}};
    peer_limits limits;
    struct peer peer;
    npk_doc *question = NULL;
    npk_error error;
    if (bridge_options(argc, argv, &limits, more) != 4) {
        fprintf(stderr, "usage: client ADDRESS FILE.pkl ANSWER.pkl [--key TEXT] [--limit BYTES] [--timeout SECONDS]\n");
        return 2;
    }
    if (npk_doc_load(argv[2], NULL, &question, &error) != NPK_OK) {
        fprintf(stderr, "client: %s: %s\n", argv[2], error.message);
        return 1;
    }
    bool good = peer_connect(&peer, argv[1], &limits) && exchange(&peer, key, question, argv[3]);
    if (!good)
        fprintf(stderr, "client: %s\n", peer.error);
    peer_close(&peer);
    npk_doc_free(question);
    return good ? 0 : 1;
}
