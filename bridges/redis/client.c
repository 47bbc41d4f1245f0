/* Sends the value of a pickle as the last word of a command of Redis, or keeps the values that a command gives back.
 *
 *     client ADDRESS send FILE.pkl COMMAND [WORD...]        client localhost:6379 send image.pkl SET image
 *     client ADDRESS receive FILE.pkl COMMAND [WORD...]     client localhost:6379 receive image.pkl GET image
 *            [--user NAME] [--password TEXT] [--db NUMBER] [--times COUNT [--clock]] [--limit BYTES]
 *            [--timeout SECONDS]
 *
 * ADDRESS is HOST:PORT, or the path of a Unix socket. SET, RPUSH, HSET and XADD send; GET, LPOP, HGET and MGET receive:
 * the values of an array are pickles one behind another in the file. What the server says to what is sent is printed.
 * With --times it does so often;
 * with --clock it prints the seconds of one. */
#include "redis.h"
#include "times.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct task {
    const char *path;
    const char *const *command;
    npk_doc *doc; /* what is sent */
    struct times times;
};

/* What a terminal would obey is escaped. */
static void print_text(const char *text, size_t size)
{
    npk_error error;
    if (npk_print_text(text, size, NPK_TEXT_TERMINAL, npk_sink_file, stdout, &error) == NPK_OK)
        putchar('\n');
}

static void print_reply(const redisReply *reply)
{
    if (reply->type == REDIS_REPLY_INTEGER)
        printf("%lld\n", reply->integer);
    else if (reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS)
        print_text(reply->str, reply->len);
    else
        printf("%s\n", redis_kind(reply));
}

static bool send_value(struct redis *redis, struct task *task)
{
    npk_error error;
    bool good = npk_doc_load(task->path, NULL, &task->doc, &error) == NPK_OK ||
                peer_fail(&redis->peer, "%s", peer_file_error(task->path, &error));
    redisReply *reply = NULL;
    while (good && times_next(&task->times)) {
        const npk_write_options options = message_options_for(task->doc);
        freeReplyObject(reply);
        reply = NULL;
        if (redis_send_value(redis, task->command, &options, message_value, (void *)(uintptr_t)npk_doc_root(task->doc)))
            reply = redis_receive(redis);
        good = reply != NULL;
    }
    if (good)
        print_reply(reply);
    freeReplyObject(reply);
    return good;
}

/* One value of a reply: the place for what yours should do with it. Here it goes into the file. */
static bool keep(struct redis *redis, npk_output *output, const redisReply *value)
{
    npk_doc *doc = redis_load(redis, value);
    npk_error error;
    bool good = doc != NULL;
    if (good) {
        const npk_write_options options = message_options_for(doc);
        good = message_write(message_value, (void *)(uintptr_t)npk_doc_root(doc), &options, npk_sink_output, output,
                             &error) == NPK_OK ||
               peer_fail(&redis->peer, "%s", error.message);
    }
    npk_doc_free(doc);
    return good;
}

static bool keep_all(struct redis *redis, const char *path, const redisReply *reply)
{
    npk_output *output = NULL;
    npk_error error;
    uint64_t total = 0;
    if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 0)
        return peer_fail(&redis->peer, "expected a value, found an array of none");
    for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements; i++)
        total += reply->element[i]->len;
    if (total > redis->peer.limits.message)
        return peer_fail(&redis->peer, "values of %" PRIu64 " bytes are longer than the limit of %" PRIu64, total,
                         redis->peer.limits.message);
    if (npk_output_open(path, NULL, &output, &error) != NPK_OK)
        return peer_fail(&redis->peer, "%s", error.message);
    bool good = reply->type == REDIS_REPLY_ARRAY || keep(redis, output, reply);
    for (size_t i = 0; good && reply->type == REDIS_REPLY_ARRAY && i < reply->elements; i++)
        good = keep(redis, output, reply->element[i]);
    if (!good)
        npk_output_abandon(output);
    return good && (npk_output_commit(output, &error) == NPK_OK || peer_fail(&redis->peer, "%s", error.message));
}

static bool receive_values(struct redis *redis, struct task *task)
{
    bool good = true;
    redisReply *reply = NULL;
    while (good && times_next(&task->times)) {
        npk_doc *doc = NULL;
        freeReplyObject(reply);
        reply = redis_ask(redis, task->command);
        good = reply != NULL;
        if (good && task->times.count > 1) /* what is kept is loaded once more */
            good = (doc = redis_load(redis, reply)) != NULL;
        npk_doc_free(doc);
    }
    good = good && keep_all(redis, task->path, reply);
    freeReplyObject(reply);
    return good;
}

static const char usage[] =
    "usage: client ADDRESS send|receive FILE.pkl COMMAND [WORD...] [--user NAME] [--password TEXT]\n"
    "              [--db NUMBER] " TIMES_USAGE " [--limit BYTES] [--timeout SECONDS]\n";

int main(int argc, char **argv)
{
    struct redis_login login = {0};
    struct task task = {0};
    const bridge_option more[] = {{"--user", &login.user, NULL},
                                  {"--password", &login.password, NULL},
                                  {"--db", &login.database, NULL},
                                  TIMES_OPTIONS(&task.times),
                                  {NULL, NULL, NULL}};
    peer_limits limits;
    struct redis redis;
    const int count = bridge_options(argc, argv, &limits, more, usage);
    const bool sends = count > 2 && strcmp(argv[2], "send") == 0;
    if (count < 5 || (!sends && strcmp(argv[2], "receive") != 0) || !times_good(&task.times))
        return bridge_usage(usage);
    argv[count] = NULL; /* options that were taken out may stand behind it */
    task.path = argv[3];
    task.command = (const char *const *)argv + 4;
    bool good = redis_open(&redis, argv[1], &login, &limits) &&
                (sends ? send_value(&redis, &task) : receive_values(&redis, &task));
    if (good)
        times_print(&task.times);
    else
        fprintf(stderr, "client: %s\n", redis.peer.error);
    npk_doc_free(task.doc);
    redis_close(&redis);
    return good ? 0 : 1;
}
