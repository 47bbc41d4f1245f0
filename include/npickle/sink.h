/* Where bytes go: one type of function for all that the library writes, and the usual ones ready-made.
 *
 *     char memory[1024];
 *     npk_fixed_buffer room = {memory, sizeof memory, 0};
 *     npk_writer *writer = NULL;
 *     npk_status status = npk_writer_callback(npk_sink_fixed, &room, NULL, &writer, &error);
 *     if (status == NPK_OK) {
 *         npk_write_str(writer, "ready");
 *         status = npk_writer_finish(writer, &error);
 *     }
 *     if (status == NPK_OK)
 *         printf("the pickle takes %zu bytes of memory[]\n", room.used);
 *
 * With npk_sink_count and a uint64_t the same lines count the bytes and keep none.
 *
 * Threads: a sink has no state but its context. Threads may use one function at a time, each with a context of its own.
 */
#ifndef NPICKLE_SINK_H
#define NPICKLE_SINK_H

#include <npickle/options.h>

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Takes all of `size` bytes and returns 0, or takes them not or in part and returns an errno, which is not 0. It is
 * never called again after that. `bytes` are borrowed for the call. */
typedef int npk_write_function(void *context, const void *bytes, size_t size);

/* context: a FILE *, open for writing. The bytes may stay in its buffer: a disk that is full may show only when the
 * program calls fflush or fclose, and so may any other error. Returns the errno of the write that failed, or EIO. */
NPK_API int npk_sink_file(void *context, const void *bytes, size_t size);

/* context: an int *, a descriptor open for writing. Goes on after a short write, and after EINTR.
 *
 * EAGAIN is returned for a non-blocking descriptor that is full: some of the bytes have gone out and nothing says how
 * many, so the output is lost. Make the descriptor blocking, or let a function of your own wait with poll().
 *
 * EPIPE is returned for a pipe or socket whose reader is gone, if SIGPIPE is ignored or blocked; by default that
 * signal ends the process first. The library leaves signals alone: a program that writes to pipes calls
 * signal(SIGPIPE, SIG_IGN). */
NPK_API int npk_sink_fd(void *context, const void *bytes, size_t size);

/* context: a uint64_t *, to which the size is added. Keeps no bytes. Returns 0; EINVAL where `context` is NULL. */
NPK_API int npk_sink_count(void *context, const void *bytes, size_t size);

/* Memory of the program's own. */
typedef struct npk_fixed_buffer {
    void *bytes;
    size_t size; /* of the memory */
    size_t used; /* bytes of it, from its start, that are taken; begin with 0 */
} npk_fixed_buffer;

/* context: an npk_fixed_buffer *. What does not fit is not taken: ENOBUFS, and `used` stays as it was. */
NPK_API int npk_sink_fixed(void *context, const void *bytes, size_t size);

/* --- a file that appears whole or not at all --- */

typedef struct npk_output npk_output;

/* All zero: the defaults. */
typedef struct npk_output_options {
    const npk_allocator *allocator; /* NULL: malloc */
    uintptr_t reserved[4];          /* zero */
} npk_output_options;

/* A file that will have the name `path` from npk_output_commit on, and until then one of its own in the same directory,
 * which must be writable. npk_npy_save, npk_array_save and npk_doc_save write theirs the same way.
 *
 *   a new file         has the mode 0666 less the process's umask
 *   a file that there  is replaced: it keeps its mode (permissions), and owner and group where the system allows that;
 *   is already         access lists and other attributes are those of a new file. Other hard links to it keep the old
 *                      content. One that may not be written to is not replaced (EACCES)
 *   a symbolic link    is followed: the file that it leads to is replaced, or made, and the link stays
 *   a device, a FIFO   is not replaced: the bytes go straight to it, as they come; opening a FIFO waits for its reader
 *   a directory        is an error (EISDIR)
 *
 * Where the system has files without a name (O_TMPFILE: Linux, on most file systems) the one in the directory has none,
 * and a process that is killed in between leaves nothing behind. Elsewhere, and where the file that is there belongs to
 * another user, it leaves a file .npickle-PID-N, which may be removed; a program that catches the signal removes it by
 * npk_output_temporary. The current directory may not change between open and commit if `path` is relative.
 * `path` is copied. Ownership: *out is the caller's, until npk_output_commit or npk_output_abandon.
 * Errors: NPK_ERR_IO, NPK_ERR_MEMORY, NPK_ERR_USAGE for NULL. */
NPK_CHECKED NPK_API npk_status npk_output_open(const char *path, const npk_output_options *options, npk_output **out,
                                               npk_error *error);

/* The path of the file that has the bytes until npk_output_commit: one without a name has it for the moment in which it
 * takes the place of another file. NULL for a device or a FIFO, and for NULL. Borrowed from `output`. A handler of a
 * signal may unlink a copy of it, and end the process: the library leaves signals alone. */
NPK_API const char *npk_output_temporary(const npk_output *output);

/* context: an npk_output *. Writes and returns as npk_sink_fd does. */
NPK_API int npk_sink_output(void *context, const void *bytes, size_t size);

/* Writes the file to its disk (fsync), gives it its name and frees `output`, also where it fails: then nothing has
 * changed under that name, unless only the directory could not be written to its disk ("cannot write the directory"):
 * the new file is there, and a power cut may take it back. Errors: NPK_ERR_IO; NPK_ERR_USAGE for NULL. */
NPK_CHECKED NPK_API npk_status npk_output_commit(npk_output *output, npk_error *error);

/* The same for several, which are written to their disks together (on Linux by one syncfs, where they lie in one file
 * system): each file has either all of its bytes or not its name, and none gets its name before all have been written.
 * Frees all of them, and those that have no name when one fails are abandoned. Errors: those of npk_output_commit;
 * NPK_ERR_USAGE also for more than NPK_OUTPUTS_MOST. */
#define NPK_OUTPUTS_MOST 64
NPK_CHECKED NPK_API npk_status npk_outputs_commit(npk_output *const *outputs, size_t count, npk_error *error);

/* Frees `output`, and nothing of the file stays; a device or a FIFO keeps what it was sent. NULL: does nothing. */
NPK_API void npk_output_abandon(npk_output *output);

#ifdef __cplusplus
}
#endif
#endif
