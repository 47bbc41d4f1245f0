/* Persistent ids in the places of what npickle knows: Python takes whatever Unpickler.persistent_load() returns. */
#include "full.h"
#include "golden.h"

#include <npickle.h>

#define BYTES(text)                                                                                                    \
    {                                                                                                                  \
        (uint8_t *)(uintptr_t)(text), sizeof(text) - 1                                                                 \
    }
#define ID "X\1\0\0\0xQ"
#define DTYPE "cnumpy\ndtype\nX\2\0\0\0u1K\0K\1\x87R"
#define ARRAY "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\1b\x87R"
#define STATE(shape, dtype, data) "(K\1" shape dtype "\x89" data "tb"

static npk_doc *load(golden_bytes bytes, npk_status expected, npk_error *error)
{
    npk_doc *doc = NULL;
    cr_expect_eq(npk_doc_load_memory(bytes.bytes, bytes.size, NULL, &doc, error), expected, "%s", error->message);
    return doc;
}

static void expect_text(const npk_value *value, const char *expected, const char *name)
{
    char text[2048];
    npk_fixed_buffer out = {.bytes = text, .size = sizeof text - 1};
    cr_assert_eq(npk_print_value(value, NULL, npk_sink_fixed, &out, NULL), NPK_OK);
    text[out.used] = '\0';
    cr_expect_str_eq(text, expected, "%s: %s", name, text);
}

/* Calls that npickle would understand without the id, which stay calls; written again they are the same. */
static const struct {
    const char *name;
    golden_bytes bytes;
    const char *printed;
    int lowest; /* protocol that can have it: NEWOBJ is a function below, which takes the arguments one by one */
} kept[] = {
    {"data", BYTES("\x80\2" ARRAY STATE("K\2\x85", DTYPE, ID) "."),
     "<numpy.core.multiarray._reconstruct args=(<numpy.ndarray>, (0,), b'b') state=(1, (2,), dtype('uint8'), False, "
     "<persistent id 'x'>)>"},
    {"shape", BYTES("\x80\2" ARRAY STATE(ID, DTYPE, "U\2ab") "."),
     "<numpy.core.multiarray._reconstruct args=(<numpy.ndarray>, (0,), b'b') state=(1, <persistent id 'x'>, "
     "dtype('uint8'), False, b'ab')>"},
    {"one axis", BYTES("\x80\2" ARRAY STATE(ID "\x85", DTYPE, "U\2ab") "."),
     "<numpy.core.multiarray._reconstruct args=(<numpy.ndarray>, (0,), b'b') state=(1, (<persistent id 'x'>,), "
     "dtype('uint8'), False, b'ab')>"},
    {"dtype", BYTES("\x80\2" ARRAY STATE("K\2\x85", ID, "U\2ab") "."),
     "<numpy.core.multiarray._reconstruct args=(<numpy.ndarray>, (0,), b'b') state=(1, (2,), <persistent id 'x'>, "
     "False, "
     "b'ab')>"},
    {"state", BYTES("\x80\2" ARRAY ID "b."),
     "<numpy.core.multiarray._reconstruct args=(<numpy.ndarray>, (0,), b'b') state=<persistent id 'x'>>"},
    {"type of a dtype",
     BYTES("\x80\2"
           "cnumpy\ndtype\n" ID "K\0K\1\x87R."),
     "<numpy.dtype args=(<persistent id 'x'>, 0, 1)>"},
    {"dtype of that", BYTES("\x80\2" ARRAY STATE("K\2\x85", "cnumpy\ndtype\n" ID "K\0K\1\x87R", "U\2ab") "."),
     "<numpy.core.multiarray._reconstruct args=(<numpy.ndarray>, (0,), b'b') state=(1, (2,), <numpy.dtype "
     "args=(<persistent id 'x'>, 0, 1)>, False, b'ab')>"},
    {"encoded",
     BYTES("\x80\2"
           "c_codecs\nencode\n" ID "X\6\0\0\0latin1\x86R."),
     "<_codecs.encode args=(<persistent id 'x'>, 'latin1')>"},
    {"set",
     BYTES("\x80\2"
           "c__builtin__\nset\n" ID "\x85R."),
     "<__builtin__.set args=(<persistent id 'x'>,)>"},
    {"number",
     BYTES("\x80\2"
           "c__builtin__\ncomplex\n" ID "K\1\x86R."),
     "<__builtin__.complex args=(<persistent id 'x'>, 1)>"},
    {"called", BYTES("\x80\2" ID ")R."), "<<persistent id 'x'> args=()>"},
    /* All of the arguments at once: load_reduce() of Modules/_pickle.c takes what is a tuple for Python, and its save_reduce() saves what
     * __reduce__() gives as one, which may be of a class of its own. */
    {"arguments",
     BYTES("\x80\2"
           "cm\nf\n" ID "R."),
     "<m.f args=<persistent id 'x'>>"},
    {"arguments of a dtype",
     BYTES("\x80\2"
           "cnumpy\ndtype\n" ID "R."),
     "<numpy.dtype args=<persistent id 'x'>>"},
    {"arguments of an array",
     BYTES("\x80\2"
           "cnumpy.core.multiarray\n_reconstruct\n" ID "R" STATE("K\2\x85", DTYPE, "U\2ab") "."),
     "<numpy.core.multiarray._reconstruct data=array([97, 98], dtype=uint8) args=<persistent id 'x'> state=...>"},
    {"arguments of a set",
     BYTES("\x80\2"
           "c__builtin__\nset\n" ID "R."),
     "<__builtin__.set args=<persistent id 'x'>>"},
    {"arguments of copyreg",
     BYTES("\x80\3"
           "ccopyreg\n_reconstructor\n" ID "R."),
     "<copyreg._reconstructor args=<persistent id 'x'>>"},
    {"arguments of partial",
     BYTES("\x80\2"
           "cfunctools\npartial\n" ID "R)R."),
     "<<functools.partial args=<persistent id 'x'>> args=()>"},
    {"arguments twice",
     BYTES("\x80\2"
           "]cm\nf\n" ID "q\0Racm\nf\nh\0Ra."),
     "[<m.f args=<persistent id 'x'>>, <m.f args=<persistent id 'x'>>]"},
    {"a named tuple as arguments",
     BYTES("\x80\2"
           "cm\nf\ncm\nPoint\nK\1K\2\x86\x81R."),
     "<m.f args=<m.Point object args=(1, 2)>>"},
    {"a name as arguments",
     BYTES("\x80\2"
           "cm\nf\ncm\nT\nR."),
     "<m.f args=<m.T>>"},
    {"a nested name as arguments",
     BYTES("\x80\4"
           "cm\nf\n\x8c\1m\x8c\3A.B\x93R."),
     "<m.f args=<m.A.B>>"},
    {"an extension as arguments",
     BYTES("\x80\2"
           "cm\nf\n\x82\1R."),
     "<m.f args=<extension code 1>>", 2},
    {"arguments of NEWOBJ",
     BYTES("\x80\2"
           "cm\nC\n" ID "\x81."),
     "<m.C object args=<persistent id 'x'>>", 2},
    {"keywords",
     BYTES("\x80\4"
           "cm\nC\n)" ID "\x92."),
     "<m.C object kwargs=<persistent id 'x'>>"},
    {"arguments beside keywords",
     BYTES("\x80\4"
           "cm\nC\n" ID "}K\0K\1s\x92."),
     "<m.C object args=<persistent id 'x'> kwargs={0: 1}>", 4},
    {"around it", BYTES("\x80\2]" ARRAY STATE("K\2\x85", DTYPE, ID) "a" ARRAY STATE("K\2\x85", DTYPE, "U\2ab") "a."),
     "[<numpy.core.multiarray._reconstruct args=(<numpy.ndarray>, (0,), b'b') state=(1, (2,), dtype('uint8'), False, "
     "<persistent id 'x'>)>, array([97, 98], dtype=uint8)]"},
};

Test(persid, stays_a_call)
{
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        npk_error error = {.message = "", .system = 77};
        npk_doc *doc = load(kept[i].bytes, NPK_OK, &error);
        cr_expect_eq(error.system, 77, "%s: a call that succeeds leaves the error alone", kept[i].name);
        cr_expect_null(npk_doc_fault(doc, 0), "%s", kept[i].name);
        expect_text(npk_doc_root(doc), kept[i].printed, kept[i].name);
        for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol++) {
            const npk_write_options options = {.protocol_given = true, .protocol = protocol};
            golden_bytes again = {NULL, 0};
            uint64_t differences = 1;
            const npk_status expected = protocol < kept[i].lowest ? NPK_ERR_UNSUPPORTED : NPK_OK;
            cr_assert_eq(npk_doc_save_memory(doc, &options, &again.bytes, &again.size, &error), expected, "%s, protocol %d: %s",
                         kept[i].name, protocol, error.message);
            if (expected != NPK_OK)
                continue;
            npk_doc *read = load(again, NPK_OK, &error);
            cr_expect_eq(npk_compare(npk_doc_root(doc), npk_doc_root(read), NULL, &differences, NULL), NPK_OK);
            cr_expect_eq(differences, 0, "%s, protocol %d", kept[i].name, protocol);
            npk_doc_free(read);
            npk_bytes_free(NULL, again.bytes, again.size);
        }
        npk_doc_free(doc);
    }
}

/* Opcodes that act on a value, or take it to pieces: the graph has no place for that, which is no fault of the pickle. */
static const struct {
    golden_bytes bytes;
    const char *expected;
} refused[] = {
    {BYTES("\x80\4" ID "\x8c\1f\x93."), "STACK_GLOBAL takes two str"},
    {BYTES("\x80\4\x8c\1m" ID "\x93."), "STACK_GLOBAL takes two str"},
    {BYTES("\x80\2" ID "}b."), "BUILD gives a state to an object"},
    {BYTES("\x80\2" ID "Na."), "items are appended to a list"},
    {BYTES("\x80\2" ID "NNs."), "keys are set in a dict"},
    {BYTES("\x80\4" ID "(N\x90."), "items are added to a set"},
};

/* Arguments that are one value are not what a tuple of that value is. */
Test(persid, arguments_are_compared)
{
    static const golden_bytes apart[][2] = {
        {BYTES("\x80\2" "cm\nf\n" ID "R."), BYTES("\x80\2" "cm\nf\n" ID "\x85R.")},
        {BYTES("\x80\2" "cm\nf\n" ID "R."), BYTES("\x80\2" "cm\nf\nX\1\0\0\0yQR.")},
        {BYTES("\x80\2" "cm\nf\n" ID "R."), BYTES("\x80\2" "cm\nf\n)R.")},
        {BYTES("\x80\2" "cm\nC\n" ID "\x81."), BYTES("\x80\4" "cm\nC\n" ID "\x85}\x92.")},
    };
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++) {
        npk_error error = {.message = ""};
        npk_doc *left = load(apart[i][0], NPK_OK, &error), *right = load(apart[i][1], NPK_OK, &error);
        uint64_t differences = 0;
        cr_expect_eq(npk_compare(npk_doc_root(left), npk_doc_root(right), NULL, &differences, NULL), NPK_OK);
        cr_expect_neq(differences, 0, "%zu", i);
        npk_doc_free(left);
        npk_doc_free(right);
    }
}

Test(persid, is_not_called_malformed)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        npk_error error = {.message = ""};
        load(refused[i].bytes, NPK_ERR_UNSUPPORTED, &error);
        const size_t size = strlen(refused[i].expected);
        cr_expect(strncmp(error.message, refused[i].expected, size) == 0 &&
                      strcmp(error.message + size, ", found persistent id, and what that stands for is not known") == 0,
                  "%s", error.message);
    }
}
