#define _POSIX_C_SOURCE 200809L

#include "compare/check.h"

#include "compare/compare.h"
#include "compare/identify.h"

#include "base/error.h"
#include "writer/core/writer.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

/* --- which dialects ----------------------------------------------------------------------------------------------- */

/* What the bytes show, and the dialects that may well have written them, the likeliest first. All others come after. */
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
static const npk_dialect *order_of(const npk_doc *doc)
{
    npk_doc_info info;
    npk_doc_info_of(doc, &info);
    if (info.protocol <= 2 && info.first_put == 1)
        return likely[FROM_CPICKLE];
    if (info.python2)
        return likely[info.first_put == 0 ? FROM_PICKLE_PY2 : FROM_CPICKLE];
    return likely[names_numpy2(doc) ? FROM_NUMPY2 : FROM_PYTHON3];
}

/* The dialect to try after `index` others; false: there is none. */
static bool dialect_at(const npk_dialect *order, size_t index, npk_dialect *out)
{
    if (index >= LIKELY + npki_python_count)
        return false;
    *out = index < LIKELY ? order[index] : npki_pythons[index - LIKELY].since;
    return true;
}

/* Whether it can write other bytes than all before it. */
static bool is_worth_trying(const npk_dialect *order, size_t index, int protocol)
{
    npk_dialect dialect, before;
    const npki_python_row *row = dialect_at(order, index, &dialect) ? npki_python_of(dialect) : NULL;
    bool worth = index == 0 || protocol <= npki_highest_protocol(row);
    for (size_t i = 0; i < index && worth && dialect_at(order, i, &before); i++) {
        const npki_python_row *other = npki_python_of(before);
        worth = protocol > npki_highest_protocol(other) || !write_the_same(row, other, protocol);
    }
    return worth;
}

/* The rows that write as a dialect does, a bit for each. */
static uint64_t rows_like(npk_dialect dialect, int protocol)
{
    uint64_t rows = 0;
    const npki_python_row *row = npki_python_of(dialect);
    for (size_t i = 0; i < npki_python_count; i++)
        rows |= (uint64_t)(protocol <= npki_highest_protocol(&npki_pythons[i]) &&
                           write_the_same(row, &npki_pythons[i], protocol))
                << i;
    return rows;
}

/* --- where two pickles part --------------------------------------------------------------------------------------- */

typedef struct cursor {
    const uint8_t *bytes;
    size_t size;
    uint64_t at;
    npk_instruction in;
    bool ended;
} cursor;

/* The next instruction that is no FRAME: a frame's length changes with all that follows. */
static void advance(cursor *c)
{
    do {
        c->ended = c->at >= c->size || npk_instruction_at(c->bytes, c->size, c->at, &c->in, NULL) != NPK_OK;
        if (!c->ended)
            c->at = c->in.end;
    } while (!c->ended && strcmp(c->in.opcode->name, "FRAME") == 0);
}

static bool same_instruction(const cursor *a, const cursor *b)
{
    uint64_t size = a->in.end - a->in.offset;
    return !a->ended && !b->ended && b->in.end - b->in.offset == size &&
           memcmp(a->bytes + a->in.offset, b->bytes + b->in.offset, (size_t)size) == 0;
}

static void tell_cursor(const cursor *c, uint64_t *offset, const char **opcode)
{
    *offset = c->ended ? NPKI_CHECK_NOWHERE : c->in.offset;
    *opcode = c->ended ? NULL : c->in.opcode->name;
}

/* Both ended together: they differ in their frames alone. */
static bool part(const uint8_t *bytes, size_t size, const uint8_t *written, size_t written_size, npki_check_result *out)
{
    cursor a = {.bytes = bytes, .size = size}, b = {.bytes = written, .size = written_size};
    do {
        advance(&a);
        advance(&b);
    } while (same_instruction(&a, &b));
    tell_cursor(&a, &out->offset, &out->opcode);
    tell_cursor(&b, &out->written_offset, &out->written_opcode);
    return a.ended && b.ended;
}

/* --- what they are part of ---------------------------------------------------------------------------------------- */

/* What a comparison may cost. */
#define WORK_FREE ((uint64_t)1 << 24)
#define WORK_PER_BYTE 64u

/* npki_compare_tell */
static void take_difference(void *context, const char *path, const char *what)
{
    npki_check_result *out = context;
    out->path = strdup(path);
    snprintf(out->reason, sizeof out->reason, "another value: %s", what);
}

/* The path of a value, at the first place where it stands; NULL: it is no value of the walk. */
static npk_status path_of(const npk_value *root, const npk_value *wanted, char **out, npk_error *error)
{
    npk_walk *walk;
    const npk_value *value;
    npk_status status = npk_walk_start(root, NULL, &walk, error);
    *out = NULL;
    if (status != NPK_OK)
        return status;
    while ((status = npk_walk_next(walk, &value, error)) == NPK_OK && value != NULL && *out == NULL)
        if (value == wanted && (*out = strdup(npk_walk_path(walk))) == NULL) {
            status = npki_no_memory(error);
            break;
        }
    npk_walk_free(walk);
    return status;
}

/* Written a second time, to see which value was at hand at the byte. */
static npk_status find_value(const npk_doc *doc, npki_check_result *out, npk_error *error)
{
    npk_writer *writer;
    npk_write_options options = {.protocol_given = true, .protocol = out->protocol, .dialect = out->dialect};
    npk_status status = npk_writer_memory(&options, &writer, error);
    if (status != NPK_OK)
        return status;
    writer->watch = out->written_offset;
    npk_write_value(writer, npk_doc_root(doc));
    const npk_value *found = writer->watched;
    npk_writer_abandon(writer);
    return path_of(npk_doc_root(doc), found, &out->path, error);
}

/* Our own bytes read again: another value, or only another spelling of it. */
static npk_status explain(const npk_doc *doc, const uint8_t *written, size_t size, bool frames, npki_check_result *out,
                          npk_error *error)
{
    npk_doc *again = NULL;
    uint64_t differences = 0;
    npki_compare_options options = {.most = 1, .tell = take_difference, .context = out};
    options.work = WORK_FREE + WORK_PER_BYTE * (uint64_t)size;
    if (npk_doc_load_memory(written, size, NULL, &again, error) != NPK_OK) {
        snprintf(out->reason, sizeof out->reason, "what was written can't be read: %.200s", error->message);
        return NPK_OK;
    }
    npk_status status = npki_compare_values(npk_doc_root(doc), npk_doc_root(again), &options, &differences, error);
    npk_doc_free(again);
    if (status != NPK_OK || differences > 0)
        return status;
    snprintf(out->reason, sizeof out->reason, "%s", frames ? "other frames" : "spelling: the values are equal");
    return frames ? NPK_OK : find_value(doc, out, error);
}

/* --- writing again ------------------------------------------------------------------------------------------------ */

typedef struct attempt {
    uint8_t *bytes;
    size_t size;
} attempt;

static npk_status write_again(const npk_doc *doc, npk_dialect dialect, int protocol, attempt *out, npk_error *error)
{
    npk_writer *writer;
    npk_write_options options = {.protocol_given = true, .protocol = protocol, .dialect = dialect};
    npk_status status = npk_writer_memory(&options, &writer, error);
    if (status != NPK_OK)
        return status;
    npk_write_value(writer, npk_doc_root(doc)); /* its error is sticky */
    return npk_writer_finish_memory(writer, &out->bytes, &out->size, error);
}

/* How far it got. */
typedef struct search {
    const npk_doc *doc;
    const uint8_t *bytes;
    size_t size;
    attempt best;
    bool any;          /* `best` and the result hold the one that agrees longest */
    bool frames;       /* which differs in its frames alone */
    npk_error refused; /* why the first that has the protocol could not write it; else why the last has not */
} search;

/* One dialect. */
static npk_status try_one(search *s, npk_dialect dialect, int protocol, npki_check_result *out, npk_error *error)
{
    attempt it = {NULL, 0};
    npk_error refused;
    npk_status status = write_again(s->doc, dialect, protocol, &it, &refused);
    if (status != NPK_OK && (s->refused.status == NPK_OK || s->refused.status == NPK_ERR_USAGE))
        s->refused = refused;
    if (status == NPK_ERR_MEMORY)
        *error = refused;
    if (status != NPK_OK)
        return status == NPK_ERR_MEMORY ? status : NPK_OK;
    npki_check_result result = {.dialect = dialect, .protocol = protocol, .pythons = NPKI_IDENTIFY_ANY};
    result.identical = it.size == s->size && memcmp(it.bytes, s->bytes, s->size) == 0;
    if (result.identical)
        result.pythons = rows_like(dialect, protocol) | (out->identical ? out->pythons : 0);
    if (out->identical) { /* the first one is told; the others only tell who else it may be */
        out->pythons |= result.identical ? result.pythons : 0;
        npk_bytes_free(NULL, it.bytes, it.size);
        return NPK_OK;
    }
    bool frames = !result.identical && part(s->bytes, s->size, it.bytes, it.size, &result);
    if (!result.identical && s->any && result.offset <= out->offset) {
        npk_bytes_free(NULL, it.bytes, it.size);
        return NPK_OK;
    }
    npk_bytes_free(NULL, s->best.bytes, s->best.size);
    s->best = it;
    s->any = true;
    s->frames = frames;
    *out = result;
    return NPK_OK;
}

static npk_status conclude(search *s, npki_check_result *out, npk_error *error)
{
    if (s->any)
        return out->identical ? NPK_OK : explain(s->doc, s->best.bytes, s->best.size, s->frames, out, error);
    if (s->refused.status == NPK_ERR_USAGE) {
        *error = s->refused;
        return NPK_ERR_USAGE;
    }
    out->offset = out->written_offset = NPKI_CHECK_NOWHERE;
    snprintf(out->reason, sizeof out->reason, "it can't be written: %.240s", s->refused.message);
    return NPK_OK;
}

npk_status npki_check(const npk_doc *doc, const uint8_t *bytes, size_t size, const npki_check_wish *wish,
                      npki_check_result *out, npk_error *error)
{
    search s = {.doc = doc, .bytes = bytes, .size = size, .refused = {.status = NPK_OK}};
    const npk_dialect *order = order_of(doc);
    npk_dialect dialect = wish->dialect_given ? wish->dialect : order[0];
    npk_doc_info info;
    npk_doc_info_of(doc, &info);
    int first = wish->protocol_given ? wish->protocol : info.protocol;
    int last = first == 0 && !wish->protocol_given ? 1 : first; /* the two look the same where they share all opcodes */
    npk_status status = NPK_OK;
    *out = (npki_check_result){.dialect = dialect, .protocol = first, .pythons = NPKI_IDENTIFY_ANY};
    for (size_t i = 0; i == 0 || (!wish->dialect_given && dialect_at(order, i, &dialect)); i++)
        for (int protocol = first; status == NPK_OK && protocol <= last; protocol++)
            if (wish->dialect_given || is_worth_trying(order, i, protocol))
                status = try_one(&s, dialect, protocol, out, error);
    if (status == NPK_OK)
        status = conclude(&s, out, error);
    if (s.any)
        npk_bytes_free(NULL, s.best.bytes, s.best.size);
    return status;
}
