#include "print_value.h"

#include "print_array.h"
#include "print_atom.h"
#include "print_masked.h"
#include "print_pyarray.h"

#include <npickle/options.h>
#include <stdlib.h>
#include <string.h>

/* A kind of container, and how it is written. */
typedef struct container_row {
    const char *open, *close;
    const char *empty; /* without any items */
    const char *again; /* where it holds itself */
    const char *last;  /* after a single item */
    int parts;         /* of an item: key and value */
} container_row;

static const container_row containers[NPK_KINDS] = {
    [NPK_KIND_TUPLE] = {"(", ")", "()", "(...)", ",", 1},
    [NPK_KIND_LIST] = {"[", "]", "[]", "[...]", "", 1},
    [NPK_KIND_DICT] = {"{", "}", "{}", "{...}", "", 2},
    [NPK_KIND_SET] = {"{", "}", "set()", "set(...)", "", 1},
    [NPK_KIND_FROZENSET] = {"frozenset({", "})", "frozenset()", "frozenset(...)", "", 1},
};

#define OBJECT_PARTS 6

/* A value that is being printed, and how far. */
typedef struct frame {
    const npk_value *value;
    size_t next; /* of a container: the next item; of an object: the next part */
    array_print *array;
    masked_part masked; /* of a masked array: the part that was begun last */
    const npk_value *parts[OBJECT_PARTS];
} frame;

typedef struct printer {
    tool_out *out;
    frame *frames;
    size_t depth, room, limit;
} printer;

static bool is_open(const printer *p, const npk_value *value)
{
    for (size_t i = 0; i < p->depth; i++)
        if (p->frames[i].value == value)
            return true;
    return false;
}

static frame *push(printer *p, const npk_value *value)
{
    if (p->depth == p->limit) {
        out_fail(p->out, NPK_LIMIT);
        return NULL;
    }
    if (p->depth == p->room) {
        size_t room = p->room * 2 + 8;
        frame *frames = realloc(p->frames, room * sizeof *frames);
        if (frames == NULL) {
            out_fail(p->out, NPK_MEMORY);
            return NULL;
        }
        p->frames = frames;
        p->room = room;
    }
    frame *top = &p->frames[p->depth++];
    *top = (frame){.value = value};
    return top;
}

static void begin_array(printer *p, const npk_value *value)
{
    npk_ndarray array;
    npk_status status = npk_as_ndarray(value, &array, NULL);
    const char *class = npk_ndarray_class(value);
    bool again = is_open(p, value);
    frame *top = push(p, value);
    if (top == NULL)
        return;
    if (status == NPK_OK)
        status = array_begin(&top->array, &array, class == NULL ? "numpy.ndarray" : class, again, p->out);
    if (status != NPK_OK)
        out_fail(p->out, status);
}

static void begin_masked(printer *p, const npk_value *value)
{
    if (is_open(p, value)) {
        out_text(p->out, "<...>");
        return;
    }
    frame *top = push(p, value);
    if (top != NULL)
        top->masked = MASKED_BEGIN;
}

/* The next part of a masked array: an array of its own, or a value, which is returned. */
static const npk_value *next_masked(tool_out *out, frame *top)
{
    const npk_value *next = NULL;
    while (top->masked < MASKED_END && next == NULL && out->status == NPK_OK) {
        if (top->array != NULL)
            next = array_next(top->array);
        if (next != NULL || out->status != NPK_OK)
            break;
        array_end(top->array);
        npk_status status = masked_begin(top->value, ++top->masked, &top->array, &next, out);
        if (status != NPK_OK)
            out_fail(out, status);
    }
    return next;
}

static void begin_container(printer *p, const npk_value *value, const container_row *row)
{
    if (npk_size(value) == 0)
        out_text(p->out, row->empty);
    else if (is_open(p, value))
        out_text(p->out, row->again);
    else if (push(p, value) != NULL)
        out_text(p->out, row->open);
}

static void begin_object(printer *p, const npk_value *value)
{
    npk_object object;
    if (is_open(p, value)) {
        out_text(p->out, "<...>");
        return;
    }
    frame *top = push(p, value);
    if (top == NULL || !npk_as_object(value, &object))
        return;
    bool is_new = object.construction == NPK_BY_NEW;
    bool bare = is_new && object.args != NULL && npk_size(object.args) == 0;
    top->parts[0] = object.callable;
    top->parts[1] = bare ? NULL : object.args;
    top->parts[2] = object.kwargs;
    top->parts[3] = object.state;
    top->parts[4] = object.listitems;
    top->parts[5] = object.dictitems;
    out_char(p->out, '<');
    if (object.callable != NULL && npk_kind_of(object.callable) == NPK_KIND_GLOBAL) {
        print_global_name(p->out, object.callable);
        out_text(p->out, is_new ? " object" : "");
        top->next = 1;
    }
}

static void begin_id(printer *p, const npk_value *value)
{
    bool is_persistent = npk_kind_of(value) == NPK_KIND_PERSID;
    if (is_open(p, value))
        out_text(p->out, "<...>");
    else if (push(p, value) != NULL)
        out_text(p->out, is_persistent ? "<persistent id " : "<extension code ");
}

static void begin(printer *p, const npk_value *value)
{
    npk_kind kind = npk_kind_of(value);
    if (npk_is_masked(value))
        begin_masked(p, value);
    else if (print_pyarray(p->out, value))
        out_pass(p->out);
    else if (npk_is_ndarray(value))
        begin_array(p, value);
    else if (print_atom(p->out, value))
        out_pass(p->out);
    else if (containers[kind].open != NULL)
        begin_container(p, value, &containers[kind]);
    else if (kind == NPK_KIND_OBJECT)
        begin_object(p, value);
    else
        begin_id(p, value);
}

/* What stands before the next item, and that item; after the last one the end, and NULL. */
static const npk_value *next_item(tool_out *out, frame *top, const container_row *row)
{
    size_t count = npk_size(top->value) * (size_t)row->parts, i = top->next++;
    if (i == count) {
        out_text(out, count == 1 ? row->last : "");
        out_text(out, row->close);
        return NULL;
    }
    out_text(out, i == 0 ? "" : row->parts == 2 && i % 2 == 1 ? ": " : ", ");
    return npk_item(top->value, i);
}

static const npk_value *next_part(tool_out *out, frame *top)
{
    static const char *const labels[OBJECT_PARTS] = {"", " args=", " kwargs=", " state=", " items=", " pairs="};
    while (top->next < OBJECT_PARTS && top->parts[top->next] == NULL)
        top->next++;
    if (top->next >= OBJECT_PARTS) {
        out_char(out, '>');
        return NULL;
    }
    out_text(out, labels[top->next]);
    return top->parts[top->next++];
}

static const npk_value *next_id(tool_out *out, frame *top)
{
    if (top->next++ == 0)
        return npk_as_id(top->value);
    out_char(out, '>');
    return NULL;
}

/* The next value inside the innermost one that is not complete. */
static const npk_value *advance(printer *p)
{
    const npk_value *next = NULL;
    while (next == NULL && p->depth > 0 && p->out->status == NPK_OK) {
        frame *top = &p->frames[p->depth - 1];
        npk_kind kind = npk_kind_of(top->value);
        if (top->masked != MASKED_NOT)
            next = next_masked(p->out, top);
        else if (top->array != NULL)
            next = array_next(top->array);
        else if (containers[kind].open != NULL)
            next = next_item(p->out, top, &containers[kind]);
        else if (kind == NPK_KIND_OBJECT)
            next = next_part(p->out, top);
        else
            next = next_id(p->out, top);
        if (next == NULL) {
            array_end(top->array);
            p->depth--;
        }
    }
    return next;
}

void print_value(tool_out *out, const npk_value *value)
{
    printer p = {.out = out, .limit = 4 * (size_t)npk_limits_default().depth};
    for (const npk_value *next = value; next != NULL && out->status == NPK_OK; next = advance(&p))
        begin(&p, next);
    for (; p.depth > 0; p.depth--)
        array_end(p.frames[p.depth - 1].array);
    free(p.frames);
}

void print_ndarray(tool_out *out, const npk_ndarray *array, const char *class)
{
    array_print *print;
    npk_status status = array_begin(&print, array, class, false, out);
    const npk_value *next;
    while (status == NPK_OK && (next = array_next(print)) != NULL)
        print_value(out, next);
    if (status == NPK_OK)
        array_end(print);
    else
        out_fail(out, status);
}
