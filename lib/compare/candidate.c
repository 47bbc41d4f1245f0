#include "compare/candidate.h"

#include "opcode/opcode.h"
#include "value/event.h"
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

/* What a pickle may hold that the columns of a Python are about. */
enum {
    HOLDS_WIDE = 1 << 0,      /* ints of more than 32 bits, and longs */
    HOLDS_NAMES = 1 << 1,     /* what Python 2 has other types or names for */
    HOLDS_MEMO = 1 << 2,      /* what has a number in the memo */
    HOLDS_TEXT = 1 << 3,      /* str */
    HOLDS_FLOAT = 1 << 4,     /* floats */
    HOLDS_INT = 1 << 5,       /* ints */
    HOLDS_TUPLE = 1 << 6,     /* tuples */
    HOLDS_LONE_ITEM = 1 << 7, /* a list of one item */
    HOLDS_LONE_PAIR = 1 << 8, /* a dict of one */
    HOLDS_MANY = 1 << 9,      /* items that may be more than a batch */
    HOLDS_ALL = (1 << 10) - 1
};

/* Those of a kind by itself; all of a kind that a protocol may write as a call. */
static const unsigned held_by[NPKI_KINDS] = {
    [NPK_KIND_FLOAT] = HOLDS_FLOAT,
    [NPK_KIND_STR] = HOLDS_MEMO | HOLDS_NAMES | HOLDS_TEXT,
    [NPK_KIND_TUPLE] = HOLDS_MEMO | HOLDS_TUPLE,
    [NPK_KIND_GLOBAL] = HOLDS_MEMO | HOLDS_NAMES,
    [NPK_KIND_COMPLEX] = HOLDS_ALL,
    [NPK_KIND_BYTES] = HOLDS_ALL,
    [NPK_KIND_BYTEARRAY] = HOLDS_ALL,
    [NPK_KIND_PYTHON2_STR] = HOLDS_ALL,
    [NPK_KIND_SET] = HOLDS_ALL,
    [NPK_KIND_FROZENSET] = HOLDS_ALL,
    [NPK_KIND_BUFFER] = HOLDS_ALL,
    [NPK_KIND_EXTENSION] = HOLDS_ALL,
    [NPK_KIND_PERSID] = HOLDS_ALL,
};

#define FEW 64 /* values that are looked at, fewer than in a batch: of a larger pickle anything is taken to be in it */

static bool is_wide(const npk_value *value)
{
    int64_t number;
    return (value->history & NPKI_WAS_LONG) != 0 || !npk_value_as_int64(value, &number) || number < INT32_MIN ||
           number > INT32_MAX;
}

/* Of a list or dict, by how many items it has; with something between them, each part is in batches by itself. */
static unsigned held_by_items(const npk_value *value, unsigned lone)
{
    size_t count = npk_value_size(value);
    return HOLDS_MEMO | (count > FEW || npki_events_of(value) != NULL ? HOLDS_MANY : count == 1 ? lone : 0);
}

static unsigned held_in(const npk_value *value)
{
    switch (npk_value_kind(value)) {
    case NPK_KIND_INT:
        return is_wide(value) ? HOLDS_INT | HOLDS_WIDE : HOLDS_INT;
    case NPK_KIND_LIST:
        return held_by_items(value, HOLDS_LONE_ITEM);
    case NPK_KIND_DICT:
        return held_by_items(value, HOLDS_LONE_PAIR);
    case NPK_KIND_OBJECT: {
        const npki_object *object = value->u.object;
        bool plain =
            object->array == NULL && object->dtype == NULL && object->listitems == NULL && object->dictitems == NULL;
        return plain ? HOLDS_MEMO | HOLDS_NAMES : HOLDS_ALL; /* the walk goes into what it is made of */
    }
    default:
        return (size_t)value->kind < NPKI_KINDS ? held_by[value->kind] : HOLDS_ALL;
    }
}

/* Each way that is left out is a writing that need not be: many pickles are small. */
static unsigned holds(const npk_value *root, const npk_allocator *allocator)
{
    npk_walk *walk = NULL;
    const npk_value *value = root;
    unsigned found = held_in(root);
    if (npki_children(root) == 0 || found == HOLDS_ALL)
        return found;
    npk_status status = npk_walk_start(root, allocator, &walk, NULL);
    found |= status != NPK_OK ? HOLDS_ALL : 0u;
    for (size_t i = 0; status == NPK_OK && value != NULL && found != HOLDS_ALL; i++) {
        status = npk_walk_next(walk, &value, NULL);
        found |= i == FEW || status != NPK_OK ? HOLDS_ALL : value != NULL ? held_in(value) : 0u;
    }
    npk_walk_free(walk);
    return found;
}

#define WAY_BIT UINT32_C(1)

/* What a Python writes in a way of its own at this protocol: a graph has its memo, its calls and NumPy's part of the bytes from its
 * pickle, and this is all that a Python adds. 0: it has not this protocol. What nothing in the pickle is written by says nothing. */
static uint32_t way_of(const npki_candidates *candidates, const npki_python_row *row, int protocol)
{
    if (protocol > npki_highest_protocol(row))
        return 0;
    const unsigned in = candidates->holds;
    uint32_t way = 0;
#define PART(holds, bits, column) (way = way << (bits) | ((in & (holds)) != 0 ? (uint32_t)row->column : 0))
    PART(HOLDS_WIDE, 7, int_bits);
    PART(HOLDS_WIDE | HOLDS_NAMES, 1, python2);
    PART(HOLDS_MEMO, 1, from1);
    if (protocol == 0) {
        PART(HOLDS_TEXT, 3, escapes);
        PART(HOLDS_FLOAT, 2, floats);
        PART(HOLDS_INT, 1, long_text);
        PART(HOLDS_TUPLE, 1, empty_tuples);
    } else {
        PART(HOLDS_MANY, 11, batch);
        PART(HOLDS_MANY | HOLDS_LONE_ITEM, 1, lone_item);
        PART(HOLDS_MANY | HOLDS_LONE_ITEM, 1, marked_item);
        PART(HOLDS_MANY | HOLDS_LONE_PAIR, 1, lone_pair);
    }
    if (protocol >= 4)
        way = way << 1 | row->framed_whole;
#undef PART
    return way << 1 | WAY_BIT;
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

npki_candidates npki_candidates_of(const npk_doc *doc, int protocol, int last, const npk_allocator *allocator)
{
    npki_candidates out = {.likely = likely_of(doc), .protocol = protocol};
    out.holds = holds(npk_doc_root(doc), allocator);
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
