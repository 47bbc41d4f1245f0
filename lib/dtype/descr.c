#include "dtype/dtype.h"
#include "dtype/repr.h"

#include "base/bytes.h"
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
    npki_print_shape(out->to, subarray->base_ndim, subarray->base_shape, out->json ? NPKI_LITERAL_JSON : NPKI_LITERAL_PYTHON);
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

/* These bounds keep a descriptor that came out of a hostile pickle from a walk without end: there the parts may be
 * shared. */
enum { DEEPEST = 64, MOST_FIELDS = 1 << 20, MOST_BYTES = 1 << 24 };

typedef struct walk {
    level stack[DEEPEST + 1];
    size_t depth;
    uint32_t fields;
    uint64_t start; /* what the sink held before */
} walk;

/* A plain type is written; of any other the start is, and it goes on the stack. False: too deep. */
static bool open_part(list *out, walk *in, const npk_dtype *dtype)
{
    for (;; dtype = dtype->base) {
        bool plain = !dtype->is_struct && dtype->base == NULL;
        if (plain) {
            put_quoted_code(out, dtype);
            return true;
        }
        if (in->depth > DEEPEST)
            return false;
        in->stack[in->depth++] = (level){dtype, 0, 0};
        if (dtype->is_struct) {
            npki_sink_text(out->to, "[");
            return true;
        }
        put_tuple(out, true);
    }
}

/* The next field of a struct. False: fields that overlap or are out of order, or too much. */
static bool open_field(list *out, walk *in, level *top)
{
    const npk_field *field = &top->dtype->fields[top->next];
    if (field->offset < top->offset || ++in->fields > MOST_FIELDS || out->to->added - in->start > MOST_BYTES || out->to->status != NPK_OK)
        return false;
    if (top->next > 0)
        npki_sink_text(out->to, ", ");
    if (field->offset > top->offset) {
        put_padding(out, field->offset - top->offset);
        npki_sink_text(out->to, ", ");
    }
    top->next++;
    if (!npki_add_int64(field->offset, field->dtype->itemsize, &top->offset))
        return false;
    put_tuple(out, true);
    put_name(out, field);
    npki_sink_text(out->to, ", ");
    return open_part(out, in, field->dtype->base != NULL ? field->dtype->base : field->dtype);
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

/* numpy/core/_internal.py, _array_descr(). False where NumPy raises: there is no such list. */
static bool put_list(list *out, const npk_dtype *dtype)
{
    walk in = {.start = out->to->added};
    if (!open_part(out, &in, dtype))
        return false;
    while (in.depth > 0) {
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
            if (!open_field(out, &in, top))
                return false;
            continue;
        }
        close_struct(out, top);
        in.depth--;
    }
    return true;
}

void npki_print_descr(npki_sink *out, const npk_dtype *dtype, npki_literal_form form)
{
    npki_sink nowhere;
    npki_sink_start_fixed(&nowhere, NULL, 0);
    list trial = {&nowhere, form == NPKI_LITERAL_JSON}, to = {out, form == NPKI_LITERAL_JSON};
    if (dtype->is_struct && put_list(&trial, dtype))
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
