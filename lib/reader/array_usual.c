/* The first array of a pickle, as the picklers that NumPy comes with write it: what goes before its shape, and its
 * dtype, are bytes that are always the same, and are compared as such. Whatever is otherwise goes opcode by opcode:
 * array_scan.c. */
#include "reader/array_scan.h"

#include <string.h>

/* --- dtypes by their codes --- */

static const struct {
    char code[4];
    npk_type type;
} codes[] = {
    {"f8", NPK_FLOAT64}, {"f4", NPK_FLOAT32}, {"i8", NPK_INT64},     {"i4", NPK_INT32},       {"u1", NPK_UINT8},
    {"b1", NPK_BOOL},    {"i2", NPK_INT16},   {"i1", NPK_INT8},      {"u2", NPK_UINT16},      {"u4", NPK_UINT32},
    {"u8", NPK_UINT64},  {"f2", NPK_FLOAT16}, {"c8", NPK_COMPLEX64}, {"c16", NPK_COMPLEX128},
};

bool npki_scan_type_of(const uint8_t *code, size_t size, npk_type *out)
{
    if (size < 2 || size > 3)
        return false;
    const char is[4] = {(char)code[0], (char)code[1], size == 3 ? (char)code[2] : '\0', '\0'};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (memcmp(is, codes[i].code, sizeof is) == 0) {
            *out = codes[i].type;
            return true;
        }
    return false;
}

const npk_dtype *npki_scan_ordered(npk_type type, char order)
{
    const npk_dtype *native = npk_dtype_native(type);
    const char own = npk_dtype_byteorder(native);
    if (own == '|' ? order != '|' : order != '<' && order != '>')
        return NULL;
    return order == own ? native : npk_dtype_ordered(type, order);
}

/* --- texts by their opcodes --- */

static const npki_scan_text texts[] = {
    {NPKI_BYTE_SHORT_BINUNICODE, 1, 4, NPKI_SCANNED_STR},  {NPKI_BYTE_BINUNICODE, 4, 1, NPKI_SCANNED_STR},
    {NPKI_BYTE_SHORT_BINBYTES, 1, 3, NPKI_SCANNED_BYTES},  {NPKI_BYTE_BINBYTES, 4, 3, NPKI_SCANNED_BYTES},
    {NPKI_BYTE_BINBYTES8, 8, 4, NPKI_SCANNED_BYTES},       {NPKI_BYTE_SHORT_BINSTRING, 1, 1, NPKI_SCANNED_PYTHON2_STR},
    {NPKI_BYTE_BINSTRING, 4, 1, NPKI_SCANNED_PYTHON2_STR},
};

const npki_scan_text *npki_scan_text_of(const npki_scan *s, int byte)
{
    for (const npki_scan_text *row = texts; row < texts + sizeof texts / sizeof *texts; row++)
        if (row->byte == byte)
            return row->protocol <= s->protocol ? row : NULL;
    return NULL;
}

/* --- what is always the same --- */

/* Bytes that stand together, and how many numbers they give. */
typedef struct stretch {
    const char *bytes;
    uint8_t size, puts;
} stretch;

struct npki_scan_usual {
    int protocol;
    uint32_t first; /* number of the memo: cPickle counts from 1 */
    npki_meaning form;
    stretch module[2]; /* of NumPy 2 and of NumPy 1 */
    stretch head;      /* from there to the shape, or to the buffer */
    npki_scan_number known[2];   /* up to here, that may be asked for behind it */
    uint32_t before;             /* numbers given before the dtype */
    stretch dtype, flags, state; /* up to its code of two bytes; to its byte order; to its end */
};

#define STRETCH(text, puts) text, sizeof text - 1, puts
#define NONE "NNNJ\377\377\377\377J\377\377\377\377K\0t"

static const npki_scan_usual usual[] = {
    {.protocol = 4,
     .form = NPKI_RECONSTRUCT,
     .module = {{STRETCH("\214\26numpy._core.multiarray\224", 1)}, {STRETCH("\214\25numpy.core.multiarray\224", 1)}},
     .head = {STRETCH(
         "\214\14_reconstruct\224\223\224\214\5numpy\224\214\7ndarray\224\223\224K\0\205\224C\1b\224\207\224"
         "R\224(K\1",
         9)},
     .known = {{"numpy", 3, 5, NPKI_SCANNED_STR}},
     .before = 11,
     .dtype = {STRETCH("h\3\214\5dtype\224\223\224\214\2", 2)},
     .flags = {STRETCH("\224\211\210\207\224R\224(K\3\214\1", 3)},
     .state = {STRETCH("\224" NONE "\224b", 2)}},
    {.protocol = 5,
     .form = NPKI_FROMBUFFER,
     .module = {{STRETCH("\214\23numpy._core.numeric\224", 1)}, {STRETCH("\214\22numpy.core.numeric\224", 1)}},
     .head = {STRETCH("\214\13_frombuffer\224\223\224(", 2)},
     .before = 4,
     .dtype = {STRETCH("\214\5numpy\224\214\5dtype\224\223\224\214\2", 3)},
     .flags = {STRETCH("\224\211\210\207\224R\224(K\3\214\1", 3)},
     .state = {STRETCH("\224" NONE "\224b", 2)}},
    {.protocol = 3,
     .form = NPKI_RECONSTRUCT,
     .module = {{STRETCH("cnumpy._core.multiarray\n", 0)}, {STRETCH("cnumpy.core.multiarray\n", 0)}},
     .head = {STRETCH("_reconstruct\nq\0cnumpy\nndarray\nq\1K\0\205q\2C\1bq\3\207q\4Rq\5(K\1", 6)},
     .before = 7,
     .dtype = {STRETCH("cnumpy\ndtype\nq\7X\2\0\0\0", 1)},
     .flags = {STRETCH("q\10\211\210\207q\11Rq\12(K\3X\1\0\0\0", 3)},
     .state = {STRETCH("q\13" NONE "q\14b", 2)}},
    {.protocol = 2, /* of Python 3 */
     .form = NPKI_RECONSTRUCT,
     .module = {{STRETCH("cnumpy._core.multiarray\n", 0)}, {STRETCH("cnumpy.core.multiarray\n", 0)}},
     .head = {STRETCH("_reconstruct\nq\0cnumpy\nndarray\nq\1K\0\205q\2c_codecs\nencode\nq\3X\1\0\0\0bq\4"
                      "X\6\0\0\0latin1q\5\206q\6Rq\7\207q\10Rq\11(K\1",
                      10)},
     .known = {{NULL, 3, NPKI_CODECS_ENCODE, NPKI_SCANNED_GLOBAL}, {"latin1", 5, 6, NPKI_SCANNED_STR}},
     .before = 11,
     .dtype = {STRETCH("cnumpy\ndtype\nq\13X\2\0\0\0", 1)},
     .flags = {STRETCH("q\14\211\210\207q\15Rq\16(K\3X\1\0\0\0", 3)},
     .state = {STRETCH("q\17" NONE "q\20b", 2)}},
    {.protocol = 2, /* of cPickle, which gives numbers only to what something else refers to */
     .first = 1,
     .form = NPKI_RECONSTRUCT,
     .module = {{STRETCH("cnumpy.core.multiarray\n", 0)}},
     .head = {STRETCH("_reconstruct\nq\1cnumpy\nndarray\nq\2K\0\205U\1b\207Rq\3(K\1", 3)},
     .before = 3,
     .dtype = {STRETCH("cnumpy\ndtype\nq\4U\2", 1)},
     .flags = {STRETCH("K\0K\1\207Rq\5(K\3U\1", 1)},
     .state = {STRETCH(NONE "b", 0)}},
};

static bool is_next(const uint8_t *at, const stretch *expected)
{
    return memcmp(at, expected->bytes, expected->size) == 0;
}

static void pass(npki_scan *s, size_t size, uint32_t puts)
{
    s->in.at += size;
    s->count += puts;
}

static bool take_head(npki_scan *s, const npki_scan_usual *row, const stretch *module)
{
    const size_t size = (size_t)module->size + row->head.size;
    if (module->size == 0 || size > (size_t)(s->in.end - s->in.at) || !is_next(s->in.at, module) ||
        !is_next(s->in.at + module->size, &row->head))
        return false;
    pass(s, size, (uint32_t)module->puts + row->head.puts);
    return true;
}

const npki_scan_usual *npki_scan_take_usual(npki_scan *s, npki_meaning *form)
{
    if (s->count > 0)
        return NULL;
    for (const npki_scan_usual *row = usual; row < usual + sizeof usual / sizeof *usual; row++)
        if (row->protocol == s->protocol &&
            (take_head(s, row, &row->module[0]) || take_head(s, row, &row->module[1]))) {
            s->base = row->first;
            while (s->known < 2 && row->known[s->known].is != NPKI_SCANNED_OTHER) {
                s->numbers[s->known] = row->known[s->known];
                s->known++;
            }
            *form = row->form;
            return row;
        }
    return NULL;
}

#define CODE 2
#define ORDER 1

const npk_dtype *npki_scan_usual_dtype(npki_scan *s, const npki_scan_usual *row)
{
    const size_t flags = (size_t)row->dtype.size + CODE, state = flags + row->flags.size + ORDER,
                 size = state + row->state.size;
    const uint8_t *at = s->in.at;
    npk_type type;
    if (s->count != row->before || size > (size_t)(s->in.end - at) || !is_next(at, &row->dtype) ||
        !is_next(at + flags, &row->flags) || !is_next(at + state, &row->state) ||
        !npki_scan_type_of(at + row->dtype.size, CODE, &type))
        return NULL;
    const npk_dtype *dtype = npki_scan_ordered(type, (char)at[state - ORDER]);
    if (dtype != NULL)
        pass(s, size, (uint32_t)row->dtype.puts + row->flags.puts + row->state.puts);
    return dtype;
}
