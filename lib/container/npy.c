/* .npy files. numpy: lib/format.py, whose docstring is the specification. */
#include <npickle/npy.h>

#include "base/dynbuf.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "dtype/parse_literal.h"
#include "dtype/dtype.h"
#include "dtype/repr.h"
#include "array/layout.h"
#include "reader/options.h"
#include "text/encoding.h"
#include "text/number.h"
#include "text/unicode.h"
#include "value/value.h"
#include "writer/core/writer.h"
#include "writer/options.h"

#include <inttypes.h>
#include <string.h>

#define MAGIC "\x93NUMPY"
#define MAGIC_SIZE ((size_t)6)
#define ALIGNMENT 64              /* the data begins at a multiple of it */
#define GROWTH 21                 /* digits that the first length may grow to in place: NumPy 1.24 and later */
#define LONGEST_HEADER ((size_t)1 << 20)

/* X: version, bytes of the header's length, whether the header is UTF-8 (else latin-1) */
static const struct {
    uint8_t width;
    bool utf8;
} versions[] = {{0, false}, {2, false}, {4, false}, {4, true}};

#define VERSIONS (sizeof versions / sizeof *versions)

struct npk_npy {
    npk_allocator allocator;
    npki_arena arena;
    npki_input input;
    npk_doc *doc;
    npk_array array;
    uint64_t header_size;
    int version;
};

bool npk_npy_is(const void *bytes, size_t size)
{
    return bytes != NULL && size >= MAGIC_SIZE && memcmp(bytes, MAGIC, MAGIC_SIZE) == 0;
}

/* --- reading --- */

/* The header as UTF-8. */
static npk_status header_text(npk_npy *npy, const uint8_t *bytes, size_t size, bool utf8, const char **text,
                              size_t *length, npk_error *error)
{
    *text = (const char *)bytes;
    *length = size;
    if (utf8)
        return NPK_OK;
    uint8_t *copy = npki_arena_take(&npy->arena, 2 * size);
    if (copy == NULL)
        return npki_arena_failed(&npy->arena, error);
    *text = (const char *)copy;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] >= 0x80)
            *copy++ = (uint8_t)(0xc0 | bytes[i] >> 6);
        *copy++ = bytes[i] >= 0x80 ? (uint8_t)(0x80 | (bytes[i] & 0x3f)) : bytes[i];
    }
    *length = (size_t)(copy - (const uint8_t *)*text);
    return NPK_OK;
}

/* numpy.load reads as many subarrays as the shape has items, which then have to fit in that shape: so of a subarray as
 * the dtype of all there is only the base, and that where it has one item or the file has none. */
static npk_status take_base(npk_npy *npy, npk_error *error)
{
    int ndim;
    const int64_t *lengths;
    const npk_dtype *base;
    bool single = true;
    npk_array *array = &npy->array;
    for (; (base = npk_dtype_subarray(array->dtype, &ndim, &lengths)) != NULL; array->dtype = base)
        for (int i = 0; i < ndim; i++)
            single = single && lengths[i] == 1;
    bool empty = false;
    for (int i = 0; i < array->ndim; i++)
        empty = empty || array->shape[i] == 0;
    return single || empty
               ? NPK_OK
               : npki_fail(error, NPK_ERR_UNSUPPORTED,
                           "a dtype that is a subarray, of which numpy.load makes no array of the header's shape");
}

static npk_status take_shape(npk_npy *npy, const npki_literal *shape, npk_error *error)
{
    size_t count = shape->kind == NPKI_LITERAL_TUPLE ? shape->count : 0;
    if (shape->kind != NPKI_LITERAL_TUPLE || count > NPK_MAXDIMS)
        return npki_fail(error, NPK_ERR_NPY, "the shape is a tuple of up to %d lengths", NPK_MAXDIMS);
    int64_t *lengths = npki_arena_take(&npy->arena, 2 * count * sizeof *lengths), *length = lengths;
    if (lengths == NULL)
        return npki_arena_failed(&npy->arena, error);
    for (const npki_literal *item = shape->first; item != NULL; item = item->next, length++) {
        if (item->kind != NPKI_LITERAL_INT || item->number < 0)
            return npki_fail(error, NPK_ERR_NPY, "expected an int from 0 up as a length in the shape");
        *length = item->number;
    }
    npy->array.ndim = (int)count;
    npy->array.shape = lengths;
    npk_status status = take_base(npy, error);
    if (status != NPK_OK)
        return status;
    if (!npki_contiguous_strides((int)count, lengths, npk_dtype_itemsize(npy->array.dtype), npy->array.order,
                                 lengths + count))
        return npki_fail(error, NPK_ERR_NPY, "a shape whose size overflows");
    npy->array.strides = lengths + count;
    return NPK_OK;
}

static npk_status take_header(npk_npy *npy, const char *text, size_t size, const npk_limits *limits, npk_error *error)
{
    npki_script script = {text, size, "header", NPK_ERR_NPY, &npy->arena, error};
    npki_literal *header;
    if (npki_utf8_check((const uint8_t *)text, size) != size)
        return npki_fail(error, NPK_ERR_NPY, "expected the header in UTF-8, found other bytes");
    npk_status status = npki_literal_read(&script, &header);
    if (status != NPK_OK)
        return status;
    bool dict = header->kind == NPKI_LITERAL_DICT && header->count == 2 * 3;
    const npki_literal *descr = dict ? npki_literal_get(header, "descr") : NULL;
    const npki_literal *fortran = dict ? npki_literal_get(header, "fortran_order") : NULL;
    const npki_literal *shape = dict ? npki_literal_get(header, "shape") : NULL;
    if (descr == NULL || fortran == NULL || shape == NULL || fortran->kind != NPKI_LITERAL_BOOL)
        return npki_fail(error, NPK_ERR_NPY, "the header is a dict of descr, fortran_order and shape");
    npy->array.order = fortran->number != 0 ? 'F' : 'C';
    status = npki_dtype_parse_literal(&script, limits, descr, NPKI_PARSE_DESCR, &npy->array.dtype);
    return status != NPK_OK ? status : take_shape(npy, shape, error);
}

/* The pickle of an array of Python objects. What follows its STOP is left alone, as NumPy leaves it: files of NumPy
 * 1.9 have a newline there. */
static npk_status take_objects(npk_npy *npy, const uint8_t *bytes, size_t size, const npk_read_options *options,
                               npk_error *error)
{
    npk_reader *reader;
    npk_array inner;
    npk_error fault;
    npk_status status = npk_reader_memory(bytes, size, options, &reader, error);
    if (status != NPK_OK)
        return status;
    status = npk_reader_next(reader, &npy->doc, error);
    npk_reader_close(reader);
    if (status == NPK_OK && npy->doc == NULL)
        status = npki_fail_at(error, NPK_ERR_TRUNCATED, 0, NPKI_NO_OPCODE, "the file ends before its pickle");
    if (status == NPK_OK && npk_value_kind(npk_doc_root(npy->doc)) == NPK_KIND_MALFORMED &&
        npk_value_fault(npk_doc_root(npy->doc), &fault))
        status = npki_fail_at(error, fault.status, fault.offset, fault.opcode, "%s", fault.message);
    if (status == NPK_OK)
        status = npk_array_of(npk_doc_root(npy->doc), &inner, error);
    if (status == NPK_OK && npk_array_count(&inner) != npk_array_count(&npy->array))
        status = npki_fail(error, NPK_ERR_NPY, "the pickle inside has another number of items than the header says");
    if (status == NPK_OK)
        npy->array = inner;
    else if (error != NULL && error->offset != NPK_NO_OFFSET)
        error->offset += npy->header_size;
    return status;
}

/* The data: bytes, or a pickle if they are Python objects. */
static npk_status take_data(npk_npy *npy, const uint8_t *bytes, size_t size, const npk_read_options *options,
                            npk_error *error)
{
    npk_array *array = &npy->array;
    if (npk_dtype_has_object(array->dtype))
        return take_objects(npy, bytes, size, options, error);
    int64_t nbytes = npk_array_nbytes(array);
    if (nbytes < 0 || (uint64_t)nbytes > size)
        return npki_fail_at(error, NPK_ERR_TRUNCATED, npy->header_size + size, NPKI_NO_OPCODE,
                            "an array of %" PRId64 " bytes in a file with %zu", nbytes, size);
    if ((uint64_t)nbytes < size)
        return npki_fail_at(error, NPK_ERR_TRAILING, npy->header_size + (uint64_t)nbytes, NPKI_NO_OPCODE,
                            "bytes follow the array");
    array->data = array->payload = bytes;
    array->payload_size = (size_t)nbytes;
    return NPK_OK;
}

static npk_status read_npy(npk_npy *npy, const uint8_t *bytes, size_t size, const npk_read_options *options,
                           npk_error *error)
{
    npk_limits limits = npki_limits(options != NULL ? &options->limits : NULL);
    const char *text;
    size_t length;
    if (!npk_npy_is(bytes, size))
        return npki_fail_at(error, NPK_ERR_NPY, 0, NPKI_NO_OPCODE, "a .npy file begins with \\x93NUMPY");
    if (size < MAGIC_SIZE + 2)
        return npki_fail_at(error, NPK_ERR_TRUNCATED, size, NPKI_NO_OPCODE, "the file ends before its version");
    size_t version = bytes[MAGIC_SIZE];
    if (version == 0 || version >= VERSIONS || bytes[MAGIC_SIZE + 1] != 0)
        return npki_fail_at(error, NPK_ERR_NPY, MAGIC_SIZE, NPKI_NO_OPCODE,
                            "version %zu.%u of the format; there are 1 to 3", version, (unsigned)bytes[MAGIC_SIZE + 1]);
    size_t start = MAGIC_SIZE + 2 + versions[version].width;
    if (size < start)
        return npki_fail_at(error, NPK_ERR_TRUNCATED, size, NPKI_NO_OPCODE, "the file ends before its header");
    size_t header_size = (size_t)npki_load_le(bytes + MAGIC_SIZE + 2, versions[version].width);
    if (header_size > size - start)
        return npki_fail_at(error, NPK_ERR_TRUNCATED, size, NPKI_NO_OPCODE, "the file ends inside its header");
    if (header_size > LONGEST_HEADER)
        return npki_fail_at(error, NPK_ERR_LIMIT, MAGIC_SIZE + 2, NPKI_NO_OPCODE, "a header of %zu bytes", header_size);
    npy->version = (int)version;
    npy->header_size = start + header_size;
    npk_status status = header_text(npy, bytes + start, header_size, versions[version].utf8, &text, &length, error);
    if (status == NPK_OK)
        status = take_header(npy, text, length, &limits, error);
    if (status != NPK_OK)
        return npki_place(error, status, start, NPKI_NO_OPCODE);
    return take_data(npy, bytes + npy->header_size, size - (size_t)npy->header_size, options, error);
}

static npk_status new_npy(const npk_read_options *options, npk_npy **out, npk_error *error)
{
    npk_status status = npki_read_options_check(options, error);
    if (status != NPK_OK)
        return status;
    npk_allocator allocator = npki_allocator(options != NULL ? options->allocator : NULL);
    npk_limits limits = npki_limits(options != NULL ? &options->limits : NULL);
    npk_npy *npy = npki_allocate(&allocator, sizeof *npy);
    if (npy == NULL)
        return npki_no_memory(error);
    memset(npy, 0, sizeof *npy);
    npy->allocator = allocator;
    npki_arena_init(&npy->arena, &allocator, limits.memory);
    *out = npy;
    return NPK_OK;
}

npk_status npk_npy_load_memory(const void *bytes, size_t size, const npk_read_options *options, npk_npy **out,
                               npk_error *error)
{
    npk_npy *npy;
    if (out == NULL || (bytes == NULL && size > 0))
        return npki_fail(error, NPK_ERR_USAGE, "expected bytes and a place for the file, found NULL");
    npk_status status = new_npy(options, &npy, error);
    if (status != NPK_OK)
        return status;
    status = read_npy(npy, bytes, size, options, error);
    if (status != NPK_OK)
        npk_npy_free(npy);
    else
        *out = npy;
    return status;
}

npk_status npk_npy_load(const char *path, const npk_read_options *options, npk_npy **out, npk_error *error)
{
    npk_npy *npy;
    if (path == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a path and a place for the file, found NULL");
    npk_status status = new_npy(options, &npy, error);
    if (status != NPK_OK)
        return status;
    size_t map_from = npki_map_from(options == NULL ? NPK_INPUT_AUTO : options->input);
    status = npki_input_open(&npy->input, path, &npy->allocator, map_from, error);
    if (status == NPK_OK)
        status = read_npy(npy, npy->input.bytes, npy->input.size, options, error);
    if (status != NPK_OK)
        npk_npy_free(npy);
    else
        *out = npy;
    return status;
}

void npk_npy_free(npk_npy *npy)
{
    if (npy == NULL)
        return;
    npk_allocator allocator = npy->allocator;
    npk_doc_free(npy->doc);
    npki_input_close(&npy->input);
    npki_arena_free(&npy->arena);
    npki_free(&allocator, npy, sizeof *npy);
}

const npk_array *npk_npy_array(const npk_npy *npy)
{
    return npy != NULL ? &npy->array : NULL;
}

const npk_doc *npk_npy_doc(const npk_npy *npy)
{
    return npy != NULL ? npy->doc : NULL;
}

uint64_t npk_npy_header_size(const npk_npy *npy)
{
    return npy != NULL ? npy->header_size : 0;
}

int npk_npy_version(const npk_npy *npy)
{
    return npy != NULL ? npy->version : 0;
}

/* --- writing --- */

static bool add(npki_dynbuf *out, const char *text)
{
    return npki_dynbuf_add(out, text, strlen(text));
}

static bool add_descr(npki_dynbuf *out, const npk_dtype *dtype)
{
    npki_sink text;
    npki_sink_start(&text, &out->allocator, NULL, NULL, LONGEST_HEADER);
    npki_print_descr(&text, dtype, NPKI_LITERAL_PYTHON);
    const bool good = text.status == NPK_OK && npki_dynbuf_add(out, text.bytes, text.size);
    npki_sink_drop(&text);
    return good;
}

static bool add_number(npki_dynbuf *out, int64_t number)
{
    char text[21];
    return npki_dynbuf_add(out, text, npki_print_int64(number, text));
}

static bool add_blanks(npki_dynbuf *out, size_t count)
{
    uint8_t *room = npki_dynbuf_room(out, count);
    if (room == NULL)
        return false;
    memset(room, ' ', count);
    out->size += count;
    return true;
}

/* Strings of any length have none: numpy.save writes them as it does objects. */
static bool has_descr(const npk_dtype *dtype)
{
    return npk_dtype_type(dtype) != NPK_VSTRING;
}

/* {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } and blanks for the length that may grow */
static bool add_dict(npki_dynbuf *out, const npk_array *array, bool fortran)
{
    char text[21];
    bool good = add(out, "{'descr': ") && (has_descr(array->dtype) ? add_descr(out, array->dtype) : add(out, "'|O'")) &&
                add(out, ", 'fortran_order': ") && add(out, fortran ? "True" : "False") && add(out, ", 'shape': (");
    for (int i = 0; good && i < array->ndim; i++)
        good = (i == 0 || add(out, ", ")) && add_number(out, array->shape[i]);
    good = good && add(out, array->ndim == 1 ? ",), }" : "), }");
    if (!good || array->ndim == 0)
        return good;
    return add_blanks(out, GROWTH - npki_print_int64(array->shape[fortran ? array->ndim - 1 : 0], text));
}

/* The length that the header tells: that of the dict, blanks up to the alignment, and the newline. */
static size_t header_length(size_t dict, int version)
{
    return dict + 1 + ALIGNMENT - (MAGIC_SIZE + 2 + versions[version].width + dict + 1) % ALIGNMENT;
}

/* Magic, version, length, dict, blanks, newline. As NumPy does it the text is latin-1 where it can be; else the version
 * is 3, whatever the length. */
static bool add_header(npki_dynbuf *out, const npki_dynbuf *dict)
{
    uint64_t decoded;
    bool latin1 = npki_encoding_measure(NPK_ENCODING_LATIN1_UTF8, dict->bytes, dict->size, &decoded) == dict->size;
    size_t size = latin1 ? (size_t)decoded : dict->size;
    int version = !latin1 ? 3 : header_length(size, 1) > UINT16_MAX ? 2 : 1;
    size_t width = versions[version].width, length = header_length(size, version);
    uint8_t prefix[MAGIC_SIZE + 2 + 4];
    memcpy(prefix, MAGIC, MAGIC_SIZE);
    prefix[MAGIC_SIZE] = (uint8_t)version;
    prefix[MAGIC_SIZE + 1] = 0;
    npki_store_le(prefix + MAGIC_SIZE + 2, length, width);
    uint8_t *text = npki_dynbuf_add(out, prefix, MAGIC_SIZE + 2 + width) ? npki_dynbuf_room(out, size) : NULL;
    if (text == NULL)
        return false;
    npki_stream stream = {.in = dict->bytes, .in_end = dict->bytes + dict->size, .out = text, .out_end = text + size};
    if (latin1)
        npki_encoding_decode(NPK_ENCODING_LATIN1_UTF8, &stream);
    else
        memcpy(text, dict->bytes, size);
    out->size += size;
    return add_blanks(out, length - size - 1) && add(out, "\n");
}

static npk_status write_all(npk_write_function *write, void *context, const void *bytes, size_t size, npk_error *error)
{
    int system = write(context, bytes, size);
    return system == 0 ? NPK_OK : npki_fail_system(error, system, "write");
}

#define OBJECT_PROTOCOL 4 /* numpy.save since NumPy 2.0 */
#define PYTHON2_PROTOCOL 2

/* Whose names the pickle has that an array came out of: NumPy 2's if its call has one that NumPy 1 lacks. */
static npk_dialect dialect_of(const npk_value *source)
{
    const npk_value *callable = source->kind == NPK_KIND_OBJECT ? source->u.object->callable : NULL;
    const npki_global_row *row = callable != NULL && callable->kind == NPK_KIND_GLOBAL ? callable->u.global->row : NULL;
    return row != NULL && (row->writes & (NPKI_WRITES_NUMPY1 | NPKI_WRITES_NUMPY2)) == NPKI_WRITES_NUMPY2
               ? NPK_DIALECT_NUMPY2
               : NPK_DIALECT_DEFAULT;
}

/* Whether the pickle of the value is the one that numpy.save writes of the array, its class included. The calls of
 * others need their library, and joblib's elements lie outside. */
static bool is_as_numpy_writes_it(const npk_value *source)
{
    const npki_array_state *array = source->kind == NPK_KIND_OBJECT ? source->u.object->array : NULL;
    npki_meaning meaning = array != NULL ? source->u.object->meaning : NPKI_UNKNOWN;
    return array == NULL || (!array->of_unknown && meaning != NPKI_JOBLIB_ARRAY && meaning != NPKI_NUMERIC);
}

static void write_items(npk_writer *writer, const npk_array *array)
{
    npk_array shaped = *array;
    shaped.objects = NULL;
    npk_write_begin_objects(writer, &shaped);
    for (size_t i = 0; i < npk_value_size(array->objects); i++)
        npk_write_value(writer, npk_value_item(array->objects, i));
    npk_write_end(writer);
}

/* An array of Python objects is a pickle of the array. One of Python 2's protocols has names that this one must not
 * have. */
static npk_status write_objects(npk_write_function *write, void *context, const npk_array *array,
                                const npk_write_options *given, npk_error *left_out, npk_error *error)
{
    npk_write_options options = *given;
    if (!options.protocol_given)
        options.protocol = npk_dialect_is_python2(options.dialect) ? PYTHON2_PROTOCOL : OBJECT_PROTOCOL;
    if (options.dialect == NPK_DIALECT_DEFAULT)
        options.dialect = has_descr(array->dtype) ? dialect_of(array->source) : NPK_DIALECT_NUMPY2;
    options.protocol_given = options.translate_names = true;
    options.buffer = NULL;
    npk_writer *writer;
    npk_status status = npk_writer_callback(write, context, &options, &writer, error);
    if (status != NPK_OK)
        return status;
    writer->no_persids = true;
    if (is_as_numpy_writes_it(array->source))
        npk_write_value(writer, array->source);
    else
        write_items(writer, array);
    const char *lost = npk_writer_left_out(writer);
    if (lost != NULL)
        npki_fail(left_out, NPK_OK, "%s", lost);
    return npk_writer_finish(writer, error);
}

static npk_status write_data(npk_write_function *write, void *context, const npk_array *array, char order,
                             const npk_allocator *allocator, npk_error *error)
{
    npki_gather gather;
    size_t room = 1 << 16, itemsize = (size_t)npk_dtype_itemsize(array->dtype);
    if (itemsize > room)
        room = itemsize;
    uint8_t *scratch = npki_allocate(allocator, room);
    if (scratch == NULL)
        return npki_no_memory(error);
    npk_status status = NPK_OK;
    const uint8_t *piece;
    size_t size;
    npki_gather_start(&gather, array, order);
    while (status == NPK_OK && (size = npki_gather_next(&gather, scratch, room, &piece)) > 0)
        status = write_all(write, context, piece, size, error);
    npki_free(allocator, scratch, room);
    return status;
}

npk_status npk_npy_write(npk_write_function *write, void *context, const npk_array *array,
                         const npk_allocator *allocator, npk_error *error)
{
    return npk_npy_write_as(write, context, array, &(npk_write_options){.allocator = allocator}, error);
}

npk_status npk_npy_write_as(npk_write_function *write, void *context, const npk_array *array,
                            const npk_write_options *options, npk_error *error)
{
    return npk_npy_write_noting(write, context, array, options, NULL, error);
}

npk_status npk_npy_write_noting(npk_write_function *write, void *context, const npk_array *array,
                                const npk_write_options *options, npk_error *left_out, npk_error *error)
{
    static const npk_write_options defaults = {0};
    if (write == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a function to write with, found NULL");
    npki_fail(left_out, NPK_OK, "%s", "");
    if (options == NULL)
        options = &defaults;
    npk_allocator given = npki_allocator(options->allocator);
    npk_status status = npki_write_options_check(options, error);
    if (status == NPK_OK)
        status = npki_array_check(array, error);
    if (status != NPK_OK)
        return status;
    bool objects = npk_dtype_has_object(array->dtype) || !has_descr(array->dtype);
    if (objects && array->source == NULL)
        return npki_fail(error, NPK_ERR_UNSUPPORTED, "an array of Python objects that no pickle made");
    if (npk_dtype_is_struct(array->dtype) && !npki_descr_is_list(array->dtype)) /* numpy.save() refuses too */
        return npki_fail(error, NPK_ERR_UNSUPPORTED,
                         "the descr of a .npy file cannot say that fields overlap or are out of order");
    bool fortran = npki_memory_order(array) == 'F';
    npki_dynbuf dict, header;
    npki_dynbuf_init(&dict, &given, LONGEST_HEADER);
    npki_dynbuf_init(&header, &given, 2 * LONGEST_HEADER);
    if (!add_dict(&dict, array, fortran) || !add_header(&header, &dict))
        status = npki_no_memory(error);
    if (status == NPK_OK)
        status = write_all(write, context, header.bytes, header.size, error);
    if (status == NPK_OK)
        status = objects ? write_objects(write, context, array, options, left_out, error)
                         : write_data(write, context, array, fortran ? 'F' : 'C', &given, error);
    npki_dynbuf_free(&dict);
    npki_dynbuf_free(&header);
    return status;
}

npk_status npk_npy_save(const char *path, const npk_array *array, const npk_allocator *allocator, npk_error *error)
{
    if (path == NULL || array == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a path and an array, found NULL");
    npk_allocator given = npki_allocator(allocator);
    npki_output output;
    npk_status status = npki_output_open(&output, path, &given, error);
    if (status != NPK_OK)
        return status;
    status = npk_npy_write(npk_sink_fd, &output.fd, array, allocator, error);
    if (status == NPK_OK)
        return npki_output_commit(&output, error);
    npki_output_abandon(&output);
    if (status == NPK_ERR_IO)
        npki_add_path(error, path);
    return status;
}
