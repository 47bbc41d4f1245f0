/* Pickled arrays recognised in memory, without values: what NumPy writes of arrays of numbers, opcode by opcode in its order. Whatever is
 * otherwise is not recognised, which says nothing: it may be good or malformed. What is recognised the reader takes too, and says the
 * same of it. */
#ifndef NPKI_READER_ARRAY_SCAN_H
#define NPKI_READER_ARRAY_SCAN_H

#include <npickle/array_view.h>

#define NPKI_SCAN_NUMBERS 64 /* of the memo that are kept; a GET of a later one is not recognised */

/* What lies under a number of the memo. */
typedef enum npki_scanned {
    NPKI_SCANNED_OTHER, /* that nobody asks for */
    NPKI_SCANNED_STR,
    NPKI_SCANNED_BYTES,
    NPKI_SCANNED_PYTHON2_STR,
    NPKI_SCANNED_GLOBAL, /* size: its npki_meaning */
    NPKI_SCANNED_DTYPE
} npki_scanned;

typedef struct npki_scan_number {
    const void *what; /* the bytes of a text, a descriptor */
    uint32_t size;
    uint32_t is; /* npki_scanned */
} npki_scan_number;

typedef enum npki_scan_of { NPKI_SCAN_OF_LIST, NPKI_SCAN_OF_DICT } npki_scan_of;

typedef struct npki_scan {
    const uint8_t *at, *end; /* of the frame, or of the input */
    const uint8_t *first, *last;
    int protocol;
    bool framed;
    bool in_batch;   /* of items: after their MARK */
    npki_scan_of of;
    uint32_t in_it;  /* items of that batch, up to 1 */
    uint32_t base;   /* the first number of the memo, 0 or 1 */
    uint32_t count;  /* numbers given */
    uint64_t arrays;
    npki_scan_number numbers[NPKI_SCAN_NUMBERS];
} npki_scan;

/* Begins: PROTO. Each returns false for what is not recognised. */
bool npki_scan_start(npki_scan *s, const void *bytes, size_t size);

/* An array that is all of the pickle. */
bool npki_scan_array_only(npki_scan *s, npk_array_view *out);

/* The beginning of a list or a dict; then each item: *more is false at its end, which is that of the pickle. */
bool npki_scan_container(npki_scan *s);
bool npki_scan_next(npki_scan *s, npk_array_view *out, bool *more);

#endif
