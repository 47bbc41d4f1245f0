#include "print/shared.h"

#include "base/bytes.h"
#include "dtype/dtype.h"
#include "print/beside.h"
#include "text/quote.h"
#include "value/value.h"

#include <string.h>

#define WAS_PRINTED 1u
#define IS_OPEN 2u
#define LONGEST_PATH 100u /* then the value's number stands for it, as in paths of npk_walk_path */
/* bytes of all paths that are looked at, and so many for each value: else its number stands for it */
#define PATHS_FREE ((uint64_t)1 << 10)
#define PATHS_EACH 4u
#define PRICE_AGAIN 8u /* of a byte of text of elements that were printed before */

void npki_print_shared_init(npki_print_shared *shared, const npk_value *root, const npk_allocator *allocator)
{
    *shared = (npki_print_shared){.root = root};
    npki_map_init(&shared->met, allocator);
    npki_map_init(&shared->references, allocator);
    npki_map_init(&shared->payloads, allocator);
    npki_sink_start(&shared->texts, allocator, NULL, NULL, NPK_UNLIMITED);
}

void npki_print_shared_free(npki_print_shared *shared)
{
    npki_map_free(&shared->met);
    npki_map_free(&shared->references);
    npki_map_free(&shared->payloads);
    npki_sink_drop(&shared->texts);
}

/* Only what was referred to by more than one can be met again. */
static bool is_shared(const npk_value *value)
{
    return (value->flags & NPKI_IS_SHARED) != 0;
}

static uint64_t key_of(const npk_value *value)
{
    return (uint64_t)(uintptr_t)value;
}

static uint64_t state_of(const npki_print_shared *shared, const npk_value *value)
{
    const uint64_t *slot = is_shared(value) ? npki_map_get(&shared->met, key_of(value)) : NULL;
    return slot == NULL ? 0 : *slot;
}

bool npki_print_shared_open(npki_print_shared *shared, const npk_value *value)
{
    bool added;
    uint64_t *slot = is_shared(value) ? npki_map_put(&shared->met, key_of(value), &added) : NULL;
    if (slot != NULL)
        *slot = (*slot | WAS_PRINTED) + IS_OPEN;
    return slot != NULL || !is_shared(value);
}

void npki_print_shared_close(npki_print_shared *shared, const npk_value *value)
{
    uint64_t *slot = is_shared(value) ? npki_map_get(&shared->met, key_of(value)) : NULL;
    if (slot != NULL && *slot >= IS_OPEN)
        *slot -= IS_OPEN;
}

bool npki_print_is_open(const npki_print_shared *shared, const npk_value *value)
{
    return state_of(shared, value) >= IS_OPEN;
}

/* What may be referred to: what holds others, and what is long. */
static bool is_worth_it(const npk_value *value)
{
    const npk_dtype *dtype = npk_value_dtype(value);
    npk_kind kind = npk_value_kind(value);
    npk_array array;
    size_t size = 0;
    uint8_t room[8];
    if (npki_has_calls_beside(value))
        return true;
    if (dtype != NULL)
        return dtype->field_count > 0;
    if (npk_value_is_scalar(value))
        return npk_scalar_of(value, &array, NULL) == NPK_OK && npk_array_nbytes(&array) > NPKI_PRINT_SHORT;
    if (kind == NPK_KIND_OBJECT || kind == NPK_KIND_PERSID || kind == NPK_KIND_MALFORMED)
        return true;
    if (npk_value_as_str(value, &size) != NULL || npk_value_as_long(value, room, &size) != NULL)
        return size > NPKI_PRINT_SHORT;
    if (npk_value_bytes_size(value) >= 0)
        return npk_value_bytes_size(value) > NPKI_PRINT_SHORT;
    return npk_value_size(value) > 0;
}

/* The text of the reference to each value that is shared, by one walk. */
static bool find_references(npki_print_shared *shared, const npk_allocator *allocator)
{
    npk_walk *walk;
    const npk_value *value = NULL;
    npki_sink *texts = &shared->texts;
    uint64_t spent = 0;
    bool added, good = npk_walk_start(shared->root, allocator, &walk, NULL) == NPK_OK;
    for (uint64_t number = 0; good; number++) {
        good = npk_walk_next(walk, &value, NULL) == NPK_OK;
        if (!good || value == NULL)
            break;
        if (!is_shared(value) || !is_worth_it(value))
            continue;
        const char *path = spent <= PATHS_FREE + PATHS_EACH * number ? npk_walk_path(walk) : NULL;
        const size_t size = path == NULL ? 0 : strlen(path);
        spent += size;
        uint64_t *slot = npki_map_put(&shared->references, key_of(value), &added);
        if (slot != NULL)
            *slot = texts->size + 1;
        if (path == NULL || size > LONGEST_PATH) {
            npki_sink_char(texts, '#');
            npki_sink_uint(texts, number);
        } else {
            npki_sink_text(texts, path);
        }
        npki_sink_char(texts, '\0');
        good = slot != NULL && texts->status == NPK_OK;
    }
    npk_walk_free(walk);
    shared->walked = good;
    return good;
}

/* The path in the references; NULL in what a walk does not go into: the tuples that an array is made of. */
static const char *find_path(npki_print_shared *shared, const npk_value *value, npki_sink *out)
{
    if (!shared->walked && !find_references(shared, &out->allocator))
        npki_sink_fail(out, NPK_ERR_MEMORY);
    const uint64_t *slot = npki_map_get(&shared->references, key_of(value));
    return slot == NULL ? NULL : shared->texts.bytes + *slot - 1;
}

const char *npki_print_path_of(npki_print_shared *shared, const npk_value *value, npki_print_again again,
                               npki_sink *out)
{
    uint64_t state = state_of(shared, value);
    if (state == 0 || (state != WAS_PRINTED && again == NPKI_PRINT_ENDED) || !is_worth_it(value))
        return NULL;
    return find_path(shared, value, out);
}

bool npki_print_payload_again(npki_print_shared *shared, const npk_array *array, npki_sink *out)
{
    const void *payload = array->payload != NULL ? array->payload : array->data;
    bool added = true;
    if (payload != NULL && npki_map_put(&shared->payloads, (uint64_t)(uintptr_t)payload, &added) == NULL)
        npki_sink_fail(out, NPK_ERR_MEMORY);
    return !added;
}

void npki_print_charge_again(npki_sink *out, uint64_t bytes)
{
    npki_sink_charge(out, npki_mul_saturated(bytes, PRICE_AGAIN - 1));
}

/* Addresses are even: the next one stands for the text of the value as a key. */
bool npki_print_key_passed(npki_print_shared *shared, const npk_value *key, size_t size)
{
    bool added;
    return size <= NPKI_PRINT_SHORT || !is_shared(key) || npki_map_put(&shared->met, key_of(key) + 1, &added) != NULL;
}

bool npki_print_key_again(npki_print_shared *shared, const npk_value *key, npki_sink *out)
{
    bool again = is_shared(key) && npki_map_get(&shared->met, key_of(key) + 1) != NULL;
    const char *path = again ? find_path(shared, key, out) : NULL;
    if (path == NULL)
        return false;
    npki_sink_text(out, "\"<same as ");
    npki_quote_inside(out, NPK_TEXT_JSON, path, strlen(path));
    npki_sink_text(out, ">\"");
    return true;
}

bool npki_print_reference(npki_print_shared *shared, const npk_value *value, npki_sink *out)
{
    const char *path = npki_print_path_of(shared, value, NPKI_PRINT_ENDED, out);
    if (path == NULL)
        return false;
    npki_sink_text(out, "<same as ");
    npki_sink_text(out, path);
    npki_sink_char(out, '>');
    return true;
}
