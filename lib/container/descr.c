/* A dtype out of its descr. numpy: lib/format.py descr_to_dtype(). */
#include "container/literal.h"

#include "base/error.h"
#include "numpy/dtype.h"

#include <inttypes.h>
#include <string.h>

#define DEEPEST 64

/* A struct that is being put together. */
typedef struct building {
    const npk_value *fields; /* the list */
    size_t next;
    npk_dtype *dtype;
    npk_field *out;
} building;

typedef struct job {
    npki_arena *arena;
    const npk_limits *limits;
    npk_error *error;
    building stack[DEEPEST];
    int depth;
} job;

static npk_status full(const job *j)
{
    return npki_arena_failed(j->arena, j->error);
}

static npk_status new_dtype(job *j, npk_dtype **out)
{
    *out = npki_arena_take(j->arena, sizeof **out);
    if (*out == NULL)
        return full(j);
    memset(*out, 0, sizeof **out);
    (*out)->storage = NPKI_STORED_INSIDE;
    return NPK_OK;
}

static npk_status plain(job *j, const npk_value *text, const npk_dtype **out)
{
    npk_dtype *dtype;
    const char *code;
    size_t size;
    npk_status status = new_dtype(j, &dtype);
    if (status != NPK_OK)
        return status;
    if (!npki_text_of(text, &code, &size) || !npki_dtype_parse_into(code, size, dtype))
        return npki_fail(j->error, NPK_DTYPE, "the header names no dtype that is known");
    dtype->storage = NPKI_STORED_INSIDE;
    *out = dtype;
    return NPK_OK;
}

static npk_status begin(job *j, const npk_value *fields)
{
    size_t count = npk_size(fields);
    if (j->depth == DEEPEST || count > j->limits->fields)
        return npki_fail(j->error, NPK_LIMIT, "a dtype with too many levels or fields");
    building *b = &j->stack[j->depth];
    npk_status status = new_dtype(j, &b->dtype);
    if (status != NPK_OK)
        return status;
    b->out = npki_arena_take(j->arena, count * sizeof *b->out);
    if (b->out == NULL)
        return full(j);
    npki_dtype_of_key("V", 1, b->dtype);
    b->dtype->storage = NPKI_STORED_INSIDE;
    b->dtype->is_struct = true;
    b->dtype->alignment = 1;
    b->dtype->depth = 1;
    b->dtype->fields = b->out;
    b->fields = fields;
    b->next = 0;
    j->depth++;
    return NPK_OK;
}

/* shape: a tuple of lengths. The subarray of a field. */
static npk_status subarray(job *j, const npk_value *shape, const npk_dtype **dtype)
{
    npk_dtype *outer;
    size_t count = shape->kind == NPK_KIND_TUPLE ? npk_size(shape) : 0;
    npk_status status = new_dtype(j, &outer);
    int64_t *lengths = npki_arena_take(j->arena, count * sizeof *lengths);
    if (status != NPK_OK || lengths == NULL)
        return full(j);
    int64_t total = (*dtype)->itemsize;
    bool good = shape->kind == NPK_KIND_TUPLE && count <= NPK_MAXDIMS;
    for (size_t i = 0; good && i < count; i++)
        good = npk_as_int64(npk_item(shape, i), &lengths[i]) && lengths[i] >= 0 &&
               !__builtin_mul_overflow(total, lengths[i], &total);
    if (!good || total > INT32_MAX)
        return npki_fail(j->error, NPK_DTYPE, "the shape of a field is no tuple of lengths, or too large");
    npki_dtype_of_key("V", 1, outer);
    outer->storage = NPKI_STORED_INSIDE;
    outer->base = *dtype;
    outer->base_ndim = (int)count;
    outer->base_shape = lengths;
    outer->itemsize = total;
    outer->alignment = (*dtype)->alignment;
    outer->has_object = (*dtype)->has_object;
    outer->depth = (*dtype)->depth + 1;
    *dtype = outer;
    return NPK_OK;
}

static npk_status name_of(job *j, const npk_value *value, const char **out, size_t *size)
{
    const char *text;
    if (value == NULL || value->kind != NPK_KIND_STR || !npki_text_of(value, &text, size))
        return npki_fail(j->error, NPK_DTYPE, "the name of a field is a str");
    char *copy = npki_arena_take(j->arena, *size + 1);
    if (copy == NULL)
        return full(j);
    memcpy(copy, text, *size);
    copy[*size] = '\0';
    *out = copy;
    return NPK_OK;
}

/* The field at hand has its type: name, offset and size. A field without a name is padding. */
static npk_status take(job *j, building *b, const npk_dtype *dtype)
{
    const npk_value *field = npk_item(b->fields, b->next++);
    const npk_value *name = npk_item(field, 0);
    npk_status status = NPK_OK;
    npk_field *out = &b->out[b->dtype->field_count];
    if (npk_size(field) == 3)
        status = subarray(j, npk_item(field, 2), &dtype);
    if (status != NPK_OK)
        return status;
    *out = (npk_field){.dtype = dtype, .offset = b->dtype->itemsize};
    if (npki_is_tuple_of(name, 2)) { /* (title, name) */
        status = name_of(j, npk_item(name, 0), &out->title, &out->title_size);
        name = npk_item(name, 1);
    }
    if (status == NPK_OK)
        status = name_of(j, name, &out->name, &out->name_size);
    if (status != NPK_OK)
        return status;
    if (dtype->itemsize > INT32_MAX - b->dtype->itemsize)
        return npki_fail(j->error, NPK_DTYPE, "a struct of more than 2 GiB");
    b->dtype->itemsize += dtype->itemsize;
    b->dtype->has_object = b->dtype->has_object || dtype->has_object;
    if (dtype->depth >= b->dtype->depth)
        b->dtype->depth = dtype->depth + 1;
    if (out->name_size > 0)
        b->dtype->field_count++;
    return NPK_OK;
}

npk_status npki_dtype_of_descr(npki_arena *arena, const npk_limits *limits, const npk_value *descr, const npk_dtype **out,
                               npk_error *error)
{
    job j = {.arena = arena, .limits = limits, .error = error};
    const npk_dtype *done = NULL;
    npk_status status = descr->kind == NPK_KIND_LIST ? begin(&j, descr) : plain(&j, descr, &done);
    while (status == NPK_OK && j.depth > 0) {
        building *b = &j.stack[j.depth - 1];
        if (done != NULL) {
            status = take(&j, b, done);
            done = NULL;
        } else if (b->next == npk_size(b->fields)) {
            done = b->dtype;
            j.depth--;
        } else {
            const npk_value *field = npk_item(b->fields, b->next);
            const npk_value *type = field->kind == NPK_KIND_TUPLE ? npk_item(field, 1) : NULL;
            if (type == NULL || npk_size(field) > 3)
                status = npki_fail(error, NPK_DTYPE, "a field is (name, dtype) or (name, dtype, shape)");
            else
                status = type->kind == NPK_KIND_LIST ? begin(&j, type) : plain(&j, type, &done);
        }
    }
    *out = done;
    return status;
}
