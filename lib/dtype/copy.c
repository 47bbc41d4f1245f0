#include "dtype/struct.h"

#include "base/dynbuf.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/map.h"

#include <stdalign.h>

#define ALIGNMENT alignof(max_align_t)

/* A descriptor to be copied, and where its copy lies in the allocation. */
typedef struct part {
    const npk_dtype *from;
    size_t at;
} part;

typedef struct copy {
    npki_dynbuf parts; /* of part: the whole first, then whatever is met inside */
    npki_map places;   /* address of a descriptor -> its index there */
    size_t size;       /* bytes of the allocation */
    char byteorder;
} copy;

static size_t count_of(const copy *c)
{
    return c->parts.size / sizeof(part);
}

static part *part_of(const copy *c, size_t index)
{
    return (part *)(void *)c->parts.bytes + index;
}

/* Takes `size` bytes of the allocation. */
static bool reserve(copy *c, size_t size)
{
    return npki_add_size(c->size, size, &c->size) && npki_add_size(c->size, ALIGNMENT - 1, &c->size) &&
           (c->size &= ~(ALIGNMENT - 1), true);
}

static bool add(copy *c, const npk_dtype *dtype)
{
    bool added;
    if (dtype == NULL || dtype->storage == NPKI_STORED_STATIC)
        return true;
    uint64_t *place = npki_map_put(&c->places, (uintptr_t)dtype, &added);
    if (place == NULL || !added)
        return place != NULL;
    *place = count_of(c);
    return npki_dynbuf_add(&c->parts, &(part){dtype, 0}, sizeof(part));
}

/* The bytes of a part, and the parts inside it. */
static bool measure(copy *c, size_t index)
{
    const npk_dtype *dtype = part_of(c, index)->from;
    part_of(c, index)->at = c->size;
    size_t bytes = sizeof *dtype, names = 0;
    if (!reserve(c, bytes) || !npki_mul_size(dtype->field_count, sizeof *dtype->fields, &bytes) || !reserve(c, bytes) ||
        !reserve(c, (size_t)dtype->base_ndim * sizeof *dtype->base_shape) || !add(c, dtype->base))
        return false;
    for (size_t i = 0; i < dtype->field_count; i++)
        if (!npki_add_size(names, dtype->fields[i].name_size + 1, &names) ||
            !npki_add_size(names, dtype->fields[i].title_size + 1, &names) || !add(c, dtype->fields[i].dtype))
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
    return (const npk_dtype *)(const void *)(memory +
                                             part_of(c, (size_t)*npki_map_get(&c->places, (uintptr_t)dtype))->at);
}

static void fill(const copy *c, const part *p, uint8_t *memory)
{
    uint8_t *room = memory + p->at;
    const npk_dtype *from = p->from;
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
    to->metadata = NULL;
    if (c->byteorder != '\0' && to->byteorder != '|')
        to->byteorder = c->byteorder;
}

static npk_dtype *copy_all(copy *c, const npk_dtype *dtype)
{
    bool fits = add(c, dtype);
    for (size_t i = 0; fits && i < count_of(c); i++)
        fits = measure(c, i);
    uint8_t *memory = fits ? npki_allocate(&c->parts.allocator, c->size) : NULL;
    for (size_t i = 0; memory != NULL && i < count_of(c); i++)
        fill(c, part_of(c, i), memory);
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
    npki_dynbuf_init(&c.parts, &own, SIZE_MAX);
    npki_map_init(&c.places, &own);
    npk_dtype *whole = copy_all(&c, dtype);
    npki_map_free(&c.places);
    npki_dynbuf_free(&c.parts);
    if (whole == NULL)
        return npki_no_memory(error);
    whole->storage = NPKI_STORED_ALONE;
    whole->allocator = own;
    whole->room = c.size;
    *out = whole;
    return NPK_OK;
}
