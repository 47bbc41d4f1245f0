/* Two graphs, value by value. */
#ifndef NPKI_COMPARE_COMPARE_H
#define NPKI_COMPARE_COMPARE_H

#include <npickle/value.h>

/* One difference: where, as Python would reach it, and what. */
typedef void npki_compare_tell(void *context, const char *path, const char *what);

typedef struct npki_compare_options {
    bool text;     /* a str of Python 2 equals the str that has its bytes for characters of latin-1 */
    uint64_t work; /* what a comparison may cost: a value or 16 bytes are 1, roughly */
    uint64_t most; /* differences that are told; the rest is counted */
    npki_compare_tell *tell;
    void *context;
} npki_compare_options;

/* Counts the differences, and tells the first of them. Values are compared, not how the pickles share or spell them;
 * dicts and sets by key, whatever the order; NaN equals NaN. Errors: NPK_ERR_LIMIT where the work is not enough,
 * NPK_ERR_MEMORY. */
npk_status npki_compare_values(const npk_value *a, const npk_value *b, const npki_compare_options *options,
                               uint64_t *differences, npk_error *error);

/* The same for two arrays that need not be values. An array of objects is compared by dtype and shape. */
npk_status npki_compare_views(const npk_array *a, const npk_array *b, const npki_compare_options *options,
                              uint64_t *differences, npk_error *error);

#endif
