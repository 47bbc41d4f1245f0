/* The dialects: one row each. What each switch means stands at npki_dialect_row. */
#include "writer/writer.h"

const npki_dialect_row npki_dialects[] = {
    [NPK_DIALECT_DEFAULT] = {.name = "default", .numpy = NPKI_WRITES_NUMPY1, .highest_protocol = 5},
    [NPK_DIALECT_NUMPY2] =
        {
            .name = "numpy2",
            .numpy = NPKI_WRITES_NUMPY2,
            .axis_order = true,
            .no_metadata = true,
            .highest_protocol = 5,
        },
    [NPK_DIALECT_PYTHON2] =
        {
            .name = "python2",
            .numpy = NPKI_WRITES_NUMPY1,
            .python2 = true,
            .from1 = true,
            .old_escapes = true,
            .plain_batches = true,
            .int_flags = true,
            .highest_protocol = 2,
        },
    [NPK_DIALECT_PICKLE_PY] =
        {.name = "pickle.py", .numpy = NPKI_WRITES_NUMPY1, .plain_batches = true, .highest_protocol = 5},
    [NPK_DIALECT_CPYTHON36] =
        {
            .name = "cpython3.6",
            .numpy = NPKI_WRITES_NUMPY1,
            .long_text = true,
            .old_escapes = true,
            .framed_whole = true,
            .highest_protocol = 4,
        },
    [NPK_DIALECT_PICKLE_PY36] =
        {
            .name = "pickle.py3.6",
            .numpy = NPKI_WRITES_NUMPY1,
            .long_text = true,
            .old_escapes = true,
            .framed_whole = true,
            .plain_batches = true,
            .highest_protocol = 4,
        },
    [NPK_DIALECT_PICKLE_PY2] =
        {
            .name = "pickle.py2",
            .numpy = NPKI_WRITES_NUMPY1,
            .python2 = true,
            .old_escapes = true,
            .repr_floats = true,
            .plain_batches = true,
            .int_flags = true,
            .highest_protocol = 2,
        },
};

const size_t npki_dialect_count = sizeof npki_dialects / sizeof *npki_dialects;

const char *npk_dialect_name(npk_dialect dialect)
{
    return (size_t)dialect < npki_dialect_count ? npki_dialects[dialect].name : NULL;
}
