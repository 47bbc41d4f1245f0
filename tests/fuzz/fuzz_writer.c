/* Bytes as calls of the writer's alphabet, good and bad ones: what it ends well must load, with as many values as were written;
 * what it refuses must not look like a pickle. */
#include "fuzz.h"

#include <npickle.h>

#define MOST_CALLS 400
#define MEMORY 4096 /* bytes that arrays may lie in */

static const char *const dtypes[] = {"?",   "i1",  "<u2",  ">i4",     "<i8",       ">u8", "<f2",   "<f4", ">f8", "f12", "f16", "c8",
                                     ">c16", "c32", "S7",  "U3",      ">U2",       "V5",  "<M8[ns]", ">m8[25s]", "S0",  "U0",  "O"};

#define DTYPES (sizeof dtypes / sizeof *dtypes)

typedef struct calls {
    dealer *d;
    npk_writer *w;
    const npk_dtype *dtypes[DTYPES];
    uint8_t memory[MEMORY];
    int64_t references[8];
} calls;

/* Any count: unknown, exact or wrong. */
static int64_t count(calls *c)
{
    int64_t n = (int64_t)deal(c->d, 1);
    return n < 128 ? NPK_UNKNOWN : n < 250 ? n % 8 : n - 255 - 2;
}

/* Whether an array lies inside the memory. The data of one without elements may lie anywhere. */
static bool fits(const npk_ndarray *array, int64_t itemsize, int64_t start)
{
    int64_t low = start, high = start + itemsize;
    for (int i = 0; i < array->ndim; i++) {
        int64_t reach = array->shape[i] > 0 ? (array->shape[i] - 1) * array->strides[i] : 0;
        *(reach < 0 ? &low : &high) += reach;
    }
    return low >= 0 && high <= MEMORY;
}

static void call_array(calls *c)
{
    int64_t shape[NPK_MAXDIMS + 4] = {0}, strides[NPK_MAXDIMS + 4] = {0};
    size_t which = deal(c->d, 1) % (DTYPES + 4);
    int64_t start = (int64_t)deal(c->d, 2) % MEMORY, itemsize;
    npk_ndarray array = {.dtype = c->dtypes[which < DTYPES ? which : 8], .shape = shape};
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
    if (array.strides == NULL && (npk_nbytes(&array) > MEMORY || start + (npk_nbytes(&array) > 0 ? npk_nbytes(&array) : 0) > MEMORY))
        return;
    npk_array(c->w, &array);
}

static void call_text(calls *c, uint64_t what)
{
    size_t size;
    uint8_t *block = deal_block(c->d, (size_t)deal(c->d, 1), &size);
    switch (what % 4) {
    case 0:
        npk_bytes(c->w, block, size);
        break;
    case 1:
        npk_str_size(c->w, (const char *)block, size);
        break;
    case 2:
        npk_long(c->w, block, size);
        break;
    default: { /* long enough to end a frame, or to leave one */
        size_t many = (size_t)70000 + size;
        uint8_t *longer = malloc(many);
        DEMAND(longer != NULL);
        memset(longer, 'x', many);
        npk_bytes(c->w, longer, many);
        free(longer);
    }
    }
    free(block);
}

static void call(calls *c)
{
    uint64_t what = deal(c->d, 1);
    double number;
    uint64_t bits;
    switch (what % 16) {
    case 0:
        npk_begin_list(c->w, count(c));
        break;
    case 1:
        npk_begin_tuple(c->w, count(c));
        break;
    case 2:
        npk_begin_dict(c->w, count(c));
        break;
    case 3:
    case 4:
        npk_end(c->w);
        break;
    case 5:
        npk_none(c->w);
        break;
    case 6:
        npk_bool(c->w, (what & 16) != 0);
        break;
    case 7:
        npk_int(c->w, (int64_t)deal(c->d, 1 + (what >> 4 & 7)));
        break;
    case 8:
        npk_uint(c->w, deal(c->d, 8));
        break;
    case 9:
        bits = deal(c->d, 8);
        memcpy(&number, &bits, sizeof number);
        if ((what & 16) != 0)
            npk_complex(c->w, number, -number);
        else
            npk_float(c->w, number);
        break;
    case 10:
    case 11:
        call_text(c, what >> 4);
        break;
    case 12:
    case 13:
        call_array(c);
        break;
    case 14:
        c->references[what >> 4 & 7] = npk_last(c->w);
        break;
    default:
        npk_again(c->w, what >= 240 ? (int64_t)deal(c->d, 1) - 5 : c->references[what >> 4 & 7]);
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
    for (size_t i = 0; i < 8; i++)
        c->references[i] = NPK_UNKNOWN;
    deal(&d, 2); /* the options */
    for (int i = 0; i < MOST_CALLS && d.at < d.end; i++)
        call(c);
}

static void load_back(const uint8_t *bytes, size_t size)
{
    npk_doc *doc = NULL;
    npk_walk *walk = NULL;
    const npk_value *value;
    npk_error error;
    npk_status status = npk_load_memory(bytes, size, NULL, &doc, &error);
    if (status != NPK_OK) /* a key that is none: the writer does not look */
        DEMAND(status == NPK_TYPE && strstr(error.message, "unhashable") != NULL);
    if (status != NPK_OK)
        return;
    DEMAND(npk_walk_start(npk_root(doc), NULL, &walk, &error) == NPK_OK);
    while (npk_walk_next(walk, &value, &error) == NPK_OK && value != NULL)
        DEMAND(npk_kind_of(value) != NPK_KIND_OBJECT || npk_is_ndarray(value) || npk_as_dtype(value) != NULL);
    npk_walk_free(walk);
    npk_free(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static calls c;
    npk_error error = {.status = NPK_OK}, other = {.status = NPK_OK};
    uint8_t *bytes = NULL;
    size_t written = 0, sent = 0;
    if (size < 2)
        return 0;
    for (size_t i = 0; i < DTYPES; i++)
        DEMAND(npk_dtype_parse(dtypes[i], NULL, &c.dtypes[i], &error) == NPK_OK);
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
            load_back(bytes, written);
            DEMAND(sent == written || written > 1 << 16);
            npk_bytes_free(NULL, bytes, written);
        } else {
            DEMAND(npk_status_band(status) == NPK_BAND_USAGE || status == NPK_LIMIT);
        }
    }
    for (size_t i = 0; i < DTYPES; i++)
        npk_dtype_free(c.dtypes[i]);
    return 0;
}
