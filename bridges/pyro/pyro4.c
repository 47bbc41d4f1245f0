/* Pyro4: Pyro4/core.py Proxy._pyroInvoke(), Daemon._handshake(), Daemon.handleRequest(). */
#include "frame4.h"
#include "pyro.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- a client --- */

static npk_status write_connect(npk_writer *writer, void *context)
{
    const struct pyro_call *call = context;
    npk_write_begin_dict(writer, 2);
    npk_write_str(writer, "handshake");
    npk_write_str(writer, "hello");
    npk_write_str(writer, "object");
    npk_write_str(writer, call->object);
    return npk_write_end(writer);
}

static npk_status write_invoke(npk_writer *writer, void *context)
{
    const struct pyro_call *call = context;
    npk_write_begin_tuple(writer, 4);
    npk_write_str(writer, call->object);
    npk_write_str(writer, call->method);
    npk_write_begin_tuple(writer, 1);
    pyro_write_argument(writer, call, &call->options);
    npk_write_end(writer);
    npk_write_begin_dict(writer, 0);
    npk_write_end(writer);
    return npk_write_end(writer);
}

/* A str that marshal has written, which is how a daemon says that it does not take pickles. */
static const uint8_t *marshal_text(const uint8_t *bytes, size_t size, size_t *length)
{
    const char kind = size > 0 ? (char)(bytes[0] & 0x7f) : '\0';
    const bool is_short = kind == 'z' || kind == 'Z';
    if (kind == '\0' || strchr("zZaAutsR", kind) == NULL || size < (is_short ? 2 : 5))
        return NULL;
    *length = is_short ? bytes[1] : (size_t)bytes[1] | (size_t)bytes[2] << 8 | (size_t)bytes[3] << 16;
    bytes += is_short ? 2 : 5;
    size -= is_short ? 2 : 5;
    *length = *length < size ? *length : size;
    return bytes;
}

static bool refused(struct peer *peer, const struct frame4 *frame)
{
    const uint8_t *data = peer->room + frame->from;
    char text[160] = "";
    size_t size = 0;
    npk_doc *doc = frame->serializer == FRAME4_PICKLE ? message_load(peer, frame->from, frame->size, NULL, 0) : NULL;
    const char *found =
        doc != NULL ? npk_value_text(npk_doc_root(doc), &size) : (const char *)marshal_text(data, frame->size, &size);
    for (size_t i = 0; found != NULL && i < size && i < sizeof text - 1; i++) {
        text[i] = (unsigned char)found[i] < ' ' || found[i] == 127 ? ' ' : found[i];
        text[i + 1] = '\0';
    }
    npk_doc_free(doc);
    return peer_fail(peer, "the daemon refuses the connection: %s", text[0] == '\0' ? "it does not say why" : text);
}

/* What comes back; `type` is what is expected. */
static bool receive(struct peer *peer, const struct pyro_call *call, unsigned type, struct frame4 *frame)
{
    bool ended = false;
    if (!frame4_receive(peer, call->key, frame, &ended))
        return ended ? peer_fail(peer, "the daemon went away without an answer") : false;
    if (frame->type == FRAME4_CONNECTFAIL)
        return refused(peer, frame);
    if (frame->type != type)
        return peer_fail(peer, "expected a message of type %u, found type %u", type, frame->type);
    if (frame->flags & FRAME4_STREAM)
        return peer_fail(peer, "the daemon answers with a generator, which can't be had here");
    if (frame->flags & FRAME4_COMPRESSED)
        return peer_fail(peer, "the answer is compressed: set Pyro4.config.COMPRESSION = False");
    return frame->serializer == FRAME4_PICKLE ||
           peer_fail(peer, "the answer is no pickle (serializer %u)", frame->serializer);
}

static bool greet(struct peer *peer, struct pyro_call *call)
{
    struct frame4 frame = {.type = FRAME4_CONNECT, .serializer = FRAME4_PICKLE};
    return frame4_send(peer, call->key, &frame, &call->options, write_connect, call) &&
           receive(peer, call, FRAME4_CONNECTOK, &frame);
}

static bool call(struct peer *peer, struct pyro_call *call, npk_doc **doc)
{
    struct frame4 frame = {.type = FRAME4_INVOKE,
                           .flags = call->oneway ? FRAME4_ONEWAY : 0,
                           .sequence = ++call->sequence & 0xffff,
                           .serializer = FRAME4_PICKLE};
    *doc = NULL;
    if (!frame4_send(peer, call->key, &frame, &call->options, write_invoke, call))
        return false;
    if (call->oneway)
        return true;
    if (!receive(peer, call, FRAME4_RESULT, &frame))
        return false;
    if (frame.sequence != (call->sequence & 0xffff))
        return peer_fail(peer, "expected the answer to call %u, found that to %u", call->sequence, frame.sequence);
    *doc = message_load(peer, frame.from, frame.size, NULL, 0);
    if (*doc == NULL || !(frame.flags & FRAME4_EXCEPTION))
        return *doc != NULL;
    pyro_raised(peer, npk_doc_root(*doc));
    npk_doc_free(*doc);
    *doc = NULL;
    return false;
}

/* --- a daemon: the object that each has, Pyro.Daemon --- */

static void write_names(npk_writer *writer, const struct pyro_method *methods, bool oneway)
{
    npk_write_begin_list(writer, NPK_UNKNOWN);
    for (; methods->name != NULL; methods++)
        if (methods->oneway || !oneway)
            npk_write_str(writer, methods->name);
    npk_write_end(writer);
}

/* A message_body; context: the methods. What a Proxy must know before it calls one. */
static npk_status write_metadata(npk_writer *writer, void *context)
{
    npk_write_begin_dict(writer, 3);
    npk_write_str(writer, "methods");
    write_names(writer, context, false);
    npk_write_str(writer, "oneway");
    write_names(writer, context, true);
    npk_write_str(writer, "attrs");
    npk_write_begin_list(writer, 0);
    npk_write_end(writer);
    return npk_write_end(writer);
}

#define DAEMON "Pyro.Daemon"
static const struct pyro_method *methods_of(const struct pyro_registry *registry, const npk_value *object);

static void get_metadata(const npk_value *args, struct pyro_answer *answer)
{
    answer->context = (void *)(uintptr_t)methods_of(answer->registry, npk_value_item(args, 0));
    answer->body = write_metadata;
    if (answer->context == NULL)
        pyro_raise_of(answer, "Pyro4.errors", "DaemonError", "unknown object");
}

static void ping(const npk_value *args, struct pyro_answer *answer)
{
    (void)args;
    (void)answer;
}

static npk_status write_registered(npk_writer *writer, void *context)
{
    const struct pyro_answer *answer = context;
    npk_write_begin_list(writer, 2);
    npk_write_str(writer, DAEMON);
    npk_write_str(writer, answer->registry->object);
    return npk_write_end(writer);
}

static void registered(const npk_value *args, struct pyro_answer *answer)
{
    (void)args;
    answer->body = write_registered;
    answer->context = answer;
}

static const struct pyro_method daemon_methods[] = {
    {"get_metadata", 1, get_metadata, false}, {"ping", 0, ping, false}, {"registered", 0, registered, false}, {0}};

/* NULL: there is no such object. */
static const struct pyro_method *methods_of(const struct pyro_registry *registry, const npk_value *object)
{
    if (npk_value_is_text(object, registry->object))
        return registry->methods;
    return npk_value_is_text(object, DAEMON) ? daemon_methods : NULL;
}

/* --- a daemon: who connects --- */

struct welcome {
    const struct pyro_method *methods; /* NULL: those were not asked for */
};

static npk_status write_welcome(npk_writer *writer, void *context)
{
    const struct welcome *welcome = context;
    if (welcome->methods == NULL)
        return npk_write_str(writer, "hello");
    npk_write_begin_dict(writer, 2);
    npk_write_str(writer, "handshake");
    npk_write_str(writer, "hello");
    npk_write_str(writer, "meta");
    write_metadata(writer, (void *)(uintptr_t)welcome->methods);
    return npk_write_end(writer);
}

/* In words that every Pyro4 reads, whatever it takes from others: a str of marshal. */
static bool refuse(struct pyro_visitor *visitor, const struct frame4 *question)
{
    const struct frame4 frame = {
        .type = FRAME4_CONNECTFAIL, .sequence = question->sequence, .serializer = FRAME4_MARSHAL};
    uint8_t bytes[5 + sizeof visitor->peer.error];
    const size_t size = strlen(visitor->peer.error);
    struct peer unchanged = {.fd = visitor->peer.fd, .limits = visitor->peer.limits};
    bytes[0] = 'u';
    for (int i = 0; i < 4; i++)
        bytes[1 + i] = (uint8_t)(size >> 8 * i);
    memcpy(bytes + 5, visitor->peer.error, size);
    (void)frame4_send_bytes(&unchanged, visitor->key, &frame, bytes, 5 + size);
    return false; /* peer.error still says why */
}

static bool is_readable(struct peer *peer, const struct frame4 *frame)
{
    if (frame->serializer != FRAME4_PICKLE)
        return peer_fail(peer, "serializer %u: this daemon takes pickles alone, set Pyro4.config.SERIALIZER = 'pickle'",
                         frame->serializer);
    return !(frame->flags & FRAME4_COMPRESSED) ||
           peer_fail(peer, "a compressed message: set Pyro4.config.COMPRESSION = False");
}

static bool welcome(struct pyro_visitor *visitor, const struct pyro_registry *registry, const struct frame4 *question)
{
    struct peer *peer = &visitor->peer;
    const struct frame4 frame = {.type = FRAME4_CONNECTOK,
                                 .flags = question->flags & FRAME4_META,
                                 .sequence = question->sequence,
                                 .serializer = FRAME4_PICKLE};
    struct welcome context = {NULL};
    if (question->type != FRAME4_CONNECT)
        return peer_fail(peer, "expected a message CONNECT, found type %u", question->type);
    npk_doc *doc = is_readable(peer, question) ? message_load(peer, question->from, question->size, NULL, 0) : NULL;
    bool good = doc != NULL && (npk_dict_get(npk_doc_root(doc), "handshake") != NULL ||
                                peer_fail(peer, "expected {'handshake': ...}, found %s",
                                          npk_kind_name(npk_value_kind(npk_doc_root(doc)))));
    if (good && frame.flags != 0) {
        context.methods = methods_of(registry, npk_dict_get(npk_doc_root(doc), "object"));
        good = context.methods != NULL || peer_fail(peer, "unknown object");
    }
    if (!good) {
        npk_doc_free(doc);
        return refuse(visitor, question);
    }
    const npk_write_options options = message_options_for(doc);
    visitor->greeted = frame4_send(peer, visitor->key, &frame, &options, write_welcome, &context);
    npk_doc_free(doc);
    return visitor->greeted;
}

/* --- a daemon: calls --- */

/* (object, method, args, kwargs) */
struct question {
    const npk_value *object, *method, *args, *kwargs;
};

static bool take(struct peer *peer, const npk_value *root, struct question *out)
{
    *out = (struct question){npk_value_item(root, 0), npk_value_item(root, 1), npk_value_item(root, 2),
                             npk_value_item(root, 3)};
    return (npk_value_kind(root) == NPK_KIND_TUPLE && npk_value_size(root) == 4) ||
           peer_fail(peer, "expected (object, method, args, kwargs), found %s", npk_kind_name(npk_value_kind(root)));
}

static bool answer_one(struct pyro_visitor *visitor, const struct pyro_registry *registry,
                       const struct question *question, struct frame4 *frame, const npk_write_options *options)
{
    struct pyro_answer answer = {.registry = registry};
    const struct pyro_method *methods = methods_of(registry, question->object);
    if (methods != NULL)
        pyro_dispatch(methods, question->method, question->args, question->kwargs, &answer);
    else
        pyro_raise_of(&answer, "Pyro4.errors", "DaemonError", "unknown object");
    if (frame->flags & FRAME4_ONEWAY)
        return true;
    frame->flags = answer.exception.name == NULL ? 0 : FRAME4_EXCEPTION;
    return frame4_send(&visitor->peer, visitor->key, frame, options, pyro_write_answer, &answer);
}

/* Pyro4.batch(proxy): several calls in one message, up to the first that raises. */
#define BATCH_MOST 4096

struct batch {
    struct pyro_answer *answers;
    size_t count;
};

static npk_status write_batch(npk_writer *writer, void *context)
{
    const struct batch *batch = context;
    npk_write_begin_list(writer, (int64_t)batch->count);
    for (size_t i = 0; i < batch->count; i++) {
        if (batch->answers[i].exception.name == NULL) {
            pyro_write_answer(writer, &batch->answers[i]);
            continue;
        }
        npk_write_begin_new(writer);
        npk_write_global(writer, "Pyro4.futures", "_ExceptionWrapper");
        npk_write_begin_tuple(writer, 0);
        npk_write_end(writer);
        npk_write_begin_dict(writer, 1);
        npk_write_str(writer, "exception");
        pyro_write_exception(writer, &batch->answers[i].exception);
        npk_write_end(writer);
        npk_write_end(writer);
    }
    return npk_write_end(writer);
}

static bool answer_batch(struct pyro_visitor *visitor, const struct pyro_registry *registry,
                         const struct question *question, struct frame4 *frame, const npk_write_options *options)
{
    const struct pyro_method *methods = methods_of(registry, question->object);
    const size_t count = npk_value_size(question->args);
    struct batch batch = {calloc(count + 1, sizeof *batch.answers), 0};
    bool good = (methods != NULL && count <= BATCH_MOST && batch.answers != NULL) ||
                peer_fail(&visitor->peer, "a batch of %zu calls: %s", count,
                          methods == NULL      ? "unknown object"
                          : count > BATCH_MOST ? "that is more than are taken"
                                               : "not enough memory");
    for (bool raised = false; good && !raised && batch.count < count; batch.count++) {
        const npk_value *call = npk_value_item(question->args, batch.count);
        struct pyro_answer *answer = &batch.answers[batch.count];
        answer->registry = registry;
        pyro_dispatch(methods, npk_value_item(call, 0), npk_value_item(call, 1), npk_value_item(call, 2), answer);
        raised = answer->exception.name != NULL;
    }
    const bool oneway = frame->flags & FRAME4_ONEWAY;
    frame->flags = FRAME4_BATCH;
    good = good && (oneway || frame4_send(&visitor->peer, visitor->key, frame, options, write_batch, &batch));
    free(batch.answers);
    return good;
}

static bool answer(struct pyro_visitor *visitor, const struct pyro_registry *registry, const struct frame4 *asked)
{
    struct peer *peer = &visitor->peer;
    struct frame4 frame = {FRAME4_RESULT, asked->flags, asked->sequence, FRAME4_PICKLE, 0, 0};
    struct question question;
    if (asked->type != FRAME4_INVOKE)
        return peer_fail(peer, "expected a message INVOKE, found type %u", asked->type);
    npk_doc *doc = is_readable(peer, asked) ? message_load(peer, asked->from, asked->size, NULL, 0) : NULL;
    if (doc == NULL || !take(peer, npk_doc_root(doc), &question)) {
        npk_doc_free(doc);
        return false;
    }
    const npk_write_options options = message_options_for(doc);
    bool good =
        (asked->flags & FRAME4_BATCH ? answer_batch : answer_one)(visitor, registry, &question, &frame, &options);
    npk_doc_free(doc);
    return good;
}

static bool serve(struct pyro_visitor *visitor, const struct pyro_registry *registry)
{
    struct frame4 frame;
    if (!frame4_receive(&visitor->peer, visitor->key, &frame, &visitor->ended))
        return frame.type == FRAME4_CONNECT ? refuse(visitor, &frame) : false;
    if (frame.type == FRAME4_PING) {
        frame.flags = 0;
        return frame4_send_bytes(&visitor->peer, visitor->key, &frame, "pong", 4);
    }
    return visitor->greeted ? answer(visitor, registry, &frame) : welcome(visitor, registry, &frame);
}

static bool let_in(struct pyro_visitor *visitor)
{
    (void)visitor;
    return true; /* he speaks first */
}

static void print_uri(const char *object, const char *where)
{
    printf("PYRO:%s@%s%s\n", object, strchr(where, '/') != NULL ? "./u:" : "", where);
}

const struct pyro_protocol pyro4 = {print_uri, greet, call, let_in, serve};
