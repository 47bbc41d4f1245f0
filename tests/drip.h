/* An input that comes in small steps. */
#ifndef NPICKLE_TESTS_DRIP_H
#define NPICKLE_TESTS_DRIP_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Give it as the context of read_drip. */
typedef struct drip {
    const uint8_t *at, *end;
    size_t step; /* bytes a call */
} drip;

static inline int64_t read_drip(void *context, void *out, size_t size, int *system)
{
    drip *d = context;
    size_t left = (size_t)(d->end - d->at), give = d->step < left ? d->step : left;
    (void)system;
    give = give < size ? give : size;
    memcpy(out, d->at, give);
    d->at += give;
    return (int64_t)give;
}

#endif
