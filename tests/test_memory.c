/* Every entry of the API with an allocator that fails: the n-th call, once or from then on, for every n until nothing fails.
 * What may come out is NPK_ERR_MEMORY; nothing is leaked, no size is wrong, no file is left half written.
 *
 * npk_array_copy, npk_array_read_as and the getters take no memory. npk_value_find takes little of malloc's: it has no allocator to be given. */
#include "counted.h"
#include "drip.h"
#include "every.h"
#include "golden.h"

#include <dirent.h>
#include <fcntl.h>
#include <npickle.h>
#include <unistd.h>

#define MOST_CALLS 20000 /* an action that needs more is not what was meant */

typedef struct input {
    const uint8_t *bytes;
    size_t size;
    size_t step;              /* of a stream */
    const char *path;         /* of a file */
    npk_input how;            /* it is read */
    npk_status expected;      /* NPK_OK, or what else it gives where memory lasts */
    npk_write_options writer; /* what is written with */
} input;

typedef npk_status action(const input *in, const npk_allocator *allocator, npk_error *error);

/* What must hold whenever an allocation failed and the action is through. */
typedef void check(const input *in, npk_status status);

static size_t run_once(const char *name, action *act, check *also, const input *in, size_t fail, bool onwards, bool *done)
{
    counted counter = {.fail = fail, .onwards = onwards};
    npk_allocator allocator = {resize_counted, &counter};
    npk_error error = {.status = NPK_OK};
    npk_status status = act(in, &allocator, &error);
    *done = counter.calls < fail;
    cr_assert(counter.held == 0, "%s: %zu bytes are leaked after failure %zu%s", name, counter.held, fail, onwards ? "+" : "");
    cr_assert(!counter.wrong, "%s: a size is wrong after failure %zu", name, fail);
    if (*done)
        cr_assert(status == in->expected, "%s: %s (%s)", name, npk_status_name(status), error.message);
    else
        cr_assert(status == NPK_ERR_MEMORY || status == in->expected, "%s: %s after failure %zu (%s)", name,
                  npk_status_name(status), fail, error.message);
    cr_assert(status == NPK_OK || error.status == status, "%s: the error says %s", name, npk_status_name(error.status));
    if (also != NULL)
        also(in, status);
    return counter.calls;
}

static void exhaust(const char *name, action *act, check *also, const input *in)
{
    for (int onwards = 0; onwards < 2; onwards++) {
        bool done = false;
        for (size_t fail = 1; !done; fail++) {
            run_once(name, act, also, in, fail, onwards == 1, &done);
            cr_assert(fail < MOST_CALLS, "%s: no end", name);
        }
    }
}

/* --- reading --- */

/* Every value, with its path, and the way back to it. */
static npk_status walk_all(const npk_value *root, const npk_allocator *allocator, npk_error *error)
{
    npk_walk *walk = NULL;
    const npk_value *value, *found;
    npk_status status = npk_walk_start(root, allocator, &walk, error);
    while (status == NPK_OK && (status = npk_walk_next(walk, &value, error)) == NPK_OK && value != NULL) {
        const char *path = npk_walk_path(walk);
        cr_assert_not_null(path);
        if (strcmp(path, "?") != 0 && npk_value_find(root, path, &found, NULL) == NPK_OK)
            cr_assert_not_null(found);
        npk_array array;
        static uint8_t out[1 << 16];
        if (npk_array_of(value, &array, NULL) == NPK_OK && !npk_dtype_has_object(array.dtype) &&
            npk_array_nbytes(&array) <= (int64_t)sizeof out)
            cr_assert(npk_array_copy(&array, 'C', out, sizeof out, NULL) == NPK_OK);
    }
    npk_walk_free(walk);
    return status;
}

static npk_status finish_reading(npk_status status, npk_doc *doc, const npk_allocator *allocator, npk_error *error)
{
    if (status != NPK_OK || doc == NULL)
        return status;
    status = walk_all(npk_doc_root(doc), allocator, error);
    npk_doc_free(doc);
    return status;
}

static npk_status load_memory(const input *in, const npk_allocator *allocator, npk_error *error)
{
    npk_read_options options = {.allocator = allocator};
    npk_doc *doc = NULL;
    npk_status status = npk_doc_load_memory(in->bytes, in->size, &options, &doc, error);
    return finish_reading(status, doc, allocator, error);
}

static npk_status load_file(const input *in, const npk_allocator *allocator, npk_error *error)
{
    npk_read_options options = {.allocator = allocator, .input = in->how};
    npk_doc *doc = NULL;
    npk_status status = npk_doc_load(in->path, &options, &doc, error);
    return finish_reading(status, doc, allocator, error);
}

static npk_status read_all(npk_status status, npk_reader *reader, const npk_allocator *allocator, npk_error *error)
{
    bool more = true;
    while (status == NPK_OK && more) {
        npk_doc *doc = NULL;
        status = npk_reader_next(reader, &doc, error);
        more = doc != NULL;
        status = finish_reading(status, doc, allocator, error);
    }
    npk_reader_close(reader);
    return status;
}

static npk_status read_stream(const input *in, const npk_allocator *allocator, npk_error *error)
{
    npk_read_options options = {.allocator = allocator};
    drip d = {in->bytes, in->bytes + in->size, in->step};
    npk_reader *reader = NULL;
    npk_status status = npk_reader_callback(read_drip, &d, &options, &reader, error);
    return read_all(status, reader, allocator, error);
}

static npk_status read_memory(const input *in, const npk_allocator *allocator, npk_error *error)
{
    npk_read_options options = {.allocator = allocator};
    npk_reader *reader = NULL;
    npk_status status = npk_reader_memory(in->bytes, in->size, &options, &reader, error);
    return read_all(status, reader, allocator, error);
}

static npk_status read_file(const input *in, const npk_allocator *allocator, npk_error *error)
{
    npk_read_options options = {.allocator = allocator, .input = in->how};
    npk_reader *reader = NULL;
    npk_status status = npk_reader_open(in->path, &options, &reader, error);
    return read_all(status, reader, allocator, error);
}

static npk_status read_descriptor(const input *in, const npk_allocator *allocator, npk_error *error)
{
    npk_read_options options = {.allocator = allocator};
    npk_reader *reader = NULL;
    int fd = open(in->path, O_RDONLY);
    cr_assert(fd >= 0);
    npk_status status = npk_reader_fd(fd, &options, &reader, error);
    status = read_all(status, reader, allocator, error);
    close(fd);
    return status;
}

/* The goldens of hostile.py: those that load must load or tell of memory, the others fail as they do otherwise. */
Test(memory, hostile_pickles)
{
    golden g;
    int rows = 0, good = 0;
    golden_open(&g, "hostile.golden");
    for (char *line; (line = golden_line(&g)) != NULL; rows++) {
        char *name = golden_word(&line);
        golden_word(&line);
        golden_word(&line);
        golden_bytes bytes = golden_unquote(golden_word(&line));
        if (bytes.size <= 2000) {
            npk_doc *doc = NULL;
            input in = {.bytes = bytes.bytes, .size = bytes.size};
            in.expected = npk_doc_load_memory(bytes.bytes, bytes.size, NULL, &doc, NULL);
            if (in.expected == NPK_OK)
                npk_doc_free(doc);
            good += in.expected == NPK_OK;
            exhaust(name, load_memory, NULL, &in);
        }
        free(bytes.bytes);
    }
    golden_close(&g);
    cr_expect(rows >= 700 && good >= 60, "%d rows, %d good", rows, good);
}

static void each_pickle(const char *file, action *act, size_t step, int every)
{
    golden g;
    golden_bytes pickle;
    int protocol, number = 0, done = 0;
    golden_open(&g, file);
    while (golden_case(&g))
        while (golden_pickle(&g, &protocol, &pickle))
            if (number++ % every == 0 && pickle.size <= 4000) {
                input in = {.bytes = pickle.bytes, .size = pickle.size, .step = step};
                exhaust(g.name, act, NULL, &in);
                done++;
            }
    golden_close(&g);
    cr_expect(done >= 60, "%s: %d", file, done);
}

Test(memory, pickles_from_memory)
{
    each_pickle("mixed-numpy1.golden", load_memory, 0, 2);
}

Test(memory, pickles_of_python2)
{
    each_pickle("plain-python2.golden", load_memory, 0, 25);
}

/* array.array: elements that are made, out of lists and characters. */
Test(memory, pickles_of_python_arrays)
{
    each_pickle("pyarray-python3.golden", load_memory, 0, 3);
    each_pickle("pyarray-jython.golden", load_memory, 0, 2);
}

Test(memory, pickles_from_a_stream)
{
    each_pickle("mixed-numpy2.golden", read_stream, 7, 2);
}

static const uint8_t several[] = "\x80\x02]q\0(K\1X\3\0\0\0abcq\1e.(lp0\nI5\naS'text\\x00'\np1\na.\x80\x04\x95\5\0\0\0\0\0\0\0)}\x85\x86.";

Test(memory, several_pickles)
{
    input in = {.bytes = several, .size = sizeof several - 1};
    exhaust("memory", read_memory, NULL, &in);
    for (in.step = 1; in.step <= in.size; in.step += 6)
        exhaust("stream", read_stream, NULL, &in);
}

/* --- files --- */

static char directory[] = "/tmp/npickle-memory-XXXXXX";
static char path[64];

static void make_directory(void)
{
    cr_assert_not_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/file", directory);
}

static void remove_directory(void)
{
    unlink(path);
    rmdir(directory);
}

static void write_file(const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    cr_assert(file != NULL && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

Test(memory, files, .init = make_directory, .fini = remove_directory)
{
    for (npk_input how = NPK_INPUT_AUTO; how <= NPK_INPUT_MAP; how++) {
        input in = {.path = path, .how = how};
        write_file(several, sizeof several - 1);
        exhaust("npk_reader_open", read_file, NULL, &in);
        exhaust("npk_reader_fd", read_descriptor, NULL, &in);
        write_file("(K\1K\2t.", 7);
        exhaust("npk_doc_load", load_file, NULL, &in);
        in.expected = NPK_ERR_IO;
        unlink(path);
        exhaust("no file", load_file, NULL, &in);
    }
}

/* --- dtypes --- */

static npk_status parse_dtypes(const input *in, const npk_allocator *allocator, npk_error *error)
{
    static const char *const texts[] = {"<f8", ">f4", "S5", ">U3", "M8[25us]", "V4", "O", "?", "int16", "m8[ns]",
                                        "(2,)>i4,O", "[('x', '<f4'), (('t', 'y'), 'O', (2, 3))]",
                                        "{'names': ['a'], 'formats': [('V8', {'b': ('<i4', 4)})], 'aligned': True}"};
    const npk_dtype *dtypes[sizeof texts / sizeof *texts];
    size_t count = 0;
    npk_status status = NPK_OK;
    (void)in;
    while (status == NPK_OK && count < sizeof texts / sizeof *texts)
        if ((status = npk_dtype_parse(texts[count], allocator, &dtypes[count], error)) == NPK_OK)
            count++;
    while (count > 0)
        npk_dtype_free(dtypes[--count]);
    return status;
}

/* A struct of a subarray and of an object, its copy, and the copy in the other order. */
static npk_status make_dtype(const input *in, const npk_allocator *allocator, npk_error *error)
{
    const npk_dtype *made[4] = {NULL, NULL, NULL, NULL};
    npk_field fields[] = {{"a", 1, "title", 5, NULL, NPK_AUTO},
                          {"b", 1, NULL, 0, npk_dtype_native(NPK_OBJECT), NPK_AUTO}};
    (void)in;
    npk_status status = npk_dtype_new_subarray(npk_dtype_ordered(NPK_INT32, '<'), 2, (const int64_t[]){2, 3}, allocator,
                                               &made[0], error);
    fields[0].dtype = made[0];
    if (status == NPK_OK)
        status = npk_dtype_new_struct(fields, 2, NPK_AUTO, true, allocator, &made[1], error);
    if (status == NPK_OK)
        status = npk_dtype_with_class(made[1], "numpy", "record", allocator, &made[2], error);
    if (status == NPK_OK)
        status = npk_dtype_with_byteorder(made[2], '>', allocator, &made[3], error);
    for (int i = 0; i < 4; i++)
        npk_dtype_free(made[i]);
    return status;
}

/* The array of a struct, encoded and with items that need memory of their own, back into it. */
static npk_status read_every(const input *in, const npk_allocator *allocator, npk_error *error)
{
    static uint8_t encoded[2 * 8193];
    static struct every items[3], out[3];
    const int64_t shape[] = {3}, length[] = {8193};
    const npk_dtype *made[3] = {NULL, NULL, NULL};
    npk_fields_options options = {.allocator = allocator, .missing = NPK_MISSING_ZERO};
    npk_field field = {.name = "long", .name_size = 4};
    (void)in;
    memset(encoded, 'x', sizeof encoded);
    npk_status status = npk_struct_dtype(&every, allocator, &made[0], error);
    npk_array array = {.dtype = made[0], .data = items, .ndim = 1, .shape = shape};
    if (status == NPK_OK)
        status = npk_array_read_structs(&array, &every, &options, out, 3, error);
    if (status == NPK_OK)
        status = npk_dtype_new_subarray(npk_dtype_native(NPK_UINT8), 1, length, allocator, &made[1], error);
    field.dtype = made[1];
    if (status == NPK_OK)
        status = npk_dtype_new_struct(&field, 1, NPK_AUTO, false, allocator, &made[2], error);
    npk_array large = {
        .dtype = made[2], .encoding = NPK_ENCODING_LATIN1_UTF8, .payload = encoded, .payload_size = 8193, .order = 'C'};
    if (status == NPK_OK)
        status = npk_array_read_structs(&large, &every, &options, out, 3, error);
    for (int i = 0; i < 3; i++)
        npk_dtype_free(made[i]);
    return status;
}

Test(memory, structs)
{
    exhaust("npk_array_read_structs", read_every, NULL, &(input){.size = 0});
}

Test(memory, dtypes)
{
    exhaust("npk_dtype_parse", parse_dtypes, NULL, &(input){.size = 0});
    exhaust("npk_dtype_new_struct", make_dtype, NULL, &(input){.size = 0});
}

/* --- writing --- */

/* A bit of everything; arrays are what `arrays` of them are. */
static void write_everything(npk_writer *w, const npk_array *arrays, size_t count)
{
    uint8_t large[300];
    static char page[70000];
    memset(large, 0x5a, sizeof large);
    npk_write_begin_dict(w, NPK_UNKNOWN);
    npk_write_str(w, "arrays");
    npk_write_begin_list(w, (int64_t)count);
    for (size_t i = 0; i < count; i++)
        npk_write_array(w, &arrays[i]);
    npk_write_end(w);
    int64_t again = npk_writer_last(w);
    npk_write_str(w, "numbers");
    npk_write_begin_tuple(w, NPK_UNKNOWN);
    npk_write_int(w, 300);
    npk_write_uint(w, UINT64_MAX);
    npk_write_long(w, large, sizeof large);
    npk_write_float(w, 0.1);
    npk_write_complex(w, 1, -2);
    npk_write_bool(w, true);
    npk_write_none(w);
    npk_write_end(w);
    npk_write_str(w, "t\xc3\xa9xt");
    npk_write_bytes(w, "\0\xff bytes", 8);
    npk_write_str(w, "more");
    npk_write_begin_list(w, NPK_UNKNOWN);
    npk_write_bytes(w, page, sizeof page);
    npk_write_again(w, again);
    for (int i = 0; i < 40; i++)
        npk_write_begin_tuple(w, i % 2 == 0 ? 1 : NPK_UNKNOWN);
    npk_write_pyarray(w, 'i', NPK_PYARRAY_DEFAULT, &NPK_ARRAY((const int *)page, 5));
    npk_write_str(w, "deep");
    for (int i = 0; i < 40; i++)
        npk_write_end(w);
    npk_write_end(w);
    npk_write_end(w);
}

#define ARRAYS 6

static const int64_t shape[2] = {3, 4}, strides[2] = {-64, 8};
static uint8_t memory[20000];
static const npk_dtype *large_item, *unit;

static void make_arrays(npk_array out[ARRAYS])
{
    for (int i = 0; i < ARRAYS; i++)
        out[i] = (npk_array){.dtype = npk_dtype_native(NPK_FLOAT64), .data = memory, .ndim = 2, .shape = shape};
    out[1].order = 'F';
    out[2].strides = strides;
    out[2].data = memory + 128;
    out[3].dtype = unit;
    out[4].dtype = large_item; /* an item needs memory of its own */
    out[4].ndim = 0;
    out[5].dtype = npk_dtype_ordered(NPK_INT16, '>');
    out[5].readonly = true;
}

static void make_dtypes(void)
{
    cr_assert(npk_dtype_parse("V17000", NULL, &large_item, NULL) == NPK_OK);
    cr_assert(npk_dtype_parse("<M8[25us]", NULL, &unit, NULL) == NPK_OK);
    make_directory();
}

static void free_dtypes(void)
{
    npk_dtype_free(large_item);
    npk_dtype_free(unit);
    remove_directory();
}

static npk_status write_to_memory(const input *in, const npk_allocator *allocator, npk_error *error)
{
    npk_write_options options = in->writer;
    npk_writer *w = NULL;
    npk_array arrays[ARRAYS];
    uint8_t *bytes = NULL;
    size_t size = 0;
    make_arrays(arrays);
    options.allocator = allocator;
    npk_status status = npk_writer_memory(&options, &w, error);
    if (status != NPK_OK)
        return status;
    write_everything(w, arrays, ARRAYS);
    status = npk_writer_finish_memory(w, &bytes, &size, error);
    if (status == NPK_OK)
        npk_bytes_free(allocator, bytes, size);
    return status;
}

static int refuse_nothing(void *context, const void *bytes, size_t size)
{
    (void)bytes;
    *(size_t *)context += size;
    return 0;
}

static npk_status write_to_callback(const input *in, const npk_allocator *allocator, npk_error *error)
{
    npk_write_options options = in->writer;
    npk_writer *w = NULL;
    npk_array arrays[ARRAYS];
    size_t sent = 0;
    make_arrays(arrays);
    options.allocator = allocator;
    npk_status status = npk_writer_callback(refuse_nothing, &sent, &options, &w, error);
    if (status != NPK_OK)
        return status;
    write_everything(w, arrays, ARRAYS);
    return npk_writer_finish(w, error);
}

static npk_status write_to_file(const input *in, const npk_allocator *allocator, npk_error *error)
{
    npk_write_options options = in->writer;
    npk_writer *w = NULL;
    FILE *file = fopen("/dev/null", "wb");
    cr_assert_not_null(file);
    options.allocator = allocator;
    npk_status status = npk_writer_file(file, &options, &w, error);
    if (status == NPK_OK) {
        write_everything(w, NULL, 0);
        status = npk_writer_finish(w, error);
    }
    fclose(file);
    return status;
}

static npk_status write_to_descriptor(const input *in, const npk_allocator *allocator, npk_error *error)
{
    npk_write_options options = in->writer;
    npk_writer *w = NULL;
    int fd = open("/dev/null", O_WRONLY);
    cr_assert(fd >= 0);
    options.allocator = allocator;
    npk_status status = npk_writer_fd(fd, &options, &w, error);
    if (status == NPK_OK) {
        write_everything(w, NULL, 0);
        status = npk_writer_finish(w, error);
    }
    close(fd);
    return status;
}

static npk_status write_and_abandon(const input *in, const npk_allocator *allocator, npk_error *error)
{
    npk_write_options options = in->writer;
    npk_writer *w = NULL;
    options.allocator = allocator;
    npk_status status = npk_writer_memory(&options, &w, error);
    if (status != NPK_OK)
        return status;
    write_everything(w, NULL, 0);
    status = npk_writer_status(w);
    error->status = status;
    npk_writer_abandon(w);
    return status;
}

Test(memory, writers, .init = make_dtypes, .fini = free_dtypes)
{
    static const npk_dialect dialects[] = {NPK_DIALECT_DEFAULT, NPK_DIALECT_NUMPY2, NPK_DIALECT_PYTHON2, NPK_JYTHON(2, 7)};
    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++)
        for (int protocol = 0; protocol <= (i < 2 ? 5 : 2); protocol++) {
            input in = {.writer = {.protocol_given = true, .protocol = protocol, .dialect = dialects[i]}};
            exhaust("npk_writer_memory", write_to_memory, NULL, &in);
            exhaust("npk_writer_callback", write_to_callback, NULL, &in);
            exhaust("npk_writer_file", write_to_file, NULL, &in);
            exhaust("npk_writer_fd", write_to_descriptor, NULL, &in);
            exhaust("npk_writer_abandon", write_and_abandon, NULL, &in);
        }
}

/* --- files that appear whole or not at all --- */

static npk_status save(const input *in, const npk_allocator *allocator, npk_error *error)
{
    npk_write_options options = in->writer;
    npk_array arrays[ARRAYS];
    make_arrays(arrays);
    options.allocator = allocator;
    unlink(in->path);
    return npk_array_save(in->path, &arrays[in->step], &options, error);
}

static npk_status save_npy(const input *in, const npk_allocator *allocator, npk_error *error)
{
    npk_array arrays[ARRAYS];
    make_arrays(arrays);
    unlink(in->path);
    return npk_npy_save(in->path, &arrays[in->step], allocator, error);
}

static npk_status write_npy(const input *in, const npk_allocator *allocator, npk_error *error)
{
    npk_array arrays[ARRAYS];
    size_t sent = 0;
    make_arrays(arrays);
    return npk_npy_write(refuse_nothing, &sent, &arrays[in->step], allocator, error);
}

/* The directory holds the file, or nothing. */
static void file_or_nothing(const input *in, npk_status status)
{
    DIR *listing = opendir(directory);
    int files = 0;
    cr_assert_not_null(listing);
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;)
        files += entry->d_name[0] != '.' || (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0);
    closedir(listing);
    cr_assert(files == (status == NPK_OK), "%d files after %s", files, npk_status_name(status));
    cr_assert((access(in->path, F_OK) == 0) == (status == NPK_OK));
}

Test(memory, saved_files, .init = make_dtypes, .fini = free_dtypes)
{
    for (size_t i = 0; i < ARRAYS; i++)
        for (int protocol = 0; protocol <= 5; protocol++) {
            input in = {.step = i, .path = path, .writer = {.protocol_given = true, .protocol = protocol}};
            exhaust("npk_array_save", save, file_or_nothing, &in);
            exhaust("npk_npy_save", save_npy, file_or_nothing, &in);
            exhaust("npk_npy_write", write_npy, NULL, &in);
        }
}

/* --- .npy --- */

static npk_status load_npy(const input *in, const npk_allocator *allocator, npk_error *error)
{
    npk_read_options options = {.allocator = allocator, .input = in->how};
    npk_npy *npy = NULL;
    npk_status status = in->path != NULL ? npk_npy_load(in->path, &options, &npy, error)
                                         : npk_npy_load_memory(in->bytes, in->size, &options, &npy, error);
    if (status != NPK_OK)
        return status;
    cr_assert(npk_array_count(npk_npy_array(npy)) >= 0);
    if (npk_npy_doc(npy) != NULL)
        status = walk_all(npk_doc_root(npk_npy_doc(npy)), allocator, error);
    npk_npy_free(npy);
    return status;
}

#define NPY(header, data) "\x93NUMPY\x01\0" header data
#define OBJECTS                                                                                                        \
    NPY("\x3c\0{'descr': '|O', 'fortran_order': False, 'shape': (2,), }   \n",                                        \
        "\x80\x02" "cnumpy.core.multiarray\n_reconstruct\nq\0cnumpy\nndarray\nq\1K\0\x85q\2U\1bq\3\x87q\4Rq\5(K\1K\2\x85q\6"     \
        "cnumpy\ndtype\nq\7U\2O8q\x08K\0K\1\x87q\tRq\n(K\3U\1|q\x0bNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tq\x0c"         \
        "b\x89]q\r(K\1X\1\0\0\0ae" "tq\x0e" "b.")
#define STRUCTS                                                                                                        \
    NPY("\x72\0{'descr': [('x', '<f4'), (('t', 'y'), '>u2', (2, 3)), ('z', [('a', '|S3')])], "                          \
        "'fortran_order': True, 'shape': ()}\n",                                                                       \
        "0123456789abcdef012")
#define WITH_SIZE(text) (const uint8_t *)(text), sizeof(text) - 1

Test(memory, npy, .init = make_dtypes, .fini = free_dtypes)
{
    static const struct {
        const uint8_t *bytes;
        size_t size;
        npk_status expected;
    } rows[] = {
        {WITH_SIZE(OBJECTS), NPK_OK}, {WITH_SIZE(STRUCTS), NPK_OK}, {WITH_SIZE(NPY("\4\0{}  ", "")), NPK_ERR_NPY}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        input in = {.bytes = rows[i].bytes, .size = rows[i].size, .expected = rows[i].expected};
        exhaust("npk_npy_load_memory", load_npy, NULL, &in);
        write_file(rows[i].bytes, rows[i].size);
        in.path = path;
        for (in.how = NPK_INPUT_AUTO; in.how <= NPK_INPUT_MAP; in.how++)
            exhaust("npk_npy_load", load_npy, NULL, &in);
    }
}

/* --- documents made and changed in memory --- */

static bool borrow_some(void *context, const npk_buffer *buffer)
{
    (void)context;
    return buffer->size > 90;
}

static npk_status make_document(const input *in, const npk_allocator *allocator, npk_error *error)
{
    npk_write_options options = in->writer;
    npk_writer *w = NULL;
    npk_doc *doc = NULL;
    npk_array arrays[ARRAYS];
    make_arrays(arrays);
    options.allocator = allocator;
    npk_status status = npk_writer_doc(&options, &w, error);
    if (status != NPK_OK)
        return status;
    write_everything(w, arrays, ARRAYS);
    status = npk_writer_finish_doc(w, &doc, error);
    return finish_reading(status, doc, allocator, error);
}

typedef struct editing {
    npk_doc *doc;
    const npk_value *root, *dict, *made;
    npk_error *error;
} editing;

static npk_status make_value(editing *e)
{
    npk_writer *w;
    npk_status status = npk_edit_begin(e->doc, NULL, &w, e->error);
    if (status != NPK_OK)
        return status;
    npk_write_begin_list(w, 2);
    npk_write_value(w, e->dict);
    npk_write_global(w, "module", "name");
    npk_write_end(w);
    return npk_edit_finish(w, &e->made, e->error);
}

static npk_status set_array(editing *e)
{
    npk_array a = {.dtype = npk_dtype_native(NPK_FLOAT32), .data = memory, .ndim = 2, .shape = shape};
    return npk_edit_array(e->doc, npk_dict_get(e->dict, "array"), &a, e->error);
}

static npk_status set_in_dict(editing *e)
{
    return npk_edit_dict_set(e->doc, e->dict, "more", e->made, e->error);
}

static npk_status append(editing *e)
{
    return npk_edit_list_append(e->doc, e->root, e->made, e->error);
}

static npk_status replace(editing *e)
{
    return npk_edit_replace(e->doc, npk_dict_get(e->dict, "text"), e->made, e->error);
}

static npk_status set_attribute(editing *e)
{
    return npk_edit_attribute(e->doc, npk_value_item(e->root, 1), "name", e->made, e->error);
}

static npk_status set_root(editing *e)
{
    return npk_edit_root(e->doc, e->made, e->error);
}

static npk_status (*const edits[])(editing *) = {make_value, set_array, set_in_dict, append, replace, set_attribute, set_root};

/* [{'array': array([1], 'i1'), 'text': 'abc', 'key': 1}, C()] */
static const uint8_t edited[] =
    "\x80\2](}(X\5\0\0\0arraycnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\1b\x87R(K\1K\1\x85"
    "cnumpy\ndtype\nU\2i1K\0K\1\x87R(K\3U\1|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89U\1\1tb"
    "X\4\0\0\0textX\3\0\0\0abcX\3\0\0\0keyK\1uc__main__\nC\n)\x81" "e.";

/* A step that fails changes nothing: before and after it the document is written as the same bytes. */
static npk_status edit_all(const input *in, const npk_allocator *allocator, npk_error *error)
{
    npk_read_options options = {.allocator = allocator};
    editing e = {.error = error};
    uint8_t *before = NULL, *after = NULL;
    size_t before_size = 0, after_size = 0;
    npk_status status = npk_doc_load_memory(in->bytes, in->size, &options, &e.doc, error);
    if (status != NPK_OK)
        return status;
    e.root = npk_doc_root(e.doc);
    e.dict = npk_value_item(e.root, 0);
    for (size_t i = 0; status == NPK_OK && i < sizeof edits / sizeof *edits; i++) {
        npk_writer *w;
        cr_assert_eq(npk_writer_memory(NULL, &w, NULL), NPK_OK); /* malloc's: these do not fail */
        npk_write_value(w, npk_doc_root(e.doc));
        cr_assert_eq(npk_writer_finish_memory(w, &before, &before_size, NULL), NPK_OK);
        status = edits[i](&e);
        if (status != NPK_OK) {
            cr_assert_eq(npk_writer_memory(NULL, &w, NULL), NPK_OK);
            npk_write_value(w, npk_doc_root(e.doc));
            cr_assert_eq(npk_writer_finish_memory(w, &after, &after_size, NULL), NPK_OK);
            cr_assert(before_size == after_size && memcmp(before, after, before_size) == 0, "step %zu left something behind", i);
            npk_bytes_free(NULL, after, after_size);
        }
        npk_bytes_free(NULL, before, before_size);
    }
    npk_doc_free(e.doc);
    return status;
}

Test(memory, documents, .init = make_dtypes, .fini = free_dtypes)
{
    input in = {.writer = {.limits.depth = 0}};
    exhaust("npk_writer_doc", make_document, NULL, &in);
    in.writer.buffer = borrow_some;
    exhaust("npk_writer_doc, borrowing", make_document, NULL, &in);
    in = (input){.bytes = edited, .size = sizeof edited - 1};
    exhaust("edits", edit_all, NULL, &in);
}
