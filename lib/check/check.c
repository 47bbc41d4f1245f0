/* A pickle read, written again, and compared. */
#include "check/identify.h"
#include "check/result.h"
#include "check/search.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/reserved.h"
#include "reader/build.h"

#include <npickle/check.h>
#include <npickle/compare.h>

#include <string.h>

/* --- what the opcodes are part of --------------------------------------------------------------------------------- */

/* What a comparison may cost. */
#define WORK_FREE ((uint64_t)1 << 24)
#define WORK_PER_BYTE 64u

/* The path of a value, at the first place where it stands; none: it is no value of the walk. */
static npk_status find_path(const npki_search *s, const npk_value *wanted, npk_check_result *out, npk_error *error)
{
    npk_walk *walk;
    const npk_value *value = NULL;
    npk_status status = npk_walk_start(npk_doc_root(s->doc), &s->allocator, &walk, error);
    if (status != NPK_OK)
        return status;
    while ((status = npk_walk_next(walk, &value, error)) == NPK_OK && value != NULL && value != wanted)
        continue;
    const char *path = value == NULL ? NULL : npk_walk_path(walk);
    if (status == NPK_OK && path != NULL && (strcmp(path, "?") == 0 || !npki_keep_path(out, &s->allocator, path)))
        status = npki_no_memory(error); /* "?": there was none for the path */
    npk_walk_free(walk);
    return status;
}

/* Written once more, to see which value was at hand at the byte. */
static npk_status find_value(npki_search *s, npk_check_result *out, npk_error *error)
{
    npk_status status = npki_search_write(s, out->dialect, out->protocol, error);
    if (status != NPK_OK)
        return status;
    s->writer->watch = out->written.offset;
    s->writer->say = NPKI_ERRORS_SAY_STATUS;
    npk_write_value(s->writer, npk_doc_root(s->doc));
    const npk_value *found = s->writer->watched;
    status = npk_writer_status(s->writer);
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
    npki_say_reason(first->out, "another value: ", difference->message);
    first->no_memory = !npki_keep_path(first->out, first->allocator, difference->path);
}

/* What was written and read again beside what it was written from. */
static npk_status compare_again(const npki_search *s, const npk_doc *read, const npk_doc *again, npk_check_result *out,
                                npk_error *error)
{
    uint64_t differences = 0;
    first_difference first = {.out = out, .allocator = &s->allocator};
    npk_compare_options options = {.allocator = &s->allocator, .most = 1, .report = take_difference, .context = &first};
    options.work = WORK_FREE + WORK_PER_BYTE * (uint64_t)s->written.size;
    npk_status status = npk_compare(npk_doc_root(read), npk_doc_root(again), &options, &differences, error);
    if (status == NPK_OK && first.no_memory)
        status = npki_no_memory(error);
    if (status == NPK_OK && differences > 0)
        out->verdict = NPK_VERDICT_VALUE;
    return status;
}

/* --- the verdict -------------------------------------------------------------------------------------------------- */

/* What the bytes hold that were given, which may be others than those of the document, beside what was written of
 * it. */
static npk_status compare_bytes(npki_search *s, const npk_doc *again, npk_check_result *out, npk_error *error)
{
    npk_doc *read = NULL;
    if (npki_doc_is_of(s->doc, s->bytes, s->size, &s->reading))
        return compare_again(s, s->doc, again, out, error);
    npk_status status = npki_doc_load_behind(s->doc, s->bytes, s->size, &s->reading, &read, &s->refused);
    if (status == NPK_ERR_MEMORY)
        return npki_no_memory(error);
    if (status == NPK_OK)
        status = compare_again(s, read, again, out, error);
    else {
        out->verdict = NPK_VERDICT_VALUE;
        npki_say_reason(out, "the bytes are not those of the document: ", s->refused.message);
        status = NPK_OK;
    }
    npk_doc_free(read);
    return status;
}

/* Our own bytes read again: another value, or only another spelling of it. */
static npk_status explain(npki_search *s, npk_check_result *out, npk_error *error)
{
    npk_doc *again = NULL;
    npk_status status =
        npki_doc_load_behind(s->doc, s->written.bytes, s->written.size, &s->reading, &again, &s->refused);
    if (status == NPK_ERR_MEMORY)
        return npki_no_memory(error);
    if (status != NPK_OK) {
        out->verdict = NPK_VERDICT_UNREADABLE;
        npki_say_reason(out, "what was written can't be read: ", s->refused.message);
        return NPK_OK;
    }
    status = compare_bytes(s, again, out, error);
    npk_doc_free(again);
    if (status != NPK_OK || out->verdict == NPK_VERDICT_VALUE)
        return status;
    out->verdict = s->best.parting.frames ? NPK_VERDICT_FRAMES : NPK_VERDICT_SPELLING;
    npki_say_reason(out, s->best.parting.frames ? "other frames" : "spelling: the values are equal", "");
    return s->best.parting.frames ? NPK_OK : find_value(s, out, error);
}

static npk_status conclude(npki_search *s, npk_check_result *out, npk_error *error)
{
    if (!s->best.made && s->refused.status == NPK_ERR_USAGE) {
        if (error != NULL)
            *error = s->refused;
        return NPK_ERR_USAGE;
    }
    if (!s->best.made) {
        out->verdict = NPK_VERDICT_UNWRITABLE;
        out->read.offset = out->written.offset = NPK_NO_OFFSET;
        npki_say_reason(out, "it can't be written: ", s->refused.message);
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

static void say_not_so(npk_check_result *out, const char *reason)
{
    out->verdict = NPK_VERDICT_UNWRITABLE;
    out->read.offset = out->written.offset = NPK_NO_OFFSET;
    npki_say_reason(out, "it can't be written: ", reason);
}

#define NUMPY_PART UINT32_C(0xffff) /* of a dialect */

/* One pickler would write each part of it so, and none all of them; or it has what this NumPy has otherwise. */
static void ask_writer(npk_check_result *out, const npk_check_options *options)
{
    const npk_dialect numpy = (options->flags & NPK_CHECK_DIALECT) != 0 ? options->dialect & NUMPY_PART : 0;
    if (out->writer.python_count == 0)
        say_not_so(out, "no pickler that npickle knows makes all that is in it");
    else if (numpy != 0 && !npk_identity_includes(&out->writer, numpy))
        say_not_so(out, "another NumPy makes it so");
}

/* --- the calls ---------------------------------------------------------------------------------------------------- */

static npk_status check_options(const npk_check_options *options, npk_error *error)
{
    if (options == NULL)
        return NPK_OK;
    if ((options->flags & ~(uint32_t)(NPK_CHECK_PROTOCOL | NPK_CHECK_DIALECT | NPK_CHECK_STRICT)) != 0)
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

/* Who may have written it: whose bytes are the same, for they are nobody's else; anybody, where it can't be written. */
static uint64_t writers_of(const npki_search *s)
{
    return s->best.identical ? s->pythons : !s->best.made ? NPKI_IDENTIFY_ANY : 0;
}

static npk_status check_doc(const npk_doc *doc, const void *bytes, size_t size, const npk_check_options *options,
                            npk_check_result *out, npk_error *error)
{
    static const npk_check_options usual;
    const npk_allocator allocator = npki_allocator(options == NULL ? NULL : options->allocator);
    npki_search s;
    npki_search_start(&s, doc, bytes, size, &allocator);
    s.reading = reading_of(options);
    s.strict = s.numbered = options != NULL && (options->flags & NPK_CHECK_STRICT) != 0;
    npk_status status = npki_search_all(&s, options == NULL ? &usual : options, out, error);
    if (status == NPK_OK)
        status = conclude(&s, out, error);
    uint64_t writers = writers_of(&s);
    npki_search_end(&s);
    if (status == NPK_OK)
        status = npki_identify(doc, &s.allocator, writers, &out->writer, error);
    if (status == NPK_OK && s.strict && out->verdict == NPK_VERDICT_IDENTICAL)
        ask_writer(out, options);
    if (status != NPK_OK)
        npk_check_result_free(out);
    return status;
}

npk_status npk_check_doc(const npk_doc *doc, const void *bytes, size_t size, const npk_check_options *options,
                         npk_check_result *out, npk_error *error)
{
    npk_status status = begin(doc, options, out, error);
    bytes = npki_given(bytes, size);
    if (status == NPK_OK && bytes == NULL)
        status = npki_fail(error, NPK_ERR_USAGE, "expected the bytes of the pickle, found NULL");
    return status == NPK_OK ? check_doc(doc, bytes, size, options, out, error) : status;
}

npk_status npk_check_memory(const void *bytes, size_t size, const npk_check_options *options, npk_check_result *out,
                            npk_error *error)
{
    npk_doc *doc = NULL;
    bytes = npki_given(bytes, size);
    npk_status status = begin(bytes, options, out, error);
    npk_read_options reading = reading_of(options);
    if (status == NPK_OK)
        status = npk_doc_load_memory(bytes, size, &reading, &doc, error);
    npk_doc_info info;
    if (status == NPK_OK && npk_doc_info_of(doc, &info))
        status = check_doc(doc, bytes, (size_t)info.size, options, out, error);
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
    status = npk_check_memory(input.bytes, input.size, options, out, error);
    npki_input_close(&input);
    return status;
}

npk_status npk_identify_bytes(const npk_doc *doc, const void *bytes, size_t size, const npk_allocator *allocator,
                              npk_identity *out, npk_error *error)
{
    static const npk_check_options usual;
    if (out != NULL)
        *out = (npk_identity){.python_count = 0};
    bytes = npki_given(bytes, size);
    if (doc == NULL || bytes == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE,
                         "expected a document, its bytes and an npk_identity to fill, found NULL");
    const npk_allocator given = npki_allocator(allocator);
    npki_search *s = npki_allocate(&given, sizeof *s);
    if (s == NULL)
        return npki_no_memory(error);
    npki_search_start(s, doc, bytes, size, &given);
    s->reading.allocator = &s->allocator;
    npk_status status = npki_search_all(s, &usual, NULL, error);
    if (status == NPK_OK)
        status = npki_identify(doc, &s->allocator, writers_of(s), out, error);
    npki_search_end(s);
    npki_free(&given, s, sizeof *s);
    return status;
}
