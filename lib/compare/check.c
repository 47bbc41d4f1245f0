/* A pickle read, written again, and compared. */
#include "compare/candidate.h"
#include "compare/identify.h"
#include "compare/part.h"

#include "base/error.h"
#include "base/file.h"
#include "base/reserved.h"
#include "reader/build.h"
#include "text/sink.h"
#include "writer/graph/graph.h"

#include <npickle/check.h>
#include <npickle/compare.h>
#include <string.h>

const char *npk_verdict_text(npk_verdict verdict)
{
    static const char *const texts[] = {
#define TEXT(verdict, value, text) [value] = (text),
        NPK_VERDICT_ROWS(TEXT)
#undef TEXT
    };
    return (size_t)verdict < sizeof texts / sizeof *texts ? texts[verdict] : "an unknown verdict";
}

/* --- the result --------------------------------------------------------------------------------------------------- */

/* What a result owns. */
typedef struct owned_path {
    npk_allocator allocator;
    size_t size; /* of all of it */
    char text[];
} owned_path;

/* False without memory. */
static bool keep_path(npk_check_result *out, const npk_allocator *allocator, const char *path)
{
    size_t length = strlen(path) + 1, size = sizeof(owned_path) + length;
    owned_path *owned = npki_allocate(allocator, size);
    if (owned == NULL)
        return false;
    owned->allocator = *allocator;
    owned->size = size;
    memcpy(owned->text, path, length);
    out->owned = owned;
    out->path = owned->text;
    return true;
}

void npk_check_result_free(npk_check_result *result)
{
    owned_path *owned = result == NULL ? NULL : result->owned;
    if (owned != NULL) {
        npk_allocator allocator = owned->allocator;
        npki_free(&allocator, owned, owned->size);
    }
    if (result != NULL)
        memset(result, 0, sizeof *result);
}

static void say_reason(npk_check_result *out, const char *what, const char *text)
{
    npki_sink sink;
    size_t room = sizeof out->reason - 1 - strlen(what), size = strlen(text);
    while (size > room || (size > 0 && text[size] != '\0' && ((uint8_t)text[size] & 0xc0) == 0x80))
        size--;
    npki_sink_start_fixed(&sink, out->reason, sizeof out->reason);
    npki_sink_text(&sink, what);
    npki_sink_bytes(&sink, text, size);
    (void)npki_sink_finish(&sink);
}

/* --- writing again ------------------------------------------------------------------------------------------------ */

/* The pickle in one dialect. */
typedef struct attempt {
    uint8_t *bytes;
    size_t size;
    npk_dialect dialect;
    int protocol;
    bool identical;
    npki_parting parting;
} attempt;

/* How far it got. */
typedef struct search {
    const npk_doc *doc;
    const uint8_t *bytes;
    size_t size;
    npk_allocator allocator;
    npk_read_options reading;
    uint64_t pythons;  /* rows that write the same bytes */
    attempt best;      /* the first that is identical, else the one that agrees longest; its bytes may be NULL */
    npk_error refused; /* why the first that has the protocol could not write it; else why the last has not */
} search;

static npk_write_options writing(const search *s, npk_dialect dialect, int protocol)
{
    return (npk_write_options){.allocator = &s->allocator,
                               .limits = s->reading.limits,
                               .protocol_given = true,
                               .protocol = protocol,
                               .dialect = dialect};
}

static npk_status write_again(const search *s, attempt *out, npk_error *error)
{
    npk_writer *writer;
    npk_write_options options = writing(s, out->dialect, out->protocol);
    npk_status status = npk_writer_memory(&options, &writer, error);
    if (status != NPK_OK)
        return status;
    writer->opcodes = NPKI_OPCODES_AS_READ;
    npki_stand_behind_earlier(writer, s->doc);
    npk_write_value(writer, npk_doc_root(s->doc)); /* its error is sticky */
    return npk_writer_finish_memory(writer, &out->bytes, &out->size, error);
}

static void drop(const search *s, attempt *it)
{
    if (it->bytes != NULL)
        npk_bytes_free(&s->allocator, it->bytes, it->size);
    it->bytes = NULL;
}

/* One dialect. Errors: NPK_ERR_MEMORY. */
static npk_status try_one(search *s, npk_dialect dialect, int protocol, npk_error *error)
{
    attempt it = {.dialect = dialect, .protocol = protocol};
    npk_error refused;
    npk_status status = write_again(s, &it, &refused);
    if (status != NPK_OK && (s->refused.status == NPK_OK || s->refused.status == NPK_ERR_USAGE))
        s->refused = refused;
    if (status != NPK_OK)
        return status == NPK_ERR_MEMORY ? npki_no_memory(error) : NPK_OK;
    it.identical = it.size == s->size && memcmp(it.bytes, s->bytes, s->size) == 0;
    if (it.identical)
        s->pythons |= npki_rows_like(dialect, protocol);
    else if (!s->best.identical)
        it.parting = npki_part(s->bytes, s->size, it.bytes, it.size);
    bool better = s->best.bytes == NULL ||
                  (!s->best.identical && (it.identical || it.parting.first.offset > s->best.parting.first.offset));
    if (!better) {
        drop(s, &it);
        return NPK_OK;
    }
    drop(s, &s->best);
    s->best = it;
    return NPK_OK;
}

/* --- what the opcodes are part of --------------------------------------------------------------------------------- */

/* What a comparison may cost. */
#define WORK_FREE ((uint64_t)1 << 24)
#define WORK_PER_BYTE 64u

/* The path of a value, at the first place where it stands; none: it is no value of the walk. */
static npk_status find_path(const search *s, const npk_value *wanted, npk_check_result *out, npk_error *error)
{
    npk_walk *walk;
    const npk_value *value = NULL;
    npk_status status = npk_walk_start(npk_doc_root(s->doc), &s->allocator, &walk, error);
    if (status != NPK_OK)
        return status;
    while ((status = npk_walk_next(walk, &value, error)) == NPK_OK && value != NULL && value != wanted)
        continue;
    const char *path = value == NULL ? NULL : npk_walk_path(walk);
    if (status == NPK_OK && path != NULL && (strcmp(path, "?") == 0 || !keep_path(out, &s->allocator, path)))
        status = npki_no_memory(error); /* "?": there was none for the path */
    npk_walk_free(walk);
    return status;
}

/* Written once more, to see which value was at hand at the byte. */
static npk_status find_value(const search *s, npk_check_result *out, npk_error *error)
{
    npk_writer *writer;
    npk_write_options options = writing(s, out->dialect, out->protocol);
    npk_status status = npk_writer_memory(&options, &writer, error);
    if (status != NPK_OK)
        return status;
    writer->opcodes = NPKI_OPCODES_AS_READ;
    writer->watch = out->written.offset;
    npki_stand_behind_earlier(writer, s->doc);
    npk_write_value(writer, npk_doc_root(s->doc));
    const npk_value *found = writer->watched;
    status = npk_writer_status(writer);
    npk_writer_abandon(writer);
    return status == NPK_ERR_MEMORY ? npki_no_memory(error) : find_path(s, found, out, error);
}

typedef struct first_difference {
    npk_check_result *out;
    const npk_allocator *allocator;
    bool no_memory;
} first_difference;

/* npk_report_function */
static void take_difference(void *context, const npk_difference *difference)
{
    first_difference *first = context;
    say_reason(first->out, "another value: ", difference->message);
    first->no_memory = !keep_path(first->out, first->allocator, difference->path);
}

/* What was written and read again beside what it was written from. */
static npk_status compare_again(const search *s, const npk_doc *again, npk_check_result *out, npk_error *error)
{
    uint64_t differences = 0;
    first_difference first = {.out = out, .allocator = &s->allocator};
    npk_compare_options options = {.allocator = &s->allocator, .most = 1, .report = take_difference, .context = &first};
    options.work = WORK_FREE + WORK_PER_BYTE * (uint64_t)s->best.size;
    npk_status status = npk_compare(npk_doc_root(s->doc), npk_doc_root(again), &options, &differences, error);
    if (status == NPK_OK && first.no_memory)
        status = npki_no_memory(error);
    if (status == NPK_OK && differences > 0)
        out->verdict = NPK_VERDICT_VALUE;
    return status;
}

/* --- the verdict -------------------------------------------------------------------------------------------------- */

/* Our own bytes read again: another value, or only another spelling of it. */
static npk_status explain(search *s, npk_check_result *out, npk_error *error)
{
    npk_doc *again = NULL;
    npk_status status = npki_doc_load_behind(s->doc, s->best.bytes, s->best.size, &s->reading, &again, &s->refused);
    if (status == NPK_ERR_MEMORY)
        return npki_no_memory(error);
    if (status != NPK_OK) {
        out->verdict = NPK_VERDICT_UNREADABLE;
        say_reason(out, "what was written can't be read: ", s->refused.message);
        return NPK_OK;
    }
    status = compare_again(s, again, out, error);
    npk_doc_free(again);
    if (status != NPK_OK || out->verdict == NPK_VERDICT_VALUE)
        return status;
    out->verdict = s->best.parting.frames ? NPK_VERDICT_FRAMES : NPK_VERDICT_SPELLING;
    say_reason(out, s->best.parting.frames ? "other frames" : "spelling: the values are equal", "");
    return s->best.parting.frames ? NPK_OK : find_value(s, out, error);
}

static npk_status conclude(search *s, npk_check_result *out, npk_error *error)
{
    if (s->best.bytes == NULL && s->refused.status == NPK_ERR_USAGE) {
        if (error != NULL)
            *error = s->refused;
        return NPK_ERR_USAGE;
    }
    if (s->best.bytes == NULL) {
        out->verdict = NPK_VERDICT_UNWRITABLE;
        out->read.offset = out->written.offset = NPK_NO_OFFSET;
        say_reason(out, "it can't be written: ", s->refused.message);
        return NPK_OK;
    }
    out->dialect = s->best.dialect;
    out->protocol = s->best.protocol;
    if (s->best.identical) {
        out->verdict = NPK_VERDICT_IDENTICAL;
        return NPK_OK;
    }
    out->read = s->best.parting.first;
    out->written = s->best.parting.second;
    return explain(s, out, error);
}

static npk_status search_all(search *s, const npk_check_options *options, npk_check_result *out, npk_error *error)
{
    bool any_dialect = (options->flags & NPK_CHECK_DIALECT) == 0,
         any_protocol = (options->flags & NPK_CHECK_PROTOCOL) == 0;
    npki_candidates candidates = npki_candidates_of(s->doc);
    npk_dialect dialect = options->dialect;
    npk_doc_info info;
    npk_doc_info_of(s->doc, &info);
    int first = any_protocol ? info.protocol : options->protocol;
    int last = first == 0 && any_protocol ? 1 : first; /* the two look the same where they share all opcodes */
    if (any_dialect)
        (void)npki_candidate_at(&candidates, 0, &dialect);
    out->dialect = dialect;
    out->protocol = first;
    npk_status status = NPK_OK;
    for (size_t i = 0; i == 0 || (any_dialect && npki_candidate_at(&candidates, i, &dialect)); i++)
        for (int protocol = first; status == NPK_OK && protocol <= last; protocol++)
            if (!any_dialect || npki_candidate_is_new(&candidates, i, protocol))
                status = try_one(s, dialect, protocol, error);
    return status;
}

/* --- the calls ---------------------------------------------------------------------------------------------------- */

static npk_status check_options(const npk_check_options *options, npk_error *error)
{
    if (options == NULL)
        return NPK_OK;
    if ((options->flags & ~(uint32_t)(NPK_CHECK_PROTOCOL | NPK_CHECK_DIALECT)) != 0)
        return npki_fail(error, NPK_ERR_USAGE, "expected flags of npk_check_flag, found 0x%08x",
                         (unsigned)options->flags);
    return NPKI_CHECK_RESERVED(options, "npk_check_options", error);
}

/* How documents are read, with the allocator filled in. */
static npk_read_options reading_of(const npk_check_options *options)
{
    npk_read_options reading = {.allocator = NULL};
    if (options != NULL && options->reading != NULL)
        reading = *options->reading;
    if (options != NULL && reading.allocator == NULL)
        reading.allocator = options->allocator;
    return reading;
}

/* Clears the result, so that it owns nothing after an error, and looks at what all calls have. */
static npk_status begin(const void *subject, const npk_check_options *options, npk_check_result *out, npk_error *error)
{
    if (out != NULL)
        memset(out, 0, sizeof *out);
    if (subject == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a pickle and an npk_check_result to fill, found NULL");
    return check_options(options, error);
}

static npk_status check_doc(const npk_doc *doc, const void *bytes, size_t size, const npk_check_options *options,
                            npk_check_result *out, npk_error *error)
{
    static const npk_check_options usual;
    search s = {.doc = doc, .bytes = bytes, .size = size, .reading = reading_of(options)};
    s.allocator = npki_allocator(options == NULL ? NULL : options->allocator);
    npk_status status = search_all(&s, options == NULL ? &usual : options, out, error);
    if (status == NPK_OK)
        status = conclude(&s, out, error);
    drop(&s, &s.best);
    if (status == NPK_OK)
        status = npki_identify(doc, &s.allocator, out->verdict == NPK_VERDICT_IDENTICAL ? s.pythons : NPKI_IDENTIFY_ANY,
                               &out->writer, error);
    if (status != NPK_OK)
        npk_check_result_free(out);
    return status;
}

npk_status npk_check_doc(const npk_doc *doc, const void *bytes, size_t size, const npk_check_options *options,
                         npk_check_result *out, npk_error *error)
{
    npk_status status = begin(doc, options, out, error);
    if (status == NPK_OK && bytes == NULL)
        status = npki_fail(error, NPK_ERR_USAGE, "expected the bytes of the pickle, found NULL");
    return status == NPK_OK ? check_doc(doc, bytes, size, options, out, error) : status;
}

npk_status npk_check_memory(const void *bytes, size_t size, const npk_check_options *options, npk_check_result *out,
                            npk_error *error)
{
    npk_doc *doc = NULL;
    npk_status status = begin(bytes, options, out, error);
    npk_read_options reading = reading_of(options);
    if (status == NPK_OK)
        status = npk_doc_load_memory(bytes, size, &reading, &doc, error);
    if (status == NPK_OK)
        status = check_doc(doc, bytes, size, options, out, error);
    npk_doc_free(doc);
    return status;
}

npk_status npk_check(const char *path, const npk_check_options *options, npk_check_result *out, npk_error *error)
{
    npki_input input;
    npk_status status = begin(path, options, out, error);
    if (status != NPK_OK)
        return status;
    npk_read_options reading = reading_of(options);
    npk_allocator allocator = npki_allocator(reading.allocator);
    status = npki_input_open(&input, path, &allocator, npki_map_from(reading.input), error);
    if (status != NPK_OK)
        return status;
    status = npk_check_memory(input.size > 0 ? input.bytes : (const uint8_t *)"", input.size, options, out, error);
    npki_input_close(&input);
    return status;
}
