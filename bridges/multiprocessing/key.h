/* Who is there: both sides prove that they have the key (CPython, Lib/multiprocessing/connection.py). */
#ifndef BRIDGES_MULTIPROCESSING_KEY_H
#define BRIDGES_MULTIPROCESSING_KEY_H

#include "connection.h"

/* The one that listens asks first. NULL for `key`: nothing is asked. False: peer->error. */
bool connection_accepted(struct peer *peer, const char *key);
bool connection_connected(struct peer *peer, const char *key);

#endif
