/* Views of pickled arrays: what is recognised where it lies is what a document of it says, and what is malformed is refused as there. */
#include "base/cpu.h"

#include <npickle.h>

#include <criterion/criterion.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static uint64_t next_random(void)
{
    static uint64_t state = UINT64_C(88172645463325252);
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static size_t below(size_t count)
{
    return (size_t)(next_random() >> 20) % count;
}

static const char *const texts[] = {"f8", "i4", "u1", "?", "c16", ">f8", ">i2", "f2", "u8", "f8", "f4", "i8", "S5", "M8[s]", "g"};

enum { TEXTS = sizeof texts / sizeof *texts, DTYPES = 12, MOST = 1 << 16, HEAD = 600 };

/* --- what a pickle is, as text: each array, or the error --- */

typedef struct told {
    size_t size;
    char text[MOST];
    size_t documents; /* how many arrays came out of one */
    const uint8_t *pickle;
    size_t pickle_size;
} told;

/* Where in the pickle the elements are. Where they are spelled as text: what they are; a document has those of a short one at hand. */
static void put_place(const told *t, const npk_array *a, char *out, size_t room)
{
    static uint8_t elements[MOST];
    const uint8_t *bytes = a->data;
    const size_t size = (size_t)npk_array_nbytes(a);
    uint64_t hash = UINT64_C(14695981039346656037);
    if (bytes >= t->pickle && bytes <= t->pickle + t->pickle_size && bytes != NULL) {
        snprintf(out, room, "at %td, payload at %td, %zu bytes", bytes - t->pickle,
                 (const uint8_t *)a->payload - t->pickle, a->payload_size);
        cr_assert_eq(a->encoding, NPK_ENCODING_RAW);
        return;
    }
    npk_status status = size <= sizeof elements
                            ? npk_array_copy(a, a->order == 'F' ? 'F' : 'C', elements, sizeof elements, NULL)
                            : NPK_ERR_LIMIT;
    for (size_t i = 0; status == NPK_OK && i < size; i++)
        hash = (hash ^ elements[i]) * UINT64_C(1099511628211);
    snprintf(out, room, "%zu bytes of text, %s, %" PRIx64, size, npk_status_name(status), hash);
}

static void tell(told *t, const npk_array_view *view, npk_status status, const npk_error *error)
{
    char dtype[128] = "", place[128] = "";
    const npk_array *a = &view->array;
    char *at = t->text + t->size;
    size_t room = sizeof t->text - t->size, size;
    if (status != NPK_OK) {
        size = (size_t)snprintf(at, room, "%s at %d: %s\n", npk_status_name(status), (int)error->offset, error->message);
        t->size += size < room ? size : room;
        return;
    }
    npk_dtype_repr(a->dtype, dtype, sizeof dtype);
    put_place(t, a, place, sizeof place);
    size = (size_t)snprintf(at, room, "%.*s: %s %d %c %d %d %d %s (", (int)view->key_size,
                            view->key != NULL ? view->key : "", dtype, a->ndim, a->order, a->readonly,
                            (int)npk_dtype_alignment(a->dtype), npk_dtype_byteorder(a->dtype), place);
    for (int i = 0; i < a->ndim; i++)
        size += (size_t)snprintf(at + size, room - size, "%d %d,", (int)a->shape[i], (int)a->strides[i]);
    cr_assert(size + 2 < room);
    t->size += size;
    t->text[t->size++] = '\n';
    t->documents += view->doc != NULL;
}

static void look(told *t, const uint8_t *bytes, size_t size, bool many)
{
    npk_array_view view;
    npk_error error = {.message = ""};
    bool more = true;
    memset(&view, 0x5a, sizeof view);
    t->size = t->documents = 0;
    t->pickle = bytes;
    t->pickle_size = size;
    npk_status status = many ? npk_array_views_memory(bytes, size, NULL, &view, &error) : npk_array_view_memory(bytes, size, NULL, &view, &error);
    if (!many || status != NPK_OK)
        tell(t, &view, status, &error);
    while (many && status == NPK_OK && more && t->size < MOST / 2) {
        status = npk_array_view_next(&view, &more, &error);
        if (status != NPK_OK || more)
            tell(t, &view, status, &error);
        status = NPK_OK;
    }
    more = true; /* one array, and what could not be read, have no next one */
    cr_assert(t->size >= MOST / 2 || (npk_array_view_next(&view, &more, NULL) == NPK_OK && !more));
    npk_array_view_free(&view);
    more = true;
    cr_assert(npk_array_view_next(&view, &more, NULL) == NPK_OK && !more);
}

/* By a document, and recognised. Returns whether it was. */
static bool compare(const uint8_t *bytes, size_t size, bool many, const char *what)
{
    static told plain, other;
    npki_cpu_limit(NPKI_CPU_PLAIN);
    look(&plain, bytes, size, many);
    npki_cpu_limit(NPKI_CPUS - 1);
    look(&other, bytes, size, many);
    cr_assert(plain.size == other.size && memcmp(plain.text, other.text, plain.size) == 0, "%s, %zu bytes:\n%.*s---\n%.*s", what, size,
              (int)plain.size, plain.text, (int)other.size, other.text);
    return plain.documents > 0 && other.documents == 0;
}

/* --- pickles --- */

static void write_array(npk_writer *w, const npk_dtype *const *dtypes, size_t longest)
{
    static const uint8_t elements[1 << 17];
    int64_t shape[5];
    npk_array array = {.dtype = dtypes[below(DTYPES)], .data = elements, .ndim = (int)below(6), .shape = shape};
    for (int i = 0; i < array.ndim; i++)
        shape[i] = (int64_t)below(array.ndim == 1 ? longest : 4);
    array.order = below(3) == 0 ? 'F' : 'C';
    array.readonly = below(4) == 0;
    npk_write_array(w, &array);
}

/* Arrays of few kinds, in turn or in any order, with little else between them: of some the length is another each time. */
static void write_alike(npk_writer *w, const npk_dtype *const *dtypes, size_t count)
{
    static uint8_t elements[4096];
    int64_t shapes[DTYPES][2];
    npk_array arrays[DTYPES];
    bool varies[DTYPES];
    const size_t kinds = 1 + below(below(2) == 0 ? 2 : DTYPES);
    const bool in_turn = below(2) == 0;
    for (size_t i = 0; i < kinds; i++) {
        shapes[i][0] = (int64_t)below(5);
        shapes[i][1] = (int64_t)below(4);
        arrays[i] = (npk_array){.dtype = dtypes[i],
                                .data = elements,
                                .ndim = 1 + (int)below(2),
                                .shape = shapes[i],
                                .order = below(2) == 0 ? 'F' : 'C'};
        varies[i] = arrays[i].ndim == 1 && below(2) == 0;
    }
    npk_write_begin_list(w, NPK_UNKNOWN);
    for (size_t i = 0; i < count; i++) {
        const size_t kind = in_turn ? i % kinds : below(kinds);
        if (varies[kind])
            shapes[kind][0] = (int64_t)below(below(10) == 0 ? 300 / (size_t)npk_dtype_itemsize(dtypes[kind]) : 8);
        for (size_t k = 0; k < 512; k++)
            elements[k] = (uint8_t)(below(2) == 0 ? below(256) : below(128));
        if (below(40) == 0)
            write_array(w, dtypes, 9);
        else
            npk_write_array(w, &arrays[kind]);
    }
    npk_write_end(w);
}

static void write_all(npk_writer *w, bool many, const npk_dtype *const *dtypes, size_t longest)
{
    if (many && longest < 100 && below(3) == 0) {
        write_alike(w, dtypes, below(200));
        return;
    }
    bool dict = below(2) == 0;
    size_t count = below(longest > 100 ? 4 : 12);
    if (!many) {
        write_array(w, dtypes, longest);
        return;
    }
    if (dict)
        npk_write_begin_dict(w, NPK_UNKNOWN);
    else
        npk_write_begin_list(w, NPK_UNKNOWN);
    for (size_t i = 0; i < count; i++) {
        char key[16];
        snprintf(key, sizeof key, "%s%d", i % 2 == 0 ? "layer" : "\xc3\xa9", (int)below(20)); /* some twice */
        if (dict)
            npk_write_str(w, key);
        int64_t last = npk_writer_last(w);
        if (below(20) == 0 && last >= 0)
            npk_write_again(w, last);
        else if (below(30) == 0)
            npk_write_float(w, 1);
        else
            write_array(w, dtypes, longest);
    }
    npk_write_end(w);
}

static uint8_t *make(bool many, size_t longest, size_t *size)
{
    static const npk_dialect dialects[] = {0, NPK_DIALECT_PYTHON2, NPK_DIALECT_NUMPY2, NPK_NUMPY(1, 18), NPK_NUMPY(1, 26)};
    npk_write_options options = {.protocol_given = true, .protocol = (int)below(6), .dialect = dialects[below(5)]};
    const npk_dtype *dtypes[DTYPES];
    npk_writer *w = NULL;
    npk_error error;
    uint8_t *bytes = NULL;
    if (options.dialect == NPK_DIALECT_PYTHON2)
        options.protocol = (int)below(3);
    for (size_t i = 0; i < DTYPES; i++)
        cr_assert_eq(npk_dtype_parse(texts[below(below(4) == 0 ? TEXTS : 8)], NULL, &dtypes[i], &error), NPK_OK);
    cr_assert_eq(npk_writer_memory(&options, &w, &error), NPK_OK, "%s", error.message);
    write_all(w, many, dtypes, longest);
    cr_assert_eq(npk_writer_finish_memory(w, &bytes, size, &error), NPK_OK, "%s", error.message);
    for (size_t i = 0; i < DTYPES; i++)
        npk_dtype_free(dtypes[i]);
    return bytes;
}

/* Whole ones; long ones, which stand outside of frames; and with what stands behind them. */
Test(array_view, as_a_document)
{
    int recognised = 0, rounds = 2000;
    for (int round = 0; round < rounds; round++) {
        size_t size;
        bool many = round % 2 == 1;
        uint8_t *bytes = make(many, round % 16 == 0 ? 16000 : 20, &size);
        recognised += compare(bytes, size, many, "whole");
        compare(bytes, size, !many, "the other way");
        npk_bytes_free(NULL, bytes, size);
    }
    cr_assert(recognised > rounds / 4, "%d of %d", recognised, rounds);
}

static void compare_changed(uint8_t *bytes, size_t size, size_t at, bool many)
{
    uint8_t kept = bytes[at];
    bytes[at] = (uint8_t)(below(2) == 0 ? (uint64_t)kept + 1 : next_random() >> 30);
    compare(bytes, size, many, "changed");
    bytes[at] = kept;
}

/* Cut off at every byte of the beginning, and with one byte changed, there and anywhere. */
Test(array_view, malformed_as_a_document)
{
    for (int round = 0; round < 120; round++) {
        size_t size;
        uint8_t *bytes = make(round % 2 == 1, 8, &size);
        for (size_t cut = 0; cut < size && cut < HEAD; cut++)
            compare(bytes, cut, round % 2 == 1, "cut off");
        for (size_t i = 0; i < size && i < HEAD; i++)
            compare_changed(bytes, size, i, round % 2 == 1);
        for (size_t i = 0; i < size / 40; i++) {
            compare_changed(bytes, size, below(size), round % 2 == 1);
            compare(bytes, below(size), round % 2 == 1, "cut off");
        }
        npk_bytes_free(NULL, bytes, size);
    }
}

/* NumPy 1.26 and Python 3.11: pickle.dumps(numpy.array([[1, 2, 3], [4, 5, 6]], '<i2'), protocol). */
Test(array_view, of_numpy)
{
    static const char protocol3[] = "\200\003cnumpy.core.multiarray\n_reconstruct\nq\000cnumpy\nndarray\nq\001K\000\205q\002C\001bq\003\207q\004Rq\005(K"
                                    "\001K\002K\003\206q\006cnumpy\ndtype\nq\007X\002\000\000\000i2q\010\211\210\207q\tRq\n(K\003X\001\000\000\000<q"
                                    "\013NNNJ\377\377\377\377J\377\377\377\377K\000tq\014b\211C\014\001\000\002\000\003\000\004\000\005\000\006\000q"
                                    "\rtq\016b.";
    npk_array_view view;
    npk_error error = {.message = ""};
    cr_assert_eq(npk_array_view_memory(protocol3, sizeof protocol3 - 1, NULL, &view, &error), NPK_OK, "%s", error.message);
    cr_expect(view.doc == NULL);
    cr_expect(view.array.ndim == 2 && view.array.shape[0] == 2 && view.array.shape[1] == 3);
    cr_expect(view.array.strides[0] == 6 && view.array.strides[1] == 2 && view.array.order == 'C');
    int16_t numbers[6];
    cr_assert_eq(npk_array_read_as(&view.array, npk_dtype_native(NPK_INT16), NPK_CAST_SAME, numbers, 6, &error), NPK_OK);
    for (int i = 0; i < 6; i++)
        cr_expect_eq(numbers[i], i + 1);
    npk_array_view_free(&view);
    npk_read_options options = {.limits.ndim = 1}; /* needs a document, which refuses it */
    cr_expect_eq(npk_array_view_memory(protocol3, sizeof protocol3 - 1, &options, &view, &error), NPK_ERR_LIMIT);
    npk_array_view_free(&view);
}
