/* A worker on a stream of Redis: takes the entries of a consumer group, works on the pickle in the field "value" of
 * each, and adds what comes of it to another stream, until it gets None.
 *
 *     worker ADDRESS TASKS RESULTS [--group NAME] [--name NAME] [--user NAME] [--password TEXT] [--db NUMBER]
 *            [--limit BYTES] [--timeout SECONDS]
 *
 * Any number of workers with a --name each share the entries of a --group. The fields of a result are "task", the
 * entry's id, and "value", or "error" where the task was no good, with a line on standard error. What it does is
 * `work`: the place for yours. */
#include "options.h"
#include "redis.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* --- entries: [[stream, [[id, [field, value, ...]]]]] --- */

static const redisReply *item(const redisReply *reply, size_t index)
{
    return reply != NULL && reply->type == REDIS_REPLY_ARRAY && index < reply->elements ? reply->element[index] : NULL;
}

static bool is_text(const redisReply *reply, const char *text)
{
    return reply != NULL && reply->type == REDIS_REPLY_STRING && reply->len == strlen(text) &&
           memcmp(reply->str, text, reply->len) == 0;
}

/* NULL where it has none. */
static const redisReply *field(const redisReply *entry, const char *name)
{
    const redisReply *fields = item(entry, 1);
    for (size_t i = 0; item(fields, i + 1) != NULL; i += 2)
        if (is_text(item(fields, i), name))
            return item(fields, i + 1);
    return NULL;
}

/* --- the work --- */

struct job {
    struct redis redis;
    const char *address;
    struct redis_login login;
    peer_limits limits;
    const char *tasks, *results, *group, *name;
    bool acknowledges; /* the reply to an XACK is still to come */
};

/* What comes of a task: the same value. */
static bool work(struct job *job, const char *id, const npk_doc *task)
{
    const npk_write_options options = message_options_for(task);
    const char *const words[] = {"XADD", job->results, "*", "task", id, "value", NULL};
    return redis_send_value(&job->redis, words, &options, message_value, (void *)(uintptr_t)npk_doc_root(task));
}

static bool refuse(struct job *job, const char *id, const char *text)
{
    char error[sizeof job->redis.peer.error];
    const char *const words[] = {"XADD", job->results, "*", "task", id, "error", error, NULL};
    snprintf(error, sizeof error, "%s", text);
    peer_fail(&job->redis.peer, "%s: %s", id, error);
    fprintf(stderr, "worker: %s\n", job->redis.peer.error);
    return redis_send(&job->redis, words);
}

/* The result of an entry is in the stream: until the server has said so, the entry must stay the worker's. */
static bool is_added(struct job *job, const char *id)
{
    char error[sizeof job->redis.peer.error];
    redisReply *reply = redis_receive(&job->redis);
    const bool good = reply != NULL;
    freeReplyObject(reply);
    if (good || !redis_is_open(&job->redis))
        return good;
    snprintf(error, sizeof error, "%s", job->redis.peer.error);
    return peer_fail(&job->redis.peer, "%s: its result is refused: %s", id, error);
}

/* The entry is done. Its reply is read with that to the next question, which is sent meanwhile. */
static bool acknowledge(struct job *job, const char *id)
{
    const char *const words[] = {"XACK", job->tasks, job->group, id, NULL};
    job->acknowledges = redis_send(&job->redis, words);
    return job->acknowledges;
}

static bool is_acknowledged(struct job *job)
{
    if (!job->acknowledges)
        return true;
    redisReply *reply = redis_receive(&job->redis);
    const bool good = reply != NULL;
    job->acknowledges = job->redis.is_too_much = false;
    freeReplyObject(reply);
    if (!good)
        redis_close(&job->redis); /* what comes next is no answer to what is asked next */
    return good;
}

/* The result of one entry, and that it is done. *ends: it was None, which has no result. */
static bool serve(struct job *job, const redisReply *entry, bool *ends)
{
    const char *const id = item(entry, 0)->str;
    const redisReply *value = field(entry, "value");
    npk_doc *doc = value == NULL ? NULL : redis_load(&job->redis, value);
    const uint64_t sent = job->redis.peer.sent;
    bool good;
    *ends = doc != NULL && npk_value_kind(npk_doc_root(doc)) == NPK_KIND_NONE;
    if (*ends)
        good = true;
    else if (doc != NULL)
        good = work(job, id, doc) || (job->redis.peer.sent == sent && refuse(job, id, job->redis.peer.error));
    else
        good = refuse(job, id, value == NULL ? "an entry without a field \"value\"" : job->redis.peer.error);
    npk_doc_free(doc);
    return good && (*ends || is_added(job, id)) && acknowledge(job, id);
}

/* What a server says where there is no group any more, since the stream was deleted, or the group was. */
static bool has_no_group(const struct job *job)
{
    static const char *const errors[] = {"NOGROUP", "UNBLOCKED"};
    for (size_t i = 0; redis_is_open(&job->redis) && i < sizeof errors / sizeof *errors; i++)
        if (strncmp(job->redis.peer.error, errors[i], strlen(errors[i])) == 0)
            return true;
    return false;
}

/* The stream as well, where it is not there. */
static bool make_group(struct job *job)
{
    const char *const create[] = {"XGROUP", "CREATE", job->tasks, job->group, "0", "MKSTREAM", NULL};
    redisReply *reply = redis_ask(&job->redis, create);
    const bool good = reply != NULL || strncmp(job->redis.peer.error, "BUSYGROUP", 9) == 0; /* others have made it */
    freeReplyObject(reply);
    return good;
}

/* False, peer.error: it was made a moment ago. */
static bool make_group_again(struct job *job, bool is_new)
{
    if (is_new)
        return false;
    fprintf(stderr, "worker: %s: the group is made again\n", job->redis.peer.error);
    return make_group(job);
}

/* An entry that is longer than the limit, or than there is memory for, has ended the connection: it is refused on a new
 * one, or each worker would find it again. */
static bool refuse_long(struct job *job)
{
    char error[sizeof job->redis.peer.error];
    const char *const words[] = {"XPENDING", job->tasks, job->group, "-", "+", "1", job->name, NULL};
    snprintf(error, sizeof error, "%s", job->redis.peer.error);
    if (!redis_open(&job->redis, job->address, &job->login, &job->limits))
        return false;
    redisReply *reply = redis_ask(&job->redis, words);
    const redisReply *id = item(item(reply, 0), 0);
    const bool good = id != NULL && id->type == REDIS_REPLY_STRING
                          ? refuse(job, id->str, error) && is_added(job, id->str) && acknowledge(job, id->str)
                          : (reply == NULL && has_no_group(job)) || peer_fail(&job->redis.peer, "%s", error);
    freeReplyObject(reply);
    return good;
}

/* The next entry is in *reply, which is nil after a while without one. */
static bool next(struct job *job, const char *from, redisReply **reply)
{
    char wait[32];
    const int seconds = job->redis.peer.limits.seconds;
    const char *const words[] = {"XREADGROUP", "GROUP", job->group, job->name,  "COUNT", "1",
                                 "BLOCK",      wait,    "STREAMS",  job->tasks, from,    NULL};
    snprintf(wait, sizeof wait, "%d", 500 * seconds); /* less than what the socket waits; 0: any time, for both */
    *reply = redis_send(&job->redis, words) && is_acknowledged(job) ? redis_receive(&job->redis) : NULL;
    return *reply != NULL;
}

/* The entry in a reply; NULL where it is nil, or has none of what this worker had: what it asks for then is new, and
 * the server waits with that. False, peer.error: it is none of these. */
static bool find_entry(struct job *job, const redisReply *reply, bool is_new, const redisReply **entry)
{
    const redisReply *entries = item(item(reply, 0), 1);
    *entry = item(entries, 0);
    if (reply->type == REDIS_REPLY_NIL)
        return true;
    if (entries == NULL || entries->type != REDIS_REPLY_ARRAY || (entries->elements == 0 && is_new))
        return peer_fail(&job->redis.peer, "expected the entries of a stream, found %s",
                         entries == NULL ? redis_kind(reply) : redis_kind(entries));
    const redisReply *id = item(*entry, 0);
    return *entry == NULL || (id != NULL && id->type == REDIS_REPLY_STRING) ||
           peer_fail(&job->redis.peer, "expected an entry of a stream, found %s", redis_kind(*entry));
}

/* A server may say at once that there is nothing, whatever it was asked to wait. */
static void rest(void)
{
    const struct timespec little = {.tv_nsec = 50 * 1000 * 1000};
    nanosleep(&little, NULL);
}

static bool run(struct job *job)
{
    redisReply *reply;
    const char *from = "0"; /* first what a worker of this name had and did not finish */
    bool good = make_group(job), is_new = true, ends = false;
    while (good && !ends) {
        if (!next(job, from, &reply)) {
            const bool gone = has_no_group(job);
            good = gone ? make_group_again(job, is_new) : job->redis.is_too_much && refuse_long(job);
            is_new = gone;
            continue;
        }
        is_new = false;
        const redisReply *entry;
        good = find_entry(job, reply, *from == '>', &entry);
        if (good && entry != NULL)
            good = serve(job, entry, &ends);
        else if (good && *from == '>')
            rest();
        else
            from = ">"; /* then what nobody had */
        freeReplyObject(reply);
    }
    return good && is_acknowledged(job);
}

static const char usage[] =
    "usage: worker ADDRESS TASKS RESULTS [--group NAME] [--name NAME] [--user NAME] [--password TEXT]\n"
    "              [--db NUMBER] [--limit BYTES] [--timeout SECONDS]\n";

int main(int argc, char **argv)
{
    struct job job = {.group = "npickle", .name = "worker"};
    const bridge_option more[] = {{"--group", &job.group, NULL},       {"--name", &job.name, NULL},
                                  {"--user", &job.login.user, NULL},   {"--password", &job.login.password, NULL},
                                  {"--db", &job.login.database, NULL}, {NULL, NULL, NULL}};
    if (bridge_options(argc, argv, &job.limits, more, usage) != 4)
        return bridge_usage(usage);
    job.address = argv[1];
    job.tasks = argv[2];
    job.results = argv[3];
    bool good = redis_open(&job.redis, job.address, &job.login, &job.limits) && run(&job);
    if (!good)
        fprintf(stderr, "worker: %s\n", job.redis.peer.error);
    redis_close(&job.redis);
    return good ? 0 : 1;
}
