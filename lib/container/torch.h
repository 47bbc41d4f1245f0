/* Files of PyTorch: what those that read them share. torch: serialization.py _save(), _legacy_save(). */
#ifndef NPKI_CONTAINER_TORCH_H
#define NPKI_CONTAINER_TORCH_H

#include "base/map.h"
#include "dtype/dtype.h"
#include "container/zip.h"
#include "reader/build.h"

#include <npickle/torch.h>

#define NPKI_TORCH_PICKLES 5

typedef struct npki_torch_storage {
    const char *key;
    size_t key_size;
    const npk_dtype *dtype; /* NULL: nothing refers to it yet */
    int64_t count;
    const uint8_t *data;
    uint64_t offset;
    uint64_t held; /* bytes, of a member of an archive */
    int64_t shape, stride; /* of the public view */
} npki_torch_storage;

struct npk_torch {
    npk_allocator allocator;
    npki_input input;
    npk_torch_form form;
    bool big_endian; /* the elements */
    uint64_t base;   /* where in the file the bytes begin that the documents count their offsets from */
    npk_doc *docs[NPKI_TORCH_PICKLES];
    npki_torch_storage *storages;
    size_t storage_count, storage_room;
    /* bytes that the tensors may come to: strides of 0 and several views repeat what the file has once */
    uint64_t budget;
    npki_map by_key; /* hash of the key -> 1 + index */
};

/* Makes room for so many storages, which have no keys yet; gives the next one its key, which is borrowed. Errors:
 * NPK_ERR_MEMORY; NPK_ERR_ARRAY where another has it. */
npk_status npki_torch_make_storages(npk_torch *torch, size_t count, npk_error *error);
npk_status npki_torch_add_key(npk_torch *torch, const char *key, size_t size, npk_error *error);

/* The list of keys says which storages there are. Errors: NPK_ERR_ARRAY, NPK_ERR_MEMORY. */
npk_status npki_torch_take_keys(npk_torch *torch, npk_error *error);

/* The storage of a key; NULL without one. */
npki_torch_storage *npki_torch_find(const npk_torch *torch, const npk_value *key);

/* What the object's persistent ids say of the storages: types and counts. Errors: NPK_ERR_ARRAY, NPK_ERR_UNSUPPORTED,
 * NPK_ERR_MEMORY, NPK_ERR_LIMIT. */
npk_status npki_torch_take_types(npk_torch *torch, npk_error *error);

/* An archive: whether it is PyTorch's; and all of it. Errors: those of npk_torch_load. */
bool npki_torch_is_archive(const void *bytes, size_t size);
npk_status npki_torch_take_archive(npk_torch *torch, const uint8_t *bytes, size_t size, const npk_read_options *options,
                                   npk_error *error);

/* The tensors in the object become arrays; the storages have their elements. Errors: as above. */
npk_status npki_torch_make_arrays(npk_torch *torch, npk_error *error);

#endif
