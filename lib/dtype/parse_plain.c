/* The texts of dtypes that are no more than a type: "<f8", "int16", "M8[25us]". */
#include "dtype/dtype.h"

#include "base/bytes.h"
#include "dtype/unit.h"

/* A piece of the text: what is left to read. */
typedef struct slice {
    const char *at;
    size_t size;
} slice;

/* The letters that stand alone. NumPy's long is 64 bits wide here, as on every Unix of 64 bits. */
static const struct {
    char letter;
    npk_type type;
    uint8_t itemsize; /* of S, U and V */
} letters[] = {
    {'?', NPK_BOOL, 0},       {'b', NPK_INT8, 0},        {'B', NPK_UINT8, 0},    {'h', NPK_INT16, 0},
    {'H', NPK_UINT16, 0},     {'i', NPK_INT32, 0},       {'I', NPK_UINT32, 0},   {'l', NPK_INT64, 0},
    {'L', NPK_UINT64, 0},     {'q', NPK_INT64, 0},       {'Q', NPK_UINT64, 0},   {'p', NPK_INT64, 0},
    {'P', NPK_UINT64, 0},     {'n', NPK_INT64, 0},       {'N', NPK_UINT64, 0},   {'e', NPK_FLOAT16, 0},
    {'f', NPK_FLOAT32, 0},    {'d', NPK_FLOAT64, 0},     {'g', NPK_FLOAT128, 0}, {'F', NPK_COMPLEX64, 0},
    {'D', NPK_COMPLEX128, 0}, {'G', NPK_COMPLEX256, 0},  {'S', NPK_BYTES, 0},    {'a', NPK_BYTES, 0},
    {'c', NPK_BYTES, 1},      {'U', NPK_STR, 0},         {'V', NPK_VOID, 0},     {'O', NPK_OBJECT, 0},
    {'M', NPK_DATETIME64, 0}, {'m', NPK_TIMEDELTA64, 0}, {'T', NPK_VSTRING, 0},
};

/* The names, beside those of the rows. NumPy 2 dropped some that NumPy 1 has; old files have them still. */
static const struct {
    const char *name;
    npk_type type;
} names[] = {
    {"bool_", NPK_BOOL},
    {"bool8", NPK_BOOL},
    {"byte", NPK_INT8},
    {"ubyte", NPK_UINT8},
    {"short", NPK_INT16},
    {"ushort", NPK_UINT16},
    {"intc", NPK_INT32},
    {"uintc", NPK_UINT32},
    {"int", NPK_INT64},
    {"int_", NPK_INT64},
    {"int0", NPK_INT64},
    {"intp", NPK_INT64},
    {"long", NPK_INT64},
    {"longlong", NPK_INT64},
    {"uint", NPK_UINT64},
    {"uint0", NPK_UINT64},
    {"uintp", NPK_UINT64},
    {"ulong", NPK_UINT64},
    {"ulonglong", NPK_UINT64},
    {"half", NPK_FLOAT16},
    {"single", NPK_FLOAT32},
    {"double", NPK_FLOAT64},
    {"float", NPK_FLOAT64},
    {"float_", NPK_FLOAT64},
    {"longdouble", NPK_FLOAT128},
    {"longfloat", NPK_FLOAT128},
    {"csingle", NPK_COMPLEX64},
    {"cdouble", NPK_COMPLEX128},
    {"cfloat", NPK_COMPLEX128},
    {"complex", NPK_COMPLEX128},
    {"complex_", NPK_COMPLEX128},
    {"singlecomplex", NPK_COMPLEX64},
    {"clongdouble", NPK_COMPLEX256},
    {"clongfloat", NPK_COMPLEX256},
    {"longcomplex", NPK_COMPLEX256},
    {"bytes_", NPK_BYTES},
    {"bytes0", NPK_BYTES},
    {"string_", NPK_BYTES},
    {"str_", NPK_STR},
    {"str0", NPK_STR},
    {"unicode", NPK_STR},
    {"unicode_", NPK_STR},
    {"void0", NPK_VOID},
    {"object_", NPK_OBJECT},
    {"object0", NPK_OBJECT},
};

void npki_dtype_fill(npk_dtype *out, npk_type type, char byteorder, int64_t itemsize)
{
    const npki_dtype_row *row = &npki_dtype_rows[type];
    if (byteorder != '<' && byteorder != '>')
        byteorder = npki_native_order();
    out->type = type;
    out->byteorder = row->swap > 1 || row->module != NULL ? byteorder : '|';
    out->is_struct = out->aligned = false;
    out->has_object = type == NPK_OBJECT || type == NPK_VSTRING;
    out->unit = NPK_UNIT_GENERIC;
    out->multiple = 1;
    out->itemsize = row->itemsize != 0 ? row->itemsize : itemsize;
    out->alignment = row->alignment;
    out->field_count = 0;
    out->fields = NULL;
    out->base = NULL;
    out->base_ndim = 0;
    out->base_shape = NULL;
    out->depth = 0;
    out->class_module = row->module;
    out->class_module_size = row->module != NULL ? strlen(row->module) : 0;
    out->class_name = row->module != NULL ? row->name : NULL;
    out->class_name_size = row->module != NULL ? strlen(row->name) : 0;
    out->class_flags = row->module != NULL ? NPKI_FLAGS_OF_CLASS : 0;
    out->metadata = NULL;
}

static bool is_word(slice text, const char *word)
{
    return text.size == strlen(word) && memcmp(text.at, word, text.size) == 0;
}

bool npki_dtype_of_class(npk_dtype *out, const char *module, size_t module_size, const char *name, size_t name_size)
{
    for (unsigned type = 0; type < NPKI_TYPES; type++) {
        const npki_dtype_row *row = &npki_dtype_rows[type];
        if (row->module == NULL || !is_word((slice){module, module_size}, row->module) ||
            !is_word((slice){name, name_size}, row->name))
            continue;
        npki_dtype_fill(out, (npk_type)type, '=', 0);
        return true;
    }
    return false;
}

/* Decimal digits, at least one, up to INT32_MAX. */
static bool take_number(slice *text, int32_t *out)
{
    int64_t value = 0;
    size_t i = 0;
    for (; i < text->size && text->at[i] >= '0' && text->at[i] <= '9'; i++) {
        value = value * 10 + (text->at[i] - '0');
        if (value > INT32_MAX)
            return false;
    }
    *out = (int32_t)value;
    text->at += i;
    text->size -= i;
    return i > 0;
}

static bool starts_with_digit(slice text)
{
    return text.size > 0 && text.at[0] >= '0' && text.at[0] <= '9';
}

/* "", "[us]", "[25us]" or "[s/2]". Source: datetime.c, parse_datetime_extended_unit_from_string() */
static bool take_unit(slice text, npk_dtype *out)
{
    int32_t divisor = 1;
    size_t size = 0;
    if (text.size == 0)
        return true;
    if (text.size < 3 || text.at[0] != '[' || text.at[text.size - 1] != ']')
        return false;
    text = (slice){text.at + 1, text.size - 2};
    if (starts_with_digit(text) && (!take_number(&text, &out->multiple) || out->multiple == 0))
        return false;
    while (size < text.size && text.at[size] != '/')
        size++;
    out->unit = npki_unit_of(text.at, size);
    if (out->unit == NPKI_UNITS)
        return false;
    if (size < text.size) {
        text = (slice){text.at + size + 1, text.size - size - 1};
        if (!take_number(&text, &divisor) || text.size != 0)
            return false;
    }
    if (out->unit == NPK_UNIT_GENERIC)
        out->multiple = 1;
    return npki_unit_divide(&out->unit, &out->multiple, divisor);
}

static bool take_letter(char letter, char byteorder, npk_dtype *out)
{
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (letters[i].letter == letter) {
            npki_dtype_fill(out, letters[i].type, byteorder, letters[i].itemsize);
            return true;
        }
    return false;
}

/* The type of a kind and a size, as 'f' and 8; S, U, V have any size. */
static npk_type type_of_code(char kind, int32_t size)
{
    if (kind == 'a')
        kind = 'S';
    if (kind == 'O' && size == 4) /* a pickle of a 32-bit machine */
        size = npki_dtype_rows[NPK_OBJECT].itemsize;
    for (unsigned type = 0; type < NPKI_TYPES; type++)
        if (type != NPK_VSTRING && npki_dtype_rows[type].kind == kind && /* 'T' has neither size nor name */
            npki_dtype_rows[type].module == NULL &&
            (npki_dtype_rows[type].itemsize == 0 || npki_dtype_rows[type].itemsize == size))
            return (npk_type)type;
    return NPKI_TYPES;
}

/* A kind and a size, and for M8 and m8 a unit. */
static bool take_code(slice text, char byteorder, npk_dtype *out)
{
    int32_t size;
    char kind = text.at[0];
    text = (slice){text.at + 1, text.size - 1};
    bool zeros = text.size > 0 && text.at[0] == '0'; /* NumPy reads M08 by itself, but not M08[s] */
    if (!take_number(&text, &size) || (zeros && text.size != 0))
        return false;
    npk_type type = type_of_code(kind, size);
    if (type == NPKI_TYPES)
        return false;
    if (npki_dtype_rows[type].itemsize == 0) {
        if (size > INT32_MAX / npki_dtype_rows[type].swap)
            return false;
        size *= npki_dtype_rows[type].swap;
    }
    npki_dtype_fill(out, type, byteorder, size);
    return npki_dtype_rows[type].number == NPKI_NUMBER_TIME ? take_unit(text, out) : text.size == 0;
}

/* "datetime64[us]" and "timedelta64[us]", the only names that may have a byte order before them. */
static bool take_time(slice text, char byteorder, npk_dtype *out)
{
    for (unsigned type = 0; type < NPKI_TYPES; type++) {
        size_t size = strlen(npki_dtype_rows[type].name);
        if (npki_dtype_rows[type].number != NPKI_NUMBER_TIME || text.size < size ||
            !is_word((slice){text.at, size}, npki_dtype_rows[type].name))
            continue;
        npki_dtype_fill(out, (npk_type)type, byteorder, 0);
        return take_unit((slice){text.at + size, text.size - size}, out);
    }
    return false;
}

static bool take_name(slice text, npk_dtype *out)
{
    for (unsigned type = 0; type < NPKI_TYPES; type++)
        if (type != NPK_VSTRING && is_word(text, npki_dtype_rows[type].name)) {
            npki_dtype_fill(out, (npk_type)type, '=', 0);
            return true;
        }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_word(text, names[i].name)) {
            npki_dtype_fill(out, names[i].type, '=', 0);
            return true;
        }
    return false;
}

#define LONGEST ((size_t)64) /* bytes: what is longer has zeros in front */

bool npki_dtype_parse_into(const char *text, size_t size, npk_dtype *out)
{
    slice rest = {text, size};
    char byteorder = '\0';
    if (size > LONGEST)
        return false;
    if (size > 0 && memchr("<>=|", text[0], 4) != NULL) {
        byteorder = text[0];
        rest = (slice){text + 1, size - 1};
    }
    if (rest.size == 0)
        return false;
    if (rest.size == 1)
        return take_letter(rest.at[0], byteorder, out);
    return take_code(rest, byteorder, out) || take_time(rest, byteorder, out) ||
           (byteorder == '\0' && take_name(rest, out));
}

/* NumPy makes the dtype of a pickle by numpy.dtype(key), so a key is any notation. */
bool npki_dtype_of_key(const char *key, size_t size, npk_dtype *out)
{
    return npki_dtype_parse_into(key, size, out);
}
