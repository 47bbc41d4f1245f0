#include "dtype/repr.h"

#include "base/bytes.h"
#include "dtype/facts.h"
#include "text/quote.h"

/* A list, as Python or as JSON. */
typedef struct list {
    npki_sink *to;
    bool json;
} list;

void npki_print_code(npki_sink *out, const npk_dtype *dtype)
{
    const npki_dtype_row *row = &npki_dtype_rows[dtype->type];
    npki_sink_bytes(out, &dtype->byteorder, 1);
    npki_sink_bytes(out, &row->kind, 1);
    if (dtype->type == NPK_OBJECT)
        return;
    npki_sink_int(out, row->itemsize == 0 ? dtype->itemsize / row->swap : dtype->itemsize);
    npki_print_unit(out, dtype);
}

void npki_print_unit(npki_sink *out, const npk_dtype *dtype)
{
    if (npki_dtype_rows[dtype->type].number != NPKI_NUMBER_TIME || dtype->unit == NPK_UNIT_GENERIC)
        return;
    npki_sink_text(out, "[");
    if (dtype->multiple != 1)
        npki_sink_int(out, dtype->multiple);
    npki_sink_text(out, npki_unit_codes[dtype->unit]);
    npki_sink_text(out, "]");
}

void npki_print_shape(npki_sink *out, int ndim, const int64_t *shape, npki_literal_form form)
{
    bool json = form == NPKI_LITERAL_JSON;
    npki_sink_text(out, json ? "[" : "(");
    for (int i = 0; i < ndim; i++) {
        npki_sink_text(out, i > 0 ? ", " : "");
        npki_sink_int(out, shape[i]);
    }
    npki_sink_text(out, json ? "]" : ndim == 1 ? ",)" : ")");
}

size_t npk_dtype_str(const npk_dtype *dtype, char *text, size_t size)
{
    npki_sink out;
    npki_sink_start_fixed(&out, text, size);
    if (dtype != NULL)
        npki_print_code(&out, dtype);
    (void)npki_sink_finish(&out);
    return (size_t)out.added;
}

static void put_quote(list *out)
{
    npki_sink_bytes(out->to, out->json ? "\"" : "'", 1);
}

static void put_string(list *out, const char *text, size_t size)
{
    npki_quote(out->to, out->json ? NPK_TEXT_JSON : NPK_TEXT_STR, text, size);
}

static void put_tuple(list *out, bool opens)
{
    npki_sink_bytes(out->to, out->json ? opens ? "[" : "]" : opens ? "(" : ")", 1);
}

static void put_quoted_code(list *out, const npk_dtype *dtype)
{
    put_quote(out);
    npki_print_code(out->to, dtype);
    put_quote(out);
}

static void put_shape(list *out, const npk_dtype *subarray)
{
    npki_sink_text(out->to, ", ");
    npki_print_shape(out->to, subarray->base_ndim, subarray->base_shape,
                     out->json ? NPKI_LITERAL_JSON : NPKI_LITERAL_PYTHON);
}

static void put_padding(list *out, int64_t size)
{
    put_tuple(out, true);
    put_string(out, "", 0);
    npki_sink_text(out->to, ", ");
    put_quote(out);
    npki_sink_text(out->to, "|V");
    npki_sink_int(out->to, size);
    put_quote(out);
    put_tuple(out, false);
}

static void put_name(list *out, const npk_field *field)
{
    if (field->title != NULL) {
        put_tuple(out, true);
        put_string(out, field->title, field->title_size);
        npki_sink_text(out->to, ", ");
    }
    put_string(out, field->name, field->name_size);
    if (field->title != NULL)
        put_tuple(out, false);
}

/* A struct or a subarray that is begun. */
typedef struct level {
    const npk_dtype *dtype;
    size_t next;
    int64_t offset; /* where the last field ended */
} level;

typedef struct walk {
    level stack[NPKI_DTYPE_DEEPEST];
    size_t depth;
} walk;

/* A plain type is written; of any other the start is, and it goes on the stack. */
static void open_part(list *out, walk *in, const npk_dtype *dtype)
{
    for (;; dtype = dtype->base) {
        if (npki_dtype_is_plain(dtype)) {
            put_quoted_code(out, dtype);
            return;
        }
        in->stack[in->depth++] = (level){dtype, 0, 0};
        if (dtype->is_struct) {
            npki_sink_text(out->to, "[");
            return;
        }
        put_tuple(out, true);
    }
}

/* The next field of a struct. */
static void open_field(list *out, walk *in, level *top)
{
    const npk_field *field = &top->dtype->fields[top->next];
    if (top->next > 0)
        npki_sink_text(out->to, ", ");
    if (field->offset > top->offset) {
        put_padding(out, field->offset - top->offset);
        npki_sink_text(out->to, ", ");
    }
    top->next++;
    top->offset = field->offset + field->dtype->itemsize;
    put_tuple(out, true);
    put_name(out, field);
    npki_sink_text(out->to, ", ");
    open_part(out, in, field->dtype->base != NULL ? field->dtype->base : field->dtype);
}

static void close_field(list *out, const npk_field *field)
{
    if (field->dtype->base != NULL)
        put_shape(out, field->dtype);
    put_tuple(out, false);
}

static void close_struct(list *out, const level *top)
{
    if (top->dtype->itemsize > top->offset) {
        if (top->dtype->field_count > 0)
            npki_sink_text(out->to, ", ");
        put_padding(out, top->dtype->itemsize - top->offset);
    }
    npki_sink_text(out->to, "]");
}

/* numpy/core/_internal.py, _array_descr(), of a dtype that has one and is short enough. */
static void put_list(list *out, const npk_dtype *dtype)
{
    walk in = {.depth = 0};
    open_part(out, &in, dtype);
    while (in.depth > 0 && out->to->status == NPK_OK) {
        level *top = &in.stack[in.depth - 1];
        if (!top->dtype->is_struct) { /* its base is written */
            put_shape(out, top->dtype);
            put_tuple(out, false);
            in.depth--;
            continue;
        }
        if (top->next > 0)
            close_field(out, &top->dtype->fields[top->next - 1]);
        if (top->next < top->dtype->field_count) {
            open_field(out, &in, top);
            continue;
        }
        close_struct(out, top);
        in.depth--;
    }
}

bool npki_descr_is_list(const npk_dtype *dtype)
{
    return dtype->is_struct && npki_dtype_facts_of(dtype).has_descr && npki_dtype_has_text(dtype);
}

void npki_print_descr(npki_sink *out, const npk_dtype *dtype, npki_literal_form form)
{
    list to = {out, form == NPKI_LITERAL_JSON};
    if (npki_descr_is_list(dtype))
        put_list(&to, dtype);
    else
        put_quoted_code(&to, dtype);
}

size_t npk_dtype_descr(const npk_dtype *dtype, bool json, char *text, size_t size)
{
    npki_sink out;
    npki_sink_start_fixed(&out, text, size);
    if (dtype != NULL)
        npki_print_descr(&out, dtype, json ? NPKI_LITERAL_JSON : NPKI_LITERAL_PYTHON);
    (void)npki_sink_finish(&out);
    return (size_t)out.added;
}
