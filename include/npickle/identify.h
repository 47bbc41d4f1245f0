/* Which Pythons and which NumPys may have written a pickle.
 *
 *     static void print_writer(const npk_doc *doc)
 *     {
 *         npk_identity writer;
 *         npk_error error;
 *         if (npk_identify(doc, NULL, &writer, &error) != NPK_OK)
 *             return;
 *         puts(writer.text);
 *         if (!npk_identity_includes(&writer, NPK_NUMPY(1, 26)))
 *             puts("NumPy 1.26 did not write this");
 *     }
 *
 * A pickle does not name its writer. Opcodes, the numbers of the memo, the modules of NumPy and the form of its dtypes
 * rule some writers out; what is left is given here. npk_check (npickle/check.h) rules out more of them: all whose
 * bytes would have been others.
 *
 * Threads: a document may be identified by several threads at a time, if the allocator allows that.
 */
#ifndef NPICKLE_IDENTIFY_H
#define NPICKLE_IDENTIFY_H

#include <npickle/dialect.h>
#include <npickle/reader.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Releases of one pickler, or of NumPy, from the first to the last, both included: NPK_CPYTHON(3, 4) and NPK_CPYTHON(3,
 * 7), NPK_NUMPY(1, 19) and NPK_NUMPY(1, 26). A `first` of 0 is the first release that there ever was, a `last` of 0 the
 * newest one, and those to come. All of Python 2 counts as 2.7, whose pickles look like those of the releases
 * before. */
typedef struct npk_dialect_range {
    npk_dialect first;
    npk_dialect last;
} npk_dialect_range;

#define NPK_IDENTITY_RANGES 16

/* Who may have written a pickle. Filled by npk_identify and npk_check; owns nothing, may be copied. */
typedef struct npk_identity {
    npk_dialect_range pythons[NPK_IDENTITY_RANGES]; /* CPython 3, pickle.py 3, CPython 2, pickle.py 2, Jython */
    npk_dialect_range numpys[NPK_IDENTITY_RANGES];  /* older ones first; all of them where nothing in it is NumPy's */
    size_t python_count;                            /* 0: no Python that npickle knows writes so */
    size_t numpy_count;                             /* 0: the same for NumPy */

    /* The same in words, less what rules no writer out: "Python 3.4 and later, NumPy 2.3 and later", "CPython 2.7,
     * NumPy before 1.19"; "unknown" if that is nothing. ASCII, ends with NUL. */
    char text[256];
    uint64_t reserved[8]; /* zero */
} npk_identity;

/* Looks at a document as its pickle was read, and at no payload: the cost is that of a walk over its values. Edits made
 * since then may show.
 *
 * `allocator`: for what the walk must remember; NULL: malloc. Everything is freed before the call returns.
 * Returns NPK_OK and fills *out. Errors: NPK_ERR_MEMORY; NPK_ERR_USAGE where `doc` or `out` is NULL. After an error
 * *out (if there is one) is all zero: it includes no writer. */
NPK_CHECKED NPK_API npk_status npk_identify(const npk_doc *doc, const npk_allocator *allocator, npk_identity *out,
                                            npk_error *error);

/* The same, and only those whose pickle of the document would have the same bytes: `size` of them from the document's
 * npk_doc_info.offset on. What no pickler writes (after pickletools.optimize, or by hand) is no Python's. It is
 * written anew for that, in memory, once or a few times. A pickle that can't be written is
 * identified as npk_identify does it. Errors: as of npk_identify. */
NPK_CHECKED NPK_API npk_status npk_identify_bytes(const npk_doc *doc, const void *bytes, size_t size,
                                                  const npk_allocator *allocator, npk_identity *out, npk_error *error);

/* Whether a dialect's Python, its NumPy, or both where it names both, may have written it: NPK_CPYTHON(3, 8),
 * NPK_NUMPY(2, 0), NPK_PICKLE_PY(2, 7) | NPK_NUMPY(1, 16). False for a dialect that names neither
 * (NPK_DIALECT_DEFAULT), and where `identity` is NULL. */
NPK_API bool npk_identity_includes(const npk_identity *identity, npk_dialect dialect);

#ifdef __cplusplus
}
#endif
#endif
