/* The elements of the one array that a pickle is, out of the input straight to where they shall be: known by what lies
 * on the stack before them. The machine gets a value that lies there, and checks the rest as ever. */
#include "reader/build.h"

#include "base/bytes.h"
#include "text/number.h"

#include <string.h>

static bool is_global(const npk_value *value, npki_meaning meaning)
{
    return value->kind == NPK_KIND_GLOBAL && value->u.global->row != NULL && value->u.global->row->meaning == meaning;
}

/* (n, m) */
static bool shape_of(const npk_value *value, int64_t *shape, int *ndim)
{
    size_t count = value->kind == NPK_KIND_TUPLE ? npki_count_of(value) : NPK_MAXDIMS + 1;
    *ndim = (int)count;
    if (count > NPK_MAXDIMS)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!npki_take_int(npki_item_of(value, i), &shape[i]) || shape[i] < 0)
            return false;
    return true;
}

/* _frombuffer(elements ...: what they are comes later. */
static bool begins_frombuffer(const npki_builder *b, npk_kind kind)
{
    return (kind == NPK_KIND_BYTES || kind == NPK_KIND_BYTEARRAY) && b->height == 1 && b->mark_count == 1 &&
           b->marks[0].height == 1 && is_global(b->stack[0], NPKI_FROMBUFFER);
}

enum { OBJECT, VERSION, SHAPE, DTYPE, FORTRAN, ENCODE }; /* on the stack, and a mark behind the first */

/* _reconstruct(class, (0,), code), and of its state (version, shape, dtype, is_fortran, elements ... or
 * _codecs.encode(elements ... */
static bool begins_state(const npki_builder *b, npk_kind kind, npk_array *array, int64_t *shape)
{
    bool encoded = kind == NPK_KIND_STR, fortran, marked = encoded && b->mark_count == 2;
    npk_value *const *at = b->stack;
    if (b->height != (encoded ? ENCODE : FORTRAN) + 1 || b->mark_count != 1 + (size_t)marked ||
        b->marks[0].height != VERSION || (marked && b->marks[1].height != b->height) ||
        (encoded && !is_global(at[ENCODE], NPKI_CODECS_ENCODE)))
        return false;
    if (at[OBJECT]->kind != NPK_KIND_OBJECT || at[OBJECT]->u.object->meaning != NPKI_RECONSTRUCT ||
        at[OBJECT]->u.object->array != NULL)
        return false;
    array->dtype = npk_value_dtype(at[DTYPE]);
    array->shape = shape;
    array->order = npk_value_as_bool(at[FORTRAN], &fortran) && fortran ? 'F' : 'C';
    return array->dtype != NULL && !npk_dtype_has_object(array->dtype) && npk_value_as_bool(at[FORTRAN], &fortran) &&
           shape_of(at[SHAPE], shape, &array->ndim);
}

/* --- what stands behind an encoded text --- */

static bool is_latin1(const npki_builder *b, const npk_instruction *in)
{
    const char *text;
    size_t size;
    if (in->opcode->action == NPKI_DO_TEXT)
        return in->opcode->kind == NPK_KIND_STR && in->size == strlen("latin1") &&
               memcmp(in->argument, "latin1", in->size) == 0;
    int64_t number = (int64_t)in->number.u;
    if (in->opcode->action != NPKI_DO_GET || (npki_arguments[in->opcode->argument].form == NPKI_FORM_LINE &&
                                              !npki_parse_int64(in->argument, in->size, &number)))
        return false;
    const npk_value *value = npki_memo_get(&b->machine.memo, (uint64_t)number);
    return value != NULL && value->kind == NPK_KIND_STR && npki_text_of(value, &text, &size) &&
           npki_text_is(value, "latin1");
}

/* 'latin1') -> bytes, ) -> state, BUILD, STOP: nobody else sees the text. */
static bool is_encoded_tail(const npki_builder *b, const uint8_t *at, size_t size)
{
    const bool marked = b->mark_count == 2;
    const npki_action actions[] = {NPKI_DO_MAKE, NPKI_DO_REDUCE, NPKI_DO_MAKE, NPKI_DO_BUILD, NPKI_DO_STOP};
    const bool to_mark[] = {marked, false, true, false, false};
    const size_t count = sizeof actions / sizeof *actions;
    npk_instruction in;
    size_t needed;
    for (size_t step = 0; step <= count; at += in.end, size -= (size_t)in.end) {
        if (npki_decode(at, size, &in, &needed) != NPK_OK)
            return false;
        if (in.opcode->action == NPKI_DO_PUT || in.opcode->action == NPKI_DO_MEMOIZE)
            continue;
        bool good = step == 0
                        ? is_latin1(b, &in)
                        : in.opcode->action == actions[step - 1] && in.opcode->to_mark == to_mark[step - 1] &&
                              (in.opcode->action != NPKI_DO_MAKE ||
                               (in.opcode->kind == NPK_KIND_TUPLE && (in.opcode->to_mark || in.opcode->detail == 2)));
        if (!good)
            return false;
        step++;
    }
    return true;
}

/* --- the value --- */

static npk_value *value_of(npki_builder *b, const npki_incoming *p, npk_kind kind)
{
    npk_value *value = npki_value_new(b->site.arena, kind);
    npki_encoded *encoded = kind != NPK_KIND_STR ? NULL : npki_arena_take(b->site.arena, sizeof *encoded);
    if (value == NULL || (kind == NPK_KIND_STR && encoded == NULL))
        return NULL;
    value->flags = kind == NPK_KIND_BYTEARRAY ? NPKI_UNHASHABLE : 0;
    if (kind != NPK_KIND_STR) {
        value->u.text.bytes = p->to;
        value->u.text.size = p->given;
        return value;
    }
    *encoded = (npki_encoded){.bytes = p->to, .size = p->taken, .decoded = p->given, .offset = b->site.offset};
    value->encoding = (uint8_t)p->encoding;
    value->u.encoded = encoded;
    b->site.plain = value;
    return value;
}

npk_value *npki_straight_next(npki_builder *b, npk_instruction *in)
{
    npki_source *source = b->source;
    npki_incoming *p = b->incoming;
    const npk_opcode *row = source->at < source->end ? npk_opcode_row(source->at[0]) : NULL;
    int64_t shape[NPK_MAXDIMS];
    npk_array array = {.dtype = NULL};
    uint64_t nbytes = UINT64_MAX;
    if (row == NULL || row->action != NPKI_DO_TEXT || b->machine.frame_end > source->offset)
        return NULL;
    if (!begins_frombuffer(b, (npk_kind)row->kind)) {
        int64_t all = begins_state(b, (npk_kind)row->kind, &array, shape) ? npk_array_nbytes(&array) : -1;
        nbytes = (uint64_t)all;
        if (all <= (int64_t)NPKI_SHORT_TEXT)
            return NULL;
    }
    b->incoming = NULL;
    if (!npki_incoming_take(p, source->at, row, &array, nbytes))
        return NULL;
    b->site.offset = source->offset;
    b->site.opcode = row->byte;
    in->opcode = row;
    npk_value *value = NULL;
    if (row->kind != NPK_KIND_STR || is_encoded_tail(b, p->tail, p->tail_size))
        value = value_of(b, p, (npk_kind)row->kind);
    p->whole = value != NULL;
    source->offset +=
        p->taken + (p->head_used - (size_t)(source->at - p->head)) + (size_t)(p->tail - (p->chunk + p->from));
    source->at = p->tail;
    source->end = p->tail + p->tail_size;
    return value;
}
