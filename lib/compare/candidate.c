#include "compare/candidate.h"

#include "opcode/opcode.h"
#include "value/step.h"

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

#define WAY_BIT UINT32_C(1)

/* What a Python writes in a way of its own at this protocol: a graph has its memo, its calls and NumPy's part of the bytes from its
 * pickle, and this is all that a Python adds. 0: it has not this protocol. In which batches items come says nothing where there are none. */
static uint32_t way_of(const npki_candidates *candidates, const npki_python_row *row, int protocol)
{
    if (protocol > npki_highest_protocol(row))
        return 0;
    uint32_t ints = (uint32_t)row->int_bits << 2 | (uint32_t)row->python2 << 1 | (uint32_t)row->from1;
    uint32_t text = (uint32_t)row->escapes << 4 | (uint32_t)row->floats << 2 | (uint32_t)row->long_text << 1 |
                    (uint32_t)row->empty_tuples;
    uint32_t batches = (uint32_t)row->batch << 3 | (uint32_t)row->lone_item << 2 | (uint32_t)row->lone_pair << 1 |
                       (uint32_t)row->marked_item;
    uint32_t own = protocol == 0 ? text : candidates->has_items ? batches : 0;
    uint32_t frames = protocol >= 4 && row->framed_whole ? 1 : 0;
    return (own << 10 | ints) << 2 | frames << 1 | WAY_BIT;
}

/* Kinds that no protocol writes as a call, and without names, which are another matter of the dialect. */
static const bool is_bare[NPKI_KINDS] = {
    [NPK_KIND_NONE] = true, [NPK_KIND_BOOL] = true,  [NPK_KIND_INT] = true,  [NPK_KIND_FLOAT] = true,
    [NPK_KIND_STR] = true,  [NPK_KIND_TUPLE] = true, [NPK_KIND_LIST] = true, [NPK_KIND_DICT] = true,
};

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
static const npk_dialect *likely_of(const npk_doc *doc)
{
    npk_doc_info info;
    npk_doc_info_of(doc, &info);
    if (info.protocol <= 2 && info.first_put == 1)
        return likely[FROM_CPICKLE];
    if (info.python2)
        return likely[info.first_put == 0 ? FROM_PICKLE_PY2 : FROM_CPICKLE];
    return likely[names_numpy2(doc) ? FROM_NUMPY2 : FROM_PYTHON3];
}

/* The first one is tried in any case. */
static bool is_new(const uint32_t *ways, size_t index)
{
    size_t i = 0;
    while (i < index && ways[i] != ways[index])
        i++;
    return index == 0 || (ways[index] != 0 && i == index);
}

npki_candidates npki_candidates_of(const npk_doc *doc, int protocol, int last)
{
    npki_candidates out = {.likely = likely_of(doc), .protocol = protocol};
    const npk_value *root = npk_doc_root(doc);
    out.has_items = !is_bare[root->kind] || npki_children(root) > 0;
    npk_dialect dialect;
    out.count = npki_python_count < NPKI_CANDIDATES_MOST - LIKELY ? LIKELY + npki_python_count : NPKI_CANDIDATES_MOST;
    for (int next = 0; next <= last - protocol && next < 2; next++)
        for (size_t i = 0; npki_candidate_at(&out, i, &dialect); i++) {
            const npki_python_row *row = i < LIKELY ? npki_python_of(dialect) : &npki_pythons[i - LIKELY];
            out.ways[next][i] = way_of(&out, row, protocol + next);
            out.is_new[next][i] = is_new(out.ways[next], i);
        }
    return out;
}

bool npki_candidate_at(const npki_candidates *candidates, size_t index, npk_dialect *out)
{
    if (index >= candidates->count)
        return false;
    *out = index < LIKELY ? candidates->likely[index] : npki_pythons[index - LIKELY].since;
    return true;
}

bool npki_candidate_is_new(const npki_candidates *candidates, size_t index, int protocol)
{
    return candidates->is_new[protocol - candidates->protocol][index];
}

uint64_t npki_rows_like(const npki_candidates *candidates, npk_dialect dialect, int protocol)
{
    uint64_t rows = 0;
    const uint32_t *ways = candidates->ways[protocol - candidates->protocol],
                   way = way_of(candidates, npki_python_of(dialect), protocol);
    for (size_t i = LIKELY; i < candidates->count; i++)
        rows |= (uint64_t)(ways[i] != 0 && ways[i] == way) << (i - LIKELY);
    return rows;
}

uint64_t npki_rows_numbering_like(const npki_python_row *row, int protocol)
{
    uint64_t rows = 0;
    bool bytearrays = protocol >= npki_opcodes[NPKI_ROW_BYTEARRAY8].protocol;
    for (size_t i = 0; i < npki_python_count; i++) {
        const npki_python_row *other = &npki_pythons[i];
        bool like = other->numbers == row->numbers && (!bytearrays || other->lost_buffers == row->lost_buffers);
        rows |= (uint64_t)like << i;
    }
    return rows;
}
