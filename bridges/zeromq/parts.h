/* Messages of ZeroMQ that are pickles: one frame (send_pyobj), or the pickle and then a frame for each buffer outside
 * of it. */
#ifndef BRIDGES_ZEROMQ_PARTS_H
#define BRIDGES_ZEROMQ_PARTS_H

#include "message.h"

#include <zmq.h>

/* A context and its socket. */
struct link {
    void *context, *socket;
    peer_limits limits;
    char error[256];
};

/* A socket of this type (ZMQ_REP, ZMQ_REQ) with limits and time limits. False: link->error, here and below. */
bool link_open(struct link *link, int type, const peer_limits *limits);
void link_close(struct link *link);
bool link_fail(struct link *link, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool link_system_error(struct link *link, const char *what);

/* A document, and the frames in whose memory it lies. ZeroMQ sends buffers out of that memory, after parts_send has
 * returned and in a thread of its own: it is freed when the last who uses it has let go. */
struct parts;

/* The next message, whole; NULL: link->error. Its user is the caller. */
struct parts *parts_receive(struct link *link);

/* A file; NULL: link->error. */
struct parts *parts_load(struct link *link, const char *path);

/* Reads the message; NULL: link->error. The document lives as long as the parts. */
const npk_doc *parts_doc(struct link *link, struct parts *parts);

/* Whether buffers came in frames of their own: who sends them so can take them so. */
bool parts_has_buffers(const struct parts *parts);

/* Where payloads go. */
enum parts_payloads {
    PARTS_IN_BAND = 0,    /* into the pickle: one frame, for recv_pyobj */
    PARTS_OUT_OF_BAND = 1 /* protocol 5; a frame each, out of the memory where they are */
};

/* Sends what `body` writes; `owner` has the memory of its arrays, or is NULL where they outlive the context. */
bool parts_send(struct link *link, struct parts *owner, enum parts_payloads payloads, npk_write_options options,
                message_body *body, void *context);

/* The caller uses it no more. NULL: does nothing. */
void parts_free(struct parts *parts);

#endif
