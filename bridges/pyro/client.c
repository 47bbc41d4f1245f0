/* A Proxy of Pyro: calls a method with the value of a pickle, and keeps what comes back.
 *
 *     client ADDRESS OBJECT METHOD FILE.pkl [ANSWER.pkl] [--key TEXT] [--oneway] [--times COUNT [--clock]] [--pyro3]
 *            [--limit BYTES] [--timeout SECONDS]
 *
 * ADDRESS is HOST:PORT, or the path of a Unix socket; OBJECT what stands between "PYRO:" and "@" in Pyro's URI, or with
 * --pyro3 behind the last slash. Without ANSWER.pkl what comes back is
 * printed. With --times it calls so often, and keeps the last answer; with --clock it prints
 * the seconds of one. An exception is a line on standard error, and status 1. */
#include "pyro.h"
#include "times.h"

#include <stdio.h>

static bool keep(struct peer *peer, const npk_doc *doc, const char *path)
{
    const npk_write_options options = message_options_for(doc);
    npk_error error;
    npk_status status = path != NULL ? npk_doc_save(path, doc, &options, &error)
                                     : npk_print_value(npk_doc_root(doc), NULL, npk_sink_file, stdout, &error);
    if (path == NULL)
        putchar('\n');
    return status == NPK_OK || peer_fail(peer, "%s", error.message);
}

static bool call_often(struct peer *peer, const struct pyro_protocol *protocol, struct pyro_call *call,
                       struct times *times, const char *path)
{
    npk_doc *doc = NULL;
    bool good = protocol->greet(peer, call);
    while (good && times_next(times)) {
        npk_doc_free(doc);
        good = protocol->call(peer, call, &doc);
    }
    good = good && (call->oneway || keep(peer, doc, path));
    if (good)
        times_print(times);
    npk_doc_free(doc);
    return good;
}

static const char usage[] = "usage: client ADDRESS OBJECT METHOD FILE.pkl [ANSWER.pkl] [--key TEXT] [--oneway]\n"
                            "              " TIMES_USAGE " [--pyro3] [--limit BYTES] [--timeout SECONDS]\n";

int main(int argc, char **argv)
{
    struct pyro_call call = {0};
    struct times times = {0};
    bool is_pyro3 = false;
    const bridge_option more[] = {{"--key", &call.key, NULL},
                                  {"--oneway", NULL, &call.oneway},
                                  TIMES_OPTIONS(&times),
                                  {"--pyro3", NULL, &is_pyro3},
                                  {NULL, NULL, NULL}};
    peer_limits limits;
    struct peer peer;
    npk_doc *question = NULL;
    npk_error error;
    const int count = bridge_options(argc, argv, &limits, more, usage);
    if ((count != 5 && count != 6) || !times_good(&times))
        return bridge_usage(usage);
    if (npk_doc_load(argv[4], NULL, &question, &error) != NPK_OK) {
        fprintf(stderr, "client: %s\n", peer_file_error(argv[4], &error));
        return 1;
    }
    call.object = argv[2];
    call.method = argv[3];
    call.argument = question;
    bool good = peer_connect(&peer, argv[1], &limits) &&
                call_often(&peer, is_pyro3 ? &pyro3 : &pyro4, &call, &times, count == 6 ? argv[5] : NULL);
    if (!good)
        fprintf(stderr, "client: %s\n", peer.error);
    npk_doc_free(question);
    peer_close(&peer);
    return good ? 0 : 1;
}
