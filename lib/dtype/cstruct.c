/* The descriptor of a C struct, out of what NPK_STRUCT says of its members. */
#include "base/bytes.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/reserved.h"
#include "dtype/struct.h"

#include <npickle/cstruct.h>
#include <string.h>

/* The descriptor of a struct, made once for all members that hold one. */
typedef struct made {
    const npk_struct *structure;
    const npk_dtype *dtype;
} made;

enum { DEEPEST = 64, DIMENSIONS = 3 };

typedef struct maker {
    npk_allocator allocator;
    made *list;
    size_t count, room;
    npk_error *error;
} maker;

static const npk_dtype *find_made(const maker *m, const npk_struct *structure)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->list[i].structure == structure)
            return m->list[i].dtype;
    return NULL;
}

/* A struct of which all that lies inside is made; NULL where they lie in one another without end. */
static const npk_struct *next_to_make(const maker *m, const npk_struct *structure)
{
    for (int depth = 0; depth <= DEEPEST; depth++) {
        const npk_struct *inside = NULL;
        size_t count = structure->members != NULL ? structure->count : 0;
        for (size_t i = 0; i < count && inside == NULL; i++)
            if (structure->members[i].nested != NULL && find_made(m, structure->members[i].nested) == NULL)
                inside = structure->members[i].nested;
        if (inside == NULL)
            return structure;
        structure = inside;
    }
    return NULL;
}

/* What a member's descriptor is made of, until the struct's own is a copy of it. */
typedef struct parts {
    npk_dtype text, array;
    int64_t shape[DIMENSIONS];
} parts;

/* No object of C is larger; as an int64 it could be an NPK_AUTO. */
static bool is_size(size_t size)
{
    return size <= PTRDIFF_MAX;
}

static npk_status check_member(maker *m, const npk_member *member)
{
    bool good = member->ndim >= 0 && member->ndim <= DIMENSIONS && member->name != NULL && is_size(member->offset) &&
                is_size(member->sizes[0]);
    for (int i = 0; good && i < member->ndim; i++)
        good =
            member->sizes[i + 1] != 0 && is_size(member->sizes[i + 1]) && member->sizes[i] % member->sizes[i + 1] == 0;
    return good ? NPKI_CHECK_RESERVED(member, "npk_member", m->error)
                : npki_fail(m->error, NPK_ERR_USAGE, "a member that NPK_STRUCT did not make");
}

/* Of an element of a member that is an array of `ndim` dimensions. */
static const npk_dtype *element_dtype(maker *m, const npk_member *member, int ndim, parts *p)
{
    if (member->nested != NULL)
        return find_made(m, member->nested);
    if (member->type != NPK_BYTES)
        return npk_dtype_native(member->type);
    p->text = npki_dtype_void();
    npki_dtype_fill(&p->text, NPK_BYTES, '|', (int64_t)member->sizes[ndim]);
    return &p->text;
}

static npk_status member_dtype(maker *m, const npk_member *member, parts *p, const npk_dtype **out)
{
    npk_limits limits = npki_limits(NULL);
    int ndim = member->ndim;
    npk_status status = check_member(m, member);
    if (status != NPK_OK)
        return status;
    if (member->type == NPK_BYTES && ndim > 0)
        ndim--; /* the last dimension is the length of the text */
    const npk_dtype *element = element_dtype(m, member, ndim, p);
    if (element == NULL || element->itemsize != (int64_t)member->sizes[ndim])
        return npki_fail(m->error, NPK_ERR_USAGE, "a member that NPK_STRUCT did not make");
    *out = ndim > 0 ? &p->array : element;
    for (int i = 0; i < ndim; i++)
        p->shape[i] = (int64_t)(member->sizes[i] / member->sizes[i + 1]);
    p->array = npki_dtype_void();
    return ndim > 0 ? npki_subarray_set(&p->array, element, ndim, p->shape, &limits, m->error) : NPK_OK;
}

static npk_status fill_fields(maker *m, const npk_struct *structure, parts *list, npk_field *fields)
{
    npk_status status = NPK_OK;
    for (size_t i = 0; i < structure->count && status == NPK_OK; i++) {
        const npk_member *member = &structure->members[i];
        const npk_dtype *dtype = NULL;
        status = member_dtype(m, member, &list[i], &dtype);
        if (status != NPK_OK)
            break;
        fields[i] = (npk_field){
            .name = member->name,
            .name_size = strlen(member->name),
            .title = member->title,
            .title_size = member->title != NULL ? strlen(member->title) : 0,
            .dtype = dtype,
            .offset = (int64_t)member->offset,
        };
    }
    return status;
}

/* All that lies inside is made. */
static npk_status make(maker *m, const npk_struct *structure, const npk_dtype **out)
{
    size_t count = structure->count, field_bytes, part_bytes;
    npk_status status = NPK_OK;
    if (count == 0 || structure->members == NULL || !is_size(structure->size))
        return npki_fail(m->error, NPK_ERR_USAGE, "a struct without members, or larger than memory");
    status = NPKI_CHECK_RESERVED(structure, "npk_struct", m->error);
    if (status != NPK_OK)
        return status;
    if (!npki_mul_size(count, sizeof(npk_field), &field_bytes) || !npki_mul_size(count, sizeof(parts), &part_bytes))
        return npki_no_memory(m->error);
    npk_field *fields = npki_allocate(&m->allocator, field_bytes);
    parts *list = npki_allocate(&m->allocator, part_bytes);
    status = fields != NULL && list != NULL ? fill_fields(m, structure, list, fields) : npki_no_memory(m->error);
    if (status == NPK_OK)
        status = npk_dtype_new_struct(fields, count, (int64_t)structure->size, false, &m->allocator, out, m->error);
    npki_free(&m->allocator, fields, field_bytes);
    npki_free(&m->allocator, list, part_bytes);
    return status;
}

static npk_status keep(maker *m, const npk_struct *structure, const npk_dtype *dtype)
{
    if (m->count == m->room) {
        size_t room = m->room == 0 ? 4 : 2 * m->room;
        made *list = npki_resize(&m->allocator, m->list, m->room * sizeof *list, room * sizeof *list);
        if (list == NULL) {
            npk_dtype_free(dtype);
            return npki_no_memory(m->error);
        }
        m->list = list;
        m->room = room;
    }
    m->list[m->count++] = (made){structure, dtype};
    return NPK_OK;
}

npk_status npk_struct_dtype(const npk_struct *structure, const npk_allocator *allocator, const npk_dtype **out,
                            npk_error *error)
{
    maker m = {.allocator = npki_allocator(allocator), .error = error};
    const npk_dtype *dtype = NULL;
    npk_status status = NPK_OK;
    if (structure == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "npk_struct_dtype needs a struct and a place for the dtype");
    for (const npk_struct *next = NULL; status == NPK_OK && next != structure;) {
        next = next_to_make(&m, structure);
        status = next != NULL
                     ? make(&m, next, &dtype)
                     : npki_fail(error, NPK_ERR_LIMIT, "structs inside one another, more than %d deep", DEEPEST);
        if (status == NPK_OK && next != structure)
            status = keep(&m, next, dtype);
    }
    if (status == NPK_OK)
        *out = dtype;
    for (size_t i = 0; i < m.count; i++)
        npk_dtype_free(m.list[i].dtype);
    npki_free(&m.allocator, m.list, m.room * sizeof *m.list);
    return status;
}
