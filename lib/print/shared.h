/* What is met again while a value is printed: whether it is being printed, or was, and how it is referred to. */
#ifndef NPKI_PRINT_SHARED_H
#define NPKI_PRINT_SHARED_H

#include "base/map.h"
#include "print/settings.h"

#define NPKI_PRINT_SHORT 100 /* bytes of a text or array whose text is as good as a reference */

typedef struct npki_print_shared {
    npki_map met; /* address of a value -> NPKI_WAS_PRINTED, and NPKI_IS_OPEN for each time that it is being printed */
    npki_map references; /* address -> where its text begins in `texts`, and 1 */
    npki_sink texts;     /* each ends with a NUL */
    npki_map payloads;   /* addresses of those whose elements were printed */
    const npk_value *root;
    bool walked; /* the references are there */
} npki_print_shared;

void npki_print_shared_init(npki_print_shared *shared, const npk_value *root, const npk_allocator *allocator);
void npki_print_shared_free(npki_print_shared *shared);

/* Printing of the value begins, and ends. False without memory. */
bool npki_print_shared_open(npki_print_shared *shared, const npk_value *value);
void npki_print_shared_close(npki_print_shared *shared, const npk_value *value);

/* Whether it is being printed. */
bool npki_print_is_open(const npki_print_shared *shared, const npk_value *value);

/* Which values are referred to: those that have been printed whole, or also those that are being printed. */
typedef enum npki_print_again { NPKI_PRINT_ENDED, NPKI_PRINT_BEGUN } npki_print_again;

/* The path of a value that was printed before and whose text may be long, good until the next call; NULL if it is to be
 * printed. */
const char *npki_print_path_of(npki_print_shared *shared, const npk_value *value, npki_print_again again,
                               npki_sink *out);

/* Of keys of JSON's objects, which are text: the text of one has `size` bytes (false without memory); where it was
 * long, and comes again, "\"<same as [0]>\"" is printed. */
bool npki_print_key_passed(npki_print_shared *shared, const npk_value *key, size_t size);
bool npki_print_key_again(npki_print_shared *shared, const npk_value *key, npki_sink *out);

/* Elements of the array are printed. True: so were those of another array that has its payload, which no pickler makes
 * but many arrays may have: their text costs more than it has bytes. */
bool npki_print_payload_again(npki_print_shared *shared, const npk_array *array, npki_sink *out);

/* `bytes` of such text were printed. */
void npki_print_charge_again(npki_sink *out, uint64_t bytes);

/* "<same as [0]['w']>", if the value was printed before and its text may be long; false if it is to be printed. */
bool npki_print_reference(npki_print_shared *shared, const npk_value *value, npki_sink *out);

#endif
