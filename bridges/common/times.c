#include "times.h"

#include <stdio.h>
#include <stdlib.h>

bool times_good(struct times *times)
{
    char *end = NULL;
    times->count = 1;
    if (times->text != NULL && times->text[0] >= '0' && times->text[0] <= '9')
        times->count = strtoull(times->text, &end, 10);
    return (times->text == NULL || (end != NULL && *end == '\0')) && times->count >= (times->clock ? 2 : 1);
}

bool times_next(struct times *times)
{
    if (times->done == 1)
        times->start = peer_now();
    if (times->done == times->count && times->count > 1)
        times->seconds = peer_now() - times->start;
    return times->done++ < times->count;
}

void times_print(const struct times *times)
{
    if (times->clock)
        printf("%.9f\n", times->seconds / (double)(times->count - 1));
}
