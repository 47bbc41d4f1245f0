/* Puts the arrays of a pickle into shared memory, tells a Listener of Python where, and keeps what comes back, which is in shared memory of Python's.
 *
 *     client ADDRESS FILE.pkl ANSWER.pkl [--limit BYTES] [--timeout SECONDS]
 */
#include "connection.h"
#include "options.h"
#include "shared.h"

#include <stdio.h>

static bool keep(struct peer *peer, size_t size, const char *path)
{
    struct block block = {.size = 0};
    struct shared answer;
    npk_error error;
    /* Where the elements are now is no place for those of a file. */
    const npk_write_options options = {.protocol_given = true, .protocol = 4};
    bool good = shared_load(peer, size, &block, &answer);
    if (good) {
        good = npk_doc_save(path, answer.doc, &options, &error) == NPK_OK || peer_fail(peer, "%s", error.message);
        shared_free(&answer);
    }
    block_close(&block);
    return good;
}

static bool exchange(struct peer *peer, const npk_doc *question, const char *path)
{
    struct block block = {.size = 0};
    uint64_t size;
    bool ended = false;
    bool good = shared_send(peer, &block, message_options_for(question), message_array,
                            (void *)(uintptr_t)npk_doc_root(question));
    if (good && !connection_receive(peer, &size, &ended))
        good = ended ? peer_fail(peer, "the peer went away without an answer") : false;
    good = good && keep(peer, (size_t)size, path);
    block_close(&block); /* Python has answered: it is done with it */
    return good;
}

int main(int argc, char **argv)
{
    peer_limits limits;
    struct peer peer;
    npk_doc *question = NULL;
    npk_error error;
    if (bridge_options(argc, argv, &limits, NULL) != 4) {
        fprintf(stderr, "usage: client ADDRESS FILE.pkl ANSWER.pkl [--limit BYTES] [--timeout SECONDS]\n");
        return 2;
    }
    if (npk_doc_load(argv[2], NULL, &question, &error) != NPK_OK) {
        fprintf(stderr, "client: %s: %s\n", argv[2], error.message);
        return 1;
    }
    bool good = peer_connect(&peer, argv[1], &limits) && exchange(&peer, question, argv[3]);
    if (!good)
        fprintf(stderr, "client: %s\n", peer.error);
    peer_close(&peer);
    npk_doc_free(question);
    return good ? 0 : 1;
}
