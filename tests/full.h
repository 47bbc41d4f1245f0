/* "make check" does a part of what takes long, "make check-full" all of it. */
#ifndef NPICKLE_TESTS_FULL_H
#define NPICKLE_TESTS_FULL_H

#include <stddef.h>
#include <stdlib.h>

/* How many of something a test should do: `all` of them, or the quick number. */
static inline size_t full_tests(size_t quick, size_t all)
{
    return getenv("NPICKLE_FULL") != NULL ? all : quick;
}

#endif
