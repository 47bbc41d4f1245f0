/* What happens to an object of each meaning. */
#include "known/known.h"

const npki_rule npki_rules[NPKI_MEANINGS] = {
    [NPKI_CODECS_ENCODE] = {.call = npki_call_codecs_encode},
    [NPKI_BYTES] = {.call = npki_call_bytes},
    [NPKI_BYTEARRAY] = {.call = npki_call_bytearray},
    [NPKI_SET] = {.call = npki_call_set},
    [NPKI_FROZENSET] = {.call = npki_call_frozenset},
    [NPKI_COMPLEX] = {.call = npki_call_complex},
    [NPKI_DTYPE] = {.call = npki_call_dtype, .build = npki_build_dtype},
    [NPKI_STRINGDTYPE] = {.call = npki_call_stringdtype, .build = npki_build_stringdtype},
    [NPKI_NDARRAY] = {.call = npki_call_ndarray, .build = npki_build_ndarray},
    [NPKI_RECONSTRUCT] = {.call = npki_call_reconstruct, .build = npki_build_ndarray},
    [NPKI_FROMBUFFER] = {.call = npki_call_frombuffer},
    [NPKI_SCALAR] = {.call = npki_call_scalar},
    [NPKI_MASKED] = {.call = npki_call_masked, .build = npki_build_masked},
    [NPKI_PYARRAY] = {.call = npki_call_pyarray, .whole = true},
    [NPKI_PYARRAY_RECONSTRUCT] = {.call = npki_call_pyarray_reconstruct, .whole = true},
    [NPKI_JOBLIB_ARRAY] = {.build = npki_build_joblib, .by_new = true, .inline_data = true},
};
