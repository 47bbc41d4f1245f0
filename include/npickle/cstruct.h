/* Arrays of C structs: a descriptor out of the names of the members, and structured arrays read into structs by the
 * names of their fields.
 *
 *     struct particle {
 *         double position[3];
 *         char name[16];
 *         int32_t id;
 *     };
 *     NPK_STRUCT(particle, struct particle, position, name, id);
 *
 *     struct particle particles[2] = {{.name = "proton", .id = 1}, {.name = "neutron", .id = 2}};
 *     const npk_dtype *dtype = NULL;
 *     if (npk_struct_dtype(&particle, NULL, &dtype, &error) != NPK_OK ||
 *         npk_array_save("particles.npy", &NPK_ARRAY_OF(dtype, particles, 2), NULL, &error) != NPK_OK)
 *         fprintf(stderr, "%s\n", error.message);
 *     npk_dtype_free(dtype);
 *
 * NPK_STRUCT makes `particle`, a constant that npk_struct_dtype and NPK_ARRAY_READ_STRUCTS take. The rest of the struct
 * is padding: members that are not named, and what lies between members.
 *
 * Threads: the constant is only read, and so are arrays; any number of threads may use them at a time.
 */
#ifndef NPICKLE_CSTRUCT_H
#define NPICKLE_CSTRUCT_H

#include <npickle/array.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct npk_struct npk_struct;

/* What a structured dtype says of one member. NPK_STRUCT fills it in. */
typedef struct npk_member {
    const char *name;         /* of the field; UTF-8 */
    const char *title;        /* or NULL */
    const npk_struct *nested; /* a struct inside: its members; else NULL */
    npk_type type;            /* of an element; NPK_BYTES for char, NPK_VOID for a struct inside */
    int ndim;                 /* dimensions of the member, 0 to 3: float m[2][3] has 2 */
    size_t sizes[4];          /* bytes: of the member, of its elements, of the elements of those ... */
    size_t offset;            /* bytes from the start of the struct */
    /* Not used: a constant where the elements lie in the member, and where it points at them, not a constant, which is
     * an error. */
    const volatile void *first;
    uintptr_t reserved[2]; /* zero */
} npk_member;

struct npk_struct {
    const npk_member *members;
    size_t count;
    size_t size;           /* bytes, as sizeof says */
    uintptr_t reserved[2]; /* zero */
};

/* The descriptor of a struct as it lies in this machine's memory: names, offsets and itemsize are those of C, and
 * NumPy's flag of alignment is not set: NumPy 1 does not load what NumPy 2 writes with that flag, nor keeps NumPy 2
 * what NumPy 1 wrote. A struct that several members hold has one descriptor.
 * Ownership: *out is the caller's, until npk_dtype_free. Errors: NPK_ERR_MEMORY; NPK_ERR_DTYPE where a name comes
 * twice; NPK_ERR_USAGE, NPK_ERR_LIMIT for what NPK_STRUCT did not make. */
NPK_CHECKED NPK_API npk_status npk_struct_dtype(const npk_struct *structure, const npk_allocator *allocator,
                                                const npk_dtype **out, npk_error *error);

/* What becomes of a field that is asked for and not there. */
typedef enum npk_missing {
    NPK_MISSING_REFUSE = 0, /* NPK_ERR_NOT_FOUND; the default */
    NPK_MISSING_LEAVE = 1,  /* its bytes in `out` stay as they are */
    NPK_MISSING_ZERO = 2    /* they become zeros */
} npk_missing;

/* All zero: the defaults. */
typedef struct npk_fields_options {
    const npk_allocator *allocator; /* NULL: malloc */
    npk_casting casting;            /* of numbers and times */
    npk_missing missing;
    bool refuse_extra; /* a field of the array that `to` does not have is an error; else it is left out */
    bool cut_text;     /* a text that is too long is cut, UTF-8 after a whole character; without this it is an error */
    uintptr_t reserved[8]; /* zero */
} npk_fields_options;

/* Reads a structured array into items of `to`, which lie one after another in C order. Fields are found by their
 * names, at any depth, wherever they lie on either side. One pass: encoding, byte order, layout and type together.
 *
 * Numbers and times are converted as npk_array_read_as does it, where options->casting allows; a bool becomes 0 or 1. A
 * subarray must have the same shape.
 *
 * Bytes (S) and text (U, as UTF-8) go into an S of any size, if each value fits. Zeros follow it, unless it fills
 * its place: a char[n] ends with NUL if it is longer than what it is given. In the same way a U goes into a U; a V
 * goes into a V of its size.
 *
 * Padding in `out` stays as it is. Where `to` is not a struct, the array may not be one either.
 *
 * `count` is the room in `out`, in items. options: NULL for all zero.
 * Ownership: `out` is the caller's; after an error it holds what was read before.
 * Errors: NPK_ERR_NOT_FOUND, NPK_ERR_CAST, NPK_ERR_USAGE where there is too little room, NPK_ERR_UNSUPPORTED for Python
 * objects, NPK_ERR_LIMIT for more than 65536 fields of `to`, those of structs inside counted each time they are met;
 * NPK_ERR_MEMORY. The message names the field and what was expected and found. */
NPK_CHECKED NPK_API npk_status npk_array_read_fields(const npk_array *array, const npk_dtype *to,
                                                     const npk_fields_options *options, void *out, size_t count,
                                                     npk_error *error);

/* The same into an array of C structs. */
NPK_CHECKED NPK_API npk_status npk_array_read_structs(const npk_array *array, const npk_struct *structure,
                                                      const npk_fields_options *options, void *out, size_t count,
                                                      npk_error *error);

#ifdef NPK_DTYPE_OF
/* NPK_STRUCT(name, type, member, ...): 1 to 64 members, each of them one of
 *
 *   member                                      the field has the member's name
 *   NPK_NAMED(member, "name", title)            another name; title: a text or NULL
 *   NPK_NESTED(member, structure)               a struct, itself the `name` of an NPK_STRUCT before
 *   NPK_NESTED_NAMED(member, structure, "name", title)
 *
 * A member is a number (NPK_C_TYPES in dtype.h), an enum, which is the int that the compiler makes of it, a text or a
 * struct, or an array of one to three dimensions of them. char is text: char[n] is an S of n bytes, char[k][n] is k of
 * them; signed char and unsigned char are numbers. Anything else, a pointer or a bit-field above all, does not compile.
 *
 * Stands where a declaration may stand; declares `name`, npk_members_of_<name> and npk_type_of_<name>. */
#define NPK_STRUCT(name, type, ...)                                                                                    \
    typedef type npk_type_of_##name;                                                                                   \
    static const npk_member npk_members_of_##name[] = {                                                                \
        NPK_JOIN_(NPK_EACH_, NPK_COUNT_(__VA_ARGS__))(npk_type_of_##name, __VA_ARGS__)};                               \
    static const npk_struct name = {npk_members_of_##name, NPK_COUNT_(__VA_ARGS__), sizeof(npk_type_of_##name), {0, 0}}

#define NPK_NAMED(member, name, title) (member, name, title, NULL, NPK_C_TYPES(NPK_BYTES))
#define NPK_NESTED(member, structure) (member, #member, NULL, &structure, npk_type_of_##structure : NPK_VOID)
#define NPK_NESTED_NAMED(member, structure, name, title)                                                               \
    (member, name, title, &structure, npk_type_of_##structure : NPK_VOID)

/* npk_array_read_structs, and a pointer to another struct than `name` is one of does not compile. */
#define NPK_ARRAY_READ_STRUCTS(array, name, options, pointer, count, error)                                            \
    npk_array_read_structs((array), &(name), (options),                                                                \
                           _Generic(*(pointer), npk_type_of_##name                                                     \
                                    : (pointer)),                                                                      \
                           (count), (error))

/* --- how ---
 *
 * `e` is the member as an expression that is never evaluated, ((type *)0)->member. The trouble is that _Generic sees
 * float m[2][3] as a float (*)[3], and no association can name every 3; and that m[0] must compile for what is not an
 * array too. So NPK_FIRST_ chooses between &e and e, each a pointer to what lies one level below; after three of those,
 * it points at an element. There is one for each level, since no macro can be used inside itself. The last argument of
 * each is the list of associations. */
#define NPK_LEVEL_(e, ...) _Generic((e), __VA_ARGS__, default : 0L) /* int: an element; long: an array of them */
#define NPK_IS_ARRAY_(e, ...) _Generic(NPK_LEVEL_(e, __VA_ARGS__), int : 0, long : 1)
#define NPK_FIRST_(e, ...) _Generic(NPK_LEVEL_(e, __VA_ARGS__), int : &(e), long : (e))
#define NPK_SECOND_(e, ...) _Generic(NPK_LEVEL_(e, __VA_ARGS__), int : &(e), long : (e))
#define NPK_THIRD_(e, ...) _Generic(NPK_LEVEL_(e, __VA_ARGS__), int : &(e), long : (e))

#define NPK_MEMBER_(type, member, name, title, nested, ...)                                                            \
    NPK_MEMBER_AT_(type, member, name, title, nested, ((type *)0)->member, __VA_ARGS__)
#define NPK_MEMBER_AT_(type, member, name, title, nested, e, ...)                                                      \
    NPK_MEMBER_ROW_(type, member, name, title, nested, e, *NPK_FIRST_(e, __VA_ARGS__),                                 \
                    *NPK_SECOND_(*NPK_FIRST_(e, __VA_ARGS__), __VA_ARGS__), __VA_ARGS__)
#define NPK_MEMBER_ROW_(type, member, name, title, nested, e0, e1, e2, ...)                                            \
    {                                                                                                                  \
        name, title, nested, (npk_type)_Generic(*NPK_THIRD_(e2, __VA_ARGS__), __VA_ARGS__),                            \
            NPK_IS_ARRAY_(e0, __VA_ARGS__) + NPK_IS_ARRAY_(e1, __VA_ARGS__) + NPK_IS_ARRAY_(e2, __VA_ARGS__),          \
            {sizeof(e0), sizeof(e1), sizeof(e2), sizeof(*NPK_THIRD_(e2, __VA_ARGS__))}, offsetof(type, member),        \
            NPK_THIRD_(e2, __VA_ARGS__), {0, 0}                                                                        \
    }

/* A plain name, or what NPK_NAMED and its like made: those stand in parentheses. */
#define NPK_ROW_(type, member) NPK_JOIN_(NPK_ROW_OF_, NPK_IS_GROUP_(member))(type, member)
#define NPK_ROW_OF_0_(type, member) NPK_MEMBER_(type, member, #member, NULL, NULL, NPK_C_TYPES(NPK_BYTES))
#define NPK_ROW_OF_1_(type, group) NPK_ROW_OF_GROUP_(type, NPK_UNGROUP_ group)
#define NPK_ROW_OF_GROUP_(...) NPK_MEMBER_(__VA_ARGS__)
#define NPK_UNGROUP_(...) __VA_ARGS__
#define NPK_IS_GROUP_(member) NPK_TAKE_SECOND_(NPK_GROUP_PROBE_ member, 0, ~)
#define NPK_GROUP_PROBE_(...) ~, 1
#define NPK_TAKE_SECOND_(...) NPK_TAKE_SECOND_OF_(__VA_ARGS__)
#define NPK_TAKE_SECOND_OF_(first, second, ...) second

#define NPK_JOIN_(a, b) NPK_JOIN_NOW_(a, b)
#define NPK_JOIN_NOW_(a, b) a##b##_

#define NPK_COUNT_(...)                                                                                                \
    NPK_COUNT_AT_(__VA_ARGS__, 64, 63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44,     \
    43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17,        \
    16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define NPK_COUNT_AT_(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, a21,  \
                      a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, a32, a33, a34, a35, a36, a37, a38, a39, a40,   \
                      a41, a42, a43, a44, a45, a46, a47, a48, a49, a50, a51, a52, a53, a54, a55, a56, a57, a58, a59,   \
                      a60, a61, a62, a63, a64, count, ...)                                                             \
    count

#define NPK_EACH_1_(type, member) NPK_ROW_(type, member)
#define NPK_EACH_2_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_1_(type, __VA_ARGS__)
#define NPK_EACH_3_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_2_(type, __VA_ARGS__)
#define NPK_EACH_4_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_3_(type, __VA_ARGS__)
#define NPK_EACH_5_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_4_(type, __VA_ARGS__)
#define NPK_EACH_6_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_5_(type, __VA_ARGS__)
#define NPK_EACH_7_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_6_(type, __VA_ARGS__)
#define NPK_EACH_8_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_7_(type, __VA_ARGS__)
#define NPK_EACH_9_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_8_(type, __VA_ARGS__)
#define NPK_EACH_10_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_9_(type, __VA_ARGS__)
#define NPK_EACH_11_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_10_(type, __VA_ARGS__)
#define NPK_EACH_12_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_11_(type, __VA_ARGS__)
#define NPK_EACH_13_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_12_(type, __VA_ARGS__)
#define NPK_EACH_14_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_13_(type, __VA_ARGS__)
#define NPK_EACH_15_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_14_(type, __VA_ARGS__)
#define NPK_EACH_16_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_15_(type, __VA_ARGS__)
#define NPK_EACH_17_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_16_(type, __VA_ARGS__)
#define NPK_EACH_18_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_17_(type, __VA_ARGS__)
#define NPK_EACH_19_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_18_(type, __VA_ARGS__)
#define NPK_EACH_20_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_19_(type, __VA_ARGS__)
#define NPK_EACH_21_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_20_(type, __VA_ARGS__)
#define NPK_EACH_22_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_21_(type, __VA_ARGS__)
#define NPK_EACH_23_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_22_(type, __VA_ARGS__)
#define NPK_EACH_24_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_23_(type, __VA_ARGS__)
#define NPK_EACH_25_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_24_(type, __VA_ARGS__)
#define NPK_EACH_26_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_25_(type, __VA_ARGS__)
#define NPK_EACH_27_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_26_(type, __VA_ARGS__)
#define NPK_EACH_28_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_27_(type, __VA_ARGS__)
#define NPK_EACH_29_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_28_(type, __VA_ARGS__)
#define NPK_EACH_30_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_29_(type, __VA_ARGS__)
#define NPK_EACH_31_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_30_(type, __VA_ARGS__)
#define NPK_EACH_32_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_31_(type, __VA_ARGS__)
#define NPK_EACH_33_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_32_(type, __VA_ARGS__)
#define NPK_EACH_34_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_33_(type, __VA_ARGS__)
#define NPK_EACH_35_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_34_(type, __VA_ARGS__)
#define NPK_EACH_36_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_35_(type, __VA_ARGS__)
#define NPK_EACH_37_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_36_(type, __VA_ARGS__)
#define NPK_EACH_38_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_37_(type, __VA_ARGS__)
#define NPK_EACH_39_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_38_(type, __VA_ARGS__)
#define NPK_EACH_40_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_39_(type, __VA_ARGS__)
#define NPK_EACH_41_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_40_(type, __VA_ARGS__)
#define NPK_EACH_42_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_41_(type, __VA_ARGS__)
#define NPK_EACH_43_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_42_(type, __VA_ARGS__)
#define NPK_EACH_44_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_43_(type, __VA_ARGS__)
#define NPK_EACH_45_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_44_(type, __VA_ARGS__)
#define NPK_EACH_46_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_45_(type, __VA_ARGS__)
#define NPK_EACH_47_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_46_(type, __VA_ARGS__)
#define NPK_EACH_48_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_47_(type, __VA_ARGS__)
#define NPK_EACH_49_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_48_(type, __VA_ARGS__)
#define NPK_EACH_50_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_49_(type, __VA_ARGS__)
#define NPK_EACH_51_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_50_(type, __VA_ARGS__)
#define NPK_EACH_52_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_51_(type, __VA_ARGS__)
#define NPK_EACH_53_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_52_(type, __VA_ARGS__)
#define NPK_EACH_54_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_53_(type, __VA_ARGS__)
#define NPK_EACH_55_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_54_(type, __VA_ARGS__)
#define NPK_EACH_56_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_55_(type, __VA_ARGS__)
#define NPK_EACH_57_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_56_(type, __VA_ARGS__)
#define NPK_EACH_58_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_57_(type, __VA_ARGS__)
#define NPK_EACH_59_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_58_(type, __VA_ARGS__)
#define NPK_EACH_60_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_59_(type, __VA_ARGS__)
#define NPK_EACH_61_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_60_(type, __VA_ARGS__)
#define NPK_EACH_62_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_61_(type, __VA_ARGS__)
#define NPK_EACH_63_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_62_(type, __VA_ARGS__)
#define NPK_EACH_64_(type, member, ...) NPK_ROW_(type, member), NPK_EACH_63_(type, __VA_ARGS__)
#endif

#ifdef __cplusplus
}
#endif
#endif
