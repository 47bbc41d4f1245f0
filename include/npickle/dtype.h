/* NumPy's types of elements: the table of the plain ones, and descriptors.
 *
 *     const npk_dtype *pixel = NULL;
 *     const npk_field *fields;
 *     char text[64];
 *     if (npk_dtype_parse("[('rgb', 'u1', (3,)), ('depth', '<f4')]", NULL, &pixel, &error) != NPK_OK)
 *         fprintf(stderr, "%s\n", error.message);
 *     for (size_t i = 0; i < npk_dtype_fields(pixel, &fields); i++) {
 *         npk_dtype_repr(fields[i].dtype, text, sizeof text);
 *         printf("%s at byte %d: %s\n", fields[i].name, (int)fields[i].offset, text);
 *     }
 *     npk_dtype_free(pixel);
 *
 * A descriptor (npk_dtype) never changes. The numeric ones in either byte order are built in and never freed;
 * npk_dtype_free takes those too, and does nothing. A descriptor that came out of a document belongs to the document.
 * Which descriptor an array has, by address, matters to a writer: arrays that share one share it in the pickle.
 *
 * Threads: any number may use one descriptor, also in calls that make others of it, as long as none frees it.
 */
#ifndef NPICKLE_DTYPE_H
#define NPICKLE_DTYPE_H

#include <npickle/options.h>

#include <float.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(type, value, kind, itemsize, swap, alignment, letter, number, exponent, mantissa, bias, special, name, module)
 *
 *   type       NPK_<type> below
 *   value      of NPK_<type>: one that was given out never changes, a new row takes the next
 *   kind       first letter of NumPy's code: 'f' of 'f8'
 *   itemsize   bytes; 0: each descriptor has its own (S, U, V)
 *   swap       bytes that change places between byte orders: half of a complex, one character of a U; 1: none do
 *   alignment  bytes, on x86-64
 *   letter     NumPy's dtype.char
 *   number     what its elements are to a cast: NONE for what is not a number
 *   exponent   bits of the exponent of a float, or of either half of a complex
 *   mantissa   bits of its mantissa without the leading one; of an int, all but the sign
 *   bias       of the exponent
 *   special    what of a float is not a finite number:
 *                IEEE    the highest exponent means infinities and NaNs
 *                FN      one NaN, all bits of exponent and mantissa: what is too large becomes that
 *                FNUZ    one NaN, where -0 would be: what is too large becomes that
 *                FNU     no sign and no 0, one NaN, all bits
 *                FINITE  nothing: what is too large becomes the largest
 *   name       NumPy's dtype.name
 *   module     of the class of its scalars, which has the name of the dtype; "" for NumPy's own types
 *
 * Source: numpy/core/include/numpy/ndarraytypes.h, NPY_TYPES. f12 and c24 are the long double of 32-bit x86; both
 * sizes hold the 80-bit extended format of the x87, least significant byte first. VSTRING is NumPy 2's StringDType:
 * like those of OBJECT its items are values (str), not bytes. */
#define NPK_DTYPE_ROWS(X)                                                                                              \
    X(BOOL, 0, 'b', 1, 1, 1, '?', BOOL, 0, 1, 0, NONE, "bool", "")                                                     \
    X(INT8, 1, 'i', 1, 1, 1, 'b', INT, 0, 7, 0, NONE, "int8", "")                                                      \
    X(UINT8, 2, 'u', 1, 1, 1, 'B', UINT, 0, 8, 0, NONE, "uint8", "")                                                   \
    X(INT16, 3, 'i', 2, 2, 2, 'h', INT, 0, 15, 0, NONE, "int16", "")                                                   \
    X(UINT16, 4, 'u', 2, 2, 2, 'H', UINT, 0, 16, 0, NONE, "uint16", "")                                                \
    X(INT32, 5, 'i', 4, 4, 4, 'i', INT, 0, 31, 0, NONE, "int32", "")                                                   \
    X(UINT32, 6, 'u', 4, 4, 4, 'I', UINT, 0, 32, 0, NONE, "uint32", "")                                                \
    X(INT64, 7, 'i', 8, 8, 8, 'l', INT, 0, 63, 0, NONE, "int64", "")                                                   \
    X(UINT64, 8, 'u', 8, 8, 8, 'L', UINT, 0, 64, 0, NONE, "uint64", "")                                                \
    X(FLOAT16, 9, 'f', 2, 2, 2, 'e', FLOAT, 5, 10, 15, IEEE, "float16", "")                                            \
    X(FLOAT32, 10, 'f', 4, 4, 4, 'f', FLOAT, 8, 23, 127, IEEE, "float32", "")                                          \
    X(FLOAT64, 11, 'f', 8, 8, 8, 'd', FLOAT, 11, 52, 1023, IEEE, "float64", "")                                        \
    X(FLOAT96, 12, 'f', 12, 12, 4, 'g', FLOAT, 15, 63, 16383, IEEE, "float96", "")                                     \
    X(FLOAT128, 13, 'f', 16, 16, 16, 'g', FLOAT, 15, 63, 16383, IEEE, "float128", "")                                  \
    X(COMPLEX64, 14, 'c', 8, 4, 4, 'F', COMPLEX, 8, 23, 127, IEEE, "complex64", "")                                    \
    X(COMPLEX128, 15, 'c', 16, 8, 8, 'D', COMPLEX, 11, 52, 1023, IEEE, "complex128", "")                               \
    X(COMPLEX192, 16, 'c', 24, 12, 4, 'G', COMPLEX, 15, 63, 16383, IEEE, "complex192", "")                             \
    X(COMPLEX256, 17, 'c', 32, 16, 16, 'G', COMPLEX, 15, 63, 16383, IEEE, "complex256", "")                            \
    X(BYTES, 18, 'S', 0, 1, 1, 'S', NONE, 0, 0, 0, NONE, "bytes", "")                                                  \
    X(STR, 19, 'U', 0, 4, 4, 'U', NONE, 0, 0, 0, NONE, "str", "")                                                      \
    X(VOID, 20, 'V', 0, 1, 1, 'V', NONE, 0, 0, 0, NONE, "void", "")                                                    \
    X(DATETIME64, 21, 'M', 8, 8, 8, 'M', TIME, 0, 63, 0, NONE, "datetime64", "")                                       \
    X(TIMEDELTA64, 22, 'm', 8, 8, 8, 'm', TIME, 0, 63, 0, NONE, "timedelta64", "")                                     \
    X(VSTRING, 23, 'T', 16, 1, 8, 'T', NONE, 0, 0, 0, NONE, "StringDType128", "")                                      \
    X(OBJECT, 24, 'O', 8, 1, 8, 'O', NONE, 0, 0, 0, NONE, "object", "")                                                \
    NPK_ML_DTYPE_ROWS(X)

/* Those that the package ml_dtypes adds to NumPy. What has less than 8 bits has a byte for each element. A pickle names
 * the class of their scalars. Source: ml_dtypes/_src/custom_float.h, ml_dtypes/_src/intn_numpy.h,
 * ml_dtypes/include/float8.h. */
#define NPK_ML_DTYPE_ROWS(X)                                                                                           \
    X(BFLOAT16, 25, 'V', 2, 2, 2, 'E', FLOAT, 8, 7, 127, IEEE, "bfloat16", "ml_dtypes")                                \
    X(FLOAT8_E3M4, 26, 'V', 1, 1, 1, '3', FLOAT, 3, 4, 3, IEEE, "float8_e3m4", "ml_dtypes")                            \
    X(FLOAT8_E4M3, 27, 'V', 1, 1, 1, '7', FLOAT, 4, 3, 7, IEEE, "float8_e4m3", "ml_dtypes")                            \
    X(FLOAT8_E4M3B11FNUZ, 28, 'V', 1, 1, 1, 'L', FLOAT, 4, 3, 11, FNUZ, "float8_e4m3b11fnuz", "ml_dtypes")             \
    X(FLOAT8_E4M3FN, 29, 'V', 1, 1, 1, '4', FLOAT, 4, 3, 7, FN, "float8_e4m3fn", "ml_dtypes")                          \
    X(FLOAT8_E4M3FNUZ, 30, 'V', 1, 1, 1, 'G', FLOAT, 4, 3, 8, FNUZ, "float8_e4m3fnuz", "ml_dtypes")                    \
    X(FLOAT8_E5M2, 31, 'f', 1, 1, 1, '5', FLOAT, 5, 2, 15, IEEE, "float8_e5m2", "ml_dtypes")                           \
    X(FLOAT8_E5M2FNUZ, 32, 'V', 1, 1, 1, 'C', FLOAT, 5, 2, 16, FNUZ, "float8_e5m2fnuz", "ml_dtypes")                   \
    X(FLOAT8_E8M0FNU, 33, 'V', 1, 1, 1, 'W', FLOAT, 8, 0, 127, FNU, "float8_e8m0fnu", "ml_dtypes")                     \
    X(FLOAT6_E2M3FN, 34, 'V', 1, 1, 1, '8', FLOAT, 2, 3, 1, FINITE, "float6_e2m3fn", "ml_dtypes")                      \
    X(FLOAT6_E3M2FN, 35, 'V', 1, 1, 1, '9', FLOAT, 3, 2, 3, FINITE, "float6_e3m2fn", "ml_dtypes")                      \
    X(FLOAT4_E2M1FN, 36, 'V', 1, 1, 1, '0', FLOAT, 2, 1, 1, FINITE, "float4_e2m1fn", "ml_dtypes")                      \
    X(INT4, 37, 'V', 1, 1, 1, 'a', INT, 0, 3, 0, NONE, "int4", "ml_dtypes")                                            \
    X(UINT4, 38, 'V', 1, 1, 1, 'A', UINT, 0, 4, 0, NONE, "uint4", "ml_dtypes")                                         \
    X(INT2, 39, 'V', 1, 1, 1, 'c', INT, 0, 1, 0, NONE, "int2", "ml_dtypes")                                            \
    X(UINT2, 40, 'V', 1, 1, 1, 'C', UINT, 0, 2, 0, NONE, "uint2", "ml_dtypes")                                         \
    X(INT1, 41, 'V', 1, 1, 1, 'e', INT, 0, 0, 0, NONE, "int1", "ml_dtypes")                                            \
    X(UINT1, 42, 'V', 1, 1, 1, 'E', UINT, 0, 1, 0, NONE, "uint1", "ml_dtypes")

/* Later releases add types: be ready for a value that is none of these. */
typedef enum npk_type {
#define NPK_TYPE_ENUM(type, value, ...) NPK_##type = (value),
    NPK_DTYPE_ROWS(NPK_TYPE_ENUM)
#undef NPK_TYPE_ENUM
} npk_type;

/* X(unit, value, code): the units of datetime64 and timedelta64, in NumPy's order. */
#define NPK_UNIT_ROWS(X)                                                                                               \
    X(GENERIC, 0, "generic")                                                                                           \
    X(YEAR, 1, "Y")                                                                                                    \
    X(MONTH, 2, "M")                                                                                                   \
    X(WEEK, 3, "W")                                                                                                    \
    X(DAY, 4, "D")                                                                                                     \
    X(HOUR, 5, "h")                                                                                                    \
    X(MINUTE, 6, "m")                                                                                                  \
    X(SECOND, 7, "s")                                                                                                  \
    X(MILLISECOND, 8, "ms")                                                                                            \
    X(MICROSECOND, 9, "us")                                                                                            \
    X(NANOSECOND, 10, "ns")                                                                                            \
    X(PICOSECOND, 11, "ps")                                                                                            \
    X(FEMTOSECOND, 12, "fs")                                                                                           \
    X(ATTOSECOND, 13, "as")

typedef enum npk_unit {
#define NPK_UNIT_ENUM(unit, value, code) NPK_UNIT_##unit = (value),
    NPK_UNIT_ROWS(NPK_UNIT_ENUM)
#undef NPK_UNIT_ENUM
} npk_unit;

typedef struct npk_dtype npk_dtype;

/* One member of a structured dtype. Every pointer is borrowed from the descriptor. */
typedef struct npk_field {
    const char *name; /* UTF-8, ends with NUL; may hold NULs of its own */
    size_t name_size; /* bytes, without the last NUL */
    const char *title; /* NULL without one, or if it is not text */
    size_t title_size;
    const npk_dtype *dtype;
    int64_t offset;        /* bytes from the start of the item */
    uintptr_t reserved[2]; /* zero */
} npk_field;

/* What a descriptor says. NULL has the type NPK_VOID, the kind and byte order '\0', a size and alignment of -1, the
 * unit NPK_UNIT_GENERIC x 1; for all others false, 0 or NULL. What is returned by pointer is borrowed from the
 * descriptor. The shape of a subarray is that of npk_dtype_subarray. */
NPK_API npk_type npk_dtype_type(const npk_dtype *dtype);
NPK_API char npk_dtype_kind(const npk_dtype *dtype);      /* 'b' 'i' 'u' 'f' 'c' 'S' 'U' 'V' 'M' 'm' 'T' 'O' */
NPK_API char npk_dtype_byteorder(const npk_dtype *dtype); /* '<', '>' or '|' */
NPK_API int64_t npk_dtype_itemsize(const npk_dtype *dtype);
NPK_API int64_t npk_dtype_alignment(const npk_dtype *dtype);
NPK_API bool npk_dtype_is_aligned_struct(const npk_dtype *dtype); /* isalignedstruct: also of subarrays of one */
NPK_API bool npk_dtype_has_object(const npk_dtype *dtype); /* itself, or somewhere inside */
NPK_API bool npk_dtype_has_metadata(const npk_dtype *dtype); /* likewise; those of a document alone can have some */
NPK_API npk_unit npk_dtype_unit(const npk_dtype *dtype, int32_t *multiple); /* M and m: [25us] is MICROSECOND, 25 */
NPK_API size_t npk_dtype_fields(const npk_dtype *dtype, const npk_field **fields); /* 0 for what is not one */
NPK_API bool npk_dtype_is_struct(const npk_dtype *dtype);                          /* true for np.dtype([]) too */
NPK_API const npk_dtype *npk_dtype_subarray(const npk_dtype *dtype, int *ndim, const int64_t **shape); /* or NULL */

/* The class of the items of a V, where the pickle names one: "numpy" "record"; and of a type that a package added to
 * NumPy, "ml_dtypes" "bfloat16". Returns true and fills the four places, each of which may be NULL; false without such
 * a class. The names are borrowed from the descriptor and do not end in NUL. */
NPK_API bool npk_dtype_class(const npk_dtype *dtype, const char **module, size_t *module_size, const char **name,
                             size_t *name_size);

/* Whether both have the same type, byte order, size, unit, fields and shape. False where one of them is NULL, or
 * both. */
NPK_API bool npk_dtype_equal(const npk_dtype *a, const npk_dtype *b);

/* Descriptors that are equal have the same hash, in this process and on this version. 0 for NULL. */
NPK_API uint64_t npk_dtype_hash(const npk_dtype *dtype);

/* The built-in descriptor of a numeric type, in the machine's byte order or in the given one ('<' '>' '=' '|'). It
 * lives as long as the library. NULL for S, U, V (they need a size: npk_dtype_parse), M and m (a unit), an unknown type
 * and an unknown order. */
NPK_API const npk_dtype *npk_dtype_native(npk_type type);
NPK_API const npk_dtype *npk_dtype_ordered(npk_type type, char byteorder);

/* --- making one ---
 *
 * Each call returns NPK_OK and the new descriptor in *out, or an error and leaves *out alone.
 * Whatever is given is copied: names, titles, shapes, the descriptors inside. Inner descriptors that were one (the same
 * pointer) stay one in the result, and the built-in ones stay the built-in ones. The result is one allocation of
 * `allocator` (NULL: malloc).
 * Ownership: *out is the caller's, until npk_dtype_free.
 * Errors: NPK_ERR_USAGE (a NULL, an unknown order), NPK_ERR_DTYPE (NumPy does not have such a dtype), NPK_ERR_LIMIT
 * (the defaults of options.h), NPK_ERR_MEMORY. */

#define NPK_AUTO INT64_C(-1) /* an offset or an itemsize, as NumPy works it out */

/* np.dtype({'names': ..., 'formats': ..., 'offsets': ..., 'titles': ..., 'itemsize': itemsize}, align=aligned). A
 * field whose offset is NPK_AUTO stands behind all before it; `aligned` puts padding where a C compiler does. Fields
 * may stand in any order and share bytes, but not those of a Python object. */
NPK_CHECKED NPK_API npk_status npk_dtype_new_struct(const npk_field *fields, size_t count, int64_t itemsize,
                                                    bool aligned, const npk_allocator *allocator, const npk_dtype **out,
                                                    npk_error *error);

/* np.dtype((base, shape)): a subarray, for the field of a struct. With no dimensions it is a copy of `base`. */
NPK_CHECKED NPK_API npk_status npk_dtype_new_subarray(const npk_dtype *base, int ndim, const int64_t *shape,
                                                      const npk_allocator *allocator, const npk_dtype **out,
                                                      npk_error *error);

/* S, U or V of so many bytes (4 for each character of a U). */
NPK_CHECKED NPK_API npk_status npk_dtype_new_sized(npk_type type, int64_t itemsize, char byteorder,
                                                   const npk_allocator *allocator, const npk_dtype **out,
                                                   npk_error *error);

/* DATETIME64 or TIMEDELTA64: MICROSECOND and 25 is M8[25us]. */
NPK_CHECKED NPK_API npk_status npk_dtype_new_time(npk_type type, npk_unit unit, int32_t multiple, char byteorder,
                                                  const npk_allocator *allocator, const npk_dtype **out,
                                                  npk_error *error);

/* dtype.newbyteorder(byteorder): itself and all inside it; '|' leaves everything as it is. */
NPK_CHECKED NPK_API npk_status npk_dtype_with_byteorder(const npk_dtype *dtype, char byteorder,
                                                        const npk_allocator *allocator, const npk_dtype **out,
                                                        npk_error *error);

/* A copy that outlives the document. Metadata belong to the document: the copy has none. */
NPK_CHECKED NPK_API npk_status npk_dtype_copy(const npk_dtype *dtype, const npk_allocator *allocator,
                                              const npk_dtype **out, npk_error *error);

/* numpy.ma.make_mask_descr(dtype): a bool for each plain value in an item, under the names that it has there, without
 * gaps. npk_masked_of gives the mask of structs as bools in one more dimension; with this dtype, and as many dimensions
 * as the data, the same bytes are the mask as NumPy has it. */
NPK_CHECKED NPK_API npk_status npk_dtype_of_mask(const npk_dtype *dtype, const npk_allocator *allocator,
                                                 const npk_dtype **out, npk_error *error);

/* A copy of a V whose items are of a class: "numpy", "record" for the dtype of a record array; of a V that is not
 * a struct it is a type that a package added to NumPy. One that has a row above, as "ml_dtypes", "bfloat16" of 2 bytes,
 * is that type (npk_dtype_native(NPK_BFLOAT16)). Any other stays a V, "quaternion", "quaternion", aligned to the
 * largest power of two up to 16 that its itemsize is a multiple of. Its byte order is the machine's, and
 * npk_dtype_with_byteorder makes the other of it; but the bytes of its items are never swapped. */
NPK_CHECKED NPK_API npk_status npk_dtype_with_class(const npk_dtype *dtype, const char *module, const char *name,
                                                    const npk_allocator *allocator, const npk_dtype **out,
                                                    npk_error *error);

/* NumPy's notation of a dtype, whatever np.dtype(text) takes:
 *   "<f4", "int16", "S5", "M8[25us]", "O"       a plain type
 *   "3f8", "(2,3)f4", "i4,f8"                   a subarray; a struct of f0, f1, ...
 * and what np.dtype(literal) takes, as Python writes it:
 *   "[('x', '<f4'), ('m', '<f8', (3, 3)), (('title', 'n'), 'i4')]"
 *   "{'names': ['x', 'y'], 'formats': ['i4', 'f8'], 'offsets': [0, 8], 'itemsize': 16, 'aligned': True}"
 *   "{'x': ('i4', 0), 'y': ('f8', 4, 'title')}", "('i4', (2, 2))", "('V8', [('a', 'i4'), ('b', 'i4')])"
 * one inside the other. Where NumPy 1 and 2 differ it is NumPy 2's way; doc/differences.md lists what is not taken.
 * Native numbers give the built-in descriptor, all others a new one, as numpy.dtype() does. Errors: as above,
 * NPK_ERR_DTYPE with the place in the text and what was expected there; NPK_ERR_UNSUPPORTED. */
NPK_CHECKED NPK_API npk_status npk_dtype_parse(const char *text, const npk_allocator *allocator, const npk_dtype **out,
                                               npk_error *error);

/* The same for a descr, as the header of a .npy file and npk_dtype_descr write it (in Python, not in JSON): there a
 * void field without a name, as ('', '|V3'), is padding and not a field. np.lib.format.descr_to_dtype(literal). */
NPK_CHECKED NPK_API npk_status npk_dtype_parse_descr(const char *text, const npk_allocator *allocator,
                                                     const npk_dtype **out, npk_error *error);
/* Frees what one of these calls made. Does nothing with NULL and with what is built in. A descriptor of a document is
 * freed with it: never give it here. */
NPK_API void npk_dtype_free(const npk_dtype *dtype);

/* NumPy's dtype.str: "<f8", "|S5", "<M8[25us]", "|V16" for a struct. Writes as much as fits into `size` bytes, a NUL
 * last, and returns how many bytes the whole text needs without that NUL: as snprintf. With `text` NULL it only
 * measures. 0, and an empty text, for NULL. */
NPK_API size_t npk_dtype_str(const npk_dtype *dtype, char *text, size_t size);

/* NumPy 2's repr(dtype) on a little-endian machine: "dtype('float64')", "dtype([('x', '<f4')], align=True)". What
 * has more than 64 levels, or too many parts, is printed as the bytes that it is: "dtype('V16')". Sizes as
 * npk_dtype_str. */
NPK_API size_t npk_dtype_repr(const npk_dtype *dtype, char *text, size_t size);

/* What np.lib.format.dtype_to_descr gives, as a Python literal (`'<f8'`, `[('x', '<f4'), ('y', '<f4', (2, 3))]`) or as
 * JSON (`"<f8"`, `[["x", "<f4"], ["y", "<f4", [2, 3]]]`). Sizes as npk_dtype_str. */
NPK_API size_t npk_dtype_descr(const npk_dtype *dtype, bool json, char *text, size_t size);

/* The built-in descriptor for what a pointer points at: NPK_DTYPE_OF(p) with `float *p` is "<f4" on a little-endian
 * machine. A pointer to anything else does not compile. Needs C11. */
#if defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L && !defined(__cplusplus)
#define NPK_DTYPE_OF(pointer) npk_dtype_native(NPK_TYPE_OF(pointer))
#define NPK_TYPE_OF(pointer)                                                                                           \
    ((npk_type)_Generic(*(pointer), NPK_C_TYPES((char)-1 < 0 ? NPK_INT8 : NPK_UINT8)))

/* The types of C and what they are to NumPy: the associations of a _Generic. `character` is what a plain char is
 * taken for. */
#define NPK_C_TYPES(character)                                                                                         \
    _Bool: NPK_BOOL,                                                                                                   \
    char: (character),                                                                                                 \
    signed char: NPK_INT8,                                                                                             \
    unsigned char: NPK_UINT8,                                                                                          \
    short: NPK_INT16,                                                                                                  \
    unsigned short: NPK_UINT16,                                                                                        \
    int: NPK_INT32,                                                                                                    \
    unsigned int: NPK_UINT32,                                                                                          \
    long: sizeof(long) == 8 ? NPK_INT64 : NPK_INT32,                                                                   \
    unsigned long: sizeof(long) == 8 ? NPK_UINT64 : NPK_UINT32,                                                        \
    long long: NPK_INT64,                                                                                              \
    unsigned long long: NPK_UINT64,                                                                                    \
    float: NPK_FLOAT32,                                                                                                \
    double: NPK_FLOAT64,                                                                                               \
    float _Complex: NPK_COMPLEX64,                                                                                     \
    double _Complex: NPK_COMPLEX128 NPK_C_LONG_DOUBLES

/* long double where it is the x87's or a double. Elsewhere (IEEE quad, two doubles) NumPy gives it the codes of the
 * x87's, by which the formats cannot be told apart: there a pointer to it does not compile. */
#if LDBL_MANT_DIG == 64
#define NPK_C_LONG_DOUBLES                                                                                             \
    , long double : sizeof(long double) == 16 ? NPK_FLOAT128 : NPK_FLOAT96,                                            \
    long double _Complex: sizeof(long double) == 16 ? NPK_COMPLEX256 : NPK_COMPLEX192
#elif LDBL_MANT_DIG == 53
#define NPK_C_LONG_DOUBLES                                                                                             \
    , long double : NPK_FLOAT64,                                                                                       \
    long double _Complex: NPK_COMPLEX128
#else
#define NPK_C_LONG_DOUBLES
#endif
#endif

#ifdef __cplusplus
}
#endif
#endif
