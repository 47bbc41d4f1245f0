/* Two graphs of values, or two arrays: equal, or what differs and where.
 *
 *     static void print_difference(void *context, const npk_difference *difference)
 *     {
 *         fprintf(context, "%s: %s\n", difference->path, difference->message);
 *     }
 *
 *     static bool are_equal(const npk_doc *a, const npk_doc *b)
 *     {
 *         uint64_t differences;
 *         npk_error error;
 *         npk_compare_options options = {.report = print_difference, .context = stdout};
 *         if (npk_compare(npk_doc_root(a), npk_doc_root(b), &options, &differences, &error) == NPK_OK)
 *             return differences == 0;
 *         fprintf(stderr, "%s\n", error.message);
 *         return false;
 *     }
 *
 * Values are compared, not how their pickles share or spell them. Types count: 1, 1.0 and True are three values, and so
 * are 'a' and b'a'. NaN equals NaN, and 0.0 equals -0.0; in arrays too, whose padding does not count. Dicts and sets
 * are compared by key, in whatever order they are; but that of an OrderedDict counts, as it does for Python, and so does
 * that of the keys that are set in an object of any class that npickle does not know, however it is made: it may be a
 * subclass of either, and nobody knows what setting a key does. Of a dtype its metadata and whether it is aligned count
 * too. A class or function is the same under all names that Python 2 and 3, NumPy 1 and 2 have for it; objects are the
 * same if they are made in the same way, from the same parts. Two graphs that hold themselves are equal if no way
 * through them comes to a difference.
 *
 * What a pickle calls counts too, also what it drops: the same calls in the same order, which see as much of what grows
 * meanwhile. Where they stand in the pickle does not; nor does a list or tuple that is dropped, but for what was called
 * for it. The path of what was dropped is that of the walk: ".<call 2>.<args>[0]". After an edit by which a value of
 * the document got another place the order does not count; nor does it where the items of a dict or a set come in
 * another order, and with them their calls. Then, if nothing else differs, each call must have been given the same
 * items of the lists, dicts, sets and objects that it reaches; setting attributes is no call, and whether an object had
 * its state yet is no difference.
 *
 * Threads: nothing is changed, so two values may be compared by several threads at a time, if the allocators allow
 * that.
 */
#ifndef NPICKLE_COMPARE_H
#define NPICKLE_COMPARE_H

#include <npickle/value.h>
#include <npickle/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One difference. All of it is borrowed: the texts until the function that it is reported to returns, the values from
 * their documents. */
typedef struct npk_difference {
    const char *path; /* how Python would reach it, as npk_walk_path: "['w'][0]", ".coef_"; "" for the two themselves */
    const char *message; /* "5 / 6", "length: 2 / 3", "only in the second"; UTF-8 that a terminal may be given */
    const npk_value *a;  /* what stands there; NULL where there is nothing, and in npk_compare_arrays */
    const npk_value *b;
    uintptr_t reserved[4];
} npk_difference;

typedef void npk_report_function(void *context, const npk_difference *difference);

/* All zero: the defaults. 0 means what stands in parentheses. */
typedef struct npk_compare_options {
    const npk_allocator *allocator; /* NULL: malloc. Everything is freed before the call returns. */

    /* What a str of Python 2 counts as, as if npk_write_value had written it so: KEEP, a type of its own (the default);
     * TEXT, equal to the str whose characters of latin-1 its bytes are; BYTES, equal to the same bytes. Where that
     * would write the other of the two, as for the bytes in a datetime, both are equal to it. REFUSE is
     * NPK_ERR_USAGE. */
    npk_python2_str python2_str;

    /* What the comparison may cost (2^30): a value or 16 bytes count for about 1, two containers for 8 more. Graphs
     * whose parts are shared in different ways have more pairs of values than bytes, so a limit is needed where
     * strangers wrote both. NPK_UNLIMITED: none. */
    uint64_t work;

    uint64_t most;               /* differences that are reported (100); all are counted. NPK_UNLIMITED: all */
    npk_report_function *report; /* NULL: they are only counted */
    void *context;
    uintptr_t reserved[8]; /* zero */
} npk_compare_options;

/* Compares two values with all that they hold. `differences`: how many there are; of two dicts, lists or objects each
 * part that differs is one, of two arrays that differ in elements all of these together are one. NULL for a value is a
 * value of no kind: equal to another NULL, and different from anything else.
 *
 * Returns NPK_OK whether they are equal or not, and fills *differences. Errors: NPK_ERR_LIMIT where the work is used
 * up, or the two are more than 100000 containers deep: *differences are those that were found until then.
 * NPK_ERR_MEMORY, the same. NPK_ERR_USAGE where `differences` is NULL or the options are wrong; nothing is compared
 * then. */
NPK_CHECKED NPK_API npk_status npk_compare(const npk_value *a, const npk_value *b, const npk_compare_options *options,
                                           uint64_t *differences, npk_error *error);

/* The same for two arrays, of a document or of the program's own: dtypes, shapes, elements. How they lie in memory does
 * not count, nor does a class. The path is "", but for arrays of Python objects, whose items are compared as a list.
 * Errors: those of npk_compare; NPK_ERR_USAGE for an array that is not one, or NULL; NPK_ERR_UNSUPPORTED for Python
 * objects that do not come from a document. */
NPK_CHECKED NPK_API npk_status npk_compare_arrays(const npk_array *a, const npk_array *b,
                                                  const npk_compare_options *options, uint64_t *differences,
                                                  npk_error *error);

#ifdef __cplusplus
}
#endif
#endif
