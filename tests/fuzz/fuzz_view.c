/* Views and what reads elements out of them: an array is dealt out of the bytes, then steps from view to view, then every
 * way to read; the ways must agree. Arrays lie in blocks of just their size, so that a step outside is seen. */
#include "fuzz.h"

#include "dtype/dtype.h"
#include "text/unicode.h"

#define MOST_BYTES (1 << 15) /* of an array, and of what it becomes */
#define MOST_ELEMENTS 600
#define MOST_STEPS 8

/* The statuses that a call's header names. */
#define NPK_ERR_OK NPK_OK
#define OR(status) | (uint64_t)1 << NPK_ERR_##status
#define AMONG(status, names) (((uint64_t)1 << (status) & (0 names)) != 0)

/* Descriptors, the later ones made of earlier ones. */
enum { POOL = 10 };

typedef struct pool {
    const npk_dtype *dtypes[POOL];
    size_t count;
} pool;

typedef struct block {
    uint8_t *bytes;
    size_t size;
} block;

static block take_block(size_t size)
{
    block b = {malloc(size > 0 ? size : 1), size};
    DEMAND(b.bytes != NULL);
    memset(b.bytes, 0xa5, size > 0 ? size : 1);
    return b;
}

/* --- descriptors --- */

static npk_status deal_sized(dealer *d, const npk_dtype **out)
{
    static const npk_type types[] = {NPK_BYTES, NPK_STR, NPK_VOID};
    uint64_t which = deal(d, 1);
    int64_t size = (int64_t)(deal(d, 1) % 40);
    if (size == 39) /* more than any scratch holds */
        size = 9001;
    return npk_dtype_new_sized(types[which % 3], which % 3 == 1 ? 4 * size : size, "<>"[which >> 7], NULL, out, NULL);
}

static npk_status deal_time(dealer *d, const npk_dtype **out)
{
    uint64_t how = deal(d, 1);
    int32_t multiple = (how & 32) != 0 ? (int32_t)deal(d, 4) : (int32_t)(deal(d, 1) % 26);
    return npk_dtype_new_time((how & 64) != 0 ? NPK_DATETIME64 : NPK_TIMEDELTA64, (npk_unit)(how % 16), multiple,
                              "<>"[how >> 7], NULL, out, NULL);
}

static npk_status deal_subarray(dealer *d, const npk_dtype *base, const npk_dtype **out)
{
    static const int64_t lengths[] = {0, 1, 2, 3, 5, 40, 40000, INT32_MAX};
    int64_t shape[4];
    uint64_t how = deal(d, 2);
    int ndim = (int)(how & 3) + 1;
    for (int i = 0; i < ndim; i++)
        shape[i] = lengths[how >> (3 * i + 2) & 7];
    return npk_dtype_new_subarray(base, ndim, shape, NULL, out, NULL);
}

static npk_status deal_struct(dealer *d, const pool *p, const npk_dtype **out)
{
    static const char *const names[] = {"a", "b", "c", "\xc3\xa9"};
    npk_field fields[4];
    uint64_t how = deal(d, 1);
    size_t count = how & 3, first = how >> 2 & 3;
    for (size_t i = 0; i < count + 1; i++) {
        const char *name = names[(first + i) % 4];
        fields[i] = (npk_field){name, strlen(name), NULL, 0, p->dtypes[deal(d, 1) % p->count], NPK_AUTO};
        if ((how & 16) != 0)
            fields[i].offset = (int64_t)(deal(d, 1) % 24);
    }
    return npk_dtype_new_struct(fields, count + 1, (how & 32) != 0 ? (int64_t)deal(d, 1) : NPK_AUTO, (how & 64) != 0,
                                NULL, out, NULL);
}

static npk_status deal_dtype(dealer *d, const pool *p, const npk_dtype **out)
{
    uint64_t what = deal(d, 1);
    switch (p->count == 0 ? what % 3 : what % 8) {
    case 0:
        return deal_sized(d, out);
    case 1:
        return deal_time(d, out);
    case 2:
    case 3:
        *out = npk_dtype_ordered((npk_type)((what >> 3) % NPKI_TYPES), "<>"[what & 1]);
        return *out != NULL ? NPK_OK : NPK_ERR_DTYPE;
    case 4:
        return deal_subarray(d, p->dtypes[deal(d, 1) % p->count], out);
    default:
        return deal_struct(d, p, out);
    }
}

static void deal_pool(dealer *d, pool *p)
{
    p->count = 0;
    for (int i = 0; i < POOL; i++) {
        npk_status status = deal_dtype(d, p, &p->dtypes[p->count]);
        DEMAND(AMONG(status, OR(OK) OR(DTYPE) OR(LIMIT)));
        p->count += status == NPK_OK;
    }
    if (p->count == 0)
        p->dtypes[p->count++] = npk_dtype_native(NPK_UINT16);
}

static const npk_dtype *deal_of_pool(dealer *d, const pool *p)
{
    return p->dtypes[p->count - 1 - deal(d, 1) % p->count]; /* zeros are the last and most complex one */
}

/* --- arrays --- */

typedef struct array {
    npk_array view;
    int64_t shape[NPK_MAXDIMS], strides[NPK_MAXDIMS];
    block memory;
    uint8_t *pickle; /* of one that was written and loaded */
    size_t pickle_size;
    npk_doc *doc;
    block plain; /* decoded */
} array;

/* One without elements may have any lengths and strides, and any data. */
static void make_wild(dealer *d, array *a)
{
    a->shape[0] = 0;
    for (int i = 0; i < a->view.ndim; i++) {
        a->strides[i] = (int64_t)deal(d, 8);
        if (i > 0)
            a->shape[i] = (int64_t)deal(d, 8);
    }
    a->view.strides = a->strides;
    a->memory = take_block(0);
    a->view.data = a->memory.bytes;
}

/* False where it would be too large. */
static bool make_tame(dealer *d, array *a, uint64_t how)
{
    int64_t itemsize = npk_dtype_itemsize(a->view.dtype), low = 0, high = itemsize;
    for (int i = 0; i < a->view.ndim; i++) {
        a->shape[i] = (int64_t)(deal(d, 1) % 6);
        a->strides[i] = (int8_t)deal(d, 1) * ((how & 8) != 0 && itemsize < 100 ? itemsize : 1);
        int64_t reach = a->shape[i] > 0 ? (a->shape[i] - 1) * a->strides[i] : 0;
        *(reach < 0 ? &low : &high) += reach;
    }
    a->view.strides = (how & 16) != 0 ? a->strides : NULL;
    if (npk_array_count(&a->view) > MOST_ELEMENTS || npk_array_nbytes(&a->view) > MOST_BYTES || high - low > MOST_BYTES)
        return false;
    if (a->view.strides == NULL) {
        low = 0;
        high = npk_array_nbytes(&a->view);
    }
    a->memory = take_block((size_t)(high - low));
    a->view.data = a->memory.bytes - low;
    return true;
}

static void fill(dealer *d, block memory)
{
    size_t size;
    uint8_t *bytes = deal_block(d, 256, &size);
    for (size_t i = 0; size > 0 && i < memory.size; i++)
        memory.bytes[i] = bytes[i % size];
    free(bytes);
}

/* As a pickle has it: at protocols 0 to 2 encoded. */
static void write_and_load(array *a, uint64_t how)
{
    npk_write_options options = {
        .protocol_given = true, .protocol = (int)(how % 4), .dialect = fuzz_dialect((size_t)how >> 2)};
    npk_writer *writer;
    npk_array loaded;
    if (npk_writer_memory(&options, &writer, NULL) != NPK_OK) /* a protocol that the dialect does not have */
        return;
    npk_write_array(writer, &a->view);
    if (npk_writer_finish_memory(writer, &a->pickle, &a->pickle_size, NULL) != NPK_OK) {
        a->pickle = NULL;
        return;
    }
    DEMAND(npk_doc_load_memory(a->pickle, a->pickle_size, NULL, &a->doc, NULL) == NPK_OK);
    DEMAND(npk_array_of(npk_doc_root(a->doc), &loaded, NULL) == NPK_OK);
    a->view = loaded;
}

static bool deal_array(dealer *d, const pool *p, array *a)
{
    uint64_t how = deal(d, 1);
    *a = (array){.view = {.dtype = deal_of_pool(d, p), .shape = a->shape}};
    a->view.ndim = (int)(deal(d, 1) % 5);
    a->view.order = "\0CF"[how % 3];
    if (how >> 5 == 7 && a->view.ndim > 0)
        make_wild(d, a);
    else if (!make_tame(d, a, how))
        return false;
    fill(d, a->memory);
    if ((how & 0x60) == 0x20)
        write_and_load(a, deal(d, 1));
    return true;
}

static void free_array(array *a)
{
    free(a->memory.bytes);
    free(a->plain.bytes);
    npk_doc_free(a->doc);
    if (a->pickle != NULL)
        npk_bytes_free(NULL, a->pickle, a->pickle_size);
}

/* --- steps --- */

static void deal_shape(dealer *d, const npk_array *array, int *ndim, int64_t *shape)
{
    uint64_t how = deal(d, 1);
    *ndim = (int)(how % 6);
    for (int i = 0; i < *ndim; i++)
        shape[i] = (how & 0x80) != 0 ? (int64_t)deal(d, 8) : (int64_t)(deal(d, 1) % 26) - 1;
    if ((how & 0x60) == 0x60 && array->ndim > 0) { /* its own, behind others */
        *ndim = array->ndim + (int)(how % 3);
        for (int i = 0; i < *ndim; i++)
            shape[i] = i < (int)(how % 3) ? (int64_t)(i + 2) : array->shape[i - (int)(how % 3)];
    }
}

/* As many axes as there may be. */
static npk_status fill_up(const npk_array *array, npk_view *out)
{
    npk_status status = npk_view_of(array, out, NULL);
    while (status == NPK_OK && out->array.ndim < NPK_MAXDIMS)
        status = npk_view_newaxis(&out->array, out->array.ndim / 2, out, NULL);
    return status;
}

static npk_status step(dealer *d, const npk_array *array, npk_view *out, uint64_t what)
{
    static const char *const names[] = {"a", "b", "c", "\xc3\xa9", "z"};
    static const int64_t ends[] = {0, INT64_MAX, INT64_MIN, -1, 1, 2, INT64_MIN + 1, INT64_MAX - 1};
    int64_t shape[NPK_MAXDIMS + 8];
    int axes[NPK_MAXDIMS + 1], ndim, axis = (int8_t)deal(d, 1) % 6;
    switch (what % 10) {
    case 0:
        return npk_view_slice(array, axis, ends[deal(d, 1) % 8], ends[deal(d, 1) % 8], ends[deal(d, 1) % 8], out, NULL);
    case 1:
        return npk_view_slice(array, axis, (int8_t)deal(d, 1), (int8_t)deal(d, 1), (int8_t)deal(d, 1), out, NULL);
    case 2:
        return npk_view_index(array, axis, (int8_t)deal(d, 1) % 6, out, NULL);
    case 3:
        for (int i = 0; i < array->ndim; i++)
            axes[i] = (int)deal(d, 1) % (array->ndim + 1);
        return npk_view_transpose(array, axes, out, NULL);
    case 4:
        deal_shape(d, array, &ndim, shape);
        return npk_view_broadcast(array, ndim, shape, out, NULL);
    case 5:
        deal_shape(d, array, &ndim, shape);
        return npk_view_reshape(array, ndim, shape, out, NULL);
    case 6:
        return what < 240 ? npk_view_newaxis(array, axis, out, NULL) : fill_up(array, out);
    case 7:
        return npk_view_squeeze(array, axis, out, NULL);
    case 8:
        return npk_view_transpose(array, NULL, out, NULL);
    default:
        return npk_view_field(array, names[deal(d, 1) % 5], out, NULL);
    }
}

static block copy_of(const npk_array *array, char order)
{
    block copy = take_block((size_t)npk_array_nbytes(array));
    DEMAND(npk_array_copy(array, order, copy.bytes, copy.size, NULL) == NPK_OK);
    return copy;
}

static bool is_small(const npk_array *array)
{
    return npk_array_count(array) <= MOST_ELEMENTS && npk_array_nbytes(array) <= MOST_BYTES;
}

/* Reshape, newaxis, squeeze: the same elements. The other way round: those that Fortran has. */
static void check_step(uint64_t what, const npk_array *before, const npk_array *after)
{
    char order = what % 10 == 8 ? 'F' : 'C';
    DEMAND(npk_array_count(after) >= 0 && npk_array_nbytes(after) >= 0);
    if (what % 10 < 5 || what % 10 == 9 || !is_small(before))
        return;
    block one = copy_of(before, order), other = copy_of(after, 'C');
    DEMAND(one.size == other.size && memcmp(one.bytes, other.bytes, one.size) == 0);
    free(one.bytes);
    free(other.bytes);
}

/* From view to view; each is made in another place, or in its own. */
static void make_steps(dealer *d, npk_view *view)
{
    static npk_view next, before;
    uint64_t count = deal(d, 1) % MOST_STEPS;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t what = deal(d, 1);
        DEMAND(npk_view_of(&view->array, &before, NULL) == NPK_OK);
        npk_view *out = what >= 128 ? view : &next;
        npk_status status = step(d, &view->array, out, what);
        DEMAND(AMONG(status, OR(OK) OR(USAGE) OR(UNSUPPORTED) OR(NOT_FOUND)));
        if (status != NPK_OK) {
            size_t size = (size_t)view->array.ndim * sizeof *view->shape;
            DEMAND(view->array.ndim == before.array.ndim && view->array.data == before.array.data &&
                   memcmp(view->shape, before.shape, size) == 0 && memcmp(view->strides, before.strides, size) == 0);
            continue;
        }
        check_step(what, &before.array, &out->array);
        if (out != view)
            DEMAND(npk_view_of(&next.array, view, NULL) == NPK_OK);
    }
}

/* --- one by one --- */

/* The next index in C order. */
static void advance(const npk_array *array, int64_t *index)
{
    for (int i = array->ndim; i-- > 0;) {
        if (++index[i] < array->shape[i])
            return;
        index[i] = 0;
    }
}

static void check_copy(const npk_array *array)
{
    int64_t index[NPK_MAXDIMS] = {0}, count = npk_array_count(array);
    size_t itemsize = (size_t)npk_dtype_itemsize(array->dtype);
    block copy = copy_of(array, 'C'), one = take_block(count > 0 ? itemsize : 0);
    bool is_bool = npk_dtype_type(array->dtype) == NPK_BOOL;
    for (int64_t i = 0; i < count; i++, advance(array, index)) {
        npk_status status = npk_array_get(array, index, array->dtype, NPK_CAST_SAME, one.bytes, NULL);
        if (status == NPK_ERR_UNSUPPORTED && array->data == NULL && itemsize > 8192)
            break;
        const uint8_t *expected = copy.bytes + (size_t)i * itemsize;
        DEMAND(status == NPK_OK);
        DEMAND(is_bool ? one.bytes[0] == (expected[0] != 0) : memcmp(one.bytes, expected, itemsize) == 0);
    }
    for (int i = 0; i < array->ndim; i++) {
        index[i] = array->shape[i];
        DEMAND(npk_array_get(array, index, array->dtype, NPK_CAST_SAME, one.bytes, NULL) == NPK_ERR_USAGE);
        index[i] = 0;
    }
    if (count > 0 && copy.size > 0)
        DEMAND(npk_array_copy(array, 'F', copy.bytes, copy.size - 1, NULL) == NPK_ERR_USAGE);
    free(one.bytes);
    free(copy.bytes);
}

static void check_read_as(dealer *d, const npk_array *array, const npk_dtype *to)
{
    int64_t index[NPK_MAXDIMS] = {0}, count = npk_array_count(array);
    size_t itemsize = (size_t)npk_dtype_itemsize(to);
    npk_casting casting = (npk_casting)(deal(d, 1) % 5);
    if ((size_t)count * itemsize > MOST_BYTES)
        return;
    block all = take_block((size_t)count * itemsize), one = take_block(count > 0 ? itemsize : 0);
    npk_status status = npk_array_read_as(array, to, casting, all.bytes, (size_t)count, NULL), single = NPK_OK;
    DEMAND(AMONG(status, OR(OK) OR(CAST) OR(UNSUPPORTED)) || (casting == 4 && status == NPK_ERR_USAGE));
    DEMAND(status != NPK_OK || npk_dtype_can_cast(array->dtype, to, casting));
    for (int64_t i = 0; i < count && single == NPK_OK; i++, advance(array, index)) {
        single = npk_array_get(array, index, to, casting, one.bytes, NULL);
        DEMAND(single != NPK_OK || status != NPK_OK ||
               memcmp(one.bytes, all.bytes + (size_t)i * itemsize, itemsize) == 0);
    }
    DEMAND(single == status || single == NPK_ERR_UNSUPPORTED || status == NPK_ERR_UNSUPPORTED || count == 0);
    free(one.bytes);
    free(all.bytes);
}

/* --- texts --- */

/* A text is put back as the element that it was. */
static void check_put(const npk_array *array, const int64_t *index, const char *text, size_t size)
{
    size_t itemsize = (size_t)npk_dtype_itemsize(array->dtype);
    block was = take_block(itemsize), put = take_block(itemsize);
    DEMAND(npk_array_get(array, index, array->dtype, NPK_CAST_SAME, was.bytes, NULL) == NPK_OK);
    DEMAND(npk_element_put_text(array->dtype, text, size, put.bytes, NULL) == NPK_OK);
    DEMAND(memcmp(was.bytes, put.bytes, itemsize) == 0);
    free(was.bytes);
    free(put.bytes);
}

static void check_text_at(const npk_array *array, const int64_t *index, const char *expected, size_t size)
{
    size_t needed = 0;
    npk_status status = npk_array_get_text(array, index, NULL, 0, &needed, NULL);
    if (status == NPK_ERR_UNSUPPORTED && array->data == NULL)
        return;
    DEMAND(status == NPK_OK && needed == size);
    block one = take_block(size + 1);
    DEMAND(npk_array_get_text(array, index, (char *)one.bytes, size, NULL, NULL) == NPK_ERR_USAGE);
    DEMAND(npk_array_get_text(array, index, (char *)one.bytes, size + 1, NULL, NULL) == NPK_OK);
    DEMAND(memcmp(one.bytes, expected, size + 1) == 0 && one.bytes[size] == 0);
    if (npk_dtype_type(array->dtype) == NPK_STR)
        DEMAND(npki_utf8_check(one.bytes, size) == size);
    check_put(array, index, (const char *)one.bytes, size);
    free(one.bytes);
}

static void check_texts(const npk_array *array)
{
    int64_t index[NPK_MAXDIMS] = {0}, count = npk_array_count(array);
    size_t needed = 0, again = 0;
    bool is_text = npk_dtype_type(array->dtype) == NPK_BYTES || npk_dtype_type(array->dtype) == NPK_STR;
    npk_status status = npk_array_read_texts(array, NULL, 0, NULL, &needed, NULL);
    DEMAND(is_text ? AMONG(status, OR(OK) OR(ARRAY) OR(UNSUPPORTED)) : status == NPK_ERR_CAST);
    if (status != NPK_OK)
        return;
    block text = take_block(needed);
    size_t *offsets = malloc(((size_t)count + 1) * sizeof *offsets);
    DEMAND(offsets != NULL);
    if (needed > 0)
        DEMAND(npk_array_read_texts(array, (char *)text.bytes, needed - 1, offsets, NULL, NULL) == NPK_ERR_USAGE);
    DEMAND(npk_array_read_texts(array, (char *)text.bytes, needed, offsets, &again, NULL) == NPK_OK && again == needed);
    DEMAND(offsets[0] == 0 && offsets[count] == needed);
    for (int64_t i = 0; i < count; i++, advance(array, index))
        check_text_at(array, index, (const char *)text.bytes + offsets[i], offsets[i + 1] - offsets[i] - 1);
    free(offsets);
    free(text.bytes);
}

/* --- times --- */

static void check_value(const npk_dtype *dtype, int64_t value, const npk_time *expected)
{
    char text[NPK_TIME_TEXT];
    int64_t back = 0;
    npk_unit unit = npk_dtype_unit(dtype, NULL);
    size_t length = npk_time_text(dtype, value, text, sizeof text);
    DEMAND(length < sizeof text && strlen(text) == length);
    if (length > 0)
        DEMAND(npk_time_parse(dtype, text, &back, NULL) == NPK_OK && back == value);
    DEMAND(expected->nanoseconds >= 0 && expected->nanoseconds < 1000000000);
    npk_status status = npk_time_value(dtype, expected, &back, NULL);
    if (unit <= NPK_UNIT_NANOSECOND)
        DEMAND(status == NPK_OK && back == value);
    else
        DEMAND((status == NPK_OK && back <= value) || status == NPK_ERR_CAST);
}

static void check_times(const npk_array *array)
{
    int64_t index[NPK_MAXDIMS] = {0}, count = npk_array_count(array), value;
    npk_time one, *all = malloc(((size_t)count + 1) * sizeof *all);
    npk_status status, single = NPK_OK;
    DEMAND(all != NULL);
    status = npk_array_read_times(array, all, (size_t)count, NULL);
    bool is_time = strchr("Mm", npk_dtype_kind(array->dtype)) != NULL;
    DEMAND(AMONG(status, OR(OK) OR(UNSUPPORTED) OR(CAST)) && (is_time || status == NPK_ERR_CAST));
    for (int64_t i = 0; i < count && single == NPK_OK && is_time; i++, advance(array, index)) {
        single = npk_array_get_time(array, index, &one, NULL);
        if (single != NPK_OK || status != NPK_OK)
            continue;
        DEMAND(one.seconds == all[i].seconds && one.nanoseconds == all[i].nanoseconds && one.is_nat == all[i].is_nat);
        DEMAND(npk_array_get_int64(array, index, NPK_CAST_UNSAFE, &value, NULL) == NPK_OK);
        check_value(array->dtype, value, &one);
    }
    DEMAND(!is_time || single == status || status == NPK_ERR_UNSUPPORTED || count == 0);
    free(all);
}

/* Any text as a time, in any unit. */
static void check_any_time(dealer *d)
{
    const npk_dtype *dtype;
    char text[NPK_TIME_TEXT];
    int64_t value = 0, back = 0;
    size_t size;
    npk_time time;
    npk_error error;
    if (deal_time(d, &dtype) != NPK_OK)
        return;
    uint8_t *bytes = deal_block(d, 100, &size);
    block given = take_block(size + 1);
    memcpy(given.bytes, bytes, size);
    given.bytes[size] = 0;
    npk_status status = npk_time_parse(dtype, (const char *)given.bytes, &value, &error);
    DEMAND(AMONG(status, OR(OK) OR(USAGE) OR(CAST)));
    if (status == NPK_OK) {
        size = npk_time_text(dtype, value, text, sizeof text);
        DEMAND(size > 0 && size < sizeof text);
        DEMAND(npk_time_parse(dtype, text, &back, NULL) == NPK_OK && back == value);
        if (npk_time_of(dtype, value, &time, NULL) == NPK_OK)
            check_value(dtype, value, &time);
    }
    time = (npk_time){(int64_t)deal(d, 8), (int32_t)(deal(d, 4) % 1000000000), false};
    if (npk_time_value(dtype, &time, &value, NULL) == NPK_OK) {
        npk_time again;
        DEMAND(npk_time_of(dtype, value, &again, NULL) == NPK_OK && again.seconds <= time.seconds);
    }
    free(given.bytes);
    free(bytes);
    npk_dtype_free(dtype);
}

/* --- fields --- */

static bool is_number(const npk_dtype *dtype)
{
    return strchr("biufcMm", npk_dtype_kind(dtype)) != NULL;
}

static void check_fields(dealer *d, const npk_array *array, const npk_dtype *to)
{
    size_t count = (size_t)npk_array_count(array), itemsize = (size_t)npk_dtype_itemsize(to);
    uint64_t how = deal(d, 1);
    npk_fields_options options = {.casting = (npk_casting)(how & 3),
                                  .missing = (npk_missing)((how >> 2) % 3),
                                  .refuse_extra = (how & 64) != 0,
                                  .cut_text = (how & 128) != 0};
    if (count * itemsize > MOST_BYTES)
        return;
    block all = take_block(count * itemsize), other = take_block(count * itemsize);
    npk_status status = npk_array_read_fields(array, to, &options, all.bytes, count, NULL);
    DEMAND(AMONG(status, OR(OK) OR(NOT_FOUND) OR(CAST) OR(UNSUPPORTED) OR(LIMIT)));
    if (is_number(array->dtype) && is_number(to)) {
        npk_status same = npk_array_read_as(array, to, options.casting, other.bytes, count, NULL);
        DEMAND(same == status && (same != NPK_OK || memcmp(all.bytes, other.bytes, all.size) == 0));
    }
    if (status == NPK_OK && all.size > 0)
        DEMAND(npk_array_read_fields(array, to, &options, all.bytes, count - 1, NULL) == NPK_ERR_USAGE);
    free(other.bytes);
    free(all.bytes);
}

/* --- array.array --- */

/* Numbers as doubles, texts as UTF-8: whatever widths and order they had. */
static block values_of(const npk_array *array)
{
    size_t size = 0;
    if (npk_dtype_kind(array->dtype) == 'U' || npk_dtype_kind(array->dtype) == 'S') {
        DEMAND(npk_array_read_texts(array, NULL, 0, NULL, &size, NULL) == NPK_OK);
        block texts = take_block(size);
        DEMAND(npk_array_read_texts(array, (char *)texts.bytes, size, NULL, NULL, NULL) == NPK_OK);
        return texts;
    }
    size_t count = (size_t)npk_array_count(array);
    block doubles = take_block(count * sizeof(double));
    DEMAND(npk_array_read_as(array, npk_dtype_native(NPK_FLOAT64), NPK_CAST_UNSAFE, doubles.bytes, count, NULL) ==
           NPK_OK);
    return doubles;
}

static void load_pyarray(const npk_array *array, npk_pyarray_form form, const uint8_t *bytes, size_t size)
{
    npk_read_options options = {.array_producer = form == NPK_PYARRAY_JYTHON ? NPK_ARRAY_JYTHON : NPK_ARRAY_CPYTHON};
    npk_doc *doc;
    npk_pyarray is;
    npk_array loaded;
    DEMAND(npk_doc_load_memory(bytes, size, &options, &doc, NULL) == NPK_OK);
    DEMAND(npk_pyarray_of(npk_doc_root(doc), &is) && npk_array_of(npk_doc_root(doc), &loaded, NULL) == NPK_OK);
    DEMAND(loaded.ndim == 1 && loaded.shape[0] == array->shape[0]);
    bool bytes_as_numbers = npk_dtype_kind(array->dtype) == 'S' || npk_dtype_kind(loaded.dtype) == 'S';
    if (!bytes_as_numbers && npk_dtype_kind(array->dtype) != 'b' && npk_dtype_kind(loaded.dtype) != 'b') {
        block one = values_of(array), other = values_of(&loaded);
        DEMAND(one.size == other.size && memcmp(one.bytes, other.bytes, one.size) == 0);
        free(one.bytes);
        free(other.bytes);
    }
    npk_doc_free(doc);
}

static void check_pyarray(dealer *d, const npk_array *array)
{
    static const char typecodes[] = "bBhHiIlLqQfduwczx";
    char typecode = typecodes[deal(d, 1) % (sizeof typecodes - 1)];
    uint64_t how = deal(d, 1);
    npk_pyarray_form form = (npk_pyarray_form)(how % (5 + 1));
    npk_write_options options = {
        .protocol_given = true, .protocol = (int)(how >> 4 & 3) + 1, .dialect = fuzz_dialect((size_t)deal(d, 1))};
    npk_writer *writer;
    uint8_t *bytes = NULL;
    size_t size;
    if (npk_writer_memory(&options, &writer, NULL) != NPK_OK)
        return;
    npk_status status = npk_write_pyarray(writer, typecode, form, array);
    DEMAND(AMONG(status, OR(OK) OR(USAGE) OR(UNSUPPORTED)));
    DEMAND(npk_writer_finish_memory(writer, &bytes, &size, NULL) == status);
    if (status != NPK_OK)
        return;
    bool jython = form == NPK_PYARRAY_DEFAULT && options.dialect >> 28 == NPK_JYTHON(0, 0) >> 28;
    load_pyarray(array, jython ? NPK_PYARRAY_JYTHON : form, bytes, size);
    npk_bytes_free(NULL, bytes, size);
}

/* --- structs --- */

enum { STRUCTS = 3, MEMBERS = 3 };

/* A good member behind those before it. */
static void deal_member(dealer *d, const npk_struct *inside, npk_member *out, size_t *end)
{
    uint64_t how = deal(d, 1);
    const npk_dtype *number = npk_dtype_native((npk_type)(how % NPKI_TYPES));
    bool nested = inside != NULL && how >= 128;
    out->type = nested ? NPK_VOID : number == NULL ? NPK_BYTES : (npk_type)(how % NPKI_TYPES);
    out->nested = nested ? inside : NULL;
    out->ndim = (int)(how >> 5 & 3);
    out->sizes[out->ndim] = nested ? inside->size : number == NULL ? 1 : (size_t)npk_dtype_itemsize(number);
    for (int i = out->ndim; i-- > 0;)
        out->sizes[i] = out->sizes[i + 1] * (deal(d, 1) % 3 + 1);
    out->offset = *end;
    *end += out->sizes[0];
}

/* What no compiler makes. */
static void spoil(dealer *d, npk_struct *of, npk_member *member, npk_struct *other)
{
    static const size_t sizes[] = {0, 1, 2, 4, 8, SIZE_MAX, SIZE_MAX / 2 + 1, SIZE_MAX / 2, INT32_MAX};
    uint64_t what = deal(d, 1);
    size_t size = sizes[deal(d, 1) % (sizeof sizes / sizeof *sizes)];
    switch (what % 9) {
    case 0:
        member->name = (what & 128) != 0 ? NULL : "\xff";
        break;
    case 1:
        member->nested = other; /* perhaps the one that it is in */
        break;
    case 2:
        member->type = (npk_type)(deal(d, 1) % (NPKI_TYPES + 2));
        break;
    case 3:
        member->ndim = (int)(deal(d, 1) % 6) - 1;
        break;
    case 4:
    case 5:
        member->sizes[what >> 4 & 3] = size;
        break;
    case 6:
        member->offset = size;
        break;
    case 7:
        of->size = size;
        break;
    default:
        *((what & 128) != 0 ? (const void **)&of->members : (const void **)&member->title) = NULL;
    }
}

/* What says that it is a C struct, and may be none. */
static void check_struct(dealer *d)
{
    static const char *const names[MEMBERS] = {"a", "b", "c"};
    npk_member members[STRUCTS][MEMBERS] = {{{NULL}}};
    npk_struct structs[STRUCTS] = {{NULL}};
    const npk_dtype *dtype = NULL;
    for (size_t i = 0; i < STRUCTS; i++) {
        size_t end = 0;
        for (size_t k = 0; k < MEMBERS; k++) {
            deal_member(d, i > 0 ? &structs[i - 1] : NULL, &members[i][k], &end);
            members[i][k].name = names[k];
        }
        structs[i] = (npk_struct){members[i], deal(d, 1) % (MEMBERS + 1), end + deal(d, 1) % 4};
    }
    uint64_t spoiled = deal(d, 1) % 4;
    for (uint64_t i = 0; i < spoiled; i++) {
        uint64_t where = deal(d, 1);
        npk_member *member = &members[where % STRUCTS][where / 4 % MEMBERS];
        spoil(d, &structs[where % STRUCTS], member, &structs[where / 16 % STRUCTS]);
    }
    const npk_struct *last = &structs[STRUCTS - 1];
    npk_status status = npk_struct_dtype(last, NULL, &dtype, NULL);
    DEMAND(AMONG(status, OR(OK) OR(USAGE) OR(LIMIT) OR(DTYPE)));
    if (status != NPK_OK)
        return;
    const npk_field *fields;
    size_t count = npk_dtype_fields(dtype, &fields);
    DEMAND((size_t)npk_dtype_itemsize(dtype) == last->size && count == last->count);
    for (size_t i = 0; i < count; i++)
        DEMAND((size_t)fields[i].offset == last->members[i].offset &&
               (size_t)npk_dtype_itemsize(fields[i].dtype) == last->members[i].sizes[0]);
    npk_dtype_free(dtype);
}

/* --- all --- */

static void read_all(dealer *d, const pool *p, const npk_array *array)
{
    if (!is_small(array))
        return;
    check_copy(array);
    check_texts(array);
    check_times(array);
    if (array->ndim == 1)
        check_pyarray(d, array);
    for (int i = 0; i < 3; i++) {
        check_read_as(d, array, deal_of_pool(d, p));
        check_fields(d, array, deal_of_pool(d, p));
    }
}

static void check_array(dealer *d, const pool *p, array *a)
{
    static npk_view view;
    npk_status status = npk_view_of(&a->view, &view, NULL);
    bool object = npk_dtype_has_object(a->view.dtype);
    if (status == NPK_ERR_USAGE) { /* a wild one: negative lengths, or too large */
        DEMAND(npk_array_copy(&a->view, 'C', NULL, 0, NULL) == NPK_ERR_USAGE);
        DEMAND(npk_array_read_times(&a->view, NULL, 0, NULL) == NPK_ERR_USAGE);
        return;
    }
    DEMAND(AMONG(status, OR(OK) OR(UNSUPPORTED)));
    if (object) {
        DEMAND(npk_view_decode(&a->view, NULL, 0, &view, NULL) == NPK_ERR_UNSUPPORTED);
        return;
    }
    if (status == NPK_ERR_UNSUPPORTED || deal(d, 1) % 4 == 0) /* encoded, or perhaps without strides */
        read_all(d, p, &a->view);
    a->plain = take_block((size_t)npk_array_nbytes(&a->view));
    DEMAND(npk_view_decode(&a->view, a->plain.bytes, a->plain.size, &view, NULL) == NPK_OK);
    make_steps(d, &view);
    read_all(d, p, &view.array);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static array a;
    dealer d = {data, data + size};
    pool p;
    uint64_t what = deal(&d, 1);
    if (what >= 0xe0) {
        check_any_time(&d);
        return 0;
    }
    if (what >= 0xd0) {
        check_struct(&d);
        return 0;
    }
    deal_pool(&d, &p);
    if (deal_array(&d, &p, &a)) {
        check_array(&d, &p, &a);
        free_array(&a);
    }
    for (size_t i = 0; i < p.count; i++)
        npk_dtype_free(p.dtypes[i]);
    return 0;
}
