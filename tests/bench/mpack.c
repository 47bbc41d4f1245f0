/* Another format: what the works of make.py take as MessagePack, read and written by MPack, where configure found it. */
#include "bench.h"

#include <config.h>

#ifdef HAVE_MPACK

#include "digest.h"

#include <mpack.h>
#include <stdlib.h>
#include <string.h>

const char *const bench_mpack_version = MPACK_VERSION_STRING;

static bench_file expected;
static char *room;
static size_t room_size, used;

/* --- written: a call for each value, into memory that is kept --- */

#define OUT mpack_writer_t
#define LIST(n) mpack_start_array(out, (uint32_t)(n))
#define END_LIST mpack_finish_array(out)
#define TUPLE(n) LIST(n)
#define END_TUPLE END_LIST
#define DICT(n) mpack_start_map(out, (uint32_t)(n))
#define END_DICT mpack_finish_map(out)
#define INT(i) mpack_write_i64(out, i)
#define FLOAT(d) mpack_write_double(out, d)
#define BOOL(b) mpack_write_bool(out, b)
#define NONE mpack_write_nil(out)
#define TEXT(text) mpack_write_cstr(out, text)
#define TEXT_SIZE(text, size) mpack_write_str(out, text, size)
#define KEY(text, known) ((void)(known), TEXT(text))
#include "works.inc"

static write_function *write_work;

static void dumps(void)
{
    mpack_writer_t writer;
    mpack_writer_init(&writer, room, room_size);
    write_work(&writer);
    used = mpack_writer_buffer_used(&writer);
    if (mpack_writer_destroy(&writer) != mpack_ok)
        abort();
}

static bool prepare(char **words)
{
    enum { MOST = 4 << 20 }; /* no work has so many bytes */
    write_work = find_work(words[0]);
    if (write_work == NULL || !bench_map(&expected, "%s.digest", words[0]))
        return false;
    room_size = MOST;
    room = bench_room(room_size);
    dumps();
    return true;
}

/* --- read: into memory that is kept, or fresh. Its texts stay in the bytes, and are not looked at. --- */

static mpack_node_data_t *nodes; /* NULL: fresh memory */

static void begin(mpack_tree_t *tree)
{
    if (nodes != NULL)
        mpack_tree_init_pool(tree, room, used, nodes, used);
    else
        mpack_tree_init_data(tree, room, used);
    mpack_tree_parse(tree);
    if (mpack_tree_error(tree) != mpack_ok)
        abort();
}

static bool prepare_loads(char **words)
{
    if (!prepare(words))
        return false;
    nodes = strcmp(words[1], "reused") == 0 ? bench_room(used * sizeof *nodes) : NULL; /* each has a byte at least */
    return true;
}

static void loads(void)
{
    mpack_tree_t tree;
    begin(&tree);
    bench_sink += (uintptr_t)mpack_tree_root(&tree).data;
    mpack_tree_destroy(&tree);
}

static uint64_t digest(mpack_node_t node)
{
    uint64_t sum = DIGEST_LIST;
    switch (mpack_node_type(node)) {
    case mpack_type_nil:
        return DIGEST_NONE;
    case mpack_type_bool:
        return digest_mix(DIGEST_BOOL, mpack_node_bool(node));
    case mpack_type_int:
        return digest_mix(DIGEST_INT, (uint64_t)mpack_node_i64(node));
    case mpack_type_uint:
        return digest_mix(DIGEST_INT, mpack_node_u64(node));
    case mpack_type_double:
        return digest_float(mpack_node_double(node));
    case mpack_type_str:
        return digest_str(mpack_node_str(node), mpack_node_strlen(node));
    case mpack_type_array:
        for (size_t i = 0; i < mpack_node_array_length(node); i++)
            sum = digest_mix(sum, digest(mpack_node_array_at(node, i)));
        return sum;
    case mpack_type_map:
        sum = DIGEST_DICT;
        for (size_t i = 0; i < mpack_node_map_count(node); i++)
            sum += digest_mix(digest(mpack_node_map_key_at(node, i)), digest(mpack_node_map_value_at(node, i)));
        return sum;
    default:
        return 0;
    }
}

static bool check(void)
{
    mpack_tree_t tree;
    begin(&tree);
    uint64_t found = digest(mpack_tree_root(&tree));
    bool right = expected.size == sizeof found && memcmp(&found, expected.bytes, sizeof found) == 0;
    mpack_tree_destroy(&tree);
    return right;
}

static bool prepare_dumps(char **words)
{
    nodes = NULL;
    return prepare(words);
}

const bench_case bench_mpack_cases[] = {
    {"mpack-loads", 2, prepare_loads, loads, check, NULL, NULL},
    {"mpack-dumps", 1, prepare_dumps, dumps, check, NULL, NULL},
    {NULL, 0, NULL, NULL, NULL, NULL, NULL},
};

#else

const char *const bench_mpack_version = NULL;
const bench_case bench_mpack_cases[] = {{NULL, 0, NULL, NULL, NULL, NULL, NULL}};

#endif
