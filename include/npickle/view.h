/* Views of an array: a part of it, or the same elements in another shape, without a copy.
 *
 *     static float field[480][640];
 *     npk_view view;
 *     if (npk_view_slice(&NPK_ARRAY(&field[0][0], 480, 640), 0, 0, INT64_MAX, 2, &view, &error) != NPK_OK ||
 *         npk_view_transpose(&view.array, NULL, &view, &error) != NPK_OK ||
 *         npk_array_save("half.npy", &view.array, NULL, &error) != NPK_OK) // field[::2].T
 *         fprintf(stderr, "%s\n", error.message);
 *
 * Threads: a view belongs to the thread that makes it; what it was made from is only read.
 */
#ifndef NPICKLE_VIEW_H
#define NPICKLE_VIEW_H

#include <npickle/array.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An array with its shape and strides. `array` points into the npk_view itself: hand on &view.array, and make a second
 * one by npk_view_of, not by assignment. Nothing is allocated, nothing is to be freed; the elements live as long as
 * those of the array that it was made from. Whatever takes an npk_array takes a view's: npk_array_copy,
 * npk_array_read_as, npk_write_array, another view. */
typedef struct npk_view {
    npk_array array;
    int64_t shape[NPK_MAXDIMS];
    int64_t strides[NPK_MAXDIMS];
    uintptr_t reserved[4];
} npk_view;

/* In all of the calls below `array` may be that of *out: view.array becomes a part of what it was; and so may a
 * `shape`. A call that fails leaves *out alone. Errors of all: NPK_ERR_USAGE for an argument that does not fit the
 * array; NPK_ERR_UNSUPPORTED for elements that are Python objects, or are encoded (npk_view_decode). */

/* The whole array. */
NPK_CHECKED NPK_API npk_status npk_view_of(const npk_array *array, npk_view *out, npk_error *error);

/* array[..., start:stop:step, ...] on one axis (0 to ndim - 1), as Python takes it: negative numbers count from the
 * end, numbers beyond the ends are taken for the ends. What Python leaves out is INT64_MIN or INT64_MAX: (0, INT64_MAX,
 * 1) is [:], (INT64_MAX, INT64_MIN, -1) is [::-1]. */
NPK_CHECKED NPK_API npk_status npk_view_slice(const npk_array *array, int axis, int64_t start, int64_t stop,
                                              int64_t step, npk_view *out, npk_error *error);

/* array[..., index, ...]: the axis goes. `index` is 0 to its length - 1; a negative one is an error, as in
 * npk_array_get. */
NPK_CHECKED NPK_API npk_status npk_view_index(const npk_array *array, int axis, int64_t index, npk_view *out,
                                              npk_error *error);

/* Axis i of the view is axis axes[i] of the array; each comes once. NULL: all axes the other way round, array.T. */
NPK_CHECKED NPK_API npk_status npk_view_transpose(const npk_array *array, const int *axes, npk_view *out,
                                                  npk_error *error);

/* numpy.broadcast_to: axes in front, and a longer one for each of length 1. The view is readonly. */
NPK_CHECKED NPK_API npk_status npk_view_broadcast(const npk_array *array, int ndim, const int64_t *shape, npk_view *out,
                                                  npk_error *error);

/* The same elements, in C order, in another shape; one length may be -1: what is left. Errors: NPK_ERR_UNSUPPORTED also
 * where the elements lie so that they would have to be copied. */
NPK_CHECKED NPK_API npk_status npk_view_reshape(const npk_array *array, int ndim, const int64_t *shape, npk_view *out,
                                                npk_error *error);

/* An axis of length 1 before axis `axis` (ndim: after all of them); and away with one of length 1. */
NPK_CHECKED NPK_API npk_status npk_view_newaxis(const npk_array *array, int axis, npk_view *out, npk_error *error);
NPK_CHECKED NPK_API npk_status npk_view_squeeze(const npk_array *array, int axis, npk_view *out, npk_error *error);

/* array[name] of a structured array: one field (UTF-8, up to its NUL) of every element. The axes of a subarray come
 * last. Errors: NPK_ERR_NOT_FOUND. */
NPK_CHECKED NPK_API npk_status npk_view_field(const npk_array *array, const char *name, npk_view *out,
                                              npk_error *error);

/* The array with its elements at hand. Encoded ones (data is NULL, payload is not) are decoded into `buffer`, of
 * npk_array_nbytes() bytes at least, in the order in which they lie; where they have none `buffer` is not touched, and
 * may be NULL. Ownership: the view lives as long as the buffer, and no longer than the array. Errors: NPK_ERR_USAGE for
 * a buffer too small, NPK_ERR_UNSUPPORTED for Python objects. */
NPK_CHECKED NPK_API npk_status npk_view_decode(const npk_array *array, void *buffer, size_t size, npk_view *out,
                                               npk_error *error);

#ifdef __cplusplus
}
#endif
#endif
