#include "base/bytes.h"
#include "base/error.h"
#include "base/scratch.h"
#include "cast/numbers.h"
#include "array/scatter.h"

#include <inttypes.h>

/* When a cast between two kinds of numbers is safe. */
typedef enum rule {
    NEVER,
    ALWAYS,
    FITS,         /* the target has as many bits, of a float in its exponent too */
    INT_IN_FLOAT, /* the mantissa has room for all bits of the int; of float64 and up it counts as having that */
} rule;

/* numpy.can_cast(from, to), for every pair but those between two times. */
static const rule safe[][NPKI_NUMBER_TIME + 1] = {
    [NPKI_NUMBER_BOOL] = {[NPKI_NUMBER_BOOL] = ALWAYS,
                          [NPKI_NUMBER_INT] = ALWAYS,
                          [NPKI_NUMBER_UINT] = ALWAYS,
                          [NPKI_NUMBER_FLOAT] = ALWAYS,
                          [NPKI_NUMBER_COMPLEX] = ALWAYS,
                          [NPKI_NUMBER_TIME] = ALWAYS},
    [NPKI_NUMBER_INT] = {[NPKI_NUMBER_INT] = FITS,
                         [NPKI_NUMBER_FLOAT] = INT_IN_FLOAT,
                         [NPKI_NUMBER_COMPLEX] = INT_IN_FLOAT,
                         [NPKI_NUMBER_TIME] = FITS},
    [NPKI_NUMBER_UINT] = {[NPKI_NUMBER_INT] = FITS,
                          [NPKI_NUMBER_UINT] = FITS,
                          [NPKI_NUMBER_FLOAT] = INT_IN_FLOAT,
                          [NPKI_NUMBER_COMPLEX] = INT_IN_FLOAT,
                          [NPKI_NUMBER_TIME] = FITS},
    [NPKI_NUMBER_FLOAT] = {[NPKI_NUMBER_FLOAT] = FITS, [NPKI_NUMBER_COMPLEX] = FITS},
    [NPKI_NUMBER_COMPLEX] = {[NPKI_NUMBER_COMPLEX] = FITS},
    [NPKI_NUMBER_TIME] = {[NPKI_NUMBER_BOOL] = NEVER},
};

enum { MANTISSA_OF_DOUBLE = 52, MANTISSA_OF_FLOAT = 23, BITS_OF_BYTE = 8 };

static bool is_safe(const npki_dtype_row *from, const npki_dtype_row *to)
{
    switch (safe[from->number][to->number]) {
    case NEVER:
        return false;
    case ALWAYS:
        return true;
    case FITS:
        return to->mantissa >= from->mantissa && to->exponent >= from->exponent;
    case INT_IN_FLOAT:
        return to->mantissa + 1 >= from->mantissa || to->mantissa >= MANTISSA_OF_DOUBLE;
    }
    return false;
}

/* Of types that were added: bools, and to floats ints of one byte, are safe on their way in; on their way out floats
 * are, to float32 and up. What is a V to NumPy (its kind) is safe as another of the same size. Between ints it is as
 * above. */
static bool is_safe_added(const npki_dtype_row *from, const npki_dtype_row *to)
{
    bool from_int = from->number == NPKI_NUMBER_INT || from->number == NPKI_NUMBER_UINT;
    bool to_int = to->number == NPKI_NUMBER_INT || to->number == NPKI_NUMBER_UINT;
    if (from == to)
        return true;
    if (from->module != NULL && to->module != NULL && !(from_int && to_int))
        return from->kind == 'V' && to->kind == 'V' && from->itemsize == to->itemsize &&
               from->special != NPKI_SPECIAL_FNU && to->special != NPKI_SPECIAL_FNU;
    if (from->module == NULL)
        return from->number == NPKI_NUMBER_BOOL || (from_int && from->mantissa <= BITS_OF_BYTE && !to_int);
    return is_safe(from, to) && (from_int || to->mantissa >= MANTISSA_OF_FLOAT);
}

/* Within a kind, or to one further on. Nothing but an int is of a kind with a time; a V comes after all. */
static int rank_of(const npki_dtype_row *row)
{
    static const uint8_t ranks[] = {
        [NPKI_NUMBER_BOOL] = 1, [NPKI_NUMBER_UINT] = 2,  [NPKI_NUMBER_INT] = 3,
        [NPKI_NUMBER_TIME] = 4, [NPKI_NUMBER_FLOAT] = 5, [NPKI_NUMBER_COMPLEX] = 6,
    };
    return row->kind == 'V' ? INT8_MAX : ranks[row->number];
}

static bool can_cast_times(const npk_dtype *from, const npk_dtype *to, npk_casting casting)
{
    static const bool can[][NPK_CAST_UNSAFE + 1] = {
        [NPKI_UNITS_EQUAL] = {[NPK_CAST_SAFE] = true, [NPK_CAST_SAME] = true, [NPK_CAST_SAME_KIND] = true},
        [NPKI_UNITS_SAFE] = {[NPK_CAST_SAFE] = true, [NPK_CAST_SAME_KIND] = true},
        [NPKI_UNITS_ROUND] = {[NPK_CAST_SAME_KIND] = true},
        [NPKI_UNITS_APART] = {false},
    };
    return from->type == to->type && can[npki_units_relate(from, to)][casting];
}

/* From S, U or V to them. By the characters there is room for: fewer are of the same kind, as long as all fit. What is
 * known for a number is made of the bytes of a V by NPK_CAST_UNSAFE alone. */
static bool can_cast_texts(const npk_dtype *from, const npk_dtype *to, npk_casting casting)
{
    bool raw = to->type == NPK_VOID;
    int64_t from_size = from->itemsize / (raw ? 1 : npki_dtype_rows[from->type].swap);
    int64_t to_size = to->itemsize / (raw ? 1 : npki_dtype_rows[to->type].swap);
    if (npki_dtype_rows[to->type].number != NPKI_NUMBER_NONE)
        return false;
    if (casting == NPK_CAST_SAME || from->type == NPK_STR)
        return from->type == to->type && (casting == NPK_CAST_SAME_KIND || to_size == from_size ||
                                          (to_size > from_size && casting == NPK_CAST_SAFE));
    return casting == NPK_CAST_SAME_KIND || to_size >= from_size;
}

static bool can_cast_numbers(const npk_dtype *from, const npk_dtype *to, npk_casting casting)
{
    const npki_dtype_row *from_row = &npki_dtype_rows[from->type], *to_row = &npki_dtype_rows[to->type];
    if (casting == NPK_CAST_SAME)
        return from->type == to->type;
    if (from_row->number == NPKI_NUMBER_TIME || to->type == NPK_DATETIME64)
        return false;
    bool added = from_row->module != NULL || to_row->module != NULL;
    return (added ? is_safe_added(from_row, to_row) : is_safe(from_row, to_row)) ||
           (casting == NPK_CAST_SAME_KIND && rank_of(from_row) <= rank_of(to_row));
}

static bool is_rule(npk_casting casting)
{
    return (unsigned)casting <= NPK_CAST_UNSAFE;
}

bool npk_dtype_can_cast(const npk_dtype *from, const npk_dtype *to, npk_casting casting)
{
    npki_conversion conversion;
    if (from == NULL || to == NULL)
        return false;
    npki_number from_number = npki_dtype_rows[from->type].number, to_number = npki_dtype_rows[to->type].number;
    if (!is_rule(casting) || !npki_conversion_init(&conversion, from, to))
        return false;
    if (casting == NPK_CAST_UNSAFE)
        return true;
    if (from_number == NPKI_NUMBER_TIME && to_number == NPKI_NUMBER_TIME)
        return can_cast_times(from, to, casting);
    if (from_number != NPKI_NUMBER_NONE && to_number != NPKI_NUMBER_NONE)
        return can_cast_numbers(from, to, casting);
    return npki_recoding(from, to) == NULL || can_cast_texts(from, to, casting);
}

enum { SCRATCH = 8192 };

/* One array on its way. */
typedef struct passage {
    const npk_array *array;
    const npk_dtype *dtype;
    npki_conversion conversion;
    uint8_t *out;
    int64_t done;   /* elements */
    bool is_broken; /* an element could not be converted */
} passage;

/* Items that fit the scratch, as they come and as they become. */
static size_t items_at_once(const npki_conversion *conversion)
{
    size_t widest = conversion->from_size > conversion->to_size ? conversion->from_size : conversion->to_size;
    return SCRATCH / widest;
}

static bool convert_some(passage *p, const uint8_t *from, size_t count, uint8_t *to)
{
    p->is_broken = !npki_convert(&p->conversion, from, count, to);
    p->done += (int64_t)count;
    return !p->is_broken;
}

/* Converts while gathering; `out` is in C order, and so is what comes. */
static void read_straight(passage *p)
{
    NPKI_SCRATCH uint8_t scratch[SCRATCH];
    npki_gather gather;
    const uint8_t *piece;
    size_t got;
    npki_gather_start(&gather, p->array, 'C');
    while ((got = npki_gather_next(&gather, scratch, sizeof scratch, &piece)) > 0) {
        size_t count = got / p->conversion.from_size;
        if (!convert_some(p, piece, count, p->out))
            return;
        p->out += count * p->conversion.to_size;
    }
}

/* Elements larger than the scratch, each from where it lies. */
static void read_singly(passage *p)
{
    npki_gather gather;
    npki_run run;
    npki_gather_start(&gather, p->array, 'C');
    while (npki_gather_run(&gather, 1, &run) && convert_some(p, run.at, 1, p->out))
        p->out += p->conversion.to_size;
}

/* The payload of an encoded array comes in Fortran order: converted, then scattered. */
static void read_across(passage *p)
{
    NPKI_SCRATCH uint8_t scratch[SCRATCH], converted[SCRATCH];
    npki_gather gather;
    npki_scatter scatter;
    const uint8_t *piece;
    size_t got, room = items_at_once(&p->conversion) * p->conversion.from_size;
    npki_gather_start(&gather, p->array, 'F');
    npki_scatter_start(&scatter, p->array, p->dtype, 'F', 'C', p->out);
    while ((got = npki_gather_next(&gather, scratch, room, &piece)) > 0) {
        size_t count = got / p->conversion.from_size;
        if (!convert_some(p, piece, count, converted))
            return;
        npki_scatter_put(&scatter, converted, count);
    }
}

static npk_status read_elements(passage *p, int64_t items, npk_error *error)
{
    bool is_encoded = p->array->data == NULL, is_large = p->conversion.from_size > SCRATCH;
    char lies_in = is_encoded ? npki_payload_order(p->array) : 'C';
    if (lies_in == 'K')
        return npki_fail(error, NPK_ERR_USAGE, "an encoded array lies in C or in Fortran order, this one in neither");
    if (is_encoded && (is_large || (lies_in == 'F' && p->conversion.to_size > SCRATCH)))
        return npki_fail(error, NPK_ERR_UNSUPPORTED, "encoded elements of more than %d bytes: npk_view_decode first",
                         SCRATCH);
    if (p->conversion.from_size == 0) { /* texts without characters; those that become such are looked at */
        memset(p->out, 0, (size_t)items * p->conversion.to_size);
        return NPK_OK;
    }
    if (lies_in == 'F')
        read_across(p);
    else if (is_large)
        read_singly(p);
    else
        read_straight(p);
    if (p->is_broken)
        return npki_fail(error, NPK_ERR_CAST, "an element cannot be represented in the type it is read as");
    if (p->done != items)
        return npki_fail(error, NPK_ERR_ARRAY, "the payload ends after %" PRId64 " of %" PRId64 " elements", p->done,
                         items);
    return NPK_OK;
}

/* `from` may have any fields or objects; the text of both is in the message. */
npk_status npki_check_cast(const npk_dtype *from, const npk_dtype *to, npk_casting casting, npki_conversion *conversion,
                           npk_error *error)
{
    static const char *const names[] = {"safe", "same", "same-kind", "unsafe"};
    char from_text[64], to_text[64];
    if (!is_rule(casting))
        return npki_fail(error, NPK_ERR_USAGE, "expected a casting rule, found %d", (int)casting);
    bool any = npki_conversion_init(conversion, from, to);
    if (any && npk_dtype_can_cast(from, to, casting))
        return NPK_OK;
    npk_dtype_str(from, from_text, sizeof from_text);
    npk_dtype_str(to, to_text, sizeof to_text);
    return any ? npki_fail(error, NPK_ERR_CAST, "%s -> %s is not a %s cast", from_text, to_text, names[casting])
               : npki_fail(error, NPK_ERR_CAST, "%s cannot be converted to %s", from_text, to_text);
}

npk_status npk_array_read_as(const npk_array *array, const npk_dtype *dtype, npk_casting casting, void *out,
                             size_t count, npk_error *error)
{
    passage p = {.array = array, .dtype = dtype, .out = out};
    npk_status status = npki_array_check(array, error);
    if (status == NPK_OK && dtype == NULL)
        status = npki_fail(error, NPK_ERR_USAGE, "no dtype to read the array as");
    if (status == NPK_OK)
        status = npki_check_cast(array->dtype, dtype, casting, &p.conversion, error);
    if (status != NPK_OK)
        return status;
    int64_t items = npk_array_count(array), nbytes;
    if ((uint64_t)items > count || !npki_mul_int64(items, dtype->itemsize, &nbytes) || (uint64_t)nbytes > SIZE_MAX)
        return npki_fail(error, NPK_ERR_USAGE, "expected room for %" PRId64 " elements, found %zu", items, count);
    if (items == 0)
        return NPK_OK;
    if (out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected memory for %" PRId64 " elements, found NULL", items);
    return read_elements(&p, items, error);
}
