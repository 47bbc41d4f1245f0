/* Files of PyTorch before its zip archives: real ones, and small ones that are made here. */
#include "golden.h"

#include <npickle.h>

static npk_torch *load(const char *name, char **bytes, size_t size)
{
    npk_torch *file = NULL;
    npk_error error = {.message = ""};
    *bytes = golden_read(name);
    cr_assert_eq(npk_torch_load_memory(*bytes, size, NULL, &file, &error), NPK_OK, "%s: %s", name, error.message);
    return file;
}

static npk_array tensor_at(const npk_torch *file, const char *path)
{
    npk_array array;
    const npk_value *value = NULL;
    npk_error error = {.message = ""};
    cr_assert_eq(npk_value_find(npk_doc_root(npk_torch_doc(file, NPK_TORCH_OBJECT)), path, &value, &error), NPK_OK,
                 "%s: %s", path, error.message);
    cr_assert_eq(npk_array_of(value, &array, &error), NPK_OK, "%s: %s", path, error.message);
    cr_expect_str_eq(npk_array_class(value), "torch.Tensor");
    return array;
}

/* The elements in C order are those of the file at these offsets: torch's own rule, of a tensor of two dimensions. */
static void expect_elements(const npk_array *array, const char *bytes, size_t storage, size_t itemsize, size_t offset,
                            size_t step0, size_t step1)
{
    uint8_t copy[512];
    size_t rows = (size_t)array->shape[0], columns = array->ndim > 1 ? (size_t)array->shape[1] : 1;
    cr_assert_eq(npk_array_copy(array, 'C', copy, sizeof copy, NULL), NPK_OK);
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < columns; k++)
            cr_expect_arr_eq(copy + (i * columns + k) * itemsize,
                             bytes + storage + itemsize * (offset + i * step0 + k * step1), itemsize);
}

/* test/torch/test_bin of Pickle.jl: written by PyTorch. */
Test(torch, real_files)
{
    char *bytes;
    npk_torch *file = load("torch-bool.pt", &bytes, 499);
    npk_torch_storage storage;
    npk_array array = tensor_at(file, "['a']");
    int64_t number;
    cr_expect_eq(npk_dtype_type(array.dtype), NPK_FLOAT32);
    expect_elements(&array, bytes, 463, 4, 0, 3, 1);
    array = tensor_at(file, "['b']");
    cr_expect_eq(npk_dtype_type(array.dtype), NPK_BOOL);
    expect_elements(&array, bytes, 446, 1, 0, 3, 1);
    cr_expect(npk_value_as_int64(npk_doc_root(npk_torch_doc(file, NPK_TORCH_PROTOCOL)), &number) && number == 1001);
    cr_expect_eq(npk_value_size(npk_doc_root(npk_torch_doc(file, NPK_TORCH_KEYS))), 2);
    cr_assert(npk_torch_storage_of(file, 1, &storage));
    cr_expect(storage.key_size == 8 && memcmp(storage.key, "71854480", 8) == 0);
    cr_expect_eq(storage.offset, 463);
    cr_expect_eq(npk_array_count(&storage.elements), 9);
    cr_expect_not(npk_torch_storage_of(file, 2, &storage));
    npk_torch_free(file);
    free(bytes);

    file = load("torch-offset-strides.pt", &bytes, 1635);
    array = tensor_at(file, "['weight1']");
    cr_expect_eq(npk_array_order(&array), 'K');
    expect_elements(&array, bytes, 435, 4, 137, 48, 3);
    npk_torch_free(file);
    free(bytes);

    file = load("torch-slice.pt", &bytes, 459);
    array = tensor_at(file, "['weight1']");
    expect_elements(&array, bytes, 419, 4, 7, 1, 0);
    npk_torch_free(file);
    free(bytes);

    file = load("torch-linear_state.pt", &bytes, 569);
    array = tensor_at(file, "['weight']");
    expect_elements(&array, bytes, 509, 4, 0, 5, 1);
    npk_torch_free(file);
    free(bytes);
}

/* As every file: an array in one call. */
Test(torch, array_load)
{
    char *bytes = golden_read("torch-slice.pt");
    npk_array *own = NULL;
    cr_assert_eq(npk_array_load_memory(bytes, 459, "['weight1']", NULL, NULL, &own, NULL), NPK_OK);
    cr_expect_eq(npk_array_count(own), 2);
    cr_expect_arr_eq(own->data, bytes + 419 + 4 * 7, 8);
    npk_array_free(own);
    free(bytes);
}

/* What is cut or changed somewhere is refused, or read; nothing else. */
Test(torch, damaged)
{
    char *bytes = golden_read("torch-bool.pt");
    const size_t size = 499;
    for (size_t cut = 0; cut < size; cut++) {
        npk_torch *file = NULL;
        cr_expect_eq(npk_status_band(npk_torch_load_memory(bytes, cut, NULL, &file, NULL)), NPK_BAND_MALFORMED, "%zu", cut);
        npk_torch_free(file);
    }
    for (size_t at = 0; at < size; at++)
        for (int bit = 0; bit < 8; bit++) {
            npk_torch *file = NULL;
            char *own = malloc(size); /* of its own, so that a sanitizer sees what lies beyond */
            memcpy(own, bytes, size);
            own[at] = (char)(own[at] ^ 1 << bit);
            npk_status status = npk_torch_load_memory(own, size, NULL, &file, NULL);
            if (status == NPK_OK) {
                npk_walk *walk;
                const npk_value *value;
                npk_array array;
                uint8_t copy[64];
                cr_assert_eq(npk_walk_start(npk_doc_root(npk_torch_doc(file, NPK_TORCH_OBJECT)), NULL, &walk, NULL),
                             NPK_OK);
                while (npk_walk_next_array(walk, &value, &array, NULL) == NPK_OK && value != NULL)
                    cr_expect(npk_array_nbytes(&array) > 64 ||
                              npk_array_copy(&array, 'C', copy, sizeof copy, NULL) == NPK_OK);
                npk_walk_free(walk);
            }
            npk_torch_free(file);
            free(own);
        }
    free(bytes);
}

/* --- made here ---------------------------------------------------------------------------------------------------- */

#define BYTES(text) text, sizeof(text) - 1

/* The five pickles and one storage 'a'. */
static golden_bytes make(const char *object, size_t object_size, const char *storage, size_t storage_size)
{
    golden_bytes out = {NULL, 0};
    golden_add(&out, BYTES("\200\2\212\12\154\374\234\106\371\40\152\250\120\31.\200\2M\351\3.\200\2}."));
    golden_add(&out, object, object_size);
    golden_add(&out, BYTES("\200\2]U\1aa."));
    golden_add(&out, storage, storage_size);
    return out;
}

#define ID(type, count, view) "(U\7storagectorch\n" type "\nU\1aU\3cpuK" count view "tQ"
#define TENSOR(id, offset, size, stride) "\200\2ctorch._utils\n_rebuild_tensor_v2\n(" id "K" offset size stride "\211NtR."
#define FOUR "\4\0\0\0\0\0\0\0abcdefghijklmnop"

Test(torch, made)
{
    static const struct {
        const char *object;
        size_t object_size;
        const char *storage;
        size_t storage_size;
        npk_status status;
        const char *elements; /* in C order */
    } rows[] = {
        {BYTES(TENSOR(ID("FloatStorage", "\4", "N"), "\0", "K\2\205", "K\1\205")), BYTES(FOUR), NPK_OK, "abcdefgh"},
        {BYTES(TENSOR(ID("FloatStorage", "\4", ""), "\1", "K\2\205", "K\2\205")), BYTES(FOUR), NPK_OK, "efghmnop"},
        {BYTES(TENSOR(ID("IntStorage", "\4", "N"), "\3", ")", ")")), BYTES(FOUR), NPK_OK, "mnop"},
        {BYTES(TENSOR(ID("FloatStorage", "\4", "N"), "\3", "K\2\205", "K\0\205")), BYTES(FOUR), NPK_OK, "mnopmnop"},
        {BYTES(TENSOR(ID("FloatStorage", "\4", "U\1vK\2K\2\207"), "\1", "K\1\205", "K\1\205")), BYTES(FOUR), NPK_OK, "mnop"},
        {BYTES(TENSOR(ID("FloatStorage", "\4", "N"), "\4", "K\0\205", "K\1\205")), BYTES(FOUR), NPK_OK, ""},
        {BYTES(TENSOR(ID("BFloat16Storage", "\2", "N"), "\1", "K\1\205", "K\1\205")), BYTES("\2\0\0\0\0\0\0\0abcd"), NPK_OK, "cd"},
        {BYTES("\200\2ctorch._utils\n_rebuild_tensor_v3\n(" ID("UntypedStorage", "\4", "N") "K\1K\1\205K\1\205\211Nctorch\nuint16\nNtR."),
         BYTES("\4\0\0\0\0\0\0\0abcd"), NPK_OK, "cd"},
        {BYTES(TENSOR(ID("FloatStorage", "\4", "N"), "\3", "K\2\205", "K\1\205")), BYTES(FOUR), NPK_ERR_ARRAY, NULL},
        {BYTES(TENSOR(ID("FloatStorage", "\4", "N"), "\5", "K\0\205", "K\1\205")), BYTES(FOUR), NPK_ERR_ARRAY, NULL},
        {BYTES(TENSOR(ID("FloatStorage", "\4", "N"), "\0", "K\2\205", "J\377\377\377\377\205")), BYTES(FOUR), NPK_ERR_ARRAY, NULL},
        {BYTES(TENSOR(ID("FloatStorage", "\4", "N"), "\0", "K\2\205", ")")), BYTES(FOUR), NPK_ERR_ARRAY, NULL},
        {BYTES(TENSOR(ID("FloatStorage", "\4", "N"), "\0", "\212\10\377\377\377\377\377\377\377\177\205", "K\0\205")), BYTES(FOUR), NPK_ERR_ARRAY, NULL},
        {BYTES(TENSOR(ID("FloatStorage", "\4", "N"), "\0", "M\377\177\205", "K\0\205")), BYTES(FOUR), NPK_ERR_LIMIT, NULL},
        {BYTES(TENSOR(ID("FloatStorage", "\5", "N"), "\0", "K\2\205", "K\1\205")), BYTES(FOUR), NPK_ERR_ARRAY, NULL},
        {BYTES(TENSOR(ID("FloatStorage", "\4", "N"), "\0", "K\2\205", "K\1\205")), BYTES(FOUR "x"), NPK_ERR_TRAILING, NULL},
        {BYTES(TENSOR(ID("FloatStorage", "\4", "N"), "\0", "K\2\205", "K\1\205")), BYTES("\4\0\0\0\0\0\0\0abc"), NPK_ERR_TRUNCATED, NULL},
        {BYTES(TENSOR(ID("NoStorage", "\4", "N"), "\0", "K\2\205", "K\1\205")), BYTES(FOUR), NPK_ERR_UNSUPPORTED, NULL},
        {BYTES("\200\2N."), BYTES(FOUR), NPK_ERR_ARRAY, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        golden_bytes made = make(rows[i].object, rows[i].object_size, rows[i].storage, rows[i].storage_size);
        npk_torch *file = NULL;
        npk_array array;
        npk_error error = {.message = ""};
        uint8_t copy[64];
        npk_status status = npk_torch_load_memory(made.bytes, made.size, NULL, &file, &error);
        cr_expect_eq(status, rows[i].status, "row %zu: %s, %s", i, npk_status_name(status), error.message);
        if (status == NPK_OK && rows[i].status == NPK_OK) {
            array = tensor_at(file, "");
            cr_expect_eq(npk_array_nbytes(&array), (int64_t)strlen(rows[i].elements), "row %zu", i);
            cr_expect_eq(npk_array_copy(&array, 'C', copy, sizeof copy, NULL), NPK_OK);
            cr_expect_arr_eq(copy, rows[i].elements, strlen(rows[i].elements), "row %zu", i);
        }
        npk_torch_free(file);
        free(made.bytes);
    }
}

/* What the tensors come to is bounded by the file, however many there are: here one storage, seen again and again. */
Test(torch, repeated)
{
    enum { STORAGE = 10000, MOST = 64 };
    char *storage = calloc(1, STORAGE + 8);
    storage[0] = STORAGE & 0xff;
    storage[1] = STORAGE >> 8;
    for (int extra = 0; extra < 2; extra++) {
        golden_bytes object = {NULL, 0};
        golden_add(&object, BYTES("\200\2](ctorch._utils\n_rebuild_tensor_v2\nq\0(U\7storagectorch\nByteStorage\nU\1aU\3cpuM\20\47tQq\00100")); /* into the memo, off the stack */
        for (int i = 0; i < MOST + 20 * extra; i++)
            golden_add(&object, BYTES("h\0(h\1K\0M\20\47\205K\1\205\211NtR"));
        golden_add(&object, BYTES("e."));
        golden_bytes made = make((const char *)object.bytes, object.size, storage, STORAGE + 8);
        npk_torch *file = NULL;
        npk_error error = {.message = ""};
        npk_status status = npk_torch_load_memory(made.bytes, made.size, NULL, &file, &error);
        cr_expect_eq(status, extra ? NPK_ERR_LIMIT : NPK_OK, "%s: %s", npk_status_name(status), error.message);
        npk_torch_free(file);
        free(object.bytes);
        free(made.bytes);
    }
    free(storage);
}

/* A parameter is the call of a function with a tensor; and the protocol may be another. */
Test(torch, parameter)
{
    npk_torch *file = NULL;
    npk_error error = {.message = ""};
    golden_bytes made = make(BYTES("\200\2}U\1wctorch._utils\n_rebuild_parameter\n(ctorch._utils\n_rebuild_tensor_v2\n(" ID(
                                 "FloatStorage", "\4", "N") "K\0K\4\205K\1\205\211NtR\210NtRs."),
                             BYTES(FOUR));
    cr_assert_eq(npk_torch_load_memory(made.bytes, made.size, NULL, &file, &error), NPK_OK, "%s", error.message);
    npk_array array = tensor_at(file, "['w'].<args>[0]");
    cr_expect_eq(npk_array_count(&array), 4);
    npk_torch_free(file);
    free(made.bytes);
    cr_expect(npk_torch_is("\200\4\225\16\0\0\0\0\0\0\0\212\12\154\374\234\106\371\40\152\250\120\31.", 24));
    cr_expect_not(npk_torch_is("\200\2\212\12\154\374\234\106\371\40\152\250\120\30.", 15));
}
