/* Commands of Redis whose last word is a pickle, and replies that have some. Replies are hiredis's own. */
#ifndef BRIDGES_REDIS_REDIS_H
#define BRIDGES_REDIS_REDIS_H

#include "message.h"

#include <hiredis.h>

struct redis {
    struct peer peer; /* its error is that of all functions here */
    redisReader *reader;
    redisReplyObjectFunctions functions;
    size_t elements;  /* of all arrays that the last reply has said it has */
    bool is_too_much; /* it was closed because a reply was longer than the limit, or than there is memory for */
};

/* What a server may ask for; NULL: nothing is said. */
struct redis_login {
    const char *user, *password, *database;
};

/* ADDRESS is that of peer_connect. False: peer.error. */
bool redis_open(struct redis *redis, const char *address, const struct redis_login *login, const peer_limits *limits);
void redis_close(struct redis *redis);

/* Sends a command: words up to a NULL. Replies come in the order of the commands, and any number of these can be sent
 * first. */
bool redis_send(struct redis *redis, const char *const *words);

/* The same with one word more: what `body` writes, which goes from where it lies to the socket. The words before it
 * have room for 900 bytes or so. */
bool redis_send_value(struct redis *redis, const char *const *words, const npk_write_options *options,
                      message_body *body, void *context);

/* The next reply, which freeReplyObject frees. NULL: what the server answers is an error (WRONGTYPE, NOAUTH), which is
 * peer.error in its words, or the connection is of no more use: redis_is_open. */
redisReply *redis_receive(struct redis *redis);
bool redis_is_open(const struct redis *redis);

/* A command and its reply. */
redisReply *redis_ask(struct redis *redis, const char *const *words);

/* The document in a reply that is a value; it borrows the reply's memory. NULL: peer.error. */
npk_doc *redis_load(struct redis *redis, const redisReply *value);

/* "an integer", for messages. */
const char *redis_kind(const redisReply *reply);

#endif
