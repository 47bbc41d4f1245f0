#include "check/search.h"

#include "base/bytes.h"
#include "base/error.h"
#include "reader/build.h"
#include "writer/graph/graph.h"
#include "writer/open.h"

#include <npickle/opcode.h>

#include <errno.h>
#include <string.h>

/* Whether it is known why it can't be written: what is said of other writings nobody reads. */
static bool is_refused(const npki_search *s)
{
    return s->refused.status != NPK_OK && s->refused.status != NPK_ERR_USAGE;
}

/* npk_buffer_function: what was outside stays there. */
static bool is_outside(void *context, const npk_buffer *buffer)
{
    (void)context;
    return buffer->outside;
}

static npk_write_options writing(const npki_search *s, npk_dialect dialect, int protocol)
{
    return (npk_write_options){.allocator = &s->allocator,
                               .limits = s->reading.limits,
                               .protocol_given = true,
                               .protocol = protocol,
                               .dialect = dialect,
                               .translate_names = s->strict,
                               .buffer = is_outside};
}

/* Not those after 3.13 of a class inside another, which go by how it was found. */
static bool tells_numbers(const npki_search *s, const npki_python_row *python)
{
    return !(python->bare_getattr && s->candidates.nested);
}

/* Whether the numbers are those that a pickler gives: not where it goes by what a pickle does not tell, as Python 2's
 * does by who holds a value, if it is no class or function. */
static bool numbers_anew(const npki_search *s, const npki_python_row *python)
{
    const bool by_holders = python->numbers == NPKI_NUMBERS_HELD && !s->candidates.bare_name;
    return s->numbered && !by_holders && tells_numbers(s, python);
}

npk_status npki_search_write(npki_search *s, npk_dialect dialect, int protocol, npk_error *error)
{
    npk_write_options options = writing(s, dialect, protocol);
    npk_status status = npki_writer_memory_again(&s->writer, &options, error);
    if (status != NPK_OK)
        return status;
    npk_writer *writer = s->writer;
    if (numbers_anew(s, writer->python))
        writer->graph_numbered = npki_numbered_of(writer);
    writer->states = NPKI_STATES_STAY;
    writer->spending.worth = s->worth;
    writer->beside = s->bytes;
    writer->beside_size = s->size;
    if (!s->strict)
        writer->opcodes = NPKI_OPCODES_AS_READ;
    if (is_refused(s) || error == NULL)
        writer->say = NPKI_ERRORS_SAY_STATUS;
    npki_stand_behind_earlier(writer, s->doc);
    return NPK_OK;
}

/* The document, to its end, and what there is to be known of its writer then. */
static npk_status write_root(npki_search *s, npki_attempt *it, npk_error *error)
{
    npk_writer *writer = s->writer;
    const int64_t first = writer->next_memo;
    npk_write_value(writer, npk_doc_root(s->doc)); /* its error is sticky */
    npk_status status = npki_writer_end(writer, error);
    const bool numbers = writer->next_memo != first;
    it->came_to = writer->came_to | (numbers ? NPKI_CAME_TO_NUMBER | NPKI_CAME_TO_OBJECT : 0u) |
                  (writer->unnumbered != UINT64_MAX ? NPKI_CAME_TO_OBJECT : 0u);
    it->all_numbered = writer->unnumbered == UINT64_MAX && (writer->came_to & NPKI_CAME_TO_OBJECT) == 0;
    s->worth = writer->spending.found != 0 ? writer->spending.found : s->worth;
    return status;
}

/* Writes it to its end. The bytes are the writer's. */
static npk_status write_whole(npki_search *s, npki_attempt *it, npk_error *error)
{
    npk_status status = npki_search_write(s, it->dialect, it->protocol, error);
    return status == NPK_OK ? write_root(s, it, error) : status;
}

/* How much of a writing is the same as what was read; the first byte that is not ends it. */
typedef struct agreement {
    const uint8_t *bytes;
    size_t size, at;
    bool ended;
    uint64_t frame; /* where a whole frame begins, of which the length was not known when its header was written */
    npk_writer *writer;
} agreement;

static void note_agreement(agreement *a, const uint8_t *written, size_t size)
{
    const uint8_t *read = a->bytes + a->at;
    size_t left = a->size - a->at, most = size < left ? size : left, same = 0;
    if (most > 0 && memcmp(written, read, most) == 0)
        same = most;
    while (same < most && written[same] == read[same])
        same++;
    a->at += same;
    a->ended = same < size;
}

/* npk_write_function */
static int agree(void *context, const void *bytes, size_t size)
{
    agreement *a = context;
    note_agreement(a, bytes, size);
    if (a->ended && a->writer->error.status == NPK_OK)
        a->writer->error.status = NPK_ERR_IO; /* in no words, which nobody reads: this ends many small writings */
    return a->ended ? ECANCELED : 0;
}

/* The length that a frame has in what was read. If the frame that is written turns out to have another, they part
 * there. */
static uint64_t frame_length(void *context, uint64_t offset)
{
    agreement *a = context;
    a->frame = offset;
    return offset < a->size && a->size - offset > NPKI_FRAME_HEADER
               ? npki_load_le(a->bytes + offset + 1, NPKI_FRAME_HEADER - 1)
               : 0;
}

#define SMALL ((size_t)4096) /* bytes of a pickle that is written whole before it is looked at */

/* Writes as far as that, a small one whole: then the bytes are the writer's. *identical: all of it is the same. Errors:
 * those of the writing, but not that it ended. */
static npk_status write_as_far(npki_search *s, npki_attempt *it, agreement *out, npk_error *error)
{
    const bool small = s->size <= SMALL;
    *out = (agreement){.bytes = s->bytes, .size = s->size};
    it->identical = false;
    npk_status status = npki_search_write(s, it->dialect, it->protocol, error);
    if (status != NPK_OK)
        return status;
    out->writer = s->writer;
    s->writer->write = small ? NULL : agree;
    s->writer->context = out;
    s->writer->frame_length = small ? NULL : frame_length;
    status = write_root(s, it, error);
    if (small && status == NPK_OK)
        note_agreement(out, s->writer->out.bytes, s->writer->out.size);
    if (status == NPK_ERR_IO && !out->ended) {
        out->at = (size_t)out->frame + 1;
        out->ended = true;
    }
    if (out->ended)
        return NPK_OK;
    it->identical = status == NPK_OK && out->at == s->size;
    return status;
}

/* The last one is the best so far. Its bytes are kept, for what is different in them. */
static void keep(npki_search *s, const npki_attempt *it)
{
    const npki_dynbuf last = s->written;
    s->best = *it;
    s->written = s->writer->out;
    s->writer->out = last;
    npki_dynbuf_trim(&s->written);
}

/* Whether the byte at which a writing parts from what was read lies behind the opcode at which the best one does. Where
 * there are frames, which differ before all else, it may in any case. */
static bool may_be_better(const npki_search *s, const npki_attempt *it, const agreement *found)
{
    npk_instruction in;
    if (s->best.parting.first.offset == NPK_NO_OFFSET)
        return false;
    return it->protocol >= npki_opcodes[NPKI_ROW_FRAME].protocol ||
           npk_instruction_at(s->bytes, s->size, s->best.parting.first.offset, &in, NULL) != NPK_OK ||
           found->at >= in.end;
}

/* The numbers of the pickle are nobody's own, unless they are to be those of a pickler: then it is not the same whether
 * one gives a number to all, or goes by what the pickle does not tell. */
static unsigned came_to(const npki_search *s, const npki_attempt *it)
{
    return s->numbered ? it->came_to : it->came_to & ~(unsigned)NPKI_CAME_TO_OBJECT;
}

/* It was written, as far as is to be known. */
static void note_tried(npki_search *s, const npki_attempt *it)
{
    npki_candidate_tried(&s->candidates, it->dialect, it->protocol, came_to(s, it));
    if (it->identical && (it->came_to & NPKI_CAME_TO_NO_PYTHON) == 0)
        s->pythons |= npki_rows_like(&s->candidates, it->dialect, it->protocol, came_to(s, it));
}

#define CAME_TO_ALL ((1u << NPKI_CAME_TO_COUNT) - 1)

/* It could not be written. Where that is so whoever writes what it came to until then, none of these need be tried;
 * else it is not known what it would have come to. Errors: NPK_ERR_MEMORY. */
static npk_status note_refused(npki_search *s, const npki_attempt *it, const npk_error *refused, npk_error *error)
{
    const bool always = refused->status == NPK_ERR_UNSUPPORTED && s->writer->refused_alike;
    npki_candidate_tried(&s->candidates, it->dialect, it->protocol, always ? came_to(s, it) : CAME_TO_ALL);
    if (!is_refused(s))
        s->refused = *refused;
    return refused->status == NPK_ERR_MEMORY ? npki_no_memory(error) : NPK_OK;
}

/* What is tried of a dialect. Errors: NPK_ERR_MEMORY. */
typedef npk_status try_function(npki_search *s, npk_dialect dialect, int protocol, npk_error *error);

/* Whether it is identical, and no more: nothing of what is written is held. */
static npk_status try_as_it_comes(npki_search *s, npk_dialect dialect, int protocol, npk_error *error)
{
    npki_attempt it = {.made = true, .dialect = dialect, .protocol = protocol};
    npk_error refused = {.status = NPK_OK};
    agreement found;
    if (write_as_far(s, &it, &found, &refused) != NPK_OK)
        return note_refused(s, &it, &refused, error);
    note_tried(s, &it);
    if (it.identical && !s->best.made)
        s->best = it;
    return NPK_OK;
}

static npk_status try_whole(npki_search *s, npk_dialect dialect, int protocol, npk_error *error)
{
    npki_attempt it = {.made = true, .dialect = dialect, .protocol = protocol};
    npk_error refused = {.status = NPK_OK};
    agreement found;
    const bool small = s->size <= SMALL;
    npk_status status = small || s->best.made ? write_as_far(s, &it, &found, &refused) : NPK_OK;
    if (s->best.made && status == NPK_OK && (s->best.identical || (!it.identical && !may_be_better(s, &it, &found)))) {
        note_tried(s, &it);
        return NPK_OK;
    }
    if (status == NPK_OK && !small)
        status = write_whole(s, &it, &refused);
    if (status != NPK_OK)
        return note_refused(s, &it, &refused, error);
    const npki_dynbuf *written = &s->writer->out;
    it.identical = written->size == s->size && memcmp(written->bytes, s->bytes, s->size) == 0;
    note_tried(s, &it);
    if (!it.identical)
        it.parting = npki_part(s->bytes, s->size, written->bytes, written->size);
    if (!s->best.made || it.identical || it.parting.first.offset > s->best.parting.first.offset)
        keep(s, &it);
    s->writer->out.size = 0;
    npki_dynbuf_trim(&s->writer->out);
    return NPK_OK;
}

/* Whether a pickler that numbers as this row does writes the same bytes: as it does where all that it would number has
 * a number. */
static npk_status numbers_the_same(npki_search *s, const npki_python_row *row, bool *same, npk_error *error)
{
    const npki_python_row *best = npki_python_of(s->best.dialect);
    npki_attempt it = {.dialect = row->since, .protocol = s->best.protocol};
    agreement found;
    *same = s->best.all_numbered && best->numbers == row->numbers && best->chars == row->chars &&
            best->lost_buffers == row->lost_buffers;
    if (*same)
        return NPK_OK;
    s->numbered = true;
    npk_status status = write_as_far(s, &it, &found, NULL);
    s->numbered = false;
    *same = it.identical;
    return status == NPK_ERR_MEMORY ? npki_no_memory(error) : NPK_OK;
}

/* A graph has its numbers in the memo from its pickle; a pickler that gives one to each value has others where some are
 * missing, as pickletools.optimize and Pickler.fast leave them. Then it is not one of these. */
static npk_status leave_out_other_numbers(npki_search *s, npk_error *error)
{
    uint64_t known = 0;
    npk_status status = NPK_OK;
    if (!s->best.identical || s->numbered || (s->best.came_to & NPKI_CAME_TO_OBJECT) == 0)
        return NPK_OK;
    for (size_t i = 0; status == NPK_OK && i < npki_python_count; i++) {
        bool same = true;
        if ((s->pythons >> i & 1) == 0 || (known >> i & 1) != 0 || npki_pythons[i].numbers != NPKI_NUMBERS_ALL ||
            !tells_numbers(s, &npki_pythons[i]))
            continue;
        uint64_t alike = npki_rows_numbering_like(&npki_pythons[i], s->best.protocol, s->best.came_to);
        status = numbers_the_same(s, &npki_pythons[i], &same, error);
        known |= alike;
        for (size_t k = 0; !same && k < npki_python_count; k++)
            if (tells_numbers(s, &npki_pythons[k]))
                s->pythons &= ~(alike & UINT64_C(1) << k);
    }
    return status;
}

typedef struct attempts {
    try_function *try;
    int first, last; /* protocols */
} attempts;

/* A dialect at each of two protocols. The second is for what the first can't hold: a pickle that has no opcode of
 * protocol 1 agrees with what is written at that one no longer than with what is written at protocol 0. */
static npk_status try_dialect(npki_search *s, const attempts *how, npk_dialect dialect, bool only_new, npk_error *error)
{
    npk_status status = NPK_OK;
    for (int protocol = how->first; status == NPK_OK && protocol <= how->last; protocol++)
        if ((protocol == how->first || !s->best.made) &&
            (!only_new || npki_candidate_is_new(&s->candidates, dialect, protocol)))
            status = how->try(s, dialect, protocol, error);
    return status;
}

/* Each that can write other bytes than those before it, from one to another. */
static npk_status try_candidates(npki_search *s, const attempts *how, size_t from, size_t end, npk_error *error)
{
    npk_dialect dialect;
    npk_status status = NPK_OK;
    for (size_t i = from; status == NPK_OK && i < end && npki_candidate_at(&s->candidates, i, &dialect); i++)
        if (npki_candidate_fits(&s->candidates, i))
            status = try_dialect(s, how, dialect, true, error);
    return status;
}

/* Those that npickle has names for, then each Python; where a name is of NumPy, with the last NumPy of each major
 * version, which spells it. */
static npk_status try_releases(npki_search *s, const attempts *how, npk_error *error)
{
    npki_candidates *c = &s->candidates;
    npk_status status = try_candidates(s, how, 0, NPKI_CANDIDATES_LIKELY, error);
    if (status == NPK_OK && !c->releases.names_numpy)
        return try_candidates(s, how, NPKI_CANDIDATES_LIKELY, SIZE_MAX, error);
    for (npki_release major = NPKI_MAJORS - 1; status == NPK_OK && major > 0; major--) {
        npki_candidates_with_numpy(c, major);
        status = try_candidates(s, how, NPKI_CANDIDATES_LIKELY, SIZE_MAX, error);
    }
    return status;
}

static npk_status try_each(npki_search *s, const npk_check_options *options, const attempts *how, npk_error *error)
{
    if ((options->flags & NPK_CHECK_DIALECT) != 0)
        return try_dialect(s, how, options->dialect, false, error);
    return s->strict ? try_releases(s, how, error) : try_candidates(s, how, 0, SIZE_MAX, error);
}

/* *has: whether a pickler may have written the names of the pickle, that of the dialect if the caller wants one; else
 * s->refused says why not. What is no dialect, or has not the protocol, is left for the writer to say. Errors:
 * NPK_ERR_MEMORY. */
static npk_status ask_names(npki_search *s, const npk_check_options *options, int protocol, bool *has, npk_error *error)
{
    const bool any_dialect = (options->flags & NPK_CHECK_DIALECT) == 0;
    const npki_python_row *python;
    const npki_numpy_row *numpy;
    *has = true;
    if (!s->strict || (!any_dialect && npki_dialect_rows(options->dialect, &python, &numpy, NULL) != NPK_OK) ||
        (!any_dialect && protocol > npki_highest_protocol(python)))
        return NPK_OK;
    npk_status status = any_dialect ? npki_candidates_exact(s->doc, &s->allocator, &s->candidates, &s->refused)
                                    : npki_releases_in(s->doc, &s->allocator, options->dialect, &s->refused);
    *has = status == NPK_OK;
    return status == NPK_ERR_MEMORY ? npki_no_memory(error) : NPK_OK;
}

#define LARGE ((size_t)1 << 20) /* bytes of a pickle: below, few writings measure anything, and may be held */

static npk_status try_all(npki_search *s, const npk_check_options *options, npk_check_result *out, npk_error *error)
{
    bool any_dialect = (options->flags & NPK_CHECK_DIALECT) == 0,
         any_protocol = (options->flags & NPK_CHECK_PROTOCOL) == 0;
    npk_dialect dialect = options->dialect;
    npk_doc_info info;
    npk_doc_info_of(s->doc, &info);
    attempts how = {.try = try_as_it_comes, .first = any_protocol ? info.protocol : options->protocol};
    how.last = how.first == 0 && any_protocol ? 1 : how.first; /* the two look the same where they share all opcodes */
    npki_candidates_of(s->doc, how.first, &s->allocator, &s->candidates);
    if (any_dialect)
        (void)npki_candidate_at(&s->candidates, 0, &dialect);
    if (out != NULL) {
        out->dialect = dialect;
        out->protocol = how.first;
    }
    bool has;
    npk_status status = ask_names(s, options, how.first, &has, error);
    if (status != NPK_OK || !has)
        return status;
    status = s->size > LARGE ? try_each(s, options, &how, error) : NPK_OK;
    if (status != NPK_OK || s->best.made)
        return status;
    s->candidates.tried_count = 0; /* which of them comes nearest was not looked at */
    how.try = try_whole;
    return try_each(s, options, &how, error);
}

npk_status npki_search_all(npki_search *s, const npk_check_options *options, npk_check_result *out, npk_error *error)
{
    npk_status status = try_all(s, options, out, error);
    return status == NPK_OK ? leave_out_other_numbers(s, error) : status;
}

void npki_search_start(npki_search *s, const npk_doc *doc, const void *bytes, size_t size,
                       const npk_allocator *allocator)
{
    memset(s, 0, sizeof *s);
    s->doc = doc;
    s->bytes = bytes;
    s->size = size;
    s->allocator = *allocator;
    npki_dynbuf_init(&s->written, &s->allocator, SIZE_MAX / 2);
}

void npki_search_end(npki_search *s)
{
    npki_dynbuf_free(&s->written);
    npk_writer_abandon(s->writer);
}
