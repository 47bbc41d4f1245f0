/* The goldens whose writers are known: each pickle with the Pythons and the NumPy that wrote it. */
#ifndef NPICKLE_TESTS_WRITERS_H
#define NPICKLE_TESTS_WRITERS_H

#include "golden.h"

#include <npickle/dialect.h>

/* As the heads of the files and tests/data/README say. */
static const struct golden_writer {
    const char *file;
    npk_dialect dialect; /* 0: the word after the name of a case lists them */
} golden_writers[] = {
    {"cstruct-numpy1.golden", NPK_CPYTHON(3, 11) | NPK_NUMPY(1, 26)},
    {"cstruct-numpy2.golden", NPK_CPYTHON(3, 11) | NPK_NUMPY(2, 4)},
    {"family-cpython311.golden", NPK_CPYTHON(3, 11) | NPK_NUMPY(1, 26)},
    {"family-numpy1.golden", NPK_CPYTHON(3, 10) | NPK_NUMPY(1, 26)},
    {"family-numpy2.golden", NPK_CPYTHON(3, 13) | NPK_NUMPY(2, 5)},
    {"family-python2.golden", NPK_CPYTHON(2, 7) | NPK_NUMPY(1, 16)},
    {"mixed-numpy1.golden", NPK_CPYTHON(3, 11) | NPK_NUMPY(1, 26)},
    {"mixed-numpy2.golden", NPK_CPYTHON(3, 13) | NPK_NUMPY(2, 5)},
    {"objects.golden", NPK_CPYTHON(3, 11)},
    {"plain-numpy1.golden", NPK_CPYTHON(3, 11) | NPK_NUMPY(1, 26)},
    {"plain-numpy2.golden", NPK_CPYTHON(3, 13) | NPK_NUMPY(2, 5)},
    {"plain-python2.golden", NPK_CPYTHON(2, 7) | NPK_NUMPY(1, 16)},
    {"pyarray-jython.golden", NPK_JYTHON(2, 7)},
    {"pyarray-python2.golden", NPK_CPYTHON(2, 7)},
    {"pyarray-python3.golden", NPK_CPYTHON(3, 13)},
    {"pyarray-python38.golden", NPK_CPYTHON(3, 8)},
    {"pythons.golden", 0},
    {"values.golden", NPK_CPYTHON(3, 11)},
};

#define GOLDEN_WRITERS (sizeof golden_writers / sizeof *golden_writers)

/* Called with each pickle and one of the dialects that wrote it. */
typedef void golden_visit(const char *name, npk_dialect dialect, int protocol, golden_bytes pickle);

/* Every pickle of the row: how many calls were made. */
static inline size_t golden_each_writer(const struct golden_writer *row, golden_visit *visit)
{
    golden g;
    golden_bytes pickle;
    npk_dialect dialects[32] = {row->dialect};
    int protocol;
    size_t visits = 0;
    golden_open(&g, row->file);
    while (golden_case(&g)) {
        size_t count = 0;
        char *names = row->dialect == 0 ? golden_word(&g.words) : NULL;
        for (char *at = names; at != NULL && *at != '\0'; count++) {
            char *end = at + strcspn(at, ",");
            bool more = *end == ',';
            *end = '\0';
            cr_assert_eq(npk_dialect_parse(at, &dialects[count], NULL), NPK_OK, "%s", at);
            at = end + more;
        }
        if (row->dialect != 0)
            count = 1;
        while (golden_pickle(&g, &protocol, &pickle))
            for (size_t i = 0; i < count; i++, visits++)
                visit(g.name, dialects[i], protocol, pickle);
    }
    golden_close(&g);
    return visits;
}

#endif
