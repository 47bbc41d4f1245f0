#include "base/bytes.h"
#include "base/error.h"
#include "numpy/convert.h"
#include "numpy/scatter.h"

#include <inttypes.h>

/* When a cast between two kinds of numbers is safe; w is the width of a component in bytes. */
typedef enum rule {
    NEVER,
    ALWAYS,
    WIDE,         /* w of the target is no smaller */
    WIDER,        /* w of the target is larger: it has a sign, the source has none */
    INT_IN_FLOAT, /* 8-bit ints are safe in float16, 16-bit ones in float32, all others in float64 */
} rule;

/* numpy.can_cast(from, to), for every pair but those between two times. */
static const rule safe[][NPKI_NUMBER_TIME + 1] = {
    [NPKI_NUMBER_BOOL] = {[NPKI_NUMBER_BOOL] = ALWAYS,
                          [NPKI_NUMBER_INT] = ALWAYS,
                          [NPKI_NUMBER_UINT] = ALWAYS,
                          [NPKI_NUMBER_FLOAT] = ALWAYS,
                          [NPKI_NUMBER_COMPLEX] = ALWAYS,
                          [NPKI_NUMBER_TIME] = ALWAYS},
    [NPKI_NUMBER_INT] = {[NPKI_NUMBER_INT] = WIDE,
                         [NPKI_NUMBER_FLOAT] = INT_IN_FLOAT,
                         [NPKI_NUMBER_COMPLEX] = INT_IN_FLOAT,
                         [NPKI_NUMBER_TIME] = ALWAYS},
    [NPKI_NUMBER_UINT] = {[NPKI_NUMBER_INT] = WIDER,
                          [NPKI_NUMBER_UINT] = WIDE,
                          [NPKI_NUMBER_FLOAT] = INT_IN_FLOAT,
                          [NPKI_NUMBER_COMPLEX] = INT_IN_FLOAT,
                          [NPKI_NUMBER_TIME] = WIDER},
    [NPKI_NUMBER_FLOAT] = {[NPKI_NUMBER_FLOAT] = WIDE, [NPKI_NUMBER_COMPLEX] = WIDE},
    [NPKI_NUMBER_COMPLEX] = {[NPKI_NUMBER_COMPLEX] = WIDE},
    [NPKI_NUMBER_TIME] = {[NPKI_NUMBER_BOOL] = NEVER},
};

/* Within a kind, or to one further on. Nothing but an int is of a kind with a time. */
static const uint8_t kind_rank[] = {
    [NPKI_NUMBER_BOOL] = 1, [NPKI_NUMBER_UINT] = 2,  [NPKI_NUMBER_INT] = 3,
    [NPKI_NUMBER_TIME] = 4, [NPKI_NUMBER_FLOAT] = 5, [NPKI_NUMBER_COMPLEX] = 6,
};

/* float96 and float128 hold the same values. */
static int width_of(const npki_dtype_row *row)
{
    return row->swap > 8 ? 10 : row->swap;
}

static bool is_safe(const npki_dtype_row *from, const npki_dtype_row *to)
{
    int from_width = width_of(from), to_width = width_of(to);
    switch (safe[from->number][to->number]) {
    case NEVER:
        return false;
    case ALWAYS:
        return true;
    case WIDE:
        return to_width >= from_width;
    case WIDER:
        return to_width > from_width;
    case INT_IN_FLOAT:
        return to_width >= (from_width < 4 ? 2 * from_width : 8);
    }
    return false;
}

/* Values of a unit are never turned into those of another: a time becomes a time only with the same unit, or with
 * a unit where it had none. */
static bool can_cast_times(const npk_dtype *from, const npk_dtype *to, npk_casting casting)
{
    bool same_unit = from->unit == to->unit && from->multiple == to->multiple;
    if (casting == NPK_CAST_SAME)
        return from->type == to->type && same_unit;
    return (same_unit || from->unit == NPK_UNIT_GENERIC) && (from->type == to->type || casting == NPK_CAST_UNSAFE);
}

bool npk_can_cast(const npk_dtype *from, const npk_dtype *to, npk_casting casting)
{
    const npki_dtype_row *from_row = &npki_dtype_rows[from->type], *to_row = &npki_dtype_rows[to->type];
    npki_number from_number = from_row->number, to_number = to_row->number;
    if (from_number == NPKI_NUMBER_NONE || to_number == NPKI_NUMBER_NONE)
        return npk_dtype_equal(from, to);
    if (from_number == NPKI_NUMBER_TIME && to_number == NPKI_NUMBER_TIME)
        return can_cast_times(from, to, casting);
    if (casting == NPK_CAST_UNSAFE)
        return true;
    if (casting == NPK_CAST_SAME)
        return from->type == to->type;
    if (from_number == NPKI_NUMBER_TIME || to->type == NPK_DATETIME64)
        return false;
    return is_safe(from_row, to_row) ||
           (casting == NPK_CAST_SAME_KIND && kind_rank[from_number] <= kind_rank[to_number]);
}

enum { SCRATCH = 8192, WIDEST = 32, ITEMS = SCRATCH / WIDEST };

/* Converts while gathering; `out` is in C order, and so is what comes. */
static int64_t read_straight(const npk_ndarray *array, char order, const npki_conversion *conversion, uint8_t *out)
{
    uint8_t scratch[SCRATCH];
    npki_gather gather;
    const uint8_t *piece;
    int64_t done = 0;
    size_t got;
    npki_gather_start(&gather, array, order);
    while ((got = npki_gather_next(&gather, scratch, sizeof scratch, &piece)) > 0) {
        size_t count = got / conversion->from_size;
        npki_convert(conversion, piece, count, out);
        out += count * conversion->to_size;
        done += (int64_t)count;
    }
    return done;
}

/* The payload of a coated array comes in Fortran order: converted, then scattered. */
static int64_t read_across(const npk_ndarray *array, const npk_dtype *dtype, const npki_conversion *conversion,
                           void *out)
{
    uint8_t scratch[SCRATCH], converted[SCRATCH];
    npki_gather gather;
    npki_scatter scatter;
    const uint8_t *piece;
    int64_t done = 0;
    size_t got;
    npki_gather_start(&gather, array, 'F');
    npki_scatter_start(&scatter, array, dtype, 'F', 'C', out);
    while ((got = npki_gather_next(&gather, scratch, ITEMS * conversion->from_size, &piece)) > 0) {
        size_t count = got / conversion->from_size;
        npki_convert(conversion, piece, count, converted);
        npki_scatter_put(&scatter, converted, count);
        done += (int64_t)count;
    }
    return done;
}

static npk_status check_cast(const npk_dtype *from, const npk_dtype *to, npk_casting casting, npk_error *error)
{
    static const char *const names[] = {"safe", "same", "same-kind", "unsafe"};
    char from_text[64], to_text[64];
    bool numbers =
        npki_dtype_rows[from->type].number != NPKI_NUMBER_NONE && npki_dtype_rows[to->type].number != NPKI_NUMBER_NONE;
    if ((unsigned)casting >= sizeof names / sizeof *names)
        return npki_fail(error, NPK_USAGE, "there is no casting rule %d", (int)casting);
    if (numbers && npk_can_cast(from, to, casting))
        return NPK_OK;
    npk_dtype_str(from, from_text, sizeof from_text);
    npk_dtype_str(to, to_text, sizeof to_text);
    if (!numbers)
        return npki_fail(error, NPK_CAST, "expected two types of numbers, found %s and %s", from_text, to_text);
    return npki_fail(error, NPK_CAST, "%s -> %s is no %s cast", from_text, to_text, names[casting]);
}

npk_status npk_read_as(const npk_ndarray *array, const npk_dtype *dtype, npk_casting casting, void *out, size_t count,
                       npk_error *error)
{
    npki_conversion conversion;
    npk_status status = npki_ndarray_check(array, error);
    if (status == NPK_OK && dtype == NULL)
        status = npki_fail(error, NPK_USAGE, "no dtype to read the array as");
    if (status == NPK_OK)
        status = check_cast(array->dtype, dtype, casting, error);
    if (status != NPK_OK)
        return status;
    int64_t items = npk_count(array), nbytes;
    if ((uint64_t)items > count || !npki_mul_int64(items, dtype->itemsize, &nbytes))
        return npki_fail(error, NPK_USAGE, "expected room for %" PRId64 " elements, found %zu", items, count);
    if (items == 0)
        return NPK_OK;
    if (out == NULL)
        return npki_fail(error, NPK_USAGE, "nowhere to put %" PRId64 " elements", items);
    bool is_coated = array->data == NULL;
    char lies_in = is_coated ? npki_payload_order(array) : 'C';
    if (lies_in == 'K')
        return npki_fail(error, NPK_USAGE, "an array in a coat lies in C or in Fortran order, this one in neither");
    npki_conversion_init(&conversion, array->dtype, dtype);
    int64_t done =
        lies_in == 'C' ? read_straight(array, 'C', &conversion, out) : read_across(array, dtype, &conversion, out);
    if (done != items)
        return npki_fail(error, NPK_NDARRAY, "the payload ends after %" PRId64 " of %" PRId64 " elements", done, items);
    return NPK_OK;
}
