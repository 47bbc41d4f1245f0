/* Names of fields, as the pickle has them: a text that the memo gives out again and again is looked at once. */
#ifndef NPKI_KNOWN_NAMES_H
#define NPKI_KNOWN_NAMES_H

#include "base/map.h"
#include "dtype/dtype.h"
#include "known/known.h"

/* Of all values that have the same bytes there is one. */
typedef struct npki_name {
    const char *bytes; /* of the pickle */
    size_t size;
    const char *text; /* as UTF-8, with a NUL after it and its hash before it: npki_name_text */
    size_t text_size;
} npki_name;

/* The fields that a dict and a tuple of names gave: what NumPy says of a dtype that is a copy of another. */
typedef struct npki_known_fields {
    bool seen; /* somebody went over the dict, whatever came of it */
    const npk_value *names;
    size_t name_count, pair_count; /* when they were taken */
    npk_dtype dtype;               /* with these fields */
    int64_t end;                   /* of the last byte of a field */
} npki_known_fields;

typedef struct npki_names {
    npki_map of_values; /* address of a value -> its npki_name */
    npki_map of_bytes;  /* hash of bytes -> npki_name; the next number, if another has it */
    npki_map of_dicts;  /* address of a dict of fields -> npki_known_fields */
} npki_names;

/* The name that a value is: NULL if it is not text, or an encoded one. Errors: NPK_ERR_MEMORY, NPK_ERR_LIMIT. */
npk_status npki_take_name(npki_site *site, const npk_value *value, const npki_name **out);

/* Its text: Python 2's bytes that are not UTF-8 count as latin-1. Texts that are equal lie in one place. Errors: as
 * above. */
npk_status npki_name_text(npki_site *site, const npki_name *name, const char **text, size_t *size);

/* The place for what is known of a dict of fields; its `names` is NULL if nothing is. Errors: as above. */
npk_status npki_known_fields_of(npki_site *site, const npk_value *fields, npki_known_fields **out);

#endif
