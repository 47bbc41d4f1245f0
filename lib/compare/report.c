/* Differences in words. */
#include "compare/state.h"

#include "compare/stays.h"
#include "compare/timeline_path.h"
#include "value/step.h"

#include <npickle/print.h>
#include <string.h>

#define SHOWN 60u                   /* bytes of a value in a message */
#define PRINTED ((uint64_t)1 << 16) /* bytes of a value that is printed to be shown */

/* --- a report ----------------------------------------------------------------------------------------------------- */

/* The steps to a part of how an object is made. */
static bool add_way(npki_trail at, const npki_making_way *way, size_t *base, npki_sink *path)
{
    for (size_t i = 0; i < way->count; i++) {
        if (!npki_step(at, way->values[i], way->children[i], base, path))
            return false;
        at = npki_trail_to(at, way->values[i], way->children[i]);
    }
    return true;
}

/* What is only in the second is found there. */
static bool add_path(npki_compare *c, npki_sink *path)
{
    size_t base = 0;
    const int side = c->a == NULL;
    if (c->from[side] != NULL && !npki_timeline_path(c, (size_t)side, c->from[side], &base, path))
        return false;
    for (size_t i = 0; i < c->depth; i++) {
        const npki_compare_frame *frame = &c->frames[i];
        const int of = frame->second || side == 1;
        const npk_value *value = of == 1 ? frame->b : frame->a;
        if (npki_compare_is_copy(c, value)) /* what is in it has no path */
            break;
        const size_t child = of == 1 && !frame->second ? frame->other : frame->child;
        bool on_the_way = frame->makings != NULL && frame->makings->on_the_way;
        if (on_the_way && !add_way(frame->at[of], &frame->makings->way[of], &base, path))
            return false;
        if (!on_the_way && !npki_step(frame->at[of], value, child, &base, path))
            return false;
    }
    npki_sink_char(path, '\0');
    return path->status == NPK_OK;
}

npki_sink *npki_compare_differ(npki_compare *c)
{
    if (c->differences++ >= c->options.most || c->options.report == NULL)
        return NULL;
    npki_sink_start_fixed(&c->sink, c->message, sizeof c->message);
    return &c->sink;
}

void npki_compare_report(npki_compare *c)
{
    npki_sink path;
    npki_sink_finish(&c->sink);
    npki_sink_start(&path, &c->allocator, NULL, NULL, NPK_UNLIMITED);
    npk_difference difference = {.message = c->message, .a = c->a, .b = c->b};
    if (add_path(c, &path)) {
        difference.path = path.bytes;
        c->options.report(c->options.context, &difference);
    } else {
        npki_compare_fail(c, NPK_ERR_MEMORY);
    }
    npki_sink_drop(&path);
}

void npki_compare_say(npki_compare *c, const char *message)
{
    npki_sink *out = npki_compare_differ(c);
    if (out == NULL)
        return;
    npki_sink_text(out, message);
    npki_compare_report(c);
}

void npki_compare_say_at(npki_compare *c, const npk_value *a, const npk_value *b, const char *message)
{
    c->a = a;
    c->b = b;
    c->from[0] = a;
    c->from[1] = b;
    npki_compare_say(c, message);
    c->from[0] = c->from[1] = NULL;
}

void npki_compare_say_numbers(npki_compare *c, const char *name, int64_t x, int64_t y)
{
    npki_sink *out = npki_compare_differ(c);
    if (out == NULL)
        return;
    npki_sink_text(out, name);
    npki_sink_text(out, ": ");
    npki_sink_int(out, x);
    npki_sink_text(out, " / ");
    npki_sink_int(out, y);
    npki_compare_report(c);
}

/* npk_write_function */
static int add_piece(void *context, const void *bytes, size_t size)
{
    npki_sink_bytes(context, bytes, size);
    return 0;
}

void npki_compare_add(npki_sink *out, const char *text, size_t length, size_t size)
{
    size_t shown = length < size ? length : size;
    while (shown < length && shown > 0 && ((uint8_t)text[shown] & 0xc0) == 0x80)
        shown--;
    if (npk_print_text(text, shown, NPK_TEXT_TERMINAL, add_piece, out, NULL) != NPK_OK)
        npki_sink_fail(out, NPK_ERR_IO);
}

/* --- values ------------------------------------------------------------------------------------------------------- */

/* What repr() begins with; empty for what is too long to begin with. */
typedef struct short_repr {
    char text[SHOWN + 1];
    size_t size; /* of all of it */
} short_repr;

/* npk_write_function */
static int take_some(void *context, const void *bytes, size_t size)
{
    short_repr *repr = context;
    size_t room = repr->size < sizeof repr->text ? sizeof repr->text - repr->size : 0;
    if (room > 0)
        memcpy(repr->text + repr->size, bytes, size < room ? size : room);
    repr->size += size;
    return 0;
}

static void print_some(npki_compare *c, const npk_value *value, short_repr *out)
{
    npk_print_options options = {.allocator = &c->allocator, .most = PRINTED};
    out->size = 0;
    if (npk_print_value(value, &options, take_some, out, NULL) != NPK_OK)
        out->size = 0;
}

static void add_repr(npki_sink *out, const short_repr *repr)
{
    npki_compare_add(out, repr->text, repr->size, SHOWN);
    if (repr->size > SHOWN)
        npki_sink_text(out, "...");
}

static void add_object(npki_sink *out, const npk_value *value)
{
    npk_object object;
    const char *module, *name, *class = npk_array_class(value);
    size_t module_size, name_size;
    if (class != NULL) {
        npki_compare_add(out, class, strlen(class), 100);
    } else if (npk_value_is_scalar(value)) {
        npki_sink_text(out, "NumPy scalar");
    } else if (npk_value_dtype(value) != NULL) {
        npki_sink_text(out, "dtype");
    } else if (npk_value_as_object(value, &object) &&
               npk_value_as_global(object.callable, &module, &module_size, &name, &name_size)) {
        npki_sink_text(out, "object of ");
        npki_compare_add(out, module, module_size, SHOWN);
        npki_sink_char(out, '.');
        npki_compare_add(out, name, name_size, SHOWN);
    } else {
        npki_sink_text(out, "object");
    }
}

static void add_kind(npki_compare *c, npki_sink *out, const npk_value *value)
{
    npk_kind kind = npk_value_kind(value);
    if (kind == NPK_KIND_OBJECT) {
        add_object(out, value);
        return;
    }
    npki_sink_text(out, npk_kind_name(kind));
    if (npki_children(value) > 0 || kind == NPK_KIND_NONE)
        return;
    short_repr repr;
    print_some(c, value, &repr);
    if (repr.size > 0)
        npki_sink_char(out, ' ');
    add_repr(out, &repr);
}

void npki_compare_say_kinds(npki_compare *c, const npk_value *a, const npk_value *b)
{
    npki_sink *out = npki_compare_differ(c);
    if (out == NULL)
        return;
    add_kind(c, out, a);
    npki_sink_text(out, " / ");
    add_kind(c, out, b);
    npki_compare_report(c);
}

static void add_pair(npki_sink *out, const short_repr *x, const short_repr *y)
{
    add_repr(out, x);
    npki_sink_text(out, " / ");
    add_repr(out, y);
}

void npki_compare_say_named(npki_compare *c, const char *name, const npk_value *a, const npk_value *b)
{
    short_repr x, y;
    npki_sink *out = npki_compare_differ(c);
    if (out == NULL)
        return;
    print_some(c, a, &x);
    print_some(c, b, &y);
    npki_sink_text(out, name);
    npki_sink_text(out, ": ");
    add_pair(out, &x, &y);
    npki_compare_report(c);
}

void npki_compare_say_values(npki_compare *c, const npk_value *a, const npk_value *b, size_t from)
{
    short_repr x, y;
    npki_sink *out = npki_compare_differ(c);
    if (out == NULL)
        return;
    print_some(c, a, &x);
    print_some(c, b, &y);
    if (x.size == 0 || y.size == 0) {
        npki_sink_text(out, npk_kind_name(npk_value_kind(a)));
        npki_sink_text(out, ": other from byte ");
    } else {
        add_pair(out, &x, &y);
        if (from > SHOWN / 2)
            npki_sink_text(out, ", from byte ");
    }
    if (x.size == 0 || y.size == 0 || from > SHOWN / 2) {
        npki_sink_uint(out, from);
        npki_sink_text(out, " on");
    }
    npki_compare_report(c);
}
