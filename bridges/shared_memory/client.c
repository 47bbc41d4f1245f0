/* Puts the arrays of a pickle into shared memory, tells a Listener of Python where, and keeps what comes back, which is
 * in shared memory of Python's.
 *
 *     client ADDRESS FILE.pkl ANSWER.pkl [--times COUNT [--clock]] [--limit BYTES] [--timeout SECONDS]
 *
 * With --times it asks so often, and keeps the last answer; with --clock it prints the seconds of one. */
#include "connection.h"
#include "shared.h"
#include "times.h"

#include <stdio.h>

/* One question and its answer, whose arrays are in `theirs`. Python has answered: it is done with what is in `ours`. */
static bool ask(struct peer *peer, struct block *ours, struct block *theirs, const npk_doc *question,
                struct shared *answer)
{
    uint64_t size;
    bool ended = false;
    if (!shared_send(peer, ours, message_options_for(question), message_array,
                     (void *)(uintptr_t)npk_doc_root(question)))
        return false;
    if (connection_receive(peer, &size, &ended))
        return shared_load(peer, (size_t)size, theirs, answer);
    return ended ? peer_fail(peer, "the peer went away without an answer") : false;
}

static bool ask_often(struct peer *peer, const npk_doc *question, struct times *times, const char *path)
{
    struct block ours = {.size = 0}, theirs = {.size = 0};
    struct shared answer = {.count = 0};
    npk_error error;
    bool good = true;
    /* Where the elements are now is no place for those of a file. */
    const npk_write_options options = {.protocol_given = true, .protocol = 4};
    while (good && times_next(times)) {
        shared_free(&answer);
        good = ask(peer, &ours, &theirs, question, &answer);
    }
    if (good && npk_doc_save(path, answer.doc, &options, &error) != NPK_OK)
        good = peer_fail(peer, "%s", error.message);
    if (good)
        times_print(times);
    shared_free(&answer);
    block_close(&theirs);
    block_close(&ours);
    return good;
}

static const char usage[] = "usage: client ADDRESS FILE.pkl ANSWER.pkl " TIMES_USAGE " [--limit BYTES]\n"
                            "              [--timeout SECONDS]\n";

int main(int argc, char **argv)
{
    struct times times = {0};
    const bridge_option more[] = {TIMES_OPTIONS(&times), {NULL, NULL, NULL}};
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
    bool good = peer_connect(&peer, argv[1], &limits) && ask_often(&peer, question, &times, argv[3]);
    if (!good)
        fprintf(stderr, "client: %s\n", peer.error);
    peer_close(&peer);
    npk_doc_free(question);
    return good ? 0 : 1;
}
