/* Arrays in a pickle in memory, looked at where they lie: one array, or those of a list or dict one after another.
 *
 *     size_t size = 0;
 *     const void *bytes = NULL; // set both: a file that was mapped, a message that has come
 *     npk_array_view view;
 *     if (npk_array_view_memory(bytes, size, NULL, &view, &error) == NPK_OK)
 *         printf("%d dimensions at %p\n", view.array.ndim, view.array.data);
 *     npk_array_view_free(&view); // the bytes stay
 *
 * They say what npk_doc_load_memory and npk_array_of say, and cost much less where the pickle is one that NumPy writes
 * at protocols 1 to 5 of arrays of plain numbers: then no graph of values is made, nothing is allocated, and a large
 * array takes no longer than a small one. Only what Python 3 writes at protocols 1 and 2 is looked at byte by byte:
 * there the elements are text. Unless all of it is ASCII array.data is NULL then, array.encoding says how they are
 * spelled, and npk_array_copy and its like read them. Every other pickle is loaded as a document, which the view owns,
 * and so is each where more than the allocator is set in the options.
 *
 * Threads: a view belongs to one thread at a time; the bytes are only read.
 */
#ifndef NPICKLE_ARRAY_VIEW_H
#define NPICKLE_ARRAY_VIEW_H

#include <npickle/reader.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The array at hand. It need not be initialised before npk_array_view_memory or npk_array_views_memory, which fill it
 * also where they fail. `array` may point into the npk_array_view itself: do not copy it by assignment. */
typedef struct npk_array_view {
    /* array.source is NULL where there is no document; array.dtype lives as long as the view */
    npk_array array;
    /* of a dict, where it is a str: UTF-8, key_size bytes without a NUL at the end; else NULL */
    const char *key;
    size_t key_size;
    const npk_value *key_value; /* of a dict, where there is a document; else NULL */
    npk_doc *doc;               /* owned by the view; NULL where none was needed */
    int64_t shape[NPK_MAXDIMS];
    int64_t strides[NPK_MAXDIMS];
    uint64_t inside[192]; /* the library's */
    uintptr_t reserved[4];
} npk_array_view;

/* The array that the pickle in `bytes` is. Returns NPK_OK and the array in out->array, or an error. Ownership: out is
 * the caller's, who gives it to npk_array_view_free, also after an error; it borrows `bytes` until then, and
 * options->buffers. `options` may be NULL. Errors: those of npk_doc_load_memory, with their offsets; NPK_ERR_TYPE where
 * the pickle is no array. */
NPK_CHECKED NPK_API npk_status npk_array_view_memory(const void *bytes, size_t size, const npk_read_options *options,
                                                     npk_array_view *out, npk_error *error);

/* The arrays that are the items of a list or tuple or the values of a dict: npk_array_view_next gives them. All of the
 * pickle is looked at first, so what is malformed in it is refused here. Returns NPK_OK, or an error; ownership and
 * errors as those of npk_array_view_memory, NPK_ERR_TYPE where it is none of these. */
NPK_CHECKED NPK_API npk_status npk_array_views_memory(const void *bytes, size_t size, const npk_read_options *options,
                                                      npk_array_view *out, npk_error *error);

/* The next one, in the order of the pickle: view->array and its key, in the place of the last ones. Returns NPK_OK;
 * *more is false where there was none, as of a view of one array, of one that failed and of one that was freed. Errors:
 * NPK_ERR_TYPE for an item that is no array (the call after it goes on behind it); NPK_ERR_USAGE for NULL. */
NPK_CHECKED NPK_API npk_status npk_array_view_next(npk_array_view *view, bool *more, npk_error *error);

/* Frees the document, if there is one; what came out of the view is gone with it. NULL: does nothing. */
NPK_API void npk_array_view_free(npk_array_view *view);

#ifdef __cplusplus
}
#endif
#endif
