#include "dtype/repr.h"

#include "base/bytes.h"
#include "dtype/facts.h"
#include "text/quote.h"

/* A list, as Python or as JSON. */
typedef struct list {
    npki_sink *to;
    bool json;
    npki_codes codes;
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

void npki_codes_put(npki_codes *codes, npki_sink *out, const npk_dtype *dtype,
                    void (*put)(npki_sink *out, const npk_dtype *dtype))
{
    const size_t slot = (size_t)((uintptr_t)dtype / sizeof *dtype % NPKI_CODES), room = sizeof codes->kept[slot].text;
    if (codes->kept[slot].of != dtype) {
        npki_sink text;
        npki_sink_start_fixed(&text, codes->kept[slot].text, room);
        put(&text, dtype);
        (void)npki_sink_finish(&text);
        codes->kept[slot].size = text.size;
        codes->kept[slot].of = text.added < room ? dtype : NULL;
    }
    if (codes->kept[slot].of == dtype)
        npki_sink_bytes(out, codes->kept[slot].text, codes->kept[slot].size);
    else
        put(out, dtype);
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

static void put_string(list *out, const char *text, size_t size)
{
    npki_quote(out->to, out->json ? NPK_TEXT_JSON : NPK_TEXT_STR, text, size);
}

static void put_tuple(list *out, bool opens)
{
    npki_sink_bytes(out->to, out->json ? opens ? "[" : "]" : opens ? "(" : ")", 1);
}

/* "'<f8'", or as JSON */
static void put_python_code(npki_sink *out, const npk_dtype *dtype)
{
    npki_sink_char(out, '\'');
    npki_print_code(out, dtype);
    npki_sink_char(out, '\'');
}

static void put_json_code(npki_sink *out, const npk_dtype *dtype)
{
    npki_sink_char(out, '"');
    npki_print_code(out, dtype);
    npki_sink_char(out, '"');
}

static void put_quoted_code(list *out, const npk_dtype *dtype)
{
    npki_codes_put(&out->codes, out->to, dtype, out->json ? put_json_code : put_python_code);
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
    npki_sink_text(out->to, out->json ? ", \"|V" : ", '|V");
    npki_sink_int(out->to, size);
    npki_sink_text(out->to, out->json ? "\"" : "'");
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
    uint64_t since; /* what was added when the fields of a struct began */
    bool again;     /* these were kept, and are there at once */
} level;

typedef struct walk {
    level stack[NPKI_DTYPE_DEEPEST];
    size_t depth;
} walk;

/* The end of the last field of so many. */
static int64_t end_of_fields(const npk_dtype *dtype)
{
    const npk_field *last = dtype->field_count > 0 ? &dtype->fields[dtype->field_count - 1] : NULL;
    return last != NULL ? last->offset + last->dtype->itemsize : 0;
}

static npki_fields_text kept_as(const list *out)
{
    return out->json ? NPKI_FIELDS_JSON : NPKI_FIELDS_DESCR;
}

static void open_struct(list *out, level *at)
{
    npki_sink_text(out->to, "[");
    at->since = out->to->added;
    at->again = npki_sink_again(out->to, at->dtype->fields, kept_as(out));
    if (at->again) {
        at->next = at->dtype->field_count;
        at->offset = end_of_fields(at->dtype);
    }
}

/* A plain type is written; of any other the start is, and it goes on the stack. */
static void open_part(list *out, walk *in, const npk_dtype *dtype)
{
    for (;; dtype = dtype->base) {
        if (npki_dtype_is_plain(dtype)) {
            put_quoted_code(out, dtype);
            return;
        }
        in->stack[in->depth++] = (level){.dtype = dtype};
        if (dtype->is_struct) {
            open_struct(out, &in->stack[in->depth - 1]);
            return;
        }
        put_tuple(out, true);
    }
}

/* The next field of a struct; the one before it ends. */
static void open_field(list *out, walk *in, level *top)
{
    const npk_field *field = &top->dtype->fields[top->next];
    const bool is_padded = field->offset > top->offset;
    if (top->next++ > 0)
        npki_sink_bytes(out->to, out->json ? "], [" : "), (", is_padded ? 3 : 4);
    if (is_padded) {
        put_padding(out, field->offset - top->offset);
        npki_sink_text(out->to, ", ");
    }
    top->offset = field->offset + field->dtype->itemsize;
    if (is_padded || top->next == 1)
        put_tuple(out, true);
    put_name(out, field);
    npki_sink_text(out->to, ", ");
    open_part(out, in, field->dtype->base != NULL ? field->dtype->base : field->dtype);
}

static void close_struct(list *out, const level *top)
{
    npki_sink_keep(out->to, top->dtype->fields, kept_as(out), top->since);
    if (top->next > 0)
        put_tuple(out, false);
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
        if (top->next > 0 && !top->again && top->dtype->fields[top->next - 1].dtype->base != NULL)
            put_shape(out, top->dtype->fields[top->next - 1].dtype);
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
    list to = {.to = out, .json = form == NPKI_LITERAL_JSON};
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
