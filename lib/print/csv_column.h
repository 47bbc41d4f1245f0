/* The columns of a table: one for each plain value that an element of an array is made of. */
#ifndef NPKI_PRINT_CSV_COLUMN_H
#define NPKI_PRINT_CSV_COLUMN_H

#include "print/element.h"

typedef struct npki_csv_column {
    char *name; /* "a.b", "m[0][1]": UTF-8 as the pickle has it; of an array without fields empty */
    size_t name_size;
    size_t offset; /* in the element */
    const npk_dtype *dtype;
    npki_element_format format;
} npki_csv_column;

typedef struct npki_csv_columns {
    npki_csv_column *at;
    size_t count, room;
} npki_csv_columns;

/* Fails by npki_sink_fail; a struct of many subarrays can have more columns than the pickle has bytes, and each costs
 * some of the text that may be printed. Ownership: until npki_csv_columns_free, also after a failure. */
void npki_csv_columns_start(npki_csv_columns *columns, const npk_dtype *dtype, npki_sink *out);
void npki_csv_columns_free(npki_csv_columns *columns, npki_sink *out);

#endif
