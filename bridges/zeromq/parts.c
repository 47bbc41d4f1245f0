#include "parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool link_fail(struct link *link, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    peer_say(link->error, sizeof link->error, format, arguments);
    va_end(arguments);
    return false;
}

bool link_system_error(struct link *link, const char *what)
{
    if (errno == EAGAIN)
        return link_fail(link, "%s: nothing for %d seconds", what, link->limits.seconds);
    return link_fail(link, "%s: %s", what, zmq_strerror(errno));
}

/* --- sockets --- */

bool link_open(struct link *link, int type, const peer_limits *limits)
{
    const int64_t longest = limits->message > INT64_MAX ? INT64_MAX : (int64_t)limits->message;
    const int time = limits->seconds == 0 ? -1 : limits->seconds * 1000;
    const int linger = type == ZMQ_REQ ? 0 : 1000;
    /* A server waits for a question as long as it takes. */
    const int wait = type == ZMQ_REQ ? time : -1;
    peer_keep_memory(); /* frames are malloc's */
    *link = (struct link){.context = zmq_ctx_new(), .limits = *limits};
    link->socket = link->context == NULL ? NULL : zmq_socket(link->context, type);
    if (link->socket == NULL)
        return link_system_error(link, "a socket");
    zmq_setsockopt(link->socket, ZMQ_MAXMSGSIZE, &longest, sizeof longest);
    zmq_setsockopt(link->socket, ZMQ_SNDTIMEO, &time, sizeof time);
    zmq_setsockopt(link->socket, ZMQ_RCVTIMEO, &wait, sizeof wait);
    zmq_setsockopt(link->socket, ZMQ_LINGER, &linger, sizeof linger);
    return true;
}

void link_close(struct link *link)
{
    if (link->socket != NULL)
        zmq_close(link->socket);
    if (link->context != NULL)
        zmq_ctx_term(link->context); /* when it returns, nothing of what was sent is used any more */
}

/* --- messages that come --- */

#define MOST_FRAMES 65536

struct parts {
    atomic_size_t users;
    npk_doc *doc;
    zmq_msg_t *frames;
    npk_buffer *buffers; /* the frames from the second on */
    size_t count, room;  /* of the frames */
};

void parts_free(struct parts *parts)
{
    if (parts == NULL || atomic_fetch_sub(&parts->users, 1) != 1)
        return;
    npk_doc_free(parts->doc);
    for (size_t i = 0; i < parts->count; i++)
        zmq_msg_close(&parts->frames[i]);
    free(parts->frames);
    free(parts->buffers);
    free(parts);
}

static struct parts *parts_new(struct link *link)
{
    struct parts *parts = calloc(1, sizeof *parts);
    if (parts == NULL)
        link_fail(link, "not enough memory");
    else
        atomic_init(&parts->users, 1);
    return parts;
}

/* Room for one more frame. A frame that has moved is one of ZeroMQ's still: zmq_msg_move. */
static bool has_room(struct parts *parts)
{
    if (parts->count < parts->room)
        return true;
    const size_t room = parts->room == 0 ? 4 : 2 * parts->room;
    zmq_msg_t *frames = malloc(room * sizeof *frames);
    if (frames == NULL)
        return false;
    for (size_t i = 0; i < parts->count; i++) {
        zmq_msg_init(&frames[i]);
        zmq_msg_move(&frames[i], &parts->frames[i]);
        zmq_msg_close(&parts->frames[i]);
    }
    free(parts->frames);
    parts->frames = frames;
    parts->room = room;
    return true;
}

static int receive_into(struct link *link, zmq_msg_t *frame)
{
    int received;
    zmq_msg_init(frame);
    do
        received = zmq_msg_recv(frame, link->socket, 0);
    while (received < 0 && errno == EINTR);
    return received;
}

/* The rest of a message of which nothing is kept: what comes next is the next message. */
static void skip(struct link *link, bool more)
{
    zmq_msg_t frame;
    while (more) {
        more = receive_into(link, &frame) >= 0 && zmq_msg_more(&frame);
        zmq_msg_close(&frame);
    }
}

static bool keep(struct link *link, struct parts *parts, zmq_msg_t *frame, uint64_t *total)
{
    *total += zmq_msg_size(frame);
    if (*total > link->limits.message)
        return link_fail(link, "a message of %" PRIu64 " bytes or more is longer than the limit of %" PRIu64, *total,
                         link->limits.message);
    if (parts->count == MOST_FRAMES)
        return link_fail(link, "a message of more than %d frames", MOST_FRAMES);
    if (!has_room(parts))
        return link_fail(link, "not enough memory");
    zmq_msg_init(&parts->frames[parts->count]);
    return zmq_msg_move(&parts->frames[parts->count++], frame) == 0;
}

struct parts *parts_receive(struct link *link)
{
    struct parts *parts = NULL;
    uint64_t total = 0;
    bool more = true, good = true;
    while (good && more) {
        zmq_msg_t frame;
        good = receive_into(link, &frame) >= 0 || link_system_error(link, "receive");
        more = good && zmq_msg_more(&frame);
        if (good && parts == NULL) /* not before it is needed: it may be a while until somebody asks */
            parts = parts_new(link);
        good = good && parts != NULL && keep(link, parts, &frame, &total);
        zmq_msg_close(&frame);
    }
    if (good)
        return parts;
    skip(link, more); /* who has sent it waits for an answer, and gets none before it is here */
    parts_free(parts);
    return NULL;
}

struct parts *parts_load(struct link *link, const char *path)
{
    npk_error error;
    struct parts *parts = parts_new(link);
    if (parts == NULL || npk_doc_load(path, NULL, &parts->doc, &error) == NPK_OK)
        return parts;
    link_fail(link, "%s", peer_file_error(path, &error));
    parts_free(parts);
    return NULL;
}

static bool list_buffers(struct link *link, struct parts *parts)
{
    parts->buffers = calloc(parts->count, sizeof *parts->buffers);
    if (parts->buffers == NULL)
        return link_fail(link, "not enough memory");
    for (size_t i = 1; i < parts->count; i++)
        parts->buffers[i - 1] =
            (npk_buffer){.bytes = zmq_msg_data(&parts->frames[i]), .size = zmq_msg_size(&parts->frames[i])};
    return true;
}

const npk_doc *parts_doc(struct link *link, struct parts *parts)
{
    npk_error error;
    npk_doc_info info = {0};
    if (parts->doc != NULL)
        return parts->doc;
    if (!list_buffers(link, parts))
        return NULL;
    const npk_read_options options = {.buffers = parts->buffers, .buffer_count = parts->count - 1};
    if (npk_doc_load_memory(zmq_msg_data(&parts->frames[0]), zmq_msg_size(&parts->frames[0]), &options, &parts->doc,
                            &error) != NPK_OK) {
        link_fail(link, "%s", error.message);
        return NULL;
    }
    npk_doc_info_of(parts->doc, &info);
    if (info.buffers == parts->count - 1)
        return parts->doc;
    link_fail(link, "expected %" PRIu64 " buffers after the pickle, found %zu", info.buffers, parts->count - 1);
    return NULL;
}

bool parts_has_buffers(const struct parts *parts)
{
    return parts->count > 1;
}

/* --- messages that go --- */

/* A zmq_free_fn; hint: the parts in whose memory the frame lies, or NULL. */
static void frame_was_sent(void *data, void *hint)
{
    (void)data;
    parts_free(hint);
}

static bool send_frame(struct link *link, zmq_msg_t *frame, int flags)
{
    int sent;
    do
        sent = zmq_msg_send(frame, link->socket, flags);
    while (sent < 0 && errno == EINTR);
    if (sent >= 0)
        return true;
    link_system_error(link, "send");
    zmq_msg_close(frame);
    return false;
}

/* A frame for each buffer, before the first one is sent: none can be taken back. */
static bool make_frames(struct link *link, struct parts *owner, const npk_buffers *buffers, zmq_msg_t *frames)
{
    for (size_t i = 0; i < buffers->count; i++) {
        const npk_buffer *buffer = &buffers->items[i];
        if (owner != NULL)
            atomic_fetch_add(&owner->users, 1);
        if (zmq_msg_init_data(&frames[i], (void *)(uintptr_t)buffer->bytes, buffer->size, frame_was_sent, owner) == 0)
            continue;
        parts_free(owner);
        while (i > 0)
            zmq_msg_close(&frames[--i]);
        return link_fail(link, "not enough memory");
    }
    return true;
}

/* All of them are gone then, one way or the other. */
static bool send_frames(struct link *link, zmq_msg_t *frames, size_t count)
{
    bool good = true;
    for (size_t i = 0; i < count; i++)
        if (good)
            good = send_frame(link, &frames[i], i + 1 < count ? ZMQ_SNDMORE : 0);
        else
            zmq_msg_close(&frames[i]);
    return good;
}

static bool write_body(struct link *link, const npk_write_options *options, npk_write_function *sink,
                       void *sink_context, message_body *body, void *context)
{
    npk_error error;
    return message_write(body, context, options, sink, sink_context, &error) == NPK_OK ||
           link_fail(link, "%s", error.message);
}

#define HELD 16384

/* What is counted, and held as long as there is room. */
struct counted {
    uint64_t size;
    uint8_t bytes[HELD];
};

static int count_and_hold(void *context, const void *bytes, size_t size)
{
    struct counted *counted = context;
    if (counted->size + size <= HELD)
        memcpy(counted->bytes + counted->size, bytes, size);
    counted->size += size;
    return 0;
}

/* The pickle as a frame: counted first, then written into memory of ZeroMQ's. */
static bool write_frame(struct link *link, npk_write_options *options, npk_buffers *buffers, message_body *body,
                        void *context, zmq_msg_t *frame)
{
    struct counted counted; /* its bytes are not worth clearing */
    npk_fixed_buffer room = {0};
    counted.size = 0;
    if (!write_body(link, options, count_and_hold, &counted, body, context))
        return false;
    if (counted.size > SIZE_MAX / 2 || zmq_msg_init_size(frame, (size_t)counted.size) != 0)
        return link_fail(link, "a message of %" PRIu64 " bytes: not enough memory", counted.size);
    if (counted.size <= HELD) {
        memcpy(zmq_msg_data(frame), counted.bytes, (size_t)counted.size);
        return true;
    }
    room.bytes = zmq_msg_data(frame);
    room.size = (size_t)counted.size;
    npk_buffers_free(buffers); /* the second pass has them all again */
    if (write_body(link, options, npk_sink_fixed, &room, body, context))
        return true;
    zmq_msg_close(frame);
    return false;
}

bool parts_send(struct link *link, struct parts *owner, enum parts_payloads payloads, npk_write_options options,
                message_body *body, void *context)
{
    npk_buffers buffers = {0};
    zmq_msg_t frame, *frames = NULL;
    if (payloads == PARTS_OUT_OF_BAND)
        message_outside(&options, npk_buffers_collect, &buffers);
    bool good = write_frame(link, &options, &buffers, body, context, &frame);
    if (good) {
        frames = malloc((buffers.count + 1) * sizeof *frames);
        good = frames == NULL ? link_fail(link, "not enough memory") : make_frames(link, owner, &buffers, frames + 1);
        if (good) {
            zmq_msg_init(&frames[0]);
            zmq_msg_move(&frames[0], &frame);
            good = send_frames(link, frames, buffers.count + 1);
        }
        zmq_msg_close(&frame);
    }
    free(frames);
    npk_buffers_free(&buffers);
    return good;
}
