/* Where two pickles part. */
#ifndef NPKI_CHECK_PART_H
#define NPKI_CHECK_PART_H

#include <npickle/check.h>

typedef struct npki_parting {
    npk_check_place first, second; /* in each of the two */
    bool frames;                   /* both are at their end: nothing but frames differs */
} npki_parting;

/* The first opcodes that differ, FRAME apart: a frame's length changes with all that follows. */
npki_parting npki_part(const void *first, size_t first_size, const void *second, size_t second_size);

#endif
