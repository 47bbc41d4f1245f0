/* The shortcuts and the plain loops, side by side: what comes of the same bytes with the one and with the other.
 *
 * The level is the whole process's (npki_cpu_limit). twins_differ leaves it where the machine has it. */
#ifndef NPICKLE_TESTS_TWINS_H
#define NPICKLE_TESTS_TWINS_H

#include "base/cpu.h"
#include "drip.h"
#include "value/event.h"

#include <npickle.h>

#include <inttypes.h>
#include <stdio.h>

enum { TWINS_DOCS = 3, TWINS_VALUES = 4000, TWINS_SAID = 600 };

/* What a reader gave out, until it ended or failed. */
typedef struct twin {
    npk_doc *docs[TWINS_DOCS];
    size_t count;
    npk_status status;
    npk_error error;
    uint64_t offset, padding;
} twin;

/* All documents of a reader that was begun with out->status. */
static inline void twins_take(npk_reader *reader, twin *out)
{
    while (out->status == NPK_OK && out->count < TWINS_DOCS) {
        out->status = npk_reader_next(reader, &out->docs[out->count], &out->error);
        if (out->status != NPK_OK || out->docs[out->count] == NULL)
            break;
        out->count++;
    }
    out->offset = npk_reader_offset(reader);
    out->padding = npk_reader_padding(reader);
}

/* `step`: bytes that come at a time; 0: all lie in memory. */
static inline void twins_read(npki_cpu level, const uint8_t *bytes, size_t size, size_t step,
                              const npk_read_options *options, twin *out)
{
    drip d = {bytes, bytes + size, step};
    npk_reader *reader = NULL;
    npki_cpu_limit(level);
    *out = (twin){.error = {.offset = NPK_NO_OFFSET}};
    out->status = step == 0 ? npk_reader_memory(bytes, size, options, &reader, &out->error)
                            : npk_reader_callback(read_drip, &d, options, &reader, &out->error);
    twins_take(reader, out);
    npk_reader_close(reader);
}

static inline bool twins_same_error(const npk_error *a, const npk_error *b)
{
    return a->status == b->status && a->offset == b->offset && a->opcode == b->opcode &&
           strcmp(a->message, b->message) == 0;
}

/* What happened to them, and when. */
static inline bool twins_same_events(const npk_value *a, const npk_value *b)
{
    bool same = npki_event_count(a) == npki_event_count(b) && (npki_order_of(a) == NULL) == (npki_order_of(b) == NULL);
    if (same && a->kind == NPK_KIND_OBJECT)
        same = a->u.object->offset == b->u.object->offset && a->u.object->built == b->u.object->built;
    for (size_t i = 0; same && i < npki_event_count(a); i++) {
        const npki_event e = npki_event_of(a, i), f = npki_event_of(b, i);
        same = e.kind == f.kind && e.first == f.first && e.end == f.end && e.offset == f.offset && e.at_once == f.at_once &&
               e.apart == f.apart && e.elsewhere == f.elsewhere && e.late == f.late && e.number == f.number &&
               e.late_first == f.late_first && e.late_end == f.late_end;
    }
    return same;
}

/* Every value that is reached: what it is, what is known of where it came from. */
static inline bool twins_same_values(const npk_value *a, const npk_value *b, char *said)
{
    npk_walk *walks[2] = {NULL, NULL};
    bool same =
        npk_walk_start(a, NULL, &walks[0], NULL) == NPK_OK && npk_walk_start(b, NULL, &walks[1], NULL) == NPK_OK;
    for (size_t i = 0; same && i < TWINS_VALUES; i++) {
        const npk_value *v = NULL, *w = NULL;
        npk_status status = npk_walk_next(walks[0], &v, NULL);
        same = status == npk_walk_next(walks[1], &w, NULL) && (v == NULL) == (w == NULL);
        if (!same || v == NULL)
            break;
        same = v->kind == w->kind && v->flags == w->flags && v->history == w->history && v->depth == w->depth &&
               v->encoding == w->encoding;
        if (!same)
            snprintf(said, TWINS_SAID, "value %zu, %s: kind %d flags %#x history %#x depth %u, or %d %#x %#x %u", i,
                     npk_walk_path(walks[0]), v->kind, v->flags, v->history, (unsigned)v->depth, w->kind, w->flags,
                     w->history, (unsigned)w->depth);
        if (same && !twins_same_events(v, w)) {
            same = false;
            snprintf(said, TWINS_SAID, "value %zu, %s: it was called or got something elsewhere", i, npk_walk_path(walks[0]));
        }
    }
    npk_walk_free(walks[0]);
    npk_walk_free(walks[1]);
    return same;
}

typedef struct twins_written {
    uint8_t *bytes;
    size_t size;
    npk_error error;
} twins_written;

static inline void twins_write(npki_cpu level, const npk_doc *doc, const npk_write_options *options, twins_written *out)
{
    npk_writer *w = NULL;
    npki_cpu_limit(level);
    *out = (twins_written){.error = {.offset = NPK_NO_OFFSET}};
    if (npk_writer_memory(options, &w, &out->error) != NPK_OK)
        return;
    npk_write_value(w, npk_doc_root(doc));
    npk_status status = npk_writer_finish_memory(w, &out->bytes, &out->size, &out->error);
    if (status != NPK_OK)
        out->size = 0;
}

static inline bool twins_same_written(const npk_doc *plain, const npk_doc *quick, const npk_write_options *options,
                                      char *said)
{
    twins_written a, b;
    twins_write(NPKI_CPU_PLAIN, plain, options, &a);
    twins_write(NPKI_CPUS - 1, quick, options, &b);
    bool same = a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0) &&
                twins_same_error(&a.error, &b.error);
    if (!same)
        snprintf(said, TWINS_SAID, "written at protocol %d: %zu bytes (%s), or %zu (%s)", options->protocol, a.size,
                 a.error.message, b.size, b.error.message);
    if (a.bytes != NULL)
        npk_bytes_free(NULL, a.bytes, a.size);
    if (b.bytes != NULL)
        npk_bytes_free(NULL, b.bytes, b.size);
    return same;
}

static inline bool twins_same_doc(const npk_doc *plain, const npk_doc *quick, const npk_write_options *write,
                                  char *said)
{
    npk_doc_info a, b;
    uint64_t differences = 0;
    const npk_compare_options few = {.work = (uint64_t)1 << 16};
    memset(&a, 0, sizeof a);
    memset(&b, 0, sizeof b);
    if (!npk_doc_info_of(plain, &a) || !npk_doc_info_of(quick, &b) || memcmp(&a, &b, sizeof a) != 0) {
        snprintf(said, TWINS_SAID, "info: %" PRIu64 " bytes, %" PRIu64 " opcodes, or %" PRIu64 ", %" PRIu64, a.size,
                 a.opcodes, b.size, b.opcodes);
        return false;
    }
    if (!twins_same_values(npk_doc_root(plain), npk_doc_root(quick), said))
        return false;
    npk_status status = npk_compare(npk_doc_root(plain), npk_doc_root(quick), &few, &differences, NULL);
    if ((status != NPK_OK && status != NPK_ERR_LIMIT) || differences > 0) {
        snprintf(said, TWINS_SAID, "compared: status %d, %" PRIu64 " differences", (int)status, differences);
        return false;
    }
    for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol++) {
        npk_write_options options = *write;
        options.protocol_given = true;
        options.protocol = protocol;
        if (!twins_same_written(plain, quick, &options, said))
            return false;
    }
    return true;
}

/* Reads the bytes with and without shortcuts, and writes what came of them at each protocol with and without them. Where anything is
 * another: true, and `said` tells what. */
static inline bool twins_differ(const uint8_t *bytes, size_t size, size_t step, const npk_read_options *read,
                                const npk_write_options *write, char said[TWINS_SAID])
{
    twin plain, quick;
    strcpy(said, "the values");
    twins_read(NPKI_CPU_PLAIN, bytes, size, step, read, &plain);
    twins_read(NPKI_CPUS - 1, bytes, size, step, read, &quick);
    bool same = plain.status == quick.status && plain.count == quick.count && plain.offset == quick.offset &&
                plain.padding == quick.padding &&
                (plain.status == NPK_OK || twins_same_error(&plain.error, &quick.error));
    if (!same)
        snprintf(said, TWINS_SAID, "read: %zu documents, %s (%" PRIu64 "), or %zu, %s (%" PRIu64 ")", plain.count,
                 plain.error.message, plain.error.offset, quick.count, quick.error.message, quick.error.offset);
    for (size_t i = 0; same && i < plain.count; i++)
        same = twins_same_doc(plain.docs[i], quick.docs[i], write, said);
    for (size_t i = 0; i < TWINS_DOCS; i++) {
        npk_doc_free(plain.docs[i]);
        npk_doc_free(quick.docs[i]);
    }
    npki_cpu_limit(NPKI_CPUS - 1);
    return !same;
}

#endif
