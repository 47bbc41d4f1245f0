/* What is described here is the behaviour of numpy/_core/_dtype.py. */
#include "dtype/repr.h"

#include "base/bytes.h"
#include "dtype/facts.h"
#include "text/quote.h"

/* A struct or a subarray that is being printed. */
typedef struct level {
    const npk_dtype *dtype;
    enum { LIST, DICT, SUBARRAY } is;
    bool parenthesis; /* stands in one */
    bool align;       /* 'aligned' is shown */
    bool plain;       /* its class is not shown */
    size_t done;      /* fields */
    uint64_t since;   /* what was added when its fields began */
} level;

/* dtype.name of what is neither flexible nor of the other byte order */
static void put_dtype_name(npki_sink *out, const npk_dtype *dtype)
{
    npki_sink_text(out, npki_dtype_rows[dtype->type].name);
    npki_print_unit(out, dtype);
}

/* The string that builds a plain descriptor, in its quotes; `brief`: '<f8' rather than 'float64'. */
static void put_plain(npki_sink *out, const npk_dtype *dtype, bool brief)
{
    npki_number number = npki_dtype_rows[dtype->type].number;
    if (npki_dtype_is_user(dtype)) {
        npki_quote(out, NPK_TEXT_NAME, dtype->class_name, dtype->class_name_size);
        return;
    }
    npki_sink_text(out, "'");
    if (dtype->type == NPK_OBJECT) {
        npki_sink_text(out, "O");
    } else if (dtype->type == NPK_BOOL) {
        npki_sink_text(out, brief ? "?" : "bool");
    } else if (number != NPKI_NUMBER_NONE && number != NPKI_NUMBER_TIME && !brief && npki_dtype_is_little(dtype)) {
        put_dtype_name(out, dtype);
    } else {
        char text[64];
        size_t size = npk_dtype_str(dtype, text, sizeof text);
        size_t skip = text[0] == '|', zero = dtype->itemsize == 0; /* "S", not "S0" */
        npki_sink_bytes(out, text + skip, size - skip - zero);
    }
    npki_sink_text(out, "'");
}

static int64_t round_up(int64_t value, int64_t alignment)
{
    return alignment > 1 ? (value + alignment - 1) / alignment * alignment : value;
}

/* Whether a list of names and types says all: no holes but those that alignment makes. */
static bool is_packed(const npk_dtype *dtype)
{
    int64_t end = 0, widest = 1;
    for (size_t i = 0; i < dtype->field_count; i++) {
        const npk_field *field = &dtype->fields[i];
        int64_t alignment = field->dtype->alignment;
        if (dtype->aligned)
            end = round_up(end, alignment);
        widest = alignment > widest ? alignment : widest;
        if (field->offset != end || !npki_add_int64(end, field->dtype->itemsize, &end) || end > INT64_MAX / 2)
            return false;
    }
    return (dtype->aligned ? round_up(end, widest) : end) == dtype->itemsize;
}

/* A list of one thing of every field, without its brackets. */
static void put_each(npki_sink *out, const npk_dtype *dtype, npki_fields_text what)
{
    const uint64_t since = out->added;
    if (npki_sink_again(out, dtype->fields, what))
        return;
    for (size_t i = 0; i < dtype->field_count; i++) {
        const npk_field *field = &dtype->fields[i];
        if (i > 0)
            npki_sink_text(out, ", ");
        if (what == NPKI_FIELDS_OFFSETS)
            npki_sink_int(out, field->offset);
        else if (what == NPKI_FIELDS_NAMES)
            npki_quote(out, NPK_TEXT_STR, field->name, field->name_size);
        else if (field->title != NULL)
            npki_quote(out, NPK_TEXT_STR, field->title, field->title_size);
        else
            npki_sink_text(out, "None");
    }
    npki_sink_keep(out, dtype->fields, what, since);
}

static void end_dict(npki_sink *out, const level *at)
{
    size_t titles = 0;
    npki_sink_text(out, "], 'offsets': [");
    put_each(out, at->dtype, NPKI_FIELDS_OFFSETS);
    for (size_t i = 0; i < at->dtype->field_count; i++)
        titles += at->dtype->fields[i].title != NULL;
    if (titles > 0) {
        npki_sink_text(out, "], 'titles': [");
        put_each(out, at->dtype, NPKI_FIELDS_TITLES);
    }
    npki_sink_text(out, "], 'itemsize': ");
    npki_sink_int(out, at->dtype->itemsize);
    npki_sink_text(out, at->align && at->dtype->aligned ? ", 'aligned': True}" : "}");
}

/* The class of a struct's items, where it is not numpy.void. */
static void open_class(npki_sink *out, level *at)
{
    const npk_dtype *dtype = at->dtype;
    if (dtype->class_name == NULL || (dtype->class_name_size == 4 && memcmp(dtype->class_name, "void", 4) == 0))
        return;
    at->parenthesis = true;
    npki_sink_text(out, "(");
    npki_quote(out, NPK_TEXT_NAME, dtype->class_module, dtype->class_module_size);
    npki_sink_text(out, ".");
    npki_quote(out, NPK_TEXT_NAME, dtype->class_name, dtype->class_name_size);
    npki_sink_text(out, ", ");
}

/* `bare`: the field of a list, where a subarray has no parentheses of its own. */
static void open_level(npki_sink *out, level *at, bool bare)
{
    at->done = 0;
    if (at->dtype->base != NULL) {
        at->is = SUBARRAY;
        at->parenthesis = !bare;
        npki_sink_text(out, bare ? "" : "(");
        return;
    }
    at->parenthesis = false;
    if (!at->plain)
        open_class(out, at);
    at->is = (at->align && at->dtype->aligned) || !is_packed(at->dtype) ? DICT : LIST;
    if (at->is == LIST) {
        npki_sink_text(out, "[");
    } else {
        npki_sink_text(out, "{'names': [");
        put_each(out, at->dtype, NPKI_FIELDS_NAMES);
        npki_sink_text(out, "], 'formats': [");
    }
    at->since = out->added;
    if (npki_sink_again(out, at->dtype->fields, at->is == LIST ? NPKI_FIELDS_LIST : NPKI_FIELDS_FORMATS))
        at->done = at->dtype->field_count;
}

/* Up to the type of the next field. */
static const npk_dtype *begin_field(npki_sink *out, level *at, const npk_field *field)
{
    npki_sink_text(out, at->done++ > 0 ? ", " : "");
    if (at->is == DICT)
        return field->dtype;
    npki_sink_text(out, field->title != NULL ? "((" : "(");
    if (field->title != NULL) {
        npki_quote(out, NPK_TEXT_STR, field->title, field->title_size);
        npki_sink_text(out, ", ");
    }
    npki_quote(out, NPK_TEXT_STR, field->name, field->name_size);
    npki_sink_text(out, field->title != NULL ? "), " : ", ");
    return field->dtype;
}

/* On to the next descriptor inside; NULL at the end of the level. */
static const npk_dtype *advance(npki_sink *out, level *at)
{
    const npk_dtype *dtype = at->dtype;
    if (at->is == SUBARRAY) {
        if (at->done++ == 0)
            return dtype->base;
        npki_sink_text(out, ", ");
        npki_print_shape(out, dtype->base_ndim, dtype->base_shape, NPKI_LITERAL_PYTHON);
    } else {
        const bool ends = at->done == dtype->field_count;
        if (ends)
            npki_sink_keep(out, dtype->fields, at->is == LIST ? NPKI_FIELDS_LIST : NPKI_FIELDS_FORMATS, at->since);
        if (at->is == LIST && at->done > 0)
            npki_sink_text(out, ")");
        if (!ends)
            return begin_field(out, at, &dtype->fields[at->done]);
        if (at->is == DICT)
            end_dict(out, at);
        else
            npki_sink_text(out, "]");
    }
    npki_sink_text(out, at->parenthesis ? ")" : "");
    return NULL;
}

/* "'<f8'" */
static void put_brief(npki_sink *out, const npk_dtype *dtype)
{
    put_plain(out, dtype, true);
}

/* The expression that builds a struct or a subarray, if that is short enough. */
static void put_composed(npki_sink *out, const npk_dtype *dtype, bool align, bool plain)
{
    level stack[NPKI_DTYPE_DEEPEST];
    npki_codes codes = {.kept = {{NULL, 0, ""}}};
    size_t depth = 1;
    stack[0] = (level){.dtype = dtype, .align = align, .plain = plain};
    open_level(out, &stack[0], false);
    while (depth > 0 && out->status == NPK_OK) {
        level *top = &stack[depth - 1];
        const npk_dtype *next = advance(out, top);
        if (next == NULL) {
            depth--;
        } else if (npki_dtype_is_plain(next)) {
            npki_codes_put(&codes, out, next, put_brief);
        } else {
            stack[depth] = (level){.dtype = next};
            open_level(out, &stack[depth++], top->is == LIST);
        }
    }
}

static bool is_flexible(const npk_dtype *dtype)
{
    return memchr("SUV", npki_dtype_rows[dtype->type].kind, 3) != NULL;
}

static void put_str(npki_sink *out, const npk_dtype *dtype)
{
    if (npki_dtype_is_user(dtype) && npki_dtype_is_little(dtype))
        npki_quote(out, NPK_TEXT_NAME, dtype->class_name, dtype->class_name_size);
    else if (is_flexible(dtype) || !npki_dtype_is_little(dtype))
        npki_print_code(out, dtype);
    else
        put_dtype_name(out, dtype);
}

/* numpy/_core/arrayprint.py: dtype_short_repr() */
static bool is_quoted(const npk_dtype *dtype)
{
    bool unit = npki_dtype_rows[dtype->type].number == NPKI_NUMBER_TIME && dtype->unit != NPK_UNIT_GENERIC;
    if (npki_dtype_is_user(dtype) && npki_dtype_is_little(dtype))
        return memchr(dtype->class_name, '_', dtype->class_name_size) != NULL;
    return is_flexible(dtype) || !npki_dtype_is_little(dtype) || unit;
}

static void put_short(npki_sink *out, const npk_dtype *dtype)
{
    const char *quote = is_quoted(dtype) ? "'" : "";
    npki_sink_text(out, quote);
    put_str(out, dtype);
    npki_sink_text(out, quote);
}

/* NumPy tells its na_object too, which is a value of the document. */
static void put_string(npki_sink *out, const npk_dtype *dtype)
{
    npki_sink_text(out, dtype->multiple != 0 ? "StringDType()" : "StringDType(coerce=False)");
}

/* Everything that stands around the type. What is too long is told as the bytes that it is. */
static void put_text(npki_sink *out, const npk_dtype *dtype, npki_dtype_form form)
{
    npki_sink_text(out, form == NPKI_DTYPE_REPR ? "dtype(" : "");
    if (!npki_dtype_is_plain(dtype) && npki_dtype_has_text(dtype))
        put_composed(out, dtype, form != NPKI_DTYPE_REPR, form == NPKI_DTYPE_VOID);
    else if (form == NPKI_DTYPE_REPR)
        put_plain(out, dtype, false);
    else if (form == NPKI_DTYPE_SHORT)
        put_short(out, dtype);
    else
        put_str(out, dtype);
    if (form == NPKI_DTYPE_REPR)
        npki_sink_text(out, dtype->aligned ? ", align=True)" : ")");
}

void npki_dtype_print(npki_sink *out, const npk_dtype *dtype, npki_dtype_form form)
{
    if (dtype->type == NPK_VSTRING)
        put_string(out, dtype);
    else
        put_text(out, dtype, form);
}

size_t npk_dtype_repr(const npk_dtype *dtype, char *text, size_t size)
{
    npki_sink out;
    npki_sink_start_fixed(&out, text, size);
    if (dtype != NULL)
        npki_dtype_print(&out, dtype, NPKI_DTYPE_REPR);
    (void)npki_sink_finish(&out);
    return (size_t)out.added;
}
