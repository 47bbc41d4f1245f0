/* Dialects: which Python's and which NumPy's bytes a writer writes.
 *
 *     npk_write_options options = {.dialect = NPK_CPYTHON(3, 6) | NPK_NUMPY(1, 18)};
 *     npk_writer *writer = NULL;
 *     npk_status status = npk_writer_open("old.pkl", &options, &writer, &error);
 *     if (status == NPK_OK) {
 *         npk_write_float(writer, 0.5);
 *         status = npk_writer_finish(writer, &error);
 *     }
 *     char name[64];
 *     npk_dialect_str(options.dialect, name, sizeof name);
 *     printf("%s: %s\n", name, status == NPK_OK ? "written" : error.message);
 *
 * A dialect is a Python, a NumPy, or both or-ed together. What is left out is the usual one: CPython 3 (since 3.10),
 * and the NumPy that goes with the Python. lib/writer/python/dialect.c has a row for each Python and each NumPy that
 * writes in a way of its own; a release between two rows is that of the earlier one, a release after the last row of
 * its major version is that row's.
 *
 * Threads: a dialect is a number.
 */
#ifndef NPICKLE_DIALECT_H
#define NPICKLE_DIALECT_H

#include <npickle/options.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t npk_dialect;

/* X(protocol, major, minor, names): the protocols of pickle.
 *
 *   major, minor  the first release of Python with it
 *   names         of modules, as Python 3 writes them: BELOW3, those of Python 2; FROM3, its own
 *
 * What a protocol has - frames, bytes, buffers out of band - is what opcodes it has: lib/opcode/opcode.def.
 * Source: CPython Lib/pickle.py; PEP 307, 3154, 574. */
#define NPK_PROTOCOL_ROWS(X)                                                                                           \
    X(0, 1, 4, BELOW3)                                                                                                 \
    X(1, 1, 4, BELOW3)                                                                                                 \
    X(2, 2, 3, BELOW3)                                                                                                 \
    X(3, 3, 0, FROM3)                                                                                                  \
    X(4, 3, 4, FROM3)                                                                                                  \
    X(5, 3, 8, FROM3)

enum {
#define NPK_PROTOCOL_COUNT_(protocol, major, minor, names) +1
    NPK_PROTOCOL_MAX = 0 NPK_PROTOCOL_ROWS(NPK_PROTOCOL_COUNT_) - 1 /* the highest */
#undef NPK_PROTOCOL_COUNT_
};

/* The pickler that is used by default: the one written in C (Python 2: cPickle). */
#define NPK_CPYTHON(major, minor) (UINT32_C(0x10000000) | NPK_DIALECT_PYTHON_(major, minor))
/* Lib/pickle.py, which other Pythons use too, and CPython where its own is not built. */
#define NPK_PICKLE_PY(major, minor) (UINT32_C(0x20000000) | NPK_DIALECT_PYTHON_(major, minor))
/* Jython's cPickle. */
#define NPK_JYTHON(major, minor) (UINT32_C(0x30000000) | NPK_DIALECT_PYTHON_(major, minor))
#define NPK_NUMPY(major, minor) ((uint32_t)(major) << 8 | (uint32_t)(minor))

#define NPK_DIALECT_PYTHON_(major, minor) ((uint32_t)(major) << 24 | (uint32_t)(minor) << 16)

/* The common ones. */
/* For CPython 3.10, NumPy 1.26 and all after them, none of which warns of it; its arrays load in every NumPy 1.x and
 * 2.x, at protocol 2 on Python 2.7 too. For what else a pickle holds older ones have a dialect each. For that it is not
 * quite NumPy 1.26's (NPK_NUMPY(1, 26)): at protocol 5 the elements of arrays are bytes as at protocol 4, since NumPy 2
 * warns of the function that NumPy 1 gives a buffer; an array whose elements go out of band, or one that is read-only,
 * is a call of numpy.ndarray. */
#define NPK_DIALECT_DEFAULT UINT32_C(0)
#define NPK_DIALECT_NUMPY2 NPK_NUMPY(2, 4) /* Python 3 and NumPy 2: numpy._core; no NumPy before 1.26.1 loads it */
/* Python 2's cPickle: payloads are its str; Python 3 loads it with encoding='latin1'. */
#define NPK_DIALECT_PYTHON2 NPK_CPYTHON(2, 7)

/* The dialect of a name: "default", "numpy2", "python2"; a Python ("cpython3.11", "pickle.py2.7", "jython2.7"), a NumPy
 * ("numpy1.26"), or both with a '+' between them. Returns NPK_OK and fills *out. Errors: NPK_ERR_USAGE for any other
 * text and for NULL; *out is left alone. */
NPK_CHECKED NPK_API npk_status npk_dialect_parse(const char *text, npk_dialect *out, npk_error *error);

/* The name by which npk_dialect_parse knows it, "" for what is not a dialect. Sizes as npk_dtype_str. */
NPK_API size_t npk_dialect_str(npk_dialect dialect, char *text, size_t size);

/* Whether it is a Python 2's, whose str is bytes: CPython's, pickle.py's or Jython's. False for what is not a
 * dialect. */
NPK_API bool npk_dialect_is_python2(npk_dialect dialect);

/* The dialects that have a name of their own or a row: "default", "numpy2" and "python2", then each Python and each
 * NumPy alone. Returns true and fills *out; false, and *out left alone, past the last and where `out` is NULL. */
NPK_API bool npk_dialect_at(size_t index, npk_dialect *out);

#ifdef __cplusplus
}
#endif
#endif
