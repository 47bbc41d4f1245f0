/* lib/container/load.c, save.c, format.c */
#define _POSIX_C_SOURCE 200809L

#include "counted.h"
#include "folder.h"
#include "golden.h"

#include <npickle.h>

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

TestSuite(load, .init = enter_folder, .fini = leave_folder);

/* --- load and save are inverses --- */

static void expect_equal(const npk_array *own, const npk_array *array, const char *name)
{
    size_t size = (size_t)npk_array_nbytes(array);
    uint8_t *bytes = malloc(size + 1);
    cr_assert(npk_dtype_equal(own->dtype, array->dtype), "%s", name);
    cr_assert_neq(own->dtype, array->dtype);
    cr_assert_eq(own->ndim, array->ndim, "%s", name);
    for (int i = 0; i < own->ndim; i++)
        cr_assert_eq(own->shape[i], array->shape[i], "%s", name);
    cr_assert_eq(npk_array_nbytes(own), (int64_t)size, "%s", name);
    cr_assert_eq((uintptr_t)own->data % 64, 0);
    cr_assert_eq(npk_array_copy(array, 'C', bytes, size, NULL), NPK_OK, "%s", name);
    cr_assert_eq(memcmp(own->data, bytes, size), 0, "%s", name);
    free(bytes);
}

/* Through a pickle in memory at a protocol that goes round, with padding as it lies. */
static void go_round(const npk_array *array, const char *name, int protocol)
{
    npk_write_options options = {.protocol_given = true, .protocol = protocol, .keep_padding = true};
    npk_error error = {.status = NPK_OK};
    uint8_t *bytes;
    size_t size;
    npk_array *own;
    cr_assert_eq(npk_array_save_memory(array, &options, &bytes, &size, &error), NPK_OK, "%s: %s", name, error.message);
    cr_assert_eq(npk_array_load_memory(bytes, size, NULL, NULL, NULL, &own, &error), NPK_OK, "%s: %s", name,
                 error.message);
    npk_bytes_free(NULL, bytes, size);
    expect_equal(own, array, name);
    npk_array_free(own);
}

static const char *const files[] = {"plain-numpy1.golden",  "plain-numpy2.golden",   "plain-python2.golden",
                                    "family-numpy2.golden", "cstruct-numpy2.golden", "mixed-numpy2.golden"};

ParameterizedTestParameters(load, every_array_of_the_goldens_comes_back)
{
    static size_t numbers[sizeof files / sizeof *files];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        numbers[i] = i;
    return cr_make_param_array(size_t, numbers, sizeof files / sizeof *files);
}

ParameterizedTest(size_t *number, load, every_array_of_the_goldens_comes_back)
{
    golden g;
    golden_bytes pickle;
    int protocol, round = 0, saved = 0;
    uint64_t seen[64] = {0}; /* dtypes that went through a file */
    golden_open(&g, files[*number]);
    while (golden_case(&g))
        while (golden_pickle(&g, &protocol, &pickle)) {
            npk_doc *doc;
            npk_walk *walk;
            const npk_value *value;
            npk_array array;
            if (npk_doc_load_memory(pickle.bytes, pickle.size, NULL, &doc, NULL) != NPK_OK)
                continue; /* of objects whose buffers lie elsewhere */
            cr_assert_eq(npk_walk_start(npk_doc_root(doc), NULL, &walk, NULL), NPK_OK);
            while (npk_walk_next_array(walk, &value, &array, NULL) == NPK_OK && value != NULL) {
                if (npk_dtype_has_object(array.dtype) || npk_array_nbytes(&array) > 4096)
                    continue;
                go_round(&array, g.name, round++ % 6);
                uint64_t bit = npk_dtype_hash(array.dtype) % 4096;
                if ((seen[bit / 64] >> bit % 64 & 1) != 0)
                    continue;
                seen[bit / 64] |= UINT64_C(1) << bit % 64;
                npk_array *own;
                const char *path = saved++ % 2 == 0 ? "x.npy" : "x.pkl";
                npk_error error = {.status = NPK_OK};
                const npk_write_options keep = {.keep_padding = true};
                char first[2] = ""; /* numpy.save() refuses fields that overlap or are out of order */
                npk_dtype_descr(array.dtype, false, first, sizeof first);
                const bool has_none = path[2] == 'n' && npk_dtype_is_struct(array.dtype) && *first != '[';
                const npk_status status = npk_array_save(path, &array, &keep, &error);
                cr_assert_eq(status, has_none ? NPK_ERR_UNSUPPORTED : NPK_OK, "%s: %s", g.name, error.message);
                if (has_none)
                    continue;
                cr_assert_eq(npk_array_load(path, "", NULL, NULL, &own, &error), NPK_OK, "%s: %s", g.name,
                             error.message);
                if (path[2] == 'p' || npk_dtype_equal(own->dtype, array.dtype)) /* .npy has no titles, no alignment */
                    expect_equal(own, &array, g.name);
                npk_array_free(own);
            }
            npk_walk_free(walk);
            npk_doc_free(doc);
        }
    golden_close(&g);
    cr_assert_gt(round, 10, "%s: %d", files[*number], round);
    cr_assert_gt(saved, 0);
}

Test(load, documents_come_back)
{
    golden g;
    golden_bytes pickle;
    int protocol, count = 0;
    golden_open(&g, "values.golden");
    while (golden_case(&g))
        while (golden_pickle(&g, &protocol, &pickle)) {
            npk_doc *doc;
            uint8_t *bytes;
            size_t size;
            if (npk_doc_load_memory(pickle.bytes, pickle.size, NULL, &doc, NULL) != NPK_OK)
                continue;
            cr_assert_eq(npk_doc_save_memory(doc, NULL, &bytes, &size, NULL), NPK_OK, "%s", g.name);
            cr_assert_eq(size, pickle.size, "%s", g.name);
            cr_assert_eq(memcmp(bytes, pickle.bytes, size), 0, "%s", g.name);
            npk_bytes_free(NULL, bytes, size);
            npk_doc_free(doc);
            count++;
        }
    golden_close(&g);
    cr_assert_gt(count, 100);
}

/* --- what is asked for --- */

/* {'w': [array([[1., 2.], [3., 4.]]), float32(0.5)], 'n': 7, 'o': array([None], dtype=object), 'm': masked} */
static size_t make_dict(uint8_t **bytes)
{
    static const double data[2][2] = {{1, 2}, {3, 4}};
    static const float half = 0.5f;
    static const bool mask[2] = {true, false};
    static const int64_t two[2] = {2, 2};
    npk_array matrix = {.dtype = npk_dtype_native(NPK_FLOAT64), .data = data, .ndim = 2, .shape = two, .order = 'F'};
    npk_array scalar = {.dtype = npk_dtype_native(NPK_FLOAT32), .data = &half};
    npk_array objects = {.dtype = npk_dtype_native(NPK_OBJECT), .ndim = 1, .shape = (const int64_t[]){1}};
    npk_array row = {.dtype = npk_dtype_native(NPK_FLOAT64), .data = data, .ndim = 1, .shape = two};
    npk_array masks = {.dtype = npk_dtype_native(NPK_BOOL), .data = mask, .ndim = 1, .shape = two};
    npk_writer *w;
    size_t size;
    cr_assert_eq(npk_writer_memory(NULL, &w, NULL), NPK_OK);
    npk_write_begin_dict(w, 4);
    npk_write_str(w, "w");
    npk_write_begin_list(w, 2);
    npk_write_array(w, &matrix);
    npk_write_scalar(w, &scalar);
    npk_write_end(w);
    npk_write_str(w, "n");
    npk_write_int(w, 7);
    npk_write_str(w, "o");
    npk_write_begin_objects(w, &objects);
    npk_write_none(w);
    npk_write_end(w);
    npk_write_str(w, "m");
    npk_write_masked(w, &row, &masks, NULL);
    npk_write_end(w);
    cr_assert_eq(npk_writer_finish_memory(w, bytes, &size, NULL), NPK_OK);
    return size;
}

Test(load, a_path_leads_to_an_array_which_is_cast)
{
    uint8_t *bytes;
    size_t size = make_dict(&bytes);
    npk_array *own;
    const npk_load_options same_kind = {.casting = NPK_CAST_SAME_KIND};
    npk_error error;
    cr_assert_eq(npk_array_load_memory(bytes, size, "['w'][0]", NULL, NULL, &own, NULL), NPK_OK);
    cr_assert_arr_eq(own->data, ((const double[]){1, 3, 2, 4}), 32); /* C order, from an array in Fortran order */
    cr_assert(own->strides[0] == 16 && own->strides[1] == 8 && own->order == 'C' && !own->readonly);
    ((double *)(uintptr_t)own->data)[0] = 5; /* its own memory */
    npk_array_free(own);
    const npk_dtype *f4 = npk_dtype_native(NPK_FLOAT32);
    cr_assert_eq(npk_array_load_memory(bytes, size, "['w'][0]", f4, NULL, &own, &error), NPK_ERR_CAST);
    cr_assert_eq(npk_array_load_memory(bytes, size, "['w'][0]", f4, &same_kind, &own, NULL), NPK_OK);
    cr_assert_arr_eq(own->data, ((const float[]){1, 3, 2, 4}), 16);
    npk_array_free(own);
    cr_assert_eq(npk_array_load_memory(bytes, size, "['w'][1]", npk_dtype_native(NPK_FLOAT64), NULL, &own, NULL),
                 NPK_OK);
    cr_assert(own->ndim == 0 && *(const double *)own->data == 0.5);
    npk_array_free(own);
    npk_bytes_free(NULL, bytes, size);
}

Test(load, what_is_not_an_array_is_an_error)
{
    static const struct {
        const char *where;
        npk_status status;
    } rows[] = {
        {"['n']", NPK_ERR_TYPE},         {NULL, NPK_ERR_TYPE},
        {"['x']", NPK_ERR_NOT_FOUND},    {"w", NPK_ERR_USAGE},
        {"['o']", NPK_ERR_UNSUPPORTED},  {"['m']", NPK_ERR_UNSUPPORTED},
        {"['w'][2]", NPK_ERR_NOT_FOUND},
    };
    uint8_t *bytes;
    size_t size = make_dict(&bytes);
    npk_array *own = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_error error = {.status = NPK_OK};
        cr_assert_eq(npk_array_load_memory(bytes, size, rows[i].where, NULL, NULL, &own, &error), rows[i].status, "%zu",
                     i);
        cr_assert_eq(error.status, rows[i].status);
        cr_assert_null(own);
    }
    cr_assert_eq(npk_array_load_memory(bytes, size - 1, "['w'][0]", NULL, NULL, &own, NULL), NPK_ERR_TRUNCATED);
    npk_bytes_free(NULL, bytes, size);
}

Test(load, without_memory_nothing_is_left)
{
    uint8_t *bytes;
    size_t size = make_dict(&bytes), calls = SIZE_MAX;
    for (size_t fail = 1; fail <= calls; fail++) {
        counted counter = {.fail = fail};
        npk_allocator allocator = {resize_counted, &counter};
        const npk_load_options options = {.read = {.allocator = &allocator}};
        npk_array *own = NULL;
        npk_status status =
            npk_array_load_memory(bytes, size, "['w'][0]", npk_dtype_native(NPK_FLOAT64), &options, &own, NULL);
        if (status == NPK_OK) {
            calls = fail;
            npk_array_free(own);
        } else {
            cr_assert_eq(status, NPK_ERR_MEMORY);
            cr_assert_null(own);
        }
        cr_assert_eq(counter.held, 0);
        cr_assert_not(counter.wrong);
    }
    cr_assert_gt(calls, 3);
    npk_bytes_free(NULL, bytes, size);
}

Test(load, the_ending_and_the_first_bytes_say_which_format)
{
    static const float data[3] = {1, 2, 3};
    npk_array array = NPK_ARRAY(data, 3), *own;
    char head[7] = "";
    cr_assert_eq(npk_array_save("x.npy", &array, NULL, NULL), NPK_OK);
    FILE *file = fopen("x.npy", "rb");
    cr_assert(fread(head, 1, 6, file) == 6 && memcmp(head, "\x93NUMPY", 6) == 0);
    fclose(file);
    cr_assert_eq(rename("x.npy", "y.pkl"), 0); /* nobody looks at the name */
    cr_assert_eq(npk_array_load("y.pkl", NULL, NULL, NULL, &own, NULL), NPK_OK);
    cr_assert_arr_eq(own->data, data, sizeof data);
    npk_array_free(own);
    cr_assert_eq(npk_array_load("y.pkl", "[0]", NULL, NULL, &own, NULL), NPK_ERR_NOT_FOUND);
    cr_assert_eq(npk_array_save("npy", &array, NULL, NULL), NPK_OK);
    file = fopen("npy", "rb");
    cr_assert_eq(fgetc(file), 0x80);
    fclose(file);
}

Test(load, a_missing_file_says_its_path)
{
    npk_array *own;
    npk_error error;
    cr_assert_eq(npk_array_load("nothing.pkl", NULL, NULL, NULL, &own, &error), NPK_ERR_IO);
    cr_assert_str_eq(error.message, "nothing.pkl: cannot open: No such file or directory");
    cr_assert_eq(error.system, ENOENT);
}

Test(load, null_and_nonsense_are_errors)
{
    static const float data[1] = {1};
    npk_array array = NPK_ARRAY(data, 1), *own;
    uint8_t *bytes;
    size_t size;
    npk_doc *doc;
    cr_assert_eq(npk_array_load(NULL, NULL, NULL, NULL, &own, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_array_load("x", NULL, NULL, NULL, NULL, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_array_load_memory(NULL, 1, NULL, NULL, NULL, &own, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_array_load_memory("", 0, NULL, NULL, NULL, &own, NULL), NPK_ERR_TRUNCATED);
    cr_assert_eq(npk_array_load_memory("N.", 2, NULL, NULL, &(npk_load_options){.casting = (npk_casting)9}, &own, NULL),
                 NPK_ERR_USAGE);
    cr_assert_eq(npk_array_load_memory("N.", 2, NULL, NULL, &(npk_load_options){.reserved = {1}}, &own, NULL),
                 NPK_ERR_USAGE);
    npk_array_free(NULL);
    cr_assert_eq(npk_array_save(NULL, &array, NULL, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_array_save("x", NULL, NULL, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_array_save_memory(NULL, NULL, &bytes, &size, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_array_save_memory(&array, NULL, NULL, &size, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_array_save_memory(&array, NULL, &bytes, NULL, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_doc_load_memory("N.", 2, NULL, &doc, NULL), NPK_OK);
    cr_assert_eq(npk_doc_save(NULL, doc, NULL, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_doc_save("x", NULL, NULL, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_doc_save_memory(NULL, NULL, &bytes, &size, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_doc_save_memory(doc, NULL, NULL, &size, NULL), NPK_ERR_USAGE);
    cr_assert_neq(access("x", F_OK), 0);
    npk_doc_free(doc);
}

Test(load, a_member_of_structs_is_an_array_with_strides)
{
    static const struct {
        double x, y;
        float t;
    } cells[3] = {{1, 2, 3.5f}, {4, 5, 6.5f}, {7, 8, 9.5f}};
    npk_array *own;
    cr_assert_eq(npk_array_save("t.pkl", &NPK_ARRAY_MEMBER(cells, t, 3), NULL, NULL), NPK_OK);
    cr_assert_eq(npk_array_load("t.pkl", NULL, NULL, NULL, &own, NULL), NPK_OK);
    cr_assert_eq(npk_dtype_type(own->dtype), NPK_FLOAT32);
    cr_assert_arr_eq(own->data, ((const float[]){3.5f, 6.5f, 9.5f}), 12);
    npk_array_free(own);
}

Test(load, hostile_bytes_are_refused)
{
    golden g;
    int rows = 0;
    golden_open(&g, "hostile.golden");
    for (char *line; (line = golden_line(&g)) != NULL; rows++) {
        const char *name = golden_word(&line);
        bool good = strcmp(golden_word(&line), "OK") == 0;
        golden_word(&line); /* offset */
        golden_bytes bytes = golden_unquote(golden_word(&line));
        counted counter = {0};
        npk_allocator allocator = {resize_counted, &counter};
        const npk_load_options options = {.read = {.allocator = &allocator}, .casting = NPK_CAST_UNSAFE};
        npk_array *own = NULL;
        npk_status status =
            npk_array_load_memory(bytes.bytes, bytes.size, NULL, npk_dtype_native(NPK_FLOAT64), &options, &own, NULL);
        cr_assert(good || status != NPK_OK, "%s", name);
        cr_assert_eq(own != NULL, status == NPK_OK, "%s", name);
        npk_array_free(own);
        cr_assert_eq(counter.held, 0, "%s", name);
        free(bytes.bytes);
    }
    golden_close(&g);
    cr_expect(rows >= 715, "%d rows", rows);
}

/* --- elements that are measured as they are decoded --- */

/* By the shortcut, and as a document: limits that are set, though to what they are, keep from the first. */
static bool loads_alike(const uint8_t *bytes, size_t size, void *room, size_t room_size)
{
    const npk_load_options short_cut = {.into = room, .into_size = room_size};
    const npk_load_options plainly = {.read.limits.depth = 1000};
    npk_error said = {.status = NPK_OK}, error = {.status = NPK_OK};
    npk_array *own = NULL, *expected = NULL;
    const npk_status status = npk_array_load_memory(bytes, size, NULL, NULL, &short_cut, &own, &said);
    cr_assert_eq(status, npk_array_load_memory(bytes, size, NULL, NULL, &plainly, &expected, &error));
    cr_assert_eq(said.offset, error.offset);
    cr_assert_str_eq(said.message, error.message);
    if (status == NPK_OK)
        expect_equal(own, expected, "loads_alike");
    npk_array_free(own);
    npk_array_free(expected);
    return status == NPK_OK;
}

Test(load, a_text_that_is_measured_as_it_is_decoded)
{
    enum { MOST = 40000, PIECE = 16 << 10 };
    static const int64_t sizes[] = {1, 2, 7, 100, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, MOST};
    static const uint8_t wrong[] = {'a', 0x80, 0xbf, 0xc1, 0xc2, 0xc3, 0xc4, 0xe0, 0xff};
    static uint8_t elements[MOST];
    static _Alignas(64) uint8_t room[MOST];
    int good = 0, refused = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int high = 0; high < 3; high++) {
            const int64_t stride = 1;
            const npk_array array = {.dtype = npk_dtype_native(NPK_UINT8),
                                     .data = elements,
                                     .ndim = 1,
                                     .shape = &sizes[i],
                                     .strides = &stride,
                                     .order = 'C'};
            const npk_write_options options = {.protocol_given = true, .protocol = 2};
            uint8_t *bytes;
            size_t size;
            for (size_t j = 0; j < MOST; j++)
                elements[j] = (uint8_t)(high == 0 ? j % 128 : high == 1 ? j * 37 : 200);
            cr_assert_eq(npk_array_save_memory(&array, &options, &bytes, &size, NULL), NPK_OK);
            size_t before = 0; /* bytes up to the text */
            while (memcmp(bytes + before, "\x89h\3X", 4) != 0)
                before++;
            before += 8;
            const size_t end = size - 15, middle = before + (size_t)sizes[i] / 2;
            const size_t places[] = {
                before - 4, before,  before + 1, before + PIECE - 1, before + PIECE, before + PIECE + 1, middle,
                end - 2,    end - 1, end};
            cr_assert(loads_alike(bytes, size, room, sizeof room));
            for (size_t place = 0; place < sizeof places / sizeof *places; place++)
                for (size_t w = 0; places[place] < size && w < sizeof wrong; w++) {
                    const uint8_t was = bytes[places[place]];
                    bytes[places[place]] = wrong[w];
                    const bool is_good = loads_alike(bytes, size, room, sizeof room);
                    good += is_good;
                    refused += !is_good;
                    bytes[places[place]] = was;
                }
            for (size_t less = 0; less < (size_t)sizes[i] && less < 2; less++) {
                npk_array *own = NULL;
                const npk_load_options small = {.into = room, .into_size = less};
                cr_assert_eq(npk_array_load_memory(bytes, size, NULL, NULL, &small, &own, NULL), NPK_ERR_USAGE);
                cr_assert_null(own);
            }
            npk_bytes_free(NULL, bytes, size);
        }
    cr_expect(good > 100 && refused > 500, "%d good, %d refused", good, refused);
}
