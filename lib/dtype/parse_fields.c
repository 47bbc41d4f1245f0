/* The fields of a struct, in each of the forms that NumPy takes. numpy: descriptor.c, _convert_from_array_descr(),
 * _convert_from_list(), _convert_from_dict(); _internal.py, _usefields(); lib/format.py, descr_to_dtype(). */
#include "dtype/parse_stack.h"

#include "base/bytes.h"
#include "base/error.h"
#include "text/number.h"

#include <inttypes.h>
#include <stdlib.h>

static npk_status make_room(npki_dtype_parser *c, npki_parse_frame *frame, size_t count)
{
    if (count > c->limits->fields)
        return npki_fail(c->script.error, NPK_ERR_LIMIT, "a dtype of %zu fields, the limit is %" PRIu64, count,
                         c->limits->fields);
    frame->fields = npki_arena_take(c->script.arena, count * sizeof *frame->fields);
    return frame->fields == NULL ? npki_parse_full(c) : NPK_OK;
}

static npk_field *new_field(npki_parse_frame *frame)
{
    npk_field *field = &frame->fields[frame->count];
    *field = (npk_field){.offset = NPK_AUTO};
    return field;
}

static npk_status finish(npki_dtype_parser *c, npki_parse_frame *frame, const npk_dtype **out)
{
    npk_dtype made = npki_dtype_void();
    npk_error told;
    npk_status status = npki_struct_lay_out(&made, frame->fields, frame->count, frame->itemsize, frame->aligned, &told);
    if (status == NPK_OK)
        status = npki_struct_check(&made, c->limits, &c->script.arena->allocator, &told);
    if (status != NPK_OK)
        return npki_parse_fail_with(c, frame->literal, status, &told);
    *out = npki_parse_new(c, &made);
    return *out == NULL ? npki_parse_full(c) : NPK_OK;
}

/* --- what fields have --- */

static npk_status take_name(const npki_dtype_parser *c, const npki_literal *name, npk_field *out)
{
    if (name->kind != NPKI_LITERAL_STR)
        return npki_parse_fail(c, name, "the name of a field, a str");
    out->name = name->text;
    out->name_size = name->size;
    return NPK_OK;
}

/* NumPy takes any object; here it is text, or None. */
static npk_status take_title(const npki_dtype_parser *c, const npki_literal *title, npk_field *out)
{
    if (title->kind == NPKI_LITERAL_NONE)
        return NPK_OK;
    if (title->kind != NPKI_LITERAL_STR)
        return npki_parse_unsupported(c, title, "the title of a field, a str");
    out->title = title->text;
    out->title_size = title->size;
    return NPK_OK;
}

static npk_status take_offset(const npki_dtype_parser *c, const npki_literal *offset, npk_field *out)
{
    if (offset->kind != NPKI_LITERAL_INT || offset->number < 0)
        return npki_parse_fail(c, offset, "an offset, an int from 0 up");
    out->offset = offset->number;
    return NPK_OK;
}

/* f0, f1, ... */
static npk_status number_name(const npki_dtype_parser *c, size_t index, npk_field *out)
{
    char *name = npki_arena_take(c->script.arena, 24);
    if (name == NULL)
        return npki_parse_full(c);
    name[0] = 'f';
    out->name_size = 1 + npki_print_int64((int64_t)index, name + 1);
    name[out->name_size] = '\0';
    out->name = name;
    return NPK_OK;
}

/* --- [(name, type), (name, type, shape), ((title, name), type)] --- */

static npk_status begin_list(npki_dtype_parser *c, npki_parse_frame *frame)
{
    if (c->as == NPKI_PARSE_DESCR)
        frame->aligned = false;
    return make_room(c, frame, frame->literal->count);
}

/* (first, second), for the form of a tuple */
static npk_status make_pair(const npki_dtype_parser *c, const npki_literal *first, const npki_literal *second,
                            const npki_literal **out)
{
    npki_literal *pair = npki_literal_new(c->script.arena, NPKI_LITERAL_TUPLE, first->at);
    npki_literal *items = npki_arena_take(c->script.arena, 2 * sizeof *items);
    if (pair == NULL || items == NULL)
        return npki_parse_full(c);
    items[0] = *first;
    items[1] = *second;
    items[0].next = items[1].next = NULL;
    npki_literal_add(pair, &items[0]);
    npki_literal_add(pair, &items[1]);
    *out = pair;
    return NPK_OK;
}

static npk_status ask_list(npki_dtype_parser *c, npki_parse_frame *frame, const npki_literal **inner)
{
    const npki_literal *field = frame->next;
    if (field == NULL)
        return NPK_OK;
    if (field->kind != NPKI_LITERAL_TUPLE || field->count < 2 || field->count > 3)
        return npki_parse_fail(c, field, "a field: (name, dtype) or (name, dtype, shape)");
    *inner = field->first->next;
    return field->count == 2 ? NPK_OK : make_pair(c, *inner, (*inner)->next, inner);
}

static npk_status take_names(npki_dtype_parser *c, npki_parse_frame *frame, const npki_literal *name, npk_field *out)
{
    npk_status status = NPK_OK;
    bool titled = name->kind == NPKI_LITERAL_TUPLE && name->count == 2;
    if (titled)
        status = take_title(c, name->first, out);
    if (status == NPK_OK)
        status = take_name(c, titled ? name->first->next : name, out);
    if (status != NPK_OK || out->name_size > 0 || c->as == NPKI_PARSE_DESCR)
        return status;
    return titled ? npki_parse_fail(c, name, "a name that is not empty") : number_name(c, frame->count, out);
}

static npk_status take_list(npki_dtype_parser *c, npki_parse_frame *frame, const npk_dtype *inner)
{
    const npki_literal *name = frame->next->first;
    npk_field *field = new_field(frame);
    npk_status status = take_names(c, frame, name, field);
    frame->next = frame->next->next;
    if (status != NPK_OK)
        return status;
    field->dtype = inner;
    frame->count++;
    if (c->as == NPKI_PARSE_DTYPE)
        return NPK_OK;
    field->offset = frame->end;
    if (inner->type == NPK_VOID && !inner->is_struct && name->kind == NPKI_LITERAL_STR && name->size == 0)
        frame->count--; /* padding */
    if (!npki_add_int64(frame->end, inner->itemsize, &frame->end) || frame->end > INT32_MAX)
        return npki_parse_fail(c, name, "a struct of less than 2 GiB");
    frame->itemsize = frame->end;
    return NPK_OK;
}

static npk_status finish_list(npki_dtype_parser *c, npki_parse_frame *frame, const npk_dtype **out)
{
    return finish(c, frame, out);
}

const npki_parse_form npki_parse_form_list = {begin_list, ask_list, take_list, finish_list};

/* --- the items of "i4,f8" --- */

static npk_status ask_types(npki_dtype_parser *c, npki_parse_frame *frame, const npki_literal **inner)
{
    (void)c;
    *inner = frame->next;
    return NPK_OK;
}

static npk_status take_types(npki_dtype_parser *c, npki_parse_frame *frame, const npk_dtype *inner)
{
    npk_field *field = new_field(frame);
    field->dtype = inner;
    frame->next = frame->next->next;
    return number_name(c, frame->count++, field);
}

const npki_parse_form npki_parse_form_types = {begin_list, ask_types, take_types, finish_list};

/* --- {'names': [...], 'formats': [...], 'offsets': [...], 'titles': [...], 'itemsize': n, 'aligned': True} --- */

/* One of the lists: *first is its first item. `count`: it must have so many at least. */
static npk_status take_sequence(npki_dtype_parser *c, const npki_parse_frame *frame, const char *key, size_t count,
                                const npki_literal **first)
{
    const npki_literal *list = npki_literal_get(frame->literal, key);
    *first = NULL;
    if (list == NULL)
        return NPK_OK;
    if (list->kind != NPKI_LITERAL_LIST && list->kind != NPKI_LITERAL_TUPLE)
        return npki_parse_fail(c, list, "a list");
    if (list->count < count)
        return npki_parse_fail(c, list, "an item for each name");
    *first = list->first;
    return NPK_OK;
}

static npk_status begin_names(npki_dtype_parser *c, npki_parse_frame *frame)
{
    size_t count = npki_literal_get(frame->literal, "names")->count;
    const npki_literal *itemsize = npki_literal_get(frame->literal, "itemsize");
    const npki_literal *aligned = npki_literal_get(frame->literal, "aligned");
    npk_status status = take_sequence(c, frame, "names", 0, &frame->next);
    if (status == NPK_OK)
        status = take_sequence(c, frame, "formats", count, &frame->format);
    if (status == NPK_OK)
        status = take_sequence(c, frame, "offsets", count, &frame->offset);
    if (status == NPK_OK)
        status = take_sequence(c, frame, "titles", count, &frame->title);
    if (status != NPK_OK)
        return status;
    if (aligned != NULL && aligned->kind != NPKI_LITERAL_BOOL)
        return npki_parse_fail(c, aligned, "True or False");
    frame->aligned = frame->aligned || (aligned != NULL && aligned->number != 0);
    if (itemsize != NULL && (itemsize->kind != NPKI_LITERAL_INT || itemsize->number < 0))
        return npki_parse_fail(c, itemsize, "an itemsize, an int from 0 up");
    if (itemsize != NULL)
        frame->itemsize = itemsize->number;
    return make_room(c, frame, count);
}

static npk_status ask_names(npki_dtype_parser *c, npki_parse_frame *frame, const npki_literal **inner)
{
    (void)c;
    *inner = frame->next == NULL ? NULL : frame->format;
    return NPK_OK;
}

static const npki_literal *step(const npki_literal **cursor)
{
    const npki_literal *at = *cursor;
    *cursor = at == NULL ? NULL : at->next;
    return at;
}

static npk_status take_by_names(npki_dtype_parser *c, npki_parse_frame *frame, const npk_dtype *inner)
{
    npk_field *field = new_field(frame);
    const npki_literal *offset = step(&frame->offset), *title = step(&frame->title);
    step(&frame->format);
    field->dtype = inner;
    frame->count++;
    npk_status status = take_name(c, step(&frame->next), field);
    if (status == NPK_OK && offset != NULL)
        status = take_offset(c, offset, field);
    if (status == NPK_OK && title != NULL)
        status = take_title(c, title, field);
    return status;
}

const npki_parse_form npki_parse_form_names = {begin_names, ask_names, take_by_names, finish};

/* --- {name: (type, offset), name: (type, offset, title)} --- */

static npk_status begin_entries(npki_dtype_parser *c, npki_parse_frame *frame)
{
    return make_room(c, frame, frame->literal->count / 2);
}

/* In dtype.fields a title is a key too: that entry is passed over. */
static bool is_title(const npki_literal *key, const npki_literal *entry)
{
    const npki_literal *title = entry->last;
    return entry->count == 3 && title->kind == key->kind && title->size == key->size &&
           (key->size == 0 || memcmp(title->text, key->text, key->size) == 0);
}

static npk_status ask_entries(npki_dtype_parser *c, npki_parse_frame *frame, const npki_literal **inner)
{
    for (; frame->next != NULL; frame->next = frame->next->next->next) {
        const npki_literal *key = frame->next, *entry = key->next;
        if (key->kind != NPKI_LITERAL_STR)
            return npki_parse_fail(c, key, "the name of a field, a str");
        if (entry->kind != NPKI_LITERAL_TUPLE || entry->count < 2 || entry->count > 3)
            return npki_parse_fail(c, entry, "a field: (dtype, offset) or (dtype, offset, title)");
        *inner = entry->first;
        if (!is_title(key, entry))
            return NPK_OK;
    }
    *inner = NULL;
    return NPK_OK;
}

static npk_status take_entry(npki_dtype_parser *c, npki_parse_frame *frame, const npk_dtype *inner)
{
    npk_field *field = new_field(frame);
    const npki_literal *key = frame->next, *offset = key->next->first->next;
    frame->next = key->next->next;
    field->dtype = inner;
    frame->count++;
    npk_status status = take_name(c, key, field);
    if (status == NPK_OK)
        status = take_offset(c, offset, field);
    if (status == NPK_OK && offset->next != NULL)
        status = take_title(c, offset->next, field);
    return status;
}

/* Fields with the same offset stay in their order. */
static int by_offset(const void *a, const void *b)
{
    const npk_field *left = *(const npk_field *const *)a, *right = *(const npk_field *const *)b;
    if (left->offset != right->offset)
        return left->offset < right->offset ? -1 : 1;
    return (left > right) - (left < right);
}

static npk_status finish_entries(npki_dtype_parser *c, npki_parse_frame *frame, const npk_dtype **out)
{
    const npk_field **order = npki_arena_take(c->script.arena, frame->count * sizeof *order);
    npk_field *sorted = npki_arena_take(c->script.arena, frame->count * sizeof *sorted);
    if (order == NULL || sorted == NULL)
        return npki_parse_full(c);
    for (size_t i = 0; i < frame->count; i++)
        order[i] = &frame->fields[i];
    qsort(order, frame->count, sizeof *order, by_offset);
    for (size_t i = 0; i < frame->count; i++)
        sorted[i] = *order[i];
    frame->fields = sorted;
    return finish(c, frame, out);
}

const npki_parse_form npki_parse_form_entries = {begin_entries, ask_entries, take_entry, finish_entries};
