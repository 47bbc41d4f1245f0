#include "check/identify.h"

#include "check/release.h"
#include "check/seen.h"

#include "base/error.h"
#include "text/sink.h"

/* --- releases ----------------------------------------------------------------------------------------------------- */

/* A pickler and its major version, whose rows follow one another. */
typedef struct family {
    uint32_t pickler, major;
    const char *name;
} family;

static const family families[] = {
    {1, 3, "CPython"}, {2, 3, "pickle.py"}, {1, 2, "CPython"}, {2, 2, "pickle.py"}, {3, 2, "Jython"},
};

#define FAMILIES (sizeof families / sizeof *families)

static bool is_of(npk_dialect since, const family *of)
{
    return NPKI_PICKLER_IN(since) == of->pickler && NPKI_MAJOR(NPKI_PYTHON_IN(since)) == of->major;
}

/* Whether all rows of a family are among `rows`. */
static bool has_all(const family *of, uint64_t rows)
{
    bool all = true;
    for (size_t i = 0; i < npki_python_count; i++)
        all = all && (!is_of(npki_pythons[i].since, of) || (rows >> i & 1) != 0);
    return all;
}

/* Ranges that are made of rows, one after another. */
typedef struct joined {
    npk_dialect_range *at;
    size_t *count;
    npki_release end; /* of what the last row stands for, all of which is in the last range; 0: it is not */
} joined;

/* What is left of a row, the releases of which are a dialect's bits from `shift` on, beside others. */
static void add_range(joined *all, npki_release_range row, npki_release_range left, unsigned shift, npk_dialect beside)
{
    if (all->end == 0 || left.first != row.first) {
        if (*all->count == NPK_IDENTITY_RANGES)
            return;
        all->at[(*all->count)++].first = (npk_dialect)left.first << shift | beside;
    }
    all->at[*all->count - 1].last = (npk_dialect)left.last << shift | beside;
    all->end = left.last == row.last ? row.last : 0;
}

/* The last range has no end if all of the last row is in it, for more releases come. */
static void leave_open(joined *all)
{
    if (all->end != 0)
        all->at[*all->count - 1].last = 0;
}

#define PYTHON_BITS 16 /* of a dialect: from there on */

/* The rows of one family among `rows`. Of Python 2 no release comes any more. */
static void add_pythons(const family *of, uint64_t rows, const npki_releases *left, npk_identity *out)
{
    joined all = {out->pythons, &out->python_count, 0};
    for (size_t i = 0; i < npki_python_count; i++) {
        if (!is_of(npki_pythons[i].since, of))
            continue;
        if ((rows >> i & 1) == 0)
            all.end = 0;
        else
            add_range(&all, npki_releases_of_row(NPKI_OF_PYTHON, i), npki_releases_left(left, NPKI_OF_PYTHON, i),
                      PYTHON_BITS, NPKI_PICKLER_IN(npki_pythons[i].since) << 28);
    }
    if (of->major != 2)
        leave_open(&all);
}

/* The first row stands for all before it, too. */
static void add_numpys(uint64_t rows, const npki_releases *left, npk_identity *out)
{
    joined all = {out->numpys, &out->numpy_count, 0};
    for (size_t i = 0; i < npki_numpy_count; i++) {
        npki_release_range row = npki_releases_of_row(NPKI_OF_NUMPY, i),
                           is = npki_releases_left(left, NPKI_OF_NUMPY, i);
        if (i == 0 && is.first == row.first)
            is.first = row.first = 0;
        if ((rows >> i & 1) == 0)
            all.end = 0;
        else
            add_range(&all, row, is, 0, 0);
    }
    leave_open(&all);
}

/* --- in words ----------------------------------------------------------------------------------------------------- */

static void say_release(npki_sink *out, uint32_t release)
{
    npki_sink_int(out, NPKI_MAJOR(release));
    npki_sink_text(out, ".");
    npki_sink_int(out, NPKI_MINOR(release));
}

/* Of NumPy, that after 1.26 is 2.0. */
static npki_release release_after(npki_release last)
{
    for (size_t i = 0; i + 1 < npki_numpy_count; i++)
        if (npki_releases_of_row(NPKI_OF_NUMPY, i).last == last)
            return npki_releases_of_row(NPKI_OF_NUMPY, i + 1).first;
    return (npki_release)(last + 1);
}

/* "3.8 to 3.14", "2.3 and later", "before 1.19". */
static void say_range(npki_sink *out, uint32_t first, uint32_t last)
{
    if (first == 0)
        npki_sink_text(out, "before ");
    say_release(out, first == 0 ? release_after((npki_release)last) : first);
    if (first != 0 && last == 0)
        npki_sink_text(out, " and later");
    if (first != 0 && last != 0 && last != first) {
        npki_sink_text(out, " to ");
        say_release(out, last);
    }
}

/* Whether CPython 3 and its pickle.py have the same releases, and so are "Python". */
static bool both_say_the_same(const npk_identity *who)
{
    const npk_dialect_range *p = who->pythons;
    return who->python_count >= 2 && is_of(p[0].first, &families[0]) && is_of(p[1].first, &families[1]) &&
           (who->python_count == 2 || !is_of(p[2].first, &families[1])) &&
           NPKI_PYTHON_IN(p[0].first) == NPKI_PYTHON_IN(p[1].first) &&
           NPKI_PYTHON_IN(p[0].last) == NPKI_PYTHON_IN(p[1].last);
}

static const char *name_of(npk_dialect python)
{
    for (size_t i = 0; i < FAMILIES; i++)
        if (is_of(python, &families[i]))
            return families[i].name;
    return "";
}

static bool shares_family(const npk_dialect_range *a, const npk_dialect_range *b)
{
    return NPKI_PICKLER_IN(a->first) == NPKI_PICKLER_IN(b->first) &&
           NPKI_MAJOR(NPKI_PYTHON_IN(a->first)) == NPKI_MAJOR(NPKI_PYTHON_IN(b->first));
}

static void say_pythons(npki_sink *out, const npk_identity *who)
{
    bool same = both_say_the_same(who);
    for (size_t i = 0; i < who->python_count; i++) {
        const npk_dialect_range *range = &who->pythons[i];
        if (same && i == 1)
            continue;
        if (i > 0)
            npki_sink_text(out, " or ");
        const char *name = same && i == 0 ? "Python" : name_of(range->first);
        if (i == 0 || !shares_family(&range[-1], range)) {
            npki_sink_text(out, name);
            npki_sink_text(out, " ");
        }
        say_range(out, NPKI_PYTHON_IN(range->first), NPKI_PYTHON_IN(range->last));
    }
}

static void say_numpys(npki_sink *out, const npk_identity *who)
{
    for (size_t i = 0; i < who->numpy_count; i++) {
        npki_sink_text(out, i == 0 ? "NumPy " : " or ");
        say_range(out, NPKI_NUMPY_IN(who->numpys[i].first), NPKI_NUMPY_IN(who->numpys[i].last));
    }
}

/* What rules nobody out is not said. */
static void say_identity(npk_identity *who, const npki_seen *seen)
{
    npki_sink out;
    npki_sink_start_fixed(&out, who->text, sizeof who->text);
    bool any_python = true, any_numpy = seen->numpys == ((uint64_t)1 << npki_numpy_count) - 1;
    for (size_t i = 0; i < FAMILIES; i++)
        any_python = any_python && has_all(&families[i], seen->pythons);
    if (seen->pythons == 0)
        npki_sink_text(&out, "no pickler that npickle knows");
    else if (!any_python)
        say_pythons(&out, who);
    if (out.added > 0 && !any_numpy && who->numpy_count > 0)
        npki_sink_text(&out, ", ");
    if (seen->old == NPKI_OLD_SCIPY_CORE)
        npki_sink_text(&out, "scipy_core");
    else if (seen->old == NPKI_OLD_NUMPY)
        npki_sink_text(&out, "NumPy before 1.0");
    else if (!any_numpy)
        say_numpys(&out, who);
    if (out.added == 0)
        npki_sink_text(&out, "unknown");
    (void)npki_sink_finish(&out);
}

/* Who has the names, and pickles what has them by these. *left: NULL where there are none, or they contradict one
 * another, which says nothing. */
static npk_status find_releases(const npk_doc *doc, const npk_allocator *allocator, npki_releases *room,
                                const npki_releases **left, npk_error *error)
{
    npk_status status =
        npki_name_at(doc, 0) == NULL ? NPK_ERR_UNSUPPORTED : npki_releases_of(doc, allocator, room, error);
    *left = status == NPK_OK ? room : NULL;
    return status == NPK_ERR_UNSUPPORTED ? NPK_OK : status;
}

/* Those of so many rows of which a release is left. */
static uint64_t rows_left(const npki_releases *left, npki_project project, size_t count)
{
    uint64_t rows = 0;
    for (size_t row = 0; left != NULL && row < count; row++)
        rows |= (uint64_t)(npki_releases_left(left, project, row).last != 0) << row;
    return left != NULL ? rows : UINT64_MAX;
}

/* --- all together ------------------------------------------------------------------------------------------------- */

npk_status npki_identify(const npk_doc *doc, const npk_allocator *allocator, uint64_t pythons, npk_identity *out,
                         npk_error *error)
{
    npki_seen seen;
    npki_releases room;
    const npki_releases *left;
    *out = (npk_identity){.python_count = 0};
    npk_status status = npki_see(doc, allocator, &seen, error);
    if (status == NPK_OK)
        status = find_releases(doc, allocator, &room, &left, error);
    if (status != NPK_OK)
        return status;
    seen.pythons &= pythons & rows_left(left, NPKI_OF_PYTHON, npki_python_count);
    seen.numpys &= rows_left(left, NPKI_OF_NUMPY, npki_numpy_count);
    for (size_t i = 0; i < FAMILIES; i++)
        add_pythons(&families[i], seen.pythons, left, out);
    add_numpys(seen.numpys, left, out);
    if (seen.old != NPKI_OLD_NONE)
        out->numpys[out->numpy_count++] = (npk_dialect_range){0, NPK_NUMPY(0, 9)};
    say_identity(out, &seen);
    return NPK_OK;
}

npk_status npk_identify(const npk_doc *doc, const npk_allocator *allocator, npk_identity *out, npk_error *error)
{
    if (out != NULL)
        *out = (npk_identity){.python_count = 0};
    if (doc == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a document and an npk_identity to fill, found NULL");
    return npki_identify(doc, allocator, NPKI_IDENTIFY_ANY, out, error);
}

static bool is_in(const npk_dialect_range *ranges, size_t count, npk_dialect mask, npk_dialect dialect)
{
    for (size_t i = 0; i < count; i++) {
        npk_dialect first = ranges[i].first & mask, last = ranges[i].last & mask, release = dialect & mask;
        bool kin = NPKI_PICKLER_IN(first) == NPKI_PICKLER_IN(release) &&
                   NPKI_MAJOR(NPKI_PYTHON_IN(first)) == NPKI_MAJOR(NPKI_PYTHON_IN(release));
        if (kin && NPKI_MAJOR(NPKI_PYTHON_IN(first)) == 2)
            return true;
        if (release >= first && (last == 0 ? kin : release <= last))
            return true;
    }
    return false;
}

#define PYTHON_PART UINT32_C(0xffff0000)
#define NUMPY_PART UINT32_C(0xffff)

bool npk_identity_includes(const npk_identity *identity, npk_dialect dialect)
{
    if (identity == NULL || dialect == 0)
        return false;
    bool python =
        (dialect & PYTHON_PART) == 0 || is_in(identity->pythons, identity->python_count, PYTHON_PART, dialect);
    return python &&
           ((dialect & NUMPY_PART) == 0 || is_in(identity->numpys, identity->numpy_count, NUMPY_PART, dialect));
}
