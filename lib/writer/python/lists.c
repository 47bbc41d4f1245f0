/* Lists of many numbers or texts. */
#include "writer/core/run.h"
#include "writer/python/python.h"

/* A list of `count` items, which take about `each` bytes; false: an error, or there is nothing at `items`. */
static bool begin(npk_writer *w, const void *items, size_t count, size_t each)
{
    const uint64_t wide = count; /* where a size_t is smaller, no size is too large */
    if (items == NULL && count > 0)
        npki_writer_fail(w, NPK_ERR_USAGE, "expected the items of a list, found NULL");
    else
        npk_write_begin_list(w, wide > INT64_MAX ? INT64_MAX : (int64_t)wide);
    if (w->error.status == NPK_OK && w->write == NULL && count < SIZE_MAX / 64)
        (void)npki_dynbuf_room(&w->out, count * each); /* at once; if there is not as much, it grows as needed */
    return w->error.status == NPK_OK;
}

npk_status npk_write_doubles(npk_writer *w, const double *values, size_t count)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (!begin(w, values, count, 10))
        return w->error.status;
    for (size_t i = 0; i < count;) {
        size_t done = npki_run_doubles(w, values + i, count - i);
        if (done == 0 && npk_write_float(w, values[i]) != NPK_OK)
            return w->error.status;
        i += done > 0 ? done : 1;
    }
    return npk_write_end(w);
}

/* By a look at two of them. */
static size_t bytes_of_ints(const int64_t *values, size_t count)
{
    bool small =
        values == NULL || count == 0 || ((uint64_t)values[count / 2] < 0x100 && (uint64_t)values[count - 1] < 0x100);
    return small ? 2 : 6;
}

npk_status npk_write_ints(npk_writer *w, const int64_t *values, size_t count)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (!begin(w, values, count, bytes_of_ints(values, count)))
        return w->error.status;
    for (size_t i = 0; i < count;) {
        size_t done = npki_run_ints(w, values + i, count - i);
        if (done == 0 && npk_write_int(w, values[i]) != NPK_OK)
            return w->error.status;
        i += done > 0 ? done : 1;
    }
    return npk_write_end(w);
}

static npk_status write_str(npk_writer *w, const char *text, const size_t *size)
{
    return size == NULL ? npk_write_str(w, text) : npk_write_str_size(w, text, *size);
}

npk_status npk_write_strs(npk_writer *w, const char *const *texts, const size_t *sizes, size_t count)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (!begin(w, texts, count, 16))
        return w->error.status;
    for (size_t i = 0; i < count;) {
        size_t done = npki_run_strs(w, texts + i, sizes == NULL ? NULL : sizes + i, count - i);
        if (done == 0 && write_str(w, texts[i], sizes == NULL ? NULL : sizes + i) != NPK_OK)
            return w->error.status;
        i += done > 0 ? done : 1;
    }
    return npk_write_end(w);
}
