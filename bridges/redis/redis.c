#include "redis.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- commands: *COUNT, and each word as $SIZE and its bytes --- */

struct command {
    const char *const *words;
    size_t count;
};

static size_t count_words(const char *const *words)
{
    size_t count = 0;
    while (words[count] != NULL)
        count++;
    return count;
}

/* A message_frame: all that stands in front of the bytes of the pickle. */
static size_t frame(struct peer *peer, void *context, uint64_t size, uint8_t *header)
{
    const struct command *command = context;
    char *at = (char *)header, *const end = at + MESSAGE_HEADER_MAX;
    at += snprintf(at, (size_t)(end - at), "*%zu\r\n", command->count + 1);
    for (size_t i = 0; i < command->count; i++) {
        const size_t length = strlen(command->words[i]);
        if (length + 64 > (size_t)(end - at)) {
            peer_fail(peer, "%s: the words before the value are too long: %d bytes together are what they may take",
                      command->words[0], MESSAGE_HEADER_MAX);
            return 0;
        }
        at += snprintf(at, (size_t)(end - at), "$%zu\r\n%s\r\n", length, command->words[i]);
    }
    at += snprintf(at, (size_t)(end - at), "$%" PRIu64 "\r\n", size);
    return (size_t)(at - (char *)header);
}

bool redis_send_value(struct redis *redis, const char *const *words, const npk_write_options *options,
                      message_body *body, void *context)
{
    struct command command = {words, count_words(words)};
    const struct message message = {.frame = frame,
                                    .frame_context = &command,
                                    .body = body,
                                    .body_context = context,
                                    .options = options,
                                    .tail = "\r\n"};
    return message_send(&redis->peer, &message);
}

bool redis_send(struct redis *redis, const char *const *words)
{
    char *bytes = NULL;
    const int size = redisFormatCommandArgv(&bytes, (int)count_words(words), (const char **)(uintptr_t)words, NULL);
    const bool good =
        size < 0 ? peer_fail(&redis->peer, "not enough memory") : peer_write(&redis->peer, bytes, (size_t)size);
    if (size >= 0)
        redisFreeCommand(bytes);
    return good;
}

/* --- replies --- */

#define CHUNK 65536
#define MOST_ELEMENTS 1048576

/* In hiredis 0.14 nothing bounds the array that a reply says it will be, and in none of them how many replies of four
 * bytes, which take a hundred of memory, are in arrays together. */
#if HIREDIS_MAJOR < 1
typedef int element_count;
#else
typedef size_t element_count;
#endif
static void *(*make_array)(const redisReadTask *task, element_count count);

static void *make_short_array(const redisReadTask *task, element_count count)
{
    struct redis *redis = task->privdata;
    if ((size_t)count > MOST_ELEMENTS - redis->elements) {
        redis->elements = MOST_ELEMENTS + 1; /* for hiredis this is no memory */
        return NULL;
    }
    redis->elements += (size_t)count;
    return make_array(task, count);
}

static bool make_reader(struct redis *redis)
{
    redis->reader = redisReaderCreate();
    if (redis->reader == NULL)
        return peer_fail(&redis->peer, "not enough memory");
    redis->reader->maxbuf = 0; /* its memory stays for the next reply */
    redis->functions = *redis->reader->fn;
    make_array = redis->functions.createArray;
    redis->functions.createArray = make_short_array;
    redis->reader->fn = &redis->functions;
    redis->reader->privdata = redis;
    return true;
}

static bool reader_failed(struct redis *redis)
{
    redis->is_too_much = redis->reader->err == REDIS_ERR_OOM && redis->elements <= MOST_ELEMENTS;
    if (redis->is_too_much)
        return peer_fail(&redis->peer, "a reply: not enough memory");
    return peer_fail(&redis->peer, "no reply of Redis: %s", redis->reader->errstr);
}

/* Some more bytes for the reader; *total counts those of one reply. */
static bool feed(struct redis *redis, uint64_t *total)
{
    char chunk[CHUNK];
    size_t size;
    redis->is_too_much = *total > CHUNK && *total - CHUNK > redis->peer.limits.message;
    if (redis->is_too_much)
        return peer_fail(&redis->peer, "a reply is longer than the limit of %" PRIu64, redis->peer.limits.message);
    if (!peer_read_some(&redis->peer, chunk, sizeof chunk, &size))
        return false;
    if (size == 0)
        return peer_fail(&redis->peer, "the server went away %s a reply: %" PRIu64 " bytes of it have come",
                         *total > 0 ? "in the middle of" : "without", *total);
    *total += size;
    return redisReaderFeed(redis->reader, chunk, size) == REDIS_OK || reader_failed(redis);
}

/* What is no whole reply ends the connection. */
static redisReply *close_for(struct redis *redis)
{
    redis_close(redis);
    return NULL;
}

redisReply *redis_receive(struct redis *redis)
{
    void *reply = NULL;
    uint64_t total = 0;
    redis->elements = 0;
    if (!redis_is_open(redis))
        return NULL;
    while (reply == NULL) {
        if (redisReaderGetReply(redis->reader, &reply) != REDIS_OK) {
            reader_failed(redis);
            return close_for(redis);
        }
        if (reply == NULL && !feed(redis, &total))
            return close_for(redis);
    }
    redisReply *found = reply;
    if (found->type != REDIS_REPLY_ERROR)
        return found;
    peer_fail(&redis->peer, "%s", found->str);
    freeReplyObject(found);
    return NULL;
}

bool redis_is_open(const struct redis *redis)
{
    return redis->peer.fd >= 0;
}

redisReply *redis_ask(struct redis *redis, const char *const *words)
{
    return redis_send(redis, words) ? redis_receive(redis) : NULL;
}

const char *redis_kind(const redisReply *reply)
{
    static const char *const kinds[] = {
        [REDIS_REPLY_STRING] = "a string", [REDIS_REPLY_ARRAY] = "an array",  [REDIS_REPLY_INTEGER] = "an integer",
        [REDIS_REPLY_NIL] = "nil",         [REDIS_REPLY_STATUS] = "a status", [REDIS_REPLY_ERROR] = "an error"};
    const size_t type = (size_t)reply->type;
    return type < sizeof kinds / sizeof *kinds && kinds[type] != NULL ? kinds[type] : "another reply";
}

npk_doc *redis_load(struct redis *redis, const redisReply *value)
{
    npk_doc *doc = NULL;
    npk_error error;
    if (value->type != REDIS_REPLY_STRING)
        peer_fail(&redis->peer, "expected a value, found %s", redis_kind(value));
    else if (value->len > redis->peer.limits.message)
        peer_fail(&redis->peer, "a value of %zu bytes is longer than the limit of %" PRIu64, (size_t)value->len,
                  redis->peer.limits.message);
    else if (npk_doc_load_memory(value->str, value->len, NULL, &doc, &error) != NPK_OK)
        peer_fail(&redis->peer, "%s", error.message);
    return doc;
}

/* --- the connection --- */

static bool is_done(struct redis *redis, const char *const *words)
{
    redisReply *reply = redis_ask(redis, words);
    if (reply == NULL)
        return false;
    freeReplyObject(reply);
    return true;
}

bool redis_open(struct redis *redis, const char *address, const struct redis_login *login, const peer_limits *limits)
{
    const char *const password[] = {"AUTH", login->password, NULL};
    const char *const user[] = {"AUTH", login->user, login->password, NULL};
    const char *const database[] = {"SELECT", login->database, NULL};
    peer_keep_memory(); /* replies are malloc's */
    *redis = (struct redis){.reader = NULL};
    return peer_connect(&redis->peer, address, limits) && make_reader(redis) &&
           (login->password == NULL || is_done(redis, login->user == NULL ? password : user)) &&
           (login->database == NULL || is_done(redis, database));
}

void redis_close(struct redis *redis)
{
    peer_close(&redis->peer);
    if (redis->reader != NULL)
        redisReaderFree(redis->reader);
    redis->reader = NULL;
}
