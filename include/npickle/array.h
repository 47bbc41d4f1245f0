/* An array in memory: a view, and what can be made of it.
 *
 *     npk_doc *doc = NULL;
 *     npk_array array;
 *     float field[480][640];
 *     if (npk_doc_load("field.pkl", NULL, &doc, &error) != NPK_OK ||
 *         npk_array_of(npk_doc_root(doc), &array, &error) != NPK_OK ||
 *         NPK_ARRAY_READ_AS(&array, NPK_CAST_SAME_KIND, &field[0][0], 480 * 640, &error) != NPK_OK)
 *         fprintf(stderr, "%s\n", error.message);
 *     else
 *         printf("read %d numbers, now floats of this machine\n", (int)npk_array_count(&array));
 *     npk_doc_free(doc); // `array` is gone with it, `field` stays
 *
 * npk_array_load (npickle/load.h) does all this in one call, and allocates the memory.
 *
 * Threads: the calls change nothing but what they fill, so many threads may read one array.
 */
#ifndef NPICKLE_ARRAY_H
#define NPICKLE_ARRAY_H

#include <npickle/dtype.h>

#ifdef __cplusplus
extern "C" {
#endif

struct npk_value;

/* How the text of an old pickle spells bytes. */
typedef enum npk_encoding {
    NPK_ENCODING_RAW = 0, /* the bytes themselves */
    /* Each byte a character of latin-1, spelled in UTF-8: Python 3 at protocols 1 and 2. */
    NPK_ENCODING_LATIN1_UTF8 = 1,
    NPK_ENCODING_RAW_UNICODE_ESCAPE = 2, /* the same in raw-unicode-escape: Python 3 at protocol 0 */
    NPK_ENCODING_STRING_ESCAPE = 3 /* what repr() of a Python 2 str has between its quotes: Python 2 at protocol 0 */
} npk_encoding;

#define NPK_MAXDIMS 64 /* NumPy 2; NumPy 1 has 32 */

/* A view of an array. Nothing in it is owned: it lives as long as what it was made from.
 *
 * To describe an array of your own, set dtype, data, ndim and shape; leave strides NULL for an array that lies in
 * one piece in `order` ('C', rows together, or 'F', columns together; 0 means 'C'). Strides are in bytes and may be
 * zero or negative; `data` is then the element with all indices 0.
 *
 * A view of a document's array has strides set. Its `data` is NULL if the pickle has the elements encoded, or if
 * they are Python objects; npk_array_copy and npk_array_read_as decode them.
 */
typedef struct npk_array {
    const npk_dtype *dtype;
    const void *data;
    int ndim;
    const int64_t *shape;
    const int64_t *strides;
    char order;    /* 'C', 'F', or for a loaded array neither of them: 'K'; see strides */
    bool readonly; /* loaded: protocol 5 said so */

    /* Set by the reader only. */
    npk_encoding encoding;           /* how `payload` spells the elements */
    const void *payload;             /* as it lies in the pickle, in `order`; NULL for Python objects */
    size_t payload_size;             /* bytes of it */
    const struct npk_value *source;  /* the value this is a view of */
    const struct npk_value *objects; /* dtype with objects: the list of its items in C order */

    uintptr_t reserved[4]; /* zero: NPK_ERR_USAGE otherwise, from whatever takes the array */
} npk_array;

/* How many elements it has; -1 for NULL, for a negative length and where the product overflows. */
NPK_API int64_t npk_array_count(const npk_array *array);

/* The bytes of its elements without gaps, count x itemsize; 0 where it has none, -1 where npk_array_count is -1 or the
 * product overflows. */
NPK_API int64_t npk_array_nbytes(const npk_array *array);

/* How the elements lie, as NumPy's flags say it: 'C' where they lie in one piece with the last index running fastest,
 * also where they lie in Fortran order too; 'F' in Fortran order alone; 'K' for anything else. 0 for NULL and for
 * what is not described as an array. */
NPK_API char npk_array_order(const npk_array *array);

/* A literal array that lies in C order: NPK_ARRAY_OF(dtype, particles, 1000), NPK_ARRAY_OF(dtype, &field[0][0], 480,
 * 640). Any dtype will do; it is not checked that the memory holds such elements. In C the literal lives to the end of
 * the enclosing block. In C++ an npk_array has no literal: set dtype, data, ndim and shape. */
#ifndef __cplusplus
#define NPK_ARRAY_OF(descriptor, pointer, ...)                                                                         \
    ((npk_array){.dtype = (descriptor),                                                                                \
                 .data = (pointer),                                                                                    \
                 .ndim = (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)),                                    \
                 .shape = (const int64_t[]){__VA_ARGS__}})
#endif

/* The same of the type that the pointer points at: NPK_ARRAY(&field[0][0], 480, 640). C11. */
#ifdef NPK_DTYPE_OF
#define NPK_ARRAY(pointer, ...) NPK_ARRAY_OF(NPK_DTYPE_OF(pointer), pointer, __VA_ARGS__)

/* One member, a number, of each of `count` structs that lie one after another: NPK_ARRAY_MEMBER(cells, temperature,
 * 1000). Nothing is copied. */
#define NPK_ARRAY_MEMBER(structs, member, count)                                                                       \
    ((npk_array){.dtype = NPK_DTYPE_OF(&(structs)->member),                                                            \
                 .data = &(structs)->member,                                                                           \
                 .ndim = 1,                                                                                            \
                 .shape = (const int64_t[]){(count)},                                                                  \
                 .strides = (const int64_t[]){(int64_t)sizeof *(structs)}})
#endif

/* Copies the elements as they are (type and byte order kept) into `out`, which lies in C order or, with order 'F', in
 * Fortran order. Encoded elements are decoded on the way, in one pass. `size`: the bytes of `out`, npk_array_nbytes()
 * or more. Returns NPK_OK when all are copied. Errors: NPK_ERR_USAGE for too small a `size`, another `order`, NULL and
 * what is not an array; NPK_ERR_UNSUPPORTED for Python objects; NPK_ERR_ARRAY for a malformed payload. */
NPK_CHECKED NPK_API npk_status npk_array_copy(const npk_array *array, char order, void *out, size_t size,
                                              npk_error *error);

/* NumPy's casting rules (numpy.can_cast), by type, not by value. */
typedef enum npk_casting {
    NPK_CAST_SAFE = 0,      /* every value survives: i4 -> f8, f4 -> f8, M8[s] -> M8[ms], S3 -> S5; the default */
    NPK_CAST_SAME = 1,      /* the same type; the byte order may change */
    NPK_CAST_SAME_KIND = 2, /* safe, or within a kind: f8 -> f4, i8 -> i4, M8[ms] -> M8[s], S5 -> S3 */
    NPK_CAST_UNSAFE = 3     /* any number to any number, as ndarray.astype does it */
} npk_casting;

/* True where npk_array_read_as has a conversion and the rule allows it; then numpy.can_cast is true too. There are
 * conversions
 *
 *   between any two of bool, int, float, complex, datetime64 and timedelta64, but not from a unit of time to none, nor
 *   between units whose factor has more than 56 bits (D and ps, s and as), where astype fails too
 *   between S, U and V of any size; from V only to V
 *   of structs and subarrays without objects to the very same dtype
 *
 * There are none between numbers and texts (NumPy prints and parses), and none of Python objects. */
NPK_API bool npk_dtype_can_cast(const npk_dtype *from, const npk_dtype *to, npk_casting casting);

/* Converts every element to `dtype` (any byte order) and lays them down in C order, as ndarray.astype does. One
 * pass: encoding, byte order, layout and type together; no copy of the array in between. To turn only the byte order,
 * read with NPK_CAST_SAME as the same dtype in the other order. `count` is the room in `out`, in elements.
 *
 *   bool        comes out as 0 or 1, whatever byte was there; NaN and NaT are true
 *   float       to an int: towards zero. What the int can't hold, and NaN, is what C leaves undefined and NumPy what
 *               the machine gives; here, on every machine, what x86-64 gives for one element. i4, i8: the lowest of
 *               them. i1, i2, u1, u2: the low bits of the int32, 0 where there is none and for NaN. u4: the same of the
 *               int64. u8: too large is 0, less than 0 wraps around, less than the lowest int64 and NaN are 2**63
 *   int         wraps around
 *   complex     gives its real part, but to bool, where either half counts
 *   time        to another unit: rounded down, NaT stays; between years or months and the others by the calendar, for
 *               timedelta64 by the calendar's average. To and from numbers, and between datetime64 and timedelta64: the
 *               int64 as it is
 *   S, U, V     cut off, or filled up with NUL; between S and U everything must be ASCII
 *
 * Errors: NPK_ERR_CAST where the rule refuses, no such conversion exists, or an element can't be a value of that type
 * (a time beyond 64 bits, where NumPy before 2.5 wraps around; a character beyond ASCII): then some of `out` is
 * written. NPK_ERR_USAGE where there is too little room; NPK_ERR_UNSUPPORTED for encoded texts of more than 8 KiB an
 * element. */
NPK_CHECKED NPK_API npk_status npk_array_read_as(const npk_array *array, const npk_dtype *dtype, npk_casting casting,
                                                 void *out, size_t count, npk_error *error);

/* npk_array_read_as with the type that `pointer` points at. */
#ifdef NPK_DTYPE_OF
#define NPK_ARRAY_READ_AS(array, casting, pointer, count, error)                                                       \
    npk_array_read_as((array), NPK_DTYPE_OF(pointer), (casting), (pointer), (count), (error))
#endif

#ifdef __cplusplus
}
#endif
#endif
