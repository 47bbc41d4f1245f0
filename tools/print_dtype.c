/* What is described here is the behaviour of numpy/_core/_dtype.py. */
#include "print_dtype.h"

#include "numpy/dtype.h"
#include "text/unicode.h"

#include <npickle/value.h>
#include <string.h>

#define DEPTH 130 /* structs and subarrays inside one another: a limit of the reader is 64 */

/* A struct or a subarray that is being printed. */
typedef struct level {
    const npk_dtype *dtype;
    enum { LIST, DICT, SUBARRAY } is;
    bool parenthesis; /* stands in one */
    bool align;       /* 'aligned' is shown */
    bool plain;       /* its class is not shown */
    size_t done;      /* fields */
} level;

/* To the Python whose words these are: one on a little-endian machine, wherever the tool runs. */
static bool is_native(const npk_dtype *dtype)
{
    return npk_dtype_byteorder(dtype) != '>';
}

void print_shape(tool_out *out, int ndim, const int64_t *shape)
{
    out_char(out, '(');
    for (int i = 0; i < ndim; i++) {
        out_int(out, shape[i]);
        if (i + 1 < ndim)
            out_text(out, ", ");
        else if (ndim == 1)
            out_char(out, ',');
    }
    out_char(out, ')');
}

bool dtype_is_implied(const npk_dtype *dtype)
{
    npk_type type = npk_dtype_type(dtype);
    return is_native(dtype) && (type == NPK_BOOL || type == NPK_INT64 || type == NPK_FLOAT64 || type == NPK_COMPLEX128);
}

static void print_str_attribute(tool_out *out, const npk_dtype *dtype)
{
    char text[64];
    size_t size = npk_dtype_str(dtype, text, sizeof text);
    out_bytes(out, text, size < sizeof text ? size : sizeof text - 1);
}

/* dtype.name of what is neither flexible nor of the other byte order */
static void print_name(tool_out *out, const npk_dtype *dtype)
{
    out_text(out, npki_dtype_rows[npk_dtype_type(dtype)].name);
    int32_t multiple = 1;
    npk_unit unit = npk_dtype_unit(dtype, &multiple);
    if (npki_dtype_rows[npk_dtype_type(dtype)].number != NPKI_NUMBER_TIME || unit == NPK_UNIT_GENERIC)
        return;
    out_char(out, '[');
    if (multiple != 1)
        out_int(out, multiple);
    out_text(out, npki_unit_codes[unit]);
    out_char(out, ']');
}

/* The string that builds a plain descriptor, in its quotes; `brief`: '<f8' rather than 'float64'. */
static void print_plain(tool_out *out, const npk_dtype *dtype, bool brief)
{
    npk_type type = npk_dtype_type(dtype);
    npki_number number = npki_dtype_rows[type].number;
    out_char(out, '\'');
    if (type == NPK_OBJECT) {
        out_char(out, 'O');
    } else if (type == NPK_BOOL) {
        out_text(out, brief ? "?" : "bool");
    } else if (number != NPKI_NUMBER_NONE && number != NPKI_NUMBER_TIME && !brief && is_native(dtype)) {
        print_name(out, dtype);
    } else {
        char text[64];
        size_t size = npk_dtype_str(dtype, text, sizeof text);
        size = size < sizeof text ? size : sizeof text - 1;
        size_t skip = size > 0 && text[0] == '|';
        if (npk_dtype_itemsize(dtype) == 0 && size > 0) /* "S", not "S0" */
            size--;
        out_bytes(out, text + skip, size - skip);
    }
    out_char(out, '\'');
}

static int64_t round_up(int64_t value, int64_t alignment)
{
    return alignment > 1 ? (value + alignment - 1) / alignment * alignment : value;
}

/* Whether a list of names and types says all: no holes but those that alignment makes. */
static bool is_packed(const npk_dtype *dtype)
{
    const npk_field *fields;
    size_t count = npk_dtype_fields(dtype, &fields);
    int64_t end = 0, widest = 1;
    bool aligned = npk_dtype_is_aligned_struct(dtype);
    for (size_t i = 0; i < count; i++) {
        int64_t alignment = npk_dtype_alignment(fields[i].dtype), size = npk_dtype_itemsize(fields[i].dtype);
        if (aligned)
            end = round_up(end, alignment);
        widest = alignment > widest ? alignment : widest;
        if (fields[i].offset != end || __builtin_add_overflow(end, size, &end) || end > INT64_MAX / 2)
            return false;
    }
    return (aligned ? round_up(end, widest) : end) == npk_dtype_itemsize(dtype);
}

/* A list of one thing of every field, without its brackets. */
static void print_each(tool_out *out, const npk_dtype *dtype, char what)
{
    const npk_field *fields;
    size_t count = npk_dtype_fields(dtype, &fields);
    for (size_t i = 0; i < count && out->status == NPK_OK; i++) {
        if (i > 0)
            out_text(out, ", ");
        if (what == 'n')
            out_repr_str(out, fields[i].name, fields[i].name_size);
        else if (what == 'o')
            out_int(out, fields[i].offset);
        else if (fields[i].title != NULL)
            out_repr_str(out, fields[i].title, fields[i].title_size);
        else
            out_text(out, "None");
    }
}

static void end_dict(tool_out *out, const level *at)
{
    out_text(out, "], 'offsets': [");
    print_each(out, at->dtype, 'o');
    const npk_field *fields;
    size_t count = npk_dtype_fields(at->dtype, &fields), titles = 0;
    for (size_t i = 0; i < count; i++)
        titles += fields[i].title != NULL;
    if (titles > 0) {
        out_text(out, "], 'titles': [");
        print_each(out, at->dtype, 't');
    }
    out_text(out, "], 'itemsize': ");
    out_int(out, npk_dtype_itemsize(at->dtype));
    out_text(out, at->align && npk_dtype_is_aligned_struct(at->dtype) ? ", 'aligned': True}" : "}");
}

/* The class of a struct's items, where it is not numpy.void. */
static void open_class(tool_out *out, level *at)
{
    const char *module, *name;
    size_t module_size, name_size;
    if (!npk_dtype_class(at->dtype, &module, &module_size, &name, &name_size) || (name_size == 4 && memcmp(name, "void", 4) == 0))
        return;
    at->parenthesis = true;
    out_char(out, '(');
    out_safe(out, module, module_size);
    out_char(out, '.');
    out_safe(out, name, name_size);
    out_text(out, ", ");
}

/* `bare`: the field of a list, where a subarray has no parentheses of its own. */
static void open_level(tool_out *out, level *at, const npk_dtype *dtype, bool bare)
{
    at->dtype = dtype;
    at->done = 0;
    if (npk_dtype_subarray(dtype, NULL, NULL) != NULL) {
        at->is = SUBARRAY;
        at->parenthesis = !bare;
        out_text(out, bare ? "" : "(");
        return;
    }
    at->parenthesis = false;
    if (!at->plain)
        open_class(out, at);
    at->is = (at->align && npk_dtype_is_aligned_struct(dtype)) || !is_packed(dtype) ? DICT : LIST;
    if (at->is == LIST) {
        out_char(out, '[');
        return;
    }
    out_text(out, "{'names': [");
    print_each(out, dtype, 'n');
    out_text(out, "], 'formats': [");
}

/* Up to the type of the next field. */
static const npk_dtype *begin_field(tool_out *out, level *at, const npk_field *field)
{
    out_text(out, at->done++ > 0 ? ", " : "");
    if (at->is == DICT)
        return field->dtype;
    out_text(out, field->title != NULL ? "((" : "(");
    if (field->title != NULL) {
        out_repr_str(out, field->title, field->title_size);
        out_text(out, ", ");
    }
    out_repr_str(out, field->name, field->name_size);
    out_text(out, field->title != NULL ? "), " : ", ");
    return field->dtype;
}

/* On to the next descriptor inside; NULL at the end of the level. */
static const npk_dtype *advance(tool_out *out, level *at)
{
    const npk_field *fields;
    size_t count = npk_dtype_fields(at->dtype, &fields);
    if (at->is == SUBARRAY) {
        int ndim;
        const int64_t *shape;
        const npk_dtype *base = npk_dtype_subarray(at->dtype, &ndim, &shape);
        if (at->done++ == 0)
            return base;
        out_text(out, ", ");
        print_shape(out, ndim, shape);
    } else {
        if (at->is == LIST && at->done > 0)
            out_char(out, ')');
        if (at->done < count)
            return begin_field(out, at, &fields[at->done]);
        if (at->is == DICT)
            end_dict(out, at);
        else
            out_char(out, ']');
    }
    out_text(out, at->parenthesis ? ")" : "");
    return NULL;
}

static bool is_composed(const npk_dtype *dtype)
{
    return npk_dtype_is_struct(dtype) || npk_dtype_subarray(dtype, NULL, NULL) != NULL;
}

/* The expression that builds a struct or a subarray. */
static void print_composed(tool_out *out, const npk_dtype *dtype, bool align, bool plain)
{
    level stack[DEPTH];
    size_t depth = 1;
    stack[0] = (level){.align = align, .plain = plain};
    open_level(out, &stack[0], dtype, false);
    while (depth > 0 && out->status == NPK_OK) {
        level *top = &stack[depth - 1];
        const npk_dtype *next = advance(out, top);
        if (next == NULL) {
            depth--;
        } else if (!is_composed(next)) {
            print_plain(out, next, true);
        } else if (depth == DEPTH) {
            out_fail(out, NPK_LIMIT);
        } else {
            stack[depth] = (level){.dtype = next};
            open_level(out, &stack[depth++], next, top->is == LIST);
        }
    }
}

void print_dtype(tool_out *out, const npk_dtype *dtype)
{
    out_text(out, "dtype(");
    if (is_composed(dtype))
        print_composed(out, dtype, false, false);
    else
        print_plain(out, dtype, false);
    out_text(out, npk_dtype_is_aligned_struct(dtype) ? ", align=True)" : ")");
}

static bool is_flexible(const npk_dtype *dtype)
{
    return memchr("SUV", npk_dtype_kind(dtype), 3) != NULL;
}

void print_dtype_str(tool_out *out, const npk_dtype *dtype)
{
    if (is_composed(dtype))
        print_composed(out, dtype, true, false);
    else if (is_flexible(dtype) || !is_native(dtype))
        print_str_attribute(out, dtype);
    else
        print_name(out, dtype);
}

void print_dtype_plain(tool_out *out, const npk_dtype *dtype)
{
    if (is_composed(dtype))
        print_composed(out, dtype, true, true);
    else
        print_dtype_str(out, dtype);
}

void print_dtype_short(tool_out *out, const npk_dtype *dtype)
{
    if (is_composed(dtype)) {
        print_composed(out, dtype, true, false);
        return;
    }
    int32_t multiple;
    bool unit = npki_dtype_rows[npk_dtype_type(dtype)].number == NPKI_NUMBER_TIME &&
                npk_dtype_unit(dtype, &multiple) != NPK_UNIT_GENERIC;
    const char *quote = is_flexible(dtype) || !is_native(dtype) || unit ? "'" : "";
    out_text(out, quote);
    print_dtype_str(out, dtype);
    out_text(out, quote);
}
