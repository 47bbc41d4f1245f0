/* A REQ socket: sends a pickle to a REP socket of Python, and keeps what comes back.
 *
 *     client ENDPOINT FILE.pkl ANSWER.pkl [--buffers] [--limit BYTES] [--timeout SECONDS]
 *
 * --buffers: an array's elements go in a frame of their own, without a copy; so do payloads that the file itself would leave outside. */
#include "options.h"
#include "parts.h"

#include <stdio.h>

static bool exchange(struct link *link, struct parts *question, enum parts_payloads payloads, const char *path)
{
    const npk_doc *doc = parts_doc(link, question);
    void *root = (void *)(uintptr_t)npk_doc_root(doc);
    message_body *body = payloads == PARTS_OUT_OF_BAND ? message_array : message_value;
    if (!parts_send(link, question, payloads, message_options_for(doc), body, root))
        return false;
    struct parts *answer = parts_receive(link);
    const npk_doc *found = answer == NULL ? NULL : parts_doc(link, answer);
    npk_error error;
    bool good = found != NULL;
    if (good && npk_doc_save(path, found, NULL, &error) != NPK_OK)
        good = link_fail(link, "%s", error.message);
    parts_free(answer);
    return good;
}

int main(int argc, char **argv)
{
    bool buffers = false;
    const bridge_option more[] = {{"--buffers", NULL, &buffers}, {NULL, NULL, NULL}};
    peer_limits limits;
    struct link link;
    struct parts *question = NULL;
    if (bridge_options(argc, argv, &limits, more) != 4) {
        fprintf(stderr, "usage: client ENDPOINT FILE.pkl ANSWER.pkl [--buffers] [--limit BYTES] [--timeout SECONDS]\n");
        return 2;
    }
    bool good = link_open(&link, ZMQ_REQ, &limits);
    if (good && zmq_connect(link.socket, argv[1]) != 0)
        good = link_system_error(&link, argv[1]);
    if (good) {
        question = parts_load(&link, argv[2]);
        good = question != NULL && exchange(&link, question, buffers ? PARTS_OUT_OF_BAND : PARTS_IN_BAND, argv[3]);
    }
    if (!good)
        fprintf(stderr, "client: %s\n", link.error);
    parts_free(question);
    link_close(&link);
    return good ? 0 : 1;
}
