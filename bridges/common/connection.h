/* The frames of multiprocessing.connection (CPython, Lib/multiprocessing/connection.py): four bytes with the size,
 * big-endian; -1 and eight bytes from 2 GiB on. Connection._send_bytes(), _recv_bytes(). */
#ifndef BRIDGES_CONNECTION_H
#define BRIDGES_CONNECTION_H

#include "message.h"

/* The next message, into peer->room. Where the other side is gone before it, *ended, and false without an error. */
bool connection_receive(struct peer *peer, uint64_t *size, bool *ended);

/* What the first message of who wants a key begins with. */
#define CONNECTION_CHALLENGE "#CHALLENGE#"

/* Loads it, as message_load does. Where it is no pickle but a question for a key, peer->error says so. */
npk_doc *connection_load(struct peer *peer, uint64_t size);

/* A message of what `body` writes. */
bool connection_send(struct peer *peer, const npk_write_options *options, message_body *body, void *context);

/* A message of bytes, no more than CONNECTION_BYTES. */
#define CONNECTION_BYTES 256
bool connection_send_bytes(struct peer *peer, const void *bytes, size_t size);

#endif
