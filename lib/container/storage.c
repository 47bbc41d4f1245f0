/* The storages of a file of PyTorch, by their keys. */
#include "container/torch.h"

#include "base/error.h"

#include <string.h>

/* 1 + the index, or 0. *hash: where it stands in the map, or would. */
static uint64_t look_up(const npk_torch *torch, const char *key, size_t size, uint64_t *hash)
{
    const uint64_t *slot;
    *hash = npki_hash_bytes(torch->by_key.seed, key, size);
    for (; (slot = npki_map_get(&torch->by_key, *hash)) != NULL; ++*hash) {
        const npki_torch_storage *storage = &torch->storages[*slot - 1];
        if (storage->key_size == size && memcmp(storage->key, key, size) == 0)
            return *slot;
    }
    return 0;
}

npki_torch_storage *npki_torch_find(const npk_torch *torch, const npk_value *key)
{
    const char *text;
    size_t size;
    uint64_t hash, found = npki_text_of(key, &text, &size) ? look_up(torch, text, size, &hash) : 0;
    return found == 0 ? NULL : &torch->storages[found - 1];
}

npk_status npki_torch_make_storages(npk_torch *torch, size_t count, npk_error *error)
{
    if (count == 0) /* a file without tensors */
        return NPK_OK;
    torch->storages = npki_allocate(&torch->allocator, count * sizeof *torch->storages);
    if (torch->storages == NULL)
        return npki_no_memory(error);
    memset(torch->storages, 0, count * sizeof *torch->storages);
    torch->storage_room = count;
    return NPK_OK;
}

npk_status npki_torch_add_key(npk_torch *torch, const char *key, size_t size, npk_error *error)
{
    uint64_t hash;
    bool added;
    if (look_up(torch, key, size, &hash) != 0)
        return npki_fail(error, NPK_ERR_ARRAY, "expected a key of its own for each storage, found another at %zu",
                         torch->storage_count);
    uint64_t *slot = npki_map_put(&torch->by_key, hash, &added);
    if (slot == NULL)
        return npki_no_memory(error);
    torch->storages[torch->storage_count].key = key;
    torch->storages[torch->storage_count].key_size = size;
    *slot = ++torch->storage_count;
    return NPK_OK;
}

/* The list of keys says which storages there are. */
npk_status npki_torch_take_keys(npk_torch *torch, npk_error *error)
{
    const npk_value *keys = npk_doc_root(torch->docs[NPK_TORCH_KEYS]);
    npk_doc_info info = {.offset = 0};
    npk_doc_info_of(torch->docs[NPK_TORCH_KEYS], &info);
    size_t count = npk_value_size(keys);
    if (npk_value_kind(keys) != NPK_KIND_LIST)
        return npki_fail_at(error, NPK_ERR_ARRAY, info.offset, NPKI_NO_OPCODE,
                            "expected a list of the keys of storages, found %s", npk_kind_name(npk_value_kind(keys)));
    npk_status status = npki_torch_make_storages(torch, count, error);
    for (size_t i = 0; status == NPK_OK && i < count; i++) {
        const char *text;
        size_t size;
        if (!npki_text_of(npki_item_of(keys, i), &text, &size))
            status = npki_fail(error, NPK_ERR_ARRAY, "expected the key of storage %zu, found %s", i,
                               npk_kind_name(npk_value_kind(npki_item_of(keys, i))));
        else
            status = npki_torch_add_key(torch, text, size, error);
    }
    return npki_place(error, status, info.offset, NPKI_NO_OPCODE);
}
