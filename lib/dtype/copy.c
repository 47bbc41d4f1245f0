#include "dtype/struct.h"

#include "base/bytes.h"
#include "base/error.h"
#include "dtype/facts.h"
#include "dtype/parts.h"

#include <stdalign.h>

#define ALIGNMENT alignof(max_align_t)

typedef struct copy {
    npki_dtype_parts parts; /* each with the place of its copy in the allocation */
    size_t size;            /* bytes of the allocation */
    char byteorder;
} copy;

/* Takes `size` bytes of the allocation. */
static bool reserve(copy *c, size_t size)
{
    return npki_add_size(c->size, size, &c->size) && npki_add_size(c->size, ALIGNMENT - 1, &c->size) &&
           (c->size &= ~(ALIGNMENT - 1), true);
}

/* The bytes of a part. */
static bool measure(copy *c, npki_dtype_part *part)
{
    const npk_dtype *dtype = part->dtype;
    part->own = c->size;
    size_t bytes = sizeof *dtype, names = 0;
    if (dtype->storage == NPKI_STORED_STATIC)
        return true;
    if (!reserve(c, bytes) || !npki_mul_size(dtype->field_count, sizeof *dtype->fields, &bytes) || !reserve(c, bytes) ||
        !reserve(c, (size_t)dtype->base_ndim * sizeof *dtype->base_shape))
        return false;
    for (size_t i = 0; i < dtype->field_count; i++)
        if (!npki_add_size(names, dtype->fields[i].name_size + 1, &names) ||
            !npki_add_size(names, dtype->fields[i].title_size + 1, &names))
            return false;
    return reserve(c, names) && reserve(c, dtype->class_module_size + 1) && reserve(c, dtype->class_name_size + 1);
}

static void *take(uint8_t **room, const void *bytes, size_t size)
{
    void *taken = *room;
    if (size == 0)
        return NULL;
    memcpy(taken, bytes, size);
    *room += (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    return taken;
}

static const char *take_text(uint8_t **room, const char *text, size_t size)
{
    char *taken = (char *)*room;
    if (text == NULL)
        return NULL;
    if (size > 0)
        memcpy(taken, text, size);
    taken[size] = '\0';
    *room += size + 1;
    return taken;
}

/* The copy of a part that the whole refers to; for a built-in one that of the byte order. */
static const npk_dtype *twin(const copy *c, const npk_dtype *dtype, uint8_t *memory)
{
    if (dtype == NULL)
        return NULL;
    if (dtype->storage == NPKI_STORED_STATIC)
        return c->byteorder == '\0' ? dtype : npk_dtype_ordered(dtype->type, c->byteorder);
    return (const npk_dtype *)(const void *)(memory + npki_dtype_parts_get(&c->parts, dtype)->own);
}

/* After what is inside it. */
static void fill(const copy *c, const npki_dtype_part *part, uint8_t *memory)
{
    uint8_t *room = memory + part->own;
    const npk_dtype *from = part->dtype;
    if (from->storage == NPKI_STORED_STATIC)
        return;
    npk_dtype *to = take(&room, from, sizeof *from);
    npk_field *fields = (npk_field *)(void *)room;
    to->fields = take(&room, from->fields, from->field_count * sizeof *from->fields);
    to->base_shape = take(&room, from->base_shape, (size_t)from->base_ndim * sizeof *from->base_shape);
    for (size_t i = 0; i < from->field_count; i++) {
        fields[i].name = take_text(&room, from->fields[i].name, from->fields[i].name_size);
        fields[i].title = take_text(&room, from->fields[i].title, from->fields[i].title_size);
        fields[i].dtype = twin(c, from->fields[i].dtype, memory);
    }
    to->class_module = take_text(&room, from->class_module, from->class_module_size);
    to->class_name = take_text(&room, from->class_name, from->class_name_size);
    to->base = twin(c, from->base, memory);
    to->storage = NPKI_STORED_INSIDE;
    to->interned = false;
    to->metadata = NULL;
    to->facts.has_metadata = false;
    if (c->byteorder != '\0' && to->byteorder != '|')
        to->byteorder = c->byteorder;
    if (c->byteorder != '\0' && !npki_dtype_is_plain(to))
        npki_dtype_learn(to);
}

static npk_dtype *copy_all(copy *c, const npk_dtype *dtype, const npk_allocator *allocator)
{
    bool fits = npki_dtype_parts_find(&c->parts, dtype, allocator);
    size_t count = npki_dtype_parts_count(&c->parts);
    for (size_t i = 0; fits && i < count; i++)
        fits = measure(c, npki_dtype_parts_at(&c->parts, i));
    uint8_t *memory = fits ? npki_allocate(allocator, c->size) : NULL;
    for (size_t i = count; memory != NULL && i-- > 0;)
        fill(c, npki_dtype_parts_at(&c->parts, i), memory);
    return (npk_dtype *)(void *)memory;
}

npk_status npki_dtype_copy(const npk_dtype *dtype, char byteorder, const npk_allocator *allocator,
                           const npk_dtype **out, npk_error *error)
{
    copy c = {.byteorder = byteorder};
    npk_allocator own = npki_allocator(allocator);
    if (dtype->storage == NPKI_STORED_STATIC) {
        *out = twin(&c, dtype, NULL);
        return NPK_OK;
    }
    npk_dtype *whole = copy_all(&c, dtype, &own);
    npki_dtype_parts_free(&c.parts);
    if (whole == NULL)
        return npki_no_memory(error);
    whole->storage = NPKI_STORED_ALONE;
    whole->allocator = own;
    whole->room = c.size;
    *out = whole;
    return NPK_OK;
}
