/* What the changes of a document share. */
#ifndef NPKI_EDIT_EDIT_H
#define NPKI_EDIT_EDIT_H

#include "known/known.h"
#include "reader/build.h"

#include <npickle/edit.h>

/* The value as one that may be changed. Errors: NPK_ERR_USAGE for one of another document, NPK_ERR_MEMORY. */
npk_status npki_edit_own(npk_doc *doc, const npk_value *value, npk_value **out, npk_error *error);

/* The same for one of a kind whose items are to change. Errors: NPK_ERR_TYPE, NPK_ERR_UNSUPPORTED. */
npk_status npki_edit_open(npk_doc *doc, const npk_value *value, npk_kind kind, npk_value **out, npk_error *error);

/* Whether a value of the document may be placed somewhere. Errors: NPK_ERR_UNSUPPORTED for the list of an array's items: in
 * Python no array shares that with anything; and for what was made and dropped. */
npk_status npki_edit_placeable(const npk_doc *doc, const npk_value *value, npk_error *error);

/* The same as npki_edit_own for one that is to be placed somewhere. */
npk_status npki_edit_take(npk_doc *doc, const npk_value *value, npk_value **out, npk_error *error);

/* Whether an item of this container may become another: those of an array may, if nothing else refers to the list and the
 * dtype still has such items. */
bool npki_edit_may_set(const npk_value *container, const npk_value *old, const npk_value *value);

/* After `value` was placed in `holder`: how deep that is. Errors: NPK_ERR_LIMIT, NPK_ERR_MEMORY; then the caller takes it
 * out again. */
npk_status npki_edit_deepen(npk_doc *doc, npk_value *holder, const npk_value *value, npk_error *error);

/* The same for the cycles that this closes: whatever is on one gets a number in the memo when it is written. Errors:
 * NPK_ERR_UNSUPPORTED where something on it is made of a container on it, which would have to be complete before;
 * NPK_ERR_MEMORY. The holder may be the value, for one that was placed in many. */
npk_status npki_edit_close_cycle(npk_doc *doc, const npk_value *holder, npk_value *value, npk_error *error);

/* What was there is in another place, too: its calls come in another order than the pickle had, as the caller wants it. */
void npki_edit_reordered(const npk_doc *doc);

/* Once that is good: something more refers to the value. */
void npki_edit_placed(const npk_doc *doc, npk_value *value);

/* A str, or one of Python 2, of this text, which is copied. Errors: NPK_ERR_USAGE for what is no UTF-8, NPK_ERR_MEMORY,
 * NPK_ERR_LIMIT. */
npk_status npki_edit_text(npk_doc *doc, npk_kind kind, const char *text, npk_value **out, npk_error *error);

#endif
