/* Which keys are one key to Python, and a hash that such keys share. */
#ifndef NPKI_VALUE_KEY_H
#define NPKI_VALUE_KEY_H

#include "base/siphash.h"
#include "value/value.h"

#include <string.h>

bool npki_is_same_key(const npk_value *a, const npk_value *b);

uint64_t npki_hash_of_key(const npki_hash_key *by, const npk_value *key);

/* How many bytes have to be looked at for its hash; 0 where that is no text, bytes or large int. */
size_t npki_size_of_key(const npk_value *key);

/* npki_is_same_key without a call for most of those that are. */
static inline bool npki_same_key(const npk_value *a, const npk_value *b)
{
    if (a == b)
        return true;
    if (a->kind == NPK_KIND_STR && b->kind == NPK_KIND_STR && (a->encoding | b->encoding) == NPK_ENCODING_RAW)
        return a->u.text.size == b->u.text.size &&
               memcmp(a->u.text.bytes, b->u.text.bytes, (size_t)a->u.text.size) == 0;
    return npki_is_same_key(a, b);
}

static inline uint64_t npki_key_hash(const npki_hash_key *by, const npk_value *key)
{
    if ((key->kind == NPK_KIND_STR || key->kind == NPK_KIND_PYTHON2_STR) && key->encoding == NPK_ENCODING_RAW)
        return npki_siphash(by, key->u.text.bytes, (size_t)key->u.text.size);
    if (key->kind == NPK_KIND_INT && (key->flags & NPKI_IS_LONG) == 0)
        return npki_siphash_word(by, (uint64_t)key->u.integer);
    return npki_hash_of_key(by, key);
}

#endif
