/* How items of one structured dtype become items of another: a list of leaves, each of which does one field for a
 * run of items. */
#ifndef NPKI_CAST_STRUCT_PLAN_H
#define NPKI_CAST_STRUCT_PLAN_H

#include "cast/numbers.h"

#include <npickle/cstruct.h>

/* Items on both sides, at equal distances. */
typedef struct npki_lane {
    const uint8_t *from;
    uint8_t *to;
    int64_t from_stride, to_stride; /* bytes */
    size_t count;
} npki_lane;

struct npki_struct_field;

/* Does a field for every item of a lane. NULL, or what is wrong with the element at *fault, which lies in `to`. */
typedef const char *npki_run_field(const struct npki_struct_field *leaf, const npki_lane *lane, const uint8_t **fault);

#define NPKI_NO_PLACE SIZE_MAX

typedef struct npki_struct_field {
    npki_run_field *run;
    size_t from, to;           /* bytes from the start of the item */
    size_t count;              /* elements that lie together: those of a subarray */
    size_t from_size, to_size; /* bytes of an element */
    bool from_big;             /* most significant byte first */
    bool cut_text;
    size_t repeat; /* the innermost of the subarrays of structs it lies in, or NPKI_NO_PLACE */
    size_t place;
    npki_conversion conversion;
} npki_struct_field;

/* A subarray of structs: what is in them comes again at each step. */
typedef struct npki_repeat {
    size_t count;
    size_t from_step, to_step; /* bytes */
    size_t outer;              /* the subarray that this one lies in, or NPKI_NO_PLACE */
} npki_repeat;

/* A field, for messages. */
typedef struct npki_struct_place {
    const npk_field *field;
    size_t outer; /* the struct's own place, or NPKI_NO_PLACE */
} npki_struct_place;

typedef struct npki_struct_plan {
    npk_allocator allocator;
    const npk_fields_options *options;
    const npk_dtype *from, *to;
    npki_struct_field *leaves;
    npki_repeat *repeats;
    npki_struct_place *places;
    struct npki_pair *pairs; /* structs whose fields are still to be looked at; empty in the end */
    size_t leaf_count, repeat_count, place_count, pair_count;
    size_t leaf_room, repeat_room, place_room, pair_room;
} npki_struct_plan;

/* The plan is to be freed whatever comes out. Descriptors and options must outlive it. */
npk_status npki_struct_plan_new(npki_struct_plan *plan, const npk_dtype *from, const npk_dtype *to,
                                const npk_fields_options *options, npk_error *error);
void npki_struct_plan_free(npki_struct_plan *plan);

/* Runs it. `out`: where the item with the number 0 lies, for messages. */
npk_status npki_struct_plan_run(const npki_struct_plan *plan, const npki_lane *lane, const uint8_t *out,
                                npk_error *error);

/* How Python would reach a field: "['pos']['x']". Ends with NUL. */
#define NPKI_PATH 112
void npki_struct_plan_path(const npki_struct_plan *plan, size_t place, char out[NPKI_PATH]);

/* What does a leaf between two plain dtypes; NULL where nothing can. Zeros where there is no `from`. */
npki_run_field *npki_struct_field_of(const npk_dtype *from, const npk_dtype *to);

#endif
