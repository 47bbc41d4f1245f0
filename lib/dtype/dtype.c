#include "dtype/dtype.h"

#include "base/bytes.h"
#include "base/map.h"

const npki_dtype_row npki_dtype_rows[NPKI_TYPES] = {
#define ROW(type, value, kind, itemsize, swap, align, letter, number, exponent, mantissa, bias, special, name, module) \
    [NPK_##type] = {name,                                                                                              \
                    kind,                                                                                              \
                    letter,                                                                                            \
                    itemsize,                                                                                          \
                    swap,                                                                                              \
                    align,                                                                                             \
                    NPKI_NUMBER_##number,                                                                              \
                    exponent,                                                                                          \
                    mantissa,                                                                                          \
                    bias,                                                                                              \
                    NPKI_SPECIAL_##special,                                                                            \
                    sizeof(module) > 1 ? (module) : NULL},
    NPK_DTYPE_ROWS(ROW)
#undef ROW
};

const char *const npki_unit_codes[NPKI_UNITS] = {
#define ROW(unit, value, code) [NPK_UNIT_##unit] = code,
    NPK_UNIT_ROWS(ROW)
#undef ROW
};

/* Little-endian, then big-endian. Only the types that has_builtin() names are given out. */
#define BUILTIN(tag, order, item, swap_size, align, class, module)                                                     \
    {                                                                                                                  \
        .type = NPK_##tag, .byteorder = (swap_size) > 1 || sizeof(module) > 1 ? (order) : '|',                         \
        .storage = NPKI_STORED_STATIC, .has_object = NPK_##tag == NPK_OBJECT || NPK_##tag == NPK_VSTRING,              \
        .unit = NPK_UNIT_GENERIC, .multiple = 1, .itemsize = (item), .alignment = (align),                             \
        .class_module = sizeof(module) > 1 ? (module) : NULL, .class_module_size = sizeof(module) - 1,                 \
        .class_name = sizeof(module) > 1 ? (class) : NULL,                                                             \
        .class_name_size = sizeof(module) > 1 ? sizeof(class) - 1 : 0,                                                 \
        .class_flags = sizeof(module) > 1 ? NPKI_FLAGS_OF_CLASS : 0                                                    \
    }

static const npk_dtype builtin[NPKI_TYPES][2] = {
#define ROW(type, value, kind, itemsize, swap, align, letter, number, exponent, mantissa, bias, special, name, module) \
    [NPK_##type] = {BUILTIN(type, '<', itemsize, swap, align, name, module),                                           \
                    BUILTIN(type, '>', itemsize, swap, align, name, module)},
    NPK_DTYPE_ROWS(ROW)
#undef ROW
};

static bool has_builtin(npk_type type)
{
    return (unsigned)type < NPKI_TYPES && npki_dtype_rows[type].itemsize != 0 &&
           npki_dtype_rows[type].number != NPKI_NUMBER_TIME;
}

npk_unit npki_unit_of(const char *code, size_t size)
{
    static const char micro[] = "\xce\xbcs"; /* a small mu and an s: NumPy takes it, and never writes it */
    if (size == sizeof micro - 1 && memcmp(code, micro, size) == 0)
        return NPK_UNIT_MICROSECOND;
    for (int unit = 0; unit < NPKI_UNITS; unit++)
        if (strlen(npki_unit_codes[unit]) == size && memcmp(npki_unit_codes[unit], code, size) == 0)
            return (npk_unit)unit;
    return (npk_unit)NPKI_UNITS;
}

npk_type npk_dtype_type(const npk_dtype *dtype)
{
    return dtype != NULL ? dtype->type : NPK_VOID;
}

char npk_dtype_kind(const npk_dtype *dtype)
{
    return dtype != NULL ? npki_dtype_rows[dtype->type].kind : '\0';
}

char npk_dtype_byteorder(const npk_dtype *dtype)
{
    return dtype != NULL ? dtype->byteorder : '\0';
}

int64_t npk_dtype_itemsize(const npk_dtype *dtype)
{
    return dtype != NULL ? dtype->itemsize : -1;
}

int64_t npk_dtype_alignment(const npk_dtype *dtype)
{
    return dtype != NULL ? dtype->alignment : -1;
}

bool npk_dtype_is_aligned_struct(const npk_dtype *dtype)
{
    return dtype != NULL && dtype->aligned;
}

bool npk_dtype_has_object(const npk_dtype *dtype)
{
    return dtype != NULL && dtype->has_object;
}

npk_unit npk_dtype_unit(const npk_dtype *dtype, int32_t *multiple)
{
    if (multiple != NULL)
        *multiple = dtype != NULL ? dtype->multiple : 1;
    return dtype != NULL ? dtype->unit : NPK_UNIT_GENERIC;
}

size_t npk_dtype_fields(const npk_dtype *dtype, const npk_field **fields)
{
    if (fields != NULL)
        *fields = dtype != NULL ? dtype->fields : NULL;
    return dtype != NULL ? dtype->field_count : 0;
}

bool npk_dtype_is_struct(const npk_dtype *dtype)
{
    return dtype != NULL && dtype->is_struct;
}

const npk_dtype *npk_dtype_subarray(const npk_dtype *dtype, int *ndim, const int64_t **shape)
{
    if (ndim != NULL)
        *ndim = dtype != NULL ? dtype->base_ndim : 0;
    if (shape != NULL)
        *shape = dtype != NULL ? dtype->base_shape : NULL;
    return dtype != NULL ? dtype->base : NULL;
}

bool npk_dtype_class(const npk_dtype *dtype, const char **module, size_t *module_size, const char **name,
                     size_t *name_size)
{
    if (dtype == NULL || dtype->class_name == NULL)
        return false;
    if (module != NULL)
        *module = dtype->class_module;
    if (module_size != NULL)
        *module_size = dtype->class_module_size;
    if (name != NULL)
        *name = dtype->class_name;
    if (name_size != NULL)
        *name_size = dtype->class_name_size;
    return true;
}

const npk_dtype *npk_dtype_native(npk_type type)
{
    return npk_dtype_ordered(type, '=');
}

const npk_dtype *npk_dtype_ordered(npk_type type, char byteorder)
{
    if (byteorder == '=' || byteorder == '|')
        byteorder = npki_native_order();
    if (!has_builtin(type) || (byteorder != '<' && byteorder != '>'))
        return NULL;
    return &builtin[type][byteorder == '>' && (npki_dtype_rows[type].swap > 1 || npki_dtype_rows[type].module != NULL)];
}

const npk_dtype *npki_dtype_intern(const npk_dtype *dtype)
{
    const npk_dtype *twin = has_builtin(dtype->type) ? npk_dtype_ordered(dtype->type, dtype->byteorder) : NULL;
    bool same = twin != NULL && dtype->metadata == NULL && (dtype->class_name == NULL) == (twin->class_name == NULL) &&
                dtype->class_flags == twin->class_flags;
    return same ? twin : dtype;
}

bool npki_dtype_is_user(const npk_dtype *dtype)
{
    static const char own[] = "numpy"; /* its record and void are no types of their own */
    bool numpy = dtype->class_module_size == sizeof own - 1 && memcmp(dtype->class_module, own, sizeof own - 1) == 0;
    return dtype->class_name != NULL && !dtype->is_struct && dtype->base == NULL && !numpy;
}

bool npki_dtype_is_native(const npk_dtype *dtype)
{
    return dtype->byteorder == '|' || dtype->byteorder == npki_native_order();
}

void npk_dtype_free(const npk_dtype *dtype)
{
    if (dtype == NULL || dtype->storage != NPKI_STORED_ALONE)
        return;
    /* The descriptor lies in memory that npki_dtype_copy allocated: constant to the caller, not to us. */
    npk_allocator allocator = dtype->allocator;
    npki_free(&allocator, (void *)(uintptr_t)dtype, dtype->room);
}

/* A pair of descriptors whose parts are compared, one part after the other. */
typedef struct pair {
    const npk_dtype *a;
    const npk_dtype *b;
    size_t next;
} pair;

/* Depth and number of comparisons are bounded: a descriptor that came out of a pickle may share its parts so that
 * a walk over them all would never end. What lies beyond counts as different. */
enum { DEEPEST = 64, MOST_FIELDS = 1 << 20 };

bool npki_dtype_same_shape(const npk_dtype *a, const npk_dtype *b)
{
    if ((a->base == NULL) != (b->base == NULL) || a->base_ndim != b->base_ndim)
        return false;
    for (int i = 0; a->base != NULL && i < a->base_ndim; i++)
        if (a->base_shape[i] != b->base_shape[i])
            return false;
    return true;
}

/* Everything but the parts. */
static bool same_shell(const npk_dtype *a, const npk_dtype *b)
{
    return a->type == b->type && a->byteorder == b->byteorder && a->itemsize == b->itemsize && a->unit == b->unit &&
           a->multiple == b->multiple && a->is_struct == b->is_struct && a->field_count == b->field_count &&
           npki_dtype_same_shape(a, b);
}

static bool same_text(const char *a, size_t a_size, const char *b, size_t b_size)
{
    if (a == NULL || b == NULL)
        return a == b;
    return a_size == b_size && (a_size == 0 || memcmp(a, b, a_size) == 0);
}

static bool same_field(const npk_field *a, const npk_field *b)
{
    return a->offset == b->offset && same_text(a->name, a->name_size, b->name, b->name_size) &&
           same_text(a->title, a->title_size, b->title, b->title_size);
}

/* The next part of both in *a and *b: false where there is none, or where the two differ (*same says). */
static bool next_part(pair *of, const npk_dtype **a, const npk_dtype **b, bool *same)
{
    size_t i = of->next++;
    if (of->a->base != NULL && i == 0) {
        *a = of->a->base;
        *b = of->b->base;
        return true;
    }
    i -= of->a->base != NULL;
    if (i >= of->a->field_count)
        return false;
    *same = same_field(&of->a->fields[i], &of->b->fields[i]);
    *a = of->a->fields[i].dtype;
    *b = of->b->fields[i].dtype;
    return *same;
}

bool npk_dtype_equal(const npk_dtype *a, const npk_dtype *b)
{
    pair stack[DEEPEST + 1];
    size_t depth = 0;
    bool same = true;
    if (a == NULL || b == NULL)
        return false;
    if (a == b)
        return true;
    if (!same_shell(a, b))
        return false;
    stack[depth++] = (pair){a, b, 0};
    for (uint32_t parts = 0; depth > 0; parts++) {
        if (!next_part(&stack[depth - 1], &a, &b, &same)) {
            if (!same)
                return false;
            depth--;
            continue;
        }
        if (a == b)
            continue;
        if (parts > MOST_FIELDS || depth > DEEPEST || !same_shell(a, b))
            return false;
        if (a->field_count != 0 || a->base != NULL)
            stack[depth++] = (pair){a, b, 0};
    }
    return true;
}

/* --- a hash --- */

static uint64_t mix_text(uint64_t hash, const char *text, size_t size)
{
    return text == NULL ? hash + 1 : npki_hash_bytes(hash, text, size);
}

static uint64_t mix_numbers(uint64_t hash, const int64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[8];
        npki_store_le(bytes, (uint64_t)numbers[i], sizeof bytes);
        hash = npki_hash_bytes(hash, bytes, sizeof bytes);
    }
    return hash;
}

/* What same_shell() and same_field() compare. */
static uint64_t mix_shell(uint64_t hash, const npk_dtype *dtype)
{
    int64_t shell[] = {(int64_t)dtype->type,        dtype->byteorder,    dtype->itemsize,
                       (int64_t)dtype->unit,        dtype->multiple,     dtype->is_struct,
                       (int64_t)dtype->field_count, dtype->base != NULL, dtype->base_ndim};
    hash = mix_numbers(hash, shell, sizeof shell / sizeof *shell);
    if (dtype->base != NULL)
        hash = mix_numbers(hash, dtype->base_shape, (size_t)dtype->base_ndim);
    for (size_t i = 0; i < dtype->field_count; i++) {
        const npk_field *field = &dtype->fields[i];
        hash = mix_numbers(hash, &field->offset, 1);
        hash = mix_text(hash, field->name, field->name_size);
        hash = mix_text(hash, field->title, field->title_size);
    }
    return hash;
}

#define MOST_PARTS 1000 /* that the hash looks at: what lies beyond may be the same or not */

uint64_t npk_dtype_hash(const npk_dtype *dtype)
{
    pair stack[DEEPEST + 1];
    size_t depth = 0;
    bool same;
    const npk_dtype *inner, *again;
    if (dtype == NULL)
        return 0;
    uint64_t hash = mix_shell(0, dtype);
    stack[depth++] = (pair){dtype, dtype, 0};
    for (uint32_t parts = 0; depth > 0 && parts < MOST_PARTS; parts++) {
        if (!next_part(&stack[depth - 1], &inner, &again, &same)) {
            depth--;
            continue;
        }
        hash = mix_shell(hash, inner);
        if (depth <= DEEPEST && (inner->field_count != 0 || inner->base != NULL))
            stack[depth++] = (pair){inner, inner, 0};
    }
    return hash;
}
