#include "numpy/dtype.h"

#include "base/bytes.h"
#include "text/number.h"
#include "text/unicode.h"

/* Text that counts on where its room ends. */
typedef struct sink {
    char *text;
    size_t room; /* without the last NUL */
    size_t written;
    size_t needed;
    bool json;
} sink;

static sink sink_of(char *text, size_t size, bool json)
{
    return (sink){text, size > 0 ? size - 1 : 0, 0, 0, json};
}

static size_t finish(const sink *out, size_t size)
{
    if (size > 0)
        out->text[out->written] = '\0';
    return out->needed;
}

static void put(sink *out, const char *text, size_t size)
{
    if (out->written == out->needed && out->written < out->room) {
        size_t fits = out->room - out->written < size ? out->room - out->written : size;
        memcpy(out->text + out->written, text, fits);
        out->written += fits;
    }
    out->needed += size;
}

static void put_text(sink *out, const char *text)
{
    put(out, text, strlen(text));
}

static void put_number(sink *out, int64_t number)
{
    char digits[21];
    put(out, digits, npki_print_int64(number, digits));
}

/* dtype.str */
static void put_code(sink *out, const npk_dtype *dtype)
{
    const npki_dtype_row *row = &npki_dtype_rows[dtype->type];
    put(out, &dtype->byteorder, 1);
    put(out, &row->kind, 1);
    if (dtype->type == NPK_OBJECT)
        return;
    put_number(out, row->itemsize == 0 ? dtype->itemsize / row->swap : dtype->itemsize);
    if (row->number != NPKI_NUMBER_TIME || dtype->unit == NPK_UNIT_GENERIC)
        return;
    put_text(out, "[");
    if (dtype->multiple != 1)
        put_number(out, dtype->multiple);
    put_text(out, npki_unit_codes[dtype->unit]);
    put_text(out, "]");
}

size_t npk_dtype_str(const npk_dtype *dtype, char *text, size_t size)
{
    sink out = sink_of(text, size, false);
    put_code(&out, dtype);
    return finish(&out, size);
}

static void put_quote(sink *out)
{
    put(out, out->json ? "\"" : "'", 1);
}

static void put_escape(sink *out, uint32_t character)
{
    static const char hex[] = "0123456789abcdef";
    char escape[6] = {'\\', 'u'};
    for (size_t i = 0; i < 4; i++)
        escape[2 + i] = hex[character >> (12 - 4 * i) & 15];
    put(out, escape, sizeof escape);
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
            put(out, "\\", 1);
        put(out, start, (size_t)((const char *)at - start));
    }
    put_quote(out);
}

/* repr() writes whole texts only, so one that does not fit ends what is written. */
static void put_python_string(sink *out, const char *text, size_t size)
{
    const uint8_t *utf8 = (const uint8_t *)text;
    size_t needed = (size_t)npki_repr_str(utf8, size, NULL);
    if (out->written == out->needed && needed <= out->room - out->written) {
        npki_repr_str(utf8, size, (uint8_t *)out->text + out->written);
        out->written += needed;
    }
    out->needed += needed;
}

static void put_string(sink *out, const char *text, size_t size)
{
    if (out->json)
        put_json_string(out, text, size);
    else
        put_python_string(out, text, size);
}

static void put_tuple(sink *out, bool opens)
{
    put(out, out->json ? opens ? "[" : "]" : opens ? "(" : ")", 1);
}

static void put_quoted_code(sink *out, const npk_dtype *dtype)
{
    put_quote(out);
    put_code(out, dtype);
    put_quote(out);
}

static void put_shape(sink *out, const npk_dtype *subarray)
{
    put_text(out, ", ");
    put_tuple(out, true);
    for (int i = 0; i < subarray->base_ndim; i++) {
        if (i > 0)
            put_text(out, ", ");
        put_number(out, subarray->base_shape[i]);
    }
    if (subarray->base_ndim == 1 && !out->json)
        put_text(out, ",");
    put_tuple(out, false);
}

static void put_padding(sink *out, int64_t size)
{
    put_tuple(out, true);
    put_string(out, "", 0);
    put_text(out, ", ");
    put_quote(out);
    put_text(out, "|V");
    put_number(out, size);
    put_quote(out);
    put_tuple(out, false);
}

static void put_name(sink *out, const npk_field *field)
{
    if (field->title != NULL) {
        put_tuple(out, true);
        put_string(out, field->title, field->title_size);
        put_text(out, ", ");
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

/* Both bounds keep a descriptor that came out of a hostile pickle from a walk without end: there the parts may be
 * shared. */
enum { DEEPEST = 64, MOST_FIELDS = 1 << 20 };

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
            put_text(out, "[");
            return true;
        }
        put_tuple(out, true);
    }
}

/* The next field of a struct. False: fields that overlap or are out of order, or too many. */
static bool open_field(sink *out, walk *in, level *top)
{
    const npk_field *field = &top->dtype->fields[top->next];
    if (field->offset < top->offset || ++in->fields > MOST_FIELDS)
        return false;
    if (top->next > 0)
        put_text(out, ", ");
    if (field->offset > top->offset) {
        put_padding(out, field->offset - top->offset);
        put_text(out, ", ");
    }
    top->next++;
    if (!npki_add_int64(field->offset, field->dtype->itemsize, &top->offset))
        return false;
    put_tuple(out, true);
    put_name(out, field);
    put_text(out, ", ");
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
            put_text(out, ", ");
        put_padding(out, top->dtype->itemsize - top->offset);
    }
    put_text(out, "]");
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
    sink out = sink_of(text, size, json);
    sink trial = sink_of(NULL, 0, json);
    if (dtype->is_struct && put_list(&trial, dtype))
        put_list(&out, dtype);
    else
        put_quoted_code(&out, dtype);
    return finish(&out, size);
}
