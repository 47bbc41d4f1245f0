/* One item of an array: an element, or a tuple of the fields of a structured dtype. */
#ifndef NPKI_PRINT_ITEM_H
#define NPKI_PRINT_ITEM_H

#include "print/element.h"
#include "print/settings.h"

/* A dtype laid out for printing: a node each for the dtype itself, its fields, their fields, and the bases of
 * subarrays. */
typedef struct npki_print_node {
    enum { NPKI_ITEM_ELEMENT, NPKI_ITEM_STRUCT, NPKI_ITEM_SUBARRAY } is;
    size_t offset; /* in the struct around it */
    size_t first;  /* node: of a struct its first field (they follow one another), of a subarray its base */
    size_t count;  /* of a struct: fields; of a subarray: elements */
    int ndim;
    const int64_t *shape;
    size_t base_size;            /* bytes of one element of a subarray */
    npki_element_format *format; /* of an element */
    const npk_dtype *dtype;
    uint64_t shown; /* characters that it takes at the least: UINT64_MAX if 64 bits can't count them */
    bool alone; /* an array of no dimensions around it, and no subarray */
} npki_print_node;

/* How an item looks. */
typedef enum npki_item_style {
    NPKI_ITEM_IN_ARRAY,  /* (1, 2.5), every element as wide as all others of its field */
    NPKI_ITEM_IN_SCALAR, /* the same, floats as they are in scalars */
    NPKI_ITEM_JSON       /* {"x": 1, "y": 2.5} */
} npki_item_style;

typedef struct npki_print_plan {
    npki_print_node *nodes;
    size_t count, room;
    const npki_print_settings *settings;
    int passes; /* as npki_element_format has them: the most of any */
    npki_item_style style;
    const uint8_t *mask; /* JSON: a bool for each plain value of the item that is printed next; or NULL */
    int64_t mask_stride;
    struct item_cursor *stack;
    size_t stack_room;
} npki_print_plan;

/* Fails by npki_sink_fail; then the plan is empty, and all else does nothing. `alone`: of an array of no dimensions. */
void npki_print_item_start(npki_print_plan *plan, const npk_dtype *dtype, bool alone, npki_item_style style,
                           const npki_print_settings *settings, npki_sink *out);

/* The characters that an item takes at the least. 0 of an empty plan. */
uint64_t npki_print_item_least(const npki_print_plan *plan);
void npki_print_item_see(npki_print_plan *plan, int pass, const uint8_t *p, npki_sink *out);
void npki_print_item_settle(npki_print_plan *plan, int pass);
void npki_print_item_print(npki_print_plan *plan, const uint8_t *p, npki_sink *out);
void npki_print_item_free(npki_print_plan *plan, npki_sink *out);

#endif
