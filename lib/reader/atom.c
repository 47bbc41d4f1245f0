/* Arguments -> values: numbers, texts, names. */
#include "reader/build.h"

#include "base/bytes.h"
#include "text/encoding.h"
#include "text/number.h"
#include "text/unicode.h"

#include <inttypes.h>
#include <string.h>

/* --- numbers --- */

/* Two's complement as it lies in the pickle, any length. */
static npk_status push_long(npki_builder *b, const uint8_t *bytes, size_t size)
{
    while (size > 1 && bytes[size - 1] == (bytes[size - 2] & 0x80 ? 0xff : 0))
        size--;
    npk_value *value = npki_value_new(b->site.arena, NPK_KIND_INT);
    if (value == NULL)
        return npki_site_full(&b->site);
    if (size <= 8) {
        value->history = NPKI_WAS_LONG;
        value->u.integer = size == 0 ? 0 : npki_sign_extend(npki_load_le(bytes, size), size);
    } else {
        value->flags = NPKI_IS_LONG;
        value->u.text.bytes = bytes;
        value->u.text.size = size;
    }
    return npki_push(b, value);
}

/* What a line that ends in CR tells. */
static const char *hint(const uint8_t *text, size_t size)
{
    return size > 0 && text[size - 1] == '\r' ? " (was the file copied as text, with CR LF?)" : "";
}

/* [+-]?[0-9]+ without a leading zero, where CPython's two readers disagree or take it for octal. */
static bool is_decimal(const uint8_t *text, size_t size)
{
    size_t sign = size > 0 && (text[0] == '+' || text[0] == '-') ? 1 : 0;
    if (size == sign || (text[sign] == '0' && size > sign + 1))
        return false;
    for (size_t i = sign; i < size; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return true;
}

/* Python 2 has two types: an int of its opcodes is a long where they are for any size. */
typedef enum int_type { INT_OF_PYTHON2, LONG_OF_PYTHON2 } int_type;

static npk_status push_decimal(npki_builder *b, const uint8_t *text, size_t size, int_type type)
{
    int64_t number;
    if (!is_decimal(text, size))
        return npki_build_fail(b, NPK_ERR_ARGUMENT, "expected a decimal number, found '%.*s'%s",
                               (int)(size < 32 ? size : 32), (const char *)text, hint(text, size));
    size_t digits = size - (text[0] == '-' || text[0] == '+');
    if (digits > b->limits.digits)
        return npki_build_fail(b, NPK_ERR_LIMIT, "an int of %zu digits, the limit is %" PRIu64, digits,
                               b->limits.digits);
    if (type == INT_OF_PYTHON2 && npki_parse_int64(text, size, &number))
        return npki_push(b, npki_value_int(b->site.arena, number));
    uint8_t *bytes = npki_arena_take(b->site.arena, npki_long_room(size));
    if (bytes == NULL)
        return npki_site_full(&b->site);
    return push_long(b, bytes, npki_parse_long(text, size, bytes));
}

static npk_status push_real(npki_builder *b, double number)
{
    npk_value *value = npki_value_new(b->site.arena, NPK_KIND_FLOAT);
    if (value != NULL)
        value->u.real = number;
    return npki_push(b, value);
}

static npk_status push_real_text(npki_builder *b, const uint8_t *text, size_t size)
{
    double number;
    bool good = npki_parse_double(text, size, &number);
    bool infinite = good && (npki_bits_of(number) << 1) == UINT64_C(0xffe0000000000000);
    for (size_t i = 0; infinite && i < size; i++)
        good = good && !(text[i] >= '0' && text[i] <= '9');
    if (!good)
        return npki_build_fail(b, NPK_ERR_ARGUMENT, "expected a float that fits 64 bits, found '%.*s'",
                               (int)(size < 32 ? size : 32), (const char *)text);
    return push_real(b, number);
}

npk_status npki_do_number(npki_builder *b, const npk_instruction *in)
{
    switch ((npki_argument)in->opcode->argument) {
    case NPKI_ARG_FLOAT8:
        return push_real(b, in->number.f);
    case NPKI_ARG_FLOATNL:
        return push_real_text(b, in->argument, in->size);
    case NPKI_ARG_LONG1:
    case NPKI_ARG_LONG4: {
        npk_status status = npki_keep_input(b);
        return status != NPK_OK ? status : push_long(b, in->argument, in->size);
    }
    case NPKI_ARG_DECIMALNL_SHORT: /* "00" and "01" are how protocols 0 and 1 spell False and True */
        if (in->size == 2 && in->argument[0] == '0' && (in->argument[1] == '0' || in->argument[1] == '1'))
            return npki_push(b, npki_value_bool(in->argument[1] == '1'));
        return push_decimal(b, in->argument, in->size, INT_OF_PYTHON2);
    case NPKI_ARG_DECIMALNL_LONG: { /* an L at the end is Python 2's */
        size_t size = in->size;
        if (size > 0 && in->argument[size - 1] == 'L')
            size--;
        return push_decimal(b, in->argument, size, LONG_OF_PYTHON2);
    }
    default:
        return npki_push(b, npki_value_int(b->site.arena, in->number.i));
    }
}

npk_status npki_memo_number(npki_builder *b, const npk_instruction *in, uint64_t *out)
{
    *out = in->number.u;
    if (npki_arguments[in->opcode->argument].form != NPKI_FORM_LINE)
        return NPK_OK;
    int64_t number; /* "01" is 1 to Python 3 */
    if (!npki_parse_int64(in->argument, in->size, &number) || number < 0)
        return npki_build_fail(b, NPK_ERR_ARGUMENT, "expected the number of a memo entry, found '%.*s'%s",
                               (int)(in->size < 32 ? in->size : 32), (const char *)in->argument,
                               hint(in->argument, in->size));
    *out = (uint64_t)number;
    return NPK_OK;
}

/* --- texts --- */

/* *needed: its bytes in UTF-8. */
static npk_status check_text(npki_builder *b, npk_encoding encoding, const uint8_t *bytes, size_t size,
                             uint64_t *needed)
{
    *needed = size;
    size_t wrong = encoding == NPK_ENCODING_LATIN1_UTF8 ? npki_utf8_check(bytes, size)
                                                        : npki_unicode_unescape(bytes, size, NULL, needed);
    return wrong == size ? NPK_OK : npki_build_fail(b, NPK_ERR_ARGUMENT, "byte %zu of a str is malformed", wrong);
}

/* A short text is checked and decoded. */
static npk_status decode_short(npki_builder *b, npk_value *value, npk_encoding encoding, const uint8_t *bytes,
                               size_t size)
{
    uint64_t needed;
    npk_status status = check_text(b, encoding, bytes, size, &needed);
    if (status != NPK_OK)
        return status;
    value->u.text.bytes = bytes;
    value->u.text.size = needed;
    if (encoding == NPK_ENCODING_LATIN1_UTF8 || (needed == size && memchr(bytes, '\\', size) == NULL))
        return NPK_OK;
    uint8_t *utf8 = npki_arena_take(b->site.arena, (size_t)needed);
    if (utf8 == NULL)
        return npki_site_full(&b->site);
    npki_unicode_unescape(bytes, size, utf8, &needed);
    value->u.text.bytes = utf8;
    return NPK_OK;
}

static npk_status push_str(npki_builder *b, npk_encoding encoding, const uint8_t *bytes, size_t size)
{
    npk_value *value = npki_value_new(b->site.arena, NPK_KIND_STR);
    if (value == NULL)
        return npki_site_full(&b->site);
    if (size <= NPKI_SHORT_TEXT) {
        npk_status status = decode_short(b, value, encoding, bytes, size);
        return status != NPK_OK ? status : npki_push(b, value);
    }
    uint64_t needed;
    npk_status status =
        b->keeps_malformed ? check_text(b, encoding, bytes, size, &needed) : NPK_OK; /* later it could not be kept */
    if (status != NPK_OK)
        return status;
    npki_encoded *encoded = npki_arena_take(b->site.arena, sizeof *encoded);
    if (encoded == NULL)
        return npki_site_full(&b->site);
    *encoded = (npki_encoded){bytes, size, 0, b->site.offset, b->site.encoded};
    value->encoding = (uint8_t)encoding;
    value->u.encoded = encoded;
    b->site.encoded = value;
    return npki_push(b, value);
}

/* 'text' or "text": what stands between, encoded. */
static npk_status push_string_line(npki_builder *b, const uint8_t *text, size_t size)
{
    if (size < 2 || (text[0] != '\'' && text[0] != '"') || text[size - 1] != text[0])
        return npki_build_fail(b, NPK_ERR_ARGUMENT, "expected quotes around the text of STRING%s", hint(text, size));
    npk_value *value = npki_value_new(b->site.arena, NPK_KIND_PYTHON2_STR);
    if (value == NULL)
        return npki_site_full(&b->site);
    npk_status status =
        npki_set_encoded(&b->site, value, NPK_KIND_PYTHON2_STR, NPK_ENCODING_STRING_ESCAPE, text + 1, size - 2);
    return status != NPK_OK ? status : npki_push(b, value);
}

npk_status npki_do_text(npki_builder *b, const npk_instruction *in)
{
    npk_encoding encoding = npki_arguments[in->opcode->argument].encoding;
    npk_status status = npki_keep_input(b);
    if (status != NPK_OK)
        return status;
    if (in->opcode->kind == NPK_KIND_STR)
        return push_str(b, encoding, in->argument, in->size);
    if (encoding == NPK_ENCODING_STRING_ESCAPE)
        return push_string_line(b, in->argument, in->size);
    npk_value *value = npki_value_new(b->site.arena, (npk_kind)in->opcode->kind);
    if (value != NULL) {
        value->u.text.bytes = in->argument;
        value->u.text.size = in->size;
        if (in->opcode->kind == NPK_KIND_BYTEARRAY)
            value->flags = NPKI_UNHASHABLE;
    }
    return npki_push(b, value);
}

/* --- names --- */

static npk_status check_name(npki_builder *b, const uint8_t *name, size_t size)
{
    if (size == 0)
        return npki_build_fail(b, NPK_ERR_ARGUMENT, "a global without a name or a module");
    if (size > b->limits.text)
        return npki_build_fail(b, NPK_ERR_LIMIT, "a name of %zu bytes, the limit is %" PRIu64, size, b->limits.text);
    if (npki_utf8_check(name, size) != size)
        return npki_build_fail(b, NPK_ERR_ARGUMENT, "expected a name in UTF-8, found other bytes");
    return NPK_OK;
}

static bool is_global(const npk_value *value, const npki_global_name *name)
{
    const npki_global *global = value->u.global;
    return global->module_size == name->module_size && global->name_size == name->name_size &&
           memcmp(global->module, name->module, name->module_size) == 0 &&
           memcmp(global->name, name->name, name->name_size) == 0;
}

/* The first global of these names; NULL: none. And the hash by which it is known, or would be. */
static npk_value *find_global(const npki_builder *b, const npki_global_name *name, uint64_t *hash)
{
    const uint64_t *slot;
    *hash = npki_hash_bytes(b->global_names.seed, name->module, name->module_size);
    *hash = npki_hash_bytes(*hash, name->name, name->name_size);
    while ((slot = npki_map_get(&b->global_names, *hash)) != NULL && !is_global((npk_value *)(uintptr_t)*slot, name))
        ++*hash;
    return slot == NULL ? NULL : (npk_value *)(uintptr_t)*slot;
}

const npki_global *npki_known_global(const npki_builder *b, const npki_global_name *name)
{
    uint64_t hash;
    const npk_value *known = find_global(b, name, &hash);
    return known == NULL ? NULL : known->u.global;
}

/* *known: the first global of these names; the value itself where none was known before. */
static npk_status know_global(npki_builder *b, npk_value *value, npk_value **known)
{
    const npki_global *global = value->u.global;
    const npki_global_name name = {global->module, global->module_size, global->name, global->name_size};
    uint64_t hash, *slot;
    bool added;
    *known = find_global(b, &name, &hash);
    if (*known != NULL)
        return NPK_OK;
    slot = npki_map_put(&b->global_names, hash, &added);
    if (slot == NULL)
        return npki_build_fail(b, NPK_ERR_MEMORY, "an allocation failed");
    *slot = (uint64_t)(uintptr_t)value;
    *known = value;
    return NPK_OK;
}

npk_status npki_builder_knows_globals(npki_builder *b)
{
    npk_value *known;
    npk_status status = NPK_OK;
    for (size_t i = 0; status == NPK_OK && b->doc->globals != NULL && i < b->doc->globals->count; i++)
        status = know_global(b, b->doc->globals->at[i], &known);
    return status;
}

static npk_status keep_newest_name(npki_builder *b, npki_global *global)
{
    npki_global_name *newest, name = npki_newest_name(global);
    if (global->protocol < NPKI_FIRST_WITH_NEWER_NAMES)
        npki_rename_python(NPKI_TO_NEWER, &name);
    npki_rename_numpy(NPKI_TO_NEWER, &name);
    if (name.module == global->module && name.name == global->name)
        return NPK_OK;
    newest = npki_arena_take(b->site.arena, sizeof *newest);
    if (newest == NULL)
        return npki_site_full(&b->site);
    *newest = name;
    global->newest = newest;
    return NPK_OK;
}

npk_status npki_make_global(npki_builder *b, const uint8_t *module, size_t module_size, const uint8_t *name,
                            size_t name_size, npk_value **out)
{
    npk_status status = check_name(b, module, module_size);
    if (status == NPK_OK)
        status = check_name(b, name, name_size);
    if (status != NPK_OK)
        return status;
    npk_value *value = npki_value_new(b->site.arena, NPK_KIND_GLOBAL), *known;
    npki_global *global = npki_arena_take(b->site.arena, sizeof *global);
    if (value == NULL || global == NULL)
        return npki_site_full(&b->site);
    *global = (npki_global){
        .module = (const char *)module, .module_size = module_size, .name = (const char *)name, .name_size = name_size};
    global->protocol = npki_names_of(b);
    value->u.global = global;
    *out = value;
    status = know_global(b, value, &known);
    if (status == NPK_OK && known != value && known->u.global->protocol == global->protocol) {
        global->row = known->u.global->row; /* what the names mean was looked up then */
        global->newest = known->u.global->newest;
        b->names_again = true;
        return NPK_OK;
    }
    global->row = npki_global_find(global->module, module_size, global->name, name_size);
    if (status == NPK_OK)
        status = keep_newest_name(b, global);
    if (status == NPK_OK && known == value && !npki_items_add(b->site.arena, &b->doc->globals, &value, 1))
        status = npki_site_full(&b->site);
    return status;
}

/* A name on the stack: a str, or one of Python 2 that Python 3 takes for text, as its loads() does without an
 * encoding. */
static npk_status name_of(npki_builder *b, const npk_value *value, const char **text, size_t *size)
{
    bool good = value->kind == NPK_KIND_STR || value->kind == NPK_KIND_PYTHON2_STR;
    npk_status status = good ? npki_take_text(&b->site, value, text, size) : NPK_OK;
    if (status != NPK_OK)
        return status;
    good = good && *text != NULL;
    for (size_t i = 0; good && value->kind == NPK_KIND_PYTHON2_STR && i < *size; i++)
        good = (uint8_t)(*text)[i] < 0x80;
    return good ? NPK_OK : npki_wrong_kind(b, value, "STACK_GLOBAL takes two str");
}

/* Long names out of the memo, which a pickle may have as often as it likes, are hashed and looked for once: then the
 * two values that are the names tell which global it is. */
static uint64_t hash_of_pair(const npki_builder *b, npk_value *const names[2])
{
    const uint64_t pair[2] = {(uintptr_t)names[0], (uintptr_t)names[1]};
    return npki_hash_bytes(~b->global_names.seed, pair, sizeof pair);
}

static const npk_value *find_pair(const npki_builder *b, npk_value *const names[2])
{
    const uint64_t *slot;
    for (uint64_t hash = hash_of_pair(b, names); (slot = npki_map_get(&b->global_names, hash)) != NULL; hash++) {
        const npk_value *value = (const npk_value *)(uintptr_t)*slot;
        if (value->u.global->names[0] == names[0] && value->u.global->names[1] == names[1])
            return value;
    }
    return NULL;
}

static npk_status remember_pair(npki_builder *b, const npk_value *value)
{
    uint64_t hash = hash_of_pair(b, value->u.global->names), *slot;
    bool added = false;
    while (!added && (slot = npki_map_put(&b->global_names, hash++, &added)) != NULL)
        if (added)
            *slot = (uint64_t)(uintptr_t)value;
    return added ? NPK_OK : npki_build_fail(b, NPK_ERR_MEMORY, "an allocation failed");
}

/* A global of the names of another. */
static npk_status make_alike(npki_builder *b, const npk_value *other, npk_value **out)
{
    npk_value *value = npki_value_new(b->site.arena, NPK_KIND_GLOBAL);
    npki_global *global = npki_arena_take(b->site.arena, sizeof *global);
    if (value == NULL || global == NULL)
        return npki_site_full(&b->site);
    *global = *other->u.global;
    value->u.global = global;
    *out = value;
    return NPK_OK;
}

npk_status npki_do_global(npki_builder *b, const npk_instruction *in)
{
    const uint8_t *module = in->argument, *name = in->second;
    size_t module_size = in->size, name_size = in->second_size;
    npk_value *names[2] = {NULL, NULL};
    npk_status status = npki_keep_input(b);
    if (status == NPK_OK && in->opcode->detail > 0) { /* the names are on the stack */
        status = npki_need(b, 2);
        if (status != NPK_OK)
            return status;
        names[0] = npki_peek(b, 1);
        names[1] = npki_peek(b, 0);
        const char *texts[2];
        size_t sizes[2];
        for (int i = 0; status == NPK_OK && i < 2; i++)
            status = name_of(b, names[i], &texts[i], &sizes[i]);
        if (status != NPK_OK)
            return status;
        module = (const uint8_t *)texts[0];
        name = (const uint8_t *)texts[1];
        module_size = sizes[0];
        name_size = sizes[1];
        b->height -= 2;
    }
    npk_value *value = NULL;
    const bool are_long = status == NPK_OK && names[0] != NULL && module_size + name_size >= NPKI_LONG_NAMES;
    const npk_value *known = are_long ? find_pair(b, names) : NULL;
    if (known != NULL)
        status = make_alike(b, known, &value);
    else if (status == NPK_OK)
        status = npki_make_global(b, module, module_size, name, name_size, &value);
    if (status == NPK_OK && in->opcode->detail > 0)
        status = npki_repeat(&b->site, module_size + name_size);
    if (status != NPK_OK)
        return status;
    memcpy(value->u.global->names, names, sizeof names);
    if (are_long && known == NULL)
        status = remember_pair(b, value);
    return status == NPK_OK ? npki_push(b, value) : status;
}
