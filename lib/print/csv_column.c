#include "print/csv_column.h"

#include "base/bytes.h"
#include "dtype/facts.h"
#include "text/number.h"

#include <string.h>

#define COLUMN_CHARGE 32
#define INDEX_ROOM ((size_t)NPK_MAXDIMS * 23) /* "[-9223372036854775808]" for every axis */

/* A column of its own, with a name of its own. False: npki_sink_fail was called. */
static bool add(npki_csv_columns *columns, const char *head, size_t head_size, const char *tail, size_t tail_size,
                size_t offset, const npk_dtype *dtype, npki_sink *out)
{
    size_t dot = head_size > 0 && tail_size > 0 && *tail != '[';
    npki_sink_charge(out, (uint64_t)head_size + tail_size);
    if (out->status != NPK_OK)
        return false;
    if (columns->count == columns->room) {
        size_t room = columns->room * 2 + 16;
        npki_csv_column *at = npki_resize(&out->allocator, columns->at, columns->room * sizeof *at, room * sizeof *at);
        if (at != NULL) {
            columns->at = at;
            columns->room = room;
        }
    }
    char *name =
        columns->count < columns->room ? npki_allocate(&out->allocator, head_size + dot + tail_size + 1) : NULL;
    if (name == NULL) {
        npki_sink_fail(out, NPK_ERR_MEMORY);
        return false;
    }
    memcpy(name, head, head_size);
    memcpy(name + head_size, ".", dot);
    memcpy(name + head_size + dot, tail, tail_size);
    columns->at[columns->count++] =
        (npki_csv_column){.name = name, .name_size = head_size + dot + tail_size, .offset = offset, .dtype = dtype};
    return true;
}

static bool add_fields(npki_csv_columns *columns, const npki_csv_column *of, npki_sink *out)
{
    const npk_field *fields;
    for (size_t i = npk_dtype_fields(of->dtype, &fields); i-- > 0;)
        if (!add(columns, of->name, of->name_size, fields[i].name, fields[i].name_size,
                 of->offset + (size_t)fields[i].offset, fields[i].dtype, out))
            return false;
    return true;
}

/* "[1][2]" of the flat index into a shape. */
static size_t put_index(char *text, size_t flat, int ndim, const int64_t *shape)
{
    char digits[21];
    size_t size = 0, rest = 1;
    for (int axis = 0; axis < ndim; axis++)
        rest *= (size_t)shape[axis];
    for (int axis = 0; axis < ndim; axis++) {
        rest /= (size_t)shape[axis];
        size_t count = npki_print_uint64(flat / rest, digits);
        flat %= rest;
        text[size++] = '[';
        memcpy(text + size, digits, count);
        size += count;
        text[size++] = ']';
    }
    return size;
}

static bool add_items(npki_csv_columns *columns, const npki_csv_column *of, npki_sink *out)
{
    int ndim;
    const int64_t *shape;
    const npk_dtype *base = npk_dtype_subarray(of->dtype, &ndim, &shape);
    size_t count = 1;
    if (npki_dtype_facts_of(of->dtype).leaves == 0) /* however many items, no column */
        return true;
    for (int axis = 0; axis < ndim; axis++)
        if (__builtin_mul_overflow(count, (size_t)shape[axis], &count)) {
            npki_sink_fail(out, NPK_ERR_LIMIT); /* of no bytes each */
            return false;
        }
    char *text = npki_sink_allocate(out, INDEX_ROOM, NPKI_SINK_FREE);
    bool good = text != NULL;
    for (size_t i = count; good && i-- > 0;)
        good = add(columns, of->name, of->name_size, text, put_index(text, i, ndim, shape),
                   of->offset + i * (size_t)npk_dtype_itemsize(base), base, out);
    npki_free(&out->allocator, text, INDEX_ROOM);
    return good;
}

/* A column for each plain value: what can't be paid for is not begun. */
static bool pay(const npk_dtype *dtype, npki_sink *out)
{
    int64_t columns = npki_dtype_facts_of(dtype).leaves, charge;
    npki_sink_charge(out,
                     columns < 0 || !npki_mul_int64(columns, COLUMN_CHARGE, &charge) ? UINT64_MAX : (uint64_t)charge);
    return out->status == NPK_OK;
}

/* What is not yet taken apart waits, the next one last; what is plain is a column. */
void npki_csv_columns_start(npki_csv_columns *columns, const npk_dtype *dtype, npki_sink *out)
{
    npki_csv_columns waiting = {NULL, 0, 0};
    *columns = (npki_csv_columns){NULL, 0, 0};
    bool good = pay(dtype, out) && add(&waiting, "", 0, "", 0, 0, dtype, out);
    while (good && waiting.count > 0) {
        npki_csv_column next = waiting.at[--waiting.count];
        if (npk_dtype_subarray(next.dtype, NULL, NULL) != NULL)
            good = add_items(&waiting, &next, out);
        else if (npk_dtype_is_struct(next.dtype))
            good = add_fields(&waiting, &next, out);
        else if ((good = add(columns, next.name, next.name_size, "", 0, next.offset, next.dtype, out)))
            npki_element_start(&columns->at[columns->count - 1].format, next.dtype, true, 0);
        npki_free(&out->allocator, next.name, next.name_size + 1);
    }
    npki_csv_columns_free(&waiting, out);
}

void npki_csv_columns_free(npki_csv_columns *columns, npki_sink *out)
{
    for (size_t i = 0; i < columns->count; i++)
        npki_free(&out->allocator, columns->at[i].name, columns->at[i].name_size + 1);
    npki_free(&out->allocator, columns->at, columns->room * sizeof *columns->at);
    *columns = (npki_csv_columns){NULL, 0, 0};
}
