/* Another format: what the works of make.py take as JSON, read and written by yyjson, where configure found it. */
#include "bench.h"

#include <config.h>

#ifdef HAVE_YYJSON

#include "digest.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

const char *const bench_yyjson_version = YYJSON_VERSION_STRING;

static bench_file json, expected;
static yyjson_alc pool;
static const yyjson_alc *memory; /* NULL: malloc's */

static uint64_t digest(yyjson_val *value)
{
    uint64_t sum = DIGEST_LIST;
    size_t at, size;
    yyjson_val *key, *item;
    switch (yyjson_get_type(value)) {
    case YYJSON_TYPE_NULL:
        return DIGEST_NONE;
    case YYJSON_TYPE_BOOL:
        return digest_mix(DIGEST_BOOL, yyjson_get_bool(value));
    case YYJSON_TYPE_NUM:
        return yyjson_is_int(value) ? digest_mix(DIGEST_INT, yyjson_get_uint(value))
                                    : digest_float(yyjson_get_real(value));
    case YYJSON_TYPE_STR:
        return digest_str(yyjson_get_str(value), yyjson_get_len(value));
    case YYJSON_TYPE_ARR:
        yyjson_arr_foreach(value, at, size, item) sum = digest_mix(sum, digest(item));
        return sum;
    case YYJSON_TYPE_OBJ:
        sum = DIGEST_DICT;
        yyjson_obj_foreach(value, at, size, key, item) sum += digest_mix(digest(key), digest(item));
        return sum;
    default:
        return 0;
    }
}

static yyjson_doc *read_json(const char *text, size_t size)
{
    yyjson_doc *doc = yyjson_read_opts((char *)(uintptr_t)text, size, YYJSON_READ_NOFLAG, memory, NULL);
    if (doc == NULL)
        abort();
    return doc;
}

/* Whether the text has the values that Python's pickle has. */
static bool right(const char *text, size_t size)
{
    yyjson_doc *doc = read_json(text, size);
    uint64_t found = digest(yyjson_doc_get_root(doc));
    yyjson_doc_free(doc);
    return expected.size == sizeof found && memcmp(&found, expected.bytes, sizeof found) == 0;
}

static bool prepare(const char *work)
{
    memory = NULL;
    return bench_map(&json, "%s.json", work) && bench_map(&expected, "%s.digest", work);
}

static void keep_memory(size_t size)
{
    yyjson_alc_pool_init(&pool, bench_room(size), size);
    memory = &pool;
}

/* --- read: into memory that is kept, or fresh --- */

static bool prepare_loads(char **words)
{
    if (!prepare(words[0]))
        return false;
    if (strcmp(words[1], "reused") == 0)
        keep_memory(yyjson_read_max_memory_usage(json.size, YYJSON_READ_NOFLAG));
    return true;
}

static void loads(void)
{
    yyjson_doc *doc = read_json((const char *)json.bytes, json.size);
    bench_sink += (uintptr_t)yyjson_doc_get_root(doc);
    yyjson_doc_free(doc);
}

static bool check_loads(void)
{
    return right((const char *)json.bytes, json.size);
}

/* --- written: what was read, into memory that is kept --- */

static yyjson_doc *graph;

static bool prepare_dumps(char **words)
{
    enum { PER_BYTE = 32 }; /* it asks for the most that each number could take */
    if (!prepare(words[0]))
        return false;
    graph = read_json((const char *)json.bytes, json.size);
    keep_memory(json.size * PER_BYTE + 4096);
    return true;
}

static char *dump(size_t *size)
{
    char *text = yyjson_write_opts(graph, YYJSON_WRITE_NOFLAG, memory, size, NULL);
    if (text == NULL)
        abort();
    return text;
}

static void dumps(void)
{
    size_t size;
    char *text = dump(&size);
    bench_sink += size;
    pool.free(pool.ctx, text);
}

static bool check_dumps(void)
{
    size_t size;
    char *text = dump(&size);
    memory = NULL;
    bool same = right(text, size);
    memory = &pool;
    pool.free(pool.ctx, text);
    return same;
}

static void finish_dumps(void)
{
    yyjson_doc_free(graph);
}

const bench_case bench_yyjson_cases[] = {
    {"yyjson-loads", 2, prepare_loads, loads, check_loads, NULL, NULL},
    {"yyjson-dumps", 1, prepare_dumps, dumps, check_dumps, NULL, finish_dumps},
    {NULL, 0, NULL, NULL, NULL, NULL, NULL},
};

#else

const char *const bench_yyjson_version = NULL;
const bench_case bench_yyjson_cases[] = {{NULL, 0, NULL, NULL, NULL, NULL, NULL}};

#endif
