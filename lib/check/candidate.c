#include "check/candidate.h"

#include "opcode/opcode.h"
#include "value/event.h"
#include "value/step.h"

#include <string.h>

/* What the bytes show, and the dialects that may well have written them, the likeliest first. */
typedef enum plausible { FROM_PYTHON3, FROM_NUMPY2, FROM_CPICKLE, FROM_PICKLE_PY2, PLAUSIBLE } plausible;

#define LIKELY NPKI_CANDIDATES_LIKELY

static const npk_dialect likely[PLAUSIBLE][LIKELY] = {
    [FROM_PYTHON3] = {NPK_DIALECT_DEFAULT, NPK_PICKLE_PY(3, 10)},
    [FROM_NUMPY2] = {NPK_DIALECT_NUMPY2, NPK_PICKLE_PY(3, 10)},
    [FROM_CPICKLE] = {NPK_DIALECT_PYTHON2, NPK_PICKLE_PY(2, 7)},
    [FROM_PICKLE_PY2] = {NPK_PICKLE_PY(2, 7), NPK_DIALECT_PYTHON2},
};

/* What a pickle may hold that the columns of a Python are about, beside what a writer came to. */
enum {
    HOLDS_WIDE = 1 << NPKI_CAME_TO_COUNT, /* ints of more than 32 bits, and longs */
    HOLDS_NAMES = HOLDS_WIDE << 1,        /* what Python 2 has other types or names for */
    HOLDS_NESTED = HOLDS_NAMES << 1,      /* a class inside another */
    HOLDS_ALL = HOLDS_WIDE | HOLDS_NAMES
};

/* Those of a kind by itself; all of a kind that a protocol may write as a call. */
static const unsigned held_by[NPKI_KINDS] = {
    [NPK_KIND_GLOBAL] = HOLDS_NAMES,
    [NPK_KIND_COMPLEX] = HOLDS_ALL,
    [NPK_KIND_BYTES] = HOLDS_ALL,
    [NPK_KIND_BYTEARRAY] = HOLDS_ALL,
    [NPK_KIND_PYTHON2_STR] = HOLDS_ALL,
    [NPK_KIND_SET] = HOLDS_ALL,
    [NPK_KIND_FROZENSET] = HOLDS_ALL,
    [NPK_KIND_BUFFER] = HOLDS_ALL,
};

#define FEW 64 /* values that are looked at: a larger pickle is taken to hold anything */

static bool is_wide(const npk_value *value)
{
    int64_t number;
    return (value->history & NPKI_WAS_LONG) != 0 || !npk_value_as_int64(value, &number) || number < INT32_MIN ||
           number > INT32_MAX;
}

static unsigned held_in(const npk_value *value)
{
    switch (npk_value_kind(value)) {
    case NPK_KIND_INT:
        return is_wide(value) ? HOLDS_WIDE : 0u;
    case NPK_KIND_OBJECT: {
        const npki_object *object = value->u.object;
        bool plain =
            object->array == NULL && object->dtype == NULL && object->listitems == NULL && object->dictitems == NULL;
        return plain ? HOLDS_NAMES : HOLDS_ALL; /* the walk goes into what it is made of */
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

/* The columns by which a graph may be written in another way, and what must be in it for that; a graph has its memo,
 * its calls and NumPy's part of the bytes from its pickle. */
#define COLUMNS(X)                                                                                                     \
    X(int_bits, 7, HOLDS_WIDE)                                                                                         \
    X(python2, 1, HOLDS_WIDE | HOLDS_NAMES)                                                                            \
    X(from1, 1, NPKI_CAME_TO_NUMBER)                                                                                   \
    X(escapes, 3, NPKI_CAME_TO_ESCAPE)                                                                                 \
    X(floats, 2, NPKI_CAME_TO_FLOAT)                                                                                   \
    X(long_text, 1, NPKI_CAME_TO_INT)                                                                                  \
    X(empty_tuples, 1, NPKI_CAME_TO_TUPLE)                                                                             \
    X(batch, 11, NPKI_CAME_TO_BATCH)                                                                                   \
    X(lone_item, 1, NPKI_CAME_TO_LAST_ITEM)                                                                            \
    X(marked_item, 1, NPKI_CAME_TO_ITEM | NPKI_CAME_TO_LAST_ITEM)                                                      \
    X(lone_pair, 1, NPKI_CAME_TO_LAST_PAIR)                                                                            \
    X(framed_whole, 1, NPKI_CAME_TO_FRAME)                                                                             \
    X(lost_buffers, 1, NPKI_CAME_TO_BUFFER)                                                                            \
    X(keeps_alive, 1, NPKI_CAME_TO_INSTANCE)                                                                           \
    X(state_again, 1, NPKI_CAME_TO_AGAIN)                                                                              \
    X(short_setter, 1, NPKI_CAME_TO_SETTER)                                                                            \
    X(numbers, 1, NPKI_CAME_TO_OBJECT)                                                                                 \
    X(chars, 2, NPKI_CAME_TO_OBJECT)                                                                                   \
    X(bare_getattr, 1, HOLDS_NESTED)

#define PROTOCOL_BITS 3
#define NO_NUMPY ((1u << NPKI_NUMPY_BITS) - 1) /* the dialect says none; else it is its row */
#define RELEASE_BITS (NPKI_NUMPY_BITS + 1)     /* and whether it is one Python */

#define AND(column, bits, needs) +(bits)
_Static_assert(PROTOCOL_BITS + RELEASE_BITS COLUMNS(AND) <= 64, "a way of writing");
#undef AND

/* 0: the Python has not this protocol, or there is none. */
static uint64_t way_of(npk_dialect dialect, int protocol)
{
    const npki_python_row *row = npki_python_of(dialect);
    const uint64_t numpy =
        NPKI_NUMPY_IN(dialect) == 0 ? NO_NUMPY : (uint64_t)(npki_numpy_of(dialect) - npki_numpys) & NO_NUMPY;
    uint64_t way = numpy << 1 | (uint64_t)(dialect >> 16 != 0);
    if (row == NULL || protocol > npki_highest_protocol(row))
        return 0;
#define PUT(column, bits, needs) way = way << (bits) | (uint64_t)row->column;
    COLUMNS(PUT)
#undef PUT
    return way << PROTOCOL_BITS | (uint64_t)(protocol + 1);
}

/* The bits of a way that count where there is this. */
static uint64_t mask_of(unsigned in)
{
    uint64_t mask = ((in & NPKI_CAME_TO_NUMPY) != 0 ? NO_NUMPY << 1 | 1 : 0u) | ((in & NPKI_CAME_TO_PYTHON) != 0);
#define PUT(column, bits, needs) mask = mask << (bits) | ((in & (needs)) != 0 ? (UINT64_C(1) << (bits)) - 1 : 0);
    COLUMNS(PUT)
#undef PUT
    return mask << PROTOCOL_BITS | ((1u << PROTOCOL_BITS) - 1);
}

static bool names_numpy2(const npk_doc *doc)
{
    const npk_value *global;
    const char *module, *name;
    size_t module_size, name_size;
    for (size_t i = 0; (global = npki_name_at(doc, i)) != NULL; i++)
        if (npk_value_as_global(global, &module, &module_size, &name, &name_size) && module_size >= 11 &&
            memcmp(module, "numpy._core", 11) == 0)
            return true;
    return false;
}

static bool names_getattr(const npk_doc *doc)
{
    const npk_value *global;
    bool found = false;
    for (size_t i = 0; !found && (global = npki_name_at(doc, i)) != NULL; i++)
        found = npk_value_is_global(global, "builtins", "getattr");
    return found;
}

/* At protocol 0 that of an instance is part of its opcode. */
static bool has_bare_name(const npk_doc *doc)
{
    const npk_value *global;
    npk_doc_info info;
    bool found = false;
    npk_doc_info_of(doc, &info);
    for (size_t i = 0; !found && info.protocol > 0 && (global = npki_name_at(doc, i)) != NULL; i++)
        found = global->kind == NPK_KIND_GLOBAL && (global->history & NPKI_WAS_PUT) == 0;
    return found;
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

void npki_candidates_of(const npk_doc *doc, int protocol, const npk_allocator *allocator, npki_candidates *out)
{
    out->likely = likely_of(doc);
    out->exact = false;
    out->tried_count = 0;
    out->holds = 0;
    if (protocol < npki_opcodes[NPKI_ROW_BINBYTES].protocol) /* else none of this is spelled in several ways */
        out->holds = holds(npk_doc_root(doc), allocator);
    out->nested = protocol < npki_opcodes[NPKI_ROW_STACK_GLOBAL].protocol && names_getattr(doc);
    out->holds |= out->nested ? HOLDS_NESTED : 0u;
}

void npki_candidates_with_numpy(npki_candidates *candidates, npki_release major)
{
    for (size_t i = 0; i < npki_python_count; i++) {
        if (major == 0)
            candidates->bare[i] = npki_releases_python(&candidates->releases, i);
        const npk_dialect python = candidates->bare[i];
        const npk_dialect numpy = major == 0 ? 0 : npki_releases_numpy(&candidates->releases, major, python);
        candidates->pythons[i] = python == 0 || (major != 0 && numpy == 0) ? 0 : python | numpy;
    }
}

npk_status npki_candidates_exact(const npk_doc *doc, const npk_allocator *allocator, npki_candidates *out,
                                 npk_error *error)
{
    out->exact = true;
    out->bare_name = has_bare_name(doc);
    npk_status status = npki_releases_of(doc, allocator, &out->releases, error);
    npki_candidates_with_numpy(out, 0);
    for (size_t i = 0; status == NPK_OK && i < LIKELY; i++)
        out->fits[i] = npki_releases_have(&out->releases, out->likely[i]) &&
                       npki_releases_in(doc, allocator, out->likely[i], NULL) == NPK_OK;
    return status;
}

static npk_dialect dialect_of(const npki_candidates *candidates, size_t row)
{
    return candidates->exact ? candidates->pythons[row] : npki_pythons[row].since;
}

bool npki_candidate_at(const npki_candidates *candidates, size_t index, npk_dialect *out)
{
    if (index >= LIKELY + npki_python_count)
        return false;
    *out = index < LIKELY ? candidates->likely[index] : dialect_of(candidates, index - LIKELY);
    return true;
}

bool npki_candidate_fits(const npki_candidates *candidates, size_t index)
{
    return index < LIKELY ? !candidates->exact || candidates->fits[index] : dialect_of(candidates, index - LIKELY) != 0;
}

bool npki_candidate_is_new(const npki_candidates *candidates, npk_dialect dialect, int protocol)
{
    const uint64_t way = way_of(dialect, protocol);
    bool is_new = way != 0 || candidates->tried_count == 0; /* the first is tried, to say why it can't be */
    for (size_t i = 0; is_new && i < candidates->tried_count; i++)
        is_new = ((candidates->tried[i].way ^ way) & candidates->tried[i].mask) != 0;
    return is_new;
}

static npki_tried trying(const npki_candidates *candidates, npk_dialect dialect, int protocol, unsigned came_to)
{
    const unsigned releases = candidates->exact ? 0u : NPKI_CAME_TO_PYTHON | NPKI_CAME_TO_NUMPY;
    const unsigned in = (came_to | candidates->holds) & ~releases;
    return (npki_tried){.way = way_of(dialect, protocol), .mask = mask_of(in)};
}

void npki_candidate_tried(npki_candidates *candidates, npk_dialect dialect, int protocol, unsigned came_to)
{
    if (candidates->tried_count < NPKI_CANDIDATES_MOST)
        candidates->tried[candidates->tried_count++] = trying(candidates, dialect, protocol, came_to);
}

uint64_t npki_rows_like(const npki_candidates *candidates, npk_dialect dialect, int protocol, unsigned came_to)
{
    const npki_tried tried = trying(candidates, dialect, protocol, came_to);
    uint64_t rows = 0;
    for (size_t i = 0; i < npki_python_count; i++)
        if (npki_candidate_fits(candidates, LIKELY + i))
            rows |= (uint64_t)(((way_of(dialect_of(candidates, i), protocol) ^ tried.way) & tried.mask) == 0) << i;
    return rows;
}

uint64_t npki_rows_numbering_like(const npki_python_row *row, int protocol, unsigned came_to)
{
    uint64_t rows = 0;
    bool bytearrays = (came_to & NPKI_CAME_TO_BUFFER) != 0 && protocol >= npki_opcodes[NPKI_ROW_BYTEARRAY8].protocol;
    for (size_t i = 0; i < npki_python_count; i++) {
        const npki_python_row *other = &npki_pythons[i];
        bool like = other->numbers == row->numbers && (!bytearrays || other->lost_buffers == row->lost_buffers);
        rows |= (uint64_t)like << i;
    }
    return rows;
}
