/* Documents that are made and changed in memory.
 *
 *     npk_doc *doc = NULL;
 *     npk_writer *writer = NULL;
 *     const npk_value *tags = NULL;
 *     npk_status status = npk_doc_load("model.pkl", NULL, &doc, &error);
 *     if (status == NPK_OK && (status = npk_edit_begin(doc, NULL, &writer, &error)) == NPK_OK) {
 *         npk_write_begin_list(writer, 1);
 *         npk_write_str(writer, "checked");
 *         npk_write_end(writer);
 *         status = npk_edit_finish(writer, &tags, &error);
 *     }
 *     if (status != NPK_OK || npk_edit_dict_set(doc, npk_doc_root(doc), "tags", tags, &error) != NPK_OK ||
 *         npk_doc_save("model.pkl", doc, NULL, &error) != NPK_OK)
 *         fprintf(stderr, "%s\n", error.message);
 *     npk_doc_free(doc);
 *
 * A document is made by the calls of writer.h: npk_writer_doc, what is to be in it, npk_writer_finish_doc. One that was
 * loaded (or made) is changed by the calls below; new values for it are written between npk_edit_begin and
 * npk_edit_finish. Written with npk_write_value a value that was made this way comes out as if the same calls had gone
 * to that writer; all that was not touched comes out as it was read.
 *
 * The values of a document that is changed keep their addresses, also those that nothing refers to any more:
 * npk_doc_free frees them. What is borrowed from a value (its text, its items, a view of an array) stays readable and
 * shows what it showed; to see a change ask again. A walk ends with the first change. Memory that a change leaves
 * behind counts for the document's limit of memory.
 *
 * A change either happens or, where it fails, does not: the document is as it was. Refused are keys that are unhashable
 * (NPK_ERR_TYPE), what is too deep (NPK_ERR_LIMIT), values of another document (NPK_ERR_USAGE: npk_write_value copies
 * them), and changes inside what an array, a dtype or a set is made of (NPK_ERR_UNSUPPORTED: npk_edit_array). A value
 * that was made and dropped (npk_value_calls) can be placed nowhere, though another may come in its place; nor can what
 * was added to an object (npk_object.listitems and dictitems), which is part of that alone: another list or dict may
 * come in its place that is nowhere else. Cycles are allowed where Python has them: through a list, a dict, the state
 * or the items of an object, but not through what something was made of (NPK_ERR_UNSUPPORTED): a set's list has to be
 * complete before there is the set. How deep a value is is noted when it is made, so a graph that grew in several
 * places may be deeper than the limit: npk_write_value measures again.
 *
 * What npickle knows of an object of a class that it does not know is what its pickle said: an edit by which such an
 * object holds what an array's state is, or holds it no more, changes nothing of what npk_value_is_array says of it.
 * Written and read again it may say the other. An edit by which a call would mean another thing altogether is refused
 * (NPK_ERR_UNSUPPORTED).
 *
 * An object that its pickle made inside its own arguments and once more (NPK_EVENT_RETURN) is one: what changes in the
 * lists and dicts of its arguments changes in both calls, and where it can't (a state, an array of which each call has
 * its own) the change is refused (NPK_ERR_UNSUPPORTED).
 *
 * A document in which calls are made whose result is dropped (npk_value_calls) is written with a proof once it was
 * changed: the writer of its root reads what it has written, and compares. That takes the time and the memory of both,
 * and NPK_ERR_UNSUPPORTED says what would be read as something else, which happens to pickles that were made on
 * purpose.
 *
 * Threads: a document that is changed is used by one thread, and not read by another meanwhile.
 */
#ifndef NPICKLE_EDIT_H
#define NPICKLE_EDIT_H

#include <npickle/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- new values --- */

/* A writer whose sink is a document. Of the options allocator, limits, python2_str and buffer count: values have no
 * protocol and no dialect. Payloads are copied; those that `buffer` takes are borrowed (nothing is copied), and must
 * outlive the document.
 * Ownership: *out is the caller's, until npk_writer_finish_doc or npk_writer_abandon. */
NPK_CHECKED NPK_API npk_status npk_writer_doc(const npk_write_options *options, npk_writer **out, npk_error *error);

/* The document, whose root is the value that was written. Frees the writer, also where it fails. Ownership: *out is
 * the caller's, until npk_doc_free. Errors: the writer's, and those of a reader that is given such values (NPK_ERR_TYPE
 * for a list as a key). Its npk_doc_info gives protocol 2, the writers' own, and nothing else. */
NPK_CHECKED NPK_API npk_status npk_writer_finish_doc(npk_writer *writer, npk_doc **out, npk_error *error);

/* The same for a value that is to be put somewhere in a document that there is. npk_write_value of a value of this
 * document is that very value, not a copy (and npk_writer_last says NPK_UNKNOWN after it: write it again instead); of
 * another document it is a copy, which borrows from it only what that was given out of band. Allocator and limits
 * are the document's. */
NPK_CHECKED NPK_API npk_status npk_edit_begin(npk_doc *doc, const npk_write_options *options, npk_writer **out,
                                              npk_error *error);
/* The value that was written, borrowed from its document. Frees the writer, also where it fails. Errors: as
 * npk_writer_finish_doc. */
NPK_CHECKED NPK_API npk_status npk_edit_finish(npk_writer *writer, const npk_value **out, npk_error *error);

/* --- changes ---
 *
 * Each returns NPK_OK when the document is changed, or an error, and the document is as it was. Values stay borrowed
 * from it. Errors of all: NPK_ERR_TYPE for a value of another kind than the call is for, NPK_ERR_USAGE for NULL and for
 * a value of another document, NPK_ERR_LIMIT, NPK_ERR_MEMORY. */

/* Wherever the graph refers to `old` it refers to `value` now: the root, items, keys and values of dicts, the parts
 * of objects, items of arrays of Python objects. None, bools and small ints are one value wherever they stand: those
 * are set by place (NPK_ERR_USAGE). To put something round a value, write the value in an edit and replace it by that:
 * what an edit made is not looked into.
 * Errors: NPK_ERR_NOT_FOUND if nothing refers to it; NPK_ERR_TYPE where only a value of another kind may stand. */
NPK_CHECKED NPK_API npk_status npk_edit_replace(npk_doc *doc, const npk_value *old, const npk_value *value,
                                                npk_error *error);

/* Another root. Errors: NPK_ERR_USAGE for a value of another document, and for NULL. */
NPK_CHECKED NPK_API npk_status npk_edit_root(npk_doc *doc, const npk_value *value, npk_error *error);

/* Items of a LIST, which may be what was appended to an object (npk_object.listitems), or the items of an array
 * (npk_array.objects): of these one may become another (npk_edit_list_set), as long as nothing else refers to the
 * list, of a struct a tuple with each field and of a StringDType a str; the list itself can be placed nowhere
 * (NPK_ERR_UNSUPPORTED). What is in a field, also where npk_edit_replace puts it there, is what its dtype has, as it
 * is: a number in its range, a text that is no longer, an array of a subarray's dtype and shape (NPK_ERR_TYPE).
 * npk_edit_list_insert takes npk_value_size() as the index of the end. Tuples have the items that they have: replace
 * the tuple. Errors: NPK_ERR_NOT_FOUND for an index past the end. */
NPK_CHECKED NPK_API npk_status npk_edit_list_set(npk_doc *doc, const npk_value *list, size_t index,
                                                 const npk_value *value, npk_error *error);
NPK_CHECKED NPK_API npk_status npk_edit_list_insert(npk_doc *doc, const npk_value *list, size_t index,
                                                    const npk_value *value, npk_error *error);
NPK_CHECKED NPK_API npk_status npk_edit_list_append(npk_doc *doc, const npk_value *list, const npk_value *value,
                                                    npk_error *error);
NPK_CHECKED NPK_API npk_status npk_edit_list_remove(npk_doc *doc, const npk_value *list, size_t index,
                                                    npk_error *error);

/* The value under a key of a DICT, which may be what was set in an object (npk_object.dictitems): the last pair with
 * the key changes, or one is added at the end. A key that is text finds a str of either Python, and is of the kind that
 * the dict's other keys are. Keys that are values are equal as Python's are if they are texts, bytes or numbers: 1,
 * 1.0, True and 1+0j are one key, of Python 2 'a' and u'a' (but only in ASCII), and a NaN is itself alone. Others are
 * equal if they are the same value. Removing takes out every pair with the key. Errors: NPK_ERR_NOT_FOUND where there
 * is none. */
NPK_CHECKED NPK_API npk_status npk_edit_dict_set(npk_doc *doc, const npk_value *dict, const char *key,
                                                 const npk_value *value, npk_error *error);
NPK_CHECKED NPK_API npk_status npk_edit_dict_set_value(npk_doc *doc, const npk_value *dict, const npk_value *key,
                                                       const npk_value *value, npk_error *error);
NPK_CHECKED NPK_API npk_status npk_edit_dict_remove(npk_doc *doc, const npk_value *dict, const char *key,
                                                    npk_error *error);
NPK_CHECKED NPK_API npk_status npk_edit_dict_remove_value(npk_doc *doc, const npk_value *dict, const npk_value *key,
                                                          npk_error *error);

/* An OBJECT of a class that npickle does not know: what its __setstate__ is given, in the place of all that it was
 * given; and an attribute, in the state's dict, in the dict of slots behind it, in the dict that the class of an array
 * keeps beside the array's state, or in a new dict. Of several states it is in the first, and in each other that has
 * such an attribute: that is what Python finds. NPK_ERR_UNSUPPORTED where the object was given its dict before the
 * attribute was, or would be, in that. */
NPK_CHECKED NPK_API npk_status npk_edit_object_state(npk_doc *doc, const npk_value *object, const npk_value *state,
                                                     npk_error *error);
NPK_CHECKED NPK_API npk_status npk_edit_attribute(npk_doc *doc, const npk_value *object, const char *name,
                                                  const npk_value *value, npk_error *error);

/* Another dtype, shape and elements for an array, which stays what it is to all that refer to it, with its class, the
 * mask of a masked array, and read-only if it was. The elements are copied. What is equal to what it was stays that: an
 * equal array gives the bytes that there were.
 * Errors: NPK_ERR_TYPE for what is not an array, NPK_ERR_ARRAY for a mask of another size, or one in Fortran order of
 * another shape, and for another dtype or shape of a fill value or of a field's value in an array of structs with
 * objects, NPK_ERR_UNSUPPORTED for arrays of Python objects, and for an array.array (npk_edit_replace it by one that
 * npk_write_pyarray made), NPK_ERR_LIMIT for a broadcast array, whose elements no memory has paid for, of more bytes
 * than the document may take. */
NPK_CHECKED NPK_API npk_status npk_edit_array(npk_doc *doc, const npk_value *value, const npk_array *array,
                                              npk_error *error);

#ifdef __cplusplus
}
#endif
#endif
