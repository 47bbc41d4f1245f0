/* Values as JSON: npickle/print.h says what becomes of each. */
#include "array/layout.h"
#include "base/bytes.h"
#include "base/error.h"
#include "dtype/repr.h"
#include "known/known.h"
#include "print/beside.h"
#include "print/item.h"
#include "print/json_element.h"
#include "print/plain.h"
#include "print/stack.h"
#include "print/value.h"
#include "text/quote.h"
#include "value/kind.h"

#include <string.h>

typedef npki_print_frame frame;

typedef struct printer {
    npki_print_stack stack;
    npki_sink *out;
    const npki_print_settings *settings;
    const npk_value *refused; /* what JSON can't say; or NULL */
    const char *why;
} printer;

static void refuse(printer *p, const npk_value *value, const char *why)
{
    p->refused = value;
    p->why = why;
    npki_sink_fail(p->out, NPK_ERR_UNSUPPORTED);
}

/* Whether what comes next is part of a call that was dropped: it has the value that it belongs to among its
 * arguments, as a rule. */
static bool is_in_calls(const printer *p)
{
    for (size_t i = 0; i < p->stack.depth; i++) {
        const frame *at = &p->stack.frames[i];
        if (at->is == NPKI_JSON_OBJECT && at->next == NPKI_PRINT_PARTS && at->parts[NPKI_PRINT_CALLS] != NULL)
            return true;
    }
    return false;
}

/* A new frame; NULL where there is none: the value is in itself, or too deep. */
static frame *push(printer *p, const npk_value *value, npki_json_shape is)
{
    bool limited = p->settings->depth != SIZE_MAX;
    bool again = value != NULL && npki_print_is_open(&p->stack.shared, value);
    if (again && !limited && !is_in_calls(p)) {
        refuse(p, value, "a container that holds itself");
        return NULL;
    }
    if (again || npki_print_is_too_deep(&p->stack)) {
        npki_sink_text(p->out, "\"...\"");
        return NULL;
    }
    frame *top = npki_print_push(&p->stack, value);
    if (top != NULL)
        top->is = is;
    return top;
}

/* {"same_as": "[0]['w']"}, where the value was printed before, or is being printed, and may be long. */
static bool put_reference(printer *p, const npk_value *value)
{
    const char *path = p->settings->shared == NPK_SHARED_REFER
                           ? npki_print_path_of(&p->stack.shared, value, NPKI_PRINT_BEGUN, p->out)
                           : NULL;
    if (path == NULL)
        return false;
    npki_sink_text(p->out, "{\"same_as\": ");
    npki_quote(p->out, NPK_TEXT_JSON, path, strlen(path));
    npki_sink_char(p->out, '}');
    return true;
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

#define PRICE_OF_REPR                                                                                                  \
    4u /* of each byte of a long one, which is printed and then quoted, with all that other keys have, too */

/* Any other key: the text that repr() gives; a long one that several dicts have is a reference from the second on. */
static void put_repr(printer *p, const npk_value *key)
{
    npki_sink *out = p->out, text;
    if (p->settings->shared == NPK_SHARED_REFER && npki_print_key_again(&p->stack.shared, key, out))
        return;
    npki_sink_start(&text, &out->allocator, NULL, NULL, out->left);
    npki_print_value(&text, key, p->settings);
    npk_status status = npki_sink_finish(&text);
    if (text.added > NPKI_PRINT_SHORT)
        npki_sink_charge(out, npki_mul_saturated(text.added, PRICE_OF_REPR - 1));
    if (status == NPK_OK)
        npki_quote(out, NPK_TEXT_JSON, text.bytes, text.size);
    else
        npki_sink_fail(out, status);
    if (!npki_print_key_passed(&p->stack.shared, key, text.size))
        npki_sink_fail(out, NPK_ERR_MEMORY);
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

static void begin_list(printer *p, const npk_value *value)
{
    bool dict = npk_value_kind(value) == NPK_KIND_DICT;
    frame *top = push(p, value, dict ? NPKI_JSON_DICT : NPKI_JSON_LIST);
    if (top == NULL)
        return;
    bool whole = npki_print_leave_out(&p->stack);
    npki_sink_text(p->out, whole ? "\"...\"" : dict ? "{" : "[");
    top->next = whole ? SIZE_MAX : 0;
}

static void set_parts(frame *top, const npk_object *object)
{
    top->first = object->construction == NPK_BY_NEW ? "class" : "call";
    npki_print_set_parts(top, object);
}

static void begin_object(printer *p, const npk_value *value)
{
    npk_object object;
    frame *top = push(p, value, NPKI_JSON_OBJECT);
    if (top == NULL)
        return;
    npki_sink_char(p->out, '{');
    if (npk_value_kind(value) == NPK_KIND_MALFORMED) {
        const char *name = value->u.malformed->row->name;
        npki_sink_text(p->out, "\"opcode\": ");
        npki_quote(p->out, NPK_TEXT_JSON, name, strlen(name));
        top->parts[NPKI_PRINT_ARGS] = value->u.malformed->args;
        top->any = true;
        return;
    }
    if (!npk_value_as_object(value, &object)) { /* a persistent id or an extension code */
        top->parts[0] = npk_value_id(value);
        top->first = npk_value_kind(value) == NPK_KIND_PERSID ? "persistent_id" : "extension_code";
        return;
    }
    set_parts(top, &object);
    top->parts[NPKI_PRINT_CALLS] = npk_value_calls(value);
}

static void begin_with_calls(printer *p, const npk_value *value)
{
    frame *top = npki_print_is_with_calls(&p->stack, value) ? NULL : push(p, NULL, NPKI_JSON_OBJECT);
    if (top == NULL && p->out->status == NPK_OK)
        npki_sink_text(p->out, "\"...\"");
    if (top == NULL)
        return;
    npki_sink_char(p->out, '{');
    top->first = "value";
    npki_print_set_calls(top, value);
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
    top->has_parts = top->any = true;
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
    frame *top = push(p, value, NPKI_JSON_ARRAY);
    if (top == NULL)
        return;
    if (npki_has_beside(value))
        begin_beside(p, top, value);
    npki_print_elements_begin(&p->stack, &array);
    npki_json_array_begin(&top->json, &array, masked ? &mask : NULL, p->settings, p->out);
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

/* What is printed at once: true, if it is such. */
static bool put_whole(printer *p, const npk_value *value)
{
    const npk_dtype *dtype = npk_value_dtype(value);
    const uint64_t began = p->out->added;
    if (dtype != NULL)
        put_dtype(p, dtype);
    else if (npk_value_is_scalar(value))
        put_scalar(p, value);
    else if (!put_plain(p, value))
        return false;
    npki_print_passed(&p->stack, value, began);
    return true;
}

static void begin_parts(printer *p, const npk_value *value)
{
    npk_kind kind = npk_value_kind(value);
    if (kind == NPK_KIND_OBJECT || kind == NPK_KIND_PERSID || kind == NPK_KIND_EXTENSION || kind == NPK_KIND_MALFORMED)
        begin_object(p, value);
    else
        begin_list(p, value);
}

static void begin(printer *p, const npk_value *value)
{
    bool beside = value != p->stack.bare && npki_has_calls_beside(value) && !npki_print_is_too_deep(&p->stack);
    bool bare = value == p->stack.bare;
    p->stack.bare = NULL;
    if (!bare && put_reference(p, value))
        return;
    if (beside)
        begin_with_calls(p, value);
    else if (npk_value_is_masked(value) || npk_value_is_array(value))
        begin_array(p, value);
    else if (!put_whole(p, value))
        begin_parts(p, value);
    if (p->out->status == NPK_ERR_UNSUPPORTED && p->refused == NULL)
        refuse(p, value, "a number that is not finite, or an array whose Python objects are not at hand");
}

static const npk_value *next_item(printer *p, frame *top)
{
    size_t i = top->next++;
    if (i == SIZE_MAX)
        return NULL;
    if (top->is == NPKI_JSON_LIST && i == top->own_start && i < top->own_end) {
        npki_sink_text(p->out, i > 0 ? ", \"...\"" : "\"...\"");
        i = top->own_end;
        top->next = i + 1;
    }
    if (i == npk_value_size(top->value)) {
        npki_sink_char(p->out, top->is == NPKI_JSON_DICT ? '}' : ']');
        return NULL;
    }
    npki_sink_text(p->out, i > 0 ? ", " : "");
    if (top->is == NPKI_JSON_LIST)
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
    if (top->with_calls || !npk_value_fault(top->value, &fault))
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
    static const char *const names[NPKI_PRINT_PARTS] = {"",      "args",  "kwargs", "state",
                                                    "items", "pairs", "states", "calls"};
    for (; top->next < NPKI_PRINT_PARTS; top->next++) {
        const npk_value *part = top->parts[top->next];
        if (part == NULL)
            continue;
        npki_sink_text(p->out, top->any ? ", \"" : "\"");
        npki_sink_text(p->out, top->next == 0 ? top->first : names[top->next]);
        npki_sink_text(p->out, "\": ");
        top->any = true;
        p->stack.bare = top->with_calls && top->next == 0 ? part : NULL;
        bool is_name = top->next == 0 && !top->with_calls && npk_value_kind(part) == NPK_KIND_GLOBAL;
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
    const npk_value *next = npki_json_array_next(top->json);
    if (next != NULL || !top->has_parts || p->out->status != NPK_OK)
        return next;
    npki_json_array_end(top->json);
    top->json = NULL;
    top->is = NPKI_JSON_OBJECT;
    return next_part(p, top);
}

/* The next value inside the innermost one that is not complete. */
static const npk_value *advance(printer *p)
{
    const npk_value *next = NULL;
    while (next == NULL && p->stack.depth > 0 && p->out->status == NPK_OK) {
        frame *top = npki_print_top(&p->stack);
        if (top->is == NPKI_JSON_ARRAY)
            next = next_of_array(p, top);
        else if (top->is == NPKI_JSON_OBJECT)
            next = next_part(p, top);
        else
            next = next_item(p, top);
        if (p->out->status == NPK_ERR_UNSUPPORTED && p->refused == NULL)
            refuse(p, top->value, "a number that is not finite");
        if (next == NULL)
            npki_print_pop(&p->stack);
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
    npki_print_stack_start(&p.stack, &out, value, &settings);
    for (const npk_value *next = value; next != NULL && out.status == NPK_OK; next = advance(&p))
        begin(&p, next);
    npki_print_stack_free(&p.stack);
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
