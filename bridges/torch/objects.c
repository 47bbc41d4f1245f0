/* A rank's helper in a program of torch.distributed: takes what broadcast_object_list sends, a tensor of sizes and one
 * of bytes, and answers with the same.
 *
 *     objects ADDRESS [--limit BYTES] [--timeout SECONDS]
 *
 * ADDRESS is HOST:PORT (port 0: any), or the path of a Unix socket; carrier.py is the rank that carries the tensors
 * there and back. The first line says where it listens; errors are lines on standard error.
 * What it does with an object is `answer`: the place for what yours should do. */
#include "message.h"
#include "options.h"
#include "serve.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- batches: how many objects, the size of each, and the pickles, as torch has them in int64 and uint8 --- */

#define MOST_OBJECTS 65536

struct batch {
    int64_t count;
    int64_t *sizes;
    npk_doc **docs;
};

static void batch_free(struct batch *batch)
{
    for (int64_t i = 0; batch->docs != NULL && i < batch->count; i++)
        npk_doc_free(batch->docs[i]);
    free(batch->docs);
    free(batch->sizes);
    *batch = (struct batch){0};
}

static bool load_all(struct peer *peer, struct batch *batch)
{
    uint64_t total = 0;
    for (int64_t i = 0; i < batch->count; i++) {
        if (batch->sizes[i] < 0 || (uint64_t)batch->sizes[i] > peer->limits.message - total)
            return peer_fail(peer, "objects of %" PRIu64 " and %" PRId64 " bytes: the limit is %" PRIu64, total,
                             batch->sizes[i], peer->limits.message);
        total += (uint64_t)batch->sizes[i];
    }
    bool good = peer_read_message(peer, total);
    size_t from = 0;
    for (int64_t i = 0; good && i < batch->count; i++) {
        batch->docs[i] = message_load(peer, from, (size_t)batch->sizes[i], NULL, 0);
        good = batch->docs[i] != NULL;
        from += (size_t)batch->sizes[i];
    }
    return good;
}

/* The next batch; *ended: there is none. The documents borrow peer->room. */
static bool batch_receive(struct peer *peer, struct batch *batch, bool *ended)
{
    *batch = (struct batch){0};
    if (!peer_read_or_end(peer, &batch->count, sizeof batch->count, ended))
        return false;
    const int64_t count = batch->count;
    if (count < 0 || count > MOST_OBJECTS) {
        batch->count = 0;
        return peer_fail(peer, "%" PRId64 " objects: there can be %d", count, MOST_OBJECTS);
    }
    batch->sizes = calloc((size_t)count + 1, sizeof *batch->sizes);
    batch->docs = calloc((size_t)count + 1, sizeof(npk_doc *));
    bool good = batch->sizes != NULL && batch->docs != NULL;
    good = good ? peer_read(peer, batch->sizes, (size_t)count * sizeof *batch->sizes)
                : peer_fail(peer, "not enough memory");
    good = good && load_all(peer, batch);
    if (!good)
        batch_free(batch);
    return good;
}

/* --- the answer --- */

/* To an object: the same. It is called twice, and must write the same again. */
static npk_status answer(npk_writer *writer, void *question)
{
    return npk_write_value(writer, npk_doc_root(question));
}

static bool write_answer(struct peer *peer, npk_doc *question, npk_write_function *sink, void *context)
{
    const npk_write_options options = message_options_for(question);
    npk_error error;
    return message_write(answer, question, &options, sink, context, &error) == NPK_OK ||
           peer_write_failed(peer, &error);
}

static bool batch_answer(struct peer *peer, struct batch *batch)
{
    bool good = true;
    for (int64_t i = 0; good && i < batch->count; i++) {
        uint64_t size = 0;
        good = write_answer(peer, batch->docs[i], npk_sink_count, &size);
        batch->sizes[i] = (int64_t)size;
    }
    peer_hold(peer);
    good = good && peer_write(peer, &batch->count, sizeof batch->count) &&
           peer_write(peer, batch->sizes, (size_t)batch->count * sizeof *batch->sizes);
    for (int64_t i = 0; good && i < batch->count; i++)
        good = write_answer(peer, batch->docs[i], peer_sink, peer);
    peer_let_go(peer);
    return good;
}

/* Until the carrier goes, or sends what is not good. */
static bool serve(struct peer *peer, void *context)
{
    (void)context;
    struct batch batch;
    bool ended = false, good = true;
    while (good && batch_receive(peer, &batch, &ended)) {
        good = batch_answer(peer, &batch);
        batch_free(&batch);
    }
    return good && ended;
}

static const char usage[] = "usage: objects ADDRESS [--limit BYTES] [--timeout SECONDS]\n";

int main(int argc, char **argv)
{
    peer_limits limits;
    if (bridge_options(argc, argv, &limits, NULL, usage) != 2)
        return bridge_usage(usage);
    return serve_all("objects", argv[1], &limits, serve, NULL);
}
