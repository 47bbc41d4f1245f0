/* Tensors in files of PyTorch, as arrays that view its storages. torch: _utils.py _rebuild_tensor() and its
 * successors. */
#include "container/torch.h"

#include "array/layout.h"
#include "base/bytes.h"
#include "base/error.h"
#include "known/known.h"

#include <inttypes.h>
#include <string.h>

/* A class of storages, and the dtype (as torch names it) that its elements have. */
static const struct {
    const char *storage; /* NULL: without a class of its own */
    const char *name;
    const char *dtype; /* as NumPy writes it */
} types[] = {
    {"FloatStorage", "float32", "<f4"},
    {"DoubleStorage", "float64", "<f8"},
    {"HalfStorage", "float16", "<f2"},
    {"BFloat16Storage", "bfloat16", "bfloat16"},
    {"LongStorage", "int64", "<i8"},
    {"IntStorage", "int32", "<i4"},
    {"ShortStorage", "int16", "<i2"},
    {"CharStorage", "int8", "|i1"},
    {"ByteStorage", "uint8", "|u1"},
    {"BoolStorage", "bool", "|b1"},
    {"ComplexFloatStorage", "complex64", "<c8"},
    {"ComplexDoubleStorage", "complex128", "<c16"},
    {"UntypedStorage", NULL, "|u1"},
    {"QUInt8Storage", NULL, "|u1"},
    {"QInt8Storage", NULL, "|i1"},
    {"QInt32Storage", NULL, "<i4"},
    {NULL, "uint16", "<u2"},
    {NULL, "uint32", "<u4"},
    {NULL, "uint64", "<u8"},
    {NULL, "float8_e4m3fn", "float8_e4m3fn"},
    {NULL, "float8_e4m3fnuz", "float8_e4m3fnuz"},
    {NULL, "float8_e5m2", "float8_e5m2"},
    {NULL, "float8_e5m2fnuz", "float8_e5m2fnuz"},
};

#define TYPES (sizeof types / sizeof *types)

static bool is_name(const char *text, size_t size, const char *name)
{
    return name != NULL && strlen(name) == size && memcmp(text, name, size) == 0;
}

/* The names of a GLOBAL of torch or one of its modules; false for any other value. */
static bool is_of_torch(const npk_value *value, const char **name, size_t *size)
{
    static const char torch[] = "torch";
    const char *module;
    size_t module_size, length = sizeof torch - 1;
    return npk_value_as_global(value, &module, &module_size, name, size) && module_size >= length &&
           memcmp(module, torch, length) == 0 && (module_size == length || module[length] == '.');
}

static npk_status make_dtype(const npk_torch *torch, const char *text, const npk_dtype **out, npk_error *error)
{
    char swapped[8] = ">";
    npki_arena *arena = &torch->docs[NPK_TORCH_OBJECT]->arena;
    npk_dtype *dtype = npki_arena_take(arena, sizeof *dtype);
    if (dtype == NULL)
        return npki_arena_failed(arena, error);
    memset(dtype, 0, sizeof *dtype);
    if (torch->big_endian && text[0] == '<') {
        memcpy(swapped + 1, text + 1, strlen(text + 1));
        text = swapped;
    }
    bool known = npki_dtype_parse_into(text, strlen(text), dtype);
    if (!known)
        npki_dtype_of_class(dtype, "ml_dtypes", sizeof "ml_dtypes" - 1, text, strlen(text));
    dtype->storage = NPKI_STORED_INSIDE;
    if (!known && torch->big_endian && dtype->itemsize > 1)
        return npki_fail(error, NPK_ERR_UNSUPPORTED, "elements of %s with the most significant byte first", text);
    *out = dtype;
    return NPK_OK;
}

/* --- persistent ids: ('storage', class, key, location, count[, view]) --- */

typedef enum id_part { WORD, CLASS, KEY, LOCATION, COUNT, VIEW } id_part;

/* The id of a storage, as a tuple; NULL for any other value. */
static const npk_value *storage_id(const npk_value *value)
{
    const npk_value *id = npk_value_kind(value) == NPK_KIND_PERSID ? value->u.id : NULL;
    bool good = id != NULL && id->kind == NPK_KIND_TUPLE && npki_count_of(id) > COUNT &&
                npki_text_is(npki_item_of(id, WORD), "storage");
    return good ? id : NULL;
}

static npk_status take_type(npk_torch *torch, const npk_value *id, npk_error *error)
{
    npki_torch_storage *storage = npki_torch_find(torch, npki_item_of(id, KEY));
    const char *name = "";
    size_t size = 0, row = 0;
    int64_t count;
    if (storage == NULL)
        return npki_fail(error, NPK_ERR_ARRAY, "a persistent id with a key that no storage has");
    if (!npki_take_int(npki_item_of(id, COUNT), &count) || count < 0 ||
        (storage->dtype != NULL && storage->count != count))
        return npki_fail(error, NPK_ERR_ARRAY, "a persistent id with a wrong number of elements");
    if (is_of_torch(npki_item_of(id, CLASS), &name, &size))
        while (row < TYPES && !is_name(name, size, types[row].storage))
            row++;
    if (size == 0 || row == TYPES)
        return npki_fail(error, NPK_ERR_UNSUPPORTED, "expected a storage of a type that is known, found '%.*s'",
                         (int)(size < 40 ? size : 40), name);
    storage->count = count;
    if (storage->dtype == NULL)
        return make_dtype(torch, types[row].dtype, &storage->dtype, error);
    return NPK_OK;
}

npk_status npki_torch_take_types(npk_torch *torch, npk_error *error)
{
    npk_walk *walk;
    npk_doc *doc = torch->docs[NPK_TORCH_OBJECT];
    const npk_value *value;
    npk_status status = npk_walk_start(npk_doc_root(doc), &torch->allocator, &walk, error);
    if (status != NPK_OK)
        return status;
    while (status == NPK_OK && (status = npk_walk_next(walk, &value, error)) == NPK_OK && value != NULL)
        if (storage_id(value) != NULL)
            status = take_type(torch, storage_id(value), error);
    npk_walk_free(walk);
    return npki_place(error, status, doc->info.offset, NPKI_NO_OPCODE);
}

/* --- tensors: call(storage, offset, size, stride, ...) --- */

typedef enum tensor_part { STORAGE, OFFSET, SIZE, STRIDE, REQUIRES_GRAD, HOOKS, DTYPE } tensor_part;

/* The class of what a call makes, or NULL; *typed: the arguments have its dtype. */
static bool is_tensor(const npk_value *value, bool *typed)
{
    static const char *const names[] = {"_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3"};
    const char *name;
    size_t size;
    if (npk_value_kind(value) != NPK_KIND_OBJECT || value->u.object->array != NULL ||
        !is_of_torch(value->u.object->callable, &name, &size) || npki_call_size(value) <= STRIDE ||
        storage_id(npki_call_item(value, STORAGE)) == NULL)
        return false;
    *typed = is_name(name, size, names[2]);
    return *typed || is_name(name, size, names[0]) || is_name(name, size, names[1]);
}

static npk_status wrong(const npk_value *tensor, npk_status status, npk_error *error, const char *what)
{
    return npki_fail_at(error, status, tensor->u.object->offset, tensor->u.object->opcode, "%s", what);
}

/* *bytes: from the first element to the end of the last. */
static npk_status lay_out(npki_arena *arena, const npk_value *tensor, npki_array_state *array, uint64_t *bytes,
                          npk_error *error)
{
    const npk_value *size = npki_call_item(tensor, SIZE), *stride = npki_call_item(tensor, STRIDE);
    size_t ndim = npk_value_size(size);
    int64_t item = array->dtype->itemsize, total = item, last = 0, reach;
    bool empty = false;
    if (size->kind != NPK_KIND_TUPLE || stride->kind != NPK_KIND_TUPLE || ndim != npk_value_size(stride) ||
        ndim > NPK_MAXDIMS)
        return wrong(tensor, NPK_ERR_ARRAY, error, "the size and the strides of a tensor are tuples of one length");
    int64_t *numbers = npki_arena_take(arena, 2 * ndim * sizeof *numbers);
    if (numbers == NULL)
        return npki_arena_failed(arena, error);
    for (size_t i = 0; i < ndim; i++) {
        int64_t *length = &numbers[i], *step = &numbers[ndim + i];
        if (!npki_take_int(npki_item_of(size, i), length) || !npki_take_int(npki_item_of(stride, i), step) ||
            *length < 0 || *step < 0 || !npki_mul_int64(*step, item, step) ||
            !npki_mul_int64(*step, *length > 0 ? *length - 1 : 0, &reach) || !npki_add_int64(last, reach, &last) ||
            (*length > 0 && !npki_mul_int64(total, *length, &total)))
            return wrong(tensor, NPK_ERR_ARRAY, error,
                         "a tensor with a size or strides that are negative or too large");
        empty = empty || *length == 0;
    }
    array->ndim = (int)ndim;
    array->shape = numbers;
    array->strides = numbers + ndim;
    array->nbytes = empty ? 0 : (uint64_t)total;
    *bytes = empty ? 0 : (uint64_t)last + (uint64_t)item;
    npk_array view = {.dtype = array->dtype, .ndim = array->ndim, .shape = array->shape, .strides = array->strides};
    array->order = npk_array_order(&view);
    return NPK_OK;
}

/* The dtype that the arguments name. */
static npk_status take_dtype(const npk_torch *torch, const npk_value *tensor, npki_array_state *array, npk_error *error)
{
    const char *name = "";
    size_t size = 0, row = 0;
    if (npki_call_size(tensor) <= DTYPE || !is_of_torch(npki_call_item(tensor, DTYPE), &name, &size))
        return wrong(tensor, NPK_ERR_ARRAY, error, "a tensor without a dtype");
    while (row < TYPES && !is_name(name, size, types[row].name))
        row++;
    if (row == TYPES)
        return wrong(tensor, NPK_ERR_UNSUPPORTED, error, "a tensor of a dtype that is not known");
    return make_dtype(torch, types[row].dtype, &array->dtype, error);
}

/* A storage of an early PyTorch may be a part of another: (key, offset, count) in its id. */
static bool take_offset(const npk_value *id, const npk_value *tensor, int64_t *offset)
{
    const npk_value *part = npki_count_of(id) > VIEW ? npki_item_of(id, VIEW) : NULL;
    int64_t first = 0;
    if (part != NULL && part->kind != NPK_KIND_NONE &&
        (!npki_is_tuple_of(part, 3) || !npki_take_int(npki_item_of(part, 1), &first) || first < 0))
        return false;
    return npki_take_int(npki_call_item(tensor, OFFSET), offset) && *offset >= 0 &&
           npki_add_int64(*offset, first, offset);
}

static npk_status make_array(npk_torch *torch, npk_value *tensor, bool typed, npk_error *error)
{
    npki_arena *arena = &torch->docs[NPK_TORCH_OBJECT]->arena;
    const npk_value *id = storage_id(npki_call_item(tensor, STORAGE));
    const npki_torch_storage *storage = npki_torch_find(torch, npki_item_of(id, KEY));
    uint64_t held = (uint64_t)(storage->shape * storage->stride), wanted = 0;
    int64_t offset;
    npki_array_state *array = npki_arena_take(arena, sizeof *array);
    if (array == NULL)
        return npki_arena_failed(arena, error);
    *array = (npki_array_state){
        .dtype = storage->dtype, .class_name = "torch.Tensor", .readonly = true, .of_unknown = true};
    npk_status status = typed ? take_dtype(torch, tensor, array, error) : NPK_OK;
    if (status == NPK_OK)
        status = lay_out(arena, tensor, array, &wanted, error);
    if (status != NPK_OK)
        return status;
    if (!take_offset(id, tensor, &offset) || !npki_mul_int64(offset, array->dtype->itemsize, &offset) ||
        (uint64_t)offset > held || wanted > held - (uint64_t)offset)
        return wrong(tensor, NPK_ERR_ARRAY, error, "a tensor that reaches beyond its storage");
    if (array->nbytes > torch->budget)
        return wrong(tensor, NPK_ERR_LIMIT, error, "tensors that repeat the elements of their storages too often");
    torch->budget -= array->nbytes;
    array->raw = storage->data + offset;
    tensor->u.object->array = array;
    tensor->flags |= NPKI_UNHASHABLE;
    return NPK_OK;
}

npk_status npki_torch_make_arrays(npk_torch *torch, npk_error *error)
{
    npk_walk *walk;
    const npk_value *value;
    npk_status status = npk_walk_start(npk_doc_root(torch->docs[NPK_TORCH_OBJECT]), &torch->allocator, &walk, error);
    if (status != NPK_OK)
        return status;
    while (status == NPK_OK && (status = npk_walk_next(walk, &value, error)) == NPK_OK && value != NULL) {
        bool typed;
        if (!is_tensor(value, &typed))
            continue;
        npk_walk_skip(walk);
        status = make_array(torch, (npk_value *)(uintptr_t)value, typed, error);
    }
    npk_walk_free(walk);
    return status;
}
