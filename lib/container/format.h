/* The formats of files that hold an array, in one table: what a file is, how its arrays are found, how one is
 * written. */
#ifndef NPKI_CONTAINER_FORMAT_H
#define NPKI_CONTAINER_FORMAT_H

#include <npickle/npy.h>
#include <npickle/torch.h>

typedef struct npki_format {
    const char *ending; /* of the names of such files; NULL: any name, or it is not written */
    bool (*is)(const void *bytes, size_t size);

    /* Borrows the bytes. *held: what `find` and `close` take. */
    npk_status (*open)(const void *bytes, size_t size, const npk_read_options *options, void **held, npk_error *error);
    npk_status (*find)(const void *held, const char *where, npk_array *out, npk_error *error); /* out: a view */
    void (*close)(void *held);

    npk_status (*save)(npk_write_function *write, void *context, const npk_array *array,
                       const npk_write_options *options, npk_error *error);
} npki_format;

/* Never NULL: what is nothing else is a pickle, which `open` will judge. */
const npki_format *npki_format_of_bytes(const void *bytes, size_t size);
const npki_format *npki_format_of_path(const char *path);

#endif
