/* The inside of a descriptor, and the rows of dtype.h's tables. */
#ifndef NPKI_DTYPE_DTYPE_H
#define NPKI_DTYPE_DTYPE_H

#include "base/allocator.h"
#include "base/rows.h"

#include <npickle/dtype.h>

/* What an element is to a cast. */
typedef enum npki_number {
    NPKI_NUMBER_NONE,
    NPKI_NUMBER_BOOL,
    NPKI_NUMBER_INT,
    NPKI_NUMBER_UINT,
    NPKI_NUMBER_FLOAT,
    NPKI_NUMBER_COMPLEX,
    NPKI_NUMBER_TIME
} npki_number;

/* What of a float is not a finite number: dtype.h. */
typedef enum npki_special {
    NPKI_SPECIAL_NONE,
    NPKI_SPECIAL_IEEE,
    NPKI_SPECIAL_FN,
    NPKI_SPECIAL_FNUZ,
    NPKI_SPECIAL_FNU,
    NPKI_SPECIAL_FINITE
} npki_special;

typedef struct npki_dtype_row {
    const char *name;
    char kind;
    char letter;
    uint8_t itemsize; /* 0: each descriptor has its own */
    uint8_t swap;
    uint8_t alignment;
    npki_number number;
    uint8_t exponent;
    uint8_t mantissa;
    int16_t bias;
    npki_special special;
    const char *module; /* NULL: NumPy's own */
} npki_dtype_row;

/* How many rows there are: their values are 0 and up, without a gap (else a table below is too small to compile). */
#define NPKI_TYPES ((npk_type)NPKI_ROW_COUNT(NPK_DTYPE_ROWS))
#define NPKI_UNITS NPKI_ROW_COUNT(NPK_UNIT_ROWS)

extern const npki_dtype_row npki_dtype_rows[NPKI_TYPES];

extern const char *const npki_unit_codes[NPKI_UNITS];

/* The unit of a code such as "us"; NPKI_UNITS where there is none. */
npk_unit npki_unit_of(const char *code, size_t size);

typedef enum npki_storage {
    NPKI_STORED_STATIC, /* built in */
    NPKI_STORED_ALONE,  /* one allocation of `allocator`, freed by npk_dtype_free */
    NPKI_STORED_INSIDE  /* in a document or in another descriptor, freed with that */
} npki_storage;

/* What is known of a descriptor from what is known of its parts: dtype/facts.h. A part counts each time it comes, so a
 * walk that counted them might never end. */
typedef struct npki_dtype_facts {
    uint64_t parts;      /* it and all inside it; UINT64_MAX: more than 64 bits can count */
    uint64_t text;       /* characters that a text of it has at the least, or UINT64_MAX */
    uint64_t places;     /* the same for each item of a subarray, of which each axis counts, if it is empty too */
    int64_t leaves;      /* plain values in an item; -1: more than 64 bits can count */
    int64_t told;        /* bytes up to the end of the last plain value: of those that a buffer's format tells */
    int64_t covered;     /* so many bytes at the start of an item are data, and no padding; there may be more */
    uint64_t hash;       /* of the parts: npk_dtype_hash mixes the rest in */
    uint8_t class_flags; /* of Python objects and of types that somebody added: NumPy's flags */
    bool has_str;        /* a U is inside */
    bool has_format;     /* NumPy can tell others what is in the items, which a buffer of protocol 5 needs */
    bool has_metadata;   /* of a struct or a subarray: a part of it has */
    bool has_descr;      /* its fields come one after another: NumPy has a descr for it */
} npki_dtype_facts;

struct npk_dtype {
    npk_type type;
    char byteorder; /* '<', '>' or '|' */
    npki_storage storage;
    bool is_struct; /* has fields, perhaps none */
    bool aligned;   /* NumPy's align=True */
    bool interned;  /* names and titles of its fields have their hash before them, and equal ones lie in one place */
    bool has_object;
    bool is_of_many; /* objects of a pickle that have no state yet, and were made by the same key */
    npk_unit unit;
    int32_t multiple; /* of the unit; of a STRING whether it makes a str of other objects (coerce) */
    int64_t itemsize;
    int64_t alignment;
    size_t field_count;
    const npk_field *fields;
    const npk_dtype *base; /* of a subarray, or NULL */
    int base_ndim;
    const int64_t *base_shape;
    uint32_t depth;           /* structs and subarrays inside one another: 0 for a plain type */
    npki_dtype_facts facts;   /* of a struct or a subarray; else unused */
    const char *class_module; /* of the class that a void's key names, as numpy.record; or NULL */
    const char *class_name;
    size_t class_module_size;
    size_t class_name_size;
    uint8_t class_flags;              /* of a type that somebody added: its flags, as they are pickled */
    const struct npk_value *metadata; /* of a STRING its na_object; or NULL */
    npk_allocator allocator;          /* NPKI_STORED_ALONE */
    size_t room;                      /* bytes of its allocation */
};

/* A plain type: all but storage, allocator and room. Any other order than '<' and '>' is the machine's; `itemsize`
 * is taken by S, U and V alone. */
void npki_dtype_fill(npk_dtype *out, npk_type type, char byteorder, int64_t itemsize);

/* The same for the type of a scalar's class, as "ml_dtypes" "bfloat16"; false where no row has it. */
bool npki_dtype_of_class(npk_dtype *out, const char *module, size_t module_size, const char *name, size_t name_size);

/* The key of a pickled dtype ("f8", "S3", "V16", also "a3", "|b1", "O4", "c", "V") -> *out, complete but for what
 * the state says (byte order native, itemsize as the key has it, 0 without). False where NumPy has no such key. */
bool npki_dtype_of_key(const char *key, size_t size, npk_dtype *out);

/* Every form npk_dtype_parse takes, into a descriptor that the caller stores: *out has storage as it was. False: no
 * such dtype. */
bool npki_dtype_parse_into(const char *text, size_t size, npk_dtype *out);

/* The built-in twin of a plain numeric descriptor, or `dtype` itself. */
const npk_dtype *npki_dtype_intern(const npk_dtype *dtype);

#define NPKI_FLAGS_OF_OBJECT 63 /* all but NPY_ALIGNED_STRUCT */
#define NPKI_FLAGS_OF_CLASS 64 /* NPY_USE_SETITEM: as the types of ml_dtypes have it */

/* A type that somebody added to NumPy, known by the name of its class. One that has a row is a number, as bfloat16 of
 * ml_dtypes; the items of any other are raw bytes. They have a byte order, but only the class knows what it says:
 * nothing here swaps them. */
bool npki_dtype_is_user(const npk_dtype *dtype);

/* Whether both are subarrays of one shape, or neither is one. */
bool npki_dtype_same_shape(const npk_dtype *a, const npk_dtype *b);

/* Whether NumPy prints it without its byte order: it does so for the machine's own, and npickle prints what a
 * little-endian one prints, wherever it runs. */
static inline bool npki_dtype_is_little(const npk_dtype *dtype)
{
    return dtype->byteorder != '>';
}

/* Whether its bytes, as they lie, are in the order of this machine (or have none). */
bool npki_dtype_is_native(const npk_dtype *dtype);

#endif
