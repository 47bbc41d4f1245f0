/* The frames of Pyro4: Pyro4/message.py. */
#ifndef BRIDGES_PYRO_FRAME4_H
#define BRIDGES_PYRO_FRAME4_H

#include "message.h"

enum { FRAME4_CONNECT = 1, FRAME4_CONNECTOK, FRAME4_CONNECTFAIL, FRAME4_INVOKE, FRAME4_RESULT, FRAME4_PING };
enum {
    FRAME4_EXCEPTION = 1,
    FRAME4_COMPRESSED = 2,
    FRAME4_ONEWAY = 4,
    FRAME4_BATCH = 8,
    FRAME4_META = 16,
    FRAME4_STREAM = 32
};
enum { FRAME4_MARSHAL = 3, FRAME4_PICKLE = 4 };

struct frame4 {
    unsigned type; /* 0: there was no frame */
    unsigned flags;
    unsigned sequence;
    unsigned serializer;
    size_t from; /* where its data begin in peer->room */
    size_t size;
};

/* The next frame, whose data are in peer->room. With a key its HMAC must be right, or nothing of it is looked at.
 * False: peer->error; or *ended, where the peer has gone before it. */
bool frame4_receive(struct peer *peer, const char *key, struct frame4 *frame, bool *ended);

/* A frame around what `body` writes; around bytes as they are. */
bool frame4_send(struct peer *peer, const char *key, const struct frame4 *frame, const npk_write_options *options,
                 message_body *body, void *context);
bool frame4_send_bytes(struct peer *peer, const char *key, const struct frame4 *frame, const void *bytes, size_t size);

#endif
