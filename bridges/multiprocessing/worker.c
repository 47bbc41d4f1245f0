/* A worker of a multiprocessing.managers.BaseManager: takes (number, array) out of one queue, and puts (number, sum)
 * into another, until it gets None. For a task that it can't do it puts (number, ValueError), or (None, ValueError)
 * where that has no number.
 *
 *     worker ADDRESS TASKS RESULTS --key TEXT [--limit BYTES] [--timeout SECONDS]
 *
 * TASKS and RESULTS are the names under which the manager has registered what gives the queues. What it does is `work`:
 * the place for yours. */
#include "key.h"
#include "options.h"

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

/* What the call gives back: (kind, value), of which *out is the value. The document is the caller's. */
static npk_doc *call_manager(struct peer *peer, const struct call *call, const npk_value **out)
{
    const npk_write_options options = {.protocol_given = true, .protocol = 4};
    uint64_t size;
    bool ended = false;
    if (!connection_send(peer, &options, write_call, (void *)(uintptr_t)call) || (call->waits && !peer_wait(peer)))
        return NULL;
    if (!connection_receive(peer, &size, &ended)) {
        if (ended)
            peer_fail(peer, "the manager went away");
        return NULL;
    }
    npk_doc *doc = message_load(peer, 0, (size_t)size, NULL, 0);
    const npk_value *root = npk_doc_root(doc);
    if (doc != NULL && npk_value_size(root) == 2 && is_text(npk_value_item(root, 0), "#RETURN")) {
        *out = npk_value_item(root, 1);
        return doc;
    }
    if (doc != NULL)
        peer_fail(peer, "%s: the manager answers with an error", call->method);
    npk_doc_free(doc);
    return NULL;
}

static bool call_for_nothing(struct peer *peer, const struct call *call)
{
    const npk_value *none;
    npk_doc *doc = call_manager(peer, call, &none);
    npk_doc_free(doc);
    return doc != NULL;
}

/* The connection to an object that the manager has under this name, which begins with its id. */
static bool open_object(struct peer *peer, const char *address, const char *key, const peer_limits *limits,
                        const char *name, char *id, size_t room)
{
    const struct call create = {NULL, "create", write_text, (void *)(uintptr_t)name, false};
    const struct call accept = {NULL, "accept_connection", write_text, (void *)(uintptr_t) "npickle", false};
    const npk_value *found;
    if (!peer_connect(peer, address, limits) || !connection_connected(peer, key))
        return false;
    npk_doc *doc = call_manager(peer, &create, &found);
    size_t size = 0;
    const char *text = doc == NULL ? NULL : npk_value_as_str(npk_value_item(found, 0), &size);
    bool good = text != NULL && size < room;
    if (good) {
        memcpy(id, text, size);
        id[size] = '\0';
    } else if (doc != NULL) {
        peer_fail(peer, "%s: the manager answers without an id", name);
    }
    npk_doc_free(doc);
    if (!good)
        return false;
    peer_close(peer); /* a manager does one thing with a connection */
    return peer_connect(peer, address, limits) && connection_connected(peer, key) && call_for_nothing(peer, &accept);
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

static bool work_on(struct peer *tasks, const char *from, struct peer *results, const char *to)
{
    const struct call get = {from, "get", NULL, NULL, true};
    bool good = true;
    while (good) {
        const npk_value *task;
        struct result result = {0};
        npk_doc *doc = call_manager(tasks, &get, &task);
        const bool ends = doc != NULL && npk_value_kind(task) == NPK_KIND_NONE;
        const struct call put = {to, "put", write_result, &result, false};
        good = doc != NULL;
        if (good && !ends && !work(tasks, task, &result)) {
            fprintf(stderr, "worker: %s\n", tasks->error);
            result.error = tasks->error;
        }
        npk_doc_free(doc);
        if (ends)
            return true;
        if (good && !call_for_nothing(results, &put))
            good = peer_fail(tasks, "%s", results->error);
    }
    return false;
}

static const char usage[] = "usage: worker ADDRESS TASKS RESULTS --key TEXT [--limit BYTES] [--timeout SECONDS]\n";

int main(int argc, char **argv)
{
    const char *key = NULL;
    const bridge_option more[] = {{"--key", &key, NULL}, {NULL, NULL, NULL}};
    peer_limits limits;
    struct peer tasks, results = {.fd = -1};
    char from[128], to[128];
    if (bridge_options(argc, argv, &limits, more, usage) != 4)
        return bridge_usage(usage);
    bool good = open_object(&tasks, argv[1], key, &limits, argv[2], from, sizeof from);
    if (good && !open_object(&results, argv[1], key, &limits, argv[3], to, sizeof to))
        good = peer_fail(&tasks, "%s", results.error);
    good = good && work_on(&tasks, from, &results, to);
    if (!good)
        fprintf(stderr, "worker: %s\n", tasks.error);
    peer_close(&tasks);
    peer_close(&results);
    return good ? 0 : 1;
}
