/* What tests/live/buffers.py and tests/large.sh have npickle do: buffers outside the pickle, and an array larger than memory should hold.
 *
 *   buffers read PICKLE SIZE:FLAG ...   the buffers follow on standard input, in order; FLAG r: read-only, w: not. Prints a line for each
 *                                       array: dtype, shape, order, read-only or not, which buffer its elements are (copied: none), and
 *                                       its bytes in C order
 *   buffers write PREFIX                writes PREFIX.pkl and PREFIX.0, PREFIX.1 ...: a dict of arrays whose elements stay outside, for NumPy 2
 *   buffers write-for-both PREFIX       the same, for NumPy 1 and 2
 *   buffers large FILE GIB              writes an array of so many GiB in parts, reads it as a view, prints the most memory used, in KiB
 */
#include <npickle.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static void check(npk_status status, const npk_error *error)
{
    if (status == NPK_OK)
        return;
    fprintf(stderr, "%s\n", error->message);
    exit(1);
}

/* --- read --- */

static npk_buffer *take_buffers(int count, char **sizes)
{
    npk_buffer *buffers = calloc((size_t)count + 1, sizeof *buffers);
    for (int i = 0; i < count; i++) {
        char *flag;
        size_t size = strtoul(sizes[i], &flag, 10);
        void *bytes = malloc(size + 1);
        if (buffers == NULL || bytes == NULL || fread(bytes, 1, size, stdin) != size)
            exit(2);
        buffers[i] = (npk_buffer){bytes, size, strcmp(flag, ":r") == 0};
    }
    return buffers;
}

static void print_array(const npk_array *array, const npk_buffer *buffers, int count)
{
    char dtype[100];
    int from = -1;
    npk_error error;
    size_t size = (size_t)npk_array_nbytes(array);
    uint8_t *bytes = malloc(size + 1);
    npk_dtype_str(array->dtype, dtype, sizeof dtype);
    check(npk_array_copy(array, 'C', bytes, size, &error), &error);
    for (int i = 0; i < count; i++)
        if (array->data == buffers[i].bytes && size > 0)
            from = i;
    printf("%s ", dtype);
    for (int i = 0; i < array->ndim; i++)
        printf("%" PRId64 ",", array->shape[i]);
    printf(" %c %d ", array->order, array->readonly);
    if (from >= 0)
        printf("%d ", from);
    else
        printf("%s ", size == 0 ? "empty" : "copied");
    for (size_t i = 0; i < size; i++)
        printf("%02x", bytes[i]);
    printf("\n");
    free(bytes);
}

static int read_it(const char *path, int count, char **sizes)
{
    npk_buffer *buffers = take_buffers(count, sizes);
    npk_read_options options = {.buffers = buffers, .buffer_count = (size_t)count};
    npk_doc *doc;
    npk_walk *walk;
    npk_error error;
    const npk_value *value;
    npk_array array;
    check(npk_doc_load(path, &options, &doc, &error), &error);
    check(npk_walk_start(npk_doc_root(doc), NULL, &walk, &error), &error);
    while (npk_walk_next(walk, &value, &error) == NPK_OK && value != NULL)
        if (npk_array_of(value, &array, NULL) == NPK_OK)
            print_array(&array, buffers, count);
    npk_walk_free(walk);
    npk_doc_free(doc);
    for (int i = 0; i < count; i++)
        free((void *)(uintptr_t)buffers[i].bytes);
    free(buffers);
    return 0;
}

/* --- write --- */

typedef struct outside {
    const char *prefix;
    int count;
} outside;

static bool take(void *context, const npk_buffer *buffer)
{
    outside *o = context;
    char path[1000];
    snprintf(path, sizeof path, "%s.%d", o->prefix, o->count++);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(buffer->bytes, 1, buffer->size, file) != buffer->size || fclose(file) != 0)
        exit(2);
    return true;
}

static int write_it(const char *prefix, npk_dialect dialect)
{
    static double field[3][4];
    static int16_t readonly[5] = {1, 2, 3, 4, 5};
    outside o = {prefix, 0};
    npk_write_options options = {.protocol = 5, .dialect = dialect, .buffer = take, .buffer_context = &o};
    npk_writer *w;
    npk_error error;
    char path[1000];
    for (int i = 0; i < 12; i++)
        field[i / 4][i % 4] = i + 0.5;
    npk_array fortran = NPK_ARRAY(&field[0][0], 4, 3), constant = NPK_ARRAY(readonly, 5);
    fortran.order = 'F';
    constant.readonly = true;
    snprintf(path, sizeof path, "%s.pkl", prefix);
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return 2;
    check(npk_writer_file(file, &options, &w, &error), &error);
    npk_write_begin_dict(w, 4);
    npk_write_str(w, "field");
    npk_write_array(w, &NPK_ARRAY(&field[0][0], 3, 4));
    npk_write_str(w, "fortran");
    npk_write_array(w, &fortran);
    npk_write_str(w, "constant");
    npk_write_array(w, &constant);
    npk_write_str(w, "note");
    npk_write_str(w, "inside");
    npk_write_end(w);
    check(npk_writer_finish(w, &error), &error);
    return fclose(file) != 0;
}

/* --- large --- */

#define BLOCK ((size_t)1 << 20)

static int write_large(const char *path, int64_t gib)
{
    static uint64_t block[BLOCK / 8];
    int64_t length = gib << 27; /* of 8 bytes each */
    npk_write_options options = {.protocol = 4};
    npk_writer *w;
    npk_error error;
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return 2;
    check(npk_writer_file(file, &options, &w, &error), &error);
    npk_write_begin_array(w, &(npk_array){.dtype = npk_dtype_ordered(NPK_UINT64, '<'), .ndim = 1, .shape = &length});
    for (uint64_t i = 0; i < (uint64_t)length; i += BLOCK / 8) {
        for (uint64_t k = 0; k < BLOCK / 8; k++)
            block[k] = i + k;
        npk_write_part(w, block, BLOCK);
    }
    npk_write_end(w);
    check(npk_writer_finish(w, &error), &error);
    return fclose(file) != 0;
}

static int read_large(const char *path, int64_t gib)
{
    npk_doc *doc;
    npk_array array;
    npk_error error;
    int64_t length = gib << 27;
    check(npk_doc_load(path, NULL, &doc, &error), &error);
    check(npk_array_of(npk_doc_root(doc), &array, &error), &error);
    if (array.ndim != 1 || array.shape[0] != length || array.data == NULL)
        return 3;
    for (int64_t i = 0; i < length; i += length / 7) {
        uint64_t value;
        memcpy(&value, (const uint8_t *)array.data + 8 * i, sizeof value);
        if (value != (uint64_t)i)
            return 4;
    }
    npk_doc_free(doc);
    return 0;
}

static int large(const char *path, int64_t gib)
{
    struct rusage usage;
    int status = write_large(path, gib);
    if (status == 0)
        status = read_large(path, gib);
    getrusage(RUSAGE_SELF, &usage);
    printf("%ld\n", usage.ru_maxrss);
    return status;
}

int main(int count, char **words)
{
    if (count >= 3 && strcmp(words[1], "read") == 0)
        return read_it(words[2], count - 3, words + 3);
    if (count == 3 && strcmp(words[1], "write") == 0)
        return write_it(words[2], NPK_DIALECT_NUMPY2);
    if (count == 3 && strcmp(words[1], "write-for-both") == 0)
        return write_it(words[2], NPK_DIALECT_DEFAULT);
    if (count == 4 && strcmp(words[1], "large") == 0)
        return large(words[2], atol(words[3]));
    fprintf(stderr,
            "usage: buffers read PICKLE SIZE:FLAG... | write PREFIX | write-for-both PREFIX | large FILE GIB\n");
    return 2;
}
