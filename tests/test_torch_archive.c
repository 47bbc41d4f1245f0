/* Zip archives of PyTorch: as it lays them out, repacked, and damaged in each way; tests/gen/torchzip.py. */
#include "golden.h"

#include <npickle.h>

#include <criterion/criterion.h>

static const npk_value *value_at(const npk_torch *file, const char *path)
{
    const npk_value *value = NULL;
    npk_error error = {.message = ""};
    cr_assert_eq(npk_value_find(npk_doc_root(npk_torch_doc(file, NPK_TORCH_OBJECT)), path, &value, &error), NPK_OK,
                 "%s: %s", path, error.message);
    return value;
}

static void expect_floats(const npk_torch *file, const char *path, const float *wanted, int64_t count)
{
    npk_array array;
    float found[8];
    cr_assert_eq(npk_array_of(value_at(file, path), &array, NULL), NPK_OK);
    cr_expect_str_eq(npk_array_class(value_at(file, path)), "torch.Tensor");
    cr_assert_eq(npk_array_count(&array), count);
    cr_assert_eq(npk_array_read_as(&array, npk_dtype_native(NPK_FLOAT32), NPK_CAST_SAFE, found, (size_t)count, NULL), NPK_OK);
    cr_expect_arr_eq(found, wanted, (size_t)count * sizeof *found);
}

Test(torch_archive, read)
{
    static const char *const names[] = {"torch-archive.pt", "torch-archive-large.pt", "torch-archive-big-endian.pt",
                                        "torch-archive-repacked.pt"};
    static const float all[] = {0, 1, 2, 3, 4, 5}, some[] = {1, 4};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        golden_bytes bytes = golden_file(names[i]);
        npk_torch *file = NULL;
        npk_error error = {.message = ""};
        npk_array array;
        npk_torch_storage storage;
        cr_assert_eq(npk_torch_load_memory(bytes.bytes, bytes.size, NULL, &file, &error), NPK_OK, "%s: %s", names[i],
                     error.message);
        cr_expect(npk_torch_is(bytes.bytes, bytes.size));
        cr_expect_eq(npk_torch_form_of(file), NPK_TORCH_ARCHIVE);
        expect_floats(file, "['a']", all, 6);
        expect_floats(file, "['b']", some, 2);
        cr_assert_eq(npk_array_of(value_at(file, "['c']"), &array, NULL), NPK_OK);
        cr_expect_eq(npk_dtype_type(array.dtype), NPK_BOOL);
        cr_expect_arr_eq(array.data, "\1\0\1", 3);
        cr_expect((const uint8_t *)array.data > bytes.bytes && (const uint8_t *)array.data < bytes.bytes + bytes.size,
                  "a view, no copy");
        cr_assert(npk_torch_storage_of(file, 0, &storage));
        cr_expect(storage.key_size == 1 && *storage.key == '0');
        cr_expect_eq(storage.elements.data, bytes.bytes + storage.offset);
        cr_expect_eq(npk_array_count(&storage.elements), 6);
        cr_expect_not(npk_torch_storage_of(file, 2, &storage));
        cr_expect_eq(bytes.bytes[npk_torch_base(file)], 0x80, "PROTO");
        for (int part = 0; part <= NPK_TORCH_KEYS; part++)
            cr_expect_eq(npk_torch_doc(file, part) != NULL, part == NPK_TORCH_OBJECT);
        npk_torch_free(file);
        npk_array *own = NULL;
        cr_assert_eq(npk_array_load_memory(bytes.bytes, bytes.size, "['b']", NULL, NULL, &own, NULL), NPK_OK);
        cr_expect_eq(npk_array_count(own), 2);
        npk_array_free(own);
        free(bytes.bytes);
    }
}

Test(torch_archive, of_nothing)
{
    cr_expect_eq(npk_torch_form_of(NULL), NPK_TORCH_LEGACY);
    cr_expect_eq(npk_torch_base(NULL), 0);
}

Test(torch_archive, damaged)
{
    static const struct {
        const char *name;
        npk_status status;
        const char *message;
    } rows[] = {
        {"torch-archive-twice.pt", NPK_ERR_NOT_A_PICKLE, "two members of the zip archive are called 'archive/data.pkl'"},
        {"torch-archive-key-twice.pt", NPK_ERR_ARRAY, "a key of its own for each storage"},
        {"torch-archive-entries.pt", NPK_ERR_TRUNCATED, "4294967296 entries in 382 bytes"},
        {"torch-archive-overlapping.pt", NPK_OK, ""},
        {"torch-archive-same.pt", NPK_ERR_ARRAY, "storage '0' has 3 bytes, its persistent id says 6 elements of 4"},
        {"torch-archive-beyond.pt", NPK_ERR_TRUNCATED, "4000 bytes of 'archive/data/0', which reach beyond"},
        {"torch-archive-nowhere.pt", NPK_ERR_NOT_A_PICKLE, "expected the member 'archive/data/0'"},
        {"torch-archive-compressed.pt", NPK_ERR_UNSUPPORTED, "'m/data.pkl' is compressed in its zip archive"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        golden_bytes bytes = golden_file(rows[i].name);
        npk_torch *file = NULL;
        npk_error error = {.message = ""};
        cr_expect_eq(npk_torch_load_memory(bytes.bytes, bytes.size, NULL, &file, &error), rows[i].status, "%s: %s",
                     rows[i].name, error.message);
        cr_expect_not_null(strstr(error.message, rows[i].message), "%s: %s", rows[i].name, error.message);
        cr_expect(npk_torch_is(bytes.bytes, bytes.size));
        npk_torch_free(file);
        free(bytes.bytes);
    }
}

/* An error in the pickle has its place in the file. */
Test(torch_archive, offsets)
{
    golden_bytes bytes = golden_file("torch-archive.pt");
    npk_torch *file = NULL;
    npk_error error;
    size_t at = 64; /* a multiple of 64, behind the first header */
    cr_assert_eq(bytes.bytes[at], 0x80);
    bytes.bytes[at + 2] = 0xff;
    cr_expect_eq(npk_torch_load_memory(bytes.bytes, bytes.size, NULL, &file, &error), NPK_ERR_OPCODE);
    cr_expect_eq(error.offset, at + 2);
    free(bytes.bytes);
}

/* Copies all arrays, so that a sanitizer sees what lies beyond. */
static void look_at_all(const npk_torch *file)
{
    npk_walk *walk;
    npk_array array;
    const npk_value *value;
    uint8_t copy[64];
    cr_assert_eq(npk_walk_start(npk_doc_root(npk_torch_doc(file, NPK_TORCH_OBJECT)), NULL, &walk, NULL), NPK_OK);
    while (npk_walk_next_array(walk, &value, &array, NULL) == NPK_OK && value != NULL)
        cr_expect(npk_array_nbytes(&array) > 64 || npk_array_copy(&array, 'C', copy, sizeof copy, NULL) == NPK_OK);
    npk_walk_free(walk);
}

/* Cut and with one bit changed: read, or refused; nothing else. */
Test(torch_archive, changed)
{
    static const char *const names[] = {"torch-archive.pt", "torch-archive-large.pt"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        golden_bytes bytes = golden_file(names[i]);
        for (size_t cut = 0; cut < bytes.size; cut++) {
            npk_torch *file = NULL;
            uint8_t *own = malloc(cut + 1);
            memcpy(own, bytes.bytes, cut);
            cr_expect_eq(npk_status_band(npk_torch_load_memory(own, cut, NULL, &file, NULL)), NPK_BAND_MALFORMED, "%zu", cut);
            free(own);
        }
        for (size_t bit = 0; bit < 8 * bytes.size; bit++) {
            npk_torch *file = NULL;
            uint8_t *own = malloc(bytes.size);
            memcpy(own, bytes.bytes, bytes.size);
            own[bit / 8] ^= (uint8_t)(1u << bit % 8);
            if (npk_torch_load_memory(own, bytes.size, NULL, &file, NULL) == NPK_OK)
                look_at_all(file);
            npk_torch_free(file);
            free(own);
        }
        free(bytes.bytes);
    }
}
