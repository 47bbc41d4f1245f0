/* The columns of a table: one for each plain value that an element of an array is made of. */
#ifndef NPICKLE_CSV_COLUMN_H
#define NPICKLE_CSV_COLUMN_H

#include "print_element.h"

typedef struct csv_column {
    char *name; /* "a.b", "m[0][1]": UTF-8 as the pickle has it; of an array without fields empty */
    size_t name_size;
    size_t offset; /* in the element */
    const npk_dtype *dtype;
    element_format format;
} csv_column;

typedef struct csv_columns {
    csv_column *at;
    size_t count, room;
} csv_columns;

/* Fails by out_fail; a struct of many subarrays can have more columns than the pickle has bytes, and each costs some
 * of the text that may be printed. Ownership: until csv_columns_free, also after a failure. */
void csv_columns_start(csv_columns *columns, const npk_dtype *dtype, tool_out *out);
void csv_columns_free(csv_columns *columns);

#endif
