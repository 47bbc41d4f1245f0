/* Included before every test (tests.am): each pickle that a test writes into memory is looked at, and the test ends
 * where an opcode in it is above the protocol that was asked for. build-aux/run-test.sh prints how many were. */
#ifndef NPICKLE_TESTS_ABOVE_H
#define NPICKLE_TESTS_ABOVE_H

#define _GNU_SOURCE /* it may be the first of a file's headers, and some want it */

#include <npickle.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ABOVE_WRITERS 16

/* The protocols of the writers that are open. */
static struct {
    const npk_writer *writer;
    int protocol;
} above_writers[ABOVE_WRITERS];
static int above_next;

/* Set by a test of pickles that can't be read on, which are written again as they are. */
static bool above_broken;

static inline int above_protocol(const npk_write_options *options, int otherwise)
{
    return options != NULL && (options->protocol_given || options->protocol > 0) ? options->protocol : otherwise;
}

/* A byte for each pickle: what several processes add to one file. */
static inline void above_count(void)
{
    static int fd = -1;
    const char *path = getenv("NPICKLE_LOOKED_AT");
    if (fd < 0 && path != NULL)
        fd = open(path, O_WRONLY | O_APPEND);
    if (fd >= 0 && write(fd, "", 1) != 1)
        abort();
}

static inline void above_look(const uint8_t *bytes, size_t size, int protocol)
{
    npk_instruction in = {.end = 0};
    npk_error error;
    while (in.end < size) {
        if (in.end > 0 && memmem(bytes + in.offset, (size_t)(in.end - in.offset), "NumpyArrayWrapper", 17) != NULL)
            break; /* elements of joblib follow, which are no opcodes */
        npk_status status = npk_instruction_at(bytes, size, in.end, &in, &error);
        if (status != NPK_OK && above_broken)
            break;
        if (status != NPK_OK) {
            fprintf(stderr, "no instruction in a pickle that was written: %s\n", error.message);
            abort();
        }
        if (in.opcode->protocol > protocol) {
            fprintf(stderr, "%s at offset %llu of a pickle of protocol %d\n", in.opcode->name,
                    (unsigned long long)in.offset, protocol);
            abort();
        }
    }
    above_count();
}

static inline npk_status above_writer_memory(const npk_write_options *options, npk_writer **out, npk_error *error)
{
    npk_status status = npk_writer_memory(options, out, error);
    if (status == NPK_OK) {
        above_writers[above_next % ABOVE_WRITERS].writer = *out;
        above_writers[above_next++ % ABOVE_WRITERS].protocol = above_protocol(options, 2);
    }
    return status;
}

static inline npk_status above_writer_finish_memory(npk_writer *writer, uint8_t **bytes, size_t *size, npk_error *error)
{
    int protocol = NPK_PROTOCOL_MAX;
    for (int i = above_next; i > 0 && i > above_next - ABOVE_WRITERS; i--)
        if (above_writers[(i - 1) % ABOVE_WRITERS].writer == writer) {
            protocol = above_writers[(i - 1) % ABOVE_WRITERS].protocol;
            break;
        }
    npk_status status = npk_writer_finish_memory(writer, bytes, size, error);
    if (status == NPK_OK)
        above_look(*bytes, *size, protocol);
    return status;
}

static inline npk_status above_array_save_memory(const npk_array *array, const npk_write_options *options,
                                                 uint8_t **bytes, size_t *size, npk_error *error)
{
    npk_status status = npk_array_save_memory(array, options, bytes, size, error);
    if (status == NPK_OK)
        above_look(*bytes, *size, above_protocol(options, 2));
    return status;
}

static inline npk_status above_doc_save_memory(const npk_doc *doc, const npk_write_options *options, uint8_t **bytes,
                                               size_t *size, npk_error *error)
{
    npk_doc_info info;
    npk_status status = npk_doc_save_memory(doc, options, bytes, size, error);
    if (status == NPK_OK && npk_doc_info_of(doc, &info))
        above_look(*bytes, *size, above_protocol(options, info.protocol));
    return status;
}

#define npk_writer_memory above_writer_memory
#define npk_writer_finish_memory above_writer_finish_memory
#define npk_array_save_memory above_array_save_memory
#define npk_doc_save_memory above_doc_save_memory

#endif
