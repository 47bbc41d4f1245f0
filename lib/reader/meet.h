/* Which of some values a graph has. */
#ifndef NPKI_READER_MEET_H
#define NPKI_READER_MEET_H

#include "base/map.h"
#include "value/step.h"

#include <npickle/status.h>

/* The way into a value with children that come yet. */
typedef struct npki_meeting_frame {
    const npk_value *value;
    npki_trail at; /* where it stands */
    size_t next, count;
} npki_meeting_frame;

/* A walk over several graphs, each part of them once. It notes only what may be met again, and ends as soon as nothing
 * is sought any more. */
typedef struct npki_meeting {
    npk_allocator allocator;
    npki_map known;  /* values that are sought, and others that were met and may be met again */
    size_t open;     /* how many are sought and were not met */
    bool everything; /* any value may be met again */
    npki_meeting_frame *frames;
    size_t depth, room;
} npki_meeting;

/* `everything`: values may have come into the graph more than once without being shared. */
void npki_meeting_start(npki_meeting *meeting, const npk_allocator *allocator, bool everything);
void npki_meeting_end(npki_meeting *meeting);

/* Whether a value can be met at all, that something else had before. */
static inline bool npki_meeting_may_have(const npki_meeting *meeting, const npk_value *value)
{
    return meeting->everything || (value->flags & NPKI_IS_SHARED) != 0;
}

/* Seeks a value that can. False without memory. */
bool npki_meeting_seek(npki_meeting *meeting, const npk_value *value);

/* Walks over a value and its parts, but for those that have been met. Errors: NPK_ERR_MEMORY. */
npk_status npki_meeting_go(npki_meeting *meeting, const npk_value *from, npk_error *error);

/* Whether a value that was sought was met. */
bool npki_meeting_has_met(const npki_meeting *meeting, const npk_value *value);

#endif
