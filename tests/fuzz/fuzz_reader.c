/* Any bytes as a pickle: the same verdict from memory and from a stream in odd steps, and nothing in the graph that can't be
 * taken out. */
#include "mutate.h"

#include <npickle.h>

#define MOST_VALUES 2000     /* of one graph */
#define MOST_BYTES (1 << 16) /* of one array that is taken */
#define MOST_FOUND 100       /* paths that are looked up */
#define MOST_KEYS 50         /* of a dict that is looked at */

/* --- a stream --- */

typedef struct drip {
    const uint8_t *at, *end;
    unsigned turn;
} drip;

static int64_t read_drip(void *context, void *out, size_t size, int *system)
{
    static const size_t steps[] = {1, 1, 3, 1, 7, 64, 2, 13, 1000};
    drip *d = context;
    size_t left = (size_t)(d->end - d->at), give = steps[d->turn++ % (sizeof steps / sizeof *steps)];
    (void)system;
    give = give < left ? give : left;
    give = give < size ? give : size;
    memcpy(out, d->at, give);
    d->at += give;
    return (int64_t)give;
}

/* As npk_doc_load_memory, from a stream. */
static npk_status load_stream(const uint8_t *data, size_t size, npk_doc **out, npk_error *error)
{
    drip d = {data, data + size, (unsigned)size};
    npk_reader *reader = NULL;
    npk_doc *second = NULL;
    *out = NULL;
    npk_status status = npk_reader_callback(read_drip, &d, NULL, &reader, error);
    DEMAND(status == NPK_OK);
    status = npk_reader_next(reader, out, error);
    if (status == NPK_OK && *out == NULL) {
        status = NPK_ERR_TRUNCATED;
        error->offset = 0;
    } else if (status == NPK_OK) {
        uint64_t end = npk_reader_offset(reader);
        npk_error ignored;
        if (npk_reader_next(reader, &second, &ignored) != NPK_OK || second != NULL) {
            status = NPK_ERR_TRAILING;
            error->offset = end;
            npk_doc_free(*out);
            *out = NULL;
        } else {
            DEMAND(npk_reader_offset(reader) == size && npk_reader_padding(reader) == size - end);
        }
        npk_doc_free(second);
    }
    npk_reader_close(reader);
    return status;
}

/* --- what is in a graph --- */

static void take_dtype(const npk_dtype *dtype)
{
    char text[64];
    size_t needed = npk_dtype_str(dtype, text, sizeof text);
    DEMAND(needed < sizeof text && strlen(text) == needed);
    for (int json = 0; json < 2; json++) {
        size_t size = npk_dtype_descr(dtype, json == 1, NULL, 0);
        char *descr = malloc(size + 1);
        DEMAND(descr != NULL && npk_dtype_descr(dtype, json == 1, descr, size + 1) == size && strlen(descr) == size);
        free(descr);
    }
    const npk_field *fields;
    size_t count = npk_dtype_fields(dtype, &fields);
    for (size_t i = 0; i < count; i++) {
        DEMAND(fields[i].offset >= 0 && fields[i].offset + npk_dtype_itemsize(fields[i].dtype) <= npk_dtype_itemsize(dtype));
        DEMAND(fields[i].name[fields[i].name_size] == '\0');
    }
    DEMAND(npk_dtype_equal(dtype, dtype));
}

/* Into items of its own dtype, and without any field that was asked for. */
static void take_fields(const npk_array *array)
{
    int64_t count = npk_array_count(array), nbytes = npk_array_nbytes(array);
    const npk_fields_options zero = {.missing = NPK_MISSING_ZERO};
    const npk_field unknown = {.name = "", .dtype = npk_dtype_native(NPK_FLOAT64), .offset = 0};
    const npk_dtype *other = NULL;
    npk_error error;
    if (nbytes > MOST_BYTES || count > MOST_BYTES / 8)
        return;
    uint8_t *out = malloc((size_t)(nbytes > 8 * count ? nbytes : 8 * count) + 1);
    DEMAND(out != NULL && npk_dtype_new_struct(&unknown, 1, 8, false, NULL, &other, &error) == NPK_OK);
    npk_status status = npk_array_read_fields(array, array->dtype, NULL, out, (size_t)count, &error);
    DEMAND(status == NPK_OK || status == NPK_ERR_LIMIT ||
           (status == NPK_ERR_UNSUPPORTED && npk_dtype_has_object(array->dtype)));
    status = npk_array_read_fields(array, other, &zero, out, (size_t)count, &error);
    DEMAND(status == NPK_OK || npk_status_band(status) == NPK_BAND_USAGE);
    DEMAND(status == NPK_OK || !npk_dtype_is_struct(array->dtype) || npk_dtype_has_object(array->dtype));
    npk_dtype_free(other);
    free(out);
}

static void take_array(const npk_array *array)
{
    int64_t count = npk_array_count(array), nbytes = npk_array_nbytes(array);
    const npk_dtype *f8 = npk_dtype_native(NPK_FLOAT64);
    npk_error error;
    take_dtype(array->dtype);
    DEMAND(count >= 0 && nbytes >= 0);
    take_fields(array);
    for (int i = 0; nbytes <= MOST_BYTES && i < 2; i++) {
        uint8_t *out = malloc(nbytes > 0 ? (size_t)nbytes : 1);
        DEMAND(out != NULL);
        npk_status status = npk_array_copy(array, "CF"[i], out, (size_t)nbytes, &error);
        DEMAND(status == (npk_dtype_has_object(array->dtype) ? NPK_ERR_UNSUPPORTED : NPK_OK));
        free(out);
    }
    if (count <= MOST_BYTES / 8) {
        double *out = malloc(count > 0 ? (size_t)count * sizeof *out : 1);
        DEMAND(out != NULL);
        for (npk_casting casting = NPK_CAST_SAFE; casting <= NPK_CAST_UNSAFE; casting++) {
            npk_status status = npk_array_read_as(array, f8, casting, out, (size_t)count, &error);
            DEMAND(npk_status_band(status) == NPK_BAND_OK || npk_status_band(status) == NPK_BAND_USAGE);
            DEMAND(status != NPK_OK || npk_dtype_can_cast(array->dtype, f8, casting));
        }
        free(out);
    }
}

static uint64_t sum; /* so that no read is left out */

static void touch(const void *bytes, size_t size)
{
    const uint8_t *p = bytes;
    for (size_t i = 0; p != NULL && i < size; i++)
        sum += p[i];
}

static void take_scalar(const npk_value *value)
{
    bool truth;
    int64_t i;
    uint64_t u;
    double real, both[2];
    uint8_t room[8];
    size_t size = 0, other = 0;
    const char *module = NULL, *name = NULL;
    DEMAND(npk_value_as_bool(value, &truth) == (npk_value_kind(value) == NPK_KIND_BOOL));
    sum += npk_value_as_int64(value, &i) ? (uint64_t)i : 0;
    sum += npk_value_as_uint64(value, &u) ? u : 0;
    DEMAND(npk_value_as_double(value, &real) == (npk_value_kind(value) == NPK_KIND_FLOAT));
    DEMAND(npk_value_as_complex(value, both) == (npk_value_kind(value) == NPK_KIND_COMPLEX));
    const uint8_t *digits = npk_value_as_long(value, room, &size);
    DEMAND((digits != NULL) == (npk_value_kind(value) == NPK_KIND_INT) && (digits == NULL || size > 0));
    touch(digits, size);
    touch(npk_value_as_str(value, &size), size);
    touch(npk_value_as_bytes(value, &size), size);
    if (npk_value_as_global(value, &module, &size, &name, &other)) {
        touch(module, size);
        touch(name, other);
    }
    int64_t bytes = npk_value_bytes_size(value);
    if (bytes >= 0) {
        uint8_t *copy = malloc(bytes > 0 ? (size_t)bytes : 1);
        DEMAND(copy != NULL && npk_value_bytes_copy(value, copy, (size_t)bytes) == bytes);
        DEMAND(bytes == 0 || npk_value_bytes_copy(value, copy, (size_t)bytes - 1) == -1);
        free(copy);
    }
}

static void take(const npk_value *value)
{
    npk_array array;
    npk_object object;
    npk_error error;
    take_scalar(value);
    for (size_t i = 0; i < npk_value_size(value) && i < MOST_KEYS; i++)
        DEMAND(npk_value_item(value, i) != NULL);
    DEMAND(npk_value_item(value, 2 * npk_value_size(value)) == NULL);
    DEMAND(npk_value_as_object(value, &object) == (npk_value_kind(value) == NPK_KIND_OBJECT));
    if (npk_value_dtype(value) != NULL)
        take_dtype(npk_value_dtype(value));
    DEMAND((npk_array_of(value, &array, &error) == NPK_OK) == npk_value_is_array(value));
    DEMAND((npk_array_class(value) != NULL) == npk_value_is_array(value));
    if (npk_value_is_array(value))
        take_array(&array);
    DEMAND((npk_scalar_of(value, &array, &error) == NPK_OK) == npk_value_is_scalar(value));
    if (npk_value_is_scalar(value))
        take_array(&array);
    sum += npk_dict_get(value, "a") != NULL;
    sum += npk_value_id(value) != NULL;
}

/* Whether each item of a dict has a path of its own: keys are str, different, and without a NUL. */
static bool is_clear(const npk_value *dict)
{
    if (npk_value_kind(dict) != NPK_KIND_DICT)
        return true;
    if (npk_value_size(dict) > MOST_KEYS)
        return false;
    for (size_t i = 0; i < npk_value_size(dict); i++) {
        size_t size, other_size;
        const char *key = npk_value_as_str(npk_dict_key(dict, i), &size), *other;
        if (key == NULL || memchr(key, '\0', size) != NULL)
            return false;
        for (size_t k = 0; k < i; k++)
            if ((other = npk_value_as_str(npk_dict_key(dict, k), &other_size)) == NULL ||
                (other_size == size && memcmp(key, other, size) == 0))
                return false;
    }
    return true;
}

/* Whether the path that leads to `found` is that of `value` too: what was appended to an object has no step of its own. */
static bool is_same(const npk_value *found, const npk_value *value)
{
    npk_object object;
    return found == value ||
           (npk_value_as_object(found, &object) && (object.listitems == value || object.dictitems == value));
}

/* Returns how many values the graph has, up to MOST_VALUES. */
static size_t take_all(const npk_value *root, bool find)
{
    npk_walk *walk = NULL;
    const npk_value *value, *found;
    npk_error error;
    size_t count = 0;
    bool clear = true;
    DEMAND(npk_walk_start(root, NULL, &walk, &error) == NPK_OK);
    while (count < MOST_VALUES && npk_walk_next(walk, &value, &error) == NPK_OK && value != NULL) {
        const char *path = npk_walk_path(walk);
        DEMAND(npk_walk_depth(walk) >= 1);
        take(value);
        if (find && count < MOST_FOUND) {
            npk_status status = npk_value_find(root, path, &found, &error);
            DEMAND(!clear || (status == NPK_OK && is_same(found, value)));
        }
        clear = clear && is_clear(value);
        count++;
    }
    npk_walk_free(walk);
    return count;
}

/* What is read when malformed objects are kept: at least what is read else, and the rest is malformed. */
static void load_keeping(const uint8_t *data, size_t size, npk_status plain)
{
    const npk_read_options keep = {.malformed = NPK_MALFORMED_KEEP};
    npk_doc *doc = NULL;
    npk_error error, fault;
    npk_status status = npk_doc_load_memory(data, size, &keep, &doc, &error);
    DEMAND(plain != NPK_OK || status == NPK_OK);
    if (status != NPK_OK)
        return;
    const npk_value *first = npk_doc_fault(doc, 0);
    DEMAND((first != NULL) == (plain != NPK_OK));
    DEMAND(first == NULL || (npk_value_fault(first, &fault) &&
                             (fault.status == plain || plain == NPK_ERR_NOT_A_PICKLE) && fault.offset <= size));
    take_all(npk_doc_root(doc), true);
    npk_doc_free(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    npk_doc *doc = NULL, *streamed = NULL;
    npk_error error = {.offset = NPK_NO_OFFSET}, other = error;
    npk_status status = npk_doc_load_memory(data, size, NULL, &doc, &error);
    npk_status again = load_stream(data, size, &streamed, &other);
    DEMAND(status == again);
    load_keeping(data, size, status);
    if (status == NPK_OK) {
        npk_doc_info info, info2;
        DEMAND(npk_doc_info_of(doc, &info) && npk_doc_info_of(streamed, &info2));
        DEMAND(info.size + info.padding == size && info.opcodes == info2.opcodes && info.first_put == info2.first_put);
        DEMAND(take_all(npk_doc_root(doc), true) == take_all(npk_doc_root(streamed), false));
        npk_doc_free(doc);
        npk_doc_free(streamed);
        return 0;
    }
    DEMAND(error.offset == other.offset && (error.offset <= size || error.offset == NPK_NO_OFFSET));
    DEMAND(status != NPK_ERR_USAGE && memchr(error.message, '\0', sizeof error.message) != NULL &&
           error.message[0] != '\0');
    DEMAND(status == NPK_ERR_TRAILING || strcmp(error.message, other.message) == 0 || error.offset == 0);
    for (const char *p = error.message; *p != '\0'; p++)
        DEMAND((unsigned char)*p >= 0x20 && *p != 0x7f);
    return 0;
}
