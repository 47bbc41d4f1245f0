/* Elements of an array: one at a time, and texts and times as C has them.
 *
 *     npk_array *times = NULL;
 *     if (npk_array_load("times.npy", NULL, NULL, NULL, &times, &error) != NPK_OK)
 *         fprintf(stderr, "%s\n", error.message);
 *     for (int64_t i = 0; times != NULL && times->ndim == 1 && i < times->shape[0]; i++) {
 *         npk_time time;
 *         if (npk_array_get_time(times, &i, &time, &error) == NPK_OK && !time.is_nat)
 *             printf("%lld.%09d\n", (long long)time.seconds, (int)time.nanoseconds);
 *     }
 *     npk_array_free(times);
 *
 * Threads: the calls change nothing but what they fill, so many threads may read one array.
 */
#ifndef NPICKLE_ELEMENT_H
#define NPICKLE_ELEMENT_H

#include <npickle/array.h>

#ifdef __cplusplus
extern "C" {
#endif

/* In every call `index` has array->ndim numbers, each 0 to the length of its axis - 1 (NULL for an array of no
 * dimensions): a negative one is an error, and does not count from the end. An encoded element is decoded from the
 * payload's start each time: for more than a few of those npk_view_decode or npk_array_read_as comes first. Errors of
 * all: NPK_ERR_USAGE for an index outside, NPK_ERR_CAST for elements of another type, NPK_ERR_UNSUPPORTED for encoded
 * elements of more than 8 KiB.
 *
 * Elements that are Python objects (StringDType's too, which are str) are the values npk_value_item(array->objects, i)
 * of value.h, i counted in C order. */

/* One element, converted as npk_array_read_as does it, into the npk_dtype_itemsize(dtype) bytes of `out`. Returns
 * NPK_OK, or an error; NPK_ERR_CAST also where the rule does not allow the conversion. */
NPK_CHECKED NPK_API npk_status npk_array_get(const npk_array *array, const int64_t *index, const npk_dtype *dtype,
                                             npk_casting casting, void *out, npk_error *error);

/* The same with the type of `out`. Each returns NPK_OK and the element in *out, or an error and leaves *out alone. */
NPK_CHECKED NPK_API npk_status npk_array_get_double(const npk_array *array, const int64_t *index, npk_casting casting,
                                                    double *out, npk_error *error);
NPK_CHECKED NPK_API npk_status npk_array_get_int64(const npk_array *array, const int64_t *index, npk_casting casting,
                                                   int64_t *out, npk_error *error);
NPK_CHECKED NPK_API npk_status npk_array_get_uint64(const npk_array *array, const int64_t *index, npk_casting casting,
                                                    uint64_t *out, npk_error *error);
NPK_CHECKED NPK_API npk_status npk_array_get_bool(const npk_array *array, const int64_t *index, npk_casting casting,
                                                  bool *out, npk_error *error);
/* out[0] is the real part, out[1] the imaginary one. */
NPK_CHECKED NPK_API npk_status npk_array_get_complex(const npk_array *array, const int64_t *index, npk_casting casting,
                                                     double out[2], npk_error *error);

/* --- texts -------------------------------------------------------------------------------------------------------- */

/* A U becomes UTF-8, without the NULs at its end, which NumPy takes for filling too. A surrogate alone becomes three
 * bytes, as everywhere in npickle; a number beyond U+10FFFF, which NumPy can't show either, is an error
 * (NPK_ERR_ARRAY). An S becomes the bytes that it is, without the NULs at its end: UTF-8 if it was that. NULs inside
 * stay in both; the sizes tell. */

/* Writes the text and a NUL; *needed (may be NULL) is the text's bytes without that NUL. With `text` NULL it only
 * measures. Errors: NPK_ERR_CAST for other types; NPK_ERR_USAGE where `size` is less than *needed + 1. */
NPK_CHECKED NPK_API npk_status npk_array_get_text(const npk_array *array, const int64_t *index, char *text, size_t size,
                                                  size_t *needed, npk_error *error);

/* All texts in C order, packed, each with a NUL: text + offsets[i] is the i-th, and offsets[i + 1] - offsets[i] - 1 are
 * its bytes. `offsets` has room for npk_array_count() + 1. *needed (may be NULL): the bytes of `text` in all. With
 * `text` NULL it only measures, and `offsets` may be NULL. Errors: NPK_ERR_CAST for other types; NPK_ERR_USAGE where
 * `size` is less than *needed; NPK_ERR_UNSUPPORTED for encoded elements in Fortran order (npk_view_decode first). */
NPK_CHECKED NPK_API npk_status npk_array_read_texts(const npk_array *array, char *text, size_t size, size_t *offsets,
                                                    size_t *needed, npk_error *error);

/* The other way: UTF-8 (lone surrogates as three bytes; for an S any bytes) as one element of an S or U, filled up with
 * NUL. `out` has room for one. Errors: NPK_ERR_CAST where it does not fit or the type is another, NPK_ERR_USAGE for
 * what is not UTF-8. */
NPK_CHECKED NPK_API npk_status npk_element_put_text(const npk_dtype *dtype, const char *text, size_t size, void *out,
                                                    npk_error *error);

/* --- times -------------------------------------------------------------------------------------------------------- */

/* A point in time since 1970-01-01T00:00:00, or a length of time: seconds + nanoseconds x 10^-9. No leap seconds and no
 * zone, as in NumPy. */
typedef struct npk_time {
    int64_t seconds;
    int32_t nanoseconds; /* 0 to 999999999, before 1970 too */
    bool is_nat;         /* not a time: the others are 0 */
} npk_time;

/* A datetime64 or timedelta64: its int64, the unit that of `dtype` (its byte order does not matter). Smaller units than
 * ns are rounded down. Errors: NPK_ERR_CAST for other types, no unit, years or months of a timedelta64 (which have no
 * length), and seconds beyond 64 bits. */
NPK_CHECKED NPK_API npk_status npk_time_of(const npk_dtype *dtype, int64_t value, npk_time *out, npk_error *error);
/* The other way, rounded down to the unit. Errors: NPK_ERR_CAST also where it does not fit; NPK_ERR_USAGE for
 * nanoseconds beyond a second. */
NPK_CHECKED NPK_API npk_status npk_time_value(const npk_dtype *dtype, const npk_time *time, int64_t *value,
                                              npk_error *error);

/* ISO 8601 to the digits of the unit, as numpy.datetime_as_string gives it: "2024-02-29T23:59:59.000001"; "NaT". Of a
 * timedelta64 the number alone, as an array of them is printed: "-5". Sizes as npk_dtype_str; NPK_TIME_TEXT are enough
 * for each. Returns 0 where it has no text: another type, no unit, a year or a day beyond 64 bits. */
#define NPK_TIME_TEXT 64
NPK_API size_t npk_time_text(const npk_dtype *dtype, int64_t value, char *text, size_t size);

/* The other way. Of a datetime64: what npk_time_text gives for it in any unit, rounded down to its own; a blank for the
 * T, a sign before the year and a Z at the end too. Of a timedelta64: an int. "NaT" in any case, or nothing: NaT.
 * Errors: NPK_ERR_USAGE for any other text, NPK_ERR_CAST for other types and where it does not fit. */
NPK_CHECKED NPK_API npk_status npk_time_parse(const npk_dtype *dtype, const char *text, int64_t *value,
                                              npk_error *error);

/* One element, and all of them in C order; `count` is the room in `out`. Errors as npk_time_of; NPK_ERR_UNSUPPORTED for
 * encoded elements in Fortran order. */
NPK_CHECKED NPK_API npk_status npk_array_get_time(const npk_array *array, const int64_t *index, npk_time *out,
                                                  npk_error *error);
NPK_CHECKED NPK_API npk_status npk_array_read_times(const npk_array *array, npk_time *out, size_t count,
                                                    npk_error *error);

#ifdef __cplusplus
}
#endif
#endif
