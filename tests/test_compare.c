/* Two graphs, two arrays: equal, or what differs. The pickles are what pickletools.dis says beside them. */
#include "counted.h"
#include "golden.h"

#include <npickle.h>

/* --- what is reported --- */

typedef struct reports {
    char text[4096]; /* "path|message\n" each */
    size_t count;
    const npk_value *a, *b; /* of the last one */
} reports;

static void take_report(void *context, const npk_difference *difference)
{
    reports *out = context;
    size_t used = strlen(out->text);
    snprintf(out->text + used, sizeof out->text - used, "%s|%s\n", difference->path, difference->message);
    out->count++;
    out->a = difference->a;
    out->b = difference->b;
    for (size_t i = 0; i < sizeof difference->reserved / sizeof *difference->reserved; i++)
        cr_expect_eq(difference->reserved[i], 0);
}

static npk_doc *load(const void *bytes, size_t size)
{
    npk_doc *doc = NULL;
    npk_error error = {.message = ""};
    cr_assert_eq(npk_doc_load_memory(bytes, size, NULL, &doc, &error), NPK_OK, "%s", error.message);
    return doc;
}

#define LOAD(literal) load("" literal, sizeof(literal) - 1)

/* The number of differences, whichever of the two comes first; `out` has what the first order reports. */
static uint64_t compare_docs(const npk_doc *a, const npk_doc *b, const npk_compare_options *given, reports *out)
{
    npk_compare_options options = given != NULL ? *given : (npk_compare_options){.most = 0};
    uint64_t there = 99, back = 98;
    npk_error error = {.message = ""};
    memset(out, 0, sizeof *out);
    cr_assert_eq(npk_compare(npk_doc_root(b), npk_doc_root(a), &options, &back, &error), NPK_OK, "%s", error.message);
    options.report = take_report;
    options.context = out;
    cr_assert_eq(npk_compare(npk_doc_root(a), npk_doc_root(b), &options, &there, &error), NPK_OK, "%s", error.message);
    cr_expect_eq(there, back, "%d one way, %d the other", (int)there, (int)back);
    return there;
}

typedef struct pair_row {
    const char *name;
    const char *a;
    size_t a_size;
    const char *b;
    size_t b_size;
    uint64_t differences;
    const char *text;
} pair_row;

#define NONES "J\xff\xff\xff\xffJ\xff\xff\xff\xff"
#define ARRAY "\x80\2cnumpy.core.multiarray\n_reconstruct\n(cm\nA\nK\0\x85U\1btR"
#define STATE "(K\1K\1\x85" "cnumpy\ndtype\n(U\2u1K\0K\1tR(K\3U\1|NNN" NONES "K\0tb\x89U\1atb."
#define ARRAY_WITH(call)                                                                                               \
    "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntVb\ntR(I1\n(I1\ntcnumpy\ndtype\n("                  \
    "Vu1\nI0\nI1\ntR" call "I00\nVa\ntb."
/* Arrays of b'x' and b'y', and one of these */
#define OF_BYTES(bytes)                                                                                                \
    "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntVb\ntR(I1\n(I1\ntcnumpy\ndtype\n("                  \
    "Vu1\nI0\nI1\ntRI00\nC\1" bytes "tb"
#define OF_BUFFER(over, bytes)                                                                                         \
    "cnumpy.core.numeric\n_frombuffer\n(C\1" bytes "cnumpy\ndtype\n(Vu1\nI0\nI1\ntR(I1\nt" over "VC\ntR"
#define DILL(bytes)                                                                                                    \
    "cdill._dill\n_create_array\n(cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntVb\nt(I1\n(I1\nt"      \
    "cnumpy\ndtype\n(Vu1\nI0\nI1\ntRI00\nC\1" bytes "ttR"
/* An array of a dtype over whose state that is */
#define ARRAY_OF(over)                                                                                                 \
    "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntVb\ntR(I1\n(I1\ntcnumpy\ndtype\n("                  \
    "Vi2\nI0\nI1\ntR(K\3V>\nNNN" NONES "K\0t" over "bI00\nVab\ntb."
#define BESIDE(number) "\x80\3](" OF_BYTES("xq\1") OF_BYTES("yq\2") "h" number "e."
#define NA_OBJECT(value) "\x80\2cnumpy._core._internal\n_convert_to_stringdtype_kwargs\nK\1" value "\x86R."
#define SCALAR(key)                                                                                                    \
    "\x80\2cnumpy._core.multiarray\nscalar\ncnumpy\ndtype\n(" key "I00\nI01\ntR(K\3X\1\0\0\0|N"                        \
    "X\1\0\0\0a\x85}X\1\0\0\0a(cnumpy\ndtype\n(X\2\0\0\0u1I00\nI01\ntRK\0tsK\1K\1K\20tbU\1b\x86R."
/* An object of m.C with the state of an array, and what is done over its shape, and its elements. */
#define IN_OBJECT(over, after) "cm\nC\n)R(K\1K\1\x85" over "cnumpy\ndtype\n(U\2u1K\0K\1tR\x89U\1a" after "tb"
/* An int32 with these metadata; a struct of it, with these flags; an array of a dtype. */
#define OF_METADATA(of) "cnumpy\ndtype\n(X\2\0\0\0i4K\0K\1tR(K\4X\1\0\0\0<NNN" NONES "K\0" of "tb"
#define STRUCT(dtype, flags)                                                                                           \
    "cnumpy\ndtype\n(X\2\0\0\0V4K\0K\1tR(K\3X\1\0\0\0|NX\1\0\0\0a\x85}X\1\0\0\0a(" dtype "K\0tsK\4K\4K" flags "tb"
#define OF_DTYPE(dtype)                                                                                                \
    "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\0\x85U\1btR(K\1K\1\x85" dtype "\x89U\4abcdtb"
#define MASKED(mask)                                                                                                   \
    "cnumpy.ma.core\n_mareconstruct\n(cnumpy.ma.core\nMaskedArray\ncnumpy\nndarray\nK\0\x85X\1\0\0\0btR(K\1K\1\x85"    \
    "cnumpy\ndtype\n(X\2\0\0\0u1K\0K\1tR\x89U\1aU\1" mask "Ntb."
#define PAIR(name, a, b, differences, text) {name, a, sizeof(a) - 1, b, sizeof(b) - 1, differences, text}

static const pair_row pairs[] = {
    PAIR("equal ints", "K\5.", "I5\n.", 0, ""),
    PAIR("ints", "K\5.", "K\6.", 1, "|5 / 6\n"),
    PAIR("an int and a bool", "K\1.", "\x80\2\x88.", 1, "|int 1 / bool True\n"),
    PAIR("an int and a float", "K\1.", "G\x3f\xf0\0\0\0\0\0\0.", 1, "|int 1 / float 1.0\n"),
    PAIR("a long", "\x80\2\x8a\11\0\0\0\0\0\0\0\0\1.", "L18446744073709551616L\n.", 0, ""),
    PAIR("None", "N.", "N.", 0, ""),
    PAIR("None and an int", "N.", "K\0.", 1, "|None / int 0\n"),
    PAIR("NaN", "G\x7f\xf8\0\0\0\0\0\0.", "G\xff\xf8\0\0\0\0\0\1.", 0, ""),
    PAIR("two zeros", "G\x80\0\0\0\0\0\0\0.", "G\0\0\0\0\0\0\0\0.", 0, ""),
    PAIR("floats", "G\x3f\xf0\0\0\0\0\0\0.", "G\x3f\xf8\0\0\0\0\0\0.", 1, "|1.0 / 1.5\n"),
    PAIR("text in two opcodes", "X\1\0\0\0a.", "Va\n.", 0, ""),
    PAIR("texts", "Vab\n.", "Vac\n.", 1, "|'ab' / 'ac'\n"),
    PAIR("text and bytes", "Va\n.", "C\1a.", 1, "|str 'a' / bytes b'a'\n"),
    PAIR("texts that a terminal would obey", "X\1\0\0\0\x1b.", "X\1\0\0\0\x07.", 1, "|'\\x1b' / '\\x07'\n"),
    PAIR("lists", "]K\1aK\2a.", "(lI1\naI2\na.", 0, ""),
    PAIR("a longer list", "]K\1a.", "]K\1aK\2a.", 1, "|length: 1 / 2\n"),
    PAIR("an item", "]K\1aK\2a.", "]K\1aK\3a.", 1, "[1]|2 / 3\n"),
    PAIR("a list and a tuple", "].", ").", 1, "|list [] / tuple ()\n"),
    PAIR("dicts in another order", "}(Va\nK\1Vb\nK\2u.", "}(Vb\nK\2Va\nK\1u.", 0, ""),
    PAIR("a value", "}(Va\nK\1Vb\nK\2u.", "}(Vb\nK\3Va\nK\1u.", 1, "['b']|2 / 3\n"),
    PAIR("a key that is missing", "}(Va\nK\1Vb\nK\2u.", "}Va\nK\1s.", 1, "['b']|only in the first\n"),
    PAIR("a key that is new", "}Va\nK\1s.", "}(Va\nK\1Vb\nK\2u.", 1, "['b']|only in the second\n"),
    /* {'a': 1, b'a': 2} and the same the other way round, and with one of the two alone */
    PAIR("text and bytes as keys", "}(Va\nK\1C\1aK\2u.", "}(C\1aK\2Va\nK\1u.", 0, ""),
    PAIR("the right one of two keys", "}(Va\nK\1C\1aK\2u.", "}C\1aK\2s.", 1, "['a']|only in the first\n"),
    PAIR("the same inside tuples", "}(Va\n\x85K\1C\1a\x85K\2u.", "}(C\1a\x85K\2Va\n\x85K\1u.", 0, ""),
    PAIR("keys of two types", "}Va\nK\1s.", "}C\1aK\1s.", 1, ".<keys>[0]|str 'a' / bytes b'a'\n"),
    PAIR("sets", "\x80\4\x8f(K\1K\2\x90.", "\x80\4\x8f(K\2K\1\x90.", 0, ""),
    PAIR("other sets", "\x80\4\x8f(K\1K\2\x90.", "\x80\4\x8f(K\2K\3\x90.", 2,
         ".<values>[1]|only in the second\n.<values>[0]|only in the first\n"),
    PAIR("frozensets as keys", "\x80\4}((K\1K\2\x91K\1(K\3\x91K\2u.", "\x80\4}((K\3\x91K\2(K\2K\1\x91K\1u.", 0, ""),
    PAIR("names of two Pythons", "c__builtin__\nxrange\n.", "cbuiltins\nrange\n.", 0, ""),
    PAIR("names of two NumPys", "cnumpy.core.multiarray\n_reconstruct\n.", "cnumpy._core.multiarray\n_reconstruct\n.",
         0, ""),
    PAIR("a class of arrays in two NumPys",
         "cnumpy.core.multiarray\nKept\n)R(K\1(K\1tcnumpy\ndtype\n(X\2\0\0\0"
         "f8K\0K\1tR(K\3X\1\0\0\0<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89"
         "C\010"
         "00000000tb.",
         "cnumpy._core.multiarray\nKept\n)R(K\1(K\1tcnumpy\ndtype\n(X\2\0\0\0"
         "f8K\0K\1tR(K\3X\1\0\0\0<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89"
         "C\010"
         "00000000tb.",
         0, ""),
    PAIR("a class of arrays in two Pythons",
         "cQueue\nKept\n)R(K\1(K\1tcnumpy\ndtype\n(X\2\0\0\0"
         "f8K\0K\1tR(K\3X\1\0\0\0<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89"
         "C\010"
         "00000000tb.",
         "cqueue\nKept\n)R(K\1(K\1tcnumpy\ndtype\n(X\2\0\0\0"
         "f8K\0K\1tR(K\3X\1\0\0\0<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89"
         "C\010"
         "00000000tb.",
         0, ""),
    PAIR("other classes of arrays",
         "ca\nKept\n)R(K\1(K\1tcnumpy\ndtype\n(X\2\0\0\0"
         "f8K\0K\1tR(K\3X\1\0\0\0<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89"
         "C\010"
         "00000000tb.",
         "cb\nKept\n)R(K\1(K\1tcnumpy\ndtype\n(X\2\0\0\0"
         "f8K\0K\1tR(K\3X\1\0\0\0<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89"
         "C\010"
         "00000000tb.",
         2, "|class: a.Kept / b.Kept\n.<callable>|<a.Kept> / <b.Kept>\n"),
    PAIR("an array in an object by two spellings",
         "\200\2cm\nH\n)\201}U\1a(K\1K\1\205cnumpy\ndtype\nU\2u1K\0K\1\207R\211U\1xtsb.",
         "ccopy_reg\n__newobj__\n(cm\nH\ntR(dS'a'\n(I1\n(I1\ntcnumpy\ndtype\n(S'u1'\nI0\nI1\ntRI00\nS'x'\ntsb.", 0, ""),
    PAIR("an array in another object by two spellings",
         "\200\2cm\nH\n)\201}U\1a(K\1K\1\205cnumpy\ndtype\nU\2u1K\0K\1\207R\211U\1xtsb.",
         "ccopy_reg\n__newobj__\n(cm\nI\ntR(dS'a'\n(I1\n(I1\ntcnumpy\ndtype\n(S'u1'\nI0\nI1\ntRI00\nS'x'\ntsb.", 2,
         "|class: m.H / m.I\n|m.H / m.I\n"),
    PAIR("a bit generator of two NumPys", "cnumpy.random.philox\nPhilox\n.", "cnumpy.random._philox\nPhilox\n.", 0, ""),
    PAIR("a bit generator by its public name", "cnumpy.random._philox\nPhilox\n.", "cnumpy.random\nPhilox\n.", 0, ""),
    PAIR("two bit generators", "cnumpy.random._philox\nPhilox\n.", "cnumpy.random._philo\nPhilox\n.", 1,
         "|<numpy.random._philox.Philox> / <numpy.random._philo.Philox>\n"),
    PAIR("a ufunc of two NumPys", "cnumpy.core._multiarray_umath\nadd\n.", "cnumpy._core._multiarray_umath\nadd\n.", 0,
         ""),
    PAIR("a ufunc of NumPy itself", "cnumpy\nadd\n.", "cnumpy._core._multiarray_umath\nadd\n.", 0, ""),
    PAIR("by way of its package", "cnumpy.core.umath\npi\n.", "\200\4\214\005numpy\214\016_core.umath.pi\223.", 0, ""),
    PAIR("of another package", "csome.core\nadd\n.", "csome._core\nadd\n.", 1, "|<some.core.add> / <some._core.add>\n"),
    PAIR("other names", "cm\nA\n.", "cm\nB\n.", 1, "|<m.A> / <m.B>\n"),
    PAIR("attributes", "cm\nC\n)\x81}Vn\nK\5sb.", "cm\nC\n)\x81}Vn\nK\6sb.", 1, ".n|5 / 6\n"),
    PAIR("an object by __new__ and by _reconstructor", "\x80\2cm\nC\n)\x81.",
         "ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nobject\nNtR.", 0, ""),
    /* m.C.__new__(m.C, 5): NEWOBJ, NEWOBJ_EX, copyreg.__newobj__, copyreg.__newobj_ex__, functools.partial */
    PAIR("one argument by NEWOBJ_EX", "\x80\2cm\nC\nK\5\x85\x81.", "\x80\4cm\nC\nK\5\x85}\x92.", 0, ""),
    PAIR("one argument by __newobj__", "\x80\2cm\nC\nK\5\x85\x81.", "ccopy_reg\n__newobj__\n(cm\nC\nI5\ntR.", 0, ""),
    PAIR("another by __newobj__", "\x80\2cm\nC\nK\5\x85\x81.", "ccopy_reg\n__newobj__\n(cm\nC\nI6\ntR.", 1,
         ".<args>[0]|5 / 6\n"),
    PAIR("another by NEWOBJ", "ccopy_reg\n__newobj__\n(cm\nC\nI6\ntR.", "\x80\2cm\nC\nK\5\x85\x81.", 1,
         ".<args>[1]|6 / 5\n"),
    PAIR("another class", "\x80\2cm\nC\nK\5\x85\x81.", "ccopy_reg\n__newobj__\n(cm\nD\nI5\ntR.", 1,
         ".<callable>|<m.C> / <m.D>\n"),
    PAIR("one argument more", "\x80\2cm\nC\nK\5\x85\x81.", "ccopy_reg\n__newobj__\n(cm\nC\nI5\nI6\ntR.", 1,
         "|arguments: 1 / 2\n"),
    PAIR("keywords by __newobj_ex__", "\x80\4cm\nC\nK\5\x85}X\1\0\0\0kK\1s\x92.",
         "ccopyreg\n__newobj_ex__\n(cm\nC\n(I5\nt(dVk\nI1\nstR.", 0, ""),
    PAIR("keywords by functools.partial", "\x80\4cm\nC\nK\5\x85}X\1\0\0\0kK\1s\x92.",
         "cfunctools\npartial\n(cbuiltins\ngetattr\n(cm\nC\nV__new__\ntRp1\ntR(g1\n(cm\nC\nI5\nt(dVk\nI1\nsNtb(tR.", 0,
         ""),
    PAIR("another keyword", "\x80\4cm\nC\nK\5\x85}X\1\0\0\0kK\1s\x92.",
         "cfunctools\npartial\n(cbuiltins\ngetattr\n(cm\nC\nV__new__\ntRp1\ntR(g1\n(cm\nC\nI5\nt(dVk\nI2\nsNtb(tR.", 1,
         ".<kwargs>['k']|1 / 2\n"),
    PAIR("no keywords", "\x80\4cm\nC\nK\5\x85}X\1\0\0\0kK\1s\x92.", "\x80\2cm\nC\nK\5\x85\x81.", 1,
         ".<kwargs>|only in the first\n"),
    PAIR("objects in a set",
         "\x80\4\x8f(cm\nC\nK\5\x85\x81"
         "cm\nC\nK\6\x85\x81\x90.",
         "\x80\4\x8f(ccopyreg\n__newobj__\n(cm\nC\nI6\ntRccopyreg\n__newobj__\n(cm\nC\nI5\ntR\x90.", 0, ""),
    PAIR("a class inside another",
         "\x80\4\x8c\1m\x8c\5"
         "A.B.C\x93.",
         "cbuiltins\ngetattr\n(cbuiltins\ngetattr\n(cm\nA\nVB\ntRVC\ntR.", 0, ""),
    PAIR("another inside it",
         "\x80\4\x8c\1m\x8c\5"
         "A.B.C\x93.",
         "cbuiltins\ngetattr\n(cm\nA\nVB\ntR.", 1, "|global <m.A.B.C> / object of builtins.getattr\n"),
    PAIR("a generator of NumPy 1.24",
         "cnumpy.random._pickle\n__generator_ctor\n(VMT19937\ncnumpy.random._pickle\n__bit_generator_ctor\ntR.",
         "cnumpy.random._pickle\n__generator_ctor\n(VMT19937\ntR.", 0, ""),
#define SEEDS(sum, state)                                                                                              \
    "cnumpy.random.bit_generator\n__pyx_unpickle_SeedSequence\n(cnumpy.random.bit_generator\nSeedSequence\nI" sum "\n(I" state "\nttR."
    PAIR("seeds by another NumPy", SEEDS("260583498", "5"), SEEDS("65708578", "5"), 0, ""),
    PAIR("other seeds by another NumPy", SEEDS("260583498", "5"), SEEDS("65708578", "6"), 1, ".<args>[2][0]|5 / 6\n"),
    PAIR("seeds by a NumPy of one's own", SEEDS("260583499", "5"), SEEDS("65708579", "5"), 1,
         ".<args>[1]|260583499 / 65708579\n"),
    PAIR("a generator of one's own", "cnumpy.random._pickle\n__generator_ctor\n(VMT19937\ncm\nctor\ntR.",
         "cnumpy.random._pickle\n__generator_ctor\n(VMT19937\ntR.", 1, ".<args>|length: 2 / 1\n"),
    PAIR("items in two batches", "cm\nC\n)\x81K\1aK\2a.", "cm\nC\n)\x81(K\1K\2e.", 0, ""),
    PAIR("a call that is dropped over what makes a dtype", "cnumpy\ndtype\n(Vi4\nI0\nI1\ntcm\ng\n(tR0R.",
         "cnumpy\ndtype\n(Vi4\nI0\nI1\ntR.", 1, ".<args>.<call 1>|only in the first\n"),
    PAIR("a call that is dropped over the list of a set", "cbuiltins\nset\n(]K\1acm\ng\n(tR0tR.",
         "cbuiltins\nset\n(]K\1atR.", 1, ".<args>[0].<call 1>|only in the first\n"),
    PAIR("a call that is dropped over a dtype in an array", ARRAY_WITH("cm\ng\n(tR0"), ARRAY_WITH(""), 1,
         ".<state>[2].<call 1>|only in the first\n"),
    /* calls that stay calls, as nothing that was dropped would have a place in what they make */
    PAIR("a name that is dropped over a dtype in an array", ARRAY_WITH("cm\nC\n0"), ARRAY_WITH(""), 0, ""),
    PAIR("such arrays of other elements", "(" OF_BYTES("xcm\nC\n0") "t.", "(" OF_BYTES("y") "t.", 1,
         "[0]|1 of 1 elements differ, the first at [0]\n"),
    PAIR("such an array, and the same elements by another call", ARRAY_WITH("cm\nC\n0"), OF_BUFFER("cm\nC\n0", "a") ".",
         0, ""),
    PAIR("dill's call, and what it calls", DILL("a") ".", OF_BUFFER("", "a") ".", 0, ""),
    PAIR("dill's call, and another array", DILL("a") ".", OF_BUFFER("", "b") ".", 1,
         "|1 of 1 elements differ, the first at [0]\n"),
    PAIR("dill's call that is dropped", "cm\nC\n" DILL("a") "0.", "cm\nC\n" OF_BUFFER("", "a") "0.", 0, ""),
    PAIR("a list that is dropped over that of a frozenset", "cbuiltins\nfrozenset\n(](K\1l0tR.",
         "cbuiltins\nfrozenset\n(tR.", 0, ""),
    PAIR("a key that is such a set", "}cbuiltins\nfrozenset\n(]K\1a(l0tRK\2s.", "}cbuiltins\nfrozenset\n((K\1ltRK\2s.",
         0, ""),
    PAIR("a set of a list that grows then", "(cbuiltins\nset\n(]q\1K\1acm\nC\n0tRh\1K\2a0t.",
         "(cbuiltins\nset\n((K\1ltRt.", 0, ""),
    PAIR("what is called that is no value", "cbuiltins\nbytearray\n(](K\1l0tR.", "cbuiltins\nbytearray\n(]tR.", 0, ""),
    PAIR("a dtype in such a state", ARRAY_OF("cm\nC\n0"), ARRAY_OF(""), 0, ""),
    PAIR("dtypes of strings", NA_OBJECT("X\1\0\0\0x"), NA_OBJECT("X\1\0\0\0y"), 1,
         "|StringDType(na_object='x') / StringDType(na_object='y')\n"),
    PAIR("dtypes of strings with nan", NA_OBJECT("Fnan\n"), NA_OBJECT("Fnan\n"), 0, ""),
    PAIR("a void and a record", SCALAR("X\2\0\0\0V1"), SCALAR("cnumpy\nrecord\n"), 1, "|class: void / record\n"),
    PAIR("a name that is dropped", "]cm\nC\n0.", "].", 0, ""),
    PAIR("a call that is dropped", "]cm\nC\n)R0.", "].", 1, ".<call 1>|only in the first\n"),
    PAIR("objects of two classes", "cm\nC\n)\x81.", "cm\nD\n)\x81.", 1, "|object of m.C / object of m.D\n"),
    PAIR("shared and not", "](lp0\n0g0\nag0\na.", "](la(la.", 0, ""), /* [[], []] */
    PAIR("cycles of two lengths", "\x80\2]q\0h\0a.", "\x80\2]q\0]q\1h\0aa.", 0, ""),
    /* [f()], and before it, over the list, f() and g() that are dropped */
    PAIR("a call that was dropped", "](cm\nf\n)R0cm\nf\n)Re.", "](cm\nf\n)Re.", 1, ".<call 1>|only in the first\n"),
    PAIR("calls that were dropped", "](cm\nf\n)Re.", "](cm\nf\n)R0cm\ng\n)R0cm\nf\n)Re.", 2,
         ".<call 1>|only in the second\n.<call 2>|only in the second\n"),
    PAIR("a call on an object that was dropped", "cm\nC\n)R.", "cm\nC\n)Rcm\nf\n)R0.", 1,
         ".<call 1>|only in the second\n"),
    /* one of three calls of f, with 1, 2 and 3 */
    PAIR("one of the calls that were dropped", "](cm\nf\n(K\1tR0cm\nf\n(K\2tR0cm\nf\n(K\3tR0e.",
         "](cm\nf\n(K\1tR0cm\nf\n(K\3tR0e.", 1, ".<call 2>|only in the first\n"),
    PAIR("an argument of one", "](cm\nf\n(K\1tR0cm\nf\n(K\2tR0e.", "](cm\nf\n(K\1tR0cm\nf\n(K\4tR0e.", 1,
         ".<call 2>.<args>[0]|2 / 4\n"),
    PAIR("another that is dropped", "]cm\nf\n)R0.", "]cm\ng\n)R0.", 1, ".<call 1>.<callable>|<m.f> / <m.g>\n"),
    PAIR("dropped in another order", "]cm\nf\n)R0cm\ng\n)R0.", "]cm\ng\n)R0cm\nf\n)R0.", 1,
         ".<call 2>|calls in another order\n"),
    /* f() is dropped before the root is begun, or over it: before and after g(), and before and after its state */
    PAIR("dropped before, and over another", "]cm\nf\n)R0cm\ng\n)Ra.", "cm\nf\n)R0]cm\ng\n)Ra.", 0, ""),
    PAIR("dropped before, and after", "](cm\nf\n)R0cm\ng\n)Re.", "](cm\ng\n)Rcm\nf\n)R0e.", 1,
         "[0]|calls in another order\n"),
    PAIR("dropped before its state, and after", "cm\ng\n)Rcm\nf\n)R0}b.", "cm\ng\n)R}bcm\nf\n)R0.", 1,
         "|calls in another order\n"),
    PAIR("two dropped as one", "]cm\nf\n)R0cm\ng\n)R0.",
         "]cm\nf\n)Rcm\ng\n)R\x86"
         "0.",
         0, ""),
    /* f(list) sees one item, or both */
    PAIR("when an item comes", "]q\0K\1acm\nf\nh\0\x85R0K\2a.", "]q\0K\1aK\2acm\nf\nh\0\x85R0.", 1,
         "|items come before or after other calls\n"),
    /* t = (persistent id, {1}, l) and l = [t], dropped item by item, and at once */
    PAIR("a persistent id in a tuple that holds itself",
         "(Pid\nc__builtin__\nset\n((lI1\natRp9\n(lp3\n(Pid\ng9\ng3\ntp4\na0000g4\n.",
         "(Pid\nc__builtin__\nset\n((lI1\natRq\011(lq\3(Pid\nh\011h\3tq\4a1h\4.", 0, ""),
    /* g(t) is dropped, where t = ([f()],) is the root; what is only in the second has its path */
    PAIR("inside the root, which a call has seen", "cm\ng\n(](lp9\natp0\nR0g0\n.",
         "cm\ng\n(](lp9\ncm\nf\n)R0atp0\nR0g0\n.", 1, ".<call 1>.<args>[0][0].<call 1>|only in the second\n"),
    PAIR("a key that is new, by its own place", "cm\nf\n(}(Va\nK\1utR0N.", "cm\nf\n(}(Vb\nK\1Va\nK\1utR0N.", 1,
         ".<call 1>.<args>[0]['b']|only in the second\n"),
    PAIR("an int that is a key twice", "}(K\1K\2K\1K\3u.", "}(K\1K\4K\1K\3u.", 1, ".<values>[0]|2 / 4\n"),
    PAIR("another root after a call", "cm\nf\n)R0K\1.", "cm\nf\n)R0K\2.", 1,
         "|<1 calls=[<m.f args=()>]> / <2 calls=[<m.f args=()>]>\n"),
    PAIR("a call over a name", "cbuiltins\ngetattr\n(cm\nA\nVB\ntRcm\nf\n)R0.", "cbuiltins\ngetattr\n(cm\nA\nVB\ntR.",
         1, ".<call 1>|only in the first\n"),
    PAIR("a call over what is made once more", "cm\nf\n(]q\0cm\nf\nh\0\x85Rq\1atRcm\ng\n)R00h\1.",
         "cm\nf\n(]q\0cm\nf\nh\0\x85Rq\1atR0h\1.", 2,
         ".<call 1>|only in the first\n.<call 1>.<call 1>|only in the first\n"),
    PAIR("a dtype that is dropped and fetched, with a call in it or before it",
         "cm\nF\n)R(cnumpy\ndtype\n(U\2f8\x89\x88"
         "cm\nf\n)R0tRq\1(K\3U\1<NNN" NONES "K\0tb0h\1tb0K\1.",
         "cm\nF\n)Rcm\nf\n)R0cnumpy\ndtype\n(U\2f8\x89\x88tRq\1(K\3U\1<NNN" NONES "K\0tb0h\1\x85"
         "b0K\1.",
         0, ""),
    PAIR("what is added to an array", ARRAY "(K\1K\2e" STATE, ARRAY "(K\1K\3e" STATE, 1, ".<listitems>[1]|2 / 3\n"),
    PAIR("what is set in an array", ARRAY "Vk\nK\2s" STATE, ARRAY "Vk\nK\3s" STATE, 1, ".<dictitems>['k']|2 / 3\n"),
    PAIR("a list that is dropped", "](K\1l0.", "].", 0, ""), /* nothing is called */
    PAIR("a call of what npickle knows", "]ccollections\nOrderedDict\n)R0.", "].", 1, ".<call 1>|only in the first\n"),
    PAIR("a call over a part of an array's state that is in an object", IN_OBJECT("", "") ".",
         IN_OBJECT("cm\nf\n)R0", "") ".", 1, ".<state>[1].<call 1>|only in the second\n"),
    PAIR("a call over the elements of such an array", IN_OBJECT("", "") ".", IN_OBJECT("", "cm\nf\n)R0") ".", 1,
         ".<state>[2].<call 1>|only in the second\n"),
    PAIR("a name that is fetched over the state", "\x80\2cm\nf\nq\0" IN_OBJECT("", "") "\x85R.",
         "\x80\2cm\nf\nq\0" IN_OBJECT("h\0"
                                      "0",
                                      "") "\x85R.",
         0, ""),
    PAIR("a call over keywords", "\x80\4cm\nC\n)}\x92.", "\x80\4cm\nC\n)}cm\nf\n)R0\x92.", 1,
         ".<kwargs>.<call 1>|only in the second\n"),
    PAIR("a call over what only spells a class", "ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nobject\nNtR.",
         "ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nobject\nNtcm\nf\n)R0R.", 1,
         ".<args>.<call 1>|only in the second\n"),
    PAIR("a call over what only spells a class, and the other spelling", "\x80\2cm\nC\n)\x81.",
         "ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nobject\nNtcm\nf\n)R0R.", 1,
         ".<args>.<call 1>|only in the second\n"),
    /* [itself], before a call and after it: what is called then finds it as it is */
    PAIR("a list that grows before anything is called", "N(]q\0h\0acm\nf\n)R]q\1h\1acm\nf\nh\1\x85Rt0.",
         "N(]q\0h\0acm\nf\n)R]q\1h\1acm\nf\nh\0\x85Rt0.", 0, ""),
    /* l is [1] or [2], and f(l), g(l) and h(l) are dropped */
    PAIR("a call that is missing among those over what differs",
         "\x80\2]q\1cm\nf\nh\1\x85R0cm\ng\nh\1\x85R0cm\nh\nh\1\x85R0K\1a.",
         "\x80\2]q\1cm\nf\nh\1\x85R0cm\nh\nh\1\x85R0K\2a.", 2, "[0]|1 / 2\n.<call 2>|only in the first\n"),
    /* f([1]) is dropped, of the list that the root has or of one made anew; what says so has no partner, and neither has g(1) behind it */
    PAIR("a call of what the root has, or of the same made anew, and another call",
         "\x80\2]q\0]q\1K\1aacm\nf\nh\1\x85R0.", "\x80\2]q\0]q\1K\1aacm\nf\n]K\1a\x85R0cm\ng\nK\1\x85R0.", 1,
         ".<call 2>|only in the second\n"),
    /* items come in another order, and with them the calls: what each saw counts */
    PAIR("a set of which a call in it sees nothing, or an item", "\x80\4\x8f\x94(cm\nf\nh\0\x85RK\4\x90.",
         "\x80\4\x8f\x94(K\4\x90(cm\nf\nh\0\x85R\x90.", 1, "|items come before or after other calls\n"),
    PAIR("a dict of which a call in it sees nothing, or an item", "\x80\4}\x94(K\4cm\nf\nh\0\x85RK\5Nu.",
         "\x80\4}\x94(K\5Nu(K\4cm\nf\nh\0\x85Ru.", 1, "|items come before or after other calls\n"),
    PAIR("a dict of which two calls see another item", "\x80\4}\x94(K\1NuK\2cm\nf\nh\0\x85RsK\3Ns.",
         "\x80\4}\x94(K\3NuK\2cm\nf\nh\0\x85RsK\1Ns.", 1, "|items come before or after other calls\n"),
    PAIR("... the same items", "\x80\4}\x94(K\1NK\2NuK\3cm\nf\nh\0\x85Rs.", "\x80\4}\x94(K\2NK\1NuK\3cm\nf\nh\0\x85Rs.",
         0, ""),
    PAIR("... none, but in two orders", "\x80\4}\x94(K\1cm\nf\nh\0\x85RK\2cm\ng\nh\0\x85RK\3Nu.",
         "\x80\4}\x94(K\3NK\2cm\ng\nh\0\x85RK\1cm\nf\nh\0\x85Ru.", 0, ""),
    PAIR("calls between items that they do not see", "\x80\4}\x94(K\1cm\nf\n)RuK\2h\0sK\3cm\ng\n)Rs.",
         "\x80\4}\x94(K\3cm\ng\n)RuK\2h\0sK\1cm\nf\n)Rs.", 0, ""),
    PAIR("a dict in a dict, which a call in the outer one sees", "\x80\4}(K\1}\x94K\2cm\nf\nh\0\x85RK\3h\0K\5NsK\4Nu.",
         "\x80\4}(K\4NK\1}\x94K\5NsK\2cm\nf\nh\0\x85RK\3h\0u.", 1, "[1]|items come before or after other calls\n"),
    PAIR("a list in a dict, seen with one item or two", "\x80\4}(K\1]\x94K\5aK\2cm\nf\nh\0\x85RK\3h\0K\6au.",
         "\x80\4}(K\3]\x94(K\5K\6eK\1h\0K\2cm\nf\nh\0\x85Ru.", 1, "[1]|items come before or after other calls\n"),
    PAIR("a set in the state of what a call sees",
         "\x80\4}(K\1cm\nC\n)\x81\x94}Va\n\x8f\x94(K\7\x90sbK\2cm\nf\nh\0\x85Rh\1(K\x08\x90"
         "0K\3Nu.",
         "\x80\4}(K\3NK\1cm\nC\n)\x81\x94}Va\n\x8f\x94(K\7K\x08\x90sbK\2cm\nf\nh\0\x85Ru.", 1,
         "[1].a|items come before or after other calls\n"),
    PAIR("what a call that is dropped sees", "\x80\4}\x94(K\1NuK\2Ncm\nf\nh\0\x85R0s.",
         "\x80\4}\x94(K\2NuK\1Ncm\nf\nh\0\x85R0s.", 1, "|items come before or after other calls\n"),
    PAIR("what a state sees that no class takes without a method",
         "\x80\4}\x94(K\1NuK\2cm\nC\n)\x81h\0\x85"
         "bs.",
         "\x80\4}\x94(K\2cm\nC\n)\x81h\0\x85"
         "bu(K\1Nu.",
         1, "|items come before or after other calls\n"),
    PAIR("what attributes hold, which nothing is called for", "\x80\4}\x94(K\1NuK\2cm\nC\n)\x81}Va\nh\0sbs.",
         "\x80\4}\x94(K\2cm\nC\n)\x81}Va\nh\0sbu(K\1Nu.", 0, ""),
    PAIR("items of an object that a call sees", "\x80\4}(K\1cm\nC\n)\x81\x94K\5aK\2cm\nf\nh\0\x85RK\3h\0K\6aK\4Nu.",
         "\x80\4}(K\4NK\1cm\nC\n)\x81\x94(K\5K\6eK\2cm\nf\nh\0\x85RK\3h\0u.", 1,
         "[1]|items come before or after other calls\n"),
    PAIR("keys of an OrderedDict that a call sees", "(ccollections\nOrderedDict\n)Rq\0cm\nf\nh\0\x85Rh\0K\1Ns0t.",
         "(ccollections\nOrderedDict\n)Rq\0h\0K\1Ns0cm\nf\nh\0\x85Rt.", 1,
         "[0]|items come before or after other calls\n"),
    PAIR("items of a deque that a call sees", "(ccollections\ndeque\n)Rq\0cm\nf\nh\0\x85Rh\0K\1a0t.",
         "(ccollections\ndeque\n)Rq\0h\0K\1a0cm\nf\nh\0\x85Rt.", 1, "[0]|items come before or after other calls\n"),
    PAIR("keys of a Counter that comes first, and a call", "(ccollections\nCounter\n}\x85RK\1K\2scm\nf\n)Rt.",
         "(ccollections\nCounter\n}\x85R(K\1K\2ucm\nf\n)Rt.", 0, ""),
    PAIR("a key that is a call of a dict in another order", "}cm\nf\n(}(K\1K\2K\3K\4utRNs.",
         "}cm\nf\n(}(K\3K\4K\1K\2utRNs.", 0, ""),
    PAIR("a dict of two orders and values", "ccollections\nOrderedDict\n)R(Va\nK\1Vb\nK\2u.",
         "ccollections\nOrderedDict\n)R(Vb\nK\3Va\nK\1u.", 2, "|keys in another order\n['b']|2 / 3\n"),
    PAIR("a dict in the same order without a key", "\x80\2]ccollections\nOrderedDict\n)R(Va\nK\1Vb\nK\2Vc\nK\3ua.",
         "\x80\2]ccollections\nOrderedDict\n)R(Vb\nK\2Vc\nK\3ua.", 1, "[0]['a']|only in the first\n"),
    PAIR("a dict of another class that keeps an order", "\x80\2]cm\nC\n)R(Va\nK\1Vb\nK\2ua.",
         "\x80\2]cm\nC\n)R(Vb\nK\2Va\nK\1ua.", 1, "[0]|keys in another order\n"),
    PAIR("a class with attributes that keeps an order", "cm\nC\n)R(Va\nK\1Vb\nK\2u}Vx\nK\3sb.",
         "cm\nC\n)R(Vb\nK\2Va\nK\1u}Vx\nK\3sb.", 1, "|keys in another order\n"),
    PAIR("keys of an object made by NEWOBJ", "\x80\2cm\nC\n)\x81(Va\nK\1Vb\nK\2u.",
         "\x80\2cm\nC\n)\x81(Vb\nK\2Va\nK\1u.", 1, "|keys in another order\n"),
    PAIR("keys of an object made with an argument", "cm\nC\n(K\1tR(Va\nK\1Vb\nK\2u.", "cm\nC\n(K\1tR(Vb\nK\2Va\nK\1u.",
         1, "|keys in another order\n"),
    PAIR("keys of an object made with keywords", "\x80\4cm\nC\n)}Vk\nK\1s\x92(Va\nK\1Vb\nK\2u.",
         "\x80\4cm\nC\n)}Vk\nK\1s\x92(Vb\nK\2Va\nK\1u.", 1, "|keys in another order\n"),
    PAIR("keys of an instance", "(im\nC\n(Va\nK\1Vb\nK\2u.", "(im\nC\n(Vb\nK\2Va\nK\1u.", 1,
         "|keys in another order\n"),
    PAIR("keys of an object made by a function",
         "ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nobject\nNtR(Va\nK\1Vb\nK\2u.",
         "ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nobject\nNtR(Vb\nK\2Va\nK\1u.", 1,
         "|keys in another order\n"),
    PAIR("keys of one of two spellings", "\x80\2cm\nC\n)\x81(Va\nK\1Vb\nK\2u.",
         "ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nobject\nNtR(Vb\nK\2Va\nK\1u.", 1,
         "|keys in another order\n"),
    PAIR("keys of a dict made by NEWOBJ", "\x80\2cbuiltins\ndict\n)\x81(Va\nK\1Vb\nK\2u.",
         "\x80\2cbuiltins\ndict\n)\x81(Vb\nK\2Va\nK\1u.", 0, ""),
    PAIR("a defaultdict of lists", "ccollections\ndefaultdict\nc__builtin__\nlist\n\x85R(Va\nK\1Vb\nK\2u.",
         "ccollections\ndefaultdict\nc__builtin__\nlist\n\x85R(Vb\nK\2Va\nK\1u.", 0, ""),
    PAIR("a dict in an object", "\x80\2cm\nC\n)\x81Vk\n}(Va\nK\1Vb\nK\2us.",
         "\x80\2cm\nC\n)\x81Vk\n}(Vb\nK\2Va\nK\1us.", 0, ""),
    PAIR("attributes in another order", "cm\nC\n)R}(Va\nK\1Vb\nK\2ub.", "cm\nC\n)R}(Vb\nK\2Va\nK\1ub.", 0, ""),
    PAIR("a defaultdict", "ccollections\ndefaultdict\n)R(Va\nK\1Vb\nK\2u.",
         "ccollections\ndefaultdict\n)R(Vb\nK\2Va\nK\1u.", 0, ""),
    PAIR("dtypes with metadata", OF_METADATA("}Vk\nK\1s") ".", OF_METADATA("}Vk\n(lK\2as") ".", 1,
         "|metadata of the dtype: {'k': 1} / {'k': [2]}\n"),
    PAIR("metadata in another order", OF_METADATA("}(Va\nK\1Vb\nK\2u") ".", OF_METADATA("}(Vb\nK\2Va\nK\1u") ".", 0,
         ""),
    PAIR("a dtype without metadata", OF_METADATA("}Vk\nK\1s") ".", OF_METADATA("N") ".", 1,
         "|dtype: '<i4' in both, but only the first has metadata\n"),
    PAIR("metadata of a field", "](" OF_DTYPE(STRUCT(OF_METADATA("}Vk\nK\1s"), "\0")) "K\5e.",
         "](" OF_DTYPE(STRUCT(OF_METADATA("}Vk\nK\2s"), "\0")) "K\6e.", 2,
         "[0]|metadata of the dtype: {'k': 1} / {'k': 2}\n[1]|5 / 6\n"),
    PAIR("metadata that two arrays share", "\x80\2](" OF_DTYPE(OF_METADATA("}Vk\nK\1s") "q\1") OF_DTYPE("h\1") "e.",
         "\x80\2](" OF_DTYPE(OF_METADATA("}Vk\nK\2s") "q\1") OF_DTYPE("h\1") "e.", 1,
         "[0]|metadata of the dtype: {'k': 1} / {'k': 2}\n"),
    PAIR("metadata of a dtype in metadata", "\x80\2]" OF_METADATA("}Vk\n" OF_DTYPE(OF_METADATA("}Vk\nK\1s")) "s") "a.",
         "\x80\2]" OF_METADATA("}Vk\n" OF_DTYPE(OF_METADATA("}Vk\nK\2s")) "s") "a.", 1,
         "[0]|metadata of the dtype: {'k': 1} / {'k': 2}\n"),
    PAIR("an aligned struct", OF_DTYPE(STRUCT(OF_METADATA("N"), "\x80")) ".",
         OF_DTYPE(STRUCT(OF_METADATA("N"), "\0")) ".", 1,
         "|dtype: [('a', '<i4')] in both, but only the first is aligned\n"),
    PAIR("a dtype that is an aligned struct", "\x80\2](" STRUCT(OF_METADATA("N"), "\0") "e.",
         "\x80\2](" STRUCT(OF_METADATA("N"), "\x80") "e.", 1,
         "[0]|dtype: [('a', '<i4')] in both, but only the second is aligned\n"),
    PAIR("a masked array and an array of the same elements", MASKED("\0"), OF_BYTES("a") ".", 1,
         "|class: numpy.ma.MaskedArray / numpy.ndarray\n"),
    PAIR("the bytes of an array, or of another, in a list beside them", BESIDE("\1"), BESIDE("\2"), 1,
         "[2]|b'x' / b'y'\n"),
    /* f() is a key in an object that is dropped, and called again over it */
    PAIR("a call over a key that is the same call", "cm\nF\ncm\nC\n)Rcm\nf\n)RNs0.",
         "cm\nF\ncm\nC\n)Rcm\nf\n)Rcm\nf\n)R0Ns0.", 1, ".<call 1>.<keys>[0].<call 1>|only in the second\n"),
    /* l is fetched, and dropped over itself before or after its second item comes, and nothing is called meanwhile */
    PAIR("a list that is dropped over itself", "\x80\2cm\nC\n)Rq\0(]q\1h\1K\1ah\0a0e.",
         "\x80\2cm\nC\n)Rq\0(]q\1h\1K\1a0h\0ae.", 0, ""),
    PAIR("such a call in an object that holds itself", "cm\nF\ncm\nC\n)Rq\1h\1acm\nf\n)Ra0.",
         "cm\nF\ncm\nC\n)Rq\1h\1acm\nf\n(cm\nf\n)R0tRa0.", 1, ".<call 1>.<call 1>|only in the second\n"),
    /* d is the second state of an object, and gets its key before, or among the arguments of a call */
    PAIR("what grows after it was the second state", "cm\nC\n)\x81}b}q\1Vc\nK\5sbcm\ng\n(cm\nf\n)Rh\1tR0.",
         "cm\nC\n)\x81}b}q\1bcm\ng\n(cm\nf\n)Rh\1Vc\nK\5stR0.", 1,
         ".<state 2>|items come before or after other calls\n"),
    PAIR("what grows after it was a state, in what is dropped", "](cm\nC\n)\x81}K\1K\2sbt0.",
         "](cm\nC\n)\x81}q\1bh\1K\1K\2s0t0.", 1, ".<call 1>[0].<state>|items come before or after other calls\n"),
    /* tuple(l) of one item, and of both */
    PAIR("a tuple of what was there", "(]q\1K\1ac__builtin__\ntuple\nh\1\x85Rh\1K\2a0l.",
         "(]K\1aK\2ac__builtin__\ntuple\n]K\1aK\2a\x85Rl.", 1, "[1]|items there when it took them: 1 / 2\n"),
    PAIR("attributes of an OrderedDict, of which it had none", "(ccollections\nOrderedDict\n)R}Vx\nK\1sbl.",
         "(ccollections\nOrderedDict\n)R}q\1bh\1Vx\nK\1s0l.", 1, "[0]|items there when it took them: 1 / 0\n"),
    /* l = []; l.append(f(OrderedDict(l))), where the last one gets an item that was not its own, and did not, before */
    PAIR("what came later into that of which something was made",
         "]q\1cm\nf\nccollections\nOrderedDict\nh\1\x85R\x85R20K\7aa.",
         "]q\1cm\nf\nccollections\nOrderedDict\nh\1\x85R\x85RK\7aa.", 0, ""),
    /* f([1]), and f([]) which gets its item then */
    PAIR("a list that grows once it was given to a call", "(cm\nf\n(]K\1aq\1tRh\1l.", "(cm\nf\n(]q\1tRh\1K\1al.", 1,
         "[0].<args>[0]|items come before or after other calls\n"),
    PAIR("a list of which a part was there", "(cm\nf\n(]K\1aK\2aq\1tRh\1l.", "(cm\nf\n(]K\1aq\1tRh\1K\2al.", 1,
         "[0].<args>[0]|items come before or after other calls\n"),
#define OBJECTS                                                                                                        \
    "((I1\n(I1\ntcnumpy\ndtype\n(VO8\nI00\nI01\ntR(I3\nV|\nNNNI-1\nI-1\nI63\ntbI00\n(Nlt(dtb."
    PAIR("an array of objects in the state of what __new__ makes", "cm\nC\n(I0\nt\x85\x81" OBJECTS,
         "ccopy_reg\n__newobj__\n(cm\nC\n(I0\nttR" OBJECTS, 0, ""),
    PAIR("... of other arguments", "cm\nC\n(I0\nt\x85\x81" OBJECTS, "ccopy_reg\n__newobj__\n(cm\nC\n(I1\nttR" OBJECTS,
         1, ".<args>[0][0]|0 / 1\n"),
    PAIR("a list that grows before a call", "cm\nf\n(]K\1atR.", "cm\nf\n(]q\1h\1K\1a0tR.", 0, ""),
    PAIR("a list that grows after a call that does not have it", "(cm\nf\n)Rcm\ng\n(]K\1atRt.",
         "]q\1h\1"
         "00(cm\nf\n)Rcm\ng\n(h\1K\1atRt.",
         0, ""),
    PAIR("what npickle knows, dropped, that holds itself", "cm\nF\nccollections\ndeque\n)Rq\1h\1a0.", "cm\nF\n.", 1,
         ".<call 1>|only in the first\n"),
    PAIR("a call over a dtype with a state that says nothing, and without one",
         "cnumpy\ndtype\n(Vu1\nI0\nI1\ntR(I3\nV|\nNNN" NONES "K\0tbcm\nf\n)R0.",
         "cnumpy\ndtype\n(Vu1\nI0\nI1\ntRcm\nf\n)R0.", 0, ""),
    /* Lib/pickle.py _instantiate() */
    PAIR("an instance, and a call of its class", "(cm\nC\no.", "cm\nC\n)R.", 1, "|made without a call / by a call\n"),
    PAIR("an instance by another opcode", "(cm\nC\no.", "(im\nC\n.", 0, ""),
    PAIR("a call by another opcode", "(cm\nC\nK\1o.", "cm\nC\n(K\1tR.", 0, ""),
    PAIR("persistent ids", "Pab\n.", "Pac\n.", 1, ".<id>|'ab' / 'ac'\n"),
};

Test(compare, pairs)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const pair_row *row = &pairs[i];
        reports out;
        npk_doc *a = load(row->a, row->a_size), *b = load(row->b, row->b_size);
        uint64_t differences = compare_docs(a, b, NULL, &out);
        cr_expect_eq(differences, row->differences, "%s: %d differences", row->name, (int)differences);
        cr_expect_str_eq(out.text, row->text, "%s: %s", row->name, out.text);
        cr_expect_eq(compare_docs(a, a, NULL, &out), 0, "%s", row->name);
        cr_expect_eq(compare_docs(b, b, NULL, &out), 0, "%s", row->name);
        npk_doc_free(a);
        npk_doc_free(b);
    }
}

Test(compare, values_of_a_report)
{
    reports out;
    npk_doc *a = LOAD("}(Va\nK\1Vb\nK\2u."), *b = LOAD("}Va\nK\3s.");
    cr_expect_eq(compare_docs(a, b, NULL, &out), 2);
    cr_expect_eq(out.a, npk_dict_get(npk_doc_root(a), "b")); /* the last one: only in the first */
    cr_expect_null(out.b);
    cr_expect_eq(compare_docs(b, a, NULL, &out), 2);
    cr_expect_eq(out.a, npk_dict_get(npk_doc_root(b), "a"));
    cr_expect_eq(out.b, npk_dict_get(npk_doc_root(a), "a"));
    npk_doc_free(a);
    npk_doc_free(b);
}

/* --- a str of Python 2 --- */

Test(compare, str_of_python2)
{
    static const struct {
        npk_python2_str counts_as;
        uint64_t text, bytes, itself;
    } rows[] = {
        {NPK_PYTHON2_STR_KEEP, 1, 1, 0}, {NPK_PYTHON2_STR_TEXT, 0, 1, 0}, {NPK_PYTHON2_STR_BYTES, 1, 0, 0}};
    npk_doc *str2 = LOAD("U\2v\xe9."), *text = LOAD("X\3\0\0\0v\xc3\xa9."), *bytes = LOAD("C\2v\xe9.");
    reports out;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_compare_options options = {.python2_str = rows[i].counts_as};
        cr_expect_eq(compare_docs(str2, text, &options, &out), rows[i].text, "%zu", i);
        cr_expect_eq(compare_docs(str2, bytes, &options, &out), rows[i].bytes, "%zu", i);
        cr_expect_eq(compare_docs(str2, str2, &options, &out), rows[i].itself, "%zu", i);
        cr_expect_eq(compare_docs(text, bytes, &options, &out), 1, "%zu", i);
    }
    npk_doc_free(str2);
    npk_doc_free(text);
    npk_doc_free(bytes);
}

Test(compare, keys_of_python2)
{
    npk_doc *str2 = LOAD("}(U\1aK\1U\1bK\2u."), *text = LOAD("}(Vb\nK\2Va\nK\1u.");
    reports out;
    npk_compare_options options = {.python2_str = NPK_PYTHON2_STR_TEXT};
    cr_expect_eq(compare_docs(str2, text, &options, &out), 0);
    cr_expect_eq(compare_docs(str2, text, NULL, &out), 2);
    npk_doc_free(str2);
    npk_doc_free(text);
}

/* What takes bytes, or text, whatever the program's own strings become: as it is written. */
Test(compare, strings_that_a_call_takes)
{
    static const struct {
        const char *pickle;
        uint64_t kept; /* differences where a str of Python 2 is a type of its own; both times, but for names */
    } rows[] = {
        {"cdatetime\ndate\n(S'\\x07\\xe4\\x01\\x02'\ntR.", 1},
        {"(lcdatetime\ndatetime\n(S'\\x07\\xe4\\x01\\x02\\x03\\x04\\x05\\t\\x27\\xc0'\ntRaS'x'\na.", 2},
        {"(dS'k'\ncdatetime\ntime\n(S'\\x03\\x04\\x05\\x00\\x00\\x00'\ntRs.", 2},
        {"cdecimal\nDecimal\n(S'1.5'\ntR.", 1},
        {"cm\nC\n(S'x'\ntR(dS'n'\nS'y'\nsb.", 3},
        {"cm\nC\n(S'x'\ntR(N(dS'n'\nS'y'\nstb.", 3},
        {"cm\nC\n(cdatetime\ndate\n(S'\\x07\\xe4\\x01\\x02'\ntRS'x'\ntR.", 2},
        {"cexceptions\nUnicodeDecodeError\n(S'ascii'\nS'\\xff'\nI0\nI1\nS'no'\ntR.", 3},
        {"c_ctypes\n_unpickle\n(cm\nC\n((dS'n'\nS'y'\nsS'\\x01\\x00'\nttR.", 3},
    };
    static const npk_python2_str ways[] = {NPK_PYTHON2_STR_TEXT, NPK_PYTHON2_STR_BYTES};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t k = 0; k < 2 * (sizeof ways / sizeof *ways); k++) {
            const npk_write_options writing = {.protocol = k % 2 == 0 ? 2 : 4, .python2_str = ways[k / 2]};
            const npk_compare_options options = {.python2_str = ways[k / 2]};
            npk_doc *doc = load(rows[i].pickle, strlen(rows[i].pickle)), *again;
            npk_writer *writer;
            uint8_t *bytes;
            size_t size;
            reports out;
            cr_assert_eq(npk_writer_memory(&writing, &writer, NULL), NPK_OK);
            npk_write_value(writer, npk_doc_root(doc));
            cr_assert_eq(npk_writer_finish_memory(writer, &bytes, &size, NULL), NPK_OK, "%zu", i);
            again = load(bytes, size);
            cr_expect_eq(compare_docs(doc, again, &options, &out), 0, "%zu, %zu: %s", i, k, out.text);
            cr_expect_eq(compare_docs(doc, again, NULL, &out), rows[i].kept, "%zu, %zu: %s", i, k, out.text);
            npk_doc_free(doc);
            npk_doc_free(again);
            free(bytes);
        }
}

/* A payload outside is bytes where it stands in band, in what is a key too. */
Test(compare, keys_outside)
{
    const npk_buffer buffer = {.bytes = "ab", .size = 2, .readonly = true};
    const npk_read_options options = {.buffers = &buffer, .buffer_count = 1};
    static const char bytes[] = "\x80\5}cm\nC\n\x97\x98\x85RK\1s.";
    npk_doc *outside = NULL, *inside = LOAD("\x80\5}cm\nC\nC\2ab\x85RK\1s."),
            *other = LOAD("\x80\5}cm\nC\nC\2ac\x85RK\1s."), *str2 = LOAD("\x80\2}cm\nC\nU\2ab\x85RK\1s.");
    const npk_compare_options as_bytes = {.python2_str = NPK_PYTHON2_STR_BYTES}, as_text = {.python2_str = NPK_PYTHON2_STR_TEXT};
    reports out;
    cr_assert_eq(npk_doc_load_memory(bytes, sizeof bytes - 1, &options, &outside, NULL), NPK_OK);
    cr_expect_eq(compare_docs(outside, inside, NULL, &out), 0);
    cr_expect_eq(compare_docs(inside, outside, NULL, &out), 0);
    cr_expect_gt(compare_docs(outside, other, NULL, &out), 0);
    cr_expect_eq(compare_docs(outside, str2, &as_bytes, &out), 0);
    cr_expect_eq(compare_docs(str2, outside, &as_bytes, &out), 0);
    cr_expect_gt(compare_docs(outside, str2, &as_text, &out), 0);
    cr_expect_gt(compare_docs(outside, str2, NULL, &out), 0);
    npk_doc_free(str2);
    npk_doc_free(outside);
    npk_doc_free(inside);
    npk_doc_free(other);
}

/* --- how many are reported --- */

Test(compare, most)
{
    char pickle[2][1024];
    size_t size[2];
    for (int which = 0; which < 2; which++) { /* [0] * 150 and [1] * 150 */
        size[which] = 0;
        pickle[which][size[which]++] = '(';
        for (int i = 0; i < 150; i++) {
            pickle[which][size[which]++] = 'K';
            pickle[which][size[which]++] = (char)which;
        }
        pickle[which][size[which]++] = 'l';
        pickle[which][size[which]++] = '.';
    }
    static const struct {
        uint64_t most;
        size_t reported;
    } rows[] = {{0, 100}, {1, 1}, {149, 149}, {150, 150}, {NPK_UNLIMITED, 150}};
    npk_doc *a = load(pickle[0], size[0]), *b = load(pickle[1], size[1]);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        reports out;
        npk_compare_options options = {.most = rows[i].most};
        cr_expect_eq(compare_docs(a, b, &options, &out), 150);
        cr_expect_eq(out.count, rows[i].reported, "%zu: %zu", i, out.count);
    }
    npk_doc_free(a);
    npk_doc_free(b);
}

/* --- arrays --- */

static uint64_t compare_two(const npk_array *a, const npk_array *b, reports *out)
{
    uint64_t there = 99, back = 98;
    npk_error error = {.message = ""};
    memset(out, 0, sizeof *out);
    npk_compare_options options = {.report = take_report, .context = out};
    cr_assert_eq(npk_compare_arrays(b, a, NULL, &back, &error), NPK_OK, "%s", error.message);
    cr_assert_eq(npk_compare_arrays(a, b, &options, &there, &error), NPK_OK, "%s", error.message);
    cr_expect_eq(there, back);
    cr_expect_null(out->a);
    cr_expect_null(out->b);
    return there;
}

Test(compare, elements)
{
    const int32_t numbers[2][3] = {{1, 2, 3}, {4, 5, 6}}, others[2][3] = {{1, 2, 3}, {4, 0, 0}};
    const int32_t columns[3][2] = {{1, 4}, {2, 5}, {3, 6}};
    reports out;
    npk_array a = NPK_ARRAY(&numbers[0][0], 2, 3), b = NPK_ARRAY(&others[0][0], 2, 3);
    npk_array fortran = NPK_ARRAY(&columns[0][0], 2, 3);
    fortran.order = 'F';
    cr_expect_eq(compare_two(&a, &a, &out), 0);
    cr_expect_eq(compare_two(&a, &fortran, &out), 0, "%s", out.text);
    cr_expect_eq(compare_two(&a, &b, &out), 1);
    cr_expect_str_eq(out.text, "|2 of 6 elements differ, the first at [1, 1]\n");
    npk_array flat = NPK_ARRAY(&numbers[0][0], 6), empty = NPK_ARRAY(&numbers[0][0], 0, 3), scalar = NPK_ARRAY(&numbers[0][0]);
    cr_expect_eq(compare_two(&a, &flat, &out), 1);
    cr_expect_str_eq(out.text, "|shape: (2, 3) / (6,)\n");
    cr_expect_eq(compare_two(&a, &empty, &out), 1);
    cr_expect_eq(compare_two(&empty, &empty, &out), 0);
    scalar.ndim = 0;
    npk_array other = scalar;
    other.data = &numbers[0][1];
    cr_expect_eq(compare_two(&scalar, &other, &out), 1);
    cr_expect_str_eq(out.text, "|the element differs\n");
}

Test(compare, dtypes)
{
    const int16_t numbers[2] = {1, 2};
    const uint8_t swapped[4] = {0, 1, 0, 2}; /* the same, most significant byte first */
    const int64_t shape[1] = {2};
    reports out;
    npk_array a = {.dtype = npk_dtype_ordered(NPK_INT16, '<'), .data = numbers, .ndim = 1, .shape = shape};
    npk_array b = {.dtype = npk_dtype_ordered(NPK_INT16, '>'), .data = swapped, .ndim = 1, .shape = shape};
    npk_array c = {.dtype = npk_dtype_ordered(NPK_UINT16, '<'), .data = numbers, .ndim = 1, .shape = shape};
    const uint8_t little[4] = {1, 0, 2, 0};
    a.data = c.data = little;
    cr_expect_eq(compare_two(&a, &b, &out), 1);
    cr_expect_str_eq(out.text, "|dtype: '<i2' / '>i2'\n");
    cr_expect_eq(compare_two(&a, &c, &out), 1);
    cr_expect_str_eq(out.text, "|dtype: '<i2' / '<u2'\n");
}

/* Of every type of floats: NaN of two kinds, zeros of two signs, and a number. */
Test(compare, floats)
{
    static const struct {
        npk_type type;
        size_t width;
        uint8_t nan[2][16], zero[2][16], one[16]; /* least significant byte first */
    } rows[] = {
        {NPK_FLOAT16, 2, {{0, 0x7e}, {1, 0xfe}}, {{0}, {0, 0x80}}, {0, 0x3c}},
        {NPK_FLOAT32, 4, {{0, 0, 0xc0, 0x7f}, {1, 0, 0xc0, 0xff}}, {{0}, {0, 0, 0, 0x80}}, {0, 0, 0x80, 0x3f}},
        {NPK_FLOAT64, 8, {{[6] = 0xf8, 0x7f}, {1, [6] = 0xf8, 0xff}}, {{0}, {[7] = 0x80}}, {[6] = 0xf0, 0x3f}},
        {NPK_FLOAT128, 16, {{[7] = 0xc0, 0xff, 0x7f, 9}, {1, [7] = 0xc0, 0xff, 0xff}}, {{[15] = 7}, {[9] = 0x80}}, {[7] = 0x80, 0xff, 0x3f}},
    };
    const int64_t shape[1] = {1};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int big = 0; big < 2; big++) {
            uint8_t bytes[5][16];
            const uint8_t *from[5] = {rows[i].nan[0], rows[i].nan[1], rows[i].zero[0], rows[i].zero[1], rows[i].one};
            npk_array arrays[5];
            for (int k = 0; k < 5; k++) {
                for (size_t j = 0; j < rows[i].width; j++)
                    bytes[k][big ? rows[i].width - 1 - j : j] = from[k][j];
                arrays[k] = (npk_array){.dtype = npk_dtype_ordered(rows[i].type, big ? '>' : '<'), .data = bytes[k], .ndim = 1, .shape = shape};
            }
            reports out;
            for (int k = 0; k < 5; k++)
                for (int j = 0; j < 5; j++)
                    cr_expect_eq(compare_two(&arrays[k], &arrays[j], &out), k / 2 != j / 2, "%zu, big %d: %d and %d", i, big, k, j);
        }
}

/* Where 0x80 is not minus zero: in these types of ml_dtypes it is NaN. */
Test(compare, no_minus_zero)
{
    const uint8_t zero = 0, nan = 0x80;
    const int64_t shape[1] = {1};
    reports out;
    npk_array a = {.dtype = npk_dtype_native(NPK_FLOAT8_E4M3FNUZ), .data = &zero, .ndim = 1, .shape = shape}, b = a;
    b.data = &nan;
    cr_assert_not_null(a.dtype);
    cr_expect_eq(compare_two(&a, &b, &out), 1);
    cr_expect_eq(compare_two(&b, &b, &out), 0);
}

/* The least number of the x87 that no double holds is not zero. */
Test(compare, tiny_long_double)
{
    const uint8_t zero[16] = {0}, tiny[16] = {1};
    const int64_t shape[1] = {1};
    reports out;
    npk_array a = {.dtype = npk_dtype_ordered(NPK_FLOAT128, '<'), .data = zero, .ndim = 1, .shape = shape}, b = a;
    b.data = tiny;
    cr_expect_eq(compare_two(&a, &b, &out), 1);
}

/* {'names': ['a', 'b'], 'formats': ['<f8', ('<f4', (2,))], 'offsets': [0, 12], 'itemsize': 24}: four bytes of padding twice */
Test(compare, padding)
{
    static const char text[] = "{'names':['a','b'],'formats':['<f8',('<f4',(2,))],'offsets':[0,12],'itemsize':24}";
    const npk_dtype *dtype = NULL;
    npk_error error = {.message = ""};
    cr_assert_eq(npk_dtype_parse(text, NULL, &dtype, &error), NPK_OK, "%s", error.message);
    uint8_t a[2][24] = {{0}}, b[2][24] = {{0}};
    const int64_t shape[1] = {2};
    reports out;
    npk_array x = {.dtype = dtype, .data = a, .ndim = 1, .shape = shape}, y = x;
    y.data = b;
    b[0][9] = 1;
    b[1][20] = 1;
    b[1][7] = 0x80; /* -0.0 in a */
    b[1][19] = 0x80; /* and in b[1] */
    cr_expect_eq(compare_two(&x, &y, &out), 0, "%s", out.text);
    b[1][16] = 1;
    cr_expect_eq(compare_two(&x, &y, &out), 1);
    cr_expect_str_eq(out.text, "|1 of 2 elements differ, the first at [1]\n");
    npk_dtype_free(dtype);
}

/* More than a block, from any strides, against memory in one piece. */
Test(compare, strided)
{
    enum { N = 5000 };
    int32_t *wide = calloc(2 * N, sizeof *wide), *tight = calloc(N, sizeof *tight);
    for (int i = 0; i < N; i++)
        wide[2 * i] = tight[N - 1 - i] = i;
    const int64_t shape[1] = {N}, strides[1] = {2 * sizeof *wide}, back[1] = {-(int64_t)sizeof *tight};
    npk_array a = {.dtype = npk_dtype_native(NPK_INT32), .data = wide, .ndim = 1, .shape = shape, .strides = strides};
    npk_array b = {.dtype = npk_dtype_native(NPK_INT32), .data = tight + N - 1, .ndim = 1, .shape = shape, .strides = back};
    reports out;
    cr_expect_eq(compare_two(&a, &b, &out), 0, "%s", out.text);
    wide[2 * 4567] = -1;
    wide[2 * 4999] = -1;
    cr_expect_eq(compare_two(&a, &b, &out), 1);
    cr_expect_str_eq(out.text, "|2 of 5000 elements differ, the first at [4567]\n");
    free(wide);
    free(tight);
}

/* An element of more than a block, swapped text and plain: U3000 in two byte orders. */
Test(compare, large_elements)
{
    enum { N = 3000 };
    const npk_dtype *little = NULL, *big = NULL;
    uint8_t *a = calloc(2 * N, 4), *b = calloc(2 * N, 4);
    const int64_t shape[1] = {2};
    reports out;
    cr_assert_eq(npk_dtype_new_sized(NPK_STR, 4 * N, '<', NULL, &little, NULL), NPK_OK);
    cr_assert_eq(npk_dtype_new_sized(NPK_STR, 4 * N, '>', NULL, &big, NULL), NPK_OK);
    for (int i = 0; i < 2 * N; i++)
        a[4 * i] = b[4 * i + 3] = 'a';
    npk_array x = {.dtype = little, .data = a, .ndim = 1, .shape = shape};
    npk_array y = {.dtype = big, .data = b, .ndim = 1, .shape = shape};
    cr_expect_eq(compare_two(&x, &y, &out), 1, "%s", out.text);
    cr_expect_str_eq(out.text, "|dtype: '<U3000' / '>U3000'\n");
    b[8 * N - 1] = 'b';
    cr_expect_eq(compare_two(&x, &y, &out), 2);
    npk_dtype_free(little);
    npk_dtype_free(big);
    free(a);
    free(b);
}

/* One number seen 2^62 times costs no memory, and too much work. */
Test(compare, broadcast)
{
    const int8_t one = 1;
    const int64_t shape[2] = {INT64_C(1) << 31, INT64_C(1) << 31}, strides[2] = {0, 0};
    npk_array a = {.dtype = npk_dtype_native(NPK_INT8), .data = &one, .ndim = 2, .shape = shape, .strides = strides};
    uint64_t differences = 99;
    cr_expect_eq(npk_compare_arrays(&a, &a, NULL, &differences, NULL), NPK_ERR_LIMIT);
    cr_expect_eq(differences, 0);
}

/* --- goldens against themselves and each other --- */

/* Each pickle equals the same value at another protocol, and itself. */
Test(compare, protocols_of_a_golden)
{
    golden g;
    golden_bytes pickle;
    int protocol;
    size_t compared = 0;
    golden_open(&g, "values.golden");
    while (golden_case(&g)) {
        npk_doc *first = NULL;
        while (golden_pickle(&g, &protocol, &pickle)) {
            reports out;
            npk_doc *doc = load(pickle.bytes, pickle.size);
            if (first == NULL)
                first = doc;
            cr_expect_eq(compare_docs(first, doc, NULL, &out), 0, "%s, protocol %d: %s", g.name, protocol, out.text);
            compared++;
            if (first != doc)
                npk_doc_free(doc);
        }
        npk_doc_free(first);
    }
    golden_close(&g);
    cr_expect_gt(compared, 500);
}

/* --- limits --- */

static npk_status compare_within(uint64_t work, const npk_doc *a, const npk_doc *b, uint64_t *differences)
{
    npk_compare_options options = {.work = work};
    return npk_compare(npk_doc_root(a), npk_doc_root(b), &options, differences, NULL);
}

/* Calls that were dropped have the same two thousand arguments: what these are is worked out once. */
Test(compare, work_of_shared_arguments)
{
    enum { ARGUMENTS = 2000, CALLS = 500, SIZE = 8 + 2 * ARGUMENTS + 6 + 8 * CALLS + 4 };
    static uint8_t bytes[2][SIZE];
    npk_doc *docs[2];
    uint64_t differences = 99;
    for (int side = 0; side < 2; side++) {
        uint8_t *at = bytes[side];
        at = (uint8_t *)memcpy(at, "cm\nf\nq\0(", 8) + 8;
        for (int i = 0; i < ARGUMENTS; i++)
            at = (uint8_t *)memcpy(at, "K\1", 2) + 2;
        at = (uint8_t *)memcpy(at, "tq\00100]", 6) + 6;
        for (int i = 0; i < CALLS; i++)
            at = (uint8_t *)memcpy(at, "Nah\0h\001R0", 8) + 8;
        memcpy(at, side == 0 ? "K\1a." : "K\2a.", 4);
        docs[side] = load((const char *)bytes[side], SIZE);
    }
    cr_expect_eq(compare_within(64 * SIZE, docs[0], docs[1], &differences), NPK_OK);
    cr_expect_eq(differences, 1);
    npk_doc_free(docs[0]);
    npk_doc_free(docs[1]);
}

/* npk_report_function */
static void take_path(void *context, const npk_difference *difference)
{
    snprintf(context, 64, "%s: %s", difference->path, difference->message);
}

/* {1: l, 2: m} and {2: m, 1: l}, where l is [f(l), f(l), ...] and m likewise: no call of the one sees the other */
Test(compare, work_of_what_calls_see)
{
    enum { CALLS = 2000, SIZE = 12 + 2 * (5 + 7 * CALLS) + 2 };
    static uint8_t bytes[2][SIZE];
    npk_doc *docs[2];
    uint64_t differences = 99;
    for (int side = 0; side < 2; side++) {
        uint8_t *at = (uint8_t *)memcpy(bytes[side], "\x80\2cm\nf\nq\0000}(", 12) + 12;
        for (int list = 0; list < 2; list++) {
            const uint8_t number = (uint8_t)(1 + (list ^ side));
            const uint8_t begin[] = {'K', number, ']', 'q', number}, call[] = {'h', 0, 'h', number, '\x85', 'R', 'a'};
            at = (uint8_t *)memcpy(at, begin, sizeof begin) + sizeof begin;
            for (int i = 0; i < CALLS; i++)
                at = (uint8_t *)memcpy(at, call, sizeof call) + sizeof call;
        }
        memcpy(at, "u.", 2);
        docs[side] = load((const char *)bytes[side], SIZE);
    }
    cr_expect_eq(compare_within(64 * SIZE, docs[0], docs[1], &differences), NPK_OK);
    cr_expect_eq(differences, 0);
    npk_doc_free(docs[0]);
    npk_doc_free(docs[1]);
}

static size_t put_often(uint8_t *at, const void *what, size_t size, size_t often)
{
    for (size_t i = 0; i < often; i++)
        memcpy(at + i * size, what, size);
    return size * often;
}

/* One object that got something over and over, in as many places as the other pickle has objects that got one thing:
 * what came to it is not gone through for each. */
Test(compare, work_of_what_one_of_many_got)
{
    enum { GOT = 2000, PLACES = 4000, SIZE = 20 + 16 * PLACES };
    static const char *const things[] = {"Na0", "NNs0", "Nb0"}; /* items, keys, states */
    static uint8_t bytes[2][SIZE];
    for (size_t k = 0; k < 9; k++) {
        uint64_t differences = 0;
        const char *const got = things[k / 3], *const one = things[k % 3];
        uint8_t again[16] = {'h', 0}, made[16] = {'h', 1, ')', 'R', 'q', 2, 'h', 2};
        memcpy(again + 2, got, strlen(got));
        memcpy(made + 8, one, strlen(one));
        size_t at = put_often(bytes[0], "\x80\4(cm\nC\n)Rq\0", 12, 1);
        at += put_often(bytes[0] + at, again, 2 + strlen(got), GOT);
        at += put_often(bytes[0] + at, "h\0", 2, PLACES - 1);
        at += put_often(bytes[0] + at, "t.", 2, 1);
        npk_doc *first = load((const char *)bytes[0], at);
        at = put_often(bytes[1], "\x80\4cm\nC\nq\0010(", 11, 1);
        at += put_often(bytes[1] + at, made, 8 + strlen(one), PLACES);
        at += put_often(bytes[1] + at, "t.", 2, 1);
        npk_doc *second = load((const char *)bytes[1], at);
        cr_expect_eq(compare_within(64 * SIZE, first, second, &differences), NPK_OK, "%zu", k);
        cr_expect_gt(differences, 0, "%zu", k);
        npk_doc_free(first);
        npk_doc_free(second);
    }
}

/* One dict or set of many keys, alone or in a tuple, in as many places as the other pickle has small ones: its keys are
 * gone through for the first of these. */
Test(compare, work_of_many_keys_in_many_places)
{
    enum { KEYS = 2000, PLACES = 4000, SIZE = 20 + 6 * KEYS + 7 * PLACES };
    static const struct {
        const char *begin, *key, *end, *small;
    } shapes[] = {
        {"}(", "N", "u", "}NNs"},
        {"\x8f(", "", "\x90", "\x8f(N\x90"},
        {"}(", "N", "u\x85", "}NNs\x85"},
        {"\x8f(", "", "\x90\x85", "\x8f(N\x90\x85"},
        {"}(", "N", "u\x85\x85", "}\x85\x85"},
    };
    static uint8_t bytes[2][SIZE];
    for (size_t k = 0; k < 2 * sizeof shapes / sizeof *shapes; k++) {
        uint64_t differences = 0;
        const size_t shape = k / 2, other = k % 2; /* on which side the one is */
        size_t at = put_often(bytes[other], "\x80\4(", 3, 1);
        at += put_often(bytes[other] + at, shapes[shape].begin, 2, 1);
        for (size_t i = 0; i < KEYS; i++) {
            const uint8_t number[] = {'M', (uint8_t)i, (uint8_t)(i / 256)};
            at += put_often(bytes[other] + at, number, sizeof number, 1);
            at += put_often(bytes[other] + at, shapes[shape].key, strlen(shapes[shape].key), 1);
        }
        at += put_often(bytes[other] + at, shapes[shape].end, strlen(shapes[shape].end), 1);
        at += put_often(bytes[other] + at, "q\0", 2, 1);
        at += put_often(bytes[other] + at, "h\0", 2, PLACES - 1);
        at += put_often(bytes[other] + at, "t.", 2, 1);
        npk_doc *one = load((const char *)bytes[other], at);
        at = put_often(bytes[!other], "\x80\4(", 3, 1);
        at += put_often(bytes[!other] + at, shapes[shape].small, strlen(shapes[shape].small), PLACES);
        at += put_often(bytes[!other] + at, "t.", 2, 1);
        npk_doc *many = load((const char *)bytes[!other], at);
        cr_expect_eq(compare_within(64 * SIZE, other ? many : one, other ? one : many, &differences), NPK_OK, "%zu", k);
        cr_expect_lt(differences, 2 * (KEYS + PLACES), "%zu: %llu", k, (unsigned long long)differences);
        cr_expect_geq(differences, KEYS + PLACES - 2, "%zu: %llu", k, (unsigned long long)differences);
        npk_doc_free(one);
        npk_doc_free(many);
    }
}

/* One dict of twenty keys, likewise against empty ones. */
Test(compare, work_of_some_keys_in_many_places)
{
    enum { KEYS = 20, PLACES = 20000, SIZE = 20 + 3 * KEYS + 2 * PLACES };
    static uint8_t bytes[2][SIZE];
    uint64_t differences = 0;
    size_t at = put_often(bytes[0], "\x80\4(}(", 5, 1);
    for (size_t i = 0; i < KEYS; i++) {
        const uint8_t item[] = {'K', (uint8_t)i, 'N'};
        at += put_often(bytes[0] + at, item, sizeof item, 1);
    }
    at += put_often(bytes[0] + at, "uq\0", 3, 1);
    at += put_often(bytes[0] + at, "h\0", 2, PLACES - 1);
    at += put_often(bytes[0] + at, "t.", 2, 1);
    npk_doc *one = load((const char *)bytes[0], at);
    at = put_often(bytes[1], "\x80\4(", 3, 1);
    at += put_often(bytes[1] + at, "}", 1, PLACES);
    at += put_often(bytes[1] + at, "t.", 2, 1);
    npk_doc *many = load((const char *)bytes[1], at);
    cr_expect_eq(compare_within(16 * SIZE, one, many, &differences), NPK_OK);
    cr_expect_eq(differences, KEYS + PLACES - 1);
    npk_doc_free(one);
    npk_doc_free(many);
}

/* [d, d] and [{0: None, ...}, e]: what the second e has not is told key by key while it has not far fewer. */
Test(compare, lengths_of_a_dict_in_two_places)
{
    static const struct {
        int keys, other; /* of d, of e */
        const char *says;
    } rows[] = {{5, 0, "[1]|length: 5 / 0\n"},
                {7, 1, "[1]|length: 7 / 1\n"},
                {34, 33, "[1][33]|only in the first\n"},
                {3, 2, "[1][2]|only in the first\n"}};
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        char bytes[2][400];
        npk_doc *docs[2];
        reports out;
        for (int side = 0; side < 2; side++) {
            size_t at = put_often((uint8_t *)bytes[side], "\x80\4(", 3, 1);
            for (int place = 0; place < 2 - !side; place++) {
                at += put_often((uint8_t *)bytes[side] + at, "}(", 2, 1);
                for (int i = 0; i < (place == 0 ? rows[row].keys : rows[row].other); i++) {
                    const uint8_t item[] = {'K', (uint8_t)i, 'N'};
                    at += put_often((uint8_t *)bytes[side] + at, item, sizeof item, 1);
                }
                at += put_often((uint8_t *)bytes[side] + at, "u", 1, 1);
            }
            at += put_often((uint8_t *)bytes[side] + at, side == 0 ? "q\0h\0t." : "t.", side == 0 ? 6 : 2, 1);
            docs[side] = load(bytes[side], at);
        }
        cr_expect_eq(compare_docs(docs[0], docs[1], NULL, &out), 1, "%zu", row);
        cr_expect_str_eq(out.text, rows[row].says);
        npk_doc_free(docs[0]);
        npk_doc_free(docs[1]);
    }
}

/* The paths of many differences are found by one walk. */
Test(compare, work_of_paths)
{
    enum { CALLS = 400, SIZE = 9 + 12 * CALLS + 1 };
    static uint8_t bytes[2][SIZE];
    npk_doc *docs[2];
    uint64_t differences = 0;
    char last[64] = "";
    for (int side = 0; side < 2; side++) {
        uint8_t *at = (uint8_t *)memcpy(bytes[side], "cm\nf\nq\0000]", 9) + 9;
        for (int i = 0; i < CALLS; i++) {
            const uint8_t call[] = {'N',    'a', 'h', 0,   'M', (uint8_t)i, (uint8_t)(i / 256 + 2 * side),
                                    '\x85', 'R', '0', 'N', 'a'};
            at = (uint8_t *)memcpy(at, call, sizeof call) + sizeof call;
        }
        *at = '.';
        docs[side] = load((const char *)bytes[side], SIZE);
    }
    npk_compare_options options = {.work = 16 * SIZE, .report = take_path, .context = last, .most = 100};
    cr_expect_eq(npk_compare(npk_doc_root(docs[0]), npk_doc_root(docs[1]), &options, &differences, NULL), NPK_OK);
    cr_expect_eq(differences, CALLS);
    cr_expect_str_eq(last, ".<call 301>.<args>[0]: 300 / 812");
    npk_doc_free(docs[0]);
    npk_doc_free(docs[1]);
}

/* compare.h: a value counts for 1, two containers for 8 more, 16 bytes for 1. */
Test(compare, work)
{
    static const struct {
        const char *pickle;
        size_t size;
        uint64_t work;
    } rows[] = {
        {"K\1.", 3, 1},
        {"].", 2, 1},
        {"]K\1aK\2a.", 8, 1 + 8 + 2},
        {"](K\1K\2K\3e]a.", 12, 1 + 8 + 4},
        {"C\40aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.", 35, 1 + 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *a = load(rows[i].pickle, rows[i].size), *b = load(rows[i].pickle, rows[i].size);
        uint64_t differences = 99;
        cr_expect_eq(compare_within(rows[i].work, a, b, &differences), NPK_OK, "%zu", i);
        cr_expect_eq(differences, 0);
        if (rows[i].work > 1)
            cr_expect_eq(compare_within(rows[i].work - 1, a, b, &differences), NPK_ERR_LIMIT, "%zu", i);
        cr_expect_eq(compare_within(NPK_UNLIMITED, a, b, &differences), NPK_OK);
        npk_doc_free(a);
        npk_doc_free(b);
    }
}

/* Keys that hold each tuple twice, eight levels deep, take no more than their bytes: (None, None), ((None, None), (None, None)) ... */
/* set(t), which stays a call, of a tuple with 64 times the next one, and so on: as many parts as there are ways are not gone through. And a list of many items
 * that many calls are given, each of which would have them all. */
Test(compare, work_of_calls_that_stay)
{
    char bytes[4096];
    size_t size = (size_t)snprintf(bytes, sizeof bytes, "N");
    for (int level = 1; level < 9; level++) {
        bytes[size++] = '(';
        for (int i = 0; i < 64; i++)
            size += (size_t)snprintf(bytes + size, sizeof bytes - size, level == 1 ? "N" : "g%d\n", level - 1);
        size += (size_t)snprintf(bytes + size, sizeof bytes - size, "tp%d\n0", level);
    }
    size += (size_t)snprintf(bytes + size, sizeof bytes - size, "0cbuiltins\nset\n(g8\nt(Nl0R.");
    npk_doc *one = load(bytes, size), *same = load(bytes, size);
    uint64_t differences = 99;
    cr_expect_eq(compare_within(1 << 16, one, same, &differences), NPK_OK);
    cr_expect_eq(differences, 0);
    npk_doc_free(one);
    npk_doc_free(same);
    size = (size_t)snprintf(bytes, sizeof bytes, "(lp0\n(");
    for (int i = 0; i < 500; i++)
        bytes[size++] = 'N';
    size += (size_t)snprintf(bytes + size, sizeof bytes - size, "lp1\n0(");
    for (int i = 0; i < 100; i++)
        size += (size_t)snprintf(bytes + size, sizeof bytes - size, "cbuiltins\nset\n(g1\nt(Nl0R");
    size += (size_t)snprintf(bytes + size, sizeof bytes - size, "e.");
    one = load(bytes, size);
    same = load(bytes, size);
    cr_expect_eq(compare_within(1 << 16, one, same, &differences), NPK_OK);
    cr_expect_eq(differences, 0);
    npk_doc_free(one);
    npk_doc_free(same);
}

/* A long text, long bytes or a long int that thousands of places have: as items, as keys, beside others that are equal. A difference is told at each place. */
Test(compare, work_of_long_texts)
{
    enum { LONG = 10000, TIMES = 2000 };
    static const struct {
        const char *begin, *end, *each, *other;
        uint64_t differences;
    } rows[] = {
        {"V", "\nq\1", "h\1", "h\1", 0},
        {"T", "q\1", "h\1", "h\1", 0},
        {"\x8b", "q\1", "h\1", "h\1", 0},
        {"\x8b", "q\1", "}h\1K\1s", "}h\1K\1s", 0},
        {"\x8b", "q\1", "h\1h\2", "h\2h\1", 0},
        {"\x8b", "q\1", "h\1h\3", "h\1h\1", TIMES},
        {"V", "\nq\1", "}h\1K\1s", "}h\1K\1s", 0},
        {"V", "\nq\1", "h\1h\2", "h\2h\1", 0},
        {"V", "\nq\1", "h\1h\3", "h\1h\1", TIMES},
    };
    static char bytes[2 * (4 * LONG + 20 * TIMES)];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *docs[2];
        size_t size = 0;
        uint64_t differences = 99;
        for (int side = 0; side < 2; side++) {
            char *at = stpcpy(bytes, "(");
            for (int k = 1; k < 4; k++) {
                at = stpcpy(at, rows[i].begin);
                if (rows[i].begin[0] != 'V') { /* its length */
                    memcpy(at, "\x10\x27\0", 4);
                    at += 4;
                }
                memset(at, 'a', LONG);
                at[LONG - 1] = k < 3 ? 'a' : 'b';
                at = stpcpy(at + LONG, rows[i].end);
                at[-1] = (char)k;
            }
            for (int k = 0; k < TIMES; k++)
                at = stpcpy(at, side == 0 ? rows[i].each : rows[i].other);
            at = stpcpy(at, "t.");
            size = (size_t)(at - bytes);
            docs[side] = load(bytes, size);
        }
        cr_expect_eq(compare_within(64 * size, docs[0], docs[1], &differences), NPK_OK, "%zu", i);
        cr_expect_eq(differences, rows[i].differences, "%zu: %d", i, (int)differences);
        npk_doc_free(docs[0]);
        npk_doc_free(docs[1]);
    }
}

/* Thousands of calls that stay calls, and share what they take: a tuple that has 15 times one of 60 numbers or texts, with another number beside it each time, or
 * a list in it that grows in between; a list of which each would make a set, and one that grows in between; a long text. */
Test(compare, work_of_parts_that_calls_share)
{
#define CALLED "\x80\4(cm\nf\nq\1NQq\3]q\4c"
    enum { TIMES = 2000, MOST = 50 * TIMES };
    static const struct {
        const char *begin, *item;
        int items;
        const char *middle, *other;
        int others;
        const char *end, *call, *behind; /* the number */
    } rows[] = {
        {CALLED "numpy\ndtype\nq\2(", "K\1", 60, "tq\5" "0(", "h\5", 15, "tq\6", "h\2(h\3h\6tR", NULL},
        {CALLED "numpy\ndtype\nq\2(", "K\1", 60, "tq\5" "0(", "h\5", 15, "tq\6", "h\2(", "h\3h\6tR"},
        {CALLED "numpy\ndtype\nq\2(", "Va\n", 60, "tq\5" "0(", "h\5", 15, "tq\6", "h\2(", "h\3h\6tR"},
        {CALLED "numpy\ndtype\nq\2(", "K\1", 60, "tq\5" "0(", "h\5", 14, "h\4tq\6",
         "h\4K\1a0h\1)R0h\2(h\3h\6tR", NULL},
        {CALLED "builtins\nset\nq\2](", "K\1", TIMES, "eq\6", "", 0, "", "h\2(h\6t(Nl0R", NULL},
        {CALLED "builtins\nset\nq\2](", "K\1", 1, "e", "", 0, "", "h\4K\1a0h\1)R0h\2(h\4t(Nl0R", NULL},
        {CALLED "_codecs\nencode\nq\2V", "a", TIMES, "\nq\6", "", 0, "", "h\2(h\6Vlatin1\nt(Nl0R", NULL},
    };
    static char bytes[MOST];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *at = stpcpy(bytes, rows[i].begin);
        npk_doc *docs[3];
        uint64_t differences = 99;
        for (int k = 0; k < rows[i].items; k++)
            at = stpcpy(at, rows[i].item);
        at = stpcpy(at, rows[i].middle);
        for (int k = 0; k < rows[i].others; k++)
            at = stpcpy(at, rows[i].other);
        at = stpcpy(at, rows[i].end);
        for (int k = 0; k < TIMES; k++) {
            at = stpcpy(at, rows[i].call);
            if (rows[i].behind != NULL)
                at += sprintf(at, "I%d\n%s", k + 1000, rows[i].behind);
        }
        at = stpcpy(at, "K\1t.");
        const size_t size = (size_t)(at - bytes);
        for (int k = 0; k < 3; k++) {
            bytes[size - 3] = k < 2 ? 1 : 2;
            docs[k] = load(bytes, size);
        }
        for (int k = 1; k < 3; k++) {
            cr_expect_eq(compare_within(64 * size, docs[0], docs[k], &differences), NPK_OK, "%zu", i);
            cr_expect_eq(differences, k - 1, "%zu: %d", i, (int)differences);
        }
        for (int k = 0; k < 3; k++)
            npk_doc_free(docs[k]);
    }
}

Test(compare, keys_that_double)
{
    static char pickle[5 + 100 * 22 + 2];
    size_t size = 0, at = 0;
    uint64_t differences = 1;
    at += (size_t)snprintf(pickle, sizeof pickle, "\x80\x02](");
    for (size_t i = 0; i < 100; i++)
        at += (size_t)snprintf(pickle + at, sizeof pickle - at,
                               "}N2\x86"
                               "2\x86"
                               "2\x86"
                               "2\x86"
                               "2\x86"
                               "2\x86"
                               "2\x86"
                               "2\x86"
                               "Ns");
    at += (size_t)snprintf(pickle + at, sizeof pickle - at, "e.");
    size = at;
    npk_doc *a = load(pickle, size), *b = load(pickle, size);
    cr_expect_eq(compare_within(16 * size, a, b, &differences), NPK_OK);
    cr_expect_eq(differences, 0);
    npk_doc_free(a);
    npk_doc_free(b);
}

/* What is made and dropped in a list, in every order, and some of it twice: g(f()) holds the call that it is given, and g(g(f())) both. The two of a pair go together as
 * either side sees it, and are equal if they are the same. */
static const char *const drops[] = {"cm\nf\n)R0", "cm\ng\n(cm\nf\n)RtR0", "cm\ng\n(cm\ng\n(cm\nf\n)RtRtR0", "Pa\n0"};
#define DROPS (sizeof drops / sizeof *drops)
#define MOST_DROPS 3

typedef char drops_pickle[MOST_DROPS * 40 + 3];

/* A list over which those are dropped that a number names, one a digit, from 1 on. The document borrows the pickle. */
static npk_doc *load_drops(size_t number, drops_pickle pickle)
{
    strcpy(pickle, "]");
    for (; number > 0; number /= DROPS + 1)
        strcat(pickle, number % (DROPS + 1) > 0 ? drops[number % (DROPS + 1) - 1] : "");
    strcat(pickle, ".");
    return load(pickle, strlen(pickle));
}

Test(compare, drops_in_every_order)
{
    enum { COUNT = (DROPS + 1) * (DROPS + 1) * (DROPS + 1) };
    static npk_doc *docs[COUNT];
    static drops_pickle pickles[COUNT];
    static bool is_one[COUNT]; /* no digit but the highest is 0 */
    for (size_t i = 0; i < COUNT; i++) {
        is_one[i] = i <= DROPS || (i % (DROPS + 1) > 0 && is_one[i / (DROPS + 1)]);
        docs[i] = is_one[i] ? load_drops(i, pickles[i]) : NULL;
    }
    for (size_t i = 0; i < COUNT; i++)
        for (size_t k = i; is_one[i] && k < COUNT; k++) {
            reports out;
            if (is_one[k])
                cr_expect_eq(compare_docs(docs[i], docs[k], NULL, &out) == 0, i == k, "%d and %d: %s", (int)i, (int)k,
                             out.text);
        }
    for (size_t i = 0; i < COUNT; i++)
        npk_doc_free(docs[i]);
}

/* What npickle knows comes in any order where it is dropped: two such calls whose states are classes that differ in one
 * part of the name alone are not taken for each other. */
static const char *const states[] = {"cm\nC\n",   "cn\nC\n",   "cm\nD\n",   "cm\nC.E\n",
                                     "cm\nD.E\n", "cn\nD.E\n", "cm\nC.F\n", "cm.C\nE\n"};
#define STATES (sizeof states / sizeof *states)

static npk_doc *load_two_states(size_t first, size_t second, char pickle[100])
{
    sprintf(pickle, "\x80\4(ccollections\ndefaultdict\n)R%sb0ccollections\ndefaultdict\n)R%sb0t.", states[first],
            states[second]);
    return load(pickle, strlen(pickle));
}

Test(compare, names_that_differ_in_one_part)
{
    for (size_t i = 0; i < STATES; i++)
        for (size_t k = 0; k < STATES; k++) {
            char pickles[3][100];
            reports out;
            npk_doc *as = load_two_states(i, k, pickles[0]), *other = load_two_states(k, i, pickles[1]),
                    *twice = load_two_states(i, i, pickles[2]);
            cr_expect_eq(compare_docs(as, other, NULL, &out), 0, "%d and %d: %s", (int)i, (int)k, out.text);
            cr_expect_eq(compare_docs(as, twice, NULL, &out) == 0, i == k, "%d and %d: %s", (int)i, (int)k, out.text);
            npk_doc_free(as);
            npk_doc_free(other);
            npk_doc_free(twice);
        }
}

/* What grows between calls that it is given to is gone through once, and not once for each of them. */
Test(compare, grown_between_calls)
{
    static char pickle[64000];
    uint64_t differences = 99;
    static const char begin[] = "\x80\2cm\nf\nq\0" "0ccollections\nOrderedDict\n)Rq\1", step[] = "h\0)RNbsh\0h\1\x85R0";
    size_t at = sizeof begin - 1;
    memcpy(pickle, begin, at);
    for (unsigned i = 0; i < 2000; i++) {
        const char key[] = {'M', (char)(i & 255), (char)(i >> 8)};
        memcpy(pickle + at, key, sizeof key);
        memcpy(pickle + at + sizeof key, step, sizeof step - 1);
        at += sizeof key + sizeof step - 1;
    }
    pickle[at++] = '.';
    npk_doc *a = load(pickle, at), *b = load(pickle, at);
    cr_expect_eq(compare_within(16 * at, a, b, &differences), NPK_OK);
    cr_expect_eq(differences, 0);
    npk_doc_free(a);
    npk_doc_free(b);
}

/* What known calls take, over which thousands of others were dropped, or that has grown as often; and one such object that is compared with many:
 * events are gone through once. */
Test(compare, work_of_what_calls_take)
{
#define TAKES "\x80\4(c"
#define FROM "\nq\1cm\nf\nq\2"
    enum { TIMES = 2000, MOST = 100 + 20 * TIMES };
    static const struct {
        const char *begin, *happens, *takes, *takes_too;
    } rows[] = {
        {TAKES "builtins\nset" FROM "\x8f(K\1\x90q\3", "h\2)R0", "h\1h\3\x85R", NULL},
        {TAKES "collections\ndeque" FROM "]q\3", "h\2)R0", "h\1h\3\x85R", NULL},
        {TAKES "collections\nOrderedDict" FROM "}q\3", "h\2)R0", "h\1h\3\x85R", NULL},
        {TAKES "collections\ndeque" FROM ")Rq\3", "h\2)R0h\3Na0", "h\1h\3\x85R", NULL},
        {TAKES "numpy\ndtype" FROM "](K\1eq\3", "h\2)R0", "h\1h\3\x85R", NULL},
        {TAKES "m\nC" FROM ")Rq\3", "h\2)R0", "h\3", "h\2)R"},
    };
    static char bytes[2][MOST];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *docs[2];
        size_t size = 0;
        uint64_t differences = 99;
        for (int side = 0; side < 2; side++) {
            char *at = stpcpy(bytes[side], rows[i].begin);
            for (int k = 0; k < 2 * TIMES; k++)
                at = stpcpy(at, k < TIMES                                ? rows[i].happens
                                : side == 1 && rows[i].takes_too != NULL ? rows[i].takes_too
                                                                         : rows[i].takes);
            at = stpcpy(at, side == 0 ? "K\1t." : "K\2t.");
            size = (size_t)(at - bytes[side]);
            docs[side] = load(bytes[side], size);
        }
        cr_expect_eq(compare_within(128 * size, docs[0], docs[1], &differences), NPK_OK, "%zu", i);
        cr_expect_geq(differences, 1, "%zu", i);
        cr_expect(rows[i].takes_too != NULL || differences == 1, "%zu: %d", i, (int)differences);
        npk_doc_free(docs[0]);
        npk_doc_free(docs[1]);
    }
}

/* tuple(l) of a list that gets an item after each of some dropped calls, when it has so many: with few events and with more. */
Test(compare, taken_between_events)
{
    enum { MOST = 12 };
    for (int count = 2; count <= MOST; count++)
        for (int taken = 0; taken <= count * count + 2 * count; taken++) {
            const int when[2] = {taken / (count + 1), taken % (count + 1)};
            npk_doc *docs[2];
            char text[100] = "";
            for (int side = 0; side < 2; side++) {
                char bytes[40 + 10 * MOST], *at = stpcpy(bytes, "\x80\4(cm\nf\nq\2]q\3");
                for (int k = 0; k <= count; k++)
                    at = stpcpy(stpcpy(at, k == when[side] ? "cbuiltins\ntuple\nh\3\x85R" : ""),
                                k < count ? "h\2)R0h\3Na0" : "t.");
                docs[side] = load(bytes, (size_t)(at - bytes));
            }
            reports out;
            if (when[0] != when[1])
                snprintf(text, sizeof text, "[2]|items there when it took them: %d / %d\n", when[0], when[1]);
            cr_expect_eq(compare_docs(docs[0], docs[1], NULL, &out), when[0] != when[1], "%d of %d", taken, count);
            cr_expect_str_eq(out.text, text, "%d of %d: %s", taken, count, out.text);
            npk_doc_free(docs[0]);
            npk_doc_free(docs[1]);
        }
}

/* What was found before the work was used up is counted. */
Test(compare, found_until_then)
{
    npk_doc *a = LOAD("]K\1aK\2aK\3a."), *b = LOAD("]K\7aK\7aK\7a.");
    uint64_t differences = 99;
    cr_expect_eq(compare_within(1 + 8 + 2, a, b, &differences), NPK_ERR_LIMIT);
    cr_expect_eq(differences, 2);
    npk_doc_free(a);
    npk_doc_free(b);
}

/* Two cycles of 801 and 800 lists: all 640800 pairs differ from one another, and are one difference in none. */
Test(compare, cycles_of_coprime_lengths)
{
    npk_doc *docs[2];
    char *text = malloc(200000), *kept[2];
    for (int which = 0; which < 2; which++) {
        int count = 800 + which;
        size_t used = 0;
        for (int i = 0; i < count; i++)
            used += (size_t)sprintf(text + used, "(lp%d\n", i);
        used += (size_t)sprintf(text + used, "g0\n");
        for (int i = 0; i < count; i++)
            text[used++] = 'a';
        text[used++] = '.';
        kept[which] = malloc(used);
        memcpy(kept[which], text, used);
        docs[which] = load(kept[which], used); /* which borrows them */
    }
    uint64_t differences = 99;
    cr_expect_eq(compare_within(1u << 20, docs[0], docs[1], &differences), NPK_ERR_LIMIT);
    cr_expect_eq(differences, 0);
    free(text);
    for (int which = 0; which < 2; which++) {
        npk_doc_free(docs[which]);
        free(kept[which]);
    }
}

/* --- what is absent or wrong --- */

Test(compare, null)
{
    npk_doc *doc = LOAD("K\1.");
    const npk_value *value = npk_doc_root(doc);
    reports out = {.text = ""};
    npk_compare_options options = {.report = take_report, .context = &out};
    uint64_t differences = 99;
    cr_expect_eq(npk_compare(NULL, NULL, NULL, &differences, NULL), NPK_OK);
    cr_expect_eq(differences, 0);
    cr_expect_eq(npk_compare(value, NULL, &options, &differences, NULL), NPK_OK);
    cr_expect_eq(differences, 1);
    cr_expect_eq(npk_compare(NULL, value, &options, &differences, NULL), NPK_OK);
    cr_expect_eq(differences, 1);
    cr_expect_str_eq(out.text, "|only in the first\n|only in the second\n");
    cr_expect_eq(npk_compare(value, value, NULL, NULL, NULL), NPK_ERR_USAGE);
    npk_array array = NPK_ARRAY((const int32_t[]){1}, 1), bad = array;
    bad.ndim = -1;
    cr_expect_eq(npk_compare_arrays(&array, NULL, NULL, &differences, NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_compare_arrays(NULL, &array, NULL, &differences, NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_compare_arrays(NULL, NULL, NULL, NULL, NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_compare_arrays(&array, &bad, NULL, &differences, NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_compare_arrays(&(npk_array){.ndim = 0}, &array, NULL, &differences, NULL), NPK_ERR_USAGE);
    npk_doc_free(doc);
}

Test(compare, options_that_are_none)
{
    npk_doc *doc = LOAD("K\1.");
    const npk_value *value = npk_doc_root(doc);
    uint64_t differences = 99;
    npk_compare_options refuse = {.python2_str = NPK_PYTHON2_STR_REFUSE}, beyond = {.python2_str = (npk_python2_str)77};
    cr_expect_eq(npk_compare(value, value, &refuse, &differences, NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_compare(value, value, &beyond, &differences, NULL), NPK_ERR_USAGE);
    for (size_t i = 0; i < sizeof refuse.reserved / sizeof *refuse.reserved; i++) {
        npk_compare_options options = {.most = 1};
        options.reserved[i] = 1;
        cr_expect_eq(npk_compare(value, value, &options, &differences, NULL), NPK_ERR_USAGE, "%zu", i);
    }
    npk_doc_free(doc);
}

/* Python objects: as the list of them; an array of the caller's own can't have any. */
Test(compare, objects)
{
    static const char pickle[] = /* numpy.array([1, 'a'], object), CPython 3, NumPy 1.26, protocol 2 */
        "\x80\2cnumpy.core.multiarray\n_reconstruct\nq\0cnumpy\nndarray\nq\1K\0\x85q\2c_codecs\nencode\nq\3X\1\0\0\0bq\4X\6\0\0\0"
        "latin1q\5\x86q\6Rq\7\x87q\10Rq\11(K\1K\2\x85q\12cnumpy\ndtype\nq\13X\2\0\0\0O8q\14\x89\x88\x87q\15Rq\16(K\3X\1\0\0\0|q\17NNN"
        "J\xff\xff\xff\xffJ\xff\xff\xff\xffK?tq\20b\x89]q\21(K\1X\1\0\0\0aq\22etq\23b.";
    char other[sizeof pickle];
    memcpy(other, pickle, sizeof pickle);
    char *one = memchr(other, '?', sizeof other);
    while (memcmp(one, "(K\1X", 4) != 0)
        one++;
    one[2] = 5;
    npk_doc *a = load(pickle, sizeof pickle - 1), *b = load(other, sizeof pickle - 1);
    npk_array x, y;
    reports out;
    cr_expect_eq(compare_docs(a, b, NULL, &out), 1);
    cr_expect_str_eq(out.text, "[0]|1 / 5\n");
    cr_assert_eq(npk_array_of(npk_doc_root(a), &x, NULL), NPK_OK);
    cr_assert_eq(npk_array_of(npk_doc_root(b), &y, NULL), NPK_OK);
    memset(&out, 0, sizeof out);
    uint64_t differences = 99;
    npk_compare_options options = {.report = take_report, .context = &out};
    cr_expect_eq(npk_compare_arrays(&x, &y, &options, &differences, NULL), NPK_OK);
    cr_expect_eq(differences, 1);
    cr_expect_str_eq(out.text, "[0]|1 / 5\n");
    x.objects = NULL;
    cr_expect_eq(npk_compare_arrays(&x, &y, &options, &differences, NULL), NPK_ERR_UNSUPPORTED);
    npk_doc_free(a);
    npk_doc_free(b);
}

/* --- memory --- */

/* Two documents that have so many differences, with each allocation failing in its turn. */
static void compare_without_memory(npk_doc *a, npk_doc *b, uint64_t expected)
{
    npk_status status = NPK_ERR_MEMORY;
    for (size_t fail = 1; status != NPK_OK; fail++) {
        counted counter = {.fail = fail};
        npk_allocator allocator = {resize_counted, &counter};
        reports out = {.text = ""};
        npk_compare_options options = {
            .allocator = &allocator, .report = take_report, .context = &out, .python2_str = NPK_PYTHON2_STR_TEXT};
        uint64_t differences = 99;
        status = npk_compare(npk_doc_root(a), npk_doc_root(b), &options, &differences, NULL);
        cr_expect_eq(counter.held, 0);
        cr_expect_not(counter.wrong);
        cr_expect(status == NPK_OK || status == NPK_ERR_MEMORY, "%d", (int)status);
        if (status == NPK_OK) {
            cr_expect_eq(differences, expected);
            cr_expect_gt(fail, 10);
        }
    }
    npk_doc_free(a);
    npk_doc_free(b);
}

Test(compare, no_memory)
{
    /* ['a'][0], ['b'][0], ['c'], ['d'] */
    compare_without_memory(LOAD("}(Va\n](K\1eVb\n(U\1x\x85"
                                "C\1y\x86tVd\nK\2u."),
                           LOAD("}(Va\n](K\2eVb\n(U\1z\x85"
                                "C\1y\x86tVc\nK\2u."),
                           4);
    compare_without_memory(LOAD(ARRAY_OF("cm\nC\n0")), LOAD(ARRAY_OF("")), 0);
    /* f(l) and g(l), where l gets an item between them and before them, and before both */
    compare_without_memory(LOAD("\x80\4]\x94K\0a}(K\1cm\nf\nh\0\x85RK\2h\0K\1aK\3cm\ng\nh\0\x85Ru\x86."),
                           LOAD("\x80\4]\x94K\0a}(K\2h\0K\1aK\3cm\ng\nh\0\x85RK\1cm\nf\nh\0\x85Ru\x86."), 1);
    compare_without_memory(LOAD("\x80\4]\x94K\0a}(K\2h\0K\1aK\1cm\nf\nh\0\x85RK\3cm\ng\nh\0\x85Ru\x86."),
                           LOAD("\x80\4]\x94K\0a}(K\2h\0K\1aK\3cm\ng\nh\0\x85RK\1cm\nf\nh\0\x85Ru\x86."), 0);
    /* tuple(l) of a list of which there are more events than few */
    static const char many[] = "\x80\4(]q\1cm\nf\nq\2"
                               "h\2)R0h\1Na0h\2)R0h\1Na0h\2)R0h\1Na0h\2)R0h\1Na0h\2)R0h\1Na0"
                               "cbuiltins\ntuple\nh\1\x85RK\1t.";
    compare_without_memory(load(many, sizeof many - 1), load(many, sizeof many - 1), 0);
    /* set(l) twice, which stays a call */
    compare_without_memory(LOAD("\x80\4(cbuiltins\nset\nq\1](K\1eq\2h\1(h\2t(Nl0Rh\1(h\2t(Nl0Rt."),
                           LOAD("\x80\4(cbuiltins\nset\nq\1](K\1eq\2h\1(h\2t(Nl0Rh\1(h\2t(Nl0Rt."), 0);
}

Test(compare, no_memory_for_arrays)
{
    const int32_t numbers[2] = {1, 2}, others[2] = {1, 3};
    npk_array a = NPK_ARRAY(numbers, 2), b = NPK_ARRAY(others, 2);
    npk_status status = NPK_ERR_MEMORY;
    for (size_t fail = 1; status != NPK_OK; fail++) {
        counted counter = {.fail = fail};
        npk_allocator allocator = {resize_counted, &counter};
        reports out = {.text = ""};
        npk_compare_options options = {.allocator = &allocator, .report = take_report, .context = &out};
        uint64_t differences = 99;
        status = npk_compare_arrays(&a, &b, &options, &differences, NULL);
        cr_expect_eq(counter.held, 0);
        cr_expect_not(counter.wrong);
        cr_expect(status == NPK_OK || status == NPK_ERR_MEMORY, "%d", (int)status);
    }
}
