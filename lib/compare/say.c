#define _POSIX_C_SOURCE 200809L

#include "compare/state.h"

#include "value/step.h"

#include <npickle/print.h>

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN 60u /* bytes of a value in a message */

bool npki_compare_charge(npki_compare *c, uint64_t work)
{
    if (c->status != NPK_OK || c->left < work) {
        c->status = c->status == NPK_OK ? NPK_ERR_LIMIT : c->status;
        return false;
    }
    c->left -= work;
    return true;
}

static bool add_path(const npki_compare *c, npki_dynbuf *path)
{
    for (size_t i = 0; i < c->depth; i++) {
        const npki_compare_frame *frame = &c->frames[i];
        const npk_value *value = frame->second ? frame->b : frame->a;
        bool from_state = i > 0 && npki_is_state(c->frames[i - 1].a, c->frames[i - 1].child);
        if (!npki_step(value, frame->child, i + 1 < c->depth, from_state, path))
            return false;
    }
    return npki_dynbuf_add(path, "", 1);
}

void npki_compare_say(npki_compare *c, const char *format, ...)
{
    char what[512];
    npki_dynbuf path;
    npk_allocator allocator = npki_allocator(NULL);
    va_list arguments;
    if (c->differences++ >= c->options->most)
        return;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    npki_dynbuf_init(&path, &allocator, SIZE_MAX / 2);
    c->options->tell(c->options->context, add_path(c, &path) ? (const char *)path.bytes : "?", what);
    npki_dynbuf_free(&path);
}

/* The beginning of a text, one byte more than is shown, and the size of all of it. */
typedef struct shortened_text {
    char *out;
    size_t size;
} shortened_text;

static int shorten(void *context, const void *bytes, size_t size)
{
    shortened_text *to = context;
    size_t room = to->size > SHOWN ? 0 : SHOWN + 1 - to->size;
    if (room > 0)
        memcpy(to->out + to->size, bytes, size < room ? size : room);
    to->size += size;
    return 0;
}

/* What repr() begins with; "" for what is too long to begin with. */
static void short_repr(const npk_value *value, char out[SHOWN + 4])
{
    shortened_text to = {out, 0};
    npk_print_options options = {.most = 1u << 16};
    *out = '\0';
    if (npk_print_value(value, &options, shorten, &to, NULL) != NPK_OK) {
        *out = '\0';
        return;
    }
    size_t shown = to.size < SHOWN ? to.size : SHOWN;
    while (shown < to.size && shown > 0 && ((uint8_t)out[shown] & 0xc0) == 0x80)
        shown--;
    memcpy(out + shown, shown < to.size ? "..." : "", shown < to.size ? 4 : 1);
}

#define DESCRIBED 160

static void describe_object(const npk_value *value, char out[DESCRIBED])
{
    npk_object object;
    const char *module, *name;
    size_t module_size, name_size;
    if (npk_value_is_array(value))
        snprintf(out, DESCRIBED, "%.100s", npk_array_class(value));
    else if (npk_value_is_scalar(value))
        snprintf(out, DESCRIBED, "NumPy scalar");
    else if (npk_value_dtype(value) != NULL)
        snprintf(out, DESCRIBED, "dtype");
    else if (npk_value_as_object(value, &object) &&
             npk_value_as_global(object.callable, &module, &module_size, &name, &name_size))
        snprintf(out, DESCRIBED, "object of %.*s.%.*s", (int)(module_size < 60 ? module_size : 60), module,
                 (int)(name_size < 60 ? name_size : 60), name);
    else
        snprintf(out, DESCRIBED, "object");
}

static void describe(const npk_value *value, char out[DESCRIBED])
{
    char text[SHOWN + 4] = "";
    npk_kind kind = npk_value_kind(value);
    if (kind == NPK_KIND_OBJECT) {
        describe_object(value, out);
        return;
    }
    if (npki_children(value) == 0 && kind != NPK_KIND_NONE)
        short_repr(value, text);
    snprintf(out, DESCRIBED, "%s%s%s", npk_kind_name(kind), *text == '\0' ? "" : " ", text);
}

void npki_compare_say_kinds(npki_compare *c, const npk_value *a, const npk_value *b)
{
    char left[DESCRIBED], right[DESCRIBED];
    describe(a, left);
    describe(b, right);
    npki_compare_say(c, "%s / %s", left, right);
}

void npki_compare_say_values(npki_compare *c, const npk_value *a, const npk_value *b, size_t from)
{
    char left[SHOWN + 4], right[SHOWN + 4];
    short_repr(a, left);
    short_repr(b, right);
    if (*left == '\0' || *right == '\0')
        npki_compare_say(c, "%s: other from byte %zu on", npk_kind_name(npk_value_kind(a)), from);
    else if (from > SHOWN / 2)
        npki_compare_say(c, "%s / %s, from byte %zu on", left, right, from);
    else
        npki_compare_say(c, "%s / %s", left, right);
}
