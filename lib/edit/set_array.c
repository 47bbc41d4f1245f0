/* Another array in the place of an array's elements, shape and dtype: the parts of its state, made as the old ones
 * were, so that an equal array gives the pickle that there was; and the rule that checks a state when it is read
 * checks this one. */
#include "edit/edit.h"

#include "base/error.h"
#include "array/layout.h"
#include "dtype/facts.h"
#include "text/unicode.h"
#include "writer/numpy/numpy.h"

#include <npickle/pyarray.h>

#include <inttypes.h>
#include <string.h>

/* What the new array is made of, and what it is put in the place of. */
typedef struct swap {
    npk_doc *doc;
    npk_value *value; /* the array that changes */
    const npk_array *array;
    npk_value *shape, *dtype, *elements; /* of the document, made for it; dtype: NULL if it stays */
    npk_error *error;
} swap;

static npk_status full(const swap *s)
{
    return npki_arena_failed(&s->doc->arena, s->error);
}

/* A value like another, in all but what it says. */
static npk_value *copy_of(const swap *s, const npk_value *value)
{
    npk_value *copy = npki_arena_take(&s->doc->arena, sizeof *copy);
    if (copy == NULL)
        return NULL;
    *copy = *value;
    copy->flags &= (uint8_t) ~(NPKI_IS_SHARED | NPKI_PLACED);
    copy->history &= (uint8_t)~NPKI_WAS_CALLED;
    return copy;
}

/* A tuple, list or dict like another, with items of its own. */
static npk_value *tuple_like(const swap *s, const npk_value *tuple)
{
    npk_value *copy = copy_of(s, tuple);
    if (copy == NULL)
        return NULL;
    copy->u.items = NULL;
    copy->flags |= NPKI_IS_FROZEN;
    return npki_items_add(&s->doc->arena, &copy->u.items, tuple->u.items->at, npki_count_of(tuple)) ? copy : NULL;
}

/* --- the elements --- */

/* The text that _codecs.encode(text, 'latin1') is given below protocol 3. */
static npk_value *latin1_text(const swap *s, const npk_value *old, const npk_value *bytes)
{
    npk_value *text = copy_of(s, old);
    size_t size = 0, used = 0;
    const uint8_t *plain = npk_value_as_bytes(bytes, &size);
    uint8_t *utf8 = size > SIZE_MAX / 2 ? NULL : npki_arena_take(&s->doc->arena, 2 * size);
    if (text == NULL || utf8 == NULL)
        return NULL;
    for (size_t i = 0; i < size; i++)
        used += npki_utf8_put(plain[i], utf8 + used);
    text->encoding = NPK_ENCODING_RAW;
    text->u.text.bytes = utf8;
    text->u.text.size = used;
    return text;
}

/* The call that made the old payload, with the new bytes. */
static npk_status call_like(const swap *s, const npki_object *old, npk_value **out)
{
    npk_value *text = latin1_text(s, npki_item_of(old->args, 0), *out);
    npki_called *called = npki_arena_take(&s->doc->arena, sizeof *called);
    npki_object *call = npki_arena_take(&s->doc->arena, sizeof *call);
    npk_value *args = tuple_like(s, old->args);
    if (text == NULL || called == NULL || call == NULL || args == NULL)
        return full(s);
    args->u.items->at[0] = text;
    *call = *old;
    call->args = args;
    *called = (npki_called){**out, call};
    called->value.history |= NPKI_WAS_CALLED;
    *out = &called->value;
    return NPK_OK;
}

/* Python has bytes of one or none only once, so they may be shared; and where they are the same nothing has to
 * change. */
static bool is_same_byte(const npk_value *old, const npk_value *bytes)
{
    size_t size = 0, old_size = 0;
    const uint8_t *now = npk_value_as_bytes(bytes, &size), *before = npk_value_as_bytes(old, &old_size);
    return before != NULL && size <= 1 && size == old_size && memcmp(now, before, size) == 0;
}

/* The bytes as a value of the kind and history of the old ones. */
static npk_status payload_like(const swap *s, npk_value *old, npk_kind kind, npk_value **out)
{
    const npk_value *bytes = s->elements;
    if (kind == old->kind && is_same_byte(old, bytes)) {
        *out = old;
        return NPK_OK;
    }
    if (old->kind == NPK_KIND_STR) { /* it was given as text, and goes back as such */
        *out = latin1_text(s, old, bytes);
        return *out == NULL ? full(s) : NPK_OK;
    }
    npk_value *made = copy_of(s, old);
    if (made == NULL)
        return full(s);
    made->kind = (uint8_t)kind;
    made->encoding = NPK_ENCODING_RAW;
    made->flags = (uint8_t)(NPKI_IS_PAYLOAD | (kind == NPK_KIND_BYTEARRAY ? NPKI_UNHASHABLE : 0));
    made->u.text = bytes->u.text;
    *out = made;
    const npki_object *call = npki_call_of(old);
    bool encoded = call != NULL && call->meaning == NPKI_CODECS_ENCODE && made->u.text.size > 0;
    return encoded ? call_like(s, call, out) : NPK_OK;
}

/* --- the state --- */

/* Shape and dtype: what is equal stays. False where the arena ends. */
static bool change_parts(const swap *s, npk_value **shape, npk_value **dtype)
{
    const npki_array_state *old = s->value->u.object->array;
    const npk_array *new = s->array;
    if (s->dtype != NULL)
        *dtype = s->dtype;
    if (npki_is_same_shape(old->ndim, old->shape, new->ndim, new->shape))
        return true;
    npk_value *changed = (*shape)->kind == NPK_KIND_TUPLE ? copy_of(s, *shape) : s->shape;
    if (changed != NULL)
        changed->u.items = s->shape->u.items;
    *shape = changed;
    return changed != NULL;
}

/* What holds an array's state, made anew around another state. */
static npk_status hold(const swap *s, npk_value **state)
{
    const npki_array_state *array = s->value->u.object->array;
    for (size_t i = array->holders == NULL ? 0 : array->holder_count - 1u; i-- > 0;) {
        const npk_value *inner = array->holders[i + 1];
        npk_value *outer = tuple_like(s, array->holders[i]);
        if (outer == NULL)
            return full(s);
        for (size_t k = 0; k < npki_count_of(outer); k++)
            if (npki_item_of(outer, k) == inner)
                outer->u.items->at[k] = *state;
        *state = outer;
    }
    return NPK_OK;
}

/* (version, shape, dtype, is_fortran, elements), with a mask behind or without the version; inside what a class or a
 * program has made of it. */
static npk_status new_state(const swap *s, npk_value **out)
{
    const npki_object *object = s->value->u.object;
    const npki_array_state *array = object->array;
    npk_value *old = array->holders != NULL ? array->holders[array->holder_count - 1] : object->state;
    npk_value *state = tuple_like(s, old);
    if (state == NULL)
        return full(s);
    npk_value **items = state->u.items->at + array->start + (npki_count_of(old) == 4 ? 0 : 1);
    npk_kind kind = items[3]->kind == NPK_KIND_PYTHON2_STR ? NPK_KIND_PYTHON2_STR : NPK_KIND_BYTES;
    if (!change_parts(s, &items[0], &items[1]))
        return full(s);
    npk_status status = payload_like(s, items[3], kind, &items[3]);
    if (status != NPK_OK)
        return status;
    *out = state;
    return hold(s, out);
}

/* array_constructor(shape, typecode, elements, is_little_endian) of Numeric. */
static npk_status new_numeric(const swap *s, npk_value **out)
{
    npk_value *args = tuple_like(s, s->value->u.object->args), *dtype = NULL;
    if (args == NULL)
        return full(s);
    npk_value **items = args->u.items->at;
    if (s->dtype != NULL)
        return npki_fail(s->error, NPK_ERR_UNSUPPORTED, "an array of Numeric, whose dtype stays as it is");
    if (!change_parts(s, &items[0], &dtype))
        return full(s);
    *out = args;
    return payload_like(s, items[2], (npk_kind)items[2]->kind, &items[2]);
}

/* _frombuffer(elements, dtype, shape, order), with 'K' the order of the axes, as far as there are as many;
 * numpy.ndarray(shape, dtype, elements ...). */
static npk_status new_arguments(const swap *s, npk_value **out)
{
    npki_object *object = s->value->u.object;
    const npki_rule *rule = &npki_rules[object->meaning];
    npk_value *args = tuple_like(s, object->args);
    if (args == NULL)
        return full(s);
    npk_value **items = args->u.items->at;
    if (!change_parts(s, &items[rule->shape - 1], &items[rule->dtype - 1]))
        return full(s);
    if (npki_count_of(args) == 5 && s->array->ndim != object->array->ndim) {
        npk_status status = npki_edit_text(s->doc, NPK_KIND_STR, "C", &items[3], s->error);
        if (status != NPK_OK)
            return status;
        args->u.items->count = 4;
    }
    *out = args;
    npk_value **elements = &items[rule->buffer - 1];
    return payload_like(s, *elements, object->array->readonly ? NPK_KIND_BYTES : NPK_KIND_BYTEARRAY, elements);
}

/* The dict of joblib's wrapper; its elements are no part of that. */
static npk_status new_wrapper(const swap *s, npk_value **out)
{
    npk_value *state = tuple_like(s, s->value->u.object->state), **shape = NULL, **dtype = NULL;
    if (state == NULL)
        return full(s);
    for (size_t i = 0; i < npki_count_of(state) / 2;
         i++) { /* the rule has checked that both are there; the last counts */
        shape = npki_text_is(npki_item_of(state, 2 * i), "shape") ? &state->u.items->at[2 * i + 1] : shape;
        dtype = npki_text_is(npki_item_of(state, 2 * i), "dtype") ? &state->u.items->at[2 * i + 1] : dtype;
    }
    *out = state;
    return change_parts(s, shape, dtype) ? NPK_OK : full(s);
}

/* The rule of the array's call takes the new parts, or refuses them. */
static npk_status take(const swap *s, npk_value **place, npk_value *parts)
{
    npki_object *object = s->value->u.object;
    const npki_rule *rule = &npki_rules[object->meaning];
    npki_array_state *array = object->array;
    npk_value *old = *place;
    npk_error scratch;
    npki_site site = {
        .arena = &s->doc->arena,
        .limits = &s->doc->limits,
        .error = s->error != NULL ? s->error : &scratch,
        .opcode = NPKI_NO_OPCODE,
        .offset = NPK_NO_OFFSET,
    };
    object->array = NULL;
    *place = parts;
    npk_status status;
    if (npki_is_unknown(object))
        status =
            place == &object->state ? npki_look_into_state(&site, s->value) : npki_look_into_arguments(&site, s->value);
    else
        status = place == &object->state ? rule->build(&site, s->value) : rule->call(&site, s->value);
    npki_site_end(&site);
    if (status == NPK_OK && object->array == NULL)
        status = npki_fail(s->error, NPK_ERR_UNSUPPORTED,
                           "an array of a class whose state the library would not know again");
    if (status != NPK_OK) {
        *place = old;
        object->array = array;
    }
    return status;
}

static npk_status swap_parts(const swap *s)
{
    npki_object *object = s->value->u.object;
    npk_value *parts = NULL;
    bool buffer = npki_rules[object->meaning].buffer != 0 && object->state == NULL,
         numeric = object->meaning == NPKI_NUMERIC;
    bool wrapper = npki_rules[object->meaning].inline_data;
    npk_status status = buffer    ? new_arguments(s, &parts)
                        : numeric ? new_numeric(s, &parts)
                        : wrapper ? new_wrapper(s, &parts)
                                  : new_state(s, &parts);
    bool arguments = buffer || numeric || object->array->in_arguments;
    if (status == NPK_OK)
        status = take(s, arguments ? &object->args : &object->state, parts);
    if (status == NPK_OK && wrapper)
        object->array->raw = npk_value_as_bytes(s->elements, NULL);
    return status;
}

/* --- the new array --- */

/* The elements are pickled in the order in which the old ones were, whatever order the new array has in memory. */
static char order_of(const swap *s)
{
    return s->value->u.object->array->order == 'F' ? 'F' : 'C';
}

/* With the axes in the order that the buffer of an array of order 'K' has them in. Errors: NPK_ERR_MEMORY,
 * NPK_ERR_LIMIT. */
static npk_status permute(swap *s, npk_array *permuted)
{
    const npki_object *object = s->value->u.object;
    size_t ndim = (size_t)s->array->ndim;
    *permuted = *s->array;
    if (object->meaning != NPKI_FROMBUFFER || npki_call_size(s->value) != 5 || object->array->ndim != s->array->ndim ||
        ndim == 0)
        return NPK_OK;
    int64_t *lengths = npki_arena_take(&s->doc->arena, 3 * ndim * sizeof *lengths), axis = 0;
    if (lengths == NULL)
        return full(s);
    int64_t *strides = lengths + ndim, *given = strides + ndim;
    if (s->array->strides != NULL)
        memcpy(given, s->array->strides, ndim * sizeof *given);
    else
        (void)npki_contiguous_strides(s->array->ndim, s->array->shape, npk_dtype_itemsize(s->array->dtype),
                                      s->array->order == 'F' ? 'F' : 'C', given);
    for (size_t i = 0; i < ndim; i++) { /* the reader has checked that these are all axes */
        (void)npki_take_int(npki_item_of(npki_call_item(s->value, 4), i), &axis);
        lengths[axis] = s->array->shape[i];
        strides[axis] = given[i];
    }
    permuted->shape = lengths;
    permuted->strides = strides;
    return NPK_OK;
}

/* Into the document: its shape, its dtype if that is another, its elements. */
static npk_status write_parts(swap *s, const npk_array *array)
{
    npk_writer *w;
    const npk_value *made;
    bool same = npk_dtype_equal(array->dtype, s->value->u.object->array->dtype);
    npk_status status = npk_edit_begin(s->doc, NULL, &w, s->error);
    if (status != NPK_OK)
        return status;
    w->keep_padding = array->source != NULL; /* a pickle had it; elsewhere it is what was in memory before */
    npk_write_begin_list(w, 3);
    npk_write_begin_tuple(w, array->ndim);
    for (int i = 0; i < array->ndim; i++)
        npk_write_int(w, array->shape[i]);
    npk_write_end(w);
    if (same)
        npk_write_none(w);
    else
        npk_write_dtype(w, array->dtype);
    npki_write_elements(w, array, order_of(s), NPK_KIND_BYTES, NPKI_BYTES_NEW);
    npk_write_end(w);
    status = npk_edit_finish(w, &made, s->error);
    if (status == NPK_OK) {
        s->shape = npki_item_of(made, 0);
        s->dtype = same ? NULL : npki_item_of(made, 1);
        s->elements = npki_item_of(made, 2);
    }
    return status;
}

static npk_status permute_and_write(swap *s)
{
    npk_array array;
    npk_status status = permute(s, &array);
    return status != NPK_OK ? status : write_parts(s, &array);
}

/* A view of an encoded array gives its elements in one order only: so it is copied first. */
static npk_status bring_in(swap *s)
{
    const npk_array *given = s->array;
    if (given->encoding == NPK_ENCODING_RAW)
        return permute_and_write(s);
    size_t size = (size_t)npk_array_nbytes(given);
    void *plain = npki_allocate(&s->doc->allocator, size);
    if (plain == NULL)
        return npki_no_memory(s->error);
    const npk_array copy = {.dtype = given->dtype, .data = plain, .ndim = given->ndim, .shape = given->shape};
    npk_status status = npk_array_copy(given, 'C', plain, size, s->error);
    s->array = &copy;
    if (status == NPK_OK)
        status = permute_and_write(s);
    s->array = given;
    npki_free(&s->doc->allocator, plain, size);
    return status;
}

/* An array whose elements lie over each other may have any number of them, in no memory: it has to be within the
 * document's limit of memory. Any other was paid for by whoever has it. */
static bool is_too_large(const swap *s)
{
    const npk_array *array = s->array;
    uint64_t extent = (uint64_t)npk_dtype_itemsize(array->dtype);
    for (int i = 0; i < array->ndim && array->strides != NULL; i++) {
        uint64_t step = array->strides[i] < 0 ? -(uint64_t)array->strides[i] : (uint64_t)array->strides[i];
        extent += array->shape[i] > 1 ? step * (uint64_t)(array->shape[i] - 1) : 0; /* npki_array_check: it fits */
    }
    uint64_t nbytes = (uint64_t)npk_array_nbytes(array);
    return array->strides != NULL && nbytes > extent && nbytes > s->doc->limits.memory;
}

/* What a fill value of a kind becomes; all kinds where there is no row. numpy.ma.core._check_fill_value() */
static const struct {
    char kind;
    const char *becomes;
} fills[] = {{'S', "SUV"}, {'U', "SUV"}, {'V', "V"}, {'M', "biufcMmV"}};

/* A masked array keeps its fill value, too, which a dtype of another kind may not have. */
static npk_status check_fill(const swap *s, npk_error *error)
{
    const npki_mask *mask = s->value->u.object->array->mask;
    const char kind = npk_dtype_kind(s->array->dtype);
    npk_array fill;
    if (mask == NULL || npk_array_of(mask->fill, &fill, NULL) != NPK_OK)
        return NPK_OK;
    const char of = npk_dtype_kind(fill.dtype);
    bool good = of != 'V' || npki_dtype_facts_of(fill.dtype).leaves == npki_dtype_facts_of(s->array->dtype).leaves;
    for (size_t i = 0; i < sizeof fills / sizeof *fills; i++)
        good = good && (fills[i].kind != of || strchr(fills[i].becomes, kind) != NULL);
    if (of == 'S' || of == 'U')
        good = good && npk_dtype_fields(s->array->dtype, NULL) == 0;
    return good ? NPK_OK
                : npki_fail(error, NPK_ERR_UNSUPPORTED,
                            "a masked array keeps its fill value: one of kind '%c' is none of kind '%c'", of, kind);
}

/* NumPy would broadcast and cast another one, or refuse it, when the pickle is loaded. */
static npk_status check_form(const swap *s, npk_error *error)
{
    const npki_array_state *old = s->value->u.object->array;
    const bool free = (s->value->history & NPKI_IS_FORMED) == 0;
    if (free || (npki_is_same_shape(s->array->ndim, s->array->shape, old->ndim, old->shape) &&
                 npk_dtype_equal(s->array->dtype, old->dtype)))
        return NPK_OK;
    return npki_fail(error, NPK_ERR_ARRAY,
                     "an array that is a field of another's items, or a fill value, keeps its dtype and its shape");
}

/* A masked array keeps its mask, which has a bool for each element, or for each field of one, in the order in which the
 * elements lie. In Fortran's order another shape would give the bools to other elements. */
static npk_status check_mask(const swap *s, npk_error *error)
{
    const npki_array_state *old = s->value->u.object->array;
    if (old->mask == NULL)
        return NPK_OK;
    if (old->order == 'F' && !npki_is_same_shape(s->array->ndim, s->array->shape, old->ndim, old->shape))
        return npki_fail(error, NPK_ERR_ARRAY,
                         "a masked array in Fortran order keeps its mask, and so its shape: found another");
    const int64_t had = npki_element_count(old->ndim, old->shape),
                  has = npki_element_count(s->array->ndim, s->array->shape); /* checked: npki_array_check */
    const int64_t fields = npki_dtype_facts_of(old->dtype).leaves, now = npki_dtype_facts_of(s->array->dtype).leaves;
    if (had == has && fields == now)
        return NPK_OK;
    return npki_fail(error, NPK_ERR_ARRAY,
                     "a masked array keeps its mask: expected %" PRId64 " elements of %" PRId64
                     " fields, found %" PRId64 " of %" PRId64,
                     had, fields, has, now);
}

/* What can take another array, and what can be taken. */
static npk_status check(const swap *s)
{
    npk_error scratch, *error = s->error != NULL ? s->error : &scratch;
    npk_pyarray other;
    if (!npk_value_is_array(s->value))
        return npki_fail(error, NPK_ERR_TYPE, "expected an array, found %s", npk_kind_name(npk_value_kind(s->value)));
    if (npk_pyarray_of(s->value, &other))
        return npki_fail(error, NPK_ERR_UNSUPPORTED,
                         "an array.array: one that npk_write_pyarray makes can take its place");
    npk_status status = npki_array_check(s->array, error);
    if (status == NPK_OK && npk_dtype_subarray(s->array->dtype, NULL, NULL) != NULL)
        return npki_fail(error, NPK_ERR_USAGE, "an array of subarrays: their dimensions are those of the array");
    if (status == NPK_OK &&
        (npk_dtype_has_object(s->array->dtype) || npk_dtype_has_object(s->value->u.object->array->dtype)))
        return npki_fail(error, NPK_ERR_UNSUPPORTED, "%s: its items are set one by one",
                         npk_dtype_type(s->value->u.object->array->dtype) == NPK_VSTRING
                             ? "an array of StringDType"
                             : "an array of Python objects");
    if (status == NPK_OK)
        status = check_form(s, error);
    if (status == NPK_OK)
        status = check_mask(s, error);
    if (status == NPK_OK)
        status = check_fill(s, error);
    if (status == NPK_OK && is_too_large(s))
        return npki_fail(error, NPK_ERR_LIMIT,
                         "a broadcast array of %" PRId64 " bytes, more than the document may take: %" PRIu64,
                         npk_array_nbytes(s->array), s->doc->limits.memory);
    return status;
}

npk_status npk_edit_array(npk_doc *doc, const npk_value *value, const npk_array *array, npk_error *error)
{
    swap s = {.doc = doc, .array = array, .error = error};
    npk_status status = npki_edit_own(doc, value, &s.value, error);
    if (status == NPK_OK)
        status = check(&s);
    if (status == NPK_OK)
        status = npki_edit_has_no_twin(doc, value, error);
    if (status == NPK_OK)
        status = bring_in(&s);
    return status != NPK_OK ? status : swap_parts(&s);
}
