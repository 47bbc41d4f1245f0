/* A worker of a multiprocessing.managers.BaseManager: takes (number, array) out of one queue, and puts (number, sum)
 * into another, until it gets None. For a task that it can't do it puts (number, ValueError), or (None, ValueError)
 * where that has no number, or can't be read.
 *
 *     worker ADDRESS TASKS RESULTS --key TEXT [--limit BYTES] [--timeout SECONDS]
 *
 * TASKS and RESULTS are the names under which the manager has registered what gives the queues. What it does is `work`:
 * the place for yours. */
#include "key.h"
#include "options.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- calls: Lib/multiprocessing/managers.py dispatch(), BaseProxy._callmethod() --- */

/* (object, method, arguments, {}) */
struct call {
    const char *object; /* NULL: the manager itself */
    const char *method;
    message_body *argument; /* writes the one argument, or NULL */
    void *context;
    bool waits; /* the answer may take any time */
};

static npk_status write_call(npk_writer *writer, void *context)
{
    const struct call *call = context;
    npk_write_begin_tuple(writer, 4);
    if (call->object == NULL)
        npk_write_none(writer);
    else
        npk_write_str(writer, call->object);
    npk_write_str(writer, call->method);
    npk_write_begin_tuple(writer, call->argument != NULL);
    if (call->argument != NULL)
        call->argument(writer, call->context);
    npk_write_end(writer);
    npk_write_begin_dict(writer, 0);
    npk_write_end(writer);
    return npk_write_end(writer);
}

static npk_status write_text(npk_writer *writer, void *context)
{
    return npk_write_str(writer, context);
}

static bool is_text(const npk_value *value, const char *text)
{
    size_t size;
    const char *found = npk_value_as_str(value, &size);
    return found != NULL && size == strlen(text) && memcmp(found, text, size) == 0;
}

/* What comes of a call. */
enum reply {
    REPLY_VALUE,
    REPLY_ERROR,      /* the manager has not done it */
    REPLY_UNREADABLE, /* it has, but what it says is no value */
    REPLY_BROKEN,     /* it may have, but what it says did not come to its end: the connection is of no more use */
    REPLY_NONE,       /* it went away before the first byte */
    REPLY_STARVED     /* there was no memory to ask it, and it was not asked */
};

static const struct {
    const char *kind;
    enum reply reply;
    const char *error;
} kinds[] = {{"#RETURN", REPLY_VALUE, NULL},
             {"#ERROR", REPLY_ERROR, "the manager answers with an error"},
             {"#TRACEBACK", REPLY_ERROR, "the manager answers with an error"},
             {"#UNSERIALIZABLE", REPLY_UNREADABLE, "the manager can't pickle it"}};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* (kind, value), of which *out is the value. */
static enum reply take_value(struct peer *peer, const struct call *call, const npk_doc *doc, const npk_value **out)
{
    const npk_value *root = npk_doc_root(doc);
    const bool is_pair = npk_value_kind(root) == NPK_KIND_TUPLE && npk_value_size(root) == 2;
    *out = npk_value_item(root, 1);
    for (int i = 0; is_pair && i < KINDS; i++)
        if (is_text(npk_value_item(root, 0), kinds[i].kind)) {
            if (kinds[i].error != NULL)
                (void)peer_fail(peer, "%s: %s", call->method, kinds[i].error);
            return kinds[i].reply;
        }
    (void)peer_fail(peer, "expected a manager's (kind, value), found a %s", npk_kind_name(npk_value_kind(root)));
    return REPLY_UNREADABLE;
}

/* REPLY_VALUE: peer->room has what the manager says, *size bytes. */
static enum reply ask_manager(struct peer *peer, const struct call *call, uint64_t *size)
{
    const npk_write_options options = {.protocol_given = true, .protocol = 4};
    const uint64_t sent = peer->sent;
    bool ended = false;
    if (!connection_send(peer, &options, write_call, (void *)(uintptr_t)call))
        return peer->sent == sent && peer->starved ? REPLY_STARVED : REPLY_NONE;
    if (call->waits && !peer_wait(peer))
        return REPLY_NONE;
    if (connection_receive(peer, size, &ended))
        return REPLY_VALUE;
    if (ended)
        (void)peer_fail(peer, "the manager went away");
    return ended ? REPLY_NONE : REPLY_BROKEN;
}

static enum reply read_reply(struct peer *peer, const struct call *call, uint64_t size, npk_doc **doc,
                             const npk_value **out)
{
    *doc = connection_load(peer, size);
    return *doc == NULL ? REPLY_UNREADABLE : take_value(peer, call, *doc, out);
}

/* peer->error, but for a value. The document is the caller's. */
static enum reply call_manager(struct peer *peer, const struct call *call, npk_doc **doc, const npk_value **out)
{
    uint64_t size;
    const enum reply reply = ask_manager(peer, call, &size);
    *doc = NULL;
    return reply == REPLY_VALUE ? read_reply(peer, call, size, doc, out) : reply;
}

static bool call_for_nothing(struct peer *peer, const struct call *call)
{
    npk_doc *doc;
    const npk_value *none;
    const enum reply reply = call_manager(peer, call, &doc, &none);
    npk_doc_free(doc);
    return reply == REPLY_VALUE;
}

/* --- memory that is not there --- */

/* Whether what failed for want of memory is to be tried again, a moment later and for as long as the time limit lets
 * it. *since: when it failed first, 0 before. */
static bool try_again(struct peer *peer, double *since)
{
    enum { PAUSE = 100 }; /* milliseconds */
    if (!peer->starved || (*since > 0 && peer->limits.seconds > 0 && peer_now() - *since >= peer->limits.seconds))
        return false;
    if (*since == 0) {
        *since = peer_now();
        fprintf(stderr, "worker: %s: it is tried again\n", peer->error);
    }
    poll(NULL, 0, PAUSE);
    return true;
}

/* --- what the manager has under a name --- */

struct object {
    struct peer peer; /* its error is that of all functions here */
    const char *address, *key;
    peer_limits limits;
    char id[128]; /* calls begin with it */
};

static bool connect_to_manager(struct object *object)
{
    peer_close(&object->peer);
    return peer_connect(&object->peer, object->address, &object->limits) &&
           connection_connected(&object->peer, object->key);
}

/* A connection to an object whose id is known: another one than that by which it was asked for, since a manager does
 * one thing with a connection. */
static bool connect_to_object(struct object *object)
{
    const struct call accept = {NULL, "accept_connection", write_text, (void *)(uintptr_t) "npickle", false};
    return connect_to_manager(object) && call_for_nothing(&object->peer, &accept);
}

static bool open_object(struct object *object, const char *name)
{
    const struct call create = {NULL, "create", write_text, (void *)(uintptr_t)name, false};
    const npk_value *found;
    npk_doc *doc;
    size_t size = 0;
    if (!connect_to_manager(object))
        return false;
    bool good = call_manager(&object->peer, &create, &doc, &found) == REPLY_VALUE;
    const char *text = good ? npk_value_as_str(npk_value_item(found, 0), &size) : NULL;
    if (text != NULL && size < sizeof object->id) {
        memcpy(object->id, text, size);
        object->id[size] = '\0';
    } else if (good) {
        good = peer_fail(&object->peer, "%s: the manager answers without an id", name);
    }
    npk_doc_free(doc);
    return good && connect_to_object(object);
}

/* --- the work --- */

struct result {
    bool has_number;
    int64_t number;
    double sum;
    const char *error; /* NULL: there is none */
};

static npk_status write_result(npk_writer *writer, void *context)
{
    const struct result *result = context;
    npk_write_begin_tuple(writer, 2);
    if (result->has_number)
        npk_write_int(writer, result->number);
    else
        npk_write_none(writer);
    if (result->error != NULL)
        message_value_error(writer, (void *)(uintptr_t)result->error);
    else
        npk_write_float(writer, result->sum);
    return npk_write_end(writer);
}

/* False: peer->error. */
static bool work(struct peer *peer, const npk_value *task, struct result *out)
{
    npk_array array;
    npk_error error;
    const npk_kind kind = npk_value_kind(task);
    const bool is_pair = (kind == NPK_KIND_TUPLE || kind == NPK_KIND_LIST) && npk_value_size(task) == 2;
    out->has_number = is_pair && npk_value_as_int64(npk_value_item(task, 0), &out->number);
    if (!out->has_number)
        return peer_fail(peer, "expected (number, array), found a %s", npk_kind_name(kind));
    if (npk_array_of(npk_value_item(task, 1), &array, &error) != NPK_OK)
        return peer_fail(peer, "%s", error.message);
    const size_t count = (size_t)npk_array_count(&array);
    double *values = malloc((count + 1) * sizeof *values);
    npk_status status =
        values == NULL ? NPK_ERR_MEMORY : NPK_ARRAY_READ_AS(&array, NPK_CAST_SAME_KIND, values, count, &error);
    out->sum = 0;
    for (size_t i = 0; status == NPK_OK && i < count; i++)
        out->sum += values[i];
    free(values);
    return status == NPK_OK || peer_fail(peer, "%s", values == NULL ? "not enough memory" : error.message);
}

/* Once, but that what the manager said is read until there is memory for it. */
static enum reply put_once(struct peer *peer, const struct call *put)
{
    double since = 0;
    uint64_t size;
    npk_doc *doc = NULL;
    const npk_value *none;
    enum reply reply = ask_manager(peer, put, &size);
    if (reply != REPLY_VALUE)
        return reply;
    while ((reply = read_reply(peer, put, size, &doc, &none)) == REPLY_UNREADABLE && try_again(peer, &since))
        continue;
    npk_doc_free(doc);
    return reply;
}

static bool connect_again(struct object *object)
{
    double since = 0;
    bool good;
    while (!(good = connect_to_object(object)) && try_again(&object->peer, &since))
        continue;
    return good;
}

/* A result is there nowhere but here. Where the connection breaks nobody knows whether the manager has it: it is put
 * once more, and whoever takes it may find it twice. False: it is lost, and results->peer.error. */
static bool put_result(struct object *results, const struct call *put, const char *task)
{
    struct peer *peer = &results->peer;
    double since = 0;
    bool is_new = false;
    for (;;) {
        const enum reply reply = put_once(peer, put);
        const bool broken = reply == REPLY_BROKEN || reply == REPLY_NONE;
        if (reply == REPLY_VALUE)
            return true;
        if (reply == REPLY_STARVED && try_again(peer, &since))
            continue;
        if (!broken || is_new)
            return false;
        fprintf(stderr, "worker: %s: its result is put once more, and may be there twice: %s\n", task, peer->error);
        if (!connect_again(results))
            return peer_fail(peer, "the manager went away: %s", peer->error);
        is_new = true;
    }
}

/* What comes of a task, *task, which may be none that can be read. False: `results` takes nothing; tasks->peer.error
 * says whose result is lost. */
static bool answer(struct object *tasks, enum reply reply, const npk_value *task, struct object *results)
{
    char name[64] = "a task without a number";
    struct result result = {0};
    const struct call put = {results->id, "put", write_result, &result, true}; /* where there is room for it */
    if (reply != REPLY_VALUE || !work(&tasks->peer, task, &result)) {
        fprintf(stderr, "worker: %s\n", tasks->peer.error);
        result.error = tasks->peer.error;
    }
    if (result.has_number)
        snprintf(name, sizeof name, "task %" PRId64, result.number);
    return put_result(results, &put, name) ||
           peer_fail(&tasks->peer, "%s: its result is lost: %s", name, results->peer.error);
}

/* Until it finds None, or the manager is gone: false, and tasks->peer.error. */
static bool work_on(struct object *tasks, struct object *results)
{
    const struct call get = {tasks->id, "get", NULL, NULL, true};
    bool ends = false, good = true, is_new = false;
    double since = 0; /* try_again's */
    while (good && !ends) {
        npk_doc *doc;
        const npk_value *task;
        const enum reply reply = call_manager(&tasks->peer, &get, &doc, &task);
        if (reply == REPLY_STARVED && try_again(&tasks->peer, &since))
            continue;
        since = 0;
        const bool has_task = reply != REPLY_ERROR && reply != REPLY_NONE && reply != REPLY_STARVED;
        ends = reply == REPLY_VALUE && npk_value_kind(task) == NPK_KIND_NONE;
        good = ends || (has_task ? answer(tasks, reply, task, results) : reply == REPLY_NONE && !is_new);
        npk_doc_free(doc);
        is_new = reply == REPLY_BROKEN || reply == REPLY_NONE;
        if (good && is_new && !connect_again(tasks))
            good = peer_fail(&tasks->peer, "the manager went away: %s", tasks->peer.error);
        if (good && reply == REPLY_NONE) /* the manager may have taken out a task, and found nobody to give it to */
            fputs("worker: the connection for tasks ended: it is connected again, and a task may be lost\n", stderr);
    }
    return good;
}

static const char usage[] = "usage: worker ADDRESS TASKS RESULTS --key TEXT [--limit BYTES] [--timeout SECONDS]\n";

int main(int argc, char **argv)
{
    const char *key = NULL;
    const bridge_option more[] = {{"--key", &key, NULL}, {NULL, NULL, NULL}};
    peer_limits limits;
    if (bridge_options(argc, argv, &limits, more, usage) != 4)
        return bridge_usage(usage);
    struct object tasks = {.peer = {.fd = -1}, .address = argv[1], .key = key, .limits = limits}, results = tasks;
    bool good = open_object(&tasks, argv[2]);
    if (good && !open_object(&results, argv[3]))
        good = peer_fail(&tasks.peer, "%s", results.peer.error);
    good = good && work_on(&tasks, &results);
    if (!good)
        fprintf(stderr, "worker: %s\n", tasks.peer.error);
    peer_close(&tasks.peer);
    peer_close(&results.peer);
    return good ? 0 : 1;
}
