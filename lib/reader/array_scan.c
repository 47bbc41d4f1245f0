#include "reader/array_scan.h"

#include "text/unicode.h"

#include <string.h>

#define MOST_ARRAYS ((uint64_t)1 << 22) /* no limit of a document is near */

/* --- opcodes --- */

/* The byte of the next opcode; 0 where there is none, which is no opcode. */
static inline int peek(npki_scan *s)
{
    const npki_frames *in = &s->in;
    return (in->at == in->end || *in->at == NPKI_BYTE_FRAME) && s->protocol < 4 ? 0 : npki_frames_peek(&s->in);
}

static inline bool has(const npki_scan *s, size_t size)
{
    return (size_t)(s->in.end - s->in.at) >= size;
}

static inline bool eat(npki_scan *s, enum npki_opcode_byte opcode)
{
    bool here = s->in.at != s->in.end && *s->in.at == (uint8_t)opcode; /* mostly, and then no frame has to be opened */
    if (!here && peek(s) != (int)opcode)
        return false;
    s->in.at++;
    return true;
}

/* There is one more number that may be asked for. */
static void learn(npki_scan *s, uint32_t number, npki_scanned is, const void *what, uint32_t size)
{
    size_t at = s->known;
    if (at == NPKI_SCAN_KNOWN)
        return;
    for (; at > 0 && s->numbers[at - 1].number > number; at--)
        s->numbers[at] = s->numbers[at - 1];
    s->numbers[at] = (npki_scan_number){what, number, (uint16_t)size, (uint8_t)is};
    s->known++;
    if (is == NPKI_SCANNED_GLOBAL || is == NPKI_SCANNED_DTYPE)
        s->lasting++;
}

static inline bool keep(npki_scan *s, uint32_t number, npki_scanned is, const void *what, uint32_t size)
{
    if (s->count == 0)
        s->base = number == 1 ? 1 : 0;
    if (number != s->base + s->count)
        return false;
    if (is != NPKI_SCANNED_OTHER)
        learn(s, s->count, is, what, size);
    s->count++;
    return true;
}

/* The object just made may get a number. */
static inline bool put(npki_scan *s, npki_scanned is, const void *what, uint32_t size)
{
    switch (peek(s)) {
    case NPKI_BYTE_MEMOIZE:
        if (s->protocol < 4 || s->base != 0)
            return false;
        s->in.at++;
        return keep(s, s->count, is, what, size);
    case NPKI_BYTE_BINPUT:
        if (!has(s, 2))
            return false;
        s->in.at += 2;
        return keep(s, s->in.at[-1], is, what, size);
    case NPKI_BYTE_LONG_BINPUT:
        if (!has(s, 5))
            return false;
        s->in.at += 5;
        npki_scan_note_put(s);
        return keep(s, (uint32_t)npki_load_le(s->in.at - 4, 4), is, what, size);
    default:
        return true;
    }
}

static bool put_other(npki_scan *s)
{
    return put(s, NPKI_SCANNED_OTHER, NULL, 0);
}

/* What a GET gives; NULL: there is none, or of nothing that is known. */
static const npki_scan_number *look(npki_scan *s, size_t *width)
{
    int byte = peek(s);
    *width = byte == NPKI_BYTE_BINGET ? 2 : byte == NPKI_BYTE_LONG_BINGET ? 5 : 0;
    if (*width == 0 || !has(s, *width))
        return NULL;
    const uint32_t number = (uint32_t)npki_load_le(s->in.at + 1, *width - 1) - s->base;
    size_t from = 0, end = s->known;
    while (from < end) {
        const size_t middle = (from + end) / 2;
        if (s->numbers[middle].number < number)
            from = middle + 1;
        else
            end = middle;
    }
    return from < s->known && s->numbers[from].number == number ? &s->numbers[from] : NULL;
}

/* --- texts, ints, tuples --- */

typedef struct text {
    const uint8_t *bytes;
    uint64_t size;
    npki_scanned is;
    uint8_t width; /* bytes before it that say the size; 0: it comes out of the memo */
} text;

/* A text in the pickle, whose size is `most` at most, with its PUT. One of more than `asked` bytes is asked for no
 * more. */
static bool take_text(npki_scan *s, uint64_t most, uint64_t asked, text *out)
{
    int byte = peek(s);
    const npki_scan_text *row = npki_scan_text_of(s, byte);
    if (row == NULL || !has(s, 1 + (size_t)row->width))
        return false;
    out->size = npki_load_le(s->in.at + 1, row->width);
    s->in.at += 1 + row->width;
    bool is_signed = byte == NPKI_BYTE_BINSTRING;
    if (out->size > most || out->size > (uint64_t)(s->in.end - s->in.at) || (is_signed && out->size > INT32_MAX))
        return false;
    out->bytes = s->in.at;
    out->is = (npki_scanned)row->is;
    out->width = row->width;
    s->in.at += out->size;
    const bool kept = out->size <= asked;
    return put(s, kept ? out->is : NPKI_SCANNED_OTHER, out->bytes, (uint32_t)(kept ? out->size : 0));
}

/* One in the pickle or in the memo, of less than 256 bytes. */
static bool text_or_get(npki_scan *s, text *out)
{
    size_t width;
    const npki_scan_number *known = look(s, &width);
    if (width == 0)
        return take_text(s, 255, 255, out);
    if (known == NULL ||
        (known->is != NPKI_SCANNED_STR && known->is != NPKI_SCANNED_BYTES && known->is != NPKI_SCANNED_PYTHON2_STR))
        return false;
    s->in.at += width;
    *out = (text){known->what, known->size, (npki_scanned)known->is, 0};
    return true;
}

static bool is_text(const text *t, const char *expected, size_t size)
{
    return t->size == size && memcmp(t->bytes, expected, size) == 0;
}

/* A length. */
static bool take_int(npki_scan *s, int64_t *out)
{
    int byte = peek(s);
    size_t head = byte == NPKI_BYTE_LONG1 ? 2 : 1;
    size_t width = byte == NPKI_BYTE_BININT1 ? 1 : byte == NPKI_BYTE_BININT2 ? 2 : byte == NPKI_BYTE_BININT ? 4 : 0;
    if (byte == NPKI_BYTE_LONG1 && s->protocol >= 2 && has(s, 2))
        width = s->in.at[1];
    if (width < 1 || width > 8 || !has(s, head + width))
        return false;
    *out = (int64_t)npki_load_le(s->in.at + head, width);
    if (width >= 4 || byte == NPKI_BYTE_LONG1)
        *out = npki_sign_extend((uint64_t)*out, width);
    s->in.at += head + width;
    return true;
}

static bool is_int(npki_scan *s, int64_t expected)
{
    int64_t number;
    return take_int(s, &number) && number == expected;
}

/* A tuple: a MARK before its items where there is one. Then no opcode for a number of items follows them. */
static bool end_tuple(npki_scan *s, bool marked, int count)
{
    static const enum npki_opcode_byte by_count[] = {NPKI_BYTE_EMPTY_TUPLE, NPKI_BYTE_TUPLE1, NPKI_BYTE_TUPLE2,
                                                     NPKI_BYTE_TUPLE3};
    if (marked)
        return eat(s, NPKI_BYTE_TUPLE);
    return count <= 3 && (count == 0 || s->protocol >= 2) && eat(s, by_count[count]);
}

static bool take_shape(npki_scan *s, int64_t *shape, int *ndim)
{
    const bool marked = eat(s, NPKI_BYTE_MARK);
    const uint8_t *from = s->in.at;
    for (*ndim = 0; *ndim < NPK_MAXDIMS && take_int(s, &shape[*ndim]); ++*ndim) {
        if (shape[*ndim] < 0)
            return false;
        if (*ndim == 0 && *from != NPKI_BYTE_LONG1)
            npki_scan_note_length(s, (size_t)(s->in.at - from) - 1);
    }
    return end_tuple(s, marked, *ndim) && put_other(s);
}

/* What is as good as a bool: INT has two texts for that. */
static bool take_bool(npki_scan *s, bool *out)
{
    int byte = peek(s);
    *out = byte == NPKI_BYTE_NEWTRUE;
    if (byte == NPKI_BYTE_INT && s->protocol < 2 && has(s, 4) && s->in.at[1] == '0' && s->in.at[3] == '\n') {
        *out = s->in.at[2] == '1';
        s->in.at += 4;
        return *out || s->in.at[-2] == '0';
    }
    return s->protocol >= 2 && (*out || byte == NPKI_BYTE_NEWFALSE) && eat(s, (enum npki_opcode_byte)byte);
}

/* --- names --- */

/* Those that NumPy itself writes. */
static const struct {
    npki_meaning meaning;
    const char *lines; /* as behind GLOBAL */
    uint8_t module_size, name_size;
} names[] = {
#define NAME(meaning, module, name)                                                                                    \
    {                                                                                                                  \
        meaning, module "\n" name "\n", sizeof module - 1, sizeof name - 1                                             \
    }
    NAME(NPKI_RECONSTRUCT, "numpy.core.multiarray", "_reconstruct"),
    NAME(NPKI_RECONSTRUCT, "numpy._core.multiarray", "_reconstruct"),
    NAME(NPKI_NDARRAY, "numpy", "ndarray"),
    NAME(NPKI_DTYPE, "numpy", "dtype"),
    NAME(NPKI_FROMBUFFER, "numpy.core.numeric", "_frombuffer"),
    NAME(NPKI_FROMBUFFER, "numpy._core.numeric", "_frombuffer"),
    NAME(NPKI_CODECS_ENCODE, "_codecs", "encode"),
#undef NAME
};

#define NAMES (sizeof names / sizeof *names)

/* The row that two texts name; NAMES: none. */
static size_t row_of_texts(const text *module, const text *name)
{
    size_t i = 0;
    while (i < NAMES && !(is_text(module, names[i].lines, names[i].module_size) &&
                          is_text(name, names[i].lines + names[i].module_size + 1, names[i].name_size)))
        i++;
    return i;
}

/* The row that two lines name, which are taken; NAMES: none. */
static size_t take_lines(npki_scan *s)
{
    const uint8_t *at = s->in.at;
    for (size_t i = 0; i < NAMES; i++) {
        const size_t size = (size_t)names[i].module_size + names[i].name_size + 2;
        if (has(s, size) && at[names[i].module_size] == '\n' && at[size - 1] == '\n' &&
            memcmp(at, names[i].lines, size) == 0) {
            s->in.at += size;
            return i;
        }
    }
    return NAMES;
}

static bool take_global(npki_scan *s, npki_meaning *out)
{
    text module, name;
    size_t width, row;
    const npki_scan_number *known = look(s, &width);
    if (known != NULL && known->is == NPKI_SCANNED_GLOBAL) {
        s->in.at += width;
        *out = (npki_meaning)known->size;
        return true;
    }
    if (eat(s, NPKI_BYTE_GLOBAL))
        row = take_lines(s);
    else if (s->protocol < 4 || !text_or_get(s, &module) || !text_or_get(s, &name) || module.is != NPKI_SCANNED_STR ||
             name.is != NPKI_SCANNED_STR || !eat(s, NPKI_BYTE_STACK_GLOBAL))
        return false;
    else
        row = row_of_texts(&module, &name);
    if (row == NAMES)
        return false;
    *out = names[row].meaning;
    return put(s, NPKI_SCANNED_GLOBAL, NULL, (uint32_t)*out);
}

static bool is_global(npki_scan *s, npki_meaning expected)
{
    npki_meaning meaning;
    return take_global(s, &meaning) && meaning == expected;
}

/* --- dtypes --- */

static bool take_code(npki_scan *s, npk_type *out)
{
    text code;
    return text_or_get(s, &code) && code.is != NPKI_SCANNED_BYTES && npki_scan_type_of(code.bytes, code.size, out);
}

/* dtype(code, False, True): Python 2's has ints. */
static bool take_flag(npki_scan *s, bool expected)
{
    bool flag;
    int byte = peek(s);
    return byte == NPKI_BYTE_BININT1 ? is_int(s, expected) : take_bool(s, &flag) && flag == expected;
}

/* (3, '<', None, None, None, -1, -1, 0) */
static const npk_dtype *take_state(npki_scan *s, npk_type type)
{
    text order;
    if (!eat(s, NPKI_BYTE_MARK) || !is_int(s, 3) || !text_or_get(s, &order) || order.size != 1 ||
        order.is == NPKI_SCANNED_BYTES)
        return NULL;
    static const uint8_t rest[16] = "NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0t"; /* as every pickler writes it */
    if (!has(s, sizeof rest) || memcmp(s->in.at, rest, sizeof rest) != 0)
        return NULL;
    s->in.at += sizeof rest;
    return put_other(s) && eat(s, NPKI_BYTE_BUILD) ? npki_scan_ordered(type, (char)order.bytes[0]) : NULL;
}

/* NULL: not recognised. */
static const npk_dtype *take_dtype(npki_scan *s, const npki_scan_usual *usual)
{
    const npk_dtype *at_once = usual != NULL ? npki_scan_usual_dtype(s, usual) : NULL;
    if (at_once != NULL)
        return at_once;
    size_t width;
    npk_type type;
    const npki_scan_number *known = look(s, &width);
    if (known != NULL && known->is == NPKI_SCANNED_DTYPE) {
        s->in.at += width;
        return known->what;
    }
    if (!is_global(s, NPKI_DTYPE))
        return NULL;
    bool marked = eat(s, NPKI_BYTE_MARK);
    if (!take_code(s, &type) || !take_flag(s, false) || !take_flag(s, true) || !end_tuple(s, marked, 3) ||
        !put_other(s) || !eat(s, NPKI_BYTE_REDUCE))
        return NULL;
    uint32_t number = s->count;
    if (!put_other(s))
        return NULL;
    bool numbered = s->count > number;
    const npk_dtype *dtype = take_state(s, type);
    if (dtype != NULL && numbered) /* before it had its state there was nobody to ask */
        learn(s, number, NPKI_SCANNED_DTYPE, dtype, 0);
    return dtype;
}

/* --- arrays --- */

/* encode(text, 'latin1'), Python 3's bytes below protocol 3, if that is what comes; nothing is taken where it is
 * not. */
static bool begins_encoded(npki_scan *s)
{
    size_t width;
    const npki_scan_number *known = look(s, &width);
    return peek(s) == NPKI_BYTE_GLOBAL || (known != NULL && known->is == NPKI_SCANNED_GLOBAL);
}

/* Under the number of the call stand the bytes, if they are those of the text. */
static bool take_encoded(npki_scan *s, uint64_t most, text *out)
{
    text latin1;
    if (!is_global(s, NPKI_CODECS_ENCODE))
        return false;
    const bool marked = eat(s, NPKI_BYTE_MARK);
    if (!take_text(s, most, 1, out) || out->is != NPKI_SCANNED_STR || !text_or_get(s, &latin1) ||
        latin1.is != NPKI_SCANNED_STR || !is_text(&latin1, "latin1", 6) || !end_tuple(s, marked, 2) || !put_other(s) ||
        !eat(s, NPKI_BYTE_REDUCE))
        return false;
    const bool is_code = out->size == 1 && out->bytes[0] < 0x80;
    return put(s, is_code ? NPKI_SCANNED_BYTES : NPKI_SCANNED_OTHER, out->bytes, is_code);
}

static bool is_code(npki_scan *s)
{
    text code;
    return (begins_encoded(s) ? take_encoded(s, 1, &code) : text_or_get(s, &code)) && is_text(&code, "b", 1);
}

static bool take_elements(npki_scan *s, npki_scan_elements *out)
{
    text payload;
    const bool encoded = begins_encoded(s);
    if (!(encoded ? take_encoded(s, UINT64_MAX, &payload)
                  : take_text(s, UINT64_MAX, 0, &payload) && payload.is != NPKI_SCANNED_STR))
        return false;
    *out = (npki_scan_elements){payload.bytes, payload.size, encoded ? NPK_ENCODING_LATIN1_UTF8 : NPK_ENCODING_RAW,
                                payload.width, encoded && s->later};
    return true;
}

/* _reconstruct(ndarray, (0,), b'b'), which has been begun, and of its state the version. */
static bool take_empty_array(npki_scan *s)
{
    int64_t none[NPK_MAXDIMS];
    int ndim;
    bool marked = eat(s, NPKI_BYTE_MARK);
    return is_global(s, NPKI_NDARRAY) && take_shape(s, none, &ndim) && ndim == 1 && none[0] == 0 && is_code(s) &&
           end_tuple(s, marked, 3) && put_other(s) && eat(s, NPKI_BYTE_REDUCE) && put_other(s) &&
           eat(s, NPKI_BYTE_MARK) && is_int(s, 1);
}

/* That, and the rest of its state: (1, shape, dtype, is_fortran, elements) */
static bool take_state_form(npki_scan *s, const npki_scan_usual *usual, npk_array_view *out,
                            npki_scan_elements *elements)
{
    int ndim;
    bool fortran;
    if ((usual == NULL && !take_empty_array(s)) || !take_shape(s, out->shape, &ndim))
        return false;
    const npk_dtype *dtype = take_dtype(s, usual);
    if (dtype == NULL || !take_bool(s, &fortran) || !take_elements(s, elements) || !eat(s, NPKI_BYTE_TUPLE) ||
        !put_other(s) || !eat(s, NPKI_BYTE_BUILD))
        return false;
    return npki_scan_lay_out(out, dtype, ndim, fortran ? 'F' : 'C', elements);
}

/* The elements, which may be written to where they are a bytearray. */
static bool take_buffer(npki_scan *s, text *out, bool *readonly)
{
    *readonly = peek(s) != NPKI_BYTE_BYTEARRAY8;
    if (*readonly)
        return take_text(s, UINT64_MAX, 0, out) && out->is == NPKI_SCANNED_BYTES;
    if (s->protocol < 5 || !has(s, 9))
        return false;
    *out = (text){s->in.at + 9, npki_load_le(s->in.at + 1, 8), NPKI_SCANNED_OTHER, 8};
    s->in.at += 9;
    if (out->size > (uint64_t)(s->in.end - s->in.at))
        return false;
    s->in.at += out->size;
    return put_other(s);
}

/* _frombuffer(buffer, dtype, shape, order) */
static bool take_buffer_form(npki_scan *s, const npki_scan_usual *usual, npk_array_view *out,
                             npki_scan_elements *elements)
{
    text payload, order;
    bool readonly;
    int ndim;
    if ((usual == NULL && !eat(s, NPKI_BYTE_MARK)) || !take_buffer(s, &payload, &readonly))
        return false;
    const npk_dtype *dtype = take_dtype(s, usual);
    if (dtype == NULL || !take_shape(s, out->shape, &ndim) || !text_or_get(s, &order) || order.is != NPKI_SCANNED_STR ||
        order.size != 1 || (order.bytes[0] != 'C' && order.bytes[0] != 'F') || !eat(s, NPKI_BYTE_TUPLE) ||
        !put_other(s) || !eat(s, NPKI_BYTE_REDUCE) || !put_other(s))
        return false;
    *elements = (npki_scan_elements){payload.bytes, payload.size, NPK_ENCODING_RAW, payload.width, false};
    if (!npki_scan_lay_out(out, dtype, ndim, (char)order.bytes[0], elements))
        return false;
    out->array.readonly = readonly;
    return true;
}

static bool take_array(npki_scan *s, npk_array_view *out)
{
    npki_meaning meaning;
    npki_scan_elements elements;
    if (++s->arrays > MOST_ARRAYS)
        return false;
    if (npki_scan_take_like(s, out))
        return true;
    (void)peek(s); /* which opens a frame */
    npki_scan_begin_like(s);
    const npki_scan_usual *usual = npki_scan_take_usual(s, &meaning);
    if (usual == NULL && (!take_global(s, &meaning) || (meaning != NPKI_RECONSTRUCT && meaning != NPKI_FROMBUFFER)))
        return false;
    if (!(meaning == NPKI_RECONSTRUCT ? take_state_form(s, usual, out, &elements)
                                      : take_buffer_form(s, usual, out, &elements)))
        return false;
    npki_scan_end_like(s, out, &elements);
    return true;
}

/* --- pickles --- */

bool npki_scan_start(npki_scan *s, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    s->in = (npki_frames){.at = at, .end = at + size, .last = at + size};
    s->later = s->in_batch = false;
    s->count = s->base = 0;
    s->arrays = 0;
    s->likes = s->last = s->oldest = s->known = s->lasting = 0;
    s->protocol = 1;
    if (size < 2)
        return false;
    if (at[0] == NPKI_BYTE_PROTO) {
        s->protocol = at[1];
        s->in.at += 2;
        return s->protocol >= 2 && s->protocol <= 5;
    }
    return true;
}

/* STOP, and nothing behind it. */
static bool take_stop(npki_scan *s)
{
    return eat(s, NPKI_BYTE_STOP) && s->in.at == s->in.last;
}

bool npki_scan_array_only(npki_scan *s, npk_array_view *out)
{
    return take_array(s, out) && take_stop(s);
}

bool npki_scan_container(npki_scan *s)
{
    int byte = peek(s);
    s->of = byte == NPKI_BYTE_EMPTY_DICT ? NPKI_SCAN_OF_DICT : NPKI_SCAN_OF_LIST;
    return (byte == NPKI_BYTE_EMPTY_LIST || byte == NPKI_BYTE_EMPTY_DICT) && eat(s, (enum npki_opcode_byte)byte) &&
           put_other(s);
}

static bool take_key(npki_scan *s, npk_array_view *out)
{
    text key;
    if (!take_text(s, UINT16_MAX, 1, &key) || key.is != NPKI_SCANNED_STR ||
        npki_utf8_check(key.bytes, (size_t)key.size) != key.size)
        return false;
    out->key = (const char *)key.bytes;
    out->key_size = (size_t)key.size;
    return true;
}

bool npki_scan_next(npki_scan *s, npk_array_view *out, bool *more)
{
    const bool dict = s->of == NPKI_SCAN_OF_DICT;
    if (s->in_batch && s->in_it > 0 && eat(s, dict ? NPKI_BYTE_SETITEMS : NPKI_BYTE_APPENDS))
        s->in_batch = false;
    *more = s->in_batch || peek(s) != NPKI_BYTE_STOP;
    if (!*more)
        return take_stop(s);
    if (!s->in_batch && eat(s, NPKI_BYTE_MARK)) {
        s->in_batch = true;
        s->in_it = 0;
    }
    s->in_it = 1;
    return (!dict || take_key(s, out)) && take_array(s, out) &&
           (s->in_batch || eat(s, dict ? NPKI_BYTE_SETITEM : NPKI_BYTE_APPEND));
}
