/* What the changes of a document share. */
#ifndef NPKI_EDIT_EDIT_H
#define NPKI_EDIT_EDIT_H

#include "base/dynbuf.h"
#include "known/known.h"
#include "reader/build.h"

#include <npickle/edit.h>

/* The value as one that may be changed. Errors: NPK_ERR_USAGE for one of another document, NPK_ERR_MEMORY. */
npk_status npki_edit_own(npk_doc *doc, const npk_value *value, npk_value **out, npk_error *error);

/* The same for one of a kind whose items are to change. Errors: NPK_ERR_TYPE, NPK_ERR_UNSUPPORTED. */
npk_status npki_edit_open(npk_doc *doc, const npk_value *value, npk_kind kind, npk_value **out, npk_error *error);

/* Whether a value of the document may be placed somewhere. Errors: NPK_ERR_UNSUPPORTED for the list of an array's
 * items: in Python no array shares that with anything; for what was added to an object, which is no value of its own;
 * and for what was made and dropped. */
npk_status npki_edit_placeable(const npk_doc *doc, const npk_value *value, npk_error *error);

/* The same as npki_edit_own for one that is to be placed somewhere. */
npk_status npki_edit_take(npk_doc *doc, const npk_value *value, npk_value **out, npk_error *error);

/* Whether an item of this container may become another: those of an array may, if nothing else refers to the list and
 * the dtype still has such items. */
bool npki_edit_may_set(const npk_value *container, const npk_value *old, const npk_value *value);

/* Whether the items of arrays that are structs with objects can have this: as an item of the list of one, or, if `list`
 * is NULL, wherever they have `old`. Errors: NPK_ERR_TYPE, NPK_ERR_MEMORY. */
npk_status npki_edit_fits(const npk_doc *doc, const npk_value *list, const npk_value *old, npk_value *value,
                          npk_error *error);

/* After `value` was placed in `holder`: how deep that is. Errors: NPK_ERR_LIMIT, NPK_ERR_MEMORY; then the caller takes
 * it out again. */
npk_status npki_edit_deepen(npk_doc *doc, npk_value *holder, const npk_value *value, npk_error *error);

/* The same for the cycles that this closes: whatever is on one gets a number in the memo when it is written. Errors:
 * NPK_ERR_UNSUPPORTED where something on it is made of a container on it, which would have to be complete before;
 * NPK_ERR_MEMORY. The holder may be the value, for one that was placed in many. */
npk_status npki_edit_close_cycle(npk_doc *doc, const npk_value *holder, npk_value *value, npk_error *error);

/* A value that a call had which made an object inside its own arguments, and what has its place where the same object
 * was made again and dropped. */
typedef struct npki_twin {
    npk_value *kept, *dropped;
} npki_twin;

/* The pairs of one value, or for NULL all that there are: *out, of npki_twin, is the caller's, also where there is an
 * error. Both have as many items. Errors: NPK_ERR_UNSUPPORTED for a value where they have not, NPK_ERR_MEMORY. */
npk_status npki_edit_twins(npk_doc *doc, const npk_value *of, npki_dynbuf *out, npk_error *error);

static inline size_t npki_twin_count(const npki_dynbuf *twins)
{
    return twins->size / sizeof(npki_twin);
}

static inline npki_twin npki_twin_at(const npki_dynbuf *twins, size_t index)
{
    return ((const npki_twin *)(const void *)twins->bytes)[index];
}

/* For what can't be done to both. Errors: NPK_ERR_UNSUPPORTED if a value is one of two, NPK_ERR_MEMORY. */
npk_status npki_edit_has_no_twin(npk_doc *doc, const npk_value *value, npk_error *error);

/* What was there is in another place, too, or first in another one: its calls come in another order than the pickle
 * had, as the caller wants it. */
void npki_edit_reordered(const npk_doc *doc);

/* Once that is good: something refers to the value no more. What it holds may be elsewhere, too, and come first
 * there. */
void npki_edit_removed(const npk_doc *doc, const npk_value *value);

/* Once that is good: something more refers to the value. */
void npki_edit_placed(const npk_doc *doc, npk_value *value);

/* Once the document has another root: what was made and dropped before `old` was begun is that of the new one, or of
 * its copy, which is the root then. Errors: NPK_ERR_MEMORY, with nothing handed on. */
npk_status npki_edit_new_root(npk_doc *doc, npk_value *old, npk_error *error);

/* Has a document that was edited, and drops values, read out of what would be written of it at the writer's protocol,
 * and compared. What differs is an error of the writer: NPK_ERR_UNSUPPORTED, NPK_ERR_MEMORY. What a name, a call or a
 * text becomes elsewhere is no difference, and whoever asks for no memo or has parts that npk_compare does not follow
 * there gets no more than that it can be read. */
void npki_edit_prove(npk_writer *w, const npk_doc *doc);

/* A str, or one of Python 2, of this text, which is copied. Errors: NPK_ERR_USAGE for what is no UTF-8, NPK_ERR_MEMORY,
 * NPK_ERR_LIMIT. */
npk_status npki_edit_text(npk_doc *doc, npk_kind kind, const char *text, npk_value **out, npk_error *error);

#endif
