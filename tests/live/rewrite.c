/* What tests/live/traces.py and targets.py have npickle do: `npickle convert` of many pickles in one process.
 *
 * Standard input is a row of records: 'k', 't' or 'b' (what becomes of a str of Python 2: kept, text, bytes), the size
 * as 32 bits, least significant byte first, and a pickle. For each record thirteen are written to standard output:
 * the pickle at protocols 0 to 5; each of these converted once more, to the protocol that the pickle has; and the
 * pickle in its own dialect at its own protocol, as `npickle set` writes it. 'p', size, pickle; 'q' instead, where npk_compare
 * finds another value in it than in the pickle; or 'e', size, the name of the error and its message.
 *
 * A record 'c' asks for one conversion: its bytes are a protocol (a digit), 'k', 't' or 'b', the name of a dialect (in
 * one of Python 2 such a str stays what it is), a newline, and the pickle. One record is written.
 */
#include "../../tools/plain.h"

#include <npickle.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLD 2000 /* bytes of a difference that is told */

typedef struct result {
    npk_status status;
    npk_error error;
    uint8_t *bytes;
    size_t size;
    bool differs;
} result;

static result write_doc(const npk_doc *doc, const npk_write_options *options)
{
    result out = {0};
    npk_array array;
    npk_writer *writer;
    const npk_value *root = npk_doc_root(doc);
    out.status = npk_writer_memory(options, &writer, &out.error);
    if (out.status != NPK_OK)
        return out;
    if (options->translate_names && tool_is_plain_array(root, &array))
        npk_write_array(writer, &array);
    else
        npk_write_value(writer, root);
    out.status = npk_writer_finish_memory(writer, &out.bytes, &out.size, &out.error);
    return out;
}

static result convert(const npk_doc *doc, int protocol, npk_python2_str python2_str)
{
    npk_write_options options = {.protocol_given = true, .protocol = protocol, .translate_names = true};
    options.python2_str = python2_str;
    return write_doc(doc, &options);
}

static npk_python2_str python2_str_of(uint8_t letter)
{
    return letter == 't'   ? NPK_PYTHON2_STR_TEXT
           : letter == 'b' ? NPK_PYTHON2_STR_BYTES
                           : NPK_PYTHON2_STR_REFUSE;
}

static result convert_bytes(const void *bytes, size_t size, int protocol)
{
    result out = {0};
    npk_doc *doc = NULL;
    out.status = npk_doc_load_memory(bytes, size, NULL, &doc, &out.error);
    if (out.status == NPK_OK)
        out = convert(doc, protocol, NPK_PYTHON2_STR_REFUSE);
    npk_doc_free(doc);
    return out;
}

/* Counts a difference, but not the bytes that a str of Python 2 became where Python 3 wants bytes. */
static void count(void *context, const npk_difference *difference)
{
    size_t sizes[2];
    bool became_bytes = npk_value_kind(difference->a) == NPK_KIND_PYTHON2_STR && npk_value_kind(difference->b) == NPK_KIND_BYTES;
    const uint8_t *a = became_bytes ? npk_value_as_bytes(difference->a, &sizes[0]) : NULL;
    const uint8_t *b = became_bytes ? npk_value_as_bytes(difference->b, &sizes[1]) : NULL;
    if (a == NULL || b == NULL || sizes[0] != sizes[1] || memcmp(a, b, sizes[0]) != 0)
        ++*(uint64_t *)context;
}

/* Whether it reads as another value; of a str of Python 2 in either form. */
static bool differs(const npk_doc *doc, const result *written, npk_python2_str python2_str)
{
    npk_doc *other = NULL;
    uint64_t differences = 0, all = 0;
    npk_compare_options options = {
        .python2_str = NPK_PYTHON2_STR_TEXT, .most = NPK_UNLIMITED, .report = count, .context = &differences};
    if (python2_str == NPK_PYTHON2_STR_BYTES)
        options.python2_str = NPK_PYTHON2_STR_BYTES;
    if (npk_doc_load_memory(written->bytes, written->size, NULL, &other, NULL) != NPK_OK ||
        npk_compare(npk_doc_root(doc), npk_doc_root(other), &options, &all, NULL) != NPK_OK)
        differences = 1;
    npk_doc_free(other);
    return differences > 0;
}

static void put(char kind, const void *bytes, size_t size)
{
    const uint8_t head[5] = {(uint8_t)kind, (uint8_t)size, (uint8_t)(size >> 8), (uint8_t)(size >> 16),
                             (uint8_t)(size >> 24)};
    fwrite(head, 1, sizeof head, stdout);
    fwrite(bytes, 1, size, stdout);
}

static void put_result(const result *r)
{
    char text[400];
    if (r->status == NPK_OK) {
        put(r->differs ? 'q' : 'p', r->bytes, r->size);
        return;
    }
    snprintf(text, sizeof text, "%s %s", npk_status_name(r->status), r->error.message);
    put('e', text, strlen(text));
}

/* `npickle convert -p PROTOCOL --dialect=NAME`, with what the target can't load refused. */
static void answer_one(const uint8_t *bytes, size_t size)
{
    char name[64] = "";
    const uint8_t *line = memchr(bytes, '\n', size);
    size_t head = line == NULL ? size : (size_t)(line - bytes);
    npk_write_options options = {.protocol_given = true, .translate_names = true, .unloadable = NPK_UNLOADABLE_REFUSE};
    npk_doc *doc = NULL;
    result out = {.status = NPK_ERR_USAGE};
    if (line != NULL && head > 2 && head - 2 < sizeof name) {
        memcpy(name, bytes + 2, head - 2);
        options.protocol = bytes[0] - '0';
        options.python2_str = python2_str_of(bytes[1]);
        out.status = npk_dialect_parse(name, &options.dialect, &out.error);
    }
    if (npk_dialect_is_python2(options.dialect))
        options.python2_str = NPK_PYTHON2_STR_KEEP;
    if (out.status == NPK_OK)
        out.status = npk_doc_load_memory(line + 1, size - head - 1, NULL, &doc, &out.error);
    if (out.status == NPK_OK)
        out = write_doc(doc, &options);
    put_result(&out);
    npk_bytes_free(NULL, out.bytes, out.size);
    npk_doc_free(doc);
    fflush(stdout);
}

static void answer(const uint8_t *bytes, size_t size, npk_python2_str python2_str)
{
    npk_doc *doc = NULL;
    npk_doc_info info = {0};
    npk_write_options own;
    result failed = {0}, to[NPK_PROTOCOL_MAX + 1], back;
    failed.status = npk_doc_load_memory(bytes, size, NULL, &doc, &failed.error);
    npk_doc_info_of(doc, &info);
    for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol++) {
        to[protocol] = doc == NULL ? failed : convert(doc, protocol, python2_str);
        if (to[protocol].status == NPK_OK)
            to[protocol].differs = differs(doc, &to[protocol], python2_str);
        put_result(&to[protocol]);
    }
    for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol++) {
        back = to[protocol].status == NPK_OK ? convert_bytes(to[protocol].bytes, to[protocol].size, info.protocol)
                                             : to[protocol];
        if (back.status == NPK_OK)
            back.differs = differs(doc, &back, python2_str);
        put_result(&back);
        if (to[protocol].status == NPK_OK)
            npk_bytes_free(NULL, back.bytes, back.size);
        npk_bytes_free(NULL, to[protocol].bytes, to[protocol].size);
    }
    back = failed;
    if (doc != NULL && npk_write_options_for(doc, &own))
        back = write_doc(doc, &own);
    if (back.status == NPK_OK && doc != NULL)
        back.differs = differs(doc, &back, NPK_PYTHON2_STR_KEEP);
    put_result(&back);
    npk_bytes_free(NULL, back.bytes, back.size);
    npk_doc_free(doc);
    fflush(stdout);
}

/* The first difference. */
typedef struct told {
    char path[TOLD], message[TOLD];
    bool any;
} told;

static void keep_first(void *context, const npk_difference *difference)
{
    told *out = context;
    if (!out->any) {
        snprintf(out->path, TOLD, "%s", difference->path);
        snprintf(out->message, TOLD, "%s", difference->message);
    }
    out->any = true;
}

/* Whether there is something at a path. */
static bool leads_somewhere(const npk_doc *doc, const char *path)
{
    const npk_value *value;
    return npk_value_find(npk_doc_root(doc), path, &value, NULL) == NPK_OK;
}

/* What npk_compare says of two pickles. */
static void answer_difference(const uint8_t *bytes, size_t size, size_t first)
{
    static told one;
    static char out[2 * TOLD + 64];
    npk_doc *docs[2] = {NULL, NULL};
    npk_error error = {.message = ""};
    uint64_t differences = 0;
    npk_compare_options options = {.report = keep_first, .context = &one};
    one = (told){.any = false};
    npk_status status = npk_doc_load_memory(bytes, first, NULL, &docs[0], &error);
    if (status == NPK_OK)
        status = npk_doc_load_memory(bytes + first, size - first, NULL, &docs[1], &error);
    if (status == NPK_OK)
        status = npk_compare(npk_doc_root(docs[0]), npk_doc_root(docs[1]), &options, &differences, &error);
    if (status == NPK_OK)
        snprintf(out, sizeof out, "%llu\n%d\n%s\n%s", (unsigned long long)differences,
                 leads_somewhere(docs[0], one.path) || leads_somewhere(docs[1], one.path), one.path, one.message);
    else
        snprintf(out, sizeof out, "%s %s", npk_status_name(status), error.message);
    put(status == NPK_OK ? 'd' : 'e', out, strlen(out));
    npk_doc_free(docs[0]);
    npk_doc_free(docs[1]);
    fflush(stdout);
}

int main(void)
{
    uint8_t head[5];
    while (fread(head, 1, sizeof head, stdin) == sizeof head) {
        size_t size = head[1] | (size_t)head[2] << 8 | (size_t)head[3] << 16 | (size_t)head[4] << 24;
        uint8_t *bytes = malloc(size + 1);
        if (bytes == NULL || fread(bytes, 1, size, stdin) != size)
            return 2;
        if (head[0] == 'c')
            answer_one(bytes, size);
        else if (head[0] == 'd' && size >= 4)
            answer_difference(bytes + 4, size - 4,
                              bytes[0] | (size_t)bytes[1] << 8 | (size_t)bytes[2] << 16 | (size_t)bytes[3] << 24);
        else
            answer(bytes, size, python2_str_of(head[0]));
        free(bytes);
    }
    return 0;
}
