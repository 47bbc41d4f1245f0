#include "dtype/facts.h"

#include "base/bytes.h"
#include "base/map.h"

#define X87_BYTES 10
#define LONGEST (1u << 24) /* characters, roughly */
#define MOST_PARTS (1u << 20)

/* Characters around what a text says of a part, of a name and of a length: no text of them is much shorter. */
enum { TEXT_OF_PART = 8, TEXT_OF_NAME = 4, TEXT_OF_LENGTH = 2 };

/* --- a hash --- */

static uint64_t mix_number(uint64_t hash, int64_t number)
{
    uint8_t bytes[8];
    npki_store_le(bytes, (uint64_t)number, sizeof bytes);
    return npki_hash_bytes(hash, bytes, sizeof bytes);
}

void npki_name_remember(char *text, size_t size)
{
    uint64_t hash = npki_hash_bytes(0, text, size);
    memcpy(text - NPKI_NAME_HEAD, &hash, NPKI_NAME_HEAD);
}

uint64_t npki_name_hash(const npk_dtype *dtype, const char *text, size_t size)
{
    uint64_t hash;
    if (!dtype->interned)
        return npki_hash_bytes(0, text, size);
    memcpy(&hash, text - NPKI_NAME_HEAD, NPKI_NAME_HEAD);
    return hash;
}

static uint64_t mix_name(uint64_t hash, const npk_dtype *dtype, const char *text, size_t size)
{
    return text == NULL ? hash + 1 : mix_number(hash, (int64_t)npki_name_hash(dtype, text, size));
}

/* What npk_dtype_equal compares, its parts by their hashes. */
uint64_t npk_dtype_hash(const npk_dtype *dtype)
{
    if (dtype == NULL)
        return 0;
    int64_t shell[] = {(int64_t)dtype->type,        dtype->byteorder,    dtype->itemsize,
                       (int64_t)dtype->unit,        dtype->multiple,     dtype->is_struct,
                       (int64_t)dtype->field_count, dtype->base != NULL, dtype->base_ndim};
    uint64_t hash = npki_dtype_is_plain(dtype) ? 0 : dtype->facts.hash;
    for (size_t i = 0; i < sizeof shell / sizeof *shell; i++)
        hash = mix_number(hash, shell[i]);
    return hash;
}

static uint64_t hash_of_field(uint64_t hash, const npk_dtype *dtype, const npk_field *field)
{
    hash = mix_number(hash, field->offset);
    hash = mix_name(hash, dtype, field->name, field->name_size);
    hash = mix_name(hash, dtype, field->title, field->title_size);
    return mix_number(hash, (int64_t)npk_dtype_hash(field->dtype));
}

/* --- a plain type --- */

size_t npki_component_bytes(const npk_dtype *dtype)
{
    const npki_dtype_row *row = &npki_dtype_rows[dtype->type];
    return row->swap > 8 && row->number != NPKI_NUMBER_NONE ? X87_BYTES : row->swap;
}

/* Python's struct module has a letter for most types, for long doubles only in the order of the machine: those of
 * the x87 are of little-endian ones. numpy: buffer.c _buffer_format_string() */
static bool has_letter(const npk_dtype *dtype)
{
    static const enum {
        ALWAYS,
        LITTLE,
        NEVER
    } letters[NPKI_TYPES] = {
        [NPK_FLOAT96] = LITTLE,   [NPK_FLOAT128] = LITTLE,   [NPK_COMPLEX192] = LITTLE, [NPK_COMPLEX256] = LITTLE,
        [NPK_DATETIME64] = NEVER, [NPK_TIMEDELTA64] = NEVER, [NPK_VSTRING] = NEVER,     [NPK_OBJECT] = NEVER,
    };
    if (npki_dtype_is_user(dtype))
        return false;
    return letters[dtype->type] == ALWAYS || (letters[dtype->type] == LITTLE && npki_dtype_is_little(dtype));
}

static bool is_padded(const npk_dtype *plain)
{
    return npki_component_bytes(plain) != npki_dtype_rows[plain->type].swap;
}

static npki_dtype_facts plain_facts(const npk_dtype *dtype)
{
    return (npki_dtype_facts){
        .parts = 1,
        .places = 1,
        .text = TEXT_OF_PART + (npki_dtype_is_user(dtype) ? dtype->class_name_size : 0),
        .leaves = 1,
        .told = dtype->itemsize,
        .covered = is_padded(dtype) ? 0 : dtype->itemsize,
        .class_flags = npki_dtype_is_user(dtype)   ? dtype->class_flags
                       : dtype->type == NPK_OBJECT ? NPKI_FLAGS_OF_OBJECT
                                                   : 0,
        .has_str = dtype->type == NPK_STR,
        .has_format = has_letter(dtype),
        .has_descr = true,
    };
}

/* That of a StringDType is what stands for a missing string. */
bool npk_dtype_has_metadata(const npk_dtype *dtype)
{
    return dtype != NULL && ((dtype->metadata != NULL && dtype->type != NPK_VSTRING) ||
                             (!npki_dtype_is_plain(dtype) && dtype->facts.has_metadata));
}

npki_dtype_facts npki_dtype_facts_of(const npk_dtype *dtype)
{
    return npki_dtype_is_plain(dtype) ? plain_facts(dtype) : dtype->facts;
}

bool npki_dtype_is_full(const npk_dtype *dtype)
{
    return npki_dtype_is_plain(dtype) ? !is_padded(dtype) || dtype->itemsize <= 0
                                      : dtype->facts.covered >= dtype->itemsize;
}

bool npki_dtype_has_text(const npk_dtype *dtype)
{
    npki_dtype_facts facts = npki_dtype_facts_of(dtype);
    return facts.parts <= MOST_PARTS && facts.text <= LONGEST && dtype->depth <= NPKI_DTYPE_DEEPEST;
}

/* --- a subarray --- */

int64_t npki_subarray_length(const npk_dtype *subarray)
{
    int64_t length = 1;
    for (int i = 0; i < subarray->base_ndim; i++) /* in 64 bits: npki_subarray_set() has seen to it */
        length *= subarray->base_shape[i];
    return length;
}

/* -1: more than 64 bits can count. */
static int64_t times(int64_t count, int64_t length)
{
    int64_t product;
    if (length == 0)
        return 0;
    return count >= 0 && npki_mul_int64(count, length, &product) ? product : -1;
}

static void learn_subarray(npk_dtype *dtype)
{
    npki_dtype_facts facts = npki_dtype_facts_of(dtype->base);
    int64_t length = npki_subarray_length(dtype);
    facts.parts = npki_add_saturated(facts.parts, 1);
    for (int i = dtype->base_ndim; i-- > 0;)
        facts.places = npki_add_saturated(npki_mul_saturated(facts.places, (uint64_t)dtype->base_shape[i]), 1);
    facts.text = npki_add_saturated(facts.text, TEXT_OF_PART + TEXT_OF_LENGTH * (uint64_t)dtype->base_ndim);
    facts.has_metadata = npk_dtype_has_metadata(dtype->base);
    facts.leaves = times(facts.leaves, length);
    facts.told *= length; /* within the item */
    facts.covered = npki_dtype_is_full(dtype->base) ? dtype->itemsize : 0;
    facts.hash = mix_number(0, (int64_t)npk_dtype_hash(dtype->base));
    for (int i = 0; i < dtype->base_ndim; i++)
        facts.hash = mix_number(facts.hash, dtype->base_shape[i]);
    dtype->facts = facts;
}

/* --- a struct --- */

/* A field's name stands between colons in the format of a buffer. */
static bool has_colon(const npk_field *field)
{
    return memchr(field->name, ':', field->name_size) != NULL;
}

/* What a field adds to the facts of its struct. `*end`: where the field before it ends. */
static void learn_field(npki_dtype_facts *facts, const npk_dtype *dtype, const npk_field *field, int64_t *end)
{
    npki_dtype_facts inner = npki_dtype_facts_of(field->dtype);
    uint64_t names = npki_add_saturated(field->name_size, field->title_size);
    facts->parts = npki_add_saturated(facts->parts, inner.parts);
    facts->places = npki_add_saturated(facts->places, inner.places);
    facts->text = npki_add_saturated(facts->text, npki_add_saturated(inner.text, names));
    facts->text = npki_add_saturated(facts->text, TEXT_OF_NAME);
    if (facts->leaves >= 0 && (inner.leaves < 0 || !npki_add_int64(facts->leaves, inner.leaves, &facts->leaves)))
        facts->leaves = -1;
    facts->class_flags |= inner.class_flags;
    facts->has_str |= inner.has_str;
    facts->has_metadata |= npk_dtype_has_metadata(field->dtype);
    /* Fields one after another: a format counts what it has told of an inner struct, not the padding at its end. */
    facts->has_format &= inner.has_format && field->offset >= facts->told && !has_colon(field);
    facts->told = field->offset + inner.told;
    facts->has_descr &= inner.has_descr && field->offset >= *end;
    *end = field->offset + field->dtype->itemsize;
    if (field->offset <= facts->covered && field->offset + inner.covered > facts->covered)
        facts->covered = field->offset + inner.covered;
    facts->hash = hash_of_field(facts->hash, dtype, field);
}

void npki_dtype_learn(npk_dtype *dtype)
{
    npki_dtype_facts facts = {.parts = 1, .places = 1, .text = TEXT_OF_PART, .has_format = true, .has_descr = true};
    int64_t end = 0;
    if (dtype->base != NULL) {
        learn_subarray(dtype);
        return;
    }
    for (size_t i = 0; i < dtype->field_count; i++)
        learn_field(&facts, dtype, &dtype->fields[i], &end);
    dtype->facts = facts;
}
