/* Bytes as calls of the writer's alphabet, good and bad ones: what it ends well must load, as what the same calls make in memory. */
#include "fuzz.h"

#include <npickle.h>

#define MOST_CALLS 400
#define MEMORY 4096 /* bytes that arrays may lie in */

static const char *const dtypes[] = {"?",   "i1",  "<u2",  ">i4",     "<i8",       ">u8", "<f2",   "<f4", ">f8", "f12", "f16", "c8",
                                     ">c16", "c32", "S7",  "U3",      ">U2",       "V5",  "<M8[ns]", ">m8[25s]", "S0",  "U0",  "O", "T"};

#define PLAIN (sizeof dtypes / sizeof *dtypes)
#define DTYPES (PLAIN + 6)

typedef struct calls {
    dealer *d;
    npk_writer *w;
    const npk_dtype *dtypes[DTYPES];
    uint8_t memory[MEMORY];
    int64_t references[8];
    bool guessed; /* a number that npk_writer_last did not give: of each writer it is another value's */
} calls;

/* Any count: unknown, exact or wrong. */
static int64_t count(calls *c)
{
    int64_t n = (int64_t)deal(c->d, 1);
    return n < 128 ? NPK_UNKNOWN : n < 250 ? n % 8 : n - 255 - 2;
}

/* Whether an array lies inside the memory. The data of one without elements may lie anywhere. */
static bool fits(const npk_array *array, int64_t itemsize, int64_t start)
{
    int64_t low = start, high = start + itemsize;
    for (int i = 0; i < array->ndim; i++) {
        int64_t reach = array->shape[i] > 0 ? (array->shape[i] - 1) * array->strides[i] : 0;
        *(reach < 0 ? &low : &high) += reach;
    }
    return low >= 0 && high <= MEMORY;
}

/* Structs: padded, titled, nested, with subarrays, overlapping, with objects. */
static void make_structs(const npk_dtype **out)
{
    static const int64_t shape[] = {2, 2};
    const npk_dtype *u2 = npk_dtype_native(NPK_UINT16), *f8 = npk_dtype_ordered(NPK_FLOAT64, '>'), *sub = NULL;
    const npk_field padded[] = {{"a", 1, NULL, 0, npk_dtype_native(NPK_INT8), NPK_AUTO},
                                {"bb", 2, NULL, 0, f8, NPK_AUTO}};
    const npk_field titled[] = {{"a", 1, "the a", 5, u2, NPK_AUTO}, {"name", 4, "b", 1, f8, NPK_AUTO}};
    const npk_field over[] = {{"x", 1, NULL, 0, npk_dtype_native(NPK_UINT32), 0}, {"y", 1, NULL, 0, u2, 2}};
    const npk_field objects[] = {{"o", 1, NULL, 0, npk_dtype_native(NPK_OBJECT), NPK_AUTO},
                                 {"n", 1, NULL, 0, u2, NPK_AUTO}};
    DEMAND(npk_dtype_new_struct(padded, 2, NPK_AUTO, true, NULL, &out[0], NULL) == NPK_OK);
    DEMAND(npk_dtype_new_struct(titled, 2, 20, false, NULL, &out[1], NULL) == NPK_OK);
    DEMAND(npk_dtype_new_subarray(out[0], 2, shape, NULL, &sub, NULL) == NPK_OK);
    const npk_field nested[] = {{"in", 2, NULL, 0, out[1], NPK_AUTO}, {"sub", 3, NULL, 0, sub, NPK_AUTO}, {"in2", 3, NULL, 0, out[1], NPK_AUTO}};
    DEMAND(npk_dtype_new_struct(nested, 3, NPK_AUTO, false, NULL, &out[2], NULL) == NPK_OK);
    DEMAND(npk_dtype_new_struct(over, 2, NPK_AUTO, false, NULL, &out[3], NULL) == NPK_OK);
    DEMAND(npk_dtype_new_struct(objects, 2, NPK_AUTO, false, NULL, &out[4], NULL) == NPK_OK);
    DEMAND(npk_dtype_new_struct(NULL, 0, NPK_AUTO, false, NULL, &out[5], NULL) == NPK_OK);
    npk_dtype_free(sub);
}

typedef enum form { ARRAY, SUBCLASS, SCALAR, MASKED, PARTS, OBJECTS, DTYPE, FORMS } form;

static void write_array(calls *c, form how, const npk_array *array)
{
    size_t size = npk_array_nbytes(array) > 0 ? (size_t)npk_array_nbytes(array) : 0, half;
    switch (how) {
    case SUBCLASS:
        npk_write_subclass(c->w, "numpy", (size & 1) != 0 ? "recarray" : "matrix", array);
        break;
    case SCALAR:
        npk_write_scalar(c->w, array);
        break;
    case MASKED:
        npk_write_masked(c->w, array, NULL, NULL);
        break;
    case PARTS:
        npk_write_begin_array(c->w, array);
        half = size > MEMORY ? 0 : size / 2;
        npk_write_part(c->w, c->memory, half);
        npk_write_part(c->w, c->memory, size > MEMORY ? 0 : size - half);
        npk_write_end(c->w);
        break;
    case OBJECTS:
        npk_write_begin_objects(c->w, array);
        break;
    case DTYPE:
        npk_write_dtype(c->w, array->dtype);
        break;
    default:
        npk_write_array(c->w, array);
    }
}

static void call_array(calls *c, form as)
{
    int64_t shape[NPK_MAXDIMS + 4] = {0}, strides[NPK_MAXDIMS + 4] = {0};
    size_t which = deal(c->d, 1) % (DTYPES + 4);
    int64_t start = (int64_t)deal(c->d, 2) % MEMORY, itemsize;
    npk_array array = {.dtype = c->dtypes[which < DTYPES ? which : 8], .shape = shape};
    uint64_t how = deal(c->d, 1);
    array.ndim = (int)(deal(c->d, 1) % 5);
    array.readonly = (how & 1) != 0;
    array.order = "C\0FK"[how >> 1 & 3];
    itemsize = npk_dtype_itemsize(array.dtype);
    for (int i = 0; i < array.ndim; i++) {
        shape[i] = (int64_t)deal(c->d, 1) % 9 - ((how & 0xf0) == 0xf0);
        strides[i] = (int8_t)deal(c->d, 1) * ((how & 8) != 0 ? itemsize : 1);
    }
    if ((how & 0x70) == 0x60)
        array.ndim = (int)(deal(c->d, 1) % 70) - 2; /* many, too many, fewer than none */
    array.strides = (how & 0x40) != 0 ? strides : NULL;
    array.data = c->memory + start;
    if (array.strides != NULL && !fits(&array, itemsize, start))
        return;
    if (array.strides == NULL && (npk_array_nbytes(&array) > MEMORY ||
                                  start + (npk_array_nbytes(&array) > 0 ? npk_array_nbytes(&array) : 0) > MEMORY))
        return;
    write_array(c, as, &array);
}

static void call_text(calls *c, uint64_t what)
{
    size_t size;
    uint8_t *block = deal_block(c->d, (size_t)deal(c->d, 1), &size);
    switch (what % 4) {
    case 0:
        npk_write_bytes(c->w, block, size);
        break;
    case 1:
        npk_write_str_size(c->w, (const char *)block, size);
        break;
    case 2:
        npk_write_long(c->w, block, size);
        break;
    default: { /* long enough to end a frame, or to leave one */
        size_t many = (size_t)70000 + size;
        uint8_t *longer = malloc(many);
        DEMAND(longer != NULL);
        memset(longer, 'x', many);
        npk_write_bytes(c->w, longer, many);
        free(longer);
    }
    }
    free(block);
}

/* A call with all that it needs; states and items may follow. */
static void call_object(calls *c, uint64_t what)
{
    npk_status (*const begin[])(npk_writer *) = {npk_write_begin_call, npk_write_begin_new, npk_write_begin_new_ex};
    begin[what % 3](c->w);
    if ((what & 4) != 0) /* any values, good or bad */
        return;
    npk_write_global(c->w, "m", "C");
    npk_write_begin_tuple(c->w, 0);
    npk_write_end(c->w);
    if (what % 3 == 2) {
        npk_write_begin_dict(c->w, 0);
        npk_write_end(c->w);
    }
}

static void call(calls *c)
{
    uint64_t what = deal(c->d, 1);
    double number;
    uint64_t bits;
    switch (what % 32) {
    case 0:
        npk_write_begin_list(c->w, count(c));
        break;
    case 1:
        npk_write_begin_tuple(c->w, count(c));
        break;
    case 2:
        npk_write_begin_dict(c->w, count(c));
        break;
    case 3:
    case 4:
        npk_write_end(c->w);
        break;
    case 5:
        npk_write_none(c->w);
        break;
    case 6:
        npk_write_bool(c->w, (what & 32) != 0);
        break;
    case 7:
        npk_write_int(c->w, (int64_t)deal(c->d, 1 + (what >> 5 & 7)));
        break;
    case 8:
        npk_write_uint(c->w, deal(c->d, 8));
        break;
    case 9:
        bits = deal(c->d, 8);
        memcpy(&number, &bits, sizeof number);
        if ((what & 32) != 0)
            npk_write_complex(c->w, number, -number);
        else
            npk_write_float(c->w, number);
        break;
    case 10:
    case 11:
        call_text(c, what >> 5);
        break;
    case 12:
    case 13:
        call_array(c, ARRAY);
        break;
    case 14:
        c->references[what >> 5 & 7] = npk_writer_last(c->w);
        break;
    case 15:
        c->guessed = c->guessed || what >= 224;
        npk_write_again(c->w, what >= 224 ? (int64_t)deal(c->d, 1) - 5 : c->references[what >> 5 & 7]);
        break;
    case 16:
        npk_write_begin_set(c->w, count(c));
        break;
    case 17:
        npk_write_begin_frozenset(c->w, count(c));
        break;
    case 18:
        npk_write_bytearray(c->w, c->memory, deal(c->d, 1));
        break;
    case 19:
        npk_write_persid(c->w, (what & 32) != 0 ? "an id" : "an \xc3\xa9");
        break;
    case 20:
        npk_write_global(c->w, (what & 32) != 0 ? "m" : "numpy", (what & 64) != 0 ? "float64" : "bool_");
        break;
    case 21:
        call_object(c, what >> 5);
        break;
    case 22:
        npk_write_begin_appended(c->w, count(c));
        break;
    case 23:
        npk_write_begin_assigned(c->w, count(c));
        break;
    default:
        call_array(c, (form)(what % 32 - 24) % FORMS);
    }
}

static int keep(void *context, const void *bytes, size_t size)
{
    size_t *sent = context;
    uint8_t last = size > 0 ? ((const uint8_t *)bytes)[size - 1] : 0;
    *sent += size + (last & 0); /* the last byte is read */
    return 0;
}

/* Makes the calls. */
static void run(calls *c, const uint8_t *data, size_t size)
{
    dealer d = {data, data + size};
    c->d = &d;
    c->guessed = false;
    for (size_t i = 0; i < 8; i++)
        c->references[i] = NPK_UNKNOWN;
    deal(&d, 2); /* the options */
    for (int i = 0; i < MOST_CALLS && d.at < d.end; i++)
        call(c);
}

/* What was loaded, written with the same options. */
static void write_again(const npk_doc *doc, const npk_write_options *options)
{
    npk_error error = {.status = NPK_OK};
    uint8_t *bytes = NULL;
    size_t size = 0;
    npk_status status = npk_doc_save_memory(doc, options, &bytes, &size, &error);
    DEMAND(status == NPK_OK || status == NPK_ERR_LIMIT || status == NPK_ERR_UNSUPPORTED);
    if (status != NPK_OK)
        return;
    fuzz_read_again(doc, options, bytes, size, FUZZ_SAME);
    npk_bytes_free(NULL, bytes, size);
}

/* The same calls make a document: value for value it is what was written, and what was loaded; and written again, that is the same. */
static void compare(calls *c, const uint8_t *data, size_t size, const npk_write_options *options, const npk_doc *loaded)
{
    npk_doc *made = NULL;
    npk_error error = {.status = NPK_OK};
    DEMAND(npk_writer_doc(NULL, &c->w, &error) == NPK_OK);
    run(c, data, size);
    npk_status status = npk_writer_finish_doc(c->w, &made, &error);
    if (status != NPK_OK) { /* of what it is given a reader looks at more than a writer does */
        DEMAND(status == NPK_ERR_TYPE || status == NPK_ERR_CALL || status == NPK_ERR_LIMIT || status == NPK_ERR_UNSUPPORTED);
        return;
    }
    bool python2 = npk_dialect_is_python2(options->dialect);
    if (!python2 && !c->guessed && fuzz_keeps_spellings(npk_doc_root(made), options))
        DEMAND(fuzz_is_same(npk_doc_root(made), npk_doc_root(loaded), options->python2_str));
    npk_doc_free(made);
    write_again(loaded, options);
}

static void load_back(calls *c, const uint8_t *data, size_t data_size, const npk_write_options *options,
                      const uint8_t *bytes, size_t size)
{
    npk_doc *doc = NULL;
    npk_walk *walk = NULL;
    const npk_value *value;
    npk_error error;
    npk_status status = npk_doc_load_memory(bytes, size, NULL, &doc, &error);
    /* What the writer does not look at: what a call is a call of; it may make what can't be a key. */
    if (status != NPK_OK) {
        bool key = (status == NPK_ERR_TYPE || status == NPK_ERR_CALL) && strstr(error.message, "unhashable") != NULL;
        DEMAND(key || error.opcode == 0x52 || error.opcode == 0x81 || error.opcode == 0x92 || error.opcode == 0x62 || error.opcode == 0x61 ||
               error.opcode == 0x65 || error.opcode == 0x73 || error.opcode == 0x75);
        return;
    }
    DEMAND(npk_walk_start(npk_doc_root(doc), NULL, &walk, &error) == NPK_OK);
    while (npk_walk_next(walk, &value, &error) == NPK_OK && value != NULL)
        ;
    DEMAND(value == NULL);
    npk_walk_free(walk);
    compare(c, data, data_size, options, doc);
    npk_doc_free(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static calls c;
    npk_error error = {.status = NPK_OK}, other = {.status = NPK_OK};
    uint8_t *bytes = NULL;
    size_t written = 0, sent = 0;
    if (size < 2)
        return 0;
    for (size_t i = 0; i < PLAIN; i++)
        DEMAND(npk_dtype_parse(dtypes[i], NULL, &c.dtypes[i], &error) == NPK_OK);
    make_structs(c.dtypes + PLAIN);
    for (size_t i = 0; i < MEMORY; i++)
        c.memory[i] = (uint8_t)(i * 7);
    npk_write_options options = {.protocol_given = true, .protocol = data[0] % 7, .dialect = fuzz_dialect(data[1])};
    if (npk_writer_memory(&options, &c.w, &error) == NPK_OK) {
        run(&c, data, size);
        npk_status status = npk_writer_finish_memory(c.w, &bytes, &written, &error);
        DEMAND(npk_writer_callback(keep, &sent, &options, &c.w, &other) == NPK_OK);
        run(&c, data, size);
        DEMAND(npk_writer_finish(c.w, &other) == status);
        if (status == NPK_OK) {
            load_back(&c, data, size, &options, bytes, written);
            DEMAND(sent == written || written > 1 << 16);
            npk_bytes_free(NULL, bytes, written);
        } else {
            DEMAND(npk_status_band(status) == NPK_BAND_USAGE || status == NPK_ERR_LIMIT ||
                   status == NPK_ERR_UNSUPPORTED || status == NPK_ERR_TYPE); /* TYPE: what can't be a key */
        }
    }
    for (size_t i = 0; i < DTYPES; i++)
        npk_dtype_free(c.dtypes[i]);
    return 0;
}
