#include "dtype/dtype.h"

#include "base/bytes.h"

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
