#include "print/value.h"

#include "array/layout.h"
#include "base/error.h"
#include "known/known.h"
#include "print/atom.h"
#include "print/beside.h"
#include "print/plain.h"
#include "print/pyarray.h"
#include "print/run.h"
#include "print/stack.h"
#include "text/quote.h"
#include "value/kind.h"

#include <string.h>

/* A kind of container, and how it is written. */
typedef struct container_row {
    const char *open, *close;
    const char *empty; /* without any items */
    const char *again; /* where it holds itself */
    const char *last;  /* after a single item */
    int parts;         /* of an item: key and value */
} container_row;

static const container_row containers[NPKI_KINDS] = {
    [NPK_KIND_TUPLE] = {"(", ")", "()", "(...)", ",", 1},
    [NPK_KIND_LIST] = {"[", "]", "[]", "[...]", "", 1},
    [NPK_KIND_DICT] = {"{", "}", "{}", "{...}", "", 2},
    [NPK_KIND_SET] = {"{", "}", "set()", "set(...)", "", 1},
    [NPK_KIND_FROZENSET] = {"frozenset({", "})", "frozenset()", "frozenset(...)", "", 1},
};

typedef npki_print_frame frame;
typedef npki_print_stack printer;

/* <name part=... part=...> */
static bool is_of_parts(npk_kind kind)
{
    return kind == NPK_KIND_OBJECT || kind == NPK_KIND_MALFORMED;
}

static bool is_open(const printer *p, const npk_value *value)
{
    return npki_print_is_open(&p->shared, value);
}

static void begin_array(printer *p, const npk_value *value)
{
    npk_array array;
    npk_status status = npk_array_of(value, &array, NULL);
    const char *class = npk_array_class(value);
    bool hidden = is_open(p, value) || (npki_print_is_too_deep(p) && npk_dtype_has_object(array.dtype));
    npki_print_elements elements = hidden ? NPKI_ELEMENTS_DOTS : NPKI_ELEMENTS_SHOWN;
    frame *top = npki_print_push(p, value);
    if (top == NULL)
        return;
    if (status == NPK_OK) {
        npki_print_elements_begin(p, &array);
        status = npki_print_array_begin(&top->array, &array, class == NULL ? "numpy.ndarray" : class, elements,
                                        p->settings, p->out);
    }
    if (status != NPK_OK)
        npki_sink_fail(p->out, status);
}

/* <m.C data=array([1., 2.]) state=(..., {'unit': 'm'})> */
static void begin_beside(printer *p, const npk_value *value)
{
    npk_array array;
    npk_object object;
    frame *top = npki_print_push(p, value);
    if (top == NULL || !npk_value_as_object(value, &object))
        return;
    bool of_call = npki_is_of_call(value), masked = npk_value_is_masked(value);
    const char *class = npk_array_class(value);
    npki_print_set_parts(top, &object);
    top->has_parts = true;
    bool named = of_call && npk_value_kind(object.callable) == NPK_KIND_GLOBAL;
    top->next = named ? 1 : of_call ? 0 : 3;
    top->masked = masked ? NPKI_MASKED_BEGIN : NPKI_MASKED_NOT;
    npk_status status = npk_array_of(value, &array, NULL);
    if (status == NPK_OK)
        npki_print_elements_begin(p, &array);
    if (masked)
        return;
    npki_sink_char(p->out, '<');
    if (named)
        npki_print_global_name(p->out, object.callable);
    else
        npki_quote(p->out, NPK_TEXT_NAME, class, strlen(class));
    npki_sink_text(p->out, named && object.construction == NPK_BY_NEW ? " object" : "");
    npki_sink_text(p->out, " data=");
    if (npki_print_pyarray(p->out, value))
        return;
    if (status == NPK_OK) {
        status = npki_print_array_begin(&top->array, &array, "numpy.ndarray", NPKI_ELEMENTS_SHOWN, p->settings, p->out);
    }
    if (status != NPK_OK)
        npki_sink_fail(p->out, status);
}

static void begin_masked(printer *p, const npk_value *value)
{
    if (is_open(p, value)) {
        npki_sink_text(p->out, "<...>");
        return;
    }
    bool hidden = npki_print_is_too_deep(p);
    frame *top = npki_print_push(p, value);
    if (top == NULL)
        return;
    npk_array data;
    if (npk_array_of(value, &data, NULL) == NPK_OK)
        npki_print_elements_begin(p, &data);
    top->masked = NPKI_MASKED_BEGIN;
    top->elements = hidden ? NPKI_ELEMENTS_DOTS : NPKI_ELEMENTS_SHOWN;
}

/* The next part of a masked array: an array of its own, or a value, which is returned. */
static const npk_value *next_masked(const printer *p, frame *top)
{
    npki_sink *out = p->out;
    const npk_value *next = NULL;
    npki_print_masked_part last = top->has_parts ? NPKI_MASKED_FILL_VALUE : NPKI_MASKED_END;
    while (top->masked < last && next == NULL && out->status == NPK_OK) {
        if (top->array != NULL)
            next = npki_print_array_next(top->array);
        if (next != NULL || out->status != NPK_OK)
            break;
        npki_print_array_end(top->array);
        npk_status status =
            npki_print_masked_begin(top->value, ++top->masked, &top->array, &next, top->elements, p->settings, out);
        if (status != NPK_OK)
            npki_sink_fail(out, status);
    }
    return next;
}

static const npk_value *next_part(printer *p, frame *top)
{
    static const char *const labels[NPKI_PRINT_PARTS] = {
        "", " args=", " kwargs=", " state=", " items=", " pairs=", " states=", " calls="};
    npki_sink *out = p->out;
    while (top->next < NPKI_PRINT_PARTS && top->parts[top->next] == NULL)
        top->next++;
    if (top->next >= NPKI_PRINT_PARTS) {
        npk_error fault;
        if (!top->with_calls && npk_value_fault(top->value, &fault)) {
            npki_sink_text(out, " malformed=");
            npki_quote(out, NPK_TEXT_STR, fault.message, strlen(fault.message));
        }
        npki_sink_char(out, '>');
        return NULL;
    }
    p->bare = top->with_calls && top->next == 0 ? top->parts[0] : NULL;
    npki_sink_text(out, top->has_parts && top->next == 0 ? " call=" : labels[top->next]);
    return top->parts[top->next++];
}

/* The next value in an array, or of the parts beside it. */
static const npk_value *next_of_array(printer *p, frame *top)
{
    const npk_value *next = top->masked != NPKI_MASKED_NOT ? next_masked(p, top) : npki_print_array_next(top->array);
    if (next != NULL || !top->has_parts || p->out->status != NPK_OK)
        return next;
    npki_print_array_end(top->array);
    top->array = NULL;
    top->masked = NPKI_MASKED_NOT;
    return next_part(p, top);
}

static void begin_container(printer *p, const npk_value *value, const container_row *row)
{
    if (npk_value_size(value) == 0)
        npki_sink_text(p->out, row->empty);
    else if (is_open(p, value))
        npki_sink_text(p->out, row->again);
    else if (npki_print_is_too_deep(p))
        npki_sink_text(p->out, "...");
    else if (npki_print_push(p, value) != NULL) {
        bool whole = npki_print_leave_out(p);
        npki_sink_text(p->out, whole ? "..." : row->open);
        npki_print_top(p)->next = whole ? SIZE_MAX : 0;
    }
}

static void begin_object(printer *p, const npk_value *value)
{
    npk_object object;
    if (is_open(p, value) || npki_print_is_too_deep(p)) {
        npki_sink_text(p->out, is_open(p, value) ? "<...>" : "...");
        return;
    }
    frame *top = npki_print_push(p, value);
    if (top == NULL)
        return;
    if (npk_value_kind(value) == NPK_KIND_MALFORMED) {
        npki_sink_char(p->out, '<');
        npki_sink_text(p->out, value->u.malformed->row->name);
        top->parts[NPKI_PRINT_ARGS] = value->u.malformed->args;
        return;
    }
    if (!npk_value_as_object(value, &object))
        return;
    bool is_new = object.construction == NPK_BY_NEW;
    npki_print_set_parts(top, &object);
    top->parts[NPKI_PRINT_CALLS] = npk_value_calls(value);
    npki_sink_char(p->out, '<');
    if (object.callable != NULL && npk_value_kind(object.callable) == NPK_KIND_GLOBAL) {
        npki_print_global_name(p->out, object.callable);
        npki_sink_text(p->out, is_new ? " object" : "");
        top->next = 1;
    }
}

static void begin_id(printer *p, const npk_value *value)
{
    bool is_persistent = npk_value_kind(value) == NPK_KIND_PERSID;
    if (is_open(p, value))
        npki_sink_text(p->out, "<...>");
    else if (npki_print_is_too_deep(p))
        npki_sink_text(p->out, "...");
    else if (npki_print_push(p, value) != NULL)
        npki_sink_text(p->out, is_persistent ? "<persistent id " : "<extension code ");
}

/* What is printed at once, with nothing in it that can be referred to. */
static bool print_whole(printer *p, const npk_value *value)
{
    const uint64_t began = p->out->added;
    if (!npki_print_pyarray(p->out, value) &&
        (npk_value_is_array(value) || !npki_print_atom(p->out, value, p->settings)))
        return false;
    npki_print_passed(p, value, began);
    return true;
}

static void begin_with_calls(printer *p, const npk_value *value)
{
    frame *top = npki_print_push(p, npk_value_calls(value));
    if (top == NULL)
        return;
    npki_print_set_calls(top, value);
    npki_sink_char(p->out, '<');
}

/* Without parts and calls beside it, and so short that nothing refers to it. */
static bool is_atom(const npk_value *value)
{
    bool brief =
        (value->flags & NPKI_IS_SHARED) == 0 || (value->kind == NPK_KIND_INT && (value->flags & NPKI_IS_LONG) == 0) ||
        (value->kind == NPK_KIND_STR && value->encoding == NPK_ENCODING_RAW && value->u.text.size <= NPKI_PRINT_SHORT);
    return brief && value->kind < NPK_KIND_TUPLE && (value->history & NPKI_WAS_CALLED) == 0;
}

static bool print_atom(npki_sink *out, const npk_value *value)
{
    bool printed = is_atom(value) && npki_print_plain(out, value);
    if (printed)
        npki_sink_pass(out);
    return printed;
}

static void begin(printer *p, const npk_value *value)
{
    npk_kind kind = npk_value_kind(value);
    if (print_atom(p->out, value)) {
        p->bare = NULL;
        return;
    }
    bool beside = value != p->bare && npki_has_calls_beside(value) && !npki_print_is_too_deep(p);
    p->bare = NULL;
    if (beside && npki_print_is_with_calls(p, value))
        npki_sink_text(p->out, "<...>");
    else if (p->settings->shared == NPK_SHARED_REFER && npki_print_reference(&p->shared, value, p->out))
        return;
    else if (beside)
        begin_with_calls(p, value);
    else if (containers[kind].open != NULL)
        begin_container(p, value, &containers[kind]);
    else if (npki_has_beside(value) && !is_open(p, value) && !npki_print_is_too_deep(p))
        begin_beside(p, value);
    else if (npk_value_is_masked(value))
        begin_masked(p, value);
    else if (print_whole(p, value))
        return;
    else if (npk_value_is_array(value))
        begin_array(p, value);
    else if (is_of_parts(kind))
        begin_object(p, value);
    else
        begin_id(p, value);
}

/* What stands before the next item, and that item; after the last one the end, and NULL. */
static const npk_value *next_item(npki_sink *out, frame *top, const container_row *row)
{
    size_t count = npki_count_of(top->value), i = top->next++;
    if (i == SIZE_MAX)
        return NULL;
    if (i == top->own_start && i < top->own_end) {
        npki_sink_text(out, i == 0 ? "..." : ", ...");
        i = top->own_end;
        top->next = i + 1;
    }
    if (i == count) {
        npki_sink_text(out, count == 1 ? row->last : "");
        npki_sink_text(out, row->close);
        return NULL;
    }
    npki_sink_text(out, i == 0 ? "" : row->parts == 2 && i % 2 == 1 ? ": " : ", ");
    return npki_item_of(top->value, i);
}

static const npk_value *next_id(npki_sink *out, frame *top)
{
    if (top->next++ == 0)
        return npk_value_id(top->value);
    npki_sink_char(out, '>');
    return NULL;
}

/* The next value inside the innermost one that is not complete. */
static const npk_value *advance(printer *p)
{
    const npk_value *next = NULL;
    while (next == NULL && p->depth > 0 && p->out->status == NPK_OK) {
        frame *top = npki_print_top(p);
        npk_kind kind = npk_value_kind(top->value);
        if (top->masked != NPKI_MASKED_NOT || top->array != NULL)
            next = next_of_array(p, top);
        else if (top->with_calls || is_of_parts(kind))
            next = next_part(p, top);
        else if (containers[kind].open != NULL) {
            if (p->in_runs)
                npki_print_run(p->out, top, containers[kind].parts);
            next = next_item(p->out, top, &containers[kind]);
        } else
            next = next_id(p->out, top);
        if (next == NULL) {
            npki_print_pop(p);
        }
    }
    return next;
}

void npki_print_value(npki_sink *out, const npk_value *value, const npki_print_settings *settings)
{
    printer p;
    if (value != NULL && print_atom(out, value))
        return;
    npki_print_stack_start(&p, out, value, settings);
    for (const npk_value *next = value; next != NULL && out->status == NPK_OK; next = advance(&p))
        begin(&p, next);
    npki_print_stack_free(&p);
}

npk_status npk_print_value(const npk_value *value, const npk_print_options *options, npk_write_function *write,
                           void *context, npk_error *error)
{
    npki_sink out;
    npki_print_settings settings;
    npk_status status = npki_print_start(&out, &settings, value, options, write, context, error);
    if (status != NPK_OK)
        return status;
    npki_print_value(&out, value, &settings);
    return npki_print_finish(&out, NPK_OK, error);
}

npk_status npk_print_array(const npk_array *array, const npk_print_options *options, npk_write_function *write,
                           void *context, npk_error *error)
{
    npki_sink out;
    npki_print_settings settings;
    npki_print_array *print = NULL;
    npk_status status = npki_print_start_array(&out, &settings, array, options, write, context, error);
    if (status != NPK_OK)
        return status;
    status = npki_print_array_begin(&print, array, "numpy.ndarray", NPKI_ELEMENTS_SHOWN, &settings, &out);
    if (status == NPK_OK)
        for (const npk_value *next; (next = npki_print_array_next(print)) != NULL;)
            npki_print_value(&out, next, &settings);
    else
        npki_sink_fail(&out, status);
    npki_print_array_end(print);
    return npki_print_finish(&out, NPK_OK, error);
}
