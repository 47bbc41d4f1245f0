/* A .zexp file: "ZEXP"; for each record its object's id, the number of its bytes, eight bytes each, the most
 * significant first, and these bytes; 16 bytes 0xff. A record is two pickles by one Pickler: the class, and the state.
 * ZODB: ExportImport.py exportFile() */
#include "zexp.h"

#include "common.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "ZEXP"
#define MAGIC_SIZE (sizeof MAGIC - 1)
#define HEADER TOOL_RECORD_HEADER /* the end has as many */

typedef struct zexp {
    const uint8_t *bytes;
    size_t size;
    npk_read_options options;
    size_t next;        /* where the next record begins */
    size_t base;        /* of the bytes of the one at hand */
    npk_reader *reader; /* of it; NULL between two */
    uint64_t records;
} zexp;

bool tool_zexp_is(const void *bytes, size_t size)
{
    return size >= MAGIC_SIZE && memcmp(bytes, MAGIC, MAGIC_SIZE) == 0;
}

/* What begins at `at`: *end if it is the end of the file, else a record of *length bytes. */
static npk_status look_at(const zexp *z, size_t at, size_t *length, bool *end, npk_error *error)
{
    static const uint8_t last[HEADER] = {255, 255, 255, 255, 255, 255, 255, 255,
                                         255, 255, 255, 255, 255, 255, 255, 255};
    uint64_t found = 0;
    if (z->size - at < HEADER)
        return tool_fail(error, NPK_ERR_TRUNCATED, at, "expected a record or the end of a .zexp file, found %zu byte%s",
                         z->size - at, TOOL_S(z->size - at));
    *end = memcmp(z->bytes + at, last, HEADER) == 0;
    if (*end && z->size - at > HEADER)
        return tool_fail(error, NPK_ERR_TRAILING, at + HEADER, "bytes follow the end of the .zexp file: %zu",
                         z->size - at - HEADER);
    for (int i = 8; i < HEADER; i++)
        found = found << 8 | z->bytes[at + (size_t)i];
    if (!*end && found > z->size - at - HEADER)
        return tool_fail(error, NPK_ERR_TRUNCATED, at, "expected a record of %" PRIu64 " byte%s, found %zu", found,
                         TOOL_S(found), z->size - at - HEADER);
    *length = *end ? 0 : (size_t)found;
    return NPK_OK;
}

static npk_status count_records(zexp *z, npk_error *error)
{
    size_t length = 0;
    bool end = false;
    for (size_t at = z->next;; at += HEADER + length, z->records++) {
        npk_status status = look_at(z, at, &length, &end, error);
        if (status != NPK_OK || end)
            return status;
    }
}

npk_status tool_zexp_open(const void *bytes, size_t size, const npk_read_options *options, void **state,
                          npk_error *error)
{
    zexp *z = calloc(1, sizeof *z);
    *state = z;
    if (z == NULL)
        return tool_fail_memory(error);
    *z = (zexp){.bytes = bytes, .size = size, .next = MAGIC_SIZE};
    if (options != NULL)
        z->options = *options;
    z->options.memo_scope = NPK_MEMO_OF_STREAM;
    return count_records(z, error);
}

static npk_status open_record(zexp *z, bool *end, npk_error *error)
{
    size_t length;
    npk_status status = look_at(z, z->next, &length, end, error);
    if (status != NPK_OK || *end)
        return status;
    z->base = z->next + HEADER;
    z->next = z->base + length;
    return npk_reader_memory(z->bytes + z->base, length, &z->options, &z->reader, error);
}

/* The next pickle of the record at hand. */
static npk_status next_of_record(zexp *z, npk_doc **out, npk_error *error)
{
    npk_doc_info info;
    npk_status status = npk_reader_next(z->reader, out, error);
    if (status != NPK_OK && error->offset != NPK_NO_OFFSET)
        error->offset += z->base;
    if (status == NPK_OK && npk_doc_info_of(*out, &info) && info.buffers > 0) { /* a record has a reader of its own */
        z->options.buffers += info.buffers;
        z->options.buffer_count -= (size_t)info.buffers;
    }
    if (status == NPK_OK && *out == NULL) {
        npk_reader_close(z->reader);
        z->reader = NULL;
    }
    return status;
}

npk_status tool_zexp_next(void *state, tool_item *item, bool *found, npk_error *error)
{
    zexp *z = state;
    npk_doc *doc = NULL;
    npk_status status = NPK_OK;
    bool end = false;
    while (status == NPK_OK && doc == NULL && !end) {
        if (z->reader == NULL)
            status = open_record(z, &end, error);
        if (status == NPK_OK && !end)
            status = next_of_record(z, &doc, error);
    }
    *item = (tool_item){.doc = doc, .own = doc, .base = z->base, .end = z->next};
    *found = status == NPK_OK && doc != NULL;
    return status;
}

void tool_zexp_put_size(uint8_t header[TOOL_RECORD_HEADER], uint64_t size)
{
    for (int i = HEADER; i-- > 8; size >>= 8)
        header[i] = (uint8_t)(size & 0xff);
}

void tool_zexp_close(void *state)
{
    zexp *z = state;
    if (z != NULL)
        npk_reader_close(z->reader);
    free(z);
}

void tool_zexp_describe(const void *state, FILE *out)
{
    const zexp *z = state;
    fprintf(out, ".zexp, %" PRIu64 " record%s", z->records, TOOL_S(z->records));
}

void tool_zexp_describe_json(const void *state, tool_json *json)
{
    const zexp *z = state;
    tool_json_key(json, "records");
    tool_json_uint(json, z->records);
}
