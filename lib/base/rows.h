/* How many rows a table of the public headers has. The public enums have no count of their own: it would change with
 * every row that is added. */
#ifndef NPKI_BASE_ROWS_H
#define NPKI_BASE_ROWS_H

#define NPKI_ROW_COUNT(rows) (0 rows(NPKI_ONE_ROW))
#define NPKI_ONE_ROW(...) +1

#endif
