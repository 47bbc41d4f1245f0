/* Who made a value of a document that no pickle was read into. */
#ifndef NPKI_VALUE_ORIGIN_H
#define NPKI_VALUE_ORIGIN_H

typedef enum npki_origin {
    NPKI_FROM_DOCUMENT, /* npk_write_value: it came out of another document, and keeps its history */
    NPKI_FROM_WRITES,   /* npk_write_*: it has no history */
    /* one npk_write_* made all of it, as an array: that the pickle has a call for it is no history */
    NPKI_FROM_ONE_WRITE,
    NPKI_FROM_GLOBAL /* + the protocol of that document, below 4: which says what the name means */
} npki_origin;

#endif
