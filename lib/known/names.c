#include "known/names.h"

#include "dtype/facts.h"
#include "text/unicode.h"

#include <inttypes.h>
#include <string.h>

static npki_names *names_of(npki_site *site)
{
    const npk_allocator *allocator = &site->arena->allocator;
    if (site->names != NULL)
        return site->names;
    npki_names *names = npki_arena_take(site->arena, sizeof *names);
    if (names == NULL)
        return NULL;
    npki_map_init(&names->of_values, allocator);
    npki_map_init(&names->of_bytes, allocator);
    npki_map_init(&names->of_dicts, allocator);
    site->names = names;
    return names;
}

void npki_site_end(npki_site *site)
{
    if (site->names == NULL)
        return;
    npki_map_free(&site->names->of_values);
    npki_map_free(&site->names->of_bytes);
    npki_map_free(&site->names->of_dicts);
    site->names = NULL;
}

static npk_status no_memory(const npki_site *site)
{
    return npki_site_fail(site, NPK_ERR_MEMORY, "an allocation failed");
}

/* Maps keep pointers as numbers. */
static void *pointer_of(uint64_t kept)
{
    return (void *)(uintptr_t)kept;
}

/* The name of these bytes; a new one where there was none. They are borrowed. */
static npk_status intern(npki_site *site, const char *bytes, size_t size, npki_name **out)
{
    npki_names *names = names_of(site);
    if (names == NULL)
        return npki_site_full(site);
    for (uint64_t hash = npki_hash_bytes(names->of_bytes.seed, bytes, size);; hash++) {
        bool added;
        uint64_t *place = npki_map_put(&names->of_bytes, hash, &added);
        if (place == NULL)
            return no_memory(site);
        npki_name *name = pointer_of(*place);
        if (added || name == NULL) { /* NULL: an earlier call got no memory for it */
            name = npki_arena_take(site->arena, sizeof *name);
            if (name == NULL)
                return npki_site_full(site);
            *name = (npki_name){.bytes = bytes, .size = size};
            *place = (uintptr_t)name;
        }
        *out = name;
        if (name->size == size && (name->bytes == bytes || size == 0 || memcmp(name->bytes, bytes, size) == 0))
            return NPK_OK;
    }
}

npk_status npki_take_name(npki_site *site, const npk_value *value, const npki_name **out)
{
    const char *bytes;
    size_t size;
    bool added;
    npki_name *name = NULL;
    *out = NULL;
    if (names_of(site) == NULL)
        return npki_site_full(site);
    const uint64_t *known = npki_map_get(&site->names->of_values, (uintptr_t)value);
    if (known != NULL) {
        *out = pointer_of(*known);
        return NPK_OK;
    }
    npk_status status = npki_take_text(site, value, &bytes, &size);
    if (status != NPK_OK || bytes == NULL)
        return status;
    status = intern(site, bytes, size, &name);
    uint64_t *place = status == NPK_OK ? npki_map_put(&site->names->of_values, (uintptr_t)value, &added) : NULL;
    if (status == NPK_OK && place == NULL)
        return no_memory(site);
    if (status == NPK_OK)
        *place = (uintptr_t)name;
    *out = name;
    return status;
}

/* A copy as npki_name.text is, of UTF-8 or of latin-1. */
static char *new_text(npki_site *site, const npki_name *name, bool utf8, size_t *size)
{
    uint8_t *room = npki_arena_take(site->arena, NPKI_NAME_HEAD + (utf8 ? name->size : 2 * name->size) + 1);
    if (room == NULL)
        return NULL;
    uint8_t *text = room + NPKI_NAME_HEAD;
    *size = 0;
    if (utf8 && name->size > 0)
        memcpy(text, name->bytes, *size = name->size);
    for (size_t i = 0; !utf8 && i < name->size; i++)
        *size += npki_utf8_put((uint8_t)name->bytes[i], text + *size);
    text[*size] = '\0';
    npki_name_remember((char *)text, *size);
    return (char *)text;
}

npk_status npki_name_text(npki_site *site, const npki_name *name, const char **text, size_t *size)
{
    npki_name *own = (npki_name *)(uintptr_t)name; /* of the arena: constant to others */
    if (name->size > site->limits->text)
        return npki_site_fail(site, NPK_ERR_LIMIT, "the name of a field has %zu bytes, the limit is %" PRIu64,
                              name->size, site->limits->text);
    if (name->text == NULL) {
        npki_name *twin = own;
        bool utf8 = npki_utf8_check((const uint8_t *)name->bytes, name->size) == name->size;
        size_t made_size;
        char *made = new_text(site, name, utf8, &made_size);
        if (made == NULL)
            return npki_site_full(site);
        npk_status status = utf8 ? NPK_OK : intern(site, made, made_size, &twin);
        if (status != NPK_OK)
            return status;
        if (twin->text == NULL) {
            twin->text = made;
            twin->text_size = made_size;
        }
        own->text = twin->text;
        own->text_size = twin->text_size;
    }
    *text = name->text;
    *size = name->text_size;
    return NPK_OK;
}

npk_status npki_known_fields_of(npki_site *site, const npk_value *fields, npki_known_fields **out)
{
    bool added;
    npki_names *names = names_of(site);
    if (names == NULL)
        return npki_site_full(site);
    uint64_t *place = npki_map_put(&names->of_dicts, (uintptr_t)fields, &added);
    if (place == NULL)
        return no_memory(site);
    if (*place == 0) {
        npki_known_fields *known = npki_arena_take(site->arena, sizeof *known);
        if (known == NULL)
            return npki_site_full(site);
        memset(known, 0, sizeof *known);
        *place = (uintptr_t)known;
    }
    *out = pointer_of(*place);
    return NPK_OK;
}
