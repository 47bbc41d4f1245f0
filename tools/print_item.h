/* One item of an array: an element, or a tuple of the fields of a structured dtype. */
#ifndef NPICKLE_PRINT_ITEM_H
#define NPICKLE_PRINT_ITEM_H

#include "print_element.h"

/* A dtype laid out for printing: a node each for the dtype itself, its fields, their fields, and the bases of
 * subarrays. */
typedef struct item_node {
    enum { ITEM_ELEMENT, ITEM_STRUCT, ITEM_SUBARRAY } is;
    size_t offset; /* in the struct around it */
    size_t first;  /* node: of a struct its first field (they follow one another), of a subarray its base */
    size_t count;  /* of a struct: fields; of a subarray: elements */
    int ndim;
    const int64_t *shape;
    size_t base_size;       /* bytes of one element of a subarray */
    element_format *format; /* of an element */
    const npk_dtype *dtype;
    bool alone; /* an array of no dimensions around it, and no subarray */
} item_node;

typedef struct item_plan {
    item_node *nodes;
    size_t count, room;
    int passes;   /* as element_format has them: the most of any */
    bool scalars; /* floats are printed as scalars are */
    struct item_cursor *stack;
    size_t stack_room;
} item_plan;

/* Fails by out_fail; then the plan is empty, and all else does nothing. `alone`: of an array of no dimensions. */
void item_start(item_plan *plan, const npk_dtype *dtype, bool alone, bool scalars, tool_out *out);
void item_see(item_plan *plan, int pass, const uint8_t *p, tool_out *out);
void item_settle(item_plan *plan, int pass);
void item_print(item_plan *plan, const uint8_t *p, tool_out *out);
void item_free(item_plan *plan);

#endif
