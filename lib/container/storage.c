/* The storages of a file of PyTorch, by their keys. */
#include "container/torch.h"

#include "base/error.h"

#include <string.h>

static bool same_text(const npk_value *a, const npk_value *b)
{
    const char *texts[2];
    size_t sizes[2];
    return npki_text_of(a, &texts[0], &sizes[0]) && npki_text_of(b, &texts[1], &sizes[1]) && sizes[0] == sizes[1] &&
           memcmp(texts[0], texts[1], sizes[0]) == 0;
}

/* 1 + the index, or 0. *hash: where it stands in the map, or would. */
static uint64_t look_up(const npk_torch *torch, const npk_value *key, uint64_t *hash)
{
    const char *text = "";
    size_t size = 0;
    const uint64_t *slot;
    (void)npki_text_of(key, &text, &size);
    *hash = npki_hash_bytes(torch->by_key.seed, text, size);
    for (; (slot = npki_map_get(&torch->by_key, *hash)) != NULL; ++*hash)
        if (same_text(torch->storages[*slot - 1].key, key))
            return *slot;
    return 0;
}

npki_torch_storage *npki_torch_find(const npk_torch *torch, const npk_value *key)
{
    uint64_t hash, found = look_up(torch, key, &hash);
    return found == 0 ? NULL : &torch->storages[found - 1];
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
    torch->storages = npki_allocate(&torch->allocator, count * sizeof *torch->storages);
    if (torch->storages == NULL)
        return npki_no_memory(error);
    memset(torch->storages, 0, count * sizeof *torch->storages);
    torch->storage_count = count;
    for (size_t i = 0; i < count; i++) {
        uint64_t hash;
        bool added;
        npk_value *key = npki_item_of(keys, i);
        const char *text;
        size_t size;
        if (!npki_text_of(key, &text, &size) || look_up(torch, key, &hash) != 0)
            return npki_fail_at(error, NPK_ERR_ARRAY, info.offset, NPKI_NO_OPCODE,
                                "expected a key of its own for each storage, found another at %zu", i);
        uint64_t *slot = npki_map_put(&torch->by_key, hash, &added);
        if (slot == NULL)
            return npki_no_memory(error);
        *slot = i + 1;
        torch->storages[i].key = key;
    }
    return NPK_OK;
}
