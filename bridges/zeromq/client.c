/* A REQ socket: sends a pickle to a REP socket of Python, and keeps what comes back.
 *
 *     client ENDPOINT FILE.pkl ANSWER.pkl [--buffers] [--times COUNT [--clock]] [--limit BYTES] [--timeout SECONDS]
 *
 * With --times it asks so often, and keeps the last answer; with --clock it prints the seconds of one.
 * --buffers: an array's elements go in a frame of their own, without a copy; so do payloads that the file itself would
 * leave outside. */
#include "parts.h"
#include "times.h"

#include <stdio.h>

static bool ask_often(struct link *link, struct parts *question, enum parts_payloads payloads, struct times *times,
                      const char *path)
{
    const npk_doc *doc = parts_doc(link, question), *found = NULL;
    void *root = (void *)(uintptr_t)npk_doc_root(doc);
    message_body *body = payloads == PARTS_OUT_OF_BAND ? message_array : message_value;
    struct parts *answer = NULL;
    npk_error error;
    bool good = true;
    while (good && times_next(times)) {
        parts_free(answer);
        answer = NULL;
        if (parts_send(link, question, payloads, message_options_for(doc), body, root))
            answer = parts_receive(link);
        found = answer == NULL ? NULL : parts_doc(link, answer);
        good = found != NULL;
    }
    if (good && npk_doc_save(path, found, NULL, &error) != NPK_OK)
        good = link_fail(link, "%s", error.message);
    if (good)
        times_print(times);
    parts_free(answer);
    return good;
}

static const char usage[] = "usage: client ENDPOINT FILE.pkl ANSWER.pkl [--buffers] " TIMES_USAGE "\n"
                            "              [--limit BYTES] [--timeout SECONDS]\n";

int main(int argc, char **argv)
{
    bool buffers = false;
    struct times times = {0};
    const bridge_option more[] = {{"--buffers", NULL, &buffers}, TIMES_OPTIONS(&times), {NULL, NULL, NULL}};
    peer_limits limits;
    struct link link;
    struct parts *question = NULL;
    if (bridge_options(argc, argv, &limits, more, usage) != 4 || !times_good(&times))
        return bridge_usage(usage);
    bool good = link_open(&link, ZMQ_REQ, &limits);
    if (good && zmq_connect(link.socket, argv[1]) != 0)
        good = link_system_error(&link, argv[1]);
    if (good) {
        question = parts_load(&link, argv[2]);
        good = question != NULL &&
               ask_often(&link, question, buffers ? PARTS_OUT_OF_BAND : PARTS_IN_BAND, &times, argv[3]);
    }
    if (!good)
        fprintf(stderr, "client: %s\n", link.error);
    parts_free(question);
    link_close(&link);
    return good ? 0 : 1;
}
