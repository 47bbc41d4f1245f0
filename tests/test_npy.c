#define _GNU_SOURCE /* memmem */
/* .npy files: the bytes are those of numpy.save, and both ways give the same array. */
#include "saved.h"

Test(npy, as_numpy_saves)
{
    golden g;
    saved s;
    golden_bytes ours = {NULL, 0};
    npk_error error;
    int rows = 0;
    golden_open(&g, "npy.golden");
    for (char *line; (line = golden_line(&g)) != NULL; rows++) {
        saved_read(&s, line);
        cr_assert(npk_npy_write(golden_collect, &ours, &s.array, NULL, &error) == NPK_OK, "%s: %s", s.name, error.message);
        saved_expect_same(&s, &ours);

        npk_npy *npy;
        cr_assert(npk_npy_load_memory(s.file.bytes, s.file.size, NULL, &npy, &error) == NPK_OK, "%s: %s", s.name, error.message);
        const npk_array *loaded = npk_npy_array(npy);
        cr_expect(npk_dtype_equal(loaded->dtype, s.array.dtype) && loaded->ndim == s.array.ndim, "%s", s.name);
        cr_expect(s.array.ndim == 0 || memcmp(loaded->shape, s.shape, (size_t)s.array.ndim * sizeof *s.shape) == 0, "%s",
                  s.name);
        cr_expect_eq(loaded->order, s.array.order, "%s", s.name);
        cr_expect((uint64_t)npk_array_nbytes(loaded) == s.memory.size &&
                  memcmp(loaded->data, s.memory.bytes, s.memory.size) == 0);
        cr_expect_eq(npk_npy_version(npy), 1);
        cr_expect_eq(npk_npy_header_size(npy) % 64, 0);
        npk_npy_free(npy);
        saved_free(&s);
    }
    golden_close(&g);
    cr_expect_eq(rows, 98);
}

/* A file of a header in latin-1 or UTF-8 and some data. */
static golden_bytes file_of(int version, const char *header, const void *data, size_t size)
{
    golden_bytes file = {NULL, 0};
    size_t length = strlen(header);
    const uint8_t start[12] = {0x93, 'N', 'U', 'M', 'P', 'Y', (uint8_t)version, 0, (uint8_t)length, (uint8_t)(length >> 8)};
    golden_add(&file, start, version == 1 ? 10 : 12);
    golden_add(&file, header, length);
    golden_add(&file, data, size);
    return file;
}

/* numpy/lib/format.py, _wrap_header_guess_version(): version 1, else 2 where the text is too long for it, in latin-1; 3, in
 * UTF-8, where a character has no place there. With blanks for a length that grows, and others up to a multiple of 64. */
static golden_bytes as_numpy_wraps(const char *dict, size_t size, bool latin1)
{
    golden_bytes file = {NULL, 0};
    int version = latin1 ? 1 : 3;
    size_t length;
    for (;; version = 2) {
        size_t start = version == 1 ? 10 : 12;
        length = (start + size + 1) / 64 * 64 + 64 - start;
        if (version != 1 || length <= 65535)
            break;
    }
    const uint8_t start[12] = {0x93, 'N', 'U', 'M', 'P', 'Y', (uint8_t)version, 0, (uint8_t)length, (uint8_t)(length >> 8),
                               (uint8_t)(length >> 16)};
    golden_add(&file, start, version == 1 ? 10 : 12);
    golden_add(&file, dict, size);
    for (size_t i = size + 1; i < length; i++)
        golden_add(&file, " ", 1);
    golden_add(&file, "\n", 1);
    return file;
}

/* Names of so many characters: of ASCII, of latin-1, and others. */
static void expect_kept(const char *character, size_t count, bool latin1)
{
    golden_bytes dict = {NULL, 0}, ours = {NULL, 0};
    npk_npy *npy;
    npk_error error;
    golden_add(&dict, "{'descr': [('", 13);
    for (size_t i = 0; i < count; i++)
        golden_add(&dict, character, strlen(character));
    static const char rest[] = "', '<i2')], 'fortran_order': False, 'shape': (0,), }                    ";
    golden_add(&dict, rest, sizeof rest - 1);
    golden_bytes theirs = as_numpy_wraps((const char *)dict.bytes, dict.size, latin1);
    cr_assert(npk_npy_load_memory(theirs.bytes, theirs.size, NULL, &npy, &error) == NPK_OK, "%s", error.message);
    cr_assert(npk_npy_write(golden_collect, &ours, npk_npy_array(npy), NULL, &error) == NPK_OK, "%s", error.message);
    cr_expect(ours.size == theirs.size && memcmp(ours.bytes, theirs.bytes, ours.size) == 0, "%zu times %s: version %d for %d",
              count, character, ours.bytes[6], theirs.bytes[6]);
    npk_npy_free(npy);
    free(ours.bytes);
    free(theirs.bytes);
    free(dict.bytes);
}

Test(npy, headers_are_those_of_numpy)
{
    for (size_t count = 1; count < 140; count++) {
        expect_kept("n", count, true);
        expect_kept("\xe9", count, true);
        expect_kept("\xe2\x82\xac", count, false);
    }
    for (size_t count = 65330; count < 65460; count++) {
        expect_kept("n", count, true);
        expect_kept("\xe9", count % 2 == 0 ? count : count - 32700, true);
    }
}

/* The array borrows from the file until the next one is loaded. */
static npk_status load(int version, const char *header, const void *data, size_t size, npk_npy **npy, npk_error *error)
{
    static uint8_t kept[4096];
    golden_bytes file = file_of(version, header, data, size);
    size_t length = file.size;
    cr_assert(length <= sizeof kept);
    memcpy(kept, file.bytes, length);
    free(file.bytes);
    return npk_npy_load_memory(kept, length, NULL, npy, error);
}

Test(npy, versions_and_old_spellings)
{
    npk_npy *npy;
    npk_error error;
    for (int version = 1; version <= 3; version++) {
        cr_assert(load(version, "{'descr': '<i2', 'fortran_order': False, 'shape': (2,)}\n", "\1\0\2\0", 4, &npy, &error) == NPK_OK,
                  "%s", error.message);
        cr_expect_eq(npk_npy_version(npy), version);
        npk_npy_free(npy);
    }
    /* Python 2 wrote long ints, keys in any order, and strings with a u */
    cr_assert_eq(load(1, "{'shape': (1L, 2L), 'descr': u'<i2', \"fortran_order\": True}", "\1\0\2\0", 4, &npy, &error), NPK_OK);
    cr_expect_eq(npk_npy_array(npy)->ndim, 2);
    cr_expect_eq(npk_npy_array(npy)->order, 'F');
    npk_npy_free(npy);
}

Test(npy, structs)
{
    char text[200];
    npk_npy *npy;
    npk_error error;
    static const char descr[] = "[('a', '<i2'), ('', '|V2'), (('long', 'b'), '>f4', (2,)), ('c', [('d', '|u1')])]";
    char header[300];
    snprintf(header, sizeof header, "{'descr': %s, 'fortran_order': False, 'shape': ()}", descr);
    cr_assert(load(1, header, "0123456789abc", 13, &npy, &error) == NPK_OK, "%s", error.message);
    const npk_dtype *dtype = npk_npy_array(npy)->dtype;
    const npk_field *fields;
    cr_assert_eq(npk_dtype_fields(dtype, &fields), 3);
    cr_expect_eq(fields[1].offset, 4);
    cr_expect_str_eq(fields[1].title, "long");
    npk_dtype_descr(dtype, false, text, sizeof text);
    cr_expect_str_eq(text, descr);
    npk_npy_free(npy);
}

/* np.save of np.array([1, None, 'x'], object): a pickle, which begins anew with each writer. */
Test(npy, objects)
{
    static const char pickle[] =
        "\x80\4\x95\x91\0\0\0\0\0\0\0\x8c\x16numpy._core.multiarray\x94\x8c\x0c_reconstruct\x94\x93\x94\x8c\5numpy\x94\x8c\7ndarray\x94"
        "\x93\x94K\0\x85\x94" "C\1b\x94\x87\x94R\x94(K\1K\3\x85\x94h\3\x8c\5dtype\x94\x93\x94\x8c\2O8\x94\x89\x88\x87\x94R\x94(K\3\x8c\1|"
        "\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?t\x94" "b\x89]\x94(K\1N\x8c\1x\x94" "et\x94" "b.";
    npk_npy *npy;
    npk_error error;
    static const char header[] = "{'descr': '|O', 'fortran_order': False, 'shape': (3,), }\n";
    cr_assert(load(1, header, pickle, sizeof pickle - 1, &npy, &error) == NPK_OK, "%s at %llu", error.message,
              (unsigned long long)error.offset);
    const npk_array *array = npk_npy_array(npy);
    cr_assert_not_null(array->objects);
    cr_expect_eq(npk_value_size(array->objects), 3);
    cr_expect_eq(npk_value_kind(npk_value_item(array->objects, 1)), NPK_KIND_NONE);
    golden_bytes ours = {NULL, 0};
    cr_assert_eq(npk_npy_write(golden_collect, &ours, array, NULL, &error), NPK_OK);
    cr_assert_eq(ours.size, 128 + sizeof pickle - 1);
    cr_expect(memcmp(ours.bytes + 128, pickle, sizeof pickle - 1) == 0);
    npk_npy_free(npy);
    free(ours.bytes);
    cr_expect_eq(load(1, header, pickle, sizeof pickle - 2, &npy, &error), NPK_ERR_FRAME);
    cr_expect_eq(load(1, header, pickle, 0, &npy, &error), NPK_ERR_TRUNCATED);
    cr_expect_eq(
        load(1, "{'descr': '|O', 'fortran_order': False, 'shape': (4,), }\n", pickle, sizeof pickle - 1, &npy, &error),
        NPK_ERR_NPY);
    cr_assert_eq(load(1, header, pickle, sizeof pickle, &npy, &error), NPK_OK); /* a byte after STOP: left alone */
    npk_npy_free(npy);
}

/* np.array([(1+2j, 0)], [('c', '<c16'), ('o', 'O')]), protocol 2: the complex is a call of __builtin__.complex there, which Python 3 does
 * not find in a pickle of protocol 4. And fields with a Python object in an order that no descr can tell. */
Test(npy, objects_of_old_pickles)
{
    static const char named[] = "\200\002cnumpy.core.multiarray\012_reconstruct\012q\000cnumpy\012ndarray\012q\001K\000\205q\002c_codecs\012encode\012q\003X\001\000\000\000bq\004X\006\000\000\000latin1q\005\206q\006Rq\007\207q\010Rq\011(K\001K\001\205q\012cnumpy\012dtype\012q\013X\003\000\000\000V24q\014\211\210\207q\015Rq\016(K\003X\001\000\000\000|q\017NX\001\000\000\000cq\020X\001\000\000\000oq\021\206q\022}q\023(h\020h\013X\003\000\000\000c16q\024\211\210\207q\025Rq\026(K\003X\001\000\000\000<q\027NNNJ\377\377\377\377J\377\377\377\377K\000tq\030bK\000\206q\031h\021h\013X\002\000\000\000O8q\032\211\210\207q\033Rq\034(K\003h\017NNNJ\377\377\377\377J\377\377\377\377K\077tq\035bK\020\206q\036uK\030K\001K\033tq\037b\211]q c__builtin__\012complex\012q!G\077\360\000\000\000\000\000\000G@\000\000\000\000\000\000\000\206q\042Rq#K\000\206q$atq%b.";
    static const char disordered[] = "\200\002cnumpy.core.multiarray\012_reconstruct\012q\000cnumpy\012ndarray\012q\001K\000\205q\002c_codecs\012encode\012q\003X\001\000\000\000bq\004X\006\000\000\000latin1q\005\206q\006Rq\007\207q\010Rq\011(K\001K\001\205q\012cnumpy\012dtype\012q\013X\003\000\000\000V12q\014\211\210\207q\015Rq\016(K\003X\001\000\000\000|q\017NX\001\000\000\000oq\020X\001\000\000\000iq\021\206q\022}q\023(h\020h\013X\002\000\000\000O8q\024\211\210\207q\025Rq\026(K\003h\017NNNJ\377\377\377\377J\377\377\377\377K\077tq\027bK\004\206q\030h\021h\013X\002\000\000\000i4q\031\211\210\207q\032Rq\033(K\003X\001\000\000\000<q\034NNNJ\377\377\377\377J\377\377\377\377K\000tq\035bK\000\206q\036uK\014K\001K\033tq\037b\211]q K\000K\000\206q!atq\042b.";
    npk_doc *doc;
    npk_array array;
    npk_error error;
    golden_bytes ours = {NULL, 0};
    cr_assert_eq(npk_doc_load_memory(named, sizeof named - 1, NULL, &doc, &error), NPK_OK);
    cr_assert_eq(npk_array_of(npk_doc_root(doc), &array, &error), NPK_OK);
    cr_assert_eq(npk_npy_write(golden_collect, &ours, &array, NULL, &error), NPK_OK);
    cr_expect_null(memmem(ours.bytes, ours.size, "__builtin__", 11));
    cr_expect_not_null(memmem(ours.bytes, ours.size, "builtins", 8));
    cr_expect_not_null(memmem(ours.bytes, ours.size, "numpy.core.multiarray", 21));
    free(ours.bytes);
    npk_doc_free(doc);
    cr_assert_eq(npk_doc_load_memory(disordered, sizeof disordered - 1, NULL, &doc, &error), NPK_OK);
    cr_assert_eq(npk_array_of(npk_doc_root(doc), &array, &error), NPK_OK);
    ours = (golden_bytes){NULL, 0};
    cr_expect_eq(npk_npy_write(golden_collect, &ours, &array, NULL, &error), NPK_ERR_UNSUPPORTED);
    cr_expect_eq(ours.size, 0);
    free(ours.bytes);
    npk_doc_free(doc);
}

/* An array of a document as a .npy file; what is refused says this. */
static void write_alone(const npk_value *value, npk_status expected, const char *says)
{
    npk_array array;
    npk_error error = {.message = ""};
    golden_bytes ours = {NULL, 0};
    cr_assert_eq(npk_array_of(value, &array, &error), NPK_OK, "%s", error.message);
    cr_expect_eq(npk_npy_write(golden_collect, &ours, &array, NULL, &error), expected, "%s", error.message);
    cr_expect_not_null(strstr(error.message, says), "%s", error.message);
    free(ours.bytes);
}

/* [<persistent id x>], which numpy.load raises an error for. */
Test(npy, persistent_ids)
{
    static const char ids[] = "\x80\2cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\1b\x87R(K\1K\1\x85"
                              "cnumpy\ndtype\nU\2O8K\0K\1\x87R(K\3U\1|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb\x89](U\1xQetb.";
    npk_doc *doc;
    npk_error error;
    cr_assert_eq(npk_doc_load_memory(ids, sizeof ids - 1, NULL, &doc, &error), NPK_OK, "%s", error.message);
    write_alone(npk_doc_root(doc), NPK_ERR_UNSUPPORTED, "persistent id");
    npk_doc_free(doc);
}

/* o = numpy.zeros((), [('f', 'O', (2,))]), with o['f'][0] = o, and the array in its item as one object: alone, that would come
 * into a new `o` before it had its items. numpy.load raises an error for it. */
Test(npy, an_item_that_leads_to_its_array)
{
    static const char cycle[] = "\x80\2cnumpy.core.multiarray\n_reconstruct\nq\0cnumpy\nndarray\nq\1K\0\x85U\1b\x87Rq\2"
                                "(K\1)cnumpy\ndtype\nq\3U\3V16K\0K\1\x87R(K\3U\1|NU\1f\x85}U\1fh\3U\3V16K\0K\1\x87R"
                                "(K\3U\1|h\3U\2O8K\0K\1\x87Rq\4(K\3U\1|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb"
                                "K\2\x85\x86NNK\x10K\x8K\x1btbK\0\x86sK\x10K\1K\x1btb\x89"
                                "]h\0h\1K\0\x85U\1b\x87R(K\1K\2\x85h\4\x89](h\2K\7etb\x85\x61tb.";
    const npk_value *item = NULL;
    npk_doc *doc;
    npk_error error;
    cr_assert_eq(npk_doc_load_memory(cycle, sizeof cycle - 1, NULL, &doc, &error), NPK_OK, "%s", error.message);
    cr_assert_eq(npk_value_find(npk_doc_root(doc), "[()][0]", &item, &error), NPK_OK, "%s", error.message);
    write_alone(item, NPK_ERR_UNSUPPORTED, "before it has them");
    write_alone(npk_doc_root(doc), NPK_OK, "");
    npk_doc_free(doc);
}

Test(npy, malformed)
{
    static const struct {
        const char *header;
        npk_status status;
    } bad[] = {
        {"", NPK_ERR_NPY},
        {"{", NPK_ERR_NPY},
        {"{}", NPK_ERR_NPY},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': (2,)} x", NPK_ERR_NPY},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': (2,), 'more': 1}", NPK_ERR_NPY},
        {"{'descr': '<i2', 'fortran_order': 0, 'shape': (2,)}", NPK_ERR_NPY},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': [2]}", NPK_ERR_NPY},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': (-2,)}", NPK_ERR_NPY},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': (9223372036854775807, 2)}", NPK_ERR_NPY},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': (99999999999999999999,)}", NPK_ERR_NPY},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': (3,)}", NPK_ERR_TRUNCATED},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': (1,)}", NPK_ERR_TRAILING},
        {"{'descr': '<q9', 'fortran_order': False, 'shape': (2,)}", NPK_ERR_DTYPE},
        {"{'descr': 5, 'fortran_order': False, 'shape': (2,)}", NPK_ERR_DTYPE},
        {"{'descr': [('a',)], 'fortran_order': False, 'shape': (2,)}", NPK_ERR_DTYPE},
        {"{'descr': [('a', '<i2', (-1,))], 'fortran_order': False, 'shape': (2,)}", NPK_ERR_DTYPE},
        {"{'descr': [(1, '<i2')], 'fortran_order': False, 'shape': (2,)}", NPK_ERR_DTYPE},
        {"{'descr': '<i2, 'fortran_order': False, 'shape': (2,)}", NPK_ERR_NPY},
        {"{'descr': '\\xz', 'fortran_order': False, 'shape': (2,)}", NPK_ERR_NPY},
        {"{[]: 1}", NPK_ERR_NPY},
        {"{'a' 'b': 1}", NPK_ERR_NPY},
    };
    npk_npy *npy;
    npk_error error;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_eq(load(1, bad[i].header, "\1\0\2\0", 4, &npy, &error), bad[i].status, "%s: %s", bad[i].header, error.message);
    cr_expect_eq(load(4, "{}", "", 0, &npy, &error), NPK_ERR_NPY);
    cr_expect_eq(load(0, "{}", "", 0, &npy, &error), NPK_ERR_NPY);
    golden_bytes file = file_of(1, "{'descr': '<i2', 'fortran_order': False, 'shape': (2,)}", "\1\0\2\0", 4);
    for (size_t cut = 0; cut < file.size; cut++)
        cr_expect_neq(npk_npy_load_memory(file.bytes, cut, NULL, &npy, NULL), NPK_OK, "%zu bytes", cut);
    free(file.bytes);
}
