/* The releases of Python and NumPy that may have written the names of a pickle. */
#include "check/release.h"

#include "base/error.h"
#include "globals/written.h"
#include "reader/build.h"
#include "writer/graph/graph.h"

#include <string.h>

#define RELEASE(major, minor) ((npki_release)(major) << 8 | (npki_release)(minor))

#define MINORS 64 /* of a major version: bits */

/* --- what the rows stand for -------------------------------------------------------------------------------------- */

typedef npki_release_range range;

/* Of a major version the newest release that any pickler has a row for. */
static npki_release newest_python(npki_release major)
{
    npki_release newest = 0;
    for (size_t i = 0; i < npki_python_count; i++) {
        const npki_release since = NPKI_PYTHON_IN(npki_pythons[i].since);
        newest = NPKI_MAJOR(since) == major && since > newest ? since : newest;
    }
    return newest;
}

/* Until the next row of its pickler; the last one until the newest release. */
static range of_python(size_t row)
{
    const npk_dialect since = npki_pythons[row].since;
    const npk_dialect next = row + 1 < npki_python_count ? npki_pythons[row + 1].since : 0;
    if ((next ^ since) >> 24 == 0) /* those of a pickler stand together, in the order of releases */
        return (range){NPKI_PYTHON_IN(since), NPKI_PYTHON_IN(next) - 1};
    return (range){NPKI_PYTHON_IN(since), newest_python(NPKI_MAJOR(NPKI_PYTHON_IN(since)))};
}

static range of_numpy(size_t row)
{
    const npki_numpy_row *this = &npki_numpys[row];
    const bool newest = row + 1 == npki_numpy_count;
    const npki_release last = this->last != 0 ? NPKI_NUMPY_IN(this->last)
                              : newest        ? NPKI_NEWEST_NUMPY
                                              : NPKI_NUMPY_IN(npki_numpys[row + 1].since) - 1;
    return (range){NPKI_NUMPY_IN(this->since), last};
}

static uint64_t bits_of(range of)
{
    return (UINT64_C(2) << NPKI_MINOR(of.last)) - (UINT64_C(1) << NPKI_MINOR(of.first));
}

static void add(npki_releases *releases, npki_project project, range of)
{
    releases->minors[project][NPKI_MAJOR(of.first)] |= bits_of(of);
}

/* The last of a range that is left; 0: none. */
static npki_release last_of(const npki_releases *releases, npki_project project, range of)
{
    const uint64_t left = releases->minors[project][NPKI_MAJOR(of.first)] & bits_of(of);
    npki_release last = of.last;
    while (left != 0 && (left >> NPKI_MINOR(last) & 1) == 0)
        last--;
    return left != 0 ? last : 0;
}

range npki_releases_of_row(npki_project project, size_t row)
{
    return project == NPKI_OF_PYTHON ? of_python(row) : of_numpy(row);
}

range npki_releases_left(const npki_releases *releases, npki_project project, size_t row)
{
    const range of = npki_releases_of_row(project, row);
    if (releases == NULL)
        return of;
    range left = {of.first, last_of(releases, project, of)};
    while (left.last != 0 && (releases->minors[project][NPKI_MAJOR(of.first)] >> NPKI_MINOR(left.first) & 1) == 0)
        left.first++;
    return left;
}

npk_dialect npki_releases_python(const npki_releases *releases, size_t row)
{
    const npki_release last = last_of(releases, NPKI_OF_PYTHON, of_python(row));
    return last != 0 ? NPKI_PICKLER_IN(npki_pythons[row].since) << 28 | last << 16 : 0;
}

bool npki_releases_have(const npki_releases *releases, npk_dialect dialect)
{
    const npki_release python = NPKI_PYTHON_IN(dialect);
    return python == 0 || (releases->minors[NPKI_OF_PYTHON][NPKI_MAJOR(python)] >> NPKI_MINOR(python) & 1) != 0;
}

npk_dialect npki_releases_numpy(const npki_releases *releases, npki_release major, npk_dialect python)
{
    const npki_release most = npki_last_numpy_of(python);
    npki_release newest = RELEASE(major, MINORS - 1);
    if (most != NPKI_EVER && most < RELEASE(major, 0))
        return 0;
    newest = most != NPKI_EVER && most < newest ? most : newest;
    return last_of(releases, NPKI_OF_NUMPY, (range){RELEASE(major, 0), newest});
}

/* --- which write a name ------------------------------------------------------------------------------------------- */

static bool is_in(const npki_global_name *name, const char *module)
{
    return npki_is_in_module(name->module, name->module_size, module);
}

static bool is_left(const npki_releases *releases, npki_project project)
{
    uint64_t left = 0;
    for (size_t major = 0; major < NPKI_MAJORS; major++)
        left |= releases->minors[project][major];
    return left != 0;
}

/* Each release that is left, after the one at *at; false: there are no more. */
static bool next(const npki_releases *releases, npki_project project, npki_release *at)
{
    size_t minor = NPKI_MINOR(*at) + 1u;
    for (size_t major = NPKI_MAJOR(*at); major < NPKI_MAJORS; major++, minor = 0) {
        const uint64_t left = minor < MINORS ? releases->minors[project][major] >> minor << minor : 0;
        if (left != 0) {
            *at = RELEASE(major, __builtin_ctzll(left));
            return true;
        }
    }
    return false;
}

static void leave_out(npki_releases *releases, npki_project project, npki_release release)
{
    releases->minors[project][NPKI_MAJOR(release)] &= ~(UINT64_C(1) << NPKI_MINOR(release));
}

static bool write_it(npki_project project, range of, const npki_global_name *name)
{
    const npki_target target = {.first = {of.first, of.first}, .last = {of.last, of.last}};
    return npki_may_write(project, &target, name);
}

/* Leaves out those that do not write a name. False: none is left. */
static bool leave_writers(npki_releases *releases, npki_project project, const npki_global_name *name)
{
    npki_release first = 0, last = 0, at = 0;
    if (project == NPKI_OF_NUMPY && is_in(name, "numpy.core")) /* NumPy 2 has much of it still, and writes none */
        memset(&releases->minors[project][2], 0, (NPKI_MAJORS - 2) * sizeof releases->minors[project][2]);
    while (next(releases, project, &at)) {
        first = first == 0 ? at : first;
        last = at;
    }
    const bool all = write_it(project, (range){first, last}, name);
    for (at = 0; !all && next(releases, project, &at);)
        if (!write_it(project, (range){at, at}, name))
            leave_out(releases, project, at);
    return is_left(releases, project);
}

static const char *const projects[] = {[NPKI_OF_PYTHON] = "Python", [NPKI_OF_NUMPY] = "NumPy"};

static npk_status leave_name(npki_releases *out, const npki_global_name *name, npk_error *error)
{
    out->names_numpy = out->names_numpy || is_in(name, "numpy");
    for (int project = NPKI_OF_PYTHON; project <= NPKI_OF_NUMPY; project++) {
        if (!leave_writers(out, (npki_project)project, name))
            return npki_fail(error, NPK_ERR_UNSUPPORTED, "no such %s has %.*s.%.*s beside all other names",
                             projects[project], (int)name->module_size, name->module, (int)name->name_size, name->name);
    }
    return NPK_OK;
}

/* Leaves out those that make one of the objects in another way. */
static npk_status leave_makers(npki_releases *out, const npk_doc *doc, const npk_allocator *allocator, npk_error *error)
{
    npk_walk *walk;
    const npk_value *value;
    npk_status status = npk_walk_start(npk_doc_root(doc), allocator, &walk, error);
    if (status != NPK_OK)
        return status;
    while (status == NPK_OK && (status = npk_walk_next(walk, &value, error)) == NPK_OK && value != NULL) {
        if (value->kind != NPK_KIND_OBJECT)
            continue;
        const npki_made_by by = npki_numpys_of(value->u.object);
        for (npki_release at = 0; next(out, NPKI_OF_NUMPY, &at);)
            if (at < by.first || (by.last != NPKI_EVER && at > by.last))
                leave_out(out, NPKI_OF_NUMPY, at);
        if (!is_left(out, NPKI_OF_NUMPY))
            status = npki_fail(error, NPK_ERR_UNSUPPORTED, "no such NumPy makes %s as it is made here",
                               npk_walk_path(walk)[0] != '\0' ? npk_walk_path(walk) : "(root)");
    }
    npk_walk_free(walk);
    return status;
}

const npk_value *npki_name_at(const npk_doc *doc, size_t index)
{
    const size_t own = doc->globals == NULL ? 0 : doc->globals->count;
    if (index < own)
        return doc->globals->at[index];
    return index - own < doc->earlier_count ? doc->earlier[index - own].value : NULL;
}

npk_status npki_releases_of(const npk_doc *doc, const npk_allocator *allocator, npki_releases *out, npk_error *error)
{
    const npk_value *global;
    npk_status status = NPK_OK;
    bool made = false;
    *out = (npki_releases){.names_numpy = false};
    for (size_t row = 0; row < npki_python_count; row++)
        add(out, NPKI_OF_PYTHON, of_python(row));
    for (size_t row = 0; row < npki_numpy_count; row++)
        add(out, NPKI_OF_NUMPY, of_numpy(row));
    for (size_t i = 0; status == NPK_OK && (global = npki_name_at(doc, i)) != NULL; i++) {
        if (global->kind != NPK_KIND_GLOBAL)
            continue;
        const npki_global_name name = npki_newer_name(global);
        made = made || npki_is_made_by_release(global);
        status = leave_name(out, &name, error);
    }
    return status == NPK_OK && made ? leave_makers(out, doc, allocator, error) : status;
}

/* Of names that a target has, and pickles what has them by others. */
static npk_status expect_written(const npki_target *target, const npki_global_name *name, npk_error *error)
{
    for (int project = NPKI_OF_PYTHON; project <= NPKI_OF_NUMPY; project++)
        if (!npki_is_written((npki_project)project, name, target->first[project], target->last[project]))
            return npki_fail(error, NPK_ERR_UNSUPPORTED, "%s %d.%d writes another name for %.*s.%.*s",
                             projects[project], (int)NPKI_MAJOR(target->last[project]),
                             (int)NPKI_MINOR(target->last[project]), (int)name->module_size, name->module,
                             (int)name->name_size, name->name);
    return NPK_OK;
}

npk_status npki_releases_in(const npk_doc *doc, const npk_allocator *allocator, npk_dialect dialect, npk_error *error)
{
    const npki_target target = npki_target_of(dialect);
    const npki_release numpy = target.first[NPKI_OF_NUMPY];
    const npki_python_row *python = npki_python_of(dialect);
    npki_releases releases = {.names_numpy = false};
    const npk_value *global;
    bool made = false;
    npk_status status = python == NULL ? NPK_OK : npki_dialect_exists(dialect, python, NPK_ERR_UNSUPPORTED, error);
    if (status != NPK_OK)
        return status;
    for (size_t i = 0; (global = npki_name_at(doc, i)) != NULL; i++) {
        npki_lack why;
        if (global->kind != NPK_KIND_GLOBAL)
            continue;
        npki_global_name name = npki_newer_name(global);
        const npki_global_name own = name;
        made = made || npki_is_made_by_release(global);
        if (npki_may_write(NPKI_OF_PYTHON, &target, &name) && npki_may_write(NPKI_OF_NUMPY, &target, &name))
            continue;
        if (!npki_target_has(&target, &name, &why))
            return npki_fail(error, NPK_ERR_UNSUPPORTED, "%s %d.%d has no %.*s.%.*s", projects[why.project],
                             (int)NPKI_MAJOR(why.target), (int)NPKI_MINOR(why.target), (int)name.module_size,
                             name.module, (int)name.name_size, name.name);
        status = expect_written(&target, &own, error);
        if (status != NPK_OK)
            return status;
    }
    if (!made || target.last[NPKI_OF_NUMPY] != numpy) /* what is for several is not as one of them makes it */
        return NPK_OK;
    const npki_release known =
        NPKI_MINOR(numpy) < MINORS ? numpy : RELEASE(NPKI_MAJOR(numpy), MINORS - 1); /* as new as any */
    add(&releases, NPKI_OF_NUMPY, (range){known, known});
    return leave_makers(&releases, doc, allocator, error);
}
