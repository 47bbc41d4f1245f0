/* The values that are being printed, each inside the one before: of Python's text, and of JSON. */
#ifndef NPKI_PRINT_STACK_H
#define NPKI_PRINT_STACK_H

#include "print/array.h"
#include "print/json_array.h"
#include "print/masked.h"
#include "print/shared.h"

/* Parts of an object: callable, arguments, keywords, state, items, pairs, further states, calls that were dropped. */
#define NPKI_PRINT_PARTS 8
#define NPKI_PRINT_ARGS 1
#define NPKI_PRINT_CALLS (NPKI_PRINT_PARTS - 1)

/* What a value that holds others becomes in JSON. */
typedef enum npki_json_shape { NPKI_JSON_LIST, NPKI_JSON_DICT, NPKI_JSON_OBJECT, NPKI_JSON_ARRAY } npki_json_shape;

/* A value that is being printed, and how far. */
typedef struct npki_print_frame {
    const npk_value *value; /* NULL: none that can be met again */
    size_t next;            /* of a container: the next item; of an object: the next part */
    const npk_value *parts[NPKI_PRINT_PARTS];
    bool with_calls;           /* a value, and what was made and dropped after it */
    bool has_parts;            /* an array, and behind it these parts */
    size_t own_start, own_end; /* items of a container that are the array's own state: "..." */

    npki_print_array *array;
    npki_print_elements elements;
    npki_print_masked_part masked; /* of a masked array: the part that was begun last */
    bool again;                    /* another array has printed its payload ... */
    uint64_t began;                /* ... and so many bytes had been added when this one began */

    npki_json_shape is;
    npki_json_array *json;
    bool any;          /* of an object: a part was printed */
    const char *first; /* what its first part is called */
} npki_print_frame;

typedef struct npki_print_stack {
    npki_sink *out;
    const npki_print_settings *settings;
    npki_print_frame *frames;
    size_t depth, room;
    npki_print_shared shared;
    bool in_runs;          /* items that are printed at once are in one loop: not at the plain level */
    const npk_value *bare; /* comes next without what was made and dropped after it, or NULL */
} npki_print_stack;

void npki_print_stack_start(npki_print_stack *stack, npki_sink *out, const npk_value *root,
                            const npki_print_settings *settings);
void npki_print_stack_free(npki_print_stack *stack);

/* A value begins, inside those that have: its frame, all zero. NULL, and the sink has failed, where they are too many,
 * or without memory. */
npki_print_frame *npki_print_push(npki_print_stack *stack, const npk_value *value);

/* The innermost has ended, or is given up. */
void npki_print_pop(npki_print_stack *stack);

static inline npki_print_frame *npki_print_top(const npki_print_stack *stack)
{
    return &stack->frames[stack->depth - 1];
}

static inline bool npki_print_is_too_deep(const npki_print_stack *stack)
{
    return stack->depth >= stack->settings->depth;
}

/* The innermost is an array whose elements are printed. */
void npki_print_elements_begin(npki_print_stack *stack, const npk_array *array);

/* All parts of an object but the calls. */
void npki_print_set_parts(npki_print_frame *frame, const npk_object *object);

/* The value and its calls, of a frame that has no other parts. */
void npki_print_set_calls(npki_print_frame *frame, const npk_value *value);

/* Whether the value with its calls is being printed. */
bool npki_print_is_with_calls(const npki_print_stack *stack, const npk_value *value);

/* Which items of the innermost container are left out: those that an array further out is made of. True: all. */
bool npki_print_leave_out(npki_print_stack *stack);

/* The value was printed without a frame of its own, when `began` bytes had been added before it. */
void npki_print_passed(npki_print_stack *stack, const npk_value *value, uint64_t began);

#endif
