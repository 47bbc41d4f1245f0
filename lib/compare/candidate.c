#include "compare/candidate.h"

#include <string.h>

/* What the bytes show, and the dialects that may well have written them, the likeliest first. */
typedef enum plausible { FROM_PYTHON3, FROM_NUMPY2, FROM_CPICKLE, FROM_PICKLE_PY2, PLAUSIBLE } plausible;

#define LIKELY 2

static const npk_dialect likely[PLAUSIBLE][LIKELY] = {
    [FROM_PYTHON3] = {NPK_DIALECT_DEFAULT, NPK_PICKLE_PY(3, 10)},
    [FROM_NUMPY2] = {NPK_DIALECT_NUMPY2, NPK_PICKLE_PY(3, 10)},
    [FROM_CPICKLE] = {NPK_DIALECT_PYTHON2, NPK_PICKLE_PY(2, 7)},
    [FROM_PICKLE_PY2] = {NPK_PICKLE_PY(2, 7), NPK_DIALECT_PYTHON2},
};

/* A graph has its memo, its calls and NumPy's part of the bytes from its pickle: this is all that a Python adds. */
static bool write_the_same(const npki_python_row *a, const npki_python_row *b, int protocol)
{
    bool text = a->long_text == b->long_text && a->escapes == b->escapes && a->floats == b->floats &&
                a->empty_tuples == b->empty_tuples;
    bool batches = a->batch == b->batch && a->lone_item == b->lone_item && a->lone_pair == b->lone_pair &&
                   a->marked_item == b->marked_item;
    bool ints = a->python2 == b->python2 && a->int_bits == b->int_bits;
    return ints && a->from1 == b->from1 && (protocol == 0 ? text : batches) &&
           (protocol < 4 || a->framed_whole == b->framed_whole);
}

static bool names_numpy2(const npk_doc *doc)
{
    const npk_value *global;
    const char *module, *name;
    size_t module_size, name_size;
    for (size_t i = 0; (global = npk_doc_global(doc, i)) != NULL; i++)
        if (npk_value_as_global(global, &module, &module_size, &name, &name_size) && module_size >= 11 &&
            memcmp(module, "numpy._core", 11) == 0)
            return true;
    return false;
}

/* Python 2 spells its str with opcodes of its own, and its cPickle counts the memo from 1. */
npki_candidates npki_candidates_of(const npk_doc *doc)
{
    npk_doc_info info;
    npk_doc_info_of(doc, &info);
    if (info.protocol <= 2 && info.first_put == 1)
        return (npki_candidates){likely[FROM_CPICKLE]};
    if (info.python2)
        return (npki_candidates){likely[info.first_put == 0 ? FROM_PICKLE_PY2 : FROM_CPICKLE]};
    return (npki_candidates){likely[names_numpy2(doc) ? FROM_NUMPY2 : FROM_PYTHON3]};
}

bool npki_candidate_at(const npki_candidates *candidates, size_t index, npk_dialect *out)
{
    if (index >= LIKELY + npki_python_count)
        return false;
    *out = index < LIKELY ? candidates->likely[index] : npki_pythons[index - LIKELY].since;
    return true;
}

bool npki_candidate_is_new(const npki_candidates *candidates, size_t index, int protocol)
{
    npk_dialect dialect, before;
    const npki_python_row *row = npki_candidate_at(candidates, index, &dialect) ? npki_python_of(dialect) : NULL;
    bool is_new = index == 0 || protocol <= npki_highest_protocol(row);
    for (size_t i = 0; i < index && is_new && npki_candidate_at(candidates, i, &before); i++) {
        const npki_python_row *other = npki_python_of(before);
        is_new = protocol > npki_highest_protocol(other) || !write_the_same(row, other, protocol);
    }
    return is_new;
}

uint64_t npki_rows_like(npk_dialect dialect, int protocol)
{
    uint64_t rows = 0;
    const npki_python_row *row = npki_python_of(dialect);
    for (size_t i = 0; i < npki_python_count; i++)
        if (protocol <= npki_highest_protocol(&npki_pythons[i]) && write_the_same(row, &npki_pythons[i], protocol))
            rows |= (uint64_t)1 << i;
    return rows;
}

uint64_t npki_rows_numbering_like(const npki_python_row *row)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < npki_python_count; i++)
        rows |= (uint64_t)(npki_pythons[i].numbers == row->numbers && npki_pythons[i].lost_buffers == row->lost_buffers)
                << i;
    return rows;
}
