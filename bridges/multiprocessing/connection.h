/* The protocol of multiprocessing.connection: CPython, Lib/multiprocessing/connection.py. */
#ifndef BRIDGES_MULTIPROCESSING_CONNECTION_H
#define BRIDGES_MULTIPROCESSING_CONNECTION_H

#include "message.h"

/* Both sides prove that they have the key: the one that listens asks first. NULL for `key`: nothing is asked. False: peer->error. */
bool connection_accepted(struct peer *peer, const char *key);
bool connection_connected(struct peer *peer, const char *key);

/* The next message, into peer->room. Where the other side is gone before it, *ended, and false without an error. */
bool connection_receive(struct peer *peer, uint64_t *size, bool *ended);

/* A message of what `body` writes. */
bool connection_send(struct peer *peer, const npk_write_options *options, message_body *body, void *context);

#endif
