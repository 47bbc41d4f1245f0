/* Files of PyTorch before its zip archives: what their files share. torch: serialization.py _legacy_save(). */
#ifndef NPKI_CONTAINER_TORCH_H
#define NPKI_CONTAINER_TORCH_H

#include "base/map.h"
#include "dtype/dtype.h"
#include "reader/build.h"

#include <npickle/torch.h>

#define NPKI_TORCH_PICKLES 5

typedef struct npki_torch_storage {
    npk_value *key;
    npk_dtype *dtype; /* NULL: nothing refers to it yet */
    int64_t count;
    const uint8_t *data;
    uint64_t offset;
    int64_t shape, stride; /* of the public view */
} npki_torch_storage;

struct npk_torch {
    npk_allocator allocator;
    npki_input input;
    npk_doc *docs[NPKI_TORCH_PICKLES];
    npki_torch_storage *storages;
    size_t storage_count;
    uint64_t budget; /* bytes that the tensors may come to: strides of 0 and several views repeat what the file has once */
    npki_map by_key; /* hash of the key -> 1 + index */
};

/* The list of keys says which storages there are. Errors: NPK_ERR_ARRAY, NPK_ERR_MEMORY. */
npk_status npki_torch_take_keys(npk_torch *torch, npk_error *error);

/* The storage of a key; NULL without one. */
npki_torch_storage *npki_torch_find(const npk_torch *torch, const npk_value *key);

/* What the object's persistent ids say of the storages: types and counts. Errors: NPK_ERR_ARRAY, NPK_ERR_UNSUPPORTED,
 * NPK_ERR_MEMORY, NPK_ERR_LIMIT. */
npk_status npki_torch_take_types(npk_torch *torch, npk_error *error);

/* The tensors in the object become arrays; the storages have their elements. Errors: as above. */
npk_status npki_torch_make_arrays(npk_torch *torch, npk_error *error);

#endif
