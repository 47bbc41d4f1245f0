#include "dtype/dtype.h"
#include "dtype/repr.h"

#include "base/bytes.h"
#include "text/unicode.h"

/* A list, as Python or as JSON. */
typedef struct sink {
    npki_printer to;
    bool json;
} sink;

void npki_say_code(npki_printer *out, const npk_dtype *dtype)
{
    const npki_dtype_row *row = &npki_dtype_rows[dtype->type];
    npki_say(out, &dtype->byteorder, 1);
    npki_say(out, &row->kind, 1);
    if (dtype->type == NPK_OBJECT)
        return;
    npki_say_number(out, row->itemsize == 0 ? dtype->itemsize / row->swap : dtype->itemsize);
    npki_say_unit(out, dtype);
}

void npki_say_unit(npki_printer *out, const npk_dtype *dtype)
{
    if (npki_dtype_rows[dtype->type].number != NPKI_NUMBER_TIME || dtype->unit == NPK_UNIT_GENERIC)
        return;
    npki_say_text(out, "[");
    if (dtype->multiple != 1)
        npki_say_number(out, dtype->multiple);
    npki_say_text(out, npki_unit_codes[dtype->unit]);
    npki_say_text(out, "]");
}

size_t npk_dtype_str(const npk_dtype *dtype, char *text, size_t size)
{
    npki_printer out = npki_printer_start(text, size);
    npki_say_code(&out, dtype);
    return npki_printer_finish(&out, size);
}

static void put_quote(sink *out)
{
    npki_say(&out->to, out->json ? "\"" : "'", 1);
}

static void put_escape(sink *out, uint32_t character)
{
    static const char hex[] = "0123456789abcdef";
    char escape[6] = {'\\', 'u'};
    for (size_t i = 0; i < 4; i++)
        escape[2 + i] = hex[character >> (12 - 4 * i) & 15];
    npki_say(&out->to, escape, sizeof escape);
}

/* RFC 8259; UTF-8 stays as it is but for surrogates, which no UTF-8 has. */
static void put_json_string(sink *out, const char *text, size_t size)
{
    const uint8_t *at = (const uint8_t *)text, *end = at + size;
    put_quote(out);
    while (at < end) {
        const char *start = (const char *)at;
        uint32_t character = npki_utf8_next(&at);
        if (character < 0x20 || (character >= 0xd800 && character <= 0xdfff)) {
            put_escape(out, character);
            continue;
        }
        if (character == '"' || character == '\\')
            npki_say(&out->to, "\\", 1);
        npki_say(&out->to, start, (size_t)((const char *)at - start));
    }
    put_quote(out);
}

static void put_string(sink *out, const char *text, size_t size)
{
    if (out->json)
        put_json_string(out, text, size);
    else
        npki_say_repr(&out->to, text, size);
}

static void put_tuple(sink *out, bool opens)
{
    npki_say(&out->to, out->json ? opens ? "[" : "]" : opens ? "(" : ")", 1);
}

static void put_quoted_code(sink *out, const npk_dtype *dtype)
{
    put_quote(out);
    npki_say_code(&out->to, dtype);
    put_quote(out);
}

static void put_shape(sink *out, const npk_dtype *subarray)
{
    npki_say_text(&out->to, ", ");
    npki_say_shape(&out->to, subarray->base_ndim, subarray->base_shape, out->json);
}

static void put_padding(sink *out, int64_t size)
{
    put_tuple(out, true);
    put_string(out, "", 0);
    npki_say_text(&out->to, ", ");
    put_quote(out);
    npki_say_text(&out->to, "|V");
    npki_say_number(&out->to, size);
    put_quote(out);
    put_tuple(out, false);
}

static void put_name(sink *out, const npk_field *field)
{
    if (field->title != NULL) {
        put_tuple(out, true);
        put_string(out, field->title, field->title_size);
        npki_say_text(&out->to, ", ");
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
} walk;

/* A plain type is written; of any other the start is, and it goes on the stack. False: too deep. */
static bool open_part(sink *out, walk *in, const npk_dtype *dtype)
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
            npki_say_text(&out->to, "[");
            return true;
        }
        put_tuple(out, true);
    }
}

/* The next field of a struct. False: fields that overlap or are out of order, or too much. */
static bool open_field(sink *out, walk *in, level *top)
{
    const npk_field *field = &top->dtype->fields[top->next];
    if (field->offset < top->offset || ++in->fields > MOST_FIELDS || out->to.needed > MOST_BYTES)
        return false;
    if (top->next > 0)
        npki_say_text(&out->to, ", ");
    if (field->offset > top->offset) {
        put_padding(out, field->offset - top->offset);
        npki_say_text(&out->to, ", ");
    }
    top->next++;
    if (!npki_add_int64(field->offset, field->dtype->itemsize, &top->offset))
        return false;
    put_tuple(out, true);
    put_name(out, field);
    npki_say_text(&out->to, ", ");
    return open_part(out, in, field->dtype->base != NULL ? field->dtype->base : field->dtype);
}

static void close_field(sink *out, const npk_field *field)
{
    if (field->dtype->base != NULL)
        put_shape(out, field->dtype);
    put_tuple(out, false);
}

static void close_struct(sink *out, const level *top)
{
    if (top->dtype->itemsize > top->offset) {
        if (top->dtype->field_count > 0)
            npki_say_text(&out->to, ", ");
        put_padding(out, top->dtype->itemsize - top->offset);
    }
    npki_say_text(&out->to, "]");
}

/* numpy/core/_internal.py, _array_descr(). False where NumPy raises: there is no such list. */
static bool put_list(sink *out, const npk_dtype *dtype)
{
    walk in = {.depth = 0, .fields = 0};
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

size_t npk_dtype_descr(const npk_dtype *dtype, bool json, char *text, size_t size)
{
    sink out = {npki_printer_start(text, size), json};
    sink trial = {npki_printer_start(NULL, 0), json};
    if (dtype->is_struct && put_list(&trial, dtype))
        put_list(&out, dtype);
    else
        put_quoted_code(&out, dtype);
    return npki_printer_finish(&out.to, size);
}
