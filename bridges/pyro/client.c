/* A Proxy of Pyro: calls a method with the value of a pickle, and keeps what comes back.
 *
 *     client ADDRESS OBJECT METHOD FILE.pkl [ANSWER.pkl] [--key TEXT] [--protocol N | --python2]
 *            [--oneway] [--times COUNT [--clock]] [--pyro3] [--limit BYTES] [--timeout SECONDS]
 *
 * ADDRESS is HOST:PORT, or the path of a Unix socket; OBJECT what stands between "PYRO:" and "@" in Pyro's URI, or with
 * --pyro3 behind the last slash. Without ANSWER.pkl what comes back is printed. It sends pickles of the protocol
 * that FILE.pkl has, or of another one with --protocol; with --python2 of protocol 2 in the spelling of Python 2, of
 * which Jython makes an array sooner. With --times it calls so often, and keeps the last answer; with --clock
 * it prints the seconds of one. An exception is a line on standard error, and status 1. */
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

/* The protocol of the question, or `protocol` where one is given, or Python 2's. */
static npk_write_options options_for(const npk_doc *question, const char *given, uint64_t protocol, bool python2)
{
    const npk_write_options same = message_options_for(question);
    if (python2)
        return (npk_write_options){
            .protocol_given = true, .protocol = 2, .dialect = NPK_DIALECT_PYTHON2, .translate_names = true};
    if (given == NULL || (int)protocol == same.protocol)
        return same;
    return (npk_write_options){.protocol_given = true,
                               .protocol = (int)protocol,
                               .dialect = protocol <= 2 && same.dialect == NPK_DIALECT_PYTHON2 ? same.dialect : 0,
                               .translate_names = true};
}

static const char usage[] = "usage: client ADDRESS OBJECT METHOD FILE.pkl [ANSWER.pkl] [--key TEXT]\n"
                            "              [--protocol N | --python2] [--oneway] " TIMES_USAGE "\n"
                            "              [--pyro3] [--limit BYTES] [--timeout SECONDS]\n";

int main(int argc, char **argv)
{
    struct pyro_call call = {0};
    struct times times = {0};
    const char *protocol = NULL;
    uint64_t number = 0;
    bool is_pyro3 = false, python2 = false;
    const bridge_option more[] = {
        {"--key", &call.key, NULL}, {"--protocol", &protocol, NULL}, {"--oneway", NULL, &call.oneway},
        TIMES_OPTIONS(&times),      {"--pyro3", NULL, &is_pyro3},    {"--python2", NULL, &python2},
        {NULL, NULL, NULL}};
    peer_limits limits;
    struct peer peer;
    npk_doc *question = NULL;
    npk_error error;
    const int count = bridge_options(argc, argv, &limits, more, usage);
    if ((count != 5 && count != 6) || !times_good(&times) || (protocol != NULL && python2) ||
        (protocol != NULL && !bridge_number("--protocol", protocol, 0, 5, &number)))
        return bridge_usage(usage);
    if (npk_doc_load(argv[4], NULL, &question, &error) != NPK_OK) {
        fprintf(stderr, "client: %s\n", peer_file_error(argv[4], &error));
        return 1;
    }
    call.object = argv[2];
    call.method = argv[3];
    call.argument = question;
    call.options = options_for(question, protocol, number, python2);
    bool good = peer_connect(&peer, argv[1], &limits) &&
                call_often(&peer, is_pyro3 ? &pyro3 : &pyro4, &call, &times, count == 6 ? argv[5] : NULL);
    if (!good)
        fprintf(stderr, "client: %s\n", peer.error);
    npk_doc_free(question);
    peer_close(&peer);
    return good ? 0 : 1;
}
