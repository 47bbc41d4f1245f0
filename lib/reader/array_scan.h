/* Pickled arrays recognised in memory, without values: what NumPy writes of arrays of numbers, opcode by opcode in its
 * order. Whatever is otherwise is not recognised, which says nothing: it may be good or malformed. What is recognised
 * the reader takes too, and says the same of it. */
#ifndef NPKI_READER_ARRAY_SCAN_H
#define NPKI_READER_ARRAY_SCAN_H

#include "globals/global.h"
#include "reader/frames.h"

#include <npickle/array_view.h>

#define NPKI_SCAN_KNOWN 36 /* numbers of the memo that may be asked for; a GET of another one is not recognised */

/* What lies under a number of the memo. */
typedef enum npki_scanned {
    NPKI_SCANNED_OTHER, /* that nobody asks for: it is not kept */
    NPKI_SCANNED_STR,
    NPKI_SCANNED_BYTES,
    NPKI_SCANNED_PYTHON2_STR,
    NPKI_SCANNED_GLOBAL, /* size: its npki_meaning */
    NPKI_SCANNED_DTYPE
} npki_scanned;

typedef struct npki_scan_number {
    const void *what; /* the bytes of a text, a descriptor */
    uint32_t number;  /* counted from the first one of the pickle */
    uint16_t size;
    uint8_t is; /* npki_scanned */
} npki_scan_number;

typedef enum npki_scan_of { NPKI_SCAN_OF_LIST, NPKI_SCAN_OF_DICT } npki_scan_of;

/* An array that the next ones may be like: the pickles of such have the same bytes but for the elements, how many bytes
 * these are, the length of their first axis, and the numbers that they put in the memo. */
#define NPKI_SCAN_LIKES 10
#define NPKI_SCAN_PUTS 10
#define NPKI_SCAN_AXES 4
typedef struct npki_scan_like {
    const uint8_t *first; /* where it lies */
    const npk_dtype *dtype;
    uint32_t length[NPKI_SCAN_AXES];
    uint32_t size;             /* bytes of its elements ... */
    uint16_t elements, behind; /* ... and of what stands before them, and behind */
    /* where the numbers are that have four bytes, and the length: from `first` on, or from the end of the elements */
    uint16_t put[NPKI_SCAN_PUTS], varies;
    uint8_t puts, puts_before;               /* how many numbers; before the elements */
    uint8_t count;                           /* numbers that it gives */
    uint8_t varies_width, varies_behind;     /* bytes of the length, or 0; whether it stands behind the elements */
    uint8_t size_width;                      /* bytes of what says how many bytes the elements are */
    uint8_t ndim, order, readonly, encoding; /* npk_encoding */
    uint8_t tells;                           /* bytes before that, up to 8, which are always the same */
    uint8_t next;                            /* which came after it last */
} npki_scan_like;

/* The array at hand, as long as it is read: where its numbers are that have four bytes, and its first length. */
typedef struct npki_scan_made {
    const uint8_t *first, *frame; /* the end of the frame in which it begins */
    uint32_t put[NPKI_SCAN_PUTS], varies;
    uint32_t count;               /* numbers given before it */
    uint8_t puts, width, lasting; /* `width`: bytes of the length; `lasting`: of the scan, before it */
} npki_scan_made;

/* As they lie in the pickle. */
typedef struct npki_scan_elements {
    const uint8_t *bytes;
    uint64_t size;
    npk_encoding encoding;
    uint8_t width; /* bytes before them that say the size */
    bool later;    /* they are measured as they are decoded, where npki_scan_is_later says so */
} npki_scan_elements;

typedef struct npki_scan {
    npki_frames in;
    int protocol;
    bool later;    /* as in npki_scan_elements */
    bool in_batch; /* of items: after their MARK */
    npki_scan_of of;
    uint32_t in_it; /* items of that batch, up to 1 */
    uint32_t base;  /* the first number of the memo, 0 or 1 */
    uint32_t count; /* numbers given */
    uint64_t arrays;
    uint8_t likes, last, oldest; /* how many there are; which came last; which goes next where there is no room */
    uint8_t known, lasting;      /* numbers that may be asked for; of names and dtypes */
    npki_scan_made made;
    npki_scan_like like[NPKI_SCAN_LIKES];
    npki_scan_number numbers[NPKI_SCAN_KNOWN]; /* upwards */
} npki_scan;

/* An opcode of a text: how many bytes say its size, from which protocol on; npki_scanned. */
typedef struct npki_scan_text {
    uint8_t byte, width, protocol, is;
} npki_scan_text;

/* Begins: PROTO. Each returns false for what is not recognised. */
bool npki_scan_start(npki_scan *s, const void *bytes, size_t size);

/* An array that is all of the pickle. */
bool npki_scan_array_only(npki_scan *s, npk_array_view *out);

/* npk_array_view_memory, for what is recognised: then nothing has to be freed. `later`: elements that are spelled as a
 * text, in the order in which they are wanted, are not measured; npki_encoding_decode_whole shall look at them. The
 * payload has between one and two bytes for each of theirs. */
bool npki_array_view_scan(const void *bytes, size_t size, bool later, npk_array_view *out);

/* Whether they are such. */
static inline bool npki_scan_is_later(const npk_array *array)
{
    return array->encoding != NPK_ENCODING_RAW && (array->order == 'C' || array->ndim < 2);
}

/* The beginning of a list or a dict; then each item: *more is false at its end, which is that of the pickle. */
bool npki_scan_container(npki_scan *s);
bool npki_scan_next(npki_scan *s, npk_array_view *out, bool *more);

/* --- array_usual.c --- */

/* NULL: it is none, or one of a higher protocol. */
const npki_scan_text *npki_scan_text_of(const npki_scan *s, int byte);

/* The type of a dtype's code, "f8"; the descriptor of a type in a byte order, '<', '>' or '|'. False, NULL: not
 * recognised. */
bool npki_scan_type_of(const uint8_t *code, size_t size, npk_type *out);
const npk_dtype *npki_scan_ordered(npk_type type, char order);

typedef struct npki_scan_usual npki_scan_usual;

/* All of the first array up to its shape or its buffer, and its dtype after that. NULL, and nothing taken, where they
 * are not as they mostly are. */
const npki_scan_usual *npki_scan_take_usual(npki_scan *s, npki_meaning *form);
const npk_dtype *npki_scan_usual_dtype(npki_scan *s, const npki_scan_usual *usual);

/* --- array_like.c --- */

/* How the elements lie, and whether they are as many as there have to be. */
bool npki_scan_lay_out(npk_array_view *out, const npk_dtype *dtype, int ndim, char order,
                       const npki_scan_elements *elements);

/* An array that is as one before. False, and nothing changed, where it is not. */
bool npki_scan_take_like(npki_scan *s, npk_array_view *out);

/* An array begins, that the next one may be like; has put something in the memo under a number of four bytes, which end
 * here; has its first length in so many bytes, which end here; has ended. */
void npki_scan_begin_like(npki_scan *s);
void npki_scan_note_put(npki_scan *s);
void npki_scan_note_length(npki_scan *s, size_t width);
void npki_scan_end_like(npki_scan *s, const npk_array_view *out, const npki_scan_elements *elements);

#endif
