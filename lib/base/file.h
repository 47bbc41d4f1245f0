/* Files: read whole or mapped, written whole or not at all. */
#ifndef NPKI_BASE_FILE_H
#define NPKI_BASE_FILE_H

#include "base/allocator.h"

#include <npickle/sink.h>
#include <npickle/source.h>

#include <sys/types.h>

typedef struct npki_input {
    npk_allocator allocator;
    uint8_t *bytes;
    size_t size;
    bool mapped;
} npki_input;

/* The `map_from` of a caller's choice, SIZE_MAX for one that does not exist. */
size_t npki_map_from(npk_input input);

/* All bytes of a regular file. `map_from`: mapped if it has at least as many bytes (SIZE_MAX: never). Errors:
 * NPK_ERR_IO, NPK_ERR_MEMORY. */
npk_status npki_input_open(npki_input *input, const char *path, const npk_allocator *allocator, size_t map_from,
                           npk_error *error);
void npki_input_close(npki_input *input);

/* A regular file that has bytes, open for reading, and how many; -1 where it is none. */
int npki_regular_open(const char *path, uint64_t *size);
void npki_close(int fd);

/* Bytes that a descriptor has from where it stands; 0 where that is not known. */
uint64_t npki_left_of(int fd);

/* A file in a directory that has no name there yet, open for writing, and its name: 0 or an errno, EEXIST where there
 * is one. -1 where the system has no such files, or they could get none. */
int npki_nameless_open(const char *directory, mode_t mode);
int npki_nameless_link(int fd, const char *path);

/* An output file that appears under `path` only at npki_output_commit: a file beside it until then, without a name
 * where the system has such. See npickle/sink.h for links, modes and what is not a file. */
typedef struct npki_output {
    npk_allocator allocator;
    char *temporary; /* its path, be it for a moment; NULL where the bytes go straight to a device or a pipe */
    size_t temporary_size;
    const char *path; /* the caller's, or `target` */
    char *target;     /* where the link at the caller's path leads to; or NULL */
    int fd;
    bool replaces; /* there was such a file */
    bool nameless; /* the temporary file is open, and has no path yet */
    bool waits;    /* it has its path, and not its name */
} npki_output;

npk_status npki_output_open(npki_output *output, const char *path, const npk_allocator *allocator, npk_error *error);
/* Syncs, renames, closes; frees in any case. */
npk_status npki_output_commit(npki_output *output, npk_error *error);
/* Several, as npk_outputs_commit says. */
npk_status npki_outputs_commit(npki_output *const *outputs, size_t count, npk_error *error);
void npki_output_abandon(npki_output *output);

/* A file that grows at its end: npki_append_close with `keep` false takes back what was written since, where it is a
 * regular file. */
typedef struct npki_append {
    int fd;
    bool is_file;
    int64_t start; /* bytes that it had */
} npki_append;

npk_status npki_append_open(npki_append *append, const char *path, npk_error *error); /* NPK_ERR_IO */
npk_status npki_append_close(npki_append *append, bool keep, npk_error *error);       /* the error has no path yet */

/* The path that npk_output_open was given. */
const char *npki_output_path(const npk_output *output);

/* Writes all of it to a descriptor; 0 or an errno. */
int npki_write_all(int fd, const void *bytes, size_t size);

#endif
