/* Dtypes, as NumPy gives them. numpy: core/src/multiarray/descriptor.c arraydescr_reduce(). */
#include "writer/numpy/numpy.h"

#include "base/bytes.h"
#include "dtype/facts.h"
#include "dtype/walk.h"
#include "text/number.h"

#include <inttypes.h>
#include <string.h>

/* --- small parts --- */

void npki_write_shape(npk_writer *w, int ndim, const int64_t *shape, npki_number_when number)
{
    npki_begin(w, NPK_KIND_TUPLE, ndim, number);
    for (int i = 0; i < ndim; i++)
        npk_write_int(w, shape[i]);
    npki_end(w);
}

static void write_flag(npk_writer *w, bool value)
{
    if (w->numpy->int_flags)
        npk_write_int(w, value);
    else
        npk_write_bool(w, value);
}

#define LONG_NAME 64 /* bytes */

/* A long name that many dtypes of a document share is hashed once. What the document knows of it tells it from another
 * that lies at its address later. */
static uint64_t hash_of_name(npk_writer *w, const npk_dtype *dtype, const char *text, size_t size)
{
    bool added;
    uint64_t *known = NULL, hash;
    if (dtype->interned && size >= LONG_NAME)
        known = npki_map_put(
            &w->memo, npki_key(NPKI_IS_HASHED, (uint64_t)(uintptr_t)text ^ npki_name_hash(dtype, text, size)), &added);
    if (known != NULL && !added)
        return *known;
    hash = npki_hash_bytes(w->memo.seed, text, size);
    if (known != NULL)
        *known = hash;
    return hash;
}

/* The names and titles of fields are the texts of a program, which Python has once: equal ones are one object. */
static void write_name(npk_writer *w, const npk_dtype *dtype, const char *text, size_t size)
{
    uint64_t key = npki_key(NPKI_IS_NAME, hash_of_name(w, dtype, text, size));
    npki_write_native_str(w, text, size, size > 1 ? key : 0, NPKI_NUMBER_ALWAYS);
}

/* --- who a dtype is --- */

/* NumPy has one descriptor for each native number, for O, S0, U0 and V0; of the others every np.dtype() call makes a
 * new one. */
static bool is_singleton(const npk_dtype *dtype)
{
    if (dtype->is_struct || dtype->base != NULL || dtype->metadata != NULL)
        return false;
    if (dtype->class_name != NULL && npki_dtype_intern(dtype) == dtype && dtype->storage != NPKI_STORED_STATIC)
        return false;
    switch (npki_dtype_rows[dtype->type].number) {
    case NPKI_NUMBER_NONE:
        return dtype->type == NPK_OBJECT || dtype->itemsize == 0;
    case NPKI_NUMBER_TIME:
        return false;
    default:
        return npki_dtype_is_native(dtype);
    }
}

/* The hash tells a descriptor from one that lies at its address later. */
uint64_t npki_dtype_key(npk_writer *w, const npk_dtype *dtype)
{
    if (is_singleton(dtype))
        return npki_key(NPKI_IS_BUILTIN_DTYPE, (uint64_t)dtype->type);
    uint64_t key = npki_key(NPKI_IS_DTYPE, (uint64_t)(uintptr_t)dtype);
    bool added;
    uint64_t *known = npki_map_put(&w->memo, npki_key(NPKI_IS_SIGNATURE, (uint64_t)(uintptr_t)dtype), &added);
    if (known == NULL) {
        npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
        return key;
    }
    uint64_t hash = npk_dtype_hash(dtype);
    bool changed = !added && *known != hash;
    *known = hash;
    if (changed)
        npki_forget(w, key);
    return key;
}

/* --- flags: numpy/core/include/numpy/ndarraytypes.h --- */

enum {
    FLAGS_OF_U = 8,       /* NPY_NEEDS_INIT, since NumPy 1.9 */
    FLAGS_OF_STRUCT = 16, /* NPY_USE_GETITEM */
    FLAGS_INHERITED = 27, /* NPY_FROM_FIELDS: by a struct from its fields */
    FLAG_ALIGNED = 128    /* a char that has a sign in NumPy 1 */
};

/* Of a subarray those of its base, of a struct also those of its fields: all that lies inside adds to them. */
static int64_t flags_of(npk_writer *w, const npk_dtype *dtype)
{
    npki_dtype_facts facts = npki_dtype_facts_of(dtype);
    int64_t flags = facts.class_flags | (facts.has_str && !w->numpy->old_text ? FLAGS_OF_U : 0);
    const npk_dtype *base = dtype;
    while (base->base != NULL)
        base = base->base;
    if (!base->is_struct)
        return flags;
    if (base->aligned && w->numpy->signed_flags && npki_is_for_both(w))
        npki_leave_out(w, NPKI_LEFT_OUT_ALIGNED);
    flags = (flags & FLAGS_INHERITED) | FLAGS_OF_STRUCT | (base->aligned ? FLAG_ALIGNED : 0);
    return (flags & FLAG_ALIGNED) != 0 && w->numpy->signed_flags ? flags - 2 * FLAG_ALIGNED : flags;
}

/* --- the state --- */

static bool has_unit(const npk_dtype *dtype)
{
    return npki_dtype_rows[dtype->type].number == NPKI_NUMBER_TIME;
}

/* numpy: PyDataType_ISEXTENDED, S, U, V and types that somebody added. */
static bool is_extended(const npk_dtype *dtype)
{
    return npki_dtype_rows[dtype->type].itemsize == 0 || npki_dtype_rows[dtype->type].module != NULL;
}

/* ({} or None, (unit, multiple, 1, 1)) */
static void write_unit(npk_writer *w, const npk_dtype *dtype)
{
    const char *code = npki_unit_codes[dtype->unit];
    npki_begin(w, NPK_KIND_TUPLE, 2, NPKI_NUMBER_IF_HELD);
    if (dtype->metadata != NULL) {
        w->hooks->write_value(w, dtype->metadata);
    } else if (w->numpy->no_metadata) {
        npk_write_none(w);
    } else {
        npki_begin(w, NPK_KIND_DICT, 0, NPKI_NUMBER_IF_HELD);
        npki_end(w);
    }
    npki_begin(w, NPK_KIND_TUPLE, 4, NPKI_NUMBER_IF_HELD);
    npki_write_text(w, NPK_KIND_BYTES, code, strlen(code), 0, NPKI_NUMBER_IF_HELD);
    npk_write_int(w, dtype->multiple);
    npk_write_int(w, 1);
    npk_write_int(w, 1);
    npki_end(w);
    npki_end(w);
}

/* Version, byte order, and what comes before the dtypes inside: (base, ... or the names and the dict of fields,
 * begun. */
static void begin_state(npk_writer *w, const npk_dtype *dtype)
{
    bool nine = has_unit(dtype) || dtype->metadata != NULL;
    npki_begin(w, NPK_KIND_TUPLE, nine ? 9 : 8, NPKI_NUMBER_IF_HELD);
    npk_write_int(w, nine ? 4 : 3);
    npki_write_native_str(w, &dtype->byteorder, 1, 0, NPKI_NUMBER_IF_HELD);
    if (dtype->base != NULL) {
        npki_begin(w, NPK_KIND_TUPLE, 2, NPKI_NUMBER_IF_HELD);
        return;
    }
    npk_write_none(w);
    if (!dtype->is_struct)
        return;
    npki_begin(w, NPK_KIND_TUPLE, (int64_t)dtype->field_count, NPKI_NUMBER_ALWAYS);
    for (size_t i = 0; i < dtype->field_count; i++)
        write_name(w, dtype, dtype->fields[i].name, dtype->fields[i].name_size);
    npki_end(w);
    npki_begin(w, NPK_KIND_DICT, (int64_t)npki_entry_count(dtype), NPKI_NUMBER_ALWAYS);
}

/* NumPy 1 gives an aligned struct without fields none. */
static int64_t alignment_of(const npk_writer *w, const npk_dtype *dtype)
{
    bool none = dtype->is_struct && dtype->aligned && dtype->field_count == 0 && w->numpy->signed_flags;
    return none ? 0 : dtype->alignment;
}

/* The rest: size and alignment only where the code does not say them. */
static void end_state(npk_writer *w, const npk_dtype *dtype)
{
    if (dtype->base != NULL) {
        npki_write_shape(w, dtype->base_ndim, dtype->base_shape, NPKI_NUMBER_ALWAYS);
        npki_end(w);
    }
    if (dtype->is_struct) {
        npki_end(w);
    } else {
        npk_write_none(w);
        npk_write_none(w);
    }
    npk_write_int(w, is_extended(dtype) ? dtype->itemsize : -1);
    npk_write_int(w, is_extended(dtype) ? alignment_of(w, dtype) : -1);
    npk_write_int(w, flags_of(w, dtype));
    if (has_unit(dtype))
        write_unit(w, dtype);
    else if (dtype->metadata != NULL)
        w->hooks->write_value(w, dtype->metadata);
    npki_end(w);
}

/* --- the dict of fields: name: (dtype, offset), or name: (dtype, offset, title), title: the same --- */

/* A dtype whose state is being written. */
typedef struct part {
    npki_entry *entries; /* of its dict of fields; NULL: none */
    size_t count, next;
} part;

typedef struct writing {
    npk_writer *w;
    npki_dtype_walk walk;
    part *parts; /* one for each dtype on the way */
    size_t room;
    part plain; /* of a dtype with nothing inside */
} writing;

static uint64_t key_of_field(const npk_field *field)
{
    return npki_key(NPKI_IS_FIELD, (uint64_t)(uintptr_t)field);
}

static void begin_entry(npk_writer *w, const npk_dtype *dtype, const npk_field *field, bool is_title)
{
    if (is_title)
        write_name(w, dtype, field->title, field->title_size);
    else
        write_name(w, dtype, field->name, field->name_size);
}

/* The tuple under the second key of its field. */
static void write_second(npk_writer *w, const npk_dtype *dtype, const npk_field *field, bool is_title)
{
    begin_entry(w, dtype, field, is_title);
    if (!npki_write_known(w, key_of_field(field)))
        npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "the field '%.40s' stands under its title too, which takes a memo",
                         field->name);
}

static void end_field(npk_writer *w, const npk_dtype *dtype, const npk_field *field)
{
    npk_write_int(w, field->offset);
    if (field->title != NULL)
        write_name(w, dtype, field->title, field->title_size);
    npki_end(w);
    if (field->title != NULL)
        npki_remember(w, key_of_field(field));
}

/* Goes on to the next dtype inside a struct. */
static void step_fields(npk_writer *w, npki_nest *top, part *at)
{
    const npk_field *fields = top->dtype->fields;
    if (at->next > 0)
        end_field(w, top->dtype, &fields[at->entries[at->next - 1].field]);
    for (; at->next < at->count && at->entries[at->next].is_second; at->next++)
        write_second(w, top->dtype, &fields[at->entries[at->next].field], at->entries[at->next].is_title);
    top->next = top->dtype->field_count;
    if (at->next == at->count)
        return;
    const npki_entry *entry = &at->entries[at->next++];
    begin_entry(w, top->dtype, &fields[entry->field], entry->is_title);
    npki_begin(w, NPK_KIND_TUPLE, fields[entry->field].title != NULL ? 3 : 2, fields[entry->field].title != NULL);
    top->next = entry->field;
}

/* --- the dtype --- */

/* "f8"; a U counts characters. */
static size_t code_of(const npk_dtype *dtype, char out[24])
{
    out[0] = npki_dtype_rows[dtype->type].kind;
    int64_t size = dtype->type == NPK_STR ? dtype->itemsize / 4 : dtype->itemsize;
    return 1 + npki_print_int64(size, out + 1);
}

/* What numpy.dtype is called with: a code, or the class of a void. */
static void write_key(npk_writer *w, const npk_dtype *dtype)
{
    char code[24];
    if (dtype->class_name != NULL)
        npki_write_global_size(w, dtype->class_module, dtype->class_module_size, dtype->class_name,
                               dtype->class_name_size);
    else
        npki_write_native_str(w, code, code_of(dtype, code), 0, NPKI_NUMBER_IF_HELD);
}

/* _convert_to_stringdtype_kwargs(coerce[, na_object]): not a dtype with a state, since NumPy 2.0. */
static void write_stringdtype(npk_writer *w, const npk_dtype *dtype, uint64_t key)
{
    npki_begin(w, NPK_KIND_OBJECT, 2, NPKI_NUMBER_ALWAYS);
    npki_write_meaning(w, NPKI_STRINGDTYPE);
    npki_begin(w, NPK_KIND_TUPLE, dtype->metadata != NULL ? 2 : 1, NPKI_NUMBER_IF_HELD);
    npk_write_int(w, dtype->multiple);
    if (dtype->metadata != NULL)
        w->hooks->write_value(w, dtype->metadata);
    npki_end(w);
    npki_remember(w, key);
    npki_end(w);
}

/* Up to the first dtype inside. False if the whole of it is written: it was known. */
static bool begin_dtype(npk_writer *w, const npk_dtype *dtype)
{
    uint64_t key = npki_dtype_key(w, dtype);
    if (npki_write_known(w, key) || w->error.status != NPK_OK)
        return false;
    if (dtype->type == NPK_VSTRING) {
        write_stringdtype(w, dtype, key);
        return false;
    }
    npki_begin(w, NPK_KIND_OBJECT, 3, NPKI_NUMBER_ALWAYS);
    npki_write_meaning(w, NPKI_DTYPE);
    npki_begin(w, NPK_KIND_TUPLE, 3, NPKI_NUMBER_IF_HELD);
    write_key(w, dtype);
    write_flag(w, false);
    write_flag(w, true);
    npki_end(w);
    npki_remember(w, key);
    begin_state(w, dtype);
    return true;
}

/* The dtype that the walk has come to. */
static void enter(writing *x)
{
    const npk_dtype *dtype = npki_dtype_walk_top(&x->walk)->dtype;
    part *at = &x->parts[x->walk.depth - 1];
    *at = (part){NULL, npki_entry_count(dtype), 0};
    if (!begin_dtype(x->w, dtype))
        npki_dtype_walk_up(&x->walk);
    else if (!npki_entries(x->w, dtype, &at->entries))
        npki_writer_fail(x->w, NPK_ERR_MEMORY, "an allocation failed");
}

static void leave(writing *x, const npk_dtype *dtype)
{
    part *at = &x->parts[x->walk.depth - 1];
    npki_free(&x->w->allocator, at->entries, at->count * sizeof *at->entries);
    npki_dtype_walk_up(&x->walk);
    if (x->w->error.status == NPK_OK) {
        end_state(x->w, dtype);
        npki_end(x->w);
    }
}

/* The next dtype inside the one on top, or its end. */
static void step(writing *x)
{
    npki_nest *top = npki_dtype_walk_top(&x->walk);
    const npk_dtype *dtype = top->dtype;
    if (dtype->is_struct && x->w->error.status == NPK_OK)
        step_fields(x->w, top, &x->parts[x->walk.depth - 1]);
    if (x->w->error.status == NPK_OK && npki_dtype_walk_down(&x->walk))
        enter(x);
    else
        leave(x, dtype);
}

npk_status npk_write_dtype(npk_writer *w, const npk_dtype *dtype)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (dtype == NULL)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected a dtype, found NULL");
    writing x = {.w = w, .room = (size_t)dtype->depth + 1};
    x.parts = x.room == 1 ? &x.plain : npki_allocate(&w->allocator, x.room * sizeof *x.parts);
    if (w->memo_policy == NPK_MEMO_NONE && !npki_dtype_has_text(dtype)) /* else each part is written once */
        npki_writer_fail(w, NPK_ERR_LIMIT, "expected a memo for a dtype of %" PRIu64 " parts",
                         npki_dtype_facts_of(dtype).parts);
    if (w->error.status != NPK_OK || x.parts == NULL || !npki_dtype_walk_start(&x.walk, dtype, &w->allocator)) {
        npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed"); /* unless it is a later error */
    } else {
        enter(&x);
        while (x.walk.depth > 0)
            step(&x);
        npki_dtype_walk_end(&x.walk);
    }
    if (x.room > 1)
        npki_free(&w->allocator, x.parts, x.room * sizeof *x.parts);
    return w->error.status;
}
