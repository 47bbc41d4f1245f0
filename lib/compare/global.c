/* The names of classes and functions, whatever Python and NumPy they are those of. */
#include "compare/state.h"

#include "globals/rename.h"
#include "value/value.h"

#include <string.h>

static npki_global_name names_of(const npk_value *value)
{
    const npki_global *global = value->u.global;
    if (global->row != NULL) { /* NumPy has spelled these in many ways */
        const npki_global_row *row = npki_global_canonical(global->row->meaning);
        return (npki_global_name){row->module, row->module_size, row->name, row->name_size};
    }
    return npki_newest_name(global);
}

bool npki_compare_same_global(const npk_value *a, const npk_value *b)
{
    npki_global_name left = names_of(a), right = names_of(b);
    return left.module_size == right.module_size && left.name_size == right.name_size &&
           memcmp(left.module, right.module, left.module_size) == 0 &&
           memcmp(left.name, right.name, left.name_size) == 0;
}

uint64_t npki_compare_hash_global(const npk_value *value)
{
    npki_global_name names = names_of(value);
    return npki_hash_bytes(npki_hash_bytes(9, names.module, names.module_size), names.name, names.name_size);
}
