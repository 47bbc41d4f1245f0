/* Values as JSON: npickle/print.h says what becomes of each. */
#include "array/layout.h"
#include "base/error.h"
#include "dtype/repr.h"
#include "known/known.h"
#include "print/beside.h"
#include "print/item.h"
#include "print/json_array.h"
#include "print/json_element.h"
#include "print/plain.h"
#include "print/value.h"
#include "text/quote.h"
#include "value/kind.h"

#include <string.h>

#define OBJECT_PARTS 8
#define CALLS (OBJECT_PARTS - 1)

/* What a value that holds others becomes. */
typedef enum json_shape { NOTHING, LIST, DICT, OBJECT, ARRAY } json_shape;

/* A value that is being printed, and how far. */
typedef struct frame {
    const npk_value *value;
    json_shape is;
    size_t next; /* LIST, DICT: the next item; OBJECT: the next part */
    npki_json_array *array;
    bool any;          /* OBJECT: a part was printed */
    bool bare;         /* OBJECT: a value, and what was made and dropped after it */
    const char *first; /* OBJECT: what its first part is called */
    const npk_value *parts[OBJECT_PARTS];
    bool beside;               /* ARRAY: behind it come these parts */
    size_t own_start, own_end; /* items of a list that are the array's own state: "..." */
} frame;

typedef struct printer {
    npki_sink *out;
    const npki_print_settings *settings;
    frame *frames;
    size_t depth, room;
    const npk_value *bare;    /* comes next without what was made and dropped after it, or NULL */
    const npk_value *refused; /* what JSON can't say; or NULL */
    const char *why;
} printer;

static void refuse(printer *p, const npk_value *value, const char *why)
{
    p->refused = value;
    p->why = why;
    npki_sink_fail(p->out, NPK_ERR_UNSUPPORTED);
}

static bool is_open(const printer *p, const npk_value *value)
{
    for (size_t i = 0; i < p->depth; i++)
        if (p->frames[i].value == value && value != NULL)
            return true;
    return false;
}

/* Whether what comes next is part of a call that was dropped: it has the value that it belongs to among its
 * arguments, as a rule. */
static bool is_in_calls(const printer *p)
{
    for (size_t i = 0; i < p->depth; i++)
        if (p->frames[i].is == OBJECT && p->frames[i].next == OBJECT_PARTS && p->frames[i].parts[CALLS] != NULL)
            return true;
    return false;
}

/* A new frame; NULL where there is none: the value is in itself, or too deep. */
static frame *push(printer *p, const npk_value *value, json_shape is)
{
    bool limited = p->settings->depth != SIZE_MAX, again = is_open(p, value);
    if (again && !limited && !is_in_calls(p)) {
        refuse(p, value, "a container that holds itself");
        return NULL;
    }
    if (again || p->depth >= p->settings->depth) {
        npki_sink_text(p->out, "\"...\"");
        return NULL;
    }
    if (p->depth == NPKI_PRINT_DEEPEST) {
        npki_sink_fail(p->out, NPK_ERR_LIMIT);
        return NULL;
    }
    if (p->depth == p->room) {
        size_t room = p->room * 2 + 8;
        frame *frames = npki_resize(&p->out->allocator, p->frames, p->room * sizeof *frames, room * sizeof *frames);
        if (frames == NULL) {
            npki_sink_fail(p->out, NPK_ERR_MEMORY);
            return NULL;
        }
        p->frames = frames;
        p->room = room;
    }
    frame *top = &p->frames[p->depth++];
    *top = (frame){.value = value, .is = is};
    return top;
}

/* --- values without others inside --- */

static void put_int(printer *p, const npk_value *value)
{
    int64_t small;
    uint8_t room[8];
    size_t size;
    const uint8_t *bytes = NULL;
    if (npk_value_as_int64(value, &small))
        npki_sink_int(p->out, small);
    else if ((bytes = npk_value_as_long(value, room, &size)) == NULL || !npki_print_long_int(p->out, bytes, size))
        refuse(p, value, "an int of more than 4300 digits");
}

static void put_number(printer *p, const npk_value *value)
{
    double parts[2] = {0, 0};
    bool complex = npk_value_as_complex(value, parts);
    if (!complex)
        (void)npk_value_as_double(value, &parts[0]);
    npki_sink_text(p->out, complex ? "[" : "");
    npki_json_double(parts[0], p->settings, p->out);
    if (!complex)
        return;
    npki_sink_text(p->out, ", ");
    npki_json_double(parts[1], p->settings, p->out);
    npki_sink_char(p->out, ']');
}

static void put_str(printer *p, const npk_value *value)
{
    size_t size = 0;
    const char *text = npk_value_as_str(value, &size);
    npki_quote(p->out, NPK_TEXT_JSON, text, text == NULL ? 0 : size);
}

/* "module.name" */
static void put_global_name(printer *p, const npk_value *value)
{
    const char *module, *name;
    size_t module_size, name_size;
    if (!npk_value_as_global(value, &module, &module_size, &name, &name_size))
        return;
    npki_sink_char(p->out, '"');
    npki_quote_inside(p->out, NPK_TEXT_JSON, module, module_size);
    npki_sink_char(p->out, '.');
    npki_quote_inside(p->out, NPK_TEXT_JSON, name, name_size);
    npki_sink_char(p->out, '"');
}

static void put_global(printer *p, const npk_value *value)
{
    npki_sink_text(p->out, "{\"global\": ");
    put_global_name(p, value);
    npki_sink_char(p->out, '}');
}

static void put_buffer(printer *p, const npk_value *value)
{
    int64_t size = npk_value_bytes_size(value);
    npki_sink_text(p->out, "{\"buffer\": ");
    npki_sink_int(p->out, size < 0 ? 0 : size);
    npki_sink_char(p->out, '}');
}

static void put_dtype(printer *p, const npk_dtype *dtype)
{
    if (npk_dtype_type(dtype) == NPK_VSTRING)
        npki_sink_text(p->out, "\"StringDType()\"");
    else
        npki_print_descr(p->out, dtype, NPKI_LITERAL_JSON);
}

/* False for a value of another kind. */
static bool put_plain(printer *p, const npk_value *value)
{
    bool truth = false;
    switch (npk_value_kind(value)) {
    case NPK_KIND_NONE:
        npki_sink_text(p->out, "null");
        return true;
    case NPK_KIND_BOOL:
        npki_sink_text(p->out, npk_value_as_bool(value, &truth) && truth ? "true" : "false");
        return true;
    case NPK_KIND_INT:
        put_int(p, value);
        return true;
    case NPK_KIND_FLOAT:
    case NPK_KIND_COMPLEX:
        put_number(p, value);
        return true;
    case NPK_KIND_STR:
        put_str(p, value);
        return true;
    case NPK_KIND_BYTES:
    case NPK_KIND_BYTEARRAY:
    case NPK_KIND_PYTHON2_STR:
        npki_print_bytes(p->out, NPK_TEXT_JSON_LATIN1, value);
        return true;
    case NPK_KIND_GLOBAL:
        put_global(p, value);
        return true;
    case NPK_KIND_BUFFER:
        put_buffer(p, value);
        return true;
    default:
        return false;
    }
}

/* --- keys --- */

/* Any other key: the text that repr() gives. */
static void put_repr(printer *p, const npk_value *key)
{
    npki_sink *out = p->out, text;
    npki_sink_start(&text, &out->allocator, NULL, NULL, out->left);
    npki_print_value(&text, key, p->settings);
    npk_status status = npki_sink_finish(&text);
    if (status == NPK_OK)
        npki_quote(out, NPK_TEXT_JSON, text.bytes, text.size);
    else
        npki_sink_fail(out, status);
    npki_sink_drop(&text);
}

/* A key as json.dumps makes a string of it. */
static void put_key(printer *p, const npk_value *key)
{
    npki_print_settings as_python = *p->settings;
    double number;
    bool truth;
    int64_t small;
    npk_kind kind = npk_value_kind(key);
    if (kind == NPK_KIND_STR || kind == NPK_KIND_BYTES || kind == NPK_KIND_PYTHON2_STR) {
        (void)put_plain(p, key);
        return;
    }
    if (npk_value_as_double(key, &number)) {
        as_python.nan = NPK_JSON_NAN_PYTHON;
        npki_sink_char(p->out, '"');
        npki_json_double(number, &as_python, p->out);
        npki_sink_char(p->out, '"');
    } else if (kind == NPK_KIND_NONE || npk_value_as_bool(key, &truth) || npk_value_as_int64(key, &small)) {
        npki_sink_char(p->out, '"');
        (void)put_plain(p, key);
        npki_sink_char(p->out, '"');
    } else {
        put_repr(p, key);
    }
}

/* --- values with others inside --- */

/* Which items of the list on top are left out: those that an array further out is made of. All: "..." is the list. */
static bool leave_out(printer *p)
{
    frame *top = &p->frames[p->depth - 1];
    for (size_t i = 2; i <= NPKI_FOUND_DEEPEST + 1u && i <= p->depth && top->own_end == 0; i++) {
        const frame *outer = &p->frames[p->depth - i];
        size_t count = outer->beside ? npki_own_items(outer->value, top->value, &top->own_start) : 0;
        top->own_end = top->own_start + count;
    }
    return top->own_end > 0 && top->own_end - top->own_start == npk_value_size(top->value);
}

static void begin_list(printer *p, const npk_value *value)
{
    bool dict = npk_value_kind(value) == NPK_KIND_DICT;
    frame *top = push(p, value, dict ? DICT : LIST);
    if (top == NULL)
        return;
    bool whole = leave_out(p);
    npki_sink_text(p->out, whole ? "\"...\"" : dict ? "{" : "[");
    top->next = whole ? SIZE_MAX : 0;
}

static void set_parts(frame *top, const npk_object *object)
{
    bool is_new = object->construction == NPK_BY_NEW;
    bool bare = is_new && object->args != NULL && npk_value_size(object->args) == 0;
    top->first = is_new ? "class" : "call";
    top->parts[0] = object->callable;
    top->parts[1] = bare ? NULL : object->args;
    top->parts[2] = object->kwargs;
    top->parts[3] = object->state;
    top->parts[4] = object->listitems;
    top->parts[5] = object->dictitems;
    top->parts[6] = object->later;
}

static void begin_object(printer *p, const npk_value *value)
{
    npk_object object;
    frame *top = push(p, value, OBJECT);
    if (top == NULL)
        return;
    npki_sink_char(p->out, '{');
    if (!npk_value_as_object(value, &object)) { /* a persistent id or an extension code */
        top->parts[0] = npk_value_id(value);
        top->first = npk_value_kind(value) == NPK_KIND_PERSID ? "persistent_id" : "extension_code";
        return;
    }
    set_parts(top, &object);
    top->parts[CALLS] = npk_value_calls(value);
}

/* Whether the value with its calls is being printed. */
static bool is_beside(const printer *p, const npk_value *value)
{
    for (size_t i = 0; i < p->depth; i++)
        if (p->frames[i].bare && p->frames[i].parts[0] == value)
            return true;
    return false;
}

static void begin_with_calls(printer *p, const npk_value *value)
{
    frame *top = is_beside(p, value) ? NULL : push(p, NULL, OBJECT);
    if (top == NULL && p->out->status == NPK_OK)
        npki_sink_text(p->out, "\"...\"");
    if (top == NULL)
        return;
    npki_sink_char(p->out, '{');
    top->first = "value";
    top->bare = true;
    top->parts[0] = value;
    top->parts[CALLS] = npk_value_calls(value);
}

/* {"class": "m.C", "array": ; its elements, and then the parts, come next. */
static void begin_beside(printer *p, frame *top, const npk_value *value)
{
    npk_object object;
    const char *class = npk_array_class(value);
    bool of_call = npki_is_of_call(value);
    if (!npk_value_as_object(value, &object))
        return;
    bool named = of_call && npk_value_kind(object.callable) == NPK_KIND_GLOBAL;
    set_parts(top, &object);
    top->beside = top->any = true;
    top->next = named ? 1 : of_call ? 0 : 3;
    npki_sink_text(p->out, named && object.construction == NPK_BY_CALL ? "{\"call\": " : "{\"class\": ");
    if (named)
        put_global_name(p, object.callable);
    else
        npki_quote(p->out, NPK_TEXT_JSON, class, strlen(class));
    npki_sink_text(p->out, ", \"array\": ");
}

static void begin_array(printer *p, const npk_value *value)
{
    npk_array array, mask;
    const npk_value *fill;
    bool masked = npk_value_is_masked(value);
    npk_status status = masked ? npk_masked_of(value, &array, &mask, &fill, NULL) : npk_array_of(value, &array, NULL);
    if (status != NPK_OK) {
        npki_sink_fail(p->out, status);
        return;
    }
    frame *top = push(p, value, ARRAY);
    if (top == NULL)
        return;
    if (npki_has_beside(value))
        begin_beside(p, top, value);
    npki_json_array_begin(&top->array, &array, masked ? &mask : NULL, p->settings, p->out);
}

/* Of a NumPy scalar. */
static void put_scalar(printer *p, const npk_value *value)
{
    npk_array scalar;
    npki_json_array *print = NULL;
    npk_status status = npk_scalar_of(value, &scalar, NULL);
    if (status != NPK_OK) {
        npki_sink_fail(p->out, status);
        return;
    }
    npki_json_array_begin(&print, &scalar, NULL, p->settings, p->out);
    if (print != NULL && p->out->status == NPK_OK && npki_json_array_next(print) != NULL)
        refuse(p, value, "a scalar with Python objects");
    npki_json_array_end(print);
}

static void begin(printer *p, const npk_value *value)
{
    const npk_dtype *dtype = npk_value_dtype(value);
    npk_kind kind = npk_value_kind(value);
    bool beside = value != p->bare && npki_has_calls_beside(value) && p->depth < p->settings->depth;
    p->bare = NULL;
    if (beside)
        begin_with_calls(p, value);
    else if (npk_value_is_masked(value) || npk_value_is_array(value))
        begin_array(p, value);
    else if (dtype != NULL)
        put_dtype(p, dtype);
    else if (npk_value_is_scalar(value))
        put_scalar(p, value);
    else if (put_plain(p, value))
        npki_sink_pass(p->out);
    else if (kind == NPK_KIND_OBJECT || kind == NPK_KIND_PERSID || kind == NPK_KIND_EXTENSION)
        begin_object(p, value);
    else
        begin_list(p, value);
    if (p->out->status == NPK_ERR_UNSUPPORTED && p->refused == NULL)
        refuse(p, value, "a number that is not finite, or an array whose Python objects are not at hand");
}

static const npk_value *next_item(printer *p, frame *top)
{
    size_t i = top->next++;
    if (i == SIZE_MAX)
        return NULL;
    if (top->is == LIST && i == top->own_start && i < top->own_end) {
        npki_sink_text(p->out, i > 0 ? ", \"...\"" : "\"...\"");
        i = top->own_end;
        top->next = i + 1;
    }
    if (i == npk_value_size(top->value)) {
        npki_sink_char(p->out, top->is == DICT ? '}' : ']');
        return NULL;
    }
    npki_sink_text(p->out, i > 0 ? ", " : "");
    if (top->is == LIST)
        return npk_value_item(top->value, i);
    put_key(p, npk_dict_key(top->value, i));
    npki_sink_text(p->out, ": ");
    return npk_dict_value(top->value, i);
}

/* What is wrong with an object that was kept. */
static void put_fault(printer *p, const frame *top)
{
    npk_error fault;
    const char *status;
    if (top->bare || !npk_value_fault(top->value, &fault))
        return;
    status = npk_status_name(fault.status);
    npki_sink_text(p->out, top->any ? ", \"malformed\": {\"status\": " : "\"malformed\": {\"status\": ");
    npki_quote(p->out, NPK_TEXT_JSON, status, strlen(status));
    npki_sink_text(p->out, ", \"offset\": ");
    npki_sink_int(p->out, (int64_t)fault.offset);
    npki_sink_text(p->out, ", \"message\": ");
    npki_quote(p->out, NPK_TEXT_JSON, fault.message, strlen(fault.message));
    npki_sink_char(p->out, '}');
}

static const npk_value *next_part(printer *p, frame *top)
{
    static const char *const names[OBJECT_PARTS] = {"",      "args",  "kwargs", "state",
                                                    "items", "pairs", "states", "calls"};
    for (; top->next < OBJECT_PARTS; top->next++) {
        const npk_value *part = top->parts[top->next];
        if (part == NULL)
            continue;
        npki_sink_text(p->out, top->any ? ", \"" : "\"");
        npki_sink_text(p->out, top->next == 0 ? top->first : names[top->next]);
        npki_sink_text(p->out, "\": ");
        top->any = true;
        p->bare = top->bare && top->next == 0 ? part : NULL;
        bool is_name = top->next == 0 && !top->bare && npk_value_kind(part) == NPK_KIND_GLOBAL;
        if (is_name) {
            put_global_name(p, part);
            continue;
        }
        top->next++;
        return part;
    }
    put_fault(p, top);
    npki_sink_char(p->out, '}');
    return NULL;
}

/* The next value in an array, or of the parts beside it. */
static const npk_value *next_of_array(printer *p, frame *top)
{
    const npk_value *next = npki_json_array_next(top->array);
    if (next != NULL || !top->beside || p->out->status != NPK_OK)
        return next;
    npki_json_array_end(top->array);
    top->array = NULL;
    top->is = OBJECT;
    return next_part(p, top);
}

/* The next value inside the innermost one that is not complete. */
static const npk_value *advance(printer *p)
{
    const npk_value *next = NULL;
    while (next == NULL && p->depth > 0 && p->out->status == NPK_OK) {
        frame *top = &p->frames[p->depth - 1];
        if (top->is == ARRAY)
            next = next_of_array(p, top);
        else if (top->is == OBJECT)
            next = next_part(p, top);
        else
            next = next_item(p, top);
        if (p->out->status == NPK_ERR_UNSUPPORTED && p->refused == NULL)
            refuse(p, top->value, "a number that is not finite");
        if (next == NULL) {
            npki_json_array_end(top->array);
            p->depth--;
        }
    }
    return next;
}

/* --- all of it --- */

/* The place of what was refused. */
static npk_status place_refusal(const printer *p, const npk_value *root, npk_error *error)
{
    npk_walk *walk;
    const npk_value *value = NULL;
    npk_status status = npk_walk_start(root, &p->out->allocator, &walk, error);
    if (status != NPK_OK)
        return status;
    do
        status = npk_walk_next(walk, &value, error);
    while (status == NPK_OK && value != NULL && value != p->refused);
    const char *path = value == NULL ? "" : npk_walk_path(walk);
    if (status == NPK_OK)
        status = npki_fail(error, NPK_ERR_UNSUPPORTED, "JSON has no way to write %s: value%s", p->why, path);
    npk_walk_free(walk);
    return status;
}

npk_status npk_print_json(const npk_value *value, const npk_print_options *options, npk_write_function *write,
                          void *context, npk_error *error)
{
    npki_sink out;
    npki_print_settings settings;
    npk_status status = npki_print_start(&out, &settings, value, options, write, context, error);
    if (status != NPK_OK)
        return status;
    printer p = {.out = &out, .settings = &settings};
    for (const npk_value *next = value; next != NULL && out.status == NPK_OK; next = advance(&p))
        begin(&p, next);
    for (; p.depth > 0; p.depth--)
        npki_json_array_end(p.frames[p.depth - 1].array);
    npki_free(&out.allocator, p.frames, p.room * sizeof *p.frames);
    if (p.refused != NULL)
        status = place_refusal(&p, value, error);
    return npki_print_finish(&out, status, error);
}

npk_status npk_print_array_json(const npk_array *array, const npk_print_options *options, npk_write_function *write,
                                void *context, npk_error *error)
{
    npki_sink out;
    npki_print_settings settings;
    npki_json_array *print = NULL;
    npk_status status = npki_print_start_array(&out, &settings, array, options, write, context, error);
    if (status != NPK_OK)
        return status;
    if (npk_dtype_has_object(array->dtype))
        return npki_print_finish(&out,
                                 npki_fail(error, NPK_ERR_UNSUPPORTED,
                                           "expected elements without Python objects: npk_print_json prints those"),
                                 error);
    npki_json_array_begin(&print, array, NULL, &settings, &out);
    if (out.status == NPK_OK)
        (void)npki_json_array_next(print);
    npki_json_array_end(print);
    if (out.status == NPK_ERR_UNSUPPORTED)
        status = npki_fail(error, NPK_ERR_UNSUPPORTED, "JSON has no way to write a number that is not finite");
    return npki_print_finish(&out, status, error);
}
