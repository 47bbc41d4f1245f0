/* What is known of a descriptor from the moment it is made. */
#ifndef NPKI_DTYPE_FACTS_H
#define NPKI_DTYPE_FACTS_H

#include "dtype/dtype.h"

/* Works out the facts of a struct or a subarray, whose parts have theirs. Called by what makes it, once it has its
 * fields or its base; again if one of these, their names or offsets change. */
void npki_dtype_learn(npk_dtype *dtype);

/* The facts. Of a plain type, which has no parts, they are looked up in its row. */
npki_dtype_facts npki_dtype_facts_of(const npk_dtype *dtype);

/* A name of a dtype that is `interned` has its hash in front of its first byte. */
#define NPKI_NAME_HEAD sizeof(uint64_t)
void npki_name_remember(char *text, size_t size);

/* The hash of a name or a title of one of its fields. */
uint64_t npki_name_hash(const npk_dtype *dtype, const char *text, size_t size);

/* Whether it has neither fields nor a base. */
static inline bool npki_dtype_is_plain(const npk_dtype *dtype)
{
    return !dtype->is_struct && dtype->base == NULL;
}

/* Whether every byte of an item is known to be data, and none padding. Where this says false a walk may still find so,
 * if fields stand in another order than their offsets. */
bool npki_dtype_is_full(const npk_dtype *dtype);

/* How often the base of a subarray comes in it. */
int64_t npki_subarray_length(const npk_dtype *subarray);

/* Bytes of a component that say something: of the 12 or 16 of an x87 long double the first ten. */
size_t npki_component_bytes(const npk_dtype *dtype);

/* Levels of a descriptor that are told. */
#define NPKI_DTYPE_DEEPEST 65

/* Whether its text is short enough to be written: a descriptor out of a pickle may hold others so often that no text
 * of it would end. Nothing writes a descriptor as text without asking. */
bool npki_dtype_has_text(const npk_dtype *dtype);

#endif
