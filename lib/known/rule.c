/* What happens to an object of each meaning. */
#include "known/known.h"

#include "value/event.h"

const npki_rule npki_rules[NPKI_MEANINGS] = {
    [NPKI_CODECS_ENCODE] = {.call = npki_call_codecs_encode},
    [NPKI_BYTES] = {.call = npki_call_bytes, .reads = NPKI_READS_ITEMS},
    [NPKI_BYTEARRAY] = {.call = npki_call_bytearray, .reads = NPKI_READS_ITEMS},
    [NPKI_SET] = {.call = npki_call_set, .reads = NPKI_READS_ITEMS},
    [NPKI_FROZENSET] = {.call = npki_call_frozenset, .reads = NPKI_READS_ITEMS},
    [NPKI_LIST] = {.reads = NPKI_READS_ITEMS},
    [NPKI_TUPLE] = {.reads = NPKI_READS_ITEMS},
    [NPKI_DICT] = {.reads = NPKI_READS_PAIRS},
    [NPKI_ORDERED_DICT] = {.reads = NPKI_READS_PAIRS},
    [NPKI_DEFAULT_DICT] = {.reads = NPKI_READS_PAIRS},
    [NPKI_COUNTER] = {.reads = NPKI_READS_ITEMS},
    [NPKI_DEQUE] = {.reads = NPKI_READS_ITEMS},
    [NPKI_DILL_TYPE] = {.call = npki_call_dill_type, .names = true},
    [NPKI_IOR] = {.adds = true},
    [NPKI_COMPLEX] = {.call = npki_call_complex, .reads = NPKI_READS_ITEMS},
    [NPKI_DTYPE] = {.call = npki_call_dtype, .build = npki_build_dtype, .or_call = true},
    [NPKI_STRINGDTYPE] = {.call = npki_call_stringdtype, .build = npki_build_stringdtype},
    [NPKI_NDARRAY] = {.call = npki_call_ndarray,
                      .reads = NPKI_READS_ITEMS,
                      .build = npki_build_ndarray,
                      .shape = 1,
                      .dtype = 2,
                      .buffer = 3},
    [NPKI_RECONSTRUCT] = {.call = npki_call_reconstruct, .build = npki_build_ndarray, .attributes = true},
    [NPKI_FROMBUFFER] = {.call = npki_call_frombuffer,
                         .reads = NPKI_READS_ITEMS,
                         .build = npki_build_frombuffer,
                         .buffer = 1,
                         .dtype = 2,
                         .shape = 3},
    [NPKI_SCALAR] = {.call = npki_call_scalar},
    [NPKI_MASKED] = {.call = npki_call_masked, .build = npki_build_masked, .attributes = true},
    [NPKI_PYARRAY] = {.call = npki_call_pyarray, .reads = NPKI_READS_ITEMS},
    [NPKI_PYARRAY_RECONSTRUCT] = {.call = npki_call_pyarray_reconstruct},
    [NPKI_NUMERIC] = {.call = npki_call_numeric, .reads = NPKI_READS_ITEMS},
    [NPKI_JOBLIB_ARRAY] = {.call = npki_call_joblib, .build = npki_build_joblib, .by_new = true, .inline_data = true},
};

bool npki_has_more_than_call(const npk_value *made)
{
    const npki_object *call = made->u.object;
    return !npki_is_bare(call) || npki_is_dropped_over(made) || npki_is_dropped_over(call->args);
}

const npk_value *npki_name_of_loaded(const npk_value *class_)
{
    const npki_object *call = class_->kind == NPK_KIND_OBJECT ? class_->u.object : NULL;
    const bool one = call != NULL && call->meaning == NPKI_DILL_TYPE && call->construction == NPK_BY_CALL &&
                     npki_is_tuple_of(call->args, 1) && !npki_has_more_than_call(class_);
    return one ? npki_item_of(call->args, 0) : NULL;
}

bool npki_is_builtin(const npk_value *class_, const char *name)
{
    const npk_value *given = npki_name_of_loaded(class_);
    return given != NULL ? npki_text_is(given, name) : npki_is_global(class_, "builtins", name);
}

bool npki_is_reconstructor(const npk_value *callable, const npk_value *args)
{
    return npki_item_of(args, 0)->kind == NPK_KIND_GLOBAL && npki_item_of(args, 2)->kind == NPK_KIND_NONE &&
           npk_value_is_global(callable, "copyreg", "_reconstructor") &&
           npki_is_builtin(npki_item_of(args, 1), "object");
}

const npki_global_row *npki_row_of_loaded(const npk_value *class_)
{
    const npk_value *given = npki_name_of_loaded(class_);
    const char *name;
    size_t size;
    return given != NULL && npki_text_of(given, &name, &size) ? npki_global_find("builtins", 8, name, size) : NULL;
}
